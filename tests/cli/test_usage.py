"""Wrong usage of every command: one language, its punctuation, names as they are typed, exit code 2, before any work."""

import re
import sys

import click
import pytest
from click.testing import CliRunner

import fanpin_risk as fr
from fanpin_risk.cli import main
from fanpin_risk.cli.usage import checked_by
from fanpin_risk.errors import FanpinError
from fanpin_risk.words import LANG_VARIABLE

CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
WORD = re.compile(r"[A-Za-z]{2,}")
QUOTED = re.compile(r"'[^']*'")
GROUPS = {name: command.commands for name, command in main.commands.items() if hasattr(command, "commands")}
COMMANDS = sorted([*main.commands, *(f"{name} {part}" for name, parts in GROUPS.items() for part in parts)])
DAY = ("--as-of", "2024-12-31")
SCORE = ("score", "here", *DAY, "--model", "demo", "--out", "s")
EVALUATE = ("evaluate", "here", "--as-of", "2022-12-31", "--as-of", "2023-12-31", "--out", "e")


@pytest.fixture(autouse=True)
def _nothing_is_read(tmp_path, monkeypatch):
    """Work where nothing is but an empty folder, with a reading that fails: what is wrong is said before."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()

    def reading(*_, **__):
        raise AssertionError("the register was read before the options were checked")

    for name in ("read_register", "pack", "make_register"):
        monkeypatch.setattr(fr, name, reading)


def refused(lang, *arguments):
    """Return the line of the error of wrong usage."""
    result = CliRunner(env={LANG_VARIABLE: lang}).invoke(main, arguments, prog_name="fanpin-risk")
    assert result.exit_code == 2, result.output
    return result.stderr.splitlines()[-1]


def is_one_language(line, lang):
    """Tell whether a line of an error is in one language, up to names that are typed, and ends as its sentences do."""
    plain = re.sub(r"--?[a-z-]+|FANPIN_\w+|utf-8|gb18030|YYYY-MM-DD|\d+[MG]B|[A-Z]+=", "", QUOTED.sub("", line))
    if lang == "en":
        return line.startswith("Error: ") and not CHINESE.search(plain) and line.endswith((".", "?", ")"))
    names = {
        "train",
        "demo",
        "rules",
        "pmt",
        "logistic",
        "forest",
        "lightgbm",
        "xgboost",
        "catboost",
        "ebm",
        "foo",
        "FILE",
    }
    return (
        line.startswith("错误：")
        and set(WORD.findall(plain)) <= names
        and line.endswith(("。", "？"))
        and not re.search(r"[。？] |'\. |', |\(|\)", line)
    )


def wrong_values(command):
    """Return a wrong value of each kind that the options of a command refuse."""
    given = []
    for option in command.params:
        if not isinstance(option, click.Option):
            continue
        if option.is_flag:
            given.append([f"{option.opts[0]}=x"])
            continue
        if isinstance(option.type, (click.Choice, click.IntRange, click.FloatRange)) or option.type is click.INT:
            given.append([option.opts[0], "wrong"])
            if isinstance(option.type, (click.IntRange, click.FloatRange)):
                given.append([option.opts[0], "-1"])
        elif isinstance(option.type, click.Path) and option.type.exists:
            given.append([option.opts[0], "no such file"])
        given.append([option.opts[0]])  # without a value
    return given


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_refused_in_one_language(name, lang):
    """A wrong type, choice, file or number, a value too many or too few, for every option of every command."""
    first, *part = name.split()
    command = GROUPS[first][part[0]] if part else main.commands[first]
    lines = [refused(lang, *name.split(), *wrong) for wrong in wrong_values(command) if wrong[0] != "--lang"]
    lines += [refused(lang, *name.split(), "--no-such-option")]
    if not any(one.nargs == -1 for one in command.params):
        lines.append(refused(lang, *name.split(), *["9"] * 9))
    required = [one for one in command.params if one.required]
    if required:
        lines.append(refused(lang, *name.split()))
    assert [line for line in lines if not is_one_language(line, lang) and "--lang" not in line] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["pack", "here", "--out", "p", "--memory", "lots"], "--memory"),
        (["pack", "here", "--out", "p", "--temp-limit", "lots"], "--temp-limit"),
        (["check", "here", "--encoding", "klingon"], "klingon"),
        (["check", "here", "--data-date", "2021-13-45"], "--data-date"),
        ([*SCORE, "--workers", "0"], "--workers"),
        ([*SCORE, "--capacity", "0"], "--capacity"),
        ([*SCORE, "--capacity", "many"], "--capacity"),
        ([*EVALUATE, "--baselines", "rules,foo"], "foo"),
        (["score", "here", "--as-of", "2021-02-30"], "--as-of"),
        (["nothing"], "nothing"),
        (["scor"], "scor"),
    ],
)
def test_what_the_library_refuses_is_told_as_wrong_usage(arguments, option, lang):
    """By the name that was typed, not by that of an argument in Python, and before anything is read."""
    line = refused(lang, *arguments)
    assert option in line
    assert is_one_language(line, lang)
    assert not re.search(r"(?<![-\w'])(?:memory|temp_limit|workers|capacity|encoding) (?:is|是)", line)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_wrong_language_is_refused_in_that_of_the_run(lang):
    """The variable is named, in the same language."""
    for arguments in (["--lang", "xx"], ["card", "demo", "--lang=xx"]):
        result = CliRunner(env={LANG_VARIABLE: lang}).invoke(main, arguments)
        assert result.exit_code == 2
        assert LANG_VARIABLE in result.stderr
        assert is_one_language(result.stderr.splitlines()[-1].replace(" (or the variable FANPIN_RISK_LANG)", ""), lang)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evaluate", "here", "--as-of", "2022-12-31", "--out", "e"], "none of 1 day.s. can be forecast"),
        (["features", "here", *DAY, "--out", "f.csv", "--model", "none"], "none is not a model folder"),
        (["features", "here", *DAY, "--out", "f.csv", "--lines", "lines.csv"], "lines.csv"),
        ([*EVALUATE, "--baselines", "xgboost"], "needs the package xgboost"),
    ],
)
def test_what_cannot_be_used_is_told_before_reading(tmp_path, monkeypatch, arguments, message):
    """Days, models, lines and packages are looked at first: reading takes minutes."""
    (tmp_path / "lines.csv").write_text("nothing", encoding="utf-8")
    monkeypatch.setitem(sys.modules, "xgboost", None)
    result = CliRunner().invoke(main, [*arguments, "--lang", "en"])
    assert result.exit_code == 3, result.output
    assert re.search(message, result.stderr)


def test_a_fault_of_the_program_is_no_wrong_usage():
    """Only errors that are meant for users are turned into errors of usage."""
    context, option = click.Context(main), click.Option(["--x"])
    assert checked_by(lambda _name, value: value)(context, option, None) is None
    with pytest.raises(ZeroDivisionError):
        checked_by(lambda _name, value: 1 // value)(context, option, 0)

    def refuse(name, _value):
        raise FanpinError("{name} is wrong", name=name)

    with pytest.raises(click.UsageError, match="--x is wrong"):
        checked_by(refuse)(context, option, 1)
