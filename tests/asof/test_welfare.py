"""What is compared with the line: income or consumption, a line of the household's own, a status without an amount."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fanpin_risk import MonitoringLines, Register, cohort, outcomes
from fanpin_risk.asof.outcomes import not_at_risk
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.asof.welfare import consumption_counts, standing
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.explanation.reasons import describe
from fanpin_risk.features import CONTEXT, FEATURES, compute_features
from fanpin_risk.model.stored_files import lines_in

DAY, LATER = "2020-12-31", "2021-12-31"
IDS = ["A", "B", "C"]


def lines_of(measure="income", **columns):
    row = {"area_prefix": [""], "year": [2019], "line_cny": [6000.0], "measure": [measure], **columns}
    return MonitoringLines(pd.DataFrame(row))


def register_of(accounts=(), statuses=(), **columns):
    """Households A, B and C of two persons each; accounts as (household, year, item, amount)."""
    first = pd.DataFrame(
        {"household_id": IDS, "valid_from": "2019-01-01", "recorded_at": "2019-01-01", "size_declared": 2}
    )
    later = pd.DataFrame(statuses, columns=["household_id", "valid_from", "below_line"])
    later = later.assign(recorded_at=later["valid_from"], size_declared=2)
    incomes = pd.DataFrame(accounts, columns=["household_id", "year", "item", "amount_cny"])
    year = incomes.pop("year").astype("str")
    incomes = incomes.assign(period_start=year + "-01-01", period_end=year + "-12-31", recorded_at=year + "-12-31")
    frames = {"households": pd.concat([first, later], ignore_index=True), **columns}
    if len(incomes):
        frames["incomes"] = incomes
    return Register.from_frames(frames)


ACCOUNTS = [
    ("A", 2020, "wage", 20000), ("A", 2020, "consumption_other", 11999.99),
    ("B", 2020, "wage", 2000), ("B", 2020, "consumption_other", 12000),
    ("C", 2020, "wage", 12000),
]  # fmt: skip


def test_the_area_says_what_its_line_is_of():
    """Of the same accounts other households are below a line of income than below one of consumption."""
    register = register_of(ACCOUNTS)
    by_income = standing(Snapshot(register, DAY, lines=lines_of("income")))
    by_consumption = standing(Snapshot(register, DAY, lines=lines_of("consumption")))
    assert by_income.below.tolist() == [0, 1, 0]
    np.testing.assert_array_equal(by_consumption.below, [1, 0, np.nan])  # income does not stand in for consumption
    assert str(by_consumption.day[2]) == "NaT"


def test_an_area_says_it_by_year_and_place():
    """Where one county changes its measure, the others keep theirs; a day of the new year changes nothing by itself."""
    frame = pd.DataFrame(
        {
            "area_prefix": ["", "11", "11"],
            "year": [2019, 2019, 2021],
            "line_cny": 6000.0,
            "measure": ["", "", "consumption"],
        }
    )
    lines = MonitoringLines(frame)
    register = register_of(ACCOUNTS)
    households = register.tables["households"]
    places = {"A": "110000", "B": "110000", "C": "130000"}
    households["area_code"] = households["household_id"].map(places).astype("str")
    before, after = (Snapshot(register, day, lines=lines) for day in ("2020-12-31", "2021-01-01"))
    assert consumption_counts(before).tolist() == [False, False, False]
    assert consumption_counts(after, np.full(3, 18800.0)).tolist() == [True, True, False]  # accounts that end in 2021
    np.testing.assert_array_equal(standing(before).below, standing(after).below)


def test_food_alone_is_not_all_that_was_consumed():
    """An account without its total tells nothing of the whole; one beside it that has it does not help."""
    accounts = [("A", 2020, "consumption_food", 5000), ("B", 2020, "consumption_food", 5000),
                ("B", 2020, "consumption_other", 8000), ("C", 2020, "consumption_other", 5000)]  # fmt: skip
    here = Snapshot(register_of(accounts), DAY, lines=lines_of("consumption"))
    np.testing.assert_array_equal(standing(here).below, [np.nan, 0, 1])


def test_consumption_changes_no_income():
    """Years of income are made of income alone, also where the newest account is one of consumption."""
    plain = register_of([("A", 2019, "wage", 20000), ("B", 2020, "wage", 9000)])
    beside = register_of(
        [("A", 2019, "wage", 20000), ("B", 2020, "wage", 9000), ("A", 2020, "consumption_other", 8000),
         ("B", 2019, "consumption_food", 3000), ("C", 2020, "household_line", 9000)]
    )  # fmt: skip
    one, other = (compute_features(register, DAY, lines=lines_of()) for register in (plain, beside))
    names = [name for name in one.columns if "consum" not in name and name != "food_share"]
    pd.testing.assert_frame_equal(one[names], other[names])


def test_a_line_of_the_household_comes_before_that_of_its_area():
    """Its own line is of the whole household; a year without one is compared with the line of the area."""
    accounts = [("A", 2020, "wage", 13000), ("A", 2020, "household_line", 14000), ("B", 2020, "wage", 13000)]
    register = register_of(accounts)
    first, only = lines_of(), MonitoringLines.by_household()
    np.testing.assert_array_equal(standing(Snapshot(register, DAY, lines=first)).below, [1, 0, np.nan])
    np.testing.assert_array_equal(standing(Snapshot(register, DAY, lines=only)).below, [1, np.nan, np.nan])
    ratio = compute_features(register, DAY, lines=only)["income_to_line"]
    np.testing.assert_array_equal(ratio, [13000 / 2 / 7000, np.nan, np.nan])


def test_a_line_of_nothing_is_none():
    """A household cannot be above a line of 0: the line is not known."""
    register = register_of([("A", 2020, "wage", 13000), ("A", 2020, "household_line", 0)])
    assert np.isnan(standing(Snapshot(register, DAY, lines=MonitoringLines.by_household())).below[0])


def test_a_status_stands_in_where_no_amount_is_known():
    """Of an amount and a status the newer counts, of one day the amount; nothing later is seen."""
    statuses = [
        ("A", "2020-06-30", True), ("A", "2021-06-30", False),  # the second is not seen yet
        ("B", "2020-12-31", True),
        ("C", "2019-06-30", False), ("C", "2020-12-30", None),
    ]  # fmt: skip
    register = register_of([("A", 2019, "wage", 20000), ("B", 2020, "wage", 20000)], statuses)
    here = Snapshot(register, DAY, lines=lines_of())
    found = standing(here)
    assert found.below.tolist() == [1, 0, 0]
    assert [str(day) for day in found.day] == ["2020-06-30", "2020-12-31", "2019-06-30"]
    assert not_at_risk(here, "below_line").tolist() == ["already_below_line", "", ""]


def test_outcomes_need_no_amount_at_all():
    """A panel that says only who was poor at each visit has its cohort: at risk, event, already below, not seen."""
    statuses = [
        ("A", "2020-12-31", False), ("A", "2021-09-30", True),
        ("B", "2020-12-31", True), ("B", "2021-09-30", False),
        ("C", "2020-12-31", False), ("C", "2021-03-31", True), ("C", "2021-12-31", None),  # too early in the horizon
    ]  # fmt: skip
    register = register_of((), statuses)
    table = cohort(register, DAY, target="below_line")
    assert table["left_out"].astype(object).where(table["left_out"].notna(), None).tolist() == [
        None, "already_below_line", "no_income_after",
    ]  # fmt: skip
    assert outcomes(register, DAY, target="below_line")["outcome"].to_dict() == {"A": True}
    assert table.loc["A", "event_date"] == pd.Timestamp("2021-09-30")


def test_a_status_alone_or_among_others_is_the_same():
    """A household scored alone is compared as in its county."""
    statuses = [("A", "2020-06-30", True), ("B", "2020-12-31", True)]
    register = register_of(ACCOUNTS, statuses)
    whole = compute_features(register, DAY, lines=lines_of("consumption"), context=True)
    for one in IDS:
        alone = compute_features(register.select([one]), DAY, lines=lines_of("consumption"), context=True)
        pd.testing.assert_frame_equal(alone, whole.loc[[one]])


def test_lines_say_in_which_way_they_count():
    """A code that there is not is refused, and so is a missing amount where the area's line counts."""
    with pytest.raises(InputError, match="measure is expenditure; expected one of income, consumption"):
        lines_of("expenditure")
    with pytest.raises(InputError, match="line_cny is empty"):
        lines_of(line_cny=[np.nan])
    with pytest.raises(InputError, match="line_cny is many"):
        lines_of(line_cny=["many"], own_line=["only"])
    with pytest.raises(SchemaError, match="measure is 'wealth'; expected one of income, consumption"):
        MonitoringLines.by_household(measure="wealth")
    assert MonitoringLines.by_household().basis("", 2020).shown("zh") == "各户自己的监测线"


def test_rules_of_lines_come_back_from_a_file():
    """A model keeps in which way its lines count."""
    for lines in (MonitoringLines.by_household(measure="consumption"), lines_of("consumption", persons=["declared"])):
        again = lines_in(lines.frame.to_csv(index=False, na_rep="nan").encode())
        pd.testing.assert_frame_equal(again.frame, lines.frame, check_dtype=False)


@pytest.mark.parametrize(("measure", "said"), [("income", False), ("consumption", True)])
def test_a_line_of_consumption_is_named_beside_income(measure, said):
    """Who reads a sentence knows what the line is of that an income is compared with."""
    declared = {one.name: one for one in (*FEATURES, *CONTEXT)}
    row = compute_features(register_of(ACCOUNTS), DAY, lines=lines_of(measure), context=True)
    of_income, of_consumption = (
        describe(declared[name], row, declared, lang="zh")[0] for name in ("income_to_line", "consumption_to_line")
    )
    assert ("衡量人均消费" in of_income) == said
    assert ("衡量人均纯收入" in of_consumption) == (not said)
