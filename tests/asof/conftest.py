"""A small county that several tests of this room look at."""

from __future__ import annotations

import pandas as pd
import pytest

from fanpin_risk.records.register import Register
from fanpin_risk.records.typed_tables import conform
from fanpin_risk.synthetic import make_register


@pytest.fixture(scope="session")
def county() -> Register:
    """A small county with fields missing here and there; some rows are recorded after the day, some corrected.

    Every fifth household also has incomes of windows two months later, as written when a household is looked at,
    and every third has its incomes by person.
    """
    shares = {f"members.{name}": 0.1 for name in ("birth_date", "labour", "health", "ins_basic_resident", "dibao")}
    shares |= {"medical.out_of_pocket_cny": 0.1, "medical.serious30": 0.1, "supports.amount_cny": 0.1}
    register = make_register(250, random_state=11, years=4, mean_size=3.0, missingness=shares)
    incomes = register.tables["incomes"]
    number = incomes["household_id"].str[1:].astype(int)
    incomes = incomes.assign(member_id=(incomes["household_id"] + "-01").where(number % 3 == 0))
    later = incomes[number % 5 == 0].copy()
    for column in ("period_start", "period_end", "recorded_at"):
        later[column] = later[column] + pd.Timedelta(days=61)
    both = pd.concat([incomes, later], ignore_index=True)
    return Register({**register.tables, "incomes": conform("incomes", both)})
