"""Which households belong to which partition, and the partitions of a register in memory.

A partition is a county, a bucket of a county that is too large for one, or a bucket of the households without a
county.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.register_on_day import OWNERS
from fanpin_risk.records.doubts import no_doubts
from fanpin_risk.records.places import county_keys
from fanpin_risk.records.register import Register

__all__ = [
    "MAX_HOUSEHOLDS",
    "NOBODY",
    "NO_COUNTY",
    "bucket_of",
    "county_of",
    "partition_names",
    "share_ids",
    "split_register",
]

MAX_HOUSEHOLDS = 50_000  # of a partition: a block of this size is scored in a few hundred MB
NO_COUNTY = "none"
NOBODY = f"{NO_COUNTY}-00"  # the one partition, then an empty one, of a register without households


def bucket_of(household_ids: Iterable[str], n_buckets: int) -> Array:
    """Deal households into buckets by a hash of their id, which no other household can change.

    Parameters
    ----------
    household_ids : iterable of str
    n_buckets : int

    Returns
    -------
    ndarray of int64, shape (n_households,)
        The number of the first 32 bits of the SHA-256 of the id, modulo `n_buckets`.

    Examples
    --------
    >>> bucket_of(["h1", "h2"], 4).tolist()
    [1, 2]
    """
    numbers = [int.from_bytes(hashlib.sha256(i.encode()).digest()[:4], "big") for i in household_ids]
    return np.array(numbers, dtype="int64") % n_buckets


def county_of(partition: str) -> str:
    """Return the county in the name of a partition; ``none`` where there is none.

    Examples
    --------
    >>> county_of("211225-03"), county_of("none-00")
    ('211225', 'none')
    """
    return partition.partition("-")[0]


def partition_names(households: pd.DataFrame, *, max_households: int = MAX_HOUSEHOLDS) -> pd.Series:
    """Name the partition of every household.

    It is the county (first six digits of the area code, else a key made of its name) newest on record for the household,
    by ``valid_from`` and then ``recorded_at``. Counties of more than `max_households` are dealt into buckets, and so are the households
    without a county.

    Parameters
    ----------
    households : DataFrame of shape (n_rows, n)
        The table ``households`` of a register, all versions.
    max_households : int, default 50,000
        Households of a partition, about.

    Returns
    -------
    Series of shape (n_households,)
        Names by ``household_id``, sorted by id.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {"household_id": ["b", "a"], "area_code": ["211225101201", None], "area_name": [None, None]}
    ... )
    >>> partition_names(frame.assign(valid_from=pd.Timestamp("2023-01-01"), recorded_at=pd.NaT)).tolist()
    ['none-00', '211225']
    """
    ids = pd.Series(np.sort(households["household_id"].astype("str").unique().astype(object)), dtype="str")
    rows = pd.DataFrame(
        {
            "household": pd.Index(ids).get_indexer(households["household_id"].astype("str")),
            "county": county_keys(households["area_code"], households["area_name"]).to_numpy(),
            "valid_from": households["valid_from"].to_numpy(),
            "recorded_at": households["recorded_at"].to_numpy(),
        }
    )
    rows = rows[rows["county"] != ""]
    rows = rows.sort_values(["household", "valid_from", "recorded_at", "county"], na_position="first", kind="stable")
    newest = rows.drop_duplicates("household", keep="last")
    county = np.full(len(ids), NO_COUNTY, dtype=object)
    county[newest["household"].to_numpy()] = newest["county"].to_numpy(dtype=object)
    names = pd.Series(county, index=pd.Index(ids, name="household_id"), dtype="str")
    for code, size in names.value_counts().items():
        if code == NO_COUNTY or size > max_households:
            here = names.index[(names == code).to_numpy()]
            buckets = bucket_of(here, -(-int(size) // max_households))
            names.loc[here] = [f"{code}-{bucket:02d}" for bucket in buckets]
    return names


def split_register(
    register: Register, *, max_households: int = MAX_HOUSEHOLDS, names: pd.Series | None = None
) -> Iterator[tuple[str, Register]]:
    """Give the partitions of a register in memory, one after the other, by name; an empty one if nobody is in it.

    Parameters
    ----------
    register : Register
        Checked records.
    max_households : int, default 50,000
        See :func:`partition_names`.
    names : Series, optional
        From :func:`partition_names`.

    Yields
    ------
    name : str
    partition : Register
        Equal to ``register.select`` of its households, with ids as dictionaries (Categorical), as read from a file.
    """
    whole = share_ids(register.tables)
    if names is None:
        names = partition_names(whole["households"], max_households=max_households)
    numbers, parts = pd.factorize(names, sort=True)
    parts = parts if len(parts) else pd.Index([NOBODY])
    part_of = _looked_up(whole["members"]["household_id"], names.index, numbers)
    belongs = pd.DataFrame({"member_id": whole["members"]["member_id"].array, "part": part_of})
    belongs = belongs[belongs["part"] >= 0].drop_duplicates()
    ordered = {}
    for table, frame in whole.items():
        if table == "members" or "household_id" not in frame:
            row = pd.DataFrame({"member_id": frame["member_id"].array, "row": np.arange(len(frame))})
            met = row.merge(belongs, on="member_id")
            part, index = met["part"].to_numpy(), met["row"].to_numpy()
        else:
            part = _looked_up(frame["household_id"], names.index, numbers)
            index = np.flatnonzero(part >= 0)
            part = part[index]
        order = np.lexsort((index, part))
        ordered[table] = (index[order], np.searchsorted(part[order], np.arange(len(parts) + 1)))
    home = names.reindex(register.doubts.index)
    doubts = dict(iter(register.doubts.groupby(home.to_numpy(dtype=object)))) if len(home) else {}
    for number, name in enumerate(parts):
        tables = {
            table: whole[table].iloc[index[bounds[number] : bounds[number + 1]]].reset_index(drop=True)
            for table, (index, bounds) in ordered.items()
        }
        yield (
            str(name),
            Register(
                _own_ids(tables),
                source=register.source,
                supplied=register.supplied,
                known_lag_days=register.known_lag_days,
                doubts=doubts.get(name, no_doubts()),
            ),
        )


def share_ids(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Give the ids of each kind one dictionary in all tables: equal ids have equal codes, and texts are met once.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Typed tables of a register.

    Returns
    -------
    dict of str to DataFrame
        The same with ``household_id`` and ``member_id`` as Categorical.

    Examples
    --------
    >>> tables = share_ids(
    ...     {
    ...         "households": pd.DataFrame({"household_id": ["b", "a"]}),
    ...         "members": pd.DataFrame({"household_id": ["a", "c"], "member_id": ["p", "q"]}),
    ...     }
    ... )
    >>> tables["members"]["household_id"].cat.codes.tolist()
    [1, 2]
    """
    shared = dict(tables)
    for kind in OWNERS:
        columns = {table: frame[kind] for table, frame in tables.items() if kind in frame}
        held = [column.cat.categories if hasattr(column, "cat") else None for column in columns.values()]
        if held[0] is not None and all(dictionary is held[0] for dictionary in held):
            continue
        codes, texts = pd.factorize(pd.concat([column.astype("str") for column in columns.values()]))
        ends = np.cumsum([len(column) for column in columns.values()])
        _put_ids(shared, kind, zip(columns, np.split(codes, ends[:-1]), strict=True), texts)
    return shared


def _own_ids(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Take out of the dictionaries what these tables, which share them, do not hold."""
    for kind in OWNERS:
        codes = {table: frame[kind].cat.codes.to_numpy() for table, frame in tables.items() if kind in frame}
        texts = next(frame[kind].cat.categories for frame in tables.values() if kind in frame)
        here = np.zeros(len(texts) + 1, dtype=bool)  # the last place is for -1, missing
        for numbers in codes.values():
            here[numbers] = True
        here[-1] = False
        place = np.where(here, np.cumsum(here) - 1, -1)
        _put_ids(tables, kind, ((table, place[numbers]) for table, numbers in codes.items()), texts[here[:-1]])
    return tables


def _put_ids(
    tables: dict[str, pd.DataFrame], kind: str, codes: Iterable[tuple[str, np.ndarray]], texts: pd.Index
) -> None:
    dtype = pd.CategoricalDtype(texts)
    for table, numbers in codes:
        tables[table] = tables[table].assign(**{kind: pd.Categorical.from_codes(numbers, dtype=dtype)})


def _looked_up(values: pd.Series, ids: pd.Index, numbers: Array) -> Array:
    """Return the number of each id, which are held as a dictionary; -1 where it is not among `ids`."""
    known = np.append(numbers, -1)[ids.get_indexer(values.cat.categories)]
    return np.append(known, -1)[values.cat.codes.to_numpy()]
