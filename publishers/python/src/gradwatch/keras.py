"""Watches a Keras 3 model on any backend: ``model.fit(..., callbacks=[gradwatch.keras.GradwatchCallback()])``."""

from __future__ import annotations

import functools
import logging
import time
import weakref
from collections.abc import Mapping
from typing import Any, Callable, NamedTuple, Optional, TypeVar

import keras

import gradwatch
from gradwatch import StopRun
from gradwatch._keras.model import describe, innermost, units
from gradwatch._keras.norms import SAMPLE, SAMPLE_PER_STEP
from gradwatch._keras.probe import Probe, can_measure

__all__ = ["GradwatchCallback"]

QUIET_SECONDS = 30.0
"""How long an evaluation says nothing."""

_log = logging.getLogger("gradwatch")
_Method = TypeVar("_Method", bound=Callable[..., Any])


class _Past:
    """What a run has behind it when ``fit`` begins. ``said`` are the fields of its registration that somebody else has set: they stay."""

    def __init__(self, said: frozenset[str] = frozenset()) -> None:
        self.said = said
        self.fits = 0
        self.epochs = 0
        self.model: Optional[weakref.ReferenceType[Any]] = None


_pasts: weakref.WeakKeyDictionary[gradwatch.Run, _Past] = weakref.WeakKeyDictionary()


class _Pending(NamedTuple):
    """A measured step whose numbers may still be on their way from the device."""

    step: int
    epoch: int
    numbers: Any


def _guarded(method: _Method) -> _Method:
    """What goes wrong in monitoring costs one warning and the rest of the monitoring, never the training."""

    @functools.wraps(method)
    def safe(self: GradwatchCallback, *arguments: Any, **named: Any) -> None:
        if self._given_up:
            return
        try:
            method(self, *arguments, **named)
        except StopRun as told:
            self._told = told
            self._fitted.stop_training = True
        except Exception as failure:
            self._give_up(failure)

    return safe  # type: ignore[return-value]


class GradwatchCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """Publishes what ``fit`` does. Put it last in the list of callbacks.

    Every ``every`` steps, and the first five always: the batch's own loss, the learning rate, the global gradient norm before
    clipping, and for each layer gradient norm, share of zeros, weight norm and the norm of what the optimizer really changed.
    After every epoch: losses, accuracies and all other metrics. The registration says what the model knows of itself;
    ``run_fields``, which are those of ``gradwatch.run``, are added to it and win.

    Without ``run``, a ``fit`` begins a run and ends it; the next ``fit`` with the same callback is the same run's next attempt.
    With ``run``, whoever made it ends it, and a second ``fit`` is its next attempt too.

    Share of zeros, weight norm and update norm of a variable with more than 65,536 entries (16,384 with ``every=1``) come from so
    many of them, evenly spread; ``exact`` looks at all, which costs a copy of the weights in measured steps.

    A run that is told to stop lets ``fit`` end in the regular way, so that other callbacks write their checkpoints, and raises
    ``gradwatch.StopRun`` at its end.
    """

    FIRST_STEPS = 5
    """Steps at the start of each ``fit`` that are always measured."""

    def __init__(
        self, run: Optional[gradwatch.Run] = None, every: int = 10, exact: bool = False, **run_fields: Any
    ) -> None:
        super().__init__()
        if not isinstance(every, int) or every < 1:
            raise ValueError(f"every must be a whole number of steps, 1 or more; found: {every!r}")
        self.run = run
        """The run of the last ``fit``."""
        self._every = every
        self._most = None if exact else min(SAMPLE, SAMPLE_PER_STEP * every)
        self._run_fields = run_fields
        self._own_run = run is None
        self._past = _Past() if run is None else _pasts.setdefault(run, _Past(frozenset(run.registration)))
        self._given_up = False
        self._spoke = 0.0
        self._told: Optional[StopRun] = None
        self._probe: Optional[Probe] = None
        self._fitted: Any = None
        self._own_function: Any = None
        self._pending: Optional[_Pending] = None
        self._epoch = 0
        self._epoch_shift: Optional[int] = None
        self._first_step = 0
        self._batches = 0
        self._batches_a_step = 1
        self._batches_left: Optional[int] = None
        self._batch_size: Optional[int] = None

    @_guarded
    def on_train_begin(self, logs: Any = None) -> None:
        """Registers the run, and puts the measuring train function beside the model's own."""
        self._told = self._pending = self._epoch_shift = self._batch_size = None
        # Within an epoch of JAX the property self.model takes the training state away from fit.
        model = self._fitted = self.model
        optimizer = innermost(model.optimizer)
        self._batches_a_step = getattr(optimizer, "gradient_accumulation_steps", None) or 1
        self._first_step = int(getattr(optimizer, "iterations", 0))
        self._batches = self._first_step * self._batches_a_step
        watched = units(model)
        # Weights go on although compile made a new optimizer; a new model begins anew.
        same = self._past.model is not None and self._past.model() is model
        run = self._begin(describe(model, watched), resumed=same or self._first_step > 0)
        if "learning_rate" not in run.registration and _rate(optimizer) == 0:
            run.report("learning-rate-zero", "the learning rate is 0, so nothing will be learned")
        self._past.fits += 1
        self._past.model = weakref.ref(model)
        if run.is_publishing and can_measure(model):
            self._own_function = _without_callback(model.train_function)
            if self._probe is None or not self._probe.is_of(model, self._own_function):
                self._probe = Probe(model, self._own_function, watched, self._most)
            model.train_function = self._train_function

    @_guarded
    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Finds the epoch's place in the run: a second ``fit`` counts from 0 again, the run goes on."""
        if self._epoch_shift is None:
            goes_on = self._first_step > 0 and epoch < self._past.epochs
            self._epoch_shift = self._past.epochs - epoch if goes_on else 0
        self._epoch = epoch + self._epoch_shift
        self._batches_left = self.params.get("steps")

    @_guarded
    def on_epoch_end(self, epoch: int, logs: Optional[Mapping[str, Any]] = None) -> None:
        """Publishes the epoch."""
        self._spoke = time.monotonic()
        self._publish()
        assert self.run is not None
        logs = dict(logs or {})
        said = {name: logs.pop(key, None) for name, key in (("train_loss", "loss"), ("validation_loss", "val_loss"))}
        logs.pop("learning_rate", None)
        accuracy = _accuracy(logs)
        if accuracy is not None:
            said["train_accuracy"] = logs.pop(accuracy)
            said["validation_accuracy"] = logs.pop(f"val_{accuracy}", None)
        self._past.epochs = self._epoch + 1
        self.run.epoch(
            # Epochs done; Keras counts them from 1 where people see them.
            self._epoch + 1,
            step=max(self._batches // self._batches_a_step - 1, 0),
            learning_rate=_rate(self._fitted.optimizer),
            metrics=logs,
            **said,
        )

    @_guarded
    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Says during a long evaluation that the run is alive."""
        if self._epoch_shift is not None and self.run is not None and time.monotonic() > self._spoke + QUIET_SECONDS:
            self._spoke = time.monotonic()
            self.run.heartbeat("evaluating")

    def on_train_end(self, logs: Any = None) -> None:
        """Ends the run if ``fit`` began it; raises ``StopRun`` if the run was told to stop."""
        self._publish()
        self._step_aside()
        told, self._told = self._told, None
        self._epoch_shift = None
        self._finish(told)
        if told is not None:
            raise told

    # Registration.

    def _begin(self, known: dict[str, Any], resumed: bool) -> gradwatch.Run:
        steps, epochs = self.params.get("steps"), self.params.get("epochs")
        if steps:
            steps = -(-steps // self._batches_a_step)
        known = {
            **known,
            "steps_per_epoch": steps,
            "planned_epochs": epochs,
            "epoch_numbering": "from-1",
            "planned_steps": steps * epochs if steps and epochs else None,
        }
        fields = {**{name: value for name, value in known.items() if name not in self._past.said}, **self._run_fields}
        fields["tags"] = {**known["tags"], **self._run_fields.get("tags", {})}
        if self._own_run:
            if self.run is not None:
                self.run.finish("FAILED", "fit was left before its end")
                fields.update(run_id=self.run.id, attempt=self.run.attempt + 1)
            self.run = gradwatch.run(resumed=fields.pop("resumed", resumed), **fields)
        else:
            assert self.run is not None
            if self._past.fits > 0:
                self.run.next_attempt(resumed=resumed)
            self.run.register(**{"resumed": resumed or None, **fields})
        return self.run

    def _finish(self, error: Optional[BaseException] = None) -> None:
        if self._own_run and self.run is not None:
            self.run.__exit__(None if error is None else type(error), error, None)

    # Steps.

    def _train_function(self, *arguments: Any) -> Any:
        """Stands before the model's own train function while ``fit`` runs: one call for each execution."""
        own, probe = self._own_function, self._probe
        batches = max(self._fitted.steps_per_execution, 1)
        if self._batches_left is not None:
            batches = max(min(batches, self._batches_left), 1)
        try:
            if probe is None or not self._is_due(batches):
                outputs = own(*arguments)
                self._count(batches)
                self._publish()
            else:
                outputs, numbers = probe.train(*arguments)
                self._count(batches)
                # The device is busy with this step; the numbers of the one before have arrived.
                self._publish()
                self._measured(numbers)
        except StopIteration:
            raise
        except BaseException as error:
            self._step_aside()
            self._finish(error)
            raise
        return outputs

    def _count(self, batches: int) -> None:
        self._batches += batches
        if self._batches_left is not None:
            self._batches_left -= batches

    def _is_due(self, batches: int) -> bool:
        """Whether one of the steps that this call will end is to be measured; of several in one call it is the last."""
        end = self._batches + batches
        if self._given_up or end % self._batches_a_step:
            return False
        first, last = self._batches // self._batches_a_step, end // self._batches_a_step - 1
        return first - self._first_step < self.FIRST_STEPS or last // self._every * self._every >= first

    @_guarded
    def _measured(self, numbers: Any) -> None:
        assert self._probe is not None
        if self._probe.failure is not None:
            raise self._probe.failure
        self._pending = _Pending(self._batches // self._batches_a_step - 1, self._epoch, numbers)

    @_guarded
    def _publish(self) -> None:
        self._spoke = time.monotonic()
        pending, self._pending = self._pending, None
        if pending is None or self._probe is None or self.run is None:
            return
        seen = self._probe.read(pending.numbers)
        if self._batch_size is None and seen.batch_size:
            self._batch_size = seen.batch_size * self._batches_a_step
            if "batch_size" not in self._past.said and "batch_size" not in self._run_fields:
                self.run.register(batch_size=self._batch_size)
        self.run.step(
            pending.step,
            loss=seen.loss,
            gradient_norm=seen.gradient_norm,
            learning_rate=seen.learning_rate,
            epoch=pending.epoch,
            layers=seen.layers,
        )

    # The end of monitoring.

    def _step_aside(self) -> None:
        if self._own_function is not None and self._fitted.train_function == self._train_function:
            self._fitted.train_function = self._own_function
        self._own_function = None

    def _give_up(self, failure: Exception) -> None:
        self._given_up = True
        _log.warning(
            "gradwatch: monitoring of this model stopped, training goes on: %s: %s", type(failure).__name__, failure
        )
        _log.debug("gradwatch: where monitoring failed", exc_info=failure)


def _without_callback(train_function: Any) -> Any:
    """The model's own train function, also when an earlier ``fit`` was left by an exception before ours could be taken out."""
    owner = getattr(train_function, "__self__", None)
    return owner._own_function if isinstance(owner, GradwatchCallback) else train_function


def _accuracy(logs: Mapping[str, Any]) -> Optional[str]:
    """The name of the one accuracy among the metrics; ``None`` when there is none, or several and none of them is plain."""
    names = [
        n for n in logs if not n.startswith("val_") and (n == "acc" or n.endswith("accuracy")) and "top_k" not in n
    ]
    plain = [n for n in names if n in ("accuracy", "acc")]
    names = plain or names
    return names[0] if len(names) == 1 else None


def _rate(optimizer: Any) -> Optional[float]:
    try:
        return float(str(keras.ops.convert_to_numpy(optimizer.learning_rate)))
    except Exception:
        return None
