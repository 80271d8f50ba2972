"""What a run says of itself: every field of ``RunStarted`` with the values it may have."""

from collections.abc import Iterable, Mapping
from typing import Any, Callable

from gradwatch import _values as values
from gradwatch import limits
from gradwatch._events import Layer
from gradwatch._registration_facts import environment
from gradwatch._values import Refused

PROFILES = ("supervised", "language-model", "adversarial", "reinforcement")

FINDINGS = (
    "parameters-not-in-optimizer",
    "foreign-parameters-in-optimizer",
    "no-gradient",
    "layer-without-gradient",
    "loss-not-scalar",
    "learning-rate-zero",
)
"""Codes of what a publisher may see wrong by itself when training begins."""

EPOCH_NUMBERINGS = ("from-0", "from-1")
"""How frameworks number their epochs where people see them."""


def _layers(given: Any) -> "tuple[Layer, ...]":
    if isinstance(given, (str, Mapping)) or not isinstance(given, Iterable):
        raise Refused("must be a list of names, gradwatch.Layer or dictionaries")
    return tuple(_layer(layer) for layer in limits.first("layers", given, limits.LAYERS))


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


def _one_of(allowed: "tuple[str, ...]") -> "Callable[[Any], str]":
    def chosen(given: Any) -> str:
        if not isinstance(given, str) or given not in allowed:
            raise Refused("must be one of " + ", ".join(allowed))
        return str(given)

    return chosen


def _findings(given: Any) -> "tuple[str, ...]":
    return tuple(dict.fromkeys(_one_of(FINDINGS)(code) for code in values.texts(given)))


def _tags(given: Any) -> "dict[str, str]":
    return values.entries("tags", given, values.text, limits.TAGS)


def _whole(field: str, bits: int = 32) -> "Callable[[Any], int]":
    return values.at_least(limits.least(field), bits)


FIELDS: "Mapping[str, Callable[[Any], Any]]" = {
    "name": values.text,
    "project": values.text,
    "team": values.text,
    "cluster": values.text,
    "group": values.text,
    "profile": _one_of(PROFILES),
    "loss": values.text,
    "output_activation": values.text,
    "output_units": _whole("output_units"),
    "classes": _whole("classes"),
    "optimizer": values.text,
    "learning_rate": values.positive,
    "warmup_steps": _whole("warmup_steps", 64),
    "clip_threshold": values.positive,
    "batch_size": _whole("batch_size"),
    "steps_per_epoch": _whole("steps_per_epoch", 64),
    "planned_epochs": _whole("planned_epochs"),
    "planned_steps": _whole("planned_steps", 64),
    "baseline_loss": values.number,
    "resumed": values.flag,
    "pretrained": values.flag,
    "layers": _layers,
    "lower_is_better": values.texts,
    "stop_on": values.texts,
    "tags": _tags,
    "findings": _findings,
    "epoch_numbering": _one_of(EPOCH_NUMBERINGS),
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
        if name == "findings":
            result[name] = tuple(dict.fromkeys([*result.get("findings", ()), *cleaned]))
        elif name == "tags":
            both = {**result.get("tags", {}), **cleaned}
            result[name] = dict(limits.first("tags", both.items(), limits.TAGS))
        else:
            result[name] = cleaned
    return result


def with_environment(known: "Mapping[str, Any]") -> "dict[str, Any]":
    """What is known with the tags that nobody had to say; those that somebody said come first."""
    tags = dict(known.get("tags", {}))
    try:
        for name, tag in values.entries("tags", environment.tags(), values.text, limits.TAGS).items():
            if len(tags) < limits.TAGS:
                tags.setdefault(name, tag)
    except Exception:  # Nothing around a run is worth as much as the run.
        pass
    return {**known, "tags": tags}
