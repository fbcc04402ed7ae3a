"""Invented registers that several tests of this room look at, and what is known of them on a day."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.synthetic import make_register

Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="session")
def made() -> tuple[Register, pd.DataFrame]:
    """Make one register of 20,000 households for all tests of figures."""
    return make_register(20_000, random_state=3, return_truth=True)


@pytest.fixture(scope="session")
def tables(made) -> Tables:
    return made[0].tables


@pytest.fixture(scope="session")
def known_on() -> Callable[[Tables, str, pd.Timestamp], pd.DataFrame]:
    """Find what is known on a day, in another way than Snapshot does."""

    def find(tables: Tables, name: str, day: pd.Timestamp) -> pd.DataFrame:
        declared = TABLES[name]
        frame = tables[name]
        frame = frame[(frame["recorded_at"] <= day) & (frame[declared.time] <= day)]
        frame = frame.sort_values("recorded_at", kind="stable").drop_duplicates(list(declared.key), keep="last")
        if declared.latest_per:
            frame = frame.sort_values(declared.time, kind="stable")
            frame = frame.drop_duplicates(list(declared.latest_per), keep="last")
            frame = frame[~(frame["valid_to"] <= day)]
        return frame

    return find


@pytest.fixture(scope="session")
def identified(tables) -> pd.DataFrame:
    """One row for each time that a household was found."""
    return tables["monitoring"].drop_duplicates(["household_id", "identified_on"])
