"""A model that was not fitted says so as all errors of this package do, and as scikit-learn expects."""

from __future__ import annotations

from typing import Any

from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from fanpin_risk.errors import InputError

__all__ = ["UnfittedModelError", "require_fitted"]


class UnfittedModelError(InputError, NotFittedError):
    """A model is used before `fit`; also scikit-learn's ``NotFittedError``."""


def require_fitted(model: Any) -> None:
    """Refuse a :class:`fanpin_risk.RiskModel` that was not fitted.

    Raises
    ------
    UnfittedModelError
        If it was not.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> require_fitted(fr.load_model("demo"))
    """
    try:
        check_is_fitted(model, "classifier_")
    except NotFittedError as error:
        raise UnfittedModelError(
            "this model is not fitted; call fit(register, as_of=...) first, or load_model() for a saved one"
        ) from error
