"""Read a register from the files offices really have: csv in any encoding, workbooks, Parquet.

What stands above, between and below the rows (titles, notes, repeated headers, sums, empty rows) is told apart from
the rows; a row that cannot be read as a row is rejected, never lost; a file that cannot be read is reported, and the
others are read.
"""

from __future__ import annotations

import codecs
import csv
import os
import re
import unicodedata
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import methodcaller
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.files import FORMATS as OUTPUT_FORMATS
from fanpin_risk.files import SYNTHETIC_NOTE, SYNTHETIC_SOURCE
from fanpin_risk.records.cells import TEXTS, Fault, as_dictionary, with_care
from fanpin_risk.records.headers import AFTER_ELIMINATION, is_known, lay_out
from fanpin_risk.records.problems import Findings
from fanpin_risk.records.register import Register, register_of_sheets, unique_labels
from fanpin_risk.records.schema import TABLES, Table
from fanpin_risk.records.sheets import Sheet

__all__ = ["read_register"]

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
EXCEL_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".et")
PARQUET_SUFFIXES = (".parquet", ".pq")
OWN_OUTPUTS = frozenset(("scores", "watchlist", "unscored", "problems", "coverage", "counts"))
NOT_DATA = re.compile(r"^(?:\.|~\$|_|readme|license|说明|manifest)|\.(?:md|json|log|tmp|bak|lock)$", re.IGNORECASE)

DELIMITERS = (",", "\t", ";", "|")
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins like the other
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Names that leave the order of bytes to the mark; without one the low byte comes first.
EITHER_ORDER: Mapping[str | None, str] = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}
# Above this share of undecodable among the non-ASCII bytes a text is taken as GB18030, below as damaged UTF-8.
UTF8_DAMAGE = 0.2
PLAIN_KEY = r"^[0-9A-Za-z_-]*[0-9][0-9A-Za-z_-]*$"  # an id that is no sum and no note
NOT_DECODED = re.compile("[\ud800-\udfff\ufffd]")
LONE_RETURN = re.compile(r"\r(?!\n)")

HEADER_ROWS = 15  # the header stands within the first rows
FEWEST_KNOWN = 2  # known headers, else a row is none
HEAD_LINES = 60  # physical lines that are looked at for it
MOST_LINES = 20  # a row of more physical lines is an unbalanced quote
CHUNK = 50_000  # rows put into columns at a time, so that a large file is never held as single cells

TOTAL = re.compile(
    r"(?:本页|本表|全部|累计)?(?:合计|总计|小计|共计|累计)(?:\(?\d*[人户行条]?\)?)?[:]?|(?:grand)?(?:sub)?total[:]?"
)
NOTE = re.compile(
    r"(?:注|说明|备注|填表|制表|审核|复核|负责人|单位|统计口径|数据来源|打印|导出|note)\S*[::].*|(?:注|说明)[::]?.*|以下空白|填表说明.*"
)
MOST_NOTE_CELLS = 4
MONEY_NOTE = re.compile(r"单位[::]?(?:人民币)?(万元|千元|百元)")
MONEY_FACTORS = {"百元": 100.0, "千元": 1e3, "万元": 1e4}

NAME_NOISE = re.compile(r"\d+(?:年度?|月份?|日)?|[\s_()\[\]【】.,\-–—+&#@]+")
NAME_TAIL = re.compile(r"(?:信息|情况|明细|基础|数据|登记|统计|汇总|导出|名单|花名册|台账|清单|表|册)+$")
GENERIC_SHEET = re.compile(r"(?:sheet|工作表|表)\d*", re.IGNORECASE)

Progress = Callable[[int, int, str], None]


def read_register(
    path: str | Path,
    *,
    data_date: object = None,
    id_key: bytes | str | Path | None = None,
    encoding: str | None = None,
    progress: Progress | None = None,
) -> Register:
    r"""Read and check a register.

    Parameters
    ----------
    path : str or Path
        A folder of csv, tsv, txt, xlsx, xls and parquet files, or one workbook with a sheet per table. Files and
        sheets are known by their names (``members``, ``家庭成员``, ``2023年_家庭成员表(1)``), else by their headers;
        several of one table are read together.
    data_date : date or str, optional
        Day the data show: fills a missing ``valid_from``; what is shown was recorded by then at the latest.
    id_key : bytes, str or Path, optional
        Secret key, or the path of its file: all ids are replaced by pseudonyms.
    encoding : str, optional
        Of text files; by default that of the byte order mark, else UTF-8, else GB18030.
    progress : callable, optional
        Called with (files done, files in all, name of the file).

    Returns
    -------
    Register
        ``problems`` counts rows as the file shows them, the first line being 1.

    Raises
    ------
    InputError
        If the path does not exist, holds no readable file, or `encoding` is unknown.
    SchemaError
        If no households can be read.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "户信息.csv").write_bytes(
    ...     "农户信息\n户编号,年度,户类型\nh1,2023,脱贫户\n合计,,1\n".encode("gb18030")
    ... )
    >>> register = read_register(folder)
    >>> register.tables["households"]["register_status"].tolist(), register.problems["code"].tolist()
    (['ex_poor'], ['rows_skipped'])
    """
    _check_encoding(encoding)
    path = Path(path)
    findings = Findings()
    files = _files(path, findings)
    sheets: list[Sheet] = []
    unreadable: list[str] = []
    for number, file in enumerate(files):
        if progress is not None:
            progress(number, len(files), _name(file))
        try:
            grids = _grids(file, encoding)
        except _UnreadableError as error:
            unreadable.append(f"{_name(file)}: {error}")
            _note_unreadable(file, error, findings)
            continue
        for grid in grids:
            sheet = _sheet(grid, findings)
            if sheet is not None:
                sheets.append(sheet)
    if progress is not None:
        progress(len(files), len(files), "")
    if not any(sheet.table.name == "households" for sheet in sheets):
        raise _no_households(path, files, unreadable)
    return register_of_sheets(sheets, findings, data_date=data_date, id_key=id_key, source=_source(path))


def _check_encoding(encoding: object) -> None:
    """Refuse an encoding that bytes of any kind cannot be decoded with, as reading does."""
    if encoding is None:
        return
    known = isinstance(encoding, str)
    try:
        b"\xff\xff\xff\xff".decode(str(encoding), errors="surrogateescape")
    except UnicodeDecodeError:  # of these bytes
        pass
    except (LookupError, ValueError):
        known = False
    if not known:
        raise InputError("unknown encoding {encoding!r}; usual ones are utf-8 and gb18030", encoding=encoding)


def _no_households(path: Path, files: list[Path], unreadable: list[str]) -> SchemaError:
    reasons = f"; could not be read: {'; '.join(unreadable)}" if unreadable else ""
    names = ", ".join(_name(file) for file in files[:10])
    return SchemaError(
        "no households (户基本信息) found in {name}; expected a file or sheet named households or 户信息, or "
        "with a header 户编号; files looked at: {names}{reasons}",
        name=_name(path),
        names=names,
        reasons=reasons,
    )


def _source(path: Path) -> str:
    """Name the folder; of a register that was made up, what its note says."""
    note = path / SYNTHETIC_NOTE
    if not note.is_file():
        return _name(path)
    last = note.read_bytes()[-1000:].decode("utf-8", errors="replace").strip().rpartition("\n")[2]
    return last if last.startswith(SYNTHETIC_SOURCE) else f"{SYNTHETIC_SOURCE}unknown"


# --- files ------------------------------------------------------------------------------------------------------------


def _name(path: Path) -> str:
    """Return the name of a file or folder; one that is no text is taken as GB18030, as archives from Windows have it."""
    try:
        path.name.encode()
    except UnicodeEncodeError:
        return os.fsencode(path.name).decode("gb18030", errors="replace")
    return path.name


def _stem(path: Path) -> str:
    """Return the name without its ending."""
    return Path(_name(path)).stem


class _UnreadableError(InputError):
    """A file that cannot be read; says why in both languages."""

    def __init__(self, text: str, zh: str) -> None:
        super().__init__(text)
        self.zh = zh


@dataclass(slots=True)
class _Grid:
    """Cells of one sheet under their headers."""

    source: str
    names: tuple[str, ...]  # under which the table may be known, best first
    headers: list[str]
    frame: pd.DataFrame
    rows: np.ndarray
    money: float = 1.0
    faults: list[Fault] = field(default_factory=list)
    above: frozenset[str] = frozenset()  # texts of the header and what stands above it
    empty: int = 0  # empty rows between others


def _files(path: Path, findings: Findings) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise InputError(
            "{path} does not exist; expected a folder of csv, xlsx or parquet files, or a workbook", path=path
        )
    files = []
    for file in sorted(path.iterdir()):
        if NOT_DATA.search(file.name) or file.name == SYNTHETIC_NOTE:
            continue
        if not file.is_file():
            if file.suffix.lower() in TEXT_SUFFIXES + EXCEL_SUFFIXES + PARQUET_SUFFIXES:
                _note_unreadable(file, _no_file(file), findings)
        elif _stem(file).lower() in OWN_OUTPUTS and file.suffix.lower() in OUTPUT_FORMATS:
            findings.note(
                table="", source=_name(file), code="own_output",
                text="has the name of a result of this program and was not read", text_zh="与本程序的结果文件同名，未读取",
            )  # fmt: skip
        elif file.suffix.lower() in TEXT_SUFFIXES + EXCEL_SUFFIXES + PARQUET_SUFFIXES:
            files.append(file)
        else:
            findings.note(
                table="", source=_name(file), code="unknown_file_type",
                text="is no csv, xlsx, xls or parquet file and was not read", text_zh="不是 csv、xlsx、xls 或 parquet 文件，未读取",
            )  # fmt: skip
    if not files:
        raise InputError("{path} holds no csv, xlsx, xls or parquet file", path=path)
    return files


def _grids(file: Path, encoding: str | None) -> list[_Grid]:
    """Return the sheets of a file; raise _UnreadableError if it cannot be read at all."""
    try:
        with file.open("rb") as stream:
            head = stream.read(8)
    except OSError as error:
        raise _UnreadableError(f"cannot be opened ({error.strerror})", f"无法打开（{error.strerror}）") from error
    if not head:
        raise _UnreadableError("is empty", "文件为空")
    suffix = file.suffix.lower()
    if suffix in PARQUET_SUFFIXES:
        return _read_parquet(file)
    if head.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return _read_excel(file)
    if suffix in EXCEL_SUFFIXES and head.lstrip().startswith(b"<"):
        raise _UnreadableError(
            "is a web page with the name of a workbook; open it in Excel and save it as xlsx",
            "实为网页而非工作簿，请用 Excel 打开后另存为 xlsx",
        )
    if suffix in (".xlsx", ".xlsm", ".xlsb"):
        raise _UnreadableError("is no workbook, or a damaged one", "不是工作簿或已损坏")
    return _read_text(file, encoding)


def _no_file(file: Path) -> _UnreadableError:
    if file.is_dir():
        return _UnreadableError("is a folder; files in it are not read", "是文件夹，其中的文件不读取")
    return _UnreadableError("is no file, or a link to one that is not there", "不是文件，或链接所指的文件不存在")


def _note_unreadable(file: Path, error: _UnreadableError, findings: Findings) -> None:
    named = _tables_by_name(_stem(file))
    findings.note(
        table=next(iter(named), ""), source=_name(file), code="unreadable_file", severity="rejected",
        text=f"{error}; mend or replace the file and read again",
        text_zh=f"无法读取，{error.zh}；请修复或更换文件后重新导入",
    )  # fmt: skip


def _read_parquet(file: Path) -> list[_Grid]:
    import pyarrow.parquet as pq

    try:
        with file.open("rb") as stream, pq.ParquetFile(stream) as parquet:
            table = parquet.read()
        table.validate(full=True)
        frame = _as_shown(table).to_pandas(date_as_object=False, ignore_metadata=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        name = type(error).__name__
        raise _UnreadableError(
            f"is no Parquet file, or a damaged one ({name})", f"不是 Parquet 文件或已损坏（{name}）"
        ) from error
    headers = [str(header) for header in frame.columns]
    frame = frame.set_axis(unique_labels(headers), axis=1)
    return [_Grid(_name(file), (_stem(file),), headers, frame, np.arange(1, len(frame) + 1))]


def _as_shown(table: pa.Table) -> pa.Table:
    """Return a table with times as the clocks of their own zone show them, for the day is read from these."""
    for number, declared in enumerate(table.schema):
        if pa.types.is_timestamp(declared.type) and declared.type.tz is not None:
            table = table.set_column(number, declared.name, pc.local_timestamp(table.column(number)))
    return table


def _read_excel(file: Path) -> list[_Grid]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        with file.open("rb") as stream, CalamineWorkbook.from_filelike(stream) as workbook:
            contents = [
                (name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False))
                for name in workbook.sheet_names
            ]
    except PasswordError as error:
        raise _UnreadableError(
            "is protected by a password; save it without one", "有密码保护，请取消密码后保存"
        ) from error
    except (CalamineError, OSError, ValueError) as error:
        name = type(error).__name__
        raise _UnreadableError(f"is no workbook, or a damaged one ({name})", f"不是工作簿或已损坏（{name}）") from error
    contents = [(name, rows) for name, rows in contents if any(cell != "" for row in rows for cell in row)]
    if not contents:
        raise _UnreadableError("is empty", "文件为空")
    grids = []
    for name, rows in contents:
        names = (_stem(file),) if GENERIC_SHEET.fullmatch(name) else (name, _stem(file))
        source = _name(file) if len(contents) == 1 else f"{_name(file)}[{name}]"
        header = _find_header(rows[:HEADER_ROWS])
        builder = _Columns(header, text=False)
        for number, row in islice(enumerate(rows, start=1), header.end, None):
            builder.add(number, row)
        grids.append(builder.grid(source, names))
    return grids


# --- text -------------------------------------------------------------------------------------------------------------


def _read_text(file: Path, encoding: str | None) -> list[_Grid]:
    text, undecodable = _decode(file.read_bytes(), encoding)
    lines = (text if "\n" in text else text.replace("\r", "\n")).split("\n")
    while lines and not lines[-1].strip("\r\0"):
        lines.pop()
    if not lines:
        raise _UnreadableError("is empty", "文件为空")
    delimiter, header, start = _find_text_header(lines)
    builder = _Columns(header, text=True, delimiter=delimiter)
    if header.cells:
        _take_lines(builder, lines, start, header.end + 1, text, damaged=undecodable or "\0" in text)
    return [builder.grid(_name(file), (_stem(file),))]


def _take_lines(builder: _Columns, lines: list[str], start: int, number: int, text: str, *, damaged: bool) -> None:
    """Put lines into columns: those with a cell for each header as they are, the others row by row."""
    delimiter, width = builder.delimiter, builder.width
    quoted = '"' in text
    for odd in [*_odd_lines(lines, start, delimiter, width, text, damaged=damaged), len(lines)]:
        if odd < start:
            continue  # within a row of several lines
        builder.add_lines(number, lines[start:odd])
        start, number = odd, number + odd - start
        if start < len(lines):
            row, reason, used = _row_at(lines, start, delimiter, width, quoted=quoted)
            if damaged:
                row, reason = _without_damage(row, reason)
            builder.add(number, row, reason)
            start, number = start + used, number + 1


def _odd_lines(lines: list[str], start: int, delimiter: str, width: int, text: str, *, damaged: bool) -> list[int]:
    """Return which lines are not simply a cell for each header, or may be empty; they are to be read with care."""
    longest = csv.field_size_limit()
    below = range(start, len(lines))
    n_cells = np.fromiter(map(methodcaller("count", delimiter), lines), dtype="int64", count=len(lines)) + 1
    lengths = np.fromiter(map(len, lines), dtype="int64", count=len(lines))
    doubtful = (n_cells != width) | (lengths <= width) | (lengths > longest)
    odd = (np.flatnonzero(doubtful[start:]) + start).tolist()
    for sign in ('"', "\0", "\ufeff"):
        if sign in text:
            odd += [n for n in below if sign in lines[n]]
    if LONE_RETURN.search(text):
        odd += [n for n in below if "\r" in lines[n][:-1]]
    if damaged:
        odd += [n for n in below if NOT_DECODED.search(lines[n])]
    return sorted(set(odd))


def _without_damage(row: list[str], reason: str) -> tuple[list[str], str]:
    """Return a row that can be kept as text, and what is wrong with it."""
    whole = "".join(row)
    if "\0" in whole:
        reason = reason or "nul_bytes"
    if NOT_DECODED.search(whole):
        reason = reason or "undecodable_bytes"
    return [_decoded(cell) for cell in row], reason


def _decoded(cell: str) -> str:
    """Return a text that can be kept: without NUL, with a mark for what did not decode."""
    return NOT_DECODED.sub("\ufffd", cell.replace("\0", ""))


def _decode(content: bytes, encoding: str | None) -> tuple[str, bool]:
    """Return the text and whether bytes did not decode; those become lone surrogates, to be found again row by row."""
    skip, encoding = _by_mark(content[:4], encoding)
    if encoding is not None:
        return _decode_as(content[skip:], encoding)
    try:
        return content.decode("utf-8"), False
    except UnicodeDecodeError:
        n_bad = content.decode("utf-8", errors="replace").count("\ufffd")
        n_high = len(content) - len(content.translate(None, delete=bytes(range(128, 256))))
        return _decode_as(content, "utf-8" if n_bad <= UTF8_DAMAGE * n_high else "gb18030")


def _by_mark(head: bytes, encoding: str | None) -> tuple[int, str | None]:
    """Return the bytes of a byte order mark, and the encoding: the one named, else that of the mark, else None."""
    named = None if encoding is None else codecs.lookup(encoding).name
    for bom, marked in BOMS:
        if head.startswith(bom):
            return len(bom), marked if named is None or named in EITHER_ORDER else encoding
    return 0, EITHER_ORDER.get(named, encoding)


def _decode_as(content: bytes, encoding: str) -> tuple[str, bool]:
    try:
        return content.decode(encoding), False
    except UnicodeDecodeError:
        pass
    try:
        return content.decode(encoding, errors="surrogateescape"), True
    except UnicodeDecodeError:  # an odd byte at the end of UTF-16
        return content.decode(encoding, errors="replace"), True


def _find_text_header(lines: list[str]) -> tuple[str, _Header, int]:
    """Return the delimiter, the header and the number of the first physical line after it."""
    best: tuple[int, str, _Header, int] | None = None
    for delimiter in DELIMITERS:
        reader = csv.reader((line + "\n" for line in lines[:HEAD_LINES]), delimiter=delimiter)
        rows, ends = [], []
        try:
            for row in reader:
                rows.append(row)
                ends.append(reader.line_num)
        except csv.Error:  # of a field beyond all measure; what was read so far may hold the header
            pass
        header = _find_header(rows[:HEADER_ROWS])
        if best is None or header.known > best[0]:
            best = header.known, delimiter, header, ends[header.end - 1] if header.end else 0
    assert best is not None
    return best[1:]


def _plain_rows(
    lines: list[str], start: int, number: int, delimiter: str, width: int
) -> Iterator[tuple[int, list[str], str]]:  # fmt: skip
    """Give each row with its number; no quotes, so every line is a row."""
    for position in range(start, len(lines)):
        yield number + position - start, *_row_at(lines, position, delimiter, width, quoted=False)[:2]


def _quoted_rows(
    lines: list[str], start: int, number: int, delimiter: str, width: int, *, more: bool = False
) -> Generator[tuple[int, list[str], str], None, int]:
    """Give each row with its number and, if it cannot be read as a row, the reason; return the lines read.

    If `more` lines will follow, rows stop where one might reach into them.
    """
    stop = len(lines)
    if more:
        last = range(max(stop - MOST_LINES, 0), stop)
        stop = next((position for position in last if '"' in lines[position]), stop)
    while start < stop:
        row, reason, used = _row_at(lines, start, delimiter, width, quoted=True)
        yield number, row, reason
        start, number = start + used, number + 1
    return start


def _row_at(
    lines: list[str], start: int, delimiter: str, width: int, *, quoted: bool
) -> tuple[list[str], str, int]:  # fmt: skip
    """Return the row that begins on a line, why it cannot be read as a row, and how many lines it takes."""
    if quoted:
        reader = csv.reader((lines[n] + "\n" for n in range(start, len(lines))), delimiter=delimiter)
        row = _next_row(reader)
        if row is not None and _is_one_row(lines, start, reader.line_num, row, delimiter, width):
            return row, "", reader.line_num
    return lines[start].rstrip("\r").split(delimiter), "unbalanced_quote" if quoted else "", 1


def _next_row(reader: Iterator[list[str]]) -> list[str] | None:
    try:
        return next(reader)
    except (csv.Error, StopIteration):
        return None


def _is_one_row(
    lines: Sequence[str], start: int, used: int, row: Sequence[str], delimiter: str, width: int
) -> bool:  # fmt: skip
    """Tell whether lines are one row, maybe with line breaks in a cell, and not rows swallowed by a stray quote."""
    if start + used == len(lines) and sum(line.count('"') for line in lines[start:]) % 2:
        return False  # the file ends within a quoted cell
    if used <= 1:
        return True
    if used > MOST_LINES or len(row) != width:
        return False
    return width == 1 or not any(line.count(delimiter) == width - 1 for line in lines[start + 1 : start + used])


# --- headers ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Header:
    """Where the header stands: its cells, rows up to its end, known headers, and the texts in and above it."""

    cells: list[str]
    end: int
    known: int
    texts: frozenset[str] = frozenset()
    money: float = 1.0


def _find_header(rows: Sequence[Sequence[Any]]) -> _Header:
    """Find the header among the first rows; ``known`` is 0 if there is none."""
    texts = [[_decoded(cell).strip() if isinstance(cell, str) else "" for cell in row] for row in rows]
    known = [sum(bool(cell) and is_known(cell) for cell in row) for row in texts]
    if not known or max(known) < FEWEST_KNOWN:
        return _Header([], 0, 0)
    top = known.index(max(known))
    best = _Header(texts[top], top + 1, known[top])
    for upper in (top - 1, top):  # two levels: groups above, single headers below
        if upper < 0 or upper + 1 >= len(texts):
            continue
        lower = texts[upper + 1]
        own = [cell for cell in lower if cell]
        if any(cell is not None and not isinstance(cell, str) for cell in rows[upper + 1]):
            continue  # numbers and days stand in rows, not in headers: 工资性收入 beside them is an item
        if not own or sum(is_known(cell) for cell in own) * 2 < len(own):
            continue
        joined = _join_levels(texts[upper], lower)
        n_joined = sum(bool(cell) and is_known(cell) for cell in joined)
        adds = any(is_known(above) and not below for above, below in zip(texts[upper], lower, strict=False))
        if n_joined > best.known or (adds and n_joined == best.known):
            best = _Header(joined, upper + 2, n_joined)
    above = [cell for row in texts[: best.end] for cell in row if cell]
    best.texts = frozenset(_squeezed(cell) for cell in above)
    for cell in above:
        found = MONEY_NOTE.search(_squeezed(cell))
        if found and not is_known(cell):
            best.money = MONEY_FACTORS[found[1]]
    return best


def _join_levels(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Take per column whichever level is a known header, the lower first."""
    joined, group = [], ""
    for position, below in enumerate(lower):
        above = upper[position] if position < len(upper) else ""
        group = above or (group if below else "")
        if below and AFTER_ELIMINATION not in group and is_known(below):
            joined.append(below)
        elif not below or (above and is_known(above)):
            joined.append(above)
        else:
            joined.append(group + below)
    return joined


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


# --- rows -------------------------------------------------------------------------------------------------------------

REASONS = {
    "ragged_row": ("as many cells as the header has", "单元格个数与表头不一致"),
    "unbalanced_quote": ("quotes in pairs", "引号不成对"),
    "nul_bytes": ("text without NUL bytes", "含有空字节"),
    "undecodable_bytes": (
        "text in one encoding (write the damaged characters anew, or name the file's encoding with --encoding)",
        "含有无法解码的字节（请重新录入乱码字符，或用 --encoding 指明文件编码）",
    ),
}  # fmt: skip


class _Columns:
    """Takes rows and puts them into columns chunk by chunk; of texts each distinct one is kept once."""

    def __init__(self, header: _Header, *, text: bool, delimiter: str = ",") -> None:
        self._header = header
        self._text = text
        self.delimiter = delimiter
        self.width = len(header.cells)
        self._needed = max((position + 1 for position, cell in enumerate(header.cells) if cell), default=0)
        self._lines: list[str] = []  # of the chunk: rows that are still lines
        self._rows: list[list[Any]] = []  # of the chunk: other rows
        self._places: list[int] = []  # of the chunk: where those stand
        self._columns: list[list[Any]] = [[] for _ in header.cells]
        self._numbers: list[int] = []
        self._reasons: dict[str, list[int]] = {}
        self._empty = 0
        self.empty_pending = 0  # empty rows at the end are no gap and are not counted

    def add(self, number: int, row: list[Any], reason: str = "") -> None:
        """Take a row, or note why it cannot be one; without a header there are no rows."""
        if not self.width:
            return
        if (not row or row[0] == "") and not any(cell != "" for cell in row):
            self.empty_pending += 1
            return
        self._empty, self.empty_pending = self._empty + self.empty_pending, 0
        if len(row) != self.width:
            if not reason and (len(row) < self._needed or any(cell != "" for cell in row[self.width :])):
                reason = "ragged_row"
            row = [*row[: self.width], *[""] * (self.width - len(row))]
        if reason:
            self._reasons.setdefault(reason, []).append(len(self._numbers))
        self._numbers.append(number)
        self._places.append(len(self._lines) + len(self._rows))
        self._rows.append(row)
        self._flush(CHUNK)

    def add_lines(self, number: int, lines: list[str]) -> None:
        """Take lines that are one row each, none empty, with a cell for each header and without quotes."""
        if lines:
            self._empty, self.empty_pending = self._empty + self.empty_pending, 0
        for start in range(0, len(lines), CHUNK):
            some = lines[start : start + CHUNK]
            self._numbers += range(number + start, number + start + len(some))
            self._lines += some
            self._flush(CHUNK)

    def _flush(self, fewest: int = 0) -> None:
        """Put the rows of the chunk into columns if there are at least so many."""
        if len(self._lines) + len(self._rows) < fewest:
            return
        columns: list[Any]
        if self._text:
            columns = self._texts()
        else:
            cells = zip(*self._rows, strict=True) if self._rows else [()] * self.width
            columns = [_objects(column) for column in cells]
        for column, chunks in zip(columns, self._columns, strict=True):
            chunks.append(column)
        self._lines, self._rows, self._places = [], [], []

    def _texts(self) -> list[Any]:
        """Return the columns of the chunk as Arrow arrays with a dictionary."""
        of_lines = _split_lines(self._lines, self.delimiter, self.width)
        if not self._rows:
            return of_lines
        of_rows = [pa.array(cells, pa.large_string()).cast(TEXTS) for cells in zip(*self._rows, strict=True)]
        places = np.array(self._places)
        others = np.delete(np.arange(len(self._lines) + len(self._rows)), places)
        order = np.argsort(np.concatenate([others, places]))
        both = zip(of_lines, of_rows, strict=True)
        return [pa.chunked_array(pair, TEXTS).unify_dictionaries().combine_chunks().take(order) for pair in both]

    def grid(self, source: str, names: tuple[str, ...]) -> _Grid:
        """Return all rows taken."""
        self._flush()
        labels = unique_labels(self._header.cells)
        columns = {label: _joined(chunks) for label, chunks in zip(labels, self._columns, strict=True)}
        frame = pd.DataFrame(columns, index=pd.RangeIndex(len(self._numbers)))
        faults = []
        for reason, positions in self._reasons.items():
            mask = np.zeros(len(frame), dtype=bool)
            mask[positions] = True
            faults.append(Fault(mask, reason, *REASONS[reason]))
        return _Grid(
            source, names, self._header.cells, frame, np.array(self._numbers, dtype="int64"), self._header.money,
            faults, self._header.texts, self._empty,
        )  # fmt: skip


def _objects(cells: Sequence[Any]) -> np.ndarray:
    values = np.empty(len(cells), dtype=object)
    values[:] = cells
    return values


def _joined(chunks: list[Any]) -> Any:
    """Return the chunks of a column as one, of texts with one dictionary."""
    if isinstance(chunks[0], np.ndarray):
        return np.concatenate(chunks)
    return pd.arrays.ArrowExtensionArray(pa.chunked_array(chunks).unify_dictionaries().combine_chunks())


def _split_lines(lines: list[str], delimiter: str, width: int) -> list[Any]:
    """Return the columns of lines that have `width` cells each."""
    from pyarrow import csv as arrow

    if not lines:
        return [pa.array([], TEXTS)] * width
    data = "\n".join(lines).encode("utf-8", errors="replace")
    names = [str(position) for position in range(width)]
    table = arrow.read_csv(
        pa.BufferReader(data),
        arrow.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
        arrow.ParseOptions(delimiter=delimiter, quote_char=False, double_quote=False),
        arrow.ConvertOptions(column_types=dict.fromkeys(names, TEXTS), strings_can_be_null=False, check_utf8=False),
    )
    return [column.combine_chunks() for column in table.columns]


def _sheet(grid: _Grid, findings: Findings) -> Sheet | None:
    """Find the table of a sheet and leave out what is no row of it."""
    table = _choose_table(grid.names, grid.headers)
    if table is None:
        _note_unknown(grid.source, grid.names, findings)
        return None
    sheet, counts = _rows_of(grid, table)
    _note_skipped(table, grid.source, counts, findings)
    return sheet


def _note_unknown(source: str, names: Sequence[str], findings: Findings) -> None:
    named = next((name for text in names for name in _tables_by_name(text)), "")
    findings.note(
        table=named, severity="rejected" if named else "warning", source=source, code="unknown_sheet",
        text="is known neither by its name nor by its headers and was not read", text_zh="无法根据名称或表头识别，未读取",
    )  # fmt: skip


def _note_skipped(table: Table, source: str, counts: Mapping[str, int], findings: Findings) -> None:
    if sum(counts.values()):
        what = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        zh = {"total": "合计行", "note": "说明行", "header": "重复表头", "empty": "空行"}
        what_zh = "、".join(f"{zh[name]} {count}" for name, count in counts.items() if count)
        findings.note(
            table=table.name, source=source, code="rows_skipped",
            text=f"{sum(counts.values())} rows are no data and are not counted: {what}",
            text_zh=f"{sum(counts.values())} 行不是数据，未计入：{what_zh}",
        )  # fmt: skip


def _rows_of(grid: _Grid, table: Table) -> tuple[Sheet, dict[str, int]]:
    """Return the rows of a sheet, and how many of what else there are."""
    other = _other_than_rows(grid, table)
    counts = {name: int(mask.sum()) for name, mask in other.items()}
    counts["empty"] += grid.empty
    keep = ~np.logical_or.reduce(list(other.values()))
    faults = [Fault(fault.mask[keep], fault.code, fault.expected, fault.expected_zh) for fault in grid.faults]
    frame = grid.frame if keep.all() else grid.frame[keep].reset_index(drop=True)
    return Sheet(table, grid.source, frame, grid.headers, grid.rows[keep], grid.money, faults), counts


def _other_than_rows(grid: _Grid, table: Table) -> dict[str, np.ndarray]:
    """Return which rows are totals, notes, repeated headers or blank; only rows without a usable id are looked at."""
    n = len(grid.frame)
    found = {name: np.zeros(n, dtype=bool) for name in ("total", "note", "header", "empty")}
    if not grid.above or not n:
        return found
    layout = lay_out(table, grid.headers)
    ids = [layout.columns[name][0] for name in table.key if name in layout.columns and table[name].type == "id"]
    id_position = ids[0] if ids else 0
    candidate = _may_be_no_row(grid.frame.iloc[:, id_position], grid.above)
    for fault in grid.faults:
        candidate |= fault.mask
    rows = grid.frame[candidate].astype(object).to_numpy()
    for position, cells in zip(np.flatnonzero(candidate), rows, strict=True):
        texts_of_row = [_squeezed(cell) if isinstance(cell, str) else str(cell) for cell in cells]
        kind = _kind_of(texts_of_row, texts_of_row[id_position], grid.above)
        if kind:
            found[kind][position] = True
    return found


def _may_be_no_row(ids: pd.Series, above: frozenset[str]) -> np.ndarray:
    """Return which rows have no usable id, or one that reads like something else."""
    array = as_dictionary(ids)
    if array is None:
        codes, texts = pd.factorize(ids)
        doubtful = np.ones(len(texts) + 1, dtype=bool)  # the last answers for missing (code -1)
        others = list(enumerate(texts))
    else:
        codes, texts = array.indices.fill_null(-1).to_numpy(), array.dictionary
        headers = pc.is_in(texts, value_set=pa.array(above, texts.type))
        doubtful = np.append(headers.to_numpy(zero_copy_only=False), True)
        others = with_care(texts, PLAIN_KEY)
    for number, text in others:
        doubtful[number] = (
            not isinstance(text, str) or not (key := _squeezed(text)) or key in above or _is_total(key) or _is_note(key)
        )
    return doubtful[np.asarray(codes)]


def _kind_of(cells: list[str], id_cell: str, above: frozenset[str]) -> str:
    filled = [cell for cell in cells if cell]
    if not filled:
        return "empty"
    if len([cell for cell in filled if cell in above]) * 2 > len(filled) and (id_cell in above or not id_cell):
        return "header"
    if any(_is_total(cell) for cell in filled) and (not id_cell or _is_total(id_cell)):
        return "total"
    if _is_note(filled[0]) and len(filled) <= MOST_NOTE_CELLS:
        return "note"
    return ""


def _is_total(text: str) -> bool:
    return TOTAL.fullmatch(text.lower()) is not None


def _is_note(text: str) -> bool:
    return NOTE.fullmatch(text.lower()) is not None


# --- which table ------------------------------------------------------------------------------------------------------


def _choose_table(names: Sequence[str], headers: Sequence[str]) -> Table | None:
    """Return the table a sheet belongs to, by name and headers; None if neither tells."""
    fits = {name: _fit(table, headers) for name, table in TABLES.items()}
    for text in names:
        named = _tables_by_name(text)
        exact = [name for name, length in named.items() if length == np.inf and fits[name][2] > 0]
        if exact:
            return TABLES[exact[0]]
        likely = [name for name in named if fits[name][0]]
        if likely:
            return TABLES[max(likely, key=lambda name: (*fits[name], named[name]))]
        several_known = [name for name in named if fits[name][2] > 1]
        if len(several_known) == 1:
            return TABLES[several_known[0]]
    complete = [
        name
        for name, (has_id, share, _) in fits.items()
        if has_id and share == 1.0 and _is_told_by(TABLES[name], headers)
    ]
    return TABLES[max(complete, key=lambda name: fits[name])] if complete else None


def _fit(table: Table, headers: Sequence[str]) -> tuple[bool, float, int]:
    """Return whether a sheet has the table's first id, the share of needed columns, and the number of known headers."""
    layout = lay_out(table, headers)
    found = layout.found
    if "period_start" in found or "period_end" in found:
        found |= {"period_start", "period_end"}
    needed = [name for name in table.needed if name != "valid_from"]
    share = sum(name in found for name in needed) / len(needed)
    return table.key[0] in found, share, len(layout.positions)


def _is_told_by(table: Table, headers: Sequence[str]) -> bool:
    """Tell whether headers alone say that a sheet is of a table: more than ids and dates, and mostly declared ones."""
    layout = lay_out(table, headers)
    ordinary = {column.name for column in table.columns if column.type != "id"} - {table.time, "recorded_at"}
    n_unknown = sum(reason == "unknown_column" for _, reason in layout.left_out)
    return bool(layout.found & ordinary) and len(layout.positions) > n_unknown


def _tables_by_name(text: str) -> dict[str, float]:
    """Return the tables named in a file's or sheet's name, with the length of the name, infinite if it is all of it."""
    whole = NAME_NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()
    core = NAME_TAIL.sub("", whole)
    named: dict[str, float] = {}
    for table in TABLES.values():
        for own in (table.name, table.zh.lower(), *table.aliases):
            if own in (whole, core) or NAME_TAIL.sub("", own) == core != "":
                named[table.name] = np.inf
            elif len(own) > 1 and own in whole:
                named[table.name] = max(named.get(table.name, 0.0), float(len(own)))
    return named
