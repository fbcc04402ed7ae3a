"""Figures of an evaluation as they are written: a value with its interval, and lines of tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from fanpin_risk.evaluation.labels import WAY_NAMES, label, model_label
from fanpin_risk.policy.signals import SIGNAL_STATES, sender_in_words
from fanpin_risk.words import Language, Message

__all__ = [
    "NO_ALARM",
    "PAIRED",
    "comparison_rows",
    "count_text",
    "measure_rows",
    "measured",
    "signal_rows",
    "ways_rows",
]

Row = Mapping[str, Any]

SHOWN = ("auc", "average_precision", "log_loss", "calibration_error", "precision", "recall", "lift")
# What the comparison shows; precision, lift and the errors say the same as recall where the visits are the same.
PAIRED = ("auc", "average_precision", "log_loss", "calibration_error", "recall")
NO_ALARM = Message("{count} checks, no alarm. No alarm does not prove that there is no leak.")
# How figures are written; three decimals where nothing is said.
FORMATS: Mapping[str, str] = {
    "brier": ".4f", "log_loss": ".4f", "calibration_error": ".4f", "lift": ".1f", "precision": ".1%", "recall": ".1%",
    "exclusion_error": ".1%", "inclusion_error": ".1%", "base_rate": ".2%", "mean_risk": ".2%", "visited": ".1%",
    "calibration_gap": ".2%",
}  # fmt: skip


def count_text(value: Any) -> str:
    """Write a count, "—" where there is none."""
    return f"{int(value):,}" if isinstance(value, (int, float)) else "—"


def measured(row: Row, value: str = "value") -> str:
    """Write a figure with its interval, "—" where it was suppressed or does not exist."""
    how = FORMATS.get(str(row.get("measure")), ".3f")
    figures = [row.get(name) for name in (value, "low", "high")]
    shown = [format(float(x), how) for x in figures if isinstance(x, (int, float)) and np.isfinite(x)]
    if not shown or not isinstance(figures[0], (int, float)):
        return "—"
    return shown[0] if len(shown) < 3 else f"{shown[0]} ({shown[1]} – {shown[2]})"


def measure_rows(
    rows: Iterable[Row], lang: Language, *, key: str = "model", measures: Sequence[str] = SHOWN
) -> tuple[list[str], list[list[str]]]:
    """Return headers and lines of a table with a line per model (or other key) and a column per measure."""
    lines: dict[str, dict[str, str]] = {}
    for row in rows:
        name = model_label(str(row[key]), lang) if key == "model" else str(row[key])
        lines.setdefault(name, {})[str(row["measure"])] = measured(row)
    present = [name for name in measures if any(name in line for line in lines.values())]
    headers = [label(key, lang), *(label(name, lang) for name in present)]
    return headers, [[name, *(line.get(m, "—") for m in present)] for name, line in lines.items()]


def ways_rows(rows: Iterable[Row], lang: Language) -> tuple[list[str], list[list[str]]]:
    """Return headers and lines of what rules, model and both find: visits, events found, recall with interval, precision."""
    headers = [
        *(header.shown(lang) for header in (Message("List of visits"), Message("Visits"), Message("Events found"))),
        *(label(name, lang) for name in ("recall", "precision")),
    ]
    lines = []
    for row in rows:
        recall = {"measure": "recall", "value": row["recall"], "low": row["recall_low"], "high": row["recall_high"]}
        precision = {"measure": "precision", "value": row["precision"]}
        counts = (count_text(row[name] and round(row[name])) for name in ("visited", "events_found"))
        lines.append([WAY_NAMES[str(row["way"])].shown(lang), *counts, measured(recall), measured(precision)])
    return headers, lines


def signal_rows(rows: Iterable[Row], lang: Language) -> tuple[list[str], list[list[str]]]:
    """Return headers and lines of what became of the households that each department signalled, and of its signals found true."""
    headers = [
        Message("Who signalled"), Message("Signals", context="evaluation"), Message("Households"), Message("Events"),
        Message("Share with the event"), Message("Of all households"),
    ]  # fmt: skip
    lines = []
    for row in rows:
        state = str(row["state"])
        told = SIGNAL_STATES[state].shown(lang) if state in SIGNAL_STATES else label(state, lang)
        rate = "—" if row["hit_rate"] is None else f"{row['hit_rate']:.1%}"
        sender = sender_in_words(str(row["sender"])).shown(lang)
        lines.append(
            [sender, told, count_text(row["households"]), count_text(row["events"]), rate, f"{row['base_rate']:.1%}"]
        )
    return [header.shown(lang) for header in headers], lines


def comparison_rows(rows: Iterable[Row], lang: Language) -> tuple[list[str], list[list[str]]]:
    """Return headers and lines of the comparison of the first model with the others."""
    headers = [
        Message("Model"),
        Message("Measure"),
        Message("Difference (above 0: the first model is better)"),
        Message("Verdict"),
    ]
    lines = []
    for row in rows:
        if row["measure"] not in PAIRED:
            continue
        shown = measured(row, "difference")
        name, verdict = label(str(row["measure"]), lang), label(str(row["verdict"]), lang)
        lines.append([model_label(str(row["model"]), lang), name, shown, verdict])
    return [header.shown(lang) for header in headers], lines
