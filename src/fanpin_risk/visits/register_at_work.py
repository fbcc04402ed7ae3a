"""Rows of a register with accepted corrections: new ones beside the old, known from the day of acceptance on.

A change is a row of its own: that which held on its day, with the new value, true from that day and recorded on the day of
acceptance; later rows of the same household or person are said anew with it. What was known before stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.records.checks import lag_days, row_time
from fanpin_risk.records.declarations import Column, Table
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.typed_tables import conform
from fanpin_risk.visits.proposals import STATE_TABLES, Proposal, ProposalLine, column_in_words

__all__ = ["RegisterAtWork"]

# What a row says of its own day without a date beside it -> the column that keeps that day when the row is said anew of a later one.
DATED_BY_ROW: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "house_grade_date": ("house_grade", ("house_grade",)),
    "ins_year": ("ins_", ("ins_basic_resident", "ins_basic_employee", "ins_serious", "ins_commercial")),
}
OF_ITS_DAY_ONLY = ("below_line",)  # counted row by row: not said again of another day
SHOWN_LACKING = 6

RowAtWork = dict[str, Any]  # column -> value; "" -> its place in the register, below 0 for a new one


class RegisterAtWork:
    """A register that takes proposals one after the other; the register given stays as it is.

    Parameters
    ----------
    register : Register
    day : Timestamp
        Day of acceptance.
    lines : iterable of ProposalLine
        All that may be taken: only rows of their households and persons are looked at.
    """

    def __init__(self, register: Register, day: pd.Timestamp, lines: Iterable[ProposalLine]) -> None:
        self._register, self._day = register, day
        self.households = {line.household_id for line in lines if line.household_id}
        self.members = {line.member_id for line in lines if line.member_id}
        known = register.tables["households"]["household_id"].astype("str")
        self._known_households = set(known[known.isin(self.households)])
        self._short_ids = {text.lstrip("0") for text in known.unique() if text.startswith("0")}
        self._rows: dict[str, dict[str, list[RowAtWork]]] = {}
        self._replaced: dict[str, set[int]] = {}

    # --- who is there ---------------------------------------------------------------------------------------------
    def check_owner(self, line: ProposalLine) -> None:
        """Refuse a line of a household that is not on record, or of a person who is not of it."""
        if line.household_id.lstrip("0") in self._short_ids and not line.household_id.startswith("0"):
            line.refuse("no_household_of_zeros")
        elif line.household_id not in self._known_households:
            line.refuse("no_household")
        elif line.member_id and line.table != "households":
            newest = self._newest("members", line.member_id)
            if newest is None or newest["household_id"] != line.household_id:
                line.refuse("no_such_member")
        elif "member_id" in TABLES[line.table].needed:
            line.refuse("no_person", table=TABLES[line.table].label)

    # --- what is taken --------------------------------------------------------------------------------------------
    def take(self, proposal: Proposal) -> None:
        """Make the rows of a proposal, or refuse it, or note that the register says it already."""
        if proposal.first.action == "change":
            self._change(proposal)
        else:
            self._add(proposal)
        proposal.end("taken")

    def _change(self, proposal: Proposal) -> None:
        line = proposal.first
        table, column = TABLES[line.table], TABLES[line.table][line.column]
        owner: str = line.household_id if line.table == "households" else line.member_id
        versions = self._versions(line.table, owner)
        later = [
            recorded for row in self._of(line.table, owner) if (recorded := self._recorded(table, row)) > self._day
        ]
        begun = [row for row in versions if row["valid_from"] <= self._day]
        if later:
            return proposal.refuse("recorded_later", day=str(max(later).date()))
        if not begun:
            return proposal.refuse("no_household" if line.table == "households" else "no_such_member")
        now = begun[-1]
        if _same_cell(column, now[column.name], line.new):
            return proposal.end("known")
        if not _same_cell(column, now[column.name], line.old):
            return proposal.refuse("says_otherwise", column=line.named_column)
        if column.name == "valid_to":
            return self._close(proposal, now)
        if line.date > self._day:
            return proposal.refuse("after_acceptance", column="date", day=str(self._day.date()))
        if not _no_value(now["valid_to"]) and now["valid_to"] <= line.date:
            return proposal.refuse("closed_before", day=str(now["valid_to"].date()))
        before = [row for row in versions if row["valid_from"] <= line.date]
        if before:
            self._put(table, self._since(before[-1], column, line), line.row)
        for row in versions:
            if row["valid_from"] > line.date and not _same_cell(column, row[column.name], line.new):
                self._put(table, row | {column.name: line.new}, line.row)
        return None

    def _close(self, proposal: Proposal, now: RowAtWork) -> None:
        """End a household or a membership: the newest row is said anew with its end."""
        line = proposal.first
        if line.new > self._day:
            return proposal.refuse("after_acceptance", column=line.named_column, day=str(self._day.date()))
        if line.new < now["valid_from"]:
            return proposal.refuse("ends_before_row", column=line.named_column, day=str(now["valid_from"].date()))
        self._put(TABLES[line.table], now | {"valid_to": line.new}, line.row)
        return None

    def _since(self, row: RowAtWork, column: Column, line: ProposalLine) -> RowAtWork:
        """Say a row anew from the day of the change on."""
        new = row | {column.name: line.new, "valid_from": line.date}
        if row["valid_from"] == line.date:
            return new
        for name in OF_ITS_DAY_ONLY:
            if name in new and name != column.name:
                new[name] = pd.NA
        for name, (begins, told) in DATED_BY_ROW.items():
            if name not in new or name == column.name:
                continue
            if column.name.startswith(begins):
                new[name] = pd.NaT if name.endswith("date") else np.nan  # that of the row itself
            elif _no_value(row[name]) and not all(_no_value(row[one]) for one in told):
                new[name] = row["valid_from"] if name.endswith("date") else float(row["valid_from"].year)
        return new

    def _add(self, proposal: Proposal) -> None:
        line, cells = proposal.first, proposal.cells
        table = TABLES[line.table]
        if table.name in STATE_TABLES:
            return proposal.refuse("not_to_change", table=line.table, column=line.column)
        if table.name not in self._register.supplied:
            return proposal.refuse("table_not_given", table=table.label)
        ids = {
            name: owner or None for name, owner in (("household_id", line.household_id), ("member_id", line.member_id))
        }
        given = {name: value for name, value in ids.items() if name in table} | cells
        owner = line.household_id if "household_id" in table else line.member_id
        key = [name for name in table.key if name in given or name not in table.needed]
        alike = [
            row
            for row in self._of(table.name, owner)
            if all(_same_cell(table[name], row[name], given.get(name)) for name in key)
        ]
        if any(all(_same_cell(table[name], row[name], value) for name, value in given.items()) for row in alike):
            return proposal.end("known")
        earlier = [row for row in alike if table.unique or self._recorded(table, row) != self._day]
        if earlier and set(key) == set(table.key):
            return self._complete(proposal, table, earlier, given)
        lacking = [name for name in table.needed if given.get(name) is None]
        if lacking:
            named = [column_in_words(table[name]) for name in lacking[:SHOWN_LACKING]]
            return proposal.refuse("lacks", table=table.label, columns=named)
        happened = row_time(table, pd.DataFrame({table.time: [given[table.time]]})).iloc[0]
        if happened > self._day:
            return proposal.refuse(
                "after_acceptance", column=column_in_words(table[table.time]), day=str(self._day.date())
            )
        empty = {column.name: None for column in table.columns}
        self._put(table, empty | given, line.row)
        return None

    def _complete(self, proposal: Proposal, table: Table, alike: list[RowAtWork], given: RowAtWork) -> None:
        """Put values into a record in which they are missing; refuse where it says otherwise."""
        row = max(alike, key=lambda one: self._recorded(table, one))
        if len(alike) > 1 and not table.unique:
            return proposal.refuse("other_record")
        if self._recorded(table, row) > self._day:
            return proposal.refuse("recorded_later", day=str(self._recorded(table, row).date()))
        if any(
            not _no_value(row[name]) and not _same_cell(table[name], row[name], value) for name, value in given.items()
        ):
            return proposal.refuse("other_record")
        self._put(table, row | given, proposal.first.row)
        return None

    # --- rows -----------------------------------------------------------------------------------------------------
    def _of(self, table: str, owner: str) -> list[RowAtWork]:
        """Return the rows of a household or person, those among them that were made here."""
        if table not in self._rows:
            frame = self._register.tables[table]
            name = "household_id" if "household_id" in TABLES[table] and table != "members" else "member_id"
            wanted = self.households if name == "household_id" else self.members
            places = np.flatnonzero(frame[name].isin(wanted))
            mine: dict[str, list[RowAtWork]] = {}
            for place, row in zip(places, frame.iloc[places].to_dict("records"), strict=True):
                mine.setdefault(str(row[name]), []).append(
                    {str(one): value for one, value in row.items()} | {"": int(place)}
                )
            self._rows[table] = mine
        return self._rows[table].setdefault(owner, [])

    def _recorded(self, table: Table, row: RowAtWork) -> pd.Timestamp:
        """Return the day on which a row was known; without one on record, as a snapshot takes it."""
        if not _no_value(row["recorded_at"]):
            return pd.Timestamp(row["recorded_at"])
        lag = pd.Timedelta(days=lag_days(table, self._register.known_lag_days))
        return pd.Timestamp(row_time(table, pd.DataFrame({table.time: [row[table.time]]})).iloc[0] + lag)

    def _versions(self, table: str, owner: str) -> list[RowAtWork]:
        """Return of each day from which something holds the row that was recorded last."""
        newest: dict[Any, RowAtWork] = {}
        for row in sorted(self._of(table, owner), key=lambda one: self._recorded(TABLES[table], one)):
            newest[row["valid_from"]] = row
        return [newest[day] for day in sorted(newest)]

    def _newest(self, table: str, owner: str) -> RowAtWork | None:
        versions = self._versions(table, owner)
        return versions[-1] if versions else None

    def _put(self, table: Table, row: RowAtWork, line: int) -> None:
        """Keep a row as recorded on the day of acceptance; of that day and key only the last is kept."""
        row = {name: value for name, value in row.items() if name} | {"recorded_at": self._day, "": -line}
        owner = row["household_id" if "household_id" in table and table.name != "members" else "member_id"]
        mine = self._of(table.name, str(owner))
        for place, other in enumerate(mine):
            same_key = all(_same_cell(table[name], other[name], row[name]) for name in table.key)
            if table.unique and same_key and self._recorded(table, other) == self._day:
                if other[""] >= 0:
                    self._replaced.setdefault(table.name, set()).add(other[""])
                mine[place] = row
                return
        mine.append(row)

    def finished(self) -> tuple[Register, dict[str, int]]:
        """Return the new register, and how many rows each table got."""
        tables, counts = dict(self._register.tables), {}
        for name, mine in self._rows.items():
            new = [row for rows in mine.values() for row in rows if row[""] < 0]
            if not new:
                continue
            new.sort(key=lambda row: -row[""])
            old = tables[name].drop(index=tables[name].index[sorted(self._replaced.get(name, ()))])
            fresh = conform(name, pd.DataFrame(new, dtype=object).drop(columns=""))
            tables[name] = pd.concat([conform(name, old), fresh], ignore_index=True)
            counts[name] = len(new)
        given = self._register
        register = Register(
            tables,
            source=given.source,
            supplied=given.supplied,
            known_lag_days=given.known_lag_days,
            doubts=given.doubts,
        )
        return register, counts


def _no_value(value: Any) -> bool:
    return bool(pd.isna(value))


def _same_cell(column: Column, one: Any, other: Any) -> bool:
    """Whether two values of a column are the same; missing is a value of its own."""
    if _no_value(one) or _no_value(other):
        return _no_value(one) and _no_value(other)
    if column.type in ("int", "number"):
        return float(one) == float(other)
    if column.type == "date":
        return pd.Timestamp(one) == pd.Timestamp(other)
    return str(one) == str(other)
