"""Measures by cause and labour: the data of policy/support_kinds.py, what is proposed, and what has been tried."""

from datetime import date

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import FanpinError, InputError
from fanpin_risk.policy import own_kinds_of_measures
from fanpin_risk.policy.support_kinds import ANSWERS_TO_RISKS, HOW, LABOUR_LEVELS, kinds_of_measures
from fanpin_risk.records.schema import TABLES

DAY = date(2023, 12, 31)
SPELL = {"identified_on": date(2023, 3, 1), "type": "edge"}


def proposed(household_of, case, **options):
    return fr.measures(household_of(case, DAY), DAY, **options)


def test_the_data_name_what_there_is():
    """Risks, measures and ways by their codes, each once and with its source; what must be there is proposed somewhere."""
    kinds = kinds_of_measures()
    assert set(kinds["measure"]) <= set(TABLES["supports"]["measure"].codes)
    assert set(kinds["risk"]) == set(ANSWERS_TO_RISKS) == set(TABLES["monitoring"]["risks"].codes) - {"other"}
    assert set(kinds["labour"]) == set(LABOUR_LEVELS) - {"unknown"}
    assert set(kinds["how"]) - {""} == set(HOW)
    assert not kinds.duplicated(["risk", "labour", "measure"]).any()
    assert set(kinds["status"]) <= {"sourced", "inferred"}
    assert kinds["source"].str.len().min() > 20
    for risk, answers in ANSWERS_TO_RISKS.items():
        assert set(answers) & set(kinds.loc[kinds["risk"] == risk, "measure"])


@pytest.mark.parametrize(
    ("labour", "measures"),
    [
        (["ordinary", "none"], ["health", "employment", "insurance_payout"]),
        (["weak", "none"], ["public_post"]),
        (["none", "lost"], ["health", "social_security", "temporary_aid"]),
    ],
)
def test_kinds_go_by_who_is_able_to_work(labour, measures, household_of):
    """The most able member counts; each kind comes with the rule that gives it."""
    members = [{"member_id": f"P{number}", "labour": one} for number, one in enumerate(labour)]
    table = proposed(household_of, {"members": members, "monitoring": [SPELL | {"risks": "illness"}]})
    assert table["measure"].tolist() == measures
    assert set(table["cause_from"]) == {"recorded"}
    level = {"ordinary": "able", "weak": "weak", "none": "none"}[labour[0]]
    assert set(table["rule"]) == {f"illness_{level}"}
    assert (table["source"] != "").all()


def test_what_does_not_depend_on_labour_is_named_where_it_is_not_known(household_of):
    """Safe water is safe water; what depends on it has no measure, and says so."""
    table = proposed(
        household_of, {"members": [{"member_id": "P"}], "monitoring": [SPELL | {"risks": "illness;water"}]}, lang="en"
    )
    assert table["labour"].tolist() == ["unknown"] * 3
    assert table["measure"].tolist() == ["", "water", "infrastructure"]
    assert table["rule"].tolist() == ["", "water_unknown", "water_unknown"]
    assert table["says"].iloc[0] == "illness; not known who is able to work; no rule gives a measure for this cause"


def test_what_has_been_tried_is_told(household_of):
    """Running, ended, never; not known where the table was not given; later ones are not seen."""
    case = {
        "members": [{"member_id": "P", "labour": "ordinary"}],
        "monitoring": [SPELL | {"risks": "business_failure"}],
        "supports": [
            {"start_date": date(2021, 5, 1), "end_date": date(2022, 5, 1), "measure": "industry"},
            {"start_date": date(2023, 5, 1), "measure": "finance", "sub_measure": "loan", "amount_cny": 30000},
            {"start_date": date(2024, 1, 5), "measure": "employment"},
        ],
    }
    table = proposed(household_of, case, lang="zh").set_index("measure")
    assert table["tried"].to_dict() == {"industry": "ended", "finance": "running", "employment": "never"}
    assert table["needed_for_elimination"].to_dict() == {"industry": "yes", "finance": "yes", "employment": "no"}
    assert "sub_measure=loan" in table.loc["finance", "evidence"]
    assert str(table.loc["industry", "tried_since"].date()) == "2021-05-01"
    assert table.loc["finance", "says"].startswith("因产业项目失败；有劳动能力；金融帮扶；正在实施；帮扶措施：")
    del case["supports"]
    assert set(proposed(household_of, case)["tried"]) == {"unknown"}


def test_causes_may_be_given(household_of):
    """Of a list, by household, in their order; those that no rule answers are there without a measure."""
    case = {"members": [{"member_id": "P", "labour": "none"}]}
    table = proposed(household_of, case, causes=pd.Series({"A": "low_income;housing"}))
    assert table["cause"].tolist() == ["low_income", "housing", "housing"]
    assert table["measure"].tolist() == ["", "housing", "resettlement"]
    assert set(table["cause_from"]) == {"given"}
    assert proposed(household_of, case, causes={"A": None}).empty
    assert proposed(household_of, case).empty


@pytest.mark.parametrize(
    ("causes", "told"),
    [
        ({"B": "illness"}, "causes: 1 of its households are not in the register on the day"),
        ({"A": "bad luck"}, "causes is 'bad luck'; expected one of illness, schooling"),
        (["illness"], "causes"),
    ],
)
def test_wrong_causes_are_refused(causes, told, household_of):
    """With what was expected."""
    with pytest.raises(FanpinError, match=told):
        proposed(household_of, {}, causes=causes)


OWN_MEASURES = "风险,劳动能力,帮扶措施,方式,状态,来源\n因病,有劳动能力,健康帮扶,,sourced,县方案2024年第3号\n"


@pytest.mark.parametrize("as_file", [True, False])
def test_own_measures_stand_in_place_of_those_of_their_cell(household_of, tmp_path, as_file):
    """Of one risk and who is able to work, with their source and status; every other cell stays as it ships."""
    case = {
        "members": [{"member_id": "m1", "labour": "ordinary"}, {"member_id": "m2", "labour": "none"}],
        "monitoring": [SPELL | {"risks": "illness;water"}],
    }
    frame = pd.DataFrame(
        [["illness", "able", "health", "sourced", "县方案2024年第3号"]],
        columns=["risk", "labour", "measure", "status", "source"],
    )
    (tmp_path / "own.csv").write_text(OWN_MEASURES, "utf-8")
    own = proposed(household_of, case, kinds=tmp_path / "own.csv" if as_file else frame)
    shipped = proposed(household_of, case)
    of_illness = own[own["cause"] == "illness"]
    assert of_illness[["measure", "status", "source"]].to_numpy().tolist() == [
        ["health", "sourced", "县方案2024年第3号"]
    ]
    pd.testing.assert_frame_equal(
        own[own["cause"] == "water"].reset_index(drop=True), shipped[shipped["cause"] == "water"].reset_index(drop=True)
    )


def test_own_measures_without_source_name_their_file(tmp_path):
    """A row that says neither is the user's, of this file; what holds in any case is told from the whole table."""
    (tmp_path / "own.csv").write_text("risk,labour,measure\nwater,able,water\nwater,weak,water\n", "utf-8")
    kinds = own_kinds_of_measures(tmp_path / "own.csv")
    assert kinds[["status", "source"]].head(2).to_numpy().tolist() == [["user", "own.csv"]] * 2
    assert own_kinds_of_measures(kinds).equals(kinds)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("sickness,able,health,,", "row 3, risk is sickness; expected one of illness, "),
        ("illness,unknown,health,,", "row 3, labour is unknown; expected one of able, weak, none"),
        ("illness,able,cure,,", "row 3, measure is cure; expected one of "),
        ("illness,able,health,sourced,", "row 3, source is empty; expected where a measure with a status can be read"),
        ("illness,able,health,sure,x", "row 3, status is sure; expected one of sourced, inferred, unverified, user"),
        ("water,able,water,,", "row 3 holds for the risk, labour and measure of a row above it"),
    ],
)
def test_a_wrong_measure_is_named_with_its_row(tmp_path, row, told):
    """Row, column, what stands there and what was expected."""
    (tmp_path / "own.csv").write_text(f"risk,labour,measure,status,source\nwater,able,water,,\n{row}\n", "utf-8")
    with pytest.raises(InputError, match=told):
        own_kinds_of_measures(tmp_path / "own.csv")
