"""Every text that a user can meet stands in both languages: read from the sources and from the catalogue."""

import ast
import re
import string
from pathlib import Path

import pytest

import fanpin_risk
from fanpin_risk import errors
from fanpin_risk.words.catalogue import LOCALE

PACKAGE = Path(fanpin_risk.__file__).parent
FILES = sorted((LOCALE / "zh" / "LC_MESSAGES").glob("*.po"))
CHINESE = re.compile("[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
# Chinese that is data, no text for readers: what registers hold and are declared with, and the signs of the language.
# file or folder -> why its Chinese is not in the catalogue
DATA = {
    "asof/days.py": "how days are written in registers",
    "cli/language.py": "signs of Chinese lines",
    "cli/options.py": "headers of registers in a help, translated like every help",
    "cli/registers.py": "headers of registers in a help, translated like every help",
    "evaluation/groups.py": "ethnic groups as registers write them",
    "features/consumption.py": "declarations of features hold both languages",
    "features/disability.py": "declarations of features hold both languages",
    "features/education.py": "declarations of features hold both languages",
    "features/facts.py": "declarations of features hold both languages",
    "features/feature.py": "causes as registers write them, and units of values",
    "features/health.py": "declarations of features hold both languages",
    "features/household.py": "declarations of features hold both languages",
    "features/income.py": "declarations of features hold both languages",
    "features/income_context.py": "declarations of features hold both languages",
    "features/living.py": "declarations of features hold both languages",
    "features/monitoring.py": "declarations of features hold both languages",
    "features/place.py": "declarations of features hold both languages",
    "features/shocks.py": "declarations of features hold both languages",
    "features/work.py": "declarations of features hold both languages",
    "ledger/evidence.py": "ends of roles as offices write them",
    "policy/contradictions_of_endings.py": "declarations of rules hold both languages",
    "policy/contradictions_of_forms.py": "declarations of rules hold both languages",
    "policy/contradictions_of_measures.py": "declarations of rules hold both languages",
    "policy/contradictions_of_incomes.py": "declarations of rules hold both languages",
    "policy/contradictions_of_monitoring.py": "declarations of rules hold both languages",
    "policy/contradictions_of_persons.py": "declarations of rules hold both languages",
    "policy/entitlements_of_assistance.py": "declarations of rules hold both languages",
    "policy/entitlements_of_health.py": "declarations of rules hold both languages",
    "policy/entitlements_of_school.py": "declarations of rules hold both languages",
    "policy/entitlements_of_work.py": "declarations of rules hold both languages",
    "policy/evidence_text.py": "the name of an item of income in a message of both languages",
    "policy/groups.py": "declarations of rules hold both languages",
    "policy/groups_of_change.py": "declarations of rules hold both languages",
    "policy/monitored_types.py": "declarations of types hold both languages",
    "policy/own_tables.py": "headers as offices write them",
    "policy/parameters.py": "names of supports as offices write them",
    "policy/proposed_measures.py": "declarations of measures hold both languages",
    "policy/sieve.py": "declarations of rules hold both languages",
    "policy/suspicion_rules.py": "declarations of rules hold both languages",
    "policy/support_kinds.py": "declarations of measures hold both languages",
    "policy/type_table.py": "declarations of types hold both languages",
    "records/cells": "codes, units and dates as registers write them",
    "records/checks": "Chinese names of tables and columns in messages of both languages",
    "records/code_lists.py": "codes as registers write them",
    "records/codes_for_rules.py": "codes as registers write them",
    "records/column_kinds.py": "declarations of columns hold both languages",
    "records/disease_groups.py": "names of groups of diseases in both languages",
    "records/divisions.py": "kinds of places as registers write them",
    "records/editions.py": "words of corrected files as offices write them",
    "records/headers.py": "headers as registers write them",
    "records/amount_headers.py": "headers of amounts as registers write them",
    "records/income_items.py": "items of income as registers write them",
    "records/named_days.py": "years and days in titles and names",
    "records/item_names.py": "names of items of income as registers write them",
    "records/layout.py": "headers as registers write them",
    "records/among_amounts.py": "headers as registers write them",
    "records/wide_amounts.py": "cells as registers write them",
    "records/subtotals.py": "months and totals as registers write them",
    "records/whose_amounts.py": "headers of amounts as registers write them",
    "records/telling_columns.py": "headers as registers write them",
    "records/year_parts.py": "months as registers write them",
    "records/mending.py": "units as registers write them",
    "records/read": "sheets, headers, notes and totals as offices write them",
    "records/schema.py": "declarations of tables and columns hold both languages",
    "records/sheets.py": "names of sheets as offices write them",
    "records/spell_values.py": "declarations of columns hold both languages",
    "records/stated.py": "a unit",
    "records/sub_measures.py": "measures as offices write them",
    "records/write.py": "sheets written as offices write them",
    "reports/place_names.py": "ends of names of places",
    "synthetic": "values of an invented register",
    "watch/capacity.py": "a percent sign",
    "words/message.py": "signs of the language",
    "words/punctuation.py": "signs of the language",
    "words/widths.py": "signs of the language",
    "visits/answers.py": "declarations of what is asked and answered hold both languages",
    "visits/cell_answers.py": "signs between answers and behind amounts",
    "visits/corrections.py": "yes and no as visitors write them",
    "visits/list_files.py": "headers of lists of households",
    "visits/own_names.py": "headers of files of names",
}
SPEAKERS = {"Message", *(name for name, value in vars(errors).items() if isinstance(value, type))}
COMPILE = "pybabel compile -d src/fanpin_risk/words/locale"
# Texts of click with a plural name their values in the plural alone in Chinese.
OF_CLICK = {"possibility", "choice"} | {"possibilities", "choices"}


def read(file):
    """Return what stands in a file of the catalogue: (meaning of a text that has several, English text) -> Chinese."""
    babel = pytest.importorskip(f"babel.messages.{file.suffix[1:]}file", reason="reading the catalogue needs babel")
    with file.open("rb") as opened:
        entries = [entry for entry in (babel.read_po if file.suffix == ".po" else babel.read_mo)(opened) if entry.id]
    # Texts with a plural are those of click; Chinese has one form for both.
    return {(_text(entry.context), _first(entry.id)): _first(entry.string) for entry in entries}


def _text(context):
    return context.decode() if isinstance(context, bytes) else context


def _first(string):
    return string if isinstance(string, str) else string[0]


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def called(node):
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def spoken(path):
    """Return the texts given to messages, errors and warnings in a source file: line, meaning and text.

    The text is None where it is put together before it is translated.
    """
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and called(node) in SPEAKERS and node.args:
            given = {word.arg: word.value for word in node.keywords}
            if called(node) == "Message" and (len(node.args) > 1 or "zh" in given):
                continue  # a declaration that holds both languages
            context = getattr(given.get("context"), "value", None) if called(node) == "Message" else None
            found += [(node.lineno, context, text) for text in texts(node.args[0])]
    return found


def texts(node):
    """Return the texts that an expression may come to: None for one that is no literal, nothing for a variable."""
    if isinstance(node, ast.IfExp):
        return texts(node.body) + texts(node.orelse)
    if isinstance(node, ast.Constant):
        return [node.value]
    return [None] if isinstance(node, (ast.JoinedStr, ast.BinOp)) else []


def chinese_literals(path):
    """Return the lines of a source file that hold a text in Chinese outside of docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and isinstance(node.body[0], ast.Expr)
    }
    literals = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return sorted({node.lineno for node in literals if id(node) not in docstrings and CHINESE.search(node.value)})


SOURCES = [path for path in sorted(PACKAGE.rglob("*.py")) if path.name != "errors.py"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_every_message_and_error_has_its_chinese(path):
    """Who writes a new message learns from this test that its Chinese is missing in the catalogue."""
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    known = {entry: chinese for file in FILES for entry, chinese in read(file).items()}
    lacking = [
        f"line {line}: {text!r}" + (f" ({context})" if context else "")
        for line, context, text in spoken(path)
        if text and not known.get((context, text))
    ]
    lacking += [
        f"line {line}: a text that is put together before it is translated"
        for line, _, text in spoken(path)
        if text is None
    ]
    assert lacking == [], f"add them to {room}.po, then: {COMPILE} -D {room}"


def test_a_text_has_one_chinese():
    """All rooms share one catalogue: a text that means two things has a context for the rarer one."""
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
        for (_, text), chinese in read(file).items()
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


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_chinese_stands_in_the_catalogue_and_nowhere_else(path):
    """Who writes Chinese beside English in a source begins a second way to translate; this test names file and line."""
    name = path.relative_to(PACKAGE).as_posix()
    if any(name == one or name.startswith(f"{one}/") for one in DATA):
        return
    found = [f"{name}:{line}" for line in chinese_literals(path)]
    assert found == [], "write the text in English, Message(...), and its Chinese into the .po file of the room"


@pytest.mark.parametrize("name", sorted(DATA))
def test_exceptions_are_needed(name):
    """An exception that has become needless is taken away, so that it hides nothing new."""
    path = PACKAGE / name
    assert any(chinese_literals(one) for one in ([path] if path.is_file() else path.rglob("*.py")))


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('SAID = {"zh": "高", "en": "high"}', [1]),
        ('def f():\n    """高"""\n    return f"{1}户"', [3]),
        ('"""高"""\nx = ("high", 1)  # 高', []),
    ],
)
def test_chinese_in_a_source_is_found(tmp_path, source, lines):
    """The test above sees texts, also parts of them, and passes over docstrings and comments."""
    path = tmp_path / "module.py"
    path.write_text(source, encoding="utf-8")
    assert chinese_literals(path) == lines


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_source_picks_a_text_by_its_language_itself(path):
    """A declaration with both languages is shown by Message, as all else is: no pair is picked apart elsewhere."""
    if path.parent.name == "words":
        return
    pairs = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.IfExp):  # x_zh if ... else x_en
            names = [getattr(part, "attr", "") for part in (node.body, node.orelse)]
            pairs += [node.lineno] * (sorted(name.rpartition("_")[2] for name in names) == ["en", "zh"])
        if isinstance(node, ast.Dict):  # {"zh": "...", "en": "..."}
            keys = {getattr(key, "value", None) for key in node.keys}
            said = [getattr(value, "value", None) for value in node.values]
            pairs += [node.lineno] * (keys == {"zh", "en"} and any(CHINESE.search(str(text)) for text in said))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "LANGUAGES.index":
            pairs.append(node.lineno)
    assert pairs == [], "declare a Message(english, zh=chinese), and show it"
