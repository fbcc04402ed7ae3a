"""Sentences about households: what an official would sign, whatever the numbers.

200 sentences for each declared column and language, of values drawn at random, extreme, missing, zero, at caps and
floors; and those of a whole invented register, where what is quoted belongs together.
"""

import re

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.asof.days import period_number
from fanpin_risk.explanation.reasons import describe
from fanpin_risk.features import CONTEXT, FEATURES
from fanpin_risk.features.wording import quoted_in

DECLARED = {declared.name: declared for declared in (*FEATURES, *CONTEXT)}
ROWS = 200
UNBOUNDED = ("CNY", "CNY/person")
# Net amounts and what is relative to them; not lines, nor how much is short of one.
MAY_BE_NEGATIVE = re.compile(
    r"(?!.*short_of)(?!.*_3y_line)(?!consumption.*_to_line)(?:.*(?:_to_line|_to_area_median|_change_1y|_trend_2y)$|income_(?:per_person|lowest|highest|after|below)"
    r"|own_income|business_net)"
)
WORDED = ("flag", "category", "level", "day", "year", "period")  # units whose values are no amounts

# --- the rules: what must not stand in a sentence ------------------------------------------------------------------
NEGATIVE = "a negative percentage is no quantity"
RULES = {
    NEGATIVE: {"zh": r"(?<![\d—])-[\d,.]+%", "en": r"(?<![\d–-])-[\d,.]+%"},
    "a cap is no value": {"zh": r"(?<![\d,])1,?000%", "en": r"(?<![\d,])1,000%(?! or)"},
    "more than 1,000 % is no percentage": {"zh": r"\d{5,}%|[1-9]\d*,\d{3}%", "en": r"\d{5,}%|[1-9]\d*,\d{3}%(?! or)"},
    "an event is not 0 months ago": {"zh": r"(?<![\d.,])0个月", "en": r"(?<![\d.,])0 months"},
    "code is no text": {"zh": r"nan|None|NaN|[{}|\[\]]|inf", "en": r"\bnan\b|None|NaN|[{}|\[\]]|\binf\b"},
    "a unit stands once": {"zh": r"元元|人人|次次|项项|个月个月|岁岁|年年|%%|亩亩", "en": r"CNY CNY|months months|years years|%%|mu mu"},
    "marks and blanks are those of the language": {
        "zh": r"[;:()!?\"']|,(?!\d{3})|(?<!\d),|\.(?!\d)|\s",
        "en": r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]|\s\s| [,;.)]|\( ",
    },
    "no mark stands alone": {"zh": r"^[，；、]|[，；、（]$|，，|；；|，；|（）|（，", "en": r"^[,;]|[,;(]$|,,|;;|\(\)"},
    "letters are those of grades only": {"zh": r"(?<![A-D])[A-Za-z](?!级)|[a-zE-Z]", "en": r"(?!x)x"},
}  # fmt: skip


def faults(text, lang, *, change=False):
    """Rules that a sentence breaks; a change may be negative."""
    return [
        rule
        for rule, patterns in RULES.items()
        if not (change and rule == NEGATIVE) and re.search(patterns[lang], text)
    ]


def drawn(declared, rng):
    """Values of a column: random, extreme, zero, at its bounds, missing."""
    negative = bool(MAY_BE_NEGATIVE.match(declared.name))
    low = -1.0 if negative else 0.0
    unit = declared.unit
    if unit == "category":
        values = rng.integers(0, len(declared.levels_zh), ROWS).astype(float)
    elif unit == "flag":
        values = rng.integers(0, 2, ROWS).astype(float)
    elif unit == "level":
        values = (
            rng.uniform(0, len(declared.levels_zh or range(6)) - 1, ROWS)
            if declared.levels_zh
            else rng.integers(0, 6, ROWS) * 1.0
        )
    elif unit == "year":
        values = rng.integers(2013, 2027, ROWS).astype(float)
    elif unit == "day":
        values = rng.integers(15_000, 20_500, ROWS).astype(float)
    elif unit == "period":
        ends = rng.integers(17_000, 20_500, ROWS).astype(float)
        values = period_number(ends - rng.choice([0.0, 90.0, 364.0], ROWS), ends, rng.random(ROWS) < 0.2)
    elif unit == "share":
        values = rng.choice([0.004, 0.5, 0.9996, 1.0, 1 / 3], ROWS)
    elif unit in ("ratio", "change"):
        values = np.clip(rng.normal(0.5, 4, ROWS), 10 * low if negative else 0, 10 if unit == "ratio" else 5)
        values[:20] = rng.choice([10.0 if unit == "ratio" else 5.0, 10 * low, low, 0.9999, 0.0004], 20)
    elif unit in UNBOUNDED:
        values = np.round(rng.lognormal(8, 2.5, ROWS) * rng.choice([1.0, low or 1.0], ROWS), 2)
        values[:10] = rng.choice([0.01, 0.5, 1.0, 999_999_999.0, 1000.0], 10)
    elif unit in ("persons each", "mu", "km", "years", "months"):
        values = np.round(rng.gamma(1.0, 8.0, ROWS), rng.integers(0, 4))
    else:
        values = rng.integers(1, 30, ROWS).astype(float)
    if unit not in ("year", "day", "period", "category"):
        values[rng.random(ROWS) < 0.15] = 0.0
    values[rng.random(ROWS) < 0.15] = np.nan
    return values


def panel(declared):
    """Give 200 rows with a column and all that its sentences quote."""
    rng = np.random.default_rng([len(declared.name), *declared.name.encode()])
    names = dict.fromkeys((declared.name, *declared.mentions))
    return pd.DataFrame({name: drawn(DECLARED[name], rng) for name in names})


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", list(DECLARED))
def test_sentences_hold_the_rules(name, lang):
    """200 sentences of a column hold every rule, and each that is not about nothing has a number, or its word."""
    declared = DECLARED[name]
    data = panel(declared)
    said = describe(declared, data, DECLARED, lang=lang)
    assert len(said) == ROWS
    change = declared.unit == "change"
    broken = {text: found for text in said if (found := faults(text, lang, change=change))}
    assert broken == {}, f"{len(broken)} of {ROWS} sentences"
    if declared.unit not in WORDED:
        known = data.notna().all(axis=1) & (data[name] != 0)
        without = [text for text in np.array(said, dtype=object)[known] if not re.search(r"\d", text)]
        assert without == [], "a feature that is a number says it"


@pytest.fixture(scope="module")
def county():
    """Every declared column of an invented register on a day."""
    register = fr.make_register(1_500, random_state=21)
    references = fr.make_references(register, "2023-12-31")
    return fr.compute_features(register, "2023-12-31", references=references, context=True)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", [declared.name for declared in FEATURES])
def test_sentences_of_a_register_leave_nothing_open(county, name, lang):
    """What belongs together is known together: no sentence quotes what is not known, and none counts to 0."""
    declared = DECLARED[name]
    known = county[county[name].notna() & declared.applies(county)]
    said = dict.fromkeys(describe(declared, known, DECLARED, lang=lang))
    open_ended = re.compile(
        r"未登记(?!保险|的)|(?<![\d.,])0[人次项]" if lang == "zh" else r"not recorded|: 0(?![\d.,])"
    )
    change = declared.unit == "change"
    broken = [text for text in said if faults(text, lang, change=change) or open_ended.search(text)]
    assert broken == []


BURDENS = [f.name for f in FEATURES if f.domain == "income" or "income_counted" in f.mentions]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", BURDENS)
def test_figures_of_a_year_name_the_year(county, name, lang):
    """An income without its year is a claim that nobody can look up."""
    declared = DECLARED[name]
    known = county[county[name].notna() & (county[name] != 0)]
    said = describe(declared, known, DECLARED, lang=lang)
    without = [text for text in dict.fromkeys(said) if not re.search(r"(?<!\d)20\d\d(?!\d)", text)]
    assert without == []


@pytest.mark.parametrize("declared", FEATURES + CONTEXT, ids=lambda declared: declared.name)
def test_both_languages_quote_the_same(declared):
    """What one language tells of a household the other tells as well."""
    assert set(quoted_in(declared.says_zh)) == set(quoted_in(declared.says_en))


@pytest.mark.parametrize(
    ("text", "lang", "rule"),
    [
        ("人均经营净收入是监测线的-500%", "zh", "a negative percentage is no quantity"),
        ("是年收入的1000%", "zh", "a cap is no value"),
        ("是年收入的12,345%", "zh", "more than 1,000 % is no percentage"),
        ("最近一次住院在0个月前", "zh", "an event is not 0 months ago"),
        ("the stay was 0 months ago", "en", "an event is not 0 months ago"),
        ("收入nan元", "zh", "code is no text"),
        ("收入{income}", "zh", "code is no text"),
        ("收入5,000元元", "zh", "a unit stands once"),
        ("收入5,000元;支出", "zh", "marks and blanks are those of the language"),
        ("income 5,000元", "en", "marks and blanks are those of the language"),
        ("受灾，，损失", "zh", "no mark stands alone"),
        ("家中有low income", "zh", "letters are those of grades only"),
    ],
)
def test_the_rules_see_what_they_forbid(text, lang, rule):
    """Each rule finds a sentence that was said once, or could be."""
    assert rule in faults(text, lang)


@pytest.mark.parametrize(
    "text", ["住房登记为危房（C级）", "收入12,345.6元", "10—30个月", "相当于家庭纯收入的10倍以上", "+500%以上"]
)
def test_the_rules_leave_good_sentences(text):
    """A thousands separator, a grade, a range and a bound are no faults."""
    assert faults(text, "zh") == []


# --- one household, written by hand -------------------------------------------------------------------------------
HAND_MADE = {
    "households": [{
        "household_id": "A", "valid_from": "2020-01-01", "area_code": "530000000000", "register_status": "ex_poor", "exit_year": 2018,
        "household_attr": "dibao", "safe_water": False, "toilet": False, "road_km": 2.5, "entry_road": "earth", "house_grade": "C",
    }],
    "members": [
        {"member_id": "A-1", "relation": "head", "birth_date": "1951-03-01", "labour": "weak", "work_months": 0},
        {"member_id": "A-2", "relation": "son", "birth_date": "2009-03-01", "labour": "none"},
        {"member_id": "A-3", "valid_to": "2023-04-01", "left_reason": "death"},
    ],
    "incomes": [{"period_start": "2023-01-01", "period_end": "2023-12-31", "item": "tr_dibao", "amount_cny": 900}],
    "medical": [{
        "member_id": "A-1", "event_date": "2023-12-05", "kind": "inpatient", "serious30": True, "icd10": "C16.9", "total_cost_cny": 8000,
        "reimb_basic_cny": 5000, "reimb_serious_cny": 0, "reimb_aid_cny": 1000, "reimb_other_cny": 0, "out_of_pocket_cny": 2000,
    }],
    "enrolments": [
        {"member_id": "A-2", "school_year": 2023, "stage": "junior", "status": "dropped_out", "dropout_reason": "unwilling"}
    ],
    "shocks": [{"event_date": "2023-05-10", "kind": "flood", "loss_cny": 12000, "insured_cny": 3000}],
    "supports": [
        {"start_date": "2022-01-01", "end_date": "2023-09-15", "measure": "public_post", "for_cause": "unstable_work"}
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def hand_made():
    """Features of the household on the last day of 2023."""
    frames = {}
    for table, rows in HAND_MADE.items():
        time = {"households": "valid_from", "members": "valid_from", "incomes": "period_end", "supports": "end_date"}
        filled = []
        for row in rows:
            known = {"household_id": "A"} if table not in ("medical", "enrolments") else {}
            known |= {"valid_from": "2020-01-01"} if table == "members" else {}
            recorded = {"recorded_at": row.get(time.get(table, "event_date"), "2023-12-31")}
            filled.append(known | recorded | row)
        frames[table] = pd.DataFrame(filled)
    return fr.compute_features(fr.Register.from_frames(**frames), "2023-12-31", context=True)


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("disaster_12m", "2023年5月10日发生洪涝灾害，损失12,000元，保险赔付3,000元；近12个月受灾共1次",
         "flood on 2023-05-10, loss 12,000 CNY, insurance paid 3,000 CNY; disasters in the last 12 months: 1"),
        ("disaster_uninsured_12m", ("2023年5月10日发生洪涝灾害，损失12,000元，保险赔付3,000元；按登记的损失和赔付计，"
         "近12个月受灾的损失中保险没有赔付的共9,000元"), None),
        ("disaster_to_income_12m", ("2023年5月10日发生洪涝灾害，损失12,000元，保险赔付3,000元；近12个月登记的受灾损失共12,000元，"
         "相当于2023年家庭纯收入2,000元（实际900元，不足每人1,000元，按每人1,000元计）的600%"), None),
        ("accident_or_death_12m", "近12个月没有意外事故或成员死亡的记录", None),
        ("months_since_support_ended", "2023年9月15日停止的公益岗位（针对因务工就业不稳风险）没有接续，距今3个月",
         "a public post (against the risk: unstable work) ended on 2023-09-15, 3 months ago, and was not continued"),
        ("months_since_inpatient", "最近一次住院为2023年12月5日，自付2,000元，距今不满一个月", None),
        ("n_serious_illness", "家中登记患大病的有1人（共2人），最近一次大病结算为2023年12月5日，病种属肿瘤", None),
        ("reimbursement_share_12m", ("按总费用和自付均有登记的医疗单计，近12个月医疗总费用8,000元，报销75%，基本医保报销5,000元，"
         "医疗救助1,000元，自付2,000元"), None),
        ("n_able_labour", "按登记的劳动技能，家中没有普通或技能劳动力（有弱劳动力1人）",
         "by what is on record no member is of ordinary or skilled labour (of weak labour: 1)"),
        ("n_dropouts_24m", "近两个学年失学辍学的有1人，最近一次在2023年9月开始的学年，登记的原因：厌学", None),
        ("members_lost_12m", "近12个月家中减少1人，其中死亡1人", None),
        ("head_age", "户主72岁，家中没有16—59岁的成员（按登记的出生日期）", None),
        ("dependency_ratio", "按登记的出生日期，家中没有16—59岁的成员，老人小孩有2人", None),
        ("ex_poor", "属于脱贫户（2018年脱贫）", "registered as having left poverty (in 2018)"),
        ("unsafe_house", "住房登记为危房（C级）", None),
        ("unsafe_water", "饮水安全登记为未解决，没有卫生厕所", None),
        ("road_km", "住处离村主干路2.5公里，入户路为泥土路", None),
    ],
)  # fmt: skip
def test_what_is_said_of_a_household(hand_made, name, zh, en):
    """The sentences that an office asked for, to the letter."""
    assert describe(DECLARED[name], hand_made, DECLARED, lang="zh") == [zh]
    if en is not None:
        assert describe(DECLARED[name], hand_made, DECLARED, lang="en") == [en]


def test_what_does_not_apply_is_not_missing(hand_made):
    """Nobody able, no measure of reimbursement without bills: not applicable, and no gap in the records."""
    assert not DECLARED["work_months_per_able"].applies(hand_made).any()
    assert not DECLARED["able_without_wages"].applies(hand_made).any()
    assert DECLARED["months_since_inpatient"].applies(hand_made).all()
    general = hand_made.assign(ex_poor=0.0, n_pupils=0.0, n_schooled=0.0, stays_on_record=0.0, events_on_record=0.0)
    names = (
        "poverty_cause",
        "school_cost_net_12m",
        "school_cost_to_income",
        "months_since_inpatient",
        "months_since_shock",
    )
    assert not any(DECLARED[name].applies(general).any() for name in names)
