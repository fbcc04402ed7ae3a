"""Households that vanished from the records after a training day: how many there were, and what is said of them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from fanpin_risk.errors import UnobservedWarning
from fanpin_risk.model.training_day import TrainingDay
from fanpin_risk.words import Message

__all__ = ["unobserved_facts", "unobserved_message", "unobserved_note", "warn_of_unobserved"]

# More than two in a hundred move a base rate by as much, and who vanishes is no chance draw.
MOST_UNOBSERVED = 0.02


def unobserved_facts(days: Sequence[TrainingDay]) -> dict[str, Any]:
    """Return what is known of households that vanished after some days, as plain data.

    Parameters
    ----------
    days : sequence of TrainingDay

    Returns
    -------
    dict
        ``treated`` ("drop" or "count"), ``households`` that vanished, ``at_risk`` (with them), both over all days, and
        ``told_by``: the tables that tell it on every day.
    """
    counted = days[-1].unobserved == "count"
    vanished = sum(day.n_unobserved for day in days)
    return {
        "treated": days[-1].unobserved,
        "households": vanished,
        "at_risk": sum(len(day.outcome) for day in days) + (0 if counted else vanished),
        "told_by": sorted(set.intersection(*(set(day.presence) for day in days))),
    }


def unobserved_message(days: Sequence[TrainingDay]) -> Message | None:
    """Say that many households vanished after some days; None where they are few."""
    facts = unobserved_facts(days)
    if not facts["households"] > MOST_UNOBSERVED * facts["at_risk"]:
        return None
    what = {name: facts[name] for name in ("households", "at_risk")}
    what |= {"share": facts["households"] / facts["at_risk"], "days": [str(day.as_of.date()) for day in days]}
    if facts["treated"] == "count":
        return Message(
            "{households} of {at_risk} households at risk ({share:.1%}; {days}) have no record of any kind after the day and "
            "count as households without the event, though nobody knows: the forecast risk may be too low; "
            "unobserved='drop' (--unobserved drop) leaves them out",
            **what,
        )
    return Message(
        "{households} of {at_risk} households at risk ({share:.1%}; {days}) have no record of any kind after the day: what "
        "became of them is not known, and they are left out; if such households are still there and well, "
        "unobserved='count' (--unobserved count) counts them as households without the event",
        **what,
    )


def unobserved_note(facts: Mapping[str, Any] | None, target: str) -> Message | None:
    """Return what a card says of households that vanished after the training days; None where there is nothing to say.

    Parameters
    ----------
    facts : mapping or None
        From :func:`unobserved_facts`; None for a model of which it is not known.
    target : {"newly_monitored", "below_line", "not_eliminated", "relapse"}
        The event: an income below the line needs an income, so nobody counts unseen.

    Returns
    -------
    Message or None
    """
    if facts is None:
        return None
    if not facts["told_by"]:
        if target == "below_line":
            return None
        return Message(
            "No table of the register is written again and again of the same households and goes on after the training days, "
            "so nothing tells who vanished from the records: such households count as without the event."
        )
    if not facts["households"]:
        return None
    numbers: dict[str, Any] = {"households": int(facts["households"]), "at_risk": int(facts["at_risk"])}
    if facts["treated"] == "count":
        return Message(
            "Of {at_risk:,} households at risk {households:,} have no record of any kind after their training day; they count "
            "as without the event.",
            **numbers,
        )
    return Message(
        "Of {at_risk:,} households at risk {households:,} have no record of any kind after their training day; what became of "
        "them is not known, and they are left out.",
        **numbers,
    )


def warn_of_unobserved(days: Sequence[TrainingDay], *, stacklevel: int = 2) -> None:
    """Warn where more than two in a hundred households at risk vanished.

    Parameters
    ----------
    days : sequence of TrainingDay
    stacklevel : int
        As for :func:`warnings.warn`, seen from the caller.

    Warns
    -----
    UnobservedWarning
    """
    message = unobserved_message(days)
    if message is not None:
        warnings.warn(UnobservedWarning(message), stacklevel=stacklevel + 1)
