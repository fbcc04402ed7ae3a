"""Signals beside the score: pending ones as known on the day, with who sent them and for how long they have been open."""

from datetime import date

import pytest

import fanpin_risk as fr
from fanpin_risk.errors import SchemaError
from fanpin_risk.policy.signals import pending_signals, sender_in_words, signals_in_words, signals_on_day

DAY = date(2023, 12, 31)


def signal(event_date, recorded_at, **more):
    return {"event_date": event_date, "recorded_at": recorded_at, "channel": "department", "signal": "water"} | more


CASE = {
    "members": [{"member_id": "P", "birth_date": "1980-03-01"}],
    "warnings": [
        # answered by the day
        signal(date(2023, 3, 1), date(2023, 3, 9), signal="dropout", department="教育局", outcome="pending"),
        signal(
            date(2023, 3, 1), date(2023, 4, 2), signal="dropout", department="教育局", outcome="verified",
            outcome_date=date(2023, 4, 1),
        ),
        # the outcome came after the day
        signal(date(2023, 12, 1), date(2023, 12, 5), department="水利局", outcome="pending"),
        signal(
            date(2023, 12, 1), date(2024, 1, 20), department="水利局", outcome="refuted", outcome_date=date(2024, 1, 19)
        ),
        # no department, and nothing said of an outcome
        signal(date(2023, 11, 21), date(2023, 11, 30), channel="cadre", signal="house_cd"),
        # recorded after the day
        signal(date(2023, 12, 20), date(2024, 1, 3), signal="disaster", department="应急管理局"),
    ],
}  # fmt: skip


def test_only_what_was_known_by_the_day_counts(household_of):
    """Answered by then: no longer open. Answered later: still open. Sent later: not there. The longest open comes first."""
    here = fr.Snapshot(household_of(CASE, DAY), DAY)
    assert pending_signals(here).tolist() == ["house_cd:40:#cadre;water:30:水利局"]
    found = signals_on_day(here)
    assert found[["signal", "state"]].to_numpy().tolist() == [
        ["dropout", "verified"], ["house_cd", "pending"], ["water", "pending"]
    ]  # fmt: skip
    later = fr.Snapshot(household_of(CASE, date(2024, 2, 1)), "2024-02-01")
    assert pending_signals(later).tolist() == ["house_cd:72:#cadre;disaster:43:应急管理局"]


@pytest.mark.filterwarnings("ignore::fanpin_risk.errors.LackingTablesWarning")
def test_pending_signals_stand_in_scores_and_lists(household_of):
    """As codes in a score, in words in what an office reads."""
    scores = fr.load_model("demo").score(household_of(CASE, DAY), DAY)
    assert scores["signals"].tolist() == ["house_cd:40:#cadre;water:30:水利局"]
    shown = fr.in_words(fr.watchlist(scores, capacity=1), lang="zh")["signals"].tolist()
    assert shown == ["危房（干部排查，已40天）；饮水困难（水利局，已30天）"]
    assert "open for 30 days" in signals_in_words(scores["signals"].iloc[0]).shown("en")


def test_signs_between_fields_are_no_part_of_a_name(household_of):
    """A department called with a colon, a semicolon or a cross reads back."""
    case = {"warnings": [signal(date(2023, 12, 1), date(2023, 12, 5), department="水利;局:#二")]}
    told = pending_signals(fr.Snapshot(household_of(case, DAY), DAY))[0]
    assert told == "water:30:水利 局  二"
    assert signals_in_words(told).shown("zh") == "饮水困难（水利 局  二，已30天）"


def test_without_the_table_nothing_is_open(household_of):
    """A register without warnings has none; what is no code is refused."""
    assert pending_signals(fr.Snapshot(household_of({}, DAY), DAY)).tolist() == [""]
    assert sender_in_words("").shown("zh") == "来源未登记"
    for text in ("roof:3:x", "water:soon:x", "water"):
        with pytest.raises(SchemaError, match="not codes"):
            signals_in_words(text)


def test_an_outcome_dated_after_the_day_is_not_known_yet(household_of):
    """Also where the row was recorded by the day: a date ahead is a plan or a slip, no answer."""
    ahead = signal(
        date(2023, 12, 1), date(2023, 12, 5), department="水利局", outcome="refuted", outcome_date=date(2024, 1, 19)
    )
    here = fr.Snapshot(household_of({"warnings": [ahead]}, DAY), DAY)
    assert pending_signals(here).tolist() == ["water:30:水利局"]
    assert signals_on_day(here)["state"].tolist() == ["pending"]
