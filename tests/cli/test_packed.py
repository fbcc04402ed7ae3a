"""Commands on a packed register of several counties: what they say and write is what they do for its files."""

import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.batch import memory
from fanpin_risk.records.register import Register

DAY, BEFORE = "2023-12-31", "2022-12-31"
ONE, OTHER = "H000000003", "H000000014"
COUNTIES = ("211251", "520422", "530381")


@pytest.fixture(scope="module")
def files(register, tmp_path_factory):
    """200 households in three counties, from one to another of which households and persons have moved; some rows are wrong."""
    made = register.select(register.tables["households"]["household_id"].unique()[:200])
    tables = dict(made.tables)
    frame = tables["households"].copy()
    number = pd.factorize(frame["household_id"])[0]
    county = pd.Series(np.array(COUNTIES, dtype=object)[number % 3], index=frame.index)
    county[(number % 7 == 0) & (frame["valid_from"] >= "2022-01-01")] = COUNTIES[0]
    frame["area_code"] = (county + frame["area_code"].str[6:]).where(number % 10 != 9).astype("str")
    tables["households"] = frame
    members = tables["members"]
    movers = members.drop_duplicates("member_id", keep="last")
    movers = movers[movers["valid_to"].isna()].iloc[::9]
    homes = frame["household_id"].unique()
    moved = movers.assign(
        household_id=pd.array(homes[(np.arange(len(movers)) * 7 + 1) % len(homes)], dtype="str"),
        valid_from=pd.Timestamp("2023-08-01").as_unit("s"), recorded_at=pd.Timestamp("2023-08-09").as_unit("s"),
    )  # fmt: skip
    tables["members"] = pd.concat([members, moved], ignore_index=True)
    whole = Register(tables, supplied=made.supplied, source="made up")
    folder = whole.to_folder(tmp_path_factory.mktemp("packed") / "county", format="csv")
    shocks = (folder / "shocks.csv").read_text(encoding="utf-8-sig").splitlines()
    shocks.insert(2, shocks[1].replace(shocks[1].split(",")[0], "nobody", 1))
    (folder / "shocks.csv").write_text("\n".join(shocks) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def packed(files):
    """The same, packed, two counties in several parts."""
    pytest.importorskip("duckdb", reason="packing needs DuckDB")
    fr.pack(files, files.parent / "packed" / "county", max_households=50, threads=1)
    return files.parent / "packed" / "county"


@pytest.fixture(scope="module")
def listed(files):
    """A list of households."""
    file = files.parent / "list.csv"
    pd.DataFrame({"household_id": [ONE, OTHER, "H000000025", "H000000077"]}).to_csv(file, index=False)
    return file


def content(folder):
    """Return every file, without the time at which it was written, and the mark that tells it."""
    found = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.name != ".fanpin-risk.json":
            data = file.read_bytes()
            if file.suffix == ".html":
                data = re.sub(rb"\d{4}-\d\d-\d\dT[\d:+]*|fanpin-risk report [0-9a-f]{16}", b"", data)
            found[str(file.relative_to(folder))] = data
    return found


MODEL, ON = ("--model", "MODEL"), ("--as-of", DAY)
NAMED = ("--household", OTHER, "--household", ONE)
COMPARED = ("--before", BEFORE, "--after", DAY)
COMMANDS = {
    "explain": ("explain", "REGISTER", *MODEL, *ON, *NAMED, "--out", "OUT/e.html"),
    "trace": ("trace", ONE, "--register", "REGISTER", *MODEL, *ON, "--json"),
    "visits": ("visits", "make", "REGISTER", "--list", "LIST", *MODEL, *ON, "--out", "OUT/sheets"),
    "track": ("track", "REGISTER", *MODEL, "--as-of", BEFORE, *ON, "--out", "OUT/t.csv"),
    "track households": ("track", "REGISTER", *MODEL, *NAMED, "--out", "OUT/t.csv"),
    "changes": ("changes", "REGISTER", *MODEL, *COMPARED, "--out", "OUT/c.csv"),
    "changes of households": ("changes", "REGISTER", *MODEL, *COMPARED, *NAMED, "--out", "OUT/c.csv"),
    "watchlist": ("watchlist", "REGISTER", *MODEL, *ON, "--capacity", 3, "--per", "county", "--out", "OUT/w.csv"),
    "features": ("features", "REGISTER", *ON, "--out", "OUT/f.csv"),
    "drift": ("drift", "REGISTER", *MODEL, "--as-of", "2024-12-31", "--out", "OUT/d"),
    "report": ("report", "REGISTER", *MODEL, *ON, "--capacity", 5, "--out", "OUT/r.html"),
    "reports": ("report", "REGISTER", *MODEL, *ON, "--capacity", 5, "--out", "OUT/r"),
    "check": ("check", "REGISTER", "--json", "--out", "OUT/c"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_output_is_that_of_the_files(succeed, files, packed, listed, model, tmp_path, name):
    """To the byte, but for the time at which a report is written; on the screen, too."""
    told, written = [], []
    for form, register in (("files", files), ("packed", packed)):
        out = tmp_path / form
        out.mkdir()
        put = {"REGISTER": register, "MODEL": model, "LIST": listed}
        words = [put.get(word, word) for word in COMMANDS[name]]
        words = [str(word).replace("OUT/", f"{out}/") for word in words]
        done = succeed(*words, "--lang", "en")
        lines = done.stdout.replace(str(out), "OUT").splitlines()
        told.append([line for line in lines if not line.startswith("note:")])
        written.append(content(out))
    assert told[0] == told[1]
    assert list(written[0]) == list(written[1])
    assert [file for file, data in written[0].items() if data != written[1][file]] == []


def test_features_of_each_part(succeed, files, packed, tmp_path):
    """A file for each part, whose rows together are those of the whole register."""
    succeed("features", packed, *ON, "--out", tmp_path / "parts", "--quiet")
    succeed("features", files, *ON, "--out", tmp_path / "all.parquet", "--quiet")
    written = sorted((tmp_path / "parts").glob("*.parquet"))
    assert len(written) > len(COUNTIES)
    together = pd.concat([pd.read_parquet(file) for file in written]).sort_values("household_id", ignore_index=True)
    pd.testing.assert_frame_equal(together, pd.read_parquet(tmp_path / "all.parquet"), check_exact=True)


def test_check_says_what_only_the_files_tell(succeed, files, packed):
    """All but what says the days of each file is the same."""
    of_files, of_packed = (succeed("check", one, "--lang", "en").stdout for one in (files, packed))
    assert "what says which days the rows are about can be seen in the files alone" in of_packed
    start, end = "what says which days", "problems ("
    assert of_packed.partition(start)[0] == of_files.partition(start)[0]
    assert of_packed.partition(end)[2] == of_files.partition(end)[2] != ""


def test_a_household_that_is_not_there_is_said_the_same_way(run, files, packed, model):
    """Whether none or only one of several is not known."""
    for asked in (("nobody",), (ONE, "nobody")):
        words = [word for one in asked for word in ("--household", one)]
        ends = [run("explain", one, *MODEL[:1], model, *ON, *words, "--lang", "en") for one in (files, packed)]
        assert ends[0].exit_code == ends[1].exit_code == 3
        assert ends[0].stderr == ends[1].stderr


def test_ids_are_replaced_for_the_households_that_are_named(succeed, run, files, model, tmp_path):
    """With the key that the register was packed with; for a whole register it has been used already."""
    pytest.importorskip("duckdb", reason="packing needs DuckDB")
    key = tmp_path / "key"
    key.write_bytes(b"a secret that is long enough to be a key")
    succeed("pack", files, "--out", tmp_path / "packed", "--id-key", key, "--quiet")
    asked = ("--model", model, *ON, "--household", ONE, "--id-key", key, "--lang", "en")
    assert succeed("explain", tmp_path / "packed", *asked).stdout == succeed("explain", files, *asked).stdout != ""
    refused = run("features", tmp_path / "packed", *ON, "--id-key", key, "--out", tmp_path / "f.csv", "--lang", "en")
    assert refused.exit_code == 3
    assert "a packed register has been read" in refused.stderr


def test_what_does_not_fit_into_memory_says_so_with_numbers(run, packed, model, tmp_path, monkeypatch):
    """And what to do; commands that go part by part are not concerned."""
    monkeypatch.setattr(memory, "free_bytes", lambda: 1000)
    whole = run("report", packed, "--model", model, *ON, "--out", tmp_path / "r.html", "--lang", "en")
    assert whole.exit_code == 3
    told = r"county: 200 households in \d+ partitions take about 0\.0 GB of memory at once, and 0\.0 GB are free"
    assert re.search(told, whole.stderr)
    assert "name the households" in whole.stderr
    table = run("features", packed, *ON, "--out", tmp_path / "f.csv", "--lang", "en")
    assert table.exit_code == 3
    assert "give --out a folder: then it is written part by part" in table.stderr
    assert run("features", packed, *ON, "--out", tmp_path / "parts", "--quiet").exit_code == 0


def test_a_damaged_part_is_named(run, packed, model, tmp_path):
    """By each way of reading, with nothing written."""
    copy = shutil.copytree(packed, tmp_path / "county")
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    for part in manifest["partitions"]:
        (copy / "partitions" / part["name"] / "incomes.parquet").write_bytes(b"no")
    for words in (("explain", copy, "--household", ONE), ("features", copy, "--out", tmp_path / "parts")):
        ended = run(*words, "--model", model, *ON, "--lang", "en")
        assert ended.exit_code == 3
        assert "incomes.parquet is not the file that was packed" in ended.stderr
    assert not (tmp_path / "parts").exists()
