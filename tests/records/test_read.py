"""Reading files as offices have them, whole and damaged."""

import os
import random
import sys

import pandas as pd
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fanpin_risk.errors import FanpinError, InputError, SchemaError
from fanpin_risk.records import read as readers
from fanpin_risk.records.read import read_register
from fanpin_risk.records.register import Register, conform
from fanpin_risk.records.schema import TABLES

HOUSEHOLDS = "户编号,年度,户类型\nh1,2023,脱贫户\nh2,2023,一般农户\n"
MEMBERS = "人编号,户编号,年度,与户主关系\np1,h1,2023,户主\np2,h1,2023,配偶\np3,h2,2023,户主\n"


@pytest.fixture
def folder(tmp_path):
    """A folder with two households and three members."""
    (tmp_path / "户信息.csv").write_bytes(HOUSEHOLDS.encode("gb18030"))
    (tmp_path / "members.csv").write_text(MEMBERS, encoding="utf-8-sig")
    return tmp_path


def read(path, **options):
    register = read_register(path, **options)
    counts = register.counts
    assert (counts["rows_read"] == counts["rows_kept"] + counts["rows_rejected"]).all()
    assert counts["records"].tolist() == [len(frame) for frame in register.tables.values()]
    for name, frame in register.tables.items():
        pd.testing.assert_frame_equal(frame, conform(name, frame))
        assert len(register.rejected_rows.get(name, ())) == counts.loc[name, "rows_rejected"]
    return register


def found(register):
    """Return what was found as (source, row, code)."""
    problems = register.problems[["source", "row", "code"]].itertuples(index=False)
    return [(source, None if pd.isna(row) else int(row), code) for source, row, code in problems]


def workbook(path, **sheets):
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)


# --- text -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-32"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_delimiters_and_line_ends(folder, encoding, delimiter, newline):
    """Text files are read whatever program and country they were saved by."""
    text = HOUSEHOLDS.replace(",", delimiter).replace("\n", newline)
    (folder / "户信息.csv").write_bytes(text.encode(encoding))
    register = read(folder)
    assert register.tables["households"]["register_status"].tolist() == ["ex_poor", "general"]
    assert not len(register.problems)


def test_encoding_can_be_forced(folder):
    """A named encoding is used; an unknown one is refused."""
    (folder / "户信息.csv").write_bytes(HOUSEHOLDS.encode("big5", errors="replace"))
    (folder / "members.csv").unlink()
    (folder / "x.csv").write_bytes("户编号,帮扶措施,开始时间\nh1,搬迁,2023\n".encode("utf-16-le"))
    with pytest.raises(InputError, match="unknown encoding 'klingon'"):
        read_register(folder, encoding="klingon")
    (folder / "户信息.csv").write_bytes(HOUSEHOLDS.encode("utf-16-le"))
    assert len(read(folder, encoding="utf-16-le").tables["supports"]) == 1


@pytest.mark.parametrize(
    "encoding", [5, True, b"utf-8", ["utf-8"], "", "utf\0", "hex", "rot13", "zlib", "idna", "undefined"]
)
def test_an_encoding_that_cannot_read_text_is_refused(folder, encoding):
    """Whatever was given, the message names it and says what is usual."""
    with pytest.raises(InputError, match=r"unknown encoding .*; usual ones are utf-8 and gb18030"):
        read_register(folder, encoding=encoding)


@pytest.mark.parametrize("named", ["utf-16", "UTF_16", "utf-32"])
def test_the_byte_order_is_that_of_the_mark(folder, named):
    """Named without an order, UTF-16 and UTF-32 are read in the order of the mark, else with the low byte first."""
    for order in ("-le", "-be"):
        for file, text in (("户信息.csv", HOUSEHOLDS), ("members.csv", MEMBERS)):
            (folder / file).write_bytes(f"\ufeff{text}".encode(named + order))
        assert len(read(folder, encoding=named).tables["members"]) == 3
    for file, text in (("户信息.csv", HOUSEHOLDS), ("members.csv", MEMBERS)):
        (folder / file).write_bytes(text.encode(f"{named}-le"))
    assert len(read(folder, encoding=named).tables["members"]) == 3


def test_damaged_utf8_is_not_taken_for_gb18030(folder):
    """One bad byte in a UTF-8 file spoils its row, not the reading of the file."""
    rows = "".join(f"h{number},2023,脱贫户\n" for number in range(3, 60))
    data = (HOUSEHOLDS + rows).encode().replace(b"h5,2023", b"h5,2023\xff")
    (folder / "户信息.csv").write_bytes(data)
    register = read(folder)
    assert found(register) == [("户信息.csv", 6, "undecodable_bytes")]
    assert register.tables["households"]["register_status"].notna().all()


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_undecodable_bytes_are_met_with_advice_that_fits(folder, encoding):
    """Whatever encoding a file was read in, the advice is not to read it in that one."""
    rows = "".join(f"h{number},2023,脱贫户\n" for number in range(3, 60))
    data = (HOUSEHOLDS + rows).encode(encoding).replace(b"h5,2023,", b"h5,2023,\xff")
    (folder / "户信息.csv").write_bytes(data)
    problem = read(folder).problems.iloc[0]
    assert problem["code"] == "undecodable_bytes"
    assert "gb18030" not in problem["message"] + problem["message_zh"]


def test_titles_notes_totals_and_repeated_headers_are_no_rows(folder):
    """What is no row is told apart, counted once per file, and rows keep the numbers Excel shows."""
    text = (
        "脱贫户基本信息表,,,\n填表说明：编号以文本填写,,,\n"
        "*户编号：,年度,户类型,耕地面积（亩）\n"
        "h1,2023,脱贫户,1.5\n,,,\n小计,,,1.5\n"
        "户编号,年度,户类型,耕地面积(亩)\nh2,2023,富户,2\n合计（户）,,2,3.5\n填表人：某人,,审核人：某人,\n\n\n"
    )
    (folder / "户信息.csv").write_text(text.replace("户编号,年度", "*户编号：,年度"), encoding="utf-8")
    register = read(folder)
    assert register.tables["households"]["farmland_mu"].tolist() == [1.5, 2.0]
    assert found(register) == [("户信息.csv", None, "rows_skipped"), ("户信息.csv", 8, "unknown_code")]
    assert (
        "5 rows are no data and are not counted: 2 total, 1 note, 1 header, 1 empty" in register.problems["message"][0]
    )
    assert register.counts.loc["households"].tolist() == [2, 2, 0, 2]


def test_ragged_rows_are_rejected(folder):
    """A row with too few or too many cells is rejected with its number; empty cells at its end do no harm."""
    text = "户编号,年度,户类型,\nh1,2023,脱贫户\nh2,2023,脱贫户,,,\nh3,2023\nh4,2023,脱贫户,,x\nh5\n"
    (folder / "户信息.csv").write_text(text, encoding="utf-8")
    register = read(folder)
    assert register.tables["households"]["household_id"].tolist() == ["h1", "h2"]
    assert found(register)[:3] == [("户信息.csv", row, "ragged_row") for row in (4, 5, 6)]
    assert register.rejected_rows["households"]["户编号"].tolist() == ["h3", "h4", "h5"]


def test_stray_quotes_lose_no_row(folder):
    """A quote without its partner costs its own row; rows after it are read, with their right numbers."""
    text = '户编号,年度,行政区划名称\nh1,2023,"甲\n乙"\nh2,2023,"丙\nh3,2023,丁\nh4,2023,戊"己\nh5,2023,"庚"\nh6,2023,"辛\n'
    (folder / "户信息.csv").write_text(text, encoding="utf-8")
    register = read(folder)
    households = register.tables["households"]
    assert households["household_id"].tolist() == ["h1", "h3", "h4", "h5"]
    assert households["area_name"].tolist() == ["甲 乙", "丁", '戊"己', "庚"]
    assert found(register)[:2] == [("户信息.csv", 3, "unbalanced_quote"), ("户信息.csv", 7, "unbalanced_quote")]
    assert register.counts.loc["households", "rows_read"] == 6


def test_a_swallowed_row_is_noticed_even_if_the_cells_fit(folder):
    """Rows that a pair of stray quotes turns into one cell are not taken for one."""
    text = '户编号,年度,行政区划名称\nh1,2023,"甲\nh2,2023,乙\nh3,2023,丙"\nh4,2023,丁\n'
    (folder / "户信息.csv").write_text(text, encoding="utf-8")
    register = read(folder)
    assert register.tables["households"]["household_id"].tolist() == ["h2", "h3", "h4"]
    assert found(register)[0] == ("户信息.csv", 2, "unbalanced_quote")


def test_nul_bytes_are_rejected_by_row(folder):
    """A row with NUL bytes is rejected, those around it are read."""
    (folder / "户信息.csv").write_bytes(HOUSEHOLDS.replace("h2", "h\0").encode() + b"h3,2023,\nh4\0,2023,\n")
    register = read(folder)
    assert register.tables["households"]["household_id"].tolist() == ["h1", "h3"]
    assert [code for _, _, code in found(register)][:2] == ["nul_bytes", "nul_bytes"]


# --- workbooks --------------------------------------------------------------------------------------------------------


def test_workbook_with_merged_headers(tmp_path):
    """A workbook with a sheet per table: title, two header rows with groups, real dates, numbers, ticks, totals."""
    path = tmp_path / "2023年台账.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        date = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("户信息")
        sheet.write_row(0, 0, ["户编号", "数据日期", "户类型", "住房面积（平方米）"])
        sheet.write_row(1, 0, ["001", "", "脱贫户", 88.5])
        sheet.write_datetime(1, 1, pd.Timestamp("2023-06-30"), date)
        sheet = book.add_worksheet("家庭成员情况")
        sheet.merge_range(0, 0, 0, 6, "家庭成员情况表")
        sheet.write_row(1, 0, ["序号", "户编号", "人编号", "基本情况", "", "参保情况", ""])
        sheet.merge_range(1, 3, 1, 4, "基本情况")
        sheet.merge_range(1, 5, 1, 6, "参保情况")
        sheet.write_row(2, 3, ["与户主关系", "出生日期", "居民医保", "职工医保"])
        sheet.write_row(3, 0, [1, "001", "p1", "户主", 22000, "√", "×"])
        sheet.write_row(4, 0, [2, "001", 2.0, "配偶", 22000, "是", ""])
        sheet.write_row(5, 0, ["合计", "", "", 2])
        sheet = book.add_worksheet("收入")
        sheet.write(0, 0, "家庭收入情况")
        sheet.write(1, 3, "单位：万元")
        sheet.write_row(2, 0, ["户编号", "年度", "工资性\n收入", "低保金（元）"])
        sheet.write_row(3, 0, ["001", 2022, 1.25, 3000])
        book.add_worksheet("Sheet4")
        book.add_worksheet("封面").write(0, 0, "台账")
    register = read(path, data_date="2023-12-31")
    assert register.tables["households"]["valid_from"].tolist() == [pd.Timestamp("2023-06-30")]
    assert register.tables["households"]["house_area_m2"].tolist() == [88.5]
    member = register.tables["members"].iloc[0]
    assert member[["member_id", "relation", "birth_date"]].tolist() == ["p1", "head", pd.Timestamp("1960-03-25")]
    assert member[["ins_basic_resident", "ins_basic_employee"]].tolist() == [True, False]
    assert register.tables["incomes"]["amount_cny"].tolist() == [12500.0, 3000.0]
    assert found(register) == [
        ("2023年台账.xlsx[家庭成员情况]", None, "rows_skipped"),
        ("2023年台账.xlsx[家庭成员情况]", 5, "numeric_id"),
        ("2023年台账.xlsx[封面]", None, "unknown_sheet"),
    ]


def test_groups_of_figures_after_elimination_are_not_read(tmp_path):
    """Figures written when a risk was declared over stand under the same names; they are not the sheet's figures."""
    workbook(
        tmp_path / "r.xlsx",
        户信息=[["户编号", "年度"], ["h1", "2022"]],
        收入=[["户编号", "年度", "收入情况", "", "风险消除后", ""], ["", "", "工资性收入", "低保金", "工资性收入", "低保金"],
              ["h1", "2022", 1000, 10, 9000, 90]],
    )  # fmt: skip
    assert read(tmp_path / "r.xlsx").tables["incomes"]["amount_cny"].tolist() == [1000.0, 10.0]


def test_zero_is_not_empty(tmp_path):
    """A row of zeros is a row, a cell of zero an amount."""
    workbook(
        tmp_path / "a.xlsx",
        户信息=[["户编号", "年度"], ["h1", "2022"]],
        收入=[["低保金", "年度", "户编号"], [0, "2022", "h1"]],
    )
    assert read(tmp_path / "a.xlsx").tables["incomes"]["amount_cny"].tolist() == [0.0]


# --- which table ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("members", "members"), ("家庭成员", "members"), ("2023年_家庭成员表(1)", "members"), ("附件2：脱贫户家庭成员信息表", "members"),
        ("Members-2023", "members"), ("无名", "members"), ("data", "members"),
    ],
)  # fmt: skip
def test_tables_are_known_by_name_or_header(tmp_path, name, table):
    """A file is matched by its name, with years, prefixes and suffixes, or failing that by its headers."""
    (tmp_path / "households.csv").write_text(HOUSEHOLDS, encoding="utf-8")
    (tmp_path / f"{name}.csv").write_text(MEMBERS, encoding="utf-8")
    assert len(read(tmp_path).tables[table]) == 3


def test_a_name_that_holds_two_tables_is_decided_by_the_header(folder):
    """脱贫户收入 names households and incomes; its headers tell which it is."""
    (folder / "脱贫户收入.csv").write_text("户编号,年度,工资性收入,低保金\nh1,2022,1000,10\n", encoding="utf-8")
    register = read(folder)
    assert len(register.tables["incomes"]) == 2
    assert len(register.tables["households"]) == 2


def test_several_files_of_one_table_are_read_together(folder):
    """Files of one table are put below each other, and rows keep file and number."""
    (folder / "户信息2.csv").write_text("户编号,年度\nh3,2023\nh1,soon\n", encoding="utf-8")
    register = read(folder)
    assert sorted(register.tables["households"]["household_id"]) == ["h1", "h2", "h3"]
    assert found(register) == [("户信息2.csv", 3, "not_a_date")]


def test_files_that_cannot_be_read_do_not_stop_the_others(folder):
    """Damaged, empty, foreign and unknown files are reported by name; the rest is read."""
    workbook(folder / "incomes.xlsx", 收入=[["户编号", "年度", "低保金"], ["h1", "2022", 10]])
    whole = (folder / "incomes.xlsx").read_bytes()
    (folder / "incomes.xlsx").write_bytes(whole[: len(whole) // 2])
    (folder / "medical.parquet").write_bytes(b"PAR1 and no more")
    (folder / "supports.csv").write_bytes(b"")
    (folder / "shocks.xls").write_text("<html><table></table></html>")
    (folder / "letter.docx").write_text("x")
    (folder / "other.csv").write_text("a,b\n1,2\n")
    (folder / "warnings.csv").write_text("alpha,beta\n1,2\n")
    for ignored in ("README.txt", "~$incomes.xlsx", ".hidden.csv", "说明.txt"):
        (folder / ignored).write_text("x")
    register = read(folder)
    assert len(register.tables["members"]) == 3
    problems = register.problems.set_index("source")
    assert problems["code"].to_dict() == {
        "incomes.xlsx": "unreadable_file", "medical.parquet": "unreadable_file", "supports.csv": "unreadable_file",
        "shocks.xls": "unreadable_file", "letter.docx": "unknown_file_type", "other.csv": "unknown_sheet", "warnings.csv": "unknown_sheet",
    }  # fmt: skip
    assert problems.loc["warnings.csv", ["table", "severity"]].tolist() == ["warnings", "rejected"]
    assert problems.loc["other.csv", "severity"] == "warning"
    assert "is no workbook, or a damaged one" in problems.loc["incomes.xlsx", "message"]
    assert "save it as xlsx" in problems.loc["shocks.xls", "message"]
    for source, reason_zh in {
        "incomes.xlsx": "不是工作簿或已损坏", "medical.parquet": "不是 Parquet 文件或已损坏", "supports.csv": "文件为空",
        "shocks.xls": "另存为 xlsx", "letter.docx": "不是 csv", "other.csv": "无法根据名称或表头识别",
    }.items():  # fmt: skip
        assert problems.loc[source, "message"].startswith(f"{source}: ")
        assert problems.loc[source, "message_zh"].startswith(f"{source}：")
        assert reason_zh in problems.loc[source, "message_zh"]


def test_a_foreign_file_with_household_numbers_is_not_taken_for_households(folder):
    """Ids and a year do not make a file a table, nor does one known column among many others."""
    (folder / "奖补.csv").write_text("户编号,年度,奖补金额\nh1,2023,500\n", encoding="utf-8")
    (folder / "走访.csv").write_text(
        "户编号,年度,村,走访人,走访结果,走访次数,得分\nh1,2023,甲,x,y,2,5\n", encoding="utf-8"
    )
    register = read(folder)
    assert len(register.tables["households"]) == 2
    assert found(register) == [("奖补.csv", None, "unknown_sheet"), ("走访.csv", None, "unknown_sheet")]


def test_own_results_are_not_read(folder):
    """What the program wrote into the folder itself is named and not read as data."""
    for name in ("scores", "Watchlist", "unscored", "problems", "coverage", "counts"):
        (folder / f"{name}.csv").write_text("household_id,valid_from,register_status\nh9,2023,general\n")
    register = read(folder)
    assert sorted(register.tables["households"]["household_id"]) == ["h1", "h2"]
    assert [code for _, _, code in found(register)] == ["own_output"] * 6


def test_nothing_to_read(tmp_path):
    """A path without a readable register is refused with what was expected and what was seen."""
    with pytest.raises(InputError, match="does not exist; expected a folder"):
        read_register(tmp_path / "none")
    with pytest.raises(InputError, match="holds no csv, xlsx, xls or parquet file"):
        read_register(tmp_path)
    (tmp_path / "households.csv").write_bytes(b"")
    with pytest.raises(SchemaError, match=r"no households .* could not be read: households.csv: is empty"):
        read_register(tmp_path)


def test_a_table_without_rows_is_known_as_given(folder):
    """A file with a header and no rows is a table that was given, other than one that is not there."""
    (folder / "就学信息.csv").write_text("人编号,学年,学段,就学状态\n", encoding="utf-8")
    register = read(folder)
    assert register.supplied == {"households", "members", "enrolments"}
    again = read(register.to_folder(folder / "out", format="csv"))
    assert again.supplied == register.supplied


def test_typed_parquet_of_other_programs(folder):
    """Parquet with dates, decimals, categories and integer ids is read by type."""
    pa = pytest.importorskip("pyarrow")
    import datetime as dt
    from decimal import Decimal

    import pyarrow.parquet as pq

    rows = {"户编号": pa.array(["h1", "h2"]).dictionary_encode(), "收入年度": pa.array([2021, 2022]), "低保金": [Decimal("10.50"), None],
            "工资性收入": [None, 500.0], "更新时间": [dt.date(2023, 1, 2), None]}  # fmt: skip
    pq.write_table(pa.table(rows), folder / "收入.parquet")
    register = read(folder)
    assert register.tables["incomes"]["amount_cny"].tolist() == [10.5, 500.0]
    assert register.tables["incomes"]["recorded_at"].dt.strftime("%F").tolist() == ["2023-01-02", "2023-01-30"]
    assert not len(register.problems)


def test_parquet_with_texts_that_are_not_utf8_is_reported(folder):
    """Some programs write any bytes as texts; the file is named, and the others are read."""
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    texts = pa.Array.from_buffers(pa.string(), 2, pa.array([b"h1", b"\xff2"], pa.binary()).buffers())
    pq.write_table(pa.table({"户编号": texts, "收入年度": [2021, 2022], "低保金": [1.0, 2.0]}), folder / "收入.parquet")
    assert found(read(folder)) == [("收入.parquet", None, "unreadable_file")]


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_what_is_named_like_data_but_is_no_file_is_reported(folder):
    """A broken link, or a folder of parts as clusters write it, is not passed over in silence; other folders are."""
    (folder / "incomes.csv").symlink_to(folder / "moved away.csv")
    (folder / "medical.parquet").mkdir()
    (folder / "medical.parquet/part-0.parquet").write_bytes(b"")
    (folder / "scores").mkdir()
    (folder / ".hidden.csv").mkdir()
    register = read(folder)
    assert found(register) == [("incomes.csv", None, "unreadable_file"), ("medical.parquet", None, "unreadable_file")]
    assert register.problems["table"].tolist() == ["incomes", "medical"]
    assert set(register.problems["severity"]) == {"rejected"}
    assert "is a folder" in register.problems["message"].iloc[1]


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are texts there")
def test_names_of_files_in_an_old_encoding_are_read(folder):
    """Archives unpack to names in GB18030; they tell the table and stand in problems as texts."""
    place = folder / os.fsdecode("台账".encode("gb18030"))
    place.mkdir()
    for name, text in {
        "户信息.csv": HOUSEHOLDS, "就医.csv": "人编号,foo\np1,1\n", "成员.csv": "人编号,户编号,年度,x\np1,h1,soon,1\n", "信.docx": "x"
    }.items():  # fmt: skip
        (place / os.fsdecode(name.encode("gb18030"))).write_text(text, encoding="utf-8")
    told = []
    register = read(place, progress=lambda *what: told.append(what[2]))
    assert register.source == "台账"
    assert {(source, code) for source, _, code in found(register)} == {
        ("信.docx", "unknown_file_type"), ("就医.csv", "unknown_sheet"), ("成员.csv", "unknown_column"), ("成员.csv", "not_a_date"),
    }  # fmt: skip
    assert set(told) == {"", "就医.csv", "户信息.csv", "成员.csv"}


def test_progress_is_told_per_file(folder):
    """The caller hears of each file before it is read, and of the end."""
    told = []
    read_register(folder, progress=lambda done, total, label: told.append((done, total, label)))
    assert told == [(0, 2, "members.csv"), (1, 2, "户信息.csv"), (2, 2, "")]


def test_no_message_names_a_person(tmp_path):
    """Neither the names and numbers of persons nor a file's rows stand in what is reported."""
    text = "户编号,姓名,证件号码,年度,户类型\nh1,王某某,000000199001010018,2023,富户\n"
    (tmp_path / "户信息.csv").write_text(text, encoding="utf-8")
    register = read(tmp_path)
    said = register.problems.to_csv() + repr(register)
    assert "王某某" not in said
    assert "0000001990" not in said
    assert not {"姓名", "证件号码"} & set(register.rejected_rows["households"].columns)


# --- damage -----------------------------------------------------------------------------------------------------------

GARBAGE = [
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\0",
    b"\t",
    b";",
    b"'",
    b"=",
    b"\xff",
    b"\xe6\x98",
    b"\r\n\r\n",
    b'"\n"',
    b"1e999",
    b"#REF!",
]
CELLS = [
    b"",
    b"nan",
    b"-1",
    b"9" * 30,
    b"2023-99-99",
    b"5.1E+17",
    b"a" * 300,
    b"1,2",
    b'"x',
    "合计".encode(),
    "户编号".encode(),
]


def damage(data, chance):
    """Damage a csv file in one of the ways files get damaged."""
    data = bytearray(data)
    at = chance.randrange(len(data) + 1)
    kind = chance.randrange(9)
    lines = bytes(data).split(b"\n")
    if kind == 0:
        del data[at : at + chance.randint(1, 30)]
    elif kind == 1:
        data[at:at] = chance.randbytes(chance.randint(1, 20))
    elif kind == 2:
        data[at:at] = chance.choice(GARBAGE)
    elif kind == 3:
        del data[at:]
    elif kind == 4:
        chance.shuffle(lines)
        data = b"\n".join(lines)
    elif kind == 5:
        data = b"\n".join(lines + chance.choices(lines, k=5))
    else:
        rows = [line.split(b",") for line in lines]
        for row in filter(None, chance.choices(rows, k=3)):
            place = chance.randrange(len(row))
            if kind == 6:
                chance.shuffle(row)
            elif kind == 7:
                row[place] = chance.choice(CELLS)
            else:
                del row[place]
        data = b"\n".join(b",".join(row) for row in rows)
    return bytes(data)


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    """Registers on disk in several layouts, whole."""
    n = 12
    ids = [f"h{number}" for number in range(n)]
    register = Register.from_frames(
        households=pd.DataFrame(
            {"household_id": ids, "valid_from": "2022", "register_status": "ex_poor", "area_name": "甲，村"}
        ),
        members=pd.DataFrame(
            {"member_id": [f"p{k}" for k in range(n)], "household_id": ids, "valid_from": "2022", "health": "残疾"}
        ),
        incomes=pd.DataFrame({"household_id": ids, "period_end": "2021", "item": "wage", "amount_cny": 1234.5}),
        monitoring=pd.DataFrame(
            {"household_id": ids[:3], "identified_on": "202205", "type": "edge", "risks": "illness"}
        ),
    )
    folder = tmp_path_factory.mktemp("whole")
    return [
        register.to_folder(folder / "zh", format="csv", headers="zh", encoding="gb18030", title_rows=True, units=True),
        register.to_folder(folder / "en", format="csv"),
        register.to_folder(
            folder / "wide", format="csv", headers="zh", encoding="utf-8", wide_incomes=True, total_row=True
        ),
        register.to_folder(folder / "xlsx", format="xlsx", headers="zh"),
        register.to_folder(folder / "parquet"),
    ]


@settings(max_examples=35, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), layout=st.sampled_from([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 4]))
def test_damage_is_reported_never_raised(originals, tmp_path_factory, seed, layout):
    """Whatever happens to the files, reading ends with a register whose rows add up or with an error of ours."""
    chance = random.Random(seed)
    folder = tmp_path_factory.mktemp("damaged")
    for file in originals[layout].iterdir():
        data = file.read_bytes()
        for _ in range(chance.choice([0, 1, 1, 3])):
            data = damage(data, chance)
        (folder / file.name).write_bytes(data)
    try:
        register = read(folder)
    except FanpinError:
        return
    register.coverage()
    assert set(register.problems["severity"]) <= {"rejected", "blanked", "warning"}


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_every_line_is_accounted_for(tmp_path_factory, data):
    """Cells dropped, doubled, emptied or quoted at random: each line is kept, rejected or counted as no data."""
    cell = st.sampled_from(["h1", "h2", "2023", "脱贫户", "", "x", '"', 'a"b', '"a"', "合计"])
    lines = data.draw(st.lists(st.lists(cell, min_size=1, max_size=5).map(",".join), min_size=1, max_size=12))
    folder = tmp_path_factory.mktemp("lines")
    text = "户编号,年度,户类型\n" + "\n".join([*lines, "h9,2023,脱贫户"]) + "\n"
    (folder / "户信息.csv").write_text(text, encoding="utf-8")
    register = read(folder)
    skipped = register.problems.loc[register.problems["code"] == "rows_skipped", "message"].tolist()
    n_skipped = int(skipped[0].removeprefix("户信息.csv: ").split()[0]) if skipped else 0
    n_joined = text.count("\n") - 1 - n_skipped - register.counts.loc["households", "rows_read"]
    assert n_joined >= 0
    if '"' not in text:
        assert n_joined == 0
    assert "h9" in set(register.tables["households"]["household_id"])


def test_all_tables_are_found_by_their_own_headers(tmp_path):
    """Files whose names say nothing are told apart by their headers, for each of the ten tables."""
    for number, table in enumerate(TABLES.values()):
        header = ",".join(column.zh for column in table.columns)
        (tmp_path / f"f{number}.csv").write_text(header + "\n", encoding="utf-8")
    assert read(tmp_path).supplied == set(TABLES)


def test_the_first_row_of_a_long_income_sheet_is_no_second_header(tmp_path):
    """In a workbook with days and amounts an income item in the first row is a value, though it may name a column too."""
    pd.DataFrame({"户编号": ["a", "b"], "数据日期": ["2023-01-01"] * 2}).to_csv(
        tmp_path / "户基本信息.csv", index=False
    )
    days = {"收入周期开始": pd.Timestamp("2023-01-01"), "收入周期结束": pd.Timestamp("2023-12-31")}
    incomes = pd.DataFrame({"户编号": ["a", "b"], **days, "项目": "工资性收入", "金额": [1.5, 2.0]})
    incomes.to_excel(tmp_path / "家庭收入.xlsx", index=False)
    register = read_register(tmp_path)
    assert register.counts.loc["incomes", ["rows_read", "rows_kept"]].tolist() == [2, 2]
    assert register.tables["incomes"]["amount_cny"].tolist() == [1.5, 2.0]


def row_by_row(lines, width, text, *, damaged):
    """Read lines the slow way."""
    builder = readers._Columns(readers._Header(["a", "b", "c"], 1, 3), text=True)
    rows = readers._quoted_rows if '"' in text else readers._plain_rows
    for number, row, reason in rows(lines, 0, 2, ",", width):
        builder.add(number, *(readers._without_damage(row, reason) if damaged else (row, reason)))
    return builder.grid("", ())


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), chunk=st.sampled_from([1, 3, 50_000]))
def test_lines_read_together_are_those_read_one_by_one(data, chunk, monkeypatch):
    """Cells, row numbers, faults and gaps are the same whether lines are split by Arrow or each on its own."""
    monkeypatch.setattr(readers, "CHUNK", chunk)
    tidy = st.lists(st.sampled_from(["", "h1", "2023", "户主", "\u2028x"]), min_size=3, max_size=3).map(",".join)
    signs = st.sampled_from(data.draw(st.sampled_from([",a ", ',"', ",\r", "\0\ufffd", "\ufeff\x85", ',"\r\0'])))
    spoilt = st.builds(lambda line, sign, n: line[:n] + sign + line[n:], tidy, signs, st.integers(0, 12))
    lines = data.draw(st.lists(st.one_of(tidy, spoilt, st.text(signs, max_size=6)), max_size=12))
    text = "\n".join(lines)
    damaged = "\0" in text
    builder = readers._Columns(readers._Header(["a", "b", "c"], 1, 3), text=True)
    readers._take_lines(builder, lines, 0, 2, text, damaged=damaged)
    grid, slow = builder.grid("", ()), row_by_row(lines, 3, text, damaged=damaged)
    pd.testing.assert_frame_equal(grid.frame.astype(object), slow.frame.astype(object))
    assert grid.rows.tolist() == slow.rows.tolist()
    assert [(f.code, f.mask.tolist()) for f in grid.faults] == [(f.code, f.mask.tolist()) for f in slow.faults]
    assert grid.empty == slow.empty
