from __future__ import annotations

import pytest

from gradwatch import Settings


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
