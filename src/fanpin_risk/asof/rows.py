"""Rows of a table that count on a day, and one number for each household made of them.

Amounts are summed in hundredths: such sums are exact, so no result depends on the order of rows, on other
households or on how the register was split.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from fanpin_risk.asof.days import Array, full_months, months_before, school_year_begin
from fanpin_risk.asof.register_on_day import RegisterOnDay, of_newest_day
from fanpin_risk.errors import SchemaError
from fanpin_risk.records.schema import TABLES

__all__ = ["KnownRows", "MemberRows"]


class KnownRows:
    """Rows of one table that count on the day, each with the number of its household.

    Columns are attributes, as arrays of length ``len(rows)``: numbers and yes/no columns are float64 (1, 0, NaN),
    dates datetime64[D], code columns are asked through :meth:`isin`. Aggregates return one float64 number for
    each household; they are NaN where the register was not given the table at all, and of tables about persons
    where no person of the household is on record.

    Parameters
    ----------
    table : str
        Name of the table.
    index : ndarray of int64, shape (n_rows,)
        Positions of the rows that count in the register's frame.
    household : ndarray of int64, shape (n_rows,)
        Household number of each.
    on_day : RegisterOnDay
        The register and the day whose rows they are.

    Attributes
    ----------
    declaration : Table
        The table's declaration.
    frame : DataFrame
        Its frame in the register.
    index, household, on_day
        As given.
    """

    def __init__(self, table: str, index: Array, household: Array, *, on_day: RegisterOnDay) -> None:
        self.declaration = TABLES[table]
        self.frame = on_day.register.tables[table]
        self.index = index
        self.household = household
        self.on_day = on_day
        self._columns: dict[str, Array] = {}

    def __len__(self) -> int:
        return len(self.index)

    def __getattr__(self, name: str) -> Array:
        if name.startswith("_") or name not in self.declaration:
            raise AttributeError(f"table {self.declaration.name} has no column {name!r}")
        if name not in self._columns:
            self._columns[name] = self._read(name)
        return self._columns[name]

    def _read(self, name: str) -> Array:
        column = self.declaration[name]
        values = self.frame[name]
        if column.type == "date":
            days = self.on_day.dates(self.declaration.name, name)[self.index]
            if name == self.declaration.open_ended and name != "valid_to":
                days[days > self.on_day.as_of] = np.datetime64("NaT")  # how it ended was not yet seen
            return days
        if column.type == "code":
            return values.cat.codes.to_numpy()[self.index]
        if column.type == "bool":
            return values.to_numpy(dtype="float64", na_value=np.nan)[self.index]
        if column.type in ("int", "number"):
            return values.to_numpy(dtype="float64")[self.index]
        return values.to_numpy(dtype=object)[self.index]

    @property
    def supplied(self) -> bool:
        """Whether the register was given the table."""
        return self.on_day.supplied(self.declaration.name)

    @property
    def time(self) -> Array:
        """Day on which each row became true, datetime64[D]."""
        if self.declaration.name == "enrolments":
            return school_year_begin(self.school_year)
        return getattr(self, self.declaration.time)

    # --- which rows -------------------------------------------------------------------------------------------
    def where(self, mask: Array) -> KnownRows:
        """Keep the rows for which `mask`, boolean of shape (n_rows,), is true."""
        kept = np.flatnonzero(mask)
        rows = KnownRows(self.declaration.name, self.index[kept], self.household[kept], on_day=self.on_day)
        rows._columns = {name: values[kept] for name, values in self._columns.items()}
        return rows

    def within(self, months: int, *, until: int = 0) -> KnownRows:
        """Keep the rows of the last `months` months, or of those months but the last `until`.

        The window is open at its start: on 2023-12-31, ``within(12)`` begins on 2023-01-01.
        """
        time = self.time
        first, last = (months_before(self.on_day.as_of, number) for number in (months, until))
        return self.where((time > first) & (time <= last))

    def last_by(self, *keys: Array) -> KnownRows:
        """Keep of each household the row that comes last by `keys`, the most important one last; in whatever order they stand."""
        order = np.lexsort((*keys, self.household))
        last = np.ones(len(order), dtype=bool)
        last[:-1] = self.household[order][1:] != self.household[order][:-1]
        chosen = np.zeros(len(order), dtype=bool)
        chosen[order[last]] = True
        return self.where(chosen)

    def isin(self, name: str, *codes: str) -> Array:
        """Whether each row's code is one of `codes`; False where it is missing."""
        column = self.declaration[name]
        known = list(column.codes)
        unknown = [code for code in codes if code not in known]
        if unknown:
            raise SchemaError(
                "{table}.{column} has no code {unknown!r}; it has {known}",
                table=self.declaration.name,
                column=name,
                unknown=unknown[0],
                known=tuple(known),
            )
        if column.type == "codes":
            numbers, unique = pd.factorize(getattr(self, name))
            hit = np.array([bool(set(str(text).split(";")) & set(codes)) for text in unique] + [False])
            return hit[numbers]
        lookup = np.zeros(len(known) + 1, dtype=bool)  # the last place is for -1, missing
        lookup[[known.index(code) for code in codes]] = True
        return lookup[getattr(self, name)]

    def known(self, name: str) -> Array:
        """Whether each row's value is on record."""
        values = getattr(self, name)
        if self.declaration[name].type == "code":
            return values >= 0
        return ~pd.isna(values)

    def level(self, name: str) -> Array:
        """Place of each row's code in the code list (0, 1, ...), float64, NaN where missing."""
        codes = getattr(self, name)
        return np.where(codes >= 0, codes.astype("float64"), np.nan)

    # --- one number per household -----------------------------------------------------------------------------
    def _finish(self, result: Array) -> Array:
        if not self.supplied:
            return np.full(self.on_day.n_households, np.nan)
        if "household_id" not in self.declaration:  # rows about persons tell nothing where no person is on record
            result[~self.on_day.peopled] = np.nan
        return result

    def _count(self, mask: Array | None = None) -> Array:
        household = self.household if mask is None else self.household[mask]
        return np.bincount(household, minlength=self.on_day.n_households).astype("float64")

    def count(self, mask: Array | None = None, *, known: Array | None = None) -> Array:
        """Rows per household for which `mask` holds.

        Parameters
        ----------
        mask : ndarray of bool, shape (n_rows,), optional
            Default: all rows.
        known : ndarray of bool, shape (n_rows,), optional
            Rows on which the question can be answered; a household without any gets NaN.
        """
        result = self._count(mask)
        if known is not None:
            result[self._count(known) == 0] = np.nan
        return self._finish(result)

    def any(self, mask: Array, *, known: Array | None = None) -> Array:
        """1 where `mask` holds for a row of the household, else 0; NaN where nothing is `known`."""
        result = self.count(mask, known=known)
        return np.where(np.isnan(result), np.nan, (result > 0).astype("float64"))

    def sum(self, values: Array, *, default: float = 0.0) -> Array:
        """Sum of `values` per household, in hundredths and therefore exact.

        Missing values are passed over; a household whose values are all missing gets NaN, one without rows
        gets `default`.
        """
        seen = ~np.isnan(values)
        hundredths = np.bincount(
            self.household[seen], weights=np.rint(values[seen] * 100.0), minlength=self.on_day.n_households
        )
        return self._finish(self._fill(hundredths / 100.0, seen, default))

    def max(self, values: Array, *, default: float = np.nan) -> Array:
        """Greatest of `values` per household; all missing gives NaN, no rows `default`."""
        seen = ~np.isnan(values)
        result = np.full(self.on_day.n_households, -np.inf)
        np.maximum.at(result, self.household[seen], values[seen])
        return self._finish(self._fill(result, seen, default))

    def min(self, values: Array, *, default: float = np.nan) -> Array:
        """Least of `values` per household; all missing gives NaN, no rows `default`."""
        return -self.max(-values, default=-default)

    def mean(self, values: Array) -> Array:
        """Mean of `values` per household over the rows where it is known; NaN where none is."""
        seen = ~np.isnan(values)
        count = self._count(seen)
        return np.divide(self.sum(values, default=np.nan), count, out=np.full(len(count), np.nan), where=count > 0)

    def _fill(self, result: Array, seen: Array, default: float) -> Array:
        seen_count = self._count(seen)
        result[seen_count == 0] = np.nan
        result[self._count() == 0] = default
        return result

    def months_since_last(self) -> Array:
        """Full months from each household's newest row to the day; NaN where it has none."""
        return full_months(self.max(self.time.astype("int64").astype("float64")), self.on_day.as_of)


class MemberRows(KnownRows):
    """Persons at home on the day: rows of the table members, which rows of other tables are about.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> snapshot = fr.Snapshot(fr.make_register(50, random_state=0), "2023-12-31")
    >>> float(snapshot.members.count().min()) >= 0
    True
    """

    def place_of(self, rows: KnownRows) -> Array:
        """For rows with a ``member_id``: place of the person among the members, -1 where not at home (any more)."""
        return self.on_day.places(rows.declaration.name, "member_id", rows.index, self._persons)

    @cached_property
    def _persons(self) -> Array:
        return self.on_day.numbers("members", "member_id")[self.index]

    def named_in(self, rows: KnownRows) -> Array:
        """Whether at least one of `rows`, which have a ``member_id``, is about each member."""
        found = self.place_of(rows)
        result = np.zeros(len(self), dtype=bool)
        result[found[found >= 0]] = True
        return result

    def newest_of(self, rows: KnownRows) -> KnownRows:
        """Keep, of `rows` with a ``member_id``, the newest about each member."""
        rows = rows.where(self.place_of(rows) >= 0)
        return rows.where(of_newest_day(self.place_of(rows), rows.time.astype("int64")))

    @cached_property
    def age(self) -> Array:
        """Age of each member on the day, in full years by month, float64; NaN where unknown."""
        months = self.on_day.as_of.astype("datetime64[M]") - self.birth_date.astype("datetime64[M]")
        result = np.floor(months.astype("int64") / 12.0)
        return np.where(np.isnat(self.birth_date), np.nan, result)

    @cached_property
    def years_old(self) -> Array:
        """Age of each member on the day in full years, float64, by month where no day of birth is known; NaN where unknown."""
        born, day = self.birth_date, self.on_day.as_of
        # In days of the month, so that 29 February comes before 1 March in every year.
        month = born.astype("datetime64[M]")
        months = (day.astype("datetime64[M]") - month).astype("float64")
        months -= (born - month).astype("float64") > (day - day.astype("datetime64[M]")).astype("float64")
        result = np.where(self.birth_year_only == 1, self.age, np.floor(months / 12.0))
        return np.where(np.isnat(born), np.nan, result)

    def aged(self, first: int, last: int) -> Array:
        """Whether each member is `first` to `last` years old, float64: 1, 0, NaN where unknown."""
        inside = (self.age >= first) & (self.age <= last)
        return np.where(np.isnan(self.age), np.nan, inside.astype("float64"))
