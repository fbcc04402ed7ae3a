"""What is scored in parts: a packed register, or one in memory that is divided by the same rule."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from fanpin_risk.batch.division import NOBODY, partition_names, share_ids, split_register
from fanpin_risk.batch.layout import Partition, is_packed, read_manifest
from fanpin_risk.batch.packed_parts import chosen_partitions
from fanpin_risk.records.read import read_register
from fanpin_risk.records.register import Register

__all__ = ["Source"]


@dataclass(frozen=True)
class Source:
    """A register in partitions, on disk or in memory.

    Attributes
    ----------
    folder : str
        Of the packed register; nothing where it is in memory.
    register : Register or None
        Where it is in memory.
    names : Series or None
        Then the partition of every household.
    partitions : tuple of Partition
        That are to be scored.
    tables : frozenset of str
        That the register was given.
    rows : dict of str to dict
        Of each table the number of rows read, kept and rejected.
    known_lag_days : int or None
        As in :class:`fanpin_risk.Register`.
    filled : dict of str to int
        As ``recorded_at_filled`` there.
    facts : dict
        By which results say what they are of.
    """

    folder: str
    register: Register | None
    names: pd.Series | None
    partitions: tuple[Partition, ...]
    tables: frozenset[str]
    rows: Mapping[str, Mapping[str, int]]
    known_lag_days: int | None
    filled: Mapping[str, int]
    facts: Mapping[str, Any]

    @classmethod
    def of(cls, path: str | os.PathLike[str] | Register, chosen: set[str] | None, max_households: int) -> Source:
        """Read what is to be scored, or its manifest; `chosen` names partitions or counties, None all.

        Raises
        ------
        InputError
            If it cannot be read, or a name is neither a partition nor a county of it.
        """
        register, names = None, None
        if not isinstance(path, Register) and is_packed(path):
            manifest = read_manifest(path)
            folder, tables, rows = str(Path(path).absolute()), frozenset(manifest.tables), manifest.rows
            partitions, lag, filled = manifest.partitions, manifest.known_lag_days, manifest.filled
            facts: dict[str, Any] = {"packed": True, "fingerprint": manifest.fingerprint}
            facts |= {"origin": manifest.origin} if manifest.origin else {}
        else:
            register = path if isinstance(path, Register) else read_register(path)
            folder, tables = "", register.supplied
            lag, filled = register.known_lag_days, register.recorded_at_filled
            counts = register.counts.drop(columns="records").astype("int64")
            rows = {
                str(table): {str(kind).removeprefix("rows_"): int(n) for kind, n in row.items()}
                for table, row in counts.to_dict("index").items()
                if table in tables
            }
            register = Register(
                share_ids(register.tables), source=register.source, supplied=register.supplied,
                known_lag_days=register.known_lag_days, doubts=register.doubts,
            )  # fmt: skip
            names = partition_names(register.tables["households"], max_households=max_households)
            sizes = names.value_counts().sort_index()
            partitions = tuple(Partition(str(name), int(size), {}) for name, size in sizes.items())
            facts = {"packed": False, "max_households": max_households, "fingerprint": _content(register)}
        partitions = chosen_partitions(partitions or (Partition(NOBODY, 0, {}),), chosen)
        return cls(folder, register, names, partitions, tables, rows, lag, filled, facts)

    def work(self, wanted: Callable[[str], bool]) -> Iterator[tuple[Partition, Register | None]]:
        """Give the partitions that are wanted, those in memory one after the other."""
        if self.register is None:
            yield from ((partition, None) for partition in self.partitions if wanted(partition.name))
            return
        here = {partition.name: partition for partition in self.partitions}
        for name, register in split_register(self.register, names=self.names):
            if name in here and wanted(name):
                yield here[name], register


def _content(register: Register) -> str:
    """SHA-256 of what the tables of a register say, row by row, and of what is in doubt of its households."""
    digest = hashlib.sha256()
    for table in sorted(register.supplied):
        digest.update(table.encode())
        digest.update(pd.util.hash_pandas_object(register.tables[table], index=False).to_numpy(dtype="<u8").tobytes())
    if len(register.doubts):
        digest.update(pd.util.hash_pandas_object(register.doubts).to_numpy(dtype="<u8").tobytes())
    return digest.hexdigest()
