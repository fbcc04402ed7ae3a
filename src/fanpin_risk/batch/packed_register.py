"""A packed register, or some households of it, as a register in memory; and what that takes.

A person who moved stands in every partition of the households that he or she ever belonged to, each time with all rows.
Put together again the rows are those of the first of these partitions, so that nothing is there twice.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from fanpin_risk.arguments import names, texts
from fanpin_risk.batch.division import county_of
from fanpin_risk.batch.layout import AGAIN, PARTITIONS, PROBLEMS, REJECTED, Manifest, Partition, read_manifest
from fanpin_risk.batch.partition_files import read_partition
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.progress import Progress
from fanpin_risk.records.doubts import no_doubts
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Message, system_error

__all__ = [
    "RowsOnce",
    "bytes_in_memory",
    "chosen_partitions",
    "described",
    "free_bytes",
    "household_ids_in",
    "households_alone",
    "named_households",
    "packed_counts",
    "packed_problems",
    "parts_of",
    "read_packed",
    "rejected_rows_of",
    "require_memory",
]

# Bytes of a cell in memory, and how much more it takes to read the rows, put them together and work on them: measured.
TEXT_BYTES, OTHER_BYTES = 24, 8
TIMES_FOR_WORK = 3.0


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
    >>> one.tables["households"]["household_id"].unique().tolist(), len(whole.tables["incomes"]) == len(
    ...     register.tables["incomes"]
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
    register = _together(parts, manifest)
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
    work = []
    for partition in manifest.partitions if chosen is None else chosen:
        here = wanted[wanted.isin(household_ids_in(folder, partition))]
        if len(here):
            work.append((partition, here))
    found = {one for _, here in work for one in here}
    return _together(_read_parts(folder, work, progress), manifest), [one for one in wanted if one in found]


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
    file = folder / PARTITIONS / partition.name / "households.parquet"
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


def parts_of(
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


def described(path: str | os.PathLike[str]) -> Register:
    """Return what is known of a packed register as a whole, without its rows.

    Parameters
    ----------
    path : path-like
        The folder.

    Returns
    -------
    Register
        Empty, with the tables it was given, counts of reading, and what is said of days of recording.

    Raises
    ------
    InputError
        If it is no packed register.
    """
    manifest = read_manifest(path)
    return Register(
        {}, source=manifest.source, supplied=manifest.tables, known_lag_days=manifest.known_lag_days,
        recorded_at_filled=manifest.filled, counts=packed_counts(manifest),
    )  # fmt: skip


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
            name: frame[~frame["member_id"].isin(before)].reset_index(drop=True) if _by_person(name, frame) else frame
            for name, frame in part.tables.items()
        }
        return Register(
            tables, source=part.source, supplied=part.supplied, known_lag_days=part.known_lag_days, doubts=part.doubts
        )


def _by_person(name: str, frame: pd.DataFrame) -> bool:
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


def _together(parts: Iterable[Register], manifest: Manifest) -> Register:
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


def packed_problems(folder: Path) -> pd.DataFrame:
    """Return the problems of a packed register, as :attr:`fanpin_risk.Register.problems` of its files.

    Raises
    ------
    InputError
        If they cannot be read.
    """
    from fanpin_risk.records.problems import Problems

    empty = Problems().frame()
    found = _read_kept(folder / PROBLEMS)
    return found[list(empty.columns)].astype(empty.dtypes.to_dict())


def rejected_rows_of(folder: Path) -> dict[str, pd.DataFrame]:
    """Return the rejected rows of a packed register, as :attr:`fanpin_risk.Register.rejected_rows` of its files."""
    return {name: _read_kept(file) for name in TABLES if (file := folder / REJECTED / f"{name}.parquet").exists()}


def _read_kept(file: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(file)
    except (OSError, ValueError) as error:
        why = system_error(error) if isinstance(error, OSError) else type(error).__name__
        raise InputError("{file} cannot be read ({reason}); {again}", file=file.name, reason=why, again=AGAIN) from error


def packed_counts(manifest: Manifest) -> pd.DataFrame:
    """Return the rows read, kept and rejected, and the records made of them, as :attr:`fanpin_risk.Register.counts` of the files.

    Parameters
    ----------
    manifest : Manifest
        The records of those who stand in no partition are not among them.

    Returns
    -------
    DataFrame of shape (10, 4)
    """
    counts = Register({}).counts
    for name, rows in manifest.rows.items():
        stored = sum(int(one.files[name]["rows"]) for one in manifest.partitions if name in one.files)
        counts.loc[name] = [rows["read"], rows["kept"], rows["rejected"], stored - rows["copies"]]
    return counts


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
