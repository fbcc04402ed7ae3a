"""How sure a measure is: intervals by resampling villages, comparisons in pairs, small cells left out."""

from __future__ import annotations

import zlib
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fanpin_risk.errors import SchemaError
from fanpin_risk.evaluation.measures import MEASURES, check_names, combine
from fanpin_risk.evaluation.options import check_intervals
from fanpin_risk.evaluation.predictions import check_predictions, visit_lists
from fanpin_risk.evaluation.ranking import Ranking, VisitList
from fanpin_risk.evaluation.results import Result
from fanpin_risk.evaluation.verdicts import p_of_difference, with_verdicts
from fanpin_risk.watch.capacity import check_capacity
from fanpin_risk.words import join_notes, note

__all__ = ["compare", "summarise"]

Array = NDArray[np.float64]

DEFAULT_MEASURES = (
    "auc",
    "average_precision",
    "brier",
    "log_loss",
    "calibration_error",
    "precision",
    "recall",
    "lift",
    "exclusion_error",
    "inclusion_error",
)
# Fewest households and events of a cell that is shown: fewer say nothing, and may tell of a known household.
FEWEST = (50, 5)
# With fewer villages than this, resampling them says little about their spread.
FEWEST_CLUSTERS = 10
# Weights held in memory at a time: 16 MB.
DRAWS_AT_ONCE = 2_000_000


def summarise(
    predictions: pd.DataFrame,
    *,
    by: Sequence[str] = ("model",),
    measures: Sequence[str] = DEFAULT_MEASURES,
    capacity: float = 0.05,
    one_list: bool = False,
    threshold: float | None = None,
    level: float = 0.95,
    n_bootstrap: int = 500,
    cluster: str | None = "cluster",
    random_state: int = 0,
    fewest: tuple[int, int] = FEWEST,
) -> Result:
    """Measure forecasts by model, fold or group, each with an interval.

    Within a cell every fold ranks its own households, and the folds are averaged (see
    :func:`fanpin_risk.evaluation.measures.combine`).

    Villages are drawn with replacement, with all their households on all days, and the interval holds the middle
    `level` of the measure over the draws (Efron, Tibshirani 1993, chapter 13). Cells of the same villages see the
    same draws, so models can be compared in pairs. Measures that chance makes larger in small samples have the
    reflected ("basic") interval (Davison, Hinkley 1997, section 5.2), widened to hold the value. Near 0 it is
    rough: chance alone still moves it upward.

    Parameters
    ----------
    predictions : DataFrame
        One row per model, fold, day and household; see
        :func:`fanpin_risk.evaluation.predictions.check_predictions`.
    by : sequence of str, default ("model",)
        Columns that name the cells.
    measures : sequence of str
        Names from :data:`fanpin_risk.evaluation.measures.MEASURES`.
    capacity : int or float, default 0.05
        Visits in each fold of a cell: a whole number, or a share of its households.
    one_list : bool, default False
        Whether the visits are those of one list for all households of a model and fold, whatever the groups in `by`:
        recall of a group is then the share of its events that are on the common list. Who is on it is held fixed in
        the draws. Default: every cell makes its own list.
    threshold : float, optional
        For ``net_benefit``.
    level : float, default 0.95
        Level of the intervals.
    n_bootstrap : int, default 500
        Draws; 0 leaves the intervals out.
    cluster : str or None, default "cluster"
        Column of the village. Households without one are drawn alone, and all are where fewer than 10 villages are
        known in a cell, or with None; the column ``note`` says so.
    random_state : int, default 0
        Seed.
    fewest : (int, int), default (50, 5)
        Households and events below which a cell is suppressed; with weights, as many as those of equal weight that
        would tell as much (Kish). If that leaves a single gap among the cells of a
        column, which could be filled from the total, the smallest other cell is suppressed as well.

    Returns
    -------
    Result
        Kind ``"summary"``: the columns of `by`, then ``measure``, ``value``, ``low``, ``high``, ``households``
        (different ones), ``events`` (rows with the event) and ``note`` (codes with numbers, ``few_villages:10``, whose
        sentences are :data:`fanpin_risk.evaluation.labels.NOTES`). Suppressed cells have neither values nor counts.
        ``attrs`` holds the options.

    Raises
    ------
    SchemaError
        If an argument or the table is not as described.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> risk = rng.uniform(0, 0.4, 800)
    >>> predictions = pd.DataFrame(
    ...     {
    ...         "model": "m",
    ...         "household_id": [f"h{i:03}" for i in range(800)],
    ...         "cluster": [f"v{i % 40:02}" for i in range(800)],
    ...         "risk": risk,
    ...         "outcome": (rng.random(800) < risk).astype(int),
    ...     }
    ... )
    >>> summarise(predictions, measures=["auc"]).round(2)[["model", "measure", "value", "low", "high"]]
      model measure  value   low  high
    0     m     auc   0.68  0.64  0.72
    """
    names = check_names(measures, threshold=threshold)
    check_intervals(level, n_bootstrap, fewest)
    frame = check_predictions(predictions, by=by, cluster=cluster)
    cells = _cells(frame, by, names, capacity, one_list=one_list)
    shown = reasons_to_suppress(cells, by, fewest)
    rows: list[dict[str, Any]] = []
    for key, cell in cells.items():
        labels = dict(zip(by, key, strict=True))
        if shown[key]:
            rows += [labels | {"measure": name} | _suppressed(shown[key]) for name in names]
            continue
        options: dict[str, Any] = {"capacity": capacity, "threshold": threshold}
        values = cell.values(names, **options)
        draws = cell.draws(names, n_bootstrap, random_state, **options)
        for name in names:
            low, high = interval(values[name], draws[name], level, biased=MEASURES[name].biased)
            counts = {"households": cell.households, "events": cell.events}
            said = join_notes([*cell.notes, "" if np.isfinite(values[name]) else note("not_defined")])
            bounds = {"value": values[name], "low": low, "high": high}
            rows.append(labels | {"measure": name} | bounds | counts | {"note": said})
    columns = [*by, "measure", "value", "low", "high", "households", "events", "note"]
    result = table_of(rows, columns, "summary")
    result.attrs = _options(capacity, one_list, threshold, level, n_bootstrap, fewest)
    return result


def compare(
    predictions: pd.DataFrame,
    *,
    reference: str,
    by: Sequence[str] = (),
    measures: Sequence[str] = DEFAULT_MEASURES,
    capacity: float = 0.05,
    one_list: bool = False,
    threshold: float | None = None,
    level: float = 0.95,
    n_bootstrap: int = 500,
    cluster: str | None = "cluster",
    random_state: int = 0,
    fewest: tuple[int, int] = FEWEST,
) -> Result:
    """Compare a model with every other on the same households, measured in the same draws.

    Parameters
    ----------
    predictions : DataFrame
        As for :func:`summarise`. Every model must have forecast the same households on the same days.
    reference : str
        Model that the others are compared with.
    by : sequence of str, default ()
        Further columns, e.g. ``fold`` or a group, to compare within.
    measures : sequence of str
        Names of measures of which higher or lower is better.
    capacity, one_list, threshold, level, n_bootstrap, cluster, random_state, fewest
        As for :func:`summarise`.

    Returns
    -------
    Result
        Kind ``"comparison"``: the columns of `by`, ``model``, ``measure``, ``reference_value``, ``value``,
        ``difference`` (above 0: the reference is better by as much), ``low``, ``high``, ``p_adjusted`` (for being as many
        as the table has, Holm 1979), ``days`` and ``days_better`` (of the folds), ``verdict`` and ``note``. The verdict is on
        the reference: ``"better"`` or ``"worse"`` if the adjusted p is below 1 - `level` and, with fewer than six days, all
        days agree; else ``"no difference shown"``. Intervals are of each difference by itself.

    Raises
    ------
    SchemaError
        If an argument or the table is not as described, or the models' households differ.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> risk = rng.uniform(0, 0.4, 800)
    >>> good = pd.DataFrame(
    ...     {
    ...         "model": "good",
    ...         "household_id": [f"h{i:03}" for i in range(800)],
    ...         "cluster": [f"v{i % 40:02}" for i in range(800)],
    ...         "risk": risk,
    ...         "outcome": (rng.random(800) < risk).astype(int),
    ...     }
    ... )
    >>> both = pd.concat([good, good.assign(model="coin", risk=rng.uniform(0, 0.4, 800))])
    >>> compare(both, reference="good", measures=["auc"])[["model", "measure", "verdict"]].values.tolist()
    [['coin', 'auc', 'better']]
    """
    names = check_names(measures, threshold=threshold)
    undirected = [name for name in names if MEASURES[name].higher_is_better is None]
    if undirected:
        raise SchemaError(
            "measures: of {undirected} neither more nor less is better; leave them out", undirected=tuple(undirected)
        )
    check_intervals(level, n_bootstrap, fewest)
    frame = check_predictions(predictions, by=("model", *by), cluster=cluster)
    models = list(dict.fromkeys(frame["model"]))
    if reference not in models:
        raise SchemaError(
            "reference is {reference!r}; expected one of the models {map}",
            reference=reference,
            map=tuple(map(repr, models)),
        )
    _check_pairs(frame, models, reference, by)
    cells = _cells(frame, ("model", *by), names, capacity, one_list=one_list)
    shown = reasons_to_suppress(cells, ("model", *by), fewest)
    options: dict[str, Any] = {"capacity": capacity, "threshold": threshold}
    measured: dict[tuple[Hashable, ...], tuple[dict[str, Any], ...]] = {
        key: (cell.values(names, **options), cell.by_fold(names, **options),
              cell.draws(names, n_bootstrap, random_state, **options))
        for key, cell in cells.items() if not shown[key]
    }  # fmt: skip
    nothing = dict.fromkeys(("reference_value", "value", "difference", "low", "high", "p_adjusted"), np.nan)
    rows: list[dict[str, Any]] = []
    for key, cell in cells.items():
        if key[0] == reference:
            continue
        labels = dict(zip(("model", *by), key, strict=True))
        for name in names:
            row: dict[str, Any] = labels | {"measure": name, "days": 0, "days_better": 0} | nothing
            said = shown[key]
            if not said:
                own, other = measured[(reference, *key[1:])], measured[key]
                sign = 1 if MEASURES[name].higher_is_better else -1
                difference, by_day, draws = (sign * (a[name] - b[name]) for a, b in zip(own, other, strict=True))
                low, high = interval(difference, draws, level)
                row |= {"reference_value": own[0][name], "value": other[0][name], "difference": difference}
                row |= {"low": low, "high": high, "p_adjusted": p_of_difference(difference, draws)}
                row |= {"days": int(np.isfinite(by_day).sum()), "days_better": int((by_day > 0).sum())}
                said = join_notes([*cell.notes, "" if np.isfinite(difference) else note("not_defined")])
            rows.append(row | {"note": said})
    with_verdicts(rows, level)
    columns = [*by, "model", "measure", "reference_value", "value", "difference", "low", "high", "p_adjusted"]
    columns += ["days", "days_better", "verdict", "note"]
    result = table_of(rows, columns, "comparison")
    result.attrs = _options(capacity, one_list, threshold, level, n_bootstrap, fewest) | {"reference": reference}
    return result


class Cell:
    """The rows of a cell: a ranking per fold, and the units that are drawn.

    Parameters
    ----------
    rows : DataFrame
        From :func:`fanpin_risk.evaluation.predictions.check_predictions`, of one model.
    lists : mapping of (model, fold) to (Index, VisitList), optional
        Lists made among more households than these.
    n_bins : int
        As in :func:`fanpin_risk.evaluation.measures.measure`.

    Attributes
    ----------
    rankings : list of Ranking
    households, events : int
        Different households, and rows with the event.
    weighted_households, weighted_events : float
        How many of equal weight would be as many, see :func:`effective_number`.
    units : ndarray of str
        What is drawn: villages, and households without one.
    place : ndarray of int, shape (n_rows,)
        Which of the units each row belongs to.
    notes : list of str
        Notes on the intervals.
    """

    def __init__(
        self,
        rows: pd.DataFrame,
        *,
        lists: Mapping[tuple[str, str], tuple[pd.Index, VisitList]] | None = None,
        n_bins: int = 10,
    ) -> None:
        self.households = int(rows["household_id"].nunique())
        self.events = int(rows["outcome"].sum())
        weight = rows["weight"].to_numpy(dtype=np.float64)
        self.weighted_households = effective_households(rows["household_id"], weight)
        self.weighted_events = effective_number(weight[(rows["outcome"] == 1).to_numpy()])
        unit, self.notes = _units(rows)
        self.units, self.place = np.unique(unit, return_inverse=True)
        self.rankings: list[Ranking] = []
        self.places: list[NDArray[Any]] = []
        for fold, part in rows.groupby("fold", observed=True, sort=True):
            listed = None
            if lists is not None:
                index, of_fold = lists[part["model"].iloc[0], str(fold)]
                at = index.get_indexer(part.index)
                listed = of_fold.of(at)
            ranking = Ranking(part["outcome"], part["risk"], part["weight"], n_bins=n_bins, visit_list=listed)
            self.rankings.append(ranking)
            self.places.append(self.place[rows.index.get_indexer(part.index)][ranking.order])

    def values(self, names: Sequence[str], **options: Any) -> dict[str, float]:
        """Return the measures of the rows as they are."""
        found = combine([ranking.weighted() for ranking in self.rankings], names, **options)
        return {name: float(found[name][0]) for name in names}

    def by_fold(self, names: Sequence[str], **options: Any) -> dict[str, Array]:
        """Return the measures of each fold."""
        found = [combine([ranking.weighted()], names, **options) for ranking in self.rankings]
        return {name: np.array([one[name][0] for one in found], dtype=np.float64) for name in names}

    def draws(self, names: Sequence[str], n_bootstrap: int, random_state: int, **options: Any) -> dict[str, Array]:
        """Return the measures in every draw."""
        found = [
            combine([ranking.weighted(w) for ranking, w in zip(self.rankings, weights, strict=True)], names, **options)
            for weights in self.weights(n_bootstrap, random_state)
        ]
        return {name: np.concatenate([part[name] for part in found] or [np.zeros(0)]) for name in names}

    def weights(self, n_bootstrap: int, random_state: int) -> Iterator[list[Array]]:
        """Yield draws, some at a time: per fold the weights in the order of its ranking."""
        rng = self._random(random_state)
        size = max(1, DRAWS_AT_ONCE // max(1, sum(len(place) for place in self.places)))
        for start in range(0, n_bootstrap, size):
            counts = np.stack([self._draw(rng) for _ in range(min(size, n_bootstrap - start))])
            yield [counts[:, place] * ranking.weight for place, ranking in zip(self.places, self.rankings, strict=True)]

    def counts(self, n_bootstrap: int, random_state: int, *, rows: NDArray[Any]) -> Array:
        """Return how often some of the rows were drawn, given by position; of shape (n_bootstrap, n_rows)."""
        rng = self._random(random_state)
        drawn = [self._draw(rng)[self.place[rows]] for _ in range(n_bootstrap)]
        return np.array(drawn, dtype=np.float64).reshape(n_bootstrap, len(rows))

    def _random(self, random_state: int) -> np.random.Generator:
        # Cells of the same units see the same draws, others do not.
        return np.random.default_rng([random_state, zlib.crc32("\n".join(self.units).encode())])

    def _draw(self, rng: np.random.Generator) -> NDArray[np.int64]:
        return np.bincount(rng.integers(0, len(self.units), len(self.units)), minlength=len(self.units))


def _units(rows: pd.DataFrame) -> tuple[NDArray[Any], list[str]]:
    """Return the unit that each row is drawn with, and the notes on it."""
    village = rows["cluster"].to_numpy(dtype=object)
    household = ("household " + rows["household_id"].astype("str")).to_numpy(dtype=object)
    known = village != ""
    n_villages = len(set(village[known]))
    if not known.any():
        return household, [note("villages_unknown")]
    if n_villages < FEWEST_CLUSTERS:
        return household, [note("few_villages", FEWEST_CLUSTERS)]
    if not known.all():
        alone = rows.loc[~known, "household_id"].nunique()
        return np.where(known, village, household), [note("no_village", alone)]
    return village, []


def _cells(
    frame: pd.DataFrame, by: Sequence[str], names: Sequence[str], capacity: float, *, one_list: bool
) -> dict[tuple[Hashable, ...], Cell]:
    """Cut the rows into cells."""
    check_capacity(capacity)
    grouped = any(name not in ("model", "fold") for name in by)
    lists = None
    # Without groups the cell is the list, and the cut can be drawn as well.
    if one_list and grouped and any(MEASURES[name].at == "capacity" for name in names):
        lists = visit_lists(frame, capacity)
    if not by:
        return {(): Cell(frame, lists=lists)} if len(frame) else {}
    parts = frame.groupby(list(by), observed=True, dropna=False, sort=True)
    return {key if isinstance(key, tuple) else (key,): Cell(rows, lists=lists) for key, rows in parts}


def reasons_to_suppress(
    cells: Mapping[tuple[Hashable, ...], Cell], by: Sequence[str], fewest: tuple[int, int]
) -> dict[tuple[Hashable, ...], str]:
    """Return for each cell the note why it is suppressed, or "" if it is shown."""
    why = dict.fromkeys(cells, "")
    for key, cell in cells.items():
        if cell.households < fewest[0] or cell.events < fewest[1]:
            why[key] = note("suppressed_few", *fewest)
        elif cell.weighted_households < fewest[0] or cell.weighted_events < fewest[1]:
            why[key] = note("suppressed_weights", *fewest)
    groups = [place for place, name in enumerate(by) if name not in ("model", "fold")]
    changed = True
    while changed:
        changed = False
        for place in groups:
            lines: dict[tuple[Hashable, ...], list[tuple[Hashable, ...]]] = {}
            for key in cells:
                lines.setdefault((*key[:place], *key[place + 1 :]), []).append(key)
            for line in lines.values():
                open_cells = [key for key in line if not why[key]]
                if open_cells and len(open_cells) == len(line) - 1:
                    smallest = min(open_cells, key=lambda key: (cells[key].households, cells[key].events))
                    why[smallest] = note("suppressed_total")
                    changed = True
    return why


def effective_number(weight: Array) -> float:
    """Return how many rows of equal weight are worth as much as these: (sum of w)^2 / sum of w^2 (Kish 1965, Survey sampling).

    Examples
    --------
    >>> effective_number(np.array([2.0, 2.0, 2.0])), effective_number(np.array([98.0, 1.0, 1.0]))
    (3.0, 1.041016)
    """
    squares = float((weight**2).sum())
    # Rounded: otherwise 50 equal weights of 0.1 would count as fewer than 50.
    return round(float(weight.sum()) ** 2 / squares, 6) if squares > 0 else 0.0


def effective_households(household: pd.Series | NDArray[Any], weight: Array) -> float:
    """Return how many households of equal weight are worth as much; one on several days counts once, with its mean weight."""
    place, names = pd.factorize(household)
    return effective_number(np.bincount(place, weights=weight, minlength=len(names)) / np.bincount(place))


def _check_pairs(frame: pd.DataFrame, models: Sequence[str], reference: str, by: Sequence[str]) -> None:
    """Refuse models that did not forecast the same households with the same outcomes."""
    columns = ["fold", "as_of", "household_id", "outcome", "weight", "cluster", *(n for n in by if n != "fold")]
    same = frame.loc[frame["model"] == reference, columns].reset_index(drop=True)
    for model in models:
        own = frame.loc[frame["model"] == model, columns].reset_index(drop=True)
        if not own.equals(same):
            raise SchemaError(
                "models {reference!r} and {model!r} have {n_same} and {n_own} rows that are not the same "
                "households, days, outcomes, weights, clusters and groups; compare them on the same rows",
                reference=reference,
                model=model,
                n_same=len(same),
                n_own=len(own),
            )


def interval(value: float, draws: Array, level: float, *, biased: bool = False) -> tuple[float, float]:
    """Return the interval, NaN unless the measure is defined in most draws."""
    defined = draws[np.isfinite(draws)]
    if not np.isfinite(value) or len(defined) < max(2, len(draws) / 2):
        return np.nan, np.nan
    low, high = (float(q) for q in np.quantile(defined, [(1 - level) / 2, (1 + level) / 2]))
    if biased:
        low, high = max(0.0, min(value, 2 * value - high)), max(value, 2 * value - low)
    return low, high


def _suppressed(why: str) -> dict[str, Any]:
    nothing = dict.fromkeys(("value", "low", "high"), np.nan)
    return nothing | {"households": None, "events": None, "note": why}


def table_of(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], kind: str) -> Result:
    """Return a result, counts as whole numbers that may be missing."""
    frame = pd.DataFrame(list(rows), columns=list(columns))
    for name in ("households", "events"):
        if name in columns:
            frame[name] = frame[name].astype("Int64")
    return Result(frame, kind=kind)


def _options(
    capacity: float,
    one_list: bool,  # noqa: FBT001 - private, and beside its name where it is given
    threshold: float | None,
    level: float,
    n_bootstrap: int,
    fewest: tuple[int, int],
) -> dict[Hashable | None, Any]:
    return {
        "one_list": one_list,
        "capacity": capacity,
        "threshold": threshold,
        "level": level,
        "n_bootstrap": n_bootstrap,
        "fewest": tuple(fewest),
    }
