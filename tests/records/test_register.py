"""Checking frames: what is kept, rejected, blanked and doubted."""

import numpy as np
import pandas as pd
import pytest

from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.features import compute_features
from fanpin_risk.records.cells import column_dtype
from fanpin_risk.records.read import read_register
from fanpin_risk.records.register import Register, conform, empty_table, find_table
from fanpin_risk.records.schema import TABLES
from fanpin_risk.synthetic import make_register

HOUSEHOLDS = {"household_id": ["h1", "h2"], "valid_from": ["2023-01-01"] * 2, "recorded_at": ["2023-02-01"] * 2}
MEMBERS = {
    "member_id": ["p1", "p2", "p3"],
    "household_id": ["h1", "h1", "h2"],
    "valid_from": ["2023-01-01"] * 3,
    "recorded_at": ["2023-02-01"] * 3,
}
CITIZEN = "000000199001010018"  # of no region there is, with a right check character


def read(**tables):
    options = {name: tables.pop(name) for name in ("data_date", "id_key") if name in tables}
    tables = {"households": HOUSEHOLDS, "members": MEMBERS} | tables
    register = Register.from_frames(tables, **options)
    for name, frame in register.tables.items():
        pd.testing.assert_frame_equal(frame, conform(name, frame))  # exactly the declared columns and types
    counts = register.counts
    assert (counts["rows_read"] == counts["rows_kept"] + counts["rows_rejected"]).all()
    assert counts["records"].tolist() == [len(frame) for frame in register.tables.values()]
    assert [len(register.rejected_rows.get(name, ())) for name in TABLES] == counts["rows_rejected"].tolist()
    return register


def found(register, table=None):
    """Return what was found as (row, column, code, severity)."""
    problems = register.problems if table is None else register.problems[register.problems["table"] == table]
    return [
        (None if pd.isna(row) else int(row), *rest)
        for row, *rest in problems[["row", "column", "code", "severity"]].itertuples(index=False)
    ]


def incomes(**columns):
    return {"household_id": ["h1"], "period_end": ["2023"], "item": ["wage"], "amount_cny": [5000.0]} | columns


# --- types and tables -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_table_has_all_columns_and_types(name):
    """A table without rows has the columns, order and types of one with rows."""
    frame = empty_table(name)
    assert list(frame) == list(TABLES[name].names)
    assert [frame[c.name].dtype for c in TABLES[name].columns] == [column_dtype(c) for c in TABLES[name].columns]


def test_conform_casts_but_invents_nothing():
    """Undeclared codes and impossible casts are refused; absent columns are missing, others dropped."""
    frame = conform("members", pd.DataFrame({"member_id": ["p"], "sex": ["male"], "dibao": [True], "x": [1]}))
    assert frame.loc[0, ["member_id", "sex", "dibao"]].tolist() == ["p", "male", True]
    assert frame["household_id"].isna().all()
    assert "x" not in frame
    for column, value in (("sex", "unknown"), ("birth_date", "soon"), ("work_months", "many")):
        with pytest.raises(SchemaError, match=f"members.{column} cannot be cast to type"):
            conform("members", pd.DataFrame({column: [value]}))


@pytest.mark.parametrize("name", ["members", "家庭成员", "人员信息", " Members "])
def test_tables_are_known_by_all_their_names(name):
    """English names, Chinese names and aliases all mean the table."""
    assert find_table(name).name == "members"


def test_register_needs_households():
    """Without households, or a number of theirs, there is no register."""
    with pytest.raises(SchemaError, match="no households"):
        Register.from_frames(members=MEMBERS)
    with pytest.raises(SchemaError, match="no household number can be read"):
        Register.from_frames(households={"valid_from": ["2023"]})
    with pytest.raises(SchemaError, match="no table 'pets'"):
        Register.from_frames(pets=MEMBERS)
    with pytest.raises(SchemaError, match="households is a int; expected a frame"):
        Register.from_frames(households=3)


def test_frames_of_other_libraries():
    """Whatever gives an Arrow stream is read; here pyarrow's own table, and one that only has the stream."""
    pa = pytest.importorskip("pyarrow")

    class OnlyStream:
        def __init__(self, table):
            self.table = table

        def __arrow_c_stream__(self, requested_schema=None):
            return self.table.__arrow_c_stream__(requested_schema)

    expected = read().tables["members"]
    arrow = pa.table(MEMBERS)
    for frame in (arrow, OnlyStream(arrow), pd.DataFrame(MEMBERS), pd.DataFrame(MEMBERS).set_index("member_id")):
        pd.testing.assert_frame_equal(read(members=frame).tables["members"], expected)


def test_chinese_headers_and_values():
    """Headers and values as offices write them give the same table as English ones."""
    chinese = {"人编号": ["p1"], "户编号": ["h1"], "年度": ["2023年"], "更新时间": ["2023/2/1"], "性别": ["女"], "出生日期": ["1960.5"],
               "健康状况": ["残疾，慢性病"], "劳动技能": ["弱劳动力"], "务工时间（月）": ["3"], "是否享受低保": ["是"]}  # fmt: skip
    english = {"member_id": ["p1"], "household_id": ["h1"], "valid_from": [pd.Timestamp("2023-01-01")],
               "recorded_at": [pd.Timestamp("2023-02-01")], "sex": ["female"], "birth_date": [pd.Timestamp("1960-05-01")],
               "health": ["chronic;disabled"], "labour": ["weak"], "work_months": [3.0], "dibao": [True]}  # fmt: skip
    pd.testing.assert_frame_equal(read(members=chinese).tables["members"], read(members=english).tables["members"])


def test_columns_that_are_not_read():
    """Undeclared columns are named once each; those that name persons too; a serial number is not worth a word."""
    register = read(members=MEMBERS | {"姓名": ["x"] * 3, "证件号码": ["y"] * 3, "爱好": ["z"] * 3, "序号": [1, 2, 3]})
    assert found(register) == [
        (None, "姓名", "personal_column_dropped", "warning"),
        (None, "证件号码", "personal_column_dropped", "warning"),
        (None, "爱好", "unknown_column", "warning"),
    ]


def test_two_columns_for_one():
    """Of two headers that mean one column the declared name wins, and the other is reported."""
    register = read(households=HOUSEHOLDS | {"人数": [9, 9], "家庭人口数": [2, 1]})
    assert register.tables["households"]["size_declared"].tolist() == [2, 1]
    assert found(register) == [(None, "人数", "second_column_ignored", "warning")]


def test_parts_are_joined():
    """Risks, causes and place names given in several columns come together in one."""
    register = read(
        households=HOUSEHOLDS | {"致贫原因1": ["因病", "因学"], "致贫原因2": ["因残", ""], "致贫原因3": ["因学", None],
                                 "县": ["西丰县"] * 2, "乡(镇)": ["甲镇"] * 2, "村": ["乙村", ""]},
        monitoring={"户编号": ["h1"], "识别监测时间": ["202305"], "监测对象类别": ["边缘户"],
                    "致贫/返贫风险1": ["因残"], "致贫/返贫风险2": ["因病"], "致贫/返贫风险3": [""]},
    )  # fmt: skip
    assert register.tables["monitoring"]["risks"].tolist() == ["illness;disability"]
    households = register.tables["households"]
    assert households["main_cause"].tolist() == ["illness", "schooling"]
    assert households["other_causes"].fillna("").tolist() == ["disability;schooling", ""]
    assert households["area_name"].tolist() == ["西丰县甲镇乙村", "西丰县甲镇"]
    assert not len(register.problems)


# --- single rows ------------------------------------------------------------------------------------------------------


def test_bad_and_missing_values():
    """A row without a key or required value is rejected; a bad value elsewhere is blanked; all are found at once."""
    register = read(
        households={
            "household_id": ["h1", None, "h3", "h4"],
            "valid_from": ["2023", "2023", "soon", "2023"],
            "register_status": ["rich", "ex_poor", "??", "general"],
            "farmland_mu": ["-1", "2", "x", "150"],
        },
        members={},
    )
    assert found(register, "households") == [
        (1, "register_status", "unknown_code", "blanked"),
        (1, "farmland_mu", "out_of_range", "blanked"),
        (2, "household_id", "missing_value", "rejected"),
        (3, "valid_from", "not_a_date", "rejected"),
        (3, "register_status", "unknown_code", "blanked"),
        (3, "farmland_mu", "not_a_number", "blanked"),
        (4, "farmland_mu", "unusual_value", "warning"),
    ]
    households = register.tables["households"]
    assert households["household_id"].tolist() == ["h1", "h4"]
    assert households["farmland_mu"].fillna(-1).tolist() == [-1, 150]
    rejected = register.rejected_rows["households"]
    assert rejected[["row", "farmland_mu"]].to_numpy().tolist() == [[2, "2"], [3, "x"]]
    assert rejected["reason"][0] == "row 2, household_id: expected a value; row rejected"


def test_messages_in_both_languages():
    """A problem says in Chinese and English which row and column, what was expected, and what happens now."""
    register = read(incomes=incomes(amount_cny=["-5"]), households=HOUSEHOLDS | {"unsafe_house": ["maybe", "是"]})
    assert register.problems["message"].tolist() == [
        "row 1, unsafe_house: expected yes or no (是/否, 1/0); cell left blank",
        "row 1, amount_cny: expected a number from 0 to 100,000,000 (CNY); row rejected",
    ]
    assert register.problems["message_zh"].tolist() == [
        "第 1 行 是否危房户：应填 是 或 否，该单元格按空白处理",
        "第 1 行 金额：应为非负数（元），且不超过 100,000,000，请改正后重新导入",
    ]


def test_no_message_shows_a_value():
    """Whatever stands in the cells, no message holds it."""
    secret = "SECRET4711"
    tables = {
        name: {column.name: [secret] for column in table.columns if column.need not in ("key", "required")}
        | {column.name: [secret] for column in table.columns if column.type != "id"}
        | {column.name: ["h1"] for column in table.columns if column.type == "id"}
        for name, table in TABLES.items()
    }
    register = read(**tables)
    assert len(register.problems) > 100
    assert not register.problems.apply(lambda column: column.astype("str").str.contains(secret)).any().any()


def test_a_column_no_row_can_do_without():
    """If a needed column is absent from a table, its rows are rejected by name of the column, the rest goes on."""
    register = read(supports={"household_id": ["h1", "h2"], "start_date": ["2023-01-01"] * 2})
    assert found(register) == [
        (1, "measure", "missing_column", "rejected"),
        (2, "measure", "missing_column", "rejected"),
    ]
    assert "the column measure (帮扶措施), which the file lacks" in register.problems["message"][0]
    assert len(register.tables["members"]) == 3


def test_ids_that_are_numbers_are_refused():
    """A floating-point id is not repaired; the row is rejected even where the id is optional but part of the key."""
    register = read(incomes=incomes(member_id=[1.0]), households=HOUSEHOLDS)
    assert found(register) == [(1, "member_id", "numeric_id", "rejected")]


def test_citizen_ids_are_refused_unless_replaced():
    """Citizen ids do not become keys; with id_key every id is a pseudonym, the same in all tables."""
    households = {"household_id": [CITIZEN, "h2"], "valid_from": ["2023"] * 2}
    members = {"member_id": [CITIZEN + "41", "p2"], "household_id": [CITIZEN, "h2"], "valid_from": ["2023"] * 2}
    medical = {"member_id": [CITIZEN], "event_date": ["2023-05-01"], "kind": ["inpatient"]}
    register = read(households=households, members=members)
    assert found(register)[0] == (1, "household_id", "citizen_id_in_key", "rejected")
    assert "pass id_key (--id-key FILE)" in register.problems["message"][0]
    assert register.tables["households"]["household_id"].tolist() == ["h2"]

    register = read(households=households, members=members, medical=medical, id_key="a key of sixteen bytes")
    assert not len(register.rejects)
    ids = {name: register.tables[name] for name in ("households", "members", "medical")}
    assert ids["households"]["household_id"].str.fullmatch("[0-9a-f]{20}").all()
    assert set(ids["members"]["household_id"]) == set(ids["households"]["household_id"])
    # The number on the disability certificate begins with the citizen id: the same person.
    assert ids["medical"]["member_id"][0] == ids["members"]["member_id"][0]
    with pytest.raises(InputError, match="at least 16"):
        read(id_key="short")


# --- times ------------------------------------------------------------------------------------------------------------


def test_data_date_fills_valid_from():
    """A sheet without a date needs data_date, and then was recorded by that day; dates that are there stay."""
    households = {"household_id": ["h1", "h2"], "valid_from": [None, "2020"]}
    register = read(households=households, members={})
    assert found(register, "households") == [(1, "valid_from", "missing_value", "rejected")]
    assert "data_date (--data-date)" in register.problems["message"][0]
    register = read(households=households, members={}, data_date="2024-06-30")
    frame = register.tables["households"]
    assert frame["valid_from"].dt.strftime("%F").tolist() == ["2024-06-30", "2020-01-01"]
    assert frame["recorded_at"].dt.strftime("%F").tolist() == ["2024-06-30", "2021-01-30"]
    with pytest.raises(SchemaError, match="data_date is not a date"):
        read(data_date="soon")


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
def test_recorded_at_falls_back_to_the_end_of_the_time_plus_the_lag(table, row, recorded):
    """Without recorded_at a row counts as known the table's lag after the last day it may speak of."""
    own = pd.DataFrame([row])
    tables = {table: own} if table != "households" else {"households": own, "members": {}}
    register = read(**tables)
    assert register.tables[table]["recorded_at"].dt.strftime("%F").tolist() == [recorded]
    assert register.coverage().loc[(table, "recorded_at"), "note"].startswith("full; 1 of 1 filled in: ")
    assert register.recorded_at_filled[table] == 1


def test_periods():
    """A year or month stands for its first to its last day; a reversed or too long period is rejected."""
    register = read(
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
    assert found(register, "incomes")[:4] == [
        (1, "", "conflicting_rows", "rejected"),  # rows 1 and 3: the year 2022, given from either end
        (3, "", "conflicting_rows", "rejected"),
        (4, "period_end", "period_reversed", "rejected"),
        (5, "period_end", "period_too_long", "rejected"),
    ]
    assert found(register, "incomes")[4] == (6, "period_start", "missing_value", "rejected")


def test_impossible_times_are_blanked():
    """Births before 1900 or after the row's date and ends before the start are blanked, the rest of the row kept."""
    register = read(
        members=MEMBERS
        | {"birth_date": ["1899-12-31", "2023-06-01", "1960"], "valid_to": ["2022-12-31", None, "2023-05"]},
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
    assert found(register) == [
        (1, "valid_to", "end_before_start", "blanked"),
        (1, "birth_date", "impossible_birth", "blanked"),
        (2, "birth_date", "impossible_birth", "blanked"),
        (1, "end_date", "end_before_start", "blanked"),
    ]
    assert register.tables["monitoring"]["eliminated_on"].notna().all()  # within the month of recognition: possible


def test_a_birth_within_the_year_given_is_possible():
    """A row dated by year admits births until the end of that year."""
    register = read(members=MEMBERS | {"valid_from": ["2023"] * 3, "birth_date": ["2023-11-01", "2024-01-01", None]})
    assert found(register) == [(2, "birth_date", "impossible_birth", "blanked")]


def test_recorded_before_it_was_true():
    """A row recorded before the time it speaks of is kept and doubted."""
    register = read(
        shocks={"household_id": ["h1"] * 2, "event_date": ["2023-05-10", "202305"], "kind": ["火灾", "旱灾"],
                "recorded_at": ["2023-05-09", "2023-05-09"]},
        incomes=incomes(recorded_at=["2023-12-30"]),
    )  # fmt: skip
    assert found(register) == [
        (1, "recorded_at", "recorded_before", "warning"),
        (1, "recorded_at", "recorded_before", "warning"),
    ]
    assert set(register.problems["table"]) == {"incomes", "shocks"}


# --- rows among rows --------------------------------------------------------------------------------------------------


def test_unknown_households_and_members():
    """A row of a household or person that is not there is rejected; one rejected row takes its own along.

    A row of a household at hand that also names a person who is not there is the household's and stays.
    """
    register = read(
        households=HOUSEHOLDS | {"valid_from": ["2023-01-01", "x"]},
        incomes=pd.DataFrame({"household_id": ["h1", "h1", "h9"], "member_id": ["p1", "p9", None]}).assign(
            period_end="2022", item="wage", amount_cny=500.0
        ),
        medical={"member_id": ["p1", "p3"], "event_date": ["2023-05-01"] * 2, "kind": ["住院"] * 2},
    )
    assert found(register)[1:] == [
        (3, "household_id", "unknown_household", "rejected"),
        (2, "member_id", "person_elsewhere", "warning"),
        (3, "household_id", "unknown_household", "rejected"),
        (2, "member_id", "unknown_member", "rejected"),
    ]
    assert register.tables["incomes"]["member_id"].tolist() == ["p1", "p9"]


def test_who_moved_to_a_household_not_in_the_files_is_known_to_have_moved():
    """A member's row in an absent household is kept where others of the person's rows are in households at hand."""
    members = {
        "member_id": ["p1", "p1", "p2", "p3", "p3"],
        "household_id": ["h1", "h9", "h9", "h8", "h9"],
        "valid_from": ["2022", "2023", "2023", "2022", "2023"],
    }
    register = read(members=members)
    assert register.tables["members"]["household_id"].tolist() == ["h1", "h9"]
    assert found(register, "members") == [
        (2, "household_id", "moved_out", "warning"),
        *((row, "household_id", "unknown_household", "rejected") for row in (3, 4, 5)),
    ]


def test_repeated_and_contradicting_rows():
    """Of equal rows the first is kept; of rows that contradict each other none; a later recorded_at makes a correction."""
    rows = pd.DataFrame(
        [["h1", 100.0, "2023-02-01"], ["h1", 100.0, "2023-02-01"],  # equal
         ["h2", 100.0, "2023-02-01"], ["h2", 200.0, "2023-02-01"],  # contradiction
         ["h1", 300.0, "2023-03-01"]],
        columns=["household_id", "amount_cny", "recorded_at"],
    ).assign(item="tr_dibao", period_end="2022")  # fmt: skip
    register = read(incomes=rows)
    assert register.tables["incomes"]["amount_cny"].tolist() == [100.0, 300.0]
    assert found(register) == [
        (2, "", "duplicate_row", "rejected"),
        (3, "", "conflicting_rows", "rejected"),
        (4, "", "conflicting_rows", "rejected"),
    ]
    assert "give the newer a later recorded_at (更新时间)" in register.problems["message"][1]


def test_two_bills_on_one_day_are_no_contradiction():
    """Where several rows may share a key, different rows are all kept, equal ones once."""
    bills = {"member_id": ["p1"] * 3, "event_date": ["2023-05-01"] * 3, "kind": ["门诊"] * 3, "oop": [10, 20, 20]}
    register = read(medical=bills)
    assert register.tables["medical"]["out_of_pocket_cny"].tolist() == [10.0, 20.0]
    assert found(register) == [(3, "", "duplicate_row", "rejected")]


# --- incomes in wide sheets -------------------------------------------------------------------------------------------


def test_wide_incomes():
    """Each amount of a wide sheet is a record; a bad amount rejects its row; empty cells give no record."""
    register = read(
        incomes={
            "户编号": ["h1", "h2", "h1", "h2"],
            "年度": [2021, 2021, 2022, 2022],
            "工资性收入（万元）": ["1.2", "", "x", ""],
            "低保金": ["3000", "100", "5", None],
            "人均纯收入": [1, 2, 3, 4],
        }
    )
    frame = register.tables["incomes"]
    assert frame[["household_id", "item", "amount_cny"]].to_numpy().tolist() == [
        ["h1", "wage", 12000.0], ["h1", "tr_dibao", 3000.0], ["h2", "tr_dibao", 100.0],
    ]  # fmt: skip
    assert frame["period_start"].dt.strftime("%F").tolist() == ["2021-01-01"] * 3
    assert register.counts.loc["incomes"].tolist() == [4, 3, 1, 3]
    assert found(register) == [
        (None, "人均纯收入", "computed_column_ignored", "warning"),
        (3, "wage", "not_a_number", "rejected"),
        (4, "", "no_amounts", "warning"),
    ]


def test_totals_beside_their_parts_are_not_counted_twice():
    """A sum is read where it stands alone and ignored where its parts stand beside it."""
    alone = read(incomes={"户编号": ["h1"], "年度": [2022], "财产性收入": [500], "转移性收入": [300]})
    assert alone.tables["incomes"]["item"].tolist() == ["prop_other", "tr_other"]
    beside = read(
        incomes={"户编号": ["h1"], "年度": [2022], "财产性收入": [500], "土地流转收入": [200], "其他财产性收入": [300]}
    )
    assert beside.tables["incomes"][["item", "amount_cny"]].to_numpy().tolist() == [
        ["prop_land", 200],
        ["prop_other", 300],
    ]
    assert found(beside) == [(None, "财产性收入", "total_column_ignored", "warning")]


def test_an_income_column_that_stands_twice():
    """Of two columns of one income item the first is read, also where such a column may be a sum of others."""
    frame = pd.DataFrame([["h1", 2022, 500, 700]], columns=["户编号", "年度", "工资性收入", "工资性收入"])
    register = read(incomes=frame)
    assert register.tables["incomes"][["item", "amount_cny"]].to_numpy().tolist() == [["wage", 500.0]]
    assert found(register) == [(None, "工资性收入", "second_column_ignored", "warning")]


def test_wide_rows_that_repeat():
    """A wide row that repeats another is rejected; one that repeats it in part counts the rest once."""
    register = read(
        incomes={"户编号": ["h1", "h1", "h1"], "年度": [2022] * 3, "低保金": [100, 100, 100], "养老保险金": [900, 900, None],
                 "生态补偿金": [None, None, 50]}
    )  # fmt: skip
    assert register.tables["incomes"][["item", "amount_cny"]].to_numpy().tolist() == [
        ["tr_dibao", 100.0], ["tr_pension", 900.0], ["tr_ecology", 50.0],
    ]  # fmt: skip
    assert found(register) == [(2, "", "duplicate_row", "rejected"), (3, "", "duplicate_record", "warning")]
    clash = read(incomes={"户编号": ["h1", "h1"], "年度": [2022] * 2, "低保金": [100, 200], "养老保险金": [900, None]})
    assert clash.counts.loc["incomes"].tolist() == [2, 0, 2, 0]


# --- amounts and likelihood -------------------------------------------------------------------------------------------


def test_bills_are_completed_and_compared():
    """What the patient paid is total less reimbursement where absent, and compared with it where given."""
    register = read(
        medical={
            "member_id": ["p1"] * 6,
            "event_date": [f"2023-05-0{day}" for day in range(1, 7)],
            "kind": ["住院"] * 6,
            "total_cost": [1000.0, 1000.0, 1000.0, 1000.0, None, 1000.0],
            "reimb_basic": [600.25, None, 600.0, 1200.0, 100.0, 600.0],
            "reimb_aid": [None, None, 100.0, None, None, None],
            "oop": [None, None, 500.0, None, None, 400.9],
        }
    )
    paid = register.tables["medical"]["out_of_pocket_cny"]
    # Without any reimbursement on record what was paid is unknown, not all of it.
    assert paid.fillna(-1).tolist() == [399.75, -1, 500.0, -1, -1, 400.9]
    assert found(register) == [
        (3, "out_of_pocket_cny", "bill_does_not_add_up", "warning"),
        (4, "total_cost_cny", "reimbursed_more_than_total", "warning"),
    ]


def test_amounts_are_rounded_to_fen():
    """Money is kept to 0.01."""
    register = read(incomes=incomes(amount_cny=["1234.5678"]))
    assert register.tables["incomes"]["amount_cny"].tolist() == [1234.57]


LIKELY = {
    "relation": ["户主", "配偶", "户主"],
    "sex": ["男", "女", "男"],
    "ins_basic_resident": [True, True, False],
    "ins_basic_employee": [False, False, True],
    "education": ["小学", "初中", None],
    "student_stage": [None, None, "小学"],
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"relation": ["之子", "配偶", "户主"]}, [("households", 1, "", "no_head")]),
        ({"relation": ["户主", "户主", "户主"]}, [("households", 1, "", "two_heads")]),
        ({"sex": ["女", "女", "男"]}, [("members", 2, "sex", "spouse_same_sex")]),
        ({"ins_basic_resident": [True, True, True]}, [("members", 3, "ins_basic_resident", "two_insurances")]),
        ({"ins_basic_employee": [False, False, False]}, [("members", 3, "ins_basic_resident", "no_insurance")]),
        ({"education": ["小学", "初中", "小学"]}, [("members", 3, "education", "education_and_stage")]),
        ({"valid_to": [None, None, "2023-05-01"]}, [("households", 2, "size_declared", "size_differs")]),
    ],
)
def test_unlikely_members(change, expected):
    """Combinations that checkers of real registers look for are doubted; nothing is changed or rejected."""
    register = read(households=HOUSEHOLDS | {"size_declared": [2, 1]}, members=MEMBERS | LIKELY | change)
    problems = register.problems
    assert problems[["table", "row", "column", "code"]].to_numpy().tolist() == [list(one) for one in expected]
    assert set(problems["severity"]) <= {"warning"}
    assert len(register.tables["members"]) == 3


def test_the_size_of_a_dissolved_household_is_not_doubted():
    """Who lived there last stays declared after all have left."""
    gone = {"size_declared": [2, 1], "valid_to": [None, "2023-05-01"]}
    register = read(households=HOUSEHOLDS | gone, members=MEMBERS | LIKELY | {"valid_to": [None, None, "2023-05-01"]})
    assert not len(register.problems)


def test_only_the_newest_state_is_doubted():
    """A doubtful combination that a later row has put right is not reported."""
    members = pd.concat([pd.DataFrame(MEMBERS | LIKELY | {"sex": ["女", "女", "男"]}), pd.DataFrame(MEMBERS | LIKELY)])
    members["recorded_at"] = ["2023-02-01"] * 3 + ["2023-03-01"] * 3
    assert not len(read(members=members).problems)


def test_unlikely_houses_and_incomes():
    """A house of grade C called safe, a tiny wage and business without cost are doubted."""
    register = read(
        households=HOUSEHOLDS | {"house_grade": ["C", "D"], "unsafe_house": [False, True]},
        incomes=pd.DataFrame(
            {"item": ["wage", "wage", "business_gross", "business_cost"], "amount_cny": [299, 0, 10, 0]}
        ).assign(household_id=["h1", "h2", "h1", "h1"], period_end="2022"),
    )
    assert found(register) == [
        (1, "unsafe_house", "house_grade_contradicts", "warning"),
        (1, "wage", "unusual_value", "warning"),
        (3, "business_cost", "business_without_cost", "warning"),
    ]


# --- the register -----------------------------------------------------------------------------------------------------


def test_select_keeps_those_who_moved_away():
    """A selected household keeps all versions of its people, so that who has left is known to have left."""
    members = {
        "member_id": ["p1", "p1", "p2"],
        "household_id": ["h1", "h2", "h2"],
        "valid_from": ["2022", "2023", "2023"],
    }
    bills = {"member_id": ["p1", "p2"], "event_date": ["2023-05-01"] * 2, "kind": ["住院"] * 2}
    chosen = read(members=members, medical=bills, incomes=incomes()).select(["h1"])
    assert chosen.tables["households"]["household_id"].tolist() == ["h1"]
    assert chosen.tables["members"]["household_id"].tolist() == ["h1", "h2"]
    assert chosen.tables["medical"]["member_id"].tolist() == ["p1"]
    assert len(chosen.tables["incomes"]) == 1
    with pytest.raises(SchemaError, match="1 of 2 household ids are not in the register"):
        chosen.select(["h1", "h9"])


@pytest.mark.parametrize("way", ["frames", "folder"])
def test_a_selection_read_again_keeps_rows_that_name_persons_of_other_households(tmp_path, way):
    """What was accepted with all households is accepted without the one that the named person belongs to."""
    members = {"member_id": ["p1", "p2"], "household_id": ["h1", "h2"], "valid_from": ["2021"] * 2}
    named = {"household_id": ["h1", "h1"], "member_id": ["p1", "p2"]}
    register = read(
        households=HOUSEHOLDS | {"valid_from": ["2021"] * 2, "recorded_at": ["2021-06-30"] * 2},
        members=members,
        incomes=named | {"period_end": ["2021"] * 2, "item": ["wage"] * 2, "amount_cny": [9000.0, 500.0]},
        shocks=named | {"event_date": ["2022-05-01"] * 2, "kind": ["火灾", "旱灾"], "loss_cny": [800.0, 300.0]},
    )
    assert register.rejects.empty
    chosen = register.select(["h1"])
    again = Register.from_frames(chosen.tables) if way == "frames" else read_register(chosen.to_folder(tmp_path))
    assert again.rejects.empty
    assert again.counts["rows_kept"].equals(chosen.counts["rows_kept"])
    assert set(again.problems["code"]) == {"person_elsewhere"}
    expected = compute_features(register, "2022-12-31").loc[["h1"]]
    pd.testing.assert_frame_equal(compute_features(again, "2022-12-31"), expected, check_exact=True)


@pytest.mark.parametrize("way", ["frames", "folder"])
def test_a_household_alone_has_the_features_it_has_among_all(tmp_path, way):
    """Selected, written and read again, a household that a person has left looks as it does in the whole register."""
    members = {
        "member_id": ["p1", "p2", "p2", "p3"],
        "household_id": ["h1", "h1", "h2", "h2"],
        "valid_from": ["2021", "2021", "2022", "2021"],
        "birth_date": ["1960-01-01", "1990-01-01", "1990-01-01", "1970-01-01"],
    }
    bills = {
        "member_id": ["p1", "p2"],
        "event_date": ["2022-05-01"] * 2,
        "kind": ["住院"] * 2,
        "total_cost_cny": [900, 800],
    }
    households = HOUSEHOLDS | {"valid_from": ["2021"] * 2, "recorded_at": ["2021-06-30"] * 2}
    register = read(households=households, members=members, medical=bills, incomes=incomes(period_end=["2021"]))
    for household in ("h1", "h2"):
        chosen = register.select([household])
        again = Register.from_frames(chosen.tables) if way == "frames" else read_register(chosen.to_folder(tmp_path))
        expected = compute_features(register, "2022-12-31").loc[[household]]
        pd.testing.assert_frame_equal(compute_features(again, "2022-12-31"), expected)


def test_observed_until_is_the_newest_day_on_record():
    """The register is taken as complete up to the newest day anything was recorded."""
    assert read().observed_until == pd.Timestamp("2023-02-01")
    assert read(incomes=incomes(recorded_at=["2024-03-01"])).observed_until == pd.Timestamp("2024-03-01")
    assert pd.isna(Register({}).observed_until)
    bare = conform("enrolments", pd.DataFrame({"member_id": ["p1"], "school_year": [2023]}))
    assert Register({"enrolments": bare}).observed_until == pd.Timestamp("2023-09-01")


def test_a_mistyped_future_day_is_doubted_and_not_believed():
    """A day after today, or after the data's own, is named by row; the register is not taken as complete up to it."""
    late = incomes(period_end=["2023"], recorded_at=["2192-03-01"])
    register = read(incomes=late)
    assert register.observed_until == pd.Timestamp("2023-02-01")
    assert (1, "recorded_at", "date_in_future", "warning") in found(register)
    shocks = {"household_id": ["h1", "h1"], "event_date": ["2023-08-01", "2023"], "kind": ["flood"] * 2}
    register = read(shocks=shocks, data_date="2023-06-30")
    assert found(register, "shocks") == [(1, "event_date", "date_in_future", "warning")]


def test_coverage_tells_what_is_missing():
    """Every column of every table is listed with how much of it is there."""
    coverage = read(households=HOUSEHOLDS | {"house_grade": ["A", None]}).coverage()
    assert len(coverage) == sum(len(table.columns) for table in TABLES.values())
    assert coverage.loc[("households", "house_grade"), ["filled", "share", "note"]].tolist() == [1, 0.5, "partly"]
    assert coverage.loc[("households", "household_id"), "note"] == "full"
    assert coverage.loc[("medical", "kind"), "note"] == "absent"
    assert np.isnan(coverage.loc[("medical", "kind"), "share"])


def test_display_shows_counts_only():
    """What a notebook or a log shows of a register are numbers of rows."""
    register = read(incomes=incomes(household_id=["h9"]))
    assert "incomes               0 rows kept        1 rejected" in repr(register)
    assert "家庭收入" in register._repr_html_()
    assert "h1" not in repr(register).split()


def test_order_of_rows_and_tables_does_not_matter():
    """The same rows in another order, tables in another order: the same records."""
    first = read(
        incomes=pd.DataFrame(
            {"household_id": ["h1", "h2"], "period_end": "2022", "item": "wage", "amount_cny": [400, 500]}
        )
    )
    second = Register.from_frames(
        incomes={
            "household_id": ["h2", "h1"],
            "period_end": ["2022"] * 2,
            "item": ["wage"] * 2,
            "amount_cny": [500, 400],
        },
        members=pd.DataFrame(MEMBERS).iloc[::-1],
        households=pd.DataFrame(HOUSEHOLDS).iloc[::-1],
    )
    for name in ("households", "members", "incomes"):
        key = list(TABLES[name].key)
        left, right = (register.tables[name].sort_values(key, ignore_index=True) for register in (first, second))
        pd.testing.assert_frame_equal(left, right)


def test_known_on_a_day_leaves_out_what_was_recorded_later():
    """Rows recorded up to the day stay, also about later days; without a day of recording the usual delay counts."""
    register = make_register(60, random_state=3)
    day = pd.Timestamp("2022-06-30")
    known = register.known_on("2022-06-30")
    assert known.supplied == register.supplied
    for name, frame in register.tables.items():
        pd.testing.assert_frame_equal(
            known.tables[name], frame[frame["recorded_at"] <= day].reset_index(drop=True), check_dtype=True
        )
    assert 0 < len(known.tables["incomes"]) < len(register.tables["incomes"])

    bills = (
        register.tables["medical"]
        .iloc[:2]
        .assign(
            recorded_at=pd.NaT,
            event_date=pd.Series([day, day - pd.Timedelta(days=200)], dtype="datetime64[s]").to_numpy(),
        )
    )
    undated = Register({**register.tables, "medical": bills}, supplied=register.supplied)
    assert len(undated.known_on(day).tables["medical"]) == 1
    with pytest.raises(SchemaError, match="day is not a date"):
        register.known_on("soon")
