"""Effects of places in the fit of a model: whether they are learnt, out of fold, and what they change."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.special import expit

from fanpin_risk.asof.days import Array
from fanpin_risk.errors import FanpinWarning
from fanpin_risk.model.fitting import TrainingRows, log_loss_of_margin, out_of_fold_metrics
from fanpin_risk.model.place import PlaceEffects, fit_place, place_out_of_fold
from fanpin_risk.model.place_facts import Place, place_facts, why_without_place
from fanpin_risk.model.recalibration import logistic_recalibration
from fanpin_risk.model.training_day import TrainingDay
from fanpin_risk.words import Message

__all__ = ["LearntPlace", "learn_place"]


class LearntPlace(NamedTuple):
    """What was learnt of places, if it was.

    Attributes
    ----------
    effects : PlaceEffects or None
        By all rows; None where they are not wanted or nothing can be learnt.
    added : ndarray of shape (n_rows,)
        What they add to each row's margin, learnt from the other folds.
    why : str
        Code of the reason why there are none; ``""`` where there are.
    """

    effects: PlaceEffects | None
    added: Array
    why: str

    def facts(
        self, rows: TrainingRows, of_trees: Array, risk: Array, *, recalibrated: bool, slope: float, visited: float
    ) -> dict[str, Any]:
        """Return what the card says, see :func:`~fanpin_risk.model.place_facts.place_facts`.

        Parameters
        ----------
        rows : TrainingRows
        of_trees : ndarray of shape (n_rows,)
            Margins out of fold by the trees alone.
        risk : ndarray of shape (n_rows,)
            Calibrated risks out of fold, with the effects.
        recalibrated : bool
            Whether the model recalibrates; then the risks without the effects are recalibrated too.
        slope : float
            Of the model's recalibration.
        visited : float
            Share of the rows that count as visited.
        """
        if self.effects is None:
            return {"why": self.why}
        y = rows.outcome
        own = logistic_recalibration(of_trees, y)[:2] if recalibrated else (1.0, 0.0)
        without = expit(own[0] * of_trees + own[1])
        found = place_facts(self.effects, rows.area_code, y, risk, without, slope=slope, visited=visited)
        before = out_of_fold_metrics(y, without)
        return {"why": "", **found, "metrics_without": {name: before[name] for name in SHOWN_BESIDE}}


SHOWN_BESIDE = ("auc", "average_precision", "log_loss")


def learn_place(
    wanted: Place,
    days: Sequence[TrainingDay],
    rows: TrainingRows,
    margin: Array,
    fold: Array,
    *,
    visited: bool = False,
) -> LearntPlace:
    """Learn the effects of places, where they are wanted.

    Parameters
    ----------
    wanted : {"auto", True, False}
        As for :class:`fanpin_risk.RiskModel`.
    days : sequence of TrainingDay
        To learn from.
    rows : TrainingRows
        Their rows.
    margin : ndarray of shape (n_rows,)
        Margins out of fold by the trees.
    fold : ndarray of int, shape (n_rows,)
        Fold of each row's household.
    visited : bool, default False
        Whether the model learns from visits; then none are learnt, since what the register says of a place depends on where
        visitors went.

    Returns
    -------
    LearntPlace

    Warns
    -----
    FanpinWarning
        If places are wanted and no area has enough households.
    """
    nothing = np.zeros(len(margin))
    why = why_without_place(wanted, days, rows.area_code)
    if not why and visited:
        why = "visits"
    if not why and rows.weight is not None:
        why = "sampled"
    if why:
        return LearntPlace(None, nothing, why)
    about = (margin, rows.outcome, rows.day, rows.table.index, rows.area_code)
    effects = fit_place(*about)
    if not len(effects.table):
        if wanted is True:
            warnings.warn(
                FanpinWarning(
                    Message(
                        "place=True: no area has 30 households or more with a division code; the model does without"
                    )
                ),
                stacklevel=5,
            )
        return LearntPlace(None, nothing, "no_area")
    areas = effects.table["area_prefix"].tolist()
    added = place_out_of_fold(*about, fold=fold, areas=areas)
    if wanted == "auto" and not log_loss_of_margin(margin + added, rows.outcome) < log_loss_of_margin(
        margin, rows.outcome
    ):
        return LearntPlace(None, nothing, "no_gain")
    return LearntPlace(effects, added, "")
