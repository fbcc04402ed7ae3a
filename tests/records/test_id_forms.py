"""Ids in another form, or with a sign lost, are found again among those of the register."""

import pytest

from fanpin_risk.records.checks.id_forms import FORMS, NearIds, alike_in_form, behind_a_code, shape_of

HOME = "522328001008"


def test_two_ids_that_may_be_meant_are_none():
    """What may be either of two households is neither."""
    assert alike_in_form(["1", "2", "3"], {"01", "001", "02", "03"}, FORMS["zeros"]) == {"2": "02", "3": "03"}


def test_an_id_behind_a_code_is_that_of_one_household():
    """On either side."""
    assert behind_a_code(["5303281001", "1002"], {"1001", "5303281002"}) == {"5303281001": "1001", "1002": "5303281002"}


@pytest.mark.parametrize(
    "id_",
    [HOME[:-1], f"{HOME}0", f"{HOME[:5]}{HOME[6:]}", "522328001080", "522328001009", "522328001000", "522328000000"],
)
def test_an_id_one_sign_apart_is_near(id_):
    """A sign lost, added, changed or in another place; or digits at the end that a program took for zeros."""
    assert NearIds([id_]).to(HOME) == {id_}


@pytest.mark.parametrize("id_", [HOME, "522328001090", "522328009000", "12345", "5223280010"])
def test_an_id_two_signs_apart_is_of_somebody_else(id_):
    """And so is a short one, and the id itself is not near to itself."""
    assert NearIds([id_]).to(HOME) == set()


def test_short_ids_are_near_to_none():
    """Of few signs one more or less is another number."""
    assert NearIds(["h1", "1002"]).to("1001") == set()


def test_the_shape_of_an_id_is_of_digits_and_letters():
    """Signs stand for themselves."""
    assert (shape_of("0123"), shape_of("AB-7甲")) == ("0000", "aa-0a")
