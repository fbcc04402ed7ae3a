"""Who is gone, closed or no longer monitored: by columns, notes and lists of those who left."""

import openpyxl
import pytest

from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.records.layout import Layout
from fanpin_risk.records.read.leavers import with_endings
from fanpin_risk.records.sheets import SheetHead

HOMES = "户编号,年度\n" + "".join(f"h{number},2023\n" for number in range(1, 4))
DAY = "2025-06-30"


def persons(register, day=DAY):
    on_day = Snapshot(register, day)
    return dict(zip(on_day.household_ids, on_day.persons.tolist(), strict=True))


def monitored(register, day=DAY):
    on_day = Snapshot(register, day)
    return dict(zip(on_day.household_ids, on_day.monitored.tolist(), strict=True))


def named(register, code):
    return sorted(register.problems.loc[register.problems["code"] == code, "household_id"].dropna())


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("是否在世", "否"), ("是否在册", "否"), ("人员增减情况", "自然减少"), ("增减变化", "减少"), ("变动情况", "婚嫁迁出"),
        ("人员变动", "死亡"), ("备注", "已死亡"), ("备注", "2022年5月因病去世"), ("备注（说明）", "户口已迁出"),
    ],
)  # fmt: skip
def test_who_is_gone_by_a_word_is_not_counted_and_named(exports, header, cell):
    """Without a day the person is gone since the day of the row; a column of members never closes the household."""
    rows = f"人编号,户编号,年度,与户主关系,{header}\np1,h1,2023,户主,\np2,h1,2023,配偶,{cell}\n"
    register = exports.read(成员=rows)
    assert persons(register) == {"h1": 1}
    assert exports.found(register) == [("h1", "valid_to", "left_without_day")]
    assert register.tables["members"][["remark", "change"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("header", "cell"),
    [("备注", "户主已故"), ("备注", "外嫁"), ("备注", "父亲2020年去世"), ("备注", "服刑"), ("人员状态,备注", "正常,已死亡"),
     ("是否在世,变动情况", "是,死亡")],
)  # fmt: skip
def test_what_a_note_may_mean_is_named_and_not_read(exports, header, cell):
    """Whom a note speaks of is for people to say; a note against a column of the row, too."""
    more = "," * header.count(",")
    rows = f"人编号,户编号,年度,与户主关系,{header}\np1,h1,2023,户主,{more}\np2,h1,2023,配偶,{cell}\n"
    register = exports.read(成员=rows)
    assert persons(register) == {"h1": 2}
    assert exports.found(register) == [("h1", "present", "leaving_doubtful")]


@pytest.mark.parametrize("cell", ["新增", "婚嫁迁入", "出生", "正常", "无变化", ""])
def test_who_came_or_stayed_is_counted(exports, cell):
    """The day of a change is one of leaving only where somebody left."""
    rows = (
        f"人编号,户编号,年度,与户主关系,人员增减情况,人员增减时间\np1,h1,2023,户主,,\np2,h1,2023,配偶,{cell},2022-05-01\n"
        "p3,h1,2023,之子,死亡,2023-05-01\n"
    )
    register = exports.read(成员=rows)
    assert persons(register) == {"h1": 2}
    assert exports.found(register) == []


def test_a_note_about_other_things_says_nothing(exports):
    """What stands under 备注 is not kept, and no reason to name anybody."""
    rows = "人编号,户编号,年度,与户主关系,备注\np1,h1,2023,户主,种植大户\np2,h1,2023,配偶,常年在外务工\n"
    register = exports.read(成员=rows)
    assert persons(register) == {"h1": 2}
    assert exports.found(register) == []


def test_an_unknown_change_is_named(exports):
    """A word that is neither coming nor leaving is not read, and the household is named."""
    rows = "人编号,户编号,年度,与户主关系,变动情况\np1,h1,2023,户主,\np2,h1,2023,配偶,待核查\n"
    assert exports.found(exports.read(成员=rows)) == [("h1", "change", "unknown_code")]


@pytest.mark.parametrize("header", ["减少时间", "死亡时间", "死亡日期", "去世时间"])
def test_who_left_before_the_day_of_the_list_is_gone(exports, header):
    """Lists are of a later day than what they tell; only against a plain word that he is here it is a slip."""
    rows = f"人编号,户编号,数据日期,与户主关系,人员状态,{header}\np1,h1,2023-12-31,户主,正常,\np2,h1,2023-12-31,配偶,,2023-05-10\n"
    register = exports.read(成员=rows)
    assert persons(register) == {"h1": 1}
    assert exports.found(register) == []
    contradicting = exports.read(成员=rows.replace("配偶,,", "配偶,正常,"))
    assert persons(contradicting) == {"h1": 2}
    assert exports.found(contradicting) == [("h1", "valid_to", "end_before_start")]


def test_a_list_of_leavers_counts_against_the_list_of_members(exports):
    """Whichever is newer by its own day; where the list of members is later, the household is named."""
    members = "人编号,户编号,数据日期,与户主关系\np1,h1,2024-01-31,户主\np2,h1,2024-01-31,配偶\np3,h1,2024-12-31,之子\n"
    gone = "序号,户编号,人编号,减少原因,减少时间\n1,h1,p2,死亡,2024-05-10\n2,h1,p3,死亡,2024-06-10\n"
    register = exports.read(成员=members, **{"2024年自然减少人员名单": gone})
    assert persons(register, "2024-03-31") == {"h1": 2}
    assert persons(register) == {"h1": 1}
    assert named(register, "listed_after_leaving") == ["h1"]
    bare = exports.read(成员=members, **{"2024年自然减少人员名单": "", "死亡人员名单": "户编号,人编号\nh1,p2\n"})
    assert persons(bare)["h1"] < 3


def test_a_list_of_changes_both_ways_removes_nobody(exports):
    """人员增减 names who came, too."""
    members = "人编号,户编号,数据日期,与户主关系\np1,h1,2024-01-31,户主\np2,h1,2024-01-31,配偶\n"
    both = "户编号,人编号,与户主关系,数据日期\nh1,p2,配偶,2024-01-31\n"
    assert persons(exports.read(成员=members, 人员增减情况表=both)) == {"h1": 2}


@pytest.mark.parametrize(
    ("header", "cell"),
    [("是否整户销户", "是"), ("销户时间", "2024-10-01"), ("整户销号时间", "2024-10-01"), ("销户原因", "整户死亡"),
     ("备注", "2024年整户迁出"),
     ("户状态", "整户销户"), ("备注", "已销户")],
)  # fmt: skip
def test_closed_households_are_no_longer_there(exports, header, cell):
    """By a day, a reason, a state or a clear note; the others stay."""
    register = exports.read(户信息=f"户编号,年度,{header}\nh1,2023,\nh2,2023,{cell}\n")
    assert list(persons(register)) == ["h1"]
    if "时间" not in header:
        assert named(register, "left_without_day") == ["h2"]


@pytest.mark.parametrize("cell", ["户主已故", "曾销户后恢复"])
def test_a_doubtful_note_closes_no_household(exports, cell):
    """It is named."""
    register = exports.read(户信息=f"户编号,年度,备注\nh1,2023,\nh2,2023,{cell}\n")
    assert list(persons(register)) == ["h1", "h2"]
    assert named(register, "leaving_doubtful") == ["h2"]


@pytest.mark.parametrize("name", ["已销户", "整户迁出名单", "整户销户", "自然消亡户"])
def test_a_sheet_of_closed_households_closes_them(exports, name):
    """Its households are gone and named; those of other sheets stay."""
    incomes = "户编号,家庭人口数,年度,工资性收入\n{},2,2023,9000\n"
    register = exports.read(户信息="", 成员="", 收入=incomes.format("h1"), **{name: incomes.format("h2")})
    assert list(persons(register)) == ["h1"]
    assert named(register, "left_without_day") == ["h2"]


def test_a_bare_list_of_closed_households_never_outranks_others(exports):
    """Households known from a sheet of incomes alone stay, beside a list that looks more like one of households."""
    incomes = "户编号,家庭人口数,年度,工资性收入\nh1,2,2023,9000\nh2,2,2023,9000\n"
    register = exports.read(
        户信息="", 成员="", 收入=incomes, 整户销户名单="序号,户编号,销户原因,销户时间\n1,h2,死亡,2024-06-01\n"
    )
    assert list(persons(register)) == ["h1"]
    assert list(persons(register, "2024-03-31")) == ["h1", "h2"]


@pytest.mark.parametrize(
    ("header", "cell"),
    [("备注", "2024年8月风险消除"), ("备注", "已销号"), ("动态调整情况", "2024年8月消除"), ("动态管理情况", "风险消除"),
     ("监测对象类别", "脱贫不稳定户（风险已消除）"), ("监测对象类别", "边缘易致贫户(2023年8月消除)")],
)  # fmt: skip
def test_whose_risk_is_over_by_a_word_is_not_monitored(exports, header, cell):
    """By the day of the data at the latest, and the household is named."""
    if header == "监测对象类别":
        sheet = f"户编号,监测对象类别,识别时间\nh1,边缘易致贫户,202305\nh2,{cell},202305\n"
    else:
        sheet = f"户编号,监测对象类别,识别时间,{header}\nh1,边缘易致贫户,202305,\nh2,边缘易致贫户,202305,{cell}\n"
    register = exports.read(户信息=HOMES, 成员="", 监测台账=sheet)
    assert monitored(register) == {"h1": 1, "h2": 0, "h3": 0}
    assert named(register, "elimination_unknown") == ["h2"]


@pytest.mark.parametrize(
    ("cell", "doubtful"),
    [("误识别，已清退", True), ("户主已故", True), ("拟消除", False), ("未消除", False), ("新增", False), ("回退", False)],
)  # fmt: skip
def test_other_notes_end_no_monitoring(exports, cell, doubtful):
    """What may mean an end is named."""
    sheet = f"户编号,监测对象类别,识别时间,备注\nh2,边缘易致贫户,202305,{cell}\n"
    register = exports.read(户信息=HOMES, 成员="", 监测台账=sheet)
    assert monitored(register)["h2"] == 1
    assert named(register, "elimination_doubtful") == ["h2"] * doubtful


def test_a_note_against_a_column_is_named(exports):
    """未消除 in its own column wins over a note."""
    sheet = "户编号,监测对象类别,识别时间,风险是否消除,备注\nh2,边缘易致贫户,202305,否,已消除\nh1,边缘易致贫户,202305,是,已消除\n"
    register = exports.read(户信息=HOMES, 成员="", 监测台账=sheet)
    assert [monitored(register)[home] for home in ("h1", "h2")] == [0, 1]
    assert named(register, "elimination_doubtful") == ["h2"]


def test_sheets_named_after_what_is_over(tmp_path, files):
    """已消除 in the name of a sheet or a file is the answer for all its rows; 未消除, or both, is none."""
    (tmp_path / "户信息.csv").write_text(HOMES, encoding="utf-8")
    book = openpyxl.Workbook()
    for name, home in (("未消除风险监测对象", "h1"), ("已消除风险监测对象", "h2")):
        sheet = book.create_sheet(name)
        sheet.append(["户编号", "监测对象类别", "识别时间"])
        sheet.append([home, "边缘易致贫户", "202305"])
    del book[book.sheetnames[0]]
    book.save(tmp_path / "监测对象.xlsx")
    text = "户编号,监测对象类别,识别时间\nh3,边缘易致贫户,202305\n"
    (tmp_path / "监测对象（风险已消除）.csv").write_text(text, encoding="utf-8")
    register = files.read(tmp_path)
    assert monitored(register) == {"h1": 1, "h2": 0, "h3": 0}
    assert named(register, "elimination_unknown") == ["h2", "h3"]


@pytest.mark.parametrize(
    ("file", "sheet", "texts", "ended"),
    [
        ("死亡人员.xlsx", "Sheet1", (), True), ("2024.xlsx", "婚嫁迁出人员", (), True), ("死亡人员.xlsx", "家庭成员", (), False),
        ("成员.xlsx", "Sheet1", ("2024年自然减少人员花名册",), True), ("成员.xlsx", "Sheet1", ("人员减少情况",), False),
        ("成员（不含死亡人员）.xlsx", "Sheet1", (), False), ("新增和减少人员.xlsx", "Sheet1", (), False),
    ],
)  # fmt: skip
def test_names_that_say_that_all_are_gone(file, sheet, texts, ended):
    """A title counts as a name; a group of columns does not."""
    head = SheetHead(file=file, sheet=sheet, source="", headers=["人编号"], texts=frozenset(texts))
    layout = with_endings("members", Layout(columns={"member_id": (0, 1.0)}), head)
    assert (layout.constants == {"present": "否"}) is layout.leavers is ended


@pytest.mark.parametrize("cell", ["去年", "2023年13月", "5/6/2023"])
def test_an_unreadable_day_leaves_the_household_monitored(exports, cell):
    """Since an unknown day; both are said."""
    sheet = f"户编号,监测对象类别,识别时间\nh1,边缘易致贫户,{cell}\n"
    register = exports.read(户信息=HOMES, 成员="", 监测对象=sheet)
    assert monitored(register)["h1"] == 1
    assert exports.found(register) == [
        ("h1", "identified_on", "not_a_date"), ("h1", "identified_on", "identification_unknown"),
    ]  # fmt: skip
    assert register.tables["monitoring"]["identified_before"].all()


@pytest.mark.parametrize("header", ["户类型", "农户类型", "户类别", "农户类别"])
def test_types_of_monitored_households_among_those_of_all(exports, header):
    """They are monitored since an unknown day, also under the type of a household; a sheet about monitoring knows more."""
    homes = f"户编号,年度,{header}\nh1,2023,边缘易致贫户\nh2,2023,脱贫户\nh3,2023,突发严重困难户\n"
    register = exports.read(户信息=homes, 成员="")
    assert monitored(register) == {"h1": 1, "h2": 0, "h3": 1}
    assert exports.found(register) == [(home, "identified_on", "identification_unknown") for home in ("h1", "h3")]
    listed = "户编号,监测对象类别,识别时间,风险消除时间\nh1,边缘易致贫户,202205,202305\n"
    both = exports.read(户信息=homes, 成员="", 监测对象=listed)
    assert monitored(both) == {"h1": 0, "h2": 0, "h3": 1}


def test_where_nobody_has_such_a_type_nothing_is_said_of_monitoring(exports):
    """A register without a word on who is monitored has no table of monitoring."""
    register = exports.read(户信息="户编号,年度,户类型\nh1,2023,一般农户\n", 成员="")
    assert "monitoring" not in register.supplied


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("整户销户名单", "户编号,减少原因,减少时间\nh2,整户死亡,2024-05-06\nh9,整户死亡,2024-05-06\n"),
        ("整户减少", "序号,户编号,户主姓名,减少原因,减少日期\n1,h2,甲,迁出,2024年5月\n2,h9,乙,迁出,2024年5月\n"),
        ("销户户名单", "户编号,销户时间\nh2,202405\nh9,202405\n"),
    ],
)
def test_a_list_of_closed_households_ends_them(exports, name, text):
    """From their day on; those that the register does not have are named and add nobody."""
    register = exports.read(户信息=HOMES, **{name: text})
    assert sorted(persons(register)) == ["h1", "h3"]
    assert sorted(persons(register, "2024-03-31")) == ["h1", "h2", "h3"]
    assert [one for one in exports.found(register) if one[0]] == [("h9", "household_id", "closed_elsewhere")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("农户减少人员名单", "户编号,姓名,减少原因,减少时间\nh2,甲,死亡,2024-05-06\n"),
        ("死亡户主名单", "户编号,户主姓名,死亡时间\nh2,甲,2024-05-06\n"),
        ("户口迁出户籍名单", "户编号,迁出时间\nh2,2024-05-06\n"),
        ("拟销户名单", "户编号,减少原因,减少时间\nh2,死亡,2024-05-06\n"),
    ],
)
def test_lists_of_persons_or_of_plans_close_no_household(exports, name, text):
    """Whose head died is a household as before."""
    register = exports.read(户信息=HOMES, **{name: text})
    assert sorted(persons(register)) == ["h1", "h2", "h3"]


def test_a_list_of_closed_households_says_of_nobody_else_who_is_there(exports):
    """Households come from the other sheets, where none is of households."""
    closed = "户编号,减少时间\nh2,2024-05-06\n"
    register = exports.read(
        户信息="", 成员="", 务工收入="户编号,年度,务工收入\nh1,2023,9000\nh2,2023,9000\n", 整户销户名单=closed
    )
    assert sorted(persons(register)) == ["h1"]
