"""Households that vanish from the records: what shows that, and where nothing can be said. Hand-made panels."""

from __future__ import annotations

import pandas as pd
import pytest

from fanpin_risk.asof.outcomes import cohort, judged_cohort, outcomes
from fanpin_risk.asof.presence import presence_after
from fanpin_risk.errors import SchemaError
from fanpin_risk.records.register import Register

DAY = "2021-12-31"
STAY = [f"stays{k}" for k in range(8)]


def visits(years: dict[str, range]) -> pd.DataFrame:
    """Incomes of calendar years, recorded in the January after."""
    return pd.DataFrame(
        [
            {
                "household_id": household,
                "period_start": f"{year}-01-01",
                "period_end": f"{year}-12-31",
                "recorded_at": f"{year + 1}-01-20",
                "item": "wage",
                "amount_cny": 20_000.0,
            }
            for household, seen in years.items()
            for year in seen
        ]
    )


def households(ids, **more) -> pd.DataFrame:
    """Households with one version, as in a register that overwrites what changed."""
    return pd.DataFrame({"household_id": list(ids), "valid_from": "2018-01-01", "recorded_at": "2018-01-31"} | more)


def monitoring(*rows) -> pd.DataFrame:
    """Monitoring rows of (household, identified_on)."""
    frame = pd.DataFrame(rows, columns=["household_id", "identified_on"])
    return frame.assign(recorded_at=frame["identified_on"], type="edge", eliminated_on=None)


YEARS = {name: range(2018, 2024) for name in STAY} | {"vanishes": range(2018, 2021), "vanished": range(2018, 2019)}
FOUND = monitoring(("stays1", "2022-05-01"), ("stays2", "2024-06-01"))


@pytest.fixture
def panel() -> Register:
    """Ten households of which eight are asked for their income every year."""
    return Register.from_frames(households=households(YEARS), incomes=visits(YEARS), monitoring=FOUND)


def test_a_household_without_any_later_record_is_not_observed(panel):
    """It is left out with a reason and counted, and stays out of the outcomes."""
    everyone, n_unobserved, told_by, _ = judged_cohort(panel, DAY)
    assert everyone["left_out"].dropna().to_dict() == {"vanishes": "unobserved", "vanished": "unobserved"}
    assert n_unobserved == 2
    assert told_by == ("incomes",)
    table = outcomes(panel, DAY)
    assert table.index.tolist() == STAY
    assert table.index[table["outcome"]].tolist() == ["stays1"]


def test_they_can_be_counted_as_without_the_event(panel):
    """Who asks for it has them as households without the event; how many there are is still said."""
    everyone, n_unobserved, *_ = judged_cohort(panel, DAY, unobserved="count")
    assert not everyone["left_out"].notna().any()
    assert n_unobserved == 2
    assert not outcomes(panel, DAY, unobserved="count").loc[["vanished", "vanishes"], "outcome"].any()
    with pytest.raises(SchemaError, match="unobserved is 'maybe'; expected one of drop, count"):
        outcomes(panel, DAY, unobserved="maybe")


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("monitoring", monitoring(("vanishes", "2024-01-01"))),
        ("shocks", pd.DataFrame({"household_id": ["vanishes"], "event_date": "2022-02-01", "kind": "flood"})),
        (
            "medical",
            pd.DataFrame({"member_id": ["m"], "event_date": "2022-02-01", "record_id": "1", "kind": "inpatient"}),
        ),
        ("households", households(["vanishes"], valid_to="2023-06-01").assign(recorded_at="2018-02-01")),
        ("households", households(["vanishes"]).assign(valid_from="2020-06-01", recorded_at="2022-06-01")),
    ],
    ids=["event", "shock", "of a member", "end", "recorded late"],
)
def test_any_record_after_the_day_shows_the_household(table, row):
    """Of whichever table, of the household or a member, recorded or dated after the day."""
    frames = {"households": households(YEARS), "incomes": visits(YEARS), "monitoring": FOUND}
    frames["members"] = pd.DataFrame(
        {"member_id": ["m"], "household_id": "vanishes", "valid_from": "2018-01-01", "recorded_at": "2018-01-31"}
    )
    frames[table] = pd.concat([frames[table], row]) if table in frames else row
    assert cohort(Register.from_frames(frames), DAY)["left_out"].get("vanishes") != "unobserved"
    assert cohort(Register.from_frames(frames), DAY)["left_out"].get("vanished") == "unobserved"


def test_a_register_of_the_present_state_says_nothing_of_who_vanished():
    """Later rows of monitoring alone, or days of a last change, drop nobody."""
    found = Register.from_frames(households=households(YEARS), monitoring=FOUND)
    everyone, *told = judged_cohort(found, DAY)[:3]
    assert told == [0, ()]
    assert everyone["left_out"].isna().all()
    changed = households(YEARS, recorded_at=[f"20{15 + k}-03-01" for k in range(10)], valid_from="2015-01-01")
    last_change = Register.from_frames(households=changed, monitoring=FOUND)
    assert judged_cohort(last_change, DAY)[1:3] == (0, ())


def test_changes_that_are_entered_when_they_happen_say_nothing():
    """Versions of a household at odd times are changes: that none came is no sign of having vanished."""
    odd = pd.concat(
        [
            households(YEARS),
            households(STAY[:4]).assign(valid_from="2021-03-01", recorded_at="2021-03-09"),
            households(STAY[1:5]).assign(valid_from="2022-11-01", recorded_at="2022-11-09"),
            households(STAY[2:6]).assign(valid_from="2024-08-01", recorded_at="2024-08-09"),
        ]
    )
    register = Register.from_frames(households=odd, monitoring=FOUND)
    assert judged_cohort(register, DAY)[1:3] == (0, ())


def test_incomes_of_the_few_after_the_day_say_nothing_of_the_others():
    """Where only some monitored households are still asked for their income, silence is the rule."""
    some = {f"h{k}": range(2018, 2024 if k < 3 else 2021) for k in range(20)}
    register = Register.from_frames(households=households(some), incomes=visits(some), monitoring=FOUND)
    assert judged_cohort(register, DAY)[1:3] == (0, ())


def test_a_household_that_was_never_in_the_telling_table_is_not_dropped():
    """Nothing was written about it before, so that nothing is written now tells nothing."""
    register = Register.from_frames(households=households([*YEARS, "bare"]), incomes=visits(YEARS), monitoring=FOUND)
    assert pd.isna(cohort(register, DAY)["left_out"]["bare"])


def test_with_incomes_a_vanished_household_has_its_own_reason(panel):
    """It comes before that of a missing income, and is not counted in as an income that nobody knows."""
    before = cohort(panel, DAY, target="below_line")["left_out"]
    assert before[["vanished", "vanishes"]].tolist() == ["no_income_before", "no_income_before"]
    members = pd.DataFrame(
        {"member_id": list(YEARS), "household_id": list(YEARS), "valid_from": "2018-01-01", "recorded_at": "2018-01-31"}
    )
    whole = Register.from_frames(panel.tables | {"members": members})
    assert cohort(whole, DAY, target="below_line")["left_out"]["vanishes"] == "unobserved"
    counted = cohort(whole, DAY, target="below_line", unobserved="count")["left_out"]
    assert counted["vanishes"] == "no_income_after"


def test_the_order_of_rows_does_not_matter(panel):
    """Rows in any order tell the same."""
    ids = pd.Index(sorted(YEARS), dtype="str")
    shuffled = {name: frame.sample(frac=1, random_state=1) for name, frame in panel.tables.items() if len(frame)}
    one, other = (presence_after(r, pd.Timestamp(DAY), ids) for r in (panel, Register.from_frames(shuffled)))
    assert one.tables == other.tables
    assert one.vanished.tolist() == other.vanished.tolist()
