"""What the form of the monitored and the rules ask for, under real headers; records/codes_for_rules.py, records/column_kinds.py."""

import pytest

SHEETS = {
    "户.csv": "户编号,数据日期,户类型,危房级别,住房鉴定时间,低收入人口类别,资产比对结果,资产比对日期,实际居住情况,危房改造竣工时间,"
    "是否无房户,年缺水天数\n"
    "A1,2023-06-30,脱贫户,C,2022-05-01,低保边缘家庭,商品房、车辆,2023-06-01,租房,,是,40\n"
    "A2,2023-06-30,一般农户,,,非低收入人口,无,,子女家,2023-05-01,否,0\n",
    "成员.csv": "户编号,人编号,数据日期,与户主关系,在其他地方参保情况,养老保险缴费方式,参保年度\n"
    "A1,P1,2023-06-30,户主,在校参保,政府代缴,2023年\n",
    "就学.csv": "人编号,学年,学段,就学状态,休学审批单位,是否寄宿\nP1,2022,初中,休学,县教育局,是\n",
    "帮扶措施.csv": "户编号,开始时间,帮扶措施,帮扶措施子项,计划实施时间,落实时间\nA1,2022-04-01,教育帮扶,雨露计划,2022-04-01,2022-05-01\n",
    "监测对象.csv": "户编号,监测对象类别,识别监测时间,致贫返贫风险1,因自然灾害子项,风险消除时间,识别时人均纯收入（元）,识别时合规自付支出,"
    "识别时是否住房出现安全问题,风险消除后人均纯收入（元）,风险消除后是否有家庭成员未参加基本医疗保险,监测联系人编号,实施开发式帮扶措施情况\n"
    "A1,脱贫不稳定户,202203,因自然灾害,洪涝,202306,5600,1200,是,0.91万,否,L01,尚未实施\n",
}
READ = {
    "households": {
        "house_grade_date": "2022-05-01", "low_income_class": "dibao_edge", "assets_hit": "flat_or_shop;vehicle",
        "assets_hit_on": "2023-06-01", "lives_in": "rented", "no_house": "True", "water_days_short": "40.0",
    },
    "members": {"ins_elsewhere": "student", "pension_paid_by": "state", "ins_year": "2023.0"},
    "enrolments": {"approved_by": "county_education", "boarding": "True"},
    "supports": {"sub_measure": "yulu", "planned_on": "2022-04-01", "done_on": "2022-05-01"},
    "monitoring": {
        "disaster_kind": "flood", "entry_income_per_person_cny": "5600.0", "entry_oop_cny": "1200.0",
        "entry_unsafe_house": "True", "exit_income_per_person_cny": "9100.0", "exit_uninsured": "False",
        "contact_code": "L01", "development_done": "False",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    """Return a register read from sheets with these headers."""
    import fanpin_risk as fr

    folder = tmp_path_factory.mktemp("sheets")
    for name, text in SHEETS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return fr.read_register(folder)


@pytest.mark.parametrize("table", READ)
def test_headers_of_real_sheets_are_read(register, table):
    """Each under its own header, in codes; figures at recognition and after the end of a risk do not mix."""
    row = register.tables[table].iloc[0]
    assert {name: str(row[name]).removesuffix(" 00:00:00") for name in READ[table]} == READ[table]
    assert register.rejects.empty


def test_nothing_of_a_kind_is_a_code(register):
    """Who was asked and is in no list, or has nothing, is not taken for who was not asked."""
    row = register.tables["households"].iloc[1]
    assert row[["low_income_class", "assets_hit"]].tolist() == ["none", "none"]
