"""The watch list of a register scored in parts: county by county, so that no more than one county is in memory."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd

from fanpin_risk.batch.division import county_of
from fanpin_risk.batch.scoring.job import MANIFEST, PARTS
from fanpin_risk.errors import InputError
from fanpin_risk.model.tiers import TIERS
from fanpin_risk.watch.watchlist import watchlist

__all__ = ["county_lists"]

NUMBERS = ("risk", "known", "contribution_")  # how columns of numbers begin


def county_lists(out: str | os.PathLike[str], **how: Any) -> Iterator[pd.DataFrame]:
    """Rank the households of each county and keep as many as can be visited there.

    Parameters
    ----------
    out : path-like
        A folder of :func:`fanpin_risk.score_register`, whose run has ended.
    **how
        As for :func:`fanpin_risk.watchlist`; its ``capacity`` holds for each county, and households without a county
        make one of their own.

    Yields
    ------
    DataFrame
        The watch list of one county, in the order of their codes; none for a county without scored households.

    Raises
    ------
    InputError
        If there are no results, the run has not ended, or a part cannot be read.

    Examples
    --------
    >>> import tempfile, fanpin_risk as fr
    >>> register = fr.make_register(300, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = fr.score_register(register, "demo", "2023-12-31", folder + "/scores")
    ...     lists = list(county_lists(folder + "/scores", capacity=5))
    >>> [len(listed) for listed in lists]
    [5]
    """
    folder = Path(out)
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        kind, names = manifest["options"]["format"], [part["name"] for part in manifest["partitions"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "{folder} holds no complete results of score_register (no readable {manifest}); call "
            "score_register, which goes on where it was stopped",
            folder=folder.name,
            manifest=MANIFEST,
        ) from error
    for _, together in groupby(names, key=county_of):
        scores = [frame for name in together if len(frame := _scores_in(folder / PARTS / f"{name}.{kind}"))]
        if scores:
            yield watchlist(pd.concat(scores, ignore_index=True), **how)


def _scores_in(file: Path) -> pd.DataFrame:
    """Read a part; the kind of its file leaves no trace."""
    try:
        if file.suffix == ".parquet":
            return pd.read_parquet(file)
        cells = (
            pd.read_csv(file, dtype="str", keep_default_na=False)
            if file.suffix == ".csv"
            else pd.read_excel(file, dtype="str", keep_default_na=False, engine="calamine")
        )
    except (OSError, ValueError) as error:
        raise InputError(
            "{file} cannot be read; score_register makes damaged parts anew: call it again", file=file.name
        ) from error
    columns: dict[str, Any] = {}
    for name, texts in cells.items():
        if str(name).startswith(NUMBERS):
            columns[str(name)] = pd.to_numeric(texts)
        elif name in ("enough_known", "monitored"):
            columns[str(name)] = texts.map({"True": True, "False": False}).astype("boolean")
        else:
            columns[str(name)] = texts
    frame = pd.DataFrame(columns)
    frame["as_of"] = pd.to_datetime(frame["as_of"]).astype("datetime64[ms]")
    for name in ("area_code", "area_name"):
        frame[name] = frame[name].mask(frame[name] == "")
    frame["tier"] = pd.Categorical(frame["tier"], categories=list(TIERS), ordered=True)
    return frame.astype({"enough_known": "bool"})
