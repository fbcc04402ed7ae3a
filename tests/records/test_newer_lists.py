"""Lists of members without ids of several years: the newest says who is in the household, older ones who was."""

import pytest

from fanpin_risk.asof.snapshot import Snapshot

HOMES = "户编号,年度\nC1,2022\nC2,2022\n"
HEADER = "户编号,姓名,与户主关系\n"
OLDER = HEADER + "C1,赵一,户主\nC1,赵二,配偶\nC1,赵三,之子\nC2,钱一,户主\n"
NEWER = HEADER + "C1,赵一,户主\nC1,赵三,之子\nC2,钱一,户主\nC2,钱二,之女\n"


def persons(register, day):
    on_day = Snapshot(register, day)
    return dict(zip(on_day.household_ids, on_day.persons.tolist(), strict=True))


def gone(register):
    return register.problems.loc[register.problems["code"] == "not_in_newer_list", "household_id"].tolist()


@pytest.mark.parametrize("names", [("成员2024", "成员2023"), ("成员表b_2024年", "成员表a_2023年")])
def test_the_newer_list_says_who_is_there(sheets, names):
    """Dated by their names; who left is named with the household, and before the newer list the older one holds."""
    register = sheets.read(户信息=HOMES, **dict(zip(names, (NEWER, OLDER), strict=True)))
    assert persons(register, "2025-06-30") == {"C1": 2.0, "C2": 2.0}
    assert gone(register) == ["C1"]
    assert register.counts.loc["members", "rows_rejected"] == 0
    assert persons(register, "2024-06-30") == {"C1": 3.0, "C2": 1.0}  # nobody knew yet


def test_without_names_the_newer_list_counts(sheets):
    """Numbers by order tell how many there are."""
    plain = {
        name: "\n".join(",".join(line.split(",")[::2]) for line in text.splitlines()) + "\n"
        for name, text in (("成员2023", OLDER), ("成员2024", NEWER))
    }
    register = sheets.read(户信息=HOMES, **plain)
    assert persons(register, "2025-06-30") == {"C1": 2.0, "C2": 2.0}


def test_days_in_a_column_are_those_of_lists(sheets):
    """Both lists in one sheet."""
    rows = [f"{line},{year}" for year, text in ((2023, OLDER), (2024, NEWER)) for line in text.splitlines()[1:]]
    register = sheets.read(户信息=HOMES, 成员=HEADER.strip() + ",年度\n" + "\n".join(rows) + "\n")
    assert persons(register, "2025-06-30") == {"C1": 2.0, "C2": 2.0}
    assert gone(register) == ["C1"]


def test_a_list_without_the_head_ends_nobody(sheets):
    """Who was born or came is added by name; without names nobody knows who is meant, and the rows are refused."""
    register = sheets.read(户信息=HOMES, 成员2023=OLDER, 成员2024=HEADER + "C1,赵四,之女\n")
    assert persons(register, "2025-06-30") == {"C1": 4.0, "C2": 1.0}
    assert gone(register) == []
    unnamed = sheets.read(
        户信息=HOMES, 成员2023="户编号,与户主关系\nC1,户主\nC1,之女\n", 成员2024="户编号,与户主关系\nC1,之女\n"
    )
    assert persons(unnamed, "2025-06-30")["C1"] == 2.0
    assert unnamed.counts.loc["members", ["rows_kept", "rows_rejected"]].tolist() == [2, 1]


def test_who_comes_back_is_there_again(sheets):
    """Three years: here, gone, here."""
    register = sheets.read(户信息=HOMES, 成员2022=OLDER, 成员2023=NEWER, 成员2024=OLDER)
    assert persons(register, "2025-06-30") == {"C1": 3.0, "C2": 1.0}


IDS = "户编号,人编号,与户主关系\n"
OLDER_IDS = IDS + "C1,a,户主\nC1,b,配偶\nC1,c,之子\nC2,d,户主\n"
NEWER_IDS = IDS + "C1,a,户主\nC1,c,之子\nC2,d,户主\n"


def test_who_has_an_id_and_is_not_in_the_newer_list_is_gone(sheets):
    """The newer list has several members with the head; before it the older one holds."""
    register = sheets.read(户信息=HOMES, 家庭成员2023=OLDER_IDS, 家庭成员2024=NEWER_IDS)
    assert persons(register, "2025-06-30") == {"C1": 2.0, "C2": 1.0}
    assert persons(register, "2024-06-30") == {"C1": 3.0, "C2": 1.0}
    assert gone(register) == ["C1"]


@pytest.mark.parametrize(
    ("name", "newer"),
    [
        ("家庭成员2024", "C1,a,户主\n"),
        ("家庭成员2024", "C1,b,配偶\nC1,c,之子\n"),
        ("外出务工人员2024", "C1,a,户主\nC1,c,之子\n"),
    ],
    ids=["head alone", "without the head", "another list"],
)
def test_a_newer_list_of_some_members_ends_nobody_with_an_id(sheets, name, newer):
    """It may hold only who has changed, or works elsewhere."""
    register = sheets.read(户信息=HOMES, 家庭成员2023=OLDER_IDS, **{name: IDS + newer})
    assert (persons(register, "2025-06-30")["C1"], gone(register)) == (3.0, [])


def test_as_many_as_declared_are_all_members(sheets):
    """The head alone, in any list, where the household declares one person; not two of three."""
    homes = "户编号,年度,家庭人口数\nC1,2024,1\nC2,2024,1\n"
    alone = IDS + "C1,a,户主\n"
    register = sheets.read(户信息=homes, 家庭成员2023=OLDER_IDS, 家庭成员2024=alone)
    assert (persons(register, "2025-06-30")["C1"], gone(register)) == (1.0, ["C1"])
    register = sheets.read(户信息=homes.replace(",1\n", ",3\n"), 家庭成员2023=OLDER_IDS, 家庭成员2024=NEWER_IDS)
    assert (persons(register, "2025-06-30")["C1"], gone(register)) == (3.0, [])


def test_who_moved_to_another_household_is_not_gone(sheets):
    """The newer list has the person elsewhere."""
    newer = NEWER_IDS + "C2,b,其他\n"
    register = sheets.read(户信息=HOMES, 家庭成员2023=OLDER_IDS, 家庭成员2024=newer)
    assert persons(register, "2025-06-30") == {"C1": 2.0, "C2": 2.0}


def test_persons_with_a_history_in_one_sheet_stay(sheets):
    """The head's row was written again when his health changed; the others' were not."""
    register = sheets.read(
        户信息=HOMES,
        家庭成员="户编号,人编号,与户主关系,数据日期\nC1,a,户主,2022-01-01\nC1,b,配偶,2022-01-01\nC1,a,户主,2024-03-01\n",
    )
    assert persons(register, "2025-06-30")["C1"] == 2.0
