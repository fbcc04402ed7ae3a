"""Ids of households and persons: what may not be used as one, and how persons without one are known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fanpin_risk.errors import SchemaError
from fanpin_risk.records.checks.references import Elsewhere
from fanpin_risk.records.editions import editions_of
from fanpin_risk.records.head_ids import NO_HEADS, take_own_ids
from fanpin_risk.records.ids import are_citizen_ids, citizen_ids_alike, pseudonymise
from fanpin_risk.records.rows import Rows
from fanpin_risk.words import Message

__all__ = ["Numbers", "PersonIds", "check_ids", "require_households"]

NUMBER_WITHIN_HOUSEHOLD = r"0?[1-9]|[12][0-9]"
DIGITS_WITHIN_HOUSEHOLD = 2
OF_MOST_IDS = 0.5  # of the ids of a sheet
# Of persons numbered by their order: file (and sheet) -> row as the file shows it -> id.
Numbers = dict[str, pd.Series]


@dataclass(frozen=True, slots=True)
class PersonIds:
    """How many ids of persons a sheet has, and which of them are but numbers within a household (1, 2, 3).

    Examples
    --------
    >>> ids = PersonIds.of(pd.Series(["1", "2", None])).and_those(PersonIds.of(pd.Series(["1"])))
    >>> ids.n, ids.are_numbers_alone
    (3, True)
    """

    n: int = 0
    numbers: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, persons: pd.Series) -> PersonIds:
        """Return what is to be known of the ids of some rows."""
        numbered = _are_numbers(persons.astype("str"))
        return cls(int(persons.notna().sum()), Counter(persons[numbered].tolist()))

    def and_those(self, other: PersonIds) -> PersonIds:
        """Return what is known of these ids and of those of other rows together."""
        return PersonIds(self.n + other.n, Counter(self.numbers) + Counter(other.numbers))

    @property
    def are_numbers_alone(self) -> bool:
        """Whether most of the ids are such numbers, and some of these stand for several persons."""
        return sum(self.numbers.values()) > OF_MOST_IDS * self.n and max(self.numbers.values()) > 1


def _are_numbers(persons: pd.Series) -> np.ndarray:
    """Tell which ids may be numbers within a household."""
    texts = pa.array(persons, pa.large_string(), from_pandas=True)
    short = pc.binary_length(texts).fill_null(DIGITS_WITHIN_HOUSEHOLD + 1).to_numpy() <= DIGITS_WITHIN_HOUSEHOLD
    numbered = np.zeros(len(persons), dtype=bool)
    if short.any():
        numbered[short] = persons[short].str.fullmatch(NUMBER_WITHIN_HOUSEHOLD).to_numpy(dtype=bool)
    return numbered


def check_ids(
    rows: Rows, id_key: bytes | str | Path | None, numbers: Numbers | None = None,
    *, incomplete: bool = False, elsewhere: Elsewhere | None = None, heads: Mapping[str, str] = NO_HEADS,
) -> None:  # fmt: skip
    """Replace ids by pseudonyms if there is a key; without one reject citizen ids, and number persons that have none.

    Parameters
    ----------
    rows : Rows
        Of one table, before days are filled; is changed.
    id_key : bytes, str, Path or None
        See :func:`fanpin_risk.read_register`.
    numbers : dict, optional
        What persons were numbered by their order: filled by the table of members, used by those that follow it.
        Default: nobody is numbered, since not all rows of a household are at hand.
    incomplete : bool
        A register without any household is no error.
    elsewhere : Elsewhere, optional
        What there is in other parts of the register; see :func:`fanpin_risk.records.checks.check_rows`.
    heads : mapping of str to str, optional
        Ids of households by the citizen ids of their heads, for sheets that have nothing else.

    Raises
    ------
    SchemaError
        If households are known by citizen ids alone and there is no key.
    """
    take_own_ids(rows, heads)
    _use_numbers_within_household(rows, elsewhere)
    if numbers is not None and "member_id" in rows.frame:
        _number_by_order(rows, id_key, numbers, elsewhere or Elsewhere())
    for column in rows.table.columns:
        if column.type != "id":
            continue
        ids = rows.frame[column.name]
        citizen = are_citizen_ids(ids)
        instead = np.zeros(len(citizen), dtype=bool)
        if id_key is None and column.name in rows.personal:
            instead = rows.personal[column.name] & ids.notna().to_numpy()
        if id_key is None:
            citizen |= instead
            if citizen.any():
                rows.frame.loc[citizen, column.name] = None
            rows.fault[column.name] |= citizen
            if column.name == "household_id" and rows.table.name == "households" and not incomplete:
                require_households(len(citizen), 0, int(citizen.sum()))
            # The amounts of a household stay with it, whoever of its members cannot be told from another.
            of_household = citizen & rows.wide & rows.per_member & (column.name == "member_id")
            expected = Message(
                "a register number, not a citizen id; to replace ids by pseudonyms pass id_key (--id-key FILE)"
            )
            rows.report(of_household, column.name, "citizen_id_in_key", "blanked", expected)
            citizen &= ~of_household
            instead &= ~of_household
            if column.name == "member_id":
                rows.report(
                    instead, column.name, "no_person_id", "rejected",
                    Message(
                        "a number of the person, of which the sheet has no column; persons are numbered by their order only in "
                        "one list of the members of a household"
                    ),
                )  # fmt: skip
                citizen &= ~instead
            rows.report(citizen, column.name, "citizen_id_in_key", "rejected", expected)
        else:
            rows.frame[column.name] = _pseudonyms(ids, id_key)


def _pseudonyms(ids: pd.Series, id_key: bytes | str | Path) -> pd.Series:
    return pseudonymise(citizen_ids_alike(ids), id_key)


def require_households(n_rows: int, n_faults: int, n_citizen: int = 0) -> None:
    """Refuse a register of which no household can be told from another.

    Raises
    ------
    SchemaError
        If there are rows of households and the household number of none of them can be used, or all are ids of citizens.
    """
    if n_rows and n_citizen == n_rows:
        raise SchemaError(
            "households are known by citizen ids (户主身份证号) alone; pass a secret with id_key (--id-key FILE): the ids "
            "are then replaced by keyed hashes and not kept. If they are numbers of an office that only look like citizen ids, "
            "give the secret too, or write a letter before each number (H...), the same one in all files"
        )
    if n_rows and n_faults == n_rows:
        raise SchemaError(
            "no household number can be read from households: expected a column household_id (户编号) with ids stored as text"
        )


def _use_numbers_within_household(rows: Rows, elsewhere: Elsewhere | None) -> None:
    """Let persons that are only numbered within their household (1, 2, 3) be known by household and number."""
    if "member_id" in rows.frame and "household_id" not in rows.frame:
        _name_numbers_alone(rows, elsewhere)
    if not {"household_id", "member_id"} <= set(rows.frame):
        return
    persons, households = rows.frame["member_id"], rows.frame["household_id"]
    numbered = _are_numbers(persons)
    numbered &= households.notna().to_numpy()
    if not numbered.any():
        return
    rows.frame.loc[numbered, "member_id"] = households[numbered] + "-" + persons[numbered].str.lstrip("0")
    for source in pd.unique(rows.sources[numbered]):
        rows.problems.note(
            table=rows.table.name, source=str(source), column=rows.table["member_id"].zh, code="numbered_persons",
            text=Message("numbers persons within each household; they are known by the household's number and their own"),
        )  # fmt: skip


def _name_numbers_alone(rows: Rows, elsewhere: Elsewhere | None) -> None:
    """Name sheets that number persons within their household and do not say which household."""
    for source in pd.unique(rows.sources):
        if elsewhere is None:
            alone = PersonIds.of(rows.frame["member_id"][rows.sources == source]).are_numbers_alone
        else:
            alone = str(source) in elsewhere.numbers_alone.get(rows.table.name, ())
        if alone:
            rows.problems.note(
                table=rows.table.name, source=str(source), column=rows.table["member_id"].zh, code="numbers_alone",
                text=Message(
                    "holds numbers within a household (1, 2, 3), which stand for nobody here; give 人编号 as the list of "
                    "members has it: 户编号, a hyphen and the number (H001-2), or 身份证号 in both with --id-key"
                ),
            )  # fmt: skip


def _number_by_order(rows: Rows, id_key: bytes | str | Path | None, numbers: Numbers, elsewhere: Elsewhere) -> None:
    """Give persons without ids a number: their order in a list of the members of their household.

    A person stands for the same number in the lists of several years where names (or citizen ids) tell who is who; these
    are looked at for that, and kept nowhere. A second list of the same time could only add persons twice: its rows are
    left as they are, unless it is clearly the newer one; and so are households of which another sheet has ids.
    """
    if rows.table.name != "members":
        _take_numbers(rows, id_key, numbers)
        return
    ids, households = rows.frame["member_id"], rows.frame["household_id"]
    mine = rows.by_order & households.notna().to_numpy() & ~rows.broken
    if id_key is not None:  # names and citizen ids are replaced by keyed hashes
        mine &= ids.isna().to_numpy()
    if not mine.any():
        return
    with_ids = households[ids.notna().to_numpy() & ~rows.personal["member_id"] & ~rows.broken]
    mine &= ~households.isin(with_ids).to_numpy()
    if elsewhere.with_ids:
        as_known = households if id_key is None else _pseudonyms(households, id_key)
        mine &= ~as_known.isin(elsewhere.with_ids).to_numpy()
    places = np.flatnonzero(mine)
    if not len(places):
        return
    own = pd.DataFrame(
        {
            "household": households.to_numpy(dtype=object)[places],
            "sheet": rows.sheet[places],
            "day": rows.frame["valid_from"].to_numpy()[places],
            "name": ids.to_numpy(dtype=object)[places],
            "row": _number_of_repeats(rows)[places],
            "newness": _newness_of_sheets(rows)[rows.sheet[places]],
            "head": (rows.frame["relation"] == "head").fillna(False).to_numpy(dtype=bool)[places],
        }
    )
    in_sheet = own.groupby(["household", "sheet"])["day"]
    own["day"] = own["day"].where(in_sheet.transform("nunique") > 1, in_sheet.transform("min"))  # as on the head's row
    own["day"] = own["day"].fillna(pd.Series(_days_of_rows(rows)[places]))
    newest = own.groupby(["household", "day"], dropna=False)["newness"].transform("max")
    keep = (own["newness"] == newest).to_numpy()
    own, places = own[keep].reset_index(drop=True), places[keep]
    keep = ~_adds_unknown_persons(own)
    own, places = own[keep].reset_index(drop=True), places[keep]
    once = ~own.duplicated(["household", "sheet", "day", "row"])
    unclear = own["name"].isna() | own[once].duplicated(["household", "sheet", "day", "name"], keep=False).reindex(
        own.index, fill_value=False
    )
    by_name = ~own["household"].isin(own.loc[unclear, "household"])
    order = once.astype("int64").groupby([own[name] for name in ("household", "sheet", "day")], dropna=False).cumsum()
    number = order.to_numpy()
    named = own[by_name].drop_duplicates(["household", "name"])
    known = named.assign(number=named.groupby("household").cumcount() + 1)[["household", "name", "number"]]
    of_name = own[["household", "name"]].merge(known, on=["household", "name"], how="left")["number"].to_numpy()
    number = np.where(by_name, np.nan_to_num(of_name), number).astype("int64")
    made = own["household"].to_numpy(dtype=object) + np.array([f"-{one}" for one in number], dtype=object)
    rows.frame.loc[places, "member_id"] = made
    rows.personal["member_id"][places] = False
    rows.fault["member_id"][places] = False
    for source in pd.unique(rows.sources[places]):
        mine = rows.sources[places] == source
        numbers[str(source)] = pd.Series(made[mine], index=rows.rows[places][mine])
        rows.problems.note(
            table=rows.table.name, source=str(source), code="numbered_by_order",
            text=Message("has no numbers of persons (人编号); they are numbered by their order within each household"),
        )  # fmt: skip


def _days_of_rows(rows: Rows) -> np.ndarray:
    """Return of which day a row without a day of its own will be: see :func:`fanpin_risk.records.checks.times.fill_times`."""
    said = np.array([dating is not None and dating.origin == "option" for dating in rows.datings], dtype=bool)
    first = rows.span[0]
    days: np.ndarray = np.where(np.isnat(rows.data_date) | said[rows.sheet], first, rows.data_date)
    return days


def _newness_of_sheets(rows: Rows) -> np.ndarray:
    """Return the place of each sheet among all, the newest one last: by the days it is about, and by what it is called."""
    first = [np.datetime64("NaT") if dating is None else dating.span[0] for dating in rows.datings]
    days = np.array(first, dtype="datetime64[D]").astype("int64")  # not a time is below all others
    edition = editions_of(np.array([part.source for part in rows.parts], dtype=object))
    order = np.lexsort((-np.arange(len(days)), edition, days))
    place = np.empty(len(days), dtype="int64")
    place[order] = np.arange(len(days))
    return place


def _adds_unknown_persons(own: pd.DataFrame) -> np.ndarray:
    """Return the rows of lists without the head that say by no names who it is, where another list of the household has him."""
    of_list = own.groupby(["household", "sheet", "day"], dropna=False)
    headless = ~of_list["head"].transform("any") & own.groupby("household")["head"].transform("any")
    unnamed = own["name"].isna().groupby(own["household"]).transform("any")
    result: np.ndarray = (headless & unnamed).to_numpy(dtype=bool)
    return result


def _take_numbers(rows: Rows, id_key: bytes | str | Path | None, numbers: Numbers) -> None:
    """Give rows of other tables the number of the person who stands in the same row of the same sheet."""
    if id_key is not None:
        return
    for source, of_row in numbers.items():
        mine = np.flatnonzero((rows.sources == source) & rows.personal["member_id"])
        if len(mine):
            found = of_row[~of_row.index.duplicated()].reindex(rows.rows[mine]).to_numpy(dtype=object)
            known = pd.notna(found)
            rows.frame.loc[mine[known], "member_id"] = found[known]
            rows.personal["member_id"][mine[known]] = False


def _number_of_repeats(rows: Rows) -> np.ndarray:
    """Return a number for each row: the same for rows that repeat each other in all cells and name the person."""
    number = np.arange(len(rows.frame))
    start = 0
    for part in rows.parts:
        n = len(part.frame)
        if n and "member_id" in part.layout.personal:
            cells = part.frame.iloc[:, part.layout.positions].astype("str").reset_index(drop=True)
            number[start : start + n] = start + pd.factorize(pd.util.hash_pandas_object(cells, index=False))[0]
        start += n
    return number
