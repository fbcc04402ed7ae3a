"""Who is gone, closed or no longer monitored by notes, by columns of changes, or by a list of those who left."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fanpin_risk.records.cells import missing
from fanpin_risk.records.rows import Rows
from fanpin_risk.words import Message

__all__ = ["follow_lists_of_leavers", "take_endings"]

# What a list of closed households says, which has nothing else of them.
OF_CLOSED = frozenset(("household_id", "valid_from", "valid_to", "recorded_at", "present", "remark"))
JOINED, SILENT, DOUBTFUL = "joined", "silent", "doubtful"


def take_endings(rows: Rows) -> None:
    """Let notes and columns of changes say who is gone or no longer monitored; name those of whom they may say it.

    Only a whole note that can be read in one way counts; what it says against another column of the row is doubtful, too.

    Parameters
    ----------
    rows : Rows
        Of households, members or monitoring; is changed: the columns ``remark`` and ``change`` are emptied.
    """
    if "remark" not in rows.table:
        return
    frame = rows.frame
    names = [name for name in ("change", "remark") if name in rows.table]
    if not any(frame[name].notna().any() for name in names):
        return
    if rows.table.name == "monitoring":
        _end_monitoring(rows)
    else:
        _leave(rows)
    for name in names:
        frame[name] = missing(rows.table[name], len(frame))


def _leave(rows: Rows) -> None:
    """Take notes and changes of persons and households."""
    frame = rows.frame
    note = frame["remark"].astype(object)
    certain = note.notna().to_numpy() & ~note.isin([SILENT, DOUBTFUL]).to_numpy()
    here = frame["present"].fillna(False).to_numpy(dtype=bool)
    if "change" in rows.table:
        change = frame["change"].astype(object)
        joined = (change == JOINED).to_numpy()
        left = change.notna().to_numpy() & ~joined
        _drop_days_of_joining(rows, ~left)
        gone = _said_gone(rows)
        use = (left & ~here & frame["left_reason"].isna().to_numpy()) | (certain & ~joined & ~left & ~here & ~gone)
        frame.loc[use, "left_reason"] = change.where(left, note)[use]
        doubtful = left | certain | (note == DOUBTFUL).to_numpy()
    else:
        gone = _said_gone(rows)
        use = certain & ~here & ~gone
        frame.loc[use, "present"] = False
        doubtful = certain | (note == DOUBTFUL).to_numpy()
    rows.report(
        doubtful & ~use & ~gone & ~rows.rejected, "present", "leaving_doubtful", "warning",
        Message(
            "a clear word, in its own column, on who is gone: a note or a column of changes may say that somebody died or left, or "
            "that the household was closed; it was not taken to mean this row, which counts"
        ),
    )  # fmt: skip


def _said_gone(rows: Rows) -> np.ndarray:
    """Tell which rows say in columns of their own that somebody is gone."""
    frame = rows.frame
    gone: np.ndarray = ~frame["present"].fillna(True).to_numpy(dtype=bool) | frame["valid_to"].notna().to_numpy()
    return gone | frame["left_reason"].notna().to_numpy() if "left_reason" in frame else gone


def _drop_days_of_joining(rows: Rows, where: np.ndarray) -> None:
    """Let days of a column of changes (人员增减时间) not be days of leaving where nobody left."""
    frame, start = rows.frame, 0
    gone = ~frame["present"].fillna(True).to_numpy(dtype=bool) | frame["left_reason"].notna().to_numpy()
    for part in rows.parts:
        mine = np.zeros(len(frame), dtype=bool)
        mine[start : start + len(part.frame)] = True
        start += len(part.frame)
        place = part.layout.columns.get("valid_to")
        if "change" not in part.layout.columns or place is None:
            continue
        header = part.headers[place[0]]
        if not ("增" in header or "变动" in header):
            continue
        drop = mine & where & ~gone & frame["valid_to"].notna().to_numpy()
        frame.loc[drop, "valid_to"] = pd.NaT
        for side in (rows.first, rows.last):
            side["valid_to"] = np.where(drop, np.datetime64("NaT", "s"), side["valid_to"])


def _end_monitoring(rows: Rows) -> None:
    """Take notes and changes of monitored households."""
    frame = rows.frame
    notes = [frame[name].astype(object) for name in ("change", "remark")]
    over = np.logical_or.reduce([(note == "over").to_numpy() for note in notes])
    running = np.logical_or.reduce([(note == "running").to_numpy() for note in notes])
    maybe = np.logical_or.reduce([(note == DOUBTFUL).to_numpy() for note in notes])
    said_over = frame["eliminated"].fillna(False).to_numpy(dtype=bool) | frame["eliminated_on"].notna().to_numpy()
    said_running = ~frame["eliminated"].fillna(True).to_numpy(dtype=bool)
    use = over & ~running & ~said_running & ~said_over
    frame.loc[use, "eliminated"] = True
    rows.report(
        (maybe | over) & ~use & ~said_over & ~rows.rejected & ~rows.absorbed, "eliminated", "elimination_doubtful", "warning",
        Message(
            "a clear word, in its own column, on whether the risk is over: a note or another column may say so; the household counts "
            "as monitored"
        ),
    )  # fmt: skip


def _leave_out_unknown(rows: Rows, listed: np.ndarray, others: np.ndarray) -> None:
    """Leave out households that nothing but a list of closed ones names: it says when they ended, and adds none."""
    bare = np.array([part.layout.columns.keys() <= OF_CLOSED for part in rows.parts], dtype=bool)
    ids = rows.frame["household_id"]
    unknown = listed & bare[rows.sheet] & (ids.notna() & ~ids.isin(ids[others])).to_numpy()
    unknown &= rows.origin != "column"
    rows.fault["valid_from"] |= unknown  # its day is not asked for
    rows.report(
        unknown, "household_id", "closed_elsewhere", "rejected",
        Message("a household of the register; a list of closed ones names it, and adds none"),
    )  # fmt: skip


def follow_lists_of_leavers(rows: Rows) -> None:
    """Put what a list of those who left says of a person or household to the newest row of the same in other sheets.

    Such a list is of another day than the register; who left has left whichever is newer.

    Parameters
    ----------
    rows : Rows
        Of households or members, with times filled as far as the sheets say them; is changed.
    """
    if rows.table.name not in ("households", "members"):
        return
    of_list = np.array([part.layout.leavers for part in rows.parts], dtype=bool)
    listed = of_list[rows.sheet] & ~rows.rejected if len(of_list) else np.zeros(0, dtype=bool)
    others = ~listed & ~rows.rejected
    lists = {part.source for part in rows.parts if part.layout.leavers}
    ranks = [rank for source, rank in rows.ranks.items() if source not in lists]
    if not listed.any() or not ranks:  # other sheets may have their rows in other parts of the register
        return
    frame, clearest = rows.frame, min(ranks)
    rows.rank[listed] = clearest  # what only a list of leavers has is kept, too
    rows.ranks = {source: clearest if source in lists else rank for source, rank in rows.ranks.items()}
    entity = [column.name for column in rows.table.columns if column.name in ("household_id", "member_id")]
    known = others & frame["valid_from"].notna().to_numpy()
    newest = frame.loc[known, [*entity, "valid_from", "recorded_at"]].assign(at=np.flatnonzero(known))
    newest = newest.sort_values(["valid_from", "recorded_at"], kind="stable", na_position="first")
    newest = newest.drop_duplicates(entity, keep="last")
    if rows.table.name == "households":
        _leave_out_unknown(rows, listed, others)
        listed &= ~rows.rejected
    mine = np.flatnonzero(listed)
    found = frame.loc[mine, entity].merge(newest, on=entity, how="left")
    day = found["valid_from"].to_numpy(dtype="datetime64[s]")
    own = frame["valid_from"].to_numpy(dtype="datetime64[s]")[mine]
    by_column = rows.origin[mine] == "column"
    move = ~np.isnat(day) & (np.isnat(own) | (own < day) | (~by_column & (own > day)))
    places, days = mine[move], day[move]
    left = rows.last["valid_to"][places]
    later = places[left < days]
    frame.loc[places, "valid_from"] = days
    at = found.loc[move, "at"].to_numpy(dtype="int64")
    for side in (rows.first, rows.last):  # a year or a month is as long as that of the other row
        side["valid_from"] = side["valid_from"].copy()
        side["valid_from"][places] = side["valid_from"][at]
    recorded = found["recorded_at"].to_numpy(dtype="datetime64[s]")[move]
    written = frame["recorded_at"].to_numpy(dtype="datetime64[s]")[places]
    frame.loc[places, "recorded_at"] = np.where(np.isnat(written) | (written < recorded), recorded, written)
    rows.report(
        later, "valid_to", "listed_after_leaving", "warning",
        Message("no entry in another sheet of a later day: a list of those who left says that he is gone; he is not counted"),
    )  # fmt: skip
