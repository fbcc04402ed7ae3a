"""Drift: whether the features or scores of a day are still distributed as those a model was trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2

from fanpin_risk.errors import NotEnoughDataError, SchemaError
from fanpin_risk.evaluation.options import check_whole
from fanpin_risk.evaluation.results import Result
from fanpin_risk.model.profile import MISSING_BIN, PROFILE_COLUMNS, as_frame, reference_profile

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BinCounts", "counts_in_bins", "drift", "drift_of_counts"]

# A convention of credit scoring, without a theory behind it: Lewis (1994), An introduction to credit scoring; Siddiqi (2006),
# Credit risk scorecards, chapter 10. What chance alone gives is in the column `chance`.
MODERATE, LARGE = 0.1, 0.25
DRIFT_LEVELS = ("stable", "moderate", "large")


def drift(
    reference: pd.DataFrame | pd.Series, current: pd.DataFrame | pd.Series, *, bins: int = 10, fewest: int = 20
) -> Result:
    """Compare the features or scores of a day with those a model was trained on.

    The population stability index is ``sum((q - p) * log(q / p))`` over the bins of the reference, p and q being the
    shares of reference and current rows; missing is a bin of its own. Half a row is added to every bin on both
    sides, so that an empty one counts finitely (Jeffreys' prior).

    Parameters
    ----------
    reference : DataFrame or Series
        A table of the training days, or what :func:`reference_profile` made of it.
    current : DataFrame or Series
        The table of the day, with the same columns; others are passed over.
    bins, fewest : int
        For the profile of `reference` where it is a table.

    Returns
    -------
    Result
        Kind ``"drift"``, one row per feature, the largest index first: ``feature``, ``psi``, ``chance`` (what the
        index stays below with 95 % where nothing changed: the chi-square quantile of Yurdakul & Naranjo 2020),
        ``level``, ``jensen_shannon`` (distance, 0 to 1), ``missing_before``, ``missing_after``, ``rows_before``,
        ``rows_after``. ``level`` is
        ``stable``, ``moderate`` from 0.1 on or ``large`` from 0.25 on (a convention, not a test), and ``stable`` in any
        case below `chance`.

    Raises
    ------
    SchemaError
        If a feature of the reference is not in the current table.
    NotEnoughDataError
        If the current table has no rows.

    References
    ----------
    Lewis (1994), An introduction to credit scoring; Siddiqi (2006), Credit risk scorecards: index and cut-offs.
    Yurdakul & Naranjo (2020), Statistical properties of the population stability index, J Risk Model Validation 14(4).

    Examples
    --------
    >>> before = pd.DataFrame({"age": np.arange(1000.0) % 90, "size": np.arange(1000.0) % 4})
    >>> drift(before, before.assign(age=before["age"] + 20))[["feature", "level"]].values.tolist()
    [['age', 'large'], ['size', 'stable']]
    """
    check_whole("bins", bins, 1)
    check_whole("fewest", fewest, 1)
    profile = reference if _is_profile(reference) else reference_profile(reference, bins=bins, fewest=fewest)
    assert isinstance(profile, pd.DataFrame)
    return drift_of_counts(profile, counts_in_bins(profile, current))


class BinCounts(NamedTuple):
    """How many rows of a table fall into each bin of a profile, by feature: missing values first. They can be added up."""

    rows: int
    of: dict[str, NDArray[np.float64]]

    def plus(self, other: BinCounts) -> BinCounts:
        """Return the counts of two tables together."""
        return BinCounts(self.rows + other.rows, {name: count + other.of[name] for name, count in self.of.items()})


def counts_in_bins(profile: pd.DataFrame, current: pd.DataFrame | pd.Series) -> BinCounts:
    """Count the rows of a table, or of a part of it, in the bins of a profile.

    Parameters
    ----------
    profile : DataFrame
        Of :func:`fanpin_risk.model.profile.reference_profile`.
    current : DataFrame or Series
        As for :func:`drift`.

    Returns
    -------
    BinCounts

    Raises
    ------
    SchemaError
        If a feature of the profile is not in the table.
    """
    frame = as_frame(current)
    names = list(dict.fromkeys(profile["feature"]))
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise SchemaError(
            "{n_absent} of {n_names} features are not in the current table: {absent}; compute it as the reference was",
            n_absent=len(absent),
            n_names=len(names),
            absent=tuple(absent[:5]),
        )
    counts = {}
    for name in names:
        high = profile.loc[(profile["feature"] == name) & (profile["bin"] != MISSING_BIN), "high"].to_numpy()
        values = frame[name].to_numpy(dtype="float64", na_value=np.nan)
        place = np.searchsorted(high[:-1], values[~np.isnan(values)])
        counts[name] = np.r_[np.isnan(values).sum(), np.bincount(place, minlength=max(1, len(high)))].astype("float64")
    return BinCounts(len(frame), counts)


def drift_of_counts(profile: pd.DataFrame, counts: BinCounts) -> Result:
    """Compare how many rows of a day fall into the bins of a profile with how many of the training days did.

    Parameters
    ----------
    profile : DataFrame
        Of the training days.
    counts : BinCounts
        Of :func:`counts_in_bins`.

    Returns
    -------
    Result
        As of :func:`drift`.

    Raises
    ------
    NotEnoughDataError
        If there are no rows.

    Examples
    --------
    >>> before = pd.DataFrame({"age": np.arange(1000.0) % 90})
    >>> profile = reference_profile(before)
    >>> halves = [counts_in_bins(profile, part) for part in (before[:400], before[400:])]
    >>> drift_of_counts(profile, halves[0].plus(halves[1])).equals(drift(profile, before))
    True
    """
    if not counts.rows:
        raise NotEnoughDataError("the current table has no rows; expected the households of a day")
    n = counts.rows
    lines = []
    for name, after in counts.of.items():
        part = profile[profile["feature"] == name]
        known = part[part["bin"] != MISSING_BIN]
        before = np.r_[part.loc[part["bin"] == MISSING_BIN, "share"].sum(), known["share"].to_numpy()]
        rows = int(part["rows"].iloc[0])
        if not len(known):
            before = np.r_[before, 0.0]
        used = (before > 0) | (after > 0)
        k = int(used.sum())
        p = (before[used] * rows + 0.5) / (rows + 0.5 * k)
        q = (after[used] + 0.5) / (n + 0.5 * k)
        psi = float(((q - p) * np.log(q / p)).sum())
        chance = float(chi2.ppf(0.95, k - 1) * (1 / rows + 1 / n)) if k > 1 else 0.0
        level = DRIFT_LEVELS[int(psi >= MODERATE) + int(psi >= LARGE)] if psi > chance else "stable"
        distance = float(np.nan_to_num(jensenshannon(p, q, base=2)))
        lines.append((name, psi, chance, level, distance, float(before[0]), after[0] / n, rows, n))
    columns = [
        "feature", "psi", "chance", "level", "jensen_shannon", "missing_before", "missing_after", "rows_before", "rows_after",
    ]  # fmt: skip
    result = pd.DataFrame(lines, columns=columns).astype({"feature": "str"})
    result["level"] = pd.Categorical(result["level"], categories=list(DRIFT_LEVELS), ordered=True)
    return Result(result.sort_values("psi", ascending=False, kind="stable", ignore_index=True), kind="drift")


def _is_profile(table: pd.DataFrame | pd.Series) -> bool:
    return isinstance(table, pd.DataFrame) and set(PROFILE_COLUMNS) <= set(table.columns)
