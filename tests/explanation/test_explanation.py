"""Explanations add up to the risk that is reported, and say so in tables, plots and letters.

Tests also explanation/attribution.py and explanation/letter.py.
"""
# ruff: noqa: PD010, PD011 -- .values are contributions, and pivot is the right tool for unique pairs

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from fanpin_risk.errors import ExplanationError, FeatureMismatchError
from fanpin_risk.explanation import Explanation, explain_table
from fanpin_risk.features import CONTEXT, FEATURES
from fanpin_risk.features.feature import CAUSES, DOMAINS
from fanpin_risk.model.boosting import MonotoneBoosting

N = 400
SLOPE, INTERCEPT = 0.83, -0.41
NAMES = [f.name for f in FEATURES]


@pytest.fixture(scope="module")
def table():
    """Features and context of invented households; a tenth is missing."""
    rng = np.random.default_rng(3)
    draw = {"share": rng.random, "ratio": lambda n: rng.normal(1, 2, n), "change": lambda n: rng.normal(0, 0.3, n)}
    draw |= {"flag": lambda n: rng.integers(0, 2, n) * 1.0, "CNY": lambda n: rng.gamma(1, 9000, n)}
    draw |= {"CNY/person": lambda n: rng.gamma(1, 9000, n)}
    columns = {f.name: draw.get(f.unit, lambda n: rng.poisson(1.5, n) * 1.0)(N) for f in (*FEATURES, *CONTEXT)}
    frame = pd.DataFrame(columns, index=pd.Index([f"H{i:03d}" for i in range(N)], name="household_id"))
    return frame.mask(rng.random(frame.shape) < 0.1)


@pytest.fixture(scope="module")
def classifier(table):
    """Fitted on them."""
    X = table[NAMES]
    event = np.random.default_rng(4).random(N) < expit(1 - X["income_to_line"].fillna(0) + X["unsafe_house"].fillna(0))
    return MonotoneBoosting(max_iter=30, max_depth=3, early_stopping=False, random_state=0).fit(X, event)


def explained(classifier, table, **options):
    given = {"slope": SLOPE, "intercept": INTERCEPT, "features": FEATURES, "as_of": "2023-12-31", "horizon_months": 12}
    return explain_table(classifier, table[NAMES], context=table.drop(columns=NAMES), **(given | options))


@pytest.fixture(scope="module")
def explanation(classifier, table):
    return explained(classifier, table)


def largest_gap(explanation, classifier, table):
    """Largest difference between what is explained and what is reported, in log-odds."""
    reported = SLOPE * classifier.decision_function(table[NAMES]) + INTERCEPT
    return np.abs(explanation.base_value + explanation.values.sum(axis=1) - reported).max()


def test_contributions_add_up_to_the_calibrated_log_odds(explanation, classifier, table):
    """Base value and contributions add up to the recalibrated margin: what is explained is what is reported."""
    assert largest_gap(explanation, classifier, table) < 1e-9
    reported = SLOPE * classifier.decision_function(table[NAMES]) + INTERCEPT
    np.testing.assert_allclose(explanation.margin, reported, rtol=0, atol=1e-9)
    np.testing.assert_allclose(explanation.risk, expit(reported), rtol=0, atol=1e-9)


@pytest.mark.parametrize("damage", [0.0, -1.0])
def test_the_check_of_sums_notices_damage(explanation, classifier, table, damage):
    """The check above fails where one column of contributions is zeroed or has its sign flipped."""
    values = explanation.values.copy()
    values[:, np.abs(values).sum(axis=0).argmax()] *= damage
    damaged = Explanation(
        values=values, base_value=explanation.base_value, data=explanation.data, features=FEATURES,
        context_features=CONTEXT,
    )  # fmt: skip
    assert largest_gap(damaged, classifier, table) > 1e-3


def test_sums_by_cause_and_domain_lose_nothing(explanation):
    """Signed sums by category, and by domain, add up to margin less base, for every household."""
    for sums, names in ((explanation.by_cause(), CAUSES), (explanation.by_domain(), DOMAINS)):
        assert list(sums.columns) == list(names)
        assert sums.index.equals(explanation.household_ids)
        total = explanation.margin - explanation.base_value
        np.testing.assert_allclose(sums.sum(axis=1), total, rtol=0, atol=1e-12)
    illness = [j for j, f in enumerate(FEATURES) if f.cause == "illness"]
    np.testing.assert_allclose(
        explanation.by_cause()["illness"], explanation.values[:, illness].sum(axis=1), atol=1e-12
    )


def test_household_alone_equals_household_in_batch(explanation, classifier, table):
    """A household explained alone has the contributions, risk and reasons of its batch, to the bit."""
    for i in (0, 7, N - 1):
        alone = explained(classifier, table.iloc[[i]])
        assert (alone.values[0] == explanation.values[i]).all()
        assert alone.base_value == explanation.base_value
        assert alone.risk[0] == explanation.risk[i] == explanation[i].risk[0]
        expected = explanation.reasons(lang="zh").iloc[[i]].reset_index(drop=True)
        pd.testing.assert_frame_equal(alone.reasons(lang="zh"), expected, check_exact=True)


def test_rows_are_taken_by_position_and_id(explanation):
    """Rows come by number, slice, mask or list; households by id, in the order asked for."""
    assert len(explanation) == N
    assert explanation[3].household_ids.tolist() == ["H003"]
    assert explanation[-1].household_ids.tolist() == ["H399"]
    assert explanation[2:4].household_ids.tolist() == ["H002", "H003"]
    assert explanation[explanation.risk >= explanation.risk.max()].risk.tolist() == [explanation.risk.max()]
    chosen = explanation.select(["H009", "H001"])
    assert (chosen.values == explanation.values[[9, 1]]).all()
    assert chosen.data.equals(explanation.data.iloc[[9, 1]])
    assert explanation.select("H001").as_of == explanation.as_of
    assert [one.household_ids[0] for one in explanation[:2]] == ["H000", "H001"]
    with pytest.raises(IndexError, match="row 400 of an explanation of 400"):
        explanation[N]


def test_unknown_household_is_refused_without_naming_it(explanation):
    """An id that is not there is counted in the message and never repeated."""
    with pytest.raises(
        ExplanationError, match="1 of 2 households asked for are not in this explanation of 400"
    ) as caught:
        explanation.select(["H001", "secret"])
    assert "secret" not in str(caught.value)


def test_long_form_holds_every_contribution(explanation):
    """The long form has one row per household and feature, in their order."""
    frame = explanation.to_frame()
    assert list(frame.columns) == ["household_id", "feature", "value", "contribution"]
    assert len(frame) == N * len(FEATURES)
    wide = frame.pivot(index="household_id", columns="feature", values="contribution")[NAMES]
    assert (wide.to_numpy() == explanation.values).all()
    values = frame.pivot(index="household_id", columns="feature", values="value")[NAMES]
    np.testing.assert_array_equal(values.to_numpy(), explanation.data[NAMES].to_numpy())


def test_shap_draws_it(explanation):
    """shap's waterfall and beeswarm draw an explanation, labelled in the language asked for."""
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    drawn = explanation.to_shap(lang="en")
    import shap

    assert isinstance(drawn, shap.Explanation)
    assert drawn.feature_names == [f.en for f in FEATURES]
    assert explanation.to_shap().feature_names == [f.zh for f in FEATURES]
    assert (drawn.values == explanation.values).all()
    np.testing.assert_allclose(drawn.base_values + drawn.values.sum(axis=1), explanation.margin, atol=1e-12)
    axes = shap.plots.waterfall(drawn[5], show=False)
    assert any(f.en in label.get_text() for f in FEATURES for label in axes.get_yticklabels())
    plt.close("all")
    axes = shap.plots.beeswarm(drawn, show=False)
    assert axes.get_xlabel().startswith("SHAP value")
    plt.close("all")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"income_to_line": 1.2}, "人均纯收入"),
        ({"income_to_line": 1.2, "consumption_to_line": 0.8}, "人均纯收入"),
        ({"income_to_line": 1.2, "consumption_to_line": 0.8, "line_not_of_income": 1.0}, "人均消费"),
        ({"consumption_to_line": 0.8}, "人均消费"),
        ({"income_to_line": 1.2, "line_not_of_income": 1.0, "on_record_below_line": 0.0}, "登记为不低于监测线"),
        ({"on_record_below_line": 1.0}, "登记为低于监测线"),
        ({}, "没有"),
    ],
)
def test_the_state_is_that_of_what_the_line_is_of(explanation, values, said):
    """Income stands to a line of income, consumption to one of consumption; without either a status is told."""
    told = ("income_to_line", "consumption_to_line", "line_not_of_income", "on_record_below_line")
    one = explanation.select(explanation.household_ids[0])
    data = one.data.assign(**{name: values.get(name, np.nan) for name in told}, consumption_short_of_line=np.nan)
    state = replace(one, data=data).income_state().iloc[0]
    assert said in state
    assert ("人均消费" in state) == (said == "人均消费")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_letter_says_what_a_person_may_ask(explanation, lang):
    """A letter gives risk, day, horizon, category, reasons both ways, gaps, and that people decide."""
    toward, away = (
        explanation.reasons(lang=lang, n_reasons=5, direction=direction) for direction in ("toward", "away")
    )
    above = (explanation.margin >= explanation.base_value) & (toward["cause"] != "")
    who = int(np.flatnonzero((toward["reason_2"] != "") & (away["reason_1"] != "") & above)[0])
    toward, away = toward.iloc[who], away.iloc[who]
    household = explanation.household_ids[who]
    letter = explanation.letter(household, lang=lang)
    for reason in (
        toward["reason_1"],
        toward["reason_2"],
        away["reason_1"],
        CAUSES[toward["cause"]].shown(lang),
        explanation.income_state(lang=lang)[household],
        explanation.causes(lang=lang)["fact_1"].iloc[who],
    ):
        assert reason
        assert reason in letter
    assert f"[{toward['contribution_1']:+.2f}]" in letter
    assert f"{100 * explanation.risk[who]:.1f}%" in letter
    for said in (household, "2023-12-31", "12"):
        assert said in letter
    gaps = [f for f, gap in zip(FEATURES, explanation.gaps()[who], strict=True) if gap]
    assert len(gaps) > 0
    assert (gaps[0].zh if lang == "zh" else gaps[0].en) in letter
    assert ("不是认定结论" if lang == "zh" else "not a decision") in letter
    assert "nan" not in letter
    assert "{" not in letter


def test_a_household_below_the_usual_risk_is_told_what_keeps_it_low(explanation):
    """Reasons toward a risk that is not there would only frighten: the letter and the scores give what keeps it low."""
    low, high = int(np.argmin(explanation.margin)), int(np.argmax(explanation.margin))
    own = explanation.reasons(direction="own", lang="en")
    assert own["reason_1"].iloc[low].endswith(" (lowers the risk)")
    assert own["contribution_1"].iloc[low] < 0
    assert own["reason_1"].iloc[high].endswith(" (raises the risk)")
    letter = explanation.letter(explanation.household_ids[low], lang="en")
    assert "What keeps the risk low:" in letter
    assert "What raises the risk" not in letter


def test_what_does_not_apply_is_no_gap(explanation):
    """A letter asks for what is missing, not for the costs of pupils in a house without any."""
    needing = next(f for f in FEATURES if f.needs is not None)
    data = explanation.data.iloc[[0, 0]].assign(**{needing.name: np.nan, needing.needs: [0.0, 1.0]})
    both = Explanation(
        values=explanation.values[[0, 0]], base_value=0.0, data=data, features=FEATURES, context_features=CONTEXT
    )
    assert both.gaps()[:, FEATURES.index(needing)].tolist() == [False, True]


def test_letter_without_day_or_reasons(explanation):
    """A letter can be written without a day, and says so where nothing raises the risk or is missing."""
    data = explanation.data.iloc[[0]].fillna(1.0)
    nothing = Explanation(
        values=np.zeros((1, len(FEATURES))), base_value=-9.0, data=data, features=FEATURES, context_features=CONTEXT
    )
    letter = nothing.letter("H000", lang="en")
    assert "The model puts the risk of falling (back) into poverty at <0.1%.\n" in letter
    assert letter.count("(nothing of weight)") == 2
    assert letter.count("(nothing)") == 1
    assert nothing.letter("H000").count("（没有明显的）") == 2
    with pytest.raises(ExplanationError, match="lang is 'fr'"):
        nothing.letter("H000", lang="fr")


def test_shown_explanation_names_no_household(explanation):
    """What a notebook shows of an explanation is its size and means by category, nobody's record."""
    assert repr(explanation) == f"Explanation(n_households=400, n_features={len(FEATURES)}, as_of=2023-12-31)"
    html = explanation._repr_html_()
    assert "因病" in html
    assert "H0" not in html
    assert "0 户 households" in explanation[:0]._repr_html_()


def test_parts_that_do_not_fit_are_refused(explanation, classifier, table):
    """Columns, context and recalibration that do not belong together are refused, saying what is wrong."""
    with pytest.raises(FeatureMismatchError, match=r"1 of them absent \(income_per_person\)"):
        explain_table(classifier, table[NAMES[1:]], features=FEATURES)
    with pytest.raises(FeatureMismatchError, match="other households than the table"):
        explain_table(classifier, table[NAMES], features=FEATURES, context=table.iloc[::-1, len(NAMES) :])
    with pytest.raises(FeatureMismatchError, match="without a declaration: strange"):
        explain_table(classifier, table[NAMES], features=FEATURES, context=table[[]].assign(strange=1.0))
    with pytest.raises(ExplanationError, match="must be finite"):
        explained(classifier, table, slope=np.nan)
    with pytest.raises(FeatureMismatchError, match="contributions have shape"):
        Explanation(values=explanation.values[:5], base_value=0.0, data=explanation.data, features=FEATURES)
    with pytest.raises(FeatureMismatchError, match="columns of data are not those declared"):
        Explanation(values=explanation.values, base_value=0.0, data=explanation.data, features=FEATURES)


def test_without_context_numbers_are_there_but_sentences_are_refused(classifier, table):
    """Without context there are contributions, and a sentence that would quote it says what to pass."""
    bare = explain_table(classifier, table[NAMES], features=FEATURES)
    assert bare.as_of is None
    assert bare.values.shape == (N, len(FEATURES))
    with pytest.raises(FeatureMismatchError, match="context=True"):
        bare.reasons(n_reasons=20)


def test_no_households(classifier, table):
    """A day without households is explained as such."""
    empty = explained(classifier, table.iloc[:0])
    assert len(empty) == 0
    assert len(empty.reasons()) == len(empty.to_frame()) == len(empty.by_cause()) == 0


def test_progress_reaches_the_end(classifier, table):
    """Progress is told up to the last household."""
    told = []
    explained(classifier, table, progress=lambda *step: told.append(step))
    assert told[-1] == (N, N, "explanation")
