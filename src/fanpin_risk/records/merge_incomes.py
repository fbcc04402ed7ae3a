"""Amounts of one household and year from several rows and sheets, merged item by item.

What one sheet has and another lacks is added up; the same item in two sheets is one amount. Where they differ, the sheet
that is clearly of incomes, or the newer one, decides; where neither is, the amount is kept out and income is unknown.
An amount that is not used is always named with its household.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from fanpin_risk.records.editions import editions_of, is_newer
from fanpin_risk.records.income_items import (
    BESIDE_INCOME,
    CONSUMPTION,
    NODES,
    PER_PERSON,
    STATED,
    TOLERANCE_CNY,
    WHOLE,
    walk,
)
from fanpin_risk.records.merge import DOUBTFUL_RANK
from fanpin_risk.records.once_per_household import once_per_household
from fanpin_risk.records.rows import Rows
from fanpin_risk.words import Message

__all__ = ["ACCOUNT", "PERIOD", "merge_incomes"]

SAME_CNY = 0.005  # amounts are kept to the fen
ABOUT_A_YEAR = np.timedelta64(330, "D")
PERIOD = ["household_id", "period_start", "period_end"]
ACCOUNT = [*PERIOD, "recorded_at"]
BELOW = {figure: frozenset(part.code for part in walk(node.parts)) for figure, node in NODES.items()}
NETS = {
    "business_net": ("business_gross", "business_cost"),
    "property_net": ("property",),
    "transfer_net": ("transfers",),
}


def _related(figure: str) -> frozenset[str]:
    """Return the figures that a figure is part of, or that are part of it, and itself."""
    related = {figure, *BELOW[figure], *(total for total, parts in BELOW.items() if figure in parts)}
    for net, totals in NETS.items():
        if figure == net or any(figure == total or figure in BELOW[total] for total in totals):
            related |= {net, *BELOW[net], *totals}
    return frozenset(related)


RELATED = {figure: _related(figure) for figure in NODES}


def merge_incomes(rows: Rows, per_member: np.ndarray) -> None:
    """Merge the amounts of each household and year.

    Parameters
    ----------
    rows : Rows
        Of incomes, with times filled; is changed.
    per_member : ndarray of bool, shape (n,)
        Rows of sheets that have a row for each member.
    """
    alive = ~rows.rejected
    if not (alive & rows.wide).any() or not rows.amounts:
        return
    once_per_household(rows, alive & rows.wide, per_member)
    amounts = _Amounts(rows)
    amounts.take_each_once()
    amounts.leave_out_what_the_household_has()
    amounts.absorb_empty_rows()
    amounts.say_unknown_once()


class _Amounts:
    """All amounts of a table of incomes by figure and row, those of long sheets too."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.alive = ~rows.rejected & ~rows.absorbed
        self.had = {figure: ~np.isnan(column) for figure, column in rows.amounts.items()}
        self.columns = dict(rows.amounts)
        narrow = self.alive & ~rows.wide
        if narrow.any():
            items = rows.frame["item"]
            for number, figure in enumerate(items.cat.categories):
                mine = narrow & (items.cat.codes.to_numpy() == number)
                if mine.any():
                    column = self.columns.get(figure, np.full(len(items), np.nan)).copy()
                    column[mine] = rows.frame["amount_cny"].to_numpy()[mine]
                    self.columns[figure] = column
        self.source = pd.factorize(rows.sources)[0]
        self.edition = editions_of(rows.sources)
        self.repeated, self.differing = np.zeros((2, len(rows.frame)), dtype=bool)
        self.person = rows.frame["member_id"].notna().to_numpy()

    def leave(self, figure: str, places: np.ndarray) -> None:
        """Do not use the amounts of a figure at some places."""
        self.columns[figure][places] = np.nan
        wide = places[self.rows.wide[places]]
        if figure in self.rows.amounts:
            self.rows.amounts[figure][wide] = np.nan
        self.rows.absorbed[places[~self.rows.wide[places]]] = True

    def name(self, figure: str, places: np.ndarray, code: str, expected: Message) -> None:
        """Report amounts that are not used."""
        self.rows.report(places, figure, code, "warning", expected)

    def doubt(self, figure: str, places: np.ndarray) -> None:
        """Say that income is unknown since an amount was kept out; at one row of each account."""
        rows = self.rows
        if NODES[figure].item in CONSUMPTION:
            rows.not_consumed[places] = True
        if figure in STATED or NODES[figure].item in BESIDE_INCOME:
            return
        rows.unclear[places[rows.wide[places]]] = True
        narrow = places[~rows.wide[places]]
        if len(narrow):
            rows.absorbed[narrow] = False
            rows.frame.loc[narrow, "item"] = "stated_net_income"
            rows.frame.loc[narrow, "amount_cny"] = np.nan

    # --- the same figure in several rows ------------------------------------------------------------------------------
    def take_each_once(self) -> None:
        """Take each figure of a household and year once, of all its rows."""
        rows = self.rows
        mine = self.alive & ~self.person
        account = np.full(len(mine), -1)
        account[mine] = rows.frame.loc[mine, ACCOUNT].groupby(ACCOUNT, dropna=False, sort=False).ngroup().to_numpy()
        together = np.bincount(account[mine], minlength=1)
        places = np.flatnonzero(mine & (together[account] > 1))
        if not len(places):
            return
        best = min(rows.ranks.values())
        lesser = np.where((rows.rank > best) & (rows.rank >= DOUBTFUL_RANK), rows.rank, 0)
        order = places[np.lexsort((places, -self.edition[places], lesser[places], account[places]))]
        groups = np.unique(account[order], return_inverse=True)[1]
        self._leave_what_does_not_fit(order, groups, lesser)
        for figure in list(self.columns):
            self._once(figure, order, groups, lesser)

    def _once(self, figure: str, order: np.ndarray, groups: np.ndarray, lesser: np.ndarray) -> None:
        values = self.columns[figure][order]
        given = np.flatnonzero(~np.isnan(values))
        if len(given) == len(np.unique(groups[given])):
            return
        winner = np.full(int(groups.max()) + 1, len(order))
        np.minimum.at(winner, groups[given], given)
        at = winner[groups[given]]
        others, at = given[given != at], at[given != at]
        place, instead = order[others], order[at]
        unlike = np.abs(values[others] - values[at]) > SAME_CNY
        clearer = unlike & (lesser[instead] < lesser[place])
        newer = unlike & ~clearer & is_newer(self.edition[instead], self.edition[place])
        clash = unlike & ~clearer & ~newer
        self.leave(figure, place)
        self.repeated[place[~unlike & (self.source[place] == self.source[instead])]] = True
        self.differing[place[unlike]] = True
        self.name(
            figure, place[clearer], "amount_not_used",
            Message("the amount of the sheet that is clearly of incomes, which was used"),
        )  # fmt: skip
        self.name(
            figure, place[newer], "older_file",
            Message("the amount of the newer file, which was used"),
        )  # fmt: skip
        if clash.any():
            first = np.unique(instead[clash])
            self.leave(figure, first)
            rows = np.unique(np.concatenate([first, place[clash]]))
            self.rows.report(
                rows, figure, "amounts_differ", "blanked",
                Message("one amount per household and year; rows or sheets of this one differ, and none is clearly newer"),
            )  # fmt: skip
            self.doubt(figure, first)

    def _leave_what_does_not_fit(self, order: np.ndarray, groups: np.ndarray, lesser: np.ndarray) -> None:
        """Leave out parts in doubtful sheets that are more than the total that a clear sheet has."""
        doubtful = lesser[order] > 0
        if not doubtful.any() or doubtful.all():
            return
        n = int(groups.max()) + 1
        totals: dict[str, np.ndarray] = {}
        for figure, column in self.columns.items():
            values = np.where(doubtful, np.nan, column[order])
            if NODES[figure].parts and not np.isnan(values).all():
                totals[figure] = np.full(n, np.nan)
                np.fmax.at(totals[figure], groups, values)
        for total, most in totals.items():
            for figure in BELOW[total] & self.columns.keys():
                values = np.where(doubtful, self.columns[figure][order], np.nan)
                above = order[values > most[groups] + TOLERANCE_CNY]
                self.leave(figure, above)
                self.name(
                    figure, above, "amount_not_used",
                    Message("a part not above its total in the sheet that is clearly of incomes; the total was used"),
                )  # fmt: skip

    # --- persons, months -----------------------------------------------------------------------------------------------
    def leave_out_what_the_household_has(self) -> None:
        """Leave out amounts of persons and of parts of a year where another sheet has that kind for the whole of both."""
        rows = self.rows
        frame = rows.frame[PERIOD].assign(place=np.arange(len(rows.frame)), source=self.source)
        year = (rows.frame["period_end"] - rows.frame["period_start"]).to_numpy() >= ABOUT_A_YEAR
        alive = ~rows.rejected & ~rows.absorbed
        part, whole = alive & (self.person | ~year), alive & ~self.person & year
        if not part.any() or not whole.any():
            return
        pairs = frame[part].merge(frame[whole], on="household_id", suffixes=("", "_of_whole"))
        within = (pairs["period_start"] >= pairs["period_start_of_whole"]) & (
            pairs["period_end"] <= pairs["period_end_of_whole"]
        )
        pairs = pairs[within & (pairs["source"] != pairs["source_of_whole"])]
        places, of_whole = pairs["place"].to_numpy(), pairs["place_of_whole"].to_numpy()
        for figure in [figure for figure in self.columns if figure not in STATED]:
            values = self.columns[figure]
            has = np.zeros(len(places), dtype=bool)
            for other in RELATED[figure] & self.columns.keys():
                has |= ~np.isnan(self.columns[other][of_whole])
            has &= ~np.isnan(values[places])
            if not has.any():
                continue
            found = np.unique(places[has])
            with_amount = found[values[found] != 0]
            self.leave(figure, found)
            self.name(
                figure, with_amount, "part_not_added",
                Message("an amount that is not in the household's of the whole year, which another sheet has and which was used"),
            )  # fmt: skip

    def absorb_empty_rows(self) -> None:
        """Absorb the rows of wide sheets of which no amount is left that had any."""
        rows = self.rows
        had = np.zeros(len(rows.frame), dtype=bool)
        has = np.zeros(len(rows.frame), dtype=bool)
        for figure, before in self.had.items():
            had |= before
            has |= ~np.isnan(rows.amounts[figure])
        rows.absorbed |= self.alive & rows.wide & had & ~has & ~rows.unclear
        rows.report(
            self.repeated & rows.absorbed & ~self.differing, "", "duplicate_row", "warning",
            Message("each row once; an earlier row says the same, and what it says counts once"),
        )  # fmt: skip
        rows.report(
            self.repeated & ~rows.absorbed, "", "duplicate_record", "warning",
            Message("each amount once; an earlier row has some of the same"),
        )  # fmt: skip

    def say_unknown_once(self) -> None:
        """Let one row of each account say that income is unknown, where what is stated of it can stand beside that."""
        rows = self.rows
        if not rows.unclear.any():
            return
        frame = rows.frame[ACCOUNT]
        account = frame.groupby(ACCOUNT, dropna=False, sort=False).ngroup().to_numpy()
        unclear = np.unique(account[rows.unclear & ~rows.rejected])
        mine = np.isin(account, unclear) & ~rows.rejected & ~rows.absorbed
        rows.unclear[:] = False
        whole, per_person = (
            mine & ~np.isnan(self.rows.amounts.get(figure, np.full(len(mine), np.nan)))
            for figure in (WHOLE, PER_PERSON)
        )
        both = np.isin(account, account[whole]) & np.isin(account, account[per_person])
        if (whole & both).any():
            rows.amounts[WHOLE][whole & both] = np.nan
            whole &= ~both
        places = np.flatnonzero(mine)
        best = places[np.lexsort((places, ~whole[places], account[places]))]
        rows.unclear[best[np.unique(account[best], return_index=True)[1]]] = True
