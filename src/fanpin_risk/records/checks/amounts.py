"""Amounts: bills that add up, values that are usual, and one record per amount of wide sheets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fanpin_risk.records.cells import column_dtype
from fanpin_risk.records.rows import Rows
from fanpin_risk.words import Message

__all__ = ["check_usual_values", "complete_bills", "records_of_rows"]

REIMBURSEMENTS = ("reimb_basic_cny", "reimb_serious_cny", "reimb_aid_cny", "reimb_other_cny")
TOLERANCE_CNY = 1.0  # bills are rounded
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
        any_given & (reimbursed > total + TOLERANCE_CNY), "total_cost_cny", "reimbursed_more_than_total", "warning",
        Message("a total not below the sum of reimbursements"),
    )  # fmt: skip
    rows.report(
        any_given & (np.abs(rest - given) > TOLERANCE_CNY), "out_of_pocket_cny", "bill_does_not_add_up", "warning",
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
    rows.report(
        rows.wide & ~rows.rejected & (np.bincount(row, minlength=n) == 0), "", "no_amounts", "warning",
        Message("at least one amount"),
    )  # fmt: skip
    narrow = np.flatnonzero(~rows.wide)
    origin = np.concatenate([narrow, row])
    order = np.argsort(origin, kind="stable")
    origin = origin[order]
    records = rows.frame.iloc[origin].reset_index(drop=True)
    codes = list(rows.table["item"].codes)
    item_codes = np.array([codes.index(name) for name in items])
    given = rows.frame["item"].cat.codes.to_numpy()
    number = np.concatenate([given[narrow], item_codes[item]])[order]
    amount = np.concatenate([rows.frame["amount_cny"].to_numpy()[narrow], amounts[row, item]])[order]
    records["item"] = pd.Categorical.from_codes(number, dtype=column_dtype(rows.table["item"]))
    records["amount_cny"] = amount
    return records, origin
