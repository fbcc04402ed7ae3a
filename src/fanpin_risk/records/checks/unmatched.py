"""Tables of which hardly an id stands in the register: said once for each, with the likeliest reason and what to do."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

import pandas as pd

from fanpin_risk.records.checks.id_forms import (
    FEWEST_SIGNS_OF_ID,
    FORMS,
    NearIds,
    alike_in_form,
    behind_a_code,
    shape_of,
)
from fanpin_risk.records.problems import Problems
from fanpin_risk.words import Message

__all__ = ["LOOKED_AT", "UNMATCHED_REASONS", "note_unmatched", "telling_ids"]

# Why ids do not match, and what is to be done.
UNMATCHED_REASONS: Mapping[str, Message] = MappingProxyType(
    {
        "zeros": Message("zeros at the beginning were lost on one side; export the column as text"),
        "signs": Message("they are written with other blanks, hyphens or letters; write them alike"),
        "rounded": Message(
            "their last digits were lost, as in numbers of more than 15 digits; export the column as text"
        ),
        "prefix": Message("on one side a code, such as that of the area, stands before them; write them alike"),
        "persons": Message("they are the ids of persons; give the column with the ids of households"),
        "serial": Message("they are only counted through; give the column with the ids that the households have"),
        "county": Message("they begin otherwise, as of another county; give the file of this one"),
        "other": Message("they are of other households, or numbered otherwise; give the ids that the households have"),
    }
)
MOST_UNMATCHED = 0.8  # of the rows of a sheet; with more it is the sheet, not the rows
FEWEST_UNMATCHED = 3
FEWEST_EXPLAINED = 0.5  # of the ids without a household that a reason has to explain
LOOKED_AT = 5_000  # ids of a sheet by which the reason is found
COUNTY_DIGITS = 6
LONGEST_SERIAL = 5
SHOWABLE = re.compile(r"[0-9A-Za-z_.-]{1,24}")  # no name


def note_unmatched(
    problems: Problems, unknown: pd.DataFrame, sizes: Mapping[tuple[str, str], int], known: Iterable[str],
    persons: Iterable[str] = (), *, hashed: bool = False, counts: Mapping[tuple[str, str], int] | None = None,
) -> None:  # fmt: skip
    """Say of each sheet of which hardly an id stands in the register why that may be so.

    Parameters
    ----------
    problems : Problems
        Takes what is found.
    unknown : DataFrame
        ``table, source, row, household_id`` of the rows that name a household not in the register.
    sizes : mapping of (str, str) to int
        Rows of each table and sheet.
    known, persons : iterable of str
        Ids of the households and members of the register.
    hashed : bool
        Whether the ids are pseudonyms, of which nothing can be told.
    counts : mapping of (str, str) to int, optional
        How many such rows each table and sheet has, where `unknown` has only the first of each id.
    """
    if not len(unknown):
        return
    ids, people = set(known), set(persons)
    for (table, source), rows in unknown.groupby(["table", "source"], sort=False):
        key = str(table), str(source)
        mine = rows["household_id"].drop_duplicates().head(LOOKED_AT).tolist()
        reason, alike = ("other", {}) if hashed else _reason(mine, ids, people)
        count = len(rows) if counts is None else counts[key]
        share = count / max(sizes.get(key, 0), 1)
        if count < FEWEST_UNMATCHED or (share <= MOST_UNMATCHED and not alike):
            continue
        text = Message(
            "{count:,} of {total:,} rows name households that are not in households (户信息表), and were left out. Likely "
            "reason: {reason}",
            count=count, total=sizes.get(key, count), reason=UNMATCHED_REASONS[reason],
        )  # fmt: skip
        first = next((one for one in rows.itertuples() if not alike or one.household_id in alike), None)
        if first is not None and not hashed and SHOWABLE.fullmatch(str(first.household_id)):
            own = str(first.household_id)
            other = alike.get(own) or next((one for one in sorted(ids) if SHOWABLE.fullmatch(one)), None)
            example = Message("row {row} has {id}", row=first.row, id=own)
            if other is not None:
                example = Message("row {row} has {id}, households have {other}", row=first.row, id=own, other=other)
            text = Message("{what} (such as {example})", what=text, example=example)
        problems.note(table=key[0], source=key[1], column="", code="ids_unmatched", severity="rejected", text=text)


def telling_ids(ids: Iterable[str], mine: Collection[str]) -> set[str]:
    """Return those of all ids of households by which the reason is found as by all of them, one after the other.

    Parameters
    ----------
    ids : iterable of str
        Of the households of the register; may be more than fit into memory.
    mine : collection of str
        The ids that do not stand among them.

    Returns
    -------
    set of str
    """
    forms = [(form, {key for one in mine if (key := form(one))}) for form in FORMS.values()]
    own, lengths = frozenset(mine), {len(one) for one in mine if len(one) >= FEWEST_SIGNS_OF_ID}
    ends = {one[-length:] for one in mine for length in range(FEWEST_SIGNS_OF_ID, len(one))}
    near = NearIds(mine)
    found: set[str] = set()
    examples: dict[str, str] = {}  # one for each county and each shape, a short one, and the first that can be shown
    for one in ids:
        if (
            any(form(one) in keys for form, keys in forms)
            or one in ends
            or any(one[-length:] in own for length in lengths)
            or near.to(one)
        ):
            found.add(one)
        examples.setdefault(f"shape {shape_of(one)}", one)
        examples.setdefault(f"county {one[:COUNTY_DIGITS]}" if one[:COUNTY_DIGITS].isdecimal() else "", one)
        if len(one) <= LONGEST_SERIAL:
            examples.setdefault("short", one)
        if one < examples.get("shown", f"{one}0") and SHOWABLE.fullmatch(one):
            examples["shown"] = one
    return found | set(examples.values())


def _reason(mine: list[str], ids: set[str], persons: set[str]) -> tuple[str, dict[str, str]]:
    """Return why ids do not stand among those of the register, and those that are likely meant."""
    enough = FEWEST_EXPLAINED * len(mine)
    for reason, form in FORMS.items():
        alike = alike_in_form(mine, ids, form)
        if len(alike) >= enough:
            return reason, alike
    alike = behind_a_code(mine, ids)
    if len(alike) >= enough:
        return "prefix", alike
    if sum(one in persons for one in mine) >= enough:
        return "persons", {}
    if all(len(one) <= LONGEST_SERIAL and one.isdecimal() for one in mine):
        return ("other" if any(len(one) <= LONGEST_SERIAL for one in ids) else "serial"), {}
    counties, own = ({one[:COUNTY_DIGITS] for one in some if one[:COUNTY_DIGITS].isdecimal()} for some in (ids, mine))
    return ("county" if counties and own and not counties & own else "other"), {}
