"""Why a household got its risk: exact contributions, and the sentences made of them."""

from __future__ import annotations

from fanpin_risk.explanation.explanation import Explanation, explain_table
from fanpin_risk.explanation.tree_shap import tree_shap

__all__ = ["Explanation", "explain_table", "tree_shap"]
