"""Scoring the households of a list: ids in are rows out, in their order, whatever the register knows of them."""

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.asof.monitored_households import monitored_households

DAY = "2023-12-31"
UNKNOWN = [f"H99999900{number:02d}" for number in range(12)]


@pytest.fixture(scope="module")
def named(register):
    """Ids of households that are monitored, of others, and of twelve that nobody knows, in no order; 60 in all."""
    monitored = monitored_households(fr.Snapshot(register, DAY)).index.tolist()
    everyone = register.tables["households"]["household_id"].unique()
    others = [one for one in everyone if one not in monitored]
    ids = [*monitored[:40], *others[: 48 - len(monitored[:40])], *UNKNOWN]
    return [ids[k] for k in np.random.default_rng(0).permutation(len(ids))]


@pytest.fixture(scope="module")
def sheet(named, tmp_path_factory):
    """A sheet of monitored households with a title above it, two of them twice, and a row without an id."""
    rows = [*named, named[3], named[7], ""]
    frame = pd.DataFrame({"序号": range(1, len(rows) + 1), "户编号": rows, "监测对象类别": "边缘易致贫户"})
    file = tmp_path_factory.mktemp("lists") / "监测对象.xlsx"
    with pd.ExcelWriter(file, engine="openpyxl") as book:
        frame.to_excel(book, index=False, sheet_name="监测对象")
    return file


@pytest.fixture(scope="module")
def scored(succeed, county, model, sheet, tmp_path_factory):
    """What the command says and writes of the list, in both languages."""
    out = tmp_path_factory.mktemp("scored")
    return {
        lang: (
            succeed(
                "score", county, "--households", sheet, "--as-of", DAY, "--model", model, "--lang", lang, "--out", out / lang
            ).output,
            out / lang,
        )
        for lang in ("zh", "en")
    }  # fmt: skip


def test_every_id_of_the_list_has_one_row_in_its_order(scored, named):
    """Also those that the register does not know: they stay, with the reason, and without a risk."""
    scores = pd.read_csv(scored["en"][1] / "scores.csv")
    assert scores["household_id"].tolist() == named
    unknown = scores["household_id"].isin(UNKNOWN)
    assert set(scores.loc[unknown, "note"]) == {"not in the register"}
    assert scores.loc[unknown, "risk"].isna().all()
    assert scores.loc[scores["note"].isna(), "risk"].between(0, 1).all()
    unscored = pd.read_csv(scored["en"][1] / "unscored.csv")
    assert unscored["household_id"].tolist() == scores.loc[scores["note"].notna(), "household_id"].tolist()
    assert set(unscored.loc[unscored["household_id"].isin(UNKNOWN), "reason"]) == {"not_in_register"}


def test_the_command_accounts_for_the_list_in_both_languages(scored):
    """Rows, households, those named twice, those without an id, and those not known, which are masked."""
    english, chinese = scored["en"][0], scored["zh"][0]
    assert "62 rows with an id = 60 households + 2 rows that name one again" in english
    assert "1 rows have no id and are left out: rows 64" in english
    assert "12 not in the register" in english
    assert "(12 in all)" in english
    assert "有编号的 62 行 = 60 户 + 重复出现的 2 行" in chinese
    assert "共 12 户" in chinese
    assert not [one for one in UNKNOWN if one in english + chinese]


def test_the_watch_list_of_a_list_is_all_of_it_by_risk(scored):
    """Monitored households are not left out of a list of them; since when and as what they are stands beside."""
    listed = pd.read_csv(scored["en"][1] / "watchlist.csv")
    scores = pd.read_csv(scored["en"][1] / "scores.csv")
    assert set(listed["household_id"]) == set(scores.loc[scores["note"].isna(), "household_id"])
    assert listed["risk"].is_monotonic_decreasing
    monitored = listed[listed["monitored"]]
    assert len(monitored) > 20
    assert (monitored["days_monitored"] >= 0).all()
    chinese = pd.read_csv(scored["zh"][1] / "watchlist.csv")
    assert set(chinese["监测对象类别"].dropna()) <= {"脱贫不稳定户", "边缘易致贫户", "突发严重困难户"}
    assert {"识别监测时间", "已监测天数", "识别时的返贫致贫风险", "监测以来帮扶措施"} <= set(chinese.columns)


def test_a_household_of_a_list_has_the_risk_of_its_county(scored, succeed, county, model, tmp_path):
    """To the bit, with the same reasons."""
    succeed("score", county, "--as-of", DAY, "--model", model, "--lang", "en", "--out", tmp_path / "all.csv")
    whole = pd.read_csv(tmp_path / "all.csv").set_index("household_id")
    mine = pd.read_csv(scored["en"][1] / "scores.csv").set_index("household_id")
    mine = mine[mine["note"].isna()]
    for name in ("risk", "risk_low", "tier", "cause", "reason_1", "contribution_3", "known", "monitored"):
        pd.testing.assert_series_equal(mine[name], whole.loc[mine.index, name], check_dtype=False, check_exact=True)


def test_a_packed_register_gives_the_same_bytes(scored, succeed, county, model, sheet, tmp_path):
    """Though its households stand in several partitions, scored by two processes."""
    pytest.importorskip("duckdb", reason="packing needs DuckDB")
    fr.pack(county, tmp_path / "packed", max_households=150)
    succeed(
        "score", tmp_path / "packed", "--households", sheet, "--as-of", DAY, "--model", model, "--lang", "en", "--workers", 2,
        "--out", tmp_path / "out",
    )  # fmt: skip
    for name in ("scores.csv", "unscored.csv", "watchlist.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (scored["en"][1] / name).read_bytes()


def test_ids_are_replaced_as_those_of_the_register(succeed, county, model, sheet, named, tmp_path):
    """With the key of the register; a list out of an earlier result, of pseudonyms, is taken as it is."""
    (tmp_path / "key").write_text("a secret of this county alone", encoding="utf-8")
    asked = ("--as-of", DAY, "--model", model, "--lang", "en", "--id-key", tmp_path / "key", "--quiet")
    succeed("score", county, "--households", sheet, *asked, "--out", tmp_path / "first.csv")
    first = pd.read_csv(tmp_path / "first.csv")
    assert not set(first["household_id"]) & set(named)
    assert first["note"].value_counts()["not in the register"] == len(UNKNOWN)
    succeed("score", county, "--households", tmp_path / "first.csv", *asked, "--out", tmp_path / "second.csv")
    assert (tmp_path / "second.csv").read_bytes() == (tmp_path / "first.csv").read_bytes()


def test_contributions_of_a_list_are_of_those_scored(succeed, county, model, sheet, tmp_path):
    """One row for each household with a risk, in the order of the list."""
    succeed(
        "score", county, "--households", sheet, "--as-of", DAY, "--model", model, "--all-contributions", "--format", "parquet",
        "--out", tmp_path / "s", "--quiet",
    )  # fmt: skip
    scores, contributions = (
        pd.read_parquet(tmp_path / "s" / f"{name}.parquet") for name in ("scores", "contributions")
    )
    scores = scores[scores["note"] == ""]
    assert contributions["household_id"].tolist() == scores["household_id"].tolist()
    logit = contributions.drop(columns="household_id").sum(axis=1).to_numpy()
    np.testing.assert_allclose(1 / (1 + np.exp(-logit)), scores["risk"], rtol=1e-9)


def test_a_capacity_cuts_the_watch_list_and_not_the_scores(succeed, county, model, sheet, named, tmp_path):
    """Who can be visited is a matter of the watch list alone."""
    asked = ("--households", sheet, "--as-of", DAY, "--model", model, "--capacity", 5, "--lang", "en", "--quiet")
    succeed("score", county, *asked, "--out", tmp_path / "s")
    assert len(pd.read_csv(tmp_path / "s" / "watchlist.csv")) == 5
    assert len(pd.read_csv(tmp_path / "s" / "scores.csv")) == len(named)


def test_the_risk_of_a_model_of_the_monitored_is_called_what_it_is(succeed, county, sheet, tmp_path):
    """No risk of returning to poverty stands over the probability that a risk is not eliminated."""
    asked = ("--households", sheet, "--as-of", DAY, "--model", "demo-monitored", "--quiet")
    for lang, header in (("zh", "12个月内风险未消除的概率"), ("en", "risk")):
        succeed("score", county, *asked, "--lang", lang, "--out", tmp_path / lang)
        listed = pd.read_csv(tmp_path / lang / "watchlist.csv")
        assert header in listed.columns
        assert not [name for name in listed.columns if "内返贫致贫风险" in name]
        assert len(listed) > 20


def test_a_text_of_ids_is_a_list(succeed, county, model, named, tmp_path):
    """An id on each line, with a header or without."""
    for name, lines in (("bare.txt", named), ("headed.txt", ["户编号", *named])):
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
        asked = ("--households", tmp_path / name, "--as-of", DAY, "--model", model, "--quiet")
        succeed("score", county, *asked, "--out", tmp_path / f"of_{name}.csv")
        assert pd.read_csv(tmp_path / f"of_{name}.csv")["household_id"].tolist() == named


def test_a_list_that_nobody_is_on_is_refused(run, county, model, tmp_path):
    """With the name of the file and what was expected."""
    (tmp_path / "nobody.csv").write_text("户编号,姓名\n,甲\n", encoding="utf-8")
    asked = ("--households", tmp_path / "nobody.csv", "--as-of", DAY, "--model", model, "--lang", "en")
    result = run("score", county, *asked, "--out", tmp_path / "s")
    assert result.exit_code != 0
    assert "nobody.csv" in result.output
    assert not (tmp_path / "s").exists()


def test_a_list_given_as_the_register_says_what_to_do(run, register, model, tmp_path):
    """The sheet of those monitored alone cannot be scored: the register is asked for, and the sheet becomes the list."""
    folder = register.to_folder(tmp_path / "files", headers="zh", format="csv")
    result = run(
        "score", folder / "监测对象.csv", "--as-of", DAY, "--model", model, "--lang", "en", "--out", tmp_path / "s"
    )
    assert result.exit_code != 0
    assert "this file with --households" in result.output
    assert f"names {register.tables['monitoring']['household_id'].nunique()} households" in result.output


def test_a_register_of_households_and_a_list_of_those_monitored_works(succeed, register, model, tmp_path):
    """What is not on record is told; who is monitored, since when and as what is still known."""
    folder = register.to_folder(tmp_path / "files", headers="zh", format="csv")
    for file in folder.glob("*.csv"):
        if file.stem not in ("户基本信息", "监测对象"):
            file.unlink()
    asked = ("--households", folder / "监测对象.csv", "--as-of", DAY, "--model", model, "--lang", "en", "--quiet")
    result = succeed("score", folder, *asked, "--out", tmp_path / "s.csv")
    assert "lacks tables" in result.output
    scores = pd.read_csv(tmp_path / "s.csv")
    assert len(scores) == register.tables["monitoring"]["household_id"].nunique()
    monitored = scores[scores["monitored"].astype("boolean").fillna(value=False)]
    assert monitored["monitored_type"].notna().all()
    assert monitored["n_measures"].isna().all()  # no table of measures: not known, not none
