"""Train on earlier years of real panels, score a later year never seen, and print how well that went.

    FANPIN_DATA=folder python benchmarks/real_panels/run.py [--panel argentina|germany|all] [--out file.md]

The folder holds ar_eph_2016_2019/ and de_gsoep_rwm/. Prints markdown tables; --out also writes them to a file, between
the two marks of the figures where the file has them. Nothing of the data is kept but the figures.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import argentina
import germany
import numpy as np
import pandas as pd
import sklearn
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

import fanpin_risk as fr

HORIZON_MONTHS = 12
TARGET = "below_line"
TOP_SHARE = 0.05
FOLDS = 5
RATIO = "income_to_line"
EDGE_BELOW = 1.5
MARKS = ("<!-- figures: begin -->", "<!-- figures: end -->")
ROWS = {  # column of the scores -> row of a table
    "risk": "fanpin_risk RiskModel",
    "logistic": "logistic regression, same features",
    "ratio": "income to line alone",
    "base": "base rate of training",
}


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# --- training and scoring ---------------------------------------------------------------------------------------------


def train_and_score(
    trained: fr.Register,
    scored: fr.Register,
    *,
    train_days: Iterable[pd.Timestamp],
    test_days: Iterable[pd.Timestamp],
    lines: fr.MonitoringLines,
) -> pd.DataFrame:
    """Fit on the outcomes of earlier days and score the households at risk on later ones.

    Returns one row per household and test day with the outcome, the ratio of income to the line, and the risk by every
    model of ROWS. ``attrs["training"]`` tells on how much they were trained.
    """
    train_days = list(train_days)
    model = fr.RiskModel(target=TARGET, lines=lines).fit(trained, train_days, horizon_months=HORIZON_MONTHS)
    tables = [
        fr.compute_features(trained, d, references=fr.make_references(trained, d, lines=lines), lines=lines)
        for d in train_days
    ]
    outcomes = [fr.outcomes(trained, d, HORIZON_MONTHS, target=TARGET, lines=lines)["outcome"] for d in train_days]
    x = pd.concat([table.loc[outcome.index] for table, outcome in zip(tables, outcomes, strict=True)])
    y = np.concatenate([outcome.to_numpy() for outcome in outcomes])
    known = x.columns[x.notna().any()]
    logistic = logistic_regression().fit(x[known], y)
    alone = fr.MonotoneBoosting(monotonic_cst={RATIO: -1}, random_state=0).fit(x[[RATIO]], y)

    parts = []
    for day in test_days:
        at_risk = fr.outcomes(scored, day, HORIZON_MONTHS, target=TARGET, lines=lines)
        risk = model.score(scored, day, explain=False).set_index("household_id")["risk"]
        table = model.features_of(scored, day).loc[at_risk.index]
        parts.append(
            pd.DataFrame(
                {
                    "day": day,
                    "outcome": at_risk["outcome"].astype("int64"),
                    "income_to_line": table[RATIO],
                    "risk": risk.loc[at_risk.index],
                    "logistic": logistic.predict_proba(table[known])[:, 1],
                    "ratio": alone.predict_proba(table[[RATIO]])[:, 1],
                    "base": y.mean(),
                }
            )
        )
    result = pd.concat(parts).reset_index()
    result.attrs["training"] = {"rows": len(y), "rate": y.mean(), "trees": model.n_trees_, "features": len(known)}
    return result


def logistic_regression() -> Pipeline:
    """Logistic regression with the median for what is missing, and a column that says that it was."""
    return make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True), StandardScaler(), LogisticRegression(max_iter=2000)
    )


def cross_fitted(register: fr.Register, households: pd.Index, **how: object) -> pd.DataFrame:
    """Score every household by models that never saw it on any day: households in turn are scored or trained on."""
    fold = np.array([int(hashlib.blake2b(i.encode(), digest_size=4).hexdigest(), 16) % FOLDS for i in households])
    parts = []
    for k in range(FOLDS):
        say(f"  fold {k + 1} of {FOLDS}")
        parts.append(
            train_and_score(register.select(households[fold != k]), register.select(households[fold == k]), **how)
        )
    result = pd.concat(parts, ignore_index=True)
    result.attrs["training"] = pd.DataFrame([part.attrs["training"] for part in parts]).mean().to_dict()
    result["base"] = result.attrs["training"]["rate"]
    return result


# --- figures ----------------------------------------------------------------------------------------------------------


def measure(outcome: pd.Series, risk: pd.Series, households: pd.Series) -> dict[str, float]:
    """How well risks rank the outcome and agree with its frequency; households break ties of the highest risks."""
    y, p = outcome.to_numpy(), risk.to_numpy()
    order = np.lexsort([households.to_numpy(dtype=object).astype(str), -p])
    top = order[: int(np.ceil(TOP_SHARE * len(y)))]
    return {
        "AUC": roc_auc_score(y, p),
        "average precision": average_precision_score(y, p),
        "Brier": brier_score_loss(y, p),
        "log loss": log_loss(y, p),
        "precision at top 5 %": y[top].mean(),
        "recall at top 5 %": y[top].sum() / y.sum(),
        "mean risk": p.mean(),
    }


def table(scores: pd.DataFrame) -> pd.DataFrame:
    """One row per model, one column per figure."""
    return pd.DataFrame(
        {name: measure(scores["outcome"], scores[column], scores["household_id"]) for column, name in ROWS.items()}
    ).T


def section(title: str, scores: pd.DataFrame, *, note: str = "") -> str:
    """Markdown of one table: what was scored, and the figures of every model."""
    y, figures = scores["outcome"], table(scores)
    head = "| | " + " | ".join(figures.columns) + " |"
    rows = (f"| {name} | " + " | ".join(f"{value:.3f}" for value in row) + " |" for name, *row in figures.itertuples())
    scored = f"Scored: {len(y):,} household-days, of which {y.sum():,} ({y.mean():.3f}) fell below the line."
    return "\n".join(
        [f"### {title}", "", *filter(None, [note]), scored, "", head, "|---" * (figures.shape[1] + 1) + "|", *rows, ""]
    )


def trained_on(scores: pd.DataFrame) -> str:
    """Sentence on what the models were trained on."""
    t = scores.attrs["training"]
    return (
        f"Trained: {t['rows']:,.0f} household-days, of which {t['rate']:.3f} fell below the line; {t['features']:.0f} features "
        f"with values, {t['trees']:.0f} trees."
    )


# --- panels -----------------------------------------------------------------------------------------------------------


def run_argentina(data: Path) -> str:
    """Train on quarters up to 2017, score the quarters of 2018, one year ahead."""
    say("argentina: reading")
    panel = argentina.read(data)
    register = argentina.register(panel)
    test_days = argentina.days_of(panel, first="2018-01-01", last="2018-12-31")
    truth = panel.targets[["household_id", "day", "target_entry", "target_return"]]
    n_households = register.tables["households"]["household_id"].nunique()
    text = [f"## Argentina\n\n{n_households:,} households, {len(register.rejects)} rows rejected.\n"]
    for title, last in (
        ("As in the data's README: trained up to 2017-06-30, scored on the quarter ends of 2018", "2017-06-30"),
        ("All outcomes of training known before the first day scored: trained up to 2017-03-31", "2017-03-31"),
    ):
        say(f"argentina: {title}")
        train_days = argentina.days_of(panel, first="2016-01-01", last=last)
        scores = train_and_score(register, register, train_days=train_days, test_days=test_days, lines=argentina.LINES)
        matched = scores.merge(truth, on=["household_id", "day"], how="left", validate="one_to_one")
        valid = matched[matched["target_entry"].notna()]
        text.append(section(title, valid, note=trained_on(scores)))
    text.append(
        section("Of the table above, the edge: income of 1 to 1.5 times the line", valid[valid[RATIO] < EDGE_BELOW])
    )
    text.append(
        section("Of the same table, return: poor at the visit a quarter before", valid[valid["target_return"].notna()])
    )
    text.append(
        f"Outcomes and the data's `target_entry` agree on {(valid['outcome'] == valid['target_entry']).mean():.2%}. "
        f"{len(matched) - len(valid):,} more household-days at risk are not scored here, though such days are trained on: the "
        "visit one year on is missing or failed the check of the head, and the one of nine months on stands in for it.\n"
    )
    return "\n".join(text)


def run_germany(data: Path) -> str:
    """Train on 1984-86, score 1987, one year ahead; persons scored were never trained on."""
    say("germany: reading")
    panel = germany.read(data)
    register = germany.register(panel)
    persons = pd.Index(panel["household_id"].unique())
    head = (
        f"## Germany\n\n{len(persons):,} households of one known person, {len(register.rejects)} rows rejected. Every person is "
        f"scored by models trained on others ({FOLDS} folds of persons).\n"
    )
    text = [head]
    truth = panel[["household_id", "day", "target_entry"]].dropna()
    days = [germany.day(year) for year in range(1984, 1988)]
    for title, train_days, test_days in (
        ("Trained on 1984-86, scored on 1987 (income of 1988)", days[:3], days[3:]),
        ("As in the data's README: all years, grouped by person", days, days),
    ):
        say(f"germany: {title}")
        scores = cross_fitted(register, persons, train_days=train_days, test_days=test_days, lines=germany.LINES)
        valid = scores.merge(truth, on=["household_id", "day"], validate="one_to_one")
        text.append(section(title, valid, note=trained_on(scores)))
    text.append(
        f"Outcomes and the data's `target_entry` agree on {(valid['outcome'] == valid['target_entry']).mean():.2%}; "
        f"{len(scores) - len(valid)} more household-days at risk.\n"
    )
    return "\n".join(text)


PANELS: dict[str, tuple[str, Callable[[Path], str]]] = {
    "argentina": (argentina.FOLDER, run_argentina),
    "germany": (germany.FOLDER, run_germany),
}


def data_folder() -> Path:
    """Folder of the real panels, from FANPIN_DATA."""
    given = os.environ.get("FANPIN_DATA", "")
    if not given:
        raise SystemExit(
            "FANPIN_DATA is not set: set it to the folder that holds the real panels (see the README.md beside this script)"
        )
    return Path(given)


def write(path: Path, text: str) -> None:
    """Write the figures: between the marks where the file has them, else as the whole file."""
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    begin, end = MARKS
    if begin in old and end in old:
        before, after = old[: old.index(begin) + len(begin)], old[old.index(end) :]
        text = f"{before}\n{text}\n{after}"
    path.write_text(text, encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--panel", choices=(*PANELS, "all"), default="all")
    parser.add_argument("--out", type=Path, help="file to write the tables to")
    options = parser.parse_args()
    data = data_folder()
    chosen = list(PANELS) if options.panel == "all" else [options.panel]
    missing = [PANELS[name][0] for name in chosen if not (data / PANELS[name][0]).is_dir()]
    if missing:
        raise SystemExit(f"FANPIN_DATA: the folder holds no {', '.join(missing)}")

    start = time.perf_counter()
    parts = [PANELS[name][1](data) for name in chosen]
    versions = (
        f"fanpin_risk {fr.__version__}, scikit-learn {sklearn.__version__}, numpy {np.__version__}, pandas {pd.__version__}, "
        f"Python {platform.python_version()}"
    )
    command = "python benchmarks/real_panels/run.py" + ("" if options.panel == "all" else f" --panel {options.panel}")
    seconds = time.perf_counter() - start
    head = f"`{command}`, {datetime.now(UTC).date()}, {seconds:.0f} s, {versions}.\n"
    text = "\n".join([head, *parts])
    print(text)
    if options.out:
        write(options.out, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
