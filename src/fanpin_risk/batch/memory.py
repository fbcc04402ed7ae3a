"""How much memory a packed register takes as a whole, and whether that much is free."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from fanpin_risk.batch.layout import Partition
from fanpin_risk.errors import InputError
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Message

__all__ = ["bytes_in_memory", "free_bytes", "require_memory"]

# Bytes of a cell in memory, and how much more it takes to read the rows, put them together and work on them: measured.
TEXT_BYTES, OTHER_BYTES = 24, 8
TIMES_FOR_WORK = 3.0


def require_memory(folder: Path, partitions: Iterable[Partition]) -> None:
    """Refuse to hold partitions in memory that take more than is free.

    Parameters
    ----------
    folder : Path
        Of the packed register.
    partitions : iterable of Partition

    Raises
    ------
    InputError
        With the number of households, the memory needed and free, and what to do.
    """
    chosen = tuple(partitions)
    needed, free = bytes_in_memory(chosen), free_bytes()
    if free is not None and needed > free:
        raise InputError(
            "{register}: {households:,} households in {partitions:,} partitions take about {needed:,.1f} GB of memory at once, and "
            "{free:,.1f} GB are free; {what_to_do}",
            register=folder.name,
            households=sum(one.households for one in chosen),
            partitions=len(chosen),
            needed=needed / 1e9,
            free=free / 1e9,
            what_to_do=Message(
                "pack fewer counties into a register of their own, name the households, or take a machine with more memory"
            ),
        )


def bytes_in_memory(partitions: Iterable[Partition]) -> int:
    """Return about how many bytes it takes to hold partitions in memory as one register, and to work on it.

    Parameters
    ----------
    partitions : iterable of Partition

    Returns
    -------
    int
    """
    cells = {
        name: sum(TEXT_BYTES if one.type in ("id", "text") else OTHER_BYTES for one in declared.columns)
        for name, declared in TABLES.items()
    }
    rows = sum(int(facts["rows"]) * cells.get(name, 0) for one in partitions for name, facts in one.files.items())
    return int(TIMES_FOR_WORK * rows)


def free_bytes() -> int | None:
    """Return how much memory this machine has free; None where it does not say."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return None
