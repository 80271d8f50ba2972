"""Reads what a run recorded to a file, for tests of the framework modules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple


class RecordedRun(NamedTuple):
    """The runs of a file, one after the other."""

    headers: list[dict[str, Any]]
    records: list[dict[str, Any]]

    @property
    def registration(self) -> dict[str, Any]:
        """What the last attempt said of itself."""
        fields: dict[str, Any] = self.headers[-1]["run"]
        return fields

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        return [record for record in self.records if record["type"] == kind]

    @property
    def steps(self) -> list[dict[str, Any]]:
        return self.of_type("step")

    @property
    def measured(self) -> list[dict[str, Any]]:
        return [step for step in self.steps if step.get("layers")]

    def layers(self, step: int) -> dict[str, dict[str, Any]]:
        found = next(s for s in self.steps if s["step"] == step)
        return {layer["name"]: layer for layer in found["layers"]}


def read(path: Path) -> RecordedRun:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return RecordedRun([line for line in lines if "run" in line], [line for line in lines if "type" in line])
