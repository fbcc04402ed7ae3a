"""Workbooks of OpenDocument, written by hand as other programs than LibreOffice write them."""

import datetime as dt
import zipfile

import pytest

from fanpin_risk.workbooks.grid import NOT_CALCULATED, NotReadError
from fanpin_risk.workbooks.ods import cells_of_flat, cells_of_ods

SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style")
)
CALC = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'


def content(sheets, styles="", root="document-content"):
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:{root} {SPACES} {CALC}><office:automatic-styles>{styles}'
        f"</office:automatic-styles><office:body><office:spreadsheet>{sheets}</office:spreadsheet></office:body></office:{root}>"
    )


def sheet(*rows, columns="", more=""):
    return f'<table:table table:name="户信息" {more}>{columns}{"".join(rows)}</table:table>'


def row(*cells, more=""):
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def cell(text="", more=""):
    inner = f"<text:p>{text}</text:p>" if text else ""
    return f"<table:table-cell {more}>{inner}</table:table-cell>"


def cells(sheets, **options):
    return cells_of_flat(content(sheets, **options))


def of(kind, value="", formula=""):
    name = {"float": "value", "percentage": "value", "currency": "value"}.get(kind, f"{kind}-value")
    attributes = {"office:value-type": kind, f"office:{name}": value, "table:formula": formula}
    return " ".join(f'{key}="{text}"' for key, text in attributes.items() if text)


def test_values_are_what_they_are_not_what_is_shown():
    """A number that is shown rounded, a day, a time, yes; spaces, breaks and links in texts."""
    ((_, rows),) = cells(sheet(row(
        cell("1,235", of("float", "1234.56")), cell("5%", of("percentage", "0.05")), cell("3/15/23", of("date", "2023-03-15")),
        cell("x", of("date", "2023-03-15T08:30:00")), cell("TRUE", of("boolean", "true")), cell("x", of("time", "PT08H30M00S")),
        cell('a<text:s text:c="2"/><text:span>b</text:span><text:line-break/>c', of("string")),
        cell("", 'office:value-type="string" office:string-value="d"'), cell("26:00", of("time", "PT26H00M00S")),
    )))  # fmt: skip
    day = dt.date(2023, 3, 15)
    assert rows == [
        [1234.56, 0.05, day, dt.datetime(2023, 3, 15, 8, 30), True, dt.time(8, 30), "a  b\nc", "d", "26:00"]  # noqa: DTZ001
    ]


def test_errors_and_formulas_without_a_result_are_shown():
    """As LibreOffice writes them, as Excel does, as programs that calculate nothing."""
    ((_, rows),) = cells(sheet(row(
        cell("#DIV/0!", of("string", "", "of:=1/0") + ' calcext:value-type="error"'), cell("#N/A", of("float", "0", "of:=NA()")),
        cell("Err:502", of("float", "0")), cell("", 'table:formula="of:=[.A1]+1"'), cell("", of("string", "", 'of:=&quot;&quot;')),
    )))  # fmt: skip
    assert rows == [["#DIV/0!", "#N/A", "Err:502", NOT_CALCULATED]]


def test_repeated_cells_and_rows_stand_as_often():
    """Empty ones to the end of the sheet cost nothing."""
    ((facts, rows),) = cells(sheet(
        row(cell("a", 'table:number-columns-repeated="2"'), cell("", 'table:number-columns-repeated="3"'), cell("b")),
        row(cell("c"), cell("", 'table:number-columns-repeated="16383"'), more='table:number-rows-repeated="2"'),
        row(cell("", 'table:number-columns-repeated="16384"'), more='table:number-rows-repeated="1048573"'),
    ))  # fmt: skip
    assert rows == [["a", "a", "", "", "", "b"], ["c", *[""] * 5], ["c", *[""] * 5]]
    assert facts["n_far"] == 0


def test_what_is_hidden_is_known():
    """Rows by a filter, by hand and by a group that is folded; columns; sheets by their style."""
    style = '<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style>'
    ((facts, _),) = cells(
        sheet(
            row(cell("a")), row(cell("b"), more='table:visibility="filter"'), row(cell("c"), more='table:visibility="collapse"'),
            f'<table:table-row-group table:display="false">{row(cell("d"))}</table:table-row-group>', row(cell("e"), cell("f")),
            columns='<table:table-column/><table:table-column table:visibility="collapse" table:number-columns-repeated="9"/>',
            more='table:style-name="ta2"',
        ),
        styles=style,
    )  # fmt: skip
    assert (facts["hidden_rows"], facts["hidden_columns"], facts["hidden"]) == ({2, 3, 4}, {2}, True)


def test_merged_cells_notes_and_drawings():
    """A note and a chart in a cell are not its text."""
    note = '<office:annotation><text:p>核实</text:p></office:annotation>'  # fmt: skip
    chart = f"<office:forms><text:p>x</text:p>{sheet(row(cell('no')))}</office:forms>"
    ((facts, rows),) = cells(sheet(
        row(f'<table:table-cell table:number-rows-spanned="2" table:number-columns-spanned="1" {of("string")}>{note}<text:p>h1</text:p>'
            f"{chart}</table:table-cell>", cell("p1")),
        row("<table:covered-table-cell/>", cell("p2")),
    ))  # fmt: skip
    assert facts["merged"] == (((1, 1), (2, 1)),)
    assert rows == [["h1", "p1"], ["", "p2"]]


def test_files_that_are_not_read_say_why(tmp_path):
    """Protected by a password, with entities, with a cell repeated without measure."""
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", b"\x01\x02")
        archive.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
    with pytest.raises(NotReadError, match="protected"):
        cells_of_ods(path)
    with zipfile.ZipFile(path, "w") as archive:
        declared = content(sheet(row(cell("a")))).replace("<office:doc", '<!DOCTYPE a [<!ENTITY b "c">]><office:doc', 1)
        archive.writestr("content.xml", declared)
    with pytest.raises(NotReadError, match="entities"):
        cells_of_ods(path)
    with pytest.raises(NotReadError, match="too_large"):
        cells(
            sheet(row(cell("a", 'table:number-columns-repeated="16384"'), more='table:number-rows-repeated="1048576"'))
        )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", content(sheet(row(cell("a")))))
    assert cells_of_ods(path)[0][1] == [["a"]]
