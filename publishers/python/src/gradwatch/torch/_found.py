"""What a model and its optimizer say of themselves, for the registration of the run."""

from __future__ import annotations

import math
from typing import Any, Optional, Union

import torch
from torch import nn

from gradwatch._notices import Notices
from gradwatch._values import shown
from gradwatch.torch._sharding import world_size

_TAGGED = ("weight_decay", "momentum", "betas", "nesterov", "amsgrad")


def unwrapped(optimizer: Any) -> torch.optim.Optimizer:
    """The optimizer of PyTorch inside of what Accelerate or Fabric put around it."""
    inner = optimizer
    for _ in range(5):
        deeper = getattr(inner, "optimizer", None)
        if deeper is None or not hasattr(deeper, "param_groups"):
            break
        inner = deeper
    if not hasattr(inner, "register_step_pre_hook"):
        raise TypeError(
            f"gradwatch.torch.watch needs one torch.optim.Optimizer, and got {type(optimizer).__name__}; for several optimizers, watch each"
            " with the model that it trains"
        )
    found: torch.optim.Optimizer = inner
    return found


def registration(model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """Fields of ``RunStarted`` that can be seen from here, without those of the layers; none where they are not what they always are."""
    try:
        return _registration(model, optimizer)
    except Exception as e:
        Notices.shared.warn(
            "torch-found", f"the optimizer is not described: {type(e).__name__}: {shown(e)}; training goes on"
        )
        return {}


def _registration(model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    group = optimizer.param_groups[0]
    tags: dict[str, str] = {
        "framework": f"torch {torch.__version__}",
        "model": type(model).__name__,
        "world_size": str(world_size()),
    }
    for name in _TAGGED:
        value = group.get(name)
        if value is not None and value is not False:
            tags[name] = _short(value)
    if len(optimizer.param_groups) > 1:
        tags["param_groups"] = str(len(optimizer.param_groups))
    return {
        "optimizer": type(optimizer).__name__.lower(),
        "learning_rate": base_rate(optimizer),
        "resumed": bool(optimizer.state) or None,
        "tags": tags,
    }


def base_rate(optimizer: torch.optim.Optimizer) -> Optional[float]:
    """The configured rate: before a schedule changed it, the largest of the groups."""
    rates = [float(group.get("initial_lr", group.get("lr", 0.0))) for group in optimizer.param_groups]
    rate = max(rates, default=0.0)
    return rate if 0 < rate < math.inf else None


def rate_now(optimizer: torch.optim.Optimizer) -> Union[float, torch.Tensor, None]:
    """The largest rate of the groups, which is the one of the layers that learn fastest; a tensor where it lives on a device."""
    groups = optimizer.param_groups
    if len(groups) == 1 and type(groups[0].get("lr")) is float:
        rate: float = groups[0]["lr"]
        return rate
    rates = [group["lr"] for group in groups if "lr" in group]
    if not rates:
        return None
    if any(isinstance(rate, torch.Tensor) and rate.device.type != "cpu" for rate in rates):
        device = next(rate.device for rate in rates if isinstance(rate, torch.Tensor) and rate.device.type != "cpu")
        return torch.stack([torch.as_tensor(rate, dtype=torch.float32, device=device) for rate in rates]).max()
    return max(map(float, rates))


def steps_done(optimizer: torch.optim.Optimizer) -> int:
    """How many steps an optimizer did whose state was loaded from a checkpoint; 0 where it does not count them, as SGD."""
    counts = (state.get("step") for state in optimizer.state.values() if isinstance(state, dict))
    return max((int(count) for count in counts if count is not None), default=0)


def _short(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return ", ".join(_short(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
