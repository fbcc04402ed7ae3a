"""Households are named of which incomes, members or monitoring may be in a file that could not be used."""

import pytest

HOUSEHOLDS = "户编号,年度,户类型,家庭人口数\n" + "".join(f"00{n},2023,脱贫户,2\n" for n in range(11, 15))


def lost(register):
    mine = register.problems[register.problems["code"] == "income_lost"]
    return mine["household_id"].tolist(), mine["message"].tolist()


def test_households_that_ids_of_another_form_mean_are_named(exports):
    """Zeros at the beginning were lost: it can be told whose incomes they are."""
    wages = "户编号,年度,工资性收入\n11,2023,9000\n12,2023,9000\n13,2023,9000\n"
    ids, messages = lost(exports.read(户信息=HOUSEHOLDS, 工资收入=wages))
    assert ids == ["0011", "0012", "0013"]
    assert "工资收入.csv" in messages[0]


def test_where_nobody_knows_who_is_meant_it_is_who_has_nothing_of_the_kind(exports):
    """Who has wages from another sheet is not in doubt."""
    wages = "户编号,年度,工资性收入\n" + "".join(f"x{n},2023,9000\n" for n in range(4))
    others = "户编号,年度,工资性收入,转移性收入\n0011,2023,9000,0\n0012,2023,,800\n"
    ids, _ = lost(exports.read(户信息=HOUSEHOLDS, 工资收入=wages, 收入=others))
    assert ids == ["0012", "0013", "0014"]


def test_a_sheet_with_amounts_that_is_not_read_concerns_all(exports):
    """It holds amounts of a kind that counts in income, whatever it is called."""
    register = exports.read(户信息=HOUSEHOLDS, 台账="编码,工资性收入,转移性收入,备注\n甲,1,2,\n")
    assert lost(register)[0] == ["0011", "0012", "0013", "0014"]
    assert "台账.csv" in register.rejects["source"].tolist()


def test_without_any_incomes_nothing_is_lost(exports):
    """A register without incomes is said once, not by household."""
    assert lost(exports.read(户信息=HOUSEHOLDS)) == ([], [])


LISTED = "户编号,户主姓名,年度,家庭人口数\n" + "".join(f"52232800{n},户主{n},2023,1\n" for n in range(1101, 1105))
TABLES = {
    "members": ("家庭成员", "人编号,与户主关系,年度", "p{n},户主,2023"),
    "incomes": ("家庭收入", "年度,工资性收入", "2023,9000"),
    "monitoring": ("监测对象", "监测对象类别,识别监测时间", "脱贫不稳定户,2023-05-01"),
}
CODES = {"members": "members_lost", "incomes": "income_lost", "monitoring": "monitoring_lost"}


def named(register, table):
    found = register.problems[register.problems["code"] == CODES[table]]
    return found["household_id"].str[-4:].tolist()


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    ("change", "anybody"),
    [
        (lambda one: one[:6] + one[7:], False),
        (lambda one: f"H{one}", False),
        (lambda one: f"{float(one):.5E}", True),
        (lambda one: one[-1], True),
    ],
    ids=["digit lost", "letter before", "exponent", "serial"],
)
def test_who_has_nothing_of_what_a_list_with_spoilt_ids_holds_is_named(exports, table, change, anybody):
    """Nobody is without members, without income or not monitored in silence; whoever has a row of his own is not in doubt."""
    name, header, row = TABLES[table]
    lines = [
        f"{change(one) if n == 1102 else one},{row.format(n=n)}" for n in range(1101, 1104) for one in [f"52232800{n}"]
    ]
    register = exports.read(户信息=LISTED, 成员="", **{name: "\n".join([f"户编号,{header}", *lines]) + "\n"})
    assert register.counts.loc[table, "rows_rejected"] == 1
    assert named(register, table) == (["1102", "1104"] if anybody else ["1102"])


@pytest.mark.parametrize("table", TABLES)
def test_a_list_that_knows_households_by_names_alone_concerns_who_has_nothing_of_its_kind(exports, table):
    """No name is taken for a household: two may have one name."""
    name, header, row = TABLES[table]
    other = "\n".join([f"户主姓名,{header}", *(f"户主{n},{row.format(n=n)}" for n in (1101, 1102))]) + "\n"
    own = f"户编号,{header}\n522328001103,{row.format(n=1103)}\n"
    register = exports.read(户信息=LISTED, 成员="", **{name: own, f"{name}2": other})
    assert named(register, table) == ["1101", "1102", "1104"]
    assert f"{name}2.csv" in register.problems.loc[register.problems["code"] == CODES[table], "message"].iloc[0]


def test_a_note_below_a_list_names_nobody(exports):
    """A row that says of nobody that he is monitored."""
    name, header, _ = TABLES["monitoring"]
    register = exports.read(
        户信息=LISTED, 成员="", **{name: f"户编号,{header}\n522328001101,脱贫不稳定户,2023-05-01\n,,\n,填表人,\n"}
    )
    assert named(register, "monitoring") == []


@pytest.mark.parametrize("change", [lambda one: one[:6] + one[7:], lambda one: f"{float(one):.5E}"])
def test_a_member_lost_is_told_where_nobody_says_how_many_there_are(exports, change):
    """The household has others, so that it would be counted too small in silence; a declared size is compared anyway."""
    rows = [f"52232800{n},p{n},户主,2023" for n in (1101, 1102)] + [f"{change('522328001101')},q,配偶,2023"]
    members = "户编号,人编号,与户主关系,年度\n" + "\n".join(rows) + "\n"
    homes = "户编号,年度,家庭人口数\n522328001101,2023,{}\n522328001102,2023,1\n"
    register = exports.read(户信息=homes.format(""), 成员="", 家庭成员=members)
    assert named(register, "members") == ["1101"]
    assert named(exports.read(户信息=homes.format("2"), 成员="", 家庭成员=members), "members") == []
