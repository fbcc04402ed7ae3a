"""Numbers where the type of monitored households is asked for: codes of a list, or yes and no.

Offices write 1 for 脱贫不稳定户, 2 for 边缘易致贫户 and 3 for 突发严重困难户, or 1 for yes; each list numbers otherwise. A number
therefore never says the type. That its household is monitored it says where all readings agree; else (2 is a type or no)
the row is named and not used. Each cell is read alone, so that a sheet is read in parts as on the whole.
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
SAYS_MONITORED = "是"
TYPE_NUMBERS, SURELY_MONITORED = ["1", "2", "3"], ["1", "3"]  # 2 may be no
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
    if not ASKS_TYPE.search(header_key(raw.headers[place])):
        found = {cell: number for cell, number in found.items() if number != "1"}  # yes
    number = np.array([found.get(cell, "") for cell in cells], dtype=object)
    monitored = np.isin(number, TYPE_NUMBERS if only_monitored else SURELY_MONITORED)
    unclear = ~monitored & ~np.isin(number, ["", "0"])
    if unclear.any():
        fault = Fault(unclear, "number_for_type", ROW_FAULTS["number_for_type"])
        raw = replace(raw, faults=[*raw.faults, fault])
    if not monitored.any():
        return raw
    frame = raw.frame.copy()
    labels = frame.columns
    frame.columns = pd.RangeIndex(len(labels))
    frame[place] = frame[place].astype(object).mask(monitored, SAYS_MONITORED)
    frame.columns = labels
    return replace(
        raw, frame=frame, doubts=[*raw.doubts, *(Fault(monitored, code, said) for code, said in TYPE_DOUBTS.items())]
    )
