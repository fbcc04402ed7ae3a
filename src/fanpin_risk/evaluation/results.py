"""Tables of results that know which picture fits them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["Result", "plain_rows"]


class Result(pd.DataFrame):
    """A DataFrame that knows what kind of result it holds, and keeps it when rows or columns are taken.

    Parameters
    ----------
    *args, **kwargs
        As for :class:`pandas.DataFrame`.
    kind : str, keyword only
        Which picture fits; :func:`fanpin_risk.plots.draw` draws it.

    Examples
    --------
    >>> table = Result({"share": [0.05], "recall": [0.3]}, kind="capacity")
    >>> table[table["share"] < 0.1].kind
    'capacity'
    """

    kind: str
    _metadata = ["kind"]  # noqa: RUF012 - the name and type that pandas asks for

    def __init__(self, *args: Any, kind: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        object.__setattr__(self, "kind", kind)

    @property
    def _constructor(self) -> Callable[..., Result]:
        return Result


def plain_rows(table: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Return a table as a list of rows of plain data, as in JSON; an empty one for None."""
    if table is None:
        return []
    return [
        {str(key): _figure_as_plain(value) for key, value in row.items()}
        for row in pd.DataFrame(table).to_dict("records")
    ]


def _figure_as_plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return int(value) if isinstance(value, (int, np.integer)) else str(value)
