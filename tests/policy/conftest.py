"""Registers of one household, made of the rows of a case."""

from datetime import date, timedelta

import pandas as pd
import pytest

from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES

SINCE, RECORDED_AFTER = date(2020, 1, 1), timedelta(days=10)


def _filled(name, row, day):
    """Add what a row does not say: household A, known since 2020, recorded ten days later or by the day."""
    row = dict(row)
    if "period" in row:
        year = row.pop("period")
        row |= {"period_start": date(year - 1, 10, 1), "period_end": date(year, 9, 30)}
    for column, value in (("household_id", "A"), ("valid_from", SINCE)):
        if column in TABLES[name]:
            row.setdefault(column, value)
    time = date(row["school_year"], 9, 1) if name == "enrolments" else row[TABLES[name].time]
    row.setdefault("recorded_at", min(time + RECORDED_AFTER, max(time, day)))
    return row


@pytest.fixture(scope="session")
def household_of():
    """Return a function: the rows of a case, by table, and its day -> a register."""

    def made(case, day):
        frames = {}
        for name, rows in {"households": [case.get("household", {})], **case}.items():
            if name in TABLES:
                filled = [_filled(name, row, day) for row in rows]
                frames[name] = pd.DataFrame(filled, columns=list(TABLES[name].names))
        register = Register.from_frames(frames)
        assert register.rejects.empty, register.rejects["message"].tolist()
        return register

    return made
