"""Optimizer steps on their way from the device to the run."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional, Union

import torch

from gradwatch import RankNorms
from gradwatch.torch._layers import Layout
from gradwatch.torch._norms import Reading

Scalar = Union[float, torch.Tensor, None]


class Step:
    """What is known of one step. A tensor is a value that still lives on a device."""

    __slots__ = ("ended", "epoch", "losses", "metrics", "norm", "rank_norms", "rate", "skipped", "step")

    def __init__(self, step: int, ended: float, epoch: Optional[float], losses: list[Scalar], rate: Scalar) -> None:
        self.step = step
        self.ended = ended
        """Seconds since 1970."""
        self.epoch = epoch
        self.losses = losses
        self.rate = rate
        self.norm: Scalar = None
        self.skipped: Scalar = None
        self.metrics: Optional[dict[str, Any]] = None
        self.rank_norms: Optional[RankNorms] = None


class Said(NamedTuple):
    """One step in plain numbers."""

    step: Step
    loss: Optional[float]
    rate: Optional[float]
    norm: Optional[float]
    skipped: bool


class Batch:
    """Some steps in a row, the last of them perhaps measured. All that lives on a device is fetched by one copy, which nobody waits for."""

    def __init__(self, steps: list[Step], reading: Optional[Reading], layout: Layout, *, mean: bool) -> None:
        self.layout = layout
        self.reading = reading
        self._rows = [(step, _together(step.losses, mean), step.rate, step.norm, step.skipped) for step in steps]
        parts = [v.reshape(1) for row in self._rows for v in row[1:] if isinstance(v, torch.Tensor)]
        self._scalars = len(parts)
        if reading is not None:
            parts.append(reading.numbers.reshape(-1))
        self._fetched: Optional[torch.Tensor] = None
        self._arrival: Optional[torch.cuda.Event] = None
        if parts:
            self._fetch(parts)

    @torch.no_grad()
    def _fetch(self, parts: list[torch.Tensor]) -> None:
        device = parts[-1].device
        whole = parts[0]
        if len(parts) > 1:
            # Half precision would overflow, single would round: double holds whatever a loss is in.
            widest = torch.float32 if device.type == "mps" else torch.float64
            whole = torch.cat([part.to(device, widest, non_blocking=True) for part in parts])
        if device.type == "cuda":
            host = torch.empty(whole.shape, dtype=whole.dtype, pin_memory=True)
            self._fetched = host.copy_(whole, non_blocking=True)
            self._arrival = torch.cuda.Event()  # type: ignore[no-untyped-call]
            self._arrival.record(torch.cuda.current_stream(device))
        else:
            self._fetched = whole

    def has_arrived(self) -> bool:
        """Whether reading it would not wait."""
        return self._arrival is None or bool(self._arrival.query())  # type: ignore[no-untyped-call]

    def read(self) -> tuple[list[Said], Optional[list[list[float]]]]:
        """The steps in plain numbers, and those per parameter of the last one, if it was measured. Waits where it must."""
        if self._arrival is not None:
            self._arrival.synchronize()
        values: list[float] = [] if self._fetched is None else self._fetched.tolist()
        fetched = iter(values)
        said = []
        for step, *scalars in self._rows:
            loss, rate, norm, skipped = (next(fetched) if isinstance(v, torch.Tensor) else v for v in scalars)
            said.append(Said(step, loss, rate, norm, bool(skipped)))
        if self.reading is None:
            return said, None
        rows, columns = self.reading.numbers.shape
        start = self._scalars
        return said, [values[start + row * columns : start + (row + 1) * columns] for row in range(rows)]


def plain(value: object) -> Scalar:
    """A number where that costs no waiting; else a copy, which later changes in place do not reach."""
    if not isinstance(value, torch.Tensor):
        return float(value)  # type: ignore[arg-type]
    if value.is_cpu:
        return value.item()
    if value.numel() != 1:
        raise ValueError(f"the loss must be one number, and has the shape {tuple(value.shape)}: pass its mean")
    return value.detach().reshape(()).clone()


def _together(losses: list[Scalar], mean: bool) -> Scalar:
    """The loss of a step from those of its micro-batches."""
    known = [loss for loss in losses if loss is not None]
    if len(known) < 2:
        return known[0] if known else None
    total = known[0]
    for loss in known[1:]:
        total = total + loss
    return total / len(known) if mean else total
