"""Monitoring lines (监测线): per-person net income below which a household is looked at, by area and year.

Lines are policy, so they live in a dated, sourced data file (``asof/monitoring_lines.csv``) and can be
replaced by the user's own. No line for 2025 or later is published in the sources at hand: the newest one is
carried forward, and :meth:`MonitoringLines.basis` says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.words import Message

__all__ = ["Line", "MonitoringLines", "checked_lines"]

STATUS = {
    "sourced": Message("sourced", zh="有出处"),
    "proxy": Message("proxy", zh="借用外地标准"),
    "unverified": Message("unverified", zh="未核实"),
    "user": Message("user", zh="自定"),
}
LINE_COLUMNS = ("area_prefix", "year", "line_cny", "status", "source")


class Line(NamedTuple):
    """One entry of monitoring lines: for which area and year, how much, and on what it rests."""

    area_prefix: str
    year: int
    line_cny: float
    status: str
    source: str


class MonitoringLines:
    """Monitoring lines by area and year, in CNY per person and year.

    For an area code and a year the entry of the longest matching ``area_prefix`` for exactly that year is taken;
    if there is none, the newest earlier entry of the longest matching prefix is carried forward; a year before
    all entries takes the oldest.

    Parameters
    ----------
    frame : DataFrame, optional
        Columns ``area_prefix`` (digits of a division code, ``""`` for everywhere), ``year``, ``line_cny``, and,
        if known, ``status`` and ``source``. Default: the file that ships with the package.

    Raises
    ------
    InputError
        If a column is missing, a line is not a positive number, an entry occurs twice, or no entry holds
        everywhere.

    Examples
    --------
    >>> lines = MonitoringLines()
    >>> float(lines.at(["530381000000"], 2024)[0])
    8700.0
    >>> lines.basis("211200", 2026).shown("en")
    'carried forward from 2024 (proxy)'
    """

    def __init__(self, frame: pd.DataFrame | None = None) -> None:
        self.frame = _shipped().copy() if frame is None else _checked_frame(frame)

    @classmethod
    def read(cls, path: str | Path) -> MonitoringLines:
        """Read lines from a csv file with the columns of the class.

        Parameters
        ----------
        path : path-like
            A csv file in UTF-8.

        Returns
        -------
        MonitoringLines

        Raises
        ------
        InputError
            If the file cannot be read or holds no valid lines.
        """
        try:
            frame = pd.read_csv(path, dtype={"area_prefix": "str"}, encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise InputError(
                "monitoring lines: cannot read {file}: expected a csv file in UTF-8", file=Path(path).name
            ) from error
        return cls(frame)

    def _places(self, area_codes: Iterable[str], year: int) -> list[int]:
        """Row of `frame` that holds for each area: of the year, else of the newest before, else of the oldest."""
        rows = list(
            zip(self.frame["year"].tolist(), self.frame["area_prefix"].tolist(), range(len(self.frame)), strict=True)
        )
        places = []
        for code in area_codes:
            matching = [row for row in rows if code.startswith(row[1])]
            found = [row for row in matching if row[0] == year] or [row for row in matching if row[0] < year]
            # Of those found the longest prefix counts, then the newest year.
            nearest = max(found, key=lambda row: (len(row[1]), row[0])) if found else min(matching)
            places.append(nearest[2])
        return places

    def at(self, area_codes: object, year: int) -> np.ndarray:
        """Return the monitoring line of each area in a year.

        Parameters
        ----------
        area_codes : array-like of str, shape (n,)
            Division codes; missing ones get the line that holds everywhere.
        year : int
            Calendar year.

        Returns
        -------
        ndarray of shape (n,)
            CNY per person and year, float64.
        """
        longest = int(self.frame["area_prefix"].str.len().max())  # what follows in a code cannot matter
        codes = pd.Series(np.asarray(area_codes, dtype=object), dtype="str").str[:longest]
        numbers, unique = pd.factorize(codes)
        places = self._places([*map(str, unique), ""], int(year))
        return self.frame["line_cny"].to_numpy()[places][numbers]

    def entry(self, area_code: str, year: int) -> Line:
        """Return the entry that holds for an area and year.

        Parameters
        ----------
        area_code : str
            Division code, ``""`` for everywhere.
        year : int
            Calendar year.

        Returns
        -------
        Line
            Its ``year`` is another one where the line is carried forward or back.
        """
        found = self.frame.iloc[self._places([area_code], int(year))[0]]
        return Line(
            str(found["area_prefix"]),
            int(found["year"]),
            float(found["line_cny"]),
            str(found["status"]),
            str(found["source"]),
        )

    def basis(self, area_code: str, year: int) -> Message:
        """Return on what the line of an area and year rests.

        Parameters
        ----------
        area_code : str
            Division code, ``""`` for everywhere.
        year : int
            Calendar year.

        Returns
        -------
        Message
            Status of the entry (sourced, proxy, unverified, user) and whether it is of another year.
        """
        found = self.entry(area_code, year)
        status = STATUS.get(found.status, found.status)
        if found.year == year:
            return status if isinstance(status, Message) else Message("{status}", zh="{status}", status=status)
        if found.year < year:
            return Message("carried forward from {year} ({status})", year=found.year, status=status)
        return Message("carried back from {year} ({status})", year=found.year, status=status)


def checked_lines(lines: MonitoringLines | None) -> MonitoringLines:
    """Return the lines, those that ship with the package for None; raise SchemaError for anything else."""
    if lines is None:
        return MonitoringLines()
    if not isinstance(lines, MonitoringLines):
        raise SchemaError(
            "lines: expected monitoring lines, got a {got}; make them with MonitoringLines(frame) or "
            "MonitoringLines.read(file)",
            got=type(lines).__name__,
        )
    return lines


def _checked_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the lines with all columns, sorted; raise InputError where they cannot be lines."""
    missing = [name for name in LINE_COLUMNS[:3] if name not in frame.columns]
    if missing:
        raise InputError(
            "monitoring lines: column {missing} is missing; expected {columns}",
            missing=tuple(missing),
            columns=LINE_COLUMNS,
        )
    frame = frame.reindex(columns=list(LINE_COLUMNS))
    frame["area_prefix"] = frame["area_prefix"].astype("str").fillna("").str.strip()
    frame["year"] = pd.to_numeric(frame["year"], errors="coerce")
    frame["line_cny"] = pd.to_numeric(frame["line_cny"], errors="coerce")
    bad = frame.index[~(frame["line_cny"] > 0) | frame["year"].isna()]
    if len(bad):
        raise InputError(
            "monitoring lines: row {row} has no positive line_cny or no year; give CNY per person and year",
            row=int(bad[0]) + 2,
        )
    if frame.duplicated(["area_prefix", "year"]).any():
        raise InputError("monitoring lines: an area_prefix and year occurs twice; keep one row for each")
    if not (frame["area_prefix"] == "").any():
        raise InputError("monitoring lines: no row with an empty area_prefix; one must hold where no other does")
    frame = frame.astype({"year": "int64", "line_cny": "float64"})
    frame["status"] = frame["status"].astype("str").fillna("user")
    frame["source"] = frame["source"].astype("str").fillna("user")
    return frame.sort_values(["area_prefix", "year"], ignore_index=True)


@cache
def _shipped() -> pd.DataFrame:
    """Return the lines that ship with the package, read once; not to be changed."""
    with resources.files("fanpin_risk.asof").joinpath("monitoring_lines.csv").open("rb") as file:
        return _checked_frame(pd.read_csv(file, dtype={"area_prefix": "str"}))
