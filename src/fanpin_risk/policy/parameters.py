"""Numbers of the rules: dated, sourced and by area, in a data file that an office replaces line by line with its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.arguments import of_type, one_of
from fanpin_risk.asof.monitoring_lines import PREFIX_LENGTHS
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.words import Message

__all__ = ["PARAMETERS", "Parameter", "Policy", "checked_policy"]

ENTRY_COLUMNS = ("name", "area_prefix", "valid_from", "value", "status", "source")
NEEDED_COLUMNS = ENTRY_COLUMNS[:4]
ENTRY_STATUSES = ("sourced", "inferred", "unverified", "user")
SHIPPED_FILE = "parameters.csv"
UNIT_NAMES = {
    "years": Message("years", context="unit"),
    "days": Message("days", context="unit"),
    "months": Message("months", context="unit"),
    "month": Message("as a month of the year", context="unit"),
    "times": Message("times", context="unit"),
    "persons": Message("persons", context="unit"),
    "CNY": Message("CNY", context="unit"),
}
IN_MEMORY = Message("policy")  # where no file was read


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A number that rules rest on.

    Attributes
    ----------
    label : Message
        What it is.
    unit : str
        One of ``UNIT_NAMES``.
    low, high : float
        Between these it must lie.
    ships : bool
        Whether a value that holds everywhere ships; False where no source gives one, so that an office gives its own.
    """

    label: Message
    unit: str
    low: float
    high: float
    ships: bool = True


PARAMETERS: Mapping[str, Parameter] = MappingProxyType(
    {
        "school_age_from": Parameter(
            label=Message("full years on 31 August from which a child goes to school"), unit="years", low=5, high=8
        ),
        "school_age_until": Parameter(
            label=Message("age at which the sieve no longer asks for school"), unit="years", low=14, high=19
        ),
        "new_row_month": Parameter(
            label=Message("first month in which a record of the new school year must be there"), unit="month", low=9, high=12
        ),
        "newborn_days": Parameter(
            label=Message("days after birth within which a child need not be insured yet"), unit="days", low=0, high=366
        ),
        "income_oldest_months": Parameter(
            label=Message("months after which an accounting year says nothing of today"), unit="months", low=12, high=60
        ),
        "edge_from": Parameter(
            label=Message("net income per person from which a household is of the edge, against the line"), unit="times", low=0.5, high=2
        ),
        "edge_to": Parameter(
            label=Message("net income per person below which a household is of the edge, against the line"), unit="times", low=1, high=3
        ),
        "elderly_age": Parameter(label=Message("age from which a person is old"), unit="years", low=50, high=80),
        "backstop_share": Parameter(
            label=Message("share of net income from which a household lives on assistance"), unit="times", low=0.05, high=1
        ),
        "serious_months": Parameter(
            label=Message("months for which a bill shows a serious illness"), unit="months", low=1, high=60
        ),
        "several_pupils": Parameter(label=Message("members at school that are several"), unit="persons", low=2, high=10),
        "parent_years": Parameter(
            label=Message("years by which a parent is older than a child at the least"), unit="years", low=8, high=20
        ),
        "ex_poor_least_income": Parameter(
            label=Message("net income per person below which that of an ex-poor household is doubted"), unit="CNY", low=0, high=20_000
        ),
        "buffer_months": Parameter(
            label=Message("months after an elimination for which what happens is asked about"), unit="months", low=1, high=60
        ),
        "most_entry_income": Parameter(
            label=Message("net income per person at recognition above which it is doubted"), unit="CNY", low=5_000, high=100_000
        ),
        "measure_months": Parameter(
            label=Message("months after recognition within which there is a measure"), unit="months", low=1, high=12
        ),
        "development_months": Parameter(
            label=Message("months after recognition within which there is a development measure"), unit="months", low=1, high=24
        ),
        "least_monitored_months": Parameter(
            label=Message("months before which no risk is eliminated by support"), unit="months", low=1, high=12
        ),
        "usual_monitored_months": Parameter(
            label=Message("months of support that usually go before an elimination"), unit="months", low=1, high=24
        ),
        "answer_days": Parameter(
            label=Message("days within which a verified warning is answered"), unit="days", low=1, high=120
        ),
        "answer_oldest_months": Parameter(
            label=Message("months after which a verified warning is no longer asked about"), unit="months", low=1, high=60
        ),
        "large_bill_ex_poor": Parameter(
            label=Message("own inpatient costs since 1 January of an ex-poor household that are a signal"), unit="CNY", low=100,
            high=500_000,
            ships=False,
        ),
        "large_bill_general": Parameter(
            label=Message("own inpatient costs since 1 January of another household that are a signal"), unit="CNY", low=100,
            high=500_000,
            ships=False,
        ),
        "insurance_last_month": Parameter(
            label=Message("last month of the year in which the place insures who was recognised in it"), unit="month", low=1, high=12,
            ships=False,
        ),
        "serious_insurance_threshold": Parameter(
            label=Message("costs of a year after basic insurance from which 大病保险 pays"), unit="CNY", low=100, high=200_000,
            ships=False,
        ),
        "medical_aid_threshold_dibao": Parameter(
            label=Message("costs of a year after insurance from which medical aid is given, on 低保 or 特困供养"), unit="CNY", low=0,
            high=200_000, ships=False,
        ),
        "medical_aid_threshold_monitored": Parameter(
            label=Message("costs of a year after insurance from which medical aid is given to the monitored and 低保边缘"), unit="CNY",
            low=0, high=200_000, ships=False,
        ),
        "medical_aid_threshold_sudden": Parameter(
            label=Message("costs of a year after insurance from which medical aid is given to 突发严重困难户"), unit="CNY", low=0,
            high=200_000, ships=False,
        ),
        "payout_threshold": Parameter(
            label=Message("own costs of 12 months from which the local 防贫保 pays"), unit="CNY", low=100, high=500_000, ships=False
        ),
        "dibao_standard": Parameter(
            label=Message("standard of 低保 per person and year"), unit="CNY", low=1_000, high=50_000, ships=False
        ),
        "dibao_edge_times": Parameter(
            label=Message("standards of 低保 below which a household is 低保边缘"), unit="times", low=1, high=3
        ),
        "single_dibao_times": Parameter(
            label=Message("standards of 低保 below which one person may be on it"), unit="times", low=1, high=3
        ),
        "mean_income": Parameter(
            label=Message("mean disposable income per person of the place"), unit="CNY", low=1_000, high=200_000, ships=False
        ),
        "old_age_from": Parameter(
            label=Message("age from which the place pays an old-age allowance"), unit="years", low=60, high=100, ships=False
        ),
        "transport_work_months": Parameter(
            label=Message("months of work outside the county from which the place pays a travel allowance"), unit="months", low=1,
            high=12, ships=False,
        ),
        "chronic_burden": Parameter(
            label=Message("own medical costs against net income that weigh on the chronically ill"),
            unit="times", low=0.01, high=2, ships=False,
        ),
        "debt_ratio": Parameter(
            label=Message("debt against net income from which a household is in debt"),
            unit="times", low=0.1, high=20, ships=False,
        ),
        "income_fall": Parameter(
            label=Message("fall of net income from the year before that is steep"),
            unit="times", low=0.05, high=1, ships=False,
        ),
        "rigid_share": Parameter(
            label=Message("own costs of treatment and school against net income that are large"),
            unit="times", low=0.05, high=5, ships=False,
        ),
        "dibao_changed_months": Parameter(
            label=Message("months for which a living allowance that began or ended counts as a change"), unit="months", low=1, high=36
        ),
        "returned_months": Parameter(
            label=Message("months within which who worked and works no more is back from work"), unit="months", low=1, high=36
        ),
        "wage_share": Parameter(
            label=Message("share of net income from which a household lives on wages"),
            unit="times", low=0.1, high=1, ships=False,
        ),
        "few_work_months": Parameter(
            label=Message("months of work of a household in a year below which they are few"),
            unit="months", low=1, high=36, ships=False,
        ),
        "recognition_days": Parameter(
            label=Message("days from a clue to its end or to recognition"), unit="days", low=1, high=120
        ),
        "verify_days": Parameter(label=Message("days from a clue to the visit that verifies it"), unit="days", low=1, high=60),
        "compare_days": Parameter(
            label=Message("days from the signed authorisation to the comparison by offices"), unit="days", low=1, high=60
        ),
        "notice_days": Parameter(label=Message("days for which a public notice stands at the least"), unit="days", low=1, high=60),
        "visit_days": Parameter(label=Message("days from one visit of a monitored household to the next"), unit="days", low=1, high=366),
        "warn_days": Parameter(label=Message("days before a deadline from which it is shown"), unit="days", low=0, high=60),
        "stable_income_months": Parameter(
            label=Message("months for which income has been stable before an elimination"), unit="months", low=1, high=24
        ),
        "exit_band": Parameter(
            label=Message("net income per person, against the line, below which an elimination stands on little"),
            unit="times", low=1, high=2,
        ),
        "buffer_first_months": Parameter(
            label=Message("months after an elimination of the first check"), unit="months", low=1, high=24
        ),
        "buffer_second_months": Parameter(
            label=Message("months after an elimination of the second check"), unit="months", low=1, high=36
        ),
        "job_loss_months": Parameter(
            label=Message("months for which lost work shows somebody back from work"),
            unit="months", low=1, high=24, ships=False,
        ),
    }
)  # fmt: skip


class Policy:
    """Numbers that rules rest on, by area and day.

    For an area code and a day the entry of the longest matching ``area_prefix`` counts, of these the newest that is
    valid on the day. Entries of `frame` stand before those that ship with the package: where a frame names a parameter
    for an area, the shipped entries of that parameter and area no longer count.

    Parameters
    ----------
    frame : DataFrame, optional
        Columns ``name`` (one of ``PARAMETERS``), ``area_prefix`` (digits of a division code, ``""`` for everywhere),
        ``valid_from`` (first day), ``value`` and, if known, ``status`` (sourced, inferred, unverified, user) and
        ``source``. Default: none beside those that ship.

    Raises
    ------
    InputError
        If a column is missing, a name is none of ``PARAMETERS``, a prefix is not of 0, 2, 4, 6, 9 or 12 digits, a day or
        value cannot be read or is out of range, a status stands without its source, or an entry occurs twice.

    Examples
    --------
    >>> policy = Policy()
    >>> policy.at("school_age_from", ["211282"], "2024-09-01").tolist()
    [6.0]
    """

    def __init__(self, frame: pd.DataFrame | None = None) -> None:
        self.frame = _shipped_entries().copy() if frame is None else _over(_shipped_entries(), _checked_entries(frame))
        # The areas that were asked for last, and which are the same: every rule of a snapshot asks for the same ones.
        self._areas: tuple[Any, np.ndarray, pd.Index] | None = None

    @classmethod
    def read(cls, path: str | Path) -> Policy:
        """Read entries from a csv file with the columns of the class.

        Parameters
        ----------
        path : path-like
            A csv file in UTF-8.

        Returns
        -------
        Policy

        Raises
        ------
        InputError
            If the file cannot be read or holds what is no entry.
        """
        try:
            frame = pd.read_csv(path, dtype="str", encoding="utf-8-sig", skip_blank_lines=False)
        except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise InputError(
                "policy: cannot read {file}: expected a csv file in UTF-8", file=Path(path).name
            ) from error
        policy = cls()
        policy.frame = _over(policy.frame, _checked_entries(frame, Path(path).name))
        return policy

    def at(self, name: str, area_codes: Any, day: Any) -> np.ndarray:
        """Return a number for each area on a day.

        Parameters
        ----------
        name : str
            One of ``PARAMETERS``.
        area_codes : array-like of str, shape (n,)
            Division codes; missing ones get what holds everywhere.
        day : date-like
            The day.

        Returns
        -------
        ndarray of shape (n,)
            float64; NaN where no entry holds: a rule that needs the number then answers that it does not know.
        """
        one_of("name", name, tuple(PARAMETERS))
        entries = self.frame[(self.frame["name"] == name) & (self.frame["valid_from"] <= pd.Timestamp(day))]
        if self._areas is None or self._areas[0] is not area_codes:
            self._areas = (area_codes, *pd.factorize(pd.Series(np.asarray(area_codes, dtype=object), dtype="str")))
        numbers, unique = self._areas[1:]
        # From the shortest prefix to the longest, within one from the oldest to the newest: the last that matches counts.
        entries = entries.sort_values(["area_prefix", "valid_from"], key=_by_length, kind="stable")
        last = list(zip(entries["area_prefix"].tolist()[::-1], entries["value"].tolist()[::-1], strict=True))
        values = [
            next((value for prefix, value in last if str(code).startswith(prefix)), np.nan) for code in [*unique, ""]
        ]
        return np.array(values, dtype="float64")[numbers]


def checked_policy(policy: Policy | None) -> Policy:
    """Return the policy, the one that ships with the package for None; raise SchemaError for anything else."""
    if policy is None:
        return Policy()
    if not isinstance(policy, Policy):
        raise SchemaError(
            "policy: expected a policy, got the type {got}; make it with Policy(frame) or Policy.read(file)",
            got=type(policy).__name__,
        )
    return policy


def _by_length(column: pd.Series) -> pd.Series:
    return column.str.len() if column.name == "area_prefix" else column


def _over(shipped: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """Put entries before shipped ones: those of the same name and area are left out."""
    named = pd.MultiIndex.from_frame(own[["name", "area_prefix"]])
    kept = shipped[~pd.MultiIndex.from_frame(shipped[["name", "area_prefix"]]).isin(named)]
    return pd.concat([kept, own], ignore_index=True)


def _checked_entries(frame: pd.DataFrame, file: str | Message = IN_MEMORY) -> pd.DataFrame:
    """Return the entries with all columns; raise InputError where they cannot be entries."""
    of_type("frame", frame, pd.DataFrame, Message("a frame with {columns}", columns=NEEDED_COLUMNS))
    missing = [name for name in NEEDED_COLUMNS if name not in frame.columns]
    if missing:
        raise InputError(
            "{file}: column {missing} is missing; expected {columns}",
            file=file,
            missing=tuple(missing),
            columns=ENTRY_COLUMNS,
        )
    row = np.arange(len(frame)) + 2  # below the headers; blank rows of a file count
    filled = frame.notna().any(axis=1).to_numpy()
    given = frame.reindex(columns=list(ENTRY_COLUMNS))[filled].reset_index(drop=True)
    frame = given.copy()
    for name in ("name", "area_prefix", "status", "source"):
        frame[name] = frame[name].astype("str").fillna("").str.strip()
    frame["valid_from"] = pd.to_datetime(frame["valid_from"], errors="coerce").astype("datetime64[s]")
    frame["value"] = pd.to_numeric(frame["value"], errors="coerce").astype("float64")
    _refuse_odd_entry(frame, given, row[filled], file)
    double = frame.duplicated(["name", "area_prefix", "valid_from"]).to_numpy()
    if double.any():
        raise InputError(
            "{file}: row {row} holds for the name, area_prefix and valid_from of a row above it; keep one row for each",
            file=file,
            row=int(row[filled][double][0]),
        )
    frame["status"] = frame["status"].where(frame["status"] != "", "user")
    frame["source"] = frame["source"].where(frame["source"] != "", "user")
    return frame


def _refuse_odd_entry(frame: pd.DataFrame, given: pd.DataFrame, row: np.ndarray, file: str | Message) -> None:
    """Raise InputError for the first cell that no entry has, with what was expected there."""
    known = frame["name"].isin(PARAMETERS)
    low, high = (
        frame["name"].map({name: getattr(one, side) for name, one in PARAMETERS.items()}) for side in ("low", "high")
    )
    digits = frame["area_prefix"].str.fullmatch("[0-9]*") & frame["area_prefix"].str.len().isin(PREFIX_LENGTHS)
    checks = {
        "name": (known, Message("one of {names}", names=tuple(PARAMETERS))),
        "area_prefix": (
            digits,
            Message("the first 2, 4, 6, 9 or 12 digits of a division code, or nothing for everywhere"),
        ),
        "valid_from": (frame["valid_from"].notna(), Message("a day such as {example}", example="2024-01-01")),
        "value": (frame["value"].between(low, high), None),
        "status": (frame["status"].isin(("", *ENTRY_STATUSES)), Message("one of {names}", names=ENTRY_STATUSES)),
        "source": (
            frame["source"].ne("") | frame["status"].isin(("", "user")),
            Message("where a value with a status can be read"),
        ),
    }
    for name, (good, expected) in checks.items():
        odd = np.flatnonzero(~good.to_numpy(dtype=bool))
        if not len(odd):
            continue
        at = odd[0]
        value = given[name].iloc[at]
        raise InputError(
            "{file}: row {row}, {column} is {value}; expected {expected}",
            file=file,
            row=int(row[at]),
            column=name,
            value=Message("empty") if pd.isna(value) or not str(value).strip() else str(value).strip(),
            expected=_range_of(frame["name"].iloc[at]) if expected is None else expected,
        )


def _range_of(name: str) -> Message:
    one = PARAMETERS[name]
    return Message("{low:g} to {high:g} {unit}", low=one.low, high=one.high, unit=UNIT_NAMES[one.unit])


@cache
def _shipped_entries() -> pd.DataFrame:
    """Return the entries that ship with the package, read once; not to be changed."""
    with resources.files("fanpin_risk.policy").joinpath(SHIPPED_FILE).open("rb") as file:
        return _checked_entries(pd.read_csv(file, dtype="str"), SHIPPED_FILE)
