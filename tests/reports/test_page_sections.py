"""The sections of the page: bars, tables and notes laid out from frames that can be checked by hand."""

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.features.feature import CAUSES
from fanpin_risk.reports import page_sections as sections
from fanpin_risk.words import Message


def scores(**tiers):
    """Return a frame of households: tier -> their risks."""
    rows = [(tier, risk) for tier, risks in tiers.items() for risk in risks]
    return pd.DataFrame(rows, columns=["tier", "risk"])


def places(n, level="village", **columns):
    """Return `n` places of a level."""
    frame = pd.DataFrame({"level": level, "area": [f"2112511{k:05}" for k in range(n)], "name": "", "cause": "illness"})
    counts = dict.fromkeys(("households", "listed", "high", "medium", "not_enough_known", "monitored"), 20) | {
        "below_line": 0
    }
    return frame.assign(**{name: pd.array([count] * n, dtype="Int64") for name, count in counts.items()}).assign(
        mean_risk=0.0123, **columns
    )


def causes(flagged):
    """Return one county whose households above the low tier have these main causes."""
    return pd.DataFrame(
        {
            "level": "county", "area": "211251", "name": "", "households": pd.array([100] * len(CAUSES), dtype="Int64"),
            "cause": list(CAUSES), "flagged": pd.array([flagged.get(c, 0) for c in CAUSES], dtype="Int64"),
        }
    )  # fmt: skip


def test_bars_of_the_histogram_hold_every_household():
    """Heights are in proportion to households, stacked by tier, and the limits of the tiers are marked."""
    drawn = sections.histogram(scores(low=[0.01] * 6 + [0.001] * 2, high=[0.2] * 4), {"medium": 0.02, "high": 0.1})
    heights = {}
    for bar in drawn["bars"]:
        heights[bar["tier"]] = heights.get(bar["tier"], 0) + float(bar["height"])
    assert heights["low"] / heights["high"] == pytest.approx(2)
    assert max(float(bar["height"]) for bar in drawn["bars"]) == sections.BAR_HEIGHT
    assert len(drawn["limits"]) == 2
    assert [tier["label"].shown("en") for tier in drawn["tiers"]] == [
        "high (10.0% or more): 4 households", "medium (2.0% or more): 0 households", "low: 8 households",
    ]  # fmt: skip
    assert drawn["tiers"][0]["label"].shown("zh") == "风险高（不低于 10.0%）：4 户"


def test_without_households_there_is_no_histogram():
    """An empty list is said elsewhere; an axis without bars would say nothing."""
    assert sections.histogram(scores(), {}) is None
    assert sections.histogram(scores(low=[float("nan")]), {}) is None


def test_lines_across_the_bars_are_round_numbers():
    """Whatever the number of households, one to three lines with figures that can be read at a glance."""
    for most in (1, 2, 7, 10, 99, 1234, 50_000):
        drawn = sections.histogram(scores(low=[0.01] * most), {})
        numbers = [int(text.replace(",", "")) for _, text in drawn["grid"]]
        assert 1 <= len(numbers) <= 3
        assert numbers[-1] <= most
        assert all(str(number)[0] in "123456789" and set(str(number)[1:]) <= {"0"} for number in numbers)


def test_causes_are_counted_above_the_low_tier_only():
    """The longest bar is the most frequent cause; households without a cause are not among them."""
    frame = pd.DataFrame(
        {"tier": ["high", "medium", "medium", "low", "high"], "cause": ["water", "illness", "illness", "other", ""]}
    )
    rows = sections.cause_rows(frame)
    assert [(row["label"].shown("zh"), row["count"], row["width"]) for row in rows] == [
        ("因病", "2", "100.0"), ("因安全饮水", "1", "50.0"),
    ]  # fmt: skip


def test_the_heat_map_shows_causes_that_occur():
    """Of a hundred households, darker is more; without any there is no heat map."""
    heat = sections.heat_map(causes({"illness": 16, "water": 1}))
    assert [cause.shown("en") for cause in heat["causes"]] == ["illness", "unsafe drinking water"]
    assert [(cell["level"], cell["text"]) for cell in heat["rows"][0]["cells"]] == [(6, "16.0"), (2, "1.0")]
    assert "county" in heat["caption"].shown("en")
    assert sections.heat_map(causes({})) is None


def test_who_is_below_the_line_is_counted_where_somebody_is():
    """A column of noughts would say of a forecast of something else that nobody is below the line."""
    assert len(sections.place_columns(places(2))) == 9
    counted = places(2, below_line=pd.array([3, pd.NA], dtype="Int64"))
    headers = [header.shown("zh") for header in sections.place_columns(counted)]
    rows = sections.place_groups(counted)[0]["rows"]
    assert [row["figures"][headers.index("已低于监测线") - 1] for row in rows] == ["3", "—"]
    assert {len(row["figures"]) + 2 for row in rows} == {len(headers)}


def test_figures_that_are_left_out_are_dashes():
    """A place without figures keeps its row; the note says why."""
    hidden = places(2)
    hidden.loc[0, ["households", "listed", "high", "medium", "not_enough_known", "monitored"]] = pd.NA
    hidden.loc[0, "mean_risk"] = np.nan
    rows = sections.place_groups(hidden.assign(cause=["", "illness"]))[0]["rows"]
    assert rows[0]["figures"] == ["—"] * 7
    assert rows[0]["cause"].shown("zh") == ""
    assert rows[1]["figures"] == [*["20"] * 6, "1.2%"]
    assert "不足 10 户" in sections.small_places_note(hidden).shown("zh")
    assert sections.small_places_note(places(2)) is None


@pytest.mark.parametrize(("n", "folded"), [(40, False), (41, True)])
def test_long_tables_of_places_are_folded(n, folded):
    """A county of hundreds of villages does not push everything else down."""
    group = sections.place_groups(places(n))[0]
    assert (group["folded"], len(group["rows"])) == (folded, n)
    assert group["caption"].shown("zh") == f"按村（{n} 个）"


def test_a_place_without_a_name_is_called_by_its_code():
    """No row is without a heading."""
    named = places(3).assign(name=["青河县", "", ""], area=["211251", "211252", ""])
    assert [row["name"] for row in sections.place_groups(named)[0]["rows"]] == ["青河县", "211252", "—"]


@pytest.mark.parametrize(("kinds", "shown"), [(30, 30), (31, 30)])
def test_only_the_most_frequent_problems_are_listed(kinds, shown):
    """The page shows thirty kinds and says how many there are; the workbook has all."""
    problems = pd.DataFrame(
        {
            "table": "incomes",
            "column": "amount_cny",
            "severity": "warning",
            "expected": Message("x", zh="x"),
            "rows": 1,
        },
        index=range(kinds),
    )
    found = sections.problem_rows(problems)
    assert len(found["rows"]) == shown
    assert ("the first 30" in found["caption"].shown("en")) == (kinds > shown)
    assert found["rows"][0]["column"].shown("zh") == "金额"
    assert sections.problem_rows(problems[:0]) is None


def test_a_shortened_list_says_so():
    """Who reads five of forty knows where the others are."""
    assert "本页列出其中风险最高的 5 户" in sections.list_note(5, 40).shown("zh")
    assert "highest risk" not in sections.list_note(40, 40).shown("en")
