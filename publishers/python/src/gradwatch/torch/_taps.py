"""Hears of what changes gradients before the optimizer sees them.

PyTorch has hooks around an optimizer's step, but none before clipping, and none where a loss scaler skips a step. So while a watch is
alive, ``torch.nn.utils.clip_grad_norm_``, ``clip_grad_value_`` and ``clip_grads_with_norm_``, ``FullyShardedDataParallel.clip_grad_norm_``
and ``GradScaler.step`` are wrapped: they tell the watch first, and then do and return what they always did. Names that a script imported
before are replaced too; all of it is put back when the last watch ends.
"""

from __future__ import annotations

import functools
import sys
import weakref
from collections.abc import Iterable
from typing import Any, Callable, Optional, Protocol

import torch
from torch.nn import utils


class Listener(Protocol):
    """Who is told. None of these raises."""

    def owns(self, parameters: Iterable[torch.Tensor]) -> bool:
        """Whether one of these parameters is watched."""

    def before_clipping(self) -> None:
        """The gradients are whole and unscaled, and about to be changed."""

    def clipped(self, parameters: list[torch.Tensor], limit: Any, norm: Optional[torch.Tensor]) -> None:
        """They were clipped to this global norm; ``norm`` is the L2 norm that they had, where it was returned."""

    def steps_of(self, optimizer: Any) -> Optional[int]:
        """How many steps this optimizer did, if it is the watched one."""

    def skipped_step(self) -> None:
        """The loss scaler found gradients that are not finite, and left the step out."""


_listeners: weakref.WeakSet[Any] = weakref.WeakSet()
_originals: dict[Callable[..., Any], Callable[..., Any]] = {}
"""From each wrapper in place to what it wraps."""


_clipping = False
"""Whether this call comes from a wrapped function, which said all there is to say."""


def listen(listener: Listener) -> None:
    """Begins to tell the listener; it is not kept alive by that."""
    if not _originals:
        _install()
    _listeners.add(listener)


def leave(listener: Listener) -> None:
    """Ends it."""
    _listeners.discard(listener)
    if not _listeners:
        _remove()


def _install() -> None:
    for name, norm_first in (("clip_grad_norm_", True), ("clip_grad_value_", False), ("clip_grads_with_norm_", True)):
        original = getattr(utils, name, None)
        if original is not None:
            _rebind(original, _clip(original, limits_norm=norm_first, returns_norm=name == "clip_grad_norm_"))
    scaler = _scaler()
    _put(scaler, "step", _scaler_step(scaler.step))
    sharded = getattr(sys.modules.get("torch.distributed.fsdp"), "FullyShardedDataParallel", None)
    if sharded is not None:
        _put(sharded, "clip_grad_norm_", _sharded_clip(sharded.clip_grad_norm_))


def _remove() -> None:
    for wrapper, original in list(_originals.items()):
        owner = getattr(wrapper, "_gradwatch_owner", None)
        if owner is None:
            _rebind(wrapper, original)
        elif getattr(owner, original.__name__, None) is wrapper:
            setattr(owner, original.__name__, original)
    _originals.clear()


def _put(owner: type, name: str, wrapper: Any) -> None:
    wrapper._gradwatch_owner = owner
    _originals[wrapper] = getattr(owner, name)
    setattr(owner, name, wrapper)


def _rebind(old: Callable[..., Any], new: Callable[..., Any]) -> None:
    """Replaces a function in every module that has it under some name."""
    for module in list(sys.modules.values()):
        names = getattr(module, "__dict__", None)
        if type(names) is dict and module is not sys.modules[__name__]:
            for name, value in list(names.items()):
                if value is old:
                    names[name] = new
    if old not in _originals:
        _originals[new] = old


def _scaler() -> Any:
    # Its home since 2.3; the classes of each device, old and new, inherit it.
    return getattr(torch.amp, "GradScaler", None) or torch.cuda.amp.GradScaler


def _clip(original: Callable[..., Any], *, limits_norm: bool, returns_norm: bool) -> Callable[..., Any]:
    @functools.wraps(original)
    def clip(parameters: Any, *args: Any, **kwargs: Any) -> Any:
        global _clipping
        if _clipping or not _listeners or is_compiling():
            return original(parameters, *args, **kwargs)
        if not isinstance(parameters, torch.Tensor):
            parameters = list(parameters)
        whole = [parameters] if isinstance(parameters, torch.Tensor) else parameters
        told = [listener for listener in _listeners if listener.owns(whole)]
        for listener in told:
            listener.before_clipping()
        _clipping = True
        try:
            result = original(parameters, *args, **kwargs)
        finally:
            _clipping = False
        if limits_norm and told and _is_l2(args, kwargs, returns_norm):
            limit = args[0] if args else kwargs.get("max_norm")
            for listener in told:
                listener.clipped(whole, limit, result if returns_norm else None)
        return result

    return clip


def _is_l2(args: tuple[Any, ...], kwargs: dict[str, Any], takes_norm_type: bool) -> bool:
    if not takes_norm_type:
        return True
    return float(args[1] if len(args) > 1 else kwargs.get("norm_type", 2.0)) == 2.0


def _sharded_clip(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def clip_grad_norm_(module: Any, max_norm: float, *args: Any, **kwargs: Any) -> Any:
        told = [listener for listener in _listeners if listener.owns(module.parameters())]
        for listener in told:
            listener.before_clipping()
        result = original(module, max_norm, *args, **kwargs)
        for listener in told:
            listener.clipped([], max_norm, None)
        return result

    return clip_grad_norm_


def _scaler_step(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def step(scaler: Any, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        before = [(listener, listener.steps_of(optimizer)) for listener in _listeners]
        result = original(scaler, optimizer, *args, **kwargs)
        for listener, steps in before:
            if steps is not None and listener.steps_of(optimizer) == steps:
                listener.skipped_step()
        return result

    return step


def is_compiling() -> bool:
    """Whether this call is being traced, where side effects have no place."""
    compiler = getattr(torch, "compiler", None)
    return bool(compiler is not None and hasattr(compiler, "is_compiling") and compiler.is_compiling())
