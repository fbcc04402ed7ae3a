"""What rules say beside a score: the same as the sieve says, with the records, and the risk left as it is."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import SchemaError
from fanpin_risk.policy import beside_the_model
from fanpin_risk.policy.beside_the_model import rules_in_words

DAY = date(2023, 12, 31)
POOR = {
    "household": {"house_grade": "D", "unsafe_house": True, "safe_water": False},
    "members": [
        {"member_id": "P", "birth_date": "1980-03-01", "ins_basic_resident": False, "ins_basic_employee": False,
         "valid_from": date(2023, 1, 1)},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def register():
    return fr.make_register(400, random_state=3)


@pytest.fixture(scope="module")
def scores(register):
    return fr.load_model("demo").score(register, DAY)


def test_scores_carry_what_the_sieve_finds(register, scores):
    """Fails and unknowns of every household are those of the sieve, item by item, in its order."""
    answers = fr.screen(register, DAY).groupby(["answer", "household_id"])["rule"].agg(";".join)
    for column, answer in (("rules", "fail"), ("rules_unknown", "unknown")):
        expected = answers[answer].reindex(scores["household_id"]).fillna("")
        assert scores[column].tolist() == expected.tolist()
    assert (scores["rules"] != "").any()


def test_a_household_that_lacks_all_says_so_in_words(household_of):
    """Every item that fails has its sentence with the records; the tier stays the model's."""
    register = household_of(POOR, DAY)
    found = beside_the_model(fr.Snapshot(register, DAY), lang="zh")
    assert found["rules"].tolist() == ["basic_medical;safe_housing;safe_water"]
    assert "income_line" in found["rules_unknown"].iloc[0]
    told = found["rule_reason"].iloc[0]
    assert told.count("。") == 3
    for part in ("基本医疗：无保障", "人编号 P", "住房安全：无保障", "危房级别 D", "饮水安全：无保障", "登记"):
        assert part in told
    unnamed = beside_the_model(fr.Snapshot(register, DAY), lang="zh", named=False)["rule_reason"].iloc[0]
    assert "人编号" not in unnamed
    assert "危房级别 D" in unnamed
    assert "not given" in beside_the_model(fr.Snapshot(register, DAY), lang="en")["rule_reason"].iloc[0]


@pytest.mark.filterwarnings("ignore::fanpin_risk.errors.LackingTablesWarning")
def test_rules_change_no_risk(household_of):
    """A household with and without such failures has the risk that the model gives; what the rules say differs."""
    model = fr.load_model("demo")
    good = {"household": {"house_grade": "A", "unsafe_house": False, "safe_water": True}}
    rules = [model.score(household_of(case, DAY), DAY)["rules"].iloc[0] for case in (POOR, good)]
    assert rules == ["basic_medical;safe_housing;safe_water", ""]


def test_alone_and_in_the_county_alike(register, scores):
    """What the rules say of a household does not depend on which others are there."""
    model = fr.load_model("demo")
    failing = scores[scores["rules"] != ""].head(3)
    alone = model.score(register, DAY, households=failing["household_id"].tolist())
    columns = ["household_id", "rules", "rules_unknown", "rule_reason"]
    assert alone[columns].equals(failing[columns].reset_index(drop=True))


def test_without_reasons_there_are_codes_alone(register):
    """Whoever wants no words gets none; nobody on record is an empty table with the same columns."""
    model = fr.load_model("demo")
    found = model.score(register, DAY, explain=False)
    assert {"rules", "rules_unknown"} <= set(found.columns)
    assert "rule_reason" not in found.columns
    nobody = model.score(fr.Register({}, supplied=register.supplied), DAY)
    assert list(nobody.columns) == list(model.score(register, DAY).columns)
    assert np.array_equal(nobody.dtypes[["rules", "rule_reason"]], [pd.StringDtype(na_value=np.nan)] * 2)


def test_what_is_no_code_is_refused():
    """A text that is no rule is not shown as one."""
    assert rules_in_words("income_line").shown("en") == "monitoring line"
    with pytest.raises(SchemaError, match="not codes"):
        rules_in_words("safe_housing;roof")
