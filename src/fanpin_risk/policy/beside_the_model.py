"""What the rules say of each household beside its score: what fails, what cannot be told, and the records that decided.

A model learns from what happened often. A house of grade D beside a child out of school is too rare for it, so the rules
stand beside it: they change no risk, and their answers go wherever a score goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from fanpin_risk.arguments import names, one_of
from fanpin_risk.arguments.coded_texts import codes_in_words
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.policy.groups import HOUSEHOLD_GROUPS
from fanpin_risk.policy.monitored_types import suggested_types
from fanpin_risk.policy.parameters import Policy, checked_policy
from fanpin_risk.policy.rule import IS_SO, NOT_KNOWN, NOT_SO, Rule, Verdict
from fanpin_risk.policy.screening import answer_rows
from fanpin_risk.policy.sieve import SIEVE
from fanpin_risk.policy.signals import pending_signals
from fanpin_risk.policy.spells import verdict_on_guarantee
from fanpin_risk.words import LANGUAGES, Language, Message, listed

__all__ = ["BETWEEN_RULES", "FULL_STOP", "beside_the_model", "checked_groups", "groups_in_words", "rules_in_words"]

BETWEEN_RULES = ";"
FULL_STOP = Message(".", context="end of sentence")
RULE_NAMES = {rule.code: rule.label for rule in SIEVE}
GROUP_NAMES = {rule.code: rule.label for rule in HOUSEHOLD_GROUPS}


def checked_groups(groups: Iterable[str]) -> tuple[str, ...]:
    """Return codes of named groups, each once and in the order of ``HOUSEHOLD_GROUPS``.

    Raises
    ------
    InputError
        If one is none of these.

    Examples
    --------
    >>> checked_groups(["struck", "lone_elderly"])
    ('lone_elderly', 'struck')
    """
    wanted = set() if isinstance(groups, (list, tuple)) and not groups else names("groups", groups)
    for code in sorted(wanted):
        one_of("groups", code, tuple(GROUP_NAMES))
    return tuple(code for code in GROUP_NAMES if code in wanted)


def beside_the_model(
    snapshot: Snapshot,
    *,
    policy: Policy | None = None,
    lang: Language | None = None,
    named: bool = True,
    groups: Iterable[str] = (),
) -> pd.DataFrame:
    """Say of each household what the rules find, as columns that stand beside its score.

    This is the one place from which scores take what rules say: a column that is added here stands in every score.

    Parameters
    ----------
    snapshot : Snapshot
        The day.
    policy : Policy, optional
        Numbers of the rules. Default: those that ship with the package.
    lang : {"zh", "en"}, optional
        Also say in this language what fails and by which records.
    named : bool, default True
        Whether records say by id of whom they are.
    groups : iterable of str, default ()
        Codes of ``HOUSEHOLD_GROUPS``: also say which of these groups a household belongs to.

    Returns
    -------
    DataFrame of shape (n_households, 4 to 7)
        In the order of the snapshot. ``rules``: codes of ``SIEVE`` that fail, joined by ``;``, ``""`` for none;
        ``rules_unknown``: codes that the records do not tell, which is neither pass nor fail; ``type_suggested``: which type
        of monitored household the records suggest, a code of :data:`fanpin_risk.policy.SUGGESTED_TYPES`; ``signals``: what departments,
        cadres or the household itself signalled and nobody has looked into, see
        :func:`fanpin_risk.policy.signals.pending_signals`; with `lang`
        ``rule_reason``: what fails, with the records that decided, ``""`` where nothing does; with `groups` also ``groups`` and
        ``groups_unknown``: codes of those to which it belongs, and of those of which the records do not tell.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> found = beside_the_model(fr.Snapshot(fr.make_register(100, random_state=0), "2023-12-31"), lang="en")
    >>> list(found), bool(((found["rules"] == "") == (found["rule_reason"] == "")).all())
    (['rules', 'rules_unknown', 'type_suggested', 'signals', 'rule_reason'], True)
    """
    if lang is not None:
        one_of("lang", lang, LANGUAGES)
    numbers = checked_policy(policy)
    verdicts = [verdict_on_guarantee(rule, snapshot, numbers) for rule in SIEVE]
    columns = {
        "rules": _codes_where(SIEVE, verdicts, lambda answer: answer == NOT_SO),
        "rules_unknown": _codes_where(SIEVE, verdicts, lambda answer: answer == NOT_KNOWN),
    }
    columns["type_suggested"] = suggested_types(snapshot, numbers)
    columns["signals"] = pending_signals(snapshot)
    if lang is not None:
        columns["rule_reason"] = _reasons(verdicts, snapshot, lang, named=named)
    if wanted := checked_groups(groups):
        asked = tuple(rule for rule in HOUSEHOLD_GROUPS if rule.code in wanted)
        found = [rule.answer(snapshot, numbers) for rule in asked]
        columns["groups"] = _codes_where(asked, found, lambda answer: answer == IS_SO)
        columns["groups_unknown"] = _codes_where(asked, found, lambda answer: answer == NOT_KNOWN)
    return pd.DataFrame({name: pd.Series(values, dtype="str") for name, values in columns.items()})


def _codes_where(
    rules: tuple[Rule, ...], verdicts: list[Verdict], holds: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Join the codes of the rules of whose answer it holds, household by household."""
    bits = sum(holds(verdict.answer).astype("int64") << k for k, verdict in enumerate(verdicts))
    numbers, unique = np.unique(bits, return_inverse=True)
    texts = [
        BETWEEN_RULES.join(rule.code for k, rule in enumerate(rules) if number >> k & 1) for number in numbers.tolist()
    ]
    return np.array([*texts, ""], dtype=object)[unique]


def _reasons(verdicts: list[Verdict], snapshot: Snapshot, lang: Language, *, named: bool) -> np.ndarray:
    """Say in a sentence for each rule what fails of each household; evidence is written of these households alone."""
    result = np.full(snapshot.n_households, "", dtype=object)
    for rule, verdict in zip(SIEVE, verdicts, strict=True):
        rows = answer_rows(
            0, rule, verdict, snapshot.household_ids, lang=lang, answers=frozenset({"fail"}), named=named
        )
        for k, said in zip(rows["number"].to_pylist(), rows["says"].to_pylist(), strict=True):
            result[k] = listed([part for part in (result[k], said + FULL_STOP.shown(lang)) if part], between=" ").shown(
                lang
            )
    return result


def rules_in_words(codes: str) -> Message:
    """Return the names of rules that a score has in codes.

    Raises
    ------
    SchemaError
        If there is anything else among them.

    Examples
    --------
    >>> rules_in_words("safe_housing;safe_water").shown("zh")
    '住房安全；饮水安全'
    """
    return codes_in_words("rules", codes, RULE_NAMES)


def groups_in_words(codes: str) -> Message:
    """Return the names of named groups that a score has in codes.

    Raises
    ------
    SchemaError
        If there is anything else among them.

    Examples
    --------
    >>> groups_in_words("lone_elderly").shown("zh")
    '独居老人户'
    """
    return codes_in_words("groups", codes, GROUP_NAMES)
