"""Which sub-kind of measure stands in the column of measures itself: 雨露计划, or 教育帮扶-雨露计划."""

from __future__ import annotations

import re

import pandas as pd

from fanpin_risk.records.cells import Parsed, parse
from fanpin_risk.records.cells.cleaning import as_text
from fanpin_risk.records.declarations import Column

__all__ = ["parse_sub_measures"]

BEHIND_KIND = re.compile(r"^[^-—:：·(（]+[-—:：·(（]+([^)）]+)[)）]?$")
TELLS_NOTHING = ("other", "temporary_aid")  # what the kind says already


def parse_sub_measures(cells: pd.Series, column: Column) -> Parsed:
    """Parse cells of kinds of measures for what they say of the sub-kind; a cell that says nothing of it is missing.

    Parameters
    ----------
    cells : Series of shape (n,)
        Of the column of measures.
    column : Column
        That of sub-kinds.

    Returns
    -------
    Parsed
        Without faults: what a cell is at fault with is said of the kind.

    Examples
    --------
    >>> from fanpin_risk.records.schema import TABLES
    >>> cells = pd.Series(["雨露计划", "健康帮扶-参保资助", "产业帮扶", "其他", None])
    >>> parse_sub_measures(cells, TABLES["supports"]["sub_measure"]).column.tolist()
    ['yulu', 'insurance_subsidy', nan, nan, nan]
    """
    numbers, unique = pd.factorize(cells)
    texts = [as_text(one) for one in unique]
    behind = [found[1] if (found := BEHIND_KIND.match(text)) else None for text in texts]
    whole = parse(pd.Series(texts, dtype="str"), column).column
    found_behind = parse(pd.Series(behind, dtype="str"), column).column
    said = whole.where(whole.notna(), found_behind)
    said = said.where(~said.isin(TELLS_NOTHING))
    return Parsed(said.reindex(numbers).reset_index(drop=True))
