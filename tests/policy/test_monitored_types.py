"""The monitored type: the table (policy/type_table.py), its blocks (policy/type_blocks.py) and households worked by hand."""

from datetime import date
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

import fanpin_risk as fr
from fanpin_risk.policy.type_table import BLOCK_CODES, SUGGESTED_TYPES, TO_CHECK, TYPE_TABLE, rows_that_apply

DAY = date(2023, 12, 31)
CASES = yaml.safe_load((Path(__file__).parent / "cases" / "types.yaml").read_text(encoding="utf-8"))
LINES = fr.MonitoringLines(pd.DataFrame({"area_prefix": "", "year": [2020], "line_cny": [8000.0]}))
COMBINATIONS = list(product(*BLOCK_CODES.values()))


def applies(row, combination):
    codes = dict(zip(BLOCK_CODES, combination, strict=True))
    return all(not getattr(row, name) or codes[name] in getattr(row, name) for name in BLOCK_CODES)


def test_every_combination_meets_exactly_one_row():
    """All 486 of them: no gap, and no order that would matter; the vectorised search finds the same row."""
    assert len(COMBINATIONS) == 3**5 * 2
    rows = [[place for place, row in enumerate(TYPE_TABLE) if applies(row, one)] for one in COMBINATIONS]
    assert {len(found) for found in rows} == {1}
    columns = {
        name: np.array(codes, dtype=object)
        for name, codes in zip(BLOCK_CODES, zip(*COMBINATIONS, strict=True), strict=True)
    }
    assert rows_that_apply(columns).tolist() == [found[0] for found in rows]


def test_every_row_of_the_table_is_met():
    """Results 0 to 13, and every code that a row names is declared."""
    met = {row.result for row in TYPE_TABLE for one in COMBINATIONS if applies(row, one)}
    assert met == set(range(14))
    assert {row.type_of(status) for row in TYPE_TABLE for status in BLOCK_CODES["reg"]} == set(SUGGESTED_TYPES)
    assert {row.check for row in TYPE_TABLE} - {""} == set(TO_CHECK)


@pytest.mark.parametrize("name", CASES)
def test_worked_case(name, household_of):
    """Each household gets the result that the table gives by hand."""
    case = CASES[name]
    policy = (
        None
        if "policy" not in case
        else fr.policy.Policy(pd.DataFrame(case["policy"]).assign(area_prefix="", valid_from="2020-01-01"))
    )
    register = household_of(case, case.get("as_of", DAY))
    found = fr.monitored_type(register, case.get("as_of", DAY), lines=LINES, policy=policy).iloc[0]
    assert {column: found[column] for column in case["expect"]} == case["expect"]


def test_every_result_has_a_case():
    """A result that no household reaches would pass all the rest."""
    assert {case["expect"]["result"] for case in CASES.values() if "result" in case["expect"]} == set(range(14))


@pytest.fixture(scope="module")
def register():
    return fr.make_register(600, random_state=3)


def test_one_row_for_each_household_and_alone_as_among_all(register):
    """Sorted by id; a household alone is the same household in its county."""
    table = fr.monitored_type(register, DAY)
    assert table["household_id"].tolist() == fr.Snapshot(register, DAY).household_ids.tolist()
    for household in table["household_id"].iloc[[0, 17, 300]]:
        alone = fr.monitored_type(register.select([household]), DAY)
        pd.testing.assert_frame_equal(alone, table[table["household_id"] == household].reset_index(drop=True))


def test_it_is_said_in_both_languages(register):
    """Without English in Chinese sentences; codes stay the same."""
    zh = fr.monitored_type(register, DAY, lang="zh")
    pd.testing.assert_frame_equal(zh.drop(columns="says"), fr.monitored_type(register, DAY))
    assert not zh["says"].str.contains("[a-z]{4}", regex=True).any()
    assert fr.monitored_type(register, DAY, lang="en")["says"].str.len().min() > 5


def test_the_line_is_that_of_the_place_and_year(household_of):
    """A village's own line stands before that of the county; the year is that of the income; the entry is named."""
    case = {
        "household": {"register_status": "general", "area_code": "510122001005"},
        "members": [{"member_id": "P"}],
        "incomes": [{"period": 2022, "item": "wage", "amount_cny": 9000}],
    }
    frame = pd.DataFrame(
        {
            "area_prefix": ["", "510122", "510122001005"], "year": [2022, 2022, 2022], "line_cny": [7000.0, None, 10000.0],
            "share": [None, 0.5, None], "base_cny": [None, 16900.0, None], "status": "user", "source": ["all", "district", "village"],
        }
    )  # fmt: skip
    for rows, line, code, source in (
        (3, 10000.0, "below", "village"),
        (2, 8450.0, "above", "district: 0.5 x 16900"),
        (1, 7000.0, "above", "all"),
    ):
        found = fr.monitored_type(household_of(case, DAY), DAY, lines=fr.MonitoringLines(frame.iloc[:rows])).iloc[0]
        assert found[["line_cny", "inc", "line_year"]].tolist() == [line, code, 2022]
        assert found["line_source"] == f"2022 user: {source}"


CHANGED_LINE = pd.DataFrame(
    {
        "area_prefix": "",
        "year": [2023, 2024, 2024],
        "valid_from": ["", "", "2024-07-01"],
        "line_cny": [7000, 8000, 9000],
    }
)


@pytest.mark.parametrize(
    ("ended", "day", "answer", "line", "source"),
    [
        ("2024-03-31", "2024-06-30", "pass", 8000.0, "2024 user: user"),
        ("2024-03-31", "2024-07-01", "fail", 9000.0, "2024-07-01 user: user"),
        ("2023-09-30", "2024-06-30", "pass", 7000.0, "2023 user: user"),
        ("2023-09-30", "2024-07-01", "pass", 7000.0, "2023 user: user"),
    ],
)
def test_a_line_that_changes_within_the_year_is_that_of_the_day(household_of, ended, day, answer, line, source):
    """An income of the year of the day meets the line in force on the day, one of the year before that of its own year."""
    last = date.fromisoformat(ended)
    income = {
        "period_start": date(last.year - 1, last.month + 1, 1),
        "period_end": last,
        "item": "wage",
        "amount_cny": 8500,
    }
    case = {
        "household": {"register_status": "ex_poor"},
        "members": [{"member_id": "P"}],
        "incomes": [income | {"recorded_at": last}],
        "monitoring": [],
    }
    lines = fr.MonitoringLines(CHANGED_LINE)
    register = household_of(case, last)
    asked = fr.screen(register, day, lines=lines).set_index("rule")["answer"]
    assert asked["income_line"] == answer
    found = fr.monitored_type(register, day, lines=lines).iloc[0]
    assert found[["inc", "line_cny", "line_source"]].tolist() == [
        "below" if answer == "fail" else "above",
        line,
        source,
    ]
    suspected = fr.suspicions(register, day, lines=lines).set_index("rule")["answer"]
    assert (suspected.get("perhaps_missed") == "yes") == (answer == "fail")
