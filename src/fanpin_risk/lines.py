"""Monitoring lines (监测线): per-person net income below which a household is looked at, by area and year.

Lines are policy, so they live in a dated, sourced data file (``policy/monitoring_lines.csv``) and can be
replaced by the user's own. No line for 2025 or later is published in the sources at hand: the newest one is
carried forward, and :meth:`MonitoringLines.basis` says so.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd

from fanpin_risk.errors import InputError

__all__ = ["MonitoringLines"]

_COLUMNS = ("area_prefix", "year", "line_cny", "status", "source")


class MonitoringLines:
    """Monitoring lines by area and year, in CNY per person and year.

    For an area code and a year the entry of the longest matching ``area_prefix`` for exactly that year is taken;
    if there is none, the newest earlier entry of the longest matching prefix is carried forward; a year before
    all entries takes the oldest.

    Parameters
    ----------
    frame : DataFrame, optional
        Columns ``area_prefix`` (digits of a division code, ``""`` for everywhere), ``year``, ``line_cny``, and,
        if known, ``status`` and ``source``. Default: the file that ships with the package.

    Raises
    ------
    InputError
        If a column is missing, a line is not a positive number, an entry occurs twice, or no entry holds
        everywhere.

    Examples
    --------
    >>> lines = MonitoringLines()
    >>> float(lines.at(["530381000000"], 2024)[0])
    8700.0
    >>> lines.basis("211200", 2026)
    'carried forward from 2024 (proxy)'
    """

    def __init__(self, frame: pd.DataFrame | None = None) -> None:
        if frame is None:
            with resources.files("fanpin_risk").joinpath("policy/monitoring_lines.csv").open("rb") as file:
                frame = pd.read_csv(file, dtype={"area_prefix": "str"})
        missing = [name for name in _COLUMNS[:3] if name not in frame.columns]
        if missing:
            raise InputError(
                f"monitoring lines: column {', '.join(missing)} is missing; expected {', '.join(_COLUMNS)}"
            )
        frame = frame.reindex(columns=list(_COLUMNS))
        frame["area_prefix"] = frame["area_prefix"].astype("str").fillna("").str.strip()
        frame["year"] = pd.to_numeric(frame["year"], errors="coerce")
        frame["line_cny"] = pd.to_numeric(frame["line_cny"], errors="coerce")
        bad = frame.index[~(frame["line_cny"] > 0) | frame["year"].isna()]
        if len(bad):
            raise InputError(
                f"monitoring lines: row {int(bad[0]) + 2} has no positive line_cny or no year; give CNY per person and year"
            )
        if frame.duplicated(["area_prefix", "year"]).any():
            raise InputError("monitoring lines: an area_prefix and year occurs twice; keep one row for each")
        if not (frame["area_prefix"] == "").any():
            raise InputError("monitoring lines: no row with an empty area_prefix; one must hold where no other does")
        frame = frame.astype({"year": "int64", "line_cny": "float64"})
        frame["status"] = frame["status"].astype("str").fillna("user")
        frame["source"] = frame["source"].astype("str").fillna("user")
        self.frame = frame.sort_values(["area_prefix", "year"], ignore_index=True)

    @classmethod
    def read(cls, path: str | Path) -> MonitoringLines:
        """Read lines from a csv file with the columns of the class.

        Parameters
        ----------
        path : path-like
            A csv file in UTF-8.

        Returns
        -------
        MonitoringLines

        Raises
        ------
        InputError
            If the file cannot be read or holds no valid lines.
        """
        try:
            frame = pd.read_csv(path, dtype={"area_prefix": "str"}, encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise InputError(f"monitoring lines: cannot read {Path(path).name}: expected a csv in UTF-8") from error
        return cls(frame)

    def _entry(self, area_code: str, year: int) -> pd.Series:
        frame = self.frame
        matching = frame[[area_code.startswith(prefix) for prefix in frame["area_prefix"]]]
        exact = matching[matching["year"] == year]
        earlier = matching[matching["year"] < year]
        found = exact if len(exact) else earlier
        if not len(found):
            return matching.sort_values(["year", "area_prefix"]).iloc[0]
        longest = found["area_prefix"].str.len()
        return found[longest == longest.max()].sort_values("year").iloc[-1]

    def at(self, area_codes: object, year: int) -> np.ndarray:
        """Return the monitoring line of each area in a year.

        Parameters
        ----------
        area_codes : array-like of str, shape (n,)
            Division codes; missing ones get the line that holds everywhere.
        year : int
            Calendar year.

        Returns
        -------
        ndarray of shape (n,)
            CNY per person and year, float64.
        """
        longest = int(self.frame["area_prefix"].str.len().max())  # what follows in a code cannot matter
        codes = pd.Series(np.asarray(area_codes, dtype=object), dtype="str").str[:longest]
        numbers, unique = pd.factorize(codes)
        values = [float(self._entry(str(code), int(year))["line_cny"]) for code in unique]
        values.append(float(self._entry("", int(year))["line_cny"]))
        return np.array(values)[numbers]

    def basis(self, area_code: str, year: int) -> str:
        """Say on what the line of an area and year rests.

        Parameters
        ----------
        area_code : str
            Division code, ``""`` for everywhere.
        year : int
            Calendar year.

        Returns
        -------
        str
            Status of the entry (``sourced``, ``proxy``, ``unverified``, ``user``) and whether it is of another year.
        """
        entry = self._entry(area_code, int(year))
        if entry["year"] == year:
            return str(entry["status"])
        carried = "carried forward" if entry["year"] < year else "carried back"
        return f"{carried} from {entry['year']} ({entry['status']})"
