#!/usr/bin/env python3
"""Score what `./gradwatch backtest` finds in runs whose fault is known.

    python3 score.py RUNS/check [RUNS/tune ...]

Reads the `expected` of each header: `{"healthy": true}`, or the detectors that rightly name the fault and the causes that are right.
*Found*: a warning or critical alert of an expected detector. *Cause*: the first cause of the run's gravest alert (the earliest
of equals) is expected; *first two*: one of the first two. A healthy run is *accused* by any warning or critical alert.
"""

from __future__ import annotations

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
RANK = {"info": 0, "warning": 1, "critical": 2}


def alerts_of(files: list[pathlib.Path]) -> dict[str, list[dict]]:
    done = subprocess.run(
        [str(ROOT / "gradwatch"), "backtest", "--json", *map(str, files)], stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"score: the backtest ended with exit code {done.returncode}")
    found: dict[str, list[dict]] = {}
    for line in done.stdout.splitlines():
        alert = json.loads(line)
        found.setdefault(alert["run"], []).append(alert)
    return found


def opened(alert: dict) -> float:
    return next((alert[key] for key in ("opened_step", "opened_epoch") if alert.get(key) is not None), 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    parser.add_argument("--each", action="store_true", help="a line for each design, too")
    options = parser.parse_args()
    for folder in options.folders:
        files = sorted(folder.resolve().glob("*.jsonl"))
        if not files:
            sys.exit(f"score: no recorded run (*.jsonl) in {folder}")
        alerts = alerts_of(files)
        designs: dict[str, collections.Counter] = {}
        for path in files:
            with path.open() as lines:
                head = json.loads(lines.readline())
            run = head.get("trace") or head["run_id"]
            row = designs.setdefault(re.sub(r"-seed\d+$", "", run), collections.Counter())
            judge(head["expected"], alerts.get(run, []), row)
        total: collections.Counter = sum(designs.values(), collections.Counter())
        if options.each:
            for design, row in sorted(designs.items()):
                print(f"  {design:34} {line(row)}")
        print(f"{folder}: {line(total)}")


def judge(expected: dict, alerts: list[dict], row: collections.Counter) -> None:
    loud = [alert for alert in alerts if RANK[alert["severity"]] > 0]
    row["notes"] += len(alerts) - len(loud)
    row["stops"] += any(alert["stop_recommended"] for alert in alerts)
    if expected.get("healthy"):
        row["healthy"] += 1
        row["accused"] += bool(loud)
        row["healthy notes"] += len(alerts) - len(loud)
        return
    row["faulty"] += 1
    row["found"] += any(alert["detector"] in expected["detectors"] for alert in loud)
    if loud:
        gravest = min(loud, key=lambda alert: (-RANK[alert["severity"]], opened(alert)))
        causes = [cause["code"] for cause in gravest["causes"][:2]]
        row["cause"] += bool(causes) and causes[0] in expected["causes"]
        row["first two"] += any(cause in expected["causes"] for cause in causes)


def line(row: collections.Counter) -> str:
    parts = []
    if row["faulty"]:
        parts.append(f"found {row['found']} of {row['faulty']}, cause first {row['cause']}, among the first two {row['first two']}")
    if row["healthy"]:
        parts.append(f"healthy accused {row['accused']} of {row['healthy']}, notes {row['healthy notes'] / row['healthy']:.2f} a healthy run")
    return "; ".join(parts)


if __name__ == "__main__":
    main()
