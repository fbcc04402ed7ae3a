"""What several rules ask of the records: ages by day, who was at home in an accounting year."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.rows import MemberRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.feature import shared
from fanpin_risk.features.income import income_years
from fanpin_risk.policy.three_valued import all_members, any_member, not_so

__all__ = ["GROWN_UP", "inhabited", "nobody_since", "years_old"]

# Relations to the head of persons who are no children, whatever their age.
GROWN_UP = (
    "head", "spouse", "father", "mother", "father_in_law", "mother_in_law", "husbands_father", "husbands_mother", "grandfather",
    "grandmother", "maternal_grandfather", "maternal_grandmother", "daughter_in_law", "son_in_law",
)  # fmt: skip


def inhabited(snapshot: Snapshot) -> Array:
    """Whether each household has a member on record who is at home on the day."""
    result: Array = np.bincount(snapshot.members.household, minlength=snapshot.n_households) > 0
    return result


def years_old(members: MemberRows) -> Array:
    """Age of each member on the day in full years, float64, by month where no day of birth is known; NaN where unknown.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> members = fr.Snapshot(fr.make_register(50, random_state=0), "2023-12-31").members
    >>> bool((years_old(members) <= members.age).all())
    True
    """
    result: Array = members.years_old
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
        held of somebody who has left or of an older record, and where no record of members is as old as that year.
    """
    today, ever = all_members(snapshot.members, not_so(holds(snapshot.members))), _ever_members(snapshot)
    oldest = ever.min(ever.valid_from.astype("int64").astype("float64"))
    in_time = oldest <= income_years(snapshot)[0].ended
    return np.where((today == 1) & ~((any_member(ever, holds(ever)) == 0) & in_time), np.nan, today)
