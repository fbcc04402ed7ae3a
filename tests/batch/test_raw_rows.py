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


def test_households_known_by_the_heads_citizen_id_alone_are_packed_with_their_rows(packed_files, tmp_path):
    """In the partition of the household, whose own id another sheet has; an id of two households is of neither."""
    heads = ["11010519491231002X", "440308199901101512", "32010619800101109X", "11010519491231002X"]
    codes = ["211225101201", "530102003001", "450502100100", "530102003001"]
    folder = tmp_path / "files"
    folder.mkdir()
    packed_files.write_csv(
        folder / "户信息.csv",
        ["户编号", "户主身份证号", "年度", "行政区划代码"],
        [[f"h{n}", head, "2023", codes[n]] for n, head in enumerate(heads)],
    )
    packed_files.write_csv(
        folder / "家庭收入.csv",
        ["户主身份证号", "年度", "工资性收入"],
        [[head, "2023", str(9000 + n)] for n, head in enumerate(heads[:3])],
    )
    packed_files.write_csv(
        folder / "家庭成员.csv",
        ["户主身份证号", "人编号", "年度", "与户主关系"],
        [[head, f"p{n}", "2023", "户主"] for n, head in enumerate(heads[:3])],
    )
    _, whole = packed_files.compare(folder, tmp_path / "packed", id_key=b"a key of this county, kept apart")
    assert len(whole.tables["incomes"]) == len(whole.tables["members"]) == 2
