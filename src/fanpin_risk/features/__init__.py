"""Features: a declaration each, in the file of its domain.

Adding one is: a declaration in the file of its domain and its place in that file's ``FEATURES``, a worked case in
``tests/features/cases``, a line in the changelog. The tests say which of them was forgotten.
"""

from __future__ import annotations

from fanpin_risk.features.evidence import evidence_of
from fanpin_risk.features.feature import CAUSES, DOMAINS, UNITS, Feature, feature
from fanpin_risk.features.references import make_references
from fanpin_risk.features.table import (
    CONTEXT,
    FEATURES,
    compute_features,
    describe_features,
    feature_named,
    features_at,
)

__all__ = [
    "CAUSES",
    "CONTEXT",
    "DOMAINS",
    "FEATURES",
    "UNITS",
    "Feature",
    "compute_features",
    "describe_features",
    "evidence_of",
    "feature",
    "feature_named",
    "features_at",
    "make_references",
]
