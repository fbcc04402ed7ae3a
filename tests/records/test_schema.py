"""The declaration of the record tables: closed lists, and headers that mean one column; records/declarations.py as well."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest

from fanpin_risk.errors import SchemaError
from fanpin_risk.records.cells.units import UNIT_FACTORS, UNIT_ZH
from fanpin_risk.records.declarations import COLUMN_UNITS, Column
from fanpin_risk.records.headers import header_key, read_heading
from fanpin_risk.records.income_items import NODES
from fanpin_risk.records.read.assignment import BESIDE
from fanpin_risk.records.schema import TABLES, table

# Headers that mean a column of each of two tables or more, which one sheet may hold beside each other. Such a column is of the
# sheet's own table, or else of the first in BESIDE: for these that is right.
IN_TWO_TABLES = {
    "validto": {"households.valid_to", "members.valid_to", "disabilities.valid_to"},
    # Of the household where the sheet is one of households, else of the member.
    "present": {"households.present", "members.present"},
    "是否注销": {"households.present", "members.present"},
    "是否在册": {"households.present", "members.present"},
    "注销时间": {"households.valid_to", "members.valid_to"},
    "注销日期": {"households.valid_to", "members.valid_to"},
    # Laid by read/leavers.py, not by a header.
    "change": {"members.change", "monitoring.change"},
    "remark": {"households.remark", "members.remark", "monitoring.remark"},
    "备注所述": {"households.remark", "members.remark", "monitoring.remark"},
    "amountcny": {"incomes.amount_cny", "supports.amount_cny"},
    # Of a member it asks whether, of incomes and bills how much.
    "低保": {"members.dibao", "incomes.tr_dibao"},
    "五保": {"members.tekun", "incomes.tr_tekun"},
    "养老保险": {"members.pension_resident", "incomes.tr_pension"},
    "大病保险": {"members.ins_serious", "medical.reimb_serious_cny"},
    # Of a person now, and in each school year.
    "就学阶段": {"members.student_stage", "enrolments.stage"},
    # Of a household in a year, and of each of its pupils.
    "教育资助": {"incomes.tr_other.education", "enrolments.aid_cny"},
    "助学金": {"incomes.tr_other.education", "enrolments.aid_cny"},
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"type": "words"}, "column x: unknown type 'words'"),
        ({"need": "nice"}, "column x: unknown type 'int' or need 'nice'"),
        ({"codes": {"a": ("甲",)}}, "column x: codes belong to types 'code' and 'codes'"),
        (
            {"unit": "yuan"},
            r"column x: unit is 'yuan'; expected one of CNY, mu, .*of a column of type 'int' or 'number'",
        ),
        ({"type": "text", "unit": "mu"}, "column x: unit is 'mu'"),
    ],
)
def test_columns_are_declared_in_closed_lists(change, message):
    """A slip of the pen in a declaration is an error at once, and names what is allowed."""
    with pytest.raises(SchemaError, match=message):
        Column(**({"name": "x", "zh": "某", "type": "int"} | change))


@pytest.mark.parametrize("header", ["人数", " 人 数", "size_declared", "SIZE_DECLARED", "饮水困难"])
def test_a_header_of_another_column_is_refused(header):
    """The newer column would get nothing, or take the cells of the older one: the error names both."""
    households = TABLES["households"]
    new = Column(name="new", zh="新列", type="number", aliases=(header,))
    owner = "safe_water" if header == "饮水困难" else "size_declared"
    with pytest.raises(SchemaError, match=rf"households: the header '.*' is of column {owner} and of column new"):
        replace(households, columns=(*households.columns, new))


def test_units_of_columns_are_known_to_the_readers():
    """A unit that no reader knows would be neither converted nor written."""
    assert set(COLUMN_UNITS) == UNIT_FACTORS.keys() == UNIT_ZH.keys()
    assert {column.unit for one in TABLES.values() for column in one.columns} == {None, *COLUMN_UNITS}


@pytest.mark.parametrize("name", TABLES)
def test_every_header_is_read_as_its_column(name):
    """However headers are compared (width, blanks, parts of a column, questions in other words), each means its own."""
    wrong = [
        f"{header!r} of {column.name} is read as {heading.name or heading.kind}"
        for column in TABLES[name].columns
        for header in column.headers
        if (heading := read_heading(TABLES[name], header)).name != column.name
    ]
    assert wrong == [], "choose another header"


def owners_in_one_sheet() -> dict[str, set[str]]:
    """Return the headers that several tables of one sheet own, but for ids and days, which are of all of them."""
    owners: dict[str, dict[str, str]] = defaultdict(dict)
    for one in TABLES.values():
        days = {one.time, "valid_from", "period_start", "period_end", "recorded_at"}
        for column in one.columns:
            if column.type != "id" and column.name not in days:
                for header in column.headers:
                    owners[header_key(header)][one.name] = f"{one.name}.{column.name}"
    for item, node in NODES.items():
        for header in (item, *node.names):
            owners[header_key(header)].setdefault("incomes", f"incomes.{item}")
    return {key: set(found.values()) for key, found in owners.items() if len(found) > 1 and found.keys() & set(BESIDE)}


def test_headers_of_two_tables_in_one_sheet_are_known():
    """In a sheet with columns of several tables a new header of one could take the cells of another."""
    assert owners_in_one_sheet() == IN_TWO_TABLES, (
        "choose another header; where it is right that the sheet's own table has it, or else the first in BESIDE of "
        "read/assignment.py, say so in IN_TWO_TABLES"
    )


def test_a_table_is_found_by_its_name():
    """An unknown name is answered with those there are."""
    assert table("incomes").zh == "家庭收入"
    with pytest.raises(SchemaError, match="no table 'pets'; the tables are households, members"):
        table("pets")
    with pytest.raises(SchemaError, match="table incomes has no column 'pet'; it has household_id"):
        TABLES["incomes"]["pet"]
