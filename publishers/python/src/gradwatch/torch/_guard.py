"""What keeps a fault of monitoring, and what a run is told, from surprising a training loop."""

from __future__ import annotations

import functools
from typing import Any, Callable, Optional, TypeVar

import torch

from gradwatch import StopRun
from gradwatch.torch._sharding import any_rank, world_size

F = TypeVar("F", bound=Callable[..., Any])


def guarded(method: F) -> F:
    """A fault of monitoring is a warning and a count, which ``_failed`` of the object sees to, never an exception in the training loop."""

    @functools.wraps(method)
    def safe(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except StopRun:
            raise
        except Exception as e:
            self._failed(method.__name__, e)
            return None

    return safe  # type: ignore[return-value]


class Order:
    """The order to stop, which comes to the rank that publishes, and which all ranks follow at the same step."""

    def __init__(self, expected: bool) -> None:
        self.is_shared = expected and world_size() > 1
        """Whether the ranks must agree on it."""
        self.stop: Optional[StopRun] = None
        """Why this run should end, once that is so on every rank."""
        self._heard: Optional[StopRun] = None

    def hear(self, say: Callable[..., None], *args: Any, **kwargs: Any) -> None:
        """Calls a method of the run, and keeps what that raises for where the loop may be interrupted."""
        try:
            say(*args, **kwargs)
        except StopRun as stop:
            self._heard = stop
            if not self.is_shared:
                self.stop = stop

    def share(self, device: torch.device) -> None:
        """Collective where ranks must agree."""
        if self.is_shared and any_rank(self._heard is not None, device):
            self.stop = self._heard or StopRun("the rank that publishes was told to stop")
