"""Which rows count on a day: the vectorised selection against a plain loop over the rows."""

from __future__ import annotations

import pandas as pd
import pytest

from fanpin_risk.asof.register_on_day import RegisterOnDay
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import SchemaError
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES

EVENTS = tuple(name for name, declared in TABLES.items() if declared.latest_per is None)


def time_of(name: str, frame: pd.DataFrame) -> pd.Series:
    """When each row became true."""
    if name == "enrolments":
        return pd.to_datetime({"year": frame["school_year"], "month": 9, "day": 1}).astype("datetime64[s]")
    return frame[TABLES[name].time]


def rows_by_hand(register: Register, name: str, day: pd.Timestamp) -> list[tuple]:
    """The rows of a table that count, found row by row with plain comparisons."""
    kept: dict[tuple, list] = {}
    declaration = TABLES[name]
    times = time_of(name, register.tables[name])
    for row, time in zip(register.tables[name].to_dict("records"), times, strict=True):
        recorded = (
            row["recorded_at"] if pd.notna(row["recorded_at"]) else time + pd.Timedelta(days=declaration.lag_days)
        )
        if not (time <= day and recorded <= day):
            continue
        key = tuple(None if pd.isna(row[part]) else row[part] for part in declaration.key)
        kept.setdefault(key, []).append((recorded, row))
    result = []
    for versions in kept.values():
        newest = max(recorded for recorded, _ in versions)
        result += [row for recorded, row in versions if recorded == newest]
    if declaration.latest_per is not None:
        entity = declaration.latest_per[0]
        newest_time: dict[str, pd.Timestamp] = {}
        for row in result:
            newest_time[row[entity]] = max(row[declaration.time], newest_time.get(row[entity], pd.Timestamp.min))
        result = [row for row in result if row[declaration.time] == newest_time[row[entity]]]
    return result


def without_replaced_periods(rows: list[dict]) -> list[dict]:
    """Leave out the incomes of a period in which one that counts, of the same account, begins and that it outlasts."""
    counting: dict[tuple, list[tuple]] = {}
    kept = []
    for row in sorted(rows, key=lambda row: row["period_end"], reverse=True):
        start, end = row["period_start"], row["period_end"]
        newer = counting.setdefault((row["household_id"], str(row["member_id"])), [])
        if not any(start < other_start <= end < other_end for other_start, other_end in newer):
            newer.append((start, end))
            kept.append(row)
    return kept


@pytest.mark.parametrize("day", ["2021-12-31", "2022-09-01", "2023-11-17", "2024-12-31"])
def test_the_rows_that_count_are_those_found_by_hand(county, day):
    """The vectorised selection equals a plain loop over the rows, for every table and several days."""
    day = pd.Timestamp(day)
    h = Snapshot(county, day)
    homes = {row["household_id"] for row in rows_by_hand(county, "households", day) if not row["valid_to"] <= day}
    assert h.household_ids.tolist() == sorted(homes)
    people = {row["member_id"]: row for row in rows_by_hand(county, "members", day) if row["household_id"] in homes}
    at_home = {member for member, row in people.items() if not row["valid_to"] <= day}
    assert sorted(h.members.member_id) == sorted(at_home)
    assert sorted(h.former_members.member_id) == sorted(set(people) - at_home)
    assert h.household_ids[h.members.household].tolist() == [people[m]["household_id"] for m in h.members.member_id]
    for name in EVENTS:
        by_hand = rows_by_hand(county, name, day)
        if name == "incomes":
            by_hand = without_replaced_periods(by_hand)
        expected = []
        for row in by_hand:
            household = (
                row["household_id"] if "household_id" in row else people.get(row["member_id"], {}).get("household_id")
            )
            if household in homes:
                expected.append((household, str(row["recorded_at"]), str(row.get("member_id"))))
        rows = getattr(h, name)
        frame = rows.frame.iloc[rows.index]
        members = frame["member_id"] if "member_id" in frame else pd.Series([None] * len(frame))
        recorded, members = (column.astype(object).map(str) for column in (frame["recorded_at"], members))
        got = zip(h.household_ids[rows.household], recorded, members, strict=True)
        assert sorted(got) == sorted(expected), name


def test_households_not_on_record_are_told_from_dissolved_ones(county):
    """Every household of the register is on record on the day, not yet, or not any more."""
    on_day = RegisterOnDay(county, "2023-11-17")
    others, ended = on_day.households_elsewhen()
    everyone = set(county.tables["households"]["household_id"])
    assert set(others) | set(on_day.household_ids) == everyone
    assert len(others) + on_day.n_households == len(everyone)
    homes = rows_by_hand(county, "households", pd.Timestamp("2023-11-17"))
    assert set(others[ended]) == {row["household_id"] for row in homes if row["valid_to"] <= pd.Timestamp("2023-11-17")}
    assert ended.sum() > 0


@pytest.mark.parametrize("given", [pd.DataFrame({"household_id": ["a"]}), "folder", None, {"households": []}])
def test_what_is_no_register_is_refused(given):
    """A frame or a folder in place of a register is refused with how to make one."""
    with pytest.raises(
        SchemaError, match=rf"expected a register, got the type {type(given).__name__}: .*read_register"
    ):
        RegisterOnDay(given, "2023-12-31")
    with pytest.raises(SchemaError, match="expected a register"):
        Snapshot(given, "2023-12-31")


def test_the_day_is_read(county):
    """A day that is none is refused before anything is computed."""
    with pytest.raises(SchemaError, match="as_of is not a day"):
        RegisterOnDay(county, "soon")
    assert isinstance(RegisterOnDay(Register({}), "2023-12-31").n_households, int)
