"""The package as a whole: its names, its weight, its version, and what is built of it."""

import inspect
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib import import_module
from importlib.metadata import version
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

import fanpin_risk
from fanpin_risk.model.model_folders import DEMO_MODELS

HEAVY = ("numpy", "pandas", "scipy", "sklearn", "shap", "pyarrow", "matplotlib", "joblib", "skops", "openpyxl", "tqdm")
ROOT = Path(__file__).resolve().parents[1]
PUBLIC = sorted(fanpin_risk._MODULES)


def python(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=120, **options)


def loaded_after(statement: str) -> list[str]:
    done = python("-c", f"{statement}\nimport sys\nprint([name for name in {HEAVY} if name in sys.modules])")
    assert done.returncode == 0, done.stderr
    return eval(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("module", ["fanpin_risk", "fanpin_risk.cli"])
def test_import_loads_nothing_heavy(module):
    """Help and error messages come at once, because nothing is loaded before it is used."""
    assert loaded_after(f"import {module}") == []


def test_the_test_of_weight_sees_what_is_loaded():
    """A heavy package that is loaded is seen, so the empty list above means something."""
    assert "numpy" in loaded_after("import numpy")


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_there(name):
    """Each name in __all__ gives the very object of the module that defines it."""
    value = getattr(fanpin_risk, name)
    assert value is getattr(import_module(f"fanpin_risk.{fanpin_risk._MODULES[name]}"), name)
    assert name in dir(fanpin_risk)


def test_every_public_name_has_a_module():
    """The list of names and the map of modules say the same."""
    assert sorted(fanpin_risk.__all__) == sorted([*PUBLIC, *fanpin_risk._ROOMS, "__version__"])


def test_pictures_are_reached_without_an_import_of_their_own():
    """fanpin_risk.plots is there after import fanpin_risk alone, and matplotlib is not loaded for it."""
    assert "matplotlib" not in loaded_after("import fanpin_risk as fr\nfr.plots.draw")


def test_only_public_names_are_listed():
    """What completion offers is what is promised, whatever was loaded before."""
    assert fanpin_risk.plots
    assert dir(fanpin_risk) == sorted(fanpin_risk.__all__)


# What is given by place although it has a default: data, and what the signature in the architecture says so of.
BY_PLACE = {
    "Evaluation": {"reference", "tables", "group"},
    "FanpinError": {"text"},
    "MonitoringLines": {"frame"},
    "Register": {"tables"},
    "RiskModel": {"households"},
    "TreeShap": {"background"},
    "TrainingDay": {
        "known_lag_days",
        "tables",
        "unobserved",
        "n_unobserved",
        "presence",
        "counts",
        "later_to_line",
        "others",
        "others_later_to_line",
        "weight",
        "even",
        "drawn_of",
    },  # a named tuple
    "leak_alarms": {"as_of"},
    "make_register": {"n_households", "random_state"},
}


@pytest.mark.parametrize("name", [name for name in PUBLIC if callable(getattr(fanpin_risk, name))])
def test_options_are_given_by_name(name):
    """A later version may put in another option without changing what a call means."""
    value = getattr(fanpin_risk, name)
    own = [value]
    if inspect.isclass(value):
        kept = (FunctionType, classmethod, staticmethod)
        own += [getattr(value, key) for key, kind in vars(value).items() if key[0] != "_" and isinstance(kind, kept)]
    by_place = {
        parameter.name
        for callable_ in own
        for parameter in inspect.signature(callable_).parameters.values()
        if parameter.default is not parameter.empty and parameter.kind is not parameter.KEYWORD_ONLY
    }
    assert by_place <= BY_PLACE.get(name, set())


def test_no_module_is_named_like_a_public_name():
    """Importing a module sets its name in the package, which would hide a function of that name."""
    folder = Path(fanpin_risk.__file__).parent
    modules = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert modules.isdisjoint(PUBLIC)


@pytest.mark.parametrize("room", fanpin_risk._ROOMS)
def test_rooms_can_be_used_without_importing_them(room):
    """After import fanpin_risk as fr, fr.plots.reasons is there; until then the room is not loaded."""
    done = python(
        "-c", f"import fanpin_risk as fr, sys\nprint('fanpin_risk.{room}' in sys.modules, fr.{room}.__name__)"
    )
    assert done.stdout.split() == ["False", f"fanpin_risk.{room}"], done.stderr
    assert room in dir(fanpin_risk)


def test_functions_stay_functions_after_their_modules_are_imported():
    """fanpin_risk.outcomes and fanpin_risk.watchlist can be called whatever was imported before."""
    imports = "import fanpin_risk as fr, fanpin_risk.asof.outcomes, fanpin_risk.watch.watchlist"
    done = python("-c", f"{imports}\nprint(callable(fr.outcomes), callable(fr.watchlist))")
    assert done.stdout.split() == ["True", "True"], done.stderr


def test_an_unknown_name_is_an_attribute_error():
    """A misspelt name fails as in any module."""
    with pytest.raises(AttributeError, match="module 'fanpin_risk' has no attribute 'Household'"):
        fanpin_risk.Household  # noqa: B018


def test_the_version_is_that_of_the_installation():
    """The version is written in one place, pyproject.toml."""
    assert fanpin_risk.__version__ == version("fanpin-risk")
    declared = re.compile(r"""^\s*(__version__|version)\s*[:=]\s*['"]?\d""", re.MULTILINE)
    places = [*ROOT.glob("src/**/*.py"), ROOT / "docs/conf.py", ROOT / "CITATION.cff", ROOT / "pyproject.toml"]
    assert [path.name for path in places if declared.search(path.read_text(encoding="utf-8"))] == ["pyproject.toml"]


def test_python_m_fanpin_risk_is_the_command():
    """Without a console script on the path, python -m fanpin_risk does the same."""
    done = python("-m", "fanpin_risk", "--version")
    assert done.returncode == 0, done.stderr
    assert version("fanpin-risk") in done.stdout


def test_types_are_shipped():
    """Type checkers find the marker py.typed in the installed package."""
    assert files("fanpin_risk").joinpath("py.typed").is_file()


# --- what is built ----------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The archive of sources, and the wheel that is built from what the archive holds; nothing is downloaded."""
    for package in ("build", "hatchling", "pip"):
        if find_spec(package) is None:
            pytest.skip(f"building and installing needs {package}, which is not in this environment")
    folder = tmp_path_factory.mktemp("dist")
    done = python("-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    (sources,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return sources, wheel


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """Run Python on the installed wheel, away from the sources."""
    site = tmp_path_factory.mktemp("site")
    done = python("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", site, built[1])
    assert done.returncode == 0, done.stderr

    def run(*arguments: str) -> str:
        done = python(*arguments, cwd=site.parent, env={**os.environ, "PYTHONPATH": str(site)})
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = run("-c", "import fanpin_risk; print(fanpin_risk.__file__)")
    assert Path(where.strip()).is_relative_to(site)
    return run


def test_what_is_built_is_named_by_the_version(built, installed):
    """Archive, wheel and command say the version of pyproject.toml."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert [path.name for path in built] == [
        f"fanpin_risk-{declared}.tar.gz",
        f"fanpin_risk-{declared}-py3-none-any.whl",
    ]
    assert declared in installed("-m", "fanpin_risk", "--version")


def test_the_wheel_holds_the_package_and_the_demo_model(built):
    """Texts, templates, tables and the model to try travel with the code; nothing else does."""
    with zipfile.ZipFile(built[1]) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    package = {path for path in (ROOT / "src").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    wanted = {path.relative_to(ROOT / "src").as_posix() for path in package}
    for model in DEMO_MODELS:
        wanted |= {f"fanpin_risk/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "models" / model).iterdir()}
    assert held == wanted


def test_the_archive_holds_what_the_tests_need(built):
    """Who packs the program for a system builds, tests and documents it from the archive."""
    with tarfile.open(built[0]) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {"LICENSE", "README.md", "pyproject.toml", "go.py", ".ci/run", "constraints/run.txt", "docs/conf.py"}
    wanted |= {path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("*.py")}
    assert wanted - held == set()


def test_the_installed_wheel_scores_with_the_demo_model(installed):
    """Installed without the sources, the program finds its model, its monitoring lines and its Chinese."""
    lines = [
        "import fanpin_risk as fr",
        "from fanpin_risk.words import chinese",
        "scores = fr.load_model(MODEL).score(fr.make_register(60, random_state=1), '2023-12-31')",
        "print(len(scores) > 50, chinese('Usage:'))",
    ]
    model = installed(
        "-c", "import fanpin_risk, pathlib; print(pathlib.Path(fanpin_risk.__file__).parent / 'models/demo')"
    )
    printed = installed("-X", "utf8", "-c", "\n".join(lines).replace("MODEL", repr(model.strip())))
    assert printed.split() == ["True", "用法："]
