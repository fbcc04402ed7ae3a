"""The command that puts the level of a model right: recalibrate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

import fanpin_risk as fr
from fanpin_risk.cli.exits import EXIT_NO_MODEL
from fanpin_risk.cli.options import DataDate, lang_option, levelling_options, overwrite_option, quiet_option
from fanpin_risk.cli.reading import own_lines, read_checked
from fanpin_risk.cli.scoring import load, tell_lacking
from fanpin_risk.cli.talking import Teller, say
from fanpin_risk.errors import InputError, NotEnoughDataError
from fanpin_risk.words import Message

if TYPE_CHECKING:
    from fanpin_risk.evaluation.level import Recalibration
    from fanpin_risk.model.risk_model import RiskModel
    from fanpin_risk.model.training_day import TrainingDay
    from fanpin_risk.records.register import Register

__all__ = ["recalibrate"]


@click.command()
@levelling_options
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the model put right."
)
@overwrite_option
@lang_option
@quiet_option
def recalibrate(
    register: Path | str,
    lines_file: Path | None,
    as_of: tuple[str, ...],
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    model: str,
    out: Path,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Put the level of a model right by what happened on the newest day of REGISTER, if that would have helped before.

    When times turn, all risks are too high or too low together, and the newest complete year may say nothing of the next. So
    the same is first done on earlier days: a model of the same settings learns from what was known then, a later day gives the
    level, and the day a horizon after that is forecast with and without it. Each such day is shown.

    The order of households and who is in which tier stay as they are. The model put right is written to --out only where both
    the error of the level and the log loss were less with it. Else no model is written and the exit code is 5: keep the model,
    or train again. A model that stands there already is replaced only with --overwrite.
    """
    from fanpin_risk.evaluation.level import FEWEST_DAYS_TRIED
    from fanpin_risk.evaluation.level import recalibrate as put_right
    from fanpin_risk.files import check_target
    from fanpin_risk.model.model_folders import DEMO_MODELS

    if str(out) in DEMO_MODELS:  # the commands that take a model would take the one that ships
        raise InputError(
            "--out {out}: {out!r} names a model that ships; give another folder, such as models/{name}",
            out=str(out),
            name="recalibrated",
        )
    check_target(out, "model", overwrite=overwrite)
    tell = Teller(quiet=quiet)
    loaded = load(model, lines=own_lines(lines_file))
    read = read_checked(register, tell, data_date=data_date, id_key=id_key, encoding=encoding, days=as_of, model=loaded)
    tell_lacking(loaded, read)
    days = _past_days(loaded, read, as_of, tell)
    with tell.progress(Message("trying it on earlier days")) as progress:
        found = put_right(loaded, days, progress=progress)
    _show_back_test(found)
    if found.model is None:
        say(
            Message(
                "No model is written: it could be tried on {tried} earlier days, and it takes {fewest} to say whether to believe it."
                if len(found.back_test) < FEWEST_DAYS_TRIED
                else "No model is written: putting the level right would not have helped before. Keep the model, or train again.",
                tried=len(found.back_test),
                fewest=FEWEST_DAYS_TRIED,
            )
        )
        sys.exit(EXIT_NO_MODEL)
    fr.save_model(found.model, out, overwrite=overwrite)
    tell(
        Message(
            "It would have helped before. Model with its level put right by {day} (log-odds {shift:+.3f}) written to {out}; its card: "
            "fanpin-risk card {out}",
            day=found.as_of.date(),
            shift=found.shift,
            out=out,
        )
    )


def _past_days(model: RiskModel, register: Register, as_of: tuple[str, ...], tell: Teller) -> list[TrainingDay]:
    """Look back on the days asked for and on those that the model learnt from, as far as the register has them."""
    learnt = [str(day.date()) for day in model.training_.index]
    days = []
    with tell.progress(Message("features and outcomes of past days")) as progress:
        wanted = sorted({*learnt, *as_of})
        for number, day in enumerate(wanted):
            if progress is not None:
                progress(number, len(wanted), day)
            try:
                past = fr.training_day(
                    register, day, horizon_months=model.horizon_months_, target=model.target, lines=model.lines,
                    unobserved=(model.unobserved_ or {}).get("treated", "drop"),
                )  # fmt: skip
            except NotEnoughDataError as error:
                if day in as_of:
                    raise
                tell(
                    Message(
                        "    note: {day}, which the model learnt from, cannot be looked back on: {why}",
                        day=day,
                        why=error.message,
                    )
                )
            else:
                days.append(past)
        if progress is not None:
            progress(len(wanted), len(wanted), "")
    return days


def _show_back_test(found: Recalibration) -> None:
    """Print what putting the level right would have done on earlier days."""
    table = found.back_test
    for row in table.to_dict("records"):
        told = Message(
            "{day}, level from {level_from}: error of the level {error_before:+.4f} -> {error_after:+.4f}, log loss "
            "{loss_before:.4f} -> {loss_after:.4f}",
            day=row["as_of"].date(),
            level_from=row["level_from"].date(),
            error_before=row["level_error_before"],
            error_after=row["level_error_after"],
            loss_before=row["log_loss_before"],
            loss_after=row["log_loss_after"],
        )
        click.echo(str(told))
    if len(table):
        mean = Message(
            "mean of {days} days: size of the error of the level {error_before:.4f} -> {error_after:.4f}, log loss "
            "{loss_before:.4f} -> {loss_after:.4f}",
            days=len(table),
            error_before=table["level_error_before"].abs().mean(),
            error_after=table["level_error_after"].abs().mean(),
            loss_before=table["log_loss_before"].mean(),
            loss_after=table["log_loss_after"].mean(),
        )
        click.echo(str(mean))
