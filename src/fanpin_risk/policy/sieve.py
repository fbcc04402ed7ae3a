"""The sieve (两不愁三保障和饮水安全), item by item: school, medical insurance, house, water, food and clothing, income.

Only what is on record by the day counts. A guarantee passes where a record shows it, fails where a record shows that it is
not there, and is unknown otherwise: also where a record is too old, where two contradict each other, or where something
happened since.
"""

from __future__ import annotations

import numpy as np

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.education import POST_COMPULSORY
from fanpin_risk.features.income import income_years, lines_of_years, newest_period_end, per_person
from fanpin_risk.policy.on_record import GROWN_UP
from fanpin_risk.policy.parameters import Policy
from fanpin_risk.policy.rule import IS_SO, NOT_ASKED, NOT_KNOWN, NOT_SO, Deciding, Rule, Verdict, of_members, rule
from fanpin_risk.words import Message

__all__ = ["SIEVE"]

SEPTEMBER = 9
COMPULSORY_STAGES = ("primary", "junior")
ILL = ("serious_illness", "disability")  # reasons that are no drop-out in the sense of the guarantee
REBUILT = ("housing", "resettlement")
COVERED_ELSEWHERE = ("other_area", "student", "soldier", "prison", "abroad")  # or cared for by another insurance
SAFE_ELSEWHERE = ("own_flat", "childs_home", "resettled", "central_support")
APPROVING = ("township", "county_education")
NO_MEMBERS = {"no_members": Message("no member of the household is on record")}
DROPPED_OUT = {
    # reason: what is said of it, with the answer that the reason asks for
    "poverty": Message("dropped out for want of money: aid for schooling (教育帮扶) answers that"),
    "unwilling": Message(
        "dropped out, unwilling to go to school: the school and the township are to bring the child back"
    ),
    "serious_illness": Message(
        "out of school because of a serious illness: ask for the approved suspension or deferral"
    ),
    "disability": Message("out of school because of a disability: ask for teaching at home (送教上门)"),
    "other": Message("dropped out for another reason: ask which"),
    "not_said": Message("dropped out, the reason is not on record: ask which"),
}


def _month(day: np.datetime64) -> int:
    return int(day.astype("datetime64[M]").astype("int64") % 12) + 1


def _school_year_of_day(snapshot: Snapshot) -> int:
    """First calendar year of the school year of the day; in July and August that which is ending."""
    return snapshot.year if _month(snapshot.as_of) >= SEPTEMBER else snapshot.year - 1


def _latest_due(snapshot: Snapshot, policy: Policy) -> Array:
    """First calendar year of the newest school year whose records must be there, for each household."""
    year, month = _school_year_of_day(snapshot), _month(snapshot.as_of)
    due = policy.at("new_row_month", snapshot.area_codes, snapshot.as_of)
    return np.where((month >= SEPTEMBER) & (month < due), year - 1.0, float(year))


def _notes(places: Array, codes: dict[str, Array]) -> Array:
    """Return a code for each place: the first whose mask holds, else ``""``."""
    result = np.full(len(places), "", dtype=object)
    for code, mask in reversed(codes.items()):
        result[mask] = code
    return result


@rule(
    zh="义务教育", en="compulsory schooling", kind="guarantee", status="sourced",
    asks_zh="每个适龄孩子本学年是否在校（含送教上门），或已初中毕业", asks_en="is every child of school age at school this school year "
    "(teaching at home included), or through with junior school",
    source="两不愁三保障: 义务教育有保障; Compulsory Education Law, article 11 (duodao.gov.cn, art_26397_1167054); forms of the register",
    notes=NO_MEMBERS | {f"dropped_out_{reason}": said for reason, said in DROPPED_OUT.items()} | {
        "suspended": Message("suspended: ask for the approval"),
        "absence_approved": Message("suspended or deferred, as approved by the office"),
        "kindergarten": Message("still in kindergarten at school age"),
        "primary_graduated": Message("through with primary school: ask whether at junior school"),
        "no_school_record": Message("no school record of this school year"),
        "birth_unknown": Message("the birth date is not on record, so it cannot be told who is of school age"),
        "by_member_form": Message("no school record; at school by the member form of this school year"),
    },
)  # fmt: skip
def compulsory_education(snapshot: Snapshot, policy: Policy) -> Verdict:
    members, year = snapshot.members, _school_year_of_day(snapshot)
    first, until = (
        policy.at(name, snapshot.area_codes, snapshot.as_of) for name in ("school_age_from", "school_age_until")
    )
    august = np.datetime64(f"{year}-08-31", "D")
    # Full years on 31 August, and on the day.
    turned = np.floor(
        (august.astype("datetime64[M]") - members.birth_date.astype("datetime64[M]")).astype("float64") / 12.0
    )
    born = ~np.isnat(members.birth_date)
    home = members.household
    of_age = born & (turned >= first[home]) & (members.years_old < until[home])
    unsure = ~born & ~members.isin("relation", *GROWN_UP)

    known = members.newest_of(snapshot.enrolments)
    through = snapshot.enrolments.isin("stage", *POST_COMPULSORY) | (
        snapshot.enrolments.isin("stage", "junior") & snapshot.enrolments.isin("status", "graduated")
    )
    done = members.named_in(snapshot.enrolments.where(through))
    due = _latest_due(snapshot, policy)
    current = known.where(known.school_year >= due[known.household])
    reasons = _dropout_codes(current)
    at_school = current.isin("status", "enrolled", "home_teaching")
    kindergarten = current.isin("stage", "kindergarten")
    out = current.isin("status", "dropped_out")
    says = np.full(len(current), NOT_KNOWN, dtype=np.int8)
    says[at_school & ~kindergarten] = IS_SO
    says[out & current.known("dropout_reason") & ~current.isin("dropout_reason", *ILL) & ~kindergarten] = NOT_SO
    absent = current.isin("status", "suspended") | (out & current.isin("dropout_reason", *ILL))
    approved = absent & current.isin("approved_by", *APPROVING)
    says[approved] = IS_SO

    answers = np.full(len(members), NOT_ASKED, dtype=np.int8)
    codes = np.full(len(members), "", dtype=object)
    answers[of_age], codes[of_age] = NOT_KNOWN, "no_school_record"
    # The member form of this school year names a stage: weaker than a school record, and only where there is none.
    fresh = members.valid_from >= _begin(due)[home]
    answers[unsure], codes[unsure] = NOT_KNOWN, "birth_unknown"
    by_form = (of_age | unsure) & fresh & members.isin("student_stage", *COMPULSORY_STAGES, *POST_COMPULSORY)
    answers[by_form], codes[by_form] = IS_SO, "by_member_form"
    place = members.place_of(current)
    # Of a child whose birth date is not on record a school record may tell all the same.
    asked = of_age[place] | (unsure[place] & ~kindergarten)
    answers[place[asked]] = says[asked]
    codes[place[asked]] = _notes(
        current.household,
        {
            "absence_approved": approved, **reasons, "suspended": current.isin("status", "suspended"),
            "kindergarten": kindergarten & (current.school_year == year), "no_school_record": kindergarten,
            "primary_graduated": current.isin("stage", "primary") & current.isin("status", "graduated"),
        },
    )[asked]  # fmt: skip
    through_with_it = (of_age | unsure) & done
    answers[through_with_it], codes[through_with_it] = IS_SO, ""
    return of_members(
        members, answers, codes=codes, own=("birth_date", "student_stage"),
        others=[Deciding(
            known.where((of_age | unsure)[members.place_of(known)]), ("school_year", "stage", "status", "dropout_reason", "approved_by")
        )],
    )  # fmt: skip


def _begin(year: Array) -> Array:
    """First of September of each year."""
    return (((year - 1970.0) * 12.0 + SEPTEMBER - 1).astype("int64").astype("datetime64[M]")).astype("datetime64[D]")


def _dropout_codes(rows: KnownRows) -> dict[str, Array]:
    out = rows.isin("status", "dropped_out")
    codes = {
        f"dropped_out_{reason}": out & rows.isin("dropout_reason", reason)
        for reason in DROPPED_OUT
        if reason != "not_said"
    }
    return codes | {"dropped_out_not_said": out & ~rows.known("dropout_reason")}


@rule(
    zh="基本医疗", en="basic medical insurance", kind="guarantee", status="sourced",
    asks_zh="每个成员本年度是否参加城乡居民或职工基本医疗保险",
    asks_en="is every member insured this year, as a resident or as an employee",
    source="两不愁三保障: 基本医疗有保障; titles of rules of a provincial register checker (G2_01_008, G1_02_007)",
    notes=NO_MEMBERS | {
        "insured_in_neither": Message("insured neither as a resident nor as an employee: ask first whether insured elsewhere"),
        "newborn": Message("a newborn child, not insured yet"),
        "insured_elsewhere": Message("insured or cared for elsewhere, by what is on record"),
        "record_of_earlier_year": Message("what is on record is of an earlier year"),
        "record_of_later_year": Message("what is on record is of a later year: ask about this one"),
        "insurance_not_said": Message("it is not on record whether insured"),
        "insured_in_both": Message("on record in both kinds of insurance, which contradict each other"),
    },
)  # fmt: skip
def basic_medical(snapshot: Snapshot, policy: Policy) -> Verdict:
    members = snapshot.members
    resident, employee = members.ins_basic_resident, members.ins_basic_employee
    here = (resident == 1) | (employee == 1)
    elsewhere = ~here & members.isin("ins_elsewhere", *COVERED_ELSEWHERE)
    insured = here | elsewhere
    none = ~insured & (resident == 0) & (employee == 0)
    # The flags are of the year of insurance, which may be paid in the autumn before; else of the year of the row.
    of_row = members.valid_from.astype("datetime64[Y]").astype("int64") + 1970.0
    of_year = np.where(np.isnan(members.ins_year), of_row, members.ins_year)
    earlier, later = of_year < snapshot.year, of_year > snapshot.year
    days = policy.at("newborn_days", snapshot.area_codes, snapshot.as_of)[members.household]
    newborn = ~np.isnat(members.birth_date) & ((snapshot.as_of - members.birth_date).astype("float64") <= days)
    asked = insured | none
    codes = _notes(
        members.household,
        {
            "newborn": ~insured & newborn, "record_of_earlier_year": asked & earlier, "record_of_later_year": asked & later,
            "insurance_not_said": ~asked,
            "insured_elsewhere": elsewhere, "insured_in_neither": none, "insured_in_both": (resident == 1) & (employee == 1),
        },
    )  # fmt: skip
    answers = np.where(insured, IS_SO, np.where(none, NOT_SO, NOT_KNOWN)).astype(np.int8)
    answers[asked & (earlier | later) | (~insured & newborn)] = NOT_KNOWN
    own = ("ins_basic_resident", "ins_basic_employee", "ins_elsewhere", "ins_year")
    return of_members(members, answers, codes=codes, own=own)


@rule(
    zh="住房安全", en="safe house", kind="guarantee", status="sourced",
    asks_zh="住房是否安全（A、B级，或C、D级已改造并验收）", asks_en="is the house safe (grade A or B, or C or D and rebuilt since)",
    source="两不愁三保障: 住房安全有保障; titles of rules of a provincial register checker (G1_02_001, G1_02_007); "
    "117.156.67.38/zwgk-view/22695",
    notes={
        "in_treatment": Message("a measure for the house is running"),
        "rebuilt_since": Message("a measure for the house has ended since"),
        "grade_and_flag_differ": Message("grade C or D, but not called unsafe, and no measure for the house is on record"),
        "damaged_since": Message("the house was damaged after the record"),
        "lives_elsewhere": Message("lives in another home that is safe, by a visit"),
        "lives_in_rented_home": Message("lives in a rented home: ask since when and whether it is safe"),
        "no_house": Message("has no house: ask where the household lives and whether that is safe"),
        "house_not_said": Message("neither a grade nor whether the house is unsafe is on record"),
    },
)  # fmt: skip
def safe_housing(snapshot: Snapshot, _policy: Policy) -> Verdict:
    home = snapshot.households
    poor, good = home.isin("house_grade", "C", "D"), home.isin("house_grade", "A", "B")
    unsafe = home.unsafe_house
    # A grade is of the day on which it was given, a flag of that of the row.
    graded = (poor | good) & ~np.isnat(home.house_grade_date) & (home.house_grade_date <= snapshot.as_of)
    since = np.where(graded & (unsafe != 1), home.house_grade_date, home.valid_from)
    measures = snapshot.supports.where(snapshot.supports.isin("measure", *REBUILT))
    is_open = np.isnat(measures.end_date)
    after = ~is_open & (measures.end_date >= since[measures.household])
    running, rebuilt, any_measure = (
        _has(rows, snapshot) for rows in (measures.where(is_open), measures.where(after), measures)
    )
    accepted = (home.house_treated_on >= since) & (home.house_treated_on <= snapshot.as_of)
    rebuilt, running, any_measure = rebuilt | accepted, running & ~accepted, any_measure | accepted
    treated_on = np.where(accepted, home.house_treated_on, np.datetime64("0001-01-01", "D"))
    damage = snapshot.shocks.where(snapshot.shocks.isin("affected", "house"))
    damage = damage.where(
        damage.event_date
        > np.maximum(np.maximum(since, treated_on), _last(measures.where(after), snapshot))[damage.household]
    )
    damaged = _has(damage, snapshot)

    answer = np.full(snapshot.n_households, NOT_KNOWN, dtype=np.int8)
    answer[good & (unsafe != 1) | (~poor & ~good & (unsafe == 0))] = IS_SO
    answer[unsafe == 1] = NOT_SO
    answer[poor] = NOT_SO
    answer[poor & (unsafe == 0) & ~running] = NOT_KNOWN
    # Graded C or D, or called unsafe, and the work done since: that is what acceptance means for a grade; of a flag one asks.
    answer[poor & rebuilt & ~running] = IS_SO
    answer[~poor & (unsafe == 1) & rebuilt & ~running] = NOT_KNOWN
    houseless = (home.no_house == 1) & (answer == IS_SO)  # a grade of what house?
    hurt = damaged & (answer == IS_SO)
    answer[hurt | houseless] = NOT_KNOWN
    # Not the house on record, but another one that is safe; how long a home is rented is not on record.
    moved = home.isin("lives_in", *SAFE_ELSEWHERE) & ~damaged & (answer != IS_SO)
    renting = home.isin("lives_in", "rented") & (answer == NOT_SO)
    answer[moved], answer[renting] = IS_SO, NOT_KNOWN
    bad = poor | (unsafe == 1)
    note = _notes(
        since,
        {
            "lives_elsewhere": moved, "lives_in_rented_home": renting, "no_house": (home.no_house == 1) & (answer == NOT_KNOWN),
            "damaged_since": hurt,
            "in_treatment": bad & running, "rebuilt_since": bad & rebuilt,
            "grade_and_flag_differ": poor & (unsafe == 0) & ~any_measure,
            "house_not_said": ~poor & ~good & np.isnan(unsafe),
        },
    )  # fmt: skip
    deciding = (
        Deciding(home, ("house_grade", "house_grade_date", "unsafe_house", "no_house", "house_treated_on", "lives_in")),
        Deciding(measures, ("measure", "start_date", "end_date")),
        Deciding(damage, ("kind", "event_date", "affected")),
    )  # fmt: skip
    return Verdict(answer, deciding, note=note)


@rule(
    zh="饮水安全", en="safe water", kind="guarantee", status="sourced",
    asks_zh="是否有安全饮用水", asks_en="does the household have safe drinking water",
    source="两不愁三保障: 饮水安全有保障; water quantity, quality, convenience and guarantee (2018 national criteria); title of a "
    "rule of a provincial register checker (G1_02_002)",
    notes={
        "water_warning_verified": Message("a warning about water was found true after the record"),
        "water_warning_pending": Message("a warning about water after the record has not been looked into"),
        "water_measure_since": Message("a measure for the water has ended since: ask whether the water is safe now"),
        "drought_since": Message("a drought came after the record"),
        "too_many_days_short": Message("short of water on more days of the year than the guarantee allows"),
        "water_not_said": Message("it is not on record whether the water is safe"),
    },
)  # fmt: skip
def safe_water(snapshot: Snapshot, policy: Policy) -> Verdict:
    home = snapshot.households
    # Days short tell of the guarantee alone: few do not make water safe of which nothing else is known.
    short = home.water_days_short > policy.at("water_short_days", snapshot.area_codes, snapshot.as_of)
    safe, since = home.safe_water, home.valid_from

    def later(rows: KnownRows) -> KnownRows:
        return rows.where((rows.event_date > since[rows.household]) | np.isnan(safe)[rows.household])

    warnings = later(snapshot.warnings.where(snapshot.warnings.isin("signal", "water")))
    # An outcome of a later day is not known yet.
    told = ~(warnings.outcome_date > snapshot.as_of)
    true = warnings.where(warnings.isin("outcome", "verified") & told)
    pending = warnings.where(~(warnings.isin("outcome", "verified", "refuted") & told))
    droughts = later(snapshot.shocks.where(snapshot.shocks.isin("kind", "drought")))
    verified, waiting, dry = (_has(rows, snapshot) for rows in (true, pending, droughts))
    answer = np.where(safe == 1, IS_SO, np.where(safe == 0, NOT_SO, NOT_KNOWN)).astype(np.int8)
    answer[(answer == IS_SO) & (waiting | dry)] = NOT_KNOWN
    answer[verified | short] = NOT_SO
    # A measure that ended after the record, or after the last warning that was found true, may have answered it.
    measures = snapshot.supports.where(snapshot.supports.isin("measure", "water"))
    last = np.where(verified, _last(true, snapshot, "event_date"), since)
    measures = measures.where(measures.end_date >= last[measures.household])
    treated = _has(measures, snapshot) & (answer == NOT_SO)
    answer[treated] = NOT_KNOWN
    note = _notes(
        since,
        {
            "water_measure_since": treated, "water_warning_verified": verified, "too_many_days_short": short,
            "water_warning_pending": waiting & (answer == NOT_KNOWN),
            "drought_since": dry & (answer == NOT_KNOWN) & ~np.isnan(safe), "water_not_said": np.isnan(safe),
        },
    )  # fmt: skip
    deciding = (
        Deciding(home, ("safe_water", "water_days_short")), Deciding(true, ("signal", "event_date", "outcome")),
        Deciding(pending, ("signal", "event_date")), Deciding(droughts, ("kind", "event_date")),
        Deciding(measures.where(treated[measures.household]), ("measure", "start_date", "end_date")),
    )  # fmt: skip
    return Verdict(answer, deciding, note=note)


@rule(
    zh="吃穿", en="food and clothing", kind="guarantee", status="sourced",
    asks_zh="是否不愁吃、不愁穿", asks_en="does the household have enough to eat and to wear",
    source="两不愁三保障: 不愁吃、不愁穿; only a visit can tell, no column of the register does",
    notes={"not_visited": Message("only a visit can tell; the register has no column for it")},
)  # fmt: skip
def food_clothing(snapshot: Snapshot, _policy: Policy) -> Verdict:
    n = snapshot.n_households
    return Verdict(np.full(n, NOT_KNOWN, dtype=np.int8), note=np.full(n, "not_visited", dtype=object))


@rule(
    zh="监测线", en="monitoring line", kind="guarantee", status="sourced",
    asks_zh="人均纯收入是否不低于当年监测线", asks_en="is net income per person not below the monitoring line of its year",
    source="监测范围 by area, of the calendar year in which the accounting year ends; register income form: 人均纯收入",
    notes={
        "income_not_known": Message("net income is not on record, or in doubt"),
        "income_too_old": Message("the newest income on record is too old to say anything of today"),
    },
)  # fmt: skip
def income_line(snapshot: Snapshot, policy: Policy) -> Verdict:
    own, line = per_person(snapshot)[0], lines_of_years(snapshot)[0]
    months = policy.at("income_oldest_months", snapshot.area_codes, snapshot.as_of)
    old = snapshot.full_months_since(newest_period_end(snapshot)) >= months
    known = ~(np.isnan(own) | np.isnan(line))
    answer = np.where(known & ~old, np.where(own >= line, IS_SO, NOT_SO), NOT_KNOWN).astype(np.int8)
    note = _notes(own, {"income_not_known": ~known, "income_too_old": known & old})
    figures = {"net_income_per_person_cny": own, "line_cny": line, "period_end": income_years(snapshot)[0].ended}
    return Verdict(answer, note=note, figures=figures)


def _has(rows: KnownRows, snapshot: Snapshot) -> Array:
    """Whether each household has one of the rows."""
    result = np.zeros(snapshot.n_households, dtype=bool)
    result[rows.household] = True
    return result


def _last(rows: KnownRows, snapshot: Snapshot, day: str = "end_date") -> Array:
    """Last day in a column of the rows of each household, long ago where it has none."""
    result = np.full(snapshot.n_households, np.datetime64("0001-01-01", "D"))
    np.maximum.at(result, rows.household, getattr(rows, day))
    return result


SIEVE: tuple[Rule, ...] = (
    compulsory_education,
    basic_medical,
    safe_housing,
    safe_water,
    food_clothing,
    income_line,
)
