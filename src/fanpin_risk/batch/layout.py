"""The packed register: a folder of partitions, each with whole households and all that is known of them.

A partition is a county, a bucket of a county that is too large for one, or a bucket of the households without a
county. It can be scored alone: as with :meth:`fanpin_risk.Register.select`, it holds all rows of everyone who ever
belonged to one of its households. A person who moved between partitions therefore stands in both.

    <packed>/manifest.json                          what it holds, with the SHA-256 of every table of every partition and
                                                    of all that the manifest itself says
    <packed>/partitions/<name>/<table>.parquet      one file for each table that was given, also where it has no rows
    <packed>/partitions/<name>/doubts.parquet       what is in doubt of its households, where anything is
    <packed>/problems.parquet, <packed>/rejected/<table>.parquet

Where exports were taken into it (:func:`fanpin_risk.update`), a partition that one of them changed lies in a folder of its own,
and what was is kept:

    <packed>/partitions/<name>.g<number>/           as the update of this number left it
    <packed>/exports/<number>/                      what was given, itself a packed register
    <packed>/generations/<number>.json              the manifest as that update left it; 0: as it was packed
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fanpin_risk.errors import InputError
from fanpin_risk.files import write_text
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Message, listed, system_error

__all__ = [
    "AGAIN",
    "COUNTS",
    "DOUBTS_FILE",
    "EXPORTS",
    "GENERATIONS",
    "MANIFEST",
    "NAME",
    "PACKED_FORMAT",
    "PARTITIONS",
    "PROBLEMS",
    "REJECTED",
    "Manifest",
    "Partition",
    "is_packed",
    "partitions_of",
    "read_manifest",
    "write_manifest",
]

PACKED_FORMAT = "fanpin-risk register 3"
UPDATED_FORMAT = (
    "fanpin-risk register 4"  # with exports taken in: what reads the other one only would not find its files
)
MANIFEST, PARTITIONS, PROBLEMS, REJECTED = "manifest.json", "partitions", "problems.parquet", "rejected"
DOUBTS_FILE = "doubts"
EXPORTS, GENERATIONS = "exports", "generations"
NAME = re.compile(r"(?:[0-9]{6}|n[0-9a-f]{10})(?:-[0-9]{2,})?|none-[0-9]{2,}")  # n...: a county without a code
COUNTS = ("read", "kept", "rejected", "copies")
AGAIN = Message("move the folder away and pack its files again")


@dataclass(frozen=True)
class Partition:
    """One partition of a packed register.

    Attributes
    ----------
    name : str
        ``211225`` (county), ``211225-03`` (bucket of a county) or ``none-00`` (bucket of those without a county).
    households : int
        Different households in it.
    files : dict of str to dict
        For each table that the register was given its ``rows``, and ``bytes`` and ``sha256`` of its file; and of ``doubts``,
        if anything is in doubt of its households.
    generation : int
        Number of the update that left it so; 0 where it is as it was packed.
    """

    name: str
    households: int
    files: Mapping[str, Mapping[str, Any]]
    generation: int = 0

    @property
    def folder(self) -> str:
        """Name of its folder."""
        return self.name if not self.generation else f"{self.name}.g{self.generation}"

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what it holds, wherever it lies."""
        return _digest(self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        """Return the partition as plain data."""
        return {
            "name": self.name, "households": self.households,
            "files": {table: dict(facts) for table, facts in sorted(self.files.items())},
        }  # fmt: skip


@dataclass(frozen=True)
class Manifest:
    """What a packed register holds.

    Attributes
    ----------
    tables : tuple of str
        Tables that the register was given, in the order of the schema.
    rows : dict of str to dict
        Per table ``read`` = ``kept`` + ``rejected``, and ``copies``: rows that stand in one partition more because
        someone moved.
    source : str
        Where the register came from.
    observed_until : str
        As :attr:`fanpin_risk.Register.observed_until`, an ISO day, or ``""``.
    partitions : tuple of Partition
        By name.
    known_lag_days : int or None
        As :attr:`fanpin_risk.Register.known_lag_days`.
    filled : dict of str to int
        As :attr:`fanpin_risk.Register.recorded_at_filled`, of tables with such rows.
    generation : int
        How often exports were taken in or back; 0 as packed.
    updates : tuple of dict
        The exports that were taken in, by their days: ``number, date, whole, fingerprint, source, rows``.
    origin : str
        The fingerprint as it was packed, by which its later states are known as the same register; ``""`` as packed.
    """

    tables: tuple[str, ...]
    rows: Mapping[str, Mapping[str, int]]
    source: str
    observed_until: str
    partitions: tuple[Partition, ...] = field(repr=False)
    known_lag_days: int | None = None
    filled: Mapping[str, int] = field(default_factory=dict)
    generation: int = 0
    updates: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    origin: str = ""

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the partitions: equal where every table of every partition has the same bytes."""
        return _digest([partition.as_dict() for partition in self.partitions])

    @property
    def households(self) -> int:
        """Number of households."""
        return sum(partition.households for partition in self.partitions)


def _digest(plain: Any) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def is_packed(path: str | os.PathLike[str]) -> bool:
    """Tell whether a folder is a packed register, by its manifest or, where that is damaged or lost, its partitions."""
    folder = Path(path)
    try:
        with (folder / MANIFEST).open("rb") as file:
            if PACKED_FORMAT.rpartition(" ")[0].encode() in file.read(200):
                return True
    except OSError:
        pass
    return any(
        NAME.fullmatch(file.parent.name.partition(".g")[0])
        for file in folder.glob(f"{PARTITIONS}/*/households.parquet")
    )


def write_manifest(path: str | os.PathLike[str], manifest: Manifest, *, name: str = MANIFEST) -> Path:
    """Write the manifest of a packed register, when all partitions are there.

    Parameters
    ----------
    path : path-like
        The folder.
    manifest : Manifest
    name : str
        Of the file.

    Returns
    -------
    Path
        Its file.
    """
    text = json.dumps(_plain_manifest(manifest), ensure_ascii=False, indent=1) + "\n"
    return write_text(text, Path(path) / name)


def _plain_manifest(manifest: Manifest) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "format": UPDATED_FORMAT if manifest.origin else PACKED_FORMAT,
        "fingerprint": manifest.fingerprint,
        "source": manifest.source,
        "observed_until": manifest.observed_until,
        "known_lag_days": manifest.known_lag_days,
        "filled": dict(manifest.filled),
        "tables": list(manifest.tables),
        "rows": {table: dict(counts) for table, counts in manifest.rows.items()},
        "partitions": [
            partition.as_dict() | ({"generation": partition.generation} if partition.generation else {})
            for partition in manifest.partitions
        ],
    }
    if manifest.origin:
        plain |= {
            "origin": manifest.origin,
            "generation": manifest.generation,
            "updates": [dict(update) for update in manifest.updates],
        }
    return plain | {"digest": _digest(plain)}


def read_manifest(path: str | os.PathLike[str], *, name: str = MANIFEST) -> Manifest:
    """Read the manifest of a packed register and check that it makes sense.

    Parameters
    ----------
    path : path-like
        The folder.
    name : str
        Of the file.

    Returns
    -------
    Manifest

    Raises
    ------
    InputError
        If there is none, it is damaged, of another format, or not what its digest says.
    """
    folder = Path(path)
    if not is_packed(folder):
        raise InputError(
            "{folder} is not a packed register: it has no readable {manifest}; pack it",
            folder=folder.name,
            manifest=MANIFEST,
        )
    try:
        plain = json.loads((folder / name).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            "{folder} is a packed register whose {manifest} cannot be read ({reason}); {again}",
            folder=folder.name,
            manifest=MANIFEST,
            reason=system_error(error),
            again=AGAIN,
        ) from error
    except (ValueError, RecursionError) as error:
        raise _damaged(folder, Message("no readable JSON")) from error
    if not isinstance(plain, dict) or plain.get("format") not in (PACKED_FORMAT, UPDATED_FORMAT):
        raise InputError(
            "{folder}: {manifest} has the format {found!r}; expected {expected!r}: {again}",
            folder=folder.name,
            manifest=MANIFEST,
            found=plain.get("format") if isinstance(plain, dict) else None,
            expected=PACKED_FORMAT,
            again=AGAIN,
        )
    try:
        manifest = _manifest_of(plain)
        digest = str(plain.pop("digest"))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(folder, Message("not as it was written: {error!r}", error=error)) from error
    _check_sense(folder, manifest)
    if digest != _digest(plain):
        raise InputError(
            "{folder}: {manifest} was changed after it was written; {again}",
            folder=folder.name,
            manifest=MANIFEST,
            again=AGAIN,
        )
    return manifest


def _damaged(folder: Path, why: Message) -> InputError:
    return InputError(
        "{folder} is a packed register whose {manifest} is damaged ({why}); {again}",
        folder=folder.name,
        manifest=MANIFEST,
        why=why,
        again=AGAIN,
    )


def _manifest_of(plain: Mapping[str, Any]) -> Manifest:
    return Manifest(
        tables=tuple(str(name) for name in plain["tables"]),
        rows={str(t): {kind: int(c[kind]) for kind in COUNTS} for t, c in plain["rows"].items()},
        source=str(plain["source"]),
        observed_until=str(plain["observed_until"]),
        partitions=tuple(
            Partition(
                str(p["name"]), int(p["households"]), {str(t): dict(f) for t, f in p["files"].items()},
                int(p.get("generation", 0)),
            )
            for p in plain["partitions"]
        ),
        known_lag_days=None if plain.get("known_lag_days") is None else int(plain["known_lag_days"]),
        filled={str(table): int(n) for table, n in plain.get("filled", {}).items()},
        generation=int(plain.get("generation", 0)),
        updates=tuple(dict(update) for update in plain.get("updates", ())),
        origin=str(plain.get("origin", "")),
    )  # fmt: skip


def _check_sense(folder: Path, manifest: Manifest) -> None:
    """Refuse a manifest whose names or counts cannot be."""
    names = [partition.name for partition in manifest.partitions]
    odd = [name for name in names if not NAME.fullmatch(name)]
    odd += [f"{p.name}: {t}" for p in manifest.partitions for t in p.files if t not in (*manifest.tables, DOUBTS_FILE)]
    odd += [t for t in manifest.tables if t not in TABLES]
    if odd or len(set(names)) < len(names):
        raise _damaged(folder, Message("{count} partitions or tables that cannot be, or one twice", count=len(odd)))
    off = [table for table, counts in manifest.rows.items() if counts["read"] != counts["kept"] + counts["rejected"]]
    if off:
        raise _damaged(folder, Message("rows of {tables} do not add up", tables=listed(off)))


def partitions_of(path: str | os.PathLike[str]) -> tuple[Partition, ...]:
    """Return the partitions of a packed register, by name."""
    return read_manifest(path).partitions
