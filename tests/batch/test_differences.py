"""What an export says that is not on record becomes dated rows, and nothing else does."""

import pandas as pd
import pytest

from fanpin_risk.batch.updating.differences import ExportOnDay, dated_rows
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.typed_tables import conform

BEFORE, DAY = pd.Timestamp("2024-03-31"), pd.Timestamp("2024-04-30")
EMPTY = {name: conform(name, pd.DataFrame()) for name in TABLES}


def on_record(**tables):
    """Return tables on record since the day before."""
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    return EMPTY | {name: conform(name, frame.assign(recorded_at=BEFORE)) for name, frame in frames.items()}


def export(*, whole=True, places=("211225101",), lists_households=True, **tables):
    """Return an export of the day that gives the columns of its tables."""
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    typed = {
        name: conform(name, frame.assign(recorded_at=frame.get("recorded_at", DAY))) for name, frame in frames.items()
    }
    return ExportOnDay(
        tables=EMPTY | typed, day=DAY, since=BEFORE, whole=whole, places=frozenset(places),
        given={name: frozenset(frame.columns) for name, frame in frames.items()}, lists_households=lists_households,
    )  # fmt: skip


def new_rows(before, shown, table, *columns):
    """Return some columns of the rows that an export added."""
    tables, _ = dated_rows(before, shown)
    return tables[table].iloc[len(before[table]) :][list(columns)].astype("str").to_numpy().tolist()


HOUSEHOLD = {"household_id": "h", "area_code": "211225101201", "valid_from": "2023-12-31", "house_area_m2": 60.0}
PERSON = {"household_id": "h", "member_id": "p", "valid_from": "2023-12-31", "health": "healthy"}
BILL = {"member_id": "p", "event_date": "2024-02-02", "kind": "inpatient", "out_of_pocket_cny": 100.0}
MEASURE = {"household_id": "h", "start_date": "2023-05-01", "measure": "industry", "amount_cny": 10.0}


@pytest.mark.parametrize(
    ("said", "begins"),
    [
        ({"valid_from": DAY}, "2024-04-30"),  # the export dates it by its own day
        ({"valid_from": "2023-12-31"}, "2023-12-31"),  # a correction of what is on record
        ({"valid_from": "2014-01-01"}, "2023-12-31"),  # older than what is on record, and yet the state of today
        ({"valid_from": "2024-03-01"}, "2024-03-01"),
        ({"valid_from": "2024-12-31"}, "2024-04-30"),  # a year that is not over
    ],
)
def test_a_changed_state_begins_on_its_day(said, begins):
    """And is known from the day of the export."""
    shown = export(households=[HOUSEHOLD | said | {"house_area_m2": 80.0}])
    found = new_rows(
        on_record(households=[HOUSEHOLD]), shown, "households", "valid_from", "recorded_at", "house_area_m2"
    )
    assert found == [[begins, "2024-04-30", "80.0"]]


def test_a_state_that_is_said_to_be_the_same_of_a_later_day_is_kept():
    """One that bears only the day of the export says nothing new."""
    before = on_record(households=[HOUSEHOLD])
    assert new_rows(before, export(households=[HOUSEHOLD | {"valid_from": DAY}]), "households", "valid_from") == []
    later = export(households=[HOUSEHOLD | {"valid_from": "2024-01-31"}])
    assert new_rows(before, later, "households", "valid_from", "house_area_m2") == [["2024-01-31", "60.0"]]


@pytest.mark.parametrize(
    ("recorded", "known"), [("2024-04-12", "2024-04-12"), ("2024-02-01", "2024-04-30"), ("2024-05-05", "2024-04-30")]
)
def test_a_day_of_recording_is_believed_between_two_exports(recorded, known):
    """The export before would have held what was recorded before it."""
    shown = export(medical=[BILL | {"recorded_at": pd.Timestamp(recorded)}])
    assert new_rows(on_record(), shown, "medical", "recorded_at") == [[known]]


def test_columns_that_are_not_given_keep_what_is_on_record():
    """In the row that is written for another column."""
    before = on_record(members=[PERSON | {"education": "primary", "labour": "ordinary"}])
    shown = export(members=[PERSON | {"valid_from": DAY, "health": "serious"}])
    assert new_rows(before, shown, "members", "health", "education", "labour") == [["serious", "primary", "ordinary"]]


def test_bills_of_one_key_are_written_anew_together():
    """Two equal bills are two; a third one makes three rows of the new day, so that they all count."""
    before = on_record(medical=[BILL, BILL])
    assert new_rows(before, export(medical=[BILL, BILL]), "medical", "recorded_at") == []
    assert new_rows(before, export(medical=[BILL, BILL, BILL]), "medical", "recorded_at") == [["2024-04-30"]] * 3
    one = export(medical=[BILL | {"out_of_pocket_cny": 900.0}], whole=False)
    found = new_rows(before, one, "medical", "out_of_pocket_cny")
    assert sorted(found) == [["100.0"], ["100.0"], ["900.0"]]  # a part of an export takes nothing away


@pytest.mark.parametrize("whole", [True, False])
def test_what_runs_ends_where_a_whole_export_lacks_it(whole):
    """What has happened stays."""
    before = on_record(
        households=[HOUSEHOLD, HOUSEHOLD | {"household_id": "g"}, HOUSEHOLD | {"household_id": "f", "area_code": "211225102201"}],
        members=[PERSON, PERSON | {"member_id": "q"}], medical=[BILL], supports=[MEASURE],
        monitoring=[{"household_id": "h", "identified_on": "2023-01-01"}],
    )  # fmt: skip
    shown = export(
        whole=whole, households=[HOUSEHOLD], members=[PERSON], medical=[BILL | {"member_id": "r"}],
        supports=[MEASURE | {"start_date": "2024-04-01"}], monitoring=[{"household_id": "g", "identified_on": "2024-04-02"}],
    )  # fmt: skip
    tables, counts = dated_rows(before, shown)
    ended = {name: counts[name]["ended"] for name in counts}
    wanted = {"households": 1, "members": 1, "medical": 0, "supports": 1, "monitoring": 1}
    assert ended == (wanted if whole else dict.fromkeys(wanted, 0))
    if whole:
        assert tables["households"].query("household_id == 'g'")["valid_to"].iloc[-1] == DAY
        assert tables["monitoring"].query("household_id == 'h'")["eliminated_on"].iloc[-1] == DAY
        assert (
            not tables["households"].query("household_id == 'f'")["valid_to"].notna().any()
        )  # its township is not shown


def test_sheets_that_merely_name_households_end_none():
    """A list of the monitored is no list of all."""
    before = on_record(households=[HOUSEHOLD, HOUSEHOLD | {"household_id": "g"}])
    _, counts = dated_rows(before, export(lists_households=False, households=[HOUSEHOLD]))
    assert counts["households"]["ended"] == 0


def test_a_spell_without_a_day_is_the_one_that_runs():
    """An export that only says who is monitored dates each by itself; that is no new spell."""
    before = on_record(households=[HOUSEHOLD], monitoring=[{"household_id": "h", "identified_on": "2023-01-01"}])
    shown = export(monitoring=[{"household_id": "h", "identified_on": DAY, "identified_before": True}])
    _, counts = dated_rows(before, shown)
    assert (counts["monitoring"]["same"], counts["monitoring"]["new"], counts["monitoring"]["ended"]) == (1, 0, 0)


def test_a_second_export_of_the_same_day_replaces_what_the_first_one_said():
    """A row of one key and day of recording stands once."""
    before = on_record(households=[HOUSEHOLD])
    first, _ = dated_rows(before, export(households=[HOUSEHOLD | {"valid_from": DAY, "house_area_m2": 80.0}]))
    second, _ = dated_rows(first, export(households=[HOUSEHOLD | {"valid_from": DAY, "house_area_m2": 90.0}]))
    assert second["households"]["house_area_m2"].tolist() == [60.0, 90.0]


def test_of_an_export_that_corrects_itself_the_newest_row_counts():
    """A row of one key and day of recording stands once on record; the other is counted."""
    days = [pd.Timestamp("2024-04-05"), pd.Timestamp("2024-04-06")]
    rows = [
        HOUSEHOLD | {"house_area_m2": area, "recorded_at": day} for area, day in zip((80.0, 90.0), days, strict=True)
    ]
    before = on_record(households=[HOUSEHOLD])
    tables, counts = dated_rows(before, export(households=rows))
    assert tables["households"]["house_area_m2"].tolist() == [60.0, 90.0]
    assert (counts["households"]["changed"], counts["households"]["corrected"]) == (1, 1)


def test_a_list_of_the_monitored_ends_spells_of_its_townships_only():
    """A township that it names nobody of is not what it is about."""
    places = {"h": "211225101201", "g": "211225101202", "f": "211225102201"}
    before = on_record(
        households=[HOUSEHOLD | {"household_id": one, "area_code": code} for one, code in places.items()],
        monitoring=[{"household_id": one, "identified_on": "2023-01-01"} for one in places],
    )
    tables, counts = dated_rows(before, export(monitoring=[{"household_id": "h", "identified_on": "2023-01-01"}]))
    assert counts["monitoring"]["ended"] == 1
    ended = tables["monitoring"][tables["monitoring"]["eliminated_on"].notna()]
    assert ended["household_id"].tolist() == ["g"]
