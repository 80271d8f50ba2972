"""What a run does with what it is told, seen in its recording; no broker."""

from __future__ import annotations

import copy
import json
import math
import pickle
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradwatch
from gradwatch import Layer, LayerNorms, Settings, StopRun
from gradwatch._alerts.stopping import stop_in
from gradwatch._registration_facts import environment
from tests.brokers import LAUNCHER, eventually, plain_environment


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


def started(file: Path, **fields: Any) -> gradwatch.Run:
    return gradwatch.run(settings=Settings(record_to=str(file), quiet=True), **fields)


def recorded(file: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    header, *records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return header, records


def test_a_registration_holds_what_was_said_and_what_is_seen_around(file: Path) -> None:
    with started(
        file,
        name="digits",
        classes=np.int64(10),
        learning_rate=np.float32(0.5),
        layers=["a", Layer("b", 12, True), {"name": "c", "parameters": 3}, ("d", 4)],
        tags={"data": 3, "python": "mine"},
        stop_on=("zero-gradients",),
        pretrained=True,
    ):
        pass

    header, records = recorded(file)
    run = header["run"]
    assert (run["classes"], run["learning_rate"], run["stop_on"]) == (10, 0.5, ["zero-gradients"])
    assert run["layers"] == [
        {"name": "a"},
        {"name": "b", "parameters": 12, "frozen": True},
        {"name": "c", "parameters": 3},
        {"name": "d", "parameters": 4},
    ]
    assert run["tags"]["data"] == "3"
    assert run["tags"]["python"] == "mine"
    assert run["tags"]["node"]
    assert run["pretrained"] is True
    assert "resumed" not in run
    assert [record["type"] for record in records] == ["finished"]


def test_zero_is_a_number_in_a_registration_and_nothing_else_of_what_is_false_is_written(file: Path) -> None:
    with started(file, baseline_loss=0, warmup_steps=0, layers=[Layer("a", 0, False)], stop_on=[], tags={"t": ""}):
        pass

    run = recorded(file)[0]["run"]
    assert (run["baseline_loss"], run["warmup_steps"], run["layers"]) == (0.0, 0, [{"name": "a", "parameters": 0}])
    assert run["tags"]["t"] == ""
    assert set(run) == {"name", "baseline_loss", "warmup_steps", "layers", "tags"}


def test_what_is_registered_before_the_first_step_is_one_registration(file: Path) -> None:
    run = started(file, name="digits", tags={"a": 1})
    run.register(optimizer="adam", tags={"b": 2})
    run.register(classes=10, optimizer=None)
    run.step(0, loss=1.0)
    run.finish()

    header, records = recorded(file)
    assert (header["run"]["optimizer"], header["run"]["classes"]) == ("adam", 10)
    assert header["run"]["tags"].items() >= {"a": "1", "b": "2"}.items()
    assert len(records) == 2
    assert run.published == 3


def test_what_is_registered_later_is_in_the_header_in_the_end(file: Path) -> None:
    with started(file, name="digits") as run:
        run.step(0, loss=1.0)
        eventually(lambda: run.published == 2)
        run.register(classes=10)
        run.step(1, loss=1.0)

    header, records = recorded(file)
    assert header["run"]["classes"] == 10
    assert [record["type"] for record in records] == ["step", "step", "finished"]


def test_a_run_that_says_nothing_more_is_registered_all_the_same(file: Path) -> None:
    run = started(file, name="digits")

    eventually(lambda: file.exists() and recorded(file)[0]["run"]["name"] == "digits", seconds=5)
    run.finish()


def test_wrong_values_are_left_out_and_the_rest_is_said(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    with started(file, classes=1, learning_rate=-1, profile="cooking") as run:
        run.register(colour="red", steps_per_epoch=10)
        run.step(0, loss="low", gradient_norm=-1, learning_rate=0.1, epoch=math.nan)
        run.step(-1, loss=1.0)
        run.step(None)
        run.step(
            1, layers=[LayerNorms("a", -1, 2, np.float32(0.5), None), ("b", 0.25), LayerNorms("c" * 2000, math.nan)]
        )
        run.step(2, layers=7)  # type: ignore[arg-type]
        run.epoch(train_loss=1.0)
        run.epoch(0, train_accuracy=200, validation_accuracy=0.5, metrics={"f1": "x", "bleu": 3})
        run.heartbeat(step=-1)
        run.finish("EXPLODED")

    header, records = recorded(file)
    assert set(header["run"]) == {"name", "tags", "steps_per_epoch"}
    assert [{k: v for k, v in record.items() if k != "time"} for record in records] == [
        {"type": "step", "step": 0, "lr": 0.1},
        {
            "type": "step",
            "step": 1,
            "layers": [
                {"name": "a", "weight_norm": 0.5},
                {"name": "b", "grad_norm": 0.25},
                {"name": "c" * 1024, "grad_norm": "NaN"},
            ],
        },
        {"type": "step", "step": 2},
        {"type": "epoch", "epoch": 0.0, "val_accuracy": 0.5, "metrics": {"bleu": 3.0}},
        {"type": "heartbeat"},
        {"type": "finished", "outcome": "unknown"},
    ]
    assert run.invalid == 17
    assert f"run {run.id}: step is -1 and is left out: it must be a whole number, 0 or more" in caplog.text
    assert "colour is 'red' and is left out: it is no field of a registration" in caplog.text


def test_the_same_fault_a_thousand_times_is_one_warning(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    with started(file) as run:
        for _ in range(1000):
            run.step(-1)

    assert run.invalid == 1000
    assert len(caplog.records) == 1


def test_what_is_not_finite_is_said_as_it_is(file: Path) -> None:
    with started(file) as run:
        run.step(0, loss=np.float32("nan"), gradient_norm=math.inf, learning_rate=0)
        run.epoch(0, train_loss=-math.inf, metrics={"m": math.nan})

    step, epoch, _ = recorded(file)[1]
    assert (step["loss"], step["grad_norm"], step["lr"]) == ("NaN", "Infinity", 0.0)
    assert (epoch["train_loss"], epoch["metrics"]) == ("-Infinity", {"m": "NaN"})


def test_values_are_taken_when_they_are_said_whatever_becomes_of_them(file: Path) -> None:
    value, layers = np.array(1.0), [LayerNorms("a", 1.0)]
    with started(file) as run:
        run.step(0, loss=value, layers=layers)
        value[...] = 2.0
        layers.clear()

    step = recorded(file)[1][0]
    assert (step["loss"], step["layers"]) == (1.0, [{"name": "a", "grad_norm": 1.0}])


def test_a_step_that_is_told_later_is_told_with_its_own_time(file: Path) -> None:
    with started(file) as run:
        run.step(0, loss=1.0, ended=1_772_366_400.5)
        run.step(1, loss=1.0, ended="yesterday")

    first, second = recorded(file)[1][:-1]
    assert (first["step"], first["time"]) == (0, 1_772_366_400_500)
    assert second["step"] == 1
    assert abs(second["time"] - time.time() * 1000) < 3_600_000, "told now, as far as anybody knows"
    assert run.invalid == 1


@pytest.mark.parametrize("ended", [1_772_366_400_500.0, math.nan, math.inf, -1, 10**400, "", time.time() + 2 * 86_400])
def test_a_time_that_cannot_be_costs_the_time_alone(ended: Any, file: Path) -> None:
    with started(file) as run:
        run.step(0, loss=1.0, ended=ended)

    record = recorded(file)[1][0]
    assert record["loss"] == 1.0
    assert abs(record["time"] - time.time() * 1000) < 3_600_000
    assert run.invalid == 1


def test_steps_of_many_threads_all_arrive(file: Path) -> None:
    with started(file) as run:

        def train(first: int) -> None:
            for step in range(first, first + 1000):
                run.step(step, loss=1.0)

        threads = [threading.Thread(target=train, args=(1000 * k,)) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(r["step"] for r in recorded(file)[1] if r["type"] == "step") == list(range(4000))
    assert run.published == 4002


def test_the_next_attempt_of_a_run_goes_on_in_its_file(file: Path) -> None:
    with started(file, name="digits") as first:
        first.step(0, loss=1.0)
        first.step(1, loss=1.0)
    with started(file, name="digits", state=first.state_dict()) as second:
        second.step(1, loss=0.5)
        second.next_attempt()
        second.step(0, loss=2.0)

    header, records = recorded(file)
    assert header["attempt"] == 1
    assert [(r["type"], r.get("step"), r.get("attempt", 1)) for r in records] == [
        ("step", 0, 1),
        ("step", 1, 1),
        ("finished", None, 1),
        ("step", 1, 2),
        ("step", 0, 3),
        ("finished", None, 3),
    ]


def test_another_run_does_not_go_on_in_the_file_of_an_earlier_script(file: Path) -> None:
    file.write_text('{"run_id": "of yesterday"}\n{"type": "step", "step": 0}\n')
    with started(file, run_id="of-today"):
        pass

    header, records = recorded(file)
    assert (header["run_id"], len(records)) == ("of-today", 1)


def test_two_runs_of_one_script_do_not_share_a_file_and_a_folder_has_one_for_each(file: Path, tmp_path: Path) -> None:
    for run_id in ("a", "b"):
        with started(file, run_id=run_id):
            pass
        with gradwatch.run(run_id=f"{run_id}/ü", settings=Settings(record_to=f"{tmp_path}/folder/", quiet=True)):
            pass

    assert recorded(file)[0]["run_id"] == "a"
    assert recorded(tmp_path / "run-b.jsonl")[0]["run_id"] == "b"
    assert sorted(path.name for path in (tmp_path / "folder").iterdir()) == ["a_ü.jsonl", "b_ü.jsonl"]


def test_a_file_that_cannot_be_written_costs_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    settings = Settings(record_to=str(tmp_path / "file" / "run.jsonl"), quiet=True, flush_seconds=0.3)
    with gradwatch.run(settings=settings) as run:
        run.step(0, loss=1.0)

    assert (run.published, run.dropped) == (0, 3)
    assert "cannot record the run to" in caplog.text


def test_a_checkpoint_that_is_loaded_late_ends_the_run_that_was_made_up(file: Path) -> None:
    run = gradwatch.run(name="late", settings=Settings(record_to=str(file.parent) + "/", quiet=True))
    made_up = run.id
    eventually(lambda: run.published == 1, seconds=5)

    run.load_state_dict({"run_id": "late-1", "attempt": 1})
    run.step(10, loss=1.0)
    run.finish()

    lines = [json.loads(line) for line in (file.parent / f"{made_up}.jsonl").read_text().splitlines()]
    assert lines[1] | {"time": 0} == {
        "type": "finished",
        "time": 0,
        "outcome": "cancelled",
        "reason": "goes on as run late-1, attempt 2",
    }
    assert (run.id, run.attempt) == ("late-1", 2)


def test_a_stop_saves_once_and_is_raised_at_every_step_from_then_on(file: Path) -> None:
    saved: list[StopRun] = []
    run = started(file, on_stop=saved.append)
    stop = StopRun("The loss is NaN.", "non-finite-values", last_healthy_step=41)
    run.step(0, loss=1.0)

    run.request_stop(stop)

    assert run.stop_requested is stop
    with pytest.raises(StopRun, match="non-finite-values: The loss is NaN") as raised:
        run.step(1)
    assert raised.value is stop
    with pytest.raises(StopRun):
        run.epoch(0, train_loss=1.0)
    assert saved == [stop]
    run.finish("STOPPED", str(stop))
    run.step(3, loss=1.0)
    assert [record["type"] for record in recorded(file)[1]] == ["step", "finished"]


def test_an_alert_stops_a_run_while_it_is_open_and_says_how_to_go_on() -> None:
    alert = {
        "id": "a",
        "run_id": "r",
        "attempt": 1,
        "detector": "loss-divergence",
        "summary": "The loss rises.",
        "state": "UPDATED",
        "stop_recommended": True,
        "recovery": {"action": "GO_BACK_TO_STEP", "step": 41, "epoch": None, "reason": "LOWEST_LOSS"},
        "last_healthy_step": 41,
    }
    stop = stop_in(alert, "r", 1)

    assert stop is not None
    assert stop.recovery == gradwatch.Recovery("go-back-to-step", step=41, reason="lowest-loss")
    assert str(stop.recovery) == "go back to a checkpoint at or before step 41: the training loss was lowest there"
    assert stop_in({**alert, "state": "SUPERSEDED"}, "r", 1) is None
    # A state of a later version is read as UPDATED.
    assert stop_in({**alert, "resolved_at": 1_772_366_400_123}, "r", 1) is None


def test_a_checkpoint_that_fails_does_not_keep_the_run_from_stopping(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def full_disk(stop: StopRun) -> None:
        raise OSError("no space left")

    def train() -> None:
        with started(file, on_stop=full_disk) as run:
            run.request_stop(StopRun("s"))
            run.step(0)

    with pytest.raises(StopRun):
        train()

    assert "on_stop failed, stopping without it: OSError: OSError('no space left')" in caplog.text
    assert recorded(file)[1][-1]["outcome"] == "stopped"


def test_a_copy_is_the_same_run_and_a_pickled_one_says_nothing(file: Path) -> None:
    with started(file, run_id="r") as run:
        assert copy.deepcopy({"callback": [run]})["callback"][0] is run
        asleep = pickle.loads(pickle.dumps(run))
        asleep.step(7, loss=1.0)
        asleep.finish()

    assert (asleep.id, asleep.attempt, asleep.is_publishing) == ("r", 1, False)
    assert [record["type"] for record in recorded(file)[1]] == ["finished"]


def test_no_call_after_the_end_does_anything(file: Path) -> None:
    run = started(file)
    run.finish()
    run.finish("FAILED")
    run.step(0, loss=1.0)
    run.epoch(0)
    run.register(classes=10)
    run.next_attempt()

    assert [record.get("outcome") for record in recorded(file)[1]] == ["completed"]


def test_the_commit_is_read_from_git_s_files(tmp_path: Path) -> None:
    git = tmp_path / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "packed-refs").write_text(f"# pack-refs\n{'ab' * 20} refs/heads/main\n")
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    assert environment.commit(inside) == "ab" * 6
    (git / "refs" / "heads" / "main").write_text("cd" * 20 + "\n")
    assert environment.commit(inside) == "cd" * 6
    (git / "HEAD").write_text("ef" * 20 + "\n")
    assert environment.commit(inside) == "ef" * 6
    worktree = tmp_path / "elsewhere"
    worktree.mkdir()
    (git / "worktrees" / "w").mkdir(parents=True)
    (git / "worktrees" / "w" / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "worktrees" / "w" / "commondir").write_text("../..\n")
    (worktree / ".git").write_text(f"gitdir: {git}/worktrees/w\n")
    assert environment.commit(worktree) == "cd" * 6
    (git / "HEAD").write_text("nonsense")
    assert environment.commit(inside) is None


@pytest.mark.java
def test_a_backtest_reads_what_was_recorded(file: Path, built: None) -> None:
    with started(file, name="größe 训练", classes=10, loss="sparse_categorical_crossentropy", layers=["a"]) as run:
        for step in range(300):
            run.step(step, loss=2.3 if step < 200 else math.nan, gradient_norm=1.0, layers=[LayerNorms("a", 1.0)])
        run.epoch(0, train_loss=math.nan, metrics={"ü": math.inf})
        run.next_attempt(resumed=False)
        for step in range(300):
            run.step(step, loss=2.3 - step / 1000, gradient_norm=1.0)

    out = subprocess.run(
        [str(LAUNCHER), "backtest", "--json", str(file)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=plain_environment(),
    ).stdout
    alerts = [json.loads(line) for line in out.splitlines()]
    assert ("non-finite-values", 1) in [(alert["detector"], alert["attempt"]) for alert in alerts]
    assert ("non-finite-values", 2) not in [(alert["detector"], alert["attempt"]) for alert in alerts]


def test_a_step_is_quick(file: Path) -> None:
    layers = [LayerNorms(f"layer.{i}", 0.1, 0.2, 0.3, 0.4) for i in range(100)]
    run = started(file)
    for what, given in (("alone", ()), ("with 100 layers", layers)):
        began = time.perf_counter()
        for step in range(2000):
            run.step(step, loss=1.0, gradient_norm=1.0, learning_rate=0.1, layers=given)
        print(f"a step {what} takes {1e6 * (time.perf_counter() - began) / 2000:.1f} us")
    run.finish()
    assert run.invalid == 0
