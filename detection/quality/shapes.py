"""Reads the curves of a finished run and says how it went, without any of the product's rules."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Optional

import numpy as np


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


def settled(values: np.ndarray, window: Optional[int] = None) -> np.ndarray:
    """Running median over a twentieth of the curve."""
    if len(values) < 3:
        return values
    w = window or max(3, len(values) // 20)
    w = min(w, len(values))
    return np.array([np.median(values[max(0, i - w + 1) : i + 1]) for i in range(w - 1, len(values))])


class Curves:
    """The curves of one run; step losses where there are any, else epoch losses."""

    def __init__(self, records: list[dict[str, Any]]) -> None:
        steps = [r for r in records if r["type"] == "step"]
        epochs = [r for r in records if r["type"] == "epoch"]
        self.steps = np.array([_number(r.get("loss")) for r in steps])
        self.norms = np.array([_number(r.get("grad_norm")) for r in steps])
        self.train = np.array([_number(r.get("train_loss")) for r in epochs])
        self.valid = np.array([_number(r["val_loss"]) for r in epochs if "val_loss" in r])
        self.valid_hits = np.array([_number(r["val_accuracy"]) for r in epochs if "val_accuracy" in r])
        self.train_hits = np.array([_number(r["train_accuracy"]) for r in epochs if "train_accuracy" in r])
        self.layers = [r["layers"] for r in steps if "layers" in r]
        self.loss = self.steps if len(self.steps) else self.train

    @property
    def start(self) -> float:
        """Median of the first three losses."""
        return float(np.median(self.loss[:3]))

    @property
    def smooth(self) -> np.ndarray:
        """The loss without its noise."""
        return settled(self.loss)

    @property
    def end(self) -> float:
        """Median loss of the last twentieth."""
        return float(self.smooth[-1])

    @property
    def gain(self) -> float:
        """Share of the start loss that was gained at the end; negative when lost."""
        return (self.start - self.end) / abs(self.start)

    @property
    def finite(self) -> bool:
        """Whether every loss is a number."""
        return bool(np.isfinite(self.loss).all())

    def complaints(self) -> list[str]:
        """
        What an engineer watching would want to be told. Rising validation loss is no complaint while the accuracy stays above
        95 % and within a point of its best: the model only grows more certain of its few errors.
        """
        said = []
        if not self.finite:
            return ["not finite"]
        smooth = settled(self.loss, max(3, len(self.loss) // 10))
        low, end = float(smooth.min()), float(smooth[-1])
        lost = end - low
        if low > 0 and (end >= 2 * low or (end >= 1.25 * low and lost > 0.25 * (self.start - low))):
            said.append(f"diverges {low:.3g}->{end:.3g}")
        fifth = max(1, len(self.loss) // 5)
        if low > 0 and np.median(self.loss[-fifth:]) > 0.97 * np.median(self.loss[:fifth]):
            said.append("never fell")
        if len(self.valid) >= 6 and self.valid.min() > 0:
            best = int(self.valid.argmin())
            rise = float(np.mean(self.valid[-3:])) / float(self.valid.min())
            hits = self.valid_hits / (100 if len(self.valid_hits) and self.valid_hits.max() > 1 else 1)
            easy = len(hits) > 0 and hits[-1] >= 0.95 and hits[-1] >= hits.max() - 0.01
            if rise >= 1.10 and len(self.valid) - best > 3 and not easy:
                said.append(f"overfits x{rise:.2f}")
        if len(self.valid) >= 8 and self.valid[2:].min() > 0.98 * self.valid[0] and self.valid[0] > 0:
            said.append("validation never better")
        return said


Shape = Callable[[Curves], bool]


def sound(gain: float = 0.3) -> Shape:
    """Gained that share of its start loss, with nothing to complain of."""
    return lambda c: not c.complaints() and c.gain >= gain


def calm(c: Curves) -> bool:
    """Finite throughout; its loss is not one that must fall."""
    return c.finite


def stuck(gain: float = 0.05) -> Shape:
    """From its first fifth to its last the loss gained less than that, and it did not blow up."""

    def shows(c: Curves) -> bool:
        fifth = max(1, len(c.loss) // 5)
        first, last = np.median(c.loss[:fifth]), np.median(c.loss[-fifth:])
        return bool(c.finite and -0.1 < (first - last) / abs(first) < gain)

    return shows


def blown(c: Curves) -> bool:
    """Not finite, or ends above its start, or twice its least, or was tenfold its first value early on."""
    if not c.finite:
        return True
    return "diverges" in " ".join(c.complaints()) or c.end > c.start or bool((c.loss[:20] > 10 * c.loss[0]).sum() >= 2)


def overfits(c: Curves) -> bool:
    """Validation ends a tenth or more above its best while the training loss fell on."""
    return any(s.startswith(("overfits", "validation never")) for s in c.complaints()) and c.train[-1] < c.train[0]


def not_finite(c: Curves) -> bool:
    """Some loss or norm is not a number."""
    return not (c.finite and bool(np.isfinite(c.norms).all()))


def swings(share: float = 0.10) -> Shape:
    """Epoch losses turn at least six times, by that share of their level or of a tenth of the start, with no net progress."""

    def shows(c: Curves) -> bool:
        values = c.train if len(c.train) >= 10 else settled(c.loss)
        values = values[len(values) // 3 :]
        if not np.isfinite(values).all():
            return False
        moves = np.diff(values)
        turns = int((moves[1:] * moves[:-1] < 0).sum())
        half = len(values) // 2
        progress = 1 - np.median(values[half:]) / np.median(values[:half])
        level = max(float(np.median(values)), 0.1 * c.start)
        return bool(np.median(np.abs(moves)) >= share * level and turns >= 6 and progress < 0.3)

    return shows


def entropy(share: float) -> float:
    """Binary entropy in nats."""
    return -sum(p * math.log(p) for p in (share, 1 - share) if p > 0)
