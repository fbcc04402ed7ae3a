"""Reports of several counties: a page for each, and one that links to them."""

import re

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import InputError
from fanpin_risk.records.register import Register
from fanpin_risk.reports.county_reports import counties_of, county_reports

DAY = "2024-12-31"
SIZES = {"211251": 60, "520422": 50, "530381": 4}


@pytest.fixture(scope="module")
def counties():
    """Two counties, and one of four households."""
    made = fr.make_register(sum(SIZES.values()), random_state=2)
    frame = made.tables["households"].copy()
    number = pd.factorize(frame["household_id"])[0]
    code = np.repeat(list(SIZES), list(SIZES.values()))[number]
    frame["area_code"] = pd.Series(code, index=frame.index).astype("str") + frame["area_code"].str[6:]
    return Register({**made.tables, "households": frame}, supplied=made.supplied, source="made up")


@pytest.fixture(scope="module")
def written(model, counties, tmp_path_factory):
    """Pages of them, and the figures."""
    folder = tmp_path_factory.mktemp("counties") / "pages"
    return folder, county_reports(
        model, counties, DAY, folder, lang="en", capacity=5, names={"520422": "Second <county>"}
    )


def test_every_county_has_its_page_and_the_totals_add_up(written):
    """The first page links to all, with names of places as text."""
    folder, table = written
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'href="counties/([^"]*)\.html"', page) == list(SIZES)
    assert all((folder / "counties" / f"{one}.html").is_file() for one in SIZES)
    assert "Second &lt;county&gt;" in page
    assert table["county"].tolist() == [*SIZES, ""]
    assert table["households"].tolist() == [*SIZES.values(), sum(SIZES.values())]
    figures = table.drop(columns=["county", "name"]).astype("float64")
    pd.testing.assert_series_equal(figures.iloc[:-1].sum(), figures.iloc[-1], check_names=False)
    assert figures.iloc[-1]["listed"] == 5 + 5 + min(4, figures.iloc[2]["listed"])
    assert len(pd.read_csv(folder / "counties.csv")) == len(table)


def test_figures_of_small_counties_are_not_shown(written, model, counties, tmp_path):
    """Nor those of the next smaller one, from which they could be worked out; unmasked all are."""
    shown = re.findall(
        r"<tr>\s*<th scope=\"row\"><a.*?</tr>", (written[0] / "index.html").read_text("utf-8"), re.DOTALL
    )
    assert ["·" in row for row in shown] == [False, True, True]
    county_reports(model, counties, DAY, tmp_path / "pages", lang="en", mask=False)
    assert "·" not in (tmp_path / "pages" / "index.html").read_text("utf-8")


def test_a_page_is_the_report_of_the_county_alone(written, model, counties, tmp_path):
    """But for the time at which it was written."""
    ids = counties.tables["households"]["household_id"]
    mine = ids[counties.tables["households"]["area_code"].str.startswith("211251")].unique()
    fr.report(model, counties.select(mine), DAY, tmp_path / "alone.html", lang="en", capacity=5)
    one, other = (
        re.sub(r"\d{4}-\d\d-\d\dT[\d:+]*|report [0-9a-f]{16}", "", file.read_text("utf-8"))
        for file in (tmp_path / "alone.html", written[0] / "counties" / "211251.html")
    )
    assert one == other


def test_a_packed_register_gives_the_same_figures(written, model, counties, tmp_path):
    """One county after the other."""
    pytest.importorskip("duckdb", reason="packing needs DuckDB")
    fr.pack(counties.to_folder(tmp_path / "files"), tmp_path / "packed", max_households=30, threads=1)
    assert counties_of(tmp_path / "packed") == counties_of(counties) == list(SIZES)
    seen = []
    table = county_reports(
        model, tmp_path / "packed", DAY, tmp_path / "pages", capacity=5, names={"520422": "Second <county>"},
        progress=lambda *told: seen.append(told),
    )  # fmt: skip
    pd.testing.assert_frame_equal(table, written[1])
    assert [done for done, _, _ in seen] == [0, 1, 2, 3]


def test_what_stands_there_is_kept(written, model, counties):
    """Reports of counties are replaced if that is wished."""
    with pytest.raises(InputError, match="holds reports of counties"):
        county_reports(model, counties, DAY, written[0])
