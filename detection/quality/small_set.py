#!/usr/bin/env python3
"""Packs a choice of made runs small enough for the repository's tests: five digits, layers in fewer steps, gzip.

    small_set.py RUNS TARGET TRACE ...

RUNS is what make_runs.py wrote. Each file stays under 30 KB: layers are kept in every second, third, ... step until it does.
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path
from typing import Any

from recording import rounded

MOST_BYTES = 30_000


def packed(header: dict[str, Any], records: list[dict[str, Any]], every: int) -> bytes:
    """The file's bytes with layers in every so many of the steps that had them; the same bytes each time."""
    seen = 0
    lines = [json.dumps(header, separators=(",", ":"))]
    for record in records:
        line = {k: short(v) for k, v in record.items()}
        if "layers" in line:
            if seen % every:
                del line["layers"]
            seen += 1
        lines.append(json.dumps(line, separators=(",", ":")))
    return gzip.compress(("\n".join(lines) + "\n").encode(), 9, mtime=0)


def short(value: Any) -> Any:
    """Five significant digits, at every depth."""
    if isinstance(value, list):
        return [short(v) for v in value]
    if isinstance(value, dict):
        return {k: short(v) for k, v in value.items()}
    return rounded(value, 5) if isinstance(value, float) else value


def main() -> None:
    """Packs what was named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("traces", nargs="+", metavar="TRACE")
    arguments = parser.parse_args()
    arguments.target.mkdir(parents=True, exist_ok=True)
    for trace in arguments.traces:
        found = list(arguments.runs.glob(f"*/{trace}.jsonl"))
        if len(found) != 1:
            parser.error(f"{trace}: {len(found)} files of that name under {arguments.runs}, one is needed")
        header, *records = (json.loads(line) for line in found[0].read_text().splitlines())
        for every in range(1, 100):
            content = packed(header, records, every)
            if len(content) <= MOST_BYTES:
                break
        (arguments.target / f"{trace}.jsonl.gz").write_bytes(content)
        print(f"{trace}: {len(content)} bytes, layers in every {every}. step that had them")


if __name__ == "__main__":
    main()
