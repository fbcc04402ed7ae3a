"""What check says beside the problems of reading: contradictions by rule, the worst masked, in words and as JSON."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from click.testing import CliRunner

import fanpin_risk as fr
from fanpin_risk.cli import main
from fanpin_risk.policy.doubtful import contradiction_counts

DAY = "2024-12-31"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return fr.make_register(400, random_state=1).to_folder(tmp_path_factory.mktemp("check") / "register")


def run(*arguments):
    return CliRunner().invoke(main, ["check", *map(str, arguments)])


def test_counts_are_those_of_the_rules(folder):
    """Found and unknown of every rule, and the rules of every household, are those of contradictions()."""
    register = fr.read_register(folder)
    counts = contradiction_counts(register, DAY)
    table = fr.contradictions(register, DAY)
    by_rule = pd.crosstab(table["rule"], table["answer"])
    for row in counts.rules.itertuples():
        expected = by_rule.loc[row.rule] if row.rule in by_rule.index else {"yes": 0, "unknown": 0}
        assert (row.found, row.unknown) == (expected["yes"], expected["unknown"])
    yes = table[table["answer"] == "yes"].groupby("household_id")["rule"].agg(set)
    got = counts.households.set_index("household_id")["rules"].str.split(";").map(set)
    assert got.sort_index().equals(yes.sort_index().rename("rules"))
    worst = counts.households[["error", "warning", "hint"]].apply(tuple, axis=1).tolist()
    assert worst == sorted(worst, reverse=True)


@pytest.mark.parametrize(("lang", "words"), [("zh", "互相矛盾的登记"), ("en", "records that contradict each other")])
def test_check_says_them_without_ids(folder, lang, words):
    """The newest record's day stands where no day is given; the worst come masked."""
    done = run(folder, "--lang", lang)
    assert done.exit_code == 0, done.output
    register = fr.read_register(folder)
    assert words in done.output
    assert str(register.observed_until.date()) in done.output
    assert not [one for one in register.tables["households"]["household_id"].unique() if one in done.output]


def test_json_holds_counts_for_a_program(folder):
    """One object on stdout: rows, kinds of problems, contradictions as of the day that was given."""
    done = run(folder, "--json", "--as-of", "2022-06-30")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    register = fr.read_register(folder)
    assert {row["table"]: row["rows_read"] for row in found["tables"]} == register.counts["rows_read"].to_dict()
    told = found["contradictions"]
    assert told["as_of"] == "2022-06-30"
    counts = contradiction_counts(register, "2022-06-30")
    assert told["households_with_any"] == len(counts.households)
    assert {row["rule"]: row["found"] for row in told["rules"]} == dict(
        counts.rules[["rule", "found"]].itertuples(index=False)
    )
    assert "***" in told["worst"][0]["household"]


def test_nobody_on_record_is_no_contradiction(tmp_path):
    """Before the first record there is nothing to hold against each other; a day that is none is refused."""
    household = {"household_id": ["A"], "valid_from": ["2020-12-31"], "area_code": ["211251101001"]}
    (tmp_path / "r").mkdir()
    pd.DataFrame(household).to_csv(tmp_path / "r" / "households.csv", index=False)
    done = run(tmp_path / "r", "--as-of", "2010-01-01", "--json")
    assert json.loads(done.stdout)["contradictions"] is None
    said = run(tmp_path / "r", "--as-of", "2010-01-01", "--lang", "en")
    assert "not held against each other" in said.output
    assert run(tmp_path / "r", "--as-of", "soon").exit_code == 2


def test_own_numbers_and_lines_count_and_are_named(folder, tmp_path):
    """As screen asks with them; for people and for a program."""
    own, lines = tmp_path / "own.csv", tmp_path / "lines.csv"
    own.write_text(
        "name,area_prefix,valid_from,value\nnewborn_days,,2016-01-01,0\nmeasure_months,,2014-01-01,12\n", "utf-8"
    )
    lines.write_text("area_prefix,year,line_cny\n,2020,50000\n", "utf-8")
    policy = fr.policy.Policy.read(own)
    asked = contradiction_counts(fr.read_register(folder), DAY, lines=fr.MonitoringLines.read(lines), policy=policy)
    done = run(folder, "--as-of", DAY, "--policy", own, "--lines", lines, "--json")
    told = json.loads(done.stdout)["contradictions"]
    assert told["policy"] == policy.label
    assert [row["found"] for row in told["rules"]] == asked.rules["found"].tolist()
    assert told["rules"] != json.loads(run(folder, "--as-of", DAY, "--json").stdout)["contradictions"]["rules"]
    assert f"asked with your own numbers: {policy.label}" in run(folder, "--policy", own, "--lang", "en").stdout
