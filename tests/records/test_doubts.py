"""What is in doubt of each household goes with it, gravest first."""

import re
from pathlib import Path

import pandas as pd

import fanpin_risk as fr
from fanpin_risk.records import doubts
from fanpin_risk.records.doubts import BY_SEVERITY, DOUBT_NAMES, NO_DOUBTS, doubts_of, no_doubts

RECORDS = Path(doubts.__file__).parent


def problems(*lines):
    return pd.DataFrame(lines, columns=["household_id", "code", "severity"])


def test_doubts_are_named_once_gravest_first():
    """What has no name of its own is told by what became of the row or cell; what is of nobody is not told."""
    found = problems(
        ("h2", "size_differs", "warning"),
        ("h2", "amounts_differ", "blanked"),
        ("h2", "size_differs", "warning"),
        ("h1", "missing_value", "rejected"),
        ("h1", "not_a_date", "blanked"),
        ("h1", "no_head", "warning"),
        ("h1", "part_of_year", "rejected"),
        ("h3", "duplicate_row", "warning"),
        ("h3", "no_insurance", "warning"),
        (None, "rows_skipped", "warning"),
    )
    expected = {"h1": "part_of_year;row_rejected;cell_blank;to_verify", "h2": "amounts_differ;size_differs"}
    assert doubts_of(found).to_dict() == expected
    pd.testing.assert_series_equal(doubts_of(found.iloc[:0]), no_doubts())


def test_every_code_is_one_that_problems_have():
    """A code that is renamed where it is found loses its words here."""
    said = "".join(file.read_text(encoding="utf-8") for file in RECORDS.rglob("*.py") if file.name != "doubts.py")
    quoted = set(re.findall(r'"([a-z_]+)"', said))
    assert {*DOUBT_NAMES, *NO_DOUBTS} - quoted == set(BY_SEVERITY.values())


def test_doubts_stay_with_the_households_that_are_chosen(tmp_path):
    """The register knows them by what reading found; a part of it, and what was known earlier, keep them."""
    text = "户编号,年度,家庭人口数,工资性收入\nh1,2023,2,9000\nh2,2023,3,1.2.3\nh3,2023,1,8000\n"
    (tmp_path / "台账.csv").write_text(text, encoding="gb18030")
    register = fr.read_register(tmp_path)
    assert register.doubts.to_dict() == {"h2": "cell_blank"}
    assert register.select(["h3", "h2"]).doubts.to_dict() == {"h2": "cell_blank"}
    assert register.select(["h1"]).doubts.to_dict() == {}
    assert register.known_on("2025-01-01").doubts.to_dict() == {"h2": "cell_blank"}
