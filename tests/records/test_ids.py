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


@pytest.mark.parametrize(
    ("number", "is_one"),
    [
        ("110105491231002", True), ("530328701230021", True),  # fifteen digits, as given until 1999
        ("530328101003001", False), ("530328200112001", False),  # division codes and a number
        ("110105491331002", False), ("990105491231002", False), ("11010549123100", False),
    ],
)  # fmt: skip
def test_old_citizen_ids_are_known(number, is_one):
    """By province and birth date; a township stands where the year would be in numbers made of division codes."""
    assert looks_like_citizen_id(pd.Series([number])).tolist() == [is_one]


def test_old_citizen_ids_are_kept_only_as_hashes(exports):
    """Without a key the rows are refused; nothing of the number is in what is said."""
    rows = "户编号,年度\n530328701230021,2023\nh1,2023\n"
    register = exports.read(户信息=rows)
    assert register.tables["households"]["household_id"].tolist() == ["h1"]
    assert "citizen_id_in_key" in set(register.problems["code"])
    assert not register.problems["message"].str.contains("530328").any()


def test_head_and_name_in_one_column_may_be_the_key(exports):
    """户主身份证号+姓名 is read with a key and kept as a hash."""
    key, head = "户主身份证号+姓名", "11010519491231002X某甲"
    register = exports.read(
        户信息=f"{key},年度,家庭人口数\n{head},2023,1\n",
        成员=f"{key},年度,姓名,与户主关系\n{head},2023,某甲,户主\n",
        收入=f"{key},年度,工资性收入\n{head},2023,9000\n", id_key="sixteen bytes or more",
    )  # fmt: skip
    assert register.counts["rows_rejected"].sum() == 0
    (household,) = register.tables["households"]["household_id"]
    assert (len(household), register.tables["incomes"]["household_id"].tolist()) == (20, [household])


def test_persons_numbered_within_their_household_are_known_by_both(exports):
    """1, 2, 3 in each household are different persons; it is said."""
    register = exports.read(
        户信息="户编号,年度\nh1,2023\nh2,2023\n",
        成员="人编号,户编号,年度,与户主关系\n1,h1,2023,户主\n2,h1,2023,配偶\n1,h2,2023,户主\n",
    )
    assert register.tables["members"]["member_id"].tolist() == ["h1-1", "h1-2", "h2-1"]
    assert register.problems["code"].tolist() == ["numbered_persons"]
