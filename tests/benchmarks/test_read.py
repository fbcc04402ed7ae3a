"""The benchmark of reading: what it writes is read without a doubt, every way reads the same rows, the page says it all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import fanpin_risk as fr

FOLDER = Path(__file__).parents[2] / "benchmarks"
sys.path.insert(0, str(FOLDER))

import read  # noqa: E402


def test_the_export_is_read_right(tmp_path: Path) -> None:
    """Net income per person of every household is what the sheet states, and every member is there."""
    read.write_workbook(tmp_path / "county.xlsx", 60, 125)
    register = fr.read_register(tmp_path / "county.xlsx")
    assert len(read.header()) == read.WIDTH
    assert register.tables["members"]["member_id"].nunique() == 125
    assert register.tables["households"]["household_id"].nunique() == 60
    assert register.tables["monitoring"]["household_id"].nunique() == 2
    assert register.rejects.empty
    assert register.problems["stated"].isna().all()  # no figure of the sheet contradicts what was summed


@pytest.mark.parametrize("kind", ["csv", "workbook"])
def test_every_way_reads_all_rows(tmp_path: Path, kind: str) -> None:
    """What is compared in speed is the same files, read to the last row."""
    if kind == "csv":
        register = fr.make_register(30, random_state=1)
        path = register.to_folder(tmp_path / "csv", format="csv", headers="zh")
        rows = sum(map(len, register.tables.values()))
        assert read.by_package(path) == rows
    else:
        path, rows = tmp_path / "county.xlsx", 70
        read.write_workbook(path, 30, rows)
    for way, call in read.WAYS[kind].items():
        if way not in (read.OURS, read.SCORES) and not read.absent(kind, way):
            assert call(path) == rows, way


def test_the_page_names_what_was_measured_and_what_is_missing(tmp_path: Path) -> None:
    """A small run writes every table; a way whose library is missing is named."""
    sizes = ["--households", "40", "--rounds", "1", "--columns", "150", "300"]
    subprocess.run(
        [sys.executable, FOLDER / "read.py", *sizes, "--out", tmp_path],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    page = (tmp_path / "README.md").read_text(encoding="utf-8")
    for kind in ("csv", "workbook"):
        for way in read.WAYS[kind]:
            line = next(line for line in page.splitlines() if line.startswith(f"| {way} |"))
            assert (f"{read.absent(kind, way)} is not installed" in line) or line.count(".") >= 3
    assert page.count("met") + page.count("missed") >= 5
    assert "| 300 |" in page
