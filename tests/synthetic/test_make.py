"""What an invented register promises as a whole, with all that synthetic/process.py simulates: types, keys, no look ahead."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.errors import InputError
from fanpin_risk.records.income_items import CONSUMPTION, OWN_LINE, STATED
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import INCOME_ITEM, RISK, TABLES
from fanpin_risk.records.spell_values import values_at
from fanpin_risk.records.typed_tables import conform, empty_table
from fanpin_risk.synthetic import make_register

LAST_DAY = pd.Timestamp("2024-12-31")
# Days on which something that goes on is known to have ended.
ENDS = {
    "households": "valid_to",
    "members": "valid_to",
    "supports": "end_date",
    "monitoring": "eliminated_on",
    "warnings": "outcome_date",
}
# What surveys of living standards ask and Chinese registers do not: worked cases try the features that read it.
OF_SURVEYS = {"below_line", "tenure", "rooms", "assets", "coping", "birth_year_only", "age"}
ITEMS_OF_SURVEYS = {*CONSUMPTION, OWN_LINE, "unspecified"}
# What only the rules beside the model ask for, and few registers have: worked cases try the rules that read it.
OF_RULES = {
    "households": {
        "house_grade_date", "house_treated_on", "lives_in", "low_income_class", "assets_hit", "assets_hit_on",
        "no_house", "water_days_short",
    },
    "members": {"ins_elsewhere", "pension_paid_by", "ins_year"},
    "enrolments": {"approved_by", "boarding"},
    "supports": {"sub_measure", "planned_on", "done_on"},
    "monitoring": {
        "development_done", "disaster_kind", "risk_note", "contact_code",
        *(column.name for when in ("entry", "exit") for column in values_at(when)),
    },
}  # fmt: skip
# Columns that the simulation leaves empty: its incomes and measures of support are those of whole households.
UNFILLED = {
    "households": {"present", "remark", *OF_SURVEYS & set(TABLES["households"].names), *OF_RULES["households"]},
    "members": {"present", "change", "remark", *OF_SURVEYS & set(TABLES["members"].names), *OF_RULES["members"]},
    "incomes": {"member_id"},
    "enrolments": OF_RULES["enrolments"],
    "supports": {"member_id", *OF_RULES["supports"]},
    "monitoring": {
        "eliminated",
        "identified_before",
        "monitored",
        "monitored_unstable",
        "monitored_edge",
        "monitored_sudden",
        "change",
        "remark",
        *OF_RULES["monitoring"],
    },
}


@pytest.fixture(scope="module")
def small() -> Register:
    return make_register(300, random_state=1)


@pytest.fixture(scope="module")
def known_ids(tables) -> dict[str, set[str]]:
    """Ids of all households and members on the register."""
    return {f"{kind}_id": set(tables[f"{kind}s"][f"{kind}_id"].unique()) for kind in ("household", "member")}


def time_of(name, frame):
    if name == "enrolments":
        return pd.to_datetime(frame["school_year"].astype("int64").astype("str") + "-09-01")
    return frame[TABLES[name].time]


def test_same_arguments_give_the_same_register(small):
    """A register is a function of its arguments, to the last cell."""
    again = make_register(300, random_state=1)
    for name, frame in small.tables.items():
        pd.testing.assert_frame_equal(frame, again.tables[name])


def test_another_random_state_gives_another_register(small):
    """The seed decides what is drawn."""
    other = make_register(300, random_state=2)
    assert not small.tables["incomes"]["amount_cny"].head(100).equals(other.tables["incomes"]["amount_cny"].head(100))


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_typed_as_declared(small, name):
    """Every column has exactly the type, and every code list the order, that the schema declares."""
    frame = small.tables[name]
    assert frame.dtypes.to_dict() == empty_table(name).dtypes.to_dict()
    pd.testing.assert_frame_equal(frame, conform(name, frame))
    for column in TABLES[name].columns:
        if column.type == "code":  # equal types may order their codes differently, and code numbers are relied on
            assert list(frame[column.name].cat.categories) == list(column.codes)


@pytest.mark.parametrize("name", TABLES)
def test_every_column_is_filled(tables, name):
    """Who declares a column learns here that nothing fills it: features that read it would never be tried."""
    empty = {column for column in TABLES[name].names if tables[name][column].isna().all()}
    assert empty == UNFILLED.get(name, set()), (
        "fill them in synthetic/, with draws from a generator of their own (s.rng.spawn(1)[0]), or all that is drawn "
        "afterwards changes"
    )


@pytest.mark.parametrize("name", TABLES)
def test_values_keep_to_declared_bounds(tables, name):
    """No row lacks what is needed, and no number is outside its hard or usual bounds."""
    frame = tables[name]
    assert frame[list(TABLES[name].needed)].notna().all().all()
    for column in TABLES[name].columns:
        values = frame[column.name].dropna()
        if column.type in ("int", "number") and len(values):
            lowest, highest = (
                -np.inf if b is None else b
                for b in (column.minimum, None if column.maximum is None else -column.maximum)
            )
            assert values.min() >= lowest, column.name
            assert -values.max() >= highest, column.name
            assert column.soft_maximum is None or values.max() <= column.soft_maximum, column.name


def test_ids_are_invented_and_never_look_like_citizen_ids(tables):
    """Ids are a letter and nine digits, with two more for members; no cell is an 18-digit number."""
    assert tables["households"]["household_id"].str.fullmatch(r"H\d{9}").all()
    assert tables["members"]["member_id"].str.fullmatch(r"H\d{9}-\d{2}").all()
    assert (tables["members"]["member_id"].str[:10] == tables["members"]["household_id"]).all()
    for name, frame in tables.items():
        for column in TABLES[name].columns:
            if column.type in ("id", "text", "area"):
                assert not frame[column.name].dropna().unique().astype("str").astype(object).tolist() or not (
                    pd.Series(frame[column.name].dropna().unique()).str.contains(r"\d{15}").any()
                )


@pytest.mark.parametrize("name", [name for name in TABLES if name != "households"])
def test_rows_speak_of_members_and_households_on_the_register(tables, known_ids, name):
    """Every id named in a table stands in households or members."""
    for column, known in known_ids.items():
        if column in tables[name]:
            assert set(tables[name][column].dropna().unique()) <= known


@pytest.mark.parametrize("name", TABLES)
def test_every_code_of_the_code_lists_appears(tables, name):
    """Readers, features and writers meet every code of the columns that matter."""
    rare = {"earthquake", "geological"}  # a village struck now and then
    stated = {item for item in INCOME_ITEM if item.endswith("_net") or item in STATED}  # stand for items it has
    for column in TABLES[name].columns:
        if column.name in OF_SURVEYS | OF_RULES.get(name, set()):
            continue
        if column.name in ("change", "remark"):  # what notes and lists of changes say is taken on reading and not kept
            continue
        found = set(tables[name][column.name].dropna().unique())
        if column.type == "codes":
            found = {code for codes in found for code in codes.split(";")}
        missing = set(column.codes) - found - rare - stated - ITEMS_OF_SURVEYS
        where = "NAMED and ANSWERS of synthetic/monitoring.py" if column.codes is RISK else "synthetic/"
        assert missing == set(), f"{name}.{column.name} never holds these codes: say in {where} what leads to them"


@pytest.mark.parametrize("name", TABLES)
def test_nothing_is_recorded_before_it_was_true_or_after_the_last_day(tables, name):
    """A row is known at the earliest on its own day, and the register ends on its last day."""
    frame = tables[name]
    assert (frame["recorded_at"] >= time_of(name, frame)).all()
    assert frame["recorded_at"].max() <= LAST_DAY


@pytest.mark.parametrize("name", ENDS)
def test_ends_are_learned_after_they_came(tables, name):
    """No row says when something will end: the end is a later row of the same key, recorded once it has come."""
    frame = tables[name]
    ended = frame[frame[ENDS[name]].notna()]
    assert len(ended) > 0
    assert (ended[ENDS[name]] <= ended["recorded_at"]).all()
    key = [*TABLES[name].key]
    first = frame.sort_values("recorded_at", kind="stable").drop_duplicates(key)
    assert first[ENDS[name]].isna().all()


@pytest.mark.parametrize(
    ("name", "value"), [("incomes", "amount_cny"), ("medical", "out_of_pocket_cny"), ("members", "health")]
)
def test_one_to_two_percent_of_rows_are_corrected_later(tables, name, value):
    """A correction has the key of the row it corrects, a later record day and another content."""
    frame = tables[name]
    if name == "members":
        frame = frame[frame["valid_to"].isna()]
    key = list(TABLES[name].key)
    repeated = frame[frame.duplicated(key, keep=False)].sort_values("recorded_at", kind="stable")
    first, last = repeated.drop_duplicates(key, keep="first"), repeated.drop_duplicates(key, keep="last")
    assert 0.008 < len(last) / len(frame) < 0.02
    pair = first.merge(last, on=key, suffixes=("", "_later"))
    assert (pair["recorded_at_later"] > pair["recorded_at"]).all()
    changed = pair[value].astype("str") != pair[value + "_later"].astype("str")
    assert changed.mean() > (0.15 if name == "members" else 0.95)


@pytest.mark.parametrize("name", ["incomes", "medical", "members", "supports", "shocks"])
def test_records_lag_days_to_months(tables, name):
    """Records come late, but within months."""
    frame = tables[name]
    frame = frame.sort_values("recorded_at", kind="stable").drop_duplicates(list(TABLES[name].key))
    lag = (frame["recorded_at"] - time_of(name, frame)).dt.days
    assert 5 <= lag.median() <= 60
    assert lag.quantile(0.99) <= 130


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_households": 0}, "n_households: expected a whole number from 1 to 2000000, got 0"),
        ({"n_households": 1e3}, "n_households: expected a whole number .*, got 1000.0"),
        ({"n_households": "many"}, "n_households: expected a whole number .*, got 'many'"),
        ({"random_state": -1}, "random_state: expected a whole number of 0 or more, got -1"),
        ({"years": 1}, "years: expected a whole number from 2 to 8, got 1"),
        ({"last_year": 2019}, "last_year: expected a whole number from 2021 to 2030, got 2019"),
        ({"base_rate": 0.5}, "base_rate: expected a number from 0.001 to 0.1, got 0.5"),
        ({"period": "lunar"}, "period is 'lunar'; expected one of oct-sep, calendar"),
        ({"mean_size": 9.0}, "mean_size: expected a number from .* to .*, got 9.0"),
        ({"missingness": "some"}, "missingness: expected 'none', 'reported' or a mapping"),
        ({"missingness": {"members.colour": 0.1}}, "there is no table or column 'members.colour'"),
        ({"missingness": {"incomes.item": 0.1}}, "incomes.item is required and cannot be missing"),
        ({"missingness": {"medical": 1.5}}, "the share of medical must be between 0 and 1, got 1.5"),
        ({"missingness": {"medical": "half"}}, "the share of medical must be between 0 and 1, got 'half'"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments, message):
    """A wrong argument is refused with what was expected, before anything is drawn."""
    with pytest.raises(InputError, match=message):
        make_register(**{"n_households": 10, **arguments})


def test_calendar_period_accounts_calendar_years():
    """With calendar years, every income period runs from January to December."""
    incomes = make_register(60, random_state=2, period="calendar").tables["incomes"]
    assert (incomes["period_start"].dt.strftime("%m-%d") == "01-01").all()
    assert (incomes["period_end"].dt.strftime("%m-%d") == "12-31").all()


def test_larger_households_and_other_years_can_be_asked_for():
    """Mean size, years and last year are free within their ranges."""
    tables = make_register(2_000, random_state=2, mean_size=3.5, years=2, last_year=2022).tables
    people = (
        tables["members"]
        .sort_values(["valid_from", "recorded_at"], kind="stable")
        .drop_duplicates("member_id", keep="last")
    )
    assert people["valid_to"].isna().sum() / 2_000 == pytest.approx(3.5, rel=0.03)
    assert set(tables["incomes"]["period_end"].dt.year) == {2021, 2022}
    assert tables["households"]["valid_from"].min() == pd.Timestamp("2021-01-01")


@pytest.mark.parametrize("n", [1, 2, 7])
def test_a_handful_of_households_is_a_register_too(n):
    """However small, all tables are there and typed."""
    tables = make_register(n, random_state=5).tables
    assert set(tables) == set(TABLES)
    assert tables["households"]["household_id"].nunique() == n
    for name, frame in tables.items():
        assert frame.dtypes.to_dict() == empty_table(name).dtypes.to_dict()


def test_progress_is_told():
    """Progress counts households, then names each table."""
    calls = []
    make_register(50, progress=lambda done, total, name: calls.append((done, total, name)))
    assert calls[0] == (0, 50, "households")
    assert [name for _, _, name in calls[1:]] == list(TABLES)
