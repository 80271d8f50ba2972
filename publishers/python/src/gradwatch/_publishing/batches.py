"""Encodes batches of steps, which are nearly all that a run says.

The same bytes as from Confluent's serializer, which the shared test vectors hold, at an eighth of its time. That time is taken from
the training thread wherever that thread runs Python code too, so it decides what watching every step costs.
"""

import struct
from collections.abc import Mapping
from typing import Any, Callable, Optional

from gradwatch._events import STEPS, Record, StepNorms

_DOUBLE = ["null", "double"]
_STEP = {
    "step": "long",
    "epoch": _DOUBLE,
    "event_time": ["null", {"type": "long", "logicalType": "timestamp-millis"}],
    "loss": _DOUBLE,
    "gradient_norm": _DOUBLE,
    "learning_rate": _DOUBLE,
}
_LAYER = {
    "name": "string",
    "gradient_norm": _DOUBLE,
    "zero_fraction": _DOUBLE,
    "weight_norm": _DOUBLE,
    "update_norm": _DOUBLE,
}
_RANKS = {"min": "double", "max": "double", "rank": "int"}
_METRICS = {"type": "map", "values": "double"}
_MOST_NAMES = 20_000

_pack_value = struct.Struct("<Bd").pack
_pack_layer = struct.Struct("<BdBdBdBd").pack
# In a union of null and something else, the branch comes first: 0, or 1 as 2 in zigzag.
_pack_number = struct.Struct("<d").pack
_pack_ranks = struct.Struct("<Bdd").pack
_ABSENT, _PRESENT = b"\x00", 2
_BEGIN = bytes((_PRESENT,))
_END = b"\x00"


class BatchEncoder:
    """Avro's binary form of a ``TrainingEvent`` that holds ``GradientNorms``. Used by one thread."""

    def __init__(self, branch: int) -> None:
        self._branch = _whole(branch)
        self._names: dict[str, bytes] = {}

    @classmethod
    def for_contract(cls, schema: "Mapping[str, Any]") -> "Optional[BatchEncoder]":
        """An encoder for this version of the contract, or ``None`` when it has anything that this class does not know of."""
        fields = _types(schema)
        branches = fields.get("event")
        if list(fields) != ["run_id", "attempt", "event_time", "event"] or not isinstance(branches, list):
            return None
        names = [branch["name"] for branch in branches]
        if STEPS not in names:
            return None
        step = _types(_types(branches[names.index(STEPS)])["steps"]["items"])
        if list(step)[len(_STEP) :] != ["layers", "metrics", "rank_norms"]:
            return None
        layers, metrics, ranks = (step.pop(name) for name in ("layers", "metrics", "rank_norms"))
        if list(step.items()) != list(_STEP.items()) or metrics != _METRICS:
            return None
        if ranks[0] != "null" or list(_types(ranks[1]).items()) != list(_RANKS.items()):
            return None
        if list(_types(layers["items"]).items()) != list(_LAYER.items()):
            return None
        return cls(names.index(STEPS))

    def encode(self, record: Record) -> bytes:
        """The record's bytes, without the header of the wire format."""
        steps: list[StepNorms] = record.fields["steps"]
        parts = [
            _text(record.identity.run_id),
            _whole(record.identity.attempt),
            _whole(record.event_time),
            self._branch,
            _whole(len(steps)),
        ]
        add = parts.append
        for number, epoch, event_time, loss, gradient_norm, learning_rate, layers, metrics, ranks in steps:
            add(_whole(number))
            add(_ABSENT if epoch is None else _pack_value(_PRESENT, epoch))
            add(_ABSENT if event_time is None else _BEGIN + _whole(event_time))
            add(_ABSENT if loss is None else _pack_value(_PRESENT, loss))
            add(_ABSENT if gradient_norm is None else _pack_value(_PRESENT, gradient_norm))
            add(_ABSENT if learning_rate is None else _pack_value(_PRESENT, learning_rate))
            if layers:
                add(_whole(len(layers)))
                self._add_layers(layers, add)
            add(_END)
            if metrics:
                add(_whole(len(metrics)))
                for name, value in metrics.items():
                    add(self._names.get(name) or self._name(name))
                    add(_pack_number(value))
            add(_END)
            add(_ABSENT if ranks is None else _pack_ranks(_PRESENT, ranks.min, ranks.max) + _whole(ranks.rank))
        add(_END)
        return b"".join(parts)

    def _add_layers(self, layers: Any, add: "Callable[[bytes], None]") -> None:
        names = self._names
        for name, gradient, zero, weight, update in layers:
            add(names.get(name) or self._name(name))
            if gradient is None or zero is None or weight is None or update is None:
                for value in (gradient, zero, weight, update):
                    add(_ABSENT if value is None else _pack_value(_PRESENT, value))
            else:
                add(_pack_layer(_PRESENT, gradient, _PRESENT, zero, _PRESENT, weight, _PRESENT, update))

    def _name(self, name: str) -> bytes:
        # The same few names come in every step.
        if len(self._names) >= _MOST_NAMES:
            self._names.clear()
        encoded = self._names[name] = _text(name)
        return encoded


def _types(record: "Mapping[str, Any]") -> "dict[str, Any]":
    return {field["name"]: field["type"] for field in record["fields"]}


def _text(value: str) -> bytes:
    encoded = value.encode("utf-8")
    return _whole(len(encoded)) + encoded


def _whole(value: int) -> bytes:
    """Zigzag, then seven bits a byte, the low ones first."""
    rest = value << 1 if value >= 0 else ~(value << 1)
    if rest < 0x80:
        return bytes((rest,))
    encoded = bytearray()
    while rest >= 0x80:
        encoded.append(rest & 0x7F | 0x80)
        rest >>= 7
    encoded.append(rest)
    return bytes(encoded)
