"""What is over a limit is cut with one note; what cannot be costs itself and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import gradwatch
from gradwatch import LayerNorms, Settings, limits


def recorded(file: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    header, *records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return header, records


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


def started(file: Path, **fields: Any) -> gradwatch.Run:
    return gradwatch.run(settings=Settings(record_to=str(file), quiet=True), **fields)


def test_what_is_over_a_limit_is_cut_with_one_line_for_each_kind(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    many = {f"m{i}": i for i in range(200)}
    with started(file, tags={k: str(v) for k, v in many.items()}, layers=[f"l{i}" for i in range(5000)]) as run:
        for step in range(3):
            run.step(step, layers=[LayerNorms(f"l{i}", 1.0) for i in range(5000)], metrics=many)
        run.epoch(0, metrics=many)
        run.heartbeat("x" * 5000)

    header, records = recorded(file)
    assert (len(header["run"]["tags"]), len(header["run"]["layers"])) == (limits.TAGS, limits.LAYERS)
    assert {len(record["layers"]) for record in records if record["type"] == "step"} == {limits.LAYERS}
    assert {len(record["metrics"]) for record in records if "metrics" in record} == {limits.METRICS}
    assert len(next(record["status"] for record in records if record["type"] == "heartbeat")) == limits.TEXT_LENGTH
    for kind in ("tags", "layers", "metrics", "texts"):
        assert caplog.text.count(f"gradwatch: {kind}: ") == 1, kind
    assert run.invalid == 0


def test_tags_that_come_one_after_the_other_stay_within_the_limit(file: Path) -> None:
    with started(file) as run:
        for i in range(100):
            run.register(tags={f"t{i}": "x"})

    assert len(recorded(file)[0]["run"]["tags"]) == limits.TAGS


@pytest.mark.parametrize(
    ("call", "fields"),
    [
        ("epoch", {"epoch": 1, "train_accuracy": -1.6, "train_loss": 0.5}),
        ("epoch", {"epoch": 1, "validation_accuracy": 700, "train_loss": 0.5}),
        ("epoch", {"epoch": 1, "learning_rate": -0.1, "train_loss": 0.5}),
        ("epoch", {"epoch": 1, "step": -3, "train_loss": 0.5}),
        ("step", {"step": 1, "gradient_norm": -1, "loss": 0.5}),
        ("step", {"step": 1, "epoch": float("nan"), "loss": 0.5}),
        ("step", {"step": 1, "rank_norms": (1, 2), "loss": 0.5}),
        ("step", {"step": 1, "metrics": {"kl": "much"}, "loss": 0.5}),
    ],
)
def test_an_impossible_value_costs_its_field_alone(
    call: str, fields: dict[str, Any], file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with started(file) as run:
        for _ in range(3):
            getattr(run, call)(**fields)

    said = [record for record in recorded(file)[1] if record["type"] == call]
    assert [record.get("loss", record.get("train_loss")) for record in said] == [0.5] * 3
    assert run.invalid == 3
    assert caplog.text.count("is left out") == 1


def test_metrics_and_ranks_of_a_step_are_said(file: Path) -> None:
    with started(file) as run:
        run.step(0, metrics={"reward": 0.5}, rank_norms=gradwatch.RankNorms(0.0, float("nan"), 3))
        run.step(1, rank_norms={"min": 1, "max": 2, "rank": 0})

    first, second = recorded(file)[1][:2]
    assert first["metrics"] == {"reward": 0.5}
    assert first["rank_norms"] == {"min": 0.0, "max": "NaN", "rank": 3}
    assert second["rank_norms"] == {"min": 1.0, "max": 2.0, "rank": 0}
