"""The help and errors of usage in two languages: what stands in the one stands in the other."""

import ast
import gettext
import os
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from fanpin_risk import cli
from fanpin_risk.cli import main
from fanpin_risk.cli.language import DOMAIN, WideFormatter, asked_for, command_in_chinese
from fanpin_risk.words import LANG_VARIABLE, current_language, language_of_run
from fanpin_risk.words.catalogue import LOCALE

CATALOGUE = LOCALE / "zh" / "LC_MESSAGES" / f"{DOMAIN}.po"
WIDE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
CHINESE = re.compile(rf"{WIDE.pattern}|[“”]")
EXAMPLE = re.compile(r" *fanpin-risk .*")
PARTS = [(name, part) for name, group in main.commands.items() for part in getattr(group, "commands", ())]
PATHS = [(), *((name,) for name in main.commands), *PARTS]
# What stands for a value and is not a word of either language; and what headers of Chinese files are called.
PLACEHOLDERS = {"CORRECTIONS", "LEDGER", "N", "MODEL", "OUT", "PACKED", "REGISTER", "[EXPORT]", "[REGISTER]", "SOURCE"}
HEADERS = r"数据日期|更新时间|年度|金额（元）|合计"
# Names that are the same in both languages, beside those of commands, options, values, columns and files.
NAMES = """
A4 DuckDB GB GB18030 Markdown Python UTF YYYY MM DD csv html matplotlib parquet stderr xlsx zip x
all none rules pmt logistic forest lightgbm xgboost catboost ebm weight year
PostgreSQL JSON add event events state due verify import household_id on who reason item safe_water
found verified refuted entered supported checked eliminated decision reject
parts problems rejected scores unscored watchlist measures comparison calibration capacity groups fairness disagreements
"""


def texts():
    """Return every text that the help looks up, but placeholders that stay."""
    found = []
    command_in_chinese(main, lambda text: found.append(text) or text)
    return sorted({text for text in found if text} - PLACEHOLDERS)


def catalogue(ending="po"):
    """Return what stands in the file of translators, or in the one made from it: text -> Chinese."""
    babel = pytest.importorskip(f"babel.messages.{ending}file", reason="reading the catalogue needs babel")
    with CATALOGUE.with_suffix(f".{ending}").open("rb") as file:
        entries = [entry for entry in (babel.read_po if ending == "po" else babel.read_mo)(file) if entry.id]
    many = [
        ([entry.id], [entry.string]) if isinstance(entry.id, str) else (entry.id, entry.string) for entry in entries
    ]
    return {text: told[0] for ids, told in many for text in ids}  # Chinese has one form for one and many


def literals(folder):
    """Return the texts that the sources in a folder give to gettext."""
    found = set()
    for path in sorted(Path(folder).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "ngettext"):
                found |= {given.value for given in node.args if isinstance(given, ast.Constant)}
    return found


def constants(path):
    """Return every text that stands in a source file."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def help_of(path, lang, **settings):
    """Return the help of a command as a user of a language sees it."""
    result = CliRunner(env={LANG_VARIABLE: lang}).invoke(main, [*path, "--help"], prog_name="fanpin-risk", **settings)
    assert result.exit_code == 0, result.output
    return result.output


def names(text):
    """Return what must be the same in both languages: options, numbers, files, columns, placeholders, quoted names."""
    quoted = re.findall(r"'([a-z -]+)'", text)
    return {*quoted, *re.findall(r"--[a-z-]+|[\w/]*\.[a-z]+\b|\b[a-z]+_[a-z]+\b|\d+(?:\.\d+)?|\b[A-Z]{3,}\b", text)}


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch):
    for name in (LANG_VARIABLE, "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


def test_every_text_has_its_chinese():
    """Who adds an option or changes a help is told which text lacks its Chinese in the catalogue."""
    told = catalogue()
    lacking = [text for text in texts() if not all(map(EXAMPLE.fullmatch, text.splitlines())) and not told.get(text)]
    assert lacking == [], (
        f"add them to {CATALOGUE.name}, then: pybabel compile -d src/fanpin_risk/words/locale -D {DOMAIN}; a metavar that is "
        "the same in both languages stands in PLACEHOLDERS"
    )


def test_no_text_of_the_catalogue_is_left_over():
    """What nobody says any more does not stay for translators to mend."""
    errors = {text for path in Path(cli.__file__).parent.glob("*.py") for text in constants(path)}
    said = {*texts(), *literals(Path(click.__file__).parent), *errors}
    assert sorted(set(catalogue()) - said - {"required"}) == []  # click looks this word up by a variable


def test_the_compiled_catalogue_is_that_of_the_translators():
    """What gettext reads was made from the file as it stands."""
    assert catalogue("mo") == catalogue(), f"pybabel compile -d src/fanpin_risk/words/locale -D {DOMAIN}"


@pytest.mark.parametrize("text", [text for text in texts() if not text.isupper()], ids=lambda text: text.strip()[:40])
def test_both_languages_name_the_same(text):
    """Options, numbers, files and quoted names of a text stand in its Chinese, and none beside but values to choose."""
    told = catalogue().get(text, text)
    assert [name for name in sorted(names(text)) if name not in told] == []
    values = {str(value) for command in main.commands.values() for one in command.params for value in choices(one)}
    assert names(told) - names(text) <= values


def command_of(group, path):
    """Return the command of a path, which may lead through a group."""
    for name in path:
        group = group.commands[name]
    return group


def choices(parameter):
    return getattr(parameter.type, "choices", ())


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_both_languages_show_the_same_options(path):
    """Every option comes with the same default, range and need in both languages."""
    english, chinese = (main if lang == "en" else command_in_chinese(main) for lang in ("en", "zh"))
    ours, theirs = (command_of(group, path) for group in (english, chinese))
    assert [one.opts for one in ours.params] == [one.opts for one in theirs.params]
    assert [one.default for one in ours.params] == [one.default for one in theirs.params]
    shown = [re.findall(r"\[[^\[\]]*\]", " ".join(help_of(path, lang).split())) for lang in ("en", "zh")]
    plain = [[re.findall(r"[\w.<=>-]*\d[\w.<=>,-]*|FANPIN_\w+", mark) for mark in marks] for marks in shown]
    assert plain[0] == plain[1]


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_nobody_sees_the_other_language(path):
    """English help holds no Chinese but headers of files, Chinese help no English but names."""
    assert CHINESE.findall(re.sub(HEADERS, "", help_of(path, "en"))) == []
    told = "\n".join(line for line in help_of(path, "zh").splitlines() if not EXAMPLE.fullmatch(line))
    assert [part for part in re.split(r"\n\s*\n", told) if part and not CHINESE.search(part)] == []
    command = command_of(main, path)
    known = {
        *NAMES.split(),
        *PLACEHOLDERS,
        *main.commands,
        *(part for _, part in PARTS),
        "fanpin",
        "risk",
        LANG_VARIABLE,
    }
    given = [str(value) for one in command.params for value in (*choices(one), one.default)]
    known |= set(re.findall(r"\w+", " ".join([*given, *names(" ".join(texts()))])))
    words = re.findall(r"[A-Za-z][A-Za-z0-9_]*", re.sub(r"(?<!\w)--?[\w-]+", "", told))
    assert sorted(set(words) - known) == []


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
@pytest.mark.parametrize("width", [80, 110])
def test_chinese_lines_fit_the_screen(path, width):
    """A Chinese character takes two columns: lines end before the screen does, and no line begins with a full stop."""
    for line in help_of(path, "zh", terminal_width=width).splitlines():
        assert len(line) + len(WIDE.findall(line)) <= width or EXAMPLE.fullmatch(line), line
        assert not re.match(r"\s*[，。、；：！？）”》…]", line), line


def test_lines_end_between_characters_and_not_within_words():
    """Marks stay with what they belong to, paragraphs apart, and what click keeps as it is stays."""
    formatter = WideFormatter(width=12)
    formatter.write_text("一二三四（五六）七，--as-of 八。\n\n\b\n  a  b")
    assert formatter.getvalue() == "一二三四（五\n六）七，\n--as-of 八。\n\n  a  b\n"
    formatter = WideFormatter(width=26)
    with formatter.section("选项"):
        formatter.write_dl(
            [("--a 日期", "一二三四五六七八九"), ("--bc", "一"), ("--long-option", "一"), ("-d", "")], col_max=8
        )
    assert formatter.getvalue().splitlines() == [
        "选项：",
        "  --a 日期  一二三四五六七",
        "            八九",
        "  --bc      一",
        "  --long-option",
        "            一",
        "  -d",
    ]


@pytest.mark.parametrize(
    ("arguments", "surroundings", "lang"),
    [
        ([], {}, "en"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ([], {"LC_MESSAGES": "zh_TW", "LC_ALL": "C.UTF-8"}, "en"),
        ([], {"LC_ALL": "C.UTF-8", "LANGUAGE": "zh:en"}, "zh"),
        ([], {"LANGUAGE": "", "LANG": "zh_CN"}, "zh"),
        ([], {"LANG": "zh_CN", LANG_VARIABLE: "en"}, "en"),
        ([], {"LANG": "de_DE", LANG_VARIABLE: "zh"}, "zh"),
        (["score", "--lang", "en"], {LANG_VARIABLE: "zh"}, "en"),
        (["score", "--lang=zh", "--help"], {"LANG": "en_US"}, "zh"),
        (["score", "--lang", "fr"], {"LANG": "zh_CN"}, "zh"),
        (["score", "--lang", "en", "--lang", "zh"], {}, "zh"),
        (["score", "--language"], {"LANG": "zh"}, "zh"),
    ],
)
def test_the_language_is_chosen_in_the_usual_order(monkeypatch, arguments, surroundings, lang):
    """What is said wins over the variable, the variable over the environment, and that goes by its usual order."""
    monkeypatch.setattr("locale.getlocale", lambda: (None, None))
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    with language_of_run(asked_for(arguments)) as decided:
        assert (decided, os.environ[LANG_VARIABLE]) == (lang, lang)
    assert os.environ.get(LANG_VARIABLE) == surroundings.get(LANG_VARIABLE)


@pytest.mark.parametrize(
    ("name", "lang"), [("Chinese (Simplified)_China", "zh"), ("zh_CN", "zh"), ("English_Ireland", "en"), (None, "en")]
)
def test_without_variables_the_system_is_asked(monkeypatch, name, lang):
    """Windows and macOS may set no variable; a name that Python does not know is no error."""
    monkeypatch.setattr("locale.getlocale", lambda: (name, None))
    assert current_language() == lang
    monkeypatch.setattr("locale.getlocale", lambda: 1 / 0 if name else int("unknown locale"))
    if name is None:
        assert current_language() == "en"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["scores"], "没有命令 'scores'。"),
        (["score"], "缺少参数 'REGISTER'"),
        (["score", "a"], "缺少选项 '--as-of'"),
        (["score", "a", "--as-off"], "没有选项 '--as-off'。是否指"),
        (["score", "a", "--as-of"], "选项 '--as-of' 后面缺少值。"),
        (["score", "a", "b", "--as-of", "2024-12-31", "--model", "demo", "--out", "c"], "多出的参数：b"),
        (["score", "a", "--quiet=yes"], "选项 '--quiet' 不带值。"),
        (
            ["score", "a", "--as-of", "2024-12-31"],
            "缺少选项 '--model'。请给出 train 写出的模型文件夹；只是试用的，可写 demo。",
        ),
        (["score", "a", "--reasons", "x"], "'--reasons' 的值无效：'x' 不是整数。"),
        (["score", "a", "--reasons", "21"], "21 不在范围 0<=x<=20 之内。"),
        (["score", "a", "--format", "doc"], "'--format' 的值无效：'doc' 不在可选的值之中：'parquet'、'csv'、'xlsx'。"),
        (["score", "a", "--id-key", "b"], "文件 'b' 不存在。"),
        (["score", "a", "--id-key", "."], "文件 '.' 是文件夹，应为文件。"),
        (["train", "a", "--out", __file__], "是文件，应为文件夹。"),
        (["synth", "a", "--mean-size", "x"], "'x' 不是数字。"),
        (["evaluate", "a", "--capacity", "x"], "--capacity 是 'x'；应为走访户数"),
    ],
)
def test_errors_of_usage_come_in_chinese(arguments, told):
    """A slip of the pen is answered in the user's language: usage, where to read more, and what is wrong."""
    result = CliRunner(env={"LANG": "zh_CN.UTF-8"}).invoke(main, arguments, prog_name="fanpin-risk")
    assert result.exit_code == 2
    where, error = result.stderr.split("错误：")
    assert told in error
    assert re.fullmatch(r"用法：fanpin-risk .*\n查看说明：fanpin-risk (\w+ )?--help\n\n|", where)


@pytest.mark.parametrize(
    ("outs", "code", "told"),
    [
        (["r.doc"], 2, "r.doc：文件名应以 .xlsx 或 .html 结尾"),
        (["r.html", "r.html"], 2, "--out 两次写了同一个文件"),
        (["here.html"], 3, "here.html 是文件夹，应为文件；请换一个名称"),
        (["there.html"], 3, "there.html 不是原样的报告（是其他文件，或后来改动过），不予覆盖；请换一个名称"),
    ],
)
def test_errors_of_input_come_in_chinese(tmp_path, monkeypatch, outs, code, told):
    """One line says what is wrong, after the usage where that is wrong; in English where that is asked for."""
    monkeypatch.chdir(tmp_path)
    Path("here.html").mkdir()
    Path("there.html").touch()
    arguments = [
        "report",
        "a",
        "--as-of",
        "2024-12-31",
        "--model",
        "demo",
        *(part for out in outs for part in ("--out", out)),
    ]
    chinese, english = (CliRunner().invoke(main, [*arguments, "--lang", lang]) for lang in ("zh", "en"))
    said = f"fanpin-risk: {told}\n" if code == 3 else f"错误：{told}。\n"
    assert (chinese.exit_code, chinese.stderr.endswith(said)) == (code, True)
    assert (english.exit_code, CHINESE.findall(english.stderr)) == (code, [])


@pytest.mark.parametrize("wanted", [None, "fr"])
def test_chinese_leaves_nothing_behind(monkeypatch, wanted):
    """One process may talk both: after Chinese comes plain English, and the environment is as it was."""
    monkeypatch.setattr(gettext, "_current_domain", "another")
    if wanted:
        monkeypatch.setenv("LANGUAGE", wanted)
    before = help_of(("score",), "en")
    assert "用法" in help_of(("score",), "zh")
    assert help_of(("score",), "en") == before
    assert "Usage" in before
    assert (os.environ.get("LANGUAGE"), gettext.textdomain()) == (wanted, "another")


def test_the_variable_chooses_the_language_of_messages_too(tmp_path):
    """One variable for help, messages and texts; the option wins over it."""
    synth = ["synth", str(tmp_path / "a"), "--households", "3", "--years", "2", "--overwrite"]
    runner = CliRunner(env={LANG_VARIABLE: "en"})
    assert "written to" in runner.invoke(main, synth).stderr
    assert "已写入" in runner.invoke(main, [*synth, "--lang", "zh"]).stderr
    assert "已写入" in CliRunner(env={"LANG": "zh_CN.UTF-8"}).invoke(main, synth).stderr
    assert "written to" in CliRunner().invoke(main, synth).stderr
    wrong = CliRunner(env={LANG_VARIABLE: "fr"}).invoke(main, synth)
    assert (wrong.exit_code, LANG_VARIABLE in wrong.stderr) == (2, True)
