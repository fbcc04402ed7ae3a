"""All partitions, one after the other or several at a time: each process holds one of them."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed, effective_n_jobs

from fanpin_risk.batch.packing.amounts import AmountsOfSheets
from fanpin_risk.batch.packing.checking import Done, Outcome, PartitionCheck
from fanpin_risk.batch.scoring.processes import ended_with
from fanpin_risk.batch.scoring.worker import begin_worker
from fanpin_risk.progress import Progress
from fanpin_risk.records.declarations import Table
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Language, current_language, in_language

__all__ = ["Checking"]


def _nobody(done: int, part: int) -> None:
    """Tell nobody how far it is."""


class Checking:
    """Checks and writes all partitions.

    Parameters
    ----------
    check : PartitionCheck
    workers : int or None
        Processes that check partitions at the same time; -1: one per processor, None: this one alone.

    Attributes
    ----------
    outcomes : dict of int to Outcome
        By number of the partition; those of rows that belong to none follow.
    elsewhere : float
        Processor time of other processes, in seconds.
    """

    def __init__(self, check: PartitionCheck, workers: int | None) -> None:
        self.check = check
        self.workers = 1 if workers is None else effective_n_jobs(workers)
        self.outcomes: dict[int, Outcome] = {}
        self.elsewhere = 0.0
        self.amounts = AmountsOfSheets(check.store.place.folder)

    def run(self, progress: Progress | None) -> None:
        """Check and write all partitions.

        Parameters
        ----------
        progress : callable or None
            Called with (partitions done, partitions in all, name of the partition).
        """
        names, groups = self.check.homes.names, self.check.groups
        last = max([len(names) - 1, *(int(one.partitions.max()) for one in groups if len(one.partitions))])

        def tell(done: int, part: int) -> None:
            if progress is not None:
                progress(done, last + 1, names[part] if part < len(names) else "")

        any_members, early, part = self.check.homes.elsewhere.any_members, list[int](), 0
        while part <= last and not any_members:  # one by one until it is known that there are members
            tell(part, part)
            any_members = self._take(self.check.check(part, any_members=False, amounts=self.amounts.known))
            early += [] if any_members else [part]
            part += 1
        self._take_all(range(part, last + 1), any_members=any_members, tell=tell)
        if any_members:
            self._take_all(early, any_members=True)
        while again := self.amounts.again():
            self._take_all(again, any_members=any_members)
        self.outcomes = dict(sorted(self.outcomes.items()))
        tell(last + 1, last + 1)

    def _take_all(self, parts: Sequence[int], *, any_members: bool, tell: Callable[[int, int], None] = _nobody) -> None:
        """Check some partitions, and take what comes of each."""
        known = dict(self.amounts.known)
        if self.workers == 1 or len(parts) < 2:
            for part in parts:
                tell(part, part)
                self._take(self.check.check(part, any_members=any_members, amounts=known))
            return
        file = _kept(self.check)
        tasks = ((str(file), part, any_members, known, current_language()) for part in parts)
        parallel = Parallel(
            n_jobs=min(self.workers, len(parts)), return_as="generator_unordered", batch_size=1, pre_dispatch="2*n_jobs",
            initializer=begin_worker, initargs=(os.getpid(),),
        )  # fmt: skip
        work: Any = parallel(delayed(_check_beside)(*task) for task in tasks)
        with ended_with(work) as results:
            done: Any
            for number, done in enumerate(results):
                tell(parts[0] + number, done.part)
                self._take(done)

    def _take(self, done: Done) -> bool:
        """Take what came of a partition; tell whether it has members."""
        if done.outcome is not None:
            self.outcomes[done.part] = done.outcome
            self.amounts.take(done.part, done.sheets, done.told)
        self.elsewhere += done.elsewhere
        return done.any_members


def _check_beside(file: str, part: int, any_members: bool, amounts: Any, lang: Language) -> Done:  # noqa: FBT001
    """Check a partition in a process of its own."""
    begun = time.process_time()
    with in_language(lang):
        done = _given(file).check(part, any_members=any_members, amounts=amounts)
    return replace(done, elsewhere=time.process_time() - begun)


# --- what all processes are given, read once by each ---------------------------------------------------------------


def _kept(check: PartitionCheck) -> Path:
    """Put what partitions are checked with into a file, without the database, which other processes cannot open."""
    store = copy(check.store)
    store.place = replace(store.place, connection=None)
    file = store.place.folder / "checks.pickle"
    with file.open("wb") as stream:
        _Pickler(stream, protocol=pickle.HIGHEST_PROTOCOL).dump(replace(check, store=store))
    return file


@lru_cache(maxsize=1)
def _given(file: str) -> PartitionCheck:
    with Path(file).open("rb") as stream:
        given: PartitionCheck = _Unpickler(stream).load()
    return given


class _Pickler(pickle.Pickler):
    """Names declared tables instead of writing them down."""

    def persistent_id(self, thing: Any) -> str | None:
        """Return the name of a declared table."""
        return thing.name if isinstance(thing, Table) and TABLES.get(thing.name) is thing else None


class _Unpickler(pickle.Unpickler):
    def persistent_load(self, name: str) -> Table:
        """Return the declared table of a name."""
        return TABLES[name]
