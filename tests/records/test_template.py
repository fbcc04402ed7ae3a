"""An empty workbook to be filled in: it is read back, and its example is not."""

import openpyxl
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import InputError
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.sheets import GUIDE_SHEET

HOUSEHOLDS = {"户编号": ["H001", "H002", "0003"], "户类型": ["脱贫户", "一般农户", "一般农户"]}


def sheet_of(book, lang, table):
    return book[TABLES[table].label.shown(lang)]


def fill(sheet, rows, first=3):
    """Write rows of {column name: cell} below the example."""
    places = {str(cell.value).split("*")[0].split(" (")[0]: cell.column for cell in sheet[1]}
    for number, row in enumerate(rows, start=first):
        for name, cell in row.items():
            sheet.cell(number, places[name], cell)


def filled(tmp_path, lang="zh"):
    """A template with three households, three members and three amounts."""
    file = fr.write_template(tmp_path / "template.xlsx", lang=lang)
    book = openpyxl.load_workbook(file)
    names = {t.name: {c.name: c.zh if lang == "zh" else c.name for c in t.columns} for t in TABLES.values()}

    def rows(table, lines):
        fill(sheet_of(book, lang, table), [{names[table][key]: cell for key, cell in line.items()} for line in lines])

    value = (lambda zh, _: zh) if lang == "zh" else (lambda _, en: en)
    ids = ["H001", "H002", "0003"]
    rows("households", [{"household_id": one, "valid_from": "2024-06-30", "register_status": value("脱贫户", "ex_poor"),
                         "farmland_mu": 2.5, "safe_water": value("是", "true")} for one in ids])  # fmt: skip
    rows("members", [{"member_id": f"P{one}", "household_id": one, "valid_from": "2024-06-30", "birth_date": "1960-02-03",
                      "relation": value("户主", "head"), "health": value("健康", "healthy")} for one in ids])  # fmt: skip
    rows("incomes", [{"household_id": one, "period_start": "2023-01-01", "period_end": "2023-12-31",
                      "item": value("低保金", "tr_dibao"), "amount_cny": 4200} for one in ids])  # fmt: skip
    book.save(file)
    return file


def assert_read(register):
    assert register.tables["households"]["household_id"].tolist() == ["0003", "H001", "H002"] or register.tables[
        "households"
    ]["household_id"].tolist() == ["H001", "H002", "0003"]
    assert register.supplied == {"households", "members", "incomes"}
    assert register.tables["households"]["register_status"].tolist() == ["ex_poor"] * 3
    assert register.tables["households"]["farmland_mu"].tolist() == [2.5] * 3
    assert register.tables["households"]["safe_water"].tolist() == [True] * 3
    assert register.tables["members"]["relation"].tolist() == ["head"] * 3
    assert register.tables["incomes"][["item", "amount_cny"]].values.tolist() == [["tr_dibao", 4200.0]] * 3
    assert not len(register.rejects)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_template_that_is_filled_in_is_read(tmp_path, lang):
    """Three rows in three sheets; the example is told as such, sheets without more are not given."""
    register = fr.read_register(filled(tmp_path, lang))
    assert_read(register)
    codes = register.problems.groupby("code")["table"].apply(set)
    assert codes["only_example"] == {
        "medical",
        "disabilities",
        "enrolments",
        "shocks",
        "supports",
        "warnings",
        "monitoring",
    }
    assert codes["rows_skipped"] == {"households", "members", "incomes"}
    assert set(codes.index) == {"only_example", "rows_skipped"}


def test_what_libreoffice_saves_is_read(tmp_path, saved_by_libreoffice):
    """Opened and saved by another program than the one that wrote it; both languages at once, which takes half the time."""
    templates = []
    for lang in ("zh", "en"):
        (tmp_path / lang).mkdir()
        templates.append(filled(tmp_path / lang, lang).rename(tmp_path / f"{lang}.xlsx"))
    for file in saved_by_libreoffice(templates, "xlsx"):
        assert_read(fr.read_register(file))


def test_packing_reads_a_template_too(tmp_path):
    """The example is in no partition, sheets without more are not given."""
    pytest.importorskip("duckdb")
    file = filled(tmp_path)
    summary = fr.pack(file, tmp_path / "packed", threads=1)
    assert list(summary.rows.index) == ["households", "members", "incomes"]
    assert summary.rows["kept"].tolist() == [3, 3, 3]


def test_an_empty_template_is_no_register(tmp_path):
    """Its examples are nobody's records."""
    with pytest.raises(fr.FanpinError, match="no households"):
        fr.read_register(fr.write_template(tmp_path / "t.xlsx", lang="zh"))


def test_a_sheet_without_its_example_says_that_there_is_nothing(tmp_path):
    """Who deletes the example says: there are no bills on record."""
    file = filled(tmp_path)
    book = openpyxl.load_workbook(file)
    book[TABLES["medical"].zh].delete_rows(2)
    book.save(file)
    assert fr.read_register(file).supplied == {"households", "members", "incomes", "medical"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_lists_are_offered_and_every_column_is_explained(tmp_path, lang):
    """A list for each column of codes or of yes and no, taken from the guide; each of its values is one that is read."""
    book = openpyxl.load_workbook(fr.write_template(tmp_path / "t.xlsx", lang=lang))
    guide = book[GUIDE_SHEET.shown(lang)]
    assert book.sheetnames == [GUIDE_SHEET.shown(lang), *(table.label.shown(lang) for table in TABLES.values())]
    for table in TABLES.values():
        sheet = sheet_of(book, lang, table.name)
        assert sheet.max_column == len(table.columns)
        assert sheet.max_row == 2
        lists = {
            next(iter(rule.sqref.ranges)).min_col: rule
            for rule in sheet.data_validations.dataValidation
            if rule.type == "list"
        }
        for number, column in enumerate(table.columns, start=1):
            assert (number in lists) == bool(column.codes or column.type == "bool")
            if number in lists:
                place = lists[number].formula1.split("!")[1].replace("$", "")
                offered = [cell.value for (cell,) in guide[place]]
                known = {"是", "否", "true", "false"} if column.type == "bool" else {
                    text for code, texts in column.codes.items() for text in (code, texts[0])
                }  # fmt: skip
                assert set(offered) <= known
                assert len(offered) == (len(column.codes) or 2)


def test_a_template_is_kept_and_replaced_on_request(tmp_path):
    """Once filled in, never."""
    file = fr.write_template(tmp_path / "t.xlsx", lang="zh")
    with pytest.raises(InputError, match="already exists"):
        fr.write_template(file)
    before = file.read_bytes()
    assert fr.write_template(file, lang="zh", overwrite=True).read_bytes() == before
    book = openpyxl.load_workbook(file)
    book.save(file)
    with pytest.raises(InputError, match="is kept"):
        fr.write_template(file, overwrite=True)
    with pytest.raises(InputError, match=r"ends in \.xlsx"):
        fr.write_template(tmp_path / "t.csv")
    with pytest.raises(InputError, match="lang is 'fr'"):
        fr.write_template(tmp_path / "u.xlsx", lang="fr")
