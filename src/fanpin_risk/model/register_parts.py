"""A register that is learnt from in parts: each with whole households, and never more than one of them in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar, runtime_checkable

from fanpin_risk.asof.register_on_day import checked_register
from fanpin_risk.records.register import Register

__all__ = ["RegisterParts", "in_parts"]

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
