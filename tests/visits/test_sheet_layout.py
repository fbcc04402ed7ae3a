"""How sheets are laid out: on paper, locked, with lists to choose from."""

from itertools import pairwise

import openpyxl
import pytest

import fanpin_risk as fr
from fanpin_risk.visits.answers import VISIT_QUESTIONS
from fanpin_risk.visits.row_keys import RowKey, read_row_key
from fanpin_risk.visits.sheet_layout import CHOICE_SHEET, FACT_SHEET, HALF_PAGE, LAYOUT_VERSION

A4_POINTS, PER_INCH = 841.9, 72


def blocks_of(sheet):
    """First row of each block."""
    return [row for row in range(1, sheet.max_row + 1) if "/H0/" in str(sheet.cell(row, 1).value)]


@pytest.fixture(scope="module", params=["zh", "en"])
def sheet(request, listed, register, model, tmp_path_factory):
    """A sheet with eight households."""
    folder = tmp_path_factory.mktemp("layout") / "s"
    path = fr.visit_sheets(listed.assign(visitor="V"), register, model, folder, per="visitor", lang=request.param)[0]
    return openpyxl.load_workbook(path).worksheets[1]


def test_two_households_are_on_a_page_of_a4(sheet):
    """Breaks stand between blocks, no page is higher than the paper, none has more than two households."""
    height = A4_POINTS - PER_INCH * (sheet.page_margins.top + sheet.page_margins.bottom)
    assert sheet.page_setup.paperSize == 9
    assert sheet.page_setup.orientation in (None, "portrait")
    assert height >= 2 * HALF_PAGE
    starts = blocks_of(sheet)
    breaks = [one.id + 1 for one in sheet.row_breaks.brk]
    assert set(breaks) <= set(starts)
    pages = [0, *[one - 1 for one in breaks], sheet.max_row]
    for first, last in pairwise(pages):
        points = sum(sheet.row_dimensions[row].height for row in range(first + 1, last + 1))
        assert points <= height + 8  # the gap below the last block may run over
        assert 1 <= len([row for row in starts if first < row <= last]) <= 2
    assert len(breaks) + 1 <= -(-len(starts) // 2) + 1


def test_letters_have_nine_points_or_more_and_pages_are_not_scaled(sheet):
    """All that is printed; the keys in the first column are not."""
    assert sheet.page_setup.scale in (None, 100)
    assert not sheet.page_setup.fitToWidth or not sheet.sheet_properties.pageSetUpPr
    assert sheet.print_area.startswith("$B$1") or "$B$1" in sheet.print_area
    sizes = {cell.font.size for row in sheet.iter_rows(min_col=2, max_col=9) for cell in row if cell.value}
    assert min(sizes) >= 9


def test_all_but_the_fields_is_locked(sheet):
    """Fields and nothing else can be filled in."""
    assert sheet.protection.sheet
    labels = {name for question in VISIT_QUESTIONS.values() for name in question.label.in_every_language()}
    open_cells = [cell for row in sheet.iter_rows() for cell in row if not cell.protection.locked]
    assert len(open_cells) == len(VISIT_QUESTIONS) * len(blocks_of(sheet))
    assert all(sheet.cell(cell.row, cell.column - 1).value in labels for cell in open_cells)


def test_every_field_takes_what_it_asks_for(sheet):
    """A list for choices, in the order of the form; days and amounts as such."""
    book = sheet.parent
    choices = {
        column[0].value: [cell.value for cell in column[1:] if cell.value] for column in book[CHOICE_SHEET].columns
    }
    rules = {}
    for rule in sheet.data_validations.dataValidation:
        for cell in rule.sqref.ranges:
            label = sheet.cell(cell.min_row, cell.min_col - 1).value
            rules.setdefault(label, set()).add((rule.type, rule.formula1, rule.errorStyle))
    lang = "zh" if "核实结果" in rules else "en"
    for question in VISIT_QUESTIONS.values():
        if question.kind == "text":
            continue
        ((kind, source, style),) = (
            rules[question.label.shown(lang)]
            if question.kind == "choice"
            else list(rules[question.label.shown(lang)])[:1]
        )
        assert kind == {"choice": "list", "day": "date", "amount": "decimal"}[question.kind]
        if question.kind == "choice":
            assert CHOICE_SHEET in source
            assert choices[question.code] == [label.shown(lang) for label in question.choices.values()]
            assert (style == "warning") == question.several  # several may be typed


def test_the_hidden_sheet_says_of_which_list_it_is(sheet, listed):
    """Version, list, day; for each household its rows as issued, by which changed ones are found."""
    hidden = sheet.parent[FACT_SHEET]
    assert hidden.sheet_state == "veryHidden"
    rows = list(hidden.iter_rows(values_only=True))
    facts = dict(row[:2] for row in rows[:5])
    assert facts["version"] == LAYOUT_VERSION
    assert facts["as_of"] == "2024-12-31"
    issued = {row[1]: row[4].split(";") for row in rows[5:]}
    assert set(issued) == set(listed["household_id"])
    keys = [str(cell.value) for cell in sheet["A"] if cell.value]
    assert [key for of_one in issued.values() for key in of_one] == keys
    assert all(isinstance(read_row_key(key), RowKey) for key in keys)


def test_the_key_of_the_household_is_printed(sheet):
    """At the top of its block, as in the first column."""
    for row in blocks_of(sheet):
        assert sheet.cell(row, 1).value.startswith(sheet.cell(row, 3).value)
