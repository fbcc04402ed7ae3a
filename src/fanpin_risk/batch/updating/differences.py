"""What an export says that is not on record yet, as rows dated by the export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.asof.days import Array
from fanpin_risk.batch.updating.matching import alike, key_hashes, newest_correction, same_content
from fanpin_risk.records.declarations import Table
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.typed_tables import conform

__all__ = ["BECAME_OF_ROWS", "COUNTS_OF_DOUBT", "ExportOnDay", "dated_rows", "township_of"]

# What became of the rows of a table: those of the export first, then those on record that it lacks.
BECAME_OF_ROWS = ("same", "new", "changed", "corrected", "ended", "kept")
# What tells that an export is not what it should be: states on record that it could lack, amounts on both sides, and those of
# them that are ten times as large or small.
COUNTS_OF_DOUBT = ("lookable", "amounts", "scaled")
TEN_TIMES = 10.0
# Columns that reading sets from another one: they are given where that one is.
SET_FROM = {"birth_year_only": "birth_date", "identified_before": "identified_on"}


@dataclass(frozen=True)
class ExportOnDay:
    """An export, or the part of it that is about some households, and what is known of the whole of it.

    Attributes
    ----------
    tables : dict of str to DataFrame
        Typed tables, ids as texts.
    day : Timestamp
        The day whose state it shows.
    since : Timestamp
        The day of the export before it: what says that it was recorded between the two is believed.
    whole : bool
        Whether what it lacks is gone.
    given : dict of str to frozenset of str
        Of each table of the export the columns that hold anything; others leave what is on record.
    places : frozenset of str
        Townships that it has households of; households elsewhere are not looked for.
    lists_households : bool
        Whether it is a list of households as such; where its households are merely those that other sheets name, nobody is gone
        for not being named.
    """

    tables: Mapping[str, pd.DataFrame]
    day: pd.Timestamp
    since: pd.Timestamp
    whole: bool
    given: Mapping[str, frozenset[str]]
    places: frozenset[str]
    lists_households: bool = True

    def is_given(self, table: str, column: str) -> bool:
        """Tell whether the export says anything in a column."""
        return SET_FROM.get(column, column) in self.given.get(table, ())


def township_of(area_codes: pd.Series) -> pd.Series:
    """Return the township of area codes, as far as they say it."""
    return area_codes.astype("str").str[:9].fillna("")


def dated_rows(
    before: Mapping[str, pd.DataFrame], export: ExportOnDay
) -> tuple[dict[str, pd.DataFrame], dict[str, dict[str, int]]]:
    """Bring what is on record up to an export.

    States (households, members) are held against the version on record on the day, events against the newest correction with
    their key; where a key stands for several rows (bills of a day), all of them are written anew if any differs. What is equal
    adds nothing. A new state begins on the day of the export, or on its own day where it names a later one than that on record;
    what an event says anew is a correction. All is known from the day of the export, or from the day on which it says that it
    was recorded, if that lies after the export before.

    Parameters
    ----------
    before : mapping of str to DataFrame
        Typed tables on record, ids as texts.
    export : ExportOnDay

    Returns
    -------
    tables : dict of str to DataFrame
        The tables with the new rows behind the old ones. A row that was recorded on the very day of the export and is corrected
        by it is replaced.
    counts : dict of str to dict of str to int
        By table, of ``COUNTS_OF_DOUBT`` and of ``BECAME_OF_ROWS``: rows of the export that are ``same``, ``new``, ``changed``, and
        ``corrected`` by others of it; rows on record that are ``ended`` since the export lacks them, and those that it lacks and
        that are ``kept``, for what happened has happened.
    """
    tables, counts = dict(before), {}
    covered = _households_covered(before, export)
    for name, shown in export.tables.items():
        if name not in export.given:
            continue
        table = TABLES[name]
        told = _TableOnDay(table, before, shown, export, covered)
        rows = told.of_states() if table.latest_per else told.of_keys() if table.unique else told.of_groups()
        tables[name] = _with_new_rows(table, before[name], rows)
        counts[name] = {kind: told.counts.get(kind, 0) for kind in (*BECAME_OF_ROWS, *COUNTS_OF_DOUBT)}
    return tables, counts


def _households_covered(before: Mapping[str, pd.DataFrame], export: ExportOnDay) -> pd.Index:
    """Return the households that an export is about: those that it lists.

    Where it is no list of households, they are all on record in the townships of those whom its rows name.
    """
    if "households" in export.given and export.lists_households:
        return pd.Index(export.tables["households"]["household_id"].unique())
    members, households = before["members"], before["households"]
    named = [frame["household_id"] for frame in export.tables.values() if "household_id" in frame]
    persons = pd.concat([frame["member_id"] for frame in export.tables.values() if "household_id" not in frame])
    named.append(members.loc[members["member_id"].isin(persons), "household_id"])
    townships = township_of(households["area_code"])
    shown = townships[households["household_id"].isin(pd.concat(named))]
    return pd.Index(households.loc[townships.isin(shown), "household_id"].unique())


def _with_new_rows(table: Table, before: pd.DataFrame, rows: list[pd.DataFrame]) -> pd.DataFrame:
    """Put new rows behind the old ones, without old ones of the same key and day of recording."""
    rows = [one for one in rows if len(one)]
    if not rows:
        return before
    new = conform(table.name, pd.concat([one.astype(object) for one in rows], ignore_index=True))
    keyed = [*table.key, "recorded_at"]
    again = np.isin(key_hashes(before, keyed), key_hashes(new, keyed))
    return pd.concat([before[~again], new], ignore_index=True)


class _TableOnDay:
    """What an export says of one table, beside what is on record."""

    def __init__(
        self,
        table: Table,
        before: Mapping[str, pd.DataFrame],
        shown: pd.DataFrame,
        export: ExportOnDay,
        covered: pd.Index,
    ) -> None:
        self.table, self.export, self.covered = table, export, covered
        self.counts: dict[str, int] = {}
        self.before = before
        held = before[table.name]
        # A row without a day of recording is one of a register that was packed before it could be updated.
        known = (held["recorded_at"].isna() | (held["recorded_at"] <= export.day)).to_numpy()
        self.held = held[known].reset_index(drop=True)
        # Of several rows of one key the export itself says which is the newest.
        newest = newest_correction(shown, list(table.key))
        self._count(corrected=int((~newest).sum()))
        self.shown = shown[newest].reset_index(drop=True)
        kept = [column for column in table.columns if column.kept and column.name not in (table.time, "recorded_at")]
        self.content = [
            column.name
            for column in kept
            if export.is_given(table.name, column.name) and (column.name not in table.key or table.latest_per)
        ]
        self.absent = [column.name for column in kept if not export.is_given(table.name, column.name)]

    # --- states ----------------------------------------------------------------------------------------------------
    def of_states(self) -> list[pd.DataFrame]:
        """Return rows for the newest state of each household or person, older versions as corrections, and who is gone."""
        table, day = self.table, self.export.day
        assert table.latest_per is not None
        owner = table.latest_per[0]
        content = [name for name in self.content if name != owner]
        times = self.shown[table.time]
        shown = self.shown.assign(**{table.time: times.mask(times > day, day)})
        newest = ~shown.sort_values(table.time, kind="stable").duplicated(owner, keep="last").sort_index().to_numpy()
        older = self._against_keys(shown[~newest].reset_index(drop=True), self._uncorrected(self.held))
        shown = shown[newest].reset_index(drop=True)
        current = self._current()
        where = alike(shown, current, [owner])
        on_record = where >= 0
        held = current.iloc[np.where(on_record, where, 0)] if len(current) else current.reindex(range(len(shown)))
        held = held.reset_index(drop=True)
        equal = on_record & same_content(shown, held, content)
        later = (shown[table.time] > held[table.time]).to_numpy() & on_record
        stated = (shown[table.time] != day).to_numpy()
        confirmed = equal & later & stated  # the export says of a later day that nothing has changed
        changed = on_record & (~equal | confirmed)
        self._count(same=int((equal & ~confirmed).sum()), new=int((~on_record).sum()), changed=int(changed.sum()))
        new = self._recorded(shown[~on_record])
        mended = shown[changed].copy()
        of_record = held[changed]
        for name in self.absent:
            mended[name] = of_record[name].to_numpy()
        begins = np.where(later[changed], mended[table.time], of_record[table.time])
        mended[table.time] = pd.to_datetime(begins).astype("datetime64[s]")
        corrects = (mended[table.time] == of_record[table.time].to_numpy()).to_numpy()
        mended = self._recorded(mended, after=of_record["recorded_at"].where(corrects))
        return [older, new, mended, self._gone(current, owner)]

    def _current(self) -> pd.DataFrame:
        table = self.table
        assert table.latest_per is not None
        held = self._uncorrected(self.held)
        held = held[(held[table.time] <= self.export.day).to_numpy()]
        held = held.sort_values(table.time, kind="stable").drop_duplicates(list(table.latest_per), keep="last")
        return held.sort_index().reset_index(drop=True)

    def _gone(self, current: pd.DataFrame, owner: str) -> pd.DataFrame:
        """Return an end for states on record that a whole export lacks."""
        ends = self.table.open_ended
        assert ends is not None
        open_now = current[ends].isna() | (current[ends] > self.export.day)
        lacking = open_now & ~current[owner].isin(self.shown[owner])
        if owner == "household_id":
            covered = township_of(current["area_code"]).isin(self.export.places) & self.export.lists_households
        else:
            covered = current["household_id"].isin(self.covered)
        self._count(lookable=int((open_now & covered).sum()))
        return self._ended(current[(lacking & covered).to_numpy()])

    # --- events ----------------------------------------------------------------------------------------------------
    def of_keys(self) -> list[pd.DataFrame]:
        """Return rows for keys that are new or say something else, and an end for those that are gone."""
        held = self._uncorrected(self.held)
        shown = self._with_known_beginning(held)
        return [self._against_keys(shown, held), self._lacking(shown, held)]

    def _against_keys(self, shown: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
        where = alike(shown, held, list(self.table.key))
        on_record = where >= 0
        found = held.iloc[np.where(on_record, where, 0)] if len(held) else held.reindex(range(len(shown)))
        found = found.reset_index(drop=True)
        equal = on_record & same_content(shown, found, self.content)
        changed = on_record & ~equal
        self._compare_amounts(shown[on_record], found[on_record])
        self._count(same=int(equal.sum()), new=int((~on_record).sum()), changed=int(changed.sum()))
        mended = shown[changed].copy()
        for name in self.absent:
            mended[name] = found.loc[changed, name].to_numpy()
        new = self._recorded(shown[~on_record])
        return pd.concat(
            [new.astype(object), self._recorded(mended, after=found.loc[changed, "recorded_at"]).astype(object)]
        )

    def _compare_amounts(self, shown: pd.DataFrame, held: pd.DataFrame) -> None:
        for name in self.content:
            if self.table[name].unit != "CNY":
                continue
            one, other = (frame[name].to_numpy(dtype="float64") for frame in (shown, held))
            both = (np.abs(one) > 0) & (np.abs(other) > 0)
            ratio = np.abs(one[both] / other[both])
            self._count(amounts=int(both.sum()), scaled=int(((ratio >= TEN_TIMES) | (ratio <= 1 / TEN_TIMES)).sum()))

    def _with_known_beginning(self, held: pd.DataFrame) -> pd.DataFrame:
        """Give spells that an export dates by itself, since it only says that they are open, the beginning on record."""
        shown = self.shown
        if "identified_before" not in self.table:
            return shown
        undated = shown["identified_before"].eq(True).fillna(False).to_numpy(dtype=bool)
        running = held[held[self.table.open_ended].isna()].drop_duplicates("household_id", keep="last")
        where = alike(shown, running, ["household_id"])
        taken = undated & (where >= 0)
        shown = shown.copy()
        for name in (self.table.time, "identified_before"):
            values = shown[name].astype(object).to_numpy(copy=True)
            values[taken] = running[name].astype(object).to_numpy(copy=True)[where[taken]]
            shown[name] = pd.Series(values, index=shown.index, dtype=object).astype(running[name].dtype)
        return shown

    def of_groups(self) -> list[pd.DataFrame]:
        """Return all rows of each key of which any is new or says something else."""
        table, key = self.table, list(self.table.key)
        held = self._uncorrected(self.held)
        compared = [*key, *self.content]
        keys_shown, keys_held = key_hashes(self.shown, key), key_hashes(held, key)
        rows_shown, rows_held = key_hashes(self.shown, compared), key_hashes(held, compared)
        times_shown = pd.Series(rows_shown).groupby(rows_shown).cumcount().to_numpy()  # the how-many-eth of equal rows
        times_held = pd.Series(rows_held).groupby(rows_held).cumcount().to_numpy()
        one_shown = rows_shown * np.uint64(31) + times_shown.astype("uint64")
        one_held = rows_held * np.uint64(31) + times_held.astype("uint64")
        unmatched, missed = ~np.isin(one_shown, one_held), ~np.isin(one_held, one_shown)
        known = np.isin(keys_shown, keys_held)
        self._count(
            same=int((~unmatched).sum()), new=int((unmatched & ~known).sum()), changed=int((unmatched & known).sum())
        )
        rows = [self._recorded(self.shown[unmatched & ~known])]
        touched = np.unique(keys_shown[unmatched & known])
        mine, theirs = np.isin(keys_shown, touched), np.isin(keys_held, touched)
        newest = pd.Series(held["recorded_at"].to_numpy()).groupby(keys_held).max()
        if self.export.whole:
            # One row for one row: what the export does not say of it stays.
            single = mine & ~pd.Series(keys_shown).duplicated(keep=False).to_numpy()
            of_one = pd.Series(np.arange(len(held)), index=keys_held)[
                ~pd.Series(keys_held).duplicated(keep=False).to_numpy()
            ]
            partner = of_one.reindex(keys_shown).to_numpy(dtype="float64")
            single &= ~np.isnan(partner)
            again = self.shown[mine].copy()
            for name in self.absent:
                values = again[name].astype(object).to_numpy(copy=True)
                at = single[mine]
                values[at] = held[name].astype(object).to_numpy(copy=True)[partner[mine][at].astype("int64")]
                again[name] = pd.Series(values, index=again.index, dtype=object)
            after = newest.reindex(keys_shown[mine])
            rows.append(self._recorded(again, after=after.set_axis(again.index), together=True))
        else:
            # Nothing is lost: rows that a partial export lacks stay beside those that are new.
            more = unmatched & known
            again = pd.concat([held[theirs].astype(object), self.shown[more].astype(object)])
            after = newest.reindex(np.concatenate([keys_held[theirs], keys_shown[more]]))
            again = again.reset_index(drop=True)
            rows.append(self._recorded(again, after=after.set_axis(again.index), together=True))
        gone = missed & ~np.isin(keys_held, touched)
        if table.open_ended is None:
            self._count(kept=int((gone & self._of_the_covered(held)).sum()) if self.export.whole else 0)
            return rows
        lacking = gone & ~np.isin(keys_held, keys_shown) & self._of_the_covered(held)
        lacking &= self._running(held)
        # The other rows of a key are written again with those that end, or they would no longer count.
        with_others = np.isin(keys_held, keys_held[lacking]) & ~lacking
        ended = self._ended(held[lacking])
        stay = self._recorded(held[with_others], after=held.loc[with_others, "recorded_at"], together=True)
        return [*rows, ended, stay if len(ended) else held.iloc[:0]]

    def _lacking(self, shown: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
        gone = (alike(held, shown, list(self.table.key)) < 0) & self._of_the_covered(held)
        if self.table.open_ended is None:
            self._count(kept=int(gone.sum()) if self.export.whole else 0)
            return held.iloc[:0]
        running = self._running(held)
        self._count(lookable=int((running & self._of_the_covered(held)).sum()))
        return self._ended(held[gone & running])

    def _running(self, held: pd.DataFrame) -> Array:
        ends = held[self.table.open_ended]
        return (ends.isna() | (ends > self.export.day)).to_numpy()

    def _of_the_covered(self, held: pd.DataFrame) -> Array:
        """Tell which rows on record are of households, or of persons, that the export is about."""
        if "household_id" in self.table:
            return held["household_id"].isin(self.covered).to_numpy()
        members = self.before["members"]
        persons = members.loc[members["household_id"].isin(self.covered), "member_id"]
        listed = self.export.tables.get("members")
        if listed is not None and "members" in self.export.given:
            persons = listed["member_id"]
        return held["member_id"].isin(persons).to_numpy()

    # --- rows ------------------------------------------------------------------------------------------------------
    def _uncorrected(self, held: pd.DataFrame) -> pd.DataFrame:
        return held[newest_correction(held, list(self.table.key))].reset_index(drop=True)

    def _ended(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows on record with an end on the day of the export; none where it is not whole."""
        if not self.export.whole or not len(rows):
            return rows.iloc[:0]
        assert self.table.open_ended is not None
        self._count(ended=len(rows))
        day = np.datetime64(self.export.day, "s")
        return rows.assign(**{self.table.open_ended: day, "recorded_at": day})

    def _recorded(self, rows: pd.DataFrame, *, after: Any = None, together: bool = False) -> pd.DataFrame:
        """Say since when new rows are known: the day that they name, if it lies after the export before, else the export's.

        Corrections must have been recorded after what they correct (`after`), rows of one key on one day (`together`).
        """
        day, said = self.export.day, rows["recorded_at"]
        believed = (said > self.export.since) & (said <= day)
        if together:
            believed &= False
        if after is not None:
            after = pd.Series(np.asarray(after, dtype="datetime64[s]"), index=rows.index)
            believed &= (after.isna() | (said > after)).to_numpy()
        return rows.assign(recorded_at=said.where(believed, day).astype("datetime64[s]"))

    def _count(self, **numbers: int) -> None:
        for kind, number in numbers.items():
            self.counts[kind] = self.counts.get(kind, 0) + number
