"""What stands behind names, in notes and in titles instead of in a column of its own."""

import pytest

HOMES = "户编号,年度\nh1,2023\nh2,2023\n"


def monitored(register):
    return register.tables["monitoring"][["household_id", "type"]].astype(object).fillna("").to_numpy().tolist()


def gone(register):
    last = register.tables["members"].sort_values("valid_from").groupby("member_id").tail(1)
    return sorted(last.loc[last["valid_to"].notna(), "member_id"])


def codes(register, household="h1"):
    return sorted(set(register.problems.loc[register.problems["household_id"] == household, "code"]))


@pytest.mark.parametrize(
    ("name", "relation"),
    [
        ("李某（已故）", "配偶"),
        ("李某", "配偶（去世）"),
        ("李某[2022年病故]", "配偶"),
        ("李某 (已迁出)", "配偶"),
        ("李某已故", "配偶"),
    ],
)
def test_who_died_by_his_name_or_relation_is_gone(exports, name, relation):
    """The person is not counted and named; his relation is read without what stands behind it."""
    rows = f"人编号,户编号,年度,姓名,与户主关系,备注\np1,h1,2023,王某,户主,\np2,h1,2023,{name},{relation},\n"
    register = exports.read(户信息=HOMES, 成员=rows)
    assert (gone(register), codes(register)) == (["p2"], ["left_without_day"])
    assert set(register.tables["members"]["relation"]) == {"head", "spouse"}


@pytest.mark.parametrize("name", ["王某（户主）", "王某（女）", "阿依古丽（已改名）"])
def test_other_words_behind_names_end_nothing(exports, name):
    """A bracket alone says nothing."""
    rows = f"人编号,户编号,年度,姓名,与户主关系\np1,h1,2023,{name},户主\n"
    register = exports.read(户信息=HOMES, 成员=rows)
    assert (gone(register), codes(register)) == ([], [])


def test_a_head_who_died_by_his_name_leaves_the_household_in_doubt(exports):
    """A list of households names the head only: the household goes on, and is named."""
    register = exports.read(户信息="户编号,年度,户主姓名\nh1,2023,王某（已故）\nh2,2023,李某\n")
    assert (codes(register), codes(register, "h2")) == (["leaving_doubtful"], [])


@pytest.mark.parametrize("note", ["户口迁往省城", "嫁到外村", "不在本户"])
def test_more_words_of_leaving_are_named(exports, note):
    """Where somebody may be gone by his note, the household is named."""
    rows = f"人编号,户编号,年度,与户主关系,备注\np1,h1,2023,户主,\np2,h1,2023,之女,{note}\n"
    assert codes(exports.read(户信息=HOMES, 成员=rows)) == ["leaving_doubtful"]


@pytest.mark.parametrize(
    ("note", "kind"),
    [
        ("脱贫不稳定户", "unstable_ex_poor"),
        ("2022年纳入边缘易致贫户", "edge"),
        ("2023年5月纳入监测", ""),
        ("监测户", ""),
    ],
)
def test_a_note_with_one_meaning_says_who_is_monitored(exports, note, kind):
    """The day is that of the data, as it is for 户类型."""
    register = exports.read(户信息=f"户编号,年度,户类型,备注\nh1,2023,脱贫户,{note}\nh2,2023,脱贫户,住房安全\n")
    assert (monitored(register), codes(register)) == ([["h1", kind]], ["identification_unknown"])


@pytest.mark.parametrize("note", ["原监测户，风险已消除", "申请纳入监测", "建议列入监测对象", "不属于监测对象"])
def test_a_note_with_several_meanings_names_its_household(exports, note):
    """Nobody is monitored by it; the household is named."""
    register = exports.read(户信息=f"户编号,年度,备注\nh1,2023,{note}\nh2,2023,\n")
    assert (monitored(register), codes(register), codes(register, "h2")) == ([], ["monitoring_in_note"], [])


def test_lists_of_the_monitored_are_asked_before_notes(exports):
    """Of a household in such a list the note adds nothing and puts nothing in doubt."""
    homes = "户编号,年度,备注\nh1,2023,监测户\nh2,2023,原监测户，风险已消除\n"
    lists = "户编号,监测对象类型,识别监测时间,风险消除时间\nh1,边缘易致贫户,202203,\nh2,脱贫不稳定户,202105,202208\n"
    register = exports.read(户信息=homes, 监测对象=lists)
    assert monitored(register) == [["h1", "edge"], ["h2", "unstable_ex_poor"]]
    assert (codes(register), codes(register, "h2")) == ([], [])


@pytest.mark.parametrize(
    ("name", "found"),
    [("2024年边缘易致贫户花名册", [["h1", "edge"]]), ("疑似边缘易致贫户名单", []), ("边缘易致贫户民主评议名单", []),
     ("边缘易致贫户风险消除名单", []), ("脱贫不稳定户和边缘易致贫户名单", [])],
)  # fmt: skip
def test_the_name_of_a_list_may_say_the_type(exports, name, found):
    """Only a list of one type with days of identification, and none of candidates or of those whose risk is over."""
    register = exports.read(**{"户信息": HOMES, name: "户编号,致贫风险,纳入时间\nh1,因病,2023.06\n"})
    assert monitored(register) == found
    assert ("type_from_name" in set(register.problems["code"])) == bool(found)


def test_years_since_when_households_are_monitored(exports):
    """纳入监测年度 says who is monitored; the last day of the year stands for the day, which is said."""
    register = exports.read(户信息="户编号,年度,纳入监测年度,消除年度\nh1,2023,2021,2022\nh2,2023,—,\n")
    spells = register.tables["monitoring"]
    assert spells["household_id"].tolist() == ["h1"]
    assert spells[["identified_on", "eliminated_on"]].astype(str).to_numpy().tolist() == [["2021-12-31", "2022-12-31"]]
    assert register.problems["code"].tolist().count("year_for_day") == 2
