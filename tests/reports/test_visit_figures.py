"""Lines of tables about visits: what is held against what, what was learnt from, and what is left out where nothing is known."""

from __future__ import annotations

import pytest

from fanpin_risk.reports.documents import Document
from fanpin_risk.reports.visit_figures import against_rows, learnt_rows, visits_section

FOUND = {"model": "m+visits", "fold": "2023-12-31", "against": "visits", "weighting": "weighted", "note": ""}
ROWS = [
    FOUND | {"measure": "base_rate", "value": 0.05, "low": 0.03, "high": 0.07},
    FOUND | {"measure": "auc", "value": 0.7, "low": 0.6, "high": 0.8, "note": "uneven_weights:12:30"},
]
LEARNT = {
    "fold": "2023-12-31", "model": "m+visits", "visits": 400, "by_list": 300, "at_random": 100, "effective": 180.4,
    "largest_weight": 6.25, "share_verified_weighted": 0.05, "share_verified": 0.2, "share_recognised": 0.02, "note": "visits_cut:3:20",
}  # fmt: skip
UNKNOWN = LEARNT | dict.fromkeys(("effective", "largest_weight", "share_verified_weighted", "share_verified"))


def test_each_way_to_weigh_is_a_line():
    """Model, day, against what and how counted, then the measures with intervals."""
    headers, lines = against_rows(ROWS, "en")
    assert headers[:4] == ["Model", "Day forecast", "Held against", "Counted"]
    assert lines == [
        [
            "m, learning from visits", "2023-12-31", "what visits found", "weighted by one over the probability of the visit",
            "5.00% (3.00% – 7.00%)", "0.700 (0.600 – 0.800)",
        ]
    ]  # fmt: skip


def test_what_was_learnt_from_stands_with_its_weights():
    """Counts, how unevenly they weigh, shares, and what was cut; a dash where nothing is known."""
    _, lines = learnt_rows([LEARNT, UNKNOWN], "en")
    assert lines[0][2:] == [
        "400", "300", "100", "180", "6.2", "5.00%, 20.00%, 2.00%", "3 weights were cut to 20 times the mean for learning",
    ]  # fmt: skip
    assert lines[1][5:8] == ["—", "—", "—, —, 2.00%"]


@pytest.mark.parametrize(("lang", "told"), [("en", "the largest 30 times the mean"), ("zh", "最大权重为均值的 30 倍")])
def test_the_section_names_uneven_weights(lang, told):
    """In both languages, under the table; without visits there is no section."""
    page = Document(lang)
    visits_section(page, {"visits": ROWS, "visits_learnt": [LEARNT]}, lang)
    assert told in page.markdown()
    empty = Document(lang)
    visits_section(empty, {}, lang)
    assert not empty.blocks
    later = Document(lang)
    visits_section(later, {"visits_learnt": [LEARNT]}, lang)
    assert told not in later.markdown()
    assert "180" in later.markdown()
