"""The cards of single households as a page."""

from html.parser import HTMLParser

import pytest

from fanpin_risk.errors import SchemaError
from fanpin_risk.reports.cards_page import cards_html

DAY = "2024-12-31"


class Page(HTMLParser):
    """Tags, attributes, text, and what stands in scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.said: list[str] = []
        self.now = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.now = tag
        if tag in self.raw:
            self.raw[tag].append("")

    def handle_endtag(self, tag):  # noqa: ARG002  the base class gives it
        self.now = ""

    def handle_data(self, data):
        if self.now in self.raw:
            self.raw[self.now][-1] += data
        else:
            self.said.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def test_a_card_says_what_the_letter_says(model, register, contents):
    """The card of a household gives its risk, tier, reasons in words, and how to refute one."""
    household = contents.watchlist["household_id"].iloc[0]
    text = cards_html(model, register, DAY, household, lang="en")
    said = " ".join(Page(text).said)
    row = contents.watchlist.iloc[0]
    for words in (household, row["place"], f"{100 * row['risk']:.1f}%", "How to refute a reason", "decided by people"):
        assert words in said
    assert contents.explanation.reasons(lang="en", with_direction=False)["reason_1"].iloc[0] in said
    assert household not in cards_html(model, register, DAY, household, mask_ids=True)
    with pytest.raises(SchemaError, match="1 of 1 household ids are not in the register"):
        cards_html(model, register, DAY, "nobody")


def test_a_card_says_what_is_in_doubt(model, register, doubted, contents):
    """Before the reasons; a household of which nothing is has no such line."""
    told, household = doubted[0], contents.watchlist["household_id"].iloc[0]
    said = "income of a part of the year only; stated household size differs from the members listed"
    assert said in cards_html(model, told, DAY, household, lang="en")
    assert said not in cards_html(model, register, DAY, household, lang="en")
