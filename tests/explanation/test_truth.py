"""Sentences recomputed from csv files: every number, day, year and kind in them, by an arithmetic of its own.

A register is invented, written to csv, and read back by the program, which says what it says. The files are read once
more with pandas alone, and what stands in the sentences is worked out from the rows. 500 sentences of households and
features drawn at random; ``FANPIN_SENTENCES=2000`` asks for more.
"""
# ruff: noqa: E501, E701 - what can be said is worked out in one line each

import math
import os
import re
import string
from collections import Counter
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.explanation.reasons import describe
from fanpin_risk.features import CONTEXT, FEATURES
from fanpin_risk.features.wording import patterns_of

DAY = pd.Timestamp("2023-12-31")
SENTENCES = int(os.environ.get("FANPIN_SENTENCES", "500"))
DECLARED = {declared.name: declared for declared in (*FEATURES, *CONTEXT)}
LINES = pd.read_csv(
    Path(fr.__file__).parent / "asof" / "monitoring_lines.csv", dtype={"area_prefix": str}, keep_default_na=False
)

KEYS = {
    "households": ["household_id", "valid_from"], "members": ["member_id", "valid_from"],
    "incomes": ["household_id", "member_id", "period_start", "period_end", "item"],
    "medical": ["member_id", "record_id", "event_date", "kind"], "disabilities": ["member_id", "issued_on"],
    "enrolments": ["member_id", "school_year"], "shocks": ["household_id", "member_id", "event_date", "kind"],
    "supports": ["household_id", "member_id", "start_date", "measure"], "monitoring": ["household_id", "identified_on"],
}  # fmt: skip
TIME = {
    "households": "valid_from", "members": "valid_from", "incomes": "period_end", "medical": "event_date",
    "disabilities": "issued_on", "enrolments": "begun", "shocks": "event_date", "supports": "start_date",
    "monitoring": "identified_on",
}  # fmt: skip
KINDS = {
    "flood": "洪涝灾害", "geological": "地质灾害", "drought": "旱灾", "pest": "生物灾害", "weather": "气象灾害", "earthquake": "地震",
    "fire": "火灾", "epidemic": "疫情", "accident": "意外事故", "death": "家庭成员死亡", "business_failure": "产业项目失败",
    "job_loss": "失业返乡", "price_fall": "价格下跌或滞销", "debt": "债务问题",
}  # fmt: skip
OF_GROUP = {
    "event": set(KINDS), "disaster": {"flood", "geological", "drought", "pest", "weather", "earthquake", "fire", "epidemic"},
    "accident": {"accident", "death"}, "job_loss": {"job_loss"}, "business": {"business_failure", "price_fall"},
}  # fmt: skip
MEASURES = {
    "industry": "产业帮扶", "employment": "就业帮扶", "finance": "金融帮扶", "public_post": "公益岗位", "housing": "住房安全保障",
    "water": "饮水安全保障", "health": "健康帮扶", "compulsory_education": "义务教育保障", "education": "教育帮扶",
    "social_security": "综合保障", "society": "社会帮扶", "resettlement": "易地搬迁", "living_conditions": "生产生活条件改善",
    "infrastructure": "基础设施建设", "temporary_aid": "临时救助", "insurance_payout": "防贫保险", "other": "其他帮扶",
}  # fmt: skip
RISKS = {
    "illness": "因病", "schooling": "因学", "disability": "因残", "disaster": "因自然灾害", "accident": "因意外事故",
    "business_failure": "因产业项目失败", "unstable_work": "因务工就业不稳", "labour": "缺劳动力", "housing": "因安全住房",
    "water": "因安全饮水", "other": "其他",
}  # fmt: skip
POOR = {
    "illness": "因病", "disability": "因残", "schooling": "因学", "disaster": "因灾", "land": "缺土地", "water": "缺水", "skill": "缺技术",
    "labour": "缺劳力", "funds": "缺资金", "transport": "交通条件落后", "motivation": "自身发展动力不足", "marriage": "因婚", "bereavement": "因丧",
    "other": "其他",
}  # fmt: skip
LABOUR = {
    "skilled": "技能劳动力", "ordinary": "普通劳动力", "weak": "弱劳动力或半劳动力", "lost": "丧失劳动力", "none": "无劳动力",
}  # fmt: skip
PLACES = {
    "township": "乡（镇）内",
    "county": "乡（镇）外县内",
    "province": "县外省内",
    "outside": "省外",
    "abroad": "境外",
}
SCHOOLING = {"none": 0, "primary": 1, "junior": 2, "senior": 3, "college3": 4, "bachelor": 5}
SCHOOLED = ("文盲或半文盲", "小学", "初中", "高中", "大专", "本科及以上")
STAGES = ("kindergarten", "primary", "junior", "senior", "vocational", "college3", "bachelor", "master")
CHAPTERS = {"C": "肿瘤", "F": "精神障碍", "G": "神经系统疾病", "I": "心脑血管等循环系统疾病", "J": "呼吸系统疾病", "K": "消化系统疾病",
            "N": "肾病等泌尿生殖系统疾病", "H": "眼病", "D": "血液或免疫疾病", "A": "传染病", "B": "传染病", "L": "皮肤疾病", "Q": "先天畸形", "E": "内分泌、代谢疾病", "M": "肌肉骨骼疾病", "S": "损伤或中毒"}  # fmt: skip


def ago(months):
    return DAY - pd.DateOffset(months=months)


def chinese_day(day):
    month = f"{day.year}年{day.month}月"
    return month if day.is_month_end else f"{month}{day.day}日"


def full_months(day):
    months = (DAY.year - day.year) * 12 + DAY.month - day.month
    return months - (day + pd.DateOffset(months=months) > DAY)


def add(values):
    """Sum what is known; None where rows are there and nothing of them is known."""
    values = list(values)
    known = [value for value in values if not pd.isna(value)]
    return None if values and not known else sum(known)


def over(part, whole):
    return None if part is None or whole is None or not whole > 0 else part / whole


class House:
    """What the files say of one household on the day, as lists of rows."""

    def __init__(self, household, tables, owner):
        self.id = household
        self.tables, self.owner = tables, owner
        self.row = self.of("households")[-1]
        everybody = [row for row in self.of("members") if owner[row["member_id"]] == household]
        self.home = [row for row in everybody if pd.isna(row["valid_to"]) or row["valid_to"] > DAY]
        self.gone = [row for row in everybody if row["valid_to"] <= DAY]
        self.names = {row["member_id"] for row in self.home}
        self.size = len(self.home)
        for row in self.home:
            born = row["birth_date"]
            row["age"] = math.nan if pd.isna(born) else ((DAY.year - born.year) * 12 + DAY.month - born.month) // 12

    def of(self, table):
        return self.tables[table].get(self.id, [])

    def at_home(self, table):
        return [row for row in self.of(table) if row["member_id"] in self.names]

    # --- persons
    def count(self, test, known=None):
        if known is not None and not any(known(row) for row in self.home):
            return None
        return sum(bool(test(row)) for row in self.home)

    def aged(self, first, last=200):
        return self.count(lambda row: first <= row["age"] <= last, known=lambda row: row["age"] >= 0)

    def having(self, column, *values):
        return self.count(lambda row: row[column] in values, known=lambda row: not pd.isna(row[column]))

    def head(self, column):
        found = [row[column] for row in self.home if row["relation"] == "head" and not pd.isna(row[column])]
        return found[0] if found else None

    def mean(self, column, rows=None):
        known = [row[column] for row in (self.home if rows is None else rows) if not pd.isna(row[column])]
        return float(np.mean([float(value) for value in known])) if known else None

    # --- income
    @cached_property
    def years(self):
        rows = self.of("incomes")
        if not rows:
            return []
        newest = max(row["period_end"] for row in rows)
        return [[row for row in rows if (newest - row["period_end"]).days // 360 == back] for back in range(4)]

    def got(self, back, *items):
        if back >= len(self.years) or not self.years[back]:
            return None
        return add(row["amount_cny"] for row in self.years[back] if any(row["item"].startswith(item) for item in items))

    def net(self, back):
        received = self.got(back, "wage", "business_gross", "prop_", "tr_")
        cost = self.got(back, "business_cost")
        return None if received is None else received - (cost or 0)

    def each(self, back):
        return over(self.net(back), self.size) if (self.net(back) or 0) >= 0 else self.net(back) / self.size

    def year(self, back):
        if back >= len(self.years) or not self.years[back]:
            return None
        return max(row["period_end"] for row in self.years[back]).year

    def period(self, back):
        if self.year(back) is None:
            return None
        first = min(row["period_start"] for row in self.years[back])
        last = max(row["period_end"] for row in self.years[back])
        assert (last - first).days in (364, 365), "the invented register knows whole years only"
        if first.month == 1:
            return f"{last.year}年"
        return f"{first.year}年{first.month}月至{last.year}年{last.month}月"

    def line(self, back):
        if self.year(back) is None:
            return None
        code = str(self.row["area_code"])
        fits = [
            (len(line.area_prefix), line.line_cny)
            for line in LINES.itertuples()
            if line.year == self.year(back) and code.startswith(line.area_prefix)
        ]
        return max(fits)[1]

    @cached_property
    def base(self):
        return None if self.net(0) is None else max(self.net(0), 1000.0 * self.size)

    def on_form(self, item):
        rows = [row["amount_cny"] for row in (self.years[0] if self.years else []) if row["item"] == item]
        return (sum(rows), max(row["period_end"] for row in self.years[0])) if rows else (None, ago(12))

    @cached_property
    def claims(self):
        """理赔: what the form says and what was paid out after it, else what was paid out in 12 months."""
        form, since = self.on_form("claim_payout")
        since = max(since, ago(12))
        insurance = [
            row["amount_cny"]
            for row in self.of("supports")
            if row["measure"] == "insurance_payout" and row["start_date"] > since
        ]
        events = [row["insured_cny"] for row in self.events("event") if row["event_date"] > since]
        return (form or 0) + max(add(insurance) or 0, add(events) or 0)

    @cached_property
    def own_payments(self):
        """自付: what the form says and the bills after it, else the bills of 12 months; less aid for an illness."""
        form, since = self.on_form("oop_compliant")
        bills = [row["out_of_pocket_cny"] for row in self.bills(12) if row["event_date"] > since]
        own = (form or 0) + (add(bills) or 0)
        aid = [
            row["amount_cny"]
            for row in self.of("supports")
            if row["start_date"] > ago(12)
            and (
                (row["measure"] == "health" and (pd.isna(row["for_cause"]) or row["for_cause"] == "illness"))
                or (row["measure"] in ("temporary_aid", "society", "other") and row["for_cause"] == "illness")
            )
        ]
        basis = (
            "近12个月全部医疗自付"
            if form is None
            else "收入表合规自付和此后的医疗自付"
            if add(bills)
            else "收入表合规自付"
        )
        return max(own - (add(aid) or 0), 0), basis

    # --- events, bills, support
    def events(self, group, months=12):
        return [
            row for row in self.of("shocks") if row["kind"] in OF_GROUP[group] and (months is None or row["event_date"] > ago(months))
        ]  # fmt: skip

    def last(self, group):
        rows = self.events(group, None)
        return (
            max(rows, key=lambda row: (row["event_date"], -1 if pd.isna(row["loss_cny"]) else row["loss_cny"]))
            if rows
            else None
        )

    def bills(self, months, until=0, kind=None):
        return [
            row
            for row in self.of("medical")
            if row["kind"] != "contract"
            and ago(months) < row["event_date"] <= ago(until)
            and kind in (None, row["kind"])
        ]

    @cached_property
    def running(self):
        return [row for row in self.of("supports") if not row["end_date"] <= DAY]

    @cached_property
    def spell(self):
        return max(
            (row for row in self.of("monitoring") if not row["eliminated_on"] <= DAY),
            key=lambda row: row["identified_on"],
        )

    @cached_property
    def ended_spells(self):
        return [row for row in self.of("monitoring") if row["eliminated_on"] <= DAY]

    @cached_property
    def ended(self):
        kept = {row["measure"] for row in self.running}
        return [row for row in self.of("supports") if row["end_date"] <= DAY and row["measure"] not in kept]

    @cached_property
    def certificates(self):
        newest = {}
        for row in sorted(self.at_home("disabilities"), key=lambda row: row["issued_on"]):
            newest[row["member_id"]] = row
        return [row for row in newest.values() if not row["valid_to"] <= DAY]

    @cached_property
    def newest_school(self):
        newest = {}
        for row in sorted(self.at_home("enrolments"), key=lambda row: row["school_year"]):
            newest[row["member_id"]] = row
        return newest

    def pupils(self, *stages):
        now = ("enrolled", "home_teaching")
        return sum(
            row["school_year"] >= 2023 and row["status"] in now and row["stage"] in stages
            if (row := self.newest_school.get(person["member_id"])) is not None
            else person["student_stage"] in stages
            for person in self.home
        )

    def ill(self, person, word, column, kind=None):
        """Whether a member is ill by the form or by a bill of two years."""
        recent = [row for row in self.bills(24) if row["member_id"] == person["member_id"]]
        by_form = word in str(person["health"]).split(";")
        return by_form or any(row[column] is True or (kind is not None and row["kind"] == kind) for row in recent)


def value_of(name, h):
    """Work out what a column says of a household: a number, a text as it is written, or None."""
    W, B, G = ("wage",), ("business_gross",), ("wage", "business_gross", "prop_", "tr_")
    S = ("tr_dibao", "tr_tekun", "tr_disability")

    # fmt: off
    def short(income, line):
        return line - income if income is not None and income < line else None

    def rate(new, old):
        return None if None in (new, old) or not old > 0 else min((new - old) / old, 5.0)

    def to_line(back):
        return None if h.each(back) is None else h.each(back) / h.line(back)

    def lowest():
        three = [(to_line(back), back) for back in range(3) if to_line(back) is not None]
        return min(three)[1] if three else None

    if found := re.fullmatch(r"last_(event|disaster|accident|job_loss|business)_(kind|day|loss|paid)", name):
        row = h.last(found[1])
        if row is None:
            return None
        texts = {"kind": KINDS[row["kind"]], "day": chinese_day(row["event_date"]), "loss": row["loss_cny"], "paid": row["insured_cny"]}
        return texts[found[2]]
    if found := re.fullmatch(r"(disaster|accident|business)_(uninsured_12m|cost_12m|to_income_12m)", name):
        rows = h.events(found[1])
        cost = add(row["loss_cny"] for row in rows)
        left = add(max(row["loss_cny"] - row["insured_cny"], 0) for row in rows if not pd.isna(row["loss_cny"] - row["insured_cny"]))
        return {"uninsured_12m": left, "cost_12m": cost, "to_income_12m": over(cost, h.base)}[found[2]]
    match name:
        # income
        case "income_period": return h.period(0)
        case "income_period_previous": return h.period(1)
        case "income_period_2y_before": return h.period(2)
        case "income_year": return h.year(0)
        case "income_year_previous": return h.year(1)
        case "line_of_income_year": return h.line(0)
        case "line_previous": return h.line(1)
        case "income_per_person": return h.each(0)
        case "income_per_person_previous": return h.each(1)
        case "income_per_person_2y_before": return h.each(2)
        case "persons_counted_previous" | "persons_counted_2y_before" | "household_size": return h.size
        case "income_to_line": return to_line(0)
        case "income_previous_to_line": return to_line(1)
        case "income_short_of_line": return short(h.each(0), h.line(0))
        case "income_previous_short_of_line": return short(h.each(1), h.line(1))
        case "income_lowest_3y_to_line": return to_line(lowest())
        case "income_lowest_3y": return h.each(lowest())
        case "income_lowest_3y_year": return h.year(lowest())
        case "income_lowest_3y_period": return h.period(lowest())
        case "income_lowest_3y_line": return h.line(lowest())
        case "income_lowest_3y_short_of_line": return short(h.each(lowest()), h.line(lowest()))
        case "income_change_1y": return rate(h.net(0), h.net(1))
        case "income_trend_2y": return over(h.net(0), h.net(2)) ** 0.5 - 1
        case "income_volatility":
            nets = [h.net(back) for back in range(4) if h.net(back) is not None]
            return over(float(np.std(nets)), float(np.mean(nets)))
        case "income_year_first": return [h.year(back) for back in range(4) if h.net(back) is not None][-1]
        case "income_lowest_4y": return min(h.each(back) for back in range(4) if h.net(back) is not None)
        case "income_highest_4y": return max(h.each(back) for back in range(4) if h.net(back) is not None)
        case "wages": return h.got(0, *W)
        case "wages_previous": return h.got(1, *W)
        case "wage_share": return over(h.got(0, *W), h.got(0, *G))
        case "wage_change_1y": return rate(h.got(0, *W), h.got(1, *W))
        case "public_post_wages": return h.got(0, "wage_public_post")
        case "public_post_share": return over(h.got(0, "wage_public_post"), h.got(0, *G))
        case "business_gross": return h.got(0, *B)
        case "business_cost": return h.got(0, "business_cost")
        case "business_net": return h.got(0, *B) - h.got(0, "business_cost")
        case "business_net_previous": return h.got(1, *B) - h.got(1, "business_cost")
        case "business_net_per_person": return (h.got(0, *B) - h.got(0, "business_cost")) / h.size
        case "business_net_to_line": return (h.got(0, *B) - h.got(0, "business_cost")) / h.size / h.line(0)
        case "business_cost_ratio": return over(h.got(0, "business_cost"), h.got(0, *B))
        case "business_change_1y": return rate(value_of("business_net", h), value_of("business_net_previous", h))
        case "transfers_received": return h.got(0, "tr_")
        case "transfer_share": return over(h.got(0, "tr_"), h.got(0, *G))
        case "support_received": return h.got(0, *S)
        case "support_previous": return h.got(1, *S)
        case "support_share": return over(h.got(0, *S), h.got(0, *G))
        case "support_fall_to_income": return over(max(h.got(1, *S) - h.got(0, *S), 0), h.base)
        case "pensions_received": return h.got(0, "tr_pension")
        case "pension_share": return over(h.got(0, "tr_pension"), h.got(0, *G))
        case "own_income_per_person": return (h.net(0) - h.got(0, *S)) / h.size
        case "own_income_to_line": return (h.net(0) - h.got(0, *S)) / h.size / h.line(0)
        case "own_income_short_of_line": return short((h.net(0) - h.got(0, *S)) / h.size, h.line(0))
        case "income_sources":
            net_of_business = h.got(0, *B) - h.got(0, "business_cost")
            others = h.got(0, "tr_other", "tr_family", "tr_ecology")
            return sum(got > 0 for got in (h.got(0, *W), net_of_business, h.got(0, "prop_"), h.got(0, "tr_pension"), h.got(0, *S), others))
        case "income_record_age": return full_months(max(row["period_end"] for row in h.of("incomes")))
        case "income_counted": return h.base
        case "claims_counted": return h.claims
        case "own_payments_counted": return h.own_payments[0]
        case "own_payments_basis": return h.own_payments[1]
        case "reference_income_per_person": return (h.net(0) + h.claims - h.own_payments[0]) / h.size
        case "reference_income_to_line": return (h.net(0) + h.claims - h.own_payments[0]) / h.size / h.line(0)
        case "reference_income_short_of_line": return short((h.net(0) + h.claims - h.own_payments[0]) / h.size, h.line(0))
        case "income_below_floor": return h.net(0) if h.net(0) < 1000 * h.size else None
        # household
        case "age_basis": return "按登记的出生日期"
        case "age_doubt" | "line_not_of_income": return None
        case "n_children": return h.aged(0, 15)
        case "n_elderly": return h.aged(60)
        case "n_working_age": return h.aged(16, 59)
        case "n_dependants": return h.aged(0, 15) + h.aged(60)
        case "dependency_ratio": return (h.aged(0, 15) + h.aged(60)) / max(h.aged(16, 59), 0.5)
        case "elderly_alone": return h.aged(60) == h.size
        case "single_parent": return h.aged(18, 59) == 1 and h.aged(0, 15) >= 1 and h.aged(60) == 0
        case "head_age": return h.head("age")
        case "mean_age": return h.mean("age")
        case "head_labour": return LABOUR[h.head("labour")]
        case "head_insurance":
            return "城镇职工医保" if h.head("ins_basic_employee") else "城乡居民医保" if h.head("ins_basic_resident") else "未参加"
        case "members_lost_12m": return sum(row["valid_to"] > ago(12) for row in h.gone)
        case "members_died_12m" | "members_married_out_12m" | "members_moved_out_12m":
            why = {"died": ("death",), "married": ("marriage",), "moved": ("moved", "split")}[name.split("_")[1]]
            return sum(row["valid_to"] > ago(12) and row["left_reason"] in why for row in h.gone)
        case "n_assistance": return h.count(lambda row: row["dibao"] is True or row["tekun"] is True)
        case "household_attribute": return {"ordinary": "一般户", "dibao": "低保户", "tekun": "特困供养户"}.get(h.row["household_attr"])
        case "ex_poor": return h.row["register_status"] == "ex_poor"
        case "poverty_exit_year": return h.row["exit_year"]
        case "poverty_cause": return POOR[h.row["main_cause"]]
        case "unsafe_house": return h.row["unsafe_house"] is True or h.row["house_grade"] in ("C", "D")
        case "house_safety_grade": return None if pd.isna(h.row["house_grade"]) else f"{h.row['house_grade']}级"
        case "unsafe_water": return h.row["safe_water"] is False
        case "sanitary_toilet": return {True: "有卫生厕所", False: "没有卫生厕所"}.get(h.row["toilet"])
        case "farmland_per_person": return h.row["farmland_mu"] / h.size
        case "road_km": return h.row["road_km"]
        case "entry_road": return {"earth": "泥土路", "gravel": "砂石路", "concrete": "水泥路", "asphalt": "沥青路"}.get(h.row["entry_road"])
        case "business_links": return any(h.row[link] is True for link in ("coop", "leading_firm", "leader"))
        case "resettled": return h.row["resettled"] is True
        case "debt": return h.row["debt_cny"]
        case "debt_to_income": return over(h.row["debt_cny"], h.base)
        # work
        case "n_able_labour": return h.having("labour", "skilled", "ordinary")
        case "able_labour_share": return over(h.having("labour", "skilled", "ordinary"), h.having("labour", *LABOUR))
        case "n_weak_labour": return h.having("labour", "weak")
        case "work_months_total": return add(row["work_months"] for row in h.home)
        case "work_months_per_able": return h.mean("work_months", [r for r in h.home if r["labour"] in ("skilled", "ordinary")])
        case "n_migrant_workers": return h.count(lambda row: row["work_place"] in ("province", "outside", "abroad"))
        case "earner_work_place":
            most = max(row["work_months"] for row in h.home if not pd.isna(row["work_months"]))
            if most == 0:
                return "无人务工"
            places = [row["work_place"] for row in h.home if row["work_months"] == most and not pd.isna(row["work_place"])]
            return PLACES[max(places, key=list(PLACES).index)]
        case "employees_pension_share": return h.mean("pension_employee")
        case "public_post_months": return add(row["public_post_months"] for row in h.home)
        case "able_without_wages": return h.got(0, *W) == 0
        case "work_record_year":
            years = {row["valid_from"].year for row in h.home if not pd.isna(row["work_months"])}
            return years.pop() if len(years) == 1 else None
        # health
        case "out_of_pocket_12m": return add(row["out_of_pocket_cny"] for row in h.bills(12))
        case "out_of_pocket_previous_12m": return add(row["out_of_pocket_cny"] for row in h.bills(24, 12))
        case "out_of_pocket_24m": return add(row["out_of_pocket_cny"] for row in h.bills(24))
        case "out_of_pocket_max_12m": return max((row["out_of_pocket_cny"] for row in h.bills(12)), default=0)
        case "out_of_pocket_to_income": return over(value_of("out_of_pocket_12m", h), h.base)
        case "out_of_pocket_change_1y": return value_of("out_of_pocket_12m", h) - value_of("out_of_pocket_previous_12m", h)
        case "income_after_medical": return (h.net(0) - value_of("out_of_pocket_12m", h)) / h.size
        case "income_after_medical_to_line": return value_of("income_after_medical", h) / h.line(0)
        case "reimbursement_share_12m": return 1 - value_of("medical_own_12m", h) / value_of("medical_total_12m", h)
        case "medical_own_12m" | "medical_total_12m" | "reimbursed_basic_12m" | "reimbursed_serious_12m" | "reimbursed_aid_12m" | "reimbursed_other_12m":
            whole = [row for row in h.bills(12) if not pd.isna(row["total_cost_cny"] + row["out_of_pocket_cny"])]
            column = {"own": "out_of_pocket_cny", "total": "total_cost_cny"}.get(name.split("_")[1], f"reimb_{name.split('_')[1]}_cny")
            return sum(row[column] for row in whole)
        case "inpatient_stays_12m": return len(h.bills(12, kind="inpatient"))
        case "last_stay_day" | "last_stay_own" | "months_since_inpatient":
            stay = max(h.bills(600, kind="inpatient"), key=lambda row: (row["event_date"], row["out_of_pocket_cny"]))
            day = stay["event_date"]
            return {"last_stay_day": chinese_day(day), "last_stay_own": stay["out_of_pocket_cny"]}.get(name, full_months(day))
        case "n_serious_illness": return h.count(lambda person: h.ill(person, "serious", "serious30"))
        case "n_chronic_illness": return h.count(lambda person: h.ill(person, "chronic", "chronic4", "chronic_outpatient"))
        case "n_ill_working_age":
            return h.count(lambda p: 16 <= p["age"] <= 59 and (h.ill(p, "serious", "serious30") or h.ill(p, "chronic", "chronic4", "chronic_outpatient")))
        case "new_serious_illness_12m":
            sick = [row for row in h.bills(600) if row["serious30"] is True and row["member_id"] in h.names]
            return len({r["member_id"] for r in sick if r["event_date"] > ago(12)} - {r["member_id"] for r in sick if r["event_date"] <= ago(12)})
        case "serious_bill_day" | "serious_disease_group":
            sick = [row for row in h.bills(24) if row["serious30"] is True and row["member_id"] in h.names]
            if not sick:
                return None
            newest = [row for row in sick if row["event_date"] == max(row["event_date"] for row in sick)]
            return chinese_day(newest[0]["event_date"]) if name.endswith("day") else [CHAPTERS[row["icd10"][0]] for row in newest]
        case "chronic_visits_12m": return len(h.bills(12, kind="chronic_outpatient"))
        case "n_uninsured": return h.count(lambda row: row["ins_basic_resident"] is not True and row["ins_basic_employee"] is not True
                                           and not (pd.isna(row["ins_basic_resident"]) and pd.isna(row["ins_basic_employee"])))
        case "serious_insurance_share": return h.mean("ins_serious")
        case "n_commercial_insurance": return h.count(lambda row: row["ins_commercial"] is True)
        case "family_doctor_12m": return any(row["kind"] == "contract" and row["event_date"] > ago(12) for row in h.of("medical"))
        # disability
        case "n_disabled": return len({c["member_id"] for c in h.certificates} | {p["member_id"] for p in h.home if "disabled" in str(p["health"]).split(";")})
        case "disabled_share": return value_of("n_disabled", h) / h.size
        case "n_severe_disability": return sum(row["grade"] in ("grade1", "grade2") for row in h.certificates)
        case "worst_disability": return "四三二一"[max(4 - int(row["grade"][-1]) for row in h.certificates)] + "级" if h.certificates else 0
        case "new_disability_24m" | "new_certificate_year":
            before = {row["member_id"] for row in h.at_home("disabilities") if row["issued_on"] <= ago(24)}
            new = [row for row in h.certificates if row["member_id"] not in before]
            return len(new) if name.endswith("24m") else max(row["issued_on"].year for row in new)
        case "n_disabled_working_age":
            return h.count(lambda p: 16 <= p["age"] <= 59 and ("disabled" in str(p["health"]).split(";") or p["member_id"] in {c["member_id"] for c in h.certificates}))
        case "n_care_need": return sum(row["care_need"] in ("partial", "full") for row in h.certificates)
        case "n_mental_disability": return sum(row["category"] in ("mental", "intellectual") for row in h.certificates)
        # education
        case "adult_schooling_max" | "adult_schooling_mean":
            known = [SCHOOLING[row["education"]] for row in h.home if row["age"] >= 16 and not pd.isna(row["education"])]
            level = max(known) if name.endswith("max") else float(np.mean(known))
            low, high = SCHOOLED[math.floor(level)], SCHOOLED[math.ceil(level)]
            return 0 if level == 0 else low if low == high else f"{low}—{high}"
        case "n_pupils": return h.pupils(*STAGES)
        case "n_post_compulsory": return h.pupils(*STAGES[3:])
        case "n_tertiary": return h.pupils(*STAGES[5:])
        case "n_not_enrolled_6_15":
            out = 0
            for person in h.home:
                if not person["age"] <= 15 or person["birth_date"] >= pd.Timestamp("2017-09-01"):
                    continue
                row = h.newest_school.get(person["member_id"])
                if row is not None:
                    done = row["stage"] in STAGES[3:] or (row["stage"] == "junior" and row["status"] == "graduated")
                    out += not done and (row["school_year"] < 2023 or row["status"] in ("suspended", "dropped_out"))
            return out
        case "n_dropouts_24m":
            return len({row["member_id"] for row in h.at_home("enrolments") if row["status"] == "dropped_out" and row["school_year"] >= 2022})
        case "dropout_year" | "dropout_reason" | "child_dropout_reason":
            rows = [row for row in h.at_home("enrolments") if row["status"] == "dropped_out"]
            if name.startswith("child"):
                rows = [row for row in rows if next(p["age"] for p in h.home if p["member_id"] == row["member_id"]) <= 15]
            if not rows:
                return None
            newest = [row for row in rows if row["school_year"] == max(row["school_year"] for row in rows)]
            words = {"poverty": "因贫", "unwilling": "厌学", "serious_illness": "因大病", "disability": "因残疾", "other": "其他"}
            return newest[0]["school_year"] if name.endswith("year") else [words.get(row["dropout_reason"]) for row in newest]
        case "school_cost_net_12m" | "school_cost_to_income" | "school_cost_year":
            rows = [row for row in h.newest_school.values() if row["school_year"] >= 2023]
            cost = add(max(row["cost_cny"] - row["aid_cny"], 0) for row in rows if not pd.isna(row["cost_cny"] - row["aid_cny"]))
            return {"school_cost_net_12m": cost, "school_cost_to_income": over(cost, h.base)}.get(name, 2023)
        # events and support
        case "shocks_12m": return len(h.events("event"))
        case "disaster_12m": return len(h.events("disaster"))
        case "accident_or_death_12m": return len(h.events("accident"))
        case "job_loss_12m": return len(h.events("job_loss"))
        case "business_loss_12m": return len(h.events("business"))
        case "loss_12m": return add(row["loss_cny"] for row in h.events("event"))
        case "months_since_shock": return full_months(h.last("event")["event_date"])
        case "active_supports": return len(h.running)
        case "development_supports": return sum(row["measure"] in ("industry", "employment", "finance", "public_post") for row in h.running)
        case "type_of_monitoring": return {"unstable_ex_poor": "脱贫不稳定户", "edge": "边缘易致贫户", "sudden_hardship": "突发严重困难户"}[h.spell["type"]]
        case "no_labour_backstop": return h.spell["no_labour_backstop"]
        case "months_monitored": return full_months(h.spell["identified_on"])
        case "measures_monitored": return sum(pd.isna(row["end_date"]) or row["end_date"] >= h.spell["identified_on"] for row in h.of("supports"))
        case "months_since_eliminated": return full_months(max(row["eliminated_on"] for row in h.ended_spells))
        case "times_monitored": return len(h.ended_spells)
        case "support_kinds": return len({row["measure"] for row in h.running})
        case "support_amount_12m": return sum(row["amount_cny"] for row in h.of("supports") if row["start_date"] > ago(12))
        case "support_ended_12m": return len({row["measure"] for row in h.ended if row["end_date"] > ago(12)})
        case "ended_support" | "ended_support_cause" | "ended_support_day" | "months_since_support_ended":
            day = max(row["end_date"] for row in h.ended)
            rows = [row for row in h.ended if row["end_date"] == day]
            if name == "ended_support_day":
                return chinese_day(day)
            return full_months(day) if name.startswith("months") else of_supports(rows, name)
        case "newest_support" | "newest_support_cause":
            return of_supports([row for row in h.running if row["start_date"] == max(r["start_date"] for r in h.running)], name)
    # fmt: on
    raise AssertionError(f"nothing is worked out for {name}")


def of_supports(rows, name):
    """Measures, or the risks that they are against, of rows of the same day: one of them is told."""
    if name.endswith("cause"):
        return [RISKS.get(row["for_cause"]) for row in rows]
    return [MEASURES[row["measure"]] for row in rows]


# --- reading a sentence ---------------------------------------------------------------------------------------------
UNITS = "元|人|次|项|个月|岁|年|亩|公里"
BOUNDS = {"10倍以上": 10.0, "-10倍以下": -10.0, "+500%以上": 5.0}
# What words claim without a number: part of a sentence, what is zero then or what must hold.
WORDS = {
    "没有人参加商业补充医疗保险": lambda h: value_of("n_commercial_insurance", h) == 0,
    "也没有弱劳动力": lambda h: value_of("n_weak_labour", h) == 0,
    "没有普通或技能劳动力": lambda h: value_of("n_able_labour", h) == 0,
    "没有60岁及以上的成员": lambda h: value_of("n_elderly", h) == 0,
    "没有未满16岁的成员": lambda h: value_of("n_children", h) == 0,
    "没有老人小孩": lambda h: value_of("n_dependants", h) == 0,
    "没有16—59岁的成员": lambda h: value_of("n_working_age", h) == 0,
    "再往前12个月没有自付记录": lambda h: value_of("out_of_pocket_previous_12m", h) == 0,
    "户主登记为未参加基本医疗保险": lambda h: value_of("head_insurance", h) == "未参加",
    "家中没有登记务工的成员": lambda h: value_of("earner_work_place", h) == "无人务工",
    "与再往前12个月相同": lambda h: value_of("out_of_pocket_change_1y", h) == 0,
    "减少到": lambda h: value_of("out_of_pocket_change_1y", h) < 0,
    "增加到": lambda h: value_of("out_of_pocket_change_1y", h) > 0,
    "生产经营亏损": lambda h: value_of("business_net", h) < 0,
    "没有生产经营净收入": lambda h: value_of("business_net", h) == 0,
    "没有工资性收入": lambda h: value_of("wages", h) == 0,
}


def readings(text, template):
    """Every way to read a sentence: which of those of its template it is, and what it quotes for each column."""
    sentences = re.findall(r"(?:\[[^\]]*\]|[^|\[])+", template)
    for number, sentence in enumerate(sentences):
        for form in patterns_of(sentence):
            pattern, names = "", []
            for literal, name, _, _ in string.Formatter().parse(form):
                pattern += re.escape(literal)
                if name:
                    pattern += f"(?P={name})" if name in names else f"(?P<{name}>.+?)"
                    names.append(name)
            if found := re.fullmatch(pattern, text):
                yield number, found.groupdict()


def true(written, worked_out):
    """Whether what is written is what was worked out, to its last digit."""
    if isinstance(worked_out, list):
        return any(true(written, one) for one in worked_out)
    if worked_out is None or isinstance(worked_out, str):
        return written == worked_out
    if written in BOUNDS:
        return worked_out >= 10 or worked_out <= -10 or worked_out == BOUNDS[written]
    number = re.fullmatch(rf"([+-]?[\d,]+(?:\.(\d+))?)(%?)(?:{UNITS})?", written)
    if number is None:
        return False
    scale = 0.01 if number[3] else 1.0
    return (
        abs(float(number[1].replace(",", "")) * scale - worked_out)
        <= 0.5 * 10.0 ** -len(number[2] or "") * scale + 1e-9
    )


def wrong(name, text, h):
    """What is wrong in a sentence about a feature of a household; empty where all is true."""
    declared = DECLARED[name]
    claims = [word for word, holds in WORDS.items() if word in text and not holds(h)]
    if re.search("保险没有赔付(?!的)", text) and any(
        value_of(paid, h) != 0 for paid in declared.mentions if paid.endswith("_paid")
    ):
        claims.append("保险没有赔付")
    if claims:
        return f"not so: {claims}"
    faults = ["it cannot be read"]
    for number, quoted in readings(text, declared.says_zh):
        false = {
            column: (written, said)
            for column, written in quoted.items()
            if not true(written, said := value_of(column, h))
        }
        if declared.unit == "flag" and (number == 0) != bool(value_of(name, h)):
            false[name] = ("no", "yes")[number == 0]
        elif (
            declared.unit != "flag"
            and not declared.when
            and number == 1
            and value_of(name, h) != 0
            and name not in quoted
        ):
            false[name] = f"not nothing, but {value_of(name, h)}"
        if not false:
            return ""
        faults.append(str(false))
    return faults[-1]


# --- the register ---------------------------------------------------------------------------------------------------
def rows_of(folder, table):
    """Rows of a csv file that were known and past on the day; of corrected ones the newest."""
    frame = pd.read_csv(
        folder / f"{table}.csv", dtype={"household_id": str, "member_id": str, "area_code": str, "record_id": str}
    )
    for column in frame.columns.intersection([
        "valid_from", "valid_to", "recorded_at", "birth_date", "period_start", "period_end", "event_date", "issued_on", "start_date",
        "end_date", "identified_on", "eliminated_on",
    ]):  # fmt: skip
        frame[column] = pd.to_datetime(frame[column])
    if table == "enrolments":
        frame["begun"] = pd.to_datetime(frame["school_year"].astype(int).astype(str) + "-09-01")
    frame = frame[(frame["recorded_at"] <= DAY) & (frame[TIME[table]] <= DAY)]
    newest = frame.groupby(KEYS[table], dropna=False)["recorded_at"].transform("max")
    frame = frame[frame["recorded_at"] == newest].sort_values([TIME[table], "recorded_at"], kind="stable")
    rows = frame.astype(object).to_dict("records")
    for row in rows:
        row |= {column: bool(value) for column, value in row.items() if isinstance(value, np.bool_)}
    return rows


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A register on csv files, read back; what is said of its households, and the households as pandas sees them."""
    folder = tmp_path_factory.mktemp("truth") / "register"
    fr.make_register(max(400, SENTENCES // 2), random_state=2024).to_folder(folder, format="csv")
    rows = {table: rows_of(folder, table) for table in KEYS}
    owner = {row["member_id"]: row["household_id"] for row in rows["members"]}  # the newest row of a person is the last
    newest = {row["member_id"]: row for row in rows["members"]}
    rows["members"] = list(newest.values())
    tables = {}
    for table, found in rows.items():
        of = tables[table] = {}
        for row in found:
            of.setdefault(
                row["household_id"] if "household_id" in row and table != "members" else owner.get(row["member_id"]), []
            ).append(row)
    data = fr.compute_features(fr.read_register(folder), DAY, context=True)
    return data, tables, owner


def test_sentences_are_true(written):
    """Of 500 sentences of households and features drawn at random, none says what the files do not."""
    data, tables, owner = written
    rng = np.random.default_rng(7)
    features = [declared for declared in FEATURES if data[declared.name].notna().any()]
    false, told = {}, Counter()
    while sum(told.values()) < SENTENCES:
        declared = features[int(rng.integers(len(features)))]
        known = data[data[declared.name].notna() & declared.applies(data)]
        # Every other sentence is of a household about which there is something to tell.
        some = known[known[declared.name] != 0]
        household = str(rng.choice((some if len(some) and rng.random() < 0.7 else known).index))
        text = describe(declared, data.loc[[household]], DECLARED, lang="zh")[0]
        found = wrong(declared.name, text, House(household, tables, owner))
        told[declared.name] += 1
        if found:
            false[f"{household} {declared.name}: {text}"] = found
    assert false == {}, f"{len(false)} of {sum(told.values())} sentences are false"
    assert len(told) > 0.9 * len(features)


def test_what_is_false_is_seen(written):
    """A digit changed in a sentence, another kind, or another household's sentence does not pass for true."""
    data, tables, owner = written
    rng = np.random.default_rng(11)
    seen = tried = 0
    for declared in FEATURES:
        known = data[(data[declared.name] > 0) & declared.applies(data)]
        if not len(known) or declared.unit in ("flag", "category", "level"):
            continue
        household = str(rng.choice(known.index))
        text = describe(declared, data.loc[[household]], DECLARED, lang="zh")[0]
        h = House(household, tables, owner)
        assert wrong(declared.name, text, h) == ""
        places = [place.start() for place in re.finditer(r"\d", text)]
        changed = {text[:at] + str((int(text[at]) + 5) % 10) + text[at + 1 :] for at in places}
        wrongly_told = [other for other in changed if wrong(declared.name, other, h)]
        tried += len(changed)
        seen += len(wrongly_told)
        assert len(wrongly_told) == len(changed), (text, changed - set(wrongly_told))
    assert seen == tried > 300
    flood = "2023年5月10日发生洪涝灾害，损失12,000元，保险赔付3,000元；近12个月受灾共1次"
    dry = next(id_ for id_ in data.index if data.loc[id_, "disaster_12m"] == 0)
    assert wrong("disaster_12m", flood, House(str(dry), tables, owner))
