"""What stands where a result is to go is kept: one table of all commands and functions, and of all that may stand there.

Only an earlier result of the same kind that nobody changed is replaced, and only with --overwrite (overwrite=True).
"""

from __future__ import annotations

import functools
import hashlib
import shutil
from dataclasses import dataclass

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

import fanpin_risk as fr
from fanpin_risk.cli import demonstration, main, models
from fanpin_risk.cli import level as cli_level
from fanpin_risk.errors import InputError
from fanpin_risk.evaluation import evaluate, level
from fanpin_risk.model.store import demo_model
from fanpin_risk.reports import gather, write_evidence, write_report

DAY, YEAR_BEFORE = "2024-12-31", "2023-12-31"
REAL = {"户基本信息.csv": "户编号,数据日期\n9001,2024-06-30\n", "家庭成员.csv": "人编号,户编号\n1,9001\n"}


@dataclass(frozen=True)
class Writer:
    """A command or a function that writes to a place, a folder unless it has an ending."""

    how: tuple[object, ...]  # a command line without the place, or a function of the place and overwrite
    kind: str  # writers of one kind may replace each other's results
    ending: str = ""
    place: str = "--out"


def writer_of(function, kind, ending=""):
    """A function instead of a command."""
    return Writer((function,), kind, ending)


def from_python(name):
    """Call a public function with what the commands use."""

    def write(out, *, overwrite):
        county, model = register(), loaded()
        {
            "to_folder": lambda: fr.make_register(10, 1, years=2).to_folder(out, overwrite=overwrite),
            "save_model": lambda: fr.save_model(model, out, overwrite=overwrite),
            "score_register": lambda: fr.score_register(county, model, DAY, out, n_reasons=1, overwrite=overwrite),
            "pack": lambda: fr.pack(place("county"), out, threads=1, overwrite=overwrite),
            "report": lambda: fr.report(model, county, DAY, out, overwrite=overwrite),
            "write_report": lambda: write_report(contents(), out, overwrite=overwrite),
            "write_evidence": lambda: write_evidence(evaluation(), out, tables=tables(), overwrite=overwrite),
        }[name]()

    return write


SCORE = ("score", "REGISTER", "--as-of", DAY, "--model", "demo", "--quiet")
WRITERS = {
    "synth": Writer(("synth", "--households", 10, "--years", 2, "--quiet"), "synthetic register", place=""),
    "check": Writer(("check", "REGISTER"), "check"),
    "pack": Writer(("pack", "REGISTER", "--threads", 1, "--quiet"), "register"),
    "train": Writer(("train", "REGISTER", "--as-of", DAY, "--quiet"), "model"),
    "score": Writer(SCORE, "score"),
    "score to a file": Writer(SCORE, "score", ".csv"),
    "score to a workbook": Writer(SCORE, "score", ".xlsx"),
    "evaluate": Writer(("evaluate", "REGISTER", "--as-of", YEAR_BEFORE, "--as-of", DAY, "--draws", 0, "--no-leak-check", "--quiet"),
                       "evaluation"),
    "drift": Writer(("drift", "REGISTER", "--as-of", DAY, "--model", "demo", "--quiet"), "drift"),
    "recalibrate": Writer(("recalibrate", "REGISTER", "--as-of", DAY, "--model", "demo", "--quiet"), "model"),
    "demo": Writer(("demo", "--quiet"), "demo"),
    "features to csv": Writer(("features", "REGISTER", "--as-of", DAY, "--quiet"), "features", ".csv"),
    "features to parquet": Writer(("features", "REGISTER", "--as-of", DAY, "--quiet"), "features", ".parquet"),
    "features to a workbook": Writer(("features", "REGISTER", "--as-of", DAY, "--quiet"), "features", ".xlsx"),
    "explain to html": Writer(("explain", "REGISTER", "--as-of", DAY, "--model", "demo", "--household", "HOUSEHOLD"),
                              "explanation", ".html"),
    "explain to a text": Writer(("explain", "REGISTER", "--as-of", DAY, "--model", "demo", "--household", "HOUSEHOLD"),
                                "explanation", ".txt"),
    "card to html": Writer(("card", "demo"), "card", ".html"),
    "card to md": Writer(("card", "demo"), "card", ".md"),
    "report to html": Writer(("report", "REGISTER", "--as-of", DAY, "--model", "demo", "--quiet"), "report", ".html"),
    "report to a workbook": Writer(("report", "REGISTER", "--as-of", DAY, "--model", "demo", "--quiet"), "report", ".xlsx"),
    "columns to csv": Writer(("columns", "REGISTER"), "columns", ".csv"),
    "columns to html": Writer(("columns",), "columns", ".html"),
    "columns to a workbook": Writer(("columns",), "columns", ".xlsx"),
    "Register.to_folder": writer_of(from_python("to_folder"), "synthetic register"),
    "save_model": writer_of(from_python("save_model"), "model"),
    "score_register": writer_of(from_python("score_register"), "scores"),
    "fanpin_risk.pack": writer_of(from_python("pack"), "register"),
    "fanpin_risk.report": writer_of(from_python("report"), "report", ".xlsx"),
    "reports.write_report": writer_of(from_python("write_report"), "report", ".html"),
    "reports.write_evidence": writer_of(from_python("write_evidence"), "evaluation"),
}  # fmt: skip
# Score part by part has its own tests below, since it goes on where it was stopped.
NEEDS = {"pack": "duckdb", "fanpin_risk.pack": "duckdb"}
PLACES = {}


def place(name):
    """Return a folder that all tests share."""
    return PLACES["base"] / name


@functools.cache
def loaded():
    return fr.load_model(demo_model())


@functools.cache
def register():
    return fr.read_register(place("county"))


@functools.cache
def contents():
    return gather(loaded(), register(), DAY)


@functools.cache
def evaluation():
    days = ["2021-12-31", "2022-12-31", "2023-12-31"]
    return evaluate(fr.make_register(800, random_state=3), days, target="below_line", models={}, baselines=("rules",))


@functools.cache
def tables():
    return evaluation().tables(n_bootstrap=0)


@pytest.fixture(scope="module", autouse=True)
def base(tmp_path_factory):
    """A small county, and the places where each writer wrote once."""
    PLACES["base"] = tmp_path_factory.mktemp("overwrite")
    fr.make_register(60, random_state=1).to_folder(place("county"), format="csv")
    yield
    for cached in (register, contents, evaluation, tables):
        cached.cache_clear()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """What takes long is done once, or not at all: these tests are about where results go."""
    monkeypatch.setattr(models, "fit", lambda *_, **__: (loaded(), None))
    monkeypatch.setattr(fr, "evaluate", lambda *_, **__: evaluation(), raising=False)
    monkeypatch.setattr(cli_level, "_past_days", lambda *_: [])
    put_right = level.Recalibration(loaded(), 0.1, pd.Timestamp(DAY), pd.DataFrame(), helps=True)
    monkeypatch.setattr(level, "recalibrate", lambda *_, **__: put_right)
    monkeypatch.setattr(
        demonstration, "_whole_job", lambda folder, *_, **__: (folder / "scores.csv").write_text("household_id\n")
    )


def household():
    return register().tables["households"]["household_id"].iloc[0]


def write(name, out, *, overwrite=False):
    """Let a writer write; return why it refused, or nothing."""
    pytest.importorskip(NEEDS[name]) if name in NEEDS else None
    first, *rest = WRITERS[name].how
    if callable(first):
        try:
            first(out, overwrite=overwrite)
        except InputError as error:
            return str(error)
        return ""
    words = {"REGISTER": place("county"), "HOUSEHOLD": household()}
    line = [first, *(words.get(str(word), word) for word in rest), *filter(None, [WRITERS[name].place]), out]
    done = CliRunner().invoke(main, [*map(str, line), *(["--overwrite"] if overwrite else []), "--lang", "en"])
    assert done.exit_code in (0, 2, 3), done.output
    assert done.exit_code == 0 or "rows read" not in done.output, "it worked before it refused"
    return done.output if done.exit_code else ""


def is_kept(name):
    """Return an earlier result of a writer, written once."""
    made = place(f"made by {name}") / f"out{WRITERS[name].ending}"
    if not made.parent.exists():
        made.parent.mkdir()
        assert write(name, made) == ""
    return made


def lay(name, out):
    """Put an earlier result of a writer to another place, with what belongs to it."""
    made = is_kept(name)
    for entry in made.parent.iterdir():
        target = out.parent / entry.name
        shutil.copytree(entry, target) if entry.is_dir() else shutil.copy(entry, target)


def tree(folder):
    """All that stands in a folder; what a lock file holds does not matter."""
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""
        for file in folder.rglob("*")
        if file.name != ".lock"
    }


def change(file):
    """Change a result as someone who works with it would."""
    if file.suffix == ".xlsx":
        book = openpyxl.load_workbook(file)
        book.active["A1"] = "changed"
        book.save(file)
    elif file.suffix == ".parquet":
        pd.read_parquet(file).iloc[1:].to_parquet(file, index=False)
    elif file.suffix == ".csv":
        *rows, last = file.read_text("utf-8-sig").splitlines(keepends=True)
        file.write_text("".join([*rows, last.replace(",", ",9", 1)]), "utf-8-sig")
    else:
        file.write_bytes(file.read_bytes().replace(b"fanpin", b"Fanpin", 1) + b"\n")


def editable(out):
    """Name a file of a result that someone may edit."""
    return out if out.is_file() else min(file for file in out.rglob("[!.]*") if file.suffix and file.suffix != ".json")


def real_register(_name, out):
    out.mkdir()
    for file, text in REAL.items():
        (out / file).write_text(text, "utf-8")


def foreign(_name, out):
    if out.suffix:
        out.write_text("household_id,net_income\n9001,3\n", "utf-8")
    else:
        out.mkdir()
        (out / "notes.doc").write_text("mine")


def changed_since(name, out):
    lay(name, out)
    change(editable(out))


def description_changed_since(name, out):
    """What a folder of results says of itself, such as the name on the card of a model."""
    lay(name, out)
    file = min(out.glob("*.json"), default=editable(out)) if out.is_dir() else out
    change(file)


def added_since(name, out):
    if WRITERS[name].ending:
        out.write_text("mine\n" + is_kept(name).read_text("utf-8", errors="replace"), "utf-8")
    else:
        lay(name, out)
        (out / "notes.doc").write_text("mine")


def of_another_kind(name, out):
    own = WRITERS[name]
    others = [n for n, w in WRITERS.items() if w.kind != own.kind and bool(w.ending) == bool(own.ending)]
    like = is_kept(min(others, key=lambda n: (WRITERS[n].ending != own.ending, n in NEEDS)))
    shutil.copytree(like, out) if like.is_dir() else shutil.copy(like, out)


def the_other_sort(_name, out):
    """A file where a folder is to be made, and a folder where a file is."""
    if out.suffix:
        out.mkdir()
        (out / "households.csv").write_text("household_id\n9001\n")
    else:
        out.write_text("mine")


KEPT = {
    "a real register": real_register,
    "a file of someone else": foreign,
    "an own result that was changed": changed_since,
    "an own result described otherwise": description_changed_since,
    "an own result and something more": added_since,
    "a result of another kind": of_another_kind,
    "a file for a folder, a folder for a file": the_other_sort,
}


# Scores in parts go on where a run was stopped: their damaged Parquet files are made anew.
CASES = [
    (name, there)
    for name, writer in WRITERS.items()
    for there in KEPT
    if writer.kind != "scores" or there not in ("an own result that was changed", "an own result described otherwise")
]


@pytest.mark.parametrize("overwrite", [False, True], ids=["", "--overwrite"])
@pytest.mark.parametrize(("name", "there"), CASES)
def test_what_is_there_is_kept(name, there, overwrite, tmp_path):
    """Nothing is changed, with or without --overwrite, and the message says what to do."""
    out = tmp_path / f"out{WRITERS[name].ending}"
    KEPT[there](name, out)
    before = tree(tmp_path)
    refusal = write(name, out, overwrite=overwrite)
    assert tree(tmp_path) == before
    assert any(
        told in refusal for told in ("choose another", "is a file", "is a directory", "is a folder; expected a file")
    )


@pytest.mark.parametrize("name", [name for name in WRITERS if name != "score_register"])
def test_an_own_result_is_replaced_on_request_only(name, tmp_path):
    """Without --overwrite it is kept, with it the result is that of a first run, and nothing lies beside it."""
    out = tmp_path / f"out{WRITERS[name].ending}"
    lay(name, out)
    before = tree(tmp_path)
    refusal = write(name, out)
    assert tree(tmp_path) == before
    assert "choose another" in refusal
    assert "replace it with --overwrite" in refusal
    inode = editable(out).stat().st_ino
    assert write(name, out, overwrite=True) == ""
    assert set(tree(tmp_path)) == set(before)
    assert editable(out).stat().st_ino != inode, "it was not written anew"


@pytest.mark.parametrize("name", [name for name, writer in WRITERS.items() if not writer.ending])
def test_an_empty_folder_is_taken(name, tmp_path):
    """Also one in which the system of the computer left its traces."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out/.DS_Store").write_bytes(b"x")
    assert write(name, tmp_path / "out") == ""
    assert set(tree(tmp_path / "out")) >= set(tree(is_kept(name))) - {".DS_Store"}
