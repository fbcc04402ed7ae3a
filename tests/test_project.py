"""The project's own files: pins, change log, set-up script, nothing of anybody's machine."""

import ast
import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
CONSTRAINTS = sorted((ROOT / "constraints").glob("*.txt"))
PIN = re.compile(r"[a-z0-9][a-z0-9.-]*==[A-Za-z0-9.!+]+( ; [^\\#@:]+)? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")

# What only one machine has: homes, temporary folders, private indexes, addresses with a password.
MACHINE = re.compile(
    r"""(?<![\w.])/(?:home|Users|root|tmp|work|private|var/folders|opt)/[\w.-]+
    | [A-Za-z]:\\Users\\ | file:// | --(?:extra-)?index-url[\s=] | --find-links[\s=] | https?://\S+/simple\b
    | https?://[^\s/]+:[^\s/]+@""",
    re.VERBOSE,
)
THIS_FILE = Path(__file__).resolve()


def tracked() -> list[Path]:
    """Files under version control; without git (an unpacked sdist) all but hidden folders."""
    if shutil.which("git") and (ROOT / ".git").exists():
        done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
        return [path for name in done.stdout.split("\0") if name and (path := ROOT / name).is_file()]
    return [path for path in ROOT.rglob("*") if path.is_file() and not path.relative_to(ROOT).parts[0].startswith(".")]


def text_of(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


@pytest.fixture
def go(tmp_path):
    """The set-up script as a module, at work in an empty copy of the project."""
    for name in ("go.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "constraints", tmp_path / "constraints")
    package = tmp_path / "src" / "fanpin_risk"
    package.mkdir(parents=True)
    (package / "errors.py").write_text("a = 1\n", encoding="utf-8")
    spec = importlib.util.spec_from_file_location("go", tmp_path / "go.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_file_names_a_machine():
    """Whoever clones the project finds no path, index or password of somebody else's computer in it."""
    found = [
        f"{path.relative_to(ROOT).as_posix()}:{number}"
        for path in tracked()
        if path != THIS_FILE and (text := text_of(path)) is not None
        for number, line in enumerate(text.splitlines(), start=1)
        if MACHINE.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "see /home/li/data",
        "out = '/tmp/register'",
        r"C:\Users\li\data",
        "--index-url=x",
        "--find-links /x",
        "http://mirror.example/pypi/simple",
        "https://li:secret@example.org/x",
    ],
)
def test_the_search_for_machines_finds_them(line):
    """The empty list above means something."""
    assert MACHINE.search(line)


@pytest.mark.parametrize("path", CONSTRAINTS, ids=lambda path: path.name)
def test_constraints_hold_names_versions_and_hashes_only(path):
    """No index address, no local file, no option: only what was checked can be installed, from wherever."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not PIN.fullmatch(line) and not HASH.fullmatch(line)] == []
    heads = [number for number, line in enumerate(lines) if PIN.fullmatch(line)]
    assert [lines[number] for number in heads if not lines[number + 1 : number + 2][0].startswith("    --hash")] == []


def test_the_tools_are_pinned_together_with_what_they_test():
    """The tests run on the very versions the program is installed with."""
    run, dev, gate = (pins(ROOT / "constraints" / name) for name in ("run.txt", "dev.txt", "gate.txt"))
    assert run.items() <= dev.items()
    assert {name for name in gate.keys() & dev.keys() if gate[name] != dev[name]} == set()


def pins(path: Path) -> dict[str, set[str]]:
    """Versions of each package in a file of constraints; two where computers differ."""
    found: dict[str, set[str]] = {}
    for name, pinned in re.findall(r"^([a-z0-9.-]+)==([^\s]+)", path.read_text(encoding="utf-8"), re.MULTILINE):
        found.setdefault(name, set()).add(pinned)
    return found


def test_every_dependency_is_pinned():
    """A dependency added to pyproject.toml without refreshing constraints/ is found here, not on a user's machine."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    needed = {
        "run": [*project["project"]["dependencies"], *project["build-system"]["requires"], *groups["build"]],
        "dev": [entry for name in ("dev", "docs") for entry in groups[name] if isinstance(entry, str)],
        "gate": [entry for name in ("benchmark", "browser", "cluster") for entry in groups[name]],
    }
    for kind, requirements in needed.items():
        pinned = pins(ROOT / "constraints" / f"{kind}.txt").keys()
        assert {re.split(r"[<>=!~\[ ;]", entry)[0] for entry in requirements} - pinned == set()


def test_the_change_log_has_a_place_for_the_next_entry():
    """Changes are written down when they are made."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^## \[Unreleased\]$", text, re.MULTILINE)) == 1
    assert re.findall(r"^## (?!\[(?:Unreleased|\d+\.\d+\.\d+)\])", text, re.MULTILINE) == []


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("test_*.py")), ids=lambda path: path.name)
def test_every_test_says_what_it_protects(path):
    """Who breaks a test reads in one sentence which promise was broken."""
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    tests = [node for node in tree if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    assert [node.name for node in tests if not ast.get_docstring(node)] == []


def test_the_set_up_script_can_be_read_by_an_old_python():
    """Started with a Python that is too old, go.py still says what to install."""
    source = (ROOT / "go.py").read_text(encoding="utf-8")
    tree = ast.walk(ast.parse(source, feature_version=(3, 7)))
    modules = {node.names[0].name for node in tree if isinstance(node, ast.Import)}
    assert modules <= sys.stdlib_module_names


def test_the_installation_follows_what_decides_it(go):
    """A change of pins, declaration or sources installs again; sources installed in place do not."""
    run, dev = go.digest("run"), go.digest("dev")
    assert (go.digest("run"), go.digest("dev")) == (run, dev)
    (go.ROOT / "src" / "fanpin_risk" / "errors.py").write_text("a = 2\n", encoding="utf-8")
    assert go.digest("run") != run
    assert go.digest("dev") == dev
    with (go.ROOT / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert go.digest("dev") != dev


def test_set_up_is_done_once_and_a_development_environment_is_kept(go, monkeypatch):
    """The second start installs nothing, an interrupted one is repeated, and demo after test keeps the tools."""
    installed = []
    monkeypatch.setattr(go, "make_venv", lambda: go.VENV.mkdir(exist_ok=True))
    monkeypatch.setattr(go, "install", installed.append)
    go.set_up("run")
    go.set_up("run")
    assert installed == ["run"]
    go.set_up("dev")
    go.set_up("run")
    assert installed == ["run", "dev"]
    go.write_stamp("dev", "")
    go.set_up("run")
    assert installed == ["run", "dev", "dev"]


def test_set_up_errors_say_what_to_do(go, monkeypatch, capsys):
    """Without pip the message names the package to install, and the exit code is not 0."""
    monkeypatch.setattr(go, "make_venv", lambda: go.VENV.mkdir(exist_ok=True))
    monkeypatch.setattr(go, "call", lambda *_, **__: 1)
    assert go.main(["test"]) == 2
    assert "sudo apt install python3-venv" in capsys.readouterr().err


def test_the_exit_code_and_the_options_are_passed_on(go, monkeypatch):
    """Whoever calls go.py learns how the command inside ended, and reaches its options."""
    calls = []
    monkeypatch.setattr(go, "set_up", lambda _: None)
    monkeypatch.setattr(go, "call", lambda *command, **_: calls.append(command) or 5)
    assert go.main(["test", "-k", "snapshot"]) == 5
    assert calls[-1][1:] == ("-m", "pytest", "-k", "snapshot")
    assert go.main(["demo", "--households", "2000"]) == 5
    assert calls[-1][1:] == ("-m", "fanpin_risk", "demo", "--households", "2000")


def test_an_unknown_command_lists_the_known_ones(go, capsys):
    """A slip of the pen is answered with what there is."""
    assert go.main(["tset"]) == 2
    assert "unknown command 'tset'; there are: demo, test, check, run" in capsys.readouterr().err


def test_a_python_too_old_is_answered_with_where_to_get_one(go, monkeypatch, capsys):
    """On a system with an old Python only, the message says which is needed."""
    monkeypatch.setattr(go, "OLDEST", (4, 0))
    monkeypatch.setattr(go, "PYTHONS", ())
    assert go.main(["demo"]) == 2
    assert re.search(r"this is Python 3\.\d+\.\d+\S*; 4\.0 or newer is needed: https://", capsys.readouterr().err)


def test_no_command_asks_an_index_for_this_package():
    """Until the package is on an index, a hint to install it from there would fail, or fetch what others put there."""
    asked = re.compile(r"pip install [^\n`]*(?<![\w/])fanpin[-_]risk")
    found = [
        f"{path.relative_to(ROOT).as_posix()}:{number}"
        for path in tracked()
        if path != THIS_FILE and (text := text_of(path)) is not None
        for number, line in enumerate(text.splitlines(), start=1)
        if asked.search(line)
    ]
    assert found == []


# --- what the continuous integration and the citation promise -----------------------------------------------------
def workflows() -> dict[str, dict]:
    return {
        path.name: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    }


def test_actions_are_pinned_by_commit_and_named_by_version():
    """A tag can be moved to other code, a commit cannot; the same action is the same everywhere."""
    used = set()
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        used |= set(re.findall(r"uses: *(.+)", path.read_text(encoding="utf-8")))
    assert [use for use in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)] == []
    assert len({use.partition("@")[0] for use in used}) == len(used) > 0


def test_workflows_may_read_the_sources_and_nothing_else():
    """A job that is taken over can neither write to the project nor publish."""
    for name, workflow in workflows().items():
        assert workflow["permissions"] == {}, name
        assert [job["permissions"] for job in workflow["jobs"].values()] == [{"contents": "read"}] * len(
            workflow["jobs"]
        )


def test_every_supported_python_and_system_is_tested():
    """What pyproject.toml, go.py and the guide promise is what the continuous integration runs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    said = " ".join(project["classifiers"])
    versions = re.findall(r"Python :: (3\.\d+)", said)
    matrix = workflows()["ci.yml"]["jobs"]["test"]["strategy"]["matrix"]
    assert matrix["python"] == versions
    assert project["requires-python"] == f">={versions[0]}"
    go = (ROOT / "go.py").read_text(encoding="utf-8")
    assert re.findall(r'"python(3\.\d+)"', go) == versions[::-1]
    assert f"CPython {versions[0]} to {versions[-1]}" in go
    for lang, words in {
        "en": f"Python {versions[0]} to {versions[-1]}",
        "zh": f"Python {versions[0]} 至 {versions[-1]}",
    }.items():
        assert words in (ROOT / "docs" / lang / "start.md").read_text(encoding="utf-8")
    systems = {"ubuntu": "Linux", "macos": "MacOS", "windows": "Windows"}
    assert {systems[name.partition("-")[0]] for name in matrix["os"]} == set(systems.values())
    assert all(f":: {system}" in said for system in systems.values())


def test_the_lowest_versions_are_those_declared():
    """The job of the lowest versions installs what pyproject.toml says is enough, not something newer."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    tested = {"plot", "evaluate", "baselines", "pack", "dask", "database"}
    declared = [
        *project["dependencies"],
        *(entry for extra in tested for entry in project["optional-dependencies"][extra]),
    ]
    lowest = pins(ROOT / "constraints" / "lowest.txt")
    for entry in declared:
        name, least = re.fullmatch(r"([a-z0-9-]+)(?:\[\w+\])?>=([\d.]+)", entry).groups()
        (pinned,) = lowest[name]
        assert re.sub(r"(\.0)+$", "", pinned) == re.sub(r"(\.0)+$", "", least), name


def test_the_citation_says_what_the_project_says():
    """Whoever cites the program finds its name, its authors and its license."""
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert cited.keys() >= {"cff-version", "message", "title", "authors"}  # what a valid file must have
    assert (cited["license"], cited["authors"]) == (project["license"], project["authors"])
    assert cited["title"].startswith(project["name"])
