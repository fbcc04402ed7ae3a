"""Income features: level, trend, volatility, composition, dependence on transfers, distance to the line.

What a year of income is, and its net income, stands in :mod:`fanpin_risk.asof.income_years`. Each is compared with the
monitoring line of the calendar year in which it ends, so that nothing moves when a new calendar year begins. What the
sentences quote beside the features stands in :mod:`fanpin_risk.features.income_context`.
"""

from __future__ import annotations

import numpy as np

from fanpin_risk.asof.counted_income import counted_year, end_of_newest_year
from fanpin_risk.asof.income_years import IncomeYear, years_back
from fanpin_risk.asof.reference_income import ReferenceIncome, reference_income
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.asof.welfare import line_of_year
from fanpin_risk.features.feature import Array, feature, ratio, shared

__all__ = ["FEATURES"]

FORM = "register income form: 人均纯收入 = (工资性+生产经营性+财产性+转移性收入-生产经营性支出)/家庭人口数"
YEARS_BACK = 4
MEMBERS_FLOOR_CNY = 1_000.0  # burdens are set against at least this much income, so that near-zero income stays finite
# How sentences about burdens name the income that they are set against.
BURDEN_ZH = (
    "[{income_period}]家庭纯收入{income_counted}[（实际{income_below_floor}，不足每人1,000元，按每人1,000元计）]"
)
BURDEN_EN = (
    "the household's net income of {income_counted}[ in {income_period}]"
    "[ (in fact {income_below_floor}; less than 1,000 CNY a member counts as 1,000)]"
)


@shared
def newest_period_end(snapshot: Snapshot) -> Array:
    """End of each household's newest year of income, days since 1970 as float64."""
    return end_of_newest_year(snapshot, snapshot.incomes)


@shared
def income_years(snapshot: Snapshot) -> list[IncomeYear]:
    """Return the last ``YEARS_BACK`` years of income, newest first."""
    rows = snapshot.incomes
    year = years_back(rows, newest_period_end(snapshot))
    return [counted_year(snapshot, rows.where(year == number)) for number in range(YEARS_BACK)]


@shared
def lines_of_years(snapshot: Snapshot) -> list[Array]:
    """Return the line of each year of income: the household's own, or that of the calendar year in which it ends."""
    newest = newest_period_end(snapshot)
    return [line_of_year(snapshot, newest, number, year.ended) for number, year in enumerate(income_years(snapshot))]


@shared
def size(snapshot: Snapshot) -> Array:
    """Members on the day, NaN where none is on record; those declared in a register without any list of members."""
    count = snapshot.persons
    return np.where(count > 0, count, np.nan)


@shared
def per_person(snapshot: Snapshot) -> list[Array]:
    """Net income per person of each year of income, by the members on the day."""
    return [year.net / size(snapshot) for year in income_years(snapshot)]


@shared
def to_line(snapshot: Snapshot) -> list[Array]:
    """Net income per person of each year of income, relative to the monitoring line of that year."""
    return [ratio(*pair) for pair in zip(per_person(snapshot), lines_of_years(snapshot), strict=True)]


@shared
def reference(snapshot: Snapshot) -> ReferenceIncome:
    """Net income of the newest year plus pay-outs less own payments, as the form of recognition counts."""
    return reference_income(snapshot, income_years(snapshot)[0])


@shared
def income_base(snapshot: Snapshot) -> Array:
    """Net income of the newest year, at least a floor per member: what burdens are set against."""
    return np.maximum(income_years(snapshot)[0].net, MEMBERS_FLOOR_CNY * size(snapshot))


def relative_change(new: Array, old: Array) -> Array:
    return ratio(new - old, old, highest=5.0)


@feature(
    zh="人均纯收入", en="Net income per person", domain="income", cause="low_income", unit="CNY/person", monotone=-1,
    reason="More income for the same household never makes it poorer.", source=FORM,
    says_zh="{income_period}人均纯收入{income_per_person}，{income_year}监测线[（{line_not_of_income}）]为{line_of_income_year}",
    says_en="net income per person in {income_period} was {income_per_person}; the {income_year} monitoring "
    "line[ ({line_not_of_income})] is {line_of_income_year}",
)  # fmt: skip
def income_per_person(snapshot: Snapshot) -> Array:
    return per_person(snapshot)[0].copy()


@feature(
    zh="人均纯收入与监测线之比", en="Net income per person relative to the monitoring line", domain="income",
    cause="low_income", unit="ratio", monotone=-1, reason="Further above the line never means nearer to poverty.",
    source=FORM + "; 监测范围 by area, of the calendar year in which the accounting year ends (asof/monitoring_lines.csv)",
    when=("income_to_line < 0",),
    says_zh="{income_period}人均纯收入{income_per_person}，比{income_year}监测线[（{line_not_of_income}）]{line_of_income_year}少{income_short_of_line}"
    "[；全家另有{income_left_out}按当地口径不计入]|{income_period}人均纯收入{income_per_person}"
    "（{income_year}监测线[（{line_not_of_income}）]{line_of_income_year}的{income_to_line}）[；全家另有{income_left_out}按当地口径不计入]",
    says_en="net income per person in {income_period} was {income_per_person}, {income_short_of_line} short of the "
    "{income_year} monitoring line[ ({line_not_of_income})] of {line_of_income_year}"
    "[; another {income_left_out} of the household does not count in its area]|"
    "net income per person in {income_period} was {income_per_person}, {income_to_line} of the {income_year} monitoring "
    "line[ ({line_not_of_income})] of {line_of_income_year}[; another {income_left_out} of the household does not count in its area]",
)  # fmt: skip
def income_to_line(snapshot: Snapshot) -> Array:
    return to_line(snapshot)[0].copy()


@feature(
    zh="上年人均纯收入与监测线之比", en="Last year's net income per person relative to the monitoring line", domain="income",
    cause="low_income", unit="ratio", monotone=-1, reason="A better year before is a buffer and shows earning power.",
    source=FORM,
    when=("income_previous_to_line < 0",),
    says_zh="[按现有{persons_counted_previous}计，]{income_period_previous}人均纯收入{income_per_person_previous}，"
    "比{income_year_previous}监测线[（{line_not_of_income}）]{line_previous}少{income_previous_short_of_line}|[按现有{persons_counted_previous}计，"
    "]{income_period_previous}人均纯收入{income_per_person_previous}（"
    "{income_year_previous}监测线[（{line_not_of_income}）]{line_previous}的{income_previous_to_line}）",
    says_en="[by today's number of members ({persons_counted_previous}), ]net income per person in "
    "{income_period_previous} was {income_per_person_previous}, {income_previous_short_of_line} short of the "
    "{income_year_previous} monitoring line[ ({line_not_of_income})] of {line_previous}|[by today's number of members "
    "({persons_counted_previous}), ]net income per person in {income_period_previous} was "
    "{income_per_person_previous}, {income_previous_to_line} of the {income_year_previous} monitoring line[ ({line_not_of_income})] of "
    "{line_previous}",
)  # fmt: skip
def income_previous_to_line(snapshot: Snapshot) -> Array:
    return to_line(snapshot)[1].copy()


@feature(
    zh="近三年最低人均纯收入与监测线之比", en="Lowest net income per person of three years relative to the line",
    domain="income", cause="low_income", unit="ratio", monotone=-1,
    reason="A household that has never been near the line has more room to fall.", source=FORM,
    when=("income_lowest_3y_to_line < 0",),
    says_zh="有记录的近三年中，{income_lowest_3y_period}与当年监测线相比最低，人均纯收入{income_lowest_3y}，"
    "比{income_lowest_3y_year}监测线[（{line_not_of_income}）]{income_lowest_3y_line}少{income_lowest_3y_short_of_line}|有记录的近三年中，"
    "{income_lowest_3y_period}与当年监测线相比最低，人均纯收入{income_lowest_3y}（"
    "{income_lowest_3y_year}监测线[（{line_not_of_income}）]{income_lowest_3y_line}的{income_lowest_3y_to_line}）",
    says_en="of up to three years on record {income_lowest_3y_period} was lowest relative to its line: net income per "
    "person was {income_lowest_3y}, {income_lowest_3y_short_of_line} short of the {income_lowest_3y_year} "
    "monitoring line[ ({line_not_of_income})] of {income_lowest_3y_line}|of up to three years on record {income_lowest_3y_period} was "
    "lowest relative to its line: net income per person was {income_lowest_3y}, {income_lowest_3y_to_line} of the "
    "{income_lowest_3y_year} monitoring line[ ({line_not_of_income})] of {income_lowest_3y_line}",
)  # fmt: skip
def income_lowest_3y_to_line(snapshot: Snapshot) -> Array:
    newest, before, earlier, _ = to_line(snapshot)
    return np.fmin(np.fmin(newest, before), earlier)


@feature(
    zh="纯收入比上年变化", en="Change of net income over the year before", domain="income", cause="low_income",
    unit="change", monotone=-1, reason="收入大幅缩减 is an official ground for monitoring; a rise never is.",
    source="2021 guidance on monitoring (中农组发〔2021〕7号): 收入大幅缩减",
    when=("income_change_1y < -1",),
    says_zh="[按现有{persons_counted_previous}计，]{income_period_previous}人均纯收入{income_per_person_previous}，"
    "{income_period}为{income_per_person}|[按现有{persons_counted_previous}计，"
    "]{income_period_previous}人均纯收入{income_per_person_previous}，{income_period}为{income_per_person}（"
    "{income_change_1y}）",
    says_en="[by today's number of members ({persons_counted_previous}), ]net income per person was "
    "{income_per_person_previous} in {income_period_previous} and {income_per_person} in {income_period}|[by "
    "today's number of members ({persons_counted_previous}), ]net income per person was "
    "{income_per_person_previous} in {income_period_previous} and {income_per_person} in {income_period}, a change "
    "of {income_change_1y}",
)  # fmt: skip
def income_change_1y(snapshot: Snapshot) -> Array:
    return relative_change(income_years(snapshot)[0].net, income_years(snapshot)[1].net)


@feature(
    zh="近两年纯收入年均变化", en="Yearly change of net income over two years", domain="income", cause="low_income",
    unit="change", monotone=-1, reason="A lasting fall is worse than a steady income.", source=FORM,
    when=("income_trend_2y <= -1", "income_trend_2y > 2.16"),
    says_zh="[按现有{persons_counted_2y_before}计，]{income_period_2y_before}人均纯收入{income_per_person_2y_before}，"
    "{income_period}为{income_per_person}|[按现有{persons_counted_2y_before}计，"
    "]{income_period_2y_before}人均纯收入{income_per_person_2y_before}，{income_period}为{income_per_person}|"
    "[按现有{persons_counted_2y_before}计，]{income_period_2y_before}人均纯收入{income_per_person_2y_before}，"
    "{income_period}为{income_per_person}，平均每年变化{income_trend_2y}",
    says_en="[by today's number of members ({persons_counted_2y_before}), ]net income per person was "
    "{income_per_person_2y_before} in {income_period_2y_before} and {income_per_person} in {income_period}|[by "
    "today's number of members ({persons_counted_2y_before}), ]net income per person was "
    "{income_per_person_2y_before} in {income_period_2y_before} and {income_per_person} in {income_period}|[by "
    "today's number of members ({persons_counted_2y_before}), ]net income per person was "
    "{income_per_person_2y_before} in {income_period_2y_before} and {income_per_person} in {income_period}, a "
    "change of {income_trend_2y} a year",
)  # fmt: skip
def income_trend_2y(snapshot: Snapshot) -> Array:
    growth = ratio(income_years(snapshot)[0].net, income_years(snapshot)[2].net, lowest=0.0)
    return np.sqrt(growth) - 1.0


@feature(
    zh="纯收入波动", en="Volatility of net income", domain="income", cause="low_income", unit="ratio", monotone=0,
    reason="No claim: strong growth is volatile too.", source="standard deviation over mean of up to four years",
    when=("income_volatility >= 5",),
    says_zh="[按现有{persons_counted_previous}计，"
    "]{income_year_first}至{income_year}有记录的各年度人均纯收入在{income_lowest_4y}至{income_highest_4y}之间|"
    "[按现有{persons_counted_previous}计，"
    "]{income_year_first}至{income_year}有记录的各年度人均纯收入在{income_lowest_4y}至{income_highest_4y}之间（"
    "标准差相当于平均数的{income_volatility}）",
    says_en="[by today's number of members ({persons_counted_previous}), ]net income per person of the years on record "
    "from {income_year_first} to {income_year} was {income_lowest_4y} to {income_highest_4y}|[by today's number of "
    "members ({persons_counted_previous}), ]net income per person of the years on record from {income_year_first} "
    "to {income_year} was {income_lowest_4y} to {income_highest_4y}, with a standard deviation of "
    "{income_volatility} of the mean",
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
    says_zh="{income_period}工资性收入{wages}，占总收入的{wage_share}|{income_period}没有工资性收入记录",
    says_en="wages in {income_period} were {wages}, {wage_share} of gross income|no wages on record in {income_period}",
)  # fmt: skip
def wage_share(snapshot: Snapshot) -> Array:
    return ratio(income_years(snapshot)[0].wages, income_years(snapshot)[0].gross, lowest=0.0, highest=1.0)


@feature(
    zh="工资性收入比上年变化", en="Change of wages over the year before", domain="income", cause="unstable_work",
    unit="change", monotone=-1, reason="Falling wages show lost work; rising wages never raise the risk.",
    source="register income form: 工资性收入; 因务工就业不稳 as a risk category",
    when=("wage_change_1y <= -1",),
    says_zh="{income_period_previous}工资性收入{wages_previous}，{income_period}没有工资性收入记录|"
    "{income_period_previous}工资性收入{wages_previous}，{income_period}为{wages}（{wage_change_1y}）",
    says_en="wages were {wages_previous} in {income_period_previous}; none are on record in {income_period}|wages were "
    "{wages_previous} in {income_period_previous} and {wages} in {income_period}, a change of {wage_change_1y}",
)  # fmt: skip
def wage_change_1y(snapshot: Snapshot) -> Array:
    return relative_change(income_years(snapshot)[0].wages, income_years(snapshot)[1].wages)


@feature(
    zh="公益岗位收入占比", en="Share of public-post wages in gross income", domain="income", cause="low_income", unit="share",
    monotone=0, reason="No claim: a post helps, and it can be withdrawn.", source="register income form: 公益岗位",
    says_zh="{income_period}公益岗位收入{public_post_wages}，占总收入的{public_post_share}|{income_period}没有公益岗位收入记录",
    says_en="public-post wages in {income_period} were {public_post_wages}, {public_post_share} of gross income|no "
    "public-post wages on record in {income_period}",
)  # fmt: skip
def public_post_share(snapshot: Snapshot) -> Array:
    return ratio(income_years(snapshot)[0].public_post, income_years(snapshot)[0].gross, lowest=0.0, highest=1.0)


@feature(
    zh="人均经营净收入与监测线之比", en="Net business income per person relative to the line", domain="income",
    cause="business_failure", unit="ratio", monotone=-1, reason="A larger surplus from farming or trade is a buffer.",
    source="register income form: 生产经营性收入 - 生产经营性支出",
    when=("business_net_to_line < 0", "business_net_to_line = 0"),
    says_zh="{income_period}生产经营亏损，人均经营净收入{business_net_per_person}|{income_period}没有生产经营净收入|"
    "{income_period}人均经营净收入{business_net_per_person}（{income_year}监测线[（{line_not_of_income}）]{line_of_income_year}的{business_net_to_line}）",
    says_en="the business made a loss in {income_period}: net business income per person was {business_net_per_person}|no "
    "net business income in {income_period}|net business income per person in {income_period} was "
    "{business_net_per_person}, {business_net_to_line} of the {income_year} monitoring line[ ({line_not_of_income})] of "
    "{line_of_income_year}",
)  # fmt: skip
def business_net_to_line(snapshot: Snapshot) -> Array:
    return ratio(income_years(snapshot)[0].business / size(snapshot), lines_of_years(snapshot)[0])


@feature(
    zh="生产经营成本率", en="Business costs per business income", domain="income", cause="business_failure", unit="ratio",
    monotone=+1, reason="The higher the costs per yuan earned, the thinner the margin.",
    source="register income form: 生产经营性支出 / 生产经营性收入",
    says_zh="{income_period}生产经营支出{business_cost}，是经营收入{business_gross}的{business_cost_ratio}|"
    "{income_period}经营收入{business_gross}，没有生产经营支出记录",
    says_en="business costs in {income_period} were {business_cost}, {business_cost_ratio} of the business income of "
    "{business_gross}|business income in {income_period} was {business_gross}, without any costs on record",
)  # fmt: skip
def business_cost_ratio(snapshot: Snapshot) -> Array:
    return ratio(income_years(snapshot)[0].business_cost, income_years(snapshot)[0].business_gross, lowest=0.0)


@feature(
    zh="经营净收入比上年变化", en="Change of net business income over the year before", domain="income",
    cause="business_failure", unit="change", monotone=-1, reason="A failing business shows as falling surplus.",
    source="risk category 因产业项目失败; register income form",
    when=("business_change_1y < -1",),
    says_zh="{income_period_previous}经营净收入{business_net_previous}，{income_period}为{business_net}|"
    "{income_period_previous}经营净收入{business_net_previous}，{income_period}为{business_net}（{business_change_1y}）",
    says_en="net business income was {business_net_previous} in {income_period_previous} and {business_net} in "
    "{income_period}|net business income was {business_net_previous} in {income_period_previous} and "
    "{business_net} in {income_period}, a change of {business_change_1y}",
)  # fmt: skip
def business_change_1y(snapshot: Snapshot) -> Array:
    return relative_change(income_years(snapshot)[0].business, income_years(snapshot)[1].business)


@feature(
    zh="转移性收入占比", en="Share of transfers in gross income", domain="income", cause="low_income", unit="share", monotone=0,
    reason="No claim: transfers secure income and show dependence.",
    source="register income form: 转移性收入 / 收入合计; 断血式返贫 where support stops",
    says_zh="{income_period}转移性收入{transfers_received}，占总收入的{transfer_share}|{income_period}没有转移性收入记录",
    says_en="transfers in {income_period} were {transfers_received}, {transfer_share} of gross income|no transfers on "
    "record in {income_period}",
)  # fmt: skip
def transfer_share(snapshot: Snapshot) -> Array:
    return ratio(income_years(snapshot)[0].transfers, income_years(snapshot)[0].gross, lowest=0.0, highest=1.0)


@feature(
    zh="救助补贴占比", en="Share of assistance in gross income", domain="income", cause="low_income", unit="share", monotone=0,
    reason="No claim: assistance secures income and shows need.",
    source="register income form: 低保金, 特困供养金, 残疾人补贴; not 赡养费, 地力补贴 or 养老金",
    says_zh="{income_period}低保金、特困供养金、残疾人补贴{support_received}，占总收入的{support_share}|{income_period}没有单列的低保金、特困供养金、残疾人补贴",
    says_en="assistance payments (dibao, tekun, disability) in {income_period} were {support_received}, {support_share} of "
    "gross income|no assistance payments stand apart in the income of {income_period}",
)  # fmt: skip
def support_share(snapshot: Snapshot) -> Array:
    return ratio(income_years(snapshot)[0].support, income_years(snapshot)[0].gross, lowest=0.0, highest=1.0)


@feature(
    zh="养老金占比", en="Share of pensions in gross income", domain="income", cause="labour", unit="share", monotone=0,
    reason="No claim: a pension is steady, and shows age.", source="register income form: 养老保险金",
    says_zh="{income_period}养老金{pensions_received}，占总收入的{pension_share}|{income_period}没有养老金记录",
    says_en="pensions in {income_period} were {pensions_received}, {pension_share} of gross income|no pensions on record "
    "in {income_period}",
)  # fmt: skip
def pension_share(snapshot: Snapshot) -> Array:
    return ratio(income_years(snapshot)[0].pension, income_years(snapshot)[0].gross, lowest=0.0, highest=1.0)


@feature(
    zh="自身收入与监测线之比", en="Own income per person (without assistance) relative to the line", domain="income",
    cause="low_income", unit="ratio", monotone=-1,
    reason="What remains if support were withdrawn (断血): more of it never raises the risk.",
    source="铁岭 study of 返贫 (党校, 扶贫办): 断血式返贫; net income less 低保金, 特困供养金, 残疾人补贴",
    when=("own_income_to_line < 0",),
    says_zh="扣除低保金、特困供养金、残疾人补贴后，{income_period}人均纯收入{own_income_per_person}，"
    "比{income_year}监测线[（{line_not_of_income}）]{line_of_income_year}少{own_income_short_of_line}|扣除低保金、特困供养金、残疾人补贴后，"
    "{income_period}人均纯收入{own_income_per_person}（{income_year}监测线[（{line_not_of_income}）]{line_of_income_year}的{own_income_to_line}）",
    says_en="without assistance payments (dibao, tekun, disability) net income per person in {income_period} was "
    "{own_income_per_person}, {own_income_short_of_line} short of the {income_year} monitoring line[ ({line_not_of_income})] of "
    "{line_of_income_year}|without assistance payments (dibao, tekun, disability) net income per person in "
    "{income_period} was {own_income_per_person}, {own_income_to_line} of the {income_year} monitoring line[ ({line_not_of_income})] of "
    "{line_of_income_year}",
)  # fmt: skip
def own_income_to_line(snapshot: Snapshot) -> Array:
    year = income_years(snapshot)[0]
    return ratio((year.net - year.support_counted) / size(snapshot), lines_of_years(snapshot)[0])


@feature(
    zh="救助补贴比上年减少", en="Fall of assistance payments over the year before, relative to income", domain="income",
    cause="support", unit="ratio", monotone=+1, reason="Support that stops leaves a hole (断血式返贫).",
    source="铁岭 study of 返贫 (党校, 扶贫办): 断血式返贫; 低保金, 特困供养金, 残疾人补贴 of two years",
    says_zh="救助补贴由{income_period_previous}的{support_previous}减为{income_period}的{support_received}，减少部分相当于"
    + BURDEN_ZH + "的{support_fall_to_income}|{income_period}救助补贴没有比{income_period_previous}减少",
    says_en="assistance payments fell from {support_previous} in {income_period_previous} to {support_received} in "
    "{income_period}, by {support_fall_to_income} of " + BURDEN_EN
    + "|assistance payments in {income_period} did not fall below those of {income_period_previous}",
)  # fmt: skip
def support_fall_to_income(snapshot: Snapshot) -> Array:
    fall = income_years(snapshot)[1].support - income_years(snapshot)[0].support
    return ratio(np.maximum(fall, 0.0), income_base(snapshot))


@feature(
    zh="收入来源种数", en="Number of income sources", domain="income", cause="low_income", unit="measures", monotone=0,
    reason="No claim: several small sources may be worse than one good wage.",
    source="register income form: wages, business, property, pension, assistance, other transfers counted where positive",
    says_zh="{income_period}有{income_sources}收入来源|{income_period}没有收入来源记录",
    says_en="sources of income in {income_period}: {income_sources}|no source of income is on record in {income_period}",
)  # fmt: skip
def income_sources(snapshot: Snapshot) -> Array:
    year = income_years(snapshot)[0]
    kinds = (year.wages, year.business, year.property, year.pension, year.support, year.other_transfers)
    count = sum((kind > 0).astype("float64") for kind in kinds)
    return np.where(np.isnan(year.gross), np.nan, count)


@feature(
    zh="人均纯收入与当地中位数之比", en="Net income per person relative to the area's median", domain="income",
    cause="low_income", unit="ratio", monotone=-1, reason="Relative poverty is measured against the local median.",
    source="铁岭 study of 返贫 (党校, 扶贫办): relative line at 40-50 % of the local median; median of the township, else the county, else "
    "the whole register, from the references carried with the model",
    when=("income_to_area_median < 0",),
    says_zh="{income_period}人均纯收入{income_per_person}，当地参照中位数为{area_median_income}|{income_period}人均纯收入{income_per_person}，"
    "是当地参照中位数{area_median_income}的{income_to_area_median}",
    says_en="net income per person in {income_period} was {income_per_person}; the area's reference median is "
    "{area_median_income}|net income per person in {income_period} was {income_per_person}, "
    "{income_to_area_median} of the area's reference median of {area_median_income}",
)  # fmt: skip
def income_to_area_median(snapshot: Snapshot) -> Array:
    median = snapshot.reference("median_income_to_line", digits=9)
    return ratio(to_line(snapshot)[0], median)


@feature(
    zh="人均参考收入与监测线之比", en="Reference income per person relative to the monitoring line", domain="income",
    cause="low_income", unit="ratio", monotone=-1,
    reason="What is left after own payments, with what insurance paid: recognition looks at it beside net income.",
    source="form of recognition of 2023: 纳入监测对象的收入参考范围 = 家庭纯收入 + 理赔收入 - 合规自付支出, inferred from the order of its "
    "columns; an area's lines may count otherwise (asof/reference_income.py)",
    when=("reference_income_to_line < 0",),
    says_zh="人均参考收入{reference_income_per_person}：{income_period}家庭纯收入[加理赔{claims_counted}|]"
    "[减自付{own_payments_counted}（{own_payments_basis}，看病救助已扣除）|，没有需要减去的自付]，比{income_year}监测线[（{line_not_of_income}）]{line_of_income_year}少"
    "{reference_income_short_of_line}|人均参考收入{reference_income_per_person}：{income_period}家庭纯收入[加理赔{claims_counted}|]"
    "[减自付{own_payments_counted}（{own_payments_basis}，看病救助已扣除）|，没有需要减去的自付]，是{income_year}监测线[（{line_not_of_income}）]{line_of_income_year}的"
    "{reference_income_to_line}",
    says_en="reference income per person is {reference_income_per_person}: the household's net income of {income_period}"
    "[ plus pay-outs of {claims_counted}|][ less own payments of {own_payments_counted} ({own_payments_basis}, "
    "aid for illness taken off)|, no own payments to take off]; "
    "it is {reference_income_short_of_line} short of the {income_year} monitoring line[ ({line_not_of_income})] of "
    "{line_of_income_year}|reference "
    "income per person is {reference_income_per_person}: the household's net income of {income_period}[ plus pay-outs of {claims_counted}|]"
    "[ less own payments of {own_payments_counted} ({own_payments_basis}, "
    "aid for illness taken off)|, no own payments to take off]; it is {reference_income_to_line} of "
    "the {income_year} monitoring line[ ({line_not_of_income})] of {line_of_income_year}",
)  # fmt: skip
def reference_income_to_line(snapshot: Snapshot) -> Array:
    return ratio(reference(snapshot).total / size(snapshot), lines_of_years(snapshot)[0])


@feature(
    zh="收入记录距今月数", en="Months since the newest income record", domain="income", cause="low_income", unit="months",
    monotone=0, reason="No claim: it says how old the figures are.", source="period_end of the newest accounting period",
    when=("income_record_age < 1",),
    says_zh="最近一次收入核算期（{income_period}）刚结束不到1个月|最近一次收入核算期（{income_period}）已结束{income_record_age}",
    says_en="the newest income period ({income_period}) ended less than a month ago|the newest income period "
    "({income_period}) ended {income_record_age} ago",
)  # fmt: skip
def income_record_age(snapshot: Snapshot) -> Array:
    return snapshot.full_months_since(newest_period_end(snapshot))


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
    reference_income_to_line,
)
