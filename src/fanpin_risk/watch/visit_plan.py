"""The plan of a round of visits: who is visited by rank, by a rule, as left from the last round, and at random; and why."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from fanpin_risk.arguments import of_type, one_of, whole_number
from fanpin_risk.errors import SchemaError
from fanpin_risk.records.places import UNIT_DIGITS, unit_of
from fanpin_risk.records.register import Register
from fanpin_risk.watch.capacity import DEFAULT_CAPACITY, check_capacity, visits_of
from fanpin_risk.watch.draws import TIE, draw_households, keyed_order
from fanpin_risk.watch.last_round import (
    KEPT_OF_DRAWS,
    REFUTED_MONTHS,
    UNDER_SUPPORT,
    WAITING_BESIDE,
    last_list,
    left_out_by_state,
    states_of_households,
    unfinished,
)
from fanpin_risk.watch.rounds import (
    PartsOfRound,
    audit_visits,
    changed_capacity,
    deal_by_rank,
    orders_of_sections,
    rules_not_met,
)
from fanpin_risk.watch.visit_columns import blank_forecast, with_what_to_do
from fanpin_risk.watch.watchlist import (
    Shares,
    areas_of_households,
    check_scores,
    groups_of_households,
    is_monitored,
)
from fanpin_risk.words import Message

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BY_RANK", "IN_ORDER", "OwnUnit", "VisitPlan", "plan_visits"]

OwnUnit = Literal["county", "township", "village", "visitor"]
UNITS_OF_PLAN = (*UNIT_DIGITS, "visitor")
# Sections of a plan, in the order in which they are shown.
IN_ORDER = ("carried_over", "model", "rule", "monitored", "audit")
BY_RANK = "by_rank"  # stands for a stratum where nothing was left to chance
# What stands for a draw where nothing was left to chance, and the type of each column.
OF_NO_DRAW: dict[str, tuple[Any, Any]] = {
    "draw_stratum": (BY_RANK, "str"), "draw_probability": (1.0, "float64"), "draw_seed": (pd.NA, "Int64"), "draw_day": ("", "str"),
}  # fmt: skip
MORE, FEWER = "in_with_more", "out_with_fewer"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class VisitPlan:
    """Whom to visit in a round, and what that rests on.

    Attributes
    ----------
    list_id : str
        Of this plan; the same scores, options and seed give the same.
    frame : DataFrame
        One row for each visit; see :func:`plan_visits`.
    draws : DataFrame
        One row for each household that could have been drawn at random, drawn or not: ``list_id``, ``household_id``, ``draw_stratum``,
        ``stratum_candidates``, ``stratum_draws``, ``draw_probability``, ``draw_seed``, ``draw_day``, ``drawn``. The probabilities
        of a stratum sum to its draws. :func:`fanpin_risk.watch.draws.redrawn` makes the draw again.
    band : DataFrame
        Who is near the cut: ``household_id``, ``area`` (with `per`), ``risk``, ``band`` (``"in_with_more"``: would be listed by
        rank if there were a tenth more visits; ``"out_with_fewer"``: would not be if there were a tenth fewer; those at random
        being then as many as of so many visits).
    left_out : DataFrame
        ``household_id``, ``reason``, ``state``, ``since`` and, of those ``waiting``, what the next round needs of them. Each
        household of the scores stands in the list, among `draws` or here; in one of them, but for those who were drawn.
    measures : DataFrame or None
        What :func:`fanpin_risk.measures` proposes to the causes of those on the list; None without `register`.
    households : int
        In all: those of the scores, and those of the last list that these do not have.
    """

    list_id: str
    frame: pd.DataFrame
    draws: pd.DataFrame
    band: pd.DataFrame
    left_out: pd.DataFrame
    measures: pd.DataFrame | None
    households: int

    def __repr__(self) -> str:
        counts = self.frame["section"].value_counts()
        told = ", ".join(f"{name}={int(counts.get(name, 0))}" for name in IN_ORDER)
        return f"VisitPlan(list_id={self.list_id!r}, {told}, left_out={len(self.left_out)})"

    def summary(self) -> pd.DataFrame:
        """Count what the plan holds; sections, those left out and those not listed make up all households.

        Returns
        -------
        DataFrame
            ``about`` (``"section"``, ``"left_out"``, ``"not_listed"``, ``"band"``, ``"escalated"``, ``"candidates"``), ``code``,
            ``households``.

        Examples
        --------
        >>> scores = pd.DataFrame(
        ...     {"household_id": list("abcd"), "risk": [0.4, 0.3, 0.2, 0.1], "monitored": [False] * 4}
        ... )
        >>> plan_visits(scores, capacity=2, audit=0.5, random_state=0).summary().to_numpy().tolist()[:5:4]
        [['section', 'carried_over', 0], ['section', 'audit', 1]]
        """
        sections = self.frame["section"].value_counts()
        rows = [("section", code, int(sections.get(code, 0))) for code in IN_ORDER]
        reasons = self.left_out["reason"].value_counts()
        rows += [("left_out", code, int(reasons[code])) for code in sorted(reasons.index)]
        rows.append(("not_listed", "", self.households - len(self.frame) - len(self.left_out)))
        rows += [("band", code, int((self.band["band"] == code).sum())) for code in (MORE, FEWER)]
        rows.append(("escalated", "", int(self.frame["escalated"].sum())))
        rows.append(("candidates", "audit", len(self.draws)))
        return pd.DataFrame(rows, columns=["about", "code", "households"])

    def of_last_round(self) -> pd.DataFrame:
        """Return what the next plan needs of this one: its list, and the households that were waiting for a visit."""
        waiting = self.left_out[self.left_out["reason"] == "waiting"]
        columns = ["household_id", "list_id", "as_of", "rounds", *KEPT_OF_DRAWS]
        frame = self.frame.reindex(columns=columns)
        frame.attrs = {}
        return frame if waiting.empty else pd.concat([frame, waiting.reindex(columns=columns)], ignore_index=True)


def plan_visits(
    scores: pd.DataFrame,
    *,
    random_state: int,
    capacity: float | Mapping[str, int] | None = None,
    per: OwnUnit | None = None,
    area: Mapping[str, str] | pd.Series | None = None,
    visitors: str | Mapping[str, str] | pd.Series | None = None,
    previous: VisitPlan | pd.DataFrame | None = None,
    states: pd.DataFrame | None = None,
    audit: float = 0.1,
    by_rule: float = 0.2,
    monitored: float = 0.1,
    near: float = 0.1,
    group: str | Mapping[str, str] | pd.Series | None = None,
    shares: Shares = "households",
    refuted_months: int = REFUTED_MONTHS,
    escalate_after: int = 2,
    causes: Mapping[str, str] | pd.Series | None = None,
    register: Register | None = None,
) -> VisitPlan:
    """Plan a round of visits: whom to visit, why, what to check, and whom to visit at random.

    The visits of each unit go first to households of the last list that nobody has visited yet; a part is set aside for
    households drawn at random; of the others shares go to households that a rule alone lists and to the monitored, the rest to
    the highest risks among those not monitored. What one section cannot use goes to the next. The plan proposes visits, and
    decides nothing.

    Parameters
    ----------
    scores : DataFrame
        From :meth:`fanpin_risk.RiskModel.score`, of one day: ``household_id``, ``risk``, ``monitored``; what else it holds
        (``tier``, ``rules``, ``cause``, ``doubts``, ``signals``, ``area_code``, ``not_at_risk``) is used and kept.
    random_state : int
        Seed of the draw and of the order of equal risks, 0 or more. It is part of the result.
    capacity : int, float or mapping of unit to int, optional
        Visits of each unit: a number, a share of its households that could be visited, rounded up, or a number for each.
        Default: 0.02.
    per : {"county", "township", "village", "visitor"}, optional
        Units that have these visits each. Default: one list for all.
    area : Series or mapping of household_id to area code, optional
        As for :func:`fanpin_risk.watchlist`.
    visitors : str, Series or mapping of household_id to visitor, optional
        Code of the person responsible for each household (包保责任人): a column of `scores`, or of each household. Households
        without one make a unit of their own, ``""``. Needed for ``per="visitor"``.
    previous : VisitPlan or DataFrame, optional
        The last plan, or its list as it was written. Who stands there and has not been visited comes first. The ``frame`` of a
        plan is refused where households were waiting who do not stand in it.
    states : DataFrame, optional
        ``household_id``, ``state`` and ``since`` on the day, as the ledger of visits gives them. Without it nobody is known to have
        been visited, to have died or to have moved.
    audit : float, default 0.1
        Share of the visits of each unit that goes to households drawn at random from those at risk that are not listed otherwise,
        0 <= share < 1, rounded up, so that each unit with two visits or more has one. Strata are made of township (else county) and
        tier, as far as each has a draw; see :func:`fanpin_risk.watch.draws.draw_households`.
    by_rule, monitored : float, default 0.2 and 0.1
        Shares of the visits that are neither carried over nor drawn: for households that a rule alone lists, and for the monitored;
        dealt by highest averages (Sainte-Laguë), so that with more visits nobody falls out.
    near : float, default 0.1
        How much the capacity is changed to show who is near the cut.
    group, shares
        Groups that share the visits by risk, as for :func:`fanpin_risk.watchlist`.
    refuted_months : int, default 6
        For how many months a household is left out after a visit found it not to be at risk (states ``refuted``,
        ``negative``, ``objected``, ``refused``, ``not_here``). A pending signal does not shorten it; a new clue in the ledger does.
    escalate_after : int, default 2
        Marked as escalated is who stood on so many lists before without a visit.
    causes : mapping or Series, optional
        ``household_id`` -> up to five codes of causes joined by ``;``, ranked. Default: ``cause``, ``cause_2`` ... of the scores.
    register : Register, optional
        The register of the scores: the kinds of measures that answer the causes, by rule, are added.

    Returns
    -------
    VisitPlan
        Its ``frame`` has ``list_id``; ``rank`` (from 1 in each unit); ``area`` (with `per`); ``visitor`` (with `visitors`);
        ``section`` (``"carried_over"``, ``"model"``, ``"rule"``, ``"monitored"``, ``"audit"``); ``why_listed`` (``"carried_over"``,
        ``"audit"``, else ``"model"``, ``"rule"`` or ``"both"``; ``"monitored"`` for a monitored household that neither lists);
        ``band`` (as in ``VisitPlan.band``, else ``""``); ``rounds`` and ``previous_list`` (how many lists it stood on before without
        a visit, and the last); ``escalated``; ``draw_stratum`` and ``draw_probability`` (with what probability it came onto a list:
        ``"by_rank"`` and 1 where nothing was left to chance; of those carried over, that of their first list), ``draw_seed``,
        ``draw_day``; ``causes``, ``checks`` and, with `register`, ``measures_by_rule`` (codes joined by ``;``); ``signal_days`` (since
        when the oldest signal has been pending); ``state`` and ``since`` (with `states`); and the columns of `scores`.

    Raises
    ------
    SchemaError
        If a table is not as described, or a share is not one.
    InputError
        If a whole number is not one.

    Examples
    --------
    >>> scores = pd.DataFrame(
    ...     {"household_id": list("abcdef"), "risk": [0.6, 0.5, 0.4, 0.3, 0.2, 0.1], "monitored": [False] * 6}
    ... )
    >>> first = plan_visits(scores, capacity=3, random_state=0)
    >>> first.frame[["section", "household_id", "draw_probability"]].values.tolist()
    [['model', 'a', 1.0], ['model', 'b', 1.0], ['audit', 'd', 0.25]]
    >>> found = pd.DataFrame({"household_id": ["a", "b"], "state": ["verified", "dead"]})
    >>> later = plan_visits(scores, capacity=3, random_state=1, previous=first, states=found)
    >>> later.frame[["section", "household_id"]].values.tolist()
    [['carried_over', 'd'], ['model', 'c'], ['audit', 'f']]
    >>> later.left_out[["household_id", "reason"]].values.tolist()
    [['a', 'in_procedure'], ['b', 'dead']]
    """
    parts = PartsOfRound(
        audit=_share("audit", audit), by_rule=_share("by_rule", by_rule), monitored=_share("monitored", monitored)
    )
    if parts.by_rule + parts.monitored > 1:
        raise SchemaError("by_rule and monitored are more than all together; expected shares that add up to 1 or less")
    _share("near", near)
    whole_number("random_state", random_state, 0)
    whole_number("refuted_months", refuted_months, 0)
    whole_number("escalate_after", escalate_after, 1)
    check_scores(scores, with_monitored=True)
    day = _day_of_scores(scores)
    scores = _in_one_order(scores, random_state, day)
    scores, areas = _with_places(scores, per, area, visitors)
    last = last_list(previous)
    here, gone = _earlier_rounds(scores, last, states, day, refuted_months)
    orders = orders_of_sections(scores, here, areas, group, shares)
    number, names = pd.factorize(areas)
    visits = _visits(number, names, (here["reason"] == "").to_numpy(), capacity)

    section, draws = deal_by_rank(orders, number, visits, audit_visits(visits, parts.audit), parts)
    drawn = _drawn(
        scores,
        areas,
        per,
        orders["model"][section[orders["model"]] == ""],
        dict(zip(names, draws, strict=True)),
        random_state,
        day,
    )
    changed = [changed_capacity(visits, change) for change in (near, -near)]
    more, fewer = (deal_by_rank(orders, number, one, audit_visits(one, parts.audit), parts)[0] for one in changed)
    here["band"] = np.select([(section == "") & (more != ""), (section != "") & (fewer == "")], [MORE, FEWER], "")
    by_risk = np.zeros(len(scores), dtype=bool)
    by_risk[orders["model"]] = True
    under_support = here["supported"].to_numpy()
    here["section"] = np.where((section == "model") & under_support, "monitored", section)
    here.loc[scores["household_id"].isin(drawn.loc[drawn["drawn"], "household_id"]).to_numpy(), "section"] = "audit"
    here.loc[here["carried"] & (here["section"] == ""), "reason"] = "waiting"
    if "not_at_risk" in scores.columns:
        in_none = ~np.isin(np.arange(len(scores)), np.concatenate(list(orders.values())))
        why_not = scores["not_at_risk"].astype("object").where(scores["not_at_risk"].notna(), "").astype("str")
        here["reason"] = here["reason"].mask((here["reason"] == "") & in_none, why_not)
    here["reason"] = _reason_of_the_rest(scores, here, drawn)
    listed = _rows_of_list(
        scores, here, areas if per is not None else None, by_risk, drawn, escalate_after, with_states=states is not None
    )
    listed, proposed = with_what_to_do(listed, causes=causes, register=register, day=day)
    list_id = _list_id(listed, random_state, day)
    for table in (listed, drawn, *([] if proposed is None else [proposed])):
        table.insert(0, "list_id", pd.Series(list_id, index=table.index, dtype="str"))
    if waiting := int((here["reason"] == "waiting").sum()):
        listed.attrs[WAITING_BESIDE] = waiting
    near_cut = here["band"] != ""
    band = scores.loc[near_cut, ["household_id", "risk"]].assign(band=here.loc[near_cut, "band"].astype("str"))
    if per is not None:
        band.insert(1, "area", areas[near_cut])
    return VisitPlan(
        list_id=list_id,
        frame=listed, draws=drawn, band=band.reset_index(drop=True), left_out=_rows_left_out(scores, here, gone), measures=proposed,
        households=len(scores) + len(gone),
    )  # fmt: skip


def _share(name: str, value: Any) -> float:
    """Return a share, 0 <= share < 1."""
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool) and 0 <= value < 1:
        return float(value)
    raise SchemaError(
        "{option} is {value!r}; expected a share of 0 or more and below 1, such as 0.1", option=name, value=value
    )


def _day_of_scores(scores: pd.DataFrame) -> str:
    """Return the day of the scores, "" where they do not say it."""
    if "as_of" not in scores.columns or not len(scores):
        return ""
    days = pd.to_datetime(scores["as_of"]).dt.strftime("%Y-%m-%d").dropna().unique().tolist()
    if len(days) > 1:
        raise SchemaError("scores are of {count} days; expected those of one day", count=len(days))
    return str(days[0]) if days else ""


def _moment_of(day: str) -> pd.Timestamp:
    """Return a day as a time; NaT where it is not known."""
    moment: pd.Timestamp = pd.to_datetime(pd.Series([day or None])).iloc[0]
    return moment


def _in_one_order(scores: pd.DataFrame, seed: int, day: str) -> pd.DataFrame:
    """Sort by risk, equal risks by a keyed hash of the id: the same for any order of rows, and nobody's id comes first for ever."""
    ids = scores["household_id"].astype("str")
    keys = np.array(
        [int.from_bytes(key[:8], "big") for key in keyed_order(ids.tolist(), seed, day=day, purpose=TIE)],
        dtype=np.uint64,
    )
    order = np.lexsort((ids.to_numpy(dtype=object), keys, -scores["risk"].to_numpy(dtype="float64")))
    return scores.iloc[order].assign(household_id=ids.iloc[order]).reset_index(drop=True)


def _with_places(scores: pd.DataFrame, per: OwnUnit | None, area: Any, visitors: Any) -> tuple[pd.DataFrame, pd.Series]:
    """Return the scores with who is responsible for each household, and the unit in which each is visited."""
    if per is not None:
        one_of("per", per, UNITS_OF_PLAN, SchemaError)
    if area is not None:
        of_type("area", area, (Mapping, pd.Series), Message("household_id -> area code"))
    if visitors is not None:
        of_type(
            "visitors", visitors, (str, Mapping, pd.Series), Message("a column of scores, or household_id -> visitor")
        )
        scores = scores.assign(visitor=groups_of_households(scores, visitors))
    if per != "visitor":
        return scores, areas_of_households(scores, per, area).astype("str")
    if visitors is None:
        raise SchemaError(
            "per='visitor' needs visitors: who is responsible for each household, or a column of scores that says it"
        )
    return scores, scores["visitor"]


def _earlier_rounds(
    scores: pd.DataFrame, last: pd.DataFrame, states: Any, day: str, refuted_months: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Say of each household what became of it before, and which of the last list are not scored any more."""
    ids = scores["household_id"]
    here = states_of_households(states, ids)
    here["reason"] = left_out_by_state(here, _moment_of(day), refuted_months=refuted_months)
    here["supported"] = here["state"].isin(UNDER_SUPPORT) | is_monitored(scores["monitored"])
    of_last = states_of_households(states, last["household_id"])
    open_still = last[unfinished(last, of_last)].set_index("household_id")
    on_it = ids.isin(open_still.index).to_numpy()
    here["carried"] = on_it & (here["reason"] == "")
    kept = open_still.reindex(ids).reset_index(drop=True)
    here["rounds"] = (kept["rounds"] + 1).where(here["carried"], 0).fillna(0).astype("int64")
    here["previous_list"] = kept["list_id"].where(here["carried"], "").fillna("").astype("str")
    here[list(KEPT_OF_DRAWS)] = kept[list(KEPT_OF_DRAWS)]
    away = ~last["household_id"].isin(ids)
    gone = last.loc[away, ["household_id"]].assign(**of_last.loc[away])
    reason = left_out_by_state(gone, _moment_of(day), refuted_months=refuted_months)
    return here, gone.assign(reason=reason.mask(reason == "", "not_on_record"))


def _visits(number: NDArray[np.int64], names: Any, free: NDArray[np.bool_], capacity: Any) -> NDArray[np.int64]:
    """Return the visits of each unit."""
    if isinstance(capacity, Mapping):
        lacking = [repr(str(name)) for name in names if name not in capacity]
        if lacking:
            raise SchemaError("capacity lacks the unit(s) {units}; give a number of visits for each", units=lacking)
        return np.array([whole_number("capacity", capacity[name], 0) for name in names], dtype=np.int64)
    capacity = check_capacity(DEFAULT_CAPACITY if capacity is None else capacity)
    return visits_of(np.bincount(number[free], minlength=len(names)), capacity)


def _drawn(
    scores: pd.DataFrame, areas: pd.Series, per: OwnUnit | None, rows: NDArray[np.intp], draws: Mapping[str, int], seed: int, day: str
) -> pd.DataFrame:  # fmt: skip
    """Draw households at random from those that are at risk and not listed by rank."""
    chosen = scores.iloc[rows]
    candidates = pd.DataFrame({"household_id": chosen["household_id"], "area": areas.iloc[rows]})
    tier = chosen["tier"].astype("object") if "tier" in chosen.columns else pd.Series("", index=chosen.index)
    candidates["tier"] = tier.where(tier.notna(), "").astype("str")
    if per in (None, "county") and "area_code" in chosen.columns:
        candidates["place"] = unit_of(chosen["area_code"], "township", names=chosen.get("area_name"))
        candidates["wider"] = unit_of(chosen["area_code"], "county", names=chosen.get("area_name"))
    return draw_households(candidates, draws, seed=seed, day=day)


def _rows_of_list(
    scores: pd.DataFrame, here: pd.DataFrame, areas: pd.Series | None, by_risk: NDArray[np.bool_], drawn: pd.DataFrame,
    escalate_after: int, *, with_states: bool,
) -> pd.DataFrame:  # fmt: skip
    """Return the list with why each household stands there, without what to do."""
    on = (here["section"] != "").to_numpy()
    mine, listed = here[on], scores[on].drop(columns=["list_id", "rank", "area", "section", "band"], errors="ignore")
    section = mine["section"].astype("str")
    guarantees, below = rules_not_met(scores)
    failing, ranked = (guarantees + below > 0)[on], by_risk[on]
    why = np.select([ranked & failing, ranked, failing], ["both", "model", "rule"], "monitored")
    why = np.where(section == "rule", "rule", np.where(section.isin(("carried_over", "audit")), section, why))
    at_random = drawn.set_index("household_id").reindex(listed["household_id"]).set_axis(listed.index)
    columns: dict[str, Any] = {
        "section": section,
        "why_listed": pd.Series(why, index=listed.index, dtype="str"),
        "band": mine["band"].astype("str"),
        "rounds": mine["rounds"],
        "previous_list": mine["previous_list"],
        "escalated": mine["rounds"] >= escalate_after,
    }
    for name, (by_rank, kind) in OF_NO_DRAW.items():
        values = at_random[name].where(section == "audit", mine[name].where(section == "carried_over", by_rank))
        columns[name] = values.replace("", BY_RANK).astype(kind) if name == "draw_stratum" else values.astype(kind)
    if with_states:
        columns |= {"state": mine["state"].astype("str"), "since": mine["since"]}
    listed = blank_forecast(listed)
    result = pd.concat(
        [pd.DataFrame(columns, index=listed.index), listed.drop(columns=list(columns), errors="ignore")], axis=1
    )
    order_of_sections = pd.Categorical(section, categories=list(IN_ORDER), ordered=True).codes
    unit = pd.Series("", index=listed.index) if areas is None else areas[on]
    turn = pd.Series(_turn_in_section(mine, scores[on], guarantees[on], below[on]), index=listed.index)
    order = (
        pd.DataFrame({"unit": unit, "section": order_of_sections, "turn": turn})
        .sort_values(["unit", "section", "turn"], kind="stable")
        .index
    )
    result, unit = result.loc[order], unit.loc[order]
    if "visitor" in result.columns:
        result.insert(0, "visitor", result.pop("visitor"))
    if areas is not None:
        result.insert(0, "area", unit)
    result.insert(0, "rank", unit.groupby(unit, sort=False).cumcount() + 1)
    return result.reset_index(drop=True)


def _turn_in_section(
    mine: pd.DataFrame, scores: pd.DataFrame, guarantees: NDArray[np.int64], below: NDArray[np.int64]
) -> NDArray[np.intp]:
    """Return in which order the households of a section are shown: by rounds without a visit, by rules, by risk."""
    by_rules = mine["section"].isin(("rule", "monitored")).to_numpy()
    order = np.lexsort((np.arange(len(scores)), -below * by_rules, -guarantees * by_rules, -mine["rounds"].to_numpy()))
    turn = np.empty(len(order), dtype=np.intp)
    turn[order] = np.arange(len(order))
    return turn


def _reason_of_the_rest(scores: pd.DataFrame, here: pd.DataFrame, drawn: pd.DataFrame) -> pd.Series:
    """Say why those are left out who stand neither on the list nor among those who could have been drawn."""
    rest = (here["reason"] == "") & (here["section"] == "")
    rest &= ~scores["household_id"].isin(drawn["household_id"]).to_numpy()
    guarantees, below = rules_not_met(scores)
    by_rule = np.where(guarantees + below > 0, "rule_no_visit", "no_forecast")
    why = pd.Series(np.where(here["supported"], "monitored_no_visit", by_rule), index=here.index)
    return here["reason"].mask(rest, why)


def _rows_left_out(scores: pd.DataFrame, here: pd.DataFrame, gone: pd.DataFrame) -> pd.DataFrame:
    """Return who is left out and why; of those waiting what the next round needs."""
    out = (here["reason"] != "").to_numpy()
    columns = ["reason", "state", "since", "rounds", "previous_list", *KEPT_OF_DRAWS]
    known = here.loc[out, columns].rename(columns={"previous_list": "list_id"})
    known.insert(0, "household_id", scores.loc[out, "household_id"])
    known["as_of"] = scores.loc[out, "as_of"] if "as_of" in scores.columns else pd.NaT
    table = pd.concat([known, gone], ignore_index=True) if len(gone) else known
    return table.sort_values("household_id", kind="stable", ignore_index=True)


def _list_id(listed: pd.DataFrame, seed: int, day: str) -> str:
    """Return a name for the list: the day, and a hash of who stands on it and why."""
    text = "\n".join(
        [
            day,
            str(seed),
            *sorted(f"{one} {why}" for one, why in zip(listed["household_id"], listed["section"], strict=True)),
        ]
    )
    return "-".join(part for part in (day.replace("-", ""), hashlib.sha256(text.encode()).hexdigest()[:8]) if part)
