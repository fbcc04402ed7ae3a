"""Workbooks as one XML text, as Excel 2003 and reporting tools write them."""

import datetime as dt

import pytest

from fanpin_risk.workbooks.grid import NOT_CALCULATED, NotReadError
from fanpin_risk.workbooks.spreadsheet_xml import cells_of_xml

HEAD = (
    '<?xml version="1.0" encoding="gb2312"?><?mso-application progid="Excel.Sheet"?>'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel" xmlns:html="http://www.w3.org/TR/REC-html40">'
)


def cells(*sheets):
    return cells_of_xml(HEAD + "".join(sheets) + "</Workbook>")


def sheet(rows, name="户信息", more=""):
    return f'<Worksheet ss:Name="{name}"><Table>{rows}</Table>{more}</Worksheet>'


def data(text, kind="String"):
    return f'<Data ss:Type="{kind}">{text}</Data>'


def test_values_of_every_type():
    """Ids stay texts, days are days, what is written with marks within is one text."""
    day = data("2023-03-15T00:00:00.000", "DateTime")
    row = "".join(f"<Cell>{one}</Cell>" for one in (
        data("0001"), data("1234.5", "Number"), day, data("2023-03-15T08:30:00.000", "DateTime"), data("1", "Boolean"),
        '<ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40">工资性<B>收入</B></ss:Data>', data("a&#10;b&amp;"),
        data("x") + "<Comment><ss:Data>核实</ss:Data></Comment>",
    ))  # fmt: skip
    ((_, rows),) = cells(sheet(f"<Row>{row}</Row>"))
    assert rows == [
        ["0001", 1234.5, dt.date(2023, 3, 15), dt.datetime(2023, 3, 15, 8, 30), True, "工资性收入", "a\nb&", "x"]  # noqa: DTZ001
    ]


def test_gaps_and_merged_cells_keep_their_places():
    """Indexes leap, spans of rows stand for several, merged cells push what follows."""
    ((facts, rows),) = cells(sheet(
        '<Row ss:Span="1"/>'
        f'<Row><Cell ss:Index="2" ss:MergeAcross="1" ss:MergeDown="1">{data("a")}</Cell><Cell>{data("b")}</Cell></Row>'
        f'<Row ss:Index="5"><Cell>{data("c")}</Cell><Cell ss:Index="4">{data("d")}</Cell></Row>'
    ))  # fmt: skip
    assert rows == [["", "", "", ""]] * 2 + [["", "a", "", "b"], ["", "", "", ""], ["c", "", "", "d"]]
    assert facts["merged"] == (((3, 2), (4, 3)),)


def test_errors_formulas_and_what_is_hidden():
    """Sheets, rows and columns; a formula without a result is none that is empty."""
    (facts, rows), (others, _) = cells(
        sheet(
            '<Column ss:Width="50"/><Column ss:Index="3" ss:Hidden="1" ss:Span="1"/><Column ss:Hidden="1"/>'
            f'<Row><Cell>{data("#N/A", "Error")}</Cell><Cell ss:Formula="=R1C1"/><Cell ss:Formula="=1">{data("1", "Number")}</Cell></Row>'
            f'<Row ss:Hidden="1"><Cell ss:Formula="=A">{data("")}</Cell><Cell ss:Index="6">{data("x")}</Cell></Row>'
        ),
        sheet("<Row/>", "藏", "<x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions>"),
    )
    assert rows == [["#N/A", NOT_CALCULATED, 1.0, "", "", ""], ["", "", "", "", "", "x"]]
    assert (facts["hidden"], facts["hidden_rows"], facts["hidden_columns"]) == (False, {2}, {3, 4, 5})
    assert (others["sheet"], others["hidden"]) == ("藏", True)


@pytest.mark.parametrize("row", ['<Row ss:Index="99999999"/>', '<Row><Cell ss:Index="-1"/></Row>', "<Row>"])
def test_what_cannot_be_is_damaged(row):
    """A cell where none can be, an element without an end."""
    with pytest.raises(ValueError, match=r"where none can be|no XML"):
        cells(sheet(row))


def test_entities_are_refused():
    """Nothing is made of them."""
    text = HEAD.replace("<Workbook", '<!DOCTYPE Workbook [<!ENTITY a "b">]><Workbook')
    with pytest.raises(NotReadError, match="entities"):
        cells_of_xml(text + sheet(f"<Row><Cell>{data('&a;')}</Cell></Row>") + "</Workbook>")
