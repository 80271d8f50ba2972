"""From a run to one place where it is published: a bounded queue, and a thread that empties it."""

import queue
import threading
import time
from typing import Callable, Optional, Protocol

from gradwatch._events import Identity, Record, StepNorms
from gradwatch._notices import Notices
from gradwatch._publishing.event_buffer import Outbox
from gradwatch._values import shown

TICK = 1.0
"""Seconds that a step waits at most while the brokers answer."""

_BUSY_TICK = 0.2
_CLOSING_TICK = 0.01
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 15.0


class Unavailable(Exception):
    """A sink cannot take a record now, and may later; the text says why."""


class Impossible(Exception):
    """A sink can take nothing, and waiting does not change that; the text says why, and what to do."""


class Sink(Protocol):
    """A place where records go. Used by one thread."""

    waits: bool
    """Whether waiting a moment may help at the end, as it does with brokers; a disk that is full stays full."""

    def prepare(self) -> None:
        """Called once, when the run begins: raises ``Impossible`` where nothing can ever be taken, so that it is said at once."""

    def send(self, record: Record) -> None:
        """Takes a record over, or raises ``Unavailable`` or ``Impossible``; anything else condemns this record alone."""

    def poll(self) -> None:
        """Looks after what was taken over, without waiting."""

    def waiting(self) -> int:
        """How many facts were taken over and are not safe yet."""

    def is_full(self) -> bool:
        """Whether it should not be given more now."""

    def close(self) -> None:
        """Lets go of everything at once, delivered or not."""

    def abandon(self) -> None:
        """In a forked child: never to be used again, and never to be cleaned up either."""


class Counts:
    """Facts (steps and events) by what became of them. Written by the publishing thread alone."""

    def __init__(self) -> None:
        self.published = 0
        self.lost = 0


class Channel:
    """Owns the queue, the thread and the sink. Everything that the training thread calls returns at once and raises nothing."""

    def __init__(
        self,
        make_sink: "Callable[[Counts], Sink]",
        name: str,
        limit: int,
        before_turn: "Callable[[], None]",
    ) -> None:
        self._make_sink = make_sink
        self._name = name
        self._before_turn = before_turn
        self._notices = Notices.shared
        self._outbox = Outbox(limit)
        self._counts = Counts()
        # A SimpleQueue may be put to even from a signal handler that interrupted a put.
        self._wake: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._sink: Optional[Sink] = None
        self._held: Optional[Record] = None
        self._pause = 0.0
        self._pause_until = 0.0
        self._last: Optional[Record] = None
        self._closing = False
        self._deadline = float("inf")
        self._left: Optional[int] = None
        self.done = False
        self.broken = False
        """Whether the sink can take nothing at all, which was said when it showed."""
        self._thread = threading.Thread(target=self._run, name=f"gradwatch-{name}", daemon=True)
        self._thread.start()

    @property
    def published(self) -> int:
        """Steps and events that arrived."""
        return self._counts.published

    @property
    def dropped(self) -> int:
        """Steps and events that never will."""
        return self._counts.lost + self._outbox.dropped + (self._left or 0)

    @property
    def pending(self) -> int:
        """Steps and events on their way."""
        if self._left is not None:
            return 0
        held = self._held
        sink = self._sink
        return len(self._outbox) + (held.facts if held else 0) + (sink.waiting() if sink else 0)

    def put_step(self, identity: Identity, step: StepNorms) -> None:
        """Queues a step."""
        if self.broken:
            self._outbox.dropped += 1
        else:
            self._outbox.put_step(identity, step)

    def put(self, record: Record) -> None:
        """Queues an event and has it published at once."""
        if self.broken:
            self._outbox.dropped += 1
            return
        self._outbox.put(record)
        self._wake.put(None)

    def hurry(self) -> None:
        """Has everything published that waits."""
        self._wake.put(None)

    def close(self, last: Record, seconds: float) -> None:
        """Begins the end: what waits is still published, then this, for at most so long. Returns at once; see ``done``.

        Takes no lock, because a signal handler may call it while the interrupted code holds one: the thread does the rest.
        """
        if self.done:
            # The sink was given up, and with it all that follows.
            self._counts.lost += last.facts
            return
        self._last = last
        self._deadline = time.monotonic() + seconds
        self._closing = True
        # What was away lately may be back: one more try.
        self._pause_until = 0.0
        self._wake.put(None)

    def abandon(self) -> None:
        """In a forked child: the thread is not there, and what the sink holds must neither be used nor taken down."""
        if self._sink is not None:
            self._sink.abandon()
        self.done = True

    def _run(self) -> None:
        try:
            self._prepare()
            while not self._is_over():
                self._wait()
                try:
                    self._turn()
                except Impossible as e:
                    self._break(e)
                except Exception as e:  # A fault of ours may cost a record, not the rest of the run.
                    self._notices.warn(f"{self._name}-fault", f"a fault of gradwatch: {type(e).__name__}: {shown(e)}")
        finally:
            self._give_up_the_rest()

    def _prepare(self) -> None:
        try:
            self._sink = self._make_sink(self._counts)
            self._sink.prepare()
        except Impossible as e:
            self._break(e)
        except Exception as e:  # Tried again with the first record.
            self._notices.warn(f"{self._name}-fault", f"a fault of gradwatch: {type(e).__name__}: {shown(e)}")

    def _break(self, why: Impossible) -> None:
        """Nothing will ever be taken: said once, and nothing is kept or waited for any more."""
        self.broken = True
        # Each run says it: the next one may record elsewhere.
        self._notices.warn(f"{self._name}-{id(self)}", str(why))

    def _is_over(self) -> bool:
        if self.broken:
            return True
        if not self._closing:
            return False
        return (self._last is None and self.pending == 0) or time.monotonic() >= self._deadline

    def _wait(self) -> None:
        try:
            self._wake.get(timeout=self._tick())
            while True:
                self._wake.get_nowait()
        except queue.Empty:
            pass

    def _tick(self) -> float:
        if self._closing:
            return _CLOSING_TICK
        # The queue moves on when reports of delivery have made room, and they are fetched at a tick.
        return _BUSY_TICK if self._sink is not None and self._sink.waiting() > 0 else TICK

    def _turn(self) -> None:
        self._before_turn()
        if self._last is not None:
            self._outbox.put(self._last)
            self._last = None
        if self._sink is not None:
            self._sink.poll()
        if time.monotonic() < self._pause_until:
            return
        while not (self._sink is not None and self._sink.is_full()):
            record = self._held or self._outbox.take()
            if record is None:
                return
            self._held = record
            try:
                if self._sink is None:
                    self._sink = self._make_sink(self._counts)
                self._sink.send(record)
                self._held = None
                if self._pause:
                    self._pause = 0.0
                    self._notices.over(self._name, "publishing goes on again")
            except Impossible:
                raise
            except Unavailable as e:
                if self._closing and not self._sink_waits():
                    self._deadline = 0.0
                self._pause = min(max(2 * self._pause, _FIRST_PAUSE), _LONGEST_PAUSE)
                self._pause_until = time.monotonic() + (_FIRST_PAUSE if self._closing else self._pause)
                self._notices.warn(self._name, f"{e}; training goes on, and what it says waits to be published")
                return
            except Exception as e:
                self._counts.lost += record.facts
                self._notices.warn(
                    f"{self._name}-record",
                    f"cannot publish a {record.kind} record, left out: {type(e).__name__}: {shown(e)}",
                )
                self._held = None

    def _sink_waits(self) -> bool:
        return self._sink is None or self._sink.waits

    def _give_up_the_rest(self) -> None:
        last, self._last = self._last, None
        self._left = self.pending + (0 if last is None else last.facts)
        if self._sink is not None:
            try:
                self._sink.close()
            except Exception as e:
                self._notices.warn(f"{self._name}-close", f"closing failed: {type(e).__name__}: {shown(e)}")
        self.done = True
