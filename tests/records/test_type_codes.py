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
    ("cells", "monitored"),
    [
        (("0", "1", "0", "1"), [2, 4]),
        (("", "1.0", "", "3"), [2, 4]),
        (("1", "2", "2", ""), [1]),  # 2 may be a type or no
        (("4", "1", "2", "9"), [2]),
    ],
)
def test_numbers_are_named_and_count_where_all_readings_agree(exports, cells, monitored):
    """1 is yes or the first type; each cell is read alone, so that a sheet in parts is read as on the whole."""
    named = [number for number, cell in enumerate(cells, 1) if cell not in ("", "0")]
    assert read(exports, cells) == (monitored, named)


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
