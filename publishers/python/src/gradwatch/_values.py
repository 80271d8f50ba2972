"""From what training code has at hand (Python, NumPy, framework scalars) to the plain numbers and texts of an event.

The ranges are those that ``training-event.avsc`` documents. The service refuses a whole record for one impossible value, so each is looked
at here, and left out alone.
"""

import math
import operator
from collections.abc import Iterable, Mapping
from typing import Any, Callable, Optional, TypeVar

LONGEST_RUN_ID = 256
LONGEST_NAME = 1024
LONGEST_LIST = 4096
LARGEST_MAP = 64
HIGHEST_ACCURACY = 100.1
"""In percent, with room for what single precision makes of 100."""

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
    if result < 0 or result > HIGHEST_ACCURACY:
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
    if type(value) is int and 0 <= value < 1 << 53:
        return value
    # Above 2**53 a recorded run, whose numbers are JSON, could not tell two neighbours apart.
    return whole(value, 0, 1 << 53)


def at_least(least: int, bits: int = 32) -> "Callable[[Any], int]":
    """Integers from ``least`` on that fit a signed integer of so many bits."""
    most = min((1 << (bits - 1)) - 1, 1 << 53)
    return lambda value: whole(value, least, most)


def flag(value: Any) -> bool:
    """Whether the value is true."""
    try:
        return bool(value)
    except Exception as e:
        raise Refused("must be true or false") from e


def text(value: Any) -> str:
    """Text that only people read: cut at 1024 characters, and never without a UTF-8 form."""
    return cut(plain_text(value), LONGEST_NAME)


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
    """A list of names, at most 4096."""
    if isinstance(values, str):
        values = [values]
    if not isinstance(values, Iterable):
        raise Refused("must be a list of texts")
    return [text(value) for value in values][:LONGEST_LIST]


def entries(values: Any, of: "Callable[[Any], T]") -> "dict[str, T]":
    """A map from names, at most 64 of its entries; ``None`` is no entry."""
    if not isinstance(values, Mapping):
        raise Refused("must be a dictionary")
    kept: dict[str, T] = {}
    for key, value in values.items():
        if value is not None and len(kept) < LARGEST_MAP:
            kept[text(key)] = of(value)
    return kept


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
