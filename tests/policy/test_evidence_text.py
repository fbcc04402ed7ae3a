"""What decided, as text: the same however the rows stand."""

import numpy as np
import pandas as pd

from fanpin_risk.policy.evidence_text import evidence_of_verdict, joined_by_household
from fanpin_risk.policy.rule import Verdict


def test_texts_are_joined_by_household_in_the_order_of_parts_and_texts():
    """Households without any stay empty; the order of rows in a file does not show."""
    household = [np.array([2, 0, 2]), np.array([0])]
    texts = [np.array(["c", "x", "a"], dtype=object), np.array(["b"], dtype=object)]
    assert joined_by_household(household, texts, 3, between="; ").tolist() == ["x; b", "", "a; c"]
    assert joined_by_household([], [], 2, between="; ").tolist() == ["", ""]


def test_figures_are_told_where_they_are_known():
    """To the hundredth in codes, with thousands set apart in words; a day as a day."""
    verdict = Verdict(
        np.array([1, -1], dtype=np.int8),
        figures={
            "net_income_per_person_cny": np.array([12345.678, np.nan]),
            "period_end": np.array([19630.0, np.nan]),
        },
    )
    ids = pd.Index(["A", "B"])
    assert evidence_of_verdict(verdict, ids).tolist() == [
        "net_income_per_person_cny=12345.68; period_end=2023-09-30",
        "",
    ]
    assert evidence_of_verdict(verdict, ids, lang="zh").tolist() == [
        "人均纯收入12,345.68元；核算周期截至2023-09-30",
        "",
    ]
