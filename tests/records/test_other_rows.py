"""Titles, notes, totals and repeated headers are told apart from rows; tests records/read/sheet_notes.py as well."""

import pytest


def test_titles_notes_totals_and_repeated_headers_are_no_rows(files, folder):
    """What is no row is told apart, counted once per file, and rows keep the numbers Excel shows."""
    text = (
        "脱贫户基本信息表,,,\n填表说明：编号以文本填写,,,\n"
        "*户编号：,年度,户类型,耕地面积（亩）\n"
        "h1,2023,脱贫户,1.5\n,,,\n小计,,,1.5\n"
        "户编号,年度,户类型,耕地面积(亩)\nh2,2023,富户,2\n合计（户）,,2,3.5\n填表人：某人,,审核人：某人,\n\n\n"
    )
    (folder / "户信息.csv").write_text(text.replace("户编号,年度", "*户编号：,年度"), encoding="utf-8")
    register = files.read(folder)
    assert register.tables["households"]["farmland_mu"].tolist() == [1.5, 2.0]
    assert files.found(register) == [("户信息.csv", None, "rows_skipped"), ("户信息.csv", 8, "unknown_code")]
    assert (
        "5 rows are not data and are not counted: 2 total, 1 note, 1 header, 1 empty" in register.problems["message"][0]
    )
    assert register.counts.loc["households"].tolist() == [2, 2, 0, 2]


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (["甲", "乙", "1"], "header"), (["aar001", "aar002", "aac006"], "header"), (["第2页", "", ""], "note"),
        (["家庭成员花名册", "", ""], "note"),
        (["平均", "", "3.5"], "total"), (["户数：24户", "", ""], "note"), (["h1", "2023", "5"], ""),
        (["2024年度收入", "", ""], "note"), (["附件2", "", ""], "note"),
        (["户5", "", ""], ""), (["张村一户", "2023", "5"], ""), (["12", "23", "5"], ""),
    ],
)  # fmt: skip
def test_codes_pages_titles_and_averages_are_no_data(exports, row, kind):
    """Printed tables number their columns, repeat their title on each page and end in averages."""
    text = "户编号,年度,家庭人口数\n" + ",".join(row) + "\nh9,2023,2\n"
    register = exports.read(户信息=text, 成员=None)
    skipped = register.problems.loc[register.problems["code"] == "rows_skipped", "message"].tolist()
    assert [f"1 {kind}" in message for message in skipped] == ([True] if kind else [])
    assert register.counts.loc["households", "rows_read"] == (1 if kind else 2)


LONG = "".join(f"4600000000000{n},某某,3,2024,{n}000\n" for n in range(1, 5))


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("1200,合　计,9,2024,9000", "total"), ("石头村,4户,12,2024,9000", "total"), ("全镇小计,,12,2024,9000", "total"),
        ("人均,,,2024,3000", "total"), ("4户,总计,12,2024,9000", "total"), ("其中：脱贫户,,8,2024,3000", "total"),
        ("例：460000000000000,张三,3,2024,5000", "example"), ("460000000000000,示例,3,2024,5000", "example"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("first", [LONG, "户1,某某,3,2024,1000\nA-2,某某,3,2024,2000\n3,某某,3,2024,2000\n"])
def test_a_total_is_one_whatever_stands_in_its_id(exports, row, kind, first):
    """The count of households, the name of a village, or nothing: no household is made of it."""
    text = f"户编号,户主姓名,家庭人口数,年度,工资性收入\n{first}{row}\n"
    register = exports.read(户收入=text, 户信息=None, 成员=None, 收入=None)
    n_rows = first.count("\n")
    assert register.counts.loc[["households", "incomes"], "rows_kept"].tolist() == [n_rows, n_rows]
    skipped = register.problems.loc[register.problems["code"] == "rows_skipped", "message"]
    assert [f"1 {kind}" in text for text in skipped] == [True]


def test_a_total_is_told_by_the_column_of_villages_or_numbers(exports):
    """In a workbook numbers are numbers: 4 in the column of ids, 合计 in that of running numbers."""
    text = "序号,村,户编号,年度,工资性收入\n1,石头村,460000000000001,2024,5\n合计,,1,2024,5\n2,小计,1,2024,5\n"
    register = exports.read(户收入=text, 户信息=None, 成员=None, 收入=None)
    assert register.tables["incomes"]["household_id"].unique().tolist() == ["460000000000001"]


def test_ids_unlike_the_others_are_named(exports):
    """Among long numbers, 1200 or a word is no id; a row that names a person is kept, and said to be odd."""
    odd = "石头村,,12,2024,9000\n1200,,12,2024,9000\n1201,某某,3,2024,500\n"
    register = exports.read(
        户收入=f"户编号,户主姓名,家庭人口数,年度,工资性收入\n{LONG}{odd}", 户信息=None, 成员=None, 收入=None
    )
    problems = register.problems.set_index("code")
    assert problems.loc["id_unlike_others", "row"].tolist() == [6, 7, 6, 7]
    assert problems.loc["odd_id_kept", "message"].startswith("户收入.csv: 1 rows have an id")
    assert "1201" in register.tables["households"]["household_id"].tolist()
    assert register.counts.loc["households"].tolist() == [7, 5, 2, 5]


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        ("4600000000000{n},甲村,合计,3,2024,7000,350", True), ("4600000000000{n},甲村,例,3,2024,7000,350", True),
        ("4600000000000{n},合计,某某,3,2024,7000,350", True),
        ("4600000000000{n},合计,小计,3,2024,7000,350", False), ("46000000000004,甲村,小计,3,2024,7000,350", False),
        ("4600000000000{n},甲村,小计,12,2024,10000,50", False), ("4600000000000{n},甲村,小计,9,2024,9000,45", False),
        ("46000000000000,甲村,合计,3,2024,7000,350", False), ("460000000,甲村,合计,3,2024,7000,350", False),
        ("4600000000000{n},甲村,合计,,,,", False), ("4600000000000{n},甲村,示例,3,2024,7000,350", False),
    ],
)  # fmt: skip
def test_an_id_like_the_others_outranks_a_word(exports, row, kept):
    """Somebody is entered as 合计: a household, unless its id is a place's or another row's, or its figures are sums."""
    first = "".join(f"4600000000000{n},甲村,某某,3,2024,{n}000,{n * 5}\n" for n in range(1, 5))
    text = f"户编号,行政村,户主姓名,家庭人口数,年度,工资性收入,转移性收入\n{first}{row.format(n=8)}\n"
    register = exports.read(户收入=text, 户信息=None, 成员=None, 收入=None)
    assert register.counts.loc[["households", "incomes"], "rows_kept"].tolist() == [4 + kept] * 2


def test_a_total_without_figures_is_no_row(exports):
    """Nor is one whose figures are sums below a cell that is empty: what is missing is no figure."""
    header = "户编号,行政村,户主姓名,家庭人口数,年度,工资性收入,转移性收入\n"
    first = "".join(f"4600000000000{n},甲村,某某,3,2024,{n}000,{n * 5 if n > 1 else ''}\n" for n in range(1, 5))
    for total in ("46000000000008,甲村,合计,,,,", "46000000000008,甲村,合计,12,,10000,45"):
        register = exports.read(户收入=f"{header}{first}{total}\n", 户信息=None, 成员=None, 收入=None)
        assert register.counts.loc["households", "rows_read"] == 4


def test_counted_ids_say_nothing(exports):
    """Where households are numbered 1, 2, 3, the number beside 合计 is how many they are."""
    text = "户编号,户主姓名,家庭人口数,年度,工资性收入\n1,某某,3,2024,1000\n2,某某,3,2024,2000\n3,合计,6,2024,7000\n"
    register = exports.read(户收入=text, 户信息=None, 成员=None, 收入=None)
    assert register.counts.loc[["households", "incomes"], "rows_kept"].tolist() == [2, 2]
