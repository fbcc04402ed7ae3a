"""The monitoring history of a register becomes events that end where the register says."""

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import InputError
from fanpin_risk.ledger import Ledger
from fanpin_risk.ledger.taking_over import monitoring_history

DAY = "2023-12-31"


@pytest.fixture(scope="module")
def register():
    return fr.make_register(800, random_state=1, base_rate=0.1)


def entries(*rows, supports=()):
    """A register of one household with entries (identified_on, eliminated_on, more)."""
    monitoring = pd.DataFrame([{"household_id": "h1", "type": "脱贫不稳定户", **row} for row in rows])
    tables = {
        "households": pd.DataFrame(
            {"household_id": ["h1"], "area_code": ["211282001001"], "valid_from": ["2015-01-01"]}
        ),
        "monitoring": monitoring,
    }
    if supports:
        tables["supports"] = pd.DataFrame([{"household_id": "h1", **row} for row in supports])
    return fr.read_register(tables)


def test_who_is_monitored_by_the_register_is_so_by_the_ledger(register, ledger):
    """On the day, and on days before it; since the day of recognition."""
    assert ledger.import_register(register, DAY) > 50
    for day in (DAY, "2022-06-30", "2021-03-31"):
        here = fr.Snapshot(register, DAY)
        spells = here.monitoring
        at = np.datetime64(day)
        open_then = (spells.identified_on <= at) & (np.isnat(spells.eliminated_on) | (spells.eliminated_on > at))
        expected = set(here.household_ids[spells.household[open_then]])
        states = ledger.state(day)
        assert set(states.loc[states["state"].isin(["entered", "supported"]), "household_id"]) == expected
    ledger.verify()


def test_taking_over_again_changes_nothing(register, ledger):
    """Households that the ledger knows go their own way from then on."""
    first = ledger.import_register(register, "2022-12-31")
    head = ledger.head
    assert first > 0
    assert ledger.import_register(register, "2022-12-31") == 0
    assert ledger.head == head
    known = set(ledger.state("2100-01-01")["household_id"])
    ledger.import_register(register, DAY)
    later = ledger.events()
    assert not set(later.loc[later["as_of"] == DAY, "household_id"]) & known


def test_nothing_recorded_later_is_taken_over(register):
    """Neither entries nor eliminations of after the day."""
    history = monitoring_history(register, "2021-06-30")
    assert (pd.to_datetime(history["on"]) <= "2021-06-30").all()


def test_what_an_entry_says_is_evidence():
    """Type, risks, place, measures in it and marks; what is not on record is not there."""
    register = entries(
        {"identified_on": "2022-03-01", "risks": "因病;缺劳动力", "no_labour_backstop": "是"},
        supports=[
            {"measure": "产业帮扶", "start_date": "2022-05-01", "end_date": "2022-12-31"},
            {"measure": "健康帮扶", "start_date": "2020-05-01", "end_date": "2020-12-31"},
        ],
    )
    (event,) = monitoring_history(register, DAY).to_dict("records")
    assert event["event"] == "imported"
    assert event["who"] == "import"
    told = {name: value for name, value in event["evidence"].items() if value is not None}
    assert told == {
        "state": "supported", "reason": "register", "type": "unstable_ex_poor", "risks": ["illness", "labour"],
        "area_code": "211282001001", "no_labour": True, "measures": ["industry"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"identified_on": "2022-03-01"}], ["imported entered"]),
        ([{"identified_on": "2022-03-01", "eliminated_on": "2022-12-01"}], ["imported supported", "eliminated"]),
        (
            [{"identified_on": "2022-03-01", "eliminated_on": "2022-12-01", "eliminate_mode": "自然消除"}],
            ["imported entered", "eliminated_naturally"],
        ),
        # An elimination of after the day is not known yet.
        ([{"identified_on": "2022-03-01", "eliminated_on": "2024-12-01"}], ["imported entered"]),
        (
            [{"identified_on": "2020-03-01", "eliminated_on": "2020-12-01"}, {"identified_on": "2022-03-01"}],
            ["imported supported", "eliminated", "imported entered"],
        ),
        # The second begins before the first has ended.
        (
            [{"identified_on": "2020-03-01", "eliminated_on": "2022-12-01"}, {"identified_on": "2022-03-01"}],
            ["imported entered", "imported entered"],
        ),
    ],
)
def test_entries_become_events(rows, expected, ledger):
    """In their order, and the ledger takes them."""
    register = entries(*rows)
    history = monitoring_history(register, DAY)
    told = [f"{row.event} {row.evidence.get('state', '')}".strip() for row in history.itertuples()]
    assert told == expected
    assert ledger.import_register(register, DAY) == len(expected)
    ledger.verify()


def test_what_is_no_register_is_refused(tmp_path):
    """Before the ledger is written to."""
    with Ledger(tmp_path / "a.ledger") as ledger, pytest.raises(InputError, match="register"):
        ledger.import_register("county", DAY)
