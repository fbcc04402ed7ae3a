"""Lists of what is to be done: due, items of guarantees, ends of monitoring."""

import json

import pandas as pd
import pytest

import fanpin_risk as fr

DAY = "2023-12-31"
ONE = ("--household", "H20230000412", "--event", "found", "--on", "2024-05-01", "--who", "hotline")


@pytest.fixture
def place(succeed, tmp_path):
    """A ledger with one event."""
    place = tmp_path / "county.ledger"
    succeed("ledger", "add", place, *ONE, "--evidence", "responsible=v-7", "--evidence", "area_code=211282101001")
    return place


@pytest.fixture
def begun(succeed, county, tmp_path):
    """A ledger that begins with the register."""
    begun = tmp_path / "begun.ledger"
    succeed("ledger", "import", begun, county, "--as-of", DAY, "--quiet")
    return begun


def test_what_is_due_is_listed(succeed, place, tmp_path):
    """The longest overdue first, ids masked on the screen, whole in the file."""
    out = tmp_path / "due.xlsx"
    told = succeed("ledger", "due", place, "--as-of", "2024-05-20", "--out", out, "--lang", "en").output
    assert "H2***12: visit to verify the clue, until 2024-05-04, 16 days overdue" in told
    assert "end of the whole procedure: 1, overdue 1" in told
    assert "H20230000412" not in told
    table = pd.read_excel(out, dtype="str", engine="calamine")
    assert table["household_id"].tolist() == ["H20230000412"] * 2
    own = tmp_path / "policy.csv"
    own.write_text("name,area_prefix,valid_from,value\nverify_days,,2020-01-01,10\n", "utf-8")
    rows = json.loads(
        succeed(
            "ledger", "due", place, "--as-of", "2024-05-02", "--policy", own, "--within", "30", "--json", "--quiet"
        ).stdout
    )
    assert {row["due"]: row["days_overdue"] for row in rows} == {"verification": -9, "recognition": -14}


def test_a_register_begins_a_ledger_and_says_who_can_work(succeed, county, register, tmp_path):
    """Who is monitored by the one is so by the other."""
    place, day = tmp_path / "new.ledger", "2023-12-31"
    told = succeed("ledger", "import", place, county, "--as-of", day, "--lang", "en").output
    with fr.Ledger(place) as ledger:
        monitored = fr.Snapshot(register, day).monitored.sum()
        states = ledger.state(day)["state"]
        assert states.isin(["entered", "supported"]).sum() == monitored > 0
        assert f"{len(ledger.events()):,} events recorded" in told
    rows = json.loads(succeed("ledger", "due", place, "--as-of", day, "--register", county, "--json", "--quiet").stdout)
    assert {row["area_code"][:4] for row in rows} == {"2112"} or all(row["area_code"] for row in rows)


def test_what_is_due_is_counted_by_place_and_person(succeed, place, tmp_path):
    """And chosen by them."""
    out = tmp_path / "counts.csv"
    asked = ("ledger", "due", place, "--as-of", "2024-05-20")
    succeed(*asked, "--by", "township", "--by", "owner", "--out", out)
    counts = pd.read_csv(out, dtype={"township": "str"})
    assert counts[["township", "owner", "due", "overdue", "days_overdue"]].to_numpy().tolist() == [
        ["211282101", "v-7", "recognition", 1, 4], ["211282101", "v-7", "verification", 1, 16],
    ]  # fmt: skip
    for chosen, rows in (
        (("--owner", "v-7"), 2),
        (("--owner", "v-8"), 0),
        (("--area", "211282"), 2),
        (("--area", "53"), 0),
    ):
        assert len(json.loads(succeed(*asked, *chosen, "--json", "--quiet").stdout)) == rows


def test_entries_without_a_day_are_said(succeed, place):
    """They have no deadline."""
    with fr.Ledger(place) as ledger:
        told = {"state": "entered", "reason": "list", "not_after": True}
        ledger.append(household_id="b", event="imported", on="2024-05-01", who="list", **told)
    shown = succeed("ledger", "due", place, "--as-of", "2024-05-20", "--lang", "en").output
    assert "without a deadline, since the day from which it runs is not on record: 3" in shown


def test_items_are_listed_and_counted(succeed, begun, county, tmp_path):
    """The table is that of the library; what is chosen is a part of it."""
    read = fr.read_register(county)
    answers = fr.screen(read, DAY)
    household = answers.loc[answers["answer"] == "fail", "household_id"].iloc[0]
    item = answers.loc[(answers["answer"] == "fail") & (answers["household_id"] == household), "rule"].iloc[0]
    with fr.Ledger(begun) as ledger:
        known = household in set(ledger.state(DAY)["household_id"])
        if not known:
            for event, on in (("found", "2023-01-01"), ("verified", "2023-01-02"), ("entered", "2023-01-05")):
                ledger.append(household_id=household, event=event, on=on, who="village")
        ledger.append(
            household_id=household,
            event="item_opened",
            on=DAY,
            who="village",
            item=item,
            owner="office-3",
            deadline="2023-12-01",
        )
        expected = ledger.items(answers, DAY, register=read)
    out = tmp_path / "items.parquet"
    asked = ("ledger", "items", begun, "--register", county, "--as-of", DAY)
    shown = succeed(*asked, "--out", out, "--lang", "en").output
    pd.testing.assert_frame_equal(pd.read_parquet(out).astype("str"), expected.astype("str"))
    assert f"  nobody has it yet: {(expected['status'] == 'nobody').sum():,}" in shown
    assert "  overdue: 1" in shown
    assert f"{len(expected):,} items -> " in shown
    (row,) = json.loads(succeed(*asked, "--owner", "office-3", "--json", "--quiet").stdout)
    assert (row["household_id"], row["item"], row["status"], row["days_overdue"]) == (household, item, "overdue", 30)
    assert len(json.loads(succeed(*asked, "--status", "overdue", "--json", "--quiet").stdout)) == 1
    assert json.loads(succeed(*asked, "--area", "99", "--json", "--quiet").stdout) == []


def test_exits_are_assessed(succeed, begun, county, tmp_path):
    """As the library does it; with a model both risks."""
    with fr.Ledger(begun) as ledger:
        expected = fr.exit_assessment(fr.read_register(county), DAY, ledger=ledger)
    out = tmp_path / "exits.csv"
    asked = ("ledger", "exits", begun, "--register", county, "--as-of", DAY)
    shown = succeed(*asked, "--out", out, "--lang", "en").output
    assert pd.read_csv(out)["suggestion"].tolist() == expected["suggestion"].tolist()
    for code in ("suggested", "not_suggested", "unknown"):
        assert f": {(expected['suggestion'] == code).sum():,}\n" in shown
    no, unknown = ((expected["guarantees"] == answer).sum() for answer in ("no", "unknown"))
    assert f"  open: every guarantee is given: not met {no:,}, not known {unknown:,}" in shown
    shown = succeed(*asked, "--model", "demo-monitored", "--json", "--lang", "zh")
    rows = pd.DataFrame(json.loads(shown.stdout))
    assert rows["risk"].between(0, 1).any()
    assert (rows["risk_without_support"] != rows["risk"]).any()
    assert "户在帮扶停止后风险更高" in shown.stderr


@pytest.mark.parametrize("command", ["items", "exits"])
def test_a_packed_register_or_a_ledger_that_is_not_there(run, county, place, tmp_path, command):
    """Each is named, and nothing made."""
    shown = run("ledger", command, tmp_path / "typo.ledger", "--register", county, "--as-of", DAY, "--lang", "en")
    assert shown.exit_code == 3
    assert "typo.ledger: there is no such ledger" in shown.stderr
    packed = tmp_path / "packed"
    fr.pack(county, packed)
    shown = run("ledger", command, place, "--register", packed, "--as-of", DAY, "--lang", "en")
    assert shown.exit_code == 3
    assert "packed is a packed register" in shown.stderr
