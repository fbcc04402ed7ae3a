"""Writing, and reading back what was written."""

import itertools
import shutil
import zipfile

import numpy as np
import pandas as pd
import pytest

import fanpin_risk.records.write
from fanpin_risk.errors import InputError
from fanpin_risk.records.cells import parse
from fanpin_risk.records.layout import lay_out
from fanpin_risk.records.read import read_register
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.typed_tables import conform
from fanpin_risk.synthetic import make_register

N = 8
SWITCHES = list(itertools.product(("en", "zh"), *[(False, True)] * 4))
ENCODINGS = itertools.cycle(("gb18030", "utf-8-sig", "utf-8"))
OPTIONS = [
    *({"format": "parquet", "headers": h, "units": u, "wide_incomes": w} for h, _, u, w, s in SWITCHES if _ and s),
    *(
        {"format": f, "headers": h, "encoding": e, "title_rows": t, "units": u, "wide_incomes": w, "total_row": s}
        for f in ("csv", "xlsx")
        for e, (h, t, u, w, s) in zip(ENCODINGS, SWITCHES, strict=False)
    ),
]


def values_of(column, n, rng):
    """Fill any column with admissible values, some of them missing."""
    if column.type == "date":
        values = pd.Timestamp("2023-03-04") + pd.to_timedelta(rng.integers(0, 300, n), "D")
        values = pd.Series(values)
    elif column.type == "bool":
        values = pd.Series(rng.random(n) < 0.5, dtype="boolean")
    elif column.type in ("int", "number"):
        low, high = column.minimum or 0, min(column.maximum or 1e6, 1e7)
        values = pd.Series(np.round(rng.uniform(low, high, n), 0 if column.type == "int" else 2))
    elif column.type == "code":
        values = pd.Series(rng.choice(list(column.codes), n))
    elif column.type == "codes":
        codes = list(column.codes)
        values = pd.Series([";".join(c for c in codes if rng.random() < 0.4) or codes[0] for _ in range(n)])
    elif column.type == "area":
        values = pd.Series([f"2112{number:08d}" for number in range(n)])
    else:
        values = pd.Series(
            [["=1+1", "-x", "@y", "大坡村，三组", 'say "so"', "a;b", "（甲）", "001"][k % 8] for k in range(n)]
        )
    if column.need == "optional":
        values[rng.random(n) < 0.3] = None
    return values


@pytest.fixture(scope="module")
def register():
    rng = np.random.default_rng(7)
    frames = {}
    for name, table in TABLES.items():
        frame = pd.DataFrame({column.name: values_of(column, N, rng) for column in table.columns})
        if "household_id" in frame:
            frame["household_id"] = [f"{number:019d}" for number in range(N)]
        if "member_id" in frame:
            frame["member_id"] = [f"p{number}" for number in range(N)]
        if "record_id" in frame:
            frame["record_id"] = [f"00{number}" for number in range(N)]
        frame["recorded_at"] = pd.Timestamp("2024-05-06")
        if table.open_ended:
            frame[table.open_ended] = pd.Timestamp("2024-01-01")
        if "birth_date" in frame:
            frame["birth_date"] = pd.Timestamp("1960-02-29")
        if name == "incomes":
            frame = pd.concat([frame.assign(item=item) for item in ("wage", "tr_dibao", "oop_compliant")])
            frame = frame.assign(period_start=pd.Timestamp("2023-01-01"), period_end=pd.Timestamp("2023-12-31"))
            frame["amount_cny"] = np.round(rng.gamma(1.0, 5000.0, len(frame)), 2)
            frame.loc[[2, 5], "member_id"] = None
            frame = frame.sort_values("household_id", kind="stable")
        frames[name] = conform(name, frame.reset_index(drop=True))
    register = Register.from_frames(frames)
    assert len(register.rejects) == 0
    assert not (register.problems["severity"] == "blanked").any()
    return register


def test_what_is_already_typed_passes_unchanged(register):
    """Checking a checked register changes nothing."""
    again = Register.from_frames(register.tables)
    for name, frame in register.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], frame)


def check_round_trip(register, folder, **options):
    again = read_register(register.to_folder(folder / "out", **options))
    assert len(again.rejects) == 0, again.rejects["message"].tolist()
    for name, frame in register.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], frame)


@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: "-".join(f"{v}" for v in o.values()))
def test_every_layout_reads_back_alike(register, options, tmp_path):
    """Whatever the layout, reading what was written gives the same households, members and incomes."""
    few = Register({name: register.tables[name] for name in ("households", "members", "incomes")})
    check_round_trip(few, tmp_path, **options)


@pytest.mark.parametrize("headers", ["en", "zh"])
@pytest.mark.parametrize("kind", ["parquet", "csv", "xlsx"])
def test_every_table_reads_back_alike(register, kind, headers, tmp_path):
    """All ten tables, every column and kind of value, read back as they were written."""
    full = {} if kind == "parquet" else {"title_rows": True, "total_row": True}
    check_round_trip(register, tmp_path, format=kind, headers=headers, units=True, **full)


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_written_headers_and_codes_are_read_as_themselves(table):
    """The Chinese header of each column and the first text of each code mean that column and that code."""
    layout = lay_out(table, [column.zh for column in table.columns])
    assert {name: position for name, (position, _) in layout.columns.items()} == {
        column.name: position for position, column in enumerate(table.columns)
    }
    for column in table.columns:
        for code, texts in column.codes.items():
            assert parse(pd.Series([texts[0], code]), column).column.tolist() == [code, code]


def test_amounts_survive_floats_exactly(tmp_path):
    """Every amount of two decimals is read back to the bit, in csv and in xlsx."""
    rng = np.random.default_rng(0)
    amounts = np.round(rng.uniform(0, 1e6, 500) * 10.0 ** rng.integers(-4, 2, 500), 2)
    incomes = pd.DataFrame({"household_id": "h1", "period_start": pd.date_range("1990-01-01", periods=500, freq="D")})
    incomes = incomes.assign(period_end=incomes["period_start"], item="wage", amount_cny=amounts)
    households = pd.DataFrame({"household_id": ["h1"], "valid_from": ["2023-01-01"]})
    made = Register.from_frames(households=households, incomes=incomes)
    for kind in ("csv", "xlsx"):
        again = read_register(made.to_folder(tmp_path / kind, format=kind, headers="zh", units=True))
        assert again.tables["incomes"]["amount_cny"].tolist() == amounts.tolist()


def test_no_cell_is_run_as_a_formula(tmp_path):
    """Texts that begin like a formula are quoted in csv and are strings, not formulas, in xlsx."""
    households = {"household_id": ["h1"], "valid_from": ["2023"], "area_name": ["=1+1"], "户类型": ["脱贫户"]}
    register = Register.from_frames(households=households)
    text = (register.to_folder(tmp_path / "csv", format="csv") / "households.csv").read_text("utf-8-sig")
    assert ",'=1+1," in text
    assert ",=1+1," not in text
    file = register.to_folder(tmp_path / "xlsx", format="xlsx") / "households.xlsx"
    with zipfile.ZipFile(file) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


def test_a_failed_writing_leaves_nothing(register, tmp_path, monkeypatch):
    """If a file cannot be written, no folder and no temporary file remains."""

    def fail(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(fanpin_risk.records.write, "_write_csv", fail)
    with pytest.raises(InputError, match="the disk is full"):
        register.to_folder(tmp_path / "out", format="csv")
    assert list(tmp_path.iterdir()) == []


def test_a_register_of_real_people_is_never_replaced(register, tmp_path):
    """Neither by another register nor by one that was made up, whatever is asked for."""
    folder = register.to_folder(tmp_path / "out", format="csv")
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    for other in (register, make_register(20, random_state=1)):
        with pytest.raises(InputError, match=r"out holds other files or folders \(\d+: .*they are kept"):
            other.to_folder(folder, overwrite=True)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    with pytest.raises(InputError, match="is a file"):
        register.to_folder(folder / "households.csv", overwrite=True)


def test_a_made_up_register_is_replaced_on_request(register, tmp_path):
    """As long as it is as it was written: a real table laid beside the made-up ones is kept."""
    made = make_register(20, random_state=1)
    folder = made.to_folder(tmp_path / "out", format="csv")
    with pytest.raises(InputError, match="already holds a synthetic register; choose another folder, or replace it"):
        made.to_folder(folder)
    made.to_folder(folder, format="xlsx", overwrite=True)
    assert {file.suffix for file in folder.glob("[!.S]*")} == {".xlsx"}
    real = register.to_folder(tmp_path / "real", format="xlsx")
    shutil.copy(real / "incomes.xlsx", folder / "incomes.xlsx")
    with pytest.raises(InputError, match=r"added or changed since \(incomes\.xlsx\); they are kept"):
        made.to_folder(folder, overwrite=True)


@pytest.mark.parametrize("option", ["format", "headers", "encoding"])
def test_unknown_options_are_refused(register, tmp_path, option):
    """An option that is none of the listed ones is refused by name."""
    with pytest.raises(InputError, match=f"{option} is 'x'; expected one of"):
        register.to_folder(tmp_path / "out", **{option: "x"})


def test_large_tables_go_on_several_sheets(register, tmp_path, monkeypatch):
    """Rows beyond what a sheet takes stand on further sheets and are read back."""
    monkeypatch.setattr(fanpin_risk.records.write, "SHEET_ROWS", 3)
    check_round_trip(register, tmp_path, format="xlsx", title_rows=True)


def test_a_made_up_register_is_known_again(tmp_path):
    """The note beside the files says that nobody in them exists; a register that was not made up has none."""
    made = make_register(50, random_state=1)
    folder = made.to_folder(tmp_path / "made", format="csv")
    assert read_register(folder).source == made.source
    assert "SYNTHETIC.md" not in set(read_register(folder).problems["source"])
    (folder / "SYNTHETIC.md").write_text("changed by hand", "utf-8")
    assert read_register(folder).source == "synthetic register, random_state=unknown"
    made.source = "county"
    other = made.to_folder(tmp_path / "other", format="csv")
    assert not (other / "SYNTHETIC.md").exists()
    assert read_register(other).source == "other"


def test_markup_in_a_name_does_not_spoil_the_workbook(tmp_path):
    """A text that looks like the markup of a cell is read back as the text it is."""
    frame = {"household_id": ["h1"], "valid_from": ["2023-01-01"], "area_name": ["<r>&</r>"]}
    Register.from_frames(households=frame).to_folder(tmp_path / "county", format="xlsx")
    assert read_register(tmp_path / "county").tables["households"]["area_name"].tolist() == ["<r>&</r>"]


@pytest.mark.parametrize("options", [{}, {"headers": "zh"}, {"headers": "zh", "wide_incomes": True}])
def test_what_surveys_ask_comes_back(tmp_path, options):
    """Consumption, a line of the household, a status, tenure, rooms, assets and coping are written so that they are read alike."""
    day = {"valid_from": ["2020-06-30"], "recorded_at": ["2020-06-30"]}
    period = {"period_start": ["2020-01-01"], "period_end": ["2020-12-31"], "recorded_at": ["2021-01-30"]}
    household = {"below_line": ["no"], "tenure": ["rented"], "rooms": [3], "assets": ["car;phone"], "coping": ["none"]}
    amounts = {"consumption_food": [4000.0], "consumption_other": [5000.0], "household_line": [7000.0]}
    register = Register.from_frames(
        households={"household_id": ["H1"], **day, **household},
        members={"household_id": ["H1"], "member_id": ["P1"], **day, "age": [40]},
        incomes={"household_id": ["H1"], **period, **amounts},
    )
    assert register.tables["incomes"]["amount_cny"].tolist() == [4000, 5000, 7000]
    assert register.problems.empty
    again = read_register(register.to_folder(tmp_path / "files", format="csv", **options))
    for name in ("households", "members", "incomes"):
        pd.testing.assert_frame_equal(again.tables[name], register.tables[name])
