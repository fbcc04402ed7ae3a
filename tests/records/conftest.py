"""What many tests of the records share: reading cells, files and frames, with every row accounted for."""

from types import SimpleNamespace

import pandas as pd
import pytest
import xlsxwriter

from fanpin_risk import compute_features
from fanpin_risk.records.cells import column_dtype, parse
from fanpin_risk.records.read import read_register
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.typed_tables import conform


@pytest.fixture(scope="session")
def read_cells():
    """Parse cells one by one: value, None for missing, "bad" for what cannot be used."""

    def read(cells, column, **options):
        parsed = parse(pd.Series(cells, dtype=object), column, **options)
        assert parsed.column.dtype == column_dtype(column)
        values = [None if pd.isna(value) else value for value in parsed.column]
        assert not any(bad and value is not None for bad, value in zip(parsed.bad, values, strict=True))
        return ["bad" if bad else value for bad, value in zip(parsed.bad, values, strict=True)]

    return read


def check_accounts(register):
    """Hold tables to the declared columns and types, and rows read to those kept and rejected."""
    counts = register.counts
    assert (counts["rows_read"] == counts["rows_kept"] + counts["rows_rejected"]).all()
    assert counts["records"].tolist() == [len(frame) for frame in register.tables.values()]
    for name, frame in register.tables.items():
        pd.testing.assert_frame_equal(frame, conform(name, frame))
    assert [len(register.rejected_rows.get(name, ())) for name in TABLES] == counts["rows_rejected"].tolist()


@pytest.fixture(scope="session")
def files():
    """Two households and three members as texts; reading a path; what was found as (source, row, code)."""

    def read(path, **options):
        register = read_register(path, **options)
        check_accounts(register)
        return register

    def found(register):
        problems = register.problems[["source", "row", "code"]].itertuples(index=False)
        return [(source, None if pd.isna(row) else int(row), code) for source, row, code in problems]

    def workbook(path, **sheets):
        with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
            for name, rows in sheets.items():
                sheet = book.add_worksheet(name)
                for number, row in enumerate(rows):
                    sheet.write_row(number, 0, row)

    return SimpleNamespace(
        read=read,
        found=found,
        workbook=workbook,
        HOUSEHOLDS="户编号,年度,户类型\nh1,2023,脱贫户\nh2,2023,一般农户\n",
        MEMBERS="人编号,户编号,年度,与户主关系\np1,h1,2023,户主\np2,h1,2023,配偶\np3,h2,2023,户主\n",
    )


@pytest.fixture
def folder(tmp_path, files):
    """A folder with two households and three members."""
    (tmp_path / "户信息.csv").write_bytes(files.HOUSEHOLDS.encode("gb18030"))
    (tmp_path / "members.csv").write_text(files.MEMBERS, encoding="utf-8-sig")
    return tmp_path


@pytest.fixture(scope="session")
def frames():
    """Two households and three members as frames; checking frames; what was found as (row, column, code, severity)."""
    households = {"household_id": ["h1", "h2"], "valid_from": ["2023-01-01"] * 2, "recorded_at": ["2023-02-01"] * 2}
    members = {
        "member_id": ["p1", "p2", "p3"],
        "household_id": ["h1", "h1", "h2"],
        "valid_from": ["2023-01-01"] * 3,
        "recorded_at": ["2023-02-01"] * 3,
    }

    def read(**tables):
        options = {name: tables.pop(name) for name in ("data_date", "id_key", "known_lag_days") if name in tables}
        register = Register.from_frames({"households": households, "members": members} | tables, **options)
        check_accounts(register)
        return register

    def found(register, table=None):
        problems = register.problems if table is None else register.problems[register.problems["table"] == table]
        return [
            (None if pd.isna(row) else int(row), *rest)
            for row, *rest in problems[["row", "column", "code", "severity"]].itertuples(index=False)
        ]

    def incomes(**columns):
        return {"household_id": ["h1"], "period_end": ["2023"], "item": ["wage"], "amount_cny": [5000.0]} | columns

    return SimpleNamespace(read=read, found=found, incomes=incomes, HOUSEHOLDS=households, MEMBERS=members)


@pytest.fixture
def exports(tmp_path):
    """Read files given as name -> text beside a household h1 of two, and ask what came of it."""
    beside = {
        "户信息": "户编号,年度\nh1,2023\n",
        "成员": "人编号,户编号,年度,与户主关系\np1,h1,2023,户主\np2,h1,2023,配偶\n",
    }

    def read(**files):
        options = {name: files.pop(name) for name in ("data_date", "id_key") if name in files}
        for name, text in {**beside, **files}.items():
            if text:
                (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        return read_register(tmp_path, **options)

    def income(register):
        """Return net income per person of the household."""
        return compute_features(register, "2025-06-30")["income_per_person"]["h1"]

    def found(register):
        """Return the problems as (household, column, code), each once."""
        problems = register.problems[["household_id", "column", "code"]].drop_duplicates()
        return [tuple(cell if isinstance(cell, str) else "" for cell in row) for row in problems.to_numpy().tolist()]

    def items(register):
        incomes = register.tables["incomes"]
        return dict(zip(incomes["item"].astype(str), incomes["amount_cny"], strict=True))

    return SimpleNamespace(read=read, income=income, found=found, items=items)


@pytest.fixture
def sheets(tmp_path):
    """Read files given as name -> text, and nothing beside them."""
    folder = tmp_path / "register"
    folder.mkdir()

    def read(**files):
        for old in folder.iterdir():
            old.unlink()
        for name, text in files.items():
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        return read_register(folder)

    return SimpleNamespace(read=read, folder=folder)
