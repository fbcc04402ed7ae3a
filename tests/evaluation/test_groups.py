"""Groups of an audit, fairness between them, what mending it costs, and that ethnicity is no feature.

Tests evaluation/group_audit.py and evaluation/between_groups.py as well.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.errors import MissingPackageError, SchemaError
from fanpin_risk.evaluation.between_groups import capacity_cost, fairness
from fanpin_risk.evaluation.groups import (
    ALL,
    FAIRNESS,
    GROUPS,
    LARGEST_DIFFERENCE,
    LARGEST_RATIO,
    ONE_LIST,
    audit_groups,
)
from fanpin_risk.evaluation.intervals import summarise
from fanpin_risk.features import FEATURES, compute_features, make_references
from fanpin_risk.records.register import Register
from fanpin_risk.synthetic import make_register
from fanpin_risk.watch.watchlist import watchlist

DAY = "2023-12-31"


@pytest.fixture(scope="module")
def register() -> Register:
    """A synthetic register of 400 households."""
    return make_register(400, random_state=4)


@pytest.fixture(scope="module")
def predictions() -> pd.DataFrame:
    """Forecasts of two folds with many equal risks; events of group b are forecast too low, c is small."""
    rng = np.random.default_rng(7)
    n = 3000
    kind = rng.choice(["a", "b", "c"], n, p=[0.6, 0.37, 0.03])
    risk = np.round(rng.beta(1, 8, n), 2)
    frame = pd.DataFrame(
        {
            "model": "m",
            "fold": np.where(np.arange(n) < 1400, "2022-12-31", "2023-12-31"),
            "household_id": [f"h{i:04}" for i in rng.permutation(n)],
            "cluster": [f"v{i % 45:02}" for i in range(n)],
            "risk": risk,
            "outcome": (rng.random(n) < risk * np.where(kind == "b", 1.8, 1.0)).astype(int),
            "kind": kind,
            "sex": rng.choice(["female", "male"], n),
        }
    )
    frame.loc[rng.random(n) < 0.05, "sex"] = None
    return frame


# --- groups -------------------------------------------------------------------------------------------------------
def people(*rows: tuple) -> pd.DataFrame:
    """Members: household, relation, sex, birth date, ethnicity, health."""
    frame = pd.DataFrame(rows, columns=["household_id", "relation", "sex", "birth_date", "ethnicity", "health"])
    return frame.assign(
        member_id=[f"m{i}" for i in range(len(frame))], valid_from="2022-01-01", recorded_at="2022-01-02"
    )


def test_groups_of_written_households():
    """Every group is what the rows say, and missing where they do not say."""
    homes = pd.DataFrame(
        {
            "household_id": ["h1", "h2", "h3", "h4"],
            "valid_from": "2022-01-01",
            "recorded_at": "2022-01-02",
            "area_code": ["211282101001", "2112", None, "211223100001"],
            "register_status": ["ex_poor", "general", None, "general"],
            "road_km": [0.49, 0.5, 2.0, None],
        }
    )
    members = people(
        ("h1", "head", "female", "1979-01-01", "汉族", "healthy"),
        ("h2", "head", "male", "1978-12-31", "满族", "disabled"),
        ("h2", "spouse", "female", "1980-01-01", "汉族", "healthy"),
        ("h3", "head", "male", "1948-05-01", "其他", None),
        ("h3", "head", "male", "1949-05-01", "汉", None),
        *[("h3", "son", "male", "1990-01-01", "汉", None)] * 3,
    )
    cards = pd.DataFrame(
        {
            "member_id": ["m4"],
            "issued_on": "2022-05-01",
            "recorded_at": "2022-05-02",
            "category": "physical",
            "grade": "grade2",
        }
    )
    groups = audit_groups(Register.from_frames(households=homes, members=members, disabilities=cards), DAY)
    expected = {
        "register_status": ["ex_poor", "general", None, "general"],
        "county": ["211282", None, None, "211223"],
        "household_size": ["1", "2", "5+", None],
        "head_sex": ["female", "male", None, None],
        "head_age": ["under 45", "45-59", None, None],
        "ethnicity": ["han", "minority", None, None],
        "disability": ["none", "disabled", "severely disabled", None],
        "remoteness": ["under 0.5 km", "0.5-2 km", "2 km or more", None],
    }
    assert groups.index.tolist() == ["h1", "h2", "h3", "h4"]
    assert list(groups.columns) == list(expected) == list(GROUPS)
    for name, values in expected.items():
        found = [None if pd.isna(value) else value for value in groups[name]]
        assert found == values, name
        assert groups[name].dtype == "str"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("汉", "han"),
        (" 汉族 ", "han"),
        ("Han", "han"),
        ("蒙古族", "minority"),
        ("其他", None),
        ("01", None),
        (None, None),
    ],
)
def test_ethnicity_is_read_from_the_text(text, code):
    """Han under its usual names, any other name is a minority, and what names none is not known."""
    homes = pd.DataFrame({"household_id": ["h1"], "valid_from": "2022-01-01", "recorded_at": "2022-01-02"})
    members = people(("h1", "head", "male", "1970-01-01", text, "healthy"))
    found = audit_groups(Register.from_frames(households=homes, members=members), DAY)["ethnicity"].iloc[0]
    assert (None if pd.isna(found) else found) == code


def test_groups_are_as_known_on_the_day():
    """A change recorded after the day is not seen on it, and is seen on its own day."""
    homes = pd.DataFrame({"household_id": ["h1"], "valid_from": "2022-01-01", "recorded_at": "2022-01-02"})
    members = people(
        ("h1", "head", "male", "1970-01-01", "汉族", "healthy"), ("h1", "head", "male", "1970-01-01", "满族", "healthy")
    ).assign(member_id="m0", recorded_at=["2022-01-02", "2023-06-01"])
    register = Register.from_frames(households=homes, members=members)
    assert audit_groups(register, "2023-05-31")["ethnicity"].tolist() == ["han"]
    assert audit_groups(register, "2023-06-01")["ethnicity"].tolist() == ["minority"]


def test_groups_have_labels_and_all_households(register):
    """Every household on record has its row, and every code but the counties' a label in both languages."""
    groups = audit_groups(register, DAY)
    pd.testing.assert_index_equal(groups.index, compute_features(register, DAY).index)
    for name, declared in GROUPS.items():
        assert declared.label.shown("zh") != declared.label.shown("en")
        assert name == "county" or set(groups[name].dropna()) <= set(declared.codes)
    assert groups["county"].dropna().str.fullmatch(r"\d{6}").all()


# --- fairness -----------------------------------------------------------------------------------------------------
def value(table: pd.DataFrame, group: str, measure: str, column: str = "value") -> float:
    """One figure of a table of fairness."""
    chosen = table[(table.iloc[:, 0] == group) & (table["measure"] == measure)]
    assert len(chosen) == 1
    return chosen[column].iloc[0]


def test_measures_are_those_of_the_watch_list(predictions):
    """In each fold the visited are whom `watchlist` lists; shares and errors of a group count among them."""
    table = fairness(predictions, "kind", capacity=0.07, n_bootstrap=0, fewest=(0, 0))
    listed = pd.concat(
        watchlist(fold, capacity=0.07, include_monitored=True).assign(fold=name)
        for name, fold in predictions.groupby("fold")
    )
    visited = predictions.set_index(["fold", "household_id"]).index.isin(
        listed.set_index(["fold", "household_id"]).index
    )
    for name, rows in [(ALL, predictions), *predictions.groupby("kind")]:
        seen, event = visited[rows.index], rows["outcome"] == 1
        assert value(table, name, "visited") == pytest.approx(seen.mean())
        assert value(table, name, "exclusion_error") == pytest.approx((event & ~seen).sum() / event.sum())
        if seen.sum() >= 5:
            assert value(table, name, "inclusion_error") == pytest.approx((~event & seen).sum() / seen.sum())
        assert value(table, name, "mean_risk") == pytest.approx(rows["risk"].mean())
        assert value(table, name, "base_rate") == pytest.approx(event.mean())
        gap = rows["risk"].mean() - event.mean()
        assert value(table, name, "calibration_gap") == pytest.approx(gap)
        assert value(table, name, "auc", "households") == len(rows)
        assert value(table, name, "auc", "events") == event.sum()
        whole = summarise(rows, measures=["auc"], n_bootstrap=0)["value"].iloc[0]
        assert value(table, name, "auc") == pytest.approx(whole)


def test_differences_and_ratios(predictions):
    """The differences are to all, the largest difference and ratio between the groups."""
    table = fairness(predictions, "kind", capacity=0.1, n_bootstrap=0, fewest=(0, 0))
    for name in FAIRNESS:
        of = [value(table, kind, name) for kind in "abc"]
        for kind, own in zip("abc", of, strict=True):
            assert value(table, kind, name, "difference") == pytest.approx(own - value(table, ALL, name), nan_ok=True)
        assert value(table, LARGEST_DIFFERENCE, name) == pytest.approx(np.nanmax(of) - np.nanmin(of))
        if name not in ("calibration_gap", "auc"):
            assert value(table, LARGEST_RATIO, name) == pytest.approx(np.nanmax(of) / np.nanmin(of))


def test_intervals_find_the_group_that_is_forecast_too_low(predictions):
    """Group b's risk is too low beyond chance, group a's is not; the draws are of the same measures."""
    table = fairness(predictions, "kind", capacity=0.1, n_bootstrap=200)
    assert value(table, "b", "calibration_gap", "high") < 0
    assert value(table, "a", "calibration_gap", "low") < 0 < value(table, "a", "calibration_gap", "high")
    assert value(table, "b", "base_rate", "difference_low") > 0
    assert value(table, LARGEST_DIFFERENCE, "base_rate", "low") > 0
    defined = table.dropna(subset=["value"])
    assert (defined["low"] <= defined["value"] + 1e-12).all()
    assert (defined["value"] <= defined["high"] + 1e-12).all()
    assert (table.loc[table["kind"] == LARGEST_RATIO, "low"].dropna() >= 1).all()
    compared = table.dropna(subset=["difference"])
    assert (compared["difference_low"] <= compared["difference"]).all()
    assert (compared["difference"] <= compared["difference_high"]).all()


def test_chance_makes_no_largest_difference(predictions):
    """Groups dealt by lot differ by chance; the intervals of the largest difference and ratio say so."""
    lot = predictions.assign(kind=np.random.default_rng(0).choice(list("abcde"), len(predictions)))
    table = fairness(lot, "kind", capacity=0.1, n_bootstrap=200)
    for name in ("base_rate", "mean_risk", "exclusion_error"):
        assert value(table, LARGEST_DIFFERENCE, name) > 0
        assert value(table, LARGEST_DIFFERENCE, name, "low") == 0
        assert value(table, LARGEST_RATIO, name, "low") == 1


def test_intervals_are_those_of_summarise(predictions):
    """Measures that need no list have, in all, the interval that `summarise` gives from the same draws."""
    table = fairness(predictions, "kind", n_bootstrap=100, random_state=3)
    names = ["auc", "mean_risk", "base_rate"]
    whole = summarise(predictions, measures=names, n_bootstrap=100, random_state=3).set_index("measure")
    for name in names:
        for column in ("value", "low", "high"):
            assert value(table, ALL, name, column) == pytest.approx(whole.loc[name, column])


def test_weights_count_as_copies(predictions):
    """A row of weight 2 is two households."""
    some = predictions[predictions["kind"] != "c"].head(600).reset_index(drop=True)
    some["risk"] = np.random.default_rng(0).permutation(600) / 1000  # no ties: a copy has another id
    weight = np.where(np.arange(600) % 3 == 0, 2.0, 1.0)
    double = pd.concat([some, some[weight == 2].assign(household_id=lambda t: t["household_id"] + "x")])
    weighted = fairness(some.assign(weight=weight), "kind", capacity=80, n_bootstrap=0, fewest=(0, 0))
    copied = fairness(double, "kind", capacity=80, n_bootstrap=0, fewest=(0, 0))
    difference = (weighted["value"] - copied["value"]).abs()
    assert difference.max() < 0.05  # at the cut one of two copies may be visited alone
    exact = weighted["measure"].isin(["mean_risk", "base_rate", "calibration_gap"])
    assert difference[exact].max() < 1e-12


def test_small_groups_are_suppressed_and_cannot_be_worked_out(predictions):
    """A small group has neither values nor counts; alone, it takes the next smallest with it; all is shown."""
    table = fairness(predictions, "kind", n_bootstrap=20, fewest=(100, 5))
    hidden = table[table["kind"].isin(["b", "c"])]
    assert hidden[["value", "low", "high", "difference", "households", "events"]].isna().all(axis=None)
    assert hidden["note"].str.startswith("suppressed").all()
    assert table.loc[table["kind"].isin([ALL, "a"]), "value"].notna().all()
    assert table.loc[table["kind"].isin([LARGEST_DIFFERENCE, LARGEST_RATIO]), "value"].isna().all()


def test_unknown_is_a_group_but_not_compared(predictions):
    """Households of unknown group are shown by themselves, after the others, and make no largest difference."""
    shifted = predictions.assign(risk=np.where(predictions["sex"].isna(), 0.9, predictions["risk"]))
    table = fairness(shifted, "sex", n_bootstrap=0, fewest=(0, 0))
    assert list(dict.fromkeys(table["sex"]))[:4] == [ALL, "female", "male", "unknown"]
    assert value(table, "unknown", "mean_risk") == pytest.approx(0.9)
    assert value(table, LARGEST_DIFFERENCE, "mean_risk") < 0.1


def test_few_visits_show_no_inclusion_error(predictions):
    """Of fewer than five visits the share in vain is not shown, nor compared."""
    table = fairness(predictions, "kind", capacity=4, n_bootstrap=10, fewest=(0, 0))
    assert np.isnan(value(table, "c", "inclusion_error"))
    assert value(table, "c", "inclusion_error", "note") == "not_defined"


def test_a_group_without_events_misses_none(predictions):
    """Where nothing happened the exclusion error is not 0 but undefined."""
    quiet = predictions.assign(outcome=predictions["outcome"].where(predictions["kind"] != "c", 0))
    table = fairness(quiet, "kind", n_bootstrap=0, fewest=(0, 0))
    assert np.isnan(value(table, "c", "exclusion_error"))
    assert value(table, "c", "base_rate") == 0


def test_row_order_does_not_matter(predictions):
    """The same rows in another order give the same table, bit for bit."""
    mixed = predictions.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(
        fairness(mixed, "kind", n_bootstrap=30), fairness(predictions, "kind", n_bootstrap=30)
    )


def test_without_fairlearn_the_error_names_the_extra(predictions, monkeypatch):
    """Without fairlearn the error says what to install."""
    monkeypatch.setitem(sys.modules, "fairlearn", None)
    with pytest.raises(MissingPackageError, match='python -m pip install "fairlearn>='):
        fairness(predictions, "kind")


def test_wrong_tables_are_refused(predictions):
    """Missing groups, several models, repeated households, reserved names and no rows are refused."""
    with pytest.raises(SchemaError, match="no column 'county'"):
        fairness(predictions, "county")
    with pytest.raises(SchemaError, match="holds 2 models"):
        fairness(pd.concat([predictions, predictions.assign(model="n")]), "kind")
    with pytest.raises(SchemaError, match="repeat"):
        fairness(pd.concat([predictions, predictions.assign(kind="z")]), "kind")
    with pytest.raises(SchemaError, match="groups named all"):
        fairness(predictions.assign(kind="all"), "kind")
    with pytest.raises(SchemaError, match="no rows"):
        fairness(predictions.head(0), "kind")
    with pytest.raises(SchemaError, match="expected a whole number of visits"):
        fairness(predictions, "kind", capacity=1.5)


# --- mending it -----------------------------------------------------------------------------------------------------
def cost(table: pd.DataFrame, scheme: str, measure: str, column: str = "value") -> float:
    """One figure of a table of costs."""
    return table.set_index(["scheme", "measure"]).loc[(scheme, measure), column]


def test_cost_of_sharing_visits_is_that_of_the_watch_list():
    """Recall, precision and gap are those of the lists that `watchlist` makes, and differences are to one list."""
    rng = np.random.default_rng(2)
    kind = rng.choice(["a", "b"], 4000, p=[0.7, 0.3])
    risk = rng.beta(1, np.where(kind == "a", 6, 25))
    frame = pd.DataFrame(
        {
            "model": "m",
            "household_id": [f"h{i:04}" for i in range(4000)],
            "cluster": [f"v{i % 50:02}" for i in range(4000)],
            "risk": risk,
            "outcome": (rng.random(4000) < risk).astype(int),
            "kind": kind,
        }
    )
    table = capacity_cost(frame, "kind", 0.1, n_bootstrap=100)
    for scheme in (ONE_LIST, "households", "risk", "recall"):
        how = {} if scheme == ONE_LIST else {"group": "kind", "shares": scheme}
        listed = watchlist(frame, capacity=0.1, include_monitored=True, **how)
        assert cost(table, scheme, "recall") == pytest.approx(listed["outcome"].sum() / frame["outcome"].sum())
        assert cost(table, scheme, "precision") == pytest.approx(listed["outcome"].mean())
        found = listed.groupby("kind")["outcome"].sum().reindex(["a", "b"], fill_value=0)
        missed = 1 - found / frame.groupby("kind")["outcome"].sum()
        assert cost(table, scheme, "exclusion_gap") == pytest.approx(missed.max() - missed.min())
        if scheme != ONE_LIST:
            difference = cost(table, scheme, "recall") - cost(table, ONE_LIST, "recall")
            assert cost(table, scheme, "recall", "difference") == pytest.approx(difference)
    # One list nearly forgets group b; equal recall finds it, at a price that shows.
    assert cost(table, ONE_LIST, "exclusion_gap", "low") > 0.15
    assert cost(table, "recall", "exclusion_gap", "difference_high") < 0
    assert cost(table, "recall", "recall", "difference_high") < 0
    assert np.isnan(cost(table, ONE_LIST, "recall", "difference"))


@pytest.mark.parametrize("make", [fairness, capacity_cost])
def test_too_few_events_are_suppressed_in_words(predictions, make):
    """A small county gets a table that says why it is empty."""
    table = make(predictions.assign(outcome=0), "kind", n_bootstrap=5)
    key = "kind" if make is fairness else "scheme"
    whole = table[table[key] == (ALL if make is fairness else ONE_LIST)]
    assert whole["value"].isna().all()
    assert whole["note"].str.contains("suppressed").all()


# --- ethnicity is no feature ----------------------------------------------------------------------------------------
def test_no_feature_reads_ethnicity(register):
    """With the ethnicity of all members blanked or dealt anew, every feature and context column keeps its bits."""
    members = register.tables["members"]
    rng = np.random.default_rng(0)
    references = make_references(register, DAY)
    before = compute_features(register, DAY, references=references, context=True)
    assert before.notna().any().sum() > 50
    changed = {
        "blanked": pd.Series(np.nan, index=members.index, dtype="str"),
        "dealt anew": members["ethnicity"].iloc[rng.permutation(len(members))].reset_index(drop=True),
        "other": pd.Series("满族", index=members.index, dtype="str"),
    }
    for how, texts in changed.items():
        assert not texts.equals(members["ethnicity"])
        other = Register(register.tables | {"members": members.assign(ethnicity=texts)}, source=register.source)
        pd.testing.assert_frame_equal(make_references(other, DAY), references, check_exact=True)
        after = compute_features(other, DAY, references=references, context=True)
        assert before.to_numpy().tobytes() == after.to_numpy().tobytes(), how
        assert how == "dealt anew" or not audit_groups(other, DAY)["ethnicity"].equals(
            audit_groups(register, DAY)["ethnicity"]
        )
    assert not any("ethnic" in f.name or "民族" in f.zh for f in FEATURES)


def test_weights_on_few_households_suppress_a_group(predictions):
    """A group is as large as its weights leave it, and so are the visits that an inclusion error is made of."""
    first = predictions["kind"].eq("b").cumsum()
    weight = np.where(predictions["kind"].ne("b") | (first <= 3), 1.0, 1e-4)
    table = fairness(predictions.assign(weight=weight), "kind", n_bootstrap=5, fewest=(50, 1))
    assert table.loc[table["kind"] == "b", ["value", "households"]].isna().all(axis=None)
    assert table.loc[table["kind"] == "b", "note"].str.contains("suppressed_weights").all()
    heavy = np.where(predictions["household_id"] < "h0004", 1.0, 1e-5)
    shown = fairness(predictions.assign(weight=heavy), "kind", capacity=3, n_bootstrap=2, fewest=(0, 0))
    assert np.isnan(value(shown, ALL, "inclusion_error"))
    assert np.isfinite(value(shown, ALL, "visited"))
