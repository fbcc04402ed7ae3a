"""What was on record on a day, and nothing else: properties of the snapshot and of all features built on it.

"Nothing changes" means to the bit: the tables of features are compared as integers.
"""

from __future__ import annotations

from datetime import date, timedelta

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from fanpin_risk.asof.snapshot import Snapshot, school_year_start, to_day
from fanpin_risk.errors import SchemaError
from fanpin_risk.features import CONTEXT, FEATURES, compute_features, make_references
from fanpin_risk.features.feature import shared
from fanpin_risk.records.register import Register, conform
from fanpin_risk.records.schema import TABLES
from fanpin_risk.synthetic import make_register

DAY = pd.Timestamp("2023-11-17")  # within the records: a year of them lies after it
DECLARED = FEATURES + CONTEXT
EMPTY = Register({})
SEEN = tuple(name for name in TABLES if name not in ("monitoring", "warnings"))  # tables that features see


@pytest.fixture(scope="module")
def county() -> Register:
    """A small county with fields missing here and there; some rows are recorded after the day, some corrected.

    Every fifth household also has incomes of windows two months later, as written when a household is looked at,
    and every third has its incomes by person.
    """
    shares = {f"members.{name}": 0.1 for name in ("birth_date", "labour", "health", "ins_basic_resident", "dibao")}
    shares |= {"medical.out_of_pocket_cny": 0.1, "medical.serious30": 0.1, "supports.amount_cny": 0.1}
    register = make_register(250, random_state=11, years=4, mean_size=3.0, missingness=shares)
    incomes = register.tables["incomes"]
    number = incomes["household_id"].str[1:].astype(int)
    incomes = incomes.assign(member_id=(incomes["household_id"] + "-01").where(number % 3 == 0))
    later = incomes[number % 5 == 0].copy()
    for column in ("period_start", "period_end", "recorded_at"):
        later[column] = later[column] + pd.Timedelta(days=61)
    both = pd.concat([incomes, later], ignore_index=True)
    return Register({**register.tables, "incomes": conform("incomes", both)})


@pytest.fixture(scope="module")
def references(county) -> pd.DataFrame:
    return make_references(county, DAY)


@pytest.fixture(scope="module")
def table(county, references) -> pd.DataFrame:
    """Features of the county on the day."""
    return features(county, references)


def features(register: Register, references: pd.DataFrame | None, day: pd.Timestamp = DAY) -> pd.DataFrame:
    return compute_features(register, day, references=references, context=True)


def assert_same(got: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Check that two tables of features are equal to the bit."""
    pd.testing.assert_index_equal(got.index, expected.index, exact=False)
    differ = (got.to_numpy().view("int64") != expected.to_numpy().view("int64")).any(axis=0)
    assert got.columns[differ].tolist() == []


def time_of(name: str, frame: pd.DataFrame) -> pd.Series:
    """When each row became true."""
    if name == "enrolments":
        return pd.to_datetime({"year": frame["school_year"], "month": 9, "day": 1}).astype("datetime64[s]")
    return frame[TABLES[name].time]


def with_time(name: str, frame: pd.DataFrame, time: pd.Series) -> pd.DataFrame:
    """Move rows to another time."""
    if name == "enrolments":
        return frame.assign(school_year=time.dt.year.astype("float64"))
    return frame.assign(**{TABLES[name].time: time.astype("datetime64[s]")})


def known(name: str, frame: pd.DataFrame) -> pd.Series:
    return (time_of(name, frame) <= DAY) & (frame["recorded_at"] <= DAY)


def changed(register: Register, **tables: pd.DataFrame) -> Register:
    return Register({**register.tables, **{name: conform(name, frame) for name, frame in tables.items()}})


def appended(register: Register, rows: dict[str, pd.DataFrame]) -> Register:
    tables = {name: pd.concat([register.tables[name], more], ignore_index=True) for name, more in rows.items()}
    return changed(register, **tables)


def shuffled_values(name: str, frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Rows with the same keys and times whose other values come from other rows of the table."""
    kept = {*TABLES[name].key, TABLES[name].time, "recorded_at"}
    result = frame.copy()
    for column in TABLES[name].columns:
        if column.name not in kept and column.name != "household_id":
            result[column.name] = frame[column.name].array[rng.permutation(len(frame))]
    return result


def late_rows(name: str, frame: pd.DataFrame, how: str, seed: int) -> pd.DataFrame:
    """Rows that must not be seen on the day: changed copies of real ones, and the same under ids never seen before."""
    rng = np.random.default_rng(seed)
    copies = frame.iloc[rng.integers(len(frame), size=3 * len(frame))]
    rows = shuffled_values(name, copies, rng)
    strangers = rows["household_id" if "household_id" in rows else "member_id"] + "X"
    rows = pd.concat([rows, rows.assign(**{strangers.name: strangers})], ignore_index=True)
    if "member_id" in rows and how == "moved":
        rows["member_id"] = rows["member_id"].where(rng.random(len(rows)) < 0.5, rows["member_id"].array[::-1])
    after = pd.Series(DAY + pd.to_timedelta(rng.integers(1, 700, size=len(rows)), unit="D")).astype("datetime64[s]")
    before = pd.Series(DAY - pd.to_timedelta(rng.integers(0, 700, size=len(rows)), unit="D")).astype("datetime64[s]")
    if how == "about later":
        time = after + pd.DateOffset(years=1) if name == "enrolments" else after
        return with_time(name, rows, time).assign(recorded_at=before)
    return rows.assign(recorded_at=after)


# --- nothing from after the day -------------------------------------------------------------------------------------
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("how", ["recorded later", "about later"])
@pytest.mark.parametrize("name", [*TABLES, "all"])
def test_rows_from_after_the_day_change_nothing(county, references, table, name, how, seed):
    """What is recorded after the day, or about a time after it, is not seen, however much of it there is."""
    names = list(TABLES) if name == "all" else [name]
    rows = {n: late_rows(n, county.tables[n], how, seed) for n in names}
    assert not any(known(n, frame).any() for n, frame in rows.items())
    assert_same(features(appended(county, rows), references), table)


def test_the_day_itself_is_seen(county, references, table):
    """Rows recorded on the day about the day count: the edge is included."""
    household = table.index[0]
    row = pd.DataFrame({"household_id": [household], "event_date": [DAY], "recorded_at": [DAY], "kind": ["flood"]})
    got = features(appended(county, {"shocks": conform("shocks", row)}), references)
    assert got.loc[household, "shocks_12m"] == table.loc[household, "shocks_12m"] + 1
    assert got.loc[household, "months_since_shock"] == 0


@pytest.mark.parametrize(
    ("name", "column", "also"),
    [("supports", "end_date", ()), ("members", "valid_to", ("left_reason",)), ("households", "valid_to", ())],
)
def test_ends_planned_for_after_the_day_are_not_seen(county, references, table, name, column, also):
    """A measure that will end, or a member who will leave, is as good as one without an end on record."""
    frame = county.tables[name].copy()
    open_or_later = frame[column].isna() | (frame[column] > DAY)
    frame.loc[open_or_later, column] = DAY + pd.Timedelta(days=1)
    for other in also:
        frame.loc[open_or_later, other] = frame[other].dropna().iloc[0]
    assert_same(features(changed(county, **{name: frame}), references), table)
    frame.loc[open_or_later, column] = pd.NaT
    assert_same(features(changed(county, **{name: frame}), references), table)


@pytest.mark.parametrize("name", ["monitoring", "warnings"])
def test_monitoring_and_warnings_are_never_features(county, references, table, name):
    """Decisions and warnings are what is predicted or shown beside it; no row of them moves a feature."""
    frame = county.tables[name]
    everyone = pd.DataFrame({"household_id": table.index, TABLES[name].time: DAY, "recorded_at": DAY})
    without = Register({n: t for n, t in county.tables.items() if n != name})
    assert_same(features(without, references), table)
    assert_same(features(appended(county, {name: conform(name, everyone)}), references), table)
    assert_same(features(changed(county, **{name: frame.iloc[::-1].iloc[: len(frame) // 2]}), references), table)


def test_an_earlier_day_sees_less(county):
    """The later records do matter on a later day: the tests above do not pass because nothing is read."""
    early, late = features(county, None, pd.Timestamp("2022-11-17")), features(county, None, DAY)
    both = early.index.intersection(late.index)
    moved = (early.loc[both] != late.loc[both]) & ~(early.loc[both].isna() & late.loc[both].isna())
    assert moved.any().mean() > 0.75
    for domain in {f.domain for f in DECLARED}:
        assert moved[[f.name for f in DECLARED if f.domain == domain]].any(axis=None), domain


# --- order and company ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_order_of_rows_and_tables_changes_nothing(county, references, table, seed):
    """The files may be sorted in any way."""
    tables = {n: t.sample(frac=1.0, random_state=seed).reset_index(drop=True) for n, t in county.tables.items()}
    assert_same(features(Register(dict(reversed(tables.items()))), references), table)


def test_other_households_change_nothing(county, references, table):
    """A household's features are the same in a part of its county and beside another county."""
    part = table.index[::3]
    assert_same(features(county.select(part), references), table.loc[part])
    others = make_register(120, random_state=5, years=3)
    strangers = {}
    for name, frame in others.tables.items():
        renamed = {column: frame[column] + "-other" for column in ("household_id", "member_id") if column in frame}
        strangers[name] = frame.assign(**renamed)
    got = features(appended(county, strangers), references)
    assert len(got) > len(table) + 100
    assert_same(got.loc[table.index], table)


def test_a_household_alone_is_the_same_as_in_its_county(county, references, table):
    """Scored alone, with the same references of its area, a household has the very bits it has in the county."""
    for household in table.index[::12]:
        assert_same(features(county.select([household]), references), table.loc[[household]])


def test_values_relative_to_the_area_need_references(county, table):
    """Without references the values relative to the area are missing, and nothing else changes."""
    relative = ["income_to_area_median"]
    alone = features(county, None)
    assert alone[relative].isna().all(axis=None)
    assert_same(alone.drop(columns=relative), table.drop(columns=relative))
    assert table[relative].notna().any().all()


# --- corrections ----------------------------------------------------------------------------------------------------------
def one_row_per_key(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The newest known row of every key that has one such row only."""
    key = list(TABLES[name].key)
    rows = frame[known(name, frame)].sort_values("recorded_at", kind="stable")
    newest = rows.groupby(key, dropna=False, observed=True)["recorded_at"].transform("max")
    return rows[(rows["recorded_at"] == newest) & ~rows.duplicated(key, keep=False)]


@pytest.mark.parametrize("name", SEEN)
def test_the_newest_correction_wins(county, references, table, name):
    """A correction known on the day replaces the row, as if the row had never said anything else."""
    frame = county.tables[name]
    rows = one_row_per_key(name, frame)
    rows = rows[rows["recorded_at"] < DAY]
    correction = shuffled_values(name, rows, np.random.default_rng(3)).assign(recorded_at=DAY)
    replaced = pd.concat([frame.drop(index=rows.index), correction], ignore_index=True)
    got = features(appended(county, {name: correction}), references)
    assert_same(got, features(changed(county, **{name: replaced}), references))
    assert not got.equals(table), "the correction says something else"


@pytest.mark.parametrize("name", SEEN)
def test_an_older_correction_loses(county, references, table, name):
    """What was recorded before the row that counts is history."""
    rows = one_row_per_key(name, county.tables[name])
    time = time_of(name, rows)
    older = shuffled_values(name, rows, np.random.default_rng(4)).assign(
        recorded_at=rows["recorded_at"] - pd.Timedelta(days=1)
    )
    assert (older["recorded_at"] < rows["recorded_at"]).all()
    assert (time <= DAY).all()
    assert_same(features(appended(county, {name: older}), references), table)


def test_a_correction_may_say_that_something_is_unknown(county, references):
    """A correction replaces the whole row: what it leaves out is missing, not taken from the older row."""
    frame = county.tables["members"]
    before = frame[frame["recorded_at"] < DAY]
    blank = before.drop_duplicates(["member_id", "valid_from"])[["member_id", "household_id", "valid_from"]]
    both = pd.concat([before, conform("members", blank.assign(recorded_at=DAY))], ignore_index=True)
    got = features(changed(county, members=both), references)
    assert got[["n_able_labour", "mean_age", "adult_schooling_max", "n_uninsured"]].isna().all(axis=None)
    assert got["household_size"].notna().any()


# --- missing stays missing --------------------------------------------------------------------------------------------
# Without one of their sources these rest on the other one, so they may change and need not be missing.
OTHER_SOURCE = {
    "members.health": {
        "n_serious_illness", "n_chronic_illness", "n_ill_working_age", "n_disabled", "disabled_share", "n_disabled_working_age",
    },
    "medical.serious30": {"n_serious_illness", "n_ill_working_age"},
    "medical.chronic4": {"n_chronic_illness", "n_ill_working_age"},
    "members.ins_basic_resident": {"n_uninsured"},
    "members.ins_basic_employee": {"n_uninsured"},
    "members.dibao": {"n_assistance"},
    "members.tekun": {"n_assistance"},
    "members.work_place": {"n_migrant_workers"},
    "members.student_stage": {"n_pupils", "n_post_compulsory", "n_tertiary"},
    "households.unsafe_house": {"unsafe_house"},
    "households.house_grade": {"unsafe_house"},
    "households.coop": {"business_links"},
    "households.leading_firm": {"business_links"},
    "households.leader": {"business_links"},
    "households.area_code": {f.name for f in DECLARED if "line" in f.name or "area" in f.name},
    "medical": {"n_serious_illness", "n_chronic_illness", "n_ill_working_age"},
    "disabilities": {"n_disabled", "disabled_share", "n_disabled_working_age"},
    "enrolments": {"n_pupils", "n_post_compulsory", "n_tertiary", "n_not_enrolled_6_15"},
}  # fmt: skip
BLANKED = [
    f"{name}.{column.name}"
    for name in SEEN
    for column in TABLES[name].columns
    if column.need in ("core", "optional")
    and column.name not in TABLES[name].key
    # without these the rows would be other rows, not less known ones
    and column.name not in ("recorded_at", TABLES[name].open_ended)
]


def assert_missing_or_same(got: pd.DataFrame, table: pd.DataFrame, allowed: set[str]) -> None:
    differ = (got.to_numpy().view("int64") != table.to_numpy().view("int64")) & got.notna().to_numpy()
    assert set(got.columns[differ.any(axis=0)]) <= allowed


@pytest.mark.parametrize("blanked", BLANKED)
def test_a_blank_column_gives_missing_never_another_value(county, references, table, blanked):
    """A column that an office does not have makes features missing; it never turns into a 0 or an error."""
    name, column = blanked.split(".")
    got = features(changed(county, **{name: county.tables[name].drop(columns=column)}), references)
    assert_missing_or_same(got, table, OTHER_SOURCE.get(blanked, set()))


@pytest.mark.parametrize("name", SEEN[1:])
def test_a_table_not_given_gives_missing_never_another_value(county, references, table, name):
    """Without a table all that rests on it is missing; with an empty one, nothing happened."""
    without = features(Register({n: t for n, t in county.tables.items() if n != name}), references)
    assert_missing_or_same(without, table, OTHER_SOURCE.get(name, set()))
    given = features(changed(county, **{name: county.tables[name].iloc[:0]}), references)
    answered = [f.name for f in DECLARED if without[f.name].isna().all() and given[f.name].notna().any()]
    zero = [column for column in answered if not column.startswith("income_after_medical")]
    assert (given[zero].fillna(0.0) == 0.0).all(axis=None)
    if name in ("medical", "disabilities", "shocks", "supports"):
        assert len(answered) > 4


def test_minimum_tables(county):
    """A few columns of households, members and incomes are enough; what rests on others is missing, and nothing fails."""
    columns = {
        "households": ["household_id", "valid_from", "register_status"],
        "members": ["member_id", "household_id", "valid_from", "birth_date", "health", "labour"],
        "incomes": ["household_id", "period_start", "period_end", "item", "amount_cny"],
    }
    tables = {name: county.tables[name].drop_duplicates(list(TABLES[name].key))[kept] for name, kept in columns.items()}
    register = Register({name: conform(name, frame) for name, frame in tables.items()})
    got = features(register, None)
    assert list(got.columns) == [f.name for f in DECLARED]
    assert got[["income_per_person", "n_able_labour", "n_chronic_illness", "ex_poor"]].notna().any().all()
    assert got[["out_of_pocket_12m", "shocks_12m", "n_severe_disability", "support_ended_12m"]].isna().all(axis=None)


def test_an_empty_register_gives_an_empty_table(county):
    """No households on the day is no error: the table has all columns and no rows."""
    got = features(county, None, pd.Timestamp("1999-12-31"))
    assert got.shape == (0, len(DECLARED))
    assert features(EMPTY, None).shape == (0, len(DECLARED))


def test_unrecorded_record_days_fall_back_to_the_lag_of_the_table(county, references, table):
    """A row that does not say when it was recorded is known the table's lag, 30 days for events, after it became true."""
    household = table.index[0]
    for days, seen in ((30, 1), (29, 0)):
        time = DAY - pd.Timedelta(days=days)
        row = conform("shocks", pd.DataFrame({"household_id": [household], "event_date": [time], "kind": ["flood"]}))
        got = features(appended(county, {"shocks": row}), references)
        assert got.loc[household, "shocks_12m"] == table.loc[household, "shocks_12m"] + seen


RANGES = {
    "CNY": (-1e9, 1e9), "CNY/person": (-1e9, 1e9), "share": (0, 1), "ratio": (-10, 10), "change": (-1, 5), "persons": (0, 40),
    "times": (0, 1e4), "measures": (0, 1e4), "months": (0, 1e4), "years": (0, 130), "level": (0, 5), "category": (0, 254), "mu": (0, 1e6),
    "km": (0, 500), "flag": (0, 1), "persons each": (0, 40),
}  # fmt: skip


@pytest.mark.parametrize("declared", DECLARED, ids=lambda f: f.name)
def test_values_lie_in_the_range_of_their_unit(table, declared):
    """Counts are whole and not negative, shares lie in 0..1, flags are 0 or 1; nothing is infinite."""
    values = table[declared.name].dropna().to_numpy()
    low, high = RANGES[declared.unit]
    assert ((values >= low) & (values <= high)).all()
    if declared.unit in ("persons", "times", "measures", "flag"):
        assert (values == np.round(values)).all()
    assert len(values), "the county is to hold a value of every feature"


# --- the snapshot itself -----------------------------------------------------------------------------------------------
def rows_by_hand(register: Register, name: str, day: pd.Timestamp) -> list[tuple]:
    """The rows of a table that count, found row by row with plain comparisons."""
    kept: dict[tuple, list] = {}
    declaration = TABLES[name]
    times = time_of(name, register.tables[name])
    for row, time in zip(register.tables[name].to_dict("records"), times, strict=True):
        recorded = (
            row["recorded_at"] if pd.notna(row["recorded_at"]) else time + pd.Timedelta(days=declaration.lag_days)
        )
        if not (time <= day and recorded <= day):
            continue
        key = tuple(None if pd.isna(row[part]) else row[part] for part in declaration.key)
        kept.setdefault(key, []).append((recorded, row))
    result = []
    for versions in kept.values():
        newest = max(recorded for recorded, _ in versions)
        result += [row for recorded, row in versions if recorded == newest]
    if declaration.latest_per is not None:
        entity = declaration.latest_per[0]
        newest_time: dict[str, pd.Timestamp] = {}
        for row in result:
            newest_time[row[entity]] = max(row[declaration.time], newest_time.get(row[entity], pd.Timestamp.min))
        result = [row for row in result if row[declaration.time] == newest_time[row[entity]]]
    return result


@pytest.mark.parametrize("day", ["2021-12-31", "2022-09-01", "2023-11-17", "2024-12-31"])
def test_the_rows_that_count_are_those_found_by_hand(county, day):
    """The vectorised selection equals a plain loop over the rows, for every table and several days."""
    day = pd.Timestamp(day)
    h = Snapshot(county, day)
    homes = {row["household_id"] for row in rows_by_hand(county, "households", day) if not row["valid_to"] <= day}
    assert h.household_ids.tolist() == sorted(homes)
    people = {row["member_id"]: row for row in rows_by_hand(county, "members", day) if row["household_id"] in homes}
    at_home = {member for member, row in people.items() if not row["valid_to"] <= day}
    assert sorted(h.members.member_id) == sorted(at_home)
    assert sorted(h.former_members.member_id) == sorted(set(people) - at_home)
    assert h.household_ids[h.members.household].tolist() == [people[m]["household_id"] for m in h.members.member_id]
    for name in (*SEEN[2:], "monitoring", "warnings"):
        by_hand = rows_by_hand(county, name, day)
        if name == "incomes":
            by_hand = without_replaced_periods(by_hand)
        expected = []
        for row in by_hand:
            household = (
                row["household_id"] if "household_id" in row else people.get(row["member_id"], {}).get("household_id")
            )
            if household in homes:
                expected.append((household, str(row["recorded_at"]), str(row.get("member_id"))))
        rows = getattr(h, name)
        frame = rows.frame.iloc[rows.index]
        members = frame["member_id"] if "member_id" in frame else pd.Series([None] * len(frame))
        recorded, members = (column.astype(object).map(str) for column in (frame["recorded_at"], members))
        got = zip(h.household_ids[rows.household], recorded, members, strict=True)
        assert sorted(got) == sorted(expected), name


def without_replaced_periods(rows: list[dict]) -> list[dict]:
    """Leave out the incomes of a period in which one that counts, of the same account, begins and that it outlasts."""
    counting: dict[tuple, list[tuple]] = {}
    kept = []
    for row in sorted(rows, key=lambda row: row["period_end"], reverse=True):
        start, end = row["period_start"], row["period_end"]
        newer = counting.setdefault((row["household_id"], str(row["member_id"])), [])
        if not any(start < other_start <= end < other_end for other_start, other_end in newer):
            newer.append((start, end))
            kept.append(row)
    return kept


@given(
    month=st.dates(date(2019, 1, 1), date(2026, 12, 31)),
    months=st.integers(1, 40),
    around=st.tuples(st.integers(-3, 3), st.integers(-4, 4)),
)
@settings(max_examples=100, deadline=None)
def test_months_since_agrees_with_windows(month, months, around):
    """Less than n full months ago is the same as within n months, also at the ends of months and in leap years."""
    h = Snapshot(EMPTY, month.replace(day=1) + timedelta(days=around[0]))
    edge = h.months_ago(months).astype(date) + timedelta(days=around[1])
    days = np.array([(edge - date(1970, 1, 1)).days], dtype="float64")
    assert (h.months_since(days)[0] < months) == (np.datetime64(edge) > h.months_ago(months))


def test_months_since_counts_full_months():
    """A year is twelve months, a day less is eleven; the end of a month completes it; unknown stays unknown."""
    h = Snapshot(EMPTY, "2023-12-30")
    days = (pd.to_datetime(["2022-12-30", "2022-12-31", "2023-12-30"]) - pd.Timestamp("1970-01-01")).days
    assert h.months_since(days.to_numpy(dtype="float64")).tolist() == [12.0, 11.0, 0.0]
    assert np.isnan(h.months_since(np.array([np.nan]))).all()
    assert Snapshot(EMPTY, "2024-02-29").months_since(days[1:2].to_numpy(dtype="float64")).tolist() == [14.0]


@given(
    homes=st.lists(st.integers(0, 4), max_size=30),
    values=st.lists(st.one_of(st.none(), st.integers(-10_000, 10_000)), min_size=30, max_size=30),
)
@settings(max_examples=25, deadline=None)
def test_aggregates_equal_plain_ones(homes, values):
    """Sums, extremes, means and counts per household equal those of a plain loop; no rows and no values are told apart."""
    ids = [f"H{number}" for number in range(5)]
    amounts = [None if value is None else value / 100 for value in values[: len(homes)]]
    day = pd.Timestamp("2023-06-01")
    shocks = {
        "household_id": [ids[home] for home in homes], "event_date": day, "recorded_at": day, "kind": "flood",
        "loss_cny": pd.Series(amounts, dtype="float64"),
    }  # fmt: skip
    households = pd.DataFrame({"household_id": ids, "valid_from": day, "recorded_at": day})
    register = Register(
        {
            "households": conform("households", households),
            "shocks": conform("shocks", pd.DataFrame(shocks, index=range(len(homes)))),
        }
    )
    rows = Snapshot(register, "2023-12-31").shocks
    for number in range(5):
        mine = [amount for home, amount in zip(homes, amounts, strict=True) if home == number]
        told = [amount for amount in mine if amount is not None]

        def check(got: np.ndarray, expected: float, number: int = number) -> None:
            assert got[number] == pytest.approx(expected, nan_ok=True, rel=1e-12)

        check(rows.count(), len(mine))
        check(rows.count(rows.loss_cny > 0), sum(amount > 0 for amount in told))
        check(rows.sum(rows.loss_cny), sum(told) if told else (np.nan if mine else 0.0))
        check(rows.max(rows.loss_cny), max(told) if told else np.nan)
        check(rows.max(rows.loss_cny, default=-1.0), max(told) if told else (np.nan if mine else -1.0))
        check(rows.min(rows.loss_cny), min(told) if told else np.nan)
        check(rows.mean(rows.loss_cny), sum(told) / len(told) if told else np.nan)
        check(
            rows.any(rows.loss_cny > 0, known=rows.known("loss_cny")),
            float(any(amount > 0 for amount in told)) if told else np.nan,
        )


def test_ages_are_full_years_by_month(county):
    """Only the month of birth counts, so that the day of birth never has to be known."""
    born = pd.to_datetime(["2013-11-30", "2013-12-01", None, "1953-11-01"])
    n = len(born)
    members = pd.DataFrame(
        {"member_id": list("abcd"), "household_id": "H", "valid_from": DAY, "recorded_at": DAY, "birth_date": born}
    )
    homes = pd.DataFrame({"household_id": ["H"], "valid_from": [DAY], "recorded_at": [DAY]})
    h = Snapshot(changed(county, households=homes, members=members), DAY)
    assert len(h.age) == n
    np.testing.assert_array_equal(h.age, [10.0, 9.0, np.nan, 70.0])
    np.testing.assert_array_equal(h.aged(10, 69), [1.0, 0.0, np.nan, 0.0])
    np.testing.assert_array_equal(h.aged(0, 70), [1.0, 1.0, np.nan, 1.0])


def test_school_years_begin_in_september():
    """The school year 2023 begins on 1 September 2023."""
    days = school_year_start(np.array([2023.0, np.nan]))
    assert days[0] == np.datetime64("2023-09-01")
    assert np.isnat(days[1])


def test_newest_row_of_each_person_at_home(county):
    """Of the school records of a person at home the newest is kept; of who has left, none."""
    h = Snapshot(county, DAY)
    newest = h.newest_of_members(h.enrolments)
    frame = h.enrolments.frame.iloc[h.enrolments.index]
    at_home = frame[frame["member_id"].isin(h.members.member_id)]
    expected = at_home.groupby("member_id")["school_year"].max()
    assert len(newest) == len(expected)
    assert dict(zip(newest.member_id, newest.school_year, strict=True)) == expected.to_dict()
    assert (h.has(newest) == pd.Series(h.members.member_id).isin(expected.index)).all()


def test_what_is_shared_is_computed_once(county):
    """A measure that several features need is computed once per snapshot."""
    calls = []

    @shared
    def measure(h):
        calls.append(h)
        return h.n_households

    h = Snapshot(county, DAY)
    assert measure(h) == measure(h) == h.n_households
    assert len(calls) == 1
    measure(Snapshot(county, DAY))
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("as_of", "message"), [("soon", "not a day"), (None, "missing"), (pd.NaT, "missing"), ([], "not a day")]
)
def test_a_day_that_is_none_is_refused(county, as_of, message):
    """The day decides everything, so it is never guessed."""
    with pytest.raises(SchemaError, match=message):
        Snapshot(county, as_of)


def test_unknown_codes_and_columns_are_refused(county):
    """A misspelt code in a feature fails loudly instead of counting nothing."""
    h = Snapshot(county, DAY)
    with pytest.raises(SchemaError, match="has no code 'floods'; it has flood"):
        h.shocks.isin("kind", "floods")
    with pytest.raises(AttributeError, match="table shocks has no column 'amount'"):
        _ = h.shocks.amount


def income_of(periods: list[tuple[str, str, str | None, float]]) -> list[tuple[str, float]]:
    """Ends and amounts of the income records that count for one household, in order."""
    start, end, member, amount = zip(*periods, strict=True)
    wages = pd.DataFrame({"period_start": start, "period_end": end, "member_id": member, "amount_cny": amount})
    wages = wages.assign(household_id="h", item="wage", recorded_at=wages["period_end"])
    home = pd.DataFrame({"household_id": ["h"], "valid_from": ["2020-01-01"], "recorded_at": ["2020-01-01"]})
    tables = {"households": conform("households", home), "incomes": conform("incomes", wages)}
    rows = Snapshot(Register(tables), "2024-06-30").incomes
    return sorted(zip(rows.period_end.astype(str).tolist(), rows.amount_cny.tolist(), strict=True))


def test_rolling_income_windows_are_not_added_up():
    """A household recognised in autumn has two windows of twelve months that overlap: its newest one is its income."""
    windows = [("2022-10-01", "2023-09-30", None, 10_000.0), ("2023-01-01", "2023-12-31", None, 12_000.0)]
    assert income_of(windows) == [("2023-12-31", 12_000.0)]


def test_a_replaced_window_replaces_none():
    """Only windows that count put others aside: the year before the newest stays, though the one between met both."""
    windows = [
        ("2022-01-01", "2022-12-31", None, 9_000.0),
        ("2022-07-01", "2023-06-30", None, 10_000.0),
        ("2023-01-01", "2023-12-31", None, 12_000.0),
    ]
    assert income_of(windows) == [("2022-12-31", 9_000.0), ("2023-12-31", 12_000.0)]


def test_incomes_of_several_members_and_parts_of_a_year_stay():
    """Windows of different persons, years side by side, and a period within a longer one hold different money."""
    windows = [
        ("2022-01-01", "2022-12-31", "h1", 9_000.0),
        ("2022-07-01", "2023-06-30", "h2", 4_000.0),
        ("2023-01-01", "2023-12-31", "h1", 12_000.0),
        ("2023-04-01", "2023-06-30", "h1", 500.0),
    ]
    assert len(income_of(windows)) == 4


@pytest.mark.parametrize("day", ["0001-01-01", date(1799, 12, 31), pd.Timestamp("2201-01-01"), "+292277026-01-01"])
def test_days_beyond_those_of_records_are_refused(day):
    """Months before the first day of all calendars have no date; the message says which days there are."""
    with pytest.raises(SchemaError, match=r"as_of is .*1800-01-01 to 2200-12-31|as_of is not a day"):
        to_day(day)
    assert (to_day("1800-01-01").year, to_day("2200-12-31").year) == (1800, 2200)
