"""Typed tables from compact records: what the simulation does not fill stays missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fanpin_risk.records.declarations import Column
from fanpin_risk.records.schema import TABLES
from fanpin_risk.synthetic import frames
from fanpin_risk.synthetic.frames import Ids, table_frame

ONE = np.zeros(1, dtype=np.int32)


@pytest.fixture
def ids() -> Ids:
    """Two households in one village, each of one person."""
    return Ids(np.array([0, 1]), np.array([1, 1]), 2, (ONE, ONE, ONE))


@pytest.mark.parametrize(
    "column",
    [
        Column(name="new", zh="新列", type="bool"),
        Column(name="new", zh="新列", type="code", codes={"a": ("甲",), "b": ("乙",)}),
        Column(name="new", zh="新列", type="codes", codes={"a": ("甲",), "b": ("乙",)}),
        Column(name="new", zh="新列", type="number", unit="CNY"),
        Column(name="new", zh="新列", type="int", unit="month"),
        Column(name="new", zh="新列", type="date"),
        Column(name="new", zh="新列", type="text"),
    ],
    ids=lambda column: column.type,
)
def test_a_column_that_nothing_fills_is_missing(ids, monkeypatch, column):
    """Who declares a new column and forgets the synthetic register finds it missing there, not no or 0 for everyone."""
    shocks = TABLES["shocks"]
    wider = replace(shocks, columns=(*shocks.columns, column))
    monkeypatch.setattr(frames, "TABLES", {**TABLES, "shocks": wider})
    frame = table_frame("shocks", {"household_id": np.array([0, 1]), "event_date": np.array([19_000, 19_001])}, ids)
    assert frame["household_id"].tolist() == ["H000000000", "H000000001"]
    assert frame["new"].isna().all()
