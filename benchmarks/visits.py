"""Learning from visits: figures and models from a round by rank and at random, held against a truth that is known.

Every event of a synthetic register is on record, so it knows who is in need in the year after a day. In the world of an office
it does not: visitors follow a list, and who is not visited is hardly ever recognised. Here that world is made of the truth:

* the list names the 5 % ranked highest by what the office believes: the true risk with errors of its own, households that were
  poor before (which it looks at first), and townships that it looks at more than others;
* an audit draws 5 % of all others, more in the upper half of the ranking: every household has a known probability;
* a visit verifies who is in need; the register recognises whom a visit verified, and one in five of the others in need.

Then it is asked (1) whether figures of a model of the office, computed from the visits with weights, are nearer the truth
than those without weights and those of the register, and (2) whether a model that learns from visits with weights serves
the next year better than one that learns from what the register says. Intervals are twice the standard error over the seeds.

    python benchmarks/visits.py [--seeds 4] [--draws 20] [--households 16000] [--out FILE]
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

import fanpin_risk as fr

BEFORE, DAY, NEXT = "2021-12-31", "2022-12-31", "2023-12-31"
LIST_SHARE, AUDIT_SHARE, CAME_BY_THEMSELVES = 0.05, 0.05, 0.2
FOR_THE_POOR_BEFORE = 1.5  # log-odds by which the office thinks more of those who were poor before
MEASURES = ("base_rate", "auc", "average_precision", "recall", "calibration_intercept")


class World(NamedTuple):
    """A year of a county: the truth, and whom an office would visit with what probability.

    Attributes
    ----------
    register : Register
        Of the truth.
    need : Series of shape (n_at_risk,)
        Whether each household at risk came to be in need within the year.
    chance : ndarray of shape (n_at_risk,)
        Probability of being visited.
    tier : ndarray of shape (n_at_risk,)
        By the office's ranking.
    """

    register: fr.Register
    need: pd.Series
    chance: np.ndarray
    tier: np.ndarray


def world_of(n_households: int, seed: int) -> World:
    """Return a county whose office believes what is described above."""
    register, truth = fr.make_register(n_households, random_state=seed, base_rate=0.05, return_truth=True)
    need = fr.outcomes(register, DAY)["outcome"].astype(int)
    risk = truth[truth["as_of"] == DAY].set_index("household_id")["risk"].reindex(need.index)
    homes = register.tables["households"].drop_duplicates("household_id").set_index("household_id")
    township = pd.factorize(homes["area_code"].reindex(need.index).astype("str").str[:9])[0]
    rng = np.random.default_rng([seed, 7])
    favoured = rng.normal(0, 0.7, township.max() + 1)[township]
    poor_before = homes["register_status"].astype("str").reindex(need.index).ne("general").to_numpy()
    believed = np.log(risk / (1 - risk)).to_numpy() + rng.normal(0, 0.7, len(need)) + favoured
    believed = believed + FOR_THE_POOR_BEFORE * poor_before
    rank = np.argsort(np.argsort(-believed, kind="stable"), kind="stable")
    listed, upper = rank < LIST_SHARE * len(need), rank < 0.5 * len(need)
    chance = np.where(listed, 1.0, np.where(upper, 1.5, 0.5) * AUDIT_SHARE)
    return World(register, need, chance, np.where(listed, "high", np.where(upper, "medium", "low")))


def visits_of_round(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """Return a round of visits: the list, and a draw among the others."""
    seen = rng.random(len(world.need)) < world.chance
    return pd.DataFrame(
        {
            "household_id": world.need.index[seen],
            "visited_on": pd.Timestamp("2023-06-15"),
            "result": np.where(world.need[seen] == 1, "verified", "refuted"),
            "probability": world.chance[seen],
            "tier": world.tier[seen],
        }
    )


def register_of_office(world: World, visits: pd.DataFrame, rng: np.random.Generator) -> fr.Register:
    """Return the register without the recognition of most who were in need and not visited."""
    need = world.need
    seen = need.index.isin(visits["household_id"])
    unknown = need.index[(need == 1) & ~seen & (rng.random(len(need)) >= CAME_BY_THEMSELVES)]
    rows = world.register.tables["monitoring"]
    left_out = rows["household_id"].isin(unknown) & (rows["identified_on"] > pd.Timestamp(DAY))
    tables = {name: world.register.tables[name] for name in world.register.supplied} | {"monitoring": rows[~left_out]}
    return fr.Register(tables, source=world.register.source)


def small_model() -> fr.RiskModel:
    """Return a model that is fitted in seconds."""
    return fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=200), place=False, n_folds=3, n_jobs=1)


def figures_of_rounds(n_households: int, seed: int, n_draws: int) -> pd.DataFrame:
    """Compare figures of the office's model from visits with the truth, and next year's of two models."""
    world, rng = world_of(n_households, seed), np.random.default_rng([seed, 8])
    rounds = [visits_of_round(world, rng) for _ in range(n_draws)]
    visits = rounds[0]
    office = register_of_office(world, visits, rng)
    before, now = (fr.training_day(office, day) for day in (BEFORE, DAY))
    later = fr.training_day(world.register, NEXT)
    risk = small_model().fit_days([before]).risk_of(now.table)
    scores = pd.DataFrame({"household_id": now.table.index, "as_of": DAY, "risk": risk, "outcome": now.outcome})
    truth = fr.evaluation.measure(world.need.reindex(now.table.index), risk, share=0.05, measures=MEASURES)
    found = [
        pd.DataFrame(fr.evaluate_visits(scores, one, measures=MEASURES, capacity=0.05, n_bootstrap=200))
        for one in rounds
    ]
    rows = pd.concat(found, ignore_index=True)
    rows = rows[rows["against"].eq("visits") | rows["weighting"].eq("everybody")].assign(seed=seed)
    rows["truth"] = rows["measure"].map(truth)
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
    return pd.concat([rows, pd.DataFrame(next_year)], ignore_index=True).assign(trees=taken)


def summary_of_rounds(rows: pd.DataFrame) -> pd.DataFrame:
    """Return means, with twice their standard error over the seeds, and how often intervals held the truth."""
    rows = rows.assign(error=rows["value"] - rows["truth"])
    rows["size"] = rows["error"].abs()
    held = (rows["low"] <= rows["truth"]) & (rows["truth"] <= rows["high"])
    rows["held"] = held.astype("float64").where(rows["low"].notna() & rows["truth"].notna())
    kinds, columns = ["against", "weighting", "measure"], ["value", "truth", "error", "size", "held"]
    of_seeds = rows.groupby([*kinds, "seed"], sort=False)[columns].mean().groupby(kinds, sort=False)
    table = of_seeds.mean()
    for name in ("error", "size"):
        table[f"{name}_2se"] = 2 * of_seeds[name].std(ddof=1) / np.sqrt(of_seeds[name].count())
    return table[["value", "truth", "error", "error_2se", "size", "size_2se", "held"]].reset_index()


def main() -> None:
    """Run the rounds and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--draws", type=int, default=20, help="rounds of visits in each county, for the figures")
    parser.add_argument("--households", type=int, default=16_000)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    started, parts = time.perf_counter(), []
    for seed in range(asked.seeds):
        parts.append(figures_of_rounds(asked.households, seed, asked.draws))
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
