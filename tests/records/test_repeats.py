"""Rows that repeat or contradict others."""

import pandas as pd


def test_repeated_and_contradicting_rows(frames):
    """Of equal rows the first is kept; of rows that contradict each other none; a later recorded_at makes a correction."""
    rows = pd.DataFrame(
        [["h1", 100.0, "2023-02-01"], ["h1", 100.0, "2023-02-01"],  # equal
         ["h2", 100.0, "2023-02-01"], ["h2", 200.0, "2023-02-01"],  # contradiction
         ["h1", 300.0, "2023-03-01"]],
        columns=["household_id", "amount_cny", "recorded_at"],
    ).assign(item="tr_dibao", period_end="2022")  # fmt: skip
    register = frames.read(incomes=rows)
    assert register.tables["incomes"]["amount_cny"].tolist() == [100.0, 300.0]
    assert frames.found(register) == [
        (2, "", "duplicate_row", "warning"),
        (3, "", "conflicting_rows", "rejected"),
        (4, "", "conflicting_rows", "rejected"),
    ]
    assert "give the newer a later recorded_at (更新时间)" in register.problems["message"][1]


def test_two_bills_on_one_day_are_no_contradiction(frames):
    """Where several rows may share a key, different rows are all kept, equal ones once."""
    bills = {"member_id": ["p1"] * 3, "event_date": ["2023-05-01"] * 3, "kind": ["门诊"] * 3, "oop": [10, 20, 20]}
    register = frames.read(medical=bills)
    assert register.tables["medical"]["out_of_pocket_cny"].tolist() == [10.0, 20.0]
    assert frames.found(register) == [(3, "", "duplicate_row", "warning")]


def test_wide_rows_that_repeat(frames):
    """A wide row that repeats another counts once; one that repeats it in part counts the rest once; of others what differs is left out."""
    register = frames.read(
        incomes={"户编号": ["h1", "h1", "h1"], "年度": [2022] * 3, "低保金": [100, 100, 100], "养老保险金": [900, 900, None],
                 "生态补偿金": [None, None, 50]}
    )  # fmt: skip
    assert register.tables["incomes"][["item", "amount_cny"]].to_numpy().tolist() == [
        ["tr_dibao", 100.0], ["tr_pension", 900.0], ["tr_ecology", 50.0],
    ]  # fmt: skip
    assert frames.found(register) == [(2, "", "duplicate_row", "warning"), (3, "", "duplicate_record", "warning")]
    clash = frames.read(
        incomes={"户编号": ["h1", "h1"], "年度": [2022] * 2, "低保金": [100, 200], "养老保险金": [900, None]}
    )
    assert clash.counts.loc["incomes"].tolist() == [2, 2, 0, 2]
    assert clash.tables["incomes"]["item"].tolist() == [
        "tr_pension",
        "stated_net_income",
    ]  # the latter without an amount
    assert frames.found(clash) == [
        (1, "tr_dibao", "amounts_differ", "blanked"),
        (2, "tr_dibao", "amounts_differ", "blanked"),
    ]
