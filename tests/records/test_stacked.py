"""Several tables below each other in one sheet, each with its own header, title, year and unit."""

import pytest

from fanpin_risk.records.read.header_rows import find_header
from fanpin_risk.records.read.stacked import tables_below

FIRST = [
    ["户编号", "家庭人口数", "年度", "工资性收入", "转移性收入"],
    ["h1", "2", "2023", "10000", "200"],
    ["h2", "1", "2023", "20000", "300"],
]
# What stands below the first table: titles, header, rows.
OTHER_ORDER = [
    ["户编号", "年度", "转移性收入", "工资性收入", "家庭人口数"],
    ["h3", "2023", "400", "30000", "3"],
]
ONE_MORE = [
    ["户编号", "家庭人口数", "年度", "工资性收入", "财产性收入", "转移性收入"],
    ["h3", "3", "2023", "30000", "0", "400"],
]
ONE_FEWER = [
    ["户编号", "工资性收入", "年度", "家庭人口数"],
    ["h3", "30400", "2023", "3"],
]
IN_TEN_THOUSANDS = [
    ["石头村（单位：万元）"],
    FIRST[0],
    ["h3", "3", "2023", "3", "0.04"],
]
UNIT_ALONE = [["单位：万元"], ["h3", "3", "2023", "3", "0.04"]]
NOTE_ABOVE_TITLE = [["注：以上为一组"], [], ["二组"], *OTHER_ORDER]


def write(folder, rows, kind, files):
    """Write rows as a text or as a workbook, numbers as such."""
    width = max(map(len, rows))
    if kind == "csv":
        text = "\n".join(",".join([*row, *[""] * (width - len(row))]) for row in rows)
        (folder / "收入.csv").write_text(text + "\n", encoding="utf-8")
    else:
        cells = [[float(cell) if cell.replace(".", "").isdigit() else cell for cell in row] for row in rows]
        files.workbook(folder / "收入.xlsx", 收入=cells)


def amounts(register):
    """Return the sum of the amounts of each household, by year."""
    incomes = register.tables["incomes"]
    sums = incomes.groupby([incomes["household_id"].astype("str"), incomes["period_start"].dt.year])["amount_cny"].sum()
    return {(household, int(year)): round(amount, 2) for (household, year), amount in sums.items()}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize(
    "below",
    [OTHER_ORDER, ONE_MORE, ONE_FEWER, IN_TEN_THOUSANDS, UNIT_ALONE, NOTE_ABOVE_TITLE, [[], ["二村"], *ONE_MORE]],
)
def test_rows_are_read_by_the_header_above_them(files, tmp_path, below, kind):
    """Other columns, another order or another unit hold for the rows below, and the rows above stay."""
    write(tmp_path, [["全镇农户收入表"], *FIRST, *below], kind, files)
    register = files.read(tmp_path)
    assert amounts(register) == {("h1", 2023): 10200.0, ("h2", 2023): 20300.0, ("h3", 2023): 30400.0}
    assert register.tables["households"].set_index("household_id")["size_declared"].to_dict() == {
        "h1": 2,
        "h2": 1,
        "h3": 3,
    }
    assert register.counts.loc["incomes"].tolist()[:3] == [3, 3, 0]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("header", [True, False])
def test_the_year_of_a_title_holds_below_it(files, tmp_path, header, kind):
    """Two years below each other: the title of each dates its rows, with or without a header of its own."""
    rows = [["户编号", "家庭人口数", "工资性收入"], ["h1", "2", "100"], ["h2", "2", "200"]]
    second = [["2024年度收入"], *([rows[0]] if header else []), ["h1", "2", "300"], ["h2", "2", "400"]]
    write(tmp_path, [["2023年度收入"], *rows, *second], kind, files)
    register = files.read(tmp_path)
    assert amounts(register) == {("h1", 2023): 100, ("h1", 2024): 300, ("h2", 2023): 200, ("h2", 2024): 400}
    assert register.tables["households"]["household_id"].nunique() == 2


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_note_below_names_the_unit(files, tmp_path, kind):
    """A note at the end holds for the table above it; with another unit in the title, amounts are not read."""
    rows = [FIRST[0], ["h1", "2", "2023", "1", "0.2"], ["注：金额单位为万元"]]
    write(tmp_path, rows, kind, files)
    assert amounts(files.read(tmp_path)) == {("h1", 2023): 12000.0}
    write(tmp_path, [["单位：元"], *rows], kind, files)
    register = files.read(tmp_path)
    assert not len(register.tables["incomes"])
    assert "money_not_read" in register.problems["code"].tolist()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_rows_have_their_numbers_and_each_table_its_name(files, tmp_path, kind):
    """Problems name the table by its number in the sheet, and the row as the file shows it."""
    rows = [*FIRST, [], ["二村"], *OTHER_ORDER, ["h4", "2023", "many", "1", "1"]]
    write(tmp_path, rows, kind, files)
    found = files.found(files.read(tmp_path))
    assert (f"收入.{kind}#2", 8, "not_a_number") in found
    assert (f"收入.{kind}#2", None, "rows_skipped") in found


def test_a_repeated_header_begins_no_table():
    """Printed tables repeat header and title on each page; what says nothing new changes nothing."""
    rows = [["收入表"], *FIRST, ["收入表"], FIRST[0], ["h3", "3", "2023", "1", "1"]]
    assert not list(tables_below(rows, find_header(rows)))


def test_quoted_rows_of_several_lines_keep_their_numbers(files, tmp_path):
    """A row of two lines is one row, above and below the second header."""
    text = '户编号,村,年度,工资性收入\nh1,"石\n头",2023,100\n户编号,工资性收入,村,年度\nh2,200,"石\n头",2023\nh3,x,石头,2023\n'
    (tmp_path / "收入.csv").write_text(text, encoding="utf-8")
    register = files.read(tmp_path)
    assert amounts(register) == {("h1", 2023): 100, ("h2", 2023): 200, ("h3", 2023): 0}
    assert ("收入.csv#2", 5, "not_a_number") in files.found(register)
