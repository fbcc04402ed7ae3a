"""What several rules ask of the records: who was at home in an accounting year, which certificates are valid."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fanpin_risk.asof.days import Array, months_before
from fanpin_risk.asof.rows import KnownRows, MemberRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.feature import shared
from fanpin_risk.features.income import income_years
from fanpin_risk.policy.three_valued import all_members, any_member, not_so

__all__ = ["GROWN_UP", "held_certificates", "inhabited", "members_in_year", "nobody_since"]

# Relations to the head of persons who are no children, whatever their age.
GROWN_UP = (
    "head", "spouse", "father", "mother", "father_in_law", "mother_in_law", "husbands_father", "husbands_mother", "grandfather",
    "grandmother", "maternal_grandfather", "maternal_grandmother", "daughter_in_law", "son_in_law",
)  # fmt: skip


# A sheet of persons that was drawn up so soon after an accounting year, and is the first, is that year's: both come from one round.
FIRST_SHEET_DAYS = 31
CERTIFICATE_YEARS = 10


def inhabited(snapshot: Snapshot) -> Array:
    """Whether each household has a member on record who is at home on the day."""
    result: Array = np.bincount(snapshot.members.household, minlength=snapshot.n_households) > 0
    return result


@shared
def _ever_members(snapshot: Snapshot) -> MemberRows:
    """All rows on record of persons who were at home in the newest accounting year or later, the older versions too."""
    ever = MemberRows("members", *snapshot.on_day.counting("members"), on_day=snapshot.on_day)
    gone = snapshot.former_members
    former = MemberRows("members", gone.index, gone.household, on_day=snapshot.on_day)
    place = former.place_of(ever)
    left = np.append(former.valid_to, np.datetime64("NaT", "D"))[place]
    began = income_years(snapshot)[0].began[ever.household]
    kept = ever.where(np.isnat(left) | ~(left.astype("int64") < began))
    return MemberRows("members", kept.index, kept.household, on_day=snapshot.on_day)


def nobody_since(snapshot: Snapshot, holds: Callable[[MemberRows], Array]) -> Array:
    """Whether it holds of nobody who was at home since the newest accounting year began.

    Parameters
    ----------
    snapshot : Snapshot
    holds : callable
        (MemberRows) -> 1, 0, NaN for each row.

    Returns
    -------
    ndarray of shape (n_households,)
        No where it holds of a member at home. Unknown of a household without any, where it is not known of somebody, where it
        held of somebody who has left or of an older record, and where the first record of members is later than the month
        after that year.
    """
    today, ever = all_members(snapshot.members, not_so(holds(snapshot.members))), _ever_members(snapshot)
    oldest = ever.min(ever.valid_from.astype("int64").astype("float64"))
    in_time = oldest <= income_years(snapshot)[0].ended + FIRST_SHEET_DAYS
    return np.where((today == 1) & ~((any_member(ever, holds(ever)) == 0) & in_time), np.nan, today)


@shared
def members_in_year(snapshot: Snapshot) -> KnownRows:
    """Return the row of each member at home that held at the end of the newest accounting year.

    That of a person who was recorded later, but within the month after it, for the first time counts for the year.
    """
    members = snapshot.members
    rows = MemberRows("members", *snapshot.on_day.counting("members"), on_day=snapshot.on_day)
    place, since = members.place_of(rows), rows.valid_from.astype("int64").astype("float64")
    first = np.full(len(members) + 1, np.inf)
    np.minimum.at(first, place, since)
    ended = income_years(snapshot)[0].ended[rows.household]
    in_time = (since <= ended) | ((since == first[place]) & (since <= ended + FIRST_SHEET_DAYS))
    return members.newest_of(rows.where(in_time & (place >= 0)))


@shared
def held_certificates(snapshot: Snapshot) -> tuple[KnownRows, Array]:
    """Return the newest certificate of each member at home, and whether it is valid on the day, the last day included.

    Without an end it is valid for ten years from its issue; whether it was renewed after that is not known.
    """
    rows = snapshot.members.newest_of(snapshot.disabilities)
    old = months_before(snapshot.as_of, 12 * CERTIFICATE_YEARS)
    valid = np.where(
        np.isnat(rows.valid_to), np.where(rows.issued_on >= old, 1.0, np.nan), rows.valid_to >= snapshot.as_of
    )
    return rows, valid
