"""The watch list: order, ties, capacity and who is on it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.errors import SchemaError
from fanpin_risk.watch.watchlist import below_line_list, watchlist

CODES = {
    "h1": "211282101001",
    "h2": "211282101002",
    "h3": "211282102001",
    "h4": "211282102001",
    "h5": "211223100001",
    "h6": None,
}


@pytest.fixture
def scores() -> pd.DataFrame:
    """Six households in two counties; h2 is monitored, of h5 it is not known."""
    return pd.DataFrame(
        {
            "household_id": ["h5", "h4", "h3", "h2", "h1", "h6"],
            "risk": [0.02, 0.30, 0.30, 0.90, 0.10, 0.01],
            "monitored": pd.array([None, False, False, True, False, False], dtype="boolean"),
            "reason_1": list("abcdef"),
        }
    )


def test_highest_risk_first_and_ties_by_id(scores):
    """Households come by falling risk, equal ones by id, and keep all their columns."""
    listed = watchlist(scores, capacity=10)
    assert listed["household_id"].tolist() == ["h3", "h4", "h1", "h5", "h6"]
    assert listed["rank"].tolist() == [1, 2, 3, 4, 5]
    assert listed["reason_1"].tolist() == ["c", "b", "e", "a", "f"]
    assert listed.columns.tolist() == ["rank", *scores.columns]


def test_row_order_does_not_matter(scores):
    """The list is the same from rows in any order."""
    pd.testing.assert_frame_equal(watchlist(scores, capacity=3), watchlist(scores.iloc[::-1], capacity=3))


def test_monitored_households_are_left_out_unless_asked_for(scores):
    """Who is monitored already is not listed, except on request; unknown counts as not monitored."""
    assert "h2" not in watchlist(scores, capacity=10)["household_id"].tolist()
    assert watchlist(scores, capacity=1, include_monitored=True)["household_id"].tolist() == ["h2"]
    assert len(watchlist(scores.drop(columns="monitored"), capacity=10, include_monitored=True)) == 6


@pytest.mark.parametrize(
    ("capacity", "n"), [(1, 1), (2, 2), (np.int64(2), 2), (99, 5), (0.2, 1), (0.21, 2), (0.99, 5), (None, 1)]
)
def test_capacity_is_visits_or_a_share(scores, capacity, n):
    """Whole numbers are visits, decimals a share of those that could be listed, rounded up; 2 % by default."""
    assert len(watchlist(scores, capacity=capacity)) == n


def test_share_is_not_rounded_up_by_floating_point():
    """Seven in a hundred are seven visits."""
    frame = pd.DataFrame({"household_id": [f"h{i:03}" for i in range(100)], "risk": 0.5})
    assert len(watchlist(frame, capacity=0.07, include_monitored=True)) == 7


@pytest.mark.parametrize(
    ("per", "expected"),
    [
        ("county", {"": ["h6"], "211223": ["h5"], "211282": ["h3"]}),
        ("township", {"": ["h6"], "211223100": ["h5"], "211282101": ["h1"], "211282102": ["h3"]}),
        ("village", {"": ["h6"], "211223100001": ["h5"], "211282101001": ["h1"], "211282102001": ["h3"]}),
    ],
)
def test_capacity_per_area(scores, per, expected):
    """Each county, township or village has its own ranks and visits; households without code are not lost."""
    listed = watchlist(scores, capacity=1, per=per, area=pd.Series(CODES))
    assert listed.groupby("area")["household_id"].agg(list).to_dict() == expected
    assert listed["area"].tolist() == sorted(expected)
    assert set(listed["rank"]) == {1}
    pd.testing.assert_frame_equal(watchlist(scores, capacity=1, per=per, area=CODES), listed)
    with_column = scores.assign(area_code=scores["household_id"].map(CODES))
    assert watchlist(with_column, capacity=1, per=per)["household_id"].tolist() == listed["household_id"].tolist()


def test_share_per_area_is_of_that_area(scores):
    """A share is taken of each area's own households."""
    listed = watchlist(scores, capacity=0.5, per="county", area=CODES)
    assert listed["household_id"].tolist() == ["h6", "h5", "h3", "h4"]
    assert listed["rank"].tolist() == [1, 1, 1, 2]


GROUPS = {"h1": "a", "h2": "a", "h3": "a", "h4": "a", "h5": "b", "h6": "b"}


@pytest.mark.parametrize(
    ("shares", "capacity", "expected"),
    [
        ("households", 3, ["h3", "h4", "h5"]),  # 3 : 2 households
        ("households", 2, ["h3", "h5"]),
        ("risk", 3, ["h3", "h4", "h1"]),  # 0.70 : 0.03 expected events
        ("recall", 2, ["h3", "h5"]),  # 0.30 of 0.70 and 0.02 of 0.03
        ({"a": 1, "b": 3}, 3, ["h3", "h5", "h6"]),
        ({"a": 0, "b": 1}, 3, ["h3", "h5", "h6"]),  # what b cannot use is left for a
        ({"a": 1, "b": 0}, 3, ["h3", "h4", "h1"]),
    ],
)
def test_groups_share_the_visits(scores, shares, capacity, expected):
    """Each group gets visits by its claim and sends its highest risks; the list stays one, by risk."""
    listed = watchlist(scores, capacity=capacity, group=GROUPS, shares=shares)
    assert listed["household_id"].tolist() == expected
    assert listed["rank"].tolist() == list(range(1, capacity + 1))
    assert listed["risk"].is_monotonic_decreasing
    assert listed["group"].tolist() == [GROUPS[i] for i in expected]
    reverse = watchlist(scores.iloc[::-1], capacity=capacity, group=pd.Series(GROUPS), shares=shares)
    pd.testing.assert_frame_equal(reverse, listed)


def test_groups_share_the_visits_of_each_area():
    """With areas and groups, every area keeps its capacity and shares it among its own groups."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "household_id": [f"h{i:03}" for i in range(200)],
            "risk": rng.random(200),
            "area_code": np.where(np.arange(200) < 120, "211282", "211223"),
            "kind": rng.choice(["x", "y", "z"], 200, p=[0.7, 0.2, 0.1]),
        }
    )
    listed = watchlist(frame, capacity=0.2, per="county", group="kind", include_monitored=True)
    assert listed.groupby("area").size().to_dict() == {"211223": 16, "211282": 24}
    size = frame.groupby(["area_code", "kind"]).size()
    visits = listed.groupby(["area", "kind"]).size().reindex(size.index, fill_value=0)
    assert ((visits - size * 0.2).abs() < 1).all()
    assert (listed["group"] == listed["kind"]).all()
    for (area, kind), rows in frame.groupby(["area_code", "kind"]):
        best = rows.nlargest(visits[area, kind], "risk")["household_id"]
        assert set(best) == set(listed.query("area == @area and kind == @kind")["household_id"])


def test_equal_recall_visits_an_equal_part_of_the_expected_events():
    """By recall, the part of each group's risk that is visited differs by less than a household."""
    rng = np.random.default_rng(1)
    group = rng.choice(["x", "y"], 2000, p=[0.8, 0.2])
    frame = pd.DataFrame(
        {
            "household_id": [f"h{i:04}" for i in range(2000)],
            "risk": rng.beta(1, np.where(group == "x", 9, 30)),
            "g": group,
        }
    )
    listed = watchlist(frame, capacity=200, group="g", shares="recall", include_monitored=True)
    found = listed.groupby("g")["risk"].sum() / frame.groupby("g")["risk"].sum()
    assert abs(found["x"] - found["y"]) < 0.01
    alone = watchlist(frame, capacity=200, include_monitored=True)
    found = alone.groupby("g")["risk"].sum() / frame.groupby("g")["risk"].sum()
    assert found["x"] - found["y"] > 0.05


def test_households_without_a_group_are_a_group(scores):
    """Who has no group is not lost."""
    listed = watchlist(scores, capacity=2, group={"h3": "a", "h4": "a"})
    assert listed[["household_id", "group"]].to_numpy().tolist() == [["h3", "a"], ["h1", ""]]
    one = watchlist(scores, capacity=3, group=dict.fromkeys(GROUPS, "all"))
    pd.testing.assert_frame_equal(one.drop(columns="group"), watchlist(scores, capacity=3))


def test_wrong_groups_and_shares_are_refused(scores):
    """Unknown columns and shares, groups without a number and negative numbers are refused."""
    with pytest.raises(SchemaError, match="no column 'kind'"):
        watchlist(scores, group="kind")
    with pytest.raises(SchemaError, match="shares is 'luck'; expected one of households, risk, recall"):
        watchlist(scores, group=GROUPS, shares="luck")
    with pytest.raises(SchemaError, match="shares lacks the group"):
        watchlist(scores, group=GROUPS, shares={"a": 1})
    with pytest.raises(SchemaError, match="shares holds a number below 0, or something else"):
        watchlist(scores, group=GROUPS, shares={"a": 1, "b": -1})


def test_no_households_give_an_empty_list(scores):
    """An empty table of scores gives an empty list with the same columns."""
    assert watchlist(scores.iloc[:0], capacity=3).columns.tolist() == ["rank", *scores.columns]
    assert len(watchlist(scores.iloc[:0], per="county", area=CODES)) == 0
    assert len(watchlist(scores.iloc[:0], group=GROUPS)) == 0


@pytest.mark.parametrize("capacity", [-1, 1.5, 0.0, 1.0, True, "2"])
def test_other_capacities_are_refused(scores, capacity):
    """A capacity that is neither visits nor a share is refused."""
    with pytest.raises(SchemaError, match="expected a whole number of visits such as 800, or a share"):
        watchlist(scores, capacity=capacity)


def test_wrong_tables_are_refused(scores):
    """Missing columns, repeated households, unknown units and missing codes are refused."""
    with pytest.raises(SchemaError, match="no column risk, monitored"):
        watchlist(scores[["household_id"]])
    with pytest.raises(SchemaError, match="2 rows of scores repeat a household_id"):
        watchlist(pd.concat([scores, scores.iloc[:2]]))
    with pytest.raises(SchemaError, match="per is 'street'; expected one of county, township, village"):
        watchlist(scores, per="street", area=CODES)
    with pytest.raises(SchemaError, match="needs area codes"):
        watchlist(scores, per="county")
    with pytest.raises(SchemaError, match=r"expected the table that score\(\) returns, got the type dict"):
        watchlist({"household_id": ["a"], "risk": [0.1]})


@pytest.mark.parametrize(
    ("risk", "count"),
    [
        (["35.2%", "1%", "2%", "3%", "4%", "5%"], 6),
        ([0.1, np.nan, 0.2, 0.3, np.nan, 0.4], 2),
        ([0.1, np.inf, 0.2, 0.3, 0.4, 0.5], 1),
        (pd.array([0.1, None, 0.2, 0.3, 0.4, 0.5], dtype="Float64"), 1),
        ([True] * 6, 6),
    ],
)
def test_a_risk_that_is_no_number_is_refused(scores, risk, count):
    """Texts would be sorted as texts and missing risks put somewhere: neither is an order of risk."""
    with pytest.raises(SchemaError, match=f"{count} rows of scores have no risk that is a number"):
        watchlist(scores.assign(risk=risk))


def test_monitored_as_text_is_refused(scores):
    """Read from a printed list, every text counts as true: nobody would be listed and nobody would notice."""
    with pytest.raises(SchemaError, match="the column monitored of scores holds other values than True and False"):
        watchlist(scores.assign(monitored=["否"] * 6))
    with pytest.raises(SchemaError, match="the column monitored"):
        watchlist(scores.assign(monitored=["False"] * 6))
    assert len(watchlist(scores.assign(monitored=[0, 0, 0, 1, 0, 0]), capacity=10)) == 5
    assert len(watchlist(scores.assign(monitored=["否"] * 6), capacity=10, include_monitored=True)) == 6


def test_only_rows_without_a_number_are_counted():
    """One text among numbers is one row; what lies outside 0 to 1 is no risk either."""
    scores = pd.DataFrame({"household_id": list("abc"), "risk": [0.1, "35.2%", 0.3], "monitored": [False] * 3})
    with pytest.raises(SchemaError, match="1 rows of scores have no risk that is a number from 0 to 1"):
        watchlist(scores)
    with pytest.raises(SchemaError, match="1 rows of scores have no risk"):
        watchlist(scores.assign(risk=[0.1, 2.0, 0.3]))
    assert len(watchlist(scores.assign(risk=pd.Series([0.1, 0.2, 0.3], dtype=object)), capacity=2)) == 2


def test_who_is_below_the_line_already_stands_in_a_list_of_its_own(scores):
    """A forecast of falling below the line is not about those who are below it: they are listed apart, and not ranked."""
    marked = scores.assign(not_at_risk=["already_below_line", "", "no_income_before", "monitored", "", ""])
    listed = watchlist(marked, capacity=10, include_monitored=True)
    assert set(listed["not_at_risk"]) == {"", "monitored"}
    assert below_line_list(marked)["household_id"].tolist() == marked["household_id"].iloc[:1].tolist()
    assert len(below_line_list(scores)) == 0
    # What is forecast of the others is not said of them: neither a risk nor why it should be one.
    told = marked.assign(risk_low=0.1, tier="high", reason_1="x", contribution_1=0.2, at_risk=False, income_state="y")
    left = below_line_list(told).columns
    assert "income_state" in left
    assert not {
        name for name in left if name.startswith(("risk", "tier", "reason", "contribution", "at_risk", "not_at"))
    }
    assert list(below_line_list(told.drop(columns="not_at_risk")).columns) == list(left)


def test_a_model_of_monitored_households_ranks_them():
    """Where the forecast is of those who are monitored, it is they who are listed, and nobody else."""
    scores = pd.DataFrame(
        {
            "household_id": ["a", "b", "c"],
            "risk": [0.2, 0.9, 0.5],
            "monitored": [True, False, True],
            "at_risk": [True, False, True],
            "not_at_risk": ["", "not_monitored", ""],
        }
    )
    assert watchlist(scores, capacity=3)["household_id"].tolist() == ["c", "a"]
    ordinary = scores.assign(at_risk=[False, True, False], not_at_risk=["monitored", "", "monitored"])
    assert watchlist(ordinary, capacity=3)["household_id"].tolist() == ["b"]
