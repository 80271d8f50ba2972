"""What Python writes is what Java writes, byte by byte, and both read it alike; see ``vectors.py``.

Nothing here needs a broker, or Java: the Java side (``WireVectorsTest``) holds itself against the same files.
"""

from __future__ import annotations

import json
import math
from io import BytesIO
from random import Random
from typing import Any

import fastavro
import pytest
from confluent_kafka.schema_registry import Schema as RegisteredSchema
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

import gradwatch
from gradwatch._alerts.reader import ContractReader
from gradwatch._alerts.stopping import stop_in
from gradwatch._events import STEPS, Identity, Layer, LayerNorms, RankNorms, Record, StepNorms
from gradwatch._publishing.batches import BatchEncoder
from gradwatch._publishing.contract import contract
from gradwatch._publishing.wire import EventWriter, to_avro
from gradwatch._recovery import Recovery, recovery_in
from tests import vectors
from tests.brokers import REPOSITORY
from tests.vectors import FOLDER, RELEASED, Shape, Vector

if not REPOSITORY.joinpath("schemas").is_dir():
    pytest.skip("the contracts are not here: this is not the repository of Gradwatch", allow_module_level=True)

if vectors.WRITING:
    vectors.describe_all()

VECTORS = vectors.all_vectors()
CONTEXT = SerializationContext("topic", MessageField.VALUE)


def registry(*schema_texts: str) -> SchemaRegistryClient:
    """Confluent's own registry in memory, which knows these schemas by ids from 1 on."""
    client = SchemaRegistryClient.new_client({"url": "mock://vectors"})
    for text in schema_texts:
        client.register_schema("topic-value", RegisteredSchema(text, "AVRO"))
    return client


def encoded(text: str, value: dict[str, Any]) -> bytes:
    serializer = AvroSerializer(registry(), text)
    result: bytes = serializer(Shape(text).to_avro(value), CONTEXT)
    return result


def decoded(data: bytes, written_with: str, read_with: str) -> Any:
    deserializer = AvroDeserializer(registry(written_with), read_with, return_record_name=True)
    return Shape(read_with).to_json(deserializer(data, CONTEXT))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v.name)
def test_writes_the_golden_bytes(vector: Vector) -> None:
    written = encoded(vector.schema_text, vector.value)
    if vectors.WRITING:
        vector.write(written)

    assert written == vector.golden


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v.name)
def test_reads_the_golden_bytes_as_they_are_described(vector: Vector) -> None:
    assert decoded(vector.golden, vector.schema_text, vectors.current(vector.contract)) == vector.read


@pytest.mark.parametrize("vector", [v for v in VECTORS if v.schema_name == "training-event/v2"], ids=lambda v: v.name)
def test_the_publisher_writes_the_golden_bytes(vector: Vector) -> None:
    """Through what a run publishes with, while the contract is the one that the vectors were written with."""
    assert contract("training-event") == vector.schema_text, (
        "a released contract grew: write vectors of the new version"
    )

    writer = EventWriter(registry(), "topic", auto_register=True)
    writer.ask_for_id()

    assert writer.encode(record_of(vector.value)) == vector.golden


def test_batches_are_encoded_as_confluents_serializer_does_it_whatever_is_in_them() -> None:
    values = [None, 0.0, -0.0, 1.5, math.nan, math.inf, -math.inf, 5e-324]
    random = Random(1)
    text = contract("training-event")
    serializer = AvroSerializer(registry(), text)
    batches = BatchEncoder.for_contract(json.loads(text))
    assert batches is not None
    for _ in range(200):
        steps = [
            StepNorms(
                random.choice([0, 1, 63, 64, 127, 128, 2**31, 2**53]) + i,
                random.choice(values),
                random.choice([1, vectors.NOON]),
                random.choice(values),
                random.choice(values),
                random.choice(values),
                tuple(
                    LayerNorms(random.choice(["a", "größe.训练.🚀" * 20, ""]), *random.choices(values, k=4))
                    for _ in range(random.choice([0, 0, 1, 3, 70]))
                ),
                {
                    f"größe.{i}": random.choice([v for v in values if v is not None])
                    for i in range(random.choice([0, 0, 1, 64]))
                },
                random.choice([None, RankNorms(0.0, math.nan, 3), RankNorms(1.5, math.inf, 2**31 - 1)]),
            )
            for i in range(random.choice([1, 2, 63, 64, 100]))
        ]
        record = Record(Identity("run-ü", random.choice([1, 64, 2**31 - 1])), vectors.NOON, STEPS, {"steps": steps})
        assert b"\x00\x00\x00\x00\x01" + batches.encode(record) == serializer(to_avro(record), CONTEXT)


def test_a_contract_that_grew_is_left_to_confluents_serializer() -> None:
    for change in ("step", "layer", "top"):
        schema = json.loads(contract("training-event"))
        steps = next(b for b in schema["fields"][3]["type"] if b["name"] == STEPS)["fields"][0]["type"]["items"]
        fields = {"top": schema, "step": steps, "layer": steps["fields"][6]["type"]["items"]}[change]["fields"]
        fields.append({"name": "more", "type": ["null", "double"], "default": None})
        assert BatchEncoder.for_contract(schema) is None, change


@pytest.mark.parametrize("vector", [v for v in VECTORS if v.contract == "training-event"], ids=lambda v: v.name)
def test_every_released_reader_reads_what_is_written_now_and_the_other_way_round(vector: Vector) -> None:
    now = vectors.current("training-event")
    for released in sorted((RELEASED / "training-event").glob("v*.avsc")):
        then = released.read_text(encoding="utf-8")
        known = known_to(json.loads(then), vector.read)
        assert decoded(encoded(now, vector.read), now, then) == known
        assert decoded(encoded(then, known), then, now) == known
        assert decoded(vector.golden, vector.schema_text, then) == known


@pytest.mark.parametrize("vector", [v for v in VECTORS if v.contract == "alert"], ids=lambda v: v.name)
def test_the_publisher_understands_alerts_of_this_and_of_a_later_service(vector: Vector) -> None:
    alert = ContractReader(registry(vector.schema_text), "alert").decode(vector.golden)

    assert alert is not None
    stop = stop_in(alert, "run-1", vector.read["attempt"])
    if vector.name == "next-alert":
        assert stop is not None
        assert stop.detector == "silent-run"
    else:
        assert stop is None, "resolved, or not recommended"


def test_the_publisher_reads_how_to_go_on_from_alerts_of_every_version() -> None:
    read = {}
    for vector in VECTORS:
        if vector.contract == "alert":
            alert = ContractReader(registry(vector.schema_text), "alert").decode(vector.golden)
            assert alert is not None
            read[vector.name] = recovery_in(alert)

    assert read["alert-full"] == Recovery(), "an alert of the first version"
    assert read["alert-superseded"] == Recovery("go-back-to-step", step=1199, reason="lowest-loss")
    assert read["alert-best-epoch"] == Recovery("go-back-to-epoch", epoch=2.5, reason="best-validation-loss")
    assert read["alert-unknown-recovery"] == Recovery()
    assert read["next-alert"] == Recovery(step=7), "an action that this version does not know"


def test_every_recovery_of_the_contract_is_a_sentence() -> None:
    recovery = next(f for f in json.loads(contract("alert"))["fields"] if f["name"] == "recovery")["type"][1]
    symbols = {field["name"]: field["type"]["symbols"] for field in recovery["fields"] if "symbols" in field["type"]}
    sentences = {
        str(recovery_in({"recovery": {"action": action, "step": 7, "epoch": 2.0, "reason": reason}}))
        for action in symbols["action"]
        for reason in symbols["reason"]
    }

    assert all(sentences)
    assert "go back to a checkpoint at or before step 7: the training loss was lowest there" in sentences
    assert "go back to the checkpoint of epoch 2: the validation loss was lowest there" in sentences
    assert "it is not known how to go on" in sentences
    # Every pair reads differently, but for those that say what is not known.
    known = (len(symbols["action"]) - 1) * len(symbols["reason"])
    assert len(sentences) == known + 1


def test_the_contracts_in_the_package_are_those_of_the_project() -> None:
    for name in ("training-event", "alert", "run-status"):
        assert contract(name) == vectors.current(name), (
            f"copy schemas/src/main/avro/{name}.avsc to src/gradwatch/schemas"
        )


def test_every_field_of_the_contract_is_in_a_vector() -> None:
    said: dict[str, set[str]] = {}

    def collect(schema: Any, value: Any) -> None:
        if isinstance(schema, list) and isinstance(value, tuple):
            collect(next(b for b in schema if b["name"] == value[0].rpartition(".")[2]), value[1])
        elif isinstance(schema, list):
            collect(next(b for b in schema if b != "null"), value)
        elif isinstance(schema, dict) and schema["type"] == "record":
            for field in schema["fields"]:
                if value.get(field["name"]) is not None:
                    said.setdefault(schema["name"], set()).add(field["name"])
                    collect(field["type"], value[field["name"]])
        elif isinstance(schema, dict) and schema["type"] == "array":
            for item in value:
                collect(schema["items"], item)

    for vector in VECTORS:
        if vector.contract != "run-status" and not vector.name.startswith("next-"):
            shape = Shape(vectors.current(vector.contract))
            collect(shape.schema, shape.to_avro(vector.value))

    for name in ("training-event", "alert"):
        for record, fields in _records(Shape(vectors.current(name)).schema):
            assert said.get(record) == fields


def test_there_is_a_vector_of_every_kind_of_event() -> None:
    kinds = {next(iter(v.value["event"])) for v in VECTORS if v.contract == "training-event"}

    assert kinds == {"RunStarted", "EpochCompleted", "GradientNorms", "Heartbeat", "RunFinished"}


def test_the_later_versions_are_compatible_with_those_of_today() -> None:
    """Otherwise what these vectors prove is not what a registry would let happen."""
    for name in ("training-event", "alert"):
        later = fastavro.parse_schema(Shape((FOLDER / "next" / f"{name}.avsc").read_text(encoding="utf-8")).schema)
        for vector in VECTORS:
            if vector.contract == name and not vector.name.startswith("next-"):
                written = fastavro.parse_schema(Shape(vector.schema_text).schema)
                read = fastavro.schemaless_reader(BytesIO(vector.golden[5:]), written, later)
                assert read is not None


def test_a_registration_knows_every_field_of_the_contract() -> None:
    from gradwatch._registration_facts.registration import FIELDS

    records = dict(_records(Shape(contract("training-event")).schema))
    assert set(FIELDS) == records["RunStarted"]
    assert set(LayerNorms._fields) == records["LayerNorms"]
    assert set(StepNorms._fields) == records["StepNorms"]
    assert set(RankNorms._fields) == records["RankNorms"]
    assert set(Layer._fields) == records["LayerDescription"]
    assert gradwatch.LayerNorms is LayerNorms


def known_to(schema: Any, value: Any) -> Any:
    """What of a described value a version of the contract has fields for."""
    if isinstance(schema, list):
        branches = [branch for branch in schema if branch != "null"]
        if value is None or len(branches) == 1:
            return value if value is None else known_to(branches[0], value)
        ((name, inner),) = value.items()
        return {name: known_to(next(b for b in branches if b["name"] == name), inner)}
    if isinstance(schema, dict) and schema["type"] == "array":
        return [known_to(schema["items"], item) for item in value]
    if isinstance(schema, dict) and schema["type"] == "record":
        return {f["name"]: known_to(f["type"], value[f["name"]]) for f in schema["fields"] if f["name"] in value}
    return value


def record_of(value: dict[str, Any]) -> Record:
    """The vector as the publisher holds it."""
    name, fields = Shape(contract("training-event")).to_avro(value)["event"]
    if "steps" in fields:
        fields = {"steps": [_step(step) for step in fields["steps"]]}
    if "layers" in fields:
        fields = {**fields, "layers": tuple(Layer(**layer) for layer in fields["layers"])}
    identity = Identity(value["run_id"], value.get("attempt", 1))
    return Record(identity, value["event_time"], name.rpartition(".")[2], fields)


def _step(fields: dict[str, Any]) -> StepNorms:
    layers = tuple(LayerNorms(**layer) for layer in fields.get("layers", ()))
    ranks = fields.get("rank_norms")
    said = {
        **dict.fromkeys(StepNorms._fields),
        **fields,
        "layers": layers,
        "metrics": fields.get("metrics", {}),
        "rank_norms": None if ranks is None else RankNorms(**ranks),
    }
    return StepNorms(**said)


def _records(schema: Any) -> list[tuple[str, set[str]]]:
    if isinstance(schema, list):
        return [record for branch in schema for record in _records(branch)]
    if not isinstance(schema, dict):
        return []
    if schema["type"] == "array":
        return _records(schema["items"])
    if schema["type"] != "record":
        return []
    inner = [record for field in schema["fields"] for record in _records(field["type"])]
    return [(schema["name"], {field["name"] for field in schema["fields"]}), *inner]
