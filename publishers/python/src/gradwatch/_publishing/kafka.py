"""Publishes records to Kafka, and says what is wrong when that does not go on."""

import ctypes
import logging
import time
from collections import deque
from typing import Any, NamedTuple, Optional, Union

from confluent_kafka import KafkaError, KafkaException, Producer

from gradwatch._events import STARTED, STEPS, Record
from gradwatch._notices import Notices
from gradwatch._publishing.channel import Counts, Unavailable
from gradwatch._publishing.wire import EventWriter, registry_client
from gradwatch._settings import Settings

MOST_IN_FLIGHT = 64
"""Records that Kafka's client holds; the others wait in the queue, where the oldest steps make room when it is full."""

LARGEST_RECORD = 900_000
"""Bytes; brokers take 1 MB unless told otherwise."""

_STALLED_AFTER = 3.0
_PAUSE_AFTER_FAILURE = 1.0

client_log = logging.getLogger("gradwatch.kafka")
"""What Kafka's client says of itself: a line for each attempt to connect. Silent unless somebody gives it a level."""

if client_log.level == logging.NOTSET:
    client_log.setLevel(logging.CRITICAL + 1)


class _Sent(NamedTuple):
    key: bytes
    value: bytes
    time: int
    facts: int


class KafkaSink:
    """A sink that is the topic of training events. Delivered once and in order, whatever goes away and comes back meanwhile."""

    waits = True

    def __init__(self, settings: Settings, counts: Counts) -> None:
        self._settings = settings
        self._counts = counts
        self._notices = Notices.shared
        self._topic = settings.events_topic
        self._largest = min(LARGEST_RECORD, int(settings.kafka.get("message.max.bytes", LARGEST_RECORD)))
        self._writer: Optional[EventWriter] = None
        self._producer: Optional[Producer] = None
        self._in_flight = 0
        self._in_flight_facts = 0
        self._ready: deque[_Sent] = deque()
        self._again: deque[_Sent] = deque()
        self._pause_until = 0.0
        self._moved_at = time.monotonic()
        self._trouble: Optional[str] = None
        self._condemned = False

    def prepare(self) -> None:
        """Nothing: brokers and registry may come later."""

    def send(self, record: Record) -> None:
        """Encodes a record and hands it to Kafka's client."""
        writer = self._registered()
        if self._producer is None:
            self._producer = self._new_producer()
        for part, value in self._fitting(writer, record):
            key = part.identity.run_id.encode("utf-8")
            self._ready.append(_Sent(key, value, part.event_time, part.facts))
        self._hand_over()

    def poll(self) -> None:
        """Serves reports of delivery, sends again what may arrive yet, and warns when nothing moves."""
        if self._producer is None:
            return
        self._producer.poll(0)
        if self._condemned:
            self._replace_producer()
        self._hand_over()
        now = time.monotonic()
        if self._held() == 0:
            self._moved_at = now
        elif now - self._moved_at > _STALLED_AFTER:
            self._notices.warn(
                "kafka-stalled",
                f"nothing reaches {self._topic} at {self._settings.bootstrap_servers}"
                f" ({self._trouble or 'no answer'}); training goes on, and what it says waits to be published",
            )

    def waiting(self) -> int:
        """Facts that no broker has acknowledged."""
        return self._in_flight_facts + sum(sent.facts for sent in [*self._again, *self._ready])

    def is_full(self) -> bool:
        """Whether so much is under way that more should wait in the queue."""
        return self._held() >= MOST_IN_FLIGHT

    def _held(self) -> int:
        return self._in_flight + len(self._again) + len(self._ready)

    def close(self) -> None:
        """Lets go of what was not acknowledged."""
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.purge(blocking=False)

    def abandon(self) -> None:
        """Keeps the client for ever: taking it down waits for threads that a forked child does not have."""
        if self._producer is not None:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._producer))

    def _registered(self) -> EventWriter:
        if self._writer is not None:
            return self._writer
        try:
            client = registry_client(self._settings)
            writer = EventWriter(client, self._topic, auto_register=self._settings.auto_register)
            writer.ask_for_id()
        except Exception as e:  # Connection, credentials, a refused schema: each may be mended while training goes on.
            raise Unavailable(f"the schema registry at {self._settings.registry_url} cannot be used: {told(e)}") from e
        self._writer = writer
        return writer

    def _new_producer(self) -> Producer:
        conf: dict[str, Any] = {
            "bootstrap.servers": self._settings.bootstrap_servers,
            "client.id": "gradwatch-publisher",
            "acks": "all",
            "enable.idempotence": True,
            "compression.type": "lz4",
            # As Java's clients choose, so that whoever else publishes for a run hits the same partition.
            "partitioner": "murmur2_random",
            "linger.ms": 10,
            # Never give up: what is too old is dropped from the queue, not from here.
            "message.timeout.ms": 0,
            "log.connection.close": False,
            **self._settings.kafka,
        }
        try:
            return Producer({**conf, "error_cb": self._failed}, logger=client_log)
        except (KafkaException, ValueError, TypeError) as e:
            raise Unavailable(f"Kafka's client refuses its settings, see GRADWATCH_KAFKA_*: {told(e)}") from e

    def _fitting(self, writer: EventWriter, record: Record) -> "list[tuple[Record, bytes]]":
        """The record as bytes that brokers take; in halves when it is too large for one."""
        value = writer.encode(record)
        if len(value) <= self._largest:
            return [(record, value)]
        steps = record.fields.get("steps", ())
        if len(steps) > 1:
            half = len(steps) // 2
            return [
                fitting
                for part in (steps[:half], steps[half:])
                for fitting in self._fitting(
                    writer, Record(record.identity, part[-1].event_time, STEPS, {"steps": part}, len(part))
                )
            ]
        smaller = _without_layers(record)
        if smaller is None:
            raise ValueError(f"{len(value)} bytes, more than brokers take ({self._largest})")
        self._notices.warn(
            "too-large",
            f"a record of {len(value)} bytes is more than brokers take ({self._largest}); left out its layers",
        )
        return self._fitting(writer, smaller)

    def _hand_over(self) -> None:
        """Gives Kafka's client what is ready, first what it failed to deliver before."""
        if time.monotonic() < self._pause_until:
            return
        for queue in (self._again, self._ready):
            while queue:
                try:
                    self._produce(queue[0])
                except (BufferError, KafkaException) as e:
                    self._trouble = _mendable(e.args[0], self._topic) if isinstance(e, KafkaException) else str(e)
                    self._pause_until = time.monotonic() + _PAUSE_AFTER_FAILURE
                    return
                queue.popleft()

    def _produce(self, sent: _Sent) -> None:
        assert self._producer is not None
        self._producer.produce(
            self._topic,
            key=sent.key,
            value=sent.value,
            timestamp=sent.time,
            on_delivery=lambda error, _: self._reported(error, sent),
        )
        self._in_flight += 1
        self._in_flight_facts += sent.facts

    def _reported(self, error: Optional[KafkaError], sent: _Sent) -> None:
        self._in_flight -= 1
        self._in_flight_facts -= sent.facts
        if error is None:
            self._moved_at = time.monotonic()
            self._counts.published += sent.facts
            if self._in_flight == 0:
                self._trouble = None
            self._notices.over("kafka-stalled", f"{self._topic} at {self._settings.bootstrap_servers} is reached again")
        elif error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
            self._counts.lost += sent.facts
            self._notices.warn(
                "too-large-for-brokers",
                f"the brokers refuse a record of {len(sent.value)} bytes, left out: {error.str()}",
            )
        else:
            # A missing topic, missing rights: mended by somebody, and then all of this is wanted.
            self._trouble = _mendable(error, self._topic)
            self._again.append(sent)
            self._pause_until = time.monotonic() + _PAUSE_AFTER_FAILURE

    def _failed(self, error: KafkaError) -> None:
        self._trouble = error.str()
        if error.fatal():
            self._condemned = True

    def _replace_producer(self) -> None:
        """After an error that the idempotent producer cannot go on from; what it held is sent again by a new one."""
        self._condemned = False
        if self._producer is not None:
            self._producer.purge()
            self._producer.flush(1)
        self._producer = self._new_producer()


def _without_layers(record: Record) -> Optional[Record]:
    if record.kind == STARTED and record.fields.get("layers"):
        return record._replace(fields={**record.fields, "layers": ()})
    if record.kind == STEPS and record.fields["steps"][0].layers:
        return record._replace(fields={"steps": [record.fields["steps"][0]._replace(layers=())]})
    return None


def _mendable(error: KafkaError, topic: str) -> str:
    if error.code() in (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC):
        return f"there is no topic {topic}: 'gradwatch topics create' creates it"
    reason: str = error.str()
    return reason


def told(error: "Union[BaseException, KafkaError]") -> str:
    """An error of a client in one line, without the object that some clients print."""
    if isinstance(error, KafkaError):
        return str(error.str())
    if isinstance(error, KafkaException) and error.args and isinstance(error.args[0], KafkaError):
        reason: str = error.args[0].str()
        return reason
    return " ".join(str(error).split())[:300] or type(error).__name__
