"""Texts are cleaned of what spreadsheets leave in them."""

from hypothesis import given
from hypothesis import strategies as st

from fanpin_risk.records.cells import (
    clean_text,
    normal_width,
)


@given(st.text())
def test_cleaning_twice_changes_nothing(text):
    """What is read, written and read again stays what it is."""
    for clean in (clean_text, normal_width):
        assert clean(clean(text)) == clean(text)
