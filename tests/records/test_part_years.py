"""Parts of a year that are scaled up are named; a column of years names years."""

import pandas as pd
import pytest


def read(files, path, **columns):
    """Read one sheet of incomes of two households."""
    frame = pd.DataFrame({"户编号": ["甲1", "甲2"], "家庭人口数": [1, 2], **columns, "工资性收入": [9000, 9000]})
    frame.to_csv(path / "户收入.csv", index=False, encoding="utf-8")
    return files.read(path)


@pytest.mark.parametrize("header", ["年度", "年份", "统计年度", "数据年度", "收入年度", "核算年度"])
@pytest.mark.parametrize("cell", ["202412", "2024-12", "2024年12月", "2024.12", "2024/12/31", "24年", "二〇二四年"])
def test_a_column_of_years_names_years(files, tmp_path, header, cell):
    """A month or a day below such a header is not the account's time: the year is, and that is said."""
    register = read(files, tmp_path, **{header: [cell] * 2})
    incomes = register.tables["incomes"]
    assert incomes["period_start"].astype(str).tolist() == ["2024-01-01"] * 2
    assert incomes["period_end"].astype(str).tolist() == ["2024-12-31"] * 2
    said = "years_of_days" in set(register.problems["code"])
    assert said == ("12" in cell)


def test_a_period_of_its_own_is_kept(files, tmp_path):
    """Where the sheet gives the start of the period, a month below 年度 is its end."""
    register = read(files, tmp_path, 收入周期开始=["2023-10-01"] * 2, 年度=["2024-09-30"] * 2)
    assert register.tables["incomes"]["period_end"].astype(str).tolist() == ["2024-09-30"] * 2


def test_parts_of_a_year_are_named(files, tmp_path):
    """Ten months are told as a count, a quarter by its household too, a whole year not at all."""
    starts, ends = ["2024-03-01", "2024-10-01"], ["2024-12-31", "2024-12-31"]
    found = read(files, tmp_path, 数据日期=ends, 收入周期开始=starts, 收入周期结束=ends).problems
    note = found[found["code"] == "part_year_scaled"]
    assert note["message_zh"].str.contains("有 2 户").tolist() == [True]
    assert found.loc[found["code"] == "half_year_scaled", "household_id"].tolist() == ["甲2"]
    starts = ["2024-01-01", "2024-02-01"]
    found = read(files, tmp_path, 数据日期=ends, 收入周期开始=starts, 收入周期结束=ends).problems
    assert not set(found["code"]) & {"part_year_scaled", "half_year_scaled"}


def test_quarters_that_make_a_year_are_whole(files, tmp_path):
    """Four quarters of a household side by side are one year; three are scaled, and told as a count."""
    quarters = [
        ("2024-01-01", "2024-03-31"),
        ("2024-04-01", "2024-06-30"),
        ("2024-07-01", "2024-09-30"),
        ("2024-10-01", "2024-12-31"),
    ]
    lines = ["户编号,家庭人口数,数据日期,收入周期开始,收入周期结束,工资性收入"]
    lines += [f"甲1,1,2024-12-31,{start},{end},900" for start, end in quarters]
    lines += [f"甲2,1,2024-12-31,{start},{end},900" for start, end in quarters[1:]]
    (tmp_path / "户收入.csv").write_text("\n".join(lines), encoding="utf-8")
    found = files.read(tmp_path).problems
    assert found.loc[found["code"] == "part_year_scaled", "message"].str.contains("of 1 households").tolist() == [True]
    assert "half_year_scaled" not in set(found["code"])
