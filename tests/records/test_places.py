"""Places: the digits of a division code that name a county, a township or a village."""

from __future__ import annotations

import pandas as pd
import pytest

from fanpin_risk.errors import SchemaError
from fanpin_risk.records.places import CODE_DIGITS, UNIT_DIGITS, unit_of

CODES = pd.Series(["211282101001", "211282", None, ""], dtype="str")


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("county", ["211282", "211282", "", ""]),
        ("township", ["211282101", "211282", "", ""]),
        ("village", ["211282101001", "211282", "", ""]),
    ],
)
def test_codes_are_cut_to_the_unit(unit, expected):
    """A code that ends above the unit stays as it is; a missing one is a place of its own, without a code."""
    assert unit_of(CODES, unit).tolist() == expected


def test_other_units_are_refused_by_the_name_of_the_argument():
    """Whoever asks calls the unit by another name, and reads that name in the error."""
    with pytest.raises(SchemaError, match="per is 'street'; expected one of county, township, village"):
        unit_of(CODES, "street", argument="per")


def test_units_are_levels_of_the_code():
    """Each level has more digits than the one above it."""
    assert list(CODE_DIGITS.values()) == sorted(CODE_DIGITS.values())
    assert UNIT_DIGITS.items() <= CODE_DIGITS.items()
