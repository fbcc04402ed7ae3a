"""Tables of results that can draw themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from fanpin_risk.errors import SchemaError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Result"]


class Result(pd.DataFrame):
    """A DataFrame that knows what kind of result it holds, and keeps it when rows or columns are taken.

    Parameters
    ----------
    *args, **kwargs
        As for :class:`pandas.DataFrame`.
    kind : str, keyword only
        Which picture fits; see :meth:`plot`.

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

    def plot(self, ax: Axes | Figure | None = None, lang: Literal["zh", "en"] = "zh") -> Axes:  # type: ignore[override]
        """Draw the picture that fits the kind of result.

        Parameters
        ----------
        ax : matplotlib Axes or Figure, optional
            Where to draw; a Figure is given the size that the picture needs. Default: a new figure.
        lang : {"zh", "en"}, default "zh"
            Language of the labels. Chinese needs a font that has it; where none is found labels are English, with a
            warning.

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        MissingPackageError
            If matplotlib is not installed.
        SchemaError
            If there is no picture for this kind, columns that it shows were taken away, or no row has a value.

        Warns
        -----
        UserWarning
            If Chinese labels were asked for and no Chinese font is found.
        """
        from fanpin_risk.evaluation.pictures import PICTURES, draw

        if lang not in ("zh", "en"):
            raise SchemaError("lang is {lang!r}; expected 'zh' or 'en'", lang=lang)
        if self.kind not in PICTURES:
            raise SchemaError(
                "there is no picture for a result of kind {kind!r}; expected {pictures}. Tables joined or "
                "rebuilt by pandas forget their kind: Result(table, kind=...) sets it",
                kind=self.kind,
                pictures=tuple(PICTURES),
            )
        needed = PICTURES[self.kind].columns
        missing = [name for name in needed if name not in self.columns]
        if missing:
            raise SchemaError(
                "the picture of {kind} needs the columns {needed}; {missing} taken away",
                kind=self.kind,
                needed=tuple(needed),
                missing=tuple(missing),
            )
        if self.empty:
            raise SchemaError("the result has no rows: there is nothing to draw")
        return draw(self, self.kind, ax, lang)
