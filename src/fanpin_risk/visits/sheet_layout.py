"""How the sheets to carry are laid out: two households on a page of A4, fields with lists to choose from, the rest locked.

Every row of a block has its own key in the first column, which is not printed; the household's key is printed at the top of
its block. A field stands between what it asks and what the next one asks, or a mark, so that rows can be sorted and columns
added.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fanpin_risk.files import cell_text
from fanpin_risk.reports.sheet_writer import SheetColumn, SheetWriter, lines_needed
from fanpin_risk.visits.answers import LINES_OF_FIELDS, VISIT_QUESTIONS, Question
from fanpin_risk.visits.blocks import HouseholdBlock, PrintedLine
from fanpin_risk.visits.row_keys import row_key
from fanpin_risk.words import Language, Message

__all__ = [
    "CHOICE_SHEET",
    "END_MARK",
    "FACT_SHEET",
    "HEAD_LINE",
    "LAYOUT_VERSION",
    "ListFacts",
    "VisitWriter",
    "head_of_block",
]

LAYOUT_VERSION = "fanpin-risk visits 1"
FACT_SHEET, CHOICE_SHEET, HEAD_LINE = "_list", "_choices", "H0"
# A width is so many digits of the font that a workbook names first; with this one programs agree best on how wide that is.
WIDTH_FONT, CELL_FONT = "Arial", "SimSun"
# Widths: the key, then four times what is asked and its field. Together they fill the width of A4.
KEY_WIDTH, ASKED_WIDTH, FIELD_WIDTH = 30.0, 9.9, 12.4
N_PAIRS = 4
END_MARK, END_WIDTH = "|", 2.0  # right of the last field: what stands further right was added
LAST_COLUMN = 2 * N_PAIRS
FONT_SIZE, LINE_POINTS = 9, 11.5
# Letters of 9 points that fit into a column of a width, and into the text of a line across the others.
LETTERS_PER_WIDTH = 1.25
TEXT_LETTERS = LETTERS_PER_WIDTH * (N_PAIRS * FIELD_WIDTH + (N_PAIRS - 1) * ASKED_WIDTH)
HALF_PAGE = 384.0  # points; two of them are less than A4 without its margins
HEAD_POINTS, GAP_POINTS = 17.0, 8.0
# Height of a row of fields; handwriting needs the larger one. 15 is what a file leaves out, and programs then choose.
LEAST_FIELD, MOST_FIELD = 15.25, 24.25
LARGEST_AMOUNT = 100_000_000
LONGEST_PROMPT = 250
MOST_CELLS_OF_RULE = 500


@dataclass(frozen=True, kw_only=True)
class ListFacts:
    """What a workbook says of the list that it is made of; it stands on a hidden sheet.

    Attributes
    ----------
    list_id : str
    as_of : str
        The day.
    model : str
    lang : {"zh", "en"}
    """

    list_id: str
    as_of: str
    model: str
    lang: Language


def head_of_block(block: HouseholdBlock, facts: ListFacts) -> list[str]:
    """Return what is printed above a block: its number, its key, the household, and the list.

    Parameters
    ----------
    block : HouseholdBlock
    facts : ListFacts

    Returns
    -------
    list of str
        Five texts, ``""`` where ids are not to be written.
    """
    return [
        Message("Key {number}", number=block.number).shown(facts.lang), block.key,
        Message("Household").shown(facts.lang) if block.household_id else "", block.household_id,
        facts.list_id,
    ]  # fmt: skip


class VisitWriter(SheetWriter):
    """Writes the sheets of one workbook.

    Parameters
    ----------
    book : xlsxwriter.Workbook
    facts : ListFacts
    title : str
        What is printed above every page.
    """

    def __init__(self, book: Any, facts: ListFacts, *, title: str) -> None:
        source = Message(
            "List {list_id}, as of {day}, {model}", list_id=facts.list_id, day=facts.as_of, model=facts.model
        )
        super().__init__(book, facts.lang, title=title, source=source.shown(facts.lang))
        self.facts, self.words = facts, facts.lang
        book.formats[0].set_font_name(WIDTH_FONT)
        book.formats[0].set_font_size(FONT_SIZE)
        self.formats = _cell_formats(book)
        self.places: dict[str, str] = {}  # question -> cells that hold its choices
        self.fields: dict[str, list[tuple[int, int]]] = {}  # question -> its fields on the sheet that is being written
        self.issued: list[tuple[HouseholdBlock, list[str]]] = []

    # --- the sheets of households ------------------------------------------------------------------------------
    def households(self, name: str, blocks: Sequence[HouseholdBlock]) -> None:
        """Write the blocks of a sheet, two on a page."""
        sheet = self.new(name, landscape=False)
        sheet.set_print_scale(100)
        sheet.set_margins(left=0.3, right=0.3, top=0.5, bottom=0.45)
        sheet.set_column(0, 0, KEY_WIDTH)
        for pair in range(N_PAIRS):
            sheet.set_column(1 + 2 * pair, 1 + 2 * pair, ASKED_WIDTH)
            sheet.set_column(2 + 2 * pair, 2 + 2 * pair, FIELD_WIDTH)
        sheet.set_column(LAST_COLUMN + 1, LAST_COLUMN + 1, END_WIDTH)
        sheet.hide_gridlines(2)
        sheet.center_horizontally()
        sheet.protect("", {"format_cells": True, "format_rows": True, "format_columns": True, "sort": True})
        self.fields.clear()
        breaks, line, on_page = [], 0, 0.0
        for block in blocks:
            height, fields = _block_heights(block, self.words)
            if on_page and on_page + height > 2 * HALF_PAGE:
                breaks.append(line)
                on_page = 0.0
            line = self._block(sheet, line, block, fields)
            room = HALF_PAGE if height <= HALF_PAGE else 2 * HALF_PAGE
            sheet.set_row(line, max(GAP_POINTS, room - height + GAP_POINTS))
            line, on_page = line + 1, on_page + room
        for question, cells in self.fields.items():
            for start in range(0, len(cells), MOST_CELLS_OF_RULE):
                self._validate(sheet, cells[start : start + MOST_CELLS_OF_RULE], VISIT_QUESTIONS[question])
        sheet.set_h_pagebreaks(breaks)
        sheet.print_area(0, 1, max(line - 1, 0), LAST_COLUMN)

    def _block(self, sheet: Any, line: int, block: HouseholdBlock, field_height: float) -> int:
        """Write one block; return the line below it."""
        keys: list[str] = []

        def key(code: str, printed: Sequence[str]) -> None:
            keys.append(row_key(block.key, code, printed))
            sheet.write_string(line, 0, keys[-1], self.formats["key"])

        head = head_of_block(block, self.facts)
        sheet.set_row(line, HEAD_POINTS)
        key(HEAD_LINE, [*head, self.facts.as_of])
        sheet.write_string(line, LAST_COLUMN + 1, self.facts.as_of, self.formats["key"])  # beside what is printed
        self._across(sheet, line, head, ((1, 1), (2, 3), (4, 4), (5, 6), (7, 8)))
        line += 1
        for printed in block.lines:
            sheet.set_row(line, _printed_height(printed))
            text = cell_text(printed.text)
            self.check_length(text, sheet, line)
            key(printed.code, [printed.label, text])
            sheet.write_string(line, 1, printed.label, self.formats["asked"])
            sheet.merge_range(line, 2, line, LAST_COLUMN, "", self.formats["printed"])
            sheet.write_string(line, 2, text, self.formats["printed"])
            line += 1
        for code, questions in LINES_OF_FIELDS:
            sheet.set_row(line, max(field_height, _least_height(questions, self.words)))
            key(code, [question.label.shown(self.words) for question in questions])
            sheet.write_string(line, LAST_COLUMN + 1, END_MARK, self.formats["key"])
            for place, question in enumerate(questions):
                sheet.write_string(line, 1 + 2 * place, question.label.shown(self.words), self.formats["asked"])
                sheet.write_blank(line, 2 + 2 * place, None, self.formats[question.kind])
                self.fields.setdefault(question.code, []).append((line, 2 + 2 * place))
            line += 1
        self.issued.append((block, keys))
        return line

    def _word(self, message: Message) -> str:
        return message.shown(self.words)

    def _across(self, sheet: Any, line: int, texts: Sequence[str], spans: Sequence[tuple[int, int]]) -> None:
        for text, (first, last) in zip(texts, spans, strict=True):
            if first < last:
                sheet.merge_range(line, first, line, last, "", self.formats["head"])
            sheet.write_string(line, first, text, self.formats["head"])

    def _validate(self, sheet: Any, cells: Sequence[tuple[int, int]], question: Question) -> None:
        """Let the fields of a question take only what it asks for: one rule for many cells, each costs as much as a row."""
        rule: dict[str, Any]
        if question.kind == "choice":
            rule = {"validate": "list", "source": f"={self._choices(question)}"}
            if question.several:
                rule |= {
                    "error_type": "warning",
                    "input_title": question.label.shown(self.words)[:30],
                    "input_message": self._word(Message("Several: with ; between them"))[:LONGEST_PROMPT],
                }
        elif question.kind == "day":
            rule = {"validate": "date", "criteria": "between", "minimum": "=36526", "maximum": "=73050"}
        elif question.kind == "amount":
            rule = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": LARGEST_AMOUNT}
        else:
            return
        others = [[line, place, line, place] for line, place in cells[1:]]
        rule |= {"ignore_blank": True} | ({"other_cells": others} if others else {})
        sheet.data_validation(*cells[0], *cells[0], rule)

    def _choices(self, question: Question) -> str:
        """Return the cells of the hidden sheet that hold the choices of a field."""
        if question.code not in self.places:
            letter = _column_letters(list(VISIT_QUESTIONS).index(question.code))
            self.places[question.code] = f"'{CHOICE_SHEET}'!${letter}$2:${letter}${1 + len(question.choices)}"
        return self.places[question.code]

    # --- the other sheets ---------------------------------------------------------------------------------------
    def summary(self, name: Message, columns: Sequence[SheetColumn], n: int, notes: Sequence[Message]) -> None:
        """Write the sheet of figures by village or visitor, and below it how the sheets are filled in."""
        sheet = self.table(name, columns, n, frozen=1, landscape=False, filtered=False)
        width = sum(column.width for column in columns)
        for line, note in enumerate(notes, start=n + 2):
            self.merged(sheet, line, 0, len(columns) - 1, self.say(note), "prose", width)

    def hidden_sheets(self) -> None:
        """Write what the reader needs: of which list the workbook is, which rows were issued, and the choices."""
        sheet = self.book.add_worksheet(FACT_SHEET)
        for line, (what, text) in enumerate(
            (("version", LAYOUT_VERSION), ("list_id", self.facts.list_id), ("as_of", self.facts.as_of),
             ("model", self.facts.model), ("lang", self.facts.lang))
        ):  # fmt: skip
            sheet.write_row(line, 0, [what, text], self.formats["text"])
        for block, keys in self.issued:
            line += 1
            for place, text in enumerate(
                (
                    block.key,
                    block.household_id,
                    ";".join(block.members),
                    _records_as_json(block.records),
                    ";".join(keys),
                )
            ):
                sheet.write_string(line, place, text, self.formats["text"])
        sheet.protect()
        sheet.very_hidden()
        choices = self.book.add_worksheet(CHOICE_SHEET)
        for place, question in enumerate(VISIT_QUESTIONS.values()):
            column = [question.code, *(self._word(label) for label in question.choices.values())]
            choices.write_column(0, place, column, self.formats["text"])
        choices.protect()
        choices.hide()


# --- sizes ------------------------------------------------------------------------------------------------------
def _printed_height(printed: PrintedLine) -> float:
    lines = sum(lines_needed(text, TEXT_LETTERS) for text in printed.text.split("\n"))
    return LINE_POINTS * max(lines, lines_needed(printed.label, ASKED_WIDTH * LETTERS_PER_WIDTH)) + 3


def _least_height(questions: Sequence[Question], lang: Language) -> float:
    asked = (lines_needed(question.label.shown(lang), ASKED_WIDTH * LETTERS_PER_WIDTH) for question in questions)
    return max(LEAST_FIELD, LINE_POINTS * max(asked) + 2)


def _block_heights(block: HouseholdBlock, lang: Language) -> tuple[float, float]:
    """Return the height of a block and of its rows of fields: as high as half a page allows, or else as is good to write in."""
    fixed = HEAD_POINTS + sum(map(_printed_height, block.lines)) + GAP_POINTS
    least = [_least_height(questions, lang) for _, questions in LINES_OF_FIELDS]
    for field in (MOST_FIELD - step for step in range(int(MOST_FIELD - LEAST_FIELD) + 1)):
        height = fixed + sum(max(field, one) for one in least)
        if height <= HALF_PAGE:
            return height, field
    return fixed + sum(max(MOST_FIELD, one) for one in least), MOST_FIELD


def _column_letters(place: int) -> str:
    """Name a column of a sheet, from 0."""
    return (_column_letters(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)


def _records_as_json(records: Mapping[str, str]) -> str:
    return json.dumps(dict(records), ensure_ascii=False, sort_keys=True)


def _cell_formats(book: Any) -> dict[str, Any]:
    base = {
        "font_name": CELL_FONT,
        "font_size": FONT_SIZE,
        "valign": "vcenter",
        "text_wrap": True,
        "border": 1,
        "border_color": "#A6A6A6",
    }
    field = base | {"locked": False, "align": "center", "num_format": "@"}
    looks: dict[str, dict[str, Any]] = {
        "key": {"font_name": CELL_FONT, "font_size": 8, "font_color": "#808080", "num_format": "@", "valign": "vcenter"},
        "head": base | {"bold": True, "bg_color": "#D9E1F2", "num_format": "@", "text_wrap": False, "shrink": True},
        "asked": base | {"bg_color": "#F2F2F2"},
        "printed": base | {"num_format": "@"},
        "choice": field, "text": field,
        "day": field | {"num_format": "yyyy-mm-dd"},
        "amount": field | {"num_format": "#,##0.##"},
    }  # fmt: skip
    return {name: book.add_format(look) for name, look in looks.items()}
