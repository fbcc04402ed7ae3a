"""Capacity: visits or a share, read and meant alike everywhere."""

from __future__ import annotations

import numpy as np
import pytest

from fanpin_risk.errors import SchemaError
from fanpin_risk.watch.capacity import check_capacity, read_capacity, visits_of


@pytest.mark.parametrize(("given", "kind"), [(1, int), (np.int64(800), int), (0.02, float), (np.float64(0.5), float)])
def test_whole_numbers_are_visits_and_decimals_a_share(given, kind):
    """The type decides, so 1 visit and a share are never mixed up."""
    assert check_capacity(given) == given
    assert type(check_capacity(given)) is kind


@pytest.mark.parametrize("given", [0, 1.0, 0.0, 1.5, -1, True, "800", None, float("nan")])
def test_anything_else_is_refused(given):
    """1.0 could be one visit or everyone, 0 lists nobody; a text belongs to read_capacity."""
    with pytest.raises(SchemaError, match=r"capacity is .*; expected a whole number of visits such as 800, or a share"):
        check_capacity(given)


@pytest.mark.parametrize(
    ("text", "capacity"), [("800", 800), (" 7 ", 7), ("0.02", 0.02), ("2%", 0.02), ("2.5％", 0.025)]
)
def test_texts_are_read(text, capacity):
    """What is typed on the command line or into a form."""
    assert read_capacity(text) == capacity
    assert type(read_capacity(text)) is type(capacity)


@pytest.mark.parametrize("text", ["", "0", "many", "1.0", "-3", "800.0", "100%", "0%", "1e3", "%"])
def test_other_texts_are_refused_as_they_were_typed(text):
    """The message shows what was typed."""
    with pytest.raises(SchemaError, match=f"capacity is {text!r}; expected"):
        read_capacity(text)


def test_a_share_is_rounded_up_for_each_group():
    """Seven in a hundred are seven visits, whatever floating point makes of it; one household in ten is one visit."""
    assert visits_of(np.array([100, 10, 1, 0]), 0.07).tolist() == [7, 1, 1, 0]
    assert visits_of(np.array([100, 10, 1, 0]), 5).tolist() == [5, 5, 5, 5]
