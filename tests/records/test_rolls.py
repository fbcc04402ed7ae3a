"""Households come from every sheet that lists them; a list of something else adds nobody."""

import pytest

import fanpin_risk as fr

INCOMES = "户编号,年度,工资性收入,经营净收入,财产性收入,转移性收入\n"
MEMBERS = "户编号,人编号,与户主关系,性别,年度\nA1,A101,户主,男,2023\nA1,A102,配偶,女,2023\nA2,A201,户主,女,2023\n"
ACCOUNTS = INCOMES + "A1,2023,12000,6000,0,2000\nA2,2023,8000,0,100,900\n"


def ids(register):
    """Return the households of a register."""
    return sorted(register.tables["households"]["household_id"].unique())


def test_members_and_incomes_are_enough(sheets):
    """No sheet is of households: they are those of both sheets, and what nobody says of them is said to be missing once."""
    register = sheets.read(甲=MEMBERS, 乙=ACCOUNTS)
    assert ids(register) == ["A1", "A2"]
    assert register.tables["households"]["area_name"].isna().all()
    assert register.problems["code"].tolist() == ["households_from_lists"]
    income = fr.compute_features(register, "2024-06-30")["income_per_person"]
    assert income.tolist() == [10000.0, 9000.0]
    assert register.counts["rows_rejected"].sum() == 0


def test_incomes_alone_are_enough(sheets):
    """A sheet with 户编号 is never said to have none, whatever it calls the size of households."""
    sheet = ACCOUNTS.replace("年度,", "年度,咱家人数,").replace("2023,", "2023,3,")
    assert ids(sheets.read(台账=sheet)) == ["A1", "A2"]


def test_columns_of_several_tables_speak_for_a_sheet(sheets):
    """What another table knows does not make a sheet unknown."""
    register = sheets.read(
        册="户编号,家庭人口数,年度,工资性收入,监测对象类别,识别监测时间\nA1,2,2023,9000,边缘易致贫户,202305\n"
    )
    assert ids(register) == ["A1"]
    assert register.counts.loc[["households", "incomes", "monitoring"], "rows_kept"].tolist() == [1, 1, 1]


def test_accounts_beside_a_sheet_of_households_add_theirs(sheets):
    """A sheet with the accounts of its households is no list of something else."""
    register = sheets.read(
        户信息="户编号,家庭人口数,年度\nA1,2,2023\n",
        监测对象="户编号,家庭人口数,年度,监测对象类别,识别监测时间,工资性收入,转移性收入\nA7,3,2023,脱贫不稳定户,202305,9000,600\n",
    )
    assert ids(register) == ["A1", "A7"]
    assert register.counts["rows_rejected"].sum() == 0


@pytest.mark.parametrize(
    "columns", ["人编号,户类型,务工所在地", "家庭人口数,年度,工资性收入", "家庭人口数,监测对象类别,识别监测时间"]
)
def test_a_list_of_something_else_adds_nobody(sheets, columns):
    """Plans to work elsewhere, one amount, who is monitored: such lists name some households for reasons of their own."""
    cells = {
        "人编号": "A901", "户类型": "一般农户", "务工所在地": "省外", "家庭人口数": "2", "年度": "2023", "工资性收入": "10",
        "监测对象类别": "脱贫不稳定户", "识别监测时间": "202305",
    }  # fmt: skip
    other = f"户编号,{columns}\nA9,{','.join(cells[name] for name in columns.split(','))}\n"
    register = sheets.read(户信息="户编号,家庭人口数,年度\nA1,2,2023\n", 另=other)
    assert ids(register) == ["A1"]
    assert "A9" in set(register.problems["household_id"])


def test_other_lists_add_nobody_where_accounts_say_who_the_households_are(sheets):
    """Without a sheet of households, too."""
    register = sheets.read(收入=ACCOUNTS, 就医="户编号,人编号,结算日期,医疗总费用\nA9,A901,2023-05-01,300\n")
    assert ids(register) == ["A1", "A2"]


def test_a_packed_register_has_the_same_households(sheets, tmp_path):
    """Packing takes them from the same sheets."""
    register = sheets.read(甲=MEMBERS, 乙=ACCOUNTS)
    packed = fr.pack(sheets.folder, tmp_path / "packed")
    assert packed.households == 2
    assert register.counts.loc["households", "rows_read"] == 5


def test_days_of_monitoring_without_a_type_say_what_is_lacking(sheets):
    """They are declared; it is the type that the sheet lacks."""
    register = sheets.read(
        收入=ACCOUNTS.replace("转移性收入", "转移性收入,风险识别时间").replace("00\n", "00,202305\n")
    )
    found = register.problems.set_index("column")["code"]
    assert found["风险识别时间"] == "type_lacking"


def test_since_when_a_household_is_monitored_says_that_it_is(sheets):
    """Under 纳入监测时间 a day has one meaning; of which type is not known, and is said."""
    register = sheets.read(
        收入=ACCOUNTS.replace("转移性收入", "转移性收入,纳入监测时间").replace("00\n", "00,202305\n")
    )
    assert register.tables["monitoring"]["monitored"].tolist() == [True, True]
    assert "type_unknown" in set(register.problems["code"])


def test_other_numbers_of_persons_are_named(sheets):
    """Which one is used is said, with both figures."""
    sheet = ACCOUNTS.replace("年度", "户籍人口,常住人口,年度").replace("2023,", "4,3,2023,")
    register = sheets.read(收入=sheet)
    assert register.tables["households"]["size_declared"].tolist() == [4.0, 4.0]
    found = register.problems[register.problems["code"] == "second_column_differs"]
    assert found[["household_id", "stated", "computed"]].to_numpy().tolist() == [["A1", 3.0, 4.0], ["A2", 3.0, 4.0]]
    assert "unknown_column" not in set(register.problems["code"])
