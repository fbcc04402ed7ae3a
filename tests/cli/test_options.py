"""Options that several commands take."""

import pytest


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
