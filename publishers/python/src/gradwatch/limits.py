"""What an event may carry at most, and the ranges of its numbers: read from ``limits.json``, which the service's own tests hold against it.

What is over a limit is cut here, with one line in the log for each kind, because the service refuses a whole record for it.
"""

import json
from collections.abc import Iterable, Mapping
from importlib import resources
from itertools import islice
from typing import Any, TypeVar

from gradwatch._notices import Notices

T = TypeVar("T")

_LIMITS: "Mapping[str, Any]" = json.loads((resources.files("gradwatch") / "limits.json").read_text(encoding="utf-8"))

RUN_ID_LENGTH: int = _LIMITS["run_id_length"]
"""UTF-16 units in the id of a run."""
TEXT_LENGTH: int = _LIMITS["text_length"]
"""UTF-16 units in any other text."""
STEPS: int = _LIMITS["steps"]
"""Steps in one record."""
LAYERS: int = _LIMITS["layers"]
"""Layers in a registration, and in a step."""
NAMES: int = _LIMITS["names"]
"""Names in a list, such as ``stop_on``."""
TAGS: int = _LIMITS["tags"]
"""Tags of a run."""
METRICS: int = _LIMITS["metrics"]
"""Metrics of an epoch, and of a step."""
HIGHEST_ACCURACY: float = _LIMITS["accuracy"]["most"]
"""In percent, with room for what single precision makes of 100."""
HIGHEST_STEP: int = _LIMITS["step"]["most"]
"""2**53: above it a recorded run, whose numbers are JSON, could not tell two neighbours apart."""


def least(field: str) -> int:
    """The smallest value of a whole number of the contract, such as ``classes``."""
    value: int = _LIMITS[field]["least"]
    return value


def first(what: str, items: "Iterable[T]", most: int) -> "list[T]":
    """The first ``most`` of these, with a note where there are more."""
    kept = list(islice(items, most + 1))
    if len(kept) > most:
        del kept[most:]
        note(what, f"more than {most} entries")
    return kept


def note(what: str, found: str) -> None:
    """Says, once for each kind, that something is more than an event carries."""
    Notices.shared.warn(
        f"limit-{what}", f"{what}: {found}, more than an event carries; what is over the limit is left out"
    )
