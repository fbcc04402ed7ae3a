"""Outcomes: who is at risk on a day, what counts as the event, and who is left out and why."""

from __future__ import annotations

import pandas as pd
import pytest

from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.outcomes import LEFT_OUT, TARGETS, cohort, judged_cohort, outcomes
from fanpin_risk.errors import NotEnoughDataError, SchemaError
from fanpin_risk.features import compute_features
from fanpin_risk.records.register import Register

DAY = "2022-12-31"
LINES = MonitoringLines(
    pd.DataFrame(
        {"area_prefix": "", "year": [2022, 2023], "line_cny": [6000.0, 6500.0], "status": "test", "source": "-"}
    )
)


def households(*rows) -> pd.DataFrame:
    """Household rows of (id, valid_from, recorded_at, valid_to)."""
    return pd.DataFrame(rows, columns=["household_id", "valid_from", "recorded_at", "valid_to"])


def monitoring(*rows) -> pd.DataFrame:
    """Monitoring rows of (household, identified_on, recorded_at, type, eliminated_on)."""
    return pd.DataFrame(rows, columns=["household_id", "identified_on", "recorded_at", "type", "eliminated_on"])


def plain(*ids) -> pd.DataFrame:
    """Households on record since 2020 and never dissolved."""
    return households(*[(i, "2020-01-01", "2020-01-31", None) for i in ids])


MONITORED = monitoring(
    ("before", "2021-03-01", "2021-03-05", "edge", None),
    ("ended", "2020-03-01", "2020-03-05", "edge", None),
    ("ended", "2020-03-01", "2022-06-05", "edge", "2022-06-01"),
    ("again", "2020-03-01", "2022-06-05", "edge", "2022-06-01"),
    ("again", "2023-05-01", "2023-05-09", "sudden_hardship", None),
    ("on_the_day", "2022-12-31", "2023-01-05", "edge", None),
    ("day_after", "2023-01-01", "2023-01-05", "edge", "2023-08-01"),
    ("last_day", "2023-12-31", "2024-01-09", "unstable_ex_poor", None),
    ("too_late", "2024-01-01", "2024-01-09", "edge", None),
    ("corrected", "2023-02-01", "2023-02-05", "edge", None),
    ("corrected", "2023-02-01", "2023-06-05", "sudden_hardship", None),
    ("twice", "2023-09-01", "2023-09-05", "sudden_hardship", None),
    ("twice", "2023-02-01", "2023-05-05", "edge", "2023-05-01"),
    ("within_the_day", "2022-12-31", "2023-01-05", "edge", "2022-12-31"),
    ("ended_in_year", "2021-02-01", "2021-02-05", "edge", None),
    ("ended_in_year", "2021-02-01", "2023-06-05", "edge", "2023-06-01"),
)
IDS = sorted(MONITORED["household_id"].unique())


@pytest.fixture
def register() -> Register:
    """A register with one household for each kind of monitoring history."""
    return Register.from_frames(households=plain(*IDS), monitoring=MONITORED)


def test_newly_monitored_events(register):
    """The event is an identification after the day and not after the horizon, by all later knowledge."""
    table = outcomes(register, DAY)
    events = table[table["outcome"]]
    expected = {
        "again": ("2023-05-01", "sudden_hardship"),
        "corrected": ("2023-02-01", "sudden_hardship"),
        "day_after": ("2023-01-01", "edge"),
        "last_day": ("2023-12-31", "unstable_ex_poor"),
        "twice": ("2023-02-01", "edge"),
    }
    assert {i: (str(d.date()), t) for i, d, t in events[["event_date", "type"]].itertuples()} == expected
    assert table.index[~table["outcome"]].tolist() == ["ended", "too_late", "within_the_day"]
    assert table.loc[~table["outcome"], ["event_date", "type"]].isna().all(axis=None)


def test_households_already_monitored_are_not_at_risk(register):
    """Who is monitored on the day cannot be newly monitored; one ended by the day can."""
    table = outcomes(register, DAY)
    assert not set(table.index) & {"before", "on_the_day", "ended_in_year"}
    everyone = cohort(register, DAY)
    assert everyone.index[everyone["left_out"] == "monitored"].tolist() == ["before", "ended_in_year", "on_the_day"]
    assert everyone.index.tolist() == IDS


def test_not_eliminated_asks_who_is_still_monitored_at_the_end(register):
    """At risk are those monitored on the day; the event is being monitored at the end, also once more after an end between."""
    table = outcomes(register, DAY, target="not_eliminated")
    assert table["outcome"].to_dict() == {"before": True, "ended_in_year": False, "on_the_day": True}
    assert table.loc["before", "event_date"] == pd.Timestamp("2023-12-31")
    assert table["type"].tolist() == ["edge", None, "edge"] or table["type"].isna().tolist() == [False, True, False]
    back = pd.concat([MONITORED, monitoring(("ended_in_year", "2023-09-01", "2023-09-05", "edge", None))])
    again = Register.from_frames(households=plain(*IDS), monitoring=back)
    assert outcomes(again, DAY, target="not_eliminated").loc["ended_in_year", "outcome"]
    everyone = cohort(register, DAY, target="not_eliminated")
    assert set(everyone.loc[everyone["left_out"] == "not_monitored"].index) == set(IDS) - set(table.index)


def test_who_was_eliminated_on_a_day_that_is_not_known_tells_nothing():
    """The mark of an export says that the risk is eliminated, not when: perhaps before the day, perhaps after the horizon."""
    frame = monitoring(("marked", "2021-03-01", None, "edge", None), ("open", "2021-03-01", "2021-03-05", "edge", None))
    frame["eliminated"] = [True, False]
    later = monitoring(("other", "2024-02-01", "2024-02-01", "edge", None)).assign(eliminated=False)
    given = Register.from_frames(households=plain("marked", "open", "other"), monitoring=pd.concat([frame, later]))
    everyone = cohort(given, DAY, target="not_eliminated")
    assert everyone["left_out"].to_dict()["marked"] == "unknown_days"
    assert everyone["outcome"].to_dict()["open"] is True


def test_relapse_asks_who_comes_back(register):
    """At risk are those monitored before to an end; the event is a new recognition within the horizon."""
    table = outcomes(register, DAY, target="relapse")
    assert table["outcome"].to_dict() == {"again": True, "ended": False, "within_the_day": False}
    assert table.loc["again", "event_date"] == pd.Timestamp("2023-05-01")
    everyone = cohort(register, DAY, target="relapse")
    assert set(everyone.index[everyone["left_out"] == "monitored"]) == {"before", "ended_in_year", "on_the_day"}
    assert (everyone["left_out"] == "never_eliminated").sum() == len(IDS) - 6


def test_ends_that_compete_are_counted():
    """Who dissolves within the horizon is neither still monitored nor eliminated."""
    frame = households(
        ("gone", "2020-01-01", "2020-01-31", None),
        ("gone", "2020-01-01", "2023-05-09", "2023-05-01"),
        ("stays", "2020-01-01", "2020-01-31", None),
    )
    spells = monitoring(
        ("gone", "2021-03-01", "2021-03-05", "edge", None), ("stays", "2024-01-01", "2024-01-05", "edge", None)
    )
    everyone = cohort(Register.from_frames(households=frame, monitoring=spells), DAY, target="not_eliminated")
    assert everyone.loc["gone", "left_out"] == "dissolved_within_horizon"


def test_shorter_horizon(register):
    """The end of the horizon is counted in calendar months and belongs to it."""
    table = outcomes(register, DAY, horizon_months=4)
    assert table.index[table["outcome"]].tolist() == ["corrected", "day_after", "twice"]


def test_result_does_not_depend_on_row_order(register):
    """Rows in any order give the same table."""
    shuffled = {name: frame.sample(frac=1, random_state=3) for name, frame in register.tables.items() if len(frame)}
    pd.testing.assert_frame_equal(outcomes(Register.from_frames(shuffled), DAY), outcomes(register, DAY))


def test_unknown_dissolved_and_censored_households_are_left_out_and_counted():
    """A household not on record, dissolved by the day, or dissolved in the horizon without event is left out."""
    frame = pd.concat(
        [
            plain("stays"),
            households(
                ("later", "2023-02-01", "2023-02-05", None),
                ("entered_late", "2022-06-01", "2023-02-05", None),
                ("dissolved", "2020-01-01", "2022-01-31", "2022-01-15"),
                ("dissolved_known_later", "2020-01-01", "2020-01-31", None),
                ("dissolved_known_later", "2020-01-01", "2023-03-01", "2022-11-01"),
                ("leaves", "2020-01-01", "2020-01-31", None),
                ("leaves", "2020-01-01", "2023-07-01", "2023-06-01"),
                ("event_then_leaves", "2020-01-01", "2020-01-31", None),
                ("event_then_leaves", "2020-01-01", "2023-07-01", "2023-06-01"),
                ("leaves_after", "2020-01-01", "2024-02-01", "2024-01-01"),
                ("leaves_after", "2020-01-01", "2020-02-01", None),
            ),
        ]
    )
    register = Register.from_frames(
        households=frame, monitoring=monitoring(("event_then_leaves", "2023-05-01", "2023-05-03", "edge", None))
    )
    table = outcomes(register, DAY)
    assert table["outcome"].to_dict() == {"event_then_leaves": True, "leaves_after": False, "stays": False}
    assert cohort(register, DAY)["left_out"].dropna().to_dict() == {
        "entered_late": "not_on_record",
        "later": "not_on_record",
        "dissolved": "not_on_record",
        "dissolved_known_later": "dissolved",
        "leaves": "dissolved_within_horizon",
    }


def test_too_short_observation_names_the_newest_usable_day(register):
    """A horizon that runs past the records is refused, with the newest day that could be used."""
    with pytest.raises(
        NotEnoughDataError, match=r"up to 2024-12-31.*until 2024-01-09.*take 2023-01-09 or an earlier day"
    ):
        outcomes(register, "2023-12-31")
    with pytest.raises(NotEnoughDataError, match=r"until 2023-06-30.*take 2022-06-30 or an earlier day"):
        outcomes(register, DAY, observed_until="2023-06-30")
    assert len(outcomes(register, DAY, observed_until="2023-12-31"))


def test_wrong_arguments_are_refused(register):
    """An unknown target, a horizon that is no number of months, and a missing table are refused."""
    with pytest.raises(SchemaError, match="target is 'poor'; expected one of newly_monitored, below_line"):
        outcomes(register, DAY, target="poor")
    with pytest.raises(SchemaError, match="horizon_months is 0"):
        outcomes(register, DAY, horizon_months=0)
    with pytest.raises(SchemaError, match="observed_until is not a day"):
        outcomes(register, DAY, observed_until="soon")
    with pytest.raises(SchemaError, match="expected a register, got the type DataFrame"):
        outcomes(register.tables["households"], DAY)
    with pytest.raises(TypeError, match="positional"):
        outcomes(register, DAY, 12)
    with pytest.raises(NotEnoughDataError, match=r"need the table incomes.*take the target newly_monitored"):
        outcomes(register, DAY, target="below_line")


def income(household, year, amount, *, item="wage", recorded=None, start="01-01", end="12-31"):
    """One income row of a calendar year or a part of it."""
    return {
        "household_id": household,
        "period_start": f"{year}-{start}",
        "period_end": f"{year}-{end}",
        "recorded_at": recorded or f"{year + 1}-01-20" if end == "12-31" else f"{year}-12-20",
        "item": item,
        "amount_cny": float(amount),
    }


def person(member, household, *, valid_to=None, recorded="2020-01-31"):
    """One member row."""
    return {
        "member_id": member,
        "household_id": household,
        "valid_from": "2020-01-01",
        "recorded_at": recorded,
        "valid_to": valid_to,
    }


def test_below_line_compares_income_per_member_with_the_line_of_its_year():
    """The event is a fall from at or above the line to below the line of the year of the income; hand-worked."""
    rows = [
        # at the line of 2022 (6000 each for two) -> 12,999 / 2 = 6499.50 < 6500 of 2023
        income("falls", 2021, 12_000), income("falls", 2022, 1, recorded="2023-02-01"), income("falls", 2023, 12_999),
        # 13,000 / 2 = 6500, not below
        income("holds", 2021, 12_000), income("holds", 2023, 13_000),
        # 20,000 - 8,000 of costs = 12,000 / 2 = 6000 < 6500; pay-outs and own expenses do not count
        income("costs", 2021, 13_000), income("costs", 2023, 20_000, item="business_gross"),
        income("costs", 2023, 8_000, item="business_cost"), income("costs", 2023, 9_000, item="claim_payout"),
        income("costs", 2023, 9_000, item="oop_compliant"),
        # 11,999 / 2 < 6000: below already
        income("below", 2021, 11_999), income("below", 2023, 50_000),
        # corrected from 20,000 to 10,000 later: facts count
        income("corrected", 2021, 13_000), income("corrected", 2023, 20_000),
        income("corrected", 2023, 10_000, recorded="2024-03-01"),
        # one member has left by the end of the horizon: 10,000 / 1
        income("smaller", 2021, 13_000), income("smaller", 2023, 10_000),
        # half a year of 6,000 is 12,100 a year: 6000 * 365 / 181 = 12,099 / 2 = 6050 < 6500
        income("half_year", 2021, 13_000), income("half_year", 2023, 6_000, start="01-01", end="06-30"),
        # the same half year ending one day later counts; ending 06-30 it does not lie in the second half
        income("half_year_later", 2021, 13_000), income("half_year_later", 2023, 6_000, start="01-02", end="07-01"),
        # 6,500 in half a year is 6500 * 365 / 181 = 13,107 a year / 2 = 6553
        income("half_year_enough", 2021, 13_000), income("half_year_enough", 2023, 6_500, start="01-02", end="07-01"),
        income("no_after", 2021, 13_000), income("no_before", 2023, 13_000),
        income("dissolves", 2021, 13_000), income("dissolves", 2023, 1_000),
    ]  # fmt: skip
    ids = sorted({row["household_id"] for row in rows})
    people = [person(f"{i}{k}", i) for i in ids for k in (1, 2)]
    people.append(person("smaller2", "smaller", valid_to="2023-05-01", recorded="2023-05-20"))
    frame = pd.concat([plain(*ids), households(("dissolves", "2020-01-01", "2023-09-20", "2023-09-01"))])
    register = Register.from_frames(households=frame, members=pd.DataFrame(people), incomes=pd.DataFrame(rows))
    table = outcomes(register, DAY, target="below_line", lines=LINES)
    assert table["outcome"].to_dict() == {
        "corrected": True, "costs": True, "falls": True, "half_year_enough": False, "half_year_later": True,
        "holds": False, "smaller": False,
    }  # fmt: skip
    left_out = cohort(register, DAY, target="below_line", lines=LINES)["left_out"].dropna()
    assert left_out.to_dict() == {
        "below": "already_below_line", "dissolves": "dissolved_within_horizon", "half_year": "no_income_after",
        "no_after": "no_income_after", "no_before": "no_income_before",
    }  # fmt: skip
    assert str(table.loc["half_year_later", "event_date"].date()) == "2023-07-01"
    assert pd.isna(table.loc["holds", "event_date"])
    assert table["type"].isna().all()
    later = judged_cohort(register, DAY, target="below_line", lines=LINES).later_to_line
    # of everybody whose later income is known, at risk on the day or not; over the line of the later year
    assert later.dropna().to_dict() == pytest.approx(
        {
            "below": 25_000 / 6500, "corrected": 5000 / 6500, "costs": 6000 / 6500, "falls": 6499.5 / 6500,
            "half_year_enough": 365 / 362, "half_year_later": 6000 * 365 / 181 / 2 / 6500, "holds": 1.0, "no_before": 1.0,
            "smaller": 10_000 / 6500,
        }
    )  # fmt: skip


def days_before(year, covered):
    """Return the first day, as MM-DD, of the period of so many days up to the end of a year of 365 days."""
    return (pd.Timestamp(f"{year}-12-31") - pd.Timedelta(days=covered - 1)).strftime("%m-%d")


def test_features_and_labels_call_the_same_short_years_below_the_line():
    """A model would learn a difference of bookkeeping if a year lacking some weeks counted otherwise in its label."""
    rows = []
    for covered in range(280, 366):
        # Below the lines of 6000 and 6500 as it is, above when scaled up to a year for up to 334 days.
        before, after = f"before{covered}", f"after{covered}"
        rows.append(income(before, 2022, 5_500, start=days_before(2022, covered), recorded=DAY))
        rows.append(income(after, 2022, 9_000, recorded=DAY))
        rows.append(income(before, 2023, 9_000, recorded="2023-12-31"))
        rows.append(income(after, 2023, 6_000, start=days_before(2023, covered), recorded="2023-12-31"))
    incomes = pd.DataFrame(rows)
    ids = sorted(incomes["household_id"].unique())
    people = pd.DataFrame([person(f"{i}1", i) for i in ids])
    register = Register.from_frames(households=plain(*ids), members=people, incomes=incomes)

    table = outcomes(register, DAY, target="below_line", lines=LINES)
    below_now = compute_features(register, DAY, lines=LINES)["income_to_line"] < 1
    below_later = compute_features(register, "2023-12-31", lines=LINES)["income_to_line"] < 1
    assert set(table.index) == set(ids) - set(below_now[below_now].index)
    assert table["outcome"].to_dict() == below_later[table.index].to_dict()
    assert below_now.sum() == below_later.sum() == 365 - 330 + 1


def test_an_income_of_the_line_to_the_fen_is_not_below_it():
    """Parts that add up to the line are not below it, neither for features nor for labels, though floats may say so."""
    parts = {"wage": 2408.91, "business_gross": 3175.89, "prop_land": 756.06, "business_cost": 340.86}
    rows = [income("exact", 2022, amount, item=item, recorded=DAY) for item, amount in parts.items()]
    rows += [income("exact", 2023, 9_000)]
    people = pd.DataFrame([person("exact1", "exact")])
    register = Register.from_frames(households=plain("exact"), members=people, incomes=pd.DataFrame(rows))
    assert compute_features(register, DAY, lines=LINES).loc["exact", "income_to_line"] == 1
    assert list(outcomes(register, DAY, target="below_line", lines=LINES).index) == ["exact"]


def test_the_cohort_holds_everyone_and_the_outcomes_those_at_risk(register):
    """Each household of the register has an outcome or a reason why it has none, and nothing hides beside the frame."""
    everyone, table = cohort(register, DAY), outcomes(register, DAY)
    assert everyone.index.tolist() == IDS
    assert (everyone["left_out"].isna() == everyone["outcome"].notna()).all()
    assert everyone.loc[everyone["left_out"].notna(), ["outcome", "event_date", "type"]].isna().all(axis=None)
    at_risk = everyone[everyone["left_out"].isna()].drop(columns="left_out").astype({"outcome": bool})
    pd.testing.assert_frame_equal(at_risk, table)
    assert everyone.attrs == table.attrs == {}


@pytest.mark.parametrize("target", TARGETS)
def test_reasons_of_a_target_are_in_the_order_in_which_they_are_asked(register, target):
    """Counts of reasons are the same columns on every day, also where nobody is left out for one of them."""
    given = Register(
        {**register.tables, "incomes": register.tables["incomes"]}, supplied=["households", "incomes", "monitoring"]
    )
    reasons = cohort(given, DAY, target=target)["left_out"].cat.categories
    assert reasons.tolist() == [reason for reason in LEFT_OUT if reason in set(reasons)]
    assert ("no_income_before" in reasons) == (target == "below_line")


@pytest.mark.parametrize("reason", LEFT_OUT)
def test_reasons_are_said_in_both_languages(reason):
    """Codes stand in the data; their words are for those who read."""
    assert LEFT_OUT[reason].shown("en") != LEFT_OUT[reason].shown("zh")


def test_columns_and_types(register):
    """The table has the declared columns and types, indexed by sorted household ids."""
    table = outcomes(register, DAY)
    assert table.dtypes.astype(str).to_dict() == {"outcome": "bool", "event_date": "datetime64[s]", "type": "category"}
    assert table.index.name == "household_id"
    assert table.index.is_monotonic_increasing
    types = {"left_out": "category", "outcome": "boolean", "event_date": "datetime64[s]", "type": "category"}
    assert cohort(register, DAY).dtypes.astype(str).to_dict() == types
