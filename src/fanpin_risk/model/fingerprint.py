"""The fingerprint of a model: a digest of all that its scores rest on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["fingerprint_of"]


def fingerprint_of(
    trees: Mapping[str, NDArray[Any]], beside: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]
) -> str:
    """Return the first 12 hex digits of a SHA-256.

    Parameters
    ----------
    trees : mapping of str to ndarray
        Arrays of the trees.
    beside : mapping of str to ndarray
        Arrays of the interval and of what is usually known.
    facts : mapping
        All else that a score rests on, as plain data.

    Returns
    -------
    str

    Examples
    --------
    >>> fingerprint_of({"value": np.zeros(2)}, {}, {"slope": 1.0}) == fingerprint_of({}, {}, {"slope": 1.0})
    False
    """
    digest = hashlib.sha256()
    for name, array in sorted(trees.items()):
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    for name, array in sorted(beside.items()):
        digest.update(name.encode() + np.ascontiguousarray(array).tobytes())
    digest.update(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode())
    return digest.hexdigest()[:12]
