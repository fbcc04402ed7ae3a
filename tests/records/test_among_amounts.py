"""Unknown words among the amounts of a sheet: numbers as large as money are named."""

import pytest

import fanpin_risk as fr

HOUSEHOLDS = "户编号,年度,户类型,家庭人口数\nA1,2023,脱贫户,2\nA2,2023,脱贫户,1\n"


@pytest.fixture
def not_read(tmp_path):
    """Households with amounts that were not read, by column, of a sheet of incomes."""

    def read(incomes):
        for stem, text in {"户信息": HOUSEHOLDS, "家庭收入": incomes}.items():
            (tmp_path / f"{stem}.csv").write_text(text, encoding="utf-8")
        problems = fr.read_register(tmp_path).problems
        found = problems[problems["code"] == "money_not_read"]
        return found.groupby("column")["household_id"].agg(list).to_dict()

    return read


@pytest.mark.parametrize(
    ("headers", "columns"),
    [
        ("工资性收入,压岁零花,低保金", {"压岁零花"}),
        ("其他,工资性收入,低保金", {"其他"}),
        ("工资性收入,低保金,其他", {"其他"}),
        ("工资性收入,排名,低保金", set()),
        ("工资性收入,低保金,备注", set()),
        ("工资性收入,低保金,合计", set()),  # a sum of what is read
        ("土特产,备注,工资性收入", set()),  # one item alone makes no sheet of amounts
    ],
)
def test_numbers_below_an_unknown_word_among_amounts_are_named(not_read, headers, columns):
    """Clerks write one word for a kind of income; what is as large as money is not left out in silence."""
    assert not_read(f"户编号,年度,{headers}\nA1,2023,1000,800,120\nA2,2023,500,600,99\n").keys() == columns


def test_small_numbers_below_an_unknown_word_are_no_money(not_read):
    """Marks, ages and numbers of times stand among amounts too."""
    assert not_read("户编号,年度,工资性收入,帮带,低保金\nA1,2023,1000,3,120\nA2,2023,500,300,99\n") == {"帮带": ["A2"]}
