"""Text files are read ahead by threads, and nothing shows it but the time."""

import threading
from pathlib import Path

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.records.read import ahead as module
from fanpin_risk.records.read.ahead import reading_ahead

FILES = [Path(name) for name in ("b.csv", "a.xlsx", "c.TXT", "b.csv", "d.tsv", "e.parquet")]


def test_each_file_gives_what_reading_it_gives_in_order():
    """However many are read at a time."""
    with reading_ahead(FILES, str) as reads:
        assert [read() for read in reads] == list(map(str, FILES))


def test_an_error_is_raised_where_its_file_is_asked_for_and_nowhere_else():
    """Files before it are read, and those after it are not lost for it."""

    def read(file):
        if file.name == "c.TXT":
            raise ValueError(file.name)
        return file.name

    found = []
    with reading_ahead(FILES, read) as reads:
        for get in reads:
            try:
                found.append(get())
            except ValueError as error:
                found.append(error)
    assert isinstance(found.pop(2), ValueError)
    assert found == ["b.csv", "a.xlsx", "b.csv", "d.tsv", "e.parquet"]


def test_two_text_files_are_read_at_a_time_and_workbooks_where_they_are_asked_for():
    """No more than two are in memory before they are needed."""
    together = threading.Barrier(2)

    def read(file):
        if file.suffix == ".csv":
            together.wait(timeout=30)
        return threading.current_thread() is threading.main_thread()

    files = [Path("a.csv"), Path("b.csv"), Path("c.xlsx")]
    with reading_ahead(files, read) as reads:
        assert [get() for get in reads] == [False, False, True]


def test_who_stops_asking_lets_the_rest_be_unread():
    """An early end leaves no thread at work."""
    started, go_on, seen = threading.Event(), threading.Event(), []

    def read(file):
        seen.append(file)
        if len(seen) > 1:
            started.set()
            go_on.wait(timeout=30)

    with reading_ahead([Path(f"{number}.csv") for number in range(50)], read) as reads:
        next(reads)()
        started.wait(timeout=30)
        threading.Timer(0.05, go_on.set).start()
    assert len(seen) < 50


@pytest.mark.parametrize("threads", [1, 5])
def test_a_register_is_the_same_however_many_threads_read_it(threads, tmp_path, monkeypatch):
    """Tables and problems, with one thread and with five."""
    folder = fr.make_register(40, random_state=0).to_folder(tmp_path / "county", format="csv", headers="zh")
    (folder / "医疗费用.csv").write_text("户编号,年度\n1,2,3\n", encoding="utf-8")
    (folder / "空.csv").write_bytes(b"")
    expected = fr.read_register(folder)
    monkeypatch.setattr(module, "AT_A_TIME", threads)
    register = fr.read_register(folder)
    pd.testing.assert_frame_equal(register.problems, expected.problems)
    for name, frame in expected.tables.items():
        pd.testing.assert_frame_equal(register.tables[name], frame)
