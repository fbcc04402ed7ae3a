"""Households are named of which incomes may be in a file that could not be used."""

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
