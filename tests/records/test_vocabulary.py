"""Every header that is accepted, in words and as a frame."""

from fanpin_risk.records.headers import read_heading
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.vocabulary import NEED_NAMES, TYPE_NAMES, column_name, describe_columns


def test_every_header_that_is_named_is_read():
    """Each name, Chinese header, alias and opposite is read as the column under which it is named."""
    for row in describe_columns().to_dict("records"):
        table = TABLES[row["table"]]
        for text in (row["zh"], *row["aliases"]):
            heading = read_heading(table, text)
            assert heading.kind in ("column", "item", "part"), (row["table"], text)
            assert heading.name == row["column"] or heading.kind == "part" or row["type"] == "item", (
                row["table"],
                text,
            )


def test_every_column_and_item_is_there_with_its_words():
    """None is left out, and each type and need has a name."""
    columns = describe_columns()
    for table in TABLES.values():
        assert set(table.names) <= set(columns.loc[columns["table"] == table.name, "column"])
    assert set(columns["type"]) == set(TYPE_NAMES)
    assert set(columns["need"]) == set(NEED_NAMES)
    assert columns.loc[columns["column"] == "register_status", "codes"].iloc[0]["ex_poor"][0] == "脱贫户"
    assert column_name("incomes", "tr_dibao").shown("zh") == "低保金"
