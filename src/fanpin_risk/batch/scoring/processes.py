"""Partitions over processes, by joblib, and what they took."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from joblib import Parallel, delayed, effective_n_jobs, parallel_config

from fanpin_risk.batch.layout import Partition
from fanpin_risk.batch.scoring.job import Job
from fanpin_risk.batch.scoring.part import peak_mb, score_partition
from fanpin_risk.batch.scoring.worker import begin_worker
from fanpin_risk.progress import Progress
from fanpin_risk.records.register import Register

__all__ = ["Mapper", "Results", "Task", "Work", "ended_with", "map_with_joblib", "score_alone", "work_alone"]

Task = tuple[Job, Partition, Register | None]
# What is done with a partition, given the job, the partition, and its register where it is in memory.
Work = Callable[[Any, Partition, Register | None], dict[str, Any]]
# Calls a function with each of many arguments, anywhere, and gives what it returns, in any order.
Mapper = Callable[
    [Callable[[Job, Partition, Register | None], dict[str, Any]], Iterable[Task]], Iterable[dict[str, Any]]
]


def work_alone(work: Work, job: Any, partition: Partition, register: Register | None = None) -> dict[str, Any]:
    """Work on a partition beside others: on one core, and without sending parts of it to a cluster once more."""
    with parallel_config(backend="sequential"):
        return work(job, partition, register)


def score_alone(job: Job, partition: Partition, register: Register | None = None) -> dict[str, Any]:
    """Score a partition beside others, see :func:`work_alone`."""
    return work_alone(score_partition, job, partition, register)


class Results:
    """Adds up what partitions took.

    Attributes
    ----------
    records : dict of str to dict
        What is kept of each partition that is done, by its name.
    seconds : dict of str to float
        By stage, summed over processes.
    elsewhere : float
        Processor time of other processes.
    peak_mb : float or None
        Of the largest other process.
    """

    def __init__(
        self,
        partitions: tuple[Partition, ...],
        records: dict[str, dict[str, Any]],
        progress: Progress | None,
        *,
        stages: tuple[str, ...],
    ) -> None:
        self.records, self.progress = records, progress
        self.total = sum(partition.households for partition in partitions)
        self.done = sum(partition.households for partition in partitions if partition.name in records)
        self.seconds = dict.fromkeys(stages, 0.0)
        self.elsewhere = 0.0
        self.peak_mb: float | None = None
        self._tell("")

    def add(self, result: Mapping[str, Any]) -> None:
        """Add what a partition took."""
        record = result["record"]
        self.records[record["name"]] = record
        self.done += record["households"]
        for stage in self.seconds:
            self.seconds[stage] += result["seconds"][stage]
        if result["process"] != os.getpid():
            self.elsewhere += result["seconds"]["processor"]
            self.peak_mb = max(self.peak_mb or 0.0, result["peak_mb"] or 0.0)
        self._tell(record["name"])

    def used(self, started: float, processor: float) -> dict[str, Any]:
        """Return the seconds since a run began, by its clocks of time and of processor time, and the most memory."""
        return {
            "seconds": {
                "all": round(time.perf_counter() - started, 3),
                "processor": round(time.process_time() - processor + self.elsewhere, 3),
                **{stage: round(seconds, 3) for stage, seconds in self.seconds.items()},
            },
            "peak_mb": {"here": peak_mb(), "largest_other": self.peak_mb},
        }

    def _tell(self, name: str) -> None:
        if self.progress is not None:
            self.progress(self.done, self.total, name)


def map_with_joblib(
    tasks: Iterable[tuple[Any, Partition, Register | None]],
    workers: int | None,
    n_tasks: int,
    ahead: str,
    work: Work = score_partition,
) -> Iterable[dict[str, Any]]:
    """Map over processes, or over what joblib is set to; `ahead` are announced at once, so that clusters grow."""
    if workers is not None:
        workers = min(effective_n_jobs(workers), n_tasks)
    if workers == 1:
        return (work(*task) for task in tasks)
    function = work if effective_n_jobs(workers) == 1 else partial(work_alone, work)
    parallel = Parallel(
        n_jobs=workers, return_as="generator_unordered", batch_size=1, pre_dispatch=ahead,
        initializer=begin_worker, initargs=(os.getpid(),),
    )  # fmt: skip
    return parallel(delayed(function)(*task) for task in tasks)


@contextmanager
def ended_with(results: Iterable[dict[str, Any]]) -> Iterator[Iterable[dict[str, Any]]]:
    """Give the results of a map; who is still at work when they are no longer wanted is ended first, without a warning."""
    try:
        yield results
    finally:
        if isinstance(results, Generator):
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", ".* tasks which were still being processed", UserWarning)
                results.close()
