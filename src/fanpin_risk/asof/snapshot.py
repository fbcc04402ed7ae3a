"""What the register knew on a given day: the only place that filters on time.

A row counts on day D if it was *known* (``recorded_at`` <= D) and *past* (the table's time <= D). Of several
rows with one key the newest known correction wins; of the versions of a household or member the newest one
begun by D wins. Households are numbered 0..n-1 in the order of their ids, once, and every table comes as
:class:`Rows` that know which household each row belongs to, so that a feature is a short function of what it
is about.

Amounts are summed in hundredths: such sums are exact, so no result depends on the order of rows, on other
households or on how the register was split.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.errors import SchemaError
from fanpin_risk.records.cells import YEARS
from fanpin_risk.records.schema import TABLES, Table, table

if TYPE_CHECKING:
    from fanpin_risk.records.register import Register

__all__ = ["Rows", "Snapshot", "to_day"]

Array = np.ndarray

# Kind of id -> the table that declares them.
OWNERS = {"household_id": "households", "member_id": "members"}


def _number(codes: list[Array]) -> Array:
    """Give each combination of non-negative integer codes a number; equal numbers mean equal combinations."""
    combined = codes[0].astype(np.int64)
    for code in codes[1:]:
        width = int(code.max(initial=0)) + 1
        if int(combined.max(initial=0)) >= np.iinfo(np.int64).max // max(width, 1) - 1:
            combined = pd.factorize(combined)[0].astype(np.int64)
        combined = combined * width + code
    return combined


def _places(texts: pd.Index | pd.Series, declared: pd.Index) -> Array:
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


def to_day(as_of: Any) -> pd.Timestamp:
    """Read a day.

    Parameters
    ----------
    as_of : date-like
        A text such as ``2023-12-31``, a date or a timestamp; a time of day is dropped.

    Returns
    -------
    Timestamp

    Raises
    ------
    SchemaError
        If it is missing, a number (2023 could be a year or a count), no day, or before 1800 or after 2200.

    Examples
    --------
    >>> to_day("2023-12-31").year
    2023
    """
    if isinstance(as_of, (bool, int, float, np.number)):
        raise SchemaError("as_of is a number: expected a day such as '2023-12-31'")
    try:
        day = pd.Timestamp(as_of)
    except (ValueError, TypeError) as error:
        raise SchemaError("as_of is not a day: expected YYYY-MM-DD, got a {name}", name=type(as_of).__name__) from error
    if pd.isna(day):
        raise SchemaError("as_of is missing: expected a day such as 2023-12-31")
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise SchemaError(
            "as_of is in the year {year}: expected a day from {years}-01-01 to {years_2}-12-31",
            year=day.year,
            years=YEARS[0],
            years_2=YEARS[1],
        )
    return day.tz_localize(None).normalize().as_unit("s")


class Rows:
    """Rows of one table that count on the day, each with the number of its household.

    Columns are attributes, as arrays of length ``len(rows)``: numbers and yes/no columns are float64 (1, 0, NaN),
    dates datetime64[D], code columns are asked through :meth:`isin`. Aggregates return one float64 number for
    each household; they are NaN where the register was not given the table at all, and of tables about persons
    where no person of the household is on record.

    Parameters
    ----------
    declaration : Table
        The table's declaration.
    frame : DataFrame
        Its frame in the register.
    index : ndarray of int64, shape (n_rows,)
        Positions in `frame` that count.
    household : ndarray of int64, shape (n_rows,)
        Household number of each.
    snapshot : Snapshot
        Whose rows they are.
    supplied : bool
        Whether the register was given this table.
    """

    def __init__(
        self,
        declaration: Table,
        frame: pd.DataFrame,
        index: Array,
        household: Array,
        *,
        snapshot: Snapshot,
        supplied: bool = True,
    ) -> None:
        self.declaration = declaration
        self.frame = frame
        self.index = index
        self.household = household
        self.snapshot = snapshot
        self.supplied = supplied
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
            days = self.snapshot.dates(self.declaration.name, name)[self.index]
            if name == self.declaration.open_ended and name != "valid_to":
                days[days > self.snapshot.as_of] = np.datetime64("NaT")  # how it ended was not yet seen
            return days
        if column.type == "code":
            return values.cat.codes.to_numpy()[self.index]
        if column.type == "bool":
            return values.to_numpy(dtype="float64", na_value=np.nan)[self.index]
        if column.type in ("int", "number"):
            return values.to_numpy(dtype="float64")[self.index]
        return values.to_numpy(dtype=object)[self.index]

    @property
    def time(self) -> Array:
        """Day on which each row became true, datetime64[D]."""
        if self.declaration.name == "enrolments":
            return school_year_start(self.school_year)
        return getattr(self, self.declaration.time)

    # --- which rows -------------------------------------------------------------------------------------------
    def where(self, mask: Array) -> Rows:
        """Keep the rows for which `mask`, boolean of shape (n_rows,), is true."""
        kept = np.flatnonzero(mask)
        rows = Rows(
            self.declaration, self.frame, self.index[kept], self.household[kept],
            snapshot=self.snapshot, supplied=self.supplied,
        )  # fmt: skip
        rows._columns = {name: values[kept] for name, values in self._columns.items()}
        return rows

    def within(self, months: int, *, until: int = 0) -> Rows:
        """Keep the rows of the last `months` months, or of those months but the last `until`.

        The window is open at its start: on 2023-12-31, ``within(12)`` begins on 2023-01-01.
        """
        time = self.time
        return self.where((time > self.snapshot.months_ago(months)) & (time <= self.snapshot.months_ago(until)))

    def isin(self, name: str, *codes: str) -> Array:
        """Whether each row's code is one of `codes`; False where it is missing."""
        column = self.declaration[name]
        known = list(column.codes)
        unknown = [code for code in codes if code not in known]
        if unknown:
            raise SchemaError(
                "{declaration}.{name} has no code {unknown!r}; it has {known}",
                declaration=self.declaration.name,
                name=name,
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
            return np.full(self.snapshot.n_households, np.nan)
        if "household_id" not in self.declaration:  # rows about persons tell nothing where no person is on record
            result[~self.snapshot.peopled] = np.nan
        return result

    def _count(self, mask: Array | None = None) -> Array:
        household = self.household if mask is None else self.household[mask]
        return np.bincount(household, minlength=self.snapshot.n_households).astype("float64")

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
            self.household[seen], weights=np.rint(values[seen] * 100.0), minlength=self.snapshot.n_households
        )
        return self._finish(self._fill(hundredths / 100.0, seen, default))

    def max(self, values: Array, *, default: float = np.nan) -> Array:
        """Greatest of `values` per household; all missing gives NaN, no rows `default`."""
        seen = ~np.isnan(values)
        result = np.full(self.snapshot.n_households, -np.inf)
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
        return self.snapshot.months_since(self.max(self.time.astype("int64").astype("float64")))


def _replaced(rows: Rows) -> Array:
    """Whether each income row's period runs into one, of the same account, that began later and ended later.

    Goes back in time from each account's newest period, so that only periods that count replace others.
    """
    start, end = rows.period_start.astype("int64"), rows.period_end.astype("int64")
    replaced = np.zeros(len(rows), dtype=bool)
    periods = pd.DataFrame({"start": start, "end": end}).drop_duplicates().sort_values(["start", "end"])
    if not (periods["start"].to_numpy()[1:] <= np.maximum.accumulate(periods["end"].to_numpy())[:-1]).any():
        return replaced  # the usual case: years side by side
    account = pd.factorize(_number([rows.household, pd.factorize(rows.member_id)[0] + 1]))[0]
    waiting = np.ones(len(rows), dtype=bool)
    while waiting.any():
        newest = np.full(account.max() + 1, np.iinfo(np.int64).min)
        np.maximum.at(newest, account[waiting], end[waiting])
        ends_last = waiting & (end == newest[account])
        begins = np.full(len(newest), np.iinfo(np.int64).max)
        np.minimum.at(begins, account[ends_last], start[ends_last])
        waiting &= ~ends_last
        runs_into = waiting & (start < begins[account]) & (begins[account] <= end)
        replaced |= runs_into
        waiting &= ~runs_into
    return replaced


def school_year_start(school_year: Array) -> Array:
    """Day on which a school year begins: 1 September, as datetime64[D]; NaN gives NaT."""
    years = np.where(np.isnan(school_year), 1970, school_year).astype("int64") - 1970
    days = years.astype("datetime64[Y]").astype("datetime64[M]") + np.timedelta64(8, "M")
    days = days.astype("datetime64[D]")
    days[np.isnan(school_year)] = np.datetime64("NaT")
    return days


class Snapshot:
    """What the register knew on the day `as_of`.

    Parameters
    ----------
    register : Register
        Checked records.
    as_of : date-like
        The day. Nothing recorded later, or about later, is seen.
    lines : MonitoringLines, optional
        Default: the lines that ship with the package.
    references : DataFrame, optional
        From :func:`fanpin_risk.make_references`; without it values relative to the area are missing.

    Attributes
    ----------
    as_of : datetime64[D]
    household_ids : Index of str, shape (n_households,)
        Households on record and not dissolved on the day, sorted.
    n_households : int
    cache : dict
        Results shared by several features.

    Raises
    ------
    SchemaError
        If `as_of` is not a day.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> h = Snapshot(fr.make_register(50, random_state=0), "2023-12-31")
    >>> float(h.members.count().min()) >= 0
    True
    """

    def __init__(
        self,
        register: Register,
        as_of: Any,
        *,
        lines: MonitoringLines | None = None,
        references: pd.DataFrame | None = None,
    ) -> None:
        day = to_day(as_of)
        self.register = register
        self.as_of: np.datetime64 = day.to_datetime64().astype("datetime64[D]")
        self.lines = MonitoringLines() if lines is None else lines
        self.references = references
        self.cache: dict[Callable[[Snapshot], Any], Any] = {}
        self._declared_ids: dict[str, pd.Index] = {}
        self._numbered: dict[tuple[str, str], Array] = {}
        self._dated: dict[tuple[str, str], Array] = {}
        self._enter_households()

    @property
    def year(self) -> int:
        """Calendar year of the day."""
        return int(self.as_of.astype("datetime64[Y]").astype("int64")) + 1970

    @property
    def n_households(self) -> int:
        """Number of households on record on the day."""
        return len(self.household_ids)

    def forget(self) -> None:
        """Give the memory back at once; afterwards nothing can be asked.

        A snapshot and its rows know each other, so that without this their arrays stay until Python next looks for such
        circles, which it does by the number of objects and not by their size.
        """
        vars(self).clear()

    def months_ago(self, months: int) -> np.datetime64:
        """Return the day `months` calendar months before the day (the month's last day at the latest)."""
        moved = pd.Timestamp(self.as_of) - pd.DateOffset(months=months)
        if pd.Timestamp(self.as_of).is_month_end:
            moved = moved + pd.offsets.MonthEnd(0)
        return moved.to_datetime64().astype("datetime64[D]")

    def months_since(self, days: Array) -> Array:
        """Return the full calendar months from `days` (days since 1970, float64, NaN for unknown) to the day.

        Consistent with :meth:`Rows.within`: what is less than 12 full months ago lies within 12 months.
        """
        known = ~np.isnan(days)
        day = days[known].astype("int64").astype("datetime64[D]")
        months = (self.as_of.astype("datetime64[M]") - day.astype("datetime64[M]")).astype("float64")
        of_month = day - day.astype("datetime64[M]")
        begun = of_month > self.as_of - self.as_of.astype("datetime64[M]")
        result = np.full(len(days), np.nan)
        result[known] = months - (begun & (not pd.Timestamp(self.as_of).is_month_end))
        return result

    # --- time ---------------------------------------------------------------------------------------------------
    def _supplied(self, name: str) -> bool:
        return name in self.register.supplied

    def dates(self, name: str, column: str) -> Array:
        """Return a date column of a table, all rows of it, as datetime64[D]."""
        if (name, column) not in self._dated:
            seconds = self.register.tables[name][column].to_numpy(dtype="datetime64[s]")
            self._dated[name, column] = seconds.astype("datetime64[D]")
        return self._dated[name, column]

    def _known(self, declaration: Table, frame: pd.DataFrame) -> tuple[Array, Array, Array]:
        """Positions of rows known and past on the day, with their time and the day they were recorded."""
        if declaration.name == "enrolments":
            time = school_year_start(frame["school_year"].to_numpy(dtype="float64"))
        else:
            time = self.dates(declaration.name, declaration.time)
        recorded = self.dates(declaration.name, "recorded_at")
        unrecorded = np.isnat(recorded)
        if unrecorded.any():
            recorded = np.where(unrecorded, time + np.timedelta64(declaration.lag_days, "D"), recorded)
        index = np.flatnonzero((recorded <= self.as_of) & (time <= self.as_of))
        return index, time[index], recorded[index]

    def _numbers(self, name: str, column: str) -> Array:
        """Return the number of the id in each row of a table, int64; -1 for none.

        Ids on record in the table that declares them have the same number everywhere, below the number of such ids;
        others have numbers from there on. Text is looked at once, and not at all in tables that share one dictionary.
        """
        if (name, column) not in self._numbered:
            values = self.register.tables[name][column]
            dictionary = values.cat.categories if isinstance(values.dtype, pd.CategoricalDtype) else None
            owner = OWNERS[column]
            if name == owner:
                numbers, ids = pd.factorize(values) if dictionary is None else (values.cat.codes, dictionary)
                self._declared_ids[column] = ids
            else:
                self._numbers(owner, column)
                declared = self._declared_ids[column]
                if dictionary is None:
                    numbers = _places(values, declared)
                elif dictionary is declared:
                    numbers = values.cat.codes
                else:
                    numbers = np.append(_places(dictionary, declared), -1)[values.cat.codes.to_numpy()]
            self._numbered[name, column] = np.asarray(numbers, dtype=np.int64)
        return self._numbered[name, column]

    def _position(self, name: str, column: str, index: Array, of: Array) -> Array:
        """Return where in `of`, numbers of ids declared, the id in some rows of a table is; -1 where it is not."""
        numbers = self._numbers(name, column)[index]
        n = len(self._declared_ids[column])
        position = np.full(n + 1, -1)  # the last place is for -1, none, and for ids that are not declared
        position[of] = np.arange(len(of))
        return position[np.where(numbers < n, numbers, -1)]

    def _key_codes(self, declaration: Table, frame: pd.DataFrame, index: Array, *, text: bool) -> list[Array]:
        """Return codes of the columns that make up the key of some rows; without `text`, of those that are no text."""
        codes = []
        for name in declaration.key:
            column = declaration[name]
            values = frame[name]
            if name in OWNERS:
                codes.append(self._numbers(declaration.name, name)[index] + 1)
            elif column.type == "code":
                codes.append(values.cat.codes.to_numpy()[index].astype("int64") + 1)
            elif column.type == "date":
                days = self.dates(declaration.name, name)[index]
                numbers = days.view("int64")
                known = ~np.isnat(days)
                before = numbers.min(where=known, initial=np.iinfo(np.int64).max - 1) - 1
                codes.append(np.where(known, numbers - before, 0))
            elif text or column.type not in ("id", "text"):
                codes.append(pd.factorize(values.array.take(index))[0].astype("int64") + 1)
        return codes

    def _newest(self, declaration: Table, frame: pd.DataFrame, index: Array, recorded: Array) -> Array:
        """Mask of the rows that no later correction of the same key replaces."""
        keep = np.ones(len(index), dtype=bool)
        repeated = np.arange(len(index))
        for text in (False, True):  # few rows are alike in all else, and only of these the texts are compared
            key = _number(self._key_codes(declaration, frame, index[repeated], text=text))
            again = pd.Series(key).duplicated(keep=False).to_numpy()
            repeated, key = repeated[again], key[again]
        if len(repeated):
            group = pd.factorize(key)[0]
            days = recorded[repeated].astype("int64")
            newest = np.full(group.max() + 1, np.iinfo(np.int64).min)
            np.maximum.at(newest, group, days)
            keep[repeated] = days == newest[group]
        return keep

    def _current(self, name: str) -> tuple[pd.DataFrame, Array]:
        """Frame of a state table and the positions of the newest version of each of its entities."""
        declaration = table(name)
        frame = self.register.tables[name]
        index, time, recorded = self._known(declaration, frame)
        keep = self._newest(declaration, frame, index, recorded)
        index, time = index[keep], time[keep]
        assert declaration.latest_per is not None
        entity = self._numbers(name, declaration.latest_per[0])[index]
        days = time.astype("int64")
        newest = np.full(entity.max(initial=-1) + 1, np.iinfo(np.int64).min)
        np.maximum.at(newest, entity, days)
        keep = days == newest[entity]
        return frame, index[keep]

    def _enter_households(self) -> None:
        frame, index = self._current("households")
        left = self.dates("households", "valid_to")[index]
        index = index[np.isnat(left) | (left > self.as_of)]
        ids = pd.Index(frame["household_id"].array.take(index)).astype("str")
        order = np.argsort(ids.to_numpy(dtype=object), kind="stable")
        self.household_ids = ids[order].rename("household_id")
        self._household_numbers = self._numbers("households", "household_id")[index[order]]
        self.households = Rows(
            TABLES["households"], frame, index[order], np.arange(len(order)),
            snapshot=self, supplied=self._supplied("households"),
        )  # fmt: skip

    def households_elsewhen(self) -> tuple[pd.Index, Array]:
        """Return the households of the register that are not on record on the day, and which had been by then.

        Returns
        -------
        ids : Index of str, shape (n,)
            Sorted.
        ended : ndarray of bool, shape (n,)
            True: dissolved by the day; False: not on record yet.
        """
        frame = self.register.tables["households"]
        numbers = self._numbers("households", "household_id")
        here = np.zeros(len(self._declared_ids["household_id"]), dtype=bool)
        here[self._household_numbers] = True
        rows = np.flatnonzero(~here[numbers])
        begun = np.isin(rows, self._known(TABLES["households"], frame)[0])
        ids = pd.Index(frame["household_id"].array.take(rows)).astype("str")
        others = ids.unique().sort_values()
        return others, others.isin(ids[begun])

    @cached_property
    def _people(self) -> tuple[pd.DataFrame, Array, Array]:
        """Members frame, positions of the newest version of every person known, household numbers (-1: none)."""
        frame, index = self._current("members")
        return frame, index, self._position("members", "household_id", index, self._household_numbers)

    @cached_property
    def peopled(self) -> Array:
        """Whether each household has any person on record, at home or not any more."""
        household = self._people[2]
        return np.bincount(household[household >= 0], minlength=self.n_households) > 0

    @cached_property
    def members(self) -> Rows:
        """Persons who belong to a household on the day."""
        frame, index, household = self._people
        left = self.dates("members", "valid_to")[index]
        keep = (household >= 0) & (np.isnat(left) | (left > self.as_of))
        return Rows(
            TABLES["members"], frame, index[keep], household[keep], snapshot=self, supplied=self._supplied("members")
        )

    @cached_property
    def former_members(self) -> Rows:
        """Persons known to have left or died by the day, with the household they last belonged to."""
        frame, index, household = self._people
        left = self.dates("members", "valid_to")[index]
        keep = (household >= 0) & (left <= self.as_of)
        return Rows(
            TABLES["members"], frame, index[keep], household[keep], snapshot=self, supplied=self._supplied("members")
        )

    def _rows(self, name: str) -> Rows:
        declaration = TABLES[name]
        frame = self.register.tables[name]
        index, _, recorded = self._known(declaration, frame)
        keep = self._newest(declaration, frame, index, recorded)
        index = index[keep]
        if "household_id" in declaration:
            household = self._position(name, "household_id", index, self._household_numbers)
        else:
            _, people, people_household = self._people
            person = self._position(name, "member_id", index, self._numbers("members", "member_id")[people])
            household = np.append(people_household, -1)[person]
        keep = household >= 0
        return Rows(declaration, frame, index[keep], household[keep], snapshot=self, supplied=self._supplied(name))

    @cached_property
    def incomes(self) -> Rows:
        """Income records of accounting periods ended by the day.

        Rolling windows of twelve months overlap each other and the calendar years beside them; their incomes must
        not be added up. A period is left out where one of the same person (or household) that counts begins within
        it and ends later. Periods that lie wholly within another stay: they hold other income.
        """
        rows = self._rows("incomes")
        return rows.where(~_replaced(rows))

    @cached_property
    def medical(self) -> Rows:
        """Medical bills settled by the day, also of members who have left."""
        return self._rows("medical")

    @cached_property
    def disabilities(self) -> Rows:
        """Disability certificates issued by the day; see :meth:`of_members` for those still at home."""
        return self._rows("disabilities")

    @cached_property
    def enrolments(self) -> Rows:
        """School years begun by the day."""
        return self._rows("enrolments")

    @cached_property
    def shocks(self) -> Rows:
        """Sudden events by the day."""
        return self._rows("shocks")

    @cached_property
    def supports(self) -> Rows:
        """Support measures begun by the day; ``end_date`` only where the end has been seen."""
        return self._rows("supports")

    @cached_property
    def monitoring(self) -> Rows:
        """Monitoring entries by the day; for the cohort and the list, never for features."""
        return self._rows("monitoring")

    @cached_property
    def warnings(self) -> Rows:
        """Department warnings by the day; shown beside the score, never features."""
        return self._rows("warnings")

    # --- people behind rows -------------------------------------------------------------------------------------
    def of_members(self, rows: Rows) -> Array:
        """For rows with a ``member_id``: position of the person in :attr:`members`, -1 where not at home (any more)."""
        return self._position(rows.declaration.name, "member_id", rows.index, self._persons)

    @cached_property
    def _persons(self) -> Array:
        return self._numbers("members", "member_id")[self.members.index]

    def has(self, rows: Rows) -> Array:
        """Whether at least one of `rows`, which have a ``member_id``, is about each of :attr:`members`."""
        found = self.of_members(rows)
        result = np.zeros(len(self.members), dtype=bool)
        result[found[found >= 0]] = True
        return result

    def newest_of_members(self, rows: Rows) -> Rows:
        """Keep, of `rows` with a ``member_id``, the newest about each person still at home."""
        rows = rows.where(self.of_members(rows) >= 0)
        person, days = self.of_members(rows), rows.time.astype("int64")
        newest = np.full(len(self.members), np.iinfo(np.int64).min)
        np.maximum.at(newest, person, days)
        return rows.where(days == newest[person])

    @cached_property
    def age(self) -> Array:
        """Age of each of :attr:`members` on the day, in full years by month, float64; NaN where unknown."""
        months = self.as_of.astype("datetime64[M]") - self.members.birth_date.astype("datetime64[M]")
        result = np.floor(months.astype("int64") / 12.0)
        return np.where(np.isnat(self.members.birth_date), np.nan, result)

    def aged(self, first: int, last: int) -> Array:
        """Whether each of :attr:`members` is `first` to `last` years old, float64: 1, 0, NaN where unknown."""
        inside = (self.age >= first) & (self.age <= last)
        return np.where(np.isnan(self.age), np.nan, inside.astype("float64"))

    # --- policy and area ----------------------------------------------------------------------------------------
    @cached_property
    def area_codes(self) -> Array:
        """Division code of each household as text, ``""`` where unknown; shape (n_households,)."""
        codes = self.households.area_code
        return np.where(pd.isna(codes), "", codes).astype(object)

    @cached_property
    def line(self) -> Array:
        """Monitoring line of each household's area in the year of the day, CNY per person and year."""
        return self.lines.at(self.area_codes, self.year)

    def reference(self, name: str, *, digits: int) -> Array:
        """Value of a reference for each household's area.

        Parameters
        ----------
        name : str
            Column of `references`.
        digits : int
            Finest level: 6 county, 9 township, 12 village. Where the area is not listed, the next coarser is used.

        Returns
        -------
        ndarray of shape (n_households,)
            float64; of the newest reference day not after the day, NaN where there is none.
        """
        result = np.full(self.n_households, np.nan)
        if self.references is None or not len(self.references):
            return result
        days = self.references["as_of"].to_numpy(dtype="datetime64[s]").astype("datetime64[D]")
        usable = days <= self.as_of
        if not usable.any():
            return result
        newest = self.references[days == days[usable].max()]
        values = dict(zip(newest["area_prefix"], newest[name].astype("float64"), strict=True))
        numbers, unique = pd.factorize(self.area_codes)
        found = []
        for code in unique:
            levels = [d for d in (12, 9, 6, 4, 2) if d <= min(digits, len(code))]
            prefixes = [code[:level] for level in levels] + [""]
            found.append(next((values[prefix] for prefix in prefixes if prefix in values), np.nan))
        return np.array(found, dtype="float64")[numbers] if found else result
