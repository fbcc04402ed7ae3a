"""Rows that are about the same household: said once, put together, or kept apart and reported.

Several sheets complement one another: missing against a value is no conflict. Where two sheets differ, the one that is
more clearly of the table, or the newer file, decides; where none is, the doubtful cell is left out and the household
stays. Nobody is removed by a list that is about something else, and nobody is added by it; sheets with accounts of
households or with their members are no such lists.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from fanpin_risk.records.editions import editions_of, is_newer
from fanpin_risk.records.rows import Rows
from fanpin_risk.words import Message, listed

__all__ = ["DOUBTFUL_RANK", "date_by_others", "merge_states"]

DOUBTFUL_RANK = 2  # known by headers alone, or a few columns beside those of another table
SHEETS_SHOWN = 3  # in a message


def date_by_others(rows: Rows) -> None:
    """Date rows that have no day of their own by others of the same: what only adds to them needs none.

    Rows of doubtful sheets of households and members take the newest day of their entity in a clear sheet; rows of
    monitoring that stand on each member's row the day of the household's row that has one.

    Parameters
    ----------
    rows : Rows
        With times filled as far as the sheets say them; is changed.
    """
    table, frame = rows.table, rows.frame
    if table.name not in ("households", "members", "monitoring"):
        return
    day = frame[table.time].to_numpy()
    empty = np.isnat(day) & ~rows.fault[table.time] & ~rows.rejected
    entity = [table.key[0]]
    if table.name == "monitoring":
        empty &= rows.per_member
        entity = [table.key[0], "type"]
        if empty.any():
            frame = frame.assign(source=pd.factorize(rows.sources)[0])
            entity = [*entity, "source"]
    else:
        leavers = np.array([part.layout.leavers for part in rows.parts], dtype=bool)  # dated by whom they name
        empty &= (rows.rank >= DOUBTFUL_RANK) & ~leavers[rows.sheet]
    if not empty.any():
        return
    clear = rows.rank < DOUBTFUL_RANK
    if table.name == "households" and not clear.any():
        clear = rows.lists
    known = ~np.isnat(day) & ~rows.rejected & (clear | (table.name == "monitoring"))
    newest = frame[known].sort_values(table.time, kind="stable").drop_duplicates(entity, keep="last")
    found = frame.loc[empty, entity].merge(newest[[*entity, table.time]], on=entity, how="left")[table.time].to_numpy()
    places = np.flatnonzero(empty)[~np.isnat(found)]
    days = found[~np.isnat(found)].astype("datetime64[s]")
    rows.frame.loc[places, table.time] = days
    rows.first[table.time][places] = rows.last[table.time][places] = days


def merge_states(rows: Rows, *, with_clear: Collection[str] = ()) -> None:
    """Put together the rows of a table of states that are about one entity at one time.

    Parameters
    ----------
    rows : Rows
        Of households, members or monitoring, with times filled; is changed.
    with_clear : collection of str
        Of members: households of which clear sheets have members in other parts of the register.
    """
    alive = ~rows.rejected
    if not alive.any():
        return
    entity = rows.table.key[0]
    ids = [column.name for column in rows.table.columns if column.type == "id"]  # nobody is put into another household
    group = _groups_alike(rows, list(dict.fromkeys([*rows.table.key, *ids, "recorded_at"])), alive)
    # Also where its rows were rejected, or are of other households: a doubtful sheet never takes their place.
    best = min(rows.ranks.values())
    lesser = alive & (rows.rank > best) & (rows.rank >= DOUBTFUL_RANK)
    if lesser.any():
        lesser &= ~_listed_there_only(rows, lesser, alive & ~lesser, entity, with_clear)
        _follow(rows, group, lesser, alive & ~lesser, entity, with_clear)
    together = np.bincount(group[group >= 0], minlength=len(group))
    several = (group >= 0) & (together[group] > 1)
    if several.any():
        _join(rows, np.flatnonzero(several), group)


def _listed_there_only(
    rows: Rows, lesser: np.ndarray, clear: np.ndarray, entity: str, with_clear: Collection[str]
) -> np.ndarray:
    """Return rows of doubtful sheets that list households, or members of households, which no clear sheet has."""
    if rows.table.name not in ("households", "members"):
        return np.zeros(len(lesser), dtype=bool)
    households = rows.frame["household_id"]
    found: np.ndarray = (
        lesser
        & rows.lists
        & ~rows.whole
        & households.notna().to_numpy()
        & ~households.isin({*households[clear], *with_clear}).to_numpy()
    )
    if rows.table.name == "members":
        ids = rows.frame[entity]
        found &= rows.frame["relation"].notna().to_numpy() & ~ids.isin(ids[clear]).to_numpy()
    return found


def _groups_alike(rows: Rows, names: list[str], alive: np.ndarray) -> np.ndarray:
    """Return a number for each different key; -1 for rows that take no part."""
    group = np.full(len(rows.frame), -1)
    keys = rows.frame.loc[alive, names]
    if not keys.duplicated(keep=False).any() and (rows.rank[alive] == rows.rank[alive].min()).all():
        group[alive] = np.arange(int(alive.sum()))
        return group
    group[alive] = keys.groupby(names, dropna=False, sort=False, observed=True).ngroup().to_numpy()
    return group


def _follow(
    rows: Rows, group: np.ndarray, lesser: np.ndarray, clear: np.ndarray, entity: str, with_clear: Collection[str]
) -> None:
    """Let rows of doubtful sheets add to the newest row of their entity in a clear one.

    They add no entities, unless their sheet is a register by itself: then it is the clear sheet that is not whole.
    Households in sheets that list them, and their members, are among the clear rows.
    """
    ids = rows.frame[entity]
    newest = rows.frame.loc[clear, [entity, "recorded_at"]].assign(at=np.flatnonzero(clear))
    if rows.table.time in rows.frame:
        newest = newest.assign(time=rows.frame.loc[clear, rows.table.time])
        newest = newest.sort_values(["time", "recorded_at"], kind="stable", na_position="first")
    target = ids[lesser].map(newest.drop_duplicates(entity, keep="last").set_index(entity)["at"])
    places = np.flatnonzero(lesser)
    known = target.notna().to_numpy()
    same_time = np.zeros(len(places), dtype=bool)
    same_time[known] = np.isin(group[places[known]], group[clear])
    move = known & ~same_time
    if rows.table.name in ("households", "members"):
        group[places[move]] = group[target[move].to_numpy(dtype="int64")]
        own = ~known & rows.whole[places]
        if rows.table.name == "members":  # in a household of which both know nobody alike, ids are others, not persons
            home = rows.frame["household_id"]
            own &= (
                ~home[lesser].isin({*home[clear], *with_clear}) | home[lesser].isin(home.iloc[places[known]])
            ).to_numpy()
        _name_own(rows, places[own], entity)
        strangers = places[~known & ~own]
        rows.report(
            strangers, entity, "only_in_doubtful_sheet", "rejected",
            Message("an id that stands in a sheet of this table; this sheet is of another kind and adds nobody"),
        )  # fmt: skip
        group[strangers] = -1


def _name_own(rows: Rows, places: np.ndarray, entity: str) -> None:
    """Name what only a sheet that is a register by itself has, once each; it is kept."""
    first = places[~rows.frame[entity].iloc[places].duplicated().to_numpy()]
    if len(first):
        most = max(min(rows.ranks.values()), DOUBTFUL_RANK - 1)
        clear = sorted(source for source, rank in rows.ranks.items() if rank <= most)
        rows.report(
            first, entity, "not_in_other_sheet", "warning",
            Message("an id that stands in {source} too, which is not whole; kept, with all that this sheet says of it",
                    source=listed(clear[:SHEETS_SHOWN])),
        )  # fmt: skip


def _join(rows: Rows, places: np.ndarray, group: np.ndarray) -> None:
    """Put the values of each group into its first row; leave out cells that contradict each other."""
    edition = editions_of(rows.sources)
    order = places[np.lexsort((places, -edition[places], rows.rank[places], group[places]))]
    number = group[order]
    first = np.concatenate([[True], number[1:] != number[:-1]])
    head = order[np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))]
    differing = np.zeros(len(order), dtype=bool)
    keys = {*rows.table.key, *(column.name for column in rows.table.columns if column.type == "id"), "recorded_at"}
    clashes: list[tuple[str, np.ndarray]] = []
    for column in rows.table.columns:
        if column.name in keys:
            continue
        values = rows.frame[column.name]
        mine = values.iloc[order]
        numbers = pd.factorize(mine)[0]
        known = numbers >= 0
        if not known.any():
            continue
        position = np.where(known, np.arange(len(order)), len(order))
        winner = np.full(len(rows.frame), len(order))
        np.minimum.at(winner, head, position)
        at = winner[head]
        has = at < len(order)
        at = np.where(has, at, 0)
        unlike = known & has & (numbers != numbers[at])
        clash = unlike & (rows.rank[order] == rows.rank[order[at]])
        clash &= ~is_newer(edition[order[at]], edition[order])
        differing |= unlike | (has & ~known & (at != np.arange(len(order))))
        filled = first & has & ~known
        if filled.any():
            rows.frame.loc[order[filled], column.name] = mine.iloc[at[filled]].to_numpy()
            for side in (rows.first, rows.last):
                if column.name in side:
                    side[column.name][order[filled]] = side[column.name][order[at[filled]]]
        if clash.any():
            clashes.append((column.name, np.unique(head[clash])))
    # Rows that only repeat are reported by the checks that follow, but for other sheets and those where a row is a member.
    said = np.isin(number, number[differing]) | (rows.rank[order] >= DOUBTFUL_RANK) | rows.per_member[order]
    said = ~first & (said | (rows.sources[order] != rows.sources[head]))
    rows.absorbed[order[said]] = True
    for name, heads in clashes:
        mask = np.zeros(len(rows.frame), dtype=bool)
        mask[heads] = True
        rows.blank(
            mask, name, "values_differ",
            Message("one value; rows or sheets that are about the same differ, and none is clearly newer"),
        )  # fmt: skip
