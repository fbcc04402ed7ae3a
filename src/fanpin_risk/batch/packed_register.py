"""A packed register that is learnt from: one partition of it in memory at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pandas as pd
from joblib import Parallel, delayed, effective_n_jobs

from fanpin_risk.batch.layout import Manifest, Partition, read_manifest
from fanpin_risk.batch.partition_files import read_partition
from fanpin_risk.records.register import Register

__all__ = ["PackedRegister"]

T = TypeVar("T")


class PackedRegister:
    """A packed register, to be learnt from and evaluated on without ever being in memory as a whole.

    :meth:`fanpin_risk.RiskModel.fit` and :func:`fanpin_risk.evaluate` take it in place of a register, with the same result to the
    bit.

    Parameters
    ----------
    path : path-like
        The folder that :func:`fanpin_risk.pack` wrote.
    workers : int, optional
        Processes over which partitions are spread; -1: one for each core. Default: this one.

    Attributes
    ----------
    folder : Path
        The folder.
    manifest : Manifest
        What it holds.

    Raises
    ------
    InputError
        If it is not a packed register, or damaged.

    Examples
    --------
    >>> import tempfile
    >>> import fanpin_risk as fr
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = fr.make_register(600, random_state=0).to_folder(f"{folder}/files")
    ...     _ = fr.pack(files, f"{folder}/packed")
    ...     packed = fr.PackedRegister(f"{folder}/packed")
    ...     len(packed)
    600
    """

    def __init__(self, path: str | os.PathLike[str], *, workers: int | None = None) -> None:
        self.folder = Path(path)
        self.manifest: Manifest = read_manifest(path)
        self.workers = workers

    def __len__(self) -> int:
        """Return the number of households."""
        return self.manifest.households

    @property
    def source(self) -> str:
        """Where the register came from."""
        return self.manifest.source

    @property
    def observed_until(self) -> pd.Timestamp:
        """Newest day on which anything was recorded, as it was found on packing; NaT where nothing was."""
        return pd.Timestamp(self.manifest.observed_until or "NaT")

    def each(self, function: Callable[[Register], T]) -> Iterator[T]:
        """Give what a function returns of each partition that anybody lives in, in their order.

        Parameters
        ----------
        function : callable
            Called with the register of each partition; with `workers` it has to be one that other processes can be given.

        Yields
        ------
        result

        Raises
        ------
        InputError
            If a file of a partition is absent, changed or damaged.
        """
        held = self.manifest.partitions
        partitions = tuple(partition for partition in held if partition.households) or held[:1]
        n_jobs = 1 if self.workers is None else min(effective_n_jobs(self.workers), max(1, len(partitions)))
        yield from Parallel(n_jobs=n_jobs, return_as="generator", batch_size=1, pre_dispatch=n_jobs)(
            delayed(_of_partition)(self.folder, partition, self.manifest, function) for partition in partitions
        )


def _of_partition(folder: Path, partition: Partition, manifest: Manifest, function: Callable[[Register], T]) -> T:
    """Return what a function returns of a partition, which is as known and from the same source as the whole register."""
    read = read_partition(folder, partition)
    part = Register(
        read.tables, source=manifest.source, supplied=read.supplied, known_lag_days=manifest.known_lag_days,
        doubts=read.doubts,
    )  # fmt: skip
    return function(part)
