"""The partitions of a packed register: which are meant, who lives in them, and one after the other."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pandas as pd

from fanpin_risk.batch.division import county_of
from fanpin_risk.batch.layout import AGAIN, PARTITIONS, Partition, read_manifest
from fanpin_risk.batch.packed_facts import described
from fanpin_risk.batch.partition_files import read_partition
from fanpin_risk.errors import InputError
from fanpin_risk.progress import Progress
from fanpin_risk.records.register import Register
from fanpin_risk.words import system_error

__all__ = ["chosen_partitions", "each_partition", "household_ids_in", "households_alone"]

OfPart = TypeVar("OfPart")


def each_partition(
    path: str | os.PathLike[str], *, partitions: Iterable[Partition] | None = None, progress: Progress | None = None
) -> Iterator[Register]:
    """Give the partitions of a packed register one after the other, those without anybody only where there is no other.

    Parameters
    ----------
    path : path-like
        The folder.
    partitions : iterable of Partition, optional
        Default: all.
    progress : callable, optional
        Called with (households done, households in all, name of the partition).

    Yields
    ------
    Register
        With all rows of everyone who ever belonged to one of its households.

    Raises
    ------
    InputError
        If it is no packed register, or a partition is damaged.
    """
    manifest = read_manifest(path)
    wanted = manifest.partitions if partitions is None else tuple(partitions)
    wanted = tuple(one for one in wanted if one.households) or wanted[:1]
    total, done = sum(one.households for one in wanted), 0
    if progress is not None:
        progress(0, total, "")
    for one in wanted:
        part = read_partition(path, one)
        part.known_lag_days = manifest.known_lag_days
        yield part
        done += one.households
        if progress is not None:
            progress(done, total, one.name)
    if not wanted:
        yield described(path)


def chosen_partitions(partitions: tuple[Partition, ...], wanted: set[str] | None) -> tuple[Partition, ...]:
    """Return the partitions that are meant by names of partitions or counties; all where none is named.

    Parameters
    ----------
    partitions : tuple of Partition
        Of the register.
    wanted : set of str or None

    Returns
    -------
    tuple of Partition

    Raises
    ------
    InputError
        If a name is neither a partition nor a county of the register.
    """
    if wanted is None:
        return partitions
    found = tuple(one for one in partitions if {one.name, county_of(one.name)} & wanted)
    there = {one.name for one in found} | {county_of(one.name) for one in found}
    if wanted - there:
        raise InputError(
            "partitions: {count} of {total} names are neither a partition nor a county of the register",
            count=len(wanted - there),
            total=len(wanted),
        )
    return found


def household_ids_in(folder: Path, partition: Partition) -> pd.Series:
    """Return the ids of the households of a partition, with one row for each version.

    Parameters
    ----------
    folder : Path
        Of the packed register.
    partition : Partition

    Returns
    -------
    Series of str

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    file = folder / PARTITIONS / partition.folder / "households.parquet"
    try:
        return pd.read_parquet(file, columns=["household_id"])["household_id"].astype("str")
    except (OSError, ValueError) as error:
        why = system_error(error) if isinstance(error, OSError) else type(error).__name__
        raise InputError(
            "partition {name}: {file} cannot be read ({reason}); {again}",
            name=partition.name, file=file.name, reason=why, again=AGAIN,
        ) from error  # fmt: skip


def households_alone(path: str | os.PathLike[str]) -> Iterator[Register]:
    """Give the table of households of every partition, without what else is on record.

    Parameters
    ----------
    path : path-like
        The folder of a packed register.

    Yields
    ------
    Register

    Raises
    ------
    InputError
        If it is no packed register, or a partition is damaged.
    """
    for partition in read_manifest(path).partitions:
        alone = {name: facts for name, facts in partition.files.items() if name == "households"}
        yield read_partition(path, replace(partition, files=alone))
