"""What a report says about the register itself: rows read, how far each column is filled, and its problems."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Message

__all__ = [
    "COVERAGE_STATES",
    "NEED_LABELS",
    "SEVERITY_LABELS",
    "column_label",
    "count_problems",
    "counts_of",
    "coverage_of",
    "table_label",
]

# What was done with a row or a cell that was not as it should be.
SEVERITY_LABELS: dict[str, Message] = {
    "rejected": Message("rejected", context="report"),
    "blanked": Message("cell left blank"),
    "warning": Message("kept, to be verified"),
}
# How much a column is needed, and how far it is filled.
NEED_LABELS = {
    "key": Message("key"),
    "required": Message("required"),
    "core": Message("core"),
    "optional": Message("optional"),
    "audit": Message("audit only"),
}
COVERAGE_STATES = {
    "full": Message("full"),
    "partly": Message("partly"),
    "absent": Message("absent"),
}


def table_label(name: str) -> Message:
    """Return what a table is called.

    Examples
    --------
    >>> table_label("incomes").shown("zh"), table_label("incomes").shown("en")
    ('家庭收入', 'incomes')
    """
    return Message(name, zh=TABLES[name].zh if name in TABLES else name)


def column_label(table: str, column: str) -> Message:
    """Return what a column of a table, or an item of incomes, is called.

    Examples
    --------
    >>> column_label("households", "area_code").shown("zh"), column_label("incomes", "wage").shown("zh")
    ('行政区划代码', '其他工资性收入')
    """
    if table not in TABLES:
        return Message(column, zh=column)
    declared = TABLES[table]
    if column in declared:
        return Message(column, zh=declared[column].zh)
    items = declared["item"].codes if "item" in declared else {}
    return Message(column, zh=items[column][0] if column in items else column)


def coverage_of(register: Register) -> pd.DataFrame:
    """Return how far each column is filled, and whether its table was supplied."""
    frame = register.coverage().reset_index()
    return frame.assign(supplied=frame["table"].isin(register.supplied))


def counts_of(register: Register) -> pd.DataFrame:
    """Return the rows of each table that were read, kept and rejected, and whether it was supplied."""
    frame = register.counts.rename_axis("table").reset_index()
    return frame.assign(supplied=frame["table"].isin(register.supplied))


def count_problems(register: Register) -> pd.DataFrame:
    """Count the problems of the records by kind: refused rows first, then by the number of rows."""
    keys = ["table", "column", "code", "severity", "expected"]
    found = register.problems.fillna(dict.fromkeys(keys, ""))
    counted = found.groupby(keys, sort=False).agg(rows=("message", "size"), zh=("expected_zh", "first")).reset_index()
    order = counted["severity"].map({name: number for number, name in enumerate(SEVERITY_LABELS)})
    counted = counted.iloc[np.lexsort((-counted["rows"], order))].reset_index(drop=True)
    texts = [Message(en, zh=zh) for en, zh in zip(counted["expected"], counted["zh"], strict=True)]
    return counted.assign(expected=pd.Series(texts, dtype=object)).drop(columns="zh")
