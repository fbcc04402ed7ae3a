"""What is asked of a register in memory or of one in parts, of which one is in memory at a time: the same answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pandas as pd

from fanpin_risk.asof.outcomes import outcomes
from fanpin_risk.errors import NotEnoughDataError
from fanpin_risk.model.register_parts import RegisterParts, in_parts
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.records.register import Register

__all__ = ["JUDGED_COLUMNS", "ask_each", "one_of_parts", "outcomes_of_parts", "scores_of_day"]

FromEach = TypeVar("FromEach")
# Of the scores of a register in parts these alone are put together.
JUDGED_COLUMNS = ("household_id", "as_of", "risk", "risk_low", "risk_high", "monitored", "area_code")


def ask_each(register: Register | RegisterParts, function: Callable[[Register], FromEach]) -> list[FromEach]:
    """Return what a function returns of a register in memory, or of each part of one in parts.

    Parameters
    ----------
    register : Register or RegisterParts
    function : callable

    Returns
    -------
    list

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> ask_each(fr.make_register(20, random_state=0), lambda part: part.tables["households"]["household_id"].nunique())
    [20]
    """
    return list(in_parts(register).each(function))


def scores_of_day(model: RiskModel, register: Register | RegisterParts, day: pd.Timestamp) -> pd.DataFrame:
    """Score the households of a day, without explaining; of parts only what forecasts are judged by is kept.

    Parameters
    ----------
    model : RiskModel
        Fitted.
    register : Register or RegisterParts
    day : Timestamp

    Returns
    -------
    DataFrame
        By household.
    """
    if isinstance(register, Register):
        return model.score(register, day, explain=False)
    found = ask_each(register, lambda part: model.score(part, day, explain=False)[list(JUDGED_COLUMNS)])
    return one_of_parts(found)


def outcomes_of_parts(
    register: Register | RegisterParts, day: Any, *, observed_until: Any = None, **how: Any
) -> pd.DataFrame:
    """Return what became of households after a day, see :func:`fanpin_risk.outcomes`.

    Parameters
    ----------
    register : Register or RegisterParts
    day : date-like
    observed_until : date-like, optional
        Default: the newest record of the whole register.
    **how
        As for :func:`fanpin_risk.outcomes`.

    Returns
    -------
    DataFrame
        By ``household_id``, sorted.

    Raises
    ------
    NotEnoughDataError
        If the outcomes cannot be known yet.
    """
    if isinstance(register, Register):
        return outcomes(register, day, observed_until=observed_until, **how)
    until = register.observed_until if observed_until is None else observed_until
    lacking: list[NotEnoughDataError] = []

    def of_part(part: Register) -> pd.DataFrame | None:
        try:
            return outcomes(part, day, observed_until=until, **how)
        except NotEnoughDataError as error:
            lacking.append(error)
            return None

    found = [one for one in ask_each(register, of_part) if one is not None]
    if not found:
        raise lacking[0]
    return pd.concat([frame for frame in found if len(frame)] or found[:1]).sort_index()


def one_of_parts(scores: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put the scores of parts together as those of the whole, by household.

    Parameters
    ----------
    scores : sequence of DataFrame
        At least one.

    Returns
    -------
    DataFrame

    Examples
    --------
    >>> one_of_parts([pd.DataFrame({"household_id": [one], "risk": [0.5]}) for one in "ba"])["household_id"].tolist()
    ['a', 'b']
    """
    filled = [frame for frame in scores if len(frame)] or list(scores[:1])
    return pd.concat(filled).sort_values("household_id", kind="stable", ignore_index=True)
