"""Rules, model, and rules first and then the model, with as many visits; and what came of the signals of departments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.evaluation.baselines import number_of_triggers
from fanpin_risk.evaluation.intervals import FEWEST, summarise
from fanpin_risk.evaluation.predictions import check_predictions, visit_lists
from fanpin_risk.evaluation.results import Result
from fanpin_risk.model.training_day import TrainingDay
from fanpin_risk.policy import Policy, beside_the_model
from fanpin_risk.policy.signals import SIGNAL_STATES, SIGNAL_WINDOW_MONTHS, signals_on_day
from fanpin_risk.records.register import Register
from fanpin_risk.words import note

__all__ = ["WAYS_OF_LISTING", "rules_and_signals", "rules_beside", "signals_by_department"]

# How households come to be visited, and which two lists are put together.
WAYS_OF_LISTING = ("model", "rules", "triggers", "rules_then_model", "triggers_then_model")
TOGETHER = {"rules": ("either_rules", "both_rules"), "triggers": ("either_triggers", "both_triggers")}
ALL_STATES = "all"
COLUMNS_OF_WAYS = ["way", "visited", "events_found", "recall", "recall_low", "recall_high", "precision", "note"]


def rules_and_signals(
    register: Register, day: TrainingDay, *, lines: MonitoringLines | None = None, policy: Policy | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ask the rules of the households of a day that is forecast, and take the signals known by then.

    Parameters
    ----------
    register : Register
        Checked records.
    day : TrainingDay
        The day, with features of the households at risk.
    lines : MonitoringLines, optional
        Default: the lines that ship with the package.
    policy : Policy, optional
        Numbers of the rules. Default: those that ship with the package.

    Returns
    -------
    rules : DataFrame
        ``household_id, as_of, n_rules`` (guarantees and line that are not met) and ``n_triggers`` (of
        :data:`fanpin_risk.evaluation.TRIGGERS` that are set), of the households at risk.
    signals : DataFrame
        ``household_id, as_of, sender, state``: one row for each sender and state of a household at risk, of the 12 months
        before the day, with what was known of it on the day.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(400, random_state=0)
    >>> rules, signals = rules_and_signals(register, fr.training_day(register, "2022-12-31"))
    >>> list(rules), list(signals)
    (['household_id', 'as_of', 'n_rules', 'n_triggers'], ['household_id', 'as_of', 'sender', 'state'])
    """
    here = Snapshot(register, day.as_of, lines=lines)
    ids = day.table.index.astype("str")
    codes = pd.Series(
        beside_the_model(here, policy=policy)["rules"].array, index=pd.Index(here.household_ids, dtype="str")
    )
    found = codes.reindex(ids).fillna("").to_numpy(dtype=object)
    as_of = pd.Series([day.as_of] * len(ids), dtype="datetime64[s]")
    rules = pd.DataFrame(
        {
            "household_id": ids.to_numpy(),
            "as_of": as_of,
            "n_rules": [len(one.split(";")) if one else 0 for one in found],
            "n_triggers": number_of_triggers(day.table),
        }
    )
    signals = signals_on_day(here)
    since = pd.Timestamp(here.months_before(SIGNAL_WINDOW_MONTHS))
    signals = signals[(signals["event_date"] > since) & signals["household_id"].isin(ids)]
    signals = signals[["household_id", "sender", "state"]].drop_duplicates(ignore_index=True)
    signals.insert(1, "as_of", pd.Series([day.as_of] * len(signals), dtype="datetime64[s]"))
    return rules, signals


def rules_beside(
    predictions: pd.DataFrame,
    rules: pd.DataFrame,
    *,
    capacity: float = 0.05,
    level: float = 0.95,
    n_bootstrap: int = 500,
    random_state: int = 0,
) -> Result:
    """Let rules, a model, and rules first and then the model make lists of as many visits, and say what they find together.

    Parameters
    ----------
    predictions : DataFrame
        Of one model, see :class:`fanpin_risk.evaluation.Evaluation`.
    rules : DataFrame
        From :func:`rules_and_signals`, of the same households.
    capacity : int or float, default 0.05
        Visits on each day forecast, or their share of the households.
    level, n_bootstrap, random_state
        As for :func:`fanpin_risk.evaluation.summarise`.

    Returns
    -------
    Result
        One row for each ``way``: ``model`` (by risk), ``rules`` (by the number of guarantees and line not met), ``triggers``
        (by the number of triggers set), ``rules_then_model`` and ``triggers_then_model`` (by that number, then by risk);
        ``either_rules`` and ``both_rules`` (who is on the list by risk or on that by rules, and who is on both),
        ``either_triggers`` and ``both_triggers``. With ``visited, events_found, recall, recall_low, recall_high, precision,
        note``. Equal numbers are visited by lot: figures are what is to be expected. ``either`` makes more visits than the
        capacity.

    Examples
    --------
    >>> predictions = pd.DataFrame(
    ...     {"household_id": [f"h{k}" for k in range(400)], "model": "m", "as_of": pd.Timestamp("2022-12-31")}
    ... )
    >>> predictions["risk"], predictions["outcome"] = np.linspace(0, 0.9, 400), ([0] * 9 + [1]) * 40
    >>> rules = predictions[["household_id", "as_of"]].assign(n_rules=predictions["outcome"], n_triggers=0)
    >>> table = rules_beside(predictions, rules, capacity=40, n_bootstrap=0).set_index("way")
    >>> table.loc[["model", "rules"], "events_found"].tolist()
    [4.0, 40.0]
    """
    frame = check_predictions(predictions)
    numbers = frame[["household_id", "as_of"]].merge(
        rules.astype({"as_of": frame["as_of"].dtype}), on=["household_id", "as_of"], how="left", validate="many_to_one"
    )
    risk = frame["risk"].to_numpy(dtype="float64")
    order: dict[str, np.ndarray] = {"model": risk}
    for name, column in (("rules", "n_rules"), ("triggers", "n_triggers")):
        number = numbers[column].fillna(0).to_numpy(dtype="float64")
        # The most that leaves the order as it is within [0, 1]; risk decides among equal numbers.
        order[name] = number / (number.max(initial=0.0) + 1.0)
        order[f"{name}_then_model"] = (number + risk) / (number.max(initial=0.0) + 1.0)
    together = pd.concat([frame.assign(model=way, risk=order[way]) for way in WAYS_OF_LISTING], ignore_index=True)
    found = summarise(
        together, measures=("recall", "precision"), capacity=capacity, level=level, n_bootstrap=n_bootstrap,
        random_state=random_state,
    )  # fmt: skip
    chance, counted = _chances(together, frame, capacity)
    wide = {way: part.set_index("measure") for way, part in pd.DataFrame(found).groupby("model", sort=False)}
    rows = []
    for way in WAYS_OF_LISTING:
        part = wide[way]
        told = _counted_row(way, chance[way], counted) | {
            "recall_low": part.loc["recall", "low"], "recall_high": part.loc["recall", "high"],
            "note": part.loc["recall", "note"],
        }  # fmt: skip
        rows.append(_without_figures(told) if part["value"].isna()["recall"] else told)
    hidden = any(pd.isna(row["recall"]) for row in rows)
    for name, (either, both) in TOGETHER.items():
        one, other = chance["model"], chance[name]
        for way, of_both in ((either, 1.0 - (1.0 - one) * (1.0 - other)), (both, one * other)):
            told = _counted_row(way, of_both, counted) | {"recall_low": np.nan, "recall_high": np.nan, "note": ""}
            rows.append(_without_figures(told | {"note": rows[0]["note"]}) if hidden else told)
    table = Result(pd.DataFrame(rows)[COLUMNS_OF_WAYS])
    table.attrs["capacity"] = capacity
    return table


def _chances(
    together: pd.DataFrame, frame: pd.DataFrame, capacity: float
) -> tuple[dict[str, np.ndarray], pd.DataFrame]:
    """Return the chance of each row of the forecasts to be visited, by the way of listing."""
    ordered = check_predictions(together)
    chance = np.zeros(len(ordered))
    for rows, made in visit_lists(ordered, capacity).values():
        chance[rows] = made.chance
    keys = ["fold", "as_of", "household_id"]
    counted = frame.sort_values(keys, kind="stable", ignore_index=True)
    by_way = {}
    for way in WAYS_OF_LISTING:
        mask = (ordered["model"] == way).to_numpy()
        by_way[way] = chance[mask]
    return by_way, counted


def _counted_row(way: str, chance: np.ndarray, counted: pd.DataFrame) -> dict[str, Any]:
    """Count visits and events found by the chances to be visited."""
    weight, outcome = (counted[name].to_numpy(dtype="float64") for name in ("weight", "outcome"))
    visits, events = float((chance * weight).sum()), float((outcome * weight).sum())
    hits = float((chance * weight * outcome).sum())
    return {
        "way": way,
        "visited": visits,
        "events_found": hits,
        "recall": hits / events if events else np.nan,
        "precision": hits / visits if visits else np.nan,
    }


def _without_figures(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row without its figures, where too few households or events stand behind them."""
    return row | dict.fromkeys(("visited", "events_found", "recall", "recall_low", "recall_high", "precision"), np.nan)


def signals_by_department(
    predictions: pd.DataFrame, signals: pd.DataFrame, *, fewest: tuple[int, int] = FEWEST
) -> Result:
    """Say of each department how many of the households that it signalled had the event within the horizon.

    What was known on the day that is forecast decides which state a signal was in; what became of the household afterwards
    is the outcome of that day. A household that was monitored, or below the line, by the day is not among them.

    Parameters
    ----------
    predictions : DataFrame
        Of one model, see :class:`fanpin_risk.evaluation.Evaluation`.
    signals : DataFrame
        From :func:`rules_and_signals`.
    fewest : (int, int), default (50, 5)
        Households and events below which a row shows neither events nor rate. Where a state is that small, the total of its
        sender is left out, or the states where signals found true are too few, so that nothing can be worked out.

    Returns
    -------
    Result
        One row for each ``sender`` (department; ``#`` and a channel for others) and ``state`` (``all`` and those of
        :data:`fanpin_risk.policy.signals.SIGNAL_STATES`): ``households`` (of all days forecast), ``events``, ``hit_rate``,
        ``base_rate`` (of all households at risk), ``note``.

    Examples
    --------
    >>> predictions = pd.DataFrame(
    ...     {"household_id": [f"h{k}" for k in range(200)], "model": "m", "as_of": pd.Timestamp("2022-12-31")}
    ... )
    >>> predictions["risk"], predictions["outcome"] = 0.1, ([0] * 9 + [1]) * 20
    >>> signals = predictions[["household_id", "as_of"]].assign(sender="住建局", state="verified").head(100)
    >>> table = signals_by_department(predictions, signals)
    >>> table[["sender", "state", "households", "hit_rate"]].to_numpy().tolist()[0]
    ['住建局', 'all', 100, 0.1]
    """
    frame = check_predictions(predictions)
    events, weight = frame["outcome"] * frame["weight"], frame["weight"]
    base = float(events.sum() / weight.sum()) if len(frame) else np.nan
    outcome = frame[["household_id", "as_of", "outcome", "weight"]]
    known = signals.astype({"as_of": frame["as_of"].dtype, "household_id": "str"})
    joined = known.merge(outcome, on=["household_id", "as_of"], how="inner")
    rows = []
    for sender, of_sender in joined.groupby("sender", sort=True):
        parts = {ALL_STATES: of_sender} | {state: of_sender[of_sender["state"] == state] for state in SIGNAL_STATES}
        parts = {state: part.drop_duplicates(["household_id", "as_of"]) for state, part in parts.items() if len(part)}
        hidden = _states_to_hide(
            {state: (len(part), int(part["outcome"].sum())) for state, part in parts.items()}, fewest
        )
        for state, part in parts.items():
            rate = float((part["outcome"] * part["weight"]).sum() / part["weight"].sum())
            shown = state not in hidden
            rows.append(
                {
                    "sender": sender, "state": state, "households": len(part) if len(part) >= fewest[0] else pd.NA,
                    "events": int(part["outcome"].sum()) if shown else pd.NA, "hit_rate": rate if shown else np.nan,
                    "base_rate": base, "note": hidden.get(state, ""),
                }
            )  # fmt: skip
    names = ["sender", "state", "households", "events", "hit_rate", "base_rate", "note"]
    return Result(pd.DataFrame(rows, columns=names).astype({"events": "Int64", "households": "Int64"}))


def _states_to_hide(cells: dict[str, tuple[int, int]], fewest: tuple[int, int]) -> dict[str, str]:
    """Return the states that show no events, with the note why: small ones, and what would give small ones away."""
    few = {state for state, (households, events) in cells.items() if households < fewest[0] or events < fewest[1]}
    hidden = dict.fromkeys(few, note("suppressed_few", *fewest))
    if few - {ALL_STATES}:
        # What is left of a total after those shown would be the small ones: either the total is shown, or its parts.
        others = [ALL_STATES] if "verified" in cells and "verified" not in few else list(SIGNAL_STATES)
        hidden |= {state: note("suppressed_total") for state in others if state in cells and state not in few}
    return hidden
