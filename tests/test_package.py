"""The package as a whole: its names, its weight, its version."""

import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import pytest

import fanpin_risk

HEAVY = ("numpy", "pandas", "scipy", "sklearn", "shap", "pyarrow", "matplotlib", "joblib", "skops", "openpyxl", "tqdm")
PUBLIC = sorted(fanpin_risk._MODULES)


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=120)


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


def test_no_module_is_named_like_a_public_name():
    """Importing a module sets its name in the package, which would hide a function of that name."""
    folder = Path(fanpin_risk.__file__).parent
    modules = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert modules.isdisjoint(PUBLIC)


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


def test_python_m_fanpin_risk_is_the_command():
    """Without a console script on the path, python -m fanpin_risk does the same."""
    done = python("-m", "fanpin_risk", "--version")
    assert done.returncode == 0, done.stderr
    assert version("fanpin-risk") in done.stdout


def test_types_are_shipped():
    """Type checkers find the marker py.typed in the installed package."""
    assert files("fanpin_risk").joinpath("py.typed").is_file()
