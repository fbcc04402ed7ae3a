"""The page for the office, and the card of one household: one file of HTML each that asks nothing of any computer.

All that comes from records goes in as text: through jinja2's escaping, and from the data of the cards by
``textContent`` alone. The policy in the head lets nothing be loaded and no script run but the page's own, told by its
SHA-256.
"""

from __future__ import annotations

import base64
import hashlib
import json
import warnings
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from fanpin_risk.asof.days import to_day
from fanpin_risk.errors import LackingTablesWarning, SchemaError
from fanpin_risk.evaluation.labels import EVENTS
from fanpin_risk.explanation.letter import LEAD, NO_GAP, OBJECTION, percent
from fanpin_risk.features.feature import CAUSES
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.tiers import TIERS
from fanpin_risk.records.ids import mask_id
from fanpin_risk.records.register import Register
from fanpin_risk.reports.card import CONTEST, USES
from fanpin_risk.reports.contents import (
    LEVELS,
    SEVERITIES,
    SMALLEST_PLACE,
    Contents,
    notes_of,
    place_names,
)
from fanpin_risk.reports.documents import one_line
from fanpin_risk.reports.guide import GUIDE, PROPOSES
from fanpin_risk.reports.household import Card, Pair, household_cards, without_ending

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

__all__ = ["cards_html", "page_html"]

PageLang = Literal["zh", "en", "both"]
HTML_LANG = {"zh": "zh-CN", "en": "en"}

# Figures of the summary that are shown large, in this order; all others follow as lines.
TILES = (
    "listed", "expected_listed", "scored", "high", "medium", "low", "monitored", "mean_risk", "not_enough_known",
    "rows_rejected",
)  # fmt: skip
COLUMNS = (
    ("number", "序号", "No."),
    ("id", "户编号", "Household"),
    ("place", "地方", "Place"),
    ("risk", "风险", "Risk"),
    ("tier", "等级", "Tier"),
    ("cause", "主要风险", "Main cause"),
    ("reasons", "推高风险的主要情况", "What raises the risk"),
)
BY_RISK: Pair = ("按风险从高到低", "By falling risk")
BY_AREA: Pair = ("按地区，各地区内按风险从高到低", "By area, and by falling risk in each")
PLACE_FIGURES = ("households", "listed", "high", "medium", "not_enough_known", "monitored")
PLACE_COLUMNS = (
    ("地方", "Place"), ("户数", "Households"), ("名单内", "Listed"), ("风险高", "High"), ("风险中", "Medium"),
    ("记录不足", "Too little on record"), ("已监测", "Monitored"), ("平均风险", "Mean risk"), ("主要风险", "Main cause"),
)  # fmt: skip
# Places of a table that stands open; longer ones are folded, and the heat map shows no more of them.
OPEN_PLACES = 40
PROBLEMS_SHOWN = 30
SHADES = 6
# Marks of the axis of the histogram, and its size in pixels.
RISK_TICKS = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
TICK_WIDTH = 9.0  # per cent of the width that a label needs on a phone
BINS, BAR_HEIGHT, BASELINE = 48, 150, 168
START: Pair = (
    "依据截至 {day} 的登记，估计其后 {months} 个月内{event}的风险",
    "From what was on record on {day}: the risk of {event} within {months} months",
)
EFFECT_NOTE: Pair = (
    "影响以对数几率计：正数推高风险，负数降低风险，从起点逐项相加即得该户风险。",
    "Effects are in log-odds: above zero raises the risk, below lowers it; added up from the start they give the risk of the household.",
)
LEAD_PAIR: Pair = (LEAD["zh"], LEAD["en"])
OBJECTION_PAIR: Pair = (OBJECTION["zh"], OBJECTION["en"])


def page_html(
    contents: Contents,
    *,
    lang: PageLang = "zh",
    n_households: int = 500,
    mask_ids: bool = True,
) -> str:
    """Lay a report out as one page of HTML, to be read on a screen, a phone or paper.

    The page holds a summary, the list (to be searched and sorted), a card of each household listed, weak points by
    cause and place, the records' state, how to read it and its limits, and the model's card. Without scripts the
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
    if lang not in ("zh", "en", "both"):
        raise SchemaError("lang is {lang!r}; expected 'zh', 'en' or 'both'", lang=lang)
    template = _environment("both").get_template("page.html")
    if mask_ids:
        contents = contents.masked()
    listed = contents.watchlist
    # Highest risks first, then back in the order of the list, which may be one of each area.
    keep = np.sort(np.argsort(-listed["risk"].to_numpy(dtype="float64"), kind="stable")[:n_households])
    shown = listed.iloc[keep].reset_index(drop=True)
    rows = _rows(shown, contents.n_reasons)
    cards = [_on_page(card, row) for card, row in zip(household_cards(contents.explanation[keep]), rows, strict=True)]
    summary = {str(row["key"]): row for row in contents.summary.to_dict("records")}
    style, unscripted, script = (_file(name) for name in ("style.css", "unscripted.css", "script.js"))
    return str(
        template.render(
            policy=_policy(styles=(style, unscripted), scripts=(script,)),
            style=_raw(style), unscripted=_raw(unscripted), script=_raw(script), data=_raw(_data(cards)),
            start=_start(contents.as_of, contents.horizon_months, contents.event),
            day=f"{contents.as_of:%Y-%m-%d}", model_label=contents.model_label, version=version("fanpin-risk"),
            notes=contents.notes,
            tiles=[summary[key] for key in TILES if key in summary],
            facts=[row for key, row in summary.items() if key not in TILES],
            histogram=_histogram(contents.scores, contents.tier_thresholds),
            list_note=_list_note(len(shown), len(listed)), list_order=BY_AREA if "area" in listed else BY_RISK,
            rows=rows, columns=COLUMNS,
            tier_choices=[(key, *TIERS[key]) for key in reversed(TIERS) if (shown["tier"] == key).any()],
            causes=_causes(contents.scores), heat=_heat(contents.causes),
            places=_places(contents.places), place_columns=PLACE_COLUMNS,
            small_note=_small_note(contents.places),
            reading=_reading(contents), counts=_counts(contents.counts), problems=_problems(contents.problems),
            html_lang=HTML_LANG["en" if lang == "en" else "zh"],
            card=[
                {"short": short, "lang": tag, "content": _raw(contents.card[short].fragment(level=3))}
                for short, tag in HTML_LANG.items()
            ],
        )
    )  # fmt: skip


def cards_html(
    model: RiskModel,
    register: Register,
    as_of: Any,
    households: str | Iterable[str],
    *,
    lang: Literal["zh", "en"] = "zh",
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
    if lang not in ("zh", "en"):
        raise SchemaError("lang is {lang!r}; expected 'zh' or 'en'", lang=lang)
    template = _environment(lang).get_template("cards.html")
    day = to_day(as_of)
    ids = [households] if isinstance(households, str) else list(households)
    explanation = model.explain(register, day, households=ids)
    # A household alone gets the very risk that it gets in its county; what tables lack is among the notes.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LackingTablesWarning)
        scores = model.score(register.select(ids), day, explain=False)
    known = scores.set_index("household_id").to_dict("index")
    naming = place_names(register, day, names or {})
    cards = []
    for card in household_cards(explanation):
        row = known[card.household_id]
        code = "" if pd.isna(row["area_code"]) else str(row["area_code"])
        about = {
            "number": "", "id": mask_id(card.household_id) if mask_ids else card.household_id, "place": naming(code) or code,
            "risk": card.risk, "range": _range(row), "tier": TIERS[str(row["tier"])], "thin": not row["enough_known"],
        }  # fmt: skip
        cards.append({**about, "cause": card.cause, "axis": card.axis, "steps": card.steps, "gaps": card.gaps})
    style, unscripted = _file("style.css"), _file("unscripted.css")
    return str(
        template.render(
            policy=_policy(styles=(style, unscripted), scripts=()), style=_raw(style), unscripted=_raw(unscripted),
            start=_start(day, model.horizon_months_, EVENTS[model.target]), model_label=model.label, cards=cards,
            notes=notes_of(model, register, scores, day), html_lang=HTML_LANG[lang],
        )
    )  # fmt: skip


# --- templates --------------------------------------------------------------------------------------------------
def _environment(lang: PageLang) -> Environment:
    """Return the templates, with all that is put in escaped, and texts in the language or in both."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    def say(zh: object, en: object) -> object:
        zh, en = one_line(zh), one_line(en)
        if lang != "both":
            return zh if lang == "zh" else en
        if zh == en:
            return zh
        return Markup('<span class="zh" lang="zh-CN">{}</span><span class="en" lang="en">{}</span>').format(zh, en)

    def words(zh: str, en: str) -> str:
        return f"{zh} {en}" if lang == "both" else str(say(zh, en))

    environment = Environment(
        loader=FunctionLoader(_file),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: value if isinstance(value, Markup) else one_line(value),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "say": say, "words": words, "lead": LEAD_PAIR, "objection": OBJECTION_PAIR, "proposes": PROPOSES, "effect_note": EFFECT_NOTE,
        "no_gap": (NO_GAP["zh"], NO_GAP["en"]),
    }  # fmt: skip
    return environment


def _file(name: str) -> str:
    """Read a file that came with the package."""
    return resources.files("fanpin_risk.reports").joinpath("templates", name).read_text(encoding="utf-8")


def _raw(text: str) -> Markup:
    """Let a text of our own making pass as it is."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704  style, script, escaped JSON and escaped documents only


def _policy(*, styles: Sequence[str], scripts: Sequence[str]) -> str:
    """Return the content policy: nothing is loaded, and only these styles and scripts count."""

    def sources(texts: Sequence[str]) -> str:
        digests = (hashlib.sha256(text.encode("utf-8")).digest() for text in texts)
        return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests) or "'none'"

    return (
        f"default-src 'none'; script-src {sources(scripts)}; style-src {sources(styles)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _data(cards: Sequence[Mapping[str, Any]]) -> str:
    """Return the cards as JSON that no text in it can end; sentences that recur are there once, told by their number."""
    numbers: dict[tuple[str, ...], int] = {}

    def number(pair: Pair) -> int:
        zh, en = one_line(pair[0]), one_line(pair[1])
        said = (zh,) if zh == en else (zh, en)
        return numbers.setdefault(said, len(numbers))

    households = [
        {
            **{key: one_line(card[key]) for key in ("number", "id", "place", "risk", "range")},
            **{key: number(card[key]) for key in ("tier", "cause")},
            "thin": card["thin"],
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


# --- what the page says -----------------------------------------------------------------------------------------
def _start(day: pd.Timestamp, months: int, event: Pair) -> Pair:
    """Say what the risk rests on and what it is of."""
    zh, en = (
        text.format(day=f"{day:%Y-%m-%d}", months=months, event=said) for text, said in zip(START, event, strict=True)
    )
    return zh, en


def _list_note(shown: int, listed: int) -> Pair:
    zh, en = f"名单共 {listed:,} 户", f"{listed:,} households are listed"
    if shown < listed:
        zh += f"，本页列出其中风险最高的 {shown:,} 户，其余见工作簿"
        en += f"; this page shows the {shown:,} with the highest risk, the workbook all"
    return (
        f"{zh}。序号与工作簿一致，户编号遮盖的凭序号查找。",
        f"{en}. The numbers are those of the workbook: look up by them where ids are masked.",
    )


def _rows(shown: pd.DataFrame, n_reasons: int) -> list[dict[str, Any]]:
    """Return what each line of the list shows."""
    rows = []
    order = {key: place for place, key in enumerate(TIERS)}
    for row in shown.to_dict("records"):
        reasons = [
            tuple(
                without_ending(str(row[f"reason_{k}_{lang}"]), "toward", number)
                for number, lang in enumerate(("zh", "en"))
            )
            for k in range(1, n_reasons + 1)
            if row[f"reason_{k}_zh"]
        ]
        tier = str(row["tier"])
        place = str(row["place"] or ("" if pd.isna(row["area_code"]) else row["area_code"]))
        rows.append(
            {
                "number": str(row["number"]), "id": str(row["household_id"]), "place": place,
                "risk": percent(float(row["risk"])), "value": f"{float(row['risk']):.6f}", "range": _range(row),
                "tier_key": tier, "tier": TIERS[tier], "order": order[tier], "thin": not row["enough_known"],
                "cause": CAUSES.get(str(row["cause"]), ("", "")), "reasons": reasons,
            }
        )  # fmt: skip
    return rows


def _on_page(card: Card, row: Mapping[str, Any]) -> dict[str, Any]:
    """Join a card with what the list says of its household."""
    return {**row, "number": f"{row['number']} ·", "axis": card.axis, "steps": card.steps, "gaps": card.gaps}


def _range(row: Mapping[Any, Any]) -> str:
    if pd.isna(row["risk_low"]) or pd.isna(row["risk_high"]):
        return "—"
    return f"{percent(float(row['risk_low']))}–{percent(float(row['risk_high']))}"


def _histogram(scores: pd.DataFrame, thresholds: Mapping[str, float]) -> dict[str, Any] | None:
    """Lay out bars of the number of households by risk, those of the tiers one upon the other."""
    risk = scores["risk"].to_numpy(dtype="float64")
    risk = np.clip(risk[np.isfinite(risk)], RISK_TICKS[0], RISK_TICKS[-1])
    if not len(risk):
        return None
    marks = np.log10(RISK_TICKS)
    least, most = np.log10(risk.min()), np.log10(risk.max())
    low = marks[max(np.searchsorted(marks, least, side="right") - 1, 0)]
    high = marks[min(np.searchsorted(marks, most, side="left"), len(marks) - 1)]
    high = high if high > low else low + 1.0
    edges = np.linspace(low, high, BINS + 1)
    width = 100.0 / BINS
    tiers = list(TIERS)
    counts = np.stack(
        [np.histogram(np.log10(risk[(scores["tier"] == tier).to_numpy()]), bins=edges)[0] for tier in tiers]
    )
    scale = BAR_HEIGHT / counts.sum(axis=0).max()
    tops = BASELINE - np.cumsum(counts, axis=0) * scale
    bars = [
        {"tier": tier, "left": f"{k * width:.2f}", "width": f"{width * 0.92:.2f}", "top": f"{tops[t, k]:.1f}",
         "height": f"{counts[t, k] * scale:.1f}"}
        for t, tier in enumerate(tiers)
        for k in range(BINS)
        if counts[t, k]
    ]  # fmt: skip

    def at(value: float) -> float:
        return float(100.0 * (np.log10(value) - low) / (high - low))

    ticks: list[float] = []
    for tick in RISK_TICKS:
        if 2 <= at(tick) <= 98 and (not ticks or at(tick) - at(ticks[-1]) >= TICK_WIDTH):
            ticks.append(tick)
    words = []
    for tier, (zh, en) in reversed(TIERS.items()):
        n = int((scores["tier"] == tier).sum())
        zh_least, en_least = (
            (f"（不低于 {thresholds[tier]:.1%}）", f" ({thresholds[tier]:.1%} or more)")
            if tier in thresholds
            else ("", "")
        )
        words.append({"key": tier, "words": (f"风险{zh}{zh_least}：{n:,} 户", f"{en}{en_least}: {n:,} households")})
    return {
        "bars": bars,
        "grid": [
            (round(BASELINE - count * scale, 1), f"{count:,}") for count in _round_counts(counts.sum(axis=0).max())
        ],
        "ticks": [(f"{at(tick):.2f}", f"{100 * tick:g}%") for tick in ticks],
        "limits": [f"{at(limit):.2f}" for limit in thresholds.values() if limit > 0 and 0 <= at(limit) <= 100],
        "tiers": words,
    }


def _round_counts(most: int) -> list[int]:
    """Return one to three round numbers up to the most, evenly spaced, for lines across the bars."""
    unit = 10 ** int(np.log10(most))
    step = next(s for s in (unit // 2, unit, 2 * unit, 5 * unit) if s and most // s <= 3)
    return list(range(step, int(most) + 1, step))


def _causes(scores: pd.DataFrame) -> list[dict[str, Any]]:
    """Count households above the low tier by main cause, most first."""
    above = scores.loc[scores["tier"] != "low", "cause"]
    counts = above[above != ""].value_counts()
    return [
        {"words": CAUSES[str(cause)], "count": f"{n:,}", "width": f"{100 * n / counts.iloc[0]:.1f}"}
        for cause, n in counts.items()
    ]


def _name(row: Mapping[Any, Any]) -> str:
    """Name a place: its name, else its code."""
    return str(row["name"] or row["area"] or "—")


def _heat(causes: pd.DataFrame) -> dict[str, Any] | None:
    """Lay out cause by place: households above the low tier with that main cause, of a hundred there."""
    for level in ("township", "village", "county"):
        there = causes[causes["level"] == level]
        if 1 < there["area"].nunique() <= OPEN_PLACES or level == "county":
            break
    if not len(there):
        return None
    share = (100.0 * there["flagged"].astype("float64") / there["households"].astype("float64")).to_numpy()
    cells = share.reshape(-1, len(CAUSES))
    found = np.flatnonzero(np.nan_to_num(cells).max(axis=0) > 0)
    if not len(found):
        return None
    # Shades by equal steps of the square root: places with few such households still differ.
    shade = np.ceil(SHADES * np.sqrt(np.nan_to_num(cells) / np.nanmax(cells))).astype(int)
    zh, en = LEVELS[level]
    units = there.drop_duplicates("area").to_dict("records")
    return {
        "caption": (
            f"各{zh}每百户中风险“高”“中”且主要风险为该类的户数（颜色越深越多）",
            f"Of a hundred households of each {en}: those of the tiers high and medium with this main cause (darker is more)",
        ),
        "causes": [list(CAUSES.values())[k] for k in found],
        "rows": [
            {
                "name": _name(unit),
                "cells": [
                    {"level": shade[row, k], "text": "—" if np.isnan(cells[row, k]) else _tenth(float(cells[row, k]))}
                    for k in found
                ],
            }
            for row, unit in enumerate(units)
        ],
    }


def _tenth(value: float) -> str:
    return "0" if value == 0 else "<0.1" if value < 0.05 else f"{value:.1f}"


def _places(places: pd.DataFrame) -> list[dict[str, Any]]:
    """Lay out the figures of the places, one table for each level."""
    groups = []
    for level, (zh, en) in LEVELS.items():
        there = places[places["level"] == level].to_dict("records")
        if there:
            n = len(there)
            groups.append(
                {
                    "caption": (f"按{zh}（{n:,} 个）", f"By {en} ({n:,})"),
                    "folded": n > OPEN_PLACES,
                    "rows": [
                        {
                            "name": _name(row),
                            "figures": [
                                *("—" if pd.isna(row[key]) else f"{int(row[key]):,}" for key in PLACE_FIGURES),
                                "—" if pd.isna(row["mean_risk"]) else f"{row['mean_risk']:.1%}",
                            ],
                            "cause": CAUSES.get(row["cause"], ("", "")),
                        }
                        for row in there
                    ],
                }
            )
    return groups


def _small_note(places: pd.DataFrame) -> Pair | None:
    if not places["households"].isna().any():
        return None
    return (
        f"“—”：不足 {SMALLEST_PLACE} 户的地方不列数字；同级中仅有一处如此的，另隐去户数次少的一处，以免倒算。",
        (
            f"“—”: places with fewer than {SMALLEST_PLACE} households show no figures; beside a single such place the next "
            "smaller one shows none either, for they would follow from it."
        ),
    )


def _counts(counts: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "words": (row["table_zh"], row["table"]),
            "supplied": bool(row["supplied"]),
            "figures": [f"{int(row[key]):,}" for key in ("rows_read", "rows_kept", "rows_rejected")],
        }
        for row in counts.to_dict("records")
    ]


def _problems(problems: pd.DataFrame) -> dict[str, Any] | None:
    """List the kinds of problems of the records that concern most rows."""
    if not len(problems):
        return None
    shown = problems.head(PROBLEMS_SHOWN)
    more = len(problems) > len(shown)
    return {
        "caption": (
            f"台账中的问题（共 {len(problems):,} 类{f'，列出前 {len(shown)} 类，其余见工作簿' if more else ''}）",
            f"Problems of the records ({len(problems):,} kinds{f'; the first {len(shown)}, the workbook has all' if more else ''})",
        ),
        "rows": [
            {
                "table": (row["table_zh"], row["table"]),
                "column": (row["column_zh"], row["column"]),
                "severity": (row["severity_zh"], SEVERITIES.get(row["severity"], ("", row["severity"]))[1]),
                "expected": (row["expected_zh"], row["expected"]),
                "rows": f"{int(row['rows']):,}",
            }
            for row in shown.to_dict("records")
        ],
    }


def _reading(contents: Contents) -> list[tuple[Pair, list[Pair]]]:
    """Say how the page is read, what it must not be used for, and how a reason is refuted."""
    event_zh, event_en = contents.event
    forecast = (
        f"预测的是：评分日后 {contents.horizon_months} 个月内{event_zh}。",
        f"What is forecast: {event_en} within {contents.horizon_months} months after the day.",
    )
    figures, reasons, _, keeping = ((heading, list(items)) for heading, items in GUIDE)
    contest = CONTEST[:-1]  # the last one speaks of the tables of the card
    return [
        (figures[0], [forecast, *figures[1]]),
        (reasons[0], [*reasons[1], EFFECT_NOTE]),
        (("用途与限制", "What it is for and what not"), list(USES)),
        (("理由不对怎么办", "How to refute a reason"), [OBJECTION_PAIR, *contest]),
        (keeping[0], keeping[1][:1]),
    ]
