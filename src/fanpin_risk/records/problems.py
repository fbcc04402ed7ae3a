"""What was found wrong while reading, all of it, in sentences a clerk can act on and without a person's data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from fanpin_risk.errors import NotEnoughDataError
from fanpin_risk.records.declarations import Table
from fanpin_risk.records.income_items import NODES
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Language, Message, current_language, listed

__all__ = ["FEWEST_KEPT", "OUTCOMES", "PROBLEM_COLUMNS", "Problems", "Severity", "require_kept"]

Severity = Literal["rejected", "blanked", "warning"]

PROBLEM_COLUMNS = (
    "table", "source", "row", "column", "code", "severity", "expected", "expected_zh", "message", "message_zh", "household_id",
    "stated", "computed",
)  # fmt: skip
PROBLEM_DTYPES = {
    name: {"row": "Int64", "stated": "float64", "computed": "float64"}.get(name, "str") for name in PROBLEM_COLUMNS
}

# What became of the row or cell, and what is to be done.
OUTCOMES: Mapping[Severity, Message] = {
    "rejected": Message("row rejected"),
    "blanked": Message("cell left blank"),
    "warning": Message("kept, please verify"),
}
FEWEST_KEPT = 0.5  # of the rows of households; with fewer something is wrong with the files, not with the rows
REASONS_SHOWN = 3
ROW_HERE = "\0"  # stands for the number of the row while a message is shown once for many rows


@dataclass(frozen=True, slots=True)
class _Problem:
    """One thing that is wrong with some rows of a table, or with a file or column as a whole."""

    table: str
    sources: np.ndarray  # per row
    rows: np.ndarray  # row numbers as the file shows them, -1 for what concerns no single row
    positions: np.ndarray  # numbers of the rows within the table, over all its files
    column: Message  # as it is declared, or as the header names it; empty for the whole row
    code: str
    severity: Severity
    expected: Message
    figures: tuple[np.ndarray, np.ndarray] | None = None  # per row: stated and computed, in CNY

    def messages(self, lang: Language) -> list[str]:
        """Return the sentence of each row concerned."""
        named = bool(self.column.shown("en"))
        if self.rows[0] < 0:
            subject = self.column if named else self.sources[0]
            return [Message("{subject}: {text}", subject=subject, text=self.expected).shown(lang)]
        values: dict[str, Any] = {"row": ROW_HERE, "expected": self.expected, "outcome": OUTCOMES[self.severity]}
        if named:
            message = Message("row {row}, {column}: expected {expected}; {outcome}", column=self.column, **values)
        else:
            message = Message("row {row}: expected {expected}; {outcome}", **values)
        before, after = message.shown(lang).split(ROW_HERE)
        return [f"{before}{row}{after}" for row in self.rows.tolist()]


class Problems:
    """Collects problems and gives them as one frame.

    Examples
    --------
    >>> problems = Problems()
    >>> problems.note(table="", source="a.doc", code="unknown_file_type", text=Message("a.doc was not read"))
    >>> problems.frame()[["source", "code", "severity"]].values.tolist()
    [['a.doc', 'unknown_file_type', 'warning']]
    """

    def __init__(self) -> None:
        self._found: list[_Problem] = []
        self._households: dict[str, pd.Series] = {}

    def name_households(self, table: str, household_id: pd.Series) -> None:
        """Say whose the rows of a table are, by their number in it; ids as the register holds them."""
        self._households[table] = household_id  # texts are made of those alone that are named

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
        expected: Message,
        figures: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> None:
        """Report rows of a table.

        Parameters
        ----------
        table : Table
        sources, rows, positions : ndarray, shape (n_rows,)
            File (and sheet) of each row, its number there, and its number among all rows of the table.
        column : str
            A declared column, an income item, or empty for the whole row.
        code : str
            Short name of the problem.
        severity : {"rejected", "blanked", "warning"}
            What became of the row or cell.
        expected : Message
            What should have stood there; never what did.
        figures : tuple of two ndarrays of float, shape (n_rows,), optional
            What the sheet states and what was computed, in CNY.
        """
        if len(rows):
            self._found.append(
                _Problem(table.name, sources, rows, positions, _label(table, column), code, severity, expected, figures)
            )

    def note(
        self, *, table: str, source: str, code: str, text: Message, column: str = "", severity: Severity = "warning"
    ) -> None:
        """Report what concerns a file or a column as a whole.

        Parameters
        ----------
        table : str
            Name of the table, empty if it is not known.
        source : str
            File (and sheet).
        code : str
            Short name of the problem.
        text : Message
            What is said of the file or column.
        column : str
            Header of the column, empty for the whole file.
        severity : {"rejected", "blanked", "warning"}
            What became of it.
        """
        place = np.array([source], dtype=object), np.array([-1]), np.array([-1])
        self._found.append(_Problem(table, *place, Message(column, column), code, severity, text))

    def frame(self) -> pd.DataFrame:
        """Return all problems: by table, those of whole files first, then by row."""
        return self._all()[list(PROBLEM_COLUMNS)]

    def placed(self) -> pd.DataFrame:
        """Return :meth:`frame` with ``position``: the number of the row within its table, -1 for whole files."""
        return self._all().drop(columns="order", errors="ignore")

    def whole_files(self, table: str) -> set[str]:
        """Return the files (and sheets) of a table of which no row could be read."""
        whole = (found for found in self._found if found.severity == "rejected" and found.rows[0] < 0)
        return {str(found.sources[0]) for found in whole if found.table == table and found.code != "ids_unmatched"}

    def sources_of(self, code: str) -> set[str]:
        """Return the files (and sheets) with a problem."""
        return {str(source) for found in self._found if found.code == code for source in found.sources}

    def reasons(self, table: str) -> pd.Series:
        """Return the messages of rejected rows, in the language of the run, by position within the table."""
        rejected = [found for found in self._found if found.table == table and found.severity == "rejected"]
        if not rejected:
            return pd.Series(dtype="str")
        messages = pd.Series([text for found in rejected for text in found.messages(current_language())])
        return messages.groupby(np.concatenate([found.positions for found in rejected])).agg(" | ".join)

    def _all(self) -> pd.DataFrame:
        found = self._found
        if not found:
            return pd.DataFrame(columns=[*PROBLEM_COLUMNS, "position"]).astype(PROBLEM_DTYPES)
        sizes = [len(one.rows) for one in found]
        order = {name: number for number, name in enumerate(TABLES)}
        unknown = [np.full(size, np.nan) for size in sizes]
        per_problem = {
            "table": [one.table for one in found],
            "column": [one.column.shown("en") for one in found],
            "code": [one.code for one in found],
            "severity": [one.severity for one in found],
            "expected": [one.expected.shown("en") for one in found],
            "expected_zh": [one.expected.shown("zh") for one in found],
            "order": [order.get(one.table, len(TABLES)) for one in found],
        }
        columns: dict[str, Any] = {
            name: np.repeat(np.array(each, dtype=object), sizes) for name, each in per_problem.items()
        }
        columns |= {
            "message": [text for one in found for text in one.messages("en")],
            "message_zh": [text for one in found for text in one.messages("zh")],
            "source": np.concatenate([one.sources for one in found]),
            "position": np.concatenate([one.positions for one in found]),
            "stated": np.concatenate(
                [one.figures[0] if one.figures else none for one, none in zip(found, unknown, strict=True)]
            ),
            "computed": np.concatenate(
                [one.figures[1] if one.figures else none for one, none in zip(found, unknown, strict=True)]
            ),
            "household_id": np.concatenate([self._household_of(one) for one in found]),
        }
        numbers = pd.Series(np.concatenate([one.rows for one in found]), dtype="Int64")
        frame = pd.DataFrame(columns).assign(row=numbers.mask(numbers < 0))
        frame["order"] = frame["order"].astype("int64")
        frame = frame[[*PROBLEM_COLUMNS, "position", "order"]]
        return frame.sort_values(["order", "position"], kind="stable", ignore_index=True).astype(PROBLEM_DTYPES)

    def _household_of(self, found: _Problem) -> np.ndarray:
        """Return the household of each row concerned; None for what concerns no single row, or nobody known."""
        ids = self._households.get(found.table)
        nobody = np.full(len(found.positions), None, dtype=object)
        if ids is None or not len(ids) or found.rows[0] < 0:
            return nobody
        return np.where(found.positions >= 0, ids.iloc[found.positions].to_numpy(dtype=object), nobody)


def require_kept(
    problems: pd.DataFrame, *, read: int, kept: int, least: float = FEWEST_KEPT, table: str = "households"
) -> None:
    """Refuse a register of which too few rows of a table were kept.

    Parameters
    ----------
    problems : DataFrame
        Those of :meth:`Problems.frame`.
    read, kept : int
        Rows of the table.
    least : float, default 0.5
        Share of the rows that must be kept; of any share at least one row must be.
    table : str, default "households"
        Name of the table.

    Raises
    ------
    NotEnoughDataError
        If fewer were kept. It names the commonest reasons, each with its number of rows and one of them.

    Examples
    --------
    >>> problems = Problems()
    >>> require_kept(problems.frame(), read=10, kept=5)
    """
    if kept and kept >= least * read:
        return
    rejected = problems[(problems["table"] == table) & (problems["severity"] == "rejected")]
    counts = rejected.groupby("code", sort=False).size().sort_values(ascending=False, kind="stable")
    examples = rejected.drop_duplicates("code").astype("object").set_index("code").to_dict("index")
    reasons = [
        Message(
            "{count:,} rows, such as {source}, {text}", count=int(count), source=examples[code]["source"],
            text=Message(examples[code]["message"], zh=examples[code]["message_zh"]),
        )
        for code, count in counts.head(REASONS_SHOWN).items()
    ]  # fmt: skip
    raise NotEnoughDataError(
        "only {kept:,} of {read:,} rows of {table} could be used, so nothing was computed; see 'check'. Commonest reasons: "
        "{reasons}",
        table=TABLES[table].label,
        kept=kept,
        read=read,
        reasons=listed(reasons),
    )


def _label(table: Table, column: str) -> Message:
    """Return the name of a column or an income item in both languages."""
    zh = column
    if column in table:
        zh = table[column].zh
    elif "item" in table and column in NODES:
        zh = NODES[column].names[0]
    return Message(column, zh)
