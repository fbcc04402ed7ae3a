"""Several rows of one item in long sheets: told apart and added up, the same and counted once, or in doubt."""

import math

import pytest

LONG = "户编号,年度,收入项目,金额"
WAGES = "h1,2023,工资性收入,5000"


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("发放日期", ["2023-01-05", "2023-07-05"]),
        ("姓名", ["张某", "李某"]),
        ("发放单位", ["某厂", "乡政府"]),
        ("备注", ["福建打工", "本地零工"]),
        ("季度", ["上半年", "下半年"]),
    ],
)
@pytest.mark.parametrize("amount", [1000, 2000])
def test_payments_that_are_told_apart_are_added(exports, header, rows, amount):
    """Equal amounts too; the household is named, and both rows are kept."""
    text = (
        f"{LONG},{header}\nh1,2023,务工收入,1000,{rows[0]}\nh1,2023,务工收入,{amount},{rows[1]}\nh1,2023,低保金,600,\n"
    )
    register = exports.read(家庭收入=text)
    assert exports.income(register) == (1000 + amount + 600) / 2
    assert ("h1", "", "payments_added") in exports.found(register)
    assert register.counts.loc["incomes", ["rows_read", "rows_kept", "rows_rejected"]].tolist() == [3, 3, 0]


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("", ["", ""]), ("备注", ["", "更正"]), ("备注", ["张某", "原金额有误，以此为准"]), ("发放日期", ["2023-01-05", ""]),
        ("审核日期", ["2024-01-05", "2024-01-06"]), ("户主姓名", ["张某", "张某"]), ("季度", ["一季度", "上半年"]),
    ],
)  # fmt: skip
def test_amounts_that_nothing_tells_apart_leave_income_unknown(exports, header, rows):
    """Both are kept out and can be mended; what is left is never taken for the household's income."""
    text = f"{LONG},{header}\nh1,2023,低保金,1000,{rows[0]}\nh1,2023,低保金,2000,{rows[1]}\n{WAGES},\n"
    register = exports.read(家庭收入=text)
    assert math.isnan(exports.income(register))
    assert {
        household for household, _, code in exports.found(register) if code in ("conflicting_rows", "part_of_year")
    } == {"h1"}
    assert register.counts.loc["incomes", ["rows_read", "rows_rejected"]].tolist() == [3, 2]


@pytest.mark.parametrize(
    ("stated", "income"),
    [
        ("h1,2023,人均纯收入,3000", 3000.0),
        ("h1,2023,纯收入,5800", 2900.0),
        ("h1,2023,纯收入,5800\nh1,2023,人均纯收入,3000", 3000.0),
    ],
)
@pytest.mark.parametrize("rows", ["h1,2023,低保金,1000\nh1,2023,低保金,2000", "h1,2023,低保金,▲1000"])
def test_stated_income_stands_in_for_what_is_in_doubt(exports, stated, income, rows):
    """What the office states is used where an amount is not known."""
    register = exports.read(家庭收入=f"{LONG}\n{rows}\n{WAGES}\n{stated}\n")
    assert exports.income(register) == income


def test_rows_that_say_the_same_count_once(exports):
    """An exact repetition is no second payment, also beside others that are told apart."""
    text = f"{LONG},月份\n" + "".join(f"h1,2023,低保金,100,{month}\n" for month in [*range(1, 13), 12])
    register = exports.read(家庭收入=text)
    assert exports.income(register) == 600.0
    assert {code for _, _, code in exports.found(register)} >= {"payments_added", "duplicate_row"}


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("month", ["{}", "{}月", "20230{}", "2023年{}月", "2023-0{}"])
def test_a_list_of_some_months_is_no_year(exports, rows, month):
    """Nothing says that the household had nothing in the months that nobody has."""
    text = (
        f"{LONG},月份\n"
        + "".join(f"h1,2023,低保金,100,{month.format(number)}\n" for number in range(1, rows + 1))
        + f"{WAGES},\n"
    )
    register = exports.read(家庭收入=text)
    assert math.isnan(exports.income(register))
    assert ("h1", "", "part_of_year") in exports.found(register)


def test_payments_beside_a_wide_sheet(exports):
    """Twelve equal payments are twelve, also where another sheet has the wages."""
    months = f"{LONG},月份\n" + "".join(f"h1,2023,低保金,100,{month}\n" for month in range(1, 13))
    register = exports.read(收入=months, 家庭收入="户编号,年度,工资性收入\nh1,2023,5000\n")
    assert exports.income(register) == 3100.0


def test_names_that_are_compared_are_not_kept(exports):
    """They stand neither in a table nor in what is said of the register."""
    register = exports.read(家庭收入=f"{LONG},姓名\nh1,2023,低保金,1000,张某某\nh1,2023,低保金,1000,李某某\n")
    assert "张某某" not in register.tables["incomes"].to_csv() + register.problems.to_csv()
    assert "only_compared" in set(register.problems["code"])
