"""Writes a training run as JSON Lines while it happens: one header, then a record a step and an epoch."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, Optional

import torch
from torch import nn

MOST_LAYERS = 6
NORMALIZATIONS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.LayerNorm)


def rounded(value: Optional[float], digits: int = 6) -> Any:
    """The number as it stands in a file: so many significant digits, non-finite values as texts."""
    if value is None or isinstance(value, (int, str)):
        return value
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return float(f"{value:.{digits}g}")


def layers_of(model: nn.Module, most: int = MOST_LAYERS) -> dict[str, list[nn.Parameter]]:
    """Modules with weights of their own, in the order of the model; of many, the first, the last and some between."""
    found = {
        name or type(module).__name__: (module, list(module.parameters(recurse=False)))
        for name, module in model.named_modules()
        if list(module.parameters(recurse=False))
    }
    if len(found) > most:
        found = {n: m for n, m in found.items() if not isinstance(m[0], NORMALIZATIONS)}
    names = list(found)
    if len(names) > most:
        names = [names[round(i * (len(names) - 1) / (most - 1))] for i in range(most)]
    return {name: found[name][1] for name in names}


def norm_of(tensors: list[torch.Tensor]) -> float:
    """L2 norm over all entries of all tensors."""
    if not tensors:
        return 0.0
    return float(torch.stack([t.double().norm() for t in tensors]).norm())


class Recording:
    """The records of one run, in memory until it is kept."""

    def __init__(self, model: nn.Module, layers_every: int) -> None:
        self.layers = layers_of(model)
        self.parameters = list(model.parameters())
        self.layers_every = layers_every
        self.records: list[dict[str, Any]] = []
        self._before: Optional[dict[str, list[torch.Tensor]]] = None

    def described_layers(self) -> list[dict[str, Any]]:
        """What a registration says of the layers."""
        described = []
        for name, parameters in self.layers.items():
            layer: dict[str, Any] = {"name": name, "parameters": sum(p.numel() for p in parameters)}
            if not any(p.requires_grad for p in parameters):
                layer["frozen"] = True
            described.append(layer)
        return described

    def gradients(self) -> float:
        """The global gradient norm, before clipping."""
        return norm_of([p.grad for p in self.parameters if p.grad is not None])

    def before_update(self, step: int) -> Optional[list[dict[str, Any]]]:
        """Norms of each layer before the optimizer's step, in the steps that publish them."""
        if step % self.layers_every:
            return None
        self._before = {n: [p.detach().clone() for p in ps] for n, ps in self.layers.items()}
        norms = []
        for name, parameters in self.layers.items():
            gradients = [p.grad for p in parameters if p.grad is not None]
            entries = sum(p.numel() for p in parameters)
            alive = sum(int((g != 0).sum()) for g in gradients)
            norms.append(
                {
                    "name": name,
                    "grad_norm": norm_of(gradients),
                    "zero_fraction": 1 - alive / entries,
                    "weight_norm": norm_of([p.detach() for p in parameters]),
                }
            )
        return norms

    def after_update(self, norms: Optional[list[dict[str, Any]]]) -> None:
        """Adds what the optimizer really changed."""
        if norms is None or self._before is None:
            return
        for layer in norms:
            pairs = zip(self.layers[layer["name"]], self._before[layer["name"]])
            layer["update_norm"] = norm_of([(after.detach() - before) for after, before in pairs])

    def add(self, kind: str, **fields: Any) -> None:
        """One record; what is None is left out."""
        self.records.append({"type": kind, **{k: v for k, v in fields.items() if v is not None}})


def write_run(path: Path, header: dict[str, Any], records: list[dict[str, Any]], digits: int = 6) -> None:
    """The whole file at once, so that nobody reads half a run."""
    lines = [json.dumps(header)]
    for record in records:
        line = {k: rounded(v, digits) if isinstance(v, float) else v for k, v in record.items()}
        if "layers" in line:
            line["layers"] = [{k: rounded(v, digits) for k, v in layer.items()} for layer in line["layers"]]
        if "metrics" in line:
            line["metrics"] = {k: rounded(v, digits) for k, v in line["metrics"].items()}
        lines.append(json.dumps(line, separators=(",", ":")))
    part = path.with_suffix(".part")
    part.write_text("\n".join(lines) + "\n")
    part.replace(path)
