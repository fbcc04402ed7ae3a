"""Who is monitored on a day: since when, as what, for which risks, and what was done for them so far."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot

__all__ = ["monitored_households", "newest_open_spells"]

CODE_MARK = ";"
NO_END = np.datetime64("9999-12-31", "D")


def monitored_households(here: Snapshot) -> pd.DataFrame:
    """Describe the households that are monitored on a day, by what was known then.

    Of several open entries of a household the newest counts.

    Parameters
    ----------
    here : Snapshot
        The day.

    Returns
    -------
    DataFrame of shape (n_monitored, 6)
        Indexed by ``household_id``, sorted: ``monitored_type`` (code of the register, missing where it is not recorded),
        ``identified_on`` (day of recognition; missing where the records only show that it was before), ``days_monitored``
        (from that day on), ``risks`` (codes of the risks at recognition, with a semicolon between them), ``n_measures``
        (measures that ran in this time; missing without the table, or where the day of recognition is) and ``measures``
        (their classes, each once, in the order in which they began).

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> found = monitored_households(fr.Snapshot(fr.make_register(500, random_state=0), "2023-12-31"))
    >>> bool((found["days_monitored"] >= 0).all())
    True
    """
    spells = newest_open_spells(here)
    order = np.argsort(spells.household)
    spells = KnownRows("monitoring", spells.index[order], spells.household[order], on_day=spells.on_day)
    frame = spells.frame.iloc[spells.index]
    known = ~(frame["identified_before"].fillna(value=False).to_numpy(dtype=bool))
    began = np.where(known, spells.identified_on, np.datetime64("NaT", "D"))
    days = np.where(known, (here.as_of - spells.identified_on).astype("timedelta64[D]").astype("float64"), np.nan)
    n_measures, measures = _measures_since(here, spells)
    return pd.DataFrame(
        {
            "monitored_type": frame["type"].astype("str").array,
            "identified_on": began.astype("datetime64[s]"),
            "days_monitored": days,
            "risks": frame["risks"].astype("str").fillna("").array,
            "n_measures": np.where(known, n_measures, np.nan),
            "measures": pd.array(np.where(known, measures, "").tolist(), dtype="str"),
        },
        index=pd.Index(here.household_ids[spells.household], name="household_id"),
    )


def newest_open_spells(here: Snapshot) -> KnownRows:
    """Return the newest entry of each household that is monitored on the day."""
    return here.open_spells.last_by(here.open_spells.identified_on)


def _measures_since(here: Snapshot, spells: KnownRows) -> tuple[np.ndarray, list[str]]:
    """Count the measures that ran since each recognition, and name their classes."""
    if not here.supports.supplied:
        return np.full(len(spells), np.nan), [""] * len(spells)
    place = np.full(here.n_households, -1)
    place[spells.household] = np.arange(len(spells))
    rows = here.supports.where(place[here.supports.household] >= 0)
    spell = place[rows.household]
    ends = np.where(np.isnat(rows.end_date), NO_END, rows.end_date)
    runs = ends >= spells.identified_on[spell]
    told = pd.DataFrame(
        {
            "spell": spell[runs],
            "start": rows.start_date[runs],
            "measure": rows.frame["measure"].iloc[rows.index[runs]].astype("str").to_numpy(dtype=object),
        }
    ).sort_values(["spell", "start", "measure"], kind="stable")
    counts = np.bincount(told["spell"], minlength=len(spells)).astype("float64")
    first = told.dropna().drop_duplicates(["spell", "measure"])
    classes = first.groupby("spell")["measure"].agg(CODE_MARK.join)
    return counts, classes.reindex(range(len(spells)), fill_value="").tolist()
