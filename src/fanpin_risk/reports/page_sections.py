"""The sections of the page: figures laid out as bars and tables, and what is said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.explanation import named_causes
from fanpin_risk.explanation.letter import percent
from fanpin_risk.features.feature import CAUSES
from fanpin_risk.model.tiers import SHOWN_CAUSES, TIERS, doubts_in_words
from fanpin_risk.policy.signals import signals_in_words
from fanpin_risk.reports.contents import Contents
from fanpin_risk.reports.guide import ABOUT_FIGURES, ABOUT_KEEPING, ABOUT_REASONS, CONTEST, USES, Section
from fanpin_risk.reports.places import PLACE_LEVELS, SMALLEST_PLACE
from fanpin_risk.reports.register_tables import SEVERITY_LABELS, column_label, table_label
from fanpin_risk.reports.rendering import EFFECT_NOTE, HOW_TO_OBJECT
from fanpin_risk.words import Message

__all__ = [
    "below_line_note",
    "below_line_rows",
    "cause_rows",
    "count_rows",
    "forecast",
    "heat_map",
    "histogram",
    "list_note",
    "list_rows",
    "place_columns",
    "place_groups",
    "problem_rows",
    "reading",
    "risk_range",
    "rule_note",
    "rule_rows",
    "small_places_note",
]

PLACE_FIGURES = {
    "households": Message("Households"),
    "listed": Message("Listed"),
    "high": Message("High"),
    "medium": Message("Medium"),
    "below_line": Message("Below the line"),
    "not_enough_known": Message("Too little on record"),
    "monitored": Message("Monitored"),
}
# A table of more places is folded, and the heat map shows no more than these.
OPEN_PLACES = 40
PROBLEMS_SHOWN = 30
SHADES = 6
# Marks of the axis of the histogram, and its size in pixels.
RISK_TICKS = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
TICK_WIDTH = 9.0  # per cent of the width that a label needs on a phone
HISTOGRAM_BARS, BAR_HEIGHT, BASELINE = 48, 150, 168
DASH = "—"  # stands for a figure that is not known or not shown
NO_MAIN_CAUSE = Message("")


# --- the list ---------------------------------------------------------------------------------------------------
def forecast(day: pd.Timestamp, months: int, event: Message) -> Message:
    """Say from which day's records the risk is estimated, and the risk of what."""
    return Message(
        "From what was on record on {day}: the risk of {event} within {months} months",
        day=f"{day:%Y-%m-%d}",
        months=months,
        event=event,
    )


def list_note(shown: int, listed: int) -> Message:
    """Say how many households are listed and shown."""
    if shown < listed:
        return Message(
            "{listed:,} households are listed; this page shows the {shown:,} with the highest risk, the workbook all. "
            "Numbers are the same as in the workbook; use them to find households whose ids are masked.",
            listed=listed,
            shown=shown,
        )
    return Message(
        "{listed:,} households are listed. Numbers are the same as in the workbook; use them to find households whose "
        "ids are masked.",
        listed=listed,
    )


def list_rows(
    shown: pd.DataFrame, reasons: Sequence[Sequence[tuple[Message, float]]], incomes: Sequence[Message]
) -> list[dict[str, Any]]:
    """Return what each line of the list shows."""
    order = {tier: place for place, tier in enumerate(TIERS)}
    rows = []
    for row, own, income in zip(shown.to_dict("records"), reasons, incomes, strict=True):
        tier = str(row["tier"])
        rows.append(
            {
                "number": str(row["number"]),
                "id": str(row["household_id"]),
                "place": _place_of(row),
                "risk": percent(float(row["risk"])),
                "value": f"{float(row['risk']):.6f}",
                "range": risk_range(row),
                "tier_key": tier,
                "tier": TIERS[tier],
                "order": order[tier],
                "thin": not row["enough_known"],
                "doubts": doubts_in_words(row["doubts"]) if row["doubts"] else None,
                "cause": named_causes(row[name] for name in SHOWN_CAUSES),
                "income": income,
                "rule": row["rule_reason"] if row["rules"] else None,
                "signals": signals_in_words(row["signals"]) if row["signals"] else None,
                "reasons": [reason for reason, _ in own],
            }
        )
    return rows


def below_line_note(shown: int, listed: int) -> Message:
    """Say who is below the line already, and that none of them is ranked."""
    if shown < listed:
        return Message(
            "{listed:,} households that are not monitored are below the line already by what is on record: a forecast of "
            "falling below it is not about them, so they are in the order of their ids and not ranked. This page shows the "
            "first {shown:,}, the workbook all. Whether they are recognised is decided by people, after a visit.",
            listed=listed,
            shown=shown,
        )
    return Message(
        "{listed:,} households that are not monitored are below the line already by what is on record: a forecast of "
        "falling below it is not about them, so they are in the order of their ids and not ranked. Whether they are "
        "recognised is decided by people, after a visit.",
        listed=listed,
    )


def below_line_rows(shown: pd.DataFrame, incomes: Sequence[Message]) -> list[dict[str, Any]]:
    """Return what each line of the households below the line shows."""
    return [
        {
            "number": str(row["number"]),
            "id": str(row["household_id"]),
            "place": _place_of(row),
            "income": income,
            "cause": named_causes(row[name] for name in SHOWN_CAUSES),
            "thin": not row["enough_known"],
            "doubts": doubts_in_words(row["doubts"]) if row["doubts"] else None,
        }
        for row, income in zip(shown.to_dict("records"), incomes, strict=True)
    ]


def rule_note(shown: int, listed: int) -> Message:
    """Say who is listed by a rule alone."""
    if shown < listed:
        return Message(
            "{listed:,} households that are not on the list by risk lack a guarantee or do not reach the monitoring line by what "
            "is on record. The model cannot know that: such failures are too rare to learn from. Those that lack most stand "
            "first. This page shows the first {shown:,}, the workbook all.",
            listed=listed,
            shown=shown,
        )
    return Message(
        "{listed:,} households that are not on the list by risk lack a guarantee or do not reach the monitoring line by what "
        "is on record. The model cannot know that: such failures are too rare to learn from. Those that lack most stand first.",
        listed=listed,
    )


def rule_rows(shown: pd.DataFrame) -> list[dict[str, Any]]:
    """Return what each line of the households listed by a rule shows: the rule first, then the tier of the model."""
    return [
        {
            "number": str(row["number"]),
            "id": str(row["household_id"]),
            "place": _place_of(row),
            "rule": row["rule_reason"],
            "signals": signals_in_words(row["signals"]) if row["signals"] else None,
            "tier": None if pd.isna(row["tier"]) else TIERS[str(row["tier"])],
            "cause": named_causes(row[name] for name in SHOWN_CAUSES),
            "doubts": doubts_in_words(row["doubts"]) if row["doubts"] else None,
        }
        for row in shown.to_dict("records")
    ]


def _place_of(row: Mapping[Any, Any]) -> str:
    return str(row["place"] or ("" if pd.isna(row["area_code"]) else row["area_code"]))


def risk_range(row: Mapping[Any, Any]) -> str:
    """Write the range of a risk."""
    if pd.isna(row["risk_low"]) or pd.isna(row["risk_high"]):
        return DASH
    return f"{percent(float(row['risk_low']))}–{percent(float(row['risk_high']))}"


# --- the summary ------------------------------------------------------------------------------------------------
def histogram(scores: pd.DataFrame, thresholds: Mapping[str, float]) -> dict[str, Any] | None:
    """Lay out bars of the number of households by risk, with the tiers stacked."""
    scores = scores[np.isfinite(scores["risk"].to_numpy(dtype="float64"))]
    risk = np.clip(scores["risk"].to_numpy(dtype="float64"), RISK_TICKS[0], RISK_TICKS[-1])
    if not len(risk):
        return None
    marks = np.log10(RISK_TICKS)
    least, most = np.log10(risk.min()), np.log10(risk.max())
    low = marks[max(np.searchsorted(marks, least, side="right") - 1, 0)]
    high = marks[min(np.searchsorted(marks, most, side="left"), len(marks) - 1)]
    high = high if high > low else low + 1.0
    edges = np.linspace(low, high, HISTOGRAM_BARS + 1)
    width = 100.0 / HISTOGRAM_BARS
    counts = np.stack(
        [np.histogram(np.log10(risk[(scores["tier"] == tier).to_numpy()]), bins=edges)[0] for tier in TIERS]
    )
    scale = BAR_HEIGHT / counts.sum(axis=0).max()
    tops = BASELINE - np.cumsum(counts, axis=0) * scale
    bars = [
        {"tier": tier, "left": f"{k * width:.2f}", "width": f"{width * 0.92:.2f}", "top": f"{tops[t, k]:.1f}",
         "height": f"{counts[t, k] * scale:.1f}"}
        for t, tier in enumerate(TIERS)
        for k in range(HISTOGRAM_BARS)
        if counts[t, k]
    ]  # fmt: skip

    def at(value: float) -> float:
        return float(100.0 * (np.log10(value) - low) / (high - low))

    ticks: list[float] = []
    for tick in RISK_TICKS:
        if 2 <= at(tick) <= 98 and (not ticks or at(tick) - at(ticks[-1]) >= TICK_WIDTH):
            ticks.append(tick)
    return {
        "bars": bars,
        "grid": [
            (round(BASELINE - count * scale, 1), f"{count:,}") for count in _round_counts(counts.sum(axis=0).max())
        ],
        "ticks": [(f"{at(tick):.2f}", f"{100 * tick:g}%") for tick in ticks],
        "limits": [f"{at(limit):.2f}" for limit in thresholds.values() if limit > 0 and 0 <= at(limit) <= 100],
        "tiers": [
            {"key": tier, "label": _tier_size(tier, int((scores["tier"] == tier).sum()), thresholds)}
            for tier in reversed(TIERS)
        ],
    }


def _tier_size(tier: str, count: int, thresholds: Mapping[str, float]) -> Message:
    """Say how many households a tier has and where it begins."""
    if tier not in thresholds:
        return Message("{tier}: {count:,} households", tier=TIERS[tier], count=count)
    return Message(
        "{tier} ({least:.1%} or more): {count:,} households", tier=TIERS[tier], least=thresholds[tier], count=count
    )


def _round_counts(most: int) -> list[int]:
    """Return one to three round numbers up to the most, evenly spaced, for lines across the bars."""
    unit = 10 ** int(np.log10(most))
    step = next(s for s in (unit // 2, unit, 2 * unit, 5 * unit) if s and most // s <= 3)
    return list(range(step, int(most) + 1, step))


# --- causes and places ------------------------------------------------------------------------------------------
def cause_rows(scores: pd.DataFrame) -> list[dict[str, Any]]:
    """Count households above the low tier by main cause, most first."""
    above = scores.loc[scores["tier"].isin(("medium", "high")), "cause"]
    counts = above[above != ""].value_counts()
    return [
        {"label": CAUSES[str(cause)], "count": f"{n:,}", "width": f"{100 * n / counts.iloc[0]:.1f}"}
        for cause, n in counts.items()
    ]


def heat_map(causes: pd.DataFrame) -> dict[str, Any] | None:
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
    units = there.drop_duplicates("area").to_dict("records")
    return {
        "caption": Message(
            "Of a hundred households of each {level}: those of the tiers high and medium with this main cause (darker "
            "is more)",
            level=PLACE_LEVELS[level],
        ),
        "causes": [list(CAUSES.values())[k] for k in found],
        "rows": [
            {
                "name": _place_label(unit),
                "cells": [
                    {
                        "level": shade[row, k],
                        "text": DASH if np.isnan(cells[row, k]) else _tenth(float(cells[row, k])),
                    }
                    for k in found
                ],
            }
            for row, unit in enumerate(units)
        ],
    }


def place_columns(places: pd.DataFrame) -> list[Message]:
    """Head the columns of the figures of the places."""
    return [
        Message("Place"),
        *(PLACE_FIGURES[name] for name in _place_figures(places)),
        Message("Mean risk"),
        Message("Main cause"),
    ]


def _place_figures(places: pd.DataFrame) -> list[str]:
    """Name the figures that are shown: who is below the line only where somebody is said to be."""
    return [name for name in PLACE_FIGURES if name != "below_line" or (places[name].fillna(0) > 0).any()]


def place_groups(places: pd.DataFrame) -> list[dict[str, Any]]:
    """Lay out the figures of the places, one table for each level."""
    figures = _place_figures(places)
    groups = []
    for level, label in PLACE_LEVELS.items():
        there = places[places["level"] == level].to_dict("records")
        if there:
            groups.append(
                {
                    "caption": Message("By {level} ({count:,})", level=label, count=len(there)),
                    "folded": len(there) > OPEN_PLACES,
                    "rows": [_place_row(row, figures) for row in there],
                }
            )
    return groups


def _place_row(row: Mapping[Any, Any], figures: Sequence[str]) -> dict[str, Any]:
    counts = [DASH if pd.isna(row[key]) else f"{int(row[key]):,}" for key in figures]
    mean = DASH if pd.isna(row["mean_risk"]) else f"{row['mean_risk']:.1%}"
    return {"name": _place_label(row), "figures": [*counts, mean], "cause": CAUSES.get(row["cause"], NO_MAIN_CAUSE)}


def small_places_note(places: pd.DataFrame) -> Message | None:
    """Say why some places show no figures, where there are such."""
    if not places["households"].isna().any():
        return None
    return Message(
        "“—”: places with fewer than {smallest} households show no figures; where there is only one such place, the "
        "next smaller one shows none either, because they could be worked out from it.",
        smallest=SMALLEST_PLACE,
    )


def _place_label(row: Mapping[Any, Any]) -> str:
    """Name a place: its name, else its code."""
    return str(row["name"] or row["area"] or DASH)


def _tenth(value: float) -> str:
    return "0" if value == 0 else "<0.1" if value < 0.05 else f"{value:.1f}"


# --- the records ------------------------------------------------------------------------------------------------
def count_rows(counts: pd.DataFrame) -> list[dict[str, Any]]:
    """Lay out how many rows of each table were read, kept and rejected."""
    return [
        {
            "label": table_label(row["table"]),
            "supplied": bool(row["supplied"]),
            "figures": [f"{int(row[key]):,}" for key in ("rows_read", "rows_kept", "rows_rejected")],
        }
        for row in counts.to_dict("records")
    ]


def problem_rows(problems: pd.DataFrame) -> dict[str, Any] | None:
    """Lay out the kinds of problems of the records that concern most rows."""
    if not len(problems):
        return None
    shown = problems.head(PROBLEMS_SHOWN)
    caption = Message("Problems of the records ({count:,} kinds)", count=len(problems))
    if len(problems) > len(shown):
        caption = Message(
            "Problems of the records ({count:,} kinds; the first {shown}, the workbook has all)",
            count=len(problems),
            shown=len(shown),
        )
    return {
        "caption": caption,
        "rows": [
            {
                "table": table_label(row["table"]),
                "column": column_label(row["table"], row["column"]),
                "severity": SEVERITY_LABELS[row["severity"]],
                "expected": row["expected"],
                "rows": f"{int(row['rows']):,}",
            }
            for row in shown.to_dict("records")
        ],
    }


# --- how to read it ---------------------------------------------------------------------------------------------
def reading(contents: Contents) -> list[Section]:
    """Say how the page is read, what it must not be used for, and how to object to a reason."""
    event = Message(
        "What is forecast: {event} within {months} months after the day.",
        event=contents.event,
        months=contents.horizon_months,
    )
    contest = CONTEST[:-1]  # the last one is about the tables of the card
    return [
        (ABOUT_FIGURES[0], (event, *ABOUT_FIGURES[1])),
        (ABOUT_REASONS[0], (*ABOUT_REASONS[1], EFFECT_NOTE)),
        (Message("What it is for and what not"), USES),
        (Message("How to refute a reason"), (HOW_TO_OBJECT, *contest)),
        (ABOUT_KEEPING[0], ABOUT_KEEPING[1][:1]),
    ]
