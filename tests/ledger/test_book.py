"""The ledger as its users have it, on both kinds of store."""

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import LedgerError, RefusedEventsError
from fanpin_risk.ledger import Ledger
from fanpin_risk.ledger.queries import EVENT_COLUMNS


def add(ledger, event, on, household="h1", **evidence):
    return ledger.append(household_id=household, event=event, on=on, who="village", **evidence)


def states(ledger, day, **known):
    return dict(ledger.state(day, **known)[["household_id", "state"]].itertuples(index=False))


def frame(*rows):
    return pd.DataFrame(rows, columns=["household_id", "event", "on"]).assign(who="village")


def test_events_and_states_on_past_days(place):
    """Each day gives what held then; a further measure moves no day."""
    with Ledger(place) as ledger:
        assert [
            add(ledger, *one)
            for one in (("found", "2024-05-01"), ("verified", "2024-05-03"), ("entered", "2024-05-09"))
        ] == [1, 2, 3]
        add(ledger, "supported", "2024-06-01", measure="job")
        add(ledger, "supported", "2024-07-01", measure="loan")
        add(ledger, "found", "2024-05-05", "h0")
    with Ledger(place, create=False) as ledger:
        assert ledger.state("2024-04-30").empty
        assert states(ledger, "2024-05-02") == {"h1": "clue"}
        assert states(ledger, "2024-05-09") == {"h0": "clue", "h1": "entered"}
        last = ledger.state("2024-12-31")
        assert last.to_numpy().tolist() == [
            ["h0", "clue", pd.Timestamp("2024-05-05")],
            ["h1", "supported", pd.Timestamp("2024-06-01")],
        ]
        assert list(last.columns) == ["household_id", "state", "since"]


def test_an_event_that_may_not_happen_raises_and_leaves_nothing(ledger):
    """And the message says what may."""
    add(ledger, "found", "2024-05-01")
    with pytest.raises(
        fr.FanpinError,
        match=r"the event risk eliminated .eliminated. cannot follow the state clue .clue.; possible now: assigned",
    ):
        add(ledger, "eliminated", "2024-05-02")
    assert len(ledger.events()) == 1


def test_the_same_again_changes_nothing(place):
    """An event, a frame, a frame with new ones: each event is there once."""
    sheet = frame(("h1", "found", "2024-05-01"), ("h2", "found", "2024-05-01")).assign(visit_id="sheet-1")
    with Ledger(place) as ledger:
        assert ledger.extend(sheet) == 2
        head = ledger.head
        assert ledger.extend(sheet.iloc[::-1]) == 0
        assert ledger.append(household_id="h1", event="found", on="2024-05-01", who="village", visit_id="sheet-1") == 1
        assert ledger.extend(ledger.events()) == 0
        assert ledger.head == head
        twice = pd.concat([sheet, frame(("h1", "verified", "2024-05-02")), frame(("h1", "verified", "2024-05-02"))])
        assert ledger.extend(twice) == 1
        ledger.verify()


def test_a_key_stands_for_one_event(ledger):
    """A sheet that was changed after it was read is no event that is known, and no new one either."""
    ledger.append(
        household_id="h1", event="found", on="2024-05-01", who="village", event_key="sheet-1:7", channel="hotline"
    )
    with pytest.raises(LedgerError, match="its key is that of the event 1, which says something else"):
        ledger.append(
            household_id="h1", event="found", on="2024-05-01", who="village", event_key="sheet-1:7", channel="list"
        )
    assert len(ledger.events()) == 1


def test_a_frame_is_recorded_as_a_whole_or_not_at_all(place):
    """The first row that does not fit is named, by its place in the frame."""
    with Ledger(place) as ledger:
        rows = frame(("h1", "found", "2024-05-01"), ("h2", "entered", "2024-05-02"), ("h3", "found", "2024-05-01"))
        with pytest.raises(
            LedgerError,
            match=r"row 2, column event \(household \*\*\*\): the event entered .* cannot follow the state none.*nothing was recorded",
        ):
            ledger.extend(rows)
        assert ledger.events().empty
        assert ledger.head == "0:" + "0" * 64
        assert ledger.extend(rows.iloc[:0]) == 0


def test_rows_may_stand_in_any_order(ledger):
    """They are recorded in the order of their days."""
    rows = frame(("h1", "entered", "2024-05-09"), ("h1", "found", "2024-05-01"), ("h1", "verified", "2024-05-03"))
    assert ledger.extend(rows) == 3
    assert ledger.events()["event"].tolist() == ["found", "verified", "entered"]


def test_what_was_recorded_later_was_not_known_then(place, clock):
    """A visit of May that was recorded in June, and a correction of July."""
    with Ledger(place) as ledger:
        clock("2024-05-02")
        add(ledger, "found", "2024-05-01")
        clock("2024-06-10")
        add(ledger, "verified", "2024-05-03")
        clock("2024-07-20")
        add(ledger, "refuted", "2024-05-03", supersedes=2)
        assert states(ledger, "2024-05-31", known_on="2024-05-31") == {"h1": "clue"}
        assert states(ledger, "2024-05-31", known_on="2024-06-10") == {"h1": "verified"}
        assert states(ledger, "2024-05-31", known_on="2024-07-19") == {"h1": "verified"}
        assert states(ledger, "2024-05-31") == {"h1": "refuted"}
        assert states(ledger, "2024-05-02") == {"h1": "clue"}
        known = ledger.events(known_on="2024-06-30")
        assert known["superseded_by"].isna().all()
        assert ledger.events()["superseded_by"].tolist() == [pd.NA, 3, pd.NA]
        ledger.verify()


def test_an_event_of_a_day_is_corrected_though_others_of_the_day_follow(place, clock):
    """The correction stands in its place: for states, on past days, and for what is said last."""
    with Ledger(place) as ledger:
        add(ledger, "found", "2024-05-01", channel="list")
        add(ledger, "verified", "2024-05-01")
        add(ledger, "entered", "2024-05-01")
        add(ledger, "found", "2024-05-01", "h2")
        clock("2024-06-01")
        assert add(ledger, "found", "2024-05-01", supersedes=1, channel="hotline") == 5
        add(ledger, "item_opened", "2024-05-02", item="safe_water", deadline="2024-06-01")
        add(ledger, "item_cleared", "2024-05-02", item="safe_water")
        add(ledger, "item_opened", "2024-05-02", item="safe_water", deadline="2024-05-20", supersedes=6)
        assert states(ledger, "2024-05-31") == {"h1": "entered", "h2": "clue"}
        assert states(ledger, "2024-05-31", known_on="2024-05-31") == {"h1": "entered", "h2": "clue"}
        assert "item" not in set(ledger.due("2024-05-31")["due"])
        ledger.verify()


def test_a_whole_ledger_is_recorded_anew(place, tmp_path):
    """With its corrections, what was taken back and households that go on from others; again it changes nothing."""
    with Ledger(tmp_path / "old.ledger") as old:
        add(old, "found", "2024-05-05")
        add(old, "found", "2024-05-01", "h2")
        add(old, "verified", "2024-05-06", "h2")
        add(old, "verified", "2024-05-03", "h2", supersedes=3)
        add(old, "found", "2024-05-04", supersedes=1)
        add(old, "verified", "2024-05-07")
        add(old, "refuted", "2024-05-07", supersedes=6)
        add(old, "entered", "2024-05-09", "h2")
        add(old, "voided", "2024-06-09", "h2", supersedes=8, reason="another household")
        add(old, "succeeded", "2024-05-10", "h3", succeeds="h2")
        events, head = old.events(), old.head
        assert old.extend(events) == 0
        assert old.head == head
        with Ledger(place) as new:
            add(new, "found", "2024-01-01", "h0")
            assert new.extend(events) == 10
            assert new.extend(events.sample(frac=1, random_state=0)) == 0
            new.verify()
            copied = new.events().iloc[1:]
            told = ["household_id", "event", "on", "who", "evidence", "from_state", "to_state"]
            pd.testing.assert_frame_equal(copied[told].reset_index(drop=True), events[told])
            assert (copied["supersedes"] - 1).tolist() == events["supersedes"].tolist()
            for day in ("2024-05-04", "2024-05-08", "2024-12-31"):
                assert states(new, day) == states(old, day) | {"h0": "clue"}
    with (
        Ledger(tmp_path / "part.ledger") as part,
        pytest.raises(LedgerError, match=r"row 1, column supersedes .*event 6"),
    ):
        part.extend(events[events["seq"] == 7])


def test_all_rows_that_are_refused_are_named(ledger):
    """With their column, under the numbers given; what follows a refused event of a household is not judged."""
    rows = frame(
        ("h1", "found", "2024-05-01"),
        ("h2", "found", "soon"),
        ("h2", "verified", "2024-05-02"),
        ("h3", "verified", "2024-05-02"),
        ("h4", "found", "2024-05-01"),
    ).assign(who=["village", "village", "village", "village", "张三"])
    with pytest.raises(
        RefusedEventsError, match=r"row 12, column on .*; 2 more rows are refused; nothing was"
    ) as caught:
        ledger.extend(rows, rows=range(11, 16))
    assert caught.value.refused[["row", "column"]].to_numpy().tolist() == [[12, "on"], [14, "event"], [15, "who"]]
    assert ledger.events().empty


def test_a_clock_that_is_put_back_gives_the_order_not_away(ledger, clock):
    """What is recorded later never seems to have been known earlier."""
    clock("2024-06-02")
    add(ledger, "found", "2024-05-01")
    clock("2024-06-01")
    add(ledger, "verified", "2024-05-03")
    times = ledger.events()["recorded_at"]
    assert times.is_monotonic_increasing
    assert times.dt.day.tolist() == [2, 2]


def test_what_is_taken_back_no_longer_holds(ledger):
    """The event and its taking back both stay on record."""
    add(ledger, "found", "2024-05-01")
    add(ledger, "verified", "2024-05-03")
    add(ledger, "voided", "2024-05-20", supersedes=2, reason="another household")
    assert states(ledger, "2024-05-31") == {"h1": "clue"}
    add(ledger, "refuted", "2024-05-04")
    assert states(ledger, "2024-05-31") == {"h1": "refuted"}
    assert len(ledger.events()) == 4
    ledger.verify()


def test_a_household_that_splits_goes_on_where_the_old_one_stands(place):
    """On that day; and one that was merged is at its end."""
    with Ledger(place) as ledger:
        for event, on in (("found", "2024-05-01"), ("verified", "2024-05-03"), ("entered", "2024-05-09")):
            add(ledger, event, on)
        add(ledger, "split", "2024-06-01", into=["h2"])
        add(ledger, "split", "2024-06-01", "h2", succeeds="h1")
        add(ledger, "succeeded", "2024-05-04", "h3", succeeds="h1")
        assert states(ledger, "2024-06-01") == {"h1": "entered", "h2": "entered", "h3": "verified"}
        add(ledger, "merged", "2024-07-01", "h2", into="h3")
        assert states(ledger, "2024-07-01")["h2"] == "merged"
        with pytest.raises(LedgerError, match=r"succeeded. needs succeeds in its evidence: the id of a household"):
            add(ledger, "succeeded", "2024-07-01", "h4", succeeds="nobody")
        ledger.verify()


def test_events_of_some_households_until_a_day(ledger):
    """In the order of their numbers, with types that hold also for none."""
    ledger.extend(frame(("h1", "found", "2024-05-01"), ("h2", "found", "2024-05-02"), ("h1", "verified", "2024-05-03")))
    assert ledger.events(households="h1")["seq"].tolist() == [1, 3]
    assert ledger.events(households=["h2", "h1", "nobody"], until="2024-05-02")["seq"].tolist() == [1, 2]
    for events in (ledger.events(), ledger.events(households="nobody")):
        assert tuple(events.columns) == EVENT_COLUMNS
        kinds = events.dtypes.astype("str")
        assert kinds[["seq", "on", "recorded_at", "supersedes"]].tolist() == [
            "int64",
            "datetime64[s]",
            "datetime64[us]",
            "Int64",
        ]
    many = [f"h{number}" for number in range(2000)]
    assert len(ledger.events(households=many)) == 3


def test_the_ledger_is_public_and_says_what_it_is(ledger):
    """As fr.Ledger; its words hold no path."""
    assert fr.Ledger is Ledger
    assert repr(ledger) == "Ledger('own.ledger')"


def test_random_histories_replay_alike(ledger):
    """State by state, on every day, the same as a plain walk through the table."""
    rng = np.random.default_rng(0)
    ways = [
        ("found", "verified", "entered", "supported", "eliminated", "returned"),
        ("found", "refuted", "found", "not_here"),
        ("found", "assigned", "verified", "authorised", "compared", "ruled_out"),
    ]
    rows = []
    for number in range(60):
        way = ways[rng.integers(len(ways))]
        days = np.sort(rng.integers(0, 300, len(way)))
        rows += [
            (f"h{number}", event, pd.Timestamp("2024-01-01") + pd.Timedelta(days=int(day)))
            for event, day in zip(way, days, strict=True)
        ]
    events = frame(*rows).assign(reason="test")
    ledger.extend(events)
    after = {"found": "clue", "assigned": "verifying", "ruled_out": "negative", "returned": "verifying"}
    for day in pd.date_range("2024-01-01", periods=10, freq="37D"):
        last = events[events["on"] <= day].groupby("household_id")["event"].last()
        assert states(ledger, day) == {name: after.get(event, event) for name, event in last.items()}
