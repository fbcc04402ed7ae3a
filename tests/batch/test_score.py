"""Scoring part by part: the same scores as at once, the same bytes however often the run was stopped."""

import errno
import json
import os
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.batch.division import split_register
from fanpin_risk.batch.layout import Manifest, read_manifest, write_manifest
from fanpin_risk.batch.lists import watchlist_of_parts
from fanpin_risk.batch.score import score_register
from fanpin_risk.batch.scoring.part import score_partition
from fanpin_risk.errors import InputError, ModelFileError, SchemaError
from fanpin_risk.model.store import demo_model
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES

DAY = "2023-12-31"


def test_parts_together_are_the_scores_of_the_whole_register(together, register, model, alone):
    """Cutting a register into counties and buckets moves no bit of any score, reason or contribution."""
    out, _, summary = alone
    scores = model.score(register, DAY)
    pd.testing.assert_frame_equal(together(out), scores.assign(tier=scores["tier"].astype("str")), check_exact=True)
    unscored = model.unscored(register, DAY)
    pd.testing.assert_frame_equal(together(out, "unscored"), unscored, check_exact=True)
    explained = model.explain(register, DAY)
    contributions = together(out, "contributions")
    assert contributions["household_id"].tolist() == list(scores["household_id"])
    np.testing.assert_array_equal(contributions.drop(columns=["household_id", "base"]).to_numpy(), explained.values)
    assert set(contributions["base"]) == {explained.base_value}
    assert summary["scored"] == len(scores)
    assert sum(summary["unscored"].values()) == len(unscored) > 0
    assert summary["households"] == 150 == len(scores) + len(unscored)


def test_the_register_really_has_what_makes_partitions_hard(register, packed):
    """Persons and households moved between partitions, codes are missing, a county is split, a partition is empty."""
    names = {entry.name for entry in (packed / "partitions").iterdir()}
    assert {"999999", "none-00", "211251-00", "211251-01"} <= names
    assert {name[0] for name in names} == {"9", "n", "2", "5"}
    assert [len(name) for name in names if name[0] == "n" and "-" not in name] == [11]  # a county known by its name
    rows = sum(len(part.tables["members"]) for _, part in split_register(register, max_households=40))
    assert rows > len(register.tables["members"]) + 10


@pytest.mark.parametrize("size", [1, 25, 1000])
def test_the_size_of_the_partitions_does_not_matter(together, register, alone, tmp_path, size):
    """One household at a time, in buckets, or whole counties: the same scores, also from memory."""
    few = register.select(register.tables["households"]["household_id"].unique()[:12]) if size == 1 else register
    score_register(few, demo_model(), DAY, tmp_path / "out", max_households=size)
    wanted = together(alone[0])
    wanted = wanted[wanted["household_id"].isin(few.tables["households"]["household_id"])].reset_index(drop=True)
    if size == 1:  # select keeps persons' rows elsewhere, so these few are whole
        assert len(list((tmp_path / "out/parts").iterdir())) > 6
    pd.testing.assert_frame_equal(together(tmp_path / "out"), wanted, check_exact=True)


@pytest.mark.parametrize("number", [0, 9])
def test_a_register_of_one_household_is_scored_as_among_others(pack, together, register, alone, tmp_path, number):
    """Packed or in memory, with a county or without."""
    one = register.select(register.tables["households"]["household_id"].unique()[[number]])
    wanted = together(alone[0])
    wanted = wanted[wanted["household_id"].isin(one.tables["households"]["household_id"])].reset_index(drop=True)
    for name, source in (("packed", pack(one, tmp_path / "register")), ("memory", one)):
        summary = score_register(source, demo_model(), DAY, tmp_path / name, workers=2)
        assert (summary["households"], summary["partitions"]) == (1, 1)
        pd.testing.assert_frame_equal(together(tmp_path / name), wanted, check_exact=True)


def test_the_order_of_partitions_and_rows_does_not_matter(
    content, together, read_job, register, packed, alone, tmp_path
):
    """Partitions scored last first give the same bytes, shuffled rows the same scores."""
    manifest = read_manifest(packed)
    job = read_job(alone[0], packed)
    assert [p.name for p in manifest.partitions] == sorted(p.name for p in manifest.partitions)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/job.json").write_bytes((alone[0] / "job.json").read_bytes())
    for partition in reversed(manifest.partitions):
        score_partition(replace(job, out=str(tmp_path / "out")), partition)
    summary = score_register(packed, demo_model(), DAY, tmp_path / "out", all_contributions=True)
    assert summary["kept"] == summary["partitions"] == len(manifest.partitions)
    assert content(tmp_path / "out") == alone[1]
    shuffled = {
        name: frame.sample(frac=1, random_state=0).reset_index(drop=True) for name, frame in register.tables.items()
    }
    score_register(Register(shuffled, supplied=register.supplied), demo_model(), DAY, tmp_path / "shuffled")
    pd.testing.assert_frame_equal(together(tmp_path / "shuffled"), together(alone[0]), check_exact=True)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_tables_for_the_office_hold_the_same_scores(content, together, register, alone, tmp_path, kind):
    """Csv and Excel hold the numbers of the Parquet files, and are the same bytes when made again."""
    for name in ("a", "b"):
        score_register(register, demo_model(), DAY, tmp_path / name, format=kind, n_reasons=1, max_households=1000)
    assert content(tmp_path / "a") == content(tmp_path / "b")
    file = tmp_path / f"a/parts/530381.{kind}"
    texts = {"household_id": "str", "area_code": "str"}
    frame = pd.read_csv(file, dtype=texts) if kind == "csv" else pd.read_excel(file, dtype=texts, engine="openpyxl")
    wanted = together(alone[0]).set_index("household_id").loc[frame["household_id"]]
    np.testing.assert_allclose(frame["risk"], wanted["risk"], rtol=1e-12)
    assert frame["reason_1"].fillna("").tolist() == wanted["reason_1"].tolist()


def test_what_a_score_needs_of_the_model_is_made_once(register, model, monkeypatch):
    """The fixed costs of a score stay small: neither the explainer nor the fingerprint is made again each time."""
    one = register.select(register.tables["households"]["household_id"].iloc[[0]])
    first = model.score(one, DAY)
    monkeypatch.setattr("fanpin_risk.model.risk_model.TreeShap", None)
    monkeypatch.setattr(type(model.classifier_), "to_arrays", None)
    pd.testing.assert_frame_equal(model.score(one, DAY), first)


def test_the_manifest_accounts_for_every_household_and_row(packed, alone):
    """It says model, day, version, options, input, and per partition what came in and what went out; no times."""
    out, files, summary = alone
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["model"] == fr.load_model(demo_model()).label
    assert manifest["as_of"] == DAY
    assert manifest["packages"]["fanpin-risk"] == fr.__version__
    assert manifest["register"]["fingerprint"] == read_manifest(packed).fingerprint
    assert manifest["rows"]["members"]["rejected"] == 1 == summary["rejected"]["members"]
    for part in manifest["partitions"]:
        assert part["households"] == part["scored"] + sum(part["unscored"].values())
        for file, facts in part["files"].items():
            assert facts["sha256"] == files[file]
    assert sum(part["households"] for part in manifest["partitions"]) == manifest["totals"]["households"] == 150
    assert {name.split("/")[0] for name in files} == {
        "job.json", "manifest.json", "parts", "unscored", "contributions", "records",
    }  # fmt: skip
    assert not {"seconds", "host", "time"} & set(manifest)


def test_a_partition_without_households_gives_empty_tables(alone):
    """It stands in the manifest, and its tables have the columns of the others."""
    out = alone[0]
    empty, other = (pd.read_parquet(out / f"parts/{name}.parquet") for name in ("999999", "none-00"))
    assert len(empty) == 0
    assert list(empty.columns) == list(other.columns)
    assert len(pd.read_parquet(out / "parts")) + len(pd.read_parquet(out / "unscored")) == 150


@pytest.mark.parametrize("kind", ["parquet", "csv", "xlsx"])
def test_a_register_without_households_gives_empty_tables(content, register, alone, tmp_path, kind):
    """If all rows were rejected, packed or in memory, the output is complete: tables with columns, counts of 0, no list."""
    nobody = Register({}, supplied=register.supplied)
    write_manifest(tmp_path / "packed", Manifest(tuple(TABLES), {}, "made up", "", ()))
    found = []
    for source in (tmp_path / "packed", nobody):
        out = tmp_path / f"out{len(found)}"
        summary = score_register(source, demo_model(), DAY, out, format=kind, all_contributions=True, workers=2)
        assert (summary["households"], summary["scored"], summary["unscored"]) == (0, 0, {})
        assert score_register(source, demo_model(), DAY, out, format=kind, all_contributions=True)["kept"] == 1
        assert watchlist_of_parts(out) is None
        assert json.loads((out / "manifest.json").read_text(encoding="utf-8"))["totals"]["households"] == 0
        found.append(
            {name: digest for name, digest in content(out).items() if name.startswith(("parts/", "unscored/"))}
        )
    assert found[0] == found[1]
    assert list(found[0]) == [f"parts/none-00.{kind}", f"unscored/none-00.{kind}"]
    read = {"parquet": pd.read_parquet, "csv": pd.read_csv, "xlsx": partial(pd.read_excel, engine="calamine")}[kind]
    wanted = pd.read_parquet(alone[0] / "parts/520422.parquet")
    assert list(read(out / f"parts/none-00.{kind}")) == list(wanted)
    assert len(pd.read_parquet(out / "contributions")) == 0


def test_progress_counts_households(packed, tmp_path):
    """From none to all, so that a rate and the time left can be shown."""
    calls = []
    score_register(packed, demo_model(), DAY, tmp_path / "out", progress=lambda *call: calls.append(call))
    assert calls[0] == (0, 150, "")
    assert calls[-1][:2] == (150, 150)
    assert [done for done, _, _ in calls] == sorted(done for done, _, _ in calls)


def test_a_register_that_lacks_a_table_of_the_model_is_told_once(register, tmp_path):
    """As with score, an office learns that a whole table is missing."""
    tables = {name: frame for name, frame in register.tables.items() if name != "medical"}
    with pytest.warns(UserWarning, match="the register lacks medical") as told:
        score_register(Register(tables), demo_model(), DAY, tmp_path / "out", max_households=1000)
    assert len(told) == 1


def test_a_full_disk_stops_the_run_and_the_next_one_takes_it_up(content, again, packed, alone, tmp_path, monkeypatch):
    """No half file under a final name, a message that says why, and the same bytes when there is room again."""
    out, calls = tmp_path / "out", []
    real = os.fsync

    def full(handle):
        calls.append(handle)
        if len(calls) > 25:
            raise OSError(28, "No space left on device")
        real(handle)

    with monkeypatch.context() as patch:
        patch.setattr("fanpin_risk.files.writing.os.fsync", full)
        with pytest.raises(InputError, match="the disk is full"):
            again(packed, out)
    found = content(out)
    assert 2 < len(found) < len(alone[1])
    assert "manifest.json" not in found
    assert {name: alone[1].get(name) for name in found} == found
    assert 0 < again(packed, out)["kept"] < len(list((out / "records").iterdir()))
    assert content(out) == alone[1]


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_a_disk_that_fills_up_within_a_file_leaves_no_half_file(content, packed, tmp_path, monkeypatch, kind):
    """The part that did not fit is not there, those before it are whole and kept, and the end is the same bytes."""
    score_register(packed, demo_model(), DAY, tmp_path / "fresh", format=kind)
    wanted, calls = content(tmp_path / "fresh"), []
    real = getattr(pd.DataFrame, f"to_{kind}")

    def half(frame, target=None, **how):
        if target is None:  # a text, as the bundle of a model makes some
            return real(frame, target, **how)
        real(frame, target, **how)
        calls.append(target)
        if len(calls) == 6:
            target.write_bytes(target.read_bytes()[: target.stat().st_size // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return None

    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(pd.DataFrame, f"to_{kind}", half)
        with pytest.raises(InputError, match="the disk is full"):
            score_register(packed, demo_model(), DAY, out, format=kind, workers=1)
    found = content(out)
    assert found.items() < wanted.items()
    assert score_register(packed, demo_model(), DAY, out, format=kind)["kept"] == 2
    assert content(out) == wanted


def test_a_run_killed_while_it_laid_down_the_model_is_taken_up(
    content, again, packed, alone, model, tmp_path, monkeypatch
):
    """What it leaves behind is its own, not a stranger's file: the folder can be used again, and is then as any other."""

    class Killed(BaseException):
        """Ends a run without a chance to tidy up."""

    def stop(*_):
        raise Killed

    out = tmp_path / "killed"
    with monkeypatch.context() as patch:
        patch.setattr("fanpin_risk.model.stored_files.os.fsync", stop)
        patch.setattr("fanpin_risk.model.stored_files.shutil.rmtree", lambda *_, **__: None)
        with pytest.raises(Killed):
            score_register(packed, model, DAY, out, workers=1)
    assert len([entry for entry in out.iterdir() if "model" in entry.name]) == 1
    again(packed, out)
    assert content(out) == alone[1]


def test_a_disk_too_full_for_the_model_stops_the_run(content, again, packed, alone, model, tmp_path, monkeypatch):
    """A model in memory is laid beside the results for other processes; also without room for it the message says why."""

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    out = tmp_path / "full"
    with monkeypatch.context() as patch:
        patch.setattr("fanpin_risk.model.stored_files.os.fsync", full)
        with pytest.raises(InputError, match=r"cannot write .*full.\.model: the disk is full"):
            score_register(packed, model, DAY, out, workers=1)
    assert again(packed, out)["kept"] == 0
    assert content(out) == alone[1]


@pytest.mark.skipif(sys.platform == "win32", reason="os.fork")
def test_killed_runs_end_with_the_same_bytes():
    """kill -9 at random moments, with more than one restart; benchmarks/kill_restart.py does it a hundred times."""
    script = Path(__file__).parents[2] / "benchmarks/kill_restart.py"
    run = subprocess.run(
        [sys.executable, str(script), "--kills", "5", "--households", "60", "--parts", "6"],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert "5 kills" in run.stdout
    assert "0 of them with other bytes" in run.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "json"}, "format is 'json'; expected one of parquet, csv, xlsx"),
        ({"lang": "de"}, "lang is 'de'; expected one of zh, en"),
        ({"n_reasons": 21}, "n_reasons is 21; expected a whole number from 0 to 20"),
        ({"n_reasons": True}, "n_reasons is True; expected a whole number"),
        ({"n_reasons": 2.0}, r"n_reasons is 2\.0; expected a whole number"),
        ({"workers": 0}, "workers is 0; expected a whole number of 1 or more, or -1 for one process per processor"),
        ({"workers": True}, "workers is True; expected a whole number"),
        ({"workers": -2}, "workers is -2; expected a whole number"),
        ({"workers": 1.5}, r"workers is 1\.5; expected a whole number"),
        ({"workers": "all"}, "workers is 'all'; expected a whole number"),
        ({"max_households": 0}, "max_households is 0; expected a whole number of 1 or more"),
        ({"max_households": 2.5}, r"max_households is 2\.5; expected a whole number"),
        ({"max_households": True}, "max_households is True; expected a whole number"),
        ({"all_contributions": "no"}, "all_contributions is 'no'; expected True or False"),
        ({"overwrite": 1}, "overwrite is 1; expected True or False"),
        ({"partitions": 211225}, "partitions is not a list of names; expected texts such as '211225'"),
        ({"partitions": []}, "partitions is not a list of names"),
        ({"partitions": [["211225"]]}, "partitions is not a list of names"),
    ],
)
def test_odd_options_are_refused_before_anything_is_written(packed, tmp_path, options, message):
    """A slip of the pen costs no time."""
    with pytest.raises(InputError, match=message):
        score_register(packed, demo_model(), DAY, tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("day", ["soon", 2023, None, "0001-01-01", "1799-12-31", "2201-01-01", "9999-12-31"])
def test_a_day_that_is_none_is_refused_before_anything_is_read(tmp_path, day):
    """A register of gigabytes is not read first."""
    with pytest.raises(SchemaError, match="as_of is"):
        score_register(tmp_path / "nowhere", demo_model(), day, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_model_that_is_none_is_refused_before_the_register_is_read(tmp_path):
    """Of two slips the one is told that costs nothing to find."""
    with pytest.raises(ModelFileError):
        score_register(tmp_path / "nowhere", tmp_path / "no model", DAY, tmp_path / "out")


def test_numpy_whole_numbers_are_whole_numbers(content, packed, tmp_path):
    """A number out of an array is as good as one that was typed."""
    one = score_register(
        packed, demo_model(), DAY, tmp_path / "a", n_reasons=np.int64(1), partitions=np.array(["520422"])
    )
    score_register(packed, demo_model(), DAY, tmp_path / "b", n_reasons=1, partitions=["520422"], workers=np.int64(1))
    assert one["partitions"] == 1
    assert content(tmp_path / "a") == content(tmp_path / "b")
