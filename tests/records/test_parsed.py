"""What comes out of parsing has the type of its column, and says nothing of what stood in a cell."""

import pandas as pd
import pytest

from fanpin_risk.records.cells import column_dtype, missing, parse
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import LANGUAGES


def test_messages_never_show_the_cell():
    """What is said of a bad cell tells what was expected, not what stood there."""
    for table in TABLES.values():
        for column in table.columns:
            for fault in parse(pd.Series(["Wang Xiaoming 4711", "=E99"]), column).faults:
                said = [fault.expected.shown(lang) for lang in LANGUAGES]
                assert "4711" not in "".join(said)
                assert min(map(len, said)) > 0


@pytest.mark.parametrize("column", [c for t in TABLES.values() for c in t.columns], ids=lambda c: c.name)
def test_missing_is_of_the_column_type(read_cells, column):
    """A column of missing cells has the type of a column with values."""
    assert missing(column, 2).dtype == column_dtype(column)
    assert read_cells(["", None, "NULL"], column) == [None] * 3
    assert parse(missing(column, 3), column).column.isna().all()
