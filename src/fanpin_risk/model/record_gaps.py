"""What is missing of all that is asked of a household, whether or not the model uses it.

The known share (``model/known_share.py``) weighs features by what moves the model: where nearly nothing is on record but what the
model uses is, it is near 1. Here each feature that every register is asked for counts once, by domain.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from fanpin_risk.features import DOMAINS, FEATURES
from fanpin_risk.model.needed_counts import applicable

__all__ = ["ASKED", "MARK_OF_DOMAINS", "households_by_gap", "record_gaps"]

# Little is known of a domain where less than this share of its features is on record; our own choice.
HALF = 0.5
MARK_OF_DOMAINS = ";"
ASKED = tuple(declared for declared in FEATURES if not declared.optional)  # the others only some registers know


def record_gaps(table: pd.DataFrame, counts: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return how much of all that is asked of each household is on record, and of which domains there is little.

    Parameters
    ----------
    table : DataFrame of shape (n_households, n_columns)
        With all features that every register is asked for, and maybe other columns.
    counts : DataFrame, optional
        What features need to apply, from :func:`~fanpin_risk.model.needed_counts.needed_counts`; without it all apply.

    Returns
    -------
    DataFrame of shape (n_households, 2)
        ``known_of_all`` (features on record over those that apply, 0 to 1) and ``little_known`` (codes of ``DOMAINS`` of which
        less than half of the features that apply are on record, with a semicolon between them; ``""`` for none).

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(50, random_state=0)
    >>> few = fr.Register({name: register.tables[name] for name in ("households", "members", "incomes")})
    >>> record_gaps(fr.compute_features(few, "2023-12-31"))["little_known"].iloc[0]
    'health;disability;shocks'
    """
    names = [declared.name for declared in ASKED]
    applies = applicable(names, counts, len(table))
    known = table[names].notna().to_numpy() & applies
    domain = np.array([declared.domain for declared in ASKED])
    little = np.zeros((len(table), len(DOMAINS)), dtype=bool)
    for place, code in enumerate(DOMAINS):
        of_domain = domain == code
        little[:, place] = known[:, of_domain].sum(axis=1) < HALF * applies[:, of_domain].sum(axis=1)
    kinds, kind = np.unique(little, axis=0, return_inverse=True)
    codes = np.array(list(DOMAINS), dtype=object)
    texts = pd.Series([MARK_OF_DOMAINS.join(codes[row]) for row in kinds], dtype="str")
    return pd.DataFrame(
        {
            "known_of_all": known.sum(axis=1) / applies.sum(axis=1),
            "little_known": texts.take(kind.ravel()).array,
        },
        index=table.index,
    )


def households_by_gap(little_known: pd.Series) -> dict[str, int]:
    """Count the households of which little is known, by domain.

    Parameters
    ----------
    little_known : Series of str
        From :func:`record_gaps`.

    Returns
    -------
    dict of str to int
        Code -> households, in the order of ``DOMAINS``; domains of nobody are not in it.

    Examples
    --------
    >>> households_by_gap(pd.Series(["health;shocks", "", "shocks"]))
    {'health': 1, 'shocks': 2}
    """
    found = little_known.str.split(MARK_OF_DOMAINS).explode().value_counts()
    return {code: int(found[code]) for code in DOMAINS if code in found.index}
