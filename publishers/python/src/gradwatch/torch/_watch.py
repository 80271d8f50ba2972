"""The watch itself: hooks around the optimizer's step, and what a training loop may say to it."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from time import time
from types import TracebackType
from typing import Any, Callable, Optional

import torch
from torch import nn

from gradwatch import LayerNorms, RankNorms, Run, StopRun, _lifetime
from gradwatch._notices import Notices
from gradwatch._values import described, is_several, shown
from gradwatch.torch import _taps
from gradwatch.torch._backlog import Said, Step, plain
from gradwatch.torch._found import rate_now
from gradwatch.torch._gauge import Gauge
from gradwatch.torch._guard import Order, guarded
from gradwatch.torch._outgoing import Outgoing
from gradwatch.torch._progress import Progress
from gradwatch.torch._start import StartCheck


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
        epochs: int = 0,
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
        self._optimizer = optimizer
        self._layers = layers
        self._owns_run = owns_run
        self._raises = raises
        self._publishes = run.is_publishing
        self._order = Order(told_to_stop)
        self._calls = 0
        self._clips_at: Optional[float] = None
        self._handles: list[Any] = []
        self._let_go: Callable[[], None] = lambda: None

        every = max(1, int(every))
        self._progress = Progress(optimizer, first_step, every, epochs)
        self._start: Optional[StartCheck] = StartCheck(optimizer, run.report) if self._publishes else None
        self._metrics: dict[str, Any] = {}
        self._rank_norms: Optional[RankNorms] = None
        self._gauge = Gauge(model, every=every, layers=layers, max_layers=max_layers, exact=exact)
        self._outgoing = Outgoing(self._say_step, mean=not adds_up_losses, loss_comes_after=loss_comes_after)
        self._lay_out()
        if self._publishes or self._gauge.is_sharded or self._order.is_shared:
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

    def metrics(self, metrics: Mapping[str, Any]) -> None:
        """Other numbers of the step that comes, by name, such as ``reward`` or ``kl``; call it before ``optimizer.step()``."""
        if self._publishes:
            self._metrics = {**self._metrics, **metrics}

    def rank_norms(self, norms: Optional[RankNorms]) -> None:
        """How the ranks differ in the step that comes, as ``gradwatch.torch.rank_norms`` finds it out."""
        self._rank_norms = norms

    def measure(self) -> None:
        """Measures the gradients as they are now. Call it before code of your own that changes them, such as your own clipping."""
        self.before_clipping()

    def at_epoch(self, epoch: Optional[float]) -> None:
        """The place of the next steps on the run's time line, in epochs since the start, fractional."""
        self._progress.epoch = epoch

    @property
    def next_step(self) -> int:
        """The number of the step that comes."""
        return self._progress.next_step

    @property
    def stop(self) -> Optional[StopRun]:
        """Why this run should end, once it was told to, on every rank."""
        return self._order.stop

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint should hold, for ``watch(..., state=...)`` in the job that goes on from it.

        The run, its attempt, the step and epoch that come next, and the best evaluation so far.
        """
        progress = self._progress
        return {
            "run_id": self.run.id,
            "attempt": self.run.attempt,
            "step": progress.next_step,
            "epoch": progress.epochs,
            "best": self.run.best,
        }

    @guarded
    def flush(self) -> None:
        """Hands every step to the run, waiting for the accelerator where it must."""
        self._outgoing.flush()

    def close(self, outcome: str = "COMPLETED", reason: Optional[str] = None) -> None:
        """Ends the watch, and the run where the watch made it. The model and the optimizer are as if nobody had watched."""
        self.flush()
        self._end_start()
        for handle in self._handles:
            handle.remove()
        self._handles = []
        self._publishes = False
        _taps.leave(self)
        self._let_go()
        self._gauge.forget()
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
        if not (self._progress.due or self._outgoing.awaits_loss or kwargs or len(args) > 1):
            return None
        return self._prepare(optimizer, args, kwargs)

    @guarded
    def _prepare(self, optimizer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._outgoing.stop_waiting()
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

    @guarded
    def _after_closure(self, result: Any) -> None:
        self._outgoing.take_result(result)
        self._measure()

    def _measure(self, scale: Optional[torch.Tensor] = None) -> None:
        if self._gauge.measured or not self._progress.due:
            return
        if self._progress.begin_step(self._optimizer):
            self.run.register(resumed=True)
        if not self._gauge.layout.is_current():
            self._lay_out()
        if self._start is not None:
            self._look_at_start(self._start)
        self._gauge.before_update(scale)

    def _after_step(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        self._calls += 1
        self._end_step(getattr(optimizer, "found_inf", None))
        self._raise_if_told()

    @guarded
    def _end_step(self, found_inf: Optional[torch.Tensor] = None, *, updated: bool = True) -> None:
        progress, gauge = self._progress, self._gauge
        due = progress.due
        losses, rate = self._outgoing.take_losses(), rate_now(self._optimizer)
        step = Step(progress.next_step, time(), progress.epoch, losses, rate)
        step.norm = gauge.take_clip_norm()
        if self._metrics or self._rank_norms is not None:
            step.metrics, self._metrics = self._metrics, {}
            step.rank_norms, self._rank_norms = self._rank_norms, None
        if found_inf is not None:
            step.skipped = plain(found_inf)
        progress.end_step()
        reading = gauge.after_update(updated) if due else None
        if self._publishes:
            # The run itself raises what it was told, after it has let the script write a checkpoint.
            told = self.run.stop_requested is not None
            self._outgoing.add(step, reading, gauge.layout, due=due, hurry=told)
        if due:
            self._order.share(gauge.device)

    # What the taps tell.

    def owns(self, parameters: Iterable[torch.Tensor]) -> bool:
        """Whether one of these is a parameter of the watched model."""
        return self._gauge.owns(parameters)

    def before_clipping(self) -> None:
        """Gradients are about to be changed: measured now."""
        if self._progress.due and not self._gauge.measured:
            self._prepare(None, (), {})

    @guarded
    def clipped(self, parameters: list[torch.Tensor], limit: Any, norm: Optional[torch.Tensor]) -> None:
        """Gradients were clipped: the norm that this computed is taken over for steps that are not measured."""
        if norm is not None and self._publishes:
            self._gauge.clipped(parameters, norm)
        if self._clips_at is None and isinstance(limit, (int, float)) and 0 < limit < float("inf"):
            self._clips_at = float(limit)
            self.run.register(clip_threshold=self._clips_at)

    def steps_of(self, optimizer: Any) -> Optional[int]:
        """How often the watched optimizer did a step."""
        return self._calls if getattr(optimizer, "optimizer", optimizer) is self._optimizer else None

    @guarded
    def skipped_step(self) -> None:
        """A loss scaler left out a step: published with the norm that made it do so, and no update."""
        self.skipped += 1
        self._progress.due = True
        self._prepare(None, (), {})
        self._end_step(updated=False)

    # Inside.

    @guarded
    def _look_at_start(self, start: StartCheck) -> None:
        start.look(self._gauge.layout, whole=not self._gauge.is_sharded)
        if start.is_over:
            self._start = None

    @guarded
    def _end_start(self) -> None:
        start, self._start = self._start, None
        if start is not None:
            start.finish()

    @guarded
    def _lay_out(self) -> None:
        found = self._gauge.lay_out()
        if self._layers:
            self.run.register(layers=found)

    @guarded
    def _take_loss(self, loss: Any) -> None:
        if not self._publishes:
            return
        if is_several(loss):
            self.run.report("loss-not-scalar", f"the loss is not one number but {described(loss)}: pass its mean")
            return
        self._outgoing.take_loss(loss)

    def _say_step(self, said: Said, layers: list[LayerNorms]) -> None:
        self.skipped += said.skipped
        self._order.hear(
            self.run.step,
            said.step.step,
            loss=said.loss,
            gradient_norm=said.norm,
            learning_rate=said.rate,
            epoch=self._progress.place(said.step.epoch),
            layers=layers,
            metrics=said.step.metrics,
            rank_norms=said.step.rank_norms,
            ended=said.step.ended,
        )

    @guarded
    def _end_epoch(self, epoch: Optional[float], *, train_loss: Any, **said: Any) -> None:
        self.flush()
        mean = self._outgoing.take_mean_loss()
        train_loss = mean if train_loss is None else train_loss
        at, step, rate = self._progress.end_epoch(epoch), self._progress.last_step, rate_now(self._optimizer)
        self._order.hear(self.run.epoch, at, step=step, train_loss=train_loss, learning_rate=rate, **said)

    def _raise_if_told(self) -> None:
        if self._raises and self.stop is not None:
            raise self.stop

    def _failed(self, where: str, error: Exception) -> None:
        self.errors += 1
        self._gauge.forget()
        Notices.shared.warn(
            f"torch-{where}",
            f"step {self.next_step} of run {self.run.id} was not measured, by a fault of gradwatch in {where}:"
            f" {type(error).__name__}: {shown(error)}; training goes on",
        )
