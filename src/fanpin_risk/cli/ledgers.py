"""The commands ledger add, events, state, due, verify and import: what was done for households."""

from __future__ import annotations

from collections.abc import Callable
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
    policy_option,
    quiet_option,
    reading_options,
)
from fanpin_risk.cli.reading import check_ending, own_policy, read_checked
from fanpin_risk.cli.talking import Teller
from fanpin_risk.cli.usage import wrong_usage
from fanpin_risk.errors import InputError
from fanpin_risk.words import Message

if TYPE_CHECKING:
    import pandas as pd

    from fanpin_risk.visits import Recorded

__all__ = ["ledger", "tell_recorded"]

FIRST_DUE = 10
REFUSED_TOLD = 10
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
@lang_option
@quiet_option
def add_events(place: Path | str, file: Path | None, evidence: tuple[str, ...], quiet: bool, **event: Any) -> None:
    """Record an event, or all events of a file, in LEDGER, which is made where it is not there.

    What is on record already is left as it is, so a file may be given again.
    """
    tell = Teller(quiet=quiet)
    given = {name: value for name, value in event.items() if value is not None}
    if file is not None:
        if given or evidence:
            raise wrong_usage(Message("give either --file or one event"))
        table = _read_events(file)
        with fr.Ledger(place) as opened:
            new = opened.extend(table)
        tell(
            Message(
                "{rows:,} events in {file}: {new:,} recorded, {old:,} on record already",
                rows=len(table), file=file.name, new=new, old=len(table) - new,
            )
        )  # fmt: skip
        return
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
    _check_target(**how)
    with fr.Ledger(place, create=False) as opened:
        table = opened.events(households=list(households) or None, until=until, known_on=known_on)
    _give(table, Message("{rows:,} events", rows=len(table)), **how)


@ledger.command("state")
@ledger_argument
@day_option
@known_option
@writing_options
def show_states(place: Path | str, as_of: str, known_on: str | None, **how: Any) -> None:
    """Say where the households of LEDGER stand on a day, and since when."""
    from fanpin_risk.ledger import STATE_WORDS

    _check_target(**how)
    with fr.Ledger(place, create=False) as opened:
        table = opened.state(as_of, known_on=known_on)
    tell = Teller(quiet=how["quiet"])
    counts = table["state"].value_counts()
    for state, word in STATE_WORDS.items():
        if state in counts:
            tell(Message("  {state}: {count:,}", state=word, count=int(counts[state])))
    _give(table, Message("{rows:,} households", rows=len(table)), **how)


@ledger.command("due")
@ledger_argument
@day_option
@click.option(
    "--register",
    "register",
    type=RegisterSource(),
    metavar="REGISTER",
    help="The register, for where households are and who is able to work. Default: what the evidence says.",
)
@policy_option
@click.option(
    "--within",
    type=click.IntRange(0, 3660),
    metavar="N",
    help="Also what is due in the next N days. Default: as the policy says.",
)
@known_option
@reading_options
@writing_options
def show_due(
    place: Path | str,
    as_of: str,
    register: Path | str | None,
    policy_file: Path | None,
    within: int | None,
    known_on: str | None,
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    **how: Any,
) -> None:
    """List what is due for the households of LEDGER on a day: by whom, until when, how long overdue; the longest first."""
    from fanpin_risk.ledger import DUE_WORDS
    from fanpin_risk.records.ids import mask_id

    _check_target(**how)
    tell = Teller(quiet=how["quiet"])
    policy = own_policy(policy_file)
    with fr.Ledger(place, create=False) as opened:
        read = None
        if register is not None:
            read = read_checked(register, tell, data_date=data_date, id_key=id_key, encoding=encoding, days=(as_of,))
        table = opened.due(as_of, register=read, policy=policy, within=within, known_on=known_on)
    overdue = table[table["days_overdue"].fillna(0) > 0]
    for code, word in DUE_WORDS.items():
        if (table["due"] == code).any():
            tell(
                Message(
                    "  {due}: {count:,}, overdue {overdue:,}",
                    due=word, count=int((table["due"] == code).sum()), overdue=int((overdue["due"] == code).sum()),
                )
            )  # fmt: skip
    for row in overdue.head(FIRST_DUE).itertuples():
        tell(
            Message(
                "  {household}: {due}, until {deadline}, {days:,} days overdue",
                household=mask_id(row.household_id), due=DUE_WORDS[str(row.due)], deadline=f"{row.deadline:%Y-%m-%d}",
                days=int(str(row.days_overdue)),
            )
        )  # fmt: skip
    _give(table, Message("{rows:,} things due", rows=len(table)), **how)


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


def _option_of(name: str) -> str:
    return "household_id" if name == "household" else name


def _key_and_value(text: str) -> tuple[str, str]:
    from fanpin_risk.ledger.given import GIVEN_COLUMNS

    key, equals, value = text.partition("=")
    if not equals or not key.strip() or key.strip() in GIVEN_COLUMNS:
        raise wrong_usage(Message("--evidence: expected KEY=VALUE, such as {example}", example="item=safe_water"))
    return key.strip(), value.strip()


def _read_events(file: Path) -> pd.DataFrame:
    """Read a table of events; texts stay texts, and the numbers of corrected events become numbers."""
    import pandas as pd

    readers: dict[str, Callable[[], pd.DataFrame]] = {
        ".csv": lambda: pd.read_csv(file, dtype="str", encoding="utf-8-sig"),
        ".parquet": lambda: pd.read_parquet(file),
        ".xlsx": lambda: pd.read_excel(file, dtype="str", engine="calamine"),
    }
    if file.suffix.lower() not in readers:
        raise wrong_usage(
            Message("{file}: expected a file that ends in {endings}", file=file.name, endings=list(EVENT_FILES))
        )
    try:
        table = readers[file.suffix.lower()]()
    except (OSError, ValueError) as error:  # what they say may hold a value
        raise InputError("{file}: cannot be read as a table of events", file=file.name) from error
    if "supersedes" in table.columns:
        table["supersedes"] = pd.to_numeric(table["supersedes"], errors="coerce").where(table["supersedes"].notna())
    return table


def _check_target(*, out: Path | None, overwrite: bool, **_how: Any) -> None:
    from fanpin_risk.files import check_target

    if out is not None:
        check_ending(out)
        check_target(out, "ledger", overwrite=overwrite)


def _give(table: pd.DataFrame, counted: Message, *, out: Path | None, as_json: bool, quiet: bool, **_how: Any) -> None:
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
