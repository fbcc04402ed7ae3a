"""The list of what was checked and found, in both languages."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from fanpin_risk.features import FEATURES

__all__ = ["ALARM_LEVELS", "Alarms", "Level"]

Level = Literal["ok", "warning", "alarm"]
ALARM_LEVELS: tuple[Level, ...] = ("ok", "warning", "alarm")
ALARM_COLUMNS = ("alarm", "level", "feature", "value", "expected", "message_zh", "message_en")
NAMES_ZH = {feature.name: feature.zh for feature in FEATURES}


class Alarms:
    """Findings, one per row; a check that found nothing is a row of level ``ok``."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, Level, str, float, str, str, str]] = []

    def add(
        self, alarm: str, level: Level, value: float, expected: str, zh: str, en: str, *, feature: str = ""
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
        zh, en : str
            What it means and what to do.
        feature : str
            Feature or ``table.column`` it is about; empty for the whole. In Chinese it is called by its Chinese name.
        """
        if feature in NAMES_ZH:
            zh = zh.replace(f"“{feature}”", f"“{NAMES_ZH[feature]}”（{feature}）")
        self.rows.append((alarm, level, feature, float(value), expected, zh, en))

    def passed(self, alarm: str, value: float, expected: str) -> None:
        """Note that a check found nothing, unless it has found something."""
        if not any(row[0] == alarm for row in self.rows):
            self.add(alarm, "ok", value, expected, "未发现问题", "nothing found")

    def frame(self) -> pd.DataFrame:
        """Return the findings, the worst first, otherwise in the order they were found.

        A check that found something on one day or in one table is not said to have found nothing besides.
        """
        found = {row[0] for row in self.rows if row[1] != "ok"}
        rows = [row for row in self.rows if row[1] != "ok" or row[0] not in found]
        frame = pd.DataFrame(rows, columns=list(ALARM_COLUMNS))
        frame["level"] = pd.Categorical(frame["level"], categories=list(ALARM_LEVELS), ordered=True)
        for column in ("alarm", "feature", "expected", "message_zh", "message_en"):
            frame[column] = frame[column].astype("str")
        return frame.sort_values("level", ascending=False, kind="stable", ignore_index=True)
