"""Entries of monitoring lines: what their columns hold, checked cell by cell, whoever wrote them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from fanpin_risk.arguments import of_type
from fanpin_risk.asof.days import to_day
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.records.code_lists import INCOME_ITEM
from fanpin_risk.records.income_items import CONSUMPTION, OWN_LINE, STATED
from fanpin_risk.words import Message

__all__ = [
    "COUNTABLE",
    "FIRST_DAY_OF_LINE",
    "FIRST_YEAR",
    "MARK_OF_ITEMS",
    "PREFIX_LENGTHS",
    "RULES",
    "checked_line_frame",
]

FIRST_DAY_OF_LINE = "valid_from"  # optional: the day within its year from which a line holds
LINE_COLUMNS = ("area_prefix", "year", "line_cny", "status", "source")
# A line may be a share of an amount that is published: the local median, the disposable income of a district.
RELATIVE_LINE = ("share", "base_cny")
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
UNNAMED_LINES = Message("monitoring lines")  # where no file was read
PREFIX_LENGTHS = (0, 2, 4, 6, 9, 12)  # everywhere, province, prefecture, county, township, village
FIRST_YEAR, LAST_YEAR = 1978, 2100  # the first rural poverty line of China is that of 1978
LOWEST_CNY, HIGHEST_CNY = 1_000.0, 50_000.0  # lines in 10,000 CNY, by month or by household fall outside
NO_DAY = "?"  # what cannot be read as a day
USER = "user"  # standing and source of lines that say neither


def checked_line_frame(frame: pd.DataFrame, file: str | Message = UNNAMED_LINES) -> pd.DataFrame:
    """Return the lines with all columns, sorted; raise InputError where they cannot be lines."""
    of_type("frame", frame, pd.DataFrame, Message("a frame with {columns}", columns=LINE_COLUMNS[:3]))
    if FIRST_DAY_OF_LINE in frame.columns and "year" not in frame.columns:
        frame = frame.assign(year=_first_days(frame[FIRST_DAY_OF_LINE]).str[:4])
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
    asked = [name for name in (*RULES, *RELATIVE_LINE, FIRST_DAY_OF_LINE) if name in frame.columns]
    given = frame.reindex(columns=[*LINE_COLUMNS, *asked])[filled].reset_index(drop=True)
    row = row[filled]
    frame = given.copy()
    rules = [name for name in RULES if name in frame.columns]
    for name in ("area_prefix", "status", "source", *rules):
        frame[name] = frame[name].astype("str").fillna("").str.strip()
    if "not_counted" in rules:
        items = [MARK_OF_ITEMS.join(filter(None, re.split(BETWEEN_ITEMS, codes))) for codes in frame["not_counted"]]
        frame["not_counted"] = pd.Series(items, index=frame.index, dtype="str")
    for name in ("year", "line_cny", *(name for name in RELATIVE_LINE if name in frame.columns)):
        frame[name] = pd.to_numeric(frame[name], errors="coerce")
    if FIRST_DAY_OF_LINE in frame.columns:
        frame[FIRST_DAY_OF_LINE] = _first_days(frame[FIRST_DAY_OF_LINE])
    _fill_shares(frame, given, row, file)
    _refuse_first_odd(frame, given, row, file)
    frame = _with_first_days(frame)
    key = ["area_prefix", "year", *([FIRST_DAY_OF_LINE] if FIRST_DAY_OF_LINE in frame.columns else [])]
    double = frame.duplicated(key).to_numpy()
    if double.any():
        raise InputError(
            "{file}: row {row} holds for the area_prefix and year of a row above it; keep one row for each, or say in a column "
            "valid_from from which day of the year each holds",
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
    frame = frame.drop(columns=[name for name in RELATIVE_LINE if name in frame.columns])
    return frame.sort_values(key, ignore_index=True)


def _first_days(cells: pd.Series) -> pd.Series:
    """Read the days from which lines hold, as texts; "" where there is none, NO_DAY where it cannot be read."""
    days = []
    for cell in cells:
        try:
            days.append(
                "" if pd.isna(cell) or not str(cell).strip() else str(to_day(cell, argument=FIRST_DAY_OF_LINE).date())
            )
        except SchemaError:
            days.append(NO_DAY)
    return pd.Series(days, index=cells.index, dtype="str")


def _with_first_days(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out the day of lines that hold from the first of their year, and the column where all do."""
    if FIRST_DAY_OF_LINE not in frame.columns:
        return frame
    days = frame[FIRST_DAY_OF_LINE].mask(frame[FIRST_DAY_OF_LINE].str[4:] == "-01-01", "")
    return frame.assign(**{FIRST_DAY_OF_LINE: days}) if (days != "").any() else frame.drop(columns=FIRST_DAY_OF_LINE)


def _fill_shares(frame: pd.DataFrame, given: pd.DataFrame, row: np.ndarray, file: str | Message) -> None:
    """Put shares of an amount in the place of the lines that they give; raise InputError where one lacks its amount."""
    if not set(RELATIVE_LINE) & set(frame.columns):
        return
    for name in RELATIVE_LINE:
        if name not in frame.columns:
            frame[name] = np.nan
    said = given.reindex(columns=list(RELATIVE_LINE)).notna().any(axis=1).to_numpy()
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
    if FIRST_DAY_OF_LINE in frame.columns:
        of_year = frame[FIRST_DAY_OF_LINE].str[:4] == frame["year"].map("{:.0f}".format)
        expected = Message(
            "a day of the year of its row, such as {example}, or nothing for its first", example="2024-07-01"
        )
        checks = {FIRST_DAY_OF_LINE: (of_year | (frame[FIRST_DAY_OF_LINE] == ""), expected), **checks}
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
