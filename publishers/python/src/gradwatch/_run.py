"""The run that a training script holds."""

import threading
import time
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Callable, Optional, Union

from gradwatch import _identity, _lifetime, _registration, _surroundings
from gradwatch import _values as values
from gradwatch._channel import Channel
from gradwatch._events import EPOCH, FINISHED, HEARTBEAT, STARTED, Identity, Layer, LayerNorms, Record, StepNorms
from gradwatch._notices import Notices
from gradwatch._settings import Settings
from gradwatch._stopping import AlertWatch, StopRun
from gradwatch._values import Refused, shown

OUTCOMES = ("COMPLETED", "FAILED", "CANCELLED", "STOPPED", "UNKNOWN")

_SETTLES_AFTER = 1.0
"""Seconds in which several calls of ``register`` become one record, when nothing else is said before."""

_HURRY_EVERY = 0.1
"""Seconds between two records that do not wait for the second to be full, however bad the run is."""

_UNUSUAL = 10.0
"""Times the usual gradient norm that is worth telling at once."""

_Layers = Union[Iterable[LayerNorms], Iterable["tuple[Any, ...]"]]


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
        self._spoken = False
        self._registered = False
        self._layer_names: set[str] = set()
        self._usual_norm = 0.0
        self._hurried_at = 0.0
        self._finished = False
        self._ended = False
        self.invalid = 0
        """How many calls or values were refused because no event may carry them."""
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
        return self._channels[-1].dropped + (self._channels[-1].pending if self._ended else 0)

    @property
    def pending(self) -> int:
        """Steps and events that wait to be published."""
        return self._channels[-1].pending if self._channels and not self._ended else 0

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
        layers: "_Layers" = (),
    ) -> None:
        """An optimizer step ended.

        ``step`` counts optimizer steps since the start of the run, from 0. ``gradient_norm`` is the global L2 norm before clipping,
        ``epoch`` the epochs since the start, fractional. Numbers may be scalars of any framework; reading one that lives on
        an accelerator waits for it. NaN and infinity are data.
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
                _now(),
                None if loss is None else self._value("loss", loss, values.number),
                None if gradient_norm is None else self._value("gradient_norm", gradient_norm, values.measured),
                None if learning_rate is None else self._value("learning_rate", learning_rate, values.measured),
                self._layers(layers) if layers else (),
            )
            self._spoken = True
            for channel in self._channels:
                channel.put_step(self._identity, said)
            if self._looks_wrong(said):
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
        try:
            self._begin_end(outcome, reason)
            _lifetime.wait_for([self], self._settings.flush_seconds)
            self._ended = True
            _lifetime.let_go(self)
            self._say_what_was_lost()
        except Exception as e:
            self._refuse("outcome", outcome, e)

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
        self._go_on_as(Identity(self.id, self.attempt + 1), resumed=resumed)

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

    def _value(self, name: str, value: Any, of: "Callable[[Any], values.T]") -> "Optional[values.T]":
        if value is None:
            return None
        try:
            return of(value)
        except Refused as e:
            self._refuse(name, value, e)
            return None

    def _layers(self, given: "_Layers") -> "tuple[LayerNorms, ...]":
        names = self._layer_names
        return tuple(
            [
                layer if type(layer) is LayerNorms and layer[0] in names and _is_plain(layer) else self._layer(*layer)
                for layer in given
            ][: values.LONGEST_LIST]
        )

    def _layer(
        self, name: Any, norm: Any = None, zero: Any = None, weight: Any = None, update: Any = None
    ) -> LayerNorms:
        cleaned = values.text(name)
        if len(self._layer_names) < values.LONGEST_LIST:
            self._layer_names.add(cleaned)
        return LayerNorms(
            cleaned,
            self._value("gradient_norm of a layer", norm, values.measured),
            self._value("zero_fraction of a layer", zero, values.share),
            self._value("weight_norm of a layer", weight, values.measured),
            self._value("update_norm of a layer", update, values.measured),
        )

    def _metrics(self, given: "Optional[Mapping[str, Any]]") -> "dict[str, float]":
        if not given:
            return {}
        numbers = {name: self._value(f"metric {name}", value, values.number) for name, value in given.items()}
        return values.entries(numbers, values.number)

    def _refuse(self, name: str, value: Any, why: Exception) -> None:
        self.invalid += 1
        reason = str(why) if isinstance(why, Refused) else f"cannot be used ({type(why).__name__}: {shown(why)})"
        self._notices.warn(f"invalid-{name}", f"run {self.id}: {name} is {shown(value)} and is left out: it {reason}")

    def _looks_wrong(self, said: StepNorms) -> bool:
        loss, norm = said.loss, said.gradient_norm
        # What is not finite is the only thing that differs from itself by anything but 0.
        if loss is not None and loss - loss != 0:
            return True
        if norm is None:
            return False
        if norm - norm != 0 or norm == 0:
            return True
        usual = self._usual_norm
        self._usual_norm = norm if usual == 0 else usual + 0.05 * (norm - usual)
        return usual > 0 and norm > _UNUSUAL * usual

    def _hurry(self) -> None:
        now = time.monotonic()
        if now - self._hurried_at >= _HURRY_EVERY:
            self._hurried_at = now
            for channel in self._channels:
                channel.hurry()

    def _say(self, kind: str, fields: "Mapping[str, Any]") -> None:
        if self._unsaid:
            self._say_registration()
        self._spoken = True
        record = Record(self._identity, _now(), kind, fields)
        for channel in self._channels:
            channel.put(record)

    def _say_registration(self) -> None:
        with self._lock:
            if not self._unsaid:
                return
            fields = dict(self._registration)
            own = fields.get("tags", {})
            found = {name: tag for name, tag in self._tags().items() if name not in own}
            room = values.LARGEST_MAP - len(own)
            fields["tags"] = {**own, **dict(list(found.items())[:room])}
            record = Record(self._identity, _now(), STARTED, fields)
            for channel in self._channels:
                channel.put(record)
            # Last, so that nobody else speaks before it.
            self._registered = True
            self._unsaid = False

    @staticmethod
    def _tags() -> "dict[str, str]":
        try:
            return values.entries(_surroundings.tags(), values.text)
        except Exception:  # Nothing around a run is worth as much as the run.
            return {}

    def _settle(self) -> None:
        """Called by the publishing threads once in a while: a registration that nothing followed is said by itself."""
        if self._unsaid and (self._finished or time.monotonic() >= self._settles_at):
            self._say_registration()

    def _go_on_as(self, identity: Identity, *, resumed: bool) -> None:
        if not self.is_publishing:
            return
        with self._lock:
            if self._registered and not self._spoken and identity.run_id != self.id:
                # Under the made-up id nothing was trained.
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
            self._usual_norm = 0.0
            self._stop, self._saved = None, False
        if self._fixed:
            _identity.remember(identity, self._settings)

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
        lost = self.dropped + self.pending
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


def run(
    *,
    project: Optional[str] = None,
    name: Optional[str] = None,
    team: Optional[str] = None,
    cluster: Optional[str] = None,
    group: Optional[str] = None,
    profile: Optional[str] = None,
    loss: Optional[str] = None,
    output_activation: Optional[str] = None,
    output_units: Optional[int] = None,
    classes: Optional[int] = None,
    optimizer: Optional[str] = None,
    learning_rate: Optional[float] = None,
    warmup_steps: Optional[int] = None,
    clip_threshold: Optional[float] = None,
    batch_size: Optional[int] = None,
    steps_per_epoch: Optional[int] = None,
    planned_epochs: Optional[int] = None,
    planned_steps: Optional[int] = None,
    baseline_loss: Optional[float] = None,
    resumed: bool = False,
    pretrained: bool = False,
    layers: "Optional[Iterable[Union[str, Layer, Mapping[str, Any]]]]" = None,
    lower_is_better: "Optional[Iterable[str]]" = None,
    stop_on: "Optional[Iterable[str]]" = None,
    tags: "Optional[Mapping[str, Any]]" = None,
    run_id: Optional[str] = None,
    attempt: Optional[int] = None,
    state: "Optional[Mapping[str, Any]]" = None,
    stop_when_told: Optional[bool] = None,
    on_stop: "Optional[Callable[[StopRun], object]]" = None,
    settings: Optional[Settings] = None,
) -> Run:
    """Begins a run; everything is optional, and each thing said lets more be found or explained.

    The fields of the registration are those of ``RunStarted`` in ``training-event.avsc``. ``run_id`` fixes the id, ``attempt`` its number;
    ``state`` is what ``Run.state_dict`` gave to a checkpoint, and makes this the next attempt of that run. ``stop_when_told`` lets ``step``
    and ``epoch`` raise ``StopRun`` after ``on_stop``, which may write a checkpoint. ``settings`` stands in for the environment.
    """
    given = {
        "project": project, "name": name, "team": team, "cluster": cluster, "group": group, "profile": profile, "loss": loss,
        "output_activation": output_activation, "output_units": output_units, "classes": classes, "optimizer": optimizer,
        "learning_rate": learning_rate, "warmup_steps": warmup_steps, "clip_threshold": clip_threshold, "batch_size": batch_size,
        "steps_per_epoch": steps_per_epoch, "planned_epochs": planned_epochs, "planned_steps": planned_steps,
        "baseline_loss": baseline_loss, "resumed": resumed or None, "pretrained": pretrained or None, "layers": layers,
        "lower_is_better": lower_is_better, "stop_on": stop_on, "tags": tags,
    }  # fmt: skip
    from gradwatch._starting import start

    return start(
        given,
        settings or Settings.from_environment(),
        run_id=run_id,
        attempt=attempt,
        state=state,
        stop_when_told=stop_when_told,
        on_stop=on_stop,
    )


def _silent(run_id: str, attempt: int) -> Run:
    return Run(Settings(), Identity(run_id, attempt), lambda _: [], {})


def _is_plain(layer: LayerNorms) -> bool:
    """Whether nothing is left to do: the usual case, for each of hundreds of layers, on the training thread."""
    _, norm, zero, weight, update = layer
    return (
        (norm is None or (type(norm) is float and not norm < 0))
        and (zero is None or (type(zero) is float and not (zero < 0 or zero > 1)))
        and (weight is None or (type(weight) is float and not weight < 0))
        and (update is None or (type(update) is float and not update < 0))
    )


def _now() -> int:
    return int(time.time() * 1000)
