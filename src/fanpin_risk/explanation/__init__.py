"""Why a household got its risk: exact contributions, and the sentences made of them."""

from __future__ import annotations

from fanpin_risk.explanation.explanation import Explanation, explain_table

__all__ = ["Explanation", "explain_table"]
