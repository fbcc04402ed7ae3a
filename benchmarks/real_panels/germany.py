"""The German panel of Riphahn, Wambach and Million (GSOEP 1984-88, 1991, 1994) as a household register.

The files know persons, not households: every person is a household of its own, together with a spouse and one child
where the person has them. Each wave becomes what a register would have recorded on 30 June of its year.

What stands for what
- Money: equivalent income over 60 % of the year's median, times LINE_CNY and the number of members, so that net
  income per person relative to the (constant) monitoring line is the panel's ratio. It stands for the twelve months
  that end on the day. What it consists of is not known: it is booked as wages, or as business income of the
  self-employed.
- Spouse: of the other sex and the same age, of unknown health and work. Children: one, eight years old, for "children
  under 16 in the household".
- Degree of handicap in percent: certificates of grade 1 (80 and more), 2 (50), 3 (30) and 4 (20), of a kind that
  is not known. Degrees below 20 give none, nor do fractions: they were filled in, in 1987 for all without a
  handicap. The yes or no beside the degree is muddled in 1987 and not used.
- Hospital visits of the last calendar year: stays on its last day. Visits to a doctor in the last three months:
  out-patient bills in their middle. Neither has an amount, so all medical costs are missing.
- Statutory health insurance is the residents' basic insurance, private insurance the employees' one.
- White-collar employees and civil servants are skilled labour; the handicapped (50 % and more) without work have lost
  theirs. Employed means twelve months of work.
- Who is not found in the next year leaves the register then, and may come back.
- Left out for want of a place: satisfaction with one's health.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

import fanpin_risk as fr

LINE_CNY = 10_000.0  # per person and year; only ratios to it matter
LINES = fr.MonitoringLines(
    pd.DataFrame(
        {
            "area_prefix": [""],
            "year": [1980],
            "line_cny": [LINE_CNY],
            "source": ["stands for 60 % of the year's median"],
        }
    )
)
FOLDER = "de_gsoep_rwm"
CHILD_AGE = 8  # the middle of 0 to 15
ELDERLY_FROM = 60
GRADES = ((80, "grade1"), (50, "grade2"), (30, "grade3"), (20, "grade4"))  # least degree in percent
SCHOOLING = ((16, "bachelor"), (14, "college3"), (11, "senior"), (9, "junior"), (0, "primary"))  # least years at school


def read(data: Path) -> pd.DataFrame:
    """Read the panel from the folder of the real data: one row per person and year."""
    p = pd.read_parquet(data / FOLDER / "person_year.parquet").sort_values(["id", "year"], ignore_index=True)
    p["household_id"] = "de" + p["id"].astype("str").str.zfill(4)
    p["day"] = day(p["year"])
    p["members"] = 1 + p["married"] + p["hhkids"]
    p["grade"] = _least(p["handper"].where(p["handper"] % 1 == 0, 0.0), GRADES).fillna("")
    return p


def day(year: pd.Series | int) -> pd.Series | pd.Timestamp:
    """Return 30 June of a year."""
    return pd.to_datetime(year.astype("str") + "-06-30") if isinstance(year, pd.Series) else pd.Timestamp(year, 6, 30)


def register(p: pd.DataFrame) -> fr.Register:
    """Make the register of the panel."""
    return fr.Register.from_frames(
        households=_households(p),
        members=_members(p),
        incomes=_incomes(p),
        medical=_medical(p),
        disabilities=_disabilities(p),
    )


def _least(values: pd.Series, steps: tuple[tuple[int, str], ...]) -> pd.Series:
    """Code of the first step that the value reaches, missing below the last."""
    return pd.Series(
        np.select([values >= least for least, _ in steps], [code for _, code in steps], None), index=values.index
    )


def _households(p: pd.DataFrame) -> pd.DataFrame:
    seen = p[["household_id", "day"]].rename(columns={"day": "valid_from"})
    not_found = p["year"] + 1 != p.groupby("id")["year"].shift(-1)
    gone = seen[not_found].assign(valid_from=day(p["year"][not_found] + 1))
    return pd.concat([seen, gone.assign(valid_to=gone["valid_from"])], ignore_index=True).assign(
        recorded_at=lambda x: x["valid_from"]
    )


def _members(p: pd.DataFrame) -> pd.DataFrame:
    works, handicapped = p["working"] == 1, p["grade"].isin(["grade1", "grade2"])
    person = pd.DataFrame(
        {
            "member_id": p["household_id"] + "-1",
            "relation": "head",
            "sex": np.where(p["female"] == 1, "female", "male"),
            "age": p["age"],
            "education": _least(p["educ"], SCHOOLING),
            "labour": np.select(
                [works & ((p["whitec"] == 1) | (p["beamt"] == 1)), works, handicapped, p["age"] >= ELDERLY_FROM],
                ["skilled", "ordinary", "lost", "none"],
                "ordinary",
            ),
            "work_months": np.where(works, 12.0, 0.0),
            "ins_basic_resident": p["public"] == 1,
            "ins_basic_employee": p["public"] == 0,
            "ins_commercial": p["addon"] == 1,
        }
    )
    spouse = pd.DataFrame(
        {
            "member_id": p["household_id"] + "-2",
            "relation": "spouse",
            "sex": np.where(p["female"] == 1, "male", "female"),
            "age": p["age"],
        }
    )
    child = pd.DataFrame({"member_id": p["household_id"] + "-3", "age": CHILD_AGE}, index=p.index)
    parts = [
        _versions(p, person, p["working"] >= 0),
        _versions(p, spouse, p["married"] == 1),
        _versions(p, child, p["hhkids"] == 1),
    ]
    return pd.concat(parts, ignore_index=True)


def _versions(p: pd.DataFrame, member: pd.DataFrame, there: pd.Series) -> pd.DataFrame:
    """One version per wave in which the member is there, and the last one when it is there no more."""
    was_there = there.groupby(p["id"]).shift().eq(True)
    rows = member.assign(household_id=p["household_id"], valid_from=p["day"], recorded_at=p["day"], valid_to=pd.NaT)
    left = rows[was_there & ~there]
    return pd.concat([rows[there], left.assign(valid_to=left["valid_from"])], ignore_index=True)


def _incomes(p: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "household_id": p["household_id"],
            "period_start": p["day"] - pd.DateOffset(years=1) + pd.Timedelta(days=1),
            "period_end": p["day"],
            "recorded_at": p["day"],
            "item": np.where(p["self"] == 1, "business_gross", "wage"),
            "amount_cny": (p["eq_income"] / p["line60"] * p["members"] * LINE_CNY).round(2),
        }
    )


def _medical(p: pd.DataFrame) -> pd.DataFrame:
    last_year = pd.to_datetime((p["year"] - 1).astype("str") + "-12-31")
    counts = (("hospvis", "inpatient", last_year), ("docvis", "outpatient", p["day"] - pd.Timedelta(days=45)))
    parts = []
    for column, kind, when in counts:
        row = np.repeat(np.arange(len(p)), p[column].to_numpy(dtype="int64"))
        number = pd.Series(row).groupby(row).cumcount()
        parts.append(
            pd.DataFrame(
                {
                    "member_id": (p["household_id"] + "-1").to_numpy()[row],
                    "record_id": kind + p["year"].astype("str").to_numpy()[row] + "-" + number.astype("str"),
                    "event_date": when.to_numpy()[row],
                    "recorded_at": p["day"].to_numpy()[row],
                    "kind": kind,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _disabilities(p: pd.DataFrame) -> pd.DataFrame:
    """Certificates: one when a grade is first seen or has changed, ended when a later wave finds another or none."""
    grade = p["grade"]
    changed = grade != grade.groupby(p["id"]).shift().fillna("")
    since = p["day"].where(changed).groupby(p["id"]).ffill()
    rows = pd.DataFrame(
        {
            "member_id": p["household_id"] + "-1",
            "issued_on": since,
            "recorded_at": p["day"],
            "grade": grade,
            "category": "unspecified",
        }
    )
    issued = rows[changed & (grade != "")]
    held = rows.assign(
        grade=grade.groupby(p["id"]).shift(), issued_on=since.groupby(p["id"]).shift(), valid_to=p["day"]
    )
    ended = held[changed & held["grade"].fillna("").ne("")]
    return pd.concat([issued, ended], ignore_index=True)
