"""Norms of many tensors at once, on whichever backend Keras runs. What belongs together comes as one vector on the device."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Callable, Optional

import keras
from keras import ops

BACKEND = keras.backend.backend()

if BACKEND == "torch":
    import torch

SAMPLE = 65_536
"""Entries of a tensor that are looked at where not all need to be."""

SAMPLE_PER_STEP = 16_384
"""The same, where every step is measured."""

SAFE = (1e-15, 1e15)
"""Norms whose squares single precision can add up without overflow or underflow, with room."""


def precision() -> str:
    """The type that norms are computed in."""
    return "float64" if keras.config.floatx() == "float64" else "float32"


def dense(gradient: Any) -> Any:
    """The gradient as one tensor: TensorFlow gives that of an embedding as slices."""
    if BACKEND == "tensorflow" and hasattr(gradient, "indices"):
        import tensorflow

        return tensorflow.convert_to_tensor(gradient)
    return gradient


def vector(numbers: Sequence[Any]) -> Any:
    """Scalars as one vector."""
    if BACKEND == "torch":
        wanted = getattr(torch, precision())
        return torch.stack([torch.as_tensor(number).detach().to(wanted) for number in numbers])
    return ops.stack([ops.cast(number, precision()) for number in numbers])


def joined(vectors: Sequence[Any]) -> Any:
    """Vectors end to end."""
    return torch.cat(list(vectors)) if BACKEND == "torch" else ops.concatenate(list(vectors))


class Sample:
    """Some entries of tensors of a shape, evenly spread; all of them where that is few enough."""

    def __init__(self, shape: Sequence[int], most: Optional[int]) -> None:
        size = math.prod(shape)
        self._every = 1
        if most is not None and size > most:
            # No divisor of the last dimension: it would see some of its columns only.
            self._every = next(n for n in range(size // most + 1, size) if math.gcd(n, shape[-1]) == 1)
        self.share = -(-size // self._every) / size if size else 1.0
        """Which part of the entries it holds."""

    def of(self, tensor: Any, *, keep: bool = False) -> Any:
        """The sample of this tensor; ``keep`` copies where the backend overwrites variables in place."""
        if tensor is None:
            return None
        if BACKEND == "torch":
            tensor = tensor.detach()
            taken = tensor if self._every == 1 else tensor.reshape(-1)[:: self._every]
            return taken.clone() if keep else taken
        tensor = ops.convert_to_tensor(dense(tensor))
        taken = tensor if self._every == 1 else ops.reshape(tensor, (-1,))[:: self._every]
        return ops.copy(taken) if keep else taken


def norms(tensors: Sequence[Any]) -> Any:
    """L2 norms; 0 for ``None``. Neither tiny nor huge values lose anything."""
    if BACKEND == "torch":
        return _torch_norms(tensors)
    return vector([_norm(dense(t)) for t in tensors])


def zero_shares(tensors: Sequence[Any]) -> Any:
    """Which part of each tensor's entries is exactly zero (NaN is not); 1 for ``None``."""
    if BACKEND == "torch":
        device = next((t.device for t in tensors if t is not None), None)
        counts = [0 if t is None else torch.count_nonzero(t) for t in tensors]
        nonzero = torch.stack([torch.as_tensor(c, device=device) for c in counts]).to(getattr(torch, precision()))
    else:
        nonzero = vector([0.0 if t is None else ops.count_nonzero(dense(t)) for t in tensors])
    sizes = [1.0 if t is None else float(max(math.prod(t.shape), 1)) for t in tensors]
    return 1 - nonzero / ops.convert_to_tensor(sizes, dtype=precision())


def _norm(tensor: Any) -> Any:
    if tensor is None or 0 in tensor.shape:
        return ops.zeros(())
    tensor = ops.cast(tensor, precision())
    peak = ops.max(ops.abs(tensor))
    # Not finite: by 1, so that the sum says whether it is infinity or NaN.
    scale = ops.where(ops.logical_and(peak > 0, ops.isfinite(peak)), peak, ops.ones_like(peak))
    return scale * ops.sqrt(ops.sum(ops.square(tensor / scale)))


def _uncompiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Left out of what ``torch.compile`` makes of a step: it looks at its numbers, which would be warned of."""
    if BACKEND != "torch":
        return function
    disable: Callable[..., Callable[..., Any]] = torch.compiler.disable
    return disable(function)


@_uncompiled
def _torch_norms(tensors: Sequence[Any]) -> Any:
    wanted = getattr(torch, precision())
    with torch.no_grad():
        present = [t for t in tensors if t is not None and t.numel() > 0]
        if not present:
            return torch.zeros(len(tensors), dtype=wanted)
        present = [t if t.dtype == wanted else t.to(wanted) for t in present]
        device = present[0].device
        # One kernel for all tensors; only where squares might have left the range of the type, the careful way.
        fused = torch.stack([n if n.device == device else n.to(device) for n in torch._foreach_norm(present, 2)])
        low, high = fused.aminmax()
        if not (float(low) > SAFE[0] and float(high) < SAFE[1]):
            fused = torch.stack([_norm(t).to(device) for t in present])
        if len(present) == len(tensors):
            return fused
        found = iter(fused.unbind())
        none = torch.zeros((), dtype=wanted, device=device)
        return torch.stack([none if t is None or t.numel() == 0 else next(found) for t in tensors])
