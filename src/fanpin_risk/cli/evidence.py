"""Commands that hold forecasts against what happened: evaluate, drift."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

import fanpin_risk as fr
from fanpin_risk.cli.exits import EXIT_ALARM
from fanpin_risk.cli.learning import found_at_visits, show_visit_tables, visits_option
from fanpin_risk.cli.options import (
    DataDate,
    capacity_option,
    ensemble_option,
    horizon_option,
    lang_option,
    learning_options,
    overwrite_option,
    packed_workers_option,
    place_option,
    policy_option,
    quiet_option,
    scoring_options,
    select_option,
    target_option,
    unobserved_option,
)
from fanpin_risk.cli.reading import own_lines, own_policy, pseudonyms, read_checked
from fanpin_risk.cli.scoring import load, tell_lacking, tell_model
from fanpin_risk.cli.talking import Teller, say
from fanpin_risk.cli.training import PLACE_ASKED, any_alarm, read_or_packed, tell_alarms
from fanpin_risk.cli.usage import checked_by
from fanpin_risk.errors import InputError
from fanpin_risk.words import Message, current_language

if TYPE_CHECKING:
    import pandas as pd

    from fanpin_risk.asof.outcomes import Target, Unobserved
    from fanpin_risk.model.ensemble_facts import Ensemble
    from fanpin_risk.records.register import Register

__all__ = ["drift", "evaluate"]

PRINTED = ("auc", "average_precision", "log_loss", "calibration_error", "recall")
ADVICE = {
    "keep": Message("advice: keep"),
    "recalibrate": Message("advice: recalibrate"),
    "retrain": Message("advice: retrain"),
}
out_option = click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the results."
)


def _baselines(option: str, value: str) -> list[str]:
    from fanpin_risk.evaluation.baselines import baseline_names

    if value == "none":
        return []
    wanted = "all" if value == "all" else [name.strip() for name in value.split(",") if name.strip()]
    return baseline_names(wanted, option=option)


def _weights(file: Path, id_key: Path | None) -> pd.Series:
    """Read what each household counts."""
    import pandas as pd

    try:
        frame = pd.read_csv(file, dtype="str", encoding="utf-8-sig")
        weights = pd.to_numeric(frame["weight"], errors="coerce")
        ids = tuple(frame["household_id"].astype("str"))
    except (KeyError, ValueError) as error:
        raise InputError(
            "{file}: expected a csv file with the columns household_id and weight", file=file.name
        ) from error
    wrong = weights.isna() | (weights < 0) | frame["household_id"].isna() | frame["household_id"].duplicated()
    if wrong.any():
        raise InputError(
            "{file}: {rows} rows, the first in line {line}, have no household, one named before, or no weight of 0 or more",
            file=file.name,
            rows=int(wrong.sum()),
            line=int(wrong.to_numpy().argmax()) + 2,
        )
    if id_key is not None:
        ids = pseudonyms(ids, id_key)
    return pd.Series(weights.to_numpy(dtype="float64"), index=pd.Index(ids, name="household_id"))


@click.command()
@learning_options
@policy_option
@out_option
@horizon_option
@target_option
@unobserved_option
@place_option
@ensemble_option
@select_option
@click.option(
    "--baselines",
    default="rules,pmt,logistic",
    show_default=True,
    callback=checked_by(_baselines),
    metavar="NAMES",
    help="What to put beside the model, by commas: rules, pmt (proxy means test), logistic, forest, lightgbm, xgboost, "
    "catboost, ebm (explainable boosting machine); or 'all', or 'none'.",
)
@click.option(
    "--household-folds",
    type=click.IntRange(1, 20),
    default=5,
    show_default=True,
    help="No household is forecast by a model that learnt from it, in so many folds; 1: it may have been, as in practice, several "
    "times faster.",
)
@click.option(
    "--delay-months",
    type=click.IntRange(0, 36),
    default=0,
    show_default=True,
    help="Months after the end of a horizon until its outcomes are on record.",
)
@click.option("--newest", type=click.IntRange(1), metavar="N", help="Learn from the N newest days only; default: all.")
@click.option(
    "--weights",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A csv with household_id and weight, such as one over the probability of being drawn for an audit visit; others are not "
    "evaluated.",
)
@visits_option(
    "What visits found: a ledger, or the results that 'visits read' wrote with --list. Forecasts are held against it as well, and "
    "the model that also learns from the visits known by the day forecast stands beside that of the register alone."
)
@click.option("--learning-curve", is_flag=True, help="Also forecast the last day from the newest 1, 2, ... days only.")
@capacity_option("Households that can be visited: a whole number, or a share of those evaluated.", default="0.05")
@click.option(
    "--draws",
    type=click.IntRange(0, 10_000),
    default=300,
    show_default=True,
    help="Draws of villages for the intervals.",
)
@click.option(
    "--no-leak-check",
    is_flag=True,
    help="Do not look for knowledge of the outcome in what is said to have been known before it.",
)
@packed_workers_option
@click.option(
    "--card",
    "card_of",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="MODEL",
    help="Write the tables into the card of this model too; it must forecast the same event.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of model, baselines and draws."
)
@overwrite_option
@lang_option
@quiet_option
def evaluate(
    register: Path | str,
    lines_file: Path | None,
    as_of: tuple[str, ...],
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    policy_file: Path | None,
    out: Path,
    horizon: int,
    target: Target,
    unobserved: Unobserved,
    place: Literal["auto", "yes", "no"],
    ensemble: Ensemble,
    select: bool,
    baselines: list[str],
    household_folds: int,
    delay_months: int,
    newest: int | None,
    weights: Path | None,
    visits_place: Path | str | None,
    learning_curve: bool,
    capacity: float,
    draws: int,
    no_leak_check: bool,
    workers: int | None,
    card_of: Path | None,
    seed: int,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Forecast past days of REGISTER as if each were today, and compare with what happened.

    Each day given with --as-of is forecast by models that learnt from the earlier ones, knowing no more than the
    office knew: their horizons were over and their outcomes on record. So give three days or more, a horizon apart.

    The days that the last forecast learnt from are checked for leaks, as 'train' does. On an alarm the results are
    written all the same, but look better than the forecast is, and the exit code is 4.

    A REGISTER made by 'pack' is read part by part, with the same results; of its records the leak checks look at the
    households with the event and a draw of the others.

    Results in the folder, none about a single household: README.md to read first; measures, comparison, calibration,
    capacity, groups, fairness and other tables as csv; pictures where matplotlib is installed.
    """
    from fanpin_risk.evaluation.baselines import make_baselines
    from fanpin_risk.evaluation.protocol import days_to_forecast
    from fanpin_risk.evaluation.settings import settings_to_try
    from fanpin_risk.files import check_target
    from fanpin_risk.model.store import add_to_card, read_card
    from fanpin_risk.reports import write_evidence

    check_target(out, "evaluation", overwrite=overwrite)
    make_baselines(
        baselines
    )  # which packages are not installed, and which days cannot be forecast, is said before reading
    days_to_forecast(as_of, horizon + delay_months)
    tell = Teller(quiet=quiet)
    if card_of is not None:
        event = read_card(card_of)["event"]
        if event != {"target": target, "horizon_months": horizon}:
            raise InputError(
                "{model} forecasts {its_target} within {its_horizon} months, not {target} within {horizon}; say --target "
                "{its_target} --horizon {its_horizon}, or leave --card out",
                model=card_of.name,
                its_target=event["target"],
                its_horizon=event["horizon_months"],
                target=target,
                horizon=horizon,
            )
    counted = None if weights is None else _weights(weights, id_key)
    lines, policy = own_lines(lines_file), own_policy(policy_file)
    read = read_or_packed(
        register, tell, data_date=data_date, id_key=id_key, encoding=encoding, days=as_of, workers=workers
    )
    found = None
    if visits_place is not None:
        found = found_at_visits(visits_place, tell, register=read, id_key=id_key)
    model = fr.RiskModel(target=target, lines=lines, random_state=seed, place=PLACE_ASKED[place], ensemble=ensemble)
    with tell.progress(Message("evaluating")) as progress:
        result = fr.evaluate(
            read,
            as_of,
            models={"fanpin_risk": list(settings_to_try(model).values()) if select else model},
            baselines=baselines,
            horizon_months=horizon,
            target=target,
            unobserved=unobserved,
            delay_months=delay_months,
            newest=newest,
            household_folds=household_folds,
            learning_curve=learning_curve,
            lines=lines,
            policy=policy,
            weights=counted,
            visits=found,
            random_state=seed,
            progress=progress,
        )
    with tell.progress(Message("making tables")) as progress:
        tables = result.tables(capacity=capacity, n_bootstrap=draws, random_state=seed, progress=progress)
    alarms = None
    if not no_leak_check:
        learnt = result.folds["train_days"].iloc[-1].split(", ")
        with tell.progress(Message("looking for leaks")) as progress:
            alarms = fr.leak_alarms(
                read,
                learnt,
                horizon_months=horizon,
                target=target,
                lines=lines,
                random_state=seed,
                progress=progress,
            )
        tell_alarms(alarms, tell)
    lang = current_language()
    write_evidence(result, out, tables=tables, alarms=alarms, lang=lang, overwrite=overwrite)
    if card_of is not None:
        add_to_card(card_of, evaluation=result.summary(tables))
    _show_measures(tables["measures"])
    _show_rules(tables["rules"])
    if found is not None:
        show_visit_tables(tables, tell)
    if not quiet:
        click.echo()
        click.echo(result.note(lang=lang))
    tell(Message("results: {file}", file=out / "README.md"))
    if not list(out.glob("*.png")):
        tell(Message("no pictures: matplotlib is not installed, or there is nothing to draw"))
    if any_alarm(alarms):
        say(
            Message(
                "A leak alarm rang: the figures are better than the forecast is; check the records named above before they are "
                "believed."
            )
        )
        sys.exit(EXIT_ALARM)


def _show_measures(table: Any) -> None:
    """Print the first table."""
    from fanpin_risk.reports.figures import measure_rows

    headers, rows = measure_rows(table.to_dict("records"), current_language(), measures=PRINTED)
    click.echo(" | ".join(headers))
    for row in rows:
        click.echo(" | ".join(row))


def _show_rules(table: Any) -> None:
    """Print what rules, model and both find with as many visits."""
    from fanpin_risk.reports.figures import ways_rows

    headers, rows = ways_rows(table.to_dict("records"), current_language())
    click.echo()
    click.echo(" | ".join(headers))
    for row in rows:
        click.echo(" | ".join(row))


@click.command()
@scoring_options
@out_option
@overwrite_option
@lang_option
@quiet_option
def drift(
    register: Path | str,
    lines_file: Path | None,
    as_of: str,
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    model: str,
    out: Path,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Say whether a model still fits REGISTER on a day: keep it, recalibrate it, or train it again.

    Features and scores of the day are held against those of the training days, which travel with the model as shares
    in bins. Where a horizon after the training days is over, forecasts are held against what happened. Results:
    feature_drift.csv, score_drift.csv, performance.csv and level.csv where outcomes are known, and advice on the screen and in
    README.md.

    When times turn, all risks are too high or too low together, which nothing known on the day can foretell. So level.csv says
    apart, for each day whose outcomes are known, whether the share with the event lay in the interval of the level (aim: on nine
    days in ten), and the calibration error with the level put right (aim: at most 0.015).
    """
    from fanpin_risk.batch.layout import is_packed
    from fanpin_risk.evaluation import drift_report
    from fanpin_risk.evaluation.labels import translated
    from fanpin_risk.files import check_target, new_folder, write_table, write_text
    from fanpin_risk.reports.documents import Document

    check_target(out, "drift", overwrite=overwrite)
    tell = Teller(quiet=quiet)
    loaded = load(model, lines=own_lines(lines_file))
    tell_model(loaded, as_of, tell)
    read: Register | fr.PackedRegister
    if is_packed(register):
        from fanpin_risk.cli.packed import packed_as_described

        packed_as_described(Path(register), tell, model=loaded, given=(data_date, id_key, encoding))
        read = fr.PackedRegister(register)
    else:
        read = read_checked(
            register, tell, data_date=data_date, id_key=id_key, encoding=encoding, days=(as_of,), model=loaded
        )
        tell_lacking(loaded, read)
    lang = current_language()
    with tell.progress(Message("comparing")) as progress:
        report = drift_report(loaded, read, as_of, progress=progress)
    advice = str(ADVICE[str(report.advice["verdict"])])
    reasons = report.advice[f"reasons_{lang}"]
    page = Document(lang)
    page.title(str(Message("Does the model {model} still fit on {day}?", model=loaded.label, day=as_of)))
    page.important(advice)
    page.list(reasons)
    page.text(str(Message("{households:,} households were compared.", households=report.households)))
    if report.outcome is None:
        page.text(str(Message("No horizon after the training days is over yet: only distributions can be looked at.")))
    level = _level_facts(report.levels)
    for fact in level:
        page.text(str(fact))
    with new_folder(out, "drift", overwrite=overwrite) as folder:
        write_table(translated(report.features, lang), folder / "feature_drift.csv")
        write_table(translated(report.scores, lang), folder / "score_drift.csv")
        if report.outcome is not None:
            write_table(translated(report.outcome, lang), folder / "performance.csv")
        if len(report.levels):
            write_table(translated(report.levels, lang), folder / "level.csv")
        write_text(page.markdown(), folder / "README.md")
    click.echo(advice)
    for reason in reasons:
        click.echo(f"  - {reason}")
    for fact in level:
        click.echo(str(fact))
    if report.advice["verdict"] == "recalibrate":
        tell(Message("to try that on the register's own past: fanpin-risk recalibrate"))
    tell(Message("details written to {out}", out=out))


def _level_facts(levels: pd.DataFrame) -> list[Message]:
    """Say whether the level held, and how large the calibration error is apart from it."""
    from fanpin_risk.evaluation.levels import CALIBRATION_AIM

    if not len(levels):
        return []
    facts = [
        Message(
            "level: on {held} of {days} days with known outcomes the share with the event lay in the interval of the level "
            "(aim: nine days in ten).",
            held=int(levels["level_held"].sum()),
            days=len(levels),
        )
    ]
    known = levels.dropna(subset="calibration_error_level_right")
    if len(known):
        newest = known.iloc[-1]
        facts.append(
            Message(
                "calibration error on {day}: {error:.4f} as forecast, {right:.4f} with the level put right (aim: at most {aim}).",
                day=newest["as_of"].date(),
                error=newest["calibration_error"],
                right=newest["calibration_error_level_right"],
                aim=CALIBRATION_AIM,
            )
        )
    return facts
