"""Through a real broker and registry."""

from __future__ import annotations

import logging
import math
import statistics
import threading
import time

import pytest

import gradwatch
from gradwatch import LayerNorms, Settings
from tests.brokers import Cluster, Sandbox, events_of, eventually, kind, steps_in

pytestmark = pytest.mark.broker


def test_everything_a_run_says_arrives_in_order(cluster: Cluster) -> None:
    settings = cluster.settings("order.")
    before = int(time.time() * 1000)
    with gradwatch.run(project="vision", name="größe 训练", classes=10, layers=["a", "b"], settings=settings) as run:
        for step in range(5000):
            run.step(step, loss=2.3, gradient_norm=1.0, layers=[LayerNorms("a", 0.1, 0.2, 0.3, 0.4)])
        run.epoch(0, train_loss=math.nan, metrics={"f1": 0.5})
        run.heartbeat("evaluating", step=5000)
        run.step(5001, loss=math.inf)

    events = events_of(settings, run.id)

    assert [kind(events[0]), *[kind(event) for event in events[-4:]]] == [
        "RunStarted",
        "EpochCompleted",
        "Heartbeat",
        "GradientNorms",
        "RunFinished",
    ]
    started = events[0]["event"][1]
    assert started["name"] == "größe 训练"
    assert started["project"] == "vision"
    assert [layer["name"] for layer in started["layers"]] == ["a", "b"]
    assert steps_in(events) == [*range(5000), 5001]
    assert max(len(event["event"][1].get("steps", ())) for event in events) > 100
    assert events[-1]["event"][1]["outcome"] == "COMPLETED"
    assert {event["run_id"] for event in events} == {run.id}
    assert {event["attempt"] for event in events} == {1}
    times = [int(event["event_time"].timestamp() * 1000) for event in events]
    assert times == sorted(times)
    assert before <= times[0] <= times[-1] <= time.time() * 1000
    assert (run.published, run.dropped, run.pending, run.invalid) == (5005, 0, 0, 0)


def test_what_looks_wrong_does_not_wait_for_the_second_to_be_full(cluster: Cluster) -> None:
    settings = cluster.settings("urgent.")
    run = gradwatch.run(name="urgent", settings=settings)
    run.heartbeat()
    eventually(lambda: run.published == 2)
    began = time.monotonic()

    run.step(1, loss=math.nan)
    eventually(lambda: run.published == 3)

    print(f"a NaN was acknowledged after {1000 * (time.monotonic() - began):.0f} ms")
    run.finish()
    assert steps_in(events_of(settings, run.id)) == [1]


def test_a_broker_that_stops_and_comes_back_costs_nothing_but_a_warning(
    cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    settings = cluster.settings("outage.")
    durations: list[float] = []
    with gradwatch.run(name="outage", settings=settings) as run:

        def train(until: threading.Event) -> None:
            while not until.is_set():
                began = time.perf_counter()
                run.step(len(durations), loss=1.0, gradient_norm=1.0)
                durations.append(time.perf_counter() - began)
                time.sleep(0.002)

        over = threading.Event()
        training = threading.Thread(target=train, args=(over,))
        training.start()
        try:
            eventually(lambda: run.published > 100)
            cluster.tell("halt-broker")
            eventually(lambda: "nothing reaches outage.training-events.v1" in caplog.text)
            during = run.published
            time.sleep(1)
            assert run.pending > 0
        finally:
            cluster.tell("start-broker")
        eventually(lambda: run.published > during + 500)
        over.set()
        training.join()

    assert steps_in(events_of(settings, run.id)) == list(range(len(durations)))
    assert run.dropped == 0
    warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(warnings) == 2, warnings
    assert "is reached again" in warnings[1]
    print(warnings)
    print(
        f"a step took {1e6 * statistics.median(durations):.0f} us (median), {1e6 * max(durations):.0f} us (longest)"
        f" over {len(durations)} steps with the broker away in between"
    )


def test_a_registry_that_comes_late_costs_nothing_but_a_warning(
    cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    settings = cluster.settings("late.")
    cluster.tell("stop-registry")
    try:
        run = gradwatch.run(name="late", settings=settings)
        run.step(0, loss=1.0)
        eventually(lambda: "the schema registry" in caplog.text)
    finally:
        cluster.tell("start-registry")
    run.epoch(0, train_loss=1.0)
    run.finish()

    assert [kind(event) for event in events_of(settings, run.id)] == [
        "RunStarted",
        "GradientNorms",
        "EpochCompleted",
        "RunFinished",
    ]
    print([record.getMessage() for record in caplog.records])
    assert len([r for r in caplog.records if "registry" in r.getMessage()]) == 1


def test_a_registry_that_is_back_just_before_the_end_is_tried_once_more(cluster: Cluster) -> None:
    settings = cluster.settings("just.")
    cluster.tell("stop-registry")
    try:
        run = gradwatch.run(name="just", settings=settings)
        run.step(0, loss=1.0)
        # So long that the end would not wait for the next try.
        eventually(lambda: run._channels[0]._pause >= 4, what="a long pause")
    finally:
        cluster.tell("start-registry")
    run.finish()

    assert (run.published, run.dropped) == (3, 0)


def test_a_topic_that_nobody_created_is_named_and_waited_for(
    cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(
        bootstrap_servers=cluster.bootstrap,
        registry_url=cluster.registry,
        topic_prefix="missing.",
        kafka={"topic.metadata.propagation.max.ms": "500"},
        quiet=True,
    )
    with gradwatch.run(name="early", settings=settings) as run:
        run.step(0, loss=1.0)
        eventually(lambda: "there is no topic missing.training-events.v1" in caplog.text)
        cluster.tell("create missing.training-events.v1")
        eventually(lambda: run.published == 2)

    assert [kind(event) for event in events_of(settings, run.id)] == ["RunStarted", "GradientNorms", "RunFinished"]


def test_a_run_with_more_and_larger_layers_than_a_record_holds_goes_in_parts(cluster: Cluster) -> None:
    settings = cluster.settings("large.")
    layers = [LayerNorms(f"block.{i}." + "x" * 100, 0.1, 0.2, 0.3, 0.4) for i in range(4096)]
    with gradwatch.run(name="large", layers=[layer.name for layer in layers], settings=settings) as run:
        for step in range(3):
            run.step(step, loss=1.0, layers=layers)
        run.step(3, loss=1.0, layers=[LayerNorms("y" * 1024 + str(i), 0.1) for i in range(4096)])

    events = events_of(settings, run.id)
    steps = [step for event in events if kind(event) == "GradientNorms" for step in event["event"][1]["steps"]]
    assert [len(step["layers"]) for step in steps] == [4096, 4096, 4096, 0]
    assert run.dropped == 0


def test_a_full_queue_drops_the_oldest_steps_and_keeps_everything_else(
    cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    settings = cluster.settings("full.", queue_limit=1000)
    run = gradwatch.run(name="full", settings=settings)
    run.heartbeat()
    eventually(lambda: run.published == 2)
    cluster.tell("stop-broker")
    try:
        for step in range(20_000):
            run.step(step, loss=1.0)
            if step % 1000 == 999:
                run.epoch(step // 1000, train_loss=1.0)
    finally:
        cluster.tell("start-broker")
    eventually(lambda: run.pending == 0)
    run.finish()

    events = events_of(settings, run.id)
    steps = steps_in(events)
    assert [event["event"][1]["epoch"] for event in events if kind(event) == "EpochCompleted"] == list(range(20))
    assert steps[-1] == 19_999
    assert 0 < run.dropped == 20_000 - len(steps)
    assert f"{run.dropped} of 20023 steps and events were not published" in caplog.text


def test_the_service_answers_with_an_alert_and_the_run_stops(sandbox: Sandbox) -> None:
    settings = Settings(bootstrap_servers=sandbox.bootstrap, registry_url=sandbox.registry, quiet=True)
    saved: list[gradwatch.StopRun] = []

    def train() -> None:
        with gradwatch.run(
            project="vision",
            name="diverges",
            loss="mse",
            learning_rate=0.1,
            run_id="diverges-1",
            stop_when_told=True,
            on_stop=saved.append,
            settings=settings,
        ) as run:
            for step in range(10_000):
                run.step(step, loss=1.0 / (1 + step) if step < 300 else math.nan, gradient_norm=1.0)
                time.sleep(0.01)

    with pytest.raises(gradwatch.StopRun) as stopped:
        train()

    assert stopped.value.detector == "non-finite-values"
    assert stopped.value.last_healthy_step == 299
    assert stopped.value.remedy
    assert saved == [stopped.value]
    alerts = eventually(lambda: sandbox.alerts("diverges-1"))
    assert "non-finite-values" in [alert["detector"] for alert in alerts]
    finished = events_of(settings, "diverges-1")[-1]["event"][1]
    assert finished["outcome"] == "STOPPED"
    assert finished["reason"] == str(stopped.value)
