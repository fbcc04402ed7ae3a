"""The reasons of one household as bars: they add up and say what the list says."""

import numpy as np
import pytest

from fanpin_risk import plots
from fanpin_risk.errors import ExplanationError
from fanpin_risk.features import CAUSES
from fanpin_risk.plots import fonts
from fanpin_risk.words.widths import width

mpl = pytest.importorskip("matplotlib")
mpl.use("Agg")

DAY = "2024-12-31"
# What stands above groups of bars.
HEADS = {name.shown("en") for name in CAUSES.values()}


def test_bars_lead_from_the_base_to_the_risk(explanation, scores):
    """What is drawn adds up: from the base value, bar by bar, to the household's log-odds."""
    for household in scores["household_id"].iloc[[0, 50, -1]]:
        one = explanation.select(household)
        ax = plots.reasons(explanation, household, lang="en")
        at = one.base_value
        for bar in ax.patches:
            left, right = bar.get_x(), bar.get_x() + bar.get_width()
            assert min(abs(left - at), abs(right - at)) < 1e-9
            at = right if abs(left - at) < 1e-9 else left
        assert at == pytest.approx(one.margin[0], abs=1e-9)
        assert ax.get_xlim()[0] < min(at, one.base_value) < max(at, one.base_value) < ax.get_xlim()[1]


def test_bars_are_the_reasons_of_the_list(explanation, scores):
    """The picture and the watch list say the same, with the same numbers, under the official categories."""
    household = scores["household_id"][0]
    told = explanation.select(household).reasons(lang="en", n_reasons=3).iloc[0]
    ax = plots.reasons(explanation, household, lang="en")
    labels = [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]
    numbers = [text.get_text() for text in ax.texts]
    for k in (1, 2, 3):
        assert told[f"reason_{k}"].removesuffix(" (raises the risk)") in labels
        assert f"+{told[f'contribution_{k}']:.2f}" in numbers
    assert labels[0].startswith("Starting point")
    assert labels[1] in HEADS
    assert labels[-1] == "Risk of this household"


def test_top_bars_and_one_for_the_rest(explanation, scores, texts):
    """Small topics are together in the last bar; none of them is lost."""
    for household in scores["household_id"].iloc[[0, -1]]:
        ax = plots.reasons(explanation, household, n_reasons=2, lang="en")
        assert len(ax.patches) == 3
        assert ax.get_yticklabels()[-2].get_text().startswith("other (")
        everything = plots.reasons(explanation, household, n_reasons=100, lang="en")
        moves = sorted((abs(bar.get_width()) for bar in everything.patches), reverse=True)
        assert sorted((abs(bar.get_width()) for bar in ax.patches[:2]), reverse=True) == moves[:2]
        assert not any("more topics" in text for text in texts(everything))


def test_direction_shows_in_sign_and_hatch(explanation, scores):
    """Who sees no colours, or prints in grey, tells what raises from what lowers."""
    ax = plots.reasons(explanation, scores["household_id"].iloc[len(scores) // 2], lang="en")
    signs = [text.get_text()[0] for text in ax.texts if text.get_text()[0] in "+−"]
    raises = [bar.get_width() > 0 for bar in ax.patches]
    assert {True, False} == set(raises)
    assert signs == ["+" if up else "−" for up in raises]
    assert [not bar.get_hatch() for bar in ax.patches] == raises
    dark = [np.mean(mpl.colors.to_rgb(bar.get_facecolor())) for bar in ax.patches]
    assert max(shade for shade, up in zip(dark, raises, strict=True) if up) < 0.4
    assert min(shade for shade, up in zip(dark, raises, strict=True) if not up) > 0.7


def test_long_sentences_are_wrapped(explanation, scores):
    """No label pushes the bars off the picture."""
    for lang in ("en", "zh") if fonts.chinese_font() else ("en",):
        labels = plots.reasons(explanation, scores["household_id"][0], lang=lang).get_yticklabels()
        assert max(width(line) for label in labels for line in label.get_text().split("\n")) <= 46
        assert any("\n" in label.get_text() for label in labels)


def test_ids_are_masked_unless_asked_for(explanation, scores, model, register):
    """A picture that is passed on does not name the household; the office may have the whole id."""
    household = scores["household_id"][0]
    masked = plots.reasons(explanation, household, lang="en").get_title()
    whole = plots.reasons(explanation, household, lang="en", whole_id=True).get_title()
    assert (household in masked, household in whole) == (False, True)
    title = plots.history(model, register, household, days=[DAY], lang="en", whole_id=True)[0].get_title()
    assert household in title


def test_reasons_of_nobody_are_refused(explanation):
    """Another household, or no bars at all, are errors that name no id."""
    with pytest.raises(ExplanationError, match="1 of 1 households asked for are not in this explanation"):
        plots.reasons(explanation, "H999999999")
    with pytest.raises(ExplanationError, match="n_reasons is 0; expected 1 or more"):
        plots.reasons(explanation, explanation.household_ids[0], n_reasons=0)
