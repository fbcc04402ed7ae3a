"""Score the households that somebody names, out of a register in memory or of a packed one: a row for each."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from joblib import Parallel, delayed, effective_n_jobs

from fanpin_risk.asof.days import to_day
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.batch.layout import Partition, read_manifest
from fanpin_risk.batch.packed_parts import household_ids_in
from fanpin_risk.batch.partition_files import read_partition
from fanpin_risk.batch.scoring.job import ScoreOptions
from fanpin_risk.batch.scoring.part import score_tables
from fanpin_risk.model.asked_households import rows_as_asked, with_monitoring
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.progress import Progress
from fanpin_risk.records.register import Register

__all__ = ["score_named_households"]

NamedTables = dict[str, pd.DataFrame]


def score_named_households(
    source: str | os.PathLike[str] | Register,
    model: RiskModel,
    as_of: Any,
    ids: Sequence[str],
    *,
    options: ScoreOptions,
    workers: int | None = None,
    progress: Progress | None = None,
) -> NamedTables:
    """Score the households that are named, wherever they stand in the register.

    A household gets to the bit what it gets in its county. Of a packed register only the partitions are read in which a
    named household stands.

    Parameters
    ----------
    source : path-like or Register
        A packed register, or one in memory.
    model : RiskModel
        Fitted.
    as_of : date-like
        The day.
    ids : sequence of str
        Households, in the order of the result; also those that the register does not know.
    options : ScoreOptions
        What is said of each household, and whether contributions are asked for.
    workers : int, optional
        Processes for the partitions of a packed register. Default: this one.
    progress : callable, optional
        Called with (done, total, name).

    Returns
    -------
    dict of str to DataFrame
        ``scores``: exactly one row for each id, in their order, as :meth:`fanpin_risk.RiskModel.score` gives them for
        `households`; ``unscored``: ``household_id`` and ``reason`` of those without a risk; ``contributions`` of those with
        one, where they are asked for.

    Raises
    ------
    InputError
        If a partition cannot be read, or is not as it was packed.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register, model = fr.make_register(200, random_state=0), fr.load_model("demo")
    >>> ids = [register.tables["households"]["household_id"].iloc[5], "nobody"]
    >>> tables = score_named_households(register, model, "2023-12-31", ids, options=ScoreOptions(n_reasons=1))
    >>> tables["scores"]["household_id"].tolist() == ids, tables["unscored"]["reason"].tolist()
    (True, ['not_in_register'])
    """
    day = to_day(as_of)
    if isinstance(source, Register):
        parts = [_scored(source, model, day, ids, options, progress)]
    else:
        parts = list(_scored_partitions(Path(source), model, day, ids, options, workers, progress))
    if not parts:  # of a packed register that knows none of them
        parts = [_scored(Register({}), model, day, ids, options, None)]
    scores = pd.concat([part["scores"] for part in parts], ignore_index=True)
    missing = pd.concat([part["unscored"] for part in parts], ignore_index=True)
    rows = rows_as_asked(scores, missing, list(ids), day=day.as_unit("s"), label=model.label, policy=options.policy)
    without = rows.loc[rows["note"] != "", ["household_id", "note"]].rename(columns={"note": "reason"})
    tables = {"scores": rows, "unscored": without.drop_duplicates(ignore_index=True)}
    if options.all_contributions:
        found = pd.concat([part["contributions"] for part in parts], ignore_index=True).set_index("household_id")
        named = list(dict.fromkeys(one for one in ids if one in found.index))
        tables["contributions"] = found.loc[named].reset_index()
    return tables


def _scored(
    register: Register,
    model: RiskModel,
    day: pd.Timestamp,
    ids: Iterable[str],
    options: ScoreOptions,
    progress: Progress | None,
) -> NamedTables:
    """Score those of the ids that a register knows."""
    there = pd.Index(register.tables["households"]["household_id"].astype("str").unique())
    chosen = register.select(list(dict.fromkeys(one for one in ids if one in there)))
    tables = score_tables(model, chosen, day, options, progress=progress)
    return {**tables, "scores": with_monitoring(tables["scores"], Snapshot(chosen, day))}


def _scored_partitions(
    folder: Path,
    model: RiskModel,
    day: pd.Timestamp,
    ids: Sequence[str],
    options: ScoreOptions,
    workers: int | None,
    progress: Progress | None,
) -> Iterable[NamedTables]:
    wanted = pd.Index(list(dict.fromkeys(ids)), dtype="str")
    work = [
        (partition, here)
        for partition in read_manifest(folder).partitions
        if len(here := wanted[wanted.isin(household_ids_in(folder, partition))])
    ]
    total = sum(len(here) for _, here in work)
    if progress is not None:
        progress(0, total, "")
    n_jobs = 1 if workers is None else min(effective_n_jobs(workers), max(1, len(work)))
    done = 0
    parts = Parallel(n_jobs=n_jobs, return_as="generator", batch_size=1)(
        delayed(_score_partition)(folder, partition, model, day, list(here), options) for partition, here in work
    )
    for (partition, here), tables in zip(work, parts, strict=True):
        done += len(here)
        if progress is not None:
            progress(done, total, partition.name)
        yield tables


def _score_partition(
    folder: Path, partition: Partition, model: RiskModel, day: pd.Timestamp, ids: list[str], options: ScoreOptions
) -> NamedTables:
    return _scored(read_partition(folder, partition), model, day, ids, options, None)
