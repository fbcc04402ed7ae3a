"""Rules and model with as many visits, by hand; and what became of households that were signalled, without a look ahead."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import SchemaError
from fanpin_risk.evaluation.beside_rules import WAYS_OF_LISTING, rules_and_signals, rules_beside, signals_by_department
from fanpin_risk.evaluation.labels import translated
from fanpin_risk.reports.figures import signal_rows, ways_rows

DAY = pd.Timestamp("2022-12-31")


@pytest.fixture(scope="module")
def result():
    register = fr.make_register(2500, random_state=1)
    model = fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=10), n_folds=2)
    days = ["2021-12-31", "2022-12-31", "2023-12-31"]
    return register, fr.evaluate(register, days, models={"small": model}, baselines=("rules",), household_folds=1)


def made(n, **columns):
    frame = pd.DataFrame({"model": "m", "household_id": [f"h{k:03d}" for k in range(n)], "as_of": DAY})
    return frame.assign(**columns)


def test_lists_worked_by_hand():
    """100 households, 10 visits: the model's list, the rules' list with a tie at the cut, one after the other, and both."""
    outcome = np.zeros(100, dtype="int64")
    outcome[[0, 1, 2, 3, 4, 20, 21, 22, 23, 24]] = 1
    frame = made(100, risk=np.linspace(0.9, 0.1, 100), outcome=outcome)
    n_rules = np.zeros(100, dtype="int64")
    n_rules[20:25], n_rules[4], n_rules[30:40] = 2, 2, 1
    rules = frame[["household_id", "as_of"]].assign(n_rules=n_rules, n_triggers=0)
    table = rules_beside(frame, rules, capacity=10, n_bootstrap=0).set_index("way")
    assert table.loc[["model", "rules", "rules_then_model"], "events_found"].tolist() == [5, 6, 6]
    # Nobody has a trigger: all by lot, one in ten; then by risk it is the list of the model.
    assert table.loc[["triggers", "triggers_then_model"], "events_found"].tolist() == pytest.approx([1, 5])
    # On the list by risk: 0-9. By rules: 4, 20-24, and 4 of 30-39 by lot. On both: 4.
    assert table.loc["both_rules", ["visited", "events_found"]].tolist() == pytest.approx([1, 1])
    assert table.loc["either_rules", ["visited", "events_found"]].tolist() == pytest.approx([19, 10])
    assert table.loc["either_rules", "recall"] == pytest.approx(1.0)
    assert table.loc["either_rules", "precision"] == pytest.approx(10 / 19)


def test_few_events_are_not_shown():
    """Where too few stand behind a figure, none of the table is shown, as elsewhere."""
    frame = made(100, risk=0.1, outcome=[1] * 3 + [0] * 97)
    table = rules_beside(frame, frame[["household_id", "as_of"]].assign(n_rules=0, n_triggers=0), n_bootstrap=0)
    assert table[["visited", "recall", "precision"]].isna().all().all()
    assert table["note"].str.startswith("suppressed_few").all()


def test_the_model_and_the_triggers_find_what_they_find_elsewhere(result):
    """The lists are those by which models and rules are measured in the table of measures."""
    _, evaluation = result
    table = evaluation.rules_beside(n_bootstrap=0).set_index("way")["recall"]
    recall = evaluation.measures(measures=("recall",), n_bootstrap=0).set_index("model")["value"]
    assert table["model"] == pytest.approx(recall["small"])
    assert table["triggers"] == pytest.approx(recall["rule: number of triggers"])
    assert table["either_triggers"] == pytest.approx(table["model"] + table["triggers"] - table["both_triggers"])
    assert table["either_rules"] == pytest.approx(table["model"] + table["rules"] - table["both_rules"])


def test_rules_are_those_of_the_day(result):
    """The number of rules not met is that of the sieve on the day, of every household at risk."""
    register, evaluation = result
    day = pd.Timestamp("2023-12-31")
    fails = fr.screen(register, day).query("answer == 'fail'").groupby("household_id").size()
    rules = evaluation.rules[evaluation.rules["as_of"] == day].set_index("household_id")["n_rules"]
    assert rules.tolist() == fails.reindex(rules.index).fillna(0).tolist()
    assert rules.max() > 1


def test_what_is_learnt_later_of_a_signal_changes_nothing(result):
    """Cutting off all that was recorded after the day leaves the signals of the day as they are."""
    register, evaluation = result
    day = pd.Timestamp("2023-12-31")
    known = register.known_on(day)
    frames = {name: frame for name, frame in known.tables.items() if name in known.supplied}
    cut = fr.Register.from_frames(frames)
    table = fr.training_day(register, day)
    signals = rules_and_signals(cut, table)[1]
    expected = evaluation.signals[evaluation.signals["as_of"] == day].reset_index(drop=True)
    assert signals.sort_values(list(signals), ignore_index=True).equals(
        expected.sort_values(list(expected), ignore_index=True)
    )


def test_hits_of_departments_worked_by_hand():
    """Each household counts once for a department and state; small cells, and what would give them away, are not shown."""
    frame = made(1000, risk=0.1, outcome=[1] * 50 + [0] * 950)
    ids = frame[["household_id", "as_of"]]
    signals = pd.concat(
        [
            ids.iloc[:100].assign(sender="住建局", state="verified"),
            ids.iloc[40:140].assign(sender="住建局", state="pending"),
            ids.iloc[40:45].assign(sender="#cadre", state="refuted"),
            ids.iloc[:60].assign(sender="水利局", state="verified"),
            ids.iloc[60:70].assign(sender="水利局", state="refuted"),
        ]
    )
    table = signals_by_department(frame, signals).set_index(["sender", "state"])
    assert table.loc[("住建局", "verified"), "hit_rate"] == pytest.approx(0.5)
    assert table.loc[("住建局", "pending"), "events"] == 10
    assert table.loc[("住建局", "all"), "households"] == 140
    assert table["base_rate"].unique().tolist() == [0.05]
    assert pd.isna(table.loc[("#cadre", "all"), "households"])
    assert table.loc[("水利局", "verified"), "events"] == 50
    assert pd.isna(table.loc[("水利局", "all"), "events"])
    assert table.loc[("水利局", "all"), "note"] == "suppressed_total"
    both = signals_by_department(
        frame, signals[signals["sender"] == "水利局"].assign(state=["verified"] * 4 + ["refuted"] * 66)
    )
    shown = both.set_index("state")["hit_rate"].notna()
    assert shown.to_dict() == {"all": True, "verified": False, "refuted": False}


def test_tables_in_words(result):
    """Both languages name every list, sender and state."""
    _, evaluation = result
    ways, signals = evaluation.rules_beside(n_bootstrap=0), evaluation.signals_by_department()
    assert translated(ways, "zh")["名单"].tolist()[:2] == ["按模型风险", "按未达标事项数（保障和监测线）"]
    assert {"干部排查", "医保局"} <= set(translated(signals, "zh")["预警来源"])
    for lang in ("zh", "en"):
        headers, rows = ways_rows(ways.to_dict("records"), lang)
        assert len(rows) == len(WAYS_OF_LISTING) + 4
        assert {len(row) for row in rows} == {len(headers)}
        headers, rows = signal_rows(signals.to_dict("records"), lang)
        assert {len(row) for row in rows} == {len(headers)}


def test_forecasts_without_rules_say_so(result):
    """An evaluation that did not ask the rules has neither table, and says what makes them."""
    from dataclasses import replace

    bare = replace(result[1], rules=None, signals=None)
    for asked in (bare.rules_beside, bare.signals_by_department):
        with pytest.raises(SchemaError, match="not asked"):
            asked()


def test_an_office_puts_its_own_numbers_beside_the_models(result):
    """They change how many rules are not met, no forecast and no signal; the note names them."""
    register, evaluation = result
    frame = pd.DataFrame({"name": ["income_oldest_months"], "area_prefix": "", "valid_from": "2014-01-01", "value": 12})
    policy = fr.policy.Policy(frame)
    day = fr.training_day(register, "2022-10-31")
    shipped, own = rules_and_signals(register, day), rules_and_signals(register, day, policy=policy)
    assert own[0]["n_rules"].sum() < shipped[0]["n_rules"].sum()
    pd.testing.assert_series_equal(own[0]["n_triggers"], shipped[0]["n_triggers"])
    pd.testing.assert_frame_equal(own[1], shipped[1])
    small = fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=10), n_folds=2)
    days = ["2020-10-31", "2021-10-31", "2022-10-31"]
    how = {"baselines": (), "household_folds": 1, "test_days": days[-1:], "policy": policy}
    asked = fr.evaluate(register, days, models={"small": small}, **how)
    pd.testing.assert_frame_equal(asked.rules, own[0])
    assert asked.note(lang="en").endswith(f" The rules were asked with an office's own numbers: {policy.label}.")
    assert evaluation.policy == ""
