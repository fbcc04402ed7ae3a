"""What rules add to a list by risk, and where rule and model do not say the same."""

from __future__ import annotations

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import SchemaError
from fanpin_risk.watch.rule_list import disagreements, rule_list
from fanpin_risk.watch.watchlist import below_line_list, watchlist


@pytest.fixture
def scores() -> pd.DataFrame:
    """Seven households: one high without a rule, one high with one, four that fail rules at low risk, one monitored."""
    frame = pd.DataFrame(
        {
            "household_id": list("abcdefg"),
            "risk": [0.40, 0.30, 0.02, 0.01, 0.03, 0.01, 0.02],
            "tier": ["high", "high", "low", "low", "medium", "low", "low"],
            "monitored": pd.array([False, False, False, None, False, False, True], dtype="boolean"),
            "not_at_risk": ["", "", "", "", "", "", "monitored"],
            "rules": ["", "income_line", "safe_housing", "safe_water;income_line", "income_line", "", "safe_housing"],
        }
    )
    frame["tier"] = pd.Categorical(frame["tier"], categories=["low", "medium", "high"], ordered=True)
    return frame


def test_the_list_by_risk_says_whether_a_rule_is_not_met_too(scores):
    """Why a household is listed stands before it; without what rules say, nothing is said."""
    listed = watchlist(scores, capacity=2)
    assert listed[["rank", "why_listed", "household_id"]].to_numpy().tolist() == [[1, "model", "a"], [2, "both", "b"]]
    assert list(listed.columns)[:3] == ["rank", "why_listed", "household_id"]
    assert "why_listed" not in watchlist(scores.drop(columns="rules"), capacity=2)
    assert watchlist(listed.drop(columns="rank"), capacity=2).equals(listed)


def test_who_fails_a_rule_is_listed_whatever_the_risk(scores):
    """Guarantees come before the line, whoever stands in the list by risk is not repeated, nobody else is lost."""
    listed = watchlist(scores, capacity=2)
    by_rule = rule_list(scores, listed=listed)
    assert by_rule["household_id"].tolist() == ["d", "c", "e"]
    assert by_rule["rank"].tolist() == [1, 2, 3]
    assert set(by_rule["why_listed"]) == {"rule"}
    assert by_rule["tier"].astype("str").tolist() == ["low", "low", "medium"]
    assert rule_list(scores)["household_id"].tolist() == ["d", "c", "b", "e"]
    assert rule_list(scores, listed=listed, include_monitored=True)["household_id"].tolist() == ["d", "c", "g", "e"]
    on_a_list = set(listed["household_id"]) | set(by_rule["household_id"])
    failing = scores[(scores["rules"] != "") & ~scores["monitored"].fillna(False)]
    assert set(failing["household_id"]) <= on_a_list


def test_no_forecast_is_shown_of_a_household_that_it_is_not_about(scores):
    """Below the line and nothing else stands in the list of those below it; with a guarantee, here too, without a risk."""
    scores.loc[scores["household_id"].isin(["d", "e"]), "not_at_risk"] = "already_below_line"
    by_rule = rule_list(scores).set_index("household_id")
    assert list(by_rule.index) == ["d", "c", "b"]
    assert by_rule["risk"].isna().tolist() == [True, False, False]
    assert by_rule["tier"].isna().tolist() == [True, False, False]
    assert fr.in_words(by_rule, lang="en")["tier"].tolist() == ["", "low", "high"]
    assert set(below_line_list(scores)["why_listed"]) == {"rule"}


def test_disagreements_are_of_both_kinds(scores):
    """Rule and low risk, in the order of the list by rule; high risk and no rule, by risk. Others agree, or are between."""
    found = disagreements(scores)
    expected = [["rule_yes_model_low", "d"], ["rule_yes_model_low", "c"], ["model_high_no_rule", "a"]]
    assert found[["disagreement", "household_id"]].to_numpy().tolist() == expected
    assert disagreements(found.drop(columns="disagreement")).equals(found)
    assert "g" in disagreements(scores, include_monitored=True)["household_id"].tolist()
    scores.loc[scores["household_id"] == "c", "not_at_risk"] = "no_income_before"
    assert "c" not in disagreements(scores)["household_id"].tolist()


def test_tables_that_are_none_of_scores_are_refused(scores):
    """Each says what is missing and which table is expected."""
    with pytest.raises(SchemaError, match=r"no column.*rules"):
        rule_list(scores.drop(columns="rules"))
    with pytest.raises(SchemaError, match=r"no column.*tier"):
        disagreements(scores.drop(columns="tier"))
    with pytest.raises(SchemaError, match="listed has no column"):
        rule_list(scores, listed=pd.DataFrame({"id": ["a"]}))


def test_lists_read_in_words(scores):
    """Codes of reasons, rules and disagreements have names in both languages."""
    told = fr.in_words(disagreements(scores).assign(rules_unknown="food_clothing"), lang="zh")
    assert told["disagreement"].tolist() == ["规则未达标，模型风险低"] * 2 + ["模型风险高，规则未见不达标"]
    assert told["rules"].tolist() == ["饮水安全；监测线", "住房安全", ""]
    assert set(told["rules_unknown"]) == {"吃穿"}
    assert fr.in_words(watchlist(scores, capacity=2), lang="en")["why_listed"].tolist() == ["risk", "rule and risk"]
    with pytest.raises(SchemaError, match="not codes"):
        fr.in_words(scores.assign(rules="roof"))
