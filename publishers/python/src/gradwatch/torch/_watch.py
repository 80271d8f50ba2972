"""The watch itself: hooks around the optimizer's step, and what a training loop may say to it."""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Iterable, Mapping
from time import time
from types import TracebackType
from typing import Any, Callable, Optional, TypeVar

import torch
from torch import nn

from gradwatch import LayerNorms, Run, StopRun, _lifetime
from gradwatch._notices import Notices
from gradwatch._values import shown
from gradwatch.torch import _taps
from gradwatch.torch._backlog import Batch, Scalar, Step, plain
from gradwatch.torch._found import rate_now, steps_done
from gradwatch.torch._layers import Layout, layout_of
from gradwatch.torch._norms import SAMPLE, SAMPLE_PER_STEP, Meter, Reading, combine
from gradwatch.torch._sharding import Shards, any_rank, world_size

FIRST_STEPS = 5
"""Measured whatever ``every`` says, so that a start that goes wrong shows at once."""

LONGEST_WAIT = 0.5
"""Seconds after which a step that was not measured is published at its end, instead of together with the next measured one."""

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
        self._most = None if exact else min(SAMPLE, SAMPLE_PER_STEP * self._every)
        self._owns_run = owns_run
        self._raises = raises
        self._mean = not adds_up_losses
        self._loss_comes_after = loss_comes_after
        self._publishes = run.is_publishing
        self._agrees = told_to_stop and world_size() > 1
        self._told: Optional[StopRun] = None

        self._first = self._step = steps_done(optimizer) if first_step is None else int(first_step)
        self._counted = first_step is not None
        self._due = True
        """Whether the step that comes is measured."""
        self._measured = False
        self._calls = 0
        self._epoch: Optional[float] = None
        self._epochs = 0
        self._clip_norm: Scalar = None
        self._clips_at: Optional[float] = None
        self._clipped_as: Optional[tuple[int, int, int]] = None
        self._losses: list[Scalar] = []
        self._steps: list[Step] = []
        self._reading: Optional[Reading] = None
        self._awaits_loss = False
        """Whether the last step is held back for its loss, in a loop that tells it after the step."""
        self._released = time()
        self._batches: deque[Batch] = deque()
        self._loss_sum = 0.0
        self._loss_count = 0
        self._handles: list[Any] = []
        self._let_go: Callable[[], None] = lambda: None

        self._layout = Layout([], [], [], [], [])
        self._meter: Optional[Meter] = None
        self._shards: Optional[Shards] = None
        self._ids: set[int] = set()
        self._device = torch.device("cpu")
        self._on_cuda = False
        self._lay_out()
        if self._publishes or self._shards is not None or self._agrees:
            self._handles = [
                optimizer.register_step_pre_hook(self._before_step),
                optimizer.register_step_post_hook(self._after_step),
            ]
            _taps.listen(self)
            self._let_go = run.hold_back(self.flush)

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

    def measure(self) -> None:
        """Measures the gradients as they are now. Call it before code of your own that changes them, such as your own clipping."""
        self.before_clipping()

    def at_epoch(self, epoch: Optional[float]) -> None:
        """The place of the next steps on the run's time line, in epochs since the start, fractional."""
        self._epoch = epoch

    @property
    def next_step(self) -> int:
        """The number of the step that comes."""
        return self._step

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint should hold, for ``watch(..., state=...)`` in the job that goes on from it."""
        return {**self.run.state_dict(), "step": self._step}

    @_guarded
    def flush(self) -> None:
        """Hands every step to the run, waiting for the accelerator where it must."""
        self._awaits_loss = False
        self._release()
        self._drain(wait=True)

    def close(self, outcome: str = "COMPLETED", reason: Optional[str] = None) -> None:
        """Ends the watch, and the run where the watch made it. The model and the optimizer are as if nobody had watched."""
        self.flush()
        for handle in self._handles:
            handle.remove()
        self._handles = []
        self._publishes = False
        _taps.leave(self)
        self._let_go()
        self._forget()
        if self._owns_run:
            self.run.finish(outcome, reason)

    def __enter__(self) -> Watch:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close(*_lifetime.outcome_of(error))

    # Around the optimizer's step. What runs at every step is kept short: it finds the caches full of the model.

    def _before_step(self, optimizer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if not (self._due or self._awaits_loss or kwargs or len(args) > 1):
            return None
        return self._prepare(optimizer, args, kwargs)

    @_guarded
    def _prepare(self, optimizer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._stop_waiting()
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
        if isinstance(result, torch.Tensor) and not self._losses and not self._loss_comes_after:
            self._losses.append(plain(result))
        self._measure()

    def _measure(self, scale: Optional[torch.Tensor] = None) -> None:
        if self._measured or not self._due:
            return
        if not self._counted:
            self._count_from_checkpoint()
        if not self._layout.is_current():
            self._lay_out()
        if self._meter is not None and not (self._on_cuda and torch.cuda.is_current_stream_capturing()):
            self._measured = self._meter.before_update(scale)

    def _after_step(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        self._calls += 1
        self._end_step(getattr(optimizer, "found_inf", None))
        if self.stop is not None:
            self._raise_if_told()

    @_guarded
    def _end_step(self, found_inf: Optional[torch.Tensor] = None, *, updated: bool = True) -> None:
        due = self._due
        step = Step(self._step, time(), self._epoch, self._losses, rate_now(self._optimizer))
        step.norm, self._clip_norm = self._clip_norm, None
        if found_inf is not None:
            step.skipped = plain(found_inf)
        self._step += 1
        self._due = self._step - self._first < FIRST_STEPS or self._step % self._every == 0
        self._losses = []
        if due:
            self._read_meter(updated)
        if self._publishes:
            self._steps.append(step)
            if self._loss_comes_after is None:
                self._loss_comes_after = not step.losses
            self._awaits_loss = self._loss_comes_after and not step.losses
            if self.run.stop_requested is not None or (
                not self._awaits_loss and (due or step.ended - self._released > LONGEST_WAIT)
            ):
                # The run itself raises what it was told, after it has let the script write a checkpoint.
                self._awaits_loss = False
                self._release()
        if due and self._agrees and any_rank(self._told is not None, self._device):
            self.stop = self._told or StopRun("the rank that publishes was told to stop")

    def _read_meter(self, updated: bool) -> None:
        measured, self._measured = self._measured, False
        if self._meter is None:
            return
        if measured:
            self._reading = self._meter.after_update(updated)
        elif self._shards is not None:
            self._reading = self._meter.missed()

    # What the taps tell.

    def owns(self, parameters: Iterable[torch.Tensor]) -> bool:
        """Whether one of these is a parameter of the watched model."""
        return any(id(p) in self._ids for p in parameters)

    def before_clipping(self) -> None:
        """Gradients are about to be changed: measured now."""
        if self._due and not self._measured:
            self._prepare(None, (), {})

    @_guarded
    def clipped(self, parameters: list[torch.Tensor], limit: Any, norm: Optional[torch.Tensor]) -> None:
        """Gradients were clipped: the norm that this computed is taken over for steps that are not measured."""
        if norm is not None and self._publishes and self._shards is None and self._covers(parameters):
            self._clip_norm = plain(norm)
        if self._clips_at is None and isinstance(limit, (int, float)) and 0 < limit < float("inf"):
            self._clips_at = float(limit)
            self.run.register(clip_threshold=self._clips_at)

    def steps_of(self, optimizer: Any) -> Optional[int]:
        """How often the watched optimizer did a step."""
        return self._calls if getattr(optimizer, "optimizer", optimizer) is self._optimizer else None

    @_guarded
    def skipped_step(self) -> None:
        """A loss scaler left out a step: published with the norm that made it do so, and no update."""
        self.skipped += 1
        self._due = True
        self._prepare(None, (), {})
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
            Meter(self._layout, layers=self._layers, most=self._most, shards=self._shards) if parameters else None
        )
        if self._layers:
            self.run.register(layers=self._layout.layers)

    def _count_from_checkpoint(self) -> None:
        """The optimizer's state may have been loaded after the watch began."""
        self._counted = True
        steps = steps_done(self._optimizer)
        if steps != self._step:
            self._first = self._step = steps
            self.run.register(resumed=True)

    def _covers(self, parameters: list[torch.Tensor]) -> bool:
        """Whether these are all that have a gradient. Loops pass the same parameters each time: looked at closely once."""
        known = (len(parameters), id(parameters[0]), id(parameters[-1])) if parameters else (0, 0, 0)
        if known != self._clipped_as:
            passed = {id(p) for p in parameters if p.grad is not None}
            if passed != {id(p) for p in self._layout.parameters if p.grad is not None}:
                return False
            self._clipped_as = known
        return True

    def _place(self, step: Step) -> float:
        return float(self._epochs) if step.epoch is None else step.epoch

    @_guarded
    def _take_loss(self, loss: Any) -> None:
        if not self._publishes:
            return
        if self._awaits_loss:
            self._steps[-1].losses.append(plain(loss))
            self._stop_waiting()
        else:
            self._losses.append(plain(loss))

    def _stop_waiting(self) -> None:
        """The last step has its loss, or will never have it."""
        if self._awaits_loss:
            self._awaits_loss = False
            if self._reading is not None or self._steps[-1].ended - self._released > LONGEST_WAIT:
                self._release()
        if self._batches:
            self._drain()

    def _release(self) -> None:
        steps, self._steps = self._steps, []
        reading, self._reading = self._reading, None
        if steps:
            self._released = steps[-1].ended
            self._batches.append(Batch(steps, reading, self._layout, mean=self._mean))
            self._drain()

    def _drain(self, wait: bool = False) -> None:
        while self._batches and (wait or self._batches[0].has_arrived()):
            self._publish(self._batches.popleft())

    def _publish(self, batch: Batch) -> None:
        said, numbers = batch.read()
        for step, loss, rate, norm, skipped in said:
            layers: list[LayerNorms] = []
            if numbers is not None and step is said[-1].step:
                assert batch.reading is not None
                norm, layers = combine(batch.layout, numbers, batch.reading.sizes)
            if loss is not None:
                self._loss_sum += loss
                self._loss_count += 1
            self.skipped += skipped
            self._say(
                self.run.step,
                step.step,
                loss=loss,
                gradient_norm=norm,
                learning_rate=rate,
                epoch=self._place(step),
                layers=layers,
                ended=step.ended,
            )

    @_guarded
    def _end_epoch(self, epoch: Optional[float], *, train_loss: Any, **said: Any) -> None:
        self.flush()
        if train_loss is None and self._loss_count:
            train_loss = self._loss_sum / self._loss_count
        self._loss_sum, self._loss_count = 0.0, 0
        at = float(self._epochs) if epoch is None else epoch
        self._epochs = int(at) + 1
        rate = rate_now(self._optimizer)
        self._say(self.run.epoch, at, step=max(0, self._step - 1), train_loss=train_loss, learning_rate=rate, **said)

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
