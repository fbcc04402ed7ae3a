"""How templates become a page: records go in as text only, and the page loads nothing from elsewhere.

All that comes from records goes in as text: through jinja2's escaping, and from the data of the cards by
``textContent`` alone. The content policy in the head allows nothing to be loaded and no script but the page's own, which
it identifies by its SHA-256.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib import resources
from typing import TYPE_CHECKING

from fanpin_risk.explanation.letter import LEAD, NO_GAP, OBJECTION
from fanpin_risk.reports.documents import one_line
from fanpin_risk.reports.guide import PROPOSES
from fanpin_risk.reports.languages import ReportLanguage, shown_in
from fanpin_risk.words import Message

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

__all__ = ["EFFECT_NOTE", "HOW_TO_OBJECT", "HTML_LANGUAGES", "content_policy", "read_template", "templates", "trusted"]

HTML_LANGUAGES = {"zh": "zh-CN", "en": "en"}
EFFECT_NOTE = Message(
    "Effects are in log-odds: above zero raises the risk, below lowers it; added up from the start they give the risk "
    "of the household."
)
HOW_TO_OBJECT = OBJECTION


def templates(lang: ReportLanguage) -> Environment:
    """Return the templates, with all that is put in escaped, and texts in one language or in both.

    In the templates ``say`` shows a text and ``words`` shows it where no markup can stand; both take a message, or a
    text as :class:`fanpin_risk.words.Message` does.
    """
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    def say(text: str | Message, context: str | None = None) -> object:
        message = Message(text, context=context)
        if lang != "both":
            return one_line(message.shown(lang))
        texts = {tag: one_line(message.shown(tag)) for tag in ("zh", "en")}
        if texts["zh"] == texts["en"]:
            return texts["zh"]
        return Markup('<span class="zh" lang="zh-CN">{zh}</span><span class="en" lang="en">{en}</span>').format(**texts)

    def words(text: str | Message) -> str:
        return one_line(shown_in(Message(text), lang, " "))

    environment = Environment(
        loader=FunctionLoader(read_template),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: value if isinstance(value, Markup) else one_line(value),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "say": say,
        "words": words,
        "lead": LEAD,
        "objection": HOW_TO_OBJECT,
        "proposes": PROPOSES,
        "effect_note": EFFECT_NOTE,
        "no_gap": NO_GAP,
    }
    return environment


def read_template(name: str) -> str:
    """Read a template, style or script that came with the package."""
    return resources.files("fanpin_risk.reports").joinpath("templates", name).read_text(encoding="utf-8")


def trusted(text: str) -> Markup:
    """Mark a text that the package made itself as safe HTML."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704  style, script, escaped JSON and escaped documents only


def content_policy(*, styles: Sequence[str], scripts: Sequence[str]) -> str:
    """Return the content policy: nothing is loaded, and only these styles and scripts count."""

    def sources(texts: Sequence[str]) -> str:
        digests = (hashlib.sha256(text.encode("utf-8")).digest() for text in texts)
        return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests) or "'none'"

    return (
        f"default-src 'none'; script-src {sources(scripts)}; style-src {sources(styles)}; "
        "base-uri 'none'; form-action 'none'"
    )
