"""What the reports are made of: the demo model, a small register and its contents on one day."""

import openpyxl
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.records.register import Register
from fanpin_risk.reports import gather


@pytest.fixture(scope="session")
def model():
    return fr.load_model("demo")


@pytest.fixture(scope="session")
def register():
    return fr.make_register(700, random_state=1)


@pytest.fixture(scope="session")
def contents(model, register):
    return gather(model, register, "2024-12-31", capacity=30)


@pytest.fixture(scope="session")
def falling():
    """Contents of a forecast of falling below the line, of a register in which eight households have lost their incomes."""
    register = fr.make_register(700, random_state=1)
    small = fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=10), n_folds=2, target="below_line", name="falls")
    small.fit(register, ["2021-12-31", "2022-12-31"])
    incomes = register.tables["incomes"]
    ids = incomes["household_id"].astype("str")
    kept = incomes[~ids.isin(sorted(ids.unique())[:8])]
    poorer = Register({**register.tables, "incomes": kept}, source=register.source, supplied=register.supplied)
    scores = small.score(poorer, "2024-12-31", n_reasons=0)
    return scores, gather(small, poorer, "2024-12-31", capacity=30)


@pytest.fixture(scope="session")
def changed():
    """Return a register with some of its tables replaced."""

    def of(register, **tables):
        return Register({**register.tables, **tables}, source=register.source, supplied=register.supplied)

    return of


@pytest.fixture
def doubted(model, register, contents):
    """Contents in which something is in doubt of the first household of the list."""
    first = contents.watchlist["household_id"].iloc[:1]
    doubts = pd.Series(
        ["part_of_year;size_differs"], index=pd.Index(first, dtype="str", name="household_id"), dtype="str"
    )
    told = Register(register.tables, source=register.source, supplied=register.supplied, doubts=doubts)
    return told, gather(model, told, "2024-12-31", capacity=30)


@pytest.fixture(scope="session")
def with_areas(changed):
    """Return a register with other area codes, given by household, and without names of places."""

    def of(register, area_codes):
        frame = register.tables["households"]
        codes = frame["household_id"].map(area_codes).astype("str")
        nameless = pd.Series([None] * len(frame), dtype="str")
        return changed(register, households=frame.assign(area_code=codes, area_name=nameless))

    return of


@pytest.fixture(scope="session")
def figures():
    """Return the figures of the summary of some contents by their keys."""
    return lambda contents: contents.summary.set_index("key")["value"].to_dict()


@pytest.fixture(scope="session")
def cells():
    """Return every cell of every sheet of a workbook: (sheet, cell) -> value."""

    def of(path):
        return {
            (sheet.title, cell.coordinate): cell.value
            for sheet in openpyxl.load_workbook(path)
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        }

    return of


@pytest.fixture(scope="session")
def column():
    """Return what stands in a column of a sheet, below its header."""
    return lambda sheet, place: [sheet.cell(row, place).value for row in range(2, sheet.max_row + 1)]
