"""Decodes alerts of any version of their contract, and refuses what is none without being stopped by it.

Whoever may write to the topic may write anything: times that no calendar has, schemas that nobody knows, no Avro at all. Times stay the
numbers that they are, and a schema of which a few bytes may unfold into any number of values is refused before it is used.
"""

import json
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Optional

import fastavro
from confluent_kafka.schema_registry import SchemaRegistryClient, SchemaRegistryError

from gradwatch._publishing.contract import contract

_HEADER = 5
_MOST_VALUES = 10_000
"""Values that a record of the writer's schema may hold at least; an alert has about 60 with one of everything."""
_REFUSED = (400, 404, 410, 422)
"""What a registry answers about an id that it does not know, now or later."""
_MOST_TRIES = 8
"""Failures of a registry that answers, for one schema, after which its records are left out: three minutes, as readers pause."""
_HIGHEST_ID = (1 << 31) - 1
"""Registries count in signed integers."""
_MOST_SCHEMAS = 1000
"""Schemas that are kept; a topic has a handful, and the rest is somebody's mischief."""


class Unreadable(ValueError):
    """A record that is no readable alert, whenever it is looked at; the text says why."""


class ContractReader:
    """Reads one of the contracts of this package, such as ``alert``. Used by one thread."""

    def __init__(self, registry: SchemaRegistryClient, name: str, failures: "Optional[dict[int, int]]" = None) -> None:
        self._registry = registry
        self._failures: dict[int, int] = {} if failures is None else failures
        """How often the registry failed to answer for a schema; whoever makes readers anew keeps it for the next one."""
        self._reader: Any = fastavro.parse_schema(_plain(json.loads(contract(name))))
        self._writers: dict[int, Any] = {}

    def decode(self, value: Optional[bytes]) -> "Mapping[str, Any]":
        """The fields of a record; times in milliseconds. Raises ``Unreadable``, or what the registry's client raises when it is away."""
        if value is None or len(value) <= _HEADER or value[0] != 0:
            raise Unreadable("it is not in the registry's wire format")
        writer = self._writer(int.from_bytes(value[1:_HEADER], "big"))
        try:
            found: Any = fastavro.schemaless_reader(BytesIO(value[_HEADER:]), writer, self._reader)
        except (Exception, RecursionError) as e:
            raise Unreadable(f"its bytes are not what its schema says: {type(e).__name__}") from e
        if not isinstance(found, dict):
            raise Unreadable("its schema is not that of a record")
        return found

    def _writer(self, schema_id: int) -> Any:
        known = self._writers.get(schema_id)
        if known is None:
            if len(self._writers) >= _MOST_SCHEMAS:
                self._writers.clear()
            known = self._writers[schema_id] = self._asked(schema_id)
        if isinstance(known, Unreadable):
            raise known
        return known

    def _asked(self, schema_id: int) -> Any:
        if schema_id > _HIGHEST_ID:
            return Unreadable(f"{schema_id} is no id of a schema")
        try:
            text = self._registry.get_schema(schema_id).schema_str
        except SchemaRegistryError as e:
            if e.http_status_code in _REFUSED:
                return Unreadable(f"the registry does not know schema {schema_id}")
            failed = self._failures[schema_id] = self._failures.get(schema_id, 0) + 1
            if failed >= _MOST_TRIES:
                return Unreadable(f"the registry failed {failed} times to answer for schema {schema_id}")
            raise
        try:
            schema = json.loads(text or "")
            if _size(schema, {}, [])[0] > _MOST_VALUES:
                return Unreadable(f"schema {schema_id} unfolds into too many values")
            return fastavro.parse_schema(_plain(schema))
        except Unreadable as e:
            return e
        except (Exception, RecursionError) as e:
            return Unreadable(f"schema {schema_id} cannot be used: {type(e).__name__}")


def _plain(schema: Any) -> Any:
    """Without logical types, whose values may be beyond what Python's dates hold."""
    if isinstance(schema, list):
        return [_plain(branch) for branch in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: value for key, value in schema.items() if key not in ("logicalType", "precision", "scale")}
    if "fields" in inner:
        inner["fields"] = [{**field, "type": _plain(field["type"])} for field in inner["fields"]]
    for key in ("type", "items", "values"):
        if isinstance(inner.get(key), (dict, list)):
            inner[key] = _plain(inner[key])
    return inner


def _size(schema: Any, named: "dict[str, tuple[int, int]]", within: "list[str]") -> "tuple[int, int]":
    """The values that one datum of a schema holds, a list counted as one item, and the bytes that it needs at least."""
    if isinstance(schema, list):
        sizes = [_size(branch, named, within) for branch in schema] or [(1, 0)]
        return max(values for values, _ in sizes), 1
    if isinstance(schema, str):
        if schema.rpartition(".")[2] in within:
            raise Unreadable("its schema holds itself")
        return named.get(schema.rpartition(".")[2], (1, 0 if schema == "null" else 1))
    kind = schema["type"]
    if kind == "record":
        name = schema["name"].rpartition(".")[2]
        values, needed = 1, 0
        for field in schema["fields"]:
            more, bytes_more = _size(field["type"], named, [*within, name])
            values, needed = values + more, needed + bytes_more
        named[name] = (values, needed)
        return values, needed
    if kind == "array":
        values, needed = _size(schema["items"], named, within)
        if needed == 0:
            raise Unreadable("its schema has lists of nothing, of which any number takes no bytes")
        return 1 + values, 1
    if kind == "map":
        return 1 + _size(schema["values"], named, within)[0], 1
    if kind == "fixed":
        named[schema["name"].rpartition(".")[2]] = (1, schema["size"])
        return 1, int(schema["size"])
    if kind == "enum":
        named[schema["name"].rpartition(".")[2]] = (1, 1)
        return 1, 1
    return _size(kind, named, within)
