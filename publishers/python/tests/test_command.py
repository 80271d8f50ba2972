"""The console command that comes with the package."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from gradwatch import _starting
from gradwatch._command_line.console import alert_card, run_line
from gradwatch._command_line.main import main
from gradwatch._publishing.contract import contract
from tests import brokers
from tests.test_alert_reader import YEAR_58000, alert, encoded

FULL = alert(
    run_name="größe",
    opened_step=12,
    opened_epoch=1.5,
    causes=[
        {
            "code": "learning-rate-too-high",
            "confidence": 0.75,
            "evidence_for": ["the rate is 0.1"],
            "evidence_against": [],
            "remedy": "lower it to 0.01",
        },
        {
            "code": "corrupt-batch",
            "confidence": 0.1,
            "evidence_for": [],
            "evidence_against": [],
            "remedy": "look at it",
        },
    ],
    last_healthy_step=11,
    missing_evidence=["layers: dead-layers"],
)


def script(tmp_path: Path, body: str) -> str:
    file = tmp_path / "train.py"
    file.write_text("import gradwatch, sys, time\n" + body)
    return str(file)


def test_an_alert_is_shown_with_cause_remedy_and_where_to_go_back_to() -> None:
    card = alert_card(FULL)

    for part in (
        *("CRITICAL", "non-finite-values", "opened", "größe (run-1)", "step 12, epoch 1.5", "The loss is NaN."),
        *(
            "Cause: learning-rate-too-high (75%): the rate is 0.1",
            "or: corrupt-batch (10%)",
            "Remedy: lower it to 0.01",
        ),
        *("Recovery: a checkpoint of step 11 or before", "Would help: layers: dead-layers", "Stopping"),
    ):
        assert part in card, part

    recovery = {"action": "GO_BACK_TO_STEP", "step": 11, "epoch": None, "reason": "LOWEST_LOSS"}
    told = alert_card({**FULL, "recovery": recovery})
    assert "Recovery: go back to a checkpoint at or before step 11: the training loss was lowest there" in told


def test_nothing_that_somebody_wrote_moves_the_cursor() -> None:
    hostile = "a\x1b[2Jb\u202ec\x9bd\r\n"
    shown = alert_card({**FULL, "summary": hostile, "run_id": hostile, "detector": hostile}) + run_line(
        {"run_id": hostile, "phase": "TRAINING", "open_alerts": [{"severity": hostile, "detector": hostile}]}
    )

    assert all(c.isprintable() or c == "\n" for c in shown)


def test_where_brokers_are_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alerts"]) == 2
    assert "GRADWATCH_BOOTSTRAP_SERVERS" in capsys.readouterr().err


def test_brokers_that_are_away_are_said_with_their_address(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradwatch._alerts.topic.ANSWER_WITHIN", 0.5)
    monkeypatch.setenv("GRADWATCH_BOOTSTRAP_SERVERS", "127.0.0.1:9")
    monkeypatch.setenv("GRADWATCH_REGISTRY_URL", "http://127.0.0.1:9")

    assert main(["runs"]) == 3
    assert "Kafka at 127.0.0.1:9 does not answer" in capsys.readouterr().err


def test_the_start_of_a_run_says_what_shows_its_alerts_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    assert _starting._command() == "gradwatch"
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert _starting._command().endswith("-m gradwatch")


def test_a_script_with_nothing_wrong_is_checked_and_ended(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    endless = """
with gradwatch.run(name="endless") as run:
    step = 0
    while True:
        run.step(step, loss=1.0 / (step + 1))
        step += 1
        time.sleep(0.01)
"""
    assert main(["check", "--steps", "5", script(tmp_path, endless)]) == 0
    out = capfd.readouterr().out
    assert "then the script was ended" in out
    assert "nothing is wrong with how it begins" in out


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("r = gradwatch.run(learning_rate=0)\nr.step(0, loss=1.0)", "learning-rate-zero"),
        ("r = gradwatch.run()", "no step and no epoch was said"),
        ("r = gradwatch.run()\nr.step(0, gradient_norm=1.0)", "no loss was said"),
        ("pass", "makes no gradwatch run"),
        ("r = gradwatch.run()\nr.step(0, loss=1.0)\nsys.exit(4)", "exit code 4"),
        ("r = gradwatch.run()\nr.step(0, loss=1.0)\nassert sys.argv[1:] == ['--lr', '1'], sys.argv", ""),
    ],
)
def test_what_is_wrong_with_a_script_is_said(
    body: str, said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = main(["check", script(tmp_path, body), "--lr", "1"])

    assert code == (1 if said else 0)
    assert said in capfd.readouterr().out


def test_a_check_publishes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADWATCH_BOOTSTRAP_SERVERS", "127.0.0.1:9")
    monkeypatch.setenv("GRADWATCH_REGISTRY_URL", "http://127.0.0.1:9")
    body = "r = gradwatch.run()\nr.step(0, loss=1.0)\nassert r.settings.bootstrap_servers is None"

    assert main(["check", script(tmp_path, body)]) == 0
    assert sys.executable


@pytest.mark.broker
def test_alerts_and_runs_of_a_real_topic_are_shown_past_what_cannot_be_read(
    cluster: brokers.Cluster, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = cluster.settings("command")
    monkeypatch.setenv("GRADWATCH_BOOTSTRAP_SERVERS", cluster.bootstrap)
    monkeypatch.setenv("GRADWATCH_REGISTRY_URL", cluster.registry)
    monkeypatch.setenv("GRADWATCH_TOPIC_PREFIX", settings.topic_prefix)
    producer = Producer({"bootstrap.servers": settings.bootstrap_servers})
    ids = {}
    for name, topic in (("alert", settings.alerts_topic), ("run-status", settings.status_topic)):
        cluster.tell(f"create {topic}")
        ids[name] = brokers.register(settings, topic, name)
    producer.produce(settings.alerts_topic, key="run-1", value=b"no alert at all")
    producer.produce(settings.alerts_topic, key="run-1", value=encoded(FULL, ids["alert"]))
    late: dict[str, Any] = {**FULL, "run_id": "run-2", "run_name": "late", "updated_at": YEAR_58000}
    producer.produce(settings.alerts_topic, key="run-2", value=encoded(late, ids["alert"]))
    status = {"run_id": "run-1", "run_name": "größe", "attempt": 1, "updated_at": 1, "step": 12}
    schema = json.loads(contract("run-status"))
    producer.produce(settings.status_topic, key="run-1", value=encoded(status, ids["run-status"], schema))
    producer.flush(10)

    assert main(["alerts", "--until-now", "--json"]) == 0
    shown = capsys.readouterr()
    assert [json.loads(line)["run_id"] for line in shown.out.splitlines()] == ["run-1", "run-2"]
    assert json.loads(shown.out.splitlines()[1])["updated_at"] == f"{YEAR_58000} ms since 1970"
    assert re.search(re.escape(settings.alerts_topic) + r"-\d+ offset 0 cannot be read", shown.err)

    assert main(["alerts", "--until-now", "--run", "late"]) == 0
    assert "run-2" in capsys.readouterr().out
    assert main(["runs"]) == 0
    assert "größe (run-1)" in capsys.readouterr().out
    assert main(["runs", "--run", "nobody"]) == 1
