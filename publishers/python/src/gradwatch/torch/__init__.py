"""Watches a PyTorch training loop, with two lines in it.

watch = gradwatch.torch.watch(model, optimizer, project="vision", classes=10)
for x, y in batches:
    loss = criterion(model(x), y)
    watch.loss(loss)
    ...                             # backward, clipping, optimizer.step(), as ever
watch.epoch(validation_loss=...)    # at the end of each epoch, if there are any
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

import torch
from torch import nn

from gradwatch import Run
from gradwatch.torch._begin import begin
from gradwatch.torch._layers import MOST_LAYERS
from gradwatch.torch._sharding import rank_norms
from gradwatch.torch._watch import Watch

__all__ = ["Watch", "rank_norms", "watch"]


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
    layers, neighbours are put together. Weight norm and update norm of a tensor with more than 65,536 entries come from so many of
    them, evenly spread (16,384 with ``every=1``), its zero fraction from four times as many; ``exact`` looks at all, which costs a copy of
    the model.

    Makes a run from ``run_fields``, which are those of ``gradwatch.run``, unless ``run`` is given, and tells it what the model and the
    optimizer say of themselves. ``state`` is what ``Watch.state_dict`` gave to a checkpoint: this is then the next attempt of that run.
    ``first_step`` is the number of the next step; by default 0, or what a loaded optimizer has counted.

    Call it on every rank. Raises ``TypeError`` for what is no optimizer, and nothing else: what cannot be measured is warned of.
    """
    return begin(
        model,
        optimizer,
        run,
        run_fields,
        state=state,
        first_step=first_step,
        every=every,
        layers=layers,
        max_layers=max_layers,
        exact=exact,
    )
