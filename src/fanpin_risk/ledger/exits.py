"""Whether the risk of a monitored household may be declared over: every condition answered yes, no or not known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.arguments import of_type
from fanpin_risk.asof.days import Array
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.income import income_years, lines_of_years, per_person
from fanpin_risk.ledger.book import Ledger
from fanpin_risk.ledger.queries import ranks_of_corrections
from fanpin_risk.ledger.support_ends import Scorer, risk_after_support
from fanpin_risk.ledger.transitions import MONITORED_STATES, VOIDED
from fanpin_risk.policy import CONTRADICTIONS, SIEVE, Policy
from fanpin_risk.policy.groups import support_sensitive
from fanpin_risk.policy.parameters import checked_policy
from fanpin_risk.policy.rule import IS_SO, NOT_KNOWN
from fanpin_risk.policy.spells import guarantee_fails, nobody_able, supports_since, verdict_on_guarantee
from fanpin_risk.policy.support_kinds import answered_risks
from fanpin_risk.policy.three_valued import all_of, any_of, at_least, is_below, not_so
from fanpin_risk.policy.type_blocks import reference_below_line
from fanpin_risk.records.register import Register
from fanpin_risk.words import Message

__all__ = ["EXIT_CONDITIONS", "EXIT_SUGGESTIONS", "exit_assessment"]

EXIT_CONDITIONS: Mapping[str, Message] = MappingProxyType(
    {
        "income": Message("net income per person above the line in the last full accounting year", context="exit"),
        "guarantees": Message("every guarantee is given", context="exit"),
        "risks": Message("each risk is answered by a measure, and nothing new happened", context="exit"),
        "spending": Message("above the line also after own payments", context="exit"),
        "duration": Message("monitored for long enough", context="exit"),
        "measure": Message("a measure on record", context="exit"),
        "labour": Message("somebody is able to work", context="exit"),
        "records": Message("no record that contradicts another", context="exit"),
        "without_support": Message("above the line also without support that ends", context="exit"),
    }
)
EXIT_SUGGESTIONS: Mapping[str, Message] = MappingProxyType(
    {
        "suggested": Message("elimination suggested: every condition is met", context="exit"),
        "not_suggested": Message("not suggested: a condition is not met", context="exit"),
        "unknown": Message("not known: a condition is to be looked into", context="exit"),
    }
)
SAID_OF_ANSWERS = {1.0: "yes", 0.0: "no"}
DAYS_IN_MONTH = 30.4
LINE_ITEM = "income_line"


def exit_assessment(
    register: Register,
    as_of: Any,
    *,
    ledger: Ledger | None = None,
    lines: MonitoringLines | None = None,
    policy: Policy | None = None,
    model: Scorer | None = None,
) -> pd.DataFrame:
    """Ask of every monitored household whether the conditions of an elimination are met by what is on record.

    An elimination is suggested only where every condition is met; where one is not known, it is not, and the condition is
    named. Nothing is decided here: who lives there is asked at home, and the village discusses it.

    Parameters
    ----------
    register : Register
    as_of : date-like
        Only what was recorded on or before it is seen.
    ledger : Ledger, optional
        Adds what the register does not know yet: measures (``supported``), the day of recognition (``entered``) where it is
        later, and guarantees that a visit saw (``seen=["food_clothing"]`` in the evidence of ``checked`` or ``exit_checked``,
        within ``stable_income_months``). What the records say is not given stays so.
    lines : MonitoringLines, optional
        Default: the lines that ship with the package.
    policy : Policy, optional
        Numbers of the rules. Default: those that ship with the package.
    model : RiskModel, optional
        Also says the risk as things are and without the support that ends: scored on a copy of the register in which measures
        that run on the day are left out of `supports` (all but ``social_security``, with their earlier versions), and pay of and
        months in public posts are 0 in all years; nothing else is changed. It is what the model says of such a household,
        not what the support brings about. Best one of the event ``not_eliminated``, which is about monitored households.

    Returns
    -------
    DataFrame
        One row for each monitored household, by id: ``household_id``, ``suggestion`` (``"suggested"``, ``"not_suggested"``
        where a condition is not met, ``"unknown"`` where none fails and one is not known), the conditions
        ``EXIT_CONDITIONS`` (``"yes"``, ``"no"``, ``"unknown"``), ``open`` (those that are not yes, joined by ``;``), ``note``
        (``support_dependent``: above the line by support alone; ``in_band``: hardly above it, up to ``exit_band`` times the
        line, so that a small loss undoes it), ``months_monitored``, ``net_income_per_person_cny`` and ``line_cny``; with a
        model ``risk`` and ``risk_without_support``, missing where its forecast is not about the household. Neither changes the
        suggestion.

    Raises
    ------
    SchemaError, InputError
        If an argument is not what it should be.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> found = fr.exit_assessment(fr.make_register(300, random_state=0), "2023-12-31")
    >>> set(found["suggestion"]) <= {"suggested", "not_suggested", "unknown"}
    True
    """
    of_type("register", register, Register, Message("a register, from read_register()"))
    if ledger is not None:
        of_type("ledger", ledger, Ledger, Message("a ledger, opened with Ledger()"))
    policy = checked_policy(policy)
    here = Snapshot(register, as_of, lines=lines)
    told = _ToldByLedger(here, ledger, policy)
    monitored = here.monitored == 1
    holds = {name: np.asarray(answer, dtype="float64") for name, answer in _conditions(here, policy, told).items()}
    own, line = per_person(here)[0], lines_of_years(here)[0]
    every = all_of(*holds.values())
    frame = pd.DataFrame({"household_id": here.household_ids.astype("str")})
    frame["suggestion"] = np.where(every == 1, "suggested", np.where(every == 0, "not_suggested", "unknown"))
    for name, answer in holds.items():
        frame[name] = pd.array([SAID_OF_ANSWERS.get(value, "unknown") for value in answer], dtype="str")
    frame["open"] = [
        ";".join(name for name in EXIT_CONDITIONS if row[name] != "yes") for row in frame[list(EXIT_CONDITIONS)].to_dict("records")
    ]  # fmt: skip
    band = policy.at("exit_band", here.area_codes, here.as_of)
    notes = {"support_dependent": holds["without_support"] == 0, "in_band": (own >= line) & (own < line * band)}
    frame["note"] = [
        ";".join(name for name, mask in notes.items() if mask[place]) for place in range(here.n_households)
    ]
    frame["months_monitored"] = here.full_months_since(told.began)
    frame["net_income_per_person_cny"], frame["line_cny"] = own, line
    frame = frame[monitored].reset_index(drop=True)
    if model is not None:
        risks = risk_after_support(model, register, as_of, frame["household_id"].tolist())
        frame["risk"], frame["risk_without_support"] = risks["risk"], risks["risk_without_support"]
    return frame


def _conditions(here: Snapshot, policy: Policy, told: _ToldByLedger) -> dict[str, Array]:
    """Answer each condition for each household: 1, 0, NaN."""
    spells = here.open_spells
    own, line = per_person(here)[0], lines_of_years(here)[0]
    covered = income_years(here)[0].covered / DAYS_IN_MONTH
    stable = policy.at("stable_income_months", here.area_codes, here.as_of)
    fails = {one.code: guarantee_fails(one, here, policy) for one in SIEVE}
    for item, seen in told.seen.items():
        if item in fails and item != LINE_ITEM:  # nobody sees an income of a year
            fails[item] = np.where(np.isnan(fails[item]) & seen, 0.0, fails[item])
    quiet_months = int(np.nanmax(stable)) if len(stable) else 1
    warnings = here.warnings.within(quiet_months)
    new = any_of(
        at_least(warnings.where(~warnings.isin("outcome", "refuted")).count(), 1.0),
        at_least(here.shocks.within(quiet_months).count(), 1.0),
    )
    errors = [_is_so(verdict_on_guarantee(one, here, policy)) for one in CONTRADICTIONS if one.severity == "error"]
    some = spells.max(supports_since(here, spells))
    marked = spells.any(spells.no_labour_backstop == 1)
    return {
        "income": all_of(
            not_so(is_below(own, line)), not_so(fails[LINE_ITEM]), np.where(covered >= stable, 1.0, np.nan)
        ),
        "guarantees": all_of(*(not_so(answer) for answer in fails.values())),
        "risks": all_of(answered_risks(here)[0], not_so(new)),
        "spending": not_so(reference_below_line(here, policy)),
        "duration": at_least(
            here.full_months_since(told.began), policy.at("usual_monitored_months", here.area_codes, here.as_of)
        ),
        "measure": np.where(told.measure, 1.0, some),
        "labour": all_of(not_so(nobody_able(here)), not_so(marked)),
        "records": not_so(any_of(*errors)),
        "without_support": not_so(_is_so(verdict_on_guarantee(support_sensitive, here, policy))),
    }


def _is_so(verdict: Any) -> Array:
    answer = verdict.answer
    result: Array = np.where(answer == IS_SO, 1.0, np.where(answer == NOT_KNOWN, np.nan, 0.0))
    return result


class _ToldByLedger:
    """What a ledger adds to a register on a day: only what was recorded by then."""

    def __init__(self, here: Snapshot, ledger: Ledger | None, policy: Policy) -> None:
        n = here.n_households
        spells = here.open_spells
        self.measure = np.zeros(n, dtype=bool)
        self.seen: dict[str, Array] = {}
        self.began = spells.min(spells.identified_on.astype("int64").astype("float64"))
        if ledger is None:
            return
        day = pd.Timestamp(here.as_of)
        events = ledger.events(until=day, known_on=day)
        corrected = events.loc[events["supersedes"].notna(), ["seq", "supersedes"]].astype("int64")
        ranks = ranks_of_corrections(corrected.itertuples(index=False, name=None))
        events["rank"] = events["seq"].map(ranks).fillna(events["seq"])
        events = events[events["superseded_by"].isna() & (events["event"] != VOIDED)].sort_values(["on", "rank"])
        states = ledger.state(day, known_on=day)
        monitored = set(states.loc[states["state"].isin(MONITORED_STATES), "household_id"])
        place = {household: number for number, household in enumerate(here.household_ids) if household in monitored}
        since = here.months_before(int(policy.at("stable_income_months", [""], here.as_of)[0]))
        for household, event, on, text in events[["household_id", "event", "on", "evidence"]].itertuples(index=False):
            if household in place:
                self._take(place[household], event, np.datetime64(on, "D"), json.loads(text), since)

    def _take(self, row: int, event: str, on: np.datetime64, evidence: Mapping[str, Any], since: np.datetime64) -> None:
        if event == "entered":
            day = float(on.astype("int64"))
            self.began[row] = day if np.isnan(self.began[row]) else max(day, self.began[row])
            self.measure[row] = False
        elif event == "supported":
            self.measure[row] = True
        elif event in ("checked", "exit_checked") and on > since:
            seen = evidence.get("seen", ())
            for item in [seen] if isinstance(seen, str) else seen:
                self.seen.setdefault(str(item), np.zeros(len(self.measure), dtype=bool))[row] = True
