"""The limits of memory and disk are kept, and named when they do not suffice."""

import builtins

import pytest

from fanpin_risk.batch.pack import pack
from fanpin_risk.batch.packing import chunks
from fanpin_risk.batch.packing.workplace import why_duckdb_stopped, workplace
from fanpin_risk.errors import InputError, MissingPackageError
from fanpin_risk.words import Message

pytest.importorskip("duckdb")


def test_a_limit_of_the_temporary_disk_is_noticed_within_a_file(packed_files, folder, tmp_path, monkeypatch):
    """One file of many gigabytes does not fill the disk before anybody looks."""
    monkeypatch.setattr(chunks, "BLOCK_BYTES", 5_000)
    packed_files.write_csv(folder / "户信息2.csv", ["户编号", "年度"], [[f"k{n}", "2022"] for n in range(20_000)])
    taken, real = [], chunks._text_chunks

    def counted(*given):
        for sheet in real(*given):
            taken.append(sheet)
            yield sheet

    monkeypatch.setattr(chunks, "_text_chunks", counted)
    with pytest.raises(InputError, match=r"more than the 100\.0 KB of temp_limit; raise it \(--temp-limit\)"):
        pack(folder, tmp_path / "packed", threads=1, temp_limit="100KB")
    assert 1 < len(taken) < 30


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (
            {"memory": 10**7, "temp_limit": 10**5},
            "more temporary disk than temp_limit=9GB allows; raise it (--temp-limit)",
        ),
        (
            {"memory": 10**5, "temp_limit": None},
            "memory=8GB does not suffice for joining and sorting; allow more (--memory)",
        ),
    ],
    ids=["disk", "memory"],
)
def test_the_limits_duckdb_met_are_named(tmp_path, limits, message):
    """DuckDB's own words name settings that a user of this package never gave."""
    duckdb = pytest.importorskip("duckdb")
    with workplace(tmp_path, threads=1, **limits) as place, pytest.raises(duckdb.OutOfMemoryException) as met:
        place.run("CREATE TABLE t AS SELECT md5(range::VARCHAR) a FROM range(1_000_000) ORDER BY a")
    full = Message("full disk")
    assert message in str(why_duckdb_stopped(met.value, "8GB", "9GB", full))
    if limits["temp_limit"]:
        assert why_duckdb_stopped(met.value, "8GB", None, full) == full


def test_a_memory_limit_that_does_not_suffice_is_named(folder, tmp_path):
    """What to do is said in the options of this package, and nothing is left behind."""
    with pytest.raises(
        InputError, match=r"cannot pack files: memory=100KB does not suffice .* allow more \(--memory\)"
    ):
        pack(folder, tmp_path / "packed", threads=1, memory="100KB")
    assert [entry.name for entry in tmp_path.iterdir()] == ["files"]


def test_duckdb_is_asked_for_by_name(folder, tmp_path, monkeypatch):
    """Without DuckDB the error says what to install."""
    real = builtins.__import__

    def without(name, *rest, **more):
        if name == "duckdb":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingPackageError, match='python -m pip install "duckdb>='):
        pack(folder, tmp_path / "packed")
