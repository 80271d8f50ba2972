"""Models whose parameters are spread over ranks (FSDP, tensor parallelism): which part is here, and sums over all of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Optional

import torch
from torch import distributed, nn

from gradwatch import RankNorms


def world_size() -> int:
    """The processes that train one model together, 1 when alone."""
    return distributed.get_world_size() if distributed.is_available() and distributed.is_initialized() else 1


def local(tensor: torch.Tensor) -> torch.Tensor:
    """The part of a distributed tensor that lives here; any other tensor is whole."""
    # Reached without the differentiable to_local(), which costs a graph node a call.
    part = getattr(tensor, "_local_tensor", None)
    return tensor if part is None else part


class Shards:
    """Adds up sums over the shards of each parameter, each shard once however many ranks hold a copy of it."""

    def __init__(self, shares: Sequence[float]) -> None:
        self._shares = torch.tensor([*shares, 1.0], dtype=torch.float64)
        self._agreed: Optional[bool] = None

    @classmethod
    def of(cls, model: nn.Module, parameters: Sequence[torch.Tensor]) -> Optional[Shards]:
        """``None`` where every rank holds every parameter: then each has the whole sum, and nothing need be sent."""
        world = world_size()
        if world == 1:
            return None
        parts = _parts_under_fsdp(model)
        counts = [_parts(p) or parts.get(id(p), 1) for p in parameters]
        return None if all(count == 1 for count in counts) else cls([count / world for count in counts])

    def total(self, sums: torch.Tensor, *, missing: bool) -> torch.Tensor:
        """Rows of local sums, a column per parameter, to sums over all ranks. Collective: every rank must come here.

        The last column of the result is how many ranks said that theirs are ``missing``. The first call checks that all ranks hold as
        many parameters, which the stages of a pipeline do not; then it raises everywhere.
        """
        home = sums.device
        flag = torch.full((len(sums), 1), float(missing), dtype=torch.float64, device=home)
        weighted = torch.cat([sums.to(torch.float64), flag], dim=1) * self._shares.to(home)
        if distributed.get_backend() == "nccl" and home.type != "cuda":
            weighted = weighted.to(torch.device("cuda", torch.cuda.current_device()))
        if self._agreed is None:
            least = torch.tensor([weighted.shape[1], -weighted.shape[1]], device=weighted.device)
            distributed.all_reduce(least, op=distributed.ReduceOp.MIN)
            low, high = least.tolist()
            self._agreed = low == -high
        if not self._agreed:
            raise RuntimeError(
                "the ranks hold different parameters, as the stages of a pipeline do, whose norms cannot be added up"
            )
        distributed.all_reduce(weighted)
        return weighted.to(home)


def any_rank(flag: bool, device: torch.device) -> bool:
    """Whether it holds on some rank. Collective, and waits for the answer."""
    if world_size() == 1:
        return flag
    if distributed.get_backend() == "nccl" and device.type != "cuda":
        device = torch.device("cuda", torch.cuda.current_device())
    told = torch.tensor([int(flag)], device=device)
    distributed.all_reduce(told, op=distributed.ReduceOp.MAX)
    return bool(told.item())


def rank_norms(norm: Any) -> Optional[RankNorms]:
    """How a norm differs between ranks; ``None`` where there is one. Collective: every rank calls it with its own.

    Give it the norm of a rank's own gradient, before it is averaged over ranks: a NaN or a zero on one rank alone shows nowhere else.
    """
    if world_size() == 1:
        return None
    on_gpu = distributed.get_backend() == "nccl"
    device = torch.device("cuda", torch.cuda.current_device()) if on_gpu else torch.device("cpu")
    own = torch.as_tensor(norm, dtype=torch.float64).detach().to(device).reshape(1)
    found = [torch.zeros_like(own) for _ in range(world_size())]
    distributed.all_gather(found, own)
    norms = torch.cat(found).tolist()
    numbers = [value for value in norms if value == value]
    if len(numbers) < len(norms):
        odd = next(rank for rank, value in enumerate(norms) if value != value)
        return RankNorms(min(numbers, default=math.nan), math.nan, odd)
    return RankNorms(min(norms), max(norms), norms.index(max(norms)))


def _parts(parameter: torch.Tensor) -> int:
    """Into how many different parts a DTensor is cut, 0 for a plain tensor."""
    placements: Optional[Sequence[Any]] = getattr(parameter, "placements", None)
    if placements is None:
        return 0
    mesh: Any = parameter.device_mesh  # type: ignore[attr-defined]
    parts = 1
    for dimension, placement in enumerate(placements):
        if placement.is_shard():
            parts *= mesh.size(dimension)
    return parts


def _parts_under_fsdp(model: nn.Module) -> dict[int, int]:
    """The same for the parameters of the older FullyShardedDataParallel, which cuts plain tensors."""
    parts: dict[int, int] = {}
    for module in model.modules():
        if type(module).__name__ == "FullyShardedDataParallel":
            whole = getattr(module.sharding_strategy, "name", "") == "NO_SHARD"
            count: int = 1 if whole else module.process_group.size()  # type: ignore[operator,assignment]
            # Inner modules come later and know better.
            parts.update((id(p), count) for p in module.parameters())
    return parts
