"""Raw rows come back from disk as they were read."""

import pandas as pd
import pytest

pytest.importorskip("duckdb")


def test_typed_cells_come_through(packed_files, folder, tmp_path):
    """Decimals, categories, dates, yes and no, and lists in Parquet mean what they mean to the readers."""
    pa = pytest.importorskip("pyarrow")
    import datetime as dt
    from decimal import Decimal

    import pyarrow.parquet as pq

    rows = {
        "户编号": pa.array(["h0", "h1", "h0"]).dictionary_encode(), "人编号": ["p1", "p2", "p3"], "年度": [2021, 2022, 2022],
        "更新时间": [dt.date(2023, 1, 2), None, dt.date(2023, 1, 2)], "居民医保": [True, None, False],
        "健康状况": [["残疾", "慢病"], None, ["?"]], "务工时间": [Decimal("10.5"), None, Decimal(11)],
        "出生日期": [pd.Timestamp("1980-05-01 12:00"), None, None],
    }  # fmt: skip
    pq.write_table(pa.table(rows), folder / "成员.parquet", row_group_size=1)
    summary, whole = packed_files.compare(folder, tmp_path / "packed")
    assert whole.tables["members"]["health"].iloc[0] == "chronic;disabled"
    assert summary.rows.loc["members", "kept"] == 3
