"""Score one partition: what every process does, on this machine or another."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.batch.layout import Partition
from fanpin_risk.batch.partition_files import named_partition, read_partition
from fanpin_risk.batch.scoring.job import (
    JOB,
    RECORDS,
    Job,
    ScoreOptions,
    facts_of,
    identity_of,
    plain_text,
    signed_record,
)
from fanpin_risk.errors import InputError
from fanpin_risk.explanation import Explanation
from fanpin_risk.features import features_at
from fanpin_risk.files import write_table, write_text
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.store import load_model
from fanpin_risk.policy import SIEVE, Policy, beside_the_model
from fanpin_risk.progress import Progress
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Message

__all__ = [
    "check_packages",
    "columns_read",
    "contributions_of",
    "counts_of_groups",
    "peak_mb",
    "score_partition",
    "score_tables",
]


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
    if isinstance(partition, str):
        partition = named_partition(job.register, partition)
    name = partition.name
    _check_here(job)
    model = _loaded(job.model, job.label)
    if register is None:
        columns = None if job.options.groups else columns_read()  # groups ask about nearly all
        register = read_partition(job.register, partition, columns=columns)
    times.append(time.perf_counter())
    tables = score_tables(model, register, job.as_of, job.options)
    scores, unscored = tables["scores"], tables["unscored"]
    n = int(register.tables["households"]["household_id"].nunique())
    if len(scores) + len(unscored) != n:
        raise InputError(
            "partition {name}: {households} households, but {scored} scored and {unscored} not; the register holds several "
            "records of one household and day: read it again with read_register",
            name=name,
            households=n,
            scored=len(scores),
            unscored=len(unscored),
        )
    times.append(time.perf_counter())
    out = Path(job.out)
    if identity_of(out) != job.identity:  # a process that outlived its run must not write into the next one's results
        raise InputError(
            "partition {name}: {out} belongs to another run by now; nothing was written", name=name, out=out.name
        )
    files = {}
    for table, file in job.files(name).items():
        files[file] = facts_of(write_table(tables[table], out / file))
    record = {
        "of": job.of(partition),
        "name": name,
        "households": n,
        "scored": len(scores),
        "unscored": {str(k): int(v) for k, v in unscored["reason"].value_counts().sort_index().items()},
        **(counts_of_groups(scores) if job.options.groups else {}),
        "files": files,
    }
    record = signed_record(record)
    write_text(plain_text(record), out / RECORDS / f"{name}.json")
    times.append(time.perf_counter())
    stages = {stage: times[k + 1] - times[k] for k, stage in enumerate(("read", "score", "write"))}
    return {
        "record": record, "seconds": {**stages, "processor": time.process_time() - processor}, "peak_mb": peak_mb(),
        "process": os.getpid(),
    }  # fmt: skip


def counts_of_groups(scores: pd.DataFrame) -> dict[str, int]:
    """Count the households of named groups, and those of which it is not known.

    Parameters
    ----------
    scores : DataFrame
        With the columns ``groups`` and ``groups_unknown``, missing of a household that is not in the register.

    Returns
    -------
    dict of str to int
        ``in_groups``: of any; ``perhaps_in_groups``: of none, and not known of any.
    """
    inside, unsure = (scores[name].fillna("") != "" for name in ("groups", "groups_unknown"))
    return {"in_groups": int(inside.sum()), "perhaps_in_groups": int((~inside & unsure).sum())}


def score_tables(
    model: RiskModel, register: Register, as_of: Any, options: ScoreOptions, *, progress: Progress | None = None
) -> dict[str, pd.DataFrame]:
    """Score a register, or a partition of one, and return the tables that are asked for: the one way to the results.

    Parameters
    ----------
    model : RiskModel
        Fitted.
    register : Register
        All in memory.
    as_of : date-like
        The day.
    options : ScoreOptions
        What is said of each household, and which tables.
    progress : callable, optional
        As for :meth:`fanpin_risk.RiskModel.score`.

    Returns
    -------
    dict of str to DataFrame
        In the order of :meth:`ScoreOptions.tables`: ``scores`` and ``unscored``, whose households together are those of
        the register, and ``contributions``; see :func:`contributions_of`.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> options = ScoreOptions(all_contributions=True)
    >>> tables = score_tables(fr.load_model("demo"), fr.make_register(50, random_state=0), "2023-12-31", options)
    >>> list(tables), len(tables["contributions"]) == len(tables["scores"])
    (['scores', 'unscored', 'contributions'], True)
    """
    scores, unscored, explanation = model.score_all(register, as_of, **options.of_the_model(), progress=progress)
    tables = {"scores": scores, "unscored": unscored}
    if options.all_contributions:
        tables["contributions"] = contributions_of(scores, explanation)
    return tables


def contributions_of(scores: pd.DataFrame, explanation: Explanation) -> pd.DataFrame:
    """Return the contributions of all features, in calibrated log-odds, with their base.

    Parameters
    ----------
    scores, explanation
        From :meth:`fanpin_risk.RiskModel.score_all`.

    Returns
    -------
    DataFrame
        ``household_id``, ``base`` and one column per feature; base and contributions add up to the log-odds of the risk.
    """
    table = pd.DataFrame(explanation.values, columns=[feature.name for feature in explanation.features])
    table.insert(0, "base", explanation.base_value)
    table.insert(0, "household_id", scores["household_id"])
    return table


def _check_here(job: Job) -> None:
    """Refuse to work where the output is not seen, or with other packages than the run was begun with."""
    try:
        packages = json.loads((Path(job.out) / JOB).read_bytes())["packages"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "{file} cannot be read by a process that is to write there; the register and the results must be in folders that "
            "all machines see at the same place",
            file=f"{Path(job.out).name}/{JOB}",
        ) from error
    check_packages(packages)


def check_packages(packages: Mapping[str, str]) -> None:
    """Refuse to work with other packages than a run was begun with.

    Parameters
    ----------
    packages : dict of str to str
        Their versions, by name.

    Raises
    ------
    InputError
        If one is of another version here.
    """
    other = [
        Message("{package} {here}, not {wanted}", package=name, here=version(name), wanted=wanted)
        for name, wanted in packages.items()
        if version(name) != wanted
    ]
    if other:
        raise InputError(
            "a process has other packages than the run: {packages}; install the same everywhere", packages=other
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
    >>> "signal" in columns_read()["warnings"], "serious30" in columns_read()["medical"]
    (True, True)
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
    _ = here.monitored
    beside_the_model(here)
    for rule in SIEVE:
        for deciding in rule.answer(here, Policy()).deciding:  # what decided is told of a household that has rows
            declared = deciding.rows.declaration
            asked[declared.name] |= {*deciding.columns, *declared.key}
    for name, declared in TABLES.items():
        if asked[name]:
            asked[name] |= {*declared.key, *(declared.latest_per or ()), declared.time, "recorded_at", "household_id"}
    asked["households"] |= {"area_code", "area_name"}
    return {name: [c.name for c in declared.columns if c.name in asked[name]] for name, declared in TABLES.items()}


@lru_cache(maxsize=2)
def _loaded(folder: str, label: str) -> RiskModel:
    """Return a model, loaded once in each process."""
    model = load_model(folder)
    if model.label != label:
        raise InputError(
            "the model in {folder} is {found}; expected {expected}: it was replaced meanwhile",
            folder=Path(folder).name,
            found=model.label,
            expected=label,
        )
    return model


def peak_mb() -> float | None:
    """Most memory this process ever held, in MB; None where the system does not say."""
    status = Path("/proc/self/status")
    if status.exists():  # unlike getrusage without what the process that started this one held
        found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text(encoding="ascii", errors="ignore"))
        return round(int(found[1]) / 1024, 1) if found else None
    if sys.platform == "win32":
        return None
    import resource

    unit = 2**20 if sys.platform == "darwin" else 2**10
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)
