"""Households of which rows may be lost, in a file that was not read or whose ids do not match: each is named."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pandas as pd

from fanpin_risk.records.checks.likely_ids import Meant
from fanpin_risk.records.income_items import NODES
from fanpin_risk.records.rows import Rows
from fanpin_risk.words import Message, listed

__all__ = ["LOST_CODES", "LostRows", "items_by_sheet", "lost_by_table", "name_lost_rows", "text_of_lost"]

LOST_FILES_SHOWN = 3
# Table -> code of the problem, and what is said of the household.
LOST_CODES: Mapping[str, str] = MappingProxyType(
    {"members": "members_lost", "incomes": "income_lost", "monitoring": "monitoring_lost"}
)


@dataclass(frozen=True, slots=True)
class LostRows:
    """What was not taken in of the tables without whose rows a household would be taken for one that has none.

    Attributes
    ----------
    whole : dict of str to set of str
        Per table, sheets that were not read at all: they may have rows of every household.
    meant : dict of (str, str) to Meant
        Per table and sheet, which households its rows may mean that name none of the register.
    items : dict of str to set of str
        Of incomes: the items that each sheet has amounts of.
    """

    whole: Mapping[str, Collection[str]]
    meant: Mapping[tuple[str, str], Meant]
    items: Mapping[str, Collection[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(self.whole.values()) or bool(self.meant)


def name_lost_rows(households: tuple[Rows, np.ndarray], tables: Mapping[str, pd.DataFrame], lost: LostRows) -> None:
    """Name the households of which members, incomes or entries on monitoring were not taken in, as far as that can be told.

    Parameters
    ----------
    households : (Rows, ndarray)
        Rows of households, and the row of each record.
    tables : mapping of str to DataFrame
        Checked tables.
    lost : LostRows
    """
    rows, origin = households
    ids = tables["households"]["household_id"]
    once = ~ids.duplicated().to_numpy()
    for table, sheets in lost_by_table(ids, tables, lost).items():
        concerned = np.logical_or.reduce([np.zeros(len(ids), dtype=bool), *sheets.values()])
        files = sorted(source for source, mask in sheets.items() if mask.any())
        if files:
            rows.report(origin[concerned & once], "", LOST_CODES[table], "warning", text_of_lost(table, files))


def text_of_lost(table: str, files: Sequence[str]) -> Message:
    """Say in which files, in order, the rows of a household may stand."""
    named = listed(files[:LOST_FILES_SHOWN])
    if table == "members":
        return Message("members who may stand in {files}, which could not be used", files=named)
    if table == "monitoring":
        return Message("an entry on monitoring that may stand in {files}, which could not be used", files=named)
    return Message("incomes that may stand in {files}, which could not be used", files=named)


def lost_by_table(
    ids: pd.Series, tables: Mapping[str, pd.DataFrame], lost: LostRows
) -> dict[str, dict[str, np.ndarray]]:
    """Return by table and sheet of which households it may have rows that were not taken in.

    Of ids in another form, it is the households that have them; of others those that may be meant and of which nothing is on
    record of what stands there, or of members not how many there are.

    Parameters
    ----------
    ids : Series of str
        Of all households, or of some.
    tables : mapping of str to DataFrame
        Their checked records: ``household_id``, of incomes ``item``, and ``households`` with ``size_declared``.
    lost : LostRows

    Returns
    -------
    dict of str to dict of str to ndarray of bool, shape (n_ids,)
    """
    found: dict[str, dict[str, np.ndarray]] = {}
    homes = tables["households"]
    declared = ids.isin(homes.loc[homes["size_declared"].notna(), "household_id"]).to_numpy()
    for table in LOST_CODES:
        records = tables[table]
        sheets = {source: np.ones(len(ids), dtype=bool) for source in lost.whole.get(table, ())}
        if table != "incomes":
            sheets = {source: ~ids.isin(records["household_id"]).to_numpy() for source in sheets}
        for (of_table, source), meant in lost.meant.items():
            if of_table != table:
                continue
            own = records
            if table == "incomes":
                own = records[records["item"].isin(list(lost.items.get(source, ()))).to_numpy()]
            lacking = ~ids.isin(own["household_id"]).to_numpy()
            if table == "members":  # else a household of which one member was lost is counted without him
                lacking |= ~declared
            maybe = np.ones(len(ids), dtype=bool) if meant.anybody else ids.isin(list(meant.maybe)).to_numpy()
            sheets[source] = ids.isin(list(meant.surely)).to_numpy() | (lacking & maybe)
        found[table] = sheets
    return found


def items_by_sheet(incomes: Rows) -> dict[str, set[str]]:
    """Return the items that each sheet has amounts of."""
    sheet, sources = pd.factorize(incomes.sources)
    items: dict[str, set[str]] = {str(source): set() for source in sources}
    for figure, amounts in incomes.amounts.items():
        for number in np.unique(sheet[~np.isnan(amounts)]):
            items[str(sources[number])].add(NODES[figure].item)
    named = pd.DataFrame({"sheet": sheet, "item": incomes.frame["item"].to_numpy(dtype=object)}).dropna()
    for number, item in named.drop_duplicates().itertuples(index=False):
        items[str(sources[number])].add(NODES[str(item)].item)
    return items
