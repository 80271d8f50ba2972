"""Reads a run's alerts from Kafka."""

from collections.abc import Mapping
from typing import Any, Optional

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from gradwatch._alerts.reader import ContractReader, Unreadable
from gradwatch._notices import Notices
from gradwatch._publishing.kafka import client_log, told
from gradwatch._publishing.wire import registry_client
from gradwatch._settings import Settings

_PATIENCE = 5.0
_OF_ALL = (
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError._UNKNOWN_TOPIC,
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError._AUTHENTICATION,
)


def place_of(message: Any) -> str:
    """Where a record is: its topic, partition and offset."""
    return f"{message.topic()}-{message.partition()} offset {message.offset()}"


class AlertConsumer:
    """All partitions of the alert topic from a moment on, in no group, and only what transactions committed."""

    def __init__(self, settings: Settings, since: float, failures: "Optional[dict[int, int]]" = None) -> None:
        self._topic = settings.alerts_topic
        self._reader = ContractReader(registry_client(settings), "alert", failures)
        self._trouble: Optional[str] = None
        self._consumer = Consumer(
            {
                "bootstrap.servers": settings.bootstrap_servers,
                "client.id": "gradwatch-stop-when-told",
                # Asked for by the client, used by nobody: nothing is joined or committed.
                "group.id": "gradwatch-stop-when-told",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "auto.offset.reset": "earliest",
                "log.connection.close": False,
                **settings.kafka,
                "error_cb": self._failed,
            },
            logger=client_log,
        )
        try:
            self._consumer.assign(self._beginnings(since))
        except BaseException:
            self._consumer.close()
            raise

    def next_of(self, run_id: str, seconds: float) -> "list[Mapping[str, Any]]":
        """The alerts of a run among what comes within so long."""
        key = run_id.encode("utf-8")
        found = []
        for message in self._consumer.consume(100, seconds):
            error = message.error()
            if error is not None:
                self._hear_of(error)
            elif message.key() == key and message.value() is not None:
                try:
                    found.append(self._reader.decode(message.value()))
                except Unreadable as e:
                    # Not the registry's silence, which is worth waiting for.
                    Notices.shared.warn(
                        "alert-record", f"{place_of(message)} cannot be read as an alert, left out: {e}"
                    )
        return found

    def _hear_of(self, error: KafkaError) -> None:
        """One record or partition that cannot be read keeps nobody from reading the others; what concerns all of them does."""
        if error.code() == KafkaError._PARTITION_EOF:
            return
        if error.fatal() or error.code() in _OF_ALL:
            raise KafkaException(error)
        Notices.shared.warn("alert-partition", f"a part of {self._topic} cannot be read: {told(error)}")

    def close(self) -> None:
        """Ends reading."""
        self._consumer.close()

    def _beginnings(self, since: float) -> "list[TopicPartition]":
        topic = self._consumer.list_topics(self._topic, _PATIENCE).topics[self._topic]
        if topic.error is not None:
            raise KafkaException(topic.error)
        at = [TopicPartition(self._topic, partition, int(since * 1000)) for partition in topic.partitions]
        found: list[TopicPartition] = self._consumer.offsets_for_times(at, _PATIENCE)
        return found

    def _failed(self, error: KafkaError) -> None:
        self._trouble = error.str()
