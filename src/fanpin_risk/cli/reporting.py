"""The command report: what an office needs to act on the scores, as a workbook and as a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from fanpin_risk.cli.options import (
    DataDate,
    ModelFolder,
    capacity_option,
    earlier_day_option,
    group_option,
    lang_option,
    overwrite_option,
    per_option,
    policy_option,
    quiet_option,
    reasons_option,
    scoring_options,
)
from fanpin_risk.cli.reading import check_text_ending, own_lines, own_policy, read_checked
from fanpin_risk.cli.scoring import load, tell_lacking, tell_model, tell_nobody
from fanpin_risk.cli.talking import Teller
from fanpin_risk.cli.usage import wrong_usage
from fanpin_risk.cli.visiting import carried_sheets
from fanpin_risk.words import Message, current_language

if TYPE_CHECKING:
    import pandas as pd

    from fanpin_risk.records.register import Register
    from fanpin_risk.reports.contents import Contents

__all__ = ["report"]


@click.command()
@scoring_options
@policy_option
@click.option(
    "--out",
    "outs",
    required=True,
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File to write: .xlsx, a workbook to filter, fill in and print; .html, one page to read and search. Give both for both. "
    "A folder instead: a page for each county, and one that adds up their figures and links to them.",
)
@capacity_option(
    "Households that can be visited: a whole number, or a share such as 0.02 (the default) of those not monitored yet."
)
@per_option
@group_option
@reasons_option
@click.option(
    "--names",
    "names_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Names of places: a csv of area code,name (6 digits for a county, 9 for a township, 12 for a village).",
)
@click.option(
    "--mask/--no-mask",
    default=None,
    help="Mask household ids and leave out figures of places with fewer than ten households; default: on the page, not in "
    "the workbook, which those who visit need with whole ids.",
)
@click.option(
    "--monitored-model",
    type=ModelFolder(),
    metavar="FOLDER",
    help="A model of monitored households (train --target not_eliminated), by whose risk their own list goes; default: by type and "
    "days since recognition.",
)
@earlier_day_option
@click.option(
    "--model-before",
    type=ModelFolder(),
    metavar="FOLDER",
    help="With --before: the model in use on the earlier day, if it was another; what that alone moves is told apart.",
)
@click.option(
    "--sheets",
    "sheets_folder",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Also write the sheets to carry to the households listed, as 'visits make --pages' does: workbooks to fill in, and pages to "
    "print or save as PDF on A4.",
)
@click.option(
    "--household-names",
    "own_names_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="With --sheets: names and addresses by household id, a csv or workbook of your own; they are written into the sheets and "
    "nowhere else.",
)
@click.option("--rejects", is_flag=True, help="A sheet with every rejected row: its file, number and reason.")
@overwrite_option
@click.option("--bilingual", is_flag=True, help="A workbook in Chinese and English (the page always has both).")
@lang_option
@quiet_option
def report(
    register: Path | str,
    lines_file: Path | None,
    as_of: str,
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    model: str,
    policy_file: Path | None,
    outs: tuple[Path, ...],
    capacity: float | None,
    per: Literal["county", "township", "village"] | None,
    groups: tuple[str, ...],
    n_reasons: int,
    names_file: Path | None,
    mask: bool | None,
    monitored_model: str | None,
    before: str | None,
    model_before: str | None,
    sheets_folder: Path | None,
    own_names_file: Path | None,
    rejects: bool,
    overwrite: bool,
    bilingual: bool,
    quiet: bool,
) -> None:
    """Score REGISTER on a day and write a report: whom to visit first and why, place by place.

    The report holds a summary, the list of households to visit with their reasons, that of the households monitored, the
    figures of counties, townships and villages, what was read and rejected, how to read it, and the card of the model. It
    proposes visits; people decide.

    \b
        fanpin-risk report REGISTER --as-of 2024-12-31 --model model --out county.xlsx --capacity 800
        fanpin-risk report REGISTER --as-of 2024-12-31 --model model --out list.xlsx --out list.html --per township --capacity 20

    With --sheets the list goes on to paper at once: pages to print for those who visit, and workbooks of the same blocks for
    their answers.

    The workbook holds whole ids and is for those who visit; the page masks them. Both hold personal data all the same: keep
    them as such.

    With a folder as --out each county has a page of its own, with --capacity visits, and of a packed register no more than one
    county is in memory. A file is one report on all counties, for which all of them must fit into memory.
    """  # noqa: D301  click reads the control character
    from fanpin_risk.batch.layout import is_packed
    from fanpin_risk.files import check_target
    from fanpin_risk.reports import gather, write_report
    from fanpin_risk.reports.place_names import read_names
    from fanpin_risk.visits.making import MOST_PRINTED_REASONS
    from fanpin_risk.visits.own_names import own_names

    by_county = len(outs) == 1 and not outs[0].suffix
    if by_county:
        check_target(outs[0], "county reports", overwrite=overwrite)
        if rejects or before is not None or sheets_folder is not None:
            raise wrong_usage(
                Message(
                    "--rejects, --before and --sheets go with files (.xlsx, .html); a folder of pages by county has none of them"
                )
            )
    else:
        _check_outs(outs, overwrite=overwrite)
    if sheets_folder is not None:
        check_target(sheets_folder, "visits", overwrite=overwrite)
    elif own_names_file is not None:
        raise wrong_usage(Message("--household-names goes with --sheets: names are written into the sheets alone"))
    if model_before is not None and before is None:
        raise wrong_usage(Message("--model-before goes with --before: name the earlier day"))
    if before is not None and not before < as_of:
        raise wrong_usage(Message("--before is {before}; expected a day before {day}", before=before, day=as_of))
    names = None if names_file is None else read_names(names_file)
    own_names(own_names_file)  # refused before the work
    tell, lang = Teller(quiet=quiet), current_language()
    lines, policy = own_lines(lines_file), own_policy(policy_file)
    loaded = load(model, lines=lines)
    of_monitored = None if monitored_model is None else load(monitored_model, lines=lines)
    earlier = None if model_before is None else load(model_before, lines=lines)
    for one in (loaded, *(() if of_monitored is None else (of_monitored,))):
        tell_model(one, as_of, tell)
    if by_county and is_packed(register):
        from fanpin_risk.cli.packed import packed_as_described

        source: Path | Register = Path(register)
        packed_as_described(Path(register), tell, model=loaded, given=(data_date, id_key, encoding))
    else:
        source = read = read_checked(
            register, tell, data_date=data_date, id_key=id_key, encoding=encoding,
            days=(as_of,) if before is None else (before, as_of), model=loaded,
        )  # fmt: skip
        tell_lacking(loaded, read)
    if by_county:
        from fanpin_risk.reports.county_reports import SUMMARY_PAGE, county_reports

        with tell.progress(Message("scoring")) as progress:
            figures = county_reports(
                loaded, source, as_of, outs[0], lang="both" if bilingual else lang, capacity=capacity, per=per,
                n_reasons=n_reasons, names=names, mask=mask, monitored_model=of_monitored, policy=policy, groups=groups,
                overwrite=overwrite, progress=progress,
            ).iloc[-1]  # fmt: skip
        tell(
            Message(
                "    {households} households, {scored} scored; {listed} proposed for a visit",
                households=f"{figures['households']:,}", scored=f"{figures['scored']:,}", listed=f"{figures['listed']:,}",
            )
        )  # fmt: skip
        tell(Message("report: {out}", out=outs[0] / SUMMARY_PAGE))
        return
    with tell.progress(Message("scoring")) as progress:
        contents = gather(
            loaded, read, as_of, capacity=capacity, per=per, n_reasons=n_reasons, names=names, monitored_model=of_monitored,
            policy=policy, groups=groups, before=before, model_before=earlier, progress=progress,
        )  # fmt: skip
    figures = contents.summary.set_index("key")["text"]
    tell(
        Message(
            "    {households} households, {scored} scored; {listed} proposed for a visit",
            households=figures["households"],
            scored=figures["scored"],
            listed=figures["listed"],
        )
    )
    if len(contents.monitored.households):
        tell(
            Message(
                "    {count:,} households are monitored on {day}: they have a list of their own",
                count=len(contents.monitored.households), day=as_of,
            )
        )  # fmt: skip
    if not len(contents.scores):
        tell_nobody(as_of, tell)
    for out in outs:
        with tell.progress(Message("writing {file}", file=out.name)) as progress:
            write_report(
                contents,
                out,
                lang="both" if bilingual else lang,
                mask=mask,
                rejects=rejects,
                overwrite=overwrite,
                progress=progress,
            )
        tell(Message("report: {out}", out=out))
    if sheets_folder is not None:
        with tell.progress(Message("writing sheets")) as progress:
            files = carried_sheets(
                _listed_with_areas(contents), read, loaded, sheets_folder, as_of=as_of, names=own_names_file, places=names,
                n_reasons=min(n_reasons, MOST_PRINTED_REASONS), mask=bool(mask), pages=True,
                id_key=None if id_key is None else id_key.read_bytes().strip(), overwrite=overwrite, progress=progress,
            )  # fmt: skip
        tell(
            Message(
                "{count:,} households on sheets in {files:,} workbooks, each with a page to print: {out}",
                count=len(contents.watchlist), files=len(files), out=sheets_folder,
            )
        )  # fmt: skip


def _listed_with_areas(contents: Contents) -> pd.DataFrame:
    """Return the list of a report with the names of areas as the register has them, by which sheets are divided."""
    return contents.watchlist.merge(
        contents.scores[["household_id", "area_name"]], on="household_id", how="left", validate="one_to_one"
    )


def _check_outs(outs: tuple[Path, ...], *, overwrite: bool) -> None:
    """Refuse files that cannot be written, before any work."""
    from fanpin_risk.files import check_target
    from fanpin_risk.reports import REPORT_FORMATS

    one, other = (f".{name}" for name in REPORT_FORMATS)
    for out in outs:
        check_text_ending(out, (one, other))
        check_target(out, "report", overwrite=overwrite)
    if len(set(outs)) < len(outs):
        raise wrong_usage(Message("--out names a file twice"))
