"""Web pages as systems of offices export them and Excel saves them."""

from email.message import EmailMessage

import pytest

from fanpin_risk.workbooks.grid import NOT_CALCULATED, NotReadError
from fanpin_risk.workbooks.html_tables import cells_of_html, cells_of_mhtml


def rows_of(page):
    return [rows for _, rows in cells_of_html(page)]


def test_a_table_is_a_sheet_whatever_ends_are_lacking():
    """Entities, marks, breaks and blanks within cells; ends of cells and rows may be lacking."""
    page = """<html><head><meta charset="gb2312"><title>导出</title><style>td {color: red}</style></head><body>
      <table border=1><thead><tr><th>户编号<th>工资性<br/>收入<th>备注
      <tr><td style="mso-number-format:'\\@'">0001<td> <b>1,234</b>.5 <td>a &amp; b&#29233;&nbsp;
      <tr><td x:str>530328197101190818</td><td><p>2</p></td><td>&nbsp;</td></tr>
    </table><script>var a = "<table><tr><td>1</td></tr></table>";</script>"""
    assert rows_of(page) == [
        [["户编号", "工资性\n收入", "备注"], ["0001", "1,234.5", "a & b爱"], ["530328197101190818", "2", ""]]
    ]


def test_cells_over_several_rows_and_columns_push_the_others():
    """As in a browser; a cell does not reach beyond its table."""
    ((facts, rows),) = cells_of_html(
        "<table><tr><th rowspan=2>户编号</th><th colspan=2>收入</th></tr><tr><th>工资</th><th>低保</th></tr>"
        "<tr><td rowspan=9>h1</td><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr></table>"
    )
    assert rows == [["户编号", "收入", ""], ["", "工资", "低保"], ["h1", "1", "2"], ["", "3", "4"]]
    assert facts["merged"] == (((1, 1), (2, 1)), ((1, 2), (1, 3)), ((3, 1), (4, 1)))


HEADERS = "<tr><td>户编号</td><td>面积</td><td>收入</td></tr>"


def test_what_the_page_does_not_show_is_hidden():
    """By a style, a class, an attribute; a column by its element or by all of its cells; a whole table."""
    ((facts, _),) = cells_of_html(
        "<style>.no, .other {display : none}</style><table><col><col style='display:none'><col>" + HEADERS
        + "<tr style='display:none'><td>h1</td><td>1</td><td>1</td></tr><tr class='a no'><td>h2</td><td>1</td><td>1</td></tr>"
        "<tr hidden><td>h3</td><td>1</td><td>1</td></tr><tr><td>h4</td><td>1</td><td>1</td></tr></table>"
    )  # fmt: skip
    assert (facts["hidden_rows"], facts["hidden_columns"], facts["hidden"]) == ({2, 3, 4}, {2}, False)
    ((facts, _),) = cells_of_html(
        "<div style='visibility:hidden'><table><tr><td>a</td><td class='x' style='DISPLAY:NONE'>b</td></tr>"
        "<tr><td>1</td><td style='display:none'>2</td></tr></table></div>"
    )
    assert (facts["hidden_rows"], facts["hidden_columns"], facts["hidden"]) == (set(), {2}, True)
    ((facts, _),) = cells_of_html(
        f"<table>{HEADERS}<tr><td>h1</td><td>1</td><td style='display:none'>5</td></tr></table>"
    )
    assert facts["hidden_rows"] == {2}, "a cell that alone is hidden makes its row doubtful"


def test_what_is_hidden_within_a_cell_is_no_part_of_it_but_in_excels_own_pages():
    """Systems hide what they sort by; Excel hides what has no room."""
    row = "<table><tr><td>a</td><td><span style='display:none'>00012<span>x</span></span>12</td></tr></table>"
    assert rows_of(row) == [[["a", "12"]]]
    excel = "<html xmlns:x='urn:schemas-microsoft-com:office:excel'>"
    assert rows_of(f"{excel}<table><tr><td>a</td><td>长文<span style='display:none'>字</span></td></tr></table>") == [
        [["a", "长文字"]]
    ]


def test_numbers_of_excel_are_not_rounded_as_they_are_shown():
    """A day and a share stay as shown; a formula without a result is none that is empty."""
    page = (
        "<table><tr><td x:num='1234.5678'>1,235</td><td x:num>5</td><td x:num='45000'>2023/3/15</td><td x:num='0.05'>5%</td>"
        "<td x:num='412723000000000000'>4.12723E+17</td><td x:fmla='=A1'></td><td x:str x:fmla='=A1'></td><td>12</td></tr></table>"
    )
    assert rows_of(page) == [[[1234.5678, 5.0, "2023/3/15", "5%", 412723000000000000.0, NOT_CALCULATED, "", "12"]]]


def test_lines_above_a_table_stand_above_it():
    """Titles and units: in headings, in a table for looks, in a caption, in a table around it."""
    table = "<tr><td>户编号</td><td>工资</td></tr><tr><td>h1</td><td>1.5</td></tr></table>"
    own = [["户编号", "工资"], ["h1", "1.5"]]
    for page in (
        f"<h2>收入表<p>单位：万元</p><table>{table}",
        f"<table><tr><td colspan=2>收入表</td></tr></table><table><tr><td></td><td>单位：万元</td></tr></table><table>{table}",
        f"<h1>收入表</h1><table><caption>单位：万元</caption>{table}",
        f"<table><tr><td>收入表</td></tr><tr><td>单位：万元<table>{table}</td></tr></table>",
        f"<table><tr><td>收入表<tr><td><table><tr><td>单位：万元</td></tr></table><table>{table}</table>",
    ):
        assert rows_of(page) == [[["收入表", ""], ["单位：万元", ""], *own]]


def test_a_table_for_looks_within_a_cell_is_its_text():
    """And a list to choose from what is chosen of it, a field what stands in it."""
    page = (
        "<table><tr><td>a</td><td><table><tr><td>500</td></tr></table></td><td><select><option>是<option selected>否</select></td>"
        "<td><select><option>是</option></select></td><td><input type=text value=7><input type=hidden value=8></td></tr></table>"
    )
    assert rows_of(page) == [[["a", "500", "否", "是", "7"]]]


def test_several_tables_are_sheets_or_one_that_goes_on():
    """More rows go on in a table of their own, with the header above the first; a header of its own begins another sheet."""
    head = "<table><tr><td>户编号</td><td>收入</td></tr>"
    more = "<table><tr style='display:none'><td>h2</td><td>3,000</td></tr></table>"
    page = f"{head}<tr><td>h1</td><td>5</td></tr></table>{more}{head}</table><table><tr><td>人编号</td><td>2023</td></tr></table>"
    page += "<table><tr><th>序号</th><th>1</th></tr><tr><td>a</td><td>b</td></tr></table>"
    sheets = cells_of_html(page)
    assert [facts["sheet"] for facts, _ in sheets] == ["Sheet1", "Sheet2", "Sheet3", "Sheet4"]
    assert sheets[0][1] == [["户编号", "收入"], ["h1", "5"], ["h2", "3,000"]]
    assert sheets[0][0]["hidden_rows"] == {3}
    assert sheets[2][1] == [["人编号", "2023"]]


BOOK = "<xml><x:ExcelWorkbook><x:ExcelWorksheets>{}</x:ExcelWorksheets></x:ExcelWorkbook></xml>"
SHEET = "<x:ExcelWorksheet><x:Name>{}</x:Name>{}<x:WorksheetOptions>{}</x:WorksheetOptions></x:ExcelWorksheet>"


def test_sheets_are_called_and_hidden_as_excel_says():
    """In a remark of the page."""
    book = BOOK.format(SHEET.format("户信息", "", "") + SHEET.format("旧表", "", "<x:Visible>SheetHidden</x:Visible>"))
    table = "<table><tr><td>a</td><td>b</td></tr></table>"
    sheets = cells_of_html(f"<html><!--[if gte mso 9]>{book}<![endif]-->{table}{table}")
    assert [(facts["sheet"], facts["hidden"]) for facts, _ in sheets] == [("户信息", False), ("旧表", True)]


def test_a_page_in_one_file_holds_a_page_for_each_sheet():
    """With the page that frames them."""
    message = EmailMessage()
    sources = "<x:WorksheetSource HRef='a.files/sheet001.htm'/>"
    frame = (
        "<html>"
        + BOOK.format(SHEET.format("户信息", sources, "") + SHEET.format("成员", sources, ""))
        + "<frameset></html>"
    )
    message.set_content("x")
    message.make_mixed()
    for page in (
        frame,
        "<table><tr><td>户</td><td>b</td></tr></table>",
        "<table><tr><td>c</td><td>d</td></tr></table>",
    ):
        message.add_attachment(page.encode("gb18030"), maintype="text", subtype="html")
    sheets = cells_of_mhtml(b"MIME-Version: 1.0\n" + message.as_bytes())
    assert [(facts["sheet"], rows) for facts, rows in sheets] == [("户信息", [["户", "b"]]), ("成员", [["c", "d"]])]


@pytest.mark.parametrize(
    ("page", "reason"),
    [("<html><p>请先登录</p></html>", "no_table"), ("<html><x:WorksheetSource HRef='a'/><frameset>", "elsewhere")],
)
def test_pages_without_a_table_say_so(page, reason):
    """A page to log in is what many an export turns out to be."""
    with pytest.raises(NotReadError, match=reason):
        cells_of_html(page)
