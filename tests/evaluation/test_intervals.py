"""Intervals, comparisons in pairs, and cells too small to be shown.

Tests also the checks of options in evaluation/options.py.
"""

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.errors import SchemaError
from fanpin_risk.evaluation.intervals import Cell, compare, summarise
from fanpin_risk.evaluation.measures import MEASURES, combine, measure
from fanpin_risk.evaluation.predictions import check_predictions
from fanpin_risk.evaluation.ranking import Ranking

QUICK = {"n_bootstrap": 60}


def make(n_villages=30, size=20, random_state=0, *, spread=0.8, folds=("2021-12-31",), models=("m",)):
    """Forecasts of households whose villages differ; every model adds its own noise to the truth."""
    rng = np.random.default_rng(random_state)
    n = n_villages * size
    village = np.repeat(np.arange(n_villages), size)
    tables = []
    for fold in folds:
        logit = -1.5 + rng.normal(0, spread, n_villages)[village] + rng.normal(0, 1, n)
        outcome = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(int)
        for number, model in enumerate(models):
            noisy = logit + rng.normal(0, 0.2 + number, n)
            tables.append(
                pd.DataFrame(
                    {
                        "model": model,
                        "fold": fold,
                        "as_of": pd.Timestamp(fold),
                        "household_id": [f"h{i:05}" for i in range(n)],
                        "cluster": [f"2112240010{v:02}" for v in village],
                        "outcome": outcome,
                        "risk": 1 / (1 + np.exp(-noisy)),
                        "weight": 1.0,
                        "group": np.array(["a", "b", "c"])[np.arange(n) % 3],
                    }
                )
            )
    return pd.concat(tables, ignore_index=True)


def test_the_value_is_the_measure():
    """Of one fold, the table holds what measure() gives."""
    table = make()
    found = summarise(table, measures=list(MEASURES), threshold=0.2, **QUICK)
    direct = measure(table["outcome"], table["risk"], threshold=0.2)
    assert dict(zip(found["measure"], found["value"], strict=True)) == pytest.approx(direct)
    assert found.kind == "summary"
    assert set(found["households"]) == {600}
    assert set(found["events"]) == {table["outcome"].sum()}
    assert (found["low"] <= found["high"]).all()
    assert found["note"].eq("").all()


def test_a_draw_is_the_measure_of_the_drawn_villages():
    """Weights of a draw are whole villages: the measure equals that of a table with the villages repeated."""
    table = check_predictions(make(12, 8, folds=("2020-12-31", "2021-12-31")))
    cell = Cell(table)
    ((first, second),) = list(cell.weights(1, 0))
    counts = {}
    for ranking, weights, (_, rows) in zip(cell.rankings, (first, second), table.groupby("fold"), strict=True):
        villages = rows["cluster"].to_numpy()[ranking.order]
        for village, weight in zip(villages, weights[0], strict=True):
            assert counts.setdefault(village, weight) == weight  # all households, on all days
    assert sum(counts.values()) == 12
    drawn = cell.draws(("auc",), 1, 0)["auc"][0]
    times = table["cluster"].map(counts).astype(int)
    repeated = table.loc[table.index.repeat(times)]
    folds = [Ranking(rows["outcome"], rows["risk"]).weighted() for _, rows in repeated.groupby("fold")]
    assert drawn == pytest.approx(combine(folds, ("auc",))["auc"][0])


def test_the_order_of_rows_and_columns_does_not_matter():
    """A shuffled table has the same figures and intervals."""
    table = make(models=("m", "n"))
    shuffled = table.sample(frac=1, random_state=1)[table.columns[::-1]]
    pd.testing.assert_frame_equal(summarise(table, **QUICK), summarise(shuffled, **QUICK), rtol=1e-12)


def test_the_memory_for_draws_does_not_change_them(monkeypatch):
    """Draws taken one by one are those taken together."""
    table = make()
    together = summarise(table, **QUICK)
    monkeypatch.setattr("fanpin_risk.evaluation.intervals.DRAWS_AT_ONCE", 1)
    pd.testing.assert_frame_equal(summarise(table, **QUICK), together, rtol=1e-12)


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    """Over simulated counties, 90 % intervals by village hold the true rate and AUC; by household they miss more."""
    names = ["base_rate", "auc"]
    truth = make(3000, 20, random_state=999)
    goal = measure(truth["outcome"], truth["risk"], measures=names)
    hits = {"cluster": np.zeros(2), None: np.zeros(2)}
    for seed in range(40):
        table = make(40, 20, random_state=seed)
        for cluster, count in hits.items():
            found = summarise(table, measures=names, level=0.9, n_bootstrap=120, cluster=cluster)
            count += [row.low <= goal[row.measure] <= row.high for row in found.itertuples()]
    assert 0.8 <= hits["cluster"][0] / 40 <= 0.98
    assert 0.8 <= hits["cluster"][1] / 40 <= 0.99
    assert hits[None][0] / 40 < 0.75  # villages differ: households alone are too sure


def test_chance_alone_is_not_taken_for_calibration_error():
    """Chance makes the error of a calibrated forecast positive, and more so in draws: the interval looks below it."""
    low, plain = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        risk = rng.uniform(0.02, 0.4, 600)
        table = make(30, 20).assign(risk=risk, outcome=(rng.random(600) < risk).astype(int))
        found = summarise(table, measures=["calibration_error"], n_bootstrap=100).iloc[0]
        assert 0 <= found["low"] <= found["value"] <= found["high"]
        low.append(found["low"])
        draws = Cell(check_predictions(table)).draws(("calibration_error",), 100, 0)["calibration_error"]
        plain.append(np.quantile(draws, 0.025))
    assert np.mean(low) < 0.01
    assert np.mean(plain) > 0.025


def test_too_few_or_unknown_villages_are_said():
    """Without villages, or with fewer than ten, households are drawn and the note says so."""
    few, none = make(9, 70), make().drop(columns="cluster")
    assert set(summarise(few, **QUICK)["note"]) == {"few_villages:10"}
    assert set(summarise(none, **QUICK)["note"]) == {"villages_unknown"}
    assert set(summarise(make(), cluster=None, **QUICK)["note"]) == {"villages_unknown"}
    some = make()
    some.loc[:4, "cluster"] = None
    assert set(summarise(some, **QUICK)["note"]) == {"no_village:5"}


def test_another_column_can_name_the_village():
    """Any column may be what is drawn."""
    table = make()
    renamed = table.rename(columns={"cluster": "village"})
    pd.testing.assert_frame_equal(summarise(renamed, cluster="village", **QUICK), summarise(table, **QUICK))


def test_models_of_the_same_villages_see_the_same_draws():
    """The same risks under two names differ by nothing, in every draw; other villages see other draws."""
    table = make()
    both = pd.concat([table, table.assign(model="twin")])
    found = compare(both, reference="m", **QUICK)
    assert found[["difference", "low", "high"]].eq(0).all().all()
    assert set(found["verdict"]) == {"no difference shown"}
    cell, other = Cell(check_predictions(table)), Cell(check_predictions(table.assign(cluster="x" + table["cluster"])))
    assert next(cell.weights(5, 0))[0].tolist() != next(other.weights(5, 0))[0].tolist()


def test_the_better_model_is_named_with_the_sign_of_better():
    """A difference above 0 is better for the reference, whether more or less of the measure is better."""
    table = make(60, 20, models=("good", "poor"))
    names = ["auc", "log_loss", "exclusion_error"]
    forward = compare(table, reference="good", measures=names, capacity=0.3, **QUICK)
    backward = compare(table, reference="poor", measures=names, capacity=0.3, **QUICK)
    assert forward["model"].tolist() == ["poor"] * 3
    assert forward["verdict"].tolist() == ["better"] * 3
    assert backward["verdict"].tolist() == ["worse"] * 3
    assert forward["difference"].to_numpy() == pytest.approx(-backward["difference"].to_numpy())
    auc, loss = forward["difference"][:2]
    values = summarise(table, measures=names, n_bootstrap=0).set_index(["model", "measure"])["value"]
    assert auc == pytest.approx(values["good", "auc"] - values["poor", "auc"])
    assert loss == pytest.approx(values["poor", "log_loss"] - values["good", "log_loss"])
    assert forward.kind == "comparison"


def test_verdicts_are_adjusted_for_being_many():
    """The same difference that is shown alone is not shown as one of many; its interval stays as it is."""
    table = make(60, 20, models=("good", "poor"))
    rng = np.random.default_rng(3)
    risk = table.loc[table["model"] == "good", "risk"].to_numpy()
    for number in range(30):
        near = np.clip(risk + rng.normal(0, 0.02, len(risk)), 0, 1)
        table = pd.concat([table, table[table["model"] == "good"].assign(model=f"near {number}", risk=near)])
    many = compare(table, reference="good", measures=["brier"], **QUICK)
    changed = 0
    for row in many.itertuples():
        pair = table[table["model"].isin(["good", row.model])]
        alone = compare(pair, reference="good", measures=["brier"], **QUICK).iloc[0]
        assert (alone["low"], alone["high"]) == (row.low, row.high)
        assert alone["p_adjusted"] <= row.p_adjusted
        assert row.verdict in (alone["verdict"], "no difference shown")
        changed += row.verdict != alone["verdict"]
    assert changed
    assert many.set_index("model").loc["poor", "verdict"] == "better"


def test_few_days_must_agree():
    """Where one of three days says otherwise, nothing is shown; the days are counted."""
    parts = [make(60, 20, models=("good", "poor")).assign(fold=f"2020-0{k}-01") for k in (1, 2, 3)]
    sure = compare(pd.concat(parts), reference="good", measures=["auc"], **QUICK).iloc[0]
    assert (sure["days"], sure["days_better"], sure["verdict"]) == (3, 3, "better")
    last = parts[2]
    swapped = last.assign(model=last["model"].map({"good": "poor", "poor": "good"}))
    mixed = compare(pd.concat([*parts[:2], swapped]), reference="good", measures=["auc"], **QUICK).iloc[0]
    assert (mixed["days"], mixed["days_better"], mixed["verdict"]) == (3, 2, "no difference shown")


def test_pairs_tell_more_than_two_intervals():
    """The interval of a paired difference is narrower than that of the same models on their own."""
    table = make(60, 20, models=("m", "n"))
    pair = compare(table, reference="m", measures=["brier"], **QUICK).iloc[0]
    single = summarise(table, measures=["brier"], **QUICK)
    assert pair["high"] - pair["low"] < (single["high"] - single["low"]).max()


def test_models_must_have_forecast_the_same_households():
    """Another set of households is refused, with counts and no ids."""
    table = make(models=("m", "n"))
    with pytest.raises(SchemaError, match=r"models 'm' and 'n' have 600 and 599 rows that are not the same"):
        compare(table.iloc[:-1], reference="m", **QUICK)
    other = table.copy()
    other.loc[other.index[-1], "outcome"] = 1 - other["outcome"].iloc[-1]
    with pytest.raises(SchemaError, match="600 and 600 rows that are not the same"):
        compare(other, reference="m", **QUICK)


def test_small_cells_are_suppressed_with_their_counts():
    """A group of few households or events shows neither values nor counts."""
    table = make()
    table["group"] = "large"
    table.loc[:30, "group"] = "small"
    table.loc[200:300, "group"] = "quiet"
    table.loc[200:300, "outcome"] = 0
    found = summarise(table, by=("model", "group"), measures=["auc", "recall"], **QUICK).set_index("group")
    for group in ("small", "quiet"):
        assert found.loc[group, ["value", "low", "high", "households", "events"]].isna().all().all()
        assert set(found.loc[group, "note"]) == {"suppressed_few:50:5"}
    assert found.loc["large", "value"].notna().all()


def test_a_single_gap_takes_the_next_smallest_cell_along():
    """One suppressed cell could be worked out from the total, so another one is suppressed beside it."""
    table = make()
    table["group"] = np.where(np.arange(600) < 30, "small", np.where(np.arange(600) < 150, "middle", "large"))
    found = summarise(table, by=("model", "group"), measures=["auc"], **QUICK).set_index("group")
    assert found["value"].isna().to_dict() == {"large": False, "middle": True, "small": True}
    assert found.loc["middle", "note"] == "suppressed_total"
    alone = summarise(table[table["group"] == "small"], by=("model", "group"), measures=["auc"], **QUICK)
    assert alone["note"].str.startswith("suppressed_few").all()


def test_suppression_closes_rows_and_columns_of_two_groups():
    """With two groupings no row and no column of cells has a single gap."""
    table = make(60, 30)
    rng = np.random.default_rng(0)
    table["one"], table["two"] = rng.choice(list("abc"), len(table)), rng.choice(list("xyz"), len(table))
    keep = ~((table["one"] == "a") & (table["two"] == "x"))
    keep |= np.arange(len(table)) % 20 == 0
    found = summarise(table[keep], by=("model", "one", "two"), measures=["auc"], n_bootstrap=0)
    gaps = found.assign(gap=found["value"].isna()).pivot_table(index="one", columns="two", values="gap")
    assert gaps.loc["a", "x"] == 1
    assert 1 not in gaps.sum(axis=0).tolist()
    assert 1 not in gaps.sum(axis=1).tolist()


def test_comparison_suppresses_small_cells_as_well():
    """Small groups have no difference and no verdict that says anything."""
    table = make(models=("m", "n"))
    table["group"] = np.where(table["household_id"] < "h00030", "small", "large")
    found = compare(table, reference="m", by=("group",), measures=["auc"], **QUICK)
    assert found["difference"].isna().all()
    assert set(found["verdict"]) == {"no difference shown"}
    assert found["note"].str.startswith("suppressed").all()


def test_one_list_for_all_or_one_for_each_group():
    """On one list a group with higher risks is visited more; by default every group has its own visits."""
    table = make(models=("m",))
    table["risk"] = np.where(table["group"] == "a", table["risk"] / 2 + 0.5, table["risk"] / 2)
    options = {"by": ("model", "group"), "measures": ["recall"], "capacity": 0.1, **QUICK}
    own = summarise(table, **options).set_index("group")
    common = summarise(table, one_list=True, **options).set_index("group")
    rows = table[table["group"] == "b"]
    assert own.loc["b", "value"] == pytest.approx(measure(rows["outcome"], rows["risk"], share=0.1)["recall"])
    assert common["value"].to_dict()["b"] == 0
    assert common.loc["a", "value"] > own.loc["a", "value"]
    listed = table.nlargest(60, "risk")
    events = table.groupby("group")["outcome"].sum()
    assert common.loc["a", "value"] == pytest.approx(listed["outcome"].sum() / events["a"])
    assert common.loc["a", "low"] < common.loc["a", "value"] < common.loc["a", "high"]


def test_variants_of_a_model_may_repeat_its_households():
    """A column of by such as the number of training days tells rows of the same household and day apart."""
    table = pd.concat([make().assign(train_days=n) for n in (1, 2)])
    found = summarise(table, by=("model", "train_days"), measures=["auc"], **QUICK)
    assert found["train_days"].tolist() == [1, 2]
    assert found["value"].iloc[0] == found["value"].iloc[1]
    with pytest.raises(SchemaError, match="600 rows of predictions repeat a household"):
        summarise(table, **QUICK)


def test_a_measure_that_is_not_defined_says_so():
    """Without events AUC is NaN with a note, not a number and not a warning."""
    table = make().assign(outcome=0)
    found = summarise(table, measures=["auc", "brier"], fewest=(0, 0), **QUICK).set_index("measure")
    assert np.isnan(found.loc["auc", "value"])
    assert found.loc["auc", "note"] == "not_defined"
    assert found.loc["brier", "note"] == ""


def test_no_draws_no_intervals():
    """With n_bootstrap=0 values come alone."""
    found = summarise(make(), n_bootstrap=0)
    assert found["value"].notna().all()
    assert found[["low", "high"]].isna().all().all()


def test_an_empty_table_has_no_rows():
    """Nothing forecast, nothing measured."""
    empty = make().iloc[:0]
    assert len(summarise(empty, **QUICK)) == 0
    assert list(summarise(empty, **QUICK).columns) == list(summarise(make(), **QUICK).columns)


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda t: t.drop(columns="risk"), {}, "predictions has no column risk; expected model"),
        (lambda t: t, {"by": ("model", "county")}, "has no column county"),
        (lambda t: t, {"by": "model"}, "by is the text 'model'"),
        (lambda t: t, {"by": ("group",)}, "predictions holds 2 models; name 'model' in by"),
        (lambda t: pd.concat([t, t.head(3)]), {}, "3 rows of predictions repeat a household"),
        (lambda t: t, {"cluster": "hamlet"}, "has no column hamlet"),
        (lambda t: t, {"level": 95}, "level is 95; expected a share"),
        (lambda t: t, {"n_bootstrap": -1}, "n_bootstrap is -1"),
        (lambda t: t, {"fewest": (1,)}, "fewest is"),
        (lambda t: t, {"capacity": 2.5}, "capacity is 2.5"),
    ],
)
def test_wrong_arguments_are_refused(change, options, message):
    """Errors name what was expected."""
    with pytest.raises(SchemaError, match=message):
        summarise(change(make(models=("m", "n"))), **options)


def test_wrong_comparisons_are_refused():
    """A reference must be there, and a measure must have a better side."""
    table = make(models=("m", "n"))
    with pytest.raises(SchemaError, match="reference is 'x'; expected one of the models 'm', 'n'"):
        compare(table, reference="x")
    with pytest.raises(SchemaError, match="of base_rate neither more nor less is better"):
        compare(table, reference="m", measures=["auc", "base_rate"])


def test_weights_on_few_households_suppress_a_cell():
    """A thousand households of which one has nearly all the weight are a figure about that one."""
    table = make()
    assert summarise(table.assign(weight=0.1), measures=["auc"], n_bootstrap=0)["value"].notna().all()
    table["weight"] = np.where(np.arange(len(table)) % 60 == 0, 1000.0, 0.001)
    found = summarise(table, measures=["auc", "recall"], n_bootstrap=0)
    assert found[["value", "households", "events"]].isna().all(axis=None)
    assert set(found["note"]) == {"suppressed_weights:50:5"}


def test_weights_on_few_events_suppress_a_cell():
    """What is known of the event rests on the households that had it."""
    table = make()
    table["weight"] = np.where((table["outcome"] == 1) & (np.arange(len(table)) > 8), 1e-6, 1.0)
    found = summarise(table, measures=["auc"], n_bootstrap=0)
    assert found["value"].isna().all()
    assert found["note"].str.contains("suppressed_weights").all()


def test_a_household_on_several_days_counts_once():
    """Equal weights suppress nothing, though some households were forecast on more days than others."""
    table = make(3, 20, folds=("2021-12-31", "2022-12-31"))
    some = table[(table["fold"] == "2021-12-31") | (table["household_id"] < "h00012")]
    assert summarise(some, measures=["auc"], n_bootstrap=0)["value"].notna().all()


@pytest.mark.parametrize(
    ("options", "message"),
    [({"n_bootstrap": True}, "n_bootstrap is True; expected a whole number"), ({"fewest": (True, 5)}, "fewest is")],
)
def test_yes_is_no_number(options, message):
    """Python counts True as 1; who writes it means something else."""
    with pytest.raises(SchemaError, match=message):
        summarise(make(), **options)
