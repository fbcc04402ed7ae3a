"""Where results go: what is there is kept. All commands against all that may be there: tests/cli/test_overwrite.py."""

from pathlib import Path

import pytest

from fanpin_risk.errors import InputError
from fanpin_risk.files import KINDS, check_target, new_folder, write_text
from fanpin_risk.words import in_language


def write(place, *texts, kind="check", **options):
    """Make a folder of results of some texts, called a.txt, b.txt, ..."""
    with new_folder(place, kind, **options) as folder:
        for name, text in zip("abc", texts, strict=False):
            write_text(text, folder / f"{name}.txt")


def texts(place):
    """What stands in a folder, without its mark."""
    return {
        file.relative_to(place).as_posix(): file.read_text("utf-8")
        for file in sorted(place.rglob("*"))
        if file.is_file() and not file.name.startswith(".")
    }


def test_a_folder_is_made_whole_or_not_at_all(tmp_path):
    """Work that fails leaves nothing, and an earlier result as it was."""
    out = tmp_path / "new/out"

    def fail(**options):
        with new_folder(out, "check", **options) as folder:
            write_text("half", folder / "a.txt")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(out.parent.iterdir()) == []
    write(out, "one")
    with pytest.raises(ZeroDivisionError):
        fail(overwrite=True)
    assert texts(out) == {"a.txt": "one"}
    assert [entry.name for entry in out.parent.iterdir()] == ["out"]


def test_a_new_result_leaves_nothing_of_the_old(tmp_path):
    """A file that the new one does not have goes with the old one."""
    write(tmp_path / "out", "one", "two")
    write(tmp_path / "out", "three", overwrite=True)
    assert texts(tmp_path / "out") == {"a.txt": "three"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_what_comes_to_stand_there_meanwhile_is_kept(tmp_path):
    """It is looked at once more before the folder gets its place."""
    out = tmp_path / "out"

    def meanwhile():
        with new_folder(out, "check"):
            out.mkdir()
            (out / "mine.txt").write_text("mine")

    with pytest.raises(InputError, match=r"holds other files or folders \(1: mine\.txt\)"):
        meanwhile()
    assert texts(out) == {"mine.txt": "mine"}


def test_the_old_result_comes_back_if_the_new_one_cannot_take_its_place(tmp_path, monkeypatch):
    """Between the two steps nothing is lost."""
    out, rename = tmp_path / "out", Path.rename
    write(out, "one")

    def refuse(self, target):
        if self.name.startswith(".out~"):
            raise PermissionError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(InputError, match=r"cannot write .*out: permission denied"):
        write(out, "two", overwrite=True)
    monkeypatch.undo()
    assert texts(out) == {"a.txt": "one"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_a_folder_without_a_kind_is_never_replaced(tmp_path):
    """A register of real people does not say that it may go."""
    write(tmp_path / "out", "one", kind=None)
    for kind in (None, "synthetic register", "check"):
        with pytest.raises(InputError, match="they are kept: choose another folder"):
            write(tmp_path / "out", "two", kind=kind, overwrite=True)
    assert texts(tmp_path / "out") == {"a.txt": "one"}


def test_a_result_next_to_the_folder_goes_with_it(tmp_path):
    """It is listed in the folder, so that a change of it is seen."""
    file = tmp_path / "a.txt"
    write(tmp_path / "out", "one", "two", kind="score", beside=file)
    assert (file.read_text(), texts(tmp_path / "out")) == ("one", {"b.txt": "two"})
    with pytest.raises(InputError, match=r"already holds results of 'score'"):
        write(tmp_path / "out", "three", kind="score", beside=file)
    write(tmp_path / "out", "three", kind="score", beside=file, overwrite=True)
    assert file.read_text() == "three"
    file.write_text("mine")
    with pytest.raises(InputError, match=r"a\.txt is not results of 'score' as it was written"):
        write(tmp_path / "out", "four", kind="score", beside=file, overwrite=True)
    assert file.read_text() == "mine"


def test_results_come_to_stand_beside_what_stays(tmp_path):
    """The folder that stays is not touched; the same once more needs no leave, anything else does."""
    out = tmp_path / "out"
    (out / "parts").mkdir(parents=True)
    (out / "parts/1").write_text("kept")
    for _ in range(2):
        write(out, "one", "two", kind="score", stays="parts")
    assert texts(out) == {"a.txt": "one", "b.txt": "two", "parts/1": "kept"}
    with pytest.raises(InputError, match="already holds results of 'score'"):
        write(out, "three", kind="score", stays="parts")
    assert texts(out) == {"a.txt": "one", "b.txt": "two", "parts/1": "kept"}
    write(out, "three", kind="score", stays="parts", overwrite=True)
    assert texts(out) == {"a.txt": "three", "parts/1": "kept"}
    (out / "a.txt").write_text("mine")
    with pytest.raises(InputError, match=r"added or changed since \(a\.txt\)"):
        write(out, "four", kind="score", stays="parts", overwrite=True)
    assert texts(out) == {"a.txt": "mine", "parts/1": "kept"}


def test_a_folder_that_cannot_be_read_is_said_to_be_so(tmp_path, monkeypatch):
    """What stands there is not known, so nothing is written."""
    (tmp_path / "out").mkdir()

    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(InputError, match=r"cannot read .*out: permission denied"):
        check_target(tmp_path / "out", "check")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_named_in_both_languages(kind, tmp_path):
    """Errors come in the language of the run, and say what is there and what to do."""
    place = tmp_path / "out"
    place.mkdir()
    (place / "户信息.csv").write_text("")
    with in_language("zh"), pytest.raises(InputError, match=r"不予覆盖；请另选文件夹|应为文件；请换一个名称"):
        check_target(place, kind)
    assert KINDS[kind].shown("zh") != KINDS[kind].shown("en")


def test_many_names_are_cut_short(tmp_path):
    """A message is one line."""
    for number in range(9):
        (tmp_path / f"{number}.csv").write_text("")
    with pytest.raises(InputError, match=r"other files or folders \(9: 0\.csv, 1\.csv, 2\.csv, \.\.\.\)"):
        check_target(tmp_path, "check")
