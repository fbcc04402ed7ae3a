"""Income as an area counts it: which items, and of which year; where it says nothing all is as it was."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.asof.counted_income import end_of_newest_year
from fanpin_risk.asof.income_years import RECEIVED
from fanpin_risk.asof.line_table import COUNTABLE, RULES
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.outcomes import not_at_risk
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import InputError
from fanpin_risk.features import compute_features
from fanpin_risk.records.income_items import PER_PERSON
from fanpin_risk.records.register import Register

DAY = "2024-12-31"
AREAS = {"A": "211282101001", "B": "530322100001", "C": "530322100001", "M": "530322100001", "F": "530322100001"}


def months(household: str, first: str, n: int, yuan: float) -> pd.DataFrame:
    """Wages by month."""
    begins = pd.date_range(first, periods=n, freq="MS")
    return pd.DataFrame(
        {
            "household_id": household,
            "item": "wage",
            "amount_cny": yuan,
            "period_start": begins,
            "period_end": begins + pd.offsets.MonthEnd(0),
        }
    )


@pytest.fixture(scope="module")
def register() -> Register:
    """A and B have wages, dibao and other transfers; C states its income; M has months of two years, F too few of one."""
    rows = [
        *((home, item, yuan) for home in "AB" for item, yuan in (("wage", 10_000), ("tr_dibao", 2_000), ("tr_other", 7_000))),
        ("C", PER_PERSON, 9_000), ("C", "tr_other", 7_000), ("F", "wage", 12_000),
    ]  # fmt: skip
    incomes = pd.DataFrame(rows, columns=["household_id", "item", "amount_cny"])
    incomes = incomes.assign(period_start="2023-10-01", period_end="2024-09-30")
    incomes = pd.concat(
        [
            incomes,
            months("M", "2023-01-01", 12, 1_000),
            months("M", "2024-01-01", 12, 3_000),
            months("F", "2024-10-01", 3, 1_000),
        ]
    )
    incomes = incomes.astype({"period_start": "datetime64[s]", "period_end": "datetime64[s]"})
    homes = pd.DataFrame({"household_id": list(AREAS), "valid_from": "2020-01-01", "area_code": list(AREAS.values())})
    people = pd.DataFrame(
        {"household_id": list(AREAS), "member_id": [f"{home}1" for home in AREAS], "valid_from": "2020-01-01"}
    )
    return Register.from_frames(
        households=homes, members=people, incomes=incomes.assign(recorded_at=incomes["period_end"])
    )


def lines_with(line: float = 8_000.0, **rules: str) -> MonitoringLines:
    return MonitoringLines(pd.DataFrame({"area_prefix": [""], "year": [2020], "line_cny": [line], **rules}))


def income(
    register: Register, lines: MonitoringLines | None = None, name: str = "income_per_person"
) -> dict[str, float]:
    table = compute_features(register, DAY, lines=lines or lines_with(), context=True)
    return table[name].to_dict()


def test_an_area_leaves_items_out_of_net_income(register):
    """Kinds of income stay what they are; a stated income stays as it is stated."""
    plain, less = income(register), income(register, lines_with(not_counted="tr_other"))
    assert plain["A"] == 19_000
    assert less == {**plain, "A": 12_000, "B": 12_000}
    both = income(register, lines_with(not_counted="tr_other;tr_dibao"))
    assert both == {**plain, "A": 10_000, "B": 10_000}
    for name in ("transfer_share", "support_share", "wage_share", "income_sources"):
        assert income(register, lines_with(not_counted="tr_other;tr_dibao"), name) == pytest.approx(
            income(register, name=name), nan_ok=True
        )


def test_assistance_that_does_not_count_is_taken_off_once(register):
    """Own income is net income without assistance, whether or not assistance is part of it."""
    plain = income(register, name="own_income_to_line")
    assert plain["A"] == 17_000 / 8_000
    assert income(register, lines_with(not_counted="tr_dibao"), "own_income_to_line")["A"] == plain["A"]
    assert income(register, lines_with(not_counted="tr_other"), "own_income_to_line")["A"] == 10_000 / 8_000
    quoted = income(register, lines_with(not_counted="tr_dibao"), "own_income_per_person")
    assert quoted["A"] == 17_000


def test_each_area_and_year_has_its_own_way(register):
    """The longest prefix of the year in which the accounting year ends decides, as for the line."""
    frame = pd.DataFrame(
        {
            "area_prefix": ["", "5303", "2112", "2112"], "year": [2020, 2024, 2023, 2024], "line_cny": 8_000.0,
            "not_counted": ["", "tr_other", "tr_other", "tr_dibao"],
        }
    )  # fmt: skip
    found = income(register, MonitoringLines(frame))
    assert (found["A"], found["B"]) == (17_000, 12_000)


def test_labels_count_as_features_do(register):
    """Who is below the line by what the area counts is not at risk of falling below it."""
    for rules, below in (({}, set()), ({"not_counted": "tr_other"}, {"A", "B"})):
        why = not_at_risk(Snapshot(register, DAY, lines=lines_with(13_000.0, **rules)), "below_line")
        table = compute_features(register, DAY, lines=lines_with(13_000.0, **rules))
        assert set(why.index[why == "already_below_line"]) == set(table.index[table["income_to_line"] < 1])
        assert {"A", "B"} & set(why.index[why == "already_below_line"]) == below


def test_the_sentence_says_what_was_left_out(register):
    """With the yuan, in both languages; nothing is said where nothing was."""
    amount = income(register, lines_with(not_counted="tr_other"), "income_left_out")
    assert amount["A"] == amount["B"] == 7_000
    assert np.isnan([amount["C"], amount["M"]]).all()
    assert np.isnan(list(income(register, name="income_left_out").values())).all()
    model = fr.load_model("demo").set_params(lines=lines_with(not_counted="tr_other"))
    for lang, said in (
        ("zh", "；全家另有7,000元按当地口径不计入"),
        ("en", "; another 7,000 CNY of the household does not count in its area"),
    ):
        state = model.explain(register, DAY).income_state(lang=lang)
        assert state["A"].endswith(said)
        assert said[1:8] not in state["M"]


def test_twelve_full_months_before_the_month_of_the_day(register):
    """Where the records tell them: 1,000 of last December and eleven times 3,000; other households keep their year."""
    plain, twelve = income(register), income(register, lines_with(window="twelve_months"))
    assert plain["M"] == 36_000
    assert twelve == {**plain, "M": 34_000}
    snapshot = Snapshot(register, DAY, lines=lines_with(window="twelve_months"))
    ends = pd.Series(end_of_newest_year(snapshot, snapshot.incomes), index=snapshot.household_ids)
    days = pd.to_datetime(ends, unit="D").dt.strftime("%Y-%m-%d").to_dict()
    assert days == {"A": "2024-09-30", "B": "2024-09-30", "C": "2024-09-30", "F": "2024-12-31", "M": "2024-11-30"}
    before = income(register, lines_with(window="twelve_months"), "income_previous_to_line")
    assert before["M"] == pytest.approx(11 * 1_000 / 334 * 365 / 8_000, rel=0.1)
    why = not_at_risk(Snapshot(register, DAY, lines=lines_with(35_000.0, window="twelve_months")), "below_line")
    assert why["M"] == "already_below_line"
    assert not_at_risk(Snapshot(register, DAY, lines=lines_with(35_000.0)), "below_line")["M"] == ""


def test_where_nothing_is_said_nothing_changes():
    """To the last bit, on a whole register: with the first of all codes and without the columns."""
    made = fr.make_register(300, random_state=1)
    own = MonitoringLines().frame
    said = MonitoringLines(own.assign(**{name: codes[0] for name, codes in RULES.items()}))
    pd.testing.assert_frame_equal(
        compute_features(made, DAY), compute_features(made, DAY, lines=said), check_exact=True
    )
    assert set(COUNTABLE) <= set(RECEIVED)


@pytest.mark.parametrize("codes", ["tr_others", "business_cost", PER_PERSON, "tr_other,wage", "transfer_net"])
def test_what_is_no_item_of_income_is_refused(codes):
    """Nor may costs, stated figures or nets be left out."""
    with pytest.raises(InputError, match=r"row 2, not_counted is .*expected items of income"):
        lines_with(not_counted=codes)
    with pytest.raises(InputError, match="row 2, window is half_a_year; expected one of"):
        lines_with(window="half_a_year")


def test_lines_that_say_how_to_count_travel_with_a_model(register, tmp_path):
    """Several items, however they are parted, come back as they were."""
    lines = lines_with(not_counted=" tr_other ； tr_dibao", window="twelve_months")
    assert lines.frame["not_counted"].tolist() == ["tr_other;tr_dibao"]
    model = fr.load_model("demo").set_params(lines=lines)
    again = fr.load_model(fr.save_model(model, tmp_path / "model", name="own"))
    assert again.lines.frame.equals(lines.frame)
    one, other = (each.explain(register, DAY).income_state().tolist() for each in (model, again))
    assert one == other
    assert "按当地口径不计入" in one[0]


def test_an_office_counts_registered_or_resident_persons(tmp_path):
    """The members on record, or the number that the sheet gives under the header that the office chooses."""
    files = {
        "户信息.csv": "户编号,数据日期,户籍人口数,常住人口数\n1,2023-12-31,4,2\n",
        "成员.csv": "人编号,户编号,数据日期\n" + "".join(f"1{k},1,2023-12-31\n" for k in range(5)),
        "收入.csv": "户编号,年度,务工收入\n1,2023,40000\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    own = pd.DataFrame({"header": ["户籍人口数"], "means": ["ignore"]})

    def each(columns: pd.DataFrame | None, **rules: str) -> float:
        read = fr.read_register(tmp_path, columns=columns)
        table = compute_features(read, "2024-06-30", lines=lines_with(**rules))
        return float(table["income_per_person"].iloc[0])

    assert each(None) == 8_000
    assert each(None, persons="declared") == 10_000
    assert each(own, persons="declared") == 20_000
