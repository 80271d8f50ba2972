"""The measuring of one model, whose parameters may be frozen, thawed or spread over ranks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

import torch
from torch import nn

from gradwatch import Layer
from gradwatch.torch._backlog import Scalar, plain
from gradwatch.torch._layers import Layout, layout_of
from gradwatch.torch._norms import SAMPLE, SAMPLE_PER_STEP, Meter, Reading
from gradwatch.torch._sharding import Shards


class Gauge:
    """Measures a model's step in two halves, before and after the update, with a meter for the parameters that learn at the time."""

    def __init__(self, model: nn.Module, *, every: int, layers: bool, max_layers: int, exact: bool) -> None:
        self.measured = False
        """Whether the first half of this step is done."""
        self.layout = Layout([], [], [], [], [])
        self.device = torch.device("cpu")
        """Where the numbers come to be."""
        self._model = model
        self._layers = layers
        self._max_layers = max_layers
        self._most = None if exact else min(SAMPLE, SAMPLE_PER_STEP * every)
        self._meter: Optional[Meter] = None
        self._shards: Optional[Shards] = None
        self._ids: set[int] = set()
        self._clip_norm: Scalar = None
        self._covered: Optional[tuple[int, int, int]] = None

    @property
    def is_sharded(self) -> bool:
        """Whether every rank must take part, also those that publish nothing."""
        return self._shards is not None

    def lay_out(self) -> list[Layer]:
        """Looks at which parameters learn now, and gives the layers of the model."""
        self.layout = layout_of(self._model, self._max_layers)
        parameters = self.layout.parameters
        self._ids = {id(p) for p in parameters}
        self.device = parameters[0].device if parameters else torch.device("cpu")
        self._shards = Shards.of(self._model, parameters)
        self._meter = (
            Meter(self.layout, layers=self._layers, most=self._most, shards=self._shards) if parameters else None
        )
        return self.layout.layers

    def before_update(self, scale: Optional[torch.Tensor]) -> None:
        """The first half; ``scale`` is what the gradients are still multiplied by."""
        capturing = self.device.type == "cuda" and torch.cuda.is_current_stream_capturing()
        if self._meter is not None and not capturing:
            self.measured = self._meter.before_update(scale)

    def after_update(self, updated: bool) -> Optional[Reading]:
        """The second half, and the numbers of both; ``None`` where the first was left out."""
        measured, self.measured = self.measured, False
        if self._meter is None:
            return None
        if measured:
            return self._meter.after_update(updated)
        return self._meter.missed()

    def forget(self) -> None:
        """Leaves a step half measured, and gives the memory back."""
        self.measured = False
        if self._meter is not None:
            self._meter.forget()

    def owns(self, parameters: Iterable[torch.Tensor]) -> bool:
        """Whether one of these is a parameter that is measured."""
        return any(id(p) in self._ids for p in parameters)

    def clipped(self, parameters: list[torch.Tensor], norm: torch.Tensor) -> None:
        """Clipping found this norm of these gradients: that of the step, if they are all there are."""
        if not self.is_sharded and self._covers(parameters):
            self._clip_norm = plain(norm)

    def take_clip_norm(self) -> Scalar:
        """The norm that clipping found in this step, which costs nothing where the step is not measured."""
        norm, self._clip_norm = self._clip_norm, None
        return norm

    def _covers(self, parameters: list[torch.Tensor]) -> bool:
        """Whether these are all that have a gradient. Loops pass the same parameters each time: looked at closely once."""
        known = (len(parameters), id(parameters[0]), id(parameters[-1])) if parameters else (0, 0, 0)
        if known != self._covered:
            passed = {id(p) for p in parameters if p.grad is not None}
            if passed != {id(p) for p in self.layout.parameters if p.grad is not None}:
                return False
            self._covered = known
        return True
