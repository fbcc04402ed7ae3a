"""Packing large files into partitions decides as reading them whole does."""

import builtins
import errno
import os
import random
import sys

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.batch import layout, pieces
from fanpin_risk.batch import pack as pack_module
from fanpin_risk.batch.pack import _texts, pack
from fanpin_risk.batch.score import score_register
from fanpin_risk.errors import InputError, MissingPackageError, SchemaError
from fanpin_risk.model.store import demo_model, load_model
from fanpin_risk.records.read import read_register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.synthetic import make_register

pytest.importorskip("duckdb")

KEY = b"a key for tests, sixteen bytes and more"


def plain_ids(frame):
    """Return a table with its ids as texts, not as dictionary."""
    ids = {name: frame[name].astype("str") for name in frame if name.endswith("_id")}
    return frame.assign(**ids)


def pack_and_compare(folder, out, *, max_households=3, names_too=True, **options):
    """Pack a folder, hold every result to what read_register finds in the same files, and return summary and register."""
    whole = read_register(folder, **options)
    summary = pack(folder, out, max_households=max_households, threads=1, memory="500MB", **options)
    manifest = layout.read_manifest(out)
    assert set(manifest.tables) == whole.supplied
    assert manifest.source == whole.source
    for name, counts in manifest.rows.items():
        wanted = whole.counts.loc[name]
        assert counts["read"] == counts["kept"] + counts["rejected"]
        assert [counts["read"], counts["kept"], counts["rejected"]] == wanted.iloc[:3].tolist()
        assert summary.rows.loc[name, "records"] == wanted["records"]
        assert summary.rows.loc[name, "filled"] == whole.recorded_at_filled.get(name, 0)
    problems = pd.read_parquet(out / "problems.parquet")
    pd.testing.assert_frame_equal(problems, whole.problems, check_dtype=False)
    assert dict(summary.problems) == whole.problems["severity"].value_counts().to_dict()
    for name in TABLES:
        file = out / "rejected" / f"{name}.parquet"
        rejected = whole.rejected_rows.get(name, pd.DataFrame())
        assert file.exists() == (len(rejected) > 0)
        if len(rejected):
            got = pd.read_parquet(file)
            assert list(got) == list(rejected)
            for label in rejected:
                pd.testing.assert_series_equal(_texts(got[label]), _texts(rejected[label]), check_names=False)
    seen = []
    records = dict.fromkeys(manifest.tables, 0)
    for partition in manifest.partitions:
        part = layout.read_partition(out, partition)
        ids = part.tables["households"]["household_id"].astype("str").unique()
        seen += list(ids)
        chosen = whole.select(ids)
        assert partition.households == len(ids) > 0
        for name in manifest.tables:
            records[name] += len(chosen.tables[name])
            pd.testing.assert_frame_equal(
                plain_ids(part.tables[name]), chosen.tables[name], obj=f"{partition.name} {name}"
            )
    assert sorted(seen) == sorted(whole.tables["households"]["household_id"].unique())
    for name in {"members", "incomes", "shocks", "monitoring"} & set(manifest.tables):
        if name != "members":
            assert records[name] == len(whole.tables[name])
    if names_too:
        names = layout.partition_names(whole.tables["households"], max_households=max_households)
        assert sorted(names.unique()) == [partition.name for partition in manifest.partitions]
    if manifest.observed_until:
        assert manifest.observed_until == str(whole.observed_until.date())
    assert [entry.name for entry in out.parent.iterdir() if entry.name.startswith(f".{out.name}")] == []
    return summary, whole


@pytest.mark.parametrize(
    "layout_options",
    [
        {"format": "csv"},
        {"format": "parquet"},
        {"format": "xlsx", "headers": "zh"},
        {"format": "csv", "headers": "zh", "encoding": "gb18030"}
        | dict.fromkeys(("wide_incomes", "title_rows", "units", "total_row"), True),
    ],
    ids=["csv", "parquet", "xlsx", "wide"],
)  # fmt: skip
def test_every_kind_of_file_is_packed_as_it_is_read(tmp_path, layout_options):
    """Plain and Chinese csv, wide incomes with titles and totals, Parquet and workbooks give the tables that reading gives."""
    folder = make_register(24, 3).to_folder(tmp_path / "files", **layout_options)
    summary, whole = pack_and_compare(folder, tmp_path / "packed", max_households=12)
    assert summary.households == len(whole.tables["households"]["household_id"].unique()) == 24


# --- messy files --------------------------------------------------------------------------------------------------

COUNTIES = ["211225101201", "211225", "530102003", "2112", "", "99x", "450502100"]
HOUSES = [f"h{n}" for n in range(9)]
PERSONS = [f"p{n}" for n in range(12)]


def messy_rows(chance, n, columns):
    """Return rows of cells drawn at random, some of them repeated, so that most rules have work."""
    rows = [[chance.choice(cells) for cells in columns] for _ in range(n)]
    return rows + [list(chance.choice(rows)) for _ in range(n // 4)]


def messy_tables(chance):
    """Return headers and rows of tables in which households and people are shared, lost, repeated and moved."""
    ids = [*HOUSES * 3, "h99", "", "11010519491231002X", "5.1E+17"]
    people = [*PERSONS * 3, "p99", "", "412.0"]
    days = ["2021", "2022", "2022-05", "2023-01-07", "20230601", "soon", "2150-01-01"]
    good_days = [*days[:5] * 4, *days]
    seen = ["", "2023-06-30", "2023-07-31", "2020"]
    return {
        "户信息": (["户编号", "姓名", "年度", "更新时间", "行政区划代码", "户类型", "家庭人口数", "房屋"],
                 messy_rows(chance, 26, [ids, ["某人"], good_days, seen, COUNTIES, ["脱贫户", "一般农户", "富户"], ["1", "2", ""], ["x"]])),
        "成员": (["人编号", "户编号", "年度", "更新时间", "与户主关系", "性别", "出生日期", "人员减少时间", "健康状况"],
               messy_rows(chance, 36, [people, ids, good_days, seen, ["户主", "配偶", "之子"], ["男", "女", "?"], ["1980", "2090"],
                                       ["", "", "2022-12"], ["健康", "残疾,慢病", "好"]])),
        "收入": (["户编号", "人编号", "年度", "工资性收入", "低保金（万元）", "生产经营性收入", "生产经营性支出"],
               messy_rows(chance, 24, [ids, ["", *people], good_days, ["", "100", "5000", "many"], ["", "0.1"], ["", "200"], ["", "0"]])),
        "就医": (["人编号", "结算日期", "就医类别", "医疗总费用", "基本医保报销", "个人自付"],
               messy_rows(chance, 24, [people, good_days, ["住院", "门诊", "?"], ["1000", "1e9999", ""], ["300", "2000"], ["", "700"]])),
        "监测对象": (["户编号", "识别监测时间", "监测对象类别", "风险类型1", "风险类型2"],
                 messy_rows(chance, 10, [ids, good_days, ["边缘易致贫户", "?"], ["因病", ""], ["因残", ""]])),
        "灾害": (["户编号", "人编号", "发生日期", "类型", "损失金额"],
               messy_rows(chance, 10, [ids, ["", *people], good_days, ["洪涝", "火灾", ""], ["100", "-1"]])),
    }  # fmt: skip


def write_csv(path, header, rows, *, encoding="utf-8", above=(), below=()):
    lines = [*above, ",".join(header), *(",".join(row) for row in rows), *below]
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))


@pytest.mark.parametrize("seed", range(4))
def test_messy_files_are_kept_and_rejected_as_on_the_whole(tmp_path, monkeypatch, seed):
    """Orphans, repeats, conflicts, moves, bad cells and rows that are none: same rows, same reasons, same tables."""
    chance = random.Random(seed)
    monkeypatch.setattr(pieces, "BLOCK_BYTES", chance.choice([97, 300, 10**6]))
    folder = tmp_path / "files"
    folder.mkdir()
    for name, (header, rows) in messy_tables(chance).items():
        half = len(rows) // 2
        oddities = [
            "合计,,,",
            ",".join("" for _ in header),
            ",".join(header),
            "h1,2023",
            'h3,"a',
            '"h4","2022"',
            "\0h1",
            "",
            "填表人：某人",
        ]
        chance.shuffle(oddities)
        below = oddities[: chance.randrange(len(oddities))]
        write_csv(
            folder / f"{name}1.csv", header, rows[:half], encoding=chance.choice(["utf-8-sig", "gb18030"]), below=below
        )
        if chance.random() < 0.5:
            frame = pd.DataFrame(rows[half:], columns=header).replace("", None)
            frame.to_parquet(folder / f"{name}2.parquet")
        else:
            order = list(range(len(header)))
            chance.shuffle(order)
            shuffled = [[row[position] for position in order] for row in rows[half:]]
            write_csv(
                folder / f"{name}2.csv",
                [header[position] for position in order],
                shuffled,
                above=["表,,"],
                below=below[:2],
            )
    options = chance.choice([{}, {"data_date": "2023-06-30"}, {"id_key": KEY}])
    summary, whole = pack_and_compare(folder, tmp_path / "packed", max_households=5, names_too=False, **options)
    assert summary.rows.loc["members", "rejected"] > 0
    assert len(whole.problems["code"].unique()) > 10


# --- what needs the whole -----------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """Households of three counties."""
    files = tmp_path / "files"
    files.mkdir()
    codes = ["211225101201", "530102003001", "450502100100"]
    write_csv(
        files / "户信息.csv",
        ["户编号", "年度", "行政区划代码", "家庭人口数"],
        [[f"h{n}", "2022", codes[n], "1"] for n in range(3)],
    )
    return files


def test_people_who_move_between_partitions_stand_in_both(folder, tmp_path):
    """All rows of a person are in every partition of theirs, and counted once, the rest as copies."""
    members = [
        ["p1", "h0", "2020"],
        ["p1", "h1", "2022"],
        ["p1", "h2", "2021"],
        ["p2", "h2", "2022"],
        ["p3", "h9", "2022"],
        ["p2", "h9", "2023"],
    ]
    write_csv(folder / "成员.csv", ["人编号", "户编号", "年度"], members)
    write_csv(
        folder / "就医.csv",
        ["人编号", "结算日期", "就医类别", "个人自付"],
        [["p1", "2022-03-01", "住院", "1"], ["p2", "2022-03-02", "住院", "1"]],
    )
    summary, _ = pack_and_compare(folder, tmp_path / "packed")
    assert summary.rows["copies"].to_dict() == {"households": 0, "members": 6, "medical": 2}
    assert summary.rows.loc["members", ["kept", "rejected"]].tolist() == [5, 1]


def test_rows_that_name_people_of_other_partitions(folder, tmp_path):
    """A person of another partition is known; one whose rows were all rejected is not."""
    write_csv(folder / "成员.csv", ["人编号", "户编号", "年度"], [["p1", "h0", "2020"], ["p2", "h1", "soon"]])
    write_csv(
        folder / "收入.csv",
        ["户编号", "人编号", "年度", "低保金"],
        [["h1", "p1", "2021", "5"], ["h0", "p2", "2021", "5"]],
    )
    _, whole = pack_and_compare(folder, tmp_path / "packed")
    assert (whole.problems["code"] == "person_elsewhere").sum() == 1


def test_conflicting_rows_in_different_partitions(folder, tmp_path):
    """Two rows of a person that contradict each other are found though their households are in different partitions."""
    write_csv(
        folder / "成员.csv",
        ["人编号", "户编号", "年度", "更新时间"],
        [["p1", "h0", "2020", "2020"], ["p1", "h1", "2020", "2020"]],
    )
    _, whole = pack_and_compare(folder, tmp_path / "packed")
    assert (whole.problems["code"] == "conflicting_rows").sum() == 2


def test_people_without_a_household_that_was_kept(folder, tmp_path):
    """Who moved out of the files, and whose earlier rows were rejected, belongs to no partition, as in a selection."""
    rows = [
        ["p1", "h0", "2020", "2020", "户主"],
        ["p1", "h0", "2020", "2020", "配偶"],
        ["p1", "h9", "2021", "2021", ""],
    ]
    write_csv(folder / "成员.csv", ["人编号", "户编号", "年度", "更新时间", "与户主关系"], rows)
    summary, _ = pack_and_compare(folder, tmp_path / "packed")
    assert summary.rows.loc["members", ["kept", "rejected"]].tolist() == [1, 2]


def test_households_without_members_where_others_have_some(folder, tmp_path):
    """The declared size of a household is compared with its members if there are any in the register at all."""
    write_csv(folder / "成员.csv", ["人编号", "户编号", "年度"], [["p1", "h1", "2020"]])
    _, whole = pack_and_compare(folder, tmp_path / "packed")
    assert (whole.problems["code"] == "size_differs").sum() == 2
    write_csv(folder / "成员.csv", ["人编号", "户编号", "年度"], [])
    _, whole = pack_and_compare(folder, tmp_path / "packed2")
    assert not len(whole.problems)


def test_numeric_ids_are_refused_by_the_whole_column(folder, tmp_path, monkeypatch):
    """A missing value anywhere in a column of whole numbers makes all of them doubtful, also in partitions without one."""
    monkeypatch.setattr(pieces, "BLOCK_ROWS", 1)
    write_csv(
        folder / "户信息2.csv", ["户编号", "年度", "行政区划代码"], [["41", "2022", "211225"], ["42", "2022", "530102"]]
    )
    frame = pd.DataFrame(
        {"户编号": pd.array([41, 42, None], dtype="Int64"), "识别监测时间": 2021, "监测对象类别": "边缘户"}
    )
    frame.to_parquet(folder / "监测.parquet")
    _, whole = pack_and_compare(folder, tmp_path / "packed")
    assert whole.problems["code"].tolist().count("numeric_id") == 2
    frame.iloc[:2].astype({"户编号": "int64"}).to_parquet(folder / "监测.parquet")
    _, whole = pack_and_compare(folder, tmp_path / "packed2")
    assert whole.counts.loc["monitoring", "rows_kept"] == 2


def test_a_sheet_without_an_id_column_or_without_rows(folder, tmp_path):
    """Tables that lack what no row can do without are rejected row by row; empty ones are known as given."""
    write_csv(folder / "就学信息.csv", ["人编号", "学年", "学段", "就学状态"], [])
    write_csv(folder / "成员.csv", ["人编号", "年度"], [["p1", "2022"], ["p2", "2022"]])
    write_csv(folder / "其他.csv", ["甲", "乙"], [["1", "2"]])
    (folder / "支持.parquet").write_bytes(b"PAR1 and no more")
    (folder / "帮扶措施.csv").write_bytes(b"")
    _, whole = pack_and_compare(folder, tmp_path / "packed")
    assert whole.counts.loc["members", "rows_rejected"] == 2


# --- files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "newline"),
    [("utf-8", "\n"), ("utf-8-sig", "\r\n"), ("gb18030", "\n"), ("utf-16", "\r\n"), ("utf-8", "\r")],
)
def test_blocks_of_text_give_the_rows_of_the_whole(folder, tmp_path, monkeypatch, encoding, newline):
    """Wherever a block of a file ends, in a letter, a quoted cell or blank lines, its rows are those of the whole file."""
    text = '表\n户编号,年度,行政区划名称\n\nh5,2022,"甲\n乙"\nh6,2022,\n,,\nh7,2022,"丁""己"\nh8,2022\nh9,2022,"庚\nh10,2022,壬\n\n\n\0\n'
    (folder / "户信息2.csv").write_bytes(text.replace("\n", newline).encode(encoding))
    for number, size in enumerate((1, 64)):
        monkeypatch.setattr(pieces, "BLOCK_BYTES", size)
        pack_and_compare(folder, tmp_path / f"packed{number}")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_the_byte_order_is_that_of_the_mark(folder, tmp_path, monkeypatch, encoding):
    """UTF-16 and UTF-32 named without an order, or not named, are packed as they are read."""
    for file in folder.iterdir():
        file.write_bytes(f"\ufeff{file.read_text(encoding='utf-8')}".encode(encoding))
    monkeypatch.setattr(pieces, "BLOCK_BYTES", 7)
    for number, named in enumerate((None, encoding[:6])):
        summary, _ = pack_and_compare(folder, tmp_path / f"packed{number}", encoding=named)
        assert summary.households == 3


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are texts there")
def test_names_of_files_in_an_old_encoding_are_packed(folder, tmp_path):
    """What archives unpack to names in GB18030 is packed as it is read."""
    for name, text in {"户信息2.csv": "户编号,年度\nh8,soon\n", "收入.parquet": "no Parquet"}.items():
        (folder / os.fsdecode(name.encode("gb18030"))).write_text(text, encoding="utf-8")
    frame = pd.DataFrame({"人编号": ["p1"], "户编号": ["h1"], "年度": ["x"]})
    (folder / os.fsdecode(b"members\xb5.parquet")).write_bytes(frame.to_parquet())
    _, whole = pack_and_compare(folder, tmp_path / "packed")
    assert set(whole.problems["source"]) > {"户信息2.csv", "收入.parquet"}


def test_damaged_bytes_spoil_their_row_only(folder, tmp_path, monkeypatch):
    """A file of UTF-8 with a bad byte is read as such, whichever block the byte stands in."""
    rows = "".join(f"k{n},2022,村\n" for n in range(60)).encode().replace(b"k41,", b"k41\xff,")
    (folder / "户信息2.csv").write_bytes("户编号,年度,行政区划名称\n".encode() + rows)
    monkeypatch.setattr(pieces, "BLOCK_BYTES", 100)
    _, whole = pack_and_compare(folder, tmp_path / "packed", max_households=50)
    assert whole.problems["code"].tolist() == ["undecodable_bytes"]


def test_columns_of_rejected_rows_are_those_of_their_files(folder, tmp_path):
    """A file of which nothing was rejected has no say in their order."""
    write_csv(folder / "收入1.csv", ["低保金", "年度", "户编号"], [["1", "2022", "h0"]])
    write_csv(folder / "收入2.csv", ["户编号", "工资性收入", "年度"], [["h1", "5", "soon"]])
    write_csv(folder / "收入3.csv", ["年度", "低保金", "户编号", "更新时间"], [["2022", "?", "h1", ""]])
    _, whole = pack_and_compare(folder, tmp_path / "packed")
    assert whole.counts.loc["incomes", "rows_rejected"] == 2


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_file_without_rows_has_its_say_in_the_order_of_items(folder, tmp_path, kind):
    """The first file to name an item of income says where it stands in a row, also if it has none itself."""
    frame = pd.DataFrame({"户编号": [], "年度": [], "低保金": [], "工资性收入": []}, dtype="str")
    getattr(frame, f"to_{kind}")(folder / f"收入1.{kind}", index=False)
    write_csv(
        folder / "收入2.csv",
        ["户编号", "年度", "工资性收入", "低保金"],
        [["h0", "2022", "5", "6"], ["h1", "2022", "7", "8"]],
    )
    _, whole = pack_and_compare(folder, tmp_path / "packed")
    assert whole.tables["incomes"]["item"].tolist() == ["tr_dibao", "wage"] * 2


def test_typed_cells_come_through(folder, tmp_path):
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
    summary, whole = pack_and_compare(folder, tmp_path / "packed")
    assert whole.tables["members"]["health"].iloc[0] == "chronic;disabled"
    assert summary.rows.loc["members", "kept"] == 3


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "+08:00"])
def test_times_with_a_zone_are_packed_as_they_are_read(folder, tmp_path, unit, zone):
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
    _, whole = pack_and_compare(folder, tmp_path / "packed")
    day = "2023-01-01" if zone == "UTC" else "2023-01-02"
    assert str(whole.tables["incomes"]["recorded_at"].iloc[0].date()) == day
    assert whole.rejected_rows["incomes"]["更新时间"].astype("str").str.startswith(day).all()


def test_scores_of_shuffled_files_that_were_packed_are_those_of_the_files(tmp_path):
    """One huge county in buckets and households without a code, from files in any order: the same scores and reasons."""
    made = make_register(130, 4)
    households = made.tables["households"]
    number = pd.factorize(households["household_id"])[0]
    made.tables["households"] = households.assign(area_code=households["area_code"].mask(number % 8 == 0))
    whole = read_register(made.to_folder(tmp_path / "files", format="csv"))
    (tmp_path / "shuffled").mkdir()
    for file in (tmp_path / "files").glob("*.csv"):
        head, *lines = file.read_text(encoding="utf-8-sig").splitlines()
        random.Random(file.name).shuffle(lines)
        for part in range(2):
            text = "\n".join([head, *lines[part::2]])
            (tmp_path / f"shuffled/{file.stem}{part}.csv").write_text(text, encoding="utf-8")
    summary = pack(tmp_path / "shuffled", tmp_path / "packed", max_households=30, threads=1)
    assert summary.partitions == 5
    model = load_model(demo_model())
    for day in ("2022-12-31", "2024-12-31"):
        score_register(tmp_path / "packed", demo_model(), day, tmp_path / day, reasons=5)
        parts = pd.concat([pd.read_parquet(file) for file in (tmp_path / day / "parts").iterdir()])
        wanted = model.score(whole, day, top=5)
        parts = parts.sort_values("household_id", ignore_index=True).astype({"as_of": wanted["as_of"].dtype})
        pd.testing.assert_frame_equal(parts, wanted, check_exact=True)


# --- options ------------------------------------------------------------------------------------------------------


def test_large_counties_and_households_without_county_are_dealt_into_buckets(tmp_path):
    """Partitions have the names and households that the layout says, whatever the order of the rows."""
    folder = tmp_path / "files"
    folder.mkdir()
    rows = [[f"h{n}", "2022", "211225" if n < 20 else "530102" if n < 24 else ""] for n in range(30)]
    random.Random(1).shuffle(rows)
    write_csv(folder / "户信息.csv", ["户编号", "年度", "行政区划代码"], rows)
    summary, whole = pack_and_compare(folder, tmp_path / "packed", max_households=5)
    names = layout.partition_names(whole.tables["households"], max_households=5)
    for partition in layout.partitions_of(tmp_path / "packed"):
        own = layout.read_partition(tmp_path / "packed", partition).tables["households"]["household_id"]
        assert set(own.astype("str")) == set(names.index[names == partition.name])
    assert summary.partitions == 4 + 1 + 2


def test_equal_files_give_equal_bytes(folder, tmp_path):
    """Packing twice, with any memory and number of threads, gives the same manifest."""
    make_register(16, 5).to_folder(folder.parent / "made", format="csv")
    manifests = []
    for number, (threads, memory) in enumerate(((1, "300MB"), (2, "1GB"))):
        pack(folder.parent / "made", tmp_path / f"{number}", threads=threads, memory=memory, max_households=6)
        manifests.append((tmp_path / f"{number}" / "manifest.json").read_bytes())
    assert manifests[0] == manifests[1]


@pytest.mark.parametrize("name", ["h=1", "m=5", "sheet=1", "ord=1", "row=3"])
def test_names_of_folders_are_no_columns(folder, tmp_path, name):
    """A place such as year=2024/ is a place, whatever other programs make of it."""
    write_csv(
        folder / "成员.csv",
        ["人编号", "户编号", "年度"],
        [["p1", "h0", "2021"], ["p1", "h1", "2022"], ["p2", "h2", "soon"]],
    )
    (tmp_path / name).mkdir()
    summary, _ = pack_and_compare(folder, tmp_path / name / "packed")
    assert summary.rows.loc["members", ["copies", "rejected"]].tolist() == [2, 1]


def test_progress_tells_files_then_partitions(folder, tmp_path):
    """The caller hears of every file and of every partition."""
    told = []
    pack(folder, tmp_path / "packed", threads=1, progress=lambda *what: told.append(what))
    assert told == [(0, 1, "户信息.csv"), (1, 1, ""), (0, 3, "211225"), (1, 3, "450502"), (2, 3, "530102"), (3, 3, "")]


@pytest.mark.skipif(os.name != "posix", reason="no such names")
@pytest.mark.parametrize("name", ["really?", "a\\b"])
def test_a_path_that_duckdb_cannot_open_is_named_before_the_work(folder, tmp_path, name):
    """Raw rows cannot lie there; with a place for them elsewhere the register can."""
    with pytest.raises(InputError, match=r"choose a temp_dir \(--temp-dir\)"):
        pack(folder, tmp_path / name / "packed", threads=1)
    assert not (tmp_path / name).exists()
    assert pack(folder, tmp_path / name / "packed", threads=1, temp_dir=tmp_path).households == 3


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are texts there")
@pytest.mark.parametrize("option", ["out", "temp_dir"])
def test_a_path_that_is_not_utf8_is_named_before_the_work(folder, tmp_path, option):
    """No Parquet file can be made there."""
    place = tmp_path / os.fsdecode(b"\xb5\xe7")
    place.mkdir()
    places = {"out": tmp_path / "packed"} | {option: place}
    with pytest.raises(InputError, match=rf"the path of {option} is not UTF-8"):
        pack(folder, places.pop("out"), threads=1, **places)
    assert list(place.iterdir()) == []


def test_a_name_that_is_too_long_is_told(folder, tmp_path):
    """As the system tells it, in one line."""
    with pytest.raises(InputError, match=r"cannot pack into .*name too long"):
        pack(folder, tmp_path / ("x" * 300), threads=1)


@pytest.mark.parametrize("more", [b"h2,2021,6\n", b"h2,2021,\xff\xfe\n", None], ids=["rows", "damage", "removed"])
def test_a_file_that_changes_while_it_is_read_is_noticed(folder, tmp_path, monkeypatch, more):
    """Nobody gets a register of half the old file and half the new one."""
    file = folder / "收入.csv"
    write_csv(file, ["户编号", "年度", "工资性收入"], [["h1", "2022", "5"]] * 3)
    real = pieces._find_text_header

    def meanwhile(lines):
        if "工资性收入" in lines[0]:
            file.unlink() if more is None else file.write_bytes(file.read_bytes() + more)
        return real(lines)

    monkeypatch.setattr(pieces, "_find_text_header", meanwhile)
    with pytest.raises(InputError, match=r"收入\.csv was changed or removed while it was read"):
        pack(folder, tmp_path / "packed", threads=1)
    assert not (tmp_path / "packed").exists()


def test_what_is_there_is_not_overwritten_unasked(folder, tmp_path):
    """A packed register is replaced only on request, anything else never; a failed run leaves what was there."""
    out = tmp_path / "packed"
    pack(folder, out, threads=1)
    before = (out / "manifest.json").read_bytes()
    with pytest.raises(InputError, match="is a packed register already"):
        pack(folder, out, threads=1)
    (folder / "户信息.csv").write_text("户编号,年度\n,2022\n", encoding="utf-8")
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match="holds no csv"):
        pack(tmp_path / "none", out, threads=1, overwrite=True)
    assert (out / "manifest.json").read_bytes() == before
    pack(folder, out, threads=1, overwrite=True)
    assert layout.partitions_of(out) == ()
    with pytest.raises(InputError, match="holds other files"):
        pack(folder, tmp_path, threads=1, overwrite=True)
    with pytest.raises(InputError, match="is a file"):
        pack(folder, folder / "户信息.csv", threads=1)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["files", "none", "packed"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_households": 0}, "max_households is 0; expected a whole number of 1 or more"),
        ({"max_households": 2.5}, r"max_households is 2\.5; expected a whole number"),
        ({"max_households": True}, "max_households is True; expected a whole number"),
        ({"max_households": "40"}, "max_households is '40'; expected a whole number"),
        ({"memory": "much"}, "memory is 'much'; expected a size such as '500MB' or '2GB'"),
        ({"memory": "-1"}, "memory is '-1'; expected a size"),
        ({"memory": 2}, "memory is 2; expected a size"),
        ({"memory": "0GB"}, "memory is '0GB'; expected a size"),
        ({"threads": 0}, "threads is 0; expected a whole number of 1 or more"),
        ({"threads": True}, "threads is True; expected a whole number"),
        ({"temp_limit": "some"}, "temp_limit is 'some'; expected a size"),
        ({"temp_limit": 5}, "temp_limit is 5; expected a size"),
        ({"temp_limit": "²GB"}, "temp_limit is '²GB'; expected a size"),
        ({"temp_limit": "1KB"}, r"the raw rows take [0-9.]+ KB of temporary disk, more than the 1\.0 KB of temp_limit"),
        ({"overwrite": "no"}, "overwrite is 'no'; expected True or False"),
        ({"encoding": "klingon"}, "unknown encoding 'klingon'"),
        ({"id_key": b"short"}, "the id key has 5 bytes"),
        ({"temp_dir": "/nowhere/at/all"}, "temp_dir /nowhere/at/all is no folder"),
    ],
)
def test_odd_options_are_refused(folder, tmp_path, options, message):
    """An option that is none is named, with what was expected, and nothing is left behind."""
    with pytest.raises(InputError, match=message):
        pack(folder, tmp_path / "packed", **{"threads": 1, **options})
    assert [entry.name for entry in tmp_path.iterdir()] == ["files"]


def test_a_limit_of_the_temporary_disk_is_noticed_within_a_file(folder, tmp_path, monkeypatch):
    """One file of many gigabytes does not fill the disk before anybody looks."""
    monkeypatch.setattr(pieces, "BLOCK_BYTES", 5_000)
    write_csv(folder / "户信息2.csv", ["户编号", "年度"], [[f"k{n}", "2022"] for n in range(20_000)])
    taken, real = [], pieces._text_sheets

    def counted(*given):
        for sheet in real(*given):
            taken.append(sheet)
            yield sheet

    monkeypatch.setattr(pieces, "_text_sheets", counted)
    with pytest.raises(InputError, match=r"more than the 100\.0 KB of temp_limit; raise it \(--temp-limit\)"):
        pack(folder, tmp_path / "packed", threads=1, temp_limit="100KB")
    assert 1 < len(taken) < 30


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (
            {"memory": 10**7, "temp_limit": 10**5},
            "more temporary disk than temp_limit=9GB allows; raise it (--temp-limit)",
        ),
        (
            {"memory": 10**5, "temp_limit": None},
            "memory=8GB does not suffice for joining and sorting; allow more (--memory)",
        ),
    ],
    ids=["disk", "memory"],
)
def test_the_limits_duckdb_met_are_named(tmp_path, limits, message):
    """DuckDB's own words name settings that a user of this package never gave."""
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as connection:
        pack_module._configure(connection, tmp_path, threads=1, **limits)
        with pytest.raises(duckdb.OutOfMemoryException) as met:
            connection.execute("CREATE TABLE t AS SELECT md5(range::VARCHAR) a FROM range(1_000_000) ORDER BY a")
    assert message in pack_module._why_duckdb_stopped(met.value, "8GB", "9GB", "full disk")
    if limits["temp_limit"]:
        assert pack_module._why_duckdb_stopped(met.value, "8GB", None, "full disk") == "full disk"


def test_a_memory_limit_that_does_not_suffice_is_named(folder, tmp_path):
    """What to do is said in the options of this package, and nothing is left behind."""
    with pytest.raises(
        InputError, match=r"cannot pack files: memory=100KB does not suffice .* allow more \(--memory\)"
    ):
        pack(folder, tmp_path / "packed", threads=1, memory="100KB")
    assert [entry.name for entry in tmp_path.iterdir()] == ["files"]


@pytest.mark.parametrize(
    "who",
    [
        "fanpin_risk.batch.pack._Packing._sort",
        "pyarrow.parquet.ParquetWriter.write_table",
        "fanpin_risk.batch.pack._flush",
    ],
)
def test_a_full_disk_is_named_as_such(folder, tmp_path, monkeypatch, who):
    """Whoever meets it, the message names the places and what to do, and what was there stays."""
    duckdb = pytest.importorskip("duckdb")
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def stop(*_, **__):
        raise duckdb.IOException(f'Could not write file "x": {full.strerror}') if who.endswith("_sort") else full

    out = tmp_path / "out/packed"
    pack(folder, out, threads=1)
    before = (out / "manifest.json").read_bytes()
    monkeypatch.setattr(who, stop)
    (tmp_path / "temporary").mkdir()
    with pytest.raises(
        InputError, match=r"the disk of \S+temporary or \S+out is full; make room there, or choose a temp_dir"
    ):
        pack(folder, out, threads=1, overwrite=True, temp_dir=tmp_path / "temporary")
    assert (out / "manifest.json").read_bytes() == before
    assert list((tmp_path / "temporary").iterdir()) == []
    assert [entry.name for entry in out.parent.iterdir()] == ["packed"]


@pytest.mark.parametrize(
    "damage", [b"", b"{", b'{"format": "something else"}'], ids=["empty", "cut off", "another format"]
)
def test_a_packed_register_with_a_damaged_manifest_is_replaced_on_request(folder, tmp_path, damage):
    """The advice to pack again can be followed."""
    out = tmp_path / "packed"
    pack(folder, out, threads=1)
    whole = (out / "manifest.json").read_bytes()
    (out / "manifest.json").write_bytes(damage)
    with pytest.raises(InputError, match="is a packed register already"):
        pack(folder, out, threads=1)
    pack(folder, out, threads=1, overwrite=True)
    assert (out / "manifest.json").read_bytes() == whole


def test_what_a_user_keeps_in_a_packed_register_is_not_overwritten(folder, tmp_path):
    """Results or notes laid there would go with it."""
    out = tmp_path / "packed"
    pack(folder, out, threads=1)
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="holds other files; choose a new folder"):
        pack(folder, out, threads=1, overwrite=True)
    assert (out / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_registers_without_households_are_refused_as_in_reading(folder, tmp_path):
    """No households at all, or none that can be told apart: the same error as on reading."""
    (folder / "户信息.csv").unlink()
    for name, text in (("户信息.csv", "户编号,年度\n5.1E+17,2022\n"), ("成员.csv", "人编号,户编号,年度\np1,h1,2022\n")):
        (folder / name).write_text(text, encoding="utf-8")
        with pytest.raises(SchemaError) as reading:
            read_register(folder)
        with pytest.raises(SchemaError) as packing:
            pack(folder, tmp_path / "packed", threads=1)
        assert str(packing.value) == str(reading.value)
        (folder / name).unlink()


def test_duckdb_is_asked_for_by_name(folder, tmp_path, monkeypatch):
    """Without DuckDB the error says what to install."""
    real = builtins.__import__

    def without(name, *rest, **more):
        if name == "duckdb":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingPackageError, match='python -m pip install "duckdb>='):
        pack(folder, tmp_path / "packed")


def test_travellers_and_orphans_in_batches(folder, tmp_path, monkeypatch):
    """However many people moved and however many rows belong nowhere, batches of them give the same result."""
    monkeypatch.setattr(pack_module, "TRAVELLERS_PER_BATCH", 2)
    monkeypatch.setattr(pack_module, "ORPHANS_PER_BUCKET", 3)
    rng = np.random.default_rng(0)
    members = [[f"p{n % 9}", f"h{rng.integers(5)}", str(2015 + n % 7)] for n in range(40)]
    write_csv(folder / "成员.csv", ["人编号", "户编号", "年度"], members)
    write_csv(
        folder / "就医.csv",
        ["人编号", "结算日期", "就医类别", "个人自付"],
        [[f"p{n % 12}", f"2022-03-{n + 1:02d}", "住院", "1"] for n in range(20)],
    )
    summary, _ = pack_and_compare(folder, tmp_path / "packed")
    assert (summary.rows["copies"][["members", "medical"]] > 0).all()
