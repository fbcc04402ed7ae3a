"""Cells put anywhere come out as rows."""

import pytest

from fanpin_risk.workbooks import grid as module
from fanpin_risk.workbooks.grid import Grid, NotReadError


def test_cells_become_rows_of_one_length():
    """What is merged or hidden beyond the last filled cell is of no interest."""
    grid = Grid("户信息")
    grid.put(1, 1, "户编号")
    grid.put(3, 2, 5.0)
    grid.put(9, 9, "")
    grid.merge(1, 1, 1, 1)
    grid.merge(1, 1, 2, 9)
    grid.merge(7, 1, 2, 2)
    grid.hide_rows(3, 1_048_576)
    grid.hide_columns(2, 16_384)
    facts, rows = grid.sheet()
    assert rows == [["户编号", ""], ["", ""], ["", 5.0]]
    assert facts == {
        "sheet": "户信息", "hidden": False, "merged": (((1, 1), (2, 2)),), "hidden_rows": {3}, "hidden_columns": {2}, "n_far": 0,
    }  # fmt: skip


def test_stray_far_cells_are_left_out_and_counted():
    """A value in the farthest corner must not cost the memory of a full sheet."""
    grid = Grid("")
    grid.put(1, 1, "a")
    grid.put(1_048_576, 1, "x")
    grid.put(1, 16_384, "y")
    facts, rows = grid.sheet()
    assert (facts["n_far"], rows) == (2, [["a"]])


def test_what_spreads_too_far_is_refused(monkeypatch):
    """By its area, and by how many cells are filled."""
    grid = Grid("")
    for number in range(1, 1_000_000, 9_000):
        grid.put(number, number // 9_000 % 100 + 1, "x")
    with pytest.raises(NotReadError, match="too_large"):
        grid.sheet()
    monkeypatch.setattr(module, "MOST_FILLED", 2)
    grid = Grid("")
    grid.put(1, 1, "a")
    grid.put(1, 2, "a")
    with pytest.raises(NotReadError, match="too_large"):
        grid.put(1, 3, "a")
