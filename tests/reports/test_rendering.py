"""How templates become a page: escaped, with a policy that lets nothing else in, in both languages."""

import re
from importlib import resources

import pytest

from fanpin_risk.reports.rendering import read_template, templates
from fanpin_risk.words import Message, chinese

# A text given to say() or words() in a template.
SAID = re.compile(r"""\b(?:say|words)\((["'])(.*?)\1""")


@pytest.mark.parametrize("name", ["cards.html", "frame.html", "macros.html", "page.html"])
def test_every_text_of_a_template_has_its_chinese(name):
    """Who writes a new text learns that its Chinese is missing in the catalogue."""
    lacking = [text for _, text in SAID.findall(read_template(name)) if chinese(text) == text]
    assert lacking == [], "add them to reports.po and compile it"


def test_texts_of_both_languages_are_marked_as_such():
    """A page in both shows either by style alone, and says what is the same in both once."""
    template = templates("both").from_string("{{ say(message) }}|{{ say('GDP') }}|{{ words(message) }}")
    assert template.render(message=Message("<high>", zh="高")) == (
        '<span class="zh" lang="zh-CN">高</span><span class="en" lang="en">&lt;high&gt;</span>|GDP|高 &lt;high&gt;'
    )


@pytest.mark.parametrize(("lang", "shown"), [("zh", "高"), ("en", "high")])
def test_a_page_in_one_language_holds_no_other(lang, shown):
    """The cards of single households are printed in one language."""
    assert templates(lang).from_string("{{ say(message) }}").render(message=Message("high", zh="高")) == shown


def test_templates_come_with_the_package():
    """What the page is made of is data of the package, beside the module."""
    folder = resources.files("fanpin_risk.reports") / "templates"
    names = {"cards.html", "frame.html", "macros.html", "page.html", "script.js", "style.css", "unscripted.css"}
    assert names <= {entry.name for entry in folder.iterdir()}
