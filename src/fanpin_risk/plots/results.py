"""Results of an evaluation drawn: one picture for each kind of result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fanpin_risk.errors import SchemaError
from fanpin_risk.evaluation.groups import ALL, GROUPS, LARGEST_DIFFERENCE, LARGEST_RATIO, ONE_LIST, UNKNOWN
from fanpin_risk.evaluation.labels import WORDS, category_label, label, model_label
from fanpin_risk.features import FEATURES
from fanpin_risk.plots.axes import AMBER, BLUE, GREY, LOOKS, RED, axes_for, plain
from fanpin_risk.plots.fonts import labels_lang, set_font
from fanpin_risk.words import LANGUAGES, Language, Message, current_language, in_language
from fanpin_risk.words.widths import shortened, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw"]

# Columns of results that name no series.
NOT_A_SERIES = {"note", "verdict", "kind"}
# Features in a picture of drift: those that changed most.
MOST_FEATURES = 20
# Limits of the index by convention, as for `fanpin_risk.evaluation.drift`.
MODERATE, LARGE = 0.1, 0.25
MISSING_SHOWN = 0.05
MOST_PSI = 1.0  # far beyond "large"; longer bars would leave no room for the others
COLUMNS = 44  # of a label beside the axis, in Latin letters
MOST_INSIDE = 6  # names in a legend upon the picture; more would hide the lines
# Measures that are no shares: beside them shares would all look alike.
OTHER_SCALES = ("lift", "lift_best", "lift_worst", "calibration_slope", "calibration_intercept")
# Ways to share visits, as `fanpin_risk.watchlist` calls them.
SCHEMES = {
    ONE_LIST: Message("one list"),
    "households": Message("by households"),
    "risk": Message("by expected events"),
    "recall": Message("equal recall"),
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
    value : str
        The one of them without which a row shows nothing.
    draw : callable
        Takes the table, the Axes and a function from words to labels.
    by_row : bool
        Whether every row has a line of its own, so that a long table needs a high picture.
    by_group : bool
        Whether every group, which the first column names, has one.
    most : int, optional
        Rows drawn at most.
    """

    columns: tuple[str, ...]
    value: str
    draw: Draw
    by_row: bool = False
    by_group: bool = False
    most: int | None = None

    def size(self, table: pd.DataFrame) -> tuple[float, float]:
        """Return the width and height in inches that a table needs."""
        if self.by_row:
            return 7.2, max(3.0, 1.2 + 0.34 * len(table[: self.most]))
        return 6.4, max(4.4, 1.2 + 0.34 * table.iloc[:, 0].nunique()) if self.by_group else 4.4


def draw(
    result: pd.DataFrame, *, kind: str | None = None, ax: Axes | Figure | None = None, lang: Language = "zh"
) -> Axes:
    """Draw the picture that fits a result of an evaluation.

    Parameters
    ----------
    result : Result or DataFrame
        From a method of :class:`fanpin_risk.Evaluation` or a function of :mod:`fanpin_risk.evaluation`.
    kind : str, optional
        Which picture: ``calibration``, ``capacity``, ``decision``, ``gains``, ``drift``, ``summary``, ``comparison``,
        ``fairness``, ``capacity_cost`` or ``lead_time``. Default: that of the result. Tables joined or rebuilt by
        pandas forget theirs.
    ax : matplotlib Axes or Figure, optional
        Where to draw; a Figure is given the size that the picture needs. Default: a new figure.
    lang : {"zh", "en"}, default "zh"
        Language of the labels. Chinese needs a font that has it; where none is found labels are English, with a
        warning.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    MissingPackageError
        If matplotlib is not installed.
    SchemaError
        If there is no picture for this kind, columns that it shows were taken away, or no row has a value.

    Warns
    -----
    UserWarning
        If Chinese labels were asked for and no Chinese font is found.

    Examples
    --------
    >>> from fanpin_risk.evaluation import gains_curve
    >>> table = pd.DataFrame(
    ...     {"model": "m", "household_id": list("abcd"), "outcome": [1, 0, 1, 0], "risk": [0.8, 0.6, 0.3, 0.1]}
    ... )
    >>> draw(gains_curve(table, fewest=(1, 1)), lang="en").get_xlabel()
    'Share of households visited'
    """
    if lang not in LANGUAGES:
        raise SchemaError("lang is {lang!r}; expected one of {languages}", lang=lang, languages=LANGUAGES)
    kind = getattr(result, "kind", "") if kind is None else kind
    if kind not in PICTURES:
        raise SchemaError(
            "there is no picture for a result of kind {kind!r}; expected {pictures}. Tables joined or rebuilt by pandas "
            "forget their kind: draw(table, kind=...) says it",
            kind=kind,
            pictures=tuple(PICTURES),
        )
    picture = PICTURES[kind]
    missing = [name for name in picture.columns if name not in result.columns]
    if missing:
        raise SchemaError(
            "the picture of {kind} needs the columns {needed}; {missing} were taken away",
            kind=kind,
            needed=picture.columns,
            missing=missing,
        )
    if result.empty:
        raise SchemaError("the result has no rows: there is nothing to draw")
    # A plain table from here on: the kinds of its parts do not matter any more.
    shown = pd.DataFrame(result).dropna(subset=[picture.value])
    if shown.empty:
        raise SchemaError(
            "all {rows} rows of the result are without {column}: there is nothing to draw",
            rows=len(result),
            column=picture.value,
        )
    lang = labels_lang(lang)

    def words(name: str) -> str:
        return WORDS[name].shown(lang) if name in WORDS else label(name, lang)

    if "model" in shown.columns:
        shown["model"] = [model_label(str(name), lang) for name in shown["model"]]
    drawn: Axes = axes_for(ax, picture.size(shown))[0]
    with in_language(lang):
        picture.draw(shown, drawn, words)
    plain(drawn)
    set_font(drawn)
    return drawn


def _named(column: str, value: Any) -> str:
    """Return what stands in a column that names rows: groups by the words of the language, days without a time."""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if column not in GROUPS and value != UNKNOWN:
        return shortened(str(value), COLUMNS)
    return category_label(column, str(value), current_language())


def series(table: pd.DataFrame, last: str) -> Iterator[tuple[str, pd.DataFrame, dict[str, str]]]:
    """Yield name, rows, and colour and marker of every series: what the columns before `last` name."""
    by = [str(name) for name in table.columns[: table.columns.get_loc(last)] if name not in NOT_A_SERIES]
    parts = table.groupby(by, observed=True, sort=False, dropna=False) if by else [((), table)]
    for number, (key, rows) in enumerate(parts):
        color, marker = LOOKS[number % len(LOOKS)]
        names = zip(by, key if isinstance(key, tuple) else (key,), strict=True)
        yield ", ".join(_named(*name) for name in names), rows, {"color": color, "marker": marker}


def _legend(ax: Any, **how: Any) -> None:
    """Name what is drawn, on white, so that it can be read where lines pass below; many names beside the picture."""
    names = ax.get_legend_handles_labels()[1]
    if not names:
        return
    if len(names) > MOST_INSIDE:
        how |= {"loc": "upper left", "bbox_to_anchor": (1, 1), "fontsize": "small"}
    ax.legend(facecolor="white", edgecolor="none", framealpha=0.85, **how)


def _calibration(table: pd.DataFrame, ax: Any, words: Words) -> None:
    top = 0.0
    for name, rows, look in series(table, "bin"):
        low, high = rows["observed"] - rows["low"], rows["high"] - rows["observed"]
        errors = np.maximum(np.array([low, high]), 0)
        ax.errorbar(rows["mean_risk"], rows["observed"], yerr=errors, ms=4, lw=1, capsize=2, label=name, **look)
        top = max(top, rows["mean_risk"].max(), rows["high"].max())
    ends = (0.0, 1.05 * top if top > 0 else 1.0)
    ax.plot(ends, ends, color=GREY, lw=1, ls="--", label=words("perfect"))
    ax.set(xlim=ends, ylim=ends, xlabel=words("mean_risk"), ylabel=words("observed"))
    _legend(ax)


def _capacity(table: pd.DataFrame, ax: Any, words: Words) -> None:
    for name, rows, look in series(table, "share"):
        for measure, style in (("recall", "-"), ("precision", "--")):
            label = f"{name}, {words(measure)}" if name else words(measure)
            ax.plot(rows["share"], rows[measure], ls=style, ms=4, label=label, **look)
            ax.fill_between(
                rows["share"], rows[f"{measure}_worst"], rows[f"{measure}_best"], color=look["color"], alpha=0.15, lw=0
            )
    ax.set(xlabel=words("share"), ylabel=words("share_value"), ylim=(0, 1), xlim=(0, 1.05 * table["share"].max()))
    _legend(ax)


def _decision(table: pd.DataFrame, ax: Any, words: Words) -> None:
    for name, rows, look in series(table, "threshold"):
        ax.plot(rows["threshold"], rows["net_benefit"], label=name, ms=4, markevery=max(1, len(rows) // 10), **look)
    first = next(series(table, "threshold"))[1]
    ax.plot(first["threshold"], first["visit_all"], color=GREY, ls="--", label=words("visit_all"))
    ax.axhline(0, color=GREY, lw=1, label=words("visit_none"))
    # Visiting all falls far below nothing; what matters lies between nothing and the best.
    best = max(table["net_benefit"].max(), table["visit_all"].max(), 1e-6)
    ax.set(xlabel=words("threshold"), ylabel=words("net_benefit"), ylim=(-0.25 * best, 1.1 * best))
    _legend(ax)


def _gains(table: pd.DataFrame, ax: Any, words: Words) -> None:
    for name, rows, look in series(table, "share"):
        ax.plot(rows["share"], rows["found"], label=name, ms=4, markevery=max(1, len(rows) // 10), **look)
    first = next(series(table, "share"))[1]
    ax.plot(first["share"], first["found_ideal"], color=GREY, ls=":", label=words("ideal"))
    ax.plot([0, 1], [0, 1], color=GREY, ls="--", label=words("chance"))
    ax.set(xlabel=words("share"), ylabel=words("found"), xlim=(0, 1), ylim=(0, 1.02))
    _legend(ax)


def _intervals(table: pd.DataFrame, ax: Any, words: Words, *, value: str, zero: bool) -> None:
    """Draw a value and its interval per row; several measures are told apart by their label."""
    if table.empty:
        raise SchemaError("no row of the result that this picture shows has a value: there is nothing to draw")
    table = table.iloc[np.argsort(pd.factorize(table["measure"])[0], kind="stable")]  # the models of a measure together
    apart = table["measure"].isin(OTHER_SCALES)
    if not apart.all():
        table = table[~apart]
    one = len(set(table["measure"])) == 1
    by = [str(name) for name in table.columns[: table.columns.get_loc("measure")]]
    if not zero:  # of what all rows share a label says nothing, but for the group
        by = [name for name in by if name in GROUPS or len(set(table[name])) > 1]
    keys = table[by].itertuples(index=False, name=None)
    names = [", ".join(_named(*name) for name in zip(by, key, strict=True)) for key in keys]
    labels = [
        name if one and name else ", ".join(filter(None, [name, words(str(measure))]))
        for name, measure in zip(names, table["measure"], strict=True)
    ]
    place = np.arange(len(table))[::-1]
    models = pd.factorize(table["model"])[0] if "model" in table.columns else np.zeros(len(table), dtype=int)
    form = ("+" if zero else "") + (".3f" if table[value].abs().max() < 2 else ".1f")
    for y, middle, low, high, model in zip(place, table[value], table["low"], table["high"], models, strict=True):
        color, marker = LOOKS[model % len(LOOKS)]
        ax.plot([low, high], [y, y], color=color, lw=2, alpha=0.6)
        ax.plot([middle], [y], marker, ms=5, color=color)
        ax.annotate(
            f"{middle:{form}}", (1, y), xycoords=ax.get_yaxis_transform(), xytext=(4, 0),
            textcoords="offset points", va="center", fontsize="small", annotation_clip=False,
        )  # fmt: skip
    if zero:
        ax.axvline(0, color=GREY, lw=1, ls="--")
    ax.set_yticks(place, labels)
    ax.set(xlabel=words(str(table["measure"].iloc[0])) if one and not zero else words("difference" if zero else value))
    ax.set_ylim(-0.7, len(table) - 0.3)


def _summary(table: pd.DataFrame, ax: Any, words: Words) -> None:
    """Draw measures, of groups in the order in which these are declared."""
    by = [str(name) for name in table.columns[: table.columns.get_loc("measure")]]
    order = []
    for name in by:
        declared = {code: number for number, code in enumerate(GROUPS[name].codes)} if name in GROUPS else {}
        known = table[name].map(declared).fillna(len(declared))
        order.append(known if declared else pd.factorize(table[name])[0])
    table = table.iloc[np.lexsort(order[::-1])] if by else table
    _intervals(table, ax, words, value="value", zero=False)


def _capacity_cost(table: pd.DataFrame, ax: Any, words: Words) -> None:
    schemes = table["scheme"].map(lambda name: str(SCHEMES[name]) if name in SCHEMES else name)
    _intervals(table.assign(scheme=schemes), ax, words, value="value", zero=False)


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
    _intervals(table[table[group] != ALL], ax, words, value="value", zero=False)
    if group in GROUPS:
        ax.set_title(str(GROUPS[group].label))
    _legend(ax)


def _drift(table: pd.DataFrame, ax: Any, words: Words) -> None:
    """Draw the index of the features that changed most, with its conventional limits and what chance alone gives."""
    table = table.sort_values("psi", ascending=False, kind="stable").head(MOST_FEATURES)
    place = np.arange(len(table))[::-1]
    level = table["level"].astype("str").to_numpy()
    for name, color, hatch in (("large", RED, ""), ("moderate", AMBER, "///"), ("stable", BLUE, "")):
        inside = level == name
        if inside.any():
            ax.barh(
                place[inside],
                table["psi"][inside].clip(upper=MOST_PSI),
                color=color,
                hatch=hatch,
                edgecolor="0.25",
                lw=0.4,
                label=words(name),
            )
    ax.plot(table["chance"].clip(upper=MOST_PSI), place, "|", color="0.1", ms=9, mew=1.6, label=words("drift_chance"))
    for limit in (MODERATE, LARGE):
        ax.axvline(limit, color=GREY, lw=1, ls="--")
    for y, row in zip(place, table.to_dict("records"), strict=True):
        said = f"{row['psi']:.1f}" if row["psi"] > MOST_PSI else ""
        if abs(row["missing_after"] - row["missing_before"]) >= MISSING_SHOWN:
            before, after = f"{row['missing_before']:.0%}", f"{row['missing_after']:.0%}"
            change = str(Message(WORDS["missing"], before=before, after=after))
            said = ", ".join(filter(None, [said, change]))
        end = min(max(row["psi"], row["chance"]), MOST_PSI)
        ax.annotate(said, (end, y), xytext=(5, 0), textcoords="offset points", va="center", fontsize="small")
    declared = {feature.name: str(feature.label) for feature in FEATURES}
    ax.set_yticks(
        place, [wrapped(declared.get(name) or words(name), COLUMNS) for name in table["feature"].astype("str")]
    )
    longest = min(max(table["psi"].max(), table["chance"].max(), 1.2 * LARGE), MOST_PSI)
    ax.set_xticks([tick for tick in (0.0, MODERATE, LARGE, 0.5, MOST_PSI) if tick <= longest])
    ax.set(xlabel=words("psi"), xlim=(0, 1.6 * longest))
    _legend(ax, loc="lower right")


def _lead_time(table: pd.DataFrame, ax: Any, words: Words) -> None:
    months = table[table["measure"].astype("str").str.startswith("lead_")]
    _intervals(months, ax, words, value="value", zero=False)
    ax.set(xlabel=words("months"), xlim=(0, None))


# Kind of result -> its picture.
PICTURES: dict[str, Picture] = {
    "calibration": Picture(
        columns=("bin", "mean_risk", "observed", "low", "high"), value="observed", draw=_calibration
    ),
    "capacity": Picture(
        columns=(
            "share",
            *(f"{name}{ending}" for name in ("precision", "recall") for ending in ("", "_best", "_worst")),
        ),
        value="recall",
        draw=_capacity,
    ),
    "decision": Picture(columns=("threshold", "net_benefit", "visit_all"), value="net_benefit", draw=_decision),
    "gains": Picture(columns=("share", "found", "found_ideal"), value="found", draw=_gains),
    "drift": Picture(
        columns=("feature", "psi", "chance", "level", "missing_before", "missing_after"),
        value="psi",
        draw=_drift,
        by_row=True,
        most=MOST_FEATURES,
    ),
    "summary": Picture(columns=("measure", "value", "low", "high"), value="value", draw=_summary, by_row=True),
    "comparison": Picture(
        columns=("measure", "difference", "low", "high"), value="difference", draw=_comparison, by_row=True
    ),
    "fairness": Picture(columns=("measure", "value", "low", "high"), value="value", draw=_fairness, by_group=True),
    "capacity_cost": Picture(
        columns=("scheme", "measure", "value", "low", "high"), value="value", draw=_capacity_cost, by_row=True
    ),
    "lead_time": Picture(columns=("measure", "value", "low", "high"), value="value", draw=_lead_time),
}
