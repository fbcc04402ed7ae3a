"""The cards of single households as a page of its own, to be printed and taken along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from fanpin_risk.asof.days import to_day
from fanpin_risk.errors import SchemaError
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.tiers import TIERS, doubts_in_words
from fanpin_risk.records.ids import mask_id
from fanpin_risk.records.register import Register
from fanpin_risk.reports.household_cards import household_cards, income_messages
from fanpin_risk.reports.page_sections import forecast, risk_range
from fanpin_risk.reports.place_names import place_names
from fanpin_risk.reports.rendering import HTML_LANGUAGES, content_policy, read_template, templates, trusted
from fanpin_risk.reports.summary import event_of, notes_of
from fanpin_risk.words import LANGUAGES, Language

__all__ = ["cards_html"]


def cards_html(
    model: RiskModel,
    register: Register,
    as_of: Any,
    households: str | Iterable[str],
    *,
    lang: Language = "zh",
    mask_ids: bool = False,
    names: Mapping[str, str] | None = None,
) -> str:
    """Lay the cards of single households out as one page of HTML, each on a sheet of its own when printed.

    A card tells how the risk comes about, in words and as bars, what is not on record, and how to refute a reason. The
    page holds no script.

    Parameters
    ----------
    model : RiskModel
        A fitted model.
    register : Register
        Checked records.
    as_of : date-like
        The day; nothing recorded later is seen.
    households : str or iterable of str
        Ids of the households, in the order of their cards.
    lang : {"zh", "en"}, default "zh"
        Language.
    mask_ids : bool, default False
        Whether ids are masked.
    names : mapping of str to str, optional
        Area code -> name, see :func:`fanpin_risk.reports.gather`.

    Returns
    -------
    str
        A whole document in UTF-8.

    Raises
    ------
    SchemaError
        If `lang` is not one of those above, or a household is not on record on the day.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> model, register = fr.load_model("demo"), fr.make_register(30, random_state=1)
    >>> two = model.explain(register, "2024-12-31").household_ids[:2]
    >>> cards_html(model, register, "2024-12-31", two, lang="en").count("<article")
    2
    """
    if lang not in LANGUAGES:
        raise SchemaError("lang is {lang!r}; expected one of {languages}", lang=lang, languages=LANGUAGES)
    template = templates(lang).get_template("cards.html")
    day = to_day(as_of)
    ids = [households] if isinstance(households, str) else list(households)
    explanation = model.explain(register, day, households=ids)
    # A household alone gets the very risk that it gets in its county.
    scores, _, _ = model.score_all(register.select(ids), day, n_reasons=0)
    known = scores.set_index("household_id").to_dict("index")
    naming = place_names(register, day, names or {})
    cards = []
    for card, income in zip(household_cards(explanation), income_messages(explanation), strict=True):
        row = known[card.household_id]
        code, place = ("" if pd.isna(row[name]) else str(row[name]) for name in ("area_code", "area_name"))
        cards.append(
            {
                "number": "",
                "id": mask_id(card.household_id) if mask_ids else card.household_id,
                "place": naming(code) or place or code,
                "risk": card.risk,
                "range": risk_range(row),
                "tier": TIERS[str(row["tier"])],
                "thin": not row["enough_known"],
                "doubts": doubts_in_words(row["doubts"]) if row["doubts"] else None,
                "cause": card.cause,
                "axis": card.axis,
                "steps": card.steps,
                "gaps": card.gaps,
                "caution": card.caution,
                "has_forecast": card.has_forecast,
                "income": income,
            }
        )
    style, unscripted = read_template("style.css"), read_template("unscripted.css")
    return str(
        template.render(
            policy=content_policy(styles=(style, unscripted), scripts=()),
            style=trusted(style),
            unscripted=trusted(unscripted),
            start=forecast(day, model.horizon_months_, event_of(model)),
            model_label=model.label,
            cards=cards,
            notes=notes_of(model, register, scores, day),
            html_lang=HTML_LANGUAGES[lang],
        )
    )
