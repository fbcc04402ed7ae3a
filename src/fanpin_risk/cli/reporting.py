"""The command report: what an office needs to act on the scores, as a workbook and as a page."""

from __future__ import annotations

from gettext import gettext as _
from pathlib import Path
from typing import Literal

import click

from fanpin_risk.cli.common import (
    Lang,
    Teller,
    load,
    own_lines,
    quiet_option,
    read_checked,
    scoring_options,
    tell_lacking,
    tell_model,
    visits_of,
)
from fanpin_risk.errors import InputError
from fanpin_risk.words import LANG_VARIABLE

__all__ = ["report"]


def _capacity(_context: click.Context, _parameter: click.Parameter, value: str | None) -> float | None:
    return None if value is None else visits_of(value, least=0, example="0.02")


@click.command()
@scoring_options
@click.option(
    "--out",
    "outs",
    required=True,
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File to write: .xlsx, a workbook to filter, fill in and print; .html, one page to read and search. Give both for both.",
)
@click.option(
    "--capacity",
    callback=_capacity,
    metavar="N",
    help="Households that can be visited: a whole number, or a share such as 0.02 (the default) of those not monitored yet.",
)
@click.option(
    "--per",
    type=click.Choice(["county", "township", "village"]),
    help="Units that have these visits each; default: one list for all.",
)
@click.option(
    "--reasons", type=click.IntRange(0, 10), default=3, show_default=True, help="Reasons per household on the list."
)
@click.option(
    "--top",
    type=click.IntRange(0),
    metavar="N",
    help="Show at most N households of the list; default: all in the workbook, 500 on the page.",
)
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
@click.option("--rejects", is_flag=True, help="A sheet with every rejected row: its file, number and reason.")
@click.option("--overwrite", is_flag=True, help="Replace files that are there already.")
@click.option(
    "--lang",
    type=click.Choice(["zh", "en", "both"]),
    default="zh",
    show_default=True,
    envvar=LANG_VARIABLE,
    show_envvar=True,
    help="Language of texts and messages; both: a workbook in two languages (the page always has both).",
)
@quiet_option
def report(
    register: Path,
    lines_file: Path | None,
    as_of: str,
    data_date: str | None,
    id_key: Path | None,
    encoding: str | None,
    model: str,
    outs: tuple[Path, ...],
    capacity: float | None,
    per: Literal["county", "township", "village"] | None,
    reasons: int,
    top: int | None,
    names_file: Path | None,
    mask: bool | None,
    rejects: bool,
    overwrite: bool,
    lang: Literal["zh", "en", "both"],
    quiet: bool,
) -> None:
    """Score REGISTER on a day and write a report: whom to visit first and why, place by place.

    The report holds a summary, the list of households to visit with their reasons, the figures of counties, townships
    and villages, what was read and rejected, how to read it, and the card of the model. It proposes visits; people
    decide.

    \b
        fanpin-risk report REGISTER --as-of 2024-12-31 --model model --out county.xlsx --capacity 800
        fanpin-risk report REGISTER --as-of 2024-12-31 --model model --out list.xlsx --out list.html --per township --capacity 20

    The workbook holds whole ids and is for those who visit; the page masks them. Both hold personal data all the same: keep
    them as such.
    """  # noqa: D301  click reads the control character
    from fanpin_risk.batch.layout import is_packed
    from fanpin_risk.reports import gather, write_report
    from fanpin_risk.reports.names import read_names

    _check(outs, overwrite=overwrite)
    if is_packed(register):
        message = _(
            "{name} is a packed register, which may be larger than memory; a report is on the files of one county: "
            "give their folder, or score the packed register part by part"
        )
        raise InputError(message.format(name=register.name))
    names = None if names_file is None else read_names(names_file)
    talk: Lang = "en" if lang == "en" else "zh"
    tell = Teller(talk, quiet=quiet)
    loaded = load(model, lines=own_lines(lines_file))
    tell_model(loaded, as_of, tell)
    read = read_checked(register, tell, data_date=data_date, id_key=id_key, encoding=encoding)
    tell_lacking(loaded, read, Teller(talk))
    with tell.progress("评分", "scoring") as progress:
        contents = gather(loaded, read, as_of, capacity=capacity, per=per, top=reasons, names=names, progress=progress)
    figures = contents.summary.set_index("key")["text_" + talk]
    tell(
        f"    台账 {figures['households']} 户，评分 {figures['scored']} 户；建议走访 {figures['listed']} 户",
        f"    {figures['households']} households, {figures['scored']} scored; {figures['listed']} proposed for a visit",
    )
    if not len(contents.scores):
        tell(
            f"    注意：{as_of} 当日没有任何在册农户，请核对日期",
            f"    note: no household is on record on {as_of}; check the day",
        )
    for out in outs:
        with tell.progress(f"写入 {out.name}", f"writing {out.name}") as progress:
            write_report(contents, out, lang=lang, top=top, mask=mask, rejects=rejects, progress=progress)
        tell(f"报告：{out}", f"report: {out}")


def _check(outs: tuple[Path, ...], *, overwrite: bool) -> None:
    """Refuse files that cannot be written, before any work."""
    from fanpin_risk.reports import FORMATS

    for out in outs:
        if out.suffix[1:].lower() not in FORMATS:
            message = _("{name}: expected a file that ends in .{one} or .{other}")
            raise InputError(message.format(name=out.name, one=FORMATS[0], other=FORMATS[1]))
        if out.is_dir():
            raise InputError(_("{name} is a folder; expected a file").format(name=out.name))
        if out.exists() and not overwrite:
            raise InputError(_("{out} exists; --overwrite replaces it").format(out=out))
    if len(set(outs)) < len(outs):
        raise InputError(_("--out names a file twice"))
