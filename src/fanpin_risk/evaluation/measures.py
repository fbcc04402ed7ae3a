"""Every measure of a forecast: what it is called, and its value from outcomes, risks and weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fanpin_risk.errors import SchemaError
from fanpin_risk.evaluation.ranking import Ranking, Weighted, quotient
from fanpin_risk.words import Message

__all__ = ["MEASURES", "Measure", "check_names", "combine", "measure"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """What a measure is called, which way is better, and where it is defined.

    Parameters
    ----------
    label : Message
        Its name.
    higher_is_better : bool or None
        None where neither is: the best slope is 1, the best intercept 0.
    source : str
        Where the definition is from.
    at : {"", "capacity", "threshold"}
        What must be said to compute it.
    biased : bool
        Whether chance alone makes it larger in small samples.
    """

    label: Message
    higher_is_better: bool | None
    source: str
    at: str = ""
    biased: bool = False


_MURPHY = "Murphy (1973), J Appl Meteorol 12, 595-600"
_STEPHENSON = "Stephenson, Coelho, Jolliffe (2008), Weather Forecast 23, 752-757"
_CALIBRATION = "Cox (1958), Biometrika 45; Van Calster et al. (2019), BMC Med 17:230"
_LIST = "counts of the list of visits"
_TARGETING = "Cornia, Stewart (1993), two errors of targeting; World Bank targeting practice"

_CAPACITY = {
    "precision": Measure(label=Message("Precision at capacity"), higher_is_better=True, source=_LIST, at="capacity"),
    "recall": Measure(label=Message("Recall at capacity"), higher_is_better=True, source=_LIST, at="capacity"),
    "lift": Measure(label=Message("Lift at capacity"), higher_is_better=True, source=_LIST, at="capacity"),
    "exclusion_error": Measure(
        label=Message("Exclusion error at capacity"), higher_is_better=False, source=_TARGETING, at="capacity"
    ),
    "inclusion_error": Measure(
        label=Message("Inclusion error at capacity"), higher_is_better=False, source=_TARGETING, at="capacity"
    ),
}
_BOUNDS = {"best": Message("best order of ties"), "worst": Message("worst order of ties")}

# Every measure, in the order of reports. The bounds of a measure at a capacity follow it.
MEASURES: Mapping[str, Measure] = {
    "auc": Measure(
        label=Message("AUC"), higher_is_better=True, source="Hanley, McNeil (1982), Radiology 143; ties count one half"
    ),
    "average_precision": Measure(
        label=Message("Average precision"),
        higher_is_better=True,
        source="scikit-learn: sum of precision x step of recall, without interpolation",
    ),
    "brier": Measure(label=Message("Brier score"), higher_is_better=False, source="Brier (1950), Mon Weather Rev 78"),
    "reliability": Measure(label=Message("Reliability"), higher_is_better=False, source=_MURPHY, biased=True),
    "resolution": Measure(label=Message("Resolution"), higher_is_better=True, source=_MURPHY, biased=True),
    "uncertainty": Measure(label=Message("Uncertainty"), higher_is_better=None, source=_MURPHY),
    "within_bin_variance": Measure(label=Message("Within-bin variance"), higher_is_better=None, source=_STEPHENSON),
    "within_bin_covariance": Measure(label=Message("Within-bin covariance"), higher_is_better=None, source=_STEPHENSON),
    "log_loss": Measure(label=Message("Log loss"), higher_is_better=False, source="Good (1952), J R Stat Soc B 14"),
    "calibration_error": Measure(
        label=Message("Calibration error"),
        higher_is_better=False,
        source="Naeini, Cooper, Hauskrecht (2015), AAAI; bins of equal mass",
        biased=True,
    ),
    "calibration_slope": Measure(label=Message("Calibration slope"), higher_is_better=None, source=_CALIBRATION),
    "calibration_intercept": Measure(
        label=Message("Calibration in the large"), higher_is_better=None, source=_CALIBRATION
    ),
    "mean_risk": Measure(label=Message("Mean risk"), higher_is_better=None, source="weighted mean"),
    "base_rate": Measure(label=Message("Base rate"), higher_is_better=None, source="weighted mean"),
    **{
        f"{name}{ending}": replace(
            declared,
            label=Message("{measure} ({bound})", measure=declared.label, bound=_BOUNDS[ending[1:]])
            if ending
            else declared.label,
        )
        for name, declared in _CAPACITY.items()
        for ending in ("", "_best", "_worst")
    },
    "net_benefit": Measure(
        label=Message("Net benefit"),
        higher_is_better=True,
        source="Vickers, Elkin (2006), Med Decis Making 26, 565-574",
        at="threshold",
    ),
}
_DECOMPOSITION = ("reliability", "resolution", "uncertainty", "within_bin_variance", "within_bin_covariance")


def measure(
    outcome: ArrayLike,
    risk: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    share: float = 0.05,
    threshold: float | None = None,
    measures: Sequence[str] | None = None,
    n_bins: int = 10,
) -> dict[str, float]:
    """Measure how well risks forecast outcomes.

    The Brier score is ``reliability - resolution + uncertainty + within_bin_variance - within_bin_covariance``,
    exactly, over the bins of the calibration error: bins of equal mass by risk, equal risks in one bin.

    Where risks tie at the cut of the list of visits, the value is the one expected if chance decides among them;
    ``..._best`` and ``..._worst`` are those of the luckiest and the unluckiest order.

    Parameters
    ----------
    outcome : array-like of shape (n_households,), 0 or 1
        Whether the event happened.
    risk : array-like of shape (n_households,), in [0, 1]
        Forecast probability of the event.
    weight : array-like of shape (n_households,), optional
        How many households each row stands for, not negative. Default: 1.
    share : int or float, default 0.05
        Capacity: a whole number of visits, or a share (0 < share < 1) of the households, rounded up to a whole one if
        all weights are whole.
    threshold : float, optional
        Risk (0 < threshold < 1) from which on a visit is held to be worth while, for ``net_benefit``.
    measures : sequence of str, optional
        Names from :data:`MEASURES`. Default: all, ``net_benefit`` only with `threshold`.
    n_bins : int, default 10
        Bins of the calibration error and of the decomposition.

    Returns
    -------
    dict of str to float
        In the order of `measures`; NaN where undefined, e.g. the AUC without events.

    Raises
    ------
    SchemaError
        If an argument is not as described.

    Examples
    --------
    >>> found = measure([0, 0, 1, 1], [0.1, 0.4, 0.4, 0.8], share=2)
    >>> found["auc"], found["recall"], found["recall_worst"], found["recall_best"]
    (0.875, 0.75, 0.5, 1.0)
    """
    names = check_names(measures, threshold=threshold)
    ranking = Ranking(outcome, risk, weight, n_bins=n_bins)
    folds = [ranking.weighted()]
    found = combine(folds, names, capacity=share, threshold=threshold)
    return {name: float(found[name][0]) for name in names}


def check_names(measures: Sequence[str] | None, *, threshold: float | None) -> tuple[str, ...]:
    """Return the measures to compute, after a check of their names and of what they need."""
    if measures is None:
        return tuple(name for name, declared in MEASURES.items() if threshold is not None or declared.at != "threshold")
    if isinstance(measures, str):
        raise SchemaError(
            "measures is the text {measures!r}; expected a list of names, such as [{measures!r}]", measures=measures
        )
    unknown = [name for name in measures if name not in MEASURES]
    if unknown or not measures:
        raise SchemaError(
            "measures: {value} not known; expected some of {measures}",
            value=", ".join(map(repr, unknown)) or "none",
            measures=tuple(MEASURES),
        )
    if threshold is None and any(MEASURES[name].at == "threshold" for name in measures):
        raise SchemaError("net_benefit needs threshold=, the risk from which on a visit is worth while, such as 0.05")
    return tuple(dict.fromkeys(measures))


def combine(
    folds: Sequence[Weighted],
    names: Sequence[str],
    *,
    capacity: float | None = None,
    threshold: float | None = None,
) -> dict[str, Array]:
    """Measure several folds together: each ranks its own households and makes its own list of visits.

    Visits and events at a capacity are counted over all folds. Every other measure is that of a fold, averaged with
    the folds' weights; folds where it is undefined are left out.

    Parameters
    ----------
    folds : sequence of Weighted
        With equally many weightings.
    names : sequence of str
        From :data:`MEASURES`.
    capacity, threshold : float, optional
        As in :func:`measure`; the capacity is that of each fold.

    Returns
    -------
    dict of str to ndarray of shape (n_weightings,)
    """
    found: dict[str, Array] = {}
    if any(MEASURES[name].at == "capacity" for name in names):
        assert capacity is not None, "checked by the callers"
        found |= _list_measures([fold.list_counts(capacity) for fold in folds])
    for name in names:
        if name not in found:
            values = np.stack([_of_fold(fold, name, threshold) for fold in folds])
            mass = np.where(np.isnan(values), 0.0, np.stack([fold.total for fold in folds]))
            found[name] = quotient((np.nan_to_num(values) * mass).sum(axis=0), mass.sum(axis=0))
    return {name: found[name] for name in names}


def _of_fold(fold: Weighted, name: str, threshold: float | None) -> Array:
    if name in _DECOMPOSITION:
        return fold.decomposition[name]
    if name == "net_benefit":
        assert threshold is not None, "checked by check_names"
        return fold.net_benefit(threshold)
    return getattr(fold, name)()


def _list_measures(counts: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    """Return the measures at a capacity from the counts of one or more lists."""
    sums = {name: np.sum([count[name] for count in counts], axis=0) for name in counts[0]}
    base = quotient(sums["events"], sums["total"])
    found: dict[str, Array] = {}
    for ending in ("", "_best", "_worst"):
        precision = quotient(sums[f"hits{ending}"], sums[f"visits{ending}"])
        recall = quotient(sums[f"hits{ending}"], sums["events"])
        found |= {
            f"precision{ending}": precision,
            f"recall{ending}": recall,
            f"lift{ending}": quotient(precision, base),
            f"exclusion_error{ending}": 1 - recall,
            f"inclusion_error{ending}": 1 - precision,
        }
    return found
