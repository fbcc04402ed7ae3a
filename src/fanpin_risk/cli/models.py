"""Commands about models: train, score, explain, card."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

import fanpin_risk as fr
from fanpin_risk.cli.exits import EXIT_ALARM
from fanpin_risk.cli.household_lists import only_a_list, read_list, score_list
from fanpin_risk.cli.learning import found_at_visits, visits_option
from fanpin_risk.cli.options import (
    DataDate,
    capacity_option,
    ensemble_option,
    group_option,
    horizon_option,
    lang_option,
    learning_options,
    overwrite_option,
    packed_workers_option,
    per_option,
    place_option,
    policy_option,
    quiet_option,
    reasons_option,
    scoring_options,
    select_option,
    target_option,
    unobserved_option,
    workers_option,
)
from fanpin_risk.cli.parts import score_in_parts
from fanpin_risk.cli.reading import (
    check_ending,
    check_text_ending,
    own_lines,
    own_policy,
    pseudonyms,
    read_checked,
    reading_option,
    refuse_reading_options,
)
from fanpin_risk.cli.scoring import load, score_in_memory, tell_lacking, tell_model
from fanpin_risk.cli.talking import Teller, deliver, say
from fanpin_risk.cli.training import PLACE_ASKED, any_alarm, fit, read_or_packed
from fanpin_risk.errors import FanpinError, InputError
from fanpin_risk.words import Message, current_language

if TYPE_CHECKING:
    from fanpin_risk.asof.outcomes import Target, Unobserved
    from fanpin_risk.model.ensemble_facts import Ensemble
    from fanpin_risk.records.places import Unit
    from fanpin_risk.records.register import Register

__all__ = ["card", "explain", "score", "train"]

OTHER_ENDINGS = (".txt", ".xls", ".json", ".tsv", ".html", ".doc", ".docx", ".pdf")  # of files that are not written


@click.command()
@learning_options
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the model.")
@horizon_option
@target_option
@unobserved_option
@place_option
@ensemble_option
@select_option
@visits_option(
    "What visits after the training days found: a ledger, or the results that 'visits read' wrote with --list. Then the risk is "
    "that of being found in need at a visit, of everybody at risk, each visit counting one over its probability."
)
@click.option(
    "--no-leak-check",
    is_flag=True,
    help="Do not look for knowledge of the outcome in what is said to have been known before it.",
)
@click.option(
    "--max-rows",
    type=click.IntRange(1000),
    metavar="N",
    help="Learn from no more than N rows (a household on one day is a row): a draw of households, those with the event apart, weighted "
    "so that the level is that of all. Default: all.",
)
@packed_workers_option
@click.option("--name", default="fanpin-risk", show_default=True, help="Name of the model, written beside every score.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the model.")
@overwrite_option
@lang_option
@quiet_option
def train(
    register: Path | str,
    lines_file: Path | None,
    as_of: tuple[str, ...],
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    out: Path,
    horizon: int,
    target: Target,
    unobserved: Unobserved,
    place: Literal["auto", "yes", "no"],
    ensemble: Ensemble,
    select: bool,
    visits_place: Path | str | None,
    no_leak_check: bool,
    max_rows: int | None,
    workers: int | None,
    name: str,
    seed: int,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Train a model on REGISTER, from what was known on past days and what happened after them.

    Afterwards it is checked whether anything in the records knows the outcome, such as rows written or changed after a
    household was recognised. A leak alarm does not stop the training: the model is written, its card carries the
    alarm, and the exit code is 4. Such a model looks better than it is; mend the records, then train again.

    A REGISTER made by 'pack' is learnt from part by part, with the same model to the bit: only features and outcomes of the
    training days are in memory as a whole. Of its records the leak checks look at the households with the event and a draw of
    the others.
    """
    from fanpin_risk.files import check_target
    from fanpin_risk.model.model_folders import DEMO_MODELS
    from fanpin_risk.model.visit_fit import check_visited

    if str(out) in DEMO_MODELS:  # the commands that take a model would take the one that ships
        raise InputError(
            "--out {out}: {out!r} names a model that ships; give another folder, such as models/{name}",
            out=str(out),
            name=name,
        )
    check_target(out, "model", overwrite=overwrite)
    if visits_place is not None:
        check_visited(target, PLACE_ASKED[place])
    lines = own_lines(lines_file)
    tell = Teller(quiet=quiet)
    read = read_or_packed(
        register, tell, data_date=data_date, id_key=id_key, encoding=encoding, days=as_of, workers=workers
    )
    found = None
    if visits_place is not None:
        found = found_at_visits(visits_place, tell, register=read, id_key=id_key)
    model, alarms = fit(
        read,
        as_of,
        tell,
        horizon=horizon,
        target=target,
        unobserved=unobserved,
        place=PLACE_ASKED[place],
        ensemble=ensemble,
        select=select,
        seed=seed,
        name=name,
        lines=lines,
        leak_check=not no_leak_check,
        visits=found,
        max_rows=max_rows,
    )
    fr.save_model(model, out, alarms=alarms, overwrite=overwrite)
    tell(Message("model written to {out}; its card: fanpin-risk card {out}", out=out))
    if any_alarm(alarms):
        say(
            Message(
                "A leak alarm rang: the model is written, but looks better than it is; check the records named above before use."
            )
        )
        sys.exit(EXIT_ALARM)


@click.command()
@scoring_options
@policy_option
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder for the results, or one file (.csv, .parquet, .xlsx) with a folder of the same name for the rest.",
)
@reasons_option
@capacity_option(
    "Households that can be visited: a whole number, or a share such as 0.02 (the default) of those not monitored yet."
)
@per_option
@workers_option("Score part by part in N processes (-1: one per core); a run that was stopped goes on where it was.")
@group_option
@click.option(
    "--households",
    "households_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Score only the households that FILE names, one row for each in its order: a csv, txt, xlsx or parquet with a column of "
    "household ids, such as the sheet of those monitored. Ids that the register does not know stay, with a note.",
)
@click.option(
    "--all-contributions",
    is_flag=True,
    help="Also write the contributions of all features, in calibrated log-odds, with their base; always as parquet.",
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["parquet", "csv", "xlsx"]),
    help="Files of scores and unscored households; default: csv, or parquet when scored part by part.",
)
@overwrite_option
@lang_option
@quiet_option
def score(
    register: Path | str,
    lines_file: Path | None,
    as_of: str,
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    model: str,
    policy_file: Path | None,
    out: Path,
    n_reasons: int,
    capacity: float | None,
    per: Unit | None,
    workers: int | None,
    groups: tuple[str, ...],
    households_file: Path | None,
    all_contributions: bool,
    kind: Literal["parquet", "csv", "xlsx"] | None,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Score every household of REGISTER on a day, with reasons, and write the watch list.

    Results: scores (one row per household: risk, tier, main cause, reasons with their contributions), watchlist, rule_list (whom
    a rule alone lists: a guarantee is not given or the line not reached), disagreements (where rules and model differ),
    below_line (of a model of that target: who is below the line already, without a risk), unscored (households not on
    record on the day, with the reason), problems and rejected rows. The result proposes visits; people decide.

    A REGISTER made by 'pack' is scored part by part, in bounded memory: OUT/scores holds one file per partition and a
    manifest; call the same command again to go on after a stop. So is any other with --workers.

    With --households the scores are of the households of a list, such as those monitored: each has exactly one row, in the
    order of the list; who has no risk has a note that says why (not in the register, not on record on the day, ...). The
    watchlist then holds all that have a risk, the highest first, monitored or not; since when they are monitored, as what and
    with which measures stands beside. A packed register works as well, and only the parts that hold them are read.
    """
    from fanpin_risk.batch.layout import is_packed
    from fanpin_risk.batch.scoring.job import ScoreOptions
    from fanpin_risk.files import FORMATS, check_target

    tell = Teller(quiet=quiet)
    one_file = out.suffix.lower() in FORMATS
    if out.suffix.lower() in OTHER_ENDINGS:
        check_ending(out)
    packed = is_packed(register)
    in_parts = households_file is None and (packed or workers is not None)
    if in_parts and one_file:
        raise InputError("{file}: scored part by part, the results are a folder; give --out a folder", file=out.name)
    of_list = id_key or encoding or reading_option("columns")  # these say how a list of households is read, too
    if packed:
        refuse_reading_options(data_date, of_list if households_file is None else None)
    folder, file = (out.with_suffix(""), out) if one_file else (out, None)
    if in_parts:  # a run that was stopped goes on without --overwrite
        check_target(folder, "score", overwrite=True, stays="scores")
    else:
        check_target(folder, "score", overwrite=overwrite, beside=file)
    options = ScoreOptions(
        n_reasons=n_reasons, lang=current_language(), groups=groups, all_contributions=all_contributions,
        format=kind or ("parquet" if in_parts else "csv"), policy=own_policy(policy_file),
    )  # fmt: skip
    loaded = load(model, lines=own_lines(lines_file))
    tell_model(loaded, as_of, tell)
    named = None if households_file is None else read_list(households_file, tell, id_key=id_key, encoding=encoding)
    if packed:
        source: Path | str | Register = register
    else:
        try:
            source = read = read_checked(
                register, tell, data_date=data_date, id_key=id_key, encoding=encoding, days=(as_of,), model=loaded
            )
        except FanpinError as error:
            if (hint := only_a_list(register, error)) is None:
                raise
            raise hint from error
        if named is not None:
            tell_lacking(loaded, read)
    if named is not None:
        score_list(
            loaded, source, as_of, named, folder, tell, options=options, file=file, workers=workers, capacity=capacity,
            per=per, overwrite=overwrite,
        )  # fmt: skip
    elif in_parts:
        score_in_parts(
            loaded, source, as_of, out, tell, options=options, workers=workers, capacity=capacity, per=per,
            overwrite=overwrite, problems_of=None if packed else read,
        )  # fmt: skip
    else:
        score_in_memory(
            loaded,
            read,
            as_of,
            folder,
            tell,
            options=options,
            file=file,
            capacity=capacity,
            per=per,
            overwrite=overwrite,
        )


@click.command()
@scoring_options
@click.option(
    "--household",
    "households",
    required=True,
    multiple=True,
    metavar="ID",
    help="Household id; give several for several.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write: .html (a card for each household, with bars, fit to be printed) or .txt; default: text on the screen.",
)
@overwrite_option
@lang_option
def explain(
    register: Path | str,
    lines_file: Path | None,
    as_of: str,
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    model: str,
    households: tuple[str, ...],
    out: Path | None,
    overwrite: bool,
) -> None:
    """Explain the risk of single households of REGISTER in plain words: what raises it, what lowers it, what is unknown.

    The html is one file that asks nothing of any other computer. Ids in it are whole: it is for those who visit the
    household and for the household itself. Of a packed register only the parts are read in which the households stand.
    """
    from fanpin_risk.files import check_target

    check_text_ending(out, (".html", ".txt"))
    if out is not None:
        check_target(out, "explanation", overwrite=overwrite)
    households = tuple(dict.fromkeys(households))
    if id_key is not None:
        households = pseudonyms(households, id_key)
    loaded = load(model, lines=own_lines(lines_file))
    tell_model(loaded, as_of, Teller())
    read = read_checked(
        register, Teller(quiet=True), data_date=data_date, id_key=id_key, encoding=encoding, days=(as_of,), model=loaded,
        households=households,
    )  # fmt: skip
    tell_lacking(loaded, read)
    lang = current_language()
    if out is not None and out.suffix.lower() == ".html":
        from fanpin_risk.reports.cards_page import cards_html

        text = cards_html(loaded, read, as_of, households, lang=lang)
    else:
        explanation = loaded.explain(read, as_of, households=list(households))
        text = "\n".join(explanation.letter(household, lang=lang) + "\n" for household in households)
    deliver(text, out, Teller(), Message("explanation written to {out}", out=out), kind="explanation")


@click.command()
@click.argument("model", metavar="MODEL")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write: .md or .html; default: Markdown on the screen.",
)
@overwrite_option
@lang_option
def card(model: str, out: Path | None, overwrite: bool) -> None:
    """Write the card of MODEL: what it is for and what not, how it was trained, how well it forecasts, for whom.

    MODEL is a folder made by 'train', or 'demo'. The evaluation in it comes from 'evaluate --card MODEL'. The html is one
    file that prints well and asks nothing of any other computer.
    """
    from fanpin_risk.files import check_target

    check_text_ending(out, (".md", ".html"))
    if out is not None:
        check_target(out, "card", overwrite=overwrite)
    kind: Literal["md", "html"] = "html" if out is not None and out.suffix.lower() == ".html" else "md"
    text = fr.model_card(model, format=kind, lang=current_language())
    deliver(text, out, Teller(), Message("card written to {out}", out=out), kind="card")
