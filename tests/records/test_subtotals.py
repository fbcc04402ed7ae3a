"""Totals below grouped headers: what they are a total of is told by what stands beside them."""

import math

import pytest

GROUPS = "户编号,年度,{},工资性收入\n"


@pytest.mark.parametrize(
    ("headers", "amounts", "income", "codes"),
    [
        # A total that is its parts, that is more, that stands alone, and that is less.
        ("生产经营性收入,,\n,,种植业,养殖业,小计", "3000,2000,5000", 5000, set()),
        ("生产经营性收入,,\n,,种植业,养殖业,小计", "3000,2000,6000", 6000, {"rest_booked"}),
        ("生产经营性收入,,\n,,种植业,养殖业,小计", ",,6000", 6000, set()),
        ("生产经营性收入,,\n,,种植业,养殖业,小计", "3000,2000,4000", 5000, {"parts_exceed_total"}),
        # Three levels: gross income and cost below one name.
        ("生产经营性收入,,,\n,,收入,,支出,\n,,种植业,小计,种植业,小计", "3000,6000,1000,1500", 4500, {"rest_booked"}),
        ("生产经营性收入,,,\n,,收入,,支出,\n,,种植业,小计,种植业,小计", ",6000,,1500", 4500, set()),
        ("经营性收入,,\n,,净收入,,\n,,种植业,养殖业,小计", "3000,,4000", 4000, set()),
        ("经营性收入,,\n,,净收入,,\n,,种植业,养殖业,小计", "3000,2000,4000", 4000, {"parts_exceed_total"}),
        # The account of a business below the name of its income.
        ("经营性收入,,\n,,收入,支出,净收入", "3000,2000,1000", 1000, set()),
        ("经营性收入,,\n,,收入,支出,净收入", ",,1000", 1000, set()),
        ("家庭经营性收入,,\n,,总收入,生产费用,纯收入", "3000,2000,2500", 1000, {"net_differs"}),
        # Below a branch a total is what is left; below 收入 and 支出 it is that of the branches beside it.
        ("种植业,,\n,,收入,支出,小计", "3000,2000,1000", 1000, set()),
        ("种植业,,\n,,收入,支出,小计", ",,1000", 1000, set()),
        ("收入,,支出,\n,,种植业,小计,种植业,小计", "3000,5000,1000,1500", 3500, {"rest_booked"}),
    ],
)  # fmt: skip
def test_a_total_is_that_of_its_group(exports, headers, amounts, income, codes):
    """A total counts once, what it exceeds its parts by is booked, and what contradicts it is named."""
    upper, *lower = headers.split("\n")
    text = "\n".join([f"户编号,年度,{upper},工资性收入", *(f"{row}," for row in lower), f"h1,2023,{amounts},10000"])
    register = exports.read(家庭收入=text + "\n")
    assert exports.income(register) == (10000 + income) / 2
    assert {code for _, _, code in exports.found(register)} == codes


@pytest.mark.parametrize(
    ("given", "income", "items", "codes"),
    [
        ("3000,2500,,", 2500, {"prop_other": 3000.0, "property_net": -500.0}, {"net_differs"}),
        ("3000,3000,,", 3000, {"prop_other": 3000.0}, set()),
        ("3000,,1000,400", 3400, {"prop_other": 3000.0, "tr_dibao": 1000.0, "transfer_net": -600.0}, {"net_differs"}),
        (",2500,,", 2500, {"property_net": 2500.0}, set()),
    ],
)
def test_a_net_figure_is_never_added_to_its_kinds(exports, given, income, items, codes):
    """财产净收入 beside 财产性收入, 转移净收入 beside 低保金: one account, not two incomes."""
    register = exports.read(家庭收入=f"户编号,年度,财产性收入,财产净收入,低保金,转移净收入\nh1,2023,{given}\n")
    assert math.isclose(exports.income(register), income / 2)
    assert exports.items(register) == items
    assert {code for _, _, code in exports.found(register)} == codes


MONTHS = ",".join(f"{month}月" for month in range(1, 13))


@pytest.mark.parametrize(
    ("cells", "total", "income"),
    [
        (["1000"] * 12, "12000", 6000.0), (["1000"] * 12, "", 6000.0), (["1000"] * 7 + [""] * 5, "7000", 3500.0),
        (["1000"] * 7 + [""] * 5, "", math.nan), (["1000"] * 12, "13000", math.nan),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["2023年务工工资", "2023年公益性岗位工资发放表"])
def test_a_file_of_months_is_the_year_of_its_item(exports, name, cells, total, income):
    """By its name; the total is compared with the months and never added to them."""
    text = f"户编号,{MONTHS},全年合计\nh1,{','.join(cells)},{total}\n"
    assert exports.income(exports.read(**{name: text})) == pytest.approx(income, nan_ok=True)


def test_months_without_a_year_name_their_household(exports):
    """They are rejected, and what else the household has is not all of its income."""
    yearly = "户编号,年度,生产经营性净收入\nh1,2023,8000\n"
    register = exports.read(家庭收入=yearly, 务工工资=f"户编号,{MONTHS}\nh1{',1000' * 12}\n")
    assert math.isnan(exports.income(register))
