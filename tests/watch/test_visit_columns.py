"""What a visitor takes along."""

import pandas as pd

import fanpin_risk as fr
from fanpin_risk.watch.visit_columns import blank_forecast, causes_of_visits, oldest_signal, with_what_to_do


def test_causes_are_ranked_and_at_most_five():
    """Those of the model, then of failing rules; the other way round where a rule alone lists; none twice."""
    listed = pd.DataFrame(
        {
            "household_id": ["a", "b", "c"],
            "section": ["model", "rule", "audit"],
            "cause": ["illness", "illness", None],
            "cause_2": ["labour", "", None],
            "cause_3": ["water", "", None],
            "rules": ["safe_water;safe_housing;income_line;compulsory_education", "basic_medical;safe_water", None],
        }
    )
    assert causes_of_visits(listed).tolist() == ["illness;labour;water;housing;low_income", "illness;water", ""]
    assert causes_of_visits(listed, {"a": "labour;illness", "c": "other"}).tolist() == [
        "labour;illness;water;housing;low_income", "illness;water", "other",
    ]  # fmt: skip
    assert causes_of_visits(listed[["household_id", "section"]]).tolist() == ["", "", ""]


def test_the_oldest_signal_counts_its_days():
    """Several signals: the longest open; none: missing; a sender with a sign in its name does no harm."""
    signals = pd.Series(["water:3:#cadre;house_cd:35:住建局", "", None, ":7:"])
    assert oldest_signal(signals).tolist() == [35, pd.NA, pd.NA, 7]


def test_no_risk_is_shown_where_the_forecast_is_not_about_a_household():
    """Below the line already, or nothing known: risk and tier are missing; of the monitored they stay."""
    some = pd.DataFrame(
        {"risk": [0.9, 0.8, 0.7], "tier": "high", "not_at_risk": ["already_below_line", "monitored", ""]}
    )
    shown = blank_forecast(some)
    assert shown["risk"].isna().tolist() == [True, False, False]
    assert shown["tier"].isna().tolist() == [True, False, False]


def test_measures_stand_with_the_rule_that_gives_them():
    """Each of the list is one of fr.measures, with its rule; without a register there is no such column."""
    register = fr.make_register(200, random_state=0)
    scores = fr.load_model("demo").score(register, "2023-12-31")
    listed = scores.head(20).assign(section="model")
    written, proposed = with_what_to_do(listed, causes=None, register=register, day="2023-12-31")
    pairs = {
        (household, pair) for household, text in zip(written["household_id"], written["measures_by_rule"], strict=True)
        for pair in text.split(";") if pair
    }  # fmt: skip
    given = proposed[proposed["measure"] != ""]
    assert pairs == set(zip(given["household_id"], given["rule"] + ":" + given["measure"], strict=True))
    assert pairs
    without, nothing = with_what_to_do(listed, causes=None, register=None, day="2023-12-31")
    assert nothing is None
    assert "measures_by_rule" not in without
    assert list(without.columns)[:4] == ["causes", "checks", "signal_days", "household_id"]
