"""Score a register part by part: bounded memory, several processes, restartable at any moment.

Each partition is read, scored and written alone; what stands in the output does not depend on the number of
processes, on the order of the partitions, or on how often the run was stopped. A partition is done when its record
(``records/<name>.json``, with the SHA-256 of its files) stands; files get their final name only when they are whole.

    <out>/parts/<name>.parquet             scores and reasons, in codes (.csv and .xlsx on request, with the same values)
    <out>/unscored/<name>.parquet          households without a score on the day, and why
    <out>/contributions/<name>.parquet     on request: contributions of all features
    <out>/records/<name>.json              written last: households in, scored, not scored, files
    <out>/job.json                         written first: what this output is of
    <out>/manifest.json                    written at the end: all of it in one file, without times
    <out>/run.json                         how long the last run took
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from joblib import Parallel, delayed, effective_n_jobs, parallel_config

from fanpin_risk.asof.days import to_day
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.batch.layout import (
    AGAIN,
    MAX_HOUSEHOLDS,
    NAME,
    NOBODY,
    Partition,
    county_of,
    is_packed,
    partition_names,
    read_manifest,
    read_partition,
    share_ids,
    split_register,
)
from fanpin_risk.batch.options import switch, whole_number
from fanpin_risk.batch.worker import begin_worker
from fanpin_risk.errors import InputError, LackingTablesWarning
from fanpin_risk.features import features_at
from fanpin_risk.files import check_target, kind_of, write_table, write_text
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.store import load_model, model_folder, save_model
from fanpin_risk.records.read import read_register
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import listed

__all__ = ["Job", "Mapper", "score_partition", "score_register"]

FORMAT = "fanpin-risk scores 2"
FORMATS = ("parquet", "csv", "xlsx")
LANGUAGES = ("zh", "en")
JOB, MANIFEST, RUN, LOCK = "job.json", "manifest.json", "run.json", ".lock"
PARTS, UNSCORED, CONTRIBUTIONS, RECORDS = "parts", "unscored", "contributions", "records"
FOLDERS = (PARTS, UNSCORED, CONTRIBUTIONS, RECORDS)
MODEL = ".model"
OF_A_PART = re.compile(rf"(?:{NAME.pattern}|\..*)\.(?:parquet|csv|xlsx|json)")  # hidden: half written
LEFTOVER = re.compile(r"\.(?:(?:job|manifest|run)(?:-.*)?|\.?model(?:\..*)?)")  # as write_text and save_model name them
PACKAGES = ("fanpin-risk", "scikit-learn", "numpy", "pandas", "pyarrow")
MOST_REASONS = 20

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Job:
    """What one partition's result depends on, beside the partition: plain texts, so that it travels to any process.

    Attributes
    ----------
    register : str
        Folder of the packed register; ``""`` where partitions are handed over in memory.
    model : str
        Folder of the model, for :func:`fanpin_risk.load_model`.
    label : str
        Name and fingerprint that the model there must have.
    out : str
        Folder of the results, that all processes can write to.
    as_of : str
        The day.
    n_reasons : int
        Reasons for each household.
    lang : {"zh", "en"}
        Their language.
    all_contributions : bool
        Whether contributions of all features are written too.
    format : {"parquet", "csv", "xlsx"}
        Of the results.
    identity : str
        SHA-256 of ``job.json``.
    """

    register: str
    model: str
    label: str
    out: str
    as_of: str
    n_reasons: int
    lang: Literal["zh", "en"]
    all_contributions: bool
    format: Literal["parquet", "csv", "xlsx"]
    identity: str

    def files(self, name: str) -> list[str]:
        """Return the files of a partition in the output, without its record."""
        files = [f"{PARTS}/{name}.{self.format}", f"{UNSCORED}/{name}.{self.format}"]
        return files + ([f"{CONTRIBUTIONS}/{name}.parquet"] if self.all_contributions else [])


Task = tuple[Job, Partition, Register | None]
# Calls a function with each of many arguments, anywhere, and gives what it returns, in any order.
Mapper = Callable[
    [Callable[[Job, Partition, Register | None], dict[str, Any]], Iterable[Task]], Iterable[dict[str, Any]]
]


def score_register(
    path: str | os.PathLike[str] | Register,
    model: RiskModel | str | os.PathLike[str],
    as_of: Any,
    out: str | os.PathLike[str],
    *,
    workers: int | None = None,
    n_reasons: int = 3,
    lang: Literal["zh", "en"] = "zh",
    all_contributions: bool = False,
    format: Literal["parquet", "csv", "xlsx"] = "parquet",  # noqa: A002  the word users expect
    partitions: Iterable[str] | None = None,
    max_households: int = MAX_HOUSEHOLDS,
    overwrite: bool = False,
    progress: Progress | None = None,
    mapper: Mapper | None = None,
) -> dict[str, Any]:
    """Score every household of a register on a day, part by part, with reasons, into a folder.

    A run that was stopped, in whatever way, is taken up again by the same call, and ends with the same bytes as one
    that was not. Parts that are done are kept if they are as they were written. The processes are joblib's; within
    ``joblib.parallel_config(backend="dask")`` they are those of a cluster, which must then see the same folders and have
    the same versions of the packages; ``docs/cluster.md`` says how.

    Parameters
    ----------
    path : path-like or Register
        A packed register, or a folder or workbook that :func:`fanpin_risk.read_register` reads, or a register. What is
        not packed is held in memory and divided by the same rule.
    model : RiskModel or path-like
        Fitted, or the folder of a saved one, or ``demo``, as for :func:`fanpin_risk.load_model`.
    as_of : date-like
        The day; nothing recorded later, or about later, is seen.
    out : path-like
        Folder for the results. Nothing but results may stand in it; what else does is kept, and the run refused.
    workers : int, optional
        Processes, as far as there are partitions for them; -1: one for each processor; 1: this one. Each holds one
        partition in memory. Default: what ``joblib.parallel_config`` says, else this one.
    n_reasons : int, default 3
        Reasons for each household, 0 to 20.
    lang : {"zh", "en"}, default "zh"
        Their language.
    all_contributions : bool, default False
        Also write the contributions of all features, in calibrated log-odds, with their base.
    format : {"parquet", "csv", "xlsx"}, default "parquet"
        Kind of the result files; all hold the same values, so tiers and causes are codes in each of them
        (:func:`fanpin_risk.model.tiers.in_words` names them). Contributions are always Parquet.
    partitions : iterable of str, optional
        Names of partitions, or counties, to score. Default: all.
    max_households : int, default 50,000
        Size of the partitions of a register that is not packed.
    overwrite : bool, default False
        Whether to remove results of something else that stand in `out`.
    progress : callable, optional
        Called with (households done, households in all, name of the partition).
    mapper : callable, optional
        Instead of joblib: called with :func:`score_partition` and the arguments of every partition, it gives the
        results in any order. See :func:`fanpin_risk.batch.spark.score_register_spark`.

    Returns
    -------
    dict
        ``households`` = ``scored`` + the sum of ``unscored`` (by reason); ``rejected`` rows of the register, by table;
        ``partitions``, of them ``kept`` from an earlier run; ``seconds`` in all, of processor time, and by
        stage (``read``, ``score``, ``write``, summed over processes); ``peak_mb`` of this and of the largest other
        process. Also in ``run.json``.

    Warns
    -----
    UserWarning
        If the register lacks a whole table that the model was trained with.

    Raises
    ------
    InputError
        If another process writes to `out`; if there are results of another register, model, day, version or
        options; if a partition of the packed register is damaged; if results cannot be written.
    SchemaError
        If `as_of` is not a day.
    ModelFileError
        If the model cannot be loaded.

    Examples
    --------
    >>> import tempfile, fanpin_risk as fr
    >>> register = fr.make_register(200, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     summary = score_register(register, "demo", "2023-12-31", folder + "/scores", n_reasons=1)
    ...     scores = pd.read_parquet(folder + "/scores/parts")
    >>> summary["households"] == summary["scored"] + sum(summary["unscored"].values()), len(scores) == summary["scored"]
    (True, True)
    """
    started, processor = time.perf_counter(), time.process_time()
    for option, value, allowed in (("format", format, FORMATS), ("lang", lang, LANGUAGES)):
        if value not in allowed:
            raise InputError(
                "{option} is {value!r}; expected one of {allowed}", option=option, value=value, allowed=tuple(allowed)
            )
    n_reasons = whole_number("n_reasons", n_reasons, 0, MOST_REASONS)
    workers = _number_of_workers(workers)
    max_households = whole_number("max_households", max_households, 1)
    switch("all_contributions", all_contributions)
    switch("overwrite", overwrite)
    chosen = None if partitions is None else _names(partitions)
    day = str(to_day(as_of).date())
    folder = Path(out).absolute()
    with _locked(folder):
        for leftover in folder.iterdir():
            if LEFTOVER.fullmatch(leftover.name):
                _remove(leftover)
        fitted, model_folder = _model(model, folder)
        source = _Source.of(path, chosen, max_households)
        lacking = fitted.lacking_tables(Register({}, supplied=source.tables))
        if lacking:
            warnings.warn(
                LackingTablesWarning(
                    "the register lacks {tables}, which the model was trained with: households look alike in what these tables "
                    "tell, and too many land in the middle tier; train a model on the tables you have",
                    tables=listed(TABLES[name].label for name in lacking),
                ),
                stacklevel=2,
            )
        options = {
            "n_reasons": n_reasons, "lang": lang, "all_contributions": all_contributions, "format": format,
            "partitions": None if partitions is None else sorted(p.name for p in source.partitions),
        }  # fmt: skip
        facts = {
            "format": FORMAT,
            "model": fitted.label,
            "as_of": day,
            "options": options,
            "register": source.facts,
            "packages": {package: version(package) for package in PACKAGES},
        }
        job = Job(
            register=source.folder, model=str(model_folder), label=fitted.label, out=str(folder), as_of=day,
            n_reasons=n_reasons, lang=lang, all_contributions=all_contributions, format=format,
            identity=hashlib.sha256(_plain(facts).encode()).hexdigest(),
        )  # fmt: skip
        _begin(folder, facts, overwrite=overwrite)
        records = _kept(job, source.partitions)
        kept = len(records)
        _sweep(job, source.partitions)
        results = _Results(source.partitions, records, progress)
        if len(records) < len(source.partitions):
            (folder / MANIFEST).unlink(missing_ok=True)
            waiting = source.work(lambda name: name not in records)
            tasks = ((job, partition, register) for partition, register in waiting)
            ahead = "all" if source.register is None else "2*n_jobs"
            n_waiting = len(source.partitions) - len(records)
            for result in mapper(_alone, tasks) if mapper else _with_joblib(tasks, workers, n_waiting, ahead):
                results.add(result)
        totals = _finish(job, facts, source, records)
        run = {
            **totals,
            "rejected": {table: counts["rejected"] for table, counts in source.rows.items() if counts["rejected"]},
            "partitions": len(records),
            "kept": kept,
            "seconds": {
                "all": round(time.perf_counter() - started, 3),
                "processor": round(time.process_time() - processor + results.elsewhere, 3),
                **{stage: round(seconds, 3) for stage, seconds in results.seconds.items()},
            },
            "peak_mb": {"here": _peak_mb(), "largest_other": results.peak_mb},
        }
        write_text(_plain(run), folder / RUN)
    return run


def score_partition(job: Job, partition: Partition | str, register: Register | None = None) -> dict[str, Any]:
    """Score one partition and write its files: the function that is mapped over partitions, on any engine.

    It depends on nothing but its arguments and the folders they name; to do it twice does no harm.

    Parameters
    ----------
    job : Job
        What to do.
    partition : Partition or str
        Of the packed register.
    register : Register, optional
        The partition itself, where it is in memory.

    Returns
    -------
    dict
        ``record`` (plain data, as written to ``records``; equal for equal input), ``seconds`` by stage,
        ``peak_mb`` and ``process``.

    Raises
    ------
    InputError
        If the partition, the model or the packages of this process are not what the job says, another run has taken
        over the output, or the files cannot be written.
    """
    processor, times = time.process_time(), [time.perf_counter()]
    name = partition if isinstance(partition, str) else partition.name
    _check_here(job)
    model = _loaded(job.model, job.label)
    if register is None:
        register = read_partition(job.register, partition, columns=columns_read())
    times.append(time.perf_counter())
    scores, unscored, explanation = model.score_all(register, job.as_of, n_reasons=job.n_reasons, lang=job.lang)
    n = int(register.tables["households"]["household_id"].nunique())
    if len(scores) + len(unscored) != n:
        raise InputError(
            "partition {name}: {n} households, but {n_scores} scored and {n_unscored} not; the register "
            "holds several records of one household and day: read it again with read_register",
            name=name,
            n=n,
            n_scores=len(scores),
            n_unscored=len(unscored),
        )
    frames = [scores, unscored]
    if job.all_contributions:
        contributions = pd.DataFrame(explanation.values, columns=[f.name for f in explanation.features])
        contributions.insert(0, "base", explanation.base_value)
        contributions.insert(0, "household_id", scores["household_id"])
        frames.append(contributions)
    times.append(time.perf_counter())
    out = Path(job.out)
    if _identity(out) != job.identity:  # a process that outlived its run must not write into the next one's results
        raise InputError(
            "partition {name}: {out} belongs to another run by now; nothing was written", name=name, out=out.name
        )
    files = {}
    for file, frame in zip(job.files(name), frames, strict=True):
        files[file] = _facts_of(write_table(frame, out / file))
    record = {
        "job": job.identity,
        "name": name,
        "households": n,
        "scored": len(scores),
        "unscored": {str(k): int(v) for k, v in unscored["reason"].value_counts().sort_index().items()},
        "files": files,
    }
    record["digest"] = _digest(record)
    write_text(_plain(record), out / RECORDS / f"{name}.json")
    times.append(time.perf_counter())
    stages = {stage: times[k + 1] - times[k] for k, stage in enumerate(("read", "score", "write"))}
    return {
        "record": record, "seconds": {**stages, "processor": time.process_time() - processor}, "peak_mb": _peak_mb(),
        "process": os.getpid(),
    }  # fmt: skip


def _alone(job: Job, partition: Partition, register: Register | None = None) -> dict[str, Any]:
    """Score a partition beside others: on one core, and without sending parts of it to a cluster once more."""
    with parallel_config(backend="sequential"):
        return score_partition(job, partition, register)


def _with_joblib(tasks: Iterable[Task], workers: int | None, n_tasks: int, ahead: str) -> Iterable[dict[str, Any]]:
    """Map over processes, or over what joblib is set to; `ahead` are announced at once, so that clusters grow."""
    if workers is not None:
        workers = min(effective_n_jobs(workers), n_tasks)
    if workers == 1:
        return (score_partition(*task) for task in tasks)
    function = score_partition if effective_n_jobs(workers) == 1 else _alone
    parallel = Parallel(
        n_jobs=workers, return_as="generator_unordered", batch_size=1, pre_dispatch=ahead,
        initializer=begin_worker, initargs=(os.getpid(),),
    )  # fmt: skip
    return parallel(delayed(function)(*task) for task in tasks)


def _check_here(job: Job) -> None:
    """Refuse to work where the output is not seen, or with other packages than the run was begun with."""
    try:
        packages = json.loads((Path(job.out) / JOB).read_bytes())["packages"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "{name}/{job} cannot be read by a process that is to write there; the register and the "
            "results must be in folders that all machines see at the same place",
            name=Path(job.out).name,
            job=JOB,
        ) from error
    other = [f"{name} {version(name)}, not {wanted}" for name, wanted in packages.items() if version(name) != wanted]
    if other:
        raise InputError(
            "a process has other packages than the run: {other}; install the same everywhere", other="; ".join(other)
        )


@cache
def columns_read() -> dict[str, list[str]]:
    """Name the columns of every table that a score depends on, in the order of the schema.

    They are what an empty register is asked for, and what says when a row counts and which row corrects which.

    Returns
    -------
    dict of str to list of str
        No table is absent.

    Examples
    --------
    >>> columns_read()["warnings"], "serious30" in columns_read()["medical"]
    ([], True)
    """
    asked: dict[str, set[str]] = {}

    class Asked(pd.DataFrame):
        def __getitem__(self, name: Any) -> Any:
            asked[self.attrs["table"]].add(name)
            return super().__getitem__(name)

    empty = Register({}, supplied=TABLES)
    for table in TABLES:
        asked[table] = set()
        empty.tables[table] = Asked(empty.tables[table])
        empty.tables[table].attrs["table"] = table
    here = Snapshot(empty, pd.Timestamp("2020-12-31"))
    features_at(here, context=True)
    here.monitoring.any(np.isnat(here.monitoring.eliminated_on))
    for name, declared in TABLES.items():
        if asked[name]:
            asked[name] |= {*declared.key, *(declared.latest_per or ()), declared.time, "recorded_at", "household_id"}
    asked["households"].add("area_code")
    return {name: [c.name for c in declared.columns if c.name in asked[name]] for name, declared in TABLES.items()}


@lru_cache(maxsize=2)
def _loaded(folder: str, label: str) -> RiskModel:
    """Return a model, loaded once in each process."""
    model = load_model(folder)
    if model.label != label:
        raise InputError(
            "the model in {name} is {label}; expected {label_2}: it was replaced meanwhile",
            name=Path(folder).name,
            label=model.label,
            label_2=label,
        )
    return model


# --- what is scored -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Source:
    """A register in partitions, on disk or in memory."""

    folder: str
    register: Register | None
    names: pd.Series | None
    partitions: tuple[Partition, ...]
    tables: frozenset[str]
    rows: Mapping[str, Mapping[str, int]]
    facts: Mapping[str, Any]

    @classmethod
    def of(cls, path: str | os.PathLike[str] | Register, chosen: set[str] | None, max_households: int) -> _Source:
        register, names = None, None
        if not isinstance(path, Register) and is_packed(path):
            manifest = read_manifest(path)
            folder, tables, rows = str(Path(path).absolute()), frozenset(manifest.tables), manifest.rows
            partitions = manifest.partitions
            facts: dict[str, Any] = {"packed": True, "fingerprint": manifest.fingerprint}
        else:
            register = path if isinstance(path, Register) else read_register(Path(path))
            folder, tables = "", register.supplied
            counts = register.counts.drop(columns="records").astype("int64")
            rows = {
                str(table): {str(kind).removeprefix("rows_"): int(n) for kind, n in row.items()}
                for table, row in counts.to_dict("index").items()
                if table in tables
            }
            register = Register(share_ids(register.tables), source=register.source, supplied=register.supplied)
            names = partition_names(register.tables["households"], max_households=max_households)
            sizes = names.value_counts().sort_index()
            partitions = tuple(Partition(str(name), int(size), {}) for name, size in sizes.items())
            facts = {"packed": False, "max_households": max_households, "fingerprint": _content(register)}
        partitions = _chosen(partitions or (Partition(NOBODY, 0, {}),), chosen)
        return cls(folder, register, names, partitions, tables, rows, facts)

    def work(self, wanted: Callable[[str], bool]) -> Iterator[tuple[Partition, Register | None]]:
        """Give the partitions that are wanted, those in memory one after the other."""
        if self.register is None:
            yield from ((partition, None) for partition in self.partitions if wanted(partition.name))
            return
        here = {partition.name: partition for partition in self.partitions}
        for name, register in split_register(self.register, names=self.names):
            if name in here and wanted(name):
                yield here[name], register


def _chosen(partitions: tuple[Partition, ...], wanted: set[str] | None) -> tuple[Partition, ...]:
    if wanted is None:
        return partitions
    found = tuple(p for p in partitions if p.name in wanted or county_of(p.name) in wanted)
    there = {p.name for p in found} | {county_of(p.name) for p in found}
    if wanted - there:
        raise InputError(
            "partitions: {count} of {n_wanted} names are neither a partition nor a county of the register",
            count=len(wanted - there),
            n_wanted=len(wanted),
        )
    return found


def _content(register: Register) -> str:
    """SHA-256 of what the tables of a register say, row by row."""
    digest = hashlib.sha256()
    for table in sorted(register.supplied):
        digest.update(table.encode())
        digest.update(pd.util.hash_pandas_object(register.tables[table], index=False).to_numpy(dtype="<u8").tobytes())
    return digest.hexdigest()


def _model(model: RiskModel | str | os.PathLike[str], folder: Path) -> tuple[RiskModel, Path]:
    """Return a model and a folder from which other processes can load it."""
    if isinstance(model, RiskModel):
        try:
            return model, save_model(model, folder / MODEL)
        except OSError as error:
            raise InputError(
                "cannot write to {folder}: {value}", folder=folder.name, value=error.strerror or "input/output error"
            ) from error
    return load_model(model), model_folder(model).absolute()


# --- what stands in the output --------------------------------------------------------------------------------------


def _number_of_workers(workers: Any) -> int | None:
    if workers is None or (workers == -1 and not isinstance(workers, bool)):
        return workers
    try:
        return whole_number("workers", workers, 1)
    except InputError as error:
        raise InputError("{error}, or -1 for one process per processor", error=error) from error


def _names(partitions: Any) -> set[str]:
    """Return names of partitions or counties; one may be given alone."""
    names = [partitions] if isinstance(partitions, str) or not isinstance(partitions, Iterable) else list(partitions)
    if not names or not all(isinstance(name, str) for name in names):
        raise InputError("partitions is no list of names; expected texts such as '211225' or '211225-03'")
    return set(names)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which the system takes back when the process ends, in whatever way.

    The copy of a model that other processes load is removed at the end.
    """
    try:
        check_target(folder, "scores", overwrite=True, others=_other_files)  # of what job they are is seen later
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK).open("a+b")
    except OSError as error:
        raise InputError(
            "cannot write to {folder}: {value}", folder=folder.name, value=error.strerror or "input/output error"
        ) from error
    with lock:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError) as error:
            raise InputError(
                "another process is writing to {folder}; wait for it, or choose another folder", folder=folder.name
            ) from error
        except OSError as error:
            raise InputError(
                "the file system of {folder} gives no lock ({value}), so that two runs could mix their "
                "results; choose a folder on one with locks",
                folder=folder.name,
                value=error.strerror or "input/output error",
            ) from error
        try:
            yield
        finally:
            shutil.rmtree(folder / MODEL, ignore_errors=True)


def _other_files(folder: Path) -> list[str] | None:
    """Name what stands among results and is not one, or is a table that someone changed; None where there are none.

    Parquet files are made anew where they are damaged; a csv file or a workbook may have been edited instead.
    """
    begun = [entry.name for entry in folder.iterdir() if entry.name != LOCK and not LEFTOVER.fullmatch(entry.name)]
    if begun and kind_of(folder)[0] != "scores":
        return None
    other = [name for name in begun if name not in (JOB, MANIFEST, RUN, *FOLDERS)]
    for place in FOLDERS:
        other += [f"{place}/{file.name}" for file in (folder / place).glob("*") if not OF_A_PART.fullmatch(file.name)]
    return sorted(other) + _edited(folder)


def _edited(folder: Path) -> list[str]:
    """Name csv files and workbooks that are not as their records say."""
    found = []
    for file in (folder / RECORDS).glob("*.json"):
        record = _record(file)
        tables = record["files"].items() if record else ()
        found += [
            name
            for name, facts in tables
            if name.endswith((".csv", ".xlsx")) and (folder / name).is_file() and _facts_of(folder / name) != facts
        ]
    return sorted(found)


def _begin(folder: Path, facts: Mapping[str, Any], *, overwrite: bool) -> None:
    """Write down what the output is of; refuse to go on with the output of something else."""
    wanted, file = _plain(facts), folder / JOB
    if file.exists():
        try:
            written = file.read_bytes().decode("utf-8", errors="replace")
        except OSError:
            written = ""
        if written == wanted:
            return
        if not overwrite:
            raise InputError(
                "{folder} holds results of something else ({difference}); choose another folder, or give "
                "overwrite=True (--overwrite) to remove them",
                folder=folder.name,
                difference=_difference(written, facts),
            )
    (folder / MANIFEST).unlink(missing_ok=True)
    write_text(wanted, file)  # first of all: records of another job do not count from now on


def _difference(written: str, facts: Mapping[str, Any]) -> str:
    """Say what differs between the job that was and the one that is to be."""
    try:
        before, now = _flat(json.loads(written)), _flat(facts)
    except (ValueError, AttributeError, RecursionError):
        return f"its {JOB} cannot be read"
    keys = [key for key in {**before, **now} if before.get(key) != now.get(key)]
    return "; ".join(f"{key}: {_short(before.get(key))} there, {_short(now.get(key))} now" for key in keys)


def _flat(plain: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in plain.items():
        flat |= _flat(value, f"{prefix}{key} ") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return flat


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:12]}..."


def _identity(folder: Path) -> str:
    try:
        return hashlib.sha256((folder / JOB).read_bytes()).hexdigest()
    except OSError:
        return ""


def _facts_of(file: Path) -> dict[str, Any]:
    data = file.read_bytes()
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _digest(record: Mapping[str, Any]) -> str:
    """SHA-256 of all that a record says beside it."""
    said = {key: value for key, value in record.items() if key != "digest"}
    return hashlib.sha256(_plain(said).encode()).hexdigest()


def _kept(job: Job, partitions: Iterable[Partition]) -> dict[str, dict[str, Any]]:
    """Return the records of the partitions that are done and whose files are as they were written."""
    out, records = Path(job.out), {}
    for partition in partitions:
        record = _record(out / RECORDS / f"{partition.name}.json")
        if not record or record["job"] != job.identity or set(record["files"]) != set(job.files(partition.name)):
            continue  # not done, or not whole: it is made again
        try:
            if all(_facts_of(out / file) == facts for file, facts in record["files"].items()):
                records[partition.name] = record
        except OSError:
            continue
    return records


def _record(file: Path) -> dict[str, Any] | None:
    """Read the record of a partition; None where there is none that is as it was written."""
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        return record if record["digest"] == _digest(record) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _sweep(job: Job, partitions: Iterable[Partition]) -> None:
    """Remove what runs that were killed, or other jobs, left behind."""
    expected = {file for p in partitions for file in (*job.files(p.name), f"{RECORDS}/{p.name}.json")}
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


class _Results:
    """Adds up what partitions took."""

    def __init__(
        self, partitions: tuple[Partition, ...], records: dict[str, dict[str, Any]], progress: Progress | None
    ) -> None:
        self.records, self.progress = records, progress
        self.total = sum(partition.households for partition in partitions)
        self.done = sum(partition.households for partition in partitions if partition.name in records)
        self.seconds = dict.fromkeys(("read", "score", "write"), 0.0)
        self.elsewhere = 0.0  # processor time of other processes
        self.peak_mb: float | None = None
        self._tell("")

    def add(self, result: Mapping[str, Any]) -> None:
        record = result["record"]
        self.records[record["name"]] = record
        self.done += record["households"]
        for stage in self.seconds:
            self.seconds[stage] += result["seconds"][stage]
        if result["process"] != os.getpid():
            self.elsewhere += result["seconds"]["processor"]
            self.peak_mb = max(self.peak_mb or 0.0, result["peak_mb"] or 0.0)
        self._tell(record["name"])

    def _tell(self, name: str) -> None:
        if self.progress is not None:
            self.progress(self.done, self.total, name)


def _finish(
    job: Job, facts: Mapping[str, Any], source: _Source, records: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Check that all is there and adds up, and write the manifest."""
    out = Path(job.out)
    unscored: dict[str, int] = {}
    for partition in source.partitions:
        record = records[partition.name]
        for reason, n in record["unscored"].items():
            unscored[reason] = unscored.get(reason, 0) + n
        if record["households"] != partition.households:
            raise InputError(
                "partition {partition} holds {households} households, the register says {households_2}; {again}",
                partition=partition.name,
                households=record["households"],
                households_2=partition.households,
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
    if totals["households"] != totals["scored"] + sum(unscored.values()):
        raise InputError("households scored and not scored do not add up to those of the register; pack it again")
    done = [{k: v for k, v in records[p.name].items() if k not in ("job", "digest")} for p in source.partitions]
    rows = {table: dict(counts) for table, counts in source.rows.items()}
    wanted = _plain({**facts, "rows": rows, "totals": totals, "partitions": done})
    file = out / MANIFEST
    if not file.exists() or file.read_bytes() != wanted.encode():
        write_text(wanted, file)
    return totals


def _plain(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _peak_mb() -> float | None:
    """Most memory this process ever held, in MB; None where the system does not tell."""
    status = Path("/proc/self/status")
    if status.exists():  # unlike getrusage without what the process that started this one held
        found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text(encoding="ascii", errors="ignore"))
        return round(int(found[1]) / 1024, 1) if found else None
    if sys.platform == "win32":
        return None
    import resource

    unit = 2**20 if sys.platform == "darwin" else 2**10
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)
