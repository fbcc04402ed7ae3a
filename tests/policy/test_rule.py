"""How a rule is declared, and how answers about persons become one about their household."""

import dataclasses

import numpy as np
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import SchemaError
from fanpin_risk.policy import SIEVE
from fanpin_risk.policy.rule import IS_SO, NOT_ASKED, NOT_KNOWN, NOT_SO, of_members


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"source": " "}, "rule safe_water: source is empty"),
        ({"asks_zh": ""}, "rule safe_water: asks_zh is empty"),
        ({"status": "unverified"}, "status is 'unverified'; expected one of sourced, inferred"),
        ({"kind": "guess"}, "kind is 'guess'; expected one of guarantee"),
    ],
)
def test_a_declaration_is_whole(changed, told):
    """A rule without a source, a question or a standing is refused when it is declared."""
    declared = next(rule for rule in SIEVE if rule.code == "safe_water")
    with pytest.raises(SchemaError, match=told):
        dataclasses.replace(declared, **changed)


@pytest.mark.parametrize(
    ("answers", "expected", "about"),
    [
        ([IS_SO, IS_SO], IS_SO, ["P", "Q"]),
        ([IS_SO, NOT_KNOWN], NOT_KNOWN, ["Q"]),
        ([NOT_SO, NOT_KNOWN], NOT_SO, ["P"]),
        ([NOT_ASKED, IS_SO], IS_SO, ["Q"]),
        ([NOT_ASKED, NOT_ASKED], NOT_ASKED, []),
    ],
)
def test_the_worst_answer_about_a_member_is_that_of_the_household(household_of, answers, expected, about):
    """No before unknown before yes; it is about those members who have that answer, with their notes alone."""
    register = household_of({"members": [{"member_id": "P"}, {"member_id": "Q"}]}, np.datetime64("2023-12-31").item())
    members = fr.Snapshot(register, "2023-12-31").members
    codes = np.array(["p", "q"], dtype=object)
    verdict = of_members(members, np.array(answers, dtype=np.int8), codes=codes, own=("sex",))
    assert verdict.answer.tolist() == [expected]
    assert verdict.persons.member_id.tolist() == about
    assert verdict.note.tolist() == [";".join(one.lower() for one in about)]
