"""The report as a workbook: sheets that an office reads, filters, fills in and prints."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat, tee
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.explanation import Explanation, named_causes
from fanpin_risk.features.feature import CAUSES
from fanpin_risk.files import CREATED, file_mark
from fanpin_risk.model.tiers import DISAGREEMENTS, SHOWN_CAUSES, TIERS, doubts_in_words
from fanpin_risk.progress import Progress
from fanpin_risk.records.places import NO_CODE, UNKNOWN_PLACE
from fanpin_risk.reports.contents import Contents
from fanpin_risk.reports.guide import PROPOSES, how_to_read
from fanpin_risk.reports.household_cards import income_messages, reason_messages
from fanpin_risk.reports.languages import ReportLanguage, shown_in
from fanpin_risk.reports.monitored_list import MonitoredList, monitored_columns
from fanpin_risk.reports.moves import moved_columns
from fanpin_risk.reports.places import PLACE_LEVELS
from fanpin_risk.reports.register_tables import COVERAGE_STATES, NEED_LABELS, SEVERITY_LABELS, column_label, table_label
from fanpin_risk.reports.rule_words import rule_columns
from fanpin_risk.reports.sheet_writer import (
    BAR,
    HEAT_SHADES,
    ROWS_IN_MEMORY,
    SheetColumn,
    SheetWriter,
    cell_rows,
    plain_cells,
)
from fanpin_risk.words import LANGUAGES, Message

__all__ = ["write_workbook"]

WHAT_WIDTH, VALUE_WIDTH = 50.0, 48.0  # of the two columns of the summary, in characters
ROWS_BETWEEN_NEWS = 2_000
COVERAGE_BAR = "#BDD7EE"
ENOUGH = {True: Message("enough"), False: Message("too little")}
MONITORED_LABELS = {"True": Message("yes"), "False": Message("no")}
SHEET_NAMES = {
    "summary": Message("Summary"),
    "watchlist": Message("Watch list"),
    "below": Message("Below the line"),
    "by_rule": Message("Listed by a rule"),
    "differing": Message("Rules and model differ"),
    "monitored": Message("Monitored households"),
    "moves": Message("Changes", context="workbook"),
    "places": Message("Places", context="workbook"),
    "causes": Message("Causes by place"),
    "rows": Message("Rows read", context="workbook"),
    "coverage": Message("Coverage"),
    "rejects": Message("Rejected rows"),
    "guide": Message("How to read"),
    "card": Message("Model card"),
}
# How the figures of the summary look, by their kind.
FIGURE_LOOKS = {"count": "count_left", "share": "share_left", "number": "decimal_left", "day": "day"}


def write_workbook(
    contents: Contents,
    path: Path,
    *,
    lang: ReportLanguage = "zh",
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

    # Rows are kept until the end in a folder beside the file, where they are as private as the file.
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
            report = _Report(book, contents, lang, progress)
            book.set_properties({"created": CREATED, "title": report.title, "category": file_mark("report")})
            report.write(n_households=n_households, rejects=rejects)
            book.close()
        except FileCreateError as error:
            found = error.__context__
            raise found if isinstance(found, OSError) else OSError(str(error)) from error
        finally:
            for sheet in book.worksheets():
                if not sheet.row_data_fh_closed:
                    sheet.row_data_fh.close()


class _Report(SheetWriter):
    """The sheets of a report."""

    def __init__(self, book: Any, contents: Contents, lang: ReportLanguage, progress: Progress | None) -> None:
        super().__init__(book, lang, title=_title(contents, lang), source=contents.model_label)
        self.contents, self.progress = contents, progress
        self.done, self.total = 0, 0

    def write(self, *, n_households: int | None, rejects: bool) -> None:
        """Write all sheets."""
        listed, explanation = self.contents.watchlist, self.contents.explanation
        if n_households is not None:  # the highest risks, in the order of the list, which may be one of each area
            keep = np.sort(np.argsort(-listed["risk"].to_numpy(), kind="stable")[:n_households])
            listed, explanation = listed.iloc[keep], explanation[keep]
        others = (self.contents.counts, self.contents.coverage, *([self.contents.rejects] if rejects else []))
        below, below_explanation = self.contents.below_line, self.contents.below_explanation
        by_rule, differing = self.contents.by_rule, self.contents.differing
        if n_households is not None:
            below, below_explanation = below.head(n_households), below_explanation[:n_households]
            by_rule, differing = by_rule.head(n_households), differing.head(n_households)
        monitored = self.contents.monitored.first(n_households)
        written = (listed, below, by_rule, differing, monitored.households, *others)
        self.total = sum(map(len, written)) + 2 * len(self.contents.places)
        self.summary(len(listed))
        self.watchlist(listed, explanation)
        if len(below):
            self.below_line(below, below_explanation)
        if len(by_rule):
            self.by_rule("by_rule", by_rule)
        if len(differing):
            self.by_rule("differing", differing)
        if len(monitored.households):
            self.monitored(monitored)
        if (moves := self.contents.moves) is not None:
            told = moved_columns(moves, self.say, n_reasons=self.contents.n_reasons)
            columns = [*self.household_columns(moves.households), *told]
            self.table(SHEET_NAMES["moves"], columns, len(moves.households), frozen=2)
        self.places()
        self.causes()
        self.rows()
        self.coverage()
        if rejects and len(self.contents.rejects):
            self.rejects()
        for lang in LANGUAGES:
            if self.lang in (lang, "both"):
                self.document(how_to_read(lang), SHEET_NAMES["guide"].shown(lang))
                self.document(self.contents.card[lang], SHEET_NAMES["card"].shown(lang))
        if self.progress is not None:
            self.progress(self.total, self.total, "")

    def row_written(self, sheet: str) -> None:
        """Report progress."""
        self.done += 1
        if self.progress is not None and self.done % ROWS_BETWEEN_NEWS == 0:
            self.progress(min(self.done, self.total), self.total, sheet)

    # --- sheets -------------------------------------------------------------------------------------------------
    def summary(self, shown: int) -> None:
        """Write the first sheet: warnings, main figures, causes."""
        contents = self.contents
        sheet = self.new(self.say(SHEET_NAMES["summary"], " "), landscape=False)
        sheet.set_column(0, 0, WHAT_WIDTH)
        sheet.set_column(1, 1, VALUE_WIDTH)
        line = 0
        self.merged(sheet, line, 0, 1, self.title, "title", WHAT_WIDTH + VALUE_WIDTH)
        notes = list(contents.notes)
        if shown < len(contents.watchlist):
            notes.append(
                Message(
                    "The list has {listed:,} households; the sheet shows the {shown:,} with the highest risks.",
                    listed=len(contents.watchlist),
                    shown=shown,
                )
            )
        for note, look in [(PROPOSES, "strong"), *((note, "important") for note in notes)]:
            line += 1
            self.merged(sheet, line, 0, 1, self.say(note), look, WHAT_WIDTH + VALUE_WIDTH)
        line += 2
        self.put(sheet, line, 0, self.say(Message("What"), " "), "header")
        self.put(sheet, line, 1, self.say(Message("Value"), " "), "header")
        for row in contents.summary.to_dict("records"):
            line += 1
            what, text = self.say(row["label"]), self.say(row["text"])
            self.set_height(sheet, line, (what, text), (WHAT_WIDTH, VALUE_WIDTH))
            self.put(sheet, line, 0, what, "text")
            look = "text" if row["value"] is None else FIGURE_LOOKS.get(row["kind"], "text")
            self.put(sheet, line, 1, text if look == "text" else row["value"], look)
        self.main_causes(sheet, line + 2)

    def main_causes(self, sheet: Any, line: int) -> None:
        """Write below the figures how many households above the low tier have which main cause."""
        causes = self.contents.causes[self.contents.causes["level"] == "county"]
        flagged = causes.groupby("cause", sort=False)["flagged"].sum()
        flagged = flagged[flagged > 0].sort_values(ascending=False, kind="stable")
        if not len(flagged):
            return
        header = self.say(Message("Main cause of households of medium or high risk"))
        self.set_height(sheet, line, (header,), (WHAT_WIDTH,))
        self.put(sheet, line, 0, header, "header")
        self.put(sheet, line, 1, self.say(Message("Households"), " "), "header")
        for number, (cause, count) in enumerate(flagged.items(), start=line + 1):
            self.put(sheet, number, 0, self.say(CAUSES[str(cause)], " "), "text")
            self.put(sheet, number, 1, int(count), "count")
        self.bars(sheet, line + 1, line + len(flagged), 1, BAR)

    def watchlist(self, listed: pd.DataFrame, explanation: Explanation) -> None:
        """Write whom to visit and why, with room for what was found."""
        tiers = listed["tier"].astype("str").tolist()  # codes, which are names of looks as well
        months = self.contents.horizon_months
        columns = list(self.household_columns(listed))
        if "area" in listed.columns:
            columns.append(SheetColumn(Message("Rank in its area"), 8, "count", listed["rank"]))
        columns += [
            SheetColumn(
                Message("Risk in {months} months", months=months), 9, "share1", listed["risk"],
                bar=BAR,
            ),
            SheetColumn(Message("Low (years differ)"), 7.5, "share1", listed["risk_low"]),
            SheetColumn(Message("High (years differ)"), 7.5, "share1", listed["risk_high"]),
            SheetColumn(Message("Tier"), 7, tiers, self.named(tiers, TIERS)),
            *rule_columns(listed, self.say),
            self.cause_column(listed),
            self.income_column(explanation),
            *self.reason_columns(explanation),
            *self.record_columns(listed),
        ]  # fmt: skip
        if listed["monitored"].fillna(False).any():
            monitored = self.named(listed["monitored"].astype("str"), MONITORED_LABELS)
            columns.append(SheetColumn(Message("Monitored", context="workbook"), 9, "text", monitored))
        columns += self.visit_columns(len(listed))
        self.table(SHEET_NAMES["watchlist"], columns, len(listed), frozen=2)

    def below_line(self, below: pd.DataFrame, explanation: Explanation) -> None:
        """Write who is below the line already: by id, without a risk, with room for what was found."""
        columns = [
            *self.household_columns(below),
            self.income_column(explanation, 40),
            self.cause_column(below),
            *self.record_columns(below),
            *self.visit_columns(len(below)),
        ]
        self.table(SHEET_NAMES["below"], columns, len(below), frozen=2)

    def by_rule(self, sheet: str, listed: pd.DataFrame) -> None:
        """Write whom rules list, or where rules and model do not say the same: the rule first, with room for what was found."""
        tiers = listed["tier"].astype("object").where(listed["tier"].notna(), "").tolist()
        columns = list(self.household_columns(listed))
        if "disagreement" in listed.columns:
            kinds = listed["disagreement"].astype("str")
            columns.append(SheetColumn(Message("What differs"), 13, "text", self.named(kinds, DISAGREEMENTS)))
        columns += [
            *rule_columns(listed, self.say, width=45),
            SheetColumn(
                Message("Risk in {months} months", months=self.contents.horizon_months), 9, "share1", listed["risk"]
            ),
            SheetColumn(
                Message("Tier"), 7, [tier or "text" for tier in tiers], (self.say(TIERS[tier]) if tier else "" for tier in tiers)
            ),
            self.cause_column(listed),
            *self.record_columns(listed),
            *self.visit_columns(len(listed)),
        ]  # fmt: skip
        self.table(SHEET_NAMES[sheet], columns, len(listed), frozen=2)

    def monitored(self, monitored: MonitoredList) -> None:
        """Write who is monitored, since when, as what and with which measures, with room for what was found."""
        contents, listed = self.contents, monitored.households
        columns = [
            *self.household_columns(listed),
            *monitored_columns(
                listed, self.say, event=contents.monitored_event, horizon_months=contents.monitored_months
            ),
            *(() if monitored.explanation is None else self.reason_columns(monitored.explanation)),
            *self.record_columns(listed),
            *self.visit_columns(len(listed)),
        ]
        self.table(SHEET_NAMES["monitored"], columns, len(listed), frozen=2)

    def household_columns(self, listed: pd.DataFrame) -> Iterator[SheetColumn]:
        """Yield the columns that say which household a row is of."""
        unknown, no_code = self.say(UNKNOWN_PLACE, " "), self.say(NO_CODE, " ")
        yield SheetColumn(Message("No."), 6, "number", listed["number"])
        yield SheetColumn(Message("Household"), 13, "id", listed["household_id"])
        yield SheetColumn(Message("Place", context="workbook"), 16, "text", listed["place"].replace("", unknown))
        yield SheetColumn(Message("Area code"), 13.5, "id", listed["area_code"].fillna(no_code))

    def cause_column(self, listed: pd.DataFrame) -> SheetColumn:
        """Return the column of the causes on record."""
        texts = (self.say(named_causes(codes)) for codes in listed[list(SHOWN_CAUSES)].itertuples(index=False))
        return SheetColumn(Message("Causes, the main one first"), 13, "text", texts)

    def record_columns(self, listed: pd.DataFrame) -> Iterator[SheetColumn]:
        """Yield the columns that say how far the records of a household can be leant on."""
        enough = (self.say(ENOUGH[bool(known)]) for known in listed["enough_known"])
        yield SheetColumn(Message("Records", context="workbook"), 7.5, "text", enough)
        if (listed["doubts"] != "").any():
            doubts = (self.say(doubts_in_words(codes), "\n") if codes else "" for codes in listed["doubts"])
            yield SheetColumn(Message("In doubt: verify first", context="workbook"), 20, "text", doubts)

    def visit_columns(self, rows: int) -> list[SheetColumn]:
        """Return the columns that are filled in on the visit."""
        return [
            SheetColumn(Message("Visited on"), 9.5, "day", repeat(None, rows)),
            SheetColumn(Message("Found"), 15, "text", repeat(None, rows)),
        ]

    def income_column(self, explanation: Explanation, width: float = 20) -> SheetColumn:
        """Return the column that tells how the income stands to the line."""
        texts = (self.say(told) for part in _parts_of(explanation) for told in income_messages(part))
        return SheetColumn(Message("Income", context="workbook"), width, "text", texts)

    def reason_columns(self, explanation: Explanation) -> Iterator[SheetColumn]:
        """Yield a column for each reason; all raise the risk, so the header says it once."""
        n_reasons = self.contents.n_reasons
        width = 26 if self.lang == "zh" else 31

        def texts() -> Iterator[list[str]]:
            for part in _parts_of(explanation):
                for reasons in reason_messages(part, n_reasons):
                    yield [self.say(reason) for reason, _ in reasons] + [""] * (n_reasons - len(reasons))

        # All columns of a table are read side by side, so that only one row of reasons is held at a time.
        for k, rows in enumerate(tee(texts(), n_reasons)):
            header = Message("What raises the risk {number}", number=k + 1)
            yield SheetColumn(header, width, "text", map(itemgetter(k), rows))

    def places(self) -> None:
        """Write the figures of every place."""
        places = self.contents.places
        headers = {
            "households": Message("Households scored"),
            "monitored": Message("Monitored"),
            "listed": Message("To visit"),
            "high": Message("High", context="workbook"),
            "medium": Message("Medium", context="workbook"),
            "low": Message("Low"),
        }
        if len(self.contents.below_line):
            headers["below_line"] = SHEET_NAMES["below"]
        raised = ["" if level == "village" else "+" for level in places["level"]]
        text, count, share, number = (
            [f"{look}{end}" for end in raised] for look in ("text", "count", "share", "number")
        )
        columns = [
            *self.place_columns(raised),
            *(SheetColumn(header, 11, count, places[name]) for name, header in headers.items()),
            SheetColumn(Message("Mean risk"), 13, share, places["mean_risk"], bar=BAR),
            SheetColumn(Message("Too little on record", context="workbook"), 11, number, places["not_enough_known"]),
            SheetColumn(
                Message("Main cause where risk is medium or high"), 18, text,
                self.named(places["cause"], CAUSES, "\n"),
            ),
        ]  # fmt: skip
        self.table(SHEET_NAMES["places"], columns, len(places), frozen=3)

    def causes(self) -> None:
        """Write in how many households of medium or high risk each cause is the main one, place by place."""
        places, causes = self.contents.places, self.contents.causes
        order = causes["cause"].drop_duplicates().tolist()
        flagged = causes["flagged"].to_numpy(dtype="float64", na_value=np.nan).reshape(len(places), len(order))
        raised = ["" if level == "village" else "+" for level in places["level"]]
        most = np.ones((len(places), 1))
        for rows in places.groupby("level", sort=False).indices.values():
            most[rows] = max(1.0, np.nanmax(flagged[rows], initial=0.0))
        shade = np.ceil(np.nan_to_num(flagged) * HEAT_SHADES / most).astype("int64")
        columns = self.place_columns(raised)
        for k, cause in enumerate(order):
            if np.nansum(flagged[:, k]):
                looks = [f"heat{number}{end}" for number, end in zip(shade[:, k], raised, strict=True)]
                columns.append(SheetColumn(CAUSES[cause], 12, looks, flagged[:, k]))
        self.table(SHEET_NAMES["causes"], columns, len(places), frozen=3)

    def place_columns(self, raised: Sequence[str]) -> list[SheetColumn]:
        """Return the columns that say which place a row is of; `raised` ends the looks of units that have parts."""
        places = self.contents.places
        text, code = ([f"{look}{end}" for end in raised] for look in ("text", "id"))
        unknown, no_code = self.say(UNKNOWN_PLACE, " "), self.say(NO_CODE, " ")
        names = [name if area else unknown for name, area in zip(places["name"], places["area"], strict=True)]
        codes = places["area"].where(places["area"].str.isdecimal(), no_code)
        return [
            SheetColumn(Message("Level"), 10, text, self.named(places["level"], PLACE_LEVELS)),
            SheetColumn(Message("Area code"), 16, code, codes),
            SheetColumn(Message("Name"), 26, text, names),
        ]

    def rows(self) -> None:
        """Write how many rows were read, kept and rejected, and what was found."""
        counts, problems = self.contents.counts, self.contents.problems
        given = {True: Message("yes", context="given"), False: Message("not given")}
        sheet = self.table(
            SHEET_NAMES["rows"],
            [
                SheetColumn(Message("Table"), 20, "text", self.tables(counts["table"])),
                SheetColumn(Message("Given"), 22, "text", self.named(counts["supplied"], given)),
                SheetColumn(Message("Rows read"), 14, "count", counts["rows_read"]),
                SheetColumn(Message("Rows kept"), 14, "count", counts["rows_kept"]),
                SheetColumn(Message("Rows rejected"), 14, "count", counts["rows_rejected"]),
            ],
            len(counts),
            frozen=1,
            filtered=False,
        )
        line = len(counts) + 2
        found = [
            SheetColumn(Message("Table"), 20, "text", self.tables(problems["table"])),
            SheetColumn(Message("Column"), 22, "text", self.columns(problems)),
            SheetColumn(Message("What was done"), 14, "text", self.named(problems["severity"], SEVERITY_LABELS)),
            SheetColumn(Message("Rows"), 14, "count", problems["rows"]),
            SheetColumn(Message("Code"), 19, "text", problems["code"]),
            SheetColumn(Message("Expected"), 60, "text", (self.say(text) for text in problems["expected"])),
        ]
        for place, column in enumerate(found):
            sheet.set_column(place, place, column.width)
        if len(problems):
            self.headers(sheet, line, found)
            sheet.autofilter(line, 0, line + len(problems), len(found) - 1)
            for number, row in enumerate(cell_rows(found), start=line + 1):
                self.cells(sheet, number, row, found)
        else:
            self.put(sheet, line, 0, self.say(Message("No problem was found."), " "), "plain")

    def coverage(self) -> None:
        """Write how far each column is filled."""
        coverage = self.contents.coverage
        states = [note.partition(";")[0] for note in coverage["note"]]
        columns = [
            SheetColumn(Message("Table"), 18, "text", self.tables(coverage["table"])),
            SheetColumn(Message("Column"), 26, "text", self.columns(coverage)),
            SheetColumn(Message("Need"), 10, "text", self.named(coverage["need"], NEED_LABELS)),
            SheetColumn(Message("Rows"), 12, "count", coverage["rows"]),
            SheetColumn(Message("Filled"), 12, "count", coverage["filled"]),
            SheetColumn(Message("Share", context="workbook"), 14, "share", coverage["share"], bar=COVERAGE_BAR),
            SheetColumn(Message("State"), 10, "text", self.named(states, COVERAGE_STATES)),
        ]
        self.table(SHEET_NAMES["coverage"], columns, len(coverage), frozen=2, landscape=False)

    def rejects(self) -> None:
        """Write every rejected row by its number, without its values."""
        rejects = self.contents.rejects
        reasons = zip(plain_cells(rejects["message"]), plain_cells(rejects["message_zh"]), strict=True)
        columns = [
            SheetColumn(Message("Table"), 18, "text", self.tables(rejects["table"])),
            SheetColumn(Message("File (sheet)"), 36, "text", rejects["source"]),
            SheetColumn(Message("Row"), 10, "number", rejects["row"]),
            SheetColumn(Message("Reason"), 70, "text", (self.say(Message(en, zh=zh)) for en, zh in reasons)),
        ]
        self.table(SHEET_NAMES["rejects"], columns, len(rejects), frozen=1)

    # --- names --------------------------------------------------------------------------------------------------
    def tables(self, names: pd.Series) -> Iterable[str]:
        """Yield the names of tables."""
        return (self.say(table_label(name)) for name in plain_cells(names))

    def columns(self, frame: pd.DataFrame) -> Iterable[str]:
        """Yield the names of columns."""
        pairs = zip(plain_cells(frame["table"]), plain_cells(frame["column"]), strict=True)
        return (self.say(column_label(table, column)) for table, column in pairs)


def _parts_of(explanation: Explanation) -> Iterator[Explanation]:
    """Yield few households at a time, so that not all their sentences are held."""
    for start in range(0, len(explanation), ROWS_IN_MEMORY):
        yield explanation[np.arange(start, min(start + ROWS_IN_MEMORY, len(explanation)))]


def _title(contents: Contents, lang: ReportLanguage) -> str:
    """Name the report by its day."""
    name = Message("Whom to visit first: risk of returning to poverty")
    day = f"{contents.as_of:%Y-%m-%d}"
    if lang == "both":
        return f"{shown_in(name, lang, '  ')}  {day}"
    return Message("{name}, {day}", name=name, day=day).shown(lang)
