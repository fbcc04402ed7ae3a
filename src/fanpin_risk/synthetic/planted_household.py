"""One invented household whose records are complete and contradict nothing: what a fault is planted in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import pandas as pd

from fanpin_risk.errors import SchemaError
from fanpin_risk.records.schema import TABLES

__all__ = ["PlantedHousehold"]

RECORDED_AFTER = pd.Timedelta(days=5)
ACCOUNTS_END_MONTH, SCHOOL_YEAR_MONTH = 9, 9
ADULT = {
    "education": "junior", "health": "healthy", "student_stage": None, "ins_basic_resident": True, "ins_basic_employee": False,
    "public_post_months": 0.0, "dibao": False, "tekun": False,
}  # fmt: skip


class PlantedHousehold:
    """A couple with a child at primary school, above the line, housed, insured and with safe water.

    Parameters
    ----------
    household_id : str
        Its id; those of its members begin with it.
    area_code : str
        Where it lives.
    day : Timestamp
        All its records are known by then and up to date.
    wage_cny : float
        Wages of the newest accounting year.
    numbers : mapping of str to float, optional
        Numbers of the place, NaN where it has none.

    Attributes
    ----------
    tables : dict of str to list of dict
        Rows by table.

    Examples
    --------
    >>> home = PlantedHousehold("F1", "211251101001", pd.Timestamp("2023-12-31"), 60_000.0)
    >>> sorted({row["member_id"] for row in home.tables["members"]})
    ['F1-C', 'F1-H', 'F1-S']
    """

    def __init__(
        self,
        household_id: str,
        area_code: str,
        day: pd.Timestamp,
        wage_cny: float,
        numbers: Mapping[str, float] | None = None,
    ) -> None:
        self.household_id, self.day, self.numbers = household_id, day, numbers or {}
        self.tables: dict[str, list[dict[str, Any]]] = {}
        self.year_begins = pd.Timestamp(year=day.year, month=1, day=1)
        ended = pd.Timestamp(year=day.year, month=ACCOUNTS_END_MONTH, day=30)
        self.accounts_end = ended if ended + RECORDED_AFTER < day else ended - pd.DateOffset(years=1)
        begun = pd.Timestamp(year=day.year, month=SCHOOL_YEAR_MONTH, day=1)
        self.school_year = day.year if begun + RECORDED_AFTER < day else day.year - 1
        self.school_begins = pd.Timestamp(year=self.school_year, month=SCHOOL_YEAR_MONTH, day=1)
        self.add(
            "households", valid_from=self.year_begins, area_code=area_code, register_status="general", house_grade="A",
            unsafe_house=False, safe_water=True, farmland_mu=4.0, forest_mu=3.0, return_forest_mu=1.0, orchard_mu=0.0, pasture_mu=0.0,
            water_mu=0.0,
        )  # fmt: skip
        self.person("H", age=45, relation="head", sex="male", labour="ordinary", work_months=10.0, work_place="county")
        self.person("S", age=43, relation="spouse", sex="female", labour="ordinary", work_months=0.0)
        self.person(
            "C",
            age=9,
            relation="son",
            sex="male",
            labour="none",
            work_months=0.0,
            education=None,
            student_stage="primary",
        )
        self.add(
            "enrolments", who="C", school_year=self.school_year, stage="primary", status="enrolled", cost_cny=200.0
        )
        self.income("wage", wage_cny)
        self.income("wage", wage_cny - 1_500.0, years_before=1)

    def number(self, name: str) -> float:
        """Return a number of the place; raise SchemaError where it has none."""
        value = self.numbers.get(name, np.nan)
        if np.isnan(value):
            raise SchemaError(
                "a fault rests on {name}, of which the place has no number; give one with policy=Policy(frame)",
                name=name,
            )
        return value

    def ago(self, *, months: int = 0, days: int = 0) -> pd.Timestamp:
        """Return a day so long before the day."""
        return self.day - pd.DateOffset(months=months, days=days)

    def add(self, table: str, *, who: str | None = None, **columns: Any) -> Self:
        """Add a row of a table, recorded a few days after its time, about a member if one is named."""
        row: dict[str, Any] = {"household_id": self.household_id} if "household_id" in TABLES[table] else {}
        if who is not None:
            row["member_id"] = f"{self.household_id}-{who}"
        row |= columns
        time = (
            pd.Timestamp(year=columns["school_year"], month=SCHOOL_YEAR_MONTH, day=1)
            if table == "enrolments"
            else columns[TABLES[table].time]
        )
        row.setdefault("recorded_at", min(time + RECORDED_AFTER, max(time, self.day)))
        self.tables.setdefault(table, []).append(row)
        return self

    def person(self, who: str, *, age: float, **columns: Any) -> Self:
        """Add a member of an age, insured and in good health if nothing else is said, on record for two years and more."""
        born = self.day - pd.DateOffset(months=int(np.floor(age * 12)) + 3)
        for since in (self.year_begins - pd.DateOffset(years=2), self.year_begins):
            self.add("members", who=who, valid_from=since, birth_date=born, **(ADULT | columns))
        return self

    def change(self, who: str, **columns: Any) -> Self:
        """Change what the records of a member say."""
        for row in self.tables["members"]:
            if row["member_id"] == f"{self.household_id}-{who}":
                row.update(columns)
        return self

    def newest_record(self, who: str, since: pd.Timestamp, **columns: Any) -> Self:
        """Add a newer record of a member that says something else."""
        last = [row for row in self.tables["members"] if row["member_id"] == f"{self.household_id}-{who}"][-1]
        kept = {name: value for name, value in last.items() if name not in ("member_id", "household_id", "recorded_at")}
        return self.add("members", who=who, **(kept | {"valid_from": since, "recorded_at": since} | columns))

    def known_in_the_accounts(self) -> Self:
        """Leave out records of members that are newer than the accounts: of those the accounts cannot say anything."""
        rows = self.tables["members"]
        self.tables["members"] = [row for row in rows if row["valid_from"] <= self.accounts_end]
        return self

    def without(self, who: str) -> Self:
        """Take a member away, with all records about him or her."""
        mark = f"{self.household_id}-{who}"
        self.tables = {
            name: [row for row in rows if row.get("member_id") != mark] for name, rows in self.tables.items()
        }
        return self

    def house(self, **columns: Any) -> Self:
        """Change what the record of the household says."""
        self.tables["households"][0] |= columns
        return self

    def school(self, **columns: Any) -> Self:
        """Change what the school record of the child says."""
        for row in self.tables["enrolments"]:
            row.update(columns)
        return self

    def income(self, item: str, amount_cny: float, *, years_before: int = 0) -> Self:
        """Add an item of income of the newest accounting year, or of one before."""
        ended = self.accounts_end - pd.DateOffset(years=years_before)
        started = ended - pd.DateOffset(years=1) + pd.Timedelta(days=1)
        return self.add("incomes", item=item, amount_cny=amount_cny, period_start=started, period_end=ended)

    def only_income(self, item: str, amount_cny: float) -> Self:
        """Put one item in the place of all income of the newest accounting year."""
        self.tables["incomes"] = [row for row in self.tables["incomes"] if row["period_end"] != self.accounts_end]
        return self.income(item, amount_cny)

    def monitored(self, *, months: int = 8, measures: tuple[str, ...] = ("industry",), **columns: Any) -> Self:
        """Enter it as monitored some months ago, with measures begun a week later."""
        since = self.ago(months=months)
        ended = columns.get("eliminated_on")
        said: dict[str, Any] = {"type": "edge", "risks": "other", "no_labour_backstop": False} | columns
        self.add("monitoring", identified_on=since, **said)
        for measure in measures:
            self.add("supports", start_date=since + pd.Timedelta(days=7), measure=measure, end_date=ended)
        return self

    def certificate(self, who: str, *, years: int = 3, lasts: int = 10, grade: str = "grade3", **columns: Any) -> Self:
        """Add a certificate of disability."""
        issued = self.ago(months=12 * years)
        return self.add(
            "disabilities", who=who, issued_on=issued, valid_to=issued + pd.DateOffset(years=lasts), category="physical", grade=grade,
            **columns,
        )  # fmt: skip
