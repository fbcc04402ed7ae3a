"""What 'check' says of a packed register, part by part: cells filled, records that contradict each other, and who has incomes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from fanpin_risk.asof.days import to_day
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.batch.layout import Manifest, read_manifest
from fanpin_risk.batch.packed_facts import packed_counts, packed_problems, rejected_rows_of
from fanpin_risk.batch.packed_parts import each_partition
from fanpin_risk.batch.unpacking import RowsOnce
from fanpin_risk.policy import Policy
from fanpin_risk.policy.doubtful import ContradictionCounts, added_contradictions, contradiction_counts
from fanpin_risk.progress import Progress
from fanpin_risk.records.cells import missing
from fanpin_risk.records.register import FilledCells, Register
from fanpin_risk.records.schema import TABLES

__all__ = ["RegisterInParts", "check_parts"]

TABLES_OF_IDS = ("households", "incomes")


class RegisterInParts(Register):
    """What reading found in a packed register, with the ids of its households and of those with incomes, and no other row.

    Parameters
    ----------
    folder : Path
        Of the packed register.
    manifest : Manifest
        Its own.
    ids : mapping of str to Series
        Of the tables ``households`` and ``incomes`` the ids of households, each once.
    filled_cells : mapping of str to tuple
        For each table the number of rows, and of filled cells by column.
    """

    def __init__(
        self, folder: Path, manifest: Manifest, ids: Mapping[str, pd.Series], filled_cells: Mapping[str, FilledCells]
    ) -> None:
        problems, rejected = packed_problems(folder), rejected_rows_of(folder)
        super().__init__(
            {name: _of_ids(name, own) for name, own in ids.items()},
            problems=problems, rejected_rows=rejected, rows_to_mend={name: [rows] for name, rows in rejected.items()},
            counts=packed_counts(manifest), recorded_at_filled=manifest.filled, known_lag_days=manifest.known_lag_days,
            source=manifest.source, supplied=manifest.tables,
        )  # fmt: skip
        self.last_record = manifest.observed_until
        self.filled_cells = dict(filled_cells)

    @property
    def observed_until(self) -> pd.Timestamp:
        """Newest day on which anything was recorded, as it was found on packing."""
        return pd.Timestamp(self.last_record or "NaT")

    def cells_filled(self, name: str) -> FilledCells:
        """Return the number of rows of a table in all parts, and of filled cells by column."""
        return self.filled_cells[name]


def check_parts(
    path: str | os.PathLike[str],
    as_of: Any = None,
    *,
    lines: MonitoringLines | None = None,
    policy: Policy | None = None,
    progress: Progress | None = None,
) -> tuple[RegisterInParts, ContradictionCounts | None]:
    """Go through a packed register once, part by part, for what 'check' says of it.

    In memory are one partition, the problems that reading found, and the ids of households.

    Parameters
    ----------
    path : path-like
        The folder.
    as_of : date-like, optional
        The day on which records are held against each other. Default: that of the newest record.
    lines, policy
        See :func:`fanpin_risk.policy.doubtful.contradiction_counts`.
    progress : callable, optional
        Called with (households done, households in all, name of the partition).

    Returns
    -------
    register : RegisterInParts
    counts : ContradictionCounts or None
        Of all parts; None where there is no day.

    Raises
    ------
    InputError
        If it is no packed register, or a partition is damaged.

    Examples
    --------
    >>> import tempfile, fanpin_risk as fr
    >>> made = fr.make_register(100, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = fr.pack(made.to_folder(folder + "/files"), folder + "/packed", threads=1)
    ...     register, counts = check_parts(folder + "/packed")
    >>> len(register.coverage()) == len(made.coverage()), counts.n_households <= 100
    (True, True)
    """
    folder = Path(path)
    manifest = read_manifest(folder)
    day = manifest.observed_until if as_of is None else str(to_day(as_of).date())
    once = RowsOnce()
    contradicted: list[ContradictionCounts] = []
    ids: dict[str, list[pd.Series]] = {name: [] for name in TABLES_OF_IDS}
    cells: list[dict[str, FilledCells]] = []
    for part in each_partition(folder, progress=progress):
        if day:
            contradicted.append(contradiction_counts(part, day, lines=lines, policy=policy))
        for name, found in ids.items():
            found.append(part.tables[name]["household_id"].astype("str").drop_duplicates())
        alone = once(part)
        cells.append({name: alone.cells_filled(name) for name in TABLES})
    together = {name: pd.concat(found, ignore_index=True) for name, found in ids.items()}
    register = RegisterInParts(folder, manifest, together, _added_cells(cells))
    return register, added_contradictions(contradicted) if contradicted else None


def _of_ids(name: str, ids: pd.Series) -> pd.DataFrame:
    """Return a table in which nothing but the household is known."""
    n = len(ids)
    columns = {one.name: missing(one, n) for one in TABLES[name].columns} | {"household_id": ids.reset_index(drop=True)}
    return pd.DataFrame(columns, index=pd.RangeIndex(n))


def _added_cells(parts: Iterable[Mapping[str, FilledCells]]) -> dict[str, FilledCells]:
    """Add up rows and filled cells of parts."""
    total: dict[str, FilledCells] = {}
    for part in parts:
        for name, (rows, filled) in part.items():
            n, before = total.get(name, (0, {}))
            total[name] = (n + rows, {one: count + before.get(one, 0) for one, count in filled.items()})
    return total
