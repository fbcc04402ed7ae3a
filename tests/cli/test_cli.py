"""The command line as a whole: its help, its exit codes, one language for everything a run says."""

import os
import subprocess
import sys

import click
import pytest

from fanpin_risk.cli import exits, main
from fanpin_risk.words import LANG_VARIABLE


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_help_is_quick_and_explains_every_option(lang):
    """Help must not wait for scikit-learn, and no option goes unexplained."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "fanpin_risk", "--help"],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {LANG_VARIABLE: lang, "PYTHONIOENCODING": "utf-8"},
        check=True,
    )
    assert "\n      fanpin-risk demo   " in done.stdout  # the examples stand one to a line
    loaded = {line.rsplit("|")[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert loaded & {"sklearn", "pandas", "numpy", "shap", "pyarrow"} == set()
    for name, command in main.commands.items():
        assert command.help, name
        for parameter in command.params:
            if parameter.param_type_name == "option":
                assert getattr(parameter, "help", None), f"{name} {parameter.name}"


def test_the_help_names_every_exit_code(run, monkeypatch):
    """Who calls the program from a script finds what its endings mean."""
    codes = {value for name, value in vars(exits).items() if name.startswith("EXIT_")} | {0, 2}
    assert codes == {0, 1, 2, 3, 4, 5, 70, 130, 141}
    for lang, start in (("en", "Exit codes:"), ("zh", "退出码：")):
        monkeypatch.setenv(LANG_VARIABLE, lang)
        text = run("--help").stdout
        assert all(f"{code} " in text[text.index(start) :] for code in codes)


@pytest.mark.parametrize("command", sorted(main.commands))
def test_options_mean_the_same_in_every_command(command):
    """One name, one meaning: --reasons counts reasons, --capacity households, and no command knows --top."""
    options = {opt: one for one in main.commands[command].params for opt in one.opts}
    assert "--top" not in options
    assert options["--lang"].type.choices == ("zh", "en")
    if "--reasons" in options:
        assert (options["--reasons"].type.min, options["--reasons"].type.max) == (0, 20)
    if "--capacity" in options:
        capacity, context = options["--capacity"], click.Context(main.commands[command])
        read = [capacity.callback(context, capacity, text) for text in ("800", "0.02", "2%", None)]
        assert read == [800, 0.02, 0.02, None]
        assert [type(value) for value in read[:2]] == [int, float]
        with pytest.raises(click.UsageError, match="--capacity"):
            capacity.callback(context, capacity, "0")
    if command in ("score", "explain", "report", "drift"):
        assert options["--model"].required


def test_what_the_run_says_and_writes_is_in_one_language(run, county, model, tmp_path):
    """Progress, messages and results: nothing comes in another language than the one decided."""
    asked = ("score", county, "--as-of", "2023-12-31", "--model", model, "--capacity", 2)
    for lang, progress, summary, header in (
        ("zh", "读取台账", "走访名单：", "风险等级"),
        ("en", "reading the register", "watch list: ", "tier"),
    ):
        result = run(*asked, "--out", tmp_path / lang, "--lang", lang)
        assert result.exit_code == 0, result.output
        assert progress in result.stderr
        assert summary in result.stderr
        assert header in (tmp_path / lang / "watchlist.csv").read_text("utf-8-sig").splitlines()[0]
