"""The risks of households over time on one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fanpin_risk.arguments import of_type, whole_number
from fanpin_risk.errors import SchemaError
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.tiers import TIERS
from fanpin_risk.plots.axes import GREY, LOOKS, axes_for, plain
from fanpin_risk.plots.fonts import labels_lang, set_font
from fanpin_risk.records.ids import household_name
from fanpin_risk.words import Language, Message
from fanpin_risk.words.widths import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["risks_over_time"]

OF_A_SERIES = ("household_id", "as_of", "risk", "not_at_risk")


def risks_over_time(
    series: pd.DataFrame,
    *,
    model: RiskModel | None = None,
    most: int = len(LOOKS),
    ax: Axes | Figure | None = None,
    lang: Language = "zh",
    whole_ids: bool = False,
) -> Any:
    """Draw the risk of some households on each day of a series, with the spread of all others behind them.

    Parameters
    ----------
    series : DataFrame
        From :func:`fanpin_risk.risk_series`.
    model : RiskModel, optional
        Where its tiers begin is drawn. Default: no tiers.
    most : int, default 7
        Households drawn one by one, at most 7: those with the highest risk on their last day. Behind them stands half of all
        households of each day, from the lower to the upper quartile, where there are more than these.
    ax : matplotlib Axes or Figure, optional
        Where to draw; a Figure is given the size that the picture needs. Default: a new figure.
    lang : {"zh", "en"}, default "zh"
        Language of the labels; English, with a warning, where no Chinese font is found.
    whole_ids : bool, default False
        Whether to show whole ids; by default they are masked.

    Returns
    -------
    matplotlib Axes
        Hollow marks are days on which the forecast is not about the household: it was monitored or below the line already.

    Raises
    ------
    SchemaError
        If `series` is empty or lacks a column, or `most` is not from 1 to 7.
    MissingPackageError
        If matplotlib is not installed.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> series = fr.risk_series(
    ...     fr.load_model("demo"), fr.make_register(60, random_state=0), days=["2022-12-31", "2023-12-31"]
    ... )
    >>> risks_over_time(series, most=3, lang="en").get_ylabel()
    'Risk'
    """
    of_type("series", series, pd.DataFrame, Message("the table that risk_series returns"))
    missing = [name for name in OF_A_SERIES if name not in series.columns]
    if missing or series.empty:
        raise SchemaError(
            "series has no {what}; expected the table that risk_series returns",
            what=missing[0] if missing else Message("rows"),
        )
    most = whole_number("most", most, 1, len(LOOKS))
    lang = labels_lang(lang)
    (panel,) = axes_for(ax, (8.2, 4.2))
    last = series.sort_values("as_of", kind="stable").groupby("household_id").last()
    shown = last.sort_values("risk", ascending=False, kind="stable").index[:most]
    if len(last) > len(shown):
        by_day = series.groupby("as_of")["risk"]
        low, middle, high = (by_day.quantile(share) for share in (0.25, 0.5, 0.75))
        label = Message("half of all {count:,} households", count=len(last)).shown(lang)
        panel.fill_between(middle.index.to_numpy(), low, high, color="0.88", lw=0, label=label)
        panel.plot(middle.index.to_numpy(), middle, color="0.7", lw=1)
    for household, (colour, marker) in zip(shown, LOOKS, strict=False):
        mine = series[series["household_id"] == household].sort_values("as_of")
        at, risk = mine["as_of"].to_numpy(), mine["risk"].to_numpy()
        name = household_name(household, whole_id=whole_ids)
        panel.plot(at, risk, color=colour, lw=1.4, marker=marker, ms=5, label=f"{name}  {percent(risk[-1])}")
        other = (mine["not_at_risk"] != "").to_numpy()
        panel.plot(at[other], risk[other], ls="none", marker=marker, ms=5, mfc="white", mec=colour)
    if (series.loc[series["household_id"].isin(shown), "not_at_risk"] != "").any():
        label = Message("hollow: monitored, or below the line already").shown(lang)
        panel.plot([], [], ls="none", marker="o", ms=5, mfc="white", mec=GREY, label=label)
    if model is not None:
        for tier, style in (("high", "-"), ("medium", "--")):
            cut = model.tier_thresholds_[tier]
            name = Message("{tier}", context="line", tier=TIERS[tier]).shown(lang)
            panel.axhline(cut, color=GREY, lw=1, ls=style, label=f"{name} {percent(cut)}")
    panel.set_ylabel(Message("Risk", context="timeline").shown(lang))
    panel.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g}%")
    panel.set_ylim(0, 1.1 * float(np.nanmax(series.loc[series["household_id"].isin(shown), "risk"])))
    panel.tick_params(axis="x", rotation=30)  # beside the legend days would touch each other
    panel.set_title(Message("Risk over time, as known on each day").shown(lang))
    panel.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False, fontsize="small")
    plain(panel)
    set_font(panel)
    return panel
