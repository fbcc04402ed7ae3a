"""What tests of packing share: files on disk, and packing held to reading the same files whole."""

from types import SimpleNamespace

import pandas as pd
import pytest

from fanpin_risk.batch import layout
from fanpin_risk.records.cells import plain_cell
from fanpin_risk.records.read import read_register
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
        part = layout.read_partition(out, partition)
        ids = part.tables["households"]["household_id"].astype("str").unique()
        seen += list(ids)
        chosen = whole.select(ids)
        assert partition.households == len(ids) > 0
        for name in manifest.tables:
            records[name] += len(chosen.tables[name])
            pd.testing.assert_frame_equal(
                plain_ids(part.tables[name]), chosen.tables[name], obj=f"{partition.name} {name}"
            )
    assert sorted(seen) == sorted(whole.tables["households"]["household_id"].unique())
    for name in {"incomes", "shocks", "monitoring"} & set(manifest.tables):
        assert records[name] == len(whole.tables[name])
    if names_too:
        names = layout.partition_names(whole.tables["households"], max_households=max_households)
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
