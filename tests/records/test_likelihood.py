"""Doubtful combinations are reported, and nothing is changed."""

import pandas as pd
import pytest

LIKELY = {
    "relation": ["户主", "配偶", "户主"],
    "sex": ["男", "女", "男"],
    "ins_basic_resident": [True, True, False],
    "ins_basic_employee": [False, False, True],
    "education": ["小学", "初中", None],
    "student_stage": [None, None, "小学"],
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"relation": ["之子", "配偶", "户主"]}, [("households", 1, "", "no_head")]),
        ({"relation": ["户主", "户主", "户主"]}, [("households", 1, "", "two_heads")]),
        ({"sex": ["女", "女", "男"]}, [("members", 2, "sex", "spouse_same_sex")]),
        ({"ins_basic_resident": [True, True, True]}, [("members", 3, "ins_basic_resident", "two_insurances")]),
        ({"ins_basic_employee": [False, False, False]}, [("members", 3, "ins_basic_resident", "no_insurance")]),
        ({"education": ["小学", "初中", "小学"]}, [("members", 3, "education", "education_and_stage")]),
        ({"valid_to": [None, None, "2023-05-01"]}, [("households", 2, "size_declared", "size_differs")]),
    ],
)
def test_unlikely_members(frames, change, expected):
    """Combinations that checkers of real registers look for are doubted; nothing is changed or rejected."""
    register = frames.read(
        households=frames.HOUSEHOLDS | {"size_declared": [2, 1]}, members=frames.MEMBERS | LIKELY | change
    )
    problems = register.problems
    assert problems[["table", "row", "column", "code"]].to_numpy().tolist() == [list(one) for one in expected]
    assert set(problems["severity"]) <= {"warning"}
    assert len(register.tables["members"]) == 3


def test_the_size_of_a_dissolved_household_is_not_doubted(frames):
    """Who lived there last stays declared after all have left."""
    gone = {"size_declared": [2, 1], "valid_to": [None, "2023-05-01"]}
    register = frames.read(
        households=frames.HOUSEHOLDS | gone, members=frames.MEMBERS | LIKELY | {"valid_to": [None, None, "2023-05-01"]}
    )
    assert not len(register.problems)


def test_only_the_newest_state_is_doubted(frames):
    """A doubtful combination that a later row has put right is not reported."""
    members = pd.concat(
        [pd.DataFrame(frames.MEMBERS | LIKELY | {"sex": ["女", "女", "男"]}), pd.DataFrame(frames.MEMBERS | LIKELY)]
    )
    members["recorded_at"] = ["2023-02-01"] * 3 + ["2023-03-01"] * 3
    assert not len(frames.read(members=members).problems)


def test_unlikely_houses_and_incomes(frames):
    """A house of grade C called safe, a tiny wage and business without cost are doubted."""
    register = frames.read(
        households=frames.HOUSEHOLDS | {"house_grade": ["C", "D"], "unsafe_house": [False, True]},
        incomes=pd.DataFrame(
            {"item": ["wage", "wage", "business_gross", "business_cost"], "amount_cny": [299, 0, 10, 0]}
        ).assign(household_id=["h1", "h2", "h1", "h1"], period_end="2022"),
    )
    assert frames.found(register) == [
        (1, "unsafe_house", "house_grade_contradicts", "warning"),
        (1, "wage", "unusual_value", "warning"),
        (3, "business_cost", "business_without_cost", "warning"),
    ]
