"""The card of a model: what it is, how it was trained, and what it promises, as plain data; written, read and checked."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.arguments import type_of
from fanpin_risk.asof.outcomes import TARGETS
from fanpin_risk.errors import FeatureMismatchError, InputError, ModelFileError
from fanpin_risk.features import FEATURES
from fanpin_risk.files import MARK
from fanpin_risk.model.model_folders import model_folder
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.stored_files import CARD, DATA_FILES, PLACES, read_file
from fanpin_risk.model.tiers import TIERS
from fanpin_risk.words import Message

__all__ = ["card_bytes", "card_of", "check_declarations", "plain_alarms", "plain_evaluation", "read_card"]

FORMAT = "fanpin-risk model 3"
OLD_FORMATS = ("fanpin-risk model 1", "fanpin-risk model 2")  # without categories; without interval and profile
PACKAGES = ("fanpin-risk", "scikit-learn", "numpy", "pandas", "scipy")

# Said on every card, in both languages.
LIMITS = (
    Message("It proposes households to visit; people decide, after the visit."),
    Message("The risk is meant for households on record and not yet monitored."),
    Message("Contributions say what moved the score, not what causes poverty."),
)
SYNTHETIC = Message("Trained on synthetic data: not for decisions.")

# Fields of a card that are always there.
CARD_FIELDS: Mapping[str, type | tuple[type, ...]] = {
    "format": str,
    "name": str,
    "fingerprint": str,
    "created": str,
    "notes": str,
    "synthetic": bool,
    "limits": list,
    "event": dict,
    "base_rate": float,
    "metrics": dict,
    "training": list,
    "recalibration": dict,
    "tiers": dict,
    "features": list,
    "references": dict,
    "tables": list,
    "uncertainty": dict,
    "parameters": dict,
    "evaluation": (dict, type(None)),
    "alarms": (list, type(None)),
    "versions": dict,
    "files": dict,
}


def card_of(model: RiskModel, fingerprint: str, *, name: str | None, notes: str | None) -> dict[str, Any]:
    """Return what a card says of a fitted model itself.

    Parameters
    ----------
    model : RiskModel
        Fitted.
    fingerprint : str
        Its own.
    name, notes : str or None
        As for :func:`fanpin_risk.save_model`.

    Returns
    -------
    dict
        Plain data.
    """
    training = model.training_.reset_index().astype({"as_of": "str", "until": "str"})
    return {
        "format": FORMAT,
        "name": model.name if name is None else name,
        "fingerprint": fingerprint,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "notes": notes or "",
        "synthetic": model.synthetic_,
        "limits": [
            f"{limit.shown('en')} {limit.shown('zh')}"
            for limit in (*([SYNTHETIC] if model.synthetic_ else []), *LIMITS)
        ],
        "event": {"target": model.target, "horizon_months": model.horizon_months_},
        "base_rate": model.base_rate_,
        "metrics": model.oof_metrics_,
        "training": [
            {key: value if isinstance(value, str) else int(value) for key, value in row.items()}
            for row in training.to_dict("records")
        ],
        "recalibration": {
            "slope": model.slope_,
            "intercept": model.intercept_,
            "note": model.recalibration_note_,
        },
        "tiers": {"least_risk": model.tier_thresholds_, "shares": list(model.tier_shares), "order": list(TIERS)},
        "features": model.declarations_,
        "references": {name: str(kind) for name, kind in model.references_.dtypes.items()},
        "tables": list(model.tables_),
        **({} if model.known_lag_days_ is None else {"known_lag_days": model.known_lag_days_}),
        **({} if model.place_facts_ is None else {"place": model.place_facts_}),
        **({} if model.ensemble_facts_ is None else {"ensemble": model.ensemble_facts_}),
        **({} if model.level_ is None else {"level": model.level_}),
        **({} if model.visits_ is None else {"visits": model.visits_}),
        **({} if model.drawn_ is None else {"drawn": model.drawn_}),
        **({} if model.unobserved_ is None else {"unobserved": model.unobserved_}),
        "uncertainty": {
            "level": model.interval_.level,
            "half_width": model.interval_.half_width,
            "years": model.interval_.observed_years,
            "least_known": model.known_.least,
        },
        "parameters": {
            "classifier": None if model.classifier is None else _plain(model.classifier.get_params()),
            "fitted_classifier": _plain(model.classifier_.get_params()),
            "features": None if model.features is None else list(model.features),
            "recalibration": model.recalibration,
            "place": model.place,
            "ensemble": model.ensemble,
            "n_folds": model.n_folds,
            "tier_shares": list(model.tier_shares),
            "random_state": model.random_state,
        },
        "versions": {package: _version(package) for package in PACKAGES},
    }


def _plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters with arrays and mappings as lists and dicts."""
    return {key: _plain_value(value) for key, value in parameters.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    return dict(value) if isinstance(value, Mapping) else value


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed as a package"


def plain_evaluation(evaluation: Any) -> dict[str, Any]:
    """Return the aggregated tables of an evaluation as plain data; a dict is taken to be that already."""
    if isinstance(evaluation, Mapping):
        return dict(evaluation)
    if not callable(getattr(evaluation, "summary", None)) or isinstance(evaluation, type):
        raise InputError(
            "evaluation is of the type {type}; expected what evaluate() returns, or its summary()",
            type=type_of(evaluation),
        )
    return dict(evaluation.summary())


def plain_alarms(alarms: Any) -> list[dict[str, Any]]:
    """Return the findings of a leak check as plain data."""
    if not isinstance(alarms, pd.DataFrame):
        if not isinstance(alarms, Sequence) or not all(isinstance(row, Mapping) for row in alarms):
            raise InputError(
                "alarms is of the type {type}; expected what leak_alarms() returns, or a list of its rows",
                type=type_of(alarms),
            )
        return [dict(row) for row in alarms]
    missing = [name for name in ("level",) if name not in alarms.columns]
    if missing:
        raise InputError("alarms has no column {missing}; expected what leak_alarms() returns", missing=missing)
    rows = alarms.astype({"level": "str"}).to_dict("records")
    return [
        {str(k): None if isinstance(v, float) and not np.isfinite(v) else v for k, v in row.items()} for row in rows
    ]


def card_bytes(card: Mapping[str, Any]) -> bytes:
    """Return a card as the bytes of its file; raise ModelFileError where it holds what is not plain data."""
    try:
        text = json.dumps(card, ensure_ascii=False, indent=1, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ModelFileError(
            "the model has parameters that cannot be written as plain data: {error}", error=error
        ) from error
    return (text + "\n").encode()


def read_card(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read the card of a saved model: what it is, how it was trained and what it is not for.

    Parameters
    ----------
    path : path-like
        The model's folder, or ``demo``.

    Returns
    -------
    dict
        ``format, name, fingerprint, created, notes, synthetic, limits, event, base_rate, metrics, training,
        recalibration, tiers, features, references, tables, uncertainty, parameters, evaluation, alarms, versions,
        files``; ``evaluation`` and ``alarms`` are None where none was made.

    Raises
    ------
    ModelFileError
        If there is no model, or its card cannot be read.
    """
    folder = model_folder(path)
    if not (folder / CARD).is_file():
        raise ModelFileError(
            "{folder} is not a model folder; expected one with {card}, as save_model makes it",
            folder=folder.name,
            card=CARD,
        )
    present = {entry.name for entry in folder.iterdir()} - {MARK}
    missing, extra = sorted({CARD, *DATA_FILES} - present), sorted(present - {CARD, *DATA_FILES, PLACES})
    if missing or extra:
        raise ModelFileError(
            "{folder}: files missing: {value}; not part of a model: {value_2}",
            folder=folder.name,
            value=", ".join(missing) or "none",
            value_2=", ".join(extra) or "none",
        )
    try:
        card = json.loads(read_file(folder, CARD).decode("utf-8"), parse_constant=_refuse_constant)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise ModelFileError(
            "{folder}: {card} is not readable JSON; it is damaged or was cut off", folder=folder.name, card=CARD
        ) from error
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        got = card.get("format") if isinstance(card, dict) else None
        if got in OLD_FORMATS:
            raise ModelFileError(
                "{folder}: format is {got!r}, of an older version; expected {format!r}. Train the model "
                "again, or install the version that wrote it",
                folder=folder.name,
                got=got,
                format=FORMAT,
            )
        raise ModelFileError(
            "{folder}: format is {got!r}, expected {format!r}; install the version that wrote it",
            folder=folder.name,
            got=got,
            format=FORMAT,
        )
    missing = sorted(set(CARD_FIELDS) - set(card))
    wrong = sorted(key for key, kind in CARD_FIELDS.items() if key in card and not isinstance(card[key], kind))
    if missing or wrong:
        raise ModelFileError(
            "{folder}: {card} lacks {value}; of a wrong type: {value_2}",
            folder=folder.name,
            card=CARD,
            value=", ".join(missing) or "nothing",
            value_2=", ".join(wrong) or "none",
        )
    if (PLACES in present) != (PLACES in card["files"]) or (PLACES in present) != bool(
        card.get("place", {}).get("tau")
    ):
        raise ModelFileError(
            "{folder}: {places} and what {card} says of places do not belong together; copy the model again",
            folder=folder.name,
            places=PLACES,
            card=CARD,
        )
    if card["event"].get("target") not in TARGETS:
        raise ModelFileError(
            "{folder}: {card} names an unknown event; expected one of {targets}",
            folder=folder.name,
            card=CARD,
            targets=tuple(TARGETS),
        )
    return card


def _refuse_constant(text: str) -> float:
    raise ValueError(f"{text} is not a number of JSON")


def check_declarations(promised: Sequence[Any]) -> None:
    """Raise FeatureMismatchError, naming what differs, unless the installed declarations are the promised ones."""
    if not promised or not all(isinstance(f, dict) and isinstance(f.get("name"), str) for f in promised):
        raise ModelFileError("{card} does not declare the features", card=CARD)
    installed = {feature.name: feature.declaration() for feature in FEATURES}
    missing = [f["name"] for f in promised if f["name"] not in installed]
    changed = [
        f"{f['name']}.{key}: {f.get(key)!r} in the model, {installed[f['name']].get(key)!r} here"
        for f in promised
        if f["name"] in installed
        for key in sorted({*f, *installed[f["name"]]})
        if f.get(key) != installed[f["name"]].get(key)
    ]
    if missing or changed:
        raise FeatureMismatchError(
            "the model was trained on features that this installation declares otherwise; missing here: "
            "{value}; changed: {value_2}. Train the model again, or install the version named in its card",
            value=", ".join(missing) or "none",
            value_2="; ".join(changed) or "none",
        )
