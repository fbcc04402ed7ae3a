"""A report as a file: its format, what is asked for, written in one step or in two."""

import zipfile

import openpyxl
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.reports import report, write_report
from fanpin_risk.reports.page import page_html

DAY = "2024-12-31"


def test_report_is_gather_and_write_in_one(model, register, contents, tmp_path, cells):
    """fr.report gives the cells of the two steps."""
    one, two = (
        fr.report(model, register, DAY, tmp_path / "a.xlsx", capacity=30),
        write_report(contents, tmp_path / "b.xlsx"),
    )
    first, second = ({key: value for key, value in cells(path).items() if key[0] != "模型卡"} for path in (one, two))
    assert first == second  # the card says when it was written
    assert fr.report is report


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"path": "r.doc"}, InputError, r"r\.doc: expected a file that ends in one of \.xlsx, \.html"),
        ({"path": "r"}, InputError, "r: expected a file that ends in"),
        ({"format": "pdf"}, InputError, "format is 'pdf'; expected one of xlsx, html"),
        ({"path": ".", "format": "xlsx"}, InputError, "is a folder; expected a file"),
        ({"lang": "fr"}, SchemaError, "lang is 'fr'; expected one of zh, en, both"),
        ({"n_households": -1}, SchemaError, "n_households is -1; expected a whole number"),
        ({"n_households": 1.5}, SchemaError, "n_households is 1.5; expected a whole number"),
    ],
)
def test_wrong_wishes_are_refused_before_the_work(model, register, tmp_path, options, error, message, monkeypatch):
    """The message says what was expected, before anything is scored."""
    monkeypatch.setattr("fanpin_risk.reports.report_files.gather", lambda *_, **__: pytest.fail("scored first"))
    given = {"path": "r.xlsx"} | options
    with pytest.raises(error, match=message):
        fr.report(model, register, DAY, tmp_path / given.pop("path"), **given)
    assert list(tmp_path.iterdir()) == []


def test_a_format_may_be_named_apart_from_the_ending(contents, tmp_path):
    """The ending decides only where nothing else is said; capitals are endings too."""
    assert openpyxl.load_workbook(write_report(contents, tmp_path / "R.XLSX"))
    named = write_report(contents, tmp_path / "report.tmp", format="xlsx")
    assert zipfile.is_zipfile(named)


def test_report_writes_the_page(contents, tmp_path):
    """fr.report and write_report lay out the very page."""
    path = write_report(contents, tmp_path / "page.html", lang="en")
    *lines, mark = path.read_text(encoding="utf-8").splitlines(keepends=True)
    assert "".join(lines).rstrip("\n") == page_html(contents, lang="en").rstrip("\n")
    assert mark.startswith("<!-- fanpin-risk report ")
