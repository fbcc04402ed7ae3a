"""What rules and pending signals say of households in a report: in both languages, and without the id of any person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pandas as pd

from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.policy import Policy, beside_the_model
from fanpin_risk.policy.signals import signals_in_words
from fanpin_risk.records.register import Register
from fanpin_risk.reports.sheet_writer import SheetColumn
from fanpin_risk.words import LANGUAGES, Message

__all__ = ["rule_columns", "rule_messages", "with_rule_words"]

NOTHING_SAID = Message("", zh="")


def rule_messages(
    model: RiskModel, register: Register, as_of: Any, ids: Iterable[str], *, policy: Policy | None = None
) -> dict[str, Message]:
    """Say of some households which rules are not met and by which records, without naming persons.

    Parameters
    ----------
    model : RiskModel
        Its monitoring lines count.
    register : Register
        Checked records.
    as_of : date-like
        The day.
    ids : iterable of str
        Households.
    policy : Policy, optional
        Numbers of the rules. Default: those that ship with the package.

    Returns
    -------
    dict of str to Message
        Household -> what fails; households without any are left out.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(50, random_state=0)
    >>> rule_messages(fr.load_model("demo"), register, "2023-12-31", [])
    {}
    """
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    here = Snapshot(register.select(wanted), as_of, lines=model.lines)
    zh, en = (
        beside_the_model(here, policy=policy, lang=lang, named=False)["rule_reason"].tolist() for lang in LANGUAGES
    )
    return {
        str(household): Message(in_en, zh=in_zh)
        for household, in_zh, in_en in zip(here.household_ids, zh, en, strict=True)
        if in_zh
    }


def with_rule_words(frame: pd.DataFrame, said: dict[str, Message]) -> pd.DataFrame:
    """Put what the rules say of each household into a column ``rule_reason`` of messages."""
    told = [said.get(household, NOTHING_SAID) for household in frame["household_id"]]
    return frame.assign(rule_reason=pd.Series(told, index=frame.index, dtype=object))


def rule_columns(listed: pd.DataFrame, say: Callable[[Message], str], *, width: float = 26) -> Iterator[SheetColumn]:
    """Yield the columns of what rules and pending signals say, as far as they say anything.

    Parameters
    ----------
    listed : DataFrame
        From :func:`with_rule_words`.
    say : callable
        Shows a message in the language of the sheet.
    width : float, default 26
        Of the column of the rules.

    Yields
    ------
    SheetColumn
    """
    if (listed["rules"] != "").any():
        said = (say(text) for text in listed["rule_reason"])
        yield SheetColumn(Message("Rules not met, with the records"), width, "text", said)
    if (listed["signals"] != "").any():
        told = (say(signals_in_words(codes) if codes else NOTHING_SAID) for codes in listed["signals"])
        yield SheetColumn(Message("Signals nobody has looked into"), 15, "text", told)
