"""Every exception that fanpin_risk raises on purpose, and every warning that it gives."""

from __future__ import annotations

import re
from importlib.metadata import requires
from typing import Any

from fanpin_risk.words import Message


class _WithMessage(Exception):  # noqa: N818  base of errors and of warnings
    """What is said in the language of the run, however late it is shown and in whichever process it was raised."""

    def __init__(self, text: str | Message = "", /, **values: Any) -> None:
        super().__init__(str(text))
        self.message = Message(text, **values)

    def __str__(self) -> str:
        return self.message.shown()

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), self.message)


def _again(kind: type[_WithMessage], message: Message) -> _WithMessage:
    return kind(message)


class FanpinError(_WithMessage, ValueError):
    """Base of all errors raised on purpose; the command line prints its message in one line.

    Parameters
    ----------
    text : str or Message
        The English text with places for values, as in ``str.format``; its Chinese stands in the catalogue.
    **values
        What stands in the places of the text.

    Attributes
    ----------
    message : Message
        The text and its values; ``str(error)`` shows them in the language of the run.

    Examples
    --------
    >>> str(InputError("{name}: no such file", name="incomes.csv").message.shown("en"))
    'incomes.csv: no such file'
    """


class FanpinWarning(_WithMessage, UserWarning):
    """Base of all warnings: the result is there, but something about it should be known.

    Takes the same parameters as :class:`FanpinError`; given as ``warnings.warn(FanpinWarning(...), stacklevel=2)``.
    """


class LackingTablesWarning(FanpinWarning):
    """A register lacks whole tables that a model was trained with."""


class OtherLagWarning(FanpinWarning):
    """A register was read with another assumption than a model's on when a row counts as known."""


class UnobservedWarning(FanpinWarning):
    """Many households have no record after a day: what became of them is not known."""


class SchemaError(FanpinError):
    """A table or column is absent, unknown, or cannot be read as declared."""


class InputError(FanpinError):
    """A file or folder cannot be used at all (absent, empty, unreadable, wrong encoding)."""


class UnreadableFileError(InputError):
    """A file of a register cannot be read; the others are."""


class SuspiciousExportError(InputError):
    """An export that was to be taken into a register looks wrong; nothing was changed."""


class FeatureMismatchError(FanpinError):
    """Features at hand differ from those a model was trained on."""


class ModelFileError(FanpinError):
    """A saved model is damaged, of another version, or holds what is not allowed."""


class LedgerError(FanpinError):
    """An event cannot be recorded as it is, or what was recorded is not as it was written."""


class RefusedEventsError(LedgerError):
    """Events of a table may not happen, or rows of it hold no event; nothing of it was recorded.

    Attributes
    ----------
    refused : DataFrame
        ``row``, ``column``, ``household_id``, ``event``, ``on`` and ``problem`` (a Message) of each row that is refused.
    """

    refused: Any = None


class NotEnoughDataError(FanpinError):
    """Too few households or events to fit, calibrate or evaluate."""


class ExplanationError(FanpinError):
    """Contributions do not add up to the score they explain."""


class MissingPackageError(FanpinError, ImportError):
    """An optional package is needed that is not installed; the message holds the command that installs it."""


def install_command(extra: str) -> str:
    """Return the command that installs the packages of an extra, whether or not fanpin-risk is on an index.

    Parameters
    ----------
    extra : str
        Name of an optional dependency group of ``pyproject.toml``: ``plot``, ``evaluate``, ``baselines``, ``pack``,
        ``dask``, ``spark``, ``database`` or ``notebook``.

    Returns
    -------
    str
        A command for every shell.

    Examples
    --------
    >>> install_command("pack")
    'python -m pip install "duckdb>=1.2"'
    """
    declared = (requirement.partition(";") for requirement in requires("fanpin-risk") or ())
    of_extra = re.compile(rf"""extra == ['"]{extra}['"]""")
    packages = [f'"{package.strip()}"' for package, _, condition in declared if of_extra.search(condition)]
    return " ".join(["python -m pip install", *packages])
