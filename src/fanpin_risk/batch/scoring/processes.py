"""Partitions over processes, by joblib."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from joblib import Parallel, delayed, effective_n_jobs, parallel_config

from fanpin_risk.batch.layout import Partition
from fanpin_risk.batch.scoring.job import Job
from fanpin_risk.batch.scoring.part import score_partition
from fanpin_risk.batch.scoring.worker import begin_worker
from fanpin_risk.records.register import Register

__all__ = ["Mapper", "Task", "map_with_joblib", "score_alone"]

Task = tuple[Job, Partition, Register | None]
# Calls a function with each of many arguments, anywhere, and gives what it returns, in any order.
Mapper = Callable[
    [Callable[[Job, Partition, Register | None], dict[str, Any]], Iterable[Task]], Iterable[dict[str, Any]]
]


def score_alone(job: Job, partition: Partition, register: Register | None = None) -> dict[str, Any]:
    """Score a partition beside others: on one core, and without sending parts of it to a cluster once more."""
    with parallel_config(backend="sequential"):
        return score_partition(job, partition, register)


def map_with_joblib(tasks: Iterable[Task], workers: int | None, n_tasks: int, ahead: str) -> Iterable[dict[str, Any]]:
    """Map over processes, or over what joblib is set to; `ahead` are announced at once, so that clusters grow."""
    if workers is not None:
        workers = min(effective_n_jobs(workers), n_tasks)
    if workers == 1:
        return (score_partition(*task) for task in tasks)
    function = score_partition if effective_n_jobs(workers) == 1 else score_alone
    parallel = Parallel(
        n_jobs=workers, return_as="generator_unordered", batch_size=1, pre_dispatch=ahead,
        initializer=begin_worker, initargs=(os.getpid(),),
    )  # fmt: skip
    return parallel(delayed(function)(*task) for task in tasks)
