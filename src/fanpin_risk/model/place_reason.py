"""The place of a household as a reason: a contribution with its own sentence beside those of the features."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.explanation import Explanation
from fanpin_risk.features import Feature
from fanpin_risk.features.place import PLACE_FEATURE
from fanpin_risk.model.place import PlaceEffects

__all__ = ["with_place"]


def with_place(
    explanation: Explanation,
    effects: PlaceEffects,
    codes: Any,
    *,
    slope: float,
    declared: tuple[Feature, tuple[Feature, ...]],
) -> Explanation:
    """Return an explanation with one more contribution: that of the place.

    Parameters
    ----------
    explanation : Explanation
        Of the trees.
    effects : PlaceEffects
        Of the model.
    codes : sequence of str, shape (n_households,)
        Division codes of its households.
    slope : float
        Of the recalibration, by which margins become calibrated log-odds.
    declared : tuple
        From :func:`place_declarations`.

    Returns
    -------
    Explanation
        Its features end with ``place``; where the explanation has columns to quote, so has the place.
    """
    place, quoted = declared
    facts = effects.facts_of(codes).set_index(explanation.household_ids)
    excess = (facts["observed"] / facts["expected"]).rename(PLACE_FEATURE)
    trees = explanation.values  # noqa: PD011  contributions, not those of a frame
    seen, width = explanation.data, len(explanation.features)
    context = bool(explanation.context_features)
    columns = [seen.iloc[:, :width], excess, seen.iloc[:, width:]]
    if context:
        columns.append(facts.add_prefix("place_"))
    return replace(
        explanation,
        values=np.column_stack([trees, slope * effects.of(codes)]),
        data=pd.concat(columns, axis=1),
        features=(*explanation.features, place),
        context_features=(*explanation.context_features, *quoted) if context else (),
    )
