#!/usr/bin/env python3
"""Trains small models, healthy and with known faults, and writes each as a recorded run with what must be said of it.

    make_runs.py OUT [--only PATTERN ...] [--seeds N] [--first-seed N] [--missing]

Runs that came out as meant go to OUT/tune or OUT/check, by design; the others, where the fault did not bite or a healthy run
was not, to OUT/doubtful. A line a run tells what its curves say.
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import time
import zlib
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

import adversarial  # noqa: F401  (registers its designs)
import faulty_gradients  # noqa: F401
import faulty_inputs  # noqa: F401
import faulty_rates  # noqa: F401
import healthy  # noqa: F401
import healthy_unusual  # noqa: F401
from designs import ALL, Design, Recorded
from recording import write_run
from shapes import Curves
from training import Trainer


def train(design: Design, seed: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """One run: its registration and its records."""
    torch.manual_seed(zlib.crc32(f"{design.name} {seed}".encode()))
    made = design.make(seed)
    if isinstance(made, Recorded):
        return made.registration, made.records
    trainer = Trainer(*made, seed)
    return trainer.registration(), trainer.run()


def keep(out: Path, design: Design, seed: int) -> str:
    """Trains, judges and writes one run; what its curves say."""
    began = time.process_time()
    registration, records = train(design, seed)
    curves = Curves(records)
    shows = design.shows(curves)
    trace = f"{design.name}-seed{seed}"
    header = {
        "trace": trace,
        "framework": "pytorch",
        "task": design.task,
        "run": registration,
        "expected": design.expected,
        "records": len(records),
    }
    folders = {f: out / f for f in ("tune", "check", "arguable", "doubtful")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{trace}.jsonl").unlink(missing_ok=True)
    write_run(folders[design.part if shows else "doubtful"] / f"{trace}.jsonl", header, records)
    best = f"{curves.valid.min():.3g}" if len(curves.valid) else "-"
    last = f"{curves.valid[-1]:.3g}" if len(curves.valid) else "-"
    hits = f"{curves.valid_hits[-1]:.3g}" if len(curves.valid_hits) else "-"
    return (
        f"{'ok ' if shows else 'NOT'} {trace:42} {len(records):5} records {time.process_time() - began:5.1f} s  "
        f"loss {curves.start:.4g} -> {curves.end:.4g} ({curves.gain:+.0%})  valid {best} -> {last} acc {hits}  "
        f"{'; '.join(curves.complaints())}"
    )


def main() -> None:
    """Trains what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", nargs="+", default=["*"], metavar="PATTERN", help="designs by name")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--missing", action="store_true", help="only runs that OUT does not hold yet")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    chosen = [d for d in ALL if any(fnmatch.fnmatch(d.name, p) for p in arguments.only)]
    if not chosen:
        parser.error(f"no design matches {' '.join(arguments.only)}")
    for design in chosen:
        for seed in range(arguments.first_seed, arguments.first_seed + arguments.seeds):
            if not (arguments.missing and list(arguments.out.glob(f"*/{design.name}-seed{seed}.jsonl"))):
                print(keep(arguments.out, design, seed), flush=True)


if __name__ == "__main__":
    main()
