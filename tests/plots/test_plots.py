"""Pictures of scores and explanations: what they show, read back from what was drawn."""

import dataclasses
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

import fanpin_risk as fr
from fanpin_risk import plots
from fanpin_risk.errors import ExplanationError, NotEnoughDataError, SchemaError
from fanpin_risk.features import CAUSES, feature_named
from fanpin_risk.model.store import demo_model
from fanpin_risk.plots import fonts
from fanpin_risk.words.widths import width

mpl = pytest.importorskip("matplotlib")
mpl.use("Agg")
from matplotlib.figure import Figure  # noqa: E402

DAY = "2024-12-31"
# What pictures do not say: their own labels, which sentences cannot be.
HEADS = {names[1] for names in CAUSES.values()}


@pytest.fixture(scope="module")
def model():
    return fr.load_model(demo_model())


@pytest.fixture(scope="module")
def register():
    return fr.make_register(400, random_state=1)


@pytest.fixture(scope="module")
def scores(model, register):
    return model.score(register, DAY).sort_values("risk", ascending=False, ignore_index=True)


@pytest.fixture(scope="module")
def explanation(model, register):
    return model.explain(register, DAY)


@pytest.fixture(scope="module")
def areas(scores):
    return scores.set_index("household_id")["area_code"]


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


def texts(ax):
    """All texts of a picture that say something."""
    return [text.get_text() for text in ax.figure.findobj(mpl.text.Text) if text.get_text()]


# --- all of them ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", DRAWINGS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_picture_is_drawn_without_a_trace(drawings, name, lang):
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
def test_without_a_chinese_font_every_picture_is_english(drawings, name, monkeypatch):
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
    with pytest.raises(SchemaError, match="lang is 'de'; expected 'zh' or 'en'"):
        drawings[name](lang="de")


# --- distribution -----------------------------------------------------------------------------------------------------
def test_every_household_is_in_a_bar_of_its_tier(scores):
    """Bars add up to the households, and no bar reaches across the cut between two tiers."""
    ax = plots.risk_distribution(scores, lang="en")
    for tier, container in zip(("high", "medium", "low"), ax.containers, strict=True):
        own = scores.loc[scores["tier"] == tier, "risk"]
        bars = [bar for bar in container if bar.get_height() > 0]
        assert sum(bar.get_height() for bar in bars) == len(own)
        assert min(bar.get_x() for bar in bars) >= own.min() * 0.8
        assert all(bar.get_y() == 0 for bar in bars)
        assert f"{tier}: {len(own):,} (" in container.get_label()
        assert f"{own.sum():,.1f} events expected" in container.get_label()
    assert ax.get_xscale() == "log"


def test_risks_that_are_alike_are_drawn_on_an_even_scale(scores):
    """A logarithm is there to show both ends; where they are near each other it would only puzzle."""
    assert plots.risk_distribution(scores[scores["tier"] == "medium"], lang="en").get_xscale() == "linear"
    one = plots.risk_distribution(pd.DataFrame({"risk": [0.1, 0.1]}), lang="en")
    assert sum(bar.get_height() for bar in one.patches) == 2
    none = plots.risk_distribution(pd.DataFrame({"risk": [0.0, np.nan]}), lang="en")
    assert sum(bar.get_height() for bar in none.patches) == 1


def test_few_households_have_no_parts_and_no_risk_is_beyond_certain():
    """The scale of the households goes by whole ones, that of the risk ends at 100 %."""
    ax = plots.risk_distribution(pd.DataFrame({"risk": [1.0], "tier": ["high"]}), lang="en")
    assert ax.get_xlim()[1] == 1.0
    assert (ax.get_yticks() % 1 == 0).all()


def test_what_is_no_distribution_is_refused():
    """A table without risks, or with percentages for risks, is not drawn as if it were one."""
    with pytest.raises(SchemaError, match="scores has no column risk"):
        plots.risk_distribution(pd.DataFrame({"tier": ["low"]}))
    with pytest.raises(NotEnoughDataError, match="no household has a risk"):
        plots.risk_distribution(pd.DataFrame({"risk": [np.nan]}))
    with pytest.raises(SchemaError, match="outside 0 to 1"):
        plots.risk_distribution(pd.DataFrame({"risk": [12.0]}))


# --- reasons ----------------------------------------------------------------------------------------------------------
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


def test_top_bars_and_one_for_the_rest(explanation, scores):
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


# --- weak points ------------------------------------------------------------------------------------------------------
def test_figures_of_a_place_are_those_of_its_households(explanation, areas):
    """Mean pushes and shares by place are worked out from the households there, small places are left empty."""
    village = areas.loc[explanation.household_ids]
    found = plots.place_causes(explanation, areas, unit="village")
    assert found["households"].sum() == len(explanation)
    place = found.index[found["households"].argmax()]
    own = explanation[(village == place).to_numpy()]
    pd.testing.assert_series_equal(found.loc[place].iloc[1:], own.by_cause().mean(), check_names=False)
    shares = plots.place_causes(explanation, areas, unit="village", measure="share")
    main = own.reasons(n_reasons=0)["cause"].value_counts(normalize=True)
    for cause in CAUSES:
        assert shares.loc[place, cause] == pytest.approx(main.get(cause, 0.0))
    small = found["households"] < 10
    few = plots.place_causes(explanation, areas, unit="village", fewest=10_000)
    assert few.iloc[:, 1:].isna().all(axis=None)
    assert found.loc[small].iloc[:, 1:].isna().all(axis=None)


def test_places_stand_in_the_order_of_their_weight_with_a_number_each():
    """The weakest place is on top; cells carry signed numbers, a small place a dash, and names replace codes."""
    table = pd.DataFrame(
        {"households": [20, 30, 4], "illness": [0.1, 0.5, np.nan], "schooling": [-0.2, 0.0, np.nan], "water": 0.0},
        index=["A", "B", "C"],
    )
    ax = plots.weak_points(table, names={"A": "Upper Village"}, lang="en")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["B", "Upper Village", "C"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["illness", "schooling\ncosts"]
    assert [text.get_text() for text in ax.texts] == ["+0.50", "0", "+0.10", "−0.20", "—", "—"]
    assert "—: fewer than 10 households" in ax.get_xlabel().replace("\n", " ")
    shares = plots.weak_points(table, measure="share", lang="en")
    assert [text.get_text() for text in shares.texts][:2] == ["50%", "0%"]


def test_many_places_are_cut_and_counted():
    """A county of villages stays readable, and says how many are not shown."""
    table = pd.DataFrame({"illness": np.linspace(1, 0.1, 40)}, index=[f"V{k:02}" for k in range(40)])
    ax = plots.weak_points(table, lang="en")
    assert [label.get_text() for label in ax.get_yticklabels()] == [f"V{k:02}" for k in range(25)]
    assert "15 more places not shown" in ax.get_xlabel().replace("\n", " ")


def test_households_without_a_place_are_a_place_of_their_own(explanation, areas):
    """Nobody is lost for want of an area code."""
    some = areas.mask(np.arange(len(areas)) % 2 == 0)
    found = plots.place_causes(explanation, some)
    assert found.loc["", "households"] == (len(areas) + 1) // 2
    assert "place unknown" in texts(plots.weak_points(explanation, by=some, unit="county", lang="en"))


def test_limits_of_tiers_are_those_of_the_model():
    """With the model's limits the picture marks where a tier begins, not its lowest household; one out of sight is left out."""
    scores = pd.DataFrame({"risk": [0.01, 0.03, 0.3], "tier": ["low", "medium", "high"]})

    def marked(**how):
        ax = plots.risk_distribution(scores, lang="en", **how)
        return [text.get_text() for text in ax.texts], [line.get_xdata()[0] for line in ax.lines]

    limits = {"medium": 0.02, "high": 0.066}
    assert marked(thresholds=limits) == (["6.6%", "2%"], [0.066, 0.02])
    assert marked(thresholds=limits | {"high": 0.9}) == (["2%"], [0.02])
    assert marked() == (["30%", "3%"], [0.3, 0.03])


def test_names_are_shown_as_they_are_and_leave_room_for_the_figures():
    """A dollar sign begins no formula, a name of any length is cut, and what stands below is within the picture."""
    names = ["$a_b$", r"$\frac{", "x" * 500, "很长的村名" * 100]
    table = pd.DataFrame({"households": 20, "illness": [0.4, 0.3, 0.2, 0.1]}, index=names)
    ax = plots.weak_points(table, lang="en")
    ax.figure.draw_without_rendering()
    labels = ax.get_yticklabels()
    assert [label.get_text() for label in labels][:2] == names[:2]
    assert not any(label.get_parse_math() for label in labels)
    boxes = [label.get_window_extent() for label in labels]
    assert all(above.y0 > below.y1 for above, below in pairwise(boxes))
    assert ax.get_window_extent().width > 0.25 * ax.figure.bbox.width
    for drawn in (ax, plots.weak_points(table.iloc[:1].set_axis(["A"]), lang="en")):
        drawn.figure.draw_without_rendering()
        below = drawn.xaxis.label.get_window_extent()
        assert below.x0 >= 0
        assert below.x1 <= drawn.figure.bbox.x1


def test_names_that_no_font_can_write_are_not_drawn_as_boxes(monkeypatch):
    """Without a Chinese font a place is called by its code, one without a code by its number; others keep their names."""
    monkeypatch.setattr(fonts, "CHINESE_FONTS", ("No Such Font",))
    table = pd.DataFrame(
        {"households": [20, 30, 40], "illness": [0.3, 0.2, 0.1]}, index=["211251101001", "乙村", "Upper Village"]
    )
    ax = plots.weak_points(table, names={"211251101001": "甲村"}, lang="en")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["211251101001", "place 2", "Upper Village"]
    ax.figure.draw_without_rendering()  # would warn of a missing character


def test_weak_points_that_cannot_be_told_are_refused(explanation, areas):
    """Missing places, unknown units and measures, and places that are all small, are named."""
    with pytest.raises(SchemaError, match="by is missing: pass area codes"):
        plots.weak_points(explanation)
    with pytest.raises(SchemaError, match="unit is 'street'; expected one of county, township, village"):
        plots.weak_points(explanation, by=areas, unit="street")
    with pytest.raises(SchemaError, match="measure is 'sum'; expected 'push' or 'share'"):
        plots.weak_points(explanation, by=areas, measure="sum")
    with pytest.raises(SchemaError, match="the table has no column of a risk category"):
        plots.weak_points(pd.DataFrame({"risk": [1.0]}))
    nothing = pd.DataFrame({"households": [20, 30], "illness": [0.001, 0.0]}, index=["A", "B"])
    with pytest.raises(NotEnoughDataError, match=r"no risk category weighs 0\.005 or more in any place"):
        plots.weak_points(nothing, lang="en")
    with pytest.raises(NotEnoughDataError, match="no place has 1000 households or more: draw larger places"):
        plots.weak_points(explanation, by=areas, unit="village", fewest=1000, lang="en")


# --- feature effect ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("feature", "direction"),
    [
        ("income_to_line", "declared: more never raises the risk ↘"),
        ("debt_to_income", "declared: more never lowers the risk ↗"),
        ("poverty_cause", "no direction declared"),
    ],
)
def test_the_declared_direction_is_in_the_title(explanation, feature, direction):
    """The reader sees what the model was held to."""
    said = plots.feature_effect(explanation, feature, lang="en").get_title().split("\n")
    assert said == [feature_named(feature).en, direction]


def test_every_household_is_a_point_and_missing_ones_stand_apart(explanation):
    """Points are the contributions; households without a record are to the right of all values, under a label."""
    feature = "months_since_shock"
    column = explanation.feature_names.index(feature)
    missing = explanation.data[feature].isna().to_numpy()
    push = np.take(explanation.values, column, axis=1)
    ax = plots.feature_effect(explanation, feature, lang="en")
    points = {line.get_marker(): line for line in ax.get_lines() if line.get_marker() in ("o", "s")}
    np.testing.assert_allclose(points["o"].get_ydata(), push[~missing])
    np.testing.assert_allclose(points["s"].get_ydata(), push[missing])
    assert points["s"].get_xdata().min() > points["o"].get_xdata().max()
    assert ax.get_xticklabels()[-1].get_text() == "no record or\nnot applicable"


def test_values_far_off_stand_at_the_edge_and_are_counted(explanation):
    """One huge value does not press all others into a corner, and is not passed over in silence."""
    values = 1.0 + np.arange(len(explanation)) / 100
    values[3] = 5000.0
    far = dataclasses.replace(explanation, data=explanation.data.assign(income_to_line=values))
    ax = plots.feature_effect(far, "income_to_line", lang="en")
    assert ax.get_xlim()[1] < 10
    assert "beyond the edge" in ax.get_xlabel()


def test_categories_are_called_by_name(explanation):
    """Codes of a category say nothing to a reader."""
    said = [
        label.get_text() for label in plots.feature_effect(explanation, "poverty_cause", lang="en").get_xticklabels()
    ]
    assert said[:2] == list(feature_named("poverty_cause").levels_en[:2])


def test_effects_that_are_not_there_are_refused(explanation):
    """A name that the model does not know is said, and how to find the right one."""
    with pytest.raises(ExplanationError, match="no feature 'income'; describe_features"):
        plots.feature_effect(explanation, "income")
    with pytest.raises(NotEnoughDataError, match="holds no households"):
        plots.feature_effect(explanation[:0], "income_to_line")


# --- history ----------------------------------------------------------------------------------------------------------
def line_of_risk(panel):
    """The risks drawn, by day."""
    line = next(line for line in panel.get_lines() if line.get_marker() == "o")
    return dict(zip(pd.to_datetime(line.get_xdata()).strftime("%Y-%m-%d"), line.get_ydata(), strict=True))


def test_risk_over_time_is_what_was_scored_on_each_day(model, register, scores):
    """Each point is the risk that the list of that day had, to the bit."""
    household, days = scores["household_id"][0], ["2022-12-31", "2023-12-31", DAY]
    panels = plots.history(model, register, household, days=days[::-1], lang="en")
    assert panels.shape == (3,)
    for day, risk in line_of_risk(panels[2]).items():
        scored = model.score(register, day, explain=False).set_index("household_id")
        assert risk == scored.loc[household, "risk"]
    assert list(line_of_risk(panels[2])) == days


def test_income_is_drawn_against_the_line_of_its_year(model, register, explanation, scores):
    """The newest bar is the income per person that the model saw, and the line is that of the policy file."""
    household = scores["household_id"][0]
    panel = plots.history(model, register, household, days=[DAY], lang="en")[0]
    newest = max(panel.patches, key=lambda bar: bar.get_x())
    assert newest.get_height() == pytest.approx(explanation.select(household).data["income_per_person"].iloc[0])
    line = explanation.select(household).data["monitoring_line"].iloc[0]
    assert f"monitoring line\n{line:,.0f} CNY" in texts(panel)


def test_what_was_recorded_later_is_not_yet_in_the_picture(model, register):
    """A picture of a day in the past shows the day as it was known."""
    shocks = register.tables["shocks"]
    late = shocks["recorded_at"] - shocks["event_date"] > pd.Timedelta(days=20)
    row = shocks[late & (shocks["event_date"] > "2022-01-01")].iloc[0]
    before = row["recorded_at"] - pd.Timedelta(days=1)
    seen = []
    for day in (before, row["recorded_at"]):
        panels = plots.history(model, register, row["household_id"], days=[day], lang="en")
        marks = [line for line in panels[1].get_lines() if line.get_marker() == "X"]
        seen.append(sum(pd.Timestamp(line.get_xdata()[0]) == row["event_date"] for line in marks))
    assert seen == [0, 1]


def test_risks_written_above_days_close_together_do_not_overlap(model, register, scores):
    """Where the highest risk stands beside the last one, only the last is written."""
    days = pd.date_range("2022-01-31", DAY, freq="ME")
    for household in scores.sort_values("risk", ascending=False)["household_id"].head(5):
        panel = plots.history(model, register, household, days=days, lang="en")[2]
        panel.figure.draw_without_rendering()
        written = [text for text in panel.texts if text.get_fontweight() == "bold"]
        boxes = sorted((text.get_window_extent() for text in written), key=lambda box: box.x0)
        assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


def test_the_days_of_the_last_three_years_are_the_default(model, register, scores):
    """Quarter-ends up to the last record, and the day of the last record itself."""
    panels = plots.history(model, register, scores["household_id"][0], lang="en")
    days = list(line_of_risk(panels[2]))
    assert 13 <= len(days) <= 14
    assert days[-1] == f"{register.observed_until:%Y-%m-%d}"
    assert {day[5:] for day in days[:-1]} == {"03-31", "06-30", "09-30", "12-31"}


def test_a_household_without_records_says_so(model, register):
    """An empty panel is no broken picture: it tells that nothing is known."""
    gone = model.unscored(register, DAY)["household_id"].iloc[0]
    panels = plots.history(model, register, gone, days=[DAY], lang="en")
    said = texts(panels[0])
    assert {"no income on record", "nothing on record", "not on record on any of these days"} <= set(said)


def test_histories_that_cannot_be_drawn_are_refused(model, register, scores):
    """Unknown households, no days and the wrong number of panels are named, without an id."""
    household = scores["household_id"][0]
    with pytest.raises(SchemaError, match="1 of 1 household ids are not in the register"):
        plots.history(model, register, "H999999999")
    with pytest.raises(SchemaError, match="days is empty: expected one day or more"):
        plots.history(model, register, household, days=[])
    with pytest.raises(SchemaError, match="ax holds 2 Axes; expected three, of income, events and risk"):
        plots.history(model, register, household, days=[DAY], ax=Figure().subplots(2), lang="en")
    three = Figure().subplots(3)
    assert list(plots.history(model, register, household, days=[DAY], ax=three, lang="en")) == list(three)


def test_tiers_are_marked_where_the_model_cuts(model, register, scores):
    """The lines in the panel of risk are the cut-offs stored with the model."""
    panel = plots.history(model, register, scores["household_id"][0], days=[DAY], lang="en")[2]
    drawn = {line.get_ydata()[0] for line in panel.get_lines() if len(set(line.get_ydata())) == 1}
    assert set(model.tier_thresholds_.values()) <= drawn
    low, high = model.interval_.of(logit(np.array([scores["risk"][0]])))
    assert panel.get_ylim()[1] > high[0] > low[0] > 0
