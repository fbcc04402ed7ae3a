"""Amounts: bills that add up, values that are usual, and one record per amount of wide sheets."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fanpin_risk.records.income_accounts import settle
from fanpin_risk.records.income_items import (
    BESIDE_INCOME,
    BESIDE_ON_FORM,
    CONSUMPTION,
    ITEM_TEXTS,
    ITEMS,
    NODES,
    OWN_LINE,
    PER_PERSON,
    STATED,
)
from fanpin_risk.records.rows import Rows
from fanpin_risk.records.stated import LIKELY_REASONS, compare_stated, count_persons
from fanpin_risk.words import Message

__all__ = [
    "check_stated",
    "check_usual_values",
    "complete_bills",
    "records_of_rows",
    "settle_records",
    "spread_per_person",
]

REIMBURSEMENTS = ("reimb_basic_cny", "reimb_serious_cny", "reimb_aid_cny", "reimb_other_cny")
BILL_TOLERANCE_CNY = 1.0  # bills are rounded
GROSS_FIGURES = frozenset(figure for figure, node in NODES.items() if node.item in ("business_gross", "business_net"))
LOWEST_LIKELY_WAGE = 300.0  # CNY a year; checkers of real registers flag wages of 1 to 299


def complete_bills(rows: Rows) -> None:
    """Compute what the patient paid where it is not given, and compare it where it is."""
    frame = rows.frame
    parts = frame[list(REIMBURSEMENTS)]
    reimbursed = parts.sum(axis=1).to_numpy()
    any_given = parts.notna().any(axis=1).to_numpy()
    total, given = frame["total_cost_cny"].to_numpy(), frame["out_of_pocket_cny"].to_numpy()
    rest = np.round(total - reimbursed, 2) + 0.0
    rows.report(
        any_given & (reimbursed > total + BILL_TOLERANCE_CNY), "total_cost_cny", "reimbursed_more_than_total", "warning",
        Message("a total not below the sum of reimbursements"),
    )  # fmt: skip
    rows.report(
        any_given & (np.abs(rest - given) > BILL_TOLERANCE_CNY), "out_of_pocket_cny", "bill_does_not_add_up", "warning",
        Message("total cost less all reimbursement (within 1 CNY)"),
    )  # fmt: skip
    absent = np.isnan(given) & ~rows.fault["out_of_pocket_cny"] & any_given & (rest >= 0)
    frame["out_of_pocket_cny"] = np.where(absent, rest, given)


def check_usual_values(rows: Rows, records: pd.DataFrame, origin: np.ndarray) -> None:
    """Warn of values outside the bounds between which most lie."""
    for column in rows.table.columns:
        if column.soft_minimum is None and column.soft_maximum is None:
            continue
        low = -np.inf if column.soft_minimum is None else column.soft_minimum
        high = np.inf if column.soft_maximum is None else column.soft_maximum
        values = records[column.name].to_numpy()
        rows.report(
            origin[(values < low) | (values > high)], column.name, "unusual_value", "warning",
            Message("a value usually from {low:,.12g} to {high:,.12g}", low=max(low, column.minimum or 0), high=high),
        )  # fmt: skip
    if "item" in rows.table:
        amount = records["amount_cny"].to_numpy()
        low_wage = (records["item"] == "wage").to_numpy() & (amount > 0) & (amount < LOWEST_LIKELY_WAGE)
        rows.report(
            origin[low_wage], "wage", "unusual_value", "warning",
            Message("a yearly wage of 0 or of at least {lowest:g} CNY", lowest=LOWEST_LIKELY_WAGE),
        )  # fmt: skip


def records_of_rows(rows: Rows) -> tuple[pd.DataFrame, np.ndarray]:
    """Return one record per amount for wide sheets, else one per row, and the row each comes from."""
    n = len(rows.frame)
    if not rows.amounts:
        return rows.frame, np.arange(n)
    items = list(rows.amounts)
    amounts = np.column_stack([rows.amounts[item] for item in items])
    row, item = np.nonzero(~np.isnan(amounts) & rows.wide[:, None])
    none = rows.wide & ~rows.rejected & ~rows.absorbed & ~rows.unclear & (np.bincount(row, minlength=n) == 0)
    below = none & rows.per_member  # amounts of a household may stand on the row of its head only
    if below.any():
        keys = pd.MultiIndex.from_frame(rows.frame[["household_id", "period_end"]])
        none &= ~(below & keys.isin(keys[rows.wide & ~rows.rejected & ~none]))
    rows.report(
        none, "", "no_amounts", "warning",
        Message("at least one amount"),
    )  # fmt: skip
    for figure, unknown in _unknown(rows, items, amounts).items():
        row = np.concatenate([row, np.flatnonzero(unknown)])
        item = np.concatenate([item, np.full(int(unknown.sum()), len(items))])
        items = [*items, figure]
        amounts = np.column_stack([amounts, np.full(n, np.nan)])
    narrow = np.flatnonzero(~rows.wide)
    origin = np.concatenate([narrow, row])
    order = np.argsort(origin, kind="stable")
    origin = origin[order]
    records = rows.frame.iloc[origin].reset_index(drop=True)
    codes = list(ITEM_TEXTS)
    item_codes = np.array([codes.index(name) for name in items])
    given = rows.frame["item"].cat.codes.to_numpy()
    number = np.concatenate([given[narrow], item_codes[item]])[order]
    amount = np.concatenate([rows.frame["amount_cny"].to_numpy()[narrow], amounts[row, item]])[order]
    records["item"] = pd.Categorical.from_codes(number, dtype=pd.CategoricalDtype(codes))
    records["amount_cny"] = amount
    return records, origin


def spread_per_person(rows: Rows, tables: Mapping[str, pd.DataFrame]) -> None:
    """Turn amounts of each person (元/人) into those of the household, by the persons that are counted for it.

    Parameters
    ----------
    rows : Rows
        Of incomes; is changed.
    tables : mapping of str to DataFrame
        Checked ``households`` and ``members``.
    """
    if not rows.per_person:
        return
    counts = count_persons(tables)
    persons = np.where(counts["members"] > 0, counts["members"], counts["declared"])
    known = pd.Series(persons, index=counts.index)
    each = rows.frame["household_id"].map(known).to_numpy(dtype="float64")
    for figure, mine in rows.per_person.items():
        amounts = rows.amounts[figure]
        lost = mine & ~np.isnan(amounts) & (np.isnan(each) | _differs_by_member(rows, amounts, mine))
        amounts[mine] = np.round(amounts[mine] * each[mine], 2)
        amounts[lost] = np.nan
        rows.doubt(
            np.flatnonzero(lost), figure, "no_head_count", "blanked",
            Message("an amount per person, and how many persons the household has"),
        )  # fmt: skip


def _differs_by_member(rows: Rows, amounts: np.ndarray, mine: np.ndarray) -> np.ndarray:
    """Return rows of a sheet of members in which an amount per person is not the same for the whole household."""
    result = np.zeros(len(amounts), dtype=bool)
    places = np.flatnonzero(mine & rows.per_member)
    if len(places):
        frame = rows.frame.iloc[places][["household_id", "period_end"]].assign(amount=amounts[places])
        several = frame.groupby(["household_id", "period_end"], dropna=False)["amount"].transform("nunique") > 1
        result[places] = several.to_numpy()
    return result


def _unknown(rows: Rows, items: list[str], amounts: np.ndarray) -> dict[str, np.ndarray]:
    """Return the rows that get a stated figure without an amount, which says that their net income is unknown."""
    given = {
        figure: ~np.isnan(amounts[:, items.index(figure)]) if figure in items else np.zeros(len(amounts), dtype=bool)
        for figure in ("stated_net_income", "stated_net_income_per_person")
    }
    whole, per_person = given.values()
    silent = _silent(rows, items, amounts)
    if silent.any():  # unless another row accounts for the same year
        keys = pd.MultiIndex.from_frame(rows.frame[["household_id", "period_end"]])
        amounted = ~silent & ~rows.rejected & (~rows.wide | ~np.isnan(amounts).all(axis=1))
        silent &= ~keys.isin(keys[amounted])
        rows.report(
            silent & ~rows.rejected & ~rows.absorbed, "", "income_unknown", "warning",
            Message("an amount of income; beside pay-outs or own expenses alone there is none, so income is unknown, not 0"),
        )  # fmt: skip
    unknown = {
        "stated_net_income": silent | (rows.unclear & ~whole),
        "stated_net_income_per_person": rows.unclear & whole & ~per_person,
    }
    return {figure: mask for figure, mask in unknown.items() if mask.any()}


def _silent(rows: Rows, items: list[str], amounts: np.ndarray) -> np.ndarray:
    """Return the rows of wide sheets that have amounts, but none of net income and none that states it."""
    on_form = np.array([NODES[item].item in BESIDE_ON_FORM for item in items])
    beside = np.array([NODES[item].item in BESIDE_INCOME for item in items])
    has = ~np.isnan(amounts)
    result: np.ndarray = rows.wide & has[:, on_form].any(axis=1) & ~has[:, ~beside].any(axis=1)
    return result


def settle_records(rows: Rows, records: pd.DataFrame, origin: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
    """Return records of the items that the register keeps, and the row each comes from; report what does not add up."""
    used = {NODES[item].item for item in records["item"].cat.categories[np.unique(records["item"].cat.codes)]}
    gross_known = bool(used & {"business_gross", "business_net"}) or bool(rows.amounts.keys() & GROSS_FIGURES)
    settled = settle(records, origin, list(ITEMS), gross_known=gross_known)
    for found, figure, code, expected in settled.problems:
        rows.report(found, figure, code, "warning", expected)
    for figure, found in settled.booked.items():
        rest = Message(NODES[figure].item, zh=NODES[NODES[figure].item].names[0])
        rows.report(
            found, figure, "rest_booked", "warning",
            Message("the sum of its known parts; what is more was booked as {item}", item=rest),
        )  # fmt: skip
    return settled.records, settled.origin


def check_stated(tables: Mapping[str, pd.DataFrame], rows: Rows, origin: np.ndarray) -> np.ndarray:
    """Report households whose stated net income per person is not what was summed, with both figures.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Checked ``incomes``, ``households`` and ``members``.
    rows : Rows
        Of incomes.
    origin : ndarray of int
        The row that each record of incomes comes from.

    Returns
    -------
    ndarray of int
        Records of stated figures of more than was summed, where the sheets have amounts that were not read or nothing but 0.
    """
    found = compare_stated(tables, unit=rows.unit[origin] if len(rows.unit) else None)
    account = ["household_id", "period_end"]
    not_read = pd.MultiIndex.from_frame(rows.frame.loc[rows.not_read & ~rows.rejected, account])
    incomes = tables["incomes"]
    items = ~incomes["item"].isin((*STATED, *CONSUMPTION, OWN_LINE)) & (incomes["amount_cny"].fillna(0) != 0)
    keys, missing = pd.MultiIndex.from_frame(found[account]), found["reason"] == "part_missing"
    found["not_read"] = missing & keys.isin(not_read)
    found["only_zeros"] = missing & ~keys.isin(pd.MultiIndex.from_frame(incomes.loc[items, account]))
    for (reason, without, zeros), same in found.groupby(["reason", "not_read", "only_zeros"], sort=False):
        first = same.assign(place=origin[same["record"].to_numpy(dtype="int64")]).drop_duplicates("place")
        first = first.sort_values("place")
        expected = Message(
            "the net income per person that the items come to; likely reason: {reason}",
            reason=LIKELY_REASONS[str(reason)],
        )
        if bool(without):
            expected = Message(
                "the net income per person that the items come to; amounts of the sheet were not read, so what it states is used"
            )
        elif bool(zeros):
            expected = Message(
                "the net income per person that the items come to; all of them are 0, so what the sheet states is used"
            )
        rows.report(
            first["place"].to_numpy(), PER_PERSON, "stated_differs", "warning", expected,
            figures=(first["stated"].to_numpy(), first["summed"].to_numpy()),
        )  # fmt: skip
    return found.loc[found["not_read"] | found["only_zeros"], "record"].to_numpy(dtype="int64")
