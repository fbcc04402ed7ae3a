"""Names of provinces, prefectures and counties, and places read from texts."""

import csv

import pytest

from fanpin_risk.records.divisions import (
    TABLE,
    contradicts,
    division_path,
    joined_names,
    read_place,
    same_division,
)


def test_the_table_is_whole():
    """Every county is in a province of the table, every code has one present name, and years are in order."""
    with TABLE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    codes = {row["code"] for row in rows}
    newest = max(row["last"] for row in rows)
    current = [row["code"] for row in rows if row["last"] == newest]
    assert len(current) == len(set(current)) > 3000
    assert {f"{code[:2]}0000" for code in codes} <= codes
    assert all(row["first"] <= row["last"] and row["name"].startswith(row["short"][:1]) for row in rows)
    assert sum(code.endswith("0000") for code in codes) == 34


@pytest.mark.parametrize(
    ("text", "names", "code"),
    [
        ("辽宁省铁岭市西丰县振兴镇沙河村3组", ("辽宁省", "铁岭市", "西丰县", "振兴镇", "沙河村"), "211223"),
        ("辽宁 铁岭 西丰 振兴 沙河", ("辽宁省", "铁岭市", "西丰县", "振兴", "沙河"), "211223"),
        ("辽宁省/铁岭市/西丰县/振兴镇/沙河村", ("辽宁省", "铁岭市", "西丰县", "振兴镇", "沙河村"), "211223"),
        ("西丰县振兴镇沙河村村民委员会", ("辽宁省", "铁岭市", "西丰县", "振兴镇", "沙河村"), "211223"),
        ("北京市市辖区朝阳区", ("北京市", "", "朝阳区", "", ""), "110105"),
        ("湖北省省直辖县级行政区划仙桃市", ("湖北省", "", "仙桃市", "", ""), "429004"),
        ("贵州省黔东南州从江县丙妹镇", ("贵州省", "黔东南苗族侗族自治州", "从江县", "丙妹镇", ""), "522633"),
        ("吉林市", ("吉林省", "吉林市", "", "", ""), "2202"),
        ("内蒙古赤峰市巴林右旗", ("内蒙古自治区", "赤峰市", "巴林右旗", "", ""), "150423"),
        ("寿县寿春镇", ("安徽省", "淮南市", "寿县", "寿春镇", ""), "340422"),  # was of another prefecture until 2014
        ("密云县", ("北京市", "", "密云县", "", ""), "110228"),  # is a district now
        ("示例省示例市示例县示例镇示例村", ("示例省", "示例市", "示例县", "示例镇", "示例村"), ""),
        ("虚拟01县01镇001村", ("", "", "虚拟01县", "01镇", "001村"), ""),
        ("朝阳区", ("", "", "朝阳区", "", ""), ""),  # of several cities
        ("红旗村", ("", "", "", "", "红旗村"), ""),
        ("河南村", ("", "", "", "", "河南村"), ""),
        ("新乡镇李村", ("", "", "", "新乡镇", "李村"), ""),
    ],
)
def test_places_in_texts(text, names, code):
    """Names are taken from the largest to the smallest; of what could be several places no code is given."""
    place = read_place(text)
    assert (place.names, place.code) == (names, code)


def test_short_names_alone():
    """A short name alone may be that of a village; where it is meant to be a division it must be of one only."""
    assert read_place("苏州") is None
    assert read_place("苏州", alone=True).code == "3205"
    assert read_place("朝阳", alone=True) is None
    assert read_place("第三组5号") is None
    assert read_place("朝阳区", within="110105101").code == "110105"


def test_renamed_and_renumbered_divisions_are_the_same():
    """A county that became a district, or went to another prefecture, contradicts nothing."""
    assert same_division("110228", "110118")
    assert contradicts("211282101001", "211223")
    assert contradicts("211282", "2201")
    assert not contradicts("341521", "340422")
    assert not contradicts("211251", "211223")  # a zone with a code of its own
    assert not contradicts("2112", "211223")
    assert division_path("999999") == ("", "", "")


def test_names_of_columns_are_joined_once():
    """A column that repeats the names above it adds what is new; names without their kind stay apart."""
    assert joined_names(["西丰县", "西丰县振兴镇", "沙河村"]) == "西丰县振兴镇沙河村"
    assert joined_names(["振兴", "振兴村"]) == "振兴 振兴村"
    assert joined_names([]) == ""


def test_a_village_without_its_kind_stays_apart():
    """Else its name would be taken for the rest of an address; a township without its kind is not the village."""
    assert joined_names(["乙乡", "东"], of_village=True) == "乙乡 东"
    assert joined_names(["乙乡", "乙乡东"], of_village=True) == "乙乡东"
    assert read_place(joined_names(["西丰县", "乙乡", "东"], of_village=True)).names[3:] == ("乙乡", "东")
