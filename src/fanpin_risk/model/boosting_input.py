"""What MonotoneBoosting is given, checked: two classes, constraints and categories that name features, codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from fanpin_risk.asof.days import Array
from fanpin_risk.model.canonical_rows import CanonicalRows
from fanpin_risk.model.tree_arrays import LARGEST_CODE

__all__ = [
    "GivenRows",
    "OrderedRows",
    "categorical_mask",
    "check_codes",
    "checked_weight",
    "constraint_signs",
    "encoded",
    "feature_called",
    "only_known",
    "threads_for",
]

# From this many values on (500,000 rows of 100 features) a fit or prediction is spread over threads.
MANY_VALUES = 50_000_000

Names = Sequence[str] | None  # of the features; None for those of an array


class GivenRows(NamedTuple):
    """Rows to learn from.

    Attributes
    ----------
    table : CanonicalRows
        Features, of these rows and maybe of others.
    rows : ndarray of int, shape (n,)
        Which rows of it.
    y : ndarray of shape (n,)
        Their classes.
    weight : ndarray of shape (n,) or None
        What each counts; None: all alike.
    """

    table: CanonicalRows
    rows: Array
    y: Array
    weight: Array | None = None

    @classmethod
    def of_matrix(cls, matrix: Array, y: Any, weight: Array | None) -> GivenRows:
        """Return all rows of a float64 matrix."""
        return cls(CanonicalRows.of_matrix(matrix), np.arange(len(matrix)), y, weight)

    def of_columns(self, chosen: Array) -> dict[int, Array]:
        """Return the values of the columns that a mask chooses, by their number."""
        return {int(j): self.table.columns[j][self.rows] for j in np.flatnonzero(chosen)}

    def ordered(self, labels: Array) -> OrderedRows:
        """Return the rows in their canonical order, with these numbers of their classes."""
        order = self.table.ordered(self.rows, labels, self.weight)
        weight = None if self.weight is None else self.weight[order]
        return OrderedRows(self.table, self.rows[order], labels[order], weight)


class OrderedRows(NamedTuple):
    """Rows in an order that does not depend on how they came.

    Attributes
    ----------
    table, rows, weight
        As of :class:`GivenRows`.
    labels : ndarray of int, shape (n,)
        Numbers of their classes.
    """

    table: CanonicalRows
    rows: Array
    labels: Array
    weight: Array | None

    def some(self, places: Array) -> OrderedRows:
        """Return those at some places."""
        weight = None if self.weight is None else self.weight[places]
        return OrderedRows(self.table, self.rows[places], self.labels[places], weight)

    def known_values(self, column: int) -> Array:
        """Return the values of a column that are not missing."""
        values = self.table.columns[column][self.rows]
        return values[~np.isnan(values)]

    def count_known(self, column: int) -> int:
        """Count the values of a column that are not missing."""
        return int(np.count_nonzero(~np.isnan(self.table.columns[column][self.rows])))


def encoded(y: ArrayLike) -> tuple[Array, Array]:
    """Return the sorted classes and each row's number among them; more than two are refused."""
    check_classification_targets(y)
    kind = type_of_target(y, input_name="y", raise_unknown=True)
    if kind != "binary":
        raise ValueError(f"Only binary classification is supported. The type of the target is {kind}.")
    classes, labels = np.unique(y, return_inverse=True)
    return classes, labels


def _constraint(value: Any) -> int:
    if value not in (-1, 0, 1):
        raise ValueError(f"monotonic_cst holds {value!r}; expected -1, 0 or 1")
    return int(value)


def constraint_signs(monotonic_cst: Mapping[str, int] | ArrayLike | None, n_features: int, names: Names) -> Array:
    """Return the monotone constraints as one number per feature; raise ValueError where they name no feature."""
    constraints = np.zeros(n_features, dtype=np.int8)
    if isinstance(monotonic_cst, Mapping):
        known = [] if names is None else list(names)
        unknown = sorted(set(monotonic_cst) - set(known))
        if unknown:
            raise ValueError(
                f"monotonic_cst names features that X does not have: {', '.join(unknown[:5])}; "
                "pass X as a DataFrame with these columns, or the constraints as an array"
            )
        for name, sign in monotonic_cst.items():
            constraints[known.index(name)] = _constraint(sign)
    elif monotonic_cst is not None:
        signs = np.asarray(monotonic_cst)
        if signs.shape != constraints.shape:
            raise ValueError(f"monotonic_cst has shape {signs.shape}, expected {constraints.shape}")
        constraints[:] = [_constraint(sign) for sign in signs]
    return constraints


def categorical_mask(categorical_features: ArrayLike | None, n_features: int, names: Names) -> Array:
    """Return which features are declared categorical, as a mask; raise ValueError where that names no feature."""
    mask = np.zeros(n_features, dtype=bool)
    given = np.asarray([] if categorical_features is None else categorical_features)
    if given.ndim != 1:
        raise ValueError(f"categorical_features has {given.ndim} dimensions, expected 1")
    if not given.size:
        return mask
    if given.dtype.kind == "b":
        if given.shape != mask.shape:
            raise ValueError(f"categorical_features has shape {given.shape}, expected {mask.shape}")
        return given
    if given.dtype.kind in "iu":
        if ((given < 0) | (given >= len(mask))).any():
            raise ValueError(f"categorical_features holds a position outside 0 to {len(mask) - 1}")
        mask[given] = True
        return mask
    known = [] if names is None else list(names)
    unknown = sorted({str(name) for name in given.tolist()} - set(known))
    if unknown:
        raise ValueError(
            f"categorical_features names features that X does not have: {', '.join(unknown[:5])}; "
            "pass X as a DataFrame with these columns, or their positions"
        )
    mask[[known.index(str(name)) for name in given.tolist()]] = True
    return mask


def check_codes(columns: Mapping[int, Array], names: Names, *, largest: float = np.inf) -> None:
    """Raise ValueError unless the values of categorical features, by their number, are codes."""
    for j, values in columns.items():
        known = values[~np.isnan(values)]
        if (known != np.floor(known)).any() or (largest < np.inf and ((known < 0) | (known > largest)).any()):
            bound = f" from 0 to {LARGEST_CODE}" if largest < np.inf else ""
            raise ValueError(
                f"the categorical feature {feature_called(j, names)} holds values that are no codes; expected whole "
                f"numbers{bound}, or NaN for missing"
            )


def feature_called(feature: int, names: Names) -> str:
    """Return what to call a feature in a message."""
    return f"in column {feature}" if names is None else str(names[feature])


def checked_weight(weight: ArrayLike | None, n_rows: int) -> Array | None:
    """Return what each row counts, or None where all count alike; refuse what is not a number above 0 for each row."""
    if weight is None:
        return None
    found = np.asarray(weight, dtype=np.float64)
    if found.shape != (n_rows,) or not (np.isfinite(found) & (found > 0)).all():
        raise ValueError(
            f"weights of the shape {found.shape} for {n_rows} rows; expected a number above 0 for each row"
        )
    return found


def threads_for(n_values: int) -> int | None:
    """Return 1, or for very much work None for as many threads as there are cores; the result is the same.

    The threads of one fit wait for each other at every split. That gains little (measured, 40,000 rows, two idle
    cores: 0.8 s against 1.4 s) and costs much on a machine that is also used by others (2 s against 50 s). Folds
    are spread over threads instead.
    """
    return 1 if n_values < MANY_VALUES else None


def only_known(rows: Array, known: Array) -> Array:
    """Return rows with the codes that are not known as missing; known is (n_features, 256), empty for numbers."""
    features = np.flatnonzero(np.logical_or.reduce(known, axis=1))
    if not len(features):
        return rows
    rows = rows.copy()
    for j in features:
        possible = (rows[:, j] >= 0) & (rows[:, j] <= LARGEST_CODE)  # NaN: neither
        code = np.where(possible, rows[:, j], 0.0).astype(np.intp)
        rows[~(possible & known[j, code]), j] = np.nan
    return rows
