"""What an alert says of how training goes on after a fault."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

from gradwatch._values import printable

UNKNOWN = "unknown"

_WHY = {
    "recovered": "the run recovered by itself",
    "weights-unharmed": "the fault leaves the weights as they are",
    "may-pass": "single steps stood out, and most runs go on from there",
    "outside-the-model": "the fault is one of the machine, the network or the process, not of the weights",
    "learned-before-fault": "the run had learned until there, and the fault damaged the weights after it",
    "lowest-loss": "the training loss was lowest there",
    "best-validation-loss": "the validation loss was lowest there",
    "fault-at-start": "the fault showed in the first steps, so there is nothing to go back to",
    "nothing-learned": "nothing was learned that is worth keeping",
    "nothing-learned-since-resumed": "nothing was learned since the checkpoint that the attempt began from",
}


@dataclass(frozen=True)
class Recovery:
    """How training goes on after a fault. ``str`` of it is a sentence.

    ``action`` is ``"continue"``, ``"go-back-to-step"`` (load a checkpoint of ``step`` or before it), ``"go-back-to-epoch"`` (load the one
    of ``epoch``), ``"start-again"`` or ``"unknown"``. ``reason`` is a code that says why, such as ``"nothing-learned"``. Later versions of
    the service may know more reasons.
    """

    action: str = UNKNOWN
    step: Optional[int] = None
    epoch: Optional[float] = None
    reason: str = "not-enough-known"

    def __str__(self) -> str:
        what = {
            "continue": "continue with the weights as they are",
            "go-back-to-step": f"go back to a checkpoint at or before step {self.step}",
            "go-back-to-epoch": f"go back to the checkpoint of epoch {self.epoch:g}" if self.epoch is not None else "",
            "start-again": "start again",
        }.get(self.action, "")
        why = _WHY.get(self.reason)
        return f"{what}: {why}" if what and why else what or "it is not known how to go on"


def recovery_in(alert: "Mapping[str, Any]") -> Recovery:
    """The recovery that an alert names; unknown where the service is of a version that does not say."""
    said = alert.get("recovery")
    if not isinstance(said, Mapping):
        return Recovery()
    return Recovery(_code(said.get("action")), said.get("step"), said.get("epoch"), _code(said.get("reason")))


def _code(symbol: Any) -> str:
    return printable(str(symbol)).lower().replace("_", "-")
