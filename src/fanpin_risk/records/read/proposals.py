"""The columns file of a register, written by the program: what was recognised, and proposals for what was not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

from fanpin_risk.arguments import a_path
from fanpin_risk.errors import InputError
from fanpin_risk.files import check_target, write_table
from fanpin_risk.progress import Progress
from fanpin_risk.records.cells import parse
from fanpin_risk.records.cells.cleaning import as_text
from fanpin_risk.records.cells.contents import distinct
from fanpin_risk.records.cells.units import UNIT_FACTORS
from fanpin_risk.records.declarations import Column
from fanpin_risk.records.headers import NEGATED, header_key, read_heading
from fanpin_risk.records.read.assignment import Assignment
from fanpin_risk.records.read.column_map import FIELDS, Rule
from fanpin_risk.records.read.nearest import Likeness, Nearest, SheetRead
from fanpin_risk.records.read.registers import FilesRead, read_files
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.sheets import GUIDE_SHEET, IGNORE
from fanpin_risk.records.vocabulary import code_name, column_name
from fanpin_risk.words import Language, Message, current_language, in_language, listed

__all__ = ["propose_columns", "write_columns"]

MOST_VALUES = 30  # of a column that are not understood; with more it is no column of a list
FEWEST_UNDERSTOOD = 0.5  # of the different cells; with fewer the column is another one
LONGEST_VALUE = 20  # characters; what is longer is no value of a list
SHEETS_NAMED = 3
REVERSED_SIGN = Message("reversed", zh="相反")


@dataclass(slots=True)
class _Header:
    """What was found of one header, over all sheets."""

    text: str
    sheets: list[str] = field(default_factory=list)
    read: dict[str, tuple[str, str, str]] = field(default_factory=dict)  # table -> name, unit, sign
    otherwise: bool = False  # read, but not by its own name: a year before it, a citizen id in place of an id
    personal: bool = False
    near: dict[str, Likeness] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)  # values not understood -> what it may be


def propose_columns(
    source: Any,
    *,
    queries: Mapping[str, str | Sequence[str]] | str | Path | None = None,
    encoding: str | None = None,
    hidden: bool = False,
    flat: bool = False,
    columns: str | Path | pd.DataFrame | None = None,
    lang: Language | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    r"""Return what the headers, sheets and values of a register were read as, with proposals for those that were not.

    The frame, filled in, is what ``read_register(..., columns=...)`` takes. A row without ``means`` leaves things as they
    are, so that the frame as it is changes nothing.

    Parameters
    ----------
    source, queries, encoding, hidden, flat, columns, progress
        See :func:`fanpin_risk.read_register`. What is said in `columns` already is kept.
    lang : {"zh", "en"}, optional
        Of names and notes. Default: that of the run.

    Returns
    -------
    DataFrame of shape (n_rows, 9)
        ``sheet, header, value, table, means, unit, sign, proposal, note``, all texts. First the sheets, then the headers
        that were not understood, then the values, then what was recognised.

    Raises
    ------
    InputError
        If the source does not exist, or `columns` cannot be understood.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "户信息.csv").write_text("户编号,年度,家庭人口数量\nh1,2023,3\nh2,2023,2\n", encoding="utf-8")
    >>> proposed = propose_columns(folder, lang="en").set_index("header")
    >>> proposed.loc["家庭人口数量", ["means", "proposal"]].tolist(), proposed.loc["户编号", "means"]
    (['', 'size_declared'], 'household_id')
    """
    lang = lang or current_language()
    with in_language(lang):
        read = read_files(
            source, queries=queries, encoding=encoding, hidden=hidden, flat=flat, columns=columns, checking=True,
            progress=progress,
        )  # fmt: skip
        return _proposed(read)


def _proposed(read: FilesRead) -> pd.DataFrame:
    """Return the rows of the file, in the language of the run."""
    headers = _headers(read)
    given = {rule.header for rule in read.mapped.rules if rule.header and not rule.value}
    rows = [*_sheet_rows(read)]
    rows += [row for header in headers.values() if not header.read for row in _unknown_rows(header, given)]
    rows += [row for header in headers.values() for row in _value_rows(header, read.mapped.rules)]
    rows += [dict(rule.cells) for rule in read.mapped.rules if rule.header]
    rows += [row for header in headers.values() if header.read for row in _known_rows(header, given)]
    return pd.DataFrame(
        [{name: row.get(name, "") for name in FIELDS} for row in rows], columns=list(FIELDS), dtype="str"
    )


def write_columns(
    frame: pd.DataFrame, path: str | Path, *, lang: Language | None = None, overwrite: bool = False
) -> Path:
    """Write the columns file of a register, to be filled in with any spreadsheet.

    Parameters
    ----------
    frame : DataFrame
        That of :func:`fanpin_risk.propose_columns`.
    path : path-like
        Ends in ``.csv``; under the name ``fanpin-columns.csv`` in the folder of the register it is found there.
    lang : {"zh", "en"}, optional
        Of the first row. Default: that of the run.
    overwrite : bool, default False
        Whether a columns file that stands there as it was written is replaced; one that was filled in never is.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    InputError
        If the ending is another one, or something stands there that is kept.
    """
    path = a_path("path", path)
    if path.suffix.lower() != ".csv":
        raise InputError("{file}: expected a file that ends in {endings}", file=path.name, endings=".csv")
    check_target(path, "columns", overwrite=overwrite)
    named = {name: label.shown(lang or current_language()) for name, label in FIELDS.items()}
    return write_table(frame[list(FIELDS)].rename(columns=named), path, kind="columns")


def _headers(read: FilesRead) -> dict[str, _Header]:
    """Return what was found of each header, over all sheets."""
    headers: dict[str, _Header] = {}
    nearest = Nearest(read.sheets)
    for number, one in enumerate(read.sheets):
        head = one.sheet.head
        if head.table == IGNORE or (not one.assignments and head.sheet in GUIDE_SHEET.in_every_language()):
            continue
        unknown = set(one.unknown)
        positions = set().union(*(to.layout.positions for to in one.assignments))
        for at, text in enumerate(head.headers):
            if not (key := header_key(text)):
                continue
            header = headers.setdefault(key, _Header(text.strip()))
            header.sheets.append(head.source)
            if at in unknown:
                for near in nearest.of(number, at):
                    header.near.setdefault(near.name, near)
                continue
            if at in positions and not header.read:
                header.read = _readings(text)
            header.otherwise |= at in positions and not header.read
            header.personal |= all(read_heading(t, text).kind in ("personal", "ignored") for t in TABLES.values())
            header.unread |= dict(_unknown_values(one, at))
    return headers


def _readings(text: str) -> dict[str, tuple[str, str, str]]:
    """Return what a header says in every table that knows it, also in those that no sheet is of now: name, unit, sign."""
    found = {}
    for table in TABLES.values():
        heading = read_heading(table, text)
        if heading.kind in ("column", "item", "part"):
            negated = heading.unit == NEGATED
            name = text.strip() if heading.kind == "part" else column_name(table.name, heading.name).shown()
            column = table["amount_cny" if heading.kind == "item" else heading.name]
            unit = heading.unit if heading.unit in UNIT_FACTORS.get(column.unit, {}) else ""
            found[table.name] = name, unit, REVERSED_SIGN.shown() if negated else ""
    return found


def _unknown_values(one: SheetRead, at: int) -> Iterator[tuple[str, str]]:
    """Give what stands in a column of a list, or of yes and no, and is not understood, with what it may be."""
    for to in one.assignments:
        name = next((name for name, (place, _) in to.layout.columns.items() if place == at), "")
        if not name or to.table[name].type not in ("code", "codes", "bool"):
            continue
        _, contents = distinct(one.sheet.frame.iloc[:, at])
        cells = [as_text(cell) for cell in (contents if isinstance(contents, list) else contents.to_pylist())]
        cells = [cell for cell in dict.fromkeys(cells) if cell]
        parsed = parse(pd.Series(cells, dtype="str"), to.table[name])
        wrong = [cell for cell, is_bad in zip(cells, parsed.bad, strict=True) if is_bad]
        if wrong and len(wrong) <= min(MOST_VALUES, FEWEST_UNDERSTOOD * len(cells)):
            yield from ((cell, _nearest_value(cell, to.table[name])) for cell in wrong if len(cell) <= LONGEST_VALUE)


def _nearest_value(cell: str, column: Column) -> str:
    """Return the value of a list that is written most like a text; nothing where none is."""
    texts = {text: code for code, own in column.codes.items() for text in (code, *own)}
    within = [text for text in texts if len(text) > 1 and (text in cell or cell in text)]
    near = sorted(within, key=len)[-1:] or get_close_matches(cell, texts, 1, 0.5)
    return code_name(column, texts[near[0]]).shown() if near else ""


def _sheet_rows(read: FilesRead) -> Iterator[dict[str, str]]:
    """Give a row for each sheet: of which table it is, or may be."""
    yield from (dict(rule.cells) for rule in read.mapped.rules if not rule.header)
    yield from ({"sheet": file, "note": error.message.shown()} for file, error in read.unreadable.items())
    for one in read.sheets:
        head = one.sheet.head
        if head.sheet in GUIDE_SHEET.in_every_language() or any(
            rule.is_about(head) for rule in read.mapped.rules if not rule.header
        ):
            continue
        if not one.assignments:
            note = Message("not known; write its table, or ignore", zh="未识别；请写明是哪张表，或写“忽略”")
            yield {"sheet": head.source, "note": note.shown()}
            continue
        first = one.assignments[0]
        more = listed(to.table.label for to in {to.table.name: to for to in one.assignments[1:]}.values())
        how = _known_by(first)
        note = (
            Message("{how}; holds {more} as well", zh="{how}；另含{more}", how=how, more=more) if more.shown() else how
        )
        place = "proposal" if first.rank else "table"  # a table that is written down counts as known by the name
        yield {"sheet": head.source, place: first.table.label.shown(), "note": note.shown()}


def _known_by(to: Assignment) -> Message:
    return {
        0: Message("known by its name", zh="按名称识别"),
        1: Message("known by a part of its name", zh="仅按名称的一部分识别"),
    }.get(to.rank, Message("known by its headers", zh="按表头识别"))


def _unknown_rows(header: _Header, given: set[str]) -> Iterator[dict[str, str]]:
    """Give the row of a header that was not understood."""
    if header_key(header.text) in given or header.otherwise or header.personal:
        return
    near = sorted(header.near.values(), key=lambda one: -one.points)
    reasons = listed(Message("{name} ({why})", name=one.label, why=one.reason) for one in near)
    note = Message("in {sheets}", zh="见 {sheets}", sheets=_sheets_named(header.sheets))
    if near:
        note = Message("{note}; {reasons}", zh="{note}；{reasons}", note=note, reasons=reasons)
    yield {"header": header.text, "proposal": near[0].label.shown() if near else "", "note": note.shown()}


def _known_rows(header: _Header, given: set[str]) -> Iterator[dict[str, str]]:
    """Give the rows of a header that was understood: one, or one for each table that reads it in its own way."""
    if header_key(header.text) in given:
        return
    note = Message("recognised", zh="已识别").shown()
    ways = set(header.read.values())
    if len(ways) == 1:
        (means, unit, sign) = ways.pop()
        yield {"header": header.text, "means": means, "unit": unit, "sign": sign, "note": note}
        return
    for table, (means, unit, sign) in header.read.items():
        label = TABLES[table].label.shown()
        yield {"header": header.text, "table": label, "means": means, "unit": unit, "sign": sign, "note": note}


def _value_rows(header: _Header, rules: Iterable[Rule]) -> Iterator[dict[str, str]]:
    """Give the rows of values that were not understood."""
    key = header_key(header.text)
    known = {rule.value for rule in rules if rule.header == key}
    note = Message("not understood", zh="未识别").shown()
    for value, near in header.unread.items():
        if value.lower() not in known:
            yield {"header": header.text, "value": value, "proposal": near, "note": note}


def _sheets_named(sheets: list[str]) -> Message:
    once = list(dict.fromkeys(sheets))
    return listed([*once[:SHEETS_NAMED], *(["..."] if len(once) > SHEETS_NAMED else [])])
