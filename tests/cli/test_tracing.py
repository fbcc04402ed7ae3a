"""The command trace."""

import json

import pandas as pd

import fanpin_risk as fr

DAY = "2023-12-31"


def test_trace_prints_the_way_and_ends_with_a_code_where_something_differs(run, succeed, county, model, tmp_path):
    """All agrees with the scores as written; a changed line ends with 5; JSON holds the same; the screen has no whole id."""
    succeed("score", county, "--as-of", DAY, "--model", model, "--out", tmp_path / "scores")
    household = fr.load_model(model).score(fr.read_register(county), DAY, n_reasons=0)["household_id"].iloc[0]
    asked = ("trace", household, "--as-of", DAY, "--register", county, "--model", model, "--lang", "en")
    shown = succeed(*asked, "--list", tmp_path / "scores").output
    assert shown.count(": agrees") == 4
    assert household not in shown
    for ending in ("xlsx", "csv", "parquet"):  # the plan of visits as well, in words or codes
        plan = tmp_path / f"plan.{ending}"
        succeed("watchlist", tmp_path / "scores", "--capacity", 3, "--out", plan, "--lang", "zh")
        listed = (
            pd.read_excel(plan, engine="openpyxl")
            if ending == "xlsx"
            else pd.read_csv(plan)
            if ending == "csv"
            else pd.read_parquet(plan)
        )
        first = listed["household_id" if ending == "parquet" else "户编号"].iloc[0]
        assert succeed("trace", first, *asked[2:], "--list", plan).output.count(": agrees") == 4
    told = json.loads(succeed(*asked, "--json").stdout)
    assert told["household_id"] == household
    assert told["agrees"] is True
    scores = fr.load_model(model).score(fr.read_register(county), DAY)
    changed = scores.assign(risk=scores["risk"] + 0.2)
    pd.DataFrame(changed).to_parquet(tmp_path / "other.parquet")
    result = run(*asked, "--list", tmp_path / "other.parquet", "--out", tmp_path / "way.html")
    assert result.exit_code == 5
    page = (tmp_path / "way.html").read_text("utf-8")
    assert "DIFFERS" in page
    assert household in page
