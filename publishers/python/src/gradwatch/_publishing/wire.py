"""Records in Confluent's wire format, by Confluent's own serializer: a zero byte, the schema's id in four bytes, Avro binary."""

import json
from collections.abc import Mapping
from typing import Any

from confluent_kafka.schema_registry import Schema as RegisteredSchema
from confluent_kafka.schema_registry import SchemaRegistryClient, topic_subject_name_strategy
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from gradwatch._events import STEPS, Layer, Record
from gradwatch._publishing.batches import BatchEncoder
from gradwatch._publishing.contract import contract
from gradwatch._settings import Settings

_NAMESPACE = "dev.gradwatch.schemas"
_NUMERIC = {
    "timeout",
    "max.retries",
    "retries.wait.ms",
    "retries.max.wait.ms",
    "cache.capacity",
    "cache.latest.ttl.sec",
}


def registry_client(settings: Settings) -> SchemaRegistryClient:
    """A client that gives up soon: it is asked again later, and nobody waits for it meanwhile."""
    conf: dict[str, Any] = {"url": settings.registry_url, "timeout": 5, "max.retries": 0}
    if settings.registry_user_info:
        conf["basic.auth.user.info"] = settings.registry_user_info
    conf.update({name: float(value) if name in _NUMERIC else value for name, value in settings.registry.items()})
    return SchemaRegistryClient(conf)


class EventWriter:
    """Encodes records for one topic."""

    def __init__(self, registry: SchemaRegistryClient, topic: str, *, auto_register: bool) -> None:
        text = contract("training-event")
        self._registry = registry
        self._schema = RegisteredSchema(text, "AVRO")
        self._subject = f"{topic}-value"
        self._context = SerializationContext(topic, MessageField.VALUE)
        self._auto_register = auto_register
        self._serializer = AvroSerializer(
            registry,
            self._schema,
            conf={"auto.register.schemas": auto_register, "subject.name.strategy": topic_subject_name_strategy},
        )

        self._batches = BatchEncoder.for_contract(json.loads(text))
        self._header = b""

    def ask_for_id(self) -> None:
        """Has the registry name the schema's id, which later calls take from the client's memory. Raises what the client does."""
        ask = self._registry.register_schema_full_response if self._auto_register else self._registry.lookup_schema
        schema_id = ask(self._subject, self._schema).schema_id
        if schema_id is None:
            raise ValueError(f"it has no id for the schema of {self._subject}")
        self._header = b"\x00" + schema_id.to_bytes(4, "big")

    def encode(self, record: Record) -> bytes:
        """The record's bytes; ``ask_for_id`` comes first."""
        if record.kind == STEPS and self._batches is not None:
            return self._header + self._batches.encode(record)
        encoded: bytes = self._serializer(to_avro(record), self._context)
        return encoded


def to_avro(record: Record) -> "dict[str, Any]":
    """The record as the ``TrainingEvent`` that Avro writes."""
    return {
        "run_id": record.identity.run_id,
        "attempt": record.identity.attempt,
        "event_time": record.event_time,
        "event": (f"{_NAMESPACE}.{record.kind}", _fields(record)),
    }


def _fields(record: Record) -> "Mapping[str, Any]":
    if record.kind == STEPS:
        return {
            "steps": [
                {
                    **s._asdict(),
                    "layers": [layer._asdict() for layer in s.layers],
                    "metrics": dict(s.metrics),
                    "rank_norms": None if s.rank_norms is None else s.rank_norms._asdict(),
                }
                for s in record.fields["steps"]
            ]
        }
    layers = record.fields.get("layers")
    if not layers:
        return record.fields
    described: list[Layer] = list(layers)
    return {**record.fields, "layers": [layer._asdict() for layer in described]}
