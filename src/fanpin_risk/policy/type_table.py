"""The decision table of the monitored type: what a household's income, difficulty and means suggest, in 14 results.

A suggestion, never a decision: recognition looks at income, own payments, difficulty and means together (综合体系), by household.
Every combination of the blocks meets one row.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from fanpin_risk.asof.days import Array
from fanpin_risk.words import Message

__all__ = ["BLOCK_CODES", "SUGGESTED_TYPES", "TO_CHECK", "TYPE_TABLE", "TypeRow", "rows_that_apply"]

# Each block and the codes that it may have.
BLOCK_CODES = MappingProxyType(
    {
        "reg": ("ex_poor", "general", "unknown"),
        "inc": ("below", "above", "unknown"),
        "ref": ("below", "above", "unknown"),
        "diff": ("yes", "no", "unknown"),
        "cope": ("weak", "able", "unknown"),
        "neg": ("hit", "no_hit"),  # what was not compared counts as no hit, and is shown
    }
)
ANY = ()
BY_STATUS = "by_status"  # stands for the type that goes with the status of the household
OF_STATUS = MappingProxyType({"ex_poor": "unstable_ex_poor", "general": "edge", "unknown": "one_of_two"})
SUGGESTED_TYPES = MappingProxyType(
    {
        "unstable_ex_poor": Message("脱贫不稳定户: ex-poor, below the line, in difficulty", zh="脱贫不稳定户"),
        "edge": Message("边缘易致贫户: never poor, below the line, in difficulty", zh="边缘易致贫户"),
        "sudden_hardship": Message("突发严重困难户: above the line, below it after own payments", zh="突发严重困难户"),
        "one_of_two": Message(
            "脱贫不稳定户 or 边缘易致贫户: the status is not on record", zh="脱贫不稳定户或边缘易致贫户（户类型不详）"
        ),
        "candidate_unstable_ex_poor": Message("may be 脱贫不稳定户", zh="疑似脱贫不稳定户"),
        "candidate_edge": Message("may be 边缘易致贫户", zh="疑似边缘易致贫户"),
        "candidate_one_of_two": Message("may be 脱贫不稳定户 or 边缘易致贫户", zh="疑似脱贫不稳定户或边缘易致贫户"),
        "candidate_sudden_hardship": Message("may be 突发严重困难户", zh="疑似突发严重困难户"),
        "income_only": Message("below the line, no difficulty", zh="仅收入低于监测线，无突出困难"),
        "single_difficulty": Message(
            "above the line, with a difficulty that a department answers", zh="收入高于监测线，有单项困难"
        ),
        "negative_list": Message("assets that do not go with monitoring: show and ask", zh="资产比对不符，需核实说明"),
        "none": Message("no type", zh="不属于监测对象"),
        "visit_first": Message("income not known, in difficulty: visit first", zh="收入不详而有困难，先入户"),
        "unknown": Message("cannot be told", zh="无法判断"),
    }
)
# What is to be looked at before anything else.
TO_CHECK = MappingProxyType(
    {
        "coping": Message("whether the household can help itself", zh="核实自主应对能力"),
        "difficulty": Message("whether there is a difficulty", zh="核实突出困难"),
        "missed": Message(
            "ex-poor and below the line: it may have been missed; 低保 and 低保边缘, too",
            zh="脱贫户收入低于监测线，核实是否漏评",
        ),
        "low_income": Message("watch; ask about 低保 and 低保边缘", zh="持续关注，核查低保、低保边缘"),
        "spending": Message("what was paid out of the own pocket", zh="核实合规自付支出"),
        "own_payments": Message("get 合规自付支出", zh="补充合规自付支出"),
        "basic_life": Message(
            "to the department; 突发严重困难户 if basic life is hit",
            zh="转部门解决；影响基本生活的按突发严重困难户核实",
        ),
        "assets": Message("what the comparison of assets found", zh="核实资产比对情况"),
        "income": Message("what the income is", zh="核实家庭收入"),
    }
)


@dataclass(frozen=True, kw_only=True)
class TypeRow:
    """A row of the table: what must be so, and what it suggests.

    Attributes
    ----------
    result : int
        Number of the result, 0 to 13.
    suggests : str
        A code of ``SUGGESTED_TYPES``, ``"by_status"`` for the type of the status, ``"candidate_by_status"`` for a candidate of it.
    neg, reg, inc, ref, diff, cope : tuple of str
        Codes of the block that fit; none: all do.
    check : str
        A code of ``TO_CHECK``, ``""`` for nothing.
    confidence : {"usual", "lower", ""}
        Where the table has one.
    """

    result: int
    suggests: str
    neg: tuple[str, ...] = ("no_hit",)
    reg: tuple[str, ...] = ANY
    inc: tuple[str, ...] = ANY
    ref: tuple[str, ...] = ANY
    diff: tuple[str, ...] = ANY
    cope: tuple[str, ...] = ANY
    check: str = ""
    confidence: str = ""

    def type_of(self, status: str) -> str:
        """Return the type suggested for a household of a status."""
        return self.suggests.replace(BY_STATUS, OF_STATUS[status])


NOT_ABLE = ("weak", "unknown")
OPEN = ("no", "unknown")
# First match wins; the rows exclude each other, so that any order would do.
TYPE_TABLE: tuple[TypeRow, ...] = (
    TypeRow(result=0, suggests="negative_list", neg=("hit",), check="assets"),
    TypeRow(result=1, suggests=BY_STATUS, inc=("below",), diff=("yes",), cope=NOT_ABLE, confidence="usual"),
    TypeRow(
        result=2, suggests=BY_STATUS, inc=("below",), diff=("yes",), cope=("able",), check="coping", confidence="lower"
    ),
    TypeRow(result=3, suggests=f"candidate_{BY_STATUS}", inc=("below",), diff=("unknown",), check="difficulty"),
    TypeRow(result=4, suggests="income_only", reg=("ex_poor",), inc=("below",), diff=("no",), check="missed"),
    TypeRow(
        result=4, suggests="income_only", reg=("general", "unknown"), inc=("below",), diff=("no",), check="low_income"
    ),
    TypeRow(
        result=5,
        suggests="sudden_hardship",
        inc=("above",),
        ref=("below",),
        diff=("yes",),
        cope=NOT_ABLE,
        confidence="usual",
    ),
    TypeRow(
        result=6,
        suggests="candidate_sudden_hardship",
        inc=("above",),
        ref=("below",),
        diff=("yes",),
        cope=("able",),
        check="coping",
    ),
    TypeRow(
        result=7, suggests="candidate_sudden_hardship", inc=("above",), ref=("below",), diff=OPEN, check="spending"
    ),
    TypeRow(result=8, suggests="single_difficulty", inc=("above",), ref=("above",), diff=("yes",), check="basic_life"),
    TypeRow(
        result=9,
        suggests="candidate_sudden_hardship",
        inc=("above",),
        ref=("unknown",),
        diff=("yes",),
        check="own_payments",
    ),
    TypeRow(result=10, suggests="none", inc=("above",), ref=("above",), diff=("no",)),
    TypeRow(
        result=11, suggests="unknown", inc=("above",), ref=("above", "unknown"), diff=("unknown",), check="difficulty"
    ),
    TypeRow(result=11, suggests="unknown", inc=("above",), ref=("unknown",), diff=("no",), check="own_payments"),
    TypeRow(result=12, suggests="visit_first", inc=("unknown",), diff=("yes",), check="income"),
    TypeRow(result=13, suggests="unknown", inc=("unknown",), diff=OPEN, check="income"),
)


def rows_that_apply(blocks: dict[str, Array]) -> Array:
    """Return the place of the first row of the table that applies to each household.

    Parameters
    ----------
    blocks : dict of str to ndarray of str, shape (n_households,)
        The codes of each block.

    Returns
    -------
    ndarray of int64, shape (n_households,)

    Examples
    --------
    >>> import numpy as np
    >>> codes = {"reg": "general", "inc": "below", "ref": "below", "diff": "yes", "cope": "weak", "neg": "no_hit"}
    >>> TYPE_TABLE[rows_that_apply({name: np.array([code]) for name, code in codes.items()})[0]].type_of("general")
    'edge'
    """
    n = len(blocks["neg"])
    result = np.full(n, -1, dtype=np.int64)
    for place, row in enumerate(TYPE_TABLE):
        fits = result < 0
        for name in BLOCK_CODES:
            codes = getattr(row, name)
            if codes:
                fits &= np.isin(blocks[name], codes)
        result[fits] = place
    return result
