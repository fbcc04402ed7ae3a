"""Which rows of a register count on a day, and to whom they belong: the only place that filters on time.

A row counts on day D if it was *known* (``recorded_at`` <= D) and *past* (the table's time <= D). Of several
rows with one key the newest known correction wins; of the versions of a household or member the newest one
begun by D wins.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.asof.days import Array, school_year_begin, to_day
from fanpin_risk.errors import SchemaError
from fanpin_risk.records.checks import lag_days
from fanpin_risk.records.declarations import Table
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES

__all__ = ["OWNERS", "RegisterOnDay", "checked_register", "combined", "of_newest_day"]

# Kind of id -> the table that declares them.
OWNERS = {"household_id": "households", "member_id": "members"}


def combined(codes: list[Array]) -> Array:
    """Give each combination of non-negative integer codes a number; equal numbers mean equal combinations."""
    combined = codes[0].astype(np.int64)
    for code in codes[1:]:
        width = int(code.max(initial=0)) + 1
        if int(combined.max(initial=0)) >= np.iinfo(np.int64).max // max(width, 1) - 1:
            combined = pd.factorize(combined)[0].astype(np.int64)
        combined = combined * width + code
    return combined


def _places_among(texts: pd.Index | pd.Series, declared: pd.Index) -> Array:
    """Return where each text stands in `declared`; others have numbers from there on, missing ones have -1."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text, declared_text = (pa.array(values.array, pa.large_string(), from_pandas=True) for values in (texts, declared))
    places = pc.fill_null(pc.index_in(text, value_set=declared_text, skip_nulls=True), -1)
    numbers = places.to_numpy(zero_copy_only=False).astype(np.int64)
    other = np.flatnonzero(numbers < 0)
    other = other[~pd.isna(texts.take(other))]
    if len(other):
        numbers[other] = len(declared) + pd.factorize(texts.take(other))[0]
    return numbers


def of_newest_day(group: Array, days: Array) -> Array:
    """Return a mask of the rows that have the newest day of their group; groups are numbered from 0."""
    newest = np.full(group.max(initial=-1) + 1, np.iinfo(np.int64).min)
    np.maximum.at(newest, group, days)
    return days == newest[group]


def checked_register(register: Any) -> Register:
    """Return a register as it is; refuse anything else, such as a table or a path.

    Raises
    ------
    SchemaError
        If it is not a register.
    """
    if not isinstance(register, Register):
        raise SchemaError(
            "expected a register, got the type {got}: read one with read_register(folder), or make one of frames with "
            "Register.from_frames(households=..., members=..., incomes=...)",
            got=type(register).__name__,
        )
    return register


class RegisterOnDay:
    """The rows of a register that count on a day, and the households and persons they belong to.

    Households are numbered 0..n-1 in the order of their ids.

    Parameters
    ----------
    register : Register
        Checked records.
    as_of : date-like
        The day.

    Attributes
    ----------
    register : Register
    as_of : datetime64[D]
    household_ids : Index of str, shape (n_households,)
        Households on record and not dissolved on the day, sorted.
    household_rows : ndarray of int64, shape (n_households,)
        Row of each in the table households.

    Raises
    ------
    SchemaError
        If `register` is no register or `as_of` not a day.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> on_day = RegisterOnDay(fr.make_register(50, random_state=0), "2023-12-31")
    >>> on_day.n_households == len(on_day.household_ids)
    True
    """

    def __init__(self, register: Register, as_of: Any) -> None:
        self.register = checked_register(register)
        self.as_of: np.datetime64 = to_day(as_of).to_datetime64().astype("datetime64[D]")
        self._declared_ids: dict[str, pd.Index] = {}
        self._numbers: dict[tuple[str, str], Array] = {}
        self._dates: dict[tuple[str, str], Array] = {}
        rows = self.current("households")
        left = self.dates("households", "valid_to")[rows]
        rows = rows[np.isnat(left) | (left > self.as_of)]
        ids = pd.Index(register.tables["households"]["household_id"].array.take(rows)).astype("str")
        order = np.argsort(ids.to_numpy(dtype=object), kind="stable")
        self.household_ids = ids[order].rename("household_id")
        self.household_rows = rows[order]
        self._household_numbers = self.numbers("households", "household_id")[self.household_rows]

    @property
    def n_households(self) -> int:
        """Number of households on record on the day."""
        return len(self.household_ids)

    def supplied(self, name: str) -> bool:
        """Whether the register was given a table."""
        return name in self.register.supplied

    def dates(self, name: str, column: str) -> Array:
        """Return a date column of a table, all rows of it, as datetime64[D]."""
        if (name, column) not in self._dates:
            seconds = self.register.tables[name][column].to_numpy(dtype="datetime64[s]")
            self._dates[name, column] = seconds.astype("datetime64[D]")
        return self._dates[name, column]

    # --- ids ------------------------------------------------------------------------------------------------------
    def numbers(self, name: str, column: str) -> Array:
        """Return the number of the id in each row of a table, int64; -1 for none.

        Ids on record in the table that declares them have the same number everywhere, below the number of such ids;
        others have numbers from there on. Text is looked at once, and not at all in tables that share one dictionary.
        """
        if (name, column) not in self._numbers:
            values = self.register.tables[name][column]
            dictionary = values.cat.categories if isinstance(values.dtype, pd.CategoricalDtype) else None
            owner = OWNERS[column]
            if name == owner:
                numbers, ids = pd.factorize(values) if dictionary is None else (values.cat.codes, dictionary)
                self._declared_ids[column] = ids
            else:
                self.numbers(owner, column)
                declared = self._declared_ids[column]
                if dictionary is None:
                    numbers = _places_among(values, declared)
                elif dictionary is declared:
                    numbers = values.cat.codes
                else:
                    numbers = np.append(_places_among(dictionary, declared), -1)[values.cat.codes.to_numpy()]
            self._numbers[name, column] = np.asarray(numbers, dtype=np.int64)
        return self._numbers[name, column]

    def places(self, name: str, column: str, rows: Array, of: Array) -> Array:
        """Return where in `of`, numbers of ids declared, the id in some rows of a table is; -1 where it is not."""
        numbers = self.numbers(name, column)[rows]
        n = len(self._declared_ids[column])
        place = np.full(n + 1, -1)  # the last one is for -1, none, and for ids that are not declared
        place[of] = np.arange(len(of))
        return place[np.where(numbers < n, numbers, -1)]

    # --- rows that count ------------------------------------------------------------------------------------------
    def _known(self, declaration: Table) -> tuple[Array, Array, Array]:
        """Rows known and past on the day, with their time and the day they were recorded."""
        if declaration.name == "enrolments":
            time = school_year_begin(self.register.tables["enrolments"]["school_year"].to_numpy(dtype="float64"))
        else:
            time = self.dates(declaration.name, declaration.time)
        recorded = self.dates(declaration.name, "recorded_at")
        unrecorded = np.isnat(recorded)
        if unrecorded.any():
            recorded = np.where(
                unrecorded, time + np.timedelta64(lag_days(declaration, self.register.known_lag_days), "D"), recorded
            )
        rows = np.flatnonzero((recorded <= self.as_of) & (time <= self.as_of))
        return rows, time[rows], recorded[rows]

    def _key_codes(self, declaration: Table, rows: Array, *, text: bool) -> list[Array]:
        """Return codes of the columns that make up the key of some rows; without `text`, of those that are no text."""
        frame = self.register.tables[declaration.name]
        codes = []
        for name in declaration.key:
            column = declaration[name]
            values = frame[name]
            if name in OWNERS:
                codes.append(self.numbers(declaration.name, name)[rows] + 1)
            elif column.type == "code":
                codes.append(values.cat.codes.to_numpy()[rows].astype("int64") + 1)
            elif column.type == "date":
                days = self.dates(declaration.name, name)[rows]
                numbers = days.view("int64")
                known = ~np.isnat(days)
                before = numbers.min(where=known, initial=np.iinfo(np.int64).max - 1) - 1
                codes.append(np.where(known, numbers - before, 0))
            elif text or column.type not in ("id", "text"):
                codes.append(pd.factorize(values.array.take(rows))[0].astype("int64") + 1)
        return codes

    def _newest(self, declaration: Table, rows: Array, recorded: Array) -> Array:
        """Mask of the rows that no later correction of the same key replaces."""
        keep = np.ones(len(rows), dtype=bool)
        repeated = np.arange(len(rows))
        for text in (False, True):  # few rows are alike in all else, and only of these the texts are compared
            key = combined(self._key_codes(declaration, rows[repeated], text=text))
            again = pd.Series(key).duplicated(keep=False).to_numpy()
            repeated, key = repeated[again], key[again]
        if len(repeated):
            keep[repeated] = of_newest_day(pd.factorize(key)[0], recorded[repeated].astype("int64"))
        return keep

    def _uncorrected(self, name: str) -> tuple[Array, Array]:
        """Rows known and past on the day that no correction replaces, with their time."""
        declaration = TABLES[name]
        rows, time, recorded = self._known(declaration)
        keep = self._newest(declaration, rows, recorded)
        return rows[keep], time[keep]

    def current(self, name: str) -> Array:
        """Return the rows of a table of states that hold the newest version of each household or person."""
        rows, time = self._uncorrected(name)
        latest_per = TABLES[name].latest_per
        assert latest_per is not None
        return rows[of_newest_day(self.numbers(name, latest_per[0])[rows], time.astype("int64"))]

    @cached_property
    def versions(self) -> tuple[Array, Array]:
        """Rows of all versions of households known and past on the day, the older ones too; household of each."""
        rows, _ = self._uncorrected("households")
        household = self.places("households", "household_id", rows, self._household_numbers)
        return rows[household >= 0], household[household >= 0]

    def counting(self, name: str) -> tuple[Array, Array]:
        """Return the rows of a table of events that count, and the number of the household of each."""
        rows, _ = self._uncorrected(name)
        if "household_id" in TABLES[name]:
            household = self.places(name, "household_id", rows, self._household_numbers)
        else:
            people, their_household = self.people
            person = self.places(name, "member_id", rows, self.numbers("members", "member_id")[people])
            household = np.append(their_household, -1)[person]
        keep = household >= 0
        return rows[keep], household[keep]

    # --- households and persons -------------------------------------------------------------------------------------
    @cached_property
    def people(self) -> tuple[Array, Array]:
        """Rows of the newest version of every person known, at home or not any more; household of each, -1 for none."""
        rows = self.current("members")
        return rows, self.places("members", "household_id", rows, self._household_numbers)

    @cached_property
    def person_versions(self) -> Array:
        """Rows of all versions of persons known and past on the day, the older ones too, of whichever household."""
        return self._uncorrected("members")[0]

    @cached_property
    def peopled(self) -> Array:
        """Whether each household has any person on record, at home or not any more."""
        household = self.people[1]
        return np.bincount(household[household >= 0], minlength=self.n_households) > 0

    def households_elsewhen(self) -> tuple[pd.Index, Array]:
        """Return the households of the register that are not on record on the day, and which of them were dissolved.

        Returns
        -------
        ids : Index of str, shape (n,)
            Sorted.
        ended : ndarray of bool, shape (n,)
            True: dissolved by the day; False: not on record yet.
        """
        numbers = self.numbers("households", "household_id")
        here = np.zeros(len(self._declared_ids["household_id"]), dtype=bool)
        here[self._household_numbers] = True
        rows = np.flatnonzero(~here[numbers])
        begun = np.isin(rows, self._known(TABLES["households"])[0])
        ids = pd.Index(self.register.tables["households"]["household_id"].array.take(rows)).astype("str")
        others = ids.unique().sort_values()
        return others, others.isin(ids[begun])
