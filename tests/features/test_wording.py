"""Sentences with parts: what is said of nothing, what is left out where it is not on record, which one is true."""

import numpy as np
import pytest

from fanpin_risk.errors import SchemaError
from fanpin_risk.features.wording import conditions_of, parts_of, patterns_of, quoted_in, variants

EVENT = "损失{loss}[，赔付{paid}|，没有赔付]|没有损失[（上年{before}）|]"


def chosen(sentence, **columns):
    return variants(sentence, next(iter(columns)), {name: np.array([float(v)]) for name, v in columns.items()})[0]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"loss": 5, "paid": 2, "before": 0}, "损失{loss}，赔付{paid}"),
        ({"loss": 5, "paid": 0, "before": 0}, "损失{loss}，没有赔付"),
        ({"loss": 5, "paid": np.nan, "before": 0}, "损失{loss}"),
        ({"loss": 0, "paid": 2, "before": 7}, "没有损失（上年{before}）"),
        ({"loss": 0, "paid": 2, "before": 0}, "没有损失"),
        ({"loss": 0, "paid": np.nan, "before": np.nan}, "没有损失"),
        ({"loss": np.nan, "paid": 1, "before": 1}, "损失{loss}，赔付{paid}"),
    ],
)
def test_a_part_stands_or_falls_with_what_it_quotes(columns, said):
    """Nothing is said as nothing, a part without its figure is left out, and zero has its own words."""
    assert chosen(EVENT, **columns) == said


def test_a_part_needs_all_that_it_quotes():
    """A part with two columns is left out where either is missing; the first of them decides what nothing is."""
    sentence = "a{x}[, {y} of {z}|, none of {z}]"
    assert chosen(sentence, x=1, y=2, z=3) == "a{x}, {y} of {z}"
    assert chosen(sentence, x=1, y=2, z=np.nan) == "a{x}"
    assert chosen(sentence, x=1, y=0, z=3) == "a{x}, none of {z}"
    assert chosen(sentence, x=1, y=0, z=np.nan) == "a{x}"
    assert chosen("a{x}[, {y}]", x=0, y=0) == "a{x}, {y}"


def test_rows_do_not_depend_on_each_other():
    """Many rows are said as each of them alone."""
    rng = np.random.default_rng(3)
    draw = {name: rng.choice([0.0, 1.0, np.nan], 200) for name in ("loss", "paid", "before")}
    together = variants(EVENT, "loss", draw)
    assert together == [chosen(EVENT, **{name: values[k] for name, values in draw.items()}) for k in range(200)]
    assert set(together) <= set(patterns_of(EVENT))
    assert variants(EVENT, "loss", {name: np.array([]) for name in draw}) == []


def test_what_a_sentence_can_say_is_listed():
    """Every way of saying a sentence is known before, for tests and translators."""
    assert patterns_of(EVENT) == [
        "损失{loss}，赔付{paid}", "损失{loss}", "损失{loss}，没有赔付", "没有损失（上年{before}）", "没有损失"
    ]  # fmt: skip
    assert quoted_in(EVENT) == ("loss", "paid", "before")
    assert patterns_of("yes|no") == ["yes", "no"]


def test_a_bracket_may_be_said():
    """Doubled brackets stand for themselves, within a part and outside."""
    assert patterns_of("a]]>[[b") == ["a]>[b"]
    assert patterns_of("a[, [[{x}]]!]") == ["a, [{x}]!", "a"]


@pytest.mark.parametrize("sentence", ["a[b", "a]b", "a[b[{c}]]", "a[b]", "a[{b}|c|d]"])
def test_a_sentence_that_cannot_be_taken_apart_is_refused(sentence):
    """A bracket that does not match, or decides nothing, fails when the feature is declared."""
    with pytest.raises(SchemaError, match="sentence"):
        parts_of(sentence)


def test_conditions_choose_the_sentence():
    """A negative income is no percentage: the first condition that holds says which sentence is true."""
    when = ("x < 0", "y missing", "y = 2.5")
    data = {"x": np.array([-1.0, -0.0, 0.0, 3.0, np.nan]), "y": np.array([np.nan, np.nan, 2.5, 1.0, 1.0])}
    assert variants("亏{x}|只有{x}|两个{x}[和{y}]|有{x}", "x", data, when) == [
        "亏{x}", "只有{x}", "两个{x}和{y}", "有{x}", "有{x}"
    ]  # fmt: skip


@pytest.mark.parametrize("condition", ["x is 3", "x <", "X < 1", "x missing 1", "x <> 3", "x < a"])
def test_what_is_no_condition_is_refused(condition):
    """A condition that cannot be read fails when the feature is declared."""
    with pytest.raises(
        SchemaError, match=f"when: '{condition}' is no condition; expected one such as income_to_line < 0"
    ):
        conditions_of(("x < 0", condition))
