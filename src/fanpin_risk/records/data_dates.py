"""Which day or year the data of each file show, where the user says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

import pandas as pd

from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.records.cells import read_day
from fanpin_risk.records.cells.dates import parse_dates
from fanpin_risk.records.named_days import Span
from fanpin_risk.records.sheets import Dating, SheetHead
from fanpin_risk.words import listed

__all__ = ["DataDates", "DateLike"]

DateLike = object  # a day, a month or a year, as text, date, timestamp or number
MOST_NAMED = 10  # files in a message


class DataDates:
    """The days that files show, as an option says: one for all, and others for single files.

    Parameters
    ----------
    given : date-like, or mapping of str to date-like, optional
        A day for all files, or name of a file -> day, month or year. A name may be that of a file, with or without its
        ending, of a folder, ``file.xlsx[sheet]``, or a pattern such as ``2021/*``; ``""`` stands for all other files.

    Attributes
    ----------
    rest : Timestamp or None
        Day that the files show of which nothing else is said.
    year : Dating or None
        The year, where one is given for all files: of accounts that nothing else dates.

    Raises
    ------
    SchemaError
        If something is not a date.

    Examples
    --------
    >>> dates = DataDates({"收入.xls": 2021, "": "2024-06-30"})
    >>> head = SheetHead(file="收入.xls", source="收入.xls", headers=[])
    >>> [str(day) for day in dates.of(head).span], dates.rest.date().isoformat()
    (['2021-01-01', '2021-12-31'], '2024-06-30')
    """

    def __init__(self, given: DateLike | Mapping[str, DateLike] = None) -> None:
        named = dict(given) if isinstance(given, Mapping) else {"": given}
        rest = named.pop("", None)
        self.rest: pd.Timestamp | None = None if rest is None else read_day(rest, "data_date")
        whole = None if rest is None else Dating(_span_said("", rest), "option")
        self.year: Dating | None = whole if whole is not None and whole.whole_year else None
        self._spans: dict[str, Span] = {str(name): _span_said(str(name), date) for name, date in named.items()}
        self._unused = set(self._spans)

    def of(self, head: SheetHead) -> Dating | None:
        """Return which days a sheet is about, if that is said of it alone."""
        for name, span in self._spans.items():
            if _means(name, head):
                self._unused.discard(name)
                return Dating(span, "option")
        return None

    def about(self, head: SheetHead) -> SheetHead:
        """Return what a sheet says before its rows, with what is said of its date."""
        return replace(head, dated=self.of(head), year=self.year)

    def note_file(self, name: str, folder: str = "") -> None:
        """Remember that a file is there, though it could not be read."""
        self.of(SheetHead(file=name, source=name, headers=[], folder=folder))

    def require_used(self, sources: Iterable[str]) -> None:
        """Refuse names of files that are not there.

        Parameters
        ----------
        sources : iterable of str
            Names of the files that are.

        Raises
        ------
        InputError
            If a name was never met by :meth:`of`.
        """
        if self._unused:
            raise InputError(
                "data_date (--data-date FILE=DATE) names {names}, which is not among the files that were read: {files}",
                names=listed(sorted(self._unused)),
                files=listed(list(dict.fromkeys(sources))[:MOST_NAMED]),
            )


def _span_said(name: str, date: DateLike) -> Span:
    """Return the first and the last day of a date."""
    parsed = parse_dates(pd.Series([date], dtype=object), month_end=True)
    if pd.isna(parsed.column.iloc[0]) or parsed.first is None or parsed.last is None:
        raise SchemaError("data_date of {name} is not a date; give a day, a month or a year such as 2021", name=name)
    return parsed.first[0].astype("datetime64[D]"), parsed.last[0].astype("datetime64[D]")


def _means(name: str, head: SheetHead) -> bool:
    """Tell whether a name or a pattern is that of a sheet, its file or a folder that it lies in."""
    path = PurePosixPath(head.folder, head.file)
    known = [
        head.source_of_sheet,
        head.source,
        *(str(one) for one in (path, path.with_suffix(""), head.file, PurePosixPath(head.file).stem)),
    ]
    known += [text for folder in path.parents for text in (str(folder), folder.name) if folder.name]
    wanted = name.replace("\\", "/").rstrip("/").removeprefix("./")
    return wanted in known or any(fnmatchcase(one, wanted) for one in known)
