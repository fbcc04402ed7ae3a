"""What stands where nobody looks for it: that somebody died behind his name, who is monitored in a note or in a title.

A sheet is given columns of its own for what can be read in one way. What may be read in several names its households.
Which columns these are may come out only on the way through a large sheet; it is then to be begun again with all of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.records.cells import Fault
from fanpin_risk.records.cells.cleaning import plain_signs
from fanpin_risk.records.cells.contents import as_dictionary
from fanpin_risk.records.code_lists import MONITORED_TYPE
from fanpin_risk.records.headers import ANY_BRACKET, header_key
from fanpin_risk.records.layout import Layout, lay_out
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.read.leavers import holds_notes
from fanpin_risk.records.read.monitored import FLAGS, NO_ENTRY, named_candidates
from fanpin_risk.records.rows import RawRows
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.sheets import NOTED_TYPE, Sheet, SheetHead
from fanpin_risk.words import Message

__all__ = ["NOTE_DOUBTS", "Placed", "doubt_notes", "take_misplaced", "without_known"]

DOUBT = "monitoring_in_note"
NOTE_DOUBTS: Mapping[str, Message] = {
    DOUBT: Message(
        "a clear word, in a column of its own, on whether the household is monitored: a note may say so; it was not taken for that"
    ),
}
NOTES = "备注"  # header of a column of notes where a sheet has none
NAME_HEADER = re.compile("(?:户主及)?(?:家庭)?(?:成员|人员)?姓名|户主及家庭成员|户主(?:姓名)?")
OF_HEAD = re.compile("户主(?:姓名)?")
GONE = "死亡|去世|病故|亡故|身故|故去|过世|离世|已故|已亡|出嫁|外嫁|嫁出|已嫁|婚出|迁出|迁往|失踪|失联|服刑|注销|销户"
LEFT = re.compile(
    rf"(?:[(\[【〔{{<《]([^()\[\]【】〔〕{{}}<>《》]*(?:{GONE})[^()\[\]【】〔〕{{}}<>《》]*)[)\]】〕}}>》]|(已故|已死亡|已去世|已亡故))$"
)
TYPES = {name: names[0] for names in MONITORED_TYPE.values() for name in names if len(name) > 3}
TYPE = "|".join(re.escape(name) for name in sorted(TYPES, key=len, reverse=True))
OF_MONITORING = re.compile(
    r"监测(?:户|对象|范围)|(?:纳入|列入|列为|识别为|认定为)监测|三类户|脱贫不稳定|边缘易致贫|突发严重困难|边缘户|脱贫监测"
)
ONE_MEANING = re.compile(
    rf"(?:于?(?:19|20)\d\d(?:年(?:\d\d?月(?:份|\d\d?日)?|度)?|[./-]\d\d?(?:[./-]\d\d?)?)?[,:]?)?(?:系|属|属于|为|是)?(?:已|被)?"
    rf"(?:纳入|列入|列为|识别为|认定为|新识别|新增)?(?:为|成)?(?:防返贫)?(?:动态)?(?:(?P<type>{TYPE})|监测(?:户|对象|范围)?|三类户)(?:管理|户)?[。.]?"
)  # fmt: skip
UNSURE = re.compile(r"未|不(?!稳定)|非|无|拟|疑似|待|是否|申请|候选|可能|建议|曾|原|前|消除|解除|退出|销号|取消|清退")
SINCE_HEADER = re.compile("(?:纳入|列入|识别为|认定为)监测(?:户|对象|范围)?(?:的)?(?:时间|日期|年月|年度|年份)")
YEAR_HEADER = re.compile("(?:纳入|列入|识别|消除|解除).*(?:年度|年份)")
# Names of lists of which not every household is monitored now.
NOT_OF_TYPE = re.compile(
    r"未|不(?!稳定)|非|拟|疑似|待|候选|排查|摸排|核查|线索|评议|申请|公示|消除|解除|退出|销号|取消|清退|剔除|和|与|及|、|入户|走访"
)


@dataclass(slots=True)
class Placed:
    """A sheet with what was put in its place.

    Attributes
    ----------
    sheet : Sheet
    doubtful : ndarray of int
        Numbers of the rows whose note may say that the household is monitored.
    notes : sequence of (str, str, Message)
        What is to be said of columns or the sheet as a whole: column, code and text.
    """

    sheet: Sheet
    doubtful: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype="int64"))
    notes: Sequence[tuple[str, str, Message]] = ()

    @property
    def headers(self) -> list[str]:
        """Headers of the sheet."""
        return self.sheet.head.headers

    def note(self, problems: Problems) -> None:
        """Say what was taken from names and titles."""
        for column, code, text in self.notes:
            problems.note(table="monitoring", source=self.sheet.head.source, column=column, code=code, text=text)


def take_misplaced(sheet: Sheet, columns: Collection[str] = ()) -> Placed:
    """Return a sheet with columns of what stands behind names, in notes and in its title.

    Parameters
    ----------
    sheet : Sheet
        All rows of a sheet, some that follow each other, or none of them.
    columns : collection of str
        Headers of columns that it is to have in any case: those that other rows of it need.
    """
    head = sheet.head
    if not head.headers or head.table or head.guessed:
        return Placed(sheet)
    monitoring = _columns_in("monitoring", head)
    if "household_id" not in monitoring.columns:
        return Placed(sheet)
    sheet = _with_leavers(sheet, columns)
    if {"type", *FLAGS} & monitoring.columns.keys() or named_candidates(head):
        return Placed(sheet)
    if since := _since(sheet):
        return Placed(_with_column(sheet, "是否监测对象", _dated(sheet, since)), notes=_of_years(head))
    in_status = "register_status" in _columns_in("households", head).columns
    if "identified_on" in monitoring.columns and not in_status:
        return _with_type_of_title(sheet)
    return _with_types_of_notes(sheet, columns)


def _columns_in(table: str, head: SheetHead) -> Layout:
    return lay_out(TABLES[table], head.headers_in(table), money=head.money_named)


def _plain_cells(sheet: Sheet, place: int) -> pd.Series:
    """Return the cells of a column as texts, in plain signs and without blanks."""
    column = sheet.frame.iloc[:, place]
    if (array := as_dictionary(column)) is not None:
        texts = [*map(_without_blanks, array.dictionary.to_pylist()), ""]  # the last is that of missing (-1)
        cells = np.array(texts, dtype=object)[array.indices.fill_null(-1).to_numpy()]
        return pd.Series(cells, index=column.index, dtype=object)
    column = column.astype("str").fillna("")
    return column.map({text: _without_blanks(str(text)) for text in pd.unique(column)}).astype(object)


def _without_blanks(text: str) -> str:
    return "".join(plain_signs(text).split())


def _with_column(sheet: Sheet, header: str, cells: Any) -> Sheet:
    """Return a sheet with one more column, or with other cells where it has it."""
    head, frame = sheet.head, sheet.frame
    if header in head.headers:
        place = head.headers.index(header)
        return replace(sheet, frame=_with_cells(frame, place, cells))
    added = pd.Series(np.asarray(cells, dtype=object), index=frame.index, dtype="str")
    return replace(sheet, head=replace(head, headers=[*head.headers, header]), frame=frame.assign(**{header: added}))


def _with_cells(frame: pd.DataFrame, place: int, cells: Any) -> pd.DataFrame:
    """Return a frame with other cells in a column, of the same type if that is one of texts."""
    label = str(frame.columns[place])
    dtype = "str" if isinstance(frame[label].dtype, pd.StringDtype) else object
    return frame.assign(**{label: pd.Series(np.asarray(cells, dtype=object), index=frame.index, dtype=dtype)})


def _with_leavers(sheet: Sheet, columns: Collection[str]) -> Sheet:
    """Put what stands behind names and relations of persons (王某（已故）) to the notes of their rows."""
    head = sheet.head
    persons = _columns_in("members", head)
    relation = persons.columns.get("relation")
    keys = [header_key(ANY_BRACKET.sub("", plain_signs(header))) for header in head.headers]
    names = [at for at, key in enumerate(keys) if NAME_HEADER.fullmatch(key)]
    if relation is not None:
        names = [at for at in names if not OF_HEAD.fullmatch(keys[at])] + [relation[0]]
    found: dict[int, str] = {}
    frame = sheet.frame
    for place in names:
        cells = _plain_cells(sheet, place)
        ends = {text: match for text in pd.unique(cells) if len(text) > 2 and (match := LEFT.search(text))}
        if not ends:
            continue
        rows = np.flatnonzero(cells.isin(list(ends)))
        for row in rows:
            note = ends[cells.iloc[row]].group(1) or ends[cells.iloc[row]].group(2)
            found.setdefault(int(row), note if relation is not None else f"户主{note}")
        if relation is not None and place == relation[0]:
            plain = {text: text[: match.start()] for text, match in ends.items()}
            changed = frame.iloc[:, place].astype(object).to_numpy(copy=True)
            changed[rows] = [plain[cells.iloc[row]] for row in rows]
            frame = _with_cells(frame, place, changed)
    if not found and NOTES not in columns:
        return sheet
    sheet = replace(sheet, frame=frame)
    at_notes = next((at for at, header in enumerate(head.headers) if holds_notes(header)), None)
    if at_notes is None:
        return _with_column(sheet, NOTES, [found.get(row, "") for row in range(len(frame))])
    notes, plain_notes = frame.iloc[:, at_notes].astype(object).to_numpy(copy=True), _plain_cells(sheet, at_notes)
    for number, note in found.items():
        before = plain_notes.iloc[number]
        notes[number] = note if before in NO_ENTRY else f"{before};{note}"
    return replace(sheet, frame=_with_cells(frame, at_notes, notes))


def _since(sheet: Sheet) -> list[int]:
    """Return the columns that hold since when households are monitored, by their whole name."""
    keys = [header_key(plain_signs(header)) for header in sheet.head.headers]
    return [at for at, key in enumerate(keys) if SINCE_HEADER.fullmatch(key)]


def _of_years(head: SheetHead) -> list[tuple[str, str, Message]]:
    """Say of columns of years since when and until when households are monitored which day they stand for."""
    text = Message("holds years; the last day of each stands for the day, which is not known")
    years = [header for header in head.headers if YEAR_HEADER.search(header_key(plain_signs(header)))]
    return [(header, "year_for_day", text) for header in years]


def _dated(sheet: Sheet, places: Sequence[int]) -> np.ndarray:
    """Return yes where one of some columns holds a year."""
    said = np.zeros(len(sheet.frame), dtype=bool)
    for place in places:
        said |= _plain_cells(sheet, place).str.contains(r"(?:19|20)\d\d", regex=True).to_numpy(dtype=bool)
    return np.where(said, "是", "")


def _with_type_of_title(sheet: Sheet) -> Placed:
    """Let the title or a name of a list with days of identification say the type of its households."""
    head = sheet.head
    own = {plain_signs("".join(header.split())) for header in head.headers}
    texts = [plain_signs(text) for text in (*head.names, *sorted(head.texts)) if plain_signs(text) not in own]
    if any(NOT_OF_TYPE.search(text) for text in texts):
        return Placed(sheet)
    types = {TYPES[found] for text in texts for found in re.findall(TYPE, text)}
    if len(types) != 1:
        return Placed(sheet)
    kind = types.pop()
    text = Message(
        "has no column of the type of monitored households; its title or name says {type}, taken for all of its rows",
        type=kind,
    )
    sheet = _with_column(sheet, TABLES["monitoring"]["type"].zh, [kind] * len(sheet.frame))
    return Placed(sheet, notes=[("", "type_from_name", text)])


def _with_types_of_notes(sheet: Sheet, columns: Collection[str]) -> Placed:
    """Read notes that say in one way that a household is monitored, and tell those that may say so."""
    said, doubtful = np.full(len(sheet.frame), "", dtype=object), np.zeros(len(sheet.frame), dtype=bool)
    for place, header in enumerate(sheet.head.headers):
        if not holds_notes(header) or place in sheet.head.meanings:
            continue
        cells = _plain_cells(sheet, place)
        for text in pd.unique(cells):
            if not OF_MONITORING.search(text):
                continue
            mine = (cells == text).to_numpy()
            match = ONE_MEANING.fullmatch(text)
            if match is None or UNSURE.search(text):
                doubtful |= mine
            else:
                said[mine] = TYPES[match["type"]] if match["type"] else "监测户"
    rows = np.asarray(sheet.rows)[doubtful]
    if not (said != "").any() and NOTED_TYPE not in columns:
        return Placed(sheet, rows)
    status = _columns_in("households", sheet.head).columns.get("register_status")
    if status is not None:  # 户类型 may say it of other rows
        said = np.where(said == "", _plain_cells(sheet, status[0]).to_numpy(dtype=object), said)
    return Placed(_with_column(sheet, NOTED_TYPE, said), rows)


def doubt_notes(parts: Sequence[RawRows], doubtful: np.ndarray) -> None:
    """Say of rows of a sheet that their notes may say that the household is monitored.

    Parameters
    ----------
    parts : sequence of RawRows
        Of the sheet; the first with ids of households is changed.
    doubtful : ndarray of int
        Numbers of the rows.
    """
    part = next((one for one in parts if "household_id" in one.layout.columns and one.table.name != "monitoring"), None)
    if part is None or not len(doubtful):
        return
    mask = np.isin(part.rows, doubtful)
    part.doubts = [*part.doubts, *(Fault(mask, code, expected) for code, expected in NOTE_DOUBTS.items())]


def without_known(parts: Sequence[RawRows]) -> None:
    """Take back what is doubtful of notes about households of which a list of those who are monitored speaks.

    Parameters
    ----------
    parts : sequence of RawRows
        All of a register; are changed.
    """
    if not any(doubt.code == DOUBT for part in parts for doubt in part.doubts):
        return
    known = set().union(
        *(_household_texts(part) for part in parts if part.table.name == "monitoring" and not part.layout.denies)
    )
    for part in parts:
        if any(doubt.code == DOUBT for doubt in part.doubts):
            rest = ~_household_texts(part).isin(known).to_numpy()
            part.doubts = [
                replace(doubt, mask=doubt.mask & rest) if doubt.code == DOUBT else doubt for doubt in part.doubts
            ]


def _household_texts(part: RawRows) -> pd.Series:
    place, _ = part.layout.columns["household_id"]
    return part.frame.iloc[:, place].astype("str").str.strip().fillna("")
