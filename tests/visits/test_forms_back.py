"""Of which list a form is and of which day, whatever the file lost on the way."""

import csv

import pytest

import fanpin_risk as fr


@pytest.fixture
def as_csv(tmp_path):
    """Save the first sheet of households of a workbook as csv, as programs do it: that sheet alone."""

    def save(sheets, name="one.csv"):
        with (tmp_path / name).open("w", newline="", encoding="utf-8-sig") as file:
            csv.writer(file).writerows(sheets.book.worksheets[1].iter_rows(values_only=True))
        return tmp_path / name

    return save


def codes(events):
    return [one["code"] for one in events.attrs["problems"]]


def test_a_csv_knows_the_day_of_its_list(opened, as_csv, listed):
    """A visit before the list is named as in a workbook, with the list given and without it."""
    opened.fill(日期="2024-11-15")
    for options in ({}, {"list": listed}, {"list": listed.drop(columns="as_of")}):
        events = fr.read_visits(as_csv(opened), **options)
        assert codes(events) == ["before_the_list"] * 4, options
        assert not events["complete"].any()


def test_a_csv_of_older_sheets_has_the_day_of_the_list_or_its_id(opened, as_csv, listed):
    """Where the sheet does not say the day: the id of the list begins with it, or the list given says it."""
    opened.fill(日期="2024-11-15")
    for sheet, number, key in opened.rows:
        if key.line == "H0":
            sheet.cell(number, 10).value = None
    for options in ({}, {"list": listed}):
        assert codes(fr.read_visits(as_csv(opened), **options)).count("before_the_list") == 4


def test_sheets_of_another_list_are_refused_where_neither_has_an_id(opened, listed, back):
    """Its households are others, though one of them is the same; or its day comes after the sheets."""
    opened.fill()
    mine = listed[["household_id", "as_of"]]
    assert back(opened, list=mine)[1] == []
    assert back(opened, list=mine.drop(columns="as_of"))[1] == []
    for other in (mine.iloc[:-1], mine.iloc[:-1].drop(columns="as_of"), mine.assign(as_of="2025-06-30")):
        events, wrong = back(opened, list=other)
        assert events.empty
        assert {code for *_, code in wrong} == {"other_list"}


def test_what_cannot_be_checked_is_told_once(listed, register, model, hands, tmp_path):
    """Sheets that name an id of the office's own, read with a list that lost it: read, and the gap is told."""
    own = listed.assign(list_id="2024-12 first")
    sheets = hands.Sheets(fr.visit_sheets(own, register, model, tmp_path / "sheets", per="visitor")[0]).fill()
    path = sheets.save(tmp_path / "filled.xlsx")
    events = fr.read_visits(path, list=own.drop(columns="list_id"))
    assert len(events) == 4
    assert codes(events) == ["list_not_told"]
    assert codes(fr.read_visits(path, list=own)) == []


def test_rows_pasted_from_another_list_have_their_own_day(listed, register, model, hands, tmp_path, opened):
    """A row of an earlier list in a workbook of a later one is held against its own day."""
    early = listed.assign(as_of="2024-06-30", list_id="20240630-0a1b2c3d")
    other = hands.Sheets(fr.visit_sheets(early, register, model, tmp_path / "s", as_of="2024-06-30", per="visitor")[0])
    key = other.keys[0]
    other.fill(key, 日期="2024-08-15")
    for sheet, number, row in other.rows:
        if row.household == key:
            opened.book.worksheets[1].append([cell.value for cell in sheet[number]])
    events = fr.read_visits(opened.save(tmp_path / "mixed.xlsx"))
    assert (codes(events), events["event"].tolist()) == ([], ["verified"])


def moved_rows(opened, source, target):
    """Paste the rows of fields of one household, keys and all, over those of another one."""
    for sheet, number, key in [*opened.rows]:
        if key.household == target and key.line[0] in "AFR":
            other, from_row = opened.row_of(source, key.line)
            for column in range(1, 11):
                sheet.cell(number, column).value = other.cell(from_row, column).value


def test_a_household_whose_rows_were_pasted_over_is_named(opened, back):
    """It has no answers any more, and that is not the same as not visited."""
    first, second = opened.keys[:2]
    opened.fill(first).fill(second, 核实结果="不属实")
    moved_rows(opened, first, second)
    events, wrong = back(opened)
    assert events["key"].tolist() == [first]
    lost = [one["household_id"] for one in events.attrs["problems"] if one["code"] == "no_row"]
    assert lost == [household_in_head(opened, second)]
    assert {code for *_, code in wrong} == {"no_row", "repeated"}


def household_in_head(opened, key):
    """The id in the first row of a block."""
    sheet, number = opened.row_of(key, "H0")
    return sheet.cell(number, 6).value


def test_answers_that_two_households_share_down_to_an_amount_are_named(opened, back):
    """Both of them, and both stand; without an amount it is no wonder that answers are the same."""
    first, second, third = opened.keys[:3]
    opened.fill(first, 人均纯收入=7312).fill(second, 人均纯收入=7312).fill(third, 人均纯收入=7313)
    events, wrong = back(opened)
    assert [code for *_, code in wrong] == ["same_answers"] * 2
    assert events["complete"].all()
    assert (events["problems"] != "").sum() == 2
    opened.fill(first, 人均纯收入="").fill(second, 人均纯收入="")
    assert back(opened)[1] == []


def test_the_answer_of_a_question_that_is_gone_is_none_of_the_one_before(opened, back):
    """What stands behind the empty field of the one before it may belong to either."""
    first = opened.keys[0]
    opened.fill(first, 穿="无保障")
    label = opened.field(first, "穿")
    label.parent.cell(label.row, label.column - 1).value = None
    events, wrong = back(opened)
    assert {(field, code) for _, field, code in wrong} == {("food", "no_field"), ("clothing", "no_field")}
    assert events["food"].isna().all()


def test_fields_that_were_merged_within_a_row_are_named(opened, back):
    """What is asked and its field in one cell: the answer is lost."""
    first = opened.keys[0]
    opened.fill(first)
    sheet, number = opened.row_of(first, "A1")
    sheet.merge_cells(start_row=number, end_row=number, start_column=2, end_column=3)
    assert (number, "", "merged") in back(opened)[1]


def test_a_note_in_an_added_column_that_could_be_an_answer_is_named(opened, back):
    """It is taken, as nobody can tell, and named: in other rows the answers stand next to what is asked."""
    first, second = opened.keys[:2]
    opened.fill(first).fill(second, 日期=None)
    sheet, number = opened.row_of(second, "A1")
    cell = opened.field(second, "日期")
    sheet.insert_cols(cell.column + 1)
    sheet.cell(number, cell.column + 1).value = "2025-01-20"
    events, wrong = back(opened)
    assert wrong == [(number, "on", "beside")]
    assert str(events.set_index("key").loc[second, "on"].date()) == "2025-01-20"
