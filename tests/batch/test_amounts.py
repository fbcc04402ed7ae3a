"""Amounts too small for yuan are told by all rows of a sheet, wherever these are packed."""

import numpy as np
import pytest

CODES = ["211225101201", "530102003001", "450502100100"]
SIZES = [3, 2, 1, 4, 2, 3]
WAGES = [24000.0, 36000, 0, 18000, 42000, 30500]
BUSINESS = [5200.0, 0, 8600, 3250, 0, 12000]


@pytest.fixture
def compared(tmp_path, packed_files):
    """Pack incomes of six households in three counties and hold them to reading; return the register."""

    def comparing(**columns):
        files = tmp_path / "files"
        files.mkdir()
        homes = [[f"h{n}", "2024", CODES[n % 3], str(SIZES[n])] for n in range(6)]
        packed_files.write_csv(files / "户信息.csv", ["户编号", "年度", "行政区划代码", "家庭人口数"], homes)
        rows = zip(*([f"{cell:g}" for cell in column] for column in columns.values()), strict=True)
        incomes = [[f"h{n}", "2024", *row] for n, row in enumerate(rows)]
        packed_files.write_csv(files / "家庭收入.csv", ["户编号", "年度", *columns], incomes)
        return packed_files.compare(files, tmp_path / "packed")[1]

    return comparing


def codes(register):
    found = register.problems["code"]
    return found[found.str.startswith("unit_")].value_counts().to_dict()


def test_one_county_in_yuan_does_not_speak_for_the_sheet(compared):
    """One household is in yuan, which would be the usual amount in its county; the sheet is in 万元 by the stated income."""
    factor = np.where(np.arange(6) == 5, 1.0, 1e4)
    net = (np.array(WAGES) + BUSINESS) / SIZES
    register = compared(
        工资性收入=np.array(WAGES) / factor, 经营净收入=np.array(BUSINESS) / factor, 人均纯收入=net.round(2)
    )
    assert codes(register) == {"unit_from_stated": 1}


def test_a_small_county_does_not_spoil_the_sheet(compared):
    """Its own amounts are left out, as in the whole sheet, cell by cell."""
    factor = np.where(np.arange(6) % 3 == 2, 1e4, 1.0)
    register = compared(工资性收入=np.array(WAGES) / factor, 转移性收入=[1585.5, 2604, 6240, 85.5, 300, 1210])
    assert codes(register) == {"unit_doubtful": 1}


def test_stated_incomes_in_another_unit_are_proven_by_all_counties(compared):
    """By the items: 千元."""
    net = (np.array(WAGES) + BUSINESS) / SIZES
    register = compared(工资性收入=WAGES, 经营净收入=BUSINESS, 人均纯收入=(net / 1000).round(2))
    assert codes(register) == {"unit_from_stated": 1}


def test_amounts_in_yuan_are_checked_once(compared):
    """Nothing is in doubt."""
    assert codes(compared(工资性收入=WAGES, 经营净收入=BUSINESS)) == {}


def test_households_with_part_of_a_year_are_counted_in_all_counties(tmp_path, packed_files):
    """One note, with their number."""
    files = tmp_path / "files"
    files.mkdir()
    homes = [[f"h{n}", "2024", CODES[n % 3]] for n in range(6)]
    packed_files.write_csv(files / "户信息.csv", ["户编号", "年度", "行政区划代码"], homes)
    rows = [[f"h{n}", "2024-01-01", "2024-09-30" if n < 5 else "2024-12-31", "9000"] for n in range(6)]
    packed_files.write_csv(files / "家庭收入.csv", ["户编号", "收入周期开始", "收入周期结束", "工资性收入"], rows)
    _, register = packed_files.compare(files, tmp_path / "packed")
    (note,) = register.problems.loc[register.problems["code"] == "part_year_scaled", "message"]
    assert "of 5 households" in note
