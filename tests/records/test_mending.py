"""Rejected rows that were mended say the same when they are read again, from a file of their own."""

import pandas as pd
import pytest

from fanpin_risk.records.schema import TABLES
from fanpin_risk.synthetic import make_register


def mend(register, folder, **cells):
    """Write the rejected rows beside the files, with empty cells filled in."""
    for name, frames in register.rows_to_mend.items():
        for number, frame in enumerate(frames, start=2):
            mended = frame.copy()
            for column, value in cells.items():
                if column in mended:
                    mended[column] = [value if pd.isna(cell) or cell == "" else cell for cell in mended[column]]
            mended.to_csv(folder / f"{name} ({number}).csv", index=False, encoding="utf-8-sig")


@pytest.fixture(scope="module")
def county():
    """A small register with rows in all ten tables."""
    register = make_register(60, random_state=8, base_rate=0.1)
    assert all(len(frame) > 1 for frame in register.tables.values())
    return register


@pytest.fixture(scope="module")
def whole(files, county, tmp_path_factory):
    """What is read from its files."""
    return files.read(county.to_folder(tmp_path_factory.mktemp("mending") / "whole", format="csv")).tables


@pytest.mark.parametrize(("kind", "headers"), [("csv", "zh"), ("xlsx", "en")])
@pytest.mark.parametrize("table", list(TABLES))
def test_a_mended_row_of_each_table_reads_back(files, county, whole, tmp_path, table, kind, headers):
    """The table is what it would be if the row had been right from the start."""
    folder = county.to_folder(tmp_path / "files", format="csv", headers=headers)
    file = folder / f"{TABLES[table].zh if headers == 'zh' else table}.csv"
    frame = pd.read_csv(file, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    key = frame.columns[0]
    lost = frame.loc[1, key]
    frame.loc[1, key] = ""
    file.unlink()
    if kind == "csv":
        frame.to_csv(file, index=False, encoding="utf-8-sig")
    else:
        files.workbook(file.with_suffix(".xlsx"), Sheet1=[list(frame.columns), *frame.to_numpy().tolist()])
    register = files.read(folder)
    assert len(register.rejected_rows[table]) >= 1
    mend(register, folder, **{key: lost})
    again = files.read(folder).tables
    for name, expected in whole.items():
        columns = list(expected.columns)
        got, wanted = (one.sort_values(columns, ignore_index=True) for one in (again[name], expected))
        pd.testing.assert_frame_equal(got, wanted, obj=name)


def test_what_stands_above_or_in_names_goes_along(files, folder):
    """The unit of a note and the year of a title stand in the mended file; without them it would say something else."""
    (folder / "收入.csv").write_text(
        "2021年度家庭收入,,\n单位：万元,,\n户编号,工资性收入,低保金（元）\nh1,1.5,300\n,2.5,400\n", encoding="utf-8"
    )
    register = files.read(folder)
    (rows,) = register.rows_to_mend["incomes"]
    assert list(rows.columns)[:5] == ["户编号", "工资性收入（万元）", "低保金（元）", "收入周期开始", "收入周期结束"]
    assert rows.iloc[0, 3:7].tolist() == ["2021-01-01", "2021-12-31", "收入.csv", 5]
    mend(register, folder, 户编号="h2")
    incomes = files.read(folder).tables["incomes"].set_index(["household_id", "item"])
    assert incomes["amount_cny"].to_dict() == {
        ("h1", "wage"): 15000.0, ("h1", "tr_dibao"): 300.0, ("h2", "wage"): 25000.0, ("h2", "tr_dibao"): 400.0,
    }  # fmt: skip
    assert incomes["period_end"].dt.strftime("%F").unique().tolist() == ["2021-12-31"]


def test_a_date_for_one_file_goes_along(files, folder):
    """The mended file has another name, so the option does not reach it; a date in the sheet's own column stays there."""
    (folder / "户2.csv").write_text("户编号,年度,户类型\n,,脱贫户\n,2020,脱贫户\n", encoding="utf-8")
    register = files.read(folder, data_date={"户2.csv": "2022-06-30"})
    (rows,) = register.rows_to_mend["households"]
    assert rows["年度"].tolist() == ["2022-06-30", "2020"]
    assert "数据日期" not in rows


def test_sheets_with_other_headers_are_mended_apart(files, folder):
    """One file for each set of headers: in one sheet two columns of ids would be one too many."""
    (folder / "户2.csv").write_text("农户编号,年度\n,2020\n", encoding="utf-8")
    (folder / "户3.csv").write_text("户编号,年度\n,2021\n", encoding="utf-8")
    frames = files.read(folder).rows_to_mend["households"]
    assert [list(rows.columns) for rows in frames] == [
        ["农户编号", "年度", "source", "row", "reason"],
        ["户编号", "年度", "source", "row", "reason"],
    ]


def test_what_is_said_of_a_row_takes_no_column_of_the_table(files, folder):
    """Supports have a source of their own."""
    (folder / "supports.csv").write_text(
        "household_id,start_date,measure,source\n,2022-01-01,industry,农业局\n", encoding="utf-8"
    )
    (rows,) = files.read(folder).rows_to_mend["supports"]
    assert list(rows.columns) == ["household_id", "start_date", "measure", "source", "file", "row", "reason"]
    assert rows[["source", "file", "row"]].to_numpy().tolist() == [["农业局", "supports.csv", 2]]


def test_a_row_of_a_sheet_of_several_tables_is_written_once_and_whole(files, tmp_path):
    """Its part for households alone would be taken for the sheet of households, and the others for strangers."""
    header = ["户编号", "人编号", "与户主关系", "年度", "家庭人口数", "工资性收入"]
    rows = [
        [f"h{h}", f"h{h}-{m}", "户主" if m == 1 else "配偶", 2023, 2, 10_000 + h] for h in (1, 2, 3) for m in (1, 2)
    ]
    files.workbook(tmp_path / "whole.xlsx", 全国=[header, *rows])
    whole = files.read(tmp_path / "whole.xlsx").tables
    folder = tmp_path / "files"
    folder.mkdir()
    rows[2][0] = ""  # of the head: no row above says whose it is
    files.workbook(folder / "全国.xlsx", 全国=[header, *rows])
    register = files.read(folder)
    assert list(register.rows_to_mend) == ["several"]
    (frame,) = register.rows_to_mend["several"]
    assert list(frame.columns) == [*header, "rejected_from", "rejected_row", "rejected_because"]
    assert frame["rejected_row"].tolist() == [4]
    assert frame["rejected_because"][0].count("row 4, household_id: expected a value") >= 2
    mend(register, folder, 户编号="h2")
    again = files.read(folder).tables
    for name, expected in whole.items():
        # Of a household with one row left nothing shows any more whether the amount is the member's own.
        columns = [column for column in expected.columns if (name, column) != ("incomes", "member_id")]
        got, wanted = (one[columns].sort_values(columns, ignore_index=True) for one in (again[name], expected))
        pd.testing.assert_frame_equal(got, wanted, obj=name)
