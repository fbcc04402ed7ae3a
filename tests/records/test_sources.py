"""A register is read from a folder, a file, an archive, or several of these."""

import zipfile
from pathlib import Path

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.files import SYNTHETIC_SOURCE
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.read.sources import paths_of, source_files


def same(one, other):
    """Hold the tables of two registers to be equal to the last bit."""
    for name, frame in one.tables.items():
        pd.testing.assert_frame_equal(frame, other.tables[name], check_exact=True)


def test_what_is_no_source_is_refused_with_what_to_give():
    """A wrong type is told from a path that does not exist."""
    for wrong, said in (
        (5, "got int"),
        ([], "empty list"),
        ([5], "got int"),
        (None, "got NoneType"),
        (b"x", "got bytes"),
    ):
        with pytest.raises(InputError, match=said):
            fr.read_register(wrong)
    assert paths_of("a.csv") == [Path("a.csv")]


def test_files_in_a_list_are_one_register(files, folder):
    """Each file of a list is read, and the register is called by their names."""
    whole = files.read(folder)
    listed = files.read(sorted(folder.iterdir()))
    same(whole, listed)
    assert listed.source == "members.csv, 户信息.csv"
    same(whole, files.read([str(folder)]))
    with pytest.raises(InputError, match=r"gone\.csv does not exist"):
        files.read([folder / "户信息.csv", folder / "gone.csv"])


def test_files_of_one_name_are_told_apart_by_their_folders(files, tmp_path):
    """Townships call their files alike."""
    for town in ("东乡", "西乡"):
        (tmp_path / town).mkdir()
        text = f"户编号,年度\n{town}1,2023\n{town}2,soon\n"
        (tmp_path / town / "户信息.csv").write_text(text, encoding="utf-8")
    expected = [("东乡/户信息.csv", 3, "not_a_date"), ("西乡/户信息.csv", 3, "not_a_date")]
    assert files.found(files.read([tmp_path / "东乡", tmp_path / "西乡"])) == expected
    assert files.found(files.read([tmp_path / town / "户信息.csv" for town in ("东乡", "西乡")])) == expected


def test_an_archive_is_the_folder_that_it_holds(files, folder, tmp_path_factory):
    """Also with a single folder around the files, and beside other files in a list."""
    place = tmp_path_factory.mktemp("zip")
    for name, around in (("plain.zip", ""), ("around.zip", "county/")):
        with zipfile.ZipFile(place / name, "w") as archive:
            for file in folder.iterdir():
                archive.write(file, around + file.name)
        read = files.read(place / name)
        same(files.read(folder), read)
        assert read.source == name
    (place / "就学信息.csv").write_text("人编号,学年,学段,就学状态\n", encoding="utf-8")
    assert "enrolments" in files.read([place / "plain.zip", place / "就学信息.csv"]).supplied


def test_an_archive_keeps_the_mark_of_a_synthetic_register(tmp_path):
    """What was made up stays known as such, packed or listed."""
    folder = fr.make_register(20, random_state=1).to_folder(tmp_path / "made", format="csv")
    with zipfile.ZipFile(tmp_path / "made.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in folder.iterdir():
            archive.write(file, f"made/{file.name}")
    assert fr.read_register(tmp_path / "made.zip").source.startswith(SYNTHETIC_SOURCE)
    assert fr.read_register([folder, folder]).source.startswith(SYNTHETIC_SOURCE)


def test_an_archive_that_cannot_be_read_is_named_and_the_others_are_read(files, folder, tmp_path_factory):
    """One damaged archive of several does not take the register with it; alone it is the reason."""
    bad = tmp_path_factory.mktemp("zip") / "坏.zip"
    bad.write_bytes(b"PK\x03\x04 no archive")
    assert files.found(files.read([bad, folder])) == [("坏.zip", None, "unreadable_file")]
    with pytest.raises(SchemaError, match=r"坏\.zip \(is not a zip archive"):
        files.read(bad)


def test_an_archive_in_a_folder_is_said_to_be_not_read(files, folder):
    """It might hold a second copy of what lies beside it."""
    (folder / "2024.zip").write_bytes(b"PK")
    register = files.read(folder)
    assert files.found(register) == [("2024.zip", None, "unknown_file_type")]
    assert "unpack it" in register.problems["message"][0]


def test_unpacked_files_are_gone_afterwards(folder, tmp_path_factory):
    """Records of persons do not stay behind in the folder of temporary files."""
    place = tmp_path_factory.mktemp("zip") / "a.zip"
    with zipfile.ZipFile(place, "w") as archive:
        archive.write(folder / "members.csv", "members.csv")
    with source_files(place, Problems()) as given:
        (file,) = given.files
        assert file.path.is_file()
    assert not file.path.parent.exists()


@pytest.mark.parametrize(
    "path", ["postgresql:/clerk:s3cret@server/county", "clerk:s3cret@server", "host=server password=s3cret"]
)
def test_a_mistyped_address_does_not_show_its_password(path):
    """What was meant as an address and is none is taken for a path; the message hides what may be a password."""
    with pytest.raises(InputError, match="does not exist") as error:
        fr.read_register(path)
    assert "s3cret" not in str(error.value)


def test_a_folder_of_nothing_but_archives_is_read(files, tmp_path):
    """Each township sends one; beside files they may repeat these, and are named."""
    for town in ("东乡", "西乡"):
        with zipfile.ZipFile(tmp_path / f"{town}.zip", "w") as packed:
            packed.writestr("户信息.csv", f"户编号,年度\n{town}1,2023\n{town}2,soon\n")
    (tmp_path / "坏.zip").write_bytes(b"PK")
    read = files.read(tmp_path)
    assert read.tables["households"]["household_id"].tolist() == ["东乡1", "西乡1"]
    expected = [("东乡/户信息.csv", 3, "not_a_date"), ("西乡/户信息.csv", 3, "not_a_date")]
    assert files.found(read) == [*expected, ("坏.zip", None, "unreadable_file")]
    (tmp_path / "户信息.csv").write_text("户编号,年度\nh1,2023\n", encoding="utf-8")
    read = files.read(tmp_path)
    assert read.tables["households"]["household_id"].tolist() == ["h1"]
    named = [("东乡.zip", None, "unknown_file_type"), ("坏.zip", None, "unknown_file_type")]
    assert files.found(read)[:2] == named
    assert len(files.found(read)) == 3


def test_a_folder_of_empty_archives_holds_no_register(tmp_path):
    """As an archive without data does when it is given alone."""
    with zipfile.ZipFile(tmp_path / "甲.zip", "w") as packed:
        packed.writestr("说明.txt.doc", "x")
    with pytest.raises(InputError, match=r"甲\.zip holds no csv"):
        fr.read_register(tmp_path)
