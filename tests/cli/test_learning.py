"""Commands that learn from visits: a ledger or a file of results, counts told, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.cli.learning import found_at_visits, with_probabilities
from fanpin_risk.cli.talking import Teller
from fanpin_risk.model.store import read_card

DAY, NEXT = "2021-12-31", "2022-12-31"


@pytest.fixture(scope="module")
def results(register) -> pd.DataFrame:
    """Results of a round of visits after each of two days, as a file of them holds: by list, and four of five others drawn."""
    parts = []
    for day in (DAY, NEXT):
        need = fr.outcomes(register, day)["outcome"].astype(bool)
        rng = np.random.default_rng(4)
        chance = np.where(rng.random(len(need)) < np.where(need, 0.6, 0.1), 1.0, 0.8)
        seen = rng.random(len(need)) < chance
        on = (pd.Timestamp(day) + pd.Timedelta(days=60)).date().isoformat()
        result = np.where(need[seen], "verified", "refuted")
        parts.append(
            pd.DataFrame({"household_id": need.index[seen], "on": on, "result": result, "probability": chance[seen]})
        )
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(event=frame["result"], complete=True, tier=np.where(frame["probability"] == 1, "high", "low"))


@pytest.fixture(scope="module")
def results_file(results, tmp_path_factory):
    """The file, with a row that is half filled in and one whose household was on no list."""
    half = results.head(1).assign(result="", on=None, complete=False)
    without = results.head(1).assign(household_id="H999", probability=np.nan)
    path = tmp_path_factory.mktemp("visits") / "events.csv"
    pd.concat([results, half, without]).to_csv(path, index=False, encoding="utf-8-sig")
    return path


@pytest.fixture(scope="module")
def ledger(results, tmp_path_factory):
    """The same visits of the second round in a ledger, each found by its list first."""
    place = tmp_path_factory.mktemp("visits") / "county.ledger"
    rows = results[results["on"] > NEXT]
    found = rows.assign(
        event="found", who="list", list_id="l1",
        evidence=[json.dumps({"probability": p, "tier": t}) for p, t in zip(rows["probability"], rows["tier"], strict=True)],
    )  # fmt: skip
    told = rows.assign(who="V01", list_id="l1", evidence=None)
    columns = ["household_id", "event", "on", "who", "list_id", "evidence"]
    events = pd.concat([found, told])[columns].astype(object)
    events["evidence"] = [json.loads(one) if isinstance(one, str) else {} for one in events["evidence"]]
    with fr.Ledger(place) as book:
        book.extend(events)
    return place


@pytest.mark.usefixtures("_small_models")
def test_train_learns_from_a_file_and_tells_what_it_left_out(succeed, county, results, results_file, tmp_path):
    """Counts by list and at random, weights, what is left out and why; the card of the model says so, too."""
    told = succeed(
        "train", county, "--as-of", NEXT, "--out", tmp_path / "m", "--visits", results_file, "--no-leak-check", "--lang", "en"
    ).stderr  # fmt: skip
    facts = read_card(tmp_path / "m")["visits"]
    later = results[results["on"] > NEXT]
    assert facts["visits"] == len(later)
    assert "left out: 1 without a known probability, 1 not filled in to the end" in told
    assert (
        f"learnt from {len(later)} visits: {facts['by_list']} by the list, {facts['at_random']} drawn at random" in told
    )
    assert f"not learnt from: {len(results) - len(later)} visits outside the horizons" in told
    card = succeed("card", tmp_path / "m", "--lang", "en").stdout
    assert f"{len(later)} visits with a known result" in card
    assert "The largest weight was" in card


@pytest.mark.usefixtures("_small_models")
def test_train_learns_from_a_ledger(succeed, county, ledger, results, tmp_path):
    """The probability stands where the household was found; in Chinese all is told as well."""
    told = succeed(
        "train", county, "--as-of", NEXT, "--out", tmp_path / "m", "--visits", ledger, "--no-leak-check", "--lang", "zh"
    ).stderr  # fmt: skip
    assert read_card(tmp_path / "m")["visits"]["visits"] == int((results["on"] > NEXT).sum())
    assert "随机抽查" in told
    assert "drawn at random" not in told


def test_evaluate_shows_what_visits_found_and_whether_learning_helped(
    succeed, county, results, results_file, small_model, monkeypatch, tmp_path
):
    """The tables, the page and what is printed tell it of both models."""
    monkeypatch.setattr(fr, "RiskModel", small_model)
    out = tmp_path / "out"
    said = succeed(
        "evaluate", county, "--as-of", DAY, "--as-of", NEXT, "--out", out, "--household-folds", 1, "--draws", 5, "--baselines", "none",
        "--visits", results_file, "--no-leak-check", "--lang", "en",
    )  # fmt: skip
    learnt = pd.read_csv(out / "visits_learnt.csv")
    first = results[results["on"] < NEXT]
    assert learnt[["fold", "model", "visits"]].to_numpy().tolist() == [[NEXT, "fanpin_risk+visits", len(first)]]
    assert learnt["at_random"].iloc[0] == int((first["probability"] < 1).sum())
    against = pd.read_csv(out / "visits.csv")
    assert set(against["model"]) == {"fanpin_risk", "fanpin_risk+visits"}
    assert set(pd.read_csv(out / "visits_comparison.csv")["model"]) == {"fanpin_risk+visits"}
    page = (out / "README.md").read_text("utf-8")
    assert "## Held against visits" in page
    assert "fanpin_risk, learning from visits" in page
    assert "weighted by one over the probability of the visit" in said.stdout
    assert not [one for one in results["household_id"] if one in page]


def test_shares_of_a_ledger_by_tier_and_place(succeed, ledger, county, results, tmp_path):
    """Month by month, of the list and of the draw; the register says the place and the department."""
    out = tmp_path / "shares.csv"
    said = succeed("visits", "shares", ledger, "--by", "tier", "--out", out, "--lang", "en").stderr
    table = pd.read_csv(out)
    assert set(table["group"]) == {"all", "tier"}
    later = results[results["on"] > NEXT]
    by_list = later[later["probability"] == 1]
    row = table[(table["month"] == "all") & (table["how"] == "by_list") & (table["group"] == "all")].iloc[0]
    assert (row["told"], row["verified"]) == (len(by_list), int(by_list["result"].eq("verified").sum()))
    assert f"{row['verified']:.0f} of {row['told']:.0f} found in need" in said
    asked = ("visits", "shares", ledger, "--register", county, "--by", "county", "--by", "department", "--lang", "zh")
    succeed(*asked, "--out", tmp_path / "places.csv")
    shown = (tmp_path / "places.csv").read_text("utf-8-sig")
    assert "县" in shown
    assert "by_list" not in shown


def test_what_visits_do_not_tell_is_refused(run, county, results, tmp_path):
    """Other events before the reading; files without a probability, and what is no table, with what to do."""
    plain, none = tmp_path / "plain.csv", tmp_path / "notes.docx"
    results.drop(columns="probability").to_csv(plain, index=False)
    none.write_text("nothing")
    asked = ("train", county, "--as-of", NEXT, "--out", tmp_path / "m", "--lang", "en")
    for arguments, message in (
        (("--visits", plain, "--target", "below_line"), "expected the target 'newly_monitored'"),
        (("--visits", plain), "'visits read' writes it as probability"),
        (("--visits", none), "notes.docx: expected a ledger, or a file of results"),
    ):
        result = run(*asked, *arguments)
        assert (result.exit_code, message in " ".join(result.stderr.split())) == (3, True), result.output
    assert not (tmp_path / "m").exists()


def test_results_carry_the_probability_of_the_plan():
    """What 'visits read' writes can be learnt from: each household has the probability of its list."""
    plan = pd.DataFrame({"household_id": ["a", "b"], "draw_probability": ["1.0", "0.05"]})
    events = pd.DataFrame({"household_id": ["b", "c", "a"]})
    chances = with_probabilities(events, plan)["probability"]
    assert chances.iloc[[0, 2]].tolist() == [0.05, 1.0]
    assert np.isnan(chances.iloc[1])
    assert with_probabilities(events, None) is events


def test_ids_are_replaced_as_those_of_the_register(results, results_file, tmp_path, capsys):
    """With a key, visits under the ids of an office find the households of a register read with it."""
    key = tmp_path / "key"
    key.write_bytes(b"a long enough key for a test only")
    from fanpin_risk.cli.reading import pseudonyms

    ids = sorted(set(results["household_id"]))
    register = fr.Register({"households": pd.DataFrame({"household_id": pseudonyms(tuple(ids), key)})})
    table = found_at_visits(results_file, Teller(), register=register, id_key=key)
    assert set(table["household_id"]) == set(register.tables["households"]["household_id"])
    assert "note:" not in capsys.readouterr().err
    found_at_visits(results_file, Teller(), register=fr.Register({}), id_key=key)
    assert "do not stand in the register" in capsys.readouterr().err
