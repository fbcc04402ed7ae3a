"""Reasons: one per topic, ranked by what the topic adds, with the household's own numbers."""

import math
import re
import string
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanpin_risk.errors import FanpinError, FeatureMismatchError
from fanpin_risk.explanation.reasons import LEAST, by_cause, describe, format_value, make_reasons
from fanpin_risk.features import CONTEXT, FEATURES
from fanpin_risk.features.feature import CAUSES, Feature
from fanpin_risk.features.income import income_to_line
from fanpin_risk.features.wording import patterns_of

DECLARED = {declared.name: declared for declared in (*FEATURES, *CONTEXT)}
TYPICAL = {
    "share": 0.613,
    "ratio": 1.37,
    "change": -0.234,
    "CNY": 12345.67,
    "CNY/person": 4321.5,
    "mu": 2.25,
    "years": 43.0,
}
TOWARD = {"zh": "（推高风险）", "en": " (raises the risk)"}


def toy(name, *, cause="low_income", domain="income", unit="CNY", says_zh=None, says_en=None, monotone=0, **more):
    return Feature(
        name=name, zh=f"标签{name}", en=f"Label {name}", domain=domain, cause=cause, unit=unit, monotone=monotone, reason="r",
        source="s", says_zh=says_zh or f"{name}为{{{name}}}", says_en=says_en or f"{name} is {{{name}}}", actionable=True,
        model=True, compute=lambda h: np.zeros(h.n_households), **more,
    )  # fmt: skip


def unit(name, **more):
    return toy(
        "x", unit=name, says_zh="x|x" if name == "flag" else "x", says_en="x|x" if name == "flag" else "x", **more
    )


def reasons(values, features, data=None, **options):
    values = np.atleast_2d(np.asarray(values, dtype=float))
    if data is None:
        data = np.ones((len(values), len(features)))
    ids = pd.Index([f"H{i}" for i in range(len(values))], name="household_id")
    frame = pd.DataFrame(data, index=ids, columns=[f.name for f in features])
    return make_reasons(values, frame, features, declarations={f.name: f for f in features}, **options)


# --- numbers ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "value", "zh", "en"),
    [
        ("CNY", 12345.67, "12,346元", "12,346 CNY"),
        ("CNY/person", -250.0, "-250元", "-250 CNY"),
        ("CNY", 0.5, "0.5元", "0.5 CNY"),
        ("CNY", 0.004, "0.004元", "0.004 CNY"),
        ("CNY", -0.0, "0元", "0 CNY"),
        ("share", 0.61, "61%", "61%"),
        ("share", 1.0, "100%", "100%"),
        ("share", 0.0, "0%", "0%"),
        ("share", 0.996, "99.6%", "99.6%"),
        ("share", 0.9996, "99.96%", "99.96%"),
        ("share", 1.004, "100.4%", "100.4%"),
        ("share", 1 - 1e-15, "100%", "100%"),
        ("share", 0.004, "0.4%", "0.4%"),
        ("share", 0.0004, "0.04%", "0.04%"),
        ("share", 0.046, "4.6%", "4.6%"),
        ("share", 0.29, "29%", "29%"),
        ("ratio", -0.5, "-50%", "-50%"),
        ("ratio", 10.0, "10倍以上", "1,000% or more"),
        ("ratio", -10.0, "-10倍以下", "-1,000% or less"),
        ("ratio", 9.87, "987%", "987%"),
        ("change", -0.23, "-23%", "-23%"),
        ("change", 0.12, "+12%", "+12%"),
        ("change", 0.004, "+0.4%", "+0.4%"),
        ("change", 0.0, "0%", "0%"),
        ("change", -1.0, "-100%", "-100%"),
        ("change", -0.997, "-99.7%", "-99.7%"),
        ("change", -1.15, "-115%", "-115%"),
        ("change", -10.0, "-10倍以下", "-1,000% or less"),
        ("change", 5.0, "+500%以上", "+500% or more"),
        ("persons", 3.0, "3人", "3"),
        ("times", 2.0, "2次", "2"),
        ("measures", 4.0, "4项", "4"),
        ("months", 1.0, "1个月", "1 month"),
        ("months", 7.46, "7.5个月", "7.5 months"),
        ("months", 0.01, "0.01个月", "0.01 months"),
        ("years", 72.0, "72岁", "72 years"),
        ("year", 2023.0, "2023年", "2023"),
        ("year", np.nan, "未登记", "not recorded"),
        ("day", 19487.0, "2023年5月10日", "2023-05-10"),
        ("day", -2.0, "1969年12月30日", "1969-12-30"),
        ("day", -1.0, "1969年12月", "1969-12"),
        ("day", 19781.0, "2024年2月28日", "2024-02-28"),
        ("day", 19782.0, "2024年2月", "2024-02"),
        ("period", 202301.202312, "2023年", "2023"),
        ("period", 202210.202309, "2022年10月至2023年9月", "2022-10–2023-09"),
        ("period", 202301.202311, "2023年1月至11月", "2023-01–2023-11"),
        ("period", -202301.202303, "2023年1月至3月（折合全年）", "2023-01–2023-03 (as a full year)"),
        ("period", -202301.202312, "2023年（折合全年）", "2023 (as a full year)"),
        ("period", -202305.202305, "2023年5月（折合全年）", "2023-05 (as a full year)"),
        ("mu", 2.25, "2.2亩", "2.2 mu"),
        ("km", 0.0, "0公里", "0 km"),
        ("flag", 1.0, "是", "yes"),
        ("flag", 0.0, "否", "no"),
        ("level", 2.0, "2", "2"),
        ("level", np.nan, "未登记", "not recorded"),
        ("CNY", np.nan, "未登记", "not recorded"),
        ("flag", np.nan, "未登记", "not recorded"),
    ],
)
def test_value_is_written_by_its_unit(name, value, zh, en):
    """Each unit has its own way of writing, and rounding never reaches 0 % or 100 % by itself."""
    declared = unit(name)
    assert (format_value(value, declared, "zh"), format_value(value, declared, "en")) == (zh, en)


def test_levels_are_written_by_name():
    """A level is said by its name, a mean of levels by the two names around it, an unknown one by its number."""
    declared = unit("level", levels_zh=("文盲", "小学", "初中"), levels_en=("none", "primary", "junior"))
    assert [format_value(x, declared, "zh") for x in (0, 2, 1.5, 3)] == ["文盲", "初中", "小学—初中", "3"]
    assert format_value(1, declared, "en") == "primary"


def test_categories_are_written_by_name():
    """A category is said by its name, never by its code; a code without a name is not recorded, as for the trees."""
    declared = unit("category", levels_zh=("因病", "因残", "因学"), levels_en=("illness", "disability", "schooling"))
    assert [format_value(x, declared, "zh") for x in (0.0, 2.0)] == ["因病", "因学"]
    assert [format_value(x, declared, "en") for x in (1.0, 3.0, -1.0, 0.5)] == ["disability", *["not recorded"] * 3]
    assert format_value(np.nan, declared, "zh") == "未登记"


@settings(max_examples=300, deadline=None)
@given(st.floats(-9.99, 9.99), st.sampled_from(["share", "ratio", "change"]))
def test_percentages_never_mislead(value, name):
    """A percentage is right to half a point and says 0 or 100 only where that is so."""
    text = format_value(min(value, 4.99), unit(name), "zh")
    said = float(text.rstrip("%")) / 100
    true = min(value, 4.99)
    assert abs(said - true) <= 0.005 + 1e-9
    for mark in (0.0, -1.0 if name == "change" else 1.0):
        if said == mark:
            assert abs(true - mark) < 1e-6


# --- every declared feature ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", list(DECLARED))
def test_every_feature_is_said(name, lang):
    """Every declared feature has a sentence for 0, a usual value, and what is missing, in both languages."""
    declared = DECLARED[name]
    rows = {column: [0.0, TYPICAL.get(DECLARED[column].unit, 1.0), np.nan, 1.0] for column in declared.mentions}
    rows[name] = [0.0, TYPICAL.get(declared.unit, 1.0), np.nan, 2.0]
    others_missing = {column: [*numbers[:3], np.nan] for column, numbers in rows.items() if column != name}
    said = describe(declared, pd.DataFrame({**rows, **others_missing}), DECLARED, lang=lang)
    assert len(said) == 4
    for text in said:
        assert text.strip() == text
        assert len(text) > 3
        assert not re.search(r"nan|None|[{}|]|\s\s", text)
    assert said[2].startswith("没有" if lang == "zh" else "no record of ")
    assert said[0] != said[2]
    if declared.unit == "flag":
        assert said[0] != said[1]


def test_missing_is_said_and_never_printed():
    """A missing feature is said to have no record; a missing figure beside a known one is said to be unregistered."""
    features = [
        toy("a", says_zh="收入{a}，线{b}", says_en="income {a}, line {b}"),
        toy("b", domain="health", cause="illness"),
    ]
    frame = pd.DataFrame({"a": [np.nan, 5.0], "b": [3.0, np.nan]})
    declared = {f.name: f for f in features}
    assert describe(features[0], frame, declared, lang="zh") == ["没有标签a的记录", "收入5元，线未登记"]
    assert describe(features[0], frame, declared, lang="en") == [
        "no record of label a",
        "income 5 CNY, line not recorded",
    ]


def test_flag_says_yes_or_no():
    """A yes/no feature is told by its sentence for yes where it is 1 and by the one for no where it is 0."""
    flag = toy("f", unit="flag", says_zh="房屋危险|房屋安全", says_en="unsafe|safe")
    frame = pd.DataFrame({"f": [1.0, 0.0, np.nan]})
    assert describe(flag, frame, {"f": flag}, lang="zh") == ["房屋危险", "房屋安全", "没有标签f的记录"]
    assert describe(flag, frame, {"f": flag}, lang="en")[:2] == ["unsafe", "safe"]


def test_quoting_an_absent_column_is_refused():
    """A sentence that quotes a column which is not there is refused by name, not filled with a blank."""
    income = toy("a", says_zh="收入{a}，线{line}", says_en="income {a}, line {line}")
    with pytest.raises(FeatureMismatchError, match="the sentence of a quotes line"):
        reasons([[1.0]], [income])


# --- which reasons -------------------------------------------------------------------------------------------------
def test_strongest_topics_first():
    """Reasons come by what their topic adds, largest first, with the direction and the signed sum."""
    features = [toy("a"), toy("b", cause="illness"), toy("c", cause="schooling")]
    row = reasons([[0.1, 0.5, -0.4]], features, lang="en").iloc[0]
    assert row.tolist()[:4] == ["H0", "b is 1 CNY (raises the risk)", "a is 1 CNY (raises the risk)", ""]
    assert row[["contribution_1", "contribution_2"]].tolist() == [0.5, 0.1]
    assert np.isnan(row["contribution_3"])
    away = reasons([[0.1, 0.5, -0.4]], features, lang="zh", direction="away").iloc[0]
    assert away["reason_1"] == "c为1元（降低风险）"
    assert away["contribution_1"] == -0.4
    assert away["reason_2"] == ""


def test_features_that_say_the_same_are_one_reason():
    """Features of one topic make one reason: their sum, told by the one that pushes hardest."""
    features = [toy("a"), toy("b"), toy("c"), toy("d", domain="health", cause="illness")]
    row = reasons([[0.2, 0.3, -0.1, 0.35]], features, lang="en", n_reasons=2).iloc[0]
    assert row["reason_1"] == "b is 1 CNY (raises the risk)"
    assert row["contribution_1"] == pytest.approx(0.4)
    assert row["reason_2"] == "d is 1 CNY (raises the risk)"


def test_what_changed_is_another_topic_than_what_is():
    """A fall since last year stands beside the level; features of the category 'other' stand alone."""
    features = [toy("a"), toy("b", unit="change"), toy("c", cause="other"), toy("d", cause="other")]
    row = reasons([[0.4, 0.3, 0.2, 0.1]], features, lang="en", n_reasons=4).iloc[0]
    assert row[[f"contribution_{k}" for k in range(1, 5)]].tolist() == [0.4, 0.3, 0.2, 0.1]


def test_ties_go_to_what_is_declared_first():
    """Of equal topics, and of equal features of a topic, the one declared first comes first."""
    features = [toy("a", cause="illness"), toy("b", cause="illness"), toy("c")]
    row = reasons([[0.1, 0.1, 0.2]], features, lang="en").iloc[0]
    assert row["reason_1"].startswith("a ")
    assert row["reason_2"].startswith("c ")


def test_no_reason_where_nothing_raises_the_risk():
    """Where no topic raises the risk, reasons and category are empty and contributions missing."""
    result = reasons([[-0.1, 0.0], [0.0, 0.0]], [toy("a"), toy("b", cause="illness")], n_reasons=5)
    assert (result[[f"reason_{k}" for k in range(1, 6)]] == "").all(axis=None)
    assert result.filter(like="contribution").isna().all(axis=None)
    assert (reasons([[0.0, 0.0]], [toy("a"), toy("b")], least=0)["reason_1"] == "").all()
    assert (result.dtypes.filter(like="reason").astype(str) == "str").all()
    assert (result.dtypes.filter(like="contribution") == "float64").all()


def test_what_hardly_matters_is_not_told():
    """A topic that moves the odds by less than a fiftieth is no reason, unless asked for."""
    features = [toy("a", cause="illness"), toy("b")]
    assert reasons([[0.019, 0.02]], features, lang="en").iloc[0, 1:3].tolist() == ["b is 1 CNY (raises the risk)", ""]
    assert reasons([[0.019, 0.02]], features, least=0).loc[0, "contribution_2"] == 0.019


def test_no_households_no_reasons():
    """Without households the frame is empty and has its columns."""
    result = reasons(np.empty((0, 1)), [toy("a")], n_reasons=1)
    assert list(result.columns) == ["household_id", "reason_1", "contribution_1"]
    assert len(result) == 0


def test_sums_by_cause_lose_nothing():
    """Contributions of a category are summed, and all categories add up to all contributions."""
    features = [toy("a", cause="labour"), toy("b", cause="labour"), toy("c", cause="illness")]
    values = np.array([[0.3, -0.25, 0.1], [0.1, 0.1, 0.2]])
    assert by_cause(values, features).shape == (2, len(CAUSES))
    np.testing.assert_allclose(by_cause(values, features).sum(axis=1), values.sum(axis=1), atol=1e-15)


def test_causes_on_record_go_first():
    """What is about causes on record comes in their order, before a larger sum without a fact, among what raises the risk."""
    features = [
        toy(name, cause=cause, monotone=1)
        for name, cause in zip("abc", ("labour", "illness", "schooling"), strict=True)
    ]
    place = np.full((1, len(CAUSES)), -1)
    place[0, list(CAUSES).index("illness")] = 1
    place[0, list(CAUSES).index("schooling")] = 0
    row = reasons([[0.5, 0.2, 0.1]], features, lang="en", causes=place).iloc[0]
    assert [row[f"reason_{k}"][0] for k in (1, 2, 3)] == ["c", "b", "a"]
    away = reasons([[-0.5, -0.1, 0.0]], features, lang="en", causes=place, direction="away").iloc[0]
    assert [away["reason_1"][0], away["reason_2"][0]] == ["a", "b"]


def test_what_claims_a_direction_describes_first():
    """A feature without a declared direction describes a topic only where no other does, and its topic comes later."""
    claim = {"monotone": 1}
    features = [
        toy("a", cause="labour"),
        toy("b", cause="labour", **claim),
        toy("c", cause="illness"),
        toy("d", **claim),
    ]
    row = reasons([[0.5, 0.1, 0.4, 0.2]], features, lang="en").iloc[0]
    assert [row[f"reason_{k}"][0] for k in (1, 2, 3)] == ["b", "d", "c"]


def test_a_rise_of_income_is_no_reason_for_a_risk():
    """A change against its declared direction describes nothing, even where it is too small for the model."""
    features = [toy("a", unit="change", monotone=-1)]
    assert reasons([[0.5]], features, data=[[0.027]])["reason_1"].tolist() == [""]
    assert reasons([[0.5]], features, data=[[-0.2]])["reason_1"].tolist() != [""]
    assert reasons([[-0.5]], features, data=[[-0.2]], direction="away")["reason_1"].tolist() == [""]


def test_what_does_not_apply_is_not_called_missing():
    """Without pupils there is no record of their costs to ask for."""
    features = [toy("cost", cause="schooling", needs="n"), toy("n", unit="persons", cause="schooling")]
    for n, said in ((0.0, ""), (1.0, "no record of label cost (raises the risk)")):
        assert reasons([[0.5, 0.0]], features, data=[[math.nan, n]], lang="en")["reason_1"].tolist() == [said]


def test_each_household_has_its_own_direction():
    """What raises the risk of one household is told beside what lowers that of another."""
    both = reasons([[0.5], [-0.5]], [toy("a")], lang="en", direction=np.array([True, False]))
    assert both["reason_1"].tolist() == ["a is 1 CNY (raises the risk)", "a is 1 CNY (lowers the risk)"]
    assert both["contribution_1"].tolist() == [0.5, -0.5]


def test_topics_that_are_said_elsewhere_are_left_out():
    """The state of income has a line of its own."""
    row = reasons([[0.5, 0.1]], [toy("a"), toy("b", cause="illness")], lang="en", without=("low_income/state",)).iloc[0]
    assert [row["reason_1"][0], row["reason_2"]] == ["b", ""]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lang": "fr"}, "lang is 'fr'"),
        ({"direction": "up"}, "direction is 'up'"),
        ({"n_reasons": -1}, "n_reasons is -1; expected a whole number of 0 or more"),
    ],
)
def test_unknown_options_are_refused(options, message):
    """An unknown language or direction, or no reasons at all, is refused with what is allowed."""
    with pytest.raises(FanpinError, match=message):
        reasons([[1.0]], [toy("a")], **options)


# --- traced back on a whole table --------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def county():
    """300 invented households with every declared column, and contributions drawn at random."""
    rng = np.random.default_rng(5)
    n = 300
    draw = {
        "share": lambda: rng.random(n),
        "ratio": lambda: np.clip(rng.normal(1, 3, n), -10, 10),
        "change": lambda: np.clip(rng.normal(0, 1, n), -10, 5),
        "flag": lambda: (rng.random(n) < 0.5).astype(float),
        "CNY": lambda: np.round(rng.gamma(1, 9000, n), 2),
        "CNY/person": lambda: np.round(rng.gamma(1, 9000, n), 2) / 3,
        "year": lambda: rng.integers(2015, 2030, n).astype(float),
        "day": lambda: rng.integers(16_000, 20_000, n).astype(float),
        "period": lambda: rng.choice([202301.202312, 202210.202309, -202301.202303, -202305.202305], n),
    }
    table = {name: draw.get(f.unit, lambda: rng.poisson(1.5, n).astype(float))() for name, f in DECLARED.items()}
    for name, f in DECLARED.items():
        if f.unit == "category":
            table[name] = rng.integers(len(f.levels_zh), size=n).astype(float)
    data = pd.DataFrame(table, index=pd.Index([f"H{i:03d}" for i in range(n)], name="household_id"))
    return data.mask(rng.random(data.shape) < 0.1), rng.normal(size=(n, len(FEATURES)))


def spoken(text, declared, lang):
    """Every way to read the numbers of quoted columns, as text, out of a sentence; none if it is not this feature's."""
    for template in patterns_of(declared.says_zh if lang == "zh" else declared.says_en):
        pattern, names = "", []
        for literal, name, _, _ in string.Formatter().parse(template):
            pattern += re.escape(literal)
            if name:
                pattern += "(.+?)"
                names.append(name)
        found = re.fullmatch(pattern, text)
        if found:
            yield dict(zip(names, found.groups(), strict=True))


def number_of(text, declared):
    """(number in the feature's unit, half of its last digit) of a written value; None if it is not one."""
    if text in ("未登记", "not recorded"):
        return np.nan, 0.0
    if text in ("10倍以上", "1,000% or more"):
        return 10.0, 0.0
    if text in ("-10倍以下", "-1,000% or less"):
        return -10.0, 0.0
    if text in ("+500%以上", "+500% or more"):
        return 5.0, 0.0
    if declared.unit == "period":
        known = (202301.202312, 202210.202309, -202301.202303, -202305.202305)
        said = {format_value(one, declared, lang): (one, 0.0) for one in known for lang in ("zh", "en")}
        return said.get(text)
    if declared.unit in ("level", "category") and declared.levels_zh:
        names = declared.levels_zh if text in declared.levels_zh else declared.levels_en
        if text in names:
            return float(names.index(text)), 0.0
    if declared.unit == "day":
        found = re.fullmatch(r"(\d+)年(\d+)月(?:(\d+)日)?|(\d+)-(\d+)(?:-(\d+))?", text)
        if found is None:
            return None
        year, month, *of_month = (int(part) for part in found.groups() if part)
        last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return float(((date(year, month, *of_month) if of_month else last) - date(1970, 1, 1)).days), 0.0
    digits = re.fullmatch(
        r"([+-]?[\d,]+(?:\.(\d+))?)(%?)(元|人|次|项|个月|岁|年|亩|公里| CNY| months?| years?| mu| km)?", text
    )
    if digits is None:
        return None
    scale = 0.01 if digits[3] else 1.0
    coarsest = 0.5 * 10.0 ** -len(digits[2] or "")
    return float(digits[1].replace(",", "")) * scale, coarsest * scale


def agrees(name, written, row):
    """Whether a written value is the one in the row, as far as its digits go."""
    read = number_of(written, DECLARED[name])
    if read is None or math.isnan(read[0]) or math.isnan(row[name]):
        return read is not None and math.isnan(read[0]) and math.isnan(row[name])
    return abs(read[0] - row[name]) <= read[1] + 1e-9


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_number_is_the_households_own(county, lang):
    """Read back out of the sentences, every number is that of the column it stands for, to its last digit."""
    data, values = county
    result = make_reasons(values, data, FEATURES, declarations=DECLARED, lang=lang, n_reasons=6)
    traced = 0
    for row in result.itertuples():
        for place in range(1, 7):
            reason = getattr(row, f"reason_{place}")
            if not reason:  # fewer topics than places raise the risk
                continue
            text = reason.removesuffix(TOWARD[lang])
            assert text != reason
            if text.startswith(("没有", "no record of ")):
                continue
            told = [said for f in FEATURES for said in spoken(text, f, lang)]
            right = [said for said in told if all(agrees(*item, data.loc[row.household_id]) for item in said.items())]
            assert right, text
            traced += len(right[0])
    assert traced > 1500


@pytest.mark.parametrize("direction", ["toward", "away"])
def test_ranking_agrees_with_a_plain_one(county, direction):
    """The ranking over the whole table is that of a plain loop over one household's topics."""
    data, values = county
    result = make_reasons(values, data, FEATURES, declarations=DECLARED, lang="en", n_reasons=4, direction=direction)
    sign = 1 if direction == "toward" else -1
    for i, household in enumerate(data.index[:60]):
        topics = {}
        row = data.loc[[household]]
        for j, f in enumerate(FEATURES):
            key = f.name if f.cause == "other" else (f.cause, f.unit == "change")
            value = data.loc[household, f.name]
            against = f.unit == "change" and f.monotone != 0 and value * f.monotone * sign <= 0
            kind = (2 if f.applies(row)[0] else 9) if math.isnan(value) else 9 if against else int(f.monotone == 0)
            topics.setdefault(key, []).append((sign * values[i, j], -j, kind))
        told = {}
        for key, pushes in topics.items():
            kind = min((k for p, _, k in pushes if p > 0), default=9)
            if sum(p for p, *_ in pushes) >= LEAST and kind < 9:
                told[key] = kind
        ranked = [
            topics[k] for k in sorted(told, key=lambda k: (told[k], -sum(p for p, *_ in topics[k]), -topics[k][0][1]))
        ]
        assert (result.loc[i, [f"reason_{k}" for k in range(len(ranked) + 1, 5)]] == "").all()
        for place, pushes in enumerate(ranked[:4], start=1):
            best = min(kind for push, _, kind in pushes if push > 0)
            teller = FEATURES[-max(push for push in pushes if push[2] == best)[1]]
            text = describe(teller, data.loc[[household]], DECLARED, lang="en")[0]
            ending = " (raises the risk)" if sign > 0 else " (lowers the risk)"
            assert result.loc[i, f"reason_{place}"] == text + ending
            assert result.loc[i, f"contribution_{place}"] == pytest.approx(sign * sum(p for p, *_ in pushes), abs=1e-9)


def test_what_is_not_on_record_comes_last():
    """A gap in the records is a question for the visit: told after what is on record."""
    features = [toy("a", cause="illness"), toy("b", cause="schooling")]
    data = pd.DataFrame({"a": [math.nan], "b": [3.0]}, index=pd.Index(["h"], name="household_id"))
    told = make_reasons(np.array([[0.9, 0.1]]), data, features, declarations={f.name: f for f in features}, lang="en")
    assert told.loc[0, "reason_2"].startswith("no record of")
    assert told.loc[0, ["contribution_1", "contribution_2"]].tolist() == [0.1, 0.9]


def test_all_topics_together_are_all_contributions(county):
    """Reasons toward and away, all of them, add up to all contributions: none is lost or counted twice.

    Nothing is missing here, and no change goes against its direction.
    """
    data, values = county
    data = data.fillna(1.0)
    for f in FEATURES:
        if f.unit == "change" and f.monotone:
            data[f.name] = f.monotone * np.sign(values[:, FEATURES.index(f)]) * 0.5
    both = [
        make_reasons(values, data, FEATURES, declarations=DECLARED, n_reasons=60, direction=d, least=0).filter(
            like="contribution"
        )
        for d in ("toward", "away")
    ]
    np.testing.assert_allclose(sum(frame.sum(axis=1) for frame in both), values.sum(axis=1), rtol=0, atol=1e-9)


def test_household_alone_gets_the_same_reasons(county):
    """A household's reasons and contributions do not depend on the other households, to the bit."""
    data, values = county
    batch = make_reasons(values, data, FEATURES, declarations=DECLARED)
    for i in range(0, 300, 25):
        alone = make_reasons(values[[i]], data.iloc[[i]], FEATURES, declarations=DECLARED)
        pd.testing.assert_frame_equal(alone, batch.iloc[[i]].reset_index(drop=True), check_exact=True)


def test_no_reasons_may_be_asked_for():
    """With n_reasons=0 only the households are returned."""
    declared = (income_to_line,)
    data = pd.DataFrame({"income_to_line": [0.5]}, index=pd.Index(["a"], name="household_id"))
    told = make_reasons(np.array([[0.7]]), data, declared, declarations={}, n_reasons=0)
    assert told.columns.tolist() == ["household_id"]
