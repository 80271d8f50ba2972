"""Whatever a training script passes, no call raises because of monitoring, and the service can read what is published."""

from __future__ import annotations

import inspect
import json
import math
import subprocess
from pathlib import Path
from random import Random
from typing import Any, Callable

import numpy as np
import pytest

import gradwatch
from gradwatch import LayerNorms, Run, Settings
from gradwatch._publishing.recording import Recording
from gradwatch._publishing.wire import EventWriter
from tests.brokers import LAUNCHER, plain_environment
from tests.test_contract import registry


class Hostile:
    """Fails at everything that a value is asked for."""

    def _fail(self, *_: object) -> Any:
        raise RuntimeError("no")

    __float__ = __int__ = __index__ = __str__ = __repr__ = __bool__ = __len__ = __iter__ = __eq__ = __lt__ = _fail
    __hash__ = None  # type: ignore[assignment]


# Not typed: that is the point.
NOTHING: Any = None
VALUES: list[Any] = [
    *(
        None,
        True,
        "",
        " ",
        "x",
        "größe\n\x1b[2J",
        "\udcff",
        "y" * 5000,
        b"bytes",
        object(),
        Hostile(),
        Hostile,
        Path("a"),
        1j,
    ),
    *(0, 1, -1, 2**31, 2**53, 2**63, 10**400, 0.5, -0.0, 1e308, math.nan, math.inf, -math.inf),
    *(np.float32(1), np.int64(-3), np.array([1, 2]), np.array(2.5)),
    *([], [1.0], ["a", "a"], (), [Hostile()], list(range(5000))),
    *({}, {"a": 1}, {"a": "b", 7: None}, {1: math.nan}, {"h": Hostile()}, {str(i): i for i in range(100)}),
    *([LayerNorms("a", 1.0)], [("a", -1, 7)], [("b", math.nan, 1, 2, 3)], [()], [LayerNorms(NOTHING, NOTHING)]),
    *([LayerNorms("")], [{"name": "a", "parameters": -1}], lambda: None),
]

CALLS: dict[str, Callable[..., Any]] = {
    name: getattr(Run, name)
    for name in ("step", "step", "epoch", "heartbeat", "register", "finish", "load_state_dict", "next_attempt")
}


def arguments(of: Callable[..., Any], random: Random) -> dict[str, Any]:
    """Some of a function's parameters, with anything in them."""
    named = [p for p in inspect.signature(of).parameters.values() if p.name not in ("self", "settings")]
    given = {
        p.name: random.choice(VALUES)
        for p in named
        if p.kind is not p.VAR_KEYWORD and (p.default is p.empty or random.random() < 0.4)
    }
    if any(p.kind is p.VAR_KEYWORD for p in named):
        fields = inspect.signature(gradwatch.run).parameters
        given.update({name: random.choice(VALUES) for name in random.sample(list(fields), 3)})
    return given


@pytest.mark.parametrize("seed", range(60))
def test_no_call_raises_whatever_is_passed(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(seed)
    settings = Settings(record_to=f"{tmp_path}/", quiet=True, flush_seconds=2, state_dir=str(tmp_path / "state"))
    sent: list[Any] = []
    writer = EventWriter(registry(), "topic", auto_register=True)
    writer.ask_for_id()
    given = arguments(gradwatch.run, random)
    given.pop("on_stop", None)
    send = Recording.send

    def noted(recording: Recording, record: Any) -> None:
        sent.append(record)
        send(recording, record)

    monkeypatch.setattr(Recording, "send", noted)
    run = gradwatch.run(**given, settings=settings)
    for _ in range(60):
        name = random.choice(list(CALLS))
        if name != "finish" or random.random() < 0.05:
            CALLS[name](run, **arguments(CALLS[name], random))
    run.finish()

    assert run.is_publishing is False
    # What came out is what Avro and JSON can say.
    for record in sent:
        assert writer.encode(record)
    for file in tmp_path.glob("*.jsonl"):
        for line in file.read_text(encoding="utf-8").splitlines():
            json.loads(line, parse_constant=lambda constant: pytest.fail(constant))


@pytest.mark.java
def test_the_service_reads_what_came_of_it(built: None, tmp_path: Path) -> None:
    for seed in range(60):
        random = Random(seed)
        run = gradwatch.run(settings=Settings(record_to=f"{tmp_path}/", quiet=True))
        for step in range(30):
            run.step(step, **{k: v for k, v in arguments(Run.step, random).items() if k not in ("step", "ended")})
            run.epoch(step, **{k: v for k, v in arguments(Run.epoch, random).items() if k not in ("epoch", "step")})
            run.heartbeat(**arguments(Run.heartbeat, random))
        run.finish()

    done = subprocess.run(
        [str(LAUNCHER), "backtest", "--json", *map(str, tmp_path.glob("*.jsonl"))],
        capture_output=True,
        text=True,
        env=plain_environment(),
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]
