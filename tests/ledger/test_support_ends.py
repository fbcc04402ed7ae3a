"""The risk without support that ends: what is taken out, and that nothing else is."""

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import InputError
from fanpin_risk.ledger.support_ends import risk_after_support, support_taken_out

DAY = "2023-12-31"


@pytest.fixture(scope="module")
def register():
    return fr.make_register(600, random_state=3, base_rate=0.1)


@pytest.fixture(scope="module")
def model():
    return fr.load_model("demo-monitored")


def test_running_measures_and_pay_of_posts_are_taken_out(register):
    """Of minimum income and of measures that are over nothing is; the register itself is as it was."""
    before = {name: frame.copy() for name, frame in register.tables.items()}
    without = support_taken_out(register, DAY)
    running = fr.Snapshot(register, DAY).supports
    running = running.where(np.isnat(running.end_date) & ~running.isin("measure", "social_security"))
    assert len(register.tables["supports"]) - len(without.tables["supports"]) >= len(running) > 0
    left = fr.Snapshot(without, DAY).supports
    assert set(left.frame["measure"].iloc[left.index[np.isnat(left.end_date)]]) <= {"social_security"}
    over = fr.Snapshot(register, DAY).supports
    assert (~np.isnat(left.end_date)).sum() == (~np.isnat(over.end_date)).sum()
    paid = without.tables["incomes"].loc[without.tables["incomes"]["item"] == "wage_public_post", "amount_cny"]
    assert set(paid) == {0.0}
    assert set(without.tables["members"]["public_post_months"].dropna()) == {0.0}
    for name, frame in register.tables.items():
        pd.testing.assert_frame_equal(frame, before[name])
        if name not in ("supports", "incomes", "members"):
            pd.testing.assert_frame_equal(frame, without.tables[name])


def test_both_risks_are_those_of_the_model(register, model):
    """Of the households asked for, in their order; alone as among others."""
    ids = fr.exit_assessment(register, DAY)["household_id"].tolist()[:20]
    found = risk_after_support(model, register, DAY, ids[::-1])
    scores = model.score(register, DAY, households=ids[::-1], explain=False)
    assert found["household_id"].tolist() == ids[::-1]
    np.testing.assert_array_equal(found["risk"], scores["risk"])
    there = found.dropna()
    assert len(there) > 10
    assert (there["risk"] != there["risk_without_support"]).any()
    alone = risk_after_support(model, register, DAY, [ids[3]])
    assert alone.to_numpy().tolist() == found[found["household_id"] == ids[3]].to_numpy().tolist()
    assert risk_after_support(model, register, DAY, []).empty


def test_what_is_no_model_is_refused(register):
    """Before anything is scored."""
    with pytest.raises(InputError, match="model is no model"):
        risk_after_support("demo", register, DAY, [])


def test_an_exit_assessment_tells_both(register, model):
    """And suggests the same with and without a model."""
    plain, told = fr.exit_assessment(register, DAY), fr.exit_assessment(register, DAY, model=model)
    pd.testing.assert_frame_equal(told[plain.columns], plain)
    assert told.columns.tolist()[-2:] == ["risk", "risk_without_support"]
    assert told["risk"].between(0, 1).any()
