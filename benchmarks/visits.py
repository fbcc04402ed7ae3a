"""Learning from visits: figures and models from a round by rank and at random, held against a truth that is known.

Every event of a synthetic register is on record, so it knows who is in need in the year after a day. In the world of an office
it does not: visitors follow a list, and who is not visited is hardly ever recognised. Here that world is made of the truth:

* the list names the 5 % ranked highest by what the office believes: the true risk with errors of its own, households that were
  poor before (which it looks at first), and townships that it looks at more than others;
* an audit draws 5 % of all others, more in the upper half of the ranking: every household has a known probability;
* a visit verifies who is in need; the register recognises whom a visit verified, and one in five of the others in need.

Then it is asked (1) whether figures of a model of the office, computed from the visits with weights, are nearer the truth
than those without weights and those of the register, and (2) whether a model that learns from visits with weights serves
the next year better than one that learns from what the register says. Intervals are over seeds: twice the standard error.

    python benchmarks/visits.py [--seeds 12] [--households 20000] [--out FILE]
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import fanpin_risk as fr

BEFORE, DAY, NEXT = "2021-12-31", "2022-12-31", "2023-12-31"
LIST_SHARE, AUDIT_SHARE, CAME_BY_THEMSELVES = 0.05, 0.05, 0.2
FOR_THE_POOR_BEFORE = 1.5  # log-odds by which the office thinks more of those who were poor before
MEASURES = ("base_rate", "auc", "average_precision", "recall", "calibration_intercept")


def visited_world(n_households: int, seed: int) -> tuple[fr.Register, fr.Register, pd.DataFrame]:
    """Return the register of the truth, the one that an office has, and its visits."""
    register, truth = fr.make_register(n_households, random_state=seed, base_rate=0.05, return_truth=True)
    need = fr.outcomes(register, DAY)["outcome"].astype(int)
    risk = truth[truth["as_of"] == DAY].set_index("household_id")["risk"].reindex(need.index)
    homes = register.tables["households"].drop_duplicates("household_id").set_index("household_id")
    township = pd.factorize(homes["area_code"].reindex(need.index).astype("str").str[:9])[0]
    rng = np.random.default_rng([seed, 7])
    favoured = rng.normal(0, 1, township.max() + 1)[township]
    poor_before = homes["register_status"].astype("str").reindex(need.index).ne("general").to_numpy()
    believed = np.log(risk / (1 - risk)).to_numpy() + rng.normal(0, 0.7, len(need)) + 0.7 * favoured
    believed = believed + FOR_THE_POOR_BEFORE * poor_before
    rank = np.argsort(np.argsort(-believed, kind="stable"), kind="stable")
    listed = rank < LIST_SHARE * len(need)
    upper = rank < 0.5 * len(need)
    chance = np.where(listed, 1.0, np.where(upper, 1.5, 0.5) * AUDIT_SHARE)
    seen = rng.random(len(need)) < chance
    visits = pd.DataFrame(
        {
            "household_id": need.index[seen],
            "visited_on": pd.Timestamp("2023-06-15"),
            "result": np.where(need[seen] == 1, "verified", "refuted"),
            "probability": chance[seen],
            "tier": np.where(listed, "high", np.where(upper, "medium", "low"))[seen],
        }
    )
    unknown = need.index[(need == 1) & ~seen & (rng.random(len(need)) >= CAME_BY_THEMSELVES)]
    rows = register.tables["monitoring"]
    after = rows["identified_on"] > pd.Timestamp(DAY)
    believed_rows = rows[~(rows["household_id"].isin(unknown) & after)]
    tables = {name: register.tables[name] for name in register.supplied} | {"monitoring": believed_rows}
    return register, fr.Register(tables, source=register.source), visits


def small_model() -> fr.RiskModel:
    """Return a model that is fitted in seconds."""
    return fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=200), place=False, n_folds=3, n_jobs=1)


def figures_of_a_round(n_households: int, seed: int) -> pd.DataFrame:
    """Compare figures of the office's model from visits with the truth, and next year's of two models."""
    register, office, visits = visited_world(n_households, seed)
    before, now = (fr.training_day(office, day) for day in (BEFORE, DAY))
    later = fr.training_day(register, NEXT)
    scores = pd.DataFrame(
        {"household_id": now.table.index, "risk": small_model().fit_days([before]).risk_of(now.table)}
    )
    asked = {"as_of": DAY, "measures": MEASURES, "capacity": 0.05}
    found = fr.evaluate_visits(scores, visits, register=office, **asked)
    true = fr.evaluate_visits(scores, visits, register=register, n_bootstrap=0, **asked)
    truth = true[true["weighting"].eq("everybody")].set_index("measure")["value"]
    rows = found.assign(seed=seed, truth=found["measure"].map(truth))
    rows = rows[["seed", "against", "weighting", "measure", "value", "low", "high", "truth"]]
    learnt = {"register": small_model().fit_days([now]), "visits": small_model().fit_days([now], visits=visits)}
    next_year = []
    for name, one in learnt.items():
        risk = one.risk_of(later.table)
        said = fr.evaluation.measure(later.outcome, risk, share=0.05, measures=[*MEASURES, "mean_risk", "log_loss"])
        next_year += [
            {"seed": seed, "against": "next year", "weighting": name, "measure": measure, "value": value}
            for measure, value in said.items()
        ]
    taken = str(learnt["visits"].visits_["trees"])
    return pd.concat([pd.DataFrame(rows), pd.DataFrame(next_year)], ignore_index=True).assign(trees=taken)


def summary_of_rounds(rows: pd.DataFrame) -> pd.DataFrame:
    """Return means over the seeds, with twice their standard error, and how often intervals held the truth."""
    rows = rows.assign(error=rows["value"] - rows["truth"])
    rows["held"] = (rows["low"] <= rows["truth"]) & (rows["truth"] <= rows["high"])
    rows["held"] = rows["held"].astype("float64").where(rows["low"].notna() & rows["truth"].notna())
    table = rows.groupby(["against", "weighting", "measure"], sort=False).agg(
        value=("value", "mean"),
        truth=("truth", "mean"),
        error=("error", "mean"),
        twice_se=("error", lambda one: 2 * one.std(ddof=1) / np.sqrt(one.count()) if one.count() > 1 else np.nan),
        mean_size=("error", lambda one: one.abs().mean()),
        held=("held", "mean"),
    )
    return table.reset_index()


def main() -> None:
    """Run the rounds and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--households", type=int, default=20_000)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    started, parts = time.perf_counter(), []
    for seed in range(asked.seeds):
        parts.append(figures_of_a_round(asked.households, seed))
        print(f"seed {seed}: trees by {parts[-1]['trees'].iloc[0]}, {time.perf_counter() - started:.0f} s", flush=True)
    rows = pd.concat(parts, ignore_index=True)
    if asked.out:
        rows.to_csv(asked.out, index=False)
    print(summary_of_rounds(rows).round(3).to_string(index=False))
    later = rows[rows["against"] == "next year"].set_index(["seed", "measure"])
    of = {name: later.loc[later["weighting"] == name, "value"] for name in ("visits", "register")}
    gain = (of["visits"] - of["register"]).groupby("measure", sort=False)
    print("\nnext year, visits less register: mean and twice its standard error")
    print(
        pd.DataFrame({"gain": gain.mean(), "twice_se": 2 * gain.std(ddof=1) / np.sqrt(gain.size())})
        .round(3)
        .to_string()
    )


if __name__ == "__main__":
    main()
