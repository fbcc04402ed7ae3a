"""The monitored households of a report: a list of their own, in the workbook, on the page and masked."""

import re

import openpyxl
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.asof.monitored_households import monitored_households
from fanpin_risk.errors import SchemaError
from fanpin_risk.explanation.letter import percent
from fanpin_risk.model.tiers import MONITORED_TYPES
from fanpin_risk.records.register import Register
from fanpin_risk.reports import gather, write_report
from fanpin_risk.reports.monitored_list import monitored_list
from fanpin_risk.reports.page import page_html
from fanpin_risk.words import LANGUAGES

DAY = "2024-12-31"
SHEETS = {"zh": "监测对象", "en": "Monitored households"}


@pytest.fixture(scope="module")
def theirs():
    """A small model of monitored households."""
    register = fr.make_register(1500, random_state=3, base_rate=0.06)
    small = fr.RiskModel(
        classifier=fr.MonotoneBoosting(max_iter=10), n_folds=2, target="not_eliminated", place=False, name="theirs"
    )
    return small.fit(register, ["2021-12-31", "2022-12-31"])


@pytest.fixture(scope="module")
def ranked(model, register, theirs):
    """Contents whose monitored households go by the risk of a model of theirs."""
    return gather(model, register, DAY, capacity=30, monitored_model=theirs)


@pytest.fixture(scope="module")
def expected(register):
    return monitored_households(fr.Snapshot(register, DAY))


def test_all_who_are_monitored_stand_on_their_own_list(contents, expected):
    """By type, then longest first; the watch list holds none of them."""
    found = contents.monitored.households
    assert set(found["household_id"]) == set(expected.index)
    assert len(found) == len(expected) > 10
    assert not set(found["household_id"]) & set(contents.watchlist["household_id"])
    kinds = found["monitored_type"].map({code: number for number, code in enumerate(MONITORED_TYPES)})
    assert kinds.is_monotonic_increasing
    assert all(days.is_monotonic_decreasing for _, days in found.groupby("monitored_type")["days_monitored"])
    assert found["risk"].isna().all()
    assert contents.monitored.explanation is None
    assert contents.monitored_event is None
    assert found["number"].tolist() == list(range(1, len(found) + 1))
    assert (found["place"] != "").all()


def test_a_model_of_theirs_ranks_them_to_the_bit(ranked, register, theirs):
    """Each has the risk that the model gives the whole register, and its reasons row by row."""
    found = ranked.monitored.households
    assert found["risk"].is_monotonic_decreasing
    whole = theirs.score(register, DAY, explain=False).set_index("household_id")
    assert found["risk"].tolist() == whole.loc[found["household_id"], "risk"].tolist()
    assert ranked.monitored.explanation.household_ids.tolist() == found["household_id"].tolist()
    assert set(found["model"]) == {theirs.label}
    assert ranked.watchlist["model"].ne(theirs.label).all()


def test_a_model_of_others_is_refused(model, register):
    """What it forecasts and what was expected are named."""
    with pytest.raises(SchemaError, match=r"newly_monitored.*not_eliminated"):
        gather(model, register, DAY, monitored_model=model)


def test_a_model_of_theirs_alone_ranks_them_too(register, theirs):
    """Given as the model of the report, it is the one of their list as well."""
    contents = gather(theirs, register, DAY, capacity=5)
    assert contents.monitored.households["risk"].is_monotonic_decreasing
    assert contents.monitored_months == 12


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_workbook_has_their_sheet(contents, ranked, tmp_path, lang):
    """Every row of the list in its order; a probability and reasons only where a model of theirs gives them."""
    for name, given in (("plain", contents), ("ranked", ranked)):
        write_report(given, tmp_path / f"{name}.xlsx", lang=lang)
        rows = list(openpyxl.load_workbook(tmp_path / f"{name}.xlsx")[SHEETS[lang]].iter_rows(values_only=True))
        listed = given.monitored.households
        assert [row[1] for row in rows[1:]] == listed["household_id"].tolist()
        kinds = {code: label.shown(lang) for code, label in MONITORED_TYPES.items()}
        place = 5 if name == "ranked" else 4
        assert [row[place] for row in rows[1:]] == listed["monitored_type"].map(kinds).tolist()
        assert [row[place + 1] for row in rows[1:]] == listed["identified_on"].dt.to_pydatetime().tolist()
        assert [row[place + 2] for row in rows[1:]] == listed["days_monitored"].tolist()
        probability = [cell for cell in rows[0] if re.search(r"Probability|概率", str(cell))]
        assert len(probability) == (1 if name == "ranked" else 0)
        if name == "ranked":
            assert [row[4] for row in rows[1:]] == pytest.approx(listed["risk"].tolist())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_has_their_section(ranked, lang):
    """Masked, in both languages, with the probability and since when."""
    page = page_html(ranked, lang=lang)
    section = re.search(r'<section id="monitored">.*?</section>', page, re.DOTALL)[0]
    rows = re.findall(r"<tbody>(.*)</tbody>", section, re.DOTALL)[0].split("</tr>")[:-1]
    listed = ranked.monitored.households
    assert len(rows) == len(listed)
    for row, household in zip(rows, listed.to_dict("records"), strict=True):
        assert household["household_id"] not in row
        assert f"{household['identified_on']:%Y-%m-%d}" in row
        assert percent(household["risk"]).replace("<", "&lt;").replace(">", "&gt;") in row
        assert MONITORED_TYPES[household["monitored_type"]].shown(lang) in row
    assert 'href="#monitored"' in page
    assert f"当日有监测对象 {len(rows)} 户" in section
    few = page_html(ranked, n_households=3)
    assert "本页列出前 3 户" in re.search(r'<section id="monitored">.*?</section>', few, re.DOTALL)[0]


def test_a_page_without_a_model_of_theirs_shows_no_probability(contents):
    """And says so."""
    section = re.search(r'<section id="monitored">.*?</section>', page_html(contents, lang="en"), re.DOTALL)[0]
    assert "no model of theirs was given" in section
    assert "%" not in section


def test_masked_lists_hold_no_id(ranked):
    """Neither in the list nor in what explains it."""
    masked = ranked.masked()
    assert masked.monitored.households["household_id"].str.fullmatch(r"H0\*\*\*\d\d").all()
    ids = masked.monitored.explanation.household_ids
    assert ids.tolist() == masked.monitored.households["household_id"].tolist()
    keyed = ranked.masked(id_key=b"sixteen bytes or more").monitored.households["household_id"]
    assert keyed.is_unique
    assert not set(keyed) & set(ranked.monitored.households["household_id"])


def test_a_register_without_monitored_households_has_no_such_list(model, register, tmp_path):
    """No sheet and no section stand empty."""
    tables = {name: frame for name, frame in register.tables.items() if name != "monitoring"}
    without = Register(tables, source=register.source, supplied=register.supplied - {"monitoring"})
    contents = gather(model, without, DAY, capacity=5)
    assert not len(contents.monitored.households)
    write_report(contents, tmp_path / "a.xlsx", lang="en")
    assert "Monitored households" not in openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames
    assert 'id="monitored"' not in page_html(contents)


def test_what_is_not_recorded_is_said_and_is_no_number(model):
    """A day of recognition, a type and measures that nobody recorded; such a household comes last."""
    register = Register.from_frames(
        households={"household_id": ["A", "B"], "valid_from": ["2020-01-01"] * 2},
        monitoring={
            "household_id": ["A", "B"], "identified_on": ["2023-01-01"] * 2, "recorded_at": ["2023-01-01"] * 2,
            "type": [None, "边缘易致贫户"], "monitored": ["是", "是"], "identified_before": [True, False],
        },
    )  # fmt: skip
    scores = model.score_all(register, DAY)[0]
    found = monitored_list(scores, register, pd.Timestamp(DAY)).households
    assert found["household_id"].tolist() == ["B", "A"]
    contents = gather(model, register, DAY, capacity=2)
    section = re.search(r'<section id="monitored">.*?</section>', page_html(contents, lang="en"), re.DOTALL)[0]
    assert section.count("not recorded") == 2  # type and day
    assert "nan" not in section.lower()
    assert "NaT" not in section
