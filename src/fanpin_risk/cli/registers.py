"""Commands about registers: synth, check, features."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

import fanpin_risk as fr
from fanpin_risk.cli.exits import EXIT_REJECTED
from fanpin_risk.cli.options import (
    DataDate,
    checked_day_option,
    day_option,
    lang_option,
    lines_option,
    overwrite_option,
    policy_option,
    quiet_option,
    reading_options,
    register_argument,
)
from fanpin_risk.cli.reading import check_ending, lacks_incomes, own_lines, own_policy, read_checked, write_problem_list
from fanpin_risk.cli.scoring import load
from fanpin_risk.cli.talking import Teller
from fanpin_risk.errors import NotEnoughDataError
from fanpin_risk.words import LANGUAGES, Language, Message, current_language, listed

if TYPE_CHECKING:
    import pandas as pd

    from fanpin_risk.records.register import Register

__all__ = ["check", "features", "synth"]

TableFormat = Literal["csv", "xlsx", "parquet"]
MissingnessName = Literal["none", "reported"]

# What says which days the rows of a file are about.
ORIGIN_NAMES = {
    "data_date": Message("--data-date"),
    "option": Message("--data-date for this file"),
    "header": Message("headers that name a year"),
    "title": Message("its title"),
    "sheet": Message("the name of the sheet"),
    "file": Message("the name of the file"),
    "folder": Message("the name of the folder"),
}
DATED_FILES = 20  # shown for each table
NAMED_EACH = ("unreadable_file", "unknown_sheet", "hidden_sheet")  # problems of which every file is named
SEVERITY_NAMES = {
    "rejected": Message("rejected"),
    "blanked": Message("blanked"),
    "warning": Message("warning"),
}


@click.command()
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--households", type=click.IntRange(1, 2_000_000), default=1000, show_default=True, help="Number of households."
)
@click.option(
    "--years", type=click.IntRange(2, 8), default=5, show_default=True, help="Years of records, up to the end of 2024."
)
@click.option(
    "--mean-size",
    type=click.FloatRange(1.8, 3.9),
    default=2.09,
    show_default=True,
    help="Mean number of members (Tieling 2.09; the national register of 2014 3.04).",
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed gives the same register."
)
@click.option(
    "--missingness",
    type=click.Choice(["none", "reported"]),
    default="none",
    show_default=True,
    help="'reported' drops fields at the rates found in a real county.",
)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["csv", "xlsx", "parquet"]),
    default="csv",
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
@click.option(
    "--encoding",
    type=click.Choice(["utf-8-sig", "gb18030", "utf-8"]),
    default="utf-8-sig",
    show_default=True,
    help="Encoding of csv files.",
)
@click.option("--title-rows", is_flag=True, help="A title and a note above the header, as in office exports.")
@click.option("--units", is_flag=True, help="Units in brackets behind the headers, as in 金额（元）.")
@click.option("--wide-incomes", is_flag=True, help="One row per household and year, one column per income item.")
@click.option("--total-row", is_flag=True, help="A 合计 row at the end of each sheet.")
@overwrite_option
@lang_option
@quiet_option
def synth(
    out: Path,
    households: int,
    years: int,
    mean_size: float,
    seed: int,
    missingness: MissingnessName,
    file_format: TableFormat,
    headers: Language,
    encoding: str,
    title_rows: bool,
    units: bool,
    wide_incomes: bool,
    total_row: bool,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Write a synthetic register to the folder OUT, in any layout that offices use.

    It follows a documented process with shocks, support and monitoring decisions; no person in it exists.
    """
    from fanpin_risk.files import check_target

    check_target(out, "synthetic register", overwrite=overwrite)
    tell = Teller(quiet=quiet)
    with tell.progress(Message("making a synthetic register")) as progress:
        register = fr.make_register(
            households, seed, years=years, mean_size=mean_size, missingness=missingness, progress=progress
        )
    register.to_folder(
        out,
        format=file_format,
        headers=headers,
        encoding=encoding,
        title_rows=title_rows,
        units=units,
        wide_incomes=wide_incomes,
        total_row=total_row,
        overwrite=overwrite,
    )
    tell(Message("written to {out}", out=out))


@click.command()
@register_argument
@reading_options
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for problems.csv, coverage.csv and the rejected rows, each with its reason, to mend and import again.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 if any row or file was rejected.")
@checked_day_option
@policy_option
@lines_option
@click.option(
    "--json",
    "in_json",
    is_flag=True,
    help="Print the counts as JSON, for a program; no value and no whole id of anybody.",
)
@overwrite_option
@lang_option
def check(
    register: Path | str,
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    out: Path | None,
    strict: bool,
    as_of: str | None,
    policy_file: Path | None,
    lines_file: Path | None,
    in_json: bool,
    overwrite: bool,
) -> None:
    """Say what is wrong and what is missing in REGISTER; nothing is changed.

    All problems are found in one go, with table, row number and column, and what was expected, also where files cannot
    be read or no household is found. Headers that are not declared are named with the declared ones nearest to them.
    Values of persons are never shown. Records that contradict each other, within a household and between tables, are counted
    by rule, the impossible ones first.

    Of a packed register it says what packing found and, part by part, what is filled and what contradicts; which days the rows of
    each file are about can be said of the files alone.
    """
    from fanpin_risk.batch.layout import is_packed
    from fanpin_risk.cli.checking import (
        as_json,
        checked_in_parts,
        counted_contradictions,
        day_to_check,
        show_contradictions,
    )
    from fanpin_risk.files import check_target, new_folder

    if out is not None:
        check_target(out, "check", overwrite=overwrite)
    lines, policy = own_lines(lines_file), own_policy(policy_file)
    tell = Teller()
    checked: Register
    if is_packed(register):
        checked, counts = checked_in_parts(
            Path(register), as_of, tell, lines=lines, policy=policy, given=(data_date, id_key, encoding)
        )
        day = day_to_check(checked, as_of)
    else:
        checked = read_checked(register, tell, data_date=data_date, id_key=id_key, encoding=encoding, enough=False)
        day = day_to_check(checked, as_of)
        counts = counted_contradictions(checked, day, lines=lines, policy=policy)
    if in_json:
        click.echo(as_json(checked, counts, day, policy=policy), nl=False)
    else:
        _show_check(checked, dated=not is_packed(register))
        show_contradictions(counts, day, policy=policy)
    if out is not None:
        with new_folder(out, "check", overwrite=overwrite) as folder:
            write_problem_list(checked, folder)
        tell(Message("details written to {out}", out=out))
    if not checked.counts.loc["households", "rows_kept"]:
        raise NotEnoughDataError("no household can be used; mend what is listed above and check again")
    if lacks_incomes(checked):
        raise NotEnoughDataError("most rows of incomes cannot be used; mend what is listed above and check again")
    if strict and len(checked.rejects):
        sys.exit(EXIT_REJECTED)


@click.command()
@register_argument
@lines_option
@day_option
@reading_options
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="File to write: .csv, .parquet or .xlsx; of a packed register also a folder, with one parquet file for each part.",
)
@click.option(
    "--model",
    metavar="FOLDER",
    help="Model whose references of the areas to use; default: those of this register on the day.",
)
@overwrite_option
@lang_option
@quiet_option
def features(
    register: Path | str,
    lines_file: Path | None,
    as_of: str,
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    out: Path,
    model: str | None,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Compute the features of every household of REGISTER on a day.

    One row per household, one column per feature, empty where it is not known. What each means, its unit and its
    source: fanpin_risk.describe_features() in Python.

    A packed register is gone through part by part, twice where no model tells what its areas are like. Into a folder no more than
    one part is in memory; into a file the whole table is.
    """
    from fanpin_risk.batch.layout import is_packed
    from fanpin_risk.files import FORMATS, check_target, write_table

    in_parts = is_packed(register) and out.suffix.lower() not in FORMATS
    if not in_parts:
        check_ending(out)
    check_target(out, "feature parts" if in_parts else "features", overwrite=overwrite)
    tell = Teller(quiet=quiet)
    lines = own_lines(lines_file)
    loaded = None if model is None else load(model)
    if is_packed(register):
        from fanpin_risk.cli.packed import features_of_packed

        features_of_packed(
            Path(register), as_of, out, tell, lines=lines, model=loaded, given=(data_date, id_key, encoding),
            overwrite=overwrite,
        )  # fmt: skip
        return
    read = read_checked(register, tell, data_date=data_date, id_key=id_key, encoding=encoding, days=(as_of,))
    references = fr.make_references(read, as_of, lines=lines) if loaded is None else loaded.references_
    with tell.progress(Message("computing features")) as progress:
        table = fr.compute_features(read, as_of, references=references, lines=lines, progress=progress)
    write_table(table.reset_index(), out, kind="features")
    tell(
        Message(
            "{households:,} households x {features} features -> {out}",
            households=len(table),
            features=table.shape[1],
            out=out,
        )
    )


def _is_whole_file(problems: pd.DataFrame) -> bool:
    """Tell whether problems are about files that were left out, or a register without households: these come first."""
    return problems["severity"].iloc[0] == "rejected" and bool(problems["row"].isna().iloc[0])


def _show_dates(register: Register) -> None:
    """Say what said which days the rows of each file are about; files with a column for it are counted only."""
    from fanpin_risk.records.schema import TABLES

    origins = register.date_origins
    if not len(origins):
        return
    click.echo()
    click.echo(str(Message("what says which days the rows are about")))
    in_words = {name: Message(name, zh=table.zh) for name, table in TABLES.items()}
    own = origins[origins["origin"] == "column"]
    if len(own):
        counted = [
            Message("{table} ({rows:,} rows)", table=in_words[str(name)], rows=int(rows))
            for name, rows in own.groupby("table", sort=False)["rows"].sum().items()
        ]
        click.echo(str(Message("  a column of the file: {tables}", tables=listed(counted))))
    others = origins[origins["origin"] != "column"]
    for name, files in others.groupby("table", sort=False):
        for row in files.head(DATED_FILES).itertuples():
            text = Message(
                "  {origin}: {table}, {rows:,} rows of {source}, {first} to {last}", table=in_words[str(name)],
                origin=ORIGIN_NAMES[str(row.origin)], rows=row.rows, source=row.source, first=str(row.first)[:10],
                last=str(row.last)[:10],
            )  # fmt: skip
            click.echo(str(text))
        if len(files) > DATED_FILES:
            more = Message(
                "  {table}: and {more:,} more files", table=in_words[str(name)], more=len(files) - DATED_FILES
            )
            click.echo(str(more))


def _show_check(register: Register, *, dated: bool) -> None:
    """Say what reading found; of a packed register nobody knows any more what said the days of each file."""
    from fanpin_risk.records.schema import TABLES

    counts = register.counts.reset_index()
    click.echo(str(Message("table | read | kept | rejected")))
    for name, read, kept, rejected in counts[["table", "rows_read", "rows_kept", "rows_rejected"]].to_numpy().tolist():
        shown = Message(name, zh=f"{TABLES[name].zh} ({name})")
        absent = "" if read or name in register.supplied else f"  {Message('(not given)')}"
        click.echo(f"{shown} | {read:,} | {kept:,} | {rejected:,}{absent}")
    if dated:
        _show_dates(register)
    else:
        click.echo()
        click.echo(
            str(Message("what says which days the rows are about can be seen in the files alone, before packing"))
        )
    problems = register.problems
    click.echo()
    if len(problems):
        click.echo(str(Message("problems (one example of each kind)")))
        each = problems["source"].where(problems["code"].isin(NAMED_EACH))  # of these every file is named
        grouped = problems.groupby(["table", "column", "code", "severity", each], dropna=False, sort=False)
        for _, same in sorted(grouped, key=lambda item: (not _is_whole_file(item[1]), -len(item[1]))):
            first = same.iloc[0]
            text = first["message_zh" if current_language() == "zh" else "message"]
            place = first["source"] or first["table"]
            text = text if text.startswith(place) else f"{place}: {text}"
            click.echo(f"{len(same):>7,} × [{SEVERITY_NAMES[first['severity']]}] {text}")
    else:
        click.echo(str(Message("no problems found")))
    coverage = register.coverage().reset_index()
    lacking = coverage[(coverage["share"] < 1.0) & coverage["need"].isin(["key", "required", "core"])]
    if len(lacking):
        click.echo()
        click.echo(str(Message("filled share of the columns that matter most")))
        for row in lacking.itertuples():
            table = TABLES[str(row.table)]
            zh = next(column.zh for column in table.columns if column.name == row.column)
            column = Message(f"{table.name}.{row.column}", zh=f"{table.zh} {zh}")
            click.echo(str(Message("  {column}: {share:.1%}", column=column, share=row.share)))
