"""What a run says of itself: every field of ``RunStarted`` with the values it may have."""

from collections.abc import Iterable, Mapping
from typing import Any, Callable

from gradwatch import _surroundings
from gradwatch import _values as values
from gradwatch._events import Layer
from gradwatch._values import Refused

PROFILES = ("supervised", "language-model", "adversarial", "reinforcement")


def _layers(given: Any) -> "tuple[Layer, ...]":
    if isinstance(given, (str, Mapping)) or not isinstance(given, Iterable):
        raise Refused("must be a list of names, gradwatch.Layer or dictionaries")
    return tuple(_layer(layer) for layer in given)[: values.LONGEST_LIST]


def _layer(given: Any) -> Layer:
    if isinstance(given, str):
        return Layer(values.name(given))
    fields = given if isinstance(given, Mapping) else _attributes(given)
    if fields.get("name") is None:
        raise Refused("must be a list of names, gradwatch.Layer or dictionaries with a name")
    return Layer(
        values.name(fields["name"]),
        values.optional(fields.get("parameters"), values.count),
        values.flag(fields.get("frozen", False)),
    )


def _attributes(given: Any) -> "dict[str, Any]":
    if isinstance(given, (tuple, list)) and not hasattr(given, "_fields"):
        return dict(zip(Layer._fields, given))
    return {name: getattr(given, name, None) for name in Layer._fields}


def _profile(given: Any) -> str:
    if given not in PROFILES:
        raise Refused("must be one of " + ", ".join(PROFILES))
    return str(given)


def _tags(given: Any) -> "dict[str, str]":
    return values.entries(given, values.text)


FIELDS: "Mapping[str, Callable[[Any], Any]]" = {
    "name": values.text,
    "project": values.text,
    "team": values.text,
    "cluster": values.text,
    "group": values.text,
    "profile": _profile,
    "loss": values.text,
    "output_activation": values.text,
    "output_units": values.at_least(1),
    "classes": values.at_least(2),
    "optimizer": values.text,
    "learning_rate": values.positive,
    "warmup_steps": values.at_least(0, 64),
    "clip_threshold": values.positive,
    "batch_size": values.at_least(1),
    "steps_per_epoch": values.at_least(1, 64),
    "planned_epochs": values.at_least(1),
    "planned_steps": values.at_least(1, 64),
    "baseline_loss": values.number,
    "resumed": values.flag,
    "pretrained": values.flag,
    "layers": _layers,
    "lower_is_better": values.texts,
    "stop_on": values.texts,
    "tags": _tags,
}
"""From each field's name to what makes its value from whatever was given, or refuses it."""


def taken_over(
    known: "Mapping[str, Any]", given: "Mapping[str, Any]", refuse: "Callable[[str, Any, Exception], None]"
) -> "dict[str, Any]":
    """What is known with what was given now. ``None`` changes nothing; tags are added to those known; ``refuse`` hears of the rest."""
    result = dict(known)
    for name, value in given.items():
        if value is None:
            continue
        clean = FIELDS.get(name)
        try:
            if clean is None:
                raise Refused("is no field of a registration")
            cleaned = clean(value)
        except Exception as e:
            refuse(name, value, e)
            continue
        result[name] = {**result.get("tags", {}), **cleaned} if name == "tags" else cleaned
    return result


def with_surroundings(known: "Mapping[str, Any]") -> "dict[str, Any]":
    """What is known with the tags that nobody had to say; those that somebody said come first."""
    tags = dict(known.get("tags", {}))
    try:
        for name, tag in values.entries(_surroundings.tags(), values.text).items():
            if len(tags) < values.LARGEST_MAP:
                tags.setdefault(name, tag)
    except Exception:  # Nothing around a run is worth as much as the run.
        pass
    return {**known, "tags": tags}
