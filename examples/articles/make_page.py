#!/usr/bin/env python3
"""Makes docs/why-is-my-loss-not-changing.md and its pictures from trainings that really happen, and from what Gradwatch says of them.

    python make_page.py --runs runs/page          trains what is not there yet, then writes the page

The words stand in page_sections.py; every number, alert and curve is taken from the recorded runs.
"""

from __future__ import annotations

import argparse
import math
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl
from expected import SEVERITIES, Recording
from page_sections import CLOSING, NOT_SEEN, OPENING, SECTIONS, Section
from run_all import COMMAND, HERE, Asking, Task, train

mpl.use("svg")
from matplotlib import pyplot as plt

DOCS = HERE.parent.parent / "docs"
PICTURES = DOCS / "images" / "why"
COLOURS = {"info": "#5b7c99", "warning": "#c77700", "critical": "#b3261e"}
SEED = 1


def main() -> int:
    """Trains, asks, draws, writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", required=True, type=Path, metavar="DIR", help="where the runs are recorded")
    parser.add_argument("--gradwatch", default=str(COMMAND), metavar="COMMAND", help="the command to ask (./gradwatch)")
    given = parser.parse_args()
    home = given.runs.resolve()
    scripts = {section.script: section for section in [*SECTIONS, *NOT_SEEN]}
    tasks = [Task(script, SEED, home, fix=section.fixed) for script, section in scripts.items()]
    if train([task for task in tasks if not task.folder.exists()], jobs=1):
        return 1
    recordings = {recording.name: recording for task in tasks for recording in task.recordings()}
    alerts = Asking(given.gradwatch).a_backtest(list(recordings.values()))
    PICTURES.mkdir(parents=True, exist_ok=True)
    parts = [OPENING + "\n" + _contents()]
    for section in SECTIONS:
        recording = recordings[section.run]
        own = [alert for alert in alerts if alert["run"] == recording.run_id]
        _draw(section, recording, own)
        parts.append(_section(section, recording, own, given.gradwatch))
    rows = [
        "| " + section.symptom + " | " + _filled(section.text, recordings[section.run], []) + " | "
        + _said([a for a in alerts if a["run"] == recordings[section.run].run_id]) + " |"
        for section in NOT_SEEN
    ]  # fmt: skip
    parts.append(CLOSING.replace("{rows}", "\n".join(rows)))
    page = "\n".join(_wrapped(line) for part in parts for line in part.split("\n"))
    (DOCS / "why-is-my-loss-not-changing.md").write_text(page, encoding="utf-8")
    return 0


# Words.


def _contents() -> str:
    rows = [f"| {section.symptom} | [{section.title}](#{_anchor(section.title)}) |" for section in SECTIONS]
    return "\n".join(["| What you see | What it was here |", "| --- | --- |", *rows, ""])


def _anchor(title: str) -> str:
    return re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")


def _section(section: Section, recording: Recording, alerts: list[dict[str, Any]], command: str) -> str:
    lines = [
        f"## {section.title}",
        "",
        _filled(section.text, recording, alerts),
        "",
        f"![{section.alternative}](images/why/{section.picture}.svg)",
        "",
        "Gradwatch says:",
        "",
        _indented(_report(recording, alerts, command)),
        "",
        f"**What fixes it.** {_filled(section.remedy, recording, alerts)}",
    ]
    if section.change:
        lines += ["", _indented(section.change)]
    if section.after:
        lines += ["", f"{_filled(section.after, recording, alerts)} {_ended(alerts)}".strip()]
    script = f"../examples/articles/{section.script}"
    return "\n".join([*lines, "", f"Train it yourself: [`{section.script}`]({script})", ""])


def _ended(alerts: list[dict[str, Any]]) -> str:
    """How the alerts of the first attempt ended, and what the second one brought."""
    first = {f"`{alert['detector']}`" for alert in _loud(alerts) if alert["attempt"] == 1}
    second = {f"`{alert['detector']}`" for alert in _loud(alerts) if alert["attempt"] == 2}
    ended = f"The next attempt ended {' and '.join(sorted(first))}" if first else "The next attempt began"
    return f"{ended}, and opened {' and '.join(sorted(second)) or 'nothing new'}."


def _loud(alerts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [alert for alert in alerts if alert["severity"] != "info" and alert["detector"] != "slow-steps"]


def _said(alerts: list[dict[str, Any]]) -> str:
    loud = _loud(alerts)
    quiet = [alert for alert in alerts if alert["severity"] == "info"]
    names = sorted({f"{alert['severity']}: `{alert['detector']}`" for alert in loud or quiet})
    return ", ".join(names) or "nothing"


def _report(recording: Recording, alerts: list[dict[str, Any]], command: str) -> str:
    """What the command prints of the first attempt's alerts: of the warnings, and of notes only where there is no warning."""
    done = subprocess.run(
        [command, "backtest", "--details", "--plain", "--draw", "none", str(recording.file)],
        capture_output=True,
        text=True,
        check=True,
    )
    blocks = re.split(r"\n\s*\n", done.stdout)
    blocks[0] = blocks[0].partition("\n")[2]  # The run's own line.
    shown = [a for a in _loud(alerts) if a["attempt"] == 1] or [a for a in alerts if a["attempt"] == 1]
    wanted = {(a["severity"].upper(), a["detector"]) for a in shown}
    kept = []
    for block in blocks:
        head = re.match(r"\s*\w+ (INFO|WARNING|CRITICAL)\s+(\S+)", block)
        if head and (head[1], head[2]) in wanted and (head[1], head[2]) not in {k for k, _ in kept}:
            kept.append(((head[1], head[2]), re.sub(r"^  \w+ ", "  ", block)))
    return "\n\n".join(re.sub(r"(?m)^  ", "", block) for _, block in kept)


def _wrapped(line: str) -> str:
    """Prose in lines of a readable length; headings, tables, pictures and what is printed stay as they are."""
    return (
        line
        if line.startswith(("    ", "|", "#", "!"))
        else textwrap.fill(line, 120, break_long_words=False, break_on_hyphens=False)
    )


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.splitlines())


# Numbers.


def _filled(text: str, recording: Recording, alerts: list[dict[str, Any]]) -> str:
    """The text with the run's own numbers where it names them."""
    return re.sub(r"\{(\w+)\}", lambda match: _facts(recording, alerts)[match[1]], text)


def _facts(recording: Recording, alerts: list[dict[str, Any]]) -> dict[str, str]:
    facts: dict[str, str] = {}
    for n in (1, 2):
        steps = [step for step in recording.steps if step.get("attempt", 1) == n]
        epochs = [epoch for epoch in recording.epochs if epoch.get("attempt", 1) == n]
        if not steps or not epochs:
            continue
        ratios = [
            _number(layer["update_norm"]) / _number(layer["weight_norm"])
            for step in steps
            for layer in step["layers"]
            if _number(layer["weight_norm"]) > 0
        ]
        numbers = {
            "first_step_loss": steps[0]["loss"],
            "highest_step_loss": max(_number(step["loss"]) for step in steps),
            "first_loss": epochs[0]["train_loss"],
            "last_loss": epochs[-1]["train_loss"],
            "first_val": epochs[0].get("val_loss"),
            "last_val": epochs[-1].get("val_loss"),
            "best_val": min((_number(e["val_loss"]) for e in epochs if e.get("val_loss") is not None), default=None),
            "norm": median(_number(step["grad_norm"]) for step in steps),
            "update": median(ratios),
        }
        facts |= {f"{name}{n}": _shown(value) for name, value in numbers.items() if value is not None}
        zero = sum(_number(step["grad_norm"]) < 1e-12 for step in steps)
        facts[f"zero_steps{n}"] = f"{100 * zero / len(steps):.0f} %"
        facts[f"epochs{n}"] = str(len(epochs))
        for side in ("train", "val"):
            found = [_number(e[f"{side}_accuracy"]) for e in epochs if e.get(f"{side}_accuracy") is not None]
            if found:
                facts[f"{side}_accuracy{n}"] = f"{100 * found[-1]:.0f} %"
        layers = steps[0]["layers"]
        facts[f"first_layer{n}"] = _shown(layers[0]["grad_norm"])
        facts[f"last_layer{n}"] = _shown(layers[-1]["grad_norm"])
    death = recording.death()
    facts["death"] = "never" if death == math.inf else f"{death:.0f}"
    return facts


def _number(value: Any) -> float:
    return float(value)


def _shown(value: Any) -> str:
    """Three digits: 2.30, 0.0123, 1.2e-10."""
    value = float(value)
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    if 0.001 <= abs(value) < 10_000:
        return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


# Pictures.


def _draw(section: Section, recording: Recording, alerts: list[dict[str, Any]]) -> None:
    """The losses over the steps of all attempts, and where each alert opened."""
    mpl.rcParams.update(
        {"svg.fonttype": "none", "svg.hashsalt": section.picture, "font.size": 9, "font.family": "sans-serif"}
    )
    figure, axes = plt.subplots(figsize=(7.2, 2.7), layout="constrained")
    begins = _beginnings(recording)
    attempts = sorted(begins)
    values = []
    for n in attempts:
        steps = [step for step in recording.steps if step.get("attempt", 1) == n]
        epochs = [epoch for epoch in recording.epochs if epoch.get("attempt", 1) == n][: section.drawn_epochs]
        steps = [step for step in steps if step["step"] <= epochs[-1]["step"]]
        thin = steps[:: max(1, len(steps) // 300)]
        first = n == attempts[0]
        for key, style, label, source in (
            ("loss", {"color": "#b9c4cf", "lw": 0.8}, "training, each step", thin),
            ("train_loss", {"color": "#24466b", "lw": 1.6}, "training, each epoch", epochs),
            ("val_loss", {"color": "#3f8f5b", "lw": 1.4, "ls": "--"}, "validation", epochs),
        ):
            points = [(begins[n] + e["step"], _number(e[key])) for e in source if e.get(key) is not None]
            points = [(x, y) for x, y in points if math.isfinite(y)]
            if points:
                values += [y for _, y in points]
                axes.plot(*zip(*points), label=label if first else None, **style)
    axes.margins(x=0)
    for n in attempts[1:]:
        start = begins[n] + next(step["step"] for step in recording.steps if step.get("attempt", 1) == n)
        axes.axvspan(start, axes.get_xlim()[1], color="#e8f2ea", zorder=0, lw=0)
        axes.text(start, 0.03, " with the fix", transform=axes.get_xaxis_transform(), color="#3f8f5b", va="bottom")
    axes.set_xlabel("step")
    axes.set_ylabel("loss")
    positive = [value for value in values if value > 0]
    if len(positive) == len(values) and max(positive) > 30 * min(positive):
        axes.set_yscale("log")
    shown = _loud(alerts) or alerts
    seen: set[str] = set()
    for alert in sorted(shown, key=lambda a: (a["attempt"], a["opened_step"] or 0)):
        if alert["detector"] in seen or alert["opened_step"] is None:
            continue
        x = begins.get(alert["attempt"], 0) + alert["opened_step"]
        if x > axes.get_xlim()[1]:
            continue
        seen.add(alert["detector"])
        colour = COLOURS[alert["severity"]]
        axes.axvline(x, color=colour, lw=1.2)
        left = x > 0.6 * axes.get_xlim()[1]
        axes.annotate(
            alert["detector"],
            (x, 0.96 - 0.13 * (len(seen) - 1)),
            xycoords=axes.get_xaxis_transform(),
            xytext=(-4 if left else 4, 0),
            textcoords="offset points",
            color=colour,
            ha="right" if left else "left",
            va="top",
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
        )
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 1), ncols=3, fontsize=8, borderaxespad=0)
    figure.savefig(PICTURES / f"{section.picture}.svg", metadata={"Date": None, "Creator": "gradwatch"})
    plt.close(figure)


def _beginnings(recording: Recording) -> dict[int, int]:
    """Where on the picture each attempt's step 0 lies: attempts that count from 0 again are put behind each other."""
    begins: dict[int, int] = {}
    end = 0
    for step in recording.steps:
        n = step.get("attempt", 1)
        if n not in begins:
            begins[n] = 0 if step["step"] >= end else end
        end = max(end, begins[n] + step["step"] + 1)
    return begins


assert SEVERITIES[0] in COLOURS

if __name__ == "__main__":
    sys.exit(main())
