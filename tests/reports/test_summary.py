"""What a report says first: figures, monitoring lines, and notes that nobody should pass over."""

import numpy as np
import pytest

from fanpin_risk.records.register import Register
from fanpin_risk.reports import gather

DAY = "2024-12-31"


def test_every_household_is_accounted_for(register, contents, figures):
    """Scored and not scored are all households of the register; tiers are all scored."""
    found = figures(contents)
    everyone = register.tables["households"]["household_id"].nunique()
    assert found["households"] == everyone
    assert found["scored"] + found["unscored_not_on_record"] + found["unscored_dissolved"] == everyone
    assert found["high"] + found["medium"] + found["low"] == found["scored"] == len(contents.scores)
    assert found["listed"] == len(contents.watchlist) == len(contents.explanation) == 30
    assert found["expected_listed"] == pytest.approx(contents.watchlist["risk"].sum())


def test_the_line_and_what_it_rests_on_is_said_for_every_area(model, register, with_areas):
    """Households of a province with a line of its own are told apart from those under a borrowed one."""
    codes = register.tables["households"].drop_duplicates("household_id").set_index("household_id")["area_code"]
    half = codes.where(np.arange(len(codes)) % 4 > 0, "530381101001")
    line = gather(model, with_areas(register, half), DAY).summary.set_index("key").loc["line"]
    assert line["text"].shown("zh").startswith("8,500 元（借用外地标准，")
    assert "8,700 元（有出处，" in line["text"].shown("zh")
    assert "8,700 CNY (sourced, " in line["text"].shown("en")


def test_the_line_is_that_of_the_incomes_and_not_of_the_day(model, register):
    """Two years on the newest incomes are still those of 2024, and so is the line that they are compared with."""
    later = gather(model, register, "2026-06-30").summary.set_index("key").loc["line"]
    assert later["text"].shown("zh") == "8,500 元（借用外地标准）"
    assert "2024" in later["label"].shown("en")
    bare = Register({"households": register.tables["households"], "members": register.tables["members"]})
    line = gather(model, bare, "2026-06-30").summary.set_index("key").loc["line", "text"]
    assert line.shown("zh") == "8,500 元（沿用 2024 年（借用外地标准））"


def test_a_register_without_tables_says_so(model, register):
    """Lacking tables are a note, and who is monitored is not known instead of nobody."""
    bare = Register({"households": register.tables["households"], "members": register.tables["members"]})
    contents = gather(model, bare, DAY, capacity=5)
    assert any("医疗费用" in note.shown("zh") and "medical" in note.shown("en") for note in contents.notes)
    row = contents.summary.set_index("key").loc["monitored"]
    assert row["value"] is None
    assert (row["text"].shown("zh"), row["text"].shown("en")) == ("未知", "not known")
    assert contents.places["monitored"].isna().all()
    assert not contents.counts.set_index("table").loc["medical", "supplied"]
    assert len(contents.watchlist) == 5


def test_what_is_missing_of_all_that_is_asked_is_counted(model, register, contents, figures):
    """By domain, whether or not the model uses it; domains of which nobody lacks half are not named."""
    bare = Register({name: register.tables[name] for name in ("households", "members", "incomes")})
    poor = gather(model, bare, DAY, capacity=5)
    found = figures(poor)
    assert found["little_known_shocks"] == found["little_known_health"] == found["scored"]
    assert "little_known_household" not in found
    assert "little_known_health" not in figures(contents)
    row = poor.summary.set_index("key").loc["little_known_health"]
    assert row["label"].shown("zh") == "登记不足一半的户：健康方面"
