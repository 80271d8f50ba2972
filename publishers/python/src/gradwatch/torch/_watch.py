"""The watch itself: hooks around the optimizer's step, and what a training loop may say to it."""

from __future__ import annotations

import functools
import weakref
from collections import deque
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Callable, Optional, TypeVar

import torch
from torch import nn

from gradwatch import Run, StopRun, _lifetime
from gradwatch._notices import Notices
from gradwatch._values import shown
from gradwatch.torch import _taps
from gradwatch.torch._entry import Entry, Scalar, plain
from gradwatch.torch._found import rate_now, steps_done
from gradwatch.torch._layers import Layout, layout_of, trainable
from gradwatch.torch._norms import Meter, combine
from gradwatch.torch._sharding import Shards, any_rank, world_size

FIRST_STEPS = 5
"""Measured whatever ``every`` says, so that a start that goes wrong shows at once."""

F = TypeVar("F", bound=Callable[..., Any])


def _guarded(method: F) -> F:
    """A fault of monitoring is a warning and a count, never an exception in the training loop."""

    @functools.wraps(method)
    def guarded(self: Watch, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except StopRun:
            raise
        except Exception as e:
            self._failed(method.__name__, e)
            return None

    return guarded  # type: ignore[return-value]


class Watch:
    """Watches one model and its optimizer, and publishes to one run. Made by ``gradwatch.torch.watch``.

    Everything happens in the thread that trains, at the optimizer's step. Nothing here waits for an accelerator: a step's numbers are
    copied to the host together, asynchronously, and published when they have arrived, at the latest with ``epoch`` or ``close``.
    """

    def __init__(
        self,
        run: Run,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        *,
        every: int,
        layers: bool,
        max_layers: int,
        exact: bool,
        first_step: Optional[int],
        steps_per_epoch: Optional[int],
        owns_run: bool,
        told_to_stop: bool,
        raises: bool = True,
        adds_up_losses: bool = False,
        loss_comes_after: Optional[bool] = None,
    ) -> None:
        self.run = run
        self.errors = 0
        """How often measuring failed; the first time is warned of."""
        self.skipped = 0
        """Steps that a loss scaler left out because a gradient was not finite."""
        self.stop: Optional[StopRun] = None
        """Why this run should end, once it was told to, on every rank."""
        self._model = model
        self._optimizer = optimizer
        self._every = max(1, int(every))
        self._layers = layers
        self._max_layers = max_layers
        self._exact = exact
        self._steps_per_epoch = steps_per_epoch
        self._owns_run = owns_run
        self._raises = raises
        self._mean = not adds_up_losses
        self._loss_comes_after = loss_comes_after
        self._publishes = run.is_publishing
        self._agrees = told_to_stop and world_size() > 1
        self._told: Optional[StopRun] = None

        self._first = self._step = steps_done(optimizer) if first_step is None else int(first_step)
        self._counted = first_step is not None
        self._calls = 0
        self._epoch: Optional[float] = None
        self._epochs = 0
        self._measured = False
        self._clip_norm: Scalar = None
        self._rate: Scalar = None
        self._clips_at: Any = None
        self._losses: list[Scalar] = []
        self._held: Optional[tuple[Entry, Layout]] = None
        self._pending: deque[tuple[Entry, Layout]] = deque()
        self._loss_sum = 0.0
        self._loss_count = 0
        self._entry_points: list[Any] = []

        self._layout = Layout([], [], [], [], ())
        self._meter: Optional[Meter] = None
        self._shards: Optional[Shards] = None
        self._ids: set[int] = set()
        self._device = torch.device("cpu")
        self._on_cuda = False
        self._lay_out()
        if self._publishes or self._shards is not None or self._agrees:
            self._entry_points = [
                optimizer.register_step_pre_hook(self._before_step),
                optimizer.register_step_post_hook(self._after_step),
            ]
            _taps.listen(self)
            _alive.add(self)

    # What a training loop may say.

    def loss(self, loss: Any) -> None:
        """The training loss of a batch, a scalar tensor or a number, before or after its optimizer step.

        Several between two steps are the micro-batches of an accumulated step: their mean is the step's loss, so pass each undivided. Does
        not wait for an accelerator.
        """
        self._take_loss(loss)
        self._raise_if_told()

    def epoch(
        self,
        epoch: Optional[float] = None,
        *,
        train_loss: Any = None,
        validation_loss: Any = None,
        train_accuracy: Any = None,
        validation_accuracy: Any = None,
        metrics: Optional[Mapping[str, Any]] = None,
    ) -> None:
        """An epoch or an evaluation ended. Counts by itself from 0 where ``epoch`` is not given.

        ``train_loss`` is the mean of the losses since the last epoch where it is not given. Waits until the steps of the epoch are done on
        the accelerator.
        """
        self._end_epoch(
            epoch,
            train_loss=train_loss,
            validation_loss=validation_loss,
            train_accuracy=train_accuracy,
            validation_accuracy=validation_accuracy,
            metrics=metrics,
        )
        self._raise_if_told()

    @_guarded
    def measure(self) -> None:
        """Measures the gradients as they are now. Call it before code of your own that changes them, such as your own clipping."""
        self._measure()

    def at_epoch(self, epoch: Optional[float]) -> None:
        """The place of the next steps on the run's time line, in epochs since the start, fractional."""
        self._epoch = epoch

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint should hold, for ``watch(..., state=...)`` in the job that goes on from it."""
        return {**self.run.state_dict(), "step": self._step}

    @_guarded
    def flush(self) -> None:
        """Hands every measured step to the run, waiting for the accelerator where it must."""
        self._release()
        self._drain(wait=True)

    def close(self, outcome: str = "COMPLETED", reason: Optional[str] = None) -> None:
        """Ends the watch, and the run where the watch made it. The model and the optimizer are as if nobody had watched."""
        self.flush()
        for handle in self._entry_points:
            handle.remove()
        self._entry_points = []
        _taps.leave(self)
        _alive.discard(self)
        self._forget()
        if self._owns_run:
            self.run.finish(outcome, reason)

    def __enter__(self) -> Watch:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close(*_lifetime.outcome_of(error))

    # Around the optimizer's step.

    @_guarded
    def _before_step(self, optimizer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if _compiling():
            return None
        self._release()
        closure = args[1] if len(args) > 1 else kwargs.get("closure")
        if closure is None:
            self._measure(getattr(optimizer, "grad_scale", None))
            return None
        # The gradients come to be inside of the closure: measured when it returns for the first time.
        wrapped = functools.partial(self._in_closure, closure)
        return ((args[0], wrapped, *args[2:]), kwargs) if len(args) > 1 else (args, {**kwargs, "closure": wrapped})

    def _in_closure(self, closure: Callable[[], Any]) -> Any:
        result = closure()
        self._after_closure(result)
        return result

    @_guarded
    def _after_closure(self, result: Any) -> None:
        if not self._measured:
            if isinstance(result, torch.Tensor) and not self._losses and self._raises:
                self._take_loss(result)
            self._measure()

    @_guarded
    def _measure(self, scale: Optional[torch.Tensor] = None) -> None:
        if self._measured or not self._is_due():
            return
        if self._step == self._first and not self._counted:
            self._count_from_checkpoint()
        if trainable(self._model) != self._layout.trainable:
            self._lay_out()
        if self._meter is not None and not (self._on_cuda and torch.cuda.is_current_stream_capturing()):
            self._meter.before_update(scale)
            self._measured = True

    def _after_step(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        if _compiling():
            return
        self._calls += 1
        self._end_step(getattr(optimizer, "found_inf", None))
        self._raise_if_told()

    @_guarded
    def _end_step(self, found_inf: Optional[torch.Tensor] = None, *, updated: bool = True) -> None:
        due = self._is_due()
        entry = Entry(self._step, self._position(), self._losses, self._current_rate(), self._clip_norm)
        self._step += 1
        self._losses, self._clip_norm = [], None
        measured, self._measured = self._measured, False
        layout = self._layout
        if found_inf is not None:
            entry.skipped = found_inf if found_inf.device.type != "cpu" else float(found_inf)
        if self._meter is not None and (measured or (due and self._shards is not None)):
            reading = self._meter.after_update(updated) if measured else self._meter.missed()
            if reading is not None:
                entry.numbers, entry.entries = reading
        if self._publishes:
            self._held = entry, layout
            if self._loss_comes_after is None:
                self._loss_comes_after = not entry.losses
            if entry.losses or not self._loss_comes_after:
                self._release()
        if self._agrees and due and any_rank(self._told is not None, self._device):
            self.stop = self._told or StopRun("the rank that publishes was told to stop")

    # What the taps tell.

    def owns(self, parameters: Iterable[torch.Tensor]) -> bool:
        """Whether one of these is a parameter of the watched model."""
        return any(id(p) in self._ids for p in parameters)

    @_guarded
    def before_clipping(self) -> None:
        """Gradients are about to be clipped: measured now."""
        self._release()
        self._measure()

    @_guarded
    def clipped(self, parameters: list[torch.Tensor], limit: Any, norm: Optional[torch.Tensor]) -> None:
        """Gradients were clipped: the norm that this computed is taken over for steps that are not measured."""
        if norm is not None and self._shards is None and self._covers(parameters):
            self._clip_norm = plain(norm)
        if self._clips_at is None and isinstance(limit, (int, float)) and 0 < limit < float("inf"):
            self._clips_at = limit
            self.run.register(clip_threshold=float(limit))

    def steps_of(self, optimizer: Any) -> Optional[int]:
        """How often the watched optimizer did a step."""
        return self._calls if getattr(optimizer, "optimizer", optimizer) is self._optimizer else None

    @_guarded
    def skipped_step(self) -> None:
        """A loss scaler left out a step: published with the norm that made it do so, and no update."""
        self.skipped += 1
        self._release()
        self._measure()
        self._end_step(updated=False)

    # Inside.

    @_guarded
    def _lay_out(self) -> None:
        self._layout = layout_of(self._model, self._max_layers)
        parameters = self._layout.parameters
        self._ids = {id(p) for p in parameters}
        self._device = parameters[0].device if parameters else torch.device("cpu")
        self._on_cuda = self._device.type == "cuda"
        self._shards = Shards.of(self._model, parameters)
        self._meter = (
            Meter(self._layout, layers=self._layers, exact=self._exact, shards=self._shards) if parameters else None
        )
        if self._layers:
            self.run.register(layers=self._layout.layers)

    def _is_due(self) -> bool:
        return self._step - self._first < FIRST_STEPS or self._step % self._every == 0

    def _count_from_checkpoint(self) -> None:
        """The optimizer's state may have been loaded after the watch began."""
        self._counted = True
        steps = steps_done(self._optimizer)
        if steps != self._step:
            self._first = self._step = steps
            self.run.register(resumed=True)

    def _current_rate(self) -> Scalar:
        return rate_now(self._optimizer)

    def _position(self) -> Optional[float]:
        if self._epoch is not None:
            return self._epoch
        return self._step / self._steps_per_epoch if self._steps_per_epoch else float(self._epochs)

    def _covers(self, parameters: list[torch.Tensor]) -> bool:
        with_gradient = sum(1 for p in parameters if p.grad is not None)
        return with_gradient == sum(1 for p in self._layout.parameters if p.grad is not None) and all(
            id(p) in self._ids for p in parameters if p.grad is not None
        )

    @_guarded
    def _take_loss(self, loss: Any) -> None:
        if not self._publishes:
            return
        value = plain(loss)
        if self._held is not None:
            self._held[0].losses.append(value)
            self._release()
        else:
            self._losses.append(value)
        self._drain()

    def _release(self) -> None:
        """No loss will come any more for the step that waited for one."""
        held, self._held = self._held, None
        if held is not None:
            held[0].fetch(self._mean)
            self._pending.append(held)
            self._drain()

    def _drain(self, wait: bool = False) -> None:
        while self._pending and (wait or self._pending[0][0].is_ready()):
            entry, layout = self._pending.popleft()
            self._publish(entry, layout)

    def _publish(self, entry: Entry, layout: Layout) -> None:
        numbers = entry.resolve()
        norm, layers = (entry.norm, []) if numbers is None else combine(layout, numbers, entry.entries)
        if entry.skipped:
            self.skipped += 1
        if entry.loss is not None:
            self._loss_sum += float(entry.loss)
            self._loss_count += 1
        self._say(
            self.run.step,
            entry.step,
            loss=entry.loss,
            gradient_norm=norm,
            learning_rate=entry.rate,
            epoch=entry.epoch,
            layers=layers,
        )

    @_guarded
    def _end_epoch(self, epoch: Optional[float], *, train_loss: Any, **said: Any) -> None:
        self.flush()
        if train_loss is None and self._loss_count:
            train_loss = self._loss_sum / self._loss_count
        self._loss_sum, self._loss_count = 0.0, 0
        at = float(self._epochs) if epoch is None else epoch
        self._epochs = int(at) + 1
        rate = self._current_rate()
        self._say(
            self.run.epoch, at, step=max(0, self._step - 1), train_loss=train_loss, learning_rate=rate, **said
        )

    def _say(self, what: Callable[..., None], *args: Any, **kwargs: Any) -> None:
        try:
            what(*args, **kwargs)
        except StopRun as stop:
            self._told = stop
            if not self._agrees:
                self.stop = stop

    def _raise_if_told(self) -> None:
        if self.stop is not None and self._raises:
            raise self.stop

    def _failed(self, where: str, error: Exception) -> None:
        self.errors += 1
        self._forget()
        Notices.shared.warn(
            f"torch-{where}",
            f"step {self._step} of run {self.run.id} was not measured, by a fault of gradwatch in {where}:"
            f" {type(error).__name__}: {shown(error)}; training goes on",
        )

    def _forget(self) -> None:
        self._measured = False
        if self._meter is not None:
            self._meter.forget()


_alive: weakref.WeakSet[Watch] = weakref.WeakSet()


def flush_all() -> None:
    """At the end of the process, before runs end: what was measured last is published too."""
    for watch in list(_alive):
        watch.flush()


def _compiling() -> bool:
    return _taps.is_compiling()
