"""Who may be on the wrong list: missed (漏评), ended wrongly (错退), monitored wrongly (错评), to be ended (应消未消).

Each asks several questions of the other rules; one that is answered yes is a reason, named in the note. What is suspected is
to be looked at, never decided here.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.income import lines_of_years, per_person
from fanpin_risk.policy.contradictions import CONTRADICTIONS
from fanpin_risk.policy.groups import support_dependent, support_sensitive
from fanpin_risk.policy.monitored_types import blocks_on, results_on
from fanpin_risk.policy.parameters import Policy
from fanpin_risk.policy.rule import BETWEEN_NOTES, IS_SO, NOT_ASKED, NOT_KNOWN, NOT_SO, Deciding, Rule, Verdict, rule
from fanpin_risk.policy.sieve import SIEVE, income_line
from fanpin_risk.policy.spells import (
    GUARANTEES_OF_RISKS,
    ended_spells,
    guarantee_fails,
    nobody_able,
    verdict_on_guarantee,
)
from fanpin_risk.policy.support_kinds import answered_risks
from fanpin_risk.policy.three_valued import all_members, all_of, any_of, at_least, is_below, not_so
from fanpin_risk.policy.type_blocks import reference_below_line
from fanpin_risk.policy.type_table import TYPE_TABLE
from fanpin_risk.words import Message

__all__ = ["SUSPICIONS"]

BY_CODE = {one.code: one for one in CONTRADICTIONS}
OF_ENDINGS = (
    "exit_values_missing", "eliminated_too_soon", "eliminated_early", "eliminated_without_measure", "eliminated_below_line",
    "eliminated_guarantee_fails", "eliminated_nobody_able", "exit_income_below_line", "exit_form_fails", "measure_without_income",
)  # fmt: skip
OF_MONITORED = (
    "type_and_status", "entry_income_and_type", "entry_income_high", "illness_without_ill", "illness_without_payments",
    "disability_without_disabled", "schooling_without_cost", "labour_but_able", "work_but_nobody_able", "work_without_records",
    "event_not_on_record", "failure_not_named",
)  # fmt: skip
GUARANTEES = tuple(GUARANTEES_OF_RISKS.values())
LEAST_MONTHS, STABLE_MONTHS, QUIET_MONTHS = 6, 12, 12
NEXT_TABLE = "second table of the rule book on the monitored type; "


def _verdict_holds(verdict: Verdict) -> Array:
    """Answer of a verdict as 1, 0, NaN; what is not asked is no."""
    answer = verdict.answer
    result: Array = np.where(answer == IS_SO, 1.0, np.where(answer == NOT_KNOWN, np.nan, 0.0))
    return result


def _of_rules(codes: tuple[str, ...], snapshot: Snapshot, policy: Policy) -> tuple[dict[str, Array], list[Deciding]]:
    """Ask contradictions; say which hold, and by which rows."""
    found, deciding = {}, []
    for code in codes:
        verdict = verdict_on_guarantee(BY_CODE[code], snapshot, policy)
        found[code] = _verdict_holds(verdict)
        deciding += _of_yes(verdict, verdict.answer == IS_SO)
    return found, deciding


def _of_yes(verdict: Verdict, mask: Array) -> list[Deciding]:
    return [Deciding(one.rows.where(mask[one.rows.household]), one.columns) for one in verdict.deciding]


def _of_reasons(
    reasons: Mapping[str, Array], asked: Array, deciding: list[Deciding], figures: Mapping[str, Array]
) -> Verdict:
    """Make the verdict of reasons, any of which is enough, with the codes of those that hold."""
    holds = any_of(*reasons.values())
    answer = np.where(np.isnan(holds), NOT_KNOWN, np.where(holds == 1, IS_SO, NOT_SO)).astype(np.int8)
    answer[~asked] = NOT_ASKED
    note = np.full(len(answer), "", dtype=object)
    for code, one in reasons.items():
        mask = one == 1
        note[mask] = np.where(note[mask] == "", code, note[mask] + BETWEEN_NOTES + code)
    note[answer != IS_SO] = ""
    # Rows that several reasons rest on by the same columns are told once.
    told: dict[tuple[str, tuple[str, ...]], KnownRows] = {}
    for part in deciding:
        key = part.rows.declaration.name, part.columns
        if key in told:
            fresh = part.rows.where(~np.isin(part.rows.index, told[key].index))
            told[key] = _both(told[key], fresh)
        else:
            told[key] = part.rows
    rows = tuple(Deciding(some, columns) for (_, columns), some in told.items())
    return Verdict(
        answer, rows, note=note, figures={name: np.where(answer == IS_SO, one, np.nan) for name, one in figures.items()}
    )


def _both(one: KnownRows, other: KnownRows) -> KnownRows:
    return KnownRows(
        one.declaration.name, np.concatenate([one.index, other.index]), np.concatenate([one.household, other.household]),
        on_day=one.on_day,
    )  # fmt: skip


def _monitored_today(snapshot: Snapshot) -> Array:
    return snapshot.open_spells.count() > 0


def _result_is(snapshot: Snapshot, policy: Policy, *numbers: int) -> Array:
    place = results_on(snapshot, policy)
    return np.isin(np.array([row.result for row in TYPE_TABLE])[place], numbers)


def _notes_of(codes: tuple[str, ...]) -> dict[str, Message]:
    return {code: BY_CODE[code].label for code in codes}


@rule(
    zh="疑似漏评", en="perhaps missed", kind="suspicion", status="inferred",
    asks_zh="未纳入监测的户，是否有保障不到位、收入低于监测线、预警属实未处置等情形",
    asks_en="is a household not monitored though a guarantee fails, it is below the line, or a verified warning has no answer",
    source=NEXT_TABLE + "titles of rules of a provincial register checker (G1_02_001 to G1_02_007)",
    notes={one.code: Message(f"{one.en}: not given", zh=f"{one.zh}无保障") for one in SIEVE} | {
        "ex_poor_below_line": Message("ex-poor, below the line", zh="脱贫户收入低于监测线"),
        "reference_below_line": Message("below the line after own payments", zh="扣除合规自付支出后低于监测线"),
        "warning_not_answered": Message("a verified warning without an answer", zh="预警属实而未处置"),
        "not_in_serious_insurance": Message("ex-poor, a member without 大病保险 (weak)", zh="脱贫户有成员未参加大病保险（弱）"),
        "type_suggested": Message("the table of types suggests one", zh="监测类型判断为监测对象"),
    },
)  # fmt: skip
def perhaps_missed(snapshot: Snapshot, policy: Policy) -> Verdict:
    home, members = snapshot.households, snapshot.members
    ex_poor = np.where(home.known("register_status"), home.isin("register_status", "ex_poor").astype("float64"), np.nan)
    reasons: dict[str, Array] = {}
    deciding: list[Deciding] = []
    for guarantee in GUARANTEES:
        reasons[guarantee.code] = guarantee_fails(guarantee, snapshot, policy)
        verdict = verdict_on_guarantee(guarantee, snapshot, policy)
        deciding += _of_yes(verdict, verdict.answer == NOT_SO)
    reasons["ex_poor_below_line"] = all_of(ex_poor, guarantee_fails(income_line, snapshot, policy))
    reasons["reference_below_line"] = reference_below_line(snapshot, policy)
    warned = verdict_on_guarantee(BY_CODE["warning_not_answered"], snapshot, policy)
    reasons["warning_not_answered"] = _verdict_holds(warned)
    deciding += _of_yes(warned, warned.answer == IS_SO)
    covered = all_members(members, members.ins_serious)
    reasons["not_in_serious_insurance"] = all_of(ex_poor, not_so(covered))
    without = members.where((members.ins_serious == 0) & (reasons["not_in_serious_insurance"] == 1)[members.household])
    deciding.append(Deciding(without, ("ins_serious",)))
    reasons["type_suggested"] = _result_is(snapshot, policy, 1, 5).astype("float64")
    asked = ~_monitored_today(snapshot) & snapshot.monitoring.supplied
    return _of_reasons(reasons, asked, deciding, blocks_on(snapshot, policy).figures)


@rule(
    zh="疑似错退", en="perhaps ended wrongly", kind="suspicion", status="inferred",
    asks_zh="风险已消除的户，消除是否不合规定，或消除后又出现问题",
    asks_en="was a risk declared over against the rules, or is there trouble again since",
    source=NEXT_TABLE + "titles of rules of a provincial register checker (G1_11_004 to G4_11_013)",
    notes=_notes_of(OF_ENDINGS) | {
        "warning_since": Message("a verified warning since", zh="消除后预警属实"),
        "event_since": Message("a sudden event since", zh="消除后发生突发事件"),
        "support_ended_since": Message(
            "support has ended since, and income is above the line by transfers alone", zh="消除后帮扶结束，收入靠转移性收入高于监测线"
        ),
    },
)  # fmt: skip
def perhaps_ended_wrongly(snapshot: Snapshot, policy: Policy) -> Verdict:
    rows = ended_spells(snapshot)
    over = np.full(snapshot.n_households, np.datetime64("NaT", "D"))
    over[rows.household] = rows.eliminated_on
    reasons, deciding = _of_rules(OF_ENDINGS, snapshot, policy)
    deciding.append(Deciding(rows, ("identified_on", "eliminated_on")))
    months = np.nan_to_num(policy.at("buffer_months", snapshot.area_codes, snapshot.as_of))
    passed = snapshot.full_months_since(np.where(np.isnat(over), np.nan, over.astype("int64").astype("float64")))
    in_buffer = passed < months
    warnings = snapshot.warnings.where(
        snapshot.warnings.isin("outcome", "verified") & ~(snapshot.warnings.outcome_date > snapshot.as_of)
    )
    for code, since, columns in (
        ("warning_since", warnings, ("signal", "event_date", "outcome")),
        ("event_since", snapshot.shocks, ("kind", "event_date")),
    ):
        later = since.where((since.event_date > over[since.household]) & in_buffer[since.household])
        reasons[code] = at_least(later.count(), 1.0)
        deciding.append(Deciding(later, columns))
    supports = snapshot.supports
    gone = supports.where((supports.end_date > over[supports.household]) & in_buffer[supports.household])
    sensitive = verdict_on_guarantee(support_sensitive, snapshot, policy)
    reasons["support_ended_since"] = all_of(at_least(gone.count(), 1.0), _verdict_holds(sensitive))
    deciding.append(
        Deciding(gone.where((reasons["support_ended_since"] == 1)[gone.household]), ("measure", "end_date"))
    )
    return _of_reasons(reasons, ~np.isnat(over), deciding, blocks_on(snapshot, policy).figures)


@rule(
    zh="疑似错评", en="perhaps monitored wrongly", kind="suspicion", status="inferred",
    asks_zh="监测对象的类型、风险、收入是否与记录不符，或资产比对不符",
    asks_en="do type, risks or income of a monitored household not agree with its records, or do its assets",
    source=NEXT_TABLE + "titles of rules of a provincial register checker (G1111_18, G2_11_001, G5_15_013 to G5_15_020)",
    notes=_notes_of(OF_MONITORED) | {
        "assets_hit": Message("assets that do not go with monitoring", zh="资产比对不符"),
        "no_type": Message("the table of types suggests none", zh="监测类型判断为不属于监测对象"),
        "income_high": Message("income per person above the amount that is doubted", zh="人均纯收入高于规定数额"),
    },
)  # fmt: skip
def perhaps_monitored_wrongly(snapshot: Snapshot, policy: Policy) -> Verdict:
    reasons, deciding = _of_rules(OF_MONITORED, snapshot, policy)
    blocks, home = blocks_on(snapshot, policy), snapshot.households
    reasons["assets_hit"] = np.where(blocks.codes["neg"] == "hit", 1.0, np.where(blocks.compared, 0.0, np.nan))
    told = home.where(reasons["assets_hit"] == 1)
    reasons["no_type"] = _result_is(snapshot, policy, 10).astype("float64")
    most = policy.at("most_entry_income", snapshot.area_codes, snapshot.as_of)
    own = per_person(snapshot)[0]
    reasons["income_high"] = np.where(np.isnan(own) | np.isnan(most), np.nan, (own > most).astype("float64"))
    spells = snapshot.open_spells
    deciding += [Deciding(told, ("assets_hit", "assets_hit_on")), Deciding(spells, ("type", "identified_on"))]
    return _of_reasons(reasons, _monitored_today(snapshot), deciding, blocks.figures)


def _could_end(snapshot: Snapshot, policy: Policy, quiet_months: int) -> Array:
    """Whether a household could be ended by its records of a day, whatever came before; food and clothing left to a visit."""
    fresh = not_so(guarantee_fails(income_line, snapshot, policy))
    given = [not_so(guarantee_fails(guarantee, snapshot, policy)) for guarantee in GUARANTEES]
    warnings = snapshot.warnings.within(quiet_months)
    quiet = not_so(
        any_of(
            at_least(warnings.where(~warnings.isin("outcome", "refuted")).count(), 1.0),
            at_least(snapshot.shocks.within(quiet_months).count(), 1.0),
        )
    )
    errors = [
        _verdict_holds(verdict_on_guarantee(one, snapshot, policy)) for one in CONTRADICTIONS if one.severity == "error"
    ]
    return all_of(
        fresh, *given, quiet, answered_risks(snapshot)[0], not_so(reference_below_line(snapshot, policy)),
        not_so(nobody_able(snapshot)), not_so(any_of(*errors)), not_so(support_dependent(snapshot)),
    )  # fmt: skip


def _could_end_before(snapshot: Snapshot, policy: Policy, asked: Array) -> Array:
    """Whether the same could be said a year before the day, by what was known then; 0 where it is not asked."""
    result = np.where(asked, np.nan, 0.0)
    ids = snapshot.household_ids[asked]
    if len(ids):
        day = snapshot.months_before(STABLE_MONTHS)
        before = Snapshot(snapshot.register.select(ids), day, lines=snapshot.lines)
        place = before.household_ids.get_indexer(ids)
        result[asked] = np.append(_could_end(before, policy, LEAST_MONTHS), np.nan)[place]
    return result


@rule(
    zh="疑似应消未消", en="perhaps to be ended", kind="suspicion", status="inferred",
    asks_zh="监测对象是否已满期限，收入稳定高于监测线，保障齐全，风险均有相应措施，近一年没有新情况，一年前即已如此",
    asks_en="has a household been monitored for so long, with incomes above the line, guarantees given, measures for each risk and no "
    "new trouble in a year, and was it so a year ago",
    source="conditions of elimination in county rules (zongyang.gov.cn 913795; yjq.gov.cn 39287644; cxs.gov.cn); a year of them is "
    "inferred; food and clothing are left to a visit",
    notes={
        "income_twice_above": Message("above the line in two accounting years", zh="连续两个收入年度高于监测线"),
        "guarantees_given": Message("every guarantee that the register tells of is given", zh="义务教育、基本医疗、住房、饮水有保障"),
        "risks_answered": Message("a measure for each risk", zh="各项风险均有相应措施"),
        "so_a_year_ago": Message("all of it so by the records of a year ago", zh="一年前的记录即已符合各项条件"),
        "visit_for_food": Message("food and clothing are to be seen on a visit", zh="吃穿情况需入户核实"),
    },
)  # fmt: skip
def perhaps_to_be_ended(snapshot: Snapshot, policy: Policy) -> Verdict:
    spells = snapshot.open_spells
    first = spells.min(spells.identified_on.astype("int64").astype("float64"))
    long_ago = np.where(
        np.isnan(first), np.nan, (snapshot.full_months_since(first) >= LEAST_MONTHS + STABLE_MONTHS).astype("float64")
    )
    above = [
        not_so(is_below(own, line))
        for own, line in zip(per_person(snapshot)[:2], lines_of_years(snapshot)[:2], strict=True)
    ]
    holds = all_of(long_ago, *above, _could_end(snapshot, policy, QUIET_MONTHS))
    monitored = _monitored_today(snapshot)
    # A year ago is asked of those alone who could be ended today: no is no, whatever was before.
    holds = all_of(holds, _could_end_before(snapshot, policy, monitored & (holds != 0)))
    answer = np.where(np.isnan(holds), NOT_KNOWN, np.where(holds == 1, IS_SO, NOT_SO)).astype(np.int8)
    answer[~monitored] = NOT_ASKED
    said = "income_twice_above;guarantees_given;risks_answered;so_a_year_ago;visit_for_food"
    note = np.where(answer == IS_SO, said, "").astype(object)
    deciding = (Deciding(spells, ("identified_on", "risks")), *answered_risks(snapshot)[1])
    return Verdict(answer, deciding, note=note, figures=blocks_on(snapshot, policy).figures)


SUSPICIONS: tuple[Rule, ...] = (perhaps_missed, perhaps_ended_wrongly, perhaps_monitored_wrongly, perhaps_to_be_ended)
