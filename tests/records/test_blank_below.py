"""Household cells that stand on the first row of a household only belong to the rows below, or are doubted."""

import numpy as np
import pandas as pd
import pytest

from fanpin_risk import compute_features, read_register
from fanpin_risk.records.cells import Fault
from fanpin_risk.records.layout import lay_out
from fanpin_risk.records.read.blank_below import BlankBelow, held_together
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.sheets import Sheet, SheetHead

HEADER = "户编号,家庭人口数,年度,户类型,工资性收入,转移性收入,人编号,与户主关系"


@pytest.fixture
def flat(tmp_path):
    """Read rows below a header as a flat sheet that is all there is."""

    def read(header, rows):
        (tmp_path / "全部.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
        return read_register(tmp_path)

    return read


def incomes_of(register):
    return compute_features(register, "2024-06-30")["income_per_person"].to_dict()


def test_rows_below_the_head_without_an_id_are_of_the_household_above(flat):
    """The head's row has the id; as many rows as 家庭人口数 says belong to it, and all is counted and noted."""
    rows = ["h1,2,2023,脱贫户,8000,400,a1,户主", ",,,,,,a2,配偶", "h2,1,2023,脱贫户,3000,0,b1,户主"]
    register = flat(HEADER, rows)
    assert incomes_of(register) == {"h1": 4200.0, "h2": 3000.0}
    assert register.tables["members"]["household_id"].tolist() == ["h1", "h1", "h2"]
    assert register.counts["rows_rejected"].sum() == 0
    (note,) = register.problems.loc[register.problems["code"] == "blank_below", "message"]
    assert "; 1 rows below" in note


def test_the_year_may_stand_on_the_first_row_where_the_id_stands_on_all(flat):
    """Members are not rejected for a year that is only on the row of the head."""
    rows = ["h1,2,2023,脱贫户,8000,400,a1,户主", "h1,,,,,,a2,配偶"]
    register = flat(HEADER, rows)
    assert (incomes_of(register), register.counts["rows_rejected"].sum()) == ({"h1": 4200.0}, 0)


@pytest.mark.parametrize(
    ("rows", "code", "kept"),
    [
        (["h1,3,2023,脱贫户,8000,0,a1,户主", ",,,,,,a2,配偶"], "block_size_differs", 2),
        (["h1,2,2023,脱贫户,8000,0,a1,之子", ",,,,,,a2,配偶"], "block_without_head", 2),
        (["h1,3,2023,脱贫户,8000,0,a1,之子", ",,,,,,a2,配偶"], "rows_below_unclear", 1),
    ],
)
def test_what_contradicts_is_named_with_the_household(flat, rows, code, kept):
    """Another number of rows, or no head on the first: counted and named, or neither counted nor guessed."""
    register = flat(HEADER, rows)
    assert register.problems.loc[register.problems["code"] == code, "household_id"].tolist() == ["h1"]
    assert len(register.tables["members"]) == kept


def test_another_head_below_begins_a_household_whose_id_is_lost(flat):
    """It is not counted to the household above."""
    rows = ["h1,2,2023,脱贫户,8000,0,a1,户主", ",,,,,,a2,配偶", ",1,2023,脱贫户,9,0,b1,户主", ",,,,,,b2,之子"]
    register = flat(HEADER, rows)
    assert register.tables["members"]["member_id"].tolist() == ["a1", "a2"]
    assert incomes_of(register) == {"h1": 4000.0}


def test_persons_without_a_number_leave_the_income_of_their_household(flat):
    """Citizen ids are not read as numbers of persons, who are numbered by their order; the amounts stay."""
    header = "户编号,家庭人口数,年度,户类型,工资性收入,身份证号,与户主关系"
    rows = ["h1,2,2023,脱贫户,8000,530328197001110018,户主", ",,,,,530328197101110027,配偶"]
    register = flat(header, rows)
    assert incomes_of(register) == {"h1": 4000.0}
    assert register.counts.loc["members", "rows_rejected"] == 0
    assert register.tables["members"]["member_id"].tolist() == ["h1-1", "h1-2"]


def a_sheet(ids):
    frame = pd.DataFrame({"户编号": ids, "与户主关系": ["户主" if one else "配偶" for one in ids]}, dtype="str")
    head = SheetHead(file="a.csv", source="a.csv", headers=list(frame.columns))
    return Sheet(head, frame, np.arange(len(ids)), [Fault(np.zeros(len(ids), dtype=bool), "short", None)])


def test_chunks_do_not_cut_a_household_in_two():
    """A large file is read in chunks as it is read whole."""
    chunks = [a_sheet(["h1", "", "h2"]), a_sheet(["", ""]), a_sheet(["h3"])]
    head = chunks[0].head
    columns = BlankBelow.of(head, [(TABLES["members"], lay_out(TABLES["members"], head.headers))])
    given = list(held_together(iter(chunks), columns))
    assert [sheet.frame["户编号"].tolist() for sheet in given] == [["h1", ""], ["h2", "", ""], ["h3"]]
    assert [len(fault.mask) for sheet in given for fault in sheet.faults] == [2, 3, 3, 1]
    frame, n_filled, doubts = columns.complete(given[1].frame, np.zeros(3, dtype=bool))
    assert (frame["户编号"].tolist(), n_filled, doubts) == (["h2"] * 3, 2, [])
