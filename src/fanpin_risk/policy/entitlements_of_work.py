"""Supports for those who can work: travel allowance, training, public posts, small loans.

Whether somebody wants a loan, or cannot leave the village, no record tells: that is to be asked, and the questions say so.
"""

from __future__ import annotations

import numpy as np

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.policy.contradictions_of_persons import FAR
from fanpin_risk.policy.entitlement_basis import (
    SupportKind,
    entitlement,
    given_to_households,
    given_to_members,
    group_of_households,
    in_area,
    is_pupil,
    measures_beside,
    newest_amount,
    of_household,
    of_persons,
)
from fanpin_risk.policy.parameters import Policy
from fanpin_risk.policy.rule import Deciding, Rule, Verdict
from fanpin_risk.policy.three_valued import all_of, any_member, any_of, at_least, is_below, known_where, not_so

__all__ = ["ENTITLEMENTS_OF_WORK"]

WITHIN_MONTHS, LOAN_MONTHS = 12, 36  # a loan runs for three years at the most
BORROWERS, POST_HOLDERS, TRAINEES = (18.0, 66.0), (16.0, 70.0), (16.0, 60.0)  # years, the last not reached
PRODUCTION = ("business_gross", "business_net", "business_cost")
ON_POSTS = "rural public posts of counties (gaotai.gov.cn, t20251125_1480675; tsqs.gov.cn, 5567/74801; agri.jl.gov.cn, t20250422_3449535)"


def _in_years(snapshot: Snapshot, years: tuple[float, float]) -> Array:
    age = snapshot.members.years_old
    return all_of(at_least(age, years[0]), is_below(age, years[1]))


def _of_labour(snapshot: Snapshot, *labour: str) -> Array:
    members = snapshot.members
    return known_where(members, members.isin("labour", *labour), "labour")


def _has_post(snapshot: Snapshot) -> Array:
    """Whether each member holds a public post by the member form: 1, 0, NaN."""
    months = snapshot.members.public_post_months
    return np.where(np.isnan(months), np.nan, (months > 0).astype("float64"))


def _without_work(snapshot: Snapshot) -> Array:
    """Whether each member has no job and is no pupil; who works in the household's own fields has none."""
    months = snapshot.members.work_months
    no_job = np.where(np.isnan(months), np.nan, (months == 0).astype("float64"))
    return all_of(no_job, np.where(is_pupil(snapshot), 0.0, 1.0))


@entitlement(
    zh="外出务工交通补贴", en="travel allowance for work far away",
    asks_zh="脱贫户、监测对象在县外务工达到本地月数的成员，近一年是否没有交通补贴记录",
    asks_en="has a member of an ex-poor or monitored household who worked outside the county for the local number of months no travel "
    "allowance in a year",
    source="national survey bulletin no. 3 (pygbw.com, 2021022698245, a repost); who gets it is local",
)  # fmt: skip
def transport_subsidy(snapshot: Snapshot, policy: Policy) -> Verdict:
    members = snapshot.members
    least, asked = in_area(snapshot, policy, "transport_work_months")
    far = known_where(members, members.isin("work_place", *FAR), "work_place")
    far = np.where(np.isnan(far) & (members.work_months == 0), 0.0, far)
    qualifies = all_of(
        far,
        at_least(members.work_months, least[members.household]),
        group_of_households(snapshot, "ex_poor", "monitored")[members.household],
    )
    kind = SupportKind(months=WITHIN_MONTHS, subs=("transport_subsidy",), measures=("employment",))
    given = given_to_members(snapshot, kind)
    return of_persons(
        snapshot, qualifies, given, "work_place", "work_months", asked=asked, records=measures_beside(snapshot, kind)
    )


@entitlement(
    zh="技能培训", en="training", status="inferred",
    asks_zh="脱贫户、监测对象中16—59周岁有劳动能力、未务工、非在校的成员，近一年是否没有培训记录",
    asks_en="has a member of 16 to 59 of an ex-poor or monitored household, able to work, without a job and no pupil, no training in "
    "a year on record",
    source="national survey bulletin no. 3 (pygbw.com, 2021022698245, a repost); title of a rule of a provincial register checker "
    "(G5_17_012); who is trained is local, the ages are inferred",
)  # fmt: skip
def job_training(snapshot: Snapshot, _policy: Policy) -> Verdict:
    qualifies = all_of(
        _in_years(snapshot, TRAINEES), _of_labour(snapshot, "skilled", "ordinary"), _without_work(snapshot), not_so(_has_post(snapshot)),
        group_of_households(snapshot, "ex_poor", "monitored")[snapshot.members.household],
    )  # fmt: skip
    kind = SupportKind(months=WITHIN_MONTHS, subs=("training",), measures=("employment",))
    given = given_to_members(snapshot, kind)
    return of_persons(
        snapshot, qualifies, given, "birth_date", "labour", "work_months", records=measures_beside(snapshot, kind)
    )


@entitlement(
    zh="公益性岗位", en="public post", status="inferred",
    asks_zh="脱贫户、监测对象中16周岁及以上、有劳动能力或弱劳动力、未务工、非在校的成员，家中是否没有公益性岗位记录（能否外出务工需询问）",
    asks_en="has an ex-poor or monitored household with a member of 16 or more, able to work or of weak labour, without a job and no "
    "pupil, no public post on record (whether he or she cannot leave is to be asked)",
    source=ON_POSTS + "; one post for a household and not from 70 on are inferred",
)  # fmt: skip
def public_post_offer(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members = snapshot.members
    could = all_of(
        _in_years(snapshot, POST_HOLDERS),
        _of_labour(snapshot, "skilled", "ordinary", "weak"),
        _without_work(snapshot),
    )
    qualifies = all_of(any_member(members, could), group_of_households(snapshot, "ex_poor", "monitored"))
    kind = SupportKind(months=WITHIN_MONTHS, whole=("public_post",))
    wages, _ = newest_amount(snapshot, "wage_public_post")
    # Wages of a post in the last accounting year: it may have ended since.
    given = any_of(
        any_member(members, _has_post(snapshot)), given_to_households(snapshot, kind), np.where(wages == 1, np.nan, 0.0)
    )
    told = (
        Deciding(members.where(could == 1), ("birth_date", "labour", "work_months")),
        Deciding(members.where(_has_post(snapshot) != 0), ("public_post_months",)),
    )
    return of_household(qualifies, given, *told, records=measures_beside(snapshot, kind))


@entitlement(
    zh="小额信贷", en="small loan", status="inferred",
    asks_zh="脱贫户、监测对象有18—65周岁劳动力且有生产经营，是否没有小额信贷记录（贷款意愿需询问）",
    asks_en="has an ex-poor or monitored household with a business of its own and a member of 18 to 65 able to work no small loan on "
    "record (whether it wants one is to be asked)",
    source="small loans for the ex-poor (bypc.gov.cn, art_571d0b3b; wxredian.com, 4bf203f2, a repost): for production only, three years "
    "at the most; that the newest income shows production is inferred",
)  # fmt: skip
def small_loan(snapshot: Snapshot, _policy: Policy) -> Verdict:
    members, home = snapshot.members, snapshot.households
    could = all_of(_in_years(snapshot, BORROWERS), _of_labour(snapshot, "skilled", "ordinary"))
    amounts = [newest_amount(snapshot, item) for item in PRODUCTION]
    qualifies = all_of(
        any_member(members, could), any_of(*(received for received, _ in amounts)),
        group_of_households(snapshot, "ex_poor", "monitored"),
    )  # fmt: skip
    kind = SupportKind(months=LOAN_MONTHS, subs=("loan",), measures=("finance",))
    given = given_to_households(snapshot, kind)
    given = np.where((given == 0) & (home.debt_cny > 0), np.nan, given)  # what is owed may be the loan
    told = (
        Deciding(members.where(could == 1), ("birth_date", "labour")),
        *(Deciding(rows, ("item", "amount_cny")) for _, rows in amounts),
        Deciding(home, ("debt_cny",)),
    )
    return of_household(qualifies, given, *told, records=measures_beside(snapshot, kind))


ENTITLEMENTS_OF_WORK: tuple[Rule, ...] = (transport_subsidy, job_training, public_post_offer, small_loan)
