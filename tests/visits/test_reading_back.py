"""What comes back from visits.

Tests visits/form.py, visits/outcomes_of_visits.py and visits/troubles.py as well.
"""

import datetime as dt
import itertools
import random

import openpyxl
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import InputError, SchemaError, UnreadableFileError
from fanpin_risk.visits.answers import LINES_OF_FIELDS, VISIT_QUESTIONS
from fanpin_risk.visits.outcomes_of_visits import CONTRADICT, EVENT_COLUMNS
from fanpin_risk.visits.troubles import TROUBLES

ASIDE = ["problems"]  # which names the file
MEANT = {"contact": "head", "verdict": "true"}


def plain(events):
    """Events without what depends on the file, to be compared."""
    return events.drop(columns=ASIDE).astype(object).where(events.drop(columns=ASIDE).notna(), "").to_dict("records")


# --- whole ------------------------------------------------------------------------------------------------------
def test_what_was_filled_in_comes_back(opened, back, listed):
    """One event for each household visited, those without an entry left out, with the answers as codes."""
    first, second = opened.keys[:2]
    opened.fill(first, 吃="有保障", 主要困难="因病、因残", 人均纯收入=3210.5, 建议="纳入监测", 农户授权="已签")
    opened.fill(second, 核实结果="不属实", 建议="无需处理")
    events, wrong = back(opened)
    assert wrong == []
    assert list(events) == list(EVENT_COLUMNS)
    assert events["event"].tolist() == ["verified", "refuted"]
    assert events["complete"].all()
    assert events["household_id"].isin(listed["household_id"]).all()
    one = events.iloc[0]
    assert (one["food"], one["hardship"], one["income_cny"]) == ("given", "illness;disability", 3210.5)
    assert (one["on"], one["who"], one["key"]) == (pd.Timestamp("2025-01-15"), "V01", first)
    assert pd.isna(one["clothing"])
    assert events["event_key"].is_unique
    assert events.attrs["n_sheets"] == 4


def test_the_same_file_twice_is_the_same_events(opened, back, tmp_path):
    """With the same keys, so that a ledger changes nothing; given twice at once, each visit counts once and is named."""
    opened.fill()
    events, _ = back(opened)
    again, _ = back(opened, "copy.xlsx")
    assert plain(events) == plain(again)
    both = fr.read_visits([tmp_path / "filled.xlsx", tmp_path / "copy.xlsx"])
    assert plain(both) == plain(events)
    assert [one["code"] for one in both.attrs["problems"]] == ["same_visit"] * 4


@pytest.mark.parametrize(
    ("answers", "event"),
    [
        ({}, "verified"),
        ({"核实结果": "部分属实"}, "verified"),
        ({"核实结果": "不属实"}, "refuted"),
        ({"核实结果": "待核实"}, "visited"),
        ({"核实结果": None}, "visited"),
        ({"走访人": None}, "incomplete"),
        ({"核实结果": None, "联系结果": "外出", "走访方式": "村委代访"}, "not_at_home"),
        ({"核实结果": None, "联系结果": None, "走访方式": "未见到"}, "not_at_home"),
        ({"核实结果": None, "联系结果": "查无此户", "走访方式": "未见到"}, "not_found"),
        ({"核实结果": None, "联系结果": "拒访"}, "refused"),
        ({"核实结果": None, "联系结果": "已迁出", "走访方式": "村委代访"}, "moved"),
        ({"核实结果": None, "联系结果": "已死亡", "走访方式": "村委代访"}, "died"),
        ({"日期": None}, "incomplete"),
        ({"核实结果": None, "联系结果": None, "走访方式": None}, "incomplete"),
    ],
)
def test_the_event_is_what_was_found(opened, back, answers, event):
    """By contact and finding; without a day, or with neither, it is kept as half filled in."""
    opened.fill(opened.keys[0], **answers)
    events, _ = back(opened)
    kept = {"visited": "noted", "not_at_home": "noted", "refused": "noted", "not_found": "not_here"}.get(event, event)
    assert events["event"].tolist() == [kept]
    assert events["complete"].tolist() == [event != "incomplete"]
    if event != "incomplete":
        assert events["result"].tolist() == [event]


def test_a_visit_to_a_monitored_household_is_a_check(register, model, hands, back, tmp_path):
    """It is on the list as one to look at again; its finding stands beside the event. Also without the hidden sheet."""
    here = fr.Snapshot(register, hands.DAY)
    ids = here.household_ids[here.monitored == 1][:2].tolist()
    table = pd.DataFrame({"household_id": ids, "visitor": "V"})
    path = fr.visit_sheets(table, register, model, tmp_path / "s", as_of=hands.DAY, per="visitor")[0]
    sheets = hands.Sheets(path)
    sheets.fill(sheets.keys[0]).fill(sheets.keys[1], 核实结果=None, 联系结果="查无此户", 走访方式="未见到")
    events, wrong = back(sheets)
    found = events.set_index("key").loc[sheets.keys]
    assert found["event"].tolist() == ["checked", "noted"]
    assert found["result"].tolist() == ["verified", "not_found"]
    assert wrong == []
    del sheets.book["_list"]
    assert plain(back(sheets, "bare.xlsx")[0]) == plain(events)


def test_a_monitored_household_stays_one_without_its_printed_row(register, model, hands, back, tmp_path):
    """The sheet was issued to a monitored household: a visit is a check though the row that says so was deleted."""
    here = fr.Snapshot(register, hands.DAY)
    listed = pd.DataFrame({"household_id": here.household_ids[here.monitored == 1][:1]})
    sheets = hands.Sheets(fr.visit_sheets(listed, register, model, tmp_path / "sheets", as_of=hands.DAY)[0])
    sheets.fill()
    (key,) = sheets.keys
    sheet, number = sheets.row_of(key, "M3")
    for cell in sheet[number]:
        if not isinstance(cell, openpyxl.cell.MergedCell):
            cell.value = None
    events, _ = back(sheets)
    assert events["event"].tolist() == ["checked"]


def test_half_filled_rows_are_kept_with_what_is_missing(opened, back):
    """Answers stay; the text beside them names the fields that are empty."""
    opened.field(opened.keys[0], "吃").value = "无保障"
    events, wrong = back(opened)
    assert events["event"].tolist() == ["incomplete"]
    assert events["food"].tolist() == ["not_given"]
    assert [(field, code) for _, field, code in wrong] == [
        ("on", "no_day"), ("contact", "half_filled"), ("verdict", "half_filled"), ("who", "half_filled"),
    ]  # fmt: skip
    assert "Date is empty" in events["problems"].iloc[0]


# --- moved about ------------------------------------------------------------------------------------------------
def rewritten(path, change):
    """Write the rows of every sheet anew as a plain workbook, after a change of the rows."""
    book, result = openpyxl.load_workbook(path), openpyxl.Workbook()
    result.remove(result.active)
    for sheet in book.worksheets:
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        copy = result.create_sheet(sheet.title)
        for row in change(rows) if not sheet.title.startswith("_") else rows:
            copy.append(row)
    result.save(path)
    return path


def shuffled(rows):
    random.Random(7).shuffle(rows)
    return rows


def with_columns(rows):
    """Add a column with a note in front, one within, one behind."""
    return [["note", *row[:3], "seen by the office", *row[3:], "9", "more"] for row in rows]


@pytest.mark.parametrize(
    "change", [shuffled, with_columns, lambda rows: with_columns(shuffled(rows)), lambda rows: rows[::-1]]
)
def test_rows_are_found_wherever_they_stand(opened, back, tmp_path, change):
    """Shuffled, turned round, with columns added: the same events and nothing wrong."""
    opened.fill(主要困难="因病", 医="无保障")
    events, wrong = back(opened)
    assert wrong == []
    other = fr.read_visits(rewritten(tmp_path / "filled.xlsx", change))
    assert plain(other) == plain(events)
    assert [one["code"] for one in other.attrs["problems"]] == []


def test_notes_beside_empty_fields_are_no_answers(opened, back, tmp_path):
    """A column behind the last field holds notes; the last field stays empty."""
    opened.fill()
    events, _ = back(opened)
    noted = fr.read_visits(rewritten(tmp_path / "filled.xlsx", lambda rows: [[*row, "路远"] for row in rows]))
    assert plain(noted) == plain(events)
    assert noted.attrs["problems"] == []


def test_deleted_rows_are_named_and_the_rest_stays(opened, back, tmp_path):
    """A household of which all rows are gone was not visited; one that lost some names them."""
    first, second = opened.keys[:2]
    opened.fill()
    back(opened)

    def without(rows):
        kept = [row for row in rows if not str(row[0]).startswith(second)]
        return [row for row in kept if not str(row[0]).startswith(f"{first}/A4")]

    events = fr.read_visits(rewritten(tmp_path / "filled.xlsx", without))
    assert len(events) == events.attrs["n_sheets"] == 3
    (one,) = events.attrs["problems"]
    assert one["code"] == "no_row"
    assert "Hardship, Copes, Assets, Lacking" in str(one["text"])


@pytest.mark.parametrize("kinds", [["ods"], ["ods", "xlsx"], ["xls"]])
def test_libreoffice_saves_what_is_read_the_same(opened, back, saved_by_libreoffice, kinds, tmp_path):
    """Saved as another kind and back again: the same events, the same things wrong at the same rows."""
    opened.fill(主要困难="因病、因残", 新情况1="住院自付", 日期=dt.date(2025, 1, 15))
    opened.field(opened.keys[1], "核实结果").value = "对"
    events, wrong = back(opened)
    path = tmp_path / "filled.xlsx"
    for kind in kinds:
        (path,) = saved_by_libreoffice([path], kind)
    other = fr.read_visits(path)
    assert plain(other) == plain(events)
    assert [(one["row"], one["field"], one["code"]) for one in other.attrs["problems"]] == wrong
    assert other.attrs["corrections"] == events.attrs["corrections"]


def test_csv_files_of_all_sheets_are_read_the_same(opened, back, saved_by_libreoffice, tmp_path):
    """Also that of the hidden sheet among them, which is no sheet of households."""
    for number, key in enumerate(opened.keys):
        opened.fill(key, 主要困难="因病、因残", 人均纯收入=3210.5 + number, 日期=dt.date(2025, 1, 15))
    events, _ = back(opened)
    every = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    folder = saved_by_libreoffice([tmp_path / "filled.xlsx"], every)[0].parent
    assert len(list(folder.glob("*.csv"))) == 4
    other = fr.read_visits(folder)
    assert plain(other) == plain(events)
    assert other.attrs["problems"] == []


# --- wrong ------------------------------------------------------------------------------------------------------
CHOICES = [code for code, question in VISIT_QUESTIONS.items() if question.kind == "choice"]


@pytest.mark.parametrize("code", CHOICES)
def test_a_value_outside_its_list_is_refused_with_sheet_and_row(opened, back, code):
    """Every field with a list: named, not blanked, and not taken for the nearest answer."""
    label = VISIT_QUESTIONS[code].label.shown("zh")
    opened.fill(opened.keys[0])
    cell = opened.field(opened.keys[0], label)
    cell.value = "差不多吧"
    events, wrong = back(opened)
    assert (cell.row, code, "not_one_of") in wrong
    text = str(next(one["text"] for one in events.attrs["problems"] if one["code"] == "not_one_of"))
    assert f"sheet {cell.parent.title}, row {cell.row}" in text
    assert "差不多" not in text
    if code in EVENT_COLUMNS:
        assert pd.isna(events[code].iloc[0])
    assert events["complete"].iloc[0] == (code not in ("mode", "contact", "verdict"))


def test_days_and_amounts_that_are_none_are_named(opened, back):
    """And a visit before the day of the list, when nobody had the sheet."""
    first, second = opened.keys[:2]
    opened.fill(first, 日期="昨天", 人均纯收入="三千")
    opened.fill(second, 日期="2024-12-01")
    events, wrong = back(opened)
    assert [(field, code) for _, field, code in wrong] == [
        ("on", "not_a_day"), ("income_cny", "not_an_amount"), ("on", "before_the_list"),
    ]  # fmt: skip
    assert events["event"].tolist() == ["incomplete"] * 2


def test_a_key_that_is_none_is_refused(opened, back):
    """Mistyped, deleted, or of another list: named, and its answers come to nobody."""
    first, second, third, _ = keys = opened.keys
    opened.fill()
    sheet, number = opened.row_of(first, "A1")
    key = sheet.cell(number, 1).value
    sheet.cell(number, 1).value = ("7" if key[5] != "7" else "8").join([key[:5], key[6:]])
    sheet.cell(opened.row_of(second, "A1")[1], 1).value = None
    events, wrong = back(opened)
    codes = [code for *_, code in wrong]
    assert codes.count("bad_key") == codes.count("no_key") == 1
    found = events.set_index("key")["event"]
    assert found[keys].tolist() == ["incomplete", "incomplete", "verified", "verified"]
    assert third in events["key"].tolist()


def test_a_forged_key_finds_no_household(opened, back, listed):
    """A key that fits in itself, but of a household that was not on the list."""
    from fanpin_risk.visits.row_keys import household_key, list_id_of, row_key

    opened.fill()
    forged = household_key(list_id_of(listed), "H999999999")
    first = opened.keys[0]
    for sheet, number, key in list(opened.rows):
        if key.household == first:
            sheet.cell(number, 1).value = f"{forged}/{key.line}/{key.check}"
    events, wrong = back(opened)
    assert forged not in events["key"].tolist()
    assert [code for *_, code in wrong] == ["unknown_household"]
    events, wrong = back(opened, list=listed)
    assert [code for *_, code in wrong] == ["other_list"]
    assert len(events) == 3
    events, wrong = back(opened, list=listed.iloc[:0].assign(list_id="other"))
    assert len(events) == 0
    assert {code for *_, code in wrong} == {"other_list"}
    assert row_key(forged, "A1", []) != row_key(first, "A1", [])


def test_printed_cells_that_were_changed_are_named(opened, back):
    """A reason, the household's id, what a field asks: the row is named, and the answers stay."""
    first, second = opened.keys[:2]
    opened.fill(first)
    opened.fill(second)
    for household, line, column in ((first, "P4", 3), (second, "H0", 6)):
        sheet, number = opened.row_of(household, line)
        sheet.cell(number, column).value = "changed"
    events, wrong = back(opened)
    assert [code for *_, code in wrong] == ["printed_changed"] * 2
    assert events["complete"].all()


def test_a_field_whose_question_is_gone_is_named(opened, back):
    """Its answer cannot be told from others."""
    opened.fill(opened.keys[0])
    cell = opened.field(opened.keys[0], "联系结果")
    cell.parent.cell(cell.row, cell.column - 1).value = None
    events, wrong = back(opened)
    assert [(field, code) for _, field, code in wrong] == [("contact", "no_field")]
    assert events["event"].tolist() == ["incomplete"]


def test_rows_that_are_there_twice_are_named(opened, back, tmp_path):
    """The same answers count once, different ones not at all."""
    first, second = opened.keys[:2]
    opened.fill()
    back(opened)

    def doubled(rows):
        more = []
        for row in rows:
            if str(row[0]).startswith((f"{first}/A1", f"{second}/A1")):
                more.append(list(row))
                if str(row[0]).startswith(second):
                    more[-1][6] = "不属实"
        return rows + more

    events = fr.read_visits(rewritten(tmp_path / "filled.xlsx", doubled))
    assert [one["code"] for one in events.attrs["problems"]] == ["repeated", "repeated_differs"]
    found = events.set_index("key")
    assert found["event"].value_counts().to_dict() == {"verified": 3, "incomplete": 1}
    assert found.loc[second, "event"] == "incomplete"
    assert pd.isna(found.loc[second, "verdict"])


def test_two_sheets_that_differ_about_one_day_do_not_count(opened, hands, by_visitor, tmp_path):
    """On two days they are two visits."""
    first = opened.keys[0]
    opened.fill(first).save(tmp_path / "one.xlsx")
    other = hands.Sheets(by_visitor).fill(first, 核实结果="不属实")
    files = [tmp_path / "one.xlsx", other.save(tmp_path / "two.xlsx")]
    events = fr.read_visits(files)
    assert events["event"].tolist() == ["incomplete"] * 2
    assert [one["code"] for one in events.attrs["problems"]] == ["visits_differ"] * 2
    other.fill(first, 核实结果="不属实", 日期="2025-02-01").save(files[1])
    events = fr.read_visits(files)
    assert events["event"].tolist() == ["verified", "refuted"]
    assert events.attrs["problems"] == []


LABEL_OF = {code: question.label.shown("zh") for code, question in VISIT_QUESTIONS.items()}


@pytest.mark.parametrize(
    ("one", "first", "other", "second"),
    [
        (one, first, other, second)
        for one, firsts, other, seconds in CONTRADICT
        for first, second in itertools.product(firsts, seconds)
    ],
)
def test_answers_that_cannot_both_be_are_named(opened, back, one, first, other, second):
    """All pairs; where they are what the event is made of, it is not made."""
    answers = dict.fromkeys(hands_labels(), None) | {"日期": "2025-01-15", "走访人": "V01"}
    for code, choice in ((one, first), (other, second)):
        answers[LABEL_OF[code]] = VISIT_QUESTIONS[code].choices[choice].shown("zh")
    opened.fill(opened.keys[0], **answers)
    events, wrong = back(opened)
    assert (other, "contradiction") in [(field, code) for _, field, code in wrong]
    if {one, other} & {"mode", "contact", "verdict"}:
        assert not events["complete"].iloc[0]


def hands_labels():
    """Labels that a whole form has filled in."""
    return ("走访方式", "联系结果", "核实结果")


def test_none_and_something_contradict_each_other(opened, back):
    """Of several answers, none excludes the others; the event stands."""
    opened.fill(opened.keys[0], 不符情形="无、车辆")
    events, wrong = back(opened)
    assert [(field, code) for _, field, code in wrong] == [("assets", "contradiction")]
    assert events["complete"].all()


def test_merged_rows_are_named(opened, back):
    """What stood in the lower ones is lost, and nobody may take it for empty."""
    first = opened.keys[0]
    opened.fill(first)
    sheet, number = opened.row_of(first, "A1")
    sheet.merge_cells(start_row=number, end_row=number + 1, start_column=5, end_column=5)
    _, wrong = back(opened)
    assert (number, "", "merged") in wrong


def test_two_answers_in_one_field_are_named(opened, back, tmp_path):
    """A column was added between what is asked and its field, and both were filled in."""
    opened.fill(opened.keys[0])
    back(opened)

    def inserted(rows):
        return [
            [*row[:3], "电话" if str(row[0]).startswith(f"{opened.keys[0]}/A1") else None, *row[3:]] for row in rows
        ]

    events = fr.read_visits(rewritten(tmp_path / "filled.xlsx", inserted))
    assert ("mode", "two_answers") in [(one["field"], one["code"]) for one in events.attrs["problems"]]
    assert events["event"].tolist() == ["incomplete"]


def test_every_kind_of_trouble_has_words_in_both_languages():
    """And none of them repeats what stands in a cell."""
    for code, message in TROUBLES.items():
        assert message.shown("zh") != message.shown("en"), code
        assert "{value" not in message.template


def test_files_that_cannot_be_read_are_refused(tmp_path, listed):
    """Absent, none at all, no workbook; and a list that is none."""
    with pytest.raises(UnreadableFileError, match=r"no\.xlsx is not there"):
        fr.read_visits(tmp_path / "no.xlsx")
    with pytest.raises(InputError, match="no file of visits"):
        fr.read_visits(tmp_path)
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04 no")
    with pytest.raises(UnreadableFileError, match=r"b\.xlsx is not a workbook"):
        fr.read_visits(tmp_path / "b.xlsx")
    with pytest.raises(SchemaError, match="household_id"):
        fr.read_visits(tmp_path / "b.xlsx", list=listed.drop(columns="household_id"))


def test_a_workbook_of_something_else_has_no_visits(tmp_path):
    """No event, no sheet, nothing wrong."""
    pd.DataFrame({"户编号": ["H1"], "核实结果": ["属实"]}).to_excel(tmp_path / "other.xlsx", index=False)
    events = fr.read_visits(tmp_path / "other.xlsx")
    assert (len(events), events.attrs["n_sheets"]) == (0, 0)
    assert list(events) == list(EVENT_COLUMNS)


def test_sheets_without_ids_need_their_list(listed, register, model, hands, tmp_path):
    """With it they find their households, whoever shuffled the list since."""
    paths = fr.visit_sheets(listed, register, model, tmp_path / "sheets", per="visitor", mask=True)
    sheets = hands.Sheets(paths[0]).fill()
    assert not any(str(one) in str(list(s.values)) for s in sheets.book.worksheets for one in listed["household_id"])
    path = sheets.save(tmp_path / "filled.xlsx")
    events = fr.read_visits(path)
    assert len(events) == 0
    assert {one["code"] for one in events.attrs["problems"]} == {"unknown_household"}
    events = fr.read_visits(path, list=listed.sample(frac=1, random_state=1))
    assert events["household_id"].isin(listed["household_id"]).all()
    assert len(events) == 4
    assert events.attrs["problems"] == []


def test_all_fields_are_read(opened, back):
    """Every field of the sheet has its place in the form: none is passed over."""
    first = opened.keys[0]
    given = {"choice": lambda question: next(iter(question.choices.values())).shown("zh"), "day": lambda _: "2025-01-20",
             "amount": lambda _: 12, "text": lambda _: "1"}  # fmt: skip
    for _, questions in LINES_OF_FIELDS:
        for question in questions:
            opened.field(first, question.label.shown("zh")).value = given[question.kind](question)
    events, _ = back(opened)
    assert events.drop(columns="problems").iloc[0].notna().all()
