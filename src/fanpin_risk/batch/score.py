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

import os
import time
import warnings
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any, Literal

from fanpin_risk.arguments import a_path, names, number_of_workers, of_type, switch, type_of, whole_number
from fanpin_risk.asof.days import to_day
from fanpin_risk.batch.division import MAX_HOUSEHOLDS
from fanpin_risk.batch.scoring.folder import begin, finish, kept_records, locked, sweep
from fanpin_risk.batch.scoring.job import FORMAT, MANIFEST, MODEL, RUN, Job, ScoreOptions, plain_text
from fanpin_risk.batch.scoring.processes import Mapper, Results, map_with_joblib, score_alone
from fanpin_risk.batch.scoring.source import Source
from fanpin_risk.errors import InputError, LackingTablesWarning, OtherLagWarning
from fanpin_risk.files import write_text
from fanpin_risk.model.fitted import require_fitted
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.store import load_model, model_folder, save_model
from fanpin_risk.policy import Policy
from fanpin_risk.progress import Progress
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Language, Message, listed

__all__ = ["PACKAGES", "score_register"]

PACKAGES = ("fanpin-risk", "scikit-learn", "numpy", "pandas", "pyarrow")  # of one version throughout a run


def score_register(
    path: str | os.PathLike[str] | Register,
    model: RiskModel | str | os.PathLike[str],
    as_of: Any,
    out: str | os.PathLike[str],
    *,
    workers: int | None = None,
    n_reasons: int = 3,
    lang: Language = "zh",
    groups: Sequence[str] = (),
    all_contributions: bool = False,
    format: Literal["parquet", "csv", "xlsx"] = "parquet",  # noqa: A002  the word users expect
    policy: Policy | None = None,
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
    path : path-like, str or Register
        A packed register, or a folder, file, archive or address of a database that :func:`fanpin_risk.read_register`
        reads, or a register. What is not packed is held in memory and divided by the same rule.
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
    groups : sequence of str, default ()
        Codes of :data:`fanpin_risk.policy.HOUSEHOLD_GROUPS`: also say which of these named groups a household belongs to; the
        lists of the results then hold only households of any of them.
    all_contributions : bool, default False
        Also write the contributions of all features, in calibrated log-odds, with their base.
    format : {"parquet", "csv", "xlsx"}, default "parquet"
        Kind of the result files; all hold the same values, so tiers and causes are codes in each of them
        (:func:`fanpin_risk.model.tiers.in_words` names them). Contributions are always Parquet.
    policy : Policy, optional
        Numbers of the rules beside the model; no risk depends on them. ``job.json`` and every score name its file and
        fingerprint. Default: those that ship with the package.
    partitions : iterable of str, optional
        Names of partitions, or counties, to score. Default: all.
    max_households : int, default 50,000
        Size of the partitions of a register that is not packed.
    overwrite : bool, default False
        Whether to remove results of something else that stand in `out`.
    progress : callable, optional
        Called with (households done, households in all, name of the partition).
    mapper : callable, optional
        Instead of joblib: called with a function that scores a partition and the arguments of every partition, it gives the
        results in any order. See :func:`fanpin_risk.batch.spark.score_register_spark`.

    Returns
    -------
    dict
        ``households`` = ``scored`` + the sum of ``unscored`` (by reason); with `groups`, ``in_groups`` of those scored and, of
        others, ``perhaps_in_groups``; ``rejected`` rows of the register, by table;
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
    >>> import tempfile
    >>> import pandas as pd, fanpin_risk as fr
    >>> register = fr.make_register(200, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     summary = score_register(register, "demo", "2023-12-31", folder + "/scores", n_reasons=1)
    ...     scores = pd.read_parquet(folder + "/scores/parts")
    >>> summary["households"] == summary["scored"] + sum(summary["unscored"].values()), len(scores) == summary["scored"]
    (True, True)
    """
    started, processor = time.perf_counter(), time.process_time()
    options = ScoreOptions(
        n_reasons=n_reasons, lang=lang, groups=groups, all_contributions=all_contributions, format=format, policy=policy
    )
    workers = number_of_workers(workers)
    max_households = whole_number("max_households", max_households, 1)
    switch("overwrite", overwrite)
    chosen = None if partitions is None else names("partitions", partitions)
    day = str(to_day(as_of).date())
    folder = a_path("out", out).absolute()
    if not isinstance(path, Register):
        of_type("path", path, (str, os.PathLike), Message("a register, or the path of one"))
    if mapper is not None and not callable(mapper):
        raise InputError("mapper is of the type {type}; expected a function", type=type_of(mapper))
    fitted = _usable_model(model)
    with locked(folder):
        copied = save_model(fitted, folder / MODEL) if fitted is model else model_folder(model).absolute()
        source = Source.of(path, chosen, max_households)
        given = Register(
            {}, supplied=source.tables, known_lag_days=source.known_lag_days, recorded_at_filled=source.filled
        )
        if (other := fitted.other_lag(given)) is not None:
            warnings.warn(OtherLagWarning(other), stacklevel=2)
        lacking = fitted.lacking_tables(given)
        if lacking:
            warnings.warn(
                LackingTablesWarning(
                    "the register lacks {tables}, which the model was trained with: households look alike in what these tables "
                    "tell, and too many land in the middle tier; train a model on the tables you have",
                    tables=listed(TABLES[name].label for name in lacking),
                ),
                stacklevel=2,
            )
        facts = {
            "format": FORMAT,
            "model": fitted.label,
            "as_of": day,
            "options": {
                **options.facts(),
                "partitions": None if chosen is None else sorted(partition.name for partition in source.partitions),
            },
            "register": source.facts,
            "packages": {package: version(package) for package in PACKAGES},
        }
        job = Job.of_facts(
            facts,
            register=source.folder,
            model=str(copied),
            label=fitted.label,
            out=str(folder),
            as_of=day,
            options=options,
        )
        begin(folder, facts, overwrite=overwrite)
        records = kept_records(job, source.partitions)
        kept = len(records)
        sweep(job, source.partitions)
        results = Results(source.partitions, records, progress, stages=("read", "score", "write"))
        if len(records) < len(source.partitions):
            (folder / MANIFEST).unlink(missing_ok=True)
            waiting = source.work(lambda name: name not in records)
            tasks = ((job, partition, register) for partition, register in waiting)
            ahead = "all" if source.register is None else "2*n_jobs"
            n_waiting = len(source.partitions) - len(records)
            for result in mapper(score_alone, tasks) if mapper else map_with_joblib(tasks, workers, n_waiting, ahead):
                results.add(result)
            sweep(job, source.partitions)  # what workers that died during this run had begun to write
        totals = finish(job, facts, source, records)
        run = {
            **totals,
            "rejected": {table: counts["rejected"] for table, counts in source.rows.items() if counts["rejected"]},
            "partitions": len(records),
            "kept": kept,
            **results.used(started, processor),
        }
        write_text(plain_text(run), folder / RUN)
    return run


def _usable_model(model: RiskModel | str | os.PathLike[str]) -> RiskModel:
    """Return a fitted model, before anything is written."""
    loaded = model if isinstance(model, RiskModel) else load_model(model)
    require_fitted(loaded)
    return loaded
