"""Every header that is accepted, as a text and as a page."""

import re
from html import unescape

import pytest

from fanpin_risk.errors import SchemaError
from fanpin_risk.records.vocabulary import describe_columns
from fanpin_risk.reports.columns_page import columns_html, columns_text


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("shown", [columns_text, columns_html])
def test_all_headers_units_and_values_stand_there(shown, lang):
    """Of every table and column: names, other headers, and the texts of codes."""
    text = unescape(shown(lang=lang))
    for row in describe_columns().to_dict("records"):
        for name in (
            row["column"],
            row["zh"],
            *row["aliases"],
            *row["negated"],
            *(t for own in row["codes"].values() for t in own),
        ):
            assert name in text, name
    for unit in ("亩", "平方米", "公里") if lang == "zh" else ("mu", "m2", "km"):
        assert f"（{unit}）" in text or f"({unit})" in text


def test_each_language_has_its_own_words():
    """Around headers, which are Chinese."""
    assert "needed" not in columns_text(lang="zh")
    assert "必填" not in columns_text(lang="en")
    assert "needed" in columns_text(lang="en")
    assert "能识别的表头" in columns_html(lang="zh")
    with pytest.raises(SchemaError):
        columns_html(lang="fr")


def test_the_page_loads_nothing():
    """No script, and nothing from elsewhere."""
    page = columns_html(lang="zh")
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?!#)', page)
