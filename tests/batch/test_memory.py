"""How much memory a packed register takes, and whether that much is free."""

from pathlib import Path

import pytest

from fanpin_risk.batch import memory
from fanpin_risk.batch.layout import partitions_of
from fanpin_risk.errors import InputError


def test_more_rows_take_more(packed):
    """In proportion to the rows of each table, and nothing without any."""
    partitions = partitions_of(packed)
    each = [memory.bytes_in_memory([one]) for one in partitions]
    assert abs(memory.bytes_in_memory(partitions) - sum(each)) <= len(each)
    assert memory.bytes_in_memory([]) == 0
    assert max(each) > 1e5


def test_what_does_not_fit_is_refused_with_what_to_do(packed, monkeypatch):
    """Where a machine does not say what is free, nothing is refused."""
    partitions = partitions_of(packed)
    monkeypatch.setattr(memory, "free_bytes", lambda: 10)
    with pytest.raises(InputError, match=r"150 households .* pack fewer counties into a register of their own"):
        memory.require_memory(Path("packed"), partitions)
    for free in (None, 10**12):
        monkeypatch.setattr(memory, "free_bytes", lambda free=free: free)
        memory.require_memory(Path("packed"), partitions)


def test_this_machine_says_what_is_free_or_nothing():
    """A number of bytes."""
    free = memory.free_bytes()
    assert free is None or free > 10**6
