"""Amounts that are too small for yuan: sheets, columns and single cells in 万元, 千元 or 百元 that do not say so.

Nobody's wage of a year is 4.2 yuan. A column whose usual amount is that small is read with the factor that the stated
income per person proves, if one does; else it is not used, its households are named, and their income is unknown.
Small amounts are common in transfers and dividends, so only what no household lives on is doubted; and not where a unit
is written, or where the stated income says that the amounts are in yuan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from fanpin_risk.records.cells import parse
from fanpin_risk.records.checks.amount_evidence import (
    FEW,
    LIVED_ON,
    STATED_FIGURES,
    WAGE_ITEMS,
    SheetAmountsKnown,
    SheetEvidence,
    Trial,
    known_of_sheet,
    may_be_small,
    proven_factor,
)
from fanpin_risk.records.checks.part_years import WHOLE_YEAR_DAYS
from fanpin_risk.records.income_items import BESIDE_INCOME, NODES, PER_PERSON, TREE, WHOLE, Node
from fanpin_risk.records.rows import RawRows, Rows
from fanpin_risk.records.stated import count_persons
from fanpin_risk.words import Message, listed

__all__ = ["doubt_magnitudes"]

FACTORS = (1e4, 1e3, 1e2)  # 万元, 千元, 百元
NEVER_NET = frozenset((*BESIDE_INCOME, "stated_gross_income"))
NET_INSTEAD = {
    "business_net": ("business_gross", "business_cost"),
    "property_net": ("property",),
    "transfer_net": ("transfers",),
}
USUAL_BESIDE_CELL = 1000.0  # of a column in which a single cell is doubted
SMALL_CELL = {True: 100.0, False: 10.0}  # with decimals: of wages, of business income
WHOLE_CELL = 10.0  # without decimals; 1 stands in for a value that is not known, and is no amount in 万元
OF_OTHER_ROWS = {
    True: 1000.0,
    False: 100.0,
}  # rows with more are in yuan: in sheets that are small as a whole, or in a column
MOST_TIMES_USUAL = 20.0  # of a column: what a single cell comes to in 万元 is not above, or it is in yuan
HALF_DIGIT = 0.0051  # of a stated income with two decimals
FEN = 0.006  # to which amounts in yuan were rounded
STATED_IN_YUAN = 1000.0  # a stated income from which on it may prove that amounts are in yuan: no 千元
ROUNDING, SHARE = 1.5, 0.005  # CNY per person, and share of the stated income


def doubt_magnitudes(
    rows: Rows, tables: Mapping[str, pd.DataFrame], known: Sequence[SheetAmountsKnown | None] | None = None
) -> list[SheetEvidence]:
    """Read amounts with the factor that a stated income proves, or leave out those that are too small for yuan.

    Parameters
    ----------
    rows : Rows
        Of incomes, with times filled and nothing merged; is changed.
    tables : mapping of str to DataFrame
        Checked ``households`` and ``members``.
    known : sequence of SheetAmountsKnown or None, optional
        What is known of each sheet from all its rows. Default: these are all its rows.

    Returns
    -------
    list of SheetEvidence
        What the rows tell of each sheet.
    """
    columns = _amounts_by_figure(rows)
    order = [*rows.amounts, *(figure for figure in rows.frame["item"].cat.categories if figure not in rows.amounts)]
    yearly = _of_a_year(rows)
    ends = np.cumsum([len(part.frame) for part in rows.parts])
    sheets = []
    for number, (part, end) in enumerate(zip(rows.parts, ends, strict=True)):
        mine = np.arange(end - len(part.frame), end)
        own = {figure: column[mine] for figure, column in columns.items() if not np.isnan(column[mine]).all()}
        sheet = _SheetAmounts(rows, part, mine, own, yearly[mine], order)
        sheet.find(None if known is None else known[number])
        sheets.append(sheet)
    if any(sheet.small or sheet.cells for sheet in sheets):
        counts = count_persons(tables)
        persons = pd.Series(np.where(counts["members"] > 0, counts["members"], counts["declared"]), index=counts.index)
        each = rows.frame["household_id"].map(persons).to_numpy(dtype="float64")
        stated = _stated_by_account(rows, sheets, each)
        for sheet in sheets:
            sheet.settle(each[sheet.places], stated[sheet.places])
    return [sheet.evidence for sheet in sheets]


def _amounts_by_figure(rows: Rows) -> dict[str, np.ndarray]:
    """Return all amounts by figure, those of sheets with a row for each amount too."""
    columns = {figure: column.copy() for figure, column in rows.amounts.items() if NODES[figure].item not in NEVER_NET}
    narrow = ~rows.wide
    if narrow.any():
        items = rows.frame["item"]
        codes, amounts = items.cat.codes.to_numpy(), rows.frame["amount_cny"].to_numpy()
        for number, figure in enumerate(items.cat.categories):
            mine = narrow & (codes == number)
            if mine.any() and NODES[figure].item not in NEVER_NET:
                column = columns.setdefault(figure, np.full(len(items), np.nan))
                column[mine] = amounts[mine]
    return columns


def _of_a_year(rows: Rows) -> np.ndarray:
    """Return the rows that are about a year and are all of it: a payment, or the wage of a month or a day, may be small."""
    frame = rows.frame
    days = (frame["period_end"] - frame["period_start"]).dt.days.to_numpy()
    parts = ~rows.wide & frame.duplicated(["household_id", "period_end", "item"], keep=False).to_numpy()
    result: np.ndarray = (days >= WHOLE_YEAR_DAYS - 1) & ~parts
    return result


def _stated_by_account(rows: Rows, sheets: Sequence[_SheetAmounts], each: np.ndarray) -> np.ndarray:
    """Return for each row the net income per person that any sheet states, in yuan, for its household and year."""
    known = np.full(len(each), np.nan)
    for sheet in sheets:
        own = each[sheet.places]
        for figure, divided in ((WHOLE, own), (PER_PERSON, np.ones(len(own)))):
            if figure in sheet.own and figure not in sheet.small:
                figures = sheet.own[figure] / divided
                known[sheet.places] = np.where(np.isnan(figures), known[sheet.places], figures)
    return _known_by_account(rows, known)


def _known_by_account(rows: Rows, figures: np.ndarray) -> np.ndarray:
    """Return a figure of some rows for all rows of the same household and year; NaN where there are several."""
    keys = rows.frame[["household_id", "period_end"]].assign(figure=figures)
    grouped = keys.groupby(["household_id", "period_end"], dropna=False, sort=False)["figure"]
    low, high = (grouped.transform(side).to_numpy() for side in ("min", "max"))
    result: np.ndarray = np.where(low == high, low, np.nan)
    return result


@dataclass(slots=True)
class _SmallCells:
    """Single cells of a column that are too small."""

    figure: str
    mask: np.ndarray
    plausible: np.ndarray  # in 万元, beside the others


class _SheetAmounts:
    """The amounts of one sheet, by figure."""

    def __init__(
        self,
        rows: Rows,
        part: RawRows,
        places: np.ndarray,
        own: dict[str, np.ndarray],
        yearly: np.ndarray,
        order: Sequence[str],
    ) -> None:
        self.rows, self.part, self.places, self.own = rows, part, places, own
        self.per_member = part.per_member
        self.small: list[str] = []
        self.cells: list[_SmallCells] = []
        self.whole = False
        self.alive = ~rows.rejected[places] & yearly
        self.evidence = SheetEvidence({figure: place for place, figure in enumerate(order) if figure in own}, {})
        self.known = SheetAmountsKnown([], {}, {}, [], whole=False)

    def find(self, known: SheetAmountsKnown | None) -> None:
        """Find the columns, and in other columns the cells, that are too small for yuan."""
        believed = self._believed()
        found = {
            figure: np.abs(column[self.alive & (np.nan_to_num(column) != 0)]) for figure, column in self.own.items()
        }
        self.evidence.amounts = {figure: amounts for figure, amounts in found.items() if figure not in believed}
        self.known = known_of_sheet([self.evidence]) if known is None else replace(known, factors=dict(known.factors))
        nothing = np.full(len(self.places), np.nan)  # where amounts of a figure stand in other rows only
        self.own = {figure: self.own.get(figure, nothing) for figure in self.known.figures}
        self.small, self.whole, usual = list(self.known.small), self.known.whole, self.known.usual
        for figure in [figure for figure in usual if NODES[figure].item in LIVED_ON and figure not in STATED_FIGURES]:
            if figure not in self.small:
                self._find_cells(figure, usual[figure])
        for figure in (*self.small, *(cells.figure for cells in self.cells)):
            self._read_again(figure)
        self.evidence.doubted |= any(may_be_small(figure, column) for figure, column in self.evidence.amounts.items())

    def _believed(self) -> set[str]:
        """Return the figures whose unit is written: none of their amounts is doubted."""
        layout = self.part.layout
        if "amount_cny" in layout.columns:
            return set(self.own) if layout.columns["amount_cny"][0] in layout.said else set()
        unsaid = {figure for figure, at, _ in layout.item_columns if at not in layout.said}
        return {figure for figure, at, _ in layout.item_columns if at in layout.said} - unsaid

    def _read_again(self, figure: str) -> None:
        """Read amounts with all their decimals: those in yuan are rounded to the fen."""
        positions = [(at, factor) for one, at, factor in self.part.layout.item_columns if one == figure]
        if len(positions) != 1 or not self.rows.wide[self.places].any():
            return
        at, factor = positions[0]
        amount = replace(self.rows.table["amount_cny"], minimum=None, maximum=None)
        exact = parse(self.part.frame.iloc[:, at], amount, factor=factor * FACTORS[0]).column.to_numpy() / FACTORS[0]
        same = np.abs(exact - self.own[figure]) <= FEN
        self.own[figure] = np.where(same, exact, self.own[figure])

    def _find_cells(self, figure: str, usual: float) -> None:
        column = np.abs(self.own[figure])
        positive = self.alive & (column > 0)
        decimals = column != np.round(column)
        limit = SMALL_CELL[NODES[figure].item in WAGE_ITEMS]
        mask, low = positive & (column < limit) & decimals, positive & (column > 1) & (column < WHOLE_CELL)
        self.evidence.doubted |= bool((mask | low).any())
        if self.known.counts[figure] >= FEW:
            mask |= low
        mask &= column < usual / 100
        if mask.any() and usual >= USUAL_BESIDE_CELL:
            self.cells.append(_SmallCells(figure, mask, column * FACTORS[0] <= MOST_TIMES_USUAL * usual))

    def settle(self, each: np.ndarray, stated: np.ndarray) -> None:
        """Multiply what is too small by the factor that the stated income proves; leave out what none proves."""
        if self.small:
            items = [figure for figure in self.small if figure not in STATED_FIGURES]
            factor = None if self.per_member else self._proven(items, each, stated)
            if factor is not None:
                if factor != 1.0:
                    self._multiply(items, factor)
                self.small = [figure for figure in self.small if figure not in items]
            if set(self.small) <= {PER_PERSON, WHOLE} and self.small and not self.per_member:
                factor = self._proven_of_stated(each)
                if factor is not None:
                    self._multiply(self.small, factor)
                    self.rows.unit[self.places] = factor
                    self.small = []
            if self.small:
                self._leave_out(self._agreeing(each, stated))
        for cells in self.cells:
            self._settle_cells(cells, each, stated)

    def _proven(self, figures: Sequence[str], each: np.ndarray, stated: np.ndarray) -> float | None:
        """Return the factor of some columns with which the items come nearest to the stated income per person."""
        if not figures:
            return None
        if "items" not in self.known.factors:
            touched = self._touched(figures)
            trials: dict[float, Trial] = {}
            for factor in (*FACTORS, 1.0):
                changed = self.own | {
                    figure: np.where(touched, self.own[figure] * factor, self.own[figure]) for figure in figures
                }
                net = _net_of_kinds(changed, len(each)) / each
                known = _in_yuan(stated) if factor == 1.0 else stated
                trials[factor] = Trial(np.abs(net - known)[touched], [_agreement(net, known, touched)])
            self._ask("items", trials)
        return self.known.factors["items"]

    def _ask(self, of: str, trials: dict[float, Trial]) -> None:
        """Find out which factor the rows prove; where some of them are elsewhere they are asked together."""
        if not self.evidence.asked:
            self.evidence.asked, self.evidence.trials = of, trials
        self.known.factors[of] = proven_factor([trials])

    def _agreeing(self, each: np.ndarray, stated: np.ndarray) -> np.ndarray:
        """Return the rows whose amounts come to the stated income as they are, in yuan."""
        if self.per_member:
            return np.zeros(len(each), dtype=bool)
        return _within_rounding(_net_of_kinds(self.own, len(each)) / each, _in_yuan(stated))

    def _touched(self, figures: Sequence[str]) -> np.ndarray:
        """Return the rows with amounts in some columns, all of them small."""
        amounts = np.array([np.nan_to_num(np.abs(self.own[figure])) for figure in figures]).max(axis=0)
        result: np.ndarray = self.alive & (amounts > 0) & (amounts < OF_OTHER_ROWS[self.whole])
        return result

    def _proven_of_stated(self, each: np.ndarray) -> float | None:
        """Return the factor with which the stated income comes to that of the items."""
        if "stated" not in self.known.factors:
            net = _net_of_kinds(self.own, len(each))
            trials: dict[float, Trial] = {}
            for factor in FACTORS:
                of_figures = [
                    _agreement(
                        self.own[figure] * factor,
                        net if figure == WHOLE else net / each,
                        self._touched([figure]),
                        rounding=factor * HALF_DIGIT,
                    )
                    for figure in self.small
                ]
                trials[factor] = Trial(np.zeros(0), of_figures)
            self._ask("stated", trials)
        return self.known.factors["stated"]

    def _multiply(self, figures: Sequence[str], factor: float) -> None:
        touched = self._touched(figures)
        for figure in figures:
            self._put(figure, touched, np.round(self.own[figure] * factor, 2))
        self.rows.problems.note(
            table=self.rows.table.name, source=self.part.source, code="unit_from_stated",
            text=Message(
                "names no unit; stated and computed net income agree only if {columns} are multiplied by {factor:,.10g}, which was done",
                columns=listed([_figure_name(figure) for figure in figures]), factor=factor,
            ),
        )  # fmt: skip

    def _put(self, figure: str, mask: np.ndarray, values: np.ndarray) -> None:
        """Write amounts where they came from."""
        self.own[figure] = np.where(mask, values, self.own[figure])
        places, rows = self.places[mask], self.rows
        wide = rows.wide[places]
        if figure in rows.amounts:
            rows.amounts[figure][places[wide]] = values[mask][wide]
        narrow = places[~wide & (rows.frame["item"].iloc[places] == figure).to_numpy()]
        if len(narrow):
            rows.frame.loc[narrow, "amount_cny"] = values[np.searchsorted(self.places, narrow)]

    def _leave_out(self, agreeing: np.ndarray) -> None:
        """Do not use columns that are too small, but in agreeing rows; where they are part of income, it is unknown."""
        rows = self.rows
        amounts = np.array([np.nan_to_num(self.own[figure]) for figure in self.small])
        touched = self._touched(self.small) & ~agreeing
        where = self.places[touched]
        rows.report(
            where, "", "unit_doubtful", "blanked",
            Message(
                "amounts in yuan: those of {columns} are so small in this sheet that they are probably in another unit (万元); "
                "they are not used. Name the unit in the header, as 工资性收入（万元）",
                columns=listed([_figure_name(figure) for figure in self.small]),
            ),
            figures=(np.abs(amounts).sum(axis=0)[touched], np.full(len(where), np.nan)),
        )  # fmt: skip
        items = set(self.own) - {PER_PERSON, WHOLE}
        unknown = bool(items & set(self.small)) or not items
        for figure in self.small:
            self._put(figure, touched, np.full(len(self.places), np.nan))
        if unknown:
            self._make_unknown(where)

    def _make_unknown(self, where: np.ndarray) -> None:
        rows = self.rows
        wide = rows.wide[where]
        rows.unclear[where[wide]] = True
        narrow = where[~wide]
        if len(narrow):
            rows.frame.loc[narrow, "item"] = WHOLE
            rows.frame.loc[narrow, "amount_cny"] = np.nan

    def _settle_cells(self, cells: _SmallCells, each: np.ndarray, stated: np.ndarray) -> None:
        """Multiply single cells that the stated income proves, and leave out the others."""
        column, open_cells = self.own[cells.figure], cells.mask.copy()
        for factor in FACTORS if not self.per_member else ():
            changed = self.own | {cells.figure: np.where(open_cells, column * factor, column)}
            proven = open_cells & _within_rounding(_net_of_kinds(changed, len(each)) / each, stated)
            if proven.any():
                self._put(cells.figure, proven, np.round(column * factor, 2))
                self.rows.report(
                    self.places[proven], cells.figure, "unit_from_stated", "warning",
                    Message(
                        "an amount in yuan; by the stated net income it is in another unit, and was multiplied by {factor:,.10g}",
                        factor=factor,
                    ),
                )  # fmt: skip
                open_cells &= ~proven
        open_cells &= cells.plausible & ~self._agreeing(each, stated)
        where = self.places[open_cells]
        self.rows.report(
            where, cells.figure, "unit_doubtful", "blanked",
            Message("an amount in yuan; beside the others of its column it is so small that it may be in another unit (万元)"),
            figures=(column[open_cells], np.full(len(where), np.nan)),
        )  # fmt: skip
        self._put(cells.figure, open_cells, np.full(len(column), np.nan))
        self._make_unknown(where)


def _net_of_kinds(columns: Mapping[str, np.ndarray], n: int) -> np.ndarray:
    """Return the net income that the amounts of each row come to: of each kind its total, else the sum of its parts."""
    nothing = np.full(n, np.nan)

    def worth(node: Node) -> np.ndarray:
        own = columns.get(node.code, nothing)
        parts = [worth(part) for part in node.parts if part.code != node.code]
        if not parts:
            return own
        stacked = np.array(parts)
        summed = np.where(np.isnan(stacked).all(axis=0), np.nan, np.nansum(stacked, axis=0))
        result: np.ndarray = np.where(np.isnan(own), summed, own)
        return result

    kinds = {
        node.code: worth(node) for node in TREE if node.item not in NEVER_NET and node.code not in (PER_PERSON, WHOLE)
    }
    for net, instead in NET_INSTEAD.items():
        if net in kinds:
            for kind in instead:
                kinds[kind] = np.where(np.isnan(kinds[net]), kinds[kind], np.nan)
    signed = [-kind if code == "business_cost" else kind for code, kind in kinds.items()]
    result: np.ndarray = np.nansum(np.array(signed), axis=0)
    return result


def _within_rounding(one: np.ndarray, other: np.ndarray, rounding: float = 0.0) -> np.ndarray:
    result: np.ndarray = np.abs(one - other) <= ROUNDING + rounding + SHARE * np.abs(other)
    return result


def _in_yuan(stated: np.ndarray) -> np.ndarray:
    """Return the stated incomes that are large enough to be in yuan themselves; NaN for the others."""
    result: np.ndarray = np.where(stated >= STATED_IN_YUAN, stated, np.nan)
    return result


def _agreement(one: np.ndarray, other: np.ndarray, where: np.ndarray, *, rounding: float = 0.0) -> np.ndarray:
    """Return for each row in which two figures are known whether they are the same."""
    both = where & ~np.isnan(one) & ~np.isnan(other) & (np.abs(other) > ROUNDING)
    return _within_rounding(one, other, rounding)[both]


def _figure_name(figure: str) -> Message:
    return Message(figure, zh=NODES[figure].names[0])
