"""What tests of packing and of scoring in parts share: files on disk, a register in partitions, and its scores."""

import hashlib
import json
import shutil
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.batch import layout
from fanpin_risk.batch.division import partition_names, split_register
from fanpin_risk.batch.layout import Manifest, write_manifest
from fanpin_risk.batch.partition_files import read_partition, write_partition
from fanpin_risk.batch.score import score_register
from fanpin_risk.batch.scoring.job import LOCK, RUN, Job, ScoreOptions
from fanpin_risk.model.store import demo_model
from fanpin_risk.records.cells import plain_cell
from fanpin_risk.records.read import read_register
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES


def as_texts(values):
    """Return cells of any type as texts, None for missing."""
    return [None if (cell := plain_cell(value)) is None else str(cell) for value in values]


def plain_ids(frame):
    """Return a table with its ids as texts, not as dictionary."""
    ids = {name: frame[name].astype("str") for name in frame if name.endswith("_id")}
    return frame.assign(**ids)


def write_csv(path, header, rows, *, encoding="utf-8", above=(), below=()):
    """Write rows of texts, with lines above and below them."""
    lines = [*above, ",".join(header), *(",".join(row) for row in rows), *below]
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))


def check_rejected(out, whole):
    """Hold the rejected rows of a packed register to those of reading."""
    for name in TABLES:
        file = out / "rejected" / f"{name}.parquet"
        rejected = whole.rejected_rows.get(name, pd.DataFrame())
        assert file.exists() == (len(rejected) > 0)
        if len(rejected):
            got = pd.read_parquet(file)
            assert list(got) == list(rejected)
            for label in rejected:
                assert as_texts(got[label]) == as_texts(rejected[label])


def compare(folder, out, *, max_households=3, names_too=True, **options):
    """Pack a folder, hold every result to what read_register finds in the same files, and return summary and register."""
    from fanpin_risk.batch.pack import pack

    whole = read_register(folder, **options)
    summary = pack(folder, out, max_households=max_households, threads=1, memory="500MB", **options)
    manifest = layout.read_manifest(out)
    assert set(manifest.tables) == whole.supplied
    assert manifest.source == whole.source
    for name, counts in manifest.rows.items():
        wanted = whole.counts.loc[name]
        assert counts["read"] == counts["kept"] + counts["rejected"]
        assert [counts["read"], counts["kept"], counts["rejected"]] == wanted.iloc[:3].tolist()
        assert summary.rows.loc[name, "records"] == wanted["records"]
        assert summary.rows.loc[name, "filled"] == whole.recorded_at_filled.get(name, 0)
    problems = pd.read_parquet(out / "problems.parquet")
    pd.testing.assert_frame_equal(problems, whole.problems, check_dtype=False)
    assert dict(summary.problems) == whole.problems["severity"].value_counts().to_dict()
    check_rejected(out, whole)
    seen = []
    records = dict.fromkeys(manifest.tables, 0)
    for partition in manifest.partitions:
        part = read_partition(out, partition)
        ids = part.tables["households"]["household_id"].astype("str").unique()
        seen += list(ids)
        chosen = whole.select(ids)
        assert partition.households == len(ids) > 0
        pd.testing.assert_series_equal(part.doubts, chosen.doubts)
        for name in manifest.tables:
            records[name] += len(chosen.tables[name])
            pd.testing.assert_frame_equal(
                plain_ids(part.tables[name]), chosen.tables[name], obj=f"{partition.name} {name}"
            )
    assert sorted(seen) == sorted(whole.tables["households"]["household_id"].unique())
    for name in {"incomes", "shocks", "monitoring"} & set(manifest.tables):
        assert records[name] == len(whole.tables[name])
    if names_too:
        names = partition_names(whole.tables["households"], max_households=max_households)
        assert sorted(names.unique()) == [partition.name for partition in manifest.partitions]
    if manifest.observed_until:
        assert manifest.observed_until == str(whole.observed_until.date())
    assert [entry.name for entry in out.parent.iterdir() if entry.name.startswith(f".{out.name}")] == []
    return summary, whole


@pytest.fixture(scope="session")
def packed_files():
    """Write a csv file; pack a folder and compare it with reading."""
    pytest.importorskip("duckdb")
    return SimpleNamespace(write_csv=write_csv, compare=compare)


@pytest.fixture
def folder(tmp_path, packed_files):
    """Households of three counties."""
    files = tmp_path / "files"
    files.mkdir()
    codes = ["211225101201", "530102003001", "450502100100"]
    packed_files.write_csv(
        files / "户信息.csv",
        ["户编号", "年度", "行政区划代码", "家庭人口数"],
        [[f"h{n}", "2022", codes[n], "1"] for n in range(3)],
    )
    return files


# --- scoring in parts --------------------------------------------------------------------------------------------

DAY = "2023-12-31"
COUNTIES = ("211251", "520422", "530381")


@pytest.fixture(scope="session")
def model():
    """The model that ships."""
    return fr.load_model(demo_model())


@pytest.fixture(scope="session")
def register():
    """150 households in three counties, one without a code, and none, with households and persons that moved between counties."""
    made = fr.make_register(150, random_state=5)
    tables = dict(made.tables)
    frame = tables["households"].copy()
    number = pd.factorize(frame["household_id"])[0]
    county = pd.Series(np.array(COUNTIES, dtype=object)[number % 3], index=frame.index)
    county[(number % 7 == 0) & (frame["valid_from"] >= "2022-01-01")] = COUNTIES[0]  # these have moved
    frame["area_code"] = (county + frame["area_code"].str[6:]).where(number % 10 != 9).astype("str")
    frame["area_name"] = frame["area_name"].where(number % 20 != 9)  # half of those without a code have a name
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


def _pack(register, folder, *, max_households=40, more=()):
    empty = Register({}, supplied=register.supplied)
    parts = [*split_register(register, max_households=max_households), *((name, empty) for name in more)]
    written = [write_partition(folder, name, part.tables, part.supplied) for name, part in parts]
    rows = {
        name: {"read": len(frame) + 1, "kept": len(frame), "rejected": 1, "copies": 0}
        for name, frame in register.tables.items()
    }
    write_manifest(folder, Manifest(tuple(TABLES), rows, "made up", DAY, tuple(sorted(written, key=lambda p: p.name))))
    return folder


@pytest.fixture(scope="session")
def packed(register, tmp_path_factory):
    """The register as a packed folder, with a partition in which nobody lives."""
    return _pack(register, tmp_path_factory.mktemp("packed"), more=["999999"])


def _content(folder):
    files = (file for file in sorted(folder.rglob("*")) if file.is_file() and file.name not in (LOCK, RUN))
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def _together(folder, kind="parts"):
    frame = pd.concat([pd.read_parquet(file) for file in sorted((folder / kind).iterdir())], ignore_index=True)
    frame = (
        frame.assign(tier=frame["tier"].astype("str"), as_of=frame["as_of"].astype("datetime64[s]"))
        if kind == "parts"
        else frame
    )
    return frame.sort_values("household_id", ignore_index=True)


@pytest.fixture(scope="session")
def alone(packed, tmp_path_factory):
    """The output of a run that nobody disturbed, with all contributions."""
    out = tmp_path_factory.mktemp("alone") / "out"
    summary = score_register(packed, demo_model(), DAY, out, all_contributions=True)
    return out, _content(out), summary


def _read_job(out, packed):
    facts = json.loads((out / "job.json").read_text(encoding="utf-8"))
    return Job.of_facts(
        facts, register=str(packed), model=str(demo_model().absolute()), label=facts["model"], out=str(out), as_of=facts["as_of"],
        options=ScoreOptions(**{name: value for name, value in facts["options"].items() if name != "partitions"}),
    )  # fmt: skip


@pytest.fixture
def finished(alone, tmp_path):
    """A copy of that output."""
    return shutil.copytree(alone[0], tmp_path / "out")


def _again(packed, out, **options):
    return score_register(packed, demo_model(), DAY, out, **{"all_contributions": True, **options})


@pytest.fixture(scope="session")
def pack():
    """Write a register in memory as a packed folder; `more` partitions have no households."""
    return _pack


@pytest.fixture(scope="session")
def content():
    """SHA-256 of every file of the results, but the lock and how long the run took."""
    return _content


@pytest.fixture(scope="session")
def together():
    """Read the parts of a result as one table, by household."""
    return _together


@pytest.fixture(scope="session")
def read_job():
    """Read the job of a run that ended."""
    return _read_job


@pytest.fixture(scope="session")
def again():
    """Score a packed register, with the options of `alone` unless others are given."""
    return _again
