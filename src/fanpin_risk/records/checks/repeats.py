"""Rows that say what another row says, or contradict it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fanpin_risk.records.declarations import Table
from fanpin_risk.records.rows import Rows
from fanpin_risk.words import Message, listed

__all__ = ["check_repeats"]


def check_repeats(rows: Rows, records: pd.DataFrame, origin: np.ndarray) -> np.ndarray:
    """Reject contradicting rows and name repeated ones; return which records are repeats, which count once."""
    table = rows.table
    key = [*table.key, "recorded_at"]
    alive = ~rows.rejected[origin] & ~rows.absorbed[origin]
    alike = np.zeros(len(records), dtype=bool)  # not alone with their key: only these are compared in full
    keys = records[key] if alive.all() else records.loc[alive, key]
    alike[alive] = _as_numbers(table, keys).duplicated(keep=False).to_numpy()
    compact = _as_numbers(table, records[alike])
    repeated = np.zeros(len(records), dtype=bool)
    repeated[alike] = compact.duplicated().to_numpy()
    fresh = np.bincount(origin[alive & ~repeated], minlength=len(rows.rejected))
    had = np.bincount(origin[alive], minlength=len(rows.rejected))
    rows.report(
        (had > 0) & (fresh == 0), "", "duplicate_row", "warning",
        Message("each row once; an earlier row says the same, and what it says counts once"),
    )  # fmt: skip
    if table.unique:
        once = alike & ~repeated
        clashing = np.zeros(len(records), dtype=bool)
        clashing[once] = compact[once[alike]].duplicated(key, keep=False).to_numpy()
        key_columns = listed(Message(name, table[name].zh) for name in table.key)
        rows.report(
            origin[clashing], "", "conflicting_rows", "rejected",
            Message(
                "one row per {columns} and recorded_at; others with the same differ: correct one, or give the newer a"
                " later recorded_at (更新时间)",
                columns=key_columns,
            ),
        )  # fmt: skip
    partly = repeated & alive & ~rows.rejected[origin] & (fresh[origin] > 0)
    rows.report(
        origin[partly], "", "duplicate_record", "warning",
        Message("each amount once; an earlier row has some of the same"),
    )  # fmt: skip
    return repeated


def _as_numbers(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with numbers for texts; they compare faster."""
    texts = [column.name for column in table.columns if column.type in ("id", "area", "text", "codes")]
    return frame.assign(**{name: pd.factorize(frame[name])[0] for name in texts if name in frame})
