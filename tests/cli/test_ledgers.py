"""The commands of the ledger."""

import json

import pandas as pd
import pytest

import fanpin_risk as fr

ONE = ("--household", "H20230000412", "--event", "found", "--on", "2024-05-01", "--who", "hotline")


@pytest.fixture
def place(succeed, tmp_path):
    """A ledger with one event."""
    place = tmp_path / "county.ledger"
    succeed("ledger", "add", place, *ONE, "--evidence", "channel=12317", "--lang", "en")
    return place


def test_an_event_is_recorded_once(succeed, place):
    """Given again it keeps its number."""
    again = succeed("ledger", "add", place, *ONE, "--evidence", "channel=12317", "--lang", "en")
    assert "recorded as event 1" in again.output
    with fr.Ledger(place) as ledger:
        assert ledger.events()["evidence"].tolist() == ['{"channel":"12317"}']


def test_what_may_not_happen_ends_with_a_line_in_both_languages(run, place):
    """Exit code 3, no whole id, what may be recorded instead."""
    bad = (
        "ledger",
        "add",
        place,
        "--household",
        "H20230000412",
        "--event",
        "eliminated",
        "--on",
        "2024-06-01",
        "--who",
        "county",
    )
    shown = run(*bad, "--lang", "en")
    assert shown.exit_code == 3
    assert "the event risk eliminated (eliminated) cannot follow the state clue (clue)" in shown.stderr
    assert "H20230000412" not in shown.output
    assert "当前状态为“线索（clue）”，不能记“风险消除（eliminated）”" in run(*bad, "--lang", "zh").stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--event", "found"), "give --household, --on, --who, or --file"),
        ((*ONE, "--evidence", "channel"), "--evidence: expected KEY=VALUE"),
        ((*ONE, "--evidence", "event=x"), "--evidence: expected KEY=VALUE"),
        ((*ONE, "--on", "soon"), "expected a day"),
    ],
)
def test_wrong_usage_makes_no_ledger(run, tmp_path, arguments, message):
    """It is seen before the file is made."""
    shown = run("ledger", "add", tmp_path / "new.ledger", *arguments, "--lang", "en")
    assert shown.exit_code == 2
    assert message in shown.stderr
    assert not (tmp_path / "new.ledger").exists()


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
def test_a_file_of_events_is_recorded_as_a_whole(run, succeed, place, tmp_path, ending):
    """And may be given again; a row that does not fit is named and nothing recorded."""
    rows = pd.DataFrame(
        {
            "household_id": ["0001", "0001", "H20230000412"],
            "event": ["found", "verified", "refuted"],
            "on": ["2024-05-02", "2024-05-04", "2024-05-03"],
            "who": "visitor-1",
            "supersedes": [None, None, None],
        }
    )
    file = tmp_path / f"events.{ending}"
    {"csv": rows.to_csv, "parquet": rows.to_parquet, "xlsx": rows.to_excel}[ending](file, index=False)
    first = succeed("ledger", "add", place, "--file", file, "--lang", "en").output
    assert f"3 events in events.{ending}: 3 recorded, 0 on record already" in first
    assert "0 recorded, 3 on record already" in succeed("ledger", "add", place, "--file", file, "--lang", "en").output
    rows.assign(event=["checked", "checked", "checked"]).to_csv(tmp_path / "bad.csv", index=False)
    shown = run("ledger", "add", place, "--file", tmp_path / "bad.csv", "--lang", "en")
    assert shown.exit_code == 3
    assert "bad.csv: row 2, column event (household ***): the event checked (checked) cannot follow" in shown.stderr
    assert "1 more rows are refused; nothing was recorded" in shown.stderr
    with fr.Ledger(place) as ledger:
        assert len(ledger.events()) == 4
    both = run("ledger", "add", place, "--file", file, *ONE, "--lang", "en")
    assert both.exit_code == 2
    assert "give either --file or one event" in both.stderr


def test_other_files_are_refused(run, tmp_path):
    """By their ending, or because nothing in them can be read."""
    for name, code, message in (
        ("events.txt", 2, "expected a file that ends in"),
        ("events.parquet", 3, "cannot be read as a table"),
    ):
        (tmp_path / name).write_text("no table", encoding="utf-8")
        shown = run("ledger", "add", tmp_path / "new.ledger", "--file", tmp_path / name, "--lang", "en")
        assert shown.exit_code == code
        assert message in shown.stderr
    assert not (tmp_path / "new.ledger").exists()


def test_events_and_states_are_written_or_printed(succeed, run, place, tmp_path):
    """As tables for programs and for people; nothing is replaced unasked."""
    shown = succeed("ledger", "events", place, "--json", "--quiet")
    (event,) = json.loads(shown.stdout)
    assert event["household_id"] == "H20230000412"
    assert event["event"] == "found"
    out = tmp_path / "states.csv"
    told = succeed("ledger", "state", place, "--as-of", "2024-05-31", "--out", out, "--lang", "zh").output
    assert "线索：1" in told
    assert pd.read_csv(out)["state"].tolist() == ["clue"]
    assert run("ledger", "state", place, "--as-of", "2024-05-31", "--out", out).exit_code == 3
    succeed("ledger", "state", place, "--as-of", "2024-04-30", "--out", out, "--overwrite")
    assert pd.read_csv(out).empty
    none = succeed("ledger", "events", place, "--household", "nobody", "--json", "--quiet").stdout
    assert json.loads(none) == []
    assert (
        json.loads(
            succeed(
                "ledger", "state", place, "--as-of", "2024-05-31", "--known-on", "2024-05-31", "--json", "--quiet"
            ).stdout
        )
        == []
    )


def test_verify_prints_the_head_and_finds_what_was_cut_off(succeed, run, place):
    """The head is all that stands on stdout, for a program or a note."""
    head = succeed("ledger", "verify", place, "--quiet").stdout.strip()
    assert head.startswith("1:")
    succeed("ledger", "verify", place, "--head", head)
    shown = run("ledger", "verify", place, "--head", "2" + head[1:], "--lang", "en")
    assert shown.exit_code == 3
    assert "event 2 does not fit the chain: it is missing" in shown.stderr


@pytest.mark.parametrize(
    "command", [("events",), ("state", "--as-of", "2024-05-01"), ("due", "--as-of", "2024-05-01"), ("verify",)]
)
def test_a_ledger_that_is_not_there_is_not_made(run, tmp_path, command):
    """A name that was mistyped would else be an empty ledger."""
    shown = run("ledger", command[0], tmp_path / "typo.ledger", *command[1:], "--lang", "en")
    assert shown.exit_code == 3
    assert "typo.ledger: there is no such ledger" in shown.stderr
    assert not list(tmp_path.iterdir())


def test_every_row_that_is_refused_is_written(run, succeed, place, tmp_path):
    """By its row in the file, in which blank lines count, and its column; nothing is recorded, and no id is said."""
    file, out = tmp_path / "events.csv", tmp_path / "problems.csv"
    lines = [
        "household_id,event,on,who", "H20230000500,found,2024-05-01,village", "", "H20230000501,found,soon,village",
        "H20230000502,found,2024-05-01,张三", "H20230000503,verified,2024-05-01,village",
    ]  # fmt: skip
    file.write_text("\n".join(lines), encoding="utf-8")
    shown = run("ledger", "add", place, "--file", file, "--problems", out, "--lang", "en")
    assert shown.exit_code == 3
    assert "events.csv: row 4, column on (household H2***01): on is not a day" in shown.stderr
    assert "2 more rows are refused; nothing was recorded" in shown.stderr
    assert "    row 5, column who: who is no such text" in shown.stderr
    assert "H202300005" not in shown.output
    found = pd.read_csv(out)
    assert found[["file", "row", "column"]].to_numpy().tolist() == [
        ["events.csv", 4, "on"], ["events.csv", 5, "who"], ["events.csv", 6, "event"],
    ]  # fmt: skip
    assert found["problem"].str.len().min() > 10
    with fr.Ledger(place) as ledger:
        assert len(ledger.events()) == 1
    file.write_text("\n".join(lines[:3]), encoding="utf-8")
    succeed("ledger", "add", place, "--file", file, "--problems", out, "--overwrite")
    assert pd.read_csv(out).empty
    assert run("ledger", "add", place, *ONE, "--problems", out, "--lang", "en").exit_code == 2


def test_a_day_that_has_not_come_is_refused(run, place):
    """What is planned has not happened."""
    ahead = (pd.Timestamp.now() + pd.Timedelta(days=3)).date()
    shown = run("ledger", "add", place, *ONE[:4], "--on", ahead, "--who", "hotline", "--lang", "en")
    assert shown.exit_code == 3
    assert "which is later than today" in shown.stderr


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
def test_a_whole_ledger_is_recorded_anew_from_its_events(succeed, place, tmp_path, ending):
    """With what was corrected, through a file of any kind."""
    with fr.Ledger(place) as old:
        old.append(household_id="a", event="found", on="2024-04-01", who="village")
        old.append(household_id="a", event="found", on="2024-04-02", who="village", supersedes=2)
        old.append(household_id="a", event="verified", on="2024-04-03", who="village")
        states = old.state("2024-12-31")
    file, new = tmp_path / f"all.{ending}", tmp_path / "new.ledger"
    succeed("ledger", "events", place, "--out", file)
    assert "4 recorded" in succeed("ledger", "add", new, "--file", file, "--lang", "en").output
    with fr.Ledger(new) as again:
        pd.testing.assert_frame_equal(again.state("2024-12-31"), states)
        again.verify()
