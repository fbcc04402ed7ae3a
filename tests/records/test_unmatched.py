"""A sheet of which hardly an id stands in the register is said once, with the likeliest reason and an example."""

import pandas as pd
import pytest

from fanpin_risk.records.checks.unmatched import UNMATCHED_REASONS, note_unmatched
from fanpin_risk.records.problems import Problems


def found(ids, known, *, persons=(), of=None, hashed=False):
    unknown = pd.DataFrame({"table": "incomes", "source": "a.csv", "row": range(2, len(ids) + 2), "household_id": ids})
    problems = Problems()
    sizes = {("incomes", "a.csv"): of or len(ids)}
    note_unmatched(problems, unknown, sizes, known, persons, hashed=hashed)
    return problems.frame()["message"].tolist()


@pytest.mark.parametrize(
    ("ids", "known", "reason"),
    [
        (["1001", "1002", "1003"], ["001001", "001002", "001003"], "zeros"),
        (["h-1", "h-2", "h-3"], ["H1", "H2", "H3"], "signs"),
        (["530328201206250000", "530328201206260000", "530328201206270000"],
         ["530328201206250412", "530328201206260413", "530328201206270414"], "rounded"),
        (["5303281001", "5303281002", "5303281003"], ["1001", "1002", "1003"], "prefix"),
        (["1", "2", "3"], ["H2023001", "H2023002"], "serial"),
        (["5303811001", "5303811002", "5303811003"], ["5303281101", "5303281102"], "county"),
        (["x1", "x2", "x3"], ["h1", "h2"], "other"),
    ],
)  # fmt: skip
def test_the_likeliest_reason_is_said(ids, known, reason):
    """By the form of the ids, with an example of both sides."""
    (message,) = found(ids, known)
    assert UNMATCHED_REASONS[reason].shown("en") in message
    assert f"row 2 has {ids[0]}" in message


def test_ids_of_persons_are_known():
    """The column of persons was taken for that of households."""
    (message,) = found(["p1", "p2", "p3"], ["h1"], persons=["p1", "p2", "p3"])
    assert "ids of persons" in message


def test_a_few_rows_without_a_household_need_no_reason():
    """They are rejected row by row and no more is said."""
    assert found(["x1", "x2", "x3"], ["h1"], of=100) == []
    assert found(["x1"], ["h1"]) == []


def test_of_pseudonyms_nothing_is_shown():
    """A keyed hash tells nothing of the form of an id."""
    (message,) = found(["1001", "1002", "1003"], ["001001", "001002", "001003"], hashed=True)
    assert "1001" not in message
