"""Watches a PyTorch training loop, with two lines in it.

    watch = gradwatch.torch.watch(model, optimizer, project="vision", classes=10)
    for x, y in batches:
        loss = criterion(model(x), y)
        watch.loss(loss)
        ...                             # backward, clipping, optimizer.step(), as ever
    watch.epoch(validation_loss=...)    # at the end of each epoch, if there are any
"""

from __future__ import annotations

import atexit
from collections.abc import Mapping
from typing import Any, Optional

import torch
from torch import nn

import gradwatch
from gradwatch import Run, Settings
from gradwatch.torch import _found
from gradwatch.torch._layers import MOST_LAYERS
from gradwatch.torch._watch import Watch, flush_all

__all__ = ["Watch", "watch"]


def watch(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    run: Optional[Run] = None,
    *,
    every: int = 10,
    layers: bool = True,
    max_layers: int = MOST_LAYERS,
    exact: bool = False,
    first_step: Optional[int] = None,
    state: Optional[Mapping[str, Any]] = None,
    **run_fields: Any,
) -> Watch:
    """Publishes what this optimizer does to this model, from its next step on.

    Every step carries its loss and learning rate; the first five and every ``every``-th also the global gradient norm before clipping, and
    with ``layers`` each layer's gradient norm, zero fraction, weight norm and update norm. Where there are more than ``max_layers``
    layers, neighbours are put together. ``exact`` looks at every entry of tensors with more than 131,072 entries, which costs a copy of
    the model.

    Makes a run from ``run_fields``, which are those of ``gradwatch.run``, unless ``run`` is given, and tells it what the model and the
    optimizer say of themselves. ``state`` is what ``Watch.state_dict`` gave to a checkpoint: this is then the next attempt of that run.
    ``first_step`` is the number of the next step; by default 0, or what a loaded optimizer has counted.

    Call it on every rank. Raises ``TypeError`` for what is no optimizer, and nothing else: what cannot be measured is warned of.
    """
    inner = _found.unwrapped(optimizer)
    given = {name: value for name, value in run_fields.items() if value is not None}
    found = _found.registration(model, inner)
    said = {**found, **given, "tags": {**found.get("tags", {}), **dict(given.get("tags") or {})}}
    owns_run = run is None
    if run is None:
        run = gradwatch.run(state=state, **said)
    else:
        run.register(**said)
    told = given.get("stop_when_told")
    result = Watch(
        run,
        model,
        inner,
        every=every,
        layers=layers,
        max_layers=max_layers,
        exact=exact,
        first_step=state.get("step") if first_step is None and state else first_step,
        steps_per_epoch=given.get("steps_per_epoch"),
        owns_run=owns_run,
        told_to_stop=bool(Settings.from_environment().stop_when_told if told is None else told),
    )
    atexit.unregister(flush_all)
    # Registered after the run's own, and so called before it.
    atexit.register(flush_all)
    return result
