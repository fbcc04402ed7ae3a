"""Totals and parts of income: a total is never added to its parts, and nothing is lost between them."""

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.records.income_accounts import settle
from fanpin_risk.records.income_items import ITEMS, NODES

KEPT = list(ITEMS)


def settled(*accounts, **options):
    """Settle accounts given as figure -> yuan; return the items of each, and what was found."""
    rows = [(number, code, amount) for number, account in enumerate(accounts) for code, amount in account.items()]
    records = pd.DataFrame(rows, columns=["household_id", "item", "amount_cny"]).assign(
        household_id=lambda frame: frame["household_id"].astype(str), member_id=None, period_start=pd.Timestamp("2023-01-01"),
        period_end=pd.Timestamp("2023-12-31"), recorded_at=pd.NaT, item=lambda frame: pd.Categorical(frame["item"], list(NODES)),
    )  # fmt: skip
    result = settle(records, np.arange(len(records)), KEPT, **options)
    items = [
        dict(zip(mine["item"].astype(str), mine["amount_cny"], strict=True))
        for _, mine in result.records.groupby("household_id", sort=True)
    ]
    return items, result


@pytest.mark.parametrize(
    ("account", "items"),
    [
        ({"wages": 20000, "wage_public_post": 6000, "wage": 14000}, {"wage_public_post": 6000, "wage": 14000}),
        ({"wages": 20000, "wage_public_post": 6000}, {"wage_public_post": 6000, "wage": 14000}),
        ({"wages": 20000}, {"wage": 20000}),
        ({"wages": 6000, "wage_public_post": 6000}, {"wage_public_post": 6000}),
        ({"transfers": 18600, "tr_pension": 18000, "tr_ecology": 600}, {"tr_pension": 18000, "tr_ecology": 600}),
        ({"transfers": 18600, "tr_ecology": 600}, {"tr_ecology": 600, "tr_other": 18000}),
        (
            {"transfers": 1000, "tr_ecology": 600, "tr_ecology.return_forest": 200, "tr_other.soil": 100},
            {"tr_ecology": 600, "tr_other": 400},
        ),
        ({"business_gross.crops": 9000, "business_gross.livestock": 3000}, {"business_gross": 12000}),
        ({"business_gross": 15000, "business_gross.crops": 9000}, {"business_gross": 15000}),
        ({"business_net": 30000}, {"business_net": 30000}),
        ({"business_net": 7000, "business_gross": 12000}, {"business_gross": 12000, "business_cost": 5000}),
        ({"business_net": 7000, "business_cost": 5000}, {"business_gross": 12000, "business_cost": 5000}),
        ({"business_net": 7000, "business_gross": 12000, "business_cost": 5000}, {"business_gross": 12000, "business_cost": 5000}),
        ({"business_net.crops": 3000, "business_net.livestock": -500}, {"business_net": 2500}),
        ({"business_net.crops": 3000, "business_gross.crops": 5000}, {"business_gross": 5000, "business_cost": 2000}),
        (
            {"business_net.crops": 3000, "business_gross.livestock": 5000, "business_cost.livestock": 1000},
            {"business_gross": 5000, "business_cost": 1000, "business_net": 3000},
        ),
        ({"business_net.crops": 3000, "business_gross": 5000}, {"business_gross": 5000, "business_cost": 2000}),
        ({"business_net.crops": 3000, "business_net": 4000}, {"business_net": 4000}),
        ({"property": 500, "prop_land": 300}, {"prop_land": 300, "prop_other": 200}),
        ({"wages": 0, "wage_public_post": 0}, {"wage_public_post": 0}),
        ({"wages": np.nan, "wage.work": 100}, {"wage": 100}),
        ({"wages": 100, "wage.work": np.nan}, {"wage": 100}),
        ({"other_income": 10, "tr_other.soil": 5}, {"tr_other": 15}),
        ({"wages": 100, "stated_net_income": 100}, {"wage": 100, "stated_net_income": 100}),
        (
            {"stated_gross_income": 18000, "business_cost": 4000},
            {"stated_gross_income": 18000, "stated_net_income": 14000},
        ),
        ({"stated_gross_income": 900, "wages": 600, "transfers": 300}, {"stated_gross_income": 900, "wage": 600, "tr_other": 300}),
        ({"stated_gross_income": 900, "wages": 600}, {"stated_gross_income": 900, "wage": 600, "tr_other": 300}),
    ],
)  # fmt: skip
def test_totals_and_parts_come_to_what_a_careful_person_books(account, items):
    """Every yuan of a total is booked once: in its parts as far as they go, else as the rest of its kind."""
    (got,), result = settled(account)
    assert ({item: amount for item, amount in got.items() if not np.isnan(amount)}, result.problems) == (items, [])


def test_parts_above_their_total_are_a_problem_and_the_parts_count():
    """Nobody can know which of the two is wrong; the household is named."""
    (got, other), result = settled({"wages": 100, "wage_public_post": 300}, {"wages": 300, "wage_public_post": 100})
    assert got == {"wage_public_post": 300}
    assert other == {"wage_public_post": 100, "wage": 200}
    ((rows, node, code, _),) = result.problems
    assert (rows.tolist(), node, code) == ([0], "wages", "parts_exceed_total")
    assert {total: rows.tolist() for total, rows in result.booked.items()} == {"wages": [2]}


def test_net_that_contradicts_gross_and_cost_is_a_problem():
    """The second source of a figure is compared."""
    _, result = settled({"business_net": 9000, "business_gross": 12000, "business_cost": 5000})
    assert [code for _, _, code, _ in result.problems] == ["net_differs"]


def test_costs_are_left_out_where_no_sheet_has_the_income():
    """Costs alone would push a household below the line."""
    (got,), result = settled({"business_cost.crops": 5000, "wages": 100}, gross_known=False)
    assert {item: amount for item, amount in got.items() if not np.isnan(amount)} == {"wage": 100}
    assert [code for _, _, code, _ in result.problems] == ["cost_without_income"]


def test_accounts_without_totals_stay_as_they_are():
    """What a register of this package holds passes through untouched, in its order."""
    accounts = [{"wage": 1, "tr_dibao": 2}, {"tr_dibao": 3, "wage": 4}]
    _, result = settled(*accounts)
    assert result.records["amount_cny"].tolist() == [1, 2, 3, 4]
    assert result.origin.tolist() == [0, 1, 2, 3]


def test_rounding_of_totals_is_no_rest_and_no_problem():
    """A total rounded to the yuan is its parts."""
    (got,), result = settled({"wages": 100, "wage_public_post": 99.6})
    assert (got, result.problems, result.booked) == ({"wage_public_post": 99.6}, [], {})


@pytest.mark.parametrize(
    ("account", "net", "code"),
    [
        ({"stated_gross_income": 900}, 900, "gross_without_cost"),
        ({"stated_gross_income": 900, "business_cost": 100, "stated_net_income": 700}, 700, "gross_differs"),
        ({"stated_gross_income": 500, "wages": 600}, None, "gross_differs"),
        ({"stated_gross_income": 900, "wages": 600, "stated_net_income_per_person": 300}, None, "gross_differs"),
    ],
)
def test_total_income_that_does_not_fit_is_a_problem(account, net, code):
    """总收入 is compared with its kinds and with net income; it never counts beside them."""
    (got,), result = settled(account)
    assert (got.get("stated_net_income"), [found for _, _, found, _ in result.problems]) == (net, [code])
    assert got.get("wage") == account.get("wages")
    assert "business_cost" not in got


def test_costs_are_taken_from_total_income_where_business_income_is_not_said():
    """总收入 holds the business income that the sheet does not name."""
    (got,), _ = settled({"stated_gross_income": 900, "wages": 600, "business_cost": 100}, gross_known=False)
    assert got == {"stated_gross_income": 900, "wage": 600, "tr_other": 300, "business_cost": 100}
