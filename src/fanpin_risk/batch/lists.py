"""The watch list of a register scored in parts: county by county, so that no more than one county is in memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd

from fanpin_risk.batch.layout import COUNTY_DIGITS
from fanpin_risk.errors import InputError
from fanpin_risk.visits import watchlist

__all__ = ["county_lists"]


def county_lists(out: str | os.PathLike[str], **how: Any) -> Iterator[pd.DataFrame]:
    """Rank the households of each county and keep as many as can be visited there.

    Parameters
    ----------
    out : path-like
        A folder of :func:`fanpin_risk.score_register`, with Parquet or csv parts.
    **how
        As for :func:`fanpin_risk.watchlist`; its ``capacity`` holds for each county, and households without a county
        make one of their own.

    Yields
    ------
    DataFrame
        The watch list of one county, in the order of their codes.

    Raises
    ------
    InputError
        If there are no parts, or they are of another format.

    Examples
    --------
    >>> import tempfile, fanpin_risk as fr
    >>> from fanpin_risk.bundle import demo_model
    >>> register = fr.make_register(300, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = fr.score_register(register, demo_model(), "2023-12-31", folder + "/scores")
    ...     lists = list(county_lists(folder + "/scores", capacity=5))
    >>> [len(listed) for listed in lists]
    [5]
    """
    parts = sorted(file for file in (Path(out) / "parts").glob("*") if file.suffix in (".parquet", ".csv"))
    if not parts:
        raise InputError(
            f"{Path(out).name} holds no scored parts in Parquet or csv; score with --format parquet or csv"
        )
    for _, files in groupby(parts, key=lambda file: file.stem.split("-")[0][:COUNTY_DIGITS]):
        frames = [_read(file) for file in files]
        scores = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
        if len(scores):
            yield watchlist(scores, **how)


def _read(file: Path) -> pd.DataFrame:
    if file.suffix == ".parquet":
        return pd.read_parquet(file)
    frame = pd.read_csv(file, dtype={"household_id": "str", "area_code": "str"}, parse_dates=["as_of"])
    return frame.astype({"monitored": "boolean"})
