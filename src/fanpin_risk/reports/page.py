"""The page for the office: one file of HTML that loads nothing from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from fanpin_risk.errors import SchemaError
from fanpin_risk.model.tiers import TIERS
from fanpin_risk.reports import page_sections as sections
from fanpin_risk.reports.contents import Contents
from fanpin_risk.reports.documents import one_line
from fanpin_risk.reports.household_cards import Card, household_cards, income_messages, reason_messages
from fanpin_risk.reports.languages import REPORT_LANGUAGES, ReportLanguage
from fanpin_risk.reports.monitored_list import monitored_note, monitored_rows
from fanpin_risk.reports.moves import moved_note, moved_rows
from fanpin_risk.reports.rendering import HTML_LANGUAGES, content_policy, read_template, templates, trusted
from fanpin_risk.words import LANGUAGES, Message

__all__ = ["page_html"]

# Figures of the summary that are shown large, in this order; all others follow as lines.
TILES = (
    "listed", "expected_listed", "scored", "high", "medium", "low", "already_below_line", "monitored", "mean_risk",
    "not_enough_known",
    "rows_rejected",
)  # fmt: skip
LIST_COLUMNS = (
    ("number", Message("No.")),
    ("id", Message("Household")),
    ("place", Message("Place")),
    ("risk", Message("Risk")),
    ("tier", Message("Tier")),
    ("cause", Message("Main cause")),
    ("reasons", Message("What raises the risk")),
)
BY_RISK = Message("By risk, highest first")
BY_AREA = Message("By area, and in each by risk, highest first")


def page_html(
    contents: Contents,
    *,
    lang: ReportLanguage = "zh",
    n_households: int = 500,
    mask_ids: bool = True,
) -> str:
    """Lay a report out as one page of HTML, to be read on a screen, a phone or paper.

    The page holds a summary, the list (to be searched and sorted), a card of each household listed, weak points by
    cause and place, the state of the records, how to read it and its limits, and the model's card. Without scripts the
    list, the summary and the tables remain.

    Parameters
    ----------
    contents : Contents
        From :func:`fanpin_risk.reports.contents.gather`.
    lang : {"zh", "en", "both"}, default "zh"
        The page holds both languages and opens in this one; with both, in Chinese.
    n_households : int, default 500
        Most households of the list that are shown: those with the highest risk.
    mask_ids : bool, default True
        Whether ids are masked and figures of small places left out (:meth:`Contents.masked`); the number of a
        household on the list is the same as in the workbook.

    Returns
    -------
    str
        A whole document in UTF-8.

    Raises
    ------
    SchemaError
        If `lang` or `n_households` is not one of those above.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> from fanpin_risk.reports.contents import gather
    >>> contents = gather(fr.load_model("demo"), fr.make_register(300, random_state=1), "2024-12-31", capacity=5)
    >>> page = page_html(contents, lang="en")
    >>> page[:15], page.count("data-card=")
    ('<!DOCTYPE html>', 5)
    """
    if n_households < 0:
        raise SchemaError("n_households is {n_households}; expected 0 or more", n_households=n_households)
    if lang not in REPORT_LANGUAGES:
        raise SchemaError("lang is {lang!r}; expected one of {languages}", lang=lang, languages=REPORT_LANGUAGES)
    template = templates("both").get_template("page.html")
    if mask_ids:
        contents = contents.masked()
    listed = contents.watchlist
    # Highest risks first, then back in the order of the list, which may be one of each area.
    keep = np.sort(np.argsort(-listed["risk"].to_numpy(dtype="float64"), kind="stable")[:n_households])
    shown, explanation = listed.iloc[keep].reset_index(drop=True), contents.explanation[keep]
    rows = sections.list_rows(shown, reason_messages(explanation, contents.n_reasons), income_messages(explanation))
    cards = [_on_page(card, row) for card, row in zip(household_cards(explanation), rows, strict=True)]
    summary = {str(row["key"]): row for row in contents.summary.to_dict("records")}
    below, below_explanation = contents.below_line.head(n_households), contents.below_explanation[:n_households]
    monitored, monitored_explanation = contents.monitored.first(n_households)
    of_monitored = [] if monitored_explanation is None else reason_messages(monitored_explanation, contents.n_reasons)
    style, unscripted, script = (read_template(name) for name in ("style.css", "unscripted.css", "script.js"))
    return str(
        template.render(
            policy=content_policy(styles=(style, unscripted), scripts=(script,)),
            style=trusted(style),
            unscripted=trusted(unscripted),
            script=trusted(script),
            data=trusted(_data(cards)),
            start=sections.forecast(contents.as_of, contents.horizon_months, contents.event),
            day=f"{contents.as_of:%Y-%m-%d}",
            model_label=contents.model_label,
            version=version("fanpin-risk"),
            notes=contents.notes,
            tiles=[summary[key] for key in TILES if key in summary],
            facts=[row for key, row in summary.items() if key not in TILES and not key.startswith("since_")],
            moved=[row for key, row in summary.items() if key.startswith("since_")],
            histogram=sections.histogram(contents.scores, contents.tier_thresholds),
            list_note=sections.list_note(len(shown), len(listed)),
            list_order=BY_AREA if "area" in listed else BY_RISK,
            rows=rows,
            below=sections.below_line_rows(below, income_messages(below_explanation)) if len(below) else [],
            below_note=sections.below_line_note(len(below), len(contents.below_line)),
            by_rule=sections.rule_rows(contents.by_rule.head(n_households)),
            rule_note=sections.rule_note(min(n_households, len(contents.by_rule)), len(contents.by_rule)),
            monitored=monitored_rows(monitored, of_monitored),
            monitored_note=monitored_note(len(monitored), contents.monitored.households, contents.monitored_event),
            moves=contents.moves,
            moves_note=moved_note(contents.moves) if contents.moves else "",
            risen=moved_rows(contents.moves) if contents.moves else [],
            columns=LIST_COLUMNS,
            tier_choices=[(tier, TIERS[tier]) for tier in reversed(TIERS) if (shown["tier"] == tier).any()],
            causes=sections.cause_rows(contents.scores),
            heat=sections.heat_map(contents.causes),
            places=sections.place_groups(contents.places),
            place_columns=sections.place_columns(contents.places),
            small_note=sections.small_places_note(contents.places),
            reading=sections.reading(contents),
            counts=sections.count_rows(contents.counts),
            problems=sections.problem_rows(contents.problems),
            html_lang=HTML_LANGUAGES["en" if lang == "en" else "zh"],
            card=[
                {"short": short, "lang": tag, "content": trusted(contents.card[short].fragment(level=3))}
                for short, tag in HTML_LANGUAGES.items()
            ],
        )
    )


def _on_page(card: Card, row: Mapping[str, Any]) -> dict[str, Any]:
    """Join a card with what the list says of its household."""
    return {**row, "number": f"{row['number']} ·", "axis": card.axis, "steps": card.steps, "gaps": card.gaps}


def _data(cards: Sequence[Mapping[str, Any]]) -> str:
    """Return the cards as JSON that no text in it can end; a sentence that recurs is there once, named by its number."""
    numbers: dict[tuple[str, ...], int] = {}

    def number(message: Message) -> int:
        texts = tuple(dict.fromkeys(one_line(message.shown(lang)) for lang in LANGUAGES))
        return numbers.setdefault(texts, len(numbers))

    households = [
        {
            **{key: one_line(card[key]) for key in ("number", "id", "place", "risk", "range")},
            **{key: number(card[key]) for key in ("tier", "cause")},
            "thin": card["thin"],
            "doubts": number(card["doubts"]) if card["doubts"] else "",
            "axis": [card["axis"].start, card["axis"].ticks],
            "steps": [[one.kind, number(one.words), one.left, one.width, one.effect] for one in card["steps"]],
            "gaps": [number(gap) for gap in card["gaps"]],
        }
        for card in cards
    ]
    text = json.dumps({"words": list(numbers), "households": households}, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
