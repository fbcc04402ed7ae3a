"""In which partitions of a packed register each household and each person stands."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from fanpin_risk.asof.days import Array
from fanpin_risk.batch.division import MAX_HOUSEHOLDS, NO_COUNTY, bucket_of, county_of
from fanpin_risk.batch.layout import PARTITIONS, Partition

__all__ = ["Known", "Whereabouts"]


class Known:
    """Ids that are on record, as a container.

    Examples
    --------
    >>> "h1" in Known(np.sort(hashes_of(["h1", "h2"])))
    True
    """

    def __init__(self, hashes: Array) -> None:
        self.hashes = hashes

    def __contains__(self, one: object) -> bool:
        hashed = hashes_of([str(one)])
        at = int(np.searchsorted(self.hashes, hashed)[0])
        return at < len(self.hashes) and bool(self.hashes[at] == hashed[0])


def hashes_of(ids: Iterable[str]) -> Array:
    """Return a number for each id."""
    return pd.util.hash_array(np.asarray(list(ids), dtype=object), categorize=False)


class Whereabouts:
    """The partitions of households and persons: 12 bytes for each of them.

    Parameters
    ----------
    folder : path-like
        Of the packed register.
    partitions : sequence of Partition

    Attributes
    ----------
    names : list of str
        Of the partitions.
    """

    def __init__(self, folder: str | os.PathLike[str], partitions: Sequence[Partition]) -> None:
        self.names = [partition.name for partition in partitions]
        found: dict[str, list[tuple[Array, Array]]] = {"household_id": [], "member_id": []}
        for number, partition in enumerate(partitions):
            place = Path(folder) / PARTITIONS / partition.folder
            for kind, table in (("household_id", "households"), ("member_id", "members")):
                if table in partition.files:
                    ids = pd.read_parquet(place / f"{table}.parquet", columns=[kind])[kind].astype("str").unique()
                    hashes = hashes_of(ids)
                    found[kind].append((hashes, np.full(len(hashes), number, dtype="int32")))
        self.households = _by_hash(found["household_id"])
        self.persons = _by_hash(found["member_id"])
        self._buckets: dict[str, int] = {}
        for name in self.names:
            if name != county_of(name):
                self._buckets[county_of(name)] = self._buckets.get(county_of(name), 0) + 1

    @property
    def known_households(self) -> Known:
        """Ids of households on record."""
        return Known(self.households[0])

    @property
    def known_persons(self) -> Known:
        """Ids of persons on record."""
        return Known(self.persons[0])

    def of_households(self, ids: Sequence[str] | pd.Index) -> Array:
        """Return the number of the partition of each household; -1 for one that is not on record."""
        hashes, numbers = self.households
        if not len(hashes):
            return np.full(len(ids), -1, dtype="int64")
        wanted = hashes_of(ids)
        at = np.minimum(np.searchsorted(hashes, wanted), len(hashes) - 1)
        return np.where(hashes[at] == wanted, numbers[at], -1).astype("int64")

    def of_persons(self, ids: Sequence[str] | pd.Index) -> tuple[Array, Array]:
        """Return pairs of places in `ids` and numbers of partitions; a person stands in several after moving."""
        hashes, numbers = self.persons
        wanted = hashes_of(ids)
        first, last = (np.searchsorted(hashes, wanted, side=side) for side in ("left", "right"))
        times = last - first
        place = np.repeat(np.arange(len(wanted)), times)
        offset = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
        return place, numbers[np.repeat(first, times) + offset].astype("int64")

    def homes_of(self, ids: pd.Index, county: str, *, size: int = 1, max_households: int = MAX_HOUSEHOLDS) -> Array:
        """Return the name of the partition that each household of an export belongs to.

        It stays where it is, unless the export says that it is in another county; who is new goes to its county, and there to
        the bucket that its id says.

        Parameters
        ----------
        ids : Index of str
        county : str
            What the export says of all of them; ``none`` where it says nothing.
        size : int
            How many households of the county the export has, of which these may be a part.
        max_households : int
            Of a partition of a county that is new.

        Returns
        -------
        ndarray of str
        """
        at = self.of_households(ids)
        on_record = np.array([*self.names, ""], dtype=object)[at]
        stays = (at >= 0) & np.array([county in (NO_COUNTY, county_of(name)) for name in on_record], dtype=bool)
        if county not in self._buckets and county not in self.names:
            # A county that is new is dealt into as many buckets as it needs now.
            n = -(-max(size, len(ids), 1) // max_households)
            self._buckets[county] = n if n > 1 or county == NO_COUNTY else 0
        n_buckets = self._buckets.get(county, 0)
        homes = np.full(len(ids), county, dtype=object)
        if n_buckets:
            homes = np.array([f"{county}-{bucket:02d}" for bucket in bucket_of(ids, n_buckets)], dtype=object)
        return np.where(stays, on_record, homes)


def _by_hash(found: list[tuple[Array, Array]]) -> tuple[Array, Array]:
    if not found:
        return np.zeros(0, dtype="uint64"), np.zeros(0, dtype="int32")
    hashes, numbers = (np.concatenate(each) for each in zip(*found, strict=True))
    order = np.argsort(hashes, kind="stable")
    return hashes[order], numbers[order]
