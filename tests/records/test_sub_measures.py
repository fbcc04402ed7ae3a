"""Sub-kinds of measures that stand in the column of measures itself."""

import pandas as pd
import pytest

from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.sub_measures import parse_sub_measures


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("雨露计划", "yulu"),
        ("教育帮扶-雨露计划", "yulu"),
        ("健康帮扶（参保资助）", "insurance_subsidy"),
        ("综合保障：特困供养", "tekun"),
        ("产业帮扶-肉牛", None),
        ("产业帮扶", None),
        ("临时救助", None),
        ("temporary_aid", None),
        ("其他", None),
        ("", None),
    ],
)
def test_what_stands_in_the_kind_is_read(cell, said):
    """Alone or behind the kind; what says nothing of it is missing, and nothing is at fault."""
    parsed = parse_sub_measures(pd.Series([cell, "就业帮扶"]), TABLES["supports"]["sub_measure"])
    assert [one if isinstance(one, str) else None for one in parsed.column] == [said, None]
    assert not parsed.faults


def test_a_column_of_its_own_stands_before_it(frames):
    """Where the sheet has one, it alone tells."""
    measures = {
        "户编号": ["A", "A"],
        "开始时间": ["2023-05-01"] * 2,
        "帮扶措施": ["教育帮扶-雨露计划", "综合保障-低保"],
    }
    homes = {"户编号": ["A"], "年度": [2023]}
    assert frames.read(households=homes, supports=measures).tables["supports"]["sub_measure"].tolist() == [
        "yulu",
        "dibao",
    ]
    told = frames.read(households=homes, supports=measures | {"帮扶措施子项": ["国家助学金", ""]}).tables["supports"]
    assert told["sub_measure"].astype(object).where(told["sub_measure"].notna(), None).tolist() == [
        "student_grant",
        None,
    ]
    assert told["measure"].tolist() == ["education", "social_security"]
