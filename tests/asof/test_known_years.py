"""Which year of incomes is over on a day, but counts as known only later."""

import pytest

from fanpin_risk.asof.known_years import year_not_known
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import SchemaError
from fanpin_risk.records.register import Register


def register(years, *, recorded=None, **options):
    """Two households with incomes of some years."""
    incomes = {
        "户编号": ["h1", "h2"] * len(years),
        "年度": [y for y in years for _ in "12"],
        "工资性收入": [1] * 2 * len(years),
    }
    if recorded is not None:
        incomes["更新时间"] = recorded
    return Register.from_frames(households={"户编号": ["h1", "h2"], "年度": [2020] * 2}, incomes=incomes, **options)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-12-30", None),  # 2024 is not over
        ("2024-12-31", (2024, "2025-01-30", 2023)),
        ("2025-01-29", (2024, "2025-01-30", 2023)),
        ("2025-01-30", None),
        ("2023-12-31", (2023, "2024-01-30", None)),
        ("2022-12-31", None),
    ],
)
def test_a_year_is_left_out_for_as_long_as_its_lag(day, expected):
    """What is said is what a snapshot does."""
    county = register([2023, 2024])
    found = year_not_known(county, day)
    assert (found and (found.year, found.known_from.date().isoformat(), found.newest_used)) == expected
    seen = Snapshot(county, day).incomes.period_end
    used = int(seen.max().astype("datetime64[Y]").astype(int)) + 1970 if len(seen) else None
    if expected is not None:
        assert used == expected[2]


def test_another_lag_moves_the_day():
    """With none a year is known when it is over."""
    assert year_not_known(register([2024], known_lag_days=0), "2024-12-31") is None
    later = year_not_known(register([2024], known_lag_days=90), "2025-02-01")
    assert later.known_from.date().isoformat() == "2025-03-31"


def test_only_an_assumption_is_said():
    """Days of recording that stand in the files are facts; and where most of a year is known it is used."""
    assert year_not_known(register([2024], recorded=["2025-01-30"] * 2), "2024-12-31") is None
    assert year_not_known(register([2024], recorded=["2025-03-01", None]), "2025-01-15") is None
    assert year_not_known(register([2024], recorded=["2024-12-31", None]), "2024-12-31") is None
    assert year_not_known(register([]), "2024-12-31") is None
    with pytest.raises(SchemaError, match="expected a register"):
        year_not_known(None, "2024-12-31")
