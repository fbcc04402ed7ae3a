"""What visitors found wrong or new, cell by cell of the register."""

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.visits.answers import FACT_KINDS, MENDABLE


def cells(events):
    return [
        (one["entry"], one["action"], one["table"], one["member_id"], one["column"], one["old"], one["new"], str(one["date"])[:10])
        for one in events.attrs["corrections"]
    ]  # fmt: skip


def test_a_new_fact_is_a_row_of_its_table(opened, back):
    """Its kind, amount and day, and of whom it is; the cells of one row share their entry."""
    first = opened.keys[0]
    opened.fill(first, 新情况1="住院自付", 新情况2="失业返乡")
    sheet, number = opened.row_of(first, "F1")
    for column, value in ((5, 3200), (7, "2025-01-02"), (9, 1)):
        sheet.cell(number, column).value = value
    sheet.cell(number + 1, 7).value = "2024-12-20"
    events, wrong = back(opened)
    assert wrong == []
    person = cells(events)[0][3]
    assert person.endswith("-01")
    assert cells(events) == [
        (1, "add", "medical", person, "kind", "", "inpatient", "2025-01-02"),
        (1, "add", "medical", person, "event_date", "", "2025-01-02", "2025-01-02"),
        (1, "add", "medical", person, "out_of_pocket_cny", "", "3200", "2025-01-02"),
        (2, "add", "shocks", "", "kind", "", "job_loss", "2024-12-20"),
        (2, "add", "shocks", "", "event_date", "", "2024-12-20", "2024-12-20"),
    ]


@pytest.mark.parametrize("kind", FACT_KINDS)
def test_every_kind_of_fact_goes_into_its_table(opened, back, kind):
    """With a column for the amount and one for the day that the table has."""
    from fanpin_risk.records.schema import TABLES

    first = opened.keys[0]
    opened.fill(first, 新情况1=FACT_KINDS[kind].shown("zh"))
    sheet, number = opened.row_of(first, "F1")
    sheet.cell(number, 5).value, sheet.cell(number, 7).value = 100, "2025-01-02"
    events, wrong = back(opened)
    assert wrong == []
    assert {one["table"] for one in events.attrs["corrections"]} == {kind.split(".")[0]}
    assert all(one["column"] in TABLES[one["table"]] for one in events.attrs["corrections"])
    assert "100" in [one["new"] for one in events.attrs["corrections"]]


GOOD = {
    "households.size_declared": ("3", "3"), "households.unsafe_house": ("是", "True"), "households.house_grade": ("C级", "C"),
    "households.safe_water": ("否", "False"), "households.farmland_mu": ("2.5", "2.5"),
    "households.register_status": ("脱贫户", "ex_poor"), "members.relation": ("配偶", "spouse"),
    "members.health": ("慢性病、残疾", "chronic;disabled"), "members.labour": ("无劳动力", "none"),
    "members.student_stage": ("小学", "primary"), "members.work_months": ("7", "7"), "members.dibao": ("是", "True"),
    "members.tekun": ("否", "False"), "members.ins_basic_resident": ("是", "True"),
}  # fmt: skip


def test_every_column_that_may_be_mended_is_tested():
    """A new one needs a value that is right, here."""
    assert set(GOOD) == set(MENDABLE)


@pytest.mark.parametrize("column", GOOD)
def test_a_mistake_in_the_records_is_proposed_as_a_correction(opened, back, column):
    """As a code or number of its column, with what was on record before; a wrong value is named."""
    first = opened.keys[0]
    opened.fill(first, 登记有误1=MENDABLE[column].shown("zh"))
    sheet, number = opened.row_of(first, "R1")
    typed, code = GOOD[column]
    sheet.cell(number, 5).value, sheet.cell(number, 7).value = 1, typed
    events, wrong = back(opened)
    assert wrong == []
    (one,) = events.attrs["corrections"]
    assert (one["action"], f"{one['table']}.{one['column']}", one["new"]) == ("change", column, code)
    assert one["date"] == pd.Timestamp("2025-01-15")
    assert bool(one["member_id"]) == column.startswith("members.")
    sheet.cell(number, 7).value = "不知所云"
    events, wrong = back(opened)
    assert [code for *_, code in wrong] == ["not_a_value"]
    assert events.attrs["corrections"] == []
    assert events["complete"].all()


def test_what_was_on_record_stands_beside_the_correction(opened, back, register, hands):
    """The clerk sees both values."""
    import fanpin_risk as fr

    first = opened.keys[0]
    opened.fill(first, 登记有误1="家庭人口数")
    sheet, number = opened.row_of(first, "R1")
    sheet.cell(number, 7).value, sheet.cell(number, 9).value = 9, "2025-01-01"
    events, _ = back(opened)
    (one,) = events.attrs["corrections"]
    here = fr.Snapshot(register.select([one["household_id"]]), hands.DAY)
    assert float(one["old"]) == here.households.size_declared[0]
    assert (one["new"], one["date"]) == ("9", pd.Timestamp("2025-01-01"))


def test_what_is_half_or_of_nobody_is_named(opened, back):
    """A kind without a day, a value without a column, a person who is not there; the visit counts all the same."""
    first, second, third = opened.keys[:3]
    opened.fill(first, 新情况1="住院自付")
    opened.fill(second, 应为="3")
    opened.fill(third, 登记有误1="健康状况", 应为="健康")
    sheet, number = opened.row_of(third, "R1")
    sheet.cell(number, 5).value = 99
    events, wrong = back(opened)
    assert sorted(code for *_, code in wrong) == ["half_correction", "half_fact", "no_such_person"]
    assert events.attrs["corrections"] == []
    assert events["complete"].all()


@pytest.mark.parametrize("contact", ["已死亡", "已迁出"])
def test_who_is_gone_is_proposed_to_be_closed(opened, back, contact):
    """On the day of the visit, which the clerk replaces by the right one."""
    opened.fill(opened.keys[0], 走访方式="村委代访", 联系结果=contact, 核实结果=None)
    events, _ = back(opened)
    assert cells(events) == [(1, "change", "households", "", "valid_to", "", "2025-01-15", "2025-01-15")]


@pytest.mark.parametrize(
    ("label", "column", "recorded"), [("房", "unsafe_house", "False"), ("水", "safe_water", "True")]
)
def test_house_and_water_seen_otherwise_than_recorded_are_proposed(opened, back, label, column, recorded):
    """What was not given, against the records; what agrees with them, or was not looked at, proposes nothing."""
    first, second, third = opened.keys[:3]
    opened.fill(first, **{label: "无保障"}).fill(second, **{label: "有保障"}).fill(third, **{label: "未看"})
    events, wrong = back(opened)
    assert wrong == []
    other = {"True": "False", "False": "True"}[recorded]
    found = [(one["column"], one["old"], one["new"]) for one in events.attrs["corrections"]]
    assert found == [(column, recorded, other)]


@pytest.mark.parametrize(("written", "new"), [("1,200.5", "1200.5"), ("1,5", None), ("12,00", None), ("1e3", None)])
def test_a_comma_that_may_mean_two_things_is_named_not_guessed(opened, back, written, new):
    """Farmland of 1,5 mu is neither 15 nor 1.5 until somebody says so."""
    key = opened.keys[0]
    opened.fill(key, 登记有误1="耕地面积（亩）", 应为=written)
    events, wrong = back(opened)
    assert [one["new"] for one in events.attrs["corrections"]] == ([] if new is None else [new])
    assert [code for *_, code in wrong] == (["not_a_value"] if new is None else [])


def test_an_amount_keeps_all_its_digits(opened, back):
    """A bill of 123,456.78 yuan is not rounded to six digits."""
    key = opened.keys[0]
    opened.fill(key, 新情况1="住院自付")
    sheet, number = opened.row_of(key, "F1")
    sheet.cell(number, 5).value, sheet.cell(number, 7).value = 123456.78, "2025-01-02"
    corrections = back(opened)[0].attrs["corrections"]
    assert [one["new"] for one in corrections if one["column"] == "out_of_pocket_cny"] == ["123456.78"]


def test_what_contradicts_itself_closes_no_household(opened, back):
    """Nobody is met at home of whom all have died; nor where another sheet says otherwise of the same day."""
    opened.fill(opened.keys[0], 联系结果="已死亡", 核实结果=None)
    events, wrong = back(opened)
    assert ("contact", "contradiction") in [(field, code) for _, field, code in wrong]
    assert events["event"].tolist() == ["incomplete"]
    assert events.attrs["corrections"] == []


def test_sheets_that_differ_of_one_day_close_no_household(opened, hands, tmp_path, by_visitor):
    """Neither counts, so neither says that it is gone, or what its house is like."""
    first = opened.keys[0]
    opened.fill(first, 走访方式="未见到", 联系结果="已迁出", 核实结果=None).save(tmp_path / "a.xlsx")
    other = hands.Sheets(by_visitor).fill(first, 房="无保障", 水="无保障")
    other.save(tmp_path / "b.xlsx")
    events = fr.read_visits([tmp_path / "a.xlsx", tmp_path / "b.xlsx"])
    assert {one["code"] for one in events.attrs["problems"]} == {"visits_differ"}
    assert events.attrs["corrections"] == []


def test_a_copy_of_a_sheet_at_fault_is_the_same_visit(opened, hands, tmp_path, by_visitor):
    """What is wrong with it is told once."""
    for name in ("a.xlsx", "b.xlsx"):
        hands.Sheets(by_visitor).fill(opened.keys[0], 日期="2024-01-02", 走访人="王小明").save(tmp_path / name)
    events = fr.read_visits([tmp_path / "a.xlsx", tmp_path / "b.xlsx"])
    assert len(events) == 1
    assert sorted(one["code"] for one in events.attrs["problems"]) == ["before_the_list", "no_code", "same_visit"]
