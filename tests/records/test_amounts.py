"""Amounts: wide sheets, bills, rounding."""


def test_wide_incomes(frames):
    """Each amount of a wide sheet is a record; a bad amount leaves the row; empty cells give no record."""
    register = frames.read(
        incomes={
            "户编号": ["h1", "h2", "h1", "h2"],
            "年度": [2021, 2021, 2022, 2022],
            "工资性收入（万元）": ["1.2", "", "x", ""],
            "低保金": ["3000", "100", "5", None],
            "人均纯收入": [1, 2, 3, 4],
        }
    )
    frame = register.tables["incomes"]
    kept = frame[["household_id", "item", "amount_cny"]].astype(object)
    assert kept.where(kept.notna(), None).to_numpy().tolist() == [
        ["h1", "wage", 12000.0], ["h1", "tr_dibao", 3000.0], ["h1", "stated_net_income_per_person", 1.0],
        ["h2", "tr_dibao", 100.0], ["h2", "stated_net_income_per_person", 2.0], ["h1", "tr_dibao", 5.0],
        ["h1", "stated_net_income_per_person", 3.0], ["h1", "stated_net_income", None], ["h2", "stated_net_income_per_person", 4.0],
    ]  # fmt: skip
    assert frame["period_start"].dt.strftime("%F").tolist() == ["2021-01-01"] * 5 + ["2022-01-01"] * 4
    assert register.counts.loc["incomes"].tolist() == [4, 4, 0, 9]
    assert frames.found(register) == [
        (None, "工资性收入（万元）", "unit_applied", "warning"),
        (1, "stated_net_income_per_person", "stated_differs", "warning"),
        (2, "stated_net_income_per_person", "stated_differs", "warning"),
        (3, "wages", "not_a_number", "blanked"),
    ]


def test_bills_are_completed_and_compared(frames):
    """What the patient paid is total less reimbursement where absent, and compared with it where given."""
    register = frames.read(
        medical={
            "member_id": ["p1"] * 6,
            "event_date": [f"2023-05-0{day}" for day in range(1, 7)],
            "kind": ["住院"] * 6,
            "total_cost": [1000.0, 1000.0, 1000.0, 1000.0, None, 1000.0],
            "reimb_basic": [600.25, None, 600.0, 1200.0, 100.0, 600.0],
            "reimb_aid": [None, None, 100.0, None, None, None],
            "oop": [None, None, 500.0, None, None, 400.9],
        }
    )
    paid = register.tables["medical"]["out_of_pocket_cny"]
    # Without any reimbursement on record what was paid is unknown, not all of it.
    assert paid.fillna(-1).tolist() == [399.75, -1, 500.0, -1, -1, 400.9]
    assert frames.found(register) == [
        (3, "out_of_pocket_cny", "bill_does_not_add_up", "warning"),
        (4, "total_cost_cny", "reimbursed_more_than_total", "warning"),
    ]


def test_amounts_are_rounded_to_fen(frames):
    """Money is kept to 0.01."""
    register = frames.read(incomes=frames.incomes(amount_cny=["1234.5678"]))
    assert register.tables["incomes"]["amount_cny"].tolist() == [1234.57]


def test_a_row_with_own_expenses_alone_says_that_income_is_unknown(exports):
    """合规自付支出 without any income is no income of 0; the household is named."""
    register = exports.read(收入="户编号,年度,合规自付支出\nh1,2023,3000\n")
    assert exports.found(register) == [("h1", "", "income_unknown")]
    assert exports.income(register) != exports.income(register)
