"""Reading a register for a command."""

from pathlib import Path

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.cli.reading import check_ending, check_text_ending, own_lines, pseudonyms, read_checked
from fanpin_risk.cli.talking import Teller
from fanpin_risk.errors import InputError
from fanpin_risk.words import in_language


@pytest.mark.parametrize(
    ("lang", "rows", "files"),
    [
        ("en", " rows read = ", "1 file(s) or sheet(s) could not be read: 家庭收入.csv"),
        ("zh", "读入 ", "另有 1 个文件（工作表）未能读取：家庭收入.csv"),
    ],
)
def test_rows_are_accounted_for_and_unread_files_named(tmp_path, capsys, lang, rows, files):
    """Nobody has to search for what was passed over."""
    fr.make_register(20, random_state=1).to_folder(tmp_path / "in", headers="zh")
    (tmp_path / "in/家庭收入.csv").write_bytes(b"PK\x03\x04 no csv at all \x00\x00")
    with in_language(lang):
        read_checked(tmp_path / "in", Teller())
    told = capsys.readouterr().err
    assert rows in told
    assert files in told


@pytest.mark.parametrize(
    "asked",
    [
        "train {in} --as-of 2022-12-31 --out {out}",
        "score {in} --as-of 2022-12-31 --model demo --out {out}",
        "score {in} --as-of 2022-12-31 --model demo --out {out} --workers 1",
        "explain {in} --as-of 2022-12-31 --model demo --household h1 --out {out}.txt",
        "report {in} --as-of 2022-12-31 --model demo --out {out}.html",
        "features {in} --as-of 2022-12-31 --out {out}.csv",
        "evaluate {in} --as-of 2021-12-31 --as-of 2022-12-31 --out {out}",
        "drift {in} --as-of 2022-12-31 --model demo --out {out}",
        "pack {in} --out {out} --threads 1",
    ],
    ids=lambda asked: asked.partition(" ")[0],
)
def test_too_few_households_are_an_error(asked, run, tmp_path):
    """Fewer than half were kept: nothing is written, and the three commonest reasons are named, each with one of its rows."""
    if asked.startswith("pack"):
        pytest.importorskip("duckdb", reason="duckdb is not installed: extra 'pack'")
    (tmp_path / "in").mkdir()
    rows = ["h1,2022,", *[f"h{n},soon," for n in range(2, 8)], ",2022,", ",2022,", "211221199001011232,2022,"]
    rows += ["h11,,", "h12,,", "h13,,"]
    (tmp_path / "in/户信息.csv").write_text("\n".join(["户编号,年度,户类型", *rows]), encoding="utf-8")
    (tmp_path / "in/家庭成员.csv").write_text("人编号,户编号,年度\np1,h1,2022\n", encoding="utf-8")
    places = {"in": tmp_path / "in", "out": tmp_path / "out"}
    result = run(*(word.format_map(places) for word in asked.split()), "--lang", "en")
    assert result.exit_code == 3, result.output
    assert "only 1 of 13 rows of households could be used" in result.stderr
    reasons = result.stderr.partition("Commonest reasons: ")[2]
    assert reasons.startswith("6 rows, such as 户信息.csv, row 3, valid_from: expected a date")
    assert "5 rows, such as 户信息.csv, row 9, household_id: expected a value" in reasons
    assert "1 rows, such as 户信息.csv, row 11, household_id: expected a register number, not a citizen id" in reasons
    assert "2112" not in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_ids_become_the_pseudonyms_of_reading(county, tmp_path):
    """A household is found by its own id in a register that was read with a key."""
    key = tmp_path / "key"
    key.write_text("sixteen bytes or more\n")
    read = read_checked(county, Teller(quiet=True), id_key=key)
    ids = fr.read_register(county).tables["households"]["household_id"]
    assert pseudonyms(tuple(ids), key) == tuple(read.tables["households"]["household_id"])


def test_endings_are_checked():
    """In capitals as well; the screen has no ending."""
    check_ending(Path("A.CSV"))
    check_text_ending(None, (".md", ".html"))
    check_text_ending(Path("a.HTML"), (".md", ".html"))
    with pytest.raises(InputError, match=r"a\.txt: expected a file that ends in \.csv, \.parquet, \.xlsx"):
        check_ending(Path("b/a.txt"))
    with pytest.raises(InputError, match=r"a\.txt: expected a file that ends in \.md or \.html"):
        check_text_ending(Path("a.txt"), (".md", ".html"))


def test_own_lines_are_read_where_a_file_is_named(tmp_path):
    """No file, no lines of one's own."""
    assert own_lines(None) is None
    pd.DataFrame({"area_prefix": [""], "year": [2023], "line_cny": [9000]}).to_csv(tmp_path / "l.csv", index=False)
    assert own_lines(tmp_path / "l.csv").entry("", 2023).status == "user"
