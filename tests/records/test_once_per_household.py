"""Amounts of a household on the row of each member: one amount, each member's own, or a contradiction."""

import numpy as np
import pytest

MEMBERS = "人编号,户编号,年度,与户主关系\np1,h1,2023,户主\np2,h1,2023,配偶\n"


def test_amounts_repeated_for_each_member_are_counted_once(exports):
    """The household's amount on every member's row is one amount; without a stated figure the household is named."""
    register = exports.read(收入="户编号,人编号,年度,工资性收入\nh1,p1,2023,20000\nh1,p2,2023,20000\n")
    assert exports.items(register) == {"wage": 20000.0}
    assert exports.found(register) == [("h1", "", "amounts_repeated")]


def test_each_members_own_amounts_are_added(exports):
    """A sheet with a wage for each member is no repetition, also where what is the household's is repeated beside it."""
    register = exports.read(收入="户编号,人编号,年度,工资性收入\nh1,p1,2023,20000\nh1,p2,2023,5000\n")
    assert register.tables["incomes"]["amount_cny"].sum() == 25000
    assert len(register.problems) == 0
    both = exports.read(收入="户编号,人编号,年度,务工收入,转移性收入\nh1,p1,2023,20000,600\nh1,p2,2023,5000,600\n")
    assert exports.items(both) == {"wage": 25000.0, "tr_other": 600.0}


def test_stated_figures_decide_whether_equal_amounts_are_each_members_own(exports):
    """Two members with the same wage: 人均纯收入 says whether it is one wage or two."""
    own = exports.read(
        收入="户编号,人编号,年度,工资性收入,人均纯收入\nh1,p1,2023,20000,20000\nh1,p2,2023,20000,20000\n"
    )
    wages = own.tables["incomes"].query("item == 'wage'")["amount_cny"].sum()
    assert (wages, len(own.problems)) == (40000, 0)


@pytest.mark.parametrize(
    "rows",
    [
        "h1,p1,2023,20000,100\nh1,p2,2023,20000,900\n",
        "h1,p1,2023,0,500\nh1,p2,2023,0,1277\nh1,p3,2023,0,500\n",
    ],
)
def test_a_figure_of_the_household_that_differs_is_kept_out_and_named(exports, rows):
    """Transfers of 100 and 900 beside a wage that is repeated are no sum; nobody can know which is right."""
    register = exports.read(
        收入="户编号,人编号,年度,工资性收入,转移性收入\n" + rows, 成员=MEMBERS + "p3,h1,2023,之子\n"
    )
    assert np.isnan(exports.income(register))
    assert ("h1", "transfers", "amounts_differ") in exports.found(register)


@pytest.mark.parametrize(("stated", "transfers"), [(10050, 100), (10450, 900)])
def test_stated_figures_decide_which_of_two_amounts_is_right(exports, stated, transfers):
    """人均纯收入 says which of the two was mistyped; it is named."""
    rows = f"h1,p1,2023,20000,100,{stated}\nh1,p2,2023,20000,900,{stated}\n"
    register = exports.read(收入="户编号,人编号,年度,工资性收入,转移性收入,人均纯收入\n" + rows)
    assert (exports.items(register)["tr_other"], exports.income(register), exports.found(register)) == (
        transfers,
        stated,
        [("h1", "transfers", "amount_not_used")],
    )


def test_stated_figures_that_differ_within_a_household_are_named(exports):
    """Two stated figures on the rows of one household: neither is taken."""
    register = exports.read(收入="户编号,人编号,年度,人均纯收入\nh1,p1,2023,9000\nh1,p2,2023,9900\n")
    assert np.isnan(exports.income(register))
    assert ("h1", "stated_net_income_per_person", "amounts_differ") in exports.found(register)
