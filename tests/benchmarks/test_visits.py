"""The county of the benchmark on visits: known probabilities, a list that is no sample, and a register that knows less."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr


@pytest.fixture(scope="module")
def page():
    """The benchmark, as a module."""
    path = Path(__file__).resolve().parents[2] / "benchmarks" / "visits.py"
    spec = importlib.util.spec_from_file_location("benchmark_visits", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["benchmark_visits"] = module
    spec.loader.exec_module(module)
    return module


def test_weights_bring_back_the_share_in_need_and_the_register_does_not(page):
    """Over many rounds the weighted share is the truth; the list alone and the office's register are far from it."""
    world = page.world_of(3000, 1)
    rng = np.random.default_rng(0)
    rounds = [page.visits_of_round(world, rng) for _ in range(200)]
    found = [one["result"].eq("verified") for one in rounds]
    shares = np.array([np.average(hit, weights=1 / one["probability"]) for hit, one in zip(found, rounds, strict=True)])
    truth = world.need.mean()
    assert abs(shares.mean() - truth) < 3 * shares.std(ddof=1) / np.sqrt(len(shares)) + 0.002
    assert np.mean([hit.mean() for hit in found]) > 1.5 * truth
    office = page.register_of_office(world, rounds[0], rng)
    assert fr.outcomes(office, page.DAY)["outcome"].mean() < 0.7 * truth
    assert len(fr.visit_labels(rounds[0], page.DAY)) == len(rounds[0])


def test_the_summary_is_of_seeds(page):
    """Errors are averaged within a seed first; the standard error is that between seeds; intervals held are counted."""
    rows = pd.DataFrame(
        {
            "seed": [0, 0, 1, 1], "against": "visits", "weighting": "weighted", "measure": "auc", "value": [0.7, 0.8, 0.6, 0.7],
            "low": [0.6] * 4, "high": [0.75] * 4, "truth": [0.7, 0.7, 0.8, 0.8],
        }
    )  # fmt: skip
    told = page.summary_of_rounds(rows).iloc[0]
    assert told["error"] == pytest.approx((0.05 - 0.15) / 2)
    assert told["error_2se"] == pytest.approx(2 * 0.1 * np.sqrt(2) / np.sqrt(2))
    assert told["held"] == pytest.approx(0.5)
