"""Amounts too small for yuan: proven by the stated income, or left out and named."""

import numpy as np
import pandas as pd
import pytest

from fanpin_risk import compute_features

SIZES = [3, 2, 1, 4, 2, 3]
WAGES = np.array([24000.0, 36000, 0, 18000, 42000, 30500])
BUSINESS = np.array([5200.0, 0, 8600, 3250, 0, 12000])
TRANSFERS = np.array([1585.5, 2604, 6240, 85.5, 300, 1210])
NET = (WAGES + BUSINESS + TRANSFERS) / SIZES


def ids(prefix=""):
    """Return the numbers of six households."""
    return [f"{prefix}h{number}" for number in range(6)]


def sheet(factor=1.0, prefix="", **more):
    """Return a sheet of incomes of six households with their persons."""
    amounts = {"工资性收入": WAGES, "经营净收入": BUSINESS, "转移性收入": TRANSFERS}
    return {
        "户编号": ids(prefix),
        "年度": [2024] * 6,
        **{name: column / factor for name, column in amounts.items()},
        **more,
    }


@pytest.fixture
def read(files, tmp_path):
    """Read sheets of incomes by name; return the register and net income per person by household."""

    def reading(**sheets):
        for name, columns in sheets.items():
            frame = pd.DataFrame({**columns, "家庭人口数": np.resize(SIZES, len(columns["户编号"]))})
            frame.to_csv(tmp_path / f"{name}.csv", index=False, encoding="utf-8")
        register = files.read(tmp_path)
        return register, compute_features(register, "2025-06-30")["income_per_person"]

    return reading


def rows_of(register):
    """Return row, column, code and severity of the problems of rows of incomes."""
    found = register.problems[(register.problems["table"] == "incomes") & register.problems["row"].notna()]
    return [tuple(line) for line in found[["row", "column", "code", "severity"]].to_numpy()]


def codes(register):
    """Return how often each problem of magnitudes was found."""
    found = register.problems["code"]
    return found[found.str.startswith(("unit_doubtful", "unit_from_stated"))].value_counts().to_dict()


def test_amounts_in_yuan_are_left_alone(read):
    """Small transfers, no wages, and a household that lives on 85.5 yuan are nobody's unit."""
    small = sheet()
    small["工资性收入"], small["经营净收入"] = np.zeros(6), np.zeros(6)
    for one in (sheet(), small):
        register, computed = read(甲镇=one)
        assert codes(register) == {}
        assert computed.notna().all()


@pytest.mark.parametrize("factor", [1e4, 1e3])
def test_a_sheet_too_small_is_not_used(read, factor):
    """A sheet in another unit that nothing proves: each household is named and its income unknown."""
    register, computed = read(甲镇=sheet(factor))
    assert codes(register) == {"unit_doubtful": 6}
    assert computed.isna().all()
    assert register.problems.loc[register.problems["code"] == "unit_doubtful", "household_id"].tolist() == ids()
    assert "工资性收入（万元）" in register.problems["message_zh"].str.cat()


@pytest.mark.parametrize("factor", [1e4, 1e3])
def test_a_stated_income_proves_the_factor(read, factor):
    """Income per person stated in yuan proves the factor; none of the decimals is lost."""
    register, computed = read(甲镇=sheet(factor, 人均纯收入=np.round(NET, 2)))
    assert codes(register) == {"unit_from_stated": 1}
    np.testing.assert_allclose(computed[ids()], NET, atol=0.02)


def test_a_stated_income_in_another_unit(read):
    """Only the stated income is in 万元: the items prove it, or without items it is not used."""
    register, computed = read(甲镇=sheet(人均纯收入=np.round(NET / 1e4, 2)))
    assert codes(register) == {"unit_from_stated": 1}
    assert "stated_differs" not in set(register.problems["code"])
    np.testing.assert_allclose(computed[ids()], NET, atol=0.02)
    alone = {"户编号": ids(), "年度": [2024] * 6, "人均纯收入": np.round(NET / 1e4, 4)}
    register, computed = read(甲镇=alone)
    assert codes(register) == {"unit_doubtful": 6}
    assert computed.isna().all()


def test_single_cells(read):
    """A wage of 2.4 among those of 24,000 is left out; the stated income settles it, and 1 stands for nothing known."""
    cell = sheet()
    cell["工资性收入"] = WAGES.copy()
    cell["工资性收入"][0], cell["工资性收入"][3] = 2.4, 1
    register, computed = read(甲镇=cell)
    assert rows_of(register) == [(2, "wages", "unit_doubtful", "blanked")]
    assert computed[ids()].isna().tolist() == [True] + [False] * 5
    settled = NET.copy()
    settled[3] = (1 + BUSINESS[3] + TRANSFERS[3]) / SIZES[3]
    register, computed = read(甲镇=cell | {"人均纯收入": np.round(settled, 2)})
    assert rows_of(register) == [(2, "wages", "unit_from_stated", "warning")]
    np.testing.assert_allclose(computed[ids()], settled, atol=0.02)


def test_one_of_two_sheets(read):
    """Of two townships one fills in 万元: its households are named, the others are read."""
    register, computed = read(甲镇=sheet(1.0, "甲"), 乙镇=sheet(1e4, "乙"))
    named = register.problems.loc[register.problems["code"] == "unit_doubtful", "household_id"].tolist()
    assert named == ids("乙")
    np.testing.assert_allclose(computed[ids("甲")], NET, atol=0.02)
    assert computed[ids("乙")].isna().all()


def test_a_sheet_with_a_row_for_each_amount(read):
    """Amounts one below the other are doubted too."""
    long = {
        "户编号": ids() * 2, "年度": [2024] * 12, "收入项目": ["工资性收入"] * 6 + ["转移性收入"] * 6,
        "金额": [*(WAGES / 1e4), *(TRANSFERS / 1e4)],
    }  # fmt: skip
    register, computed = read(收入=long)
    assert set(register.problems.loc[register.problems["code"] == "unit_doubtful", "household_id"]) == set(ids())
    assert computed.isna().all()


def test_days_of_wages_may_be_small(exports):
    """Wages of single days, one row each, are no yearly wages in another unit."""
    days = "".join(f"h1,工资性收入,{80 + n}.5,2023-0{n}-01,2023-0{n}-01\n" for n in range(1, 7))
    register = exports.read(收入="户编号,收入项目,金额,收入周期开始,收入周期结束\n" + days)
    assert "unit_doubtful" not in set(register.problems["code"])
    assert register.tables["incomes"]["amount_cny"].tolist() == [80.5 + n for n in range(1, 7)]


SMALL_TRADE = np.array([20.0, 23.5, 27, 30.5, 34, 86.5])


def small_trade(name="经营净收入", **more):
    """Return a sheet of households that sell next to nothing."""
    columns = sheet(**more)
    del columns["经营净收入"]
    return columns | {name: SMALL_TRADE}


@pytest.mark.parametrize(
    ("head", "columns_file"),
    [
        ("经营净收入（元）", None), ("经营净收入", "单位：元"), ("经营净收入", "表头,含义,单位\n经营净收入,经营净收入,元\n"),
        ("经营净收入", "表头,含义,单位\n经营净收入,经营净收入,1\n"),
    ],
)  # fmt: skip
def test_a_unit_that_is_written_is_believed(files, tmp_path, head, columns_file):
    """Yuan in the header, above it or in the columns file: small amounts and single cells are what they say."""
    columns = small_trade(head)
    wage = "工资性收入（元）" if head.endswith("）") or columns_file == "单位：元" else "工资性收入"
    columns[wage] = np.array([2.4, *columns.pop("工资性收入")[1:]]) if wage != "工资性收入" else WAGES
    text = pd.DataFrame({**columns, "家庭人口数": SIZES}).to_csv(index=False)
    if columns_file == "单位：元":
        text = f"2024年收入\n单位：元\n{text.replace('（元）', '')}"
    elif columns_file:
        (tmp_path / "fanpin-columns.csv").write_text(columns_file, encoding="utf-8")
    (tmp_path / "甲镇.csv").write_text(text, encoding="utf-8")
    register = files.read(tmp_path)
    assert codes(register) == {}
    assert compute_features(register, "2025-06-30")["income_per_person"].notna().all()


def test_a_row_for_each_amount_in_yuan_is_believed(read):
    """The unit of 金额 is that of all kinds of income; without it the wages of 4.2 are doubted."""
    long = {
        "户编号": ids() * 2, "年度": [2024] * 12, "收入项目": ["工资性收入"] * 6 + ["转移性收入"] * 6,
        "金额（元）": [*(WAGES / 1e4), *TRANSFERS],
    }  # fmt: skip
    register, computed = read(收入=long)
    assert codes(register) == {}
    np.testing.assert_allclose(computed[ids()], (WAGES / 1e4 + TRANSFERS) / SIZES, atol=0.02)


def test_small_trade_without_evidence_is_doubted(read):
    """Nobody says in which unit it is."""
    register, computed = read(甲镇=small_trade())
    assert codes(register) == {"unit_doubtful": 6}
    assert computed.isna().all()


def test_a_stated_income_proves_yuan(read):
    """Where stated and computed income agree in yuan, rows are kept: all, or those that agree."""
    net = np.round((WAGES + SMALL_TRADE + TRANSFERS) / SIZES, 2)
    register, computed = read(甲镇=small_trade(人均纯收入=net))
    assert codes(register) == {}
    np.testing.assert_allclose(computed[ids()], net, atol=0.02)
    some = np.where(np.arange(6) < 3, net, np.nan)
    some[3:] = 77777.7
    register, computed = read(甲镇=small_trade(人均纯收入=some))
    assert codes(register) == {"unit_doubtful": 3}
    np.testing.assert_allclose(computed[ids()[:3]], net[:3], atol=0.02)


def test_stated_incomes_in_the_same_unit_prove_nothing(read):
    """Whole numbers of 千元 on both sides agree, and are no yuan."""
    columns = sheet(1e3)
    net = np.array([24 + 5.2 + 1.6, 38, 15, 21, 42, 44]) / SIZES
    register, _ = read(甲镇=columns | {"人均纯收入": np.round(net)})
    assert codes(register).get("unit_doubtful") == 6


@pytest.mark.parametrize(("wage", "n"), [(98.5, 0), (9.5, 1)])
def test_a_cell_that_is_too_large_in_another_unit(read, wage, n):
    """985,000 beside 24,000 is no wage in 万元; 95,000 may be one. A stated income in yuan settles both."""
    columns = sheet()
    columns["工资性收入"] = np.array([wage, *WAGES[1:]])
    register, computed = read(甲镇=columns)
    assert codes(register) == ({"unit_doubtful": n} if n else {})
    assert computed.isna().sum() == n
    net = np.round((columns["工资性收入"] + BUSINESS + TRANSFERS) / SIZES, 2)
    register, computed = read(甲镇=columns | {"人均纯收入": net})
    assert codes(register) == {}
    np.testing.assert_allclose(computed[ids()], net, atol=0.02)


def test_a_stated_income_of_small_whole_numbers_is_doubted(exports):
    """Ten yuan per person and year are 千元 or a mistake, decimals or not."""
    rows = "".join(f"h{n},2,2023,{10 + n}\n" for n in range(1, 8))
    register = exports.read(台账="户编号,家庭人口数,年度,人均纯收入\n" + rows)
    assert (register.problems["code"] == "unit_doubtful").sum() == 7
    assert register.tables["incomes"]["amount_cny"].isna().all()
