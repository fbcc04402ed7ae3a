"""Where results go: what stands there is kept, and a folder is made whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fanpin_risk.arguments import a_path, switch
from fanpin_risk.errors import InputError
from fanpin_risk.files.marks import (
    MARK,
    OF_THE_SYSTEM,
    changed_files,
    is_listed_beside,
    is_own_file,
    kind_of,
    listed_files,
    write_mark,
)
from fanpin_risk.files.writing import sync_folder
from fanpin_risk.words import Message, system_error

__all__ = ["KINDS", "check_target", "new_folder", "put_in_place"]

# What is written, by kind, and what a message calls it.
KINDS = {
    "synthetic register": Message("a synthetic register"),
    "register": Message("a packed register"),
    "model": Message("a model"),
    "scores": Message("scores in parts"),
    "score": Message("results of 'score'"),
    "check": Message("results of 'check'"),
    "evaluation": Message("results of 'evaluate'"),
    "drift": Message("results of 'drift'"),
    "demo": Message("results of 'demo'"),
    "features": Message("a table of features"),
    "feature parts": Message("features in parts"),
    "screen": Message("answers of the sieve"),
    "answers": Message("answers of rules in parts"),
    "changes": Message("changes between two days"),
    "watchlist": Message("a plan of visits"),
    "report": Message("a report"),
    "county reports": Message("reports of counties"),
    "explanation": Message("an explanation"),
    "card": Message("the card of a model"),
    "columns": Message("what 'columns' writes"),
    "series": Message("risks over time"),
    "ledger": Message("a table from a ledger"),
    "visits": Message("sheets for visits"),
    "visit results": Message("what came back from visits"),
    "notice": Message("a public notice"),
}
FILE_KINDS = frozenset(
    (
        "features",
        "screen",
        "changes",
        "watchlist",
        "report",
        "explanation",
        "card",
        "columns",
        "ledger",
        "visit results",
        "notice",
    )
)  # the others are folders
SHOWN_NAMES = 3


def check_target(
    path: str | os.PathLike[str],
    kind: str,
    *,
    overwrite: bool = False,
    others: Callable[[Path], list[str] | None] | None = None,
    stays: str = "",
    beside: Path | None = None,
) -> Path:
    """Refuse a place for a result where something stands that is to be kept; the one place where that is decided.

    Parameters
    ----------
    path : path-like
        Where the result is to go.
    kind : str
        One of ``KINDS``; a kind is either a folder or a file.
    overwrite : bool
        Whether an earlier result of the same kind may be replaced. Anything else never is.
    others : callable, optional
        For kinds of folders with a layout of their own: called with the folder, it names what in it is not of that
        layout, or gives None where the folder is not of that kind at all. Default: what differs from the SHA-256 in the
        folder's mark.
    stays : str
        Name of a folder in it that is passed over, since it has rules of its own.
    beside : Path, optional
        A file next to the folder that is one of its results, to be replaced with it.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    InputError
        If something stands there that is kept; the message says what it is and what to do.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> check_target(folder, "check") == folder  # empty
    True
    >>> _ = (folder / "incomes.csv").write_text("household_id,amount_cny")
    >>> check_target(folder, "check", overwrite=True)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    fanpin_risk.errors.InputError: ... holds other files or folders (1: incomes.csv); they are kept: choose another folder
    """
    path = a_path("path", path)
    switch("overwrite", overwrite)
    try:
        if kind in FILE_KINDS:
            _check_file(path, kind, lambda: is_own_file(path, kind), overwrite=overwrite)
        elif _is_taken(path, kind, others, stays) and not overwrite:
            raise InputError(
                "{path} already holds {kind}; choose another folder, or replace it with --overwrite (overwrite=True)",
                path=path,
                kind=KINDS[kind],
            )
        if beside is not None:
            _check_file(beside, kind, lambda: is_listed_beside(path, beside, kind), overwrite=overwrite)
    except OSError as error:
        raise InputError("cannot read {path}: {reason}", path=path, reason=system_error(error)) from error
    return path


def _is_taken(path: Path, kind: str, others: Callable[[Path], list[str] | None] | None, stays: str = "") -> bool:
    """Tell whether an earlier result of the kind stands in a folder; refuse a folder with anything else."""
    if not path.is_dir():
        if path.exists() or path.is_symlink():
            raise InputError("{path} is a file; expected a folder: choose another name", path=path)
        return False
    held = sorted(entry.name for entry in path.iterdir() if entry.name not in {*OF_THE_SYSTEM, stays})
    if not held:
        return False
    found, mark = kind_of(path)
    strange = None
    if others is not None:
        strange = others(path)
    elif found == kind:
        strange = changed_files(path, mark, stays)
    if strange is None and found in KINDS and found != kind:
        raise InputError(
            "{path} holds {found}, not {kind}; it is kept: choose another folder",
            path=path,
            found=KINDS[found],
            kind=KINDS[kind],
        )
    if strange is None:
        raise InputError(
            "{path} holds other files or folders ({count}: {names}); they are kept: choose another folder",
            path=path,
            count=len(held),
            names=_some(held),
        )
    if strange:
        raise InputError(
            "{path} holds {kind} with files that were added or changed since ({names}); they are kept: choose another "
            "folder, or move them away",
            path=path,
            kind=KINDS[kind],
            names=_some(strange),
        )
    return True


def _some(names: Sequence[str]) -> list[str]:
    return [*names[:SHOWN_NAMES], *(["..."] if len(names) > SHOWN_NAMES else [])]


def _check_file(path: Path, kind: str, is_own: Callable[[], bool], *, overwrite: bool) -> None:
    if path.is_dir():
        raise InputError("{path} is a folder; expected a file: choose another name", path=path)
    if not path.exists() and not path.is_symlink():
        return
    if path.is_symlink() or not path.is_file() or not is_own():
        raise InputError(
            "{path} is not {kind} as it was written, but something else or changed since; it is kept: choose another name",
            path=path,
            kind=KINDS[kind],
        )
    if not overwrite:
        raise InputError(
            "{path} already exists; choose another name, or replace it with --overwrite (overwrite=True)", path=path
        )


@contextmanager
def new_folder(
    path: str | os.PathLike[str],
    kind: str | None,
    *,
    overwrite: bool = False,
    stays: str = "",
    beside: Path | None = None,
) -> Iterator[Path]:
    """Make a folder of results, whole or not at all: what is written to the folder given gets its place in the end.

    Parameters
    ----------
    path : path-like
        Where the results are to go; see :func:`check_target`.
    kind : str or None
        One of ``KINDS``. None: the folder does not say what it is, and so is never replaced.
    overwrite : bool
        Whether earlier results of the kind are replaced.
    stays : str
        Name of a folder in `path` that has rules of its own and stays as it is; the results come to stand beside it. A
        run that goes on with it may write once more, without `overwrite`, what it wrote before.
    beside : Path, optional
        A result that is to stand next to the folder. It is written to the folder given, under its own name.

    Yields
    ------
    Path
        The folder to write to, beside `path`.

    Raises
    ------
    InputError
        If something stands there that is kept, or the folder cannot be written.

    Examples
    --------
    >>> place = Path(tempfile.mkdtemp()) / "checked"
    >>> with new_folder(place, "check") as folder:
    ...     _ = (folder / "problems.csv").write_text("table,row")
    >>> sorted(file.name for file in place.iterdir())
    ['.fanpin-risk.json', 'problems.csv']
    """
    path = a_path("path", path)
    switch("overwrite", overwrite)
    named = kind or "synthetic register"
    check_target(path, named, overwrite=overwrite or bool(stays), stays=stays, beside=beside)
    target, temporary = path.absolute(), None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}~"))
        yield temporary
        temporary.chmod(0o755)
        if kind is not None:
            write_mark(temporary, kind, beside="" if beside is None else beside.name)
        sync_folder(temporary)
        if stays:
            _put_beside(temporary, path, named, overwrite=overwrite, stays=stays)
        else:
            check_target(path, named, overwrite=overwrite, beside=beside)
            put_in_place(temporary, target)
            if beside is not None:
                (target / beside.name).replace(beside)
        sync_folder(target.parent)
    except OSError as error:
        raise InputError("cannot write {path}: {reason}", path=path, reason=system_error(error)) from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def put_in_place(new: Path, path: Path) -> None:
    """Give a finished folder its name. What had the name before is deleted, or gets it back if that fails."""
    if not path.exists():
        new.rename(path)
        return
    away = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}-old~"))
    old = path.rename(away / path.name)
    try:
        new.rename(path)
    except OSError:
        old.rename(path)
        away.rmdir()
        raise
    shutil.rmtree(away, ignore_errors=True)


def _put_beside(new: Path, path: Path, kind: str, *, overwrite: bool, stays: str) -> None:
    """Move the files of a folder of results into one in which something else stays.

    The mark goes first: a run that is stopped meanwhile leaves files that are known.
    """
    if _is_taken(path, kind, None, stays):
        listed = listed_files(path, MARK)
        check_target(path, kind, overwrite=overwrite or listed == listed_files(new, MARK), stays=stays)
        for name in listed:
            (path / name).unlink(missing_ok=True)
        for folder in {(path / name).parent for name in listed} - {path}:
            shutil.rmtree(folder, ignore_errors=True)
    path.mkdir(exist_ok=True)
    (new / MARK).replace(path / MARK)
    for entry in new.iterdir():
        entry.rename(path / entry.name)
