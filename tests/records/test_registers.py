"""A folder of files is read as one register, whatever state they are in."""

import random

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fanpin_risk as fr
from fanpin_risk.errors import FanpinError, InputError, SchemaError
from fanpin_risk.records.read import read_register
from fanpin_risk.records.register import Register


def test_several_files_of_one_table_are_read_together(files, folder):
    """Files of one table are put below each other, and rows keep file and number."""
    (folder / "户信息2.csv").write_text("户编号,年度\nh3,2023\nh1,soon\n", encoding="utf-8")
    register = files.read(folder)
    assert sorted(register.tables["households"]["household_id"]) == ["h1", "h2", "h3"]
    assert files.found(register) == [("户信息2.csv", 3, "not_a_date")]


def test_a_table_without_rows_is_known_as_given(files, folder):
    """A file with a header and no rows is a table that was given, other than one that is not there."""
    (folder / "就学信息.csv").write_text("人编号,学年,学段,就学状态\n", encoding="utf-8")
    register = files.read(folder)
    assert register.supplied == {"households", "members", "enrolments"}
    again = files.read(register.to_folder(folder / "out", format="csv"))
    assert again.supplied == register.supplied


def test_progress_is_told_per_file(folder):
    """The caller hears of each file before it is read, and of the end."""
    told = []
    read_register(folder, progress=lambda done, total, label: told.append((done, total, label)))
    assert told == [(0, 2, "members.csv"), (1, 2, "户信息.csv"), (2, 2, "")]


def test_no_message_names_a_person(files, tmp_path):
    """Neither the names and numbers of persons nor a file's rows stand in what is reported."""
    text = "户编号,姓名,证件号码,年度,户类型\nh1,王某某,000000199001010018,2023,富户\n"
    (tmp_path / "户信息.csv").write_text(text, encoding="utf-8")
    register = files.read(tmp_path)
    said = register.problems.to_csv() + repr(register)
    assert "王某某" not in said
    assert "0000001990" not in said
    assert not {"姓名", "证件号码"} & set(register.rejected_rows["households"].columns)


GARBAGE = [
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\0",
    b"\t",
    b";",
    b"'",
    b"=",
    b"\xff",
    b"\xe6\x98",
    b"\r\n\r\n",
    b'"\n"',
    b"1e999",
    b"#REF!",
]
CELLS = [
    b"",
    b"nan",
    b"-1",
    b"9" * 30,
    b"2023-99-99",
    b"5.1E+17",
    b"a" * 300,
    b"1,2",
    b'"x',
    "合计".encode(),
    "户编号".encode(),
]


def damage(data, chance):
    """Damage a csv file in one of the ways files get damaged."""
    data = bytearray(data)
    at = chance.randrange(len(data) + 1)
    kind = chance.randrange(9)
    lines = bytes(data).split(b"\n")
    if kind == 0:
        del data[at : at + chance.randint(1, 30)]
    elif kind == 1:
        data[at:at] = chance.randbytes(chance.randint(1, 20))
    elif kind == 2:
        data[at:at] = chance.choice(GARBAGE)
    elif kind == 3:
        del data[at:]
    elif kind == 4:
        chance.shuffle(lines)
        data = b"\n".join(lines)
    elif kind == 5:
        data = b"\n".join(lines + chance.choices(lines, k=5))
    else:
        rows = [line.split(b",") for line in lines]
        for row in filter(None, chance.choices(rows, k=3)):
            place = chance.randrange(len(row))
            if kind == 6:
                chance.shuffle(row)
            elif kind == 7:
                row[place] = chance.choice(CELLS)
            else:
                del row[place]
        data = b"\n".join(b",".join(row) for row in rows)
    return bytes(data)


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    """Registers on disk in several layouts, whole."""
    n = 12
    ids = [f"h{number}" for number in range(n)]
    register = Register.from_frames(
        households=pd.DataFrame(
            {"household_id": ids, "valid_from": "2022", "register_status": "ex_poor", "area_name": "甲，村"}
        ),
        members=pd.DataFrame(
            {"member_id": [f"p{k}" for k in range(n)], "household_id": ids, "valid_from": "2022", "health": "残疾"}
        ),
        incomes=pd.DataFrame({"household_id": ids, "period_end": "2021", "item": "wage", "amount_cny": 1234.5}),
        monitoring=pd.DataFrame(
            {"household_id": ids[:3], "identified_on": "202205", "type": "edge", "risks": "illness"}
        ),
    )
    folder = tmp_path_factory.mktemp("whole")
    return [
        register.to_folder(folder / "zh", format="csv", headers="zh", encoding="gb18030", title_rows=True, units=True),
        register.to_folder(folder / "en", format="csv"),
        register.to_folder(
            folder / "wide", format="csv", headers="zh", encoding="utf-8", wide_incomes=True, total_row=True
        ),
        register.to_folder(folder / "xlsx", format="xlsx", headers="zh"),
        register.to_folder(folder / "parquet"),
    ]


@settings(max_examples=35, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), layout=st.sampled_from([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 4]))
def test_damage_is_reported_never_raised(files, originals, tmp_path_factory, seed, layout):
    """Whatever happens to the files, reading ends with a register whose rows add up or with an error of ours."""
    chance = random.Random(seed)
    folder = tmp_path_factory.mktemp("damaged")
    for file in originals[layout].iterdir():
        data = file.read_bytes()
        for _ in range(chance.choice([0, 1, 1, 3])):
            data = damage(data, chance)
        (folder / file.name).write_bytes(data)
    try:
        register = files.read(folder)
    except FanpinError:
        return
    register.coverage()
    assert set(register.problems["severity"]) <= {"rejected", "blanked", "warning"}


@pytest.fixture
def broken(tmp_path):
    """Members and incomes, a damaged workbook, a file of another kind, and no households."""
    (tmp_path / "家庭成员.csv").write_text("人编号,户编号,年度,性别\np1,h1,2023,男\np2,h1,2023,公\n", encoding="utf-8")
    (tmp_path / "家庭收入.csv").write_text("户编号,年度,工资性收入\nh1,2023,1000\nh2,2023,many\n", encoding="utf-8")
    (tmp_path / "户信息.xlsx").write_bytes(b"PK\x03\x04damaged")
    (tmp_path / "说法.doc").write_bytes(b"x")
    return tmp_path


def test_checking_goes_on_without_households(broken):
    """Whatever is missing or unreadable, the rest is checked, and rows are not refused for what is missing."""
    with pytest.raises(SchemaError):
        fr.read_register(broken)
    register = fr.read_register(broken, checking=True)
    found = register.problems.groupby("code").size()
    assert {"no_households", "unreadable_file", "unknown_file_type", "unknown_code", "not_a_number"} <= set(found.index)
    assert "unknown_household" not in found.index
    assert register.counts.loc["members", ["rows_read", "rows_kept"]].tolist() == [2, 2]


@pytest.mark.parametrize("ids", ["11010519491231002X", "5.10322E+17"])
def test_checking_goes_on_where_no_household_can_be_told(tmp_path, ids):
    """Citizen ids and damaged ones are rows that are rejected, not the end."""
    (tmp_path / "户信息.csv").write_text(f"户编号,年度,户类型\n{ids},2023,脱贫户\n", encoding="utf-8")
    (tmp_path / "家庭成员.csv").write_text("人编号,户编号,年度,性别\np1,h1,2023,公\n", encoding="utf-8")
    with pytest.raises(fr.FanpinError):
        fr.read_register(tmp_path)
    register = fr.read_register(tmp_path, checking=True)
    assert register.counts.loc["households", ["rows_read", "rows_kept", "rows_rejected"]].tolist() == [1, 0, 1]
    assert "unknown_code" in set(register.problems["code"])


def test_checking_an_empty_folder_says_what_was_left_aside(tmp_path):
    """Files that are no tables are named; a place that does not exist is an error."""
    (tmp_path / "数据.doc").write_bytes(b"x")
    assert set(fr.read_register(tmp_path, checking=True).problems["code"]) == {"no_households", "unknown_file_type"}
    with pytest.raises(InputError):
        fr.read_register(tmp_path / "nowhere", checking=True)
