"""Chunk by chunk, a file gives the rows of the whole."""

import pandas as pd
import pytest

from fanpin_risk.batch.packing import chunks

pytest.importorskip("duckdb")


def test_ids_that_are_whole_numbers_are_read_in_every_block(packed_files, folder, tmp_path, monkeypatch):
    """Whole numbers are exact ids, with or without a missing value anywhere in the column."""
    monkeypatch.setattr(chunks, "BLOCK_ROWS", 1)
    packed_files.write_csv(
        folder / "户信息2.csv", ["户编号", "年度", "行政区划代码"], [["41", "2022", "211225"], ["42", "2022", "530102"]]
    )
    frame = pd.DataFrame(
        {"户编号": pd.array([41, 42, None], dtype="Int64"), "识别监测时间": 2021, "监测对象类别": "边缘户"}
    )
    frame.to_parquet(folder / "监测.parquet")
    _, whole = packed_files.compare(folder, tmp_path / "packed")
    assert whole.counts.loc["monitoring", "rows_kept"] == 2
    frame.iloc[:2].astype({"户编号": "int64"}).to_parquet(folder / "监测.parquet")
    _, whole = packed_files.compare(folder, tmp_path / "packed2")
    assert whole.counts.loc["monitoring", "rows_kept"] == 2


@pytest.mark.parametrize(
    ("encoding", "newline"),
    [
        ("utf-8", "\n"),
        ("utf-8-sig", "\r\n"),
        ("gb18030", "\n"),
        ("utf-16", "\r\n"),
        ("utf-16-le", "\n"),
        ("utf-8", "\r"),
    ],
)
def test_blocks_of_text_give_the_rows_of_the_whole(packed_files, folder, tmp_path, monkeypatch, encoding, newline):
    """Wherever a block of a file ends, in a letter, a quoted cell or blank lines, its rows are those of the whole file."""
    text = '表\n户编号,年度,行政区划名称\n\nh5,2022,"甲\n乙"\nh6,2022,\n,,\nh7,2022,"丁""己"\nh8,2022\nh9,2022,"庚\nh10,2022,壬\n\n\n\0\n'
    (folder / "户信息2.csv").write_bytes(text.replace("\n", newline).encode(encoding))
    for number, size in enumerate((1, 64)):
        monkeypatch.setattr(chunks, "BLOCK_BYTES", size)
        packed_files.compare(folder, tmp_path / f"packed{number}")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_the_byte_order_is_that_of_the_mark(packed_files, folder, tmp_path, monkeypatch, encoding):
    """UTF-16 and UTF-32 named without an order, or not named, are packed as they are read."""
    for file in folder.iterdir():
        file.write_bytes(f"\ufeff{file.read_text(encoding='utf-8')}".encode(encoding))
    monkeypatch.setattr(chunks, "BLOCK_BYTES", 7)
    for number, named in enumerate((None, encoding[:6])):
        summary, _ = packed_files.compare(folder, tmp_path / f"packed{number}", encoding=named)
        assert summary.households == 3


def test_damaged_bytes_spoil_their_row_only(packed_files, folder, tmp_path, monkeypatch):
    """A file of UTF-8 with a bad byte is read as such, whichever block the byte stands in."""
    rows = "".join(f"k{n},2022,村\n" for n in range(60)).encode().replace(b"k41,", b"k41\xff,")
    (folder / "户信息2.csv").write_bytes("户编号,年度,行政区划名称\n".encode() + rows)
    monkeypatch.setattr(chunks, "BLOCK_BYTES", 100)
    _, whole = packed_files.compare(folder, tmp_path / "packed", max_households=50)
    assert whole.problems["code"].tolist() == ["undecodable_bytes", "no_members"]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "+08:00"])
def test_times_with_a_zone_are_packed_as_they_are_read(packed_files, folder, tmp_path, unit, zone):
    """The day is that of their own zone; one beyond all calendars is no date, and stands so among the rejected rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    evening = 1_672_588_800 * per_second + (123 if unit == "ns" else 0)  # 16:00 UTC, next day in China
    far = evening if unit == "ns" else 10**12 * per_second
    rows = {
        "户编号": ["h0", "h1", "h2"], "年度": ["2022", "2022", "soon"], "低保金": [1.0, 2.0, 3.0],
        "更新时间": pa.array([evening, far, evening], pa.timestamp(unit, zone)),
    }  # fmt: skip
    pq.write_table(pa.table(rows), folder / "收入.parquet", version="2.6")
    _, whole = packed_files.compare(folder, tmp_path / "packed")
    day = "2023-01-01" if zone == "UTC" else "2023-01-02"
    assert str(whole.tables["incomes"]["recorded_at"].iloc[0].date()) == day
    assert whole.rejected_rows["incomes"]["更新时间"].astype("str").str.startswith(day).all()


def test_tables_below_each_other_are_packed_as_they_are_read(packed_files, folder, tmp_path, monkeypatch):
    """Whichever block the second header stands in, the rows below are read by it."""
    rows = "".join(f"k{n},2022,甲村\n" for n in range(20))
    below = "".join(f"乙村,m{n},2022\n" for n in range(20))
    text = f"户编号,年度,行政区划名称\n{rows}二组,,\n行政区划名称,户编号,年度\n{below}合计,40户,\n"
    (folder / "户信息2.csv").write_text(text, encoding="utf-8")
    for number, size in enumerate((1, 300, 10_000)):
        monkeypatch.setattr(chunks, "BLOCK_BYTES", size)
        _, whole = packed_files.compare(folder, tmp_path / f"packed{number}", max_households=50)
        assert whole.tables["households"]["area_name"].value_counts().to_dict() == {"甲村": 20, "乙村": 20}


@pytest.mark.parametrize("size", [1, 60, 10_000])
def test_ditto_marks_say_what_the_row_above_says(packed_files, folder, tmp_path, monkeypatch, size):
    """Also where that row stands in the block before."""
    rows = "k0,2022,甲村\n〃,2023,〃\n,,\nk1,〃,乙村\n同上,2021,丁村\nk2,2022,丙村\n"
    (folder / "户信息2.csv").write_text(f"户编号,年度,行政区划名称\n{rows}", encoding="utf-8")
    monkeypatch.setattr(chunks, "BLOCK_BYTES", size)
    _, whole = packed_files.compare(folder, tmp_path / "packed")
    homes = whole.tables["households"].set_index("household_id")
    assert homes.loc["k0", "area_name"].tolist() == ["甲村", "甲村"]
    assert homes.loc["k1", "valid_from"].dt.year.tolist() == [2023, 2021]
