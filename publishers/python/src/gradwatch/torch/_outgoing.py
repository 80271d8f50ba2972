"""Steps between the optimizer and the run: held back for their loss, for the next measured step, and for the device."""

from __future__ import annotations

from collections import deque
from time import time
from typing import Callable, Optional

import torch

from gradwatch import LayerNorms
from gradwatch.torch._backlog import Batch, Said, Scalar, Step, plain
from gradwatch.torch._layers import Layout
from gradwatch.torch._norms import Reading, combine

LONGEST_WAIT = 0.5
"""Seconds after which a step that was not measured is published at its end, instead of together with the next measured one."""


class Outgoing:
    """Collects steps, and says them in order once their numbers have arrived. Only ``flush`` waits for an accelerator.

    ``say`` is given each step with its layers. ``loss_comes_after`` is whether the loop tells losses after the step; found out where
    ``None``. With ``mean``, several losses of a step are averaged, else added up.
    """

    def __init__(
        self, say: Callable[[Said, list[LayerNorms]], None], *, mean: bool, loss_comes_after: Optional[bool]
    ) -> None:
        self.awaits_loss = False
        """Whether the last step is held back for its loss, in a loop that tells it after the step."""
        self._say = say
        self._mean = mean
        self._loss_comes_after = loss_comes_after
        self._losses: list[Scalar] = []
        self._steps: list[Step] = []
        self._reading: Optional[Reading] = None
        self._layout: Optional[Layout] = None
        self._released = time()
        self._batches: deque[Batch] = deque()
        self._loss_sum = 0.0
        self._loss_count = 0

    def take_loss(self, loss: object) -> None:
        """A loss of the step that awaits one, else of the step that comes."""
        if self.awaits_loss:
            self._steps[-1].losses.append(plain(loss))
            self.stop_waiting()
        else:
            self._losses.append(plain(loss))

    def take_result(self, result: object) -> None:
        """What a closure returned: the loss, where none was told or will be."""
        if isinstance(result, torch.Tensor) and not self._losses and not self._loss_comes_after:
            self._losses.append(plain(result))

    def take_losses(self) -> list[Scalar]:
        """The losses that were told for the step that now ends."""
        losses, self._losses = self._losses, []
        return losses

    def add(self, step: Step, reading: Optional[Reading], layout: Layout, *, due: bool, hurry: bool) -> None:
        """A step ended; ``due`` is whether it was to be measured, ``hurry`` whether it cannot wait for its loss."""
        self._steps.append(step)
        self._layout = layout
        if reading is not None:
            self._reading = reading
        if self._loss_comes_after is None:
            self._loss_comes_after = not step.losses
        self.awaits_loss = self._loss_comes_after and not step.losses
        if hurry or (not self.awaits_loss and (due or step.ended - self._released > LONGEST_WAIT)):
            self.awaits_loss = False
            self._release()

    def stop_waiting(self) -> None:
        """The last step has its loss, or will never have it."""
        if self.awaits_loss:
            self.awaits_loss = False
            if self._reading is not None or self._steps[-1].ended - self._released > LONGEST_WAIT:
                self._release()
        if self._batches:
            self._drain()

    def flush(self) -> None:
        """Says every step, waiting for the accelerator where it must."""
        self.awaits_loss = False
        self._release()
        self._drain(wait=True)

    def take_mean_loss(self) -> Optional[float]:
        """The mean of the losses that were said since the last call."""
        mean = self._loss_sum / self._loss_count if self._loss_count else None
        self._loss_sum, self._loss_count = 0.0, 0
        return mean

    def _release(self) -> None:
        steps, self._steps = self._steps, []
        reading, self._reading = self._reading, None
        if steps:
            assert self._layout is not None
            self._released = steps[-1].ended
            self._batches.append(Batch(steps, reading, self._layout, mean=self._mean))
            self._drain()

    def _drain(self, wait: bool = False) -> None:
        while self._batches and (wait or self._batches[0].has_arrived()):
            self._publish(self._batches.popleft())

    def _publish(self, batch: Batch) -> None:
        steps, numbers = batch.read()
        for said in steps:
            layers: list[LayerNorms] = []
            if numbers is not None and said is steps[-1]:
                assert batch.reading is not None
                norm, layers = combine(batch.layout, numbers, batch.reading.sizes)
                said = said._replace(norm=norm)
            if said.loss is not None:
                self._loss_sum += said.loss
                self._loss_count += 1
            self._say(said, layers)
