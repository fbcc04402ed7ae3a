"""What changed between two days: risks of both, and by which facts they moved."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

import fanpin_risk as fr
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.watch.changed import MOVES

BEFORE, AFTER = "2023-06-30", "2024-12-31"


@pytest.fixture(scope="module")
def model():
    return fr.load_model("demo")


@pytest.fixture(scope="module")
def register():
    return fr.make_register(900, random_state=2)


@pytest.fixture(scope="module")
def moved(model, register):
    return fr.changes(model, register, BEFORE, AFTER)


def risks(model, register, day):
    return model.score(register, day, n_reasons=0).set_index("household_id")["risk"]


def test_the_risks_are_those_of_the_scores_and_the_parts_add_up(model, register, moved):
    """Every household on record on either day once; contributions sum to the change, and that to the log-odds of both days."""
    frame = moved.frame.set_index("household_id")
    before, after = risks(model, register, BEFORE), risks(model, register, AFTER)
    assert sorted(frame.index) == sorted(set(before.index) | set(after.index))
    pd.testing.assert_series_equal(frame["risk_before"].dropna(), before, check_names=False)
    pd.testing.assert_series_equal(frame["risk_after"].dropna(), after, check_names=False)
    stayed = frame.loc[moved.contributions.index]
    assert (moved.contributions.sum(axis=1) == stayed["log_odds_change"]).all()
    np.testing.assert_allclose(
        stayed["log_odds_change"], logit(stayed["risk_after"]) - logit(stayed["risk_before"]), atol=1e-9
    )
    np.testing.assert_allclose(
        stayed[["by_records", "by_line", "by_model"]].sum(axis=1), stayed["log_odds_change"], atol=1e-12
    )
    assert set(frame["move"]) <= set(MOVES)
    assert (frame["move"] == "gone").equals(frame["risk_after"].isna())
    assert frame.loc[frame["move"] == "rising", "log_odds_change"].min() > 0


def test_only_what_changed_moves_a_risk(model, register, moved):
    """A feature with the same value on both days has no contribution; a day without a change of records moves nothing but time."""
    names = list(model.feature_names_in_)
    was, now = moved.before_data[names], moved.after_data[names]
    same = ((was == now) | (was.isna() & now.isna())).to_numpy()
    # The line may move what is otherwise the same: it is told apart.
    assert (moved.contributions[names].to_numpy()[same] == 0).mean() > 0.999
    alone = fr.changes(model, register, BEFORE, AFTER, households=moved.contributions.index[3])
    np.testing.assert_array_equal(alone.contributions.to_numpy()[0], moved.contributions.to_numpy()[3])


def test_a_bill_moves_the_risk_by_its_own_features_alone(model, register):
    """One bill more between two days: all that moved beyond what moved without it are features of treatment."""
    scored = risks(model, register, BEFORE)
    household = scored.sort_values().index[len(scored) // 2]
    one = register.select([household])
    member = one.tables["members"]["member_id"].iloc[0]
    bill = {"member_id": member, "record_id": "R", "kind": "inpatient", "event_date": "2023-08-01", "total_cost_cny": 30_000.0,
            "out_of_pocket_cny": 24_000.0, "recorded_at": "2023-08-05"}  # fmt: skip
    medical = one.tables["medical"]
    row = pd.DataFrame([bill]).reindex(columns=medical.columns).astype(medical.dtypes)
    tables = {**one.tables, "medical": pd.concat([medical, row], ignore_index=True)}
    more = fr.Register(tables, source=one.source, supplied=one.supplied)
    with_bill, without = (fr.changes(model, of, "2023-07-31", "2023-08-31").contributions.iloc[0] for of in (more, one))
    moved = with_bill[(with_bill != 0) & (without == 0)].index
    assert with_bill.sum() > without.sum() + 0.1
    declared = {feature.name: feature for feature in fr.FEATURES}
    assert {declared[name].domain for name in moved} <= {"health", "income"}
    told = fr.changes(model, more, "2023-07-31", "2023-08-31").reasons(lang="zh")
    assert "增加24,000元" in " ".join(told.filter(like="change_").iloc[0])


def test_the_line_is_told_apart(register):
    """The same records under a line that rises in between: only the part of the line moves more."""
    lines = pd.DataFrame({"area_prefix": ["", ""], "year": [2023, 2024], "line_cny": [8000.0, 8000.0]})
    level = fr.load_model("demo").set_params(lines=fr.MonitoringLines(lines))
    raised = fr.load_model("demo").set_params(lines=fr.MonitoringLines(lines.assign(line_cny=[8000.0, 11000.0])))
    still, risen = (fr.changes(one, register, BEFORE, AFTER) for one in (level, raised))
    assert (still.frame["by_line"].dropna() == 0).all()
    assert risen.frame["by_line"].max() > 0.2
    np.testing.assert_allclose(risen.frame["by_records"], still.frame["by_records"], atol=1e-12)
    told = risen.reasons(lang="en", n_reasons=9)
    assert (
        told.filter(like="change_").apply(lambda text: text.str.contains("line moved from 8,000 CNY")).to_numpy().any()
    )


def test_another_model_is_told_apart(model, register):
    """Risks before are those of the model then in use."""
    other = fr.load_model("demo")
    other.intercept_ += 0.5
    moved = fr.changes(model, register, BEFORE, AFTER, model_before=other)
    frame = moved.frame.set_index("household_id")
    pd.testing.assert_series_equal(frame["risk_before"].dropna(), risks(other, register, BEFORE), check_names=False)
    np.testing.assert_allclose(frame["by_model"].dropna(), -0.5, atol=1e-9)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_sentences_give_both_values(moved, lang):
    """Of every household with a change that counts there is a sentence, with the values of its own features."""
    told = moved.reasons(lang=lang, n_reasons=2).set_index("household_id")
    sizes = moved.contributions.abs().max(axis=1)
    assert (told.loc[sizes > 0.5, "change_1"] != "").all()
    assert (told.loc[told["change_1"] == "", "contribution_1"].isna()).all()
    assert told["contribution_1"].abs().fillna(0).ge(told["contribution_2"].abs().fillna(0)).all()
    words = {"zh": "由", "en": "before, now|rose from|fell from|moved from|changed"}
    assert told.loc[told["change_1"] != "", "change_1"].str.contains(words[lang]).all()


def test_wrong_days_and_models_are_refused(model, register):
    """What cannot be compared ends in an error that says what was expected."""
    with pytest.raises(SchemaError, match="expected an earlier day and a later one"):
        fr.changes(model, register, AFTER, BEFORE)
    other = fr.load_model("demo")
    other.horizon_months_ = 6
    with pytest.raises(SchemaError, match="expected the same event"):
        fr.changes(model, register, BEFORE, AFTER, model_before=other)
    with pytest.raises(InputError, match="a fitted RiskModel"):
        fr.changes("demo", register, BEFORE, AFTER)


def test_a_line_that_rises_within_the_year_is_told_apart(register):
    """Two days of one year, the change between them: what the line did stands in its own part."""
    incomes = register.tables["incomes"]
    days = {name: incomes[name] + pd.DateOffset(months=6) for name in ("period_start", "period_end", "recorded_at")}
    moved = fr.Register.from_frames({**register.tables, "incomes": incomes.assign(**days)})
    lines = pd.DataFrame(
        {"area_prefix": "", "year": 2024, "valid_from": ["", "2024-07-01"], "line_cny": [8000.0, 8000.0]}
    )
    level = fr.load_model("demo").set_params(lines=fr.MonitoringLines(lines))
    raised = fr.load_model("demo").set_params(lines=fr.MonitoringLines(lines.assign(line_cny=[8000.0, 12000.0])))
    still, risen = (fr.changes(one, moved, "2024-06-30", "2024-07-31") for one in (level, raised))
    assert (still.frame["by_line"].dropna() == 0).all()
    assert risen.frame["by_line"].max() > 0.2
    np.testing.assert_allclose(risen.frame["by_records"], still.frame["by_records"], atol=1e-12)
