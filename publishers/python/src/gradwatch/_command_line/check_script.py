"""``gradwatch check SCRIPT``: the first steps of a training script without a broker, and what is wrong with them."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gradwatch._command_line.console import clean

_LOOK_EVERY = 0.2
_END_WITHIN = 20.0
"""Seconds that a script has to end after SIGTERM."""

_HELD = (
    "BOOTSTRAP_SERVERS",
    "KAFKA_BOOTSTRAP_SERVERS",
    "REGISTRY_URL",
    "REGISTRY_URLS",
    "DISABLED",
    "RUN_ID",
    "STOP_WHEN_TOLD",
)
"""Settings that would publish the trial, or keep it from being recorded."""


def check(command: "Sequence[str]", *, steps: int, seconds: float) -> int:
    """Runs a script until so many steps were recorded, and prints what was found. The exit code: 0 when nothing was wrong."""
    with tempfile.TemporaryDirectory(prefix="gradwatch-check-") as folder:
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in [f"GRADWATCH_{setting}" for setting in _HELD]
        }
        environment.update(GRADWATCH_RECORD_TO=folder + os.sep, GRADWATCH_QUIET="1")
        try:
            script = subprocess.Popen([sys.executable, *command], env=environment)
        except OSError as e:
            print(f"gradwatch: {command[0]} cannot be run: {e.strerror or e}", file=sys.stderr)
            return 2
        stopped = _watch(script, Path(folder), steps, seconds)
        return _report(_records(Path(folder)), script.returncode, stopped=stopped)


def _watch(script: "subprocess.Popen[bytes]", folder: Path, steps: int, seconds: float) -> bool:
    """Waits for the end of the script, or ends it when enough was seen; whether it did."""
    until = time.monotonic() + seconds
    try:
        while script.poll() is None:
            if time.monotonic() > until or (steps and _steps(_records(folder)) >= steps):
                script.send_signal(signal.SIGTERM)
                try:
                    script.wait(_END_WITHIN)
                except subprocess.TimeoutExpired:
                    script.kill()
                    script.wait()
                return True
            time.sleep(_LOOK_EVERY)
    except BaseException:
        script.kill()
        script.wait()
        raise
    return False


def _records(folder: Path) -> "list[dict[str, Any]]":
    records = []
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                records.append(json.loads(line))
            except ValueError:
                continue  # The line that is written just now.
    return records


def _steps(records: "list[dict[str, Any]]") -> int:
    return sum(record.get("type") == "step" for record in records)


def _report(records: "list[dict[str, Any]]", code: int, *, stopped: bool) -> int:
    kinds = {kind: [r for r in records if r.get("type") == kind] for kind in ("step", "epoch")}
    runs = [record for record in records if "run" in record]
    findings = list(dict.fromkeys(code for record in runs for code in record["run"].get("findings", ())))
    wrong = [f"found at the start: {clean(code)}" for code in findings]
    if code != 0 and not stopped:
        wrong.append(f"the script ended with exit code {code}")
    if not records:
        wrong.append("nothing was published: the script makes no gradwatch run, or ended before its first step")
    elif not kinds["step"] and not kinds["epoch"]:
        wrong.append("a run began, and no step and no epoch was said: call run.step, watch.loss, or use the callback")
    elif not any("loss" in r or "train_loss" in r or "val_loss" in r for r in kinds["step"] + kinds["epoch"]):
        wrong.append("no loss was said: most faults show in the loss")
    print()
    print(
        f"gradwatch: {len(kinds['step'])} steps and {len(kinds['epoch'])} epochs were seen"
        + (", then the script was ended" if stopped else "")
    )
    for line in wrong:
        print(f"  - {line}")
    if not wrong:
        print("  nothing is wrong with how it begins, as far as the publisher can see.")
    print(
        "  What goes wrong later shows while a service watches the run: set GRADWATCH_BOOTSTRAP_SERVERS and GRADWATCH_REGISTRY_URL,"
    )
    print("  run the script, and see 'gradwatch alerts'.")
    return 1 if wrong else 0
