"""What is wrong with a training from its first step, and shows without any statistics: said at once, and registered."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import Callable

import torch

from gradwatch.torch._found import base_rate
from gradwatch.torch._layers import Layout

STEPS = 5
"""Measured steps in which a layer must have had a gradient once: parts that are left out at random seldom are left out five times."""

_NAMED = 3
"""Layers that a message names."""


class StartCheck:
    """Looks at the model's parameters, the optimizer and the gradients in the first measured steps, just before the optimizer's step.

    ``report`` is ``Run.report``.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, report: Callable[[str, str], None]) -> None:
        self._optimizer = optimizer
        self._report = report
        self._steps = 0
        self._silent: dict[str, bool] = {}

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to look at."""
        return self._steps >= STEPS

    def look(self, layout: Layout, *, whole: bool) -> None:
        """A measured step comes: its gradients are there."""
        self._steps += 1
        held = {id(p) for group in self._optimizer.param_groups for p in group["params"]}
        if self._steps == 1:
            self._look_at_optimizer(layout, held)
        if not whole:
            return
        with_gradient = [p.grad is not None for p in layout.parameters]
        if self._steps == 1 and layout.parameters and not any(with_gradient):
            self._report(
                "no-gradient",
                "no parameter has a gradient at the first step of the optimizer: the loss does not depend on the model (detached, or made"
                " anew from a number), backward was not called, or gradients were cleared after it",
            )
        if any(with_gradient):
            self._count_silent(layout, held, with_gradient)
        if self.is_over:
            self.finish()

    def finish(self) -> None:
        """Says which layers never had a gradient; also called when training ends before all steps were looked at."""
        silent, self._silent = self._silent, {}
        names = [name for name, is_silent in silent.items() if is_silent]
        if names:
            self._report(
                "layer-without-gradient",
                f"{_listed(names)} had no gradient in the first {self._steps} measured steps, while others had one: not part"
                " of what the loss depends on, or detached from it",
            )
        self._steps = STEPS

    def _count_silent(self, layout: Layout, held: set[int], with_gradient: Sequence[bool]) -> None:
        now: dict[str, bool] = {}
        for parameter, owner, has_gradient in zip(layout.parameters, layout.owners, with_gradient):
            if id(parameter) in held:
                name = layout.names[owner]
                now[name] = now.get(name, True) and not has_gradient
        self._silent = {name: silent and self._silent.get(name, True) for name, silent in now.items()}

    def _look_at_optimizer(self, layout: Layout, held: set[int]) -> None:
        if base_rate(self._optimizer) is None and all(
            float(g.get("initial_lr", g.get("lr", 1))) == 0 for g in self._optimizer.param_groups
        ):
            self._report("learning-rate-zero", "the learning rate is 0, so nothing will be learned")
        missing = [i for i, p in enumerate(layout.parameters) if id(p) not in held]
        if missing:
            # Another optimizer may train them, as in a GAN. Looked for only where it matters: it means to look at every object.
            others = _held_by_any()
            missing = [i for i in missing if id(layout.parameters[i]) not in others]
        if missing:
            names = list(dict.fromkeys(layout.names[layout.owners[i]] for i in missing))
            self._report(
                "parameters-not-in-optimizer",
                f"{len(missing)} of {len(layout.parameters)} trainable parameters are in no optimizer and will never change, in"
                f" {_listed(names)}: give them to the optimizer, or freeze them with requires_grad_(False)",
            )
        ours = {id(p) for p in (*layout.parameters, *layout.frozen)}
        foreign = [p for g in self._optimizer.param_groups for p in g["params"] if id(p) not in ours]
        # What has a gradient is trained beside the model, such as a loss with weights of its own.
        foreign = [p for p in foreign if p.grad is None]
        if foreign:
            self._report(
                "foreign-parameters-in-optimizer",
                f"the optimizer holds {len(foreign)} parameters that the model does not have and that have no gradient: it was made for"
                " another model, or before this one was replaced, wrapped or moved",
            )


def _held_by_any() -> set[int]:
    return {
        id(parameter)
        for found in gc.get_objects()
        # By its type: asking some objects for their class wakes them up.
        if issubclass(type(found), torch.optim.Optimizer)
        for group in getattr(found, "param_groups", ())
        for parameter in group["params"]
    }


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more layers" if len(names) > _NAMED else ""
    return ("layer " if len(names) == 1 else "layers ") + ", ".join(names[:_NAMED]) + more
