from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from gradwatch import Settings, _settings


def test_every_setting_comes_from_a_variable() -> None:
    settings = Settings.from_environment(
        {
            "GRADWATCH_BOOTSTRAP_SERVERS": "a:1,b:2",
            "GRADWATCH_REGISTRY_URL": "https://registry",
            "GRADWATCH_REGISTRY_USER_INFO": "user:password",
            "GRADWATCH_REGISTRY_SSL_CA_LOCATION": "/ca.pem",
            "GRADWATCH_TOPIC_PREFIX": "team.",
            "GRADWATCH_RUN_ID": "r",
            "GRADWATCH_ATTEMPT": "3",
            "GRADWATCH_PROJECT": "p",
            "GRADWATCH_TEAM": "t",
            "GRADWATCH_CLUSTER": "c",
            "GRADWATCH_GROUP": "g",
            "GRADWATCH_DISABLED": "1",
            "GRADWATCH_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "GRADWATCH_KAFKA_SASL_PASSWORD": "secret",
            "GRADWATCH_RECORD_TO": "/runs",
            "GRADWATCH_STATE_DIR": "/state",
            "GRADWATCH_RANK": "0",
            "GRADWATCH_AUTO_REGISTER": "false",
            "GRADWATCH_FLUSH_SECONDS": "0.5",
            "GRADWATCH_QUEUE_LIMIT": "500",
            "GRADWATCH_STOP_WHEN_TOLD": "yes",
            "GRADWATCH_HANDLE_SIGTERM": "0",
            "GRADWATCH_QUIET": "1",
            "HOME": "/home/somebody",
        }
    )

    assert settings == Settings(
        bootstrap_servers="a:1,b:2",
        registry_url="https://registry",
        registry_user_info="user:password",
        registry={"ssl.ca.location": "/ca.pem"},
        topic_prefix="team.",
        run_id="r",
        attempt=3,
        project="p",
        team="t",
        cluster="c",
        group="g",
        disabled=True,
        kafka={"security.protocol": "SASL_SSL", "sasl.password": "secret"},
        record_to="/runs",
        state_dir="/state",
        rank=0,
        auto_register=False,
        flush_seconds=0.5,
        queue_limit=500,
        stop_when_told=True,
        handle_sigterm=False,
        quiet=True,
    )
    assert (settings.events_topic, settings.alerts_topic) == ("team.training-events.v1", "team.alerts.v1")


def test_the_variables_of_the_service_are_understood_and_nothing_of_kubernetes_is_taken_for_a_setting() -> None:
    settings = Settings.from_environment(
        {
            "GRADWATCH_KAFKA_BOOTSTRAP_SERVERS": "a:1",
            "GRADWATCH_REGISTRY_URLS": "http://a,http://b",
            "GRADWATCH_TOPICS_PREFIX": "ml",
            "GRADWATCH_REGISTRY_AUTO_REGISTER": "true",
            "GRADWATCH_REGISTRY_PATIENCE": "2m",
            "GRADWATCH_KAFKA_PROPERTIES_SASL_JAAS_CONFIG": "...",
            "GRADWATCH_REGISTRY_PROPERTIES_BASIC_AUTH_USER_INFO": "...",
            "GRADWATCH_KAFKA_SERVICE_HOST": "10.0.0.1",
            "GRADWATCH_KAFKA_SERVICE_PORT_CLIENT": "9092",
            "GRADWATCH_KAFKA_PORT": "tcp://10.0.0.1:9092",
            "GRADWATCH_KAFKA_PORT_9092_TCP_ADDR": "10.0.0.1",
            "GRADWATCH_REGISTRY_PORT": "tcp://10.0.0.2:80",
            "GRADWATCH_KAFKA_LINGER_MS": "5",
        }
    )

    assert settings == Settings(
        bootstrap_servers="a:1", registry_url="http://a,http://b", topic_prefix="ml.", kafka={"linger.ms": "5"}
    )


def test_a_prefix_ends_in_one_dot_however_it_was_given() -> None:
    assert [Settings(topic_prefix=given).events_topic for given in ("ml", "ml.", "")] == [
        "ml.training-events.v1",
        "ml.training-events.v1",
        "training-events.v1",
    ]


def test_an_empty_environment_is_an_empty_setting_and_blanks_are_none() -> None:
    assert Settings.from_environment({}) == Settings()
    assert Settings.from_environment({"GRADWATCH_RUN_ID": " ", "GRADWATCH_DISABLED": ""}) == Settings()


def test_secrets_are_not_shown() -> None:
    settings = Settings(
        registry_user_info="user:hunter2", kafka={"sasl.password": "hunter2"}, registry={"x": "hunter2"}
    )

    assert "hunter2" not in repr(settings)


def test_credentials_in_the_registry_s_address_are_taken_out_of_it() -> None:
    settings = Settings(registry_url="https://user:p%40ss@registry:8081/path")

    assert (settings.registry_url, settings.registry_user_info) == ("https://registry:8081/path", "user:p@ss")
    assert Settings(registry_url="http://registry:8081").registry_url == "http://registry:8081"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GRADWATCH_ATTEMPT", "0"),
        ("GRADWATCH_ATTEMPT", "first"),
        ("GRADWATCH_RANK", "-1"),
        ("GRADWATCH_DISABLED", "maybe"),
        ("GRADWATCH_FLUSH_SECONDS", "inf"),
        ("GRADWATCH_QUEUE_LIMIT", "1e99"),
    ],
)
def test_what_cannot_be_right_is_warned_of_and_left_out(
    caplog: pytest.LogCaptureFixture, name: str, value: str
) -> None:
    assert Settings.from_environment({name: value}) == Settings()
    assert f"{name} is '{value}' and is left out: it must be" in caplog.text


def test_the_readme_names_every_variable_and_no_other() -> None:
    package = Path(__file__).resolve().parent.parent
    read = set(re.findall(r'"(GRADWATCH_[A-Z_]*[A-Z])"', inspect.getsource(_settings)))
    section = (package / "README.md").read_text(encoding="utf-8").partition("## Settings")[2].partition("\n## ")[0]
    named = {
        short if short.startswith("GRADWATCH") else f"GRADWATCH{short}"
        for short in re.findall(r"`((?:GRADWATCH)?_[A-Z_]*[A-Z])(?:_<SETTING>)?`", section)
    }

    examples = {name for name in named if name.startswith(("GRADWATCH_KAFKA", "GRADWATCH_REGISTRY"))} - read
    assert named - examples == read
