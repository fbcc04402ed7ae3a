"""What was found wrong while reading, all of it, in sentences a clerk can act on and without a person's data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from fanpin_risk.records.schema import TABLES, Table

__all__ = ["PROBLEM_COLUMNS", "Findings", "Severity"]

Severity = Literal["rejected", "blanked", "warning"]

PROBLEM_COLUMNS = ("table", "source", "row", "column", "code", "severity", "expected", "message", "message_zh")
PROBLEM_DTYPES = {name: "Int64" if name == "row" else "str" for name in PROBLEM_COLUMNS}

OUTCOME = {"rejected": "row rejected", "blanked": "cell left blank", "warning": "kept, please verify"}
OUTCOME_ZH = {"rejected": "请改正后重新导入", "blanked": "该单元格按空白处理", "warning": "已保留，请核实"}


@dataclass(frozen=True, slots=True)
class _Finding:
    table: str
    sources: np.ndarray  # per row
    rows: np.ndarray  # row numbers as the file shows them, -1 for what concerns no single row
    positions: np.ndarray  # numbers of the rows within the table, over all its files
    column: str
    column_zh: str
    code: str
    severity: Severity
    expected: str
    expected_zh: str

    def frame(self) -> pd.DataFrame:
        """Return one line per row concerned."""
        if self.rows[0] < 0:
            messages = [f"{self.column or self.sources[0]}: {self.expected}"]
            messages_zh = [f"{self.column_zh or self.sources[0]}：{self.expected_zh}"]
        else:
            where = f", {self.column}" if self.column else ""
            tail = f"{where}: expected {self.expected}; {OUTCOME[self.severity]}"
            tail_zh = (
                f" 行{' ' if self.column_zh else ''}{self.column_zh}：{self.expected_zh}，{OUTCOME_ZH[self.severity]}"
            )
            messages = [f"row {row}{tail}" for row in self.rows.tolist()]
            messages_zh = [f"第 {row}{tail_zh}" for row in self.rows.tolist()]
        numbers = pd.Series(self.rows, dtype="Int64")
        return pd.DataFrame(
            {
                "table": self.table,
                "source": self.sources,
                "row": numbers.mask(numbers < 0),
                "column": self.column,
                "code": self.code,
                "severity": self.severity,
                "expected": self.expected,
                "message": messages,
                "message_zh": messages_zh,
                "position": self.positions,
            }
        )


class Findings:
    """Collects problems and gives them as one frame."""

    def __init__(self) -> None:
        self._findings: list[_Finding] = []

    def add(
        self,
        table: Table,
        *,
        sources: np.ndarray,
        rows: np.ndarray,
        positions: np.ndarray,
        column: str,
        code: str,
        severity: Severity,
        expected: str,
        expected_zh: str,
    ) -> None:
        """Report rows of a table.

        `column` is a declared column, an income item, or empty for the whole row.
        """
        if len(rows):
            self._findings.append(
                _Finding(
                    table.name, sources, rows, positions, column, _zh(table, column), code, severity, expected, expected_zh
                )
            )  # fmt: skip

    def note(
        self, *, table: str, source: str, code: str, text: str, text_zh: str, column: str = "",
        severity: Severity = "warning",
    ) -> None:  # fmt: skip
        """Report what concerns a file or a column as a whole."""
        place = np.array([source], dtype=object), np.array([-1]), np.array([-1])
        self._findings.append(_Finding(table, *place, column, column, code, severity, text, text_zh))

    def frame(self) -> pd.DataFrame:
        """Return all problems: by table, those of whole files first, then by row."""
        return self._all()[list(PROBLEM_COLUMNS)]

    def placed(self) -> pd.DataFrame:
        """Return :meth:`frame` with ``position``: the number of the row within its table, -1 for whole files."""
        return self._all().drop(columns="order", errors="ignore")

    def reasons(self, table: str) -> pd.Series:
        """Return the messages of rejected rows, joined per row, indexed by position within the table."""
        frames = [f.frame() for f in self._findings if f.table == table and f.severity == "rejected"]
        if not frames:
            return pd.Series(dtype="str")
        rejected = pd.concat(frames, ignore_index=True)
        return rejected.groupby("position")["message"].agg(" | ".join)

    def _all(self) -> pd.DataFrame:
        frames = [finding.frame() for finding in self._findings]
        if not frames:
            return pd.DataFrame(columns=[*PROBLEM_COLUMNS, "position"]).astype(PROBLEM_DTYPES)
        found = pd.concat(frames, ignore_index=True)
        order = found["table"].map({name: number for number, name in enumerate(TABLES)}).fillna(len(TABLES))
        found = found.assign(order=order).sort_values(["order", "position"], kind="stable", ignore_index=True)
        return found.astype(PROBLEM_DTYPES)


def _zh(table: Table, column: str) -> str:
    if column in table:
        return table[column].zh
    if "item" in table and column in table["item"].codes:
        return table["item"].codes[column][0]
    return column
