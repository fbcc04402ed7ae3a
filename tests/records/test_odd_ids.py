"""Where ids are long numbers, a count or the name of a village is none."""

import pandas as pd
import pytest

from fanpin_risk.records.read.odd_ids import long_numbers, odd_ids


@pytest.mark.parametrize("dtype", ["str", object])
def test_short_numbers_and_words_are_unlike_long_numbers(dtype):
    """What is missing, or spoilt by Excel, is told of elsewhere."""
    cells = {
        "460000000000001": False, "46-0000-0000-01": False, "H20230000412": False, "石头村": True, "1500": True, "A-1": True,
        "": False, "-": False, "不详": False, "#N/A": False, "4.6E+14": False,
    }  # fmt: skip
    assert odd_ids(pd.Series([*cells, None], dtype=dtype)).tolist() == [*cells.values(), False]


def test_ids_are_long_where_most_of_the_first_ones_are():
    """Three at least, and more than half; short ids, and columns of amounts, are not."""
    rows = [[f"46000000000{n}", f"户{n}", 1500.0, 460000000000.0 + n] for n in range(3)]
    assert long_numbers(rows, 4) == {0, 3}
    assert long_numbers(rows[:2], 4) == set()
    assert long_numbers([*rows, *[["石头村"], [5], ["六"], ["6"]]], 1) == set()
