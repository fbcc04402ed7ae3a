"""How a rule is declared: a named, sourced question about each household, answered yes, no or unknown, with what decided it.

Missing is never no: a rule that cannot be answered from the records says so. What an answer rests on are rows of the
register, named by their table, key and day of recording, and figures made of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.rows import KnownRows, MemberRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import SchemaError
from fanpin_risk.policy.parameters import Policy
from fanpin_risk.words import Message

__all__ = [
    "ANSWER_CODES",
    "BETWEEN_NOTES",
    "IS_SO",
    "NOT_ASKED",
    "NOT_KNOWN",
    "NOT_SO",
    "Deciding",
    "Rule",
    "Verdict",
    "of_members",
    "rule",
]

IS_SO, NOT_SO, NOT_KNOWN, NOT_ASKED = 1, 0, -1, -2
BETWEEN_NOTES = ";"  # codes of notes joined in one text
KindOfRule = Literal["guarantee", "group", "contradiction", "suspicion", "entitlement"]
HowBad = Literal["error", "warning", "hint"]
# KindOfRule of rule: what yes, no and unknown are called in frames.
ANSWER_CODES: Mapping[KindOfRule, tuple[str, str, str]] = {
    "guarantee": ("pass", "fail", "unknown"),
    "group": ("yes", "no", "unknown"),
    "contradiction": ("yes", "no", "unknown"),
    "suspicion": ("yes", "no", "unknown"),
    "entitlement": ("yes", "no", "unknown"),
}
# How bad it is that a contradiction is there, the worst first: impossible or forbidden, unlikely, to be asked about.
SEVERITIES: tuple[HowBad, ...] = ("error", "warning", "hint")
# Where rules come from that several rooms of rules share.
TITLES_OF_CHECKER = "titles of rules of a provincial register checker"
OUR_READING = "our own reading of what the columns declare"
RULE_STATUSES = ("sourced", "inferred")  # a rule with an unverified number has no such number: it asks for one


@dataclass(frozen=True, eq=False)
class Deciding:
    """Rows that decided answers, and the columns by which they did.

    Attributes
    ----------
    rows : KnownRows
    columns : tuple of str
        Of these rows; shown where they are on record.
    """

    rows: KnownRows
    columns: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Verdict:
    """What a rule says of each household of a snapshot.

    Attributes
    ----------
    answer : ndarray of int8, shape (n_households,)
        ``IS_SO``, ``NOT_SO``, ``NOT_KNOWN`` or ``NOT_ASKED``, where the question does not apply.
    deciding : tuple of Deciding
        Rows that decided, each about the household of its number.
    persons : KnownRows, optional
        Rows of the table members: whom the answer is about.
    note : ndarray of object, shape (n_households,), optional
        Codes of ``Rule.notes`` that tell more of the answer, ``""`` for none, several joined by ``;``.
    figures : mapping of str to ndarray of shape (n_households,)
        Numbers made of rows; NaN where there is none.
    """

    answer: NDArray[np.int8]
    deciding: tuple[Deciding, ...] = ()
    persons: KnownRows | None = None
    note: Array | None = None
    figures: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: what it asks, how it is answered, and where it comes from.

    Attributes
    ----------
    code : str
        Lower snake case; a promise: renaming is breaking.
    zh, en : str
        What it is called.
    asks_zh, asks_en : str
        The question that is answered yes, no or unknown.
    kind : {"guarantee", "group", "contradiction", "suspicion", "entitlement"}
        Which words its answers have: ``ANSWER_CODES``.
    source : str
        Where it can be read.
    status : {"sourced", "inferred"}
        On what it stands.
    notes : mapping of str to Message
        What the codes of :attr:`Verdict.note` say.
    answer : callable
        (Snapshot, Policy) -> Verdict.
    severity : {"error", "warning", "hint"}, optional
        Of a contradiction: impossible or forbidden, unlikely, to be asked about.
    """

    code: str
    zh: str
    en: str
    asks_zh: str
    asks_en: str
    kind: KindOfRule
    source: str
    status: Literal["sourced", "inferred"]
    notes: Mapping[str, Message]
    answer: Callable[[Snapshot, Policy], Verdict]
    severity: HowBad | None = None

    def __post_init__(self) -> None:
        for attribute, allowed in (("kind", tuple(ANSWER_CODES)), ("status", RULE_STATUSES)):
            if getattr(self, attribute) not in allowed:
                raise SchemaError(
                    "rule {rule}: {attribute} is {value!r}; expected one of {allowed}",
                    rule=self.code,
                    attribute=attribute,
                    value=getattr(self, attribute),
                    allowed=allowed,
                )
        if (self.severity is None) == (self.kind == "contradiction"):
            raise SchemaError("rule {rule}: contradictions have a severity, and they alone", rule=self.code)
        for attribute in ("zh", "en", "asks_zh", "asks_en", "source"):
            if not getattr(self, attribute).strip():
                raise SchemaError(
                    "rule {rule}: {attribute} is empty; every rule has a name, a question and a source",
                    rule=self.code,
                    attribute=attribute,
                )

    @property
    def label(self) -> Message:
        """What it is called, in both languages."""
        return Message(self.en, zh=self.zh)

    @property
    def question(self) -> Message:
        """What it asks, in both languages."""
        return Message(self.asks_en, zh=self.asks_zh)


def rule(
    *,
    zh: str,
    en: str,
    asks_zh: str,
    asks_en: str,
    kind: KindOfRule,
    source: str,
    status: Literal["sourced", "inferred"],
    notes: Mapping[str, Message] | None = None,
    severity: HowBad | None = None,
) -> Callable[[Callable[[Snapshot, Policy], Verdict]], Rule]:
    """Turn a function of a snapshot and a policy into a :class:`Rule` named after it."""

    def declare(answer: Callable[[Snapshot, Policy], Verdict]) -> Rule:
        return Rule(
            code=answer.__name__, zh=zh, en=en, asks_zh=asks_zh, asks_en=asks_en, kind=kind, source=source, status=status,
            notes=notes or {}, answer=answer,
            severity=severity,
        )  # fmt: skip

    return declare


def contradiction(
    *,
    zh: str,
    en: str,
    asks_zh: str,
    asks_en: str,
    severity: HowBad,
    source: str,
    status: Literal["sourced", "inferred"] = "sourced",
) -> Callable[[Callable[[Snapshot, Policy], Verdict]], Rule]:
    """Turn a function of a snapshot and a policy into a rule that asks whether records contradict each other."""
    return rule(
        zh=zh, en=en, asks_zh=asks_zh, asks_en=asks_en, kind="contradiction", source=source, status=status,
        severity=severity,
    )  # fmt: skip


def of_members(
    members: MemberRows, answers: NDArray[np.int8], *, codes: Array, own: Sequence[str], others: Sequence[Deciding] = ()
) -> Verdict:
    """Make the verdict of households from answers about their members: no if any is no, else unknown if any is, else yes.

    Parameters
    ----------
    members : MemberRows
        Persons at home on the day.
    answers : ndarray of int8, shape (n_members,)
        ``NOT_ASKED`` where the question is not about the person.
    codes : ndarray of object, shape (n_members,)
        Code of a note about each answer, ``""`` for none.
    own : sequence of str
        Columns of members that decided.
    others : sequence of Deciding
        Rows with a ``member_id`` that decided; those about persons with another answer than that of the household are
        left out. The row of a member about whom there is one is not named beside it.

    Returns
    -------
    Verdict
        ``NOT_KNOWN`` of a household without any member on record.
    """
    n = members.on_day.n_households
    answer = np.full(n, NOT_ASKED, dtype=np.int8)
    for value in (IS_SO, NOT_KNOWN, NOT_SO):
        answer[members.household[answers == value]] = value
    note = np.full(n, "", dtype=object)
    present = np.zeros(n, dtype=bool)
    present[members.household] = True
    answer[~present], note[~present] = NOT_KNOWN, "no_members"
    telling = (answers == answer[members.household]) & (answers != NOT_ASKED)
    for code in dict.fromkeys(codes[telling & (codes != "")].tolist()):
        said = np.unique(members.household[telling & (codes == code)])
        note[said] = np.where(note[said] == "", code, note[said] + ";" + code)
    deciding = []
    elsewhere = np.zeros(len(members), dtype=bool)
    for one in others:
        about = one.rows.where(members.place_of(one.rows) >= 0)
        place = members.place_of(about)
        elsewhere[place[telling[place]]] = True
        deciding.append(Deciding(about.where(telling[place]), one.columns))
    deciding.append(Deciding(members.where(telling & ~elsewhere), tuple(own)))
    return Verdict(answer, tuple(deciding), persons=members.where(telling), note=note)
