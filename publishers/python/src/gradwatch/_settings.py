"""Where to publish, and as whom: read from the environment once per run, so that a training script needs no addresses in it."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Optional, TypeVar
from urllib.parse import unquote, urlsplit, urlunsplit

from gradwatch._notices import Notices
from gradwatch._values import Refused, at_least, position, shown

_KAFKA = "GRADWATCH_KAFKA_"
_REGISTRY = "GRADWATCH_REGISTRY_"
_OURS = re.compile(
    "GRADWATCH_(REGISTRY_(URL|URLS|USER_INFO|AUTO_REGISTER|PATIENCE)|KAFKA_BOOTSTRAP_SERVERS|(KAFKA|REGISTRY)_PROPERTIES_.*)"
)
# Kubernetes and container links put these into every container that runs near a service called gradwatch-kafka.
_SERVICE_LINK = re.compile(r".*_SERVICE_(HOST|PORT(_.+)?)|.*_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?")
_LINK_ADDRESS = re.compile(r"(tcp|udp|sctp)://")
_YES = {"1", "true", "yes", "on"}
_NO = {"0", "false", "no", "off", ""}

T = TypeVar("T")


@dataclass(frozen=True)
class Settings:
    """How a run is published. Every field has an environment variable, named in the README; secrets do not appear in ``repr``."""

    bootstrap_servers: Optional[str] = None
    """Kafka brokers, ``host:port`` separated by commas; without them nothing is published to Kafka."""
    registry_url: Optional[str] = None
    """The Confluent-compatible schema registry; needed together with the brokers."""
    registry_user_info: Optional[str] = field(default=None, repr=False)
    """``user:password`` for the registry."""
    registry: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Further settings of the registry client, such as ``ssl.ca.location``."""
    kafka: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Further settings of the Kafka clients, such as ``security.protocol``; they win over ours."""
    topic_prefix: str = "gradwatch."
    """What the names of Gradwatch's topics begin with."""
    run_id: Optional[str] = None
    """The run's id, the same in every attempt; made from its name when absent."""
    attempt: Optional[int] = None
    """The number of this attempt, 1 or more; found out when absent."""
    project: Optional[str] = None
    team: Optional[str] = None
    cluster: Optional[str] = None
    group: Optional[str] = None
    disabled: bool = False
    """Whether nothing at all is done."""
    rank: Optional[int] = None
    """This process's rank where it cannot be seen; only rank 0 publishes."""
    record_to: Optional[str] = None
    """A file that the run is recorded to as JSON Lines, or a folder for a file per run; needs no broker."""
    state_dir: Optional[str] = None
    """Where the last attempt of a run with a fixed id is remembered."""
    auto_register: bool = True
    """Whether the schema may be registered from here; otherwise it must be there."""
    flush_seconds: float = 5.0
    """The longest that the end of a run waits for what was not published yet."""
    queue_limit: int = 100_000
    """How many steps may wait, each layer in a step counting as one more."""
    stop_when_told: bool = False
    """Whether ``step`` and ``epoch`` raise ``StopRun`` when an alert recommends to stop the run."""
    handle_sigterm: bool = True
    """Whether SIGTERM, where nobody else handles it, lets the end be published before it ends the process."""
    quiet: bool = False
    """Whether the line with the run's id is left out."""

    def __post_init__(self) -> None:
        """Brings topics and addresses into one form; credentials in the registry's address go where no message shows them."""
        if self.topic_prefix:
            object.__setattr__(self, "topic_prefix", self.topic_prefix.rstrip(".") + ".")
        address = urlsplit(self.registry_url or "")
        if "@" in address.netloc:
            user_info, _, host = address.netloc.rpartition("@")
            object.__setattr__(self, "registry_url", urlunsplit(address._replace(netloc=host)))
            if not self.registry_user_info:
                object.__setattr__(self, "registry_user_info", unquote(user_info))

    @property
    def events_topic(self) -> str:
        """Where a run publishes."""
        return f"{self.topic_prefix}training-events.v1"

    @property
    def alerts_topic(self) -> str:
        """Where the service answers."""
        return f"{self.topic_prefix}alerts.v1"

    @property
    def status_topic(self) -> str:
        """Where the service says how each run stands."""
        return f"{self.topic_prefix}run-status.v1"

    @property
    def attempts_folder(self) -> Path:
        """The folder of ``state_dir``, or the user's own for state."""
        if self.state_dir:
            return Path(self.state_dir)
        state = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
        return Path(state) / "gradwatch" / "attempts"

    @classmethod
    def from_environment(cls, environment: Optional[Mapping[str, str]] = None) -> "Settings":
        """Reads the ``GRADWATCH_*`` variables. One that cannot be right is warned of and left out."""
        given = os.environ if environment is None else environment

        def text(name: str) -> Optional[str]:
            value = given.get(name, "").strip()
            return value or None

        def parsed(name: str, of: Callable[[str], T], otherwise: T) -> T:
            value = text(name)
            if value is None:
                return otherwise
            try:
                return of(value)
            except ValueError as e:
                Notices.shared.warn(name, f"{name} is {shown(value)} and is left out: it {e}")
                return otherwise

        def number(of: Callable[[object], T]) -> Callable[[str], T]:
            return lambda value: of(_numeric(value))

        return cls(
            bootstrap_servers=text("GRADWATCH_BOOTSTRAP_SERVERS") or text("GRADWATCH_KAFKA_BOOTSTRAP_SERVERS"),
            registry_url=text("GRADWATCH_REGISTRY_URL") or text("GRADWATCH_REGISTRY_URLS"),
            registry_user_info=text("GRADWATCH_REGISTRY_USER_INFO"),
            registry=_properties(given, _REGISTRY),
            kafka=_properties(given, _KAFKA),
            topic_prefix=text("GRADWATCH_TOPIC_PREFIX") or text("GRADWATCH_TOPICS_PREFIX") or "gradwatch.",
            run_id=text("GRADWATCH_RUN_ID"),
            attempt=parsed("GRADWATCH_ATTEMPT", number(at_least(1)), None),
            project=text("GRADWATCH_PROJECT"),
            team=text("GRADWATCH_TEAM"),
            cluster=text("GRADWATCH_CLUSTER"),
            group=text("GRADWATCH_GROUP"),
            disabled=parsed("GRADWATCH_DISABLED", _yes, False),
            rank=parsed("GRADWATCH_RANK", number(at_least(0)), None),
            record_to=text("GRADWATCH_RECORD_TO"),
            state_dir=text("GRADWATCH_STATE_DIR"),
            auto_register=parsed("GRADWATCH_AUTO_REGISTER", _yes, True),
            flush_seconds=parsed("GRADWATCH_FLUSH_SECONDS", number(position), 5.0),
            queue_limit=parsed("GRADWATCH_QUEUE_LIMIT", number(at_least(100)), 100_000),
            stop_when_told=parsed("GRADWATCH_STOP_WHEN_TOLD", _yes, False),
            handle_sigterm=parsed("GRADWATCH_HANDLE_SIGTERM", _yes, True),
            quiet=parsed("GRADWATCH_QUIET", _yes, False),
        )


def _properties(given: Mapping[str, str], prefix: str) -> "dict[str, str]":
    return {
        name[len(prefix) :].lower().replace("_", "."): value
        for name, value in given.items()
        if name.startswith(prefix) and len(name) > len(prefix) and not _is_other(name, value)
    }


def _is_other(name: str, value: str) -> bool:
    """Whether a variable that begins like one for a client is a setting of ours or of the service, or comes from Kubernetes."""
    return bool(_OURS.fullmatch(name) or _SERVICE_LINK.fullmatch(name) or _LINK_ADDRESS.match(value))


def _yes(value: str) -> bool:
    if value.lower() in _YES:
        return True
    if value.lower() in _NO:
        return False
    raise Refused("must be 1 or 0")


def _numeric(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise Refused("must be a number") from None
