"""Why a household got its risk: exact contributions, and the sentences made of them."""

from __future__ import annotations

from fanpin_risk.explanation.attribution import explain_table
from fanpin_risk.explanation.causes import FACT_COLUMNS, NO_CAUSE, named_causes
from fanpin_risk.explanation.explanation import INCOME_FEATURE, INSTEAD_OF_INCOME, LINE_OF_OTHER, Explanation

__all__ = [
    "FACT_COLUMNS",
    "INCOME_FEATURE",
    "INSTEAD_OF_INCOME",
    "LINE_OF_OTHER",
    "NO_CAUSE",
    "Explanation",
    "explain_table",
    "named_causes",
]
