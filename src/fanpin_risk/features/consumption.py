"""What households consume, against the line, and the status that stands on record without an amount.

For registers and surveys that measure welfare by consumption, beside income or instead of it. Which of the two the line is
of is said by an area's lines (:mod:`fanpin_risk.asof.welfare`); consumption is compared with it in either case, and the
sentence says so. Optional: models of registers that know nothing of consumption are as without these features.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fanpin_risk.asof.days import calendar_years, period_number
from fanpin_risk.asof.income_years import newest_end, years_back
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.asof.welfare import ConsumptionYear, consumption_counts, line_of_year
from fanpin_risk.features.feature import Array, Feature, feature, ratio, shared
from fanpin_risk.features.income import income_years, relative_change, size
from fanpin_risk.records.checks.part_years import WHOLE_YEAR_DAYS

__all__ = ["FEATURES"]

ACCOUNT_FORM = "account of the household: 消费支出 / members on the day"
STATUS_FORM = "household form: 是否低于监测线, of the day of the row"
YEARS_OF_CONSUMPTION = 3
OF_LINE_ZH = "{consumption_year}监测线[（{line_not_of_consumption}）]{line_of_consumption_year}"
OF_LINE_EN = "the {consumption_year} monitoring line[ ({line_not_of_consumption})] of {line_of_consumption_year}"


@shared
def consumption_years(snapshot: Snapshot) -> list[ConsumptionYear]:
    """Return the last years of consumption, newest first."""
    rows = snapshot.consumption
    year = years_back(rows, newest_end(rows))
    return [ConsumptionYear(rows.where(year == number)) for number in range(YEARS_OF_CONSUMPTION)]


@shared
def lines_of_consumption(snapshot: Snapshot) -> list[Array]:
    """Return the line of each year of consumption."""
    newest = newest_end(snapshot.consumption)
    return [
        line_of_year(snapshot, newest, number, year.ended) for number, year in enumerate(consumption_years(snapshot))
    ]


@shared
def consumed_each(snapshot: Snapshot) -> list[Array]:
    """Consumption per person of each year, by the members on the day."""
    return [year.total / size(snapshot) for year in consumption_years(snapshot)]


@shared
def consumed_to_line(snapshot: Snapshot) -> list[Array]:
    """Consumption per person of each year relative to its line."""
    return [ratio(*pair) for pair in zip(consumed_each(snapshot), lines_of_consumption(snapshot), strict=True)]


@feature(
    zh="人均消费", en="Consumption per person", domain="income", cause="low_income", unit="CNY/person", monotone=-1, optional=True,
    reason="Who consumes more with the same household is not poorer.", source=ACCOUNT_FORM,
    says_zh="{consumption_period}人均消费{consumption_per_person}，"
    "{consumption_year}监测线[（{line_not_of_consumption}）]为{line_of_consumption_year}",
    says_en="consumption per person in {consumption_period} was {consumption_per_person}; the {consumption_year} monitoring "
    "line[ ({line_not_of_consumption})] is {line_of_consumption_year}",
)  # fmt: skip
def consumption_per_person(snapshot: Snapshot) -> Array:
    return consumed_each(snapshot)[0].copy()


@feature(
    zh="人均消费与监测线之比", en="Consumption per person relative to the monitoring line", domain="income", cause="low_income",
    unit="ratio", monotone=-1, optional=True, reason="Further above the line never means nearer to poverty.", source=ACCOUNT_FORM,
    when=("consumption_short_of_line > 0",),
    says_zh="{consumption_period}人均消费{consumption_per_person}，比" + OF_LINE_ZH + "少{consumption_short_of_line}，是其"
    "{consumption_to_line}|{consumption_period}人均消费{consumption_per_person}，是" + OF_LINE_ZH + "的{consumption_to_line}",
    says_en="consumption per person in {consumption_period} was {consumption_per_person}, {consumption_short_of_line} short of "
    + OF_LINE_EN + " ({consumption_to_line})|consumption per person in {consumption_period} was {consumption_per_person}, "
    "{consumption_to_line} of " + OF_LINE_EN,
)  # fmt: skip
def consumption_to_line(snapshot: Snapshot) -> Array:
    return consumed_to_line(snapshot)[0].copy()


@feature(
    zh="上年人均消费与监测线之比", en="Last year's consumption per person relative to the monitoring line", domain="income",
    cause="low_income", unit="ratio", monotone=-1, optional=True, reason="A better year before is a buffer.", source=ACCOUNT_FORM,
    says_zh="按现有人口计，{consumption_period_previous}人均消费{consumption_per_person_previous}，"
    "是{consumption_year_previous}监测线[（{line_not_of_consumption}）]{line_of_consumption_previous}的{consumption_previous_to_line}",
    says_en="by today's number of members, consumption per person in {consumption_period_previous} was "
    "{consumption_per_person_previous}, {consumption_previous_to_line} of the {consumption_year_previous} monitoring "
    "line[ ({line_not_of_consumption})] of {line_of_consumption_previous}",
)  # fmt: skip
def consumption_previous_to_line(snapshot: Snapshot) -> Array:
    return consumed_to_line(snapshot)[1].copy()


@feature(
    zh="近三年最低人均消费与监测线之比", en="Lowest consumption per person of three years relative to the line", domain="income",
    cause="low_income", unit="ratio", monotone=-1, optional=True,
    reason="A household that has never been near the line has more room to fall.", source=ACCOUNT_FORM,
    says_zh="有记录的近三年中，人均消费与当年监测线[（{line_not_of_consumption}）]相比最低为{consumption_lowest_3y_to_line}",
    says_en="of up to three years on record, consumption per person was lowest at {consumption_lowest_3y_to_line} of the "
    "monitoring line[ ({line_not_of_consumption})] of its year",
)  # fmt: skip
def consumption_lowest_3y_to_line(snapshot: Snapshot) -> Array:
    return np.fmin.reduce(consumed_to_line(snapshot))


@feature(
    zh="消费比上年变化", en="Change of consumption over the year before", domain="income", cause="low_income", unit="change",
    monotone=-1, optional=True, reason="Who has to cut down is worse off; a rise never is a ground for concern.", source=ACCOUNT_FORM,
    says_zh="按现有人口计，{consumption_period_previous}人均消费{consumption_per_person_previous}，"
    "{consumption_period}为{consumption_per_person}（{consumption_change_1y}）",
    says_en="by today's number of members, consumption per person was {consumption_per_person_previous} in "
    "{consumption_period_previous} and {consumption_per_person} in {consumption_period}, a change of {consumption_change_1y}",
)  # fmt: skip
def consumption_change_1y(snapshot: Snapshot) -> Array:
    newest, before, _ = consumption_years(snapshot)
    return relative_change(newest.total, before.total)


@feature(
    zh="食品支出占消费的比重", en="Share of food in consumption", domain="income", cause="low_income", unit="share", monotone=0,
    optional=True, reason="No claim: poorer households spend more of it on food, and so do those that grow their own.",
    source="account of the household: 食品烟酒支出 / 消费支出 (Engel)",
    says_zh="{consumption_period}食品支出{food_consumed}，占消费的{food_share}|{consumption_period}没有食品支出",
    says_en="food in {consumption_period} was {food_consumed}, {food_share} of consumption|no food among the consumption of "
    "{consumption_period}",
)  # fmt: skip
def food_share(snapshot: Snapshot) -> Array:
    newest = consumption_years(snapshot)[0]
    return ratio(newest.food, newest.total, lowest=0.0, highest=1.0)


@feature(
    zh="消费与纯收入之比", en="Consumption relative to net income", domain="income", cause="low_income", unit="ratio", monotone=0,
    optional=True, reason="No claim: more than the income may be savings spent, or income that was not told.", source=ACCOUNT_FORM,
    says_zh="{consumption_period}家庭消费{consumption_of_household}，是{income_period}家庭纯收入的{consumption_to_income}",
    says_en="the household's consumption in {consumption_period} was {consumption_of_household}, {consumption_to_income} of its "
    "net income in {income_period}",
)  # fmt: skip
def consumption_to_income(snapshot: Snapshot) -> Array:
    return ratio(consumption_years(snapshot)[0].total, income_years(snapshot)[0].net, lowest=0.0)


@feature(
    zh="登记为低于监测线", en="On record as below the line", domain="income", cause="low_income", unit="flag", monotone=+1,
    optional=True, reason="Who was below the line when last asked is no further from it than others.", source=STATUS_FORM,
    says_zh="{status_day}登记为低于监测线|{status_day}登记为不低于监测线",
    says_en="on record as below the line on {status_day}|on record as not below the line on {status_day}",
)  # fmt: skip
def on_record_below_line(snapshot: Snapshot) -> Array:
    rows = snapshot.statuses.last_by(snapshot.statuses.valid_from.astype("int64"))
    return rows.max(rows.below_line)


@feature(
    zh="近三年登记为低于监测线的次数", en="Times on record as below the line, 3 years", domain="income", cause="low_income", unit="times",
    monotone=+1, optional=True, source=STATUS_FORM,
    reason="Who was below the line before falls below it again more often than who never was.",
    says_zh="近三年有{times_below_line}登记为低于监测线|近三年没有登记为低于监测线",
    says_en="times on record as below the line in the last 3 years: {times_below_line}|never on record as below the line in the "
    "last 3 years",
)  # fmt: skip
def times_below_line(snapshot: Snapshot) -> Array:
    rows = snapshot.statuses
    rows = rows.where(rows.valid_from > snapshot.months_before(36))
    return np.where(rows.count() > 0, rows.count(rows.below_line == 1), np.nan)


# --- context, quoted in sentences -----------------------------------------------------------------------------------
def _quoted(zh: str, en: str, unit: str) -> Callable[[Callable[[Snapshot], Array]], Feature]:
    """Turn a function of a snapshot into a column that sentences quote."""

    def declare(compute: Callable[[Snapshot], Array]) -> Feature:
        place = f"{{{compute.__name__}}}"
        return feature(
            zh=zh, en=en, domain="income", cause="low_income", unit=unit, monotone=0, model=False, source=ACCOUNT_FORM,
            reason="Quoted in sentences.", says_zh=f"{zh}：{place}", says_en=f"{en}: {place}",
        )(compute)  # fmt: skip

    return declare


def _period_consumed(year: ConsumptionYear) -> Array:
    return period_number(year.began, year.ended, year.covered < WHOLE_YEAR_DAYS)


@_quoted("消费核算期", "Accounting period of the newest consumption", "period")
def consumption_period(snapshot: Snapshot) -> Array:
    return _period_consumed(consumption_years(snapshot)[0])


@_quoted("上一消费核算期", "Accounting period of the consumption before", "period")
def consumption_period_previous(snapshot: Snapshot) -> Array:
    return _period_consumed(consumption_years(snapshot)[1])


@_quoted("消费核算期结束的年份", "Calendar year in which the newest period of consumption ends", "year")
def consumption_year(snapshot: Snapshot) -> Array:
    return calendar_years(consumption_years(snapshot)[0].ended)


@_quoted("上一消费核算期结束的年份", "Calendar year in which the period of consumption before ends", "year")
def consumption_year_previous(snapshot: Snapshot) -> Array:
    return calendar_years(consumption_years(snapshot)[1].ended)


@_quoted("消费所属年份的监测线", "Monitoring line of the year of the newest consumption", "CNY/person")
def line_of_consumption_year(snapshot: Snapshot) -> Array:
    return lines_of_consumption(snapshot)[0].copy()


@_quoted("上一消费所属年份的监测线", "Monitoring line of the year of the consumption before", "CNY/person")
def line_of_consumption_previous(snapshot: Snapshot) -> Array:
    return lines_of_consumption(snapshot)[1].copy()


@_quoted("上年人均消费", "Last year's consumption per person", "CNY/person")
def consumption_per_person_previous(snapshot: Snapshot) -> Array:
    return consumed_each(snapshot)[1].copy()


@_quoted("人均消费低于监测线的差额", "How much consumption per person is below the line", "CNY/person")
def consumption_short_of_line(snapshot: Snapshot) -> Array:
    each, line = consumed_each(snapshot)[0], lines_of_consumption(snapshot)[0]
    return np.where(each < line, line - each, np.nan)


@_quoted("家庭消费", "Consumption of the household", "CNY")
def consumption_of_household(snapshot: Snapshot) -> Array:
    return consumption_years(snapshot)[0].total.copy()


@_quoted("食品支出", "Food consumed by the household", "CNY")
def food_consumed(snapshot: Snapshot) -> Array:
    return consumption_years(snapshot)[0].food.copy()


@_quoted("状态登记日", "Day of the newest status", "day")
def status_day(snapshot: Snapshot) -> Array:
    rows = snapshot.statuses
    return rows.max(rows.valid_from.astype("int64").astype("float64"))


@feature(
    zh="监测线不按消费衡量", en="What the line is of, where not of consumption", domain="income", cause="low_income", unit="category",
    monotone=0, model=False, reason="Quoted beside lines that consumption is compared with.",
    source="asof/monitoring_lines.csv: measure", says_zh="监测线{line_not_of_consumption}",
    says_en="the line is {line_not_of_consumption}", levels_zh=("衡量人均消费", "衡量人均纯收入"),
    levels_en=("for consumption per person", "for net income per person"),
)  # fmt: skip
def line_not_of_consumption(snapshot: Snapshot) -> Array:
    return np.where(consumption_counts(snapshot, consumption_years(snapshot)[0].ended), np.nan, 1.0)


FEATURES = (
    consumption_per_person,
    consumption_to_line,
    consumption_previous_to_line,
    consumption_lowest_3y_to_line,
    consumption_change_1y,
    food_share,
    consumption_to_income,
    on_record_below_line,
    times_below_line,
    # context, quoted in sentences
    consumption_period,
    consumption_period_previous,
    consumption_year,
    consumption_year_previous,
    line_of_consumption_year,
    line_of_consumption_previous,
    consumption_per_person_previous,
    consumption_short_of_line,
    consumption_of_household,
    food_consumed,
    status_day,
    line_not_of_consumption,
)
