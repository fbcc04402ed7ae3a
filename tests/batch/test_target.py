"""What lies where a register is to be packed, or changes meanwhile."""

import os
import sys

import pytest

from fanpin_risk.batch import layout
from fanpin_risk.batch.pack import pack
from fanpin_risk.batch.packing import chunks
from fanpin_risk.errors import InputError

pytest.importorskip("duckdb")


@pytest.mark.skipif(os.name != "posix", reason="no such names")
@pytest.mark.parametrize("name", ["really?", "a\\b"])
def test_a_path_that_duckdb_cannot_open_is_named_before_the_work(folder, tmp_path, name):
    """Raw rows cannot lie there; with a place for them elsewhere the register can."""
    with pytest.raises(InputError, match=r"choose a temp_dir \(--temp-dir\)"):
        pack(folder, tmp_path / name / "packed", threads=1)
    assert not (tmp_path / name).exists()
    assert pack(folder, tmp_path / name / "packed", threads=1, temp_dir=tmp_path).households == 3


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are texts there")
@pytest.mark.parametrize("option", ["out", "temp_dir"])
def test_a_path_that_is_not_utf8_is_named_before_the_work(folder, tmp_path, option):
    """No Parquet file can be made there."""
    place = tmp_path / os.fsdecode(b"\xb5\xe7")
    place.mkdir()
    places = {"out": tmp_path / "packed"} | {option: place}
    with pytest.raises(InputError, match=rf"the path of {option} is not UTF-8"):
        pack(folder, places.pop("out"), threads=1, **places)
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("more", [b"h2,2021,6\n", b"h2,2021,\xff\xfe\n", None], ids=["rows", "damage", "removed"])
def test_a_file_that_changes_while_it_is_read_is_noticed(packed_files, folder, tmp_path, monkeypatch, more):
    """Nobody gets a register of half the old file and half the new one."""
    file = folder / "收入.csv"
    packed_files.write_csv(file, ["户编号", "年度", "工资性收入"], [["h1", "2022", "5"]] * 3)
    real = chunks.find_text_header

    def meanwhile(lines, search):
        if "工资性收入" in lines[0]:
            file.unlink() if more is None else file.write_bytes(file.read_bytes() + more)
        return real(lines, search)

    monkeypatch.setattr(chunks, "find_text_header", meanwhile)
    with pytest.raises(InputError, match=r"收入\.csv was changed or removed while it was read"):
        pack(folder, tmp_path / "packed", threads=1)
    assert not (tmp_path / "packed").exists()


def test_what_is_there_is_not_overwritten_unasked(folder, tmp_path):
    """A packed register is replaced only on request, anything else never; a failed run leaves what was there."""
    out = tmp_path / "packed"
    pack(folder, out, threads=1)
    before = (out / "manifest.json").read_bytes()
    with pytest.raises(InputError, match="already holds a packed register"):
        pack(folder, out, threads=1)
    (folder / "户信息.csv").write_text("户编号,年度\n,2022\n", encoding="utf-8")
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match="holds no csv"):
        pack(tmp_path / "none", out, threads=1, overwrite=True)
    assert (out / "manifest.json").read_bytes() == before
    pack(folder, out, threads=1, overwrite=True)
    assert layout.partitions_of(out) == ()
    with pytest.raises(InputError, match="other files or folders"):
        pack(folder, tmp_path, threads=1, overwrite=True)
    with pytest.raises(InputError, match="is a file"):
        pack(folder, folder / "户信息.csv", threads=1)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["files", "none", "packed"]


@pytest.mark.parametrize(
    "damage", [b"", b"{", b'{"format": "something else"}'], ids=["empty", "cut off", "another format"]
)
def test_a_packed_register_with_a_damaged_manifest_is_kept_until_it_is_moved_away(folder, tmp_path, damage):
    """Damaged or edited, nobody can tell; the advice to move it away and to pack again can be followed."""
    out = tmp_path / "packed"
    pack(folder, out, threads=1)
    whole = (out / "manifest.json").read_bytes()
    (out / "manifest.json").write_bytes(damage)
    for overwrite in (False, True):
        with pytest.raises(InputError, match=r"added or changed since \(manifest\.json\); they are kept"):
            pack(folder, out, threads=1, overwrite=overwrite)
    out.rename(tmp_path / "away")
    pack(folder, out, threads=1)
    assert (out / "manifest.json").read_bytes() == whole


def test_what_a_user_keeps_in_a_packed_register_is_not_overwritten(folder, tmp_path):
    """Results or notes laid there would go with it."""
    out = tmp_path / "packed"
    pack(folder, out, threads=1)
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"added or changed since \(notes\.txt\); they are kept"):
        pack(folder, out, threads=1, overwrite=True)
    assert (out / "notes.txt").read_text(encoding="utf-8") == "mine"
