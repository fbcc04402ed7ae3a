"""The groups of an audit: by what households are grouped, and what the rows of its tables are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features import disability
from fanpin_risk.records.places import UNIT_DIGITS
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import HOUSEHOLDS, MEMBERS
from fanpin_risk.words import Message

__all__ = ["FAIRNESS", "GROUPS", "Grouping", "audit_groups"]

Array = NDArray[np.float64]

LARGEST_SIZE = 5
# Lower ends of the bands, and their names; the last band is open.
AGES = ((0, "under 45"), (45, "45-59"), (60, "60-74"), (75, "75+"))
DISTANCES = ((0.0, "under 0.5 km"), (0.5, "0.5-2 km"), (2.0, "2 km or more"))
HAN_NAMES = ("汉", "汉族", "han")
# Texts, and codes of digits, that name no ethnic group.
NO_ETHNICITY = ("其他", "其它", "不详", "未知", "未识别", "未填", "无", "")

ALL, UNKNOWN = "all", "unknown"
LARGEST_DIFFERENCE, LARGEST_RATIO = "largest difference", "largest ratio"
ONE_LIST, EXCLUSION_GAP = "one list", "exclusion_gap"


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """A way to group households for an audit.

    Parameters
    ----------
    label : Message
        What it is called.
    codes : mapping of str to Message
        Code -> what it is called, in the order of reports; empty where codes are their own labels.
    """

    label: Message
    codes: Mapping[str, Message] = field(default_factory=lambda: MappingProxyType({}))


# What households are grouped by, in the order of `audit_groups`. None of it is thereby a feature.
GROUPS: Mapping[str, Grouping] = MappingProxyType(
    {
        "register_status": Grouping(
            label=Message("Register status"),
            codes=MappingProxyType({"ex_poor": Message("formerly poor"), "general": Message("general")}),
        ),
        "county": Grouping(label=Message("County")),
        "household_size": Grouping(
            label=Message("Household size"),
            codes=MappingProxyType(
                {str(n): Message("{count}", context="persons", count=n) for n in range(1, LARGEST_SIZE)}
                | {f"{LARGEST_SIZE}+": Message("{count} or more", context="persons", count=LARGEST_SIZE)}
            ),
        ),
        "head_sex": Grouping(
            label=Message("Sex of the head"),
            codes=MappingProxyType({"male": Message("male"), "female": Message("female")}),
        ),
        "head_age": Grouping(
            label=Message("Age of the head"),
            codes=MappingProxyType(
                {
                    "under 45": Message("under 45"),
                    "45-59": Message("45 to 59"),
                    "60-74": Message("60 to 74"),
                    "75+": Message("75 or older"),
                }
            ),
        ),
        "ethnicity": Grouping(
            label=Message("Ethnicity of the head (audits only)"),
            codes=MappingProxyType({"han": Message("Han"), "minority": Message("minority")}),
        ),
        "disability": Grouping(
            label=Message("Disabled members"),
            codes=MappingProxyType(
                {
                    "none": Message("none"),
                    "disabled": Message("yes, none of grade 1 or 2"),
                    "severely disabled": Message("of grade 1 or 2"),
                }
            ),
        ),
        "remoteness": Grouping(
            label=Message("Distance to the main road of the village"),
            codes=MappingProxyType(
                {
                    "under 0.5 km": Message("under 0.5 km"),
                    "0.5-2 km": Message("0.5 to 2 km"),
                    "2 km or more": Message("2 km or more"),
                }
            ),
        ),
    }
)

# Measures of `fairness` -> what they are called.
FAIRNESS: Mapping[str, Message] = MappingProxyType(
    {
        "visited": Message("Share visited"),
        "exclusion_error": Message("Exclusion error"),
        "inclusion_error": Message("Inclusion error"),
        "mean_risk": Message("Mean risk"),
        "base_rate": Message("Base rate"),
        "calibration_gap": Message("Mean risk less base rate"),
        "auc": Message("AUC"),
    }
)
# A ratio says something only of shares.
WITH_RATIO = ("visited", "exclusion_error", "inclusion_error", "mean_risk", "base_rate")


def audit_groups(register: Register, as_of: Any, *, lines: MonitoringLines | None = None) -> pd.DataFrame:
    """Group the households of a day for an audit, by what was known on that day.

    Parameters
    ----------
    register : Register
        Checked records.
    as_of : date-like
        The day.
    lines : MonitoringLines, optional
        Default: the lines that ship with the package.

    Returns
    -------
    DataFrame of shape (n_households, 8)
        Indexed by ``household_id``, sorted; texts, missing where unknown. Codes and labels: :data:`GROUPS`.

        - ``register_status``: ``ex_poor``, ``general``;
        - ``county``: first six digits of the division code;
        - ``household_size``: members on the day, ``1`` to ``4``, ``5+``;
        - ``head_sex``, ``head_age`` (full years), ``ethnicity``: of the head; missing where the register has no head
          or more than one. Ethnicity is read from the text of the register: ``han``, or ``minority`` for any other
          name. It is here to find out whether a forecast fails a group, and is not a feature;
        - ``disability``: ``none``, ``disabled``, ``severely disabled`` (valid certificate of grade 1 or 2);
        - ``remoteness``: km to the main road of the village.

    Raises
    ------
    SchemaError
        If `as_of` is not a day.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> audit_groups(fr.make_register(300, random_state=0), "2023-12-31")["household_size"].value_counts().idxmax()
    '2'
    """
    h = Snapshot(register, as_of, lines=lines)
    heads, households = _heads(h)

    def of_head(values: NDArray[Any]) -> NDArray[Any]:
        result = np.full(h.n_households, None, dtype=object)
        result[households] = values
        return result

    columns: dict[str, Iterable[Any]] = {
        "register_status": _names_of(h.households.register_status, list(HOUSEHOLDS["register_status"].codes)),
        "county": [
            code[: UNIT_DIGITS["county"]] if len(code) >= UNIT_DIGITS["county"] else None for code in h.area_codes
        ],
        "household_size": _band(
            h.members.count(), [(n, f"{n}" if n < LARGEST_SIZE else f"{n}+") for n in range(1, LARGEST_SIZE + 1)]
        ),
        "head_sex": of_head(_names_of(h.members.sex[heads], list(MEMBERS["sex"].codes))),
        "head_age": of_head(_band(h.members.age[heads], AGES)),
        "ethnicity": of_head(_ethnicity(h.members.ethnicity[heads])),
        "disability": _disability(h),
        "remoteness": _band(h.households.road_km, DISTANCES),
    }
    return pd.DataFrame({name: pd.Series(list(columns[name]), dtype="str") for name in GROUPS}).set_index(
        h.household_ids
    )


def _heads(h: Snapshot) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions among the members of heads who are the only one of their household, and the households' numbers."""
    heads = np.flatnonzero(h.members.isin("relation", "head"))
    households = h.members.household[heads]
    only = np.bincount(households, minlength=h.n_households)[households] == 1
    return heads[only], households[only]


def _names_of(codes: NDArray[Any], names: Sequence[str]) -> NDArray[Any]:
    """Return the names of code numbers, None for -1."""
    return np.array([*names, None], dtype=object)[codes]


def _band(values: Array, bands: Sequence[tuple[float, str]]) -> NDArray[Any]:
    """Return the name of the band of each value, None where it is missing or below the first."""
    place = np.searchsorted([start for start, _ in bands], np.nan_to_num(values, nan=-np.inf), side="right") - 1
    return _names_of(place, [name for _, name in bands])


def _ethnicity(texts: NDArray[Any]) -> NDArray[Any]:
    written = pd.Series(texts, dtype="str").str.strip().str.lower().fillna("")
    code = np.where(written.isin(HAN_NAMES), 0, 1)
    code[written.isin(NO_ETHNICITY) | written.str.isdigit()] = -1
    return _names_of(code, ("han", "minority"))


def _disability(h: Snapshot) -> NDArray[Any]:
    persons = h.members.sum(disability.disabled(h), default=np.nan)
    severe = disability.n_severe_disability.compute(h) > 0
    code = np.where(np.isnan(persons) & ~severe, -1, (persons > 0) + 0)
    return _names_of(np.where(severe, 2, code), ("none", "disabled", "severely disabled"))
