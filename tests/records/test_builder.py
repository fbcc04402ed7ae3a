"""Rows become columns, many lines at a time or one by one."""

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fanpin_risk.records.read import builder as module
from fanpin_risk.records.read.builder import SheetBuilder
from fanpin_risk.records.read.header_rows import Header
from fanpin_risk.records.read.lines import Lines
from fanpin_risk.records.read.text import row_at, take_lines, without_damage

HEADER = Header(["a", "b", "c"], 1, 3)
HEAD = HEADER.head(file="f.csv", source="f.csv")


def row_by_row(lines, text, *, damaged):
    """Read lines the slow way."""
    builder = SheetBuilder(HEADER, text=True)
    start, number = 0, 2
    while start < len(lines):
        row, reason, used = row_at(lines, start, ",", 3, quoted='"' in text)
        builder.add(number, *(without_damage(row, reason) if damaged else (row, reason)))
        start, number = start + used, number + 1
    return builder.sheet(HEAD)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), chunk=st.sampled_from([1, 3, 50_000]))
def test_lines_read_together_are_those_read_one_by_one(data, chunk, monkeypatch):
    """Cells, row numbers, faults and gaps are the same whether lines are split by Arrow or each on its own."""
    monkeypatch.setattr(module, "ROWS_AT_A_TIME", chunk)
    tidy = st.lists(st.sampled_from(["", "h1", "2023", "户主", "\u2028x"]), min_size=3, max_size=3).map(",".join)
    signs = st.sampled_from(
        data.draw(st.sampled_from([",a ", ',"', ",\r", "\0\ufffd", "\ufeff\x85", ',"\r\0', "〃“,户"]))
    )
    spoilt = st.builds(lambda line, sign, n: line[:n] + sign + line[n:], tidy, signs, st.integers(0, 12))
    lines = data.draw(st.lists(st.one_of(tidy, spoilt, st.text(signs, max_size=6)), max_size=12))
    text = "\n".join(lines)
    damaged = "\0" in text
    builder = SheetBuilder(HEADER, text=True)
    together, _ = Lines.of_text(text)
    taken, _ = take_lines(builder, together, 2, quoted='"' in text, damaged=damaged)
    sheet, slow = builder.sheet(HEAD), row_by_row(text.split("\n"), text, damaged=damaged)
    assert taken == len(together)
    pd.testing.assert_frame_equal(sheet.frame.astype(object), slow.frame.astype(object))
    assert sheet.rows.tolist() == slow.rows.tolist()
    assert [(f.code, f.mask.tolist()) for f in sheet.faults] == [(f.code, f.mask.tolist()) for f in slow.faults]
    assert sheet.n_empty == slow.n_empty
