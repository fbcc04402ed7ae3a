"""Packing gives what reading gives: the same rows, problems and rejected rows, whatever lies in which partition."""

from pathlib import Path

import pandas as pd
import pytest

from fanpin_risk.batch.pack import pack
from fanpin_risk.batch.packing import chunks
from fanpin_risk.errors import SchemaError
from fanpin_risk.records.read import database_rows, read_register

pytest.importorskip("duckdb")

CASES = {case.name: case for case in sorted((Path(__file__).parents[1] / "records/cases").iterdir())}
KEY = b"a key for tests, sixteen bytes and more"
COUNTIES = ("211282", "530328")


@pytest.mark.parametrize("name", CASES)
def test_registers_of_offices_are_packed_as_they_are_read(packed_files, tmp_path, name):
    """Small registers as offices export them, some households to a partition."""
    case = CASES[name]
    options = {"id_key": KEY} if name == "n-idno" else {}
    folder = case / "register" if (case / "register").exists() else case
    packed_files.compare(folder, tmp_path / "packed", max_households=4, names_too=False, **options)


def put(folder, **files):
    """Write csv files: header and rows as texts."""
    folder.mkdir(exist_ok=True)
    for name, (header, *rows) in files.items():
        text = "\n".join([header, *rows]) + "\n"
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def homes(n=4):
    """Return rows of households of two counties in turn."""
    return [f"00{number},2023,脱贫户,{COUNTIES[number % 2]}" for number in range(11, 11 + n)]


HOUSEHOLDS = "户编号,年度,户类型,行政区划代码"


def codes(whole):
    return whole.problems.groupby("code").size().to_dict()


@pytest.mark.parametrize("wages", [",工资性收入", ",工资性收入,家庭人口数"])
def test_what_a_clear_sheet_of_one_county_says_holds_in_the_other(packed_files, tmp_path, wages):
    """A list of workers adds nobody, also in a county of which the sheet of households has none; a register by itself does."""
    more = [",9000", ",9000,2"][wages.endswith("数")]
    flat = [
        f"h{county}{number},p{county}{number}{person},{relation},2023,{code},脱贫户{more}"
        for county, code in enumerate(COUNTIES)
        for number in range(3)
        for person, relation in enumerate(("户主", "配偶"))
    ]
    folder = put(
        tmp_path / "files",
        户信息=[HOUSEHOLDS, f"h00,2023,脱贫户,{COUNTIES[0]}"],
        台账=[f"户编号,人编号,与户主关系,年度,行政区划代码,户类型{wages}", *flat],
    )
    _, whole = packed_files.compare(folder, tmp_path / "packed", names_too=False)
    kept = whole.tables["households"]["household_id"].nunique()
    assert kept == (6 if "家庭人口数" in wages else 1)
    code = "not_in_other_sheet" if "家庭人口数" in wages else "only_in_doubtful_sheet"
    assert codes(whole)[code] >= 5


def test_the_clear_sheet_of_incomes_is_the_same_for_all_counties(packed_files, tmp_path):
    """Of two doubtful sheets none is the clear one where that has no rows."""
    folder = put(
        tmp_path / "files",
        户信息=[HOUSEHOLDS, *homes()],
        家庭收入=["户编号,年度,工资性收入,转移性收入", "0012,2023,9000,100"],
        台账一=["户编号,年度,转移性收入,工资性收入", *(f"00{n},2023,100,8000" for n in (11, 13))],
        台账二=[f"{HOUSEHOLDS},养老金", *(f"{row},500" for row in homes())],
    )
    packed_files.compare(folder, tmp_path / "packed", names_too=False)


@pytest.mark.parametrize(
    ("wages", "lost"),
    [
        ([f"{n},2023,9000" for n in (11, 12, 13)], ["0011", "0012", "0013"]),
        ([f"x{n},2023,9000" for n in range(4)], ["0012", "0013", "0014"]),
        ([f"p{n},2023,9000" for n in (11, 12, 13)], ["0012", "0013", "0014"]),
    ],
    ids=["zeros", "others", "persons"],
)
def test_what_concerns_the_whole_register_is_told_once(packed_files, tmp_path, wages, lost):
    """A sheet whose ids match none is named with its reason, and the households whose incomes may be in it."""
    folder = put(
        tmp_path / "files",
        户信息=[HOUSEHOLDS, *homes()],
        家庭成员=["人编号,户编号,年度,与户主关系", *(f"p{n},00{n},2023,户主" for n in range(11, 15))],
        工资收入=["户编号,年度,工资性收入", *wages],
        收入=["户编号,年度,工资性收入,转移性收入", "0011,2023,9000,0", "0012,2023,,800"],
    )
    _, whole = packed_files.compare(folder, tmp_path / "packed", max_households=1, names_too=False)
    mine = whole.problems[whole.problems["code"] == "income_lost"]
    assert mine["household_id"].tolist() == lost
    assert codes(whole)["ids_unmatched"] == 1


def test_a_file_of_incomes_that_cannot_be_read_concerns_all(packed_files, tmp_path):
    """Each household is named once, with the file."""
    folder = put(tmp_path / "files", 户信息=[HOUSEHOLDS, *homes(), *homes()])
    (folder / "家庭收入.xlsx").write_bytes(b"PK\x03\x04 damaged")
    _, whole = packed_files.compare(folder, tmp_path / "packed", names_too=False)
    assert codes(whole)["income_lost"] == 4


@pytest.mark.parametrize("options", [{}, {"hidden": True}, {"flat": True}], ids=["as usual", "hidden", "flat"])
def test_what_a_workbook_hides_and_folders_within_are_left_out_alike(packed_files, tmp_path, options):
    """Hidden sheets, rows and columns are read by neither, or by both."""
    openpyxl = pytest.importorskip("openpyxl")
    folder = put(tmp_path / "files", 户信息=[HOUSEHOLDS, *homes()])
    put(tmp_path / "files/甲镇", 监测对象=["户编号,识别监测时间,监测对象类别", "0011,2023-05-01,边缘易致贫户"])
    book = openpyxl.Workbook()
    shown, old = book.active, book.create_sheet("家庭收入旧")
    shown.title = "家庭收入"
    for sheet, wage in ((shown, 9000), (old, 100)):
        sheet.append(["户编号", "年度", "工资性收入", "转移性收入"])
        for n in range(11, 15):
            sheet.append([f"00{n}", "2023", wage, n])
    old.sheet_state = "hidden"
    shown.row_dimensions[3].hidden = True
    shown.column_dimensions["D"].hidden = True
    book.save(folder / "收入.xlsx")
    _, whole = packed_files.compare(folder, tmp_path / "packed", names_too=False, **options)
    assert ("hidden_sheet" in codes(whole)) == ("hidden" not in options)
    assert ("monitoring" in whole.supplied) == ("flat" not in options)


def test_households_known_by_citizen_ids_alone_are_refused_only_where_all_are(packed_files, tmp_path):
    """One list of them is rejected beside another, whichever partition or piece of a file its rows are in."""
    persons = ["户主身份证号,年度,户类型", *(f"11010519491231002X,{year},脱贫户" for year in (2022, 2023))]
    folder = put(tmp_path / "files", 脱贫户信息=persons, 户信息=[HOUSEHOLDS, *homes()])
    packed_files.compare(folder, tmp_path / "packed", names_too=False)
    (folder / "户信息.csv").unlink()
    with pytest.raises(SchemaError) as reading:
        read_register(folder)
    with pytest.raises(SchemaError) as packing:
        pack(folder, tmp_path / "again", threads=1)
    assert str(packing.value) == str(reading.value)


def test_without_any_member_that_was_kept_members_were_not_given(packed_files, tmp_path):
    """Persons are then counted as declared, and a model that needs them is told so."""
    folder = put(
        tmp_path / "files",
        户信息=[HOUSEHOLDS, *homes()],
        家庭成员=["人编号,户编号,年度,与户主关系", *(f"p{n},x{n},2023,户主" for n in range(4))],
    )
    packed_files.compare(folder, tmp_path / "packed", names_too=False)
    assert "members" not in pd.read_json(tmp_path / "packed/manifest.json", typ="series")["tables"]


def misplaced(folder):
    """Write what stands behind a name, in notes and in a title instead of in a column of its own, each in the last rows."""
    put(
        folder,
        户信息=[
            "户编号,年度,户类型,备注",
            *(f"h{number},2023,脱贫户," for number in range(1, 5)),
            "h5,2023,一般农户,可能纳入监测",
            "h6,2023,脱贫户,可能纳入监测",
            "h7,2023,脱贫户,脱贫不稳定户",
        ],
        家庭成员=[
            "户编号,人编号,姓名,与户主关系,年度",
            *(f"h{number},p{number},甲,户主,2023" for number in range(1, 8)),
            "h2,q2,乙（已故）,配偶（2023年去世）,2023",
        ],
        边缘易致贫户花名册=["户编号,纳入时间", "h1,2023-05-01", "h6,2023-06-01"],
        监测台账=["户编号,纳入监测时间", "h3,", "h4,2023年"],
    )
    return folder


def test_what_stands_elsewhere_is_packed_as_it_is_read(packed_files, tmp_path, monkeypatch):
    """Whichever block of a file shows first that somebody died by his name, or that notes say who is monitored."""
    monkeypatch.setattr(chunks, "BLOCK_BYTES", 1)
    _, whole = packed_files.compare(misplaced(tmp_path / "files"), tmp_path / "packed", names_too=False)
    types = whole.tables["monitoring"].set_index("household_id")["type"].astype(object).fillna("")
    assert types.to_dict() == {"h1": "edge", "h4": "", "h6": "edge", "h7": "unstable_ex_poor"}
    assert whole.doubts["h5"].split(";").count("monitoring_in_note") == 1
    assert "monitoring_in_note" not in whole.doubts.get("h6", "")
    assert codes(whole)["left_without_day"] == 1
    assert (codes(whole)["type_from_name"], codes(whole)["monitoring_in_note"]) == (1, 1)


def test_what_stands_elsewhere_in_a_database_is_packed_as_it_is_read(packed_files, tmp_path, monkeypatch):
    """A table is asked for once more where its last rows show that notes say who is monitored."""
    sqlalchemy = pytest.importorskip("sqlalchemy")
    address = f"sqlite:///{tmp_path}/county.db"
    engine = sqlalchemy.create_engine(address, poolclass=sqlalchemy.NullPool)
    for file in misplaced(tmp_path / "files").iterdir():
        pd.read_csv(file, dtype="str").to_sql(file.stem, engine, index=False)
    monkeypatch.setattr(database_rows, "ROWS_FETCHED", 2)
    _, whole = packed_files.compare(address, tmp_path / "packed", names_too=False)
    assert set(whole.tables["monitoring"]["household_id"]) == {"h4", "h7"}  # tables that are named like record tables
    assert codes(whole)["monitoring_in_note"] == 2


def test_newer_lists_of_members_and_closed_households_are_the_same_in_parts(packed_files, tmp_path):
    """Who moved to another county is gone from no list; of a list of closed households nobody else is of the register."""
    rows = {
        "2023": ["a,0011,户主", "b,0011,配偶", "c,0011,之子", "d,0012,户主", "e,0012,配偶"],
        "2024": ["a,0011,户主", "c,0011,之子", "d,0012,户主", "e,0012,配偶", "b,0013,户主"],
    }
    folder = put(
        tmp_path / "files",
        户信息=[HOUSEHOLDS, *homes()],
        整户销户名单=["户编号,减少原因,减少时间", "0014,整户死亡,2024-05-06", "h9,整户死亡,2024-05-06"],
        **{f"家庭成员{year}": ["人编号,户编号,与户主关系", *each] for year, each in rows.items()},
    )
    _, whole = packed_files.compare(folder, tmp_path / "packed", max_households=1, names_too=False)
    assert codes(whole)["closed_elsewhere"] == 1


def test_income_is_unknown_in_parts_where_a_row_of_it_cannot_be_read(packed_files, tmp_path):
    """A row with a cell too many stands with its household, whose income is not the rest of it."""
    folder = put(
        tmp_path / "files",
        户信息=[HOUSEHOLDS, *homes()],
        家庭收入=["户编号,年度,生产经营性净收入", "0011,2023,8000", "0012,2023,7000"],
        补充收入=["户编号,年度,收入项目,金额", "0011,2023,务工收入,12000,多一格"],
    )
    _, whole = packed_files.compare(folder, tmp_path / "packed", max_households=1, names_too=False)
    assert whole.tables["incomes"].query("amount_cny.isna()")["household_id"].tolist() == ["0011"]
