"""Lists of payments that are of one month, quarter or half by the name of their file, sheet or folder."""

import math

import pytest

from fanpin_risk import compute_features, pack, read_register
from fanpin_risk.records.read.named_parts import head_with_named_part
from fanpin_risk.records.sheets import SheetHead

YEARLY = "户编号,年度,生产经营性净收入\nh1,2023,8000\n"
WIDE, LONG = "户编号,务工收入\nh1,1000\n", "户编号,收入项目,金额\nh1,务工收入,1000\n"


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("2024年1月务工工资", "2024年1月"), ("202403公益性岗位工资发放", "2024年3月"), ("低保金发放2024年第二季度", "2024年4至6月"),
        ("2024年上半年务工工资", "2024年1至6月"), ("2024年1月农户收入", ""), ("2024年1-12月工资", ""), ("截至2024年6月工资", ""),
        ("1月工资", ""), ("2024年工资", ""),
    ],
)  # fmt: skip
def test_names_say_the_part_of_the_year(name, part):
    """Those of lists of payments, with a year; neither a state of affairs on a day nor all since January."""
    head = SheetHead(file=f"{name}.csv", source="", headers=["户编号", "务工收入"])
    assert head_with_named_part(head)[1] == part


@pytest.mark.parametrize("headers", [["户编号", "人均纯收入"], ["户编号", "年度", "务工收入"], ["户编号", "全年工资"]])
def test_what_is_of_a_year_by_its_columns_is_not_of_a_month(headers):
    """Whatever the file is called."""
    assert head_with_named_part(SheetHead(file="2024年1月工资.csv", source="", headers=headers))[1] == ""


@pytest.mark.parametrize("text", [WIDE, LONG])
@pytest.mark.parametrize(
    "names",
    [
        [f"2023年{month}月务工工资" for month in range(1, 13)], [f"工资发放2023{month:02}" for month in range(1, 13)],
        [f"2023年第{quarter}季度务工工资" for quarter in "一二三四"], ["2023年上半年务工工资", "2023年下半年务工工资"],
    ],
)  # fmt: skip
def test_all_parts_are_the_year(exports, text, names):
    """Equal amounts too; of all but one nothing is known, and the household is named."""
    register = exports.read(家庭收入=YEARLY, **dict.fromkeys(names, text))
    assert exports.income(register) == (8000 + 1000 * len(names)) / 2
    assert ("h1", "", "payments_added") in exports.found(register)


@pytest.mark.parametrize("text", [WIDE, LONG])
@pytest.mark.parametrize("months", [range(1, 12), range(2, 13), [12], [5]])
def test_some_parts_are_no_year(exports, text, months):
    """However many they are."""
    register = exports.read(家庭收入=YEARLY, **{f"2023年{month}月务工工资": text for month in months})
    assert math.isnan(exports.income(register))
    assert "h1" in {household for household, _, code in exports.found(register) if code == "part_of_year"}


def test_lists_of_two_kinds_are_each_a_year(exports):
    """Wages and subsidies of the same months, in files of their own."""
    files = {f"2023年{month}月{name}": text for month in range(1, 13) for name, text in (
        ("务工工资", WIDE), ("公益岗工资", "户编号,公益性岗位工资\nh1,500\n"))}  # fmt: skip
    assert exports.income(exports.read(家庭收入=YEARLY, **files)) == (8000 + 18000) / 2


def test_twelve_states_of_affairs_are_no_year(exports):
    """A list of the households' income on each of twelve months is never added up."""
    files = {f"2023年{month}月农户收入": "户编号,工资性收入\nh1,9000\n" for month in range(1, 13)}
    income = exports.income(exports.read(家庭收入=YEARLY, **files))
    assert math.isnan(income)


def test_sheets_and_folders_of_months_packed_as_read(tmp_path):
    """The same incomes come of a packed register."""
    from openpyxl import Workbook

    folder = tmp_path / "register"
    (folder / "2023年").mkdir(parents=True)
    (folder / "户信息.csv").write_text("户编号,年度,家庭人口数\nh1,2023,2\n", encoding="utf-8")
    book = Workbook()
    for month in range(1, 13):
        sheet = book.create_sheet(f"{month}月")
        sheet.append(["户编号", "姓名", "公益性岗位工资"])
        sheet.append(["h1", "张某", 500])
        (folder / "2023年" / f"{month}月").mkdir()
        (folder / "2023年" / f"{month}月" / "务工工资.csv").write_text(LONG, encoding="utf-8")
    book.remove(book.worksheets[0])
    book.save(folder / "2023年公益岗工资.xlsx")
    register = read_register(folder)
    assert compute_features(register, "2025-06-30")["income_per_person"]["h1"] == 9000.0
    pack(folder, tmp_path / "packed")
    packed = read_register(next((tmp_path / "packed").rglob("incomes*.parquet")).parent)
    assert packed.tables["incomes"]["amount_cny"].sum() == register.tables["incomes"]["amount_cny"].sum()
