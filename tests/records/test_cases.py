"""Small registers as offices export them, each with what a careful person would work out by hand.

Every value in them is invented. A household's net income per person is right, or the household is named in the problems.
"""

from pathlib import Path

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import SchemaError

FOLDER = Path(__file__).parent / "cases"
DAY = "2025-06-30"
CASES = {case.name: case for case in sorted(FOLDER.iterdir())}
KEY = b"sixteen bytes and more"
# Cases in which somebody's income cannot be known, and which problem says so.
UNKNOWN = {
    "08-excel-errors-read-as-nothing": ({"H000003", "H000006"}, "not_a_number"),
    "19-formulas-never-calculated": ({f"H00001{number}" for number in range(1, 7)}, "not_a_number"),
    "n-twice_year": ({"A1"}, "amounts_differ"),
}
# A sheet of households without a date needs the day of the export.
OPTIONS = {"06-foreign-list-removes-households": {"data_date": "2023-12-18"}}
# What the cases without a file of truths come to.
PER_PERSON = {
    "n-cell_wan": {"A1": 20000, "A2": 9000},
    "n-member_repeat": {"A1": 12000, "A2": 9000},
    "n-member_repeat_nopid": {"A1": 12000, "A2": 9000},
    "n-net_items": {"A1": 16050, "A2": 9600},
    "n-onewide": {"A1": 10000},
    "n-pc_and_oop": {"A1": 12000, "A2": 9000},
    "n-sheet123": {"A1": 20000, "A2": 9000},
    "n-twice_year": {"A2": 9000},
    "n-wanyuan_header": {"A1": 20000, "A2": 9000},
    "n-year_text": {"A1": 20000, "A2": 9000},
    "n-int_ids": {"2112820001": 20000, "2112820002": 9000},
}


def read(name, **options):
    case = CASES[name]
    options = OPTIONS.get(name, {}) | options
    return fr.read_register(case / "register" if (case / "register").exists() else case, **options)


def truth(name):
    """Return net income per person as worked out by hand."""
    file = CASES[name] / "truth.csv"
    if not file.exists():
        return pd.Series(PER_PERSON.get(name, {}), dtype="float64")
    return pd.read_csv(file, dtype={"household_id": str}).set_index("household_id")["net_income_per_person"]


@pytest.mark.parametrize("name", CASES)
def test_income_per_person_is_right_or_the_household_is_named(name):
    """Nothing is silently wrong, and nobody is lost."""
    register = read(name, id_key=KEY) if name == "n-idno" else read(name)
    unknown, code = UNKNOWN.get(name, (set(), ""))
    expected = truth(name).drop(list(unknown), errors="ignore")
    got = fr.compute_features(register, DAY)["income_per_person"]
    pd.testing.assert_series_equal(
        got.reindex(expected.index), expected, check_names=False, check_index_type=False, atol=1.0, rtol=0
    )
    assert got.reindex(sorted(unknown)).isna().all()
    named = register.problems.loc[register.problems["code"] == code, "household_id"]
    assert unknown <= set(named)
    read_rows, kept, rejected = (
        register.counts[column].sum() for column in ("rows_read", "rows_kept", "rows_rejected")
    )
    assert read_rows == kept + rejected == kept + sum(map(len, register.rejected_rows.values()))


def test_citizen_ids_are_keys_only_with_a_secret():
    """Where the head's citizen id is the only key it is replaced by a keyed hash, or the register is refused."""
    with pytest.raises(SchemaError, match="--id-key"):
        read("n-idno")
    register = read("n-idno", id_key=KEY)
    assert not any(
        "211282197001011234" in frame.to_csv() or "张三" in frame.to_csv() for frame in register.tables.values()
    )
    assert register.tables["incomes"]["household_id"].tolist() == register.tables["households"]["household_id"].tolist()


@pytest.mark.parametrize(
    ("name", "monitored"),
    [("12-village-ledgers-rejected", ["H000001", "H000002"]), ("13-month-saved-as-a-float", ["H000001", "H000002"])],
)
def test_monitored_households_are_known(name, monitored):
    """Whoever is on the monitoring list of the office is on ours."""
    assert read(name).tables["monitoring"]["household_id"].tolist() == monitored


def test_the_same_sheet_under_several_names_says_the_same():
    """A flat sheet saved under the three names the guide asks for is one register."""
    once, thrice = read("04-one-flat-sheet-refused"), read("05-household-income-times-members")
    for table in ("households", "members", "incomes"):
        assert len(once.tables[table]) == len(thrice.tables[table])


def test_hidden_sheets_are_named_and_read_only_when_asked():
    """A hidden older copy does not overrule what is shown."""
    assert read("09-hidden-sheet-removes-all-incomes").problems["code"].tolist() == ["hidden_sheet"]
    asked = read("09-hidden-sheet-removes-all-incomes", hidden=True)
    assert set(asked.problems["code"]) == {"amounts_differ"}


def test_folders_within_folders_are_left_alone_when_asked():
    """One folder for each township is read, unless the user wants the files of the top alone."""
    assert len(read("10-subfolder-silently-not-read").tables["households"]) == 6
    assert len(read("10-subfolder-silently-not-read", flat=True).tables["households"]) == 3
