"""A register in memory is the one part of itself."""

import pytest

import fanpin_risk as fr
from fanpin_risk.errors import SchemaError
from fanpin_risk.model.register_parts import in_parts


def test_a_register_is_its_own_part():
    """The function is given the register itself."""
    register = fr.make_register(5, random_state=0)
    parts = in_parts(register)
    assert [part is register for part in parts.each(lambda part: part)] == [True]
    assert parts.source == register.source


def test_what_is_neither_is_refused():
    """A path, for example."""
    with pytest.raises(SchemaError, match="expected a register"):
        in_parts("register")
