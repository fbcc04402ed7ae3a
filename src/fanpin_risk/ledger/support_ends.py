"""The risk of households by a model as they are, and without the support that ends when monitoring does."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd

from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import InputError
from fanpin_risk.records.register import Register

__all__ = ["Scorer", "risk_after_support", "support_taken_out"]

STAYS = "social_security"  # minimum income and care are rights of their own, and do not end with monitoring
PAY_OF_POSTS = "wage_public_post"
POST_MONTHS = "public_post_months"
KEY_OF_SUPPORT = ["household_id", "member_id", "start_date", "measure"]


class Scorer(Protocol):
    """A model, as far as it is asked here."""

    def score(self, register: Register, as_of: Any, households: Any = None, *, explain: bool = True) -> pd.DataFrame:
        """Return the risk of some households of a register on a day."""
        ...


def support_taken_out(register: Register, as_of: Any) -> Register:
    """Return a copy of a register in which no household has, or ever had, the support that ends.

    Parameters
    ----------
    register : Register
        Is not changed.
    as_of : date-like
        Measures that run on this day, by what was known then, are taken out.

    Returns
    -------
    Register
        Left out are the rows of `supports` whose measure runs on the day, with their earlier versions, but for
        ``social_security`` (minimum income and care do not end with monitoring). Pay of public posts (``wage_public_post`` of
        `incomes`) and months in them (``public_post_months`` of `members`) are 0 in all years. All other rows stay: measures that
        are over, transfers, monitoring; so does a net income that is only stated as a sum, and money of measures that was
        booked among wages or sales.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(300, random_state=0)
    >>> without = support_taken_out(register, "2023-12-31")
    >>> bool(len(without.tables["supports"]) < len(register.tables["supports"]))
    True
    """
    here = Snapshot(register, as_of)
    tables = dict(register.tables)
    running = here.supports.where(np.isnat(here.supports.end_date) | (here.supports.end_date > here.as_of))
    running = running.where(~running.isin("measure", STAYS))
    supports, incomes, members = (tables[name] for name in ("supports", "incomes", "members"))
    if len(running):
        gone = pd.MultiIndex.from_frame(running.frame.iloc[running.index][KEY_OF_SUPPORT].astype("str"))
        keys = pd.MultiIndex.from_frame(supports[KEY_OF_SUPPORT].astype("str"))
        tables["supports"] = supports[~keys.isin(gone)].reset_index(drop=True)
    paid = (incomes["item"] == PAY_OF_POSTS) & incomes["amount_cny"].notna()
    tables["incomes"] = incomes.assign(amount_cny=incomes["amount_cny"].mask(paid, 0.0))
    tables["members"] = members.assign(**{POST_MONTHS: members[POST_MONTHS].mask(members[POST_MONTHS].notna(), 0.0)})
    return Register(
        tables, source=register.source, supplied=register.supplied, known_lag_days=register.known_lag_days,
        doubts=register.doubts,
    )  # fmt: skip


def risk_after_support(model: Scorer, register: Register, as_of: Any, households: Sequence[str]) -> pd.DataFrame:
    """Score households as they are, and on a copy of the register without the support that ends.

    Parameters
    ----------
    model : RiskModel
        Anything with its ``score(register, as_of, households=, explain=)``.
    register : Register
    as_of : date-like
    households : sequence of str
        Households of the register.

    Returns
    -------
    DataFrame
        ``household_id``, ``risk``, ``risk_without_support`` (see :func:`support_taken_out`), in the order given; missing where the
        model says nothing of a household.

    Raises
    ------
    InputError
        If `model` is none.
    """
    if not callable(getattr(model, "score", None)):
        raise InputError("model is no model; expected one from load_model() or a fitted RiskModel")
    ids = list(households)
    if not ids:
        none = pd.Series(dtype="float64")
        return pd.DataFrame({"household_id": pd.Series(dtype="str"), "risk": none, "risk_without_support": none})
    register = register.select(ids)
    scores = model.score(register, as_of, households=ids, explain=False)
    with warnings.catch_warnings():  # said of the first
        warnings.simplefilter("ignore")
        without = model.score(support_taken_out(register, as_of), as_of, households=ids, explain=False)
    frame = pd.DataFrame({"household_id": pd.array(ids, dtype="str")})
    frame["risk"] = scores["risk"].to_numpy(dtype="float64", na_value=np.nan)
    frame["risk_without_support"] = without["risk"].to_numpy(dtype="float64", na_value=np.nan)
    # What the forecast is not about as things are has no risk without support either.
    frame["risk_without_support"] = frame["risk_without_support"].where(frame["risk"].notna())
    return frame
