"""References: medians of areas, of a whole register, on a day."""

from __future__ import annotations

import pandas as pd
import pytest

from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.features import compute_features, make_references
from fanpin_risk.features.references import SMALLEST_AREA
from fanpin_risk.records.register import Register

DAY = "2023-12-31"
LINES = MonitoringLines(pd.DataFrame({"area_prefix": [""], "year": [2023], "line_cny": [8_000.0]}))
TOWNS = {"211282101": 31, "211282102": SMALLEST_AREA - 1, "211223100": 40}


@pytest.fixture(scope="module")
def register() -> Register:
    """Households of one person in three townships; the income of each is its number times 1,000 yuan."""
    ids = [f"{town}-{number:02d}" for town, count in TOWNS.items() for number in range(1, count + 1)]
    homes = pd.DataFrame({"household_id": ids, "valid_from": "2023-01-01", "area_code": [f"{i[:9]}001" for i in ids]})
    people = pd.DataFrame({"member_id": [f"{i}-1" for i in ids], "household_id": ids, "valid_from": "2023-01-01"})
    incomes = pd.DataFrame({"household_id": ids, "period_start": "2023-01-01", "period_end": DAY, "item": "wage"})
    incomes = incomes.assign(amount_cny=[1_000.0 * int(i[-2:]) for i in ids], recorded_at=DAY)
    return Register.from_frames(households=homes, members=people, incomes=incomes)


def test_medians_of_everywhere_counties_and_townships(register):
    """The median income of an area in multiples of the line; areas too small are left out, their households are not."""
    references = make_references(register, DAY, lines=LINES).set_index("area_prefix")
    assert references["n_households"].to_dict() == {
        "": 100,
        "211223": 40,
        "211223100": 40,
        "211282": 60,
        "211282101": 31,
    }
    median = references["median_income_to_line"] * 8
    assert median["211223100"] == pytest.approx(20.5)
    assert median["211282101"] == pytest.approx(16)
    assert median["211282"] == pytest.approx(15.5)
    assert references["as_of"].unique().tolist() == [pd.Timestamp(DAY)]


def test_a_household_is_compared_with_the_smallest_area_that_is_large_enough(register):
    """Who lives in a small township is compared with the county."""
    references = make_references(register, DAY, lines=LINES)
    table = compute_features(register, DAY, lines=LINES, references=references)["income_to_area_median"]
    assert table["211282101-16"] == pytest.approx(1)
    assert table["211282102-16"] == pytest.approx(16 / 15.5)


def test_an_empty_register_has_no_references():
    """Nothing to compare with is no error."""
    assert len(make_references(Register({}), DAY)) == 0
