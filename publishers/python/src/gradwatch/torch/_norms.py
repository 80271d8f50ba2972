"""What is measured in a step: computed where the parameters live, with as few and as small operations as will do.

Gradient norms are exact. Zero fraction, weight norm and update norm of a tensor with more entries than ``SAMPLE`` come from that many of
them, spread evenly: within about half a percent for usual weights, in a bounded amount of memory. Without the bound, the copy of the
weights that an update norm needs would be as large as the model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, Optional

import torch

from gradwatch import LayerNorms
from gradwatch.torch._layers import Layout
from gradwatch.torch._sharding import Shards, local

SAMPLE = 1 << 17
"""The most entries of a tensor that are looked at, except for its gradient norm."""

_RUN = 64
"""Neighbours that are sampled together: whole cache lines."""


class Reading(NamedTuple):
    """The numbers of one step, a row for each parameter: still on the device, as one tensor."""

    numbers: torch.Tensor
    """Rows: gradient norms, non-zero gradient entries, weight norms, update norms. The first alone where layers are not wanted."""
    entries: Optional[Sequence[float]]
    """Of each parameter. ``None`` in a sharded model: there these are the last row of the numbers, and the last column is how many ranks
    could not measure."""


class Meter:
    """Measures the parameters of a layout, twice a step: before the update, and after it. Holds a sample of the weights in between."""

    def __init__(self, layout: Layout, *, layers: bool, exact: bool, shards: Optional[Shards]) -> None:
        self.layout = layout
        self._layers = layers
        self._most = None if exact else SAMPLE
        self._shards = shards
        self._device = local(layout.parameters[0]).device
        self._one_device = all(local(p).device == self._device for p in layout.parameters)
        self._none = torch.zeros((), device=self._device)
        self._before: list[torch.Tensor] = []
        self._rows: list[torch.Tensor] = []
        self._entries: list[float] = []

    @torch.no_grad()
    def before_update(self, scale: Optional[torch.Tensor] = None) -> bool:
        """Measures gradients and weights as they are now; ``scale`` is what the gradients are still multiplied by.

        Whether there was anything to measure: engines such as DeepSpeed keep gradients elsewhere, and none at all is not zero.
        """
        gradients = [_gradient(p) for p in self.layout.parameters]
        if self._shards is None and all(gradient is None for gradient in gradients):
            return False
        # Unscaled in double precision: a scaled norm may overflow where the true one does not.
        norms = self._row(_norms(gradients, self._none))
        self._rows = [norms if scale is None else norms.to(torch.float64) / scale.to(norms.device, torch.float64)]
        if not self._layers:
            return True
        self._entries = [float(local(p).numel()) for p in self.layout.parameters]
        self._rows.append(self._nonzero(gradients))
        weights = self._weights()
        if [b.shape for b in self._before] != [w.shape for w in weights]:
            self._before = [torch.empty_like(w, memory_format=torch.contiguous_format) for w in weights]
        torch._foreach_copy_(self._before, weights)
        self._rows.append(self._scaled(_norms(self._before, self._none)))
        return True

    @torch.no_grad()
    def after_update(self, updated: bool = True) -> Reading:
        """What the update has changed, and with it all that was measured in this step. Collective in a sharded model."""
        if self._layers:
            if updated:
                torch._foreach_sub_(self._before, self._weights())
                self._rows.append(self._scaled(_norms(self._before, self._none)))
            else:
                self._rows.append(torch.zeros_like(self._rows[-1]))
        rows, self._rows = self._rows, []
        if self._shards is not None:
            return self._over_all_ranks(rows)
        return Reading(torch.stack(_alike(rows)), self._entries)

    def forget(self) -> None:
        """Gives the memory back, as after a failure."""
        self._before, self._rows = [], []

    def missed(self) -> Optional[Reading]:
        """For a rank that failed: takes part in the sum all the same, so that the others do not wait for ever."""
        if self._shards is None:
            return None
        rows = 4 if self._layers else 1
        return self._over_all_ranks(
            [torch.zeros(len(self.layout.parameters), device=self._device)] * rows, missing=True
        )

    def _over_all_ranks(self, rows: list[torch.Tensor], *, missing: bool = False) -> Reading:
        assert self._shards is not None
        wide = [row.to(torch.float64) for row in rows]
        if not self._layers:
            return Reading(self._shards.total(wide[0].square().unsqueeze(0), missing=missing).sqrt(), None)
        entries = [float(local(p).numel()) for p in self.layout.parameters]
        here = torch.tensor(entries, dtype=torch.float64, device=self._device)
        sums = self._shards.total(
            torch.stack([wide[0] ** 2, wide[1], wide[2] ** 2, wide[3] ** 2, here]), missing=missing
        )
        return Reading(torch.cat([sums[:1].sqrt(), sums[1:2], sums[2:4].sqrt(), sums[4:]]), None)

    def _weights(self) -> list[torch.Tensor]:
        return [_sample(local(p), self._most) for p in self.layout.parameters]

    def _nonzero(self, gradients: list[Optional[torch.Tensor]]) -> torch.Tensor:
        counts = []
        for gradient in gradients:
            if gradient is None:
                counts.append(self._none)
                continue
            seen = _sample(gradient, self._most)
            count = torch.count_nonzero(seen)
            counts.append(count if seen.numel() == gradient.numel() else count * (gradient.numel() / seen.numel()))
        return self._row(counts)

    def _scaled(self, norms: list[torch.Tensor]) -> torch.Tensor:
        """Norms of samples to norms of the whole."""
        for i, (view, entries) in enumerate(zip(self._before, self._entries)):
            if view.numel() != entries:
                norms[i] = norms[i] * math.sqrt(entries / view.numel())
        return self._row(norms)

    def _row(self, scalars: list[torch.Tensor]) -> torch.Tensor:
        if not self._one_device:
            scalars = [scalar.to(self._device, non_blocking=True) for scalar in scalars]
        return torch.stack(_alike(scalars))


def combine(
    layout: Layout, numbers: Sequence[Sequence[float]], entries: Optional[Sequence[float]]
) -> tuple[Optional[float], list[LayerNorms]]:
    """From numbers per parameter, on the host, to the global gradient norm and those of each layer."""
    gradients = numbers[0]
    if len(gradients) > len(layout.parameters):
        if gradients[-1] != 0:
            return None, []
        gradients = gradients[:-1]
    overall = math.sqrt(sum(norm * norm for norm in gradients))
    if len(numbers) == 1:
        return overall, []
    sizes = numbers[4] if entries is None else entries
    sums = [[0.0, 0.0, 0.0, 0.0, 0.0] for _ in layout.names]
    for owner, gradient, nonzero, weight, update, size in zip(
        layout.owners, gradients, numbers[1], numbers[2], numbers[3], sizes
    ):
        row = sums[owner]
        row[0] += gradient * gradient
        row[1] += size - nonzero
        row[2] += weight * weight
        row[3] += update * update
        row[4] += size
    return overall, [
        LayerNorms(
            name,
            math.sqrt(gradient),
            min(1.0, max(0.0, zeros / size)) if size else None,
            math.sqrt(weight),
            math.sqrt(update),
        )
        for name, (gradient, zeros, weight, update, size) in zip(layout.names, sums)
    ]


def _gradient(parameter: torch.Tensor) -> Optional[torch.Tensor]:
    gradient = parameter.grad
    if gradient is None:
        return None
    if gradient.is_sparse:
        return gradient.coalesce().values()
    return local(gradient)


def _norms(tensors: Sequence[Optional[torch.Tensor]], none: torch.Tensor) -> list[torch.Tensor]:
    """L2 norms, each a scalar; of what is not there, 0. Half precision is summed up in single."""
    present = [t for t in tensors if t is not None]
    if all(t.dtype is torch.float32 or t.dtype is torch.float64 for t in present):
        norms = list(torch._foreach_norm(present)) if present else []
    else:
        norms = [torch.linalg.vector_norm(t, dtype=torch.float32 if t.dtype.itemsize < 4 else None) for t in present]
    if len(present) == len(tensors):
        return norms
    remaining = iter(norms)
    return [none if t is None else next(remaining) for t in tensors]


def _sample(tensor: torch.Tensor, most: Optional[int]) -> torch.Tensor:
    """At most so many entries, in short runs spread evenly; all of them where there are no more."""
    if most is None or tensor.numel() <= most:
        return tensor
    # In whatever order the entries lie: what is measured here does not depend on it.
    flat = tensor if tensor.is_contiguous() or _is_dense(tensor) else tensor.contiguous()
    runs = most // _RUN
    apart = tensor.numel() // runs
    # Odd, so that the runs do not fall on the same few columns of every row.
    apart -= 1 - apart % 2
    return flat.as_strided((runs, _RUN), (apart, 1), flat.storage_offset())


def _is_dense(tensor: torch.Tensor) -> bool:
    """Whether its entries fill one stretch of memory, in whatever order."""
    expected = 1
    for stride, size in sorted((stride, size) for stride, size in zip(tensor.stride(), tensor.shape) if size > 1):
        if stride != expected:
            return False
        expected *= size
    return True


def _alike(tensors: list[torch.Tensor]) -> list[torch.Tensor]:
    """In one type, which ``stack`` demands on older releases."""
    first = tensors[0].dtype
    if all(t.dtype is first for t in tensors):
        return tensors
    widest = torch.float64 if any(t.dtype is torch.float64 for t in tensors) else torch.float32
    return [t.to(widest) for t in tensors]
