"""Partitions are checked in one process or in several, with the same result."""

import pytest

from fanpin_risk.batch.pack import pack
from fanpin_risk.batch.packing import all_partitions
from fanpin_risk.errors import InputError
from fanpin_risk.synthetic import make_register

pytest.importorskip("duckdb")


def test_several_processes_write_the_same_bytes(tmp_path, content):
    """Also where amounts are in doubt, so that partitions are checked again, and where the first ones have no members."""
    files = make_register(12, 3).to_folder(tmp_path / "files", format="csv", headers="zh")
    (files / "更早的户.csv").write_text(
        "户编号,年度,行政区划代码\nk1,2020,110101001001\nk2,2020,110101001001\n", "utf-8"
    )
    amounts = "".join(f"H{n:09d},2022,{n % 9}\n" for n in range(12))
    (files / "收入2.csv").write_text(f"户编号,年度,工资性收入\nk1,2022,3\n{amounts}", "utf-8")
    alone = pack(files, tmp_path / "alone", max_households=3, threads=1)
    beside = pack(files, tmp_path / "beside", max_households=3, threads=1, workers=2)
    assert content(tmp_path / "beside") == content(tmp_path / "alone")
    assert beside.rows.equals(alone.rows)
    assert beside.problems == alone.problems
    assert beside.partitions == alone.partitions > 2
    assert beside.processor.keys() == beside.seconds.keys() == {"read", "sort", "check"}
    assert beside.processor["check"] > 0


def test_what_fails_beside_is_said(folder, tmp_path, monkeypatch):
    """An error of another process ends the run as one of this process does, and leaves nothing."""

    def fails(*_):
        raise InputError("no luck")

    monkeypatch.setattr(all_partitions, "_check_beside", fails)
    (folder / "成员.csv").write_text("人编号,户编号,年度\np1,h0,2020\np2,h1,2020\n", "utf-8")
    with pytest.raises(InputError, match="no luck"):
        pack(folder, tmp_path / "packed", threads=1, workers=2)
    assert [entry.name for entry in tmp_path.iterdir()] == ["files"]


def test_a_wrong_number_of_processes_is_refused(folder, tmp_path):
    """Before anything is read."""
    with pytest.raises(InputError, match=r"workers is 0; expected a whole number of 1 or more, or -1"):
        pack(folder, tmp_path / "packed", workers=0)
