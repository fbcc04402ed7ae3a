"""Corrections taken into a register: known from the day of acceptance on, and refused line by line.

Also of visits/proposals.py, which reads the lines, and visits/register_at_work.py, which makes the rows.
"""

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import SchemaError

ON = "2025-02-01"
HOME, PERSON = "H000000000", "H000000000-02"


@pytest.fixture(scope="module")
def register():
    whole = fr.make_register(300, random_state=1)
    return whole.select(sorted(whole.tables["households"]["household_id"].unique())[:60])


def change(column, new, old="", **more):
    table, name = column.split(".")
    line = {"entry": 1, "action": "change", "table": table, "household_id": HOME, "member_id": PERSON if table == "members" else "",
            "column": name, "old": old, "new": new, "date": "2025-01-15", "event_key": "k1", "decision": "accept"}  # fmt: skip
    return line | more


def fact(table, cells, *, member=PERSON, **more):
    return [
        change(f"{table}.{name}", new, action="add", member_id=member, entry=2, **more) for name, new in cells.items()
    ]


BILL = {"kind": "inpatient", "event_date": "2025-01-02", "out_of_pocket_cny": "3200"}
HEALTH = change("members.health", "chronic", "healthy")
WATER = change("households.safe_water", "False", "True")


def codes(accepted):
    return accepted.refused["code"].tolist()


def rows_of(register, table, **where):
    frame = register.tables[table]
    for name, value in where.items():
        frame = frame[frame[name] == value]
    return frame


def all_features(register, day):
    return fr.compute_features(register, day)


def test_what_is_taken_is_known_from_that_day_on_and_changes_no_earlier_bit(register):
    """Features of every earlier day are the same to the bit, also when the new register was written and read back."""
    lines = [WATER, HEALTH, *fact("medical", BILL)]
    accepted = fr.accept_corrections(register, lines, on=ON)
    assert accepted.counts == {"taken": 5, "known": 0, "rejected": 0, "undecided": 0, "refused": 0}
    assert accepted.rows_added == {"households": 1, "members": 1, "medical": 1}
    for day in ("2023-12-31", "2024-12-31", "2025-01-20", "2025-01-31"):
        pd.testing.assert_frame_equal(
            all_features(register, day), all_features(accepted.register, day), check_exact=True
        )
    before, after = (all_features(one, ON).loc[HOME] for one in (register, accepted.register))
    assert (before["unsafe_water"], after["unsafe_water"]) == (0, 1)
    assert after["out_of_pocket_12m"] == before["out_of_pocket_12m"] + 3200
    others = all_features(accepted.register, ON).drop(HOME)
    names = [name for name in others.columns if others[name].dtype.kind == "f"]
    same = all_features(register, ON).drop(HOME)[names]
    pd.testing.assert_frame_equal(same, others[names], check_exact=True)


def test_the_register_given_stays_and_the_old_rows_with_it(register):
    """Only rows are added: every row that was there is there."""
    sizes = {name: len(frame) for name, frame in register.tables.items()}
    accepted = fr.accept_corrections(register, [WATER, HEALTH], on=ON)
    assert {name: len(frame) for name, frame in register.tables.items()} == sizes
    for name, frame in register.tables.items():
        pd.testing.assert_frame_equal(accepted.register.tables[name].iloc[: len(frame)], frame)
    new = accepted.register.tables["households"].iloc[-1]
    assert (new["valid_from"], new["recorded_at"]) == (pd.Timestamp("2025-01-15"), pd.Timestamp(ON))


@pytest.mark.parametrize("form", ["parquet", "csv", "xlsx"])
def test_a_register_with_corrections_is_read_back_as_it_is(register, tmp_path, form):
    """Nothing that was taken is refused or blanked on reading."""
    gone = change("households.valid_to", "2025-01-20", household_id="H000000001")
    lines = [
        WATER,
        HEALTH,
        gone,
        *fact("medical", BILL),
        *fact("shocks", {"kind": "flood", "event_date": "2025-01-03"}, member=""),
    ]
    accepted = fr.accept_corrections(register, lines, on=ON)
    assert accepted.counts["taken"] == len(lines)
    back = fr.read_register(accepted.register.to_folder(tmp_path / "new", format=form, headers="zh"))
    assert not len(back.rejects)
    for name in ("households", "members", "medical", "shocks"):
        assert len(back.tables[name]) == len(accepted.register.tables[name])
    day = "2025-03-01"
    pd.testing.assert_frame_equal(all_features(back, day), all_features(accepted.register, day), check_exact=True)
    assert "H000000001" not in all_features(back, day).index
    assert "H000000001" in all_features(back, "2025-01-31").index


def test_a_change_holds_from_its_day_through_later_rows(register):
    """What held before its day stays; rows of later days are said anew with the new value."""
    accepted = fr.accept_corrections(register, [WATER | {"date": "2023-05-01"}], on=ON)
    own = rows_of(accepted.register, "households", household_id=HOME, recorded_at=pd.Timestamp(ON))
    assert own["valid_from"].dt.strftime("%Y-%m-%d").tolist() == ["2023-05-01", "2023-10-01", "2024-10-01"]
    assert not own["safe_water"].any()
    assert own["debt_cny"].tolist() == [1200.0, 1200.0, 2500.0]


def test_what_a_row_says_of_its_own_day_is_not_said_of_the_day_of_the_change():
    """A grade of the house keeps its day, and a status below the line is not counted twice."""
    households = {"household_id": ["a"], "valid_from": ["2024-10-01"], "recorded_at": ["2024-10-02"], "house_grade": ["B"],
                  "safe_water": ["true"], "below_line": ["true"]}  # fmt: skip
    members = {"household_id": ["a"], "member_id": ["p"], "valid_from": ["2024-10-01"], "recorded_at": ["2024-10-02"],
               "ins_serious": ["true"], "health": ["healthy"]}  # fmt: skip
    register = fr.Register.from_frames(households=households, members=members)
    line = {"household_id": "a", "member_id": ""}
    accepted = fr.accept_corrections(register, [WATER | line, HEALTH | line | {"member_id": "p"}], on=ON)
    house, person = (accepted.register.tables[name].iloc[-1] for name in ("households", "members"))
    assert house["house_grade_date"] == pd.Timestamp("2024-10-01")
    assert pd.isna(house["below_line"])
    assert person["ins_year"] == 2024
    grade = change("households.house_grade", "C", "B", **line)
    house = fr.accept_corrections(register, [grade], on=ON).register.tables["households"].iloc[-1]
    assert pd.isna(house["house_grade_date"])


def test_the_same_corrections_again_change_nothing(register):
    """On the same day and later, changes and new rows alike."""
    lines = [
        WATER,
        HEALTH,
        *fact("medical", BILL),
        *fact("shocks", {"kind": "flood", "event_date": "2025-01-03"}, member=""),
    ]
    once = fr.accept_corrections(register, lines, on=ON)
    for day in (ON, "2025-03-01"):
        again = fr.accept_corrections(once.register, lines, on=day)
        assert (again.counts["known"], again.rows_added) == (len(lines), {})
        for name, frame in again.register.tables.items():
            pd.testing.assert_frame_equal(frame, once.register.tables[name])


def test_two_files_of_one_day_leave_one_row_of_that_day(register):
    """The register never holds two rows of one household, day and day of recording."""
    once = fr.accept_corrections(register, [WATER], on=ON)
    grade = change("households.house_grade", "C", "B")
    twice = fr.accept_corrections(once.register, [grade], on=ON)
    own = rows_of(twice.register, "households", household_id=HOME, recorded_at=pd.Timestamp(ON))
    assert own[["house_grade", "safe_water"]].to_numpy().tolist() == [["C", False]]
    both = fr.accept_corrections(register, [WATER, grade | {"entry": 7}], on=ON)
    pd.testing.assert_frame_equal(both.register.tables["households"], twice.register.tables["households"])


def test_what_is_not_decided_is_not_taken(register):
    """Unless asked for; what was rejected never is."""
    lines = [WATER | {"decision": ""}, HEALTH | {"decision": "reject"}]
    assert fr.accept_corrections(register, lines, on=ON).counts["undecided"] == 1
    accepted = fr.accept_corrections(register, lines, on=ON, take_undecided=True)
    assert (accepted.counts["taken"], accepted.counts["rejected"]) == (1, 1)


@pytest.mark.parametrize("word", ["accept", "Accept ", "接受"])
def test_a_decision_in_either_language(register, word):
    """Whatever the language of the run."""
    assert fr.accept_corrections(register, [WATER | {"decision": word}], on=ON).counts["taken"] == 1


DISABILITY = {"category": "visual", "grade": "grade1", "issued_on": "2025-01-01"}
SCHOOL = {"school_year": "2024", "cost_cny": "900"}
WRONG = {
    "another word for yes": ([WATER | {"decision": "ok"}], ["not_a_decision"]),
    "an action of his own": ([WATER | {"action": "delete"}], ["not_an_action"]),
    "a column that is none": ([WATER | {"column": "water"}], ["no_such_column"]),
    "a table that is none": ([WATER | {"table": "house"}], ["no_such_column"]),
    "an id": ([change("members.member_id", "x")], ["not_to_change"]),
    "the day of recording": ([change("households.recorded_at", "2020-01-01")], ["not_to_change"]),
    "the past itself": ([change("households.valid_from", "2020-01-01")], ["not_to_change"]),
    "a record of monitoring": ([change("monitoring.type", "edge")], ["not_to_change"]),
    "no value": ([WATER | {"new": ""}], ["empty_new"]),
    "a word that is no value": ([WATER | {"new": "差不多"}], ["not_a_value"]),
    "too large a number": ([change("households.size_declared", "400", "3")], ["not_a_value"]),
    "no day": ([WATER | {"date": ""}], ["no_day"]),
    "a month": ([WATER | {"date": "2025-01"}], ["no_day"]),
    "a day ahead": ([WATER | {"date": "2025-03-01"}], ["after_acceptance"]),
    "a household that is not there": ([WATER | {"household_id": "H9"}], ["no_household"]),
    "an id that was rounded": ([WATER | {"household_id": "5.10322E+17"}], ["damaged_id"]),
    "somebody of another household": ([HEALTH | {"member_id": "H000000001-01"}], ["no_such_member"]),
    "the number of a person": ([HEALTH | {"member_id": "2"}], ["no_such_member"]),
    "nobody": ([HEALTH | {"member_id": ""}], ["no_person"]),
    "what the register does not say": ([HEALTH | {"old": "disabled"}], ["says_otherwise"]),
    "not what it was": ([HEALTH | {"old": ""}], ["says_otherwise"]),
    "an end before the newest row": ([change("households.valid_to", "2024-01-01")], ["ends_before_row"]),
    "an end to come": ([change("households.valid_to", "2025-03-01")], ["after_acceptance"]),
    "half an entry": (fact("medical", BILL)[:2] + fact("medical", BILL, decision="")[2:], ["half_decided"] * 3),
    "an entry torn apart": (fact("medical", BILL)[:1] + fact("medical", BILL, date="2025-01-16")[1:], ["lacks"] * 3),
    "a bill of nobody": (fact("medical", BILL, member=""), ["no_person"] * 3),
    "a bill of tomorrow": (fact("medical", BILL | {"event_date": "2025-02-02"}), ["after_acceptance"] * 3),
    "an income without its period": (
        fact("incomes", {"item": "wage", "period_end": "2025-01-15", "amount_cny": "900", "period_start": ""}), ["lacks"] * 4),
    "a cost of school without a school": (fact("enrolments", SCHOOL | {"stage": "", "status": ""}), ["lacks"] * 4),
    "a new household": ([change("households.size_declared", "3", action="add")], ["not_to_change"]),
    "a cell twice": ([*fact("medical", BILL), *fact("medical", {"out_of_pocket_cny": "1"})], ["two_values"] * 4),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_a_clerk_may_do_wrong_is_refused_by_line(register, what):
    """Each with its row and why; nothing of it is taken, and all lines are accounted for."""
    lines, expected = WRONG[what]
    accepted = fr.accept_corrections(register, lines, on=ON)
    assert codes(accepted) == expected
    assert accepted.refused["row"].tolist() == [*range(1, len(lines) + 1)]
    assert accepted.counts["taken"] == 0
    assert sum(accepted.counts.values()) == len(lines)
    assert accepted.rows_added == {}
    assert all(str(problem) and problem.shown("zh") for problem in accepted.refused["problem"])


def test_what_is_wrong_does_not_keep_the_rest_out(register):
    """Line by line, not the file as a whole."""
    accepted = fr.accept_corrections(register, [WATER | {"household_id": "H9"}, HEALTH], on=ON)
    assert (accepted.counts["taken"], accepted.counts["refused"]) == (1, 1)


def test_ids_that_lost_their_zeros_are_named():
    """And not guessed."""
    register = fr.Register.from_frames(
        households={"household_id": ["0012", "77"], "valid_from": ["2024-01-01"] * 2, "safe_water": ["true"] * 2}
    )
    lines = [WATER | {"household_id": 12.0}, WATER | {"household_id": "0012"}, WATER | {"household_id": 77}]
    accepted = fr.accept_corrections(register, lines, on=ON)
    assert codes(accepted) == ["no_household_of_zeros"]
    assert accepted.taken["household_id"].tolist() == ["0012", "77"]


def test_cells_as_a_spreadsheet_saves_them_are_the_same(register):
    """Numbers with a point, days with a time or as numbers, TRUE and FALSE."""
    plain = [WATER, change("households.size_declared", "4", "3"), *fact("medical", BILL)]
    saved = [
        WATER | {"old": True, "new": "FALSE", "date": pd.Timestamp("2025-01-15"), "entry": 1.0},
        change("households.size_declared", 4.0, "3.0", date=45672),
        *fact(
            "medical", BILL | {"event_date": pd.Timestamp("2025-01-02"), "out_of_pocket_cny": 3200.0}, date="2025/1/15"
        ),
    ]
    one, other = (fr.accept_corrections(register, lines, on=ON) for lines in (plain, saved))
    assert other.counts["taken"] == 5
    for name, frame in one.register.tables.items():
        pd.testing.assert_frame_equal(frame, other.register.tables[name])


def test_a_cell_that_two_visits_found_otherwise(register):
    """The first is taken, the second no longer fits what the register says; the same finding twice counts once."""
    size = change("households.size_declared", "4", "3")
    accepted = fr.accept_corrections(register, [size, size | {"new": "5", "entry": 2}, size | {"entry": 3}], on=ON)
    assert codes(accepted) == ["says_otherwise"]
    assert (accepted.counts["taken"], accepted.counts["known"]) == (1, 1)


def test_two_bills_of_one_day_are_two_and_one_on_record_is_not_replaced(register):
    """A later row of the same key would replace an earlier one: that is refused."""
    two = [
        *fact("medical", BILL),
        *[line | {"entry": 3} for line in fact("medical", BILL | {"out_of_pocket_cny": "100"})],
    ]
    accepted = fr.accept_corrections(register, two, on=ON)
    assert accepted.rows_added == {"medical": 2}
    third = fact("medical", BILL | {"out_of_pocket_cny": "55"})
    assert codes(fr.accept_corrections(accepted.register, third, on="2025-02-02")) == ["other_record"] * 3
    spent = all_features(accepted.register, "2025-02-02").loc[HOME, "out_of_pocket_12m"]
    assert spent == all_features(register, "2025-02-02").loc[HOME, "out_of_pocket_12m"] + 3300


def test_a_cost_of_school_goes_to_the_enrolment_on_record(register):
    """Where the cost is missing there; the stage and status stay as they are."""
    enrolments = register.tables["enrolments"]
    pupil = enrolments[enrolments["school_year"] == 2024].iloc[0]
    home = rows_of(register, "members", member_id=pupil["member_id"])["household_id"].iloc[-1]
    unknown = fr.Register(register.tables | {"enrolments": enrolments.assign(cost_cny=np.nan)})
    cells = SCHOOL | {"stage": "", "status": ""}
    lines = [line | {"household_id": home} for line in fact("enrolments", cells, member=pupil["member_id"])]
    accepted = fr.accept_corrections(unknown, lines, on=ON)
    new = accepted.register.tables["enrolments"].iloc[-1]
    assert (new["cost_cny"], new["stage"], new["status"]) == (900.0, pupil["stage"], pupil["status"])
    assert codes(fr.accept_corrections(register, lines, on=ON)) == ["other_record"] * 4


def test_an_income_with_its_period_is_taken(register):
    """The clerk fills in what the sheet does not ask for."""
    cells = {"item": "wage", "period_end": "2024-12-31", "amount_cny": "900", "period_start": "2024-10-01"}
    accepted = fr.accept_corrections(register, fact("incomes", cells, member=""), on=ON)
    new = accepted.register.tables["incomes"].iloc[-1]
    assert (new["amount_cny"], new["period_start"]) == (900.0, pd.Timestamp("2024-10-01"))


def test_a_table_that_the_register_was_not_given_takes_no_row(register):
    """One row would say that nobody else has any."""
    without = fr.Register({name: frame for name, frame in register.tables.items() if name != "shocks"})
    lines = fact("shocks", {"kind": "flood", "event_date": "2025-01-03"}, member="")
    assert codes(fr.accept_corrections(without, lines, on=ON)) == ["table_not_given"] * 2


def test_nothing_is_changed_of_who_is_gone_or_recorded_later(register):
    """A closed household stays as it was; a row of a later day is not overtaken."""
    closed = fr.accept_corrections(register, [change("households.valid_to", "2025-01-10")], on=ON).register
    assert codes(fr.accept_corrections(closed, [WATER], on=ON)) == ["closed_before"]
    households = register.tables["households"]
    ahead = households.assign(
        recorded_at=households["recorded_at"].mask(households["valid_from"] == "2024-10-01", "2200-01-01")
    )
    later = fr.Register(register.tables | {"households": ahead})
    assert codes(fr.accept_corrections(later, [WATER], on=ON)) == ["recorded_later"]


@pytest.mark.parametrize("day", ["2024-06-30", "2200-01-01", "soon"])
def test_the_day_of_acceptance_is_not_in_the_past_of_the_register_nor_ahead(register, day):
    """What the register said on earlier days is not to change."""
    with pytest.raises(SchemaError):
        fr.accept_corrections(register, [WATER], on=day)


def test_what_is_no_file_of_corrections_is_refused(register):
    """By the column that is missing."""
    with pytest.raises(SchemaError, match="no column"):
        fr.accept_corrections(register, pd.DataFrame({"household_id": ["a"]}))
    assert fr.accept_corrections(register, [], on=ON).counts["taken"] == 0
