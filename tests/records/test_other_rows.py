"""Titles, notes, totals and repeated headers are told apart from rows."""

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
        "5 rows are no data and are not counted: 2 total, 1 note, 1 header, 1 empty" in register.problems["message"][0]
    )
    assert register.counts.loc["households"].tolist() == [2, 2, 0, 2]


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (["甲", "乙", "1"], "header"), (["aar001", "aar002", "aac006"], "header"), (["第2页", "", ""], "note"),
        (["家庭成员花名册", "", ""], "note"),
        (["平均", "", "3.5"], "total"), (["户数：24户", "", ""], "note"), (["h1", "2023", "5"], ""),
        (["张村一户", "2023", "5"], ""), (["12", "23", "5"], ""),
    ],
)  # fmt: skip
def test_codes_pages_titles_and_averages_are_no_data(exports, row, kind):
    """Printed tables number their columns, repeat their title on each page and end in averages."""
    text = "户编号,年度,家庭人口数\n" + ",".join(row) + "\nh9,2023,2\n"
    register = exports.read(户信息=text, 成员=None)
    skipped = register.problems.loc[register.problems["code"] == "rows_skipped", "message"].tolist()
    assert [f"1 {kind}" in message for message in skipped] == ([True] if kind else [])
    assert register.counts.loc["households", "rows_read"] == (1 if kind else 2)
