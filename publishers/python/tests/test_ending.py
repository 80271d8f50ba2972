"""How a run ends, seen from outside: scripts in processes of their own, recorded to a file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any, Optional

import pytest

from tests.brokers import Cluster, events_of, eventually, kind

BEGIN = """
import os, signal, sys, time, gradwatch
run = gradwatch.run(name="ending")
run.step(0, loss=1.0)
"""


class Script:
    """A training script that runs now."""

    def __init__(self, folder: Path, text: str, **environment: str) -> None:
        self.recording = folder / "recorded.jsonl"
        script = folder / "train.py"
        script.write_text(textwrap.dedent(text))
        self.process = subprocess.Popen(
            [sys.executable, str(script)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "GRADWATCH_RECORD_TO": str(self.recording), **environment},
        )

    def end(self, seconds: float = 30) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=seconds)
        return self.process.returncode, out, err

    def said(self) -> list[dict[str, Any]]:
        if not self.recording.exists():
            return []
        return [json.loads(line) for line in self.recording.read_text().splitlines()]


def outcome(script: Script) -> tuple[str, Optional[str]]:
    last = script.said()[-1]
    assert last["type"] == "finished", last
    return last["outcome"], last.get("reason")


def test_the_end_of_the_script_is_the_end_of_the_run(tmp_path: Path) -> None:
    script = Script(tmp_path, BEGIN)

    assert script.end()[0] == 0
    assert outcome(script) == ("completed", None)


def test_an_exception_in_the_block_fails_the_run_and_goes_on_its_way(tmp_path: Path) -> None:
    script = Script(tmp_path, BEGIN + "with run:\n    raise ValueError('shapes differ')")

    code, _, err = script.end()

    assert code == 1
    assert err.rstrip().endswith("ValueError: shapes differ")
    assert outcome(script) == ("failed", "ValueError: shapes differ")


def test_an_exception_that_nobody_catches_fails_a_run_without_a_block(tmp_path: Path) -> None:
    script = Script(tmp_path, BEGIN + "raise ValueError('shapes differ')")

    assert script.end()[0] == 1
    assert outcome(script) == ("failed", "ValueError: shapes differ")


def test_leaving_the_block_by_exit_code_0_completes_and_by_another_fails(tmp_path: Path) -> None:
    for code, expected in ((0, ("completed", None)), (3, ("failed", "exit code 3"))):
        script = Script(tmp_path, BEGIN + f"with run:\n    sys.exit({code})")
        assert script.end()[0] == code
        assert outcome(script) == expected


def test_ctrl_c_cancels_with_a_block_and_without(tmp_path: Path) -> None:
    # Whatever is started in the background of a shell ignores Ctrl-C, and the tests may be.
    begin = BEGIN + "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    for block in ("with run:\n    ", ""):
        script = Script(tmp_path, begin + block + "print('ready', flush=True); time.sleep(60)")
        assert script.process.stdout is not None
        assert script.process.stdout.readline() == "ready\n"
        script.process.send_signal(signal.SIGINT)
        script.end()
        assert outcome(script) == ("cancelled", "interrupted from the keyboard")


def test_sigterm_cancels_the_run_and_still_ends_the_process_as_always(tmp_path: Path) -> None:
    script = Script(tmp_path, BEGIN + "time.sleep(60)")
    eventually(lambda: len(script.said()) > 1)

    script.process.send_signal(signal.SIGTERM)

    assert script.end()[0] == -signal.SIGTERM
    assert outcome(script) == ("cancelled", "ended by SIGTERM")


def test_sigterm_in_the_middle_of_many_steps_finds_no_lock_in_its_way(tmp_path: Path) -> None:
    script = Script(tmp_path, BEGIN + "n = 1\nwhile True:\n    run.step(n, loss=1.0); n += 1")
    eventually(lambda: len(script.said()) > 1)
    time.sleep(0.5)
    began = time.monotonic()

    script.process.send_signal(signal.SIGTERM)

    assert script.end()[0] == -signal.SIGTERM
    print(f"ended {time.monotonic() - began:.2f} s after SIGTERM")
    assert outcome(script) == ("cancelled", "ended by SIGTERM")


def test_a_sigterm_handler_of_the_training_code_is_left_alone(tmp_path: Path) -> None:
    text = """
    import os, signal, sys, gradwatch
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
    with gradwatch.run(name="ending") as run:
        run.step(0, loss=1.0)
        os.kill(os.getpid(), signal.SIGTERM)
        raise AssertionError
    """
    script = Script(tmp_path, text)

    assert script.end()[0] == 7
    assert outcome(script) == ("failed", "exit code 7")


def test_the_default_handler_is_back_after_the_run(tmp_path: Path) -> None:
    script = Script(tmp_path, BEGIN + "run.finish(); print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)")

    assert script.end()[1] == "True\n"


def test_a_forked_child_says_nothing_and_ends_nothing(tmp_path: Path) -> None:
    text = """
    child = os.fork()
    if child == 0:
        run.step(1, loss=1.0); run.epoch(0, train_loss=1.0); run.finish("FAILED")
        print("child", run.is_publishing, flush=True)
        sys.exit(0)
    os.waitpid(child, 0)
    run.step(2, loss=1.0)
    """
    script = Script(tmp_path, BEGIN + textwrap.dedent(text))

    assert script.end()[:2] == (0, "child False\n")
    assert [line["step"] for line in script.said() if line.get("type") == "step"] == [0, 2]
    assert outcome(script) == ("completed", None)


@pytest.mark.broker
def test_a_child_forked_while_kafkas_client_runs_ends_at_once(cluster: Cluster, tmp_path: Path) -> None:
    settings = cluster.settings("fork.")
    text = """
    import multiprocessing, os, sys, time, gradwatch

    def work(run):
        run.step(1, loss=1.0)

    run = gradwatch.run(run_id="forks", stop_when_told=True)
    run.step(0, loss=1.0)
    while run.published < 2:
        time.sleep(0.01)
    began = time.monotonic()
    children = [multiprocessing.get_context("fork").Process(target=work, args=(run,)) for _ in range(3)]
    [child.start() for child in children]
    [child.join(20) for child in children]
    child = os.fork()
    if child == 0:
        sys.exit(0)
    os.waitpid(child, 0)
    print([child.exitcode for child in children])
    print(f"{time.monotonic() - began:.1f} s for four children", file=sys.stderr)
    run.step(2, loss=1.0)
    """
    script = Script(
        tmp_path,
        text,
        GRADWATCH_RECORD_TO="",
        GRADWATCH_BOOTSTRAP_SERVERS=cluster.bootstrap,
        GRADWATCH_REGISTRY_URL=cluster.registry,
        GRADWATCH_TOPIC_PREFIX="fork.",
    )

    code, out, err = script.end()

    print(err)
    assert (code, out) == (0, "[0, 0, 0]\n")
    assert [kind(event) for event in events_of(settings, "forks")] == [
        "RunStarted",
        "GradientNorms",
        "GradientNorms",
        "RunFinished",
    ]


def test_a_broker_that_was_never_there_costs_one_warning_and_a_deadline_at_the_end(tmp_path: Path) -> None:
    text = """
    import time, gradwatch
    with gradwatch.run(name="alone") as run:
        slowest = 0.0
        for step in range(2000):
            began = time.perf_counter()
            run.step(step, loss=1.0, gradient_norm=1.0)
            slowest = max(slowest, time.perf_counter() - began)
            time.sleep(0.001)
        ended = time.monotonic()
    print(f"slowest step {1e6 * slowest:.0f} us; the end took {time.monotonic() - ended:.1f} s")
    print(run.published, run.dropped)
    """
    script = Script(
        tmp_path,
        text,
        GRADWATCH_RECORD_TO="",
        GRADWATCH_BOOTSTRAP_SERVERS="127.0.0.1:9",
        GRADWATCH_REGISTRY_URL="http://127.0.0.1:9",
        GRADWATCH_FLUSH_SECONDS="1",
    )

    code, out, err = script.end()

    print(out, err)
    assert code == 0
    assert out.splitlines()[-1] == "0 2002"
    lines = err.splitlines()
    assert [line.split(": ")[0] for line in lines] == ["gradwatch"] * 3
    assert "the schema registry at http://127.0.0.1:9 cannot be used" in lines[1]
    assert lines[2].endswith("2002 of 2002 steps and events were not published")


def test_nothing_configured_is_said_once_and_training_goes_on(tmp_path: Path) -> None:
    text = """
    import gradwatch
    for _ in range(3):
        with gradwatch.run(name="alone") as run:
            run.step(0, loss=1.0)
            run.epoch(0, train_loss=1.0)
    print(run.is_publishing, run.id[:6], run.attempt)
    """
    code, out, err = Script(tmp_path, text, GRADWATCH_RECORD_TO="").end()

    assert (code, out) == (0, "False alone- 1\n")
    assert len(err.splitlines()) == 1
    assert err.startswith("gradwatch: GRADWATCH_BOOTSTRAP_SERVERS and GRADWATCH_REGISTRY_URL are not set")


def test_switched_off_says_nothing_at_all(tmp_path: Path) -> None:
    script = Script(tmp_path, BEGIN, GRADWATCH_DISABLED="1")

    assert script.end() == (0, "", "")
    assert script.said() == []
