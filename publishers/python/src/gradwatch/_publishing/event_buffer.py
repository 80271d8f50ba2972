"""What waits to be published, with a bound."""

import threading
from collections import deque
from typing import Any, Optional

from gradwatch import limits
from gradwatch._events import STEPS, Identity, Record, StepNorms

HEAVIEST_BATCH = 2000
"""Steps and layers in one record: about 100 KB, and a millisecond to encode, during which no other Python code runs."""

MOST_EVENTS = 10_000
"""Events other than steps that may wait; more than any run says while its brokers are away."""


class Outbox:
    """A queue of steps and other events in the order in which they were said.

    The training thread puts, one publishing thread takes; neither ever waits for the other longer than it takes to move a few references.
    When it is full, the oldest steps go. Registrations, epochs and ends stay.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._steps: deque[tuple[int, Identity, StepNorms]] = deque()
        self._events: deque[tuple[int, Record]] = deque()
        self._weight = 0
        self._said = 0
        self.dropped = 0

    def put_step(self, identity: Identity, step: StepNorms) -> None:
        """Adds a step; the oldest ones make room for it."""
        with self._lock:
            self._said += 1
            self._steps.append((self._said, identity, step))
            self._weight += _weight(step)
            # The newest step stays, whatever it weighs.
            while self._weight > self._limit and len(self._steps) > 1:
                _, _, oldest = self._steps.popleft()
                self._weight -= _weight(oldest)
                self.dropped += 1

    def put(self, record: Record) -> None:
        """Adds an event that is no step."""
        with self._lock:
            self._said += 1
            self._events.append((self._said, record))
            if len(self._events) > MOST_EVENTS:
                # Not the first: that is the registration.
                del self._events[1]
                self.dropped += 1

    def take(self) -> Optional[Record]:
        """The next record: one event, or the steps that were said in a row. ``None`` when nothing waits."""
        with self._lock:
            if self._events and (not self._steps or self._events[0][0] < self._steps[0][0]):
                return self._events.popleft()[1]
            if not self._steps:
                return None
            return self._batch()

    def __len__(self) -> int:
        """How many steps and events wait."""
        return len(self._steps) + len(self._events)

    def _batch(self) -> Record:
        until = self._events[0][0] if self._events else self._said + 1
        _, identity, first = self._steps[0]
        batch: list[StepNorms] = []
        weight = 0
        previous = -1
        while self._steps and len(batch) < limits.STEPS:
            said, speaker, step = self._steps[0]
            heavier = weight + _weight(step)
            # A record tells rising steps of one attempt; what goes back begins the next record.
            if said > until or speaker != identity or step.step <= previous or (batch and heavier > HEAVIEST_BATCH):
                break
            self._steps.popleft()
            batch.append(step)
            weight = heavier
            previous = step.step
        self._weight -= weight
        last: StepNorms = batch[-1] if batch else first
        fields: dict[str, Any] = {"steps": batch}
        return Record(identity, last.event_time, STEPS, fields, len(batch))


def _weight(step: StepNorms) -> int:
    return 1 + len(step.layers) + len(step.metrics)
