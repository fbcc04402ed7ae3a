"""What a visitor looks at: every cause has something, and everything has its words."""

import pytest

from fanpin_risk.errors import SchemaError
from fanpin_risk.features.feature import CAUSES
from fanpin_risk.policy import SIEVE
from fanpin_risk.policy.what_to_check import (
    CAUSES_OF_RULES,
    CHECKS,
    CHECKS_OF_CAUSES,
    checks_for,
    measures_in_words,
    named_checks,
)


def test_every_cause_is_looked_into_and_every_check_is_used():
    """A new cause without anything to check, or a check of no cause, is named."""
    assert list(CHECKS_OF_CAUSES) == list(CAUSES)
    used = {code for codes in CHECKS_OF_CAUSES.values() for code in codes}
    assert used | {"both_records"} == set(CHECKS)


def test_every_rule_of_the_sieve_has_its_cause():
    """A household that a rule alone lists is looked into under an official category."""
    assert list(CAUSES_OF_RULES) == [rule.code for rule in SIEVE]
    assert set(CAUSES_OF_RULES.values()) <= set(CAUSES)


def test_checks_are_named_once_in_the_order_of_the_causes():
    """What two causes ask for stands once, that of the main cause first; contradicting records last."""
    assert checks_for(["accident", "illness"]) == "bills;payout;reimbursed;chronic_card"
    assert checks_for([], doubts=True) == "both_records"
    assert checks_for([]) == ""
    assert named_checks("bills;tap").shown("zh") == "近12个月医疗票据；入户水龙头出水情况、缺水月数"
    assert named_checks("").shown("en") == ""


def test_measures_are_told_with_the_rule_that_gives_them():
    """A measure without its rule cannot be told."""
    assert measures_in_words("disability_weak:public_post").shown("zh").startswith("公益岗位帮扶（因残，")
    for text in (
        "public_post",
        "disability_weak:something",
        "nothing_weak:public_post",
        "disability_strong:public_post",
    ):
        with pytest.raises(SchemaError, match="measures_by_rule"):
            measures_in_words(text)


@pytest.mark.parametrize("call", [lambda: checks_for(["thirst"]), lambda: named_checks("look")])
def test_what_is_no_code_is_refused(call):
    """The message names the column and the codes."""
    with pytest.raises(SchemaError, match="are not codes"):
        call()
