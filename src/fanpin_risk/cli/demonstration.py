"""The command demo: the whole job on a synthetic county."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

import fanpin_risk as fr
from fanpin_risk.cli.options import lang_option, overwrite_option, quiet_option
from fanpin_risk.cli.reading import read_checked, write_problem_list
from fanpin_risk.cli.scoring import event_forecast, headed, score_all, write_rule_lists
from fanpin_risk.cli.talking import Teller
from fanpin_risk.cli.training import fit
from fanpin_risk.errors import NotEnoughDataError
from fanpin_risk.words import Language, Message, current_language

if TYPE_CHECKING:
    import pandas as pd

    from fanpin_risk.model.risk_model import RiskModel
    from fanpin_risk.records.register import Register

__all__ = ["demo"]

DEMO_HOUSEHOLDS = 41_609  # the register of Tieling: 41,609 households, 86,922 persons
DEMO_TRAIN_DAYS = ("2021-12-31", "2022-12-31")
DEMO_TEST_DAY = "2023-12-31"
DEMO_SCORE_DAY = "2024-12-31"


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("fanpin_demo"),
    show_default=True,
    help="Folder for everything the demo writes.",
)
@click.option(
    "--households",
    type=click.IntRange(2000, 2_000_000),
    default=DEMO_HOUSEHOLDS,
    show_default=True,
    help="Size of the synthetic county; the default is Tieling's.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Seed of the synthetic county and of the model.",
)
@overwrite_option
@lang_option
@quiet_option
def demo(out: Path, households: int, seed: int, overwrite: bool, quiet: bool) -> None:
    """Run the whole job on a synthetic county: make, check, train, look for leaks, test, score, explain, list, report.

    Writes the register as Chinese csv files (GB18030) the way offices export them, reads it back with all
    checks, trains on two years, tests on the next, scores the last day and writes the watch list with reasons, the
    model with its card (card.html), and the report as a workbook (report.xlsx) and as a page (report.html).
    No person in it exists.
    """
    import time

    from fanpin_risk.files import new_folder

    tell = Teller(quiet=quiet)
    began = time.perf_counter()
    with new_folder(out, "demo", overwrite=overwrite) as folder:
        _whole_job(folder, out, tell, households=households, seed=seed, lang=current_language())
    tell(
        Message(
            "{seconds:.0f} s. Open the workbook {workbook} or the page {page}. Watch list: {watchlist}; all scores: {scores}; "
            "model: {model}; its card: {card}",
            seconds=time.perf_counter() - began,
            workbook=out / "report.xlsx",
            page=out / "report.html",
            watchlist=out / "watchlist.csv",
            scores=out / "scores.csv",
            model=out / "model",
            card=out / "card.html",
        )
    )


def _whole_job(folder: Path, out: Path, tell: Teller, *, households: int, seed: int, lang: Language) -> None:
    """Do all steps and write their results to a folder, whose name in the end is `out`."""
    from fanpin_risk.batch.scoring.job import ScoreOptions
    from fanpin_risk.files import new_folder, write_table, write_text
    from fanpin_risk.model.tiers import in_words
    from fanpin_risk.reports import gather, write_report

    with tell.progress(Message("1/7 making a synthetic register")) as progress:
        made = fr.make_register(households, seed, progress=progress)
    tell(Message("    writing {folder} (Chinese headers, GB18030 csv)", folder=out / "register"))
    made.to_folder(folder / "register", format="csv", headers="zh", encoding="gb18030", wide_incomes=True)
    tell(Message("2/7 reading and checking"))
    register = read_checked(folder / "register", tell)
    with new_folder(folder / "check", "check") as check:
        write_problem_list(register, check)
    tell(Message("3/7 training"))
    model, alarms = fit(register, DEMO_TRAIN_DAYS, tell, horizon=12, target="newly_monitored", seed=seed, name="demo")
    saved = fr.save_model(model, folder / "model", alarms=alarms)
    model = fr.load_model(saved)  # which knows what its card says of leaks, and so do the reports
    write_text(fr.model_card(saved, format="html", lang=lang), folder / "card.html", kind="card")
    write_text(fr.model_card(saved, format="md", lang=lang), folder / "card.md", kind="card")
    tell(Message("4/7 testing on a year never seen"))
    _tell_test(model, register, tell)
    tell(Message("5/7 scoring and explaining"))
    tables = score_all(model, register, DEMO_SCORE_DAY, tell, options=ScoreOptions(lang=lang))
    write_table(in_words(tables["scores"], lang=lang), folder / "scores.csv")
    write_table(tables["unscored"], folder / "unscored.csv")
    tell(Message("6/7 the watch list"))
    listed = fr.watchlist(tables["scores"])
    write_table(headed(listed, event_forecast(model)), folder / "watchlist.csv")
    show_first(in_words(listed, lang=lang))
    by_rule, differing = fr.rule_list(tables["scores"], listed=listed), fr.disagreements(tables["scores"])
    write_rule_lists(by_rule, differing, folder, event_forecast(model), tell)
    tell(Message("    those monitored already, by a model of theirs"))
    of_monitored = _fit_of_monitored(register, tell, seed=seed)
    tell(Message("7/7 the report, as a workbook and as a page"))
    contents = gather(model, register, DEMO_SCORE_DAY, monitored_model=of_monitored)
    monitored = contents.monitored.households.drop(columns=["number", "place"])
    write_table(
        headed(monitored, event_forecast(model if of_monitored is None else of_monitored)), folder / "monitored.csv"
    )
    tell(
        Message(
            "    {count:,} households are monitored on {day}: they have a list of their own, {file}",
            count=len(monitored), day=DEMO_SCORE_DAY, file=out / "monitored.csv",
        )
    )  # fmt: skip
    for name in ("report.xlsx", "report.html"):
        write_report(contents, folder / name, lang=lang)


def _fit_of_monitored(register: Register, tell: Teller, *, seed: int) -> RiskModel | None:
    """Train a model of monitored households; None where they are too few to learn from."""
    try:
        return fit(
            register, DEMO_TRAIN_DAYS, tell, horizon=12, target="not_eliminated", seed=seed, name="demo-monitored",
            leak_check=False,
        )[0]  # fmt: skip
    except NotEnoughDataError as error:
        tell(Message("    none was trained: {why}", why=error.message))
        return None


def _tell_test(model: RiskModel, register: Register, tell: Teller) -> None:
    from sklearn.metrics import average_precision_score, roc_auc_score

    happened = fr.outcomes(register, DEMO_TEST_DAY)
    scores = model.score(register, DEMO_TEST_DAY, n_reasons=0, explain=False).set_index("household_id")
    risk = scores["risk"].reindex(happened.index).to_numpy()
    label = happened["outcome"].to_numpy(dtype=int)
    k = max(1, round(len(label) * 0.05))
    # ties are broken by household id, so that the figure is the same on every machine
    listed = happened.assign(risk=risk).sort_values(["risk"], ascending=False, kind="stable").head(k)
    found = int(listed["outcome"].sum())
    tell(
        Message(
            "    scored on {day}; newly monitored in the next 12 months {events:,} of {households:,}: AUC {auc:.3f}, average "
            "precision {precision:.3f}; visiting the top 5 % ({visits:,}) finds {found:.0%} of them, {right:.1%} of visits are "
            "right (at random {base:.1%})",
            day=DEMO_TEST_DAY,
            events=label.sum(),
            households=len(label),
            auc=roc_auc_score(label, risk),
            precision=average_precision_score(label, risk),
            visits=k,
            found=found / max(1, label.sum()),
            right=found / k,
            base=label.mean(),
        )
    )


def show_first(listed: pd.DataFrame) -> None:
    for row in listed.head(5).to_dict("records"):
        reasons = [
            text for name, text in row.items() if str(name).startswith("reason_") and isinstance(text, str) and text
        ]
        click.echo(f"{row['rank']:>4}  {row['household_id']}  {row['risk']:.1%}  {row['cause']}")
        for text in reasons:
            click.echo(f"        - {text}")
