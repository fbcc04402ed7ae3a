"""Options that several commands take."""

import click
import pytest
from click.testing import CliRunner

from fanpin_risk.cli.options import reading_options


@pytest.mark.parametrize("command", ["score", "report", "evaluate"])
@pytest.mark.parametrize("text", ["0", "-1", "1.0", "1.5", "1e3", "many", "nan", ""])
def test_a_capacity_is_a_whole_number_or_a_share(run, county, command, text):
    """1.0 might be meant as all or as one: neither is guessed."""
    result = run(command, county, "--as-of", "2023-12-31", "--capacity", text, "--out", "x")
    assert result.exit_code == 2
    assert "expected a whole number of visits such as 800, or a share" in result.stderr


def test_a_day_is_written_in_one_way(run, county):
    """A day that is none is told apart from input that cannot be used."""
    for text in ("yesterday", "31.12.2023", "2023-02-30"):
        result = run("score", county, "--as-of", text, "--model", "demo", "--out", "x")
        assert result.exit_code == 2
        assert f"expected a day such as 2024-12-31, got '{text}'" in result.stderr


@pytest.mark.parametrize("command", ["score", "explain", "report", "drift"])
def test_no_model_is_used_by_silence(run, county, command):
    """Nobody decides by the demo model without having named it; the error says what to give."""
    result = run(command, county, "--as-of", "2023-12-31")
    assert result.exit_code == 2
    assert "Missing option '--model'. Give the folder that 'train' wrote, or 'demo' to try things out" in result.stderr


@pytest.mark.parametrize(
    ("given", "dates"),
    [
        ([], None),
        (["2024-06-30"], "2024-06-30"),
        (["2024"], "2024"),
        (["2024年12月", "a=2021"], {"": "2024年12月", "a": "2021"}),
        (["a.xls=2021"], {"a.xls": "2021"}),
        (["2021/*=2021-03", "2024-06-30", "a=b.xls=2021年3月"], {"2021/*": "2021-03", "": "2024-06-30", "a=b.xls": "2021年3月"}),
    ],
)  # fmt: skip
def test_a_date_is_of_all_files_or_of_one(given, dates):
    """DATE, or FILE=DATE as often as there are files; of an equals sign in a name the last one counts."""
    got = []
    command = click.command()(reading_options(lambda data_date, **_: got.append(data_date)))
    asked = [word for date in given for word in ("--data-date", date)]
    result = CliRunner().invoke(command, asked)
    assert (result.exit_code, got) == (0, [dates]), result.output


@pytest.mark.parametrize(
    "given",
    [["2021-13"], ["soon"], ["a="], ["=2021"], ["a=2021-13"], ["a=2021", "a=2022"], ["2021-01-01", "2021-01-02"]],
)
def test_a_date_of_no_day_or_said_twice_is_refused(given):
    """Before anything is read."""
    command = click.command()(reading_options(lambda **_: None))
    asked = [word for date in given for word in ("--data-date", date)]
    assert CliRunner().invoke(command, asked).exit_code == 2
