"""How far records reach is told of the parts of a register as of the whole."""

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.asof.reach import check_reach, reach_of, reach_of_all
from fanpin_risk.errors import NotEnoughDataError
from fanpin_risk.records.register import Register


def parts_of(register):
    """Return two halves of a register."""
    ids = register.tables["households"]["household_id"].unique()
    return [register.select(ids[::2]), register.select(ids[1::2])]


@pytest.mark.parametrize("dated", ["both", "one", "none"])
def test_parts_reach_as_far_as_the_whole(dated):
    """Also where one part alone has no day of recording, or nobody has one."""
    register = fr.make_register(40, random_state=1)
    ids = register.tables["households"]["household_id"].unique()[:: 2 if dated == "one" else 1]
    if dated != "both":
        tables = {
            name: frame.assign(
                recorded_at=frame["recorded_at"].mask(
                    frame["household_id"].isin(ids) if "household_id" in frame else frame["member_id"].notna()
                )
            )
            for name, frame in register.tables.items()
        }
        register = Register(tables, supplied=register.supplied)
    together = reach_of_all([reach_of(part) for part in parts_of(register)])
    assert together == reach_of(register)
    assert together.observed_until == register.observed_until


def test_days_beyond_the_records_are_refused():
    """The message names the newest day that can be used."""
    reach = reach_of(fr.make_register(40, random_state=1))
    check_reach(reach, pd.Timestamp("2022-12-31"), 12, "newly_monitored")
    with pytest.raises(NotEnoughDataError, match="take 2023-12-30 or an earlier day"):
        check_reach(reach, pd.Timestamp("2024-06-30"), 12, "newly_monitored")
    with pytest.raises(NotEnoughDataError, match="need the table monitoring"):
        check_reach(
            reach._replace(supplied=frozenset(["households"])), pd.Timestamp("2022-12-31"), 12, "newly_monitored"
        )
