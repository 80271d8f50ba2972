"""Records in Confluent's wire format, by Confluent's own serializer: a zero byte, the schema's id in four bytes, Avro binary."""

from collections.abc import Mapping
from importlib import resources
from typing import Any, Optional

from confluent_kafka.schema_registry import Schema as RegisteredSchema
from confluent_kafka.schema_registry import SchemaRegistryClient, topic_subject_name_strategy
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from gradwatch._events import STEPS, Layer, LayerNorms, Record
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


def contract(name: str) -> str:
    """The text of one of the contracts in this package: ``training-event`` or ``alert``."""
    return (resources.files("gradwatch") / "schemas" / f"{name}.avsc").read_text(encoding="utf-8")


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
            text,
            conf={"auto.register.schemas": auto_register, "subject.name.strategy": topic_subject_name_strategy},
        )

    def ask_for_id(self) -> None:
        """Has the registry name the schema's id, which later calls take from the client's memory. Raises what the client does."""
        if self._auto_register:
            self._registry.register_schema(self._subject, self._schema)
        else:
            self._registry.lookup_schema(self._subject, self._schema)

    def encode(self, record: Record) -> bytes:
        """The record's bytes."""
        encoded: bytes = self._serializer(to_avro(record), self._context)
        return encoded


class AlertReader:
    """Decodes alerts of any version of their contract, as the version that this package knows."""

    def __init__(self, registry: SchemaRegistryClient, topic: str) -> None:
        self._context = SerializationContext(topic, MessageField.VALUE)
        self._deserializer = AvroDeserializer(registry, contract("alert"))

    def decode(self, value: bytes) -> "Optional[Mapping[str, Any]]":
        """The alert's fields."""
        decoded: Optional[Mapping[str, Any]] = self._deserializer(value, self._context)
        return decoded


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
            "steps": [{**s._asdict(), "layers": [_layer(*layer) for layer in s.layers]} for s in record.fields["steps"]]
        }
    layers = record.fields.get("layers")
    if not layers:
        return record.fields
    described: list[Layer] = list(layers)
    return {**record.fields, "layers": [layer._asdict() for layer in described]}


def _layer(
    name: str, gradient: Optional[float], zero: Optional[float], weight: Optional[float], update: Optional[float]
) -> "dict[str, Any]":
    # The innermost loop of publishing: a literal is several times as fast as _asdict.
    return {
        "name": name,
        "gradient_norm": gradient,
        "zero_fraction": zero,
        "weight_norm": weight,
        "update_norm": update,
    }


assert LayerNorms._fields == tuple(_layer("", None, None, None, None))
