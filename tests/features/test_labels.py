"""What features, tables and columns are called for readers."""

import pytest

from fanpin_risk.features.labels import feature_label


@pytest.mark.parametrize(
    ("name", "zh"),
    [
        ("household_size", "家庭人口"),
        ("monitoring.recorded_at", "监测对象（更新时间）"),
        ("monitoring", "监测对象"),
        ("monitoring.nothing", "monitoring.nothing"),
        ("risk", "预测分"),
        ("unheard_of", "unheard_of"),
        ("household_size, monitoring", "家庭人口、监测对象"),
    ],
)
def test_names_are_shown_in_the_words_of_the_language(name, zh):
    """In Chinese by their labels, unknown ones as they are; in English names are plain enough."""
    assert feature_label(name, "zh") == zh
    assert feature_label(name, "en") == name
