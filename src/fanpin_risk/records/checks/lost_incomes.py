"""Households of which incomes may be lost, in a file that was not read or whose ids do not match: each is named."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fanpin_risk.records.income_items import NODES
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.rows import Rows
from fanpin_risk.words import Message, listed

__all__ = ["name_lost_incomes"]

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
    ids = tables["households"]["household_id"]
    lost: dict[str, np.ndarray] = {source: np.ones(len(ids), dtype=bool) for source in problems.whole_files("incomes")}
    records = tables["incomes"]
    for source, meant in unmatched.items():
        if meant:
            lost[source] = ids.isin(list(meant.values())).to_numpy()
            continue
        items = _items_of(incomes, source)
        having = records.loc[records["item"].isin(list(items)).to_numpy(), "household_id"]
        lost[source] = ~ids.isin(having).to_numpy()
    concerned = np.logical_or.reduce([np.zeros(len(ids), dtype=bool), *lost.values()])
    first = concerned & ~ids.duplicated().to_numpy()
    if not first.any():
        return
    files = sorted(source for source, mask in lost.items() if mask.any())
    rows.report(
        origin[first], "", "income_lost", "warning",
        Message("incomes that may stand in {files}, which could not be used", files=listed(files[:LOST_FILES_SHOWN])),
    )  # fmt: skip


def _items_of(incomes: Rows, source: str) -> set[str]:
    """Return the items that a sheet has amounts of."""
    mine = incomes.sources == source
    items = {NODES[figure].item for figure, amounts in incomes.amounts.items() if (~np.isnan(amounts[mine])).any()}
    return items | {NODES[str(item)].item for item in incomes.frame.loc[mine, "item"].dropna().unique()}
