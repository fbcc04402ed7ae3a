"""Declarations of features: complete, in closed lists, and every cause known to all who name causes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import SchemaError
from fanpin_risk.features import CONTEXT, FEATURES, feature_named
from fanpin_risk.features.feature import CAUSES, DOMAINS, NOT_OFFICIAL, UNITS, feature, shared
from fanpin_risk.features.wording import parts_of, patterns_of
from fanpin_risk.records.code_lists import RISK
from fanpin_risk.records.register import Register
from fanpin_risk.synthetic.monitoring import ANSWERS, NAMED

DEMO_CARD = Path(__file__).parents[2] / "models" / "demo" / "card.json"


def test_every_cause_is_a_risk_category_of_the_register():
    """Causes of scores are compared with the risks that the office recorded, by code and by official text."""
    official = [cause for cause in CAUSES if cause not in NOT_OFFICIAL]
    assert official == list(RISK), (
        "CAUSES of features/feature.py and RISK of records/code_lists.py hold the same causes in the same order, but for "
        "NOT_OFFICIAL, which no register names"
    )
    assert {cause: CAUSES[cause].shown("zh") for cause in official} == {code: texts[0] for code, texts in RISK.items()}


def test_every_cause_has_a_feature():
    """A cause that no feature speaks for can never be named."""
    lacking = set(CAUSES) - {f.cause for f in FEATURES}
    assert lacking == set(), "declare a feature of these causes, or take them out of CAUSES"


def test_the_synthetic_register_knows_every_risk_category():
    """Risks are numbered by the order of the schema's list, so the simulation names them in that order."""
    for name, known, what in (("NAMED", NAMED, "leads to a risk"), ("ANSWERS", ANSWERS, "is done against it")):
        assert list(known) == list(RISK), (
            f"{name} of synthetic/monitoring.py says what {what}: for each code of RISK of records/code_lists.py, in its order"
        )


def test_the_demo_model_knows_every_cause():
    """A demo model trained before a cause was added would never name it."""
    card = json.loads(DEMO_CARD.read_text(encoding="utf-8"))
    known = {declared["cause"] for declared in card["features"]}
    assert set(CAUSES) - known == set(), "the demo model never names these causes: python models/make_demo.py"


@pytest.mark.parametrize("declared", FEATURES + CONTEXT, ids=lambda f: f.name)
def test_declaration(declared):
    """Each declaration is complete: closed lists, a reason that fits the direction, sentences that can be filled in."""
    assert declared.name.isascii()
    assert declared.name.isidentifier()
    assert declared.name == declared.name.lower()
    assert declared.domain in DOMAINS
    assert declared.cause in CAUSES
    assert declared.unit in UNITS
    if declared.model:
        no_claim = declared.reason.startswith("No claim")
        assert no_claim == (declared.monotone == 0), "a direction needs its reason, none says 'No claim: why'"
    names = {f.name for f in FEATURES + CONTEXT}
    assert set(declared.mentions) <= names
    if declared.unit != "flag":
        for sentence in (declared.says_zh, declared.says_en):
            assert f"{{{declared.name}}}" in "".join(
                part.text for part in parts_of(sentence)[-bool(declared.when)] if not part.optional
            )
    for sentence in (declared.says_zh, declared.says_en):
        for part in patterns_of(sentence):
            filled = part.format_map(dict.fromkeys(names, "7"))
            assert filled.strip() == filled
            assert filled
            assert not filled.endswith((".", "。")), "sentences are joined later, with their own stops"


UNIT_ENDINGS = {unit.shown("zh").replace("{number}", "") for unit in UNITS.values()} - {""}


@pytest.mark.parametrize("declared", FEATURES + CONTEXT, ids=lambda f: f.name)
def test_sentences_leave_the_unit_to_the_value(declared):
    """A value brings its unit: '5,000元元' and '3 months months' would come of a sentence that adds it again."""
    for name in declared.mentions:
        zh_unit, en_unit = (
            text.replace("{number}", "") for text in UNITS[feature_named(name).unit].in_every_language()
        )
        if zh_unit:
            assert f"{{{name}}}{zh_unit}" not in declared.says_zh
        if en_unit:
            assert f"{{{name}}}{en_unit}" not in declared.says_en
        assert f"{{{name}}}%" not in declared.says_zh + declared.says_en


GOOD = {
    "zh": "名", "en": "name", "domain": "income", "cause": "other", "unit": "CNY", "monotone": 0, "reason": "No claim: none.",
    "source": "a document", "says_zh": "有{x}", "says_en": "is {x}",
}  # fmt: skip

SORTS = {"unit": "category", "levels_zh": ("一", "二"), "levels_en": ("one", "two")}


def test_a_category_promises_the_order_of_its_names():
    """What a category's codes mean is part of the declaration that a model is saved with; other units stay as they are."""

    def x(h):
        return np.zeros(h.n_households)

    assert feature(**(GOOD | SORTS))(x).declaration()["levels"] == ["一", "二"]
    assert "levels" not in feature(**GOOD)(x).declaration()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"domain": "weather"}, "domain is 'weather'; expected one of"),
        ({"cause": "bad luck"}, "cause is 'bad luck'; expected one of"),
        ({"unit": "yuan"}, "unit is 'yuan'; expected one of"),
        ({"monotone": 2}, "monotone is 2; expected -1, 0 or 1"),
        ({"zh": " "}, "zh is empty"),
        ({"source": ""}, "source is empty"),
        ({"unit": "flag"}, "a flag says"),
        (
            {"levels_zh": ("一", "二"), "levels_en": ("one", "two")},
            "levels are named for the units 'level' and 'category'",
        ),
        ({**SORTS, "levels_en": ("one",)}, "levels are named for the units 'level' and 'category', as many in zh"),
        ({**SORTS, "monotone": 1}, "monotone is 1; a category has no order, expected 0"),
        ({"when": ("x < 0",)}, "2 sentences, split by '|', are expected in zh and en"),
        ({"says_zh": "有{x}|无|多", "says_en": "a|b|c"}, "more than two sentences, split by '|', need when"),
        ({"unit": "category"}, "0 names of levels; a category has 2 to 255, each once"),
        ({**SORTS, "levels_zh": ("一", "一")}, "2 names of levels; a category has 2 to 255, each once"),
    ],
)
def test_a_bad_declaration_is_refused_by_name(change, message):
    """A wrong declaration fails when the module is imported and says which feature and what was expected."""

    def x(h):
        return np.zeros(h.n_households)

    with pytest.raises(SchemaError, match=f"feature x: {message}"):
        feature(**(GOOD | change))(x)


def test_a_feature_applies_where_there_is_somebody_to_ask_about():
    """A household without pupils has no school costs to be missing; unknown numbers of pupils say nothing."""

    def x(h):
        return np.zeros(h.n_households)

    declared = feature(**(GOOD | {"needs": "n_pupils"}))(x)
    data = {"x": np.array([np.nan, np.nan, 3.0, np.nan]), "n_pupils": np.array([0.0, 2.0, 1.0, np.nan])}
    assert declared.applies(data).tolist() == [False, True, True, True]
    assert declared.applies({"x": data["x"]}).all()
    assert feature(**GOOD)(x).applies(data).all()
    assert declared.declaration() == feature(**GOOD)(x).declaration()


def test_what_is_shared_is_computed_once():
    """A measure that several features need is computed once per snapshot."""
    register = Register({})
    calls = []

    @shared
    def measure(snapshot):
        calls.append(snapshot)
        return snapshot.n_households

    snapshot = Snapshot(register, "2023-12-31")
    assert measure(snapshot) == measure(snapshot) == snapshot.n_households
    assert len(calls) == 1
    measure(Snapshot(register, "2023-12-31"))
    assert len(calls) == 2
