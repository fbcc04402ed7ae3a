"""What measures contradict: assistance nobody is on, members on it without the measure, ends without a measure that fits."""

from __future__ import annotations

import numpy as np

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.income_years import years_back
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.income import newest_period_end
from fanpin_risk.policy.on_record import held_certificates
from fanpin_risk.policy.parameters import Policy
from fanpin_risk.policy.rule import TITLES_OF_CHECKER, Deciding, Rule, Verdict, contradiction
from fanpin_risk.policy.spells import ended_spells, of_spells, supports_since
from fanpin_risk.policy.support_kinds import ANSWERS_TO_RISKS
from fanpin_risk.policy.three_valued import all_members, all_of, any_member, any_of, not_so, of_rows, verdict_of

__all__ = ["CONTRADICTIONS_OF_MEASURES"]

ASSISTANCE = ("dibao", "tekun")
ALLOWANCES_OF_DISABLED = ("disability_living", "disability_care")


@contradiction(
    zh="有低保或特困措施而无人享受", en="low-income assistance as a measure, nobody on it", severity="error",
    source=TITLES_OF_CHECKER + " (G4_11_015)",
    asks_zh="正在实施的帮扶措施有低保或特困供养，是否没有成员享受",
    asks_en="is 低保 or 特困供养 among the running measures while no member is on it",
)  # fmt: skip
def assistance_to_nobody(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members, rows = snapshot.members, snapshot.supports
    rows = rows.where(rows.isin("sub_measure", *ASSISTANCE) & np.isnat(rows.end_date))
    holds = np.zeros(len(rows))
    for kind in ASSISTANCE:
        mine = rows.isin("sub_measure", kind)
        holds[mine] = all_members(members, not_so(getattr(members, kind)))[rows.household][mine]
    verdict = of_rows(rows, holds, "measure", "sub_measure", "start_date")
    return Verdict(verdict.answer, (*verdict.deciding, Deciding(members, ASSISTANCE)))


@contradiction(
    zh="享受低保或特困而无该项措施", en="on low-income assistance without the measure", severity="error",
    source=TITLES_OF_CHECKER + " (G5_16_003, G5_16_004)",
    asks_zh="监测对象有成员享受低保或特困供养，已填子项的帮扶措施中是否没有该项",
    asks_en="is a member of a monitored household on 低保 or 特困供养 while its measures, which name their sub-kinds, do not hold it",
)  # fmt: skip
def assistance_not_a_measure(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members, supports, spells = snapshot.members, snapshot.supports, snapshot.open_spells
    named = supports.count(supports.known("sub_measure"))
    maybe = supports.count(~supports.known("sub_measure") & supports.isin("measure", "social_security"))
    lacking = np.zeros(snapshot.n_households, dtype=bool)
    on_it = np.zeros(len(members), dtype=bool)
    for kind in ASSISTANCE:
        on = getattr(members, kind) == 1
        lacks = (members.count(on) > 0) & ~(supports.count(supports.isin("sub_measure", kind)) > 0)
        lacking |= lacks
        on_it |= on & lacks[members.household]
    holds = np.where(lacking, np.where(maybe > 0, np.nan, 1.0), 0.0)
    # Of a household whose measures never name a sub-kind nothing is asked: the column may not be in use.
    asked = (named > 0) & (spells.count() > 0) & (any_member(members, any_of(members.dibao, members.tekun)) == 1)
    told = members.where(on_it)
    return verdict_of(holds, Deciding(told, ASSISTANCE), persons=told, asked=asked)


@contradiction(
    zh="因残而未享受残疾人补贴", en="因残 without an allowance", severity="warning", source=TITLES_OF_CHECKER + " (G5_16_008)",
    asks_zh="返贫致贫风险为因残且有成员持证，是否没有残疾人补贴",
    asks_en="is the risk 因残, and a member has a certificate, while no allowance for the disabled is on record",
)  # fmt: skip
def disabled_without_allowance(snapshot: Snapshot, _policy: Policy) -> Verdict:
    spells, members, supports = snapshot.open_spells, snapshot.members, snapshot.supports
    rows, valid = held_certificates(snapshot)
    incomes = snapshot.incomes
    paid = incomes.where(
        incomes.isin("item", "tr_disability") & (years_back(incomes, newest_period_end(snapshot)) == 0)
    )
    # The item on record as 0 tells that nothing was paid; without it, or as part of one sum, that is not known.
    amount = np.where(paid.count() > 0, paid.sum(paid.amount_cny), np.nan)
    received = np.where(np.isnan(amount), np.nan, (amount > 0).astype("float64"))
    by_measure = supports.count(supports.isin("sub_measure", *ALLOWANCES_OF_DISABLED)) > 0
    lacks: Array = np.where(by_measure, 0.0, not_so(received))
    holds = all_of(any_member(rows, valid), lacks)
    asked = spells.isin("risks", "disability") & (rows.count() > 0)[spells.household]
    told = (Deciding(rows, ("category", "grade", "valid_to")), Deciding(paid, ("item", "amount_cny")))
    verdict = of_spells(spells.where(asked), holds[spells.household][asked], "risks", beside=told)
    return Verdict(verdict.answer, verdict.deciding, persons=members.where(members.named_in(rows)))


@contradiction(
    zh="消除前没有对应风险的措施", en="eliminated by support without a measure for its risk", severity="error",
    source=TITLES_OF_CHECKER + " (G1_11_009, G3_11_003, G3_11_004, G3_11_005, G3_11_006)",
    asks_zh="通过帮扶消除的监测对象有帮扶措施，是否没有对应其返贫致贫风险的措施",
    asks_en="was a risk eliminated by support while the measures on record are of kinds that do not answer it",
)  # fmt: skip
def eliminated_without_fitting_measure(snapshot: Snapshot, _policy: Policy) -> Verdict:
    rows = ended_spells(snapshot)
    rows = rows.where(rows.isin("eliminate_mode", "support"))
    rows = rows.where(supports_since(snapshot, rows) == 1)
    holds = np.where(rows.known("risks"), 0.0, np.nan)
    for risk, kinds in ANSWERS_TO_RISKS.items():
        holds[rows.isin("risks", risk) & (supports_since(snapshot, rows, *kinds) == 0)] = 1.0
    measures = (Deciding(snapshot.supports, ("measure", "start_date", "end_date")),)
    return of_spells(rows, holds, "risks", "identified_on", "eliminated_on", beside=measures)


CONTRADICTIONS_OF_MEASURES: tuple[Rule, ...] = (
    assistance_to_nobody,
    assistance_not_a_measure,
    disabled_without_allowance,
    eliminated_without_fitting_measure,
)
