"""Amounts too small for yuan are told by all rows of a sheet, whose rows stand in several partitions.

Each partition is checked by what its own rows tell. Where amounts are in doubt, what the partitions told is put together, and
those that it concerns are checked again with that: once, and once more for each factor that stated incomes may prove.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from fanpin_risk.records.checks import SheetAmountsKnown, SheetEvidence, known_of_sheet, proven_factor

__all__ = ["AmountsOfSheets"]


class AmountsOfSheets:
    """What partitions tell of the amounts of sheets of incomes, and what all of them say together.

    Parameters
    ----------
    folder : Path
        Takes the amounts of each partition.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._told: dict[int, dict[int, SheetEvidence]] = {}  # by sheet and partition, without the amounts
        self._known: dict[int, SheetAmountsKnown] | None = None

    @property
    def known(self) -> Mapping[int, SheetAmountsKnown]:
        """What is known of sheets, by their numbers; those that each partition may judge by itself are not among them."""
        return self._known or {}

    def take(self, part: int, sheets: Sequence[int], told: Sequence[SheetEvidence]) -> None:
        """Take what a partition tells of its sheets."""
        arrays: dict[str, np.ndarray] = {}
        for number, evidence in zip(sheets, told, strict=True):
            if evidence.figures:
                arrays |= {_key(number, figure): amounts for figure, amounts in evidence.amounts.items()}
                nothing = dict.fromkeys(evidence.amounts, np.zeros(0))
                self._told.setdefault(number, {})[part] = replace(evidence, amounts=nothing)
        if arrays and self._known is None:
            np.savez(self._file(part), allow_pickle=False, **arrays)

    def again(self) -> list[int]:
        """Put together what was told, and return the partitions that are to be checked again with that."""
        if self._known is None:
            self._known = {}
            return sorted(self._find())
        parts: set[int] = set()
        for number, known in self._known.items():
            own = self._told[number]
            asked = next((evidence.asked for evidence in own.values() if evidence.asked), "")
            if asked:
                known.factors[asked] = proven_factor([one.trials for one in own.values() if one.asked == asked])
                parts |= own.keys()
        return sorted(parts)

    def _find(self) -> set[int]:
        """Find out what is known of sheets in doubt, and whom it concerns."""
        parts: set[int] = set()
        known = self._known if self._known is not None else {}
        for number, own in self._told.items():
            doubted = {part for part, evidence in own.items() if evidence.doubted}
            if len(own) > 1 and doubted:
                known[number] = known_of_sheet([self._with_amounts(number, part, one) for part, one in own.items()])
                parts |= own.keys() if known[number].small else doubted
        return parts

    def _with_amounts(self, number: int, part: int, evidence: SheetEvidence) -> SheetEvidence:
        with np.load(self._file(part)) as arrays:
            amounts: Mapping[str, np.ndarray] = {one: arrays[_key(number, one)] for one in evidence.amounts}
        return replace(evidence, amounts=dict(amounts))

    def _file(self, part: int) -> Path:
        return self._folder / f"amounts{part}.npz"


def _key(number: int, figure: str) -> str:
    return f"{number} {figure}"
