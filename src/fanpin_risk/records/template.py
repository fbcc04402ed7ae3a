"""An empty workbook to be filled in: a sheet for each table, with lists to choose from and an example that is not read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fanpin_risk.arguments import a_path
from fanpin_risk.errors import InputError
from fanpin_risk.files import CREATED, check_target, file_mark, write_whole
from fanpin_risk.records.cells.units import unit_name
from fanpin_risk.records.declarations import Column, Table
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.sheets import EXAMPLE, GUIDE_SHEET
from fanpin_risk.records.vocabulary import NEED_NAMES, code_name, column_name, kind_of_column
from fanpin_risk.words import LANGUAGES, Language, Message, current_language, listed

__all__ = ["write_template"]

FILLED_ROWS = 20_000  # for which the lists are offered
BOTH_ANSWERS = (Message("true"), Message("false"))
SHEET_TEXTS = (
    Message("One sheet for each table. Fill in those you have; households, members and incomes are needed."),
    Message("The grey row of a sheet is an invented example: rows whose id is {example} are not read."),
    Message(
        "A sheet with nothing but its example counts as not given. Delete the example to say: there are none on record."
    ),
    Message(
        "Headers with * are needed. Ids are texts. Dates are written as 2024-06-30. Leave unknown cells empty, not 0."
    ),
    Message("Columns may be deleted or moved. Where a list is offered, choose from it."),
)
GUIDE_HEADERS = (
    Message("table"), Message("column"), Message("content"), Message("need"),
    Message("values"), Message("other headers that are read"),
)  # fmt: skip
GUIDE_WIDTHS = (16, 26, 24, 8, 60, 60)
FIRST_LIST = len(GUIDE_HEADERS) + 1  # column of the guide from which on lists stand
# What stands in the example: by column, else by unit.
EXAMPLES: Mapping[str, Any] = {
    "area_code": "000000000000", "period_start": "2024-01-01", "period_end": "2024-12-31", "exit_year": 2019, "ins_year": 2024,
    "school_year": 2024, "icd10": "I10", "out_of_pocket_cny": 300, "total_cost_cny": 1200, "reimb_basic_cny": 900,
}  # fmt: skip
EXAMPLE_OF_UNIT: Mapping[str | None, Any] = {
    "CNY": 1200, "mu": 3.5, "m2": 80, "km": 1.2, "month": 6, "person": 3, None: 1000
}  # fmt: skip
CLOSING_COLUMNS = frozenset(
    ("valid_to", "left_reason", "eliminated_on", "eliminate_mode", "dropout_reason", "outcome_date", "end_date")
)


def write_template(path: str | Path, *, lang: Language | None = None, overwrite: bool = False) -> Path:
    """Write an empty workbook for a register, that :func:`fanpin_risk.read_register` reads when it is filled in.

    Parameters
    ----------
    path : path-like
        Ends in ``.xlsx``.
    lang : {"zh", "en"}, optional
        Of headers, values and guide. Default: that of the run.
    overwrite : bool, default False
        Whether an empty template that stands there as it was written is replaced.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    InputError
        If the ending is another one, or something stands there that is kept.

    Examples
    --------
    >>> import tempfile
    >>> write_template(Path(tempfile.mkdtemp()) / "template.xlsx").name
    'template.xlsx'
    """
    path = a_path("path", path)
    lang = lang or current_language()
    if lang not in LANGUAGES:
        raise InputError(
            "{option} is {value!r}; expected one of {allowed}", option="lang", value=lang, allowed=LANGUAGES
        )
    if path.suffix.lower() != ".xlsx":
        raise InputError("{file}: expected a file that ends in {endings}", file=path.name, endings=".xlsx")
    check_target(path, "columns", overwrite=overwrite)
    return write_whole(path, lambda target: _write(target, lang))


def _write(target: Path, lang: Language) -> None:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(target), options) as book:
        book.set_properties({"created": CREATED, "category": file_mark("columns")})
        looks = {
            "head": book.add_format(
                {"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True, "num_format": "@"}
            ),
            "needed": book.add_format(
                {"bold": True, "bg_color": "#FFE699", "border": 1, "text_wrap": True, "num_format": "@"}
            ),
            "text": book.add_format({"num_format": "@"}),
            "number": book.add_format({}),
            "example": book.add_format(
                {"italic": True, "font_color": "#808080", "bg_color": "#F2F2F2", "num_format": "@"}
            ),
            "wrapped": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        name = GUIDE_SHEET.shown(lang)
        lists = _write_guide(book.add_worksheet(name), lang, looks)
        for table in TABLES.values():
            _write_sheet(book.add_worksheet(table.label.shown(lang)), table, lang, looks, name, lists)


def _write_guide(sheet: Any, lang: Language, looks: Mapping[str, Any]) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Write what is to be known, all columns, and the lists; return column, first and last row of each list."""
    for line, text in enumerate(SHEET_TEXTS):
        sheet.write_string(line, 0, Message(text, example=EXAMPLE).shown(lang))
    top = len(SHEET_TEXTS) + 1
    for place, (header, width) in enumerate(zip(GUIDE_HEADERS, GUIDE_WIDTHS, strict=True)):
        sheet.write_string(top, place, header.shown(lang), looks["head"])
        sheet.set_column(place, place, width)
    sheet.freeze_panes(top + 1, 2)
    lists: dict[tuple[str, str], tuple[int, int, int]] = {}
    line = top
    for table in TABLES.values():
        for column in table.columns:
            line += 1
            values = [value.shown(lang) for value in _values(column)]
            cells = (
                table.label.shown(lang), column_name(table.name, column.name).shown(lang),
                kind_of_column(column.type, column.unit or "").shown(lang), NEED_NAMES[column.need].shown(lang),
                listed(values).shown(lang), listed(column.aliases).shown("zh"),
            )  # fmt: skip
            for place, cell in enumerate(cells):
                sheet.write_string(line, place, cell, looks["wrapped"])
            if values:
                at = FIRST_LIST + len(lists)
                lists[table.name, column.name] = at, top + 1, top + len(values)
                sheet.write_string(top, at, f"{cells[0]} {cells[1]}", looks["head"])
                for number, value in enumerate(values, start=top + 1):
                    sheet.write_string(number, at, value)
    return lists


def _write_sheet(
    sheet: Any, table: Table, lang: Language, looks: Mapping[str, Any], guide: str,
    lists: Mapping[tuple[str, str], tuple[int, int, int]],
) -> None:  # fmt: skip
    from xlsxwriter.utility import xl_range_abs

    sheet.freeze_panes(1, 1)
    for place, column in enumerate(table.columns):
        needed = column.name in table.needed
        name, unit = column_name(table.name, column.name).shown(lang), unit_name(column.unit)
        header = f"{name}{'*' if needed else ''}{'' if unit is None else f' ({unit.shown(lang)})'}"
        is_number = column.type in ("int", "number")
        sheet.set_column(place, place, max(12, 2 * len(name)), looks["number" if is_number else "text"])
        sheet.write_string(0, place, header, looks["needed" if needed else "head"])
        example = _example(column, lang)
        if is_number and example != "":
            sheet.write_number(1, place, example, looks["example"])
        else:
            sheet.write_string(1, place, str(example), looks["example"])
        rule: dict[str, Any] = {
            "input_title": name[:32],
            "input_message": kind_of_column(column.type, column.unit or "").shown(lang)[:255],
        }
        if (table.name, column.name) in lists:
            at, first, last = lists[table.name, column.name]
            several = column.type == "codes"  # a list in one cell cannot be chosen from a list
            source = f"='{guide}'!{xl_range_abs(first, at, last, at)}"
            rule |= {"validate": "list", "source": source, "error_type": "information" if several else "stop"}
        elif is_number and column.minimum is not None and column.maximum is not None:
            kind = "integer" if column.type == "int" else "decimal"
            rule |= {
                "validate": kind, "criteria": "between", "minimum": column.minimum, "maximum": column.maximum,
                "error_type": "warning",
            }  # fmt: skip
        else:
            rule |= {"validate": "any"}
        sheet.data_validation(1, place, FILLED_ROWS, place, rule)


def _values(column: Column) -> list[Message]:
    """Return what a column may hold, where that is a list."""
    return list(BOTH_ANSWERS) if column.type == "bool" else [code_name(column, code) for code in column.codes]


def _example(column: Column, lang: Language) -> Any:
    """Return what stands in the invented row; its ids say that it is one."""
    if column.type == "id":
        return EXAMPLE.shown(lang)
    if column.name in CLOSING_COLUMNS:
        return ""
    if column.name in EXAMPLES:
        return EXAMPLES[column.name]
    if values := _values(column):
        return values[0].shown(lang)
    if column.type == "date":
        return "1970-05-01" if column.name == "birth_date" else "2024-06-30"
    if column.type == "text":
        return Message("example").shown(lang)
    return EXAMPLE_OF_UNIT[column.unit]
