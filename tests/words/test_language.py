"""The language of a run."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from fanpin_risk.words import LANG_VARIABLE, current_language, in_language, language_of_run


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch):
    for name in (LANG_VARIABLE, "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("locale.getlocale", lambda: (None, None))


def test_a_run_speaks_one_language_in_all_its_threads_and_processes(monkeypatch):
    """What a worker says is shown as what its run says; afterwards all is as it was."""
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    with language_of_run("zh"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(current_language).result() == "zh"
        command = [sys.executable, "-c", "from fanpin_risk.words import current_language as c; print(c())"]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "zh"
        with in_language("en"):
            assert current_language() == "en"
        assert current_language() == "zh"
    assert (current_language(), LANG_VARIABLE in os.environ) == ("en", False)


@pytest.mark.parametrize(
    ("asked", "variable", "system", "lang"),
    [
        ("zh", "en", "en_US", "zh"),
        (None, "zh", "en_US", "zh"),
        (None, None, "zh_CN", "zh"),
        (None, "", "zh_CN", "zh"),
        (None, None, "de_DE", "en"),
    ],
)
def test_what_is_asked_for_counts_before_the_variable_and_the_system(monkeypatch, asked, variable, system, lang):
    """The variable says what was decided while the run lasts, and is given back as it was."""
    monkeypatch.setenv("LANG", system)
    if variable is not None:
        monkeypatch.setenv(LANG_VARIABLE, variable)
    with language_of_run(asked) as decided:
        assert (decided, os.environ[LANG_VARIABLE]) == (lang, lang)
    assert os.environ.get(LANG_VARIABLE) == variable


def test_a_variable_that_names_no_language_stays_to_be_refused(monkeypatch):
    """The command line refuses it with what is allowed; nothing hides it."""
    monkeypatch.setenv(LANG_VARIABLE, "fr")
    with language_of_run() as decided:
        assert (decided, os.environ[LANG_VARIABLE]) == ("en", "fr")
