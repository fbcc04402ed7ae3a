"""The command changes."""

import pandas as pd

import fanpin_risk as fr

BEFORE, AFTER = "2023-06-30", "2023-12-31"


def test_changes_writes_what_the_library_finds(succeed, county, model, tmp_path):
    """All households, the risks that rose most first, with the sentences of the run's language; counts are said."""
    read, loaded = fr.read_register(county), fr.load_model(model)
    moved = fr.changes(loaded, read, BEFORE, AFTER)
    asked = ("changes", county, "--before", BEFORE, "--after", AFTER, "--model", model)
    shown = succeed(*asked, "--out", tmp_path / "c.parquet", "--lang", "en").output
    written = pd.read_parquet(tmp_path / "c.parquet")
    assert sorted(written["household_id"]) == moved.frame["household_id"].tolist()
    assert written["log_odds_change"].dropna().is_monotonic_decreasing
    told = moved.reasons(lang="en").set_index("household_id")["change_1"]
    own = written.set_index("household_id")["change_1"]
    pd.testing.assert_series_equal(own[told.index], told, check_dtype=False)
    counts = moved.frame["move"].value_counts()
    assert f"risk rising: {counts['rising']:,}" in shown
    first = written["household_id"].iloc[0]
    assert first not in shown
    succeed(*asked, "--household", first, "--out", tmp_path / "one.csv", "--lang", "zh")
    one = pd.read_csv(tmp_path / "one.csv", encoding="utf-8-sig")
    assert one["household_id"].tolist() == [first]
    assert "由" in one["change_1"].iloc[0]


def test_days_in_the_wrong_order_are_refused(run, county, model, tmp_path):
    """One line, exit code 3, and no file."""
    result = run(
        "changes", county, "--before", AFTER, "--after", BEFORE, "--model", model, "--out", tmp_path / "c.csv", "--lang", "en"
    )  # fmt: skip
    assert result.exit_code == 3
    assert "expected an earlier day and a later one" in result.stderr
    assert not (tmp_path / "c.csv").exists()
