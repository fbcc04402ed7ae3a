"""Numbers under headers that ask for the type of monitored households."""

import numpy as np
import pytest

from fanpin_risk.asof.snapshot import Snapshot

HEADER = "监测对象类别"


def read(exports, cells, header=HEADER, more=""):
    """Return which households are monitored, and which are named for the number."""
    lines = [f"h{number},2023,脱贫户,{cell}" for number, cell in enumerate(cells, 1)]
    register = exports.read(成员="", 户信息=f"户编号,年度,户类型,{header}{more}\n" + "\n".join(lines) + "\n")
    on_day = Snapshot(register, "2025-06-30")
    monitored = [int(home[1:]) for home, yes in zip(on_day.household_ids, on_day.monitored, strict=True) if yes]
    assert register.tables["monitoring"]["type"].isna().all()
    found = register.problems.query("code in ('type_by_number', 'number_for_type')")
    return monitored, sorted(int(home[1:]) for home in found["household_id"])


@pytest.mark.parametrize(
    "cells",
    [("0", "1", "0", "1"), ("", "1", "", ""), ("0", "1", "2", "3"), ("", "2", "", "3", "1", ""), ("", "1.0", "2.0", "", "")],
)  # fmt: skip
def test_numbers_that_can_only_mean_monitored_are_named(exports, cells):
    """Yes, or a code of a list: monitored, of unknown type."""
    expected = [number for number, cell in enumerate(cells, 1) if cell not in ("", "0")]
    assert read(exports, cells) == (expected, expected)


@pytest.mark.parametrize("cells", [("1", "2", "2", "2"), ("4", "1", "2", "4"), ("1", "2", "", "2")])
def test_numbers_that_may_mean_no_are_refused_and_named(exports, cells):
    """1 and 2 on all rows may be yes and no, 4 may be of those who are not monitored."""
    expected = [number for number, cell in enumerate(cells, 1) if cell]
    assert read(exports, cells) == ([], expected)


@pytest.mark.parametrize(
    ("header", "cells"), [("是否监测对象", ("0", "1")), (HEADER, ("否", "是")), ("监测对象", ("0", "1"))]
)
def test_yes_and_no_are_clear(exports, header, cells):
    """Under a question, or in words."""
    assert read(exports, cells, header) == ([2], [])


def test_all_in_a_list_of_monitored_households_are_monitored(exports):
    """Whatever their numbers mean."""
    register = exports.read(监测对象="户编号,监测对象类别,识别监测时间\nh1,2,2023-05-06\n")
    assert Snapshot(register, "2025-06-30").monitored.tolist() == [True]
    assert ("h1", "", "type_by_number") in exports.found(register)
    assert np.array_equal(register.tables["monitoring"]["identified_on"].astype(str), ["2023-05-06"])
