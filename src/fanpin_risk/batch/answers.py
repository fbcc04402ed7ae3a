"""Ask rules of a register part by part: bounded memory, several processes, and the answers whole or not at all.

Each partition is read, asked and written alone. A household has in its partition all rows of everyone who ever belonged to
it, and no rule looks into another household, so that its answers are to the bit those of the register in memory.

    <out>/parts/<name>.parquet    answers of a partition, by household and in the order of the rules (or .csv)
    <out>/manifest.json           of what they are, how many, by rule and answer; without times
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from fanpin_risk.arguments import a_path, names, number_of_workers, of_type, whole_number
from fanpin_risk.asof.days import to_day
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.batch.division import MAX_HOUSEHOLDS
from fanpin_risk.batch.layout import Partition
from fanpin_risk.batch.partition_files import read_partition
from fanpin_risk.batch.questions import ScreenOptions, added_counts, answers_on
from fanpin_risk.batch.score import PACKAGES
from fanpin_risk.batch.scoring.job import MANIFEST, PARTS, plain_text
from fanpin_risk.batch.scoring.part import check_packages, peak_mb
from fanpin_risk.batch.scoring.processes import Results, ended_with, map_with_joblib
from fanpin_risk.batch.scoring.source import Source
from fanpin_risk.errors import InputError
from fanpin_risk.files import file_mark, new_folder, write_table, write_text
from fanpin_risk.policy import Policy
from fanpin_risk.progress import Progress
from fanpin_risk.records.register import Register
from fanpin_risk.words import Language, Message

__all__ = ["AnswerJob", "answer_partition", "screen_register"]

KIND_OF_ANSWERS = "answers"


@dataclass(frozen=True)
class AnswerJob:
    """What the answers of a partition depend on, beside the partition; it travels to any process.

    Attributes
    ----------
    register : str
        Folder of the packed register; ``""`` where partitions are handed over in memory.
    out : str
        Folder to write to, that all processes see.
    as_of : str
        The day.
    options : ScreenOptions
        What is asked.
    packages : dict of str to str
        Versions of the packages that all processes must have.
    """

    register: str
    out: str
    as_of: str
    options: ScreenOptions
    packages: Mapping[str, str]


def screen_register(
    path: str | os.PathLike[str] | Register,
    as_of: Any,
    out: str | os.PathLike[str],
    *,
    ask: str = "guarantees",
    answers: Sequence[str] | None = None,
    found_only: bool = False,
    lines: MonitoringLines | None = None,
    policy: Policy | None = None,
    kinds: pd.DataFrame | None = None,
    lang: Language | None = None,
    format: Literal["parquet", "csv"] = "parquet",  # noqa: A002  the word users expect
    workers: int | None = None,
    partitions: Iterable[str] | None = None,
    max_households: int = MAX_HOUSEHOLDS,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Ask rules of every household of a register on a day, part by part, into a folder.

    Every household gets to the bit what the functions for a register in memory give. The folder is there when all parts are:
    a run that was stopped leaves nothing at its place. The processes are joblib's, as for :func:`fanpin_risk.score_register`.

    Parameters
    ----------
    path : path-like, str or Register
        A packed register, or a folder, file, archive or address of a database that :func:`fanpin_risk.read_register`
        reads, or a register. What is not packed is held in memory and divided by the same rule.
    as_of : date-like
        The day; nothing recorded later, or about later, is seen.
    out : path-like
        Folder for the answers.
    ask : str, default "guarantees"
        ``"guarantees"`` (:func:`fanpin_risk.screen`), ``"groups"`` (:func:`fanpin_risk.household_groups`), ``"contradictions"``,
        ``"types"`` (:func:`fanpin_risk.monitored_type`), ``"suspicions"``, ``"entitlements"`` or ``"measures"``.
    answers : sequence of str, optional
        Of ``"yes"``, ``"no"`` and ``"unknown"``: the answers kept, of contradictions, suspicions and entitlements. Default: as
        their functions do.
    found_only : bool, default False
        Whether only what is looked for is written: what is not given, who belongs to a group, what is contradicted, suggested,
        suspected, without a record, or not tried yet. All are counted.
    lines : MonitoringLines, optional
        Default: the lines that ship with the package.
    policy : Policy, optional
        Numbers of the rules. Default: those that ship with the package.
    kinds : DataFrame, optional
        With ask="measures": kinds of measures of an office, see :func:`fanpin_risk.measures`.
    lang : {"zh", "en"}, optional
        Also say each answer in this language, in a column ``says``.
    format : {"parquet", "csv"}, default "parquet"
        Kind of the files; both hold the same values.
    workers : int, optional
        Processes, as far as there are partitions for them; -1: one for each processor; 1: this one. Each holds one
        partition in memory. Default: what ``joblib.parallel_config`` says, else this one.
    partitions : iterable of str, optional
        Names of partitions, or counties, to ask about. Default: all.
    max_households : int, default 50,000
        Size of the partitions of a register that is not packed.
    overwrite : bool, default False
        Whether answers that stand in `out` are replaced, when the new ones are whole.
    progress : callable, optional
        Called with (households done, households in all, name of the partition).

    Returns
    -------
    dict
        ``households`` on record on the day; ``with_rows`` in the answers; ``found`` with anything that is looked for, of these
        ``found_not_monitored`` (None where the register has no table of monitoring); ``rows`` written; ``answers``, how many by rule
        and answer (of types by type and whether monitored, of measures by kind and whether tried); ``partitions``; ``seconds``
        in all, of processor time, and by stage (``read``, ``ask``, ``write``, summed over processes); ``peak_mb`` of this and of
        the largest other process.

    Raises
    ------
    InputError
        If something stands in `out` that is kept; if a partition of the packed register is damaged; if answers cannot be
        written; if an option is not one of those described.
    SchemaError
        If `as_of` is not a day, or a type is not as described.

    Notes
    -----
    Parts by their names, and in each households by their ids: sorted by ``household_id``, order of rows kept, all parts
    together are the table of the function for a register in memory. Who moved between partitions stands in both with all
    versions, so that nothing is lost; that one person belongs to two households at once is no rule of the register: the newest
    version decides where a person is at home.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd, fanpin_risk as fr
    >>> register = fr.make_register(200, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     summary = fr.screen_register(register, "2023-12-31", folder + "/sieve")
    ...     found = pd.read_parquet(folder + "/sieve/parts")
    >>> summary["rows"] == len(found) == len(fr.screen(register, "2023-12-31"))
    True
    """
    started, processor = time.perf_counter(), time.process_time()
    options = ScreenOptions(
        ask=ask,
        answers=answers,
        found_only=found_only,
        lines=lines,
        policy=policy,
        kinds=kinds,
        lang=lang,
        format=format,
    )
    workers = number_of_workers(workers)
    max_households = whole_number("max_households", max_households, 1)
    chosen = None if partitions is None else names("partitions", partitions)
    day = str(to_day(as_of).date())
    if not isinstance(path, Register):
        of_type("path", path, (str, os.PathLike), Message("a register, or the path of one"))
    packages = {package: version(package) for package in PACKAGES}
    with new_folder(a_path("out", out), KIND_OF_ANSWERS, overwrite=overwrite) as folder:
        source = Source.of(path, chosen, max_households)
        job = AnswerJob(source.folder, str(folder), day, options, packages)
        results = Results(source.partitions, {}, progress, stages=("read", "ask", "write"))
        tasks = ((job, partition, register) for partition, register in source.work(lambda _: True))
        ahead = "all" if source.register is None else "2*n_jobs"
        with ended_with(map_with_joblib(tasks, workers, len(source.partitions), ahead, answer_partition)) as answered:
            for result in answered:
                results.add(result)
        records = [results.records[partition.name] for partition in source.partitions]
        totals = added_counts(record["counts"] for record in records)
        facts = {
            "format": f"{file_mark(KIND_OF_ANSWERS)} 1",
            "as_of": day,
            "options": {
                "ask": ask, "answers": options.answers, "found_only": found_only, "lang": lang, "format": format,
                "lines": None if lines is None else _digest_of(lines.frame),
                "policy": None if policy is None else _digest_of(policy.frame),
                "kinds": None if kinds is None else _digest_of(kinds),
                "partitions": None if chosen is None else [partition.name for partition in source.partitions],
            },
            "register": source.facts,
            "packages": packages,
            "totals": totals,
            "partitions": records,
        }  # fmt: skip
        write_text(plain_text(facts), folder / MANIFEST)
    return {**totals, "partitions": len(records), **results.used(started, processor)}


def answer_partition(job: AnswerJob, partition: Partition, register: Register | None = None) -> dict[str, Any]:
    """Ask of one partition and write its answers: the function that is mapped over partitions.

    Parameters
    ----------
    job : AnswerJob
        What to ask.
    partition : Partition
        Of the packed register.
    register : Register, optional
        The partition itself, where it is in memory.

    Returns
    -------
    dict
        ``record`` (plain data, equal for equal input), ``seconds`` by stage, ``peak_mb`` and ``process``.

    Raises
    ------
    InputError
        If the partition, the folder or the packages of this process are not what the job says, or the file cannot be written.
    """
    processor, times = time.process_time(), [time.perf_counter()]
    check_packages(job.packages)
    if register is None:
        register = read_partition(job.register, partition)
    times.append(time.perf_counter())
    table, counts = answers_on(register, job.as_of, job.options)
    times.append(time.perf_counter())
    out = Path(job.out)
    if not out.is_dir():  # the run has ended, or another machine does not see its folder
        raise InputError(
            "partition {name}: the folder of the answers is not there; it must be one that all processes see",
            name=partition.name,
        )
    write_table(table, out / PARTS / f"{partition.name}.{job.options.format}")
    times.append(time.perf_counter())
    stages = {stage: times[k + 1] - times[k] for k, stage in enumerate(("read", "ask", "write"))}
    return {
        "record": {"name": partition.name, "households": partition.households, "counts": counts},
        "seconds": {**stages, "processor": time.process_time() - processor}, "peak_mb": peak_mb(), "process": os.getpid(),
    }  # fmt: skip


def _digest_of(frame: Any) -> str:
    """SHA-256 of a table of numbers of places, as csv."""
    return hashlib.sha256(frame.to_csv(index=False).encode()).hexdigest()
