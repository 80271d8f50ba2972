"""What is measured in a step: computed where the parameters live, with as few and as small operations as will do.

Gradient norms are exact. Weight norm and update norm of a tensor with more entries than ``SAMPLE`` come from that many of them, spread
evenly, and its zero fraction from four times as many: within about half a percent for usual weights, in a bounded amount of memory. Without
the bound, the copy of the weights that an update norm needs would be as large as the model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, Optional

import torch

from gradwatch import LayerNorms
from gradwatch.torch._layers import Layout
from gradwatch.torch._sharding import Shards, local

SAMPLE = 1 << 16
"""The most weights of a tensor that are looked at; of its gradient entries, four times as many are counted, and all are in its norm."""

SAMPLE_PER_STEP = 1 << 14
"""The same, for each step between two that are measured: who measures at every step looks at fewer."""

_WEIGHTS_RUN = 256
"""Neighbours that are sampled together: long, for what is alike everywhere, because each jump in memory costs as much as many of them."""

_COUNTED_RUN = 32
"""The same for zeros, which come in rows, as in the gradient of an embedding: short, to see many rows."""

_COUNTED = 4
"""Times as many as weights."""


class Reading(NamedTuple):
    """The numbers of one step, still on the device as one tensor."""

    numbers: torch.Tensor
    """Rows: gradient norms, and where layers are wanted norms of weights and updates, then non-zero gradient entries; a column for each
    parameter."""
    sizes: Optional[Sizes]
    """``None`` where the numbers speak for whole tensors, as in a sharded model. There the entries of each parameter are one row more, and
    one column more is how many ranks could not measure."""


class Sizes(NamedTuple):
    """For each parameter, its entries, of how many the norm was taken, and how many were counted."""

    entries: list[float]
    seen: list[float]
    counted: list[float]


class Meter:
    """Measures the parameters of a layout, twice a step: before the update, and after it. Holds a sample of the weights in between."""

    def __init__(self, layout: Layout, *, layers: bool, most: Optional[int], shards: Optional[Shards]) -> None:
        parts = [local(p) for p in layout.parameters]
        self.layout = layout
        self._layers = layers
        self._most = most
        self._shards = shards
        self._device = parts[0].device
        self._one_device = all(part.device == self._device for part in parts)
        self._none = torch.zeros((), device=self._device)
        self._pointers: list[int] = []
        self._weights: list[torch.Tensor] = []
        self._sizes = Sizes([], [], [])
        self._before: list[torch.Tensor] = []
        self._norms: list[torch.Tensor] = []
        self._scale: Optional[torch.Tensor] = None
        self._counts: list[torch.Tensor] = []

    @torch.no_grad()
    def before_update(self, scale: Optional[torch.Tensor] = None) -> bool:
        """Measures gradients and weights as they are now; ``scale`` is what the gradients are still multiplied by.

        Whether there was anything to measure: engines such as DeepSpeed keep gradients elsewhere, and none at all is not zero.
        """
        gradients = [_gradient(p) for p in self.layout.parameters]
        if self._shards is None and all(gradient is None for gradient in gradients):
            return False
        self._norms = _norms(gradients, self._none)
        self._scale = scale
        if self._layers:
            self._find_weights()
            self._counts = self._nonzero(gradients)
            torch._foreach_copy_(self._before, self._weights)
            self._norms += _norms(self._before, self._none)
        return True

    @torch.no_grad()
    def after_update(self, updated: bool = True) -> Reading:
        """What the update has changed, and with it all that was measured in this step. Collective in a sharded model."""
        norms, counts, scale = self._norms, self._counts, self._scale
        self._norms, self._counts, self._scale = [], [], None
        if self._layers:
            if updated:
                # What the optimizer swapped for other memory is found there.
                self._find_weights()
                torch._foreach_sub_(self._before, self._weights)
                norms += _norms(self._before, self._none)
            else:
                norms += [self._none] * len(counts)
        if not self._one_device:
            norms = [norm.to(self._device, non_blocking=True) for norm in norms]
            counts = [count.to(self._device, non_blocking=True) for count in counts]
        numbers = torch.stack(_alike(norms))
        if counts:
            numbers = torch.cat(_alike([numbers, torch.stack(_alike(counts))]))
        numbers = numbers.reshape(-1, len(self.layout.parameters))
        if scale is not None:
            # In double precision: a scaled norm may overflow where the true one does not.
            numbers = numbers.to(torch.float64)
            numbers[0] /= scale.to(numbers.device, torch.float64)
        return Reading(numbers, self._sizes) if self._shards is None else self._over_all_ranks(numbers)

    def forget(self) -> None:
        """Gives the memory back, as after a failure."""
        self._pointers, self._weights, self._before = [], [], []
        self._norms, self._counts = [], []

    def missed(self) -> Optional[Reading]:
        """For a rank that failed: takes part in the sum all the same, so that the others do not wait for ever."""
        if self._shards is None:
            return None
        return self._over_all_ranks(None)

    def _over_all_ranks(self, numbers: Optional[torch.Tensor]) -> Reading:
        assert self._shards is not None
        shape = (5 if self._layers else 1, len(self.layout.parameters))
        sums = torch.zeros(shape, dtype=torch.float64, device=self._device)
        if numbers is not None:
            sums[: len(numbers)] = numbers
            if self._layers:
                entries, seen, counted = torch.tensor(self._sizes, dtype=torch.float64, device=self._device)
                sums[1:3] *= (entries / seen.clamp(min=1)).sqrt()
                sums[3] *= entries / counted.clamp(min=1)
                sums[4] = entries
            sums[:3].square_()
        sums = self._shards.total(sums, missing=numbers is None)
        sums[:3].sqrt_()
        return Reading(sums, None)

    def _find_weights(self) -> None:
        """Where the weights are, which seldom changes, and which of them are looked at."""
        parts = [local(p) for p in self.layout.parameters] if self._shards is not None else self.layout.parameters
        pointers = [part.data_ptr() for part in parts]
        if pointers == self._pointers:
            return
        parts = [part.detach() for part in parts]
        self._weights = [_sample(part, self._most, _WEIGHTS_RUN) for part in parts]
        entries = [float(part.numel()) for part in parts]
        most = self._counted() or math.inf
        counted = [n if n <= most else float(most) for n in entries]
        self._sizes = Sizes(entries, [float(weights.numel()) for weights in self._weights], counted)
        if [b.shape for b in self._before] != [w.shape for w in self._weights]:
            self._before = [torch.empty_like(w, memory_format=torch.contiguous_format) for w in self._weights]
        # A copy does not follow the weights, and is made anew each time.
        whole = all(
            w.untyped_storage().data_ptr() == p.untyped_storage().data_ptr() for w, p in zip(self._weights, parts)
        )
        self._pointers = pointers if whole else []

    def _counted(self) -> Optional[int]:
        return None if self._most is None else _COUNTED * self._most

    def _nonzero(self, gradients: list[Optional[torch.Tensor]]) -> list[torch.Tensor]:
        """Non-zero entries of each gradient, among as many as are counted of its parameter."""
        counts = []
        for gradient, entries, counted in zip(gradients, self._sizes.entries, self._sizes.counted):
            if gradient is None:
                counts.append(self._none)
            elif gradient.numel() == counted:
                counts.append(torch.count_nonzero(gradient))
            else:
                values = _sample(gradient, self._counted(), _COUNTED_RUN)
                count = torch.count_nonzero(values)
                if gradient.numel() != entries:
                    # The values of a sparse gradient; all others are zero.
                    count = count * (gradient.numel() / max(1, values.numel()) * counted / entries)
                counts.append(count)
        return counts


def combine(
    layout: Layout, numbers: Sequence[Sequence[float]], sizes: Optional[Sizes]
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
    entries, seen, counted = (numbers[4], numbers[4], numbers[4]) if sizes is None else sizes
    sums = [[0.0, 0.0, 0.0, 0.0, 0.0] for _ in layout.names]
    for i, owner in enumerate(layout.owners):
        gradient, weight, update, nonzero = gradients[i], numbers[1][i], numbers[2][i], numbers[3][i]
        whole = entries[i]
        share = whole / seen[i] if seen[i] else 1.0
        row = sums[owner]
        row[0] += gradient * gradient
        row[1] += whole - nonzero * (whole / counted[i] if counted[i] else 1.0)
        row[2] += weight * weight * share
        row[3] += update * update * share
        row[4] += whole
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


def _sample(tensor: torch.Tensor, most: Optional[int], run: int) -> torch.Tensor:
    """At most so many entries, in runs of neighbours spread evenly; all of them where there are no more."""
    if most is None or tensor.numel() <= most:
        return tensor
    # In whatever order the entries lie: what is measured here does not depend on it.
    flat = tensor if tensor.is_contiguous() or _is_dense(tensor) else tensor.contiguous()
    runs = most // run
    apart = tensor.numel() // runs
    # Odd, so that the runs do not fall on the same few columns of every row.
    apart -= 1 - apart % 2
    return flat.as_strided((runs, run), (max(run, apart), 1), flat.storage_offset())


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
