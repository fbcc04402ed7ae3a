"""What an event rests on holds no person, and is written in one way only."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.errors import LedgerError
from fanpin_risk.ledger.evidence import canonical_text, checked_evidence, checked_who, evidence_text

CITIZEN = "21128219900307002X"


@pytest.mark.parametrize("who", ["village", "visitor-17", "town:3/b", "村委会", "包保责任人", "驻村工作队", "县医保局"])
def test_roles_and_codes_are_taken(who):
    """As programs and as offices write them."""
    assert checked_who(f" {who} ") == who


@pytest.mark.parametrize("who", ["张三", "", None, 7, "a b", "13912345678", CITIZEN, "x" * 65])
def test_a_name_or_a_number_of_a_person_is_refused(who):
    """The message does not repeat it."""
    with pytest.raises(LedgerError, match="expected a role or a code") as caught:
        checked_who(who)
    assert str(who) not in str(caught.value) or who in ("", None, 7)


def test_values_become_plain():
    """Numbers of numpy, days and frames' missing values; a day with a time keeps it."""
    given = {
        "a": np.int64(3), "b": np.float32(0.5), "c": pd.Timestamp("2024-05-01"), "d": dt.date(2024, 5, 2),
        "e": pd.NaT, "f": pd.NA, "g": float("nan"), "h": None, "i": ("x", {"k": np.bool_(True)}), "j": {"b", "a"},
        "k": pd.Timestamp("2024-05-01 10:00"),
    }  # fmt: skip
    assert checked_evidence(given) == {
        "a": 3, "b": 0.5, "c": "2024-05-01", "d": "2024-05-02", "i": ["x", {"k": True}], "j": ["a", "b"],
        "k": "2024-05-01T10:00:00",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "x"}, "the key name, which would say who"),
        ({"Amount": 1}, "a key of the evidence is no code"),
        ({"note": f"of {CITIZEN}"}, "the evidence note is a text"),
        ({"note": "call 13912345678."}, "the evidence note is a text"),
        ({"head": {"name": "x"}}, "the key name, which would say who"),
        ({"rows": [{"of": {"phone": 1}}]}, "the key phone, which would say who"),
        ({"rows": [{"姓名": "x"}]}, "a key of the evidence is no code"),
        ({"n": 13912345678}, "the evidence n is a text"),
        ({"rows": [{CITIZEN: 1}]}, "the evidence rows is a text"),
        ({"note": "x" * 2001}, "the evidence note is a text longer than 2,000"),
        ({"note": "a\0b"}, "the evidence note is a text"),
        ({"note": "\ud800"}, "the evidence note is a text"),
        ({"amount": float("inf")}, "the evidence amount is of the type float"),
        ({"amount": 2**70}, "the evidence amount is of the type int"),
        ({"file": b"x"}, "the evidence file is of the type bytes"),
        ({"deep": [[[[[1]]]]]}, "the evidence deep is of the type list"),
    ],
)
def test_what_is_no_evidence_is_refused(given, message):
    """By its key; a value never stands in the message."""
    with pytest.raises(LedgerError, match=message) as caught:
        checked_evidence(given)
    assert CITIZEN not in str(caught.value)


def test_evidence_has_an_end():
    """Rows and files are named by their keys, not copied."""
    plain = checked_evidence({f"note{i}": "x" * 1999 for i in range(11)})
    with pytest.raises(LedgerError, match="longer than 20,000 characters"):
        evidence_text(plain)


def test_one_text_stands_for_the_same_values():
    """Whatever the order in which they were given."""
    assert canonical_text({"b": [1, 2.5], "a": "村"}) == '{"a":"村","b":[1,2.5]}'
    assert canonical_text({"a": 1, "b": 2}) == canonical_text({"b": 2, "a": 1})
