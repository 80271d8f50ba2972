"""Metrics as the trainers of frameworks name them, to the fields of ``Run.epoch``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

_VALIDATION = ("val", "valid", "validation", "eval", "dev")
_TRAINING = ("train", "training")
_LOSS = ("loss",)
_ACCURACY = ("accuracy", "acc")
_COSTS = (
    "runtime",
    "samples_per_second",
    "steps_per_second",
    "model_preparation_time",
    "jit_compilation_time",
    "epoch",
    "step",
)
_LOWER_IS_BETTER = ("loss", "perplexity", "ppl", "error", "mse", "rmse", "mae", "wer", "cer", "bpc", "nll")


def sorted_out(metrics: Mapping[str, Any], *, default: str = "") -> dict[str, Any]:
    """Losses and accuracies under the names of ``Run.epoch``, everything else that is a number under ``metrics``.

    ``default`` is the prefix, such as ``train_``, of a name that has none.
    """
    said: dict[str, Any] = {}
    others: dict[str, float] = {}
    for name, value in metrics.items():
        number = _number(value)
        bare = _bare(name)
        if number is None or bare in _COSTS:
            continue
        field = _field(bare, default)
        if field is None or (field.endswith("accuracy") and not 0 <= number <= 100):
            others[name] = number
        else:
            # The same under two names, as Lightning has it, is said once.
            said.setdefault(field, number)
    if others:
        said["metrics"] = others
    return said


def lower_is_better(metrics: Mapping[str, Any]) -> list[str]:
    """Those of these metrics that are known to be better when lower."""
    return [
        name for name in metrics if any(part in _LOWER_IS_BETTER for part in name.lower().replace("/", "_").split("_"))
    ]


def _field(bare: str, default: str) -> Any:
    for prefixes, kind in ((_VALIDATION, "validation"), (_TRAINING, "train")):
        for prefix in prefixes:
            if bare in [f"{prefix}_{name}" for name in _LOSS]:
                return f"{kind}_loss"
            if bare in [f"{prefix}_{name}" for name in _ACCURACY]:
                return f"{kind}_accuracy"
    return _field(default + bare, "") if default and bare in (*_LOSS, *_ACCURACY) else None


def _bare(name: str) -> str:
    """As ``val_loss``, however it was written: ``val/loss``, ``Val-Loss``, ``val_loss_epoch``."""
    bare = name.lower().replace("/", "_").replace("-", "_").replace(".", "_")
    for ending in ("_epoch", "_dataloader_idx_0"):
        bare = bare[: -len(ending)] if bare.endswith(ending) else bare
    for prefix in _VALIDATION:
        if bare.startswith(prefix + "_") and bare[len(prefix) + 1 :] in _COSTS:
            return bare[len(prefix) + 1 :]
    return bare


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, RuntimeError):
        return None
    return number if math.isfinite(number) or not isinstance(value, str) else None
