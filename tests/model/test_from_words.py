"""Scores read back from their words."""

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.asof.outcomes import LEFT_OUT
from fanpin_risk.errors import SchemaError
from fanpin_risk.features.feature import CAUSES, DOMAINS
from fanpin_risk.model.from_words import codes_from_words
from fanpin_risk.policy import SIEVE, SUGGESTED_TYPES
from fanpin_risk.records.doubts import DOUBT_NAMES
from fanpin_risk.records.schema import TABLES


def columns_of_all_codes():
    """Return a table of scores in which every code stands at least once, several at a time too."""
    rules = [rule.code for rule in SIEVE]
    signals = [f"{code}:{k}:{sender}" for k, (code, sender) in enumerate(
        (code, sender) for code in TABLES["warnings"]["signal"].codes for sender in ("住建局", "#cadre", "")
    )]  # fmt: skip
    values = {
        "tier": ["low", "medium", "high"],
        "cause": ["", *CAUSES],
        "cause_2": ["", *CAUSES],
        "not_at_risk": ["", *LEFT_OUT],
        "type_suggested": list(SUGGESTED_TYPES),
        "rules": ["", *rules, ";".join(rules)],
        "rules_unknown": ["", *rules],
        "doubts": ["", *DOUBT_NAMES, ";".join(DOUBT_NAMES)],
        "little_known": ["", *DOMAINS, ";".join(DOMAINS)],
        "signals": ["", *signals, ";".join(signals[:3]), ":5:民政局"],
    }
    n = max(map(len, values.values()))
    return pd.DataFrame({name: (codes * n)[:n] for name, codes in values.items()}, dtype="str")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_code_comes_back_from_its_words(lang):
    """What in_words says of any code is read as that code, in either language."""
    codes = columns_of_all_codes()
    pd.testing.assert_frame_equal(codes_from_words(fr.in_words(codes, lang=lang)), codes, check_dtype=False)


def test_codes_stay_codes():
    """Scores in codes are read as they are."""
    codes = columns_of_all_codes()
    pd.testing.assert_frame_equal(codes_from_words(codes), codes, check_dtype=False)


@pytest.mark.parametrize("column", ["tier", "rules", "signals"])
def test_what_is_neither_is_refused(column):
    """The column and the number of values are named, the values are not."""
    with pytest.raises(SchemaError, match=rf"^{column}: 2 value\(s\) are neither") as caught:
        codes_from_words(pd.DataFrame({column: ["张三", "张三", ""]}))
    assert "张三" not in str(caught.value)
