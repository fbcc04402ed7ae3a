"""Monitoring lines by area and year, and asof/line_table.py, which checks their entries."""

from pathlib import Path

import pandas as pd
import pytest

from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.errors import InputError


def lines(*rows):
    return MonitoringLines(pd.DataFrame(rows, columns=["area_prefix", "year", "line_cny"]))


def test_the_longest_prefix_of_the_year_wins():
    """A county's own line goes before its province's, which goes before the one that holds everywhere."""
    own = lines(("", 2022, 6600), ("53", 2022, 7000), ("530381", 2022, 7100))
    assert own.at(["530381001002", "530102000000", "211200000000"], 2022).tolist() == [7100, 7000, 6600]


def test_a_year_without_a_line_carries_the_newest_earlier_one_forward():
    """No line is invented for a year that has none."""
    own = lines(("", 2021, 6000), ("", 2023, 7000))
    assert own.at(["21"], 2022).tolist() == [6000]
    assert own.at(["21"], 2030).tolist() == [7000]
    assert own.at(["21"], 2019).tolist() == [6000]
    assert own.basis("21", 2030).shown("en") == "carried forward from 2023 (user)"
    assert own.basis("21", 2030).shown("zh") == "沿用 2023 年（自定）"
    assert own.basis("21", 2019).shown("zh") == "借用 2021 年（自定）"
    assert own.basis("21", 2023).shown("en") == "user"
    assert own.entry("21", 2030) == ("", 2023, 7000.0, "user", "user")


def test_an_exact_year_of_a_coarser_area_goes_before_an_older_one_of_a_finer_area():
    """A line of this year for everywhere is nearer than a county's line of another year."""
    own = lines(("", 2023, 7000), ("53", 2021, 6000))
    assert own.at(["530000000000"], 2023).tolist() == [7000]


def test_households_without_an_area_get_the_line_that_holds_everywhere():
    """A missing code is no reason to go without a line."""
    own = lines(("", 2022, 6600), ("53", 2022, 7000))
    assert own.at([None, "53"], 2022).tolist() == [6600, 7000]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("53", 2022, 7000)], "no row with an empty area_prefix"),
        (
            [("", 2022, 6600), ("53", 2022, 7000), ("53", 2022, 7000)],
            "row 4 holds for the area_prefix and year of a row",
        ),
        (
            [("", 2022, 6600), ("53", 2022, -1)],
            "row 3, line_cny is -1; expected 1,000 to 50,000 CNY per person and year",
        ),
        ([("", 2022, 0.66)], "row 2, line_cny is 0.66; expected 1,000 to"),
        ([("", 2022, 660_000)], "row 2, line_cny is 660000; expected 1,000 to"),
        ([("", 2022, None)], "row 2, line_cny is empty; expected 1,000 to"),
        ([("", "soon", 6600)], "row 2, year is soon; expected a year from 1978 to 2100"),
        ([("", 202, 6600)], "row 2, year is 202; expected a year"),
        ([("", 2022.5, 6600)], "row 2, year is 2022.5; expected a year"),
        (
            [("", 2022, 6600), ("Yunnan", 2022, 7000)],
            "row 3, area_prefix is Yunnan; expected the first 2, 4, 6, 9 or 12",
        ),
        ([("", 2022, 6600), ("53.0", 2022, 7000)], r"row 3, area_prefix is 53\.0; expected the first"),
        ([("", 2022, 6600), ("533", 2022, 7000)], "row 3, area_prefix is 533; expected the first"),
    ],
)
def test_unusable_lines_are_refused_with_what_to_do(rows, message):
    """A wrong line would move every household; the error says where it stands and what was expected there."""
    with pytest.raises(InputError, match=f"^monitoring lines: {message}"):
        lines(*rows)


def test_a_missing_column_is_named():
    """The message says which column is missing."""
    with pytest.raises(InputError, match="line_cny is missing"):
        MonitoringLines(pd.DataFrame({"area_prefix": [""], "year": [2022]}))


@pytest.mark.parametrize("status", ["sourced", "proxy", "unverified"])
def test_a_status_needs_its_source(status):
    """Who says that a line is sourced says where; one's own line may do without."""
    frame = pd.DataFrame({"area_prefix": ["", "53"], "year": 2022, "line_cny": 7000, "status": ["user", status]})
    with pytest.raises(InputError, match="row 3, source is empty; expected where a line with a status can be read"):
        MonitoringLines(frame)
    assert MonitoringLines(frame.iloc[:1]).entry("", 2022)[3:] == ("user", "user")


def test_the_file_and_the_row_of_it_are_named(tmp_path):
    """Blank rows count as an editor counts them, and hold no line."""
    file = tmp_path / "lines.csv"
    file.write_text("area_prefix,year,line_cny\n,2022,7000\n\n,,\n53,2022,7\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"^lines\.csv: row 5, line_cny is 7; expected 1,000 to 50,000") as caught:
        MonitoringLines.read(file)
    assert caught.value.message.shown("zh") == "lines.csv：第 5 行的 line_cny 为 7；应为每人每年 1,000 至 50,000 元"


def test_lines_are_read_from_a_file(tmp_path):
    """A province's own file replaces the lines that ship."""
    file = tmp_path / "lines.csv"
    file.write_text("area_prefix,year,line_cny\n,2024,9000\n", encoding="utf-8-sig")
    assert MonitoringLines.read(file).at([""], 2024).tolist() == [9000]
    with pytest.raises(InputError, match=r"cannot read absent\.csv"):
        MonitoringLines.read(tmp_path / "absent.csv")


def test_every_line_that_ships_says_on_what_it_rests():
    """No figure without its source and standing."""
    shipped = MonitoringLines().frame
    assert set(shipped["status"]) <= {"sourced", "proxy", "unverified"}
    assert (shipped["source"].str.len() > 10).all()


def test_the_demo_model_carries_the_lines_that_ship():
    """A model keeps the lines it was trained with: a new line reaches the demo model only by training it anew."""
    demo = MonitoringLines.read(Path(__file__).parents[2] / "models" / "demo" / "lines.csv").frame
    columns = ["area_prefix", "year", "line_cny", "status"]
    differ = pd.concat([demo[columns], MonitoringLines().frame[columns]]).drop_duplicates(keep=False)
    assert differ.empty, (
        f"the demo model carries other lines; make it anew: python models/make_demo.py\n{differ.to_string(index=False)}"
    )


def test_a_line_may_be_a_share_of_an_amount(tmp_path):
    """Half the disposable income of a district in a year of reference; a village's own line stands before it; it is read back."""
    file = tmp_path / "lines.csv"
    file.write_text(
        "area_prefix,year,line_cny,share,base_cny,status,source\n,2020,5000,,,,\n510122,2020,,0.5,16900.01,user,district\n"
        "510122001005,2020,10000,,,,\n",
        encoding="utf-8",
    )
    lines = MonitoringLines.read(file)
    assert lines.at(["510122", "510122001005", "21"], 2021).tolist() == [8450.0, 10000.0, 5000.0]
    assert lines.entry("510122", 2020).source == "district: 0.5 x 16900.01"
    assert MonitoringLines(lines.frame).at(["510122"], 2021).tolist() == [8450.0]


@pytest.mark.parametrize("cells", ["9000,0.5,20000", ",0.5,", ",50,20000", ",0.5,20"])
def test_a_share_without_its_amount_is_refused(tmp_path, cells):
    """The error names the row and what is expected in it."""
    file = tmp_path / "lines.csv"
    file.write_text(f"area_prefix,year,line_cny,share,base_cny\n,2020,5000,,\n51,2020,{cells}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"lines\.csv: row 3, share and base_cny: expected a share of 0\.05 to 2"):
        MonitoringLines.read(file)


def changing(*rows):
    """Lines of (area_prefix, year, valid_from, line_cny)."""
    return MonitoringLines(pd.DataFrame(rows, columns=["area_prefix", "year", "valid_from", "line_cny"]))


NATION_AND_COUNTY = (
    ("", 2023, "", 8000),
    ("", 2024, "", 8500),
    ("2112", 2023, "", 8200),
    ("2112", 2024, "2024-07-01", 9000),
)


@pytest.mark.parametrize(
    ("day", "line", "since"),
    [("2024-06-30", 8200.0, ""), ("2024-07-01", 9000.0, "2024-07-01"), (None, 9000.0, "2024-07-01")],
)
def test_a_line_that_changes_within_the_year_is_that_of_the_day(day, line, since):
    """Until its change an area keeps the line it had, not that of a wider area; where no day is said the last one counts."""
    lines = changing(*NATION_AND_COUNTY)
    assert lines.at(["211282", "53"], 2024, on=day).tolist() == [line, 8500.0]
    assert lines.in_force_since("211282", 2024, on=day) == since
    assert lines.at(["211282"], 2023, on=day).tolist() == [8200.0]
    assert lines.at(["211282"], 2025, on="2025-03-01").tolist() == [9000.0]


def test_two_changes_and_how_the_area_counts_are_of_the_day():
    """Each from its day to the day before the next, with the rules beside it; the basis says since when."""
    frame = pd.DataFrame(
        {
            "area_prefix": "",
            "year": 2024,
            "valid_from": ["2024-09-01", "", "2024-04-01"],
            "line_cny": [9000, 8000, 8500],
            "claims": ["left_out", "counted", "counted"],
        }
    )
    lines = MonitoringLines(frame)
    days = ("2024-03-31", "2024-04-01", "2024-08-31", "2024-09-01")
    assert [float(lines.at([""], 2024, on=day)[0]) for day in days] == [8000, 8500, 8500, 9000]
    assert [lines.rule_at("claims", [""], 2024, on=day)[0] for day in days[2:]] == ["counted", "left_out"]
    assert lines.basis("", 2024, on=days[1]).shown("en") == "in force since 2024-04-01 (user)"
    assert lines.basis("", 2024, on=days[0]).shown("en") == "user"
    assert lines.until("2024-08-31").at([""], 2024).tolist() == [8500]
    assert lines.until("2024-08-31").at([""], 2025).tolist() == [8500]


def test_first_days_of_years_are_as_none():
    """A file whose lines all hold from 1 January is the same with and without the column."""
    plain = pd.DataFrame({"area_prefix": ["", "53"], "year": 2024, "line_cny": [8500, 8700]})
    for days in (["", None], ["2024-01-01", "2024/1/1"]):
        pd.testing.assert_frame_equal(
            MonitoringLines(plain.assign(valid_from=days)).frame, MonitoringLines(plain).frame
        )
    without_year = plain.drop(columns="year").assign(valid_from="2024-01-01")
    pd.testing.assert_frame_equal(MonitoringLines(without_year).frame, MonitoringLines(plain).frame)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (("", 2024, "2023-07-01", 9000), "row 3, valid_from is 2023-07-01; expected a day of the year of its row"),
        (("", 2024, "July", 9000), "row 3, valid_from is July; expected a day of the year of its row"),
        (("", 2024, "2024-01-01", 9000), "row 3 holds for the area_prefix and year of a row above it; .* valid_from"),
    ],
)
def test_a_wrong_first_day_is_named_with_its_row(row, told):
    """Row, column, what stands there and what was expected."""
    with pytest.raises(InputError, match=told):
        changing(("", 2024, None, 8500), row)
