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
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from fanpin_risk.arguments import one_of
from fanpin_risk.asof.days import to_day
from fanpin_risk.asof.line_table import FIRST_DAY_OF_LINE, FIRST_YEAR, RULES, checked_line_frame
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.words import Message

__all__ = ["Line", "MonitoringLines", "checked_lines"]

STATUS = {
    "sourced": Message("sourced"),
    "proxy": Message("proxy"),
    "unverified": Message("unverified"),
    "user": Message("user"),
}
SHIPPED = "monitoring_lines.csv"
END = "9999-12-31"  # of all days


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
    all entries takes the oldest. Where a line changes within a year, the entries of that year have a ``valid_from``, and
    that in force on the day that is asked of is taken (the last of the year where no day is said); before the first of them,
    what the same area had before still holds. So an income of a year that is over is compared with the line that the year
    ended with, and on a day within the year with that of the day: the one by which the office decides then, and nothing of a
    later change is known.

    Parameters
    ----------
    frame : DataFrame, optional
        Columns ``area_prefix`` (digits of a division code, ``""`` for everywhere), ``year``, ``line_cny``, and,
        if known, ``status`` and ``source``. Default: the file that ships with the package. Five more columns say how
        the area counts; each may be absent or empty, for the first of its codes: ``claims``, whether 理赔收入 is part of
        the reference income (``counted``, ``left_out``); ``own_expenses``, which own payments are taken off it
        (``form_or_bills``: 合规自付支出 where the form gives it, else all own payments for treatment; ``form``; ``bills``;
        ``left_out``); ``persons``, whom income is divided by (``members`` on record, or the number ``declared``); ``window``,
        which year of income is looked at (``accounting_year``: the newest accounting period and what belongs to its year;
        ``twelve_months``: the 12 full months before the month of the day, where periods within them make a year);
        ``not_counted``, which items are no part of net income (codes of ``income_item``, with a semicolon between them; empty:
        all count; a net income that a sheet states stays as it is stated); ``measure``, what is compared with the line
        (``income``: net income; ``consumption``); ``own_line``, when a line that stands on the household's own account
        counts (``first``: before that of the area; ``only``: households without one have none, and ``line_cny`` is empty).
        Where ``line_cny`` is empty, ``share`` and ``base_cny`` give the line as a share of an amount: 0.5 of the median income
        of the place, say, or of the disposable income of the district in a year of reference. ``valid_from`` is a day of
        the year of its row (empty: its first): several rows of an area and year, each with its own, are a line that changed.

    Raises
    ------
    InputError
        If a column is missing, a prefix is not of 0, 2, 4, 6, 9 or 12 digits, a year not from 1978 to 2100, a line not
        from 1,000 to 50,000 CNY (or empty where it may be), a status stands without its source, a code is none of those
        above, a ``valid_from`` is no day of its year, an entry occurs twice, or no entry holds everywhere.

    Examples
    --------
    >>> lines = MonitoringLines()
    >>> float(lines.at(["530381000000"], 2024)[0])
    8700.0
    >>> lines.basis("211200", 2026).shown("en")
    'carried forward from 2024 (proxy)'
    """

    def __init__(self, frame: pd.DataFrame | None = None) -> None:
        self.frame = _shipped().copy() if frame is None else checked_line_frame(frame)
        self._last = END  # the last day of which anything is known

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
            frame = pd.read_csv(path, dtype={"area_prefix": "str"}, encoding="utf-8-sig", skip_blank_lines=False)
        except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise InputError(
                "monitoring lines: cannot read {file}: expected a csv file in UTF-8", file=Path(path).name
            ) from error
        return cls(checked_line_frame(frame, Path(path).name))

    @classmethod
    def by_household(cls, *, measure: Literal["income", "consumption"] = "income") -> MonitoringLines:
        """Return lines that stand on each household's own account alone (the item ``household_line``).

        For lines that differ by size, composition or place of the household: no other line holds anywhere.

        Parameters
        ----------
        measure : {"income", "consumption"}
            What is compared with the line.

        Returns
        -------
        MonitoringLines

        Raises
        ------
        SchemaError
            If `measure` is neither.

        Examples
        --------
        >>> lines = MonitoringLines.by_household(measure="consumption")
        >>> lines.at(["01"], 2020), lines.rule_at("measure", ["01"], 2020).tolist()
        (array([nan]), ['consumption'])
        """
        one_of("measure", measure, RULES["measure"], SchemaError)
        row = {
            "area_prefix": [""],
            "year": [FIRST_YEAR],
            "line_cny": [np.nan],
            "own_line": ["only"],
            "measure": [measure],
        }
        return cls(pd.DataFrame(row))

    @property
    def change_within_years(self) -> bool:
        """Whether any line begins on another day than the first of its year."""
        return FIRST_DAY_OF_LINE in self.frame.columns

    def until(self, day: Any) -> MonitoringLines:
        """Return the lines as they stood on a day: later years and changes are not known.

        Parameters
        ----------
        day : date-like
            The day.

        Returns
        -------
        MonitoringLines
            The same lines where nothing came later, or nothing was there yet.
        """
        last = to_day(day)
        later = self.frame["year"] > last.year
        if self.change_within_years:
            later |= self.frame[FIRST_DAY_OF_LINE] > str(last.date())
        if not later.any() or not (self.frame.loc[~later, "area_prefix"] == "").any():
            return self
        lines = MonitoringLines()
        lines.frame, lines._last = self.frame[self.frame["year"] <= last.year].reset_index(drop=True), str(last.date())
        return lines

    def _places(self, area_codes: Iterable[str], year: int, on: Any) -> list[int]:
        """Row of `frame` that holds for each area on a day: of the year, else of the newest before, else of the oldest."""
        first = self.frame[FIRST_DAY_OF_LINE].tolist() if self.change_within_years else [""] * len(self.frame)
        day = min(self._last, END if on is None else str(to_day(on, argument="on").date()))
        years, prefixes = self.frame["year"].tolist(), self.frame["area_prefix"].tolist()
        rows = list(zip(years, prefixes, first, range(len(self.frame)), strict=True))
        changing = {row[1] for row in rows if row[0] == year and row[2]}
        places = []
        for code in area_codes:
            matching = [row for row in rows if code.startswith(row[1])]
            in_force = [row for row in matching if row[0] <= year and row[2] <= day]
            # Until an area's line changes within the year, what it had before is its line of that year.
            found = [row for row in in_force if row[0] == year or row[1] in changing] or in_force
            # Of those found the longest prefix counts, then the newest.
            nearest = max(found, key=lambda row: (len(row[1]), row[0], row[2])) if found else min(matching)
            places.append(nearest[3])
        return places

    def at(self, area_codes: object, year: int, *, on: Any = None) -> np.ndarray:
        """Return the monitoring line of each area in a year.

        Parameters
        ----------
        area_codes : array-like of str, shape (n,)
            Division codes; missing ones get the line that holds everywhere.
        year : int
            Calendar year.
        on : date-like, optional
            The day that is asked of, where a line changes within the year. Default: its last.

        Returns
        -------
        ndarray of shape (n,)
            CNY per person and year, float64.

        Examples
        --------
        >>> days = {"valid_from": ["", "2024-07-01"], "line_cny": [8500, 8900]}
        >>> lines = MonitoringLines(pd.DataFrame({"area_prefix": "", "year": 2024, **days}))
        >>> [float(lines.at([""], 2024, on=day)[0]) for day in ("2024-06-30", "2024-07-01", None)]
        [8500.0, 8900.0, 8900.0]
        """
        longest = int(self.frame["area_prefix"].str.len().max())  # what follows in a code cannot matter
        codes = pd.Series(np.asarray(area_codes, dtype=object), dtype="str").str[:longest]
        numbers, unique = pd.factorize(codes)
        places = self._places([*map(str, unique), ""], int(year), on)
        return self.frame["line_cny"].to_numpy()[places][numbers]

    def rule_at(self, name: str, area_codes: object, year: int, *, on: Any = None) -> np.ndarray:
        """Return how each area counts in a year.

        Parameters
        ----------
        name : {"claims", "own_expenses", "persons", "window", "not_counted", "measure", "own_line"}
            Column of the lines.
        area_codes : array-like of str, shape (n,)
            Division codes; missing ones get the rule that holds everywhere.
        year : int
            Calendar year.
        on : date-like, optional
            As for :meth:`at`.

        Returns
        -------
        ndarray of str, shape (n,)
            One of the codes of the column; of ``not_counted`` codes of items with a semicolon between them.

        Examples
        --------
        >>> MonitoringLines().rule_at("own_expenses", ["211282"], 2023).tolist()
        ['form_or_bills']
        """
        if name not in self.frame.columns:
            return np.full(len(np.asarray(area_codes, dtype=object)), RULES[name][0], dtype=object)
        numbers, unique = pd.factorize(pd.Series(np.asarray(area_codes, dtype=object), dtype="str"))
        places = self._places([*map(str, unique), ""], int(year), on)
        return self.frame[name].to_numpy(dtype=object)[places][numbers]

    def entry(self, area_code: str, year: int, *, on: Any = None) -> Line:
        """Return the entry that holds for an area and year.

        Parameters
        ----------
        area_code : str
            Division code, ``""`` for everywhere.
        year : int
            Calendar year.
        on : date-like, optional
            As for :meth:`at`.

        Returns
        -------
        Line
            Its ``year`` is another one where the line is carried forward or back.
        """
        found = self.frame.iloc[self._places([area_code], int(year), on)[0]]
        return Line(
            str(found["area_prefix"]),
            int(found["year"]),
            float(found["line_cny"]),
            str(found["status"]),
            str(found["source"]),
        )

    def in_force_since(self, area_code: str, year: int, *, on: Any = None) -> str:
        """Return the day within its year from which the entry of an area and year holds, ``""`` for its first.

        Parameters
        ----------
        area_code, year, on
            As for :meth:`entry`.

        Returns
        -------
        str
            Such as ``2024-07-01``.
        """
        place = self._places([area_code], int(year), on)[0]
        return str(self.frame[FIRST_DAY_OF_LINE].iloc[place]) if self.change_within_years else ""

    def basis(self, area_code: str, year: int, *, on: Any = None) -> Message:
        """Return on what the line of an area and year rests.

        Parameters
        ----------
        area_code : str
            Division code, ``""`` for everywhere.
        year : int
            Calendar year.
        on : date-like, optional
            As for :meth:`at`.

        Returns
        -------
        Message
            Status of the entry (sourced, proxy, unverified, user) and whether it is of another year.
        """
        found = self.entry(area_code, year, on=on)
        if np.isnan(found.line_cny):
            return Message("each household's own line")
        status = STATUS.get(found.status, found.status)
        if found.year == year and (since := self.in_force_since(area_code, year, on=on)):
            return Message("in force since {day} ({status})", day=since, status=status)
        if found.year == year:
            return status if isinstance(status, Message) else Message("{status}", status=status)
        if found.year < year:
            return Message("carried forward from {year} ({status})", year=found.year, status=status)
        return Message("carried back from {year} ({status})", year=found.year, status=status)


def checked_lines(lines: MonitoringLines | None) -> MonitoringLines:
    """Return the lines, those that ship with the package for None; raise SchemaError for anything else."""
    if lines is None:
        return MonitoringLines()
    if not isinstance(lines, MonitoringLines):
        raise SchemaError(
            "lines: expected monitoring lines, got the type {got}; make them with MonitoringLines(frame) or "
            "MonitoringLines.read(file)",
            got=type(lines).__name__,
        )
    return lines


@cache
def _shipped() -> pd.DataFrame:
    """Return the lines that ship with the package, read once; not to be changed."""
    with resources.files("fanpin_risk.asof").joinpath(SHIPPED).open("rb") as file:
        return checked_line_frame(pd.read_csv(file, dtype={"area_prefix": "str"}), SHIPPED)
