"""Reference income: an area's lines say how it counts; hand-worked sums stand in tests/features/cases/income.yaml."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.asof.income_years import IncomeYear
from fanpin_risk.asof.line_table import RULES
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.reference_income import BASES, reference_income
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import InputError
from fanpin_risk.features import compute_features, feature_named
from fanpin_risk.records.register import Register

DAY = "2023-12-31"


@pytest.fixture(scope="module")
def register() -> Register:
    """Household A has a form with both figures, B only bills and a pay-out; each has two members and declares three."""
    homes = pd.DataFrame(
        {
            "household_id": ["A", "B"],
            "valid_from": "2020-01-01",
            "area_code": ["211282101001", "530322100001"],
            "size_declared": 3,
        }
    )
    people = pd.DataFrame(
        {"household_id": ["A", "A", "B", "B"], "member_id": ["A1", "A2", "B1", "B2"], "valid_from": "2020-01-01"}
    )
    rows = [("A", "wage", 30_000), ("A", "claim_payout", 6_000), ("A", "oop_compliant", 9_000), ("B", "wage", 30_000)]
    incomes = pd.DataFrame(rows, columns=["household_id", "item", "amount_cny"])
    incomes = incomes.assign(period_start="2023-01-01", period_end=DAY, recorded_at=DAY)
    medical = pd.DataFrame({"member_id": ["A1", "B1"], "event_date": "2023-05-05", "kind": "inpatient"})
    medical = medical.assign(out_of_pocket_cny=[12_000, 18_000])
    supports = pd.DataFrame({"household_id": ["B"], "start_date": ["2023-06-06"], "measure": ["insurance_payout"]})
    return Register.from_frames(
        households=homes, members=people, incomes=incomes, medical=medical, supports=supports.assign(amount_cny=3_000)
    )


def lines_with(**rules: str) -> MonitoringLines:
    return MonitoringLines(pd.DataFrame({"area_prefix": [""], "year": [2020], "line_cny": [8_000.0], **rules}))


@pytest.mark.parametrize(
    ("rules", "totals", "bases"),
    [
        ({}, [27_000, 15_000], ["form", "bills"]),
        ({"claims": "left_out"}, [21_000, 12_000], ["form", "bills"]),
        ({"own_expenses": "bills"}, [24_000, 15_000], ["bills", "bills"]),
        ({"own_expenses": "form"}, [27_000, np.nan], ["form", None]),
        ({"own_expenses": "left_out"}, [36_000, 33_000], ["left_out", "left_out"]),
        ({"own_expenses": "left_out", "claims": "left_out"}, [30_000, 30_000], ["left_out", "left_out"]),
    ],
)
def test_an_area_says_how_it_counts(register, rules, totals, bases):
    """The formula is read from a form and no law: what an area counts otherwise is its own to say."""
    snapshot = Snapshot(register, DAY, lines=lines_with(**rules))
    got = reference_income(snapshot, IncomeYear(snapshot.incomes, snapshot.persons))
    np.testing.assert_array_equal(got.total, totals)
    assert [None if np.isnan(place) else BASES[int(place)] for place in got.basis] == bases


def test_what_the_own_payments_rest_on_is_said():
    """Whoever reads the figure learns which payments were taken off, in both languages."""
    declared = feature_named("own_payments_basis")
    assert len(declared.levels_zh) == len(declared.levels_en) == len(BASES)


def test_a_pay_out_changes_the_reference_income_and_not_the_net_income(register):
    """30,000 yuan of an insurance are seen, whatever the form says."""
    more = pd.DataFrame(
        {"household_id": ["A", "B"], "start_date": "2023-07-01", "measure": "insurance_payout", "amount_cny": 30_000}
    )
    supports = pd.concat([register.tables["supports"], more], ignore_index=True)
    without = {name: frame for name, frame in register.tables.items() if name in register.supplied}
    without["incomes"] = without["incomes"][without["incomes"]["item"] != "claim_payout"]
    before = compute_features(Register.from_frames(without), DAY)
    after = compute_features(Register.from_frames({**without, "supports": supports}), DAY)
    assert (after["reference_income_to_line"] > before["reference_income_to_line"] + 1).all()
    assert (after["income_to_line"] == before["income_to_line"]).all()


def test_persons_are_those_that_the_area_divides_by(register):
    """Head count of the members on record, or as the household declares it."""
    assert Snapshot(register, DAY).persons.tolist() == [2, 2]
    assert Snapshot(register, DAY, lines=lines_with(persons="declared")).persons.tolist() == [3, 3]
    per_person = compute_features(register, DAY, lines=lines_with(persons="declared"))["income_per_person"]
    assert per_person.tolist() == [10_000, 10_000]


def test_rules_hold_for_their_area_and_year_and_survive_a_file(tmp_path):
    """A rule is an entry of the lines: of the longest prefix, carried forward; empty is the usual one."""
    frame = pd.DataFrame(
        {
            "area_prefix": ["", "53", "53"],
            "year": [2020, 2022, 2024],
            "line_cny": 8_000.0,
            "claims": ["", "left_out", "counted"],
        }
    )
    frame.to_csv(tmp_path / "lines.csv", index=False)
    for lines in (MonitoringLines(frame), MonitoringLines.read(tmp_path / "lines.csv")):
        assert lines.rule_at("claims", ["530322", "211282", None], 2023).tolist() == ["left_out", "counted", "counted"]
        assert lines.rule_at("claims", ["530322"], 2024).tolist() == ["counted"]
        assert lines.rule_at("persons", ["530322"], 2023).tolist() == ["members"]
        again = MonitoringLines(lines.frame)
        pd.testing.assert_frame_equal(again.frame, lines.frame)


@pytest.mark.parametrize("name", RULES)
def test_an_unknown_rule_is_refused(name):
    """A code that is none of the column's says where it stands and what is expected."""
    with pytest.raises(InputError, match=rf"row 2, {name} is sometimes; expected .*{RULES[name][0]}"):
        lines_with(**{name: "sometimes"})
