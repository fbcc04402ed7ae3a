"""pack and score part by part, from the command line."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest
from click.testing import CliRunner

import fanpin_risk as fr
from fanpin_risk.batch.lists import county_lists
from fanpin_risk.bundle import demo_model
from fanpin_risk.cli import main
from fanpin_risk.errors import InputError

DAY = "2024-12-31"


def run(*arguments: object):
    """Run a command."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Csv files of a small register of two counties."""
    register = fr.make_register(260, random_state=8)
    households = register.tables["households"]
    second = households["household_id"].isin(households["household_id"].unique()[:90])
    households["area_code"] = households["area_code"].mask(
        second, "2112" + households["area_code"].str[4:].str.replace("^..", "99", regex=True)
    )
    folder = tmp_path_factory.mktemp("parts") / "register"
    register.to_folder(folder, format="csv")
    return folder


@pytest.fixture(scope="module")
def packed(files):
    """The same, packed by the command."""
    pytest.importorskip("duckdb", reason="duckdb is not installed: extra 'pack'")
    out = files.parent / "packed"
    done = run("pack", files, "--out", out, "--lang", "en", "--threads", 1)
    assert done.exit_code == 0, done.output
    assert "260 households in 2 partitions" in done.output
    return out


def test_a_packed_register_scores_as_its_files_do(files, packed):
    """Scores, watch lists and counts are those of the files; every county has its own visits."""
    out, plain = files.parent / "scored", files.parent / "plain"
    done = run("score", packed, "--as-of", DAY, "--out", out, "--capacity", 4, "--lang", "en")
    assert done.exit_code == 0, done.output
    assert "2 partitions (0 of them done before)" in done.output
    assert run("score", files, "--as-of", DAY, "--out", plain, "--lang", "en", "--quiet").exit_code == 0
    parts = pd.concat([pd.read_parquet(file) for file in sorted((out / "scores/parts").iterdir())])
    whole = pd.read_csv(plain / "scores.csv").set_index("household_id")
    parts = parts.set_index("household_id").loc[whole.index]
    assert (parts["risk"] == whole["risk"]).all()
    assert (parts["reason_1"] == whole["reason_1"].fillna("")).all()
    listed = pd.read_csv(out / "watchlist.csv")
    assert listed["rank"].tolist() == [1, 2, 3, 4] * 2
    assert listed["area_code"].astype(str).str[:6].nunique() == 2


def test_a_stopped_run_goes_on_and_another_is_refused(files, packed):
    """Parts that are done are kept; results of another day are not mixed in unless told to be removed."""
    out = files.parent / "again"
    command = ("score", packed, "--as-of", DAY, "--out", out, "--lang", "en", "--reasons", 1)
    assert run(*command).exit_code == 0
    first = {file.name: file.read_bytes() for file in (out / "scores/parts").iterdir()}
    shutil.rmtree(out / "scores/records")
    (out / "scores/manifest.json").unlink()
    (out / f"scores/parts/{min(first)}").unlink()
    again = run(*command)
    assert again.exit_code == 0, again.output
    assert {file.name: file.read_bytes() for file in (out / "scores/parts").iterdir()} == first
    other = run("score", packed, "--as-of", "2023-12-31", "--out", out, "--lang", "en")
    assert other.exit_code == 3
    assert "as_of" in other.output
    assert run("score", packed, "--as-of", "2023-12-31", "--out", out, "--overwrite", "--quiet").exit_code == 0


def test_files_are_scored_part_by_part_on_request(files):
    """With workers or contributions asked for, files that were not packed are dealt into parts as well."""
    out = files.parent / "direct"
    done = run("score", files, "--as-of", DAY, "--out", out, "--all-contributions", "--format", "csv", "--quiet")
    assert done.exit_code == 0, done.output
    assert sorted(file.suffix for file in (out / "scores/parts").iterdir()) == [".csv", ".csv"]
    contributions = pd.concat([pd.read_parquet(file) for file in (out / "scores/contributions").iterdir()])
    assert len(contributions) == sum(len(pd.read_csv(file)) for file in (out / "scores/parts").iterdir())
    assert (out / "problems.csv").exists()
    assert sum(len(rows) for rows in county_lists(out / "scores", capacity=3)) == 6


def test_options_that_do_not_fit_are_refused(files, packed):
    """One file cannot hold parts, and what is packed has been read already."""
    one = run("score", packed, "--as-of", DAY, "--out", files.parent / "one.csv", "--lang", "en")
    assert one.exit_code == 3
    assert "the results are a folder" in one.output
    read = run("score", packed, "--as-of", DAY, "--out", files.parent / "x", "--data-date", DAY)
    assert read.exit_code == 3
    assert "a packed register has been read" in read.output
    with pytest.raises(InputError, match="holds no scored parts"):
        list(county_lists(files))
    assert demo_model().is_dir()
