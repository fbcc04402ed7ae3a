"""The commands visits make, visits read and visits notice: from a list to the visit and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

import fanpin_risk as fr
from fanpin_risk.cli.ledgers import tell_recorded
from fanpin_risk.cli.options import (
    DataDate,
    RegisterSource,
    lang_option,
    overwrite_option,
    quiet_option,
    scoring_options,
)
from fanpin_risk.cli.reading import check_ending, check_text_ending, own_lines, read_checked
from fanpin_risk.cli.scoring import load, tell_lacking, tell_model
from fanpin_risk.cli.talking import Teller
from fanpin_risk.words import Message, current_language

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["visits"]

TROUBLES_TOLD = 20

list_argument = click.argument(
    "list_file", metavar="LIST", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)


def _names_option(*, required: bool) -> Callable[..., Any]:
    """Make the option that names the file of names of households."""
    return click.option(
        "--names",
        "names_file",
        required=required,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Names and addresses by household id, a csv or workbook of your own; they are written into the result and nowhere else.",
    )


places_option = click.option(
    "--places",
    "places_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Names of places: a csv of area code,name (6 digits for a county, 9 for a township, 12 for a village).",
)


@click.group()
@lang_option
def visits() -> None:
    """Sheets to carry to the households of a list, what comes back from them, and the public notice.

    \b
        fanpin-risk visits make REGISTER --list list.csv --as-of 2024-12-31 --model model --out sheets
        fanpin-risk visits read sheets --list list.csv --out events.csv --corrections corrections.csv
        fanpin-risk visits notice list.csv --names names.csv --on 2025-01-20 --out notice.xlsx
    """  # noqa: D301  click reads the control character


@visits.command()
@scoring_options
@click.option(
    "--list",
    "list_file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The list of households, as 'score' writes it or of your own: a csv or workbook with a column of household ids.",
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="FOLDER", help="Folder to write the sheets to."
)
@_names_option(required=False)
@places_option
@click.option(
    "--per",
    type=click.Choice(["village", "visitor"]),
    default="village",
    show_default=True,
    help="A workbook for each township with a sheet for each village, or a workbook for each visitor that the list names.",
)
@click.option(
    "--earlier",
    "earlier_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Results of earlier visits, as 'visits read' writes them: the last one is printed, for looking at households again.",
)
@click.option(
    "--reasons",
    "n_reasons",
    type=click.IntRange(0, 5),
    default=3,
    show_default=True,
    help="Reasons of the model per household.",
)
@click.option("--mask", is_flag=True, help="Write no household ids; the sheets can then be read with the list only.")
@overwrite_option
@lang_option
@quiet_option
def make(
    register: Path | str,
    lines_file: Path | None,
    as_of: str,
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    model: str,
    list_file: Path,
    out: Path,
    names_file: Path | None,
    places_file: Path | None,
    per: Literal["village", "visitor"],
    earlier_file: Path | None,
    n_reasons: int,
    mask: bool,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Write the sheets of a list of households of REGISTER: two households on a page of A4, with fields to fill in.

    Who lives there, why the household is listed, what is not on record, what to check, which records contradict each other
    and which supports may be lacking; below it the fields of the visit with lists to choose from. What is printed is locked.
    """
    import pandas as pd

    from fanpin_risk.asof.days import to_day
    from fanpin_risk.batch.layout import is_packed
    from fanpin_risk.files import check_target
    from fanpin_risk.reports.place_names import place_names, read_names
    from fanpin_risk.visits.list_files import read_list_file

    check_target(out, "visits", overwrite=overwrite)
    asked = read_list_file(list_file)
    given = {} if places_file is None else read_names(places_file)
    tell = Teller(quiet=quiet)
    loaded = load(model, lines=own_lines(lines_file))
    tell_model(loaded, as_of, tell)
    read = read_checked(
        register, tell, data_date=data_date, id_key=id_key, encoding=encoding, days=(as_of,), model=loaded,
        households=asked["household_id"].tolist(),
    )  # fmt: skip
    tell_lacking(loaded, read)
    with tell.progress(Message("writing sheets")) as progress:
        listed = _with_scores(asked, loaded, read, as_of)
        here = read.select(asked["household_id"].tolist())
        files = fr.visit_sheets(
            listed, read, loaded, out, as_of=as_of, names=names_file, per=per, lang=current_language(), n_reasons=n_reasons,
            contradictions=fr.contradictions(here, as_of, answers=("yes",), lines=loaded.lines),
            entitlements=fr.entitlements(here, as_of, answers=("yes",), lines=loaded.lines),
            earlier=None if earlier_file is None else pd.read_csv(earlier_file, dtype={"household_id": str}, parse_dates=["on"]),
            places=place_names(register, to_day(as_of), given) if is_packed(register) else given, mask=mask,
            id_key=None if id_key is None else id_key.read_bytes().strip(), overwrite=overwrite, progress=progress,
        )  # fmt: skip
    tell(
        Message(
            "{count:,} households on sheets in {files:,} workbooks: {out}", count=len(listed), files=len(files), out=out
        )
    )


def _with_scores(asked: pd.DataFrame, model: fr.RiskModel, register: fr.Register, as_of: str) -> pd.DataFrame:
    """Put what the model says of the households, in codes, beside what the list says of them."""
    scores = model.score(register, as_of, households=asked["household_id"].tolist(), explain=False)
    rest = asked.drop(
        columns=[name for name in ("area_code", "area_name") if name in scores.columns and name in asked.columns]
    )
    return scores.merge(rest, on="household_id", how="left", validate="one_to_one")


@visits.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--list",
    "list_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The list that the sheets were made of: keys of other lists are refused. Needed for sheets without ids.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="File to write the results to: .csv, .parquet or .xlsx.",
)
@click.option(
    "--corrections",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="File to write what visitors found wrong or new in the records, for a clerk to decide on.",
)
@click.option(
    "--problems",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="File to write everything that is wrong in the sheets, with sheet and row.",
)
@click.option(
    "--ledger",
    "ledger_place",
    type=RegisterSource(),
    metavar="LEDGER",
    help="Also record what was found in this ledger, a file or the address of a database. The same sheets again change nothing.",
)
@overwrite_option
@lang_option
@quiet_option
def read(
    files: tuple[Path, ...],
    list_file: Path | None,
    out: Path,
    corrections: Path | None,
    problems: Path | None,
    ledger_place: Path | str | None,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Read filled sheets: workbooks, csv files saved from them, or folders of both.

    Rows find their household by their keys. Nothing is guessed: what is not among the answers of a field is named with its
    sheet and row. A household without any entry was not visited.
    """
    from fanpin_risk.files import check_target, write_table
    from fanpin_risk.visits.list_files import read_list_file

    for file in (out, corrections, problems):
        if file is not None:
            check_ending(file)
            check_target(file, "visit results", overwrite=overwrite)
    tell = Teller(quiet=quiet)
    asked = None if list_file is None else read_list_file(list_file)
    events = fr.read_visits(files, list=asked)
    wrong, proposed = events.attrs["problems"], events.attrs["corrections"]
    write_table(events, out, kind="visit results")
    if corrections is not None:
        write_table(_table_of(proposed), corrections, kind="visit results")
    if problems is not None:
        write_table(_table_of([one | {"text": str(one["text"])} for one in wrong]), problems, kind="visit results")
    tell(
        Message(
            "{sheets:,} households on the sheets = {whole:,} visited + {half:,} half filled in + {rest:,} not visited; {count:,} "
            "proposed corrections",
            sheets=events.attrs["n_sheets"], whole=int(events["complete"].sum()), half=int((~events["complete"]).sum()),
            rest=events.attrs["n_sheets"] - events["key"].nunique(), count=len({one["entry"] for one in proposed}),
        )
    )  # fmt: skip
    for one in wrong[:TROUBLES_TOLD]:
        tell(Message("    {text}", text=one["text"]))
    if len(wrong) > TROUBLES_TOLD:
        tell(Message("    {count:,} more; --problems writes all of them", count=len(wrong) - TROUBLES_TOLD))
    if ledger_place is not None:
        with fr.Ledger(ledger_place) as ledger:
            tell_recorded(fr.record_visits(ledger, events, plan=asked), tell)


def _table_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows)


@visits.command()
@list_argument
@_names_option(required=True)
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="File to write: .csv or .xlsx.",
)
@click.option("--on", metavar="DAY", help="The date of the notice (YYYY-MM-DD); default: that in the list.")
@places_option
@click.option(
    "--whole-names", is_flag=True, help="Write names in full; default: the first and the last character only."
)
@overwrite_option
@lang_option
@quiet_option
def notice(
    list_file: Path,
    names_file: Path,
    out: Path,
    on: str | None,
    places_file: Path | None,
    whole_names: bool,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Write the public notice of a list: village, name in part, persons, type, date and the hot line, nothing else."""
    from fanpin_risk.reports.place_names import read_names
    from fanpin_risk.visits.list_files import read_list_file

    check_text_ending(out, (".csv", ".xlsx"))
    fr.public_notice(
        read_list_file(list_file), names_file, out, on=on, places=None if places_file is None else read_names(places_file),
        whole_names=whole_names, lang=current_language(), overwrite=overwrite,
    )  # fmt: skip
    Teller(quiet=quiet)(Message("public notice: {out}", out=out))
