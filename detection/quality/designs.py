"""What a design is, and the list that the scenario files fill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Union

from shapes import Curves
from training import Plan, Problem


@dataclass(frozen=True)
class Recorded:
    """A run that a design trained with a loop of its own."""

    registration: dict[str, Any]
    records: list[dict[str, Any]]


Made = Union[tuple[Problem, Plan], Recorded]


@dataclass(frozen=True)
class Design:
    """One way to make a run, with what must be said of it. `shows` tells from the curves whether it came out as meant."""

    name: str
    part: str
    expected: dict[str, Any]
    make: Callable[[int], Made]
    shows: Callable[[Curves], bool]
    task: str


ALL: list[Design] = []


def healthy(name: str, part: str, shows: Callable[[Curves], bool]) -> Callable[[Callable[[int], Made]], Callable[[int], Made]]:
    """Registers a design that has no fault."""
    return _register("h-" + name, part, {"healthy": True}, shows)


def faulty(
    name: str, part: str, detectors: str, causes: str, shows: Callable[[Curves], bool]
) -> Callable[[Callable[[int], Made]], Callable[[int], Made]]:
    """Registers a design with a fault: the detectors that rightly name it and the causes that are right."""
    expected = {"detectors": detectors.split(), "causes": causes.split()}
    return _register("f-" + name, part, expected, shows)


def _register(
    name: str, part: str, expected: dict[str, Any], shows: Callable[[Curves], bool]
) -> Callable[[Callable[[int], Made]], Callable[[int], Made]]:
    if part not in ("tune", "check", "arguable") or any(d.name == name for d in ALL):
        raise ValueError(f"design {name}: part {part!r} is not one of tune, check, arguable, or the name is taken")

    def add(make: Callable[[int], Made]) -> Callable[[int], Made]:
        ALL.append(Design(name, part, expected, make, shows, (make.__doc__ or name).strip().rstrip(".")))
        return make

    return add
