"""A new event among those of its household: late ones, corrections, and what they would break."""

import pytest

from fanpin_risk.errors import LedgerError
from fanpin_risk.ledger.timelines import Step, Timelines


@pytest.fixture
def lines():
    """A household that was found on the 1st, verified on the 5th and entered on the 9th of May."""
    lines = Timelines()
    lines.add("a", "found", "2024-05-01", 1)
    lines.add("a", "verified", "2024-05-05", 2)
    lines.add("a", "entered", "2024-05-09", 3)
    return lines


def test_states_on_past_days(lines):
    """Before the first event there is none; on a day its own event counts."""
    assert [lines.state("a", f"2024-{day}") for day in ("04-30", "05-01", "05-04", "05-05", "06-01")] == [
        "-", "clue", "clue", "verified", "entered",
    ]  # fmt: skip
    assert lines.state("a") == "entered"
    assert lines.state("b") == "-"
    assert lines.knows("a")
    assert not lines.knows("b")


def test_a_late_event_that_changes_nothing_fits_between(lines):
    """A further signal of the 3rd that is recorded last."""
    assert lines.add("a", "found", "2024-05-03", 4) == ("clue", "clue")
    assert lines.state("a") == "entered"


def test_a_late_event_that_changes_what_followed_is_refused(lines):
    """On the 3rd it was still a clue: who was refuted then could not have been verified on the 5th."""
    with pytest.raises(
        LedgerError, match=r"then the event 2 of 2024-05-05, recorded as following the state clue .clue"
    ):
        lines.add("a", "refuted", "2024-05-03", 4)
    assert lines.state("a") == "entered"


def test_a_correction_takes_the_place_of_an_event(lines):
    """Another day for it; the old one no longer counts."""
    assert lines.add("a", "verified", "2024-05-06", 4, supersedes=2) == ("clue", "verified")
    assert lines.state("a", "2024-05-05") == "clue"


def test_a_correction_stands_where_the_corrected_event_stood(lines):
    """Others of the same day that were recorded between the two still follow it; also when it is corrected again."""
    lines.add("b", "found", "2024-05-01", 4)
    lines.add("b", "verified", "2024-05-01", 5)
    assert lines.add("b", "found", "2024-05-01", 6, supersedes=4) == ("-", "clue")
    assert lines.add("b", "found", "2024-05-01", 7, supersedes=6) == ("-", "clue")
    assert lines.state("b") == "verified"
    # Put on the day of a later event, it still comes before that one.
    assert lines.add("a", "verified", "2024-05-09", 8, supersedes=2) == ("clue", "verified")
    assert lines.state("a", "2024-05-09") == "entered"
    with pytest.raises(LedgerError, match=r"the event found .found. cannot follow the state verified"):
        lines.add("b", "found", "2024-05-02", 9, supersedes=7)


def test_a_correction_must_leave_what_followed_possible(lines):
    """Found untrue instead: what follows has to be taken back first, from the end."""
    with pytest.raises(LedgerError, match="then the event 3 of 2024-05-09"):
        lines.add("a", "refuted", "2024-05-05", 4, supersedes=2)
    with pytest.raises(LedgerError, match="then the event 3 of 2024-05-09"):
        lines.add("a", "voided", "2024-05-10", 4, supersedes=2)
    assert lines.add("a", "voided", "2024-05-10", 4, supersedes=3) == ("entered", "verified")
    assert lines.add("a", "refuted", "2024-05-05", 5, supersedes=2) == ("clue", "refuted")


@pytest.mark.parametrize("seq", [9, 3])
def test_only_what_holds_is_corrected(lines, seq):
    """Not an event of somebody else, nor one that was corrected already."""
    lines.add("a", "entered", "2024-05-10", 4, supersedes=3)
    with pytest.raises(LedgerError, match=f"supersedes names the event {seq}, which is none of this household"):
        lines.add("a", "entered", "2024-05-11", 5, supersedes=seq)


def test_taking_back_names_what(lines):
    """Without a number nothing is taken back."""
    with pytest.raises(LedgerError, match=r"voided. needs supersedes"):
        lines.add("a", "voided", "2024-05-10", 4)


def test_steps_on_record_are_taken_over():
    """A household without any is known as such."""
    lines = Timelines()
    lines.load("a", [Step("2024-05-01", 1, "-", "clue", 1)])
    lines.load("b", [])
    assert lines.add("a", "verified", "2024-05-01", 2) == ("clue", "verified")
    assert lines.knows("b")
