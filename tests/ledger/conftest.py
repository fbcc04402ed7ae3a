"""Ledgers in a file, and in a database of PostgreSQL."""

import itertools

import pytest

from fanpin_risk.ledger import Ledger


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """Where a ledger may be made: both kinds of store."""
    if request.param == "sqlite":
        return tmp_path / "county.ledger"
    postgres = request.getfixturevalue("postgres")
    return postgres.owner(postgres.new()).render_as_string(hide_password=False)


@pytest.fixture
def ledger(tmp_path):
    """A ledger in a file."""
    with Ledger(tmp_path / "own.ledger") as opened:
        yield opened


@pytest.fixture
def clock(monkeypatch):
    """Let the time of recording be what a test says; each event a second later."""
    seconds = itertools.count()
    day = ["2024-01-01"]
    monkeypatch.setattr("fanpin_risk.ledger.book.now", lambda: f"{day[0]}T08:00:{next(seconds) % 60:02}.000000+08:00")
    return lambda text: day.__setitem__(0, text)
