"""Monitoring lines (监测线): per-person net income below which a household is looked at, by area and year.

Lines are policy, so they live in a dated, sourced data file (``asof/monitoring_lines.csv``) and can be
replaced by the user's own. No line for 2025 or later is published in the sources at hand: the newest one is
carried forward, and :meth:`MonitoringLines.basis` says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from fanpin_risk.arguments import of_type, one_of
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.records.code_lists import INCOME_ITEM
from fanpin_risk.records.income_items import CONSUMPTION, OWN_LINE, STATED
from fanpin_risk.words import Message

__all__ = ["COUNTABLE", "MARK_OF_ITEMS", "RULES", "Line", "MonitoringLines", "checked_lines"]

STATUS = {
    "sourced": Message("sourced"),
    "proxy": Message("proxy"),
    "unverified": Message("unverified"),
    "user": Message("user"),
}
LINE_COLUMNS = ("area_prefix", "year", "line_cny", "status", "source")
# A line may be a share of an amount that is published: the local median, the disposable income of a district.
RELATIVE = ("share", "base_cny")
LOWEST_SHARE, HIGHEST_SHARE, HIGHEST_BASE_CNY = 0.05, 2.0, 500_000.0
# How an office counts what it compares with its line: optional columns, their codes, the first of which holds if not said.
RULES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "claims": ("counted", "left_out"),
        "own_expenses": ("form_or_bills", "form", "bills", "left_out"),
        "persons": ("members", "declared"),
        "window": ("accounting_year", "twelve_months"),
        "not_counted": ("",),  # or items of income, see COUNTABLE
        "measure": ("income", "consumption"),
        "own_line": ("first", "only"),
    }
)
# Items of income that an area may leave out of net income: what is received, but not as the net of something.
COUNTABLE = tuple(
    item
    for item in INCOME_ITEM
    if item not in (*STATED, *CONSUMPTION, OWN_LINE, "claim_payout", "oop_compliant", "business_cost")
    and not item.endswith("_net")
)
MARK_OF_ITEMS = ";"
BETWEEN_ITEMS = r"[\s;\uff1b\u3001]+"
SHIPPED = "monitoring_lines.csv"
FRAME = Message("monitoring lines")  # where no file was read
PREFIX_LENGTHS = (0, 2, 4, 6, 9, 12)  # everywhere, province, prefecture, county, township, village
FIRST_YEAR, LAST_YEAR = 1978, 2100  # the first rural poverty line of China is that of 1978
LOWEST_CNY, HIGHEST_CNY = 1_000.0, 50_000.0  # lines in 10,000 CNY, by month or by household fall outside
USER = "user"  # standing and source of lines that say neither


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
        of the place, say, or of the disposable income of the district in a year of reference.

    Raises
    ------
    InputError
        If a column is missing, a prefix is not of 0, 2, 4, 6, 9 or 12 digits, a year not from 1978 to 2100, a line not
        from 1,000 to 50,000 CNY (or empty where it may be), a status stands without its source, a code is none of those
        above, an entry occurs twice, or no entry holds everywhere.

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
            frame = pd.read_csv(path, dtype={"area_prefix": "str"}, encoding="utf-8-sig", skip_blank_lines=False)
        except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise InputError(
                "monitoring lines: cannot read {file}: expected a csv file in UTF-8", file=Path(path).name
            ) from error
        return cls(_checked_frame(frame, Path(path).name))

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

    def rule_at(self, name: str, area_codes: object, year: int) -> np.ndarray:
        """Return how each area counts in a year.

        Parameters
        ----------
        name : {"claims", "own_expenses", "persons", "window", "not_counted", "measure", "own_line"}
            Column of the lines.
        area_codes : array-like of str, shape (n,)
            Division codes; missing ones get the rule that holds everywhere.
        year : int
            Calendar year.

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
        places = self._places([*map(str, unique), ""], int(year))
        return self.frame[name].to_numpy(dtype=object)[places][numbers]

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
        if np.isnan(found.line_cny):
            return Message("each household's own line")
        status = STATUS.get(found.status, found.status)
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


def _checked_frame(frame: pd.DataFrame, file: str | Message = FRAME) -> pd.DataFrame:
    """Return the lines with all columns, sorted; raise InputError where they cannot be lines."""
    of_type("frame", frame, pd.DataFrame, Message("a frame with {columns}", columns=LINE_COLUMNS[:3]))
    missing = [name for name in LINE_COLUMNS[:3] if name not in frame.columns]
    if missing:
        raise InputError(
            "{file}: column {missing} is missing; expected {columns}",
            file=file,
            missing=tuple(missing),
            columns=LINE_COLUMNS,
        )
    row = np.arange(len(frame)) + 2  # below the headers; blank rows of a file count
    filled = frame.notna().any(axis=1).to_numpy()
    asked = [name for name in (*RULES, *RELATIVE) if name in frame.columns]
    given = frame.reindex(columns=[*LINE_COLUMNS, *asked])[filled].reset_index(drop=True)
    row = row[filled]
    frame = given.copy()
    rules = [name for name in RULES if name in frame.columns]
    for name in ("area_prefix", "status", "source", *rules):
        frame[name] = frame[name].astype("str").fillna("").str.strip()
    if "not_counted" in rules:
        items = [MARK_OF_ITEMS.join(filter(None, re.split(BETWEEN_ITEMS, codes))) for codes in frame["not_counted"]]
        frame["not_counted"] = pd.Series(items, index=frame.index, dtype="str")
    for name in ("year", "line_cny", *(name for name in RELATIVE if name in frame.columns)):
        frame[name] = pd.to_numeric(frame[name], errors="coerce")
    _fill_shares(frame, given, row, file)
    _refuse_first_odd(frame, given, row, file)
    double = frame.duplicated(["area_prefix", "year"]).to_numpy()
    if double.any():
        raise InputError(
            "{file}: row {row} holds for the area_prefix and year of a row above it; keep one row for each",
            file=file,
            row=int(row[double][0]),
        )
    if not (frame["area_prefix"] == "").any():
        raise InputError("{file}: no row with an empty area_prefix; one must hold where no other does", file=file)
    frame = frame.astype({"year": "int64", "line_cny": "float64"})
    for name in ("status", "source", *rules):
        frame[name] = frame[name].where(frame[name] != "", RULES[name][0] if name in RULES else USER)
    if "made_of" in frame.columns:
        made = frame.pop("made_of")
        frame["source"] = frame["source"].where(made == "", frame["source"] + ": " + made)
    frame = frame.drop(columns=[name for name in RELATIVE if name in frame.columns])
    return frame.sort_values(["area_prefix", "year"], ignore_index=True)


def _fill_shares(frame: pd.DataFrame, given: pd.DataFrame, row: np.ndarray, file: str | Message) -> None:
    """Put shares of an amount in the place of the lines that they give; raise InputError where one lacks its amount."""
    if not set(RELATIVE) & set(frame.columns):
        return
    for name in RELATIVE:
        if name not in frame.columns:
            frame[name] = np.nan
    said = given.reindex(columns=list(RELATIVE)).notna().any(axis=1).to_numpy()
    good = frame["share"].between(LOWEST_SHARE, HIGHEST_SHARE) & frame["base_cny"].between(LOWEST_CNY, HIGHEST_BASE_CNY)
    odd = np.flatnonzero(said & ~(good & given["line_cny"].isna()).to_numpy())
    if len(odd):
        raise InputError(
            "{file}: row {row}, share and base_cny: expected a share of {low:g} to {high:g} and an amount of {least:,.0f} to "
            "{most:,.0f} CNY, and no line_cny beside them",
            file=file, row=int(row[odd[0]]), low=LOWEST_SHARE, high=HIGHEST_SHARE, least=LOWEST_CNY, most=HIGHEST_BASE_CNY,
        )  # fmt: skip
    amount = np.rint(frame["share"] * frame["base_cny"] * 100.0) / 100.0
    frame["line_cny"] = frame["line_cny"].where(~said, amount)
    frame["made_of"] = [
        f"{share:g} x {base:.15g}" if one else ""
        for share, base, one in zip(frame["share"], frame["base_cny"], said, strict=True)
    ]


def _refuse_first_odd(frame: pd.DataFrame, given: pd.DataFrame, row: np.ndarray, file: str | Message) -> None:
    """Raise InputError for the first cell that no line has, with what was expected there."""
    digits = frame["area_prefix"].str.fullmatch("[0-9]*") & frame["area_prefix"].str.len().isin(PREFIX_LENGTHS)
    checks = {
        "area_prefix": (
            digits,
            Message("the first 2, 4, 6, 9 or 12 digits of a division code, or nothing for everywhere"),
        ),
        "year": (
            frame["year"].between(FIRST_YEAR, LAST_YEAR) & (frame["year"] % 1 == 0),
            Message("a year from {first} to {last}", first=FIRST_YEAR, last=LAST_YEAR),
        ),
        "line_cny": (
            frame["line_cny"].between(LOWEST_CNY, HIGHEST_CNY),
            Message("{low:,.0f} to {high:,.0f} CNY per person and year", low=LOWEST_CNY, high=HIGHEST_CNY),
        ),
        "source": (
            frame["source"].ne("") | frame["status"].isin(("", USER)),
            Message("where a line with a status can be read"),
        ),
    }
    if "not_counted" in frame.columns:
        known = frame["not_counted"].map(lambda codes: codes == "" or set(codes.split(MARK_OF_ITEMS)) <= set(COUNTABLE))
        checks["not_counted"] = (
            known.astype("bool"),
            Message(
                "items of income, with a semicolon between them, of {codes}; or nothing where all count",
                codes=COUNTABLE,
            ),
        )
    for name in (name for name in RULES if name in frame.columns and name != "not_counted"):
        checks[name] = (
            frame[name].isin(("", *RULES[name])),
            Message("one of {codes}, or nothing for the first", codes=RULES[name]),
        )
    if "own_line" in frame.columns:
        amount, expected = checks["line_cny"]
        empty = given["line_cny"].astype("str").fillna("").str.strip().eq("")
        checks["line_cny"] = amount | (frame["own_line"].eq("only") & empty), expected
    for name, (good, expected) in checks.items():
        odd = np.flatnonzero(~good.to_numpy())
        if len(odd):
            value = given[name].iloc[odd[0]]
            text = f"{value:.15g}" if isinstance(value, float) else str(value).strip()
            raise InputError(
                "{file}: row {row}, {column} is {value}; expected {expected}",
                file=file,
                row=int(row[odd[0]]),
                column=name,
                value=Message("empty") if pd.isna(value) or not text else text,
                expected=expected,
            )


@cache
def _shipped() -> pd.DataFrame:
    """Return the lines that ship with the package, read once; not to be changed."""
    with resources.files("fanpin_risk.asof").joinpath(SHIPPED).open("rb") as file:
        return _checked_frame(pd.read_csv(file, dtype={"area_prefix": "str"}), SHIPPED)
