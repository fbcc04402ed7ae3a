"""Who is monitored by columns of yes and no, and what contradicts them."""

import openpyxl
import pandas as pd
import pytest

from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.records.headers import read_heading
from fanpin_risk.records.read import propose_columns
from fanpin_risk.records.schema import TABLES

ANSWERS = ["是", "否", "", "√", "×", "1", "0", "Y", "N", "边缘易致贫户", "非监测户"]
YES = ["h0", "h3", "h5", "h7", "h9"]


def monitored(register, day="2024-12-31"):
    on_day = Snapshot(register, day)
    return sorted(home for home, one in zip(on_day.household_ids, on_day.monitored, strict=True) if one == 1)


def types(register):
    frame = register.tables["monitoring"].astype({"type": object})
    return {row.household_id: None if pd.isna(row.type) else row.type for row in frame.itertuples()}


def codes(register, household):
    found = register.problems[register.problems["household_id"] == household]
    return list(zip(found["code"], found["severity"], strict=True))


@pytest.mark.parametrize(
    "header",
    ["是否监测户", "是否监测对象", "是否为监测对象", "是否纳入监测", "监测户(是/否)", "监测对象（是/否）", "是否三类户", "是否“三类户”",
     "是否属于防返贫监测对象", "是否已认定为监测户", "是否易返贫致贫户", "是否纳入防止返贫监测范围", "监测对象", "该户是否纳入监测对象",
     "当前是否监测", "防返贫监测对象"],
)  # fmt: skip
def test_yes_means_monitored_since_an_unknown_day(exports, header):
    """Yes is monitored, named as such; no and empty are not, and are never rejected rows; a type may stand there too."""
    rows = "".join(f"h{number},2023,脱贫户,{answer}\n" for number, answer in enumerate(ANSWERS))
    register = exports.read(户信息=f"户编号,年度,户类型,{header}\n{rows}", 成员="")
    assert monitored(register) == YES
    assert types(register) == dict.fromkeys(YES[:-1]) | {"h9": "edge"}
    assert register.counts.loc["monitoring", ["rows_read", "rows_rejected"]].tolist() == [5, 0]
    assert [codes(register, home) for home in ("h0", "h1")] == [[("identification_unknown", "warning")], []]
    assert register.problems["code"].value_counts().to_dict() == {"identification_unknown": 5, "type_unknown": 1}
    assert register.tables["monitoring"]["identified_before"].all()


@pytest.mark.parametrize(
    "header",
    ["是否拟纳入监测", "是否疑似监测户", "是否监测对象户主", "监测户户主姓名", "监测是否到位", "是否监测帮扶责任人", "是否返贫户",
     "是否存在返贫风险", "是否新增监测对象"],
)  # fmt: skip
def test_other_questions_make_nobody_monitored(header):
    """Candidates, heads, risks and what was new in a year are asked about in like words."""
    heading = read_heading(TABLES["monitoring"], header)
    assert not heading.name.startswith("monitored")


@pytest.mark.parametrize("header", ["监测是否解除", "是否解除监测", "风险是否已解除"])
def test_whether_the_risk_is_over(header):
    """A like question about the end of monitoring."""
    assert read_heading(TABLES["monitoring"], header).name == "eliminated"


def test_the_opposite_question(exports):
    """未纳入监测: 否 is monitored."""
    register = exports.read(户信息="户编号,年度,户类型,是否未纳入监测\nh1,2023,脱贫户,是\nh2,2023,脱贫户,否\n", 成员="")
    assert monitored(register) == ["h2"]


def test_headers_that_name_a_type(exports):
    """A yes says the type; two of them contradict each other, and the household is monitored all the same."""
    rows = "h1,2023,是,否,否\nh2,2023,否,否,否\nh3,2023,,1,\nh4,2023,,,√\nh5,2023,是,是,\n"
    sheet = "户编号,年度,是否边缘易致贫户,是否脱贫不稳定户,是否突发严重困难户\n" + rows
    register = exports.read(户信息=sheet, 成员="")
    assert types(register) == {"h1": "edge", "h3": "unstable_ex_poor", "h4": "sudden_hardship", "h5": None}
    assert ("monitoring_contradicts", "warning") in codes(register, "h5")
    assert monitored(register) == ["h1", "h3", "h4", "h5"]


def test_a_type_beside_no_is_named(exports):
    """The problem names both columns, the type counts; a risk that is over is no contradiction."""
    rows = "h1,2023,否,突发严重困难户,否\nh2,2023,否,突发严重困难户,是\nh3,2023,是,,\nh4,2023,,边缘户,\n"
    register = exports.read(户信息="户编号,年度,是否监测户,监测对象类别,风险是否已消除\n" + rows, 成员="")
    assert monitored(register) == ["h1", "h3", "h4"]
    found = register.problems[register.problems["code"] == "monitoring_contradicts"]
    assert found[["household_id", "column"]].to_numpy().tolist() == [["h1", "monitored"]]
    assert "type" in str(found["expected"].iloc[0])


def test_a_no_in_another_sheet_is_named(exports):
    """Only where monitoring had begun by the day of the no, and had not ended."""
    households = "户编号,年度,是否监测户\nh1,2023,否\nh2,2023,否\nh3,2023,是\nh4,2023,否\n"
    spells = "户编号,监测对象类别,识别监测时间,风险消除时间\n"
    spells += (
        "h1,边缘易致贫户,202305,\nh2,边缘易致贫户,202105,202206\nh3,边缘易致贫户,202305,\nh4,边缘易致贫户,202405,\n"
    )
    register = exports.read(户信息=households, 监测对象=spells, 成员="")
    found = register.problems[register.problems["code"] == "monitoring_contradicts"]
    assert found[["household_id", "source"]].to_numpy().tolist() == [["h1", "监测对象.csv"]]
    assert "户信息.csv" in str(found["expected"].iloc[0])
    assert types(register) == dict.fromkeys(["h1", "h2", "h3", "h4"], "edge")


def test_a_list_that_only_says_who_is_monitored(exports):
    """A sheet of ids, names and answers: those who are not monitored are counted as such, not rejected."""
    households = "户编号,年度\nh1,2023\nh2,2023\n"
    register = exports.read(户信息=households, 名单="户编号,户主姓名,是否监测户\nh1,张三,是\nh2,李四,否\n", 成员="")
    assert monitored(register) == ["h1"]
    assert register.counts.loc["monitoring", ["rows_read", "rows_rejected"]].tolist() == [1, 0]
    assert "rows_skipped" in set(register.problems["code"])


def test_everybody_answers_no(exports):
    """Then it is known that nobody is monitored: that is not the same as no answer."""
    register = exports.read(户信息="户编号,年度,是否监测户\nh1,2023,否\nh2,2023,否\n", 成员="")
    assert Snapshot(register, "2024-12-31").monitored.tolist() == [0, 0]


def test_a_sheet_with_a_row_for_each_member(tmp_path, files):
    """Merged over the rows of a household, on the head's row only, or different from row to row: that is named."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "防返贫摸排"
    sheet.append(["2023年农户信息"])
    sheet.append(["户编号", "户类型", "是否监测户", "人编号", "与户主关系", "年度", "人均纯收入（元）"])
    for row in (
        ("h1", "一般户", "√", "p1", "户主", 2023, 9000), (None, None, None, "p2", "配偶", 2023, None),
        ("h2", "脱贫户", True, "p3", "户主", 2023, 8000), ("h2", "脱贫户", None, "p4", "之子", 2023, 8000),
        ("h3", "脱贫户", 0, "p5", "户主", 2023, 7000),
        ("h4", "脱贫户", "是", "p6", "户主", 2023, 7000), ("h4", "脱贫户", "否", "p7", "配偶", 2023, 7000),
    ):  # fmt: skip
        sheet.append(row)
    for column in "ABC":
        sheet.merge_cells(f"{column}3:{column}4")
    path = tmp_path / "register"
    path.mkdir()
    book.save(path / "摸排.xlsx")
    register = files.read(path)
    assert monitored(register) == ["h1", "h2", "h4"]
    found = register.problems[register.problems["code"] == "monitoring_contradicts"]
    assert found["household_id"].tolist() == ["h4"]


def test_written_and_read_again(tmp_path, exports, files):
    """A household of which only that it is monitored is known comes back as it is."""
    register = exports.read(户信息="户编号,年度,是否监测户\nh1,2023,是\nh2,2023,否\n", 成员="")
    for headers in ("zh", "en"):
        again = files.read(register.to_folder(tmp_path / headers, format="csv", headers=headers))
        pd.testing.assert_frame_equal(again.tables["monitoring"], register.tables["monitoring"])


def test_frames_say_it_too(frames):
    """A no is no rejected row of a frame either; a number is no answer, and is named."""
    register = frames.read(monitoring={"household_id": ["h1", "h2", "h2"], "monitored": [True, False, 7]})
    assert monitored(register) == ["h1"]
    assert (3, "monitored", "not_yes_no", "blanked") in frames.found(register, "monitoring")
    assert not len(register.rejects)


def test_nothing_is_proposed_for_what_is_read(tmp_path):
    """It was once proposed to be a column that says who is on the register (是否在户)."""
    (tmp_path / "户信息.csv").write_text("户编号,年度,是否监测户\nh1,2023,是\nh2,2023,否\n", encoding="utf-8")
    proposed = propose_columns(tmp_path, lang="en").set_index("header")
    assert proposed.loc["是否监测户", ["means", "proposal"]].tolist() == ["monitored", ""]


@pytest.mark.parametrize("header", ["是否消除风险", "是否已消除风险", "是否稳定消除风险"])
def test_a_risk_that_is_over_is_not_monitored(exports, header):
    """Beside 是否监测户, yes says that the risk is over by the day of the data; no and empty that it is not."""
    rows = "h0,2023,是,是\nh1,2023,是,否\nh2,2023,是,\nh3,2023,否,\n"
    register = exports.read(户信息=f"户编号,年度,是否监测户,{header}\n{rows}", 成员="")
    assert monitored(register) == ["h1", "h2"]
