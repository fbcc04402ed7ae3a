"""A list of a small synthetic county, its sheets as they were issued, and hands that fill them in."""

from types import SimpleNamespace

import openpyxl
import pytest

import fanpin_risk as fr
from fanpin_risk.visits.row_keys import RowKey, read_row_key

DAY = "2024-12-31"
# What a visitor writes who met the head and found it true.
WHOLE = {"走访方式": "入户", "联系结果": "见到户主", "核实结果": "属实", "日期": "2025-01-15", "走访人": "V01"}


@pytest.fixture(scope="session")
def model():
    return fr.load_model("demo")


@pytest.fixture(scope="session")
def register():
    return fr.make_register(600, random_state=1)


@pytest.fixture(scope="session")
def listed(model, register):
    """The eight households to be visited first, with who visits each."""
    wanted = fr.watchlist(model.score(register, DAY), capacity=8)
    return wanted.assign(visitor=["V01", "V02"] * 4)


@pytest.fixture(scope="session")
def issued(listed, register, model, tmp_path_factory):
    """The sheets as issued: paths. Tests do not write to them."""
    return fr.visit_sheets(listed, register, model, tmp_path_factory.mktemp("issued") / "sheets")


@pytest.fixture(scope="session")
def by_visitor(listed, register, model, tmp_path_factory):
    """One workbook of one visitor, with four households on one sheet."""
    folder = tmp_path_factory.mktemp("by-visitor") / "sheets"
    return fr.visit_sheets(listed, register, model, folder, per="visitor")[0]


class Sheets:
    """A workbook opened to be filled in."""

    def __init__(self, path):
        self.book = openpyxl.load_workbook(path)

    @property
    def rows(self):
        """(sheet, row number, key taken apart) of every row with a key."""
        for sheet in self.book.worksheets:
            for number in range(1, sheet.max_row + 1):
                for column in range(1, 4):
                    found = read_row_key(str(sheet.cell(number, column).value or ""))
                    if isinstance(found, RowKey):
                        yield sheet, number, found
                        break

    @property
    def keys(self):
        """Keys of the households, in the order of the sheets."""
        return list(dict.fromkeys(key.household for *_, key in self.rows))

    def field(self, household, label):
        """The cell right of what a field asks."""
        for sheet, number, key in self.rows:
            if key.household == household and key.line[0] in "AFR":
                for cell in sheet[number]:
                    if cell.value == label:
                        return sheet.cell(number, cell.column + 1)
        raise AssertionError(label)

    def fill(self, household=None, /, **answers):
        """Write answers of a household, or of all; labels with brackets are given without them."""
        for one in self.keys if household is None else [household]:
            for label, value in (WHOLE | answers).items():
                if value is not None:
                    self.field(one, label).value = value
        return self

    def row_of(self, household, line):
        """The sheet and number of a row of a household."""
        return next(
            (sheet, number) for sheet, number, key in self.rows if (key.household, key.line) == (household, line)
        )

    def save(self, path):
        self.book.save(path)
        return path


@pytest.fixture
def opened(by_visitor):
    """The visitor's workbook, opened anew."""
    return Sheets(by_visitor)


@pytest.fixture(scope="session")
def hands():
    return SimpleNamespace(Sheets=Sheets, WHOLE=WHOLE, DAY=DAY)


@pytest.fixture
def back(tmp_path):
    """Save a workbook and read it back: events, and what was wrong as (row, field, code)."""

    def read(sheets, name="filled.xlsx", **options):
        events = fr.read_visits(sheets.save(tmp_path / name), **options)
        return events, [(one["row"], one["field"], one["code"]) for one in events.attrs["problems"]]

    return read
