"""Which kinds of measures answer which risk, by who is able to work; and whether the risks of a household have been answered.

The kinds stand in ``measures.csv`` with their sources; what must be there when a risk is eliminated stands in
``ANSWERS_TO_RISKS`` (data rules of a provincial register checker).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

import numpy as np
import pandas as pd

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.policy.on_record import inhabited
from fanpin_risk.policy.rule import Deciding
from fanpin_risk.policy.spells import supports_since
from fanpin_risk.policy.three_valued import any_member, known_where
from fanpin_risk.words import Message

__all__ = ["ANSWERS_TO_RISKS", "HOW", "LABOUR_LEVELS", "answered_risks", "kinds_of_measures", "labour_of_households"]

# Of these one must be on record when the risk is eliminated.
ANSWERS_TO_RISKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "illness": ("health", "social_security", "society"),
        "disability": ("social_security", "society"),
        "schooling": ("education", "compulsory_education", "society"),
        "disaster": ("temporary_aid", "industry", "living_conditions", "housing", "public_post", "social_security"),
        "accident": ("temporary_aid", "insurance_payout", "employment", "social_security"),
        "business_failure": ("industry", "finance"),
        "unstable_work": ("employment", "public_post"),
        "labour": ("public_post", "social_security"),
        "housing": ("housing", "resettlement"),
        "water": ("water",),
    }
)
LABOUR_LEVELS = MappingProxyType(
    {
        "able": Message("somebody is able to work", zh="有劳动能力"),
        "weak": Message("half able at the most", zh="弱劳动力或半劳动力"),
        "none": Message("nobody is able to work", zh="无劳动能力"),
        "unknown": Message("not known who is able to work", zh="劳动能力不详"),
    }
)
HOW = MappingProxyType(
    {
        "for_another_member": Message("for another member", zh="面向其他成员"),
        "for_a_carer": Message("for the one who cares", zh="面向照料者"),
        "share_of_proceeds": Message("a share of proceeds", zh="资产收益分红"),
        "with_care": Message("with care", zh="含照料托养"),
        "help_first": Message("help first, procedure later", zh="先行帮扶，后补程序"),
        "in_a_cooperative": Message("in a cooperative", zh="通过合作社"),
        "part_time": Message("for part of the time", zh="灵活就业"),
        "leasing_land": Message("leasing land", zh="土地流转"),
        "backstop_mark": Message("marked as 整户无劳动能力兜底保障户", zh="标记为整户无劳动能力兜底保障户"),
    }
)


@cache
def kinds_of_measures() -> pd.DataFrame:
    """Return the kinds of measures by risk and by who is able to work, with their sources; not to be changed.

    Returns
    -------
    DataFrame
        ``risk, labour, measure, how, status, source``.

    Examples
    --------
    >>> kinds = kinds_of_measures()
    >>> kinds.loc[(kinds["risk"] == "labour") & (kinds["labour"] == "weak"), "measure"].tolist()
    ['public_post']
    """
    with resources.files("fanpin_risk.policy").joinpath("measures.csv").open("rb") as file:
        return pd.read_csv(file, dtype="str").fillna("")


def labour_of_households(snapshot: Snapshot) -> Array:
    """Return who is able to work in each household: ``able``, ``weak``, ``none`` or ``unknown``.

    Parameters
    ----------
    snapshot : Snapshot

    Returns
    -------
    ndarray of str, shape (n_households,)
    """
    members = snapshot.members
    able, half = (
        any_member(members, known_where(members, members.isin("labour", *codes), "labour"))
        for codes in (("skilled", "ordinary"), ("skilled", "ordinary", "weak"))
    )
    told = np.where(able == 1, "able", np.where(np.isnan(able), "unknown", np.where(half == 1, "weak", "none")))
    result: Array = np.where(inhabited(snapshot), told, "unknown").astype(object)
    return result


def answered_risks(snapshot: Snapshot) -> tuple[Array, tuple[Deciding, ...]]:
    """Say whether each risk of each household's open spells has a measure that answers it, and by which measures.

    Parameters
    ----------
    snapshot : Snapshot

    Returns
    -------
    answered : ndarray of shape (n_households,)
        1, 0, NaN; another risk (其他) is answered by any measure.
    deciding : tuple of Deciding
    """
    spells = snapshot.open_spells
    holds = np.where(spells.known("risks"), 1.0, np.nan)
    told = np.zeros(len(snapshot.supports), dtype=bool)
    for risk in spells.declaration["risks"].codes:
        measures = ANSWERS_TO_RISKS.get(risk, ())
        has = supports_since(snapshot, spells, *measures)
        named = spells.isin("risks", risk)
        holds[named] = np.minimum(holds, has)[named]
        mine = snapshot.supports.isin("measure", *measures) if measures else np.ones(len(told), dtype=bool)
        told |= mine & (spells.count(named) > 0)[snapshot.supports.household]
    n = snapshot.n_households
    some = spells.count() > 0
    lacking = np.bincount(spells.household, holds == 0, minlength=n) > 0
    unsure = np.bincount(spells.household, np.isnan(holds), minlength=n) > 0
    answer = np.where(lacking, 0.0, np.where(unsure | ~some, np.nan, 1.0))
    return answer, (Deciding(snapshot.supports.where(told), ("measure", "start_date", "end_date")),)
