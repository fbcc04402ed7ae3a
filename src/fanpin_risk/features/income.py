"""Income features: level, trend, volatility, composition, dependence on transfers, distance to the line.

What a year of income is, and its net income, stands in :mod:`fanpin_risk.asof.income_years`.
"""

from __future__ import annotations

import numpy as np

from fanpin_risk.asof.income_years import IncomeYear, newest_end, years_back
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.feature import Array, feature, ratio, shared

__all__ = ["FEATURES"]

FORM = "register income form: 人均纯收入 = (工资性+生产经营性+财产性+转移性收入-生产经营性支出)/家庭人口数"
YEARS_BACK = 4
MEMBERS_FLOOR_CNY = 1_000.0  # burdens are set against at least this much income, so that near-zero income stays finite
# How sentences about burdens name the income that they are set against.
BURDEN_ZH = "家庭年纯收入{income_counted}[（实际{income_below_floor}，不足每人1,000元，按每人1,000元计）]"
BURDEN_EN = "the yearly net income of {income_counted}[ (in fact {income_below_floor}; less than 1,000 CNY a member counts as 1,000)]"


@shared
def newest_period_end(snapshot: Snapshot) -> Array:
    """End of each household's newest accounting period, days since 1970 as float64."""
    return newest_end(snapshot.incomes)


@shared
def income_years(snapshot: Snapshot) -> list[IncomeYear]:
    """Return the last ``YEARS_BACK`` years of income, newest first."""
    rows = snapshot.incomes
    year = years_back(rows, newest_period_end(snapshot))
    return [IncomeYear(rows.where(year == number), snapshot.persons) for number in range(YEARS_BACK)]


@shared
def size(snapshot: Snapshot) -> Array:
    """Members on the day, NaN where none is on record; those declared in a register without any list of members."""
    count = snapshot.persons
    return np.where(count > 0, count, np.nan)


@shared
def income_base(snapshot: Snapshot) -> Array:
    """Net income of the newest year, at least a floor per member: what burdens are set against."""
    return np.maximum(income_years(snapshot)[0].net, MEMBERS_FLOOR_CNY * size(snapshot))


def _relative_change(new: Array, old: Array) -> Array:
    return ratio(new - old, old, lowest=-1.0, highest=5.0)


@feature(
    zh="人均纯收入", en="Net income per person", domain="income", cause="low_income", unit="CNY/person", monotone=-1,
    reason="More income for the same household never makes it poorer.", source=FORM,
    says_zh="人均纯收入{income_per_person}，监测线为{monitoring_line}",
    says_en="net income per person is {income_per_person}; the monitoring line is {monitoring_line}",
)  # fmt: skip
def income_per_person(snapshot: Snapshot) -> Array:
    return income_years(snapshot)[0].net / size(snapshot)


@feature(
    zh="监测线", en="Monitoring line", domain="income", cause="low_income", unit="CNY/person", monotone=0, model=False,
    reason="A policy figure that rises with the calendar, so never an input.", source="asof/monitoring_lines.csv",
    says_zh="监测线为{monitoring_line}", says_en="the monitoring line is {monitoring_line}",
)  # fmt: skip
def monitoring_line(snapshot: Snapshot) -> Array:
    return snapshot.line.copy()


@feature(
    zh="人均纯收入与监测线之比", en="Net income per person relative to the monitoring line", domain="income",
    cause="low_income", unit="ratio", monotone=-1, reason="Further above the line never means nearer to poverty.",
    source=FORM + "; 监测范围 by area and year (asof/monitoring_lines.csv)",
    says_zh="人均纯收入{income_per_person}，是监测线（{monitoring_line}）的{income_to_line}",
    says_en="net income per person of {income_per_person} is {income_to_line} of the monitoring line ({monitoring_line})",
)  # fmt: skip
def income_to_line(snapshot: Snapshot) -> Array:
    return ratio(income_years(snapshot)[0].net / size(snapshot), snapshot.line)


@feature(
    zh="上年人均纯收入与监测线之比", en="Last year's net income per person relative to the monitoring line", domain="income",
    cause="low_income", unit="ratio", monotone=-1, reason="A better year before is a buffer and shows earning power.",
    source=FORM,
    says_zh="上一年人均纯收入{income_per_person_previous}，是监测线（{monitoring_line}）的{income_previous_to_line}",
    says_en="net income per person a year earlier, {income_per_person_previous}, is {income_previous_to_line} of the "
    "monitoring line ({monitoring_line})",
)  # fmt: skip
def income_previous_to_line(snapshot: Snapshot) -> Array:
    return ratio(income_years(snapshot)[1].net / size(snapshot), snapshot.line)


@feature(
    zh="上年人均纯收入", en="Last year's net income per person", domain="income", cause="low_income", unit="CNY/person",
    monotone=0, model=False, reason="Quoted beside this year's income; the model sees the ratio.", source=FORM,
    says_zh="上一年人均纯收入{income_per_person_previous}",
    says_en="net income per person a year earlier was {income_per_person_previous}",
)  # fmt: skip
def income_per_person_previous(snapshot: Snapshot) -> Array:
    return income_years(snapshot)[1].net / size(snapshot)


@feature(
    zh="近三年最低人均纯收入与监测线之比", en="Lowest net income per person of three years relative to the line",
    domain="income", cause="low_income", unit="ratio", monotone=-1,
    reason="A household that has never been near the line has more room to fall.", source=FORM,
    says_zh="近三年人均纯收入最低的一年是监测线的{income_lowest_3y_to_line}",
    says_en="in its worst of three years net income per person was {income_lowest_3y_to_line} of the monitoring line",
)  # fmt: skip
def income_lowest_3y_to_line(snapshot: Snapshot) -> Array:
    lowest = np.fmin(
        np.fmin(income_years(snapshot)[0].net, income_years(snapshot)[1].net), income_years(snapshot)[2].net
    )
    return ratio(lowest / size(snapshot), snapshot.line)


@feature(
    zh="纯收入比上年变化", en="Change of net income over the year before", domain="income", cause="low_income",
    unit="change", monotone=-1, reason="收入大幅缩减 is an official ground for monitoring; a rise never is.",
    source="2021 guidance on monitoring (中农组发〔2021〕7号): 收入大幅缩减",
    says_zh="人均纯收入由上年{income_per_person_previous}变为{income_per_person}（{income_change_1y}）",
    says_en="net income per person went from {income_per_person_previous} to {income_per_person} ({income_change_1y})",
)  # fmt: skip
def income_change_1y(snapshot: Snapshot) -> Array:
    return _relative_change(income_years(snapshot)[0].net, income_years(snapshot)[1].net)


@feature(
    zh="近两年纯收入年均变化", en="Yearly change of net income over two years", domain="income", cause="low_income",
    unit="change", monotone=-1, reason="A lasting fall is worse than a steady income.", source=FORM,
    says_zh="近两年纯收入平均每年变化{income_trend_2y}", says_en="over two years net income changed by {income_trend_2y} a year",
)  # fmt: skip
def income_trend_2y(snapshot: Snapshot) -> Array:
    growth = ratio(income_years(snapshot)[0].net, income_years(snapshot)[2].net, lowest=0.0)
    return np.sqrt(growth) - 1.0


@feature(
    zh="纯收入波动", en="Volatility of net income", domain="income", cause="low_income", unit="ratio", monotone=0,
    reason="No claim: strong growth is volatile too.", source="standard deviation over mean of up to four years",
    says_zh="近几年纯收入波动较平均水平为{income_volatility}",
    says_en="net income varied by {income_volatility} of its mean over the last years",
)  # fmt: skip
def income_volatility(snapshot: Snapshot) -> Array:
    years = [year.net for year in income_years(snapshot)]
    known = [~np.isnan(net) for net in years]
    count = sum(k.astype("float64") for k in known)
    usable = np.maximum(count, 1.0)
    mean = sum(np.where(k, net, 0.0) for k, net in zip(known, years, strict=True)) / usable
    variance = sum(np.where(k, (net - mean) * (net - mean), 0.0) for k, net in zip(known, years, strict=True)) / usable
    spread = ratio(np.sqrt(variance), mean, lowest=0.0, highest=5.0)
    return np.where(count >= 2, spread, np.nan)


@feature(
    zh="工资性收入占比", en="Share of wages in gross income", domain="income", cause="unstable_work", unit="share", monotone=0,
    reason="No claim: wages lift income but depend on one job.", source="register income form: 工资性收入 / 收入合计",
    says_zh="工资性收入占总收入的{wage_share}", says_en="wages are {wage_share} of gross income",
)  # fmt: skip
def wage_share(snapshot: Snapshot) -> Array:
    return ratio(income_years(snapshot)[0].wages, income_years(snapshot)[0].gross, lowest=0.0, highest=1.0)


@feature(
    zh="工资性收入比上年变化", en="Change of wages over the year before", domain="income", cause="unstable_work",
    unit="change", monotone=-1, reason="Falling wages show lost work; rising wages never raise the risk.",
    source="register income form: 工资性收入; 因务工就业不稳 as a risk category",
    says_zh="工资性收入比上年变化{wage_change_1y}（现为{wages}）",
    says_en="wages changed by {wage_change_1y} from the year before (now {wages})",
)  # fmt: skip
def wage_change_1y(snapshot: Snapshot) -> Array:
    return _relative_change(income_years(snapshot)[0].wages, income_years(snapshot)[1].wages)


@feature(
    zh="工资性收入", en="Wages of the household", domain="income", cause="unstable_work", unit="CNY", monotone=0, model=False,
    reason="Quoted beside its change.", source="register income form: 工资性收入",
    says_zh="工资性收入{wages}", says_en="wages are {wages}",
)  # fmt: skip
def wages(snapshot: Snapshot) -> Array:
    return income_years(snapshot)[0].wages


@feature(
    zh="公益岗位收入占比", en="Share of public-post wages in gross income", domain="income", cause="low_income", unit="share",
    monotone=0, reason="No claim: a post helps, and it can be withdrawn.", source="register income form: 公益岗位",
    says_zh="公益岗位收入占总收入的{public_post_share}", says_en="public-post wages are {public_post_share} of gross income",
)  # fmt: skip
def public_post_share(snapshot: Snapshot) -> Array:
    return ratio(income_years(snapshot)[0].public_post, income_years(snapshot)[0].gross, lowest=0.0, highest=1.0)


@feature(
    zh="人均经营净收入与监测线之比", en="Net business income per person relative to the line", domain="income",
    cause="business_failure", unit="ratio", monotone=-1, reason="A larger surplus from farming or trade is a buffer.",
    source="register income form: 生产经营性收入 - 生产经营性支出",
    says_zh="人均经营净收入是监测线的{business_net_to_line}",
    says_en="net business income per person is {business_net_to_line} of the monitoring line",
)  # fmt: skip
def business_net_to_line(snapshot: Snapshot) -> Array:
    return ratio(income_years(snapshot)[0].business / size(snapshot), snapshot.line)


@feature(
    zh="生产经营成本率", en="Business costs per business income", domain="income", cause="business_failure", unit="ratio",
    monotone=+1, reason="The higher the costs per yuan earned, the thinner the margin.",
    source="register income form: 生产经营性支出 / 生产经营性收入",
    says_zh="生产经营支出是经营收入的{business_cost_ratio}", says_en="business costs are {business_cost_ratio} of business income",
)  # fmt: skip
def business_cost_ratio(snapshot: Snapshot) -> Array:
    return ratio(income_years(snapshot)[0].business_cost, income_years(snapshot)[0].business_gross, lowest=0.0)


@feature(
    zh="经营净收入比上年变化", en="Change of net business income over the year before", domain="income",
    cause="business_failure", unit="change", monotone=-1, reason="A failing business shows as falling surplus.",
    source="risk category 因产业项目失败; register income form",
    says_zh="经营净收入比上年变化{business_change_1y}", says_en="net business income changed by {business_change_1y} over the year",
)  # fmt: skip
def business_change_1y(snapshot: Snapshot) -> Array:
    return _relative_change(income_years(snapshot)[0].business, income_years(snapshot)[1].business)


@feature(
    zh="转移性收入占比", en="Share of transfers in gross income", domain="income", cause="low_income", unit="share", monotone=0,
    reason="No claim: transfers secure income and show dependence.",
    source="register income form: 转移性收入 / 收入合计; 断血式返贫 where support stops",
    says_zh="转移性收入占总收入的{transfer_share}", says_en="transfers are {transfer_share} of gross income",
)  # fmt: skip
def transfer_share(snapshot: Snapshot) -> Array:
    return ratio(income_years(snapshot)[0].transfers, income_years(snapshot)[0].gross, lowest=0.0, highest=1.0)


@feature(
    zh="救助补贴占比", en="Share of assistance in gross income", domain="income", cause="low_income", unit="share", monotone=0,
    reason="No claim: assistance secures income and shows need.",
    source="register income form: 低保金, 特困供养金, 残疾人补贴, 其他转移性收入",
    says_zh="低保、特困、残疾等补贴占总收入的{support_share}", says_en="assistance payments are {support_share} of gross income",
)  # fmt: skip
def support_share(snapshot: Snapshot) -> Array:
    return ratio(income_years(snapshot)[0].support, income_years(snapshot)[0].gross, lowest=0.0, highest=1.0)


@feature(
    zh="养老金占比", en="Share of pensions in gross income", domain="income", cause="labour", unit="share", monotone=0,
    reason="No claim: a pension is steady, and shows age.", source="register income form: 养老保险金",
    says_zh="养老金占总收入的{pension_share}", says_en="pensions are {pension_share} of gross income",
)  # fmt: skip
def pension_share(snapshot: Snapshot) -> Array:
    return ratio(income_years(snapshot)[0].pension, income_years(snapshot)[0].gross, lowest=0.0, highest=1.0)


@feature(
    zh="自身收入与监测线之比", en="Own income per person (without assistance) relative to the line", domain="income",
    cause="low_income", unit="ratio", monotone=-1,
    reason="What remains if support were withdrawn (断血): more of it never raises the risk.",
    source="铁岭 study of 返贫 (党校, 扶贫办): 断血式返贫; net income less 低保, 特困, 残疾 and other assistance",
    says_zh="扣除救助补贴后，人均纯收入是监测线的{own_income_to_line}",
    says_en="without assistance payments net income per person is {own_income_to_line} of the monitoring line",
)  # fmt: skip
def own_income_to_line(snapshot: Snapshot) -> Array:
    year = income_years(snapshot)[0]
    return ratio((year.net - year.support) / size(snapshot), snapshot.line)


@feature(
    zh="救助补贴比上年减少", en="Fall of assistance payments over the year before, relative to income", domain="income",
    cause="support", unit="ratio", monotone=+1, reason="Support that stops leaves a hole (断血式返贫).",
    source="铁岭 study of 返贫 (党校, 扶贫办): 断血式返贫; 低保, 特困, 残疾 and other assistance of two years",
    says_zh="救助补贴比上年减少的部分相当于年收入的{support_fall_to_income}",
    says_en="assistance fell over the year by {support_fall_to_income} of net income",
)  # fmt: skip
def support_fall_to_income(snapshot: Snapshot) -> Array:
    fall = income_years(snapshot)[1].support - income_years(snapshot)[0].support
    return ratio(np.maximum(fall, 0.0), income_base(snapshot))


@feature(
    zh="收入来源种数", en="Number of income sources", domain="income", cause="low_income", unit="measures", monotone=0,
    reason="No claim: several small sources may be worse than one good wage.",
    source="register income form: wages, business, property, pension, assistance counted where positive",
    says_zh="有{income_sources}收入来源", says_en="the household has {income_sources} sources of income",
)  # fmt: skip
def income_sources(snapshot: Snapshot) -> Array:
    year = income_years(snapshot)[0]
    kinds = (year.wages, year.business, year.property, year.pension, year.support)
    count = sum((kind > 0).astype("float64") for kind in kinds)
    return np.where(np.isnan(year.net), np.nan, count)


@feature(
    zh="人均纯收入与当地中位数之比", en="Net income per person relative to the area's median", domain="income",
    cause="low_income", unit="ratio", monotone=-1, reason="Relative poverty is measured against the local median.",
    source="铁岭 study of 返贫 (党校, 扶贫办): relative line at 40-50 % of the local median; median of the township, else the county, else "
    "the whole register, from the references carried with the model",
    says_zh="人均纯收入{income_per_person}，是当地参照中位数的{income_to_area_median}",
    says_en="net income per person of {income_per_person} is {income_to_area_median} of the area's reference median",
)  # fmt: skip
def income_to_area_median(snapshot: Snapshot) -> Array:
    median = snapshot.reference("median_income_to_line", digits=9)
    return ratio(ratio(income_years(snapshot)[0].net / size(snapshot), snapshot.line), median)


@feature(
    zh="收入记录距今月数", en="Months since the newest income record", domain="income", cause="low_income", unit="months",
    monotone=0, reason="No claim: it says how old the figures are.", source="period_end of the newest accounting period",
    says_zh="最近一次收入核算期结束于{income_record_age}前", says_en="the newest income period ended {income_record_age} ago",
)  # fmt: skip
def income_record_age(snapshot: Snapshot) -> Array:
    return snapshot.full_months_since(newest_period_end(snapshot))


@feature(
    zh="计算负担用的年纯收入", en="Yearly net income that burdens are set against", domain="income", cause="low_income", unit="CNY",
    monotone=0, model=False, reason="Quoted as the denominator of burdens.",
    source=FORM + "; at least 1,000 CNY per member, so that a burden stays finite without income",
    says_zh="家庭年纯收入按{income_counted}计", says_en="the yearly net income is counted as {income_counted}",
)  # fmt: skip
def income_counted(snapshot: Snapshot) -> Array:
    return income_base(snapshot).copy()


@feature(
    zh="不足每人1,000元的年纯收入", en="Yearly net income below 1,000 CNY per member", domain="income", cause="low_income", unit="CNY",
    monotone=0, model=False, reason="Quoted where burdens are set against the floor and not against the income itself.",
    source=FORM, says_zh="家庭年纯收入{income_below_floor}，不足每人1,000元",
    says_en="the yearly net income of {income_below_floor} is less than 1,000 CNY per member",
)  # fmt: skip
def income_below_floor(snapshot: Snapshot) -> Array:
    net = income_years(snapshot)[0].net
    return np.where(net < MEMBERS_FLOOR_CNY * size(snapshot), net, np.nan)


FEATURES = (
    income_per_person,
    income_to_line,
    income_previous_to_line,
    income_lowest_3y_to_line,
    income_change_1y,
    income_trend_2y,
    income_volatility,
    wage_share,
    wage_change_1y,
    public_post_share,
    business_net_to_line,
    business_cost_ratio,
    business_change_1y,
    transfer_share,
    support_share,
    pension_share,
    own_income_to_line,
    support_fall_to_income,
    income_sources,
    income_to_area_median,
    income_record_age,
    # context, quoted in sentences
    monitoring_line,
    income_per_person_previous,
    wages,
    income_counted,
    income_below_floor,
)
