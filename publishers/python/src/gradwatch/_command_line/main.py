"""The console command ``gradwatch`` that comes with the publisher: reads what the service says, and checks a script without one."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Optional

from gradwatch._settings import Settings
from gradwatch._version import __version__

OK, NOTHING_FOUND, WRONG_USE, NOT_REACHED = 0, 1, 2, 3


def main(arguments: "Optional[Sequence[str]]" = None) -> int:
    """Runs the command, and returns its exit code."""
    given = _parser().parse_args(arguments)
    if given.command == "check":
        from gradwatch._command_line.check_script import check

        return check([given.script, *given.arguments], steps=given.steps, seconds=given.seconds)
    settings = Settings.from_environment()
    if not settings.bootstrap_servers or not settings.registry_url:
        print(
            "gradwatch: set GRADWATCH_BOOTSTRAP_SERVERS to the Kafka brokers and GRADWATCH_REGISTRY_URL to the schema registry, as for a"
            " training script",
            file=sys.stderr,
        )
        return WRONG_USE
    from gradwatch._alerts.topic import NotReached

    try:
        return _alerts(settings, given) if given.command == "alerts" else _runs(settings, given)
    except NotReached as e:
        print(f"gradwatch: {e}", file=sys.stderr)
        return NOT_REACHED
    except (KeyboardInterrupt, BrokenPipeError):
        return OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradwatch",
        description="What Gradwatch says of training runs. Brokers and registry stand in the environment.",
    )
    parser.add_argument("--version", action="version", version=f"gradwatch {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    alerts = commands.add_parser("alerts", help="prints alerts as they come")
    alerts.add_argument("--run", metavar="ID", help="of this run alone, by its id or its name")
    alerts.add_argument("--from-beginning", action="store_true", help="those that are there already, too")
    alerts.add_argument(
        "--until-now", action="store_true", help="ends with what is there now (implies --from-beginning)"
    )
    runs = commands.add_parser("runs", help="prints the state of every run")
    runs.add_argument("--run", metavar="ID", help="this run alone, by its id or its name")
    for reading in (alerts, runs):
        reading.add_argument("--json", action="store_true", help="one JSON object a line")
    check = commands.add_parser(
        "check", help="runs a script's first steps without a broker and says what is wrong with them"
    )
    check.add_argument(
        "--steps", type=int, default=20, metavar="N", help="ends the script after so many steps (20; 0: lets it end)"
    )
    check.add_argument("--seconds", type=float, default=600.0, metavar="S", help="and after so many seconds (600)")
    check.add_argument("script", metavar="SCRIPT")
    check.add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARGUMENT", help="the script's own")
    return parser


def _alerts(settings: Settings, given: argparse.Namespace) -> int:
    from gradwatch._command_line.console import alert_card, as_json

    found = 0
    until_now = given.until_now
    alerts = _of(settings, settings.alerts_topic, "alert", given.run, given.from_beginning or until_now, until_now)
    # A topic is in order within a partition alone.
    for alert in sorted(alerts, key=lambda one: int(one["updated_at"])) if until_now else alerts:
        print(as_json(alert) if given.json else alert_card(alert) + "\n", flush=True)
        found += 1
    if not found:
        print(f"gradwatch: no alerts{' of run ' + given.run if given.run else ''}", file=sys.stderr)
    return OK


def _runs(settings: Settings, given: argparse.Namespace) -> int:
    from gradwatch._command_line.console import as_json, run_line

    latest = {
        str(status["run_id"]): status
        for status in _of(settings, settings.status_topic, "run-status", given.run, True, True)
    }
    if given.run and not latest:
        print(f"gradwatch: no run {given.run}", file=sys.stderr)
        return NOTHING_FOUND
    for status in sorted(latest.values(), key=lambda one: int(one["updated_at"])):
        print(as_json(status) if given.json else run_line(status))
    if not latest:
        print("gradwatch: no runs", file=sys.stderr)
    return OK


def _of(
    settings: Settings, topic: str, contract: str, run: Optional[str], from_beginning: bool, until_now: bool
) -> "Iterator[Mapping[str, Any]]":
    """The records of a run, by its id or name, or of all."""
    from gradwatch._alerts.topic import TopicReader

    reader = TopicReader(settings, topic, contract)
    try:
        for entry in reader.entries(from_beginning=from_beginning, until_now=until_now):
            fields = entry.fields
            if fields is not None and (run is None or run in (fields["run_id"], fields.get("run_name"))):
                yield fields
    finally:
        reader.close()


if __name__ == "__main__":
    sys.exit(main())
