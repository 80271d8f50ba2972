"""How far a run came: what a checkpoint must hold for the next attempt to go on from there."""

import math
from collections.abc import Mapping
from typing import Any, Optional

from gradwatch import _values as values


class Place:
    """The next step and epoch of a run, and its best evaluation so far. Written by the threads that speak for the run."""

    def __init__(self) -> None:
        self.next_step = 0
        self.next_epoch = 0
        self.best: Optional[dict[str, Any]] = None

    def step_ended(self, step: int) -> None:
        """The step of this number is done."""
        self.next_step = step + 1

    def epoch_ended(self, epoch: Optional[float], step: Optional[int], validation_loss: Optional[float]) -> None:
        """An epoch or an evaluation is done."""
        if epoch is not None:
            self.next_epoch = int(epoch) + 1
        if validation_loss is None or not math.isfinite(validation_loss):
            return
        if self.best is None or validation_loss < self.best["validation_loss"]:
            self.best = {"validation_loss": validation_loss, "epoch": epoch, "step": step}

    def state(self) -> "dict[str, Any]":
        """In plain values, for a checkpoint."""
        return {
            "step": self.next_step,
            "epoch": self.next_epoch,
            "best": None if self.best is None else dict(self.best),
        }

    def restore(self, state: "Mapping[str, Any]") -> None:
        """Goes on from what ``state`` gave. A checkpoint of an earlier version holds less, which leaves that part as it was."""
        if state.get("step") is not None:
            self.next_step = values.count(state["step"])
        if state.get("epoch") is not None:
            self.next_epoch = values.count(state["epoch"])
        best = state.get("best")
        if isinstance(best, Mapping) and best.get("validation_loss") is not None:
            self.best = {
                "validation_loss": values.number(best["validation_loss"]),
                "epoch": values.optional(best.get("epoch"), values.position),
                "step": values.optional(best.get("step"), values.count),
            }
