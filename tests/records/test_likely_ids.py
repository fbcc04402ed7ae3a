"""Which households rows may mean that name none of the register."""

import pandas as pd

from fanpin_risk.records.checks.likely_ids import Meant, households_meant

KNOWN = [f"5223280010{number:02d}" for number in (1, 9, 17)]


def meant(ids, table="monitoring", *, known=KNOWN, **options):
    unknown = pd.DataFrame({"table": table, "source": "a.csv", "household_id": ids})
    return households_meant(unknown, (), known, **options)[(table, "a.csv")]


def test_ids_in_another_form_are_of_their_household():
    """With a code before them, or other signs between."""
    assert meant(["x522328001001", "522328-001009"]) == Meant(frozenset(KNOWN[:2]))


def test_an_id_that_lost_a_digit_may_be_of_those_it_is_near_to():
    """Nobody else is meant."""
    assert meant(["52232800101"], known=[*KNOWN, "522328991234"]) == Meant(maybe=frozenset((KNOWN[0], KNOWN[2])))


def test_an_id_built_like_the_others_is_of_somebody_else():
    """A list of the whole county names many households that are not of the register; of incomes nobody is sure."""
    assert meant(["530328771234"]) == Meant()
    assert meant(["530328771234"], "incomes") == Meant(anybody=True)


def test_an_id_unlike_all_others_may_be_of_anybody():
    """Numbers of the list itself, or what Excel left of an id."""
    assert meant(["7"]) == Meant(anybody=True)


def test_of_pseudonyms_nothing_can_be_told():
    """Anybody may be meant."""
    assert meant(["03624965411718388e78"], hashed=True) == Meant(anybody=True)


def test_rows_without_an_id_may_be_of_anybody():
    """In tables of what a household has or has not; a bill names its person."""
    nameless = {("members", "a.csv"), ("shocks", "b.csv")}
    assert households_meant(pd.DataFrame(), nameless, KNOWN) == {("members", "a.csv"): Meant(anybody=True)}
