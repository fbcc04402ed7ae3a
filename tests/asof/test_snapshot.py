"""What was on record on a day, and nothing else: properties of the snapshot and of all features built on it.

"Nothing changes" means to the bit: the tables of features are compared as integers.
"""

from __future__ import annotations

import weakref

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import SchemaError
from fanpin_risk.features import CONTEXT, FEATURES, compute_features, make_references
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.typed_tables import conform
from fanpin_risk.synthetic import make_register

DAY = pd.Timestamp("2023-11-17")  # within the records: a year of them lies after it
DECLARED = FEATURES + CONTEXT
EMPTY = Register({})
SEEN = tuple(name for name in TABLES if name not in ("monitoring", "warnings"))  # tables that features see


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
    """Decisions and warnings are what is predicted or shown beside it; no row of them moves a feature.

    But for those that only forecasts of monitored households may know: no training day of another event holds them.
    """
    of_monitored = [f.name for f in DECLARED if f.targets]
    frame = county.tables[name]
    everyone = pd.DataFrame({"household_id": table.index, TABLES[name].time: DAY, "recorded_at": DAY})
    without = Register({n: t for n, t in county.tables.items() if n != name})
    others = (
        without,
        appended(county, {name: conform(name, everyone)}),
        changed(county, **{name: frame.iloc[::-1].iloc[: len(frame) // 2]}),
    )
    for other in others:
        assert_same(features(other, references).drop(columns=of_monitored), table.drop(columns=of_monitored))


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
    relative = ["income_to_area_median", "area_median_income"]
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
# Pay-outs, aid and own payments for treatment stand in the income form, too; only what is on record is counted.
REFERENCE = {f.name for f in DECLARED if f.name.startswith(("reference_income", "own_payments", "claims_counted"))}
REFERENCE |= {"medical_burden"}
# Parts that a sentence leaves out where nothing of them is on record: sums of bills with both figures, reasons of leaving.
BILL_PARTS = {f.name for f in DECLARED if f.name.startswith(("reimbursed_", "medical_total", "medical_own"))}
LEFT_PARTS = {"members_died_12m", "members_married_out_12m", "members_moved_out_12m"}
OTHER_SOURCE = {
    **dict.fromkeys(("medical.total_cost_cny", "medical.out_of_pocket_cny"), BILL_PARTS),
    "members.left_reason": LEFT_PARTS,
    "medical.icd10": {"medical_burden"},  # then no bill is known to be for an injury
    **dict.fromkeys(("incomes", "shocks", "supports", "shocks.insured_cny", "supports.amount_cny"), REFERENCE),
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
    "members": {  # then persons are those that households declare
        "household_size", "income_per_person", "income_to_line", "income_previous_to_line", "income_lowest_3y_to_line",
        "business_net_to_line", "own_income_to_line", "farmland_per_person", "income_per_person_previous", "income_to_area_median",
        "reference_income_to_line",
        *(f.name for f in DECLARED if f.compute.__module__.endswith("income_context")),
    },
    "households.leading_firm": {"business_links"},
    "households.leader": {"business_links"},
    "households.area_code": {f.name for f in DECLARED if "line" in f.name or "area" in f.name},
    "medical": {"n_serious_illness", "n_chronic_illness", "n_ill_working_age"} | REFERENCE,
    "disabilities": {"n_disabled", "disabled_share", "n_disabled_working_age"},
    "enrolments": {"n_pupils", "n_post_compulsory", "n_tertiary", "n_not_enrolled_6_15", "n_schooled"},
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
    zero = [column for column in answered if not column.startswith("income_after_medical") and column not in REFERENCE]
    assert (given[zero].fillna(0.0) == 0.0).all(axis=None)
    if name in ("medical", "disabilities", "shocks", "supports"):
        assert len(answered) > 4


def test_persons_are_those_declared_where_there_is_no_list_of_members(county):
    """家庭人口数 stands in for a list of members that the register lacks, and of households of which it has nobody."""
    without = Snapshot(Register({n: t for n, t in county.tables.items() if n != "members"}), DAY)
    np.testing.assert_array_equal(without.persons, without.households.size_declared)
    empty = Snapshot(changed(county, members=county.tables["members"].iloc[:0]), DAY)
    np.testing.assert_array_equal(empty.persons, empty.households.size_declared)
    one = county.tables["members"]["household_id"].iloc[0]
    rest = Snapshot(changed(county, members=county.tables["members"].query("household_id != @one")), DAY)
    at = list(rest.household_ids).index(one)
    assert rest.persons[at] == rest.households.size_declared[at]
    others = np.arange(len(rest.persons)) != at
    np.testing.assert_array_equal(rest.persons[others], Snapshot(county, DAY).persons[others])


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
    "CNY": (-1e9, 1e9), "CNY/person": (-1e9, 1e9), "share": (0, 1), "ratio": (-10, 10), "change": (-10, 5), "persons": (0, 40),
    "times": (0, 1e4), "measures": (0, 1e4), "months": (0, 1e4), "years": (0, 130), "level": (0, 5), "category": (0, 254), "mu": (0, 1e6),
    "km": (0, 500), "flag": (0, 1), "persons each": (0, 40), "year": (1978, 2100), "day": (0, 5e4), "period": (-2.1e5, 2.1e5),
}  # fmt: skip


# Quoted columns of what hardly happens; worked cases have values of them.
RARE = {
    "income_below_floor", "child_dropout_reason", "last_job_loss_loss", "last_job_loss_paid", "last_business_paid",
    "ended_support_cause", "income_left_out", "line_not_of_income", "age_doubt",
}  # fmt: skip
# What surveys ask and this county does not.
OF_SURVEYS = ("fanpin_risk.features.consumption", "fanpin_risk.features.living")


@pytest.mark.parametrize("declared", DECLARED, ids=lambda f: f.name)
def test_values_lie_in_the_range_of_their_unit(table, declared):
    """Counts are whole and not negative, shares lie in 0..1, flags are 0 or 1; nothing is infinite."""
    values = table[declared.name].dropna().to_numpy()
    low, high = RANGES[declared.unit]
    assert ((values >= low) & (values <= high)).all()
    if declared.unit in ("persons", "times", "measures", "flag"):
        assert (values == np.round(values)).all()
    elsewhere = declared.name in RARE or declared.compute.__module__ in OF_SURVEYS
    assert len(values) or elsewhere, "the county is to hold a value of every feature"


def test_a_snapshot_gives_its_memory_back(county):
    """A snapshot that nobody needs is gone at once: its rows do not hold it, so parts scored in turn do not pile up."""
    snapshot = Snapshot(county, DAY)
    snapshot.members.age.sum()
    snapshot.incomes.within(12).count()
    seen = weakref.ref(snapshot)
    del snapshot
    assert seen() is None


@pytest.mark.parametrize("lines", [pd.DataFrame({"line_cny": [8000.0]}), "lines.csv", 8000.0])
def test_what_is_no_monitoring_lines_is_refused(county, lines):
    """A frame, a file or a number in place of monitoring lines is refused with how to make them."""
    with pytest.raises(
        SchemaError,
        match=f"lines: expected monitoring lines, got the type {type(lines).__name__}; .*MonitoringLines.read",
    ):
        Snapshot(county, DAY, lines=lines)
    assert Snapshot(county, DAY, lines=MonitoringLines()).line.min() > 0


def test_the_line_of_a_household_is_that_of_its_own_year(county):
    """Each household's area and the year of its own day make the line; without a day there is none."""
    lines = MonitoringLines(
        pd.DataFrame({"area_prefix": "", "year": [2022, 2023, 2024], "line_cny": [6_000.0, 7_000.0, 8_000.0]})
    )
    snapshot = Snapshot(county, DAY, lines=lines)
    days = np.full(snapshot.n_households, np.datetime64("2022-06-30"))
    days[1:3] = np.datetime64("2024-01-01"), np.datetime64("NaT")
    np.testing.assert_array_equal(snapshot.line_of(days)[:4], [6_000.0, 8_000.0, np.nan, 6_000.0])
    as_numbers = np.where(np.isnat(days), np.nan, days.astype("datetime64[D]").astype("int64").astype("float64"))
    np.testing.assert_array_equal(snapshot.line_of(as_numbers), snapshot.line_of(days))
    assert (snapshot.line == snapshot.lines.at(snapshot.area_codes, 2023)).all()


@pytest.mark.parametrize(("day", "line"), [("2024-06-30", 8000.0), ("2024-07-01", 9000.0)])
def test_a_line_that_changes_within_the_year_is_that_of_the_day(day, line):
    """The line in force on the day, also for an income of that year; that of a year before is the one it ended with."""
    frame = pd.DataFrame(
        {
            "area_prefix": "",
            "year": [2023, 2023, 2024, 2024],
            "valid_from": ["", "2023-12-01", "", "2024-07-01"],
            "line_cny": [6000, 7000, 8000, 9000],
        }
    )
    here = Snapshot(make_register(50, random_state=0), day, lines=MonitoringLines(frame))
    assert set(here.line.tolist()) == {line}
    ended = np.full(here.n_households, np.datetime64("2023-09-30"))
    assert set(here.line_of(ended).tolist()) == {7000.0}
    assert set(here.line_of(np.full(here.n_households, np.datetime64("2024-03-31"))).tolist()) == {line}
