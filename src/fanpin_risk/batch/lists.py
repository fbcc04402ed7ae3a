"""The lists of a register scored in parts: no more than a county and the list itself is in memory.

Of a run for named groups (``groups``) they hold only households of any of these.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.batch.division import county_of
from fanpin_risk.batch.scoring.job import MANIFEST, PARTS
from fanpin_risk.errors import InputError
from fanpin_risk.model.tiers import TIERS
from fanpin_risk.records.places import Unit
from fanpin_risk.watch.capacity import DEFAULT_CAPACITY, check_capacity, visits_of
from fanpin_risk.watch.rule_list import disagreements, rule_list
from fanpin_risk.watch.watchlist import below_line_list, watchlist

__all__ = ["not_ranked_of_parts", "rule_lists_of_parts", "scores_of_parts", "typed_scores", "watchlist_of_parts"]

NUMBERS = ("risk", "known", "contribution_")  # how columns of numbers begin


def watchlist_of_parts(
    out: str | os.PathLike[str], *, capacity: float | None = None, per: Unit | None = None
) -> pd.DataFrame | None:
    """Rank the households of a register scored in parts, and keep as many as can be visited.

    The same list as :func:`fanpin_risk.watchlist` makes of all scores together, without all of them in memory.

    Parameters
    ----------
    out : path-like
        A folder of :func:`fanpin_risk.score_register`, whose run has ended.
    capacity : int or float, optional
        Households that can be visited, as for :func:`fanpin_risk.watchlist`; with `per`, in each unit.
    per : {"county", "township", "village"}, optional
        A list for each unit; default: one list for all.

    Returns
    -------
    DataFrame or None
        The watch list; None where no household was scored.

    Raises
    ------
    InputError
        If there are no results, the run has not ended, or a part cannot be read.
    SchemaError
        If `capacity` or `per` is not one of those described.

    Examples
    --------
    >>> import tempfile, fanpin_risk as fr
    >>> register = fr.make_register(300, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = fr.score_register(register, "demo", "2023-12-31", folder + "/scores")
    ...     len(watchlist_of_parts(folder + "/scores", capacity=5))
    5
    """
    files = _parts(Path(out))
    capacity = check_capacity(DEFAULT_CAPACITY if capacity is None else capacity)
    if per is not None:
        lists = [watchlist(county, capacity=capacity, per=per) for county in _counties(files)]
        return pd.concat(lists).sort_values(["area", "rank"], kind="stable", ignore_index=True) if lists else None
    eligible = sum(len(watchlist(scores, capacity=len(scores))) for scores in map(_listed_scores, files) if len(scores))
    visits = int(visits_of(np.array([eligible]), capacity)[0])
    first: pd.DataFrame | None = None
    for scores in filter(len, map(_listed_scores, files)):
        together = scores if first is None else pd.concat([first.drop(columns="rank"), scores], ignore_index=True)
        first = watchlist(together, capacity=visits)
    return first


def not_ranked_of_parts(out: str | os.PathLike[str]) -> tuple[pd.DataFrame | None, int]:
    """Return the households of a register scored in parts that are below the line already, and count those of unknown income.

    Parameters
    ----------
    out : path-like
        A folder of :func:`fanpin_risk.score_register`, whose run has ended.

    Returns
    -------
    below : DataFrame or None
        As :func:`fanpin_risk.watch.watchlist.below_line_list` makes it of all scores together; None where no household was
        scored.
    unknown : int
        Households with nothing on record to compare with the line.

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
    ...     below, unknown = not_ranked_of_parts(folder + "/scores")
    >>> len(below), unknown  # the model that ships forecasts another event
    (0, 0)
    """
    found, unknown = [], 0
    for scores in filter(len, map(_listed_scores, _parts(Path(out)))):
        found.append(below_line_list(scores))
        unknown += int((scores["not_at_risk"] == "no_income_before").sum())
    if not found:
        return None, 0
    return pd.concat(found).sort_values("household_id", kind="stable", ignore_index=True), unknown


def rule_lists_of_parts(
    out: str | os.PathLike[str], listed: pd.DataFrame
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """List what rules add to the list by risk of a register scored in parts, and where rule and model do not say the same.

    Parameters
    ----------
    out : path-like
        A folder of :func:`fanpin_risk.score_register`, whose run has ended.
    listed : DataFrame
        Of :func:`watchlist_of_parts`.

    Returns
    -------
    by_rule : DataFrame or None
        As :func:`fanpin_risk.rule_list` makes it of all scores together; None where no household was scored.
    differing : DataFrame or None
        As :func:`fanpin_risk.disagreements` makes it.

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
    ...     by_rule, _ = rule_lists_of_parts(folder + "/scores", watchlist_of_parts(folder + "/scores", capacity=5))
    >>> set(by_rule["why_listed"])
    {'rule'}
    """
    not_met, differing = [], []
    for scores in filter(len, map(_listed_scores, _parts(Path(out)))):
        not_met.append(scores[scores["rules"] != ""])
        differing.append(disagreements(scores).drop(columns="disagreement"))
    if not not_met:
        return None, None
    return rule_list(pd.concat(not_met, ignore_index=True), listed=listed), disagreements(
        pd.concat(differing, ignore_index=True)
    )


def scores_of_parts(out: str | os.PathLike[str]) -> pd.DataFrame:
    """Return all scores of a register scored in parts, without their contributions.

    Parameters
    ----------
    out : path-like
        A folder of :func:`fanpin_risk.score_register`, whose run has ended.

    Returns
    -------
    DataFrame

    Raises
    ------
    InputError
        If there are no results, the run has not ended, or a part cannot be read.

    Examples
    --------
    >>> import tempfile, fanpin_risk as fr
    >>> register = fr.make_register(300, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     summary = fr.score_register(register, "demo", "2023-12-31", folder + "/scores")
    ...     len(scores_of_parts(folder + "/scores")) == summary["scored"]
    True
    """
    found = [_scores_in(file) for file in _parts(Path(out))]
    scored = [frame for frame in found if len(frame)] or found[:1]
    together = pd.concat(scored, ignore_index=True) if scored else pd.DataFrame({"household_id": [], "risk": []})
    return together.drop(columns=[name for name in together.columns if name.startswith("contribution_")])


def _parts(folder: Path) -> list[Path]:
    """Return the files of the scores of a run that has ended, by the names of their partitions."""
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
    return [folder / PARTS / f"{name}.{kind}" for name in names]


def _counties(files: list[Path]) -> Iterator[pd.DataFrame]:
    """Read the scores county by county; households without a county make one of their own."""
    for _, together in groupby(files, key=lambda file: county_of(file.stem)):
        scores = [frame for file in together if len(frame := _listed_scores(file))]
        if scores:
            yield pd.concat(scores, ignore_index=True)


def _listed_scores(file: Path) -> pd.DataFrame:
    """Read the households of a part that may be listed: of a run for named groups, those of any of these."""
    scores = _scores_in(file)
    return scores[scores["groups"] != ""].reset_index(drop=True) if "groups" in scores.columns else scores


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
            "{file} cannot be read; score_register writes damaged parts again: call it again", file=file.name
        ) from error
    return typed_scores(cells)


def typed_scores(cells: pd.DataFrame) -> pd.DataFrame:
    """Return scores in codes with the types that they had before they were written as texts.

    Parameters
    ----------
    cells : DataFrame
        Texts alone, ``""`` for a missing value.

    Returns
    -------
    DataFrame

    Examples
    --------
    >>> some = pd.DataFrame({"risk": ["0.5"], "monitored": ["True"], "as_of": ["2023-12-31"], "tier": ["low"]})
    >>> typed_scores(some).dtypes.astype("str").tolist()
    ['float64', 'boolean', 'datetime64[ms]', 'category']
    """
    columns: dict[str, Any] = {}
    for name, texts in cells.items():
        if str(name).startswith(NUMBERS):
            columns[str(name)] = pd.to_numeric(texts)
        elif name in ("enough_known", "monitored", "at_risk"):
            columns[str(name)] = texts.map({"True": True, "False": False}).astype("boolean")
        else:
            columns[str(name)] = texts
    frame = pd.DataFrame(columns)
    frame["as_of"] = pd.to_datetime(frame["as_of"]).astype("datetime64[ms]")
    for name in {"area_code", "area_name"} & set(frame.columns):
        frame[name] = frame[name].mask(frame[name] == "")
    frame["tier"] = pd.Categorical(frame["tier"], categories=list(TIERS), ordered=True)
    return frame.astype({name: "bool" for name in ("enough_known", "at_risk") if name in frame.columns})
