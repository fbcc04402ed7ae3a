"""From a list of households to the workbooks that visitors carry and offices fill in."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from fanpin_risk.arguments import of_type, one_of, switch, whole_number
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import SchemaError
from fanpin_risk.files import CREATED, file_mark, new_folder
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.progress import Progress
from fanpin_risk.records.cells.dates import read_day
from fanpin_risk.records.places import NO_CODE, unit_of
from fanpin_risk.records.register import Register
from fanpin_risk.reports.place_names import place_names
from fanpin_risk.reports.sheet_writer import SheetColumn
from fanpin_risk.visits.blocks import HouseholdBlock, household_blocks
from fanpin_risk.visits.own_names import own_names
from fanpin_risk.visits.printed_page import printed_page
from fanpin_risk.visits.row_keys import list_id_of
from fanpin_risk.visits.sheet_layout import ListFacts, VisitWriter
from fanpin_risk.words import LANGUAGES, Language, Message

__all__ = ["MOST_PRINTED_REASONS", "visit_sheets"]

Carried = Literal["village", "visitor"]
CARRIED: tuple[Carried, ...] = ("village", "visitor")
MOST_PRINTED_REASONS = 5
SHEET_LETTERS = 31  # of the name of a sheet
NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\'\x00-\x1f<>|\"]+")
NO_VISITOR = Message("no visitor named")
HOW_TO_FILL = (
    Message("Fill in the white fields only; choose from the list of each field. An empty field says that nothing was seen or asked."),
    Message("A household without an entry counts as not visited, not as refuted."),
    Message("Leave the keys in the first column as they are: by them the answers find their household, whatever the order of the rows."),
    Message("The visitor is named by a code of the office, such as V01, not by name."),
    Message("The list proposes visits. Whether a household is monitored is decided by people, after the visit."),
    Message("The sheets hold personal data: they go to those who visit, and to nobody else."),
)  # fmt: skip


def visit_sheets(
    list: pd.DataFrame,  # noqa: A002  the word users expect
    register: Register,
    model: RiskModel,
    folder: str | os.PathLike[str],
    *,
    as_of: Any = None,
    names: str | os.PathLike[str] | pd.DataFrame | None = None,
    per: Carried = "village",
    lang: Language = "zh",
    n_reasons: int = 3,
    contradictions: pd.DataFrame | None = None,
    entitlements: pd.DataFrame | None = None,
    earlier: pd.DataFrame | None = None,
    places: Mapping[str, str] | Callable[[str], str] | None = None,
    mask: bool = False,
    pages: bool = False,
    id_key: bytes | str | Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> list[Path]:
    """Write the sheets of a list: two households on a page of A4, with fields to fill in by hand or by choosing.

    Each household has a block: who lives there, why it is listed, what is not on record, what to check, and the fields of a
    visit. All but the fields is locked. What comes back is read by :func:`fanpin_risk.read_visits`.

    Parameters
    ----------
    list : DataFrame
        From :func:`fanpin_risk.watchlist`, or any other with ``household_id``. Where they are there, its columns ``area_code``,
        ``tier``, ``why_listed``, ``cause`` ..., ``what_to_check``, ``visitor``, ``list_id``, ``earlier_result`` and
        ``earlier_on`` are used.
    register : Register
        Checked records.
    model : RiskModel
        Whose reasons are printed.
    folder : path-like
        Folder to write, whole or not at all.
    as_of : date-like, optional
        The day; nothing recorded later is printed. Default: the day in the column ``as_of`` of the list.
    names : path-like or DataFrame, optional
        A csv or workbook, or a frame, with ``household_id`` (户编号), ``name`` (姓名) and ``address`` (住址). They are written
        into the sheets and nowhere else.
    per : {"village", "visitor"}, default "village"
        ``"village"``: a workbook for each township with a sheet for each village. ``"visitor"``: a workbook for each visitor,
        by the column ``visitor`` of the list.
    lang : {"zh", "en"}, default "zh"
        Of the sheets.
    n_reasons : int, default 3
        Reasons of the model for each household, up to 5.
    contradictions, entitlements : DataFrame, optional
        From :func:`fanpin_risk.contradictions` and :func:`fanpin_risk.entitlements`: those answered yes are named, but no hints.
    earlier : DataFrame, optional
        Events with ``household_id``, ``event`` and ``on``, as from :func:`fanpin_risk.read_visits`: the last result up to the
        day is printed. With it, a list of households visited before is one of households to look at again (回头看).
    places : mapping of str to str, or callable, optional
        Area code -> name, or what :func:`fanpin_risk.reports.place_names.place_names` returned. Default: names in the register.
    mask : bool, default False
        Whether no id of a household is written: then only :func:`fanpin_risk.read_visits` with this list finds the households.
    pages : bool, default False
        Whether each workbook gets a page beside it, under the same name with ``.html``: the same blocks with boxes to tick by
        pen, which a browser prints, or saves as PDF, on A4.
    id_key : bytes, str or Path, optional
        Key with which the register was read: ids in `names` are replaced by it.
    overwrite : bool, default False
        Whether sheets that nobody filled in are replaced. Others are kept.
    progress : callable, optional
        Called with (done, total, what).

    Returns
    -------
    list of Path
        The workbooks, by place or visitor; pages are not among them.

    Raises
    ------
    SchemaError
        If the list is no list, names a household twice or one that the register does not know, or is of several lists.
    InputError
        If the folder holds something else, sheets that were filled in, or cannot be written.

    Examples
    --------
    >>> import tempfile, fanpin_risk as fr
    >>> model, register = fr.load_model("demo"), fr.make_register(200, random_state=1)
    >>> wanted = fr.watchlist(model.score(register, "2024-12-31"), capacity=3)
    >>> with tempfile.TemporaryDirectory() as place:
    ...     sheets = fr.visit_sheets(wanted, register, model, place + "/sheets")
    ...     fr.read_visits(sheets).shape[0]  # nobody was visited yet
    0
    """
    table = _checked_list(list)
    one_of("per", per, CARRIED)
    one_of("lang", lang, LANGUAGES)
    whole_number("n_reasons", n_reasons, 0, MOST_PRINTED_REASONS)
    switch("mask", mask)
    switch("pages", pages)
    if per == "visitor" and "visitor" not in table.columns:
        raise SchemaError(
            "the list has no column visitor; name who visits each household in one, or choose per='village'"
        )
    said = {"contradictions": contradictions, "entitlements": entitlements, "earlier": earlier}
    for argument, frame in said.items():
        if frame is not None:
            _has_columns(
                frame, argument, ("household_id", *(("event", "on") if argument == "earlier" else ("rule", "answer")))
            )
    day = _day_of_list(table, as_of)
    facts = ListFacts(list_id=list_id_of(table), as_of=f"{day:%Y-%m-%d}", model=_model_of_list(table, model), lang=lang)
    table = _with_areas(table, register, day)
    blocks = household_blocks(
        table, register, model, day, list_id=facts.list_id, lang=lang, n_reasons=n_reasons, mask=mask,
        said={argument: frame for argument, frame in said.items() if frame is not None},
        names=own_names(names, id_key=id_key),
    )  # fmt: skip
    named = places if callable(places) else place_names(register, day, places or {})
    books = _books(table, blocks, per, named, lang)
    folder = Path(folder)
    with new_folder(folder, "visits", overwrite=overwrite) as target:
        for number, book in enumerate(books):
            _write_book(target / book.file, book, facts)
            if pages:
                page = printed_page(_title_of(book, lang), book.sheets, book.high, facts)
                (target / book.file).with_suffix(".html").write_text(page, encoding="utf-8")
            if progress is not None:
                progress(number + 1, len(books), book.file)
    return [folder / book.file for book in books]


@dataclass(frozen=True)
class _Book:
    """A workbook: its file, its title, and its sheets with the blocks of each and how many have a high risk."""

    file: str
    title: str
    sheets: dict[str, list[HouseholdBlock]]
    high: dict[str, int]


def _checked_list(table: Any) -> pd.DataFrame:
    """Return the list with its index renewed, or say what is wrong with it."""
    of_type("list", table, pd.DataFrame, Message("the table that watchlist() returns"))
    _has_columns(table, "list", ("household_id",))
    repeated = int(table["household_id"].duplicated().sum())
    if repeated or table["household_id"].isna().any():
        raise SchemaError(
            "{count} rows of the list have no household_id or repeat one; give each household once",
            count=repeated + int(table["household_id"].isna().sum()),
        )
    return table.reset_index(drop=True)


def _has_columns(frame: Any, argument: str, needed: Sequence[str]) -> None:
    of_type(argument, frame, pd.DataFrame, Message("a DataFrame"))
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise SchemaError("{argument} has no column {missing}", argument=argument, missing=missing)


def _day_of_list(table: pd.DataFrame, as_of: Any) -> pd.Timestamp:
    if as_of is not None:
        return read_day(as_of, "as_of")
    days = {*table["as_of"].dropna()} if "as_of" in table.columns else set()
    if len(days) != 1:
        raise SchemaError("as_of is not given, and the list has no column as_of with one day; name the day")
    return pd.Timestamp(days.pop())


def _model_of_list(table: pd.DataFrame, model: RiskModel) -> str:
    """Return by which model the list was made, as the list says, else the one given."""
    if "model" in table.columns and len(table):
        return str(table["model"].iloc[0])
    return model.label


def _with_areas(table: pd.DataFrame, register: Register, day: pd.Timestamp) -> pd.DataFrame:
    """Add the areas of the register where the list has none."""
    if "area_code" in table.columns:
        return table
    here = Snapshot(register, day)
    known = pd.Series(here.area_codes, index=here.household_ids, dtype="str")
    return table.assign(area_code=known.reindex(table["household_id"].astype("str")).fillna("").to_numpy())


def _books(
    table: pd.DataFrame, blocks: Sequence[HouseholdBlock], per: Carried, named: Any, lang: Language
) -> list[_Book]:
    """Divide the blocks among workbooks and sheets, in the order of places, and in that of the list within each."""
    codes = table["area_code"].astype("str")
    texts = table["area_name"] if "area_name" in table.columns else None
    units = {unit: unit_of(codes, unit, names=texts).tolist() for unit in ("township", "village")}
    if per == "village":
        owners, parts = units["township"], units["village"]
    else:
        owners = [block.visitor or NO_VISITOR.shown(lang) for block in blocks]
        parts = owners

    def called(place: str) -> str:
        return place if per == "visitor" else named(place) or place or NO_CODE.shown(lang)

    high = (table["tier"].astype("str") == "high").tolist() if "tier" in table.columns else [False] * len(blocks)
    books, files = [], set[str]()
    for owner in sorted(set(owners)):
        sheets: dict[str, list[HouseholdBlock]] = {}
        urgent: dict[str, int] = {}
        inside = called(owner)
        for part in sorted({part for one, part in zip(owners, parts, strict=True) if one == owner}):
            rows = [row for row in range(len(blocks)) if owners[row] == owner and parts[row] == part]
            name = _not_taken(_sheet_name(called(part).removeprefix(inside) or inside), sheets)
            sheets[name], urgent[name] = [blocks[row] for row in rows], sum(high[row] for row in rows)
        file = _not_taken(
            NOT_IN_NAMES.sub("", f"{owner} {inside}" if owner != inside else inside).strip(" .") or "sheets", files
        )
        files.add(file)
        books.append(_Book(f"{file}.xlsx", inside, sheets, urgent))
    return books


def _sheet_name(text: str) -> str:
    return NOT_IN_NAMES.sub("", text).strip()[:SHEET_LETTERS] or "-"


def _not_taken(name: str, taken: Any) -> str:
    """Return a name that is not taken yet, whether letters are large or small."""
    used = {one.lower() for one in taken}
    found, number = name, 2
    while found.lower() in used:
        found = f"{name[: SHEET_LETTERS - 4]} {number}"
        number += 1
    return found


def _title_of(book: _Book, lang: Language) -> str:
    return Message("Visit sheet: {place}", place=book.title).shown(lang)


def _write_book(path: Path, book: _Book, facts: ListFacts) -> None:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    title = _title_of(book, facts.lang)
    with xlsxwriter.Workbook(str(path), options) as target:
        target.set_properties({"created": CREATED, "title": title, "category": file_mark("visits")})
        writer = VisitWriter(target, facts, title=title)
        figures = [(name, len(blocks), book.high[name]) for name, blocks in book.sheets.items()]
        writer.summary(Message("Summary"), [*_summary_columns(figures, facts.lang)], len(figures) + 1, HOW_TO_FILL)
        for name, blocks in book.sheets.items():
            writer.households(name, blocks)
        writer.hidden_sheets()


def _summary_columns(figures: Sequence[tuple[str, int, int]], lang: Language) -> Iterator[SheetColumn]:
    names, counts, high = ([*column] for column in zip(*figures, strict=True))
    looks = ["text"] * len(names) + ["text+"]
    yield SheetColumn(Message("Sheet"), 34, looks, [*names, Message("All").shown(lang)])
    for header, cells in ((Message("Households to visit"), counts), (Message("Of these with a high risk"), high)):
        yield SheetColumn(header, 18, ["count"] * len(cells) + ["count+"], [*cells, sum(cells)])
    yield SheetColumn(Message("Visited by"), 20, looks, [""] * (len(names) + 1))
