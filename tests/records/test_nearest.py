"""What a header that is not declared may be: by its text, and by what stands below it."""

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.records.read.assignment import assign
from fanpin_risk.records.read.nearest import MOST_LOOKED_AT, Nearest, SheetRead
from fanpin_risk.records.sheets import Sheet, SheetHead


def sheet(name, **columns):
    head = SheetHead(file=f"{name}.csv", source=f"{name}.csv", headers=list(columns))
    frame = pd.DataFrame(columns)
    return SheetRead(Sheet(head, frame, np.arange(len(frame)) + 2), assign(head))


def named(sheets, number, position=0):
    return [(near.name, near.reasons) for near in Nearest(sheets).of(number, position)]


HOUSEHOLDS = sheet("户信息", 户编号=["H1", "H2", "H3"], 年度=["2023"] * 3)


@pytest.mark.parametrize(
    ("header", "cells", "name", "reasons"),
    [
        ("家庭标识", ["H1", "H3"], "household_id", ("name", "ids")),
        ("甲乙", ["H1", "H3"], "household_id", ("ids",)),
        ("家庭人口数量", ["3", "4"], "size_declared", ("name", "number")),
        ("同户主的关系", ["户主", "配偶"], "relation", ("name", "codes")),
        ("谁", ["户主", "配偶", "之子"], "relation", ("codes",)),
        ("风险消除的时间", ["2023-05-01", "202306"], "eliminated_on", ("name", "date")),
        ("有没有参加大病的保险", ["是", "否"], "ins_serious", ("name", "flag")),
        ("发下来的钱", ["1200", "350.5"], "amount_cny", ("number",)),
        ("家庭人口数量", [], "size_declared", ("name",)),
    ],
)
def test_a_header_gets_the_nearest_name(header, cells, name, reasons):
    """By its text, by its cells, or by both; and it says by which."""
    assert named([HOUSEHOLDS, sheet("甲", **{header: cells})], 1)[0] == (name, reasons)


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("家庭人口数量", ["很多", "很少"]),
        ("与户主的亲属关系", ["甲", "乙"]),
        ("家庭户编号", ["X1", "X2"]),
        ("备注一", ["甲", "乙"]),
    ],
)
def test_what_the_cells_speak_against_is_not_proposed(header, cells):
    """A header that sounds like numbers over texts is nothing that a clerk should be led to."""
    sounding = {"size_declared", "relation", "household_id"}
    assert not sounding & {name for name, _ in named([HOUSEHOLDS, sheet("甲", **{header: cells})], 1)}


def test_ids_are_known_by_one_another_where_no_id_is_known():
    """Two sheets of the same households, both with a header of their own."""
    one, other = sheet("甲", 标识=["A01", "A02", "A03"]), sheet("乙", 户标=["A02", "A03", "A01"])
    assert named([one, other], 0)[0] == ("household_id", ("ids",))


def test_a_date_is_proposed_where_the_table_has_none():
    """Of the table that the sheet is of."""
    monitoring = sheet("监测对象", 户编号=["H1"], 监测对象类别=["边缘易致贫户"], 何时=["2023-05-01"])
    assert named([HOUSEHOLDS, monitoring], 1, 2) == [("identified_on", ("date",))]


def test_what_a_sheet_has_already_is_not_proposed():
    """A second column of the same name would be ignored."""
    read = sheet("户信息", 户编号=["H1", "H2"], 家庭号码=["H1", "H2"], 年度=["2023"] * 2)
    assert named([HOUSEHOLDS, read], 1, 1) == []


def test_thousands_of_columns_cost_no_more_than_some():
    """The rest is left to the columns file."""
    wide = sheet("甲", **{f"家庭人口{n}": ["1"] for n in range(MOST_LOOKED_AT + 5)})
    nearest = Nearest([wide])
    found = [bool(nearest.of(0, n)) for n in range(MOST_LOOKED_AT + 5)]
    assert found == [True] * MOST_LOOKED_AT + [False] * 5
    assert nearest.of(0, 0)


def test_check_names_them(tmp_path):
    """In both languages, at the header, and at the sheet that is of no table; personal columns are never looked at."""
    (tmp_path / "户信息.csv").write_text(
        "户编号,年度,家庭人口数量,户主姓名\nH1,2023,3,甲\nH2,2023,2,乙\n", encoding="utf-8"
    )
    (tmp_path / "甲.csv").write_text("家庭标识,事由\nH1,x\nH2,y\n", encoding="utf-8")
    problems = fr.read_register(tmp_path, checking=True).problems.set_index("code")
    assert problems.loc["unknown_column", "message"].endswith("; ≈ size_declared (similar name, numbers)?")
    assert "；≈ “家庭人口数”（名称相近、内容是数）？" in problems.loc["unknown_column", "message_zh"]
    assert (
        "家庭标识 ≈ household_id (similar name, the same ids as elsewhere)?" in problems.loc["unknown_sheet", "message"]
    )
    assert "≈" not in problems.loc["personal_column_dropped", "message"]
    assert "≈" not in "".join(fr.read_register(tmp_path).problems["message"])


def test_monitored_types_are_not_led_to_the_type_of_household():
    """There the monitoring of those that are monitored would be lost."""
    types = ["脱贫不稳定户", "边缘易致贫户", "突发严重困难户", "一般户"]
    found = named([HOUSEHOLDS, sheet("收入", 户编号=["H1"] * 4, 工资性收入=["9000"] * 4, 农户属性=types)], 1, 2)
    assert found[0][0] == "type"
    assert "register_status" not in {name for name, _ in found}


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("是否公示", ["是", "否"]),
        ("务工人数", ["1", "2"]),
        ("低保补助标准", ["300", "500"]),
        ("预警等级", ["一级", "二级"]),
    ],
)
def test_a_proposal_that_would_give_wrong_figures_is_none(header, cells):
    """Better to say nothing than to lead a clerk to it."""
    assert named([HOUSEHOLDS, sheet("收入", 户编号=["H1", "H2"], 工资性收入=["9", "8"], **{header: cells})], 1, 2) == []
