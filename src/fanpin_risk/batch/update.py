"""Exports of the current state, one after the other, become the history of a packed register.

An office has no history but the state of today, exported again each month. Each export is held against what is on record: what is
new, what has changed and what is gone becomes rows dated by it, what is equal nothing. Only partitions that changed are
written; every state that the register was in is kept until it is purged, so that an export can be taken back, and one that
comes late is taken in before those that came first.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from fanpin_risk.arguments import a_path, switch
from fanpin_risk.batch.layout import EXPORTS, Manifest
from fanpin_risk.batch.pack import pack
from fanpin_risk.batch.updating.applying import Applied, apply_export
from fanpin_risk.batch.updating.differences import BECAME_OF_ROWS
from fanpin_risk.batch.updating.exports import day_of_export, store_export
from fanpin_risk.batch.updating.generations import States, by_their_days, remove_empty, writing
from fanpin_risk.batch.updating.whereabouts import Whereabouts
from fanpin_risk.errors import InputError, SuspiciousExportError
from fanpin_risk.progress import Progress
from fanpin_risk.records.checks import Elsewhere
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Message, listed, system_error

__all__ = ["UpdateSummary", "purge_updates", "undo_update", "update"]

MOST_GONE = 1 / 3  # of the states on record that an export may lack
MOST_SCALED = 1 / 3  # of its amounts that may be ten times as large or small as on record
TABLES_JUDGED = ("households", "members", "monitoring")
MOST_NEW = 1 / 3  # of its households, in counties on record, that may be new
FEWEST_JUDGED = 20  # households, persons or amounts, below which nothing is told by their share
BEFORE_ALL = pd.Timestamp("1900-01-01")
UPDATE_COLUMNS = (*BECAME_OF_ROWS, "read", "rejected")


@dataclass(frozen=True)
class UpdateSummary:
    """What an update did.

    Attributes
    ----------
    path : Path
        The packed register.
    date : Timestamp
        The day of the export.
    known : bool
        Whether this export was taken in before: then nothing was done.
    rows : DataFrame of shape (n_tables, 8)
        Per table of the export: ``same``, ``new`` and ``changed`` of its rows, and those ``corrected`` by others of it; rows on
        record that are ``ended`` as it lacks them, and that it lacks and that are ``kept`` (what has happened has happened); rows
        ``read`` and ``rejected``.
    partitions, changed : int
        Partitions of the register, and those written anew.
    households : int
        On record, with those that ended.
    left : dict of str to int
        Townships that the export has no household of, with the number on record there: they are as they were.
    again : int
        Later exports that were taken in again, since this one came late.
    export : Path
        What was given, as it was read, with its rejected rows and problems.
    """

    path: Path
    date: pd.Timestamp
    known: bool
    rows: pd.DataFrame
    partitions: int
    changed: int
    households: int
    left: Mapping[str, int]
    again: int = 0
    export: Path = Path()


def update(
    path: str | os.PathLike[str],
    export: Any,
    *,
    date: Any,
    partial: bool = False,
    force: bool = False,
    queries: Mapping[str, str | Sequence[str]] | str | Path | None = None,
    data_date: Mapping[str, Any] | None = None,
    id_key: bytes | str | Path | None = None,
    encoding: str | None = None,
    columns: str | Path | pd.DataFrame | None = None,
    hidden: bool = False,
    flat: bool = False,
    memory: str = "2GB",
    temp_dir: str | Path | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> UpdateSummary:
    """Take an export of the current state into a packed register, as rows dated by its day.

    Households and persons are held against their newest state on record, all else against the newest correction of the same
    key. Columns that the export does not have leave what is on record. What a whole export lacks is gone: households of
    townships that it has others of, persons of households that it lists, and what runs (measures, certificates, spells of
    monitoring) of these; bills, incomes and events have happened and stay. Exports may come late or in any order: the state is
    the one that they give in the order of their days. The same export again changes nothing.

    Parameters
    ----------
    path : path-like
        The packed register, see :func:`fanpin_risk.pack`. Where there is none, files or a database are packed into it.
    export : path-like, sequence of path-like, str, mapping of str to frame, sqlalchemy.URL or sqlalchemy.Engine
        Whatever :func:`fanpin_risk.read_register` reads; single tables will do.
    date : date-like
        The day whose state the export shows: what is new is known from it on.
    partial : bool, default False
        Whether the export holds only some of the rows of its tables: then nothing is gone for not being in it.
    force : bool, default False
        Take it in though it looks wrong: a third of the households or persons are gone, a third of the households are new,
        or amounts are ten times as large or small.
    queries, data_date, id_key, encoding, columns, hidden, flat
        See :func:`fanpin_risk.read_register`; `data_date` of single files only. Of a register with pseudonyms give the same key.
    memory, temp_dir, threads
        See :func:`fanpin_risk.pack`.
    progress : callable, optional
        Called with (done, in all, name): of files, then of partitions.

    Returns
    -------
    UpdateSummary

    Raises
    ------
    InputError
        If `path` is no packed register, the export cannot be read, or the state that a late export belongs to was purged.
    SuspiciousExportError
        If the export looks wrong and `force` is not given; nothing was changed.
    SchemaError
        If `date` is no day, or nothing can be read.

    Notes
    -----
    A row says by itself when it was recorded (更新时间): that is believed if it lies after the export before, else the row is
    known from the day of this export. A register in the making has no past: what was so before the first export is known only
    as far as its rows say it.

    Examples
    --------
    >>> import tempfile, fanpin_risk as fr
    >>> folder = Path(tempfile.mkdtemp())
    >>> frames = {
    ...     "households": pd.DataFrame({"household_id": ["h1", "h2"], "area_code": "211225101201"}),
    ...     "members": pd.DataFrame(
    ...         {"household_id": ["h1", "h2"], "member_id": ["p1", "p2"], "health": ["healthy", "healthy"]}
    ...     ),
    ... }
    >>> for name, frame in frames.items():
    ...     frame.to_csv(folder / f"{name}.csv", index=False)
    >>> _ = fr.pack(folder, folder / "packed", data_date="2024-03-31")
    >>> ill = frames | {"members": frames["members"].assign(health=["serious", "healthy"])}
    >>> fr.update(folder / "packed", ill, date="2024-04-30").rows.loc[
    ...     "members", ["same", "new", "changed", "ended"]
    ... ].tolist()
    [1, 0, 1, 0]
    """
    folder = a_path("path", path)
    for argument, value in (("partial", partial), ("force", force), ("hidden", hidden), ("flat", flat)):
        switch(argument, value)
    day, dates = day_of_export(date, data_date)
    reading = {
        "id_key": id_key,
        "encoding": encoding,
        "columns": columns,
        "hidden": hidden,
        "flat": flat,
        "queries": queries,
    }
    packing = {"memory": memory, "temp_dir": temp_dir, "threads": threads}
    if not folder.exists() and not partial and not isinstance(export, Mapping):
        return _first(folder, export, day, dates, reading | packing, progress)
    with writing(folder) as states:
        number = states.next_export
        try:
            (folder / EXPORTS).mkdir(exist_ok=True)
            made = Path(tempfile.mkdtemp(dir=folder / EXPORTS, prefix=".new~")) / str(number)
        except OSError as error:
            raise InputError("cannot write {path}: {reason}", path=folder.name, reason=system_error(error)) from error
        try:
            shown = store_export(
                export, made, whole=not partial, elsewhere=lambda: _what_is_known(folder, states.manifest), data_date=dates,
                reading=reading, packing=packing, progress=progress,
            )  # fmt: skip
            told = {
                "number": number, "date": str(day.date()), "whole": not partial, "fingerprint": shown.fingerprint,
                "source": shown.source,
            }  # fmt: skip
            if any(_is_same(one, told) for one in states.manifest.updates):
                return _summary_of(
                    folder, day, states.manifest, shown, Applied(states.manifest), number=number, known=True
                )
            made.rename(states.export(number))
        finally:
            shutil.rmtree(made.parent, ignore_errors=True)
            remove_empty(folder / EXPORTS)
        wanted = by_their_days([*states.manifest.updates, told])
        try:
            manifest, applied = _take_in(states, wanted, number, force=force, progress=progress)
        except BaseException:
            states.sweep()
            raise
        states.take(manifest)
        again = len(wanted) - 1 - [one["number"] for one in wanted].index(number)
        return _summary_of(folder, day, manifest, shown, applied, number=number, again=again)


def _first(
    folder: Path,
    export: Any,
    day: pd.Timestamp,
    dates: Mapping[str, Any],
    options: Mapping[str, Any],
    progress: Progress | None,
) -> UpdateSummary:
    """Pack the first export of a register."""
    packed = pack(export, folder, data_date=dates, progress=progress, **options)
    rows = packed.rows.assign(new=packed.rows["records"], kept=0)  # nothing was on record that it could lack
    rows = rows.reindex(columns=list(UPDATE_COLUMNS), fill_value=0).astype("int64")
    return UpdateSummary(
        path=folder, date=day, known=False, rows=rows, partitions=packed.partitions, changed=packed.partitions,
        households=packed.households, left={}, export=folder,
    )  # fmt: skip


def undo_update(
    path: str | os.PathLike[str], *, date: Any = None, progress: Progress | None = None
) -> Mapping[str, Any]:
    """Take an export back: the register is as if it had never come.

    Parameters
    ----------
    path : path-like
        The packed register.
    date : date-like, optional
        The day of the export. Default: the one that was given last.
    progress : callable, optional
        Called with (done, in all, name of the partition).

    Returns
    -------
    dict
        What was taken back: ``number, date, whole, fingerprint, source``.

    Raises
    ------
    InputError
        If there is no such export, or what was before it was purged.
    """
    folder = a_path("path", path)
    with writing(folder) as states:
        taken = states.manifest.updates
        if date is not None:
            wanted_day = str(day_of_export(date, None)[0].date())
            taken = tuple(one for one in taken if one["date"] == wanted_day)
        if not taken:
            raise InputError(
                "{path} holds no export{of}; its exports are of {days}", path=folder.name,
                of=Message("") if date is None else Message(" of {day}", day=wanted_day),
                days=listed([str(one["date"]) for one in states.manifest.updates]) if states.manifest.updates else Message("no day"),
            )  # fmt: skip
        back = max(taken, key=lambda one: int(one["number"]))
        rest = tuple(one for one in states.manifest.updates if one["number"] != back["number"])
        try:
            manifest, _ = _take_in(states, rest, None, force=True, progress=progress)
        except BaseException:
            states.sweep()
            raise
        states.take(manifest)
        return back


def purge_updates(path: str | os.PathLike[str]) -> int:
    """Remove the earlier states of a packed register; exports on record stay, but can no longer be taken back.

    Parameters
    ----------
    path : path-like
        The packed register.

    Returns
    -------
    int
        How many states were removed.

    Raises
    ------
    InputError
        If it is no packed register, or another process writes to it.
    """
    folder = a_path("path", path)
    with writing(folder) as states:
        return states.purge()


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one[name] == other[name] for name in ("date", "whole", "fingerprint"))


def _what_is_known(folder: Path, manifest: Manifest) -> Elsewhere:
    where = Whereabouts(folder, manifest.partitions)
    return Elsewhere(where.known_households, where.known_persons, any_members=bool(len(where.persons[0])))


def _take_in(
    states: States, wanted: Sequence[Mapping[str, Any]], number: int | None, *, force: bool, progress: Progress | None
) -> tuple[Manifest, Applied]:
    """Return the state that exports give in the order of their days, and what the one of a number did."""
    beginning = states.beginning_of(wanted)
    if beginning is None:
        raise InputError(
            "the states of {path} before {day} were purged; an export of an earlier day cannot be taken in or back any more: pack "
            "all exports anew",
            path=states.folder.name, day=states.manifest.updates[-1]["date"],
        )  # fmt: skip
    manifest, told = beginning, Applied(beginning)
    for update_ in wanted[len(beginning.updates) :]:
        day = pd.Timestamp(update_["date"])
        known = [one["date"] for one in manifest.updates] or [manifest.observed_until]
        since = max((pd.Timestamp(one) for one in known if one), default=BEFORE_ALL)
        applied = apply_export(
            states.folder, manifest, states.export(update_["number"]), day=day, since=min(since, day),
            whole=update_["whole"], generation=states.next_generation, progress=progress,
        )  # fmt: skip
        if update_["number"] == number:
            told = applied
            if not force:
                _require_likely(applied)
        manifest = replace(applied.manifest, updates=(*manifest.updates, update_))
    return manifest, told


def _require_likely(applied: Applied) -> None:
    """Refuse an export that cannot well be one of this register."""
    for table, counts in applied.counts.items():
        what, judged = TABLES[table].label, table in TABLES_JUDGED and counts["lookable"] >= FEWEST_JUDGED
        if judged and counts["ended"] > MOST_GONE * counts["lookable"]:
            raise SuspiciousExportError(
                "{table}: {gone:,} of the {known:,} on record that the export should have are not in it; if it is a part, say so "
                "(partial=True, --partial); check that it is whole and that ids are written as before, or force it (--force)",
                table=what, gone=counts["ended"], known=counts["lookable"],
            )  # fmt: skip
        if counts["amounts"] >= FEWEST_JUDGED and counts["scaled"] > MOST_SCALED * counts["amounts"]:
            raise SuspiciousExportError(
                "{table}: {scaled:,} of {amounts:,} amounts are ten times as large or small as on record, or more; check their unit "
                "(yuan or 10,000 yuan), or force it (--force)",
                table=what, scaled=counts["scaled"], amounts=counts["amounts"],
            )  # fmt: skip
    counts = applied.counts.get("households", {})
    new, known = applied.strangers, counts.get("same", 0) + counts.get("changed", 0)
    if new >= FEWEST_JUDGED and new > MOST_NEW * (new + known):
        raise SuspiciousExportError(
            "households: {new:,} of {all:,} in the export are not on record; check that ids are written as before (and the same key "
            "is given, --id-key), or force it (--force)",
            new=new, all=new + known,
        )  # fmt: skip


def _summary_of(
    folder: Path, day: pd.Timestamp, manifest: Manifest, shown: Manifest, applied: Applied, *, number: int, known: bool = False,
    again: int = 0,
) -> UpdateSummary:  # fmt: skip
    rows = {}
    for table in TABLES:
        if table in shown.rows:
            counts = applied.counts.get(table, {})
            rows[table] = {kind: counts.get(kind, 0) for kind in BECAME_OF_ROWS}
            rows[table] |= {kind: shown.rows[table][kind] for kind in ("read", "rejected")}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(UPDATE_COLUMNS)).rename_axis("table")
    return UpdateSummary(
        path=folder, date=day, known=known, rows=frame, partitions=len(manifest.partitions), changed=len(applied.changed),
        households=manifest.households, left=dict(applied.left), again=again, export=folder / EXPORTS / str(number),
    )  # fmt: skip
