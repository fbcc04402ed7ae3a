"""Scoring from the command line: words for offices, and what must be said of a model."""

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.cli.scoring import headed, load
from fanpin_risk.words import in_language

DAY = "2023-12-31"


def test_a_watch_list_is_shown_in_words():
    """Codes become words, columns their headers, numbers as many digits as a reader can use."""
    listed = pd.DataFrame(
        {
            "rank": [1], "household_id": ["H1"], "risk": [0.123456], "tier": ["high"], "enough_known": [False],
            "monitored": pd.array([pd.NA], dtype="boolean"), "reason_1": ["x"], "contribution_1": [0.12345], "other": [1],
        }
    )  # fmt: skip
    with in_language("zh"):
        shown = headed(listed, 6)
    assert shown.iloc[0].dropna().to_dict() == {
        "序号": 1, "户编号": "H1", "6个月内返贫致贫风险": 0.1235, "风险等级": "高", "记录是否足够": "否", "原因1": "x",
        "原因贡献1": 0.12, "other": 1,
    }  # fmt: skip
    with in_language("en"):
        assert list(headed(listed, 6).columns) == list(listed.columns)


def test_the_model_that_ships_goes_by_its_name(model):
    """The name stands for its folder; own lines are taken along."""
    assert load("demo").label.startswith("demo:")
    lines = fr.MonitoringLines()
    assert load(model, lines=lines).lines is lines


def test_a_register_that_lacks_a_table_of_the_model_is_told(run, county, model, tmp_path):
    """Households look alike in a table that is not there: the advice is to train on what there is, also when quiet."""
    part = tmp_path / "part"
    part.mkdir()
    for file in county.iterdir():
        if file.stem not in ("medical", "warnings"):
            (part / file.name).write_bytes(file.read_bytes())
    for source, lang, told in (
        (part, "en", "lacks tables that the model was trained with: medical."),
        (part, "zh", "缺少模型训练时所用的表：医疗费用。"),
        (county, "zh", None),
    ):
        out = tmp_path / f"{source.name}-{lang}.csv"
        asked = ("--as-of", DAY, "--model", model, "--out", out, "--lang", lang, "--quiet")
        result = run("score", source, *asked)
        assert result.exit_code == 0, result.output
        assert told in result.stderr if told else result.stderr == ""


def test_own_lines_are_used_and_the_basis_is_told(run, county, model, tmp_path):
    """The line of a year without one is not passed off as official; one's own lines change the scores."""
    asked = ("score", county, "--as-of", DAY, "--model", model, "--lang", "en")
    plain = run(*asked, "--out", tmp_path / "plain.csv")
    assert "the monitoring line of 2023" in plain.stderr
    lines = tmp_path / "lines.csv"
    lines.write_text("area_prefix,year,line_cny\n,2021,12000\n,2023,16000\n", "utf-8")
    own = run(*asked, "--out", tmp_path / "own.csv", "--lines", lines)
    assert own.exit_code == 0
    assert "the monitoring line of" not in own.stderr
    assert pd.read_csv(tmp_path / "own.csv")["risk"].mean() > pd.read_csv(tmp_path / "plain.csv")["risk"].mean()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_day_without_households_is_doubted(run, county, model, tmp_path, lang):
    """Nobody is on record before the first export: the day may be wrong."""
    asked = ("--as-of", "2000-01-01", "--model", model, "--out", tmp_path / "s", "--lang", lang)
    told = {
        "en": "no household is on record on 2000-01-01; check the day",
        "zh": "2000-01-01 当日没有任何在册农户，请核对日期",
    }
    assert told[lang] in run("score", county, *asked).stderr
