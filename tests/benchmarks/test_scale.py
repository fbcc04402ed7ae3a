"""The benchmark of scale: the same features by every way, counties under other names, verdicts that can be worked by hand."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.batch.layout import partitions_of, read_manifest
from fanpin_risk.batch.partition_files import read_partition

before = dict(os.environ)
sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import scale  # noqa: E402

os.environ.clear()  # the script holds libraries to one thread; other tests need not be
os.environ.update(before)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packed")
    scale.make_packed(folder, 5 * 60, 60)
    return folder


@pytest.fixture(scope="module")
def ours(packed: Path) -> pd.DataFrame:
    return scale.by_package(packed)


def test_a_county_too_many_to_write_is_an_earlier_one_under_another_name(tmp_path: Path, monkeypatch) -> None:
    """A register larger than what is written is read and scored like any other: every partition is there and whole."""
    monkeypatch.setattr(scale, "WRITTEN", 4)
    scale.make_packed(tmp_path, 6 * 20, 20)
    names = [part.name for part in partitions_of(tmp_path)]
    assert names == [f"21{number:04d}" for number in range(6)]
    first, fifth = (read_partition(tmp_path, names[number]).tables["incomes"] for number in (0, 4))
    pd.testing.assert_frame_equal(first, fifth)


def test_counties_are_whole_and_their_ids_their_own(packed: Path) -> None:
    """Every county has all its households under ids that no other county has, and the fifth is the first under other names."""
    assert read_manifest(packed).households == 300
    counties = [read_partition(packed, part).tables for part in partitions_of(packed)]
    ids = pd.concat([tables["members"]["member_id"].astype("str") for tables in counties])
    assert ids.nunique() == sum(tables["members"]["member_id"].nunique() for tables in counties)
    first, fifth = counties[0]["incomes"], counties[4]["incomes"]
    assert (first["amount_cny"] == fifth["amount_cny"]).all()
    assert (first["household_id"].astype("str").str[6:] == fifth["household_id"].astype("str").str[6:]).all()


@pytest.mark.parametrize("way", [scale.PANDAS, scale.POLARS, scale.DUCKDB])
def test_every_way_computes_the_features_of_the_package(packed: Path, ours: pd.DataFrame, way: str) -> None:
    """What is compared in speed is the same in value, missing values included, for every household."""
    module = {scale.POLARS: "polars", scale.DUCKDB: "duckdb"}.get(way)
    if module:
        pytest.importorskip(module)
    theirs = scale.WAYS[way](packed)
    assert theirs.index.is_unique
    assert list(theirs.columns) == list(scale.FEATURES)
    aligned = theirs.reindex(ours.index).to_numpy()
    np.testing.assert_allclose(aligned, ours.to_numpy(), rtol=scale.CLOSE, atol=scale.CLOSE, equal_nan=True)
    assert len(theirs) == len(ours)


def test_features_that_differ_stop_the_benchmark(tmp_path: Path, ours: pd.DataFrame) -> None:
    """No speed is reported of a way whose features are others, or missing elsewhere."""
    ours.to_pickle(tmp_path / f"features-{scale.SUBSET}.pickle")
    ours.to_pickle(tmp_path / f"features-{scale.PANDAS}.pickle")
    assert scale.largest_gap(tmp_path) == 0.0
    ours.assign(n_children=ours["n_children"] + 1e-6).to_pickle(tmp_path / f"features-{scale.PANDAS}.pickle")
    with pytest.raises(AssertionError, match="features differ by"):
        scale.largest_gap(tmp_path)
    ours.assign(n_children=np.nan).to_pickle(tmp_path / f"features-{scale.PANDAS}.pickle")
    with pytest.raises(AssertionError, match="other missing values"):
        scale.largest_gap(tmp_path)


def test_contributions_of_every_library_give_a_risk_and_reasons(ours: pd.DataFrame) -> None:
    """Models of all libraries have the same shape of output: a risk within 0 and 1, and the features that push hardest first."""
    pytest.importorskip("lightgbm")
    for kind, model in scale.fit_models(ours, trees=5).items():
        values, base = scale.contributions(kind, model, ours.to_numpy())
        table = scale.told(ours, values, base)
        assert values.shape == ours.shape
        assert table["risk"].between(0, 1).all()
        np.testing.assert_allclose(table["contribution_1"], values.max(axis=1))
        assert (table["contribution_1"] >= table["contribution_2"]).all()


def invented(*, slow: float = 1.0) -> dict[str, object]:
    """Results that somebody chose: 20 µs of the processor per household, two processes twice as fast by the clock."""
    score = {
        (n, workers): {"all": [n * 20e-6 * slow / workers, n * 20e-6 * slow], "households": n, "peak_mb": 500.0}
        for n in (100_000, 1_000_000)
        for workers in (1, 2)
    }
    score[1_000_000, 2]["all"] = [10.0 * slow, 22.0 * slow]
    way = {"households": 100_000, "telling and writing": [0.0, 0.0], "peak_mb": 1.0}
    ways = {
        (100_000, scale.SUBSET): {**way, "features": [1.0, 1.0], scale.SUBSET: [1.0, 1.0]},
        (100_000, scale.POLARS): {
            **way,
            "features": [2.0, 2.0],
            scale.LIGHTGBM: [18.0, 18.0],
            scale.XGBOOST: [30.0, 30.0],
        },
        (100_000, scale.DUCKDB): {**way, "features": [4.0, 4.0], scale.LIGHTGBM: [18.0, 18.0]},
    }
    county = {"all": [9.0 * slow, 9.0], "households": 41_609}
    return {"sizes": [100_000, 1_000_000], "score": score, "ways": ways, "county": county}


def test_verdicts_follow_from_the_figures() -> None:
    """Targets are met or missed by the figures alone: the best alternative counts, and the nation is extrapolated."""
    text = scale.targets(invented())
    assert text.count("| met |") == 7
    assert "missed" not in text
    assert "| 4.91 min |" in text
    assert "| 5.40 min |" in text
    assert "polars + LightGBM, end to end with explanations : fanpin_risk | >= 10 x | 10.0 x" in text
    assert "| <= 1.1 x | 1.10 x |" in text
    assert scale.targets(invented(slow=4.0)).count("**missed**") == 3
