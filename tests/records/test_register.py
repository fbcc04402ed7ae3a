"""The register: its tables, selections of it and what it says of itself; records/typed_tables.py as well."""

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.features import compute_features
from fanpin_risk.records.cells import column_dtype
from fanpin_risk.records.read import read_register
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.typed_tables import conform, empty_table, find_table
from fanpin_risk.synthetic import make_register


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_table_has_all_columns_and_types(name):
    """A table without rows has the columns, order and types of one with rows."""
    frame = empty_table(name)
    assert list(frame) == list(TABLES[name].names)
    assert [frame[c.name].dtype for c in TABLES[name].columns] == [column_dtype(c) for c in TABLES[name].columns]


def test_conform_casts_but_invents_nothing():
    """Undeclared codes and impossible casts are refused; absent columns are missing, others dropped."""
    frame = conform("members", pd.DataFrame({"member_id": ["p"], "sex": ["male"], "dibao": [True], "x": [1]}))
    assert frame.loc[0, ["member_id", "sex", "dibao"]].tolist() == ["p", "male", True]
    assert frame["household_id"].isna().all()
    assert "x" not in frame
    for column, value in (("sex", "unknown"), ("birth_date", "soon"), ("work_months", "many")):
        with pytest.raises(SchemaError, match=f"members.{column} cannot be cast to type"):
            conform("members", pd.DataFrame({column: [value]}))


@pytest.mark.parametrize("name", ["members", "家庭成员", "人员信息", " Members "])
def test_tables_are_known_by_all_their_names(name):
    """English names, Chinese names and aliases all mean the table."""
    assert find_table(name).name == "members"


def test_select_keeps_those_who_moved_away(frames):
    """A selected household keeps all versions of its people, so that who has left is known to have left."""
    members = {
        "member_id": ["p1", "p1", "p2"],
        "household_id": ["h1", "h2", "h2"],
        "valid_from": ["2022", "2023", "2023"],
    }
    bills = {"member_id": ["p1", "p2"], "event_date": ["2023-05-01"] * 2, "kind": ["住院"] * 2}
    chosen = frames.read(members=members, medical=bills, incomes=frames.incomes()).select(["h1"])
    assert chosen.tables["households"]["household_id"].tolist() == ["h1"]
    assert chosen.tables["members"]["household_id"].tolist() == ["h1", "h2"]
    assert chosen.tables["medical"]["member_id"].tolist() == ["p1"]
    assert len(chosen.tables["incomes"]) == 1
    with pytest.raises(SchemaError, match="1 of 2 household ids are not in the register"):
        chosen.select(["h1", "h9"])


@pytest.mark.parametrize("way", ["frames", "folder"])
def test_a_selection_read_again_keeps_rows_that_name_persons_of_other_households(frames, tmp_path, way):
    """What was accepted with all households is accepted without the one that the named person belongs to."""
    members = {"member_id": ["p1", "p2"], "household_id": ["h1", "h2"], "valid_from": ["2021"] * 2}
    named = {"household_id": ["h1", "h1"], "member_id": ["p1", "p2"]}
    register = frames.read(
        households=frames.HOUSEHOLDS | {"valid_from": ["2021"] * 2, "recorded_at": ["2021-06-30"] * 2},
        members=members,
        incomes=named | {"period_end": ["2021"] * 2, "item": ["wage"] * 2, "amount_cny": [9000.0, 500.0]},
        shocks=named | {"event_date": ["2022-05-01"] * 2, "kind": ["火灾", "旱灾"], "loss_cny": [800.0, 300.0]},
    )
    assert register.rejects.empty
    chosen = register.select(["h1"])
    again = Register.from_frames(chosen.tables) if way == "frames" else read_register(chosen.to_folder(tmp_path))
    assert again.rejects.empty
    assert again.counts["rows_kept"].equals(chosen.counts["rows_kept"])
    assert set(again.problems["code"]) == {"person_elsewhere"}
    expected = compute_features(register, "2022-12-31").loc[["h1"]]
    pd.testing.assert_frame_equal(compute_features(again, "2022-12-31"), expected, check_exact=True)


@pytest.mark.parametrize("way", ["frames", "folder"])
def test_a_household_alone_has_the_features_it_has_among_all(frames, tmp_path, way):
    """Selected, written and read again, a household that a person has left looks as it does in the whole register."""
    members = {
        "member_id": ["p1", "p2", "p2", "p3"],
        "household_id": ["h1", "h1", "h2", "h2"],
        "valid_from": ["2021", "2021", "2022", "2021"],
        "birth_date": ["1960-01-01", "1990-01-01", "1990-01-01", "1970-01-01"],
    }
    bills = {
        "member_id": ["p1", "p2"],
        "event_date": ["2022-05-01"] * 2,
        "kind": ["住院"] * 2,
        "total_cost_cny": [900, 800],
    }
    households = frames.HOUSEHOLDS | {"valid_from": ["2021"] * 2, "recorded_at": ["2021-06-30"] * 2}
    register = frames.read(
        households=households, members=members, medical=bills, incomes=frames.incomes(period_end=["2021"])
    )
    for household in ("h1", "h2"):
        chosen = register.select([household])
        folder = tmp_path / household
        again = Register.from_frames(chosen.tables) if way == "frames" else read_register(chosen.to_folder(folder))
        expected = compute_features(register, "2022-12-31").loc[[household]]
        pd.testing.assert_frame_equal(compute_features(again, "2022-12-31"), expected)


def test_observed_until_is_the_newest_day_on_record(frames):
    """The register is taken as complete up to the newest day anything was recorded."""
    assert frames.read().observed_until == pd.Timestamp("2023-02-01")
    assert frames.read(incomes=frames.incomes(recorded_at=["2024-03-01"])).observed_until == pd.Timestamp("2024-03-01")
    assert pd.isna(Register({}).observed_until)
    bare = conform("enrolments", pd.DataFrame({"member_id": ["p1"], "school_year": [2023]}))
    assert Register({"enrolments": bare}).observed_until == pd.Timestamp("2023-09-01")


def test_coverage_tells_what_is_missing(frames):
    """Every column that a register holds is listed with how much of it is there; what is only used on reading is not."""
    coverage = frames.read(households=frames.HOUSEHOLDS | {"house_grade": ["A", None]}).coverage()
    kept = [(table.name, column.name) for table in TABLES.values() for column in table.columns if column.kept]
    assert coverage.index.tolist() == kept
    assert ("households", "remark") not in coverage.index
    assert coverage.loc[("households", "house_grade"), ["filled", "share", "note"]].tolist() == [1, 0.5, "partly"]
    assert coverage.loc[("households", "household_id"), "note"] == "full"
    assert coverage.loc[("medical", "kind"), "note"] == "absent"
    assert np.isnan(coverage.loc[("medical", "kind"), "share"])


def test_display_shows_counts_only(frames):
    """What a notebook or a log shows of a register are numbers of rows."""
    register = frames.read(incomes=frames.incomes(household_id=["h9"]))
    assert "incomes               0 rows kept        1 rejected" in repr(register)
    assert "家庭收入" in register._repr_html_()
    assert "h1" not in repr(register).split()


def test_order_of_rows_and_tables_does_not_matter(frames):
    """The same rows in another order, tables in another order: the same records."""
    first = frames.read(
        incomes=pd.DataFrame(
            {"household_id": ["h1", "h2"], "period_end": "2022", "item": "wage", "amount_cny": [400, 500]}
        )
    )
    second = Register.from_frames(
        incomes={
            "household_id": ["h2", "h1"],
            "period_end": ["2022"] * 2,
            "item": ["wage"] * 2,
            "amount_cny": [500, 400],
        },
        members=pd.DataFrame(frames.MEMBERS).iloc[::-1],
        households=pd.DataFrame(frames.HOUSEHOLDS).iloc[::-1],
    )
    for name in ("households", "members", "incomes"):
        key = list(TABLES[name].key)
        left, right = (register.tables[name].sort_values(key, ignore_index=True) for register in (first, second))
        pd.testing.assert_frame_equal(left, right)


def test_known_on_a_day_leaves_out_what_was_recorded_later():
    """Rows recorded up to the day stay, also about later days; without a day of recording the usual delay counts."""
    register = make_register(60, random_state=3)
    day = pd.Timestamp("2022-06-30")
    known = register.known_on("2022-06-30")
    assert known.supplied == register.supplied
    for name, frame in register.tables.items():
        pd.testing.assert_frame_equal(
            known.tables[name], frame[frame["recorded_at"] <= day].reset_index(drop=True), check_dtype=True
        )
    assert 0 < len(known.tables["incomes"]) < len(register.tables["incomes"])

    bills = (
        register.tables["medical"]
        .iloc[:2]
        .assign(
            recorded_at=pd.NaT,
            event_date=pd.Series([day, day - pd.Timedelta(days=200)], dtype="datetime64[s]").to_numpy(),
        )
    )
    undated = Register({**register.tables, "medical": bills}, supplied=register.supplied)
    assert len(undated.known_on(day).tables["medical"]) == 1
    with pytest.raises(SchemaError, match="day is not a date"):
        register.known_on("soon")


@pytest.mark.parametrize("given", [5, "folder", [1], None])
def test_a_register_of_something_else_is_refused(given):
    """The error says what to call instead; a table that is not a DataFrame is named."""
    with pytest.raises(InputError, match=r"tables is of the type .*; expected tables by name; read_register\(folder\)"):
        Register(given)
    with pytest.raises(InputError, match=r"households is of the type .*; expected a table \(DataFrame\)"):
        Register({"households": given})
