"""What all pictures have in common: languages, fonts, the Axes they are drawn on, nothing left behind."""

import inspect
import pkgutil
from functools import partial
from importlib import import_module

import numpy as np
import pytest

import fanpin_risk as fr
from fanpin_risk import plots
from fanpin_risk.errors import SchemaError
from fanpin_risk.evaluation import gains_curve
from fanpin_risk.plots import fonts

mpl = pytest.importorskip("matplotlib")
mpl.use("Agg")
from matplotlib.figure import Figure  # noqa: E402

DAY = "2024-12-31"


# Public names of plots that draw nothing themselves: the font for texts of one's own, and the figures of weak_points.
NO_PICTURES = {"chinese_text", "place_causes"}
PICTURES = sorted(set(plots.__all__) - NO_PICTURES)
# Modules of plots without a picture, and public helpers of the others.
HELPERS = {"axes", "fonts"}
INSIDE = {"series"}


@pytest.fixture(scope="module")
def drawings(model, register, scores, explanation, areas, forecasts):
    """How each picture is drawn here, by its name; all take `ax` and `lang`."""
    first = scores["household_id"][0]
    return {
        "draw": partial(plots.draw, gains_curve(forecasts)),
        "feature_effect": partial(plots.feature_effect, explanation, "months_since_shock"),
        "history": partial(plots.history, model, register, first, days=[DAY]),
        "reasons": partial(plots.reasons, explanation, first),
        "risk_distribution": partial(plots.risk_distribution, scores),
        "risks_over_time": partial(plots.risks_over_time, fr.risk_series(model, register, days=[DAY]), model=model),
        "weak_points": partial(plots.weak_points, explanation, by=areas, unit="township"),
    }


def panels(drawn):
    """Return the Axes of a picture, one or several, as a list."""
    return list(np.atleast_1d(np.asarray(drawn, dtype=object)))


def test_every_picture_is_tried_here(drawings):
    """Whoever adds a picture draws it in `drawings`, or says in NO_PICTURES that the new name draws nothing."""
    assert sorted(drawings) == PICTURES, "draw it in `drawings`; what draws nothing stands in NO_PICTURES"
    for name in PICTURES:
        assert {"ax", "lang"} <= inspect.signature(getattr(plots, name)).parameters.keys(), f"{name} takes ax and lang"


def test_every_picture_is_public():
    """A picture that stands in its module alone would be in no interface, no page of the guide and no test."""
    offered = set()
    for found in pkgutil.iter_modules(plots.__path__):
        module = import_module(f"fanpin_risk.plots.{found.name}")
        own = {
            name
            for name, value in vars(module).items()
            if inspect.isfunction(value) and value.__module__ == module.__name__
        }
        if found.name not in HELPERS:
            offered |= {name for name in own if not name.startswith("_")} - INSIDE
    missing = offered - set(plots.__all__)
    assert missing == set(), "name them in plots/__init__.py; a function for use inside the module begins with _"


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_picture_is_drawn_without_a_trace(drawings, name, lang, texts):
    """No warning (a missing glyph is one), no setting changed, no figure left to pyplot, no whole id."""
    if lang == "zh" and fonts.chinese_font() is None:
        pytest.skip("this computer has no Chinese font")
    from matplotlib import pyplot as plt

    before, open_before = dict(mpl.rcParams), plt.get_fignums()
    ax = panels(drawings[name](lang=lang))[0]
    ax.figure.draw_without_rendering()
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == open_before
    assert not any("H00000" in text for text in texts(ax))
    chinese = any("\u4e00" <= character <= "\u9fff" for text in texts(ax) for character in text)
    assert chinese == (lang == "zh")


@pytest.mark.parametrize("name", PICTURES)
def test_without_a_chinese_font_every_picture_is_english(drawings, name, monkeypatch, texts):
    """One warning for a picture, at the line that asked for it, and no box instead of a character."""
    monkeypatch.setattr(fonts, "CHINESE_FONTS", ("No Such Font",))
    with pytest.warns(UserWarning, match="no font with Chinese characters") as caught:
        ax = panels(drawings[name]())[0]
    ax.figure.draw_without_rendering()
    assert [warning.filename for warning in caught] == [__file__]
    assert not any("\u4e00" <= character <= "\u9fff" for text in texts(ax) for character in text)


@pytest.mark.parametrize("name", PICTURES)
def test_axes_and_figures_that_are_given_are_used(drawings, name):
    """A picture can be part of a larger one; a figure gets the size that the picture needs."""
    figure = Figure(figsize=(20, 20))
    drawn = panels(drawings[name](ax=figure, lang="en"))
    assert {ax.figure for ax in drawn} == {figure}
    assert figure.get_size_inches()[0] < 20
    figure = Figure(figsize=(20, 20))
    given = panels(figure.subplots(len(drawn)))
    drawn = panels(drawings[name](ax=given if len(given) > 1 else given[0], lang="en"))
    assert all(ax is own for ax, own in zip(drawn, given, strict=True))
    assert tuple(figure.get_size_inches()) == (20, 20)


@pytest.mark.parametrize("name", PICTURES)
def test_another_language_is_refused(drawings, name):
    """A typing error does not make an English picture."""
    with pytest.raises(SchemaError, match="lang is 'de'; expected"):
        drawings[name](lang="de")
