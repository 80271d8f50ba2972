"""What each example must bring about. Steps and epochs count from 0, as alerts say them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Union

SEVERITIES = ("info", "warning", "critical")
OF_THE_MACHINE = {"slow-steps", "silent-run"}
"""What these say depends on who else computes here; they are shown, and not judged."""


class Recording:
    """A run as it was recorded: its header, its steps and its epochs."""

    def __init__(self, file: Path) -> None:
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        self.file = file
        self.header: dict[str, Any] = lines[0]
        self.run_id: str = self.header["run_id"]
        self.name: str = self.header["run"]["name"]
        self.steps = [line for line in lines if line.get("type") == "step"]
        self.epochs = [line for line in lines if line.get("type") == "epoch"]
        self.outcome = next((line["outcome"] for line in reversed(lines) if line.get("type") == "finished"), None)

    def death(self) -> float:
        """The step from which on a layer gets no gradient for ten steps."""
        dead: dict[str, int] = {}
        for step in self.steps:
            for layer in step.get("layers", ()):
                dead[layer["name"]] = dead.get(layer["name"], 0) + 1 if layer["zero_fraction"] >= 0.999 else 0
                if dead[layer["name"]] == 10:
                    return float(step["step"]) - 9
        return math.inf

    def out_of_patience(self, patience: int = 5) -> float:
        """The epoch after which early stopping would have ended the run."""
        losses = [epoch["val_loss"] for epoch in self.epochs]
        best = 0
        for i, loss in enumerate(losses):
            if loss < losses[best]:
                best = i
            elif i - best >= patience:
                return i
        return math.inf


Place = Union[float, Callable[[Recording], float]]
"""A step or an epoch, or how to find it in the recorded run."""


@dataclass(frozen=True)
class Alert:
    """An alert that must open: one of these detectors, at this place at the latest, with one of these causes among its first two."""

    detectors: tuple[str, ...]
    by_step: Place = math.inf
    by_epoch: Place = math.inf
    causes: tuple[str, ...] = ()
    severity: str = "info"
    words: str = ""

    def __str__(self) -> str:
        place = self.words or (f"by step {self.by_step}" if self.by_step != math.inf else f"by epoch {self.by_epoch}")
        return f"{' or '.join(self.detectors)} {place}" + (f", {' or '.join(self.causes)}" if self.causes else "")

    def is_met_by(self, alert: Mapping[str, Any], recording: Recording) -> bool:
        """Whether this is it. It may also stand behind a stronger one that opened in time, as that one's symptom."""
        step, epoch = (place(recording) if callable(place) else place for place in (self.by_step, self.by_epoch))
        named = [alert["detector"], *alert["symptoms"]]
        causes = [cause["code"] for cause in alert["causes"][:2]]
        return (
            alert["attempt"] == 1
            and any(detector in named for detector in self.detectors)
            and (alert["opened_step"] or 0) <= step
            and (alert["opened_epoch"] or 0) <= epoch
            and (not self.causes or any(cause in causes for cause in self.causes))
            and SEVERITIES.index(alert["severity"]) >= SEVERITIES.index(self.severity)
        )


@dataclass(frozen=True)
class Row:
    """One recorded run of an example. Beside the alerts that must be there, none may be graver than ``others``."""

    run: str
    """Name of the run, or a pattern for several."""
    script: str
    must: Sequence[Alert] = ()
    others: str = "critical"
    never: frozenset[str] = frozenset()
    attempts_stay_quiet: bool = False
    """Whether attempts after the first may have no warning."""
    gap: str = ""
    """Why Gradwatch cannot say this yet; the row is then shown and not counted."""
    short_epochs: int | None = None
    """As many as the expectation needs, for the short form."""

    def expectation(self) -> str:
        """In words, for the table."""
        words = [str(alert) for alert in self.must]
        if self.others != "critical":
            words.append({"info": "no warning", "warning": "nothing critical"}[self.others])
        if self.attempts_stay_quiet:
            words.append("no warning in attempt 2")
        words += [f"no {detector}" for detector in sorted(self.never)]
        return "; ".join(words)

    def faults(self, recording: Recording, alerts: Sequence[Mapping[str, Any]]) -> list[str]:
        """What is wrong with the alerts of this run; nothing, when they are as they must be."""
        judged = [alert for alert in alerts if alert["detector"] not in OF_THE_MACHINE]
        faults = [f"no {must}" for must in self.must if not any(must.is_met_by(a, recording) for a in judged)]
        for alert in judged:
            loudest = "info" if self.attempts_stay_quiet and alert["attempt"] > 1 else self.others
            wanted = any(must.is_met_by(alert, recording) for must in self.must)
            if alert["detector"] in self.never or (
                not wanted and SEVERITIES.index(alert["severity"]) > SEVERITIES.index(loudest)
            ):
                faults.append(f"unwanted {alert['detector']} ({alert['severity']}, attempt {alert['attempt']})")
            if alert["stop_recommended"] and self.others == "info":
                faults.append(f"unwanted stop: {alert['detector']}")
        return faults


def _one(detector: str, **rest: Any) -> Sequence[Alert]:
    return [Alert((detector,), **rest)]


ROWS = [
    Row(
        "000-1-low-rate-torch",
        "000_1_low_rate_torch.py",
        _one("frozen-updates", by_epoch=1, causes=("learning-rate-too-low",)),
        never=frozenset({"vanishing-gradients"}),
    ),
    Row(
        "002-1b-high-rate-torch",
        "002_1b_high_rate_torch.py",
        _one("loss-divergence", by_step=2, causes=("learning-rate-too-high",), severity="critical"),
    ),
    Row("004-2-eight-torch", "004_2_sigmoid_layers_torch.py", _one("vanishing-gradients", by_epoch=3)),
    Row(
        "000-1-low-rate",
        "000_1_low_rate.py",
        _one("frozen-updates", by_epoch=1, causes=("learning-rate-too-low",)),
        never=frozenset({"vanishing-gradients"}),
    ),
    Row("000-2a-overfit-easy", "000_2a_overfit_easy.py", others="info", short_epochs=30),
    Row("000-2b-overfit-noisy", "000_2b_overfit_noisy.py", _one("overfitting", by_epoch=85)),
    Row(
        "000-3-unscaled-inputs",
        "000_3_unscaled_inputs.py",
        [
            Alert(("unexpected-initial-loss",), by_step=2, causes=("unscaled-inputs",)),
            Alert(("zero-gradients",), by_epoch=6, causes=("unscaled-inputs",)),
        ],
        attempts_stay_quiet=True,
    ),
    Row(
        "001-1-random-labels",
        "001_1_random_labels.py",
        [Alert(("no-generalization",), by_epoch=12), Alert(("overfitting",), by_epoch=41)],
        short_epochs=60,
    ),
    Row("001-2-low-capacity", "001_2_low_capacity.py", others="info", short_epochs=120),
    Row(
        "001-3a-low-rate",
        "001_3a_low_rate.py",
        [
            Alert(
                ("loss-plateau", "slow-convergence"),
                by_epoch=10,
                causes=("learning-rate-too-low", "noisy-or-uninformative-data"),
            )
        ],
        short_epochs=30,
    ),
    Row(
        "001-3b-high-rate",
        "001_3b_high_rate.py",
        _one(
            "dead-layers",
            by_step=lambda recording: recording.death() + 10,
            causes=("learning-rate-too-high",),
            severity="warning",
            words="within 10 steps of dying",
        ),
        short_epochs=40,
    ),
    Row(
        "002-1a-low-rate",
        "002_1a_low_rate.py",
        _one("frozen-updates", by_epoch=1, causes=("learning-rate-too-low",)),
    ),
    Row(
        "002-1b-high-rate",
        "002_1b_high_rate.py",
        _one("loss-divergence", by_step=2, causes=("learning-rate-too-high",), severity="critical"),
    ),
    Row("002-2-sigmoid", "002_2_sigmoid_relu.py", others="info"),
    Row("002-2-relu", "002_2_sigmoid_relu.py", others="info"),
    Row("002-3-unclipped", "002_3_clipping.py", others="info"),
    Row("002-3-clipped", "002_3_clipping.py", others="info"),
    Row(
        "003-1-imbalance",
        "003_1_imbalance.py",
        _one("majority-class-collapse", by_epoch=9, causes=("class-imbalance",), severity="warning"),
    ),
    Row("003-1-literal", "003_1_imbalance.py", others="info"),
    Row("003-2-stopped", "003_2_early_stopping.py", others="info"),
    Row(
        "003-2-watched",
        "003_2_early_stopping.py",
        [
            Alert(
                ("overfitting", "metric-plateau"),
                by_epoch=lambda recording: recording.out_of_patience() + 3,
                words="3 epochs after patience 5 at the latest",
            )
        ],
    ),
    Row("003-3-adam-*", "003_3_grid.py", others="info"),
    Row("003-3-rmsprop-*", "003_3_grid.py", others="info"),
    Row(
        "003-3-sgd-*",
        "003_3_grid.py",
        _one("worse-than-siblings", by_epoch=9),
        others="info",
        gap="runs are not compared with each other yet",
    ),
    Row(
        "004-1-probability",
        "004_1_scaling.py",
        _one("zero-gradients", by_step=4, causes=("unscaled-inputs",), severity="critical"),
    ),
    Row(
        "004-1-logits",
        "004_1_scaling.py",
        # Its gradient is not zero, it is 1e10: which of the three is said first does not matter.
        [
            Alert(
                ("zero-gradients", "unexpected-initial-loss", "loss-divergence"), by_step=4, causes=("unscaled-inputs",)
            )
        ],
    ),
    Row("004-2-three-layers", "004_2_sigmoid_layers.py", others="info"),
    Row("004-2-eight-layers", "004_2_sigmoid_layers.py", _one("vanishing-gradients", by_epoch=3)),
    Row(
        "004-3-wrong-loss",
        "004_3_wrong_loss.py",
        _one("unexpected-initial-loss", by_step=2, causes=("wrong-loss-or-output-activation",), severity="warning"),
    ),
]
