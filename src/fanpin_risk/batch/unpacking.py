"""A packed register, or some households of it, as a register in memory.

A person who moved stands in every partition of the households that he or she ever belonged to, each time with all rows.
Put together again the rows are those of the first of these partitions, so that nothing is there twice.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from fanpin_risk.arguments import names, texts
from fanpin_risk.batch.layout import Manifest, Partition, read_manifest
from fanpin_risk.batch.memory import require_memory
from fanpin_risk.batch.packed_facts import packed_counts, packed_problems, rejected_rows_of
from fanpin_risk.batch.packed_parts import chosen_partitions, household_ids_in
from fanpin_risk.batch.partition_files import read_partition
from fanpin_risk.errors import SchemaError
from fanpin_risk.progress import Progress
from fanpin_risk.records.doubts import no_doubts
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES

__all__ = ["RowsOnce", "named_households", "read_packed"]


def read_packed(
    path: str | os.PathLike[str],
    *,
    households: Iterable[str] | str | None = None,
    partitions: Iterable[str] | str | None = None,
    progress: Progress | None = None,
) -> Register:
    """Read a packed register into memory: all of it, some counties, or some households.

    Every function that takes a register then works on it as on one read from files. Of named households only the
    partitions are read in which they stand.

    Parameters
    ----------
    path : path-like
        A folder made by :func:`fanpin_risk.pack`.
    households : str or iterable of str, optional
        Ids of households: the register is then that which :meth:`fanpin_risk.Register.select` gives of them.
    partitions : str or iterable of str, optional
        Names of partitions, or counties. Default: all.
    progress : callable, optional
        Called with (households of the partitions read, of all that are read, name of the partition).

    Returns
    -------
    Register
        Rows by the names of their partitions, and in each in the order of the files. Of the whole register, it also holds
        problems, rejected rows and counts of reading; which days the rows of each file are about is not kept on packing.

    Raises
    ------
    InputError
        If it is no packed register, a partition is damaged, or a name is neither a partition nor a county of it; or if all of
        it, or the counties, take more memory than is free.
    SchemaError
        If an id is not in the register.

    Examples
    --------
    >>> import tempfile, fanpin_risk as fr
    >>> register = fr.make_register(200, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = fr.pack(register.to_folder(folder + "/files"), folder + "/packed", threads=1)
    ...     one = fr.read_packed(folder + "/packed", households="H000000003")
    ...     whole = fr.read_packed(folder + "/packed")
    >>> (
    ...     one.tables["households"]["household_id"].unique().tolist(),
    ...     len(whole.tables["incomes"]) == len(register.tables["incomes"]),
    ... )
    (['H000000003'], True)
    """
    folder = Path(path)
    manifest = read_manifest(folder)
    chosen = chosen_partitions(manifest.partitions, None if partitions is None else names("partitions", partitions))
    if households is not None:
        wanted = list(dict.fromkeys(texts("households", households)))
        register, known = named_households(folder, wanted, manifest=manifest, chosen=chosen, progress=progress)
        if len(known) < len(wanted):
            raise SchemaError(
                "{unknown} of {total} household ids are not in the register",
                unknown=len(wanted) - len(known),
                total=len(wanted),
            )
        return register
    require_memory(folder, chosen)
    whole = len(chosen) == len(manifest.partitions)
    parts = _read_parts(folder, [(partition, None) for partition in chosen], progress)
    register = _as_one_register(parts, manifest)
    if whole:
        register.problems = packed_problems(folder)
        register.counts = packed_counts(manifest)
        register.rejected_rows = rejected_rows_of(folder)
        register.rows_to_mend = {name: [rows] for name, rows in register.rejected_rows.items()}
        register.recorded_at_filled = dict(manifest.filled)
    return register


def named_households(
    path: str | os.PathLike[str],
    households: Iterable[str],
    *,
    manifest: Manifest | None = None,
    chosen: Iterable[Partition] | None = None,
    progress: Progress | None = None,
) -> tuple[Register, list[str]]:
    """Read the named households of a packed register, as far as it knows them.

    Parameters
    ----------
    path : path-like
        The folder.
    households : iterable of str
        Ids of households, also those that it does not know.
    manifest : Manifest, optional
        Where it has been read already.
    chosen : iterable of Partition, optional
        Partitions to look into. Default: all.
    progress : callable, optional
        As for :func:`read_packed`.

    Returns
    -------
    register : Register
        As :meth:`fanpin_risk.Register.select` gives it of those that are known; empty tables where none is.
    known : list of str
        Ids that it knows, in the order asked for.

    Raises
    ------
    InputError
        If it is no packed register, or a partition is damaged.
    """
    folder = Path(path)
    manifest = read_manifest(folder) if manifest is None else manifest
    wanted = pd.Index(list(dict.fromkeys(households)), dtype="str")
    work: list[tuple[Partition, pd.Index | None]] = []
    for partition in manifest.partitions if chosen is None else chosen:
        here = wanted[wanted.isin(household_ids_in(folder, partition))]
        if len(here):
            work.append((partition, here))
    found = {one for _, here in work if here is not None for one in here}
    return _as_one_register(_read_parts(folder, work, progress), manifest), [one for one in wanted if one in found]


class RowsOnce:
    """Leaves out of each partition the rows of persons whom a partition before it held.

    Called with the partitions one after the other. What is kept in mind are persons with a household elsewhere, no others.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register, once = fr.make_register(50, random_state=0), RowsOnce()
    >>> len(once(register).tables["members"]) == len(register.tables["members"])
    True
    """

    def __init__(self) -> None:
        self.elsewhere: set[str] = set()

    def __call__(self, part: Register) -> Register:
        """Return a partition without the rows that were there before."""
        members = part.tables["members"]
        homes = part.tables["households"]["household_id"].unique()
        away = members.loc[~members["household_id"].isin(homes), "member_id"].astype("str").unique()
        before = self.elsewhere.intersection(away)
        self.elsewhere.update(away)
        if not before:
            return part
        tables = {
            name: frame[~frame["member_id"].isin(before)].reset_index(drop=True)
            if _belongs_to_person(name, frame)
            else frame
            for name, frame in part.tables.items()
        }
        return Register(
            tables, source=part.source, supplied=part.supplied, known_lag_days=part.known_lag_days, doubts=part.doubts
        )


def _belongs_to_person(name: str, frame: pd.DataFrame) -> bool:
    """Whether rows of a table are chosen by their person, as :meth:`fanpin_risk.Register.select` does."""
    return name == "members" or "household_id" not in frame


def _read_parts(
    folder: Path, work: list[tuple[Partition, pd.Index | None]], progress: Progress | None
) -> Iterator[Register]:
    """Read partitions, and select what is wanted of each; ids as texts."""
    total, done = sum(partition.households for partition, _ in work), 0
    if progress is not None:
        progress(0, total, "")
    for partition, here in work:
        part = read_partition(folder, partition)
        if here is not None:
            part = part.select(here)
        part.tables = {
            name: frame.astype({one: "str" for one in ("household_id", "member_id") if one in frame})
            for name, frame in part.tables.items()
        }
        yield part
        done += partition.households
        if progress is not None:
            progress(done, total, partition.name)


def _as_one_register(parts: Iterable[Register], manifest: Manifest) -> Register:
    """Put partitions together as one register, each row once."""
    once = RowsOnce()
    found = [once(part) for part in parts]
    tables = {
        name: pd.concat([part.tables[name] for part in found], ignore_index=True) for name in TABLES if len(found)
    }
    doubts = [part.doubts for part in found if len(part.doubts)]
    return Register(
        tables,
        source=manifest.source,
        supplied=manifest.tables,
        known_lag_days=manifest.known_lag_days,
        doubts=pd.concat(doubts).sort_index() if doubts else no_doubts(),
    )
