"""The parameters of a risk model: what they may be, and the features and trees that follow from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from sklearn.base import clone

from fanpin_risk.arguments import one_of
from fanpin_risk.errors import SchemaError
from fanpin_risk.features import FEATURES, Feature
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.ensemble_facts import ENSEMBLES
from fanpin_risk.model.fitting import FEWEST_EVENTS

__all__ = ["check_parameters", "chosen_features", "unfitted_classifier"]


def check_parameters(parameters: Mapping[str, Any]) -> None:
    """Refuse parameters of :class:`fanpin_risk.RiskModel` that are not those it describes.

    Parameters
    ----------
    parameters : mapping of str to object
        All by their names.

    Raises
    ------
    SchemaError
        If one is not.
    """
    classifier, recalibration, n_folds = (parameters[name] for name in ("classifier", "recalibration", "n_folds"))
    if classifier is not None and not isinstance(classifier, MonotoneBoosting):
        raise SchemaError(
            "classifier is of the type {name}; expected a MonotoneBoosting or None", name=type(classifier).__name__
        )
    place = parameters["place"]
    if not (isinstance(place, bool) or place == "auto"):
        raise SchemaError("place is {place!r}; expected 'auto', True or False", place=place)
    one_of("ensemble", parameters["ensemble"], ENSEMBLES, SchemaError)
    if recalibration not in ("logistic", None):
        raise SchemaError(
            "recalibration is {recalibration!r}; expected 'logistic' or None", recalibration=recalibration
        )
    if not (isinstance(n_folds, int) and 2 <= n_folds <= FEWEST_EVENTS):
        raise SchemaError(
            "n_folds is {n_folds!r}; expected a whole number from 2 to {fewest_events}",
            n_folds=n_folds,
            fewest_events=FEWEST_EVENTS,
        )
    shares = tuple(parameters["tier_shares"])
    if len(shares) != 2 or not all(share > 0 for share in shares) or not sum(shares) < 1:
        raise SchemaError(
            "tier_shares is {shares}; expected two positive shares, of high and medium, below 1 together",
            shares=shares,
        )


def chosen_features(
    features: Sequence[str] | None, tables: Sequence[pd.DataFrame] = (), *, target: str = "newly_monitored"
) -> tuple[Feature, ...]:
    """Return the declarations of the features of these names, in their order; of all if none are given.

    Of all, optional ones are left out that have no value in any of the tables, and those that forecasts of this event may not
    know.

    Raises
    ------
    SchemaError
        If a name is unknown or stands twice, or is of a feature that forecasts of this event may not know.
    """
    known = {f.name: f for f in FEATURES}
    names = list(known) if features is None else list(features)
    if features is None:
        names = [
            one
            for one in names
            if (not known[one].targets or target in known[one].targets)
            and (not known[one].optional or any(one in table and table[one].notna().any() for table in tables))
        ]
    unknown = [name for name in names if name not in known]
    if unknown or len(set(names)) < len(names) or not names:
        raise SchemaError(
            "features: {n_names} names, unknown: {value}; expected names from describe_features(), each once",
            n_names=len(names),
            value=", ".join(unknown) or "none",
        )
    hidden = [name for name in names if known[name].targets and target not in known[name].targets]
    if hidden:
        raise SchemaError(
            "features: {names} are known only to forecasts of {targets}; leave them out of one of {target}",
            names=hidden,
            targets=known[hidden[0]].targets,
            target=target,
        )
    return tuple(known[name] for name in names)


def unfitted_classifier(
    given: MonotoneBoosting | None, declared: Sequence[Feature], random_state: int
) -> MonotoneBoosting:
    """Return the unfitted trees, with the declared constraints and categories and a seed where `given` says none."""
    classifier = MonotoneBoosting() if given is None else clone(given)
    if classifier.monotonic_cst is None:
        classifier.set_params(monotonic_cst={f.name: f.monotone for f in declared})
    if classifier.categorical_features is None:
        classifier.set_params(categorical_features=[f.name for f in declared if f.unit == "category"])
    if classifier.random_state is None:
        classifier.set_params(random_state=random_state)
    return classifier
