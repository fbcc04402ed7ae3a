"""When a row was true and when it was known."""

import pandas as pd
import pytest

from fanpin_risk.errors import SchemaError


def test_data_date_fills_valid_from(frames):
    """A sheet without a date needs data_date, and then was recorded by that day; dates that are there stay."""
    households = {"household_id": ["h1", "h2"], "valid_from": [None, "2020"]}
    register = frames.read(households=households, members={})
    assert frames.found(register, "households") == [(1, "valid_from", "missing_value", "rejected")]
    assert "data_date (--data-date)" in register.problems["message"][0]
    register = frames.read(households=households, members={}, data_date="2024-06-30")
    frame = register.tables["households"]
    assert frame["valid_from"].dt.strftime("%F").tolist() == ["2024-06-30", "2020-01-01"]
    assert frame["recorded_at"].dt.strftime("%F").tolist() == ["2024-06-30", "2021-01-30"]
    with pytest.raises(SchemaError, match="data_date is not a date"):
        frames.read(data_date="soon")


@pytest.mark.parametrize(
    ("table", "row", "recorded"),
    [
        ("households", {"household_id": "h1", "valid_from": "2022"}, "2023-01-30"),  # end of the year + 30 days
        ("households", {"household_id": "h1", "valid_from": "2022-03-01"}, "2022-03-31"),
        ("incomes", {"household_id": "h1", "period_end": "2022", "item": "wage", "amount_cny": 1}, "2023-01-30"),
        ("enrolments", {"member_id": "p1", "school_year": 2022, "stage": "小学", "status": "在校"}, "2022-10-01"),
        ("monitoring", {"household_id": "h1", "identified_on": "202205", "type": "边缘户"}, "2022-05-31"),  # no lag
        ("shocks", {"household_id": "h1", "event_date": "2022-05", "kind": "火灾"}, "2022-06-30"),
    ],
)
def test_recorded_at_falls_back_to_the_end_of_the_time_plus_the_lag(frames, table, row, recorded):
    """Without recorded_at a row counts as known the table's lag after the last day it may are about."""
    own = pd.DataFrame([row])
    tables = {table: own} if table != "households" else {"households": own, "members": {}}
    register = frames.read(**tables)
    assert register.tables[table]["recorded_at"].dt.strftime("%F").tolist() == [recorded]
    assert register.coverage().loc[(table, "recorded_at"), "note"].startswith("full; 1 of 1 filled in: ")
    assert register.recorded_at_filled[table] == 1


def test_periods(frames):
    """A year or month stands for its first to its last day; a reversed or too long period is rejected."""
    register = frames.read(
        incomes={
            "household_id": ["h1"] * 6,
            "period_start": [None, "2021-10-01", "2022", "2022-05-01", "2021-01-01", None],
            "period_end": ["2022", "2022-09-30", None, "2022-04-30", "2022-01-02", "2022-06-30"],
            "item": ["tr_dibao"] * 6,
            "amount_cny": [1, 2, 3, 4, 5, 6],
        }
    )
    frame = register.tables["incomes"]
    assert frame["period_start"].dt.strftime("%F").tolist() == ["2021-10-01"]
    assert frames.found(register, "incomes")[:4] == [
        (1, "", "conflicting_rows", "rejected"),  # rows 1 and 3: the year 2022, given from either end
        (3, "", "conflicting_rows", "rejected"),
        (4, "period_end", "period_reversed", "rejected"),
        (5, "period_end", "period_too_long", "rejected"),
    ]
    assert frames.found(register, "incomes")[4] == (6, "period_start", "missing_value", "rejected")


def test_impossible_times_are_blanked(frames):
    """Births before 1900 or after the row's date and ends before the start are blanked, the rest of the row kept."""
    register = frames.read(
        members=frames.MEMBERS
        | {
            "birth_date": ["1899-12-31", "2023-06-01", "1960"],
            "valid_to": ["2022-12-31", None, "2023-05"],
            "present": ["是", "", ""],
        },
        supports={
            "household_id": ["h1"],
            "start_date": ["2023-05-10"],
            "end_date": ["2023-04"],
            "measure": ["产业帮扶"],
        },
        monitoring={
            "household_id": ["h1"],
            "identified_on": ["202305"],
            "eliminated_on": ["2023-05-15"],
            "type": ["edge"],
        },
    )
    assert frames.found(register) == [
        (1, "valid_to", "end_before_start", "blanked"),
        (1, "birth_date", "impossible_birth", "blanked"),
        (2, "birth_date", "impossible_birth", "blanked"),
        (1, "end_date", "end_before_start", "blanked"),
    ]
    assert register.tables["monitoring"]["eliminated_on"].notna().all()  # within the month of recognition: possible


def test_a_birth_within_the_year_given_is_possible(frames):
    """A row dated by year admits births until the end of that year."""
    register = frames.read(
        members=frames.MEMBERS | {"valid_from": ["2023"] * 3, "birth_date": ["2023-11-01", "2024-01-01", None]}
    )
    assert frames.found(register) == [(2, "birth_date", "impossible_birth", "blanked")]


def test_recorded_before_it_was_true(frames):
    """A row recorded before the time it is about is kept and doubted."""
    register = frames.read(
        shocks={"household_id": ["h1"] * 2, "event_date": ["2023-05-10", "202305"], "kind": ["火灾", "旱灾"],
                "recorded_at": ["2023-05-09", "2023-05-09"]},
        incomes=frames.incomes(recorded_at=["2023-12-30"]),
    )  # fmt: skip
    assert frames.found(register) == [
        (1, "recorded_at", "recorded_before", "warning"),
        (1, "recorded_at", "recorded_before", "warning"),
    ]
    assert set(register.problems["table"]) == {"incomes", "shocks"}


def test_a_mistyped_future_day_is_doubted_and_not_believed(frames):
    """A day after today, or after the data's own, is named by row; the register is not taken as complete up to it."""
    late = frames.incomes(period_end=["2023"], recorded_at=["2192-03-01"])
    register = frames.read(incomes=late)
    assert register.observed_until == pd.Timestamp("2023-02-01")
    assert (1, "recorded_at", "date_in_future", "warning") in frames.found(register)
    shocks = {"household_id": ["h1", "h1"], "event_date": ["2023-08-01", "2023"], "kind": ["flood"] * 2}
    register = frames.read(shocks=shocks, data_date="2023-06-30")
    assert frames.found(register, "shocks") == [(1, "event_date", "date_in_future", "warning")]


@pytest.mark.parametrize(
    ("place", "above", "origin", "end"),
    [
        ("家庭收入情况表2021.csv", "", "file", "2021-12-31"),
        ("家庭收入.csv", "2021年度家庭收入情况表,\n", "title", "2021-12-31"),
        ("2021年/家庭收入.csv", "", "folder", "2021-12-31"),
        ("2021年/甲镇/家庭收入.csv", "", "folder", "2021-12-31"),
        ("2021年/家庭收入20230415.csv", "", "folder", "2021-12-31"),  # of the day of an export no accounts are
        ("家庭收入2022.csv", "2021年度家庭收入情况表,\n", "title", "2021-12-31"),
    ],
)
def test_the_year_comes_from_where_it_is(files, folder, place, above, origin, end):
    """Title, sheet, file, nearest folder, in this order; what said so stands in the notes."""
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    (folder / place).write_text(f"{above}户编号,工资性收入\nh1,9000\n", encoding="utf-8")
    register = files.read(folder)
    assert register.tables["incomes"]["period_end"].dt.strftime("%F").tolist() == [end]
    found = register.date_origins[register.date_origins["table"] == "incomes"].iloc[0]
    assert (found["source"], found["origin"], found["rows"]) == (place, origin, 1)
    assert (str(found["first"])[:10], str(found["last"])[:10]) == ("2021-01-01", end)
    note = register.problems.set_index("code").loc["date_from_name"]
    said = {"title": "its title", "file": "the name of the file", "folder": "the name of the folder"}[origin]
    assert f"by {said} they are of 2021-01-01 to 2021-12-31" in note["message"]
    assert (register.date_origins["origin"][:2] == "column").all()


def test_the_folder_of_the_register_may_say_the_month(files, tmp_path):
    """Where it is called by it, 2024年3月; what only holds a number says nothing."""
    for name in ("2024年3月", "county2024"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "户信息.csv").write_text("户编号,户类型\nh1,脱贫户\n", encoding="utf-8")
        (tmp_path / name / "成员.csv").write_text("人编号,户编号,年度\np1,h1,2024\n", encoding="utf-8")
    register = files.read(tmp_path / "2024年3月")
    assert register.tables["households"]["valid_from"].dt.strftime("%F").tolist() == ["2024-03-01"]
    assert register.tables["households"]["recorded_at"].dt.strftime("%F").tolist() == ["2024-04-30"]
    assert files.found(files.read(tmp_path / "county2024"))[0] == ("户信息.csv", 2, "missing_value")


def test_a_date_for_all_wins_over_a_name_and_says_so(files, tmp_path):
    """What the user says counts; that the file is called otherwise is no secret."""
    (tmp_path / "户信息2022.csv").write_text("户编号,户类型\nh1,脱贫户\n", encoding="utf-8")
    register = files.read(tmp_path, data_date="2024-06-30")
    assert register.tables["households"]["valid_from"].dt.strftime("%F").tolist() == ["2024-06-30"]
    assert register.problems["code"].tolist() == ["date_differs"]
    assert "though the name of the file says 2022-01-01 to 2022-12-31" in register.problems["message"][0]
    assert not len(files.read(tmp_path, data_date="2022-06-30").problems)


def test_the_lag_of_what_is_known_can_be_said(frames):
    """It moves what has no day of recording and a lag, and nothing else."""
    incomes = {"户编号": ["h1", "h2"], "年度": [2022, 2022], "更新时间": [None, "2023-03-01"], "工资性收入": [1, 2]}
    monitoring = {"户编号": ["h1"], "识别时间": ["2022-05-31"], "监测对象类别": ["边缘易致贫户"]}
    register = frames.read(incomes=incomes, monitoring=monitoring, known_lag_days=0)
    assert register.known_lag_days == 0
    assert register.tables["incomes"]["recorded_at"].dt.strftime("%F").tolist() == ["2022-12-31", "2023-03-01"]
    assert register.tables["monitoring"]["recorded_at"].dt.strftime("%F").tolist() == ["2022-05-31"]
    assert "1 of 2 filled in: 0 days after" in register.coverage().loc[("incomes", "recorded_at"), "note"]
    assert register.select(["h1"]).known_lag_days == register.known_on("2023-01-01").known_lag_days == 0
    for wrong in (-1, 1.5, True, 10_000):
        with pytest.raises(SchemaError, match="known_lag_days: expected a whole number from 0 to 3660"):
            frames.read(known_lag_days=wrong)


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("减少原因", "死亡"), ("人员状态", "死亡"), ("人员状态", "迁出"), ("是否死亡", "是"), ("是否在户", "否"), ("是否健在", "否"),
    ],
)  # fmt: skip
def test_who_left_without_a_day_is_not_counted(exports, header, cell):
    """The row says that the person is gone: since its day at the latest, and the household is named."""
    rows = f"人编号,户编号,年度,与户主关系,{header}\np1,h1,2023,户主,\np2,h1,2023,配偶,{cell}\n"
    register = exports.read(成员=rows)
    assert register.tables["members"]["valid_to"].notna().tolist() == [False, True]
    assert exports.found(register) == [("h1", "valid_to", "left_without_day")]


@pytest.mark.parametrize(
    ("header", "cell", "gone"), [("户状态", "注销", True), ("是否销户", "是", True), ("户状态", "正常", False)]
)
def test_households_that_are_closed_are_not_counted(exports, header, cell, gone):
    """A household of the register that was closed, by its state alone."""
    register = exports.read(户信息=f"户编号,年度,{header}\nh1,2023,{cell}\n")
    assert register.tables["households"]["valid_to"].notna().tolist() == [gone]
