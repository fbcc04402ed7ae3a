"""Kinds of files, by what is in them."""

import zipfile

import pytest

from fanpin_risk.workbooks.kinds import kind_of_content, kind_of_workbook


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"PK\x03\x04...", "zip"),
        (b"\xd0\xcf\x11\xe0...", "compound"),
        (b"PAR1...", "parquet"),
        (b"MIME-Version: 1.0\r\nX-Document-Type: Workbook", "mhtml"),
        (b"\xef\xbb\xbf<html xmlns:x='a'>", "html"),
        (b"\r\n  <TABLE border=1><tr>", "html"),
        ("<html><body>户".encode("utf-16"), "html"),
        (b'<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0"><html>', "html"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="a">', "xml"),
        (b"Warning: x on line 3<br/>\r\n<table border=1>\n<tr><td>", "html"),
        (b"<!-- " + b"x" * 5000, "html"),
        (b"<ss:Workbook xmlns:ss='a'>", "xml"),
        (b'<?xml version="1.0"?><office:document xmlns:office="a">', "fods"),
        (b'<?xml version="1.0"?><records>', "other_xml"),
        (b"\x09\x04\x06\x00\x00\x00\x10\x00", "binary"),
        (b"a,b\n\x01\x02\x03", "binary"),
        ("户编号\t户类型".encode("gbk"), "text"),
        ("户编号\t户类型".encode("utf-16"), "text"),
        (b"<5000,a", "text"),
        (b"h1,\0\0,a", "text"),
    ],
)  # fmt: skip
def test_kinds(head, kind):
    """Whatever the name of the file."""
    assert kind_of_content(head) == kind


@pytest.mark.parametrize(
    ("part", "kind"), [("xl/workbook.bin", "xlsb"), ("content.xml", "ods"), ("xl/workbook.xml", "xlsx"), ("a", "xlsx")]
)
def test_zip_archives(tmp_path, part, kind):
    """By the part that only one kind has."""
    with zipfile.ZipFile(tmp_path / "a.xls", "w") as archive:
        archive.writestr(part, "")
    assert kind_of_workbook(tmp_path / "a.xls") == kind
