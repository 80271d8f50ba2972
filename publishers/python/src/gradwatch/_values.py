"""From what training code has at hand (Python, NumPy, framework scalars) to the plain numbers and texts of an event.

The ranges are those that ``training-event.avsc`` documents. The service refuses a whole record for one impossible value, so each is looked
at here, and left out alone.
"""

import math
import operator
import time
from collections.abc import Iterable, Mapping
from typing import Any, Callable, Optional, TypeVar

from gradwatch import limits

DAY = 86_400.0
"""Seconds by which a step may end ahead of this machine's clock: more is no clock that is wrong, but another unit."""

T = TypeVar("T")


class Refused(ValueError):
    """A value that no event may carry; the text says which are allowed."""


def number(value: Any) -> float:
    """Any real number; NaN and infinity are data."""
    if type(value) is float:
        return value
    if isinstance(value, (str, bytes)):
        raise Refused("must be a number")
    try:
        return float(value)
    except Exception as e:  # Whatever a framework's scalar raises, such as for a tensor with several elements.
        raise Refused("must be a number") from e


def measured(value: Any) -> float:
    """A size that was measured: 0 or more, NaN or infinity."""
    result = number(value)
    if result < 0:
        raise Refused("must be 0 or more, NaN or infinity")
    return result


def share(value: Any) -> float:
    """0 to 1, or NaN."""
    result = number(value)
    if result < 0 or result > 1:
        raise Refused("must be 0 to 1")
    return result


def accuracy(value: Any) -> float:
    """0 to 1 or 0 to 100, or NaN."""
    result = number(value)
    if result < 0 or result > limits.HIGHEST_ACCURACY:
        raise Refused("must be 0 to 1, or 0 to 100 in percent")
    return result


def position(value: Any) -> float:
    """A place on the time line of the run: finite, 0 or more."""
    result = number(value)
    if not 0 <= result < math.inf:
        raise Refused("must be a finite number, 0 or more")
    return result


def positive(value: Any) -> float:
    """A configured number, which nobody measures: finite and above 0."""
    result = number(value)
    if not 0 < result < math.inf:
        raise Refused("must be a finite number above 0")
    return result


def whole(value: Any, least: int, most: int) -> int:
    """An integer within bounds; also a scalar of a framework, or a float without a fraction."""
    try:
        result = operator.index(value)
    except TypeError:
        fractional = number(value)
        if not math.isfinite(fractional) or fractional != int(fractional):
            raise Refused("must be a whole number") from None
        result = int(fractional)
    except Exception as e:
        raise Refused("must be a whole number") from e
    if not least <= result <= most:
        raise Refused(f"must be a whole number, {least} or more" if result < least else f"must be at most {most}")
    return result


def count(value: Any) -> int:
    """0 or more."""
    if type(value) is int and 0 <= value < limits.HIGHEST_STEP:
        return value
    return whole(value, 0, limits.HIGHEST_STEP)


def at_least(least: int, bits: int = 32) -> "Callable[[Any], int]":
    """Integers from ``least`` on that fit a signed integer of so many bits."""
    most = min((1 << (bits - 1)) - 1, limits.HIGHEST_STEP)
    return lambda value: whole(value, least, most)


def moment(value: Any) -> int:
    """When something ended, from seconds to milliseconds since 1970; a day ahead of now at most."""
    result = number(value)
    if not 0 < result <= time.time() + DAY:
        raise Refused("must be seconds since 1970, and not a day ahead of now")
    return int(result * 1000)


def is_several(value: Any) -> bool:
    """Whether this is an array or a tensor of more or fewer than one number."""
    try:
        shape = getattr(value, "shape", None)
        return isinstance(shape, tuple) and math.prod(int(side) for side in shape) != 1
    except Exception:
        return False


def described(value: Any) -> str:
    """An array without its numbers."""
    return f"{type(value).__name__} of shape {tuple(int(side) for side in value.shape)}"


def flag(value: Any) -> bool:
    """Whether the value is true."""
    try:
        return bool(value)
    except Exception as e:
        raise Refused("must be true or false") from e


def text(value: Any) -> str:
    """Text that only people read: cut at 1024 characters, and never without a UTF-8 form."""
    whole_text = plain_text(value)
    result = cut(whole_text, limits.TEXT_LENGTH)
    if len(result) < len(whole_text) and len(whole_text) * 2 > limits.TEXT_LENGTH:
        limits.note("texts", f"{len(whole_text)} characters, as in {shown(whole_text)}")
    return result


def plain_text(value: Any) -> str:
    """Whatever the value says of itself, if it says anything."""
    try:
        return str(value)
    except Exception as e:
        raise Refused("must have a text") from e


def name(value: Any) -> str:
    """Text that tells one thing from another, and so is not blank."""
    result = text(value)
    if not result.strip():
        raise Refused("must have a name")
    return result


def cut(value: str, most: int) -> str:
    """At most so many UTF-16 units, which is how the service counts, and no half of a surrogate pair."""
    if value.isascii():
        return value[:most]
    if len(value) * 2 > most:
        value = value.encode("utf-16-le", "surrogatepass")[: 2 * most].decode("utf-16-le", "ignore")
    # A file name of any bytes decodes to lone surrogates, which UTF-8 does not have.
    return value.encode("utf-8", "replace").decode("utf-8")


def texts(values: Any) -> "list[str]":
    """A list of texts, at most 4096."""
    if isinstance(values, str):
        values = [values]
    if not isinstance(values, Iterable):
        raise Refused("must be a list of texts")
    return [text(value) for value in limits.first("lists of names", values, limits.NAMES)]


def entries(what: str, values: Any, of: "Callable[[Any], T]", most: int) -> "dict[str, T]":
    """A map from names, at most ``most`` of its entries; ``None`` is no entry."""
    if not isinstance(values, Mapping):
        raise Refused("must be a dictionary")
    said = ((text(key), of(value)) for key, value in values.items() if value is not None)
    return dict(limits.first(what, said, most))


def optional(value: Any, of: "Callable[[Any], T]") -> "Optional[T]":
    """``None`` stays ``None``."""
    return None if value is None else of(value)


def shown(value: Any) -> str:
    """A value in a message: short, on one line, without control characters."""
    try:
        line = printable(repr(value)[:400])
    except Exception:
        line = f"<{type(value).__name__}>"
    return line if len(line) <= 80 else line[:77] + "..."


def printable(value: str) -> str:
    """Text from elsewhere for a terminal: one line, and nothing in it that moves the cursor."""
    return "".join(c if c.isprintable() else " " for c in " ".join(value.split()))
