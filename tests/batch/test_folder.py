"""The folder of scores in parts: one writer, one job, what is damaged is made anew, what is someone else's is kept."""

import errno
import json
import os
import sys

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.batch import score as module
from fanpin_risk.batch.score import score_register
from fanpin_risk.batch.scoring.folder import locked
from fanpin_risk.batch.scoring.job import LOCK
from fanpin_risk.errors import InputError
from fanpin_risk.model.store import demo_model

DAY = "2023-12-31"


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
def test_a_damaged_part_is_made_again_and_no_other(content, again, packed, alone, finished, damage):
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
def test_a_changed_record_is_made_again(content, again, packed, alone, finished, change):
    """Numbers of a record go into the manifest, so they are trusted as little as the files."""
    file = finished / "records/520422.json"
    record = json.loads(file.read_text(encoding="utf-8"))
    change(record)
    file.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert again(packed, finished)["kept"] == len(list((finished / "records").iterdir())) - 1
    assert content(finished) == alone[1]


@pytest.mark.parametrize("text", ["[]", "[" * 200_000, "\xff"], ids=["list", "deep", "not UTF-8"])
def test_a_record_that_is_none_is_made_again(content, again, packed, alone, finished, text):
    """Whatever stands in its place."""
    (finished / "records/520422.json").write_bytes(text.encode("latin-1"))
    again(packed, finished)
    assert content(finished) == alone[1]


@pytest.mark.parametrize("text", ["", "\xff", "[" * 100_000, "folder"], ids=["empty", "not UTF-8", "deep", "folder"])
def test_a_damaged_job_is_told(again, packed, finished, text):
    """What the output is of cannot be known, so it is not gone on with."""
    (finished / "job.json").unlink()
    if text == "folder":
        (finished / "job.json").mkdir()
    else:
        (finished / "job.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=r"its job\.json cannot be read"):
        again(packed, finished)


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_links_among_the_results_are_swept_and_not_followed(content, again, packed, alone, finished, tmp_path):
    """What they lead to is left alone."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/file").write_text("kept", encoding="utf-8")
    (finished / "parts/777777.parquet").symlink_to(tmp_path / "elsewhere")
    (finished / ".model").symlink_to(tmp_path / "elsewhere")
    again(packed, finished)
    assert content(finished) == alone[1]
    assert (tmp_path / "elsewhere/file").exists()


def test_what_killed_runs_left_behind_is_swept(content, again, packed, alone, finished):
    """Half files, a copied model and parts of nothing are gone in the end; a finished output is otherwise left alone."""
    for name in ("parts/.520422-x7.parquet", "records/.a.json", ".manifest-1.json", "parts/777777.parquet"):
        (finished / name).write_bytes(b"half")
    (finished / ".model").mkdir()
    before = (finished / "parts/520422.parquet").stat().st_mtime_ns
    assert again(packed, finished)["kept"] == len(list((finished / "records").iterdir()))
    assert content(finished) == alone[1]
    assert not (finished / ".model").exists()
    assert (finished / "parts/520422.parquet").stat().st_mtime_ns == before


def test_a_second_writer_is_refused_at_once(content, again, packed, finished):
    """While one process holds the lock the other says so and touches nothing; a lock left by a dead one is no obstacle."""
    before = content(finished)
    with locked(finished), pytest.raises(InputError, match="another process is writing to out"):
        again(packed, finished, overwrite=True, n_reasons=1)
    assert content(finished) == before
    assert (finished / LOCK).exists()
    again(packed, finished)


@pytest.mark.skipif(sys.platform == "win32", reason="fcntl")
def test_a_file_system_without_locks_is_refused_as_such(again, packed, tmp_path, monkeypatch):
    """Nobody looks for another process that is not there."""

    def flock(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", flock)
    with pytest.raises(
        InputError, match=r"the file system of out gives no lock \(system error \d+: No locks available\)"
    ):
        again(packed, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_fails_before_it_wrote_anything_leaves_nothing_behind(again, tmp_path):
    """The folders made for it go again, whatever their depth; one that was there stays, and so does what stands in it."""
    (tmp_path / "there").mkdir()
    for out in ("new", "a/b/out", "there", "there/new"):
        with pytest.raises(InputError, match="nowhere does not exist"):
            again(tmp_path / "nowhere", tmp_path / out)
    assert [entry.name for entry in tmp_path.rglob("*")] == ["there"]


def test_a_lock_that_another_process_holds_is_never_removed(again, packed, tmp_path):
    """Also where that process has not written anything yet."""
    with locked(tmp_path / "out"):
        with pytest.raises(InputError, match="another process is writing to out"):
            again(packed, tmp_path / "out")
        assert (tmp_path / "out" / LOCK).exists()


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
def test_another_job_is_refused_with_what_differs(content, packed, finished, change, message):
    """Results of two models, days or options are never mixed in one folder."""
    before = content(finished)
    change = {key: value() if callable(value) else value for key, value in change.items()}
    given = {"model": demo_model(), "as_of": DAY, "out": finished, "all_contributions": True, **change}
    with pytest.raises(InputError, match=message):
        score_register(packed, **given)
    assert content(finished) == before


def test_another_version_of_the_package_is_refused(again, packed, finished, monkeypatch):
    """Parts computed by two versions are not mixed."""
    monkeypatch.setattr(module, "version", lambda package: "9.9.9" if package == "fanpin-risk" else "1")
    with pytest.raises(InputError, match=r"packages fanpin-risk: .* there, 9\.9\.9 now"):
        again(packed, finished)


def test_overwrite_begins_anew_and_leaves_nothing_of_the_old(content, again, packed, finished, tmp_path):
    """The folder is then that of a fresh run."""
    again(packed, finished, overwrite=True, format="csv", all_contributions=False, partitions=["520422", "530381"])
    again(packed, tmp_path / "fresh", format="csv", all_contributions=False, partitions=["520422", "530381"])
    assert content(finished) == content(tmp_path / "fresh")


def test_a_folder_with_other_files_is_not_touched(again, packed, tmp_path):
    """Results never mix with what a user keeps in a folder."""
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"holds other files or folders \(1: mine\.txt\); they are kept"):
        again(packed, tmp_path, overwrite=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("name", ["parts/mine.csv", "parts/520422.doc", "records/mine", "mine.txt", "unscored/mine"])
def test_what_a_user_laid_among_the_results_is_kept(content, again, packed, finished, name):
    """It is not swept away with what killed runs leave behind: the run is refused."""
    (finished / name).mkdir() if name.endswith("mine") else (finished / name).write_text("mine")
    before = content(finished)
    for options in ({}, {"overwrite": True, "n_reasons": 1}):
        with pytest.raises(InputError, match=rf"added or changed since \({name}\); they are kept"):
            again(packed, finished, **options)
    assert content(finished) == before
    assert (finished / name).exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_a_part_that_someone_edited_is_kept(content, again, packed, tmp_path, kind):
    """It may be someone's work; once it is moved away it is written again."""
    options = {"format": kind, "all_contributions": False, "partitions": ["520422"]}
    again(packed, tmp_path / "out", **options)
    before = content(tmp_path / "out")
    part = tmp_path / f"out/parts/520422.{kind}"
    if kind == "parquet":
        pd.read_parquet(part).assign(visited=True).to_parquet(part)
    else:
        part.write_bytes(part.read_bytes() + b"visited")
    for more in ({}, {"overwrite": True, "n_reasons": 1}):
        with pytest.raises(InputError, match=rf"added or changed since \(parts/520422\.{kind}\); they are kept"):
            again(packed, tmp_path / "out", **options, **more)
    part.rename(tmp_path / part.name)
    again(packed, tmp_path / "out", **options)
    assert content(tmp_path / "out") == before


def test_a_model_that_was_not_fitted_leaves_nothing(packed, tmp_path):
    """It is refused before the folder is made, and so is a model that is not there."""
    for model in (fr.RiskModel(), str(tmp_path / "none")):
        with pytest.raises(fr.FanpinError, match=r"not fitted|not a model folder"):
            score_register(packed, model, DAY, tmp_path / "out")
    assert not (tmp_path / "out").exists()
