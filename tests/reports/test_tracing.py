"""From the line of a list back to rows, day, model, rules, list and ledger."""

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import SchemaError

DAY = "2024-12-31"


@pytest.fixture(scope="module")
def county():
    return fr.make_register(200, random_state=3)


@pytest.fixture(scope="module")
def model():
    return fr.load_model("demo")


@pytest.fixture(scope="module")
def scores(model, county):
    return model.score(county, DAY)


@pytest.fixture(scope="module")
def household(scores):
    return scores.loc[scores["risk"].idxmax(), "household_id"]


def test_the_line_of_a_list_is_made_anew_and_agrees(model, county, scores, household, tmp_path):
    """The same risk, tier and model; the ledger's chain is whole and holds the list."""
    plan = fr.plan_visits(scores, capacity=5, random_state=0)
    with fr.Ledger(tmp_path / "l") as ledger:
        fr.record_list(ledger, plan.frame)
        way = fr.trace(model, county, household, DAY, listed=scores, ledger=ledger, lang="en")
    assert way.agrees
    assert len(way.checks) == 5
    assert way.score["risk"] == scores.set_index("household_id").loc[household, "risk"]
    assert way.events["list_id"].tolist() == [plan.list_id]
    assert way.rules["rule"].tolist() == fr.screen(county.select([household]), DAY)["rule"].tolist()


def test_what_was_changed_on_the_list_or_in_the_ledger_is_found(model, county, scores, household, tmp_path):
    """Another risk, another model, a forged event: each check says that it differs; digits that a list leaves out do not."""
    line = scores[scores["household_id"] == household]
    assert fr.trace(model, county, household, DAY, listed=line.assign(risk=line["risk"].round(4))).agrees
    for changed in ({"risk": line["risk"] + 0.01}, {"model": "demo:000000000000"}, {"tier": "low"}):
        way = fr.trace(model, county, household, DAY, listed=line.assign(**changed))
        assert [holds for _, holds in way.checks].count(False) == 1, changed
    with fr.Ledger(tmp_path / "l") as ledger:
        ledger.append(household_id=household, event="found", on=DAY, who="cadre")
    import sqlite3

    with sqlite3.connect(tmp_path / "l") as forged:
        names = [name for (name,) in forged.execute("select name from sqlite_master where type = 'trigger'")]
        for name in names:
            forged.execute(f"drop trigger {name}")
        forged.execute("update fanpin_ledger_events set on_day = '2024-12-30'")
    with fr.Ledger(tmp_path / "l") as ledger:
        assert not fr.trace(model, county, household, DAY, ledger=ledger).agrees


def test_records_behind_the_risk_are_those_known_on_the_day(model, county, household):
    """Every record named was recorded by the day; a later correction changes no digest, an earlier one does."""
    way = fr.trace(model, county, household, DAY)
    assert len(way.records)
    assert (pd.to_datetime(way.records["recorded_at"]) <= pd.Timestamp(DAY)).all()
    one = county.select([household])

    def with_row(recorded_at):
        row = one.tables["incomes"].iloc[[-1]].assign(recorded_at=pd.Timestamp(recorded_at), amount_cny=1.0)
        tables = {**one.tables, "incomes": pd.concat([one.tables["incomes"], row], ignore_index=True)}
        return fr.Register(tables, source=one.source, supplied=one.supplied)

    later, earlier = (fr.trace(model, with_row(day), household, DAY) for day in ("2025-02-01", "2024-12-30"))
    pd.testing.assert_frame_equal(later.known, way.known)
    assert not earlier.known.equals(way.known)


def test_the_page_masks_ids_unless_they_may_be_seen(model, county, household):
    """On the screen neither the household's id nor those of its members; in a file for the office both."""
    way = fr.trace(model, county, household, DAY)
    shown, whole = (way.document(whole_id=one).markdown() for one in (False, True))
    assert household not in shown
    assert household in whole
    assert "有保障" in shown


def test_who_is_not_there_is_told(model, county, scores, household):
    """A household that the list or the register does not have."""
    with pytest.raises(SchemaError, match="no line"):
        fr.trace(model, county, household, DAY, listed=scores[scores["household_id"] != household])
    with pytest.raises(SchemaError):
        fr.trace(model, county, "nobody", DAY)


def test_a_record_that_a_clerk_accepted_is_told_with_its_visit(model, county, household, tmp_path):
    """By the ledger: which event, which visit; the records behind the risk name it."""
    line = {
        "entry": 1, "action": "change", "table": "households", "household_id": household, "member_id": "", "column": "size_declared",
        "old": county.select([household]).tables["households"]["size_declared"].iloc[-1], "new": 9, "date": "2025-01-15",
        "event_key": "k1", "decision": "accept",
    }  # fmt: skip
    accepted = fr.accept_corrections(county, [line], on="2025-01-20")
    assert accepted.counts["taken"] == 1
    with fr.Ledger(tmp_path / "l") as ledger:
        ledger.append(household_id=household, event="found", on=DAY, who="cadre")
        assert fr.record_accepted(ledger, accepted).new == 1
        assert (again := fr.record_accepted(ledger, accepted)).known == 1, again
        way = fr.trace(model, accepted.register, household, "2025-01-31", ledger=ledger, lang="en")
        before = fr.trace(model, accepted.register, household, DAY, ledger=ledger, lang="en")
    assert way.accepted[["seq", "table", "columns", "since", "visit_id"]].to_numpy().tolist() == [
        [2, "households", ["size_declared"], "2025-01-15", "k1"]
    ]
    of_houses = way.records["table"] == "households"
    assert way.records.loc[of_houses, "accepted"].tolist() == [(2,)] * of_houses.sum()
    assert not any(before.records["accepted"])
    text = way.document().markdown()
    assert "Accepted corrections" in text
    assert "2025-01-15 | k1" in text
