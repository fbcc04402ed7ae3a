"""Which kinds of measures answer which risk, by who is able to work; and whether the risks of a household have been answered.

The kinds stand in ``measures.csv`` with their sources, and an office puts its own in their place; what must be there when a
risk is eliminated stands in ``ANSWERS_TO_RISKS`` (data rules of a provincial register checker).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from fanpin_risk.arguments import of_type
from fanpin_risk.asof.days import Array
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import InputError
from fanpin_risk.policy.on_record import inhabited
from fanpin_risk.policy.own_tables import ENTRY_STATUSES, read_own_table, refuse_first_odd_cell, table_in_memory
from fanpin_risk.policy.rule import Deciding
from fanpin_risk.policy.spells import supports_since
from fanpin_risk.policy.three_valued import any_member, known_where
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Message

__all__ = [
    "ANSWERS_TO_RISKS",
    "HOW",
    "LABOUR_LEVELS",
    "answered_risks",
    "kinds_of_measures",
    "labour_of_households",
    "own_kinds_of_measures",
]

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
KIND_COLUMNS = ("risk", "labour", "measure", "how", "status", "source")
HALF_ABLE = {"弱劳动力": "weak", "半劳动力": "weak"}
TABLE_OF_MEASURES = Message("table of measures", zh="措施表")  # where no file was read
LEVELS_WITH_RULES = tuple(
    code for code in LABOUR_LEVELS if code != "unknown"
)  # what holds in all of them holds there, too


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


def own_kinds_of_measures(source: str | Path | pd.DataFrame) -> pd.DataFrame:
    """Return the kinds of measures with an office's own in place of shipped ones, cell by cell of the table.

    Where the office names a risk and who is able to work, its rows alone count there; all others stay as they ship.

    Parameters
    ----------
    source : path-like or DataFrame
        A csv file in UTF-8 or GB18030, the first sheet of an xlsx workbook, or a frame: ``risk``, ``labour``, ``measure`` and,
        if known, ``how``, ``status`` (sourced, inferred, unverified, user) and ``source``, in codes or as offices write them
        (因病, 有劳动能力, 产业帮扶); headers may be 风险, 劳动能力, 帮扶措施, 方式, 状态, 来源.

    Returns
    -------
    DataFrame
        As :func:`kinds_of_measures`; own rows without a status have ``user``, those without a source the name of the file.

    Raises
    ------
    InputError
        If the file cannot be read, a column is missing or unknown, a cell is none of those described, a status stands without
        its source, or a row occurs twice.

    Examples
    --------
    >>> own = pd.DataFrame(
    ...     {"risk": ["water"], "labour": ["none"], "measure": ["water"], "source": ["a county, 2024 no. 7"]}
    ... )
    >>> kinds = own_kinds_of_measures(own)
    >>> kinds.loc[(kinds["risk"] == "water") & (kinds["labour"] == "none"), "source"].tolist()
    ['a county, 2024 no. 7']
    """
    if isinstance(source, pd.DataFrame):
        table = table_in_memory(source, KIND_COLUMNS, KIND_COLUMNS[:3], TABLE_OF_MEASURES)
    else:
        of_type("kinds", source, (str, os.PathLike), Message("a frame, or the path of a file"))
        table = read_own_table(source, KIND_COLUMNS, KIND_COLUMNS[:3])
    known = {
        "risk": _as_written(TABLES["monitoring"]["risks"].codes),
        "labour": {code: code for code in LEVELS_WITH_RULES}
        | {LABOUR_LEVELS[code].shown("zh"): code for code in LEVELS_WITH_RULES}
        | HALF_ABLE,
        "measure": _as_written(TABLES["supports"]["measure"].codes),
        "how": {"": ""} | {code: code for code in HOW} | {said.shown("zh"): code for code, said in HOW.items()},
    }
    frame = table.frame.astype("str").fillna("").apply(lambda cells: cells.str.strip())
    coded = frame.assign(**{name: frame[name].map(words) for name, words in known.items()})
    checks: dict[str, tuple[pd.Series, Message | pd.Series]] = {
        name: (coded[name].notna(), Message("one of {names}", names=tuple(dict.fromkeys(filter(None, words.values())))))
        for name, words in known.items()
    }
    checks["status"] = frame["status"].isin(("", *ENTRY_STATUSES)), Message("one of {names}", names=ENTRY_STATUSES)
    checks["source"] = (
        frame["source"].ne("") | frame["status"].isin(("", "user")),
        Message("where a measure with a status can be read"),
    )
    refuse_first_odd_cell(table, checks)
    double = coded.duplicated(["risk", "labour", "measure"]).to_numpy()
    if double.any():
        raise InputError(
            "{file}: row {row} holds for the risk, labour and measure of a row above it; keep one row for each",
            file=table.file,
            row=int(table.row[double][0]),
        )
    coded["status"] = coded["status"].where(coded["status"] != "", "user")
    coded["source"] = coded["source"].where(coded["source"] != "", str(table.file))
    shipped = kinds_of_measures()
    cells = pd.MultiIndex.from_frame(coded[["risk", "labour"]])
    kept = shipped[~pd.MultiIndex.from_frame(shipped[["risk", "labour"]]).isin(cells)]
    return pd.concat([coded.astype("str"), kept], ignore_index=True)


def _as_written(codes: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return the words of a list of codes, and the codes themselves, each with its code."""
    return {word: code for code, words in codes.items() for word in (*words, code)}


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
