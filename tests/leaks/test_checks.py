"""Leak alarms: an injected leak is found, whatever its disguise; an honest register stays silent.

Tests leaks/alarms.py, leaks/records.py and leaks/tables.py together: an alarm needs all three.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import NotEnoughDataError, SchemaError
from fanpin_risk.features import compute_features
from fanpin_risk.leaks import checks as leaks
from fanpin_risk.leaks import tables as leak_tables
from fanpin_risk.leaks.alarms import Alarms
from fanpin_risk.leaks.checks import leak_alarms, table_alarms
from fanpin_risk.leaks.tables import auc, lower_share
from fanpin_risk.records.register import Register
from fanpin_risk.records.typed_tables import conform
from fanpin_risk.words import Message

DAY = pd.Timestamp("2022-12-31")
ROWS = 1000


@pytest.fixture(scope="module")
def honest() -> Register:
    return fr.make_register(1800, random_state=5, base_rate=0.03)


@pytest.fixture(scope="module")
def outcome(honest) -> pd.Series:
    return fr.outcomes(honest, DAY)["outcome"].astype(bool)


@pytest.fixture(scope="module")
def doomed(outcome) -> pd.Index:
    """Households that have the event within the horizon."""
    return outcome.index[outcome]


def changed(register: Register, **tables: pd.DataFrame) -> Register:
    return Register({**register.tables, **tables})


def found(register: Register, **how) -> pd.DataFrame:
    """Findings above ok."""
    alarms = leak_alarms(register, DAY, rows=ROWS, **how)
    return alarms[alarms["level"] != "ok"]


def some_days(n: int, first: int, last: int) -> pd.DatetimeIndex:
    back = np.random.default_rng(0).integers(first, last, n)
    return DAY - pd.to_timedelta(back, unit="D")


@pytest.mark.parametrize(
    ("seed", "how"),
    [
        (0, {"base_rate": 0.03}),
        (1, {"base_rate": 0.03, "missingness": "reported"}),
        (2, {"base_rate": 0.08, "period": "calendar"}),
    ],
)
def test_an_honest_register_is_silent(seed, how):
    """An alarm that rings without a leak is soon switched off."""
    assert found(fr.make_register(1800, random_state=seed, **how)).to_dict("records") == []


def test_an_honest_register_is_silent_for_incomes_below_the_line():
    """Income a year ahead is easy to tell from income now: that is no leak."""
    register = fr.make_register(1800, random_state=3)
    assert found(register, target="below_line").to_dict("records") == []


def test_an_outcome_copied_into_old_rows_with_forged_days_of_recording_is_found(honest, doomed):
    """Half of the households with the event get a bill dated and recorded on all sorts of days before the day."""
    half = doomed[::2]
    days = some_days(len(half), 40, 300)
    person = honest.tables["members"].drop_duplicates("household_id").set_index("household_id")["member_id"]
    forged = conform(
        "medical",
        pd.DataFrame(
            {
                "member_id": person.reindex(half).to_numpy(),
                "event_date": days,
                "recorded_at": days + pd.Timedelta(days=25),
                "kind": "inpatient",
                "total_cost_cny": 90_000.0,
                "out_of_pocket_cny": 60_000.0,
            }
        ),
    )
    alarms = found(changed(honest, medical=pd.concat([honest.tables["medical"], forged], ignore_index=True)))
    assert {"pure_records", "pure_value"} <= set(alarms["alarm"])
    assert alarms["level"].max() == "alarm"


def test_support_entered_for_households_with_the_event_without_a_day_of_recording_is_found(honest, doomed):
    """Rows without recorded_at pass for known after a lag; that only some households have them gives them away."""
    extra = conform(
        "supports",
        pd.DataFrame(
            {"household_id": doomed, "start_date": some_days(len(doomed), 40, 300), "measure": "temporary_aid"}
        ),
    )
    alarms = found(changed(honest, supports=pd.concat([honest.tables["supports"], extra], ignore_index=True)))
    assert "recorded_unlike" in set(alarms["alarm"])


def test_an_income_lowered_afterwards_is_found(honest, doomed):
    """Amounts overwritten in place leave no trace in the days, but make the forecast too good."""
    incomes = honest.tables["incomes"].copy()
    theirs = incomes["household_id"].isin(doomed) & (incomes["period_end"] <= DAY)
    theirs &= incomes["period_end"] > DAY - pd.DateOffset(months=13)
    incomes.loc[theirs, "amount_cny"] *= 0.4
    incomes["recorded_at"] = incomes["recorded_at"].mask(theirs)
    alarms = found(changed(honest, incomes=incomes)).set_index("alarm")
    assert alarms.loc["too_good", "level"] == "alarm"
    assert "income_per_person" in set(alarms.loc[["single_feature"], "feature"].tolist())
    named = alarms.loc[alarms["feature"] == "income_per_person", "message_zh"]
    assert named.str.contains("人均纯收入”（income_per_person）").any()  # an officer reads no English names
    assert set(alarms.loc["recorded_unlike", "feature"]) == {"incomes.recorded_at"}


def test_missing_values_that_give_the_outcome_away_are_found(honest, doomed):
    """A column filled in only for households that had the event is a label, though its values say nothing."""
    households = honest.tables["households"].copy()
    households.loc[~households["household_id"].isin(doomed), "road_km"] = np.nan
    alarms = found(changed(honest, households=households))
    rows = alarms[alarms["alarm"] == "missing_values"]
    assert rows["feature"].tolist() == ["road_km"]
    assert rows["level"].tolist() == ["alarm"]


def test_households_under_two_ids_are_found(honest, doomed):
    """A household on both sides of a fold teaches its own outcome; amounts that differ a little do not hide it."""
    rng = np.random.default_rng(0)
    tables = {}
    for name, frame in honest.tables.items():
        column = "household_id" if "household_id" in frame else "member_id"
        copy = frame[frame[column].str[:10].isin(doomed)].copy()
        for key in {"household_id", "member_id"} & set(copy.columns):
            copy[key] = ("X" + copy[key].str[1:]).where(copy[key].notna())
        for amount in [c for c in copy.columns if c.endswith("_cny")]:
            copy[amount] = (copy[amount] * rng.uniform(0.99, 1.01, len(copy))).round(2)
        tables[name] = conform(name, pd.concat([frame, copy], ignore_index=True))
    alarms = found(Register(tables)).set_index("alarm")
    assert alarms.loc["duplicates", "level"] == "alarm"
    assert "twins" in alarms.index


def test_an_event_on_record_before_it_happened_is_found(honest):
    """If the list of monitored households was written before the day, the outcome was known."""
    monitoring = honest.tables["monitoring"]
    early = monitoring.assign(recorded_at=monitoring["recorded_at"] - pd.Timedelta(days=400))
    alarms = found(changed(honest, monitoring=early))
    assert {"recorded_before", "outcome_on_record"} <= set(alarms.loc[alarms["level"] == "alarm", "alarm"])


def test_states_that_were_overwritten_are_found(honest):
    """The newest version of every household under its first day of recording is the export's state, not the day's."""
    tables = {}
    for name, key in (("households", "household_id"), ("members", "member_id")):
        ordered = honest.tables[name].sort_values(["valid_from", "recorded_at"])
        first = ordered.drop_duplicates(key).set_index(key)
        last = ordered.drop_duplicates(key, keep="last").reset_index(drop=True)
        for column in ("valid_from", "recorded_at"):
            last[column] = first[column].reindex(last[key]).to_numpy()
        tables[name] = last
    alarms = found(changed(honest, **tables))
    row = alarms.set_index("alarm").loc["overwritten"]  # one for all tables and days
    assert row["level"] == "warning"
    assert row["feature"] == "households, members"
    assert "2 table(s) (households, members)" in row["message_en"]
    assert "1 training day(s) (2022-12-31)" in row["message_en"]
    assert "2张表（户基本信息、家庭成员）在1个训练日" in row["message_zh"]


def test_days_of_recording_that_tell_nothing_are_found(honest):
    """Missing, derived from the row's own day, or all that of the export: time travel cannot be vouched for."""
    incomes, medical, shocks = (honest.tables[name] for name in ("incomes", "medical", "shocks"))
    alarms = found(
        changed(
            honest,
            incomes=incomes.assign(recorded_at=pd.Series(pd.NaT, index=incomes.index, dtype="datetime64[s]")),
            medical=medical.assign(recorded_at=medical["event_date"]),
            shocks=shocks.assign(recorded_at=pd.Timestamp("2024-12-31").as_unit("s")),
        )
    )
    by_alarm = alarms.groupby("alarm")["feature"].agg(set)
    assert by_alarm["recorded_missing"] == {"incomes.recorded_at"}
    assert by_alarm["recorded_derived"] == {"medical.recorded_at"}
    assert by_alarm["recorded_once"] == {"shocks.recorded_at"}
    assert set(alarms["level"]) == {"warning"}


def test_what_was_entered_late_for_households_with_the_event_only_is_found(honest, doomed):
    """After a household is on the list its past is written down; the others' past is not."""
    medical = honest.tables["medical"].copy()
    theirs = medical["member_id"].str[:10].isin(doomed) & (medical["event_date"] <= DAY)
    medical.loc[theirs, "recorded_at"] = DAY + pd.Timedelta(days=60)
    alarms = found(changed(honest, medical=medical))
    assert "medical.recorded_at" in set(alarms.loc[alarms["alarm"] == "back_filled", "feature"])


def test_dates_after_the_day_in_rows_of_the_day_are_found(honest, doomed):
    """A row that names a later day was changed after it, whatever its day of recording says."""
    households = honest.tables["households"].copy()
    theirs = households["household_id"].isin(doomed) & (households["recorded_at"] <= DAY)
    households.loc[theirs, "first_identified"] = DAY + pd.Timedelta(days=90)
    alarms = found(changed(honest, households=households)).set_index("alarm")
    assert alarms.loc["dates_ahead", "feature"] == "households.first_identified"
    assert alarms.loc["dates_ahead", "level"] == "alarm"


def test_a_feature_that_reads_the_future_is_named(honest):
    """Features of the day must stay what they are when all that came later is taken away or altered."""

    def peeking(register, day):
        table = compute_features(register, day)[["household_size", "road_km"]]
        later = register.tables["shocks"]
        return table.assign(
            to_come=table.index.isin(later.loc[later["event_date"] > day, "household_id"]).astype(float),
            listed=table.index.isin(register.tables["warnings"]["household_id"]).astype(float),
        )

    alarms = found(honest, compute=peeking)
    assert set(alarms.loc[alarms["alarm"] == "future_read", "feature"]) == {"to_come", "listed"}
    assert alarms.loc[alarms["alarm"] == "outcomes_read", "feature"].tolist() == ["listed"]


def test_one_altered_amount_of_the_future_is_enough(honest):
    """Rows that stay but change their content are seen as well as rows that vanish."""

    def peeking(register, day):
        incomes = register.tables["incomes"]
        later = incomes[incomes["period_end"] > day].groupby("household_id")["amount_cny"].max()
        table = compute_features(register, day)[["household_size"]]
        return table.assign(best=(later.reindex(table.index) > 0).astype(float))

    assert "best" in set(found(honest, compute=peeking)["feature"])


def test_days_at_hand_give_the_same_findings(honest):
    """What was computed for the model need not be computed again."""
    past = fr.training_day(honest, DAY)
    pd.testing.assert_frame_equal(leak_alarms(honest, days=[past], rows=ROWS), leak_alarms(honest, DAY, rows=ROWS))
    with pytest.raises(SchemaError, match="days stands for as_of and compute"):
        leak_alarms(honest, DAY, days=[past])


def test_a_draw_of_the_households_without_the_event_is_enough(honest, doomed, monkeypatch):
    """In a county not everybody is looked at; shares of events are those of all nevertheless."""
    monkeypatch.setattr(leaks, "HOUSEHOLDS_SEEN", 400)
    assert found(honest).to_dict("records") == []
    households = honest.tables["households"].copy()
    theirs = households["household_id"].isin(doomed)
    others = households["household_id"].isin(households["household_id"].unique()[:20])
    households["road_km"] = households["road_km"].mask(theirs | others, 77.7)
    alarms = found(changed(honest, households=households))
    assert {"pure_records", "pure_value"} <= set(alarms["alarm"])
    drawn = alarms.loc[alarms["alarm"] == "pure_records", "message_en"].iloc[0]
    monkeypatch.setattr(leaks, "HOUSEHOLDS_SEEN", 10_000)
    alarms = found(changed(honest, households=households))
    of_all = alarms.loc[alarms["alarm"] == "pure_records", "message_en"].iloc[0]
    among, among_all = (int(text.partition("with ")[2].split()[0]) for text in (drawn, of_all))
    assert among - len(doomed) == pytest.approx(among_all - len(doomed), rel=0.6)


# --- tables -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def table() -> tuple[pd.DataFrame, np.ndarray]:
    """Households with two days each, weakly predictive features."""
    rng = np.random.default_rng(0)
    event = rng.random(3000) < 0.05
    table = pd.DataFrame({f"x{k}": rng.normal(size=3000) + 0.4 * event for k in range(5)})
    return table.set_axis([f"h{i // 2}" for i in range(3000)]), event


def test_an_honest_table_is_silent(table):
    """The checks of a table alone have no false alarm either."""
    alarms = table_alarms(*table)
    assert alarms["level"].max() == "ok"
    assert list(alarms["alarm"]) == [
        "shuffled_labels",
        "too_good",
        "single_feature",
        "missing_values",
        "pure_value",
        "twins",
    ]


def test_a_noisy_copy_of_the_outcome_is_named(table):
    """One column that knows the outcome, whatever its direction."""
    x, event = table
    noisy = np.where(event, -1.0, 0.0) + np.random.default_rng(1).normal(0, 0.4, len(event))
    alarms = table_alarms(x.assign(copy=noisy), event)
    alarms = alarms[alarms["level"] == "alarm"]
    assert set(alarms["alarm"]) >= {"too_good", "single_feature"}
    assert "copy" in alarms.set_index("alarm").loc["too_good", "message_en"]


def test_findings_call_features_by_the_name_of_the_language(table):
    """An office reads the features as it knows them; the code stands in brackets where one is to be looked up."""
    x, event = table
    noisy = np.where(event, -1.0, 0.0) + np.random.default_rng(1).normal(0, 0.4, len(event))
    row = table_alarms(x.assign(household_size=noisy), event).set_index("alarm").loc["too_good"]
    assert "家庭人口 0.9" in row["message_zh"]
    assert "household_size 0.9" in row["message_en"]
    assert "household_size" not in row["message_zh"]


def test_a_sentinel_value_in_the_middle_is_named(table):
    """A leak need not lie at an end: one exact value is enough."""
    x, event = table
    marked = x.assign(x0=x["x0"].where(~(event & (np.arange(len(event)) % 2 == 0)), 0.125))
    alarms = table_alarms(marked, event)
    assert alarms.loc[alarms["alarm"] == "pure_value", "feature"].tolist()[:1] == ["x0"]


def test_folds_that_share_households_are_found(monkeypatch):
    """With outcomes dealt by lot nothing can be learnt, unless a household is on both sides of a fold."""
    rng = np.random.default_rng(0)
    own = rng.normal(size=(750, 4)).repeat(2, axis=0)
    x = pd.DataFrame(own + rng.normal(0, 0.05, own.shape), index=[f"h{i // 2}" for i in range(len(own))])
    event = rng.random(len(x)) < 0.05
    assert table_alarms(x, event).set_index("alarm").loc["shuffled_labels", "level"] == "ok"
    monkeypatch.setattr(leak_tables, "deal", lambda index, *_: np.arange(len(index)) % 5)
    row = table_alarms(x, event).set_index("alarm").loc["shuffled_labels"]
    assert row["level"] == "alarm"
    assert row["value"] > 0.8


def test_a_ranking_that_ends_with_the_horizon_is_found(table):
    """Knowledge stops at the horizon; a forecast only fades."""
    x, event = table
    rng = np.random.default_rng(2)
    likely = 1 / (1 + np.exp(3.5 - 1.5 * x.mean(axis=1).to_numpy() * np.sqrt(5)))
    later = np.where(event, np.nan, (rng.random(len(event)) < likely).astype(float))
    assert table_alarms(x, event, later=later).set_index("alarm").loc["horizon_cliff", "level"] == "ok"
    known = x.assign(known=event + rng.normal(0, 0.5, len(event)), also=event + rng.normal(0, 0.5, len(event)))
    row = table_alarms(known, event, later=later).set_index("alarm").loc["horizon_cliff"]  # one for all
    assert set(row["feature"].split(", ")) == {"known", "also"}
    assert "the AUC of the forecast and 2 feature(s) falls" in row["message_en"]
    assert "预测分和2项特征" in row["message_zh"]
    assert "known 0.9" in row["message_en"]


def test_a_check_that_found_something_is_not_said_to_have_found_nothing():
    """A table with nothing to say of does not put an ok beside the alarm of another."""
    alarms = Alarms()
    alarms.passed("dates_ahead", 0.0, "0")
    alarms.passed("twins", 0.0, "0")
    alarms.add("dates_ahead", "warning", 0.5, "0", Message("some", zh="有"), feature="members.birth_date")
    assert alarms.frame()[["alarm", "level"]].to_numpy().tolist() == [["dates_ahead", "warning"], ["twins", "ok"]]


def test_too_few_events_are_refused(table):
    """With a handful of events a leak cannot be told from chance; silence would look like a clean bill."""
    x, event = table
    with pytest.raises(NotEnoughDataError, match="with 5 events: at least 20"):
        table_alarms(x, event & (np.cumsum(event) <= 5))
    with pytest.raises(SchemaError, match="outcome has 10 rows and the table 3000"):
        table_alarms(x, event[:10])


def test_a_day_or_a_model_is_needed(honest):
    """Without a day there is nothing to look at."""
    with pytest.raises(SchemaError, match="as_of is missing"):
        leak_alarms(honest)
    with pytest.raises(SchemaError, match="as_of is empty"):
        leak_alarms(honest, [])


def test_auc_and_its_error_are_those_of_the_definition():
    """AUC counts pairs, ties half; its error is that of DeLong's structural components."""
    rng = np.random.default_rng(0)
    score, event = rng.integers(0, 6, 60).astype(float), rng.random(60) < 0.4
    pairs = (score[event][:, None] > score[~event]) + 0.5 * (score[event][:, None] == score[~event])
    error = np.sqrt(pairs.mean(axis=1).var(ddof=1) / event.sum() + pairs.mean(axis=0).var(ddof=1) / (~event).sum())
    assert auc(score, event) == (pytest.approx(pairs.mean()), pytest.approx(error))


def test_the_lower_bound_of_a_share_covers():
    """Clopper and Pearson: at the bound, so many hits or more have just the stated probability."""
    from scipy.stats import binom

    bound = float(lower_share(7, 20, level=0.05))
    assert binom.sf(6, 20, bound) == pytest.approx(0.05)
    assert float(lower_share(0, 20)) == 0.0
