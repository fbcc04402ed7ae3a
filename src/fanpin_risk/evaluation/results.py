"""Tables of results that know which picture fits them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

__all__ = ["Result"]


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
