"""What carries a run: its channels, its identity, its registration, and how it ends."""

import threading
import time
from collections.abc import Mapping
from typing import Any, Callable, Optional

from gradwatch import _values as values
from gradwatch._alerts.stopping import AlertWatch, StopRun
from gradwatch._checkpoint import Place
from gradwatch._events import FINISHED, STARTED, Identity, Record
from gradwatch._intake import Intake
from gradwatch._notices import Notices
from gradwatch._publishing.channel import Channel
from gradwatch._publishing.urgency import Urgency
from gradwatch._registration_facts import identity as identities
from gradwatch._registration_facts import registration as registrations
from gradwatch._settings import Settings
from gradwatch._values import Refused, shown

OUTCOMES = ("COMPLETED", "FAILED", "CANCELLED", "STOPPED", "UNKNOWN")

SETTLES_AFTER = 1.0
"""Seconds in which several calls of ``register`` become one record, when nothing else is said before."""


class Speaker:
    """The part of a run that callbacks, launchers and the package's own threads work with; ``Run`` adds what a script says."""

    def __init__(
        self, settings: Settings, identity: Identity, on_stop: "Optional[Callable[[StopRun], object]]", *, fixed: bool
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
        self._place = Place()
        self._finished = False
        self._ended = False
        self._waits_until = 0.0

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
    def next_step(self) -> int:
        """The number of the step that comes: 0 at first, and what the checkpoint says after going on from one."""
        return self._place.next_step

    @property
    def next_epoch(self) -> int:
        """The same for epochs, where the loop counts them from 0."""
        return self._place.next_epoch

    @property
    def best(self) -> "Optional[dict[str, Any]]":
        """The best evaluation so far, over all attempts that checkpoints connect: ``validation_loss``, ``epoch``, ``step``."""
        return None if self._place.best is None else dict(self._place.best)

    @property
    def stop_requested(self) -> Optional[StopRun]:
        """What ``step`` would raise; to be looked at where an exception on one rank alone would leave the others waiting."""
        return self._stop

    def hold_back(self, hand_over: "Callable[[], object]") -> "Callable[[], None]":
        """For integrations that say several steps at once: ``hand_over`` says those held back, before an epoch, a new attempt or the end.

        Returns what ends that. It is called in the thread that speaks.
        """
        self._holders.append(hand_over)
        return lambda: self._holders.remove(hand_over) if hand_over in self._holders else None

    # Inside.

    def _hurry(self) -> None:
        for channel in self._channels:
            channel.hurry()

    def _say(self, kind: str, fields: "Mapping[str, Any]") -> None:
        if self._unsaid:
            self._say_registration()
        record = Record(self._identity, now(), kind, fields)
        for channel in self._channels:
            channel.put(record)

    def _say_registration(self) -> None:
        with self._lock:
            if not self._unsaid:
                return
            record = Record(self._identity, now(), STARTED, registrations.with_environment(self._registration))
            for channel in self._channels:
                channel.put(record)
            # Last, so that nobody else speaks before it.
            self._registered = True
            self._unsaid = False

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
                    channel.put(Record(self._identity, now(), FINISHED, reason))
            self._identity = identity
            self._registration = {**self._registration, "resumed": resumed}
            self._registration.pop("findings", None)
            self._unsaid = True
            self._settles_at = time.monotonic() + SETTLES_AFTER
            self._urgency = Urgency()
            self._stop, self._saved = None, False
        if self._fixed:
            identities.remember(identity, self._settings)

    def _hand_over(self) -> None:
        for holder in list(self._holders):
            try:
                holder()
            except Exception as e:
                self._refuse("what was held back", None, e)

    # What callbacks, launchers and the package's own threads use.

    @property
    def settings(self) -> Settings:
        """Where and how the run is published."""
        return self._settings

    @property
    def registration(self) -> "dict[str, Any]":
        """A copy of what was registered so far, by the names of the fields."""
        return dict(self._registration)

    @property
    def is_ending(self) -> bool:
        """Whether something that was said before ``begin_finish`` still waits to be published."""
        return not all(channel.done for channel in self._channels)

    def request_stop(self, stop: StopRun) -> None:
        """Has the next ``step`` or ``epoch`` raise this, as an alert that recommends to stop does. The first request counts."""
        if self._stop is None:
            self._stop = stop

    def settle(self) -> None:
        """Publishes a registration that nothing followed for a second. The publishing threads call it once in a while."""
        if self._unsaid and (self._finished or time.monotonic() >= self._settles_at):
            self._say_registration()

    def listen(self, watch: AlertWatch) -> None:
        """Takes over the reader of alerts that calls ``request_stop``: it ends with the run."""
        self._watch = watch

    def fall_silent(self) -> None:
        """In a forked child: says nothing from now on, and leaves the parent's connections alone."""
        for channel in self._channels:
            channel.abandon()
        if self._watch is not None:
            self._watch.abandon()
        self._channels = []
        self._lock = threading.Lock()

    def begin_finish(self, outcome: str, reason: Optional[str] = None) -> None:
        """As ``finish``, without waiting: see ``is_ending``. Takes no lock, so a signal handler may call it inside of any other method."""
        if self._finished:
            return
        if outcome not in OUTCOMES:
            self._refuse("outcome", outcome, Refused("must be one of " + ", ".join(OUTCOMES)))
            outcome = "UNKNOWN"
        self._finished = True
        self._waits_until = time.monotonic() + self._settings.flush_seconds
        if self._watch is not None:
            self._watch.end()
        fields = {"outcome": outcome, "reason": values.optional(reason, values.text)}
        end = Record(self._identity, now(), FINISHED, fields)
        for channel in self._channels:
            channel.close(end, self._settings.flush_seconds)

    def _say_what_was_lost(self) -> None:
        lost = self.dropped
        # Where nothing could be taken at all, that was said when it showed.
        if lost and not self._channels[-1].broken:
            total = lost + self.published
            self._notices.warn(
                f"lost-{self.id}", f"run {self.id}: {lost} of {total} steps and events were not published"
            )

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


def now() -> int:
    """Milliseconds since 1970."""
    return int(time.time() * 1000)
