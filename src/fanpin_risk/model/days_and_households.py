"""The days and households that a caller asks a model for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from fanpin_risk.arguments import texts
from fanpin_risk.asof.days import to_day
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import SchemaError

__all__ = ["household_ids_of", "one_day", "rows_on_record", "sorted_days"]


def sorted_days(as_of: Any) -> list[pd.Timestamp]:
    """Return one day or several as sorted, distinct days."""
    given = list(as_of) if isinstance(as_of, Iterable) and not isinstance(as_of, (str, bytes)) else [as_of]
    if not given:
        raise SchemaError("as_of is empty: expected a day such as 2023-12-31, or a list of days")
    return sorted({to_day(day) for day in given})


def one_day(as_of: Any) -> pd.Timestamp:
    """Return one day; several are refused."""
    days = sorted_days(as_of)
    if len(days) > 1:
        raise SchemaError("as_of holds {n_days} days; expected one", n_days=len(days))
    return days[0]


def household_ids_of(households: Iterable[str] | str) -> list[str]:
    """Return the ids of one household or several, in their order."""
    return texts("households", households)


def rows_on_record(ids: Sequence[str], here: Snapshot) -> NDArray[Any]:
    """Return where households asked for are among those on record on the day; refuse those who are not."""
    places = here.household_ids.get_indexer(pd.Index(list(ids), dtype="str"))
    absent = int((places < 0).sum())
    if absent:
        raise SchemaError(
            "{absent} of {asked} households are not on record on {day}; see RiskModel.unscored, or unscored.csv of the "
            "score command",
            absent=absent,
            asked=len(ids),
            day=pd.Timestamp(here.as_of).date(),
        )
    return places
