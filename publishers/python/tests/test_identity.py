"""Which run, which attempt, which rank."""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path
from typing import Any, Optional

import pytest

import gradwatch
from gradwatch import Settings
from gradwatch._registration_facts.identity import made_up_id


def started(tmp_path: Path, **more: Any) -> gradwatch.Run:
    settings = Settings.from_environment(
        {"GRADWATCH_RECORD_TO": str(tmp_path / "runs/"), "GRADWATCH_QUIET": "1", **more.pop("env", {})}
    )
    return gradwatch.run(settings=settings, **more)


def test_a_made_up_id_is_readable_and_never_the_same() -> None:
    ids = {made_up_id("digits mlp / größe") for _ in range(100)}

    assert len(ids) == 100
    assert all(run_id.startswith("digits-mlp-größe-") for run_id in ids)
    assert len(made_up_id("🚀" * 5000 + "ä" * 5000).encode("utf-16-le")) <= 2 * 256


@pytest.mark.parametrize("name", [7, Path("a/b"), ["x"], object(), "\udcff", 1.5])
def test_a_name_may_be_anything(tmp_path: Path, name: Any) -> None:
    run = started(tmp_path, name=name)
    run.finish()

    assert (run.published, run.dropped) == (2, 0)


def test_a_run_without_a_fixed_id_is_always_the_first_attempt_of_its_own(tmp_path: Path) -> None:
    one, other = started(tmp_path, name="r"), started(tmp_path, name="r")

    assert one.id != other.id
    assert one.attempt == other.attempt == 1
    assert not (tmp_path / "state").exists()


def test_a_fixed_id_counts_its_attempts_in_a_file(tmp_path: Path) -> None:
    env = {"GRADWATCH_RUN_ID": "größe/../1"}

    assert [started(tmp_path, env=env).attempt for _ in range(3)] == [1, 2, 3]
    assert started(tmp_path, run_id="another").attempt == 1
    files = list((tmp_path / "state" / "gradwatch" / "attempts").iterdir())
    assert sorted(json.loads(file.read_text())["attempt"] for file in files) == [1, 3]


@pytest.mark.parametrize(
    ("counts", "attempt"),
    [
        ({}, 1),
        ({"SLURM_RESTART_COUNT": "2"}, 3),
        ({"TORCHELASTIC_RESTART_COUNT": "1"}, 2),
        ({"SLURM_RESTART_COUNT": "1", "TORCHELASTIC_RESTART_COUNT": "2"}, 4),
        ({"SLURM_RESTART_COUNT": "often"}, 1),
    ],
)
def test_schedulers_count_restarts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counts: dict[str, str], attempt: int
) -> None:
    for name, value in counts.items():
        monkeypatch.setenv(name, value)

    assert started(tmp_path, run_id="fixed").attempt == attempt


def test_the_file_knows_of_attempts_that_a_counter_forgot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "4")
    assert started(tmp_path, run_id="fixed").attempt == 5
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "0")

    assert started(tmp_path, run_id="fixed").attempt == 6


def test_a_damaged_memory_is_warned_of_and_counts_from_one(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    started(tmp_path, run_id="fixed")
    (file,) = (tmp_path / "state" / "gradwatch" / "attempts").iterdir()
    file.write_text("[]")

    assert started(tmp_path, run_id="fixed").attempt == 1
    assert str(file) in caplog.text


def test_a_memory_that_cannot_be_written_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")

    assert started(tmp_path, run_id="fixed", env={"GRADWATCH_STATE_DIR": str(tmp_path / "file" / "x")}).attempt == 1
    assert "GRADWATCH_STATE_DIR" in caplog.text


def test_the_attempt_that_was_told_wins(tmp_path: Path) -> None:
    assert started(tmp_path, run_id="fixed", env={"GRADWATCH_ATTEMPT": "7"}).attempt == 7
    assert started(tmp_path, run_id="fixed", attempt=8, env={"GRADWATCH_ATTEMPT": "7"}).attempt == 8
    assert started(tmp_path, attempt=9).attempt == 9


def test_a_checkpoint_makes_the_next_attempt_of_its_run(tmp_path: Path) -> None:
    first = started(tmp_path, name="r")
    checkpoint = json.loads(json.dumps(first.state_dict()))

    second = started(tmp_path, name="r", state=checkpoint)
    third = started(tmp_path, name="r")
    third.load_state_dict(second.state_dict())

    assert (second.id, second.attempt) == (first.id, 2)
    assert (third.id, third.attempt) == (first.id, 3)


def test_a_checkpoint_and_a_fixed_id_agree_on_the_greater_attempt(tmp_path: Path) -> None:
    assert started(tmp_path, run_id="fixed", state={"run_id": "fixed", "attempt": 4}).attempt == 5
    assert started(tmp_path, run_id="fixed", state={"run_id": "fixed", "attempt": 1}).attempt == 6
    later = started(tmp_path, run_id="fixed")
    later.load_state_dict({"run_id": "fixed", "attempt": 20})
    assert later.attempt == 21
    assert started(tmp_path, run_id="fixed").attempt == 22


def test_the_checkpoint_of_another_run_does_not_rename_one_that_was_given_its_id(tmp_path: Path) -> None:
    run = started(tmp_path, run_id="fixed", state={"run_id": "other", "attempt": 4})
    run.load_state_dict({"run_id": "other", "attempt": 4})

    assert (run.id, run.attempt) == ("fixed", 1)


@pytest.mark.parametrize("state", [{"run_id": ""}, {"attempt": 1}, {"run_id": "r", "attempt": 0}, "no state", 7])
def test_a_state_that_is_none_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture, state: Any) -> None:
    run = started(tmp_path, name="r", state=state)
    run.load_state_dict(state)

    assert run.attempt == 1
    assert "state is" in caplog.text


@pytest.mark.parametrize("run_id", ["", "  ", "x" * 257, "🚀" * 129])
def test_an_impossible_id_is_warned_of_and_replaced(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, run_id: str
) -> None:
    run = started(tmp_path, name="r", run_id=run_id)

    assert run.id.startswith("r-")
    assert "run_id is" in caplog.text


@pytest.mark.parametrize(
    ("environment", "publishes"),
    [
        ({}, True),
        ({"RANK": "0"}, True),
        ({"RANK": "3"}, False),
        ({"SLURM_PROCID": "1"}, False),
        ({"OMPI_COMM_WORLD_RANK": "2"}, False),
        ({"RANK": "0", "SLURM_PROCID": "5"}, True),
        ({"RANK": "first"}, True),
        ({"RANK": "3", "GRADWATCH_RANK": "0"}, True),
        ({"GRADWATCH_RANK": "1"}, False),
    ],
)
def test_one_rank_publishes(environment: dict[str, str], publishes: bool) -> None:
    assert gradwatch.is_publisher(environment=environment) is publishes


@pytest.mark.parametrize(("rank", "publishes"), [(0, True), (1, False), (None, True)])
def test_torch_distributed_is_asked_when_it_is_there(
    monkeypatch: pytest.MonkeyPatch, rank: Optional[int], publishes: bool
) -> None:
    distributed = types.SimpleNamespace(
        is_available=lambda: True, is_initialized=lambda: rank is not None, get_rank=lambda: rank
    )
    monkeypatch.setitem(sys.modules, "torch", types.SimpleNamespace(distributed=distributed))

    assert gradwatch.is_publisher(environment={}) is publishes


def test_another_rank_trains_on_without_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    run = started(tmp_path, name="r")
    run.step(0, loss=1.0)
    run.finish()

    assert not run.is_publishing
    assert not (tmp_path / "runs").exists()
