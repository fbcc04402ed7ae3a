"""Events that are added: their order, and what is said where they are refused."""

import pandas as pd
import pytest

from fanpin_risk.errors import LedgerError, RefusedEventsError
from fanpin_risk.ledger.additions import COLUMNS_OF_REFUSED_EVENTS, in_order, refuse_rows
from fanpin_risk.ledger.given import GivenEvent, RefusedRow


def given(row, day, number=None):
    return GivenEvent(row, {"on_day": day}, {}, number)


def test_events_of_another_ledger_keep_their_order():
    """Those without a number follow by their days."""
    events = [given(1, "2024-05-03"), given(2, "2024-05-01", 7), given(3, "2024-05-02"), given(4, "2024-05-09", 3)]
    assert [one.row for one in in_order(events)] == [4, 2, 3, 1]


def test_refused_rows_are_said_in_both_languages():
    """The first in the message, all in the table, ids masked in the one."""
    rows = [
        RefusedRow(5, "on", "h2", "found", "x", LedgerError("event is missing")),
        RefusedRow(3, "who", "H20230000412", "found", "2024-05-01", LedgerError("no such file or folder")),
    ]
    with pytest.raises(RefusedEventsError) as caught:
        refuse_rows(rows)
    said = caught.value.message
    assert said.shown("en") == (
        "row 3, column who (household H2***12): no such file or folder; 1 more rows are refused; nothing was recorded"
    )
    assert said.shown("zh") == (
        "第 3 行“who”列（户 H2***12）：没有这个文件或文件夹；另有 1 行不予登记；没有记入任何事件"
    )
    assert tuple(caught.value.refused.columns) == COLUMNS_OF_REFUSED_EVENTS
    assert caught.value.refused["row"].tolist() == [3, 5]


def test_one_event_alone_is_no_row(ledger):
    """Its error is said as it is."""
    with pytest.raises(LedgerError, match=r"^the event entered") as caught:
        ledger.append(household_id="h1", event="entered", on="2024-05-01", who="village")
    assert not isinstance(caught.value, RefusedEventsError)


def test_a_key_of_another_event_is_the_column_at_fault(ledger):
    """Beside a row that may not happen."""
    ledger.append(household_id="h1", event="found", on="2024-05-01", who="village", event_key="k")
    rows = pd.DataFrame(
        {"household_id": "h1", "event": ["found"], "on": "2024-05-02", "who": "village", "event_key": "k"}
    )
    with pytest.raises(RefusedEventsError, match="column event_key"):
        ledger.extend(rows)
