"""Which days titles, names and headers tell, and which years are not those of the data."""

import pytest

from fanpin_risk.records.named_days import account_span_in, span_in

Y2023, Y2024, ROUND = ("2023-01-01", "2023-12-31"), ("2024-01-01", "2024-12-31"), ("2023-10-01", "2024-09-30")


def days(span):
    """Return a span as texts."""
    return None if span is None else tuple(str(day) for day in span)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("采集周期：2023年10月1日至2024年9月30日", ROUND),
        ("2024年农户收入（2023年10月—2024年9月）", ROUND),  # the period says it more exactly than the year
        ("2023.10.1-2024.9.30", ROUND),
        ("统计时间：2024年12月31日", Y2024),
        ("截至2024年12月底农户收入", Y2024),
        ("2024年1-12月农户收入", Y2024),
        ("2024年1月至12月农户收入", Y2024),
        ("二〇二四年度农户收入", Y2024),
        ("24年农户收入", Y2024),
        ("2024年", Y2024),
        ("2024年脱贫户收入测算表（2025年版）", Y2024),
        ("2025年1月填报2024年度收入台账", Y2024),
        ("2024年新识别监测户2023年收入", Y2023),
        ("更新时间：2024-03-05 农户收入2023", Y2023),
        ("更新2023年收入", Y2023),
        ("政办〔2023〕12号 农户收入台账", None),
        ("2014年建档立卡户收入台账", None),
        ("2020年脱贫户收入", None),
        ("关于做好2025年工作的附件", None),
        ("填报日期：2025年", None),
        ("2024年工作要点", None),  # nothing of data
        ("2023-2024年度农户收入", None),
        ("2021—2025年农户收入台账", None),
        ("2021年1月至2023年12月农户收入", None),  # more than a year
        ("2024年9月至2023年10月农户收入", None),
        ("2023年1月至2023年12月、2024年1月至2024年12月收入", None),
        ("20年来农户收入", None),
        ("2024年秋季家庭收入", None),
        ("2024年春季学期收入情况", None),
        ("2023-2024学年农户收入", None),
        ("2024年收入（秋季）", None),
        ("2024年第一学期家庭收入", None),
        ("2023—2024学年 2024年度收入", Y2024),
        ("2024年春耕补贴收入", Y2024),
    ],
)
def test_years_of_accounts_in_titles(text, expected):
    """Periods and states at the end of a year; no year of a document, of a cohort or of when it was filled in."""
    assert days(account_span_in(text, title=True)) == expected


@pytest.mark.parametrize("text", ["截至2024年11月底农户收入", "2024年12月农户收入"])
def test_a_month_of_accounts_is_no_year(text):
    """What is not of a year's end, or a month's accounts."""
    first, last = account_span_in(text, title=True)
    assert (last - first).astype(int) < 31


def test_a_folder_of_december_is_of_its_year():
    """Of accounts only; of what else lies in it December is the time."""
    for text in ("2024年12月", "202412", "2024.12.31"):
        assert days(account_span_in(text, folder=True)) == Y2024
        assert days(span_in(text))[1] == "2024-12-31"
        assert days(span_in(text))[0] != "2024-01-01"
    assert days(account_span_in("2024年10月", folder=True)) == ("2024-10-01", "2024-10-31")


@pytest.mark.parametrize(
    "text", ["2014年建档立卡户基本信息", "政办〔2023〕12号", "关于印发2025年方案的通知", "2021年1月至2023年12月"]
)
def test_households_have_no_year_of_a_document_or_a_cohort(text):
    """Nor of several years; so they need a date."""
    assert span_in(text) is None


GROUPS = "户编号,家庭人口数,户类型,2022年,,2023年,\n,,,工资性收入,低保金,工资性收入,低保金\n"
NAMES = "户编号,家庭人口数,2022年工资性收入,2023年工资性收入,2023年低保金,2023年财产性收入\n"


@pytest.mark.parametrize(
    ("header", "row", "years"),
    [
        (GROUPS, "h1,3,脱贫户,9000,,12000,600\n", ["2022-12-31", "2023-12-31", "2023-12-31"]),
        (NAMES, "h1,3,9000,12000,600,50\n", ["2022-12-31", *["2023-12-31"] * 3]),
    ],
)
def test_years_in_headers_leave_a_sheet_of_households_one(files, tmp_path, header, row, years):
    """It is known as such, and its households are of the newest of these years; both is said."""
    (tmp_path / "对比.csv").write_text(header + row, encoding="utf-8")
    register = files.read(tmp_path)
    assert register.tables["households"]["valid_from"].astype(str).tolist() == ["2023-01-01"]
    assert sorted(register.tables["incomes"]["period_end"].astype(str)) == years
    notes = register.problems[register.problems["code"] == "date_from_name"]
    assert set(notes["table"]) == {"households", "incomes"}
    text = "by the headers of its columns they are of 2023-01-01 to 2023-12-31"
    assert text in notes.set_index("table").loc["households", "message"]
    register = files.read(tmp_path, data_date="2024-06-30")
    assert register.tables["households"]["valid_from"].astype(str).tolist() == ["2024-06-30"]
    assert "date_differs" not in set(register.problems["code"])
