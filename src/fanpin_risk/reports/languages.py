"""Languages of a report: one of them, or both at once."""

from __future__ import annotations

from typing import Literal

from fanpin_risk.words import LANGUAGES, Message

__all__ = ["REPORT_LANGUAGES", "ReportLanguage", "shown_in"]

ReportLanguage = Literal["zh", "en", "both"]
REPORT_LANGUAGES: tuple[ReportLanguage, ...] = (*LANGUAGES, "both")


def shown_in(message: Message, lang: ReportLanguage, between: str = "\n") -> str:
    """Show a message in the language of a report; in both, the Chinese first, what is the same in both once.

    Parameters
    ----------
    message : Message
        What is said.
    lang : {"zh", "en", "both"}
        Language of the report.
    between : str, default newline
        What stands between the two languages.

    Returns
    -------
    str

    Examples
    --------
    >>> tier = Message("high")
    >>> shown_in(tier, "zh"), shown_in(tier, "both", " "), shown_in(Message("GDP"), "both")
    ('高', '高 high', 'GDP')
    """
    if lang != "both":
        return message.shown(lang)
    texts: dict[str, None] = dict.fromkeys(message.shown(one) for one in LANGUAGES)
    return between.join(texts)
