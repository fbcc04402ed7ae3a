"""All tables of a register, checked one after the other in the order in which they refer to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.errors import SchemaError
from fanpin_risk.records.checks.ages import births_to_the_year
from fanpin_risk.records.checks.amount_evidence import SheetEvidence
from fanpin_risk.records.checks.amounts import (
    check_stated,
    check_usual_values,
    complete_bills,
    records_of_rows,
    settle_records,
    spread_per_person,
)
from fanpin_risk.records.checks.data_date_years import take_years_of_data_dates
from fanpin_risk.records.checks.leavers import follow_lists_of_leavers, take_endings
from fanpin_risk.records.checks.likelihood import check_likelihood
from fanpin_risk.records.checks.likely_ids import ENTRIES_OF_HOUSEHOLDS, households_meant
from fanpin_risk.records.checks.lost_rows import LOST_CODES, LostRows, items_by_sheet, name_lost_rows
from fanpin_risk.records.checks.magnitudes import doubt_magnitudes
from fanpin_risk.records.checks.monitored_flags import doubt_denied, note_unknown_types, take_flags
from fanpin_risk.records.checks.newer_lists import end_unlisted
from fanpin_risk.records.checks.part_years import name_part_years
from fanpin_risk.records.checks.payment_times import fill_years_of_payments
from fanpin_risk.records.checks.payments import add_payments
from fanpin_risk.records.checks.persons import Numbers, PersonIds, check_ids, require_households
from fanpin_risk.records.checks.place_texts import check_area_names, resolve_work_places
from fanpin_risk.records.checks.references import Elsewhere, check_references
from fanpin_risk.records.checks.rejected_incomes import leave_consumption_unknown, leave_unknown, say_unknown
from fanpin_risk.records.checks.repeats import check_repeats
from fanpin_risk.records.checks.spells import complete_spells
from fanpin_risk.records.checks.times import (
    check_future,
    check_times,
    date_origins,
    end_without_day,
    fill_recorded_at,
    fill_times,
)
from fanpin_risk.records.checks.unmatched import note_unmatched
from fanpin_risk.records.checks.wide_payments import add_wide_payments
from fanpin_risk.records.declarations import Table
from fanpin_risk.records.head_ids import NO_HEADS, households_of_heads
from fanpin_risk.records.mending import rows_to_mend
from fanpin_risk.records.merge import date_by_others, merge_states
from fanpin_risk.records.merge_incomes import merge_incomes
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.rows import RawRows, Rows, gather
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.wide_amounts import take_amounts
from fanpin_risk.words import Message

__all__ = ["Checked", "check_rows", "read_keys"]

# Columns by one of which a row is about somebody, and no note.
SAID_OF_WHOM = {
    "members": ("relation", "sex", "birth_date"),
    "monitoring": ("type", "identified_on", "eliminated_on", "monitored"),
}
KEY_COLUMNS = ("household_id", "member_id", "valid_from", "recorded_at", "area_code", "area_name")


@dataclass(slots=True)
class Checked:
    """What comes out of the checks, per table.

    Attributes
    ----------
    tables : dict of str to DataFrame
        Typed records that were kept.
    rejected_rows : dict of str to DataFrame
        Rows that were left out, as read, with ``source``, ``row`` and ``reason``.
    rows_to_mend : dict of str to list of DataFrame
        The same, as they can be read again; see :func:`fanpin_risk.records.mending.rows_to_mend`.
    counts : dict of str to (int, int, int, int)
        Rows read, kept and rejected, and records.
    filled : dict of str to int
        Records whose ``recorded_at`` was filled.
    date_origins : list of tuple
        What said which days the rows of each sheet are about, see :func:`fanpin_risk.records.checks.times.date_origins`.
    origins : dict of str to ndarray of int
        Per record: number of its row within the table.
    rejected_positions : dict of str to ndarray of int
        The same per rejected row.
    homeless : DataFrame
        ``table, source, row, household_id`` of rows that name a household not in the register, and ``position``, the
        number of the row within its table.
    nameless : set of (str, str)
        Tables and sheets with rows that say something of a household and do not name it.
    income_items : dict of str to set of str
        Of a part of a register: the items that each sheet of incomes has amounts of.
    amounts : list of SheetEvidence
        What the rows tell of the amounts of each sheet of incomes.
    part_years : int
        Of how many households the income of a year is scaled up.
    """

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    rejected_rows: dict[str, pd.DataFrame] = field(default_factory=dict)
    rows_to_mend: dict[str, list[pd.DataFrame]] = field(default_factory=dict)
    counts: dict[str, tuple[int, int, int, int]] = field(default_factory=dict)
    filled: dict[str, int] = field(default_factory=dict)
    date_origins: list[tuple[Any, ...]] = field(default_factory=list)
    origins: dict[str, np.ndarray] = field(default_factory=dict)
    rejected_positions: dict[str, np.ndarray] = field(default_factory=dict)
    homeless: pd.DataFrame = field(default_factory=pd.DataFrame)
    nameless: set[tuple[str, str]] = field(default_factory=set)
    income_items: dict[str, set[str]] = field(default_factory=dict)
    amounts: list[SheetEvidence] = field(default_factory=list)
    part_years: int = 0


def check_rows(
    parts: Sequence[RawRows],
    problems: Problems,
    *,
    data_date: pd.Timestamp | None = None,
    known_lag_days: int | None = None,
    id_key: bytes | str | Path | None = None,
    elsewhere: Elsewhere | None = None,
    incomplete: bool = False,
) -> Checked:
    """Check all rows of a register.

    Parameters
    ----------
    parts : sequence of RawRows
        Raw rows, in any order of tables.
    problems : Problems
        Takes what is found.
    data_date : Timestamp, optional
        Day the data show: fills a missing ``valid_from``, and nothing shown was recorded later.
    known_lag_days : int, optional
        Days after its own time from which a row without a day of recording counts as known; default: those of its table.
    id_key : bytes, str or Path, optional
        Key with which all ids are replaced by pseudonyms.
    elsewhere : Elsewhere, optional
        Says that the rows are one part of a register, and what there is in the others. All rows of a household are
        to stand in one part, and so are all rows of a person that name no household other than as a reference.
    incomplete : bool
        A register without any household is no error: what else there is in it is checked.

    Returns
    -------
    Checked

    Raises
    ------
    SchemaError
        If there are no rows of households with a household number among them; not for a part, nor if `incomplete`.
    """
    checked = Checked()
    numbers: Numbers = {}
    kept: dict[str, tuple[Rows, np.ndarray]] = {}
    homeless: list[pd.DataFrame] = []
    heads = NO_HEADS if id_key is None else households_of_heads(parts)
    for name, table in TABLES.items():
        own = [part for part in parts if part.table.name == name]
        denying = [part for part in own if part.layout.denies]
        own = [part for part in own if not part.layout.denies]
        rows = gather(table, own, problems, data_date=data_date)
        rows.ranks = rows.ranks if elsewhere is None else elsewhere.ranks.get(name, rows.ranks)
        if name == "households" and elsewhere is None and not incomplete:
            if not own:
                raise SchemaError("no households (户基本信息): a register needs at least this table")
            require_households(len(rows.frame), int(rows.fault["household_id"].sum()))
        if not own:
            checked.tables[name], checked.counts[name] = rows.frame, (0, 0, 0, 0)
            kept[name] = rows, np.zeros(0, dtype="int64")
            continue
        take_amounts(rows, own)
        check_ids(
            rows, id_key, numbers, incomplete=incomplete or elsewhere is not None, elsewhere=elsewhere, heads=heads
        )
        if name == "incomes":
            fill_years_of_payments(rows)
            take_years_of_data_dates(rows)
        fill_times(rows)
        take_endings(rows)
        if name == "monitoring":
            take_flags(rows)
        date_by_others(rows)
        follow_lists_of_leavers(rows)
        if name == "monitoring":
            complete_spells(rows, kept["households"][0])
            note_unknown_types(rows)
            doubt_denied(rows, _gather_denials(denying, id_key, heads), kept["households"][0])
        end_without_day(rows)
        _check_missing(rows)
        check_times(rows)
        check_future(rows)
        if name == "medical":
            complete_bills(rows)
        filled = fill_recorded_at(rows, known_lag_days)
        checked.date_origins += date_origins(rows)
        if name == "households":
            check_area_names(rows)
        elif name == "members":
            resolve_work_places(rows, checked.tables["households"])
        if table.latest_per or name == "monitoring":
            merge_states(rows, with_clear=() if elsewhere is None or name != "members" else elsewhere.with_clear)
            if name == "members":
                births_to_the_year(rows)
        elif name == "incomes":
            partial = rows.rejected.copy()
            add_payments(rows)
            add_wide_payments(rows)
            partial ^= rows.rejected
            checked.amounts = doubt_magnitudes(rows, checked.tables, None if elsewhere is None else elsewhere.amounts)
            spread_per_person(rows, checked.tables)
            merge_incomes(rows, rows.per_member)
        if name == "supports":
            rows.absorbed |= _said_of_each_member(rows)
        records, origin = records_of_rows(rows)
        check_usual_values(rows, records, origin)
        owners = checked.tables
        if incomplete and not len(owners.get("households", rows.frame)):  # then no row says anything of another
            owners = {other: frame for other, frame in owners.items() if other != "households"}
        unknown = check_references(rows, owners, elsewhere or Elsewhere()) & ~rows.broken
        if unknown.any():
            homeless.append(
                pd.DataFrame(
                    {"table": name, "source": rows.sources[unknown], "row": rows.rows[unknown],
                     "household_id": rows.frame["household_id"][unknown].to_numpy(dtype=object),
                     "position": np.flatnonzero(unknown)}
                )
            )  # fmt: skip
        if name in ENTRIES_OF_HOUSEHOLDS:
            checked.nameless |= {(name, str(source)) for source in pd.unique(rows.sources[_without_a_name(rows)])}
        agreeing = ~rows.rejected
        dropped = check_repeats(rows, records, origin)
        keep = ~rows.rejected[origin] & ~rows.absorbed[origin] & ~dropped
        records = records if keep.all() else records[keep].reset_index(drop=True)
        origin = origin[keep]
        if name == "members":
            records, origin = end_unlisted(rows, records, origin, checked.tables["households"])
        if name == "incomes":
            records, origin = leave_unknown(
                rows, records, origin, parts=partial, contradicting=agreeing & rows.rejected
            )
            records, origin = leave_consumption_unknown(rows, records, origin, contradicting=agreeing & rows.rejected)
            records, origin = settle_records(rows, records, origin)
            checked.part_years = name_part_years(rows, records, origin)
        checked.filled[name] = int(filled[origin].sum())
        checked.tables[name] = records
        checked.origins[name] = origin
        checked.rejected_rows[name] = rows.rejected_raw()
        checked.rejected_positions[name] = np.flatnonzero(rows.rejected)
        n_read, n_rejected = len(rows.rejected), int(rows.rejected.sum())
        n_kept = int((~rows.rejected).sum())
        if n_read != n_kept + n_rejected or len(checked.rejected_rows[name]) != n_rejected:
            raise RuntimeError(f"rows of {name} do not add up: {n_read} read, {n_kept} kept, {n_rejected} rejected")
        checked.counts[name] = n_read, n_kept, n_rejected, len(records)
        kept[name] = rows, origin
        if "household_id" in table:
            problems.name_households(name, rows.frame["household_id"])
    if elsewhere is None:
        checked.rows_to_mend = rows_to_mend({name: rows for name, (rows, _) in kept.items()})
    any_members = len(checked.tables["members"]) > 0 or (elsewhere is not None and elsewhere.any_members)
    if not any_members and checked.tables["households"]["size_declared"].notna().any():
        any_rows = checked.counts["members"][0] or (elsewhere is not None and elsewhere.ranks.get("members"))
        problems.note(
            table="members", source="", code="no_members",
            text=(
                Message("no row of members could be used: persons are counted as the households declare them (家庭人口数)")
                if any_rows
                else Message("there is no list of members: persons are counted as the households declare them (家庭人口数)")
            ),
        )  # fmt: skip
    _use_stated(checked, kept)
    with_members = () if elsewhere is None else elsewhere.with_members
    check_likelihood(checked.tables, kept, any_members=any_members, with_members=with_members)
    if homeless:
        checked.homeless = pd.concat(homeless, ignore_index=True)
    if elsewhere is None:
        _say_what_is_lost(checked, kept, problems, hashed=id_key is not None)
    else:
        checked.income_items = items_by_sheet(kept["incomes"][0])
    return checked


def _use_stated(checked: Checked, kept: dict[str, tuple[Rows, np.ndarray]]) -> None:
    """Compare incomes with what their sheets state, and take that where an amount of the sheet was not read."""
    rows, origin = kept["incomes"]
    missing = check_stated(checked.tables, rows, origin)
    if len(missing):
        accounts = pd.MultiIndex.from_frame(checked.tables["incomes"][["household_id", "period_end"]])
        mine = np.flatnonzero(accounts.isin(accounts[missing]))
        records, origin = say_unknown(checked.tables["incomes"], origin, mine)
        _, n_kept, n_rejected, _ = checked.counts["incomes"]
        checked.counts["incomes"] = n_kept + n_rejected, n_kept, n_rejected, len(records)
        checked.tables["incomes"], checked.origins["incomes"], kept["incomes"] = records, origin, (rows, origin)


def _gather_denials(parts: Sequence[RawRows], id_key: bytes | str | Path | None, heads: Mapping[str, str]) -> Rows:
    """Return the rows that only say that their household is not monitored; what is wrong with them others say, too."""
    rows = gather(TABLES["monitoring"], parts, Problems())
    check_ids(rows, id_key, heads=heads)
    return rows


def _say_what_is_lost(
    checked: Checked, kept: Mapping[str, tuple[Rows, np.ndarray]], problems: Problems, *, hashed: bool
) -> None:  # fmt: skip
    """Say why a whole sheet names no household of the register, and name the households whose rows may be lost."""
    tables, unknown = checked.tables, checked.homeless
    known = tables["households"]["household_id"]
    if len(unknown):
        sizes = {
            (name, str(source)): int(n)
            for name in unknown["table"].unique()
            for source, n in pd.Series(kept[name][0].sources).value_counts().items()
        }
        note_unmatched(problems, unknown, sizes, known, tables["members"]["member_id"], hashed=hashed)
    whole = {name: problems.whole_files(name) for name in LOST_CODES}
    meant = households_meant(unknown, checked.nameless, set(known), hashed=hashed)
    lost = LostRows(whole, meant, items_by_sheet(kept["incomes"][0]) if meant else {})
    if lost:
        name_lost_rows(kept["households"], tables, lost)


def read_keys(
    raw: RawRows,
    *,
    data_date: pd.Timestamp | None = None,
    known_lag_days: int | None = None,
    id_key: bytes | str | Path | None = None,
) -> tuple[pd.DataFrame, int, int, PersonIds]:
    """Read only what says whose row it is and since when, as :func:`check_rows` does.

    Parameters
    ----------
    raw : RawRows
    data_date, known_lag_days, id_key
        See :func:`check_rows`.

    Returns
    -------
    keys : DataFrame of shape (n, n_columns)
        Those of ``household_id, member_id, valid_from, recorded_at, area_code, area_name`` that the table has, typed; ids
        of households and persons missing where a row could not be read as a row.
    n_faults : int
        Cells of ``household_id`` that could not be used.
    n_citizen : int
        Those with ids of citizens, of which no key makes pseudonyms.
    persons : PersonIds
        Those of a table of persons alone.
    """
    own = replace(raw, layout=raw.layout.only(KEY_COLUMNS))
    rows = gather(_keys_of(raw.table.name), [own], Problems(), data_date=data_date)
    n_faults = int(rows.fault["household_id"].sum()) if "household_id" in raw.table else 0
    of_persons = "member_id" in raw.table and "household_id" not in raw.table
    persons = PersonIds.of(rows.frame["member_id"]) if of_persons else PersonIds()
    check_ids(rows, id_key, incomplete=True)
    n_citizen = int(rows.fault["household_id"].sum()) - n_faults if "household_id" in raw.table else 0
    fill_times(rows)
    fill_recorded_at(rows, known_lag_days)
    keys = rows.frame[[name for name in KEY_COLUMNS if name in raw.table]].copy()
    # What is no row is nobody's but for what it leaves unknown of its household, such as its income.
    for name in {"household_id", "member_id"} & set(keys.columns):
        if name == "member_id" or raw.table.name == "households":
            keys.loc[rows.broken, name] = None
    return keys, n_faults, n_citizen, persons


@lru_cache(maxsize=len(TABLES))
def _keys_of(name: str) -> Table:
    """Return a table with the columns alone by which keys are read and days are filled."""
    table = TABLES[name]
    names = {*KEY_COLUMNS, *table.key, table.time, "period_start", "period_end"}
    return replace(table, columns=tuple(column for column in table.columns if column.name in names))


def _without_a_name(rows: Rows) -> np.ndarray:
    """Return the rejected rows that say something of a household and do not name it."""
    nameless = rows.rejected & rows.frame["household_id"].isna().to_numpy() & ~rows.broken
    if rows.table.name == "incomes":
        return nameless
    said = rows.frame[list(SAID_OF_WHOM[rows.table.name])].notna().any(axis=1)
    return nameless & said.to_numpy(dtype=bool)


def _said_of_each_member(rows: Rows) -> np.ndarray:
    """Return the rows of measures that only repeat, member by member, what the household has."""
    names = ["household_id", "start_date", "measure", "recorded_at"]
    return rows.per_member & rows.frame["member_id"].isna().to_numpy() & rows.frame.duplicated(names).to_numpy()


def _check_missing(rows: Rows) -> None:
    for name in rows.table.needed:
        missing = rows.frame[name].isna().to_numpy() & ~rows.fault[name] & ~rows.absorbed
        if name == "type":
            missing &= ~rows.frame["monitored"].fillna(False).to_numpy(dtype=bool)
        if name in ("item", "amount_cny"):
            missing &= ~rows.wide
        expected = Message("a value")
        if name in ("valid_from", "period_start", "period_end", "identified_on"):
            expected = _missing_date(rows, name)
        rows.report(missing, name, "missing_value", "rejected", expected)


def _missing_date(rows: Rows, name: str) -> Message:
    """Say which header to add where a date is missing, or how to give it otherwise."""
    zh = rows.table[name].zh
    column = Message(f"{name} ({zh})", zh)
    if name == "valid_from":
        return Message(
            "a date in a column {column}, or 年度 for a year; or say with data_date (--data-date), for one file as FILE=DATE, "
            "which day the data show",
            column=column,
        )
    if name == "identified_on":
        return Message("a date in {column}; or say with data_date (--data-date) which day the data show", column=column)
    return Message(
        "a year in a column 年度, or a day in {column}; or say with data_date which year the file is about (--data-date "
        "FILE=YEAR)",
        column=column,
    )
