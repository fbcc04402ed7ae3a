"""The folder of scores in parts: one writer at a time, one job, and nothing in it that is of something else."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from fanpin_risk.batch.layout import AGAIN, NAME, Partition
from fanpin_risk.batch.scoring.job import (
    FOLDERS,
    JOB,
    LOCK,
    MANIFEST,
    MODEL,
    RECORDS,
    RUN,
    Job,
    facts_of,
    plain_text,
    read_record,
)
from fanpin_risk.batch.scoring.source import Source
from fanpin_risk.errors import InputError
from fanpin_risk.files import check_target, kind_of, write_text
from fanpin_risk.words import Message, listed, system_error

__all__ = ["begin", "finish", "holding", "kept_records", "locked", "other_files", "sweep"]

OF_A_PART = re.compile(rf"(?:{NAME.pattern}|\..*)\.(?:parquet|csv|xlsx|json)")  # hidden: half written
LEFTOVER = re.compile(r"\.(?:(?:job|manifest|run)(?:-.*)?|\.?model(?:\..*)?)")  # as write_text and save_model name them


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which the system takes back when the process ends, in whatever way.

    What killed runs left behind is removed at the beginning, the copy of a model that other processes load at the end;
    where a run fails before it wrote anything, so are the lock and the folders that were made for it.

    Raises
    ------
    InputError
        If something else stands in the folder, another process writes to it, or it cannot be written or locked.
    """
    made: list[Path] = []
    try:
        check_target(folder, "scores", overwrite=True, others=other_files)  # of what job they are is seen later
        made = [place for place in (folder, *folder.parents) if not place.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK).open("a+b")
    except OSError as error:
        _remove_empty(made)
        raise InputError("cannot write {path}: {reason}", path=folder.name, reason=system_error(error)) from error
    try:
        with holding(lock, folder):
            try:
                for leftover in folder.iterdir():
                    if LEFTOVER.fullmatch(leftover.name):
                        _remove(leftover)
                yield
            finally:
                shutil.rmtree(folder / MODEL, ignore_errors=True)
                _remove_lone_lock(folder)  # while it is held, so that it is never another's
    except BaseException:
        if sys.platform == "win32":  # where no file is removed that is open, here or in another process
            _remove_lone_lock(folder)
        _remove_empty(made)
        raise


def _remove_lone_lock(folder: Path) -> None:
    """Remove a lock where no results stand beside it."""
    with suppress(OSError):
        if [entry.name for entry in folder.iterdir()] == [LOCK]:
            (folder / LOCK).unlink()


def _remove_empty(folders: list[Path]) -> None:
    """Remove folders, each within the next, as far as nothing stands in them."""
    with suppress(OSError):
        for place in folders:
            place.rmdir()


@contextmanager
def holding(lock: IO[bytes], folder: Path) -> Iterator[None]:
    """Hold the lock of a folder by its open file, or say who else does."""
    with lock:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not (folder / LOCK).exists():  # who held it has removed it since
                    raise BlockingIOError
        except (BlockingIOError, PermissionError) as error:
            raise InputError(
                "another process is writing to {folder}; wait for it, or choose another folder", folder=folder.name
            ) from error
        except OSError as error:
            _remove_lone_lock(folder)
            raise InputError(
                "the file system of {folder} gives no lock ({reason}), so that two runs could mix their results; choose a "
                "folder on one with locks",
                folder=folder.name,
                reason=system_error(error),
            ) from error
        yield


def other_files(folder: Path) -> list[str] | None:
    """Name what stands among results and is not one, or is a table that someone changed; None where there are none.

    A Parquet file that cannot be read is damaged and written again; any other file that differs was edited, and is kept.
    """
    begun = [entry.name for entry in folder.iterdir() if entry.name != LOCK and not LEFTOVER.fullmatch(entry.name)]
    if begun and kind_of(folder)[0] != "scores":
        return None
    other = [name for name in begun if name not in (JOB, MANIFEST, RUN, *FOLDERS)]
    for place in FOLDERS:
        other += [f"{place}/{file.name}" for file in (folder / place).glob("*") if not OF_A_PART.fullmatch(file.name)]
    return sorted(other) + _edited(folder)


def _edited(folder: Path) -> list[str]:
    """Name tables that are not as their records say and can still be read."""
    found = []
    for file in (folder / RECORDS).glob("*.json"):
        record = read_record(file)
        tables = record["files"].items() if record else ()
        found += [name for name, facts in tables if _is_changed(folder / name, facts)]
    return sorted(found)


def _is_changed(file: Path, facts: Any) -> bool:
    try:
        if facts_of(file) == facts:
            return False
    except OSError:  # there is nothing to keep
        return False
    return file.suffix != ".parquet" or _is_parquet(file)


def _is_parquet(file: Path) -> bool:
    """Tell whether every page of a file can be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        for _ in pq.ParquetFile(file).iter_batches():
            pass
    except (OSError, pa.ArrowException):
        return False
    return True


def begin(folder: Path, facts: Mapping[str, Any], *, overwrite: bool) -> None:
    """Write down what the results are of; refuse to go on with results of something else.

    Of a register that exports were taken into since, they are brought up to date: what did not change is kept.

    Raises
    ------
    InputError
        If there are some, and `overwrite` is not given.
    """
    wanted, file = plain_text(facts), folder / JOB
    if file.exists():
        try:
            written = file.read_bytes().decode("utf-8", errors="replace")
        except OSError:
            written = ""
        if written == wanted:
            return
        if not overwrite and not _is_earlier(written, facts):
            raise InputError(
                "{folder} holds results of something else ({difference}); choose another folder, or give "
                "overwrite=True (--overwrite) to remove them",
                folder=folder.name,
                difference=_difference(written, facts),
            )
    (folder / MANIFEST).unlink(missing_ok=True)
    write_text(wanted, file)  # first of all: records of another job do not count from now on


def _is_earlier(written: str, facts: Mapping[str, Any]) -> bool:
    """Tell whether a job differs from another by an earlier or later state of the same packed register alone."""
    try:
        before = json.loads(written)
        there, now = before.pop("register"), facts["register"]
        rest = {key: value for key, value in facts.items() if key != "register"}
        return bool(
            before == json.loads(plain_text(rest))
            and there["packed"]
            and now["packed"]
            and there.get("origin", there["fingerprint"]) == now.get("origin", now["fingerprint"])
        )
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
        return False


def _difference(written: str, facts: Mapping[str, Any]) -> Message:
    """Say what differs between the job that was and the one that is to be."""
    try:
        before, now = _flat(json.loads(written)), _flat(facts)
    except (ValueError, AttributeError, RecursionError):
        return Message("its {file} cannot be read", file=JOB)
    keys = [key for key in {**before, **now} if before.get(key) != now.get(key)]
    return listed(
        Message("{what}: {before} there, {now} now", what=key, before=_short(before.get(key)), now=_short(now.get(key)))
        for key in keys
    )


def _flat(plain: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in plain.items():
        flat |= _flat(value, f"{prefix}{key} ") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return flat


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:12]}..."


def kept_records(job: Job, partitions: Iterable[Partition]) -> dict[str, dict[str, Any]]:
    """Return the records of the partitions that are done and whose files are as they were written."""
    out, records = Path(job.out), {}
    for partition in partitions:
        record = read_record(out / RECORDS / f"{partition.name}.json")
        if (
            not record
            or record.get("of") != job.of(partition)
            or set(record["files"]) != set(job.files(partition.name).values())
        ):
            continue  # not done, or not whole: it is made again
        try:
            if all(facts_of(out / file) == facts for file, facts in record["files"].items()):
                records[partition.name] = record
        except OSError:
            continue
    return records


def sweep(job: Job, partitions: Iterable[Partition]) -> None:
    """Remove what runs or workers that were killed, or other jobs, left behind."""
    expected = {file for p in partitions for file in (*job.files(p.name).values(), f"{RECORDS}/{p.name}.json")}
    for folder in FOLDERS:
        for file in (Path(job.out) / folder).glob("*"):
            if f"{folder}/{file.name}" not in expected:
                _remove(file)


def _remove(entry: Path) -> None:
    """Remove a file, a folder, or a link, but not what it leads to."""
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink()


def finish(
    job: Job, facts: Mapping[str, Any], source: Source, records: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Check that all is there and adds up, write the manifest, and return the totals.

    Raises
    ------
    InputError
        If something is missing or does not add up.
    """
    out = Path(job.out)
    unscored: dict[str, int] = {}
    for partition in source.partitions:
        record = records[partition.name]
        for reason, n in record["unscored"].items():
            unscored[reason] = unscored.get(reason, 0) + n
        if record["households"] != partition.households:
            raise InputError(
                "partition {name} holds {households} households, the register says {expected}; {again}",
                name=partition.name,
                households=record["households"],
                expected=partition.households,
                again=AGAIN,
            )
        for file, written in record["files"].items():
            if not (out / file).is_file() or (out / file).stat().st_size != written["bytes"]:
                raise InputError("{file} was changed or removed while the run went on; run it again", file=file)
    totals = {
        "households": sum(partition.households for partition in source.partitions),
        "scored": sum(record["scored"] for record in records.values()),
        "unscored": dict(sorted(unscored.items())),
    }
    if job.options.groups:
        totals |= {
            name: sum(record[name] for record in records.values()) for name in ("in_groups", "perhaps_in_groups")
        }
    if totals["households"] != totals["scored"] + sum(unscored.values()):
        raise InputError("households scored and not scored do not add up to those of the register; pack it again")
    done = [{k: v for k, v in records[p.name].items() if k not in ("of", "digest")} for p in source.partitions]
    rows = {table: dict(counts) for table, counts in source.rows.items()}
    wanted = plain_text({**facts, "rows": rows, "totals": totals, "partitions": done})
    file = out / MANIFEST
    if not file.exists() or file.read_bytes() != wanted.encode():
        write_text(wanted, file)
    return totals
