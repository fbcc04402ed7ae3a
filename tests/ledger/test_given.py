"""Events as they are given: what is taken, what is refused, and in which row."""

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.errors import InputError, LedgerError, RefusedEventsError, SchemaError
from fanpin_risk.ledger.additions import refuse_rows
from fanpin_risk.ledger.given import events_of_frame, given_event

ONE = {"household_id": "h1", "event": "found", "on": "2024-05-01", "who": "village"}


def test_an_event_is_written_as_it_is_kept():
    """Days as texts, evidence as one text, and a key of what is said."""
    values = {**ONE, "on": pd.Timestamp("2024-05-01 09:30"), "as_of": "2024-04-30", "model": "ab12", "visit_id": " v1 "}
    event = given_event(4, values, {"amount": np.float64(3), "nothing": None})
    assert event.row == 4
    key = event.kept.pop("event_key")
    assert event.kept == {
        "household_id": "h1", "event": "found", "on_day": "2024-05-01", "who": "village", "as_of": "2024-04-30",
        "model": "ab12", "list_id": None, "visit_id": "v1", "evidence": '{"amount":3.0}', "supersedes": None,
    }  # fmt: skip
    assert key == given_event(1, values, {"amount": 3.0}).kept["event_key"]
    assert event.told_state is event.succeeded_household is None


@pytest.mark.parametrize(
    ("values", "evidence", "message"),
    [
        ({"household_id": None}, {}, "household_id is missing, or no text"),
        ({"household_id": " "}, {}, "household_id is missing, or no text"),
        ({"household_id": 7}, {}, "household_id is missing, or no text"),
        ({"household_id": "a\nb"}, {}, "household_id is no id"),
        ({"household_id": "x" * 129}, {}, "household_id is no id"),
        ({"household_id": "11010519491231002X"}, {}, "household_id is built like the number of a citizen"),
        ({"household_id": "110105491231002"}, {}, "household_id is built like the number of a citizen"),
        ({"event": "arrested"}, {}, "event is none that the ledger knows"),
        ({"event": np.nan}, {}, "event is missing"),
        ({"on": None}, {}, "on is missing"),
        ({"on": "01/02/2024"}, {}, "on is not a day"),
        ({"as_of": "soon"}, {}, "as_of is not a day"),
        ({"who": "张三"}, {}, "expected a role or a code"),
        ({"model": 3}, {}, "model is no code"),
        ({"visit_id": "x" * 129}, {}, "visit_id is no code"),
        ({"supersedes": 1.5}, {}, "supersedes is no number"),
        ({"supersedes": 0}, {}, "supersedes is no number"),
        ({"supersedes": True}, {}, "supersedes is no number"),
        ({"supersedes": "3"}, {}, "supersedes is no number"),
        ({"event": "returned"}, {}, "returned. needs reason in its evidence"),
        ({"event": "imported"}, {"state": "entered"}, "imported. needs reason"),
    ],
)
def test_what_is_no_event_is_refused(values, evidence, message):
    """Before anything is opened or written."""
    with pytest.raises((LedgerError, SchemaError), match=message):
        given_event(1, {**ONE, **values}, evidence)


def test_columns_of_a_frame_are_evidence_where_a_row_has_a_value():
    """And what events() or the reading of a sheet adds is passed over."""
    frame = pd.DataFrame([ONE, ONE]).assign(
        amount=[5.0, np.nan], hash="x", seq=1, problems="half", evidence=[{"item": "water"}, '{"item":"school"}']
    )
    first, second = events_of_frame(frame)
    assert first.evidence == {"amount": 5.0, "item": "water"}
    assert second.evidence == {"item": "school"}
    assert (first.row, second.row) == (1, 2)


@pytest.mark.parametrize("evidence", ["[1]", "{", "text"])
def test_evidence_that_is_no_object_is_refused(evidence):
    """The row is named, the household masked, the text not repeated."""
    frame = pd.DataFrame([ONE, {**ONE, "household_id": "H20230000412"}]).assign(evidence=[None, evidence])
    refused = []
    assert len(list(events_of_frame(frame, refused=refused))) == 1
    with pytest.raises(
        RefusedEventsError,
        match=r"row 2, column evidence \(household H2\*\*\*12\): the column evidence holds .* nothing was recorded",
    ):
        refuse_rows(refused)


def test_a_frame_without_a_column_is_refused():
    """With the columns that are expected."""
    with pytest.raises(LedgerError, match=r"events has no column on, who; expected household_id, event, on, who"):
        list(events_of_frame(pd.DataFrame({"household_id": ["a"], "event": ["found"]})))
    with pytest.raises(InputError, match="events"):
        list(events_of_frame([ONE]))


def test_a_day_that_has_not_come_is_refused():
    """Tomorrow is taken, wherever the clock stands; a deadline is evidence and may lie ahead."""
    today = pd.Timestamp.now().normalize()
    ahead = {"deadline": today + pd.Timedelta(days=90)}
    assert given_event(1, {**ONE, "on": today + pd.Timedelta(days=1)}, ahead).evidence["deadline"]
    with pytest.raises(LedgerError, match="which is later than today"):
        given_event(1, {**ONE, "on": today + pd.Timedelta(days=2)}, {})


def test_an_id_of_eighteen_digits_that_is_no_citizens_is_taken():
    """Such as one made of the code of a village."""
    assert (
        given_event(1, {**ONE, "household_id": "211282101001000012"}, {}).kept["household_id"] == "211282101001000012"
    )
