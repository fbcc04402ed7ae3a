"""The files of a saved model: plain arrays and tables, read with care, and written all together or not at all.

Whatever stands in a file, it is read or refused before anything is made of it: sizes, digests, headers of arrays, types
of columns.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.line_table import FIRST_DAY_OF_LINE, RULES
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.errors import InputError, ModelFileError
from fanpin_risk.files import write_mark
from fanpin_risk.model.place import EFFECT_COLUMNS
from fanpin_risk.words import system_error

__all__ = [
    "CARD",
    "DATA_FILES",
    "LINES",
    "PLACES",
    "PROFILE",
    "REFERENCES",
    "TREES",
    "array_bytes",
    "arrays_in",
    "data_files_of",
    "lines_in",
    "places_in",
    "profile_in",
    "read_checked",
    "read_file",
    "references_in",
    "write_folder",
]


CARD, TREES, REFERENCES, LINES, PROFILE = "card.json", "trees.npz", "references.csv", "lines.csv", "profile.csv"
DATA_FILES = (TREES, REFERENCES, LINES, PROFILE)
PLACES = "places.csv"  # only of a model that knows effects of places
# Far above any real model; a file beyond it is not read at all.
LARGEST_BYTES = {
    CARD: 20_000_000,
    TREES: 400_000_000,
    REFERENCES: 100_000_000,
    LINES: 20_000_000,
    PROFILE: 20_000_000,
    PLACES: 100_000_000,
}
TABLE_TYPES = ("str", "int64", "float64", "datetime64[s]")


def array_bytes(arrays: Mapping[str, Array]) -> bytes:
    """Return arrays as the bytes of an npz file."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **dict(arrays))
    return buffer.getvalue()


def arrays_in(data: bytes) -> dict[str, Array]:
    """Read plain numeric arrays from an npz file, whose every header must agree with the bytes behind it."""
    arrays = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > 100 or sum(entry.file_size for entry in entries) > LARGEST_BYTES[TREES]:
                raise ModelFileError("{trees} unpacks to more than any model holds", trees=TREES)
            for entry in entries:
                if not entry.filename.endswith(".npy") or entry.filename[:-4] in arrays:
                    raise ModelFileError("{trees} holds an entry that is not an array, or one name twice", trees=TREES)
                with archive.open(entry) as file:
                    arrays[entry.filename[:-4]] = _read_array(file.read(entry.file_size + 1))
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise ModelFileError("{trees} is damaged or was cut off", trees=TREES) from error
    return arrays


def _read_array(data: bytes) -> Array:
    buffer = io.BytesIO(data)
    try:
        if np.lib.format.read_magic(buffer) != (1, 0):
            raise ValueError("version")
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(buffer)
    except ValueError as error:
        raise ModelFileError("{trees}: an array has no readable header", trees=TREES) from error
    if dtype.kind not in "biuf" or dtype.hasobject:
        raise ModelFileError(
            "{trees}: an array is of type {dtype}; only plain numbers are read", trees=TREES, dtype=dtype
        )
    body = data[buffer.tell() :]
    size = 1
    for length in shape:
        size *= length
    if any(length < 0 for length in shape) or size * dtype.itemsize != len(body):
        raise ModelFileError(
            "{trees}: an array's header does not agree with its {n_body} bytes", trees=TREES, n_body=len(body)
        )
    return np.frombuffer(body, dtype=dtype).reshape(shape, order="F" if fortran else "C").copy()


def _table_in(data: bytes, types: Mapping[str, str]) -> pd.DataFrame:
    """Read a table as text and convert it column by column, which gives every float back to the last bit."""
    frame = pd.read_csv(io.BytesIO(data), dtype="str", keep_default_na=False)
    if set(frame.columns) != set(types):
        raise ValueError(f"columns are {', '.join(frame.columns)}; expected {', '.join(types)}")
    for name, kind in types.items():
        if kind not in TABLE_TYPES:
            raise ValueError(f"column {name} is to be of type {kind!r}; expected one of {', '.join(TABLE_TYPES)}")
        values: Any = frame[name]
        frame[name] = np.array([float(text) for text in values]) if kind == "float64" else values.astype(kind)
    return frame


def lines_in(data: bytes) -> MonitoringLines:
    """Return the monitoring lines in the bytes of a file; raise ModelFileError where there are none."""
    types = {"area_prefix": "str", "year": "int64", "line_cny": "float64", "status": "str", "source": "str"}
    named = data.partition(b"\n")[0].decode("utf-8", "replace").strip().split(",")
    types |= {name: "str" for name in (*RULES, FIRST_DAY_OF_LINE) if name in named}
    try:
        said = data.decode("utf-8").partition("\n")[0].strip().split(",")  # how areas count, where lines say so
        return MonitoringLines(
            _table_in(data, types | {name: "str" for name in (*RULES, FIRST_DAY_OF_LINE) if name in said})
        )
    except ValueError as error:
        raise ModelFileError("{lines} does not hold monitoring lines: {error}", lines=LINES, error=error) from error


def profile_in(data: bytes) -> pd.DataFrame:
    """Return the profile of features in the bytes of a file; raise ModelFileError where there is none."""
    types = {"feature": "str", "bin": "int64", "low": "float64", "high": "float64", "share": "float64", "rows": "int64"}
    try:
        return _table_in(data, types)[list(types)]
    except ValueError as error:
        raise ModelFileError(
            "{profile} does not hold a profile of features: {error}", profile=PROFILE, error=error
        ) from error


def references_in(data: bytes, types: Mapping[str, str]) -> pd.DataFrame:
    """Return the references in the bytes of a file, by the types that the card says; raise ModelFileError otherwise."""
    try:
        return _table_in(data, types)
    except ValueError as error:
        raise ModelFileError(
            "{references} does not hold references: {error}", references=REFERENCES, error=error
        ) from error


def places_in(data: bytes) -> pd.DataFrame:
    """Return the table of effects of places in the bytes of a file; raise ModelFileError where there is none."""
    try:
        return _table_in(data, EFFECT_COLUMNS)
    except ValueError as error:
        raise ModelFileError("{places} does not hold effects of places: {error}", places=PLACES, error=error) from error


def data_files_of(card: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the files of a model beside its card."""
    return (*DATA_FILES, *([PLACES] if PLACES in card["files"] else []))


def read_file(folder: Path, file: str) -> bytes:
    """Return the bytes of a plain file of a model that is no larger than any model has."""
    path = folder / file
    if not path.is_file() or path.is_symlink():
        raise ModelFileError("{folder}: {file} is not a plain file", folder=folder.name, file=file)
    if path.stat().st_size > LARGEST_BYTES[file]:
        raise ModelFileError("{folder}: {file} is larger than any model's", folder=folder.name, file=file)
    return path.read_bytes()


def read_checked(folder: Path, file: str, card: Mapping[str, Any]) -> bytes:
    """Return the bytes of a file whose digest is the one that the card says; raise ModelFileError otherwise."""
    data = read_file(folder, file)
    promised = card["files"].get(file)
    digest = hashlib.sha256(data).hexdigest()
    if not isinstance(promised, dict) or promised.get("sha256") != digest:
        size = promised.get("bytes") if isinstance(promised, dict) else None
        raise ModelFileError(
            "{folder}: {file} is not the one that was saved ({n_data} bytes, {card} says {size}); it was "
            "changed or cut off; copy the model again",
            folder=folder.name,
            file=file,
            n_data=len(data),
            card=CARD,
            size=size,
        )
    return data


def write_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """Write all files into a new folder beside the target, then put it into its place in one step."""
    work = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        new, old = work / "new", work / "old"
        new.mkdir()
        for file, data in files.items():
            with (new / file).open("wb") as handle:
                handle.write(data)
                handle.flush()
                os.fsync(handle.fileno())
        write_mark(new, "model")  # so that a card that someone edited is not replaced
        replaced = target.exists()
        if replaced:
            target.rename(old)
        try:
            new.rename(target)
        except OSError:
            if replaced:
                old.rename(target)
            raise
    except OSError as error:
        raise InputError("cannot write {path}: {reason}", path=target, reason=system_error(error)) from error
    finally:
        if work is not None:
            shutil.rmtree(work, ignore_errors=True)
