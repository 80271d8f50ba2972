"""From what a script says and the environment holds to a run that publishes, or one that does nothing."""

import shutil
import sys
from collections.abc import Iterable, Mapping
from functools import partial
from shlex import quote
from typing import Any, Callable, Optional, Union

from gradwatch import _lifetime
from gradwatch._alerts.stopping import DETECTORS, AlertWatch, StopRun
from gradwatch._events import Identity, Layer
from gradwatch._notices import Notices, tell
from gradwatch._publishing.channel import Channel, Counts, Sink
from gradwatch._publishing.recording import Recording
from gradwatch._registration_facts.identity import attempt_of, checked_id, is_publisher, made_up_id
from gradwatch._run import Run
from gradwatch._settings import Settings
from gradwatch._values import Refused, at_least, shown


def run(
    *,
    project: Optional[str] = None,
    name: Optional[str] = None,
    team: Optional[str] = None,
    cluster: Optional[str] = None,
    group: Optional[str] = None,
    profile: Optional[str] = None,
    loss: Optional[str] = None,
    output_activation: Optional[str] = None,
    output_units: Optional[int] = None,
    classes: Optional[int] = None,
    optimizer: Optional[str] = None,
    learning_rate: Optional[float] = None,
    warmup_steps: Optional[int] = None,
    clip_threshold: Optional[float] = None,
    batch_size: Optional[int] = None,
    steps_per_epoch: Optional[int] = None,
    planned_epochs: Optional[int] = None,
    planned_steps: Optional[int] = None,
    baseline_loss: Optional[float] = None,
    resumed: bool = False,
    pretrained: bool = False,
    layers: "Optional[Iterable[Union[str, Layer, Mapping[str, Any]]]]" = None,
    lower_is_better: "Optional[Iterable[str]]" = None,
    stop_on: "Optional[Iterable[str]]" = None,
    tags: "Optional[Mapping[str, Any]]" = None,
    findings: "Optional[Iterable[str]]" = None,
    epoch_numbering: Optional[str] = None,
    run_id: Optional[str] = None,
    attempt: Optional[int] = None,
    state: "Optional[Mapping[str, Any]]" = None,
    stop_when_told: Optional[bool] = None,
    on_stop: "Optional[Callable[[StopRun], object]]" = None,
    settings: Optional[Settings] = None,
) -> Run:
    """Begins a run; everything is optional, and each thing said lets more be found or explained.

    The fields of the registration are those of ``RunStarted`` in ``training-event.avsc``. ``run_id`` fixes the id, ``attempt`` its number;
    ``state`` is what ``Run.state_dict`` gave to a checkpoint, and makes this the next attempt of that run. ``stop_when_told`` lets ``step``
    and ``epoch`` raise ``StopRun`` after ``on_stop``, which may write a checkpoint. ``settings`` stands in for the environment.
    """
    given = {
        "project": project, "name": name, "team": team, "cluster": cluster, "group": group, "profile": profile, "loss": loss,
        "output_activation": output_activation, "output_units": output_units, "classes": classes, "optimizer": optimizer,
        "learning_rate": learning_rate, "warmup_steps": warmup_steps, "clip_threshold": clip_threshold, "batch_size": batch_size,
        "steps_per_epoch": steps_per_epoch, "planned_epochs": planned_epochs, "planned_steps": planned_steps,
        "baseline_loss": baseline_loss, "resumed": resumed, "pretrained": pretrained, "layers": layers,
        "lower_is_better": lower_is_better, "stop_on": stop_on, "tags": tags,
        "findings": findings, "epoch_numbering": epoch_numbering,
    }  # fmt: skip
    return start(
        given,
        settings or Settings.from_environment(),
        run_id=run_id,
        attempt=attempt,
        state=state,
        stop_when_told=stop_when_told,
        on_stop=on_stop,
    )


def start(
    registration: "Mapping[str, Any]",
    settings: Settings,
    *,
    run_id: Optional[str],
    attempt: Optional[int],
    state: "Optional[Mapping[str, Any]]",
    stop_when_told: Optional[bool],
    on_stop: "Optional[Callable[[StopRun], object]]",
) -> Run:
    """Makes the run that ``gradwatch.run`` returns. Raises nothing: whatever fails leaves a run that does nothing."""

    def silent() -> Run:
        run = Run(settings, Identity(_id(run_id, registration, settings), 1), lambda _: [], {})
        if isinstance(state, Mapping):
            # It counts on, for who asks it for the next step.
            run.load_state_dict(state)
        return run

    try:
        if settings.disabled or not is_publisher(settings):
            return silent()
        sinks = _sinks(settings)
        if not sinks:
            return silent()
        fixed = run_id is not None or settings.run_id is not None
        identity, resumed = _identity(registration, settings, run_id, attempt, state)
        told = settings.stop_when_told if stop_when_told is None else stop_when_told
        said = dict(registration)
        for name in ("project", "team", "cluster", "group"):
            if said.get(name) is None:
                said[name] = getattr(settings, name)
        if said.get("name") is None:
            said["name"] = identity.run_id
        if resumed:
            said["resumed"] = True
        if told and said.get("stop_on") is None:
            said["stop_on"] = DETECTORS
        before = _checkpointed(state)
        run = Run(settings, identity, lambda made: _channels(made, settings, sinks), said, on_stop, fixed=fixed)
        if state is not None and before is not None and before.run_id == identity.run_id:
            run.restore(state)
        if told:
            _be_told(run, settings)
        _lifetime.watch_over(run, handle_sigterm=settings.handle_sigterm)
        if not settings.quiet:
            tell(_announcement(identity, settings))
        return run
    except Exception as e:
        Notices.shared.warn(
            "start", f"nothing is published, by a fault of gradwatch: {type(e).__name__}: {shown(e)}; training goes on"
        )
        return silent()


def _sinks(settings: Settings) -> "list[str]":
    sinks = []
    if settings.record_to:
        sinks.append("file")
    missing = [
        name
        for name, value in (
            ("GRADWATCH_BOOTSTRAP_SERVERS", settings.bootstrap_servers),
            ("GRADWATCH_REGISTRY_URL", settings.registry_url),
        )
        if not value
    ]
    if not missing:
        sinks.append("kafka")
    elif len(missing) == 1 or not sinks:
        names = " and ".join(missing)
        verb = "is" if len(missing) == 1 else "are"
        Notices.shared.warn(
            "unconfigured",
            f"{names} {verb} not set, so nothing is published to Kafka; training goes on. Set GRADWATCH_DISABLED=1 when that is meant, or"
            " GRADWATCH_RECORD_TO to a file to record the run without a broker",
        )
    return sinks


def _channels(run: Run, settings: Settings, sinks: "list[str]") -> "list[Channel]":
    makers: dict[str, Callable[[Counts], Sink]] = {"file": partial(Recording, str(settings.record_to))}
    if "kafka" in sinks:
        # Now and on this thread: half a second of importing on another one would slow down the first steps.
        from gradwatch._publishing.kafka import KafkaSink

        makers["kafka"] = partial(KafkaSink, settings)
    return [Channel(makers[name], name, settings.queue_limit, run.settle) for name in sinks]


def _be_told(run: Run, settings: Settings) -> None:
    if settings.bootstrap_servers and settings.registry_url:
        run.listen(AlertWatch(settings, lambda: (run.id, run.attempt), run.request_stop))
    else:
        Notices.shared.warn(
            "stop-when-told", "stop_when_told needs brokers and a registry; nobody can tell this run to stop"
        )


def _identity(
    registration: "Mapping[str, Any]",
    settings: Settings,
    run_id: Optional[str],
    attempt: Optional[int],
    state: "Optional[Mapping[str, Any]]",
) -> "tuple[Identity, bool]":
    """The run and its attempt, and whether it goes on from a checkpoint."""
    before = _checkpointed(state)
    number = _attempt(attempt, settings)
    fixed = run_id if run_id is not None else settings.run_id
    if fixed is None:
        if before is None:
            return Identity(_id(None, registration, settings), number or 1), False
        return Identity(before.run_id, number or before.attempt + 1), True
    name = _id(run_id, registration, settings)
    resumed = before is not None and before.run_id == name
    if number is None:
        number = attempt_of(name, settings, at_least=before.attempt + 1 if before is not None and resumed else 1)
    return Identity(name, number), resumed


def _checkpointed(state: "Optional[Mapping[str, Any]]") -> Optional[Identity]:
    if not state:
        return None
    try:
        return Identity(checked_id(state["run_id"]), at_least(1)(state["attempt"]))
    except Exception as e:
        Notices.shared.warn(
            "state", f"state is {shown(state)}, which is not what Run.state_dict gave: {shown(e)}; taken as a new run"
        )
        return None


def _attempt(given: Optional[int], settings: Settings) -> Optional[int]:
    if given is None:
        return settings.attempt
    try:
        return at_least(1)(given)
    except Refused as e:
        Notices.shared.warn("attempt", f"attempt is {shown(given)} and is left out: it {e}")
        return settings.attempt


def _id(given: Optional[str], registration: "Mapping[str, Any]", settings: Settings) -> str:
    for value in (given, settings.run_id):
        if value is not None:
            try:
                return checked_id(value)
            except Refused as e:
                Notices.shared.warn("run-id", f"run_id is {shown(value)} and is left out: it {e}")
    named = (registration.get("name"), registration.get("project"), settings.project)
    return made_up_id(next((name for name in named if name is not None), None))


def _announcement(identity: Identity, settings: Settings) -> str:
    run = f"run {identity.run_id}, attempt {identity.attempt}"
    if settings.bootstrap_servers and settings.registry_url:
        alerts = f"{_command()} alerts --run {quote(identity.run_id)} --from-beginning"
        return f"{run}, is watched through {settings.bootstrap_servers}; its alerts: {alerts}"
    return f"{run}, is recorded to {settings.record_to}; './gradwatch backtest' of the project judges the file"


def _command() -> str:
    """What starts the console command here: its script, where that is on the path."""
    return "gradwatch" if shutil.which("gradwatch") else f"{quote(sys.executable or 'python')} -m gradwatch"
