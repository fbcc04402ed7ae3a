"""What visits found, as labels with the probability that the household was visited.

Whom a list sends visitors to is not everybody: of what they find nothing follows for the others. Beside the list some
households are drawn at random, each with a known probability; weighted by one over it, those drawn stand for all who
could have been (Horvitz & Thompson 1952). Who was visited by rank had no other chance: probability 1.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.arguments import of_type, whole_number
from fanpin_risk.asof.days import Array, months_after, to_day
from fanpin_risk.errors import NotEnoughDataError, SchemaError
from fanpin_risk.model.days_and_households import sorted_days
from fanpin_risk.words import Message

__all__ = ["BESIDE_RESULT", "FOUND_IN_NEED", "FOUND_UNTRUE", "checked_visits", "visit_labels"]

FOUND_IN_NEED, FOUND_UNTRUE = "verified", "refuted"
# What is kept of a visit beside its result, where it is known.
BESIDE_RESULT = ("list_id", "why_listed", "tier", "cause", "department", "area_code", "draw_day")
# Other names of a column: that of a ledger, of a watch list.
ALSO_CALLED = {
    "on": ("visited_on",), "result": ("event",), "probability": ("draw_probability",), "cause": ("causes",)
}  # fmt: skip
# Events of a ledger that are no visit; `found` may say with what probability one was to be made.
FOUND = "found"
BEFORE_A_VISIT = (FOUND, "imported")
LISTING = "list"  # who records that a household was put on a list; nobody was there
CODE_OF_RESULT = r"[a-z][a-z_]*"


def checked_visits(visits: Any, *, known_on: Any = None) -> pd.DataFrame:
    """Return visits in one form, after checks.

    Parameters
    ----------
    visits : DataFrame or ledger
        As for :func:`visit_labels`.
    known_on : date-like, optional
        As for :func:`visit_labels`.

    Returns
    -------
    DataFrame of shape (n_visits, 6 or more)
        By day and household: ``household_id``, ``on``, ``result``, ``told`` (whether the result is ``verified`` or
        ``refuted``), ``probability``, ``at_random`` (whether it is less than 1) and, where known, the columns of
        `BESIDE_RESULT`. Of several results for a household on one list only the last is told. ``attrs`` holds how many told
        visits were left out: ``without_probability`` (events of a ledger) and ``known_later`` than `known_on`.

    Raises
    ------
    SchemaError
        If a column is missing, a day, probability or result is not one, or a household has two results on a day.

    Examples
    --------
    >>> found = checked_visits(
    ...     pd.DataFrame({"household_id": ["a"], "on": ["2024-03-01"], "result": ["moved"], "probability": [0.2]})
    ... )
    >>> bool(found["told"].iloc[0]), bool(found["at_random"].iloc[0])
    (False, True)
    """
    of_ledger = not isinstance(visits, pd.DataFrame) and callable(getattr(visits, "events", None))
    given = visits.events() if of_ledger else visits
    of_type("visits", given, pd.DataFrame, Message("a frame of visits, or a ledger"))
    frame = _in_one_form(pd.DataFrame(given).reset_index(drop=True))
    frame["row"] = np.arange(1, len(frame) + 1)
    known_later = int(given.attrs.get("known_later", 0))
    if known_on is not None:
        known = _known_by(frame, to_day(known_on, argument="known_on"))
        known_later += int(
            frame.loc[~frame["row"].isin(known["row"]), "result"].isin([FOUND_IN_NEED, FOUND_UNTRUE]).sum()
        )
        frame = known
    if "superseded_by" in frame.columns:
        frame = frame[frame["superseded_by"].isna()]
    frame["household_id"] = frame["household_id"].astype("str").where(frame["household_id"].notna(), "")
    _refuse_visits("household_id", frame, frame["household_id"] == "", Message("the id of a household"))
    frame["result"] = frame["result"].astype("str").where(frame["result"].notna(), "")
    code = frame["result"].str.fullmatch(CODE_OF_RESULT) | (frame["result"] == "")
    expected = Message("verified, refuted or another code in small letters, such as not_at_home")
    _refuse_visits("result", frame, ~code, expected)
    frame["told"] = frame["result"].isin([FOUND_IN_NEED, FOUND_UNTRUE])
    frame["probability"] = _probabilities(frame)
    without = int(given.attrs.get("without_probability", 0))  # of visits that were checked before
    if of_ledger or ("event" in given.columns and "result" not in given.columns):
        frame = _with_what_was_found(frame)
        no_visit = frame["result"].isin(BEFORE_A_VISIT)
        if "who" in frame.columns:
            no_visit |= frame["who"].eq(LISTING)
        frame = frame[frame["told"] | (frame["probability"].notna() & ~no_visit)]
        unknown = frame["probability"].isna()
        without = int(unknown.sum())
        if without and unknown.all() and known_on is None:
            raise SchemaError(
                "none of the {count} visits on record says with what probability the household was to be visited; expected "
                "it as probability in the evidence: 1 on a list by rank, the draw_probability of the plan where it was drawn",
                count=without,
            )
        frame = frame[~unknown]
    _refuse_visits(
        "probability", frame, ~(frame["probability"] > 0) | ~(frame["probability"] <= 1),
        Message("a number above 0 and up to 1: 1 on a list by rank, less where the household was drawn at random"),
    )  # fmt: skip
    frame["on"] = _visit_days(frame)
    frame = frame.sort_values(["on", "household_id", "row"], kind="stable")
    twice = frame[frame["told"]].duplicated(["household_id", "on"]).reindex(frame.index, fill_value=False)
    _refuse_visits("household_id", frame, twice, Message("one result for a household on a day"))
    if "list_id" in frame.columns:
        on_list = frame["told"] & frame["list_id"].notna()
        later = frame[on_list].duplicated(["household_id", "list_id"], keep="last")
        frame["told"] &= ~later.reindex(frame.index, fill_value=False)
    frame["at_random"] = frame["probability"] < 1
    columns = ["household_id", "on", "result", "told", "probability", "at_random"]
    frame = frame[[*columns, *(name for name in BESIDE_RESULT if name in frame.columns)]].reset_index(drop=True)
    frame.attrs = {"without_probability": without, "known_later": known_later}
    return frame


def visit_labels(visits: Any, as_of: Any, *, horizon_months: int = 12, known_on: Any = None) -> pd.DataFrame:
    """Turn visits into labels: what was found, as of which day, and for how many households it stands.

    Each visit whose result is known is one row. It belongs to the newest of the days before it, if it was made within the
    horizon after that day. A household that came by itself, or was visited for another reason, has no known probability
    and no label; the draw stands for it as well.

    Parameters
    ----------
    visits : DataFrame or ledger
        One row for each visit: ``household_id``; ``on`` (or ``visited_on``), the day; ``result`` (or ``event``):
        ``verified``, ``refuted``, other codes count as not told; ``probability`` (or ``draw_probability``) of being visited,
        above 0, and 1 on a list by rank. ``list_id``, ``why_listed``, ``tier``, ``cause``, ``department`` and ``area_code``
        are kept. A ledger gives its ``events()``, with these and the probability in their ``evidence``, or in that of the
        newest ``found`` before; visits without a probability are left out, and so is what later events correct.
    as_of : date-like or list of date-like
        Days of which features or scores are.
    horizon_months : int, default 12
        Months after each day within which a visit counts.
    known_on : date-like, optional
        Day on which the visits are read: those made later are left out, and so is what was recorded later, be it a result or
        the correction of one, where the visits say when that was (``recorded_at``, as a ledger does). Default: all.

    Returns
    -------
    DataFrame of shape (n_labels, 6 or more)
        By ``as_of``, ``on`` and ``household_id``: ``household_id``, ``as_of``, ``on``, ``verified`` (1 or 0), ``probability``,
        ``weight`` (one over it), ``at_random`` (whether it is less than 1), and what else is known of the visit. ``attrs`` holds
        the numbers of ``visits``, of those ``not_told``, ``outside`` of all horizons, ``drawn_before`` the day (such a
        household stands for those of an earlier day, who are stood for by a later draw too), ``without_probability`` and
        ``known_later`` than `known_on`.

    Raises
    ------
    SchemaError
        If a column is missing, a probability is missing or not above 0 and up to 1, a result is no code, or a household has
        two results on a day. Rows are counted from 1.
    NotEnoughDataError
        If no visit with a known result lies within a horizon.

    References
    ----------
    Horvitz & Thompson (1952), A generalization of sampling without replacement from a finite universe, JASA 47.

    Examples
    --------
    >>> visits = pd.DataFrame(
    ...     {
    ...         "household_id": ["a", "b", "c"],
    ...         "visited_on": ["2024-02-01", "2024-02-02", "2024-02-02"],
    ...         "result": ["verified", "refuted", "not_at_home"],
    ...         "probability": [1.0, 0.05, 0.05],
    ...     }
    ... )
    >>> visit_labels(visits, "2023-12-31")[["household_id", "verified", "weight", "at_random"]].to_numpy().tolist()
    [['a', 1, 1.0, False], ['b', 0, 20.0, True]]
    """
    whole_number("horizon_months", horizon_months, 1)
    days = sorted_days(as_of)
    frame = checked_visits(visits, known_on=known_on)
    place = np.searchsorted(np.array(days, dtype="datetime64[s]"), frame["on"].to_numpy(), side="left") - 1
    starts = pd.Series([days[k] if k >= 0 else pd.NaT for k in place], dtype="datetime64[s]")
    ends = pd.Series(
        [months_after(days[k], horizon_months) if k >= 0 else pd.NaT for k in place], dtype="datetime64[s]"
    )
    inside = frame["on"] <= ends
    # Who was drawn before the day stands for those of that earlier day, who are stood for by the later draw as well.
    drawn_before = pd.Series(False, index=frame.index)
    if "draw_day" in frame.columns:
        drawn_on = pd.to_datetime(frame["draw_day"].where(frame["draw_day"].astype("str") != ""), errors="coerce")
        drawn_before = frame["at_random"] & (drawn_on < starts)
    inside &= ~drawn_before
    labels = frame.assign(as_of=starts)[inside & frame["told"]]
    if labels.empty:
        raise NotEnoughDataError(
            "none of {count} visits has a known result within {months} months after {day}; give the visits that followed "
            "these days",
            count=len(frame),
            months=horizon_months,
            day=", ".join(str(day.date()) for day in days),
        )
    labels = labels.assign(
        verified=(labels["result"] == FOUND_IN_NEED).astype("int64"), weight=1 / labels["probability"]
    )
    first = ["household_id", "as_of", "on", "verified", "probability", "weight", "at_random"]
    beside = [name for name in BESIDE_RESULT if name in labels.columns]
    labels = labels.sort_values(["as_of", "on", "household_id"], kind="stable")[[*first, *beside]].reset_index(
        drop=True
    )
    labels.attrs = {
        "visits": len(frame),
        "not_told": int((inside & ~frame["told"]).sum()),
        "outside": int((~inside & ~drawn_before).sum()),
        "drawn_before": int(drawn_before.sum()),
        **frame.attrs,
    }
    return labels


def _in_one_form(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns under one name each, with what stands in the evidence."""
    if "evidence" in frame.columns:
        told = [_evidence(value) for value in frame["evidence"]]
        for name in ("probability", *ALSO_CALLED["probability"], *BESIDE_RESULT, *ALSO_CALLED["cause"]):
            values = pd.Series([one.get(name) for one in told], index=frame.index, dtype="object")
            if values.notna().any():
                frame[name] = (
                    frame[name].astype("object").where(frame[name].notna(), values) if name in frame else values
                )
    for name, others in ALSO_CALLED.items():
        for other in others:
            if name not in frame.columns and other in frame.columns:
                frame = frame.rename(columns={other: name})
    if "probability" not in frame.columns and "evidence" in frame.columns:
        frame["probability"] = np.nan
    missing = [name for name in ("household_id", "on", "result", "probability") if name not in frame.columns]
    if missing:
        raise SchemaError(
            "visits has no column {missing}; expected household_id, on (or visited_on), result (or event) and probability (or "
            "draw_probability)",
            missing=tuple(missing),
        )
    return frame


def _known_by(frame: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Return the rows of what had happened and was recorded by the end of a day; corrections made later are not known."""
    known = pd.Series(_visit_days(frame) <= day.to_datetime64(), index=frame.index)
    if "recorded_at" in frame.columns:
        recorded = pd.to_datetime(frame["recorded_at"], errors="coerce", format="ISO8601").dt.tz_localize(None)
        wrong = recorded.isna() & frame["recorded_at"].notna()
        _refuse_visits("recorded_at", frame, wrong, Message("the day of recording, such as 2024-03-01, or none"))
        known &= ~(recorded >= day + pd.Timedelta(days=1))
    kept = frame[known]
    if {"seq", "superseded_by"} <= set(kept.columns):
        kept = kept.assign(superseded_by=kept["superseded_by"].where(kept["superseded_by"].isin(kept["seq"])))
    return kept


def _evidence(value: Any) -> Mapping[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    return value if isinstance(value, Mapping) else {}


def _probabilities(frame: pd.DataFrame) -> pd.Series:
    values = pd.to_numeric(frame["probability"], errors="coerce").astype("float64")
    _refuse_visits("probability", frame, values.isna() & frame["probability"].notna(), Message("a number"))
    return values


def _with_what_was_found(frame: pd.DataFrame) -> pd.DataFrame:
    """Add to each told event what the newest `found` before it said, unless that was for another list.

    What the event says itself stands.
    """
    order = frame.assign(day=_visit_days(frame)).sort_values(["day", "row"], kind="stable")
    is_found = order["result"] == FOUND
    newest = pd.Series(np.arange(len(order)), index=order.index).where(is_found).groupby(order["household_id"]).ffill()
    known = newest.notna() & order["told"]
    at = newest[known].astype("int64").to_numpy()
    same_list = np.ones(len(at), dtype=bool)
    if "list_id" in order.columns:
        lists = order["list_id"].to_numpy(dtype="object")
        own, then = lists[known.to_numpy()], lists[at]
        same_list = pd.isna(own) | pd.isna(then) | (own == then)
    rows = order.index[known][same_list]
    for name in ("probability", *BESIDE_RESULT):
        if name in frame.columns:
            said = pd.Series(order[name].to_numpy()[at[same_list]], index=rows).reindex(frame.index)
            frame[name] = frame[name].where(frame[name].notna(), said)
    return frame


def _visit_days(frame: pd.DataFrame) -> Array:
    """Return the days of the visits as datetime64[s]."""
    if not pd.api.types.is_datetime64_any_dtype(frame["on"]):
        known = {}
        for row, value in zip(frame["row"], frame["on"], strict=True):
            if value not in known:
                known[value] = to_day(value, argument=f"visits, on, row {row}")
        return frame["on"].map(known).to_numpy(dtype="datetime64[s]")
    _refuse_visits("on", frame, frame["on"].isna(), Message("the day of the visit"))
    return frame["on"].dt.tz_localize(None).dt.normalize().to_numpy(dtype="datetime64[s]")


def _refuse_visits(column: str, frame: pd.DataFrame, wrong: Iterable[bool], expected: Message) -> None:
    """Refuse visits of which some are wrong, naming the first by its row."""
    rows = frame.loc[np.asarray(wrong, dtype=bool), "row"]
    if len(rows):
        raise SchemaError(
            "visits, {column}, row {row}: expected {expected} ({count} such row(s))",
            column=column,
            row=int(rows.min()),
            expected=expected,
            count=len(rows),
        )
