"""Units in cells and headers."""

from fanpin_risk.records.schema import TABLES

AMOUNT = TABLES["incomes"]["amount_cny"]
LAND = TABLES["households"]["farmland_mu"]
SIZE = TABLES["households"]["size_declared"]
ROAD = TABLES["households"]["road_km"]
EXIT = TABLES["households"]["exit_year"]
BAD = "bad"  # the cell cannot be used


def test_units_of_the_column(read_cells):
    """Each column knows its own units; a cell's unit wins over the header's."""
    assert read_cells(["2公顷", "3亩", "3"], LAND) == [30.0, 3.0, 3.0]
    assert read_cells(["500米", "2公里"], ROAD) == [0.5, 2.0]
    assert read_cells(["1.2", "3元", 2], AMOUNT, factor=1e4) == [12000.0, 3.0, 20000.0]
    assert read_cells(["4人", "4", 4.0, "4.5", "0", "41"], SIZE) == [4.0, 4.0, 4.0, BAD, BAD, BAD]
    assert read_cells(["2019", "2019年", "2019-12-31", 2019, "2012", "x"], EXIT) == [
        2019.0,
        2019.0,
        2019.0,
        2019.0,
        BAD,
        BAD,
    ]
