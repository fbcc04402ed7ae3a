"""Who is monitored on a day, by what was known then."""

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.asof.monitored_households import monitored_households
from fanpin_risk.asof.snapshot import Snapshot

DAY = "2023-06-30"


def households(*ids):
    return {"household_id": ids, "valid_from": ["2020-01-01"] * len(ids)}


def monitored_on(day=DAY, ids=("A", "B", "C"), **tables):
    register = fr.Register.from_frames(households=households(*ids), **tables)
    return monitored_households(Snapshot(register, day))


def entries(*rows):
    names = ("household_id", "identified_on", "recorded_at", "type", "risks", "eliminated_on")
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def test_an_open_entry_says_since_when_and_as_what():
    """By hand: 1 March to 30 June are 121 days."""
    found = monitored_on(monitoring=entries(("A", "2023-03-01", "2023-03-05", "边缘易致贫户", "因病;因学", None)))
    assert found.index.tolist() == ["A"]
    row = found.loc["A"]
    assert (row["monitored_type"], row["risks"], row["days_monitored"]) == ("edge", "illness;schooling", 121.0)
    assert row["identified_on"] == pd.Timestamp("2023-03-01")
    assert np.isnan(row["n_measures"])  # without the table of measures it is not known
    assert row["measures"] == ""


def test_only_what_was_known_on_the_day_counts():
    """An entry recorded later is none yet; an elimination recorded later has not happened yet."""
    monitoring = entries(
        ("A", "2023-06-01", "2023-07-02", "边缘易致贫户", "因病", None),
        ("B", "2022-01-01", "2022-01-05", "边缘易致贫户", "因病", None),
        ("B", "2022-01-01", "2023-07-10", "边缘易致贫户", "因病", "2023-06-20"),
        ("C", "2022-01-01", "2022-12-10", "边缘易致贫户", "因病", "2022-12-01"),
    )
    assert monitored_on(monitoring=monitoring).index.tolist() == ["B"]
    assert monitored_on("2023-07-31", monitoring=monitoring).index.tolist() == ["A"]


def test_a_household_that_was_recognised_again_counts_from_then():
    """Of several entries the newest open one tells type, risks and days."""
    monitoring = entries(
        ("A", "2021-01-01", "2021-01-05", "边缘易致贫户", "因病", "2021-12-31"),
        ("A", "2023-06-01", "2023-06-02", "突发严重困难户", "因灾", None),
    )
    found = monitored_on(monitoring=monitoring)
    assert found["monitored_type"].tolist() == ["sudden_hardship"]
    assert found["days_monitored"].tolist() == [29.0]


def test_measures_are_those_that_ran_since_the_recognition():
    """One that was over before is no answer to it; one that still ran is; classes stand once, in their order."""
    supports = {
        "household_id": ["A"] * 5 + ["B"],
        "measure": ["就业帮扶", "健康帮扶", "健康帮扶", "产业帮扶", "金融帮扶", "教育帮扶"],
        "start_date": ["2022-01-01", "2022-06-01", "2023-04-01", "2023-05-01", "2023-07-01", "2023-04-01"],
        "end_date": ["2022-12-31", "2023-03-31", None, None, None, None],
    }
    supports["recorded_at"] = supports["start_date"]
    found = monitored_on(
        monitoring=entries(
            ("A", "2023-03-01", "2023-03-05", "边缘易致贫户", "因病", None),
            ("C", "2023-03-01", "2023-03-05", "边缘易致贫户", "因病", None),
        ),
        supports=supports,
    )
    assert found["n_measures"].tolist() == [3.0, 0.0]
    assert found["measures"].tolist() == ["health;industry", ""]


def test_a_day_of_recognition_that_is_not_known_is_no_number_of_days():
    """The records only show that it was before."""
    register = fr.Register.from_frames(
        households=households("A"),
        monitoring={
            "household_id": ["A"], "identified_on": ["2023-01-01"], "recorded_at": ["2023-01-01"],
            "type": ["边缘易致贫户"], "identified_before": [True],
        },
        supports={"household_id": ["A"], "measure": ["健康帮扶"], "start_date": ["2023-02-01"], "recorded_at": ["2023-02-01"]},
    )  # fmt: skip
    found = monitored_households(Snapshot(register, DAY))
    assert found.index.tolist() == ["A"]
    assert found["identified_on"].isna().all()
    assert found["days_monitored"].isna().all()
    assert found["n_measures"].isna().all()  # nor is it known which measures ran since


@pytest.mark.parametrize("day", ["2021-12-31", "2023-12-31"])
def test_it_names_those_that_the_snapshot_calls_monitored(county, day):
    """No more and no less, and a household alone gets what it gets in its county."""
    here = Snapshot(county, day)
    found = monitored_households(here)
    assert found.index.tolist() == here.household_ids[here.monitored == 1].tolist()
    for one in found.index[:5]:
        alone = monitored_households(Snapshot(county.select([one]), day))
        pd.testing.assert_frame_equal(alone, found.loc[[one]], check_exact=True)
