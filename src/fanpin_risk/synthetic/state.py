"""What the simulation of one block of households carries from year to year, and the records it writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from fanpin_risk.records.schema import TABLES
from fanpin_risk.synthetic.population import Array, Households, Members, year_start

__all__ = ["Array", "Records", "Setting", "State", "Supports", "cents", "code", "month_of", "october"]


def code(table: str, column: str, name: str) -> int:
    """Return the number of a code in the schema's code list."""
    return list(TABLES[table][column].codes).index(name)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What one call asks for, and what the pilot run found for it.

    Attributes
    ----------
    first_year, last_year : int
        First and last year of records; the simulation starts a year earlier.
    period : str
        ``oct-sep``: incomes are accounted from 1 October to 30 September; ``calendar``: by calendar year.
    large_share : float
        Share of the mix of large households.
    lines : mapping of int to float
        Monitoring line per year, CNY per person.
    work_scale : mapping of int to float or None
        Factor on earned incomes per year; None in the pilot, which finds it.
    intercept : float or None
        Of the monthly log-odds of being newly monitored; None in the pilot.
    """

    first_year: int
    last_year: int
    period: Literal["oct-sep", "calendar"]
    large_share: float
    lines: Mapping[int, float]
    work_scale: Mapping[int, float] | None = None
    intercept: float | None = None

    @property
    def first_day(self) -> int:
        """1 January of the first year."""
        return year_start(self.first_year)

    @property
    def last_day(self) -> int:
        """31 December of the last year: the day of the extract."""
        return year_start(self.last_year + 1) - 1

    def income_period(self, year: int) -> tuple[int, int]:
        """First and last day of the accounting period named after a year."""
        if self.period == "calendar":
            return year_start(year), year_start(year + 1) - 1
        return october(year - 1), october(year) - 1


def october(year: int) -> int:
    """Return 1 October of a year as days since 1970-01-01."""
    return int(np.datetime64(f"{year:04d}-10-01", "D").astype(np.int64))


class Records:
    """Rows of the ten tables in compact form.

    Columns have the schema's names. Households and members are positions within the block (-1: none), codes are
    numbers (-1: missing), days are days since 1970 (``NEVER``: missing), money is in hundredths of CNY (-1:
    missing), sets of codes are bit masks, texts are numbers into the lists of :mod:`frames`.
    """

    def __init__(self) -> None:
        self.parts: dict[str, list[dict[str, Array]]] = {name: [] for name in TABLES}

    def add(self, table: str, **columns: Array | int) -> None:
        """Append rows; a scalar stands for a column of equal values."""
        n = max((len(values) for values in columns.values() if isinstance(values, np.ndarray)), default=0)
        if n:
            self.parts[table].append(
                {
                    name: values if isinstance(values, np.ndarray) else np.full(n, values, dtype=np.int32)
                    for name, values in columns.items()
                }
            )


@dataclass
class Supports:
    """Support measures, one entry each."""

    household: Array
    member: Array
    measure: Array
    start: Array
    end: Array
    amount: Array
    cause: Array
    recorded: Array

    @classmethod
    def empty(cls) -> Supports:
        """Return no measures."""
        return cls(*(np.empty(0, dtype=np.int32) for _ in range(8)))

    def append(self, other: Supports) -> None:
        """Add measures."""
        for name in vars(self):
            setattr(self, name, np.concatenate([getattr(self, name), getattr(other, name)]).astype(np.int32))

    def __len__(self) -> int:
        return len(self.household)


@dataclass
class State:
    """One block of households on the way through the years.

    Arrays named in the plural or after a person have one entry per member, the others one per household.
    """

    rng: np.random.Generator
    setting: Setting
    households: Households
    members: Members
    records: Records = field(default_factory=Records)
    supports: Supports = field(default_factory=Supports.empty)
    # Everything below is filled by the modules of this package, each naming its own.
    person: dict[str, Array] = field(default_factory=dict)
    home: dict[str, Array] = field(default_factory=dict)
    person_version: dict[str, Array] = field(default_factory=dict)  # newest row written of each person
    home_version: dict[str, Array] = field(default_factory=dict)  # newest row written of each household
    shock: dict[str, Array] = field(default_factory=dict)  # fading intensity per household
    events: dict[str, dict[str, Array]] = field(default_factory=dict)  # of the year, by kind
    last_year_events: dict[str, dict[str, Array]] = field(default_factory=dict)
    income: dict[int, dict[str, Array]] = field(default_factory=dict)  # per period: item -> amount per household
    out_of_pocket: dict[int, Array] = field(default_factory=dict)  # per year: (n, 12)
    payouts: dict[int, Array] = field(default_factory=dict)  # insurance money, per year: (n, 12)
    pilot_scale: dict[int, float] = field(default_factory=dict)
    pilot_log_odds: list[Array] = field(default_factory=list)
    pilot_alive: list[Array] = field(default_factory=list)
    truth: list[tuple[int, Array]] = field(default_factory=list)  # (day, risk per household)

    @property
    def n(self) -> int:
        """Number of households."""
        return len(self.households)

    def of_members(self, values: Array) -> Array:
        """Sum of a value of each person by household."""
        return self.members.per_household(values, self.n)

    def any_member(self, mask: Array) -> Array:
        """Whether a household has a person for whom `mask` holds."""
        result: Array = np.bincount(self.members.household[mask], minlength=self.n) > 0
        return result

    def over_period(self, monthly: dict[int, Array], year: int) -> Array:
        """Sum of monthly amounts over the accounting period named after a year."""
        if self.setting.period == "calendar":
            return np.asarray(monthly[year].sum(axis=1))
        return self.to_october(monthly, year)

    def to_october(self, monthly: dict[int, Array], year: int) -> Array:
        """Sum of monthly amounts over the twelve months before October of a year."""
        return np.asarray(monthly[year - 1][:, 9:].sum(axis=1) + monthly[year][:, :9].sum(axis=1))

    def days(self, year: int, n: int, first_month: int = 1, last_month: int = 12) -> Array:
        """Draw n days within some months of a year."""
        first = int(np.datetime64(f"{year:04d}-{first_month:02d}", "M").astype("datetime64[D]").astype(np.int64))
        last = int((np.datetime64(f"{year:04d}-{last_month:02d}", "M") + 1).astype("datetime64[D]").astype(np.int64))
        return self.rng.integers(first, last, n).astype(np.int32)

    def lag(self, n: int, low: int, high: int) -> Array:
        """Draw n delays between two numbers of days, short ones more often."""
        return (low + (high - low) * self.rng.beta(1.3, 2.2, n)).astype(np.int32)

    def pick(self, weights: Array, n: int) -> Array:
        """Draw n numbers with the given weights."""
        upper = np.cumsum(np.asarray(weights, dtype=np.float64))
        return np.minimum(np.searchsorted(upper / upper[-1], self.rng.random(n)), len(upper) - 1).astype(np.int32)

    def lognormal(self, n: int, median: float, spread: float) -> Array:
        """Draw n amounts around a median."""
        return median * np.exp(spread * self.rng.standard_normal(n))


def month_of(day: Array, year: int) -> Array:
    """Month (0..11) of days within a year."""
    starts = np.array([np.datetime64(f"{year:04d}-{m:02d}-01").astype(np.int64) for m in range(1, 13)])
    return np.searchsorted(starts, day, side="right") - 1


def cents(amount: Array, unit: float = 1.0) -> Array:
    """Round an amount in CNY to a unit and return hundredths."""
    return (np.rint(np.maximum(amount, 0.0) / unit) * round(unit * 100)).astype(np.int32)
