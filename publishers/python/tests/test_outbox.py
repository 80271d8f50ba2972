from __future__ import annotations

from typing import Optional

import pytest

from gradwatch import LayerNorms, limits
from gradwatch._events import EPOCH, FINISHED, HEARTBEAT, STARTED, STEPS, Identity, Record, StepNorms
from gradwatch._publishing.event_buffer import HEAVIEST_BATCH, MOST_EVENTS, Outbox

ME = Identity("run-1", 1)


def step(number: int, layers: int = 0) -> StepNorms:
    return StepNorms(number, None, 1000 + number, 1.0, None, None, (LayerNorms("a", 1.0),) * layers)


def event(kind: str, time: int = 1) -> Record:
    return Record(ME, time, kind, {})


def emptied(outbox: Outbox) -> list[Record]:
    taken = []
    while (record := outbox.take()) is not None:
        taken.append(record)
    return taken


def told(records: list[Record]) -> list[object]:
    return [[s.step for s in r.fields["steps"]] if r.kind == STEPS else r.kind for r in records]


def test_keeps_the_order_of_steps_and_events_and_batches_what_is_in_a_row() -> None:
    outbox = Outbox(1000)
    outbox.put(event(STARTED))
    outbox.put_step(ME, step(0))
    outbox.put_step(ME, step(1))
    outbox.put(event(EPOCH))
    outbox.put(event(HEARTBEAT))
    outbox.put_step(ME, step(2))
    outbox.put(event(FINISHED))

    assert told(emptied(outbox)) == [STARTED, [0, 1], EPOCH, HEARTBEAT, [2], FINISHED]
    assert len(outbox) == 0


def test_a_batch_is_told_at_the_time_of_its_last_step() -> None:
    outbox = Outbox(1000)
    outbox.put_step(ME, step(0))
    outbox.put_step(ME, step(7))

    (record,) = emptied(outbox)
    assert (record.event_time, record.facts, record.identity) == (1007, 2, ME)


@pytest.mark.parametrize("numbers", [[5, 5], [5, 4], [5, 0]])
def test_a_step_that_does_not_rise_begins_the_next_record(numbers: list[int]) -> None:
    outbox = Outbox(1000)
    for number in numbers:
        outbox.put_step(ME, step(number))

    assert told(emptied(outbox)) == [[n] for n in numbers]


def test_two_attempts_do_not_share_a_record() -> None:
    outbox = Outbox(1000)
    outbox.put_step(ME, step(0))
    outbox.put_step(ME._replace(attempt=2), step(1))

    assert [(r.identity.attempt, r.facts) for r in emptied(outbox)] == [(1, 1), (2, 1)]


def test_no_record_has_more_steps_than_the_contract_allows_or_takes_long_to_encode() -> None:
    outbox = Outbox(10**9)
    for number in range(3 * limits.STEPS):
        outbox.put_step(ME, step(number))
    assert max(r.facts for r in emptied(outbox)) <= min(limits.STEPS, HEAVIEST_BATCH)
    for number in range(30):
        outbox.put_step(ME, step(number, layers=300))
    assert max(r.facts for r in emptied(outbox)) == HEAVIEST_BATCH // 301


def test_a_step_heavier_than_any_batch_goes_alone() -> None:
    outbox = Outbox(10**9)
    for number in range(3):
        outbox.put_step(ME, step(number, layers=4096))

    assert told(emptied(outbox)) == [[0], [1], [2]]


def test_when_full_the_oldest_steps_go_and_events_stay() -> None:
    outbox = Outbox(100)
    outbox.put(event(STARTED))
    for number in range(1000):
        outbox.put_step(ME, step(number))
        if number % 100 == 0:
            outbox.put(event(EPOCH))

    records = emptied(outbox)
    steps = [s for r in told(records) if isinstance(r, list) for s in r]
    assert steps == list(range(900, 1000))
    assert outbox.dropped == 900
    assert [r.kind for r in records if r.kind != STEPS] == [STARTED] + [EPOCH] * 10


def test_layers_weigh_as_much_as_steps() -> None:
    outbox = Outbox(100)
    for number in range(50):
        outbox.put_step(ME, step(number, layers=9))

    assert (len(outbox), outbox.dropped) == (10, 40)


def test_the_newest_step_stays_whatever_it_weighs() -> None:
    outbox = Outbox(100)
    outbox.put_step(ME, step(0, layers=4096))
    outbox.put_step(ME, step(1, layers=4096))

    assert told(emptied(outbox)) == [[1]]
    outbox.put_step(ME, step(2))
    assert told(emptied(outbox)) == [[2]]


def test_even_events_are_bounded_and_the_registration_outlives_them_all() -> None:
    outbox = Outbox(100)
    outbox.put(event(STARTED))
    for number in range(MOST_EVENTS + 10):
        outbox.put(event(EPOCH, number))

    records = emptied(outbox)
    last: Optional[Record] = records[-1]
    assert last is not None
    assert (records[0].kind, last.event_time, len(records), outbox.dropped) == (
        STARTED,
        MOST_EVENTS + 9,
        MOST_EVENTS,
        11,
    )
