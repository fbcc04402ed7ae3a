"""Named groups of households that offices look at, as questions answered yes, no or unknown.

A group whose number no source gives for everywhere (what share of income makes a burden) is unknown until the office gives
its own number (``--policy FILE``).
"""

from __future__ import annotations

import numpy as np

from fanpin_risk.asof.days import Array, school_year_begin
from fanpin_risk.asof.income_years import years_back
from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.education import POST_COMPULSORY, current_enrolment, current_school_year
from fanpin_risk.features.health import bills, chronic, own_cost
from fanpin_risk.features.income import income_years, lines_of_years, newest_period_end, per_person, size
from fanpin_risk.policy.groups_of_change import GROUPS_OF_CHANGE
from fanpin_risk.policy.on_record import GROWN_UP, held_certificates, inhabited
from fanpin_risk.policy.parameters import Policy
from fanpin_risk.policy.rule import Deciding, Rule, Verdict, rule
from fanpin_risk.policy.three_valued import (
    all_members,
    all_of,
    any_member,
    any_of,
    at_least,
    is_below,
    known_where,
    not_so,
    verdict_of,
)
from fanpin_risk.records.checks.part_years import WHOLE_YEAR_DAYS
from fanpin_risk.words import Message

__all__ = ["HOUSEHOLD_GROUPS", "support_dependent"]

NO_NUMBER = {
    "number_not_given": Message("no source gives this number for everywhere: give your office's own with --policy")
}
INCOME_UNKNOWN = {"income_not_known": Message("net income is not on record, or in doubt")}
BACKSTOP_ITEMS = ("tr_dibao", "tr_tekun", "tr_pension", "tr_disability")
LUMP_ITEMS = ("tr_other", "transfer_net")  # may hold assistance, or not
# Measures whose money may be booked as income; grants with a fixed use, one-off help and loans never are.
MONEY_OF_MEASURES = ("industry", "employment", "public_post", "other")
SCHOOL_STAGES = ("primary", "junior", *POST_COMPULSORY)
AGES_AT_SCHOOL = (
    6,
    18,
    25,
)  # without a record one of 6 to 18 may be at school; up to 25 where no school records were given
LEAST_CNY = 0.01  # less is nothing
SCALED_TO_DAYS = 365.0  # what a part of a year is scaled to, as net income is
MUST_VISIT = "must-visit list of a county (xxjyjedu.com, t20240604_4559421, a repost)"


def _number_of(snapshot: Snapshot, policy: Policy, name: str) -> Array:
    return policy.at(name, snapshot.area_codes, snapshot.as_of)


def _notes_where(snapshot: Snapshot, **masks: Array) -> Array:
    result = np.full(snapshot.n_households, "", dtype=object)
    for code, mask in reversed(masks.items()):
        result[mask] = code
    return result


def _income_figures(snapshot: Snapshot) -> dict[str, Array]:
    """Figures that answers about income quote."""
    return {
        "net_income_per_person_cny": per_person(snapshot)[0],
        "line_cny": lines_of_years(snapshot)[0],
        "period_end": income_years(snapshot)[0].ended,
    }


def _yes_or_no(rows: KnownRows, name: str) -> Array:
    """Whether a code is known to be one, as 1, 0, NaN."""
    values: Array = getattr(rows, name)
    return values


def _any_at_home(snapshot: Snapshot, holds: Array) -> Array:
    """Whether it holds of any member; unknown of a household without any."""
    return np.where(inhabited(snapshot), any_member(snapshot.members, holds), np.nan)


def _of_persons(snapshot: Snapshot, holds: Array, *columns: str) -> Verdict:
    """Say whether it holds of any member, naming those of whom it does, or else those of whom it is not known."""
    members = snapshot.members
    answer = _any_at_home(snapshot, holds)
    told = (holds == 1) | (np.isnan(holds) & np.isnan(answer)[members.household])
    return verdict_of(answer, Deciding(members.where(told), columns), persons=members.where(told))


def _code_known(members: KnownRows, mask: Array, column: str) -> Array:
    return np.where(members.known(column), mask.astype("float64"), np.nan)


@rule(
    zh="边缘户", en="edge household", kind="group", status="inferred", notes=INCOME_UNKNOWN,
    asks_zh="是否为边缘户：一般农户，未纳入监测，人均纯收入略高于监测线；或监测类型为边缘易致贫户",
    asks_en="is it of the edge: never poor, not monitored, net income per person a little above the line; or monitored as one",
    source="national guidance on monitoring (bertrahse.com/article/2070.html); the band above the line is inferred",
)  # fmt: skip
def edge_household(snapshot: Snapshot, policy: Policy) -> Verdict:
    home, own, line = snapshot.households, per_person(snapshot)[0], lines_of_years(snapshot)[0]
    low, high = (_number_of(snapshot, policy, f"edge_{end}") * line for end in ("from", "to"))
    spells = snapshot.open_spells
    monitored = snapshot.monitored if snapshot.monitoring.supplied else np.full(snapshot.n_households, np.nan)
    general = _code_known(home, home.isin("register_status", "general"), "register_status")
    as_edge = all_of(monitored, any_member(spells, _code_known(spells, spells.isin("type", "edge"), "type")))
    near = all_of(general, not_so(monitored), at_least(own, low), is_below(own, high))
    return verdict_of(
        any_of(near, as_edge), Deciding(home, ("register_status",)), Deciding(spells, ("type",)),
        figures=_income_figures(snapshot), note=_notes_where(snapshot, income_not_known=np.isnan(near) & np.isnan(own)),
    )  # fmt: skip


@rule(
    zh="独居老人户", en="old person living alone", kind="group", status="inferred", asks_zh="是否只有一名老年成员",
    asks_en="is the only member an old person", source="named in the national guidance; the age is inferred",
)  # fmt: skip
def lone_elderly(snapshot: Snapshot, policy: Policy) -> Verdict:
    members = snapshot.members
    old = at_least(members.years_old, _number_of(snapshot, policy, "elderly_age")[members.household])
    alone = _alone(snapshot)
    return verdict_of(all_of(alone, _any_at_home(snapshot, old)), Deciding(members, ("birth_date",)), persons=members)


@rule(
    zh="空巢老人户", en="old people only", kind="group", status="inferred", asks_zh="是否全部成员都是老年人",
    asks_en="are all members old", source="named in the national guidance; the age is inferred",
)  # fmt: skip
def empty_nest(snapshot: Snapshot, policy: Policy) -> Verdict:
    members = snapshot.members
    old = at_least(members.years_old, _number_of(snapshot, policy, "elderly_age")[members.household])
    return verdict_of(all_members(members, old), Deciding(members, ("birth_date",)), persons=members)


@rule(
    zh="单人户", en="one person", kind="group", status="sourced", asks_zh="是否只有一名成员", asks_en="is there one member only",
    source=MUST_VISIT,
)  # fmt: skip
def single_person(snapshot: Snapshot, _policy: Policy) -> Verdict:
    return verdict_of(_alone(snapshot), Deciding(snapshot.members, ("relation",)), persons=snapshot.members)


def _alone(snapshot: Snapshot) -> Array:
    count = snapshot.members.count()
    return np.where((count > 0) & ~np.isnan(count), (count == 1).astype("float64"), np.nan)


@rule(
    zh="兜底依赖户", en="living on assistance", kind="group", status="inferred", notes=INCOME_UNKNOWN,
    asks_zh="兜底性转移收入是否占纯收入一半以上，或全部成员为低保、特困人员",
    asks_en="is half the income or more assistance and pensions, or are all members on 低保 or 特困供养",
    source="named in the national guidance; the share is inferred",
)  # fmt: skip
def backstop_dependent(snapshot: Snapshot, policy: Policy) -> Verdict:
    members, year = snapshot.members, income_years(snapshot)[0]
    on_it = any_of(_yes_or_no(members, "dibao"), _yes_or_no(members, "tekun"))
    rows = snapshot.incomes.where(
        (years_back(snapshot.incomes, newest_period_end(snapshot)) == 0)
        & snapshot.incomes.isin("item", *BACKSTOP_ITEMS, *LUMP_ITEMS)
    )
    scale = np.where(year.covered < WHOLE_YEAR_DAYS, SCALED_TO_DAYS / np.maximum(year.covered, 1.0), 1.0)
    # What stands in one sum may be assistance or not, unless assistance stands beside it on its own.
    lump = rows.isin("item", *LUMP_ITEMS)
    itemised = rows.count(~lump) > 0
    most, least = (
        _part_of(np.where(np.isnan(year.wages), np.nan, one.sum(one.amount_cny) * scale), year.net)
        for one in (rows, rows.where(~lump | (itemised[rows.household] & rows.isin("item", "tr_other"))))
    )
    bound = _number_of(snapshot, policy, "backstop_share")
    reached = np.where(at_least(most, bound) == at_least(least, bound), at_least(most, bound), np.nan)
    holds = any_of(reached, all_members(members, on_it))
    return verdict_of(
        holds, Deciding(members, ("dibao", "tekun")), Deciding(rows, ("item", "amount_cny")),
        figures={"net_income_cny": year.net}, note=_notes_where(snapshot, income_not_known=np.isnan(holds) & np.isnan(most)),
    )  # fmt: skip


def _part_of(part: Array, net: Array) -> Array:
    return np.divide(part, net, out=np.full(len(part), np.nan), where=net > 0)


def _without(rows: KnownRows, column: str) -> Array:
    """Whether each household has a row of which an amount is not on record."""
    return rows.count(~rows.known(column)) > 0


def _reached(spent: Array, bound: Array, *, blank: Array) -> Array:
    """Whether something was spent, as much as a bound; where some amount is blank, less is not known to be less."""
    reached = all_of(at_least(spent, LEAST_CNY), at_least(spent, bound))
    return np.where((reached == 0) & blank, np.nan, reached)


@rule(
    zh="断血敏感户", en="above the line by support alone", kind="group", status="inferred",
    notes=INCOME_UNKNOWN | {
        "supports_in_doubt": Message("whether the money of a measure is part of the income is not on record"),
    },
    asks_zh="人均纯收入不低于监测线，扣除转移性收入、公益岗位工资和帮扶资金后是否低于监测线",
    asks_en="is net income per person at or above the line, and below it without transfers, wages of public posts and money of measures",
    source="assessment of effects after support ends (断血) in the national guidance",
)  # fmt: skip
def support_sensitive(snapshot: Snapshot, _policy: Policy) -> Verdict:
    year = income_years(snapshot)[0]
    holds, without, rows = _above_by(snapshot, year.transfers)
    above = at_least(per_person(snapshot)[0], lines_of_years(snapshot)[0])
    doubt = np.isnan(holds) & (above == 1) & ~np.isnan(without)
    return verdict_of(
        holds, Deciding(rows.where(doubt[rows.household]), ("measure", "start_date", "amount_cny")),
        figures=_income_figures(snapshot) | {"without_support_per_person_cny": without},
        note=_notes_where(snapshot, supports_in_doubt=doubt, income_not_known=np.isnan(holds) & ~doubt),
    )  # fmt: skip


def support_dependent(snapshot: Snapshot) -> Array:
    """Whether each household is above the line by supports that end alone: wages of public posts and money of measures.

    Transfers stay: pensions, 低保 and payments for land do not end with a measure.

    Parameters
    ----------
    snapshot : Snapshot

    Returns
    -------
    ndarray of shape (n_households,)
        1, 0, NaN.
    """
    return _above_by(snapshot, np.zeros(snapshot.n_households))[0]


def _above_by(snapshot: Snapshot, transfers: Array) -> tuple[Array, Array, KnownRows]:
    """Whether a household is above the line by some transfers, public posts and measures; income without them; the measures."""
    year, line, own = income_years(snapshot)[0], lines_of_years(snapshot)[0], per_person(snapshot)[0]
    without = (year.net - transfers - year.public_post) / size(snapshot)
    # Money of a measure may stand among wages, sales or dividends of the year, or not; a post without its own item does.
    rows = snapshot.supports.where(snapshot.supports.isin("measure", *MONEY_OF_MEASURES))
    started = rows.start_date.astype("int64").astype("float64")
    rows = rows.where((started >= year.began[rows.household]) & (started <= year.ended[rows.household]))
    blank = _without(rows, "amount_cny")
    posts = snapshot.members.count(snapshot.members.public_post_months > 0) > 0
    least = without - rows.sum(np.nan_to_num(rows.amount_cny), default=0.0) / size(snapshot)
    least[blank | (posts & (year.public_post == 0) & (year.wages > 0))] = -np.inf
    surely, perhaps = is_below(without, line), is_below(np.where(np.isnan(without), np.nan, least), line)
    holds = all_of(at_least(own, line), np.where((surely == 1) | (perhaps == 0), surely, np.nan))
    return holds, without, rows


@rule(
    zh="特困户", en="member on 特困供养", kind="group", status="sourced", asks_zh="是否有特困供养人员",
    asks_en="is a member on 特困供养", source="register member form: 是否特困供养人员",
)  # fmt: skip
def tekun(snapshot: Snapshot, _policy: Policy) -> Verdict:
    return _of_persons(snapshot, _yes_or_no(snapshot.members, "tekun"), "tekun")


@rule(
    zh="低保户", en="member on 低保", kind="group", status="sourced", asks_zh="是否有低保对象", asks_en="is a member on 低保",
    source="register member form: 是否享受低保",
)  # fmt: skip
def dibao(snapshot: Snapshot, _policy: Policy) -> Verdict:
    return _of_persons(snapshot, _yes_or_no(snapshot.members, "dibao"), "dibao")


@rule(
    zh="大病户", en="seriously ill", kind="group", status="sourced",
    asks_zh="是否有成员患大病（健康状况，或近期有30种大病的结算）", asks_en="is a member seriously ill, by the form or by a bill of late",
    source="named groups of a province's rules (健康状况, 30种大病)",
)  # fmt: skip
def serious_illness(snapshot: Snapshot, policy: Policy) -> Verdict:
    members = snapshot.members
    months = np.nan_to_num(_number_of(snapshot, policy, "serious_months"))
    rows = bills(snapshot)
    rows = rows.where((rows.serious30 == 1) & (members.place_of(rows) >= 0))
    recent = np.zeros(len(rows), dtype=bool)
    for number in np.unique(months):
        recent |= (months[rows.household] == number) & (rows.time > snapshot.months_before(int(number)))
    rows = rows.where(recent)
    ill = members.isin("health", "serious") | members.named_in(rows)
    holds = np.where(ill | members.known("health"), ill.astype("float64"), np.nan)
    verdict = _of_persons(snapshot, holds, "health")
    return Verdict(verdict.answer, (*verdict.deciding, Deciding(rows, ("serious30",))), persons=verdict.persons)


@rule(
    zh="慢病负担户", en="chronic illness that weighs", kind="group", status="inferred", notes=NO_NUMBER | INCOME_UNKNOWN,
    asks_zh="是否有慢性病成员，且近12个月医疗自付占纯收入的比例达到本地标准",
    asks_en="is a member chronically ill, and what was paid out of pocket in 12 months a large share of income",
    source="named groups of a province's rules (慢病负担较重); no source gives the share",
)  # fmt: skip
def chronic_burden(snapshot: Snapshot, policy: Policy) -> Verdict:
    members, share, net = (
        snapshot.members,
        _number_of(snapshot, policy, "chronic_burden"),
        income_years(snapshot)[0].net,
    )
    ill, paid = _any_at_home(snapshot, chronic(snapshot)), own_cost(snapshot)
    holds = all_of(
        ill,
        _reached(paid, share * np.maximum(net, 0.0), blank=_without(bills(snapshot).within(12), "out_of_pocket_cny")),
    )
    told = members.where(chronic(snapshot) == 1)
    return verdict_of(
        holds, Deciding(told, ("health",)), persons=told, figures={"out_of_pocket_12m_cny": paid, "net_income_cny": net},
        note=_notes_where(snapshot, number_not_given=np.isnan(holds) & np.isnan(share), income_not_known=np.isnan(holds) & np.isnan(net)),
    )  # fmt: skip


@rule(
    zh="重残户", en="severely disabled", kind="group", status="sourced", asks_zh="是否有持一、二级残疾证的成员",
    asks_en="has a member a valid certificate of grade 1 or 2", source="GB/T 26341-2010; groups of special attention",
)  # fmt: skip
def severe_disability(snapshot: Snapshot, _policy: Policy) -> Verdict:
    return _by_certificate(snapshot, "grade", "grade1", "grade2")


@rule(
    zh="失能户", en="unable to care for oneself", kind="group", status="sourced", asks_zh="是否有完全失能的成员",
    asks_en="is a member unable to care for himself or herself", source="disability certificate: 失能等级; groups of special attention",
)  # fmt: skip
def full_care(snapshot: Snapshot, _policy: Policy) -> Verdict:
    return _by_certificate(snapshot, "care_need", "full")


def _by_certificate(snapshot: Snapshot, column: str, *codes: str) -> Verdict:
    """Say whether a valid certificate is of some codes; not known where certificates are not on record at all."""
    rows, valid = held_certificates(snapshot)
    holds = all_of(known_where(rows, rows.isin(column, *codes), column), valid)
    answer = np.where(inhabited(snapshot) & rows.supplied, any_member(rows, holds), np.nan)
    told = rows.where((holds == 1) | (np.isnan(holds) & np.isnan(answer)[rows.household]))
    persons = snapshot.members.where(snapshot.members.named_in(told))
    return verdict_of(answer, Deciding(told, ("category", column)), persons=persons)


@rule(
    zh="整户无劳动能力", en="nobody able to work", kind="group", status="sourced", asks_zh="是否全部成员无劳动能力或丧失劳动能力",
    asks_en="is every member of no or lost labour", source="title of a rule of a provincial register checker (G5_11_033)",
)  # fmt: skip
def no_labour(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    unable = _code_known(members, members.isin("labour", "none", "lost"), "labour")
    return verdict_of(all_members(members, unable), Deciding(members, ("labour",)), persons=members)


@rule(
    zh="多子女就学户", en="several at school", kind="group", status="inferred", asks_zh="是否有多名成员在校就读",
    asks_en="are several members at school", source=MUST_VISIT + "; the number is inferred",
)  # fmt: skip
def several_pupils(snapshot: Snapshot, policy: Policy) -> Verdict:
    members, current = snapshot.members, current_enrolment(snapshot)
    rows = current.where(current.isin("status", "enrolled", "home_teaching") & current.isin("stage", *SCHOOL_STAGES))
    recorded = members.named_in(current)
    by_form = members.isin("student_stage", *SCHOOL_STAGES) & ~recorded
    begun = school_year_begin(np.array([float(current_school_year(snapshot))]))[0]
    pupil = members.named_in(rows) | (by_form & (members.valid_from >= begun))
    # Who may be at school though nothing of this school year says so.
    age, oldest = members.years_old, AGES_AT_SCHOOL[1 if current.supplied else 2]
    young = ((age >= AGES_AT_SCHOOL[0]) & (age <= oldest)) | (np.isnan(age) & ~members.isin("relation", *GROWN_UP))
    undecided = ~recorded & ~pupil & (by_form | young)
    number = _number_of(snapshot, policy, "several_pupils")
    least, most = (at_least(members.count(mask), number) for mask in (pupil, pupil | undecided))
    holds = np.where(inhabited(snapshot) & (least == most), least, np.nan)
    told = rows.where(holds[rows.household] == 1)
    persons = members.where(pupil & (holds[members.household] == 1))
    formed = persons.where(~np.isin(persons.index, members.where(members.named_in(told)).index))
    return verdict_of(holds, Deciding(told, ("stage", "status")), Deciding(formed, ("student_stage",)), persons=persons)


@rule(
    zh="受灾或事故户", en="struck by an event", kind="group", status="sourced", asks_zh="近12个月是否发生突发事件",
    asks_en="was there a sudden event in the last 12 months", source=MUST_VISIT,
)  # fmt: skip
def struck(snapshot: Snapshot, _policy: Policy) -> Verdict:
    rows = snapshot.shocks.within(12)
    holds = at_least(rows.count(), 1.0)
    return verdict_of(holds, Deciding(rows, ("event_date", "kind", "loss_cny")))


@rule(
    zh="负债户", en="in debt", kind="group", status="inferred", notes=NO_NUMBER | INCOME_UNKNOWN,
    asks_zh="家庭负债与纯收入之比是否达到本地标准",
    asks_en="is debt against yearly net income as large as the office's own bound",
    source="named in the national guidance; no source gives the ratio",
)  # fmt: skip
def indebted(snapshot: Snapshot, policy: Policy) -> Verdict:
    home, net, bound = snapshot.households, income_years(snapshot)[0].net, _number_of(snapshot, policy, "debt_ratio")
    owes = at_least(home.debt_cny, LEAST_CNY)
    holds = all_of(owes, at_least(home.debt_cny, bound * np.maximum(net, 0.0)))
    return verdict_of(
        holds, Deciding(home, ("debt_cny",)), figures={"net_income_cny": net},
        note=_notes_where(
            snapshot, number_not_given=np.isnan(holds) & np.isnan(bound), income_not_known=np.isnan(holds) & np.isnan(net)
        ),
    )  # fmt: skip


@rule(
    zh="收入骤减户", en="income fell steeply", kind="group", status="inferred", notes=NO_NUMBER | INCOME_UNKNOWN,
    asks_zh="家庭纯收入比上年减少的幅度是否达到本地标准",
    asks_en="did net income fall from the year before by as much as the office's own bound",
    source="收入骤减 in the national guidance; no source gives the share",
)  # fmt: skip
def steep_fall(snapshot: Snapshot, policy: Policy) -> Verdict:
    new, old = (year.net for year in income_years(snapshot)[:2])
    bound = _number_of(snapshot, policy, "income_fall")
    fell = np.divide(old - new, old, out=np.full(len(new), np.nan), where=old > 0)
    holds = at_least(fell, bound)
    return verdict_of(
        holds, figures={"net_income_cny": new, "net_income_before_cny": old, "period_end": income_years(snapshot)[0].ended},
        note=_notes_where(snapshot, number_not_given=np.isnan(bound), income_not_known=np.isnan(fell)),
    )  # fmt: skip


@rule(
    zh="刚性支出骤增户", en="spending that cannot be put off", kind="group", status="inferred", notes=NO_NUMBER | INCOME_UNKNOWN,
    asks_zh="近12个月医疗自付与本学年教育净支出占纯收入的比例是否达到本地标准",
    asks_en="do own costs of treatment and school come to as large a share of net income as the office's own bound",
    source="刚性支出 in the national guidance; no source gives the share",
)  # fmt: skip
def rigid_spending(snapshot: Snapshot, policy: Policy) -> Verdict:
    net, bound, rows = (
        income_years(snapshot)[0].net,
        _number_of(snapshot, policy, "rigid_share"),
        current_enrolment(snapshot),
    )
    school = rows.sum(np.maximum(rows.cost_cny - np.nan_to_num(rows.aid_cny), 0.0))
    paid = own_cost(snapshot)
    spent = paid + school
    blank = _without(bills(snapshot).within(12), "out_of_pocket_cny") | _without(rows, "cost_cny")
    holds = _reached(spent, bound * np.maximum(net, 0.0), blank=blank)
    return verdict_of(
        holds, figures={"out_of_pocket_12m_cny": paid, "school_cost_cny": school, "net_income_cny": net},
        note=_notes_where(snapshot, number_not_given=np.isnan(holds) & np.isnan(bound), income_not_known=np.isnan(holds) & np.isnan(net)),
    )  # fmt: skip


HOUSEHOLD_GROUPS: tuple[Rule, ...] = (
    edge_household,
    lone_elderly,
    empty_nest,
    single_person,
    backstop_dependent,
    support_sensitive,
    tekun,
    dibao,
    serious_illness,
    chronic_burden,
    severe_disability,
    full_care,
    no_labour,
    several_pupils,
    struck,
    indebted,
    steep_fall,
    rigid_spending,
    *GROUPS_OF_CHANGE,
)
