"""The tiers of risk, and scores as they are shown: words where the data hold codes."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from fanpin_risk.arguments import of_type, one_of
from fanpin_risk.errors import SchemaError
from fanpin_risk.features.feature import CAUSES
from fanpin_risk.words import LANGUAGES, Language, Message

__all__ = ["TIERS", "in_words"]

TIERS: dict[str, Message] = {
    # code, the lowest first: its name
    "low": Message("low"),
    "medium": Message("medium"),
    "high": Message("high"),
}

# Columns of scores and watch lists that hold codes -> what the codes are called.
_CODED: dict[str, Mapping[str, Message]] = {"tier": TIERS, "cause": CAUSES}


def in_words(scores: pd.DataFrame, *, lang: Language = "zh") -> pd.DataFrame:
    """Return scores as an office reads them: the names of tiers and causes instead of their codes.

    Parameters
    ----------
    scores : DataFrame
        From :meth:`fanpin_risk.RiskModel.score` or :func:`fanpin_risk.watchlist`, with codes in ``tier`` and ``cause``.
    lang : {"zh", "en"}, default "zh"
        Language of the names.

    Returns
    -------
    DataFrame
        A copy, with texts in the columns ``tier`` and ``cause`` that it has; ``""`` stays ``""``.

    Raises
    ------
    SchemaError
        If `lang` is not a language, or a column holds what is not a code.

    Examples
    --------
    >>> scores = pd.DataFrame({"household_id": ["H1", "H2"], "tier": ["high", "low"], "cause": ["illness", ""]})
    >>> in_words(scores).values.tolist()
    [['H1', '高', '因病'], ['H2', '低', '']]
    """
    one_of("lang", lang, LANGUAGES, SchemaError)
    of_type("scores", scores, pd.DataFrame, Message("the table that score() returns"))
    shown = scores.copy()
    for column, names in _CODED.items():
        if column in shown.columns:
            words = {code: name.shown(lang) for code, name in names.items()} | {"": ""}
            unknown = sum(code not in words for code in shown[column].astype("object"))
            if unknown:
                raise SchemaError(
                    "{column}: {count} value(s) are not codes; expected one of {codes}",
                    column=column,
                    count=unknown,
                    codes=tuple(names),
                )
            shown[column] = shown[column].astype("object").map(words).astype("str")
    return shown
