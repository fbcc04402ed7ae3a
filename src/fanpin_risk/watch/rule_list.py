"""What rules add to a list by risk: households that a rule alone would list, and where rule and model do not say the same."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fanpin_risk.arguments import of_type, switch
from fanpin_risk.errors import SchemaError
from fanpin_risk.watch.watchlist import check_scores, could_be_listed, is_monitored, with_why_listed
from fanpin_risk.words import Message

__all__ = ["disagreements", "rule_list"]

NO_FORECAST_COLUMNS = ("risk", "risk_low", "risk_high", "tier")
BELOW_LINE, LINE_RULE = "already_below_line", "income_line"


def rule_list(
    scores: pd.DataFrame, *, listed: pd.DataFrame | None = None, include_monitored: bool = False
) -> pd.DataFrame:
    """List the households that a rule alone would list: a guarantee is not given, or the income is below the line.

    A model learns from what happened often, so such a household may well have a low risk. It stands here whatever its risk;
    its tier stays the model's. The list proposes visits, and decides nothing.

    Parameters
    ----------
    scores : DataFrame
        From :meth:`fanpin_risk.RiskModel.score`, with ``rules``.
    listed : DataFrame, optional
        The list by risk, from :func:`fanpin_risk.watchlist`: who stands there is left out here. Default: nobody is.
    include_monitored : bool, default False
        Whether to list households that are monitored already.

    Returns
    -------
    DataFrame
        ``rank`` (from 1), ``why_listed`` (``"rule"``) and the columns of `scores`: first those that lack most guarantees, the
        line not counted; of these those below the line; then by risk and ``household_id``. Where the forecast is not about
        a household (``not_at_risk``), risk and tier are missing. Who is below the line and lacks nothing else stands in
        :func:`fanpin_risk.watch.watchlist.below_line_list` where falling below it is forecast, not here.

    Raises
    ------
    SchemaError
        If `scores` is no such table, or `listed` has no ``household_id``.

    Examples
    --------
    >>> scores = pd.DataFrame({"household_id": ["a", "b", "c"], "risk": [0.3, 0.01, 0.02], "monitored": [False] * 3})
    >>> scores["rules"] = ["", "income_line", "safe_housing"]
    >>> rule_list(scores)[["rank", "why_listed", "household_id"]].values.tolist()
    [[1, 'rule', 'c'], [2, 'rule', 'b']]
    """
    switch("include_monitored", include_monitored)
    scores = _with_rules(scores, include_monitored=include_monitored)
    if listed is not None:
        of_type("listed", listed, pd.DataFrame, Message("what watchlist() returns"))
        if "household_id" not in listed.columns:
            raise SchemaError(
                "listed has no column {missing}; expected what watchlist() returns", missing=("household_id",)
            )
        scores = scores[~scores["household_id"].isin(listed["household_id"])]
    if not include_monitored:
        scores = scores[~is_monitored(scores["monitored"])]
    scores = scores[scores["rules"] != ""]
    if "not_at_risk" in scores.columns:
        beside = ~scores["not_at_risk"].fillna("").isin(("", "monitored"))
        blank = {name: scores[name].mask(beside) for name in NO_FORECAST_COLUMNS if name in scores.columns}
        scores = scores.assign(**blank)
        scores = scores[(scores["not_at_risk"] != BELOW_LINE) | (scores["rules"] != LINE_RULE)]
    codes = scores["rules"].str.split(";")
    guarantees = np.array([sum(code != LINE_RULE for code in found) for found in codes], dtype="int64")
    below = np.array([LINE_RULE in found for found in codes], dtype=bool)
    order = np.lexsort((scores["household_id"], -scores["risk"].to_numpy(dtype="float64"), ~below, -guarantees))
    result = scores.iloc[order].drop(columns=["rank", "area", "group"], errors="ignore")
    result = with_why_listed(result, "rule", otherwise="")
    result.insert(0, "rank", np.arange(1, len(result) + 1))
    return result.reset_index(drop=True)


def disagreements(scores: pd.DataFrame, *, include_monitored: bool = False) -> pd.DataFrame:
    """List the households of which rules and model do not say the same.

    Either a rule is not met and the risk is low: what the model cannot know, or a record that is wrong. Or the risk is high
    and no rule says why: what no single rule sees, or what has not been recorded yet; the more rules the records leave
    untold, the more is to be asked first.

    Parameters
    ----------
    scores : DataFrame
        From :meth:`fanpin_risk.RiskModel.score`, with ``rules`` and ``tier``.
    include_monitored : bool, default False
        Whether to list households that are monitored already.

    Returns
    -------
    DataFrame
        ``disagreement`` (``"rule_yes_model_low"`` or ``"model_high_no_rule"``) and the columns of `scores`; the former first,
        in the order of :func:`rule_list`, the latter by risk. Only households that the forecast is about.

    Raises
    ------
    SchemaError
        If `scores` is no such table.

    Examples
    --------
    >>> scores = pd.DataFrame({"household_id": ["a", "b", "c"], "risk": [0.3, 0.01, 0.02], "monitored": [False] * 3})
    >>> scores["tier"], scores["rules"] = ["high", "low", "low"], ["", "", "safe_housing"]
    >>> disagreements(scores)[["disagreement", "household_id"]].values.tolist()
    [['rule_yes_model_low', 'c'], ['model_high_no_rule', 'a']]
    """
    switch("include_monitored", include_monitored)
    scores = _with_rules(scores, include_monitored=include_monitored)
    if "tier" not in scores.columns:
        raise SchemaError("scores has no column {missing}; expected the table that score() returns", missing=("tier",))
    scores = could_be_listed(scores, include_monitored=include_monitored)
    tier = scores["tier"].astype("object")
    low = rule_list(scores[tier == "low"], include_monitored=include_monitored).drop(columns=["rank", "why_listed"])
    high = scores[(tier == "high") & (scores["rules"] == "")]
    high = high.sort_values(["risk", "household_id"], ascending=[False, True], kind="stable")
    kinds = np.repeat(["rule_yes_model_low", "model_high_no_rule"], [len(low), len(high)])
    result = pd.concat([low, high[low.columns]], ignore_index=True)
    result.insert(0, "disagreement", pd.Series(kinds, dtype="str"))
    return result


def _with_rules(scores: pd.DataFrame, *, include_monitored: bool) -> pd.DataFrame:
    """Return scores with texts in their column rules; raise SchemaError where they have none."""
    check_scores(scores, with_monitored=not include_monitored)
    if "rules" not in scores.columns:
        raise SchemaError("scores has no column {missing}; expected the table that score() returns", missing=("rules",))
    return scores.assign(rules=scores["rules"].astype("object").where(scores["rules"].notna(), "").astype("str"))
