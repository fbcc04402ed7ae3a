"""Which records a feature's value rests on: whoever doubts a number is shown the rows, their days and when they were recorded.

A household has some ten to a hundred rows. Each is left out in turn, the oldest first, and stays left out if the feature
computed again is the same: what remains is enough for the value, and nothing had to be declared or could be forgotten.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fanpin_risk.arguments import of_type
from fanpin_risk.asof.days import school_year_begin
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import SchemaError
from fanpin_risk.features.feature import Feature
from fanpin_risk.features.table import feature_named
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Message

if TYPE_CHECKING:
    from fanpin_risk.records.register import Register

__all__ = ["evidence_of"]

# Without its own rows there is no household to ask about: of these the content is taken away, not the row.
OF_HOUSEHOLDS = "households"


def evidence_of(
    register: Register,
    as_of: Any,
    household_id: str,
    feature: str,
    *,
    lines: MonitoringLines | None = None,
    references: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the rows of the register that a household's value of a feature rests on.

    Parameters
    ----------
    register : Register
        Checked records; those of the household are enough.
    as_of : date-like
        The day.
    household_id : str
        The household.
    feature : str
        Name of a feature, or of a column that sentences quote.
    lines : MonitoringLines, optional
        Default: the lines that ship with the package.
    references : DataFrame, optional
        From :func:`make_references` or a model's ``references_``, for values relative to the area.

    Returns
    -------
    DataFrame of shape (n_rows, 4)
        ``table``, ``row`` (label of the row in ``register.tables[table]``), ``day`` (when it became true) and
        ``recorded_at``; in the order of the tables, then of the rows. Together they give the value. Where several rows
        would each do, as two floods for the question whether there was one, the newest is named.

    Raises
    ------
    SchemaError
        If there is no such feature, or no such household on record on the day.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(50, random_state=0)
    >>> rows = fr.evidence_of(register, "2023-12-31", "H000000003", "income_per_person")
    >>> sorted(set(rows["table"]))
    ['incomes', 'members']
    """
    of_type("feature", feature, str, Message("the name of a feature"))
    try:
        declared = feature_named(feature)
    except KeyError:
        raise SchemaError("there is no feature {feature!r}; describe_features() lists them", feature=feature) from None
    whole = register.select([household_id])
    labels = _labels(register, household_id)

    def value(**frames: pd.DataFrame) -> float | None:
        return _computed(declared, whole, frames, as_of, household_id, lines=lines, references=references)

    full = value()
    if full is None:
        raise SchemaError("the household is not on record on the day asked: take a later day or another household")
    kept: dict[str, pd.DataFrame] = {}
    found: list[tuple[str, int]] = []
    for name, frame in whole.tables.items():
        kept[name] = frame
        needed = []
        for k in np.argsort([_time(name, frame, place) for place in range(len(frame))], kind="stable").tolist():
            without = _left_out(name, kept[name], k)
            if _unmoved(value(**{**kept, name: without}), full):
                kept[name] = without
            else:
                needed.append(k)
        found += [(name, k) for k in sorted(needed)]
    return pd.DataFrame(
        {
            "table": pd.Series([name for name, _ in found], dtype="str"),
            "row": pd.Series([labels[name][k] for name, k in found], dtype="int64"),
            "day": pd.Series([_time(name, whole.tables[name], k) for name, k in found], dtype="datetime64[s]"),
            "recorded_at": pd.Series(
                [whole.tables[name]["recorded_at"].iloc[k] for name, k in found], dtype="datetime64[s]"
            ),
        }
    )


def _labels(register: Register, household_id: str) -> dict[str, list[int]]:
    """Return the labels of a household's rows in the tables of the whole register, as ``Register.select`` keeps them."""
    members = register.tables["members"]
    persons = members.loc[members["household_id"] == household_id, "member_id"].unique()
    labels = {}
    for name, frame in register.tables.items():
        by_person = name == "members" or "household_id" not in frame
        own = frame["member_id"].isin(persons) if by_person else frame["household_id"] == household_id
        labels[name] = frame.index[own.to_numpy(dtype=bool, na_value=False)].tolist()
    return labels


def _left_out(name: str, frame: pd.DataFrame, label: int) -> pd.DataFrame:
    """Return a table without a row, or, of households, without what stands in it."""
    if name != OF_HOUSEHOLDS:
        return frame.drop(index=label)
    emptied = frame.copy()
    for column in frame.columns:
        if column not in (*TABLES[name].key, "recorded_at", "valid_to"):
            emptied[column] = frame[column].where(frame.index != label)
    return emptied


def _computed(
    declared: Feature,
    whole: Register,
    frames: dict[str, pd.DataFrame],
    as_of: Any,
    household_id: str,
    *,
    lines: MonitoringLines | None,
    references: pd.DataFrame | None,
) -> float | None:
    """Compute the feature with some tables replaced; None where the household is not on record."""
    register = copy(whole)
    register.tables = {**whole.tables, **{name: frame.reset_index(drop=True) for name, frame in frames.items()}}
    snapshot = Snapshot(register, as_of, lines=lines, references=references)
    place = snapshot.household_ids.get_indexer(pd.Index([household_id]))[0]
    return None if place < 0 else float(declared.compute(snapshot)[place])


def _unmoved(value: float | None, full: float) -> bool:
    return value is not None and (value == full or bool(np.isnan(value) and np.isnan(full)))


def _time(name: str, frame: pd.DataFrame, k: int) -> np.datetime64:
    """Return the day on which a row became true."""
    if name == "enrolments":
        return school_year_begin(frame["school_year"].iloc[[k]].to_numpy(dtype="float64"))[0].astype("datetime64[s]")
    return frame[TABLES[name].time].to_numpy(dtype="datetime64[s]")[k]
