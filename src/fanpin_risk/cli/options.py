"""Options that several commands take, each with one name and one meaning."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from fanpin_risk.arguments import number_of_workers
from fanpin_risk.cli.usage import LanguageOption, checked_by
from fanpin_risk.words import LANG_VARIABLE, LANGUAGES, Message

__all__ = [
    "DataDate",
    "ModelFolder",
    "RegisterSource",
    "capacity_option",
    "checked_day_option",
    "comparing_options",
    "day_option",
    "earlier_day_option",
    "ensemble_option",
    "file_options",
    "group_option",
    "horizon_option",
    "known_days_option",
    "lang_option",
    "learning_options",
    "levelling_options",
    "lines_option",
    "one_day_option",
    "optional_register_argument",
    "overwrite_option",
    "packed_workers_option",
    "per_option",
    "place_option",
    "planning_options",
    "policy_option",
    "quiet_option",
    "reading_options",
    "reasons_option",
    "register_argument",
    "scoring_options",
    "select_option",
    "target_option",
    "tracking_options",
    "unobserved_option",
    "workers_option",
]

DataDate = str | dict[str, str] | None  # of all files, or of each by its name
DATE = re.compile(
    r"\d{4}(?:年度?|-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?|年(?:1[0-2]|0?[1-9])月(?:(?:0?[1-9]|[12]\d|3[01])日)?)?"
)
DASHES_OF_A_DAY = 2
Option = Callable[[Callable[..., Any]], Callable[..., Any]]


def _day_option_value(_context: click.Context, _parameter: click.Parameter, value: Any) -> Any:
    from datetime import date

    def one(text: str) -> str:
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            message = Message("expected a day such as {example}, got {text!r}", example="2024-12-31", text=text)
            raise click.BadParameter(str(message)) from None

    if value is None:
        return None
    return tuple(one(text) for text in value) if isinstance(value, tuple) else one(value)


def _data_date_option_value(
    context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> str | dict[str, str] | None:
    """Return the day that all files show, or, with names of files, a date for each name; of the others under ""."""
    dates: dict[str, str] = {}
    for text in value:
        file, equals, date = text.rpartition("=")
        if equals and not (file and DATE.fullmatch(date.strip())):
            message = Message(
                "expected FILE=DATE such as {example}, got {text!r}", example="incomes.xls=2021", text=text
            )
            raise click.BadParameter(str(message))
        if file in dates:
            raise click.BadParameter(str(Message("gives two dates for {file}", file=file or Message("all files"))))
        longer = DATE.fullmatch(date.strip()) is not None and date.count("-") < DASHES_OF_A_DAY  # a year or a month
        dates[file] = date.strip() if equals or longer else _day_option_value(context, parameter, date)
    if not dates:
        return None
    return dates[""] if list(dates) == [""] else dates


# No command takes it: what it says was decided before (see Commands.main in cli/__init__.py); here it is checked.
lang_option = click.option(
    "--lang",
    cls=LanguageOption,
    type=click.Choice(LANGUAGES),
    envvar=LANG_VARIABLE,
    show_envvar=True,
    expose_value=False,
    help="Language of help, messages and results; default: that of the system.",
)
quiet_option = click.option("--quiet", is_flag=True, help="No progress and no summary; errors only.")
overwrite_option = click.option(
    "--overwrite",
    is_flag=True,
    help="Replace what this command wrote there before. Anything else is kept, and so is what was changed since.",
)
day_option = click.option(
    "--as-of",
    required=True,
    callback=_day_option_value,
    metavar="DAY",
    help="The day (YYYY-MM-DD). Only what was recorded on or before it is used.",
)


def one_day_option(name: str, help: str) -> Option:  # noqa: A002  click's word
    """Make an option that takes a day and may be left out."""
    return click.option(name, callback=_day_option_value, metavar="DAY", help=help)


checked_day_option = click.option(
    "--as-of",
    callback=_day_option_value,
    metavar="DAY",
    help="The day (YYYY-MM-DD) as of which records are held against each other; default: that of the newest record.",
)
lines_option = click.option(
    "--lines",
    "lines_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Your own monitoring lines: a csv with area_prefix, year, line_cny; one row with an empty area_prefix; "
    "a column valid_from (a day) for lines that change within a year.",
)
policy_option = click.option(
    "--policy",
    "policy_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Your own numbers of the rules: a csv or xlsx with parameter, area, first day and value (headers: see the guide); they stand "
    "before those shipped, and change no risk.",
)


def _known_groups(option: str, value: tuple[str, ...]) -> tuple[str, ...]:
    """Check codes of named groups."""
    from fanpin_risk.arguments import one_of
    from fanpin_risk.policy import HOUSEHOLD_GROUPS

    for code in value:
        one_of(option, code, tuple(rule.code for rule in HOUSEHOLD_GROUPS))
    return value


group_option = click.option(
    "--group",
    "groups",
    multiple=True,
    metavar="CODE",
    callback=checked_by(_known_groups),
    help="List only households of this named group, such as lone_elderly; given several times, of any of them. Codes: screen --ask "
    "groups. Scores hold all.",
)
days_option = click.option(
    "--as-of",
    required=True,
    multiple=True,
    callback=_day_option_value,
    metavar="DAY",
    help="A training day (YYYY-MM-DD); give several for several years. What happened in the horizon after it must be on record.",
)
known_days_option = click.option(
    "--as-of",
    required=True,
    multiple=True,
    callback=_day_option_value,
    metavar="DAY",
    help="A past day (YYYY-MM-DD) later than those that the model learnt from; give several for several. What happened in the "
    "horizon after it must be on record. The newest gives the level.",
)
some_days_option = click.option(
    "--as-of",
    multiple=True,
    callback=_day_option_value,
    metavar="DAY",
    help="A day (YYYY-MM-DD); give several for several. Default: the quarter-ends of the three years up to the last record, and its day.",
)
horizon_option = click.option(
    "--horizon", type=click.IntRange(1, 60), default=12, show_default=True, help="Months ahead."
)
target_option = click.option(
    "--target",
    type=click.Choice(["newly_monitored", "below_line", "not_eliminated", "relapse"]),
    default="newly_monitored",
    show_default=True,
    help="What is forecast: being newly recognised as monitored, income (consumption, if the lines are of it) falling "
    "below the line; of those monitored, still being monitored at the end; of those whose risk was eliminated, being monitored again.",
)
place_option = click.option(
    "--place",
    type=click.Choice(["auto", "yes", "no"]),
    default="auto",
    show_default=True,
    help="Add what happened in a household's village, township and county beyond what records foretold; auto: with several counties, "
    "two or more days, and where forecasts out of fold gain by it.",
)
ensemble_option = click.option(
    "--ensemble",
    type=click.Choice(["auto", "none", "income_cuts"]),
    default="auto",
    show_default=True,
    help="With --target below_line: also learn from the later incomes of everybody and from a wider line, three times the trees; "
    "auto: where forecasts out of fold gain by it.",
)
select_option = click.option(
    "--select",
    is_flag=True,
    help="Also try trees without monotone constraints and the mean of three seeds on earlier days, and take what forecast best there; "
    "about five times as long.",
)
unobserved_option = click.option(
    "--unobserved",
    type=click.Choice(["drop", "count"]),
    default="drop",
    show_default=True,
    help="Households without any record after a day: left out, or counted as households without the event.",
)
reasons_option = click.option(
    "--reasons",
    "n_reasons",
    type=click.IntRange(0, 20),
    default=3,
    show_default=True,
    metavar="N",
    help="Reasons per household.",
)


class RegisterSource(click.Path):
    """A path, or the address of a database, which is kept as it is: in a path two slashes would become one.

    Parameters
    ----------
    exists : bool
        Whether a path must exist.
    """

    def __init__(self, *, exists: bool = False) -> None:
        super().__init__(exists=exists, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path or the address; a path that cannot be used is named without what may be a password."""
        from fanpin_risk.records.read.addresses import is_address
        from fanpin_risk.records.read.files import without_password

        if is_address(value):
            return value
        return super().convert(value if Path(value).exists() else without_password(str(value)), param, ctx)


register_argument = click.argument("register", metavar="REGISTER", type=RegisterSource())
optional_register_argument = click.argument("register", metavar="[REGISTER]", required=False, type=RegisterSource())


class ModelFolder(click.types.StringParamType):
    """The folder of a model, or the name of the model that ships."""

    name = "folder"

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None) -> str:  # noqa: ARG002  click's
        """Say what to give where no model is named."""
        return str(Message("Give the folder that 'train' wrote, or 'demo' to try things out"))


model_option = click.option(
    "--model",
    required=True,
    type=ModelFolder(),
    metavar="FOLDER",
    help="A model saved by 'train'. 'demo' is the model that ships, trained on a synthetic county: for trying out, not for decisions.",
)


def capacity_option(help: str, *, default: str | None = None) -> Option:  # noqa: A002  click's word
    """Make the option that says how many households can be visited: a whole number, or a share."""
    return click.option(
        "--capacity",
        default=default,
        show_default=default is not None,
        callback=checked_by(_checked_capacity),
        metavar="N",
        help=help,
    )


per_option = click.option(
    "--per",
    type=click.Choice(["county", "township", "village"]),
    help="Units that have these visits each; default: one list for all.",
)


def workers_option(text: str) -> Callable[[Any], Any]:
    """Return the option for the processes that work part by part, with what its help says."""
    return click.option(
        "--workers", type=click.IntRange(-1), metavar="N", callback=checked_by(_checked_workers), help=text
    )


def _checked_workers(option: str, value: int) -> int | None:
    return number_of_workers(value, name=option)


packed_workers_option = workers_option(
    "Read the partitions of a packed register in N processes (-1: one per core); default: in one."
)


def _checked_capacity(option: str, value: str) -> float:
    from fanpin_risk.watch.capacity import read_capacity

    return read_capacity(value, name=option)


def _encoding(_option: str, value: str) -> str:
    from fanpin_risk.records.read.text import check_encoding

    check_encoding(value)
    return value


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Keep how files are read where the reading of any command finds it."""
    context.meta[f"fanpin_risk.{parameter.name}"] = value


def file_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which files are read, and how."""
    for option in (
        click.option(
            "--columns",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            metavar="FILE",
            callback=_remember,
            expose_value=False,
            help="What your own headers, values and sheets mean: the csv that 'columns' writes, filled in; default: "
            "fanpin-columns.csv beside the files, if there is one.",
        ),
        click.option(
            "--queries",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            callback=_remember,
            expose_value=False,
            metavar="FILE",
            help="Of a database: a TOML file with a query or the name of a table for each record table; default: those with its name.",
        ),
        click.option(
            "--encoding",
            metavar="NAME",
            callback=checked_by(_encoding),
            help="Encoding of csv files; default: UTF-8, else GB18030.",
        ),
        click.option(
            "--hidden",
            is_flag=True,
            callback=_remember,
            expose_value=False,
            help="Read hidden sheets, rows and columns of workbooks too; default: they are reported and not read.",
        ),
        click.option(
            "--flat",
            is_flag=True,
            callback=_remember,
            expose_value=False,
            help="Do not read folders within the folder; default: they are read too, such as one for each township.",
        ),
    ):
        command = option(command)
    return command


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of every command that reads a register."""
    for option in (
        file_options,
        click.option(
            "--id-key",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            metavar="FILE",
            help="File with a secret; household and member ids are replaced by keyed hashes made with it.",
        ),
        click.option(
            "--known-lag-days",
            type=click.IntRange(0, 3660),
            callback=_remember,
            expose_value=False,
            metavar="N",
            help="Rows without 更新时间 count as known N days after the time that they are about; default: that of the model, else "
            "30 days, and none for monitoring and warnings.",
        ),
        click.option(
            "--data-date",
            multiple=True,
            callback=_data_date_option_value,
            metavar="[FILE=]DATE",
            help="Day of the export, for household and member sheets without 数据日期 or 年度; or its month or year, a year for "
            "incomes that nothing else dates, too. With FILE= that of one file, folder or pattern: a day, a month or a year "
            "(incomes.xls=2021), of incomes too; give it several times for several.",
        ),
    ):
        command = option(command)
    return command


def learning_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every command takes that learns from past days of a register."""
    for option in (reading_options, days_option, lines_option, register_argument):
        command = option(command)
    return command


def levelling_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what a command takes that holds a model against past days whose outcomes are known."""
    for option in (model_option, reading_options, known_days_option, lines_option, register_argument):
        command = option(command)
    return command


def scoring_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every command takes that applies a model to a day of a register."""
    for option in (model_option, reading_options, day_option, lines_option, register_argument):
        command = option(command)
    return command


def tracking_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what a command takes that applies a model to several days of a register, or to some of its own choice."""
    for option in (model_option, reading_options, some_days_option, lines_option, register_argument):
        command = option(command)
    return command


def planning_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what a command takes that plans from scores, or scores a day of a register first."""
    of_register = (
        click.option(
            "--model",
            type=ModelFolder(),
            metavar="FOLDER",
            help="Score first: a model saved by 'train', with SOURCE a register and --as-of its day. Not with scores.",
        ),
        click.option(
            "--as-of",
            callback=_day_option_value,
            metavar="DAY",
            help="With --model: the day (YYYY-MM-DD). Only what was recorded on or before it is used.",
        ),
    )
    for option in (*of_register, reading_options, lines_option):
        command = option(command)
    return command


earlier_day_option = click.option(
    "--before",
    callback=_day_option_value,
    metavar="DAY",
    help="An earlier day (YYYY-MM-DD): also tell who is new, rising, falling or gone since, and by which changed facts.",
)


def comparing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what a command takes that applies a model to two days of a register."""
    days = (
        click.option("--after", required=True, callback=_day_option_value, metavar="DAY", help="The later day (YYYY-MM-DD)."),
        click.option("--before", required=True, callback=_day_option_value, metavar="DAY", help="The earlier day (YYYY-MM-DD)."),
    )  # fmt: skip
    for option in (model_option, reading_options, *days, lines_option, register_argument):
        command = option(command)
    return command
