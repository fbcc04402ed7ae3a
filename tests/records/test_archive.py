"""Archives are unpacked if they are what they should be, and refused before anything of them is read if not."""

import stat
import struct
import zipfile
import zlib

import pytest

from fanpin_risk.errors import UnreadableFileError
from fanpin_risk.records.read import archive
from fanpin_risk.records.read.archive import unpack


def pack(file, entries, compression=zipfile.ZIP_DEFLATED):
    """Write an archive of entries: name or ZipInfo -> content."""
    with zipfile.ZipFile(file, "w", compression) as packed:
        for name, content in entries.items():
            packed.writestr(name, content)
    return file


def names_below(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def place(tmp_path):
    """An empty folder beside the archive."""
    (tmp_path / "place").mkdir()
    return tmp_path / "place"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_names_without_the_mark_of_utf8_are_read_as_they_were_meant(tmp_path, place, encoding):
    """Archives made on Chinese Windows hold GBK names; some programs write UTF-8 and do not say so."""
    stem = "户信息"
    raw = stem.encode(encoding)
    file = pack(tmp_path / "a.zip", {"x" * len(raw) + ".csv": b"1"})
    content = file.read_bytes().replace(b"x" * len(raw), raw)
    file.write_bytes(content)
    unpack(file, place)
    assert names_below(place) == [f"{stem}.csv"]


def test_files_that_are_no_data_keep_their_names_only(tmp_path, place):
    """So that they are reported; folders that macOS adds do not hide that one folder holds all."""
    file = pack(
        tmp_path / "a.zip",
        {"county/members.csv": b"1", "county/说明.docx": b"long text", "__MACOSX/county/._members.csv": b"2"},
    )
    inner = unpack(file, place)
    assert inner == place / "county"
    assert (inner / "说明.docx").stat().st_size == 0


@pytest.mark.parametrize(
    "name",
    ["../members.csv", "a/../../members.csv", "/etc/members.csv", "..\\members.csv", "C:\\members.csv", "C:x.csv", "."],
)
def test_entries_outside_the_folder_are_refused(tmp_path, place, name):
    """Whatever the notation, nothing is written beside the folder."""
    file = pack(tmp_path / "a.zip", {"households.csv": b"1"} | {name: b"2"})
    with pytest.raises(UnreadableFileError, match="outside its own folder"):
        unpack(file, place)
    assert names_below(tmp_path) == ["a.zip"]


def test_links_are_refused(tmp_path, place):
    """A link within an archive may point anywhere."""
    entry = zipfile.ZipInfo("members.csv")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(UnreadableFileError, match="outside its own folder"):
        unpack(pack(tmp_path / "a.zip", {entry: b"/etc/passwd"}), place)


def test_what_unpacks_to_far_more_than_its_size_is_refused(tmp_path, place, monkeypatch):
    """A small archive may claim any size; ordinary tables are not near it."""
    monkeypatch.setattr(archive, "SMALL", 2**20)
    bomb = pack(tmp_path / "bomb.zip", {"members.csv": b"0" * 20 * 2**20})
    with pytest.raises(UnreadableFileError, match="made to harm"):
        unpack(bomb, place)
    assert names_below(place) == []
    unpack(pack(tmp_path / "small.zip", {"members.csv": b"0" * 2**20}), place)


def test_too_many_or_overlapping_entries_are_refused(tmp_path, place, monkeypatch):
    """Entries that share their bytes come to more than the archive holds."""
    many = pack(tmp_path / "many.zip", {f"{number}.csv": b"" for number in range(3)})
    monkeypatch.setattr(archive, "MOST_FILES", 2)
    with pytest.raises(UnreadableFileError, match="made to harm"):
        unpack(many, place)
    monkeypatch.undo()
    file = pack(tmp_path / "a.zip", {"a.csv": bytes(1000), "b.csv": bytes(1000)}, zipfile.ZIP_STORED)
    content = bytearray(file.read_bytes())
    for at in range(len(content) - 4):
        if content[at : at + 4] == b"PK\x01\x02":
            struct.pack_into("<I", content, at + 20, 2000)  # the compressed size in the list of contents
    file.write_bytes(content)
    with pytest.raises(UnreadableFileError, match="made to harm"):
        unpack(file, place)


def test_a_full_disk_is_foreseen(tmp_path, place, monkeypatch):
    """Nothing is unpacked that will not fit."""
    monkeypatch.setattr(archive.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 10}))
    with pytest.raises(UnreadableFileError, match="has room for"):
        unpack(pack(tmp_path / "a.zip", {"members.csv": bytes(11)}), place)


def test_protected_and_damaged_archives_are_refused(tmp_path, place):
    """Each with its reason, and never with another error."""
    file = pack(tmp_path / "a.zip", {"members.csv": zlib.compress(bytes(range(256)) * 9)})
    content = bytearray(file.read_bytes())
    protected = bytearray(content)
    protected[6] |= 1
    protected[content.index(b"PK\x01\x02") + 8] |= 1
    file.write_bytes(protected)
    with pytest.raises(UnreadableFileError, match="protected by a password"):
        unpack(file, place)
    for damaged in (content[:-30], content[:40] + b"\0\0\0\0" + content[44:], b"PK\x03\x04", b""):
        file.write_bytes(damaged)
        with pytest.raises(UnreadableFileError, match="is not a zip archive, or is damaged"):
            unpack(file, place)
        for left in place.iterdir():
            left.unlink()


def test_two_files_of_one_name_are_refused(tmp_path, place):
    """Which of them holds could not be said."""
    file = tmp_path / "a.zip"
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("members.csv", b"1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            packed.writestr("members.csv", b"2")
    with pytest.raises(UnreadableFileError, match="two files of one name"):
        unpack(file, place)
