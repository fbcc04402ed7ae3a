"""What all pictures have in common: languages, fonts, the Axes they are drawn on, nothing left behind."""

import pytest

from fanpin_risk import plots
from fanpin_risk.errors import SchemaError
from fanpin_risk.plots import fonts

mpl = pytest.importorskip("matplotlib")
mpl.use("Agg")
from matplotlib.figure import Figure  # noqa: E402

DAY = "2024-12-31"


@pytest.fixture(scope="module")
def drawings(model, register, scores, explanation, areas):
    first = scores["household_id"][0]
    return {
        "risk_distribution": lambda **how: plots.risk_distribution(scores, **how),
        "reasons": lambda **how: plots.reasons(explanation, first, **how),
        "weak_points": lambda **how: plots.weak_points(explanation, by=areas, unit="township", **how),
        "feature_effect": lambda **how: plots.feature_effect(explanation, "months_since_shock", **how),
        "history": lambda **how: plots.history(model, register, first, days=[DAY], **how)[0],
    }


DRAWINGS = ["risk_distribution", "reasons", "weak_points", "feature_effect", "history"]


@pytest.mark.parametrize("name", DRAWINGS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_picture_is_drawn_without_a_trace(drawings, name, lang, texts):
    """No warning (a missing glyph is one), no setting changed, no figure left to pyplot, no whole id."""
    if lang == "zh" and fonts.chinese_font() is None:
        pytest.skip("this computer has no Chinese font")
    from matplotlib import pyplot as plt

    before, open_before = dict(mpl.rcParams), plt.get_fignums()
    ax = drawings[name](lang=lang)
    ax.figure.draw_without_rendering()
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == open_before
    assert not any("H00000" in text for text in texts(ax))
    chinese = any("\u4e00" <= character <= "\u9fff" for text in texts(ax) for character in text)
    assert chinese == (lang == "zh")


@pytest.mark.parametrize("name", DRAWINGS)
def test_without_a_chinese_font_every_picture_is_english(drawings, name, monkeypatch, texts):
    """One warning for a picture, at the line that asked for it, and no box instead of a character."""
    monkeypatch.setattr(fonts, "CHINESE_FONTS", ("No Such Font",))
    with pytest.warns(UserWarning, match="no font with Chinese characters") as caught:
        ax = drawings[name]()
    ax.figure.draw_without_rendering()
    assert [warning.filename for warning in caught] == [__file__]
    assert not any("\u4e00" <= character <= "\u9fff" for text in texts(ax) for character in text)


@pytest.mark.parametrize("name", [name for name in DRAWINGS if name != "history"])
def test_axes_and_figures_that_are_given_are_used(drawings, name):
    """A picture can be part of a larger one; a figure gets the size that the picture needs."""
    figure = Figure(figsize=(20, 20))
    ax = figure.subplots()
    assert drawings[name](ax=ax, lang="en") is ax
    assert tuple(figure.get_size_inches()) == (20, 20)
    assert drawings[name](ax=figure, lang="en").figure is figure
    assert figure.get_size_inches()[0] < 20


@pytest.mark.parametrize("name", DRAWINGS)
def test_another_language_is_refused(drawings, name):
    """A typing error does not make an English picture."""
    with pytest.raises(SchemaError, match="lang is 'de'; expected one of zh, en"):
        drawings[name](lang="de")
