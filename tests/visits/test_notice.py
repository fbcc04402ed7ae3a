"""The public notice: nothing but what is allowed, whatever the list holds."""

import itertools
import re

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.model.tiers import MONITORED_TYPES
from fanpin_risk.records.schema import TABLES
from fanpin_risk.visits.notice import NEVER_PUBLIC, NOTICE_COLUMNS, masked_name

SENSITIVE = [(table.name, column.name) for table in TABLES.values() for column in table.columns if column.sensitive]
NAMES = pd.DataFrame({"户编号": ["H1", "H2"], "姓名": ["张小三", "李四"], "住址": ["三组12号", "四组9号"]})
LISTED = pd.DataFrame({
    "household_id": ["H1", "H2"], "type": ["edge", "candidate_sudden_hardship"], "area_name": ["甲县乙镇丙村三组12号", "丙村"],
    "persons": [3, 1],
})  # fmt: skip


def written(listed, tmp_path, name="n.csv", **options):
    """The notice as a text."""
    path = tmp_path / name
    fr.public_notice(listed, NAMES, path, on="2025-01-20", overwrite=True, **options)
    return path.read_text("utf-8-sig")


def test_it_holds_six_columns_and_nothing_else(tmp_path):
    """Names in part, the village without what stands behind it, types in words, the hot line."""
    assert written(LISTED, tmp_path).splitlines() == [
        "行政村,户主,人口数,监测对象类别,日期,监督电话",
        "丙村,张*三,3,边缘易致贫户,2025-01-20,12317",
        "丙村,李*,1,突发严重困难户,2025-01-20,12317",
    ]
    assert written(LISTED, tmp_path, lang="en").splitlines()[0] == ",".join(
        label.shown("en") for label in NOTICE_COLUMNS.values()
    )
    assert "张小三" in written(LISTED, tmp_path, whole_names=True)
    path = fr.public_notice(LISTED, NAMES, tmp_path / "n.xlsx", on="2025-01-20")
    assert pd.read_excel(path, engine="calamine").shape == (2, 6)


def test_a_type_may_be_told_in_words(tmp_path):
    """As the lists of offices have it; the notice is the same."""
    for words in (
        ["边缘易致贫户", "突发严重困难户"],
        [MONITORED_TYPES[code].shown("en") for code in ("edge", "sudden_hardship")],
    ):
        assert written(LISTED.assign(type=words), tmp_path) == written(LISTED, tmp_path)


@pytest.mark.parametrize(("table", "column"), SENSITIVE, ids=[".".join(one) for one in SENSITIVE])
def test_no_sensitive_column_of_any_table_is_ever_written(tmp_path, table, column):
    """Under its name or any of its headers: the notice stays what it was, to the letter."""
    plain = written(LISTED, tmp_path)
    headers = [one for one in TABLES[table][column].headers if one not in LISTED.columns]
    extra = LISTED.assign(**dict.fromkeys(headers, f"SECRET {column}"))
    assert written(extra, tmp_path) == plain


def test_what_scores_and_reasons_say_is_not_written(tmp_path):
    """Whatever else a list holds."""
    plain = written(LISTED, tmp_path)
    more = dict.fromkeys(
        ["risk", "tier", "reason_1", "cause", "member_id", "address", "phone", "rules", "name"], "SECRET"
    )
    assert written(LISTED.assign(**more), tmp_path) == plain
    assert "H1" not in plain


@pytest.mark.parametrize(
    "text",
    ["13800138000", "138 0013 8000", "138-0013-8000", "11010519491231002X", "110105194912310021", "12345678901",
     "110105491231002", "C34", "I10.9", "F20.0"],
)  # fmt: skip
def test_numbers_and_codes_are_found_in_every_text_before_anything_is_written(tmp_path, text):
    """In a name as much as in a village."""
    names = NAMES.assign(姓名=[f"张{text}", "李四"])
    with pytest.raises(InputError, match="never public") as caught:
        fr.public_notice(LISTED, names, tmp_path / "x.csv", on="2025-01-20", whole_names=True)
    assert text not in str(caught.value)
    assert not (tmp_path / "x.csv").exists()
    assert any(pattern.search(text) for pattern in NEVER_PUBLIC.values())


def test_days_the_hot_line_and_names_of_villages_are_no_such_numbers():
    """Nothing harmless is refused."""
    for text in ("2025-01-20", "12317", "003村", "甲A村", "3"):
        assert not any(pattern.search(text) for pattern in NEVER_PUBLIC.values())


def test_names_are_masked_by_length():
    """One character shows nothing, two show the first, more the first and last."""
    for length, name in itertools.product(range(1, 8), ["欧阳张小三四五"]):
        shown = masked_name(name[:length])
        assert len(shown) == max(length, 1)
        assert re.fullmatch(r"\*|.\*|.\*+.", shown)


def test_what_is_missing_is_refused_by_row(tmp_path):
    """A name, a type, a village, a day: told by the row of the list, without the household's id."""
    for listed, names, error in (
        (LISTED.assign(type="poor"), NAMES, "row 1 of the list: type"),
        (LISTED.drop(columns="type"), NAMES, "row 1 of the list: type"),
        (LISTED, NAMES.iloc[:1], "row 2 of the list: names has no name"),
        (LISTED.assign(area_name=None), NAMES, "row 1 of the list names no village"),
        (LISTED.drop(columns="household_id"), NAMES, "household_id"),
    ):
        with pytest.raises(SchemaError, match=error):
            fr.public_notice(listed, names, tmp_path / "x.csv", on="2025-01-20")
    with pytest.raises(SchemaError, match="no date"):
        fr.public_notice(LISTED, NAMES, tmp_path / "x.csv")
    with pytest.raises(InputError, match="ends in"):
        fr.public_notice(LISTED, NAMES, tmp_path / "x.pdf", on="2025-01-20")
    assert list(tmp_path.iterdir()) == []


def test_villages_may_be_named_by_code(tmp_path):
    """By a mapping, as for reports."""
    listed = LISTED.drop(columns="area_name").assign(area_code="211251101003")
    assert "丙村," in written(listed, tmp_path, places={"211251101003": "甲县乙镇丙村"})


def test_what_stands_behind_a_name_is_not_published(tmp_path):
    """A remark in brackets is no part of a name, also where names are written whole."""
    names = NAMES.assign(**{NAMES.columns[1]: [f"{name}（残疾）" for name in NAMES[NAMES.columns[1]]]})
    fr.public_notice(LISTED, names, tmp_path / "whole.csv", on="2025-01-20", whole_names=True)
    text = (tmp_path / "whole.csv").read_text("utf-8-sig")
    assert "残疾" not in text
    assert NAMES[NAMES.columns[1]].iloc[0] in text


@pytest.mark.parametrize("persons", [-3, 3.7, "3（1残疾）", 0, 51])
def test_a_number_of_persons_that_cannot_be_is_refused_by_row(tmp_path, persons):
    """Not published, not rounded, and no error of the program."""
    with pytest.raises(SchemaError, match="row 1 of the list: persons"):
        fr.public_notice(LISTED.assign(persons=persons), NAMES, tmp_path / "x.csv", on="2025-01-20")
    assert list(tmp_path.iterdir()) == []
