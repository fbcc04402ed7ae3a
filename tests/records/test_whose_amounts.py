"""The same amount on the rows of all members: the household's once, each member's own, or nobody knows."""

import numpy as np
import pytest

HOMES = "户编号,年度,家庭人口数\n" + "".join(f"h{number},2023,2\n" for number in range(1, 5))


def rows(header, *cells):
    """Return a sheet of four households of two, with the cells of both for each household."""
    lines = [
        f"p{home}{number},h{home},2023,{'户主' if number == 1 else '配偶'},{cell}"
        for home, pair in enumerate(cells, 1)
        for number, cell in enumerate(pair, 1)
    ]
    return f"人编号,户编号,年度,与户主关系,{header}\n" + "\n".join(lines) + "\n"


def dibao(exports, text):
    """Return the household's 低保金 of h1, NaN if unknown, and who is named for it."""
    register = exports.read(户信息=HOMES, 成员=text)
    incomes = register.tables["incomes"].query("household_id == 'h1' and item == 'tr_dibao'")
    named = register.problems.loc[register.problems["code"] == "once_or_each", "household_id"].tolist()
    amount = np.nan if np.isnan(exports.income(register)) else incomes["amount_cny"].sum()
    return amount, named


SAME = [("900", "900")] * 4


def test_without_any_sign_it_is_unknown_and_named_with_both_readings(exports):
    """低保金 is of households in some registers and of persons in others."""
    text = rows("务工收入,低保金", ("8000,900", "5000,900"), ("7000,0", "100,0"), ("9000,", "500,"), ("100,", "900,"))
    amount, named = dibao(exports, text)
    assert np.isnan(amount)
    assert named == ["h1"]
    found = exports.read(户信息=HOMES, 成员=text).problems.query("code == 'once_or_each'")
    assert found[["stated", "computed"]].to_numpy().tolist() == [[900.0, 1800.0]]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("家庭低保金", SAME),
        ("低保金,转移性收入", [(f"{one},1000", f"{two},1000") for one, two in SAME]),
        ("低保金,生产经营性收入", [("900,5000", "900,5000"), *[(",700", ",")] * 3]),
    ],
)
def test_signs_of_the_household_s_own(exports, header, cells):
    """Its header, or figures of households that are repeated beside it."""
    amount, named = dibao(exports, rows(header, *cells))
    assert (amount, named) == (900.0, [])


def test_a_figure_of_the_household_on_one_row_is_a_sign_of_each_member_s_own(exports):
    """What stands on the row of the head alone is not repeated, so nothing is."""
    text = rows("低保金,生产经营性收入", ("900,5000", "900,"), *[("900,4000", "900,")] * 3)
    assert dibao(exports, text) == (1800.0, [])


def test_other_households_are_no_sign(exports):
    """A household is read alone as among others: amounts that differ elsewhere say nothing of it."""
    text = rows("低保金", ("900", "900"), ("0", "900"), ("600", "900"), ("", ""))
    amount, named = dibao(exports, text)
    assert np.isnan(amount)
    assert named == ["h1"]


def test_cells_merged_over_the_members_are_the_household_s(tmp_path, files):
    """One amount in a cell over two rows."""
    import openpyxl

    import fanpin_risk as fr

    book = openpyxl.Workbook()
    sheet = book.active
    for line in rows("务工收入,低保金", *[("9000,900", "500,")] * 4).splitlines():
        sheet.append(line.split(","))
    for top in range(2, 10, 2):
        sheet.merge_cells(start_row=top, end_row=top + 1, start_column=6, end_column=6)
    book.save(tmp_path / "成员.xlsx")
    (tmp_path / "户信息.csv").write_text(HOMES, encoding="utf-8")
    register = files.read(tmp_path)
    assert fr.compute_features(register, "2025-06-30")["income_per_person"].tolist() == [5200.0] * 4


def test_a_list_of_members_may_state_net_income_only(exports):
    """Then there is nothing of which to ask whose it is."""
    rows = "h1,p1,户主,9000\nh1,p2,配偶,\nh2,p3,户主,8000\nh2,p4,之子,\n"
    register = exports.read(花名册2023=f"户编号,人编号,与户主关系,人均纯收入\n{rows}")
    assert "h1" in set(register.tables["incomes"]["household_id"])
