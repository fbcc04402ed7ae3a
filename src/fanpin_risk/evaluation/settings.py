"""Settings of a risk model that may be tried on earlier days, and the one that these days choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sklearn.base import clone

from fanpin_risk.evaluation.forecasts import choose
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.training_day import TrainingDay
from fanpin_risk.words import Message

__all__ = ["SETTINGS", "SETTING_NAMES", "Selection", "select_setting", "settings_to_try"]

# Name -> what it changes of the trees.
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "default": {},
    "no_constraints": {"monotonic_cst": {}},
    "three_seeds": {"n_seeds": 3},
}
SETTING_NAMES: Mapping[str, Message] = {
    "default": Message("default"),
    "no_constraints": Message("without monotone constraints"),
    "three_seeds": Message("mean of three seeds"),
}


class Selection(NamedTuple):
    """What earlier days chose.

    Attributes
    ----------
    setting : str
        Name in :data:`SETTINGS`.
    model : RiskModel
        Unfitted, with this setting.
    log_loss : dict of str to float
        Of each setting tried, on households of the newest day that were not learnt from.
    """

    setting: str
    model: RiskModel
    log_loss: dict[str, float]


def settings_to_try(model: RiskModel) -> dict[str, RiskModel]:
    """Return a model with each of the settings that are worth trying.

    The values of the dict are what :func:`fanpin_risk.evaluate` takes as a model with several settings: ``models={"fanpin_risk":
    list(settings_to_try(model).values())}``.

    Parameters
    ----------
    model : RiskModel
        Fitted or not; what it says of other parameters stays.

    Returns
    -------
    dict of str to RiskModel
        Name in :data:`SETTINGS` -> unfitted model, the model's own setting first.

    Examples
    --------
    >>> list(settings_to_try(RiskModel()))
    ['default', 'no_constraints', 'three_seeds']
    """
    trees = MonotoneBoosting() if model.classifier is None else model.classifier
    return {
        name: clone(model).set_params(classifier=clone(trees).set_params(**changed)) if changed else clone(model)
        for name, changed in SETTINGS.items()
    }


def select_setting(model: RiskModel, days: Sequence[TrainingDay], *, horizon_months: int = 12) -> Selection:
    """Try settings on earlier days and return the model with the one of least log loss there.

    As :func:`fanpin_risk.evaluate` does before each day that it forecasts: each is learnt from two thirds of the households of
    all days but the newest, and judged on the others of the newest day. It takes about as long as training five models.

    Parameters
    ----------
    model : RiskModel
        What it says of other parameters stays.
    days : sequence of TrainingDay
        To learn from, in their order.
    horizon_months : int, default 12
        Of the outcomes.

    Returns
    -------
    Selection

    Raises
    ------
    NotEnoughDataError
        If there are too few households or events.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(2000, random_state=0)
    >>> days = [fr.training_day(register, day, target="below_line") for day in ("2021-12-31", "2022-12-31")]
    >>> small = fr.RiskModel(
    ...     target="below_line", ensemble="none", classifier=fr.MonotoneBoosting(max_iter=10), n_folds=2
    ... )
    >>> select_setting(small, days).setting in SETTINGS
    True
    """
    tried = settings_to_try(model)
    chosen, losses = choose(list(tried.values()), days, horizon_months)
    name = list(tried)[chosen]
    return Selection(name, tried[name], dict(zip(tried, losses, strict=True)))
