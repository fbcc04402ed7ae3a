"""Columns of money that are hidden or not understood: who has amounts there is named, and no part is taken for the whole."""

import math

import pytest
import xlsxwriter

from fanpin_risk import compute_features, read_register
from fanpin_risk.records.amount_headers import read_amount_header
from fanpin_risk.records.layout import doubtful_columns

HOUSEHOLDS = [["户编号", "家庭人口数", "年度"], ["h1", 2, 2023], ["h2", 1, 2023], ["h3", 1, 2023]]


def workbook(path, rows, hidden):
    """Write a register in which one column of the incomes is not shown."""
    with xlsxwriter.Workbook(str(path)) as book:
        for name, cells in {"户信息": HOUSEHOLDS, "家庭收入": rows}.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(cells):
                sheet.write_row(number, 0, row)
        sheet.set_column(hidden, hidden, None, None, {"hidden": True})
    return path


def incomes(register):
    income = compute_features(register, "2025-06-30")["income_per_person"]
    return [None if math.isnan(amount) else amount for amount in income[["h1", "h2", "h3"]]]


def unread(register):
    """Return who is named with which amount, by the column."""
    mine = register.problems[register.problems["code"] == "money_not_read"]
    return list(mine[["household_id", "column", "stated"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("header", "beside", "income", "named"),
    [
        ("转移性收入", "户主联系人", [None, None, 7000], [600, 300]),
        ("转移性收入（百元）", "户主联系人", [None, None, 7000], [60000, 30000]),
        ("低保金", "转移性收入", [6500, 12300, 7000], [600, 300]),  # the total has it
        ("采药收入", "户主联系人", [6000, 12000, 7000], [600, 300]),  # nobody knows what it is: named
        ("人均纯收入", "户主联系人", [6000, 12000, 7000], []),  # no part of the income
        ("接待次数", "户主联系人", [6000, 12000, 7000], []),
        ("转移性收入", "人均纯收入", [1000, 300, 7000], [600, 300]),
    ],
)
def test_a_hidden_part_of_income_leaves_it_unknown(tmp_path, header, beside, income, named):
    """Unless a total or what the sheet states is there to be used; households without an amount in it are as they were."""
    rows = [
        ["户编号", "年度", "工资性收入", header, beside],
        ["h1", 2023, 12000, 600, 1000],
        ["h2", 2023, 12000, 300, 300],
    ]
    rows += [["h3", 2023, 7000, 0, 0]]
    register = read_register(workbook(tmp_path / "台账.xlsx", rows, 3))
    assert incomes(register) == income
    assert unread(register) == [(f"h{n}", header, float(amount)) for n, amount in enumerate(named, start=1)]


def test_a_hidden_text_in_a_part_of_income_is_no_zero(tmp_path):
    """What stands there cannot be read, so that nobody knows what it comes to; 无 says that there is none."""
    rows = [["户编号", "年度", "工资性收入", "低保金"], ["h1", 2023, 12000, "见附表"], ["h2", 2023, 9000, "无"]]
    register = read_register(workbook(tmp_path / "台账.xlsx", rows, 3))
    assert incomes(register) == [None, 9000, None]
    assert [household for household, *_ in unread(register)] == ["h1"]


@pytest.mark.parametrize(("cost", "net", "income"), [(2000, "", None), (2000, 3000, 1500), ("", "", 2500)])
def test_a_hidden_cost_makes_net_income_unknown_unless_it_is_given(tmp_path, cost, net, income):
    """Gross income without its cost is no net income."""
    rows = [["户编号", "年度", "生产经营性收入", "生产经营性支出", "经营净收入"], ["h1", 2023, 5000, cost, net]]
    assert incomes(read_register(workbook(tmp_path / "台账.xlsx", rows, 3)))[0] == income


@pytest.mark.parametrize(
    ("header", "figure"),
    [
        ("工资性", "wages"), ("经营性", "business_gross"), ("财产性", "property"), ("转移性", "transfers"),
        ("收入来源（元） > 政策性", "transfers"), ("种粮直补（元）", "tr_other.soil"), ("子女赡养", "tr_other.family"),
        ("亲友馈赠", "tr_other.family"), ("退役军人优抚金", "tr_other.veterans"), ("独生子女费", "tr_family_planning.reward"),
        ("家庭收入情况（元） > 生产经营性支出", "business_cost"), ("收入 > 养殖业成本", "business_cost.livestock"),
        ("减：生产经营支出", "business_cost"), ("扣除：家庭经营费用", "business_cost"), ("生产成本", "business_cost"),
        ("农资支出", "business_cost.crops"), ("支出（元） > 生产费用", "business_cost"),
    ],
)  # fmt: skip
def test_names_that_say_what_they_are(header, figure):
    """Kinds of income without the word for it, transfers by other names, and costs wherever they stand."""
    assert read_amount_header(header).figure == figure


@pytest.mark.parametrize(
    "header",
    [
        "减：转移性收入", "贷款余额", "小额信贷", "小额信贷（万元）", "耕地面积（亩）", "计划收入", "收入 > 生活支出", "减免金额",
        "临时救助", "转移性支出", "政策性保险保费", "补贴面积", "减贫收入", "欠款（元）", "工资性收入占比",
    ],
)  # fmt: skip
def test_loans_quotas_areas_and_plans_are_no_income(header):
    """Nor is a figure that is taken off, but for a cost of business."""
    assert not read_amount_header(header).figure


def test_columns_that_may_be_money_are_named_and_others_are_not():
    """Money by its words, or below a group of incomes; what a household owes, spends on living, or has by area is not."""
    money = ["临时救助", "转移性支出", "亲友赠送物", "收入来源 > 采药", "收入来源（元）采药", "工资性补差"]
    other = [
        "贷款余额",
        "面积",
        "生活支出",
        "收入来源",
        "收入来源 > 说明",
        "收入来源 > 是否稳定",
        "救助次数",
        "救助类型",
        "1月",
    ]
    assert doubtful_columns([*money, *other], ()) == list(range(len(money)))


def test_help_that_rules_differ_on_is_kept_out_and_named(exports):
    """One-off help is no income; marks and small numbers below a word that is not surely money are none either."""
    text = "户编号,年度,工资性收入,临时救助,转移性支出,医疗救助\nh1,2023,10000,800,300,1\n"
    register = exports.read(家庭收入=text)
    assert exports.income(register) == 5000
    assert unread(register) == [("h1", "临时救助", 800.0), ("h1", "转移性支出", 300.0)]


MONTHS = ",".join(f"{month}月" for month in range(1, 13))
TRANSFERS = "户编号,年度,转移性收入\nh1,2023,3000\n"


@pytest.mark.parametrize(
    ("name", "headers", "amounts", "income"),
    [
        ("工资性收入2023", MONTHS, "1000," * 12, 7500), ("2023年务工收入统计表", f"{MONTHS},合计", "1000," * 12 + "12000", 7500),
        ("工资性收入2023", MONTHS, "1000," * 11 + ",", None), ("工资性收入2023", "1月,2月,3月", "1000,1000,1000", None),
        ("收入2023", MONTHS, "1000," * 12, None), ("收入2023", MONTHS, "0," * 12, 1500),
        ("工资性收入2023", "一季度,二季度,三季度,四季度", "3000,3000,3000,3000", 7500),
    ],
)  # fmt: skip
def test_months_whose_item_the_name_of_the_file_says(exports, name, headers, amounts, income):
    """They are added up; where nothing says what they are, or a month is not known, income is not what stands elsewhere."""
    amounts = amounts.split(",")[: len(headers.split(","))]
    files = {name: f"户编号,年度,{headers}\nh1,2023,{','.join(amounts)}\n", "转移性收入": TRANSFERS}
    register = exports.read(**files)
    found = exports.income(register)
    assert (None if math.isnan(found) else found) == income
    assert income is not None or {code for household, _, code in exports.found(register) if household} & {
        "part_of_year", "money_not_read",
    }  # fmt: skip


def test_months_without_an_item_leave_what_is_stated(exports):
    """A stated figure of the household is not touched by what nobody can read."""
    stated = "户编号,年度,转移性收入,人均纯收入\nh1,2023,3000,8000\n"
    register = exports.read(收入2023=f"户编号,年度,{MONTHS}\nh1,2023,{','.join(['1000'] * 12)}\n", 家庭收入=stated)
    assert exports.income(register) == 8000


@pytest.mark.parametrize(
    ("headers", "row", "income"),
    [
        ("工资性收入（元/月）", "3000", 18000), ("工资性收入（元/月）,务工月数", "3000,8", 12000),
        ("工资性收入（元/月）,务工月数", "3000,", None), ("工资性收入（元/月）,务工时间（月）", "3000,8", 12000),
    ],
)  # fmt: skip
def test_wages_by_month_count_for_the_months_beside_them(exports, headers, row, income):
    """Twelve times only where no column gives months; a month that is not given is not known."""
    register = exports.read(家庭收入=f"户编号,年度,{headers}\nh1,2023,{row}\n")
    found = exports.income(register)
    assert (None if math.isnan(found) else found) == income


def test_months_of_other_households_say_nothing(tmp_path):
    """A household in a list is read as it is alone: its own months must come to a year."""
    lists = "户编号,年度,收入项目,金额,月份\n"
    own = {
        "h1": [f"h1,2023,低保金,100,{month}月" for month in range(1, 9)],
        "h2": [f"h2,2023,低保金,100,{month}月" for month in range(1, 13)],
    }
    read = {}
    for number, who in enumerate((["h1", "h2"], ["h1"], ["h2"])):
        folder = tmp_path / str(number)
        folder.mkdir()
        rows = "".join(f"{home},2,2023\n" for home in who)
        (folder / "户信息.csv").write_text(f"户编号,家庭人口数,年度\n{rows}", encoding="utf-8")
        rows = "\n".join(row for home in who for row in own[home])
        (folder / "家庭收入.csv").write_text(lists + rows + "\n", encoding="utf-8")
        (folder / "工资.csv").write_text(
            "户编号,年度,工资性收入\n" + "".join(f"{home},2023,5000\n" for home in who), encoding="utf-8"
        )
        income = compute_features(read_register(folder), "2025-06-30")["income_per_person"]
        read[number] = {home: None if math.isnan(income[home]) else income[home] for home in who}
    assert read[0] == read[1] | read[2] == {"h1": None, "h2": 3100.0}
