"""The one place that says which columns of a sheet belong to which table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fanpin_risk.records.among_amounts import columns_among_amounts
from fanpin_risk.records.amount_headers import read_amount_header, years_in
from fanpin_risk.records.cells import Fault
from fanpin_risk.records.cells.cleaning import plain_signs
from fanpin_risk.records.declarations import Table
from fanpin_risk.records.headers import ANY_BRACKET, header_key
from fanpin_risk.records.layout import Layout, doubtful_columns, lay_months, lay_out
from fanpin_risk.records.read.accounts import merged_columns, why_no_account, with_data_date
from fanpin_risk.records.read.blank_below import BlankBelow
from fanpin_risk.records.read.builder import ROW_FAULTS
from fanpin_risk.records.read.hidden import lay_hidden
from fanpin_risk.records.read.leavers import closed_households, with_endings
from fanpin_risk.records.read.measures import has_measure, measures_of
from fanpin_risk.records.read.monitored import (
    FLAGS,
    by_status,
    denials,
    flags_and_type,
    lists_candidates,
    named_candidates,
    says_who_is_taken_up,
    type_in_status,
    who_denies,
    with_entries,
    without_refused,
)
from fanpin_risk.records.read.other_rows import odd_rows, other_rows
from fanpin_risk.records.read.rolls import is_register_by_itself, lists_households, says_who_it_is_about, without_faults
from fanpin_risk.records.read.type_codes import with_type_codes
from fanpin_risk.records.rows import BESIDE_RANK, ROLL_RANK, RawRows
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.sheets import BY_HEADERS, IGNORE, NAMED_PART, Dating, Sheet, SheetHead

__all__ = [
    "LIKELY_RANK",
    "Assignment",
    "assign",
    "choose_rolls",
    "has_a_row_per_member",
    "roll_of",
    "share_out",
    "table_by_headers",
    "tables_named",
]

LIKELY_RANK = 1
IDS = ("household_id", "member_id")
# Tables of which a sheet of another table may hold columns as well, those first whose columns say most clearly whose they are.
BESIDE = ("members", "incomes", "households", "monitoring", "disabilities", "enrolments")
PERSON_HEADER = re.compile(
    r"(?:家庭)?(?:成员|人员)?(?:姓名|证件号码?|身份证号码?)"
)  # not that of the head, which a sheet of households has too
AGE = re.compile(r"(?:成员|人员|本人|户主|实际|实足)?(?:年龄|周岁|岁数|实岁|虚岁)|age")
ONE_ROW_EACH = ("households", "members", "incomes")  # tables of which every row of a sheet says something
NAME_NOISE = re.compile(r"\d+(?:年度?|月份?|日)?|[\s_()\[\]【】.,\-–—+&#@]+")
SHEET_NAME_TAIL = re.compile(r"(?:信息|情况|明细|基础|数据|登记|统计|汇总|导出|名单|花名册|台账|清单|表|册)+$")


@dataclass(frozen=True, slots=True)
class Assignment:
    """The columns of a sheet that belong to one table.

    Attributes
    ----------
    table : Table
    layout : Layout
        Which column of the sheet holds which column of the table.
    rank : int
        How clear it is that the sheet is of the table: 0 named as the table is, 1 named much like it, 2 known by its
        headers alone, 3 a few columns beside those of another table, 4 only the numbers of households. Of an entity that
        two sheets are about, the clearer one decides.
    dating : Dating, optional
        Which days rows without a date of their own are about.
    whole : bool
        Whether the sheet is a register by itself; see :mod:`fanpin_risk.records.read.rolls`.
    lists : bool
        Whether all households in the sheet are of the register; see :mod:`fanpin_risk.records.read.rolls`.
    """

    table: Table
    layout: Layout
    rank: int = 0
    dating: Dating | None = None
    whole: bool = False
    lists: bool = False


def assign(head: SheetHead) -> tuple[Assignment, ...]:
    """Say which columns of a sheet belong to which table, by its names and its headers.

    Parameters
    ----------
    head : SheetHead

    Returns
    -------
    tuple of Assignment
        One per table, that of the sheet itself first; empty if neither its names nor its headers tell any. A column
        belongs to one table; ids and dates are of all.

    Examples
    --------
    >>> head = SheetHead(
    ...     file="2023.csv", source="2023.csv", headers=["人编号", "户编号", "年度", "与户主关系", "人口数"]
    ... )
    >>> [(assignment.table.name, assignment.rank) for assignment in assign(head)]
    [('members', 2), ('households', 3)]
    """
    if head.table == IGNORE or head.guessed:
        return ()
    layouts = {name: _layout(table, head) for name, table in TABLES.items()}
    denied, asked = denials(layouts["monitoring"]), any(name in layouts["monitoring"].columns for name in FLAGS)
    layouts["monitoring"] = type_in_status(layouts["monitoring"], layouts["households"])
    layouts["monitoring"] = flags_and_type(layouts["monitoring"], layouts["households"])
    chosen = (TABLES[head.table], 0) if head.table in TABLES else _choose_table(head, layouts)
    closed = closed_households(head, layouts) if head.table in ("", "households") else None
    if closed is not None:
        chosen, layouts["households"] = (TABLES["households"], 0), closed
    if chosen is None or chosen[0].name != "monitoring":
        layouts["monitoring"] = by_status(layouts["monitoring"], layouts["households"], head.headers)
    assignments, taken = list[Assignment](), set[int]()
    known = _known(layouts) | _of_single_years(head)
    if chosen is not None:
        table, rank = chosen
        own = layouts[table.name]
        assignments.append(Assignment(table, own, rank))
        taken |= set(own.positions)
    for name in BESIDE:
        table = TABLES[name]
        if any(assignment.table is table for assignment in assignments):
            continue
        layout = layouts[name].without(taken, keep={*_shared(table), *_status_of(table)})
        own_columns = layout.found - _shared(table)
        if (
            table.key[0] not in layout.found
            or not own_columns
            or not _has_needed(table, layout, beside=bool(assignments), asked=asked and name == "monitoring")
        ):
            continue
        if chosen is None and not assignments and not _headers_tell(table, layouts[name], known) and name != "members":
            continue
        assignments.append(Assignment(table, layout, BESIDE_RANK if assignments else 2))
        taken |= set(layout.positions)
    assignments += _of_years(head, assignments)
    states = [to.layout for to in assignments if to.table.name in ("households", "members")]
    assignments = [
        replace(to, layout=with_data_date(to.layout, to.dating or _dating(head, to.table), states, head))
        if to.table.name == "incomes"
        else to
        for to in assignments
    ]
    named_supports = any(to.table.name == "supports" for to in assignments)
    if measures := measures_of(head, layouts["supports"], set() if named_supports else taken):
        rank = assignments[0].rank if named_supports else BESIDE_RANK if assignments else 2
        assignments = [to for to in assignments if to.table.name != "supports"]
        assignments += [Assignment(TABLES["supports"], layout, rank) for layout in measures]
    if denied is not None and any(to.table.name == "monitoring" for to in assignments):
        assignments.append(Assignment(TABLES["monitoring"], denied, BESIDE_RANK))
    if lists_candidates(head):
        assignments = [to for to in assignments if to.table.name != "monitoring"]
    assignments = [replace(to, layout=with_endings(to.table.name, to.layout, head)) for to in assignments]
    assignments = [replace(to, rank=BESIDE_RANK) if to.layout.leavers else to for to in assignments]
    read = {place for place, header in enumerate(head.headers) if says_who_is_taken_up(header)}
    read = read.union(*(assignment.layout.positions for assignment in assignments))
    compared = {place for assignment in assignments for place, _ in assignment.layout.second}
    for assignment in assignments:  # what another table reads, or compares with what it reads, is not left out
        assignment.layout.left_out = [
            (place, why)
            for place, why in assignment.layout.left_out
            if place not in read and (place not in compared or why == "second_column_ignored")
        ]
    if "type" not in layouts["monitoring"].found and assignments:
        _name_days_without_type(assignments[0].layout, set(layouts["monitoring"].positions))
    for assignment in assignments[1:]:
        assignment.layout.left_out = []
    if any(to.table.name == "members" and "birth_date" not in to.layout.found for to in assignments):
        own = assignments[0].layout
        own.left_out = [(place, _why_left_out(head.headers[place], why)) for place, why in own.left_out]
    of_households = [to for to in assignments if "household_id" in to.layout.columns]
    of_households.sort(key=lambda to: to.table.name != "incomes")  # whose amounts they most likely are
    for to in of_households[:1]:
        to.layout.doubtful = doubtful_columns(head.headers, read | head.meanings.keys())
        known = {*read, *head.meanings, *to.layout.doubtful}
        to.layout.doubtful += columns_among_amounts(head.headers, to.layout, known)
        lay_months(head.headers, to.table, to.layout)
    lay_hidden(head, [(to.layout, to.dating) for to in of_households])
    for to in assignments:
        to.layout.merged = merged_columns(head) & {place for _, place, _ in to.layout.item_columns}
    layouts = {to.table.name: to.layout for to in assignments}
    whole, lists = is_register_by_itself(layouts), lists_households(head, layouts)
    return tuple(
        replace(to, dating=to.dating or _dating(head, to.table), whole=whole, lists=lists) for to in assignments
    )


def roll_of(head: SheetHead, assignments: Sequence[Assignment]) -> Assignment | None:
    """Return what a sheet says of households if nothing but their numbers and days; None where it has no numbers of them."""
    table = TABLES["households"]
    layout = _layout(table, head).only(_shared(table))
    if not assignments or table.key[0] not in layout.found:
        return None
    return Assignment(table, layout, ROLL_RANK, _dating(head, table), lists=True)


def _name_days_without_type(layout: Layout, of_monitoring: Collection[int]) -> None:
    """Say of columns of monitoring what the sheet lacks to be read as a list of who is monitored."""
    layout.left_out = [
        (place, "type_lacking" if why == "unknown_column" and place in of_monitoring else why)
        for place, why in layout.left_out
    ]


def choose_rolls(sheets: Sequence[tuple[Sequence[Assignment], Assignment | None]]) -> list[bool]:
    """Say of which sheets of a register the households are to be taken from their numbers alone.

    Parameters
    ----------
    sheets : sequence of (sequence of Assignment, Assignment or None)
        What :func:`assign` and :func:`roll_of` say of each.

    Returns
    -------
    list of bool
    """
    facts = []
    for assignments, roll in sheets:
        own = next((to for to in assignments if to.table.name == "households"), None)
        closed = own is not None and own.layout.leavers  # says who is of the register no longer
        rank = None if own is None or closed else own.rank
        facts.append((roll is not None and not closed, not closed and any(to.lists for to in assignments), rank))
    return says_who_it_is_about(facts)


def _dating(head: SheetHead, table: Table) -> Dating | None:
    """Say which days the rows of one table are about, where they do not say so themselves."""
    accounts = "period_start" in table
    found = head.dating(accounts=accounts)
    if found is None and not accounts and "valid_from" in table and (years := years_in(head.headers_in("incomes"))):
        newest = np.datetime64(f"{years[-1]}-01-01"), np.datetime64(f"{years[-1]}-12-31")
        return Dating(newest, "header")
    return found


def _why_left_out(header: str, why: str) -> str:
    """Return why a column of a sheet of persons without birth dates is not read."""
    key = header_key(ANY_BRACKET.sub("", plain_signs(header)))
    return "age_not_read" if why == "unknown_column" and AGE.fullmatch(key) else why


def _asks_who(layout: Layout, assignments: Sequence[Assignment]) -> bool:
    """Tell whether a column of a sheet asks who is monitored, so that not all its rows are."""
    return any(to.layout.denies for to in assignments) or any(name in layout.columns for name in FLAGS[1:])


def _of_years(head: SheetHead, assignments: list[Assignment]) -> list[Assignment]:
    """Return what a sheet has of single years side by side; a sheet that has nothing else of incomes is of these years."""
    headers, incomes = head.headers_in("incomes"), TABLES["incomes"]
    years = years_in(headers)
    given, said = head.scales_in("incomes"), head.units_said_in("incomes")
    layouts = [lay_out(incomes, headers, money=head.money_named, given=given, said=said, year=year) for year in years]
    if not layouts or "household_id" not in layouts[0].columns:
        return []
    rank = 0 if assignments else 2
    for own in [to for to in assignments if to.table is incomes and not to.layout.found & {"item", "amount_cny"}]:
        rank = own.rank
        assignments.remove(own)
    found = []
    for year, layout in zip(years, layouts, strict=True):
        columns = {name: place for name, place in layout.columns.items() if name not in ("period_start", "period_end")}
        of_year = replace(layout, columns=columns, parts={}, left_out=[], second=[])
        days = np.datetime64(f"{year}-01-01"), np.datetime64(f"{year}-12-31")
        found.append(Assignment(incomes, of_year, rank, Dating(days, "header")))
    return found


def _layout(table: Table, head: SheetHead) -> Layout:
    """Return which column of a sheet holds which column of a table, by its headers and what is said of them."""
    return lay_out(
        table, head.headers_in(table.name), money=head.money_named, given=head.scales_in(table.name),
        said=head.units_said_in(table.name),
    )  # fmt: skip


def _shared(table: Table) -> frozenset[str]:
    """Return the columns of a table that a sheet gives for all its tables: ids and days."""
    days = {table.time, "valid_from", "period_start", "period_end", "recorded_at"}
    return frozenset(column.name for column in table.columns if column.type == "id" or column.name in days)


def _status_of(table: Table) -> tuple[str, ...]:
    """Return the column that may stand in one of another table: the type of monitored households in 户类型."""
    return ("type",) if table.name == "monitoring" else ()


def _has_needed(table: Table, layout: Layout, *, beside: bool, asked: bool) -> bool:
    """Tell whether a sheet has every column that no row of the table can do without.

    Who is monitored may be said without a day beside the columns of another table, not by a sheet that says nothing else
    unless it asks for it (是否监测户).
    """
    derived = {"valid_from", "period_start", "period_end", *(["identified_on"] if beside or asked else [])}
    derived |= {"type"} if asked else set()
    return all(name in layout.found or name in derived for name in table.needed)


def share_out(sheet: Sheet, assignments: Sequence[Assignment]) -> tuple[list[RawRows], Counter[str]]:
    """Give each table its raw rows of a sheet, without what is not data.

    Parameters
    ----------
    sheet : Sheet
        All rows of a sheet, or some that follow each other.
    assignments : sequence of Assignment
        What :func:`assign` says of its head.

    Returns
    -------
    parts : list of RawRows
        For each assignment.
    skipped : Counter
        How many rows are not data: totals (``total``), notes (``note``), repeated headers (``header``), blank ones
        (``empty``), and the example of a template (``example``); and how many took the id or day of their household
        from a row above (``below``).
    """
    other = other_rows(sheet, _id_position(assignments))
    skipped = Counter({kind: int(mask.sum()) for kind, mask in other.items()})
    skipped["empty"] += sheet.n_empty
    skipped["note"] += sheet.n_titles
    keep = ~np.logical_or.reduce(list(other.values()))
    faults = [replace(fault, mask=fault.mask[keep]) for fault in sheet.faults]
    of_ids = {to.layout.columns[name][0] for to in assignments for name in IDS if name in to.layout.columns}
    odd, skipped["odd_id"] = odd_rows(sheet, of_ids, _id_position(assignments), keep)
    frame = sheet.frame if keep.all() else sheet.frame[keep].reset_index(drop=True)
    head, rows = sheet.head, sheet.rows[keep]
    head_per_member = has_a_row_per_member(head)
    columns = BlankBelow.of(head, [(to.table, to.layout) for to in assignments])
    doubts: list[Fault] = []
    if columns is not None:
        broken = np.logical_or.reduce([np.zeros(len(frame), dtype=bool), *(fault.mask for fault in (*faults, *odd))])
        frame, skipped["below"], doubts = columns.complete(frame, broken)
    parts = []
    for to in assignments:
        faults_of_it = [*(faults if to.rank < BESIDE_RANK or to is assignments[0] else []), *odd]
        raw = RawRows(
            to.table, head.source, frame, head.headers, to.layout, rows, faults_of_it, to.rank, head_per_member,
            to.dating, head.money_factor, to.whole, lists=to.lists,
        )  # fmt: skip
        if to.rank == ROLL_RANK:
            raw = without_faults(replace(raw, faults=faults))
        parts.append(raw)
    of_members = [number for number, to in enumerate(assignments) if to.table.name == "members"]
    for number in of_members[:1] or [0]:
        parts[number].doubts = doubts
    if (why := why_no_account(head)) and not (why == "part_of_year" and NAMED_PART in head.headers):
        every = Fault(np.ones(len(frame), dtype=bool), why, ROW_FAULTS[why])
        parts = [replace(raw, faults=[every]) if raw.table.name == "incomes" else raw for raw in parts]
    statuses = [to.layout.columns["register_status"][0] for to in assignments if "register_status" in to.layout.columns]
    tables = {to.table.name for to in assignments}
    for number, (to, raw) in enumerate(zip(assignments, parts, strict=True)):
        if to.layout.denies:
            parts[number] = who_denies(raw)
            continue
        if to.table.name == "monitoring":
            alone = to is assignments[0] and not _asks_who(to.layout, assignments)
            parts[number] = with_type_codes(raw, next(iter(statuses), None), only_monitored=alone)
        several = len(tables) > 1 or (to.table.name == "monitoring" and _asks_who(to.layout, assignments))
        if to.table.name not in ONE_ROW_EACH and several and to.layout.marked is None:
            parts[number] = with_entries(parts[number], _shared(to.table), next(iter(statuses), None))
        parts[number] = has_measure(parts[number])
        if to.table.name == "monitoring":
            parts[number] = without_refused(parts[number], beside=len(tables) > 1 and not named_candidates(head))
            skipped["refused"] += len(raw.frame) - len(parts[number].frame) if len(tables) == 1 else 0
    return parts, skipped


def has_a_row_per_member(head: SheetHead) -> bool:
    """Tell whether a sheet is about persons other than the head of each household."""
    headers = head.headers_in("members")
    found = lay_out(TABLES["members"], headers).found
    return bool(found & {"member_id", "relation", "birth_date", "sex"}) or any(
        PERSON_HEADER.fullmatch(one) for one in headers
    )


def _id_position(assignments: Sequence[Assignment]) -> int:
    """Return the position of the first column with ids, by which rows are told from notes and sums."""
    for to in assignments:
        for name in to.table.key:
            if to.table[name].type == "id" and name in to.layout.columns:
                return to.layout.columns[name][0]
    return 0


def table_by_headers(head: SheetHead) -> Table | None:
    """Return the table that the headers of a sheet tell, whatever it is called."""
    unnamed = replace(head, table=BY_HEADERS)
    chosen = _choose_table(unnamed, {name: _layout(own, unnamed) for name, own in TABLES.items()})
    return None if chosen is None else chosen[0]


def _choose_table(head: SheetHead, layouts: Mapping[str, Layout]) -> tuple[Table, int] | None:
    """Return the table a sheet belongs to, by name and headers, and how clear that is; None if neither tells."""
    fits = {name: _fit(table, layouts[name]) for name, table in TABLES.items()}
    for text in head.names:
        named = tables_named(text)
        exact = [name for name, length in named.items() if length == np.inf and fits[name][2] > 0]
        if exact:
            return TABLES[exact[0]], 0
        likely = [name for name in named if fits[name][0]]
        if likely:
            return TABLES[max(likely, key=lambda name: (*fits[name], named[name]))], LIKELY_RANK
        several_known = [name for name in named if fits[name][2] > 1]
        if len(several_known) == 1:
            return TABLES[several_known[0]], LIKELY_RANK
    known = _known(layouts) | _of_single_years(head)
    complete = [
        name
        for name, (has_id, share, _) in fits.items()
        if has_id and share == 1.0 and _headers_tell(TABLES[name], layouts[name], known)
    ]
    return (TABLES[max(complete, key=lambda name: fits[name])], 2) if complete else None


def _known(layouts: Mapping[str, Layout]) -> set[int]:
    """Return the positions of columns that any table reads."""
    return set().union(*(layout.positions for layout in layouts.values()))


def _fit(table: Table, layout: Layout) -> tuple[bool, float, int]:
    """Return whether a sheet has the table's first id, the share of needed columns, and the number of known headers."""
    found = layout.found
    if "period_start" in found or "period_end" in found:
        found |= {"period_start", "period_end"}
    needed = [name for name in table.needed if name != "valid_from"]
    share = sum(name in found for name in needed) / len(needed)
    return table.key[0] in found, share, len(layout.positions)


def _of_single_years(head: SheetHead) -> frozenset[int]:
    """Return the positions of amounts whose headers name their year: no other table knows them, but incomes do."""
    amounts = [read_amount_header(header) for header in head.headers_in("incomes")]
    return frozenset(place for place, one in enumerate(amounts) if one.figure and one.year is not None)


def _headers_tell(table: Table, layout: Layout, of_others: Collection[int]) -> bool:
    """Tell whether headers alone say that a sheet is of a table: more than ids and dates, and mostly declared ones.

    Columns of other tables, and amounts of single years (`of_others`, by position), speak neither for it nor against it.
    """
    ordinary = {column.name for column in table.columns if column.type != "id"} - {table.time, "recorded_at"}
    n_unknown = sum(reason == "unknown_column" and place not in of_others for place, reason in layout.left_out)
    return bool(layout.found & ordinary) and len(layout.positions) > n_unknown


def tables_named(text: str) -> dict[str, float]:
    """Return the tables named in a file's or sheet's name, with the length of the name, infinite if it is all of it.

    Examples
    --------
    >>> tables_named("2023年_家庭成员表(1)"), tables_named("务工月监测")
    ({'members': inf}, {'monitoring': 2.0})
    """
    whole = NAME_NOISE.sub("", plain_signs(text)).lower()
    core = SHEET_NAME_TAIL.sub("", whole)
    named: dict[str, float] = {}
    for table in TABLES.values():
        for own in (table.name, table.zh.lower(), *table.aliases):
            if own in (whole, core) or SHEET_NAME_TAIL.sub("", own) == core != "":
                named[table.name] = np.inf
            elif len(own) > 1 and own in whole:
                named[table.name] = max(named.get(table.name, 0.0), float(len(own)))
    return named
