"""The place of a household as a reason: declared as features are, but learnt by a model, not read from a register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from fanpin_risk.asof.outcomes import Target
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.feature import Feature

__all__ = ["PLACE_FEATURE", "place_declarations"]

PLACE_FEATURE = "place"
LEVELS_ZH = ("本省", "本市", "本县", "本乡镇", "本村")
LEVELS_EN = ("its province", "its prefecture", "its county", "its township", "its village")
# Who was at risk, and what happened: target -> words.
AT_RISK: dict[Target, tuple[str, str]] = {
    "newly_monitored": ("当时未被监测的", "not monitored then"),
    "below_line": ("当时不低于监测线的", "not below the line then"),
    "not_eliminated": ("当时被监测的", "monitored then"),
    "relapse": ("当时已消除风险的", "whose risk was eliminated by then"),
}
HAPPENED: dict[Target, tuple[str, str]] = {
    "newly_monitored": ("新识别为监测对象", "were newly monitored"),
    "below_line": ("降到监测线以下", "fell below the line"),
    "not_eliminated": ("到期仍被监测", "were still monitored at the end"),
    "relapse": ("再次被识别为监测对象", "were monitored again"),
}
# So many days are named one by one.
MOST_NAMED = 3
SOURCE = "outcomes of the training days by division code, beside those expected by the households' own circumstances"


def place_declarations(
    target: Target, horizon_months: int, days: Sequence[pd.Timestamp]
) -> tuple[Feature, tuple[Feature, ...]]:
    """Declare the place as a reason, and the columns that its sentence quotes.

    Parameters
    ----------
    target : {"newly_monitored", "below_line", "not_eliminated", "relapse"}
        The event.
    horizon_months : int
        Months after a day within which it counts.
    days : sequence of Timestamp
        The training days.

    Returns
    -------
    place : Feature
        Its value is events over those expected.
    quoted : tuple of Feature
        ``place_level``, ``place_rows``, ``place_observed`` and ``place_expected``.
    """
    zh, en = [f"{day.year}年{day.month}月{day.day}日" for day in days], [str(day.date()) for day in days]
    (who_zh, who_en), (what_zh, what_en) = AT_RISK[target], HAPPENED[target]
    if len(days) == 1:
        when_zh, unit_zh, when_en, unit_en = (
            f"{zh[0]}之后",
            "",
            f"within {horizon_months} months after {en[0]}",
            "households",
        )
    else:
        unit_zh, unit_en = "次", "household-days"
        named = len(days) <= MOST_NAMED
        when_zh = f"{'、'.join(zh)}之后各" if named else f"{zh[0]}至{zh[-1]}的{len(days)}个日期之后各"
        when_en = ", ".join(en) if named else f"{len(days)} days from {en[0]} to {en[-1]}"
        when_en = f"within {horizon_months} months after each of {when_en}"
    place = _declaration_of(
        PLACE_FEATURE, "所在地已发生的情况", "What happened where it lives", "ratio",
        f"{{place_level}}{who_zh}{{place_rows}}{unit_zh}，在{when_zh}{horizon_months}个月内"
        f"[有{{place_observed}}{unit_zh}{what_zh}|无一户{what_zh}]，按各户自身情况预计{{place_expected}}{unit_zh}",
        f"in {{place_level}}, of {{place_rows}} {unit_en} {who_en}, [{{place_observed}}|none] {what_en} {when_en}; by their own "
        "circumstances {place_expected} were expected",
        needs="place_rows",
    )  # fmt: skip
    level = replace(
        _declaration_of("place_level", "所在地的层级", "Kind of place", "level", "{place_level}", "{place_level}"),
        levels_zh=LEVELS_ZH,
        levels_en=LEVELS_EN,
    )
    counts = [
        _declaration_of(f"place_{name}", zh, en, "households", f"{zh}{{place_{name}}}", f"{en}: {{place_{name}}}")
        for name, zh, en in (
            ("rows", "所在地待判断的户数", "Households at risk where it lives"),
            ("observed", "所在地发生的户数", "Households with the event where it lives"),
            ("expected", "所在地按自身情况预计的户数", "Households expected where it lives"),
        )
    ]
    return place, (level, *counts)


def _declaration_of(
    name: str, zh: str, en: str, unit: str, says_zh: str, says_en: str, *, needs: str | None = None
) -> Feature:
    return Feature(
        name=name, zh=zh, en=en, domain="household", cause="other", unit=unit, monotone=0,
        reason="No direction is claimed: it is what neighbours' outcomes leave over.", source=SOURCE,
        says_zh=says_zh, says_en=says_en, actionable=False, model=False, compute=_not_of_a_register, needs=needs,
    )  # fmt: skip


def _not_of_a_register(snapshot: Snapshot) -> np.ndarray:
    """Return that nothing is known: what a model has learnt of places does not stand in a register."""
    return np.full(snapshot.n_households, np.nan)
