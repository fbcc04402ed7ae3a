"""A register that is learnt from in parts: each with whole households, and never more than one of them in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Protocol, TypeVar, runtime_checkable

import pandas as pd

from fanpin_risk.asof.register_on_day import checked_register
from fanpin_risk.records.register import Register

__all__ = ["RegisterParts", "gathered", "in_parts"]

T = TypeVar("T")


@runtime_checkable
class RegisterParts(Protocol):
    """A register in parts, such as a :class:`fanpin_risk.PackedRegister`.

    Each part holds all rows of its households, as :meth:`fanpin_risk.Register.select` gives them, and no household is in two.
    """

    @property
    def source(self) -> str:
        """Where the register came from."""
        ...

    @property
    def observed_until(self) -> pd.Timestamp:
        """Newest day on which anything was recorded in any part."""
        ...

    def each(self, function: Callable[[Register], T]) -> Iterator[T]:
        """Give what a function returns of each part, in their order."""
        ...


class _OnePart:
    """A register in memory, as the one part of itself."""

    def __init__(self, register: Register) -> None:
        self.register = register

    @property
    def source(self) -> str:
        return self.register.source

    @property
    def observed_until(self) -> pd.Timestamp:
        return self.register.observed_until

    def each(self, function: Callable[[Register], T]) -> Iterator[T]:
        yield function(self.register)


def in_parts(register: Any) -> RegisterParts:
    """Return a register as parts: one in memory is the one part of itself.

    Parameters
    ----------
    register : Register or RegisterParts

    Returns
    -------
    RegisterParts

    Raises
    ------
    SchemaError
        If it is neither.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> list(in_parts(fr.make_register(20, random_state=0)).each(lambda part: len(part.tables["households"]) >= 20))
    [True]
    """
    return register if isinstance(register, RegisterParts) else _OnePart(checked_register(register))


def gathered(parts: RegisterParts, household_ids: pd.Index) -> Register:
    """Return the register of some households, out of all parts.

    Parameters
    ----------
    parts : RegisterParts
    household_ids : Index of str
        Ids; those that no part knows are passed over.

    Returns
    -------
    Register
        As :meth:`fanpin_risk.Register.select` of the whole register, but for the order of rows.
    """
    chosen = list(parts.each(partial(_some_of, household_ids=pd.Index(household_ids, dtype="str"))))
    tables = {}
    met = pd.Index([], dtype="str")  # persons with rows from an earlier part, where they have all of theirs
    for part in chosen:
        again = {name: frame["member_id"].isin(met) for name, frame in part.tables.items() if _by_person(name, frame)}
        met = met.append(pd.Index(part.tables["members"]["member_id"].unique(), dtype="str"))
        for name, mask in again.items():
            part.tables[name] = part.tables[name][~mask]
    for name in chosen[0].tables:
        tables[name] = pd.concat([part.tables[name] for part in chosen], ignore_index=True)
    return Register(
        tables, source=parts.source, supplied=chosen[0].supplied, known_lag_days=chosen[0].known_lag_days,
        doubts=pd.concat([part.doubts for part in chosen]),
    )  # fmt: skip


def _by_person(name: str, frame: pd.DataFrame) -> bool:
    return name == "members" or "household_id" not in frame


def _some_of(register: Register, *, household_ids: pd.Index) -> Register:
    """Return some households of a part, with ids as texts."""
    here = pd.Index(register.tables["households"]["household_id"].astype("str").unique())
    some = register.select(here[here.isin(household_ids)])
    for name, frame in some.tables.items():
        ids = {kind: frame[kind].astype("str") for kind in ("household_id", "member_id") if kind in frame}
        some.tables[name] = frame.assign(**ids)
    return some
