"""recalibrate: a model with its level put right, or none."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

import fanpin_risk as fr
from fanpin_risk.errors import NotEnoughDataError
from fanpin_risk.model.training_day import TrainingDay
from fanpin_risk.reports import model_card

YEARS = range(2016, 2022)
LASTING = dict(zip(YEARS, (-1.0, -1.0, 0.5, 0.5, 0.5, 0.5), strict=True))
TURNING = dict(zip(YEARS, (-1.0, -1.0, 0.5, -2.0, 0.5, -2.0), strict=True))
AFTER = [word for year in range(2018, 2022) for word in ("--as-of", f"{year}-12-31")]


def day_of(year, level, n=1500):
    """A made-up day on which the event depends on income, and on the year's level."""
    rng = np.random.default_rng(year)
    table = pd.DataFrame(
        {"income_to_line": rng.gamma(4, 0.5, n), "household_size": rng.integers(1, 6, n).astype("float64")},
        index=pd.Index([f"h{k:05d}" for k in range(n)], name="household_id"),
    )
    outcome = (rng.random(n) < expit(level - table["income_to_line"])).astype("int8")
    as_of = pd.Timestamp(year, 12, 31)
    references = pd.DataFrame(
        {"as_of": [as_of], "area_prefix": [""], "n_households": [n], "median_income_to_line": [1.5]}
    )
    return TrainingDay(
        as_of, pd.Timestamp(year + 1, 12, 31), table, outcome.to_numpy(), np.full(n, "NaT", dtype="datetime64[s]"),
        np.full(n, "", dtype=object), references.astype({"as_of": "datetime64[s]"}), {}, "made up",
    )  # fmt: skip


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    """A model of the first two years, which all worlds have in common."""
    small = fr.RiskModel(
        classifier=fr.MonotoneBoosting(max_iter=20),
        n_folds=2,
        features=("income_to_line", "household_size"),
        name="own",
    )
    days = [day_of(year, LASTING[year]) for year in (2016, 2017)]
    return fr.save_model(small.fit_days(days), tmp_path_factory.mktemp("level") / "model")


@pytest.fixture
def world(monkeypatch):
    """Let the register have the past of made-up years."""

    def of(levels, *, since=2016):
        def past(_register, day, **_):
            year = int(day[:4])
            if year < since:
                raise NotEnoughDataError("the records of {day} are too few", day=day)
            return day_of(year, levels[year])

        monkeypatch.setattr(fr, "training_day", past)

    return of


def test_a_level_that_lasted_is_put_right(run, county, learnt, world, tmp_path):
    """Every day on which it was tried is shown, and the model says of itself what was done."""
    world(LASTING)
    before = {file.name: file.read_bytes() for file in learnt.iterdir()}
    result = run("recalibrate", county, *AFTER, "--model", learnt, "--out", tmp_path / "right", "--lang", "en")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert [line[:10] for line in lines[:-1]] == [f"{year}-12-31" for year in range(2018, 2022)]
    assert lines[-1].startswith("mean of 4 days: size of the error of the level ")
    right, model = fr.load_model(tmp_path / "right"), fr.load_model(learnt)
    newest = day_of(2021, LASTING[2021])
    assert right.risk_of(newest.table).mean() == pytest.approx(newest.outcome.mean(), abs=1e-9)
    assert model.risk_of(newest.table).mean() < 0.8 * newest.outcome.mean()
    assert (right.tier_of(right.risk_of(newest.table)) == model.tier_of(model.risk_of(newest.table))).all()
    assert right.level_["as_of"] == "2021-12-31"
    assert "It would have helped before." in result.stderr
    assert f"log-odds {right.level_['shift']:+.3f}" in result.stderr
    assert "put right by the outcomes of 2021-12-31" in model_card(right, lang="en")
    assert {file.name: file.read_bytes() for file in learnt.iterdir()} == before


@pytest.mark.parametrize(("lang", "said"), [("en", "would not have helped before"), ("zh", "过去这样修正水平并无帮助")])
def test_where_times_turned_no_model_is_handed_out(run, county, learnt, world, tmp_path, lang, said):
    """With an exit code of its own, and nothing written."""
    world(TURNING)
    result = run("recalibrate", county, *AFTER, "--model", learnt, "--out", tmp_path / "no", "--lang", lang, "--quiet")
    assert (result.exit_code, said in result.stderr) == (5, True), result.output
    assert len(result.stdout.splitlines()) == 5
    assert list(tmp_path.iterdir()) == []


def test_what_could_not_be_tried_is_not_believed(run, county, learnt, world, tmp_path):
    """A register that does not reach back to the training days says so; one later day alone proves nothing."""
    world(LASTING, since=2018)
    asked = ("recalibrate", county, "--model", learnt, "--out", tmp_path / "no", "--lang", "en")
    result = run(*asked, "--as-of", "2021-12-31")
    assert (result.exit_code, result.stdout) == (5, ""), result.output
    assert (
        "2016-12-31, which the model learnt from, cannot be looked back on: the records of 2016-12-31 are too few"
        in result.stderr
    )
    assert "could be tried on 0 earlier days" in result.stderr
    early = run(*asked, "--as-of", "2017-12-31")
    assert (early.exit_code, "2017-12-31" in early.stderr) == (3, True)
    own = run(*asked[:-4], "--out", "demo", "--lang", "en", "--as-of", "2021-12-31")
    assert (own.exit_code, "names a model that ships" in own.stderr) == (3, True)
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_stands_there_is_replaced_only_if_asked(run, county, learnt, world, tmp_path):
    """Also the model itself."""
    world(LASTING)
    own = tmp_path / "model"
    fr.save_model(fr.load_model(learnt), own)
    before = fr.load_model(own).fingerprint_
    asked = ("recalibrate", county, *AFTER, "--model", own, "--out", own, "--lang", "en", "--quiet")
    kept = run(*asked)
    assert (kept.exit_code, kept.stdout) == (3, "")
    assert fr.load_model(own).fingerprint_ == before
    assert run(*asked, "--overwrite").exit_code == 0
    assert fr.load_model(own).level_["as_of"] == "2021-12-31"


def test_real_records_end_with_a_model_or_with_the_reason(run, county, model, tmp_path):
    """On files: 0 and a model, or 5 and none."""
    result = run(
        "recalibrate", county, "--as-of", "2023-12-31", "--model", model, "--out", tmp_path / "r", "--lang", "en"
    )
    assert result.exit_code in (0, 5), result.output
    assert (tmp_path / "r").exists() == (result.exit_code == 0)


def test_the_help_teaches(run):
    """When it helps, what it leaves alone and what the exit code says, in both languages."""
    for lang, words in (
        ("en", ("--overwrite", "exit code is 5", "When times turn")),
        ("zh", ("退出码为 5", "形势转变")),
    ):
        text = run("recalibrate", "--help", "--lang", lang).output
        assert all(word in text for word in words), text
