"""Sheets made of a list: what stands on them, and where they go.

Tests visits/blocks.py and visits/dwellers.py as well.
"""

import re

import numpy as np
import openpyxl
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.visits.dwellers import dwellers_of


def texts_of(paths):
    """Every text of all sheets, hidden ones too."""
    return [
        str(value)
        for path in ([paths] if hasattr(paths, "suffix") else paths)
        for sheet in openpyxl.load_workbook(path).worksheets
        for row in sheet.iter_rows(values_only=True)
        for value in row
        if value is not None
    ]


def printed(sheets, household, line):
    """The text of a printed line of a household, None where there is none."""
    for sheet, number, key in sheets.rows:
        if (key.household, key.line) == (household, line):
            return sheet.cell(number, 3).value
    return None


def household_named(sheets, household):
    return next(key.household for sheet, number, key in sheets.rows if sheet.cell(number, 6).value == household)


def test_a_workbook_for_each_township_with_a_sheet_for_each_village(issued, listed):
    """All households once, on the sheet of their village, in the order of the list; the summary counts them."""
    codes = listed["area_code"].astype("str")
    assert len(issued) == codes.str[:9].nunique()
    books = [openpyxl.load_workbook(path) for path in issued]
    shown = [sheet for book in books for sheet in book.worksheets[1:] if not sheet.title.startswith("_")]
    assert len(shown) == codes.nunique()
    found = [
        str(cell.value) for sheet in shown for cell in sheet["F"] if str(cell.value) in set(listed["household_id"])
    ]
    assert sorted(found) == sorted(listed["household_id"])
    counts = [cell.value for book in books for cell in book.worksheets[0]["B"] if isinstance(cell.value, int)]
    assert sum(counts) == 2 * len(listed)  # villages, and the sum of each workbook
    assert all(path.name.startswith(code) for path, code in zip(issued, sorted(codes.str[:9].unique()), strict=True))


def test_a_workbook_for_each_visitor(listed, register, model, tmp_path):
    """Named by the list; nobody's households stand in another's workbook."""
    paths = fr.visit_sheets(listed, register, model, tmp_path / "s", per="visitor")
    assert [path.name for path in paths] == ["V01.xlsx", "V02.xlsx"]
    for path, visitor in zip(paths, ("V01", "V02"), strict=True):
        own = set(listed.loc[listed["visitor"] == visitor, "household_id"])
        assert own <= set(texts_of(path))
        assert not (set(listed["household_id"]) - own) & set(texts_of(path))
    with pytest.raises(SchemaError, match="no column visitor"):
        fr.visit_sheets(listed.drop(columns="visitor"), register, model, tmp_path / "t", per="visitor")


def test_who_lives_there_is_said_without_what_identifies_a_person(opened, register, hands):
    """Relation, band of age, health, labour, stage of school; no day of birth anywhere, no person's id but on the hidden sheet."""
    here = fr.Snapshot(register, hands.DAY)
    told = dwellers_of(here, "zh")
    births = {str(day) for day in here.members.birth_date}
    shown = [
        str(value)
        for sheet in opened.book.worksheets
        if not sheet.title.startswith("_")
        for row in sheet.iter_rows(values_only=True)
        for value in row
    ]
    assert not births & set(shown)
    assert not [text for text in shown if any(str(one) in text for one in here.members.member_id)]
    for household, one in told.items():
        if household in shown:
            assert printed(opened, household_named(opened, household), "P2") == one.text
    numbers = {household: len(one.members) for household, one in told.items()}
    assert numbers == dict(zip(here.household_ids, here.members.count().astype(int), strict=True))


def test_ages_are_bands_and_what_is_not_known_is_said(register, hands):
    """Every band holds its ages; a person without a day of birth is of unknown age, not of none."""
    here = fr.Snapshot(register, hands.DAY)
    for age, band in (
        (0, "0-5 years"),
        (5.9, "0-5 years"),
        (6, "6-15 years"),
        (17, "16-17 years"),
        (59, "50-59 years"),
        (80, "80 or older"),
    ):
        members = here.members
        members.__dict__["age"] = np.full(len(members), float(age))
        text = next(iter(dwellers_of(here, "en").values())).text
        assert band in text
    members.__dict__["age"] = np.full(len(members), np.nan)
    assert "age not known" in next(iter(dwellers_of(here, "en").values())).text


def test_reasons_gaps_and_checks_are_those_of_the_model(opened, listed, register, model, hands):
    """The income or the rule first, then the reasons; what is not on record; what goes with the causes."""
    for row in listed[listed["visitor"] == "V01"].itertuples():
        key = household_named(opened, row.household_id)
        why = printed(opened, key, "P4")
        explanation = model.explain(register, hands.DAY, households=[row.household_id])
        reasons = explanation.reasons(lang="zh", with_direction=False).iloc[0]
        for number in (1, 2, 3):
            assert reasons[f"reason_{number}"].rstrip("。") in why
        assert ("监测线" in why) == ("监测线" in why)
        assert why.startswith("1. ")
        assert (printed(opened, key, "P5") is not None) == bool(explanation.gaps().any())
        if row.cause == "illness":
            assert "医疗票据" in printed(opened, key, "P6")


def test_what_is_given_is_printed(listed, register, model, hands, tmp_path):
    """Contradictions and supports by their names, the last result up to the day, what the list says to check."""
    ids = listed["household_id"].tolist()
    rules = ["two_spouses", "old_and_able", "two_spouses", "old_and_able"]  # the second is a hint, for the report
    contradictions = pd.DataFrame(
        {"household_id": [ids[0], ids[0], ids[1], ids[1]], "rule": rules, "answer": ["yes", "yes", "unknown", "yes"]}
    )
    lacking = ["dibao_support", "temporary_aid", "yulu", "house_repair", "medical_aid", "yulu"]
    entitlements = pd.DataFrame({"household_id": ids[:1] * 6, "rule": lacking, "answer": "yes"})
    earlier = pd.DataFrame({
        "household_id": [ids[0], ids[0], ids[0], ids[1]], "event": ["verified", "refuted", "verified", "no_such_event"],
        "on": ["2024-03-01", "2024-06-01", "2025-01-31", "2024-06-01"],
    })  # fmt: skip
    table = listed.assign(what_to_check=["看水表", *[None] * 7])
    paths = fr.visit_sheets(
        table, register, model, tmp_path / "s", per="visitor", contradictions=contradictions, entitlements=entitlements,
        earlier=earlier,
    )  # fmt: skip
    sheets = [hands.Sheets(path) for path in paths]
    first = household_named(sheets[0], ids[0])
    assert printed(sheets[0], first, "P7") == (
        "登记存疑：一户两个配偶\n应核对是否落实：低保、临时救助、雨露计划、危房改造、等5项"
    )
    assert printed(sheets[0], first, "P8") == "2024-06-01 不属实"
    assert printed(sheets[0], first, "P6") == "看水表"
    second = household_named(sheets[1], ids[1])
    assert printed(sheets[1], second, "P7") is None
    assert printed(sheets[1], second, "P8") is None


def test_names_are_in_the_sheets_and_nowhere_else(listed, register, model, hands, tmp_path):
    """Not in what is read back, not in the files beside; a household without a name has no line for it."""
    ids = listed["household_id"].tolist()
    names = tmp_path / "names.csv"
    names.write_text(f"户编号,户主姓名,住址,手机\n{ids[0]},张小三,三组12号,13800138000\n", "utf-8")
    paths = fr.visit_sheets(listed, register, model, tmp_path / "s", per="visitor", names=names)
    sheets = hands.Sheets(paths[0])
    assert printed(sheets, household_named(sheets, ids[0]), "P1") == "张小三；三组12号"
    assert printed(sheets, household_named(sheets, ids[2]), "P1") is None
    assert "13800138000" not in texts_of(paths)
    assert sum("张小三" in text for text in texts_of(paths)) == 1
    assert not [text for text in texts_of(paths[0]) if "张小三" in text and text.startswith("{")]
    events = fr.read_visits(sheets.fill().save(tmp_path / "f.xlsx"))
    assert "张小三" not in str(events.to_dict()) + str(events.attrs)
    assert "张小三" not in (tmp_path / "s" / ".fanpin-risk.json").read_text("utf-8")


def test_pseudonyms_find_names_by_the_key(register):
    """Where the register was read with a key, that of the names is the same."""
    from fanpin_risk.visits.own_names import own_names

    key = b"a secret of this county only"
    ids = fr.Snapshot(register, "2024-12-31").household_ids[:1].to_series()
    from fanpin_risk.records.ids import pseudonymise

    found = own_names(pd.DataFrame({"household_id": ids, "name": ["张三"]}), id_key=key)
    assert found == {pseudonymise(ids, key).iloc[0]: ("张三", "")}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_sheets_are_in_one_language(listed, register, model, tmp_path, lang):
    """Labels, texts and choices; no Chinese in the English ones but names of places and rules of records."""
    paths = fr.visit_sheets(listed.head(2), register, model, tmp_path / "s", lang=lang)
    texts = texts_of(paths)
    assert ("核实结果" in texts) == (lang == "zh")
    assert ("Finding" in texts) == (lang == "en")
    shown = [
        str(value)
        for path in paths
        for sheet in openpyxl.load_workbook(path).worksheets
        if not sheet.title.startswith("_")
        for row in sheet.iter_rows(values_only=True)
        for value in row
        if value is not None
    ]
    if lang == "zh":
        assert [text for text in shown if re.search(r"[A-Za-z][a-z]", text)] == []


def test_the_day_is_that_of_the_list_and_nothing_later_is_printed(listed, register, model, tmp_path):
    """A list without a day needs one."""
    assert "2024-12-31" in texts_of(fr.visit_sheets(listed, register, model, tmp_path / "s"))
    with pytest.raises(SchemaError, match="as_of is not given"):
        fr.visit_sheets(listed[["household_id", "area_code"]], register, model, tmp_path / "t")
    bare = fr.visit_sheets(listed[["household_id"]], register, model, tmp_path / "t", as_of="2023-06-30")
    assert "2023-06-30" in texts_of(bare)
    assert not [text for text in texts_of(bare) if "2024" in text and "名单" not in text and "20230630" not in text]


def test_wrong_lists_are_refused_before_anything_is_written(listed, register, model, tmp_path):
    """No list, a household twice or unknown, options that are none."""
    folder = tmp_path / "s"
    for table, options, error in (
        (listed.to_dict(), {}, "DataFrame|watchlist"),
        (listed.drop(columns="household_id"), {}, "household_id"),
        (pd.concat([listed, listed]), {}, "repeat one"),
        (listed.assign(household_id="nobody").head(1), {}, "not in the register|unknown|no household"),
        (listed, {"per": "street"}, "per"),
        (listed, {"lang": "fr"}, "lang"),
        (listed, {"n_reasons": 9}, "n_reasons"),
        (listed, {"earlier": listed}, "event"),
    ):
        with pytest.raises(fr.FanpinError, match=error):
            fr.visit_sheets(table, register, model, folder, **options)
    assert not folder.exists()


def test_filled_sheets_are_never_replaced(listed, register, model, hands, tmp_path):
    """Untouched ones are, if asked."""
    paths = fr.visit_sheets(listed, register, model, tmp_path / "s")
    with pytest.raises(InputError, match="already holds"):
        fr.visit_sheets(listed, register, model, tmp_path / "s")
    assert fr.visit_sheets(listed, register, model, tmp_path / "s", overwrite=True) == paths
    hands.Sheets(paths[0]).fill().save(paths[0])
    with pytest.raises(InputError, match="changed since"):
        fr.visit_sheets(listed, register, model, tmp_path / "s", overwrite=True)
    assert len(fr.read_visits(paths[0])) > 0


def test_equal_lists_give_equal_bytes(listed, register, model, tmp_path):
    """Whatever the order of the run."""
    one, other = (fr.visit_sheets(listed, register, model, tmp_path / name) for name in "ab")
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]
