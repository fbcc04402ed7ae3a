"""The report as a workbook: sheets that an office reads, filters, fills in and prints.

Rows are written as they come and kept by nobody, so that memory does not grow with the list. Every text is written as a
text: nothing in it becomes a formula, a link or markup.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, repeat
from math import ceil
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from fanpin_risk.errors import InputError
from fanpin_risk.explanation.reasons import ENDING
from fanpin_risk.features.feature import CAUSES
from fanpin_risk.files import CELL_CHARACTERS, CREATED, cell_text, file_mark, fits_cell
from fanpin_risk.model.tiers import TIERS
from fanpin_risk.reports.contents import LEVELS, SEVERITIES, Contents
from fanpin_risk.reports.documents import Document
from fanpin_risk.reports.guide import PROPOSES, how_to_read

__all__ = ["write_workbook"]

Lang = Literal["zh", "en", "both"]
Progress = Callable[[int, int, str], None]
Pair = tuple[str, str]

SHEET_ROWS = 1_000_000  # a sheet takes 1,048,576; the rest is for headers
HEADER_CHARACTERS = 255  # of what is printed above and below a page
FONT = "Microsoft YaHei"  # where there is none, the office program takes another
POINTS, LINE = 10, 15.0  # size of the letters, height of a line
HIGHEST_ROW = 409.0  # points; no program shows a higher one
SLACK = 1.05  # how much longer a text is taken to be than its letters are wide
A4 = 9
RAISED = (
    "text",
    "id",
    "count",
    "share",
    "number",
    "nothing",
)  # looks of cells in rows that stand for others below them
WHAT_WIDTH, VALUE_WIDTH = 50.0, 48.0  # of the two columns of the summary, in characters
GRID, GRID_WIDTH = 10, 13.0  # columns of a sheet of text, and their width in characters
ROWS_BETWEEN_NEWS = 2_000
ROWS_AT_ONCE = 4_096  # of a column taken from its frame
NOTHING = "—"
FIRST_DAY = pd.Timestamp("1900-03-01")  # spreadsheets count earlier days differently, or not at all
COLOURS = {"header": "#DCE6F1", "raised": "#F2F2F2", "high": "#F8CBAD", "medium": "#FFE699", "important": "#FDE9E7"}
SHADES = 4  # of the causes of places, from none to the most of a level
BAR, BAR_KNOWN = "#F4B183", "#BDD7EE"
NEEDS: dict[str, Pair] = {
    "key": ("主键", "key"),
    "required": ("必填", "required"),
    "core": ("主要", "core"),
    "optional": ("可选", "optional"),
    "audit": ("仅审计", "audit only"),
}
NOTES: dict[str, Pair] = {"full": ("全", "full"), "partly": ("部分", "partly"), "absent": ("无", "absent")}
SHEETS: dict[str, Pair] = {
    "summary": ("摘要", "Summary"),
    "watchlist": ("走访名单", "Watch list"),
    "places": ("分地区", "Places"),
    "causes": ("地区与主要风险", "Causes by place"),
    "rows": ("读入与退回", "Rows read"),
    "coverage": ("字段完整度", "Coverage"),
    "rejects": ("退回的行", "Rejected rows"),
    "guide": ("怎样读", "How to read"),
    "card": ("模型卡", "Model card"),
}
KINDS = {"count": "count_left", "share": "share_left", "number": "decimal_left", "day": "day"}


@dataclass(frozen=True)
class Column:
    """A column of a sheet: what stands above it, how wide it is, how its cells look, and what is in them."""

    header: Pair
    width: float
    look: str | Sequence[str]  # of all cells, or of each
    cells: Iterable[Any]
    bar: str = ""  # its colour


def write_workbook(
    contents: Contents,
    path: Path,
    *,
    lang: Lang = "zh",
    n_households: int | None = None,
    rejects: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write contents as a workbook.

    Parameters
    ----------
    contents : Contents
        From :func:`fanpin_risk.reports.gather`.
    path : Path
        File to write; see :func:`fanpin_risk.reports.write_report`, which writes it whole or not at all.
    lang : {"zh", "en", "both"}
        Of headers and texts.
    n_households : int, optional
        Households of the list that are written, at most. Default: all.
    rejects : bool
        Whether to list every rejected row.
    progress : callable, optional
        Called with (rows done, rows in all, sheet).

    Raises
    ------
    InputError
        If a text is too long for a cell.
    OSError
        If the file cannot be written.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    # Rows wait for the end in a folder beside the file: they are as private as the file.
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".rows-") as waiting, path.open("wb") as stream:
        options = {
            "constant_memory": True,
            "tmpdir": waiting,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        }
        book = xlsxwriter.Workbook(stream, options)
        try:
            book.set_properties({"created": CREATED, "title": _title(contents, lang), "category": file_mark("report")})
            _Writer(book, contents, lang, progress).write(n_households=n_households, rejects=rejects)
            book.close()
        except FileCreateError as error:
            found = error.__context__
            raise found if isinstance(found, OSError) else OSError(str(error)) from error
        finally:
            for sheet in book.worksheets():
                if not sheet.row_data_fh_closed:
                    sheet.row_data_fh.close()


class _Writer:
    """Lays sheets out, one after the other."""

    def __init__(self, book: Any, contents: Contents, lang: Lang, progress: Progress | None) -> None:
        self.book, self.contents, self.lang, self.progress = book, contents, lang, progress
        self.looks = _looks(book)
        self.done, self.total = 0, 0

    def write(self, *, n_households: int | None, rejects: bool) -> None:
        """Write all sheets."""
        listed = self.contents.watchlist
        if n_households is not None:  # the highest risks, in the order of the list, which may be one of each area
            listed = listed.iloc[np.sort(np.argsort(-listed["risk"].to_numpy(), kind="stable")[:n_households])]
        others = (self.contents.counts, self.contents.coverage, *([self.contents.rejects] if rejects else []))
        self.total = len(listed) + 2 * len(self.contents.places) + sum(map(len, others))
        self.summary(len(listed))
        self.watchlist(listed)
        self.places()
        self.causes()
        self.rows()
        self.coverage()
        if rejects and len(self.contents.rejects):
            self.rejects()
        languages: list[Literal["zh", "en"]] = ["zh", "en"] if self.lang == "both" else [self.lang]
        for lang in languages:
            self.document(how_to_read(lang), _pick(SHEETS["guide"], lang))
            self.document(self.contents.card[lang], _pick(SHEETS["card"], lang))
        if self.progress is not None:
            self.progress(self.total, self.total, "")

    # --- words --------------------------------------------------------------------------------------------------
    def say(self, pair: Pair, between: str = "\n") -> str:
        """Return a text in the language of the workbook; in both, one below the other."""
        zh, en = pair
        return (f"{zh}{between}{en}" if zh != en else zh) if self.lang == "both" else _pick(pair, self.lang)

    def words(self, zh: Iterable[Any], en: Iterable[Any], between: str = "\n") -> Iterable[str]:
        """Return texts in the language of the workbook."""
        if self.lang == "both":
            return (self.say((a, b), between) for a, b in zip(_plain(zh), _plain(en), strict=True))
        return zh if self.lang == "zh" else en

    def coded(self, codes: Iterable[Any], texts: dict[str, Pair], between: str = " ") -> list[str]:
        """Return the words for codes; a code without words stands for itself."""
        known = {code: self.say(pair, between) for code, pair in texts.items()}
        return [known.get(code, "" if pd.isna(code) else str(code)) for code in codes]

    # --- sheets -------------------------------------------------------------------------------------------------
    def summary(self, shown: int) -> None:
        """Write what a reader wants first: what to watch out for, the figures, the causes."""
        contents = self.contents
        sheet = self.sheet("summary", landscape=False)
        sheet.set_column(0, 0, WHAT_WIDTH)
        sheet.set_column(1, 1, VALUE_WIDTH)
        line = 0
        self.merged(sheet, line, 0, 1, _title(contents, self.lang), "title", WHAT_WIDTH + VALUE_WIDTH)
        notes = [self.say(pair) for pair in contents.notes]
        if shown < len(contents.watchlist):
            notes.append(
                self.say(
                    (
                        f"名单共 {len(contents.watchlist):,} 户，走访名单表只列风险最高的 {shown:,} 户。",
                        f"The list has {len(contents.watchlist):,} households; the sheet shows the {shown:,} with the highest risks.",
                    )
                )
            )
        for text, look in [(self.say(PROPOSES), "strong"), *((note, "important") for note in notes)]:
            line += 1
            self.merged(sheet, line, 0, 1, text, look, WHAT_WIDTH + VALUE_WIDTH)
        line += 2
        self.put(sheet, line, 0, self.say(("项目", "What"), " "), "header")
        self.put(sheet, line, 1, self.say(("数值", "Value"), " "), "header")
        for row in contents.summary.itertuples():
            line += 1
            what, texts = self.say((str(row.zh), str(row.en))), self.say((str(row.text_zh), str(row.text_en)))
            self.high(sheet, line, (what, texts), (WHAT_WIDTH, VALUE_WIDTH))
            self.put(sheet, line, 0, what, "text")
            look = "text" if row.value is None else KINDS.get(str(row.kind), "text")
            self.put(sheet, line, 1, texts if look == "text" else row.value, look)
        causes = contents.causes[contents.causes["level"] == "county"]
        flagged = causes.groupby("cause", sort=False)["flagged"].sum().reset_index()
        flagged = flagged[flagged["flagged"] > 0].sort_values("flagged", ascending=False, kind="stable")
        if len(flagged):
            line += 2
            of_whom = ("中高风险户的主要风险", "Main cause of households of medium or high risk")
            self.high(sheet, line, (self.say(of_whom),), (WHAT_WIDTH,))
            self.put(sheet, line, 0, self.say(of_whom), "header")
            self.put(sheet, line, 1, self.say(("户数", "Households"), " "), "header")
            first = line + 1
            for row in flagged.itertuples():
                line += 1
                self.put(sheet, line, 0, self.say(CAUSES[str(row.cause)], " "), "text")
                self.put(sheet, line, 1, int(str(row.flagged)), "count")
            self.bars(sheet, first, line, 1, BAR)

    def watchlist(self, listed: pd.DataFrame) -> None:
        """Write whom to visit and why, with room for what was found."""
        in_areas = "area" in listed.columns
        enough = {True: ("足够", "enough"), False: ("不足", "too little")}
        columns = [
            Column(("序号", "No."), 6, "number", listed["number"]),
            Column(("户编号", "Household"), 13, "id", listed["household_id"]),
            Column(("所在地", "Place"), 16, "text", listed["place"]),
            Column(("行政区划代码", "Area code"), 13.5, "id", listed["area_code"].fillna("")),
        ]
        if in_areas:
            columns.append(Column(("本地区名次", "Rank in its area"), 8, "count", listed["rank"]))
        months = self.contents.horizon_months
        columns += [
            Column((f"{months}个月内风险", f"Risk in {months} months"), 9, "share1", listed["risk"], bar=BAR),
            Column(("风险下限（年景差）", "Low (years differ)"), 7.5, "share1", listed["risk_low"]),
            Column(("风险上限（年景差）", "High (years differ)"), 7.5, "share1", listed["risk_high"]),
            Column(("等级", "Tier"), 7, listed["tier"].astype("str").tolist(), self.coded(listed["tier"], TIERS)),
            Column(("主要风险", "Main cause"), 11.5, "text", self.coded(listed["cause"], CAUSES, "\n")),
        ]
        for k in range(1, self.contents.n_reasons + 1):
            # All that is told raises the risk, so the header says it once.
            zh, en = (_without(listed[f"reason_{k}_{lang}"], ENDING[lang]["toward"]) for lang in ("zh", "en"))
            width = 26 if self.lang == "zh" else 31
            columns.append(
                Column((f"推高风险的理由 {k}", f"What raises the risk {k}"), width, "text", self.words(zh, en))
            )
        columns.append(
            Column(
                ("记录", "Records"), 7.5, "text", (self.say(enough[bool(known)]) for known in listed["enough_known"])
            )
        )
        if listed["monitored"].fillna(False).any():
            texts = {"True": ("是", "yes"), "False": ("否", "no")}
            columns.append(
                Column(("已是监测对象", "Monitored"), 9, "text", self.coded(listed["monitored"].astype("str"), texts))
            )
        columns += [
            Column(("走访日期", "Visited on"), 9.5, "day", repeat(None, len(listed))),
            Column(("核实结果", "Found"), 15, "text", repeat(None, len(listed))),
        ]
        self.table("watchlist", columns, len(listed), frozen=2)

    def places(self) -> None:
        """Write the figures of every place."""
        places = self.contents.places
        headers: dict[str, Pair] = {
            "households": ("评分户数", "Households scored"),
            "monitored": ("已监测", "Monitored"),
            "listed": ("建议走访", "To visit"),
            "high": ("高风险", "High"),
            "medium": ("中风险", "Medium"),
            "low": ("低风险", "Low"),
        }
        raised = ["" if level == "village" else "+" for level in places["level"]]
        text, code, count, share, number = (
            [f"{look}{end}" for end in raised] for look in ("text", "id", "count", "share", "number")
        )
        columns = [
            Column(("层级", "Level"), 10, text, self.coded(places["level"], LEVELS)),
            Column(("行政区划代码", "Area code"), 16, code, places["area"]),
            Column(("名称", "Name"), 26, text, self.place_names()),
            *(Column(header, 11, count, places[name]) for name, header in headers.items()),
            Column(("平均风险", "Mean risk"), 13, share, places["mean_risk"], bar=BAR),
            Column(("记录不足户数", "Too little on record"), 11, number, places["not_enough_known"]),
            Column(
                ("中高风险户的主要风险", "Main cause where risk is medium or high"), 18, text,
                self.coded(places["cause"], CAUSES, "\n"),
            ),
        ]  # fmt: skip
        self.table("places", columns, len(places), frozen=3)

    def causes(self) -> None:
        """Write in how many households of medium or high risk each cause is the main one, place by place."""
        places, causes = self.contents.places, self.contents.causes
        order = causes.drop_duplicates("cause")
        flagged = causes["flagged"].to_numpy(dtype="float64", na_value=np.nan).reshape(len(places), len(order))
        raised = np.where(places["level"] == "village", "", "+")
        most = np.ones((len(places), 1))
        for rows in places.groupby("level", sort=False).indices.values():
            most[rows] = max(1.0, np.nanmax(flagged[rows], initial=0.0))
        shade = np.ceil(np.nan_to_num(flagged) * SHADES / most).astype("int64")
        text, code = ([f"{look}{end}" for end in raised] for look in ("text", "id"))
        columns = [
            Column(("层级", "Level"), 10, text, self.coded(places["level"], LEVELS)),
            Column(("行政区划代码", "Area code"), 16, code, places["area"]),
            Column(("名称", "Name"), 26, text, self.place_names()),
        ]
        for k, cause in enumerate(order["cause"]):
            if np.nansum(flagged[:, k]):
                looks = [f"heat{number}{end}" for number, end in zip(shade[:, k], raised, strict=True)]
                columns.append(Column(CAUSES[cause], 12, looks, flagged[:, k]))
        self.table("causes", columns, len(places), frozen=3)

    def place_names(self) -> list[str]:
        """Return the names of the places, and a word for households that are in none."""
        places = self.contents.places
        unknown = self.say(("无行政区划代码", "no area code"), " ")
        return [name if area else unknown for name, area in zip(places["name"], places["area"], strict=True)]

    def rows(self) -> None:
        """Write how many rows were read, kept and rejected, and what was found."""
        contents = self.contents
        counts, problems = contents.counts, contents.problems
        given = [
            self.say(("有", "yes") if supplied else ("未提供", "not given"), " ") for supplied in counts["supplied"]
        ]
        sheet = self.table(
            "rows",
            [
                Column(("表", "Table"), 20, "text", self.words(counts["table_zh"], counts["table"])),
                Column(("是否提供", "Given"), 22, "text", given),
                Column(("读入行数", "Rows read"), 14, "count", counts["rows_read"]),
                Column(("采用行数", "Rows kept"), 14, "count", counts["rows_kept"]),
                Column(("退回行数", "Rows rejected"), 14, "count", counts["rows_rejected"]),
            ],
            len(counts),
            frozen=1,
            filtered=False,
        )
        line = len(counts) + 2
        found = [
            Column(("表", "Table"), 20, "text", self.words(problems["table_zh"], problems["table"])),
            Column(("字段", "Column"), 22, "text", self.words(problems["column_zh"], problems["column"])),
            Column(("处理", "What was done"), 14, "text", self.coded(problems["severity"], SEVERITIES)),
            Column(("行数", "Rows"), 14, "count", problems["rows"]),
            Column(("问题代码", "Code"), 19, "text", problems["code"]),
            Column(("应为", "Expected"), 60, "text", self.words(problems["expected_zh"], problems["expected"])),
        ]
        for place, column in enumerate(found):
            sheet.set_column(place, place, column.width)
        if len(problems):
            self.heads(sheet, line, found)
            sheet.autofilter(line, 0, line + len(problems), len(found) - 1)
            for number, row in enumerate(_rows(found), start=line + 1):
                self.cells(sheet, number, row, found)
        else:
            self.put(sheet, line, 0, self.say(("未发现问题。", "No problem was found."), " "), "plain")

    def coverage(self) -> None:
        """Write how much of each column is there."""
        coverage = self.contents.coverage
        notes = [note.partition(";")[0] for note in coverage["note"]]
        columns = [
            Column(("表", "Table"), 18, "text", self.words(coverage["table_zh"], coverage["table"])),
            Column(("字段", "Column"), 26, "text", self.words(coverage["column_zh"], coverage["column"])),
            Column(("要求", "Need"), 10, "text", self.coded(coverage["need"], NEEDS)),
            Column(("行数", "Rows"), 12, "count", coverage["rows"]),
            Column(("有值", "Filled"), 12, "count", coverage["filled"]),
            Column(("完整度", "Share"), 14, "share", coverage["share"], bar=BAR_KNOWN),
            Column(("情况", "State"), 10, "text", self.coded(notes, NOTES)),
        ]
        self.table("coverage", columns, len(coverage), frozen=2, landscape=False)

    def rejects(self) -> None:
        """Write every rejected row by its number; what stood in it stays in its file."""
        rejects = self.contents.rejects
        columns = [
            Column(("表", "Table"), 18, "text", self.words(rejects["table_zh"], rejects["table"])),
            Column(("文件（工作表）", "File (sheet)"), 36, "text", rejects["source"]),
            Column(("行", "Row"), 10, "number", rejects["row"]),
            Column(("原因", "Reason"), 70, "text", self.words(rejects["message_zh"], rejects["message"])),
        ]
        self.table("rejects", columns, len(rejects), frozen=1)

    def document(self, document: Document, name: str) -> None:
        """Write a document: texts across the sheet, tables over as many columns as they have."""
        sheet = self.new(name, landscape=False)
        sheet.set_column(0, GRID - 1, GRID_WIDTH)
        sheet.hide_gridlines(2)
        looks = {"title": "title", "heading": "heading", "text": "prose", "important": "important"}
        line = 0
        for kind, content in document.blocks:
            if kind == "table":
                headers, rows = content
                spans = _spans([headers, *rows])
                self.spread(sheet, line, headers, spans, "header")
                for line, row in enumerate(rows, start=line + 1):  # noqa: B020  the line goes on
                    self.spread(sheet, line, row, spans, "text")
                line += 1
            else:
                texts = [f"• {item}" for item in content] if kind == "list" else [content]
                for text in texts:
                    for part in _parts(text):
                        self.merged(sheet, line, 0, GRID - 1, part, looks.get(kind, "prose"), GRID * GRID_WIDTH)
                        line += 1
            line += kind in ("table", "list", "title")

    # --- parts of sheets ----------------------------------------------------------------------------------------
    def sheet(self, key: str, *, number: int = 1, landscape: bool = True) -> Any:
        """Add a sheet under its name in the language of the workbook."""
        return self.new(f"{self.say(SHEETS[key], ' ')}{'' if number == 1 else f' {number}'}", landscape=landscape)

    def new(self, name: str, *, landscape: bool) -> Any:
        """Add a sheet, set up for A4: as wide as the paper, title above, page numbers below."""
        sheet = self.book.add_worksheet(name)
        if landscape:
            sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        page = self.say(("第 &P 页，共 &N 页", "Page &P of &N"), " ")
        sheet.set_header(f"&L&9{_printed(_title(self.contents, self.lang))}&R&9{_printed(name)}")
        sheet.set_footer(f"&L&9{_printed(self.contents.model_label)[:100]}&R&9{page}")
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        return sheet

    def table(
        self,
        key: str,
        columns: Sequence[Column],
        n: int,
        *,
        frozen: int,
        landscape: bool = True,
        filtered: bool = True,
    ) -> Any:
        """Write a table on a sheet of its own, on several where it is too long for one; return the last."""
        rows = _rows(columns)
        sheet: Any = None
        for part in range(max(1, -(-n // SHEET_ROWS))):
            sheet = self.sheet(key, number=part + 1, landscape=landscape)
            sheet.freeze_panes(1, frozen)
            if filtered:  # the only table of the sheet
                sheet.repeat_rows(0)
            for place, column in enumerate(columns):
                sheet.set_column(place, place, column.width)
            self.heads(sheet, 0, columns)
            line = 0
            for line, row in enumerate(islice(rows, SHEET_ROWS), start=1):
                self.cells(sheet, line, row, columns)
                self.tell(key)
            if filtered:
                sheet.autofilter(0, 0, line, len(columns) - 1)
            for place, column in enumerate(columns):
                if column.bar and line:
                    self.bars(sheet, 1, line, place, column.bar)
        return sheet

    def heads(self, sheet: Any, line: int, columns: Sequence[Column]) -> None:
        """Write the headers of a table."""
        texts = [self.say(column.header) for column in columns]
        self.high(sheet, line, texts, [column.width for column in columns])
        for place, text in enumerate(texts):
            self.put(sheet, line, place, text, "header")

    def cells(self, sheet: Any, line: int, row: Sequence[tuple[Any, str]], columns: Sequence[Column]) -> None:
        """Write one row of a table, as high as its texts need."""
        self.high(sheet, line, [cell for cell, _ in row], [column.width for column in columns])
        for place, (cell, look) in enumerate(row):
            self.put(sheet, line, place, cell, look)

    def put(self, sheet: Any, line: int, place: int, cell: Any, look: str) -> None:
        """Write one cell: texts as texts, numbers as numbers, days as days, what is not known as a dash."""
        if cell is None or cell == "":
            sheet.write_blank(line, place, None, self.looks[look])
        elif isinstance(cell, str):
            text = cell_text(cell)
            self.check_length(text, sheet, line)
            sheet.write_string(line, place, text, self.looks[look])
        elif isinstance(cell, pd.Timestamp) and cell < FIRST_DAY:
            sheet.write_string(line, place, f"{cell:%Y-%m-%d}", self.looks[look])
        elif isinstance(cell, pd.Timestamp):
            sheet.write_datetime(line, place, cell.to_pydatetime(), self.looks[look])
        elif cell != cell:  # noqa: PLR0124  only what is not a number differs from itself
            sheet.write_string(line, place, NOTHING, self.looks["nothing+" if look.endswith("+") else "nothing"])
        else:
            sheet.write_number(line, place, cell, self.looks[look])

    def check_length(self, text: str, sheet: Any, line: int) -> None:
        """Refuse what a cell cannot hold, instead of cutting it off."""
        if not fits_cell(text):
            raise InputError(
                "sheet {sheet}, row {line}: a text of {n_text:,} characters; a cell takes "
                "{cell_characters:,}: shorten it",
                sheet=sheet.get_name(),
                line=line + 1,
                n_text=len(text),
                cell_characters=CELL_CHARACTERS,
            )

    def merged(self, sheet: Any, line: int, first: int, last: int, text: str, look: str, width: float) -> None:
        """Write a text across columns, as high as it needs to be."""
        text = cell_text(text)
        self.check_length(text, sheet, line)
        size = {"title": 1.7, "heading": 1.3, "strong": 1.1, "important": 1.1}.get(look, 1.0)
        sheet.set_row(
            line, min(HIGHEST_ROW, size * LINE * _lines_of(text, width / size) + (8 if look == "heading" else 3))
        )
        if first == last:
            sheet.write_string(line, first, text, self.looks[look])
        else:
            sheet.merge_range(line, first, line, last, "", self.looks[look])
            sheet.write_string(line, first, text, self.looks[look])

    def spread(self, sheet: Any, line: int, cells: Sequence[str], spans: Sequence[int], look: str) -> None:
        """Write a row of a table whose columns span some of the sheet's each."""
        self.high(sheet, line, cells, [span * GRID_WIDTH for span in spans])
        first = 0
        for cell, span in zip(cells, spans, strict=True):
            text = cell_text(cell)
            self.check_length(text, sheet, line)
            if span > 1:
                sheet.merge_range(line, first, line, first + span - 1, "", self.looks[look])
            sheet.write_string(line, first, text, self.looks[look])
            first += span

    def high(self, sheet: Any, line: int, cells: Sequence[Any], widths: Sequence[float]) -> None:
        """Make a row as high as its texts need: not every program does so by itself."""
        texts = [(cell, width) for cell, width in zip(cells, widths, strict=True) if isinstance(cell, str)]
        lines = max((_lines_of(cell, width) for cell, width in texts), default=1)
        sheet.set_row(line, min(HIGHEST_ROW, LINE * lines + 3))

    def bars(self, sheet: Any, first: int, last: int, place: int, colour: str) -> None:
        """Draw a bar into every cell, from 0 to the largest; of the kind that every reader of workbooks knows."""
        bar = {"type": "data_bar", "bar_color": colour, "min_type": "num", "min_value": 0}
        sheet.conditional_format(first, place, last, place, bar)

    def tell(self, key: str) -> None:
        """Tell how far the writing is."""
        self.done += 1
        if self.progress is not None and self.done % ROWS_BETWEEN_NEWS == 0:
            self.progress(min(self.done, self.total), self.total, SHEETS[key][self.lang == "en"])


# --- looks ------------------------------------------------------------------------------------------------------
def _looks(book: Any) -> dict[str, Any]:
    """Return the formats of the cells."""
    base = {"font_name": FONT, "font_size": POINTS, "valign": "top"}
    cell = base | {"border": 1, "border_color": "#BFBFBF"}
    wrapped = cell | {"text_wrap": True}
    figure = cell | {"align": "right", "indent": 1}
    looks: dict[str, dict[str, Any]] = {
        "plain": base,
        "text": wrapped,
        "id": wrapped | {"num_format": "@"},
        "count": figure | {"num_format": "#,##0"},
        "number": cell | {"num_format": "0", "align": "center"},
        "count_left": cell | {"num_format": "#,##0", "align": "left"},
        "decimal_left": cell | {"num_format": "#,##0.0", "align": "left"},
        "share_left": cell | {"num_format": "0.00%", "align": "left"},
        "share": figure | {"num_format": "0.00%"},
        "share1": figure | {"num_format": "0.0%"},
        "day": cell | {"num_format": "yyyy-mm-dd", "align": "left"},
        "nothing": figure | {"font_color": "#7F7F7F"},
        "header": wrapped | {"bold": True, "bg_color": COLOURS["header"], "valign": "vcenter", "align": "center"},
        "low": wrapped | {"align": "center"},
        "high": wrapped | {"bold": True, "bg_color": COLOURS["high"], "align": "center"},
        "medium": wrapped | {"bg_color": COLOURS["medium"], "align": "center"},
        "title": base | {"bold": True, "font_size": 1.6 * POINTS, "text_wrap": True},
        "heading": base | {"bold": True, "font_size": 1.2 * POINTS, "valign": "bottom", "bottom": 1, "text_wrap": True},
        "prose": base | {"text_wrap": True},
        "strong": base | {"text_wrap": True, "bold": True},
        "important": base
        | {"text_wrap": True, "bold": True, "bg_color": COLOURS["important"], "font_color": "#9C0006"},
    }
    for number in range(SHADES + 1):
        looks[f"heat{number}"] = looks["count"] | {"bg_color": _mixed(BAR, number / SHADES)}
        looks[f"heat{number}+"] = looks[f"heat{number}"] | {"bold": True}
    raised = {f"{name}+": looks[name] | {"bold": True, "bg_color": COLOURS["raised"]} for name in RAISED}
    return {name: book.add_format(look) for name, look in (looks | raised).items()}


def _mixed(colour: str, share: float) -> str:
    """Mix a colour with white."""
    parts = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return "#" + "".join(f"{round(255 + share * (part - 255)):02X}" for part in parts)


# --- texts ------------------------------------------------------------------------------------------------------
def _pick(pair: Pair, lang: str) -> str:
    return pair[lang == "en"]


def _title(contents: Contents, lang: Lang) -> str:
    """Name the report by its day."""
    zh, en, day = "返贫风险走访建议", "Whom to visit first: risk of returning to poverty", f"{contents.as_of:%Y-%m-%d}"
    return f"{zh}  {en}  {day}" if lang == "both" else _pick((f"{zh}  {day}", f"{en}, {day}"), lang)


def _printed(text: str) -> str:
    """Return a text for the margin of a printed page, where & begins a command."""
    return cell_text(text).replace("&", "&&")[: HEADER_CHARACTERS // 3]


def _without(texts: pd.Series, ending: str) -> Iterator[str]:
    """Give texts without their ending."""
    return (text.removesuffix(ending) for text in _plain(texts))


def _rows(columns: Sequence[Column]) -> Iterator[tuple[tuple[Any, str], ...]]:
    """Give the rows of a table: cells and their looks."""
    filled = (
        zip(_plain(column.cells), repeat(column.look) if isinstance(column.look, str) else column.look, strict=False)
        for column in columns
    )
    return zip(*filled, strict=True)


def _plain(cells: Iterable[Any]) -> Iterator[Any]:
    """Give cells as Python's own, NaN or "" for what is missing; of a column of a frame only a part at a time."""
    if not isinstance(cells, (pd.Series, np.ndarray)):
        yield from cells
        return
    series = pd.Series(cells)
    numbers = pd.api.types.is_numeric_dtype(series.dtype)
    for start in range(0, len(series), ROWS_AT_ONCE):
        part = series.iloc[start : start + ROWS_AT_ONCE]
        if numbers:
            yield from part.to_numpy(dtype="float64", na_value=np.nan).tolist()
        else:
            yield from part.astype(object).where(part.notna(), "").tolist()


def _width(text: str) -> float:
    """Return how many columns of letters a text takes: a Chinese character two, which is three bytes of UTF-8."""
    return (len(text) + len(text.encode("utf-8", "replace"))) / 2


def _lines_of(text: str, width: float) -> int:
    """Return how many lines a text takes; a little more than it needs, for words are not broken."""
    if "\n" in text:
        return sum(_lines_of(line, width) for line in text.split("\n"))
    return max(1, ceil(SLACK * _width(text) / width))


def _parts(text: str, most: int = 2_000) -> list[str]:
    """Cut a long text into parts that a cell can hold and a page can show."""
    return [text[start : start + most] for start in range(0, len(text), most)] or [""]


def _spans(rows: Sequence[Sequence[str]]) -> list[int]:
    """Share the columns of a sheet of text among those of a table, by what stands in them; one each at least."""
    wide = np.array([max(_width(str(row[k])) for row in rows) for k in range(len(rows[0]))], dtype="float64")
    wide = np.sqrt(np.clip(wide, 4, 400))
    spans = np.ones(len(wide), dtype="int64")
    while spans.sum() < GRID:
        spans[np.argmax(wide / spans)] += 1
    return [int(span) for span in spans]
