#!/usr/bin/env python3
"""Trains all examples with several seeds and holds Gradwatch's alerts against what they must be.

    python run_all.py --record runs/      offline: records the runs, then ./gradwatch backtest
    python run_all.py --sandbox           through a broker, a registry and the service, which it starts and ends

Prints a table, and exits with 1 when a row is not as it must be.
"""

from __future__ import annotations

import argparse
import contextlib
import fnmatch
import gc
import importlib.util
import json
import multiprocessing
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from expected import OF_THE_MACHINE, ROWS, Recording, Row

HERE = Path(__file__).resolve().parent
COMMAND = HERE.parent.parent / "gradwatch"


def main() -> int:
    """Trains, asks, compares."""
    given = _arguments()
    folder = Path(given.record or tempfile.mkdtemp(prefix="gradwatch-articles-")).resolve()
    scripts = {row.script: row for row in ROWS if given.only in row.script and _can_run(row.script)}
    if not scripts:
        print(f"no example to train: none is called *{given.only}*, or what they need is missing", file=sys.stderr)
        return 2
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    tasks = [
        Task(script, seed, folder, row.short_epochs if given.short else None)
        for seed in seeds
        for script, row in scripts.items()
    ]
    ask = Asking(given.gradwatch)
    with _sandbox(given.gradwatch, folder) if given.sandbox else contextlib.nullcontext() as config:
        again = [task for task in tasks if not (given.reuse and task.folder.exists())]
        failed = train(again, given.jobs, _addresses(config))
        recordings = {seed: [r for task in tasks if task.seed == seed for r in task.recordings()] for seed in seeds}
        every = [recording for found in recordings.values() for recording in found]
        alerts = ask.the_service(config, every) if config else ask.a_backtest(every)
    rows = [row for row in ROWS if row.script in scripts]
    wrong = sum(_judge(row, recordings, alerts) for row in rows)
    print(f"\n{len(every)} runs, {wrong} wrong; they are recorded in {folder}")
    return 1 if wrong or failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--record", metavar="DIR", help="record the runs there and look at them offline")
    way.add_argument("--sandbox", action="store_true", help="publish the runs to a sandbox of their own")
    parser.add_argument("--seeds", type=int, default=1, help="how many (1)")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--short", action="store_true", help="end the longest runs when they have shown what they must")
    parser.add_argument("--jobs", type=int, default=1, help="processes that train at a time (1)")
    parser.add_argument("--reuse", action="store_true", help="do not train again what was recorded in DIR before")
    parser.add_argument("--gradwatch", default=str(COMMAND), metavar="COMMAND", help="the command to ask (./gradwatch)")
    parser.add_argument("--only", default="", help="part of a script's name, such as 004")
    return parser.parse_args()


# Training.


def _can_run(script: str) -> bool:
    needed = "torch" if script.endswith("_torch.py") else "keras"
    if importlib.util.find_spec(needed) is None:
        print(f"without {script}: {needed} is not installed")
        return False
    return True


class Task(NamedTuple):
    """One script with one seed, and where its runs are recorded."""

    script: str
    seed: int
    home: Path
    epochs: int | None = None
    fix: bool = False

    @property
    def folder(self) -> Path:
        """The folder of its recorded runs."""
        return self.home / f"{Path(self.script).stem}-seed{self.seed}"

    @property
    def arguments(self) -> list[str]:
        """What follows the script's name."""
        epochs = ["--epochs", str(self.epochs)] if self.epochs else []
        return ["--seed", str(self.seed), *epochs, *(["--fix"] if self.fix else [])]

    def recordings(self) -> list[Recording]:
        """What it recorded."""
        return [Recording(file) for file in sorted(self.folder.glob("*.jsonl"))]


def train(tasks: Sequence[Task], jobs: int, addresses: Mapping[str, str] | None = None) -> int:
    """Runs the scripts, and returns how many failed. ``addresses`` are those of a broker and a registry."""
    failed = 0
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_prepare, initargs=(addresses or {},)) as pool:
        for task, (seconds, error) in zip(tasks, pool.map(_run, tasks)):
            failed += error is not None
            fault = f"  FAILED: {error}" if error else ""
            print(f"{seconds:5.0f} s  {task.script} {' '.join(task.arguments)}{fault}", flush=True)
    return failed


def _prepare(addresses: Mapping[str, str]) -> None:
    os.environ.update(addresses)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ["GRADWATCH_QUIET"] = "1"
    sys.path.insert(0, str(HERE))


def _run(task: Task) -> tuple[float, str | None]:
    """One script in this process, which has imported Keras already when it was here before."""
    shutil.rmtree(task.folder, ignore_errors=True)
    task.folder.mkdir(parents=True)
    os.environ["GRADWATCH_RECORD_TO"] = f"{task.folder}/"
    sys.argv = [task.script, *task.arguments]
    start, error = time.monotonic(), None
    try:
        runpy.run_path(str(HERE / task.script), run_name="__main__")
    except Exception as e:
        error = f"{type(e).__name__}: {e}"
    if "keras" in sys.modules:
        sys.modules["keras"].backend.clear_session()
    gc.collect()
    return time.monotonic() - start, error


# Asking.


class Asking:
    """Gradwatch's own commands, which answer in JSON lines."""

    def __init__(self, command: str) -> None:
        self._command = command

    def a_backtest(self, recordings: list[Recording]) -> list[dict[str, Any]]:
        """The alerts in their last state, each seed's runs together: some are siblings."""
        return self._answer("backtest", "--json", *(recording.file for recording in recordings))

    def the_service(self, config: Path, recordings: list[Recording]) -> list[dict[str, Any]]:
        """The alerts in their last state, from the alert topic, once the service has seen the end of all these runs."""
        runs = {recording.run_id for recording in recordings}
        deadline = time.monotonic() + 120
        while not runs <= {run["run"] for run in self._runs(config) if run["phase"] == "finished"}:
            if time.monotonic() > deadline:
                raise SystemExit("the service has not seen the end of all runs within two minutes")
            time.sleep(1)
        latest: dict[str, dict[str, Any]] = {}
        for moment in self._answer("alerts", "--json", "--from-beginning", "--until-now", "--config", config):
            if moment["id"] not in latest or moment["revision"] >= latest[moment["id"]]["revision"]:
                latest[moment["id"]] = moment
        return list(latest.values())

    def _runs(self, config: Path) -> list[dict[str, Any]]:
        return self._answer("runs", "--json", "--config", config)

    def _answer(self, *arguments: Any) -> list[dict[str, Any]]:
        done = subprocess.run([self._command, *map(str, arguments)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"gradwatch {arguments[0]} ended with {done.returncode}:\n{done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]


@contextlib.contextmanager
def _sandbox(command: str, folder: Path) -> Iterator[Path]:
    """Broker, registry and service, without the sandbox's own fleet."""
    home = folder / "sandbox"
    config = home / "gradwatch.properties"
    with (folder / "sandbox.log").open("w") as log:
        process = subprocess.Popen(
            [command, "sandbox", "--fresh", "--fleet", "0", "--quiet", "--data", str(home)],
            stdout=log,
            stderr=log,
        )
        try:
            deadline = time.monotonic() + 600  # It may have to be built first.
            while not (config.exists() and _is_up(config)):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"the sandbox did not start; see {log.name}")
                time.sleep(0.5)
            yield config
        finally:
            process.terminate()
            process.wait(60)


def _is_up(config: Path) -> bool:
    import socket

    try:
        host, _, port = _addresses(config)["GRADWATCH_BOOTSTRAP_SERVERS"].rpartition(":")
        with socket.create_connection((host, int(port)), 1):
            return True
    except (OSError, KeyError, ValueError):
        return False


def _addresses(config: Path | None) -> dict[str, str]:
    if config is None:
        return {}
    lines = [line.partition("=") for line in config.read_text(encoding="utf-8").splitlines() if "=" in line]
    found = {key.strip(): value.strip().replace("\\:", ":") for key, _, value in lines}
    return {
        "GRADWATCH_BOOTSTRAP_SERVERS": found["kafka.bootstrap-servers"],
        "GRADWATCH_REGISTRY_URL": found["registry.urls"],
    }


# Comparing.


def _judge(row: Row, found: Mapping[int, list[Recording]], alerts: list[dict[str, Any]]) -> int:
    """Prints the row with what each of its runs got, and returns how many of them are wrong, but for known gaps."""
    lines, wrong = [], 0
    for seed, recordings in found.items():
        mine = [recording for recording in recordings if fnmatch.fnmatch(recording.name, row.run)]
        if not mine:
            wrong += 1
            lines.append((f"seed {seed}", "FAULT: no such run was recorded"))
        for recording in mine:
            own = [alert for alert in alerts if alert["run"] == recording.run_id]
            faults = row.faults(recording, own)
            wrong += bool(faults)
            name = f"seed {seed}" if recording.name == row.run else f"seed {seed}, {recording.name}"
            lines += [(name, text) for text in _got(recording, own) + [f"FAULT: {fault}" for fault in faults]]
    verdict = "ok" if not wrong else "gap" if row.gap else "WRONG"
    print(f"\n{verdict:6} {row.run:24} {row.expectation()}" + (f" (gap: {row.gap})" if wrong and row.gap else ""))
    for i, (name, text) in enumerate(lines):
        print(f"{'':6} {name if i == 0 or lines[i - 1][0] != name else '':24} {text}")
    return 0 if row.gap else wrong


def _got(recording: Recording, alerts: list[dict[str, Any]]) -> list[str]:
    of_the_machine = sum(alert["detector"] in OF_THE_MACHINE for alert in alerts)
    got = [_line(alert) for alert in alerts if alert["detector"] not in OF_THE_MACHINE]
    if not recording.steps and not recording.epochs:
        got.append(f"never started ({recording.outcome})")
    if of_the_machine:
        got.append(f"{of_the_machine} x slow or silent: this machine is busy")
    return got or ["no alert"]


def _line(alert: Mapping[str, Any]) -> str:
    place = [f"step {alert['opened_step']}"] if alert["opened_step"] is not None else []
    place += [f"epoch {alert['opened_epoch']:g}"] if alert["opened_epoch"] is not None else []
    place += [f"attempt {alert['attempt']}"] if alert["attempt"] > 1 else []
    causes = [f"{cause['code']} {cause['confidence']:.2f}" for cause in alert["causes"][:2]]
    best = f", best epoch {alert['best_epoch']:g}" if alert["best_epoch"] is not None else ""
    return f"{alert['severity']} {alert['detector']} ({', '.join(place)}){best}; {', '.join(causes) or 'no cause'}"


if __name__ == "__main__":
    sys.exit(main())
