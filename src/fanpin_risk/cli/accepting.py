"""The command visits accept: corrections that a clerk decided on, into a register written anew."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

import fanpin_risk as fr
from fanpin_risk.cli.ledgers import tell_recorded
from fanpin_risk.cli.options import (
    DataDate,
    RegisterSource,
    lang_option,
    quiet_option,
    reading_options,
    register_argument,
)
from fanpin_risk.cli.reading import check_ending, read_checked
from fanpin_risk.cli.talking import Teller
from fanpin_risk.errors import InputError
from fanpin_risk.words import LANGUAGES, Language, Message

__all__ = ["accept"]

REFUSALS_TOLD = 20


@click.command()
@register_argument
@click.argument("corrections_file", metavar="CORRECTIONS", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@reading_options
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="New folder to write the register to; the old one is never written over.",
)
@click.option(
    "--on",
    metavar="DAY",
    help="The day of acceptance (YYYY-MM-DD), from which what is taken counts as known; default: today.",
)
@click.option("--all", "take_undecided", is_flag=True, help="Also take the lines on which nothing was decided.")
@click.option(
    "--problems",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="File to write every line that is refused, with its row and the reason: .csv, .parquet or .xlsx.",
)
@click.option(
    "--ledger",
    "ledger_place",
    type=RegisterSource(),
    metavar="LEDGER",
    help="Also note in this ledger, a file or the address of a database, what was taken of each household.",
)
@click.option(
    "--who",
    default="clerk",
    show_default=True,
    metavar="CODE",
    help="Who accepts, for the ledger: a role or a code, no name.",
)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["csv", "xlsx", "parquet"]),
    default="parquet",
    show_default=True,
    help="Kind of files.",
)
@click.option(
    "--headers",
    type=click.Choice(LANGUAGES),
    default="zh",
    show_default=True,
    help="Chinese or English headers and codes.",
)
@lang_option
@quiet_option
def accept(
    register: Path | str,
    corrections_file: Path,
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    out: Path,
    on: str | None,
    take_undecided: bool,
    problems: Path | None,
    ledger_place: Path | str | None,
    who: str,
    file_format: Literal["csv", "xlsx", "parquet"],
    headers: Language,
    quiet: bool,
) -> None:
    """Take the lines of CORRECTIONS that a clerk accepted into REGISTER, and write it anew.

    CORRECTIONS is what 'visits read --corrections' wrote, with accept or reject in the column decision. What is taken counts from
    the day of acceptance on; scores of earlier days stay as they were. Lines that are wrong, or that the register does not bear
    out any more, are refused one by one.
    """
    from fanpin_risk.batch.layout import is_packed
    from fanpin_risk.files import check_target, write_table
    from fanpin_risk.ledger import checked_who
    from fanpin_risk.visits.corrections_file import read_corrections

    check_target(out, "synthetic register")
    if problems is not None:
        check_ending(problems)
        check_target(problems, "visit results")
    if is_packed(register):
        raise InputError(
            "{register} is a packed register; corrections go into the files of a county: give their folder",
            register=Path(register).name,
        )
    if isinstance(register, Path) and register.is_dir() and out.resolve().is_relative_to(register.resolve()):
        raise InputError(
            "{out} lies within the register; it would be read as a part of it: choose another folder", out=out
        )
    checked_who(who)
    tell = Teller(quiet=quiet)
    lines = read_corrections(corrections_file)
    read = read_checked(register, tell, data_date=data_date, id_key=id_key, encoding=encoding)
    with tell.progress(Message("taking corrections")):
        accepted = fr.accept_corrections(read, lines, on=on, take_undecided=take_undecided)
    counts = accepted.counts
    tell(
        Message(
            "{count:,} lines = {taken:,} taken + {known:,} on record already + {rejected:,} rejected + {undecided:,} undecided + "
            "{refused:,} refused",
            count=len(lines), taken=counts["taken"], known=counts["known"], rejected=counts["rejected"],
            undecided=counts["undecided"], refused=counts["refused"],
        )
    )  # fmt: skip
    if counts["undecided"] and not counts["taken"]:
        tell(Message("    fill in the column decision with accept or reject; --all takes all that is undecided"))
    wrong = accepted.refused
    said = [
        Message("row {row}: {problem}", row=row, problem=problem)
        for row, problem in zip(wrong["row"], wrong["problem"], strict=True)
    ]
    for one in said[:REFUSALS_TOLD]:
        tell(Message("    {text}", text=one))
    if len(said) > REFUSALS_TOLD:
        tell(Message("    {count:,} more; --problems writes all of them", count=len(said) - REFUSALS_TOLD))
    if ledger_place is None:
        _write_register(accepted.register, out, file_format, headers)
    else:
        with fr.Ledger(ledger_place) as ledger:
            _write_register(accepted.register, out, file_format, headers)
            tell_recorded(fr.record_accepted(ledger, accepted, who=who), tell)
    if problems is not None:
        texts = [str(problem) for problem in wrong["problem"]]
        write_table(wrong.drop(columns="problem").assign(text=texts), problems, kind="visit results")
    tell(
        Message(
            "{count:,} rows known from {day} on; register written to {out}", count=sum(accepted.rows_added.values()),
            day=str(accepted.on.date()), out=out,
        )
    )  # fmt: skip


def _write_register(
    register: fr.Register, out: Path, file_format: Literal["csv", "xlsx", "parquet"], headers: Language
) -> None:
    register.to_folder(out, format=file_format, headers=headers)
