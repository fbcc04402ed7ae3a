"""`make_register`: blocks of households, one after the other, put together as a register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, overload

import numpy as np
import pandas as pd

from fanpin_risk.arguments import one_of, switch
from fanpin_risk.errors import InputError
from fanpin_risk.progress import Progress
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.synthetic.frames import Ids, table_frame
from fanpin_risk.synthetic.missingness import checked_missingness, drop_fields
from fanpin_risk.synthetic.population import (
    HOUSEHOLDS_PER_VILLAGE,
    TOWNSHIPS_PER_COUNTY,
    VILLAGES_PER_TOWNSHIP,
    place_villages,
)
from fanpin_risk.synthetic.process import make_setting, run_block, size_range
from fanpin_risk.synthetic.state import Array, State
from fanpin_risk.words import Message

__all__ = ["make_register"]

BLOCK = 8 * TOWNSHIPS_PER_COUNTY * VILLAGES_PER_TOWNSHIP * HOUSEHOLDS_PER_VILLAGE  # simulated together: eight counties
MOST_HOUSEHOLDS = 2_000_000
Missingness = Literal["none", "reported"] | Mapping[str, float]


@overload
def make_register(
    n_households: int = ..., random_state: int = ..., *, years: int = ..., last_year: int = ..., mean_size: float = ...,
    missingness: Missingness = ..., base_rate: float = ..., period: Literal["oct-sep", "calendar"] = ...,
    return_truth: Literal[False] = ..., progress: Progress | None = ...,
) -> Register: ...  # fmt: skip
@overload
def make_register(
    n_households: int = ..., random_state: int = ..., *, years: int = ..., last_year: int = ..., mean_size: float = ...,
    missingness: Missingness = ..., base_rate: float = ..., period: Literal["oct-sep", "calendar"] = ...,
    return_truth: Literal[True], progress: Progress | None = ...,
) -> tuple[Register, pd.DataFrame]: ...  # fmt: skip
def make_register(
    n_households: int = 1000,
    random_state: int = 0,
    *,
    years: int = 5,
    last_year: int = 2024,
    mean_size: float = 2.09,
    missingness: Missingness = "none",
    base_rate: float = 0.012,
    period: Literal["oct-sep", "calendar"] = "oct-sep",
    return_truth: bool = False,
    progress: Progress | None = None,
) -> Register | tuple[Register, pd.DataFrame]:
    """Invent a register of households as it stands on 31 December of `last_year`.

    Parameters
    ----------
    n_households : int, default 1000
        Households ever on the register; some dissolve over the years. At most 2,000,000.
    random_state : int, default 0
        Same arguments, same register.
    years : int, default 5
        Calendar years of records, 2 to 8.
    last_year : int, default 2024
        Last of them, 2021 to 2030. Rows that would be recorded later are left out.
    mean_size : float, default 2.09
        Persons on the register on the last day per household, between about 1.8 and 3.9. The default is that of
        Tieling's register (41,609 households, 86,922 persons: derived from a published document).
    missingness : {"none", "reported"} or mapping of str to float
        ``"reported"``: fields are missing as in one county's real register (see docs/synthetic.md). A mapping
        gives shares: ``{"members.education": 0.3}`` blanks 30 % of a column's values, ``{"medical": 0.9}`` drops
        all rows of 90 % of the members (for tables without members: of the households).
    base_rate : float, default 0.012
        Share of the households not monitored at the start of a year that are newly monitored in it, 0.001 to 0.1.
    period : {"oct-sep", "calendar"}
        Accounting period of incomes: 1 October to 30 September (remembered practice, not found in a source) or
        the calendar year.
    return_truth : bool, default False
        Also return the true risks.
    progress : callable, optional
        Called with (households done, households, what is being done).

    Returns
    -------
    Register
        All ten tables, typed. Household ids are ``H`` and nine digits, member ids the household's and two more.
    DataFrame of shape (n_households * years, 3)
        Only with `return_truth`: ``household_id``, ``as_of`` (each 31 December) and ``risk``, the probability of
        being newly monitored in the twelve months after that day given all that had happened, recorded or not;
        NaN for a household then monitored or dissolved. No model can do better on average than this column.

    Raises
    ------
    InputError
        If an argument is outside the ranges above.

    Notes
    -----
    Levels (mix of households, incomes, base rate) are fixed in a pilot run with a seed of its own, once per
    process and set of arguments. The generating process and the sources of its figures: docs/synthetic.md and
    ``fanpin_risk.synthetic.FIGURES``.

    Examples
    --------
    >>> register = make_register(200, random_state=1)
    >>> register.tables["households"]["household_id"].nunique()
    200
    """
    _check_whole("n_households", n_households, 1, MOST_HOUSEHOLDS)
    _check_whole("random_state", random_state, 0, None)
    _check_whole("years", years, 2, 8)
    _check_whole("last_year", last_year, 2021, 2030)
    _check_number("base_rate", base_rate, 0.001, 0.1)
    one_of("period", period, ("oct-sep", "calendar"))
    switch("return_truth", return_truth)
    dropped = checked_missingness(missingness)
    _check_number("mean_size", mean_size, *size_range(years, last_year, period))
    setting = make_setting(years=years, last_year=last_year, mean_size=mean_size, base_rate=base_rate, period=period)
    blocks = _Blocks()
    for number, first in enumerate(range(0, n_households, BLOCK)):
        if progress is not None:
            progress(first, n_households, str(Message("households", context="step")))
        n = min(BLOCK, n_households - first)
        blocks.take(
            run_block(np.random.SeedSequence([random_state, number]), n, setting), setting.first_day, setting.last_day
        )
    ids = blocks.ids()
    tables = {}
    for name in TABLES:
        if progress is not None:
            progress(n_households, n_households, str(Message(name, zh=TABLES[name].zh)))
        tables[name] = table_frame(name, blocks.columns(name), ids)
    truth = blocks.truth_frame(ids) if return_truth else None
    if dropped:
        tables = drop_fields(tables, dropped, np.random.default_rng(np.random.SeedSequence([random_state, 2**31])))
    register = Register(tables, source=f"synthetic register, random_state={random_state}")
    return register if truth is None else (register, truth)


def _check_whole(argument: str, value: object, low: int, high: int | None) -> None:
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if whole and low <= value and (high is None or value <= high):  # type: ignore[operator]
        return
    if high is None:
        raise InputError(
            "{argument}: expected a whole number of 0 or more, got {value!r}", argument=argument, value=value
        )
    raise InputError(
        "{argument}: expected a whole number from {low} to {high}, got {value!r}",
        argument=argument,
        low=low,
        high=high,
        value=value,
    )


def _check_number(argument: str, value: object, low: float, high: float) -> None:
    if isinstance(value, (int, float, np.number)) and low <= value <= high:
        return
    raise InputError(
        "{argument}: expected a number from {low:.4g} to {high:.4g}, got {value!r}",
        argument=argument,
        low=low,
        high=high,
        value=value,
    )


class _Blocks:
    """Compact records of the blocks simulated so far, numbered through."""

    def __init__(self) -> None:
        self.parts: dict[str, list[dict[str, Array]]] = {name: [] for name in TABLES}
        self.household_of: list[Array] = []
        self.number: list[Array] = []
        self.villages: list[tuple[Array, Array, Array]] = []
        self.truth: list[list[tuple[int, Array]]] = []
        self.n_households = self.n_members = self.n_villages = self.n_bills = self.n_counties = 0

    def take(self, s: State, first_day: int, last_day: int) -> None:
        """Add a block: keep what was recorded by the last day, and of the time before the first only what lasts."""
        m = s.members
        n_villages = int(s.households.village.max()) + 1
        offsets = {"household_id": self.n_households, "member_id": self.n_members, "record_id": self.n_bills,
                   "area_code": self.n_villages, "area_name": self.n_villages}  # fmt: skip
        bills = sum(len(part["member_id"]) for part in s.records.parts["medical"])
        known = np.zeros(len(m) + 1, dtype=bool)  # the last place is for -1, no member named
        known[-1] = True
        for part in s.records.parts["members"]:
            known[part["member_id"][part["recorded_at"] <= last_day]] = True
        for name, parts in s.records.parts.items():
            for part in parts:
                keep = part["recorded_at"] <= last_day
                if "member_id" in part:
                    keep &= known[part["member_id"]]
                if name in ("medical", "shocks", "warnings"):
                    keep &= part["event_date"] >= first_day
                elif name in ("incomes", "enrolments"):
                    keep &= part["recorded_at"] >= first_day - (120 if name == "enrolments" else 0)
                kept = {}
                for column in part.keys() & {"main", *TABLES[name].names}:
                    values = part[column][keep]
                    offset = offsets.get(column, 0)
                    kept[column] = np.where(values >= 0, values + offset, -1).astype(np.int32) if offset else values
                self.parts[name].append(kept)
            parts.clear()
        self.household_of.append(m.household + self.n_households)
        self.number.append(m.number)
        county, township, village = place_villages(n_villages)
        self.villages.append((county + self.n_counties, township, village))
        self.truth.append(s.truth)
        self.n_counties += int(county[-1]) + 1
        self.n_households += s.n
        self.n_members += len(m)
        self.n_villages += n_villages
        self.n_bills += bills

    def ids(self) -> Ids:
        """Texts for all ids."""
        county, township, village = (np.concatenate(column) for column in zip(*self.villages, strict=True))
        return Ids(
            np.concatenate(self.household_of),
            np.concatenate(self.number),
            self.n_households,
            (county, township, village),
        )

    def columns(self, name: str) -> dict[str, Array]:
        """Columns of one table over all blocks; forgets the parts."""
        parts = self.parts.pop(name)
        names = list(parts[0]) if parts else []
        columns = {}
        for column in names:
            columns[column] = np.concatenate([part.pop(column) for part in parts])
        return columns

    def truth_frame(self, ids: Ids) -> pd.DataFrame:
        """Return the true risks of all blocks."""
        days, risks, households = [], [], []
        first = 0
        for block in self.truth:
            for day, risk in block:
                households.append(np.arange(first, first + len(risk)))
                days.append(np.full(len(risk), day))
                risks.append(risk)
            first += len(block[0][1])
        seconds = np.concatenate(days).astype(np.int64) * 86_400
        return pd.DataFrame(
            {
                "household_id": ids.household.take(np.concatenate(households)),
                "as_of": seconds.view("datetime64[s]"),
                "risk": np.concatenate(risks),
            }
        )
