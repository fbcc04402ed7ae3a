"""What features, and the tables and columns that they are made of, are called for readers."""

from __future__ import annotations

from fanpin_risk.features.table import FEATURES
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Language, Message, listed

__all__ = ["feature_label", "feature_message"]

_FEATURES = {feature.name: feature for feature in FEATURES}


def feature_label(name: str, lang: Language) -> str:
    """Return what a feature, the score or a ``table.column`` is called; several come with commas between them.

    Examples
    --------
    >>> feature_label("household_size, monitoring.recorded_at", "zh")
    '家庭人口、监测对象（更新时间）'
    """
    return feature_message(name).shown(lang)


def feature_message(name: str) -> Message:
    """Return the same as a message: in English the name by which Python knows it."""
    parts = [_feature(one) for one in name.split(", ")]
    return parts[0] if len(parts) == 1 else listed(parts)


def _feature(name: str) -> Message:
    if name in _FEATURES:
        return Message(name, zh=_FEATURES[name].zh)
    table, _, column = name.partition(".")
    if table in TABLES:
        declared = {one.name: one for one in TABLES[table].columns}
        if column in declared:
            both = Message("{table} ({column})", table=TABLES[table].zh, column=declared[column].zh)
            return Message(name, zh=both.shown("zh"))
        return Message(name) if column else Message(name, zh=TABLES[table].zh)
    return Message("risk", context="score") if name == "risk" else Message(name)
