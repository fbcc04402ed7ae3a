"""The commands ledger add, events, state, verify and import: what was done for households. Lists of what is to be done: duties.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import fanpin_risk as fr
from fanpin_risk.cli.options import (
    DataDate,
    RegisterSource,
    day_option,
    lang_option,
    one_day_option,
    overwrite_option,
    quiet_option,
    reading_options,
)
from fanpin_risk.cli.reading import check_ending, read_checked
from fanpin_risk.cli.talking import Teller
from fanpin_risk.cli.usage import wrong_usage
from fanpin_risk.errors import InputError, RefusedEventsError
from fanpin_risk.words import Message

if TYPE_CHECKING:
    import pandas as pd

    from fanpin_risk.visits import Recorded

__all__ = [
    "check_table_target",
    "give_table",
    "known_option",
    "ledger",
    "ledger_argument",
    "tell_recorded",
    "writing_options",
]

REFUSED_TOLD = 10
FIRST_ROW = 2  # of a file: the header stands in row 1
EVENT_FILES = (".csv", ".parquet", ".xlsx")

ledger_argument = click.argument("place", metavar="LEDGER", type=RegisterSource())
household_option = click.option("--household", "household_id", metavar="ID", help="Household id.")
known_option = one_day_option(
    "--known-on", "Leave out what was recorded after this day (YYYY-MM-DD). Default: all that is on record today."
)


def writing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add where a table goes: a file, or the screen as JSON."""
    for option in (
        lang_option,
        quiet_option,
        overwrite_option,
        click.option("--json", "as_json", is_flag=True, help="Print the table as JSON instead."),
        click.option(
            "--out",
            type=click.Path(dir_okay=False, path_type=Path),
            help="File to write: .csv, .parquet or .xlsx.",
        ),
    ):
        command = option(command)
    return command


@click.group()
@lang_option
def ledger() -> None:
    """Record what was done for households, and ask where each stands and what is due.

    LEDGER is a file, or the address of a database of PostgreSQL. Events are only ever added; what was wrong is corrected by
    another event.
    """


@ledger.command("add")
@ledger_argument
@household_option
@click.option(
    "--event",
    metavar="CODE",
    help="What happened: found, verified, refuted, entered, supported, checked, eliminated, ...",
)
@one_day_option("--on", "The day on which it happened (YYYY-MM-DD).")
@click.option("--who", metavar="CODE", help="Who brought it about: a role or a code, no name.")
@one_day_option("--as-of", "Day of the list that led to it (YYYY-MM-DD).")
@click.option("--model", metavar="FINGERPRINT", help="Fingerprint of the model of that list.")
@click.option("--list", "list_id", metavar="ID", help="Which list led to it.")
@click.option("--visit", "visit_id", metavar="ID", help="Which visit it belongs to.")
@click.option("--supersedes", type=click.IntRange(1), metavar="N", help="Number of the event that this one corrects.")
@click.option(
    "--evidence",
    multiple=True,
    metavar="KEY=VALUE",
    help="What it rests on, such as reason=... or item=safe_water; give several for several.",
)
@click.option(
    "--file",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Instead of one event: a table of events (.csv, .parquet, .xlsx) with household_id, event, on and who; all or none are "
    "recorded.",
)
@click.option(
    "--problems",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="With --file: write every row that is refused, with its column and why, to this file (.csv, .parquet, .xlsx).",
)
@overwrite_option
@lang_option
@quiet_option
def record(
    place: Path | str,
    file: Path | None,
    problems: Path | None,
    overwrite: bool,
    evidence: tuple[str, ...],
    quiet: bool,
    **event: Any,
) -> None:
    """Record an event, or all events of a file, in LEDGER, which is made where it is not there.

    What is on record already is left as it is, so a file may be given again.
    """
    tell = Teller(quiet=quiet)
    given = {name: value for name, value in event.items() if value is not None}
    if file is not None:
        if given or evidence:
            raise wrong_usage(Message("give either --file or one event"))
        check_table_target(out=problems, overwrite=overwrite)
        table, rows = _read_events(file)
        with fr.Ledger(place) as opened, _refused_rows_told(file, problems, tell):
            new = opened.extend(table, rows=rows)
        tell(
            Message(
                "{rows:,} events in {file}: {new:,} recorded, {old:,} on record already",
                rows=len(table), file=file.name, new=new, old=len(table) - new,
            )
        )  # fmt: skip
        return
    if problems is not None:
        raise wrong_usage(Message("--problems goes with --file"))
    lacking = [f"--{name}" for name in ("household", "event", "on", "who") if _option_of(name) not in given]
    if lacking:
        raise wrong_usage(Message("give {options}, or --file", options=lacking))
    told: dict[str, Any] = dict(_key_and_value(text) for text in evidence)
    with fr.Ledger(place) as opened:
        number = opened.append(**given, **told)
    tell(Message("recorded as event {number}", number=number))


@ledger.command("events")
@ledger_argument
@click.option(
    "--household",
    "households",
    multiple=True,
    metavar="ID",
    help="Household id; give several for several. Default: all.",
)
@one_day_option("--until", "Leave out what happened after this day (YYYY-MM-DD).")
@known_option
@writing_options
def show_events(
    place: Path | str, households: tuple[str, ...], until: str | None, known_on: str | None, **how: Any
) -> None:
    """Write the events of LEDGER as they were recorded."""
    check_table_target(**how)
    with fr.Ledger(place, create=False) as opened:
        table = opened.events(households=list(households) or None, until=until, known_on=known_on)
    give_table(table, Message("{rows:,} events", rows=len(table)), **how)


@ledger.command("state")
@ledger_argument
@day_option
@known_option
@writing_options
def show_states(place: Path | str, as_of: str, known_on: str | None, **how: Any) -> None:
    """Say where the households of LEDGER stand on a day, and since when."""
    from fanpin_risk.ledger import STATE_WORDS

    check_table_target(**how)
    with fr.Ledger(place, create=False) as opened:
        table = opened.state(as_of, known_on=known_on)
    tell = Teller(quiet=how["quiet"])
    counts = table["state"].value_counts()
    for state, word in STATE_WORDS.items():
        if state in counts:
            tell(Message("  {state}: {count:,}", state=word, count=int(counts[state])))
    give_table(table, Message("{rows:,} households", rows=len(table)), **how)


@ledger.command("verify")
@ledger_argument
@click.option(
    "--head", metavar="HEAD", help="What this command printed before: events that were cut off since are found, too."
)
@lang_option
@quiet_option
def verify_events(place: Path | str, head: str | None, quiet: bool) -> None:
    """Check every event of LEDGER against the chain, and print its head, to be noted where nobody changes it."""
    with fr.Ledger(place, create=False) as opened:
        found = opened.verify(head=head)
    Teller(quiet=quiet)(Message("every event is as it was recorded; note the head:"))
    click.echo(found)


@ledger.command("import")
@ledger_argument
@click.argument("register", metavar="REGISTER", type=RegisterSource())
@day_option
@reading_options
@lang_option
@quiet_option
def import_history(
    place: Path | str,
    register: Path | str,
    as_of: str,
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    quiet: bool,
) -> None:
    """Take over into LEDGER who is and was monitored by REGISTER; households that it knows already are left as they are."""
    tell = Teller(quiet=quiet)
    read = read_checked(register, tell, data_date=data_date, id_key=id_key, encoding=encoding, days=(as_of,))
    with fr.Ledger(place) as opened:
        new = opened.import_register(read, as_of)
    tell(Message("{new:,} events recorded", new=new))


@contextmanager
def _refused_rows_told(file: Path, problems: Path | None, tell: Teller) -> Iterator[None]:
    """Write the rows that are refused to a file, also where there are none, and say the first of them."""
    import pandas as pd

    from fanpin_risk.files import write_table

    def write(rows: list[dict[str, Any]]) -> None:
        if problems is not None:
            write_table(pd.DataFrame(rows, columns=["file", "row", "column", "problem"]), problems, kind="ledger")

    try:
        yield
    except RefusedEventsError as error:
        found = error.refused[["row", "column", "problem"]].to_dict("records")
        write([{"file": file.name, **one, "problem": str(one["problem"])} for one in found])
        for one in found[1:REFUSED_TOLD]:  # the first stands in the error
            tell(
                Message(
                    "    row {row}, column {column}: {why}", row=one["row"], column=one["column"], why=one["problem"]
                )
            )
        if len(found) > REFUSED_TOLD:
            tell(Message("    {count:,} more; --problems writes all of them", count=len(found) - REFUSED_TOLD))
        raise InputError("{file}: {text}", file=file.name, text=error.message) from None
    write([])


def _option_of(name: str) -> str:
    return "household_id" if name == "household" else name


def _key_and_value(text: str) -> tuple[str, str]:
    from fanpin_risk.ledger.given import GIVEN_COLUMNS

    key, equals, value = text.partition("=")
    if not equals or not key.strip() or key.strip() in GIVEN_COLUMNS:
        raise wrong_usage(Message("--evidence: expected KEY=VALUE, such as {example}", example="item=safe_water"))
    return key.strip(), value.strip()


def _read_events(file: Path) -> tuple[pd.DataFrame, list[int]]:
    """Read a table of events, and the numbers of its rows; texts stay texts, and the numbers of events become numbers."""
    import pandas as pd

    readers: dict[str, Callable[[], pd.DataFrame]] = {
        ".csv": lambda: pd.read_csv(file, dtype="str", encoding="utf-8-sig", skip_blank_lines=False),
        ".parquet": lambda: pd.read_parquet(file),
        ".xlsx": lambda: pd.read_excel(file, dtype="str", engine="calamine"),
    }
    ending = file.suffix.lower()
    if ending not in readers:
        raise wrong_usage(
            Message("{file}: expected a file that ends in {endings}", file=file.name, endings=list(EVENT_FILES))
        )
    try:
        table = readers[ending]()
    except (OSError, ValueError) as error:  # what they say may hold a value
        raise InputError("{file}: cannot be read as a table of events", file=file.name) from error
    table = table.reset_index(drop=True).dropna(how="all")
    rows = (table.index + (1 if ending == ".parquet" else FIRST_ROW)).tolist()
    for name in ("seq", "supersedes"):
        if name in table.columns:
            numbers = pd.to_numeric(table[name], errors="coerce")
            table[name] = numbers.astype(object).where(numbers.notna() | table[name].isna(), table[name])
    return table, rows


def check_table_target(*, out: Path | None, overwrite: bool, **_how: Any) -> None:
    """Refuse a file that cannot be written, before anything is done."""
    from fanpin_risk.files import check_target

    if out is not None:
        check_ending(out)
        check_target(out, "ledger", overwrite=overwrite)


def give_table(
    table: pd.DataFrame, counted: Message, *, out: Path | None, as_json: bool, quiet: bool, **_how: Any
) -> None:
    """Write a table, or print it as JSON, and say how much there was."""
    from fanpin_risk.files import write_table

    if out is not None:
        write_table(table, out, kind="ledger")
    if as_json:
        click.echo(table.to_json(orient="records", force_ascii=False, date_format="iso"))
    tell = Teller(quiet=quiet)
    tell(counted if out is None else Message("{what} -> {out}", what=counted, out=out))


def tell_recorded(recorded: Recorded, tell: Teller) -> None:
    """Say how many events were recorded, and which were not and why."""
    tell(
        Message(
            "ledger: {new:,} events recorded, {old:,} on record already, {count:,} refused",
            new=recorded.new, old=recorded.known, count=len(recorded.refused),
        )
    )  # fmt: skip
    for problem in recorded.refused["problem"].head(REFUSED_TOLD):
        tell(Message("    {text}", text=problem))
    if len(recorded.refused) > REFUSED_TOLD:
        tell(Message("    and {count:,} more", count=len(recorded.refused) - REFUSED_TOLD))
