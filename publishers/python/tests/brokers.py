"""Real brokers and registries for the tests, of this repository: in one JVM that a test can stop and start parts of."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Optional, TypeVar

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.schema_registry import Schema

from gradwatch import Settings
from gradwatch._publishing.contract import contract
from gradwatch._publishing.wire import registry_client

PACKAGE = Path(__file__).resolve().parent.parent
REPOSITORY = PACKAGE.parent.parent
LAUNCHER = REPOSITORY / "gradwatch"

T = TypeVar("T")


def why_not() -> Optional[str]:
    """Why there can be no broker here, or ``None``."""
    if not LAUNCHER.is_file():
        return f"no {LAUNCHER}: this is not the repository of Gradwatch"
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        return "no java: a real broker needs a JDK 17 or newer"
    if shutil.which("mvn") is None and not list((REPOSITORY / "sandbox" / "target").glob("gradwatch-sandbox-*.jar")):
        return "no mvn, and Gradwatch is not built"
    return None


def java() -> str:
    home = os.environ.get("JAVA_HOME")
    return str(Path(home) / "bin" / "java") if home else "java"


def build() -> None:
    """Has the launcher build what is missing; it says so when that fails."""
    subprocess.run([str(LAUNCHER), "detectors"], check=True, stdout=subprocess.DEVNULL, env=plain_environment())


def plain_environment() -> dict[str, str]:
    """Without the publisher's variables, which the service would take for its own."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GRADWATCH_")}


class Cluster:
    """One broker and one registry."""

    def __init__(self, folder: Path) -> None:
        self._jvm = subprocess.Popen(
            [
                java(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx400m",
                "-cp",
                str(REPOSITORY / "sandbox" / "target" / "lib" / "*"),
                str(PACKAGE / "tests" / "Cluster.java"),
                str(folder),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(folder / "cluster.log").open("wb"),
            text=True,
        )
        self.registry = self.tell("start-registry")
        self.bootstrap = self.tell("start-broker")

    def tell(self, command: str) -> str:
        assert self._jvm.stdin is not None
        assert self._jvm.stdout is not None
        self._jvm.stdin.write(command + "\n")
        self._jvm.stdin.flush()
        answer = self._jvm.stdout.readline().strip()
        assert answer, f"{command}: the cluster ended with {self._jvm.wait()}"
        return answer

    def end(self) -> None:
        assert self._jvm.stdin is not None
        self._jvm.stdin.close()
        self._jvm.wait(20)

    def settings(self, prefix: str, **more: Any) -> Settings:
        """For a publisher on topics of its own, which are created here."""
        settings = Settings(
            bootstrap_servers=self.bootstrap, registry_url=self.registry, topic_prefix=prefix, quiet=True, **more
        )
        self.tell(f"create {settings.events_topic}")
        return settings


class Sandbox:
    """The whole of Gradwatch, without a fleet of its own."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "gradwatch.properties"
        self._log = (folder.parent / "sandbox.log").open("wb")
        self._process = subprocess.Popen(
            [str(LAUNCHER), "sandbox", "--fleet", "0", "--quiet", "--for", "10m", "--data", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            env=plain_environment(),
        )
        log = folder.parent / "sandbox.log"
        eventually(lambda: "Ready." in log.read_text(errors="replace"), seconds=90, what=f"a sandbox, see {log}")
        said = dict(line.split("=", 1) for line in self.config.read_text().splitlines() if "=" in line)
        self.bootstrap = said["kafka.bootstrap-servers"]
        self.registry = said["registry.urls"]

    def alerts(self, run_id: str) -> list[dict[str, Any]]:
        """All that the alert topic says of a run."""
        out = subprocess.run(
            [
                str(LAUNCHER),
                "alerts",
                "--config",
                str(self.config),
                "--from-beginning",
                "--until-now",
                "--json",
                "--run",
                run_id,
            ],
            check=True,
            stdout=subprocess.PIPE,
            env=plain_environment(),
        ).stdout
        return [json.loads(line) for line in out.splitlines()]

    def end(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)
        self._log.close()


def register(settings: Settings, topic: str, name: str) -> int:
    """Registers a contract of the service for a topic, however long a busy machine takes; gives its id."""
    client = registry_client(replace(settings, registry={"timeout": "60"}))
    schema_id: int = client.register_schema(f"{topic}-value", Schema(contract(name), "AVRO"))
    return schema_id


def events_of(settings: Settings, run_id: Optional[str] = None) -> list[dict[str, Any]]:
    """The values that the topic of events holds now, oldest first, decoded by Confluent's deserializer."""
    from confluent_kafka.schema_registry.avro import AvroDeserializer
    from confluent_kafka.serialization import MessageField, SerializationContext

    topic = settings.events_topic
    decode = AvroDeserializer(registry_client(settings), return_record_name=True)
    consumer = Consumer(
        {"bootstrap.servers": settings.bootstrap_servers, "group.id": "tests", "enable.partition.eof": True}
    )
    try:
        partitions = consumer.list_topics(topic, 10).topics[topic].partitions
        consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
        found, ended = [], 0
        while ended < len(partitions):
            message = consumer.poll(10)
            assert message is not None, "the broker fell silent"
            if message.error() is not None:
                ended += 1
            elif run_id is None or message.key() == run_id.encode():
                found.append(decode(message.value(), SerializationContext(topic, MessageField.VALUE)))
        return found
    finally:
        consumer.close()


def kind(event: dict[str, Any]) -> str:
    """The name of the event's record."""
    return str(event["event"][0]).rpartition(".")[2]


def steps_in(events: list[dict[str, Any]]) -> list[int]:
    """The numbers of all steps, in their order."""
    return [step["step"] for event in events if kind(event) == "GradientNorms" for step in event["event"][1]["steps"]]


def eventually(condition: Callable[[], T], *, seconds: float = 30, what: str = "it") -> T:
    """Waits until something is true; says what never was."""
    until = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < until, f"{what} did not happen within {seconds:g} s"
        time.sleep(0.05)
