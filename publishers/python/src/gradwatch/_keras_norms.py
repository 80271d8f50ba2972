"""Norms of many tensors at once, on whichever backend Keras runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

BACKEND = keras.backend.backend()

if BACKEND == "torch":
    import torch

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


def kept(value: Any) -> Any:
    """The value of now: PyTorch and TensorFlow overwrite a variable in place."""
    if BACKEND == "torch":
        return torch.as_tensor(value).detach().clone()
    return ops.copy(value)


def norms(tensors: Sequence[Any]) -> list[Any]:
    """L2 norms, each a scalar on the device; 0 for ``None``. Neither tiny nor huge values lose anything."""
    if BACKEND == "torch":
        return _torch_norms(tensors)
    return [_norm(dense(t)) for t in tensors]


def count_nonzero(tensors: Sequence[Any]) -> list[Any]:
    """How many entries are not exactly zero (NaN is not), each a scalar on the device."""
    if BACKEND == "torch":
        return [ops.zeros(()) if t is None else torch.count_nonzero(t) for t in tensors]
    return [ops.zeros(()) if t is None else ops.cast(ops.count_nonzero(dense(t)), precision()) for t in tensors]


def _norm(tensor: Any) -> Any:
    if tensor is None or 0 in tensor.shape:
        return ops.zeros(())
    tensor = ops.cast(tensor, precision())
    peak = ops.max(ops.abs(tensor))
    # Not finite: by 1, so that the sum says whether it is infinity or NaN.
    scale = ops.where(ops.logical_and(peak > 0, ops.isfinite(peak)), peak, ops.ones_like(peak))
    return scale * ops.sqrt(ops.sum(ops.square(tensor / scale)))


def _torch_norms(tensors: Sequence[Any]) -> list[Any]:
    with torch.no_grad():
        present = [t.detach() for t in tensors if t is not None and t.numel() > 0]
        if not present:
            return [ops.zeros(()) for _ in tensors]
        wanted = getattr(torch, precision())
        present = [t if t.dtype == wanted else t.to(wanted) for t in present]
        # One kernel for all tensors; only where squares might have left the range of the type, the careful way.
        fused = torch.stack([n.to(present[0].device) for n in torch._foreach_norm(present, 2)])
        if not bool(((fused > SAFE[0]) & (fused < SAFE[1])).all()):
            fused = torch.stack([_norm(t).to(present[0].device) for t in present])
        results = iter(fused.unbind())
        return [ops.zeros(()) if t is None or t.numel() == 0 else next(results) for t in tensors]
