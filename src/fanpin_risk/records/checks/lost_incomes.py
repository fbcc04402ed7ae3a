"""Households of which incomes may be lost, in a file that was not read or whose ids do not match: each is named."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from fanpin_risk.records.income_items import NODES
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.rows import Rows
from fanpin_risk.words import Message, listed

__all__ = ["INCOME_LOST", "income_lost_in", "items_by_sheet", "lost_by_sheet", "name_lost_incomes"]

INCOME_LOST = "income_lost"  # code of the problem
LOST_FILES_SHOWN = 3


def name_lost_incomes(
    problems: Problems,
    households: tuple[Rows, np.ndarray],
    incomes: Rows,
    tables: Mapping[str, pd.DataFrame],
    unmatched: Mapping[str, Mapping[str, str]],
) -> None:
    """Name the households of which incomes were not taken in, as far as that can be told.

    A file that was not read may have incomes of every household. Of one whose ids do not match, it is the households that
    are likely meant, else all of which nothing is on record of what stands there.

    Parameters
    ----------
    problems : Problems
        What was found so far.
    households : (Rows, ndarray)
        Rows of households, and the row of each record.
    incomes : Rows
    tables : mapping of str to DataFrame
        Checked ``households`` and ``incomes``.
    unmatched : mapping of str to mapping
        Sheets of incomes whose ids do not match, and which households of the register are likely meant by which id.
    """
    rows, origin = households
    ids, whole = tables["households"]["household_id"], problems.whole_files("incomes")
    lost = lost_by_sheet(ids, tables["incomes"], whole, unmatched, items_by_sheet(incomes) if unmatched else {})
    concerned = np.logical_or.reduce([np.zeros(len(ids), dtype=bool), *lost.values()])
    first = concerned & ~ids.duplicated().to_numpy()
    if not first.any():
        return
    files = sorted(source for source, mask in lost.items() if mask.any())
    rows.report(
        origin[first], "", INCOME_LOST, "warning", income_lost_in(files),
    )  # fmt: skip


def income_lost_in(files: Sequence[str]) -> Message:
    """Say in which files, in order, the incomes of a household may stand."""
    return Message("incomes that may stand in {files}, which could not be used", files=listed(files[:LOST_FILES_SHOWN]))


def lost_by_sheet(
    ids: pd.Series,
    records: pd.DataFrame,
    whole: Iterable[str],
    unmatched: Mapping[str, Mapping[str, str]],
    items: Mapping[str, Collection[str]],
) -> dict[str, np.ndarray]:
    """Return by sheet of which households it may have incomes that were not taken in.

    Parameters
    ----------
    ids : Series of str
        Of all households, or of some.
    records : DataFrame
        Their checked ``incomes``: ``household_id, item``.
    whole : iterable of str
        Sheets that were not read at all.
    unmatched : mapping of str to mapping
        See :func:`name_lost_incomes`.
    items : mapping of str to collection of str
        The items that each sheet has amounts of.

    Returns
    -------
    dict of str to ndarray of bool, shape (n_ids,)
    """
    lost: dict[str, np.ndarray] = {source: np.ones(len(ids), dtype=bool) for source in whole}
    for source, meant in unmatched.items():
        if meant:
            lost[source] = ids.isin(list(meant.values())).to_numpy()
            continue
        having = records.loc[records["item"].isin(list(items.get(source, ()))).to_numpy(), "household_id"]
        lost[source] = ~ids.isin(having).to_numpy()
    return lost


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
