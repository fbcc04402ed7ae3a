"""How often a visit found a household in need, month by month: by tier, cause, place and department."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from fanpin_risk.asof.days import DAYS_PER_MONTH
from fanpin_risk.errors import SchemaError
from fanpin_risk.evaluation.curves import wilson
from fanpin_risk.evaluation.groups import ALL, UNKNOWN
from fanpin_risk.evaluation.options import check_level, check_whole
from fanpin_risk.evaluation.results import Result
from fanpin_risk.model.visit_results import FOUND_IN_NEED, checked_visits
from fanpin_risk.policy.signals import CHANNEL_MARK, SIGNAL_WINDOW_MONTHS
from fanpin_risk.records.places import unit_of
from fanpin_risk.records.register import Register
from fanpin_risk.words import note

__all__ = ["SHARES_BY", "visit_shares"]

# What shares are told by, and the column of the visits that says it.
SHARES_BY = {
    "tier": "tier",
    "cause": "cause",
    "department": "department",
    "county": "area_code",
    "township": "area_code",
}
VISIT_COUNTS = ("visits", "told", "verified")
BETWEEN_CAUSES = ";"


def visit_shares(
    visits: Any,
    *,
    by: Sequence[str] | None = None,
    area: Mapping[str, str] | pd.Series | None = None,
    register: Register | None = None,
    level: float = 0.95,
    fewest: int = 10,
) -> Result:
    """Tell which share of the visits found a household in need: of the list, and of those drawn at random.

    Each cell is counted as it was visited, without weights: the share of a list that was right. That of those drawn at
    random is of the draw, not of everybody; for that see :func:`fanpin_risk.evaluate_visits`.

    Parameters
    ----------
    visits : DataFrame or ledger
        As for :func:`fanpin_risk.visit_labels`; ``tier``, ``cause`` (of several, ``illness;schooling``, the first),
        ``department`` and ``area_code`` where they are known.
    by : sequence of {"tier", "cause", "department", "county", "township"}, optional
        Default: all that the visits tell.
    area : Series or mapping of household_id to area code, optional
        For ``county`` and ``township``, where the visits have no ``area_code``.
    register : Register, optional
        Says, where visits do not, in which place a household is by its newest record, and which department (or channel) sent the
        newest signal of it in the 12 months before the visit.
    level : float, default 0.95
        Level of Wilson's intervals.
    fewest : int, default 10
        Visits with a known result below which a cell is not shown; if that leaves one gap among the categories or months of a
        cell, which could be filled from the total, the smallest other is left out as well.

    Returns
    -------
    Result
        ``month`` (``2024-03``; ``all``), ``how`` (``by_list``, ``at_random``), ``group`` (``all`` and those of `by`), ``category``,
        ``visits``, ``told`` (verified or refuted), ``verified``, ``share_verified`` of those told, ``low``, ``high`` and ``note``.

    Raises
    ------
    SchemaError
        If the visits are not as described, or do not tell what is asked by.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22.

    Examples
    --------
    >>> visits = pd.DataFrame(
    ...     {
    ...         "household_id": [f"h{i:02}" for i in range(40)],
    ...         "on": ["2024-03-05"] * 40,
    ...         "result": ["verified"] * 12 + ["refuted"] * 28,
    ...         "probability": [1.0] * 20 + [0.1] * 20,
    ...         "tier": ["high"] * 20 + ["low"] * 20,
    ...     }
    ... )
    >>> found = visit_shares(visits, by=["tier"])
    >>> march = found[found["month"].eq("2024-03") & found["group"].eq("tier")]
    >>> march.round(2)[["how", "category", "told", "share_verified", "low", "high"]].to_numpy().tolist()
    [['by_list', 'high', 20, 0.6, 0.39, 0.78], ['at_random', 'low', 20, 0.0, 0.0, 0.16]]
    """
    check_level(level)
    check_whole("fewest", fewest, 1)
    frame = checked_visits(visits)
    if area is not None:
        frame["area_code"] = frame["household_id"].map(dict(area))
    if register is not None:
        frame = _with_register(frame, register)
    groups = {ALL: pd.Series(ALL, index=frame.index)}
    for name in _asked_by(frame, by):
        groups[name] = _category_of_visit(frame, name)
    frame["month"] = frame["on"].dt.strftime("%Y-%m")
    frame["how"] = np.where(frame["at_random"], "at_random", "by_list")
    frame["verified"] = frame["told"] & (frame["result"] == FOUND_IN_NEED)
    parts = [
        frame.assign(group=group, category=category, month=month)
        for month in (ALL, frame["month"])
        for group, category in groups.items()
    ]
    keys = ["month", "how", "group", "category"]
    cells = pd.concat(parts).groupby(keys, sort=True)
    table = cells.agg(visits=("told", "size"), told=("told", "sum"), verified=("verified", "sum")).reset_index()
    hidden = _cells_hidden(table, fewest)
    z = float(norm.ppf((1 + level) / 2))
    shares = table["verified"] / table["told"].where(table["told"] > 0)
    bounds = [
        (np.nan, np.nan) if gone or not told else wilson(share, told, z)
        for share, told, gone in zip(shares, table["told"], hidden != "", strict=True)
    ]
    table = table.astype(dict.fromkeys(VISIT_COUNTS, "Int64"))
    table["share_verified"] = shares.where(hidden == "")
    table["low"], table["high"] = np.array(bounds, dtype="float64").reshape(-1, 2).T
    table.loc[hidden != "", list(VISIT_COUNTS)] = pd.NA
    table["note"] = hidden
    first = {name: place for place, name in enumerate(groups)}
    order = pd.DataFrame(
        {
            "later": table["month"] != ALL, "month": table["month"], "drawn": table["how"] == "at_random",
            "group": table["group"].map(first), "category": table["category"],
        }
    )  # fmt: skip
    table = table.loc[order.sort_values(list(order.columns)).index].reset_index(drop=True)
    result = Result(table, kind="shares")
    result.attrs = {"level": level, "fewest": fewest, **frame.attrs}
    return result


def _with_register(frame: pd.DataFrame, register: Register) -> pd.DataFrame:
    """Return visits with place and department of the register where they have none themselves."""
    homes = register.tables["households"].sort_values(["valid_from", "recorded_at"], kind="stable", na_position="first")
    newest_home = (
        homes.drop_duplicates("household_id", keep="last").set_index("household_id")["area_code"].astype("str")
    )
    known = {"area_code": newest_home.reindex(frame["household_id"]).to_numpy(dtype="object")}
    signals = register.tables["warnings"]
    # Nobody goes because of a signal that was not on record yet.
    signals = signals.assign(
        sender=signals["department"].where(
            signals["department"].fillna("").ne(""), CHANNEL_MARK + signals["channel"].astype("str")
        ),
        known=signals[["event_date", "recorded_at"]].max(axis=1).astype("datetime64[s]"),
    ).dropna(subset="known")
    signals = signals.sort_values("known", kind="stable")[["household_id", "known", "sender"]]
    # A signal counts from the day after it, so that what a visit itself led to is no reason for it.
    dated = frame[["household_id", "on"]].assign(place=range(len(frame))).sort_values("on", kind="stable")
    newest = pd.merge_asof(
        dated, signals, left_on="on", right_on="known", by="household_id", allow_exact_matches=False,
        tolerance=pd.Timedelta(days=DAYS_PER_MONTH * SIGNAL_WINDOW_MONTHS),
    )  # fmt: skip
    known["department"] = newest.sort_values("place")["sender"].to_numpy(dtype="object")
    for name, values in known.items():
        own = (
            frame[name].astype("object")
            if name in frame.columns
            else pd.Series(None, index=frame.index, dtype="object")
        )
        frame[name] = own.where(own.notna() & (own != ""), pd.Series(values, index=frame.index, dtype="object"))
    return frame


def _asked_by(frame: pd.DataFrame, by: Sequence[str] | None) -> list[str]:
    """Return what shares are told by; refuse what is not known of any visit."""
    told = [name for name, column in SHARES_BY.items() if column in frame.columns and frame[column].notna().any()]
    if by is None:
        return told
    if isinstance(by, str) or any(name not in SHARES_BY for name in by):
        raise SchemaError("by is {by!r}; expected a list of some of {groups}", by=by, groups=tuple(SHARES_BY))
    for name in by:
        if name not in told:
            raise SchemaError(
                "by={by!r}: no visit has a value in {column}; expected it beside the results, or register=",
                by=name,
                column=SHARES_BY[name],
            )
    return list(dict.fromkeys(by))


def _category_of_visit(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return the category of each visit."""
    values = frame[SHARES_BY[name]]
    if name in ("county", "township"):
        found = unit_of(values.astype("str").where(values.notna()), "county" if name == "county" else "township")
    else:
        found = values.astype("str").where(values.notna(), "").str.split(BETWEEN_CAUSES).str[0]
    return found.where(found.notna() & (found != ""), UNKNOWN)


def _cells_hidden(table: pd.DataFrame, fewest: int) -> pd.Series:
    """Return for each cell the note why it is not shown, or ``""``."""
    few = np.where(table["told"] < fewest, note("suppressed_visits", fewest), "")
    why: pd.Series[str] = pd.Series(few, index=table.index, dtype="str")
    parts = table[table["month"] != ALL]
    lines = [rows for _, rows in table[table["group"] != ALL].groupby(["month", "how", "group"])]
    lines += [rows for _, rows in parts.groupby(["how", "group", "category"])]
    changed = True
    while changed:
        changed = False
        for rows in lines:
            shown = rows[why.loc[rows.index] == ""]
            if len(shown) and len(shown) == len(rows) - 1:
                smallest = shown.sort_values(["told", "category", "month"]).index[:1]
                why.loc[smallest] = note("suppressed_total")
                changed = True
    return why
