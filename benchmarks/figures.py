"""What the pages of the benchmarks share: tables, targets with their verdict, versions, libraries that may be absent."""

from __future__ import annotations

import os
import platform
import sys
import warnings
from collections.abc import Iterable
from importlib import import_module, metadata
from typing import Any

import numpy as np

import fanpin_risk as fr

MOST_DIGITS = 16


def say(text: str) -> None:
    """Tell how far the work is, beside the page that goes to standard output."""
    print(text, file=sys.stderr, flush=True)


def peer(name: str) -> Any:
    """Import a library, or return the reason why it is not measured."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return import_module(name)
    except ImportError:
        return "not installed"


def machine(libraries: Iterable[str]) -> str:
    """Cores and versions."""
    versions = [f"fanpin_risk {fr.__version__}", f"Python {platform.python_version()}"]
    for name in libraries:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            versions.append(f"no {name}")
    return f"{os.cpu_count()} cores ({platform.machine()}, {platform.system()}); {', '.join(versions)}"


def load() -> str:
    """How many programs wanted a core in the last minute, this one included."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def markdown_table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Markdown table."""
    head = list(head)
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, ["---"] * len(head), *rows]) + "\n"


def number(value: float, digits: int = 3) -> str:
    """Few digits, no exponent; a dash for what is not there."""
    if np.isnan(value):
        return "-"
    whole = f"{float(f'{value:.{digits}g}'):,.10f}".rstrip("0").rstrip(".")
    return whole if abs(value) >= 10 ** (digits - 1) or value == 0 else f"{value:#.{digits}g}".rstrip(".")


class Targets:
    """Lines of a table of targets: what was aimed at, what was found, and whether that is enough.

    A figure is written with as many digits as it takes to stand on its own side of the target: what missed 0.5 by
    0.002 is 0.502, not 0.50, so that the verdict can be read off the figure.
    """

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, str, str]] = []

    def at_least(self, what: str, least: float, value: float, unit: str = "") -> None:
        self._add(what, ">=", least, value, unit)

    def at_most(self, what: str, most: float, value: float, unit: str = "") -> None:
        self._add(what, "<=", most, value, unit)

    def _add(self, what: str, sign: str, target: float, value: float, unit: str) -> None:
        def met(figure: float) -> bool:
            return figure >= target if sign == ">=" else figure <= target

        aim = f"{sign} {target:g}{unit}"
        if np.isnan(value):
            self.lines.append((what, aim, "-", "not measured"))
            return
        shown = f"{value:.1e}" if 0 < abs(value) < 1e-3 else ""
        for digits in range(3, MOST_DIGITS):
            shown = shown or number(value, digits)
            if met(float(shown.replace(",", ""))) == met(value):
                break
            shown = ""
        self.lines.append((what, aim, (shown or repr(value)) + unit, "met" if met(value) else "**missed**"))

    def __str__(self) -> str:
        return markdown_table(["", "target", "here", ""], self.lines)
