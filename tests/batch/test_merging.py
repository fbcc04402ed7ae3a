"""What partitions left behind, put together."""

import pytest

pytest.importorskip("duckdb")


def test_columns_of_rejected_rows_are_those_of_their_files(packed_files, folder, tmp_path):
    """A file of which nothing was rejected has no say in their order."""
    packed_files.write_csv(folder / "收入1.csv", ["低保金", "年度", "户编号"], [["1", "2022", "h0"]])
    packed_files.write_csv(folder / "收入2.csv", ["户编号", "工资性收入", "年度"], [["h1", "5", "soon"]])
    packed_files.write_csv(folder / "收入3.csv", ["年度", "低保金", "户编号", "更新时间"], [["later", "5", "h1", ""]])
    _, whole = packed_files.compare(folder, tmp_path / "packed")
    assert whole.counts.loc["incomes", "rows_rejected"] == 2
