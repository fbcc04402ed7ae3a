"""Packing large files into partitions decides as reading them whole does."""

import errno
import os
import random

import pandas as pd
import pytest
import xlsxwriter

from fanpin_risk.batch.pack import pack
from fanpin_risk.batch.packing import chunks
from fanpin_risk.batch.score import score_register
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.model.store import demo_model, load_model
from fanpin_risk.records.read import read_register
from fanpin_risk.synthetic import make_register

pytest.importorskip("duckdb")


KEY = b"a key for tests, sixteen bytes and more"


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
def test_every_kind_of_file_is_packed_as_it_is_read(packed_files, tmp_path, layout_options):
    """Plain and Chinese csv, wide incomes with titles and totals, Parquet and workbooks give the tables that reading gives."""
    folder = make_register(24, 3).to_folder(tmp_path / "files", **layout_options)
    summary, whole = packed_files.compare(folder, tmp_path / "packed", max_households=12)
    assert summary.households == len(whole.tables["households"]["household_id"].unique()) == 24


def test_dates_are_taken_from_where_reading_takes_them(packed_files, tmp_path):
    """Names of folders and files, dates of single files and the lag of what is known give the same rows and notes."""
    for place, text in (
        ("2024年3月/户信息.csv", "户编号,户类型\nh1,脱贫户\nh2,一般农户\n"),
        ("2024年3月/家庭成员.csv", "人编号,户编号\np1,h1\np2,h2\n"),
        ("收入2022.csv", "户编号,工资性收入\nh1,9000\nh2,8000\n"),
        ("收入.csv", "户编号,工资性收入\nh1,9100\nh2,\n"),
    ):
        (tmp_path / "files" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "files" / place).write_text(text, encoding="utf-8")
    options = {"data_date": {"收入.csv": 2023}, "known_lag_days": 5}
    _, whole = packed_files.compare(tmp_path / "files", tmp_path / "packed", **options)
    assert whole.tables["incomes"]["recorded_at"].dt.strftime("%F").unique().tolist() == ["2024-01-05", "2023-01-05"]
    with pytest.raises(InputError, match=r"names none\.csv"):
        pack(tmp_path / "files", tmp_path / "again", data_date={"none.csv": 2023})


def test_consumption_lines_statuses_and_ages_are_packed_as_they_are_read(packed_files, tmp_path):
    """A survey's own columns: totals of consumption with a part, a line of the household, a status, ages and birth years."""
    (tmp_path / "files").mkdir()
    for name, text in (
        ("households", ["household_id,valid_from,below_line,tenure,rooms,assets,coping",
                        "h1,2020-06-30,yes,rented,2,car;phone,none", "h1,2021-06-30,no,,,,", "h2,2020-06-30,,owned,4,none,borrowed"]),
        ("members", ["household_id,member_id,valid_from,age,birth_date", "h1,p1,2020-06-30,40,", "h2,p2,2020-06-30,,1980",
                     "h2,p3,2020-06-30,3,2017-02-01"]),
        ("incomes", ["household_id,年度,consumption,consumption_food,household_line,wage", "h1,2020,9000,4000,7000,",
                     "h2,2020,,,12000,15000"]),
    ):  # fmt: skip
        (tmp_path / "files" / f"{name}.csv").write_text("\n".join(text), encoding="utf-8")
    _, whole = packed_files.compare(tmp_path / "files", tmp_path / "packed", max_households=1)
    incomes = whole.tables["incomes"]
    assert sorted(zip(incomes["household_id"], incomes["item"].astype("str"), incomes["amount_cny"], strict=True)) == [
        ("h1", "consumption_food", 4000.0), ("h1", "consumption_other", 5000.0), ("h1", "household_line", 7000.0),
        ("h2", "household_line", 12000.0), ("h2", "wage", 15000.0),
    ]  # fmt: skip
    members = whole.tables["members"]
    assert members["birth_date"].dt.strftime("%F").tolist() == ["1979-12-01", "1980-01-01", "2017-02-01"]
    assert members["birth_year_only"].fillna(False).tolist() == [True, True, False]


def test_money_that_is_hidden_or_only_called_by_months_is_packed_as_it_is_read(packed_files, tmp_path):
    """Columns that a workbook hides, months without an item, and a list in which households have different months."""
    files = make_register(24, 3).to_folder(tmp_path / "files", format="csv", headers="zh")
    ids = sorted(read_register(files).tables["households"]["household_id"].unique())
    with xlsxwriter.Workbook(str(files / "收入.xlsx")) as book:
        sheet = book.add_worksheet("家庭收入")
        sheet.set_column(2, 2, None, None, {"hidden": True})
        rows = [[home, 2022, n * 100 if n % 3 else "", 9000] for n, home in enumerate(ids)]
        for number, row in enumerate([["户编号", "年度", "转移性收入", "工资性收入"], *rows]):
            sheet.write_row(number, 0, row)
    months = ",".join(f"{month}月" for month in range(1, 13))
    for name, homes in (("收入2022", ids[:5]), ("养老金2022", ids[5:9])):
        rows = [f"户编号,年度,{months}", *(f"{home},2022,{','.join(['100'] * 12)}" for home in homes)]
        (files / f"{name}.csv").write_text("\n".join(rows), encoding="utf-8")
    rows = [f"{home},2022,低保金,100,{month}月" for n, home in enumerate(ids[9:]) for month in range(1, 13 - n % 2)]
    (files / "逐月收入.csv").write_text("\n".join(["户编号,年度,收入项目,金额,月份", *rows]), encoding="utf-8")
    _, whole = packed_files.compare(files, tmp_path / "packed", max_households=7)
    codes = whole.problems["code"].value_counts()
    assert codes["money_not_read"] > len(ids) // 2
    assert codes["part_of_year"] > 0


def test_amounts_that_are_doubted_are_packed_as_they_are_read(packed_files, tmp_path):
    """Units, years side by side, amounts per person, columns that are not understood and cells that cannot be used."""
    files = make_register(24, 3).to_folder(tmp_path / "files", format="csv", headers="zh")
    ids = read_register(files).tables["households"]["household_id"].unique()
    rows = [
        f"{home},{n}万,{n * 100},{n},{'不详' if n % 5 == 0 else n},{n * 7},{n % 3 * 50}" for n, home in enumerate(ids)
    ]
    header = "户编号,2021年工资性收入,2022年工资性收入（分）,2022年低保金（元/人）,2022年养老金,土特产收入,转移性收入（美元）"
    (files / "历年收入.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    packed_files.compare(files, tmp_path / "packed", max_households=12)


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


@pytest.mark.parametrize("seed", range(4))
def test_messy_files_are_kept_and_rejected_as_on_the_whole(packed_files, tmp_path, monkeypatch, seed):
    """Orphans, repeats, conflicts, moves, bad cells and rows that are none: same rows, same reasons, same tables."""
    chance = random.Random(seed)
    monkeypatch.setattr(chunks, "BLOCK_BYTES", chance.choice([97, 300, 10**6]))
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
        packed_files.write_csv(
            folder / f"{name}1.csv", header, rows[:half], encoding=chance.choice(["utf-8-sig", "gb18030"]), below=below
        )
        if chance.random() < 0.5:
            frame = pd.DataFrame(rows[half:], columns=header).replace("", None)
            frame.to_parquet(folder / f"{name}2.parquet")
        else:
            order = list(range(len(header)))
            chance.shuffle(order)
            shuffled = [[row[position] for position in order] for row in rows[half:]]
            packed_files.write_csv(
                folder / f"{name}2.csv",
                [header[position] for position in order],
                shuffled,
                above=["表,,"],
                below=below[:2],
            )
    options = chance.choice([{}, {"data_date": "2023-06-30"}, {"id_key": KEY}])
    summary, whole = packed_files.compare(folder, tmp_path / "packed", max_households=5, names_too=False, **options)
    assert summary.rows.loc["members", "rejected"] > 0
    assert len(whole.problems["code"].unique()) > 10


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
        score_register(tmp_path / "packed", demo_model(), day, tmp_path / day, n_reasons=5)
        parts = pd.concat([pd.read_parquet(file) for file in (tmp_path / day / "parts").iterdir()])
        wanted = model.score(whole, day, n_reasons=5)
        parts = parts.sort_values("household_id", ignore_index=True).astype({"as_of": wanted["as_of"].dtype})
        pd.testing.assert_frame_equal(parts, wanted, check_exact=True)


def test_equal_files_give_equal_bytes(folder, tmp_path):
    """Packing twice, with any memory and number of threads, gives the same manifest."""
    make_register(16, 5).to_folder(folder.parent / "made", format="csv")
    manifests = []
    for number, (threads, memory) in enumerate(((1, "300MB"), (2, "1GB"))):
        pack(folder.parent / "made", tmp_path / f"{number}", threads=threads, memory=memory, max_households=6)
        manifests.append((tmp_path / f"{number}" / "manifest.json").read_bytes())
    assert manifests[0] == manifests[1]


@pytest.mark.parametrize("name", ["h=1", "m=5", "sheet=1", "ord=1", "row=3"])
def test_names_of_folders_are_no_columns(packed_files, folder, tmp_path, name):
    """A place such as year=2024/ is a place, whatever other programs make of it."""
    packed_files.write_csv(
        folder / "成员.csv",
        ["人编号", "户编号", "年度"],
        [["p1", "h0", "2021"], ["p1", "h1", "2022"], ["p2", "h2", "soon"]],
    )
    (tmp_path / name).mkdir()
    summary, _ = packed_files.compare(folder, tmp_path / name / "packed")
    assert summary.rows.loc["members", ["copies", "rejected"]].tolist() == [2, 1]


def test_progress_tells_files_then_partitions(folder, tmp_path):
    """The caller hears of every file and of every partition."""
    told = []
    pack(folder, tmp_path / "packed", threads=1, progress=lambda *what: told.append(what))
    assert told == [(0, 1, "户信息.csv"), (1, 1, ""), (0, 3, "211225"), (1, 3, "450502"), (2, 3, "530102"), (3, 3, "")]


def test_a_name_that_is_too_long_is_told(folder, tmp_path):
    """As the system tells it, in one line."""
    with pytest.raises(InputError, match=r"cannot read .*: the name is too long"):
        pack(folder, tmp_path / ("x" * 300), threads=1)


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
        ({"temp_dir": "/nowhere/at/all"}, "temp_dir .*/nowhere/at/all is not a folder"),
    ],
)
def test_odd_options_are_refused(folder, tmp_path, options, message):
    """An option that is none is named, with what was expected, and nothing is left behind."""
    with pytest.raises(InputError, match=message):
        pack(folder, tmp_path / "packed", **{"threads": 1, **options})
    assert [entry.name for entry in tmp_path.iterdir()] == ["files"]


@pytest.mark.parametrize(
    "who",
    [
        "fanpin_risk.batch.pack.sort_by_partition",
        "pyarrow.parquet.ParquetWriter.write_table",
        "fanpin_risk.batch.pack.flush_folder",
    ],
)
def test_a_full_disk_is_named_as_such(folder, tmp_path, monkeypatch, who):
    """Whoever meets it, the message names the places and what to do, and what was there stays."""
    duckdb = pytest.importorskip("duckdb")
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def stop(*_, **__):
        raise duckdb.IOException(f'Could not write file "x": {full.strerror}') if who.endswith("partition") else full

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


def test_registers_without_households_are_refused_as_in_reading(folder, tmp_path):
    """No households at all, or none that can be told apart: the same error as on reading."""
    (folder / "户信息.csv").unlink()
    for name, text in (("户信息.csv", "户编号,年度\n5.1E+17,2022\n"), ("成员.csv", "人编号,年度\np1,2022\n")):
        (folder / name).write_text(text, encoding="utf-8")
        with pytest.raises(SchemaError) as reading:
            read_register(folder)
        with pytest.raises(SchemaError) as packing:
            pack(folder, tmp_path / "packed", threads=1)
        assert str(packing.value) == str(reading.value)
        (folder / name).unlink()


def test_counties_are_known_by_names_where_there_are_no_codes(packed_files, tmp_path):
    """Names alone make the partitions: a county of the table has that of its code, another one of its own."""
    files = tmp_path / "files"
    files.mkdir()
    counties = ["开原市", "西丰县", "虚拟县", ""]
    packed_files.write_csv(
        files / "户信息.csv",
        ["户编号", "年度", "县", "乡", "村"],
        [[f"h{n:02d}", "2022", counties[n % 4], "甲镇", "沙河村"] for n in range(12)],
    )
    packed_files.write_csv(
        files / "家庭成员.csv",
        ["人编号", "户编号", "年度", "务工所在地"],
        [[f"p{n:02d}", f"h{n:02d}", "2022", ["大连", "甲镇", "江苏省苏州市"][n % 3]] for n in range(12)],
    )
    summary, whole = packed_files.compare(files, tmp_path / "packed", max_households=50)
    names = sorted(entry.name for entry in (tmp_path / "packed/partitions").iterdir())
    assert names[:2] == ["211223", "211282"]
    assert [len(name) for name in names[2:]] == [11, len("none-00")]
    assert summary.partitions == 4
    assert {"outside", "province", "township"} == set(whole.tables["members"]["work_place"].dropna())
    assert "unknown_place" in set(whole.problems["code"])


def test_measures_in_columns_are_packed_as_they_are_read(packed_files, tmp_path):
    """A column for each measure gives the same supports from files and from partitions."""
    files = tmp_path / "files"
    files.mkdir()
    header = ["户编号", "人编号", "年度", "与户主关系", "行政区划代码", "产业帮扶", "就业帮扶"]
    rows = [
        [f"h{n}", f"p{n}{m}", "2022", "户主", f"21122{n % 3}", "是", "" if n % 2 else "√"]
        for n in range(9)
        for m in range(2)
    ]
    packed_files.write_csv(files / "全县.csv", header, rows)
    _, whole = packed_files.compare(files, tmp_path / "packed", max_households=50)
    assert len(whole.tables["supports"]) == 9 + 5


def test_a_register_without_incomes_can_ask_for_a_share_that_is_kept(folder, tmp_path):
    """The share is that of households; a table that was not given lacks nothing."""
    summary = pack(folder, tmp_path / "packed", least_kept=0.5, threads=1)
    assert list(summary.rows.index) == ["households"]
