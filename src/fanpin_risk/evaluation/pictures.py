"""One picture for each kind of result."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fanpin_risk.errors import MissingPackageError
from fanpin_risk.evaluation.groups import ALL, FAIRNESS, GROUPS, LARGEST_DIFFERENCE, LARGEST_RATIO
from fanpin_risk.evaluation.measures import MEASURES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["PICTURES", "Picture", "draw"]

# Fonts with simplified Chinese, as systems ship them.
CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "SimSun",
    "Noto Serif CJK SC",
    "Noto Sans CJK JP",
    "Heiti TC",
    "STHeiti",
    "Songti SC",
    "Droid Sans Fallback",
    "Arial Unicode MS",
)
# Columns of results that name no series.
NOT_A_SERIES = {"note", "verdict", "kind"}
GREY = "0.55"

WORDS: Mapping[str, tuple[str, str]] = {
    "mean_risk": ("预测风险", "Forecast risk"),
    "observed": ("实际发生率", "Share with the event"),
    "perfect": ("完全校准", "perfectly calibrated"),
    "share": ("走访户占比", "Share of households visited"),
    "share_value": ("占比", "Share"),
    "threshold": ("入户风险门槛", "Risk from which a visit is worth while"),
    "visit_all": ("全部走访", "visit all"),
    "visit_none": ("都不走访", "visit none"),
    "found": ("发现的事件占比", "Share of events found"),
    "chance": ("随机走访", "visits at random"),
    "ideal": ("理想排序", "perfect order"),
    "difference": ("差异（大于 0：基准模型更好）", "Difference (above 0: the reference is better)"),
    "months": ("提前的月数", "Months ahead"),
    "value": ("数值", "Value"),
    "all": ("全部", "all"),
    "exclusion_gap": ("各组漏评率最大差距", "Largest gap in exclusion error"),
    "lead_p10": ("10% 分位", "10 % quantile"),
    "lead_p25": ("25% 分位", "25 % quantile"),
    "lead_median": ("中位数", "median"),
    "lead_p75": ("75% 分位", "75 % quantile"),
    "lead_p90": ("90% 分位", "90 % quantile"),
}

Words = Callable[[str], str]
Draw = Callable[[pd.DataFrame, Any, Words], None]


@dataclass(frozen=True, kw_only=True)
class Picture:
    """How a kind of result is drawn.

    Parameters
    ----------
    columns : tuple of str
        Columns that it shows.
    draw : callable
        Takes the table, the Axes and a function from words to labels.
    """

    columns: tuple[str, ...]
    draw: Draw


def draw(table: pd.DataFrame, kind: str, ax: Axes | None, lang: str) -> Axes:
    """Draw a result; see :meth:`fanpin_risk.evaluation.results.Result.plot`."""
    try:
        import matplotlib as mpl
        from matplotlib import pyplot as plt
    except ImportError as error:
        raise MissingPackageError(
            "pictures need matplotlib, which is not installed; install it with: pip install 'fanpin-risk[plot]'"
        ) from error
    font = chinese_font() if lang == "zh" else None
    if lang == "zh" and font is None:
        lang = "en"
        warnings.warn(
            "no font with Chinese characters was found, labels are in English; install one, such as Noto Sans CJK SC, or "
            "say lang='en'",
            UserWarning,
            stacklevel=3,
        )

    def words(name: str) -> str:
        if name in WORDS:
            return WORDS[name][0 if lang == "zh" else 1]
        if name in MEASURES:
            return MEASURES[name].zh if lang == "zh" else MEASURES[name].en
        return FAIRNESS[name][0 if lang == "zh" else 1] if name in FAIRNESS else name

    if ax is None:
        ax = plt.subplots(figsize=(6.4, 4.4), layout="constrained")[1]
    # Drawn as a plain table: the kinds of its parts do not matter any more.
    PICTURES[kind].draw(pd.DataFrame(table), ax, words)
    ax.spines[["top", "right"]].set_visible(False)
    if font is not None:
        for text in ax.findobj(mpl.text.Text):
            text.set_fontfamily([font, *mpl.rcParams["font.family"]])
    return ax


def chinese_font() -> str | None:
    """Return a font with Chinese characters that matplotlib knows, or None."""
    from matplotlib import font_manager

    known = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in CHINESE_FONTS if name in known), None)


def series(table: pd.DataFrame, last: str) -> Iterator[tuple[str, pd.DataFrame, str]]:
    """Yield name, rows and colour of every series: what the columns before `last` name."""
    by = [str(name) for name in table.columns[: table.columns.get_loc(last)] if name not in NOT_A_SERIES]
    if not by:
        yield "", table, "C0"
        return
    for number, (key, rows) in enumerate(table.groupby(by, observed=True, sort=False, dropna=False)):
        yield ", ".join(map(str, key if isinstance(key, tuple) else (key,))), rows, f"C{number % 10}"


def _calibration(table: pd.DataFrame, ax: Any, words: Words) -> None:
    top = 0.0
    for name, rows, color in series(table.dropna(subset=["observed"]), "bin"):
        low, high = rows["observed"] - rows["low"], rows["high"] - rows["observed"]
        errors = np.maximum(np.array([low, high]), 0)
        ax.errorbar(
            rows["mean_risk"], rows["observed"], yerr=errors, fmt="o-", ms=4, lw=1, capsize=2, color=color, label=name
        )
        top = max(top, rows["mean_risk"].max(), rows["high"].max())
    ax.axline((0, 0), slope=1, color=GREY, lw=1, ls="--", label=words("perfect"))
    ax.set(xlim=(0, top * 1.05), ylim=(0, top * 1.05), xlabel=words("mean_risk"), ylabel=words("observed"))
    ax.legend(frameon=False)


def _capacity(table: pd.DataFrame, ax: Any, words: Words) -> None:
    for name, rows, color in series(table, "share"):
        for measure, style in (("recall", "-"), ("precision", "--")):
            label = f"{name}, {words(measure)}" if name else words(measure)
            ax.plot(rows["share"], rows[measure], style, color=color, marker="o", ms=3, label=label)
            ax.fill_between(
                rows["share"], rows[f"{measure}_worst"], rows[f"{measure}_best"], color=color, alpha=0.15, lw=0
            )
    ax.set(xlabel=words("share"), ylabel=words("share_value"), ylim=(0, 1), xlim=(0, None))
    ax.legend(frameon=False)


def _decision(table: pd.DataFrame, ax: Any, words: Words) -> None:
    for name, rows, color in series(table, "threshold"):
        ax.plot(rows["threshold"], rows["net_benefit"], color=color, label=name)
    first = next(series(table, "threshold"))[1]
    ax.plot(first["threshold"], first["visit_all"], color=GREY, ls="--", label=words("visit_all"))
    ax.axhline(0, color=GREY, lw=1, label=words("visit_none"))
    # Visiting all falls far below nothing; what matters lies between nothing and the best.
    best = max(table["net_benefit"].max(), table["visit_all"].max(), 1e-6)
    ax.set(xlabel=words("threshold"), ylabel=words("net_benefit"), ylim=(-0.25 * best, 1.1 * best))
    ax.legend(frameon=False)


def _gains(table: pd.DataFrame, ax: Any, words: Words) -> None:
    for name, rows, color in series(table, "share"):
        ax.plot(rows["share"], rows["found"], color=color, label=name)
    first = next(series(table, "share"))[1]
    ax.plot(first["share"], first["found_ideal"], color=GREY, ls=":", label=words("ideal"))
    ax.plot([0, 1], [0, 1], color=GREY, ls="--", label=words("chance"))
    ax.set(xlabel=words("share"), ylabel=words("found"), xlim=(0, 1), ylim=(0, 1.02))
    ax.legend(frameon=False)


def _intervals(table: pd.DataFrame, ax: Any, words: Words, *, value: str, zero: bool) -> None:
    """Draw a value and its interval per row; several measures are told apart by their label."""
    table = table.dropna(subset=[value])
    table = table.iloc[np.argsort(pd.factorize(table["measure"])[0], kind="stable")]  # the models of a measure together
    one = len(set(table["measure"])) == 1
    by = [str(name) for name in table.columns[: table.columns.get_loc("measure")]]
    names = [", ".join(map(str, key)) for key in table[by].itertuples(index=False)] if by else [""] * len(table)
    labels = [
        name if one and name else ", ".join(filter(None, [name, words(str(measure))]))
        for name, measure in zip(names, table["measure"], strict=True)
    ]
    place = np.arange(len(table))[::-1]
    models = pd.factorize(table["model"])[0] if "model" in table.columns else np.zeros(len(table), dtype=int)
    for y, middle, low, high, model in zip(place, table[value], table["low"], table["high"], models, strict=True):
        color = f"C{model % 10}"
        ax.plot([low, high], [y, y], color=color, lw=2, alpha=0.6)
        ax.plot([middle], [y], "o", ms=5, color=color)
    if zero:
        ax.axvline(0, color=GREY, lw=1, ls="--")
    ax.set_yticks(place, labels)
    ax.set(xlabel=words(str(table["measure"].iloc[0])) if one and not zero else words("difference" if zero else value))
    ax.margins(y=0.08)


def _summary(table: pd.DataFrame, ax: Any, words: Words) -> None:
    _intervals(table, ax, words, value="value", zero=False)


def _comparison(table: pd.DataFrame, ax: Any, words: Words) -> None:
    _intervals(table, ax, words, value="difference", zero=True)


def _fairness(table: pd.DataFrame, ax: Any, words: Words) -> None:
    """Draw one measure by group, the exclusion error if there are several, and a line for all."""
    group = str(table.columns[0])
    measures = list(dict.fromkeys(table["measure"]))
    chosen = measures[0] if len(measures) == 1 else "exclusion_error"
    table = table[table["measure"].eq(chosen) & ~table[group].isin([LARGEST_DIFFERENCE, LARGEST_RATIO])]
    for value in table.loc[table[group] == ALL, "value"]:
        ax.axvline(value, color=GREY, lw=1, ls="--", label=words(ALL))
    labels = GROUPS[group].codes if group in GROUPS else {}
    place = 0 if words(ALL) == WORDS[ALL][0] else 1
    shown = table[table[group] != ALL]
    named = shown[group].map(lambda name: labels[name][place] if name in labels else name)
    _intervals(shown.assign(**{group: named}), ax, words, value="value", zero=False)
    ax.legend(frameon=False)


def _lead_time(table: pd.DataFrame, ax: Any, words: Words) -> None:
    months = table[table["measure"].astype("str").str.startswith("lead_")]
    _intervals(months, ax, words, value="value", zero=False)
    ax.set(xlabel=words("months"), xlim=(0, None))


# Kind of result -> its picture.
PICTURES: dict[str, Picture] = {
    "calibration": Picture(columns=("bin", "mean_risk", "observed", "low", "high"), draw=_calibration),
    "capacity": Picture(
        columns=(
            "share",
            *(f"{name}{ending}" for name in ("precision", "recall") for ending in ("", "_best", "_worst")),
        ),
        draw=_capacity,
    ),
    "decision": Picture(columns=("threshold", "net_benefit", "visit_all"), draw=_decision),
    "gains": Picture(columns=("share", "found", "found_ideal"), draw=_gains),
    "summary": Picture(columns=("measure", "value", "low", "high"), draw=_summary),
    "comparison": Picture(columns=("measure", "difference", "low", "high"), draw=_comparison),
    "fairness": Picture(columns=("measure", "value", "low", "high"), draw=_fairness),
    "capacity_cost": Picture(columns=("scheme", "measure", "value", "low", "high"), draw=_summary),
    "lead_time": Picture(columns=("measure", "value", "low", "high"), draw=_lead_time),
}
