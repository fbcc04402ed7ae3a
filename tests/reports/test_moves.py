"""Changes since an earlier day in a report: counts, whose change is told, by which facts, in the workbook and on the page."""

import re
from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.asof.outcomes import NO_FORECAST
from fanpin_risk.errors import SchemaError
from fanpin_risk.reports import gather, write_report
from fanpin_risk.reports.moves import RISEN_LISTED, moved_households, moved_note, moved_rows
from fanpin_risk.reports.page import page_html
from fanpin_risk.watch.changed import MOVES

BEFORE, DAY = "2024-06-30", "2024-12-31"


@pytest.fixture(scope="module")
def since(model, register):
    return gather(model, register, DAY, capacity=30, before=BEFORE)


@pytest.fixture(scope="module")
def moved(model, register):
    return fr.changes(model, register, BEFORE, DAY)


def test_counts_are_those_of_the_command(since, moved):
    """Everybody on record on either day is in one count or compared with nothing."""
    counts = moved.frame["move"].value_counts()
    assert since.moves.counts == {move: int(counts.get(move, 0)) for move in MOVES}
    assert since.moves.not_asked == 0
    figures = since.summary.set_index("key")["value"]
    assert figures["since_rising"] == counts["rising"] > 0
    assert figures["since_not_compared"] == 0


def test_the_list_and_the_greatest_rises_are_told(since, moved):
    """All of the list, then nobody of the others rose more than those who are shown; risks are those of the scores."""
    shown = since.moves.households
    assert set(since.watchlist["household_id"]) <= set(shown["household_id"])
    others = shown[shown["listed"].isna()]
    assert 0 < len(others) <= RISEN_LISTED
    left = moved.frame[~moved.frame["household_id"].isin(shown["household_id"])]
    left = left[(left["not_at_risk_before"] == "") & (left["not_at_risk_after"] == "") & (left["move"] == "rising")]
    assert left["log_odds_change"].max() <= others["log_odds_change"].min() if len(left) else True
    assert shown["log_odds_change"].dropna().is_monotonic_decreasing
    listed = shown.dropna(subset="listed").set_index("household_id")
    own = since.watchlist.set_index("household_id").loc[listed.index]
    assert listed["listed"].tolist() == own["number"].tolist()
    np.testing.assert_allclose(listed["risk_after"], own["risk"], rtol=1e-12)
    parts = shown[["by_records", "by_line", "by_model"]].sum(axis=1)
    stayed = shown["log_odds_change"].notna()
    np.testing.assert_allclose(parts[stayed], shown.loc[stayed, "log_odds_change"], atol=1e-9)


def test_facts_are_those_of_the_records_alone(since, moved):
    """In both languages, the greatest first; no sentence of the line or the model among them."""
    shown = since.moves.households.iloc[0]
    told = [fact.shown("en") for fact in shown["facts"]]
    said = moved.reasons(lang="en", n_reasons=5).set_index("household_id").loc[shown["household_id"]]
    assert 1 <= len(told) == len(set(told)) <= 3
    assert told[0] == said["change_1"]
    assert all(re.search(r"[\u4e00-\u9fff]", fact.shown("zh")) for fact in shown["facts"])


def test_whom_the_forecast_is_not_about_is_counted_apart(moved, model, register):
    """Below the line already on one of the days: in no count and no table."""
    scores = model.score(register, DAY)
    first = moved.frame.sort_values("log_odds_change", ascending=False)["household_id"].iloc[0]
    is_first = moved.frame["household_id"] == first
    beside = moved.frame["not_at_risk_before"].mask(is_first, NO_FORECAST[0])
    told = replace(moved, frame=moved.frame.assign(not_at_risk_before=beside))
    found = moved_households(told, scores, fr.watchlist(scores, capacity=5), n_reasons=1)
    assert found.not_asked == 1
    assert sum(found.counts.values()) == len(moved.frame) - 1
    assert first not in set(found.households["household_id"])


def test_the_sheet_and_the_page_show_it(since, tmp_path):
    """The sheet holds whole ids and every household, the page masked ones and those that rose most; each fact in its own column."""
    path = write_report(since, tmp_path / "r.xlsx", lang="en")
    sheet = openpyxl.load_workbook(path)["Changes"]
    header, *rows = sheet.iter_rows(values_only=True)
    assert header[4:11] == (
        "No. on the watch list", "Since then", f"Risk on {BEFORE}", f"Risk on {DAY}", "Change of log-odds", "of it by records",
        "of it by the line",
    )  # fmt: skip
    assert [row[1] for row in rows] == since.moves.households["household_id"].tolist()
    facts = [fact.shown("en") for fact in since.moves.households["facts"].iloc[0]]
    assert list(rows[0][11 : 11 + len(facts)]) == facts
    page = page_html(since, lang="en")
    part = page.partition('<section id="changes">')[2].partition("</section>")[0]
    assert part.count("<tr>") - 1 == len(moved_rows(since.moves)) == 20
    assert not any(one in part for one in since.moves.households["household_id"])
    assert "of it by the model" not in part
    assert str(since.moves.counts["falling"]) in part


def test_another_model_on_the_earlier_day_is_told_apart(model, register):
    """What it moves has a column of its own; here it is the same model, so nothing."""
    told = gather(model, register, DAY, capacity=5, before=BEFORE, model_before=fr.load_model("demo"))
    assert (told.moves.households["by_model"].abs() < 1e-12).all()
    assert "of it by the model" in page_html(told, lang="en")
    assert "another model" in moved_note(told.moves).shown("en")


def test_without_an_earlier_day_nothing_is_said(contents, model, register):
    """No sheet, no section; a day that is not earlier is refused before any work."""
    assert contents.moves is None
    assert contents.masked().moves is None
    assert "changes" not in re.findall(r'<section id="([^"]+)"', page_html(contents))
    with pytest.raises(SchemaError, match="before is 2024-12-31; expected a day before 2024-12-31"):
        gather(model, register, DAY, before=pd.Timestamp(DAY))
