from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any, Callable

import numpy as np
import pytest

from gradwatch import _values as values
from gradwatch._values import Refused


class OnAnAccelerator:
    """As a tensor of one element behaves."""

    def __float__(self) -> float:
        return 2.5

    def __index__(self) -> int:
        raise TypeError("only integer tensors of a single element can be converted to an index")


class SeveralElements:
    def __float__(self) -> float:
        raise RuntimeError("a Tensor with 3 elements cannot be converted to Scalar")


@pytest.mark.parametrize(
    ("given", "number"),
    [
        (2.5, 2.5),
        (3, 3.0),
        (True, 1.0),
        (np.float32(0.5), 0.5),
        (np.int64(7), 7.0),
        (np.array(1.5), 1.5),
        (Decimal("1.25"), 1.25),
        (Fraction(1, 4), 0.25),
        (OnAnAccelerator(), 2.5),
        (math.inf, math.inf),
    ],
)
def test_takes_the_scalars_of_every_library(given: Any, number: float) -> None:
    taken = values.number(given)
    assert taken == number
    assert type(taken) is float


def test_nan_is_a_number_like_others() -> None:
    for of in (values.number, values.measured, values.share, values.accuracy):
        assert math.isnan(of(np.float32("nan")))


@pytest.mark.parametrize(
    ("of", "given"),
    [
        (values.number, "2.5"),
        (values.number, b"2"),
        (values.number, SeveralElements()),
        (values.number, 1j),
        (values.number, 10**400),
        (values.number, [1.0]),
        (values.measured, -1e-9),
        (values.measured, -math.inf),
        (values.share, 1.01),
        (values.accuracy, 101),
        (values.accuracy, -0.1),
        (values.position, math.nan),
        (values.position, math.inf),
        (values.position, -1),
        (values.positive, 0.0),
        (values.positive, math.nan),
        (values.count, -1),
        (values.count, 1.5),
        (values.count, math.nan),
        (values.count, 2**53 + 1),
        (values.count, "1"),
        (values.at_least(2), 1),
        (values.at_least(1), 2**31),
        (values.texts, 7),
    ],
)
def test_refuses_what_no_event_may_carry(of: Callable[[Any], Any], given: Any) -> None:
    with pytest.raises(Refused, match="must be"):
        of(given)


def test_whole_numbers_come_from_ints_scalars_and_floats_without_a_fraction() -> None:
    assert [values.count(v) for v in (7, np.int32(7), np.array(7), 7.0, np.float64(7), True)] == [7, 7, 7, 7, 7, 1]
    assert values.at_least(1, 64)(2**53) == 2**53


def test_text_is_cut_as_the_service_counts_and_never_inside_of_a_character() -> None:
    assert values.text("a" * 2000) == "a" * 1024
    assert values.text("ä" * 2000) == "ä" * 1024
    # Outside of the basic plane the service counts two.
    assert values.text("🚀" * 2000) == "🚀" * 512
    assert values.text("a" + "🚀" * 2000) == "a" + "🚀" * 511


def test_text_always_has_a_form_in_utf_8() -> None:
    from_a_file_name = b"gr\xf6\xdfe".decode("utf-8", "surrogateescape")

    assert values.text(from_a_file_name).encode("utf-8") == b"gr??e"
    assert values.text("\ud83d\ude80" + "x").encode("utf-8")


def test_maps_hold_64_entries_and_nothing_absent() -> None:
    taken = values.entries("metrics", {str(i): None if i == 3 else i for i in range(100)}, values.number, 64)

    assert len(taken) == 64
    assert "3" not in taken


def test_values_in_messages_are_short_and_harmless() -> None:
    assert values.shown("\x1b[2J\n" + "x" * 500) == "'\\x1b[2J\\n" + "x" * 67 + "..."
    assert len(values.shown(np.zeros(10_000))) <= 80
