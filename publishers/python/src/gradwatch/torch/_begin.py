"""From a model, its optimizer and what somebody knows of the run to a watch: for training loops, and for the trainers of frameworks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from torch import nn

import gradwatch
from gradwatch import Run, Settings
from gradwatch._checkpoint import Place
from gradwatch._notices import Notices
from gradwatch._values import shown
from gradwatch.torch import _found
from gradwatch.torch._watch import Watch


def begin(
    model: nn.Module,
    optimizer: Any,
    run: Optional[Run],
    fields: Mapping[str, Any],
    *,
    state: Optional[Mapping[str, Any]] = None,
    first_step: Optional[int] = None,
    **options: Any,
) -> Watch:
    """Makes the run, or tells a given one what is known, and hooks the optimizer. ``options`` are those of ``Watch``."""
    inner = _found.unwrapped(optimizer)
    given = {name: value for name, value in fields.items() if value is not None}
    found = _found.registration(model, inner)
    said = {**found, **given, "tags": {**found.get("tags", {}), **dict(given.get("tags") or {})}}
    owns_run = run is None
    if run is None:
        run = gradwatch.run(state=state, **said)
    else:
        run.register(**{name: value for name, value in said.items() if name not in ("stop_when_told", "on_stop")})
    told = given.get("stop_when_told")
    step, epochs = _place(run, state)
    return Watch(
        run,
        model,
        inner,
        first_step=step if first_step is None else first_step,
        epochs=epochs,
        owns_run=owns_run,
        told_to_stop=bool(Settings.from_environment().stop_when_told if told is None else told),
        **options,
    )


def _place(run: Run, state: Optional[Mapping[str, Any]]) -> tuple[Optional[int], int]:
    """The step and the epoch that come next, by the checkpoint, else by the run; no step where the optimizer knows better."""
    place = Place()
    if isinstance(state, Mapping):
        try:
            place.restore(state)
            return (None if state.get("step") is None else place.next_step), place.next_epoch
        except Exception as e:
            Notices.shared.warn("state", f"state is {shown(state)}, which is not what state_dict gave: {shown(e)}")
    return (run.next_step or None), run.next_epoch
