"""Names and kinds of single files."""

import os
import sys

import pytest


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are texts there")
def test_names_of_files_in_an_old_encoding_are_read(files, folder):
    """Archives unpack to names in GB18030; they tell the table and stand in problems as texts."""
    place = folder / os.fsdecode("台账".encode("gb18030"))
    place.mkdir()
    for name, text in {
        "户信息.csv": files.HOUSEHOLDS, "就医.csv": "人编号,foo\np1,1\n", "成员.csv": "人编号,户编号,年度,x\np1,h1,soon,1\n", "信.docx": "x"
    }.items():  # fmt: skip
        (place / os.fsdecode(name.encode("gb18030"))).write_text(text, encoding="utf-8")
    told = []
    register = files.read(place, progress=lambda *what: told.append(what[2]))
    assert register.source == "台账"
    assert {(source, code) for source, _, code in files.found(register)} == {
        ("信.docx", "unknown_file_type"), ("就医.csv", "unknown_sheet"), ("成员.csv", "unknown_column"), ("成员.csv", "not_a_date"),
    }  # fmt: skip
    assert set(told) == {"", "就医.csv", "户信息.csv", "成员.csv"}
