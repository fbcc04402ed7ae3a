"""Is the forecast right, for whom, and how sure: measures, intervals, curves and comparisons.

Everything reads one table, ``predictions``: a row per model, fold, day and household, with outcome and risk (see
:func:`fanpin_risk.evaluation.predictions.check_predictions`).
"""

from fanpin_risk.evaluation.baselines import BASELINES, TRIGGERS, make_baselines
from fanpin_risk.evaluation.between_groups import capacity_cost, fairness
from fanpin_risk.evaluation.curves import calibration_curve, capacity_curve, decision_curve, gains_curve, lead_time
from fanpin_risk.evaluation.drift import drift
from fanpin_risk.evaluation.evaluation import Evaluation
from fanpin_risk.evaluation.groups import GROUPS, audit_groups
from fanpin_risk.evaluation.intervals import compare, summarise
from fanpin_risk.evaluation.judged_scores import performance
from fanpin_risk.evaluation.level import Recalibration, recalibrate
from fanpin_risk.evaluation.measures import MEASURES, measure
from fanpin_risk.evaluation.model_in_use import DriftReport, drift_report
from fanpin_risk.evaluation.protocol import evaluate
from fanpin_risk.evaluation.results import Result
from fanpin_risk.evaluation.retraining import retrain_advice
from fanpin_risk.evaluation.settings import Selection, select_setting, settings_to_try
from fanpin_risk.evaluation.shares_found import visit_shares
from fanpin_risk.evaluation.two_samples import two_sample_test
from fanpin_risk.evaluation.visited import evaluate_visits
from fanpin_risk.model.profile import reference_profile

__all__ = [
    "BASELINES",
    "GROUPS",
    "MEASURES",
    "TRIGGERS",
    "DriftReport",
    "Evaluation",
    "Recalibration",
    "Result",
    "Selection",
    "audit_groups",
    "calibration_curve",
    "capacity_cost",
    "capacity_curve",
    "compare",
    "decision_curve",
    "drift",
    "drift_report",
    "evaluate",
    "evaluate_visits",
    "fairness",
    "gains_curve",
    "lead_time",
    "make_baselines",
    "measure",
    "performance",
    "recalibrate",
    "reference_profile",
    "retrain_advice",
    "select_setting",
    "settings_to_try",
    "summarise",
    "two_sample_test",
    "visit_shares",
]
