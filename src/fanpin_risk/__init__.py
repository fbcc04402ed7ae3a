"""Risk of returning to poverty (返贫风险) for household registers.

Every public name is loaded on first use, so that ``import fanpin_risk`` and ``fanpin-risk --help`` take no time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fanpin_risk import errors, evaluation, plots, policy, reports
    from fanpin_risk.asof.monitoring_lines import MonitoringLines
    from fanpin_risk.asof.outcomes import cohort, outcomes
    from fanpin_risk.asof.snapshot import Snapshot
    from fanpin_risk.batch.answers import screen_register
    from fanpin_risk.batch.pack import pack
    from fanpin_risk.batch.packed_register import PackedRegister
    from fanpin_risk.batch.score import score_register
    from fanpin_risk.batch.update import purge_updates, undo_update, update
    from fanpin_risk.errors import FanpinError
    from fanpin_risk.evaluation import Evaluation, evaluate, evaluate_visits, visit_shares
    from fanpin_risk.explanation import Explanation
    from fanpin_risk.features import FEATURES, compute_features, describe_features, evidence_of, make_references
    from fanpin_risk.leaks import leak_alarms
    from fanpin_risk.ledger import Ledger, exit_assessment
    from fanpin_risk.model.boosting import MonotoneBoosting
    from fanpin_risk.model.day_parts import training_days
    from fanpin_risk.model.risk_model import RiskModel
    from fanpin_risk.model.store import load_model, save_model
    from fanpin_risk.model.tiers import in_words
    from fanpin_risk.model.training_day import TrainingDay, training_day
    from fanpin_risk.model.visit_results import visit_labels
    from fanpin_risk.policy import (
        contradictions,
        entitlements,
        household_groups,
        measures,
        monitored_type,
        screen,
        suspicions,
    )
    from fanpin_risk.records.read import propose_columns, read_register, write_columns
    from fanpin_risk.records.register import Register
    from fanpin_risk.records.schema import TABLES
    from fanpin_risk.records.template import write_template
    from fanpin_risk.records.vocabulary import describe_columns
    from fanpin_risk.reports import model_card, report
    from fanpin_risk.reports.tracing import trace
    from fanpin_risk.synthetic import make_register, plant_faults
    from fanpin_risk.tree_shap.tree_shap import TreeShap
    from fanpin_risk.visits import (
        accept_corrections,
        public_notice,
        read_visits,
        record_accepted,
        record_list,
        record_visits,
        visit_sheets,
        write_corrections,
    )
    from fanpin_risk.watch.changed import changes
    from fanpin_risk.watch.risk_series import risk_series
    from fanpin_risk.watch.rule_list import disagreements, rule_list
    from fanpin_risk.watch.visit_plan import plan_visits
    from fanpin_risk.watch.watchlist import watchlist

    __version__: str

__all__ = [
    "FEATURES",
    "TABLES",
    "Evaluation",
    "Explanation",
    "FanpinError",
    "Ledger",
    "MonitoringLines",
    "MonotoneBoosting",
    "PackedRegister",
    "Register",
    "RiskModel",
    "Snapshot",
    "TrainingDay",
    "TreeShap",
    "__version__",
    "accept_corrections",
    "changes",
    "cohort",
    "compute_features",
    "contradictions",
    "describe_columns",
    "describe_features",
    "disagreements",
    "entitlements",
    "errors",
    "evaluate",
    "evaluate_visits",
    "evaluation",
    "evidence_of",
    "exit_assessment",
    "household_groups",
    "in_words",
    "leak_alarms",
    "load_model",
    "make_references",
    "make_register",
    "measures",
    "model_card",
    "monitored_type",
    "outcomes",
    "pack",
    "plan_visits",
    "plant_faults",
    "plots",
    "policy",
    "propose_columns",
    "public_notice",
    "purge_updates",
    "read_packed",
    "read_register",
    "read_visits",
    "record_accepted",
    "record_list",
    "record_visits",
    "report",
    "reports",
    "risk_series",
    "rule_list",
    "save_model",
    "score_register",
    "screen",
    "screen_register",
    "suspicions",
    "trace",
    "training_day",
    "training_days",
    "undo_update",
    "update",
    "visit_labels",
    "visit_shares",
    "visit_sheets",
    "watchlist",
    "write_columns",
    "write_corrections",
    "write_template",
]

# Public name -> the module it lives in. No module may be named like a public name: importing it would hide the name.
_MODULES = {
    "FEATURES": "features",
    "TABLES": "records.schema",
    "Evaluation": "evaluation",
    "Explanation": "explanation",
    "FanpinError": "errors",
    "Ledger": "ledger",
    "MonitoringLines": "asof.monitoring_lines",
    "MonotoneBoosting": "model.boosting",
    "Register": "records.register",
    "RiskModel": "model.risk_model",
    "Snapshot": "asof.snapshot",
    "TrainingDay": "model.training_day",
    "TreeShap": "tree_shap.tree_shap",
    "accept_corrections": "visits",
    "changes": "watch.changed",
    "cohort": "asof.outcomes",
    "compute_features": "features",
    "contradictions": "policy",
    "describe_columns": "records.vocabulary",
    "describe_features": "features",
    "disagreements": "watch.rule_list",
    "entitlements": "policy",
    "evaluate": "evaluation",
    "evaluate_visits": "evaluation",
    "evidence_of": "features",
    "exit_assessment": "ledger",
    "household_groups": "policy",
    "in_words": "model.tiers",
    "leak_alarms": "leaks",
    "load_model": "model.store",
    "make_references": "features",
    "make_register": "synthetic",
    "measures": "policy",
    "model_card": "reports",
    "monitored_type": "policy",
    "outcomes": "asof.outcomes",
    "PackedRegister": "batch.packed_register",
    "pack": "batch.pack",
    "plan_visits": "watch.visit_plan",
    "plant_faults": "synthetic",
    "propose_columns": "records.read",
    "public_notice": "visits",
    "purge_updates": "batch.update",
    "read_packed": "batch.unpacking",
    "read_register": "records.read",
    "read_visits": "visits",
    "record_accepted": "visits",
    "record_list": "visits",
    "record_visits": "visits",
    "report": "reports",
    "risk_series": "watch.risk_series",
    "rule_list": "watch.rule_list",
    "save_model": "model.store",
    "score_register": "batch.score",
    "screen": "policy",
    "screen_register": "batch.answers",
    "suspicions": "policy",
    "trace": "reports.tracing",
    "training_day": "model.training_day",
    "training_days": "model.day_parts",
    "undo_update": "batch.update",
    "update": "batch.update",
    "visit_labels": "model.visit_results",
    "visit_shares": "evaluation",
    "visit_sheets": "visits",
    "watchlist": "watch.watchlist",
    "write_columns": "records.read",
    "write_corrections": "visits",
    "write_template": "records.template",
}
# Public modules that are reached as ``fanpin_risk.NAME`` without an import of their own.
_ROOMS = ("errors", "evaluation", "plots", "policy", "reports")


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("fanpin-risk")
    elif name in _MODULES:
        value = getattr(import_module(f"fanpin_risk.{_MODULES[name]}"), name)
    elif name in _ROOMS:
        value = import_module(f"fanpin_risk.{name}")
    else:
        raise AttributeError(f"module 'fanpin_risk' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
