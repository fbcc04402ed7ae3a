"""Learning from visits: figures and models from a round by rank and at random, held against a truth that is known.

Every event of a synthetic register is on record, so it knows who is in need in the year after a day. In the world of an office
it does not: visitors follow a list, and who is not visited is hardly ever recognised. Here that world is made of the truth:

* the list names the 5 % ranked highest by what the office believes: the true risk with errors of its own, households that were
  poor before (which it looks at first), and townships that it looks at more than others;
* an audit draws 5 % of all others, more in the upper half of the ranking: every household has a known probability;
* a visit verifies who is in need; the register recognises whom a visit verified, and one in five of the others in need.

Then it is asked (1) whether figures of a model of the office, computed from the visits with weights, are nearer the truth
than those without weights and those of the register, and (2) whether a model that learns from visits with weights serves
the next year better than one that learns from what the register says, and (3) whether ``fr.evaluate(..., visits=)``, which knows
nothing but what the office knew, comes to the same: two rounds a year apart, the second to judge by. Intervals are twice the
standard error over the seeds.

    python benchmarks/visits.py [--seeds 4] [--draws 20] [--households 16000] [--evaluations 8] [--out FILE]
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
    day : str
        After which the year begins.
    need : Series of shape (n_at_risk,)
        Whether each household at risk came to be in need within the year.
    chance : ndarray of shape (n_at_risk,)
        Probability of being visited.
    tier : ndarray of shape (n_at_risk,)
        By the office's ranking.
    """

    register: fr.Register
    day: str
    need: pd.Series
    chance: np.ndarray
    tier: np.ndarray


def world_of(n_households: int, seed: int) -> World:
    """Return a county whose office believes what is described above."""
    register, truth = fr.make_register(n_households, random_state=seed, base_rate=0.05, return_truth=True)
    return world_on(register, truth, DAY, seed)


def world_on(register: fr.Register, truth: pd.DataFrame, day: str, seed: int, unknown: pd.Index | None = None) -> World:
    """Return the year after a day; households in need of before whom nobody recognised are in need still."""
    need = fr.outcomes(register, day)["outcome"].astype(int)
    if unknown is not None:
        need[need.index.isin(unknown)] = 1
    known = truth[truth["as_of"] <= day].drop_duplicates("household_id", keep="last")
    risk = known.set_index("household_id")["risk"].reindex(need.index)
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
    return World(register, day, need, chance, np.where(listed, "high", np.where(upper, "medium", "low")))


def visits_of_round(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """Return a round of visits: the list, and a draw among the others."""
    seen = rng.random(len(world.need)) < world.chance
    return pd.DataFrame(
        {
            "household_id": world.need.index[seen],
            "visited_on": pd.Timestamp(world.day) + pd.Timedelta(days=166),
            "result": np.where(world.need[seen] == 1, "verified", "refuted"),
            "probability": world.chance[seen],
            "tier": world.tier[seen],
        }
    )


def missed_by(world: World, visits: pd.DataFrame, rng: np.random.Generator) -> pd.Index:
    """Return most of those who were in need and not visited."""
    seen = world.need.index.isin(visits["household_id"])
    return world.need.index[(world.need == 1) & ~seen & (rng.random(len(world.need)) >= CAME_BY_THEMSELVES)]


def register_of_office(world: World, visits: pd.DataFrame, rng: np.random.Generator) -> fr.Register:
    """Return the register without the recognition of most who were in need and not visited."""
    return without_recognition(world, missed_by(world, visits, rng))


def without_recognition(world: World, unknown: pd.Index) -> fr.Register:
    """Return the register without the recognition of some households after the day."""
    rows = world.register.tables["monitoring"]
    left_out = rows["household_id"].isin(unknown) & (rows["identified_on"] > pd.Timestamp(world.day))
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


def figures_of_evaluation(n_households: int, seed: int) -> pd.DataFrame:
    """Evaluate as an office does after two rounds, and compare its figures, and both of its models, with the truth."""
    register, truth = fr.make_register(n_households, random_state=seed, base_rate=0.05, return_truth=True)
    rng = np.random.default_rng([seed, 9])
    first = world_on(register, truth, BEFORE, seed)
    rounds = [visits_of_round(first, rng)]
    unknown = missed_by(first, rounds[0], rng)
    second = world_on(without_recognition(first, unknown), truth, DAY, seed + 1000, unknown)
    rounds.append(visits_of_round(second, rng))
    office = without_recognition(second, missed_by(second, rounds[1], rng))
    result = fr.evaluate(
        office, [BEFORE, DAY], models={"office": small_model()}, baselines=(), household_folds=1,
        visits=pd.concat(rounds, ignore_index=True),
    )  # fmt: skip
    rows = []
    found = pd.DataFrame(result.against_visits(capacity=0.05, measures=MEASURES, n_bootstrap=200))
    for model in result.models:
        mine = result.predictions[result.predictions["model"] == model]
        need = second.need.reindex(mine["household_id"])
        real = fr.evaluation.measure(need, mine["risk"], share=0.05, measures=[*MEASURES, "mean_risk", "log_loss"])
        rows += [
            {"model": model, "weighting": "truth", "measure": name, "value": value} for name, value in real.items()
        ]
        part = found[(found["model"] == model) & (found["against"].eq("visits") | found["weighting"].eq("everybody"))]
        rows += part.assign(truth=part["measure"].map(real)).to_dict("records")
    table = pd.DataFrame(rows)[["model", "weighting", "measure", "value", "low", "high", "truth"]]
    return table.assign(seed=seed, against="evaluate", trees=result.visits_learnt["trees"].iloc[-1])


def summary_of_rounds(rows: pd.DataFrame) -> pd.DataFrame:
    """Return means, with twice their standard error over the seeds, and how often intervals held the truth."""
    rows = rows.assign(error=rows["value"] - rows["truth"])
    rows["size"] = rows["error"].abs()
    held = (rows["low"] <= rows["truth"]) & (rows["truth"] <= rows["high"])
    rows["held"] = held.astype("float64").where(rows["low"].notna() & rows["truth"].notna())
    kinds, columns = (
        [*(["model"] if "model" in rows else []), "against", "weighting", "measure"],
        ["value", "truth", "error", "size", "held"],
    )
    of_seeds = rows.groupby([*kinds, "seed"], sort=False)[columns].mean().groupby(kinds, sort=False)
    table = of_seeds.mean()
    for name in ("error", "size"):
        table[f"{name}_2se"] = 2 * of_seeds[name].std(ddof=1) / np.sqrt(of_seeds[name].count())
    return table[["value", "truth", "error", "error_2se", "size", "size_2se", "held"]].reset_index()


def print_evaluations(rows: pd.DataFrame) -> None:
    """Print what evaluations said of two models, what is true of them, and what learning from visits gained."""
    print(summary_of_rounds(rows).round(3).to_string(index=False))
    real = rows[rows["weighting"] == "truth"].set_index(["seed", "measure"])
    of = {name: real.loc[real["model"] == name, "value"] for name in ("office", "office+visits")}
    gain = (of["office+visits"] - of["office"]).groupby("measure", sort=False)
    print("\nby the truth, learning from visits less not: mean and twice its standard error")
    print(
        pd.DataFrame({"gain": gain.mean(), "twice_se": 2 * gain.std(ddof=1) / np.sqrt(gain.size())})
        .round(3)
        .to_string()
    )
    print("trees:", ", ".join(rows.drop_duplicates("seed")["trees"]), "\n", flush=True)


def main() -> None:
    """Run the rounds and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--draws", type=int, default=20, help="rounds of visits in each county, for the figures")
    parser.add_argument("--evaluations", type=int, default=8, help="counties that are evaluated after two rounds")
    parser.add_argument("--households", type=int, default=16_000)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    started, parts = time.perf_counter(), []
    for seed in range(asked.seeds):
        parts.append(figures_of_rounds(asked.households, seed, asked.draws))
        print(f"seed {seed}: trees by {parts[-1]['trees'].iloc[0]}, {time.perf_counter() - started:.0f} s", flush=True)
    evaluated = []
    for seed in range(asked.evaluations):
        evaluated.append(figures_of_evaluation(asked.households, seed))
        print(f"evaluation {seed}: {time.perf_counter() - started:.0f} s", flush=True)
    if asked.out:
        pd.concat([*parts, *evaluated], ignore_index=True).to_csv(asked.out, index=False)
    if evaluated:
        print_evaluations(pd.concat(evaluated, ignore_index=True))
    if not parts:
        return
    rows = pd.concat(parts, ignore_index=True)
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
