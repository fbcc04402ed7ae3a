"""The register: ten checked tables, and what was wrong with the rows that did not make it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from fanpin_risk.arguments import of_type, texts
from fanpin_risk.errors import SchemaError
from fanpin_risk.records.cells import read_day
from fanpin_risk.records.checks import Elsewhere, check_rows, lag_days, row_time
from fanpin_risk.records.data_dates import DataDates
from fanpin_risk.records.doubts import doubts_of
from fanpin_risk.records.frames import raw_rows_of
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.rows import RawRows
from fanpin_risk.records.schema import TABLES, table
from fanpin_risk.records.sheets import SheetHead
from fanpin_risk.records.typed_tables import empty_table, find_table, marked, was_supplied
from fanpin_risk.records.write import write_folder
from fanpin_risk.words import Message, in_both

__all__ = ["Register", "register_of_rows", "rows_of_frames"]

FilledCells = tuple[int, dict[str, int]]  # rows, and filled cells by column
LONGEST_LAG = 3660  # days
COUNT_COLUMNS = ("rows_read", "rows_kept", "rows_rejected", "records")
DATE_ORIGIN_COLUMNS = ("table", "source", "origin", "first", "last", "rows")
SHOWN_COUNTS = {
    "rows_read": Message("rows read"),
    "rows_kept": Message("kept"),
    "rows_rejected": Message("rejected", context="rows"),
}


class Register:
    """A household register as ten checked tables.

    Make one with :meth:`from_frames` or :func:`fanpin_risk.read_register`, which check; the constructor trusts.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Typed tables (see :func:`fanpin_risk.records.typed_tables.conform`), trusted as they are; missing ones are taken as empty.
    problems : DataFrame of shape (n_problems, 10), optional
        What was found while reading: ``table, source, row, column, code, severity, expected, expected_zh, message,
        message_zh``.
        Severity is ``rejected`` (the row or file is left out), ``blanked`` (the cell is) or ``warning`` (kept).
    rejected_rows : mapping of str to DataFrame, optional
        The rows that were left out as read, with ``source``, ``row`` and ``reason``, for mending.
    rows_to_mend : mapping of str to sequence of DataFrame, optional
        The same rows by table, those of sheets of several tables under ``several``, one frame for each set of headers,
        with the units and days that stood above or in names: mended, they can be read as files of their own.
    counts : DataFrame of shape (10, 4), optional
        Per table ``rows_read, rows_kept, rows_rejected, records``; by default every row counts as read and kept.
    recorded_at_filled : mapping of str to int, optional
        Per table, rows whose ``recorded_at`` was missing and was filled.
    known_lag_days : int, optional
        Days after its own time from which a row without a day of recording counts as known; default: those of its table.
    date_origins : DataFrame of shape (n, 6), optional
        What said which days the rows of each file are about: ``table, source, origin, first, last, rows``. The origin is
        a ``column``, an ``option`` for the file, the ``data_date`` for all, a ``header``, a ``title``, or the name of
        the ``sheet``, the ``file`` or the ``folder``.
    source : str
        Where it came from, for display.
    supplied : iterable of str, optional
        Names of the tables that were given, even without rows: there "no bill on record" is an answer, elsewhere it
        is unknown. Default: the tables given, but not those made by
        :func:`fanpin_risk.records.typed_tables.empty_table`.
    doubts : Series of str, optional
        By ``household_id`` what is in doubt of it, as codes of :data:`fanpin_risk.records.doubts.DOUBT_NAMES` with a semicolon
        between them; households without any doubt are not in it. Default: what `problems` say.

    Attributes
    ----------
    tables : dict of str to DataFrame
        All ten tables, each with exactly the declared columns and types, RangeIndex.

    Examples
    --------
    >>> register = Register.from_frames(
    ...     households={"户编号": ["h1", "h2"], "年度": ["2023", "2023"], "户类型": ["脱贫户", "一般农户"]},
    ...     members={"人编号": ["p1"], "户编号": ["h9"], "年度": ["2023"]},
    ... )
    >>> register.counts.loc[["households", "members"], ["rows_read", "rows_kept", "rows_rejected"]].values.tolist()
    [[2, 2, 0], [1, 0, 1]]
    >>> register.rejects["message"].tolist()
    ['row 1, household_id: expected a household_id that stands in households; row rejected']
    """

    def __init__(
        self,
        tables: Mapping[str, pd.DataFrame],
        *,
        problems: pd.DataFrame | None = None,
        rejected_rows: Mapping[str, pd.DataFrame] | None = None,
        rows_to_mend: Mapping[str, Sequence[pd.DataFrame]] | None = None,
        counts: pd.DataFrame | None = None,
        recorded_at_filled: Mapping[str, int] | None = None,
        known_lag_days: int | None = None,
        date_origins: pd.DataFrame | None = None,
        source: str = "",
        supplied: Iterable[str] | None = None,
        doubts: pd.Series | None = None,
    ) -> None:
        of_type("tables", tables, Mapping, Message("tables by name; read_register(folder) reads a register"))
        for name, frame in tables.items():
            table(name)
            of_type(name, frame, pd.DataFrame, Message("a table (DataFrame)"))
        if supplied is None:
            supplied = [name for name, frame in tables.items() if was_supplied(frame)]
        self.supplied: frozenset[str] = frozenset(supplied)
        self.tables: dict[str, pd.DataFrame] = {
            name: marked(tables[name], supplied=name in self.supplied) if name in tables else empty_table(name)
            for name in TABLES
        }
        self.problems = Problems().frame() if problems is None else problems
        self.doubts: pd.Series = doubts_of(self.problems) if doubts is None else doubts
        self.rejected_rows: dict[str, pd.DataFrame] = dict(rejected_rows or {})
        self.rows_to_mend: dict[str, Sequence[pd.DataFrame]] = dict(rows_to_mend or {})
        if counts is None:
            n = [len(frame) for frame in self.tables.values()]
            counts = _counts({name: (size, size, 0, size) for name, size in zip(TABLES, n, strict=True)})
        self.counts = counts
        self.recorded_at_filled = dict(recorded_at_filled or {})
        self.known_lag_days = known_lag_days
        self.date_origins = pd.DataFrame(columns=list(DATE_ORIGIN_COLUMNS)) if date_origins is None else date_origins
        self.source = source

    @classmethod
    def from_frames(
        cls,
        tables: Mapping[str, Any] | None = None,
        /,
        *,
        data_date: object = None,
        known_lag_days: int | None = None,
        id_key: bytes | str | Path | None = None,
        elsewhere: Elsewhere | None = None,
        **more: Any,
    ) -> Register:
        """Check frames and make a register of them.

        Parameters
        ----------
        tables : mapping of str to frame, optional
            Table (English name, Chinese name or alias) -> frame: pandas, polars, pyarrow, anything with
            ``__arrow_c_stream__``, ``to_pandas`` or the DataFrame interchange, or a dict of columns. Headers as in
            files.
        data_date : date or str, or mapping of str to them, optional
            Day the data show: fills a missing ``valid_from``; what is shown was recorded by then at the latest. A
            mapping says it of single tables, by name, and of all others under ``""``; see
            :func:`fanpin_risk.read_register`.
        known_lag_days : int, optional
            Days after its own time from which a row without a day of recording counts as known; default: 30, and none
            for entries on monitoring and warnings.
        id_key : bytes, str or Path, optional
            Secret key, or the path of its file: all ids are replaced by pseudonyms, see :mod:`fanpin_risk.records.ids`.
        elsewhere : Elsewhere, optional
            Says that the frames are a part of a register, and what is known of the rest.
        **more : frame
            More tables by name.

        Returns
        -------
        Register
            What could not be taken is in ``problems``; rows there are counted from 1.

        Raises
        ------
        SchemaError
            If there are no households, or a name or frame cannot be understood.
        """
        dates = DataDates(data_date)
        parts = rows_of_frames({**(tables or {}), **more}, dates)
        return register_of_rows(
            parts, Problems(), data_date=dates.rest, known_lag_days=known_lag_days, id_key=id_key, source="frames",
            elsewhere=elsewhere,
        )  # fmt: skip

    @property
    def rejects(self) -> pd.DataFrame:
        """The problems for which rows or whole files were left out, shape (n, 9)."""
        return self.problems[self.problems["severity"] == "rejected"].reset_index(drop=True)

    @property
    def observed_until(self) -> pd.Timestamp:
        """Newest day on which anything was recorded, or happened where no record day is known; NaT if empty.

        Days after today are slips of the pen and do not count.
        """
        today = pd.Timestamp.now().normalize()
        newest = []
        for name, frame in self.tables.items():
            days = frame["recorded_at"] if frame["recorded_at"].notna().any() else row_time(TABLES[name], frame)
            newest.append(days[days <= today].max())
        return pd.Series(newest, dtype="datetime64[s]").max()

    def coverage(self) -> pd.DataFrame:
        """Tell how much of each column is there; columns that are only used on reading are left out.

        Returns
        -------
        DataFrame of shape (n_columns_of_all_tables, 5)
            Index ``(table, column)``; ``need``, ``rows``, ``filled``, ``share`` (of rows; nan without rows) and
            ``note``: absent, partly or full, and how many ``recorded_at`` were filled in on reading.
        """
        lines = []
        for name in self.tables:
            n_rows, counts = self.cells_filled(name)
            for column in (column for column in TABLES[name].columns if column.kept):
                filled = counts[column.name]
                note = "absent" if filled == 0 else "full" if filled == n_rows else "partly"
                if column.name == "recorded_at" and self.recorded_at_filled.get(name):
                    lag = lag_days(TABLES[name], self.known_lag_days)
                    note += (
                        f"; {self.recorded_at_filled[name]} of {n_rows} filled in: {lag} days after the row's own time"
                    )
                share = filled / n_rows if n_rows else np.nan
                lines.append((name, column.name, column.need, n_rows, filled, share, note))
        columns = ["table", "column", "need", "rows", "filled", "share", "note"]
        return pd.DataFrame(lines, columns=columns).set_index(["table", "column"])

    def cells_filled(self, name: str) -> FilledCells:
        """Return the number of rows of a table, and that of filled cells by column.

        Parameters
        ----------
        name : str
            Of the table.

        Returns
        -------
        int, dict of str to int
        """
        frame = self.tables[name]
        return len(frame), {one.name: int(frame[one.name].notna().sum()) for one in TABLES[name].columns}

    def select(self, household_ids: Iterable[str]) -> Register:
        """Return the register of some households only.

        All versions of everyone who ever belonged to them are kept, also those in another household: who has moved
        away stays known to have moved. What is in doubt of them stays in `doubts`.

        Parameters
        ----------
        household_ids : iterable of str
            Ids of households.

        Returns
        -------
        Register

        Raises
        ------
        SchemaError
            If an id is not in the register.
        """
        ids = pd.Index(texts("household_ids", household_ids), dtype="str")
        unknown = pd.Index(self.tables["households"]["household_id"].unique()).get_indexer(ids) < 0
        if unknown.any():
            raise SchemaError(
                "{unknown} of {total} household ids are not in the register", unknown=int(unknown.sum()), total=len(ids)
            )
        members = self.tables["members"]
        persons = members.loc[members["household_id"].isin(ids), "member_id"].unique()
        chosen = {}
        for name, frame in self.tables.items():
            by_person = name == "members" or "household_id" not in frame
            keep = frame["member_id"].isin(persons) if by_person else frame["household_id"].isin(ids)
            chosen[name] = frame[keep].reset_index(drop=True)
        return Register(
            chosen, source=self.source, supplied=self.supplied, known_lag_days=self.known_lag_days,
            doubts=self.doubts[self.doubts.index.isin(ids)],
        )  # fmt: skip

    def known_on(self, day: Any) -> Register:
        """Return the register as it stood on a day: without the rows that were recorded later.

        What was known decides, not what had happened: a row entered before the day about a day after it stays.

        Parameters
        ----------
        day : date-like
            The day.

        Returns
        -------
        Register

        Raises
        ------
        SchemaError
            If `day` is not a day.
        """
        newest = read_day(day, "day")
        kept = {}
        for name, frame in self.tables.items():
            lag = pd.Timedelta(days=lag_days(TABLES[name], self.known_lag_days))
            recorded = frame["recorded_at"].fillna(row_time(TABLES[name], frame) + lag)
            kept[name] = frame[recorded <= newest].reset_index(drop=True)
        return Register(
            kept, source=self.source, supplied=self.supplied, known_lag_days=self.known_lag_days, doubts=self.doubts
        )

    def to_folder(
        self,
        path: str | Path,
        *,
        format: Literal["parquet", "csv", "xlsx"] = "parquet",  # noqa: A002  the word users expect
        headers: Literal["en", "zh"] = "en",
        encoding: str = "utf-8-sig",
        title_rows: bool = False,
        units: bool = False,
        wide_incomes: bool = False,
        total_row: bool = False,
        overwrite: bool = False,
    ) -> Path:
        """Write one file per table; see :func:`fanpin_risk.records.write.write_folder`."""
        return write_folder(
            self, path, format=format, headers=headers, encoding=encoding, title_rows=title_rows, units=units,
            wide_incomes=wide_incomes, total_row=total_row, overwrite=overwrite,
        )  # fmt: skip

    def __repr__(self) -> str:
        filled = self.counts[self.counts["rows_read"] > 0]
        lines = [f"Register{f' from {self.source}' if self.source else ''}"]
        lines += [
            f"  {name:<13}{counts.rows_kept:>10,} rows kept{counts.rows_rejected:>9,} rejected"
            for name, counts in zip(filled.index, filled.itertuples(), strict=True)
        ]
        if not len(filled):
            lines.append("  no rows")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Show numbers of rows; nothing of any row."""
        read = self.counts["rows_read"] > 0
        held = [name for name in self.counts.index if name in self.supplied or read[name]]
        names = [in_both(Message(name, zh=TABLES[name].zh)) for name in held]
        shown = self.counts.loc[held, list(SHOWN_COUNTS)].set_axis(names)
        shown = shown.rename(columns={name: in_both(text) for name, text in SHOWN_COUNTS.items()})
        households = self.tables["households"]["household_id"].nunique()
        until = "" if pd.isna(self.observed_until) else f", {in_both(Message('until'))} {self.observed_until.date()}"
        absent = [in_both(Message(name, zh=TABLES[name].zh)) for name in TABLES if name not in held]
        counted = in_both(Message("households", context="counted"))
        not_given = in_both(Message("not given"))
        return (
            f"<p><b>Register</b> {escape(self.source)}<br>{households:,} {counted}{until}</p>"
            + shown.to_html(border=0, formatters=["{:,}".format] * shown.shape[1])
            + (f"<p>{not_given}: {escape(', '.join(absent))}</p>" if absent else "")
        )


def rows_of_frames(
    tables: Mapping[str, Any], dates: DataDates, *, change: Callable[[RawRows], RawRows] | None = None
) -> list[RawRows]:
    """Return frames as raw rows.

    Parameters
    ----------
    tables : mapping of str to frame
        See :meth:`Register.from_frames`.
    dates : DataDates
        What the user says of the days of each.
    change : callable, optional
        Called with the rows of each; what it returns is taken instead.

    Returns
    -------
    list of RawRows

    Raises
    ------
    SchemaError
        If a name or frame cannot be understood.
    """
    parts = []
    for name, frame in tables.items():
        declared = find_table(name)
        if declared is None:
            raise SchemaError("no table {name!r}; the tables are {tables}", name=name, tables=tuple(TABLES))
        if was_supplied(frame):
            raw = raw_rows_of(declared, frame)
            raw = raw if change is None else change(raw)
            heads = (SheetHead(file=one, source=one, headers=[]) for one in (name, declared.name, declared.zh))
            otherwise = dates.year if "period_start" in declared else None
            raw.dating = next((dating for head in heads if (dating := dates.of(head)) is not None), otherwise)
            parts.append(raw)
    dates.require_used([part.table.name for part in parts])
    return parts


def register_of_rows(
    parts: Sequence[RawRows],
    problems: Problems,
    *,
    data_date: pd.Timestamp | None = None,
    known_lag_days: int | None = None,
    id_key: bytes | str | Path | None = None,
    source: str = "",
    incomplete: bool = False,
    elsewhere: Elsewhere | None = None,
) -> Register:
    """Check raw rows and make a register of them.

    Parameters
    ----------
    parts : sequence of RawRows
        Raw rows, sheet by sheet.
    problems : Problems
        What was found already, e.g. files that cannot be read; takes what else is found.
    data_date : Timestamp, optional
        Day that sheets show of which nothing else is said.
    known_lag_days, id_key
        See :meth:`Register.from_frames`.
    source : str
        Where they came from.
    incomplete : bool
        A register without households is no error.
    elsewhere : Elsewhere, optional
        What is known of the rest, where these are a part; see :func:`fanpin_risk.records.checks.check_rows`.

    Returns
    -------
    Register

    Raises
    ------
    SchemaError
        If there are no households, or `known_lag_days` is no number of days.
    """
    given = known_lag_days is not None and elsewhere is None
    if given and not (type(known_lag_days) is int and 0 <= known_lag_days <= LONGEST_LAG):
        raise SchemaError("known_lag_days: expected a whole number from 0 to {most}", most=LONGEST_LAG)
    checked = check_rows(
        parts, problems, data_date=data_date, known_lag_days=known_lag_days, id_key=id_key, incomplete=incomplete,
        elsewhere=elsewhere,
    )  # fmt: skip
    supplied = {part.table.name for part in parts}
    if checked.counts["members"][1] == 0 < checked.counts["members"][0]:  # then persons are counted as declared
        supplied.discard("members")
    return Register(
        checked.tables,
        problems=problems.frame(),
        rejected_rows=checked.rejected_rows,
        rows_to_mend=checked.rows_to_mend,
        counts=_counts(checked.counts),
        recorded_at_filled=checked.filled,
        known_lag_days=known_lag_days,
        date_origins=pd.DataFrame(checked.date_origins, columns=list(DATE_ORIGIN_COLUMNS)),
        source=source,
        supplied=supplied,
    )


def _counts(counts: Mapping[str, tuple[int, int, int, int]]) -> pd.DataFrame:
    index = pd.Index(list(counts), name="table", dtype="str")
    return pd.DataFrame(list(counts.values()), index=index, columns=list(COUNT_COLUMNS))
