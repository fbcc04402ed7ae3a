"""Every text that a user can meet stands in both languages: read from the sources and from the catalogue."""

import ast
import string
from pathlib import Path

import pytest

import fanpin_risk
from fanpin_risk import errors
from fanpin_risk.words.catalogue import LOCALE

PACKAGE = Path(fanpin_risk.__file__).parent
FILES = sorted((LOCALE / "zh" / "LC_MESSAGES").glob("*.po"))
SPEAKERS = {"Message", *(name for name, value in vars(errors).items() if isinstance(value, type))}
COMPILE = "pybabel compile -d src/fanpin_risk/words/locale"
# Texts of click with a plural name their values in the plural alone in Chinese.
OF_CLICK = {"possibility", "choice"} | {"possibilities", "choices"}


def read(file):
    """Return what stands in a file of the catalogue: English text -> Chinese."""
    babel = pytest.importorskip(f"babel.messages.{file.suffix[1:]}file", reason="reading the catalogue needs babel")
    with file.open("rb") as opened:
        entries = [entry for entry in (babel.read_po if file.suffix == ".po" else babel.read_mo)(opened) if entry.id]
    # Texts with a plural are those of click; Chinese has one form for both.
    return {entry.id if isinstance(entry.id, str) else entry.id[0]: _first(entry.string) for entry in entries}


def _first(string):
    return string if isinstance(string, str) else string[0]


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def called(node):
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def spoken(path):
    """Return the texts given to messages and errors in a source file, with their lines; None for what is no literal."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and called(node) in SPEAKERS and node.args:
            if called(node) == "Message" and (len(node.args) > 1 or any(word.arg == "zh" for word in node.keywords)):
                continue  # declared in both languages in one place
            text = node.args[0]
            if isinstance(text, ast.Constant):
                found.append((node.lineno, text.value))
            elif isinstance(text, ast.JoinedStr):
                found.append((node.lineno, None))
    return found


SOURCES = [path for path in sorted(PACKAGE.rglob("*.py")) if path.name != "errors.py"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_every_message_and_error_has_its_chinese(path):
    """Who writes a new message learns from this test that its Chinese is missing in the catalogue."""
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    known = {text: chinese for file in FILES for text, chinese in read(file).items()}
    lacking = [f"line {line}: {text!r}" for line, text in spoken(path) if text and not known.get(text)]
    lacking += [
        f"line {line}: a text that is put together before it is translated"
        for line, text in spoken(path)
        if text is None
    ]
    assert lacking == [], f"add them to {room}.po, then: {COMPILE} -D {room}"


def test_a_text_has_one_chinese():
    """All rooms share one catalogue: a text that means two things is declared with its Chinese beside it."""
    found = {}
    for file in FILES:
        for text, chinese in read(file).items():
            found.setdefault(text, {}).setdefault(chinese, []).append(file.stem)
    assert [(text, chinese) for text, chinese in found.items() if len(chinese) > 1] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_both_languages_have_the_same_places_for_values(file):
    """A value that one language shows is not lost in the other."""
    unlike = [
        text
        for text, chinese in read(file).items()
        if chinese and fields(text) - OF_CLICK != fields(chinese) - OF_CLICK
    ]
    assert unlike == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_compiled_file_is_that_of_the_translators(file):
    """What gettext reads was made from the file as it stands."""
    assert read(file.with_suffix(".mo")) == read(file), f"{COMPILE} -D {file.stem}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_catalogue_that_is_compiled_again_stays_as_it_is(file):
    """Without a date in the file of the translators the compiled one would hold the hour of compiling."""
    assert "POT-Creation-Date: " in file.read_text(encoding="utf-8")
