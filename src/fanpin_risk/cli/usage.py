"""Wrong usage: refused before any work, in the language of the run, by the name of the option, and with exit code 2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from fanpin_risk.errors import FanpinError
from fanpin_risk.words import Message, punctuated

__all__ = ["LanguageOption", "checked_by", "in_language_of_run", "wrong_usage"]

Callback = Callable[[click.Context, click.Parameter, Any], Any]


def checked_by(check: Callable[[str, Any], Any]) -> Callback:
    """Make the callback of an option whose value a function of the library checks.

    Parameters
    ----------
    check : callable
        Called with the name of the option, as the user types it, and its value; returns the value for the command, or
        raises a :class:`FanpinError`.

    Returns
    -------
    callable
        Ends the run with a usage error where the value is refused. An option that is not given stays None.
    """

    def callback(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
        if value is None:
            return None
        try:
            return check(parameter.opts[0], value)
        except FanpinError as error:
            raise click.UsageError(str(error), context) from error

    return callback


def wrong_usage(message: Message) -> click.UsageError:
    """Return the error of usage that a message says, of the command that runs."""
    return click.UsageError(str(message), click.get_current_context(silent=True))


def in_language_of_run(error: click.UsageError) -> click.UsageError:
    """Return an error of usage with the punctuation of the language of the run.

    click translates its sentences, but puts Latin stops, commas and blanks between their parts.
    """
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error
    return click.UsageError(punctuated(error.format_message()), error.ctx)


class LanguageOption(click.Option):
    """An option that may come from the environment, and says so in the language of the run."""

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """Name the option and the variable."""
        del ctx
        return str(Message("'{option}' (or the variable {variable})", option=self.opts[0], variable=self.envvar))
