"""Keys of households and rows: short, checked, and telling nothing."""

import pandas as pd
import pytest

from fanpin_risk.errors import SchemaError
from fanpin_risk.visits.row_keys import (
    KeysOfList,
    RowKey,
    household_key,
    key_check_fits,
    list_id_of,
    printed_check,
    read_row_key,
    row_key,
)


def test_a_key_depends_on_list_and_household_and_holds_neither():
    """Another list, another key; the ids cannot be read out of it."""
    key = household_key("2024-12", "H000000412")
    assert key_check_fits(key)
    assert household_key("2025-01", "H000000412")[:4] != key[:4]
    assert household_key("2024-12", "H000000413")[:4] == key[:4]
    assert "412" not in key
    keys = {household_key("2024-12", f"H{number}") for number in range(20_000)}
    assert len(keys) == 20_000


def test_a_mistyped_sign_is_noticed_and_letters_taken_for_digits_are_not_one():
    """One wrong sign in any place; o for 0 and l for 1 are what was meant."""
    key = row_key(household_key("list", "H1"), "A1", ["核实结果"])
    assert read_row_key(key) == RowKey(*key.split("/"))
    assert read_row_key(f" {key.lower()} ") == read_row_key(key)
    noticed = 0
    signs = [place for place, sign in enumerate(key.split("/")[0]) if sign != "-"]
    for place in signs:
        other = "7" if key[place] != "7" else "8"
        noticed += isinstance(read_row_key(key[:place] + other + key[place + 1 :]), str)
    assert noticed >= len(signs) - 1  # one sign in 32 may fit by chance
    typed = household_key("x", "y").replace("0", "O").replace("1", "l")
    assert read_row_key(f"{typed}/A1/0000").household == household_key("x", "y")


@pytest.mark.parametrize("text", ["", "核实结果", "2024-12-31", "10/11", "A-B-C-D", "12-34-56-7/8"])
def test_other_texts_are_no_keys(text):
    """A note or a date beside the sheet is not taken for a key."""
    assert read_row_key(text) is None


def test_the_check_of_a_row_is_of_what_is_printed():
    """Blanks and the width of signs, which programs change on saving, do not count; a digit does."""
    assert printed_check(["人均 3,218元", "（一）"]) == printed_check(["人均3,218元", "", "(一)"])
    assert printed_check(["人均3,218元"]) != printed_check(["人均3,219元"])
    assert printed_check(["ab", "c"]) != printed_check(["a", "bc"])


def test_the_id_of_a_list_is_its_own_or_made_of_households_and_day():
    """The order does not count, the day and the households do."""
    table = pd.DataFrame({"household_id": ["H1", "H2"], "as_of": pd.Timestamp("2024-12-31")})
    assert list_id_of(table) == list_id_of(table.iloc[::-1])
    assert list_id_of(table) != list_id_of(table.iloc[:1])
    assert list_id_of(table) != list_id_of(table.assign(as_of=pd.Timestamp("2025-01-31")))
    assert list_id_of(table.assign(list_id="L7")) == "L7"
    with pytest.raises(SchemaError, match="rows of 2 lists"):
        list_id_of(table.assign(list_id=["L7", "L8"]))


def test_keys_are_found_in_a_list_under_whichever_id_its_sheets_name():
    """Where the list names its id itself, no other is taken."""
    keys = KeysOfList(["H1", "H2"], "L7", only=False)
    assert keys.household_of(household_key("L7", "H2"), []) == ("H2", "L7")
    assert keys.household_of(household_key("L8", "H2"), ["text", "L8"]) == ("H2", "L8")
    assert keys.household_of(household_key("L7", "H3"), ["L7"]) == ("", "")
    assert KeysOfList(["H2"], "L7", only=True).household_of(household_key("L8", "H2"), ["L8"]) == ("", "")
