"""Signals that departments, cadres and households send when something passes a threshold."""

from __future__ import annotations

import numpy as np

from fanpin_risk.synthetic.health import INPATIENT
from fanpin_risk.synthetic.parameters import figure
from fanpin_risk.synthetic.population import NEVER, year_start
from fanpin_risk.synthetic.state import Array, State, code, month_of

__all__ = ["DEPARTMENTS", "write_warnings"]

DEPARTMENTS = ("医保局", "卫健局", "残联", "教育局", "人社局", "住建局", "水利局", "应急管理局", "公安局", "民政局")
SIGNAL = {name: code("warnings", "signal", name) for name in (
    "med_oop", "new_serious", "new_disability", "dropout", "edu_cost", "unemployed", "house_cd", "water", "disaster",
    "accident", "dibao_new", "dibao_stop", "tekun_new",
)}  # fmt: skip
DEPARTMENT_OF = {"med_oop": 0, "new_serious": 1, "new_disability": 2, "dropout": 3, "edu_cost": 3, "unemployed": 4, "house_cd": 5,
                 "water": 6, "disaster": 7, "accident": 8, "dibao_new": 9, "dibao_stop": 9, "tekun_new": 9}  # fmt: skip
SELF_REPORT, CADRE, DEPARTMENT, MEDIA, HOTLINE = range(5)
VERIFIED, REFUTED, PENDING = (code("warnings", "outcome", x) for x in ("verified", "refuted", "pending"))
NOT_GIVEN = np.float32(np.nan)


def write_warnings(s: State, year: int) -> None:
    """Write the year's signals: those of departments by threshold, some of cadres and of households themselves."""
    m, e = s.members, s.events
    _send_bills(s, year)
    for name, kind, share in (
        ("new_serious", "new_serious", 0.9),
        ("new_disability", "new_disability", 0.85),
        ("accident", "accident", 0.5),
    ):
        _send(s, name, m.household[e[kind]["member"]], e[kind]["member"], e[kind]["day"], share)
    job = e["job_loss"]
    long = job["months"] >= figure("warn_unemployed")
    day = (job["day"] + 30 * figure("warn_unemployed")).astype(np.int32)
    months = figure("warn_unemployed")
    _send(s, "unemployed", job["household"][long], job["member"][long], day[long], 0.6, value=months, threshold=months)
    for name, kind, share in (
        ("house_cd", "house_cd", 0.9), ("water", "water", 0.8), ("disaster", "disaster", 0.7), ("dibao_new", "dibao_new", 0.95),
        ("dibao_stop", "dibao_stop", 0.95), ("tekun_new", "tekun_new", 0.95),
    ):  # fmt: skip
        _send(s, name, e[kind]["household"], np.full(len(e[kind]["day"]), -1), e[kind]["day"], share)
    k = e["dropout"]["member"]
    _send(s, "dropout", m.household[k], k, e["dropout"]["recorded"], 0.9)
    k = e["school_cost"]["member"]
    april = (year_start(year + 1) + 95 + s.rng.integers(0, 25, len(k))).astype(np.int32)
    _send(
        s,
        "edu_cost",
        m.household[k],
        k,
        april,
        0.8,
        value=e["school_cost"]["net"] / 100.0,
        threshold=figure("warn_school_cost"),
    )
    if "entered" in e:  # many of those found had reported, or were noticed, earlier in the same month
        h, day = e["entered"]["household"], e["entered"]["day"]
        said = s.rng.random(len(h)) < 0.6
        names = np.array([SIGNAL[x] for x in ("med_oop", "unemployed", "new_disability", "accident")])
        signal = names[s.pick(np.array([50.0, 20.0, 20.0, 10.0]), len(h))]
        channel = np.array([SELF_REPORT, CADRE, MEDIA, HOTLINE])[s.pick(np.array([45.0, 50.0, 1.0, 4.0]), len(h))]
        before = (day - s.rng.integers(4, 9, len(h))).astype(np.int32)
        _write_signals(s, h[said], np.full(int(said.sum()), -1), before[said], channel[said], signal[said], true=1.0)
    stray = np.flatnonzero((s.rng.random(s.n) < 0.006) & (s.households.dissolved > year_start(year + 1)))
    signal = s.rng.integers(0, len(SIGNAL), len(stray))
    channel = np.array([SELF_REPORT, CADRE, HOTLINE])[s.rng.integers(0, 3, len(stray))]
    _write_signals(s, stray, np.full(len(stray), -1), s.days(year, len(stray)), channel, signal, true=0.3)


def _send_bills(s: State, year: int) -> None:
    """Signals of the medical insurance office: the month in which out-of-pocket cost passes a threshold."""
    m, b = s.members, s.events["bills"]
    month = month_of(b["day"], year)
    inpatient = b["kind"] == INPATIENT
    k, paid = _by_month(b["member"][inpatient], month[inpatient], b["own"][inpatient])
    limit = np.where(
        s.households.ex_poor[m.household[k]], figure("warn_inpatient_ex_poor"), figure("warn_inpatient_other")
    )
    total = np.cumsum(paid, axis=1)
    passed, at = np.nonzero((total >= limit[:, None]) & (total - paid < limit[:, None]))
    of = k[passed]
    _send(
        s,
        "med_oop",
        m.household[of],
        of,
        _list_day(s, year, at),
        0.85,
        value=total[passed, at],
        threshold=limit[passed],
    )
    k, paid = _by_month(b["member"][~inpatient], month[~inpatient], b["own"][~inpatient])
    passed, at = np.nonzero(paid >= 2 * figure("warn_outpatient"))  # only what stands out is passed on
    of = k[passed]
    _send(
        s,
        "med_oop",
        m.household[of],
        of,
        _list_day(s, year, at),
        0.5,
        value=paid[passed, at],
        threshold=figure("warn_outpatient"),
    )


def _by_month(member: Array, month: Array, own: Array) -> tuple[Array, Array]:
    """Members with bills, and what they paid themselves in each month, CNY of shape (n, 12)."""
    k, number = np.unique(member, return_inverse=True)
    return k, np.bincount(number * 12 + month, weights=own / 100.0, minlength=len(k) * 12).reshape(-1, 12)


def _list_day(s: State, year: int, month: Array) -> Array:
    """Draw the day of a month's list, sent by the 5th of the next."""
    first = (np.datetime64(f"{year:04d}-01", "M") + month + 1).astype("datetime64[D]").astype(np.int64)
    return (first + s.rng.integers(0, 5, len(month))).astype(np.int32)


def _send(
    s: State, signal: str, household: Array, member: Array, day: Array, share: float, *, value: Array | float | None = None,
    threshold: Array | float | None = None,
) -> None:  # fmt: skip
    """Pass on a share of a department's signals."""
    n = len(household)
    k = np.flatnonzero((s.rng.random(n) < share) & (s.households.dissolved[household] > day))
    kept = [None if x is None else np.broadcast_to(np.asarray(x, dtype=np.float32), n)[k] for x in (value, threshold)]
    _write_signals(
        s, household[k], member[k], day[k], np.full(len(k), DEPARTMENT), np.full(len(k), SIGNAL[signal]), true=0.75,
        department=DEPARTMENT_OF[signal], value=kept[0], threshold=kept[1],
    )  # fmt: skip


def _write_signals(
    s: State, household: Array, member: Array, day: Array, channel: Array, signal: Array, *, true: float, department: int = -1,
    value: Array | None = None, threshold: Array | None = None,
) -> None:  # fmt: skip
    """Write signals as pending, and again once they were looked into."""
    n, rng = len(household), s.rng
    blank = np.full(n, NOT_GIVEN)
    recorded = (day + rng.integers(0, 12, n)).astype(np.int32)
    common: dict[str, Array | int] = {
        "household_id": household, "member_id": member, "event_date": day, "channel": channel, "signal": signal,
        "department": np.full(n, department), "value": blank if value is None else value,
        "threshold": blank if threshold is None else threshold,
    }  # fmt: skip
    s.records.add("warnings", **common, recorded_at=recorded, outcome=np.full(n, PENDING), outcome_date=NEVER)
    looked = np.flatnonzero(rng.random(n) < 0.9)
    outcome = np.where(rng.random(len(looked)) < true, VERIFIED, REFUTED)
    seen = (recorded[looked] + rng.integers(3, 40, len(looked))).astype(np.int32)
    again = {name: values[looked] if isinstance(values, np.ndarray) else values for name, values in common.items()}
    s.records.add(
        "warnings",
        **again,
        recorded_at=seen + rng.integers(0, 5, len(looked)).astype(np.int32),
        outcome=outcome,
        outcome_date=seen,
    )
