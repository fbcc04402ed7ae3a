"""How runs end: every error in one line and with its own exit code, never with a trace back or a value of a person."""

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import fanpin_risk as fr
from fanpin_risk.cli.exits import crash_report
from fanpin_risk.errors import InputError
from fanpin_risk.words import Message


def failing(error):
    def fail(*_args, **_options):
        raise error

    return fail


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    ("error", "code", "en", "zh"),
    [
        (InputError("{file}:\nbad", file=Message("a", zh="甲")), 3, "a: bad", "甲: bad"),
        (KeyboardInterrupt(), 130, "interrupted; ", "已中断；"),
        (MemoryError(), 3, "memory ran out; ", "内存不足；"),
        (
            PermissionError(errno.EACCES, "Permission denied", "someone/a.csv"),
            3,
            "a.csv cannot be read or written: permission denied",
            "a.csv 无法读取或写入：没有权限",
        ),
    ],
    ids=["input", "interrupted", "memory", "system"],
)
def test_an_error_is_one_line(run, monkeypatch, error, code, en, zh, lang):
    """In the language of the run, with the exit code of its kind."""
    monkeypatch.setattr(fr, "model_card", failing(error))
    result = run("card", "demo", "--lang", lang)
    assert (result.exit_code, result.stdout) == (code, "")
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith(f"fanpin-risk: {en if lang == 'en' else zh}")
    assert "someone" not in result.stderr


def test_an_error_of_the_program_offers_a_report_without_values(run, monkeypatch):
    """It has an exit code of its own; versions, types and places are told, no message and nothing given to the command."""
    monkeypatch.setattr(fr, "model_card", failing(KeyError("张三 211221199001011234")))
    result = run("card", "demo", "--out", "secret.html", "--lang", "zh")
    assert result.exit_code == 70
    assert "程序内部出错（KeyError）" in result.stderr
    assert re.search(r"^  fanpin_risk\.cli\.models:\d+ card$", result.stderr, re.MULTILINE)
    assert re.search(r"^Python 3[\d.]+, .*fanpin-risk \d.*pandas \d", result.stderr, re.MULTILINE)
    assert not re.search("张三|2112|secret|Traceback", result.output)


def test_a_report_names_what_an_error_came_from():
    """The first cause is where the fault is; a circle of causes ends."""
    try:
        try:
            {}["张三"]
        except KeyError as error:
            raise ValueError("张三") from error
    except ValueError as error:
        error.__cause__.__context__ = error
        report = crash_report(error)
    assert [line for line in report.splitlines()[1:] if line[0] != " "] == ["ValueError", "after KeyError"]
    assert "张三" not in report


@pytest.mark.parametrize("asked", [["card", "demo"], ["--help"]])
def test_a_reader_that_leaves_is_no_error_of_the_program(asked, run, monkeypatch):
    """`fanpin-risk card demo | head -1` ends quietly, and not with the code of rejected rows."""
    monkeypatch.setattr("click.utils._default_text_stdout", failing(BrokenPipeError(errno.EPIPE, "Broken pipe")))
    result = run(*asked)
    assert (result.exit_code, result.output) == (141, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("asked", [["card", "demo"], ["--help"], ["train", "--help"], ["--version"]])
def test_an_output_that_is_full_is_said_to_be(asked, unbuffered):
    """No trace back, and no error of the program: the disk is full, also where Python would write again as it ends."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "fanpin_risk", *asked, *(["--lang", "en"] if asked[0] == "card" else [])],
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=os.environ | {"FANPIN_RISK_LANG": "en", "PYTHONUNBUFFERED": unbuffered},
            check=False,
        )
    assert (done.returncode, done.stderr) == (
        3,
        "fanpin-risk: a file, or the output, cannot be written: the disk is full\n",
    )


def test_what_compiled_code_throws_is_an_error_of_the_program(run, monkeypatch):
    """A panic is no `Exception` in Python."""
    monkeypatch.setattr(fr, "model_card", failing(type("PanicException", (BaseException,), {})("张三")))
    result = run("card", "demo", "--lang", "en")
    assert result.exit_code == 70
    assert "internal error (PanicException)" in result.stderr
    assert "张三" not in result.output


@pytest.mark.filterwarnings("default")
def test_warnings_are_one_line_each(run, monkeypatch):
    """A warning of the library is a note, without the place in the source."""
    import warnings

    def warn(*_args, **_options):
        warnings.warn("look\nhere", UserWarning, stacklevel=2)
        return ""

    monkeypatch.setattr(fr, "model_card", warn)
    assert run("card", "demo", "--lang", "zh").stderr == "fanpin-risk: 注意：look here\n"
    assert run("card", "demo", "--lang", "en").stderr == "fanpin-risk: note: look here\n"
