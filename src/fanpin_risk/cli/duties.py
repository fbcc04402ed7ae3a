"""The commands ledger due, items and exits: what is to be done for households, item by item, and whose monitoring may end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import fanpin_risk as fr
from fanpin_risk.cli.ledgers import (
    check_table_target,
    give_table,
    known_option,
    ledger,
    ledger_argument,
    writing_options,
)
from fanpin_risk.cli.options import (
    DataDate,
    ModelFolder,
    RegisterSource,
    day_option,
    lines_option,
    policy_option,
    reading_options,
)
from fanpin_risk.cli.reading import own_lines, own_policy, read_checked
from fanpin_risk.cli.scoring import load, tell_lacking, tell_model
from fanpin_risk.cli.talking import Teller
from fanpin_risk.errors import InputError
from fanpin_risk.words import Message

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ledger"]

FIRST_DUE = 10

needed_register_option = click.option(
    "--register",
    "register",
    required=True,
    type=RegisterSource(),
    metavar="REGISTER",
    help="The register: files, a folder, an archive, or the address of a database.",
)


def choosing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add which rows of a list are given."""
    for option in (
        click.option(
            "--owner", "owners", multiple=True, metavar="CODE", help="Only what this person or office has to do."
        ),
        click.option(
            "--area",
            "areas",
            multiple=True,
            metavar="CODE",
            help="Only households of this place: the beginning of its division code.",
        ),
    ):
        command = option(command)
    return command


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
@click.option(
    "--by",
    "by",
    multiple=True,
    type=click.Choice(["county", "township", "village", "owner"]),
    help="Count instead, by place or by who is responsible; give several for both.",
)
@choosing_options
@known_option
@reading_options
@writing_options
def show_due(
    place: Path | str,
    as_of: str,
    register: Path | str | None,
    policy_file: Path | None,
    within: int | None,
    by: tuple[Any, ...],
    areas: tuple[str, ...],
    owners: tuple[str, ...],
    known_on: str | None,
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    **how: Any,
) -> None:
    """List what is due for the households of LEDGER on a day: by whom, until when, how long overdue; the longest first."""
    from fanpin_risk.ledger import DUE_WORDS, due_counts
    from fanpin_risk.records.ids import mask_id

    check_table_target(**how)
    tell = Teller(quiet=how["quiet"])
    policy = own_policy(policy_file)
    with fr.Ledger(place, create=False) as opened:
        read = None
        if register is not None:
            read = read_checked(register, tell, data_date=data_date, id_key=id_key, encoding=encoding, days=(as_of,))
        table = opened.due(as_of, register=read, policy=policy, within=within, known_on=known_on)
    table = _rows_asked_for(table, areas, owners, who="responsible")
    overdue = table[table["days_overdue"].fillna(0) > 0]
    for code, word in DUE_WORDS.items():
        if (table["due"] == code).any():
            tell(
                Message(
                    "  {due}: {count:,}, overdue {overdue:,}",
                    due=word, count=int((table["due"] == code).sum()), overdue=int((overdue["due"] == code).sum()),
                )
            )  # fmt: skip
    without = int(table["note"].fillna("").str.contains("since_unknown").sum())
    if without:
        tell(
            Message("  without a deadline, since the day from which it runs is not on record: {count:,}", count=without)
        )
    if by:
        give_table(due_counts(table, by=by), Message("{rows:,} things due", rows=len(table)), **how)
        return
    for row in overdue.head(FIRST_DUE).itertuples():
        tell(
            Message(
                "  {household}: {due}, until {deadline}, {days:,} days overdue",
                household=mask_id(row.household_id), due=DUE_WORDS[str(row.due)], deadline=f"{row.deadline:%Y-%m-%d}",
                days=int(str(row.days_overdue)),
            )
        )  # fmt: skip
    give_table(table, Message("{rows:,} things due", rows=len(table)), **how)


@ledger.command("items")
@ledger_argument
@needed_register_option
@day_option
@lines_option
@policy_option
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(["nobody", "open", "overdue", "cleared_but_fails", "given_but_open", "cleared"]),
    help="Only items that stand so; give several for several.",
)
@choosing_options
@known_option
@reading_options
@writing_options
def show_items(
    place: Path | str,
    register: Path | str,
    as_of: str,
    lines_file: Path | None,
    policy_file: Path | None,
    statuses: tuple[str, ...],
    areas: tuple[str, ...],
    owners: tuple[str, ...],
    known_on: str | None,
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    **how: Any,
) -> None:
    """List the guarantees that are not given by REGISTER, item by item: who has it, until when, what was done, whether it is given now.

    Items that were opened in LEDGER stay on the list when they are cleared; what was reported as cleared and is not so by the
    records is named.
    """
    from fanpin_risk.ledger import ITEM_STATUSES
    from fanpin_risk.policy import SIEVE

    check_table_target(**how)
    _refuse_packed(register)
    tell = Teller(quiet=how["quiet"])
    lines, policy = own_lines(lines_file), own_policy(policy_file)
    with fr.Ledger(place, create=False) as opened:
        read = read_checked(register, tell, data_date=data_date, id_key=id_key, encoding=encoding, days=(as_of,))
        answers = fr.screen(read, as_of, lines=lines, policy=policy)
        table = opened.items(answers, as_of, register=read, known_on=known_on)
    table = _rows_asked_for(table, areas, owners, who="owner")
    if statuses:
        table = table[table["status"].isin(statuses)].reset_index(drop=True)
    for status, word in ITEM_STATUSES.items():
        if (table["status"] == status).any():
            tell(Message("  {status}: {count:,}", status=word, count=int((table["status"] == status).sum())))
    labels = {rule.code: rule.label for rule in SIEVE}
    for item, own in table.groupby("item", sort=False):
        left = own["status"].isin(("nobody", "open", "overdue", "cleared_but_fails"))
        tell(
            Message(
                "  {item}: {count:,}, to be done {left:,}, overdue {overdue:,}",
                item=labels.get(str(item), str(item)), count=len(own), left=int(left.sum()),
                overdue=int((own["status"] == "overdue").sum()),
            )
        )  # fmt: skip
    give_table(table, Message("{rows:,} items", rows=len(table)), **how)


@ledger.command("exits")
@ledger_argument
@needed_register_option
@day_option
@lines_option
@policy_option
@click.option(
    "--model",
    type=ModelFolder(),
    metavar="FOLDER",
    help="Also give the risk by this model, as things are and without support that ends; best one of the event not_eliminated, such as "
    "'demo-monitored', which ships for trying out.",
)
@reading_options
@writing_options
def show_exits(
    place: Path | str,
    register: Path | str,
    as_of: str,
    lines_file: Path | None,
    policy_file: Path | None,
    model: str | None,
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    **how: Any,
) -> None:
    """Ask of every monitored household of REGISTER whether its monitoring may end: each condition met, not met or not known.

    What LEDGER knows by the day counts: measures, the day of recognition, what visits saw. Nothing is decided by it.
    """
    from fanpin_risk.ledger import EXIT_CONDITIONS, EXIT_SUGGESTIONS

    check_table_target(**how)
    _refuse_packed(register)
    tell = Teller(quiet=how["quiet"])
    lines, policy = own_lines(lines_file), own_policy(policy_file)
    loaded = None if model is None else load(model, lines=lines)
    if loaded is not None:
        tell_model(loaded, as_of, tell)
    with fr.Ledger(place, create=False) as opened:
        read = read_checked(
            register, tell, data_date=data_date, id_key=id_key, encoding=encoding, days=(as_of,), model=loaded
        )
        if loaded is not None:
            tell_lacking(loaded, read)
        table = fr.exit_assessment(read, as_of, ledger=opened, lines=lines, policy=policy, model=loaded)
    for code, word in EXIT_SUGGESTIONS.items():
        tell(Message("  {suggestion}: {count:,}", suggestion=word, count=int((table["suggestion"] == code).sum())))
    for code, word in EXIT_CONDITIONS.items():
        no, unknown = (int((table[code] == answer).sum()) for answer in ("no", "unknown"))
        if no or unknown:
            tell(
                Message(
                    "  open: {condition}: not met {no:,}, not known {unknown:,}", condition=word, no=no, unknown=unknown
                )
            )
    if loaded is not None:
        tell(
            Message(
                "  risk without support that ends is higher for {count:,} of {all:,} households",
                count=int((table["risk_without_support"] > table["risk"]).sum()), all=int(table["risk"].notna().sum()),
            )
        )  # fmt: skip
    give_table(table, Message("{rows:,} monitored households", rows=len(table)), **how)


def _rows_asked_for(table: pd.DataFrame, areas: tuple[str, ...], owners: tuple[str, ...], *, who: str) -> pd.DataFrame:
    """Keep the rows of some places and of some persons."""
    if areas:
        table = table[table["area_code"].fillna("").str.startswith(areas)]
    if owners:
        table = table[table[who].isin(owners)]
    return table.reset_index(drop=True)


def _refuse_packed(register: Path | str) -> None:
    from fanpin_risk.batch.layout import is_packed

    if is_packed(register):
        raise InputError(
            "{register} is a packed register; it is held against a ledger in the files of its county: give their folder",
            register=Path(register).name,
        )
