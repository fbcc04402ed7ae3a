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


@pytest.mark.usefixtures("_small_models")
def test_the_same_fact_is_the_same_everywhere(succeed, tmp_path):
    """Card, workbook, page, scores and lists of one run agree: checks for leaks, figures, days, model, causes."""
    out = tmp_path / "demo"
    succeed("demo", "--out", out, "--households", 2000, "--lang", "en")
    card, told = read_card(out / "model"), (out / "card.md").read_text(encoding="utf-8")
    scores, listed = pd.read_csv(out / "scores.csv"), pd.read_csv(out / "watchlist.csv")
    sheets = pd.read_excel(out / "report.xlsx", sheet_name=None, header=None, dtype=str, engine="calamine")
    workbook = [str(cell) for sheet in sheets.values() for cell in sheet.to_numpy().ravel()]
    page = (out / "report.html").read_text(encoding="utf-8")
    checks = f"{len({row['alarm'] for row in card['alarms']})} checks, no alarm."
    figures = (checks, f"{card['metrics']['auc']:.3f}", *[day["as_of"] for day in card["training"]])
    for name, text in {"card": told, "workbook": "\n".join(workbook), "page": page}.items():
        for figure in figures:
            assert str(figure) in text, (name, figure)
        assert "No leak check was made" not in text, name
    label = scores["model"].iloc[0]
    assert set(listed["model"]) == set(scores["model"]) == {label}
    assert label in page
    assert any(label in cell for cell in workbook)
    causes = scores.set_index("household_id")[["cause", "cause_2", "cause_3"]].fillna("")
    own = listed.set_index("household_id")[["cause", "cause_2", "cause_3"]].fillna("")
    assert own.equals(causes.loc[own.index])
    rows = {
        cells[1]: cells
        for sheet in sheets.values()
        for cells in sheet.astype(str).to_numpy().tolist()
        if len(cells) > 9
    }
    for household, row in own.iterrows():
        assert ", ".join(name for name in row if name) == rows[household][8]
