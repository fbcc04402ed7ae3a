"""Curves by hand, and tables that keep their kind.

Tests also evaluation/results.py.
"""

import pickle

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.errors import SchemaError
from fanpin_risk.evaluation import (
    Result,
    calibration_curve,
    capacity_curve,
    compare,
    decision_curve,
    gains_curve,
    lead_time,
    measure,
    summarise,
)

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
    assert dropped["note"]["ahead_6"].endswith("undated:1")
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


# --- results --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", CURVES)
def test_a_result_keeps_its_kind(table, kind):
    """Taking rows or columns, copying and pickling leave a table that knows which picture fits it."""
    found = CURVES[kind](table)
    assert (type(found), found.kind) == (Result, kind)
    variants = (found[found["model"] != ""], found.head(2), found[list(found.columns)], found.copy(), found.iloc[1:])
    for part in (*variants, pickle.loads(pickle.dumps(found)), found.assign(extra=1), found.reset_index(drop=True)):
        assert (type(part), part.kind) == (Result, kind)
    assert type(found["model"]) is pd.Series


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
