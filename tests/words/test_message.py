"""Messages are data until they are shown."""

import pickle
import warnings

import pytest

from fanpin_risk.errors import FanpinWarning, InputError, LackingTablesWarning, MissingPackageError
from fanpin_risk.words import LANG_VARIABLE, Message, current_language, in_language, listed


def test_a_message_within_a_message_is_shown_in_the_same_language():
    """A sentence never mixes two languages."""
    inner = Message("a whole number", zh="整数")
    outer = Message("expected {what} in {places}", zh="{places}应为{what}", what=inner, places=["甲", inner])
    assert (outer.shown("en"), outer.shown("zh")) == (
        "expected a whole number in 甲, a whole number",
        "甲、整数应为整数",
    )


@pytest.mark.parametrize("kind", [InputError, MissingPackageError, LackingTablesWarning])
def test_errors_and_warnings_keep_their_values_on_the_way_between_processes(kind):
    """What a worker raises says the same in the process that shows it."""
    error = pickle.loads(pickle.dumps(kind("{name} holds {items}", name="a.csv", items=listed(["b", "c"]))))
    assert (type(error), error.message.shown("zh")) == (kind, "a.csv holds b、c")


def test_a_warning_is_shown_in_the_language_of_the_run():
    """It stays data until then, and goes by its kind, not by its words."""
    with pytest.warns(FanpinWarning) as told:
        warnings.warn(LackingTablesWarning(Message("{count} lack", zh="缺{count}", count=2)), stacklevel=1)
    with in_language("zh"):
        assert str(told[0].message) == "缺2"
    assert told[0].category is LackingTablesWarning


def test_the_language_of_a_run_is_that_asked_for_before_the_environment(monkeypatch):
    """What the user says counts more than what his computer says."""
    for name in (LANG_VARIABLE, "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert current_language() == "zh"
    monkeypatch.setenv(LANG_VARIABLE, "en")
    assert current_language() == "en"
    with in_language("zh"):
        assert (current_language(), str(Message("x", zh="某"))) == ("zh", "某")


def test_braces_in_a_text_without_values_stay():
    """Only a text with values is a template."""
    assert str(InputError("expected {a: 1}")) == "expected {a: 1}"


def test_a_message_made_of_a_list_is_that_list():
    """Whoever passes a message on need not know that it lists things: an error, a warning, a template."""
    several = listed([Message("one", zh="一"), Message("two", zh="二")], between="; ")
    assert Message(several).shown("zh") == "一；二"
    assert FanpinWarning(several).message.shown("en") == "one; two"
    assert Message("{what}!", what=several).shown("en") == "one; two!"
