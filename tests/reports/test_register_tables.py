"""What a report says of the register: problems by kind, rejected rows by number."""

import fanpin_risk as fr
from fanpin_risk.records.register import Register
from fanpin_risk.reports import gather

DAY = "2024-12-31"


def test_problems_are_counted_and_said_in_both_languages(model, figures):
    """One line for each kind of problem, with its number of rows; rows by number, without what stood in them."""
    register = fr.make_register(60, random_state=2)
    tables = {name: frame.copy() for name, frame in register.tables.items()}
    incomes = tables["incomes"].assign(amount_cny=tables["incomes"]["amount_cny"].astype(object))
    incomes.loc[:4, "amount_cny"] = "秘密"
    contents = gather(model, Register.from_frames({**tables, "incomes": incomes}), DAY)
    row = contents.problems.iloc[0]
    assert row[["table", "column", "severity", "rows"]].tolist() == ["incomes", "amount_cny", "rejected", 5]
    assert row["expected"].shown("zh") == "应为数字（元）"
    assert len(contents.rejects) == 5
    assert figures(contents)["rows_rejected"] == 5
    assert "秘密" not in contents.rejects.to_csv() + contents.problems.to_csv()
    assert list(contents.problems["rows"].groupby(contents.problems["severity"], sort=False).first())
