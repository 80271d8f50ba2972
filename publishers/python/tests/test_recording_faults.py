"""A place that cannot be recorded to costs a line, and neither time nor training."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import gradwatch
from gradwatch import Settings
from tests.brokers import eventually


def recorded(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("target", ["file/run.jsonl", "file/", "\0/run.jsonl", "x" * 300, "folder/x" * 1000])
def test_what_can_never_be_written_is_said_at_once_and_waited_for_never(
    target: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    # An end that waits shows: it would wait for an hour.
    run = gradwatch.run(settings=Settings(record_to=str(tmp_path / "") + "/" + target, quiet=True, flush_seconds=3600))

    eventually(lambda: "cannot record the run to" in caplog.text, seconds=20)
    run.step(0, loss=1.0)
    run.finish()

    assert run.published == 0
    assert run.dropped > 0
    assert len(caplog.records) == 1, caplog.text
    assert "GRADWATCH_RECORD_TO" in caplog.text


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_is_not_waited_for_at_the_end(caplog: pytest.LogCaptureFixture) -> None:
    with gradwatch.run(settings=Settings(record_to="/dev/full", quiet=True, flush_seconds=3600)) as run:
        run.step(0, loss=1.0)

    assert (run.published, run.dropped) == (0, 3)
    assert "No space left" in caplog.text


def test_a_pipe_that_nobody_reads_is_not_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    os.mkfifo(tmp_path / "pipe")
    with gradwatch.run(settings=Settings(record_to=str(tmp_path / "pipe"), quiet=True, flush_seconds=3600)) as run:
        run.step(0, loss=1.0)

    assert "cannot record the run to" in caplog.text


def test_a_disk_that_is_full_for_a_while_leaves_whole_lines(tmp_path: Path) -> None:
    """In a process of its own, whose files may not grow for a while."""
    script = """
        import resource, signal, time, gradwatch
        from tests.brokers import eventually
        run = gradwatch.run(run_id="r", settings=gradwatch.Settings(record_to="run.jsonl", quiet=True, flush_seconds=30))
        run.step(0, loss=1.0)
        run.heartbeat("early")
        eventually(lambda: run.pending == 0)
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (700, hard))
        for step in range(1, 200):
            run.step(step, loss=1.0)
        run.heartbeat("full")
        time.sleep(1)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        eventually(lambda: run.pending == 0)
        run.finish()
    """
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], cwd=tmp_path, env=environment, check=True)

    lines = recorded(tmp_path / "run.jsonl")
    assert [line["step"] for line in lines if line.get("type") == "step"] == list(range(200))
    assert [line.get("status") for line in lines if line.get("type") == "heartbeat"] == ["early", "full"]


def test_a_folder_that_vanishes_is_made_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "folder" / "run.jsonl"
    with gradwatch.run(run_id="r", project="p", settings=Settings(record_to=str(file), quiet=True)) as run:
        run.step(0, loss=1.0)
        run.heartbeat()
        eventually(lambda: run.pending == 0)
        shutil.rmtree(tmp_path / "folder")
        run.step(1, loss=0.5)
        run.heartbeat()
        eventually(lambda: run.pending == 0)

    header, *lines = recorded(file)
    assert header["run"]["project"] == "p"  # type: ignore[index]
    assert [line["step"] for line in lines if line["type"] == "step"] == [1]
    assert "was removed while it was written" in caplog.text


def test_several_runs_that_are_open_at_the_end_of_a_script_wait_together(tmp_path: Path) -> None:
    script = """
        import time, gradwatch
        from gradwatch import _lifetime
        settings = gradwatch.Settings(bootstrap_servers="127.0.0.1:9", registry_url="http://127.0.0.1:9", quiet=True, flush_seconds=2)
        runs = [gradwatch.run(name=f"r{i}", settings=settings) for i in range(10)]
        waited = []
        original = _lifetime.wait_for
        def counting(some, seconds):
            began = time.monotonic()
            original(some, seconds)
            waited.append(time.monotonic() - began)
        _lifetime.wait_for = counting
        _lifetime._at_exit()
        assert sum(w > 1 for w in waited) <= 1, waited
    """
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], cwd=tmp_path, env=environment, check=True)
