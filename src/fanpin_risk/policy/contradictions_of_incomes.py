"""What incomes contradict: payments nobody receives, receivers who are not paid, work without wages, land, repeated years."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.income_years import years_back
from fanpin_risk.asof.rows import KnownRows, MemberRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.feature import shared
from fanpin_risk.features.health import bills
from fanpin_risk.features.income import income_years, newest_period_end, per_person
from fanpin_risk.policy.on_record import members_in_year, nobody_since
from fanpin_risk.policy.parameters import Policy
from fanpin_risk.policy.rule import OUR_READING, TITLES_OF_CHECKER, Deciding, Rule, Verdict, contradiction
from fanpin_risk.policy.three_valued import (
    at_least,
    is_below,
    known_where,
    not_so,
    of_rows,
    verdict_of,
)
from fanpin_risk.records.checks.part_years import WHOLE_YEAR_DAYS

__all__ = ["CONTRADICTIONS_OF_INCOMES"]

DATA_RULES = "national data rules on amounts that cannot be"
LEAST_WAGE_CNY, MOST_WAGE_CNY = 300.0, 300_000.0
LEAST_PAID_CNY = {"tr_dibao": 200.0, "tr_pension": 88.0, "tr_family_planning": 100.0, "tr_tekun": 200.0}
PENSION_AGE = 60
LARGE_MU = {"farmland_mu": 100.0, "pasture_mu": 100.0, "water_mu": 100.0, "forest_mu": 200.0, "orchard_mu": 200.0}
ROUNDING_OF_BILLS_CNY = 1.0
HARDLY_OTHER_CNY = 0.5


@shared
def _newest_year_rows(snapshot: Snapshot) -> KnownRows:
    """Income rows of each household's newest accounting year."""
    return snapshot.incomes.where(years_back(snapshot.incomes, newest_period_end(snapshot)) == 0)


def _received(snapshot: Snapshot, *items: str) -> tuple[Array, KnownRows]:
    """Return what each household received of some items in its newest year, and the rows.

    NaN where no row of the first item is on record and nothing of the others: a sum of which it may be a part does not tell,
    and neither does a column that is not there.
    """
    rows = _newest_year_rows(snapshot)
    rows = rows.where(rows.isin("item", *items))
    told = rows.count(rows.isin("item", items[0])) > 0
    total = rows.sum(rows.amount_cny)
    return np.where(told | (total > 0), total, np.nan), rows


def _paid_to_nobody(snapshot: Snapshot, item: str, holds: Callable[[MemberRows], Array], *columns: str) -> Verdict:
    amount, rows = _received(snapshot, item)
    return verdict_of(
        nobody_since(snapshot, holds),
        Deciding(rows, ("item", "amount_cny")),
        Deciding(snapshot.members, columns),
        asked=amount > 0,
    )


def _member_not_paid(snapshot: Snapshot, item: str, column: str) -> Verdict:
    members, then = snapshot.members, members_in_year(snapshot)
    amount, rows = _received(snapshot, item)
    on_it = members.where(getattr(members, column) == 1)
    return verdict_of(
        _unpaid(amount, then.where(getattr(then, column) == 1)), Deciding(on_it, (column,)), Deciding(rows, ("item", "amount_cny")),
        persons=on_it, asked=on_it.count() > 0,
    )  # fmt: skip


def _unpaid(amount: Array, in_year: KnownRows) -> Array:
    """Whether nothing was received; not known where members' rows tell it of no member at the end of the accounting year."""
    unpaid = is_below(amount, 0.01)
    return np.where((unpaid == 1) & ~(in_year.count() > 0), np.nan, unpaid)


@contradiction(
    zh="有低保金而无低保成员", en="低保金 without a member on 低保", severity="warning", source=TITLES_OF_CHECKER + " (G5_16_005)",
    asks_zh="家庭有低保金收入，是否没有成员享受低保", asks_en="is 低保金 among the incomes while no member is on 低保",
)  # fmt: skip
def dibao_paid_to_nobody(snapshot: Snapshot, _policy: Policy) -> Verdict:
    return _paid_to_nobody(snapshot, "tr_dibao", lambda rows: rows.dibao, "dibao")


@contradiction(
    zh="低保成员没有低保金", en="on 低保 without 低保金", severity="warning", source=TITLES_OF_CHECKER + " (G5_16_006)",
    asks_zh="有成员享受低保，家庭是否没有低保金收入", asks_en="is a member on 低保 while no 低保金 is among the incomes",
)  # fmt: skip
def dibao_not_paid(snapshot: Snapshot, _policy: Policy) -> Verdict:
    return _member_not_paid(snapshot, "tr_dibao", "dibao")


@contradiction(
    zh="有特困供养金而无特困成员", en="特困供养金 without a member on it", severity="warning", source=TITLES_OF_CHECKER + " (G5_16_005)",
    asks_zh="家庭有特困供养金收入，是否没有特困供养人员", asks_en="is 特困供养金 among the incomes while no member is on 特困供养",
)  # fmt: skip
def tekun_paid_to_nobody(snapshot: Snapshot, _policy: Policy) -> Verdict:
    return _paid_to_nobody(snapshot, "tr_tekun", lambda rows: rows.tekun, "tekun")


@contradiction(
    zh="特困成员没有特困供养金", en="on 特困供养 without 特困供养金", severity="warning", source=TITLES_OF_CHECKER + " (G5_16_006)",
    asks_zh="有特困供养人员，家庭是否没有特困供养金收入", asks_en="is a member on 特困供养 while no 特困供养金 is among the incomes",
)  # fmt: skip
def tekun_not_paid(snapshot: Snapshot, _policy: Policy) -> Verdict:
    return _member_not_paid(snapshot, "tr_tekun", "tekun")


@contradiction(
    zh="有养老金而无60周岁成员", en="pension without anybody of 60", severity="warning", source=OUR_READING, status="inferred",
    asks_zh="家庭有养老金收入，是否没有60周岁及以上成员", asks_en="is a pension among the incomes while nobody is 60 or older",
)  # fmt: skip
def pension_without_old(snapshot: Snapshot, _policy: Policy) -> Verdict:
    return _paid_to_nobody(
        snapshot, "tr_pension", lambda rows: at_least(rows.years_old, float(PENSION_AGE)), "birth_date"
    )


@contradiction(
    zh="有残疾人补贴而无残疾证", en="disability allowance without a certificate", severity="warning",
    source=TITLES_OF_CHECKER + " (G4_11_016)",
    asks_zh="家庭有残疾人补贴收入，是否没有残疾证记录",
    asks_en="is a disability allowance among the incomes while no member has a certificate",
)  # fmt: skip
def allowance_without_certificate(snapshot: Snapshot, _policy: Policy) -> Verdict:
    def holds(rows: MemberRows) -> Array:
        named = rows.named_in(snapshot.disabilities).astype("float64")
        return named if snapshot.disabilities.supplied else np.full(len(named), np.nan)

    return _paid_to_nobody(snapshot, "tr_disability", holds, "health")


@contradiction(
    zh="有生态补偿而无退耕还林", en="ecological payment without such land", severity="warning", source=DATA_RULES,
    asks_zh="家庭有生态补偿金收入，退耕还林面积是否为0", asks_en="is an ecological payment among the incomes while 退耕还林 is 0",
)  # fmt: skip
def ecology_without_land(snapshot: Snapshot, _policy: Policy) -> Verdict:
    amount, rows = _received(snapshot, "tr_ecology")
    home = snapshot.households
    holds = known_where(home, home.return_forest_mu == 0, "return_forest_mu")
    return verdict_of(
        holds, Deciding(rows, ("item", "amount_cny")), Deciding(home, ("return_forest_mu",)), asked=amount > 0
    )


@contradiction(
    zh="退耕还林面积大于林地和牧草地", en="more 退耕还林 than forest and pasture", severity="warning", source=DATA_RULES,
    asks_zh="退耕还林面积是否大于林地与牧草地面积之和", asks_en="is 退耕还林 larger than forest and pasture together",
)  # fmt: skip
def return_forest_too_large(snapshot: Snapshot, _policy: Policy) -> Verdict:
    home = snapshot.households
    columns = ("return_forest_mu", "forest_mu", "pasture_mu")
    holds = known_where(home, home.return_forest_mu > home.forest_mu + home.pasture_mu, *columns)
    return of_rows(home, holds, *columns, asked=home.return_forest_mu > 0)


@contradiction(
    zh="工资性收入异常", en="wages that cannot be", severity="warning", source=DATA_RULES + "; title of a rule (G5_16_001)",
    asks_zh="全年工资性收入是否大于0而不足300元，或超过300,000元",
    asks_en="are wages of the year above 0 and below 300 CNY, or above 300,000 CNY",
)  # fmt: skip
def odd_wages(snapshot: Snapshot, _policy: Policy) -> Verdict:
    amount, rows = _received(snapshot, "wage", "wage_public_post")
    odd = (amount < LEAST_WAGE_CNY) | (amount > MOST_WAGE_CNY)
    return verdict_of(
        np.where(np.isnan(amount), np.nan, odd.astype("float64")),
        Deciding(rows, ("item", "amount_cny")),
        asked=amount > 0,
    )


@contradiction(
    zh="转移性收入过小", en="payments too small", severity="warning", source=DATA_RULES,
    asks_zh="低保金、养老金、计划生育金、特困供养金是否大于0而小于最低标准",
    asks_en="is 低保金, a pension, 计划生育金 or 特困供养金 above 0 and below the least that is paid",
)  # fmt: skip
def tiny_payments(snapshot: Snapshot, _policy: Policy) -> Verdict:
    rows = _newest_year_rows(snapshot)
    odd = np.zeros(len(rows), dtype=bool)
    for item, least in LEAST_PAID_CNY.items():
        mine = rows.where(rows.isin("item", item))
        odd |= rows.isin("item", item) & (mine.sum(mine.amount_cny) < least)[rows.household]
    # A part of a year tells nothing of what a whole one would have brought.
    part = income_years(snapshot)[0].covered[rows.household] < WHOLE_YEAR_DAYS
    asked = rows.isin("item", *LEAST_PAID_CNY) & (rows.amount_cny > 0)
    return of_rows(rows, np.where(odd & part, np.nan, odd.astype("float64")), "item", "amount_cny", asked=asked)


@contradiction(
    zh="有务工时间而无工资", en="months of work without wages", severity="warning", source=OUR_READING, status="inferred",
    asks_zh="有成员务工，家庭工资性收入是否为0", asks_en="did a member work while wages are 0",
)  # fmt: skip
def work_without_wages(snapshot: Snapshot, _policy: Policy) -> Verdict:
    amount, rows = _received(snapshot, "wage", "wage_public_post")
    then = members_in_year(snapshot)
    told = snapshot.members.where(snapshot.members.work_months > 0)
    return verdict_of(
        _unpaid(amount, then.where(then.work_months > 0)), Deciding(told, ("work_months",)), Deciding(rows, ("item", "amount_cny")),
        persons=told, asked=told.count() > 0,
    )  # fmt: skip


@contradiction(
    zh="有工资而无人务工", en="wages without anybody working", severity="warning", source=OUR_READING, status="inferred",
    asks_zh="家庭有工资性收入，是否没有成员务工或有公益性岗位",
    asks_en="are there wages while no member has months of work or a public post",
)  # fmt: skip
def wages_without_work(snapshot: Snapshot, _policy: Policy) -> Verdict:
    amount, rows = _received(snapshot, "wage")
    members = snapshot.members

    def works(rows: MemberRows) -> Array:
        does = (rows.work_months > 0) | (rows.public_post_months > 0) | rows.known("work_place")
        return np.where(does, 1.0, known_where(rows, does, "work_months"))

    return verdict_of(
        nobody_since(snapshot, works),
        Deciding(rows, ("item", "amount_cny")),
        Deciding(members, ("work_months",)),
        asked=amount > 0,
    )


@contradiction(
    zh="有公益岗位而无公益岗位工资", en="public post without its wages", severity="warning", source=OUR_READING, status="inferred",
    asks_zh="有成员有公益性岗位，家庭是否没有公益性岗位工资",
    asks_en="does a member hold a public post while no wages of one are on record",
)  # fmt: skip
def post_without_wages(snapshot: Snapshot, _policy: Policy) -> Verdict:
    amount, rows = _received(snapshot, "wage_public_post")
    members, then = snapshot.members, members_in_year(snapshot)
    told = members.where(members.public_post_months > 0)
    return verdict_of(
        _unpaid(amount, then.where(then.public_post_months > 0)),
        Deciding(told, ("public_post_months",)),
        Deciding(rows, ("item", "amount_cny")),
        persons=told,
        asked=told.count() > 0,
    )


@contradiction(
    zh="脱贫户收入过低", en="ex-poor with very low income", severity="warning", source=DATA_RULES,
    asks_zh="脱贫户人均纯收入是否低于数据规则的下限",
    asks_en="is net income per person of an ex-poor household below the bound of the data rules",
)  # fmt: skip
def ex_poor_very_low(snapshot: Snapshot, policy: Policy) -> Verdict:
    home, own = snapshot.households, per_person(snapshot)[0]
    bound = policy.at("ex_poor_least_income", snapshot.area_codes, snapshot.as_of)
    return verdict_of(
        is_below(own, bound), Deciding(home, ("register_status",)), asked=home.isin("register_status", "ex_poor"),
        figures={"net_income_per_person_cny": own, "period_end": income_years(snapshot)[0].ended},
    )  # fmt: skip


@contradiction(
    zh="纯收入为负", en="negative net income", severity="warning", source=OUR_READING, status="inferred",
    asks_zh="家庭纯收入是否为负", asks_en="is net income below 0",
)  # fmt: skip
def negative_income(snapshot: Snapshot, _policy: Policy) -> Verdict:
    net = income_years(snapshot)[0].net
    return verdict_of(
        is_below(net, 0.0),
        asked=~np.isnan(net),
        figures={"net_income_cny": net, "period_end": income_years(snapshot)[0].ended},
    )


@contradiction(
    zh="合规自付大于就医自付", en="more 合规自付 than bills", severity="warning", source=OUR_READING, status="inferred",
    asks_zh="收入表的合规自付支出是否大于核算周期内登记的就医自付",
    asks_en="is 合规自付支出 of the income form more than the own payments of the bills of its "
    "accounting year",
)  # fmt: skip
def compliant_above_bills(snapshot: Snapshot, _policy: Policy) -> Verdict:
    year, rows = income_years(snapshot)[0], bills(snapshot)
    day = rows.time.astype("int64").astype("float64")
    inside = rows.where((day >= year.began[rows.household]) & (day <= year.ended[rows.household]))
    paid = inside.sum(inside.out_of_pocket_cny)
    holds = not_so(at_least(paid + ROUNDING_OF_BILLS_CNY, year.own_expenses))
    holds[(inside.count(~inside.known("out_of_pocket_cny")) > 0) & (holds == 1)] = np.nan  # some bill does not say
    return verdict_of(
        holds, Deciding(inside, ("out_of_pocket_cny",)), asked=year.own_expenses > 0,
        figures={"compliant_own_expenses_cny": year.own_expenses, "period_end": year.ended},
    )  # fmt: skip


@contradiction(
    zh="土地面积过大", en="very much land", severity="warning", source=TITLES_OF_CHECKER + " (G5_14_002, G5_14_008)",
    asks_zh="耕地、牧草地、水面面积是否超过100亩，林地、林果面积是否超过200亩",
    asks_en="are farmland, pasture or water above 100 mu, or forest or orchard above 200 mu",
)  # fmt: skip
def very_much_land(snapshot: Snapshot, _policy: Policy) -> Verdict:
    home = snapshot.households
    large = np.zeros(len(home), dtype=bool)
    on_record = np.zeros(len(home), dtype=bool)
    for column, most in LARGE_MU.items():
        large |= getattr(home, column) > most
        on_record |= home.known(column)
    return of_rows(home, large.astype("float64"), *LARGE_MU, asked=on_record)


@contradiction(
    zh="两年收入完全相同", en="the same income twice", severity="hint", source=OUR_READING, status="inferred",
    asks_zh="相邻两年家庭纯收入是否完全相同", asks_en="is net income of two years in a row the same to the yuan",
)  # fmt: skip
def same_income_twice(snapshot: Snapshot, _policy: Policy) -> Verdict:
    new, old = (year.net for year in income_years(snapshot)[:2])
    both = ~np.isnan(new) & ~np.isnan(old) & (new > 0)
    return verdict_of(
        (np.abs(new - old) < HARDLY_OTHER_CNY).astype("float64"), asked=both,
        figures={"net_income_cny": new, "net_income_before_cny": old, "period_end": income_years(snapshot)[0].ended},
    )  # fmt: skip


CONTRADICTIONS_OF_INCOMES: tuple[Rule, ...] = (
    dibao_paid_to_nobody,
    dibao_not_paid,
    tekun_paid_to_nobody,
    tekun_not_paid,
    pension_without_old,
    allowance_without_certificate,
    ecology_without_land,
    return_forest_too_large,
    odd_wages,
    tiny_payments,
    work_without_wages,
    wages_without_work,
    post_without_wages,
    ex_poor_very_low,
    negative_income,
    compliant_above_bills,
    very_much_land,
    same_income_twice,
)
