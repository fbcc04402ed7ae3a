"""Numbers where the type of monitored households is asked for: codes of a list, or yes and no.

Offices write 1 for 脱贫不稳定户, 2 for 边缘易致贫户 and 3 for 突发严重困难户, or 1 for yes; each list numbers otherwise. A number
therefore never says the type. That its household is monitored it says where both readings agree, or the other cells of
the column leave only one; else the row is named and not used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from fanpin_risk.records.cells import Fault
from fanpin_risk.records.headers import header_key
from fanpin_risk.records.read.builder import ROW_FAULTS
from fanpin_risk.records.rows import RawRows
from fanpin_risk.words import Message

__all__ = ["TYPE_DOUBTS", "with_type_codes"]

ASKS_TYPE = re.compile("类[别型]|种类|分类")
TYPE_NUMBER = re.compile(r"0?(\d)(?:\.0)?")
MOST_MONITORED = 0.5  # of the households of a sheet, where an empty cell says that one is not
SAYS_MONITORED, TYPE_NUMBERS = "是", frozenset("123")
# What is said of rows that are kept, by code.
TYPE_DOUBTS: Mapping[str, Message] = MappingProxyType(
    {
        "type_by_number": Message(
            "the type of monitored households in words (脱贫不稳定户, 边缘易致贫户, 突发严重困难户): a number may be a code of a list or "
            "mean yes; the household counts as monitored, of unknown type"
        )
    }
)


def with_type_codes(raw: RawRows, status: int | None, *, only_monitored: bool) -> RawRows:
    """Let numbers for types of monitored households say no more than they can, and name the rows that have them.

    Parameters
    ----------
    raw : RawRows
        All rows of a sheet, as those of monitoring.
    status : int or None
        Position of 户类型, of which other numbers are codes.
    only_monitored : bool
        Whether the sheet is a list of monitored households.

    Returns
    -------
    RawRows
        With yes for the numbers that say that a household is monitored.
    """
    place = raw.layout.columns.get("type", (None, 1.0))[0]
    if place is None or place == status:
        return raw
    cells = raw.frame.iloc[:, place].astype("str").str.strip().fillna("").to_numpy(dtype=object)
    found = {cell: match[1] for cell in set(cells) if (match := TYPE_NUMBER.fullmatch(cell)) is not None}
    digits = set(found.values()) - {"0"}
    if not digits or not (ASKS_TYPE.search(header_key(raw.headers[place])) or digits != {"1"}):
        return raw
    number = np.array([found.get(cell, "") for cell in cells], dtype=object)
    numbered = np.isin(number, list(digits))
    sure = digits == {"1"} or only_monitored
    if digits <= TYPE_NUMBERS and not sure:
        none_or_few = "3" in digits or numbered.mean() <= MOST_MONITORED
        sure = bool((number == "0").any() or (none_or_few and not numbered.all()))
    if not (sure and digits <= TYPE_NUMBERS):
        return replace(raw, faults=[*raw.faults, Fault(numbered, "number_for_type", ROW_FAULTS["number_for_type"])])
    frame = raw.frame.copy()
    labels = frame.columns
    frame.columns = pd.RangeIndex(len(labels))
    frame[place] = frame[place].astype(object).mask(numbered, SAYS_MONITORED)
    frame.columns = labels
    return replace(
        raw, frame=frame, doubts=[*raw.doubts, *(Fault(numbered, code, said) for code, said in TYPE_DOUBTS.items())]
    )
