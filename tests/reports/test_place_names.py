"""Names of places: from the file of an office, else from the register, never of one household."""

import pandas as pd
import pytest

from fanpin_risk.errors import InputError
from fanpin_risk.reports import gather
from fanpin_risk.reports.place_names import read_names

DAY = "2024-12-31"


def test_names_of_places_are_given_or_learnt(model, register, contents, with_areas):
    """Given names count first, also under codes filled up with zeros; else the register's own; else none."""
    learnt = contents.places.set_index("area")["name"]
    assert learnt["211251"] == "虚拟01县"
    assert learnt["211251101"] == "虚拟01县01镇"
    assert learnt["211251101001"] == "虚拟01县01镇001村"
    names = {"211251000000": "青河县", "211251101": "东镇", "211251101001": "<b>一村</b>"}
    given = gather(model, register, DAY, names=names)
    named = given.places.set_index("area")["name"]
    assert named[["211251", "211251101", "211251101001"]].tolist() == list(names.values())
    assert named["211251101002"] == "虚拟01县01镇002村"
    at = given.watchlist.set_index("area_code")["place"]
    assert (at.loc[at.index == "211251101001"] == "<b>一村</b>").all()
    filled = with_areas(register, dict.fromkeys(register.tables["households"]["household_id"], "211251101000"))
    assert set(gather(model, filled, DAY, names={"211251101": "东镇"}).watchlist["place"]) == {"东镇"}


def test_the_address_of_one_household_is_no_name_of_a_place(model, register, changed):
    """Offices write addresses where names of villages belong: what one household alone has is not shown."""
    frame = register.tables["households"]
    alone = "某村三组12号" + frame["household_id"]
    hermit = frame["household_id"] == frame["household_id"].iloc[0]
    codes = frame["area_code"].mask(hermit, "211251101777")
    contents = gather(model, changed(register, households=frame.assign(area_name=alone, area_code=codes)), DAY)
    assert "211251101777" in set(contents.places["area"])
    assert set(contents.places["name"]) == {""}
    assert set(contents.watchlist["place"]) == {""}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("211251,甲\n21125,乙\n", "row 2: expected a division code of 6, 9, 12 digits and a name"),
        ("code,name\n211251,\n", "row 2: expected a division code"),
        ("211251,甲\n211251,乙\n", "row 2: this code is already in the file with another name"),
        ("代码,名称\n2.11251E+11,甲\n2.1E+11,乙\n", "row 2: expected a division code of 6, 9, 12 digits"),
        ("代码,名称\n", "holds no names; expected rows of a division code and a name"),
        ("2.11251E+11,甲\n211251101002,乙\n", "row 1: expected a division code of 6, 9, 12 digits"),
        ("211251，甲\n211251101,乙\n", "row 1: expected a division code of 6, 9, 12 digits"),
        ('211251,"甲\n211251101,乙\n', "cannot be read as csv: unexpected end of data"),
        (f"211251,{'甲' * 200_000}\n", "cannot be read as csv: field larger than field limit"),
        ("", "holds no names"),
    ],
)
def test_a_file_of_names_is_read_strictly(tmp_path, content, message):
    """A code that a spreadsheet has spoilt is found by its row, and no name is taken twice."""
    file = tmp_path / "names.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_names(file)


def test_names_are_read_as_offices_write_them(tmp_path):
    """With or without header, in either encoding, with more columns, empty rows and apostrophes that keep zeros."""
    file = tmp_path / "names.csv"
    expected = {"211251": "青河县", "211251101000": "东，镇"}
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        file.write_text('区划代码,名称,备注\n\n\'211251, 青河县 ,x\n211251101000,"东，镇"\n', encoding=encoding)
        assert read_names(file) == expected
    file.write_bytes(b"211251,\xff\xff\xff\n")
    with pytest.raises(InputError, match=r"names\.csv is neither UTF-8 nor GB18030"):
        read_names(file)
    with pytest.raises(InputError, match=r"none\.csv cannot be read: No such file"):
        read_names(tmp_path / "none.csv")


def test_a_county_is_not_called_like_one_of_its_villages(model, register, changed):
    """Where the code ends above the village, the names of villages tell that of the county."""
    frame = register.tables["households"]
    codes, names = (pd.Series([text] * len(frame), dtype="str") for text in ("211251", "虚拟县甲镇大村"))
    contents = gather(model, changed(register, households=frame.assign(area_code=codes, area_name=names)), DAY)
    assert contents.places.set_index("area")["name"].to_dict() == {
        "211251": "虚拟县", "辽宁省铁岭市虚拟县甲镇": "辽宁省铁岭市虚拟县甲镇",
        "辽宁省铁岭市虚拟县甲镇大村": "辽宁省铁岭市虚拟县甲镇大村",
    }  # fmt: skip
