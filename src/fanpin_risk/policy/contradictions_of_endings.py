"""What the end of monitoring contradicts: eliminated too soon, without a measure, or while something fails."""

from __future__ import annotations

import numpy as np

from fanpin_risk.asof.days import Array, months_after
from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.income import income_years, lines_of_years, per_person
from fanpin_risk.policy.parameters import Policy
from fanpin_risk.policy.rule import (
    IS_SO,
    NOT_SO,
    TITLES_OF_CHECKER,
    Deciding,
    Rule,
    Verdict,
    contradiction,
)
from fanpin_risk.policy.spells import (
    GUARANTEES_OF_RISKS,
    GUIDANCE,
    ended_spells,
    guarantee_fails,
    nobody_able,
    of_spells,
    rows_of_failures,
    supports_since,
)
from fanpin_risk.policy.three_valued import (
    any_of,
    is_below,
    not_so,
    of_rows,
)

__all__ = ["CONTRADICTIONS_OF_ENDINGS"]


@contradiction(
    zh="纳入后过快消除", en="eliminated too soon", severity="warning",
    source=GUIDANCE + "; titles of rules on spells of two months",
    asks_zh="通过帮扶消除的监测对象，从识别到消除是否不足规定时间",
    asks_en="was a risk eliminated by support sooner after recognition than the rules allow",
)  # fmt: skip
def eliminated_too_soon(snapshot: Snapshot, policy: Policy) -> Verdict:
    return _ended_before(snapshot, policy.at("least_monitored_months", snapshot.area_codes, snapshot.as_of))


@contradiction(
    zh="帮扶不足半年即消除", en="eliminated early", severity="warning", source=GUIDANCE,
    asks_zh="通过帮扶消除的监测对象，帮扶时间是否达到规定时间而短于通常的期限",
    asks_en="was a risk eliminated by support earlier than is usual, though not sooner than the rules allow",
)  # fmt: skip
def eliminated_early(snapshot: Snapshot, policy: Policy) -> Verdict:
    least, usual = (
        policy.at(f"{name}_monitored_months", snapshot.area_codes, snapshot.as_of) for name in ("least", "usual")
    )
    early, too_soon = _ended_before(snapshot, usual), _ended_before(snapshot, least)
    answer = np.where((early.answer == IS_SO) & (too_soon.answer == IS_SO), NOT_SO, early.answer).astype(np.int8)
    told = [Deciding(one.rows.where((answer == IS_SO)[one.rows.household]), one.columns) for one in early.deciding]
    return Verdict(answer, tuple(told))


def _ended_before(snapshot: Snapshot, months: Array) -> Verdict:
    """Whether the last spell, eliminated by support, lasted less than some months."""
    rows = ended_spells(snapshot)
    rows = rows.where(rows.isin("eliminate_mode", "support"))
    earliest = np.full(len(rows), np.datetime64("NaT", "D"))
    for k, (day, number) in enumerate(zip(rows.identified_on, months[rows.household], strict=True)):
        if not np.isnan(number):
            earliest[k] = months_after(day, int(number)).to_datetime64()
    holds = np.where(np.isnat(earliest), np.nan, (rows.eliminated_on < earliest).astype("float64"))
    return of_rows(rows, holds, "identified_on", "eliminated_on", "eliminate_mode")


@contradiction(
    zh="通过帮扶消除而无措施", en="eliminated by support without a measure", severity="error", source=TITLES_OF_CHECKER + " (G1_11_009)",
    asks_zh="通过帮扶消除的监测对象，监测期间是否没有帮扶措施", asks_en="was a risk eliminated by support while no measure is on record",
)  # fmt: skip
def eliminated_without_measure(snapshot: Snapshot, _policy: Policy) -> Verdict:
    rows = ended_spells(snapshot)
    rows = rows.where(rows.isin("eliminate_mode", "support"))
    return of_rows(rows, not_so(supports_since(snapshot, rows)), "identified_on", "eliminated_on")


@contradiction(
    zh="消除后收入低于监测线", en="eliminated, below the line", severity="error", source=TITLES_OF_CHECKER + " (G4_11_010)",
    asks_zh="风险已消除的户，消除前最近一年或消除后核算的人均纯收入是否低于当年监测线",
    asks_en="is net income per person of the last year before the elimination, or of the newest after it, below the line of that year",
)  # fmt: skip
def eliminated_below_line(snapshot: Snapshot, _policy: Policy) -> Verdict:
    rows = ended_spells(snapshot)
    began, over = (day.astype("int64") for day in (rows.identified_on, rows.eliminated_on))
    nothing = np.full(len(rows), np.nan)
    told = {"net_income_per_person_cny": nothing, "line_cny": nothing, "period_end": nothing}
    holds, asked, waiting = np.zeros(len(rows)), np.zeros(len(rows), dtype=bool), np.ones(len(rows), dtype=bool)
    for number, year in enumerate(income_years(snapshot)):
        figures = (per_person(snapshot)[number], lines_of_years(snapshot)[number], year.ended)
        own, line, ended = (values[rows.household] for values in figures)
        before = waiting & (ended <= over)
        waiting &= ~before
        mine = before | ((ended > over) & (number == 0))
        # What a year brought that was over before the recognition was known then.
        short = np.where(before & (ended < began) & (own < line), np.nan, is_below(own, line))
        told = {
            name: np.where(mine & (holds != 1), values, told[name])
            for name, values in zip(told, (own, line, ended), strict=True)
        }
        holds, asked = np.where(mine, any_of(holds, short), holds), asked | mine
    verdict = of_rows(rows, holds, "eliminated_on", asked=asked)
    return Verdict(verdict.answer, verdict.deciding, figures={name: _by_household(rows, told[name]) for name in told})


def _by_household(rows: KnownRows, values: Array) -> Array:
    """Put values of rows, of which each household has one at most, in the places of their households."""
    result = np.full(rows.on_day.n_households, np.nan)
    result[rows.household] = values
    return result


@contradiction(
    zh="消除后保障不到位", en="eliminated, a guarantee fails", severity="error",
    source=TITLES_OF_CHECKER + " (G1_11_006, G1_11_007, G1_11_008)",
    asks_zh="风险已消除的户，义务教育、基本医疗、住房、饮水是否无保障",
    asks_en="does a guarantee (school, insurance, house, water) fail though the risk is eliminated",
)  # fmt: skip
def eliminated_guarantee_fails(snapshot: Snapshot, policy: Policy) -> Verdict:
    rows = ended_spells(snapshot)
    fails = any_of(*(guarantee_fails(guarantee, snapshot, policy) for guarantee in GUARANTEES_OF_RISKS.values()))
    return of_spells(rows, fails[rows.household], "eliminated_on", beside=rows_of_failures(snapshot, policy))


@contradiction(
    zh="整户无劳动能力却消除", en="eliminated with nobody able", severity="error", source=TITLES_OF_CHECKER + " (G4_11_011); " + GUIDANCE,
    asks_zh="整户无劳动能力的户，风险是否已消除", asks_en="was a risk eliminated though nobody in the household is able to work",
)  # fmt: skip
def eliminated_nobody_able(snapshot: Snapshot, _policy: Policy) -> Verdict:
    rows = ended_spells(snapshot)
    beside = (Deciding(snapshot.members, ("labour",)),)
    return of_spells(rows, nobody_able(snapshot)[rows.household], "eliminated_on", beside=beside)


CONTRADICTIONS_OF_ENDINGS: tuple[Rule, ...] = (
    eliminated_too_soon,
    eliminated_early,
    eliminated_without_measure,
    eliminated_below_line,
    eliminated_guarantee_fails,
    eliminated_nobody_able,
)
