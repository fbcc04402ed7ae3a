"""The columns file: what an office says of its headers, sheets, values, units and signs, and how wrong rows are told."""

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import InputError
from fanpin_risk.records.read.column_map import COLUMNS_FILE, ColumnMap
from fanpin_risk.records.sheets import SheetHead

HOUSEHOLDS = "农户标识X,年度,家庭情况Z,危房X\nh1,2023,穷户,是\nh2,2023,普通农户,否\n"
MEMBERS = "人的码,农户标识X,年度,角色,健康状况\np1,h1,2023,户主,健康\np2,h2,2023,当家的,长期慢性病、肝病\n"
MONEY = "农户标识X,年度,打工赚的钱（万元）,补贴A,补贴B,成本\nh1,2023,1.5,500,500,-300\nh2,2023,2,100,,-200\n"
COLUMNS = """工作表,表头,单元格内容,表,含义,单位,方向,建议,说明
,农户标识X,,,户编号,,,,
,家庭情况Z,,,户类型,,,,
,家庭情况Z,穷户,,脱贫户,,,,
,危房X,,,住房安全,,,,
,人的码,,,人编号,,,,
成员X*,角色,,,与户主关系,,,,
,角色,当家的,,户主,,,,
,健康状况,肝病,,患有大病,,,,
,打工赚的钱（万元）,,,务工收入,,,,
,补贴A,,,其他转移性收入,,,,
,补贴B,,,其他转移性收入,,,,
,成本,,,生产经营性支出,,相反,,
,没有的列,,,忽略,,,,
"""


@pytest.fixture
def folder(tmp_path):
    """A register none of whose ids is known by its header."""
    for name, text in (("户信息", HOUSEHOLDS), ("成员X", MEMBERS), ("钱", MONEY)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def head(*headers, **more):
    return SheetHead(**{"file": "a.csv", "source": "a.csv", "headers": list(headers), **more})


def rows(*lines):
    return pd.DataFrame(
        [line.split(",") for line in lines], columns=["工作表", "表头", "单元格内容", "表", "含义", "单位", "方向"]
    )


def test_a_register_of_an_office_s_own_words_is_read(folder):
    """Headers, values, parts of lists, units, signs and sums: all as the file beside the register says."""
    with pytest.raises(fr.FanpinError):
        fr.read_register(folder)
    (folder / COLUMNS_FILE).write_text(COLUMNS, encoding="gb18030")
    tables = fr.read_register(folder).tables
    assert tables["households"]["register_status"].tolist() == ["ex_poor", "general"]
    assert tables["households"]["unsafe_house"].tolist() == [False, True]
    assert tables["members"]["relation"].tolist() == ["head", "head"]
    assert tables["members"]["health"].tolist() == ["healthy", "chronic;serious"]
    amounts = tables["incomes"].pivot_table(index="household_id", columns="item", values="amount_cny", observed=True)
    assert amounts.loc["h1", ["wage", "tr_other"]].tolist() == [15_000, 1_000]  # two equal amounts are two


def test_the_use_of_the_file_is_told(folder):
    """Also which of its rows met nothing, for a slip in a header would be found nowhere else."""
    (folder / COLUMNS_FILE).write_text(COLUMNS, encoding="utf-8-sig")
    problems = fr.read_register(folder).problems.set_index("code")
    assert "9 headers and 3 values" in problems.loc["columns_file", "message"]
    assert problems.loc["columns_file_idle", "message"].endswith(": 14")


@pytest.mark.parametrize("inside", [True, False])
def test_a_file_that_is_named_is_no_part_of_the_register(folder, tmp_path_factory, inside):
    """Wherever it lies; and so is a frame."""
    file = (folder if inside else tmp_path_factory.mktemp("else")) / "对照.csv"
    file.write_text(COLUMNS, encoding="utf-8")
    one = fr.read_register(folder, columns=file)
    assert not one.problems["source"].isin(["unknown_sheet"]).any()
    assert "对照.csv" not in set(one.problems.loc[one.problems["code"] == "unknown_sheet", "source"])
    if not inside:
        other = fr.read_register(folder, columns=pd.read_csv(file, dtype=str))
        for name, frame in one.tables.items():
            pd.testing.assert_frame_equal(frame, other.tables[name])


def test_packing_reads_the_same(folder):
    """With the same file, the same rows and the same problems."""
    pytest.importorskip("duckdb")
    from fanpin_risk.batch.layout import partitions_of
    from fanpin_risk.batch.partition_files import read_partition

    (folder / COLUMNS_FILE).write_text(COLUMNS, encoding="utf-8")
    whole = fr.read_register(folder)
    out = folder.parent / f"{folder.name} packed"
    fr.pack(folder, out, threads=1)
    (partition,) = partitions_of(out)
    packed = read_partition(out, partition)
    for name in ("households", "members", "incomes"):
        one, other = (
            sorted(map(str, register.tables[name].astype("str").fillna("").to_numpy().tolist()))
            for register in (whole, packed)
        )
        assert one == other
    problems = pd.read_parquet(out / "problems.parquet")
    assert sorted(problems["message"]) == sorted(whole.problems["message"])


def test_values_of_typed_columns_are_replaced(tmp_path):
    """Numbers of a Parquet file are values like any other."""
    pytest.importorskip("duckdb")
    pd.DataFrame({"户编号": ["h1", "h2"], "年度": [2023, 2023], "户类型": [7, 8]}).to_parquet(
        tmp_path / "户信息.parquet"
    )
    mapped = rows(",户类型,7,,脱贫户,,", ",户类型,8,,空,,")
    register = fr.read_register(tmp_path, columns=mapped)
    assert register.tables["households"]["register_status"].astype(object).where(
        lambda s: s.notna(), None
    ).tolist() == ["ex_poor", None]
    assert not register.problems["code"].eq("unknown_code").any()
    summary = fr.pack(tmp_path, tmp_path / "packed", threads=1, columns=mapped)
    assert summary.rows.loc["households", "kept"] == 2


@pytest.mark.parametrize(
    ("unit", "sign", "cell", "amount"),
    [("万元", "", "1.5", 15_000), ("", "", "15000", 15_000), ("100", "", "150", 15_000), ("万元", "相反", "-1.5", 15_000),
     ("", "相反", "-1.5万元", 15_000)],
)  # fmt: skip
def test_units_and_signs(tmp_path, unit, sign, cell, amount):
    """A unit by name or as a number; a sign that is turned also where the cell has a unit of its own."""
    (tmp_path / "户信息.csv").write_text(f"户编号,年度,欠的钱\nh1,2023,{cell}\n", encoding="utf-8")
    register = fr.read_register(tmp_path, columns=rows(f",欠的钱,,,家庭负债,{unit},{sign}"))
    assert register.tables["households"]["debt_cny"].tolist() == [amount]


def test_a_flag_is_turned(tmp_path):
    """Yes is no."""
    (tmp_path / "户信息.csv").write_text("户编号,年度,饮水有问题吗\nh1,2023,是\nh2,2023,否\n", encoding="utf-8")
    register = fr.read_register(tmp_path, columns=rows(",饮水有问题吗,,,饮水安全,,相反"))
    assert register.tables["households"]["safe_water"].tolist() == [False, True]


def test_a_doubtful_sheet_is_shown_and_can_be_refused(tmp_path):
    """A part of a name (务工月监测) puts a sheet into a table only until the office says otherwise."""
    (tmp_path / "户信息.csv").write_text("户编号,年度\nh1,2023\nh2,2023\n", encoding="utf-8")
    (tmp_path / "务工月监测9月.csv").write_text("户编号,年度,务工类型\nh1,2023,外出\n", encoding="utf-8")
    told = fr.read_register(tmp_path).problems
    assert told.loc[told["code"] == "likely_table", "source"].tolist() == ["务工月监测9月.csv"]
    for say, code in (("忽略", "ignored_sheet"), ("按表头", "unknown_sheet")):
        refused = fr.read_register(tmp_path, columns=rows(f"务工月监测*,,,{say},,,"))
        assert refused.counts.loc["monitoring", "rows_read"] == 0
        assert code in set(refused.problems["code"])
        assert "likely_table" not in set(refused.problems["code"])


def test_a_sheet_is_given_its_table(tmp_path):
    """What neither its name nor its headers tell."""
    (tmp_path / "户信息.csv").write_text("户编号,年度\nh1,2023\n", encoding="utf-8")
    (tmp_path / "甲.csv").write_text("户编号,结束日期,事由\nh1,2023-09-01,x\n", encoding="utf-8")
    register = fr.read_register(tmp_path, columns=rows("甲,,,帮扶措施,,,"))
    assert register.counts.loc["supports", "rows_read"] == 1


def test_what_is_said_of_one_sheet_wins():
    """Over what is said of all."""
    mapped = ColumnMap.from_frame(rows(",码,,,人编号,,", "a.csv,码,,,户编号,,"))
    assert mapped.about(head("码")).headers_in("members") == ["户编号"]
    assert mapped.about(head("码", file="b.csv", source="b.csv")).headers_in("members") == ["人编号"]


def test_a_header_may_be_for_one_table():
    """Of the others it is no column; ids are of all."""
    mapped = ColumnMap.from_frame(rows(",低保,,家庭收入,低保金,,", ",码,,户基本信息,户编号,,"))
    said = mapped.about(head("码", "低保"))
    assert said.headers_in("incomes") == ["户编号", "低保"]  # what it says of itself
    assert said.headers_in("members") == ["户编号", ""]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (",码,,没有的表,户编号,,", "row 1, table: expected one of"),
        (",码,,,没有的列,,", "row 1, means: expected a column of some table"),
        (",码,,家庭成员,户类型,,", "row 1, means: expected a column of members"),
        (",码,,,户编号,亩,", "row 1, unit: expected nothing"),
        (",面积,,,耕地面积,斤,", "row 1, unit: expected one of"),
        (",码,,,户编号,,相反", "row 1, sign: expected nothing"),
        (",面积,,,耕地面积,,对", "row 1, sign: expected reversed"),
        (",户类型,穷,,穷苦,,", "row 1, means: expected one of"),
        (",,穷,,脱贫户,,", "row 1, header: expected the header"),
        (",,,家庭成员,,,", "row 1, sheet: expected the name"),
        ("甲,,,没有的表,,,", "row 1, table: expected one of"),
    ],
)
def test_a_row_that_cannot_be_understood_is_told(line, told):
    """With its number, its column and what was expected there."""
    with pytest.raises(InputError) as error:
        ColumnMap.from_frame(rows(line))
    assert told in str(error.value)


def test_all_wrong_rows_are_told_at_once(tmp_path):
    """And rows are counted as a spreadsheet shows them."""
    file = tmp_path / "c.csv"
    file.write_text("# made by hand\n表头,含义\n码,没有\n\n码,户编号\n码,人编号\n", encoding="utf-8")
    with pytest.raises(
        InputError, match=r"c\.csv: row 3, means: expected .*, row 6: expected the same as row 5"
    ) as error:
        ColumnMap.read(file)
    assert "第 3 行 含义：应为" in error.value.message.shown("zh")


def test_contents_are_changed_in_every_kind_of_column():
    """Texts that a reader keeps once, plain texts, and cells of any kind; what nothing changes stays the same object."""
    import pyarrow as pa

    from fanpin_risk.records.cells.contents import TEXTS, changed

    kept_once = pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([pa.array(["a", "b", "a"]).cast(TEXTS)])))
    for column in (kept_once, pd.Series(["a", "b", "a"], dtype="str"), pd.Series(["a", "b", "a"], dtype=object)):
        new = changed(column, lambda cell: "c" if cell == "a" else cell)
        assert (new.tolist(), new.dtype) == (["c", "b", "c"], column.dtype)
        assert changed(column, lambda cell: cell) is column


def test_another_file_is_refused(tmp_path):
    """A table that is not a columns file, and none at all."""
    (tmp_path / "a.csv").write_text("户编号,年度\n")
    with pytest.raises(InputError, match="is not a columns file"):
        ColumnMap.read(tmp_path / "a.csv")
    with pytest.raises(InputError, match="cannot read"):
        ColumnMap.read(tmp_path / "b.csv")


def test_frames_are_read_as_it_is_said():
    """The same headers, values, units and signs; without it frames are read as before."""
    frames = {"户基本信息": {"码": ["h1", "h2"], "年度": ["2023", "2023"], "情况": ["穷", "一般农户"], "欠": [-1.5, 0]}}
    mapped = rows(",码,,,户编号,,", ",情况,,,户类型,,", ",情况,穷,,脱贫户,,", ",欠,,,家庭负债,万元,相反")
    register = fr.read_register(frames, columns=mapped)
    households = register.tables["households"]
    assert households[["household_id", "debt_cny"]].to_numpy().tolist() == [["h1", 15_000.0], ["h2", 0.0]]
    assert households["register_status"].tolist() == ["ex_poor", "general"]
    with pytest.raises(fr.FanpinError):
        fr.read_register(frames)
    checked = fr.read_register(
        {"户基本信息": {"户编号": ["h1"], "年度": ["2023"], "家庭人口数量": ["2"]}}, checking=True
    )
    assert "≈ size_declared" in checked.problems["message"].iloc[0]
    with pytest.raises(fr.FanpinError, match="no households"):
        fr.read_register({"家庭成员": {"人编号": ["p1"], "户编号": ["h1"]}})
