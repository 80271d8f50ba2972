"""What a compiled Keras model tells about itself: its layers, its loss, its optimizer, as a registration names them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, NamedTuple, Optional

import keras
import numpy as np

from gradwatch._events import Layer

MOST_UNITS = 256
"""Deeper models are watched in groups of neighbouring layers."""


class Unit(NamedTuple):
    """One layer as it is watched: a layer of the model, or of a model inside the model, with all that is inside it."""

    name: str
    variables: list[Any]
    parameters: int
    frozen: bool


def innermost(optimizer: Any) -> Any:
    """The optimizer itself, where another one around it scales the loss."""
    return getattr(optimizer, "inner_optimizer", optimizer)


def units(model: Any) -> list[Unit]:
    """The layers with weights, from input to output, at most 256: neighbours are grouped beyond that."""
    found = list(_walk(model, ""))
    if len(found) <= MOST_UNITS:
        return found
    grouped = []
    for i in range(MOST_UNITS):
        part = found[i * len(found) // MOST_UNITS : (i + 1) * len(found) // MOST_UNITS]
        grouped.append(
            Unit(
                name=part[0].name if len(part) == 1 else f"{part[0].name}..{part[-1].name}",
                variables=[v for unit in part for v in unit.variables],
                parameters=sum(unit.parameters for unit in part),
                frozen=all(unit.frozen for unit in part),
            )
        )
    return grouped


def _walk(model: Any, inside: str) -> Iterator[Unit]:
    for layer in model.layers:
        if isinstance(layer, keras.Model) and layer.layers:
            yield from _walk(layer, f"{inside}{layer.name}/")
        elif layer.weights:
            yield Unit(
                name=inside + layer.name,
                variables=list(layer.trainable_variables),
                parameters=layer.count_params(),
                frozen=not layer.trainable_variables,
            )


def describe(model: Any, watched: list[Unit]) -> dict[str, Any]:
    """The fields of a registration that the model knows; what is not certain is left out."""
    fields: dict[str, Any] = {"layers": [Layer(u.name, u.parameters, u.frozen) for u in watched]}
    tags = {"keras_backend": keras.backend.backend()}
    for part in (_describe_output, _describe_loss, _describe_optimizer):
        # One part that a newer Keras or an unusual model does not answer costs that part only.
        with contextlib.suppress(Exception):
            part(model, fields, tags)
    classes = _classes(fields)
    if classes is not None:
        fields["classes"] = classes
    fields["tags"] = tags
    return {name: value for name, value in fields.items() if value is not None}


def _describe_output(model: Any, fields: dict[str, Any], tags: dict[str, str]) -> None:
    shape = model.output_shape
    if isinstance(shape, tuple) and shape and isinstance(shape[-1], int):
        fields["output_units"] = shape[-1]
    last = model.layers[-1]
    while isinstance(last, keras.Model) and last.layers:
        last = last.layers[-1]
    if isinstance(last, keras.layers.Softmax):
        fields["output_activation"] = "softmax"
    else:
        fields["output_activation"] = getattr(getattr(last, "activation", None), "__name__", None)


def _describe_loss(model: Any, fields: dict[str, Any], tags: dict[str, str]) -> None:
    losses = model.loss
    if isinstance(losses, dict):
        losses = list(losses.values())
    if not isinstance(losses, (list, tuple)):
        losses = [losses]
    losses = [loss for loss in losses if loss is not None]
    names = list(dict.fromkeys(_loss_name(loss) for loss in losses))
    fields["loss"] = "+".join(names) if names else None
    if any(_from_logits(loss) for loss in losses):
        tags["from_logits"] = "true"


def _loss_name(loss: Any) -> str:
    if isinstance(loss, str):
        return loss
    if isinstance(loss, keras.losses.Loss):
        return str(loss.name)
    return getattr(loss, "__name__", type(loss).__name__)


def _from_logits(loss: Any) -> bool:
    return isinstance(loss, keras.losses.Loss) and bool(loss.get_config().get("from_logits"))


def _describe_optimizer(model: Any, fields: dict[str, Any], tags: dict[str, str]) -> None:
    optimizer = innermost(model.optimizer)
    fields["optimizer"] = type(optimizer).__name__.lower()
    fields["clip_threshold"] = optimizer.global_clipnorm or optimizer.clipnorm
    if optimizer.clipnorm:
        tags["clipping"] = "each variable by itself"
    rate = optimizer.get_config()["learning_rate"]
    if isinstance(rate, dict):
        tags["learning_rate_schedule"] = str(rate.get("class_name"))
        schedule = rate.get("config") or {}
        fields["warmup_steps"] = schedule.get("warmup_steps") or None
        peak = schedule.get("warmup_target") if schedule.get("warmup_steps") else None
        rate = peak or schedule.get("initial_learning_rate") or float(optimizer.learning_rate)
    fields["learning_rate"] = _positive(rate)


def _positive(rate: Any) -> Optional[float]:
    # From a single-precision variable: 0.001, not 0.0010000000474974513.
    rate = float(str(np.float32(rate)))
    return rate if rate > 0 else None


def _classes(fields: dict[str, Any]) -> Optional[int]:
    """How many classes, where the output leaves no doubt."""
    outputs: Optional[int] = fields.get("output_units")
    if fields.get("loss") is None or outputs is None:
        return None
    loss = fields["loss"].replace("_", "").lower()
    one_of_many = fields.get("output_activation") == "softmax" or loss.endswith("categoricalcrossentropy")
    if outputs > 1 and one_of_many:
        return outputs
    if outputs == 1 and loss.startswith("binary") and loss.endswith("crossentropy"):
        return 2
    return None
