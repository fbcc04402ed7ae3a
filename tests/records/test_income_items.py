"""The tree of income items and its names."""

from fanpin_risk.records.income_items import ITEMS, NODES, STATED
from fanpin_risk.records.item_names import BEFORE, node_named


def test_every_name_names_one_figure():
    """A header that could be two figures would be read by chance."""
    names = [name for node in NODES.values() for name in node.names]
    assert sorted({name for name in names if names.count(name) > 1}) == []
    assert [name for name in names if BEFORE.sub("", name) in names and BEFORE.sub("", name) != name
            and node_named(name) != node_named(BEFORE.sub("", name))] == []  # fmt: skip
    assert set(STATED) <= set(ITEMS) <= NODES.keys()
    assert {node.item for node in NODES.values()} == set(ITEMS)
