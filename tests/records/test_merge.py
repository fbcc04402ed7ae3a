"""Rows that are about the same household are said once, put together, or kept apart and reported."""

import numpy as np
import pytest

from fanpin_risk import read_register

MEMBERS = "人编号,户编号,年度,与户主关系\np1,h1,2023,户主\np2,h1,2023,配偶\n"


@pytest.fixture
def folder(tmp_path):
    """Write files given as name -> text, and read them."""

    def reading(**files):
        for name, text in files.items():
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        return read_register(tmp_path)

    return reading


def test_two_sheets_that_complement_each_other_are_one_household(folder):
    """Missing against a value is no conflict."""
    register = folder(
        户信息="户编号,年度,户类型,耕地面积\nh1,2023,脱贫户,\n", 户信息2="户编号,年度,户类型,耕地面积\nh1,2023,,3\n"
    )
    (row,) = register.tables["households"][["register_status", "farmland_mu"]].to_numpy().tolist()
    assert (row, len(register.problems)) == (["ex_poor", 3.0], 0)
    assert register.counts.loc["households", ["rows_read", "rows_kept", "rows_rejected"]].tolist() == [2, 2, 0]


def test_a_contradicting_cell_is_left_out_and_the_household_stays(folder):
    """Nothing cascades: the doubtful cell is missing, the rest is there, and the problem names the household."""
    register = folder(
        户信息="户编号,年度,户类型,耕地面积\nh1,2023,脱贫户,2\n",
        户信息2="户编号,年度,户类型,耕地面积\nh1,2023,脱贫户,3\n",
    )
    (row,) = register.tables["households"][["register_status", "farmland_mu"]].to_numpy().tolist()
    assert row[0] == "ex_poor"
    assert np.isnan(row[1])
    found = register.problems[["household_id", "column", "code"]].to_numpy().tolist()
    assert found == [["h1", "farmland_mu", "values_differ"]]


def test_a_later_day_of_recording_still_decides(folder):
    """The newer of two sheets is a correction, no contradiction."""
    register = folder(
        户信息="户编号,年度,户类型,更新时间\nh1,2023,一般农户,2023-02-01\n",
        户信息2="户编号,年度,户类型,更新时间\nh1,2023,脱贫户,2023-03-01\n",
    )
    assert register.tables["households"]["register_status"].tolist() == ["general", "ex_poor"]
    assert len(register.problems) == 0


def test_a_list_of_something_else_removes_and_adds_nobody(folder):
    """A list of workers beside a good register neither overrules it nor brings households of its own."""
    register = folder(
        户信息="户编号,年度,户类型\nh1,2023,脱贫户\n", 成员=MEMBERS, 收入="户编号,年度,工资性收入\nh1,2023,9000\n",
        计划外出务工信息_20231218="户编号,人口编号,户类型,务工所在地\nh1,p1,一般农户,省外\nh9,p9,一般农户,省外\n",
    )  # fmt: skip
    assert register.tables["households"][["household_id", "register_status"]].to_numpy().tolist() == [["h1", "ex_poor"]]
    assert len(register.tables["members"]) == 2


def test_a_list_of_some_households_removes_none_of_a_sheet_that_is_a_register_by_itself(folder):
    """A few households of a village beside the flat sheet of all: the others stay, named, with members and incomes."""
    flat = "户编号,人编号,年度,与户主关系,家庭人口数,户类型,工资性收入,转移性收入\n"
    flat += "".join(f"h{n},p{n},2023,户主,1,脱贫户,9000,100\n" for n in range(5))
    register = folder(全部=flat, 户信息="户编号,年度,户类型\nh1,2023,监测户\nx9,2023,脱贫户\n")
    assert sorted(register.tables["households"]["household_id"]) == ["h0", "h1", "h2", "h3", "h4", "x9"]
    assert (len(register.tables["members"]), len(register.rejects)) == (5, 0)
    named = register.problems.loc[register.problems["code"] == "not_in_other_sheet", "household_id"]
    assert named.tolist() == ["h0", "h2", "h3", "h4"]


def test_persons_whom_two_sheets_number_otherwise_are_not_counted_twice(folder):
    """In a household of which two sheets know nobody alike, the clear one decides; where they do, both add."""
    flat = "户编号,人编号,年度,与户主关系,家庭人口数,户类型,工资性收入,转移性收入\n"
    flat += "".join(f"h{n},p{n}{m},2023,{('户主', '配偶')[m]},2,脱贫户,9000,100\n" for n in (1, 2) for m in (0, 1))
    clear = "户编号,人编号,年度,与户主关系\nh1,p10,2023,户主\nh2,q20,2023,户主\n"
    register = folder(全部=flat, 家庭成员=clear)
    assert sorted(register.tables["members"]["member_id"]) == ["p10", "p11", "q20"]
    assert register.rejects[["household_id", "code"]].to_numpy().tolist() == [["h2", "only_in_doubtful_sheet"]] * 2


def test_the_newer_file_decides_a_contradicting_cell(folder):
    """A day in the name of a file, or a word for a correction, says which of two sheets is right."""
    register = folder(
        户信息20240105="户编号,年度,户类型\nh1,2023,一般农户\n", 户信息20240320="户编号,年度,户类型\nh1,2023,脱贫户\n"
    )
    assert register.tables["households"]["register_status"].tolist() == ["ex_poor"]
    assert len(register.problems) == 0


def test_rows_that_only_add_to_others_need_no_day_of_their_own(exports):
    """A list of something else without a year complements households that a clear sheet dates."""
    register = exports.read(
        户信息="户编号,年度,户类型\nh1,2023,脱贫户\n",
        监测对象="户编号,监测类型,识别时间,家庭人口数\nh1,脱贫不稳定户,2023-03,2\n",
    )
    assert register.counts["rows_rejected"].sum() == 0
    assert register.tables["households"]["size_declared"].tolist() == [2.0]


def test_the_day_of_monitoring_may_stand_on_one_row_of_the_household(exports):
    """The type is repeated on each member's row, the day stands on the head's; nothing is wrong with that."""
    sheet = (
        "户编号,人编号,与户主关系,监测对象类型,识别监测时间\nh1,p1,户主,脱贫不稳定户,202303\nh1,p2,配偶,脱贫不稳定户,\n"
    )
    register = exports.read(监测对象=sheet)
    assert register.counts.loc["monitoring", ["rows_read", "rows_kept", "records"]].tolist() == [2, 2, 1]
