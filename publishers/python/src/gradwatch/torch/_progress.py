"""Where a training is: its steps and epochs, and which step is measured."""

from __future__ import annotations

from typing import Optional

import torch

from gradwatch.torch._found import steps_done

FIRST_STEPS = 5
"""Measured whatever ``every`` says, so that a start that goes wrong shows at once."""


class Progress:
    """Counts the steps of one optimizer, from ``first_step`` or from what it did before."""

    def __init__(
        self, optimizer: torch.optim.Optimizer, first_step: Optional[int], every: int, epochs: int = 0
    ) -> None:
        self.next_step = steps_done(optimizer) if first_step is None else int(first_step)
        self.due = True
        """Whether the step that comes is measured."""
        self.epoch: Optional[float] = None
        """The place of the next steps, where the loop tells it."""
        self._every = every
        self._first = self.next_step
        self._counted = first_step is not None
        self.epochs = epochs
        """The number of the epoch that comes, where the loop does not tell it."""

    @property
    def last_step(self) -> int:
        """The number of the step that ended last; 0 before any."""
        return max(0, self.next_step - 1)

    def begin_step(self, optimizer: torch.optim.Optimizer) -> bool:
        """Whether this is a first step that goes on from a checkpoint: its state may have been loaded after the watch began."""
        if self._counted:
            return False
        self._counted = True
        before, self.next_step = self.next_step, steps_done(optimizer)
        self._first = self.next_step
        return self.next_step != before

    def end_step(self) -> None:
        """Goes on to the next step."""
        self.next_step += 1
        self.due = self.next_step - self._first < FIRST_STEPS or self.next_step % self._every == 0

    def end_epoch(self, epoch: Optional[float]) -> float:
        """The place of an epoch that ended: counts by itself where ``epoch`` is not given."""
        at = float(self.epochs) if epoch is None else epoch
        self.epochs = int(at) + 1
        return at

    def place(self, epoch: Optional[float]) -> float:
        """Of a step, in epochs since the start, where ``epoch`` was the place at the time."""
        return float(self.epochs) if epoch is None else epoch
