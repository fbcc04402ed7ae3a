"""Dropping fields, as real registers lack them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.errors import InputError
from fanpin_risk.records.schema import TABLES
from fanpin_risk.synthetic.parameters import REPORTED_MISSINGNESS

__all__ = ["checked_missingness", "drop_fields"]


def checked_missingness(missingness: str | Mapping[str, float]) -> Mapping[str, float]:
    """Return what to drop as shares by ``table`` or ``table.column``; InputError if it is something else."""
    if isinstance(missingness, str) and missingness in ("none", "reported"):
        return REPORTED_MISSINGNESS if missingness == "reported" else {}
    if isinstance(missingness, str) or not isinstance(missingness, Mapping):
        raise InputError(
            "missingness: expected 'none', 'reported' or a mapping such as {example}",
            example="{'members.education': 0.3}",
        )
    for name, share in missingness.items():
        table, _, column = str(name).partition(".")
        if table not in TABLES or (column and column not in TABLES[table]):
            raise InputError(
                "missingness: there is no table or column {name!r}; expected such as 'members.education'", name=name
            )
        if column and column in TABLES[table].needed:
            raise InputError("missingness: {name} is required and cannot be missing", name=name)
        if not (isinstance(share, (int, float, np.number)) and 0.0 <= share <= 1.0):
            raise InputError(
                "missingness: the share of {name} must be between 0 and 1, got {share!r}", name=name, share=share
            )
    return missingness


def drop_fields(
    tables: dict[str, pd.DataFrame], shares: Mapping[str, float], rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    """Blank shares of columns and drop shares of members' rows.

    A field that is missing for a person is missing in all of the person's versions.
    """
    tables = dict(tables)
    for name, share in shares.items():
        table, _, column = name.partition(".")
        frame = tables[table]
        entity = "member_id" if "member_id" in TABLES[table].needed else "household_id"
        numbers, unique = pd.factorize(frame[entity])
        hit = _exact_share(rng, len(unique), share)[numbers]
        if not column:
            tables[table] = frame[~hit].reset_index(drop=True)
            continue
        values: Any = frame[column].array.copy()
        values[hit] = None if values.dtype != np.dtype("float64") else np.nan
        tables[table] = frame.assign(**{column: values})
    return tables


def _exact_share(rng: np.random.Generator, n: int, share: float) -> Any:
    """Mask of n with exactly the rounded share true."""
    mask = np.zeros(n, dtype=bool)
    mask[: round(n * share)] = True
    return rng.permutation(mask)
