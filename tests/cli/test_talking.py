"""What the commands say, and that every output can take it."""

import io
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from fanpin_risk.cli import main
from fanpin_risk.cli.talking import Teller, deliver, writable_in_every_language
from fanpin_risk.progress import Steps
from fanpin_risk.words import Message, in_language

DONE = Message("written", zh="已写出")


def test_a_teller_speaks_the_language_of_the_run_unless_quiet(capsys):
    """Messages go to stderr; when quiet there are none, and no bar."""
    with in_language("zh"):
        Teller()(DONE)
        with Teller().progress(DONE) as move:
            move(1, 2, "")
        Teller(quiet=True)(DONE)
        with Teller(quiet=True).progress(DONE) as move:
            assert move is None
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("已写出\n")
    assert "已写出:  50%" in told.err


def test_the_bar_says_what_is_done_in_the_language_of_the_run(capsys):
    """Steps of library functions are messages; days, files and own names stay."""
    with in_language("zh"), Teller().progress(DONE) as move:
        Steps(move, 2).next(Message("{day}: features of the day forecast", day="2022-12-31"))
    assert "2022-12-31：预测日的特征" in capsys.readouterr().err


def test_a_text_goes_to_the_screen_or_into_a_file(capsys, tmp_path):
    """On the screen it is all there is; of a file it is said that it was written."""
    deliver("text\n", None, Teller(), DONE, kind="card")
    assert capsys.readouterr() == ("text\n", "")
    deliver("text\n", tmp_path / "a.txt", Teller(), DONE, kind="card")
    assert capsys.readouterr().err == "written\n"
    assert (tmp_path / "a.txt").read_text().startswith("text\nfanpin-risk card ")


@pytest.mark.parametrize(
    ("encoding", "screen", "text", "expected"),
    [
        ("utf-8", False, "返贫 ☃", "返贫 ☃"),
        ("cp936", False, "返贫 ☃", "返贫 ?"),
        ("cp1252", False, "返贫 é", "返贫 é"),
        ("ascii", True, "返贫 é", "?? ?"),
    ],
)
def test_no_character_ends_a_run(encoding, screen, text, expected):
    """What an encoding lacks comes out as a question mark; where it lacks all Chinese, files and pipes get UTF-8."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    stream.isatty = lambda: screen
    writable_in_every_language(stream)
    stream.write(text)
    stream.flush()
    assert raw.getvalue().decode("utf-8" if encoding == "cp1252" else encoding) == expected
    writable_in_every_language(SimpleNamespace())  # what stands in for a stream is left alone


@pytest.mark.parametrize("charset", ["cp936", "cp1252"])
def test_commands_write_to_pipes_of_every_system(charset):
    """A Chinese card reaches a pipe of a western and of a Chinese Windows."""
    result = CliRunner(charset=charset).invoke(main, ["card", "demo", "--lang", "zh"])
    assert result.exit_code == 0
    assert "# 模型卡：demo" in result.stdout_bytes.decode("utf-8" if charset == "cp1252" else charset)


@pytest.mark.parametrize("charset", ["cp936", "cp1252", "ascii", "latin-1", "utf-16"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_help_errors_checks_and_explanations_reach_every_pipe(charset, lang, county, model, register):
    """No command ends because of a character, whatever it says and wherever."""
    household = register.tables["households"]["household_id"].iloc[-1]
    day = ("--as-of", "2023-12-31", "--model", str(model))
    for asked, code in (
        (["--help"], 0),
        (["score", "--help"], 0),
        (["scoer"], 2),
        (["score", "没有䶮村", *day, "--out", "x"], 3),
        (["check", str(county)], 0),
        (["explain", str(county), *day, "--household", household], 0),
    ):
        result = CliRunner(charset=charset, env={"FANPIN_RISK_LANG": lang}).invoke(main, asked)
        assert result.exit_code == code, asked
        assert not isinstance(result.exception, UnicodeError)
