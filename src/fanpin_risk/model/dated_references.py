"""The references that travel with a model, dated on the day that is scored."""

from __future__ import annotations

import pandas as pd

__all__ = ["dated_references"]


def dated_references(references: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Return for every area the newest references of a training day not after the day.

    Parameters
    ----------
    references : DataFrame
        Of all training days, as from :func:`fanpin_risk.make_references`.
    day : Timestamp
        The day.

    Returns
    -------
    DataFrame
        Dated on the day. Where all training days are later, the oldest is taken; ``attrs["from_later_day"]`` is then
        True.
    """
    ordered = references.sort_values(["area_prefix", "as_of"])
    newest = ordered[ordered["as_of"] <= day].drop_duplicates("area_prefix", keep="last")
    oldest = ordered.drop_duplicates("area_prefix", keep="first")
    later = oldest[~oldest["area_prefix"].isin(newest["area_prefix"])]
    result = pd.concat([newest, later]).sort_values("area_prefix", ignore_index=True)
    result["as_of"] = pd.Series([day] * len(result), dtype="datetime64[s]")
    result.attrs["from_later_day"] = bool(len(result)) and not len(newest)
    return result
