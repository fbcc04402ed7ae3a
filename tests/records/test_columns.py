"""Whatever stands in a column, it is read, missing or refused.

Tests also records/cells/contents.py, which tells the plain texts from the others.
"""

import datetime as dt
import string

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from fanpin_risk.records.cells import column_dtype, parse
from fanpin_risk.records.cells.cleaning import MISSING
from fanpin_risk.records.cells.codes import NO, NOT_CODES, YES
from fanpin_risk.records.cells.dates import NO_DATE
from fanpin_risk.records.schema import TABLES

AMOUNT = TABLES["incomes"]["amount_cny"]
SIZE = TABLES["households"]["size_declared"]
EXIT = TABLES["households"]["exit_year"]
WATER = TABLES["households"]["safe_water"]
AREA = TABLES["households"]["area_code"]
PLACE = TABLES["households"]["area_name"]
HOUSEHOLD = TABLES["households"]["household_id"]
VALID_FROM = TABLES["households"]["valid_from"]
RISKS = TABLES["monitoring"]["risks"]
RELATION = TABLES["members"]["relation"]
SCHOOL_YEAR = TABLES["enrolments"]["school_year"]
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(max_size=5), st.dates(), st.datetimes(),
    st.decimals(), st.lists(st.text(max_size=3), max_size=2), st.text(alphabet=string.digits + "-/.,年月日E+％万元（）", max_size=14),
)  # fmt: skip
KINDS = [AMOUNT, SIZE, EXIT, VALID_FROM, WATER, RELATION, RISKS, HOUSEHOLD, AREA, PLACE, SCHOOL_YEAR]


@settings(max_examples=150, deadline=None)
@given(st.lists(ODD, min_size=1, max_size=6))
def test_no_cell_raises(cells):
    """Whatever stands in a cell, it is read, missing or bad; each cell as if it stood alone."""
    for column in KINDS:
        series = pd.Series(cells, dtype=object)
        parsed = parse(series, column)
        assert parsed.column.dtype == column_dtype(column)
        assert parsed.column[parsed.bad].isna().all()


# Texts on both sides of what is taken as it is: numbers, ids, dates, words for "missing", odd blanks and digits.
MESSY = st.one_of(
    st.sampled_from(sorted(MISSING | NO_DATE | NOT_CODES | YES | NO)),
    st.from_regex(r"[0-9]{1,17}(\.[0-9]{0,17})?", fullmatch=True),
    st.from_regex(r"\d{1,4}", fullmatch=True),
    st.from_regex(r"[0-9A-Za-z_-]{1,24}", fullmatch=True),
    st.from_regex(r"[0-9]{6}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9])[0-9]{3}[0-9Xx]?", fullmatch=True),
    st.from_regex(r"(19|20)[0-9]{2}[-/.年]?[0-9]{0,2}[-/.月]?[0-9]{0,2}日?", fullmatch=True),
    st.sampled_from(["5.10322E+17", "412.0", "１２３", "1.5万元", "5.", "'0012", '="0012"', "#REF!", " 12345 ", "12345\n"]),
    st.dates(dt.date(1750, 1, 1), dt.date(2250, 1, 1)).map(str),
    st.sampled_from(["2023-02-30", "2023-02-29", "2024-02-29", "1799-12-31", "2200-12-31", "2023-13-01", "2023-06-00"]),
    st.sampled_from(["510322196405120000", "户主", "因病；因残", "chronic;disabled", "2023-2024", "512\u200b34", "null1"]),
    st.text(max_size=8),
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    cells=st.lists(st.none() | MESSY, max_size=8),
    column=st.sampled_from(KINDS),
    factor=st.sampled_from([1.0, 1e4, 0.1]),
    form=st.sampled_from(["text", "chunks", "dictionary"]),
)
def test_plain_texts_are_read_as_with_care(cells, column, factor, form):
    """Taking plain texts as they are gives what reading each cell with care gives: values, faults, days."""
    careful = parse(pd.Series(cells, dtype=object), column, factor=factor)
    if form == "dictionary":  # with a text that is met in no cell
        array = pa.array([*cells, "of a row left out"], pa.large_string()).dictionary_encode()[: len(cells)]
        values = pd.Series(pd.arrays.ArrowExtensionArray(array))
    else:
        values = pd.Series(cells, dtype="str")
        if form == "chunks":
            values = pd.concat([values, values.iloc[:0], values])
            careful = parse(pd.Series(cells * 2, dtype=object), column, factor=factor)
    plain = parse(values, column, factor=factor)
    pd.testing.assert_series_equal(plain.column, careful.column, check_exact=True)
    assert [(f.code, f.mask.tolist(), f.expected) for f in plain.faults] == [
        (f.code, f.mask.tolist(), f.expected) for f in careful.faults
    ]
    if column.type == "date":
        np.testing.assert_array_equal(plain.first, careful.first)
        np.testing.assert_array_equal(plain.last, careful.last)
