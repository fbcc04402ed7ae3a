"""What errors say beyond their own words."""

import tomllib
from pathlib import Path

import pytest

from fanpin_risk.errors import install_command

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_command_that_installs_an_extra_names_its_packages(extra):
    """The command works although fanpin-risk is on no index, because it names what the extra stands for."""
    command = install_command(extra)
    assert command.startswith('python -m pip install "')
    assert [package for package in EXTRAS[extra] if package.split(">=")[0] not in command] == []
    assert command.count('"') == 2 * len(EXTRAS[extra])
