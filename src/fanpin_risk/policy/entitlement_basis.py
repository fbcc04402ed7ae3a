"""What entitlements ask: who is of which group, what is on record of a support, and the answer made of both.

Yes means: qualifies by the household's own records, and no record of it; it is to be checked, and never "owed". No means
that it is on record. Who does not qualify is not asked; where one of the two cannot be told the answer is unknown. A rule that
needs a number of the place is asked only where the office gives one (``--policy FILE``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.income_years import years_back
from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.education import current_enrolment
from fanpin_risk.features.income import newest_period_end
from fanpin_risk.policy.on_record import held_certificates
from fanpin_risk.policy.parameters import Policy
from fanpin_risk.policy.rule import IS_SO, NOT_ASKED, NOT_KNOWN, NOT_SO, Deciding, Rule, Verdict, rule
from fanpin_risk.policy.three_valued import any_of

__all__ = [
    "SupportKind", "certified", "entitlement", "given_to_households", "given_to_members", "group_of_households",
    "group_of_members", "in_area", "is_pupil", "measures_beside", "monitored_now", "newest_amount", "of_household", "of_persons",
]  # fmt: skip

# Supports that are paid again and again until they end.
LASTING = (
    "contract", "serious_treatment", "disability_living", "disability_care", "dibao", "tekun", "pension_subsidy", "pension",
    "old_age_allowance",
)  # fmt: skip


def entitlement(
    *, zh: str, en: str, asks_zh: str, asks_en: str, source: str, status: Literal["sourced", "inferred"] = "sourced"
) -> Callable[[Callable[[Snapshot, Policy], Verdict]], Rule]:
    """Turn a function of a snapshot and a policy into a rule that asks whether a support is lacking on record."""
    return rule(zh=zh, en=en, asks_zh=asks_zh, asks_en=asks_en, kind="entitlement", source=source, status=status)


def _answers(qualifies: Array, given: Array) -> Array:
    """Join who qualifies and what is given."""
    answer = np.where(
        qualifies == 0, NOT_ASKED,
        np.where(given == 1, NOT_SO, np.where((qualifies == 1) & (given == 0), IS_SO, NOT_KNOWN)),
    )  # fmt: skip
    return answer.astype(np.int8)


def of_household(
    qualifies: Array,
    given: Array,
    *deciding: Deciding,
    figures: dict[str, Array] | None = None,
    asked: Array | None = None,
    records: Deciding | None = None,
) -> Verdict:
    """Make the verdict of households from 1, 0 and NaN about each.

    Parameters
    ----------
    qualifies, given : ndarray of shape (n_households,)
    *deciding : Deciding
        Rows that decided.
    figures : dict of str to ndarray of shape (n_households,), optional
    asked : ndarray of bool, shape (n_households,), optional
        Where the rule is asked at all. Default: everywhere.
    records : Deciding, optional
        Measures that are the support, or may be: shown where the answer is no or unknown.

    Returns
    -------
    Verdict
    """
    answer = _answers(qualifies, given)
    if asked is not None:
        answer[~asked] = NOT_ASKED
    asked_of = answer != NOT_ASKED
    told = [Deciding(one.rows.where(asked_of[one.rows.household]), one.columns) for one in deciding]
    shown = {name: np.where(asked_of, values, np.nan) for name, values in (figures or {}).items()}
    return Verdict(answer, (*told, *_shown(records, answer)), figures=shown)


def _shown(records: Deciding | None, answer: Array) -> list[Deciding]:
    """Return measures that are the support, or may be, of households whose answer is no or unknown."""
    if records is None:
        return []
    mask = (answer == NOT_SO) | (answer == NOT_KNOWN)
    return [Deciding(records.rows.where(mask[records.rows.household]), records.columns)]


def of_persons(
    snapshot: Snapshot,
    qualifies: Array,
    given: Array,
    *own: str,
    others: tuple[Deciding, ...] = (),
    asked: Array | None = None,
    records: Deciding | None = None,
) -> Verdict:
    """Make the verdict of households from 1, 0 and NaN about each member: yes if any is yes, else unknown if any is, else no.

    Parameters
    ----------
    snapshot : Snapshot
    qualifies, given : ndarray of shape (n_members,)
    *own : str
        Columns of members that decided.
    others : tuple of Deciding
        Rows with a ``member_id`` that decided, shown of the persons whom the answer is about.
    asked : ndarray of bool, shape (n_households,), optional
        Where the rule is asked at all. Default: everywhere.
    records : Deciding, optional
        Measures that are the support, or may be: shown where the answer is no or unknown.

    Returns
    -------
    Verdict
    """
    members = snapshot.members
    each = _answers(qualifies, given)
    answer = np.full(snapshot.n_households, NOT_ASKED, dtype=np.int8)
    for value in (NOT_SO, NOT_KNOWN, IS_SO):
        answer[members.household[each == value]] = value
    if asked is not None:
        answer[~asked] = NOT_ASKED
    telling = (each == answer[members.household]) & (each != NOT_ASKED)
    deciding = [Deciding(members.where(telling), own)]
    for one in others:
        place = members.place_of(one.rows)
        deciding.append(Deciding(one.rows.where((place >= 0) & np.append(telling, False)[place]), one.columns))
    return Verdict(answer, (*deciding, *_shown(records, answer)), persons=members.where(telling))


def in_area(snapshot: Snapshot, policy: Policy, name: str) -> tuple[Array, Array]:
    """Return a number of each household's area, and whether there is one: without one the rule is not asked."""
    values = policy.at(name, snapshot.area_codes, snapshot.as_of)
    return values, ~np.isnan(values)


def monitored_now(snapshot: Snapshot) -> Array:
    """Whether each household is monitored; 1, 0, NaN without the table."""
    return snapshot.monitored


def group_of_households(
    snapshot: Snapshot, *groups: Literal["ex_poor", "monitored", "dibao", "tekun", "disabled"]
) -> Array:
    """Whether each household is of one of some groups: 1, 0, NaN.

    Parameters
    ----------
    snapshot : Snapshot
    *groups : str
        Status of the household, monitored now, with a member on 低保, on 特困供养, with a certificate of disability.

    Returns
    -------
    ndarray of shape (n_households,)
    """
    home, members = snapshot.households, snapshot.members
    parts = []
    for group in groups:
        if group == "ex_poor":
            status = home.isin("register_status", "ex_poor").astype("float64")
            parts.append(np.where(home.known("register_status"), status, np.nan))
        elif group == "monitored":
            parts.append(monitored_now(snapshot))
        else:
            each = certified(snapshot) if group == "disabled" else getattr(members, group)
            some = np.bincount(members.household, each == 1, minlength=snapshot.n_households) > 0
            unsure = np.bincount(members.household, np.isnan(each), minlength=snapshot.n_households) > 0
            parts.append(np.where(some, 1.0, np.where(unsure, np.nan, 0.0)))
    return any_of(*parts)


def group_of_members(
    snapshot: Snapshot, *groups: Literal["ex_poor", "monitored", "dibao", "tekun", "disabled"]
) -> Array:
    """Whether each member is of one of some groups, those of the household by the household, the others by the person."""
    members = snapshot.members
    parts = []
    for group in groups:
        if group in ("ex_poor", "monitored"):
            parts.append(group_of_households(snapshot, group)[members.household])
        else:
            parts.append(certified(snapshot) if group == "disabled" else getattr(members, group))
    return any_of(*parts)


def newest_amount(snapshot: Snapshot, item: str) -> tuple[Array, KnownRows]:
    """Whether an item was received in the newest accounting year: 1, 0 where it is written as 0, NaN where it is not on record.

    Parameters
    ----------
    snapshot : Snapshot
    item : str
        Code of an item of income.

    Returns
    -------
    received : ndarray of shape (n_households,)
    rows : KnownRows
        Rows of the item.
    """
    rows = snapshot.incomes.where(years_back(snapshot.incomes, newest_period_end(snapshot)) == 0)
    rows = rows.where(rows.isin("item", item))
    told = rows.count(rows.known("amount_cny")) > 0
    return np.where(told, (rows.sum(rows.amount_cny) > 0).astype("float64"), np.nan), rows


def is_pupil(snapshot: Snapshot) -> Array:
    """Whether each member is at school, by the school record or the member form."""
    rows = current_enrolment(snapshot)
    members = snapshot.members
    return members.named_in(rows.where(rows.isin("status", "enrolled", "home_teaching", "suspended"))) | members.known(
        "student_stage"
    )


def certified(snapshot: Snapshot, *grades: str, categories: tuple[str, ...] = ()) -> Array:
    """Whether each member has a valid certificate, of some grades and categories: 1, 0, NaN without the table or its end."""
    (rows, valid), members = held_certificates(snapshot), snapshot.members
    if not snapshot.disabilities.supplied:
        return np.full(len(members), np.nan)
    meant = np.ones(len(rows), dtype=bool)
    if grades:
        meant &= rows.isin("grade", *grades)
    if categories:
        meant &= rows.isin("category", *categories)
    result = np.zeros(len(members))
    result[members.place_of(rows)] = np.where(meant, valid, 0.0)
    return result


class SupportKind(NamedTuple):
    """How a support is known among the measures on record.

    Attributes
    ----------
    months : int
        How long ago it may have been.
    subs : tuple of str
        Sub-kinds of measures that are it.
    measures : tuple of str
        Kinds of measures that it may stand behind where no sub-kind is on record.
    whole : tuple of str
        Kinds of measures that are it, whatever the sub-kind.
    """

    months: int
    subs: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()


def _measures_that_are_it(snapshot: Snapshot, kind: SupportKind) -> tuple[KnownRows, KnownRows]:
    """Return measures that are such a support, and those that may be: of its kind, without saying which.

    A measure counts that ended, or was given, in the months before the day. One without an end runs on where it is of a kind that
    is paid again and again; where no sub-kind is on record it may.
    """
    months, subs, measures, whole = kind
    rows = snapshot.supports
    given_on = np.where(np.isnat(rows.done_on) | (rows.done_on > snapshot.as_of), rows.start_date, rows.done_on)
    last = np.where(np.isnat(rows.end_date), given_on, rows.end_date)
    in_time, runs_on = last > snapshot.months_before(months), np.isnat(rows.end_date)
    sure = rows.isin("sub_measure", *subs) if subs else np.zeros(len(rows), dtype=bool)
    if whole:
        sure |= rows.isin("measure", *whole)
    lasting = runs_on & rows.isin("sub_measure", *LASTING)
    maybe = (
        ~sure & ~rows.known("sub_measure") & rows.isin("measure", *measures)
        if measures
        else np.zeros(len(rows), dtype=bool)
    )
    return rows.where(sure & (in_time | lasting)), rows.where(maybe & (in_time | runs_on))


def measures_beside(snapshot: Snapshot, kind: SupportKind) -> Deciding:
    """Return measures that are a support, or may be, to be shown beside an answer."""
    sure, maybe = _measures_that_are_it(snapshot, kind)
    rows = KnownRows(
        "supports", np.concatenate([sure.index, maybe.index]), np.concatenate([sure.household, maybe.household]),
        on_day=snapshot.on_day,
    )  # fmt: skip
    return Deciding(rows, ("measure", "sub_measure", "start_date", "end_date"))


def given_to_households(snapshot: Snapshot, kind: SupportKind) -> Array:
    """Whether a support is on record for each household: 1, 0, NaN where it may be behind a measure that does not say which.

    Parameters
    ----------
    snapshot : Snapshot
    kind : SupportKind

    Returns
    -------
    ndarray of shape (n_households,)
        NaN without the table.
    """
    if not snapshot.supports.supplied:
        return np.full(snapshot.n_households, np.nan)
    sure, maybe = _measures_that_are_it(snapshot, kind)
    return np.where(sure.count() > 0, 1.0, np.where(maybe.count() > 0, np.nan, 0.0))


def given_to_members(snapshot: Snapshot, kind: SupportKind) -> Array:
    """Say the same of each member; a measure for the household that names nobody may be for any of its members.

    Parameters
    ----------
    snapshot : Snapshot
    kind : SupportKind

    Returns
    -------
    ndarray of shape (n_members,)
    """
    members = snapshot.members
    if not snapshot.supports.supplied:
        return np.full(len(members), np.nan)
    sure, maybe = _measures_that_are_it(snapshot, kind)
    nobody = sure.where(~sure.known("member_id"))
    unsure = members.named_in(maybe.where(maybe.known("member_id")))
    unsure |= (maybe.count(~maybe.known("member_id")) > 0)[members.household] | (nobody.count() > 0)[members.household]
    alone = (nobody.count() > 0)[members.household] & (members.count() == 1)[members.household]
    return np.where(members.named_in(sure) | alone, 1.0, np.where(unsure, np.nan, 0.0))
