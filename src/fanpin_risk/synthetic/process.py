"""The years of one block of households, and the pilot run that fixes levels for all blocks."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Literal

import numpy as np

from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.synthetic.demography import (
    begin_versions,
    live_through_demography,
    write_changes_before_survey,
    write_first_versions,
    write_survey_and_later,
)
from fanpin_risk.synthetic.events import (
    begin_assistance,
    draw_events,
    live_through_assistance,
    months_of_posts,
    update_house_and_debt,
)
from fanpin_risk.synthetic.health import begin_health, live_through_health
from fanpin_risk.synthetic.monitoring import begin_monitoring, decide_year, expected_entries, slow_parts, true_risk
from fanpin_risk.synthetic.population import NEVER, draw_population, year_start
from fanpin_risk.synthetic.state import Setting, State, october
from fanpin_risk.synthetic.warning import write_warnings
from fanpin_risk.synthetic.work import account_incomes, begin_work, go_to_school, update_labour

__all__ = ["make_setting", "run_block"]

PILOT_HOUSEHOLDS = 12_000
PILOT_SEED = 20_240_601


def run_block(seed: np.random.SeedSequence, n: int, setting: Setting) -> State:
    """Simulate `n` households from a year before the first to the last year.

    Parameters
    ----------
    seed : SeedSequence
        Of this block alone.
    n : int
        Households.
    setting : Setting

    Returns
    -------
    State
        With its records and, unless it is the pilot, the true risks.
    """
    rng = np.random.default_rng(seed)
    burn_in = setting.first_year - 1
    households, members = draw_population(
        rng, n, large_share=setting.large_share, first_year=burn_in, years=setting.last_year - burn_in + 1,
        centred=setting.work_scale is None,
    )  # fmt: skip
    s = State(rng=rng, setting=setting, households=households, members=members)
    _begin_life(s, burn_in)
    for year in range(burn_in, setting.last_year + 1):
        _live_through(s, year, quiet=year == burn_in)
        if setting.intercept is not None and year > burn_in:
            s.truth.append((year_start(year + 1) - 1, true_risk(s, year)))
    return s


def _begin_life(s: State, burn_in: int) -> None:
    for year in (burn_in - 3, burn_in - 2, burn_in - 1):
        s.out_of_pocket[year], s.payouts[year] = np.zeros((s.n, 12)), np.zeros((s.n, 12))
    s.home["dibao"], s.home["tekun"] = np.zeros(s.n, dtype=np.int8), np.zeros(s.n, dtype=bool)
    begin_health(s)
    begin_work(s)
    go_to_school(s, burn_in - 1)
    update_labour(s, year_start(burn_in))
    begin_assistance(s)
    for year in (burn_in - 2, burn_in - 1):
        account_incomes(s, year)
    begin_versions(s)
    begin_monitoring(s)


def _live_through(s: State, year: int, *, quiet: bool) -> None:
    """Simulate one year; in the `quiet` first one nobody is born, leaves or joins."""
    calendar = s.setting.period == "calendar"
    writes = not quiet and s.setting.work_scale is not None
    s.payouts[year] = np.zeros((s.n, 12))
    early = slow_parts(s, year_start(year), year, year - 1)
    if quiet:
        m = s.members
        m.join[(m.join > year_start(year)) & (m.join < year_start(year + 1))] = NEVER
        s.person["leaves"] = np.zeros(len(m), dtype=bool)
        s.events["death"] = {"member": np.empty(0, dtype=np.int64), "day": np.empty(0, dtype=np.int32)}
    else:
        live_through_demography(s, year)
    if writes:
        write_changes_before_survey(s, year)
    draw_events(s, year)
    live_through_health(s, year)
    live_through_assistance(s, year)
    go_to_school(s, year)
    update_labour(s, october(year))
    s.home["public_post_months"] = months_of_posts(s, *s.setting.income_period(year))
    if not calendar:
        account_incomes(s, year)
    update_house_and_debt(s, year)
    late = slow_parts(s, october(year), year, year - 1 if calendar else year)
    if writes:
        write_survey_and_later(s, year)
    decide_year(s, year, early, late)
    if calendar:
        account_incomes(s, year)
    if quiet and s.setting.work_scale is not None:
        write_first_versions(s)
    write_warnings(s, year)


# --- levels -------------------------------------------------------------------------------------------------------
def make_setting(
    *, years: int, last_year: int, mean_size: float, base_rate: float, period: Literal["oct-sep", "calendar"]
) -> Setting:
    """Find, in a pilot run of its own seed, the mix of households, the level of earned incomes and the intercept.

    The result does not depend on the register's size or seed, so a small register is a small piece of a large one.
    """
    large_share, scale, intercept = _pilot(years, last_year, mean_size, base_rate, period)
    return replace(_setting(years, last_year, period, large_share), work_scale=dict(scale), intercept=intercept)


def _setting(years: int, last_year: int, period: Literal["oct-sep", "calendar"], large_share: float) -> Setting:
    lines = MonitoringLines()
    span = range(last_year - years - 1, last_year + 2)
    return Setting(
        first_year=last_year - years + 1, last_year=last_year, period=period, large_share=large_share,
        lines={year: float(lines.at(["21"], year)[0]) for year in span},
    )  # fmt: skip


@lru_cache(maxsize=16)
def _pilot(
    years: int, last_year: int, mean_size: float, base_rate: float, period: Literal["oct-sep", "calendar"]
) -> tuple[float, tuple[tuple[int, float], ...], float]:
    seed = np.random.SeedSequence(PILOT_SEED)
    sizes = [_final_size(seed, share, years, last_year, period) for share in (0.0, 1.0)]
    large_share = float(np.clip((mean_size - sizes[0]) / (sizes[1] - sizes[0]), 0.0, 1.0))
    s = run_block(seed, PILOT_HOUSEHOLDS, _setting(years, last_year, period, large_share))
    large_share += (mean_size - s.members.active(s.setting.last_day).sum() / s.n) / (sizes[1] - sizes[0])
    large_share = float(np.clip(large_share, 0.0, 1.0))
    low, high = -16.0, 0.0
    for _ in range(24):
        middle = 0.5 * (low + high)
        if expected_entries(s.pilot_log_odds, s.pilot_alive, middle) > base_rate:
            high = middle
        else:
            low = middle
    return large_share, tuple(s.pilot_scale.items()), 0.5 * (low + high)


@lru_cache(maxsize=16)
def size_range(years: int, last_year: int, period: Literal["oct-sep", "calendar"]) -> tuple[float, float]:
    """Smallest and largest mean size that the two mixes of households allow."""
    seed = np.random.SeedSequence(PILOT_SEED)
    return (_final_size(seed, 0.0, years, last_year, period), _final_size(seed, 1.0, years, last_year, period))


def _final_size(
    seed: np.random.SeedSequence, share: float, years: int, last_year: int, period: Literal["oct-sep", "calendar"]
) -> float:
    """Persons per household on the last day for one mix."""
    setting = _setting(years, last_year, period, share)
    rng = np.random.default_rng(seed)
    burn_in = setting.first_year - 1
    households, members = draw_population(rng, PILOT_HOUSEHOLDS, large_share=share, first_year=burn_in, years=years + 1)
    s = State(rng=rng, setting=setting, households=households, members=members)
    for name in ("serious_since", "serious_before"):
        s.person[name] = np.full(len(members), -NEVER, dtype=np.int32)
    for year in range(setting.first_year, last_year + 1):
        live_through_demography(s, year)
    return float(members.active(setting.last_day).sum() / len(households))
