"""Alerts and runs for a person at a terminal, and for programs as JSON."""

import json
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Optional

from gradwatch._recovery import UNKNOWN, recovery_in
from gradwatch._values import printable


def alert_card(alert: "Mapping[str, Any]") -> str:
    """An alert with its likeliest cause, what to do, and where to go back to."""
    heading = "  ".join(
        part
        for part in (
            clean(alert["severity"]),
            clean(alert["detector"]),
            clean(alert["state"]).lower(),
            _run(alert),
            _place(alert.get("opened_step"), alert.get("opened_epoch")),
            moment(alert.get("updated_at")),
        )
        if part
    )
    lines = [heading, f"  {clean(alert['summary'])}"]
    for i, cause in enumerate(alert.get("causes") or ()):
        label = "Cause" if i == 0 else "or"
        reasons = "; ".join(clean(reason) for reason in cause.get("evidence_for") or ())
        lines.append(
            f"  {label}: {clean(cause['code'])} ({cause['confidence']:.0%}){': ' + reasons if reasons else ''}"
        )
        if i == 0:
            lines.append(f"  Remedy: {clean(cause['remedy'])}")
    recovery = recovery_in(alert)
    if recovery.action != UNKNOWN:
        lines.append(f"  Recovery: {recovery}")
    elif alert.get("last_healthy_step") is not None:
        lines.append(f"  Recovery: a checkpoint of step {alert['last_healthy_step']} or before")
    if alert.get("missing_evidence"):
        lines.append(f"  Would help: {'; '.join(clean(part) for part in alert['missing_evidence'])}")
    if alert.get("stop_recommended"):
        lines.append("  Stopping the run is recommended.")
    return "\n".join(lines)


def run_line(status: "Mapping[str, Any]") -> str:
    """A run in one line, and one more for each open alert."""
    parts = [
        f"{clean(status['phase']):<10}",
        _run(status),
        _place(status.get("step"), status.get("epoch")),
        *(
            f"{label} {status[name]:.4g}"
            for label, name in (("loss", "train_loss"), ("validation", "validation_loss"))
            if status.get(name) is not None
        ),
    ]
    lines = ["  ".join(part for part in parts if part)]
    lines += [f"    {clean(a['severity'])} {clean(a['detector'])}" for a in status.get("open_alerts") or ()]
    return "\n".join(lines)


def as_json(fields: "Mapping[str, Any]") -> str:
    """One line, with times as ISO texts where they can be."""
    said = {
        name: moment(value) if name.endswith("_at") and value is not None else _plain(value)
        for name, value in fields.items()
    }
    return json.dumps(said, allow_nan=False)


def moment(millis: Optional[int]) -> str:
    """A time in this machine's zone; the number itself where no calendar has it."""
    if millis is None:
        return ""
    try:
        return datetime.fromtimestamp(millis / 1000).astimezone().isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        return f"{millis} ms since 1970"


def clean(text: Any) -> str:
    """Text of somebody else, without what moves a terminal's cursor or hides what follows."""
    return printable(str(text))


def _run(fields: "Mapping[str, Any]") -> str:
    run_id, name = clean(fields["run_id"]), clean(fields.get("run_name") or "")
    return f"{name} ({run_id})" if name and name != run_id else run_id


def _place(step: Optional[int], epoch: Optional[float]) -> str:
    said = []
    if step is not None:
        said.append(f"step {step}")
    if epoch is not None:
        said.append(f"epoch {epoch:g}")
    return ", ".join(said)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value
