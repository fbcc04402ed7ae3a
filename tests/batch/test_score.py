"""Scoring part by part: the same scores as at once, the same bytes however often the run was stopped."""

import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from joblib.externals.loky import get_reusable_executor

import fanpin_risk as fr
from fanpin_risk.batch import score as module
from fanpin_risk.batch.layout import Manifest, split_register, write_manifest, write_partition
from fanpin_risk.batch.lists import county_lists
from fanpin_risk.batch.score import LOCK, RUN, Job, score_partition, score_register
from fanpin_risk.batch.worker import begin_worker
from fanpin_risk.errors import InputError, ModelFileError, SchemaError
from fanpin_risk.features import FEATURES
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.store import demo_model
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES

DAY = "2023-12-31"
COUNTIES = ("211251", "520422", "530381")


@pytest.fixture(scope="module")
def model():
    return fr.load_model(demo_model())


@pytest.fixture(scope="module")
def register():
    """150 households in three counties and none, with households and persons that moved between counties."""
    made = fr.make_register(150, random_state=5)
    tables = dict(made.tables)
    frame = tables["households"].copy()
    number = pd.factorize(frame["household_id"])[0]
    county = pd.Series(np.array(COUNTIES, dtype=object)[number % 3], index=frame.index)
    county[(number % 7 == 0) & (frame["valid_from"] >= "2022-01-01")] = COUNTIES[0]  # these have moved
    frame["area_code"] = (county + frame["area_code"].str[6:]).where(number % 10 != 9).astype("str")
    tables["households"] = frame
    members = tables["members"]
    movers = members.drop_duplicates("member_id", keep="last")
    movers = movers[movers["valid_to"].isna()].iloc[::9]
    homes = frame["household_id"].unique()
    moved = movers.assign(
        household_id=pd.array(homes[(np.arange(len(movers)) * 7 + 1) % len(homes)], dtype="str"),
        valid_from=pd.Timestamp("2023-08-01").as_unit("s"),
        recorded_at=pd.Timestamp("2023-08-09").as_unit("s"),
    )
    tables["members"] = pd.concat([members, moved], ignore_index=True)
    return Register(tables, supplied=made.supplied, source="made up")


def pack(register, folder, *, max_households=40, more=()):
    """The register as a packed folder; `more` partitions have no households."""
    empty = Register({}, supplied=register.supplied)
    parts = [*split_register(register, max_households=max_households), *((name, empty) for name in more)]
    written = [write_partition(folder, name, part.tables, part.supplied) for name, part in parts]
    rows = {
        name: {"read": len(frame) + 1, "kept": len(frame), "rejected": 1, "copies": 0}
        for name, frame in register.tables.items()
    }
    write_manifest(folder, Manifest(tuple(TABLES), rows, "made up", DAY, tuple(sorted(written, key=lambda p: p.name))))
    return folder


@pytest.fixture(scope="module")
def packed(register, tmp_path_factory):
    return pack(register, tmp_path_factory.mktemp("packed"), more=["999999"])


def content(folder):
    """SHA-256 of every file of the results, but the lock and how long the run took."""
    files = (file for file in sorted(folder.rglob("*")) if file.is_file() and file.name not in (LOCK, RUN))
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def together(folder, kind="parts"):
    """The parts of a result as one table, by household."""
    frame = pd.concat([pd.read_parquet(file) for file in sorted((folder / kind).iterdir())], ignore_index=True)
    frame = (
        frame.assign(tier=frame["tier"].astype("str"), as_of=frame["as_of"].astype("datetime64[s]"))
        if kind == "parts"
        else frame
    )
    return frame.sort_values("household_id", ignore_index=True)


@pytest.fixture(scope="module")
def alone(packed, tmp_path_factory):
    """The output of a run that nobody disturbed, with all contributions."""
    out = tmp_path_factory.mktemp("alone") / "out"
    summary = score_register(packed, demo_model(), DAY, out, all_contributions=True)
    return out, content(out), summary


# --- the same scores -----------------------------------------------------------------------------------------------


def test_parts_together_are_the_scores_of_the_whole_register(register, model, alone):
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
    rows = sum(len(part.tables["members"]) for _, part in split_register(register, max_households=40))
    assert rows > len(register.tables["members"]) + 10


@pytest.mark.parametrize("size", [1, 25, 1000])
def test_the_size_of_the_partitions_does_not_matter(register, alone, tmp_path, size):
    """One household at a time, in buckets, or whole counties: the same scores, also from memory."""
    few = register.select(register.tables["households"]["household_id"].unique()[:12]) if size == 1 else register
    score_register(few, demo_model(), DAY, tmp_path / "out", max_households=size)
    wanted = together(alone[0])
    wanted = wanted[wanted["household_id"].isin(few.tables["households"]["household_id"])].reset_index(drop=True)
    if size == 1:  # select keeps persons' rows elsewhere, so these few are whole
        assert len(list((tmp_path / "out/parts").iterdir())) > 6
    pd.testing.assert_frame_equal(together(tmp_path / "out"), wanted, check_exact=True)


@pytest.mark.parametrize("number", [0, 9])
def test_a_register_of_one_household_is_scored_as_among_others(register, alone, tmp_path, number):
    """Packed or in memory, with a county or without."""
    one = register.select(register.tables["households"]["household_id"].unique()[[number]])
    wanted = together(alone[0])
    wanted = wanted[wanted["household_id"].isin(one.tables["households"]["household_id"])].reset_index(drop=True)
    for name, source in (("packed", pack(one, tmp_path / "register")), ("memory", one)):
        summary = score_register(source, demo_model(), DAY, tmp_path / name, workers=2)
        assert (summary["households"], summary["partitions"]) == (1, 1)
        pd.testing.assert_frame_equal(together(tmp_path / name), wanted, check_exact=True)


def test_the_number_of_processes_does_not_matter(packed, alone, tmp_path):
    """Two processes write the same bytes as one, the manifest included."""
    summary = score_register(packed, demo_model(), DAY, tmp_path / "out", all_contributions=True, workers=2)
    assert content(tmp_path / "out") == alone[1]
    assert summary["peak_mb"]["largest_other"] is None or summary["peak_mb"]["largest_other"] > 0


def test_the_order_of_partitions_and_rows_does_not_matter(register, packed, alone, tmp_path):
    """Partitions scored last first give the same bytes, shuffled rows the same scores."""
    manifest = module.read_manifest(packed)
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


@pytest.mark.parametrize("seed", [0, 1])
def test_who_maps_the_partitions_does_not_matter(packed, alone, tmp_path, seed):
    """An engine that works in any order, and does parts of it twice, changes no byte."""

    def mapper(function, tasks):
        tasks = list(tasks)
        for number in np.random.default_rng(seed).permutation(len(tasks)):
            if number % 2:
                function(*tasks[number])
            yield function(*tasks[number])

    summary = score_register(packed, demo_model(), DAY, tmp_path / "out", all_contributions=True, mapper=mapper)
    assert content(tmp_path / "out") == alone[1]
    assert summary["households"] == 150


def test_the_processes_are_those_joblib_is_set_to(packed, alone, tmp_path):
    """Without workers the backend of parallel_config does the work; one worker is this process in any case."""
    with joblib.parallel_config(backend="loky", n_jobs=2):
        there = score_register(packed, demo_model(), DAY, tmp_path / "there", all_contributions=True)
        here = score_register(packed, demo_model(), DAY, tmp_path / "here", all_contributions=True, workers=1)
    assert there["peak_mb"]["largest_other"] is None or there["peak_mb"]["largest_other"] > 0
    assert there["seconds"]["processor"] > 0
    assert here["peak_mb"]["largest_other"] is None
    assert content(tmp_path / "there") == content(tmp_path / "here") == alone[1]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_folder_of_files_is_scored_like_the_packed_register(register, alone, tmp_path, kind):
    """One call serves the files of a county and the packed register of a nation."""
    register.to_folder(tmp_path / "files", format=kind, headers="zh")
    summary = score_register(tmp_path / "files", demo_model(), DAY, tmp_path / "out")
    pd.testing.assert_frame_equal(together(tmp_path / "out"), together(alone[0]), check_exact=True)
    assert summary["rejected"] == {}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_tables_for_the_office_hold_the_same_scores(register, alone, tmp_path, kind):
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


def test_some_partitions_or_counties_are_scored_alone(packed, alone, tmp_path):
    """A county names all its buckets; names that are not there are refused, not passed over."""
    summary = score_register(
        packed, demo_model(), DAY, tmp_path / "out", all_contributions=True, partitions=["211251", "none-00"]
    )
    files = content(tmp_path / "out")
    parts = sorted(name for name in files if name.startswith("parts/"))
    assert parts == [f"parts/{name}.parquet" for name in ("211251-00", "211251-01", "none-00")]
    assert all(files[name] == alone[1][name] for name in parts)
    assert summary["partitions"] == 3
    with pytest.raises(InputError, match="1 of 2 names are neither a partition nor a county"):
        score_register(packed, demo_model(), DAY, tmp_path / "other", partitions=["211251", "110101"])


def test_what_a_score_needs_of_the_model_is_made_once(register, model, monkeypatch):
    """The fixed costs of a score stay small: neither the explainer nor the fingerprint is made again each time."""
    one = register.select(register.tables["households"]["household_id"].iloc[[0]])
    first = model.score(one, DAY)
    monkeypatch.setattr("fanpin_risk.model.risk_model.TreeShap", None)
    monkeypatch.setattr(type(model.classifier_), "to_arrays", None)
    pd.testing.assert_frame_equal(model.score(one, DAY), first)


@pytest.fixture(scope="module")
def rich(tmp_path_factory):
    """A register with gaps as in a real county, packed; and models of it with all, some and few features."""
    made = fr.make_register(1500, random_state=2, missingness="reported")
    fitted = {}
    for name, features in (("all", None), ("every fifth", FEATURES[::5]), ("few", FEATURES[:3])):
        small = MonotoneBoosting(max_iter=20, max_depth=3)
        names = None if features is None else [feature.name for feature in features]
        fitted[name] = fr.RiskModel(classifier=small, features=names, n_folds=2, name="small", n_jobs=1).fit(
            made, ["2021-12-31", "2022-12-31"]
        )
    return pack(made, tmp_path_factory.mktemp("rich"), max_households=800), fitted


@pytest.mark.parametrize("which", ["demo", "all", "every fifth", "few"])
@pytest.mark.parametrize("day", ["2021-06-30", "2024-12-31"])
def test_reading_only_the_columns_that_count_changes_no_byte(rich, tmp_path, monkeypatch, which, day):
    """Scores, reasons, contributions and who has no score are those of a whole read, whatever the model asks for."""
    packed, models = rich
    model = models.get(which, demo_model())
    read, real = [], module.read_partition

    def wholly(folder, partition, **how):
        read.append(how)
        return real(folder, partition)

    score_register(packed, model, day, tmp_path / "some", all_contributions=True, n_reasons=5, workers=1)
    monkeypatch.setattr(module, "read_partition", wholly)
    score_register(packed, model, day, tmp_path / "whole", all_contributions=True, n_reasons=5, workers=1)
    assert content(tmp_path / "some") == content(tmp_path / "whole")
    columns = read[0]["columns"]
    assert len(read) == 2
    assert sum(map(len, columns.values())) < 0.8 * sum(len(table.columns) for table in TABLES.values())
    contributions = pd.read_parquet(tmp_path / "some/contributions").drop(columns=["household_id", "base"])
    assert (contributions.std() > 0).sum() > 1


# --- what stands in the output ---------------------------------------------------------------------------------------


def test_the_manifest_accounts_for_every_household_and_row(packed, alone):
    """It says model, day, version, options, input, and per partition what came in and what went out; no times."""
    out, files, summary = alone
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["model"] == fr.load_model(demo_model()).label
    assert manifest["as_of"] == DAY
    assert manifest["packages"]["fanpin-risk"] == fr.__version__
    assert manifest["register"]["fingerprint"] == module.read_manifest(packed).fingerprint
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
def test_a_register_without_households_gives_empty_tables(register, alone, tmp_path, kind):
    """If all rows were rejected, packed or in memory, the output is complete: tables with columns, counts of 0, no list."""
    nobody = Register({}, supplied=register.supplied)
    write_manifest(tmp_path / "packed", Manifest(tuple(TABLES), {}, "made up", "", ()))
    found = []
    for source in (tmp_path / "packed", nobody):
        out = tmp_path / f"out{len(found)}"
        summary = score_register(source, demo_model(), DAY, out, format=kind, all_contributions=True, workers=2)
        assert (summary["households"], summary["scored"], summary["unscored"]) == (0, 0, {})
        assert score_register(source, demo_model(), DAY, out, format=kind, all_contributions=True)["kept"] == 1
        assert list(county_lists(out)) == []
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


def test_households_that_do_not_add_up_stop_the_run(register, model, tmp_path):
    """A household that would be scored twice is never written."""
    frame = register.tables["households"]
    twice = frame[frame["household_id"] == model.score(register, DAY)["household_id"].iloc[-1]]
    tables = {**register.tables, "households": pd.concat([frame, twice], ignore_index=True)}
    with pytest.raises(InputError, match=r"households, but \d+ scored and \d+ not; the register holds several records"):
        score_register(Register(tables), demo_model(), DAY, tmp_path / "out")


# --- restart -------------------------------------------------------------------------------------------------------


def read_job(out, packed):
    """The job of a run that ended."""
    facts = json.loads((out / "job.json").read_text(encoding="utf-8"))
    return Job(
        register=str(packed), model=str(demo_model().absolute()), label=facts["model"], out=str(out), as_of=facts["as_of"],
        n_reasons=facts["options"]["n_reasons"], lang=facts["options"]["lang"],
        all_contributions=facts["options"]["all_contributions"], format=facts["options"]["format"],
        identity=hashlib.sha256((out / "job.json").read_bytes()).hexdigest(),
    )  # fmt: skip


@pytest.fixture
def finished(alone, tmp_path):
    return shutil.copytree(alone[0], tmp_path / "out")


def again(packed, out, **options):
    return score_register(packed, demo_model(), DAY, out, **{"all_contributions": True, **options})


@pytest.mark.parametrize(
    "damage",
    [
        lambda out: (out / "parts/520422.parquet").write_bytes(b"PAR1"),
        lambda out: (out / "unscored/520422.parquet").unlink(),
        lambda out: (out / "contributions/520422.parquet").write_bytes(
            bytes(reversed((out / "contributions/520422.parquet").read_bytes()))
        ),
        lambda out: (out / "records/520422.json").write_text('{"job": ', encoding="utf-8"),
        lambda out: (out / "records/520422.json").unlink(),
    ],
    ids=["part cut off", "table removed", "bytes turned", "record cut off", "record removed"],
)
def test_a_damaged_part_is_made_again_and_no_other(packed, alone, finished, damage):
    """What is not as it was written is not trusted; the end is the same bytes."""
    damage(finished)
    summary = again(packed, finished)
    assert summary["kept"] == summary["partitions"] - 1
    assert content(finished) == alone[1]


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record.update(households=record["households"] + 1),
        lambda record: record.update(scored=record["scored"] - 1, unscored={**record["unscored"], "dissolved": 1}),
        lambda record: record.update(scored="many"),
        lambda record: record.update(files=list(record["files"])),
        lambda record: record.update(more=1),
        lambda record: record.pop("unscored"),
    ],
    ids=["households", "shifted", "text", "list", "more", "less"],
)
def test_a_changed_record_is_made_again(packed, alone, finished, change):
    """Numbers of a record go into the manifest, so they are trusted as little as the files."""
    file = finished / "records/520422.json"
    record = json.loads(file.read_text(encoding="utf-8"))
    change(record)
    file.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert again(packed, finished)["kept"] == len(list((finished / "records").iterdir())) - 1
    assert content(finished) == alone[1]


@pytest.mark.parametrize("text", ["[]", "[" * 200_000, "\xff"], ids=["list", "deep", "not UTF-8"])
def test_a_record_that_is_none_is_made_again(packed, alone, finished, text):
    """Whatever stands in its place."""
    (finished / "records/520422.json").write_bytes(text.encode("latin-1"))
    again(packed, finished)
    assert content(finished) == alone[1]


@pytest.mark.parametrize("text", ["", "\xff", "[" * 100_000, "folder"], ids=["empty", "not UTF-8", "deep", "folder"])
def test_a_damaged_job_is_told(packed, finished, text):
    """What the output is of cannot be known, so it is not gone on with."""
    (finished / "job.json").unlink()
    if text == "folder":
        (finished / "job.json").mkdir()
    else:
        (finished / "job.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=r"its job\.json cannot be read"):
        again(packed, finished)


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_links_among_the_results_are_swept_and_not_followed(packed, alone, finished, tmp_path):
    """What they lead to is left alone."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/file").write_text("kept", encoding="utf-8")
    (finished / "parts/777777.parquet").symlink_to(tmp_path / "elsewhere")
    (finished / ".model").symlink_to(tmp_path / "elsewhere")
    again(packed, finished)
    assert content(finished) == alone[1]
    assert (tmp_path / "elsewhere/file").exists()


def test_what_killed_runs_left_behind_is_swept(packed, alone, finished):
    """Half files, a copied model and parts of nothing are gone in the end; a finished output is otherwise left alone."""
    for name in ("parts/.520422-x7.parquet", "records/.a.json", ".manifest-1.json", "parts/777777.parquet"):
        (finished / name).write_bytes(b"half")
    (finished / ".model").mkdir()
    before = (finished / "parts/520422.parquet").stat().st_mtime_ns
    assert again(packed, finished)["kept"] == len(list((finished / "records").iterdir()))
    assert content(finished) == alone[1]
    assert not (finished / ".model").exists()
    assert (finished / "parts/520422.parquet").stat().st_mtime_ns == before


def test_a_full_disk_stops_the_run_and_the_next_one_takes_it_up(packed, alone, tmp_path, monkeypatch):
    """No half file under a final name, a message that says why, and the same bytes when there is room again."""
    out, calls = tmp_path / "out", []
    real = module.write_table.__globals__["os"].fsync

    def full(handle):
        calls.append(handle)
        if len(calls) > 25:
            raise OSError(28, "No space left on device")
        real(handle)

    with monkeypatch.context() as patch:
        patch.setattr("fanpin_risk.files.os.fsync", full)
        with pytest.raises(InputError, match="the disk is full"):
            again(packed, out)
    found = content(out)
    assert 2 < len(found) < len(alone[1])
    assert "manifest.json" not in found
    assert {name: alone[1].get(name) for name in found} == found
    assert 0 < again(packed, out)["kept"] < len(list((out / "records").iterdir()))
    assert content(out) == alone[1]


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_a_disk_that_fills_up_within_a_file_leaves_no_half_file(packed, tmp_path, monkeypatch, kind):
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


def test_a_run_killed_while_it_laid_down_the_model_is_taken_up(packed, alone, model, tmp_path, monkeypatch):
    """What it leaves behind is its own, not a stranger's file: the folder can be used again, and is then as any other."""

    class Killed(BaseException):
        """Ends a run without a chance to tidy up."""

    def stop(*_):
        raise Killed

    out = tmp_path / "killed"
    with monkeypatch.context() as patch:
        patch.setattr("fanpin_risk.model.store.os.fsync", stop)
        patch.setattr("fanpin_risk.model.store.shutil.rmtree", lambda *_, **__: None)
        with pytest.raises(Killed):
            score_register(packed, model, DAY, out, workers=1)
    assert len([entry for entry in out.iterdir() if "model" in entry.name]) == 1
    again(packed, out)
    assert content(out) == alone[1]


def test_a_disk_too_full_for_the_model_stops_the_run(packed, alone, model, tmp_path, monkeypatch):
    """A model in memory is laid beside the results for other processes; also without room for it the message says why."""

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    out = tmp_path / "full"
    with monkeypatch.context() as patch:
        patch.setattr("fanpin_risk.model.store.os.fsync", full)
        with pytest.raises(InputError, match="cannot write to full: the disk is full"):
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


RUN_IN_PROCESSES = """
import sys
import fanpin_risk as fr
from fanpin_risk.model.store import demo_model

fr.score_register(sys.argv[1], demo_model(), "2023-12-31", sys.argv[2], workers=3)
"""


def children(process):
    """Process ids of the workers of a process."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
            if parent == process and b"popen_loky" in (stat.parent / "cmdline").read_bytes():
                found.append(int(stat.parent.name))
        except OSError:
            continue
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
def test_workers_that_had_no_work_yet_end_with_a_killed_run(packed, tmp_path):
    """They would wait for it for minutes, and hold their memory."""
    run = subprocess.Popen([sys.executable, "-c", RUN_IN_PROCESSES, str(packed), str(tmp_path / "out")])
    end = time.monotonic() + 120
    while len(workers := children(run.pid)) < 3 and run.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    run.kill()
    run.wait()
    assert len(workers) == 3
    end = time.monotonic() + 60
    while (left := [worker for worker in workers if Path(f"/proc/{worker}").exists()]) and time.monotonic() < end:
        time.sleep(0.1)
    for worker in left:
        os.kill(worker, signal.SIGKILL)
    assert not left


def test_workers_that_grow_are_not_replaced():
    """A new one takes seconds to start, and partitions differ by more than joblib takes for a leak."""
    pytest.importorskip("psutil", reason="joblib looks at memory with psutil only")

    def work(_):
        from fanpin_risk.batch import worker

        worker.tasks = getattr(worker, "tasks", 0) + 1
        if worker.tasks == 2:
            worker.held = np.ones(50_000_000)
        time.sleep(1.1)  # it looks once a second
        return os.getpid()

    pool = joblib.Parallel(n_jobs=2, timeout=60, initializer=begin_worker, initargs=(os.getpid(),))
    try:
        assert len(set(pool(joblib.delayed(work)(n) for n in range(8)))) == 2
    finally:
        get_reusable_executor().shutdown(kill_workers=True)


# --- one writer, one job -----------------------------------------------------------------------------------------


def test_a_second_writer_is_refused_at_once(packed, finished):
    """While one process holds the lock the other says so and touches nothing; a lock left by a dead one is no obstacle."""
    before = content(finished)
    with module._locked(finished), pytest.raises(InputError, match="another process is writing to out"):
        again(packed, finished, overwrite=True, n_reasons=1)
    assert content(finished) == before
    assert (finished / LOCK).exists()
    again(packed, finished)


@pytest.mark.skipif(sys.platform == "win32", reason="fcntl")
def test_a_file_system_without_locks_is_refused_as_such(packed, tmp_path, monkeypatch):
    """Nobody looks for another process that is not there."""

    def flock(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", flock)
    with pytest.raises(InputError, match=r"the file system of out gives no lock \(No locks available\)"):
        again(packed, tmp_path / "out")


def other_model():
    model = fr.load_model(demo_model())
    return model.set_params(name="other")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"as_of": "2023-06-30"}, "as_of: 2023-12-31 there, 2023-06-30 now"),
        ({"n_reasons": 2}, "options n_reasons: 3 there, 2 now"),
        ({"lang": "en"}, "options lang: zh there, en now"),
        ({"format": "csv"}, "options format: parquet there, csv now"),
        ({"partitions": ["520422"]}, r"options partitions: None there, \['520422'\] now"),
        ({"model": other_model}, "model: demo:[0-9a-f]{12} there, other:[0-9a-f]{12} now"),
    ],
)
def test_another_job_is_refused_with_what_differs(packed, finished, change, message):
    """Results of two models, days or options are never mixed in one folder."""
    before = content(finished)
    change = {key: value() if callable(value) else value for key, value in change.items()}
    given = {"model": demo_model(), "as_of": DAY, "out": finished, "all_contributions": True, **change}
    with pytest.raises(InputError, match=message):
        score_register(packed, **given)
    assert content(finished) == before


def test_another_register_is_refused(register, finished, tmp_path):
    """Also one that differs in a single amount."""
    frame = register.tables["incomes"].copy()
    frame.loc[0, "amount_cny"] += 1
    other = Register({**register.tables, "incomes": frame}, supplied=register.supplied)
    with pytest.raises(InputError, match=r"register fingerprint: [0-9a-f]{12}\.\.\. there, [0-9a-f]{12}\.\.\. now"):
        again(pack(other, tmp_path / "other"), finished)
    score_register(register, demo_model(), DAY, tmp_path / "memory")
    with pytest.raises(InputError, match="register fingerprint"):
        score_register(other, demo_model(), DAY, tmp_path / "memory")


def test_another_version_of_the_package_is_refused(packed, finished, monkeypatch):
    """Parts computed by two versions are not mixed."""
    monkeypatch.setattr(module, "version", lambda package: "9.9.9" if package == "fanpin-risk" else "1")
    with pytest.raises(InputError, match=r"packages fanpin-risk: .* there, 9\.9\.9 now"):
        again(packed, finished)


def test_overwrite_begins_anew_and_leaves_nothing_of_the_old(packed, finished, tmp_path):
    """The folder is then that of a fresh run."""
    again(packed, finished, overwrite=True, format="csv", all_contributions=False, partitions=["520422", "530381"])
    again(packed, tmp_path / "fresh", format="csv", all_contributions=False, partitions=["520422", "530381"])
    assert content(finished) == content(tmp_path / "fresh")


def test_a_folder_with_other_files_is_not_touched(packed, tmp_path):
    """Results never mix with what a user keeps in a folder."""
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"holds 1 other files or folders \(mine\.txt\); they are kept"):
        again(packed, tmp_path, overwrite=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("name", ["parts/mine.csv", "parts/520422.doc", "records/mine", "mine.txt", "unscored/mine"])
def test_what_a_user_laid_among_the_results_is_kept(packed, finished, name):
    """It is not swept away with what killed runs leave behind: the run is refused."""
    (finished / name).mkdir() if name.endswith("mine") else (finished / name).write_text("mine")
    before = content(finished)
    for options in ({}, {"overwrite": True, "n_reasons": 1}):
        with pytest.raises(InputError, match=rf"added or changed since \({name}\); they are kept"):
            again(packed, finished, **options)
    assert content(finished) == before
    assert (finished / name).exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_part_that_someone_edited_is_kept(packed, tmp_path, kind):
    """A csv file or workbook may be someone's work; once it is moved away it is made anew."""
    options = {"format": kind, "all_contributions": False, "partitions": ["520422"]}
    again(packed, tmp_path / "out", **options)
    before = content(tmp_path / "out")
    part = tmp_path / f"out/parts/520422.{kind}"
    part.write_bytes(part.read_bytes() + b"visited")
    for more in ({}, {"overwrite": True, "n_reasons": 1}):
        with pytest.raises(InputError, match=rf"added or changed since \(parts/520422\.{kind}\); they are kept"):
            again(packed, tmp_path / "out", **options, **more)
    part.rename(tmp_path / part.name)
    again(packed, tmp_path / "out", **options)
    assert content(tmp_path / "out") == before


def test_a_process_that_outlived_its_run_writes_nothing(packed, finished):
    """When another run has taken over the folder, a left-over process stops before it writes."""
    job = replace(read_job(finished, packed), identity="0" * 64)
    before = content(finished)
    with pytest.raises(InputError, match="out belongs to another run by now; nothing was written"):
        score_partition(job, "520422")
    assert content(finished) == before


def test_a_process_with_other_packages_or_other_folders_writes_nothing(packed, finished, tmp_path, monkeypatch):
    """A machine of a cluster that is not set up like the others must not mix its results with theirs."""
    job, before = read_job(finished, packed), content(finished)
    with pytest.raises(InputError, match=r"elsewhere/job\.json cannot be read by a process that is to write there"):
        score_partition(replace(job, out=str(tmp_path / "elsewhere")), "520422")
    monkeypatch.setattr(module, "version", lambda package: "9.9" if package == "numpy" else version(package))
    with pytest.raises(
        InputError, match=r"other packages than the run: numpy 9\.9, not [^;]+; install the same everywhere"
    ):
        score_partition(job, "520422")
    assert content(finished) == before


def test_a_replaced_model_and_a_damaged_partition_are_refused(register, finished, tmp_path):
    """What the job was begun with is what every part is made of."""
    packed = pack(register, tmp_path / "packed")
    job = replace(read_job(finished, packed), label="demo:000000000000")
    with pytest.raises(InputError, match="expected demo:000000000000: it was replaced meanwhile"):
        score_partition(job, "520422")
    file = packed / "partitions/520422/incomes.parquet"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(InputError, match=r"partition 520422: incomes\.parquet is not the file that was packed"):
        score_register(packed, demo_model(), DAY, tmp_path / "new")


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
        ({"partitions": 211225}, "partitions is no list of names; expected texts such as '211225'"),
        ({"partitions": []}, "partitions is no list of names"),
        ({"partitions": [["211225"]]}, "partitions is no list of names"),
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


def test_numpy_whole_numbers_are_whole_numbers(packed, tmp_path):
    """A number out of an array is as good as one that was typed."""
    one = score_register(
        packed, demo_model(), DAY, tmp_path / "a", n_reasons=np.int64(1), partitions=np.array(["520422"])
    )
    score_register(packed, demo_model(), DAY, tmp_path / "b", n_reasons=1, partitions=["520422"], workers=np.int64(1))
    assert one["partitions"] == 1
    assert content(tmp_path / "a") == content(tmp_path / "b")
