"""Languages of a report: one, or both at once."""

import pytest

from fanpin_risk.reports.languages import REPORT_LANGUAGES, shown_in
from fanpin_risk.words import Message


@pytest.mark.parametrize(
    ("lang", "shown"), [("zh", "高（3）"), ("en", "high (3)"), ("both", "高（3）\nhigh (3)")], ids=REPORT_LANGUAGES
)
def test_a_report_in_both_languages_says_everything_twice(lang, shown):
    """The Chinese stands above the English, with the same values."""
    assert shown_in(Message("high ({count})", zh="高（{count}）", count=3), lang) == shown


def test_what_is_the_same_in_both_languages_is_said_once():
    """Names and figures are not repeated."""
    assert shown_in(Message("AUC", zh="AUC"), "both") == "AUC"
