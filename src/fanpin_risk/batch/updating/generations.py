"""The states of a packed register: each a manifest that is kept, with the partitions and exports that it names."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from fanpin_risk.batch.layout import (
    EXPORTS,
    GENERATIONS,
    MANIFEST,
    PARTITIONS,
    Manifest,
    read_manifest,
    write_manifest,
)
from fanpin_risk.batch.scoring.folder import holding
from fanpin_risk.batch.scoring.job import LOCK
from fanpin_risk.errors import InputError
from fanpin_risk.files import write_mark
from fanpin_risk.words import system_error

__all__ = ["States", "by_their_days", "remove_empty", "writing"]


@contextmanager
def writing(folder: Path) -> Iterator[States]:
    """Hold a packed register against other writers, and remove what killed ones left.

    Raises
    ------
    InputError
        If it is no packed register, another process writes to it, or it cannot be written.
    """
    read_manifest(folder)
    try:
        lock = (folder / LOCK).open("a+b")
    except OSError as error:
        raise InputError("cannot write {path}: {reason}", path=folder.name, reason=system_error(error)) from error
    with holding(lock, folder):
        try:
            states = States(folder)
            states.sweep()
            yield states
        finally:
            with suppress(OSError):  # where no file is removed that is open
                (folder / LOCK).unlink()  # while it is held, so that it is never another's


def by_their_days(updates: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """Return exports by their days; of one day the one given last is the last."""
    return tuple(sorted(updates, key=lambda update: (update["date"], update["number"])))


class States:
    """The states that a packed register was in.

    Attributes
    ----------
    folder : Path
    manifest : Manifest
        As it is now.
    kept : list of Manifest
        All states that are kept, the oldest first.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = read_manifest(folder)
        files = sorted(
            (folder / GENERATIONS).glob("*.json"), key=lambda file: int(file.stem) if file.stem.isdecimal() else -1
        )
        self.kept = [
            read_manifest(folder, name=f"{GENERATIONS}/{file.name}") for file in files if file.stem.isdecimal()
        ]
        # One that was written, but not taken as the state of the register before its process was killed, is none.
        self.kept = [one for one in self.kept if one.generation <= self.manifest.generation]

    @property
    def next_generation(self) -> int:
        """Number of the next state."""
        return self.manifest.generation + 1

    @property
    def next_export(self) -> int:
        """Number of the next export."""
        return (
            max((int(one["number"]) for state in (*self.kept, self.manifest) for one in state.updates), default=0) + 1
        )

    def export(self, number: int) -> Path:
        """Return the folder of an export."""
        return self.folder / EXPORTS / str(number)

    def beginning_of(self, updates: Sequence[Mapping[str, Any]]) -> Manifest | None:
        """Return the state from which the fewest of the exports have to be taken in again; None where all were purged."""
        numbers = [one["number"] for one in updates]
        found = None
        for state in (*self.kept, self.manifest):
            taken = [one["number"] for one in state.updates]
            if numbers[: len(taken)] == taken and (found is None or len(taken) >= len(found.updates)):
                found = state
        return found

    def take(self, manifest: Manifest) -> Manifest:
        """Make a manifest the state of the register: until it has its name, readers see the one before."""
        origin = self.manifest.origin or self.manifest.fingerprint
        if not self.manifest.origin:  # as it was packed: the first of all states
            write_manifest(self.folder, replace(self.manifest, origin=origin), name=f"{GENERATIONS}/0.json")
        manifest = replace(manifest, origin=origin, generation=self.next_generation)
        write_manifest(self.folder, manifest, name=f"{GENERATIONS}/{manifest.generation}.json")
        write_manifest(self.folder, manifest)
        self.manifest = manifest
        self.mark()
        return manifest

    def mark(self) -> None:
        """Write down which files are the register's; those that manifests name are known and not read again."""
        known = {
            f"{PARTITIONS}/{partition.folder}/{table}.parquet": {"bytes": facts["bytes"], "sha256": facts["sha256"]}
            for state in (*self.kept, self.manifest)
            for partition in state.partitions
            for table, facts in partition.files.items()
        }
        write_mark(self.folder, "register", known=known)

    def purge(self) -> int:
        """Remove all states but the one that is, and what only they need; return how many."""
        current = f"{self.manifest.generation}.json"
        removed = 0
        for file in (self.folder / GENERATIONS).glob("*.json"):
            if file.name != current:
                file.unlink()
                removed += 1
        self.kept = [one for one in self.kept if one.generation == self.manifest.generation]
        for update in self.manifest.updates:  # what was rejected of them stays
            shutil.rmtree(self.export(update["number"]) / PARTITIONS, ignore_errors=True)
        self.sweep()
        self.mark()
        return removed

    def sweep(self) -> None:
        """Remove what no state names: left by updates that were killed or refused."""
        states = (*self.kept, self.manifest)
        partitions = {partition.folder for state in states for partition in state.partitions}
        exports = {str(one["number"]) for state in states for one in state.updates}
        generations = {f"{state.generation}.json" for state in self.kept}
        for place, named in ((PARTITIONS, partitions), (EXPORTS, exports), (GENERATIONS, generations)):
            for entry in (self.folder / place).glob("*"):
                if entry.name not in named:
                    _take_away(entry)
            remove_empty(self.folder / place)
        for leftover in self.folder.glob(f".{MANIFEST.removesuffix('.json')}-*"):
            _take_away(leftover)


def remove_empty(folder: Path) -> None:
    """Remove a folder in which nothing stands."""
    with suppress(OSError):
        folder.rmdir()


def _take_away(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        with suppress(FileNotFoundError):
            entry.unlink()
