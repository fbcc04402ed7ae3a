"""What features, and the tables and columns that they are made of, are called for readers."""

from __future__ import annotations

from fanpin_risk.features.table import FEATURES
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Language

__all__ = ["feature_label"]

_FEATURES = {feature.name: feature for feature in FEATURES}


def feature_label(name: str, lang: Language) -> str:
    """Return what a feature, the score or a ``table.column`` is called; several come with commas between them.

    Examples
    --------
    >>> feature_label("household_size, monitoring.recorded_at", "zh")
    '家庭人口、监测对象（更新时间）'
    """
    if lang == "en":
        return name
    return "、".join(_feature_zh(one) for one in name.split(", "))


def _feature_zh(name: str) -> str:
    if name in _FEATURES:
        return _FEATURES[name].zh
    table, _, column = name.partition(".")
    if table in TABLES:
        columns = {declared.name: f"{TABLES[table].zh}（{declared.zh}）" for declared in TABLES[table].columns}
        return columns.get(column, name) if column else TABLES[table].zh
    return "预测分" if name == "risk" else name
