"""Sheets are given to the tables they belong to; records/read/doubtful_sheets.py says of which that is not clear."""

import pytest

from fanpin_risk.records.schema import TABLES


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("members", "members"), ("家庭成员", "members"), ("2023年_家庭成员表(1)", "members"), ("附件2：脱贫户家庭成员信息表", "members"),
        ("Members-2023", "members"), ("无名", "members"), ("data", "members"),
    ],
)  # fmt: skip
def test_tables_are_known_by_name_or_header(files, tmp_path, name, table):
    """A file is matched by its name, with years, prefixes and suffixes, or failing that by its headers."""
    (tmp_path / "households.csv").write_text(files.HOUSEHOLDS, encoding="utf-8")
    (tmp_path / f"{name}.csv").write_text(files.MEMBERS, encoding="utf-8")
    assert len(files.read(tmp_path).tables[table]) == 3


def test_a_name_that_holds_two_tables_is_decided_by_the_header(files, folder):
    """脱贫户收入 names households and incomes; its headers tell which it is."""
    (folder / "脱贫户收入.csv").write_text("户编号,年度,工资性收入,低保金\nh1,2022,1000,10\n", encoding="utf-8")
    register = files.read(folder)
    assert len(register.tables["incomes"]) == 2
    assert len(register.tables["households"]) == 2


def test_a_foreign_file_with_household_numbers_is_not_taken_for_households(files, folder):
    """Ids and a year do not make a file a table, nor does one known column among many others."""
    (folder / "奖补.csv").write_text("户编号,年度,奖补金额\nh1,2023,500\n", encoding="utf-8")
    (folder / "走访.csv").write_text(
        "户编号,年度,村,走访人,走访结果,走访次数,得分\nh1,2023,甲,x,y,2,5\n", encoding="utf-8"
    )
    register = files.read(folder)
    assert len(register.tables["households"]) == 2
    assert files.found(register) == [
        ("户信息.csv", 2, "income_lost"), ("户信息.csv", 3, "income_lost"),
        ("奖补.csv", None, "unknown_sheet"), ("走访.csv", None, "unknown_sheet"),
    ]  # fmt: skip


def test_all_tables_are_found_by_their_own_headers(files, tmp_path):
    """Files whose names say nothing are told apart by their headers, for each of the ten tables."""
    for number, table in enumerate(TABLES.values()):
        header = ",".join(column.zh for column in table.columns)
        (tmp_path / f"f{number}.csv").write_text(header + "\n", encoding="utf-8")
    assert files.read(tmp_path).supplied == set(TABLES)


@pytest.mark.parametrize(("birth", "code"), [("", "age_not_read"), ("出生日期,", "unknown_column")])
def test_an_age_of_another_count_is_no_birth_date(exports, birth, code):
    """虚岁 does not say when a person was born; what that costs is said where nothing else says it."""
    cells = "1960-01-01," if birth else ""
    register = exports.read(成员=f"人编号,户编号,年度,与户主关系,{birth}虚岁\np1,h1,2023,户主,{cells}63\n")
    named = register.problems[register.problems["column"] == "虚岁"]
    assert named["code"].tolist() == [code]
    assert register.tables["members"]["birth_date"].notna().any() == bool(birth)
