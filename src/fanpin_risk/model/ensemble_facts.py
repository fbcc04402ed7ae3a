"""What a card says of the classifiers that a model is made of, and why it is made of one only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from fanpin_risk.words import Message

__all__ = ["ENSEMBLES", "ENSEMBLE_OFF", "PARTS", "Ensemble"]

Ensemble = Literal["auto", "none", "income_cuts"]
ENSEMBLES: tuple[Ensemble, ...] = ("auto", "none", "income_cuts")
# What the classifiers of an ensemble learn: code -> words.
PARTS: Mapping[str, Message] = {
    "at_risk": Message("households at risk: income below the line"),
    "everyone": Message("everybody whose later income is known: income below the line"),
    "wider_line": Message("households at risk: income below 1.25 times the line"),
}
# Why a model has one classifier only: code -> sentence.
ENSEMBLE_OFF: Mapping[str, Message] = {
    "asked": Message("not wanted (ensemble='none')"),
    "no_incomes": Message("the training days do not say what became of all households' incomes"),
    "few_others": Message("fewer than 20 households not at risk have a later income on record"),
    "sampled": Message("not from a draw of households"),
    "no_gain": Message("by default not where it makes no forecast better out of fold"),
}
