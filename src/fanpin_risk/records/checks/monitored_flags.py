"""Who is monitored by columns of yes and no (是否监测户, 是否边缘易致贫户), and where other columns or sheets contradict them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from fanpin_risk.records.rows import Rows
from fanpin_risk.words import Message, listed

__all__ = ["doubt_denied", "note_unknown_types", "take_flags"]

# Column that asks for a type -> the type.
TYPE_ASKED: Mapping[str, str] = MappingProxyType(
    {
        "monitored_unstable": "unstable_ex_poor",
        "monitored_edge": "edge",
        "monitored_sudden": "sudden_hardship",
    }
)


def take_flags(rows: Rows) -> None:
    """Let columns of yes and no say who is monitored, and of which type where they ask for one; report contradictions.

    A type that is written out wins over a no, for no is what forms hold that nobody filled in. A row that says of nobody
    that he is monitored is no entry.

    Parameters
    ----------
    rows : Rows
        Of monitoring; is changed: what columns that ask for a type say goes into ``type``, and ``monitored`` is yes where it is missing.
    """
    frame = rows.frame
    asked = ["monitored", *TYPE_ASKED]
    yes = {name: frame[name].fillna(False).to_numpy(dtype=bool) for name in asked}
    no = {name: ~frame[name].fillna(True).to_numpy(dtype=bool) for name in asked}
    if not any(yes[name].any() or no[name].any() for name in asked):
        return
    alive = ~rows.rejected
    over = frame["eliminated"].fillna(False).to_numpy(dtype=bool) | frame["eliminated_on"].notna().to_numpy()
    given = frame["type"].notna().to_numpy()
    n_types = np.sum([yes[name] for name in TYPE_ASKED], axis=0)
    for name, code in TYPE_ASKED.items():
        mine = (frame["type"] == code).fillna(False).to_numpy(dtype=bool)
        _report_unlike(rows, alive & given & ~over & ((yes[name] & ~mine) | (no[name] & mine)), name, "type")
        frame.loc[yes[name] & ~given & (n_types == 1), "type"] = code
    several = alive & ~given & (n_types > 1)
    names = listed(_column_label(rows, name) for name in TYPE_ASKED)
    rows.report(
        several, "type", "monitoring_contradicts", "warning",
        Message("one type; several of {columns} say yes, so the type stays missing and the household counts as monitored", columns=names),
    )  # fmt: skip
    of_type = np.logical_or.reduce([yes[name] for name in TYPE_ASKED])
    _report_unlike(rows, alive & no["monitored"] & given & ~over, "monitored", "type")
    for name in TYPE_ASKED:
        _report_unlike(rows, alive & no["monitored"] & yes[name] & ~given & ~over, "monitored", name)
    dated = frame["identified_on"].notna().to_numpy() & ~given & ~of_type
    _report_unlike(rows, alive & no["monitored"] & dated & ~over, "monitored", "identified_on")
    monitored = yes["monitored"] | of_type | (no["monitored"] & dated)
    says_nothing = ~monitored & ~given & ~rows.fault["type"] & ~dated
    says_nothing &= np.logical_or.reduce([no[name] | rows.fault[name] for name in asked])
    rows.absorbed |= says_nothing & alive
    frame["monitored"] = pd.Series(True, frame.index, dtype="boolean").where(
        monitored & frame["type"].isna().to_numpy()
    )
    frame[list(TYPE_ASKED)] = pd.NA
    frame[list(TYPE_ASKED)] = frame[list(TYPE_ASKED)].astype("boolean")


def note_unknown_types(rows: Rows) -> None:
    """Say where it is only known that households are monitored, not as which type.

    Parameters
    ----------
    rows : Rows
        Of monitoring, completed.
    """
    untyped = rows.frame["monitored"].fillna(False).to_numpy(dtype=bool) & rows.frame["type"].isna().to_numpy()
    for source in pd.unique(rows.sources[untyped & ~rows.rejected & ~rows.absorbed]):
        rows.problems.note(
            table=rows.table.name, source=str(source), column=rows.table["type"].zh, code="type_unknown",
            text=Message("is not said of all who are monitored; their type stays missing"),
        )  # fmt: skip


def doubt_denied(rows: Rows, denials: Rows, households: Rows) -> None:
    """Name households that one sheet calls not monitored and another monitored, on a day on which that had not ended.

    Parameters
    ----------
    rows : Rows
        Of monitoring, completed.
    denials : Rows
        Rows of other columns or sheets that say no.
    households : Rows
        Says of which day the rows are; elsewhere it is the newest of the household.
    """
    frame = rows.frame
    if not len(denials.frame):
        return
    running = frame["eliminated_on"].isna() & ~frame["eliminated"].fillna(False).astype(bool)
    running &= (frame["type"].notna() | frame["monitored"].fillna(False).astype(bool)) & ~rows.rejected & ~rows.absorbed
    places = np.flatnonzero(running)
    spells = frame.loc[places, ["household_id", "identified_on"]].assign(place=places)
    denied = denials.frame[["household_id"]].assign(row=np.arange(len(denials.frame)))
    of_rows = pd.MultiIndex.from_arrays([rows.sources[places], rows.rows[places]])
    own = pd.MultiIndex.from_arrays([denials.sources, denials.rows]).isin(of_rows)  # reported with its row
    denied = denied[denied["household_id"].isin(spells["household_id"]) & ~own]
    if not len(denied):
        return
    denied = denied.assign(day=_days_of_no(denied, denials, households))
    denied = denied.sort_values("day", kind="stable", na_position="first").drop_duplicates("household_id", keep="last")
    both = spells.merge(denied, on="household_id")
    both = both[~(both["identified_on"] > both["day"])].drop_duplicates("household_id", keep="last")
    for source in pd.unique(denials.sources[both["row"]]):
        mine = both.loc[denials.sources[both["row"]] == source, "place"].to_numpy()
        rows.report(
            mine, "monitored", "monitoring_contradicts", "warning",
            Message(
                "the same in all sheets; {source} says no, {column} or a day in this row says that the household is monitored, and "
                "nothing says that it ended; it counts as monitored",
                source=str(source), column=_column_label(rows, "type"),
            ),
        )  # fmt: skip


def _days_of_no(denied: pd.DataFrame, denials: Rows, households: Rows) -> np.ndarray:
    """Return the newest day of which a row may be: that of the same row as one of households, else that of the data."""
    at = denied["row"].to_numpy()
    days = np.where(np.isnat(denials.data_date), denials.span[1], denials.data_date)[at]
    last = households.last["valid_from"]
    of_row = pd.Series(last, index=pd.MultiIndex.from_arrays([households.sources, households.rows]))
    of_row = of_row[~of_row.index.duplicated()]
    own = of_row.reindex(pd.MultiIndex.from_arrays([denials.sources[at], denials.rows[at]])).to_numpy()
    days = np.where(np.isnat(own), days, own)
    newest = pd.Series(last, index=households.frame["household_id"]).groupby(level=0).max()
    rest = newest.reindex(denied["household_id"]).to_numpy(dtype="datetime64[s]")
    return np.where(np.isnat(days), rest, days)


def _report_unlike(rows: Rows, where: np.ndarray, name: str, other: str) -> None:
    """Report rows in which a column of yes and no contradicts another column, which is used."""
    rows.report(
        where, name, "monitoring_contradicts", "warning",
        Message("what {column} says; they contradict each other, {column} is used, and the household counts as monitored",
                column=_column_label(rows, other)),
    )  # fmt: skip


def _column_label(rows: Rows, name: str) -> Message:
    return Message(name, zh=rows.table[name].zh)
