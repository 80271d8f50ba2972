"""Whatever stands in the topic of alerts: what cannot be read is said and left out, and the reader goes on to what can."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from io import BytesIO
from random import Random
from typing import Any, Optional

import fastavro
import pytest
from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.schema_registry import SchemaRegistryError

import gradwatch
from gradwatch._alerts.reader import ContractReader, Unreadable
from gradwatch._alerts.stopping import stop_in
from gradwatch._command_line.console import alert_card, as_json, moment
from gradwatch._publishing.contract import contract
from gradwatch._publishing.wire import registry_client
from tests import brokers
from tests.brokers import eventually
from tests.test_contract import registry

YEAR_58000 = 1_772_366_400_123_000
"""A clock in milliseconds, read as one in seconds."""


def alert(**more: Any) -> dict[str, Any]:
    return {
        "id": "a",
        "state": "OPENED",
        "run_id": "run-1",
        "attempt": 1,
        "detector": "non-finite-values",
        "severity": "CRITICAL",
        "summary": "The loss is NaN.",
        "opened_at": 1,
        "updated_at": 1,
        "stop_recommended": True,
        **more,
    }


def encoded(value: Mapping[str, Any], schema_id: int = 1, schema: Optional[Any] = None) -> bytes:
    """As any writer might, without looking at times."""
    plain = json.loads((json.dumps(schema) if schema else contract("alert")).replace('"logicalType"', '"was"'))
    out = BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(plain), value)
    return b"\x00" + schema_id.to_bytes(4, "big") + out.getvalue()


def reader(*schemas: str) -> ContractReader:
    return ContractReader(registry(contract("alert"), *schemas), "alert")


@pytest.mark.parametrize("time", [YEAR_58000, -(2**62), 2**63 - 1, 0])
def test_an_alert_at_any_time_is_read_and_shown(time: int) -> None:
    found = reader().decode(encoded(alert(opened_at=time, updated_at=time, resolved_at=time)))

    assert (found["opened_at"], found["updated_at"]) == (time, time)
    assert "non-finite-values" in alert_card(found)
    assert json.loads(as_json(found))["summary"] == "The loss is NaN."


def test_a_time_that_no_calendar_has_is_shown_as_its_number() -> None:
    assert moment(2**62) == f"{2**62} ms since 1970"
    assert moment(0).startswith(("1970-01-01T", "1969-12-31T"))
    assert moment(None) == ""


@pytest.mark.parametrize(
    "value",
    [None, b"", b"\x00", b"\x00\x00\x00\x00\x01", b"{}", b"\x01" + bytes(40), encoded(alert(), schema_id=77)],
)
def test_what_is_no_alert_is_refused_as_such(value: Optional[bytes]) -> None:
    with pytest.raises(Unreadable):
        reader().decode(value)


def test_random_bytes_are_read_or_refused_and_nothing_else() -> None:
    random = Random(20)
    alerts = reader()
    good = encoded(alert(causes=[{"code": "c", "confidence": 0.5, "remedy": "r"}], tags={"a": "b"}))
    for _ in range(3000):
        if random.random() < 0.5:
            value = b"\x00\x00\x00\x00\x01" + random.randbytes(random.randrange(200))
        else:
            changed = bytearray(good)
            for _ in range(random.randrange(1, 6)):
                changed[random.randrange(5, len(changed))] = random.randrange(256)
            value = bytes(changed[: random.randrange(6, len(changed) + 1)])
        try:
            found = alerts.decode(value)
        except Unreadable:
            continue
        alert_card(found)
        json.loads(as_json(found))
        stop_in(found, "run-1", 1)


@pytest.mark.parametrize(
    "fields",
    [
        [{"name": "a", "type": {"type": "array", "items": "null"}}],
        [{"name": "a", "type": {"type": "array", "items": {"type": "record", "name": "Empty", "fields": []}}}],
        [{"name": "a", "type": ["null", "Alert"]}],
    ],
    ids=["nulls", "empty-records", "itself"],
)
def test_a_schema_that_unfolds_without_end_is_refused_before_it_is_used(fields: list[Any]) -> None:
    hostile = json.dumps({"type": "record", "name": "Alert", "namespace": "dev.gradwatch.schemas", "fields": fields})

    with pytest.raises(Unreadable):
        # A block of 2**62 items that take no bytes.
        reader(hostile).decode(b"\x00\x00\x00\x00\x02" + b"\xfe\xff\xff\xff\xff\xff\xff\xff\x7f")


def test_a_schema_of_records_within_records_is_refused_before_it_is_used() -> None:
    inner: Any = "null"
    for depth in range(60):
        twice = [{"name": "l", "type": inner}, {"name": "r", "type": f"R{depth - 1}" if depth else "null"}]
        inner = {"type": "record", "name": f"R{depth}", "fields": twice}
    hostile = {
        "type": "record",
        "name": "Alert",
        "namespace": "dev.gradwatch.schemas",
        "fields": [{"name": "x", "type": inner}],
    }

    with pytest.raises(Unreadable):
        reader(json.dumps(hostile)).decode(b"\x00\x00\x00\x00\x02\x00\x00")


def test_a_symbol_that_nobody_knows_is_read_as_the_default_where_there_is_one() -> None:
    later = json.loads(contract("alert"))
    next(f for f in later["fields"] if f["name"] == "state")["type"]["symbols"].append("MUTED")
    found = reader(json.dumps(later)).decode(encoded(alert(state="MUTED"), 2, later))

    assert found["state"] == "UPDATED"


def test_a_registry_that_does_not_answer_is_no_fault_of_the_record() -> None:
    away = registry_client(gradwatch.Settings(registry_url="http://127.0.0.1:9"))

    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever the client raises
        ContractReader(away, "alert").decode(encoded(alert()))
    assert not isinstance(caught.value, Unreadable)


def test_a_registry_that_fails_for_one_schema_alone_is_asked_some_times_and_no_more() -> None:
    class Failing:
        def get_schema(self, schema_id: int) -> Any:
            raise SchemaRegistryError(500, 50001, "no")

    failures: dict[int, int] = {}
    for _ in range(7):
        with pytest.raises(SchemaRegistryError):
            ContractReader(Failing(), "alert", failures).decode(encoded(alert(), 9))  # type: ignore[arg-type]
    with pytest.raises(Unreadable):
        ContractReader(Failing(), "alert", failures).decode(encoded(alert(), 9))  # type: ignore[arg-type]


@pytest.mark.broker
def test_no_single_record_keeps_a_run_from_being_told_to_stop(
    cluster: brokers.Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    settings = cluster.settings("alert-reader")
    cluster.tell(f"create {settings.alerts_topic}")
    schema_id = brokers.register(settings, settings.alerts_topic, "alert")
    producer = Producer({"bootstrap.servers": settings.bootstrap_servers})
    run = gradwatch.run(run_id="told", settings=settings, stop_when_told=True)
    told = {"run_id": "told"}
    random = Random(3)
    for key, value in [
        ("told", random.randbytes(60)),
        ("told", b"\x00" + schema_id.to_bytes(4, "big") + random.randbytes(60)),
        ("told", encoded(alert(**told), schema_id=2**31 - 1)),
        ("told", b""),
        ("told", None),
        ("told", encoded(alert(), schema_id)),
        ("other", encoded(alert(**told), schema_id)),
        (None, encoded(alert(**told, stop_recommended=False), schema_id)),
        ("told", encoded(alert(**told, opened_at=YEAR_58000, updated_at=YEAR_58000), schema_id)),
    ]:
        producer.produce(settings.alerts_topic, key=key, value=value)
    producer.flush(10)

    stop = eventually(lambda: run.stop_requested, seconds=60)
    run.finish()

    assert stop is not None
    assert stop.detector == "non-finite-values"
    assert re.search(re.escape(settings.alerts_topic) + r"-\d+ offset 0 cannot be read as an alert", caplog.text)
    assert caplog.text.count("cannot be read as an alert") == 1


def test_one_partition_that_cannot_be_read_is_said_and_the_others_are_read() -> None:
    from gradwatch._alerts.following import AlertConsumer

    consumer = AlertConsumer.__new__(AlertConsumer)
    consumer._topic = "alerts"
    consumer._hear_of(KafkaError(KafkaError._BAD_MSG))
    consumer._hear_of(KafkaError(KafkaError._PARTITION_EOF))
    with pytest.raises(KafkaException):
        consumer._hear_of(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))
