"""Reads a whole topic of the service for the console command: in no group, only what was committed, past every record that is no good."""

import sys
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Optional

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from gradwatch._alerts.following import place_of
from gradwatch._alerts.reader import ContractReader, Unreadable
from gradwatch._publishing.kafka import client_log
from gradwatch._publishing.wire import registry_client
from gradwatch._settings import Settings

ANSWER_WITHIN = 8.0
"""Seconds in which brokers must answer for the first time."""


class NotReached(Exception):
    """Brokers or registry cannot be used; the text says which, and what to check."""


class Entry(NamedTuple):
    """One record: its key, and its fields, or ``None`` where it says that the key is forgotten."""

    key: str
    fields: Optional[Mapping[str, Any]]


class TopicReader:
    """All partitions of a topic, from the beginning or from now on."""

    def __init__(self, settings: Settings, topic: str, contract: str) -> None:
        self._topic = topic
        self._reader = ContractReader(registry_client(settings), contract)
        self._where = f"Kafka at {settings.bootstrap_servers}"
        self._registry = settings.registry_url
        self._refused = 0
        self._consumer = Consumer(
            {
                "bootstrap.servers": settings.bootstrap_servers,
                "client.id": "gradwatch-command",
                "group.id": "gradwatch-command",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                "log.connection.close": False,
                **settings.kafka,
            },
            logger=client_log,
        )

    def entries(self, *, from_beginning: bool, until_now: bool) -> Iterator[Entry]:
        """The records as they come; with ``until_now`` those that are there now."""
        open_parts = self._assign(from_beginning)
        while not (until_now and not open_parts):
            for message in self._consumer.consume(200, 0.5):
                error = message.error()
                if error is None:
                    entry = self._entry(message)
                    if entry is not None:
                        yield entry
                elif error.code() == KafkaError._PARTITION_EOF:
                    open_parts.discard(message.partition())
                elif error.fatal() or error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
                    raise NotReached(f"{self._topic} cannot be read: {error.str()}")

    def close(self) -> None:
        """Ends reading, and says how much could not be read."""
        self._consumer.close()
        if self._refused > 1:
            print(f"gradwatch: {self._refused} records of {self._topic} could not be read", file=sys.stderr)

    def _assign(self, from_beginning: bool) -> "set[int]":
        try:
            found = self._consumer.list_topics(self._topic, ANSWER_WITHIN).topics[self._topic]
        except KafkaException as e:
            raise NotReached(
                f"{self._where} does not answer ({e.args[0].str()}); check GRADWATCH_BOOTSTRAP_SERVERS and that the brokers run"
            ) from e
        if found.error is not None:
            raise NotReached(f"{self._where} has no topic {self._topic}: is it the cluster that Gradwatch runs on?")
        # -2 is the beginning and -1 the end, in Kafka's own words.
        at = -2 if from_beginning else -1
        self._consumer.assign([TopicPartition(self._topic, partition, at) for partition in found.partitions])
        return set(found.partitions)

    def _entry(self, message: Any) -> Optional[Entry]:
        key = (message.key() or b"").decode("utf-8", "replace")
        if message.value() is None:
            return Entry(key, None)
        try:
            return Entry(key, self._reader.decode(message.value()))
        except Unreadable as e:
            self._refused += 1
            if self._refused == 1:
                print(f"gradwatch: {place_of(message)} cannot be read, left out: {e}", file=sys.stderr)
            return None
        except Exception as e:
            raise NotReached(
                f"the schema registry at {self._registry} cannot be used ({type(e).__name__}); check GRADWATCH_REGISTRY_URL"
            ) from e
