"""The commands visits make, visits read, visits accept and visits notice: from a list to the visit and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

import fanpin_risk as fr
from fanpin_risk.cli.accepting import accept
from fanpin_risk.cli.learning import shares, with_probabilities
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

__all__ = ["carried_sheets", "visits"]

TROUBLES_TOLD = 20
NOT_IN_LEDGER = Message("not in the ledger")

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
        fanpin-risk visits accept REGISTER corrections.csv --out REGISTER-2
        fanpin-risk visits notice list.csv --names names.csv --on 2025-01-20 --out notice.xlsx
        fanpin-risk visits shares county.ledger --by tier --out shares.csv
    """  # noqa: D301  click reads the control character


visits.add_command(accept)
visits.add_command(shares)


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
@click.option(
    "--pages",
    is_flag=True,
    help="Also write each workbook as a page (.html) to print or save as PDF on A4, with boxes to tick by pen.",
)
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
    pages: bool,
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
        files = carried_sheets(
            listed, read, loaded, out, as_of=as_of, names=names_file, per=per, n_reasons=n_reasons,
            earlier=None if earlier_file is None else pd.read_csv(earlier_file, dtype={"household_id": str}, parse_dates=["on"]),
            places=place_names(register, to_day(as_of), given) if is_packed(register) else given, mask=mask, pages=pages,
            id_key=None if id_key is None else id_key.read_bytes().strip(), overwrite=overwrite, progress=progress,
        )  # fmt: skip
    tell(
        Message(
            "{count:,} households on sheets in {files:,} workbooks: {out}", count=len(listed), files=len(files), out=out
        )
    )


def carried_sheets(
    listed: pd.DataFrame, register: fr.Register, model: fr.RiskModel, out: Path, *, as_of: str, **options: Any
) -> list[Path]:
    """Write the sheets of a list in the language of the command, with what the rules say of its households."""
    here = register.select(listed["household_id"].tolist())
    return fr.visit_sheets(
        listed, register, model, out, as_of=as_of, lang=current_language(),
        contradictions=fr.contradictions(here, as_of, answers=("yes",), lines=model.lines),
        entitlements=fr.entitlements(here, as_of, answers=("yes",), lines=model.lines),
        **options,
    )  # fmt: skip


def _with_scores(asked: pd.DataFrame, model: fr.RiskModel, register: fr.Register, as_of: str) -> pd.DataFrame:
    """Put what the model says of the households, in codes, beside what the list says of them."""
    scores = model.score(register, as_of, households=asked["household_id"].tolist(), explain=False)
    rest = asked.drop(
        columns=[
            name for name in ("area_code", "area_name", "as_of") if name in scores.columns and name in asked.columns
        ]
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
    help="File to write what visitors found wrong or new in the records, for a clerk to decide on; then see 'visits accept'.",
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
    write_table(with_probabilities(events, asked), out, kind="visit results")
    if corrections is not None:
        fr.write_corrections(proposed, corrections)
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
@click.option(
    "--ledger",
    "ledger_place",
    type=RegisterSource(),
    metavar="LEDGER",
    help="Leave out who does not stand in this ledger where a notice may follow. Default: by the column state of the list, if it has "
    "one.",
)
@click.option(
    "--exits", is_flag=True, help="The notice is of ends of monitoring: for households whose exit was checked."
)
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
    ledger_place: Path | str | None,
    exits: bool,
    places_file: Path | None,
    whole_names: bool,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Write the public notice of a list: village, name in part, persons, type, date and the hot line, nothing else.

    Households that do not stand where a notice may follow, such as those not verified yet or found untrue, are left out and counted.
    """
    import pandas as pd

    from fanpin_risk.ledger import STATE_WORDS
    from fanpin_risk.records.cells.dates import read_day
    from fanpin_risk.records.ids import mask_id
    from fanpin_risk.reports.place_names import read_names
    from fanpin_risk.visits.list_files import read_list_file
    from fanpin_risk.visits.withheld import withheld_households

    check_text_ending(out, (".csv", ".xlsx"))
    asked, states = read_list_file(list_file), None
    if ledger_place is not None:
        with fr.Ledger(ledger_place, create=False) as ledger:
            states = ledger.state(pd.Timestamp.now().normalize() if on is None else read_day(on, "on"))
    withheld = withheld_households(asked, states=states, exits=exits)
    tell = Teller(quiet=quiet)
    for state, rows in withheld.groupby("state", sort=False):
        tell(
            Message("  left out, {state}: {count:,}", state=STATE_WORDS.get(str(state), NOT_IN_LEDGER), count=len(rows))
        )
    for row in withheld.head(TROUBLES_TOLD).itertuples():
        tell(Message("    row {row} of the list: {household}", row=row.row, household=mask_id(row.household_id)))
    if len(withheld) > TROUBLES_TOLD:
        tell(Message("    and {count:,} more", count=len(withheld) - TROUBLES_TOLD))
    fr.public_notice(
        asked, names_file, out, on=on, places=None if places_file is None else read_names(places_file), states=states, exits=exits,
        whole_names=whole_names, lang=current_language(), overwrite=overwrite,
    )  # fmt: skip
    tell(Message("public notice: {out}", out=out))
