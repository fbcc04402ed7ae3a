"""The command demo."""

import pandas as pd
import pytest

from fanpin_risk.model.store import read_card


@pytest.mark.usefixtures("_small_models")
def test_the_demo_runs_the_whole_job(succeed, tmp_path):
    """Register, check, model, scores and watch list are there, and the model says that it is synthetic."""
    out = tmp_path / "demo"
    result = succeed("demo", "--out", out, "--households", 2000, "--lang", "en")
    assert "rows read = " in result.stderr
    assert "newly monitored in the next 12 months" in result.stderr
    assert {file.name for file in out.iterdir()} == {
        ".fanpin-risk.json", "card.html", "card.md", "check", "model", "register", "report.html", "report.xlsx", "scores.csv",
        "unscored.csv", "watchlist.csv",
    }  # fmt: skip
    assert all(name in result.stderr.splitlines()[-1] for name in ("report.html", "report.xlsx"))
    scores = pd.read_csv(out / "scores.csv")
    assert len(scores) + len(pd.read_csv(out / "unscored.csv")) == 2000
    card = read_card(out / "model")
    assert card["synthetic"] is True
    assert card["alarms"]
    assert "no leak alarm" in result.stderr
    listed = pd.read_csv(out / "watchlist.csv")["household_id"]
    assert len(listed) == pytest.approx(0.02 * len(scores), abs=2)
    sheets = pd.read_excel(out / "report.xlsx", sheet_name=None, header=None, dtype=str, engine="calamine")
    assert any(set(listed) <= set(column) for sheet in sheets.values() for _, column in sheet.items())
