"""The reference income (收入参考范围) of the form of recognition: net income, plus pay-outs, less own payments.

参考收入 = 家庭纯收入 + 理赔收入 - 合规自付支出. No source at hand states this sum: it is read from the order of the form's
columns (its status is *inferred*), so an area's lines can say that it counts otherwise; see
:class:`~fanpin_risk.asof.monitoring_lines.MonitoringLines`.

Pay-outs and own payments are those of the form where it gives them, and what came after its accounting period, of
the last 12 months. Where the form does not give them: the pay-outs on record of the last 12 months, and all own
payments for treatment of these months. Of pay-outs that stand both among supports (防贫保险) and beside an event
(保险赔付) the larger sum counts: they may be the same. Aid for an illness of the last 12 months is taken off the own
payments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fanpin_risk.asof.counted_income import rule_of_years
from fanpin_risk.asof.days import Array
from fanpin_risk.asof.income_years import IncomeYear
from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot

__all__ = ["BASES", "FORMULA_STATUS", "ReferenceIncome", "aid_for_illness", "reference_income"]

FORMULA_STATUS = "inferred"
# What own payments rest on: places in this tuple.
BASES = ("form", "form_and_bills_since", "bills", "left_out")
WINDOW_MONTHS = 12
AID = ("temporary_aid", "society", "other")  # paid for an illness where the row says so


@dataclass(frozen=True, eq=False)
class ReferenceIncome:
    """Reference income of each household and what it is made of, CNY per household and year.

    Attributes
    ----------
    claims : ndarray of shape (n_households,)
        Pay-outs added; 0 where none is on record.
    own_payments : ndarray of shape (n_households,)
        Own payments taken off; NaN where neither the form nor bills tell of any.
    basis : ndarray of shape (n_households,)
        What the own payments rest on: place in ``BASES``, float64; NaN where they are not known.
    total : ndarray of shape (n_households,)
        NaN where the net income or the own payments are not known.
    """

    claims: Array
    own_payments: Array
    basis: Array
    total: Array


def aid_for_illness(rows: KnownRows) -> KnownRows:
    """Keep the support measures that put money in the household's hand because of an illness.

    Parameters
    ----------
    rows : KnownRows
        Of the table supports.

    Returns
    -------
    KnownRows
        临时救助, 社会帮扶 and other aid whose cause is an illness. Not pay-outs of insurance, which are counted by
        themselves, and not 健康帮扶: what it pays of a bill (医疗救助) is no longer among the own payments of that bill.
    """
    return rows.where(rows.isin("measure", *AID) & rows.isin("for_cause", "illness"))


def _sum(rows: KnownRows, amounts: Array) -> Array:
    return np.nan_to_num(rows.sum(amounts))


def _paid_out(supports: KnownRows, shocks: KnownRows) -> Array:
    paid = supports.where(supports.isin("measure", "insurance_payout"))
    return np.maximum(_sum(paid, paid.amount_cny), _sum(shocks, shocks.insured_cny))


def reference_income(snapshot: Snapshot, year: IncomeYear) -> ReferenceIncome:
    """Return the reference income of each household.

    Parameters
    ----------
    snapshot : Snapshot
        What was on record on the day.
    year : IncomeYear
        The newest year of income.

    Returns
    -------
    ReferenceIncome
    """
    medical = snapshot.medical.where(~snapshot.medical.isin("kind", "contract")).within(WINDOW_MONTHS)
    supports, shocks = snapshot.supports.within(WINDOW_MONTHS), snapshot.shocks.within(WINDOW_MONTHS)
    ended = np.where(np.isnan(year.ended), -np.inf, year.ended)

    def since(rows: KnownRows) -> KnownRows:
        return rows.where(rows.time.astype("int64") > ended[rows.household])

    claims = np.where(
        np.isnan(year.claims), _paid_out(supports, shocks), year.claims + _paid_out(since(supports), since(shocks))
    )
    claims = np.where(rule_of_years(snapshot, "claims", year.ended) == "counted", claims, 0.0)

    rule = rule_of_years(snapshot, "own_expenses", year.ended)
    by_form = ~np.isnan(year.own_expenses) & ((rule == "form") | (rule == "form_or_bills"))
    later = since(medical)
    later_bills = np.where(later.count() > 0, later.sum(later.out_of_pocket_cny), 0.0)
    bills = np.where(rule == "form", np.nan, medical.sum(medical.out_of_pocket_cny))
    aid = aid_for_illness(supports)
    own = np.where(by_form, year.own_expenses + later_bills, bills)
    own = np.maximum(own - _sum(aid, aid.amount_cny), 0.0)
    basis = np.where(by_form, np.where(later_bills > 0, 1.0, 0.0) + 0.0 * own, np.where(np.isnan(own), np.nan, 2.0))
    left_out = rule == "left_out"
    own, basis = np.where(left_out, 0.0, own), np.where(left_out, 3.0, basis)
    return ReferenceIncome(claims, own, basis, year.net + claims - own)
