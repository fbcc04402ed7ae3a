"""Rules over a register: one row for each household and rule, with the records that decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from fanpin_risk.arguments import names, one_of
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.policy.contradictions import CONTRADICTIONS
from fanpin_risk.policy.evidence_text import TEXT, evidence_of_verdict, joined_by_household, joined_where_both, repeated
from fanpin_risk.policy.groups import HOUSEHOLD_GROUPS
from fanpin_risk.policy.parameters import Policy, checked_policy
from fanpin_risk.policy.rule import (
    ANSWER_CODES,
    BETWEEN_NOTES,
    IS_SO,
    NOT_ASKED,
    NOT_KNOWN,
    NOT_SO,
    Deciding,
    Rule,
    Verdict,
)
from fanpin_risk.policy.sieve import SIEVE
from fanpin_risk.progress import Progress
from fanpin_risk.words import LANGUAGES, Language, Message, listed

if TYPE_CHECKING:
    from fanpin_risk.records.register import Register

__all__ = [
    "CONTRADICTIONS",
    "HOUSEHOLD_GROUPS",
    "SIEVE",
    "answer_rows",
    "answers_of",
    "contradictions",
    "household_groups",
    "screen",
]

ANSWER_WORDS = {
    "yes": Message("yes", context="group"),
    "no": Message("no", context="group"),
    "pass": Message("given", context="guarantee"),
    "fail": Message("not given", context="guarantee"),
    "unknown": Message("not known", context="guarantee"),
}
# Of rules that ask whether a support is lacking: yes is to be checked, and no more.
WORDS_OF_ENTITLEMENTS = {
    "yes": Message("qualifies, no record of it, to be checked"),
    "no": Message("on record", context="entitlement"),
    "unknown": Message("not known", context="guarantee"),
}
# Of rules that ask not whether something is given.
OWN_WORDS = {
    "income_line": {
        "pass": Message("reached", context="guarantee"),
        "fail": Message("not reached", context="guarantee"),
    },
}


def screen(
    register: Register,
    as_of: Any,
    *,
    rules: Sequence[str] | None = None,
    lines: MonitoringLines | None = None,
    policy: Policy | None = None,
    lang: Language | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Ask of every household whether each guarantee of the sieve (两不愁三保障、饮水安全) is on record as given.

    A guarantee passes where a record shows it and fails where a record shows that it is not there; it is unknown where
    nothing is on record, where the record is too old or contradicts another, or where something happened since. Nothing
    here decides: what fails is to be looked at, what is unknown to be asked about.

    Parameters
    ----------
    register : Register
        Checked records; only what was recorded on or before the day is seen.
    as_of : date-like
        The day.
    rules : sequence of str, optional
        Codes of ``SIEVE``. Default: all.
    lines : MonitoringLines, optional
        Default: the lines that ship with the package.
    policy : Policy, optional
        Numbers of the rules. Default: those that ship with the package.
    lang : {"zh", "en"}, optional
        Also say each answer in this language, in a column ``says``.
    progress : callable, optional
        Called with (done, total, name).

    Returns
    -------
    DataFrame
        One row for each household and rule that applies to it, by household and in the order of the rules:
        ``household_id``, ``rule`` (code), ``answer`` (``"pass"``, ``"fail"``, ``"unknown"``), ``member_ids`` (whom the
        answer is about, joined by ``;``, ``""`` where it is about the household), ``note`` (codes that tell more, joined by
        ``;``), ``evidence`` (the rows and figures that decided, in codes), ``source``; with `lang` also ``says``. A
        rule that asks about children is not asked of a household without any.

    Raises
    ------
    SchemaError
        If `register` is no register, `as_of` no day, a rule is unknown, or `lines` or `policy` are not what they should be.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> found = fr.screen(fr.make_register(100, random_state=0), "2023-12-31")
    >>> sorted(set(found["answer"])), sorted(set(found["rule"]))[:3]
    (['fail', 'pass', 'unknown'], ['basic_medical', 'compulsory_education', 'food_clothing'])
    """
    return answers_of(SIEVE, "rules", rules, register, as_of, lines=lines, policy=policy, lang=lang, progress=progress)


def household_groups(
    register: Register,
    as_of: Any,
    *,
    groups: Sequence[str] | None = None,
    lines: MonitoringLines | None = None,
    policy: Policy | None = None,
    lang: Language | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Ask of every household which of the named groups (边缘户, 独居老人户, 重残户, ...) it belongs to.

    Parameters
    ----------
    register : Register
        Checked records; only what was recorded on or before the day is seen.
    as_of : date-like
        The day.
    groups : sequence of str, optional
        Codes of ``HOUSEHOLD_GROUPS``. Default: all.
    lines, policy, lang, progress
        See :func:`screen`.

    Returns
    -------
    DataFrame
        As :func:`screen` returns it, with the answers ``"yes"``, ``"no"`` and ``"unknown"``. A group that needs a number
        which no source gives for everywhere is unknown until `policy` holds it.

    Raises
    ------
    SchemaError, InputError
        As :func:`screen`.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> found = fr.household_groups(fr.make_register(100, random_state=0), "2023-12-31", groups=["no_labour"])
    >>> bool(found["answer"].isin(["yes", "no", "unknown"]).all())
    True
    """
    return answers_of(
        HOUSEHOLD_GROUPS, "groups", groups, register, as_of, lines=lines, policy=policy, lang=lang, progress=progress
    )


def contradictions(
    register: Register,
    as_of: Any,
    *,
    rules: Sequence[str] | None = None,
    answers: Sequence[str] = ("yes", "unknown"),
    lines: MonitoringLines | None = None,
    policy: Policy | None = None,
    lang: Language | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Ask of every household which of its records contradict each other (存疑户).

    Parameters
    ----------
    register : Register
        Checked records; only what was recorded on or before the day is seen.
    as_of : date-like
        The day.
    rules : sequence of str, optional
        Codes of ``CONTRADICTIONS``. Default: all.
    answers : sequence of str, default ("yes", "unknown")
        Of ``"yes"``, ``"no"`` and ``"unknown"``: the rows returned. Most of all answers are no.
    lines, policy, lang, progress
        See :func:`screen`.

    Returns
    -------
    DataFrame
        As :func:`screen` returns it, with ``severity`` behind ``answer``: ``"error"`` (impossible or forbidden),
        ``"warning"`` (unlikely), ``"hint"`` (to be asked about). ``evidence`` holds the records that contradict each other.

    Raises
    ------
    SchemaError, InputError
        As :func:`screen`.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> found = fr.contradictions(fr.make_register(100, random_state=0), "2023-12-31", answers=["yes"])
    >>> set(found["severity"]) <= {"error", "warning", "hint"}
    True
    """
    wanted = names("answers", answers)
    for answer in sorted(wanted):
        one_of("answers", answer, ANSWER_CODES["contradiction"])
    table = answers_of(
        CONTRADICTIONS, "rules", rules, register, as_of, lines=lines, policy=policy, lang=lang, progress=progress,
        answers=frozenset(wanted),
    )  # fmt: skip
    severity = table["rule"].map({rule.code: rule.severity for rule in CONTRADICTIONS}).astype("str")
    table.insert(table.columns.tolist().index("answer") + 1, "severity", severity)
    return table


def answers_of(
    rules: tuple[Rule, ...],
    option: str,
    codes: Sequence[str] | None,
    register: Register,
    as_of: Any,
    *,
    lines: MonitoringLines | None,
    policy: Policy | None,
    lang: Language | None,
    progress: Progress | None,
    answers: frozenset[str] | None = None,
) -> pd.DataFrame:
    """Ask rules of a register: all, or those whose codes are given under an option; keep all answers, or some."""
    chosen = _chosen_rules(rules, option, codes)
    if lang is not None:
        one_of("lang", lang, LANGUAGES)
    numbers = checked_policy(policy)
    snapshot = Snapshot(register, as_of, lines=lines)
    parts = []
    for done, rule in enumerate(chosen):
        if progress is not None:
            progress(done, len(chosen), str(rule.label))
        verdict = rule.answer(snapshot, numbers)
        parts.append(answer_rows(done, rule, verdict, snapshot.household_ids, lang=lang, answers=answers))
    if progress is not None:
        progress(len(chosen), len(chosen), "")
    table = pa.concat_tables(parts)
    # Households by their ids, and of each its rules in their order.
    number, done = (table[name].to_numpy() for name in ("number", "order"))
    order = np.lexsort((done, pd.factorize(snapshot.household_ids, sort=True)[0][number]))
    number, done = pa.array(number[order]), pa.array(done[order])
    told = {name: table[name].combine_chunks().take(pa.array(order)) for name in table.column_names[2:]}
    columns = {
        "household_id": pa.array(snapshot.household_ids, TEXT).take(number),
        "rule": pa.array([rule.code for rule in chosen], TEXT).take(done),
        **{name: told[name] for name in ("answer", "member_ids", "note", "evidence")},
        "source": pa.array([rule.source for rule in chosen], TEXT).take(done),
        **({} if lang is None else {"says": told["says"]}),
    }
    return pd.DataFrame({name: pd.Series(column, dtype="str") for name, column in columns.items()})


def _chosen_rules(rules: tuple[Rule, ...], option: str, codes: Sequence[str] | None) -> tuple[Rule, ...]:
    if codes is None:
        return rules
    wanted = names(option, codes)
    for code in sorted(wanted):
        one_of(option, code, tuple(rule.code for rule in rules))
    return tuple(rule for rule in rules if rule.code in wanted)


def answer_rows(
    order: int,
    rule: Rule,
    verdict: Verdict,
    ids: pd.Index,
    *,
    lang: Language | None,
    answers: frozenset[str] | None,
    named: bool = True,
) -> pa.Table:
    """Return the rows of one rule: households that it is asked of, with the number of each and the place of the rule.

    Parameters
    ----------
    order : int
        Place of the rule.
    rule : Rule
    verdict : Verdict
        Of the rule.
    ids : Index of str, shape (n_households,)
    lang : {"zh", "en"} or None
        Also say each answer, in a column ``says``.
    answers : set of str or None
        Answers that are kept; None: all.
    named : bool, default True
        Whether what ``says`` tells names persons by their ids.

    Returns
    -------
    Table

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> from fanpin_risk.policy import Policy
    >>> here = fr.Snapshot(fr.make_register(50, random_state=0), "2023-12-31")
    >>> verdict = SIEVE[-1].answer(here, Policy())
    >>> len(answer_rows(0, SIEVE[-1], verdict, here.household_ids, lang=None, answers=None)) == here.n_households
    True
    """
    words = np.full(max(IS_SO, NOT_SO) + 1 - NOT_KNOWN, "", dtype=object)
    yes, no, unknown = ANSWER_CODES[rule.kind]
    for answer, word in ((IS_SO, yes), (NOT_SO, no), (NOT_KNOWN, unknown)):
        words[answer] = word  # NOT_KNOWN, below zero, is the last place
    wanted = np.isin(words, list(answers)) if answers is not None else np.ones(len(words), dtype=bool)
    asked = np.flatnonzero((verdict.answer != NOT_ASKED) & wanted[np.maximum(verdict.answer, NOT_KNOWN)])
    note = np.full(len(ids), "", dtype=object) if verdict.note is None else verdict.note
    verdict = _about(verdict, asked)  # evidence takes the most time: it is written of what is kept alone
    rows = pa.array(asked)
    answered = pa.array(words, TEXT).take(pa.array(verdict.answer[asked] % len(words)))
    columns = {
        "number": rows,
        "order": pa.array(np.full(len(asked), order)),
        "answer": answered,
        "member_ids": _ids_of_persons(verdict, len(ids)).take(rows),
        "note": pa.array(note[asked], TEXT),
        "evidence": evidence_of_verdict(verdict, ids).take(rows),
    }
    if lang is not None:
        evidence = evidence_of_verdict(verdict, ids, lang=lang, named=named).take(rows)
        columns["says"] = _sentences(rule, answered, note[asked], evidence, lang)
    return pa.table(columns)


def _about(verdict: Verdict, households: np.ndarray) -> Verdict:
    """Return the verdict with the rows, persons and figures of some households alone."""
    mask = np.zeros(len(verdict.answer), dtype=bool)
    mask[households] = True
    return replace(
        verdict,
        deciding=tuple(Deciding(one.rows.where(mask[one.rows.household]), one.columns) for one in verdict.deciding),
        persons=None if verdict.persons is None else verdict.persons.where(mask[verdict.persons.household]),
        figures={name: np.where(mask, values, np.nan) for name, values in verdict.figures.items()},
    )


def _ids_of_persons(verdict: Verdict, n: int) -> pa.Array:
    """Return the ids of the persons whom each answer is about."""
    persons = verdict.persons
    if persons is None or not len(persons):
        return repeated("", n)
    return joined_by_household([persons.household], [pa.array(persons.member_id, TEXT)], n, between=BETWEEN_NOTES)


def _sentences(rule: Rule, answers: pa.Array, notes: np.ndarray, evidence: pa.Array, lang: Language) -> pa.Array:
    """Say each answer: the rule, its answer, what its notes say, and what decided."""
    numbers, unique = pd.factorize(pd.MultiIndex.from_arrays([answers.to_numpy(zero_copy_only=False), notes]))
    texts = []
    for answer, note in unique:
        usual = WORDS_OF_ENTITLEMENTS if rule.kind == "entitlement" else ANSWER_WORDS
        word = OWN_WORDS.get(rule.code, {}).get(answer, usual[answer])
        parts = [word, *(rule.notes[one] for one in note.split(BETWEEN_NOTES) if one)]
        texts.append(Message("{rule}: {said}", rule=rule.label, said=listed(parts, between="; ")).shown(lang))
    said = pa.array(texts, TEXT).take(pa.array(numbers))
    return joined_where_both(said, evidence, listed(("", ""), between="; ").shown(lang))
