"""What is kept, rejected and blanked."""

import pytest

from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.records.register import Register

CITIZEN = "000000199001010018"  # of no region there is, with a right check character


def test_register_needs_households(frames):
    """Without households, or a number of theirs, there is no register."""
    with pytest.raises(SchemaError, match="no households"):
        Register.from_frames(members=frames.MEMBERS)
    with pytest.raises(SchemaError, match="no household number can be read"):
        Register.from_frames(households={"valid_from": ["2023"]})
    with pytest.raises(SchemaError, match="no table 'pets'"):
        Register.from_frames(pets=frames.MEMBERS)
    with pytest.raises(SchemaError, match="households is a int; expected a frame"):
        Register.from_frames(households=3)


def test_bad_and_missing_values(frames):
    """A row without a key or required value is rejected; a bad value elsewhere is blanked; all are found at once."""
    register = frames.read(
        households={
            "household_id": ["h1", None, "h3", "h4"],
            "valid_from": ["2023", "2023", "soon", "2023"],
            "register_status": ["rich", "ex_poor", "??", "general"],
            "farmland_mu": ["-1", "2", "x", "150"],
        },
        members={},
    )
    assert frames.found(register, "households") == [
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


def test_ids_that_are_numbers_are_refused(frames):
    """A rounded id is not repaired; the row is rejected even where the id is optional but part of the key."""
    register = frames.read(incomes=frames.incomes(member_id=[1.5e17]), households=frames.HOUSEHOLDS)
    assert frames.found(register) == [(1, "member_id", "numeric_id", "rejected")]


def test_citizen_ids_are_refused_unless_replaced(frames):
    """Citizen ids do not become keys; with id_key every id is a pseudonym, the same in all tables."""
    households = {"household_id": [CITIZEN, "h2"], "valid_from": ["2023"] * 2}
    members = {"member_id": [CITIZEN + "41", "p2"], "household_id": [CITIZEN, "h2"], "valid_from": ["2023"] * 2}
    medical = {"member_id": [CITIZEN], "event_date": ["2023-05-01"], "kind": ["inpatient"]}
    register = frames.read(households=households, members=members)
    assert frames.found(register)[0] == (1, "household_id", "citizen_id_in_key", "rejected")
    assert "pass id_key (--id-key FILE)" in register.problems["message"][0]
    assert register.tables["households"]["household_id"].tolist() == ["h2"]

    register = frames.read(households=households, members=members, medical=medical, id_key="a key of sixteen bytes")
    assert not len(register.rejects)
    ids = {name: register.tables[name] for name in ("households", "members", "medical")}
    assert ids["households"]["household_id"].str.fullmatch("[0-9a-f]{20}").all()
    assert set(ids["members"]["household_id"]) == set(ids["households"]["household_id"])
    # The number on the disability certificate begins with the citizen id: the same person.
    assert ids["medical"]["member_id"][0] == ids["members"]["member_id"][0]
    with pytest.raises(InputError, match="at least 16"):
        frames.read(id_key="short")


def test_without_a_list_of_members_persons_are_those_declared(exports):
    """人均纯收入 and 家庭人口数 are enough for income per person, and it is said where the persons come from."""
    register = exports.read(
        户信息="户编号,年度,家庭人口数\nh1,2023,2\n", 成员=None, 收入="户编号,年度,人均纯收入\nh1,2023,9000\n"
    )
    assert (exports.income(register), register.problems["code"].tolist()) == (9000.0, ["no_members"])


def test_numbers_within_a_household_stand_for_nobody_without_it(exports):
    """A table of persons that numbers them 1, 2, 3 and names no household says what to add."""
    register = exports.read(
        户信息="户编号,年度,户类型\nh1,2023,脱贫户\nh2,2023,脱贫户\n",
        残疾="人编号,残疾类别,残疾等级,发证日期\n1,肢体,二级,2022-01-01\n1,肢体,二级,2022-01-01\n2,肢体,二级,2022-01-01\n",
    )
    assert register.problems["code"].tolist().count("numbers_alone") == 1
    assert register.counts.loc["disabilities", "rows_rejected"] == 3
