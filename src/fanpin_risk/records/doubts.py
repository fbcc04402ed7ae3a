"""What is in doubt of each household: the problems that name it, as codes that go where its score goes."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from fanpin_risk.words import Message

__all__ = ["DOUBT_NAMES", "MARK_OF_DOUBTS", "NO_DOUBTS", "doubts_of", "no_doubts"]

MARK_OF_DOUBTS = ";"  # between the codes of a household
# Code of a problem -> what is in doubt, in few words, gravest first. Problems without a line of their own are told as what
# became of their row or cell: the last three.
DOUBT_NAMES: Mapping[str, Message] = {
    "unit_doubtful": Message("amounts may be in 10,000 yuan and were not used"),
    "amounts_differ": Message("rows give different amounts of one income"),
    "columns_differ": Message("two columns of one income differ"),
    "amount_unknown": Message("an amount cannot be read"),
    "income_unknown": Message("only pay-outs or own expenses on record"),
    "income_lost": Message("income may be in a file that was not used"),
    "members_lost": Message("members may be in a file that was not used"),
    "monitoring_lost": Message("an entry on monitoring may be in a file that was not used"),
    "money_not_read": Message("a column of money was not understood and not counted"),
    "part_of_year": Message("income of a part of the year only"),
    "planned": Message("income is planned, not received"),
    "no_head_count": Message("no head count to make household amounts of"),
    "no_amounts": Message("a row of incomes without any amount"),
    "stated_differs": Message("stated income differs from its items"),
    "parts_exceed_total": Message("parts of income come to more than their total"),
    "gross_differs": Message("gross income less costs is not the stated income"),
    "net_differs": Message("net income of business differs from income less costs"),
    "cost_without_income": Message("costs of business without its income"),
    "business_without_cost": Message("income of business without costs"),
    "gross_without_cost": Message("gross income without costs"),
    "half_year_scaled": Message("half a year of income, multiplied up to a year"),
    "part_year_scaled": Message("income of some months, multiplied up to a year"),
    "unit_from_stated": Message("unit of amounts taken from the stated income"),
    "amounts_repeated": Message("the same amounts on all members' rows, counted once"),
    "amount_not_used": Message("an amount of a second sheet was not used"),
    "part_not_added": Message("an amount of a person or month was not added"),
    "payments_added": Message("several payments of one item were added"),
    "columns_added": Message("two columns of one income were added"),
    "approximate": Message("an amount is only about right"),
    "size_differs": Message("stated household size differs from the members listed"),
    "second_column_differs": Message("two columns of one thing differ"),
    "left_without_day": Message("somebody is gone without a day"),
    "leaving_doubtful": Message("somebody may be gone, or the household closed"),
    "monitoring_contradicts": Message("entries on monitoring contradict one another"),
    "monitoring_in_note": Message("a note may say that it is monitored"),
    "identification_unknown": Message("day of identification not known"),
    "elimination_unknown": Message("day of elimination not known"),
    "elimination_doubtful": Message("the risk may be over"),
    "elimination_contradicts": Message("entries on elimination contradict one another"),
    "values_differ": Message("rows give different values"),
    "row_rejected": Message("a row was rejected"),
    "cell_blank": Message("a cell could not be used"),
    "to_verify": Message("something else is to be verified"),
}
# They say that nothing was counted twice, and what is missing to a household, not to its records.
NO_DOUBTS = frozenset(("duplicate_row", "duplicate_record", "no_insurance"))
BY_SEVERITY = {"rejected": "row_rejected", "blanked": "cell_blank", "warning": "to_verify"}  # by what became of it


def doubts_of(problems: pd.DataFrame) -> pd.Series:
    """Return what is in doubt of each household that problems name.

    Parameters
    ----------
    problems : DataFrame
        With ``code``, ``severity`` and ``household_id``, as :attr:`fanpin_risk.Register.problems`.

    Returns
    -------
    Series of str
        By ``household_id``, sorted: codes of `DOUBT_NAMES`, gravest first, with a semicolon between them. Nobody else is in it.

    Examples
    --------
    >>> found = {"code": ["size_differs", "not_a_date", "income_lost"], "severity": ["warning", "blanked", "warning"]}
    >>> doubts_of(pd.DataFrame(found).assign(household_id=["h2", "h1", "h2"])).to_dict()
    {'h1': 'cell_blank', 'h2': 'income_lost;size_differs'}
    """
    named = problems.loc[
        problems["household_id"].notna() & ~problems["code"].isin(NO_DOUBTS), ["household_id", "code", "severity"]
    ]
    if not len(named):
        return no_doubts()
    codes = list(DOUBT_NAMES)
    own = named["code"].astype("str")
    code = own.where(own.isin(codes), named["severity"].astype("str").map(BY_SEVERITY))
    found = pd.DataFrame(
        {"household_id": named["household_id"].astype("str"), "place": pd.Index(codes).get_indexer(pd.Index(code))}
    )
    found = found.drop_duplicates().sort_values(["household_id", "place"], kind="stable")
    found["code"] = pd.Index(codes, dtype="str").take(found["place"].to_numpy())
    joined = found.groupby("household_id", sort=True)["code"].agg(MARK_OF_DOUBTS.join)
    return pd.Series(
        joined.to_numpy(), index=pd.Index(joined.index, dtype="str"), name="doubts", dtype="str"
    ).rename_axis("household_id")


def no_doubts() -> pd.Series:
    """Return what :func:`doubts_of` gives of nobody."""
    return pd.Series([], index=pd.Index([], dtype="str", name="household_id"), name="doubts", dtype="str")
