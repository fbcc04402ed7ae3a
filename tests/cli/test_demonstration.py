"""The command demo."""

import re

import pandas as pd
import pytest

import fanpin_risk as fr
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
        "disagreements.csv", "monitored.csv", "rule_list.csv", "unscored.csv", "watchlist.csv",
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
    monitored = pd.read_csv(out / "monitored.csv")
    assert len(monitored) == scores["monitored"].sum() > 30
    assert not set(monitored["household_id"]) & set(listed)
    assert monitored["risk"].is_monotonic_decreasing
    sheets = pd.read_excel(out / "report.xlsx", sheet_name=None, header=None, dtype=str, engine="calamine")
    assert sheets["Monitored households"][1].tolist()[1:] == monitored["household_id"].tolist()
    assert any(set(listed) <= set(column) for sheet in sheets.values() for _, column in sheet.items())


@pytest.mark.usefixtures("_small_models")
def test_the_list_of_the_monitored_says_what_its_probability_is_of(succeed, tmp_path):
    """It is of the model of theirs, not of returning to poverty, which stands over the watch list."""
    succeed("demo", "--out", tmp_path / "demo", "--households", 2000, "--lang", "zh", "--quiet")
    headers = {
        name: list(pd.read_csv(tmp_path / "demo" / f"{name}.csv", nrows=0)) for name in ("watchlist", "monitored")
    }
    assert "12个月内返贫致贫风险" in headers["watchlist"]
    assert "12个月内风险未消除的概率" in headers["monitored"]
    assert "12个月内返贫致贫风险" not in headers["monitored"]


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
    sheet = sheets["Watch list"].astype(str).to_numpy().tolist()
    place = sheet[0].index("Causes, the main one first")
    rows = {cells[1]: cells for cells in sheet}
    for household, row in own.iterrows():
        assert ", ".join(name for name in row if name) == rows[household][place]


def test_who_is_not_ranked_is_the_same_everywhere(succeed, tmp_path):
    """Scores, lists, workbook and page of one register and model agree on who is at risk, below the line, or of unknown income."""
    register = fr.make_register(700, random_state=2)
    incomes = register.tables["incomes"]
    ids = incomes["household_id"].astype("str")
    kept = incomes[~ids.isin(sorted(ids.unique())[:8])]
    fr.Register({**register.tables, "incomes": kept}).to_folder(tmp_path / "register", format="parquet")
    small = fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=10), n_folds=2, target="below_line", name="falls")
    model = fr.save_model(small.fit(register, ["2021-12-31", "2022-12-31"]), tmp_path / "model")
    asked = (tmp_path / "register", "--as-of", "2024-12-31", "--model", model, "--lang", "en")
    told = succeed("score", *asked, "--out", tmp_path / "scores").stderr
    succeed("report", *asked, "--out", tmp_path / "r.xlsx", "--out", tmp_path / "r.html", "--no-mask", "--quiet")

    scores = pd.read_csv(tmp_path / "scores/scores.csv").set_index("household_id")
    listed, below = (
        pd.read_csv(tmp_path / f"scores/{name}.csv").set_index("household_id") for name in ("watchlist", "below_line")
    )
    why = scores["not_at_risk"].fillna("")
    apart, unknown = (
        scores.index[why.str.startswith("below")],
        scores.index[why.str.startswith("nothing on record before")],
    )
    assert min(len(apart), len(unknown), (why == "").sum()) >= 5
    assert (scores["at_risk"] == (why == "")).all()
    assert listed["at_risk"].all()
    assert below.index.tolist() == sorted(apart)
    assert f"{len(apart)} households are below the line already" in told
    assert f"{len(unknown)} households have nothing on record to compare with the line" in told

    sheets = pd.read_excel(tmp_path / "r.xlsx", sheet_name=None, dtype=str, engine="calamine")
    sheet = sheets["Below the line"].set_index("Household")
    assert sheet.index.tolist() == below.index.tolist()
    assert (
        sheet["Income"].tolist() == below["income_state"].tolist() == scores.loc[below.index, "income_state"].tolist()
    )
    assert set(sheets["Watch list"]["Household"]) == set(listed.index)
    summary = dict(sheets["Summary"].iloc[:, :2].dropna().to_numpy().tolist())
    figures = {
        "Below the line already: not ranked, listed apart": len(apart),
        "Nothing on record to compare with the line: not ranked": len(unknown),
        "Monitored already": int(scores["monitored"].sum()),
        "Scored": len(scores),
        "Proposed for a visit": len(listed),
    }
    assert {name: int(summary[name]) for name in figures} == figures
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    section = re.search(r'<section id="below">.*?</section>', page, re.DOTALL)[0]
    assert re.findall(r"<bdi>(H\d+)</bdi>", section) == below.index.tolist()
    tile = re.search(r'<div class="tile already_below_line">.*?<dd>(.*?)</dd>', page, re.DOTALL)[1]
    assert str(len(apart)) in tile
