"""All files of a register, whatever state they are in."""

import os
import sys

import pandas as pd
import pytest

pytest.importorskip("duckdb")


def test_a_sheet_without_an_id_column_or_without_rows(packed_files, folder, tmp_path):
    """Tables that lack what no row can do without are rejected row by row; empty ones are known as given."""
    packed_files.write_csv(folder / "就学信息.csv", ["人编号", "学年", "学段", "就学状态"], [])
    packed_files.write_csv(folder / "成员.csv", ["人编号", "年度"], [["p1", "2022"], ["p2", "2022"]])
    packed_files.write_csv(folder / "其他.csv", ["甲", "乙"], [["1", "2"]])
    (folder / "支持.parquet").write_bytes(b"PAR1 and no more")
    (folder / "帮扶措施.csv").write_bytes(b"")
    _, whole = packed_files.compare(folder, tmp_path / "packed")
    assert whole.counts.loc["members", "rows_rejected"] == 2


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are texts there")
def test_names_of_files_in_an_old_encoding_are_packed(packed_files, folder, tmp_path):
    """What archives unpack to names in GB18030 is packed as it is read."""
    for name, text in {"户信息2.csv": "户编号,年度\nh8,soon\n", "收入.parquet": "no Parquet"}.items():
        (folder / os.fsdecode(name.encode("gb18030"))).write_text(text, encoding="utf-8")
    frame = pd.DataFrame({"人编号": ["p1"], "户编号": ["h1"], "年度": ["x"]})
    (folder / os.fsdecode(b"members\xb5.parquet")).write_bytes(frame.to_parquet())
    _, whole = packed_files.compare(folder, tmp_path / "packed")
    assert set(whole.problems["source"]) > {"户信息2.csv", "收入.parquet"}
