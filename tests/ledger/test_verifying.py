"""A byte that was forged, an event that was taken out: found, wherever it is."""

import sqlite3

import pandas as pd
import pytest
import sqlalchemy

from fanpin_risk.errors import LedgerError
from fanpin_risk.ledger import Ledger
from fanpin_risk.ledger.chain import event_hash
from fanpin_risk.ledger.store import EVENT_TABLE, Store
from fanpin_risk.ledger.verifying import verify_chain

COLUMNS = [column.name for column in Store.events.fget(None).columns]


@pytest.fixture
def written(tmp_path):
    """The file of a ledger with five events, one of them a correction."""
    place = tmp_path / "forged.ledger"
    with Ledger(place) as ledger:
        rows = [("h1", "found", "2024-05-01"), ("h2", "found", "2024-05-02"), ("h1", "verified", "2024-05-03")]
        ledger.extend(pd.DataFrame(rows, columns=["household_id", "event", "on"]).assign(who="village", amount=7))
        extra = {"as_of": "2024-04-30", "model": "m1", "list_id": "l1", "visit_id": "v1"}
        ledger.append(household_id="h2", event="verified", on="2024-05-04", who="village", **extra)
        ledger.append(household_id="h2", event="refuted", on="2024-05-04", who="village", supersedes=4, **extra)
    return place


def forge(place, statement, *values):
    with sqlite3.connect(place) as connection:
        connection.execute(statement, values)
    connection.close()


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("seq", [1, 3, 5])
def test_a_forged_value_is_found_in_every_column(written, column, seq):
    """One sign more, or a value where there was none; the event is named."""
    change = f"{column} + 90" if column in ("seq", "supersedes") else f"{column} || 'x'"
    forge(written, f"UPDATE {EVENT_TABLE} SET {column} = coalesce({change}, 77) WHERE seq = ?", seq)
    with Ledger(written) as ledger, pytest.raises(LedgerError, match=f"event {seq} does not fit the chain"):
        ledger.verify()


def test_a_forged_byte_in_the_file_is_found(written):
    """At every place where the texts of an event stand, whatever the byte becomes."""
    with Ledger(written) as ledger:
        digests = ledger.events()["hash"].tolist()
    clean = written.read_bytes()
    # The row of the third event ends with its own hash, behind that of the second.
    end = clean.index((digests[1] + digests[2]).encode()) + 128
    places = range(end - 330, end, 5)
    assert b"h1verified" in clean[places.start : end]
    for place in places:
        forged = bytearray(clean)
        forged[place] ^= 0x81
        written.write_bytes(forged)
        with Ledger(written) as ledger, pytest.raises(LedgerError):
            ledger.verify()
    written.write_bytes(clean)
    with Ledger(written) as ledger:
        ledger.verify()


def test_an_event_that_was_taken_out_is_found(written):
    """In the middle by its number; at the end by the head that was noted."""
    with Ledger(written) as ledger:
        head = ledger.head
        assert ledger.verify(head=head) == head
    forge(written, f"DELETE FROM {EVENT_TABLE} WHERE seq = 5")
    with Ledger(written) as ledger:
        shorter = ledger.verify()
        with pytest.raises(LedgerError, match="event 5 does not fit the chain: it is missing, as are all after it"):
            ledger.verify(head=head)
    forge(written, f"DELETE FROM {EVENT_TABLE} WHERE seq = 2")
    with Ledger(written) as ledger, pytest.raises(LedgerError, match="event 2 does not fit the chain: it is missing"):
        ledger.verify(head=shorter)


def test_a_history_written_anew_is_found_by_the_noted_head(written, tmp_path):
    """Whoever computes all hashes anew makes a chain that fits, but not to what was noted elsewhere."""
    with Ledger(written) as ledger:
        head = ledger.head
    with Ledger(tmp_path / "other.ledger") as other:
        for number in range(6):
            other.append(household_id=f"x{number}", event="found", on="2024-05-01", who="village")
        other.verify()
        with pytest.raises(LedgerError, match="event 5 does not fit the chain: its hash is not the one that was noted"):
            other.verify(head=head)


def test_an_earlier_head_still_fits(ledger):
    """Events that came after it do no harm; that of an empty ledger fits all."""
    heads = [ledger.head]
    for number in range(3):
        ledger.append(household_id=f"h{number}", event="found", on="2024-05-01", who="village")
        heads.append(ledger.head)
    assert [ledger.verify(head=head) for head in heads] == [heads[-1]] * 4


@pytest.mark.parametrize("head", ["", "5", "x:y", 7])
def test_what_is_no_head_is_refused(ledger, head):
    """Rather than found not to fit."""
    with pytest.raises(LedgerError, match="head is no head of a ledger"):
        ledger.verify(head=head)


def test_a_state_that_was_not_reached_is_found_though_the_hashes_fit(written):
    """Who hashes anew what the table does not allow is found by the table."""
    with sqlite3.connect(written) as connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute(f"SELECT * FROM {EVENT_TABLE} WHERE seq = 5").fetchone())
        row["to_state"] = "entered"
        connection.execute(f"UPDATE {EVENT_TABLE} SET to_state = 'entered', hash = ? WHERE seq = 5", [event_hash(row)])
    connection.close()
    with pytest.raises(LedgerError, match="event 5 does not fit the chain: the states before and after"):
        verify_chain(Store(written), None)


def test_a_forged_event_is_found_in_postgresql(postgres):
    """The chain is the same there."""
    place = postgres.owner(postgres.new())
    with Ledger(place.render_as_string(hide_password=False)) as ledger:
        for number in range(3):
            ledger.append(household_id=f"h{number}", event="found", on="2024-05-01", who="village", note="村")
        assert ledger.verify(head=ledger.head).startswith("3:")
        engine = sqlalchemy.create_engine(place, poolclass=sqlalchemy.NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE {EVENT_TABLE} SET who = 'villagf' WHERE seq = 2")
        with pytest.raises(LedgerError, match="event 2 does not fit the chain: something in it"):
            ledger.verify()
