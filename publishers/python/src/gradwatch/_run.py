"""The run that a training script holds."""

import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Callable, Optional

from gradwatch import _identity, _lifetime, _registration
from gradwatch import _values as values
from gradwatch._channel import Channel
from gradwatch._events import EPOCH, FINISHED, HEARTBEAT, STARTED, Identity, Record, StepNorms
from gradwatch._intake import AnyLayers, Intake
from gradwatch._notices import Notices
from gradwatch._settings import Settings
from gradwatch._stopping import AlertWatch, StopRun
from gradwatch._urgency import Urgency
from gradwatch._values import Refused, shown

OUTCOMES = ("COMPLETED", "FAILED", "CANCELLED", "STOPPED", "UNKNOWN")

_SETTLES_AFTER = 1.0
"""Seconds in which several calls of ``register`` become one record, when nothing else is said before."""


class Run:
    """One attempt of one run. Made by ``gradwatch.run``; use it in a ``with`` statement, or call ``finish`` at the end.

    No method waits for the network, and none raises because of monitoring: what cannot be is warned of and counted in ``invalid``. The one
    exception is ``StopRun``, for those who asked for it. Methods may be called from any thread.
    """

    def __init__(
        self,
        settings: Settings,
        identity: Identity,
        channels: "Callable[[Run], list[Channel]]",
        registration: "Mapping[str, Any]",
        on_stop: "Optional[Callable[[StopRun], object]]" = None,
        *,
        fixed: bool = False,
    ) -> None:
        self._settings = settings
        self._notices = Notices.shared
        self._identity = identity
        self._on_stop = on_stop
        self._fixed = fixed
        self._stop: Optional[StopRun] = None
        self._saved = False
        self._watch: Optional[AlertWatch] = None
        self._lock = threading.Lock()
        self._channels: list[Channel] = []
        self._registration: dict[str, Any] = {}
        self._unsaid = False
        self._settles_at = 0.0
        self._registered = False
        self._urgency = Urgency()
        self._intake = Intake(lambda: self.id)
        self._value = self._intake.value
        self._layers = self._intake.layers
        self._metrics = self._intake.metrics
        self._refuse = self._intake.refuse
        self._holders: list[Callable[[], object]] = []
        self._finished = False
        self._ended = False
        self._channels = channels(self)
        self.register(**registration)

    # What this run is.

    @property
    def id(self) -> str:
        """The run's id: the key of its records, and what the commands of the service call it."""
        return self._identity.run_id

    @property
    def attempt(self) -> int:
        """1 for the first start, one more after each restart."""
        return self._identity.attempt

    @property
    def is_publishing(self) -> bool:
        """Whether anything that is said goes anywhere: not when disabled, unconfigured, finished, or on another rank than 0."""
        return bool(self._channels) and not self._finished

    @property
    def published(self) -> int:
        """Steps and events that arrived: acknowledged by the brokers, or written to the file where there are no brokers."""
        return self._channels[-1].published if self._channels else 0

    @property
    def dropped(self) -> int:
        """Steps and events that never will arrive, because too many waited or the end came first."""
        if not self._channels:
            return 0
        channel = self._channels[-1]
        # In this order: what goes from one to the other meanwhile may be counted twice for a moment, but is never overlooked.
        late = channel.pending if self._ended else 0
        return channel.dropped + late

    @property
    def pending(self) -> int:
        """Steps and events that wait to be published."""
        return self._channels[-1].pending if self._channels and not self._ended else 0

    @property
    def invalid(self) -> int:
        """How many calls or values were refused because no event may carry them."""
        return self._intake.refused

    @property
    def stop_requested(self) -> Optional[StopRun]:
        """What ``step`` would raise; to be looked at where an exception on one rank alone would leave the others waiting."""
        return self._stop

    # What it says.

    def register(self, **fields: Any) -> None:
        """Says more of the run: any field of ``gradwatch.run``. May be called at any time; what was said before stays unless said anew."""
        if not self.is_publishing:
            return
        with self._lock:
            known = _registration.taken_over(self._registration, fields, self._refuse)
            if known != self._registration or not self._registered:
                self._registration = known
                self._unsaid = True
                self._settles_at = time.monotonic() + _SETTLES_AFTER

    def step(
        self,
        step: Any,
        *,
        loss: Any = None,
        gradient_norm: Any = None,
        learning_rate: Any = None,
        epoch: Any = None,
        layers: "AnyLayers" = (),
        ended: Any = None,
    ) -> None:
        """An optimizer step ended.

        ``step`` counts optimizer steps since the start of the run, from 0. ``gradient_norm`` is the global L2 norm before clipping,
        ``epoch`` the epochs since the start, fractional. Numbers may be scalars of any framework; reading one that lives on
        an accelerator waits for it. NaN and infinity are data. ``ended`` is when, in seconds since 1970, where that is not now.
        """
        if not self._channels or self._finished:
            return
        if self._stop is not None:
            self._raise_stop()
        try:
            if self._unsaid:
                self._say_registration()
            said = StepNorms(
                values.count(step),
                None if epoch is None else self._value("epoch", epoch, values.position),
                _now() if ended is None else int(ended * 1000),
                None if loss is None else self._value("loss", loss, values.number),
                None if gradient_norm is None else self._value("gradient_norm", gradient_norm, values.measured),
                None if learning_rate is None else self._value("learning_rate", learning_rate, values.measured),
                self._layers(layers),
            )
            for channel in self._channels:
                channel.put_step(self._identity, said)
            if self._urgency.of(said):
                self._hurry()
        except Exception as e:
            self._refuse("step", step, e)

    def epoch(
        self,
        epoch: Any = None,
        *,
        step: Any = None,
        train_loss: Any = None,
        validation_loss: Any = None,
        train_accuracy: Any = None,
        validation_accuracy: Any = None,
        learning_rate: Any = None,
        gradient_norm: Any = None,
        metrics: "Optional[Mapping[str, Any]]" = None,
    ) -> None:
        """An epoch or an evaluation ended; ``epoch`` (may be fractional) or ``step`` says when. Accuracies are shares or percentages."""
        if not self.is_publishing:
            return
        if self._stop is not None:
            self._raise_stop()
        self._hand_over()
        try:
            fields = {
                "epoch": self._value("epoch", epoch, values.position),
                "step": self._value("step", step, values.count),
                "train_loss": self._value("train_loss", train_loss, values.number),
                "validation_loss": self._value("validation_loss", validation_loss, values.number),
                "train_accuracy": self._value("train_accuracy", train_accuracy, values.accuracy),
                "validation_accuracy": self._value("validation_accuracy", validation_accuracy, values.accuracy),
                "learning_rate": self._value("learning_rate", learning_rate, values.measured),
                "gradient_norm": self._value("gradient_norm", gradient_norm, values.measured),
                "metrics": self._metrics(metrics),
            }
            if fields["epoch"] is None and fields["step"] is None:
                raise Refused("or step must be there")
            self._say(EPOCH, fields)
        except Exception as e:
            self._refuse("epoch", epoch, e)

    def heartbeat(self, status: Optional[str] = None, *, step: Any = None) -> None:
        """The run is alive and has nothing else to say, such as during a long evaluation."""
        if not self.is_publishing:
            return
        try:
            fields = {"step": self._value("step", step, values.count), "status": values.optional(status, values.text)}
            self._say(HEARTBEAT, fields)
        except Exception as e:
            self._refuse("status", status, e)

    def finish(self, outcome: str = "COMPLETED", reason: Optional[str] = None) -> None:
        """The run ended. Waits until what was said is published, at most ``Settings.flush_seconds``; the second call does nothing."""
        if not self._channels or self._finished:
            return
        self._hand_over()
        try:
            self._begin_end(outcome, reason)
            _lifetime.wait_for([self], self._settings.flush_seconds)
            self._ended = True
            _lifetime.let_go(self)
            self._say_what_was_lost()
        except Exception as e:
            self._refuse("outcome", outcome, e)

    def hold_back(self, hand_over: "Callable[[], object]") -> "Callable[[], None]":
        """For integrations that say several steps at once: ``hand_over`` says those held back, before an epoch, a new attempt or the end.

        Returns what ends that. It is called in the thread that speaks.
        """
        self._holders.append(hand_over)
        return lambda: self._holders.remove(hand_over) if hand_over in self._holders else None

    # Attempts.

    def state_dict(self) -> "dict[str, Any]":
        """What a checkpoint should hold, so that a job that goes on from it is this run's next attempt."""
        return {"run_id": self.id, "attempt": self.attempt}

    def load_state_dict(self, state: "Mapping[str, Any]") -> None:
        """Goes on as the next attempt of the run in a checkpoint. Call it before the first step.

        When the id of this run was fixed from outside, the checkpoint of another run changes nothing.
        """
        try:
            before = Identity(_identity.checked_id(state["run_id"]), values.at_least(1)(state["attempt"]))
        except Exception as e:
            self._refuse("state", state, e)
            return
        if before.run_id == self.id:
            self._go_on_as(Identity(self.id, max(before.attempt + 1, self.attempt)), resumed=True)
        elif not self._fixed:
            self._go_on_as(Identity(before.run_id, before.attempt + 1), resumed=True)

    def next_attempt(self, *, resumed: bool = True) -> None:
        """A new attempt begins in this process, such as after going back to a checkpoint; ``resumed`` says whether it goes on from one."""
        flag = self._value("resumed", resumed, values.flag)
        self._go_on_as(Identity(self.id, self.attempt + 1), resumed=flag is True)

    # As a context.

    def __enter__(self) -> "Run":
        return self

    def __exit__(
        self,
        kind: "Optional[type[BaseException]]",
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        outcome, reason = _lifetime.outcome_of(error)
        self.finish(outcome, reason)

    # As part of something that is copied, such as a trainer with its callbacks.

    def __copy__(self) -> "Run":
        return self

    def __deepcopy__(self, memo: "dict[int, Any]") -> "Run":
        """A run has one voice: a copy of its holder speaks with it."""
        return self

    def __reduce__(self) -> "tuple[Any, ...]":
        """In another process, or back from a file, it says nothing."""
        return _silent, (self.id, self.attempt)

    def __repr__(self) -> str:
        return f"<gradwatch.Run {self.id} attempt {self.attempt}: {self.published} published, {self.dropped} dropped>"

    # Inside.

    def _hurry(self) -> None:
        for channel in self._channels:
            channel.hurry()

    def _say(self, kind: str, fields: "Mapping[str, Any]") -> None:
        if self._unsaid:
            self._say_registration()
        record = Record(self._identity, _now(), kind, fields)
        for channel in self._channels:
            channel.put(record)

    def _say_registration(self) -> None:
        with self._lock:
            if not self._unsaid:
                return
            record = Record(self._identity, _now(), STARTED, _registration.with_surroundings(self._registration))
            for channel in self._channels:
                channel.put(record)
            # Last, so that nobody else speaks before it.
            self._registered = True
            self._unsaid = False

    def _settle(self) -> None:
        """Called by the publishing threads once in a while: a registration that nothing followed is said by itself."""
        if self._unsaid and (self._finished or time.monotonic() >= self._settles_at):
            self._say_registration()

    def _go_on_as(self, identity: Identity, *, resumed: bool) -> None:
        if not self.is_publishing:
            return
        self._hand_over()
        with self._lock:
            if self._registered and identity.run_id != self.id:
                # Under the made-up id nothing more follows.
                reason = {
                    "outcome": "CANCELLED",
                    "reason": f"goes on as run {identity.run_id}, attempt {identity.attempt}",
                }
                for channel in self._channels:
                    channel.put(Record(self._identity, _now(), FINISHED, reason))
            self._identity = identity
            self._registration = {**self._registration, "resumed": resumed}
            self._unsaid = True
            self._settles_at = time.monotonic() + _SETTLES_AFTER
            self._urgency = Urgency()
            self._stop, self._saved = None, False
        if self._fixed:
            _identity.remember(identity, self._settings)

    def _hand_over(self) -> None:
        for holder in list(self._holders):
            try:
                holder()
            except Exception as e:
                self._refuse("what was held back", None, e)

    def _begin_end(self, outcome: str, reason: Optional[str]) -> None:
        """Has the end published after all else. Takes no lock: a signal handler may call it inside of any other method."""
        if self._finished:
            return
        if outcome not in OUTCOMES:
            self._refuse("outcome", outcome, Refused("must be one of " + ", ".join(OUTCOMES)))
            outcome = "UNKNOWN"
        self._finished = True
        if self._watch is not None:
            self._watch.end()
        fields = {"outcome": outcome, "reason": values.optional(reason, values.text)}
        end = Record(self._identity, _now(), FINISHED, fields)
        for channel in self._channels:
            channel.close(end, self._settings.flush_seconds)

    def _is_ending(self) -> bool:
        return not all(channel.done for channel in self._channels)

    def _say_what_was_lost(self) -> None:
        lost = self.dropped
        if lost:
            total = lost + self.published
            self._notices.warn(
                f"lost-{self.id}", f"run {self.id}: {lost} of {total} steps and events were not published"
            )

    def _fall_silent(self) -> None:
        for channel in self._channels:
            channel.abandon()
        if self._watch is not None:
            self._watch.abandon()
        self._channels = []
        self._lock = threading.Lock()

    def _listen(self, watch: AlertWatch) -> None:
        self._watch = watch

    def _be_told(self, stop: StopRun) -> None:
        if self._stop is None:
            self._stop = stop

    def _raise_stop(self) -> None:
        stop = self._stop
        if stop is None:
            return
        if self._on_stop is not None and not self._saved:
            self._saved = True
            try:
                self._on_stop(stop)
            except Exception as e:
                self._notices.warn(
                    "on-stop", f"run {self.id}: on_stop failed, stopping without it: {type(e).__name__}: {shown(e)}"
                )
        raise stop


def _silent(run_id: str, attempt: int) -> Run:
    return Run(Settings(), Identity(run_id, attempt), lambda _: [], {})


def _now() -> int:
    return int(time.time() * 1000)
