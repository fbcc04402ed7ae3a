"""What MonotoneBoosting is given, checked: two classes, constraints and categories that name features, codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from fanpin_risk.asof.days import Array
from fanpin_risk.model.tree_arrays import LARGEST_CODE

__all__ = [
    "HeldOut",
    "categorical_mask",
    "check_codes",
    "checked_weight",
    "constraint_signs",
    "encoded",
    "feature_called",
]

# Rows, their classes as numbers, and what each counts; None: all alike.
HeldOut = tuple[Array, Array, Array | None]
Names = Sequence[str] | None  # of the features; None for those of an array


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


def check_codes(rows: Array, categorical: Array, names: Names, *, largest: float = np.inf) -> None:
    """Raise ValueError unless the values of categorical features are codes."""
    for j in np.flatnonzero(categorical).tolist():
        known = rows[~np.isnan(rows[:, j]), j]
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
