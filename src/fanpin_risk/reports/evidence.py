"""An evaluation written down: tables, pictures and a page to read first; nothing in it is about a single household."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from fanpin_risk.asof.outcomes import EVENTS
from fanpin_risk.errors import SchemaError, install_command
from fanpin_risk.evaluation.evaluation import RESULT_TABLES, Evaluation, Tables
from fanpin_risk.evaluation.labels import MODELS, translated
from fanpin_risk.evaluation.options import check_lang
from fanpin_risk.evaluation.results import Result, plain_rows
from fanpin_risk.files import check_target, new_folder, write_table, write_text
from fanpin_risk.plots.fonts import chinese_font
from fanpin_risk.plots.results import draw
from fanpin_risk.reports.documents import Document
from fanpin_risk.reports.figures import NO_ALARM, PAIRED, comparison_rows, measure_rows, signal_rows, ways_rows
from fanpin_risk.reports.visit_figures import visits_section
from fanpin_risk.words import Language, Message

__all__ = ["write_evidence"]

EVIDENCE_PICTURES = ("calibration", "capacity", "comparison", "decision", "gains", "lead_time", "learning_curve")


def write_evidence(
    evaluation: Evaluation,
    path: str | os.PathLike[str],
    *,
    tables: Tables | None = None,
    alarms: pd.DataFrame | None = None,
    lang: Language = "zh",
    overwrite: bool = False,
) -> Path:
    """Write tables as csv files, pictures as png files and README.md, the page to read first.

    Parameters
    ----------
    evaluation : Evaluation
        From :func:`fanpin_risk.evaluate`.
    path : path-like
        Folder to make, whole or not at all.
    tables : dict, optional
        From :meth:`fanpin_risk.Evaluation.tables`. Default: made here.
    alarms : DataFrame, optional
        From :func:`fanpin_risk.leak_alarms`: what was found stands on the page. Default: the page says nothing of leaks.
    lang : {"zh", "en"}
        Language of the page, the tables and the pictures. English tables hold the names by which Python knows models,
        measures and groups; their notes are sentences in both languages.
    overwrite : bool
        Whether to replace an earlier report that stands there as it was written. Any other folder is kept.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If something stands at `path` that is kept, or it cannot be written.
    SchemaError
        If `lang` is not one of those above.
    """
    check_lang(lang)
    check_target(path, "evaluation", overwrite=overwrite)
    made = evaluation.tables() if tables is None else tables
    with new_folder(path, "evaluation", overwrite=overwrite) as folder:
        for name in RESULT_TABLES:
            if name in made:
                write_table(translated(made[name], lang), folder / f"{name}.csv")
        drawn = _pictures(made, folder, lang)
        write_text(_page(evaluation, made, drawn, lang, alarms).markdown(), folder / "README.md")
    return Path(path)


def _pictures(tables: Tables, folder: Path, lang: Language) -> list[str] | None:
    """Draw what can be drawn; None if matplotlib is not there."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return None
    if lang == "zh" and chinese_font() is None:
        lang = "en"
    wanted = {name: tables[name] for name in EVIDENCE_PICTURES if name in tables}
    if "comparison" in wanted:
        wanted["comparison"] = wanted["comparison"][wanted["comparison"]["measure"].isin(PAIRED)]
    if "fairness" in tables:
        for group, part in pd.DataFrame(tables["fairness"]).groupby("group", sort=False):
            table = part.drop(columns="group").rename(columns={"category": str(group)})
            wanted[f"fairness_{group}"] = Result(table, kind="fairness")
    drawn = []
    for name, table in wanted.items():
        figure = Figure()
        try:
            draw(table, ax=figure, lang=lang)
        except SchemaError:  # nothing in it, or all of it suppressed
            continue
        figure.savefig(folder / f"{name}.png", dpi=150, metadata={"Software": None})
        drawn.append(f"{name}.png")
    return drawn


def _page(
    evaluation: Evaluation,
    tables: Tables,
    drawn: list[str] | None,
    lang: Language,
    alarms: pd.DataFrame | None = None,
) -> Document:
    page = Document(lang)
    page.title(Message("Evaluation of the forecast"))
    if evaluation.synthetic:
        page.important(
            Message("The register is made up: these figures show how the program works, not how well it would do.")
        )
    if alarms is not None and (alarms["level"] == "alarm").any():
        page.important(
            Message(
                "A leak alarm rang: the figures are better than the forecast is; do not believe them before it is cleared "
                "up (see the leak check)."
            )
        )
    page.important(evaluation.note(lang=lang))
    page.text(
        Message(
            "Event: {event} within {months} months. Days forecast: {days}. For each of them the models learnt from what was "
            "on record by then, outcomes included. In brackets 95-percent intervals by drawing villages; small cells are left out.",
            event=EVENTS[evaluation.target],
            months=evaluation.horizon_months,
            days=[str(day.date()) for day in evaluation.folds["test_day"]],
        )
    )
    page.heading(Message("Measures"))
    page.table(*measure_rows(plain_rows(tables["measures"]), lang))
    if "comparison" in tables:
        first = MODELS.get(evaluation.models[0], evaluation.models[0])
        page.heading(Message("{model} compared with the others", model=first))
        page.text(Message("The first model is {model}.", model=first))
        page.table(*comparison_rows(plain_rows(tables["comparison"]), lang))
    if "rules" in tables:
        page.heading(Message("Rules beside the model"))
        page.text(
            Message(
                "With as many visits on each day; among equal numbers it is left to chance, so figures are what is to be expected. "
                "Whoever stands on one list or the other makes more visits than that."
            )
        )
        page.table(*ways_rows(plain_rows(tables["rules"]), lang))
    visits_section(page, tables, lang)
    if "signals" in tables and len(tables["signals"]):
        page.heading(Message("Signals of departments"))
        page.text(
            Message(
                "Households at risk on the day with a signal in the 12 months before it, by what was known of the signal on the "
                "day, and how many of them had the event afterwards. A signal that brought a household into monitoring at once "
                "is not among them: that household was no longer at risk."
            )
        )
        page.table(*signal_rows(plain_rows(tables["signals"]), lang))
    if alarms is not None:
        page.heading(Message("Leak check"))
        found = alarms.loc[alarms["level"] != "ok", f"message_{lang}"].tolist()
        page.list(found)
        if not found:
            page.text(Message(NO_ALARM, count=alarms["alarm"].nunique()))
    page.heading(Message("Files"))
    page.table(
        [Message("File"), Message("What it holds")],
        [[f"{name}.csv", table.shown(lang)] for name, table in RESULT_TABLES.items() if name in tables],
    )
    if drawn is None:
        page.text(Message("No pictures: matplotlib is not installed ({command}).", command=install_command("evaluate")))
    elif drawn:
        page.text(Message("Pictures: {files}", files=drawn))
    if "fairness" not in tables:
        page.text(
            Message(
                "No audit of fairness: fairlearn is not installed ({command}).", command=install_command("evaluate")
            )
        )
    return page
