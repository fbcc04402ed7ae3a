"""What the form of the monitored contradicts: figures at recognition and after the end, notes, sub-kinds of measures.

The form is taken as given where one of its columns is filled for the spell: what is empty there was left empty, while in a
register without them nothing can be told.
"""

from __future__ import annotations

import numpy as np

from fanpin_risk.asof.days import Array, school_year_begin
from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.income import income_years
from fanpin_risk.features.shocks import DEVELOPMENT
from fanpin_risk.policy.parameters import Policy
from fanpin_risk.policy.rule import TITLES_OF_CHECKER, Deciding, Rule, Verdict, contradiction
from fanpin_risk.policy.sieve import ILL
from fanpin_risk.policy.spells import GUIDANCE, ended_spells, of_spells, supports_since
from fanpin_risk.policy.three_valued import (
    all_members,
    all_of,
    any_member,
    any_of,
    at_least,
    is_below,
    known_where,
    not_so,
    of_rows,
)
from fanpin_risk.records.spell_values import GUARANTEE_FLAGS

__all__ = ["CONTRADICTIONS_OF_FORMS"]

OF_BOTH_DAYS = ("risk_note", "disaster_kind", "contact_code", "development_done")
OF_ENTRY, OF_EXIT = (
    tuple(f"{when}_{name}" for name in ("income_per_person_cny", "claims_cny", "oop_cny", *GUARANTEE_FLAGS))
    for when in ("entry", "exit")
)
RISK_OF_FLAG = {
    "out_of_school": "schooling",
    "unsafe_house": "housing",
    "unsafe_water": "water",
    "uninsured": "illness",
}
ALLOWANCES = ("disability_living", "disability_care")
AFTER_JUNIOR = ("vocational", "college3")  # 雨露计划
YEAR_DAYS, DAYS_OF_ONE_YEAR = 366.0, 365.25
SCHOOL_FROM, SCHOOL_UNTIL = 6.0, 16.0  # years; compulsory school


def _empty(rows: KnownRows, column: str, *others: str) -> Array:
    """Whether a cell of the form was left empty: unknown where no column of the form is filled."""
    given = np.zeros(len(rows), dtype=bool)
    for name in (*OF_BOTH_DAYS, *OF_ENTRY, *others):
        given |= rows.known(name)
    return np.where(rows.known(column), 0.0, np.where(given, 1.0, np.nan))


def _line_on(snapshot: Snapshot, rows: KnownRows, days: Array) -> Array:
    """Return the line in force in the area of each spell on a day of its own."""
    result = np.full(len(rows), np.nan)
    years = days.astype("datetime64[Y]").astype("int64") + 1970
    # A line that changes within the year is that of the day; else all days of a year have the same.
    own = days.astype("datetime64[D]") if snapshot.lines.change_within_years else years
    for one in np.unique(own):
        mine = own == one
        on = one if snapshot.lines.change_within_years else None
        result[mine] = snapshot.lines.at(snapshot.area_codes[rows.household[mine]], int(years[mine][0]), on=on)
    return result


@contradiction(
    zh="识别时收入与监测类型不符", en="income at recognition and type", severity="warning", source=GUIDANCE,
    asks_zh="脱贫不稳定户、边缘易致贫户识别时人均纯收入是否不低于当年监测线，或突发严重困难户识别时是否低于监测线",
    asks_en="was income at recognition not below the line of that year though unstable or of the edge, or below it though of "
    "sudden hardship",
)  # fmt: skip
def entry_income_and_type(snapshot: Snapshot, _policy: Policy) -> Verdict:
    rows = snapshot.open_spells
    below = is_below(rows.entry_income_per_person_cny, _line_on(snapshot, rows, rows.identified_on))
    holds = np.where(rows.isin("type", "sudden_hardship"), below, not_so(below))
    return of_rows(rows, holds, "type", "identified_on", "entry_income_per_person_cny", asked=rows.known("type"))


@contradiction(
    zh="识别时收入偏高", en="high income at recognition", severity="warning", source=TITLES_OF_CHECKER + " (G1111_18)",
    asks_zh="识别时人均纯收入是否高于规定数额", asks_en="was income per person at recognition above the amount that is doubted",
)  # fmt: skip
def entry_income_high(snapshot: Snapshot, policy: Policy) -> Verdict:
    rows = snapshot.open_spells
    most = policy.at("most_entry_income", snapshot.area_codes, snapshot.as_of)[rows.household]
    own = rows.entry_income_per_person_cny
    holds = np.where(np.isnan(own) | np.isnan(most), np.nan, (own > most).astype("float64"))
    return of_rows(rows, holds, "identified_on", "entry_income_per_person_cny")


@contradiction(
    zh="其他风险没有说明", en="another risk without a note", severity="error", source=TITLES_OF_CHECKER + " (G2_11_004)",
    asks_zh="返贫致贫风险为其他，是否没有说明", asks_en="is the risk 其他 while no note says which",
)  # fmt: skip
def other_risk_without_note(snapshot: Snapshot, _policy: Policy) -> Verdict:
    rows = snapshot.open_spells
    return of_rows(rows, _empty(rows, "risk_note"), "risks", "risk_note", asked=rows.isin("risks", "other"))


@contradiction(
    zh="因自然灾害没有子项", en="disaster without its kind", severity="error", source=TITLES_OF_CHECKER + " (G2_11_005)",
    asks_zh="返贫致贫风险为因自然灾害，是否没有填写子项", asks_en="is the risk a disaster while its kind is not on record",
)  # fmt: skip
def disaster_without_kind(snapshot: Snapshot, _policy: Policy) -> Verdict:
    rows = snapshot.open_spells
    return of_rows(rows, _empty(rows, "disaster_kind"), "risks", "disaster_kind", asked=rows.isin("risks", "disaster"))


@contradiction(
    zh="识别时保障问题未列为风险", en="failed guarantee at recognition is no risk", severity="warning",
    source=TITLES_OF_CHECKER + " (G4_11_006, G4_11_007)",
    asks_zh="识别时有失学辍学、住房、饮水、未参保问题，返贫致贫风险是否没有相应的因学、住房、饮水、因病",
    asks_en="does the form of recognition say that school, house, water or insurance fails while the risks do not name it",
)  # fmt: skip
def entry_failure_not_named(snapshot: Snapshot, _policy: Policy) -> Verdict:
    rows = snapshot.open_spells
    parts, asked = [], np.zeros(len(rows), dtype=bool)
    for flag, risk in RISK_OF_FLAG.items():
        said = getattr(rows, f"entry_{flag}")
        unnamed = known_where(rows, ~rows.isin("risks", risk), "risks")
        parts.append(all_of(unnamed, said))
        asked |= ~np.isnan(said)
    return of_rows(rows, any_of(*parts), "risks", *(f"entry_{flag}" for flag in RISK_OF_FLAG), asked=asked)


@contradiction(
    zh="有开发式措施却标记尚未实施", en="development measure on record, not by the form", severity="warning",
    source=TITLES_OF_CHECKER + " (G5_11_030)",
    asks_zh="监测对象有产业、就业、金融、公益岗位措施，表中是否为尚未实施开发式帮扶措施",
    asks_en="is a measure of business, work, credit or public post on record while the form says that none is carried out",
)  # fmt: skip
def development_not_done(snapshot: Snapshot, _policy: Policy) -> Verdict:
    rows = snapshot.open_spells
    measures = snapshot.supports.where(snapshot.supports.isin("measure", *DEVELOPMENT))
    holds = all_of(not_so(rows.development_done), supports_since(snapshot, rows, *DEVELOPMENT))
    beside = (Deciding(measures, ("measure", "start_date", "end_date")),)
    return of_spells(rows, holds, "development_done", beside=beside)


@contradiction(
    zh="残疾人补贴措施而无残疾成员", en="disability allowance as a measure, nobody disabled", severity="warning",
    source=TITLES_OF_CHECKER + " (G4_11_016)",
    asks_zh="帮扶措施有残疾人补贴，是否没有残疾成员", asks_en="is a disability allowance among the measures while nobody is disabled",
)  # fmt: skip
def allowance_measure_without_disabled(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members, rows = snapshot.members, snapshot.supports
    rows = rows.where(rows.isin("sub_measure", *ALLOWANCES))
    named = members.named_in(snapshot.disabilities) | members.isin("health", "disabled")
    disabled = np.where(named | members.known("health"), named.astype("float64"), np.nan)
    holds = all_members(members, not_so(disabled))[rows.household]
    verdict = of_rows(rows, holds, "sub_measure", "start_date")
    return Verdict(verdict.answer, (*verdict.deciding, Deciding(members, ("health",))))


@contradiction(
    zh="雨露计划发给非中高职学生", en="雨露计划 for another pupil", severity="error", source=TITLES_OF_CHECKER + " (G5_15_012)",
    asks_zh="享受雨露计划的成员，当时是否不在中职或高职高专就读",
    asks_en="was a member with 雨露计划 at another school then than a vocational one or a college of three years",
)  # fmt: skip
def yulu_at_other_school(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members, rows, schools = snapshot.members, snapshot.supports, snapshot.enrolments
    rows = rows.where(rows.isin("sub_measure", "yulu"))
    rows = rows.where(members.place_of(rows) >= 0)
    place = members.place_of(rows)
    schools = schools.where(members.place_of(schools) >= 0)
    pupil = members.place_of(schools)
    meant = members.named_in(schools.where(schools.isin("stage", *AFTER_JUNIOR))) | members.isin(
        "student_stage", *AFTER_JUNIOR
    )
    other = np.zeros(len(rows), dtype=bool)
    begin, end = schools.time, school_year_begin(schools.school_year + 1)
    shown = np.zeros(len(schools), dtype=bool)
    for number, (person, day) in enumerate(zip(place, rows.start_date, strict=True)):
        at_school = (pupil == person) & (begin <= day) & (day < end) & ~schools.isin("stage", *AFTER_JUNIOR)
        other[number] = bool(at_school.any())
        shown |= at_school
    holds = np.where(meant[place], 0.0, np.where(other, 1.0, np.nan))
    verdict = of_rows(rows, holds, "sub_measure", "start_date")
    told = schools.where(shown & (verdict.answer == 1)[schools.household])
    return Verdict(
        verdict.answer,
        (*verdict.deciding, Deciding(told, ("stage", "status"))),
        persons=members.where(members.named_in(told)),
    )


@contradiction(
    zh="消除后数值缺失", en="no figures after the elimination", severity="error", source=TITLES_OF_CHECKER + " (G1_11_004)",
    asks_zh="风险已消除的户，是否没有填写风险消除后的人均纯收入",
    asks_en="is income per person after the elimination left empty in the form of a household whose risk is over",
)  # fmt: skip
def exit_values_missing(snapshot: Snapshot, _policy: Policy) -> Verdict:
    rows = ended_spells(snapshot)
    return of_rows(
        rows, _empty(rows, "exit_income_per_person_cny", *OF_EXIT), "eliminated_on", "exit_income_per_person_cny"
    )


@contradiction(
    zh="消除后填报收入低于监测线", en="below the line by the form of elimination", severity="error",
    source=TITLES_OF_CHECKER + " (G4_11_010)",
    asks_zh="表中风险消除后的人均纯收入是否低于消除当年监测线",
    asks_en="is income per person after the elimination, by the form, below the line of that year",
)  # fmt: skip
def exit_income_below_line(snapshot: Snapshot, _policy: Policy) -> Verdict:
    rows = ended_spells(snapshot)
    holds = is_below(rows.exit_income_per_person_cny, _line_on(snapshot, rows, rows.eliminated_on))
    return of_rows(rows, holds, "eliminated_on", "exit_income_per_person_cny")


@contradiction(
    zh="消除后填报保障仍有问题", en="a guarantee fails by the form of elimination", severity="error",
    source=TITLES_OF_CHECKER + " (G1_11_006, G1_11_007, G1_11_008)",
    asks_zh="表中风险消除后是否仍有失学辍学、住房、饮水、未参保问题",
    asks_en="does the form say that school, house, water or insurance still fails after the elimination",
)  # fmt: skip
def exit_form_fails(snapshot: Snapshot, _policy: Policy) -> Verdict:
    rows = ended_spells(snapshot)
    columns = [f"exit_{flag}" for flag in GUARANTEE_FLAGS]
    return of_rows(rows, any_of(*(getattr(rows, name) for name in columns)), "eliminated_on", *columns)


@contradiction(
    zh="消除后措施没有相应收入", en="measure without its income after the elimination", severity="warning",
    source=TITLES_OF_CHECKER + " (G5_11_013, G4_11_012, G4_11_013)",
    asks_zh="通过帮扶消除的户有产业措施而无经营收入，有就业或公益岗位措施而无工资收入，或有低保、特困措施而无转移性收入",
    asks_en="was a risk eliminated by measures of business, work, or 低保 or 特困供养, while there is no income of that kind",
)  # fmt: skip
def measure_without_income(snapshot: Snapshot, _policy: Policy) -> Verdict:
    rows, year, supports = ended_spells(snapshot), income_years(snapshot)[0], snapshot.supports
    rows = rows.where(rows.isin("eliminate_mode", "support"))
    pairs = (
        (("industry",), year.business_gross),
        (("employment", "public_post"), year.wages),
    )
    parts = [
        all_of(supports_since(snapshot, rows, *measures), is_below(amount, 0.01)[rows.household])
        for measures, amount in pairs
    ]
    assistance = supports.where(supports.isin("sub_measure", "dibao", "tekun"))
    paid_for = _supports_of_spells(snapshot, rows, assistance)
    parts.append(all_of(paid_for, is_below(year.transfers, 0.01)[rows.household]))
    # The newest year must hold the day of the elimination, or begin after it.
    over = rows.eliminated_on.astype("int64")
    in_time = (year.ended[rows.household] >= over) & (year.ended[rows.household] - over <= YEAR_DAYS)
    verdict = of_rows(rows, np.where(in_time, any_of(*parts), np.nan), "identified_on", "eliminated_on")
    told = supports.where((verdict.answer == 1)[supports.household])
    figures = {"net_income_cny": year.net, "period_end": year.ended}
    return Verdict(
        verdict.answer, (*verdict.deciding, Deciding(told, ("measure", "sub_measure", "start_date"))), figures=figures
    )


def _supports_of_spells(snapshot: Snapshot, spells: KnownRows, rows: KnownRows) -> Array:
    """Whether each household of a spell has one of some measures; unknown without the table."""
    if not snapshot.supports.supplied:
        return np.full(len(spells), np.nan)
    return at_least(rows.count(), 1.0)[spells.household]


@contradiction(
    zh="消除后没有监测联系人", en="no contact after the elimination", severity="hint", source=TITLES_OF_CHECKER + " (G1_11_011)",
    asks_zh="风险已消除的户是否没有监测联系人", asks_en="has a household whose risk is over nobody to contact on record",
)  # fmt: skip
def no_contact(snapshot: Snapshot, _policy: Policy) -> Verdict:
    rows = ended_spells(snapshot)
    return of_rows(rows, _empty(rows, "contact_code", *OF_EXIT), "eliminated_on")


@contradiction(
    zh="识别时失学辍学与成员不符", en="drop-out by the form, and the children", severity="error", source=TITLES_OF_CHECKER + " (G4_11_008)",
    asks_zh="识别时填报有失学辍学而没有适龄儿童，或填报没有而当学年有辍学记录",
    asks_en="does the form of recognition say that a child is out of school while there is none of that age, or that none is while a "
    "school record of that year says so",
)  # fmt: skip
def dropout_and_children(snapshot: Snapshot, _policy: Policy) -> Verdict:
    rows, members, schools = snapshot.open_spells, snapshot.members, snapshot.enrolments
    newest = rows.last_by(rows.identified_on)
    day = np.full(snapshot.n_households, np.datetime64("NaT", "D"))
    day[newest.household] = newest.identified_on
    age = (day[members.household] - members.birth_date).astype("timedelta64[D]").astype("float64") / DAYS_OF_ONE_YEAR
    age[np.isnat(members.birth_date) | np.isnat(day[members.household])] = np.nan
    # Near the ends of school age it is not told.
    inside, outside = (age > SCHOOL_FROM) & (age < SCHOOL_UNTIL), (age < SCHOOL_FROM - 1) | (age > SCHOOL_UNTIL + 1)
    sure = np.where(inside, 1.0, np.where(outside, 0.0, np.nan))
    children = np.where(snapshot.former_members.count() > 0, np.nan, any_member(members, sure))
    children = np.where(members.count() > 0, children, np.nan)
    out = (
        schools.isin("status", "dropped_out") & schools.known("dropout_reason") & ~schools.isin("dropout_reason", *ILL)
    )
    then = (
        out
        & (schools.time <= day[schools.household])
        & (day[schools.household] < school_year_begin(schools.school_year + 1))
    )
    dropped = schools.where(then)
    said = newest.entry_out_of_school
    none, some = (children == 0)[newest.household], (dropped.count() > 0)[newest.household]
    unsure = np.isnan(children)[newest.household]
    holds = np.where(said == 1, np.where(none, 1.0, np.where(unsure, np.nan, 0.0)), np.where(some, 1.0, 0.0))
    if not schools.supplied:
        holds = np.where(said == 0, np.nan, holds)
    beside = (Deciding(dropped, ("status", "dropout_reason")), Deciding(members, ("birth_date",)))
    asked = ~np.isnan(said)
    return of_spells(newest.where(asked), holds[asked], "entry_out_of_school", "identified_on", beside=beside)


@contradiction(
    zh="过缴费期识别却有参保资助", en="insurance subsidy though recognised too late", severity="warning",
    source=TITLES_OF_CHECKER + " (G1111_13)",
    asks_zh="当年过了参保缴费期才识别的监测对象，当年是否有参保资助",
    asks_en="has a household a subsidy for insurance in the year in which it was recognised after the last month of paying",
)  # fmt: skip
def subsidy_after_deadline(snapshot: Snapshot, policy: Policy) -> Verdict:
    rows, supports, members = snapshot.open_spells, snapshot.supports, snapshot.members
    newest = rows.last_by(rows.identified_on)
    year = np.full(snapshot.n_households, -1, dtype="int64")
    year[newest.household] = newest.identified_on.astype("datetime64[Y]").astype("int64")
    given = supports.where(
        supports.isin("sub_measure", "insurance_subsidy")
        & (supports.start_date.astype("datetime64[Y]").astype("int64") == year[supports.household])
    )
    last = policy.at("insurance_last_month", snapshot.area_codes, snapshot.as_of)[newest.household]
    month = newest.identified_on.astype("datetime64[M]").astype("int64") % 12 + 1.0
    late = np.where(np.isnan(last), np.nan, (month > last).astype("float64"))
    # Who is on assistance has the subsidy for that.
    on_it = any_member(members, any_of(members.dibao, members.tekun))[newest.household]
    holds = np.where(month == 1, 0.0, all_of(late, not_so(on_it)))
    asked = (given.count() > 0)[newest.household]
    beside = (Deciding(given, ("sub_measure", "start_date")),)
    return of_spells(newest.where(asked), holds[asked], "identified_on", beside=beside)


CONTRADICTIONS_OF_FORMS: tuple[Rule, ...] = (
    dropout_and_children,
    subsidy_after_deadline,
    entry_income_and_type,
    entry_income_high,
    other_risk_without_note,
    disaster_without_kind,
    entry_failure_not_named,
    development_not_done,
    allowance_measure_without_disabled,
    yulu_at_other_school,
    exit_values_missing,
    exit_income_below_line,
    exit_form_fails,
    measure_without_income,
    no_contact,
)
