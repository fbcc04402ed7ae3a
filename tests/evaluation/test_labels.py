"""What measures, models, groups and checks are called, and what notes say."""

import re

import pandas as pd
import pytest

from fanpin_risk.evaluation import labels
from fanpin_risk.evaluation.groups import GROUPS
from fanpin_risk.evaluation.labels import category_label, group_label, label, model_label, translated
from fanpin_risk.evaluation.measures import MEASURES
from fanpin_risk.words import Message, join_notes, note

TABLES = {
    name: table
    for name, table in vars(labels).items()
    if isinstance(table, dict) and any(isinstance(one, Message) for one in table.values())
}


def test_tables_of_names_are_found():
    """The test below looks at them."""
    assert {"ALARMS", "HEADERS", "LABELS", "MODELS", "NOTES", "WORDS"} <= TABLES.keys()


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_name_has_its_chinese(name):
    """Also those that are made in a loop, which the test of the catalogue cannot see."""
    english = [code for code, one in TABLES[name].items() if not re.search("[\u4e00-\u9fff]", one.shown("zh"))]
    assert english == []


def test_measures_and_groups_have_their_chinese():
    """Bounds of ties and bands of groups too."""
    assert label("recall_worst", "zh") == "查全率（同分最差）"
    assert MEASURES["recall_worst"].label.shown("en") == "Recall at capacity (worst order of ties)"
    assert category_label("household_size", "5+", "zh") == "5人及以上"
    assert category_label("household_size", "5+", "en") == "5 or more"
    assert category_label("head_age", "unknown", "zh") == "未知"
    for code, grouping in GROUPS.items():
        assert group_label(code, "zh") != group_label(code, "en")
        assert all(one.shown("zh") != one.shown("en") for one in grouping.codes.values()), code


def test_own_names_stay():
    """A model, group or measure that nobody declared is called by its own name."""
    assert (model_label("mine", "zh"), group_label("mine", "en"), category_label("mine", "a", "zh")) == (
        "mine",
        "mine",
        "a",
    )


def test_notes_are_sentences_where_tables_are_written():
    """In the data they are codes; both languages show sentences with their numbers."""
    table = pd.DataFrame(
        {"measure": ["auc", "brier"], "note": [join_notes([note("few_villages", 10), note("not_defined")]), ""]}
    )
    assert translated(table, "en")["note"].tolist() == [
        "fewer than 10 villages: households resampled, interval may be too narrow; not defined here",
        "",
    ]
    assert translated(table, "zh")["说明"].tolist() == ["不足10个村：按户重抽，区间可能偏窄；此处无定义", ""]
    assert table["note"].tolist() == ["few_villages:10; not_defined", ""]
