"""Cards of models and reports of evaluations: limits first, nothing about persons, hostile text stays text.

Tests reports/card_training.py, reports/documents.py, reports/evidence.py, reports/figures.py and the words of evaluation/labels.py as well.
"""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.asof.outcomes import LEFT_OUT
from fanpin_risk.errors import ModelFileError, SchemaError
from fanpin_risk.evaluation import labels
from fanpin_risk.evaluation.evaluation import RESULT_TABLES
from fanpin_risk.model.store import add_to_card, load_model, read_card, save_model
from fanpin_risk.reports import model_card, write_evidence
from fanpin_risk.reports.documents import Document

DAYS = ["2021-12-31", "2022-12-31", "2023-12-31"]
HOSTILE = '<script>alert(1)</script> | "x" [link](http://e.x) `code` **b**\n# heading & \u202egnp'


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.said: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.said.append(data)


@pytest.fixture(scope="module")
def register():
    return fr.make_register(2500, random_state=4, base_rate=0.03)


@pytest.fixture(scope="module")
def small():
    return fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=20, max_depth=3), n_folds=2)


@pytest.fixture(scope="module")
def evaluation(register, small):
    return fr.evaluate(register, DAYS, models={"small": small}, baselines=("rules",), household_folds=1)


@pytest.fixture(scope="module")
def tables(evaluation):
    return evaluation.tables(n_bootstrap=20)


@pytest.fixture(scope="module")
def model(register):
    return fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=20, max_depth=3), n_folds=2).fit(register, DAYS[:2])


@pytest.fixture(scope="module")
def alarms():
    row = {"alarm": "too_good", "level": "alarm", "feature": "", "value": np.nan, "expected": "< 0.9"}
    fine = row | {"alarm": "twins", "level": "ok", "message_zh": "未发现问题", "message_en": "nothing found"}
    bad = row | {"message_zh": "好得不可信", "message_en": "too good to be true"}
    frame = pd.DataFrame([bad, fine])
    frame["level"] = pd.Categorical(frame["level"], categories=["ok", "warning", "alarm"], ordered=True)
    return frame


@pytest.fixture(scope="module")
def saved(model, evaluation, tables, alarms, tmp_path_factory):
    path = tmp_path_factory.mktemp("card") / "model"
    return save_model(model, path, evaluation=evaluation.summary(tables), alarms=alarms, notes="for tests")


# --- the card -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_limits_stand_before_any_figure(saved, lang):
    """Who reads the first screen only has read what the model is not for."""
    text = model_card(saved, lang=lang)
    headings = re.findall(r"^## (.*)$", text, flags=re.MULTILINE)
    assert headings[0] == ("用途与限制" if lang == "zh" else "Intended use and limits")
    assert headings[-1] == ("如何提出异议" if lang == "zh" else "How to contest a result")
    assert text.index(headings[0]) < text.index("AUC")
    warned = text[: text.index(headings[0])]
    assert ("虚拟数据" if lang == "zh" else "made-up data") in warned
    assert ("泄露警报" if lang == "zh" else "leak alarm rang") in warned


def test_the_card_tells_what_was_measured(saved, model, evaluation, tables):
    """Figures of the card are those of the evaluation, with intervals, baselines, groups and the note."""
    text = model_card(saved, lang="en")
    row = tables["measures"].query("model == 'small' and measure == 'auc'").iloc[0]
    assert f"{row['value']:.3f} ({row['low']:.3f} – {row['high']:.3f})" in text
    assert "rule: income below 1.5 lines" in text
    assert f"The first model is {evaluation.models[0]};" in text
    assert evaluation.note(lang="en")[:60] in text
    assert f"{model.oof_metrics_['auc']:.3f}" in text
    assert model.fingerprint_ in text
    assert "Sex of the head | female" in text
    assert "too good to be true" in text
    assert all(feature in text for feature in model.feature_names_in_)
    assert "8,500" in text  # a monitoring line
    assert "One list for all: the 5% with the highest risk." in text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_shares_below_one_percent_are_not_written_as_none(saved, tmp_path, lang):
    """A list of five households in a thousand is not a list of 0 %, nor is such a tier."""
    path = shutil.copytree(saved, tmp_path / "model")
    card = json.loads((path / "card.json").read_text("utf-8"))
    card["evaluation"]["capacity"], card["tiers"]["shares"] = 0.005, [0.004, 0.025]
    (path / "card.json").write_text(json.dumps(card), "utf-8")
    text = model_card(path, lang=lang)
    visits, tiers = (
        ("风险最高的前0.5%", ("风险最高的0.4%", "其次2.5%"))
        if lang == "zh"
        else ("the 0.5% with the highest risk", ("Tiers: the 0.4% with", "the next 2.5% medium"))
    )
    assert visits in text
    assert all(tier in text for tier in tiers)


def test_a_card_without_evaluation_says_so(model):
    """Silence must not look like a pass."""
    text = model_card(model, lang="en")
    assert "Not evaluated." in text
    assert "No leak check was made" in text


def test_no_household_is_in_a_card_or_report(saved, evaluation, tables, register, tmp_path):
    """Aggregates only: no id of a household, village or person is in any file."""
    folder = write_evidence(evaluation, tmp_path / "report", tables=tables, lang="en")
    content = b"".join(path.read_bytes() for path in folder.iterdir() if path.suffix != ".png")
    content += (saved / "card.json").read_bytes() + model_card(saved, format="html").encode()
    households = register.tables["households"]
    ids = [*households["household_id"].unique(), *register.tables["members"]["member_id"].unique()]
    assert not [i for i in ids if i.encode() in content]
    assert not [code for code in households["area_code"].unique() if code.encode() in content]


def test_small_groups_are_not_shown(saved, evaluation):
    """A group of a few households has neither counts nor figures in the card."""
    sizes = evaluation.groups.groupby("ethnicity").size()
    few = pd.DataFrame(read_card(saved)["evaluation"]["groups"])
    few = few[few["households"].isna()]
    assert few["value"].isna().all()
    assert sizes.min() > 0


def test_hostile_names_stay_text(model, tmp_path):
    """Whatever a name or note holds is shown, never run, followed or taken for a table."""
    folder = save_model(model, tmp_path / "m", name=HOSTILE, notes=HOSTILE, alarms=[
        {"alarm": HOSTILE, "level": "alarm", "feature": HOSTILE, "message_zh": HOSTILE, "message_en": HOSTILE}
    ])  # fmt: skip
    page = Page(model_card(folder, format="html", lang="en"))
    allowed = {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "ul", "li", "div", "table", "thead", "tbody",
        "tr", "th", "td",
    }  # fmt: skip
    assert set(page.tags) <= allowed
    assert {name for name, _ in page.attributes} <= {
        "lang",
        "charset",
        "name",
        "content",
        "http-equiv",
        "class",
        "scope",
    }
    assert any('<script>alert(1)</script> | "x"' in said for said in page.said)
    plain = model_card(folder, lang="en")
    assert "<script>" not in plain
    assert "\u202e" not in plain
    assert not re.search(r"(?<!\\)\]\(", plain)
    assert not re.search(r"^# heading", plain, flags=re.MULTILINE)
    for line in plain.splitlines():
        if "alert" in line and line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 5  # four cells


def test_a_page_asks_nothing_of_other_computers(saved):
    """The page is one file: no script, picture, font or style from elsewhere."""
    page = model_card(saved, format="html")
    assert not re.search(r"<script|<img|<link|src=|href=|url\(|@import|javascript:", page)
    assert "default-src 'none'" in page
    assert "@media print" in page


def test_a_damaged_card_is_refused(saved, tmp_path):
    """A card whose sections have other shapes is named, not traced back."""
    import shutil

    folder = tmp_path / "copy"
    shutil.copytree(saved, folder)
    for key, value in (("tiers", {}), ("evaluation", {"folds": 1}), ("alarms", [1]), ("training", [])):
        card = read_card(saved) | {key: value}
        (folder / "card.json").write_text(json.dumps(card), "utf-8")
        with pytest.raises(ModelFileError, match="its card is not as save_model writes it"):
            model_card(folder)


def test_wrong_arguments_are_named(saved):
    """Neither another format nor another language is guessed at."""
    with pytest.raises(SchemaError, match="expected one of md, html"):
        model_card(saved, format="pdf")
    with pytest.raises(SchemaError, match="expected one of zh, en"):
        model_card(saved, lang="fr")


# --- evaluation and alarms in the bundle --------------------------------------------------------------------------------


def test_evaluation_and_alarms_travel_with_the_model(saved, model, tmp_path):
    """What was found stays with the model when it is saved again, and goes when it is fitted anew."""
    loaded = load_model(saved)
    assert loaded.fingerprint_ == model.fingerprint_
    assert [row["alarm"] for row in loaded.alarms_] == ["too_good", "twins"]
    assert loaded.alarms_[0]["value"] is None
    again = read_card(save_model(loaded, tmp_path / "again"))
    assert again["evaluation"] == read_card(saved)["evaluation"]
    assert again["alarms"] == read_card(saved)["alarms"]
    assert model.evaluation_ is None


def test_an_evaluation_can_be_added_to_a_saved_model(model, evaluation, tables, alarms, tmp_path):
    """The model stays what it is, to the byte; an evaluation of another event is refused."""
    folder = save_model(model, tmp_path / "m", notes="keep", alarms=alarms)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    add_to_card(folder, evaluation=evaluation.summary(tables))
    card = read_card(folder)
    assert card["evaluation"]["models"] == evaluation.models
    assert (card["notes"], len(card["alarms"])) == ("keep", 2)
    assert {name for name, data in before.items() if (folder / name).read_bytes() != data} == {
        ".fanpin-risk.json",
        "card.json",
    }
    with pytest.raises(ModelFileError, match="the model forecasts newly_monitored within 12 months"):
        add_to_card(folder, evaluation={"target": "below_line", "horizon_months": 12})


# --- the report ---------------------------------------------------------------------------------------------------------


def test_the_report_holds_every_table_and_picture(evaluation, tables, tmp_path):
    """One csv per table, a picture where one fits, and a page that names them and says where outcomes come from."""
    folder = write_evidence(evaluation, tmp_path / "out", tables=tables, lang="en")
    names = {path.name for path in folder.iterdir()}
    of_visits = {"visits.csv", "visits_learnt.csv", "visits_comparison.csv"}
    made = {f"{name}.csv" for name in RESULT_TABLES} - {"learning_curve.csv", *of_visits}
    assert names >= made | {"README.md", "calibration.png", "capacity.png", "comparison.png", "fairness_head_sex.png"}
    assert "learning_curve.csv" not in names
    read = pd.read_csv(folder / "measures.csv")
    np.testing.assert_allclose(read["value"], tables["measures"]["value"])
    page = (folder / "README.md").read_text("utf-8")
    assert evaluation.note(lang="en")[:60] in page
    assert "The register is made up" in page
    assert f"The first model is {evaluation.models[0]}." in page  # tables are in the order of names
    assert page.index(evaluation.note(lang="en")[:60]) < page.index("| Model |")


def test_without_matplotlib_and_fairlearn_the_report_says_so(evaluation, tmp_path, monkeypatch):
    """Optional packages are missed in words, not with a trace."""
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setitem(sys.modules, "fairlearn.metrics", None)
    monkeypatch.setitem(sys.modules, "fairlearn", None)
    made = evaluation.tables(n_bootstrap=0)
    assert "fairness" not in made
    folder = write_evidence(evaluation, tmp_path / "out", tables=made, lang="en")
    assert not list(folder.glob("*.png"))
    page = (folder / "README.md").read_text("utf-8")
    assert "No pictures: matplotlib is not installed" in page
    assert "No audit of fairness: fairlearn is not installed" in page


# --- documents ----------------------------------------------------------------------------------------------------------


def test_a_document_keeps_texts_apart_from_marks():
    """Lines that look like lists, rules or headings are text; empty lists and tables are left out."""
    document = Document("en")
    document.title("a_b and _c_")
    document.text("1. first")
    document.text("- second")
    document.list([])
    document.table(["x"], [])
    assert document.markdown() == "# a_b and \\_c\\_\n\n1\\. first\n\n\\- second\n"
    assert [tag for tag in Page(document.html()).tags if tag in ("ul", "table")] == []


# --- in Chinese ---------------------------------------------------------------------------------------------------------

# What is written so in Chinese too: measures, formats, packages, commands, columns of the scores, and the model's own name.
LATIN = {
    "weights", "AUC", "Brier", "LightGBM", "XGBoost", "CatBoost", "PSI", "JS",
    "README", "small", "csv", "png", "demo", "fanpin", "risk", "fanpin-risk",
}  # fmt: skip


def english(text: str) -> set[str]:
    """Words of Latin letters that are not written so in Chinese."""
    return set(re.findall(r"[A-Za-z][A-Za-z_-]{2,}", text)) - LATIN


def test_chinese_tables_hold_chinese(evaluation, tables, tmp_path):
    """Headers, models, measures, groups, verdicts and notes of the tables, and the page, are read without English."""
    folder = write_evidence(evaluation, tmp_path / "out", tables=tables)
    for path in folder.glob("*.csv"):
        assert english(path.read_text("utf-8-sig")) == set(), path.name
    page = (folder / "README.md").read_text("utf-8")
    assert "事件：12个月内新纳入监测" in page
    listed = {*RESULT_TABLES, *(path.stem for path in folder.glob("*.png"))}
    assert english(page) <= listed
    measures = pd.read_csv(folder / "measures.csv")
    np.testing.assert_allclose(measures["数值"], tables["measures"]["value"])
    assert "规则：任一预警触发" in set(measures["模型"])


def test_the_chinese_card_holds_chinese(saved):
    """Prose and tables of the card name no code but those of features, columns, commands and versions."""
    text = model_card(saved, lang="zh")
    body = text[: text.index("## 特征（")]
    allowed = {
        "risk_low", "risk_high", "outlook", "interval", "enough_known", "model", "interval_", "outlook_of", "Python", "evaluate", "card",
        "tests", "for",
    }  # fmt: skip
    assert english(body) <= allowed
    assert "已销户" in text or "当日已是监测对象" in text
    assert "| 好得不可信 |" in text


def test_names_of_checks_and_reasons_are_known_in_chinese(register, model):
    """A check, a reason or a note that is added has a Chinese name as well."""
    found = fr.leak_alarms(register, model=model)
    assert set(found["alarm"]) <= set(labels.ALARMS)
    assert set(model.training_.columns) - {"until", "households", "events"} <= set(LEFT_OUT)


def test_another_language_is_refused(evaluation, tmp_path):
    """French is not taken for English, and nothing is written."""
    with pytest.raises(SchemaError, match="lang is 'fr'; expected one of zh, en"):
        write_evidence(evaluation, tmp_path / "out", lang="fr")
    with pytest.raises(SchemaError, match="lang is 'fr'; expected one of zh, en"):
        evaluation.note(lang="fr")
    assert not (tmp_path / "out").exists()


def test_groups_too_small_are_summed_up_in_a_line(saved, tmp_path):
    """A province has a hundred counties: those without figures take one line, not one each."""
    import shutil

    folder = tmp_path / "many"
    shutil.copytree(saved, folder)
    card = read_card(folder)
    row = {"model": "small", "group": "county", "measure": "auc", "value": None, "low": None, "high": None}
    hidden = [row | {"category": str(211000 + n), "households": None, "events": None} for n in range(90)]
    card["evaluation"]["groups"] += hidden
    (folder / "card.json").write_text(json.dumps(card), "utf-8")
    text = model_card(folder, lang="en")
    assert "211055" not in text
    assert re.search(r"Too small to be shown besides: .*9\d of County", text)
    assert re.search(r"另有小样本不显示：.*县（市、区）9\d类", model_card(folder))
