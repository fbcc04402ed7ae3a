"""Parquet files of other programs."""

import pytest


def test_typed_parquet_of_other_programs(files, folder):
    """Parquet with dates, decimals, categories and integer ids is read by type."""
    pa = pytest.importorskip("pyarrow")
    import datetime as dt
    from decimal import Decimal

    import pyarrow.parquet as pq

    rows = {"户编号": pa.array(["h1", "h2"]).dictionary_encode(), "收入年度": pa.array([2021, 2022]), "低保金": [Decimal("10.50"), None],
            "工资性收入": [None, 500.0], "更新时间": [dt.date(2023, 1, 2), None]}  # fmt: skip
    pq.write_table(pa.table(rows), folder / "收入.parquet")
    register = files.read(folder)
    assert register.tables["incomes"]["amount_cny"].tolist() == [10.5, 500.0]
    assert register.tables["incomes"]["recorded_at"].dt.strftime("%F").tolist() == ["2023-01-02", "2023-01-30"]
    assert not len(register.problems)


def test_parquet_with_texts_that_are_not_utf8_is_reported(files, folder):
    """Some programs write any bytes as texts; the file is named, and the others are read."""
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    texts = pa.Array.from_buffers(pa.string(), 2, pa.array([b"h1", b"\xff2"], pa.binary()).buffers())
    pq.write_table(pa.table({"户编号": texts, "收入年度": [2021, 2022], "低保金": [1.0, 2.0]}), folder / "收入.parquet")
    assert files.found(files.read(folder))[-1] == ("收入.parquet", None, "unreadable_file")
