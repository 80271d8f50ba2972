"""One optimizer step on its way from the device to the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional, Union

import torch

Scalar = Union[float, torch.Tensor, None]


class Entry:
    """The numbers of one step. Those on a device are fetched together, by one copy that nobody waits for."""

    def __init__(self, step: int, epoch: Optional[float], losses: list[Scalar], rate: Scalar, norm: Scalar) -> None:
        self.step = step
        self.epoch = epoch
        self.losses = losses
        self.rate = rate
        self.norm = norm
        self.skipped: Scalar = None
        self.numbers: Optional[torch.Tensor] = None
        self.entries: Optional[Sequence[float]] = None
        self._fetched: Optional[torch.Tensor] = None
        self._scalars: list[str] = []
        self._done: Optional[torch.cuda.Event] = None

    @torch.no_grad()
    def fetch(self, mean: bool) -> None:
        """Starts the copy to the host."""
        self.loss = _together(self.losses, mean)
        parts = []
        for name in ("loss", "rate", "norm", "skipped"):
            value = getattr(self, name)
            if isinstance(value, torch.Tensor):
                self._scalars.append(name)
                parts.append(value.detach().reshape(1))
        if self.numbers is not None:
            parts.append(self.numbers.reshape(-1))
        if not parts:
            return
        device = parts[-1].device
        if len(parts) > 1:
            # Single precision would round a loss in double; half would overflow: the widest of them holds all.
            widest = torch.float64 if device.type != "mps" else torch.float32
            fetched = torch.cat([part.to(device, widest, non_blocking=True) for part in parts])
        else:
            fetched = parts[0]
        if device.type == "cuda":
            host = torch.empty(fetched.shape, dtype=fetched.dtype, pin_memory=True)
            self._fetched = host.copy_(fetched, non_blocking=True)
            self._done = torch.cuda.Event()
            self._done.record(torch.cuda.current_stream(device))
        else:
            self._fetched = fetched

    def is_ready(self) -> bool:
        """Whether the numbers have arrived."""
        return self._done is None or self._done.query()

    def resolve(self) -> Optional[list[list[float]]]:
        """Turns every value into a plain number, waiting where it must; the numbers per parameter, if there are any."""
        if self._done is not None:
            self._done.synchronize()
        values = [] if self._fetched is None else self._fetched.tolist()
        for name, value in zip(self._scalars, values):
            setattr(self, name, value)
        if self.numbers is None:
            return None
        rows, columns = self.numbers.shape
        flat = values[len(self._scalars) :]
        return [flat[row * columns : (row + 1) * columns] for row in range(rows)]


def plain(value: Scalar) -> Scalar:
    """A number where that costs no waiting; else a copy that later changes in place do not reach."""
    if not isinstance(value, torch.Tensor):
        return None if value is None else float(value)
    if value.numel() != 1:
        raise ValueError(f"the loss must be one number, and has the shape {tuple(value.shape)}: pass its mean")
    return float(value.detach()) if value.device.type == "cpu" else value.detach().clone().reshape(())


def _together(losses: list[Scalar], mean: bool) -> Scalar:
    """The loss of a step from those of its micro-batches."""
    known = [loss for loss in losses if loss is not None]
    if len(known) < 2:
        return known[0] if known else None
    total = known[0]
    for loss in known[1:]:
        total = total + loss
    return total / len(known) if mean else total
