"""Years of income: which accounting periods make a year, and the household's net income of it.

Features and labels both rest on this, so that "below the line" means the same before and after the day.

Net income follows the register form: 人均纯收入 = (工资性 + 生产经营性 + 财产性 + 转移性收入 - 生产经营性支出) / 家庭人口数.
Insurance pay-outs (理赔收入, ``claim_payout``) and compliant own expenses (合规自付支出, ``oop_compliant``) stand on
the form but are not part of it.

Years count back from the household's newest accounting period: year 0 is made of the periods that end less than
360 days before its end, so that 365 and 366 days are one year. The accounting period of the register is a year: the
twelve full months before the month of recognition (county guidance on recognition), the yearly update by calendar
year or from 1 October to 30 September (remembered practice, not found in a source).

A year of which only a part is on record, such as one quarter of a survey, is scaled up to 365 days. Where a year
ends and a part begins is said by no source; our own choice is 330 days. Eleven calendar months have at least 334
days and ten at most 306, so a year that lacks one month counts as it is, and ten months or fewer are scaled. Rural
income comes in lumps (harvest, wages settled at the Spring Festival): scaling for a single month more often makes
income up than restores it, while two months and more left out would by themselves push a household below the line.
"""

from __future__ import annotations

import numpy as np

from fanpin_risk.snapshot import Rows

__all__ = ["IncomeYear", "covered_days", "newest_end", "years_back"]

Array = np.ndarray

DAYS_OF_A_YEAR = 360
WHOLE_YEAR_DAYS = 330

WAGES = ("wage", "wage_public_post")
PROPERTY = ("prop_dividend", "prop_land", "prop_other")
PENSION = ("tr_pension",)
SUPPORT = ("tr_dibao", "tr_tekun", "tr_disability", "tr_other")  # paid because the household is in need
OTHER_TRANSFERS = ("tr_family_planning", "tr_ecology")
EARNED = (*WAGES, "business_gross", *PROPERTY, *PENSION, *SUPPORT, *OTHER_TRANSFERS)
SPENT = ("business_cost",)


def newest_end(rows: Rows) -> Array:
    """End of each household's newest accounting period.

    Parameters
    ----------
    rows : Rows
        Of the table incomes.

    Returns
    -------
    ndarray of shape (n_households,)
        Days since 1970, float64; NaN where there is none.
    """
    return rows.max(rows.period_end.astype("int64").astype("float64"))


def years_back(rows: Rows, newest: Array) -> Array:
    """Year that each row belongs to: 0 the one up to `newest`, 1 the one before, and so on.

    Parameters
    ----------
    rows : Rows
        Of the table incomes.
    newest : ndarray of shape (n_households,)
        From :func:`newest_end`.

    Returns
    -------
    ndarray of shape (n_rows,)
        float64; NaN where `newest` of the row's household is.
    """
    return np.floor((newest[rows.household] - rows.period_end.astype("int64")) / DAYS_OF_A_YEAR)


def covered_days(rows: Rows) -> Array:
    """Days that lie within at least one accounting period of the household.

    Periods of several members, or of one kind of income within the year, overlap; a day counts once.

    Parameters
    ----------
    rows : Rows
        Of the table incomes.

    Returns
    -------
    ndarray of shape (n_households,)
        float64; 0 where there is no period.

    Examples
    --------
    >>> import pandas as pd
    >>> from fanpin_risk import Register
    >>> from fanpin_risk.snapshot import Snapshot
    >>> periods = [("2023-01-01", "2023-06-30"), ("2023-04-01", "2023-06-30"), ("2023-10-01", "2023-10-31")]
    >>> incomes = pd.DataFrame(periods, columns=["period_start", "period_end"])
    >>> incomes = incomes.assign(household_id="A", item="wage", amount_cny=100.0)
    >>> households = pd.DataFrame({"household_id": ["A"], "valid_from": ["2020-01-01"]})
    >>> members = pd.DataFrame({"household_id": ["A"], "member_id": ["A-1"], "valid_from": ["2020-01-01"]})
    >>> register = Register.from_frames(households=households, members=members, incomes=incomes)
    >>> covered_days(Snapshot(register, "2023-12-31").incomes)  # 181 of the half year and 31 of October
    array([212.])
    """
    rows = rows.where(rows.known("period_start"))
    start, end = rows.period_start.astype("int64"), rows.period_end.astype("int64")
    order = np.lexsort([start, rows.household])
    household, start, end = rows.household[order], start[order], end[order]
    # Each household on a stretch of days of its own: what was covered before never reaches into the next one.
    shift = household * (end.max(initial=0) - start.min(initial=0) + 1)
    reached = np.maximum.accumulate(end + shift) - shift
    begins = start.copy()
    begins[1:] = np.where(household[1:] == household[:-1], np.maximum(start[1:], reached[:-1] + 1), start[1:])
    new = np.maximum(end - begins + 1, 0)
    return np.bincount(household, weights=new, minlength=rows.snapshot.n_households)


class IncomeYear:
    """Income of one year per household, by kind.

    Parameters
    ----------
    rows : Rows
        Of the table incomes, those of one year; see :func:`years_back`.

    Attributes
    ----------
    wages, public_post, business_gross, business_cost, property, pension, support, transfers : ndarray
        CNY per household and year, float64 of shape (n_households,); NaN where the year has no period.
        ``public_post`` is part of ``wages``, ``pension`` and ``support`` of ``transfers``.
    business, gross, net : ndarray
        ``business_gross - business_cost``; all income before business costs; all income less business costs.
    """

    def __init__(self, rows: Rows) -> None:
        covered = covered_days(rows)
        seen = covered > 0
        scale = np.where(seen & (covered < WHOLE_YEAR_DAYS), 365.0 / np.maximum(covered, 1.0), 1.0)

        def total(*items: str) -> Array:
            kind = rows.where(rows.isin("item", *items))
            return np.where(seen, kind.sum(kind.amount_cny) * scale, np.nan)

        self.wages = total(*WAGES)
        self.public_post = total("wage_public_post")
        self.business_gross = total("business_gross")
        self.business_cost = total(*SPENT)
        self.property = total(*PROPERTY)
        self.pension = total(*PENSION)
        self.support = total(*SUPPORT)
        self.transfers = self.pension + self.support + total(*OTHER_TRANSFERS)
        self.business = self.business_gross - self.business_cost
        self.gross = self.wages + self.business_gross + self.property + self.transfers
        # One sum in hundredths: exact, so that an income of the line to the fen is not below it.
        counted = rows.where(rows.isin("item", *EARNED, *SPENT))
        signed = np.where(counted.isin("item", *SPENT), -counted.amount_cny, counted.amount_cny)
        self.net = np.where(seen, counted.sum(signed) * scale, np.nan)
