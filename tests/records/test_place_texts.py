"""Codes that names tell, names that contradict codes, and how far from home somebody works."""

import pandas as pd
import pytest

from fanpin_risk.records.checks.place_texts import distance


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("江苏省苏州市", "outside"),
        ("浙江义乌", "outside"),
        ("上海", "outside"),
        ("江苏省", "outside"),
        ("沈阳市铁西区", "province"),
        ("辽宁省", "province"),
        ("铁岭市", "province"),
        ("西丰县", "province"),
        ("开原市", "county"),
        ("开原", "county"),
        ("辽宁省铁岭市开原市乙镇", "county"),
        ("辽宁省铁岭市开原市甲镇", "township"),
        ("甲镇", "township"),
        ("沙河村", "township"),
        ("沙河", "township"),  # not 沙河市 of Hebei
        ("新加坡", "abroad"),
        ("香港", "abroad"),
        ("朝阳区", None),
        ("乙镇", None),
        ("工地", None),
        ("朝阳", None),
    ],
)
def test_how_far_a_place_is_from_home(text, answer):
    """A place is compared with that of the household; one that cannot be told from others is not guessed."""
    assert distance(text, home_code="211282101001", home_name="甲镇沙河村") == answer


def test_home_must_be_known_as_far_as_the_answer_needs():
    """With the code of a province alone other provinces are outside, and nothing more is known."""
    assert distance("江苏省苏州市", home_code="21", home_name="") == "outside"
    assert distance("沈阳市和平区", home_code="2112", home_name="") == "province"
    assert distance("铁岭市西丰县", home_code="2112", home_name="") is None
    assert distance("江苏省苏州市", home_code="", home_name="") is None
    assert distance("沈阳市", home_code="210102", home_name="") is None  # may be the very district
    assert distance("密云县", home_code="110118", home_name="") == "county"  # its name until 2015


HOUSEHOLDS = {"户编号": ["h1", "h2", "h3"], "年度": ["2023"] * 3}


def test_work_places_of_members(frames):
    """Texts that are no code are places; those that cannot be told are left out and named, never shown."""
    register = frames.read(
        households=HOUSEHOLDS | {"行政区划代码": ["211282101001", "211282", ""], "行政区划名称": ["甲镇沙河村", "", ""]},
        members={"人编号": ["p1", "p2", "p3", "p4", "p5"], "户编号": ["h1", "h1", "h2", "h3", "h1"], "年度": ["2023"] * 5,
                 "务工所在地": ["江苏省苏州市", "乡(镇)内", "开原市", "江苏省", "老王工地"]},
    )  # fmt: skip
    assert register.tables["members"]["work_place"].astype("str").fillna("").tolist() == [
        "outside", "township", "county", "", "",
    ]  # fmt: skip
    assert [found for found in frames.found(register, "members") if found[1] == "work_place"] == [
        (4, "work_place", "unknown_place", "blanked"),
        (5, "work_place", "unknown_place", "blanked"),
    ]
    assert not register.problems["message"].str.contains("老王").any()


def test_work_places_in_columns(frames):
    """Province, city and county of work stand in columns of their own in the national export."""
    register = frames.read(
        households=HOUSEHOLDS | {"行政区划代码": ["211282"] * 3},
        members={"人编号": ["p1", "p2", "p3"], "户编号": ["h1", "h2", "h3"], "年度": ["2023"] * 3,
                 "务工所在县": ["昆山市", "西丰", ""], "务工所在市": ["苏州市", "铁岭", ""], "务工所在省": ["江苏省", "辽宁", ""]},
    )  # fmt: skip
    assert register.tables["members"]["work_place"].astype("str").fillna("").tolist() == ["outside", "province", ""]


def test_names_of_places_in_columns_or_in_one_text(frames):
    """省, 市, 县, 乡 and 村 in any order, or one text, say the same; the code of what is known is taken from them."""
    columns = {
        "村": ["沙河村"] * 3,
        "乡": ["甲镇", "乙镇", "甲镇"],
        "县": ["开原市"] * 3,
        "市": ["铁岭市"] * 3,
        "省": ["辽宁省"] * 3,
    }
    texts = [f"辽宁省铁岭市开原市{town}沙河村" for town in columns["乡"]]
    one = frames.read(households=HOUSEHOLDS | {"行政区划名称": texts})
    several = frames.read(households=HOUSEHOLDS | columns | {"地址": ["3组"] * 3})
    for register in (one, several):
        assert register.tables["households"]["area_code"].tolist() == ["211282"] * 3
        assert register.tables["households"]["area_name"].tolist() == texts
        assert "area_code_from_name" in set(register.problems["code"])


def test_codes_and_names_that_contradict_are_reported(frames):
    """The code is used; whoever has to mend one of the two finds the row."""
    register = frames.read(
        households=HOUSEHOLDS | {"行政区划代码": ["211282", "211223", ""], "县": ["西丰县"] * 3, "乡": ["甲镇"] * 3},
    )
    assert [found for found in frames.found(register) if found[2] == "area_contradicts"] == [
        (1, "area_name", "area_contradicts", "warning")
    ]
    assert register.tables["households"]["area_code"].tolist() == ["211282", "211223", "211223"]


def test_a_place_of_work_is_told_when_home_has_a_name_only(frames):
    """Where the household has no code, its name tells the province and the county."""
    register = frames.read(
        households=HOUSEHOLDS | {"县": ["开原市"] * 3, "乡": ["甲镇"] * 3},
        members={"人编号": ["p1", "p2"], "户编号": ["h1", "h2"], "年度": ["2023"] * 2, "务工地点": ["大连", "甲镇"]},
    )
    assert register.tables["members"]["work_place"].tolist() == ["province", "township"]
    assert pd.isna(register.tables["households"]["area_code"]).sum() == 0
