"""Where a ledger is kept: what is made, what is refused, and what a refusal says."""

import os
import sqlite3
import stat
import sys

import pytest

from fanpin_risk.errors import InputError, LedgerError, MissingPackageError
from fanpin_risk.ledger import Ledger
from fanpin_risk.ledger.store import EVENT_TABLE, Store


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such rights")
def test_a_new_file_is_its_owners_alone(tmp_path):
    """Whatever the machine's habit is; so is what SQLite writes beside it."""
    before = os.umask(0)
    try:
        with Ledger(tmp_path / "a.ledger") as ledger:
            ledger.append(household_id="h", event="found", on="2024-05-01", who="village")
    finally:
        os.umask(before)
    assert [stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()] == [0o600]


def test_it_is_written_so_that_a_loss_of_power_loses_nothing(tmp_path):
    """With a log ahead of writing that is brought to the disk before an event is acknowledged."""
    store = Store(tmp_path / "a.ledger")
    with store.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    assert not store.damage()


def test_addresses_of_sqlite_are_files(tmp_path):
    """As SQLAlchemy writes them."""
    Ledger(f"sqlite:///{tmp_path / 'a.ledger'}").close()
    assert Store(tmp_path / "a.ledger", create=False).name == "a.ledger"


def test_what_is_no_ledger_is_refused_and_left_as_it_is(tmp_path):
    """A folder, another file, the database of another program, a file that is not there."""
    (tmp_path / "text.ledger").write_text("no ledger", encoding="utf-8")
    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE households (id TEXT)")
    connection.close()
    for name, message in (
        ("text.ledger", "text.ledger: is no ledger"),
        ("other.db", "other.db: is the database of another program"),
        ("", "expected the file of a ledger"),
        ("nowhere/a.ledger", "a.ledger: its folder does not exist"),
    ):
        with pytest.raises(InputError, match=message):
            Ledger(tmp_path / name)
    with pytest.raises(InputError, match=r"gone.ledger: there is no such ledger"):
        Ledger(tmp_path / "gone.ledger", create=False)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["other.db", "text.ledger"]
    assert (tmp_path / "text.ledger").read_text(encoding="utf-8") == "no ledger"


@pytest.mark.parametrize(
    "address", ["mysql://clerk:secret@host/x", "postgresql://clerk:se cret@ho:st:x/y", "oracle://h/x"]
)
def test_other_databases_are_refused_without_their_password(address):
    """They are neither of the two."""
    with pytest.raises(InputError, match="expected the file of a ledger, or an address such as postgresql") as caught:
        Ledger(address)
    assert "secret" not in str(caught.value)
    assert "se cret" not in str(caught.value)


def test_a_newer_version_is_refused(tmp_path):
    """Rather than read by what it was not written for."""
    place = tmp_path / "a.ledger"
    Ledger(place).close()
    with sqlite3.connect(place) as connection:
        connection.execute("INSERT INTO fanpin_ledger_version VALUES (7)")
    connection.close()
    with pytest.raises(LedgerError, match="the ledger is of version 7, this program knows versions up to 1"):
        Ledger(place)


def test_migrations_are_run_once_and_in_order(place, monkeypatch):
    """Each brings a ledger one version further, whatever it began with."""
    done = []
    Ledger(place).close()
    monkeypatch.setattr(
        "fanpin_risk.ledger.store.MIGRATIONS", (done.append, lambda _: done.append(2), lambda _: done.append(3))
    )
    Ledger(place).close()
    Ledger(place).close()
    assert done == [2, 3]


def test_a_migration_that_fails_leaves_the_ledger_as_it_was(place, monkeypatch):
    """It is one transaction."""
    Ledger(place).close()

    def fail(connection):
        connection.exec_driver_sql(f"DROP TABLE {EVENT_TABLE}")
        raise ZeroDivisionError

    monkeypatch.setattr("fanpin_risk.ledger.store.MIGRATIONS", (print, fail))
    with pytest.raises(ZeroDivisionError):
        Ledger(place)
    monkeypatch.undo()
    with Ledger(place) as ledger:
        assert ledger.events().empty


def test_a_damaged_file_is_said_in_words_of_our_own(tmp_path):
    """And what to do."""
    place = tmp_path / "a.ledger"
    with Ledger(place) as ledger:
        ledger.append(household_id="h", event="found", on="2024-05-01", who="village")
    raw = bytearray(place.read_bytes())
    raw[100:] = b"\xff" * (len(raw) - 100)
    place.write_bytes(raw)
    with pytest.raises(LedgerError, match="the file is damaged; take the last copy"):
        Ledger(place).verify()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_file_that_may_only_be_read_is_said(tmp_path):
    """Instead of what the driver says."""
    place = tmp_path / "a.ledger"
    Ledger(place).close()
    place.chmod(0o400)
    with pytest.raises(LedgerError, match="may only be read"):
        Ledger(place).append(household_id="h", event="found", on="2024-05-01", who="village")


def test_without_sqlalchemy_the_command_that_installs_it_is_said(tmp_path, monkeypatch):
    """In one line."""
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(MissingPackageError, match=r"a ledger needs sqlalchemy.*python -m pip install .*sqlalchemy"):
        Ledger(tmp_path / "a.ledger")


def test_a_server_that_cannot_be_reached_is_said_without_the_password():
    """The words are those of the reading of databases."""
    with pytest.raises(LedgerError, match=r"postgresql://127.0.0.1:1/x: the ledger cannot be opened: ") as caught:
        Ledger("postgresql://clerk:secret@127.0.0.1:1/x")
    assert "secret" not in str(caught.value)
