"""Every header that is accepted: what a clerk, a page or a template says of the declared columns."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from fanpin_risk.records.cells.units import unit_name
from fanpin_risk.records.declarations import Column
from fanpin_risk.records.income_items import NODES
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Message

__all__ = ["NEED_NAMES", "TYPE_NAMES", "code_name", "column_name", "describe_columns", "kind_of_column"]

TYPE_NAMES: Mapping[str, Message] = {
    "id": Message("id, as text"),
    "text": Message("text"),
    "area": Message("division code"),
    "int": Message("whole number"),
    "number": Message("number"),
    "date": Message("date"),
    "bool": Message("yes or no"),
    "code": Message("one value of a list"),
    "codes": Message("values of a list"),
    "item": Message("amount, a column of a sheet with a row for each year"),
}
NEED_NAMES: Mapping[str, Message] = {
    "key": Message("needed"),
    "required": Message("needed"),
    "core": Message("important"),
    "optional": Message("if known"),
}


def describe_columns() -> pd.DataFrame:
    """Return every header that is accepted, by table.

    Returns
    -------
    DataFrame of shape (n_columns, 10)
        ``table``, ``column``, ``zh`` (the Chinese header), ``aliases`` (other headers, a tuple), ``negated`` (headers that
        ask the opposite, a tuple), ``type``, ``unit``, ``codes`` (code -> texts that are read as it), ``need`` and
        ``note``. After the columns of ``incomes`` come the items of income, of type ``item``: each is a column of a sheet
        with one row for a household and year.

    Examples
    --------
    >>> columns = describe_columns().set_index(["table", "column"])
    >>> columns.loc[("households", "farmland_mu"), ["zh", "unit"]].tolist()
    ['耕地面积', 'mu']
    >>> columns.loc[("incomes", "tr_dibao"), "zh"]
    '低保金'
    """
    lines: list[tuple[object, ...]] = []
    for table in TABLES.values():
        for column in table.columns:
            codes = {} if column.name == "item" else dict(column.codes)
            lines.append(
                (table.name, column.name, column.zh, column.aliases, column.negated, column.type, column.unit or "", codes,
                 column.need, column.note)
            )  # fmt: skip
        if "item" in table:
            lines += [
                (table.name, code, node.names[0], node.names[1:], (), "item", "CNY", {}, "optional", "")
                for code, node in NODES.items()
            ]
    names = ["table", "column", "zh", "aliases", "negated", "type", "unit", "codes", "need", "note"]
    return pd.DataFrame(lines, columns=names)


def column_name(table: str, name: str) -> Message:
    """Return the name of a column or an item of income in both languages.

    Examples
    --------
    >>> column_name("households", "farmland_mu").shown("zh"), column_name("incomes", "wage").shown("en")
    ('耕地面积', 'wage')
    """
    return Message(name, zh=TABLES[table][name].zh if name in TABLES[table] else NODES[name].names[0])


def code_name(column: Column, code: str) -> Message:
    """Return a code in both languages."""
    return Message(code, zh=column.codes[code][0])


def kind_of_column(kind: str, unit: str) -> Message:
    """Return what a column holds, with its unit.

    Examples
    --------
    >>> kind_of_column("number", "mu").shown("zh")
    '数字（亩）'
    """
    named = unit_name(unit or None)
    name = TYPE_NAMES[kind]
    return name if named is None else Message("{kind} ({unit})", kind=name, unit=named)
