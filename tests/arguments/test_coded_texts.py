"""Several codes in one text, as they are read."""

import pytest

from fanpin_risk.arguments.coded_texts import codes_in_words
from fanpin_risk.errors import SchemaError
from fanpin_risk.words import Message

NAMES = {"a": Message("one"), "b": Message("two")}


def test_codes_are_named_in_their_order():
    """One, several, and none."""
    assert codes_in_words("rules", "b;a", NAMES).shown("en") == "two; one"
    assert codes_in_words("rules", "", NAMES).shown("en") == ""


def test_what_is_no_code_is_refused_with_its_column():
    """How many there are and what is expected, not what stands there."""
    with pytest.raises(SchemaError, match=r"rules: 2 value\(s\) are not codes; expected one of a, b"):
        codes_in_words("rules", "x;a;y", NAMES)
