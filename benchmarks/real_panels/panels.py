"""What is evaluated: every real panel under FANPIN_DATA, and a synthetic register whose truth is known.

A further panel is one more entry of PANELS: a function that reads it and returns a Study.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import argentina
import germany
import pandas as pd
import raw_columns

import fanpin_risk as fr

HORIZON_MONTHS = 12
# Argentina: earlier days than these have one or two quarters to learn from.
FIRST_TEST_DAY = "2018-01-01"
SYNTHETIC_DAYS = ("2020-12-31", "2021-12-31", "2022-12-31", "2023-12-31")


@dataclass(frozen=True, kw_only=True)
class Study:
    """A register, the days to learn from and to forecast, and what a reader has to know of it.

    Attributes
    ----------
    key, title : str
        For files and headings.
    limits : tuple of str
        What it is not, a sentence each.
    event : str
        What is forecast, in words.
    register, lines, target
        As for :func:`fanpin_risk.evaluate`.
    days, test_days : list of Timestamp
        All days, and those to forecast.
    subsets : dict of str to MultiIndex
        Title -> (household_id, as_of) of households that are measured apart.
    truth : DataFrame, optional
        ``household_id``, ``as_of`` and the true ``risk``, where it is known.
    raw : DataFrame, optional
        The panel's own columns of every visit, see raw_columns.py.
    """

    key: str
    title: str
    limits: tuple[str, ...]
    event: str
    register: fr.Register
    lines: fr.MonitoringLines | None
    target: str
    days: list[pd.Timestamp]
    test_days: list[pd.Timestamp]
    subsets: dict[str, pd.MultiIndex] = field(default_factory=dict)
    truth: pd.DataFrame | None = None
    raw: pd.DataFrame | None = None


def study_argentina(data: Path) -> Study:
    panel = argentina.read(data)
    days = argentina.days_of(panel, first="2016-01-01", last="2018-12-31")
    t = panel.targets
    edge, back = t[t["edge"] == 1], t[t["target_return"].notna()]
    return Study(
        key="argentina",
        title="Argentina, household survey EPH (INDEC), 2016-2019",
        limits=(
            "Towns, not villages; households are visited in two quarters and again in the same two a year later.",
            "The income of one month stands for a year's, so much of what moves it is chance of that month.",
            "No medical and no schooling costs, no land, no livestock, no support records but what the household tells.",
            "Years of high inflation: the share that fell below the line more than doubled over the days forecast.",
        ),
        event="income per person falls below the line of the data within 12 months, of those not below it on the day",
        register=argentina.register(panel),
        lines=argentina.LINES,
        target="below_line",
        days=days,
        test_days=[day for day in days if day >= pd.Timestamp(FIRST_TEST_DAY)],
        subsets={
            "with an income of 1 to 1.5 times the line": _households(edge),
            "that were poor at the visit a quarter before (return)": _households(back),
        },
        raw=raw_columns.of_argentina(panel),
    )


def study_germany(data: Path) -> Study:
    panel = germany.read(data)
    days = [germany.day(year) for year in range(1984, 1988)]
    return Study(
        key="germany",
        title="Germany, GSOEP extract of Riphahn, Wambach and Million, 1984-88",
        limits=(
            "West Germany forty years ago; a person stands for a household, its other members are guessed.",
            "One amount of income a year and what the person says of health and work: few of the features have a value.",
            "The line is 60 % of the year's median in the data.",
            "Small: one year of a few thousand persons to learn from for the first day forecast, three for the last.",
        ),
        event="income per person falls below the line of the data within 12 months, of those not below it on the day",
        register=germany.register(panel),
        lines=germany.LINES,
        target="below_line",
        days=days,
        test_days=days[1:],
        raw=raw_columns.of_germany(panel),
    )


def study_synthetic(n_households: int) -> Study:
    register, truth = fr.make_register(n_households, random_state=0, return_truth=True)
    days = [pd.Timestamp(day) for day in SYNTHETIC_DAYS]
    return Study(
        key="synthetic",
        title=f"Synthetic register of {n_households:,} households",
        limits=(
            "Made up: nothing here says how well real households can be forecast.",
            "It says how near the model comes to the risk from which the events were drawn, which no real panel can say.",
        ),
        event="the household is newly monitored within 12 months",
        register=register,
        lines=None,
        target="newly_monitored",
        days=days,
        test_days=days[2:],
        truth=truth,
    )


def _households(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([rows["household_id"], pd.to_datetime(rows["day"])])


# Folder under FANPIN_DATA -> the study of it.
PANELS: dict[str, Callable[[Path], Study]] = {
    argentina.FOLDER: study_argentina,
    germany.FOLDER: study_germany,
}


def seen_twice(study: Study) -> tuple[int, int]:
    """Count forecasts of households that were at risk on a day learnt from as well, and all forecasts."""
    at_risk = {
        day: fr.outcomes(
            study.register, day, horizon_months=HORIZON_MONTHS, target=study.target, lines=study.lines
        ).index
        for day in study.days
    }
    twice = total = 0
    for test_day in study.test_days:
        learnt = [ids for day, ids in at_risk.items() if day + pd.DateOffset(months=HORIZON_MONTHS) <= test_day]
        twice += int(at_risk[test_day].isin(set().union(*learnt)).sum())
        total += len(at_risk[test_day])
    return twice, total
