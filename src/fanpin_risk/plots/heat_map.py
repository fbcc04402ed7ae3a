"""Weak points: which risk category matters in which place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from fanpin_risk.errors import NotEnoughDataError, SchemaError
from fanpin_risk.explanation import Explanation
from fanpin_risk.features.feature import CAUSES
from fanpin_risk.plots.axes import axes_for
from fanpin_risk.plots.fonts import chinese_font, labels_lang, set_font
from fanpin_risk.records.places import Unit, unit_of
from fanpin_risk.words import Language, Message
from fanpin_risk.words.widths import shortened, width, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["place_causes", "weak_points"]

Places = pd.Series | Mapping[str, str]
CauseMeasure = Literal["push", "share"]

SMALLEST = 0.005  # smaller values are written as 0
LEAST_CAUSES = 5  # a narrower picture has no room for the text below it
FEWEST_IN_PLACE = 10  # figures of fewer households could reveal one of them
PLACES_SHOWN = 25  # more places could not be read
N_HOUSEHOLDS = "households"
FIRST_CHINESE = "\u2e80"  # Unicode: Chinese radicals and characters begin here
MEASURED: dict[str, Message] = {
    "push": Message("mean effect on the risk (log-odds; + raises, − lowers)"),
    "share": Message("share of households with this main category"),
}
NAME_COLUMNS, CAUSE_COLUMNS = 24, 9  # widths of labels, in Latin letters


def place_causes(
    explanation: Explanation,
    by: Places,
    *,
    unit: Unit | None = None,
    measure: CauseMeasure = "push",
    fewest: int = FEWEST_IN_PLACE,
) -> pd.DataFrame:
    """Sum up by place which risk categories raise the risk.

    Parameters
    ----------
    explanation : Explanation
        From :meth:`fanpin_risk.RiskModel.explain`.
    by : Series or mapping of household_id to place
        Area codes, such as ``scores.set_index("household_id")["area_code"]``, or any names. Households without a
        place are counted as the place ``""``.
    unit : {"county", "township", "village"}, optional
        Cut area codes to this unit. Default: as given.
    measure : {"push", "share"}, default "push"
        ``push``: mean contribution of the category in log-odds. ``share``: share of households whose main risk
        category it is.
    fewest : int, default 10
        Figures of places with fewer households are missing.

    Returns
    -------
    DataFrame of shape (n_places, 1 + n_causes)
        ``households``, then a column per risk category as in ``CAUSES``; indexed by ``place``, sorted.

    Raises
    ------
    SchemaError
        If `unit` or `measure` is not one of those above.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register, model = fr.make_register(300, random_state=0), fr.load_model("demo")
    >>> scores, explanation = model.score(register, "2023-12-31"), model.explain(register, "2023-12-31")
    >>> areas = scores.set_index("household_id")["area_code"]
    >>> int(place_causes(explanation, areas, unit="county")["households"].sum()) == len(scores)
    True
    """
    if measure not in ("push", "share"):
        raise SchemaError("measure is {measure!r}; expected 'push' or 'share'", measure=measure)
    ids = pd.Series(explanation.household_ids, dtype="str")
    place = ids.map(by).astype("str").fillna("")
    if unit is not None:
        place = unit_of(place, unit)
    place = place.rename("place").set_axis(explanation.household_ids)
    if measure == "push":
        values = explanation.by_cause()
    else:
        own = explanation.causes(n_causes=1)["cause_1"]
        values = pd.DataFrame(
            {cause: [code == cause for code in own] for cause in CAUSES},
            index=explanation.household_ids, dtype="float64",
        )  # fmt: skip
    size = place.groupby(place).size()
    table = values.groupby(place).mean()
    table[size < fewest] = np.nan
    table.insert(0, N_HOUSEHOLDS, size)
    return table


def weak_points(
    explanation: Explanation | pd.DataFrame,
    *,
    by: Places | None = None,
    unit: Unit | None = None,
    measure: CauseMeasure = "push",
    names: Mapping[str, str] | None = None,
    fewest: int = FEWEST_IN_PLACE,
    ax: Axes | Figure | None = None,
    lang: Language = "zh",
) -> Axes:
    """Draw which risk categories matter in which places, as a heat map with a number in every cell.

    Parameters
    ----------
    explanation : Explanation or DataFrame
        From :meth:`fanpin_risk.RiskModel.explain`; or a finished table from :func:`place_causes` with the same
        `measure`.
    by : Series or mapping of household_id to place
        See :func:`place_causes`; needed with an Explanation only.
    unit, measure, fewest
        See :func:`place_causes`.
    names : mapping of place to str, optional
        What places are called in the picture. Default: as they are. Without a Chinese font, places with a Chinese
        name are called by their code, or by their number from the top.
    ax : matplotlib Axes or Figure, optional
        Where to draw; a Figure is given the size that the picture needs. Default: a new figure.
    lang : {"zh", "en"}, default "zh"
        Language of the labels; English, with a warning, where no Chinese font is found.

    Returns
    -------
    matplotlib Axes
        Places from top to bottom, those with the largest sums first, at most 25; places with too few households at
        the end, without figures. Categories without effect in any place are left out.

    Raises
    ------
    SchemaError
        If `by` is missing, or the table has no column of a risk category.
    NotEnoughDataError
        If no place has enough households.
    MissingPackageError
        If matplotlib is not installed.

    Examples
    --------
    >>> table = pd.DataFrame({"households": [20, 30], "illness": [0.3, -0.1]}, index=["A", "B"])
    >>> weak_points(table, lang="en").get_xticklabels()[0].get_text()
    'illness'
    """
    if isinstance(explanation, pd.DataFrame):
        table = explanation
    elif by is None:
        raise SchemaError("by is missing: pass area codes or names of places, household_id -> place")
    else:
        table = place_causes(explanation, by, unit=unit, measure=measure, fewest=fewest)
    causes = [cause for cause in CAUSES if cause in table.columns]
    if not causes:
        raise SchemaError("the table has no column of a risk category; expected some of {causes}", causes=tuple(CAUSES))
    lang = labels_lang(lang)
    cells = table[causes].astype("float64")
    if not cells.notna().to_numpy().any():
        raise NotEnoughDataError(
            "no place has {fewest} households or more: draw larger places (unit='township' or 'county')", fewest=fewest
        )
    cells = cells.loc[:, cells.abs().max() >= SMALLEST]
    if not cells.shape[1]:
        raise NotEnoughDataError(
            "no risk category weighs {smallest} or more in any place: there is nothing to draw", smallest=SMALLEST
        )
    weight = cells.clip(lower=0).sum(axis=1, min_count=1)
    cells = cells.loc[weight.sort_values(ascending=False, kind="stable", na_position="last").index]
    left_out = max(0, len(cells) - PLACES_SHOWN)
    cells = cells.iloc[:PLACES_SHOWN]

    wide = max(cells.shape[1], LEAST_CAUSES)
    called = {} if names is None else names
    unknown = Message("place unknown").shown(lang)
    places = [_place_called(str(name), called, k) or unknown for k, name in enumerate(cells.index, start=1)]
    labels = [wrapped(shortened(text, 2 * NAME_COLUMNS), NAME_COLUMNS) for text in places]
    widest = max(width(line) for text in labels for line in text.split("\n"))
    panel: Axes = axes_for(ax, (max(2.6, 0.9 + 0.075 * widest) + 0.62 * wide, 1.9 + 0.3 * len(cells)))[0]
    from matplotlib import colormaps

    numbers = cells.to_numpy()
    largest = np.nanmax(np.abs(numbers))
    colors = colormaps["RdBu_r" if measure == "push" else "Oranges"].with_extremes(bad="white")
    panel.imshow(numbers, cmap=colors, vmin=-largest if measure == "push" else 0, vmax=largest, aspect="auto")
    for (row, column), number in np.ndenumerate(numbers):
        text = _cell(float(number), measure)
        dark = not np.isnan(number) and abs(number) > 0.6 * largest
        panel.text(column, row, text, ha="center", va="center", fontsize="small", color="white" if dark else "0.1")
    panel.set_yticks(range(len(cells)), labels)
    panel.set_xticks(
        range(cells.shape[1]),
        [wrapped(CAUSES[cause].shown(lang), CAUSE_COLUMNS) for cause in cells.columns],
        fontsize="small",
    )
    panel.xaxis.tick_top()
    panel.tick_params(length=0)
    panel.spines[:].set_visible(False)
    panel.set_xticks(np.arange(1, cells.shape[1]) - 0.5, minor=True)
    panel.set_yticks(np.arange(1, len(cells)) - 0.5, minor=True)
    panel.grid(which="minor", color="white", lw=2)
    panel.tick_params(which="minor", length=0)
    note = _note(measure, left_out, suppressed=bool(np.isnan(numbers).any()), fewest=fewest)
    panel.set_xlabel(wrapped(note.shown(lang), CAUSE_COLUMNS * wide))
    set_font(panel)
    return panel


def _place_called(place: str, names: Mapping[str, str], number: int) -> str:
    """Return how a place is labelled: by its name, or if no font can write that, by its code, else by its number."""
    name = str(names.get(place, place))
    if chinese_font() is not None:
        return name
    return next((text for text in (name, place) if max(text, default="") < FIRST_CHINESE), f"place {number}")


def _cell(number: float, measure: CauseMeasure) -> str:
    """Write a figure of the heat map; a dash where it is not shown."""
    if np.isnan(number):
        return "—"
    if measure == "share":
        return f"{100 * number:.0f}%"
    return "0" if abs(number) < SMALLEST else f"{number:+.2f}".replace("-", "−")


def _note(measure: CauseMeasure, left_out: int, *, suppressed: bool, fewest: int) -> Message:
    """Say what the figures are, and what is not shown."""
    note = MEASURED[measure]
    if suppressed:
        few = Message("—: fewer than {fewest} households", fewest=fewest)
        note = Message("{note}; {more}", note=note, more=few)
    if left_out:
        others = Message("{count} more places not shown", count=left_out)
        note = Message("{note}; {more}", note=note, more=others)
    return note
