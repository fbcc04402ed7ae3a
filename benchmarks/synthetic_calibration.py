"""Compare a synthetic register of Tieling's size with published figures, and write the table into docs/synthetic.md.

Run from the project's folder:  python benchmarks/synthetic_calibration.py [--households 41609] [--random-state 0]
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.records.schema import MONITORED_TYPE, RISK, TABLES
from fanpin_risk.synthetic import FIGURES, make_register
from fanpin_risk.synthetic.population import NEVER
from fanpin_risk.synthetic.process import make_setting, run_block

PAGE = Path(__file__).parents[1] / "docs" / "synthetic.md"
BEGIN, END = "<!-- calibration table: begin -->", "<!-- calibration table: end -->"
LAST_YEAR = 2024
# Published aggregates that are not a target, only a likeness: other places or another population.
LIKENESS = {
    "households with a disabled member": (
        "17.80 % of households of 3.51 persons", "2nd national disability sample survey 2006, communique no. 2",
    ),
    "medical cost a person pays": (
        "864 to 2,174 CNY a year by income quintile", "Sanming statistical yearbook 2023, table 5-11 (rural, 2022)",
    ),
    "AUC of a published forecast": ("0.706", "register survey of 25 provinces 2019, logit: jizihe.com/page/2020/0107/7760741.shtml"),
}  # fmt: skip

Line = tuple[str, str, str, str, str]  # what, target, status, source, obtained


def newest(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Newest row of every key."""
    return frame.sort_values("recorded_at", kind="stable").drop_duplicates(list(TABLES[name].key), keep="last")


def shares(values: pd.Series) -> pd.Series:
    """Shares of the values in per cent."""
    return 100 * values.value_counts(normalize=True)


def listed(values: dict[str, float], *, digits: int = 1) -> str:
    """Names and numbers in one cell."""
    return ", ".join(f"{name} {value:.{digits}f}" for name, value in values.items())


def target(name: str) -> tuple[str, str, str]:
    """Target, status and source of a figure."""
    known = FIGURES[name]
    value = known.value
    if isinstance(value, tuple):
        text = f"{value[0]:g} to {value[1]:g}"
    elif hasattr(value, "items"):
        text = ", ".join(f"{key} {number:g}" for key, number in value.items())
    else:
        text = f"{value:g}"
    return f"{text} ({known.unit})", known.status, known.source


def people_lines(tables: dict[str, pd.DataFrame], n: int) -> Iterator[Line]:
    members = tables["members"].sort_values(["valid_from", "recorded_at"], kind="stable")
    members = members.drop_duplicates("member_id", keep="last")
    here = members[members["valid_to"].isna()]
    status = tables["households"].drop_duplicates("household_id").set_index("household_id")["register_status"]
    poor = here["household_id"].map(status) == "ex_poor"
    yield (
        "persons per household on the last day",
        *target("household_size"),
        f"{len(here) / n:.3f} ({len(here):,} persons)",
    )
    educated = here["education"].dropna()
    yield "education of persons not at school", *target("education_shares"), listed(shares(educated).to_dict())
    yield "in dibao or tekun", *target("backstop_persons"), f"{100 * (here['dibao'] | here['tekun'])[poor].mean():.1f}"
    for name, word in (("chronic_share", "chronic"), ("serious_share", "serious"), ("disabled_share", "disabled")):
        yield f"health: {word}", *target(name), f"{100 * here['health'].str.contains(word).mean():.1f}"
    disabled = tables["disabilities"].sort_values("issued_on").drop_duplicates("member_id", keep="last")
    disabled = disabled[disabled["member_id"].isin(here["member_id"])]
    yield "categories of disability", *target("disability_categories"), listed(shares(disabled["category"]).to_dict())
    severe = 100 * disabled["grade"].isin(["grade1", "grade2"]).mean()
    yield "disability of grade 1 or 2", *target("severe_disabled"), f"{severe:.1f}"
    with_one = 100 * disabled["member_id"].str[:10].nunique() / n
    yield likeness("households with a disabled member", f"{with_one:.1f} % of households of {len(here) / n:.2f}")
    insured = here["ins_basic_resident"] | here["ins_basic_employee"]
    yield "basic medical insurance", *target("insured"), f"{100 * insured[poor].mean():.2f}"
    school = newest(tables["enrolments"], "enrolments").merge(members[["member_id", "birth_date"]], on="member_id")
    start = pd.to_datetime(school["school_year"].astype("int64").astype("str") + "-09-01")
    age = np.floor((start - school["birth_date"]).dt.days / 365.2425)
    compulsory = school[
        age.between(6, 15) & (school["status"] != "graduated") & ~school["stage"].isin(["senior", "vocational"])
    ]
    yield "children at school", *target("in_school"), f"{100 * (compulsory['status'] == 'enrolled').mean():.2f}"
    causes = shares(tables["households"].drop_duplicates("household_id")["main_cause"])
    yield "main cause of poverty: illness", *target("ill_cause"), f"{causes['illness']:.1f}"


def likeness(name: str, obtained: str) -> Line:
    text, source = LIKENESS[name]
    return name, text, "likeness", source, obtained


def income_lines(tables: dict[str, pd.DataFrame]) -> Iterator[Line]:
    incomes = newest(tables["incomes"], "incomes")
    amounts = incomes.pivot_table(
        index=["household_id", "period_end"], columns="item", values="amount_cny", observed=False, fill_value=0.0
    )
    amounts["net"] = (
        amounts.drop(columns=["business_cost", "claim_payout", "oop_compliant"]).sum(axis=1) - amounts["business_cost"]
    )
    amounts["work"] = (
        amounts["wage"] + amounts["wage_public_post"] + amounts["business_gross"] - amounts["business_cost"]
    )
    homes = tables["households"].drop_duplicates(["household_id", "valid_from"])
    homes = homes[(homes["register_status"] == "ex_poor") & (homes["valid_from"].dt.month == 10)]
    homes = homes.assign(period_end=homes["valid_from"] - pd.Timedelta(days=1)).set_index(
        ["household_id", "period_end"]
    )
    poor = amounts.join(homes["size_declared"], how="inner")
    poor["year"] = poor.index.get_level_values("period_end").year
    poor["per_person"] = poor["net"] / poor["size_declared"]
    totals = poor.groupby("year")[["net", "size_declared", "work"]].sum()
    means = (totals["net"] / totals["size_declared"]).to_dict()
    yield "net income per ex-poor person", *target("income_per_person"), listed(means, digits=0)
    working = poor[poor["wage"] > 0]
    share = 100 * working["work"].sum() / working["net"].sum(), 100 * totals["work"].sum() / totals["net"].sum()
    yield "income from work", *target("work_share"), f"{share[0]:.1f} of households with wages, {share[1]:.1f} of all"
    lines = MonitoringLines()
    below = {
        year: 100 * float((group["per_person"] < lines.at(["21"], int(year))[0]).mean())
        for year, group in poor.groupby("year")
    }
    yield "ex-poor households below the line of their year", *target("below_line"), listed(below)
    spread = poor.groupby("year")["per_person"].agg(lambda x: float(np.log(x.clip(lower=500)).std())).to_dict()
    yield (
        "spread of the logarithm of income per person",
        "about 0.5 to 0.6",
        "choice",
        "no table was found",
        listed(spread, digits=2),
    )


def medical_lines(tables: dict[str, pd.DataFrame], n: int) -> Iterator[Line]:
    bills = newest(tables["medical"], "medical")
    status = tables["households"].drop_duplicates("household_id").set_index("household_id")["register_status"]
    of = bills["member_id"].str[:10].map(status)
    stays = bills["kind"] == "inpatient"
    for name, group in (("reimbursed_ex_poor", "ex_poor"), ("reimbursed_general", "general")):
        part = bills[stays & (of == group)]
        paid = part["out_of_pocket_cny"] / part["total_cost_cny"]
        of_all = 1 - part["out_of_pocket_cny"].sum() / part["total_cost_cny"].sum()
        text = f"{of_all:.2f} of all money, {1 - paid.median():.2f} of the median bill"
        yield f"reimbursed, {group}", *target(name), text
    contracts = bills.loc[bills["kind"] == "contract", "member_id"].str[:10].nunique() / n
    yield "households with a family doctor's contract", *target("contract_households"), f"{100 * contracts:.1f}"
    years = bills["event_date"].dt.year.nunique() * tables["members"]["member_id"].nunique()
    yield likeness(
        "medical cost a person pays", f"{bills['out_of_pocket_cny'].sum() / years:.0f} CNY a year on average"
    )


def monitoring_lines(
    register_tables: dict[str, pd.DataFrame], truth: pd.DataFrame, main_risks: pd.Series, n: int
) -> Iterator[Line]:
    rows = register_tables["monitoring"]
    found = rows.drop_duplicates(["household_id", "identified_on"])
    last = rows["eliminated_on"].notna()
    yearly = (
        100
        * found[found["identified_on"] >= truth["as_of"].min() - pd.DateOffset(years=1)][
            "identified_on"
        ].dt.year.value_counts()
        / n
    )
    yield "newly monitored", *target("new_monitored"), listed(yearly.sort_index().to_dict(), digits=2)
    order = shares(found["type"]).reindex(list(MONITORED_TYPE))
    yield "type of the monitored", *target("monitored_types"), listed(order.to_dict())
    yield "main risk at identification", *target("risk_shares"), listed(main_risks.to_dict())
    yield "two risks or more", *target("two_risks"), f"{100 * found['risks'].str.contains(';').mean():.1f}"
    yield (
        "taken off by the last day",
        *target("eliminated_persons"),
        f"{100 * last.sum() / len(found):.1f} % of households",
    )
    aucs = {}
    ratio = []
    for day, risk in truth.dropna(subset=["risk"]).groupby("as_of"):
        end = day + pd.DateOffset(years=1)
        soon = found.loc[(found["identified_on"] > day) & (found["identified_on"] <= end), "household_id"]
        if end <= truth["as_of"].max():
            entered = risk["household_id"].isin(soon)
            aucs[str(day.date())] = float(roc_auc_score(entered, risk["risk"]))
            ratio.append((entered.sum(), risk["risk"].sum()))
    observed, expected = np.sum(ratio, axis=0)
    yield (
        "AUC of the true risk, next 12 months",
        "0.75 to 0.85",
        "choice",
        "stays honest beside published forecasts",
        listed(aucs, digits=3),
    )
    yield "entries over sum of true risks", "1", "choice", "the truth is a probability", f"{observed / expected:.2f}"
    yield likeness(
        "AUC of a published forecast", f"{np.mean(list(aucs.values())):.3f} for the truth; a model reaches less"
    )


def draw_main_risks(n: int, random_state: int) -> pd.Series:
    """Shares of the main risks, also of entries that are recorded too late for a register."""
    setting = make_setting(
        years=5, last_year=LAST_YEAR, mean_size=FIGURES["household_size"].value, base_rate=0.012, period="oct-sep"
    )
    state = run_block(np.random.SeedSequence([random_state, 0]), n, setting)
    entries = [part["main"][part["eliminated_on"] == NEVER] for part in state.records.parts["monitoring"]]
    counts = np.bincount(np.concatenate(entries), minlength=len(RISK))
    return pd.Series(100 * counts / counts.sum(), index=list(RISK)).sort_values(ascending=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=41_609, help="households to invent (default: Tieling's)")
    parser.add_argument("--random-state", type=int, default=0, help="seed (default: 0)")
    options = parser.parse_args()
    started = time.perf_counter()
    register, truth = make_register(options.households, options.random_state, last_year=LAST_YEAR, return_truth=True)
    print(f"{options.households:,} households in {time.perf_counter() - started:.1f} s")
    tables, n = register.tables, options.households
    lines = [
        *people_lines(tables, n),
        *income_lines(tables),
        *medical_lines(tables, n),
        *monitoring_lines(tables, truth, draw_main_risks(n, options.random_state), n),
    ]
    text = [
        f"Obtained with `make_register({options.households}, random_state={options.random_state})`, years 2020 to {LAST_YEAR}.",
        "",
        "| What | Target | Status | Source | Obtained |",
        "|---|---|---|---|---|",
        *("| " + " | ".join(line) + " |" for line in lines),
    ]
    page = PAGE.read_text(encoding="utf-8")
    head, rest = page.split(BEGIN)
    tail = rest.split(END)[1]
    PAGE.write_text(head + BEGIN + "\n" + "\n".join(text) + "\n" + END + tail, encoding="utf-8")
    print(*text, sep="\n")


if __name__ == "__main__":
    main()
