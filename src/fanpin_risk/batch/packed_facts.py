"""What is known of a packed register as a whole, without its rows: counts, problems and rejected rows of reading."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from fanpin_risk.batch.layout import AGAIN, EXPORTS, PROBLEMS, REJECTED, Manifest, read_manifest
from fanpin_risk.errors import InputError
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import system_error

__all__ = ["described", "packed_counts", "packed_problems", "rejected_rows_of"]


def described(path: str | os.PathLike[str]) -> Register:
    """Return what is known of a packed register as a whole, without its rows.

    Parameters
    ----------
    path : path-like
        The folder.

    Returns
    -------
    Register
        Empty, with the tables it was given, counts of reading, and what is said of days of recording.

    Raises
    ------
    InputError
        If it is no packed register.
    """
    manifest = read_manifest(path)
    return Register(
        {}, source=manifest.source, supplied=manifest.tables, known_lag_days=manifest.known_lag_days,
        recorded_at_filled=manifest.filled, counts=packed_counts(manifest),
    )  # fmt: skip


def packed_counts(manifest: Manifest) -> pd.DataFrame:
    """Return the rows read, kept and rejected, and the records made of them, as :attr:`fanpin_risk.Register.counts` of the files.

    Parameters
    ----------
    manifest : Manifest
        The records of those who stand in no partition are not among them.

    Returns
    -------
    DataFrame of shape (10, 4)
    """
    counts = Register({}).counts
    for name, rows in manifest.rows.items():
        stored = sum(int(one.files[name]["rows"]) for one in manifest.partitions if name in one.files)
        counts.loc[name] = [rows["read"], rows["kept"], rows["rejected"], stored - rows["copies"]]
    return counts


def packed_problems(folder: Path) -> pd.DataFrame:
    """Return the problems of a packed register, as :attr:`fanpin_risk.Register.problems` of its files and of exports taken in.

    Raises
    ------
    InputError
        If they cannot be read.
    """
    empty = Problems().frame()
    found = [_read_kept(place / PROBLEMS)[list(empty.columns)] for place in _places_read(folder)]
    return pd.concat([one.astype(empty.dtypes.to_dict()) for one in found], ignore_index=True)


def rejected_rows_of(folder: Path) -> dict[str, pd.DataFrame]:
    """Return the rejected rows of a packed register, as :attr:`fanpin_risk.Register.rejected_rows` of what was read into it."""
    rows: dict[str, list[pd.DataFrame]] = {}
    for place in _places_read(folder):
        for name in TABLES:
            if (file := place / REJECTED / f"{name}.parquet").exists():
                rows.setdefault(name, []).append(_read_kept(file))
    return {name: pd.concat(found, ignore_index=True) for name, found in rows.items()}


def _places_read(folder: Path) -> list[Path]:
    """Return where it is kept what was wrong in the files that were packed, and in each export that was taken in."""
    return [folder, *(folder / EXPORTS / str(update["number"]) for update in read_manifest(folder).updates)]


def _read_kept(file: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(file)
    except (OSError, ValueError) as error:
        why = system_error(error) if isinstance(error, OSError) else type(error).__name__
        raise InputError(
            "{file} cannot be read ({reason}); {again}", file=file.name, reason=why, again=AGAIN
        ) from error
