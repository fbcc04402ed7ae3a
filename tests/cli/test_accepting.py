"""The command visits accept."""

import csv

import openpyxl
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.visits.row_keys import RowKey, read_row_key

DAY, ON, LATER = "2024-12-31", "2025-02-01", "2025-02-28"


def cells_of(sheet):
    """Return the row of each line of the first household of a sheet."""
    found = [(row, read_row_key(str(sheet.cell(row, 1).value))) for row in range(1, sheet.max_row + 1)]
    return {key.line: row for row, key in reversed(found) if isinstance(key, RowKey)}


@pytest.fixture
def proposed(succeed, county, model, tmp_path):
    """Sheets of one household, filled in and read: the file of corrections, and the household."""
    register, loaded = fr.read_register(county), fr.load_model(model)
    scores = loaded.score(register, DAY, explain=False)
    house = fr.Snapshot(register, DAY).households
    home = scores.loc[
        scores["household_id"].isin(register.tables["households"]["household_id"].iloc[house.index]), "household_id"
    ].iloc[0]
    (tmp_path / "list.csv").write_text(f"户编号,走访人\n{home},V01\n", "utf-8")
    succeed("visits", "make", county, "--list", tmp_path / "list.csv", "--as-of", DAY, "--model", model, "--out", tmp_path / "sheets",
            "--per", "visitor", "--lang", "zh", "--quiet")  # fmt: skip
    path = tmp_path / "sheets" / "V01.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[1]
    rows = cells_of(sheet)
    for line, column, value in (
        ("A1", 3, "入户"), ("A1", 5, "见到户主"), ("A1", 7, "属实"), ("A1", 9, "2025-01-20"), ("A5", 7, "V01"),
        ("R1", 3, "健康状况"), ("R1", 5, 1), ("R1", 7, "残疾"),
        ("F1", 3, "住院自付"), ("F1", 5, 5000), ("F1", 7, "2025-01-10"), ("F1", 9, 1),
    ):  # fmt: skip
        sheet.cell(rows[line], column).value = value
    book.save(path)

    def read(name):
        succeed("visits", "read", path, "--list", tmp_path / "list.csv", "--out", tmp_path / "events.csv", "--corrections",
                tmp_path / name, "--ledger", tmp_path / "ledger", "--overwrite", "--lang", "zh", "--quiet")  # fmt: skip
        return tmp_path / name, home

    return read


def test_from_the_sheet_into_the_register_and_the_next_score(run, succeed, county, model, proposed, tmp_path):
    """The clerk chooses from a list; the next score sees the facts, that of the day before does not; trace names the rows."""
    path, home = proposed("corrections.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert [rule.formula1 for rule in sheet.data_validations.dataValidation] == ['"接受,拒绝"']
    headers = [cell.value for cell in sheet[1]]
    assert [row[headers.index("says")].value for row in sheet.iter_rows(2)][-1].startswith("家庭成员；健康状况：")
    asked = ("visits", "accept", county, path, "--on", ON, "--out", tmp_path / "new", "--lang", "en")
    nothing = succeed(*asked[:-3], tmp_path / "none", "--lang", "en").output
    assert "4 lines = 0 taken + 0 on record already + 0 rejected + 4 undecided + 0 refused" in nothing
    assert "--all takes all that is undecided" in nothing
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row, 1).value = "接受"
    book.save(path)
    told = succeed(*asked, "--ledger", tmp_path / "ledger").output
    assert "4 lines = 4 taken" in told
    assert "ledger: 2 events recorded, 0 on record already, 0 refused" in told
    assert "2 rows known from 2025-02-01 on" in told
    assert home not in told
    assert run(*asked).exit_code == 3  # never over a register
    assert run(*asked[:-3], county / "new").exit_code == 3
    old, new = fr.read_register(county), fr.read_register(tmp_path / "new")
    assert not len(new.rejects)
    pd.testing.assert_frame_equal(
        fr.compute_features(old, "2025-01-31"), fr.compute_features(new, "2025-01-31"), check_exact=True
    )
    for name in (county, tmp_path / "new"):
        for day in ("2025-01-31", LATER):
            succeed(
                "score", name, "--as-of", day, "--model", model, "--out", tmp_path / f"{name.name}-{day}", "--quiet"
            )
    risks = {
        (name, day): pd.read_csv(next((tmp_path / f"{name}-{day}").glob("scores*.csv"))).set_index("household_id")[
            "risk"
        ]
        for name in ("county", "new")
        for day in ("2025-01-31", LATER)
    }
    assert risks["county", "2025-01-31"].equals(risks["new", "2025-01-31"])
    assert risks["new", LATER][home] > risks["county", LATER][home]
    assert risks["new", LATER].drop(home).equals(risks["county", LATER].drop(home))
    page = succeed("trace", home, "--as-of", LATER, "--register", tmp_path / "new", "--model", model, "--ledger", tmp_path / "ledger",
                   "--lang", "en").output  # fmt: skip
    assert "Accepted corrections" in page
    assert "2025-02-01 | clerk" in page


def test_a_file_saved_by_a_spreadsheet_and_what_is_wrong_in_it(succeed, county, proposed, tmp_path):
    """GB18030 with numbers and days of its own; what is refused stands in a file with its row, and is said."""
    path, _ = proposed("corrections.csv")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        head, *lines = csv.reader(stream)
    day, new, decision, household = (head.index(name) for name in ("date", "new", "decision", "household_id"))
    for line in lines:
        line[day] = line[day].replace("-", "/")
        line[new] = "5000.0" if line[new] == "5000" else line[new]
        line[decision] = "accept"
    lines.append([*lines[-1]])
    lines[-1][household] = "1.20E+11"
    with path.open("w", encoding="gb18030", newline="") as stream:
        csv.writer(stream, lineterminator="\r\n").writerows([head, *lines, [""] * len(head)])
    told = succeed("visits", "accept", county, path, "--on", ON, "--out", tmp_path / "new", "--problems", tmp_path / "wrong.csv",
                   "--format", "csv", "--lang", "zh").output  # fmt: skip
    assert "5 行 = 受理 4 + 已载 0 + 拒绝 0 + 未定 0 + 拒收 1" in told
    assert "第 6 行：household_id：应为" in told
    wrong = pd.read_csv(tmp_path / "wrong.csv", encoding="utf-8-sig")
    assert wrong[["row", "code"]].to_numpy().tolist() == [[6, "damaged_id"]]
    assert fr.read_register(tmp_path / "new").tables["medical"]["out_of_pocket_cny"].iloc[-1] == 5000


def test_what_is_no_file_of_corrections_is_refused(run, county, tmp_path):
    """By the columns that it lacks, before the register is read."""
    path = tmp_path / "events.csv"
    path.write_text("household_id,event\nH1,verified\n", "utf-8")
    result = run("visits", "accept", county, path, "--out", tmp_path / "new", "--lang", "en")
    assert result.exit_code == 3
    assert "has no column" in result.stderr
    assert not (tmp_path / "new").exists()
