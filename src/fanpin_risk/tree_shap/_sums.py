"""What rows look up and add up: the tables of groups of leaves, compiled or not, and the leaves without a table."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from fanpin_risk.errors import ExplanationError
from fanpin_risk.tree_shap._cut import Array, Columns, Floats, LongLeaf
from fanpin_risk.tree_shap._rows import Background, add_long_leaf, add_tables, code_columns, code_groups
from fanpin_risk.tree_shap._tables import PatternTables

__all__ = ["LongSums", "Sums", "kernel"]

# Rows whose bytes and sums are worked on at once: they stay in the cache.
ROWS_AT_ONCE = 8192
# Look-ups from which on loading the compiled code pays, if it was not used before (some tenths of a second).
LOOK_UPS_TO_COMPILE = 400_000_000


class LongSums(NamedTuple):
    """A leaf without table, its background, and the numbers of its sums."""

    leaf: LongLeaf
    background: Background | None
    sums: list[int]


class Sums:
    """What rows look up and add up, and the two ways to do so."""

    def __init__(
        self, columns: Columns, tables: list[PatternTables], long_leaves: list[LongSums], n_sums: int, *, pairs: bool
    ) -> None:
        self.columns = columns
        self.tables = tables
        self.long_leaves = long_leaves
        self.n_sums = n_sums
        self.pairs = pairs
        self._prepared: tuple[Any, ...] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is laid out for compiled code: it holds the tables again, and has to be arrays of one kind."""
        return self.__dict__ | {"_prepared": None}

    def way(self, n_rows: int, *, compiled: bool | None) -> Callable[[Floats, Array], None]:
        """Return the function that writes the sums of rows to an array (n_rows, n_sums)."""
        look_up = self._compiled_way() if self.worth_compiling(n_rows, compiled=compiled) else self._look_up

        def explain(rows: Floats, out: Array) -> None:
            look_up(rows, out)
            self._add_long_leaves(rows, out)

        return explain

    def worth_compiling(self, n_rows: int, *, compiled: bool | None) -> bool:
        if compiled is not None:
            return compiled
        look_ups = n_rows * sum(len(tables.group) for tables in self.tables)
        return (kernel.cache_info().currsize > 0 or look_ups >= LOOK_UPS_TO_COMPILE) and kernel() is not None

    def _compiled_way(self) -> Callable[[Floats, Array], None]:
        """Return the compiled counterpart of `_look_up`."""
        code = kernel()
        if code is None:
            raise ExplanationError("compiled code needs numba, which comes with shap; leave compiled=None without it")
        if self._prepared is None:
            self._prepared = code.prepare(self.columns, self.tables, self.n_sums)
        return partial(code.explain, self._prepared)

    def _look_up(self, rows: Floats, out: Array) -> None:
        """Write what tables say of rows to out, without compiled code."""
        for start in range(0, len(rows), ROWS_AT_ONCE):
            some = slice(start, start + ROWS_AT_ONCE)
            codes = code_columns(self.columns, rows[some])
            total = np.zeros((self.n_sums, codes.shape[1]), dtype=out.dtype)
            for tables in self.tables:
                add_tables(tables, code_groups(tables.groups, codes), total)
            out[some] = total.T

    def _add_long_leaves(self, rows: Floats, out: Array) -> None:
        if not self.long_leaves:
            return
        codes = code_columns(self.columns, rows)
        total = np.ascontiguousarray(out.T)
        for leaf, background, sums in self.long_leaves:
            add_long_leaf(leaf, background, sums, codes, total, pairs=self.pairs)
        out[:] = total.T


@cache
def kernel() -> ModuleType | None:
    """Import the compiled code, if numba is there."""
    try:
        return import_module("fanpin_risk.tree_shap._kernel")
    except ImportError:
        return None
