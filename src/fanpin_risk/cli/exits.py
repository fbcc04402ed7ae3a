"""How a run ends: its exit codes, errors in one line, and a report of an error in the program itself."""

from __future__ import annotations

import errno
import os
import platform
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path
from typing import Any

import click

from fanpin_risk.cli.usage import in_language_of_run
from fanpin_risk.errors import FanpinError
from fanpin_risk.words import Message, system_error

__all__ = [
    "EXIT_ALARM",
    "EXIT_DIFFERS",
    "EXIT_INPUT",
    "EXIT_INTERNAL",
    "EXIT_INTERRUPTED",
    "EXIT_NO_MODEL",
    "EXIT_REJECTED",
    "EXIT_UNREAD",
    "crash_report",
    "errors_in_one_line",
]

EXIT_REJECTED = 1  # check --strict; click itself ends with 2 after wrong usage
EXIT_INPUT = 3
EXIT_ALARM = 4
EXIT_NO_MODEL = 5  # recalibrate: it would not have helped
EXIT_DIFFERS = 5  # trace: what stands on the list or in the ledger is not what the records give
EXIT_INTERNAL = 70  # EX_SOFTWARE of sysexits.h
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells count
EXIT_UNREAD = 141  # 128 + SIGPIPE
# What the system lacks when it cannot write, whatever the program does.
SYSTEM_FAULTS = frozenset(
    getattr(errno, name, -1) for name in ("ENOSPC", "EDQUOT", "EIO", "EROFS", "EMFILE", "ENFILE", "ENOMEM", "EFBIG")
)

# Packages whose versions a crash report names.
REPORTED_PACKAGES = (
    "fanpin-risk",
    "click",
    "duckdb",
    "numpy",
    "pandas",
    "psycopg",
    "pyarrow",
    "scikit-learn",
    "scipy",
    "shap",
    "sqlalchemy",
)


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """Turn errors raised on purpose, warnings and interrupts into one line each, and all other errors into a report."""
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning  # type: ignore[assignment]  # the rest of its arguments is not shown
            yield
    except FanpinError as error:
        _end(error.message, EXIT_INPUT)
    except KeyboardInterrupt:
        _end(Message("interrupted; finished files are whole, the rest was not written"), EXIT_INTERRUPTED)
    except MemoryError:
        _end(
            Message(
                "memory ran out; close other programs, or pack the register by county with 'pack' and score it part by part"
            ),
            EXIT_INPUT,
        )
    except click.UsageError as error:
        raise in_language_of_run(error) from error
    except (click.ClickException, click.Abort, click.exceptions.Exit, SystemExit, GeneratorExit):
        raise  # click shows them, or they are no errors
    except BaseException as error:  # noqa: BLE001  a panic of compiled code, too, ends with a line and a code of its own
        if isinstance(error, OSError):
            _end_if_the_system_failed(error)
        kind = type(error).__name__
        text = Message(
            "internal error ({kind}): a fault of the program, not of your files; finished files are whole. Please send the "
            "lines below to those who maintain it; they hold nothing of your data",
            kind=kind,
        )
        click.echo(f"fanpin-risk: {text}\n\n{crash_report(error)}", err=True)
        sys.exit(EXIT_INTERNAL)


def _end_if_the_system_failed(error: OSError) -> None:
    """End with what the system says, if it could not read or write; an error of a program's own making is let through."""
    if error.errno == errno.EPIPE:  # nobody reads the output any more: nothing is said, and nothing more is written
        _write_no_more()
        sys.exit(EXIT_UNREAD)
    if error.filename is not None:
        file = _file_name(error.filename)
        _end(Message("{file} cannot be read or written: {why}", file=file, why=system_error(error)), EXIT_INPUT)
    if error.errno in SYSTEM_FAULTS:
        try:
            sys.stdout.flush()
        except (OSError, ValueError):  # what it could not take it would be given again as Python ends, with code 120
            _write_no_more()
        _end(Message("a file, or the output, cannot be written: {why}", why=system_error(error)), EXIT_INPUT)


def _write_no_more() -> None:
    """Let what still waits for the output go nowhere."""
    with suppress(OSError, ValueError):  # what stands in for a stream has no number
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def crash_report(error: BaseException) -> str:
    """Describe an error without anything of the data: versions, the type of the error, and where in which module.

    Messages of errors and the values at hand are left out, for they may hold records of persons.

    Examples
    --------
    >>> try:
    ...     {}["a name"]
    ... except KeyError as error:
    ...     report = crash_report(error)
    >>> "KeyError" in report, "a name" in report
    (True, False)
    """
    lines = [f"{name} {version}" for name in REPORTED_PACKAGES if (version := _installed_version(name))]
    lines = [f"Python {platform.python_version()}, {platform.system()} {platform.machine()}; {', '.join(lines)}"]
    cause: BaseException | None = error
    seen: set[int] = set()
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        lines.append(("" if cause is error else "after ") + type(cause).__name__)
        lines += [
            f"  {frame.f_globals.get('__name__', '?')}:{line} {frame.f_code.co_name}"
            for frame, line in traceback.walk_tb(cause.__traceback__)
        ]
        cause = cause.__cause__ or cause.__context__
    return "\n".join(lines)


def _end(message: Message, code: int) -> None:
    click.echo("fanpin-risk: " + " ".join(str(message).split()), err=True)
    sys.exit(code)


def _show_warning(message: Warning | str, *_where: Any) -> None:
    note = Message("note: {text}", text=" ".join(str(message).split()))
    click.echo(f"fanpin-risk: {note}", err=True)


def _file_name(file: Any) -> str:
    return Path(file).name if isinstance(file, str) else str(file)


def _installed_version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
