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
    r"(?!.*short_of)(?!.*_3y_line)(?:.*(?:_to_line|_to_area_median|_change_1y|_trend_2y)$|income_(?:per_person|lowest|highest|after|below)"
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
    """What belongs together is known together: no sentence about a known value quotes something that is not."""
    declared = DECLARED[name]
    known = county[county[name].notna() & declared.applies(county)]
    said = dict.fromkeys(describe(declared, known, DECLARED, lang=lang))
    open_ended = re.compile(r"未登记(?!保险|的)" if lang == "zh" else r"not recorded")
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
