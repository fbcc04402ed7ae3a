"""scikit-learn's metadata routing, which a risk model does not take part in."""

from __future__ import annotations

from typing import Any

from sklearn.utils.metadata_routing import MetadataRequest

__all__ = ["NoMetadataRouting"]


class NoMetadataRouting:
    """Keeps scikit-learn from adding methods such as ``set_score_request`` to a class derived from BaseEstimator.

    They pass on what a meta-estimator is given beside the rows. A risk model takes registers, and what its methods take
    beside these are options.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        """Leave out what BaseEstimator would do here."""

    def get_metadata_routing(self) -> MetadataRequest:
        """Ask for no metadata."""
        return MetadataRequest(owner=self)
