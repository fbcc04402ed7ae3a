"""Incomes of the invented register."""

from __future__ import annotations

import pandas as pd
import pytest

from fanpin_risk.records.schema import TABLES
from fanpin_risk.synthetic import FIGURES


def test_incomes_are_at_their_published_levels(tables):
    """Net income per ex-poor person meets the published means, and few of them are below the line."""
    incomes = (
        tables["incomes"]
        .sort_values("recorded_at", kind="stable")
        .drop_duplicates(list(TABLES["incomes"].key), keep="last")
    )
    amounts = incomes.pivot_table(
        index=["household_id", "period_end"], columns="item", values="amount_cny", observed=False
    ).fillna(0.0)
    net = (
        amounts.drop(columns=["business_cost", "claim_payout", "oop_compliant"]).sum(axis=1) - amounts["business_cost"]
    )
    homes = tables["households"]
    homes = homes[(homes["register_status"] == "ex_poor") & (homes["valid_from"].dt.month == 10)]
    homes = homes.drop_duplicates(["household_id", "valid_from"])
    homes = homes.assign(period_end=homes["valid_from"] - pd.Timedelta(days=1)).set_index(
        ["household_id", "period_end"]
    )
    joined = homes[["size_declared"]].join(net.rename("net"), how="inner")
    year = joined.index.get_level_values("period_end").year
    for known, mean in FIGURES["income_per_person"].value.items():
        of_year = joined[year == known]
        assert of_year["net"].sum() / of_year["size_declared"].sum() == pytest.approx(mean, rel=0.04)
    of_2022 = joined[year == 2022]
    low, high = FIGURES["below_line"].value
    assert low < 100 * (of_2022["net"] / of_2022["size_declared"] < 6600).mean() < high
    working = amounts.loc[homes.index.intersection(amounts.index)].query("wage > 0")
    work = working["wage"] + working["wage_public_post"] + working["business_gross"] - working["business_cost"]
    assert work.sum() / net.loc[working.index].sum() > 2 / 3
