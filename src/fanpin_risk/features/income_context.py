"""Columns that sentences about income quote: which year, which line, how much of what; no model sees them.

Periods, years and lines are those of the household's own years of income: see :mod:`fanpin_risk.asof.income_years`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fanpin_risk.asof.days import calendar_years, period_number
from fanpin_risk.asof.income_years import IncomeYear
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.asof.welfare import consumption_counts
from fanpin_risk.features.feature import Array, Feature, feature, shared
from fanpin_risk.features.income import (
    FORM,
    MEMBERS_FLOOR_CNY,
    income_base,
    income_years,
    lines_of_years,
    per_person,
    reference,
    size,
    to_line,
)
from fanpin_risk.records.checks.part_years import WHOLE_YEAR_DAYS

__all__ = ["FEATURES"]


def quoted(zh: str, en: str, unit: str, *, source: str = FORM) -> Callable[[Callable[[Snapshot], Array]], Feature]:
    """Turn a function of a snapshot into a column that sentences quote."""

    def declare(compute: Callable[[Snapshot], Array]) -> Feature:
        place = f"{{{compute.__name__}}}"
        return feature(
            zh=zh, en=en, domain="income", cause="low_income", unit=unit, monotone=0, model=False, source=source,
            reason="Quoted in sentences; the model sees what is computed from it.", says_zh=f"{zh}：{place}", says_en=f"{en}: {place}",
        )(compute)  # fmt: skip

    return declare


def _period_of(year: IncomeYear) -> Array:
    return period_number(year.began, year.ended, year.covered < WHOLE_YEAR_DAYS)


def _divided_by(snapshot: Snapshot, number: int) -> Array:
    year = income_years(snapshot)[number]
    return np.where(year.stated_per_person | np.isnan(year.net), np.nan, size(snapshot))


def _short_of(income: Array, line: Array) -> Array:
    return np.where(income < line, line - income, np.nan)


@shared
def lowest_year(snapshot: Snapshot) -> Array:
    """Which of the last three years of income is lowest relative to its line: 0 the newest; -1 where none is known."""
    three = np.array(to_line(snapshot)[:3])
    known = ~np.isnan(three)
    return np.where(known.any(axis=0), np.argmin(np.where(known, three, np.inf), axis=0), -1)


def _of_lowest(snapshot: Snapshot, values: list[Array]) -> Array:
    which = lowest_year(snapshot)
    return np.append(np.array(values[:3]), np.full((1, len(which)), np.nan), axis=0)[which, np.arange(len(which))]


@quoted("当年监测线", "Monitoring line of the year of the day", "CNY/person", source="asof/monitoring_lines.csv")
def monitoring_line(snapshot: Snapshot) -> Array:
    return np.where(np.isnan(snapshot.line), lines_of_years(snapshot)[0], snapshot.line)


@quoted(
    "不计入纯收入的项目",
    "Items on record that are no part of net income in the area",
    "CNY",
    source="lines of the area: not_counted",
)
def income_left_out(snapshot: Snapshot) -> Array:
    amount = income_years(snapshot)[0].left_out
    return np.where(amount > 0, amount, np.nan)


@quoted("收入核算期", "Accounting period of the newest income", "period")
def income_period(snapshot: Snapshot) -> Array:
    return _period_of(income_years(snapshot)[0])


@quoted("收入核算期结束的年份", "Calendar year in which the newest accounting period ends", "year")
def income_year(snapshot: Snapshot) -> Array:
    return calendar_years(income_years(snapshot)[0].ended)


@feature(
    zh="监测线不按纯收入衡量", en="What the line is of, where not of net income", domain="income", cause="low_income", unit="category",
    monotone=0, model=False, reason="Quoted beside lines that net income is compared with.", source="asof/monitoring_lines.csv: measure",
    says_zh="监测线{line_not_of_income}", says_en="the line is {line_not_of_income}", levels_zh=("衡量人均纯收入", "衡量人均消费"),
    levels_en=("for net income per person", "for consumption per person"),
)  # fmt: skip
def line_not_of_income(snapshot: Snapshot) -> Array:
    return np.where(consumption_counts(snapshot, income_years(snapshot)[0].ended), 1.0, np.nan)


@quoted(
    "收入所属年份的监测线",
    "Monitoring line of the year of the newest income",
    "CNY/person",
    source="asof/monitoring_lines.csv",
)
def line_of_income_year(snapshot: Snapshot) -> Array:
    return lines_of_years(snapshot)[0].copy()


@quoted("人均纯收入低于监测线的差额", "How much net income per person is below the line", "CNY/person")
def income_short_of_line(snapshot: Snapshot) -> Array:
    return _short_of(per_person(snapshot)[0], lines_of_years(snapshot)[0])


@quoted("上一收入核算期", "Accounting period of the income before", "period")
def income_period_previous(snapshot: Snapshot) -> Array:
    return _period_of(income_years(snapshot)[1])


@quoted("上一收入核算期结束的年份", "Calendar year in which the accounting period before ends", "year")
def income_year_previous(snapshot: Snapshot) -> Array:
    return calendar_years(income_years(snapshot)[1].ended)


@quoted(
    "上一收入所属年份的监测线", "Monitoring line of the year of the income before", "CNY/person",
    source="asof/monitoring_lines.csv",
)  # fmt: skip
def line_previous(snapshot: Snapshot) -> Array:
    return lines_of_years(snapshot)[1].copy()


@quoted("上年人均纯收入", "Last year's net income per person", "CNY/person")
def income_per_person_previous(snapshot: Snapshot) -> Array:
    return per_person(snapshot)[1].copy()


@quoted("上年人均纯收入低于监测线的差额", "How much last year's net income per person is below its line", "CNY/person")
def income_previous_short_of_line(snapshot: Snapshot) -> Array:
    return _short_of(per_person(snapshot)[1], lines_of_years(snapshot)[1])


@quoted("上年收入按此人数人均", "Members that last year's income is divided by", "persons")
def persons_counted_previous(snapshot: Snapshot) -> Array:
    return _divided_by(snapshot, 1)


@quoted("前年收入核算期", "Accounting period of the income two years before", "period")
def income_period_2y_before(snapshot: Snapshot) -> Array:
    return _period_of(income_years(snapshot)[2])


@quoted("前年人均纯收入", "Net income per person two years before", "CNY/person")
def income_per_person_2y_before(snapshot: Snapshot) -> Array:
    return per_person(snapshot)[2].copy()


@quoted("前年收入按此人数人均", "Members that the income two years before is divided by", "persons")
def persons_counted_2y_before(snapshot: Snapshot) -> Array:
    return _divided_by(snapshot, 2)


@quoted("近三年最低收入的核算期", "Accounting period of the lowest income of three years", "period")
def income_lowest_3y_period(snapshot: Snapshot) -> Array:
    return _of_lowest(snapshot, [_period_of(year) for year in income_years(snapshot)])


@quoted("近三年最低收入的年份", "Calendar year in which the lowest of three years ends", "year")
def income_lowest_3y_year(snapshot: Snapshot) -> Array:
    return _of_lowest(snapshot, [calendar_years(year.ended) for year in income_years(snapshot)])


@quoted("近三年最低的人均纯收入", "Lowest net income per person of three years, relative to the line", "CNY/person")
def income_lowest_3y(snapshot: Snapshot) -> Array:
    return _of_lowest(snapshot, per_person(snapshot))


@quoted(
    "近三年最低收入年份的监测线",
    "Monitoring line of the lowest of three years",
    "CNY/person",
    source="asof/monitoring_lines.csv",
)
def income_lowest_3y_line(snapshot: Snapshot) -> Array:
    return _of_lowest(snapshot, lines_of_years(snapshot))


@quoted("近三年最低人均纯收入低于监测线的差额", "How much the lowest of three years is below its line", "CNY/person")
def income_lowest_3y_short_of_line(snapshot: Snapshot) -> Array:
    return _short_of(_of_lowest(snapshot, per_person(snapshot)), _of_lowest(snapshot, lines_of_years(snapshot)))


@quoted("有记录的最早收入年份", "Calendar year in which the first of up to four years ends", "year")
def income_year_first(snapshot: Snapshot) -> Array:
    first = np.full(snapshot.n_households, np.nan)
    for year in income_years(snapshot):
        first = np.where(np.isnan(year.net), first, calendar_years(year.ended))
    return first


@quoted("近几年最低的人均纯收入", "Lowest net income per person of up to four years", "CNY/person")
def income_lowest_4y(snapshot: Snapshot) -> Array:
    return np.fmin.reduce(per_person(snapshot))


@quoted("近几年最高的人均纯收入", "Highest net income per person of up to four years", "CNY/person")
def income_highest_4y(snapshot: Snapshot) -> Array:
    return np.fmax.reduce(per_person(snapshot))


@quoted("工资性收入", "Wages of the household", "CNY")
def wages(snapshot: Snapshot) -> Array:
    return income_years(snapshot)[0].wages.copy()


@quoted("上年工资性收入", "Wages of the household the year before", "CNY")
def wages_previous(snapshot: Snapshot) -> Array:
    return income_years(snapshot)[1].wages.copy()


@quoted("公益岗位收入", "Public-post wages of the household", "CNY")
def public_post_wages(snapshot: Snapshot) -> Array:
    return income_years(snapshot)[0].public_post.copy()


@quoted("生产经营性收入", "Business income of the household before costs", "CNY")
def business_gross(snapshot: Snapshot) -> Array:
    return income_years(snapshot)[0].business_gross.copy()


@quoted("生产经营性支出", "Business costs of the household", "CNY")
def business_cost(snapshot: Snapshot) -> Array:
    return income_years(snapshot)[0].business_cost.copy()


@quoted("经营净收入", "Net business income of the household", "CNY")
def business_net(snapshot: Snapshot) -> Array:
    return income_years(snapshot)[0].business.copy()


@quoted("上年经营净收入", "Net business income of the household the year before", "CNY")
def business_net_previous(snapshot: Snapshot) -> Array:
    return income_years(snapshot)[1].business.copy()


@quoted("人均经营净收入", "Net business income per person", "CNY/person")
def business_net_per_person(snapshot: Snapshot) -> Array:
    return income_years(snapshot)[0].business / size(snapshot)


@quoted("转移性收入", "Transfers to the household", "CNY")
def transfers_received(snapshot: Snapshot) -> Array:
    return income_years(snapshot)[0].transfers.copy()


@quoted("救助补贴", "Assistance payments to the household", "CNY")
def support_received(snapshot: Snapshot) -> Array:
    return income_years(snapshot)[0].support.copy()


@quoted("上年救助补贴", "Assistance payments to the household the year before", "CNY")
def support_previous(snapshot: Snapshot) -> Array:
    return income_years(snapshot)[1].support.copy()


@quoted("养老金", "Pensions of the household", "CNY")
def pensions_received(snapshot: Snapshot) -> Array:
    return income_years(snapshot)[0].pension.copy()


@quoted("扣除救助补贴后的人均纯收入", "Net income per person without assistance", "CNY/person")
def own_income_per_person(snapshot: Snapshot) -> Array:
    year = income_years(snapshot)[0]
    return (year.net - year.support_counted) / size(snapshot)


@quoted("扣除救助补贴后人均纯收入低于监测线的差额", "How much own income per person is below the line", "CNY/person")
def own_income_short_of_line(snapshot: Snapshot) -> Array:
    return _short_of(own_income_per_person.compute(snapshot), lines_of_years(snapshot)[0])


@quoted(
    "当地参照中位数", "The area's reference median of net income per person", "CNY/person",
    source="median of the area in multiples of the line, times the line of the year of the household's income",
)  # fmt: skip
def area_median_income(snapshot: Snapshot) -> Array:
    return snapshot.reference("median_income_to_line", digits=9) * lines_of_years(snapshot)[0]


@quoted(
    "计算负担用的年纯收入", "Yearly net income that burdens are set against", "CNY",
    source=FORM + "; at least 1,000 CNY per member, so that a burden stays finite without income",
)  # fmt: skip
def income_counted(snapshot: Snapshot) -> Array:
    return income_base(snapshot).copy()


@quoted("不足每人1,000元的年纯收入", "Yearly net income below 1,000 CNY per member", "CNY")
def income_below_floor(snapshot: Snapshot) -> Array:
    net = income_years(snapshot)[0].net
    return np.where(net < MEMBERS_FLOOR_CNY * size(snapshot), net, np.nan)


REFERENCE = "form of recognition: 参考收入 = 家庭纯收入 + 理赔收入 - 合规自付支出 (inferred); asof/reference_income.py"


@quoted("人均参考收入", "Reference income per person", "CNY/person", source=REFERENCE)
def reference_income_per_person(snapshot: Snapshot) -> Array:
    return reference(snapshot).total / size(snapshot)


@quoted(
    "人均参考收入低于监测线的差额",
    "How much reference income per person is below the line",
    "CNY/person",
    source=REFERENCE,
)
def reference_income_short_of_line(snapshot: Snapshot) -> Array:
    return _short_of(reference(snapshot).total / size(snapshot), lines_of_years(snapshot)[0])


@quoted("计入参考收入的理赔", "Pay-outs counted in the reference income", "CNY", source=REFERENCE)
def claims_counted(snapshot: Snapshot) -> Array:
    return reference(snapshot).claims.copy()


@quoted("参考收入扣除的自付", "Own payments taken off the reference income", "CNY", source=REFERENCE)
def own_payments_counted(snapshot: Snapshot) -> Array:
    return reference(snapshot).own_payments.copy()


@feature(
    zh="参考收入所扣自付的依据", en="What the own payments of the reference income rest on", domain="income", cause="low_income",
    unit="category", monotone=0, model=False, reason="Quoted in sentences: the form counts compliant payments, bills all.",
    source=REFERENCE, says_zh="自付的依据：{own_payments_basis}", says_en="own payments rest on: {own_payments_basis}",
    levels_zh=("收入表合规自付", "收入表合规自付和此后的医疗自付", "近12个月全部医疗自付", "本地不扣自付"),
    levels_en=(
        "compliant payments of the form", "compliant payments of the form and bills since", "all bills of 12 months",
        "not taken off here",
    ),
)  # fmt: skip
def own_payments_basis(snapshot: Snapshot) -> Array:
    return reference(snapshot).basis.copy()


FEATURES = (
    monitoring_line,
    income_left_out,
    line_not_of_income,
    income_period,
    income_year,
    line_of_income_year,
    income_short_of_line,
    income_period_previous,
    income_year_previous,
    line_previous,
    income_per_person_previous,
    income_previous_short_of_line,
    persons_counted_previous,
    income_period_2y_before,
    income_per_person_2y_before,
    persons_counted_2y_before,
    income_lowest_3y_period,
    income_lowest_3y_year,
    income_lowest_3y,
    income_lowest_3y_line,
    income_lowest_3y_short_of_line,
    income_year_first,
    income_lowest_4y,
    income_highest_4y,
    wages,
    wages_previous,
    public_post_wages,
    business_gross,
    business_cost,
    business_net,
    business_net_previous,
    business_net_per_person,
    transfers_received,
    support_received,
    support_previous,
    pensions_received,
    own_income_per_person,
    own_income_short_of_line,
    area_median_income,
    income_counted,
    income_below_floor,
    reference_income_per_person,
    reference_income_short_of_line,
    claims_counted,
    own_payments_counted,
    own_payments_basis,
)
