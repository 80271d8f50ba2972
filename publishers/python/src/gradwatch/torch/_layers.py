"""Which parameters of a model make up which layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Optional

import torch
from torch import nn

from gradwatch import Layer

MOST_LAYERS = 256
"""As many as the service keeps apart in a run."""

_WRAPPERS = {"_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"}
_HOLDERS = ("DistributedDataParallel", "DataParallel", "OptimizedModule")


class Layout(NamedTuple):
    """The layers of a model from first to last registered, and the trainable parameters with the layer of each."""

    layers: list[Layer]
    names: list[str]
    """Of the layers that have a trainable parameter."""
    parameters: list[torch.Tensor]
    owners: list[int]
    """For each parameter, the place of its layer in ``names``."""
    frozen: list[torch.Tensor]
    """The parameters that do not learn."""

    def is_current(self) -> bool:
        """Whether no layer was frozen or thawed since."""
        return all(p.requires_grad for p in self.parameters) and not any(p.requires_grad for p in self.frozen)


def layout_of(model: nn.Module, most: int = MOST_LAYERS) -> Layout:
    """A layer is a module with parameters of its own (weight and bias together), under its path in the model.

    A parameter that several modules share counts once, at the first. Where there are more layers than ``most``, they are put together: by
    the module that holds them, and what is still too many by neighbours, named after the first and the last.
    """
    owned = list(_owned(model))
    paths = _grouped(list(dict.fromkeys(path for path, _ in owned)), most)
    members: dict[str, list[torch.Tensor]] = {}
    for path, parameter in owned:
        members.setdefault(paths[path], []).append(parameter)
    names = [name for name, parameters in members.items() if any(p.requires_grad for p in parameters)]
    place = {name: i for i, name in enumerate(names)}
    pairs = [(p, place[name]) for name, parameters in members.items() for p in parameters if p.requires_grad]
    return Layout(
        [Layer(name, _size(parameters), name not in place) for name, parameters in members.items()],
        names,
        [p for p, _ in pairs],
        [owner for _, owner in pairs],
        [p for parameters in members.values() for p in parameters if not p.requires_grad],
    )


def _owned(model: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    while type(model).__name__ in _HOLDERS:
        model = next(iter(model.children()))
    seen: set[int] = set()
    for path, module in model.named_modules():
        for name, parameter in module.named_parameters(recurse=False):
            if id(parameter) not in seen:
                seen.add(id(parameter))
                # What the model itself owns, such as a class token, is a layer of its own.
                yield _clean(path) or name, parameter


def _clean(path: str) -> str:
    path = path.split("parametrizations.", 1)[0]
    return ".".join(part for part in path.split(".") if part and part not in _WRAPPERS)


def _grouped(paths: list[str], most: int) -> dict[str, str]:
    """From each path to the name of its layer, at most so many names."""
    names = dict(zip(paths, paths))
    if len(paths) > most:
        deepest = max(path.count(".") for path in paths) + 1
        for depth in range(1, deepest + 1):
            names = {path: ".".join(path.split(".")[:depth]) for path in paths}
            # The outermost modules that tell parts of the model apart: its blocks, not all of its stack.
            if len(set(names.values())) > most // 4:
                break
    distinct = list(dict.fromkeys(names.values()))
    if len(distinct) > most:
        bundles = _bundles(distinct, most)
        names = {path: bundles[name] for path, name in names.items()}
    return names


def _bundles(names: Sequence[str], most: int) -> dict[str, str]:
    """Neighbours together, in ``most`` bundles that differ by at most one in size."""
    edges = [len(names) * i // most for i in range(most + 1)]
    result = {}
    for start, end in zip(edges, edges[1:]):
        bundle = names[start:end]
        for name in bundle:
            result[name] = bundle[0] if len(bundle) == 1 else f"{bundle[0]}..{bundle[-1]}"
    return result


def _size(parameters: Sequence[torch.Tensor]) -> Optional[int]:
    try:
        return sum(p.numel() for p in parameters)
    except Exception:  # A lazy module does not know its size before its first input.
        return None
