"""Every figure the invented register rests on, with its source and how far it can be trusted.

``sourced``: a page or document says so; ``derived``: arithmetic on sourced figures; ``memory``: remembered, not
found in a source, never to be quoted; ``choice``: set by us so that the result looks like the sourced figures.
A figure of an area other than the one a register is made for is only a likeness. ``docs/synthetic.md`` lists
what was obtained.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

__all__ = ["DISEASES", "FIGURES", "HAZARD", "REPORTED_MISSINGNESS", "SEASON", "Disease", "Figure", "figure"]

Status = Literal["sourced", "derived", "memory", "choice"]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure.

    Attributes
    ----------
    value : number or mapping
        What the generator uses.
    unit : str
    status : str
        ``sourced``, ``derived``, ``memory`` or ``choice``.
    source : str
        Address or title of the page or document; for a choice, its reason.
    """

    value: Any
    unit: str
    status: Status
    source: str


_TIELING = "training document of Tieling on its poverty register: 41,609 households, 86,922 persons"
_WARNING_COUNTY = "monitoring plan of one county, about 2020: xiexiebang.com/a5/c1b3fc008528046d.html"
_PRESS_2023 = "State Council press conference 2023-02-14: m.ipma-canada.com/guoji/20230214/65417.html"
_CENSUS = "poverty census communique no. 3: pygbw.com/news/XWZX/2021022698245.html"
_BAOSHAN = "notice of Baoshan, end of 2021: alkalih2o.com/info/7860/2315024.htm"
_QUALITY = "missing-data script for one county's 53,030 members (public source file F09)"

FIGURES: Mapping[str, Figure] = MappingProxyType(
    {
        "household_size": Figure(value=2.09, unit="persons", status="derived", source=_TIELING),
        "income_per_person": Figure(
            value=MappingProxyType({2021: 12548.0, 2022: 14342.0}), unit="CNY per person and year, ex-poor",
            status="sourced", source=_PRESS_2023,
        ),
        "income_growth": Figure(
            value=1.10, unit="per year", status="choice",
            source="years without a figure grow as rural incomes of former poor areas did, roughly",
        ),
        "education_shares": Figure(
            value=MappingProxyType({"none": 11.1, "primary": 32.3, "junior": 38.8, "senior": 7.7}), unit="%",
            status="sourced", source="Longzhou survey 2018, senior with vocational: xing528.com/lilun/1159553.html",
        ),
        "college_share": Figure(value=2.5, unit="%", status="choice", source="rest of the survey is not told apart"),
        "in_school": Figure(
            value=98.83, unit="% of children of 6 to 15", status="sourced",
            source="832 counties: web.cmc.gcable.cn 888597.shtml",
        ),
        "backstop_persons": Figure(value=46.7, unit="% of ex-poor persons in dibao or tekun", status="sourced", source=_TIELING),
        "chronic_share": Figure(
            value=17.0, unit="% of persons", status="memory", source="about 9.6 of 56 million registered poor, end of 2015"
        ),
        "serious_share": Figure(
            value=4.0, unit="% of persons", status="memory", source="about 2.4 of 56 million registered poor, end of 2015"
        ),
        "disabled_share": Figure(
            value=6.34, unit="% of persons", status="sourced",
            source="2nd national disability sample survey 2006, communique: big5.www.gov.cn jrzg/2007-05/29 content_628820",
        ),
        "disability_categories": Figure(
            value=MappingProxyType(
                {
                    "visual": 14.86, "hearing": 24.16, "speech": 1.53, "physical": 29.07, "intellectual": 6.68,
                    "mental": 7.40, "multiple": 16.30,
                }
            ),
            unit="%", status="sourced", source="2nd national disability sample survey 2006: gsh.yzqz.cn cjse20070812-1",
        ),
        "severe_disabled": Figure(
            value=54.0, unit="% of poor disabled persons of grade 1 or 2", status="sourced",
            source="qianghan.com.cn/gonglue/113703.html",
        ),
        "ill_cause": Figure(
            value=42.4, unit="% of households registered as poor through illness", status="sourced",
            source="poverty office register 2013: jiaxigo.com/c/2017-08-27/1750239.shtml",
        ),
        "contract_households": Figure(value=34.7, unit="% of households", status="sourced", source=_CENSUS),
        "reimbursed_ex_poor": Figure(
            value=0.80, unit="share of the bill, inpatient", status="memory", source="effective reimbursement of the registered poor"
        ),
        "reimbursed_general": Figure(
            value=0.57, unit="share of the bill, inpatient", status="memory", source="effective reimbursement of other rural people"
        ),
        "insured": Figure(
            value=99.9, unit="% of ex-poor persons in basic medical insurance", status="sourced",
            source="white paper on poverty reduction, digest: whyfsj.cn/yfdm/8667.html",
        ),
        "below_line": Figure(
            value=(3.0, 15.0), unit="% of ex-poor households", status="choice", source="no table of the spread was found"
        ),
        "work_share": Figure(
            value=66.7, unit="% of the income of ex-poor households from work, at least", status="sourced",
            source="China News 2026-01-23, nation: shanxishangren.com itemid 181415",
        ),
        "monitored_types": Figure(
            value=MappingProxyType({"unstable_ex_poor": 30.7, "edge": 29.8, "sudden_hardship": 39.6}),
            unit="% of monitored households", status="sourced", source=_BAOSHAN,
        ),
        "eliminated_persons": Figure(value=49.7, unit="% of persons ever monitored, by end of 2021", status="sourced", source=_BAOSHAN),
        "risk_shares": Figure(
            value=MappingProxyType(
                {
                    "illness": 40.0, "disability": 15.0, "labour": 15.0, "unstable_work": 8.0, "schooling": 8.0,
                    "accident": 4.0, "disaster": 4.0, "business_failure": 3.0, "other": 3.0,
                }
            ),
            unit="% of monitored households, main risk", status="choice", source="read out of several lists, not one table",
        ),
        "two_risks": Figure(
            value=(30.0, 40.0), unit="% of monitored households with two risks or more", status="choice", source="as above"
        ),
        "new_monitored": Figure(
            value=(0.5, 2.0), unit="% of households a year", status="derived",
            source=f"{_BAOSHAN}: 0.93 % of rural people entered in 2021; another estimate is 1 to 2 %",
        ),
        # Department triggers. The figures of one county are examples, not rules for every place.
        "warn_inpatient_ex_poor": Figure(value=5_000.0, unit="CNY out of pocket a year", status="sourced", source=_WARNING_COUNTY),
        "warn_inpatient_other": Figure(value=20_000.0, unit="CNY out of pocket a year", status="sourced", source=_WARNING_COUNTY),
        "warn_outpatient": Figure(value=500.0, unit="CNY out of pocket a month", status="sourced", source=_WARNING_COUNTY),
        "warn_school_cost": Figure(value=10_000.0, unit="CNY a school year after aid", status="sourced", source=_WARNING_COUNTY),
        "warn_unemployed": Figure(value=3.0, unit="months without work", status="memory", source="labour offices often use it"),
        # Shares of fields missing in a real register.
        "missing_education": Figure(value=0.990, unit="share of members", status="sourced", source=_QUALITY),
        "missing_labour": Figure(value=0.530, unit="share of members", status="sourced", source=_QUALITY),
        "missing_health": Figure(value=0.212, unit="share of members", status="sourced", source=_QUALITY),
        "missing_matches": Figure(
            value=0.95, unit="share of members without a match in medical and school tables, and with no dibao flag",
            status="choice", source=f"{_QUALITY}: matches are nearly empty",
        ),
    }
)  # fmt: skip


def figure(name: str) -> Any:
    """Return the value of one figure.

    Examples
    --------
    >>> figure("household_size")
    2.09
    """
    return FIGURES[name].value


# Weight of each month in finding households: ten monthly rounds and one big sweep in autumn (Baoshan 2021); the
# numbers are a choice. January first; their mean is 1.
SEASON: tuple[float, ...] = (0.6, 0.5, 0.8, 0.8, 0.8, 0.9, 0.9, 1.0, 1.4, 2.0, 1.6, 0.7)

# What moves the monthly log-odds of being newly monitored. All are choices, tuned so that the risks named at
# identification have the shares of `risk_shares` and that the best possible AUC lies between 0.75 and 0.85.
HAZARD: Mapping[str, float] = MappingProxyType(
    {
        "income": 1.30,  # per unit of -log(income per person / line), between -1.8 and 1.2
        "income_fall": 0.90,  # per unit of log income lost since the year before
        "burden": 0.92,  # per unit of log(1 + 8 x out-of-pocket of 12 months / income)
        "serious": 0.60,  # a member seriously ill
        "disability": 1.10,  # a member of disability grade 1 or 2
        "new_disability": 0.70,  # certificate of the last months (fading)
        "labour": 0.75,  # nobody able to work
        "schooling": 1.00,  # per unit of log(1 + 5 x school costs after aid / income)
        "dropout": 0.60,  # a child of compulsory age out of school
        "accident": 2.00,  # fading by `fade` a month, as are all below
        "disaster": 1.60,
        "job_loss": 1.60,
        "business_failure": 2.00,
        "death": 0.60,
        "support_ended": 0.60,
        "housing": 0.60,  # house of grade C or D
        "water": 0.40,
        "debt": 0.25,  # per unit of log(1 + debt / income)
        "backstop": -0.25,  # members in dibao
        "tekun": -0.80,
        "former": -0.40,  # monitored before and taken off
        "frailty": 0.25,  # standard deviation of what no record shows, per household
        "village": 0.20,  # standard deviation between villages: how strictly cadres look
        "fade": 0.90,  # what is left of a shock after a month
    }
)


@dataclass(frozen=True)
class Disease:
    """A disease of the invented bills: ICD-10 code, name, whether on the lists, weight among its kind."""

    icd10: str
    name: str
    serious30: bool
    chronic4: bool
    weight: float


# Names follow the lists of 30 serious and 4 chronic diseases; the ICD-10 codes are from memory and only illustrate.
DISEASES: Mapping[str, tuple[Disease, ...]] = MappingProxyType(
    {
        "serious": (
            Disease("I63.9", "脑卒中", True, False, 24.0), Disease("J44.9", "慢性阻塞性肺疾病", True, False, 14.0),
            Disease("C34.9", "肺癌", True, False, 9.0), Disease("I21.9", "急性心肌梗死", True, False, 9.0),
            Disease("C16.9", "胃癌", True, False, 8.0), Disease("C22.0", "肝癌", True, False, 6.0),
            Disease("H25.9", "白内障", True, False, 6.0), Disease("N18.5", "终末期肾病", True, False, 6.0),
            Disease("C50.9", "乳腺癌", True, False, 5.0), Disease("C18.9", "结肠癌", True, False, 4.0),
            Disease("F20.9", "重性精神疾病", True, True, 4.0), Disease("C15.9", "食管癌", True, False, 3.0),
            Disease("J60", "尘肺", True, False, 2.0),
        ),
        "chronic": (
            Disease("I10", "高血压", False, True, 48.0), Disease("E11.9", "糖尿病", False, True, 20.0),
            Disease("I25.1", "冠心病", False, False, 14.0), Disease("M06.9", "类风湿关节炎", False, False, 10.0),
            Disease("A15.0", "肺结核", False, True, 3.0), Disease("F31.9", "严重精神障碍", False, True, 5.0),
        ),
        "ordinary": (
            Disease("J18.9", "肺炎", False, False, 30.0), Disease("K80.2", "胆囊结石", False, False, 20.0),
            Disease("M51.2", "腰椎间盘突出", False, False, 25.0), Disease("K35.8", "急性阑尾炎", False, False, 12.0),
            Disease("N20.0", "肾结石", False, False, 13.0),
        ),
        "outpatient": (
            Disease("J06.9", "上呼吸道感染", False, False, 45.0), Disease("K29.5", "慢性胃炎", False, False, 30.0),
            Disease("M54.5", "腰痛", False, False, 25.0),
        ),
        "injury": (Disease("S72.0", "股骨颈骨折", False, False, 40.0), Disease("S82.2", "胫骨骨折", False, False, 60.0)),
    }
)  # fmt: skip

# What `missingness="reported"` drops: columns by share of rows, tables by share of members (all their rows).
REPORTED_MISSINGNESS: Mapping[str, float] = MappingProxyType(
    {
        "members.education": figure("missing_education"),
        "members.labour": figure("missing_labour"),
        "members.health": figure("missing_health"),
        "members.dibao": figure("missing_matches"),
        "medical": figure("missing_matches"),
        "enrolments": figure("missing_matches"),
    }
)
