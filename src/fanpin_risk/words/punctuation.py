"""The marks of a sentence in its language, where another package put them together."""

from __future__ import annotations

import re

from fanpin_risk.words.language import Language, current_language

__all__ = ["punctuated"]

SENTENCE_ENDS = (".", "。", "?", "？", ")")


def punctuated(text: str, lang: Language | None = None) -> str:
    """Return a sentence that ends with a full stop, a Chinese one with Chinese marks throughout.

    Parameters
    ----------
    text : str
        With Latin marks between quoted names, or behind them.
    lang : {"zh", "en"}, optional
        Its language; default: :func:`current_language`.

    Examples
    --------
    >>> punctuated("可选：'a', 'b'. 例如 'a'", "zh")
    "可选：'a'、'b'。例如 'a'。"
    >>> punctuated("expected 'a', 'b'", "en")
    "expected 'a', 'b'."
    """
    text = text if text.endswith(SENTENCE_ENDS) else f"{text}."
    if (lang or current_language()) == "en":
        return text
    text = text.replace("', '", "'、'")
    text = re.sub(r"(?<=')\.(?= |$)|\.$", "。", text)
    return re.sub(r"(?<=[。？]) +", "", text)
