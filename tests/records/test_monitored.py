"""Who is monitored by a sheet, and who only stands in it."""

import pytest

SHEET = "户编号,监测对象类型,识别监测时间{}\n"


def monitored(register):
    return register.tables["monitoring"][["household_id", "type"]].to_numpy().tolist()


def test_the_type_may_stand_in_the_type_of_household(exports):
    """户类型 names the monitored type, and the day of monitoring stands beside it; others in the sheet are none."""
    households = "户编号,年度,户类型,识别监测时间\nh1,2023,脱贫不稳定户,202205\nh2,2023,脱贫户,\n"
    register = exports.read(户信息=households)
    assert monitored(register) == [["h1", "unstable_ex_poor"]]
    assert register.counts.loc["monitoring", ["rows_read", "rows_rejected"]].tolist() == [1, 0]


def test_the_day_on_which_poverty_was_registered_makes_nobody_monitored(exports):
    """识别时间 of 2014 beside 脱贫户 is that of 建档立卡; a later one may be that of monitoring, so the row is named."""
    rows = "h1,2023,脱贫户,2014-12\nh2,2023,脱贫户,2021-05\nh3,2023,边缘易致贫户,2021-05\n"
    register = exports.read(户信息=f"户编号,年度,户类型,识别时间\n{rows}")
    assert monitored(register) == [["h3", "edge"]]
    assert register.rejects["household_id"].tolist() == ["h2"]


@pytest.mark.parametrize(
    "name", ["疑似监测户排查表", "拟纳入监测对象名单", "2024年监测对象候选名单", "监测对象民主评议未通过名单"]
)
def test_lists_of_candidates_make_nobody_monitored(exports, name):
    """Who may be monitored one day is not yet; the list is named."""
    register = exports.read(**{name: SHEET.format("") + "h1,边缘易致贫户,202405\n"})
    assert (monitored(register), "candidates" in set(register.problems["code"])) == ([], True)


def test_a_column_says_who_was_taken_up(exports):
    """是否纳入 tells candidates from those who are monitored; the others are no rows of the table, and are counted as such."""
    rows = "h1,边缘易致贫户,202405,是\nh2,边缘易致贫户,202405,否\n"
    register = exports.read(户信息="户编号,年度\nh1,2023\nh2,2023\n", 疑似监测户排查表=SHEET.format(",是否纳入") + rows)
    assert monitored(register) == [["h1", "edge"]]
    assert register.counts.loc["monitoring", ["rows_read", "rows_rejected"]].tolist() == [1, 0]
    assert register.problems["code"].tolist() == ["rows_skipped"]


def test_households_that_are_not_monitored_are_no_rows_of_a_flat_sheet(exports):
    """A sheet named after monitoring that holds all households and members: those without a type are not rejected."""
    rows = "h1,p1,户主,脱贫户,,\nh2,p9,户主,脱贫户,脱贫不稳定户,202205\n"
    sheet = "户编号,人编号,与户主关系,户类型,监测对象类型,识别监测时间\n" + rows
    register = exports.read(户信息="户编号,年度\nh1,2023\nh2,2023\n", 监测信息2023=sheet)
    assert monitored(register) == [["h2", "unstable_ex_poor"]]
    assert register.counts.loc["monitoring", ["rows_read", "rows_rejected"]].tolist() == [1, 0]
