"""The documentation says what the program does: its examples run, its commands exist, its pages are built from the code."""

import doctest
import importlib.util
import inspect
import re
import shlex
import subprocess
import sys
import warnings
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import fanpin_risk as fr
from fanpin_risk.cli import main

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(path for tree in ("en", "zh") for path in (DOCS / tree).glob("*.md"))
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
# Takes minutes and is tested elsewhere; that its options exist is tested here.
TOO_LONG = (
    "demo",
    "evaluate",
    "recalibrate",
)  # the last one may also end without a model, with an exit code of its own


def names(pages):
    return [f"{path.parent.name}/{path.stem}" for path in pages]


def blocks(path, language):
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def commands(text):
    """Return the command lines in a text: what stands behind fanpin-risk at the beginning of a line."""
    lines = re.findall(r"^ *fanpin-risk +(.+?)(?: #.*| +\(.*)?$", text.replace("\\\n", " "), re.MULTILINE)
    return [shlex.split(line) for line in lines]


def generated():
    spec = importlib.util.spec_from_file_location("generated", DOCS / "generated.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", PAGES, ids=names(PAGES))
def test_python_examples_run(path, tmp_path, monkeypatch):
    """Every Python example of the guide runs as it stands, in the order of the page, and gives what is shown."""
    monkeypatch.chdir(tmp_path)
    if path.stem == "reports":
        pytest.importorskip("matplotlib", reason="pictures need matplotlib").use("Agg")
    # One script of all examples; blank lines for the text between them keep the numbers of the lines.
    parts = re.split(r"^```pycon\n(.*?)^```$", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    script = "".join(part if k % 2 else "\n" * (part.count("\n") + 1) for k, part in enumerate(parts))
    test = doctest.DocTestParser().get_doctest(script, {"__name__": "__main__"}, path.stem, str(path), 0)
    report = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # what they say stands in the text
        failed = doctest.DocTestRunner(optionflags=OPTIONS).run(test, out=report.append).failed
    assert not failed, "".join(report)


@pytest.mark.parametrize("path", [*PAGES, ROOT / "README.md"], ids=[*names(PAGES), "README"])
def test_commands_of_the_docs_exist(path):
    """Every command in the guide and the readme is one of the program, with options and values that it takes."""
    found = commands(path.read_text(encoding="utf-8"))
    assert path.stem not in ("README", "command-line") or len(found) > 5
    for line in found:
        assert line[0] in main.commands, f"{path.name}: fanpin-risk {' '.join(line)}"
        command = main.commands[line[0]]
        if isinstance(command, click.Group):
            assert line[1] in command.commands, f"{path.name}: fanpin-risk {' '.join(line)}"
            command = command.commands[line[1]]
        context = click.Context(command, info_name=command.name, **main.context_settings)
        try:
            values, _, _ = command.make_parser(context).parse_args(line[1 + line.index(command.name) :])
            for option in command.params:
                if option.name in values and not isinstance(option.type, (click.File, click.Path)):
                    option.type_cast_value(context, values[option.name])
            missing = [option.name for option in command.params if option.required and option.name not in values]
        except click.UsageError as error:
            pytest.fail(f"{path.name}: fanpin-risk {' '.join(line)}: {error.format_message()}")
        assert not missing, f"{path.name}: fanpin-risk {' '.join(line)}: without {', '.join(missing)}"


def test_commands_of_the_guide_work_one_after_the_other(tmp_path, monkeypatch):
    """Who follows the page on the command line from top to bottom gets every file that it names."""
    monkeypatch.chdir(tmp_path)
    page = DOCS / "en" / "command-line.md"
    for line in commands("".join(blocks(page, "sh"))):
        if line[0] in TOO_LONG:
            continue
        if line[0] == "pack" and importlib.util.find_spec("duckdb") is None:
            pytest.skip("packing needs DuckDB, which is not installed")
        result = CliRunner().invoke(main, [*line, *(["--quiet"] if _has_quiet(line[0]) else [])])
        assert result.exit_code == 0, f"fanpin-risk {' '.join(line)}: {result.output}"
    text = page.read_text(encoding="utf-8")
    for name in re.findall(r"`((?:scores|national|packed)/[\w./]+|[\w]+\.html)`", text):
        assert (tmp_path / name).exists() or name == "packed/rejected", name


def _has_quiet(name):
    return any("--quiet" in option.opts for option in main.commands[name].params)


def test_both_languages_say_the_same():
    """The Chinese and the English guide have the same pages, as many sections, and the same examples."""
    for path in (DOCS / "en").glob("*.md"):
        other = DOCS / "zh" / path.name
        assert other.exists(), f"zh/{path.name} is missing"
        for language in ("sh", "pycon", "text"):
            pairs = zip(blocks(path, language), blocks(other, language), strict=True)
            for ours, theirs in pairs:
                assert plain(ours) == plain(theirs), path.name
        pictures = [
            re.findall(r"^<!-- picture: \w+ -->$", page.read_text(encoding="utf-8"), re.MULTILINE)
            for page in (path, other)
        ]
        assert pictures[0] == pictures[1], path.name
        levels = [re.findall(r"^#+(?= )", page.read_text(encoding="utf-8"), re.MULTILINE) for page in (path, other)]
        assert levels[0] == levels[1], path.name
    assert len(PAGES) == 2 * len(list((DOCS / "en").glob("*.md")))


def plain(example):
    """Return an example without what differs between languages: options, comments, and what is printed in words."""
    lines = [line for line in example.splitlines() if line.startswith((">>>", "...", "fanpin-risk"))]
    return [re.sub(r" --lang en|lang=\"..\"|\s+#.*", "", line) for line in lines]


def test_generated_pages_hold_every_declaration():
    """Every feature, column, command, option and public name stands in the pages that are written from the code."""
    pages = generated()
    catalogue, tables, interface = pages.features(), pages.records(), pages.interface()
    for feature in fr.FEATURES:
        assert f"`{feature.name}` {feature.zh}" in catalogue
    for table in fr.TABLES.values():
        assert f"## {table.zh} · {table.name}\n" in tables
        for column in table.columns:
            assert f"`{column.name}` {column.zh}" in tables
    for lang in ("en", "zh"):
        reference = pages.commands(lang)
        for name, command in main.commands.items():
            section = reference.split(f"## fanpin-risk {name}\n")[1].split("\n## ")[0]
            for option in command.params:
                assert option.opts[-1].lower() in section.lower(), f"{name} {option.name}"
            assert (section.count("必填\\]"), section.count("required\\]")) == _required(command, lang), name
        assert "`-h, --help`" in section
        assert not re.search(r"`[^`\n]*\\[^`\n]*`", reference), "a backslash would be seen within code"
        assert not re.search(r"^: *$", reference, re.MULTILINE), "a term without a text"
    for name in set(fr.__all__) - set(pages.DATA):
        assert re.search(rf"fanpin_risk\.(\w+\.)*{name}\n", interface), name


def public_functions():
    """Return every public function, class and method: name -> what is called."""
    found = {}
    for kind, name in re.findall(r"^\.\. auto(class|function):: ([\w.]+)$", generated().interface(), re.MULTILINE):
        module, _, last = name.rpartition(".")
        value = getattr(importlib.import_module(module), last)
        if kind == "function" or "__init__" in vars(value):  # what is made as its base is, is described there
            found[name] = value
        members = vars(value).items() if kind == "class" else ()
        for member, method in members:
            called = method.__func__ if isinstance(method, (classmethod, staticmethod)) else method
            if inspect.isfunction(called) and not member.startswith("_"):
                found[f"{name}.{member}"] = called
    return found


def undescribed(called):
    """Return the parameters of a function, or of the making of a class, that neither its docstring describes.

    Nor the function to which the docstring leads with a 'see'.
    """
    text = inspect.getdoc(called) or ""
    sections = re.split(r"^(\w[\w ]*)\n-+$", text, flags=re.MULTILINE)
    described = set()
    for module, name in re.findall(r"\bsee :func:`(fanpin_risk[\w.]*)\.(\w+)`", text):
        other = getattr(importlib.import_module(module), name)
        described |= {"how", *inspect.signature(other).parameters} - set(undescribed(other))
    for heading, text in zip(sections[1::2], sections[2::2], strict=True):
        if heading in ("Parameters", "Attributes"):
            for names in re.findall(r"^(\*{0,2}\w[\w, *]*?)(?: : .*)?$", text, re.MULTILINE):
                described |= {name.strip("* ") for name in names.split(",")}
    return [name for name in inspect.signature(called).parameters if name not in {"self", "cls", *described}]


def test_every_public_parameter_is_described():
    """A public option that no docstring explains would stand in the reference without a word."""
    called = public_functions()
    assert len(called) > 100
    lacking = {name: missing for name, value in called.items() if (missing := undescribed(value))}
    assert lacking == {}, "describe them under Parameters in the docstring"


def test_parameters_without_a_description_are_seen():
    """Names that share a line and keywords count; what stands in another section does not."""

    def works(a, b, *args, c=1, **options):
        """Work.

        Parameters
        ----------
        a, b : int
            Numbers.
        **options
            All else.

        Returns
        -------
        c : int
        """

    assert undescribed(works) == ["args", "c"]


def _required(command, lang):
    required = sum(option.required for option in command.params if isinstance(option, click.Option))
    return (required, 0) if lang == "zh" else (0, required)


def test_every_benchmark_has_its_page():
    """A page that a benchmark writes into its folder stands in the documentation."""
    pages = generated()
    for path in (ROOT / "benchmarks").glob("*/README.md"):
        told = pages.benchmarks() + (DOCS / "panels.md").read_text(encoding="utf-8")
        assert f"benchmarks/{path.parent.name}/README.md" in told


def test_every_notebook_has_its_question_on_the_page():
    """The page lists every notebook with the question that it answers."""
    pages = generated()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        for lang in ("en", "zh"):
            assert re.search(rf"^- `{path.stem}`: .+", pages.notebooks(lang), re.MULTILINE), path.name


def test_lines_of_chinese_are_joined_outside_of_code():
    """A line's end between two Chinese characters is no blank on the page; code stays as it is."""
    pages = generated()
    text = "甲，\n乙\n```text\n丙\n丁\n```\n戊\na，\n`b`；\n  **己**\n[庚](x)\n\n- 辛。\n- 壬\n"
    joined = "甲，乙\n```text\n丙\n丁\n```\n戊\na，`b`；**己**\n[庚](x)\n\n- 辛。\n- 壬\n"
    assert pages.join_lines(text) == joined


def test_docs_build_without_a_warning(tmp_path):
    """The documentation builds, every reference in it leads somewhere, and its pages load nothing from a network."""
    for package in ("sphinx", "myst_parser", "furo"):
        pytest.importorskip(package, reason="building the documentation needs the dependency group docs")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "--keep-going",
        "-n",
        "-q",
        "-d",
        tmp_path / "doctrees",
        DOCS,
        tmp_path / "html",
    ]
    built = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False)
    assert built.returncode == 0, built.stderr
    pages = sorted((tmp_path / "html").rglob("*.html"))
    assert len(pages) > len(PAGES)
    for page in pages:
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r"<(?:script|img|iframe|link)[^>]+(?:src|href)=\"(?:https?:)?//[^\"]*\"", text)
        assert not loaded, f"{page.name} loads {loaded}"
        assert "<!-- picture" not in text, f"{page.name}: a picture is not drawn"
        chinese = page.parent.name == "zh"
        assert f'lang="{"zh-CN" if chinese else "en"}"' in text
    for sheet in (tmp_path / "html" / "_static").rglob("*.css"):
        assert not re.search(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", sheet.read_text(encoding="utf-8")), sheet.name
