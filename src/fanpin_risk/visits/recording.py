"""A list, and what came back from its visits, as events of a ledger."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from fanpin_risk.arguments import of_type
from fanpin_risk.errors import RefusedEventsError, SchemaError
from fanpin_risk.ledger import ACCEPTED_CORRECTION, Ledger, transition_rows
from fanpin_risk.records.ids import mask_id
from fanpin_risk.visits.accepting import AcceptedCorrections
from fanpin_risk.visits.lists_of_day import BY_LIST, IfAnother, events_taking_back, lists_of_same_day, place_of_list
from fanpin_risk.words import Message

__all__ = ["Recorded", "record_accepted", "record_list", "record_visits", "states_with_visits"]

TAKEN_OVER = {"state": "entered", "reason": "monitored by the register when the list was made", "not_after": True}
BROUGHT_BACK = "found in need at a visit after the risk was eliminated"
NO_FINDING = ("found", "imported", "returned")
ALL_ON_RECORD = "2200-12-31"  # later than any event
# Columns of a list that are evidence of how a household came onto it; the probability is what labels are weighted by.
EVIDENCE_OF_LIST = {
    "section": "section", "why_listed": "why_listed", "draw_probability": "probability", "draw_stratum": "stratum", "draw_day": "draw_day",
    "tier": "tier", "rules": "rules", "causes": "causes",
}  # fmt: skip


class Recorded(NamedTuple):
    """What became of events that were to be recorded.

    Attributes
    ----------
    new : int
        Events that were new.
    known : int
        Events that the ledger had already.
    refused : DataFrame
        Events that may not happen where the household stands, which were not recorded: ``household_id``, ``event``, ``on``,
        ``problem`` (a Message).
    """

    new: int
    known: int
    refused: pd.DataFrame


def record_list(ledger: Ledger, plan: pd.DataFrame, *, on: Any = None, if_another: IfAnother = "refuse") -> Recorded:
    """Record in a ledger that households were put on a list: why, and with what probability.

    Who is found by the list begins the procedure. Of those who are in it already, monitored or under way, it is noted. Who is
    monitored by the register and not known to the ledger is taken over into it first (:meth:`Ledger.import_register` takes over
    all, with their days).

    Parameters
    ----------
    ledger : Ledger
    plan : DataFrame
        The ``frame`` of :func:`fanpin_risk.plan_visits`: ``household_id``, ``list_id``, ``as_of`` and, as far as there are,
        ``model``, ``section``, ``why_listed``, ``draw_probability``, ``draw_stratum``, ``tier``, ``rules``, ``causes``.
    on : date-like, optional
        The day of the list. Default: the day of its scores.
    if_another : {"refuse", "replace", "keep"}, default "refuse"
        What to do if the ledger has another list of the same day and place, as with another seed or capacity.
        ``"replace"``: of its households that nobody has visited it is taken back that they were listed, with the reason, and who
        was visited stays; ``"keep"``: both lists are carried out.

    Returns
    -------
    Recorded
        The same list again changes nothing.

    Raises
    ------
    SchemaError
        If a column is missing.
    LedgerError
        If there is another list of the day and place and it is to be refused, or the list itself was replaced by another one.

    Examples
    --------
    >>> import tempfile, fanpin_risk as fr
    >>> scores = fr.load_model("demo").score(fr.make_register(200, random_state=1), "2024-12-31")
    >>> plan = fr.plan_visits(scores, capacity=5, random_state=0)
    >>> with tempfile.TemporaryDirectory() as place, fr.Ledger(place + "/county.ledger") as ledger:
    ...     first, again = record_list(ledger, plan.frame), record_list(ledger, plan.frame)
    >>> (first.new, first.known), (again.new, again.known)
    ((5, 0), (0, 5))
    """
    of_type("ledger", ledger, Ledger, Message("a ledger"))
    _check_columns("plan", plan, ("household_id", "list_id", "as_of"))
    events = pd.DataFrame({"household_id": plan["household_id"], "list_id": plan["list_id"], "as_of": plan["as_of"]})
    events["on"] = plan["as_of"] if on is None else pd.Timestamp(on)
    events["who"] = BY_LIST
    if "model" in plan.columns:
        events["model"] = plan["model"]
    others = lists_of_same_day(ledger, plan, if_another=if_another)
    always: dict[str, Any] = {"channel": BY_LIST}
    if place := place_of_list(plan):
        always["place"] = place
    if if_another == "keep" and len(others):
        always["beside_lists"] = others["list_id"].tolist()
    events["evidence"] = _evidence(plan, EVIDENCE_OF_LIST, **always)
    # What this list recorded before stays what it was, wherever the household stands since.
    before = _events_of_list(ledger, plan)
    known = plan["household_id"].isin(before["household_id"]).to_numpy(dtype=bool)
    events, plan = events[~known], plan[~known]
    taken_back = pd.DataFrame()
    if if_another == "replace" and len(others) and len(plan):
        taken_back = events_taking_back(
            ledger, others["list_id"], by=str(plan["list_id"].iloc[0]), on=events["on"].min()
        )
    state = _states(ledger)
    monitored = plan["monitored"].eq(True) if "monitored" in plan.columns else pd.Series(False, index=plan.index)
    taken_over = _taken_over(events[(monitored & ~events["household_id"].isin(state.index)).to_numpy(dtype=bool)])
    begun = set(_states_before("found")) - {"-"}
    events["event"] = [
        "noted" if under or state.get(one, "-") not in {"-", *begun} else "found"
        for one, under in zip(events["household_id"], monitored.fillna(False), strict=True)
    ]
    recorded = _record(ledger, pd.concat([taken_back, taken_over, events], ignore_index=True))
    return recorded._replace(known=recorded.known + int(known.sum()))


def record_visits(ledger: Ledger, events: pd.DataFrame, *, plan: pd.DataFrame | None = None) -> Recorded:
    """Record in a ledger what visits found.

    A household that the ledger does not know, or knows as turned down, is found by its list first; one that was checked, so is
    monitored, is taken over as such; one whose risk was eliminated is brought back where it is found in need, else checked. A
    sheet that was mended after it was read corrects what was recorded of it. Rows that are not complete are left out.

    Parameters
    ----------
    ledger : Ledger
    events : DataFrame
        From :func:`fanpin_risk.read_visits`.
    plan : DataFrame, optional
        The list of the visits; with it the probability of a visit is recorded of households that its list was not recorded of.

    Returns
    -------
    Recorded
        The same sheets again change nothing. What may not happen where a household stands (to be verified though it is
        monitored, a check of one that nobody entered) is refused and named, the others are recorded.

    Raises
    ------
    SchemaError
        If a column is missing.
    """
    of_type("ledger", ledger, Ledger, Message("a ledger"))
    _check_columns("events", events, ("household_id", "event", "on", "who", "complete", "list_id"))
    whole = events[events["complete"]].drop(columns=["complete", "problems"], errors="ignore")
    whole.attrs = {}
    before = ledger.events(households=_ids(whole))
    # A sheet that was read before is left as it is, wherever its household stands since.
    known = whole["event_key"].isin(before["event_key"])
    n_known, whole = int(known.sum()), whole[~known].copy()
    state = _states(ledger)
    whole["supersedes"] = _mended(whole, before)
    unread = whole["supersedes"].isna()
    where = pd.Series([state.get(one, "-") for one in whole["household_id"]], index=whole.index, dtype="str")
    # After a risk was eliminated, who is found in need is brought back, and who is not was checked.
    ended = where.isin(_states_before("returned")) & unread
    whole.loc[ended & (whole["event"] == "refuted"), "event"] = "checked"
    returned = whole.loc[ended & (whole["event"] == "verified"), ["household_id", "on", "who", "list_id"]].assign(
        event="returned"
    )
    returned["evidence"] = pd.Series([{"reason": BROUGHT_BACK}] * len(returned), index=returned.index, dtype=object)
    begins = (
        unread
        & whole["event"].isin(("verified", "refuted", "not_here"))
        & where.isin(_states_before("found", to="clue"))
    )
    begins |= unread & (where == "-") & (whole["event"] != "checked")
    first = whole[begins].drop_duplicates("household_id")
    found = first[["household_id", "on", "list_id"]].assign(event="found", who=BY_LIST)
    if plan is not None and "draw_probability" in plan.columns:
        chance = pd.to_numeric(plan.set_index("household_id")["draw_probability"])
        found["draw_probability"] = chance.reindex(found["household_id"]).to_numpy()
    found["evidence"] = _evidence(found, EVIDENCE_OF_LIST, channel=BY_LIST)
    found = found.drop(columns="draw_probability", errors="ignore")
    checked = whole[(whole["event"] == "checked") & ~whole["household_id"].isin(state.index)]
    taken_over = _taken_over(checked.drop_duplicates("household_id")[["household_id", "on", "list_id"]])
    kept = ["household_id", "event", "on", "who", "list_id", "event_key", "supersedes"]
    visits = whole[kept].copy()
    visits["evidence"] = _evidence(whole, {name: name for name in whole.columns if name not in (*kept, "key")})
    recorded = _record(ledger, pd.concat([taken_over, found, returned, visits], ignore_index=True))
    return recorded._replace(known=recorded.known + n_known)


def record_accepted(ledger: Ledger, accepted: AcceptedCorrections, *, who: str = "clerk") -> Recorded:
    """Record in a ledger which corrections were taken into the register: it is noted of the household, and changes no state.

    Parameters
    ----------
    ledger : Ledger
    accepted : AcceptedCorrections
        From :func:`fanpin_risk.accept_corrections`.
    who : str, default "clerk"
        A role or a code of the office, no name.

    Returns
    -------
    Recorded
        The same acceptance again changes nothing. Of a household that the ledger does not know nothing is noted.

    Examples
    --------
    See the guide "From the list to the visit and back".
    """
    of_type("ledger", ledger, Ledger, Message("a ledger"))
    of_type("accepted", accepted, AcceptedCorrections, Message("what accept_corrections gives"))
    rows = []
    whose = ["household_id", "action", "table", "member_id", "entry", "event_key", "date"]
    for _, lines in accepted.taken.groupby(whose, dropna=False, sort=False):
        one = lines.iloc[0]
        since = "" if pd.isna(one["date"]) else f"{one['date']:%Y-%m-%d}"
        columns = sorted(lines["column"])
        told = [str(one[name]) for name in ("household_id", "action", "table", "member_id", "event_key")]
        digest = hashlib.sha256(json.dumps([*told, since, columns, str(accepted.on)]).encode()).hexdigest()
        evidence = {
            ACCEPTED_CORRECTION: one["action"], "entry": one["entry"], "table": one["table"], "columns": columns, "since": since,
        }  # fmt: skip
        rows.append(
            {
                "household_id": one["household_id"], "event": "noted", "on": accepted.on, "who": who,
                "visit_id": one["event_key"] or None, "event_key": f"accepted:{digest[:16]}", "evidence": evidence,
            }
        )  # fmt: skip
    return _record(
        ledger, pd.DataFrame(rows, columns=["household_id", "event", "on", "who", "visit_id", "event_key", "evidence"])
    )


def _mended(visits: pd.DataFrame, before: pd.DataFrame) -> pd.Series:
    """Return the number of the event that each visit corrects: of its list and household, on its day or with its finding."""
    recorded = before[(before["who"] != BY_LIST) & before["superseded_by"].isna() & before["list_id"].notna()]
    of_sheet = dict(list(recorded[~recorded["event"].isin(NO_FINDING)].groupby(["household_id", "list_id"])))
    numbers: list[Any] = []
    for row in visits[["household_id", "list_id", "event", "on"]].to_dict("records"):
        mine = of_sheet.get((row["household_id"], row["list_id"]))
        if mine is None:
            numbers.append(pd.NA)
            continue
        same = mine[(mine["on"] == row["on"]) | (mine["event"] == row["event"])]
        numbers.append(int(same["seq"].iloc[-1]) if len(same) else pd.NA)
    return pd.Series(numbers, index=visits.index, dtype="Int64")


def _taken_over(rows: pd.DataFrame) -> pd.DataFrame:
    """Return events that take over households as monitored."""
    events = rows[[name for name in ("household_id", "on", "list_id") if name in rows.columns]].assign(
        event="imported", who=BY_LIST
    )
    events["evidence"] = pd.Series([TAKEN_OVER] * len(events), index=events.index, dtype=object)
    return events


def _record(ledger: Ledger, events: pd.DataFrame) -> Recorded:
    """Record all events at once; where one is refused, those of each household for themselves."""
    events = events.astype(object).where(events.notna(), None)
    try:
        new = ledger.extend(events) if len(events) else 0
        return Recorded(new, len(events) - new, pd.DataFrame(columns=["household_id", "event", "on", "problem"]))
    except RefusedEventsError:
        pass
    new, known, refused = 0, 0, []
    for _, mine in events.groupby("household_id", sort=False):
        try:
            added = ledger.extend(mine)
        except RefusedEventsError as error:
            household, why = error.refused[["household_id", "problem"]].iloc[0]
            said = Message("household {household}: {why}; nothing was recorded", household=mask_id(household), why=why)
            refused += [(*row, said) for row in mine[["household_id", "event", "on"]].itertuples(index=False)]
            continue
        new, known = new + added, known + len(mine) - added
    return Recorded(new, known, pd.DataFrame(refused, columns=["household_id", "event", "on", "problem"]))


def states_with_visits(ledger: Ledger) -> pd.DataFrame:
    """Return where each household stands by all that is on record, and since when nobody new has been there.

    Returns
    -------
    DataFrame
        As :meth:`Ledger.state`; ``since`` is the day of the newest check where that is later, so that
        :func:`fanpin_risk.plan_visits` does not carry over who was visited after its risk was eliminated.
    """
    states, events = ledger.state(ALL_ON_RECORD), ledger.events()
    checks = events[(events["event"] == "checked") & events["superseded_by"].isna()]
    newest = checks.groupby("household_id")["on"].max().reindex(states["household_id"]).set_axis(states.index)
    return states.assign(since=states["since"].where(~(newest > states["since"]), newest))


def _evidence(frame: pd.DataFrame, names: Mapping[str, str], **always: Any) -> pd.Series:
    """Return what each row tells under some names, as mappings; what is empty tells nothing."""
    columns = {new: frame[old].astype(object).tolist() for old, new in names.items() if old in frame.columns}
    rows = [
        always | {name: values[k] for name, values in columns.items() if not pd.isna(values[k]) and values[k] != ""}
        for k in range(len(frame))
    ]
    return pd.Series(rows, index=frame.index, dtype=object)


def _states(ledger: Ledger) -> pd.Series:
    """Return where each household stands by all that is on record."""
    return ledger.state(ALL_ON_RECORD).set_index("household_id")["state"]


def _states_before(event: str, *, to: str | None = None) -> set[str]:
    """Return the states in which an event may happen; with `to`, those from which it leads there."""
    return {row["from"] for row in transition_rows() if row["event"] == event and to in (None, row["to"])}


def _events_of_list(ledger: Ledger, plan: pd.DataFrame) -> pd.DataFrame:
    """Return what was recorded when a list was made."""
    events = ledger.events(households=_ids(plan))
    by_list = events["list_id"].isin(plan["list_id"].unique()) & (events["who"] == BY_LIST)
    return events[by_list & (events["event"] != "imported")]


def _ids(rows: pd.DataFrame) -> list[str]:
    return rows["household_id"].drop_duplicates().astype("str").tolist()


def _check_columns(name: str, frame: pd.DataFrame, needed: tuple[str, ...]) -> None:
    of_type(name, frame, pd.DataFrame, Message("a table"))
    missing = [column for column in needed if column not in frame.columns]
    if missing:
        raise SchemaError("{name} has no column {column}", name=name, column=missing[0])
