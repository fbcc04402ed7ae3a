"""Tables that an office writes itself: read as offices write them, and refused with row, column and what was expected."""

from datetime import date

import pandas as pd
import pytest

from fanpin_risk.errors import InputError
from fanpin_risk.policy import Policy

CHINESE = "参数,区划代码,起始日期,数值,来源,备注\nnewborn_days,2112,2020/1/1,180,县医保办法,见附件\n"
PLAIN = "name,area_prefix,valid_from,value,source\nnewborn_days,2112,2020-01-01,180,县医保办法\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_headers_and_texts_of_offices_are_read(tmp_path, encoding):
    """Chinese headers, days as spreadsheets write them, remarks and the encoding of Chinese spreadsheets give the same entries."""
    (tmp_path / "own.csv").write_text(CHINESE, encoding)
    (tmp_path / "plain.csv").write_text(PLAIN, "utf-8")
    own, plain = Policy.read(tmp_path / "own.csv"), Policy.read(tmp_path / "plain.csv")
    pd.testing.assert_frame_equal(own.frame, plain.frame)
    assert own.label.partition(":")[2] == plain.label.partition(":")[2]
    assert own.label.startswith("own.csv:")


def test_a_workbook_gives_what_its_text_gives(tmp_path):
    """Days, numbers and codes as cells of their own kinds; rows are counted as the workbook shows them."""
    rows = [["newborn_days", 2112, date(2020, 1, 1), 180, "县医保办法"]]
    headers = ["参数", "区划代码", "起始日期", "数值", "来源"]
    pd.DataFrame(rows, columns=headers).to_excel(tmp_path / "own.xlsx", index=False)
    (tmp_path / "plain.csv").write_text(PLAIN, "utf-8")
    pd.testing.assert_frame_equal(Policy.read(tmp_path / "own.xlsx").frame, Policy.read(tmp_path / "plain.csv").frame)
    rows += [[None] * 5, ["newborn_days", 21, date(2020, 1, 1), "many", None]]
    pd.DataFrame(rows, columns=headers).to_excel(tmp_path / "own.xlsx", index=False)
    with pytest.raises(InputError, match=r"own\.xlsx: row 4, value is many; expected 0 to 366 days"):
        Policy.read(tmp_path / "own.xlsx")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (PLAIN.replace("value", "amount"), "column value is missing; expected name, area_prefix, valid_from, value"),
        (PLAIN.replace("value", "amount"), "in the first row, or 参数, 区划代码, 起始日期, 数值"),
        (PLAIN.replace("source", "valid_to"), "column valid_to is none of .*: an entry holds until a later valid_from"),
        (PLAIN.replace("source", "origin"), "column origin is none of .*: correct the header, or call a column"),
        (CHINESE.replace("备注", "参数名"), "column name is there twice; keep one of them"),
        ("", "cannot read own.csv: expected a csv file in UTF-8 or GB18030, or an xlsx workbook"),
        (PLAIN + "newborn_days,2112,2020/01/01,90,\n", "row 3 holds for the name, area_prefix and valid_from of a row"),
        (PLAIN + "newborn_days,2112,01/02/2020,90,\n", "row 3, valid_from is 01/02/2020; expected a day such as"),
        (PLAIN + "newborn_day,2112,2020-01-01,90,\n", "row 3, name is newborn_day; expected one of newborn_days, "),
        (PLAIN + "newborn_days,21128,2020-01-01,90,\n", "row 3, area_prefix is 21128; expected the first 2, 4, 6, 9"),
    ],
)
def test_what_is_wrong_is_named_with_what_to_do(tmp_path, text, told):
    """Headers and cells, in files."""
    (tmp_path / "own.csv").write_text(text, "utf-8")
    with pytest.raises(InputError, match=told):
        Policy.read(tmp_path / "own.csv")


def test_a_broken_workbook_is_refused(tmp_path):
    """Whatever the reader of workbooks does with it."""
    (tmp_path / "own.xlsx").write_bytes(b"no workbook")
    with pytest.raises(InputError, match=r"cannot read own\.xlsx"):
        Policy.read(tmp_path / "own.xlsx")


def test_a_label_depends_on_entries_not_on_their_order(tmp_path):
    """Two orders of rows are one policy; another number is another one."""
    lines = ["newborn_days,2112,2020-01-01,180,a", "newborn_days,21,2020-01-01,90,a"]
    labels = []
    for rows in (lines, lines[::-1], [lines[0], lines[1].replace("90", "91")]):
        (tmp_path / "own.csv").write_text("\n".join(["name,area_prefix,valid_from,value,source", *rows]), "utf-8")
        labels.append(Policy.read(tmp_path / "own.csv").label)
    assert labels[0] == labels[1] != labels[2]
