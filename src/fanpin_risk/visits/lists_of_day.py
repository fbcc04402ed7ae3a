"""Other lists of the same day and place that a ledger has: a draw that is repeated until it pleases is none."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from fanpin_risk.arguments import one_of
from fanpin_risk.errors import LedgerError
from fanpin_risk.records.places import CODE_DIGITS

if TYPE_CHECKING:
    from fanpin_risk.ledger import Ledger

__all__ = [
    "BY_LIST",
    "IF_ANOTHER",
    "IfAnother",
    "common_place",
    "events_taking_back",
    "lists_of_same_day",
    "place_of_list",
]

BY_LIST = "list"
IfAnother = Literal["refuse", "replace", "keep"]
IF_ANOTHER = ("refuse", "replace", "keep")
# What may be recorded of a household that was listed before anyone has been there.
BEFORE_ANYONE_WENT = (
    "found",
    "assigned",
    "noted",
    "item_opened",
    "item_cleared",
    "imported",
    "split",
    "succeeded",
    "voided",
)
REPLACED_BY = "replaced_by"
REPLACED = "the list was replaced by another one of the same day before anyone went there"


def common_place(codes: Iterable[str]) -> str:
    """Return the smallest place that holds all households of a list, by the digits of its division code.

    Examples
    --------
    >>> common_place(["520522101001", "520522101204"]), common_place(["520522101001", "520522203001"])
    ('520522101', '520522')
    >>> common_place(["520522101001", "110101001001"]), common_place([])
    ('', '')
    """
    places = sorted({str(code) for code in codes})
    for digits in sorted(CODE_DIGITS.values(), reverse=True) if places else ():
        first, last = places[0][:digits], places[-1][:digits]
        if first == last and len(first) == digits:
            return first
    return ""


def place_of_list(plan: pd.DataFrame) -> str:
    """Return the smallest place that holds all households of a list, "" where it is not known of each.

    Examples
    --------
    >>> place_of_list(pd.DataFrame({"area_code": ["520522101001", "520522203001"]}))
    '520522'
    """
    if "area_code" not in plan.columns:
        return ""
    return common_place("" if pd.isna(code) else str(code) for code in plan["area_code"])


def lists_of_same_day(ledger: Ledger, plan: pd.DataFrame, *, if_another: IfAnother = "refuse") -> pd.DataFrame:
    """Find other lists that a ledger has of the day and place of a list.

    Two lists are of one place where the one's smallest common place (:func:`common_place`) lies in the other's, where either
    is not known, or where a household stands on both.

    Parameters
    ----------
    ledger : Ledger
    plan : DataFrame
        As for :func:`fanpin_risk.record_list`.
    if_another : {"refuse", "replace", "keep"}, default "refuse"
        Whether to refuse if there is one.

    Returns
    -------
    DataFrame
        One row for each: ``list_id``, ``recorded_at``, ``households``, ``visited`` (of how many something was found since).

    Raises
    ------
    LedgerError
        If there is one and it is to be refused; or if the list itself was replaced by another one.

    Examples
    --------
    >>> import tempfile, fanpin_risk as fr
    >>> scores = fr.load_model("demo").score(fr.make_register(200, random_state=1), "2024-12-31")
    >>> one, two = (fr.plan_visits(scores, capacity=5, random_state=seed).frame for seed in (0, 1))
    >>> with tempfile.TemporaryDirectory() as place, fr.Ledger(place + "/county.ledger") as ledger:
    ...     _ = fr.record_list(ledger, one)
    ...     lists_of_same_day(ledger, one).shape[0], lists_of_same_day(ledger, two, if_another="keep").shape[0]
    (0, 1)
    """
    one_of("if_another", if_another, IF_ANOTHER)
    events = ledger.events()
    named, days = set(plan["list_id"].astype("str")), set(pd.to_datetime(plan["as_of"]).dropna())
    listing = events[(events["who"] == BY_LIST) & events["list_id"].notna() & (events["event"] != "imported")]
    taken_back = listing[(listing["event"] == "voided") & listing["list_id"].isin(named)]
    if len(taken_back):
        raise LedgerError(
            "the list {list_id} was replaced by another one on {day}, and is not recorded again; carry out the list that is on "
            "record, or plan another one",
            list_id=taken_back["list_id"].iloc[0],
            day=f"{pd.Timestamp(taken_back['recorded_at'].iloc[0]):%Y-%m-%d}",
        )
    replaced = listing.loc[listing["evidence"].str.contains(REPLACED_BY, regex=False), "list_id"]
    in_force = listing["superseded_by"].isna() & listing["event"].isin(("found", "noted"))
    listing = listing[in_force & ~listing["list_id"].isin(replaced)]
    on_record = listing["list_id"].isin(named).any()  # then it was settled what becomes of others
    others = listing[~listing["list_id"].isin(named) & listing["as_of"].isin(days) & (not on_record)]
    mine, place = set(plan["household_id"].astype("str")), place_of_list(plan)
    rows = [
        (list_id, one["recorded_at"].min(), one["household_id"].nunique(), len(_found_since(events, one)))
        for list_id, one in others.groupby("list_id")
        if not mine.isdisjoint(one["household_id"]) or _same_place(place, _place_on_record(one))
    ]
    found = pd.DataFrame(rows, columns=["list_id", "recorded_at", "households", "visited"])
    if len(found) and if_another == "refuse":
        first = found.iloc[0]
        raise LedgerError(
            "the ledger has another list of {day} for this place: {list_id}, recorded on {on}, {count:,} households, {visited:,} of "
            "them visited since; nothing was recorded. A draw that is repeated has no known probabilities: give the same seed and "
            "capacity as then, or say with if_another (--if-another) what becomes of that list: replace it (its households that nobody has "
            "visited are taken back), or keep both",
            day=", ".join(sorted(f"{day:%Y-%m-%d}" for day in days)), list_id=first["list_id"],
            on=f"{pd.Timestamp(first['recorded_at']):%Y-%m-%d}", count=int(first["households"]), visited=int(first["visited"]),
        )  # fmt: skip
    return found


def events_taking_back(ledger: Ledger, lists: Iterable[str], *, by: str, on: Any) -> pd.DataFrame:
    """Return the events that take back the part of some lists that nobody has visited.

    What the list alone recorded is voided. Where something else was noted since, so that it cannot be taken back, it is noted
    that the list was replaced. Who was visited, and who was taken over as monitored, stays.

    Parameters
    ----------
    ledger : Ledger
    lists : iterable of str
        Their ids.
    by : str
        Id of the list that takes their place.
    on : date-like
        The day of the events.

    Returns
    -------
    DataFrame
        As :meth:`Ledger.extend` takes it; empty where all were visited.
    """
    events = ledger.events()
    holds = events[events["superseded_by"].isna()]
    rows = []
    for list_id in lists:
        listing = holds[
            (holds["list_id"] == list_id) & (holds["who"] == BY_LIST) & holds["event"].isin(("found", "noted"))
        ]
        visited = _found_since(events, listing)
        # A household that the list found and that was noted on something since stands where it stands because of that.
        last = holds.groupby("household_id")["seq"].max().to_dict()
        for one in listing[~listing["household_id"].isin(visited)].itertuples():
            told: dict[str, Any] = {"household_id": one.household_id, "on": on, "who": BY_LIST, "list_id": list_id}
            told["evidence"] = {"reason": REPLACED, REPLACED_BY: by}
            if one.event == "noted" or last[one.household_id] == one.seq:
                told |= {"event": "voided", "supersedes": one.seq}
            else:
                told |= {"event": "noted", "supersedes": None}
            rows.append(told)
    return pd.DataFrame(rows, columns=["household_id", "event", "on", "who", "list_id", "supersedes", "evidence"])


def _found_since(events: pd.DataFrame, listing: pd.DataFrame) -> set[str]:
    """Return the households of a list of which something was found since they were put on it."""
    first = listing.groupby("household_id")["seq"].min()
    later = events[events["superseded_by"].isna() & events["household_id"].isin(first.index)]
    later = later[later["seq"] > first.reindex(later["household_id"]).to_numpy()]
    return set(later.loc[~later["event"].isin(BEFORE_ANYONE_WENT), "household_id"])


def _place_on_record(listing: pd.DataFrame) -> str:
    """Return the place of a list as its events tell it, "" where they do not."""
    return str(json.loads(listing["evidence"].iloc[0]).get("place", ""))


def _same_place(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
