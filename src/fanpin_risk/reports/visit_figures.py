"""Lines of the tables of an evaluation that say what visits found, and what was learnt from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fanpin_risk.evaluation.labels import NOTES, OF_VISITS, label, model_label
from fanpin_risk.evaluation.results import plain_rows
from fanpin_risk.reports.documents import Document
from fanpin_risk.reports.figures import Row, comparison_rows, count_text, measured
from fanpin_risk.words import Language, Message, listed, note_message

__all__ = ["against_rows", "learnt_rows", "visits_section"]

# What is shown of each way to weigh; the file holds more.
AGAINST = ("base_rate", "mean_risk", "auc", "average_precision", "log_loss", "recall")


def against_rows(
    rows: Iterable[Row], lang: Language, *, measures: Sequence[str] = AGAINST
) -> tuple[list[str], list[list[str]]]:
    """Return headers and lines of forecasts held against visits and recognition: one line for each model, day and way to weigh."""
    lines: dict[tuple[str, ...], dict[str, str]] = {}
    for row in rows:
        against, weighting = str(row["against"]), str(row["weighting"])
        key = (
            model_label(str(row["model"]), lang),
            str(row["fold"]),
            OF_VISITS["against"][against].shown(lang),
            OF_VISITS["weighting"][weighting].shown(lang),
        )
        lines.setdefault(key, {})[str(row["measure"])] = measured(row)
    present = [name for name in measures if any(name in line for line in lines.values())]
    headers = [Message("Model"), Message("Day forecast"), Message("Held against"), Message("Counted")]
    return (
        [*(header.shown(lang) for header in headers), *(label(name, lang) for name in present)],
        [[*key, *(line.get(name, "—") for name in present)] for key, line in lines.items()],
    )


def learnt_rows(rows: Iterable[Row], lang: Language) -> tuple[list[str], list[list[str]]]:
    """Return headers and lines of which visits each forecast learnt from, how unevenly they count, and what they found."""
    headers = [
        Message("Day forecast"), Message("Model"), Message("Visits known by then"), Message("By the list"),
        Message("Drawn at random"), Message("As many as count alike"), Message("Largest weight, times the mean"),
        Message("In need: weighted, of the visited, recognised"), Message("Remark"),
    ]  # fmt: skip
    lines = []
    for row in rows:
        shares = [row[name] for name in ("share_verified_weighted", "share_verified", "share_recognised")]
        lines.append(
            [
                str(row["fold"]),
                model_label(str(row["model"]), lang),
                *(count_text(row[name]) for name in ("visits", "by_list", "at_random")),
                *("—" if row[name] is None else f"{row[name]:,.{digits}f}" for name, digits in (("effective", 0), ("largest_weight", 1))),
                listed(["—" if share is None else f"{share:.2%}" for share in shares]).shown(lang),
                note_message(str(row["note"] or ""), NOTES).shown(lang),
            ]
        )  # fmt: skip
    return [header.shown(lang) for header in headers], lines


def visits_section(document: Document, tables: Mapping[str, Any], lang: Language) -> None:
    """Write the section on visits, where an evaluation was given any.

    Parameters
    ----------
    document : Document
        Takes it.
    tables : mapping of str to DataFrame or list of rows
        ``visits``, ``visits_learnt`` and ``visits_comparison``, as far as they were made.
    lang : {"zh", "en"}
        Language.
    """
    found, learnt, paired = (_figure_rows(tables, name) for name in ("visits", "visits_learnt", "visits_comparison"))
    if not found and not learnt:
        return
    document.heading(Message("Held against visits"))
    document.text(
        Message(
            "Weighted, each visit counts one over its probability: the figures are of everybody at risk. Without weights they are "
            "of whom the list and the draw met; official recognition counts mostly whom visitors met. So a model that learnt from "
            "visits looks too high where it is held against recognition, as in the tables above."
        )
    )
    if found:
        document.table(*against_rows(found, lang))
        said = sorted({str(row["note"]) for row in found if "uneven_weights" in str(row["note"])})
        document.list([note_message(one, NOTES).shown(lang) for one in said])
    else:
        document.text(
            Message("No visit with a known result followed a day forecast, so nothing is held against visits.")
        )
    if learnt:
        document.text(
            Message(
                "Learning from visits: each forecast knows only the visits made and recorded by its day. Where these are too few it "
                "is the forecast that the register alone gives."
            )
        )
        document.table(*learnt_rows(learnt, lang))
    if paired:
        document.text(
            Message(
                "The same model learning from the register alone (the first model) and from visits as well, at the visited of the days "
                "after it, weighted:"
            )
        )
        document.table(*comparison_rows(paired, lang))


def _figure_rows(tables: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    table = tables.get(name)
    return table if isinstance(table, list) else plain_rows(table)
