"""The cards of single households as a page."""

from html.parser import HTMLParser

import pytest

import fanpin_risk as fr
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


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_risk_of_those_below_the_line_already(lang):
    """Card and letter say that the forecast is not about the household, and give neither a risk nor its reasons."""
    register = fr.make_register(700, random_state=1)
    model = fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=10), n_folds=2, target="below_line", ensemble="none")
    model.fit(register, ["2021-12-31", "2022-12-31"])
    scores = model.score(register, DAY, n_reasons=0).set_index("household_id")
    words = {
        "already_below_line": {"zh": "该户已低于监测线", "en": "is below the line already"},
        "monitored": {"zh": "该户已纳入监测", "en": "is monitored already"},
    }
    risk_words = {"zh": "风险为", "en": "puts the risk"}[lang]
    for reason, said in words.items():
        household = scores.index[scores["not_at_risk"] == reason][0]
        explanation = model.explain(register, DAY)  # a caution is of the household, wherever it stands
        letter = explanation.letter(household, lang=lang)
        card = " ".join(Page(cards_html(model, register, DAY, household, lang=lang)).said)
        risk = f"{100 * scores.loc[household, 'risk']:.1f}%"
        assert said[lang] in letter
        assert said[lang] in card
        assert ((risk in card), (risk_words in letter)) == ((reason == "monitored"),) * 2
        assert explanation.income_state(lang=lang)[household] in card
    other = scores.index[scores["not_at_risk"] == ""][0]
    assert not any(said[lang] in explanation.letter(other, lang=lang) for said in words.values())
