"""Groups of diseases: every code of ICD-10 in the chapter that it stands in, anything else in none."""

import pytest

from fanpin_risk.records.disease_groups import DISEASE_GROUPS, disease_group


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("A00", "infections"),
        ("B99", "infections"),
        ("c34.900", "tumours"),
        ("D48.9", "tumours"),
        ("D50", "diseases of blood or immunity"),
        ("E11.9", "endocrine and metabolic diseases"),
        ("F20.0", "mental disorders"),
        ("H59", "diseases of the eye"),
        ("H60.0", "diseases of the ear"),
        ("I63", "diseases of heart and circulation"),
        (" N18.5 ", "diseases of kidneys and urinary system"),
        ("S72.0", "injury or poisoning"),
        ("T30", "injury or poisoning"),
        ("Z51.1", "other diseases"),
        ("I10x00", "diseases of heart and circulation"),
    ],
)
def test_a_code_stands_in_its_chapter(code, group):
    """The borders of the chapters are those of ICD-10, whatever follows the third place."""
    assert DISEASE_GROUPS[disease_group(code)][2] == group


@pytest.mark.parametrize("text", ["", "nan", "肺癌", "C3", "C345", "34C"])
def test_what_is_no_code_has_no_group(text):
    """A name of a disease, or a part of a code, is never guessed to be of a group."""
    assert disease_group(text) == -1


def test_groups_are_in_the_order_of_their_codes():
    """The groups are found by their first codes, so these are sorted; names stand for one group each."""
    assert sorted(first for first, *_ in DISEASE_GROUPS) == [first for first, *_ in DISEASE_GROUPS]
    for place in (1, 2):
        assert len({group[place] for group in DISEASE_GROUPS}) == len(DISEASE_GROUPS)
