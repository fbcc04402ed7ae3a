"""The commands visits make, visits read and visits notice."""

import openpyxl
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.visits.row_keys import RowKey, read_row_key

DAY = "2023-12-31"


@pytest.fixture
def listed(county, model, tmp_path):
    """A list as an office has it: ids under a Chinese header, and who visits."""
    register, loaded = fr.read_register(county), fr.load_model(model)
    ids = fr.watchlist(loaded.score(register, DAY, explain=False), capacity=4)["household_id"].tolist()
    path = tmp_path / "list.csv"
    pd.DataFrame({"序号": range(1, 5), "户编号": ids, "走访人": ["V01"] * 4}).to_csv(
        path, index=False, encoding="utf-8-sig"
    )
    return path


def filled(path):
    """Fill in the first household of a workbook; return the household's key."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[1]
    found = [(row, read_row_key(str(sheet.cell(row, 1).value))) for row in range(1, sheet.max_row + 1)]
    keys = {key.line: (row, key.household) for row, key in reversed(found) if isinstance(key, RowKey)}
    for line, column, value in (
        ("A1", 3, "入户"),
        ("A1", 5, "见到户主"),
        ("A1", 7, "属实"),
        ("A1", 9, "2024-01-20"),
        ("A5", 7, "V01"),
        ("R1", 3, "家庭人口数"),
        ("R1", 7, "9"),
    ):
        sheet.cell(keys[line][0], column).value = value
    sheet.cell(keys["A2"][0], 3).value = "差不多"
    book.save(path)
    return keys["A1"][1]


def test_from_the_list_to_the_visit_and_back(succeed, county, model, listed, tmp_path):
    """Sheets, filled in, read back: events, corrections and what is wrong, each in its file; counts are said."""
    made = succeed(
        "visits", "make", county, "--list", listed, "--as-of", DAY, "--model", model, "--out", tmp_path / "sheets",
        "--per", "visitor", "--lang", "zh", "--pages",
    )  # fmt: skip
    assert "走访表：4 户，1 个工作簿" in made.output
    assert (tmp_path / "sheets" / "V01.html").read_text("utf-8").count('<section class="block">') == 4
    key = filled(tmp_path / "sheets" / "V01.xlsx")
    read = succeed(
        "visits", "read", tmp_path / "sheets", "--list", listed, "--out", tmp_path / "events.csv", "--corrections",
        tmp_path / "corrections.csv", "--problems", tmp_path / "problems.csv", "--lang", "en",
    )  # fmt: skip
    assert (
        "4 households on the sheets = 1 visited + 0 half filled in + 3 not visited; 1 proposed corrections"
        in read.output
    )
    assert "Food: not one of the answers (given, not given, does not apply, not looked at)" in read.output
    events = pd.read_csv(tmp_path / "events.csv", encoding="utf-8-sig")
    assert events[["key", "event", "who"]].to_numpy().tolist() == [[key, "verified", "V01"]]
    corrections = pd.read_csv(tmp_path / "corrections.csv", encoding="utf-8-sig")
    assert corrections[["table", "column", "new"]].to_numpy().tolist() == [["households", "size_declared", 9]]
    assert pd.read_csv(tmp_path / "problems.csv", encoding="utf-8-sig")["code"].tolist() == ["not_one_of"]
    assert events["household_id"].iloc[0] not in read.output
    again = succeed(
        "visits", "make", county, "--list", listed, "--as-of", "2024-03-31", "--model", model, "--out", tmp_path / "again",
        "--earlier", tmp_path / "events.csv", "--mask", "--lang", "en",
    )  # fmt: skip
    assert "4 households on sheets" in again.output
    texts = [
        str(cell.value)
        for path in (tmp_path / "again").glob("*.xlsx")
        for sheet in openpyxl.load_workbook(path).worksheets
        for row in sheet.iter_rows()
        for cell in row
    ]
    assert "2024-01-20 verified" in texts
    assert not set(pd.read_csv(listed)["户编号"]) & set(texts)


def test_results_are_replaced_only_if_asked(run, succeed, county, model, listed, tmp_path):
    """And never where somebody changed them."""
    succeed(
        "visits", "make", county, "--list", listed, "--as-of", DAY, "--model", model, "--out", tmp_path / "s", "--quiet"
    )
    asked = ("visits", "read", tmp_path / "s", "--out", tmp_path / "e.csv")
    succeed(*asked, "--quiet")
    assert run(*asked).exit_code == 3
    succeed(*asked, "--overwrite", "--quiet")
    assert run(*asked[:-1], tmp_path / "e.doc").exit_code == 2
    (tmp_path / "e.csv").write_text("mine")
    assert run(*asked, "--overwrite").exit_code == 3


def test_a_notice_of_a_list(run, succeed, tmp_path):
    """With names masked unless asked; a list without types is refused in one line."""
    listed, names = tmp_path / "l.csv", tmp_path / "n.csv"
    listed.write_text("户编号,监测对象类别,行政村,家庭人口数\nH1,edge,丙村,3\n", "utf-8")
    names.write_text("户编号,姓名\nH1,张小三\n", "utf-8")
    asked = ("visits", "notice", listed, "--names", names, "--on", "2025-01-20")
    succeed(*asked, "--out", tmp_path / "notice.csv", "--lang", "zh")
    assert "丙村,张*三,3,边缘易致贫户,2025-01-20,12317" in (tmp_path / "notice.csv").read_text("utf-8-sig")
    listed.write_text(
        "户编号,监测对象类别,行政村,流程状态\nH1,edge,丙村,已核实\nH000002,edge,丙村,核实不属实\n", "utf-8"
    )
    assert "left out" in succeed(*asked, "--out", tmp_path / "some.csv", "--lang", "en").output
    with fr.Ledger(tmp_path / "ledger") as ledger:
        ledger.append(household_id="H1", event="found", on="2025-01-02", who="village")
    held = run(*asked, "--out", tmp_path / "other.csv", "--ledger", tmp_path / "ledger", "--lang", "en")
    assert held.exit_code == 3
    assert "left out, clue: 1" in held.stderr
    assert "row 2 of the list: ***" in held.stderr
    listed.write_text("户编号,行政村\nH1,丙村\n", "utf-8")
    result = run(*asked, "--out", tmp_path / "other.csv", "--lang", "en")
    assert result.exit_code == 3
    assert "row 1 of the list: type is not one of" in result.stderr
    assert not (tmp_path / "other.csv").exists()
