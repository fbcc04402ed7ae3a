"""The tables of the benchmarks: a verdict can be read off the figure beside it."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from figures import Targets, number


@pytest.mark.parametrize(
    ("most", "value", "shown", "verdict"),
    [
        (0.5, 0.4, "0.400 s", "met"),
        (0.5, 0.5, "0.500 s", "met"),
        (0.5, 0.5004, "0.5004 s", "**missed**"),
        (0.5, 0.49999, "0.500 s", "met"),
        (1.1, 1.1000001, "1.1000001 s", "**missed**"),
        (15, 18.74, "18.7 s", "**missed**"),
        (1e-12, 1.2e-14, "1.2e-14 s", "met"),
        (1e-12, 1.00001e-12, "1.00001e-12 s", "**missed**"),
        (0.5, np.nan, "-", "not measured"),
    ],
)
def test_a_figure_stands_on_its_own_side_of_the_target(most: float, value: float, shown: str, verdict: str) -> None:
    """What missed by little is not rounded to what would have met, so that figure and verdict never disagree."""
    lines = Targets()
    lines.at_most("time", most, value, " s")
    assert lines.lines == [("time", f"<= {most:g} s", shown, verdict)]


def test_a_ratio_that_falls_short_by_little_is_written_out() -> None:
    """At least is judged like at most, from the other side; thousands have a comma."""
    lines = Targets()
    lines.at_least("near", 10, 9.9996, " x")
    lines.at_least("far", 1000, 1234.5, " x")
    assert [line[2:] for line in lines.lines] == [("9.9996 x", "**missed**"), ("1,230 x", "met")]
    assert str(lines).splitlines()[2] == "| near | >= 10 x | 9.9996 x | **missed** |"


def test_few_digits_and_no_exponent() -> None:
    """Figures are short, large ones whole, and what is not there is a dash."""
    assert [number(value) for value in (1.23456, 1234.5, 0.0, np.nan)] == ["1.23", "1,230", "0", "-"]
