"""All files of a register, whatever state they are in."""

import os
import shutil
import sys

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import InputError

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


def test_a_database_is_packed_as_it_is_read(packed_files, folder, tmp_path, postgres, monkeypatch):
    """Row by row from a cursor on the server, in pieces; with what is said of its tables and columns."""
    sqlalchemy = pytest.importorskip("sqlalchemy")
    monkeypatch.setattr("fanpin_risk.records.read.database_rows.ROWS_FETCHED", 2)
    address = postgres.new("CREATE TABLE households_old (户编号 text, 年度 int)", grant=False)
    engine = sqlalchemy.create_engine(postgres.owner(address), poolclass=sqlalchemy.NullPool)
    for file in folder.glob("*.csv"):
        pd.read_csv(file, dtype=str).to_sql(file.stem, engine, index=False)
    with engine.begin() as connection:
        connection.exec_driver_sql('ALTER TABLE "户信息" ADD COLUMN photo bytea, ADD COLUMN "其他致贫原因" text[]')
        connection.exec_driver_sql("""UPDATE "户信息" SET "其他致贫原因" = '{因病,因残}'""")
        connection.exec_driver_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO clerk")
    summary, whole = packed_files.compare(address, tmp_path / "packed")
    assert set(whole.problems["code"]) >= {"table_not_read", "list_not_read", "unknown_column"}
    assert summary.households > 0
    with pytest.raises(InputError, match="queries are for databases"):
        fr.pack(folder, tmp_path / "other", queries={"households": "x"})
    chosen = fr.pack(address, tmp_path / "chosen", queries={"households": "户信息"})
    assert list(chosen.rows.index) == ["households"]


def test_archives_and_lists_are_packed_as_they_are_read(packed_files, folder, tmp_path):
    """Also where files of one name are told apart by their folders."""
    packed_files.compare(list(folder.iterdir()), tmp_path / "list")
    shutil.make_archive(str(tmp_path / "a"), "zip", folder)
    packed_files.compare(tmp_path / "a.zip", tmp_path / "zip")
    (folder / "西乡").mkdir()
    (folder / "西乡" / "户信息.csv").write_text("户编号,年度\nx1,2023\nx2,soon\n", encoding="utf-8")
    _, whole = packed_files.compare(folder, tmp_path / "within")
    assert "西乡/户信息.csv" in set(whole.problems["source"])
