"""Named groups against cases worked by hand: cases/groups.yaml.

Tests policy/groups_of_change.py and policy/three_valued.py as well.
"""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

import fanpin_risk as fr
from fanpin_risk.policy import HOUSEHOLD_GROUPS, PARAMETERS, Policy
from fanpin_risk.policy.three_valued import all_members, all_of, any_member, any_of, at_least, is_below

DAY = date(2023, 12, 31)
CASES = {
    case["name"].partition(" / ")[2]: case
    for case in yaml.safe_load((Path(__file__).parent / "cases" / "groups.yaml").read_text(encoding="utf-8"))
}
LINES = fr.MonitoringLines(pd.DataFrame({"area_prefix": "", "year": [2020], "line_cny": [8000.0]}))


@pytest.mark.parametrize("name", CASES)
def test_worked_case(name, household_of):
    """Each answer, whom it is about and what is said of it are those worked out by hand."""
    case = CASES[name]
    numbers = [
        {"name": one, "area_prefix": "", "valid_from": "2020-01-01", "value": value}
        for one, value in case.get("numbers", {}).items()
    ]
    policy = Policy(pd.DataFrame(numbers)) if numbers else None
    table = fr.household_groups(
        household_of(case, DAY), DAY, groups=list(case["expect"]), lines=LINES, policy=policy
    ).set_index("rule")
    got = {code: row[["answer", "member_ids", "note"]].tolist() for code, row in table.iterrows()}
    assert got == case["expect"]


@pytest.mark.parametrize("group", HOUSEHOLD_GROUPS, ids=lambda group: group.code)
@pytest.mark.parametrize("answer", ["yes", "no", "unknown"])
def test_every_group_has_a_case_of_each_answer(group, answer):
    """Also of what is not known: missing is never no."""
    assert any(case["expect"].get(group.code, [""])[0] == answer for case in CASES.values())


@pytest.mark.parametrize("group", HOUSEHOLD_GROUPS, ids=lambda group: group.code)
def test_every_note_has_a_case(group):
    """What is said of an answer was said of a household of which it is true."""
    met = {case["expect"][group.code][2] for case in CASES.values() if group.code in case["expect"]}
    assert set(group.notes) <= met


def test_numbers_that_no_source_gives_do_not_ship():
    """They are declared, with bounds, and an office's own are used; until then the groups are unknown."""
    shipped = set(Policy().frame.loc[Policy().frame["area_prefix"] == "", "name"])
    assert {name for name, one in PARAMETERS.items() if not one.ships} == set(PARAMETERS) - shipped


def test_what_is_not_known_is_neither_yes_nor_no():
    """Joined with no it is no, joined with yes it stays unknown; for 'or' the other way round."""
    unsure, yes, no = np.array([np.nan]), np.array([1.0]), np.array([0.0])
    assert np.isnan([all_of(unsure, yes), any_of(unsure, no), at_least(unsure, 1.0), is_below(yes, np.nan)]).all()
    assert [all_of(unsure, no).item(), any_of(unsure, yes).item()] == [0.0, 1.0]


def test_a_member_of_whom_it_is_not_known(household_of):
    """One of whom it holds is enough for some; all need all; nobody on record is not all."""
    members = [{"member_id": name} for name in "PQ"]
    rows = fr.Snapshot(household_of({"members": members}, DAY), DAY).members
    for holds, some, every in (([1, np.nan], 1, np.nan), ([0, np.nan], np.nan, 0), ([1, 1], 1, 1), ([0, 0], 0, 0)):
        values = np.array(holds, dtype="float64")
        assert any_member(rows, values).tolist() == pytest.approx([some], nan_ok=True)
        assert all_members(rows, values).tolist() == pytest.approx([every], nan_ok=True)
    nobody = fr.Snapshot(household_of({"members": []}, DAY), DAY).members
    assert any_member(nobody, np.array([])).tolist() == [0.0]
    assert np.isnan(all_members(nobody, np.array([]))).all()
