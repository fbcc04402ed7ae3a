"""What scoring and explaining a register costs as it grows, beside what one would write with pandas, polars or DuckDB.

    python benchmarks/scale.py [--households N] [--nation] [--quick] [--out folder]

Prints markdown; --out also writes it to README.md in the folder, with a picture of the growth. Peers that are not
installed are said to be so: pip install --group benchmark (of pyproject.toml).

The register is made up: a few counties by make_register, written again under other ids and county codes until there are
enough households. Every measurement is a process of its own, that first does all of it on a small register: loading
and compiling are not counted. All libraries are held to one thread in each process.
"""

from __future__ import annotations

import os

# Read by the libraries when they are loaded.
os.environ |= dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS"), "1"
)

import argparse
import json
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from figures import Targets, load, machine, markdown_table, peer, say
from sklearn.ensemble import HistGradientBoostingClassifier

import fanpin_risk as fr
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.batch.layout import PARTITIONS, Manifest, Partition, write_manifest
from fanpin_risk.batch.layout import partitions_of as parts
from fanpin_risk.batch.partition_files import read_partition, write_partition
from fanpin_risk.batch.score import score_register
from fanpin_risk.batch.scoring.part import columns_read
from fanpin_risk.features import feature_named, features_at
from fanpin_risk.files import write_table
from fanpin_risk.model.store import demo_model, load_model
from fanpin_risk.records.schema import TABLES

NATION = 29_480_000  # households of the national register of 2014
CORES = 2
DAY, YEAR_AGO, TWO_YEARS_AGO = "2023-12-31", "2022-12-31", "2021-12-31"
COUNTY = 41_609  # households of the county that is read from csv
DISTINCT = 4  # counties that are made; the others are these under other names
WRITTEN = 40  # counties that are written; further ones are the same files under other names
FORMS = ("csv", "parquet")  # of files that are packed
PACKED = 100_000  # households
TREES, DEPTH, LEARNING_RATE, LEAST_IN_LEAF = 300, 3, 0.05, 20
REASONS = 3
CLOSE = 1e-9
SMALL = 250  # households of each of four counties on which a process does its task for the first time

LIBRARIES = ("numpy", "pandas", "pyarrow", "scikit-learn", "polars", "duckdb", "lightgbm", "xgboost")
OURS, SUBSET = "fanpin_risk", "fanpin_risk, same features"
PANDAS, POLARS, DUCKDB = "pandas", "polars", "DuckDB"
LIGHTGBM, XGBOOST = "LightGBM", "XGBoost"
COLOURS = {OURS: "#0072b2", SUBSET: "#56b4e9", PANDAS: "#d55e00", POLARS: "#009e73", DUCKDB: "#e69f00"}

# Of the package's features those that are short to write in every language: counts, sums, shares, windows, versions.
MEMBERS = (
    "household_size", "n_children", "n_elderly", "mean_age", "n_able_labour", "work_months_total", "n_uninsured", "n_assistance",
)  # fmt: skip
INCOMES = (
    "income_per_person", "income_change_1y", "wage_share", "transfer_share", "support_share", "pension_share",
    "business_cost_ratio",
)  # fmt: skip
MEDICAL = (
    "out_of_pocket_12m",
    "out_of_pocket_max_12m",
    "out_of_pocket_24m",
    "inpatient_stays_12m",
    "chronic_visits_12m",
)
OTHERS = (
    "n_severe_disability", "shocks_12m", "disaster_12m", "job_loss_12m", "disaster_uninsured_12m", "active_supports",
    "development_supports", "support_amount_12m",
)  # fmt: skip
FEATURES = (*MEMBERS, *INCOMES, *MEDICAL, *OTHERS)

WAGES = ("wage", "wage_public_post")
SUPPORT = ("tr_dibao", "tr_tekun", "tr_disability")
TRANSFERS = ("tr_pension", *SUPPORT, "tr_other", "tr_family_planning", "tr_ecology")
GROSS = (*WAGES, "business_gross", "prop_dividend", "prop_land", "prop_other", *TRANSFERS)
DISASTERS = ("flood", "geological", "drought", "pest", "weather", "earthquake", "fire", "epidemic")
DEVELOPMENT = ("industry", "employment", "finance", "public_post")
TIMES = {
    "households": "valid_from", "members": "valid_from", "incomes": "period_end", "medical": "event_date",
    "disabilities": "issued_on", "shocks": "event_date", "supports": "start_date",
}  # fmt: skip


# --- the register -----------------------------------------------------------------------------------------------------


def renamed(tables: Mapping[str, pd.DataFrame], county: str) -> dict[str, pd.DataFrame]:
    """Return a county, as read from its partition, under another code: its ids get another beginning."""
    result = {}
    for name, table in tables.items():
        frame = table.copy(deep=False)
        for column in ("household_id", "member_id"):
            if column in frame:
                frame[column] = frame[column].cat.rename_categories(lambda text: county + text)
        if name == "households":
            frame["area_code"] = county + frame["area_code"].str[6:]
        result[name] = frame
    return result


def make_packed(folder: Path, households: int, size: int) -> None:
    """Write a packed register of counties of the given size, the first few of them different."""
    n_counties = -(-households // size)
    written: list[Partition] = []
    templates: list[fr.Register] = []
    for number in range(n_counties):
        county = f"21{number:04d}"
        if number >= WRITTEN:
            written.append(replace(written[number % WRITTEN], name=county))
            (folder / PARTITIONS / county).mkdir()
            for file in (folder / PARTITIONS / written[number % WRITTEN].name).iterdir():
                (folder / PARTITIONS / county / file.name).hardlink_to(file)
            continue
        if number < DISTINCT:
            made = fr.make_register(size, random_state=number)
            first = write_partition(folder / "made", county, made.tables, made.supplied)
            templates.append(read_partition(folder / "made", first))
        template = templates[number % DISTINCT]
        written.append(write_partition(folder, county, renamed(template.tables, county), template.supplied))
    tables = tuple(name for name in TABLES if name in templates[0].supplied)
    total = {name: sum(p.files[name]["rows"] for p in written) for name in tables}
    rows = {name: {"read": n, "kept": n, "rejected": 0, "copies": 0} for name, n in total.items()}
    write_manifest(folder, Manifest(tables, rows, "made up", DAY, tuple(written)))


def files(packed: Path, table: str) -> list[str]:
    """Return the Parquet files of a table."""
    return [str(packed / "partitions" / part.name / f"{table}.parquet") for part in parts(packed)]


# --- the same features, four times ------------------------------------------------------------------------------------


def by_package(packed: Path) -> pd.DataFrame:
    """Read the partitions one after the other and compute the features with the package."""
    frames = []
    for part in parts(packed):
        h = Snapshot(read_partition(packed, part, columns=columns_read()), DAY)
        table = np.column_stack([feature_named(name).compute(h) for name in FEATURES])
        frames.append(pd.DataFrame(table, index=h.household_ids, columns=list(FEATURES)))
    return pd.concat(frames)


def by_pandas(packed: Path) -> pd.DataFrame:
    """Compute the features with groupby."""
    day, year_ago, two_ago = pd.Timestamp(DAY), pd.Timestamp(YEAR_AGO), pd.Timestamp(TWO_YEARS_AGO)

    def known(table: str, *columns: str) -> pd.DataFrame:
        key = list(TABLES[table].key)
        wanted = list(dict.fromkeys([*key, TIMES[table], "recorded_at", *columns]))
        frame = pd.read_parquet(files(packed, table), columns=wanted)
        for name in frame.columns[[TABLES[table][name].type == "date" for name in frame.columns]]:
            frame[name] = pd.to_datetime(frame[name])
        frame = frame[(frame["recorded_at"] <= day) & (frame[TIMES[table]] <= day)]
        return frame[frame["recorded_at"] == frame.groupby(key, dropna=False)["recorded_at"].transform("max")]

    def newest(frame: pd.DataFrame, entity: str, time: str) -> pd.DataFrame:
        return frame[frame[time] == frame.groupby(entity)[time].transform("max")]

    h = newest(known("households", "valid_to"), "household_id", "valid_from")
    h = h[~(h["valid_to"] <= day)]
    base = pd.DataFrame(index=pd.Index(h["household_id"].sort_values(), name="household_id"))
    m = newest(
        known(
            "members", "household_id", "valid_to", "birth_date", "labour", "work_months", "ins_basic_resident",
            "ins_basic_employee", "dibao", "tekun",
        ),
        "member_id", "valid_from",
    )  # fmt: skip
    m = m[m["household_id"].isin(base.index)]
    people = m[["member_id", "household_id"]]
    base["peopled"] = base.index.isin(m["household_id"])
    m = m[~(m["valid_to"] <= day)].copy()
    born = m["birth_date"].dt
    m["age"] = np.floor(((day.year - born.year) * 12 + day.month - born.month) / 12)
    m["child"], m["old"] = (m["age"] < 16).where(m["age"].notna()), (m["age"] >= 60).where(m["age"].notna())
    m["able"] = m["labour"].isin(["skilled", "ordinary"]).where(m["labour"].notna())
    for name, pair in (("insured", ("ins_basic_resident", "ins_basic_employee")), ("assisted", ("dibao", "tekun"))):
        m[name] = m[list(pair)].astype("float64").max(axis=1)
    m["uninsured"] = 1.0 - m["insured"]
    of = m.astype({"child": "float64", "old": "float64", "able": "float64"}).groupby("household_id")
    base["household_size"] = of.size()
    base["mean_age"] = of["age"].mean()
    for name, column in (
        ("n_children", "child"), ("n_elderly", "old"), ("n_able_labour", "able"), ("work_months_total", "work_months"),
        ("n_uninsured", "uninsured"), ("n_assistance", "assisted"),
    ):  # fmt: skip
        base[name] = of[column].sum(min_count=1)

    i = known("incomes", "household_id", "item", "amount_cny")
    i = i[i["household_id"].isin(base.index)]
    i["year"] = (i.groupby("household_id")["period_end"].transform("max") - i["period_end"]).dt.days // 360
    i = i[i["year"] <= 1]
    kinds = i.pivot_table(index="household_id", columns=["year", "item"], values="amount_cny", aggfunc="sum")

    def total(year: int, items: tuple[str, ...]) -> pd.Series:
        there = i.loc[i["year"] == year, "household_id"].unique()
        return kinds.reindex(columns=[(year, item) for item in items]).sum(axis=1).reindex(there).reindex(base.index)

    def ratio(a: pd.Series, b: pd.Series, low: float, high: float) -> pd.Series:
        return (a / b.where(b > 0)).clip(low, high)

    net, before = (total(year, GROSS) - total(year, ("business_cost",)) for year in (0, 1))
    gross = total(0, GROSS)
    base["income_per_person"] = net / base["household_size"]
    base["income_change_1y"] = ratio(net - before, before, -1, 5)
    for name, items in (
        ("wage_share", WAGES), ("transfer_share", TRANSFERS), ("support_share", SUPPORT), ("pension_share", ("tr_pension",)),
    ):  # fmt: skip
        base[name] = ratio(total(0, items), gross, 0, 1)
    base["business_cost_ratio"] = ratio(total(0, ("business_cost",)), total(0, ("business_gross",)), 0, 10)

    def whole(values: pd.Series, rows: pd.Series, *, peopled: bool = False) -> pd.Series:
        result = values.reindex(base.index).where(rows.reindex(base.index).notna(), 0.0)
        return result.where(base["peopled"]) if peopled else result

    b = known("medical", "kind", "out_of_pocket_cny").merge(people, on="member_id")
    b = b[b["kind"] != "contract"]
    last = b[b["event_date"] > year_ago].groupby("household_id")
    both = b[b["event_date"] > two_ago].groupby("household_id")
    base["out_of_pocket_12m"] = whole(last["out_of_pocket_cny"].sum(min_count=1), last.size(), peopled=True)
    base["out_of_pocket_max_12m"] = whole(last["out_of_pocket_cny"].max(), last.size(), peopled=True)
    base["out_of_pocket_24m"] = whole(both["out_of_pocket_cny"].sum(min_count=1), both.size(), peopled=True)
    b = b[b["event_date"] > year_ago]
    for name, kind in (("inpatient_stays_12m", "inpatient"), ("chronic_visits_12m", "chronic_outpatient")):
        n = b[b["kind"] == kind].groupby("household_id").size()
        base[name] = whole(n, n, peopled=True)
    d = known("disabilities", "grade", "valid_to").merge(m[["member_id", "household_id"]], on="member_id")
    d = newest(d, "member_id", "issued_on")
    d = d[~(d["valid_to"] <= day) & d["grade"].isin(["grade1", "grade2"])].groupby("household_id").size()
    base["n_severe_disability"] = whole(d, d, peopled=True)
    s = known("shocks", "household_id", "kind", "loss_cny", "insured_cny")
    s = s[s["event_date"] > year_ago]
    for name, codes in (("shocks_12m", None), ("disaster_12m", DISASTERS), ("job_loss_12m", ("job_loss",))):
        n = (s if codes is None else s[s["kind"].isin(codes)]).groupby("household_id").size()
        base[name] = whole(n, n)
    s["uncovered"] = (s["loss_cny"] - s["insured_cny"]).clip(lower=0)
    of = s[s["kind"].isin(DISASTERS)].groupby("household_id")
    base["disaster_uninsured_12m"] = whole(of["uncovered"].sum(min_count=1), of.size())
    u = known("supports", "household_id", "end_date", "measure", "amount_cny")
    running = u[~(u["end_date"] <= day)]
    for name, rows in (
        ("active_supports", running),
        ("development_supports", running[running["measure"].isin(DEVELOPMENT)]),
    ):
        n = rows.groupby("household_id").size()
        base[name] = whole(n, n)
    of = u[u["start_date"] > year_ago].groupby("household_id")
    base["support_amount_12m"] = whole(of["amount_cny"].sum(min_count=1), of.size())
    return base[list(FEATURES)].astype("float64")


def by_polars(packed: Path) -> pd.DataFrame:
    """Compute the features with one lazy query."""
    pl = peer("polars")
    col, when, lit = pl.col, pl.when, pl.lit
    day, year_ago, two_ago = (lit(text).str.to_date() for text in (DAY, YEAR_AGO, TWO_YEARS_AGO))

    def known(table: str) -> Any:
        frame = pl.scan_parquet(files(packed, table))
        frame = frame.filter((col("recorded_at") <= day) & (col(TIMES[table]) <= day))
        return frame.filter(col("recorded_at") == col("recorded_at").max().over(list(TABLES[table].key)))

    def newest(frame: Any, entity: str, time: str) -> Any:
        return frame.filter(col(time) == col(time).max().over(entity))

    def total(value: Any) -> Any:
        return when(value.count() > 0).then(value.sum())

    def count(mask: Any, known: Any) -> Any:
        return when(known.sum() > 0).then((mask & known).sum())

    open_ended = col("valid_to").is_null() | (col("valid_to") > day)
    h = newest(known("households"), "household_id", "valid_from").filter(open_ended).select("household_id")
    m = newest(known("members"), "member_id", "valid_from").join(h, on="household_id", how="semi")
    people = m.select("member_id", "household_id")
    peopled = m.select("household_id", peopled=lit(value=True)).unique()
    born = col("birth_date").dt
    age = (((2023 - born.year()).cast(pl.Int64) * 12 + 12 - born.month()) // 12).alias("age")
    m = m.filter(open_ended).with_columns(age)
    insured = (col("ins_basic_resident").fill_null(value=False)) | (col("ins_basic_employee").fill_null(value=False))
    assisted = col("dibao").fill_null(value=False) | col("tekun").fill_null(value=False)
    of_members = m.group_by("household_id").agg(
        household_size=pl.len(),
        n_children=count((col("age") < 16).fill_null(value=False), col("age").is_not_null()),
        n_elderly=count((col("age") >= 60).fill_null(value=False), col("age").is_not_null()),
        mean_age=col("age").mean(),
        n_able_labour=count(
            col("labour").is_in(["skilled", "ordinary"]).fill_null(value=False), col("labour").is_not_null()
        ),
        work_months_total=total(col("work_months")),
        n_uninsured=count(~insured, col("ins_basic_resident").is_not_null() | col("ins_basic_employee").is_not_null()),
        n_assistance=count(assisted, col("dibao").is_not_null() | col("tekun").is_not_null()),
    )
    i = known("incomes").with_columns(
        year=(col("period_end").max().over("household_id") - col("period_end")).dt.total_days() // 360
    )

    def kinds(items: tuple[str, ...], year: int = 0) -> Any:
        return col("amount_cny").filter((col("year") == year) & col("item").is_in(list(items))).sum()

    def share(a: Any, b: Any, low: float, high: float) -> Any:
        return when(b > 0).then((a / b).clip(low, high))

    of_incomes = i.filter(col("year") <= 1).group_by("household_id").agg(
        net=kinds(GROSS) - kinds(("business_cost",)),
        before=when((col("year") == 1).any()).then(kinds(GROSS, 1) - kinds(("business_cost",), 1)),
        gross=kinds(GROSS), wages=kinds(WAGES), transfers=kinds(TRANSFERS), support=kinds(SUPPORT),
        pension=kinds(("tr_pension",)), cost=kinds(("business_cost",)), business=kinds(("business_gross",)),
    )  # fmt: skip
    b = known("medical").filter(col("kind") != "contract").join(people, on="member_id")
    last, both = col("event_date") > year_ago, col("event_date") > two_ago
    own = col("out_of_pocket_cny")
    of_medical = b.filter(both).group_by("household_id").agg(
        n_last=last.sum(), out_of_pocket_12m=total(own.filter(last)), out_of_pocket_max_12m=own.filter(last).max(),
        out_of_pocket_24m=total(own), n_both=pl.len(), inpatient_stays_12m=(last & (col("kind") == "inpatient")).sum(),
        chronic_visits_12m=(last & (col("kind") == "chronic_outpatient")).sum(),
    )  # fmt: skip
    d = newest(
        known("disabilities").join(m.select("member_id", "household_id"), on="member_id"), "member_id", "issued_on"
    )
    d = d.filter(open_ended & col("grade").is_in(["grade1", "grade2"]))
    of_disabilities = d.group_by("household_id").agg(n_severe_disability=pl.len())
    disasters = col("kind").is_in(list(DISASTERS))
    uncovered = (col("loss_cny") - col("insured_cny")).clip(lower_bound=0).filter(disasters)
    of_shocks = known("shocks").filter(last).group_by("household_id").agg(
        shocks_12m=pl.len(), disaster_12m=disasters.sum(),
        job_loss_12m=(col("kind") == "job_loss").sum(), disaster_uninsured_12m=total(uncovered),
    )  # fmt: skip
    running, begun = col("end_date").is_null() | (col("end_date") > day), col("start_date") > year_ago
    of_supports = known("supports").group_by("household_id").agg(
        active_supports=running.sum(), development_supports=(running & col("measure").is_in(list(DEVELOPMENT))).sum(),
        support_amount_12m=total(col("amount_cny").filter(begun)), n_begun=begun.sum(),
    )  # fmt: skip
    joined = h.join(peopled, on="household_id", how="left")
    for part in (of_members, of_incomes, of_medical, of_disabilities, of_shocks, of_supports):
        joined = joined.join(part, on="household_id", how="left")

    def whole(name: str, rows: str, *, of_people: bool = False) -> Any:
        value = when(col(rows).fill_null(0) > 0).then(col(name)).otherwise(0)
        return (when(col("peopled")).then(value) if of_people else value).alias(name)

    table = joined.with_columns(
        income_per_person=col("net") / col("household_size"),
        income_change_1y=share(col("net") - col("before"), col("before"), -1, 5),
        wage_share=share(col("wages"), col("gross"), 0, 1), transfer_share=share(col("transfers"), col("gross"), 0, 1),
        support_share=share(col("support"), col("gross"), 0, 1), pension_share=share(col("pension"), col("gross"), 0, 1),
        business_cost_ratio=share(col("cost"), col("business"), 0, 10),
    ).with_columns(
        *(whole(name, "n_both" if name.endswith("24m") else "n_last", of_people=True) for name in MEDICAL),
        whole("n_severe_disability", "n_severe_disability", of_people=True),
        *(whole(name, "shocks_12m") for name in OTHERS[1:4]), whole("disaster_uninsured_12m", "disaster_12m"),
        *(whole(name, name) for name in OTHERS[5:7]), whole("support_amount_12m", "n_begun"),
    )  # fmt: skip
    found = (
        table.select("household_id", *(col(name).cast(pl.Float64) for name in FEATURES)).sort("household_id").collect()
    )
    return pd.DataFrame(
        found.select(FEATURES).to_numpy(), index=pd.Index(found["household_id"].to_list()), columns=list(FEATURES)
    )


def by_duckdb(packed: Path) -> pd.DataFrame:
    """Compute the features with one statement."""

    def known(table: str) -> str:
        return (
            f"SELECT * FROM read_parquet({files(packed, table)}) WHERE recorded_at <= {day} AND {TIMES[table]} <= {day} "
            f"QUALIFY recorded_at = max(recorded_at) OVER (PARTITION BY {', '.join(TABLES[table].key)})"
        )

    def newest(table: str, entity: str) -> str:
        return f"SELECT * FROM ({known(table)}) QUALIFY valid_from = max(valid_from) OVER (PARTITION BY {entity})"

    def codes(items: tuple[str, ...]) -> str:
        return ", ".join(f"'{item}'" for item in items)

    def kinds(items: tuple[str, ...], year: int = 0) -> str:
        return f"coalesce(sum(amount_cny) FILTER (WHERE year = {year} AND item IN ({codes(items)})), 0)"

    def counted(mask: str, known: str) -> str:
        return f"CASE WHEN count(*) FILTER (WHERE {known}) > 0 THEN count(*) FILTER (WHERE {known} AND {mask}) END"

    def share(a: str, b: str, low: int, high: int) -> str:
        return f"CASE WHEN {b} > 0 THEN greatest({low}, least({high}, {a} / {b})) END"

    def whole(name: str, rows: str, *, of_people: bool = False) -> str:
        value = f"CASE WHEN coalesce({rows}, 0) > 0 THEN {name} ELSE 0 END"
        return f"CASE WHEN peopled THEN {value} END AS {name}" if of_people else f"{value} AS {name}"

    day, year_ago, two_ago = (f"DATE '{text}'" for text in (DAY, YEAR_AGO, TWO_YEARS_AGO))
    at_home = f"(valid_to IS NULL OR valid_to > {day})"
    last, running = f"event_date > {year_ago}", f"(end_date IS NULL OR end_date > {day})"
    statement = f"""
    WITH h AS (SELECT household_id FROM ({newest("households", "household_id")}) WHERE {at_home}),
    people AS (SELECT * FROM ({newest("members", "member_id")}) SEMI JOIN h USING (household_id)),
    m AS (SELECT *, ((2023 - year(birth_date)) * 12 + 12 - month(birth_date)) // 12 AS full_years FROM people WHERE {
        at_home
    }),
    of_members AS (SELECT household_id, count(*) AS household_size, {
        counted("full_years < 16", "full_years IS NOT NULL")
    } AS n_children,
        {counted("full_years >= 60", "full_years IS NOT NULL")} AS n_elderly, avg(full_years) AS mean_age,
        {counted("labour IN ('skilled', 'ordinary')", "labour IS NOT NULL")} AS n_able_labour,
        sum(work_months) AS work_months_total,
        {
        counted(
            "NOT (coalesce(ins_basic_resident, false) OR coalesce(ins_basic_employee, false))",
            "(ins_basic_resident IS NOT NULL OR ins_basic_employee IS NOT NULL)",
        )
    } AS n_uninsured,
        {
        counted("(coalesce(dibao, false) OR coalesce(tekun, false))", "(dibao IS NOT NULL OR tekun IS NOT NULL)")
    } AS n_assistance
        FROM m GROUP BY household_id),
    i AS (SELECT *, (max(period_end) OVER (PARTITION BY household_id) - period_end) // 360 AS year
        FROM ({known("incomes")})),
    of_incomes AS (SELECT household_id, {kinds(GROSS)} - {kinds(("business_cost",))} AS net,
        CASE WHEN bool_or(year = 1) THEN {kinds(GROSS, 1)} - {kinds(("business_cost",), 1)} END AS before,
        {kinds(GROSS)} AS gross, {kinds(WAGES)} AS wages, {kinds(TRANSFERS)} AS transfers, {kinds(SUPPORT)} AS support,
        {kinds(("tr_pension",))} AS pension, {kinds(("business_cost",))} AS cost, {
        kinds(("business_gross",))
    } AS business
        FROM i WHERE year <= 1 GROUP BY household_id),
    of_medical AS (SELECT household_id, count(*) FILTER (WHERE {last}) AS n_last, count(*) AS n_both,
        sum(out_of_pocket_cny) FILTER (WHERE {last}) AS out_of_pocket_12m,
        max(out_of_pocket_cny) FILTER (WHERE {
        last
    }) AS out_of_pocket_max_12m, sum(out_of_pocket_cny) AS out_of_pocket_24m,
        count(*) FILTER (WHERE {last} AND kind = 'inpatient') AS inpatient_stays_12m,
        count(*) FILTER (WHERE {last} AND kind = 'chronic_outpatient') AS chronic_visits_12m
        FROM ({known("medical")}) JOIN (SELECT member_id, household_id FROM people) USING (member_id)
        WHERE kind <> 'contract' AND event_date > {two_ago} GROUP BY household_id),
    of_disabilities AS (SELECT household_id, count(*) AS n_severe_disability FROM (
        SELECT * FROM ({known("disabilities")}) JOIN (SELECT member_id, household_id FROM m) USING (member_id)
        QUALIFY issued_on = max(issued_on) OVER (PARTITION BY member_id))
        WHERE {at_home} AND grade IN ('grade1', 'grade2') GROUP BY household_id),
    of_shocks AS (SELECT household_id, count(*) AS shocks_12m,
        count(*) FILTER (WHERE kind IN ({codes(DISASTERS)})) AS disaster_12m,
        count(*) FILTER (WHERE kind = 'job_loss') AS job_loss_12m,
        sum(CASE WHEN loss_cny - insured_cny < 0 THEN 0 ELSE loss_cny - insured_cny END)
            FILTER (WHERE kind IN ({codes(DISASTERS)})) AS disaster_uninsured_12m
        FROM ({known("shocks")}) WHERE {last} GROUP BY household_id),
    of_supports AS (SELECT household_id, count(*) FILTER (WHERE {running}) AS active_supports,
        count(*) FILTER (WHERE {running} AND measure IN ({codes(DEVELOPMENT)})) AS development_supports,
        sum(amount_cny) FILTER (WHERE start_date > {year_ago}) AS support_amount_12m,
        count(*) FILTER (WHERE start_date > {year_ago}) AS n_begun FROM ({known("supports")}) GROUP BY household_id)
    SELECT household_id, {", ".join(MEMBERS)}, net / household_size AS income_per_person,
        {share("(net - before)", "before", -1, 5)} AS income_change_1y, {share("wages", "gross", 0, 1)} AS wage_share,
        {share("transfers", "gross", 0, 1)} AS transfer_share, {share("support", "gross", 0, 1)} AS support_share,
        {share("pension", "gross", 0, 1)} AS pension_share, {share("cost", "business", 0, 10)} AS business_cost_ratio,
        {", ".join(whole(name, "n_both" if name.endswith("24m") else "n_last", of_people=True) for name in MEDICAL)},
        {whole("n_severe_disability", "n_severe_disability", of_people=True)},
        {", ".join(whole(name, "shocks_12m") for name in OTHERS[1:4])}, {
        whole("disaster_uninsured_12m", "disaster_12m")
    },
        {", ".join(whole(name, name) for name in OTHERS[5:7])}, {whole("support_amount_12m", "n_begun")}
    FROM h LEFT JOIN (SELECT DISTINCT household_id, true AS peopled FROM people) USING (household_id)
        LEFT JOIN of_members USING (household_id) LEFT JOIN of_incomes USING (household_id)
        LEFT JOIN of_medical USING (household_id) LEFT JOIN of_disabilities USING (household_id)
        LEFT JOIN of_shocks USING (household_id) LEFT JOIN of_supports USING (household_id)
    ORDER BY household_id
    """
    with peer("duckdb").connect(config={"threads": 1}) as connection:
        return connection.sql(statement).df().set_index("household_id")[list(FEATURES)].astype("float64")


WAYS = {SUBSET: by_package, PANDAS: by_pandas, POLARS: by_polars, DUCKDB: by_duckdb}


# --- measured, each in a process of its own ---------------------------------------------------------------------------


def seconds(call: Callable[[], Any]) -> tuple[Any, list[float]]:
    """Return what a call gives, its seconds by the clock and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    result = call()
    return result, [time.perf_counter() - clock, time.process_time() - processor]


def fit_models(table: pd.DataFrame, trees: int) -> dict[str, Any]:
    """Fit one model of the same shape per library; the label is made up."""
    noise = np.random.default_rng(0).logistic(scale=0.5, size=len(table))
    margin = np.log1p(table["out_of_pocket_12m"].fillna(0)) / 4 - np.log(
        table["income_per_person"].clip(1_000).fillna(9e3)
    )
    y = ((margin + noise) > np.median(margin) + 1).astype("int64").to_numpy()
    X = table.to_numpy()
    models: dict[str, Any] = {
        SUBSET: HistGradientBoostingClassifier(
            max_iter=trees, max_depth=DEPTH, learning_rate=LEARNING_RATE, min_samples_leaf=LEAST_IN_LEAF,
            early_stopping=False, random_state=0,
        ).fit(X, y)
    }  # fmt: skip
    lightgbm, xgboost = peer("lightgbm"), peer("xgboost")
    if not isinstance(lightgbm, str):
        how = {
            "objective": "binary", "max_depth": DEPTH, "num_leaves": 2**DEPTH, "min_data_in_leaf": LEAST_IN_LEAF,
            "learning_rate": LEARNING_RATE, "num_threads": 1, "verbose": -1,
        }  # fmt: skip
        models[LIGHTGBM] = lightgbm.train(how, lightgbm.Dataset(X, y), trees)
    if not isinstance(xgboost, str):
        models[XGBOOST] = xgboost.XGBClassifier(
            n_estimators=trees, max_depth=DEPTH, min_child_weight=LEAST_IN_LEAF / 4, learning_rate=LEARNING_RATE,
            tree_method="hist", n_jobs=1,
        ).fit(X, y)  # fmt: skip
    return models


def contributions(kind: str, model: Any, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the contributions of all features in log-odds, and the base."""
    if kind == SUBSET:
        values, base = fr.TreeShap(model, n_jobs=1).shap_values(X)
        return values, np.full(len(X), base)
    if kind == LIGHTGBM:
        found = model.predict(X, pred_contrib=True, num_threads=1)
    else:
        matrix = peer("xgboost").DMatrix(X, nthread=1)
        found = model.get_booster().predict(matrix, pred_contribs=True)
    return found[:, :-1], found[:, -1]


def told(table: pd.DataFrame, values: np.ndarray, base: np.ndarray) -> pd.DataFrame:
    """Risk, and the features that raise it most."""
    first = np.argsort(-values, axis=1, kind="stable")[:, :REASONS]
    result = pd.DataFrame({"household_id": table.index, "risk": 1 / (1 + np.exp(-(base + values.sum(axis=1))))})
    for place in range(REASONS):
        result[f"feature_{place + 1}"] = np.array(FEATURES)[first[:, place]]
        result[f"contribution_{place + 1}"] = np.take_along_axis(values, first, axis=1)[:, place]
    return result


def measure_way(folder: Path, packed: Path, way: str, rounds: int) -> dict[str, Any]:
    """Features by one way, contributions of the libraries that go with it, the first reasons, and writing."""
    models = pd.read_pickle(folder / "models.pickle")
    kinds = [SUBSET] if way == SUBSET else [kind for kind in (LIGHTGBM, XGBOOST) if kind in models]
    kinds = kinds[:1] if way == PANDAS else kinds
    took = []
    for _ in range(rounds):
        table, each = seconds(lambda: WAYS[way](packed))
        took.append(each)
    result: dict[str, Any] = {"features": np.median(took, axis=0).tolist(), "households": len(table)}
    for kind in kinds:
        model = models[kind]
        (values, base), result[kind] = seconds(
            lambda model=model, kind=kind: contributions(kind, model, table.to_numpy())
        )
    _, result["telling and writing"] = seconds(
        lambda: write_table(told(table, values, base), folder / f"{way}.parquet")
    )
    table.iloc[:2_000].to_pickle(folder / f"features-{way}.pickle")
    return result


def measure_score(folder: Path, packed: Path, workers: int) -> dict[str, Any]:
    """score_register with the demo model."""
    with tempfile.TemporaryDirectory(dir=folder) as out:
        run, took = seconds(
            lambda: score_register(packed, demo_model(), DAY, Path(out) / "scores", workers=workers, n_reasons=REASONS)
        )
    return {"all": [took[0], run["seconds"]["processor"]], "households": run["households"], "scored": run["scored"]}


def measure_stages(folder: Path, packed: Path, most: int) -> dict[str, Any]:
    """Stages of scoring, partition by partition in one process, as score_partition does it."""
    model = load_model(demo_model())
    day = pd.Timestamp(DAY)
    stages: dict[str, np.ndarray] = {}
    n = 0
    for part in parts(packed):
        register, reading = seconds(lambda part=part: read_partition(packed, part, columns=columns_read()))
        model.score_all(register, day, n_reasons=REASONS)  # memory is at hand from here on, for parts and whole alike
        h = Snapshot(register, day, references=model.references_for(day), lines=model.lines)
        table, features = seconds(lambda h=h: features_at(h, context=True))
        explained = seconds(lambda table=table: model._explain_table(table, day, context=True))  # noqa: SLF001
        _, reasons = seconds(lambda explained=explained: explained[0].reasons(n_reasons=REASONS))
        scores, whole = seconds(lambda register=register: model.score_all(register, day, n_reasons=REASONS)[0])
        _, writing = seconds(lambda scores=scores: write_table(scores, folder / "stages.parquet"))
        parts_of = {
            "reading": reading, "features": features, "contributions and margin": explained[1], "reasons": reasons,
            "tiers, intervals, unscored": np.array(whole) - features - explained[1] - reasons, "writing": writing,
        }  # fmt: skip
        stages = {name: stages.get(name, 0) + np.array(took) for name, took in parts_of.items()}
        n += len(scores)
        if n >= most:
            break
    return {"households": n, **{name: took.tolist() for name, took in stages.items()}}


def write_files(folder: Path, households: int, size: int) -> None:
    """Write a register of counties of the given size as csv and as Parquet, all counties in the same files, rows shuffled."""
    counties: list[dict[str, pd.DataFrame]] = []
    for number, first in enumerate(range(0, households, size)):
        county, made = f"21{number:04d}", fr.make_register(min(size, households - first), random_state=number)
        ids = {name: [key for key in ("household_id", "member_id") if key in made.tables[name]] for name in made.tables}
        tables = {
            name: frame.assign(**{key: county + frame[key] for key in ids[name]}) for name, frame in made.tables.items()
        }
        tables["households"]["area_code"] = county + tables["households"]["area_code"].str[6:]
        counties.append(tables)
    rng = np.random.default_rng(0)
    tables = {}
    for name in counties[0]:
        frame = pd.concat([one[name] for one in counties], ignore_index=True)
        tables[name] = frame.iloc[rng.permutation(len(frame))].reset_index(drop=True)
    for form in FORMS:
        fr.Register(tables).to_folder(folder / form, format=form)


def measure_pack(folder: Path, files: Path, form: str, workers: int) -> dict[str, Any]:
    """Pack files: stage by stage, by the clock and by the processor, and the most that lay on the temporary disk."""
    with tempfile.TemporaryDirectory(dir=folder) as out:
        summary, took = seconds(
            lambda: fr.pack(files / form, Path(out) / "packed", threads=workers, workers=workers, memory="1GB")
        )
    stages = {stage: [summary.seconds[stage], summary.processor[stage]] for stage in summary.seconds}
    return {
        "all": [took[0], sum(summary.processor.values())], "households": summary.households, "stages": stages,
        "temporary": summary.temporary_bytes,
    }  # fmt: skip


def measure_county(folder: Path, csv: Path) -> dict[str, Any]:
    """A county from csv to scores with reasons in one call."""
    with tempfile.TemporaryDirectory(dir=folder) as out:
        run, took = seconds(lambda: score_register(csv, demo_model(), DAY, Path(out) / "scores", n_reasons=REASONS))
    return {"all": took, "households": run["households"]}


def child(task: Mapping[str, Any]) -> dict[str, Any]:
    """Do a task once on the small register, then on the one that it is about."""
    call = {
        "way": measure_way, "score": measure_score, "stages": measure_stages, "county": measure_county, "pack": measure_pack,
    }[task["what"]]  # fmt: skip
    folder = Path(task["folder"])
    small = folder / ("small-files" if task["what"] == "pack" else "small")
    call(folder, small, **({} if task["what"] == "county" else task["options"]))
    return call(folder, Path(task["register"]), **task["options"])


def in_process(what: str, folder: Path, register: Path, **options: Any) -> dict[str, Any]:
    """Run a task in a process of its own; `peak_mb` is the most that it and its children ever held together."""
    import psutil

    task = json.dumps({"what": what, "folder": str(folder), "register": str(register), "options": options})
    peak = 0
    with subprocess.Popen([sys.executable, __file__, "--task", task], stdout=subprocess.PIPE, text=True) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                held = [each.memory_info().rss for each in (watched, *watched.children(recursive=True))]
                peak = max(peak, sum(held))
            except psutil.NoSuchProcess:
                continue
            time.sleep(0.05)
        answer = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise RuntimeError(f"{what} of {register.name} failed")
    found = {**json.loads(answer.splitlines()[-1]), "peak_mb": peak / 2**20}
    say(json.dumps(found))  # so that a run that is stopped has told what it found
    return found


# --- the whole --------------------------------------------------------------------------------------------------------


def measure(
    sizes: list[int], county: int, size: int, trees: int, rounds: int, most: int, folder: Path
) -> dict[str, Any]:
    """Make the registers one after the other and measure all of it."""
    make_packed(folder / "small", 4 * SMALL, SMALL)
    fit_on = folder / "fit"
    make_packed(fit_on, 4 * min(2_500, size), min(2_500, size))
    pd.to_pickle(fit_models(by_package(fit_on), trees), folder / "models.pickle")
    found: dict[str, Any] = {"score": {}, "pack": {}, "ways": {}, "absent": {}, "sizes": sizes, "bytes": {}}
    for households in sizes:
        say(f"{households:,} households: writing")
        packed = folder / f"register-{households}"
        make_packed(packed, households, min(size, households))
        found["bytes"][households] = sum(file.stat().st_size for file in (packed / "partitions").rglob("*.parquet"))
        for workers in (1, 2) if households < NATION else (2,):
            say(f"{households:,} households: score_register, {workers} processes")
            found["score"][households, workers] = in_process("score", folder, packed, workers=workers)
        if households <= most:
            for way in WAYS:
                module = {POLARS: "polars", DUCKDB: "duckdb"}.get(way)
                if module and isinstance(peer(module), str):
                    found["absent"][way] = peer(module)
                    continue
                say(f"{households:,} households: {way}")
                found["ways"][households, way] = in_process("way", folder, packed, way=way, rounds=rounds)
            found["gap"] = max(found.get("gap", 0.0), largest_gap(folder))
        if households == max(n for n in sizes if n <= most):
            say("stages")
            found["stages"] = in_process("stages", folder, packed, most=most)
    say("a county from csv")
    fr.make_register(county, random_state=0).to_folder(folder / "csv", format="csv")
    found["county"] = in_process("county", folder, folder / "csv")
    write_files(folder / "small-files", 4 * SMALL, SMALL)
    write_files(folder / "files", min(PACKED, 4 * size), min(PACKED // 4, size))
    for form in FORMS:
        for workers in (1, 2):
            say(f"packing {form}, {workers} processes")
            found["pack"][form, workers] = in_process("pack", folder, folder / "files", form=form, workers=workers)
    return found


def largest_gap(folder: Path) -> float:
    """Largest difference of a feature between the ways, relative to its size where that is above 1; it must be tiny."""
    frames = {way: folder / f"features-{way}.pickle" for way in WAYS}
    tables = {way: pd.read_pickle(file) for way, file in frames.items() if file.exists()}
    ours, gap = tables.pop(SUBSET), 0.0
    for way, table in tables.items():
        a, b = ours.to_numpy(), table.reindex(ours.index).to_numpy()
        if (np.isnan(a) != np.isnan(b)).any():
            raise AssertionError(f"{way} gives other missing values than the package")
        gap = max(gap, float(np.nanmax(np.abs(a - b) / np.maximum(1.0, np.abs(a)))))
    if gap > CLOSE:
        raise AssertionError(f"features differ by {gap}")
    return gap


def end_to_end(each: Mapping[str, Any], kind: str, which: int = 1) -> float:
    """Seconds from files to written reasons: by the clock (0) or of the processor (1)."""
    return sum(each[part][which] for part in ("features", kind, "telling and writing"))


def best(found: Mapping[str, Any], households: int) -> tuple[str, float]:
    """Cheapest combination of polars or DuckDB with LightGBM or XGBoost."""
    times = {
        f"{way} + {kind}": end_to_end(found["ways"][households, way], kind)
        for way in (POLARS, DUCKDB)
        for kind in (LIGHTGBM, XGBOOST)
        if kind in found["ways"].get((households, way), {})
    }
    return min(times.items(), key=lambda item: item[1]) if times else ("-", np.nan)


def micros(value: float, households: int) -> str:
    return f"{value / households * 1e6:.1f}"


def targets(found: Mapping[str, Any]) -> str:
    """Table of the targets and of what was found."""
    sizes, largest = found["sizes"], found["sizes"][-1]
    middle = max(n for n in sizes if n <= 100_000)
    two = found["score"][largest, 2]
    lines = Targets()
    how = "" if largest >= NATION else ", extrapolated"
    minutes = [took / two["households"] * NATION / 60 for took in two["all"]]
    lines.at_most(f"nation on 2 cores{how}: by the clock, two processes", 15, minutes[0], " min")
    lines.at_most(f"nation on 2 cores{how}: processor time, over two cores", 15, minutes[1] / CORES, " min")
    lines.at_most("peak memory, two processes", 3, two["peak_mb"] / 1024, " GB")
    if largest > middle:
        small = found["score"][middle, 2]
        growth = two["all"][1] / two["households"] / (small["all"][1] / small["households"])
        lines.at_most(f"processor time per household, {largest:,} against {middle:,} households", 1.1, growth, " x")
    county = found["county"]
    what = f"{county['households']:,} households from csv to scores with reasons, by the clock"
    lines.at_most(what, 10, county["all"][0], " s")
    ways = {way: each for (n, way), each in found["ways"].items() if n == middle}
    name, theirs = best(found, middle)
    if not np.isnan(theirs):
        ratio = theirs / end_to_end(ways[SUBSET], SUBSET)
        lines.at_least(f"{name}, end to end with explanations : fanpin_risk", 10, ratio, " x")
        way = min((w for w in (POLARS, DUCKDB) if w in ways), key=lambda w: ways[w]["features"][1])
        ratio = ways[way]["features"][1] / ways[SUBSET]["features"][1]
        lines.at_least(f"{way}, features alone : fanpin_risk", 1.5, ratio, " x")
    return str(lines)


def score_table(found: Mapping[str, Any]) -> str:
    rows = []
    for (households, workers), run in found["score"].items():
        clock, processor = run["all"]
        rows.append(
            [f"{households:,}", str(workers), f"{clock:.1f}", f"{processor:.1f}", micros(processor, run["households"]),
             f"{run['peak_mb']:,.0f}", f"{found['bytes'][households] / households:,.0f}"]
        )  # fmt: skip
    head = [
        "households",
        "processes",
        "s, clock",
        "s, processor",
        "µs per household",
        "peak MB",
        "bytes packed per household",
    ]
    return markdown_table(head, rows)


def pack_table(found: Mapping[str, Any]) -> str:
    rows = []
    for (form, workers), run in found["pack"].items():
        n = run["households"]
        stages = [micros(run["stages"][stage][1], n) for stage in ("read", "sort", "check")]
        rows.append(
            [form, str(workers), *stages, micros(run["all"][1], n), micros(run["all"][0], n), f"{run['peak_mb']:,.0f}",
             f"{run['temporary'] / n:,.0f}"]
        )  # fmt: skip
    head = ["from", "processes", "read", "sort", "check", "all, processor", "all, clock", "peak MB", "bytes put aside"]
    return markdown_table(head, rows)


def stage_table(stages: Mapping[str, Any]) -> str:
    took = {name: value for name, value in stages.items() if isinstance(value, list)}
    total = sum(processor for _, processor in took.values())
    rows = [
        [
            name,
            micros(clock, stages["households"]),
            micros(processor, stages["households"]),
            f"{100 * processor / total:.0f} %",
        ]
        for name, (clock, processor) in took.items()
    ]
    return markdown_table(["stage", "µs per household, clock", "µs, processor", "share"], rows)


def way_table(found: Mapping[str, Any]) -> str:
    rows = []
    for (households, way), each in found["ways"].items():
        for kind in (SUBSET, LIGHTGBM, XGBOOST):
            if kind in each:
                base = found["ways"][households, SUBSET]
                ours = end_to_end(base, SUBSET)
                name = way if way == SUBSET else f"{way} + {kind}"
                rows.append(
                    [f"{households:,}", name, *(micros(each[part][1], each["households"]) for part in ("features", kind)),
                     micros(end_to_end(each, kind), each["households"]), f"{each['features'][1] / base['features'][1]:.2f} x",
                     f"{each[kind][1] / base[SUBSET][1]:.0f} x", f"{end_to_end(each, kind) / ours:.1f} x", f"{each['peak_mb']:,.0f}"]
                )  # fmt: skip
    head = [
        "households",
        "",
        "features",
        "contributions",
        "end to end",
        "features :",
        "contributions :",
        "end to end :",
        "peak MB",
    ]
    return markdown_table(head, rows)


def draw(found: Mapping[str, Any], path: Path) -> None:
    """Write the picture: seconds and peak memory by households, both scales logarithmic."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    curves: dict[str, list[tuple[float, float, float]]] = {}
    for (households, workers), run in found["score"].items():
        label = f"{OURS}: score_register, {workers} process{'es' * (workers > 1)}"
        curves.setdefault(label, []).append((households, run["all"][0], run["peak_mb"]))
    for (households, way), each in found["ways"].items():
        kind = SUBSET if way == SUBSET else LIGHTGBM
        if kind in each:
            label = way if way == SUBSET else f"{way} + {LIGHTGBM}"
            curves.setdefault(label, []).append((households, end_to_end(each, kind, 0), each["peak_mb"]))
    figure, panels = plt.subplots(1, 2, figsize=(11, 5), layout="constrained")
    for label, points in curves.items():
        x, *ys = zip(*points, strict=True)
        colour = next(
            c for name, c in sorted(COLOURS.items(), key=lambda item: -len(item[0])) if label.startswith(name)
        )
        style = "s:" if "2 processes" in label else ("o-" if label.startswith(OURS) else "^--")
        for panel, y in zip(panels, ys, strict=True):
            panel.plot(x, y, style, color=colour, lw=2 if label.startswith(OURS) else 1.4, ms=5, label=label)
    for panel, what in zip(
        panels, ("seconds by the clock, from files to written reasons", "peak memory, MB"), strict=True
    ):
        panel.set(xscale="log", yscale="log", xlabel="households", ylabel=what)
        panel.grid(visible=True, which="major", color="0.88")
        panel.spines[["top", "right"]].set_visible(False)
    panels[1].axhline(3 * 1024, color="0.5", lw=1)
    panels[1].text(found["sizes"][0], 3 * 1024 * 1.05, "3 GB", color="0.4", fontsize=9)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def report(command: str, found: Mapping[str, Any], size: int, trees: int, rounds: int, about: str, note: str) -> str:
    """Return all in markdown."""
    absent = "".join(f"\n{way}: {why}.\n" for way, why in found["absent"].items())
    nation = "as many as in the largest register here"
    if found["sizes"][-1] < NATION:
        nation = "**extrapolated** from the cost per household of the largest register here"
    return f"""\
# What a register costs as it grows

`{command}`, {datetime.now(UTC).date()}, {about}
{note}
The register is made up. Counties of at most {size:,} households; {DISTINCT} of them are different, the others are the same \
rows under other ids and county codes, packed like any register (from the county number {WRITTEN + 1} on the files of earlier \
ones under other names). The model is `models/demo`, {REASONS} reasons in Chinese for \
every household. Every line is a process of its own, which first does the same on 1,000 households, so that loading, \
compiling and starting processes are not counted; all libraries are held to one thread in each process. Processor time \
is of all processes together and counts other work on the machine little; peak memory is the largest sum of resident memory of a \
process and its children, looked at every 0.05 s.

## Targets

The nation: {NATION / 1e6:.2f} M households, {nation}.

{targets(found)}
## score_register

{score_table(found)}
A packed register is read from the system's cache, having just been written.

## pack

{found["pack"]["csv", 1]["households"]:,} households whose rows lie shuffled in one file for each table, with all checks; microseconds \
of processor time per household:

{pack_table(found)}
## Where the time goes

{found["stages"]["households"]:,} households, one process:

{stage_table(found["stages"])}
## Beside what one would write instead

From the same Parquet files to a Parquet file with risk and the {REASONS} features that raise it most, with {len(FEATURES)} features \
that all ways compute alike (largest difference {found["gap"]:.0e}, relative above 1), and models of the same shape ({trees} trees \
of depth {DEPTH}). The alternatives take all counties at once; the package takes one after the other, compares every file with \
its checksum, and would as well give years of income that overlap or are not whole their due, which the others leave out. \
Microseconds of processor time per household, features the median of {rounds}; ratios against the package with the same features.

{way_table(found)}{absent}
Features: {", ".join(FEATURES)}.

## Growth

![Seconds and peak memory by households](growth.png)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=1_000_000, help="of the largest register")
    parser.add_argument("--alternatives", type=int, default=100_000, help="of the largest register for the other ways")
    parser.add_argument("--rounds", type=int, default=3, help="times that features are computed")
    parser.add_argument("--nation", action="store_true", help=f"score a register of {NATION:,} households, too")
    parser.add_argument("--quick", action="store_true", help="little of everything: its figures say nothing")
    parser.add_argument("--note", default="", help="a sentence for the page, such as what else the machine did")
    parser.add_argument("--out", type=Path, help="folder to write README.md and growth.png to")
    parser.add_argument("--folder", type=Path, help="folder for the registers; default: a temporary one")
    parser.add_argument("--task", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.task:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            answer = child(json.loads(options.task))
        print(json.dumps(answer))
        return 0
    if min(options.households, options.alternatives, options.rounds) <= 0:
        parser.error("--households, --alternatives and --rounds must be more than 0")
    sizes = [n for n in (10_000, 100_000, 1_000_000, 10_000_000) if n < options.households] + [options.households]
    sizes += [NATION] * options.nation
    size, trees, county, rounds = 25_000, TREES, COUNTY, options.rounds
    if options.quick:
        sizes, size, trees, county, rounds = [600], 300, 20, 300, 1
    command = "python benchmarks/scale.py" + " --quick" * options.quick
    command += f" --households {options.households}" if not options.quick and options.households != 1_000_000 else ""
    command += " --nation" * (options.nation and not options.quick)
    begin, busy = time.perf_counter(), load()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        found = measure(sizes, county, size, trees, rounds, max(options.alternatives, sizes[0]), Path(folder))
    if options.out:
        command += f" --out {options.out.as_posix() if not options.out.is_absolute() else 'folder'}"
        options.out.mkdir(parents=True, exist_ok=True)
        draw(found, options.out / "growth.png")
    about = f"{time.perf_counter() - begin:.0f} s. {machine(LIBRARIES)}. Programs that wanted a core before and after: {busy} and {load()}."
    text = report(command, found, size, trees, rounds, about, f"\n{options.note}\n" if options.note else "")
    print(text)
    if options.out:
        (options.out / "README.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
