"""Places: the digits of a division code that name a county, a township or a village."""

from __future__ import annotations

import pandas as pd
import pytest

from fanpin_risk.errors import SchemaError
from fanpin_risk.records.places import CODE_DIGITS, UNIT_DIGITS, area_names, county_keys, unit_of, units_of

CODES = pd.Series(["211282101001", "211282", None, ""], dtype="str")


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("county", ["211282", "211282", "", ""]),
        ("township", ["211282101", "211282", "", ""]),
        ("village", ["211282101001", "211282", "", ""]),
    ],
)
def test_codes_are_cut_to_the_unit(unit, expected):
    """A code that ends above the unit stays as it is; a missing one is a place of its own, without a code."""
    assert unit_of(CODES, unit).tolist() == expected


def test_other_units_are_refused_by_the_name_of_the_argument():
    """Whoever asks calls the unit by another name, and reads that name in the error."""
    with pytest.raises(SchemaError, match="per is 'street'; expected one of county, township, village"):
        unit_of(CODES, "street", argument="per")


def test_units_are_levels_of_the_code():
    """Each level has more digits than the one above it."""
    assert list(CODE_DIGITS.values()) == sorted(CODE_DIGITS.values())
    assert UNIT_DIGITS.items() <= CODE_DIGITS.items()


def test_names_stand_in_for_codes():
    """Places without codes are told apart by all their names, and found by codes that others have for them."""
    codes = pd.Series(["211282101001", None, None, None, "211282", None], dtype="str")
    names = pd.Series(
        [
            "开原市甲镇沙河村",
            "辽宁省铁岭市开原市甲镇沙河村5组",
            "开原市乙镇沙河村",
            "虚拟县丁镇沙河村",
            "甲镇大村",
            "第五组3号",
        ]
    )
    assert units_of(codes, names).to_numpy().tolist() == [
        ["211282", "211282101", "211282101001"],
        ["211282", "211282101", "211282101001"],
        ["211282", "辽宁省铁岭市开原市乙镇", "辽宁省铁岭市开原市乙镇沙河村"],
        ["虚拟县", "虚拟县丁镇", "虚拟县丁镇沙河村"],
        ["211282", "211282101", "辽宁省铁岭市开原市甲镇大村"],
        ["", "", ""],
    ]
    towns = pd.Series(["开原市乙镇", "开原市"])
    assert unit_of(pd.Series([None, None], dtype="str"), "village", names=towns).tolist() == [
        "辽宁省铁岭市开原市乙镇",
        "211282",
    ]


def test_where_code_and_name_contradict_the_code_counts():
    """Nobody is put into a township of another county."""
    codes, names = pd.Series(["211282"]), pd.Series(["西丰县甲镇沙河村"])
    assert units_of(codes, names).to_numpy().tolist() == [["211282", "", ""]]
    assert area_names(codes, names).tolist() == ["辽宁省铁岭市开原市"]


def test_counties_have_short_keys():
    """A county of a known name has the key of its code; one that no table knows has a key of its own."""
    keys = county_keys(
        pd.Series(["211282101", None, None, None], dtype="str"), pd.Series([None, "开原市甲镇", "虚拟县甲镇", "甲镇"])
    )
    assert keys[[0, 1, 3]].tolist() == ["211282", "211282", ""]
    assert len(keys[2]) == 11
    assert keys[2].startswith("n")
