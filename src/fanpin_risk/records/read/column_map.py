"""What an office says of its own headers, sheets, values, units and signs: the columns file beside a register.

The file is a csv, to be filled in with any spreadsheet. A row is about a sheet (no header), of a header, or of a value
under a header; what it leaves open is read as without the file. ``fanpin-risk columns REGISTER --out FILE`` writes it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from fanpin_risk.arguments import a_path
from fanpin_risk.errors import InputError
from fanpin_risk.records.cells import parse
from fanpin_risk.records.cells.cleaning import as_text, clean_text, normal_width, plain_signs
from fanpin_risk.records.cells.codes import LIST_SEPARATORS
from fanpin_risk.records.cells.contents import changed
from fanpin_risk.records.cells.units import UNIT_FACTORS
from fanpin_risk.records.declarations import Column
from fanpin_risk.records.headers import Heading, header_key, read_heading, unit_in
from fanpin_risk.records.income_items import NODES
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.read.text import decode_text
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.sheets import BY_HEADERS, IGNORE, Meaning, Sheet, SheetHead
from fanpin_risk.words import Message, listed, system_error

__all__ = ["COLUMNS_FILE", "FIELDS", "ColumnMap", "Rule", "columns_beside"]

COLUMNS_FILE = "fanpin-columns.csv"  # found beside a register under this name
# Columns of the file, in its order; the last two are written for the reader and are not read.
FIELDS: Mapping[str, Message] = {
    "sheet": Message("sheet", zh="工作表"),
    "header": Message("header", zh="表头"),
    "value": Message("value", zh="单元格内容"),
    "table": Message("table", zh="表"),
    "means": Message("means", zh="含义"),
    "unit": Message("unit", zh="单位"),
    "sign": Message("sign", zh="方向"),
    "proposal": Message("proposal", zh="建议"),
    "note": Message("note", zh="说明"),
}
ANY_SHEET = ("", "*")
IGNORE_WORDS = frozenset(("ignore", "忽略", "不读", "不用"))
HEADERS_ONLY = frozenset(("headers", "按表头"))
REVERSED = frozenset(("reversed", "相反", "反", "-"))
AS_IT_IS = frozenset(("", "same", "相同", "正", "+"))
EMPTY = frozenset(("empty", "空", "空白"))
MOST_ERRORS = 10  # that one message names


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row of the file.

    Attributes
    ----------
    row : int
        Its number, as the file shows it.
    sheet : str
        File or sheet that it is about, with ``*`` for any text; empty for all.
    header : str
        Key of the header that it is about (:func:`header_key`); empty for a rule about a sheet.
    value : str
        Content of a cell that it is about; empty for a rule about a header or a sheet.
    table : str
        Name of a table; of a rule about a sheet also `IGNORE` or `BY_HEADERS`.
    meaning : Meaning or None
        What the header means.
    unit : bool
        Whether the rule names a unit; else that of the header holds.
    becomes : str
        What is read instead of the value.
    cells : mapping of str to str
        The row as it stands, by field.
    """

    row: int
    sheet: str = ""
    header: str = ""
    value: str = ""
    table: str = ""
    meaning: Meaning | None = None
    unit: bool = False
    becomes: str = ""
    cells: Mapping[str, str] = field(default_factory=dict, compare=False)

    def is_about(self, head: SheetHead) -> bool:
        """Tell whether it is about a sheet."""
        if self.sheet in ANY_SHEET:
            return True
        names = (head.source, head.source_of_sheet, head.file, head.sheet, Path(head.file).stem)
        pattern = ".*".join(map(re.escape, self.sheet.split("*")))
        return any(name and re.fullmatch(pattern, _plain_text(name)) for name in names)

    @property
    def _place(self) -> tuple[str, str, str, str]:
        return self.sheet, self.header, self.value, "" if self.meaning is None else self.meaning.table


@dataclass(slots=True)
class ColumnMap:
    """All that a columns file says.

    Attributes
    ----------
    source : str
        Name of the file.
    rules : tuple of Rule
        Those for single sheets first, for they win over those for all.
    used : set of int
        Rows that were about something met.

    Examples
    --------
    >>> rows = pd.DataFrame({"表头": ["农户码", "备用"], "含义": ["户编号", "忽略"]})
    >>> mapped = ColumnMap.from_frame(rows)
    >>> head = mapped.about(SheetHead(file="a.csv", source="a.csv", headers=["农户码", "备用", "年度"]))
    >>> head.headers_in("households"), mapped.counts
    (['户编号', '备用', '年度'], {'sheets': 0, 'headers': 2, 'values': 0})
    """

    source: str = ""
    rules: tuple[Rule, ...] = ()
    used: set[int] = field(default_factory=set)

    @classmethod
    def read(cls, file: str | Path) -> ColumnMap:
        """Read a columns file.

        Parameters
        ----------
        file : path-like
            A csv in UTF-8 or GB18030.

        Returns
        -------
        ColumnMap

        Raises
        ------
        InputError
            If it cannot be read, or a row of it cannot be understood: all such rows, and what was expected there.
        """
        path = a_path("columns", file)
        try:
            text, _ = decode_text(path.read_bytes(), None)
        except OSError as error:
            raise InputError("cannot read {path}: {reason}", path=path, reason=system_error(error)) from error
        first = text.partition("\n")[0]
        delimiter = max(",;\t", key=first.count)
        rows = [[clean_text(cell) for cell in row] for row in csv.reader(io.StringIO(text, ""), delimiter=delimiter)]
        numbered = list(enumerate(rows, start=1))
        top = next((at for at, row in numbered if any(row) and not row[0].startswith("#")), 1)
        header = rows[top - 1] if rows else []
        return cls._of_rows(path.name, header, [(at, row) for at, row in numbered if at > top])

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> ColumnMap:
        """Take a frame with the columns of the file, such as that of :func:`fanpin_risk.propose_columns`.

        Parameters
        ----------
        frame : DataFrame
            Columns in Chinese or English; those that are absent are empty.

        Returns
        -------
        ColumnMap
            Rows are counted from 1.

        Raises
        ------
        InputError
            If a row cannot be understood.
        """
        cells = frame.astype(object).where(frame.notna(), "").to_numpy().tolist()
        rows = [[clean_text(as_text(cell)) for cell in row] for row in cells]
        return cls._of_rows("columns", [str(name) for name in frame.columns], list(enumerate(rows, start=1)))

    @classmethod
    def _of_rows(cls, source: str, header: Sequence[str], rows: Iterable[tuple[int, list[str]]]) -> ColumnMap:
        fields = {}
        for name, label in FIELDS.items():
            known = {header_key(label.shown("en")), header_key(label.shown("zh"))}
            fields[name] = next((at for at, text in enumerate(header) if header_key(text) in known), -1)
        if fields["header"] < 0 or fields["means"] < 0:
            raise InputError(
                "{file} is not a columns file: expected a first row with {columns}",
                file=source,
                columns=listed(FIELDS.values()),
            )
        rules, errors, seen = [], [], dict[Any, Rule]()
        for number, row in rows:
            if not any(row) or row[0].startswith("#"):
                continue
            cells = {name: row[at] if 0 <= at < len(row) else "" for name, at in fields.items()}
            found = _rule(number, cells)
            if isinstance(found, Message):
                errors.append(found)
            elif found is not None:
                found = replace(found, cells=cells)
                before = seen.setdefault(found._place, found)  # noqa: SLF001  its own class
                if replace(before, row=number) != found:
                    errors.append(
                        Message("row {row}: expected the same as row {other} says of it", row=number, other=before.row)
                    )
                rules.append(found)
        meanings = {rule.header: rule.meaning for rule in rules if rule.meaning is not None}
        errors += [wrong for rule in rules if rule.value and (wrong := _unfit_value(rule, meanings)) is not None]
        if errors:
            raise InputError("{file}: {errors}", file=source, errors=listed(errors[:MOST_ERRORS]))
        return cls(source, tuple(sorted(rules, key=lambda rule: rule.sheet in ANY_SHEET)))

    @property
    def headers(self) -> frozenset[str]:
        """Keys of the headers that it is about, by which the header of a sheet is found."""
        return frozenset(rule.header for rule in self.rules if rule.header)

    @property
    def counts(self) -> dict[str, int]:
        """How many rules about sheets, headers and values met something."""
        met = [rule for rule in self.rules if rule.row in self.used]
        return {
            "sheets": sum(not rule.header for rule in met),
            "headers": sum(rule.meaning is not None for rule in met),
            "values": sum(bool(rule.value) for rule in met),
        }

    def about(self, head: SheetHead) -> SheetHead:
        """Return the head of a sheet with what the file says of it."""
        mine = [rule for rule in self.rules if rule.is_about(head)]
        keys = [header_key(header) for header in head.headers]
        meanings: dict[int, tuple[Meaning, ...]] = {}
        table = ""
        for rule in mine:
            if not rule.header:
                table = table or rule.table
                self.used.add(rule.row)
            elif rule.meaning is not None:
                for place in (at for at, key in enumerate(keys) if key == rule.header):
                    said = meanings.get(place, ())
                    if rule.table not in {one.table for one in said}:  # what is said of single sheets comes first
                        both = (*said, _in_its_unit(rule, head.headers[place]))
                        meanings[place] = tuple(sorted(both, key=lambda one: one.table == ""))
                    self.used.add(rule.row)
        return replace(head, meanings=meanings, table=table)

    def valued(self, head: SheetHead) -> frozenset[int]:
        """Return the positions of columns in which values are replaced."""
        keys = {rule.header for rule in self.rules if rule.value and rule.is_about(head)}
        return frozenset(at for at, header in enumerate(head.headers) if header_key(header) in keys)

    def put_values(self, sheet: Sheet) -> Sheet:
        """Return rows of a sheet with the values that the file gives in place of those that stand there."""
        mine = [rule for rule in self.rules if rule.value and rule.is_about(sheet.head)]
        if not mine:
            return sheet
        frame = sheet.frame.copy(deep=False)
        for place, header in enumerate(sheet.head.headers):
            instead: dict[str, str] = {}
            for rule in mine:
                if rule.header == header_key(header):
                    instead.setdefault(rule.value, rule.becomes)
            if instead:
                cells, met = _put_instead(frame.iloc[:, place], instead)
                frame.isetitem(place, cells)
                self.used |= {rule.row for rule in mine if rule.header == header_key(header) and rule.value in met}
        return replace(sheet, frame=frame)

    def note_use(self, problems: Problems) -> None:
        """Report that the file was used, and which of its rows were about nothing that was met."""
        if not self.source:
            return
        problems.note(
            table="", source=self.source, code="columns_file",
            text=Message(
                "was used: it is about {sheets} sheets, {headers} headers and {values} values met here",
                sheets=self.counts["sheets"], headers=self.counts["headers"], values=self.counts["values"],
            ),
        )  # fmt: skip
        idle = sorted({rule.row for rule in self.rules} - self.used)
        if idle:
            shown = [*idle[:MOST_ERRORS], *(["..."] if len(idle) > MOST_ERRORS else [])]
            problems.note(
                table="", source=self.source, code="columns_file_idle",
                text=Message("of these rows nothing was met in the register: {rows}", rows=listed(shown)),
            )  # fmt: skip


def columns_beside(register: Path, columns: str | Path | pd.DataFrame | None) -> tuple[ColumnMap, Path | None]:
    """Return what is said of the headers of a register: by a file or frame that is given, else by the one beside it.

    Parameters
    ----------
    register : Path
        A folder, or one file.
    columns : path-like, DataFrame or None
        None: `COLUMNS_FILE` in the folder, or in the one in which the file lies, if there is one.

    Returns
    -------
    mapped : ColumnMap
        Empty if there is none.
    file : Path or None
        The file it was read from.
    """
    if isinstance(columns, pd.DataFrame):
        return ColumnMap.from_frame(columns), None
    if columns is not None:
        return ColumnMap.read(columns), Path(columns)
    beside = (register if register.is_dir() else register.parent) / COLUMNS_FILE
    return (ColumnMap.read(beside), beside) if beside.is_file() else (ColumnMap(), None)


def _plain_text(text: str) -> str:
    return plain_signs(text).strip().lower()


def _rule(row: int, cells: Mapping[str, str]) -> Rule | Message | None:
    """Return what a row says; None if it leaves it open, a message if it cannot be understood."""
    sheet, header = _plain_text(cells["sheet"]), header_key(cells["header"])
    table, means = (normal_width(cells[name]) for name in ("table", "means"))
    if not header:
        return _sheet_rule(row, sheet, table or means, value=cells["value"])
    found = next((t.name for t in TABLES.values() if _plain_text(table) in (t.name, t.zh.lower(), *t.aliases)), "")
    if table and not found:
        return _wrong(row, "table", Message("one of {tables}", tables=_tables()))
    if not means:
        return None
    if cells["value"]:
        becomes = "" if means.lower() in EMPTY else means
        return Rule(
            row=row, sheet=sheet, header=header, value=_plain_text(cells["value"]), table=found, becomes=becomes
        )
    if means.lower() in IGNORE_WORDS:
        return Rule(row=row, sheet=sheet, header=header, table=found, meaning=Meaning("", found))
    headings = _headings(means, found)
    if not headings:
        where = (
            Message("a column of {table}", table=TABLES[found].label) if found else Message("a column of some table")
        )
        return _wrong(row, "means", Message("{where} (see 'fanpin-risk columns'), or ignore", where=where))
    columns = [_column_meant(name, heading) for name, heading in headings.items()]
    scale = 1.0
    sign = normal_width(cells["sign"]).lower()
    if sign not in REVERSED | AS_IT_IS:
        return _wrong(row, "sign", Message("reversed, or nothing"))
    if sign in REVERSED:
        columns = [column for column in columns if column.type in ("bool", "number", "int")]
        scale = -1.0
        if not columns:
            return _wrong(row, "sign", Message("nothing: only numbers and columns of yes and no can be reversed"))
    unit = normal_width(cells["unit"])
    text = _declared(means, headings)
    if unit:
        known = sorted({name for column in columns for name in UNIT_FACTORS.get(column.unit, {})})
        factor = _factor(unit)
        if factor is None and unit.lower() not in known:
            return _wrong(
                row,
                "unit",
                Message("one of {units}, or a number", units=listed(known)) if known else Message("nothing"),
            )
        scale *= factor or 1.0
        text += "" if factor else f"({unit})"
    own = bool(unit or unit_in(means))
    return Rule(row=row, sheet=sheet, header=header, table=found, meaning=Meaning(text, found, scale), unit=own)


def _sheet_rule(row: int, sheet: str, table: str, *, value: str) -> Rule | Message | None:
    if value:
        return _wrong(row, "header", Message("the header under which the value stands"))
    if not table:
        return None
    if not sheet:
        return _wrong(row, "sheet", Message("the name of a sheet or file, or a header"))
    if table.lower() in IGNORE_WORDS:
        return Rule(row=row, sheet=sheet, table=IGNORE)
    if table.lower() in HEADERS_ONLY:
        return Rule(row=row, sheet=sheet, table=BY_HEADERS)
    name = next((t.name for t in TABLES.values() if _plain_text(table) in (t.name, t.zh.lower(), *t.aliases)), "")
    if not name:
        expected = Message(
            "one of {tables}; or headers (known by its headers, not by its name), or ignore", tables=_tables()
        )
        return _wrong(row, "table", expected)
    return Rule(row=row, sheet=sheet, table=name)


def _unfit_value(rule: Rule, meanings: Mapping[str, Meaning]) -> Message | None:
    """Say what is wrong with what is to be read instead of a value: it must be one that the column takes."""
    meaning = meanings.get(rule.header)
    headings = _headings(rule.header if meaning is None else meaning.header, rule.table)
    columns = [_column_meant(name, heading) for name, heading in headings.items()]
    faults = [parse(pd.Series([rule.becomes], dtype=object), column).faults for column in columns if rule.becomes]
    if not faults or not all(faults):
        return None
    return _wrong(rule.row, "means", Message("{value}; or empty", value=faults[0][0].expected))


def _wrong(row: int, name: str, expected: Message) -> Message:
    return Message("row {row}, {column}: expected {expected}", row=row, column=FIELDS[name], expected=expected)


def _tables() -> Message:
    return listed(table.label for table in TABLES.values())


def _headings(header: str, table: str) -> dict[str, Heading]:
    """Return what a text names, by table: a column, a part of one, or an income item."""
    names = [table] if table else list(TABLES)
    read = {name: read_heading(TABLES[name], header) for name in names}
    return {name: heading for name, heading in read.items() if heading.kind in ("column", "part", "item")}


def _column_meant(table: str, heading: Heading) -> Column:
    return TABLES[table]["amount_cny" if heading.kind == "item" else heading.name]


def _declared(means: str, headings: Mapping[str, Heading]) -> str:
    """Return the first name of what is meant, if it is the same in all tables and means the same."""
    names = set()
    for table, heading in headings.items():
        if heading.unit:  # of a text in another unit, or one that asks the opposite
            names.add(means)
        elif heading.kind == "item":
            names.add(NODES[heading.name].names[0])
        elif heading.kind == "column":
            names.add(TABLES[table][heading.name].zh)
        else:
            names.add(means)
    return names.pop() if len(names) == 1 else means


def _factor(unit: str) -> float | None:
    try:
        factor = float(unit)
    except ValueError:
        return None
    return factor if 0 < factor < float("inf") else None


def _in_its_unit(rule: Rule, header: str) -> Meaning:
    """Return what a header means, in the unit that stands in it where the rule names none."""
    assert rule.meaning is not None
    meaning, own = rule.meaning, unit_in(header)
    if own and not rule.unit and meaning.header:
        meaning = replace(meaning, header=f"{meaning.header}({own})")
    tables = [rule.table] if rule.table else list(TABLES)
    as_it_is = (read_heading(TABLES[name], header) for name in tables)
    as_said = (read_heading(TABLES[name], meaning.header) for name in tables)
    same = all(_says(one) == _says(other) for one, other in zip(as_it_is, as_said, strict=True))
    return replace(meaning, changes=not same or meaning.scale != 1.0, unit=rule.unit)


def _says(heading: Heading) -> tuple[str, str, str]:
    """Return what a header says, by whichever of its names."""
    known = heading.kind in ("column", "part", "item")
    return (heading.kind, heading.name, heading.unit) if known else ("", "", "")


def _put_instead(values: pd.Series, instead: Mapping[str, str]) -> tuple[Any, set[str]]:
    """Return cells with other texts in place of some, or of parts of a list, and which were met."""
    met: set[str] = set()

    def new(cell: Any) -> Any:
        if cell is None:
            return None
        whole = _plain_text(as_text(cell))
        if whole in instead:
            met.add(whole)
            return instead[whole]
        if not isinstance(cell, str) or not LIST_SEPARATORS.search(cell):
            return cell
        parts = [part for part in LIST_SEPARATORS.split(cell) if part.strip()]
        if not any(_plain_text(part) in instead for part in parts):
            return cell
        met.update(_plain_text(part) for part in parts if _plain_text(part) in instead)
        return ";".join(instead.get(_plain_text(part), part) for part in parts)

    return changed(values, new), met
