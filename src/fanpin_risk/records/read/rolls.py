"""Which sheets say who the households of a register are, besides a sheet of households.

A list of something else (who plans to work elsewhere, who was visited) names some households for a reason of its own: it
adds nobody. A sheet with the yearly accounts of households, or with their members and how these are related, is no such
list: who stands in it is a household of the register, also where no other sheet names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fanpin_risk.records.income_items import NODES, STATED
from fanpin_risk.records.layout import Layout
from fanpin_risk.records.problems import Problems
from fanpin_risk.records.read.accounts import why_no_account
from fanpin_risk.records.read.monitored import lists_candidates
from fanpin_risk.records.rows import BESIDE_RANK, ROLL_RANK, RawRows
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.sheets import SheetHead
from fanpin_risk.words import Message, listed

__all__ = [
    "is_register_by_itself",
    "lists_households",
    "note_rolls",
    "roll_rows",
    "says_who_it_is_about",
    "without_faults",
]
FEWEST_KINDS = 2  # of income (wages, business, property, transfers), by which an account is told from one amount
MOST_NAMED = 5
BEGINNINGS = ("wage", "business", "prop", "tr")  # how the codes of items begin


def lists_households(head: SheetHead, layouts: dict[str, Layout]) -> bool:
    """Tell whether a sheet is about its households as such, so that all of them are of the register.

    Parameters
    ----------
    head : SheetHead
    layouts : dict of str to Layout
        By table, of the tables that the sheet has columns of.

    Returns
    -------
    bool
        Whether it has their accounts of a year (net income, or amounts of several kinds), or their members with how
        these are related to the head; members with nothing but wages are a list of workers.
    """
    if is_register_by_itself(layouts):
        return True
    if lists_candidates(head):
        return False
    members, incomes = layouts.get("members"), layouts.get("incomes")
    figures = set() if incomes is None else set(incomes.items)
    kinds = {_kind_of_income(figure) for figure in figures} - {""}
    if members is not None and {"household_id", "relation"} <= members.found and kinds != {"wage"}:
        return True
    if incomes is None or "household_id" not in incomes.found or why_no_account(head):
        return False
    return bool(figures & set(STATED)) or len(kinds) >= FEWEST_KINDS


def is_register_by_itself(layouts: dict[str, Layout]) -> bool:
    """Tell whether a sheet has households, members by relation, and how many each has or incomes other than wages.

    A list of workers beside a register has places and wages, and is of other people too.
    """
    if not {"households", "members"} <= layouts.keys() or "relation" not in layouts["members"].found:
        return False
    figures = layouts["incomes"].items if "incomes" in layouts else ()
    return "size_declared" in layouts["households"].found or any(
        not NODES[figure].item.startswith("wage") for figure in figures
    )


def _kind_of_income(figure: str) -> str:
    """Return the kind of income that a figure is of; "" for what is no income."""
    return next((kind for kind in BEGINNINGS if NODES[figure].item.startswith(kind)), "")


def says_who_it_is_about(sheets: Sequence[tuple[bool, bool, int | None]]) -> list[bool]:
    """Say which sheets give the households of a register that has no sheet of households.

    Parameters
    ----------
    sheets : sequence of (bool, bool, int or None)
        Of each sheet: whether it has ids of households, whether it lists them (see :func:`lists_households`), and how
        clear it is that it is of the table of households, None where it has no column of that table.

    Returns
    -------
    list of bool
        Those that list them; where none does and nothing else says who they are, all that have ids.

    Examples
    --------
    >>> says_who_it_is_about([(True, True, None), (True, False, None)])
    [True, False]
    >>> says_who_it_is_about([(True, False, None)]), says_who_it_is_about([(True, False, 3), (True, False, None)])
    ([True], [False, False])
    """
    own = [rank for *_, rank in sheets if rank is not None]
    if any(rank < BESIDE_RANK for rank in own):
        return [False] * len(sheets)
    lists = any(listing for _, listing, _ in sheets)
    return [has_id and rank is None and (listing or not (lists or own)) for has_id, listing, rank in sheets]


def roll_rows(raw: RawRows, layout: Layout) -> RawRows:
    """Return the rows of a sheet as rows of households of which nothing but the number and the days are known."""
    return without_faults(replace(raw, table=TABLES["households"], layout=layout, rank=ROLL_RANK, lists=True))


def note_rolls(sources: Sequence[str], problems: Problems) -> None:
    """Say once which sheets the households come from, and what is not known of them."""
    if sources:
        problems.note(
            table="households", source=sources[0], code="households_from_lists",
            text=Message(
                "no sheet is of households (户信息); households are those in {files}, and their place, status and housing are "
                "unknown as far as no sheet says them",
                files=listed(sources[:MOST_NAMED]),
            ),
        )  # fmt: skip


def without_faults(raw: RawRows) -> RawRows:
    """Leave out rows that could not be read as rows; they are reported once, for the table that the sheet is of."""
    if not raw.faults:
        return raw
    keep = ~np.logical_or.reduce([fault.mask for fault in raw.faults])
    if keep.all():
        return replace(raw, faults=[])
    return replace(raw, frame=raw.frame[keep].reset_index(drop=True), rows=raw.rows[keep], faults=[])
