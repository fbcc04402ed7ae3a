"""Errors of the system are told in both languages."""

import errno

import pytest

from fanpin_risk.words import system_error
from fanpin_risk.words.system_errors import SYSTEM_ERRORS


@pytest.mark.parametrize("number", sorted(SYSTEM_ERRORS), ids=lambda number: errno.errorcode.get(number, "none"))
def test_usual_errors_have_their_words(number):
    """No English comes into a Chinese sentence."""
    told = system_error(OSError(number, "Some English"))
    assert "Some English" not in told.shown("en")
    assert not any("a" <= letter <= "z" for letter in told.shown("zh"))


def test_rare_errors_are_told_by_number():
    """What the system says of it is kept for those who can read it; an error without a number is told as well."""
    rare = system_error(OSError(errno.ENOLCK, "No locks"))
    assert rare.shown("zh") == f"系统错误 {errno.ENOLCK}：No locks"
    assert system_error(OSError("something")).shown("en") == "input/output error"
