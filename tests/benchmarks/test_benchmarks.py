"""The benchmark of explanations runs and writes what it promises; its times are not looked at."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PEERS = {"xgboost": "XGBoost pred_contribs", "lightgbm": "LightGBM pred_contrib"}
FIGURE = re.compile(r"[\d,.]+")


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """Folder that a tiny run wrote, in which woodelf cannot be loaded."""
    if importlib.util.find_spec("matplotlib") is None:
        pytest.skip("needs matplotlib for the picture")
    folder = tmp_path_factory.mktemp("benchmark")
    hidden = folder / "hidden"
    hidden.mkdir()
    (hidden / "woodelf.py").write_text("raise ImportError\n", encoding="utf-8")
    path = os.pathsep.join([str(hidden), *filter(None, [os.environ.get("PYTHONPATH")])])
    sizes = ["--rounds", "1", "--rows", "400", "--seconds", "0.001", "--trees", "6"]
    subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "explain.py", "--quick", *sizes, "--out", folder],
        env=os.environ | {"PYTHONPATH": path},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return folder


@pytest.fixture(scope="module")
def tables(written) -> dict[str, dict[str, list[str]]]:
    """Tables of the page by heading: first cell of a line -> its other cells."""
    found = {}
    for part in (written / "README.md").read_text(encoding="utf-8").split("\n## ")[1:]:
        title, *lines = part.splitlines()
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
        found[title] = {row[0]: row[1:] for row in rows if row[0] != "---"}
    return found


def test_the_page_names_its_command_and_shows_its_picture(written):
    """Who doubts a figure finds the command that made it, and the growth as a picture."""
    text = (written / "README.md").read_text(encoding="utf-8")
    assert "`python benchmarks/explain.py --quick --rounds 1 --rows 400 --seconds 0.001 --trees 6 --out" in text
    assert str(written) not in text
    assert "(growth.png)" in text
    assert (written / "growth.png").read_bytes().startswith(b"\x89PNG")


def test_every_way_of_ours_is_measured_at_every_shape(tables):
    """Ours and scikit-learn's own prediction have a time per row in every column."""
    times = tables["Microseconds per row"]
    shapes = times[""]
    assert shapes == ["depth 3", "depth 4"]
    ours = [name for name in times if name.startswith("TreeShap")]
    assert len(ours) == 4
    for name in (*ours, "HistGradientBoosting predict_proba", "shap.TreeExplainer"):
        assert [bool(FIGURE.fullmatch(cell)) for cell in times[name]] == [True] * len(shapes), name


def test_a_peer_that_is_not_there_is_said_to_be_so(tables):
    """A library that cannot be loaded is named with the reason, and its targets count as neither met nor missed."""
    assert set(tables["Microseconds per row"]["woodelf"]) == {"not installed"}
    assert tables["Targets"]["woodelf : numba"][1:] == ["-", "not measured"]


@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_that_is_there_is_measured(tables, peer):
    """Contributions of the other libraries have a time and a ratio to ours."""
    if importlib.util.find_spec(peer) is None:
        pytest.skip(f"needs {peer}, which is not installed")
    assert FIGURE.fullmatch(tables["Microseconds per row"][PEERS[peer]][0])
    ratio = tables["Times as long as TreeShap takes (numba / NumPy)"][PEERS[peer]][0]
    assert re.fullmatch(rf"{FIGURE.pattern} / {FIGURE.pattern}", ratio)


def test_every_target_has_a_verdict_that_follows_from_its_figure(tables):
    """Met and missed are read off the figure beside the target, also where the news is bad."""
    targets = {name: row for name, row in tables["Targets"].items() if name}
    assert len(targets) >= 16
    for name, (aim, here, verdict) in targets.items():
        if verdict == "not measured":
            continue
        sign, least = aim.split()[:2]
        value = float(here.split()[0].replace(",", ""))
        met = value >= float(least) if sign == ">=" else value <= float(least)
        assert verdict == ("met" if met else "**missed**"), name


def test_contributions_are_exact_in_the_benchmark(tables):
    """The models that are timed are explained to the last digits."""
    for kind, most in (("float64", 1e-12), ("float32", 5e-6)):
        assert max(map(float, tables["Exactness"][f"additivity, {kind}"])) <= most
    assert max(map(float, tables["Exactness"]["difference to shap.TreeExplainer"])) < 1e-6
