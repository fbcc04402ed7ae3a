"""Curves by hand, tables that keep their kind, and pictures."""

import pickle
import sys
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.errors import MissingPackageError, SchemaError
from fanpin_risk.evaluation import (
    Result,
    calibration_curve,
    capacity_curve,
    compare,
    decision_curve,
    drift,
    gains_curve,
    lead_time,
    measure,
    summarise,
)
from fanpin_risk.plots import fonts

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
def table():
    rng = np.random.default_rng(0)
    n = 1200
    village = np.arange(n) // 30
    logit = -2 + rng.normal(0, 0.7, 40)[village] + rng.normal(0, 1, n)
    outcome = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(int)
    day = pd.Timestamp("2021-12-31")
    event_on = pd.Series(day + pd.to_timedelta(rng.integers(1, 365, n), unit="D"))
    parts = []
    for model, noise in (("ours", 0.3), ("rules", 1.5)):
        risk = 1 / (1 + np.exp(-(logit + rng.normal(0, noise, n))))
        parts.append(
            pd.DataFrame(
                {
                    "model": model,
                    "fold": "2021-12-31",
                    "as_of": day,
                    "household_id": [f"h{i:04}" for i in range(n)],
                    "cluster": [f"2112240010{v:02}" for v in village],
                    "outcome": outcome,
                    "risk": np.round(risk, 1) if model == "rules" else risk,
                    "weight": 1.0,
                    "event_on": event_on.where(outcome == 1),
                    "group": np.where(village < 20, "near", "far"),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def test_calibration_is_the_share_of_events_in_bins_of_equal_mass(table):
    """Mean risk and share of events of each tenth of the households, low risks first."""
    ours = table[table["model"] == "ours"]
    found = calibration_curve(ours)
    ranked = ours.sort_values("risk").reset_index(drop=True)
    tenth = ranked.groupby(ranked.index // 120)
    assert found["bin"].tolist() == list(range(1, 11))
    assert found["mean_risk"].to_numpy() == pytest.approx(tenth["risk"].mean().to_numpy())
    assert found["observed"].to_numpy() == pytest.approx(tenth["outcome"].mean().to_numpy())
    assert found["households"].tolist() == [120] * 10
    assert found["events"].tolist() == tenth["outcome"].sum().tolist()
    assert ((found["low"] <= found["observed"]) & (found["observed"] <= found["high"])).all()


def test_intervals_of_bins_are_wilsons_and_wider_in_villages_alike():
    """Households on their own give Wilson's interval; if villages act as one, it is as wide as that of the villages."""
    outcome = np.repeat([1, 0, 0, 0, 0], 20)
    one = pd.DataFrame(
        {"model": "m", "household_id": [f"h{i}" for i in range(100)], "outcome": outcome, "risk": 0.2, "cluster": ""}
    )
    alone = calibration_curve(one, n_bins=1).iloc[0]
    assert (alone["low"], alone["high"]) == pytest.approx((0.1334, 0.2888), abs=1e-3)  # n = 100 less the one of n - 1
    villages = calibration_curve(one.assign(cluster=[f"v{i // 4:02}" for i in range(100)]), n_bins=1).iloc[0]
    direct = one.iloc[::4].assign(household_id=lambda t: t["household_id"])
    of_villages = calibration_curve(direct, n_bins=1, fewest=10).iloc[0]
    assert (villages["low"], villages["high"]) == pytest.approx((of_villages["low"], of_villages["high"]))


def test_a_bin_without_events_is_not_certain():
    """No event among 60 households does not prove that there is no risk: the interval reaches above 0."""
    quiet = pd.DataFrame(
        {"model": "m", "household_id": [f"h{i}" for i in range(60)], "outcome": 0, "risk": 0.01, "cluster": "v"}
    )
    found = calibration_curve(quiet, n_bins=1).iloc[0]
    assert (found["observed"], found["low"]) == (0, 0)
    assert found["high"] == pytest.approx(1.96**2 / (60 + 1.96**2), abs=1e-4)


def test_small_bins_are_left_out(table):
    """A bin of fewer households than allowed has neither values nor counts."""
    found = calibration_curve(table[table["model"] == "ours"].head(300), n_bins=10)
    assert found[["mean_risk", "observed", "low", "high", "households", "events"]].isna().all().all()
    assert found["bin"].tolist() == list(range(1, 11))


def test_the_capacity_curve_is_the_measure_at_every_share(table):
    """Each row holds what measure() gives at that capacity, bounds included."""
    found = capacity_curve(table, [0.3, 0.05, 120])
    for model in ("ours", "rules"):
        rows = table[table["model"] == model]
        own = found[found["model"] == model].set_index("share")
        assert own.index.tolist() == [0.05, 0.1, 0.3]
        assert own["visits"].tolist() == [60, 120, 360]
        for share in (0.05, 0.1, 0.3):
            direct = measure(rows["outcome"], rows["risk"], share=share)
            for name in own.columns.drop(["model", "visits"]):
                assert own.loc[share, name] == pytest.approx(direct[name])
    ties = found[found["model"] == "rules"]
    assert (ties["recall_worst"] < ties["recall_best"]).any()


def test_one_list_visits_groups_by_their_risk(table):
    """On one list the visits of groups add up to the list's; by default every group has its own list."""
    ours = table[table["model"] == "ours"]
    common = capacity_curve(ours, [0.1], by=("model", "group"), one_list=True)
    own = capacity_curve(ours, [0.1], by=("model", "group"))
    assert common["visits"].sum() == pytest.approx(120)
    assert common["visits"].tolist() != own["visits"].tolist() == [60, 60]


def test_the_decision_curve_by_hand(table):
    """Net benefit is events found less needless visits at the odds; visiting all is the curve of a risk of one."""
    found = decision_curve(table, [0.1, 0.5]).set_index(["model", "threshold"])
    rows = table[table["model"] == "ours"]
    for threshold in (0.1, 0.5):
        flagged = rows["risk"] >= threshold
        hits, false = (flagged & (rows["outcome"] == 1)).sum(), (flagged & (rows["outcome"] == 0)).sum()
        row = found.loc[("ours", threshold)]
        assert row["net_benefit"] == pytest.approx((hits - false * threshold / (1 - threshold)) / 1200)
        assert row["visited"] == pytest.approx(flagged.mean())
        everyone = measure(rows["outcome"], np.ones(1200), threshold=threshold)["net_benefit"]
        assert (row["visit_all"], row["visit_none"]) == (pytest.approx(everyone), 0)


def test_gains_run_from_nothing_to_all(table):
    """No visit finds nothing and all find all; in between it is recall, which a perfect order bounds."""
    found = gains_curve(table, 11)
    for model, rows in found.groupby("model"):
        own = table[table["model"] == model]
        assert rows["found"].iloc[[0, -1]].tolist() == [0, pytest.approx(1)]
        assert rows["found"].is_monotonic_increasing
        assert (rows["found"] <= rows["found_ideal"] + 1e-12).all()
        assert rows["found_ideal"].iloc[[5, -1]].tolist() == [1, 1]
        at = rows.set_index(rows["share"].round(1))["found"]
        assert at[0.2] == pytest.approx(measure(own["outcome"], own["risk"], share=0.2)["recall"])


def test_lead_time_by_hand():
    """Of eight events five are on the list, 1, 2, 3.5, 7 and 10 months ahead."""
    day = pd.Timestamp("2021-01-01")
    months = [1, 2, 3.5, 7, 10, 3, 8, 11]
    table = pd.DataFrame(
        {
            "model": "m",
            "household_id": [f"h{i:02}" for i in range(20)],
            "as_of": day,
            "outcome": [1] * 8 + [0] * 12,
            "risk": [0.9] * 5 + [0.1] * 15,
            "event_on": [day + pd.Timedelta(days=round(m * 30.4375) + 1) for m in months] + [pd.NaT] * 12,
        }
    )
    found = lead_time(table, 5, n_bootstrap=50).set_index("measure")
    values = found["value"]
    assert values[["lead_p10", "lead_p25", "lead_median", "lead_p75", "lead_p90"]].round(0).tolist() == [1, 2, 4, 7, 10]
    assert values["ahead_3"] == pytest.approx(3 / 8)
    assert values["ahead_6"] == pytest.approx(2 / 8)
    assert set(found["events"]) == {8}
    assert (found["low"] <= found["value"]).all()
    assert (found["value"] <= found["high"]).all()
    undated = table.copy()
    undated.loc[7, "event_on"] = pd.NaT
    dropped = lead_time(undated, 5, n_bootstrap=0).set_index("measure")
    assert dropped["value"]["ahead_6"] == pytest.approx(2 / 7)
    assert dropped["note"]["ahead_6"].endswith("1 events without a date left out")
    assert lead_time(table, 5, fewest=9)["value"].isna().all()
    half = lead_time(table.assign(risk=0.5), 10, n_bootstrap=0).set_index("measure")["value"]
    assert half["ahead_6"] == pytest.approx(4 / 8 / 2)  # at the cut every second one is visited


def test_lead_time_needs_dates_that_make_sense(table):
    """Without dates, or with events before the day, there is no lead time."""
    with pytest.raises(SchemaError, match="no column event_on; lead time needs"):
        lead_time(table.drop(columns="event_on"))
    early = table.assign(event_on=table["event_on"] - pd.Timedelta(days=4000))
    with pytest.raises(SchemaError, match=r"events are dated before their as_of"):
        lead_time(early)


def test_curves_do_not_hang_on_the_order_of_rows(table):
    """Shuffled forecasts give the same tables."""
    shuffled = table.sample(frac=1, random_state=3)
    for draw in CURVES.values():
        pd.testing.assert_frame_equal(draw(shuffled), draw(table), rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: calibration_curve(t, n_bins=0), "n_bins is 0"),
        (lambda t: calibration_curve(t, level=1.5), "level is 1.5"),
        (lambda t: capacity_curve(t, []), r"shares is \[\]; expected a list"),
        (lambda t: capacity_curve(t, 0.05), "shares is 0.05; expected a list"),
        (lambda t: decision_curve(t, [0]), "threshold is 0"),
        (lambda t: gains_curve(t, 1), "n_points is 1"),
    ],
)
def test_wrong_points_are_refused(table, call, message):
    """Errors name what was expected."""
    with pytest.raises(SchemaError, match=message):
        call(table)


# --- results and pictures -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", CURVES)
def test_a_result_keeps_its_kind(table, kind):
    """Taking rows or columns, copying and pickling leave a table that can draw itself."""
    found = CURVES[kind](table)
    assert (type(found), found.kind) == (Result, kind)
    variants = (found[found["model"] != ""], found.head(2), found[list(found.columns)], found.copy(), found.iloc[1:])
    for part in (*variants, pickle.loads(pickle.dumps(found)), found.assign(extra=1), found.reset_index(drop=True)):
        assert (type(part), part.kind) == (Result, kind)
    assert type(found["model"]) is pd.Series


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
    drawn = CURVES[kind](table).plot(ax, lang="en")
    assert drawn is ax
    assert ax.get_xlabel()
    shown = [
        text.get_text() for text in (*(ax.get_legend().get_texts() if ax.get_legend() else ()), *ax.get_yticklabels())
    ]
    assert any("rules" in text for text in shown)
    ax.figure.draw_without_rendering()


def test_models_stand_together_under_each_measure(table, axes):
    """In the picture of a summary one reads the models of a measure beside each other."""
    ax = summarise(table, measures=["auc", "brier"], n_bootstrap=20).plot(axes(), lang="en")
    labels = [text.get_text() for text in ax.get_yticklabels()]
    assert labels == ["ours, AUC", "rules, AUC", "ours, Brier score", "rules, Brier score"]


def test_without_axes_there_is_a_new_figure(table, axes):
    """Called alone, plot makes its own figure."""
    old = axes()
    assert gains_curve(table).plot(lang="en").figure is not old.figure


def test_pictures_in_a_loop_leave_no_figures_behind(table, axes):
    """Where pyplot shows nothing by itself a picture is not one of its figures, which it keeps until they are closed."""
    from matplotlib import pyplot as plt

    axes()
    before = plt.get_fignums()
    found = gains_curve(table)
    for _ in range(3):
        found.plot(lang="en")
    assert plt.get_fignums() == before


@pytest.mark.parametrize(("lang", "shown"), [("zh", "随机森林"), ("en", "random forest")])
def test_labels_tell_what_rows_differ_in(lang, shown, monkeypatch):
    """Models go by their name in the language, and a model alone is not named in every line."""
    from matplotlib.figure import Figure

    monkeypatch.setattr("fanpin_risk.evaluation.pictures.labels_lang", lambda lang: lang)
    monkeypatch.setattr("fanpin_risk.evaluation.pictures.set_font", lambda _: None)
    rows = [("random forest", size, "recall", value, 0.1, 0.9) for size, value in (("1", 0.3), ("2", 0.5))]
    table = Result(rows, columns=["model", "household_size", "measure", "value", "low", "high"], kind="summary")
    sizes = ["1人", "2人"] if lang == "zh" else ["1", "2"]
    assert [text.get_text() for text in table.plot(Figure(), lang=lang).get_yticklabels()] == sizes
    two = pd.concat([table, table.assign(model="fanpin_risk")])
    labels = [text.get_text() for text in Result(two, kind="summary").plot(Figure(), lang=lang).get_yticklabels()]
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

    monkeypatch.setattr("fanpin_risk.evaluation.pictures.labels_lang", lambda lang: lang)
    codes = ["none", "disabled", "severely disabled", "unknown"]
    if kind == "summary":
        codes = sorted(codes)
    rows = [(code, "base_rate", 0.3, 0.1, 0.9) for code in codes]
    table = Result(rows, columns=["disability", "measure", "value", "low", "high"], kind=kind)
    assert [text.get_text() for text in table.plot(Figure(), lang=lang).get_yticklabels()] == shown
    curve = Result([("none", 0.1, 0.5, 0.7)], columns=["disability", "share", "found", "found_ideal"], kind="gains")
    assert curve.plot(Figure(), lang=lang).get_legend().get_texts()[0].get_text() == shown[0]


def test_many_groups_and_long_names_leave_room():
    """Thirty groups stand apart, a single one is named, and names of any length leave the picture its place."""
    from matplotlib.figure import Figure

    rows = [(f"{'x' * 80}{k}", "exclusion_error", 0.3, 0.1, 0.9) for k in range(30)]
    columns = ["village", "measure", "value", "low", "high"]
    figure = Figure()
    ax = Result(rows, columns=columns, kind="fairness").plot(figure, lang="en")
    figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in ax.get_yticklabels()]
    assert all(above.y0 > below.y1 for above, below in pairwise(boxes))
    assert ax.get_window_extent().width > 0.25 * figure.bbox.width
    one = Result([("211251", *rows[0][1:])], columns=["county", *columns[1:]], kind="fairness")
    assert [text.get_text() for text in one.plot(Figure(), lang="en").get_yticklabels()] == ["211251"]


def test_a_long_legend_stands_beside_the_picture():
    """Names of many lines do not hide them; few stay upon the picture."""
    from matplotlib.figure import Figure

    columns = ["model", "share", "found", "found_ideal"]
    rows = [(f"m{k}", share, share, 1.0) for k in range(6) for share in (0.1, 0.9)]
    for number, beside in ((2, False), (6, True)):
        figure = Figure()
        ax = Result(rows[: 2 * number], columns=columns, kind="gains").plot(figure, lang="en")
        figure.draw_without_rendering()
        assert bool(ax.get_legend().get_window_extent().x0 >= ax.get_window_extent().x1) == beside
        assert ax.get_legend().get_window_extent().x1 <= figure.bbox.x1


@pytest.mark.usefixtures("axes")
def test_where_pyplot_shows_figures_a_picture_is_one_of_them(table, monkeypatch):
    """In a notebook the picture appears below the cell without another word."""
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    monkeypatch.setattr(mpl, "get_backend", lambda: "module://matplotlib_inline.backend_inline")
    ax = gains_curve(table).plot(lang="en")
    assert ax.figure.number in plt.get_fignums()
    plt.close(ax.figure)


@pytest.mark.usefixtures("axes")
def test_a_figure_gets_the_size_that_the_picture_needs(table):
    """Long tables are drawn high enough to be read, also on a figure that is given."""
    from matplotlib.figure import Figure

    found = summarise(table, n_bootstrap=5)
    given = Figure()
    assert found.plot(given, lang="en").figure is given
    high = given.get_size_inches()[1]
    found.head(4).plot(given, lang="en")
    assert high > given.get_size_inches()[1] + 1


@pytest.mark.parametrize(
    "draw",
    [
        lambda t: calibration_curve(t, 1),
        lambda _: Result({name: [0.0] for name in ("bin", "mean_risk", "observed", "low", "high")}, kind="calibration"),
        lambda t: capacity_curve(t, [0.05]),
        lambda t: decision_curve(t, [0.05]),
    ],
)
def test_a_single_point_is_drawn(table, axes, draw):
    """One bin, one capacity, one threshold make a picture with a mark to see, and no warning."""
    ax = draw(table).plot(axes(), lang="en")
    ax.figure.draw_without_rendering()
    points = [line for line in ax.get_lines() if len(line.get_xdata()) == 1 and line.get_marker() not in ("None", "")]
    assert points
    assert {line.get_markevery() for line in points} <= {None, 1}


def test_measures_of_another_scale_do_not_press_shares_together(table, axes):
    """Lift, which is no share, is not in a picture of shares; alone it is."""
    found = summarise(table, measures=["auc", "lift"], n_bootstrap=5)
    assert [text.get_text() for text in found.plot(axes(), lang="en").get_yticklabels()] == ["ours", "rules"]
    alone = found[found["measure"] == "lift"].plot(axes(), lang="en")
    assert alone.get_xlabel() == "Lift at capacity"


def test_drift_names_features_and_says_what_is_missing(axes):
    """The bars are called as an officer knows the features, cut where one would hide the others, with their values."""
    before = pd.DataFrame({"income_to_line": np.arange(400.0) % 90, "household_size": np.arange(400.0) % 4})
    after = before.assign(income_to_line=np.nan, household_size=before["household_size"] + 0)
    found = drift(before, after)
    ax = found.plot(axes(), lang="en")
    labels = [text.get_text().replace("\n", " ") for text in ax.get_yticklabels()]
    assert labels == ["Net income per person relative to the monitoring line", "Members"]
    assert max(bar.get_width() for bar in ax.patches) == 1.0
    assert any(f"{found['psi'].max():.1f}, missing 0% → 100%" == text.get_text() for text in ax.texts)


def test_chinese_labels_where_there_is_a_font(table, axes, monkeypatch):
    """With a Chinese font labels are Chinese and set in it; settings of matplotlib stay as they were."""
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    monkeypatch.setattr(fonts, "chinese_font", lambda: "DejaVu Serif")
    ax = gains_curve(table).plot(axes())
    assert ax.get_xlabel() == "走访户占比"
    assert ax.xaxis.label.get_fontfamily()[0] == "DejaVu Serif"
    assert ax.get_legend().get_texts()[0].get_fontfamily()[0] == "DejaVu Serif"
    assert dict(mpl.rcParams) == before


def test_without_a_chinese_font_labels_are_english_with_one_warning(table, axes, monkeypatch):
    """No boxes instead of characters: English labels, and one warning that says what to do."""
    monkeypatch.setattr(fonts, "CHINESE_FONTS", ("No Such Font",))
    found, ax = calibration_curve(table), axes()
    with pytest.warns(UserWarning, match="no font with Chinese characters was found, labels are in English") as caught:
        found.plot(ax)
    ax.figure.draw_without_rendering()
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert ax.get_xlabel() == "Forecast risk"


def test_without_matplotlib_the_extra_is_named(table, monkeypatch):
    """Tables need no matplotlib; pictures say how to get it."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    found = gains_curve(table)
    with pytest.raises(MissingPackageError, match='python -m pip install "matplotlib>=') as caught:
        found.plot()
    assert isinstance(caught.value, ImportError)


def test_what_cannot_be_drawn_says_why(table):
    """A table without kind, columns or rows, or another language, is refused by name."""
    found = gains_curve(table)
    with pytest.raises(
        SchemaError, match=r"no picture for a result of kind ''; expected calibration, .* forget their kind"
    ):
        Result({"a": [1]}).plot()
    with pytest.raises(SchemaError, match="needs the columns share, found, found_ideal; found_ideal taken away"):
        found[["model", "share", "found"]].plot()
    with pytest.raises(SchemaError, match="no rows: there is nothing to draw"):
        found.head(0).plot()
    with pytest.raises(SchemaError, match="all 202 rows of the result are without found: there is nothing to draw"):
        found.assign(found=np.nan).plot()
    with pytest.raises(SchemaError, match="lang is 'fr'; expected 'zh' or 'en'"):
        found.plot(lang="fr")


@pytest.mark.parametrize("kind", ["calibration", "capacity", "decision", "gains", "lead_time"])
def test_weights_on_few_households_leave_a_curve_without_values(table, kind):
    """Rows that stand for nobody do not hide whom the others are about."""
    few = table["household_id"].isin(table["household_id"].drop_duplicates()[::100])
    found = CURVES[kind](table.assign(weight=np.where(few, 1000.0, 1e-4)))
    keys = {"model", "bin", "share", "threshold", "measure", "note"} - ({"share"} if kind == "capacity" else set())
    assert len(found)
    assert found.drop(columns=keys & set(found.columns)).isna().all(axis=None)
    assert CURVES[kind](table.assign(weight=0.3)).notna().all(axis=0).all()


@pytest.mark.parametrize("kind", ["capacity", "decision", "gains"])
def test_small_groups_have_no_curve(table, kind):
    """A curve of a few households tells what happened to each of them; the next one would give it away."""
    ids = table["household_id"].drop_duplicates()
    groups = table["household_id"].map(dict.fromkeys(ids[:30], "small") | dict.fromkeys(ids[30:300], "middle"))
    make = {"capacity": capacity_curve, "decision": decision_curve, "gains": gains_curve}[kind]
    value = {"capacity": "recall", "decision": "net_benefit", "gains": "found"}[kind]
    found = make(table.assign(size=groups.fillna("large")), by=("model", "size"))
    assert found.groupby("size")[value].count().gt(0).to_dict() == {"large": True, "middle": False, "small": False}
    shown = make(table.assign(size=groups.fillna("large")), by=("model", "size"), fewest=(1, 0))
    assert shown[value].notna().all()


@pytest.mark.parametrize(
    ("make", "options"),
    [
        (calibration_curve, {"fewest": True}), (calibration_curve, {"n_bins": True}), (gains_curve, {"n_points": True}),
        (lead_time, {"fewest": True}), (lead_time, {"n_bootstrap": True}), (decision_curve, {"fewest": (True, 1)}),
    ],
)  # fmt: skip
def test_yes_is_no_number(table, make, options):
    """Python counts True as 1; who writes it means something else."""
    with pytest.raises(SchemaError, match=f"{next(iter(options))} is .*True"):
        make(table, **options)
