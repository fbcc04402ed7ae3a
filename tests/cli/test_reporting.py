"""The command report: a workbook and a page from files, errors before the work, and words that teach."""

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

import fanpin_risk as fr
from fanpin_risk.cli import main
from fanpin_risk.model.store import demo_model

DAY = "2024-12-31"


def run(*arguments):
    model = () if "--model" in arguments else ("--model", "demo")
    return CliRunner().invoke(main, ["report", *(str(argument) for argument in (*arguments, *model))])


def succeed(*arguments):
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result


def sheets(path):
    """Read the cells of a workbook: one list of rows for each sheet."""
    book = openpyxl.load_workbook(path, read_only=True)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


def ids(path):
    return [row[1] for row in list(sheets(path).values())[1][1:]]


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    """A county's files in Chinese, one row of which cannot be read."""
    folder = tmp_path_factory.mktemp("report") / "county"
    fr.make_register(200, random_state=3).to_folder(folder, format="csv", headers="zh")
    file = folder / "家庭收入.csv"
    lines = file.read_text("utf-8-sig").splitlines()
    lines[1] = ",".join("不详" if cell.replace(".", "").isdigit() else cell for cell in lines[1].split(","))
    file.write_text("\n".join(lines), encoding="utf-8-sig")
    return folder


def test_one_command_writes_both_forms(county, tmp_path):
    """Workbook and page come from one scoring; the workbook holds whole ids, the page none."""
    book, page = tmp_path / "new/list.xlsx", tmp_path / "new/list.html"
    result = succeed(county, "--as-of", DAY, "--out", book, "--out", page, "--capacity", 12, "--lang", "zh")
    assert "评分" in result.output
    assert "建议走访 12 户" in result.output
    assert result.output.count("报告：") == 2
    listed = ids(book)
    assert len(listed) == 12
    html = page.read_text("utf-8")
    assert html.startswith("<!DOCTYPE html>")
    assert not any(household in html for household in listed)


def test_the_list_is_that_of_the_library(county, tmp_path):
    """The command adds nothing to what fr.watchlist ranks."""
    succeed(county, "--as-of", DAY, "--out", tmp_path / "r.xlsx", "--capacity", "0.1", "--quiet")
    model = fr.load_model(demo_model())
    expected = fr.watchlist(model.score(fr.read_register(county), DAY, n_reasons=0), capacity=0.1)
    assert ids(tmp_path / "r.xlsx") == expected["household_id"].tolist()


def test_options_reach_the_workbook(county, tmp_path):
    """Places with visits each, fewer reasons and rows, masked ids, names, rejected rows, two languages."""
    names = tmp_path / "names.csv"
    names.write_text("代码,名称\n211251,青河县\n", encoding="gb18030")
    out = tmp_path / "r.xlsx"
    succeed(
        county, "--as-of", DAY, "--out", out, "--per", "village", "--capacity", 2, "--reasons", 1, "--mask",
        "--names", names, "--rejects", "--bilingual", "--lang", "zh", "--quiet",
    )  # fmt: skip
    book = sheets(out)
    listed = list(book.values())[1]
    places, rejects, monitored = (
        book["分地区 Places"],
        book["退回的行 Rejected rows"],
        book["监测对象 Monitored households"],
    )
    assert "本地区名次\nRank in its area" in listed[0]
    assert sum("理由" in header for header in listed[0]) == 1
    assert all("***" in row[1] for row in listed[1:])
    assert len(listed) > 4
    assert places[1][2] == "青河县"
    assert all("***" in row[1] for row in monitored[1:])
    assert rejects[1][2] == 2


def test_a_model_of_monitored_households_orders_their_list(county, tmp_path):
    """With --monitored-model; without one the sheet goes by type and days. A model of others is refused."""
    register = fr.make_register(1500, random_state=3, base_rate=0.06)
    small = fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=10), n_folds=2, target="not_eliminated", place=False)
    theirs = fr.save_model(small.fit(register, ["2021-12-31", "2022-12-31"]), tmp_path / "theirs")
    asked = (county, "--as-of", DAY, "--lang", "en")
    told = succeed(*asked, "--out", tmp_path / "plain.xlsx").output
    succeed(*asked, "--monitored-model", theirs, "--out", tmp_path / "ranked.xlsx")
    plain, ranked = (sheets(tmp_path / f"{name}.xlsx")["Monitored households"] for name in ("plain", "ranked"))
    assert {row[1] for row in plain[1:]} == {row[1] for row in ranked[1:]}
    assert f"{len(plain) - 1} households are monitored on {DAY}" in told
    assert ranked[0][4].startswith("Probability of ")
    risks = [row[4] for row in ranked[1:]]
    assert risks == sorted(risks, reverse=True)
    assert not any("Probability" in str(cell) for cell in plain[0])
    refused = run(*asked, "--monitored-model", "demo", "--out", tmp_path / "other.xlsx")
    assert refused.exit_code != 0
    assert "not_eliminated" in refused.output


def test_messages_come_in_the_language_asked_for(county, tmp_path):
    """English for --lang en, and the model that ships is called what it is; nothing at all when quiet."""
    result = succeed(county, "--as-of", DAY, "--out", tmp_path / "r.xlsx", "--lang", "en", "--capacity", 3)
    assert "3 proposed for a visit" in result.output
    assert "trained on synthetic data: for trying out" in result.output
    assert next(iter(sheets(tmp_path / "r.xlsx"))) == "Summary"
    assert succeed(county, "--as-of", DAY, "--out", tmp_path / "q.xlsx", "--quiet").output == ""


def test_a_file_that_is_there_is_kept(county, tmp_path):
    """It is replaced only when asked to, and not at all once somebody has filled it in."""
    out = tmp_path / "r.xlsx"
    succeed(county, "--as-of", DAY, "--out", out, "--quiet")
    before = out.read_bytes()
    result = run(county, "--as-of", DAY, "--out", out)
    assert result.exit_code == 3
    assert "r.xlsx already exists; choose another name, or replace it with --overwrite" in result.output
    assert out.read_bytes() == before
    succeed(county, "--as-of", DAY, "--out", out, "--overwrite", "--quiet")
    book = openpyxl.load_workbook(out)
    book.worksheets[1]["B2"] = "filled in"
    book.save(out)
    result = run(county, "--as-of", DAY, "--out", out, "--overwrite")
    assert result.exit_code == 3
    assert "changed since; it is kept: choose another name" in result.output
    assert openpyxl.load_workbook(out).worksheets[1]["B2"].value == "filled in"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--out", "r.doc"], 2, "r.doc: expected a file that ends in .xlsx or .html"),
        (["--out", "r.xlsx", "--out", "r.xlsx"], 2, "--out names a file twice"),
        (["--out", "folder.xlsx"], 3, "folder.xlsx is a folder; expected a file"),
        ([], 2, "Missing option '--out'"),
        (
            ["--out", "r.xlsx", "--capacity", "1.0"],
            2,
            "expected a whole number of visits such as 800, or a share",
        ),
        (["--out", "r.xlsx", "--capacity", "many"], 2, "capacity is 'many'"),
        (["--out", "r.xlsx", "--per", "country"], 2, "'country' is not one of"),
        (["--out", "r.xlsx", "--names", "none.csv"], 2, "does not exist"),
        (["--out", "r.xlsx", "--model", "nowhere"], 3, "nowhere"),
    ],
)
def test_wrong_usage_is_told_before_the_work(county, tmp_path, monkeypatch, arguments, code, message):
    """One line says what was expected; nothing is read or written."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.xlsx").mkdir()
    monkeypatch.setattr("fanpin_risk.records.read.read_register", lambda *_, **__: pytest.fail("read first"))
    result = run(county, "--as-of", DAY, *arguments)
    assert (result.exit_code, message in result.output) == (code, True), result.output
    assert [file.name for file in tmp_path.iterdir()] == ["folder.xlsx"]


def test_a_folder_of_pages_has_no_sheet_of_rejects(county, tmp_path):
    """What only a workbook has is refused before the work; another suffix is no folder."""
    result = run(county, "--as-of", DAY, "--out", tmp_path / "pages", "--rejects")
    assert result.exit_code == 2
    assert "a folder of pages by county has none of them" in result.output
    assert not (tmp_path / "pages").exists()


def test_thin_registers_get_their_report(tmp_path):
    """Only households and members, and a day before all records: a workbook all the same, and words that say why."""
    tables = fr.make_register(80, random_state=1).tables
    register = fr.Register({name: tables[name] for name in ("households", "members")})
    register.to_folder(tmp_path / "county", format="csv")
    result = succeed(tmp_path / "county", "--as-of", DAY, "--out", tmp_path / "r.xlsx", "--lang", "zh")
    assert "台账缺少模型训练时所用的表" in result.output
    assert "台账缺少" in str(next(iter(sheets(tmp_path / "r.xlsx").values())))
    early = succeed(tmp_path / "county", "--as-of", "2010-01-01", "--out", tmp_path / "early.xlsx", "--lang", "zh")
    assert "当日没有任何在册农户，请核对日期" in early.output
    assert ids(tmp_path / "early.xlsx") == []


def test_changes_since_an_earlier_day(county, tmp_path):
    """Told in workbook and page; a day that is not earlier and a model without a day are refused before the work."""
    book, page = tmp_path / "list.xlsx", tmp_path / "list.html"
    succeed(
        county, "--as-of", DAY, "--before", "2024-06-30", "--out", book, "--out", page, "--capacity", 4, "--lang", "en"
    )
    rows = sheets(book)["Changes"]
    assert len(rows) > 4
    assert {row[1] for row in sheets(book)["Watch list"][1:]} <= {row[1] for row in rows}
    assert '<section id="changes">' in page.read_text("utf-8")
    for options, message in (
        (("--before", DAY), "expected a day before"),
        (("--model-before", "demo"), "goes with --before"),
    ):
        result = run(county, "--as-of", DAY, "--out", tmp_path / "x.xlsx", "--lang", "en", *options)
        assert result.exit_code == 2
        assert message in result.output


def test_the_sheets_of_the_list_go_with_it(county, tmp_path):
    """The same keys as from a list of the same households; names are in the sheets alone, and asked for with them only."""
    book, page, folder = tmp_path / "list.xlsx", tmp_path / "list.html", tmp_path / "sheets"
    first = next(iter((county / "户基本信息.csv").read_text("utf-8-sig").splitlines()[1:])).split(",")[0]
    names = tmp_path / "names.csv"
    arguments = (county, "--as-of", DAY, "--out", book, "--out", page, "--capacity", 4, "--lang", "en")
    succeed(*arguments)
    listed = ids(book)
    names.write_text(
        "household_id,name\n" + "".join(f"{one},Zhang San\n" for one in (*listed, first)), encoding="utf-8"
    )
    result = succeed(*arguments, "--overwrite", "--sheets", folder, "--household-names", names)
    assert "4 households on sheets" in result.output
    pages = [file.read_text("utf-8") for file in folder.glob("*.html")]
    assert sum(one.count('<section class="block">') for one in pages) == 4
    assert sum(one.count("Zhang San") for one in pages) == 4
    assert all(sum(household in one for one in pages) == 1 for household in listed)
    assert "Zhang San" not in page.read_text("utf-8")
    plan = pd.DataFrame({"household_id": listed, "as_of": pd.Timestamp(DAY)})
    events = fr.read_visits(folder, list=plan)
    assert (events.attrs["n_sheets"], events.attrs["problems"]) == (4, [])
    result = run(*arguments, "--overwrite", "--household-names", names)
    assert result.exit_code == 2
    assert "goes with --sheets" in result.output
    masked = succeed(*arguments, "--overwrite", "--mask", "--sheets", tmp_path / "masked")
    assert masked
    assert not any(
        household in file.read_text("utf-8") for file in (tmp_path / "masked").glob("*.html") for household in listed
    )


def test_ids_stay_pseudonyms(county, tmp_path):
    """With a key for reading, the report holds the pseudonyms made with it and no id."""
    key = tmp_path / "key"
    key.write_text("sixteen bytes or more")
    succeed(county, "--as-of", DAY, "--out", tmp_path / "r.xlsx", "--id-key", key, "--quiet")
    assert all(len(household) == 20 for household in ids(tmp_path / "r.xlsx"))


def test_the_help_teaches():
    """Every option is explained, and two calls to copy are there."""
    text = CliRunner().invoke(main, ["report", "--help"]).output
    for word in (
        "--capacity",
        "--per",
        "--names",
        "--mask / --no-mask",
        "--rejects",
        "--overwrite",
        "people decide",
    ):
        assert word in " ".join(text.split())
    assert text.count("    fanpin-risk report REGISTER --as-of") == 2
    assert "report " in CliRunner().invoke(main, ["--help"]).output
