"""Faults that can be planted: for each rule a household of which it is so, and what else the same records contradict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from fanpin_risk.synthetic.planted_household import PlantedHousehold

__all__ = ["FAULTS", "PlantedFault"]


@dataclass(frozen=True, kw_only=True)
class PlantedFault:
    """One fault.

    Attributes
    ----------
    plant : callable
        (PlantedHousehold) -> what changes in its records.
    also : tuple of str
        Codes of other rules that the same records make true.
    needs : str
        The number of the place without which the rule cannot tell, ``""`` for none.
    """

    plant: Callable[[PlantedHousehold], Any]
    also: tuple[str, ...] = ()
    needs: str = ""


def _fault(plant: Callable[[PlantedHousehold], Any], *also: str, needs: str = "") -> PlantedFault:
    return PlantedFault(plant=plant, also=also, needs=needs)


def _eliminated(
    home: PlantedHousehold,
    *,
    begun: int = 15,
    months: int = 8,
    measures: tuple[str, ...] = ("employment",),
    **form: Any,
) -> Any:
    """Make it monitored from `begun` to `months` months ago, its risk eliminated by support."""
    return home.monitored(
        months=begun, measures=measures, eliminated_on=home.ago(months=months), eliminate_mode="support", **form
    )


def _nobody_able(home: PlantedHousehold) -> PlantedHousehold:
    """Leave the couple alone, both disabled and unable to work."""
    home.without("C").without("S")
    home.change("H", labour="none", health="disabled", work_months=0.0, work_place=None).certificate("H")
    return home.only_income("tr_other", 60_000.0)


GUARANTEE_FAULTS: Mapping[str, PlantedFault] = {
    "compulsory_education": _fault(
        lambda h: h.school(status="dropped_out", dropout_reason="poverty").change("C", student_stage=None)
    ),
    "basic_medical": _fault(lambda h: h.change("S", ins_basic_resident=False)),
    "safe_housing": _fault(lambda h: h.house(house_grade="D", unsafe_house=True)),
    "safe_water": _fault(lambda h: h.house(safe_water=False)),
    "income_line": _fault(lambda h: h.only_income("wage", 6_000.0)),
}
PERSON_FAULTS: Mapping[str, PlantedFault] = {
    "two_spouses": _fault(
        lambda h: h.person("Q", age=40, relation="spouse", sex="female", labour="ordinary", work_months=0.0)
    ),
    "relation_and_sex": _fault(lambda h: h.change("C", relation="daughter")),
    "parent_too_young": _fault(
        lambda h: h.person("Q", age=36, relation="daughter", sex="female", labour="ordinary", work_months=0.0)
    ),
    "healthy_and_ill": _fault(lambda h: h.change("S", health="healthy;chronic")),
    "health_or_labour_empty": _fault(lambda h: h.change("S", health=None)),
    "schooling_empty": _fault(lambda h: h.change("S", education=None)),
    "child_able_to_work": _fault(
        lambda h: h.person("Q", age=3, relation="daughter", sex="female", labour="ordinary", work_months=0.0, education=None)
    ),
    "healthy_not_able": _fault(lambda h: h.change("S", labour="none")),
    "old_and_able": _fault(
        lambda h: h.person("Q", age=66, relation="mother", sex="female", labour="ordinary", work_months=0.0, education="primary")
    ),
    "pupil_able_to_work": _fault(
        lambda h: h.person(
            "Q", age=17, relation="daughter", sex="female", labour="ordinary", work_months=0.0, education=None, student_stage="senior",
        ).add("enrolments", who="Q", school_year=h.school_year, stage="senior", status="enrolled", cost_cny=900.0)
    ),
    "works_though_not_able": _fault(
        lambda h: h.change("S", labour="weak", health="chronic", work_months=3.0, work_place="township")
    ),
    "place_without_months": _fault(lambda h: h.change("S", work_place="county")),
    "pupil_works": _fault(
        lambda h: h.person(
            "Q", age=17, relation="daughter", sex="female", labour="none", work_months=2.0, work_place="county", education=None,
            student_stage="senior",
        ).add("enrolments", who="Q", school_year=h.school_year, stage="senior", status="enrolled", cost_cny=900.0),
        "works_though_not_able",
    ),
    "post_below_16": _fault(lambda h: h.change("C", public_post_months=2.0).income("wage_public_post", 1_800.0)),
    "post_at_70": _fault(
        lambda h: h.person(
            "Q", age=74, relation="mother", sex="female", labour="weak", work_months=0.0, public_post_months=6.0, education="primary",
        ).income("wage_public_post", 3_600.0)
    ),
    "three_posts": _fault(
        lambda h: h.person("Q", age=24, relation="daughter", sex="female", labour="ordinary", work_months=0.0, public_post_months=6.0)
        .change("H", public_post_months=6.0)
        .change("S", public_post_months=6.0)
        .income("wage_public_post", 9_600.0)
    ),
    "post_and_far_away": _fault(
        lambda h: h.change("H", public_post_months=6.0, work_place="outside").income("wage_public_post", 3_600.0)
    ),
    "stage_and_age": _fault(
        lambda h: h.person(
            "Q", age=22, relation="daughter", sex="female", labour="none", work_months=0.0, education=None, student_stage="vocational",
        ).add("enrolments", who="Q", school_year=h.school_year, stage="vocational", status="enrolled", cost_cny=900.0)
    ),
    "degree_below_18": _fault(
        lambda h: h.person("Q", age=17, relation="daughter", sex="female", labour="ordinary", work_months=0.0, education="bachelor")
    ),
    "school_age_without_record": _fault(
        lambda h: h.person("Q", age=10, relation="daughter", sex="female", labour="none", work_months=0.0, education=None),
        "schooling_empty",
    ),
    "form_and_school_differ": _fault(  # a form of this school year, at any time of the calendar year
        lambda h: h.change("C", student_stage="junior").newest_record("C", h.school_begins)
    ),
    "disabled_without_certificate": _fault(lambda h: h.change("S", health="disabled")),
    "certificate_not_in_health": _fault(lambda h: h.certificate("S")),
    "severe_certificate_expired": _fault(
        lambda h: h.change("S", health="disabled", labour="weak").certificate("S", years=12, grade="grade2")
    ),
    "tekun_works": _fault(lambda h: h.change("H", tekun=True, health="chronic").income("tr_tekun", 6_000.0)),
    "tekun_of_working_age": _fault(lambda h: h.change("S", tekun=True).income("tr_tekun", 6_000.0)),
    "dibao_and_tekun": _fault(
        lambda h: h.change("S", dibao=True, tekun=True, health="chronic").income("tr_tekun", 6_000.0).income("tr_dibao", 4_000.0)
    ),
    "records_after_leaving": _fault(
        lambda h: h.person(
            "Q", age=60, relation="mother", sex="female", labour="weak", work_months=0.0, education="primary",
            valid_to=h.ago(months=9), left_reason="death",
        ).add("medical", who="Q", event_date=h.ago(months=2), kind="inpatient", cost_cny=500.0, out_of_pocket_cny=100.0)
    ),
}  # fmt: skip
INCOME_FAULTS: Mapping[str, PlantedFault] = {
    "dibao_paid_to_nobody": _fault(lambda h: h.income("tr_dibao", 4_000.0)),
    "dibao_not_paid": _fault(lambda h: h.change("S", dibao=True).income("tr_dibao", 0.0).known_in_the_accounts()),
    "tekun_paid_to_nobody": _fault(lambda h: h.income("tr_tekun", 4_000.0)),
    "tekun_not_paid": _fault(lambda h: h.change("S", tekun=True, health="chronic").income("tr_tekun", 0.0).known_in_the_accounts()),
    "pension_without_old": _fault(lambda h: h.income("tr_pension", 2_400.0)),
    "allowance_without_certificate": _fault(lambda h: h.income("tr_disability", 1_200.0)),
    "ecology_without_land": _fault(lambda h: h.house(return_forest_mu=0.0).income("tr_ecology", 600.0)),
    "return_forest_too_large": _fault(lambda h: h.house(return_forest_mu=8.0)),
    "odd_wages": _fault(lambda h: h.only_income("wage", 200.0).income("business_gross", 60_000.0)),
    "tiny_payments": _fault(lambda h: h.income("tr_family_planning", 50.0)),
    "work_without_wages": _fault(lambda h: h.only_income("wage", 0.0).income("business_gross", 60_000.0).known_in_the_accounts()),
    "wages_without_work": _fault(lambda h: h.change("H", work_months=0.0, work_place=None)),
    "post_without_wages": _fault(lambda h: h.change("S", public_post_months=6.0).income("wage_public_post", 0.0).known_in_the_accounts()),
    "ex_poor_very_low": _fault(lambda h: h.house(register_status="ex_poor").only_income("wage", 6_000.0), "income_line"),
    "negative_income": _fault(
        lambda h: h.only_income("business_cost", 9_000.0).change("H", work_months=0.0, work_place=None), "income_line"
    ),
    "compliant_above_bills": _fault(
        lambda h: h.income("oop_compliant", 5_000.0).add(
            "medical", who="S", event_date=h.accounts_end - pd.DateOffset(months=3), kind="inpatient", cost_cny=2_000.0,
            out_of_pocket_cny=1_000.0,
        )
    ),
    "very_much_land": _fault(lambda h: h.house(farmland_mu=240.0)),
    "same_income_twice": _fault(
        lambda h: [row.update(amount_cny=50_000.0) for row in h.tables["incomes"]]
    ),
}  # fmt: skip
MONITORING_FAULTS: Mapping[str, PlantedFault] = {
    "no_risk_named": _fault(lambda h: h.monitored(risks=None)),
    "type_and_status": _fault(lambda h: h.monitored(type="unstable_ex_poor")),
    "illness_without_ill": _fault(lambda h: h.monitored(risks="illness")),
    "illness_without_payments": _fault(
        lambda h: h.monitored(months=14, risks="illness").change("S", health="chronic").income("oop_compliant", 0.0)
    ),
    "disability_without_disabled": _fault(lambda h: h.monitored(risks="disability")),
    "schooling_without_cost": _fault(lambda h: h.school(cost_cny=0.0).monitored(risks="schooling")),
    "labour_but_able": _fault(lambda h: h.monitored(risks="labour")),
    "labour_but_all_able": _fault(lambda h: h.without("C").monitored(risks="labour")),
    "work_but_nobody_able": _fault(
        lambda h: _nobody_able(h)
        .monitored(risks="unstable_work", measures=("social_security",), no_labour_backstop=True)
        .add("shocks", kind="job_loss", event_date=h.ago(months=9))
    ),
    "work_without_records": _fault(
        lambda h: h.change("H", work_months=0.0, work_place=None)
        .only_income("business_gross", 60_000.0)
        .monitored(risks="unstable_work")
    ),
    "event_not_on_record": _fault(lambda h: h.monitored(risks="disaster")),
    "failure_not_named": _fault(
        lambda h: h.house(house_grade="D", unsafe_house=True).monitored(risks="other"), "safe_housing"
    ),
    "no_measure": _fault(lambda h: h.monitored(months=3, measures=())),
    "no_development_measure": _fault(lambda h: h.monitored(measures=("health",))),
    "only_social_security": _fault(lambda h: h.monitored(months=3, measures=("social_security",))),
    "work_measure_not_able": _fault(
        lambda h: h.change("S", labour="lost", health="chronic").add(
            "supports", who="S", start_date=h.ago(months=4), measure="employment"
        )
    ),
    "backstop_mark": _fault(lambda h: h.monitored(no_labour_backstop=True)),
    "two_open_spells": _fault(lambda h: h.monitored(months=20).monitored(months=8, measures=())),
    "warning_not_answered": _fault(
        lambda h: h.add(
            "warnings", event_date=h.ago(months=2), channel="department", signal="med_oop", department="医保局", outcome="verified",
            outcome_date=h.ago(months=1), recorded_at=h.ago(days=25),
        )
    ),
    "eliminated_too_soon": _fault(lambda h: _eliminated(h, begun=9, months=8)),
    "eliminated_early": _fault(lambda h: _eliminated(h, begun=12, months=8)),
    "eliminated_without_measure": _fault(lambda h: _eliminated(h, measures=())),
    "eliminated_below_line": _fault(lambda h: _eliminated(h.only_income("wage", 6_000.0)), "income_line"),
    "eliminated_guarantee_fails": _fault(
        lambda h: _eliminated(h.house(house_grade="D", unsafe_house=True)), "safe_housing"
    ),
    "eliminated_nobody_able": _fault(lambda h: _eliminated(_nobody_able(h), measures=("social_security",))),
}  # fmt: skip
# What a filled form says beside the fault.
NOTED, CONTACT = "invented: sold its only ox", "contact-1"
FORM_FAULTS: Mapping[str, PlantedFault] = {
    "dropout_and_children": _fault(
        lambda h: h.without("C").monitored(entry_out_of_school=True, risk_note=NOTED), "entry_failure_not_named"
    ),
    "subsidy_after_deadline": _fault(  # recognised in December: after whatever month before it is the last
        lambda h: h.monitored(months=h.day.month).add(
            "supports", start_date=h.ago(months=h.day.month), measure="health", sub_measure="insurance_subsidy"
        ),
        needs="insurance_last_month",
    ),
    "entry_income_and_type": _fault(lambda h: h.monitored(entry_income_per_person_cny=15_000.0, risk_note=NOTED)),
    "entry_income_high": _fault(
        lambda h: h.monitored(type="sudden_hardship", entry_income_per_person_cny=25_000.0, risk_note=NOTED)
    ),
    "other_risk_without_note": _fault(lambda h: h.monitored(contact_code=CONTACT)),
    "disaster_without_kind": _fault(
        lambda h: h.monitored(risks="disaster", contact_code=CONTACT).add("shocks", kind="flood", event_date=h.ago(months=9))
    ),
    "entry_failure_not_named": _fault(lambda h: h.monitored(entry_unsafe_water=True, risk_note=NOTED)),
    "development_not_done": _fault(lambda h: h.monitored(development_done=False, risk_note=NOTED)),
    "allowance_measure_without_disabled": _fault(
        lambda h: h.add("supports", start_date=h.ago(months=4), measure="social_security", sub_measure="disability_care")
    ),
    "assistance_to_nobody": _fault(
        lambda h: h.add("supports", start_date=h.ago(months=4), measure="social_security", sub_measure="dibao")
    ),
    "assistance_not_a_measure": _fault(
        lambda h: h.change("H", dibao=True).only_income("wage", 60_000.0).monitored(measures=("employment",)).add(
            "supports", start_date=h.ago(months=4), measure="employment", sub_measure="training"
        )
    ),
    "disabled_without_allowance": _fault(
        lambda h: h.change("S", health="disabled").certificate("S").income("tr_disability", 0.0).monitored(
            risks="disability", measures=("industry", "social_security")
        )
    ),
    "eliminated_without_fitting_measure": _fault(lambda h: _eliminated(h, risks="illness", measures=("education",))),
    "yulu_at_other_school": _fault(
        lambda h: h.add(
            "supports", who="C", start_date=pd.Timestamp(year=h.school_year, month=9, day=3), measure="education", sub_measure="yulu"
        )
    ),
    "exit_values_missing": _fault(lambda h: _eliminated(h, contact_code=CONTACT)),
    "exit_income_below_line": _fault(lambda h: _eliminated(h, contact_code=CONTACT, exit_income_per_person_cny=5_000.0)),
    "exit_form_fails": _fault(
        lambda h: _eliminated(h, contact_code=CONTACT, exit_income_per_person_cny=15_000.0, exit_unsafe_house=True)
    ),
    "measure_without_income": _fault(  # the newest accounts must hold the day
        lambda h: h.monitored(months=26, eliminated_on=h.accounts_end - pd.DateOffset(months=2), eliminate_mode="support")
    ),
    "no_contact": _fault(lambda h: _eliminated(h, exit_income_per_person_cny=15_000.0)),
}  # fmt: skip
# Code of the rule -> the fault; every guarantee but food and clothing, which no record tells, and every contradiction.
FAULTS: Mapping[str, PlantedFault] = {
    **GUARANTEE_FAULTS,
    **PERSON_FAULTS,
    **INCOME_FAULTS,
    **MONITORING_FAULTS,
    **FORM_FAULTS,
}
