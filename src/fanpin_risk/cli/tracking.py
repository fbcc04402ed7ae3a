"""The command track: the risk of households day by day."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

import fanpin_risk as fr
from fanpin_risk.cli.options import (
    DataDate,
    lang_option,
    overwrite_option,
    quiet_option,
    tracking_options,
)
from fanpin_risk.cli.reading import check_ending, own_lines, pseudonyms, read_checked
from fanpin_risk.cli.scoring import load, tell_lacking, tell_model
from fanpin_risk.cli.talking import Teller
from fanpin_risk.words import Message, current_language

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["track"]

SCORING = Message("scoring each day")
PICTURE_ENDINGS = (".png", ".svg", ".pdf")


@click.command()
@tracking_options
@click.option(
    "--household",
    "households",
    multiple=True,
    metavar="ID",
    help="Household id; give several for several. Default: all on record on one of the days.",
)
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also draw the households whose risk is highest on their last day: a file to write, .png, .svg or .pdf. Ids are masked.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write: .csv, .parquet or .xlsx.",
)
@overwrite_option
@lang_option
@quiet_option
def track(
    register: Path | str,
    lines_file: Path | None,
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    model: str,
    as_of: tuple[str, ...],
    households: tuple[str, ...],
    picture: Path | None,
    out: Path,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Follow the risk of households of REGISTER day by day, each from what was on record on that day.

    One row per household and day. Without --as-of: the quarter-ends of the three years up to the last record. The same model is
    asked on all days, so that a difference is one of the records or of the line; which facts moved two days apart tells the
    command changes.
    """
    from fanpin_risk.batch.layout import is_packed
    from fanpin_risk.files import check_target, write_table

    check_ending(out)
    check_target(out, "series", overwrite=overwrite)
    if picture is not None:
        check_ending(picture, PICTURE_ENDINGS)
        check_target(picture, "series", overwrite=overwrite)
    tell = Teller(quiet=quiet)
    loaded = load(model, lines=own_lines(lines_file))
    asked = list(dict.fromkeys(households)) or None
    if asked is not None and id_key is not None:
        asked = list(pseudonyms(tuple(asked), id_key))
    if is_packed(register):
        series = _series_of_packed(loaded, Path(register), as_of, asked, tell, given=(data_date, id_key, encoding))
    else:
        read = read_checked(
            register, tell, data_date=data_date, id_key=id_key, encoding=encoding, days=as_of, model=loaded
        )
        tell_model(loaded, as_of[-1] if as_of else str(read.observed_until), tell)
        tell_lacking(loaded, read)
        with tell.progress(SCORING) as progress:
            series = fr.risk_series(loaded, read, days=as_of or None, households=asked, progress=progress)
    write_table(series, out, kind="series")
    tell(
        Message(
            "{households:,} households on {days} days -> {out}",
            households=series["household_id"].nunique(),
            days=series["as_of"].nunique(),
            out=out,
        )
    )
    if picture is not None:
        _draw_series(series, loaded, picture)
        tell(Message("picture -> {out}", out=picture))


def _series_of_packed(
    model: fr.RiskModel, folder: Path, as_of: tuple[str, ...], asked: list[str] | None, tell: Teller, *,
    given: tuple[DataDate, Path | None, str | None],
) -> pd.DataFrame:  # fmt: skip
    """Follow the risks of a packed register: of named households in the parts in which they stand, else part by part."""
    from fanpin_risk.batch.layout import read_manifest
    from fanpin_risk.cli.packed import each_part, in_order_of_ids, packed_as_described
    from fanpin_risk.watch.risk_series import quarter_ends

    last = read_manifest(folder).observed_until
    days = as_of or quarter_ends(last)
    data_date, id_key, encoding = given
    if asked is not None:
        read = read_checked(
            folder, tell, data_date=data_date, id_key=id_key, encoding=encoding, model=model, households=asked
        )
        tell_lacking(model, read)
    else:
        packed_as_described(folder, tell, model=model, given=given)
    tell_model(model, as_of[-1] if as_of else last, tell)
    if asked is None:
        parts = each_part(folder, tell, SCORING, lambda part: fr.risk_series(model, part, days=days))
        return in_order_of_ids(parts, "as_of")
    with tell.progress(SCORING) as progress:
        return fr.risk_series(model, read, days=days, households=asked, progress=progress)


def _draw_series(series: pd.DataFrame, model: fr.RiskModel, picture: Path) -> None:
    from fanpin_risk.files import write_whole
    from fanpin_risk.plots import risks_over_time

    figure = risks_over_time(series, model=model, lang=current_language()).figure
    write_whole(picture, lambda part: figure.savefig(part, format=picture.suffix[1:].lower(), dpi=150))
