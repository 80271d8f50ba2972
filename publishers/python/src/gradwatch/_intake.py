"""Takes what a training script says of a moment, and leaves out what no event may carry."""

from collections.abc import Iterable, Mapping
from typing import Any, Callable, Optional, Union

from gradwatch import _values as values
from gradwatch import limits
from gradwatch._events import LayerNorms, RankNorms
from gradwatch._notices import Notices
from gradwatch._values import Refused, shown

AnyLayers = Union[Iterable[LayerNorms], Iterable["tuple[Any, ...]"]]


class Intake:
    """Cleans the values of one run. What it refuses is warned of, once for each kind, and counted."""

    def __init__(self, run_id: "Callable[[], str]") -> None:
        self._run_id = run_id
        self._layer_names: set[str] = set()
        self.refused = 0

    def value(self, name: str, value: Any, of: "Callable[[Any], values.T]") -> "Optional[values.T]":
        if value is None:
            return None
        try:
            return of(value)
        except Refused as e:
            self.refuse(name, value, e)
            return None

    def layers(self, given: "AnyLayers") -> "tuple[LayerNorms, ...]":
        """What can be said of each layer; one that cannot be is left out alone."""
        names = self._layer_names
        taken: list[LayerNorms] = []
        try:
            for layer in limits.first("layers", given, limits.LAYERS):
                if type(layer) is LayerNorms and layer[0] in names and _is_plain(layer):
                    taken.append(layer)
                else:
                    self._take(layer, taken)
        except Exception as e:
            self.refuse("layers", given, e)
        return tuple(taken)

    def _take(self, layer: Any, taken: "list[LayerNorms]") -> None:
        try:
            given_name, norm, zero, weight, update = LayerNorms(*layer)
            name = values.name(given_name)
        except Exception as e:
            self.refuse("a layer", layer, e)
            return
        if len(self._layer_names) < limits.LAYERS:
            self._layer_names.add(name)
        taken.append(
            LayerNorms(
                name,
                self.value("gradient_norm of a layer", norm, values.measured),
                self.value("zero_fraction of a layer", zero, values.share),
                self.value("weight_norm of a layer", weight, values.measured),
                self.value("update_norm of a layer", update, values.measured),
            )
        )

    def metrics(self, given: "Optional[Mapping[str, Any]]") -> "dict[str, float]":
        """The numbers among them."""
        if given is None:
            return {}
        try:
            numbers = {
                values.text(name): self.value(f"metric {values.text(name)}", value, values.number)
                for name, value in given.items()
            }
            return values.entries("metrics", numbers, values.number, limits.METRICS)
        except Exception as e:
            self.refuse("metrics", given, e)
            return {}

    def rank_norms(self, given: Any) -> Optional[RankNorms]:
        """How the ranks differ: a ``RankNorms``, its three values, or a dictionary of them."""
        try:
            least, most, rank = (
                [given[name] for name in RankNorms._fields] if isinstance(given, Mapping) else list(given)
            )
            return RankNorms(values.measured(least), values.measured(most), values.at_least(0)(rank))
        except Exception as e:
            self.refuse("rank_norms", given, e)
            return None

    def refuse(self, name: str, value: Any, why: Exception) -> None:
        """Counts and tells of a value that is left out."""
        self.refused += 1
        reason = str(why) if isinstance(why, Refused) else f"cannot be used ({type(why).__name__})"
        Notices.shared.warn(
            f"invalid-{name}", f"run {self._run_id()}: {name} is {shown(value)} and is left out: it {reason}"
        )


def _is_plain(layer: LayerNorms) -> bool:
    """Whether nothing is left to do: the usual case, for each of hundreds of layers, on the training thread."""
    _, norm, zero, weight, update = layer
    return (
        (norm is None or (type(norm) is float and not norm < 0))
        and (zero is None or (type(zero) is float and not (zero < 0 or zero > 1)))
        and (weight is None or (type(weight) is float and not weight < 0))
        and (update is None or (type(update) is float and not update < 0))
    )
