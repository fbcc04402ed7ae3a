"""What rules are asked of a register, or of a part of one: the answers, and how many there are of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Literal

import pandas as pd

from fanpin_risk.arguments import names, of_type, one_of, switch
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import InputError
from fanpin_risk.policy import (
    ANSWER_CODES,
    Policy,
    contradictions,
    entitlements,
    household_groups,
    measures,
    monitored_type,
    screen,
    suspicions,
)
from fanpin_risk.progress import Progress
from fanpin_risk.records.register import Register
from fanpin_risk.words import LANGUAGES, Language, Message

__all__ = ["QUESTIONS", "ScreenOptions", "added_counts", "answers_on"]

ANSWER_FORMATS = ("parquet", "csv")
NO_SUGGESTION = ("none", "unknown")


@dataclass(frozen=True)
class Question:
    """A question and how it is asked.

    Attributes
    ----------
    function : callable
        The public function that asks it.
    of_places : bool, default True
        Whether lines and numbers of the place matter.
    selective : bool, default False
        Whether it returns only some of its answers.
    """

    function: Callable[..., pd.DataFrame]
    of_places: bool = True
    selective: bool = False


QUESTIONS: Mapping[str, Question] = MappingProxyType(
    {
        "guarantees": Question(screen),
        "groups": Question(household_groups),
        "contradictions": Question(contradictions, selective=True),
        "types": Question(monitored_type),
        "suspicions": Question(suspicions, selective=True),
        "entitlements": Question(entitlements, selective=True),
        "measures": Question(measures, of_places=False),  # they go by causes and labour
    }
)


@dataclass(frozen=True)
class ScreenOptions:
    """What is asked of each household and how it is written, in memory and in parts alike.

    Attributes
    ----------
    ask : str, default "guarantees"
        One of ``QUESTIONS``.
    answers : tuple of str, optional
        Answers that are returned, of a question that returns only some. Default: as its function does.
    found_only : bool, default False
        Whether only what is looked for is written: what is not given, who belongs to a group, what is contradicted, suggested,
        suspected, without a record, or not tried yet.
    lines : MonitoringLines, optional
        Default: the lines that ship with the package.
    policy : Policy, optional
        Numbers of the rules. Default: those that ship with the package.
    kinds : DataFrame, optional
        With ask="measures": kinds of measures of an office, see :func:`fanpin_risk.measures`.
    lang : {"zh", "en"}, optional
        Also say each answer, in a column ``says``.
    format : {"parquet", "csv"}, default "parquet"
        Kind of the files, where they are written in parts.

    Raises
    ------
    SchemaError, InputError
        If one is not as described.

    Examples
    --------
    >>> ScreenOptions(ask="suspicions", answers=["yes"]).answers
    ('yes',)
    """

    ask: str = "guarantees"
    answers: Sequence[str] | None = None
    found_only: bool = False
    lines: MonitoringLines | None = None
    policy: Policy | None = None
    kinds: pd.DataFrame | None = None
    lang: Language | None = None
    format: Literal["parquet", "csv"] = "parquet"

    def __post_init__(self) -> None:
        one_of("ask", self.ask, tuple(QUESTIONS))
        one_of("format", self.format, ANSWER_FORMATS)
        switch("found_only", self.found_only)
        if self.lang is not None:
            one_of("lang", self.lang, LANGUAGES)
        if self.lines is not None:
            of_type("lines", self.lines, MonitoringLines, Message("monitoring lines"))
        if self.policy is not None:
            of_type("policy", self.policy, Policy, Message("a policy, made with Policy(frame) or Policy.read(file)"))
        if self.kinds is not None and self.ask != "measures":
            raise InputError("kinds: only ask='measures' names measures; leave kinds out, or ask for measures")
        if self.answers is None:
            return
        if not QUESTIONS[self.ask].selective:
            raise InputError(
                "answers: all answers are returned to ask={ask!r}; leave answers out, or choose one of {others}", ask=self.ask,
                others=tuple(name for name, question in QUESTIONS.items() if question.selective),
            )  # fmt: skip
        wanted = tuple(sorted(names("answers", self.answers)))
        for answer in wanted:
            one_of("answers", answer, ANSWER_CODES["group"])
        object.__setattr__(self, "answers", wanted)

    def as_dict(self) -> dict[str, Any]:
        """Return the options as the arguments of :func:`fanpin_risk.screen_register` that they are."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


def answers_on(
    register: Register, as_of: Any, options: ScreenOptions, *, progress: Progress | None = None
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Ask a question of a register, or of a partition of one: the one way to the answers and their counts.

    Parameters
    ----------
    register : Register
        All in memory.
    as_of : date-like
        The day.
    options : ScreenOptions
        What is asked.
    progress : callable, optional
        Called with (done, total, name).

    Returns
    -------
    table : DataFrame
        As the function of the question returns it, or what is looked for of it.
    counts : dict
        ``households`` on record on the day; ``with_rows`` in the answers; ``found`` with anything that is looked for, of these
        ``found_not_monitored``, None where no monitoring is on record; ``rows`` of the table; and ``answers``: by rule and
        answer, or of types by type, of measures by what has been tried.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> table, counts = answers_on(fr.make_register(100, random_state=0), "2023-12-31", ScreenOptions())
    >>> len(table) == counts["rows"] == sum(n for rule in counts["answers"].values() for n in rule.values())
    True
    """
    question = QUESTIONS[options.ask]
    given: dict[str, Any] = (
        {"lines": options.lines, "policy": options.policy} if question.of_places else {"kinds": options.kinds}
    )
    given |= {} if options.answers is None else {"answers": options.answers}
    table = question.function(register, as_of, **given, lang=options.lang, progress=progress)
    snapshot = Snapshot(register, as_of)
    found = _is_found(table, options.ask)
    households = pd.Index(table.loc[found, "household_id"].unique())
    monitored = snapshot.household_ids[snapshot.monitored == 1]
    counts = {
        "households": snapshot.n_households,
        "with_rows": int(table["household_id"].nunique()),
        "found": len(households),
        "found_not_monitored": int((~households.isin(monitored)).sum()) if snapshot.monitoring.supplied else None,
        "answers": _answers_counted(table, options.ask),
    }
    written = table[found].reset_index(drop=True) if options.found_only else table
    return written, {**counts, "rows": len(written)}


def _is_found(table: pd.DataFrame, ask: str) -> pd.Series:
    """Whether each row is what is looked for."""
    if ask == "types":
        return ~table["type_suggested"].isin(NO_SUGGESTION)
    return table["tried"] == "never" if ask == "measures" else table["answer"].isin(("fail", "yes"))


def _answers_counted(table: pd.DataFrame, ask: str) -> dict[str, dict[str, int]]:
    """Count answers by rule, or what stands in their place."""
    if ask == "types":
        kind, what = (
            table["type_suggested"],
            (table["type_on_record"] == "").map({True: "not_monitored", False: "monitored"}),
        )
    elif ask == "measures":
        named = table[table["measure"] != ""]
        kind, what = named["measure"], named["tried"]
    else:
        kind, what = table["rule"], table["answer"]
    counts: dict[str, dict[str, int]] = {}
    met = pd.DataFrame({"kind": kind, "what": what}).groupby(["kind", "what"], as_index=False).size()
    for one, answer, n in met.itertuples(index=False):
        counts.setdefault(str(one), {})[str(answer)] = int(n)
    return counts


def added_counts(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Add up the counts of the parts of a register.

    Parameters
    ----------
    parts : iterable of dict
        Of :func:`answers_on`.

    Returns
    -------
    dict
        What :func:`answers_on` counts of the register as a whole.

    Examples
    --------
    >>> one = {"households": 2, "found_not_monitored": None, "answers": {"safe_water": {"fail": 1}}}
    >>> added_counts([one, {**one, "answers": {"safe_water": {"pass": 2}}}])
    {'households': 4, 'found_not_monitored': None, 'answers': {'safe_water': {'fail': 1, 'pass': 2}}}
    """
    total: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            if name not in total:
                total[name] = value
            elif isinstance(value, Mapping):
                total[name] = added_counts((total[name], value))
            else:
                total[name] = None if value is None or total[name] is None else total[name] + value
    return {name: _counts_in_order(value) if isinstance(value, Mapping) else value for name, value in total.items()}


def _counts_in_order(counts: Mapping[str, Any]) -> dict[str, Any]:
    return dict(sorted(counts.items()))
