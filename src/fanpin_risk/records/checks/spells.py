"""Spells of monitoring of which a sheet says that they are, but not since or until which day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fanpin_risk.records.cells.contents import among
from fanpin_risk.records.rows import Rows
from fanpin_risk.words import Message

__all__ = ["complete_spells"]


def complete_spells(rows: Rows, households: Rows) -> None:
    """Fill unknown days of identification and elimination by that of the data, which they cannot be after; report them.

    Parameters
    ----------
    rows : Rows
        Of monitoring, before ``recorded_at`` is filled; is changed.
    households : Rows
        Where nothing else says of which day the data are, the newest year, month or day given with the household.
    """
    frame = rows.frame
    _leave_to_lists(rows)
    shown = frame["recorded_at"].to_numpy(dtype="datetime64[s]").copy()
    for days in (rows.data_date, rows.span[1]):
        shown = np.where(np.isnat(shown), days, shown)
    ids = households.frame["household_id"]
    asked = among(ids, frame["household_id"])
    dated = pd.Series(households.last["valid_from"][asked], index=ids[asked]).groupby(level=0).max()
    of_household = dated.reindex(frame["household_id"]).to_numpy(dtype="datetime64[s]")
    shown = np.where(np.isnat(shown), of_household, shown)
    ended = frame["eliminated_on"].to_numpy(dtype="datetime64[s]").copy()
    since = frame["identified_on"].isna().to_numpy() & ~rows.fault["identified_on"] & _says_monitored(frame)
    latest = np.where(np.isnat(ended) | (ended > shown), shown, ended)
    since &= ~np.isnat(latest) & ~rows.absorbed
    _leave_to_dated(rows, since, shown)
    since &= ~rows.absorbed
    _fill(rows, "identified_on", since, latest)
    frame.loc[since, "identified_before"] = True
    rows.report(
        since, "identified_on", "identification_unknown", "warning",
        Message("the day of identification; it is not known, so that of the data stands for it: monitored then at the latest"),
    )  # fmt: skip
    over = frame["eliminated"].fillna(False).to_numpy(dtype=bool)
    began = frame["identified_on"].to_numpy(dtype="datetime64[s]")
    undated = over & np.isnat(ended) & ~rows.fault["eliminated_on"] & ~rows.absorbed
    until = undated & ~np.isnat(shown) & ~(shown < began)
    _fill(rows, "eliminated_on", until, shown)
    rows.report(
        until, "eliminated_on", "elimination_unknown", "warning",
        Message("the day on which the risk was declared over; it is not known, so that of the data stands for it: over by then"),
    )  # fmt: skip
    rows.report(
        undated & ~until & ~np.isnat(began), "eliminated_on", "elimination_unknown", "warning",
        Message("the day on which the risk was declared over; it is not known, and the household counts as no longer monitored"),
    )  # fmt: skip
    running = (~frame["eliminated"]).fillna(False).to_numpy(dtype=bool)
    rows.report(
        running & ~np.isnat(ended) & ~rows.absorbed, "eliminated", "elimination_contradicts", "warning",
        Message("yes where a day of elimination is given; the day is used"),
    )  # fmt: skip


def _leave_to_lists(rows: Rows) -> None:
    """Absorb what only 户类型 says of households of which a sheet about monitoring says more."""
    by_status = np.array([part.layout.by_status for part in rows.parts], dtype=bool)
    if by_status.any():
        less = by_status[rows.sheet]
        listed = rows.frame.loc[~less & ~rows.rejected & ~rows.absorbed, "household_id"]
        rows.absorbed |= less & rows.frame["household_id"].isin(listed).to_numpy()


def _leave_to_dated(rows: Rows, undated: np.ndarray, shown: np.ndarray) -> None:
    """Absorb rows without a day of households whose spells are dated elsewhere; that a risk is over is kept."""
    frame = rows.frame
    dated = np.flatnonzero(frame["identified_on"].notna() & _says_monitored(frame) & ~rows.rejected)
    newest = frame.loc[dated, ["household_id", "identified_on"]].assign(place=dated)
    newest = newest.sort_values("identified_on", kind="stable").drop_duplicates("household_id", keep="last")
    target = frame["household_id"].map(newest.set_index("household_id")["place"])
    found = np.flatnonzero(undated & target.notna().to_numpy())
    rows.absorbed[found] = True
    at = target.iloc[found].to_numpy(dtype="int64")
    _fill(
        rows, "identified_on", *_spread(len(frame), found, frame["identified_on"].to_numpy(dtype="datetime64[s]")[at])
    )
    over = frame["eliminated"].fillna(False).to_numpy(dtype=bool)[found]
    open_still = frame["eliminated"].isna().to_numpy()[at] & frame["eliminated_on"].isna().to_numpy()[at]
    for row, spell in zip(found[over & open_still], at[over & open_still], strict=True):
        frame.loc[spell, "eliminated"] = True
        shown[spell] = shown[row] if np.isnat(shown[spell]) else max(shown[spell], shown[row])


def _says_monitored(frame: pd.DataFrame) -> np.ndarray:
    """Tell which rows say that a household is, or was, monitored."""
    monitored: np.ndarray = frame["type"].notna().to_numpy() | frame["monitored"].fillna(False).to_numpy(dtype=bool)
    return monitored


def _spread(n: int, places: np.ndarray, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a mask of some of `n` rows, and their days among as many."""
    where, all_days = np.zeros(n, dtype=bool), np.full(n, np.datetime64("NaT", "s"))
    where[places], all_days[places] = True, days
    return where, all_days


def _fill(rows: Rows, name: str, where: np.ndarray, days: np.ndarray) -> None:
    """Put days into a column of dates."""
    rows.frame.loc[where, name] = pd.Series(days, index=rows.frame.index)[where]
    for side in (rows.first, rows.last):
        side[name] = np.where(where, days, side[name])
