"""Supports that can be lacking: for each entitlement a household that qualifies for it, and the record that shows the support."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from fanpin_risk.synthetic.planted_household import PlantedHousehold

__all__ = ["LACKING_SUPPORTS", "WELL_OFF_CNY", "LackingSupport"]

# Well above any standard or mean income of a place, so that income decides where it is meant to and nowhere else.
WELL_OFF_CNY = 240_000.0
LEAST_BILL_CNY = 1_000.0


@dataclass(frozen=True, kw_only=True)
class LackingSupport:
    """One support that a household qualifies for.

    Attributes
    ----------
    qualify : callable
        (PlantedHousehold) -> what makes it qualify, in its records.
    give : callable
        (PlantedHousehold) -> the record of the support, which the household at its side has.
    also : tuple of str
        Codes of other entitlements that the same records make true where the support is lacking.
    needs : tuple of str
        Numbers of the place without which the rule is not asked.
    """

    qualify: Callable[[PlantedHousehold], Any]
    give: Callable[[PlantedHousehold], Any]
    also: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


def _ex_poor(home: PlantedHousehold) -> PlantedHousehold:
    """Both at work, the child with its allowance: nothing of what the ex-poor are entitled to is lacking."""
    home.house(register_status="ex_poor").change("S", work_months=8.0, work_place="county")
    return home.school(aid_cny=600.0)


def _on_dibao(home: PlantedHousehold, who: str = "S") -> PlantedHousehold:
    """One member ill and on 低保, with what belongs to it."""
    home.change(who, dibao=True, health="chronic", labour="weak", pension_resident=True, pension_paid_by="state")
    home.income("tr_dibao", 4_000.0).school(aid_cny=600.0)
    return _insured(home, who)


def _disabled(home: PlantedHousehold, grade: str, **columns: Any) -> PlantedHousehold:
    return home.change("S", health="disabled", labour="weak").certificate("S", grade=grade, **columns)


def _measure(
    home: PlantedHousehold, measure: str, sub: str | None = None, *, who: str | None = None, months: int = 2
) -> PlantedHousehold:
    return home.add("supports", who=who, start_date=home.ago(months=months), measure=measure, sub_measure=sub)


def _bill(home: PlantedHousehold, total: float, *, day: pd.Timestamp | None = None, **columns: Any) -> PlantedHousehold:
    """Add a bill of the wife, of this calendar year if no day is given, and not of a stay."""
    bill: dict[str, Any] = {
        "kind": "outpatient",
        "reimb_basic_cny": 0.0,
        "reimb_serious_cny": 0.0,
        "reimb_aid_cny": 0.0,
    } | columns
    own = total - bill["reimb_basic_cny"] - bill["reimb_serious_cny"] - bill["reimb_aid_cny"]
    when = max(home.ago(months=2), home.year_begins) if day is None else day
    return home.add("medical", who="S", event_date=when, total_cost_cny=total, out_of_pocket_cny=own, **bill)


def _insured(home: PlantedHousehold, who: str) -> PlantedHousehold:
    return _measure(home, "health", "insurance_subsidy", who=who, months=3)


def _without_measures(home: PlantedHousehold) -> PlantedHousehold:
    home.tables["supports"] = []
    return home


def _small_bill(home: PlantedHousehold, **columns: Any) -> PlantedHousehold:
    return _bill(home, 900.0, day=home.ago(months=4), reimb_basic_cny=600.0, **columns)


def _large_bill(home: PlantedHousehold, left_cny: float, **columns: Any) -> PlantedHousehold:
    """Leave so much after basic insurance; what other supports could be asked for by it is on record."""
    given = {"reimb_serious_cny": 0.2 * left_cny} | columns
    _measure(home, "insurance_payout")
    return _bill(home, 2.0 * left_cny, reimb_basic_cny=left_cny, **given)


def _aided(home: PlantedHousehold, who: str, aid_cny: float) -> None:
    for row in home.tables["enrolments"]:
        if row["member_id"] == f"{home.household_id}-{who}":
            row["aid_cny"] = aid_cny


def _with_payment(home: PlantedHousehold, table: str, column: str, amount_cny: float, own: str | None = None) -> None:
    """Write an amount into the last row of a table, at the cost of another column."""
    row = home.tables[table][-1]
    row[column] = amount_cny
    if own is not None:
        row[own] -= amount_cny


def _with_pupil(home: PlantedHousehold, stage: str, age: float) -> PlantedHousehold:
    """Add a daughter at school, without aid."""
    form = {"student_stage": None if stage == "kindergarten" else stage, "education": "senior" if age >= 18 else None}
    home.person("Q", age=age, relation="daughter", sex="female", labour="none", work_months=0.0, **form)
    return home.add(
        "enrolments", who="Q", school_year=home.school_year, stage=stage, status="enrolled", cost_cny=900.0, aid_cny=0.0
    )


def _earning(home: PlantedHousehold, per_person_cny: float) -> PlantedHousehold:
    return home.only_income("wage", 3.0 * per_person_cny)


def _alone_and_old(home: PlantedHousehold) -> PlantedHousehold:
    home.without("C").without("S").change("H", labour="none", work_months=0.0, work_place=None)
    home.change("H", birth_date=home.ago(months=12 * 70 + 3)).only_income(
        "tr_other", 0.4 * home.number("dibao_standard")
    )
    return _measure(home, "social_security", "old_age_allowance", who="H")


def _mother(home: PlantedHousehold, age: float, **columns: Any) -> PlantedHousehold:
    said = {"education": "primary", "labour": "none", "work_months": 0.0} | columns
    return home.person("Q", age=age, relation="mother", sex="female", **said)


def _idle(home: PlantedHousehold, has: str, sub: str | None) -> PlantedHousehold:
    """Leave the wife of an ex-poor household without a job, with one of the two supports for that."""
    return _measure(_ex_poor(home).change("S", work_months=0.0, work_place=None), has, sub, who="S", months=5)


def _edge_cny(home: PlantedHousehold) -> float:
    """Half-way between the standard of 低保 and the multiple of it."""
    return home.number("dibao_standard") * (1.0 + home.number("dibao_edge_times")) / 2.0


def _spending(home: PlantedHousehold) -> PlantedHousehold:
    per_person = 0.9 * home.number("mean_income")
    _earning(home, per_person).house(low_income_class="none")
    return _large_bill(home, 1.5 * home.number("rigid_share") * 3.0 * per_person)


def _health(home: PlantedHousehold, health: str) -> PlantedHousehold:
    return _ex_poor(home).change("S", health=health)


def _of_class(home: PlantedHousehold, low_income_class: str) -> Any:
    return home.house(low_income_class=low_income_class)


def _lacking_allowance(home: PlantedHousehold, sub: str) -> PlantedHousehold:
    return _measure(home, "social_security", sub, who="S")


def _bound(home: PlantedHousehold, name: str) -> float:
    return max(home.number(name), LEAST_BILL_CNY)


OF_HEALTH: Mapping[str, LackingSupport] = {
    "insurance_subsidy": LackingSupport(
        qualify=lambda h: _without_measures(_on_dibao(h)),
        give=lambda h: _insured(h, "S"),
    ),
    "basic_reimbursement": LackingSupport(
        qualify=lambda h: _bill(h, 900.0, kind="inpatient"),
        give=lambda h: _with_payment(h, "medical", "reimb_basic_cny", 600.0, own="out_of_pocket_cny"),
    ),
    "serious_reimbursement": LackingSupport(
        qualify=lambda h: _large_bill(h, 1.5 * h.number("serious_insurance_threshold"), reimb_serious_cny=0.0),
        give=lambda h: _with_payment(h, "medical", "reimb_serious_cny", 50.0, own="out_of_pocket_cny"),
        needs=("serious_insurance_threshold",),
    ),
    "medical_aid": LackingSupport(
        qualify=lambda h: _large_bill(_on_dibao(h), 2.0 * _bound(h, "medical_aid_threshold_dibao")),
        give=lambda h: _with_payment(h, "medical", "reimb_aid_cny", 300.0, own="out_of_pocket_cny"),
        needs=("medical_aid_threshold_dibao",),
    ),
    "serious_treatment": LackingSupport(
        qualify=lambda h: _small_bill(_health(h, "serious"), serious30=True),
        give=lambda h: _measure(h, "health", "serious_treatment", who="S"),
    ),
    "family_doctor": LackingSupport(
        qualify=lambda h: _small_bill(_health(h, "chronic"), chronic4=True),
        give=lambda h: h.add("medical", who="S", event_date=h.ago(months=2), kind="contract"),
    ),
    "insurance_payout": LackingSupport(
        qualify=lambda h: _without_measures(_large_bill(h, 2.0 * h.number("payout_threshold"))),
        give=lambda h: _measure(h, "insurance_payout"),
        needs=("payout_threshold",),
    ),
    "loss_payout": LackingSupport(  # too long ago for 临时救助
        qualify=lambda h: h.add(
            "shocks",
            event_date=h.ago(months=8),
            kind="flood",
            loss_cny=1.5 * h.number("loss_threshold"),
            insured_cny=0.0,
        ),
        give=lambda h: _measure(h, "insurance_payout"),
        needs=("loss_threshold",),
    ),
    "pay_after": LackingSupport(
        qualify=lambda h: _small_bill(_on_dibao(h), kind="inpatient", reimb_aid_cny=100.0),
        give=lambda h: _measure(h, "health", "pay_after", who="S"),
    ),
}
OF_SCHOOL: Mapping[str, LackingSupport] = {
    "kindergarten_aid": LackingSupport(
        qualify=lambda h: _with_pupil(_ex_poor(h), "kindergarten", 4), give=lambda h: _aided(h, "Q", 500.0)
    ),
    "living_allowance": LackingSupport(
        qualify=lambda h: _ex_poor(h).school(aid_cny=0.0), give=lambda h: _aided(h, "C", 500.0)
    ),
    "senior_school_aid": LackingSupport(
        qualify=lambda h: _with_pupil(_ex_poor(h), "senior", 16), give=lambda h: _aided(h, "Q", 2_000.0)
    ),
    "vocational_aid": LackingSupport(
        qualify=lambda h: _with_pupil(h, "vocational", 16), give=lambda h: _aided(h, "Q", 2_000.0)
    ),
    "college_aid": LackingSupport(
        qualify=lambda h: _with_pupil(_ex_poor(h), "bachelor", 20), give=lambda h: _aided(h, "Q", 4_000.0)
    ),
    "yulu": LackingSupport(
        qualify=lambda h: _aided(_with_pupil(_ex_poor(h), "vocational", 16), "Q", 2_000.0),
        give=lambda h: h.add(
            "supports", who="Q", start_date=max(h.ago(months=2), h.school_begins), measure="education", sub_measure="yulu"
        ),
    ),
}  # fmt: skip
OF_ASSISTANCE: Mapping[str, LackingSupport] = {
    "dibao_support": LackingSupport(
        qualify=lambda h: _earning(h, 0.4 * h.number("dibao_standard")),
        give=lambda h: _insured(h.change("S", dibao=True).income("tr_dibao", 0.4 * h.number("dibao_standard")), "S"),
        needs=("dibao_standard",),
    ),
    "single_dibao": LackingSupport(
        qualify=lambda h: _lacking_allowance(
            _lacking_allowance(_disabled(h, "grade2"), "disability_care"), "disability_living"
        ).house(low_income_class="dibao_edge"),
        give=lambda h: _insured(h.change("S", dibao=True).income("tr_dibao", 4_000.0).school(aid_cny=600.0), "S"),
    ),
    "tekun_support": LackingSupport(
        qualify=_alone_and_old,
        give=lambda h: _insured(h.change("H", tekun=True).income("tr_tekun", 0.3 * h.number("dibao_standard")), "H"),
        also=("dibao_support",),
        needs=("dibao_standard",),
    ),
    "dibao_edge_class": LackingSupport(
        qualify=lambda h: _of_class(_earning(h, _edge_cny(h)), "none"),
        give=lambda h: _of_class(h, "dibao_edge"),
        needs=("dibao_standard", "dibao_edge_times"),
    ),
    "rigid_spending_class": LackingSupport(
        qualify=_spending, give=lambda h: _of_class(h, "rigid_spending"), needs=("mean_income", "rigid_share")
    ),
    "temporary_aid": LackingSupport(
        qualify=lambda h: _measure(h, "insurance_payout").add(
            "shocks", event_date=h.ago(months=3), kind="flood", loss_cny=8_000.0, insured_cny=2_000.0
        ),
        give=lambda h: _measure(h, "temporary_aid"),
    ),
    "disability_living": LackingSupport(
        qualify=lambda h: _disabled(_on_dibao(h), "grade3"), give=lambda h: _lacking_allowance(h, "disability_living")
    ),
    "disability_care": LackingSupport(
        qualify=lambda h: _disabled(h, "grade2", care_need="full"),
        give=lambda h: _lacking_allowance(h, "disability_care"),
    ),
    "pension_subsidy": LackingSupport(
        qualify=lambda h: _on_dibao(h).change("S", pension_paid_by="self"),
        give=lambda h: h.change("S", pension_paid_by="state"),
    ),
    "pension_payment": LackingSupport(
        qualify=lambda h: _measure(
            _mother(h, 66, pension_resident=True), "social_security", "old_age_allowance", who="Q"
        ).income("tr_pension", 0.0),
        give=lambda h: _with_payment(h, "incomes", "amount_cny", 2_400.0),
    ),
    "old_age_allowance": LackingSupport(
        qualify=lambda h: _mother(h, h.number("old_age_from") + 1),
        give=lambda h: _measure(h, "social_security", "old_age_allowance", who="Q"),
        needs=("old_age_from",),
    ),
    "house_repair": LackingSupport(
        qualify=lambda h: _ex_poor(h).house(house_grade="D", unsafe_house=True),
        give=lambda h: h.add("supports", start_date=h.ago(days=1), measure="housing"),
    ),
}
OF_WORK: Mapping[str, LackingSupport] = {
    "transport_subsidy": LackingSupport(
        qualify=lambda h: _ex_poor(h).change("H", work_months=12.0, work_place="outside"),
        give=lambda h: _measure(h, "employment", "transport_subsidy", who="H"),
        needs=("transport_work_months",),
    ),
    "job_training": LackingSupport(
        qualify=lambda h: _idle(h, "public_post", None),
        give=lambda h: _measure(h, "employment", "training", who="S"),
    ),
    "public_post_offer": LackingSupport(
        qualify=lambda h: _idle(h, "employment", "training"), give=lambda h: _measure(h, "public_post", who="S")
    ),
    "small_loan": LackingSupport(
        qualify=lambda h: _ex_poor(h).income("business_gross", 20_000.0), give=lambda h: _measure(h, "finance", "loan")
    ),
}
# Code of the rule -> how it can be lacking; every entitlement.
LACKING_SUPPORTS: Mapping[str, LackingSupport] = {**OF_HEALTH, **OF_SCHOOL, **OF_ASSISTANCE, **OF_WORK}
