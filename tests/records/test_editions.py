"""Which of two files is newer by their names."""

import numpy as np
import pytest

from fanpin_risk.records.editions import edition_in, is_newer


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ("家庭收入20240320.csv", "家庭收入20240105.csv"),
        ("家庭收入2024年3月.csv", "家庭收入2024年1月.csv"),
        ("家庭收入（更正）.csv", "家庭收入.csv"),
        ("家庭收入最新.xlsx", "家庭收入20240105.xlsx"),
        ("incomes_revised.csv", "incomes.csv"),
    ],
)
def test_a_later_day_or_a_word_makes_a_file_newer(newer, older):
    """Only one of the two is newer."""
    one, other = (np.array([edition_in(name)]) for name in (newer, older))
    assert (is_newer(one, other).item(), is_newer(other, one).item()) == (True, False)


@pytest.mark.parametrize("other", ["家庭收入 - 副本.csv", "家庭收入20240105.csv", "家庭收入2023.csv"])
def test_nothing_in_a_name_makes_no_file_newer(other):
    """A copy, a day beside no day, and a year say nothing of age."""
    one, two = (np.array([edition_in(name)]) for name in ("家庭收入.csv", other))
    assert not is_newer(one, two).any()
    assert not is_newer(two, one).any()
