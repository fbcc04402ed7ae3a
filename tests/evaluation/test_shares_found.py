"""How often visits found a household in need: counts, intervals, and what is not shown."""

from __future__ import annotations

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import SchemaError
from fanpin_risk.evaluation.labels import translated
from fanpin_risk.evaluation.shares_found import visit_shares


def rows(
    n: int, verified: int, *, month: str = "2024-03", probability: float = 1.0, start: int = 0, **beside: str
) -> pd.DataFrame:
    """Visits of one kind."""
    results = ["verified"] * verified + ["refuted"] * (n - verified)
    ids = [f"h{start + k:04}" for k in range(n)]
    return pd.DataFrame(
        {"household_id": ids, "on": f"{month}-05", "result": results, "probability": probability, **beside}
    )


@pytest.fixture(scope="module")
def visits() -> pd.DataFrame:
    """Two months, two tiers, three causes, two counties, some drawn at random, two not told."""
    parts = [
        rows(40, 20, tier="high", cause="illness;schooling", area_code="110101001001", department="民政局"),
        rows(30, 6, start=40, tier="medium", cause="disaster", area_code="110102001001", department="民政局"),
        rows(
            30,
            3,
            start=70,
            tier="high",
            cause="illness",
            area_code="110101002001",
            month="2024-04",
            department="医保局",
        ),
        rows(
            20,
            1,
            start=100,
            tier="low",
            cause="job_loss",
            area_code="110101001001",
            probability=0.1,
            department="医保局",
        ),
    ]
    frame = pd.concat(parts, ignore_index=True)
    frame.loc[[0, 1], "result"] = "not_at_home"
    return frame


def cell(found: pd.DataFrame, **where: str) -> pd.Series:
    """Return the one row of a cell."""
    kept = found
    for name, value in where.items():
        kept = kept[kept[name] == value]
    assert len(kept) == 1
    return kept.iloc[0]


def test_shares_of_the_list_and_of_the_draw_stand_apart(visits):
    """Counts by hand; not at home is a visit that told nothing; Wilson's interval holds the share."""
    found = visit_shares(visits)
    march = cell(found, month="2024-03", how="by_list", group="all")
    assert (march["visits"], march["told"], march["verified"]) == (70, 68, 24)
    assert march["share_verified"] == pytest.approx(24 / 68)
    assert march["low"] < march["share_verified"] < march["high"]
    assert cell(found, month="all", how="by_list", group="all")["told"] == 98
    assert cell(found, month="all", how="at_random", group="all")["verified"] == 1
    assert set(found["group"]) == {"all", "tier", "cause", "department", "county", "township"}
    # Of several causes the first.
    assert cell(found, month="2024-03", how="by_list", group="cause", category="illness")["verified"] == 18
    assert cell(found, month="2024-03", how="by_list", group="county", category="110102")["told"] == 30


def test_small_cells_and_those_that_give_them_away_are_not_shown(visits):
    """A cell of few is hidden, and where it alone were hidden, the smallest other as well."""
    few = pd.concat([visits, rows(4, 4, start=200, tier="low")], ignore_index=True)
    found = visit_shares(few, by=["tier"])
    low = cell(found, month="2024-03", how="by_list", group="tier", category="low")
    assert pd.isna(low["told"])
    assert pd.isna(low["share_verified"])
    assert low["note"] == "suppressed_visits:10"
    medium = cell(found, month="2024-03", how="by_list", group="tier", category="medium")
    assert medium["note"] == "suppressed_total"
    assert pd.isna(medium["verified"])
    assert cell(found, month="2024-03", how="by_list", group="tier", category="high")["note"] == ""


def test_places_may_come_from_beside_the_visits(visits):
    """area= gives the division codes; who has none is unknown; what nobody tells is refused."""
    bare = visits.drop(columns="area_code")
    assert "county" not in set(visit_shares(bare)["group"])
    area = dict.fromkeys(visits["household_id"][:40], "110101001001")
    found = visit_shares(bare, by=["county"], area=area)
    assert cell(found, month="2024-03", how="by_list", group="county", category="110101")["told"] == 38
    assert cell(found, month="2024-03", how="by_list", group="county", category="unknown")["told"] == 30
    with pytest.raises(SchemaError, match="county"):
        visit_shares(bare, by=["county"])
    with pytest.raises(SchemaError, match="expected a list"):
        visit_shares(bare, by=["village"])


def test_an_office_reads_it_in_chinese(visits):
    """Columns, groups, codes and notes have names."""
    shown = translated(visit_shares(visits, by=["tier", "cause"], fewest=35), "zh")
    text = shown.to_csv()
    for word in ("月份", "属实占比", "按名单走访", "随机抽查", "因病", "有结果的走访不足 35 次"):
        assert word in text
    assert "by_list" not in text


def test_a_register_says_place_and_department():
    """The department is that of the newest signal in the 12 months before the visit, not of one on its day or after it."""
    register = fr.make_register(400, random_state=2)
    tables = {name: register.tables[name] for name in register.supplied}
    homes = tables["households"].drop_duplicates("household_id", keep="last").set_index("household_id")["area_code"]
    ids = homes.index[:60].tolist()
    signals = tables["warnings"].head(0).reindex(range(4))
    for name, values in {
        "household_id": [ids[0], ids[0], ids[1], ids[2]],
        "event_date": pd.to_datetime(["2023-06-01", "2023-09-01", "2024-03-05", "2022-01-01"]),
        "department": ["民政局", "医保局", "教育局", "住建局"],
        "recorded_at": pd.to_datetime(["2023-06-01", "2023-09-01", "2024-03-05", "2022-01-01"]),
    }.items():
        signals[name] = pd.Series(values).astype(signals[name].dtype)
    told = fr.Register(tables | {"warnings": signals}, supplied=register.supplied)
    visits = rows(60, 20).assign(household_id=ids)
    found = visit_shares(visits, by=["county", "department"], register=told, fewest=1)
    parts = found[(found["month"] == "all") & (found["group"] == "department")]
    assert dict(zip(parts["category"], parts["visits"], strict=True)) == {"医保局": 1, "unknown": 59}
    counties = set(found.loc[found["group"] == "county", "category"])
    assert counties == set(homes.loc[ids].astype("str").str[:6])
