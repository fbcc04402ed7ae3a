"""Ids in messages and keys."""

import hashlib
import hmac

import pandas as pd
import pytest

from fanpin_risk.errors import InputError
from fanpin_risk.records.ids import household_name, looks_like_citizen_id, mask_id, pseudonymise, read_key

KEY = b"a key of sixteen bytes or more"


def checked(seventeen):
    """Add the check character as GB 11643-1999 defines it."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return seventeen + "10X98765432"[sum(w * int(d) for w, d in zip(weights, seventeen, strict=True)) % 11]


@pytest.mark.parametrize("value", ["H20230000412", "x" * 40, "210***********1234", 123456789012])
def test_mask_shows_at_most_two_characters_at_each_end(value):
    """A masked id has the first two and last two characters and nothing of what lies between."""
    text = str(value)
    assert mask_id(value) == f"{text[:2]}***{text[-2:]}"


@pytest.mark.parametrize("value", ["", "1", "412", "123456789", None])
def test_short_ids_are_masked_whole(value):
    """Of a short id nothing is shown, not even its length."""
    assert mask_id(value) == "***"


def test_pseudonyms_are_keyed_hashes():
    """A pseudonym is the start of HMAC-SHA256 of the id under the key, the same wherever the id stands."""
    made = pseudonymise(pd.Series(["h1", None, "h2", "h1"], index=[3, 1, 2, 0], name="household_id"), KEY)
    assert made[3] == hmac.new(KEY, b"h1", hashlib.sha256).hexdigest()[:20]
    assert made[3] == made[0] != made[2]
    assert made.isna().tolist() == [False, True, False, False]
    assert made.name == "household_id"
    assert pseudonymise(pd.Series(["h1"]), b"another key of sixteen bytes")[0] != made[3]


def test_a_weak_key_is_refused(tmp_path):
    """A key that could be guessed, or a key file that is not there, is refused."""
    with pytest.raises(InputError, match="has 5 bytes; it needs at least 16"):
        read_key("short")
    with pytest.raises(InputError, match="cannot be read"):
        read_key(tmp_path / "none")
    (tmp_path / "key").write_bytes(KEY + b"\r\n")
    assert read_key(tmp_path / "key") == KEY


def test_citizen_ids_are_known_by_their_check_character():
    """Eighteen characters with a date and the right check character are taken for a citizen id, no others."""
    good = [checked("00000019900101001"), checked("00000020000229123"), checked("99999918800131777")]
    certificates = [good[0] + "41", good[1] + "62B1"]
    bad = [
        good[0][:-1] + ("0" if good[0][-1] != "0" else "1"),  # another check character
        checked("00000019901301001"),  # month 13
        checked("00000029900101001"),  # year 2990
        good[0] + "8",  # nineteen characters
        good[0] + "91",  # no such kind of disability
        good[0][:17],
        "H" + good[0][1:],
        "",
    ]
    found = looks_like_citizen_id(pd.Series([*good, *certificates, good[1].lower(), *bad, None]))
    assert found.tolist() == [True] * 6 + [False] * 9


def test_ids_are_masked_unless_asked_for():
    """A picture that is passed on does not name the household."""
    assert (household_name("H000000003", whole_id=False), household_name("H000000003", whole_id=True)) == (
        "H0***03", "H000000003",
    )  # fmt: skip
