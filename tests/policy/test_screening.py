"""The sieve over a register: its shape, its evidence, and that a household alone is the same household in its county.

Tests policy/screening.py and policy/description.py.
"""

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import FanpinError
from fanpin_risk.policy import (
    CONTRADICTIONS,
    ENTITLEMENTS,
    HOUSEHOLD_GROUPS,
    SIEVE,
    SUSPICIONS,
    by_household,
    describe_rules,
)

DAY = "2023-12-31"
COLUMNS = ["household_id", "rule", "answer", "member_ids", "note", "evidence", "source"]


@pytest.fixture(scope="module")
def register():
    return fr.make_register(1000, random_state=4)


@pytest.fixture(scope="module")
def table(register):
    return fr.screen(register, DAY)


def test_each_household_has_a_row_for_each_rule_that_is_asked(register, table):
    """By household and in the order of the rules; only schooling may not be asked."""
    assert table.columns.tolist() == COLUMNS
    ids = fr.Snapshot(register, DAY).household_ids
    order = [rule.code for rule in SIEVE]
    asked = table.groupby("household_id", sort=False)["rule"].agg(list)
    assert asked.index.tolist() == ids.tolist()
    assert {tuple(one) for one in asked} == {tuple(order), tuple(order[1:])}
    assert set(table["answer"]) == {"pass", "fail", "unknown"}


def test_a_household_alone_is_the_same_household(register, table):
    """Answers rest on nothing but the household's own records."""
    for household in table.loc[table["answer"] == "fail", "household_id"].unique()[:5]:
        alone = fr.screen(register.select([household]), DAY)
        pd.testing.assert_frame_equal(alone, table[table["household_id"] == household].reset_index(drop=True))


def test_nothing_recorded_later_is_seen(register, table):
    """A register cut off at the day answers alike."""
    frames = {
        name: frame[frame["recorded_at"] <= DAY].reset_index(drop=True) for name, frame in register.tables.items()
    }
    pd.testing.assert_frame_equal(fr.screen(fr.Register.from_frames(frames), DAY), table)


def test_evidence_names_records_that_exist(register, table):
    """Each record named stands in the register with the values that are quoted, recorded on the day that is told."""
    checked = 0
    for told in table.loc[table["rule"].isin(["basic_medical", "compulsory_education"]), "evidence"].sample(
        60, random_state=0
    ):
        for record in told.split("; "):
            name, *pairs = record.split(" ")
            frame = register.tables[name].astype("str")
            for pair in pairs:
                column, _, value = pair.partition("=")
                kind = fr.TABLES[name][column].type
                value = {"yes": "True", "no": "False"}[value] if kind == "bool" else value
                frame = frame[frame[column].str.removesuffix(".0") == value]
            assert len(frame) == 1, record
            checked += 1
    assert checked > 60


def test_rules_may_be_chosen(register, table):
    """One by its name, several in any order: the rows are those of all, the rest left out."""
    for rules in ("safe_water", ["income_line", "safe_water"]):
        chosen = fr.screen(register, DAY, rules=rules)
        expected = table[table["rule"].isin([rules] if isinstance(rules, str) else rules)].reset_index(drop=True)
        pd.testing.assert_frame_equal(chosen, expected)


def test_answers_are_said_in_both_languages(register, table):
    """With the same codes, and the words of the register in Chinese."""
    zh, en = (fr.screen(register, DAY, lang=lang) for lang in ("zh", "en"))
    pd.testing.assert_frame_equal(zh.drop(columns="says"), table)
    failing = zh[(zh["rule"] == "safe_housing") & (zh["answer"] == "fail")].iloc[0]
    assert failing["says"].startswith("住房安全：无保障；")
    assert "户基本信息：数据日期 " in failing["says"]
    assert failing["says"].endswith("登记）")
    assert en.loc[failing.name, "says"].startswith("safe house: not given; ")
    below = en[(en["rule"] == "income_line") & (en["answer"] == "fail")].iloc[0]["says"]
    assert below.startswith("monitoring line: not reached; net income per person ")
    assert not zh["says"].str.contains("[a-z]{4}", regex=True).any()


def test_a_household_in_one_row(table):
    """Answers by household and rule, those not asked missing."""
    wide = by_household(table)
    assert wide.columns.tolist() == [rule.code for rule in SIEVE]
    assert wide.isna().sum().drop("compulsory_education").eq(0).all()
    assert wide.eq("fail").sum().sum() == (table["answer"] == "fail").sum()


def test_groups_are_answered_alike(register):
    """The same shape, of a household alone as of all, in words without English."""
    table = fr.household_groups(register, DAY)
    assert table.columns.tolist() == COLUMNS
    assert table.groupby("household_id")["rule"].agg(list).map(tuple).unique().tolist() == [
        tuple(one.code for one in HOUSEHOLD_GROUPS)
    ]
    one = table.loc[table["answer"].eq("yes"), "household_id"].iloc[0]
    alone = fr.household_groups(register.select([one]), DAY)
    pd.testing.assert_frame_equal(alone, table[table["household_id"] == one].reset_index(drop=True))
    said = fr.household_groups(register, DAY, lang="zh")["says"]
    assert not said.str.replace("--policy", "", regex=False).str.contains("[a-z]{4}", regex=True).any()


def test_rules_are_described():
    """What each asks and where it comes from."""
    described = describe_rules()
    assert described["rule"].tolist() == [
        rule.code for rule in (*SIEVE, *HOUSEHOLD_GROUPS, *CONTRADICTIONS, *SUSPICIONS, *ENTITLEMENTS)
    ]
    assert described.drop(columns="severity").map(bool).all(axis=None)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"rules": ["house"]}, "rules is 'house'"),
        ({"rules": []}, "rules"),
        ({"lang": "de"}, "lang is 'de'"),
        ({"policy": {}}, "policy: expected a policy"),
        ({"lines": {}}, "lines: expected monitoring lines"),
    ],
)
def test_wrong_arguments_are_refused(register, arguments, told):
    """Before anything is asked, with what to give."""
    with pytest.raises(FanpinError, match=told):
        fr.screen(register, DAY, **arguments)


def test_what_is_no_answer_is_refused():
    """by_household names what is missing."""
    with pytest.raises(FanpinError, match=r"table has no column rule, answer"):
        by_household(pd.DataFrame({"household_id": ["A"]}))
