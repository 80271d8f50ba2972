"""Test vectors that both languages share: what a record says, as JSON, and its bytes, in ``schemas/src/test/resources/vectors``.

Each vector is ``NAME.json`` (a sentence, the schema it is written with, the value) and ``NAME.bin`` (Confluent's wire format with schema
id 1). A field at its default is left out of the JSON; a record within a union is an object of one key, its name; what JSON has no number
for is the text NaN, Infinity or -Infinity. Where a reader of today sees something else than what a later version wrote, ``read`` says what.

After a contract grew, write them anew, from Python and then from Java, which must agree on every byte:

    GRADWATCH_VECTORS=write pytest tests/test_contract.py
    mvn -pl wire -am -Dtest=WireVectorsTest -Dsurefire.failIfNoSpecifiedTests=false -Dgradwatch.vectors=write package
"""

from __future__ import annotations

import copy
import json
import math
import os
from typing import Any, Optional

from tests.brokers import REPOSITORY

FOLDER = REPOSITORY / "schemas" / "src" / "test" / "resources" / "vectors"
RELEASED = REPOSITORY / "schemas" / "src" / "released"
CURRENT = REPOSITORY / "schemas" / "src" / "main" / "avro"
WRITING = os.environ.get("GRADWATCH_VECTORS") == "write"
NOON = 1_772_366_400_123  # 2026-03-01T12:00:00.123Z

NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class Vector:
    """One file pair."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._described = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        self.schema_name: str = self._described["schema"]
        self.value: dict[str, Any] = self._described["value"]
        self.read: dict[str, Any] = self._described.get("read", self.value)

    @property
    def contract(self) -> str:
        """``training-event``, ``alert`` or ``run-status``."""
        return next(part for part in self.schema_name.split("/") if part in CONTRACTS)

    @property
    def schema_text(self) -> str:
        if self.schema_name.startswith("next/"):
            return (FOLDER / f"{self.schema_name}.avsc").read_text(encoding="utf-8")
        return (RELEASED / f"{self.schema_name}.avsc").read_text(encoding="utf-8")

    @property
    def golden(self) -> bytes:
        return (FOLDER / f"{self.name}.bin").read_bytes()

    def write(self, encoded: bytes) -> None:
        (FOLDER / f"{self.name}.bin").write_bytes(encoded)


CONTRACTS = ("training-event", "alert", "run-status")


def all_vectors() -> list[Vector]:
    return [Vector(file.stem) for file in sorted(FOLDER.glob("*.json"))]


def current(contract: str) -> str:
    return (CURRENT / f"{contract}.avsc").read_text(encoding="utf-8")


class Shape:
    """Between JSON and what Python's Avro reads and writes, by a schema."""

    def __init__(self, text: str) -> None:
        self.schema = json.loads(text)
        self._named: dict[str, Any] = {}

    def to_avro(self, value: Any, schema: Any = None) -> Any:
        kind, schema = self._kind(self.schema if schema is None else schema)
        if kind == "union":
            if value is None:
                return None
            branches = [branch for branch in schema if branch != "null"]
            if len(branches) == 1:
                return self.to_avro(value, branches[0])
            ((name, inner),) = value.items()
            branch = next(b for b in branches if b["name"] == name)
            return (f"dev.gradwatch.schemas.{name}", self.to_avro(inner, branch))
        if kind == "record":
            return {
                f["name"]: self.to_avro(value[f["name"]], f["type"]) for f in schema["fields"] if f["name"] in value
            }
        if kind == "array":
            return [self.to_avro(item, schema["items"]) for item in value]
        if kind == "map":
            return {key: self.to_avro(item, schema["values"]) for key, item in value.items()}
        if kind == "double":
            return NON_FINITE[value] if isinstance(value, str) else float(value)
        return value

    def to_json(self, value: Any, schema: Any = None) -> Any:
        kind, schema = self._kind(self.schema if schema is None else schema)
        if kind == "union":
            if value is None:
                return None
            branches = [branch for branch in schema if branch != "null"]
            if len(branches) == 1:
                # A record says its name even where there is no other.
                return self.to_json(value[1] if isinstance(value, tuple) else value, branches[0])
            full_name, inner = value
            name = full_name.rpartition(".")[2]
            return {name: self.to_json(inner, next(b for b in branches if b["name"] == name))}
        if kind == "record":
            self._kind(schema)
            said = {f["name"]: self.to_json(value[f["name"]], f["type"]) for f in schema["fields"]}
            defaults = {f["name"]: f["default"] for f in schema["fields"] if "default" in f}
            return {name: item for name, item in said.items() if name not in defaults or item != defaults[name]}
        if kind == "array":
            return [self.to_json(item, schema["items"]) for item in value]
        if kind == "map":
            return {key: self.to_json(item, schema["values"]) for key, item in value.items()}
        if kind == "double" and not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        if kind == "timestamp":
            return round(value.timestamp() * 1000)
        return value

    def _kind(self, schema: Any) -> tuple[str, Any]:
        if isinstance(schema, list):
            return "union", schema
        if isinstance(schema, str):
            return self._kind(self._named[schema]) if schema in self._named else (schema, schema)
        if schema.get("logicalType") == "timestamp-millis":
            return "timestamp", schema
        if "name" in schema:
            self._named[schema["name"]] = schema
        return schema["type"], schema


def describe_all() -> None:
    """Writes every description; see the module's text."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for contract, change in (("training-event", _next_event), ("alert", _next_alert)):
        schema = json.loads(current(contract))
        change(schema)
        target = FOLDER / "next" / f"{contract}.avsc"
        target.parent.mkdir(exist_ok=True)
        target.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for name, schema_name, sentence, value, read in [*_VECTORS, *_of_first_version()]:
        described = {"description": sentence, "schema": schema_name, "value": value}
        if read is not None:
            described["read"] = read
        # Nobody reads 300 layers, and thousands of lines are no better.
        indent = None if len(str(value)) > 10_000 else 1
        text = json.dumps(described, indent=indent, ensure_ascii=False)
        (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _event(event: str, fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"run_id": "run-1", "event_time": NOON, **more, "event": {event: fields}}


_EVENT, _ALERT, _STATUS = "training-event/v2", "alert/v1", "run-status/v1"
_ALERT_2, _STATUS_2 = "alert/v2", "run-status/v2"

_STARTED: dict[str, Any] = {
    "name": "größe 训练 🚀 e\u0301",
    "project": "vision",
    "team": "команда",
    "cluster": "eu-1",
    "group": "sweep-7",
    "profile": "language-model",
    "loss": "sparse_categorical_crossentropy",
    "output_activation": "softmax",
    "output_units": 10,
    "classes": 10,
    "optimizer": "adamw",
    "learning_rate": 0.0003,
    "warmup_steps": 1000,
    "clip_threshold": 1.0,
    "batch_size": 128,
    "steps_per_epoch": 4_000_000_000,
    "planned_epochs": 30,
    "planned_steps": 120_000_000_000,
    "baseline_loss": -1.5,
    "resumed": True,
    "pretrained": True,
    "layers": [
        {"name": "vorne.gewichte"},
        {"name": "ствол", "parameters": 7_000_000_000, "frozen": True},
        {"name": "头", "parameters": 0},
    ],
    "lower_is_better": ["perplexity", "wörter"],
    "stop_on": ["non-finite-values"],
    "tags": {"node": "gpu-12", "ключ 🔑": "", "": "значение"},
}

_LAYERS = [
    {
        "name": f"block_{i}.größe",
        "gradient_norm": i / 128,
        **({} if i % 7 == 0 else {"zero_fraction": i / 512}),
        "weight_norm": 10.0 + i,
        **({} if i % 5 else {"update_norm": 2.0**-i}),
    }
    for i in range(300)
]

_ALERT_FULL: dict[str, Any] = {
    "id": "0123456789abcdef",
    "revision": 3,
    "state": "RESOLVED",
    "run_id": "run-1",
    "attempt": 2,
    "run_name": "größe 训练",
    "project": "vision",
    "team": "команда",
    "cluster": "eu-1",
    "group": "sweep-7",
    "tags": {"node": "gpu-12", "ключ": "🔑"},
    "detector": "loss-divergence",
    "severity": "CRITICAL",
    "summary": "Der Loss steigt: 2.3 → ∞.",
    "opened_at": NOON,
    "opened_step": 1200,
    "opened_epoch": 3.5,
    "updated_at": NOON + 1000,
    "resolved_at": NOON + 2000,
    "resolved_step": 1300,
    "resolved_epoch": 3.75,
    "evidence": [
        {"name": "observed", "value": "Infinity", "unit": "loss"},
        {"name": "threshold", "value": "NaN"},
        {"name": "window", "value": -0.5},
    ],
    "symptoms": ["exploding-gradients", "loss-spike"],
    "causes": [
        {
            "code": "learning-rate-too-high",
            "confidence": 0.75,
            "evidence_for": ["die Rate ist 0.1"],
            "evidence_against": ["keine"],
            "remedy": "lower it",
        },
        {"code": "unstable-gradients", "confidence": 0.125, "remedy": "clip"},
    ],
    "missing_evidence": ["layers"],
    "stop_recommended": True,
    "last_healthy_step": 1199,
    "best_epoch": 2.0,
}

_ALERT_BARE: dict[str, Any] = {
    "id": "a",
    "run_id": "run-1",
    "attempt": 1,
    "detector": "silent-run",
    "summary": "",
    "opened_at": NOON,
    "updated_at": NOON,
}

_BEST_EPOCH = {"action": "GO_BACK_TO_EPOCH", "epoch": 2.5, "reason": "BEST_VALIDATION_LOSS"}

_VECTORS: list[tuple[str, str, str, dict[str, Any], Optional[dict[str, Any]]]] = [
    ("run-started-bare", _EVENT, "A registration that says nothing.", _event("RunStarted", {}), None),
    (
        "run-started-full",
        _EVENT,
        "A registration with every field, in many scripts.",
        _event("RunStarted", _STARTED, run_id="größe-训练-🚀", attempt=2_147_483_647),
        None,
    ),
    ("epoch-bare", _EVENT, "An epoch with nothing but its number.", _event("EpochCompleted", {"epoch": 0.0}), None),
    ("epoch-by-step", _EVENT, "An evaluation that knows only the step.", _event("EpochCompleted", {"step": 0}), None),
    (
        "epoch-full",
        _EVENT,
        "An evaluation with every field.",
        _event(
            "EpochCompleted",
            {
                "epoch": 2.5,
                "step": 9_007_199_254_740_992,
                "train_loss": -0.25,
                "validation_loss": 1e-308,
                "train_accuracy": 0.5,
                "validation_accuracy": 99.5,
                "learning_rate": 0.0,
                "gradient_norm": 1e308,
                "metrics": {"bleu": 33.3, "потеря": -1.0},
            },
        ),
        None,
    ),
    (
        "epoch-non-finite",
        _EVENT,
        "NaN and the infinities are values like others.",
        _event(
            "EpochCompleted",
            {
                "epoch": 1.0,
                "train_loss": "NaN",
                "validation_loss": "Infinity",
                "gradient_norm": "Infinity",
                "metrics": {"log_likelihood": "-Infinity", "f1": "NaN"},
            },
        ),
        None,
    ),
    (
        "steps-one-bare",
        _EVENT,
        "One step that says only its number.",
        _event("GradientNorms", {"steps": [{"step": 0}]}),
        None,
    ),
    (
        "steps-batch",
        _EVENT,
        "Three steps: one with all there is, one with a part, one with nothing.",
        _event(
            "GradientNorms",
            {
                "steps": [
                    {
                        "step": 41,
                        "epoch": 0.5,
                        "event_time": NOON - 2,
                        "loss": 2.3,
                        "gradient_norm": 1.1,
                        "learning_rate": 0.001,
                        "layers": [
                            {
                                "name": "слой",
                                "gradient_norm": 0.5,
                                "zero_fraction": 1.0,
                                "weight_norm": 3.0,
                                "update_norm": 0.0,
                            },
                            {"name": "b"},
                        ],
                    },
                    {"step": 42, "event_time": NOON - 1, "loss": 2.25},
                    {"step": 43},
                ]
            },
        ),
        None,
    ),
    (
        "steps-non-finite",
        _EVENT,
        "A step in which everything blew up.",
        _event(
            "GradientNorms",
            {
                "steps": [
                    {
                        "step": 7,
                        "loss": "-Infinity",
                        "gradient_norm": "NaN",
                        "learning_rate": "NaN",
                        "layers": [
                            {"name": "a", "gradient_norm": "Infinity", "zero_fraction": "NaN", "weight_norm": "NaN"},
                        ],
                    }
                ]
            },
        ),
        None,
    ),
    (
        "steps-300-layers",
        _EVENT,
        "Two steps of 300 layers each.",
        _event("GradientNorms", {"steps": [{"step": i, "loss": 1.5, "layers": _LAYERS} for i in (10, 20)]}),
        None,
    ),
    (
        "run-started-findings",
        _EVENT,
        "A registration with what the publisher saw wrong by itself, and how its framework numbers epochs.",
        _event(
            "RunStarted",
            {"name": "n", "findings": ["parameters-not-in-optimizer", "no-gradient"], "epoch_numbering": "from-1"},
        ),
        None,
    ),
    (
        "steps-metrics-and-ranks",
        _EVENT,
        "Steps with metrics of their own, and with how the ranks differ.",
        _event(
            "GradientNorms",
            {
                "steps": [
                    {
                        "step": 5,
                        "metrics": {"reward": -0.5, "потеря": "NaN"},
                        "rank_norms": {"min": 0.0, "max": 7.5, "rank": 300},
                    },
                    {"step": 6, "rank_norms": {"min": 1.0, "max": "NaN", "rank": 0}},
                ]
            },
        ),
        None,
    ),
    ("heartbeat-bare", _EVENT, "A sign of life.", _event("Heartbeat", {}), None),
    (
        "heartbeat-full",
        _EVENT,
        "A sign of life that says what it does.",
        _event("Heartbeat", {"step": 5, "status": "evaluiere große Menge"}),
        None,
    ),
    ("run-finished-bare", _EVENT, "An end of which nothing is known.", _event("RunFinished", {}), None),
    *[
        (
            f"run-finished-{outcome.lower()}",
            _EVENT,
            f"An end that was {outcome.lower()}.",
            _event("RunFinished", {"outcome": outcome, "reason": "weil 因为"}),
            None,
        )
        for outcome in ("COMPLETED", "FAILED", "CANCELLED", "STOPPED")
    ],
    ("alert-bare", _ALERT, "An alert with nothing optional in it.", _ALERT_BARE, None),
    ("alert-full", _ALERT, "An alert with every field.", _ALERT_FULL, None),
    (
        "alert-superseded",
        _ALERT_2,
        "An alert that took one over, was taken over itself, and says where to go back to.",
        {
            **{name: value for name, value in _ALERT_FULL.items() if name != "stop_recommended"},
            "state": "SUPERSEDED",
            "recovery": {"action": "GO_BACK_TO_STEP", "step": 1199, "reason": "LOWEST_LOSS"},
            "superseded_by": "fedcba9876543210",
            "supersedes": ["00", "größe"],
        },
        None,
    ),
    (
        "alert-best-epoch",
        _ALERT_2,
        "An alert that says which epoch to go back to.",
        {**_ALERT_BARE, "best_epoch": 2.5, "recovery": _BEST_EPOCH},
        None,
    ),
    (
        "alert-unknown-recovery",
        _ALERT_2,
        "An alert of a run that told too little to say how to go on.",
        {**_ALERT_BARE, "recovery": {}},
        None,
    ),
    (
        "run-status-bare",
        _STATUS,
        "A status with nothing optional in it.",
        {"run_id": "run-1", "attempt": 1, "updated_at": NOON},
        None,
    ),
    (
        "run-status-full",
        _STATUS,
        "A status with an open alert.",
        {
            "run_id": "run-1",
            "attempt": 2,
            "phase": "SILENT",
            "run_name": "größe 训练",
            "updated_at": NOON,
            "step": 12,
            "epoch": 0.5,
            "train_loss": "NaN",
            "open_alerts": [{"id": "a", "detector": "silent-run", "severity": "WARNING", "opened_step": 11}],
        },
        None,
    ),
    (
        "run-status-held-back",
        _STATUS_2,
        "A status of a run that has had its share of alerts.",
        {"run_id": "run-1", "attempt": 1, "updated_at": NOON, "alerts_held_back": 12},
        None,
    ),
    (
        "next-run-started",
        "next/training-event",
        "A publisher of a later version says more of its run than this one knows.",
        _event("RunStarted", {"name": "n", "precision": "bf16", "tags": {"node": "gpu-12"}}),
        _event("RunStarted", {"name": "n", "tags": {"node": "gpu-12"}}),
    ),
    (
        "next-steps",
        "next/training-event",
        "A publisher of a later version measures more in a step.",
        _event("GradientNorms", {"steps": [{"step": 1, "loss": "NaN", "throughput": 812.5}, {"step": 2}]}),
        _event("GradientNorms", {"steps": [{"step": 1, "loss": "NaN"}, {"step": 2}]}),
    ),
    (
        "next-run-finished",
        "next/training-event",
        "A publisher of a later version ends in a way that this one does not know.",
        _event("RunFinished", {"outcome": "PREEMPTED", "reason": "capacity"}),
        _event("RunFinished", {"reason": "capacity"}),
    ),
    (
        "next-alert",
        "next/alert",
        "A service of a later version says more, in a state and of a severity that this one does not know.",
        {
            **_ALERT_BARE,
            "state": "MUTED",
            "severity": "EMERGENCY",
            "incident": "i-1",
            "stop_recommended": True,
            "recovery": {"action": "SWAP_THE_NODE", "step": 7, "reason": "NODE_TOO_HOT"},
        },
        {**_ALERT_BARE, "stop_recommended": True, "recovery": {"step": 7}},
    ),
]


def _of_first_version() -> list[tuple[str, str, str, dict[str, Any], Optional[dict[str, Any]]]]:
    """Some that are written with the first version of the contract, whose publishers are still there."""
    chosen = ("run-started-full", "epoch-full", "steps-batch", "heartbeat-full", "run-finished-completed")
    return [
        (f"v1-{name}", "training-event/v1", f"By the first version of the contract: {sentence}", value, read)
        for name, _, sentence, value, read in _VECTORS
        if name in chosen
    ]


def _next_event(schema: dict[str, Any]) -> None:
    branches = {branch["name"]: branch for branch in _field(schema, "event")["type"]}
    branches["RunStarted"]["fields"].insert(3, _added("precision", "string"))
    step = _field(branches["GradientNorms"], "steps")["type"]["items"]
    step["fields"].insert(2, _added("throughput", "double"))
    _field(branches["RunFinished"], "outcome")["type"]["symbols"].append("PREEMPTED")
    later = _added("watts", "double")
    power = {"type": "record", "name": "PowerDrawn", "doc": later["doc"], "fields": [later]}
    _field(schema, "event")["type"].append(power)


def _next_alert(schema: dict[str, Any]) -> None:
    _field(schema, "state")["type"]["symbols"].append("MUTED")
    _field(schema, "severity")["type"]["symbols"].append("EMERGENCY")
    recovery = _field(schema, "recovery")["type"][1]
    _field(recovery, "action")["type"]["symbols"].append("SWAP_THE_NODE")
    _field(recovery, "reason")["type"]["symbols"].append("NODE_TOO_HOT")
    schema["fields"].append(_added("incident", "string"))


def _field(schema: dict[str, Any], name: str) -> dict[str, Any]:
    field: dict[str, Any] = next(f for f in schema["fields"] if f["name"] == name)
    return field


def _added(name: str, kind: str) -> dict[str, Any]:
    return copy.deepcopy(
        {"name": name, "type": ["null", kind], "default": None, "doc": "Of a version that is not there yet."}
    )
