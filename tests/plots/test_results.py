"""Pictures of results: what they show, read back from what was drawn."""

import sys
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.errors import MissingPackageError, SchemaError
from fanpin_risk.evaluation import (
    Result,
    calibration_curve,
    capacity_cost,
    capacity_curve,
    compare,
    decision_curve,
    drift,
    fairness,
    gains_curve,
    lead_time,
    summarise,
)
from fanpin_risk.plots import draw, fonts

CURVES = {
    "calibration": calibration_curve,
    "capacity": capacity_curve,
    "decision": decision_curve,
    "gains": gains_curve,
    "lead_time": lambda table: lead_time(table, 0.2, n_bootstrap=20),
    "summary": lambda table: summarise(table, n_bootstrap=20),
    "comparison": lambda table: compare(table, reference="ours", n_bootstrap=20),
}


@pytest.fixture(scope="module")
def table(forecasts):
    return forecasts


@pytest.fixture
def axes():
    mpl = pytest.importorskip("matplotlib")
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    yield lambda: plt.subplots()[1]
    plt.close("all")


@pytest.mark.parametrize("kind", CURVES)
def test_every_kind_has_a_picture(table, kind, axes):
    """A picture is drawn on the Axes that are given, shows every model, and can be rendered."""
    ax = axes()
    drawn = draw(CURVES[kind](table), ax=ax, lang="en")
    assert drawn is ax
    assert ax.get_xlabel()
    shown = [
        text.get_text() for text in (*(ax.get_legend().get_texts() if ax.get_legend() else ()), *ax.get_yticklabels())
    ]
    assert any("rules" in text for text in shown)
    ax.figure.draw_without_rendering()


def test_models_stand_together_under_each_measure(table, axes):
    """In the picture of a summary one reads the models of a measure beside each other."""
    ax = draw(summarise(table, measures=["auc", "brier"], n_bootstrap=20), ax=axes(), lang="en")
    labels = [text.get_text() for text in ax.get_yticklabels()]
    assert labels == ["ours, AUC", "rules, AUC", "ours, Brier score", "rules, Brier score"]


def test_without_axes_there_is_a_new_figure(table, axes):
    """Called without, draw makes its own figure."""
    old = axes()
    assert draw(gains_curve(table), lang="en").figure is not old.figure


def test_pictures_in_a_loop_leave_no_figures_behind(table, axes):
    """Where pyplot shows nothing by itself a picture is not one of its figures, which it keeps until they are closed."""
    from matplotlib import pyplot as plt

    axes()
    before = plt.get_fignums()
    found = gains_curve(table)
    for _ in range(3):
        draw(found, lang="en")
    assert plt.get_fignums() == before


@pytest.mark.parametrize(("lang", "shown"), [("zh", "随机森林"), ("en", "random forest")])
def test_labels_tell_what_rows_differ_in(lang, shown, monkeypatch):
    """Models go by their name in the language, and a model alone is not named in every line."""
    from matplotlib.figure import Figure

    monkeypatch.setattr("fanpin_risk.plots.results.labels_lang", lambda lang: lang)
    monkeypatch.setattr("fanpin_risk.plots.results.set_font", lambda _: None)
    rows = [("random forest", size, "recall", value, 0.1, 0.9) for size, value in (("1", 0.3), ("2", 0.5))]
    table = Result(rows, columns=["model", "household_size", "measure", "value", "low", "high"], kind="summary")
    sizes = ["1人", "2人"] if lang == "zh" else ["1", "2"]
    assert [text.get_text() for text in draw(table, ax=Figure(), lang=lang).get_yticklabels()] == sizes
    two = pd.concat([table, table.assign(model="fanpin_risk")])
    labels = [text.get_text() for text in draw(Result(two, kind="summary"), ax=Figure(), lang=lang).get_yticklabels()]
    assert labels == [f"{model}, {size}" for model in (shown, "fanpin_risk") for size in sizes]


@pytest.mark.parametrize(
    ("lang", "shown"),
    [
        ("zh", ["无", "有，无一、二级", "有一、二级重度残疾", "未知"]),
        ("en", ["none", "yes, none of grade 1 or 2", "of grade 1 or 2", "unknown"]),
    ],
)
@pytest.mark.parametrize("kind", ["summary", "fairness"])
def test_groups_go_by_their_words_in_their_order(lang, shown, kind, monkeypatch):
    """No code of a group stands in a picture; groups follow each other as declared, those not known last."""
    from matplotlib.figure import Figure

    monkeypatch.setattr("fanpin_risk.plots.results.labels_lang", lambda lang: lang)
    codes = ["none", "disabled", "severely disabled", "unknown"]
    if kind == "summary":
        codes = sorted(codes)
    rows = [(code, "base_rate", 0.3, 0.1, 0.9) for code in codes]
    table = Result(rows, columns=["disability", "measure", "value", "low", "high"], kind=kind)
    assert [text.get_text() for text in draw(table, ax=Figure(), lang=lang).get_yticklabels()] == shown
    curve = Result([("none", 0.1, 0.5, 0.7)], columns=["disability", "share", "found", "found_ideal"], kind="gains")
    assert draw(curve, ax=Figure(), lang=lang).get_legend().get_texts()[0].get_text() == shown[0]


def test_many_groups_and_long_names_leave_room():
    """Thirty groups stand apart, a single one is named, and names of any length leave the picture its place."""
    from matplotlib.figure import Figure

    rows = [(f"{'x' * 80}{k}", "exclusion_error", 0.3, 0.1, 0.9) for k in range(30)]
    columns = ["village", "measure", "value", "low", "high"]
    figure = Figure()
    ax = draw(Result(rows, columns=columns, kind="fairness"), ax=figure, lang="en")
    figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in ax.get_yticklabels()]
    assert all(above.y0 > below.y1 for above, below in pairwise(boxes))
    assert ax.get_window_extent().width > 0.25 * figure.bbox.width
    one = Result([("211251", *rows[0][1:])], columns=["county", *columns[1:]], kind="fairness")
    assert [text.get_text() for text in draw(one, ax=Figure(), lang="en").get_yticklabels()] == ["211251"]


def test_a_long_legend_stands_beside_the_picture():
    """Names of many lines do not hide them; few stay upon the picture."""
    from matplotlib.figure import Figure

    columns = ["model", "share", "found", "found_ideal"]
    rows = [(f"m{k}", share, share, 1.0) for k in range(6) for share in (0.1, 0.9)]
    for number, beside in ((2, False), (6, True)):
        figure = Figure()
        ax = draw(Result(rows[: 2 * number], columns=columns, kind="gains"), ax=figure, lang="en")
        figure.draw_without_rendering()
        assert bool(ax.get_legend().get_window_extent().x0 >= ax.get_window_extent().x1) == beside
        assert ax.get_legend().get_window_extent().x1 <= figure.bbox.x1


@pytest.mark.usefixtures("axes")
def test_where_pyplot_shows_figures_a_picture_is_one_of_them(table, monkeypatch):
    """In a notebook the picture appears below the cell without another word."""
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    monkeypatch.setattr(mpl, "get_backend", lambda: "module://matplotlib_inline.backend_inline")
    ax = draw(gains_curve(table), lang="en")
    assert ax.figure.number in plt.get_fignums()
    plt.close(ax.figure)


@pytest.mark.usefixtures("axes")
def test_a_figure_gets_the_size_that_the_picture_needs(table):
    """Long tables are drawn high enough to be read, also on a figure that is given."""
    from matplotlib.figure import Figure

    found = summarise(table, n_bootstrap=5)
    given = Figure()
    assert draw(found, ax=given, lang="en").figure is given
    high = given.get_size_inches()[1]
    draw(found.head(4), ax=given, lang="en")
    assert high > given.get_size_inches()[1] + 1


@pytest.mark.parametrize(
    "make",
    [
        lambda t: calibration_curve(t, 1),
        lambda _: Result({name: [0.0] for name in ("bin", "mean_risk", "observed", "low", "high")}, kind="calibration"),
        lambda t: capacity_curve(t, [0.05]),
        lambda t: decision_curve(t, [0.05]),
    ],
)
def test_a_single_point_is_drawn(table, axes, make):
    """One bin, one capacity, one threshold make a picture with a mark to see, and no warning."""
    ax = draw(make(table), ax=axes(), lang="en")
    ax.figure.draw_without_rendering()
    points = [line for line in ax.get_lines() if len(line.get_xdata()) == 1 and line.get_marker() not in ("None", "")]
    assert points
    assert {line.get_markevery() for line in points} <= {None, 1}


def test_measures_of_another_scale_do_not_press_shares_together(table, axes):
    """Lift, which is no share, is not in a picture of shares; alone it is."""
    found = summarise(table, measures=["auc", "lift"], n_bootstrap=5)
    assert [text.get_text() for text in draw(found, ax=axes(), lang="en").get_yticklabels()] == ["ours", "rules"]
    alone = draw(found[found["measure"] == "lift"], ax=axes(), lang="en")
    assert alone.get_xlabel() == "Lift at capacity"


def test_drift_names_features_and_says_what_is_missing(axes):
    """The bars are called as an officer knows the features, cut where one would hide the others, with their values."""
    before = pd.DataFrame({"income_to_line": np.arange(400.0) % 90, "household_size": np.arange(400.0) % 4})
    after = before.assign(income_to_line=np.nan, household_size=before["household_size"] + 0)
    found = drift(before, after)
    ax = draw(found, ax=axes(), lang="en")
    labels = [text.get_text().replace("\n", " ") for text in ax.get_yticklabels()]
    assert labels == ["Net income per person relative to the monitoring line", "Members"]
    assert max(bar.get_width() for bar in ax.patches) == 1.0
    assert any(f"{found['psi'].max():.1f}, missing 0% → 100%" == text.get_text() for text in ax.texts)


def test_chinese_labels_where_there_is_a_font(table, axes, monkeypatch):
    """With a Chinese font labels are Chinese and set in it; settings of matplotlib stay as they were."""
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    monkeypatch.setattr(fonts, "chinese_font", lambda: "DejaVu Serif")
    ax = draw(gains_curve(table), ax=axes())
    assert ax.get_xlabel() == "走访户占比"
    assert ax.xaxis.label.get_fontfamily()[0] == "DejaVu Serif"
    assert ax.get_legend().get_texts()[0].get_fontfamily()[0] == "DejaVu Serif"
    assert dict(mpl.rcParams) == before


def test_without_a_chinese_font_labels_are_english_with_one_warning(table, axes, monkeypatch):
    """No boxes instead of characters: English labels, and one warning that says what to do."""
    monkeypatch.setattr(fonts, "CHINESE_FONTS", ("No Such Font",))
    found, ax = calibration_curve(table), axes()
    with pytest.warns(UserWarning, match="no font with Chinese characters was found, labels are in English") as caught:
        draw(found, ax=ax)
    ax.figure.draw_without_rendering()
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert ax.get_xlabel() == "Forecast risk"


def test_without_matplotlib_the_extra_is_named(table, monkeypatch):
    """Tables need no matplotlib; pictures say how to get it."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    found = gains_curve(table)
    with pytest.raises(MissingPackageError, match='python -m pip install "matplotlib>=') as caught:
        draw(found)
    assert isinstance(caught.value, ImportError)


def test_what_cannot_be_drawn_says_why(table):
    """A table without kind, columns or rows, or another language, is refused by name."""
    found = gains_curve(table)
    with pytest.raises(
        SchemaError, match=r"no picture for a result of kind ''; expected calibration, .* forget their kind"
    ):
        draw(Result({"a": [1]}))
    with pytest.raises(SchemaError, match="needs the columns share, found, found_ideal; found_ideal were taken away"):
        draw(found[["model", "share", "found"]])
    with pytest.raises(SchemaError, match="no rows: there is nothing to draw"):
        draw(found.head(0))
    with pytest.raises(SchemaError, match="all 202 rows of the result are without found: there is nothing to draw"):
        draw(found.assign(found=np.nan))
    with pytest.raises(SchemaError, match="lang is 'fr'; expected one of zh, en"):
        draw(found, lang="fr")


@pytest.mark.parametrize("make", [fairness, capacity_cost])
def test_tables_of_groups_have_pictures(table, axes, make):
    """Both have a point for every row that they show: two groups; three measures of four ways to share visits."""
    found = make(table[table["model"] == "ours"], "group", n_bootstrap=10)
    ax = draw(found, ax=axes(), lang="en")
    assert len(ax.get_yticks()) == (2 if make is fairness else 12)


def test_the_kind_of_a_plain_table_can_be_given(table, axes):
    """A table that pandas joined or rebuilt is drawn once it is said what it holds."""
    plain = pd.DataFrame(gains_curve(table))
    assert draw(plain, kind="gains", ax=axes(), lang="en").get_ylabel() == "Share of events found"
