"""Which day or year the data of each file show, where the user says so."""

import re

import pytest

from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.records.data_dates import DataDates
from fanpin_risk.records.sheets import SheetHead


def days(dates, file, folder="", sheet=""):
    source = f"{folder}/{file}" if folder else file
    found = dates.of(SheetHead(file=file, folder=folder, source=source + (f"[{sheet}]" if sheet else ""), headers=[]))
    return None if found is None else tuple(map(str, found.span))


@pytest.mark.parametrize(
    "name",
    ["收入.xls", "收入", "甲镇/收入.xls", "./甲镇/收入.xls", "甲镇", "2021/甲镇", "2021", "2021/*", "*.xls", "2021\\甲镇\\收入.xls"],
)  # fmt: skip
def test_a_file_is_known_by_each_of_its_names(name):
    """With or without ending and folders, by a folder, by a pattern; others are not."""
    folder = "甲镇" if name.lstrip("./").startswith("甲镇/") else "2021/甲镇"
    dates = DataDates({name: "2021"})
    assert days(dates, "收入.xls", folder) == ("2021-01-01", "2021-12-31")
    assert days(dates, "户.csv", "乙镇") is None
    dates.require_used(["收入.xls"])


def test_a_sheet_may_have_a_date_of_its_own():
    """As problems name it."""
    dates = DataDates({"a.xlsx[收入]": "2021年3月", "": "2022-06-30"})
    assert days(dates, "a.xlsx", sheet="收入") == ("2021-03-01", "2021-03-31")
    assert days(dates, "a.xlsx", sheet="户") is None
    assert dates.rest.date().isoformat() == "2022-06-30"


def test_what_cannot_be_meant_is_refused():
    """No date; a name of no file."""
    with pytest.raises(SchemaError, match="data_date of a is not a date"):
        DataDates({"a": "soon"})
    with pytest.raises(SchemaError, match="data_date is not a date"):
        DataDates({"": "soon"})
    with pytest.raises(SchemaError, match="data_date is not a date"):
        DataDates("soon")
    dates = DataDates({"a.csv": 2021, "b.csv": 2021})
    dates.note_file("a.csv")
    with pytest.raises(
        InputError, match=re.escape("names b.csv, which is not among the files that were read: a.csv, c.csv")
    ):
        dates.require_used(["a.csv", "c.csv"])


HOUSEHOLDS, MEMBERS, INCOMES = "户编号,户类型\nh1,脱贫户\n", "人编号,户编号\np1,h1\n", "户编号,工资性收入\nh1,9000\n"


def test_files_without_dates(files, tmp_path):
    """The year of each comes from the option for it; of all others from the one for the rest; nothing is rejected."""
    for name, text in (
        ("户.csv", HOUSEHOLDS),
        ("家庭成员.csv", MEMBERS),
        ("收入.csv", INCOMES),
        ("2020/收入.csv", INCOMES),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    register = files.read(tmp_path, data_date={"": "2022-06-30", "2020": "2020", "收入.csv": 2021})
    households, incomes = register.tables["households"], register.tables["incomes"]
    assert households[["valid_from", "recorded_at"]].astype(str).to_numpy().tolist() == [["2022-06-30", "2022-06-30"]]
    # A year says nothing of the day on which it was written down: known 30 days after its end.
    assert incomes[["period_start", "period_end", "recorded_at"]].astype(str).to_numpy().tolist() == [
        ["2020-01-01", "2020-12-31", "2021-01-30"],
        ["2021-01-01", "2021-12-31", "2022-01-30"],
    ]
    origins = register.date_origins.set_index("source")["origin"].to_dict()
    assert origins == {
        "户.csv": "data_date",
        "家庭成员.csv": "data_date",
        "2020/收入.csv": "option",
        "收入.csv": "option",
    }
    with pytest.raises(InputError, match=r"names 支出\.csv, which is not"):
        files.read(tmp_path, data_date={"支出.csv": 2021})
    (tmp_path / "支出.csv").write_bytes(b"")  # there, though it cannot be read
    found = files.found(files.read(tmp_path, data_date={"支出.csv": 2021, "": 2022}))
    assert ("支出.csv", None, "unreadable_file") in found


def test_a_year_for_all_files_is_that_of_incomes_that_nothing_else_dates(files, tmp_path):
    """Its last day is the day of households; a day dates no incomes, and what a file is called goes first."""
    for name, text in (
        ("户.csv", HOUSEHOLDS),
        ("家庭成员.csv", MEMBERS),
        ("收入.csv", INCOMES),
        ("收入2022.csv", INCOMES),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    register = files.read(tmp_path, data_date="2024")
    assert register.tables["households"]["valid_from"].astype(str).tolist() == ["2024-12-31"]
    incomes = register.tables["incomes"][["period_start", "period_end"]]
    assert sorted(incomes.astype(str).to_numpy().tolist()) == [
        ["2022-01-01", "2022-12-31"],
        ["2024-01-01", "2024-12-31"],
    ]
    said = register.problems[register.problems["code"] == "date_from_name"].set_index("source")["message"]
    assert "by data_date they are of 2024-01-01 to 2024-12-31" in said["收入.csv"]
    for day in ("2024-12-31", "2024-12"):
        incomes = files.read(tmp_path, data_date=day).tables["incomes"]
        assert incomes["period_end"].astype(str).tolist() == ["2022-12-31"]


def test_a_missing_date_is_said_with_the_header_to_add(files, tmp_path):
    """In both languages, for households and for incomes."""
    for name, text in (("户.csv", HOUSEHOLDS), ("家庭成员.csv", MEMBERS), ("收入.csv", INCOMES)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    problems = files.read(tmp_path).problems
    missing = problems[problems["code"] == "missing_value"].drop_duplicates("column").set_index("column")
    assert "a date in a column valid_from (数据日期), or 年度 for a year" in missing.loc["valid_from", "message"]
    assert "--data-date), for one file as FILE=DATE" in missing.loc["valid_from", "message"]
    assert "请加一列数据日期，只知年份的加“年度”列" in missing.loc["valid_from", "message_zh"]
    assert "a year in a column 年度" in missing.loc["period_end", "message"]
    assert "请加一列“年度”" in missing.loc["period_end", "message_zh"]


def test_frames_may_have_dates_of_their_own(frames):
    """By the name of the table, in either language."""
    incomes = {"户编号": ["h1"], "工资性收入": [9000]}
    register = frames.read(incomes=incomes, data_date={"家庭收入": 2022})
    assert register.tables["incomes"]["period_end"].dt.strftime("%F").tolist() == ["2022-12-31"]
    register = frames.read(incomes=incomes, data_date=2021)
    assert register.tables["incomes"]["period_end"].dt.strftime("%F").tolist() == ["2021-12-31"]
    with pytest.raises(InputError, match="names 收入2"):
        frames.read(incomes=incomes, data_date={"收入2": 2022})
