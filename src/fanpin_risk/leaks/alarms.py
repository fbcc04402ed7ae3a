"""The list of what was checked and found."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from fanpin_risk.features import FEATURES
from fanpin_risk.words import Message

__all__ = ["ALARM_LEVELS", "Alarms", "Level", "named"]

Level = Literal["ok", "warning", "alarm"]
ALARM_LEVELS: tuple[Level, ...] = ("ok", "warning", "alarm")
ALARM_COLUMNS = ("alarm", "level", "feature", "value", "expected", "message_zh", "message_en")
_LABELS = {feature.name: feature.zh for feature in FEATURES}


def named(feature: str) -> Message:
    """Return what a feature is called in a finding: by its name, in Chinese with its label.

    Examples
    --------
    >>> named("household_size").shown("zh"), named("household_size").shown("en")
    ('“家庭人口”（household_size）', 'household_size')
    """
    if feature in _LABELS:
        labelled = Message("“{label}” ({feature})", label=_LABELS[feature], feature=feature)
        return Message(feature, zh=labelled.shown("zh"))
    return Message("{feature}", context="own name", feature=feature)


class Alarms:
    """Findings, one per row; a check that found nothing is a row of level ``ok``."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, Level, str, float, str, Message]] = []

    def add(
        self, alarm: str, level: Level, value: float, expected: str, message: Message, *, feature: str = ""
    ) -> None:
        """Note one finding.

        Parameters
        ----------
        alarm : str
            Name of the check.
        level : {"ok", "warning", "alarm"}
            How bad it is.
        value : float
            What was measured.
        expected : str
            What it should be.
        message : Message
            What it means and what to do.
        feature : str
            Feature or ``table.column`` it is about; empty for the whole.
        """
        self.rows.append((alarm, level, feature, float(value), expected, message))

    def passed(self, alarm: str, value: float, expected: str) -> None:
        """Note that a check found nothing, unless it has found something."""
        if not any(row[0] == alarm for row in self.rows):
            self.add(alarm, "ok", value, expected, Message("nothing found"))

    def frame(self) -> pd.DataFrame:
        """Return the findings in both languages, the worst first, otherwise in the order they were found.

        A check that found something on one day or in one table is not said to have found nothing besides.
        """
        found = {row[0] for row in self.rows if row[1] != "ok"}
        rows = [
            (*row, message.shown("zh"), message.shown("en"))
            for *row, message in self.rows
            if row[1] != "ok" or row[0] not in found
        ]
        frame = pd.DataFrame(rows, columns=list(ALARM_COLUMNS))
        frame["level"] = pd.Categorical(frame["level"], categories=list(ALARM_LEVELS), ordered=True)
        for column in ("alarm", "feature", "expected", "message_zh", "message_en"):
            frame[column] = frame[column].astype("str")
        return frame.sort_values("level", ascending=False, kind="stable", ignore_index=True)
