"""What was on record on a given day, ready for features: the households, their persons, and the rows of each table.

Which rows count is decided in :mod:`fanpin_risk.asof.register_on_day`; what can be asked of them stands in
:mod:`fanpin_risk.asof.rows`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.arguments import of_type
from fanpin_risk.asof.days import Array, calendar_years, full_months, months_before
from fanpin_risk.asof.income_years import replaced_periods
from fanpin_risk.asof.monitoring_lines import MonitoringLines, checked_lines
from fanpin_risk.asof.register_on_day import RegisterOnDay
from fanpin_risk.asof.rows import KnownRows, MemberRows
from fanpin_risk.errors import SchemaError
from fanpin_risk.records.income_items import CONSUMPTION, OWN_LINE
from fanpin_risk.records.places import CODE_DIGITS
from fanpin_risk.records.register import Register
from fanpin_risk.words import Message

__all__ = ["Snapshot"]


class Snapshot:
    """What was on record on the day `as_of`.

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
        If `register` is no register, `as_of` not a day or `lines` no monitoring lines.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> snapshot = Snapshot(fr.make_register(50, random_state=0), "2023-12-31")
    >>> float(snapshot.members.count().min()) >= 0
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
        self.on_day = RegisterOnDay(register, as_of)
        self.lines = checked_lines(lines)
        if references is not None:
            of_type("references", references, pd.DataFrame, Message("what make_references() returns"))
            missing = [name for name in ("as_of", "area_prefix") if name not in references.columns]
            if missing:
                raise SchemaError(
                    "references has no column {missing}; expected what make_references() returns", missing=missing
                )
        self.references = references
        self.cache: dict[Callable[[Snapshot], Any], Any] = {}

    # --- the day ------------------------------------------------------------------------------------------------
    @property
    def register(self) -> Register:
        """The register."""
        return self.on_day.register

    @property
    def as_of(self) -> np.datetime64:
        """The day."""
        return self.on_day.as_of

    @property
    def year(self) -> int:
        """Calendar year of the day."""
        return int(self.as_of.astype("datetime64[Y]").astype("int64")) + 1970

    def months_before(self, months: int) -> np.datetime64:
        """Return the day some calendar months before the day (the month's last day at the latest).

        Parameters
        ----------
        months : int

        Returns
        -------
        datetime64
        """
        return months_before(self.as_of, months)

    def full_months_since(self, days: Array) -> Array:
        """Return the full calendar months from some days to the day.

        Parameters
        ----------
        days : ndarray of float64
            Days since 1970-01-01, NaN for unknown.

        Returns
        -------
        ndarray of float64
            Of the same shape.
        """
        return full_months(days, self.as_of)

    # --- households and persons -----------------------------------------------------------------------------------
    @property
    def household_ids(self) -> pd.Index:
        """Households on record and not dissolved on the day, sorted."""
        return self.on_day.household_ids

    @property
    def n_households(self) -> int:
        """Number of households on record on the day."""
        return self.on_day.n_households

    @cached_property
    def households(self) -> KnownRows:
        """One row for each household, in the order of :attr:`household_ids`."""
        return KnownRows("households", self.on_day.household_rows, np.arange(self.n_households), on_day=self.on_day)

    @cached_property
    def members(self) -> MemberRows:
        """Persons who belong to a household on the day."""
        rows, household = self.on_day.people
        left = self.on_day.dates("members", "valid_to")[rows]
        keep = (household >= 0) & (np.isnat(left) | (left > self.as_of))
        return MemberRows("members", rows[keep], household[keep], on_day=self.on_day)

    @cached_property
    def persons(self) -> Array:
        """Number of persons per household, float64; where no row on record is of a member, as the household declares it.

        Where the area's lines say so, the number that the household declares counts first.
        """
        if not self.members.supplied:
            return self.households.size_declared
        counted = self.members.count()
        on_record = np.zeros(self.n_households, dtype=bool)
        _, household = self.on_day.people
        on_record[household[household >= 0]] = True
        declared = self.households.size_declared
        first = (self.lines.rule_at("persons", self.area_codes, self.year, on=self.as_of) == "declared") & (
            declared > 0
        )
        return np.where(on_record & ~first, counted, declared)

    @cached_property
    def former_members(self) -> KnownRows:
        """Persons known to have left or died by the day, with the household they last belonged to."""
        rows, household = self.on_day.people
        left = self.on_day.dates("members", "valid_to")[rows]
        keep = (household >= 0) & (left <= self.as_of)
        return KnownRows("members", rows[keep], household[keep], on_day=self.on_day)

    # --- what happened to them ------------------------------------------------------------------------------------
    def _rows(self, table: str) -> KnownRows:
        return KnownRows(table, *self.on_day.counting(table), on_day=self.on_day)

    @cached_property
    def incomes(self) -> KnownRows:
        """Income records of accounting periods ended by the day.

        Rolling windows of twelve months overlap each other and the calendar years beside them; their incomes must
        not be added up. A period is left out where one of the same person (or household) that counts begins within
        it and ends later. Periods that lie wholly within another stay: they hold other income.
        """
        rows = self._accounts
        other = rows.isin("item", *CONSUMPTION, OWN_LINE)
        return self._of_accounts(~other) if other.any() else self._of_accounts(None)

    @cached_property
    def consumption(self) -> KnownRows:
        """What was consumed in accounting periods ended by the day; periods replace others as those of income do."""
        return self._of_accounts(self._accounts.isin("item", *CONSUMPTION))

    @cached_property
    def own_lines(self) -> KnownRows:
        """Lines that stand on the household's own account, of accounting periods ended by the day."""
        return self._of_accounts(self._accounts.isin("item", OWN_LINE) & (self._accounts.amount_cny > 0))

    @cached_property
    def _accounts(self) -> KnownRows:
        return self._rows("incomes")

    def _of_accounts(self, mask: Array | None) -> KnownRows:
        rows = self._accounts if mask is None else self._accounts.where(mask)
        return rows.where(~replaced_periods(rows))

    @cached_property
    def statuses(self) -> KnownRows:
        """Versions of households, the older ones too, that say whether the household was below the line on their day."""
        if self.register.tables["households"]["below_line"].isna().all():
            nothing = np.zeros(0, dtype=np.int64)
            return KnownRows("households", nothing, nothing, on_day=self.on_day)
        rows, household = self.on_day.versions
        versions = KnownRows("households", rows, household, on_day=self.on_day)
        return versions.where(versions.known("below_line"))

    @cached_property
    def medical(self) -> KnownRows:
        """Medical bills settled by the day, also of members who have left."""
        return self._rows("medical")

    @cached_property
    def disabilities(self) -> KnownRows:
        """Disability certificates issued by the day; also of members who have left."""
        return self._rows("disabilities")

    @cached_property
    def enrolments(self) -> KnownRows:
        """School years begun by the day."""
        return self._rows("enrolments")

    @cached_property
    def shocks(self) -> KnownRows:
        """Sudden events by the day."""
        return self._rows("shocks")

    @cached_property
    def supports(self) -> KnownRows:
        """Support measures begun by the day; ``end_date`` only where the end has been seen."""
        return self._rows("supports")

    @cached_property
    def monitoring(self) -> KnownRows:
        """Monitoring entries by the day; for the cohort and the list, never for a forecast of who will be recognised."""
        return self._rows("monitoring")

    @cached_property
    def open_spells(self) -> KnownRows:
        """Monitoring entries that are not over on the day; one that is over since a day that is not known is taken as over."""
        rows = self.monitoring
        # The mark tells of the day of the export: where a day stands beside it, the day alone counts.
        undated = np.isnat(self.on_day.dates("monitoring", "eliminated_on")[rows.index])
        return rows.where(np.isnat(rows.eliminated_on) & ~(undated & (rows.eliminated == 1)))

    @cached_property
    def monitored(self) -> Array:
        """Whether each household is monitored on the day; 1 or 0, NaN without the table."""
        return self.open_spells.any(np.ones(len(self.open_spells), dtype=bool))

    @cached_property
    def warnings(self) -> KnownRows:
        """Department warnings by the day; shown beside the score, never features."""
        return self._rows("warnings")

    # --- policy and area ----------------------------------------------------------------------------------------
    @cached_property
    def area_codes(self) -> Array:
        """Division code of each household as text, ``""`` where unknown; shape (n_households,)."""
        codes = self.households.area_code
        return np.where(pd.isna(codes), "", codes).astype(object)

    @cached_property
    def line(self) -> Array:
        """Monitoring line in force in each household's area on the day, CNY per person and year."""
        return self.lines.at(self.area_codes, self.year, on=self.as_of)

    def line_of(self, days: Array) -> Array:
        """Return the monitoring line of each household's area in the calendar year of a day of its own.

        An income is compared with the line of the year in which its accounting period ends, whenever it is looked at. Where that line
        changed within the year, it is the one that the year ended with, or on a day before its end that of the day: by it the
        office decides, and a later change is not known yet.

        Parameters
        ----------
        days : ndarray of shape (n_households,)
            datetime64[D], or float64 as days since 1970; NaT or NaN for unknown.

        Returns
        -------
        ndarray of shape (n_households,)
            CNY per person and year, float64; NaN where the day is unknown.
        """
        years = calendar_years(days)
        result = np.full(self.n_households, np.nan)
        for year in np.unique(years[~np.isnan(years)]):
            rows = years == year
            result[rows] = self.lines.at(self.area_codes[rows], int(year), on=self.as_of)
        return result

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
            float64; of the newest reference day not after the day, NaN where there is no value.
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
            levels = [level for level in CODE_DIGITS.values() if level <= min(digits, len(code))]
            prefixes = [code[:level] for level in reversed(levels)] + [""]
            found.append(next((values[prefix] for prefix in prefixes if prefix in values), np.nan))
        return np.array(found, dtype="float64")[numbers] if found else result
