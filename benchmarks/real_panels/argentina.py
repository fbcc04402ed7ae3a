"""Argentina's household survey (INDEC, Encuesta Permanente de Hogares 2016-2019) as a household register.

A visit becomes what a register would have recorded at the end of its quarter: a version of the household and of its
members, the income of the quarter, who is at school. Surveys are known at once, so every row is recorded on that day.

What stands for what
- Money: every amount is in the prices of one month and place: divided by the poverty line of an adult there and then, times
  LINE_CNY. The household's own line is LINE_CNY times its equivalent adults, so that net income relative to the line is the
  survey's ``welfare_ratio``. The survey asks for the income of one month; it stands for the twelve months that end with the
  quarter, as the register's rolling income windows do. The window of the next visit replaces it, so two visits a
  quarter apart are not two incomes.
- The panel visits a household in two quarters and again in the same two a year later, then never more: it leaves
  the register the day after.
- The 13th salary is in the person's total but in none of its parts: it is added to wages.
- Social plans and aid in money (V5) stand for the minimum living allowance: both are paid to poor households.
- Income one year on comes from ``targets.parquet``, as one amount of unknown composition, recorded when it was asked:
  the visit itself is not in the files. Visits that fail the check of the head's sex and age are left out.
- Left out for want of a place in the register: hours, trades, marital state, buying on credit (V16). No medical or school
  costs exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import fanpin_risk as fr

LINE_CNY = 10_000.0  # of an adult, per year; only ratios to it matter
LINES = fr.MonitoringLines.by_household()
FOLDER = "ar_eph_2016_2019"
ADULT_FROM, ELDERLY_FROM = 16, 60
LEFT_SCHOOL_BELOW = 18  # who is younger, not at school and has not finished the level has dropped out

RELATION = {  # CH03 -> (man, woman)
    1: ("head", "head"), 2: ("spouse", "spouse"), 3: ("son", "daughter"), 4: ("son_in_law", "daughter_in_law"),
    5: ("grandson", "granddaughter"), 6: ("father", "mother"), 7: ("father_in_law", "mother_in_law"),
    8: ("sibling", "sibling"), 9: ("other", "other"), 10: ("other", "other"),
}  # fmt: skip
EDUCATION = {1: "primary", 2: "primary", 3: "junior", 4: "senior", 5: "senior", 6: "bachelor", 7: "none"}  # NIVEL_ED
SCHOOL = {  # CH12, the level attended; secondary school is split by age
    1: "kindergarten", 2: "primary", 3: "junior", 4: "senior", 5: "senior", 6: "college3", 7: "bachelor", 8: "master",
    9: "primary",
}  # fmt: skip
SENIOR_FROM = 15
FUEL = {1: "clean", 2: "clean", 3: "wood", 4: "other"}  # II8
TENURE = {
    1: "owned",
    2: "owned",
    3: "rented",
    4: "free",
    5: "free",
    6: "free",
    7: "free",
    8: "owned",
    9: "other",
}  # II7
COPING = {"V13": "savings", "V14": "borrowed", "V15": "borrowed", "V17": "sold_assets"}
TENURE_MONTHS = {1: 0.5, 2: 2.0, 3: 4.5, 4: 9.0, 5: 12.0, 6: 12.0}  # PP07A, time in the present job, within a year
SUPPORT = {"V4": "employment", "V5": "social_security", "V6": "temporary_aid", "V7": "society", "V11": "education"}


@dataclass(frozen=True)
class Panel:
    """The files as they are: visits, persons, and what became of the households (never features)."""

    visits: pd.DataFrame
    persons: pd.DataFrame
    targets: pd.DataFrame


def read(data: Path) -> Panel:
    """Read the panel from the folder of the real data."""
    folder = data / FOLDER
    visits = pd.read_parquet(folder / "household.parquet")
    persons = pd.read_parquet(folder / "person.parquet").astype("Float64").astype("float64")
    targets = pd.read_parquet(folder / "targets.parquet")
    for frame in (visits, persons, targets):
        frame["household_id"] = "ar" + frame["hid"].astype("int64").astype("str").str.zfill(5)
        frame["day"] = quarter_end(frame["t"])
    return Panel(visits.sort_values(["hid", "t"]), persons.sort_values(["hid", "COMPONENTE", "t"]), targets)


def quarter_end(t: pd.Series | int) -> pd.Series | pd.Timestamp:
    """Last day of a quarter counted as 4 * year + quarter - 1."""
    months = np.asarray(t, dtype="int64") * 3 + 3 - 1970 * 12
    days = months.astype("datetime64[M]").astype("datetime64[D]") - np.timedelta64(1, "D")
    return pd.Series(days.astype("datetime64[s]"), index=t.index) if isinstance(t, pd.Series) else pd.Timestamp(days)


def days_of(panel: Panel, *, first: str, last: str) -> list[pd.Timestamp]:
    """Return the quarter ends from `first` to `last` on which households were visited."""
    days = panel.visits["day"].drop_duplicates().sort_values()
    return list(days[(days >= first) & (days <= last)])


def register(panel: Panel) -> fr.Register:
    """Make the register of the panel."""
    persons = _persons(panel)
    return fr.Register.from_frames(
        households=_households(panel),
        members=_members(persons),
        incomes=pd.concat([_incomes(panel, persons), _incomes_one_year_on(panel)], ignore_index=True),
        enrolments=_enrolments(persons),
        shocks=_shocks(panel, persons),
        supports=_supports(panel),
    )


def _previous(frame: pd.DataFrame, key: list[str], column: str) -> pd.Series:
    """Value of a column at the visit one quarter before, missing where there was none."""
    before = frame.groupby(key)
    return before[column].shift().where(before["t"].diff() == 1)


# --- households and members -------------------------------------------------------------------------------------------


def _households(panel: Panel) -> pd.DataFrame:
    v = panel.visits
    was_poor = _previous(v, ["hid"], "poor")
    unsafe = (v["IV3"] == 3) | v["IV4"].isin([6, 7]) | (v["IV1"] == 5)
    flush = (v["IV8"] == 1) & (v["IV10"] == 1)
    visits = pd.DataFrame(
        {
            "household_id": v["household_id"],
            "valid_from": v["day"],
            "recorded_at": v["day"],
            "area_code": v["REGION"].astype("str").str.zfill(2) + v["AGLOMERADO"].astype("str").str.zfill(4),
            # by the records themselves: below the line a quarter ago and not any more, or not below it then
            "register_status": np.select(
                [was_poor == 0, (was_poor == 1) & (v["poor"] == 0)], ["general", "ex_poor"], None
            ),
            "size_declared": v["IX_TOT"],
            # floor of earth or loose brick, roof of cardboard or cane, or no dwelling at all
            "unsafe_house": unsafe.astype("boolean").mask((v["IV3"] == 9) & ~unsafe),
            # piped to the house or plot, from the network or a motor pump
            "safe_water": (v["IV6"].isin([1, 2]) & v["IV7"].isin([1, 2])).astype("boolean").mask(v["IV6"] == 9),
            "toilet": flush.astype("boolean").mask(v["IV8"] == 9),
            "fuel": v["II8"].map(FUEL),
            "tenure": v["II7"].map(TENURE),
            "rooms": v["II1"].where(v["II1"] > 0),
            "coping": _coping(v),
        }
    )
    last = v.drop_duplicates("hid", keep="last")
    left = quarter_end(last["t"] + 4) + pd.Timedelta(days=1)
    left = pd.DataFrame({"household_id": last["household_id"], "valid_from": left})
    left = left.assign(recorded_at=left["valid_from"], valid_to=left["valid_from"])
    return pd.concat([visits, left], ignore_index=True)


def _coping(v: pd.DataFrame) -> pd.Series:
    """What the household did to get by in the last three months; none where it did nothing of it."""
    done = [np.where(v[column] == 1, f"{code};", "") for column, code in COPING.items()]
    return pd.Series(np.sum(np.array(done, dtype=object), axis=0), index=v.index).str.strip(";").replace("", "none")


def _persons(panel: Panel) -> pd.DataFrame:
    """Persons of all visits with an id of their own and a birth date that does not move between visits.

    Who has the same number at the next visit is the same person if sex and age agree; else somebody else came.
    """
    p = panel.persons.copy()
    number = ["hid", "COMPONENTE"]
    older = p["CH06"] - p.groupby(number)["CH06"].shift()
    same = (p["CH04"] == p.groupby(number)["CH04"].shift()) & older.between(-3, 4)
    person = (~same).groupby([p["hid"], p["COMPONENTE"]]).cumsum()
    p["member_id"] = p["household_id"] + "-" + p["COMPONENTE"].astype("int64").astype("str").str.zfill(2)
    p["member_id"] += np.where(person > 1, "b", "")
    age = p.groupby("member_id")["CH06"].transform("first").clip(lower=0)
    seen = p.groupby("member_id")["day"].transform("first")
    month = seen.to_numpy().astype("datetime64[M]") - 12 * age.to_numpy().astype("int64")
    p["birth_date"] = month.astype("datetime64[s]")
    p["age"] = p["CH06"].clip(lower=0)
    p["works"] = p["ESTADO"] == 1
    p["employee"] = p["works"] & (p["CAT_OCUP"] == 3)
    p["pupil"] = p["CH10"] == 1
    stage = p["CH12"].map(SCHOOL)
    p["stage"] = stage.mask((p["CH12"] == 4) & (p["age"] < SENIOR_FROM), "junior")
    return p


def _members(p: pd.DataFrame) -> pd.DataFrame:
    man = p["CH04"] == 1
    as_man, as_woman = ({code: pair[i] for code, pair in RELATION.items()} for i in (0, 1))
    trained = p["PP04D_COD"].mod(10).isin([1, 2])  # professional and technical jobs
    child, elderly = p["age"] < ADULT_FROM, p["age"] >= ELDERLY_FROM
    labour = np.select(
        [p["CAT_INAC"] == 6, p["works"] & trained, p["works"], child | p["pupil"] | elderly, p["CAT_INAC"] == 1],
        ["lost", "skilled", "ordinary", "none", "weak"],
        "ordinary",
    )
    cover = p["CH08"].where(p["CH08"] != 9)

    def covered(*codes: int) -> pd.Series:
        return cover.isin(codes).astype("boolean").mask(cover.isna())

    contributes = np.select([(p["PP07H"] == 1) | (p["PP07I"] == 1), p["PP07H"] == 2], [1.0, 0.0], np.nan)
    degree = p["NIVEL_ED"].map(EDUCATION).mask((p["NIVEL_ED"] == 6) & (p["CH12"] == 6), "college3")
    below_school = p["stage"].isna() & (p["age"] < 6)
    members = pd.DataFrame(
        {
            "member_id": p["member_id"],
            "household_id": p["household_id"],
            "valid_from": p["day"],
            "recorded_at": p["day"],
            "valid_to": pd.NaT,
            "relation": np.where(man, p["CH03"].map(as_man), p["CH03"].map(as_woman)),
            "sex": np.where(man, "male", "female"),
            "birth_date": p["birth_date"],
            "education": degree.mask(p["pupil"] | below_school),
            "student_stage": p["stage"].where(p["pupil"]).mask(below_school, "preschool_age"),
            # only the inactive are asked for a reason, so of all others it is not known
            "health": np.where(p["CAT_INAC"] == 6, "disabled", None),
            "labour": labour,
            "work_months": p["PP07A"].map(TENURE_MONTHS).where(p["employee"], np.where(child, np.nan, 0.0)),
            "ins_basic_resident": covered(3, 13, 23, 123),
            "ins_basic_employee": covered(1, 12, 13, 123),
            "ins_commercial": covered(2, 12, 23, 123),
            "pension_employee": pd.Series(contributes, index=p.index).astype("boolean"),
            "dibao": p["V5_M"] > 0,
        }
    )
    return pd.concat([members, _departures(p, members)], ignore_index=True)


def _departures(p: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Last versions of members who were there at one visit and not at the household's next one, a quarter later."""
    last_seen = p["t"] == p.groupby("member_id")["t"].transform("max")
    next_visit = p[["hid", "t"]].drop_duplicates().assign(t=lambda x: x["t"] - 1, visited=True)
    visited_again = p[["hid", "t"]].merge(next_visit, on=["hid", "t"], how="left")["visited"].notna().to_numpy()
    left = members[last_seen.to_numpy() & visited_again].copy()
    noticed = quarter_end(p["t"] + 1)[left.index]
    return left.assign(valid_from=noticed, recorded_at=noticed, valid_to=noticed)


# --- incomes ----------------------------------------------------------------------------------------------------------


def _accounts(frame: pd.DataFrame, ratios: pd.DataFrame, adults: pd.Series, day: pd.Series) -> pd.DataFrame:
    """One row per amount: multiples of the household's line become CNY of the twelve months that end on the day.

    The line is one of the rows. A household without any income has a row of 0: its income is known to be nothing.
    """
    in_cny = (LINE_CNY * ratios.assign(household_line=1.0).mul(adults.astype("float64"), axis=0)).assign(
        household_id=frame["household_id"],
        period_start=day - pd.DateOffset(years=1) + pd.Timedelta(days=1),
        period_end=day,
        recorded_at=day,
    )
    long = in_cny.melt(
        ["household_id", "period_start", "period_end", "recorded_at"], var_name="item", value_name="amount_cny"
    )
    long["amount_cny"] = long["amount_cny"].round(2)
    return long[(long["amount_cny"] > 0) | (long["item"] == "wage")]


def _incomes(panel: Panel, p: pd.DataFrame) -> pd.DataFrame:
    own_business = p["CAT_OCUP"].isin([1, 2, 4])
    work = p["P21"].clip(lower=0) + p["TOT_P12"].clip(lower=0)
    bonus = (p["P47T"] - work - p["T_VI"].clip(lower=0)).clip(lower=0)
    parts = pd.DataFrame(
        {
            "wage": work.where(~own_business, 0.0) + bonus,
            "business_gross": work.where(own_business, 0.0),
            "prop_other": p[["V8_M", "V9_M", "V10_M"]].clip(lower=0).sum(axis=1),
            "tr_pension": p[["V2_M", "V21_M"]].clip(lower=0).sum(axis=1),
            "tr_dibao": p["V5_M"].clip(lower=0),
            "tr_other": p[["V3_M", "V4_M", "V11_M", "V12_M", "V18_M", "V19_AM"]].clip(lower=0).sum(axis=1),
        }
    )
    v = panel.visits
    by_visit = parts.groupby([p["hid"], p["t"]]).sum().reindex(pd.MultiIndex.from_frame(v[["hid", "t"]]))
    by_visit.index = v.index
    # what the parts lack goes to other transfers; where they are more, all are scaled down to the family's total
    total = v["ITF"].astype("float64")
    by_visit["tr_other"] += (total - by_visit.sum(axis=1)).clip(lower=0)
    scale = (total / by_visit.sum(axis=1).where(lambda s: s > 0)).fillna(0.0)
    ratios = by_visit.mul(scale / v["poverty_line_household"].astype("float64"), axis=0)
    return _accounts(v, ratios, v["adequi"], v["day"])


def _incomes_one_year_on(panel: Panel) -> pd.DataFrame:
    g = panel.targets
    g = g[(g["head_ok_4q"] == 1) & g["wr_next_4q"].notna()]
    # only the ratio is known: income and line are those of a household as it was at the newest visit
    adults = g["hid"].map(panel.visits.groupby("hid")["adequi"].last())
    return _accounts(g, pd.DataFrame({"wage": g["wr_next_4q"].astype("float64")}), adults, quarter_end(g["t"] + 4))


# --- school, events, support ------------------------------------------------------------------------------------------


def _enrolments(p: pd.DataFrame) -> pd.DataFrame:
    """Who attends, and who is below 18, does not attend and has not finished the level: the register's 'dropped out'."""
    year = p["day"].dt.year - (p["day"].dt.month < 9)
    dropped_out = p["CH10"].isin([2, 3]) & p["age"].between(6, LEFT_SCHOOL_BELOW - 1) & (p["CH13"] != 1)
    rows = (p["pupil"] | dropped_out) & (p["stage"].notna() | dropped_out)
    return pd.DataFrame(
        {
            "member_id": p["member_id"],
            "school_year": year,
            "recorded_at": p["day"],
            "stage": p["stage"].fillna("primary"),
            "status": np.where(dropped_out, "dropped_out", "enrolled"),
        }
    )[rows]


def _shocks(panel: Panel, p: pd.DataFrame) -> pd.DataFrame:
    """Lost jobs: who worked a quarter ago and is out of work now; and households that received severance pay."""
    lost = p[(_previous(p, ["member_id"], "ESTADO") == 1) & (p["ESTADO"] == 2)]
    dismissed = panel.visits[panel.visits["V3"] == 1]
    rows = pd.concat([lost[["household_id", "member_id", "day"]], dismissed[["household_id", "day"]]])
    return rows.rename(columns={"day": "event_date"}).assign(
        recorded_at=lambda x: x["event_date"], kind="job_loss", affected="worker"
    )


def _supports(panel: Panel) -> pd.DataFrame:
    """Support the household lived on in the quarter; it runs until a visit finds it gone, which ends it that day."""
    v = panel.visits
    parts = []
    for column, measure in SUPPORT.items():
        had = _previous(v, ["hid"], column)
        begun = v[(v[column] == 1) & (had != 1)]
        ended = v[(v[column] == 2) & (had == 1)]
        start = {
            "start_date": begun["day"].dt.to_period("Q").dt.start_time,
            "recorded_at": begun["day"],
            "end_date": pd.NaT,
        }
        earlier = quarter_end(ended["t"] - 1).dt.to_period("Q").dt.start_time
        stop = {"start_date": earlier, "recorded_at": ended["day"], "end_date": ended["day"]}
        parts += [
            begun[["household_id"]].assign(**start, measure=measure),
            ended[["household_id"]].assign(**stop, measure=measure),
        ]
    return pd.concat(parts, ignore_index=True)
