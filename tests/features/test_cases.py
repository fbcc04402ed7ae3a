"""Features against cases worked by hand.

Tests features/income.py, features/income_context.py, features/household.py, features/work.py, features/health.py,
features/disability.py, features/education.py, features/facts.py, features/shocks.py, features/consumption.py,
features/living.py and features/monitoring.py.

The cases stand in ``cases/<domain>.yaml``, written to be read by people who know households, not Python. What a
case does not say is filled in here:

- all is about household A, known since 2020-01-01, and about the day ``as_of`` (2023-12-31 if not said);
- the monitoring line is ``line`` (8 000 yuan if not said) in all years, or ``lines`` by year; it is of net income, or of
  ``measure``; ``rules`` are further columns of the lines, which say how the area counts;
- there are no references of the area unless ``references`` are given;
- a row is recorded ten days after it became true, or on the day if that is earlier, unless it says ``recorded_at``;
- ``period: 2023`` of an income is the accounting year 2022-10-01 to 2023-09-30;
- tables that a case does not name were not given at all; ``medical: []`` means given, and nothing on record.

Expected values are numbers, sums such as ``26000 / 49000``, or ``null`` for missing.
"""

from __future__ import annotations

import ast
import math
import operator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.features import CONTEXT, FEATURES, compute_features, feature_named
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES

FOLDER = Path(__file__).parent / "cases"
DAY = date(2023, 12, 31)
SINCE = date(2020, 1, 1)
LINE = 8_000.0
RECORDED_AFTER = timedelta(days=10)

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def arithmetic(value: Any) -> float:
    """Work out an expected value: a number, a sum of numbers, or None for missing."""
    if value is None:
        return math.nan
    node = ast.parse(str(value), mode="eval").body if not isinstance(value, ast.AST) else value
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return float(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -arithmetic(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](arithmetic(node.left), arithmetic(node.right))
    raise ValueError(f"expected a number, a sum of numbers or null, got {value!r}")


def load_cases() -> dict[str, dict[str, Any]]:
    cases = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            name = f"{path.stem}: {case['name'].partition(' / ')[2]}"
            assert name not in cases, f"two cases are called {name!r}"
            cases[name] = case
    return cases


CASES = load_cases()


def fill(name: str, row: dict[str, Any], as_of: date) -> dict[str, Any]:
    """Add what a row of a case does not say."""
    row = dict(row)
    if "period" in row:
        year = row.pop("period")
        row |= {"period_start": date(year - 1, 10, 1), "period_end": date(year, 9, 30)}
    if "household_id" in TABLES[name]:
        row.setdefault("household_id", "A")
    if "valid_from" in TABLES[name]:
        row.setdefault("valid_from", SINCE)
    unknown = set(row) - set(TABLES[name].names)
    assert not unknown, f"table {name} has no column {', '.join(sorted(unknown))}"
    time = date(row["school_year"], 9, 1) if name == "enrolments" else row[TABLES[name].time]
    recorded = time + RECORDED_AFTER
    row.setdefault("recorded_at", min(recorded, as_of) if time <= as_of else recorded)
    return row


def register_of(case: dict[str, Any], as_of: date) -> Register:
    households = case.get("households", [case.get("household", {})])
    tables = {"households": households} | {name: case[name] for name in TABLES if name in case and name != "households"}
    frames = {}
    for name, rows in tables.items():
        filled = [fill(name, row, as_of) for row in rows]
        frames[name] = pd.DataFrame(filled, columns=list(TABLES[name].names))
    register = Register.from_frames(frames)
    assert register.rejects.empty, register.rejects["message"].tolist()
    return register


def table_of(case: dict[str, Any]) -> pd.DataFrame:
    """Compute all features and context columns of a case."""
    known = {"name", "as_of", "line", "lines", "measure", "rules", "references", "household", "expect", *TABLES}
    assert set(case) <= known, f"a case has no {', '.join(sorted(set(case) - known))}"
    as_of = case.get("as_of", DAY)
    by_year = case.get("lines", {2020: case.get("line", LINE)})
    amounts = [float(one) for one in by_year.values()]
    frame = pd.DataFrame({"area_prefix": "", "year": list(by_year), "line_cny": amounts})
    rules = {"measure": case.get("measure", "income"), **case.get("rules", {})}
    lines = MonitoringLines(frame.assign(**rules))
    references = case.get("references")
    if references is not None:
        references = pd.DataFrame(references)
        references["as_of"] = pd.to_datetime(references["as_of"]).astype("datetime64[s]")
    return compute_features(register_of(case, as_of), as_of, lines=lines, references=references, context=True)


@pytest.mark.parametrize("name", CASES)
def test_worked_case(name):
    """Each feature gives what was worked out by hand from the records of the case."""
    case = CASES[name]
    row = table_of(case).loc["A"]
    got = {name: float(row[name]) for name in case["expect"]}
    expected = {name: arithmetic(value) for name, value in case["expect"].items()}
    assert got == pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("name", [f.name for f in FEATURES + CONTEXT])
def test_every_feature_has_a_worked_case(name):
    """A feature without a case whose value is neither missing nor zero could compute anything."""
    values = np.array([arithmetic(case["expect"].get(name)) for case in CASES.values()])
    where = f"tests/features/cases/{feature_named(name).domain}.yaml"
    assert (np.isfinite(values) & (values != 0)).any(), (
        f"add a case to {where} that expects a value of {name} other than 0"
    )


@pytest.mark.parametrize("name", [f.name for f in FEATURES])
def test_every_feature_has_a_case_where_it_is_missing(name):
    """What a feature says when nothing is on record is worked out too."""
    where = f"tests/features/cases/{feature_named(name).domain}.yaml"
    worked = any(case["expect"].get(name, 0) is None for case in CASES.values())
    assert worked, f"add a case to {where} that expects null of {name}: with nothing on record it is missing"


@pytest.mark.parametrize("value", ["1e", "__import__('os')", "2 ** 3", "true"])
def test_cases_hold_only_plain_arithmetic(value):
    """An expected value is a sum of numbers, not a program."""
    with pytest.raises((ValueError, SyntaxError)):
        arithmetic(value)
