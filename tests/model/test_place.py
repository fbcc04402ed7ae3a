"""Effects of places: what is learnt of areas, what is not, and that a household alone is the same household in its county.

Tests model/place.py, model/place_facts.py, model/place_fit.py, model/place_reason.py and features/place.py.
"""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from fanpin_risk.errors import FanpinWarning, FeatureMismatchError, ModelFileError, SchemaError
from fanpin_risk.evaluation import evaluate
from fanpin_risk.explanation.reasons import describe
from fanpin_risk.features.place import place_declarations
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.place import FEWEST_OF_AREA, PlaceEffects, fit_place, place_out_of_fold
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.store import load_model, save_model
from fanpin_risk.model.training_day import training_day
from fanpin_risk.records.register import Register
from fanpin_risk.reports import model_card
from fanpin_risk.synthetic import make_register

DAYS = ["2021-12-31", "2022-12-31"]
SMALL = MonotoneBoosting(max_iter=20)
CODE = "area_code"


# --- the estimate, on made-up margins ---------------------------------------------------------------------------------
def panel(effects: dict[str, float], *, n: int = 60, days: int = 2, seed: int = 0):
    """Rows of households in villages with a known effect: margin, outcome, day, household and code of each."""
    rng = np.random.default_rng(seed)
    code = np.repeat(list(effects), n)
    household = pd.Index([f"h{k}" for k in range(len(code))])
    margin = rng.normal(-1.5, 0.8, days * len(code))
    day = np.repeat(np.arange(days), len(code))
    true = np.tile(np.repeat(list(effects.values()), n), days)
    y = (rng.random(len(margin)) < expit(margin + true + 0.4 * day)).astype("int64")
    return margin, y, day, household.append([household] * (days - 1)), np.tile(code, days)


VILLAGES = {
    f"{county}{town:03d}{village:03d}": effect + (0.5 if village == 1 else -0.5)
    for county, effect in (("210101", 1.0), ("210102", -1.0), ("220101", 0.0), ("220102", 0.2))
    for town in (1, 2)
    for village in (1, 2)
}


def test_the_effects_solve_the_equations_of_the_method():
    """By hand, level after level: the sums of residuals, the spread between areas, and the shrunken root."""
    margin, y, day, household, code = panel(VILLAGES)
    found = fit_place(margin, y, day, household, code)
    level = np.zeros(2)
    for _ in range(200):
        p = expit(margin + level[day])
        level += np.bincount(day, weights=y - p) / np.bincount(day, weights=p * (1 - p))
    current = margin + level[day]
    effect = found.table.set_index("area_prefix")["b"]
    for digits in (2, 4, 6, 9, 12):
        area = np.array([text[:digits] for text in code])
        rows = pd.DataFrame({"area": area, "h": household, "r": y - expit(current)})
        rows["v"] = expit(current) * (1 - expit(current))
        own = rows.groupby(["area", "h"])[["r", "v"]].sum() ** 2
        whole = rows.groupby("area")[["r", "v"]].sum() ** 2
        tau2 = max(0.0, (whole["r"].sum() - own["r"].sum()) / (whole["v"].sum() - own["v"].sum()))
        assert found.tau[digits] == pytest.approx(np.sqrt(tau2), abs=1e-9)
        b = effect[np.unique(area)]
        if tau2 == 0:
            assert (b == 0).all()
            continue
        current = current + b[area].to_numpy()
        left = pd.Series(y - expit(current)).groupby(area).sum()
        np.testing.assert_allclose(left, b / tau2, atol=1e-7)
    assert found.tau[6] > 0.3
    assert found.tau[12] > 0.2


def test_counts_are_those_of_the_rows():
    """Observed and expected are of all household-days of an area; expected by the households' own circumstances."""
    margin, y, day, household, code = panel(VILLAGES)
    table = fit_place(margin, y, day, household, code).table.set_index("area_prefix")
    assert table.loc["21", "observed"] == y[[text.startswith("21") for text in code]].sum()
    assert table.loc["210101001001", ["households", "rows"]].tolist() == [60, 120]
    top = table[table.index.str.len() == 2]
    assert top["expected"].sum() == pytest.approx(y.sum())


def test_areas_of_few_households_are_not_kept():
    """Fewer than 30 households could point to persons, and are counted with the area around them; so is what is unknown."""
    margin, y, day, household, code = panel({"210101001001": 1.0, "210101001002": 1.0, "210102001001": -1.0}, n=29)
    found = fit_place(margin, y, day, household, code)
    assert found.table["area_prefix"].tolist() == ["21", "2101", "210101", "210101001"]
    assert (found.table["households"] >= FEWEST_OF_AREA).all()
    many = fit_place(*panel(VILLAGES))
    known = many.of(["210101001", "210101001999", "2101", "210199", "", None, "99"])
    assert known[0] == known[1] != 0
    assert known[2] == known[3]
    assert known[4:].tolist() == [0, 0, 0]


def test_without_an_excess_nothing_is_added():
    """Areas that differ by chance alone get next to nothing."""
    found = fit_place(*panel(dict.fromkeys(VILLAGES, 0.0), seed=3))
    assert np.abs(found.of(list(VILLAGES))).max() < 0.15


def test_out_of_fold_no_household_speaks_for_itself():
    """What is added to a row does not depend on its own household's outcomes."""
    margin, y, day, household, code = panel(VILLAGES)
    fold = np.tile(np.arange(len(y) // 2) % 4, 2)
    areas = fit_place(margin, y, day, household, code).table["area_prefix"].tolist()
    how = {"fold": fold, "areas": areas}
    added = place_out_of_fold(margin, y, day, household, code, **how)
    other = y.copy()
    other[household == "h0"] = 1 - other[household == "h0"]
    again = place_out_of_fold(margin, other, day, household, code, **how)
    same = fold == fold[0]
    np.testing.assert_array_equal(added[same], again[same])
    assert np.abs(added[~same] - again[~same]).max() > 0


def test_the_sentence_is_of_an_area_on_the_side_of_the_effect():
    """More events than expected where the risk is raised, fewer where it is lowered, whatever the levels say."""
    found = fit_place(*panel(VILLAGES, seed=5))
    codes = list(VILLAGES)
    facts, effect = found.facts_of(codes), found.of(codes)
    assert (effect != 0).all()
    assert ((facts["observed"] - facts["expected"]) * effect > 0).all()
    assert facts["level"].isin([2, 3, 4]).all()
    table = pd.DataFrame({"area_prefix": ["210101", "210101001001"], "households": [100, 40], "rows": [100, 40]})
    mixed = PlaceEffects(table.assign(observed=[10, 8], expected=[20.0, 7.0], b=[-1.0, 0.2]), {})
    assert mixed.facts_of(["210101001001"]).iloc[0].tolist() == [2, 100, 10, 20]
    nothing = found.facts_of([""])
    assert nothing["rows"].tolist() == [0]
    assert nothing[["level", "observed", "expected"]].isna().all(axis=None)


def test_what_is_read_from_a_file_is_checked():
    """Effects of areas too small, not of digits or not finite are refused."""
    found = fit_place(*panel(VILLAGES))
    again = PlaceEffects.from_table(found.table, {str(k): v for k, v in found.tau.items()}, found.share)
    assert again.of(list(VILLAGES)).tolist() == found.of(list(VILLAGES)).tolist()
    for change in ({"households": 3}, {"b": np.nan}, {"area_prefix": "x"}, {"observed": 10**6}):
        with pytest.raises(SchemaError, match="effects of places"):
            PlaceEffects.from_table(found.table.assign(**change), {}, 0.5)


# --- sentences --------------------------------------------------------------------------------------------------------
OF_THEMSELVES = {"zh": "按各户自身情况预计9.3户", "en": "; by their own circumstances 9.3 were expected"}


FOUR_DAYS = (
    "in its village, of 60 household-days not below the line then, none fell below the line within 12 months after each of 4 "
    "days from 2021-12-31 to 2024-12-31"
)


@pytest.mark.parametrize(
    ("target", "days", "observed", "lang", "expected"),
    [
        ("below_line", 1, 14, "zh", "本村当时不低于监测线的60户，在2021年12月31日之后12个月内有14户降到监测线以下，"),
        ("newly_monitored", 1, 0, "zh", "本村当时未被监测的60户，在2021年12月31日之后12个月内无一户新识别为监测对象，"),
        (
            "newly_monitored", 2, 14, "zh",
            "本村当时未被监测的60户次，在2021年12月31日、2022年12月31日之后各12个月内有14户次新识别为监测对象，",
        ),
        (
            "newly_monitored", 1, 14, "en",
            "in its village, of 60 households not monitored then, 14 were newly monitored within 12 months after 2021-12-31",
        ),
        (
            "below_line", 4, 0, "en",
            FOUR_DAYS,
        ),
    ],
)  # fmt: skip
def test_sentences(target, days, observed, lang, expected):
    """The area, the days and the numbers stand in it."""
    place, quoted = place_declarations(target, 12, [pd.Timestamp(f"{2021 + k}-12-31") for k in range(days)])
    data = {"place": [1.5], "place_level": [4.0], "place_rows": [60.0], "place_observed": [observed]}
    data |= {"place_expected": [9.31]}
    data = {name: np.array(values, dtype="float64") for name, values in data.items()}
    assert describe(place, data, {f.name: f for f in (place, *quoted)}, lang=lang) == [
        expected + OF_THEMSELVES[lang] + ("次" if days > 1 and lang == "zh" else "")
    ]
    assert place.applies({"place": [1.0], "place_rows": [0.0]}).tolist() == [False]


# --- in a model -------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def register():
    """A synthetic register spread over four counties, in one of which events are many, in another few."""
    made = make_register(2500, random_state=0, base_rate=0.06)
    households = made.tables["households"]
    town = households[CODE].str[6:9].astype("int64") % 4
    moved = households.assign(area_code=households[CODE].str[:4] + (town + 11).astype("str") + households[CODE].str[6:])
    county = moved.drop_duplicates("household_id").set_index("household_id")[CODE].str[4:6]
    monitoring = made.tables["monitoring"]
    few = monitoring["household_id"].map(county).isin(["11", "12"]) & (monitoring["identified_on"] > "2021-12-31")
    return Register(
        {**made.tables, "households": moved, "monitoring": monitoring[~few]}, supplied=made.supplied, source=made.source
    )


@pytest.fixture(scope="module")
def model(register):
    """A model with effects of places, since the register spans counties and there are two days."""
    return RiskModel(classifier=SMALL, n_folds=3).fit(register, DAYS)


def test_by_default_with_several_counties_and_days(register, model):
    """With one day or one county the default is without; it can be had or left out."""
    assert model.place_ is not None
    assert model.place_.tau[6] > 0.2
    fit = RiskModel(classifier=SMALL, n_folds=2)
    assert fit.fit(register, DAYS[:1]).place_facts_ == {"why": "one_day"}
    one = training_day(register, DAYS[0])
    alone = [one._replace(area_code=np.full(len(one.outcome), "211282101001", dtype=object)) for _ in range(2)]
    alone[1] = alone[1]._replace(as_of=pd.Timestamp(DAYS[1]))
    assert fit.fit_days(alone).place_facts_ == {"why": "one_county"}
    assert RiskModel(classifier=SMALL, n_folds=2, place=False).fit(register, DAYS).place_facts_ == {"why": "asked"}
    moved = [day._replace(area_code=np.random.default_rng(1).permutation(day.area_code)) for day in (one, alone[1])]
    assert fit.fit_days(moved).place_facts_ == {"why": "no_gain"}
    nowhere = [day._replace(area_code=np.full(len(day.outcome), "", dtype=object)) for day in alone]
    with pytest.warns(FanpinWarning, match="place=True: no area"):
        without = RiskModel(classifier=SMALL, n_folds=2, place=True).fit_days(nowhere)
    assert without.place_ is None
    with pytest.raises(SchemaError, match="place is 'yes'; expected 'auto', True or False"):
        RiskModel(place="yes").fit(register, DAYS)


def test_contributions_add_up_and_the_place_is_one_of_them(register, model):
    """The risk is what the contributions add up to, and the place's is its effect in calibrated log-odds."""
    scores, explanation = model.score(register, "2023-12-31"), model.explain(register, "2023-12-31")
    np.testing.assert_array_equal(explanation.risk, scores["risk"])
    own = explanation.values[:, explanation.feature_names.index("place")]  # noqa: PD011
    np.testing.assert_array_equal(own, model.slope_ * model.place_.of(scores[CODE]))
    table = model.features_of(register, "2023-12-31")
    trees = model.classifier_.decision_function(table[list(model.feature_names_in_)])
    np.testing.assert_allclose(
        explanation.margin, model.slope_ * (trees + model.place_.of(scores[CODE])) + model.intercept_, atol=1e-9
    )
    said = explanation.reasons(n_reasons=30)
    texts = said.filter(like="reason_").to_numpy().ravel()
    assert any("按各户自身情况预计" in text for text in texts)
    lowest = explanation.reasons(n_reasons=30, direction="away").filter(like="reason_").to_numpy().ravel()
    assert any("按各户自身情况预计" in text for text in lowest)


def test_alone_a_household_is_the_same_household_in_its_county(register, model):
    """To the bit, in memory and with features at hand; without reasons as with them."""
    scores = model.score(register, "2023-12-31")
    for position in (0, 7, 100):
        household = scores["household_id"].iloc[position]
        alone = model.score(register.select([household]), "2023-12-31", lang="zh")
        pd.testing.assert_frame_equal(alone, scores.iloc[[position]].reset_index(drop=True))
    np.testing.assert_array_equal(model.score(register, "2023-12-31", explain=False)["risk"], scores["risk"])
    table = model.features_of(register, "2023-12-31")
    np.testing.assert_array_equal(model.risk_of(table, area_code=scores[CODE]), scores["risk"])
    with pytest.raises(FeatureMismatchError, match="give area_code"):
        model.risk_of(table)
    with pytest.raises(FeatureMismatchError, match="give area_code"):
        model.risk_of(table, area_code=["21"])


def test_a_household_that_moves_takes_the_effect_of_where_it_is(model):
    """A code that is not known, or too short, gets what is known of the area around it."""
    codes = model.place_.table["area_prefix"]
    village = codes[codes.str.len() == 12].iloc[0]
    added = model.place_.of([village, village[:9], village[:9] + "888", ""])
    assert added[1] == added[2]
    assert added[3] == 0


def test_a_saved_model_has_the_same_effects(register, model, tmp_path):
    """Scores, fingerprint and facts come back; no area of few households is on disk."""
    folder = save_model(model, tmp_path / "model")
    again = load_model(folder)
    assert (
        again.fingerprint_
        == model.fingerprint_
        != RiskModel(classifier=SMALL, n_folds=3, place=False).fit(register, DAYS).fingerprint_
    )
    pd.testing.assert_frame_equal(again.score(register, "2023-12-31"), model.score(register, "2023-12-31"))
    assert again.place_facts_ == model.place_facts_
    assert (pd.read_csv(folder / "places.csv")["households"] >= FEWEST_OF_AREA).all()
    from fanpin_risk.model.store import add_to_card

    add_to_card(folder, alarms=[])
    assert load_model(folder).fingerprint_ == model.fingerprint_


def test_a_model_without_its_places_or_with_others_is_refused(model, tmp_path):
    """The file and what the card says of it belong together."""
    for name in ("removed", "changed", "unsaid"):
        folder = save_model(model, tmp_path / name)
        if name == "removed":
            (folder / "places.csv").unlink()
        elif name == "changed":
            text = (folder / "places.csv").read_text(encoding="utf-8")
            (folder / "places.csv").write_text(text.replace("21", "22", 1), encoding="utf-8")
        else:
            card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
            del card["place"]
            (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
        with pytest.raises(ModelFileError, match=r"places\.csv"):
            load_model(folder)
        shutil.rmtree(folder)


def test_the_card_says_what_places_add(model, register):
    """How much they differ, the largest factor on the odds, and what changes for whom."""
    facts = model.place_facts_
    assert facts["largest_factor"] == pytest.approx(
        np.exp(model.slope_ * np.abs(model.place_.of(model.place_.table["area_prefix"])).max())
    )
    fifths = [row for row in facts["groups"] if row["kind"] == "fifth"]
    assert sum(row["rows"] for row in fifths) <= model.oof_metrics_["households"]
    text = model_card(model, lang="en")
    assert "## Where households live" in text
    assert "fifth 1 by expected risk" in text
    assert "农户所在地" in model_card(model)
    without = RiskModel(classifier=SMALL, n_folds=2, place=False).fit(register, DAYS)
    assert "not added to the forecast: not wanted (place=False)" in model_card(without, lang="en")


def test_forecasts_of_past_days_know_the_place(register):
    """The protocol hands the places of the day forecast to the model."""
    days = [*DAYS, "2023-12-31"]
    models = {
        "with": RiskModel(classifier=SMALL, n_folds=2, place=True),
        "without": RiskModel(classifier=SMALL, n_folds=2, place=False),
    }
    result = evaluate(register, days, models=models, baselines=(), household_folds=1, test_days=days[2:])
    risk = result.predictions.pivot_table(index="household_id", columns="model", values="risk")
    county = result.predictions.drop_duplicates("household_id").set_index("household_id")["cluster"].str[:6]
    ratio = (risk["with"] / risk["without"]).groupby(county).median()
    assert ratio.max() > 1.05
    assert ratio.min() < 0.95
