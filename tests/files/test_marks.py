"""What a result says of itself."""

import zipfile

import openpyxl
import pandas as pd
import pytest

from fanpin_risk.files import write_table, write_text
from fanpin_risk.files.marks import MARK, changed_files, is_own_file, kind_of, listed_files, write_mark

FRAME = pd.DataFrame({"household_id": ["H1"], "risk": [0.1]})


@pytest.fixture
def results(tmp_path):
    """A folder of results with a folder in it."""
    write_table(FRAME, tmp_path / "problems.csv")
    write_table(FRAME, tmp_path / "rejected/收入.csv")
    write_mark(tmp_path, "check")
    return tmp_path


def test_a_folder_says_what_it_is_and_what_it_holds(results):
    """Its kind and every file in it, also in folders below."""
    assert kind_of(results) == ("check", MARK)
    assert sorted(listed_files(results, MARK)) == ["problems.csv", "rejected/收入.csv"]
    assert changed_files(results, MARK) == []


def test_every_change_in_a_folder_is_seen(results, tmp_path):
    """A file changed, added or linked, also to one of the same length; what a file manager leaves behind is no change."""
    file = results / "problems.csv"
    file.write_bytes(file.read_bytes().replace(b"H1", b"H2"))
    (results / "rejected/mine.csv").write_text("")
    (results / "empty").mkdir()
    (results / "link").symlink_to(tmp_path / "rejected")
    (results / "Thumbs.db").write_text("")
    assert changed_files(results, MARK) == ["empty", "link", "problems.csv", "rejected/mine.csv"]


def test_a_file_that_is_gone_is_no_change(results):
    """There is nothing to keep."""
    (results / "problems.csv").unlink()
    assert changed_files(results, MARK) == []


@pytest.mark.parametrize("text", ["", "[]", "{", '{"files": 3}', "[" * 100_000])
def test_a_damaged_mark_proves_nothing(results, text):
    """Every file then counts as someone else's."""
    (results / MARK).write_text(text)
    assert kind_of(results) == ("", "")
    assert changed_files(results, MARK) == ["problems.csv", "rejected/收入.csv"]


@pytest.mark.parametrize(
    ("name", "says", "kind"),
    [
        ("card.json", "fanpin-risk model 3", "model"),
        ("manifest.json", "fanpin-risk register 2", "register"),
        ("job.json", "fanpin-risk scores 1", "scores"),
        ("manifest.json", "fanpin-risk", ""),
        ("manifest.json", "something else 1", ""),
    ],
)
def test_other_layouts_say_their_kind_in_a_file_of_their_own(tmp_path, name, says, kind):
    """Scores in parts, and models and packed registers of earlier versions."""
    (tmp_path / name).write_text(f'{{\n "format": "{says}",\n "files": {{}}\n}}')
    assert kind_of(tmp_path) == (kind, name if kind else "")


@pytest.mark.parametrize("ending", [".html", ".md", ".txt"])
def test_a_text_is_known_until_it_is_changed(tmp_path, ending):
    """The last line says what the text is and holds a digest of it; line ends of other systems are no change."""
    file = write_text("line 1\r\n第二行", tmp_path / f"card{ending}", kind="card")
    assert is_own_file(file, "card")
    assert not is_own_file(file, "report")
    lines = file.read_text("utf-8").splitlines()
    assert lines[:-1] == ["line 1", "第二行"]
    assert lines[-1].startswith("<!-- fanpin-risk card " if ending != ".txt" else "fanpin-risk card ")
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert is_own_file(file, "card")
    file.write_bytes(file.read_bytes().replace("第".encode(), "弟".encode()))
    assert not is_own_file(file, "card")


def test_a_text_without_a_mark_is_not_known(tmp_path):
    """Nor one in another encoding, nor an empty one."""
    for content in (b"", b"fanpin-risk card", "模型卡\n".encode("gb18030")):
        (tmp_path / "card.md").write_bytes(content)
        assert not is_own_file(tmp_path / "card.md", "card")


def test_a_workbook_is_known_until_another_program_saves_it(tmp_path):
    """What an office filled in is not replaced, whatever it was filled in with."""
    file = write_table(FRAME, tmp_path / "features.xlsx", kind="features")
    assert is_own_file(file, "features")
    assert not is_own_file(file, "report")
    book = openpyxl.load_workbook(file)
    assert book.properties.category == "fanpin-risk features"
    book.save(file)
    assert not is_own_file(file, "features")


def test_another_archive_is_no_workbook(tmp_path):
    """A file that begins like a workbook may be anything."""
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("mine.txt", "mine")
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04 cut off")
    assert not is_own_file(tmp_path / "a.xlsx", "features")
    assert not is_own_file(tmp_path / "b.xlsx", "features")


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_table_is_known_by_the_mark_beside_it(tmp_path, ending):
    """Until a value in it is changed, or the mark is gone or damaged; a table of no kind leaves no mark."""
    file = write_table(FRAME, tmp_path / f"features{ending}", kind="features")
    mark = tmp_path / f".features{ending}{MARK}"
    assert is_own_file(file, "features")
    assert not is_own_file(file, "card")
    whole = mark.read_text("utf-8")
    for damaged in ("", "[]", '{"format": "fanpin-risk features 1"}'):
        mark.write_text(damaged, "utf-8")
        assert not is_own_file(file, "features")
    mark.write_text(whole, "utf-8")
    write_table(FRAME.assign(risk=0.2), file)
    assert not is_own_file(file, "features")
    mark.unlink()
    write_table(FRAME, file)
    assert not is_own_file(file, "features")
    assert not mark.exists()
